"""Pictures of an assessment: risk contours over the layout, and the F-N curve. SVG and PNG."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import shapely
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from parkrisk.api.drawn.map import (
    Bounds,
    blocks_of,
    boundary_key,
    draw_area,
    draw_boundary,
    draw_targets,
    draw_units,
    map_sheet,
    target_key,
    unit_key,
    widened,
)
from parkrisk.api.drawn.page import WIDTH, Words, demonstration_note, notes_of, power, save_figures
from parkrisk.api.drawn.plane import fn_axes
from parkrisk.risk.mapping.contours import open_levels
from parkrisk.risk.result import Assessment


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
    return save_figures(lambda words: draw(result, words), folder, lang)


def draw(result: Assessment, words: Words) -> dict[str, Figure]:
    """Figures of `save`, by name."""
    contours = result.contours()
    maps = {name: draw_risk_map(result, contours, bounds, words) for name, bounds in frames(result, contours).items()}
    return {**maps, "fn": draw_fn(result, words)}


def draw_risk_map(
    result: Assessment, contours: Mapping[float, shapely.Geometry], bounds: Bounds, words: Words
) -> Figure:
    """Contours of individual risk over units, targets and boundary, within bounds."""
    park, reached = result.park, [level for level in contours if not contours[level].is_empty]
    cut = open_levels(result.individual_risk.values, contours)
    colours = level_colours(contours)
    levels = [
        Patch(
            facecolor=colours[level],
            edgecolor="#5d4037",
            lw=0.5,
            label=f"≥ {power(level)}" + (f" ({words['cut']})" if level in cut else ""),
        )
        for level in sorted(reached, reverse=True)
    ]
    things = [
        *unit_key(park.tables["units"], words),
        *target_key(park.tables["targets"], words),
        *boundary_key(park, words),
    ]
    title = f"{words.name(park.name, park.code)}  {words['map_title']}  {park.date}"
    keys = ((words["risk"], levels), (words["units"], things))
    sheet = map_sheet(bounds, title, keys, words, notes_of(park, words))
    for level in sorted(reached):
        draw_area(sheet.axes, contours[level], facecolor=colours[level], edgecolor="#5d4037", lw=0.4)
    draw_units(sheet.axes, park.tables["units"])
    draw_boundary(sheet.axes, park)
    draw_targets(sheet.axes, park.tables["targets"])
    return sheet.figure


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
        found[f"individual_risk_block_{number}"] = widened(_around(block, contours), 0.06)
    return found


def _around(block: shapely.Geometry, contours: Mapping[float, shapely.Geometry]) -> Any:
    """Bounds of a block and of the contours around it: no map cuts one off."""
    parts = [part for shape in contours.values() for part in shapely.get_parts(shape) if part.intersects(block)]
    return shapely.total_bounds([block, *parts])


def draw_fn(result: Assessment, words: Words) -> Figure:
    """F-N curve between the two criterion lines."""
    figure = Figure(figsize=(WIDTH, 5.0), layout="constrained")
    axes = figure.add_subplot()
    reached = result.fn[result.fn["F"] > 0.0]
    fn_axes(axes, words, float(reached["N"].max()) if len(reached) else 1.0)
    if len(reached):
        axes.step(reached["N"], reached["F"], where="pre", color="#0d47a1", lw=2.0, label=words["park"])
        alone = reached[reached["F_without_domino"] > 0.0]
        label = words["without_domino"]
        axes.step(alone["N"], alone["F_without_domino"], where="pre", color="#0d47a1", lw=1.2, ls="--", label=label)
    title = words.name(result.park.name, result.park.code)
    axes.set_title(f"{title}  {words['fn_title']}  {result.park.date}")
    axes.legend(loc="upper right", framealpha=0.95)
    demonstration_note(figure, result.park, words)
    return figure
