"""Pictures of a siting map: the whole park, and each block of a scattered one by itself. SVG and PNG."""

import itertools
from collections.abc import Mapping, Sequence
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
    draw_boundary,
    draw_units,
    frame,
    north_arrow,
    scale_bar,
    widened,
)
from parkrisk.api.drawn.page import Words, save_figures
from parkrisk.api.printed.terminal import VERDICT_NAMES
from parkrisk.risk.entry.gate import Decision
from parkrisk.risk.siting.files import ROOM_LEVELS, area_of
from parkrisk.risk.siting.result import (
    CRITERIA,
    CRITERION_WORDS,
    FAIL,
    LEFT_OUT,
    OCCUPIED,
    PASS,
    UNKNOWN,
    VERDICT_WORDS,
    Siting,
)
from parkrisk.scenarios.reading.areas import shapes_of

_INK = "#4d3319"
#: Passing cells by room, least first; these hues are told apart by the colour-blind too.
_PASS_COLOURS = ("#b8e3d4", "#66c2a4", "#2a9d7c", "#006d5b")
_OTHER_COLOURS = {FAIL: "#e8945a", UNKNOWN: "#d9d9d9", OCCUPIED: "#8c8c8c"}
_HATCHES = {"individual_new": "////", "individual_in_service": "\\\\\\\\", "societal": "...."}
_TEXTS: Mapping[str, tuple[str, str]] = {
    "title": ("项目选址图", "siting map"),
    "room": ("符合，余量（倍）", "passes, room (times)"),
    "hatch": ("起控制作用的准则", "what binds"),
    "other": ("其余单元", "other cells"),
    "places": ("位置", "places"),
    "own": ("项目原址", "project's own place"),
    "best": ("余量最大处", "most room"),
    "targets": ("防护目标", "protection targets"),
    "boundary": ("园区四至", "park boundary"),
    "elsewhere": ("图中各项均满足时其余规则：", "all other rules, were the map's criteria met: "),
    "cascades": (
        "不含与其他设备的多米诺连锁；选定位置须由准入判定证明",
        "without cascades to and from other units; a chosen cell is proven by the gate",
    ),
    "demonstration": ("示范数据：介质、企业与证据均为假定", "demonstration: contents, enterprises, evidence assumed"),
    "unverified": ("GB 36894-2018 基准值未经核实", "limits of GB 36894-2018 unverified"),
}


def save(found: Siting, folder: str | Path, lang: str = "zh", proofs: Sequence[Decision] = ()) -> list[Path]:
    """Draw the map, and one of each block of a scattered park with cells that were judged.

    Parameters
    ----------
    found : Siting
    folder : path
        Made if it is not there.
    lang : str
        "zh" or "en"; without a Chinese font the labels are English.
    proofs : sequence of Decision
        Of the gate at the first of the best places.
    """

    def draw(words: Words) -> Mapping[str, Figure]:
        return {name: _map(found, bounds, words, proofs) for name, bounds in _frames(found).items()}

    return save_figures(draw, folder, lang)


def _frames(found: Siting) -> dict[str, Bounds]:
    """What each picture shows."""
    raster, half = found.raster, 0.5 * found.raster.cell
    whole = (raster.x[0] - half, raster.y[0] - half, raster.x[-1] + half, raster.y[-1] + half)
    frames = {"siting": widened(whole, 0.04)}
    blocks = [] if found.park.boundary is None else list(shapely.get_parts(found.park.boundary))
    if len(blocks) > 1:
        row, column = np.nonzero(np.isfinite(found.room))
        held = [int(shapely.intersects_xy(block, raster.x[column], raster.y[row]).sum()) for block in blocks]
        order = [k for k in np.argsort([-count for count in held], kind="stable").tolist() if held[k]]
        for number, k in enumerate(order[:MOST_BLOCKS], start=1):
            frames[f"siting_block_{number}"] = widened(blocks[k].bounds, 0.35)
    return frames


def _map(found: Siting, bounds: Bounds, words: Words, proofs: Sequence[Decision]) -> Figure:
    slope = (bounds[3] - bounds[1]) / (bounds[2] - bounds[0])
    figure = Figure(figsize=(10.5, min(max(7.2 * slope, 5.6), 11.0) + 1.0), layout="constrained")
    axes = figure.add_subplot()
    _draw_cells(axes, found)
    draw_units(axes, found.park.tables["units"])
    draw_boundary(axes, found.park)
    _draw_places(axes, found)
    _draw_proofs(axes, found, words, proofs)
    frame(axes, bounds)
    scale_bar(axes)
    north_arrow(axes)
    name = words.name(found.project.name, found.project.code)
    axes.set_title(f"{words.name(found.park.name, found.park.code)}  {name}  {_say(words, 'title')}")
    axes.set_xlabel(words["east"])
    axes.set_ylabel(words["north"])
    _legends(axes, words)
    verdict = words.say(*VERDICT_NAMES[found.elsewhere][:2])
    notes = [_say(words, "elsewhere") + verdict, words.say(*LEFT_OUT[1])]
    notes += [_say(words, "cascades"), _say(words, "unverified")]
    notes += [words.say(*text) for text in found.doubts]
    if found.park.info["demonstration"] == "yes":
        notes.append(_say(words, "demonstration"))
    figure.supxlabel("\n".join(notes), fontsize=8, color="#5d4037", x=0.01, ha="left")
    return figure


def _say(words: Words, key: str) -> str:
    return words.say(*_TEXTS[key])


def _draw_cells(axes: Axes, found: Siting) -> None:
    """Colour by verdict and room, hatches by what binds."""
    for code, colour in _OTHER_COLOURS.items():
        draw_area(axes, area_of(found, found.verdict == code), facecolor=colour, lw=0.0)
    for level, colour in zip(ROOM_LEVELS, _PASS_COLOURS, strict=True):
        chosen = (found.verdict == PASS) & (found.room >= level)
        draw_area(axes, area_of(found, chosen), facecolor=colour, lw=0.0)
    for criterion, hatch in _HATCHES.items():
        chosen = np.isfinite(found.room) & (found.binding == CRITERIA.index(criterion))
        draw_area(axes, area_of(found, chosen), facecolor="none", edgecolor=_INK, hatch=hatch, lw=0.3)


def _draw_places(axes: Axes, found: Siting) -> None:
    targets = found.park.tables["targets"]
    for area in shapely.get_parts(shapes_of(targets)):
        if area.geom_type == "Polygon":
            axes.plot(*np.asarray(area.exterior.coords).T, color="#7b1fa2", lw=1.0)
    for name, group in targets.groupby("class", sort=True):
        marker = TARGET_MARKERS.get(str(name), "x")
        axes.plot(group["x"], group["y"], marker, color="#7b1fa2", ms=8, mec="white", mew=0.6, ls="none")
    axes.plot(*found.own_place, "*", color="#0057a8", ms=15, mec="white", mew=0.8, ls="none")
    best = found.best(1)
    axes.plot(best["x"], best["y"], "v", color="black", ms=9, mec="white", mew=0.8, ls="none")


def _draw_proofs(axes: Axes, found: Siting, words: Words, proofs: Sequence[Decision]) -> None:
    """Write the verdict of the gate beside the places where it ran."""
    best = found.best(len(proofs))
    for x, y, proof in zip(best["x"], best["y"], proofs, strict=True):
        text = words.say(*VERDICT_NAMES[proof.verdict][:2])
        axes.plot(x, y, "v", color="black", ms=9, mec="white", mew=0.8, ls="none")
        axes.annotate(text, (x, y), xytext=(6, 6), textcoords="offset points", fontsize=8, annotation_clip=True)


def _legends(axes: Axes, words: Words) -> None:
    steps = [f"{low:g} – {high:g}" for low, high in itertools.pairwise(ROOM_LEVELS)]
    steps.append(f"≥ {ROOM_LEVELS[-1]:g}")
    names = list(VERDICT_WORDS.values())
    handles: list[Any] = [
        _heading(words, "room"),
        *(Patch(facecolor=colour, label=text) for colour, text in zip(_PASS_COLOURS, steps, strict=True)),
        _heading(words, "other"),
        *(Patch(facecolor=colour, label=words.say(*names[code])) for code, colour in _OTHER_COLOURS.items()),
        _heading(words, "hatch"),
        *(
            Patch(facecolor="white", edgecolor=_INK, hatch=hatch, label=words.say(*CRITERION_WORDS[name]))
            for name, hatch in _HATCHES.items()
        ),
        _heading(words, "places"),
        Line2D([], [], marker="*", ls="none", ms=13, color="#0057a8", label=_say(words, "own")),
        Line2D([], [], marker="v", ls="none", ms=8, color="black", label=_say(words, "best")),
        Line2D([], [], marker="P", ls="none", ms=8, color="#7b1fa2", label=_say(words, "targets")),
        Line2D([], [], color="black", ls="--", label=_say(words, "boundary")),
    ]
    axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False, fontsize=9)


def _heading(words: Words, key: str) -> Line2D:
    """Entry of a legend without a sign."""
    return Line2D([], [], ls="none", label=_say(words, key))
