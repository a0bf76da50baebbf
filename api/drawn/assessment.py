"""Pictures of an assessment: risk contours over the layout, and the F-N curve. SVG and PNG."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from parkrisk.api.drawn.map import (
    KIND_COLOURS,
    OTHER_KIND_COLOUR,
    TARGET_MARKERS,
    Bounds,
    blocks_of,
    draw_area,
    draw_boundary,
    draw_units,
    frame,
    north_arrow,
    scale_bar,
    widened,
)
from parkrisk.api.drawn.page import Words, demonstration_note, power, save_figures
from parkrisk.api.drawn.plane import fn_axes
from parkrisk.risk.mapping.contours import open_levels
from parkrisk.risk.result import Assessment
from parkrisk.scenarios.reading.areas import shapes_of


def save(result: Assessment, folder: str | Path, lang: str = "zh") -> list[Path]:
    """Draw every figure into a folder as SVG and PNG.

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

    def draw(words: Words) -> dict[str, Figure]:
        contours = result.contours()
        maps = {
            name: draw_risk_map(result, contours, bounds, words) for name, bounds in frames(result, contours).items()
        }
        return {**maps, "fn": draw_fn(result, words)}

    return save_figures(draw, folder, lang)


def draw_risk_map(
    result: Assessment, contours: Mapping[float, shapely.Geometry], bounds: Bounds, words: Words
) -> Figure:
    """Contours of individual risk over units, targets and boundary, within bounds."""
    slope = (bounds[3] - bounds[1]) / (bounds[2] - bounds[0])
    figure = Figure(figsize=(10.5, min(max(7.2 * slope, 5.6), 11.0) + 1.0), layout="constrained")
    axes = figure.add_subplot()
    units = result.park.tables["units"]
    targets = result.park.tables["targets"]
    for level, colour in level_colours(contours).items():
        draw_area(axes, contours[level], facecolor=colour, edgecolor="#5d4037", lw=0.6, alpha=0.75)
    draw_units(axes, units)
    draw_boundary(axes, result.park)
    for area in shapely.get_parts(shapes_of(targets)):
        if area.geom_type == "Polygon":
            axes.plot(*np.asarray(area.exterior.coords).T, color="#7b1fa2", lw=1.0)
    for name, group in targets.groupby("class", sort=True):
        axes.plot(
            group["x"], group["y"], TARGET_MARKERS[str(name)], color="#7b1fa2", ms=9, mec="white", mew=0.6, ls="none"
        )
    frame(axes, bounds)
    scale_bar(axes)
    north_arrow(axes)
    title = words.name(result.park.name, result.park.code)
    axes.set_title(f"{title}  {words['map_title']}  {result.park.date}")
    axes.set_xlabel(words["east"])
    axes.set_ylabel(words["north"])
    _legends(axes, result, contours, words)
    demonstration_note(figure, result, words)
    return figure


def level_colours(levels: Iterable[float]) -> dict[float, Any]:
    """Colour of each contour level: light to dark from rare to frequent, told apart by the colour-blind too."""
    ordered = sorted(levels)
    return dict(zip(ordered, mpl.colormaps["YlOrRd"](np.linspace(0.18, 1.0, len(ordered))), strict=True))


def frames(result: Assessment, contours: Mapping[float, shapely.Geometry]) -> dict[str, Bounds]:
    """What each map shows: the park with its targets and contours, and every block of a scattered park by itself."""
    units, targets = result.park.tables["units"], result.park.tables["targets"]
    points = np.concatenate([table[["x", "y"]].to_numpy() for table in (units, targets)])
    shapes = [shapely.box(*points.min(axis=0), *points.max(axis=0)), *contours.values()]
    found = {"individual_risk": widened(shapely.total_bounds(shapes), 0.06)}
    for number, block in enumerate(blocks_of(result.park), start=1):
        found[f"individual_risk_block_{number}"] = widened(block.bounds, 0.6)
    return found


def _legends(axes: Axes, result: Assessment, contours: Mapping[float, shapely.Geometry], words: Words) -> None:
    cut = open_levels(result.individual_risk.values, contours)
    levels = [
        Patch(
            facecolor=colour,
            edgecolor="#5d4037",
            alpha=0.75,
            label=f"≥ {power(level)}" + (f" ({words['cut']})" if level in cut else ""),
        )
        for level, colour in reversed(level_colours(contours).items())
        if not contours[level].is_empty
    ]
    beside: Any = {"loc": "upper left", "frameon": False, "alignment": "left"}
    first = axes.legend(handles=levels, title=words["risk"], bbox_to_anchor=(1.01, 1.0), **beside)
    axes.add_artist(first)
    kinds = sorted(set(result.park.tables["units"]["kind"]))
    things: list[Any] = [
        Line2D([], [], marker="o", ls="none", ms=8, mec="#263238", color=KIND_COLOURS[kind], label=words[kind])
        for kind in kinds
        if kind in KIND_COLOURS and kind in words
    ]
    if any(kind not in KIND_COLOURS for kind in kinds):
        things.append(Line2D([], [], marker="s", ls="none", ms=8, color=OTHER_KIND_COLOUR, label=words["other"]))
    things += [
        Line2D([], [], marker=TARGET_MARKERS[name], ls="none", ms=8, color="#7b1fa2", label=words[name])
        for name in TARGET_MARKERS
        if name in set(result.park.tables["targets"]["class"])
    ]
    things.append(Line2D([], [], color="black", ls="--", label=words["boundary"]))
    axes.legend(handles=things, title=words["units"], bbox_to_anchor=(1.01, 0.0), **(beside | {"loc": "lower left"}))


def draw_fn(result: Assessment, words: Words) -> Figure:
    """F-N curve between the two criterion lines."""
    figure = Figure(figsize=(7.5, 6.2), layout="constrained")
    axes = figure.add_subplot()
    reached = result.fn[result.fn["F"] > 0.0]
    fn_axes(axes, words, float(reached["N"].max()) if len(reached) else 1.0)
    if len(reached):
        axes.step(reached["N"], reached["F"], where="pre", color="#0d47a1", lw=2.2, label=words["park"])
        alone = reached[reached["F_without_domino"] > 0.0]
        label = words["without_domino"]
        axes.step(alone["N"], alone["F_without_domino"], where="pre", color="#0d47a1", lw=1.2, ls="--", label=label)
    title = words.name(result.park.name, result.park.code)
    axes.set_title(f"{title}  {words['fn_title']}  {result.park.date}")
    axes.legend(loc="upper right", framealpha=0.95)
    demonstration_note(figure, result, words)
    return figure
