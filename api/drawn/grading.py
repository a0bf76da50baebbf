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

from parkrisk.api.drawn.map import (
    Bounds,
    blocks_of,
    boundary_key,
    draw_area,
    draw_boundary,
    map_sheet,
    mark_blocks,
    widened,
)
from parkrisk.api.drawn.page import Words, notes_of, save_figures
from parkrisk.api.labels import place_labels
from parkrisk.risk.grading.enterprise_list import enterprise_list
from parkrisk.risk.grading.places import enterprise_areas, hazard_unit_areas
from parkrisk.risk.result import Assessment

COLOURS = {"red": "#cc3311", "orange": "#ee7733", "yellow": "#f2d64b", "blue": "#4477aa", "": "#c8c8c8"}
#: Fill and text of the levels of hazard units, dark for the worst.
LEVELS = {1: ("#000000", "white"), 2: ("#555555", "white"), 3: ("#b5b5b5", "black"), 4: ("#ffffff", "black")}
_HATCH = "////"


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
    return save_figures(lambda words: draw(result, words), folder, lang)


def draw(result: Assessment, words: Words) -> dict[str, Figure]:
    """Figures of `save`, by name."""
    areas = enterprise_areas(result.park)
    spots = hazard_unit_areas(result.park, result.hazards)
    whole = widened(shapely.total_bounds([*areas.values(), result.park.boundary or shapely.Point()]), 0.06)
    blocks = [widened(block.bounds, 0.12) for block in blocks_of(result.park)]
    maps = {"grades": _map(result, areas, {} if blocks else spots, whole, words)}
    if blocks:
        mark_blocks(maps["grades"].axes[0], blocks, words)
    for number, bounds in enumerate(blocks, start=1):
        maps[f"grades_block_{number}"] = _map(result, areas, spots, bounds, words)
    return maps


def _map(
    result: Assessment, areas: Mapping[str, Any], spots: Mapping[str, Any], bounds: Bounds, words: Words
) -> Figure:
    detailed = bool(spots)
    park = result.park
    heading = words.say("企业四色分级与重大危险源等级", "colours of enterprises and levels of hazard units")
    title = f"{words.name(park.name, park.code)}  {heading}  {park.date}"
    sheet = map_sheet(bounds, title, _keys(result, words), words, notes_of(park, words))
    axes = sheet.axes
    shown = (*axes.get_xlim(), *axes.get_ylim())
    shown = (shown[0], shown[2], shown[1], shown[3])
    draw_boundary(axes, park)
    for row in result.enterprises.table.to_dict("records"):
        if row["enterprise_id"] in areas:
            _fill(axes, areas[row["enterprise_id"]], row["colour_worst"], row["colour_best"])
    for row in result.hazards.units.to_dict("records") if detailed else ():
        _mark(axes, spots[row["hazard_unit_id"]].centroid, row, shown)
    if detailed:
        _names(axes, areas, result, shown, words)
    return sheet.figure


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
    size = 8.0
    axes.text(place.x, place.y, text, color=ink, fontsize=size, ha="center", va="center", bbox=box, zorder=4)


def _names(axes: Axes, areas: Mapping[str, Any], result: Assessment, bounds: Bounds, words: Words) -> None:
    """Id and colours of each enterprise, in words, beside the top of its largest part within the frame."""
    names = {each.letter: words.say(each.name_zh, each.name_en) for each in enterprise_list().colours}
    labels = []
    for row in result.enterprises.table.to_dict("records"):
        inside = areas.get(row["enterprise_id"], shapely.Point()).intersection(shapely.box(*bounds))
        if inside.is_empty:
            continue
        part = max(shapely.get_parts(inside), key=lambda polygon: polygon.area)
        corners = shapely.get_coordinates(part)
        x, y = corners[corners[:, 1].argmax()]
        worst, best = (names.get(row[f"colour_{end}"], "–") for end in ("worst", "best"))
        colours = worst if worst == best else f"{worst}…{best}"
        labels.append((x, y, 0.0, f"{words.name(str(row['enterprise_id']), '')} {colours}"))
    place_labels(axes, labels, [label[:3] for label in labels])


def _keys(result: Assessment, words: Words) -> list[tuple[str, list[Any]]]:
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
    levels += boundary_key(result.park, words)
    levels.append(
        Patch(facecolor="none", edgecolor="#333333", label=words.say("设备范围（非厂界）", "extent of the equipment"))
    )
    return [
        (words.say("企业颜色（未经核实）", "colour (unverified)"), handles),
        (words.say("GB 18218 单元等级", "GB 18218 hazard units"), levels),
    ]
