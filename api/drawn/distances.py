"""The map of external safety distances: lines round installations, targets by class, the control line. SVG and PNG."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from parkrisk.api.drawn.map import (
    MOST_BLOCKS,
    TARGET_MARKERS,
    Bounds,
    draw_area,
    draw_units,
    frame,
    north_arrow,
    scale_bar,
    widened,
)
from parkrisk.api.drawn.page import Words, power, save_figures
from parkrisk.api.labels import place_labels, settle
from parkrisk.api.printed.distances import class_words
from parkrisk.risk.distances.external import ExternalDistances
from parkrisk.scenarios.reading.areas import shapes_of

__all__ = ["save"]

#: From the most protected classes on.
_FILLS = ("#fff3c4", "#fdc98b", "#f08a6c")
_LINES = ("#8d6e00", "#c05a00", "#a31515")


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

    def draw(words: Words) -> Mapping[str, Figure]:
        return {name: _map(found, bounds, words) for name, bounds in _frames(found).items()}

    return save_figures(draw, folder, lang)


def _frames(found: ExternalDistances) -> dict[str, Bounds]:
    targets = shapes_of(found.park.tables["targets"])
    whole = shapely.total_bounds([found.control_line, *targets])
    frames = {"control_line": widened(whole, 0.05)}
    blocks = [part for part in shapely.get_parts(found.control_line) if not part.is_empty]
    if len(blocks) > 1:
        largest = sorted(blocks, key=lambda part: (-part.area, part.bounds))[:MOST_BLOCKS]
        for number, part in enumerate(largest, start=1):
            frames[f"control_line_block_{number}"] = widened(part.bounds, 0.12)
    return frames


def _map(found: ExternalDistances, bounds: Bounds, words: Words) -> Figure:
    slope = (bounds[3] - bounds[1]) / (bounds[2] - bounds[0])
    figure = Figure(figsize=(11.0, min(max(7.2 * slope, 5.6), 11.0) + 1.0), layout="constrained")
    axes = figure.add_subplot()
    for fill, shape in zip(_FILLS, found.controls["shape"], strict=False):
        draw_area(axes, shape, facecolor=fill, edgecolor="none", alpha=0.8)
    for row in found.lines.to_dict("records"):
        colour = _LINES[_rank(found, row["classes"])]
        draw_area(axes, row["shape"], facecolor="none", edgecolor=colour, lw=0.8)
    draw_units(axes, found.park.tables["units"])
    if found.park.boundary is not None:
        draw_area(axes, found.park.boundary, facecolor="none", edgecolor="black", lw=1.1, ls="--")
    draw_area(axes, found.control_line, facecolor="none", edgecolor="#0d47a1", lw=2.2)
    _targets(axes, found)
    frame(axes, bounds)
    scale_bar(axes)
    north_arrow(axes)
    title = words.name(found.park.name, found.park.code)
    axes.set_title(f"{title}  {words.say('周边规划安全控制线', 'surrounding-land control line')}  {found.park.date}")
    axes.set_xlabel(words["east"])
    axes.set_ylabel(words["north"])
    _legends(axes, found, words)
    note = words.say(
        "控制线为本引擎的理解，标准数值未经核实",
        "control line by the engine's reading; numbers of the standards unverified",
    )
    demonstration = f"{words['demonstration']}  " if found.park.info["demonstration"] == "yes" else ""
    figure.text(0.01, -0.005, demonstration + note, fontsize=8, color="#6d4c41", ha="left", va="top")
    _labels(axes, found, words)
    return figure


def _labels(axes: Axes, found: ExternalDistances, words: Words) -> None:
    """Names of targets and enterprises, where there is room."""
    settle(axes)
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    targets = found.park.tables["targets"][["x", "y", "name", "target_id"]].itertuples(index=False, name=None)
    wanted = [(x, y, 0.0, words.name(name, target)) for x, y, name, target in targets]
    names = found.park.tables["enterprises"].set_index("enterprise_id")["name"]
    for enterprise, rows in found.park.tables["units"].groupby("enterprise_id", sort=True):
        x, y = rows[["x", "y"]].mean()
        wanted.append((x, y, 0.0, words.name(str(names.get(enterprise, enterprise)), str(enterprise))))
    inside = [each for each in wanted if left < each[0] < right and bottom < each[1] < top]
    place_labels(axes, inside, [each[:3] for each in inside])


def _rank(found: ExternalDistances, classes: tuple[str, ...]) -> int:
    return list(found.controls["classes"]).index(classes)


def _targets(axes: Axes, found: ExternalDistances) -> None:
    """Targets by class, red where an installation fails at them."""
    targets = found.park.tables["targets"]
    failing = set(found.installations.loc[found.installations["status"] == "fail", "worst_target"])
    for area in shapely.get_parts(shapes_of(targets)):
        if area.geom_type == "Polygon":
            axes.plot(*np.asarray(area.exterior.coords).T, color="#4a148c", lw=1.0)
    for name, target_class, x, y in targets[["target_id", "class", "x", "y"]].itertuples(index=False):
        style: dict[str, Any] = {"color": "#c62828" if name in failing else "#4a148c", "ms": 8, "mec": "white"}
        axes.plot(x, y, TARGET_MARKERS.get(str(target_class), "x"), mew=0.6, ls="none", zorder=5, **style)


def _legends(axes: Axes, found: ExternalDistances, words: Words) -> None:
    beside: Any = {"loc": "upper left", "frameon": False, "alignment": "left"}
    lines: list[Any] = [
        Line2D([], [], color="#0d47a1", lw=2.2, label=words.say("园区控制线（最严）", "control line of the park")),
        Line2D([], [], color="black", ls="--", label=words["boundary"]),
    ]
    groups = list(zip(found.controls["classes"], found.controls["limit_per_year"], _FILLS, _LINES, strict=False))
    zones = []
    for names, limit, fill, colour in groups:
        text = _broken(class_words(names, words.lang), words.lang)
        zones.append(Patch(facecolor=fill, label=f"{text}\n≥ {power(limit)} /{words.say('年', 'yr')}"))
        if any(each == names for each in found.lines["classes"]):
            label = words.say("装置外部安全防护距离线：\n", "lines of installations:\n") + text
            lines.append(Line2D([], [], color=colour, lw=0.9, label=label))
    title = words.say("线内不得有的防护目标", "targets kept out")
    first = axes.legend(handles=zones, title=title, bbox_to_anchor=(1.01, 1.0), **beside)
    axes.add_artist(first).set_clip_on(False)  # a clipped legend counts for nothing in the frame of the picture
    second = axes.legend(handles=lines, bbox_to_anchor=(1.01, 0.6), **beside)
    axes.add_artist(second).set_clip_on(False)
    held = set(found.park.tables["targets"]["class"])
    marks: list[Any] = [
        Line2D([], [], marker=TARGET_MARKERS[name], ls="none", ms=8, color="#4a148c", label=words[name])
        for name in TARGET_MARKERS
        if name in held
    ]
    if (found.installations["status"] == "fail").any():
        label = words.say("不满足的目标", "target where a distance is not met")
        marks.append(Line2D([], [], marker="o", ls="none", ms=8, color="#c62828", label=label))
    axes.legend(handles=marks, bbox_to_anchor=(1.01, 0.0), **(beside | {"loc": "lower left"}))


def _broken(text: str, lang: str) -> str:
    """Text with a line for each class."""
    mark = "、" if lang == "zh" else ", "
    return text.replace(mark, mark.rstrip() + "\n")
