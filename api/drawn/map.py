"""Parts of a map: frame, scale, north, units."""

import math
from typing import Any

import matplotlib as mpl
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.patches import Circle, PathPatch, Rectangle
from matplotlib.path import Path as Outline

from parkrisk.scenarios.park import Park

KIND_COLOURS = {
    "atmospheric_tank": "#8fa3b3",
    "refrigerated_tank": "#56b4e9",
    "pressure_vessel": "#0072b2",
    "process_vessel": "#009e73",
    "reactor": "#009e73",
    "column": "#009e73",
}
OTHER_KIND_COLOUR = "#cc79a7"
TARGET_MARKERS = {
    "high-sensitivity": "P",
    "important": "D",
    "general class 1": "^",
    "general class 2": "s",
    "general class 3": "o",
}

#: Blocks of a scattered park that get a map of their own.
MOST_BLOCKS = 8

#: Left, bottom, right, top. [m]
Bounds = tuple[float, float, float, float]


def draw_area(axes: Axes, shape: shapely.Geometry, **style: Any) -> None:
    """Draw polygons, with their holes, as patches of this style."""
    for polygon in shapely.get_parts(shape):
        rings = [polygon.exterior, *polygon.interiors]
        outline = Outline.make_compound_path(*(Outline(np.asarray(ring.coords)[:, :2]) for ring in rings))
        axes.add_patch(PathPatch(outline, **style))


def draw_boundary(axes: Axes, park: Park) -> None:
    """Draw the boundary of a park, dashed, if it has one."""
    if park.boundary is not None:
        for ring in shapely.get_parts(shapely.boundary(park.boundary)):
            axes.plot(*np.asarray(ring.coords).T[:2], color="black", lw=1.2, ls="--", zorder=1)


def draw_units(axes: Axes, units: Any) -> None:
    """Draw units at their size, coloured by kind."""
    for kind, group in units.groupby("kind", sort=True):
        circles = [
            Circle((x, y), max(diameter, 4.0) / 2.0) if math.isfinite(diameter) else Rectangle((x - 6, y - 6), 12, 12)
            for x, y, diameter in zip(group["x"], group["y"], group["diameter_m"], strict=True)
        ]
        colour = KIND_COLOURS.get(str(kind), OTHER_KIND_COLOUR)
        axes.add_collection(PatchCollection(circles, facecolor=colour, edgecolor="#263238", lw=0.35))


def blocks_of(park: Park) -> list[Any]:
    """Blocks of a scattered park with the most units, the most first; none where the boundary is one polygon."""
    blocks = [] if park.boundary is None else list(shapely.get_parts(park.boundary))
    if len(blocks) < 2:
        return []
    units = park.tables["units"]
    places = shapely.points(units["x"].to_numpy(), units["y"].to_numpy())
    held = [int(shapely.covers(block, places).sum()) for block in blocks]
    order = np.argsort([-count for count in held], kind="stable")
    return [blocks[k] for k in order[:MOST_BLOCKS].tolist()]


def widened(bounds: Any, share: float) -> Bounds:
    """Bounds with a margin of so much of the longer side."""
    left, bottom, right, top = (float(value) for value in bounds)
    margin = share * max(right - left, top - bottom, 500.0)
    return left - margin, bottom - margin, right + margin, top + margin


def frame(axes: Axes, bounds: Bounds) -> None:
    """Show these bounds, undistorted, in kilometres."""
    left, bottom, right, top = bounds
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    axes.set_aspect("equal")
    kilometres = mpl.ticker.FuncFormatter(lambda value, _position: f"{value / 1000.0:g}")
    axes.xaxis.set_major_formatter(kilometres)
    axes.yaxis.set_major_formatter(kilometres)
    axes.grid(lw=0.3, alpha=0.6)


def scale_bar(axes: Axes) -> None:
    """Draw a scale bar of a round length at the lower left."""
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    wanted = (right - left) / 5.0
    length = max(step for step in _round_lengths() if step <= max(wanted, 10.0))
    x, y = left + 0.04 * (right - left), bottom + 0.04 * (top - bottom)
    axes.plot([x, x + length], [y, y], color="black", lw=3, solid_capstyle="butt")
    label = f"{length / 1000.0:g} km" if length >= 1000.0 else f"{length:g} m"
    axes.text(x + length / 2.0, y + 0.012 * (top - bottom), label, ha="center", va="bottom", fontsize=9)


def _round_lengths() -> list[float]:
    return [step * 10.0**power for power in range(1, 5) for step in (1.0, 2.0, 5.0)]


def north_arrow(axes: Axes) -> None:
    """Draw a north arrow at the upper right."""
    axes.annotate(
        "N",
        xy=(0.97, 0.97),
        xytext=(0.97, 0.89),
        xycoords="axes fraction",
        ha="center",
        va="center",
        fontsize=12,
        fontweight="bold",
        arrowprops={"arrowstyle": "-|>", "color": "black", "lw": 1.5},
    )
