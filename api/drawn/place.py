"""Maps of where a park lies: surroundings, layout of its units, people around it. SVG and PNG."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PatchCollection
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from parkrisk.api.drawn.map import (
    Bounds,
    Sheet,
    blocks_of,
    boundary_key,
    draw_area,
    draw_boundary,
    draw_targets,
    draw_units,
    frame,
    map_sheet,
    mark_blocks,
    north_arrow,
    scale_bar,
    target_key,
    unit_key,
    widened,
)
from parkrisk.api.drawn.page import SMALL, WIDTH, Words, notes_of
from parkrisk.api.drawn.wind import PERIODS, rose_inset
from parkrisk.api.labels import place_labels
from parkrisk.risk.grading.places import enterprise_areas
from parkrisk.scenarios.park import Park

__all__ = ["RINGS", "draw", "people_within", "site"]

#: Distances from the boundary within which people are counted. [m]
RINGS = (1000.0, 2000.0, 5000.0)
_RING_COLOURS = ("#005f73", "#0a9396", "#5aa9a0")
_LINE_COLOUR, _ROAD_COLOUR, _BUND_COLOUR = "#e69f00", "#8c510a", "#8c510a"
_CROWD = "#bdbdbd"
_SPOT = 60.0  # side with which people at one point are drawn [m]


def site(park: Park) -> Any:
    """Ground of a park: within its boundary or, where it has none, the hull of its units."""
    units = park.tables["units"]
    return park.boundary or shapely.convex_hull(shapely.multipoints(units[["x", "y"]].to_numpy()))


def people_within(park: Park) -> pd.DataFrame:
    """People of the population table within each distance of the boundary, each cell by the share of its area within.

    Returns
    -------
    DataFrame
        distance_m, day, night.
    """
    cells = park.tables["population"]
    x, y, half = (cells[name].to_numpy() for name in ("x", "y", "cell_m"))
    half = np.maximum(half, 1e-3) / 2.0  # people at one point: a square that lies within or does not
    squares = shapely.box(x - half, y - half, x + half, y + half)
    rows = []
    for reach in RINGS:
        within = shapely.area(shapely.intersection(squares, site(park).buffer(reach, quad_segs=64)))
        share = np.minimum(within / shapely.area(squares), 1.0)
        counts = {period: float((share * cells[period].to_numpy()).sum()) for period in PERIODS}
        rows.append({"distance_m": reach, **counts})
    return pd.DataFrame(rows)


def draw(park: Park, words: Words) -> dict[str, Figure]:
    """Location, layout with its blocks and, where people are given, population."""
    figures = {"location": _location(park, words), **_layouts(park, words)}
    if len(park.tables["population"]):
        figures["population"] = _population(park, words)
    return figures


def _title(park: Park, words: Words, chinese: str, english: str) -> str:
    return f"{words.name(park.name, park.code)}  {words.say(chinese, english)}  {park.date}"


def _cells(population: pd.DataFrame) -> list[Rectangle]:
    half = np.maximum(population["cell_m"].to_numpy(), _SPOT) / 2.0
    return [
        Rectangle((x - size, y - size), 2.0 * size, 2.0 * size)
        for x, y, size in zip(population["x"], population["y"], half, strict=True)
    ]


def _draw_rings(axes: Axes, park: Park) -> None:
    for reach, colour in zip(RINGS, _RING_COLOURS, strict=True):
        draw_area(axes, site(park).buffer(reach), facecolor="none", edgecolor=colour, lw=0.9, ls=(0, (5, 2)))


def _draw_lines(axes: Axes, park: Park, width: float) -> None:
    """Lines of pipelines and of transport."""
    roads = set(park.tables["transport"]["line_id"])
    for name, corners in park.tables["lines"].sort_values(["line_id", "point"]).groupby("line_id", sort=True):
        colour = _ROAD_COLOUR if name in roads else _LINE_COLOUR
        axes.add_collection(
            LineCollection([corners[["x", "y"]].to_numpy()], colors=colour, linewidths=width, zorder=2.5)
        )


def _line_key(park: Park, words: Words) -> list[Any]:
    roads, lines = set(park.tables["transport"]["line_id"]), set(park.tables["lines"]["line_id"])
    shown = [
        (lines - roads, _LINE_COLOUR, words.say("管线", "pipeline")),
        (lines & roads, _ROAD_COLOUR, words.say("运输线路", "transport route")),
    ]
    return [Line2D([], [], color=colour, lw=1.6, label=label) for held, colour, label in shown if held]


def _location(park: Park, words: Words) -> Figure:
    targets, population = park.tables["targets"], park.tables["population"]
    ground = site(park)
    marked = shapely.multipoints(targets[["x", "y"]].to_numpy())
    bounds = widened(shapely.total_bounds([ground.buffer(RINGS[-1]), marked]), 0.02)
    rings = [
        Line2D(
            [], [], color=colour, lw=0.9, ls=(0, (5, 2)), label=words.say(f"{reach / 1e3:g} km", f"{reach / 1e3:g} km")
        )
        for reach, colour in zip(RINGS, _RING_COLOURS, strict=True)
    ]
    crowd = (
        [Patch(facecolor=_CROWD, label=words.say("居住区（人口单元）", "people (cells)"))] if len(population) else []
    )
    units = [Line2D([], [], marker="o", ls="none", ms=4, color="#37474f", label=words.say("设备", "units"))]
    keys = [
        (words.say("防护目标", "targets"), target_key(targets, words)),
        (words.say("距园区边界", "from the boundary"), rings),
        ("", [*boundary_key(park, words), *units, *crowd, *_line_key(park, words)]),
    ]
    sheet = map_sheet(
        bounds,
        _title(park, words, "区域位置图", "location"),
        keys,
        words,
        [_corners(park, words), *notes_of(park, words)],
    )
    axes = sheet.axes
    axes.add_collection(
        PatchCollection(_cells(population), facecolor=_CROWD, edgecolor="none", zorder=0.5), autolim=False
    )
    _draw_rings(axes, park)
    draw_boundary(axes, park)
    _draw_lines(axes, park, 1.0)
    draw_units(axes, park.tables["units"])
    draw_targets(axes, targets)
    names = targets[["x", "y", "name", "target_id"]].itertuples(index=False)
    labels = [(x, y, 0.0, words.name(name, target)) for x, y, name, target in names]
    place_labels(axes, labels, [label[:3] for label in labels], written=sheet.furniture)
    return sheet.figure


def _corners(park: Park, words: Words) -> str:
    """Longitude and latitude of the south-west and north-east corners of what lies within the boundary."""
    left, bottom, right, top = site(park).bounds
    to_degrees = pyproj.Transformer.from_crs(park.crs, "EPSG:4490", always_xy=True)
    west, south = to_degrees.transform(left, bottom)
    east, north = to_degrees.transform(right, top)
    return words.say(
        f"园区范围：{west:.4f}°E {south:.4f}°N 至 {east:.4f}°E {north:.4f}°N（CGCS2000）；坐标系 {park.crs}",
        f"extent of the park: {west:.4f}°E {south:.4f}°N to {east:.4f}°E {north:.4f}°N (CGCS2000); CRS {park.crs}",
    )


def _layouts(park: Park, words: Words) -> dict[str, Figure]:
    areas = enterprise_areas(park)
    whole = shapely.total_bounds([*areas.values(), park.boundary or shapely.Point()])
    blocks = [widened(block.bounds, 0.1) for block in blocks_of(park)]
    sheet = _layout(park, areas, widened(whole, 0.06), words, near=not blocks)
    if blocks:
        mark_blocks(sheet.axes, blocks, words)
    figures = {"layout": sheet.figure}
    for number, bounds in enumerate(blocks, start=1):
        figures[f"layout_block_{number}"] = _layout(park, areas, bounds, words, near=True).figure
    return figures


def _layout(park: Park, areas: Mapping[str, Any], bounds: Bounds, words: Words, *, near: bool) -> Sheet:
    """Units by kind, the ground of enterprises, bunds, lines; near by with names of enterprises and bunds."""
    units = park.tables["units"]
    bunds = _bunds(units)
    more = [
        Patch(facecolor="none", edgecolor="#333333", label=words.say("企业设备范围", "enterprise (equipment)")),
        *boundary_key(park, words),
        *_line_key(park, words),
    ]
    if bunds and near:
        more.append(
            Line2D([], [], color=_BUND_COLOUR, lw=0.9, ls=":", label=words.say("同一防火堤的储罐", "tanks in one bund"))
        )
    keys = [(words.say("设备类型", "units"), unit_key(units, words)), ("", more)]
    title = _title(park, words, "总平面布置图", "layout")
    sheet = map_sheet(bounds, title, keys, words, notes_of(park, words), room=1.75)
    axes = sheet.axes
    for area in areas.values():
        draw_area(axes, area, facecolor="#f3f0e8", edgecolor="#333333", lw=0.7, zorder=0.6)
    draw_boundary(axes, park)
    _draw_lines(axes, park, 1.6)
    draw_units(axes, units)
    for bund in bunds if near else ():
        draw_area(axes, bund, facecolor="none", edgecolor=_BUND_COLOUR, lw=0.9, ls=":", zorder=2.0)
    left, bottom, width, height = sheet.beside(1.3)
    rose_inset(sheet.figure, (left + 0.05 / WIDTH, bottom, width + 1.2 / WIDTH, height), park, words)
    if near:
        _name_enterprises(sheet, park, areas, words)
    return sheet


def _bunds(units: pd.DataFrame) -> list[Any]:
    """Ground around the units of each bund."""
    found = []
    for _name, group in units[units["bund_id"] != ""].groupby("bund_id", sort=True):
        radius = group["diameter_m"].fillna(12.0).to_numpy() / 2.0 + 6.0
        discs = shapely.buffer(shapely.points(group["x"], group["y"]), radius)
        found.append(shapely.convex_hull(shapely.union_all(discs)))
    return found


def _name_enterprises(sheet: Sheet, park: Park, areas: Mapping[str, Any], words: Words) -> None:
    """Names of the enterprises beside the top of their largest part within the frame."""
    (left, right), (bottom, top) = sheet.axes.get_xlim(), sheet.axes.get_ylim()
    names = park.tables["enterprises"].set_index("enterprise_id")["name"]
    labels = []
    for enterprise, area in areas.items():
        inside = area.intersection(shapely.box(left, bottom, right, top))
        if inside.is_empty:
            continue
        part = max(shapely.get_parts(inside), key=lambda each: each.area)
        corners = shapely.get_coordinates(part)
        x, y = corners[corners[:, 1].argmax()]
        labels.append((x, y, 0.0, words.name(str(names.get(enterprise, enterprise)), str(enterprise))))
    units = park.tables["units"][["x", "y", "diameter_m"]].fillna(12.0)
    obstacles = [(x, y, size / 2.0) for x, y, size in units.itertuples(index=False)]
    place_labels(sheet.axes, labels, obstacles, written=sheet.furniture)


def _population(park: Park, words: Words) -> Figure:
    """People by day and by night side by side, and how many live within each distance."""
    population = park.tables["population"]
    bounds = widened(shapely.total_bounds([site(park).buffer(RINGS[-1])]), 0.02)
    counts = population[[*PERIODS]].to_numpy()
    held = counts[counts > 0.0]
    norm = LogNorm(held.min(), max(held.max(), 1.01 * held.min())) if held.size else None
    slope = min(max((bounds[3] - bounds[1]) / (bounds[2] - bounds[0]), 0.5), 1.6)
    wide = 2.95
    high, low = wide * slope, 1.7
    page = high + low + 0.5
    figure = Figure(figsize=(WIDTH, page))
    for number, period in enumerate(PERIODS):
        axes = figure.add_axes(((0.58 + number * (wide + 0.3)) / WIDTH, low / page, wide / WIDTH, high / page))
        shown = population[population[period] > 0.0]
        drawn = PatchCollection(_cells(shown), cmap="cividis_r", norm=norm, edgecolor="none", zorder=0.5)
        drawn.set_array(shown[period].to_numpy())
        axes.add_collection(drawn)
        _draw_rings(axes, park)
        draw_boundary(axes, park)
        frame(axes, bounds)
        axes.set_adjustable("datalim")
        total = float(population[period].sum())
        axes.set_title(f"{words.say(*PERIODS[period])}  {words.say('全表', 'whole table')} {total:,.0f}")
        axes.set_xlabel(words["east"])
        if number:
            axes.set_yticklabels([])
        else:
            axes.set_ylabel(words["north"])
            scale_bar(axes)
        north_arrow(axes)
    figure.suptitle(
        _title(park, words, "周边人口分布（每个人口单元的人数）", "population (people in each cell)"),
        y=1.0 - 0.1 / page,
    )
    if held.size:
        label = words.say("人数", "people")
        figure.colorbar(
            drawn,
            cax=figure.add_axes((0.58 / WIDTH, 1.05 / page, 2.2 / WIDTH, 0.1 / page)),
            orientation="horizontal",
            label=label,
        )
    _totals(figure, park, words, page)
    return figure


def _totals(figure: Figure, park: Park, words: Words, page: float) -> None:
    """Lines of the people within each distance, under the maps; they are the legend of the rings."""
    heading = words.say("距边界以内（不含园区员工）  白天 / 夜间", "within (without staff): by day / by night")
    figure.text(3.6 / WIDTH, 1.2 / page, heading, fontsize=SMALL)
    rows = people_within(park).itertuples(index=False)
    for number, ((reach, day, night), colour) in enumerate(zip(rows, _RING_COLOURS, strict=True)):
        y = (1.02 - 0.18 * number) / page
        figure.add_artist(
            Line2D([3.6 / WIDTH, 3.9 / WIDTH], [y + 0.04 / page] * 2, color=colour, lw=1.2, ls=(0, (5, 2)))
        )
        figure.text(4.0 / WIDTH, y, f"{reach / 1e3:g} km   {day:,.0f} / {night:,.0f}", fontsize=SMALL)
    for number, note in enumerate(notes_of(park, words)):
        figure.text(0.08 / WIDTH, (0.06 + 0.16 * number) / page, note, fontsize=SMALL, color="#6d4c41")
