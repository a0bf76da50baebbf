"""Map of the enterprises by colour and of the hazard units by level. SVG and PNG.

Colours are told apart by a word on each enterprise, too, and levels by their number: the map also works in grey.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke

from parkrisk.api.drawn.map import Bounds, blocks_of, draw_area, draw_boundary, frame, north_arrow, scale_bar, widened
from parkrisk.api.drawn.page import Words, demonstration_note, save_figures
from parkrisk.risk.grading.enterprise_list import enterprise_list
from parkrisk.risk.grading.places import enterprise_areas, hazard_unit_areas
from parkrisk.risk.result import Assessment

COLOURS = {"red": "#cc3311", "orange": "#ee7733", "yellow": "#f2d64b", "blue": "#4477aa", "": "#c8c8c8"}
#: Fill and text of the levels of hazard units, dark for the worst.
LEVELS = {1: ("#000000", "white"), 2: ("#555555", "white"), 3: ("#b5b5b5", "black"), 4: ("#ffffff", "black")}
_HATCH = "////"
_LOWEST = 0.75  # height of a map by its width


def save(result: Assessment, folder: str | Path, lang: str = "zh") -> list[Path]:
    """Draw the map of grades into a folder; of a scattered park an overview and a map of every block.

    Parameters
    ----------
    result : Assessment
    folder : path
        Made if it is not there.
    lang : str
        "zh" or "en"; without a Chinese font the labels are English.

    Returns
    -------
    list of Path
        The files written.
    """
    areas = enterprise_areas(result.park)
    spots = hazard_unit_areas(result.park, result.hazards)
    whole = widened(shapely.total_bounds([*areas.values(), result.park.boundary or shapely.Point()]), 0.06)
    blocks = [widened(block.bounds, 0.12) for block in blocks_of(result.park)]

    def draw(words: Words) -> Mapping[str, Figure]:
        maps = {"grades": _map(result, areas, {} if blocks else spots, whole, words)}
        if blocks:
            _mark_blocks(maps["grades"].axes[0], blocks, words)
        for number, bounds in enumerate(blocks, start=1):
            maps[f"grades_block_{number}"] = _map(result, areas, spots, bounds, words)
        return maps

    return save_figures(draw, folder, lang)


def _map(
    result: Assessment, areas: Mapping[str, Any], spots: Mapping[str, Any], bounds: Bounds, words: Words
) -> Figure:
    bounds = _roomy(bounds)
    slope = (bounds[3] - bounds[1]) / (bounds[2] - bounds[0])
    detailed = bool(spots)
    figure = Figure(figsize=(10.5, min(max(7.2 * slope, 5.6), 11.0) + 1.0), layout="constrained")
    axes = figure.add_subplot()
    draw_boundary(axes, result.park)
    for row in result.enterprises.table.to_dict("records"):
        if row["enterprise_id"] in areas:
            _fill(axes, areas[row["enterprise_id"]], row["colour_worst"], row["colour_best"])
    for row in result.hazards.units.to_dict("records") if detailed else ():
        _mark(axes, spots[row["hazard_unit_id"]].centroid, row, bounds)
    for row in result.enterprises.table.to_dict("records"):
        if row["enterprise_id"] in areas and detailed:
            _name(axes, areas[row["enterprise_id"]], row, bounds, words)
    frame(axes, bounds)
    scale_bar(axes)
    north_arrow(axes)
    title = words.name(result.park.name, result.park.code)
    heading = words.say("企业四色分级与重大危险源等级", "colours of enterprises and levels of hazard units")
    axes.set_title(f"{title}  {heading}  {result.park.date}")
    axes.set_xlabel(words["east"])
    axes.set_ylabel(words["north"])
    _legends(axes, result, words)
    demonstration_note(figure, result, words)
    return figure


def _mark_blocks(axes: Axes, blocks: list[Bounds], words: Words) -> None:
    """Frame and number of the map of each block."""
    for number, (left, bottom, right, top) in enumerate(blocks, start=1):
        axes.plot([left, right, right, left, left], [bottom, bottom, top, top, bottom], color="#444444", lw=0.9)
        label = words.say(f"分图 {number}", f"map {number}")
        axes.text(left, top, label, fontsize=9, ha="left", va="bottom", zorder=5)


def _roomy(bounds: Bounds) -> Bounds:
    """The frame, high enough for both legends beside it."""
    left, bottom, right, top = bounds
    lacking = max(_LOWEST * (right - left) - (top - bottom), 0.0) / 2.0
    return left, bottom - lacking, right, top + lacking


def _fill(axes: Axes, area: Any, worst: str, best: str) -> None:
    """Fill with the worst colour; where the colour is open, hatch with the best."""
    open_hatch: Any = {"hatch": _HATCH, "edgecolor": COLOURS[best]} if worst != best else {}
    draw_area(axes, area, facecolor=COLOURS[worst], alpha=0.75, lw=0.0, **open_hatch)
    draw_area(axes, area, facecolor="none", edgecolor="#333333", lw=0.8)


def _mark(axes: Axes, place: Any, row: Mapping[Any, Any], bounds: Bounds) -> None:
    """Number of the level at a hazard unit; a dot where it is no major hazard, a question mark where that is open."""
    if not (bounds[0] <= place.x <= bounds[2] and bounds[1] <= place.y <= bounds[3]):
        return
    worst, best = row["level_worst"], row["level_best"]
    if pd.isna(worst):
        axes.plot(place.x, place.y, "o", ms=3.0, color="#333333", mec="white", mew=0.4, zorder=4)
        return
    fill, ink = LEVELS[int(worst)]
    text = f"{worst}" if worst == best else f"{worst}–{'?' if pd.isna(best) else best}"
    box = {"boxstyle": "circle,pad=0.22", "facecolor": fill, "edgecolor": "black", "linewidth": 0.7}
    size = 8.5 - 0.6 * int(worst)
    axes.text(place.x, place.y, text, color=ink, fontsize=size, ha="center", va="center", bbox=box, zorder=4)


def _name(axes: Axes, area: Any, row: Mapping[Any, Any], bounds: Bounds, words: Words) -> None:
    """Id and colours of an enterprise, in words, above its largest part within the frame."""
    inside = area.intersection(shapely.box(*bounds))
    if inside.is_empty:
        return
    part = max(shapely.get_parts(inside), key=lambda polygon: polygon.area)
    corners = shapely.get_coordinates(part)
    middle, top = corners[corners[:, 1].argmax()]
    names = {each.letter: words.say(each.name_zh, each.name_en) for each in enterprise_list().colours}
    worst, best = (names.get(row[f"colour_{end}"], "–") for end in ("worst", "best"))
    colours = worst if worst == best else f"{worst}…{best}"
    axes.text(
        middle,
        top,
        f"{words.name(str(row['enterprise_id']), '')} {colours}",
        fontsize=8,
        ha="center",
        va="bottom",
        zorder=5,
        path_effects=[withStroke(linewidth=2.2, foreground="white")],
    )


def _legends(axes: Axes, result: Assessment, words: Words) -> None:
    beside: Any = {"loc": "upper left", "frameon": False, "alignment": "left"}
    handles = [
        Patch(
            facecolor=COLOURS[each.letter],
            edgecolor="#333333",
            label=words.say(each.name_zh, each.name_en)
            + (f"  < {float(each.below):g}" if each.below is not None else "")
            + words.say(" 分" if each.below is not None else "", ""),
        )
        for each in enterprise_list().colours
    ]
    handles.append(
        Patch(
            facecolor=COLOURS["red"],
            edgecolor=COLOURS["blue"],
            hatch=_HATCH,
            label=words.say("未定（斜纹：最好可能）", "open (hatch: best)"),
        )
    )
    handles.append(Patch(facecolor=COLOURS[""], edgecolor="#333333", label=words.say("不分级", "not graded")))
    first = axes.legend(
        handles=handles,
        title=words.say("企业颜色（未经核实）", "colour (unverified)"),
        bbox_to_anchor=(1.01, 1.0),
        **beside,
    )
    axes.add_artist(first)
    levels: list[Any] = [
        Line2D(
            [],
            [],
            marker="o",
            ls="none",
            ms=11 - level,
            color=LEVELS[level][0],
            mec="black",
            label=words.say(f"{level} 级重大危险源（标注 {level}）", f"level {level} (marked {level})"),
        )
        for level in LEVELS
    ]
    levels.append(
        Line2D(
            [], [], marker="o", ls="none", ms=4, color="#333333", label=words.say("非重大危险源单元", "no major hazard")
        )
    )
    if result.park.boundary is not None:
        levels.append(Line2D([], [], color="black", ls="--", label=words["boundary"]))
    levels.append(
        Patch(facecolor="none", edgecolor="#333333", label=words.say("设备范围（非厂界）", "extent of the equipment"))
    )
    axes.legend(
        handles=levels,
        title=words.say("GB 18218 单元等级", "GB 18218 hazard units"),
        bbox_to_anchor=(1.01, 0.0),
        **(beside | {"loc": "lower left"}),
    )
