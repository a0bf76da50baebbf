"""Parts of a map: page with its legends, frame, scale, north, units."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import EllipseCollection, LineCollection, PatchCollection
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Outline
from matplotlib.text import Text

from parkrisk.api.drawn.page import SMALL, WIDTH, Words
from parkrisk.scenarios import schema
from parkrisk.scenarios.park import Park
from parkrisk.scenarios.reading.areas import shapes_of

KIND_COLOURS = {
    "atmospheric_tank": "#8fa3b3",
    "refrigerated_tank": "#56b4e9",
    "pressure_vessel": "#0072b2",
    "process_vessel": "#009e73",
    "reactor": "#009e73",
    "column": "#009e73",
    "pipeline": "#e69f00",
    "loading_arm": "#d55e00",
    "warehouse": "#f0e442",
    "cylinder_store": "#f0e442",
}
OTHER_KIND_COLOUR = "#cc79a7"
TARGET_MARKERS = {
    "high-sensitivity": "P",
    "important": "D",
    "general class 1": "^",
    "general class 2": "s",
    "general class 3": "o",
}

TARGET_COLOUR = "#7b1fa2"

#: Blocks of a scattered park that get a map of their own, each with this share of the units at least.
MOST_BLOCKS = 5
_LEAST_SHARE = 0.05

_LEFT, _BOTTOM, _TOP = 0.66, 0.44, 0.3  # margins of a map [in]
_KEY = 1.72  # width of the legends beside it [in]
_MAP = WIDTH - _LEFT - _KEY - 0.1
_LOWEST, _HIGHEST = 0.72, 1.3  # height of a map by its width
_LINE = 0.16  # of the notes below [in]

#: Left, bottom, right, top. [m]
Bounds = tuple[float, float, float, float]


def draw_area(axes: Axes, shape: shapely.Geometry, **style: Any) -> None:
    """Draw polygons, with their holes, as patches of this style."""
    for polygon in shapely.get_parts(shape):
        rings = [polygon.exterior, *polygon.interiors]
        outline = Outline.make_compound_path(*(Outline(np.asarray(ring.coords)[:, :2]) for ring in rings))
        axes.add_artist(PathPatch(outline, **style))  # add_patch would measure it for limits that the map sets itself


def draw_boundary(axes: Axes, park: Park) -> None:
    """Draw the boundary of a park, dashed, if it has one."""
    if park.boundary is not None:
        for ring in shapely.get_parts(shapely.boundary(park.boundary)):
            axes.plot(*np.asarray(ring.coords).T[:2], color="black", lw=1.2, ls="--", zorder=1)


def draw_units(axes: Axes, units: Any) -> None:
    """Draw units at their size, coloured by kind; those without a diameter as squares."""
    for kind, group in units.groupby("kind", sort=True):
        style: Any = {"facecolor": KIND_COLOURS.get(str(kind), OTHER_KIND_COLOUR), "edgecolor": "#263238", "lw": 0.3}
        round_ = np.isfinite(group["diameter_m"].to_numpy())
        size = group.loc[round_, "diameter_m"].clip(lower=4.0).to_numpy()
        places = group[["x", "y"]].to_numpy()
        discs = EllipseCollection(
            size,
            size,
            np.zeros(len(size)),
            units="xy",
            offsets=places[round_],
            offset_transform=axes.transData,
            **style,
        )
        axes.add_collection(discs, autolim=False)
        squares = [Rectangle((x - 6, y - 6), 12, 12) for x, y in places[~round_]]
        if squares:
            axes.add_collection(PatchCollection(squares, **style), autolim=False)


def unit_key(units: Any, words: Words) -> list[Any]:
    """Entries of the legend for the kinds of units."""
    kinds = set(units["kind"])
    entries: dict[str, list[str]] = {}
    for choice in schema.choices("unit_kind"):
        if choice.value in kinds:
            colour = KIND_COLOURS.get(choice.value, OTHER_KIND_COLOUR)
            entries.setdefault(colour, []).append(words.say(choice.label_zh, choice.label_en))
    comma = words.say("、", ", ")
    return [
        Line2D(
            [],
            [],
            marker="o",
            ls="none",
            ms=6,
            mec="#263238",
            mew=0.5,
            color=colour,
            label=words.broken(comma.join(names), 11),
        )
        for colour, names in entries.items()
    ]


def draw_targets(axes: Axes, targets: Any, colour: str = TARGET_COLOUR) -> None:
    """Draw protection targets by class, areas with their outline."""
    rings = [np.asarray(each.exterior.coords) for each in shapely.get_parts(shapes_of(targets)) if each.area > 0.0]
    axes.add_collection(LineCollection(rings, colors=colour, linewidths=0.8), autolim=False)
    style: Any = {"color": colour, "ms": 6.5, "mec": "white", "mew": 0.5, "ls": "none", "zorder": 5.0}
    for name, group in targets.groupby("class", sort=True):
        axes.plot(group["x"], group["y"], TARGET_MARKERS.get(str(name), "x"), **style)


def target_key(targets: Any, words: Words) -> list[Any]:
    """Entries of the legend for the classes of targets."""
    held = set(targets["class"])
    return [
        Line2D([], [], marker=marker, ls="none", ms=6.5, color=TARGET_COLOUR, label=words[name])
        for name, marker in TARGET_MARKERS.items()
        if name in held
    ]


def boundary_key(park: Park, words: Words) -> list[Any]:
    """Entry of the legend for the boundary, if there is one."""
    return [] if park.boundary is None else [Line2D([], [], color="black", lw=1.0, ls="--", label=words["boundary"])]


@dataclass(frozen=True)
class Sheet:
    """A page with a map: its bounds fill it, undistorted, legends stand beside it and notes below.

    Parameters
    ----------
    figure : Figure
    axes : Axes
    furniture : tuple of Text
        Scale and north arrow, which labels must not cover.
    """

    figure: Figure
    axes: Axes
    furniture: tuple[Text, ...]

    def beside(self, height: float) -> tuple[float, float, float, float]:
        """Room for a colour bar at the foot of the legends, as axes of a figure: left, bottom, width, height. [in]"""
        page = self.figure.get_figheight()
        low = self.axes.get_position().y0
        return (_LEFT + _MAP + 0.14) / WIDTH, low, 0.12 / WIDTH, height / page


def map_sheet(
    bounds: Bounds,
    title: str,
    keys: Sequence[tuple[str, Sequence[Any]]],
    words: Words,
    notes: Sequence[str] = (),
    room: float = 0.0,
) -> Sheet:
    """Begin a map.

    Parameters
    ----------
    bounds : (left, bottom, right, top)
        Shown at least; widened to the form of the page. [m]
    title : str
    keys : sequence of (title, entries)
        Legends, from the top down; those without entries are left out.
    words : Words
    notes : sequence of str
        Below the map, a line each.
    room : float
        Height kept free below the legends. [in]
    """
    figure = Figure(figsize=(WIDTH, WIDTH))
    canvas: Any = FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    legends = [_legend(axes, heading, entries) for heading, entries in keys if entries]
    scale = 1.0 / figure.dpi
    heights = [legend.get_window_extent(canvas.get_renderer()).height * scale + 0.1 for legend in legends]
    slope = (bounds[3] - bounds[1]) / (bounds[2] - bounds[0])
    high = max(_MAP * min(max(slope, _LOWEST), _HIGHEST), sum(heights) + room)
    low = _BOTTOM + _LINE * len(notes)
    page = low + high + _TOP + _LINE * title.count("\n")
    figure.set_figheight(page)
    axes.set_position((_LEFT / WIDTH, low / page, _MAP / WIDTH, high / page))
    top = low + high
    for legend, height in zip(legends, heights, strict=True):
        legend.set_bbox_to_anchor((_LEFT + _MAP + 0.06, top), figure.dpi_scale_trans)
        axes.add_artist(legend).set_clip_on(False)
        top -= height
    frame(axes, _filling(bounds, high / _MAP))
    axes.set_title(title, y=1.0)  # a place of its own: nothing to measure
    axes.set_xlabel(words["east"])
    axes.set_ylabel(words["north"])
    for number, note in enumerate(reversed(notes)):
        figure.text(0.08 / WIDTH, (0.06 + _LINE * number) / page, note, fontsize=SMALL, color="#6d4c41")
    return Sheet(figure, axes, (scale_bar(axes), north_arrow(axes)))


def _legend(axes: Axes, heading: str, entries: Sequence[Any]) -> Legend:
    return Legend(
        axes,
        list(entries),
        [entry.get_label() for entry in entries],
        title=heading,
        loc="upper left",
        frameon=False,
        alignment="left",
        borderaxespad=0.0,
        borderpad=0.2,
        handlelength=1.5,
    )


def _filling(bounds: Bounds, slope: float) -> Bounds:
    """Bounds widened to this height by width."""
    left, bottom, right, top = bounds
    wide, high = right - left, top - bottom
    more_high, more_wide = max(slope * wide - high, 0.0) / 2.0, max(high / slope - wide, 0.0) / 2.0
    return left - more_wide, bottom - more_high, right + more_wide, top + more_high


def blocks_of(park: Park) -> list[Any]:
    """Blocks of a scattered park with many units, the most first; none where the boundary is one polygon."""
    blocks = [] if park.boundary is None else list(shapely.get_parts(park.boundary))
    if len(blocks) < 2:
        return []
    units = park.tables["units"]
    places = shapely.points(units["x"].to_numpy(), units["y"].to_numpy())
    held = [int(shapely.covers(block, places).sum()) for block in blocks]
    order = np.argsort([-count for count in held], kind="stable")
    return [blocks[k] for k in order[:MOST_BLOCKS].tolist() if held[k] >= max(_LEAST_SHARE * len(units), 1.0)]


def mark_blocks(axes: Axes, blocks: Sequence[Bounds], words: Words) -> None:
    """Frame and number of the map of each block."""
    for number, (left, bottom, right, top) in enumerate(blocks, start=1):
        axes.plot([left, right, right, left, left], [bottom, bottom, top, top, bottom], color="#444444", lw=0.9)
        label = words.say(f"分图 {number}", f"map {number}")
        axes.text(left, top, label, fontsize=SMALL, ha="left", va="bottom", zorder=5)


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


def scale_bar(axes: Axes) -> Text:
    """Draw a scale bar of a round length at the lower left; gives its label."""
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    wanted = (right - left) / 5.0
    length = max(step for step in _round_lengths() if step <= max(wanted, 10.0))
    x, y = left + 0.04 * (right - left), bottom + 0.035 * (top - bottom)
    axes.plot([x, x + length], [y, y], color="black", lw=3, solid_capstyle="butt", zorder=9.0)
    label = f"{length / 1000.0:g} km" if length >= 1000.0 else f"{length:g} m"
    back = {"boxstyle": "square,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}
    return axes.text(
        x + length / 2.0, y + 0.015 * (top - bottom), label, ha="center", va="bottom", zorder=9.0, bbox=back
    )


def _round_lengths() -> list[float]:
    return [step * 10.0**power for power in range(1, 5) for step in (1.0, 2.0, 5.0)]


def north_arrow(axes: Axes) -> Text:
    """Draw a north arrow at the upper right; gives its letter."""
    return axes.annotate(
        "N",
        xy=(0.96, 0.98),
        xytext=(0.96, 0.89),
        xycoords="axes fraction",
        ha="center",
        va="center",
        fontsize=10,
        arrowprops={"arrowstyle": "-|>", "color": "black", "lw": 1.2},
        zorder=9.0,
    )
