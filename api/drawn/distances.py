"""The map of external safety distances: lines round installations, targets by class, the control line. SVG and PNG."""

from pathlib import Path
from typing import Any

import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from parkrisk.api.drawn.map import (
    Bounds,
    Sheet,
    blocks_of,
    boundary_key,
    draw_area,
    draw_boundary,
    draw_targets,
    draw_units,
    map_sheet,
    target_key,
    widened,
)
from parkrisk.api.drawn.page import Words, notes_of, power, save_figures
from parkrisk.api.labels import place_labels
from parkrisk.api.printed.distances import class_words
from parkrisk.risk.distances.external import ExternalDistances
from parkrisk.scenarios.reading.areas import shapes_of

__all__ = ["save"]

#: From the most protected classes on.
_FILLS = ("#fff3c4", "#fdc98b", "#f08a6c")
_LINES = ("#8d6e00", "#c05a00", "#a31515")
_FAILING = "#c62828"


def save(found: ExternalDistances, folder: str | Path, lang: str = "zh") -> list[Path]:
    """Draw the map, and one of every block of a scattered park, into a folder.

    Parameters
    ----------
    found : ExternalDistances
    folder : path
        Made if it is not there.
    lang : str
        "zh" or "en"; without a Chinese font the labels are English.
    """
    return save_figures(lambda words: draw(found, words), folder, lang)


def draw(found: ExternalDistances, words: Words) -> dict[str, Figure]:
    """Figures of `save`, by name."""
    return {name: _map(found, bounds, words) for name, bounds in _frames(found).items()}


def _frames(found: ExternalDistances) -> dict[str, Bounds]:
    targets = shapes_of(found.park.tables["targets"])
    frames = {"distances": widened(shapely.total_bounds([found.control_line, *targets]), 0.05)}
    for number, block in enumerate(blocks_of(found.park), start=1):
        frames[f"distances_block_{number}"] = widened(block.bounds, 0.6)
    return frames


def _map(found: ExternalDistances, bounds: Bounds, words: Words) -> Figure:
    park = found.park
    notes = [
        words.say(
            "控制线为本引擎的理解，标准数值未经核实",
            "control line by the engine's reading; numbers of the standards unverified",
        ),
        *notes_of(park, words),
    ]
    heading = words.say("周边规划安全控制线", "surrounding-land control line")
    title = f"{words.name(park.name, park.code)}  {heading}  {park.date}"
    sheet = map_sheet(bounds, title, _keys(found, words), words, notes)
    axes = sheet.axes
    for fill, shape in zip(_FILLS, found.controls["shape"], strict=False):
        draw_area(axes, shape, facecolor=fill, edgecolor="none", alpha=0.8)
    for row in found.lines.to_dict("records"):
        colour = _LINES[_rank(found, row["classes"])]
        draw_area(axes, row["shape"], facecolor="none", edgecolor=colour, lw=0.6)
    draw_units(axes, park.tables["units"])
    draw_boundary(axes, park)
    draw_area(axes, found.control_line, facecolor="none", edgecolor="#0d47a1", lw=1.8)
    _targets(axes, found)
    _labels(sheet, found, words)
    return sheet.figure


def _labels(sheet: Sheet, found: ExternalDistances, words: Words) -> None:
    """Names of targets and enterprises, where there is room."""
    axes = sheet.axes
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    targets = found.park.tables["targets"][["x", "y", "name", "target_id"]].itertuples(index=False, name=None)
    wanted = [(x, y, 0.0, words.name(name, target)) for x, y, name, target in targets]
    names = found.park.tables["enterprises"].set_index("enterprise_id")["name"]
    for enterprise, rows in found.park.tables["units"].groupby("enterprise_id", sort=True):
        x, y = rows[["x", "y"]].mean()
        wanted.append((x, y, 0.0, words.name(str(names.get(enterprise, enterprise)), str(enterprise))))
    inside = [each for each in wanted if left < each[0] < right and bottom < each[1] < top]
    place_labels(axes, inside, [each[:3] for each in inside], written=sheet.furniture)


def _rank(found: ExternalDistances, classes: tuple[str, ...]) -> int:
    return list(found.controls["classes"]).index(classes)


def _targets(axes: Axes, found: ExternalDistances) -> None:
    """Targets by class, red where an installation fails at them."""
    targets = found.park.tables["targets"]
    failing = set(found.installations.loc[found.installations["status"] == "fail", "worst_target"])
    draw_targets(axes, targets)
    draw_targets(axes, targets[targets["target_id"].isin(failing)], _FAILING)


def _keys(found: ExternalDistances, words: Words) -> list[tuple[str, list[Any]]]:
    lines: list[Any] = [
        Line2D([], [], color="#0d47a1", lw=1.8, label=words.say("园区控制线（最严）", "control line of the park")),
        *boundary_key(found.park, words),
    ]
    groups = list(zip(found.controls["classes"], found.controls["limit_per_year"], _FILLS, _LINES, strict=False))
    zones = []
    for names, limit, fill, colour in groups:
        text = _broken(class_words(names, words.lang), words.lang)
        zones.append(Patch(facecolor=fill, label=f"{text}\n≥ {power(limit)} /{words.say('年', 'yr')}"))
        if any(each == names for each in found.lines["classes"]):
            label = words.say("装置外部安全防护距离线：\n", "lines of installations:\n") + text
            lines.append(Line2D([], [], color=colour, lw=0.9, label=label))
    marks = target_key(found.park.tables["targets"], words)
    if (found.installations["status"] == "fail").any():
        label = words.say("不满足的目标", "distance not met here")
        marks.append(Line2D([], [], marker="o", ls="none", ms=6.5, color=_FAILING, label=label))
    title = words.say("线内不得有的防护目标", "targets kept out")
    return [(title, zones), (words.say("线", "lines"), lines), (words.say("防护目标", "targets"), marks)]


def _broken(text: str, lang: str) -> str:
    """Text with a line for each class."""
    mark = "、" if lang == "zh" else ", "
    return text.replace(mark, mark.rstrip() + "\n")
