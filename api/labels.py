"""Labels on a crowded map: each beside its place, none over another."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from numpy.typing import NDArray

__all__ = ["place_labels", "settle"]

_ANGLES = np.radians(np.arange(0.0, 360.0, 15.0))
_GAPS = (3.0, 10.0, 20.0, 34.0, 52.0, 75.0, 105.0, 140.0, 180.0, 230.0)  # between a place and its label [px]
_OVER_UNIT = 40.0  # a label over a unit is as bad as one so many pixels further away
_OVER_PLACE = 400.0  # ... and over a place that is labelled itself

Boxes = NDArray[np.float64]  # left, bottom, right, top [px], shape (n, 4)


def settle(axes: Axes) -> None:
    """Give a figure that lays itself out its final layout, so that places on the map have their pixels."""
    figure = axes.get_figure(root=True)
    FigureCanvasAgg(figure)
    if figure is not None and figure.get_layout_engine() is not None:
        figure.draw_without_rendering()
        figure.set_layout_engine("none")


def _overlaps(box: Boxes, others: Boxes, margin: float = 0.0) -> NDArray[np.bool_]:
    """Which boxes meet which others, shape (len(box), len(others))."""
    a, b = box[:, None, :], others[None, :, :]
    apart = (a[..., 0] > b[..., 2] + margin) | (a[..., 2] < b[..., 0] - margin)
    return ~(apart | (a[..., 1] > b[..., 3] + margin) | (a[..., 3] < b[..., 1] - margin))


def _around(places: NDArray[np.float64], radius: NDArray[np.float64]) -> Boxes:
    return np.column_stack([places - radius[:, None], places + radius[:, None]])


def place_labels(
    axes: Axes,
    labels: Sequence[tuple[float, float, float, str]],
    obstacles: Sequence[tuple[float, float, float]],
    *,
    size: float = 8.0,
    written: Sequence[Text] = (),
) -> int:
    """Write labels near their places, the first ones nearest; a label that finds no room is left out.

    Parameters
    ----------
    axes : Axes
        Settled, see `settle`.
    labels : sequence of (x, y, radius, text)
        In data coordinates.
    obstacles : sequence of (x, y, radius)
        What should better not be covered.
    size : float
        Of the font. [pt]
    written : sequence of Text
        What stands on the map already; one that lies over another is taken away.

    Returns
    -------
    int
        How many were written.
    """
    if not labels:
        _written(written)
        return 0
    pixels = axes.transData.transform
    scale = math.hypot(*(pixels((1.0, 0.0)) - pixels((0.0, 0.0))))
    places = pixels(np.array([label[:2] for label in labels]))
    radius = np.array([label[2] for label in labels]) * scale
    around = np.array(obstacles, dtype=np.float64).reshape(-1, 3)
    others = _around(pixels(around[:, :2]).reshape(-1, 2), around[:, 2] * scale)
    own = _around(places, np.maximum(radius, 3.0))
    frame = axes.get_window_extent()
    taken = _written(written)
    count = 0
    for number, (x, y, _, text) in enumerate(labels):
        centre, box, gap = _candidates(places[number], radius[number], _extent(axes, text, size))
        free = (box[:, 0] > frame.x0) & (box[:, 1] > frame.y0) & (box[:, 2] < frame.x1) & (box[:, 3] < frame.y1)
        free &= ~_overlaps(box, taken, 3.0).any(axis=1)
        if not free.any():
            continue
        cost = gap + _OVER_UNIT * _overlaps(box, others).sum(axis=1) + _OVER_PLACE * _overlaps(box, own).sum(axis=1)
        best = int(np.argmin(np.where(free, cost, np.inf)))
        taken = np.vstack([taken, box[best]])
        shift = (centre[best] - places[number]) * 72.0 / axes.figure.dpi
        axes.annotate(
            text,
            (x, y),
            xytext=tuple(shift),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=size,
            linespacing=1.05,
            bbox={"boxstyle": "round,pad=0.12", "facecolor": "white", "edgecolor": "none", "alpha": 0.8},
            arrowprops={"arrowstyle": "-", "lw": 0.6, "color": "#37474f", "shrinkA": 0.0, "shrinkB": 0.0},
            zorder=8.0,
        )
        count += 1
    return count


def _candidates(
    place: NDArray[np.float64], radius: float, extent: tuple[float, float]
) -> tuple[NDArray[np.float64], Boxes, NDArray[np.float64]]:
    """Where a label of this width and height may stand: centres, boxes, and gaps to its place. [px]"""
    angle, gap = (each.ravel() for each in np.meshgrid(_ANGLES, np.array(_GAPS)))
    half = 0.5 * np.array(extent)
    support = np.abs(np.cos(angle)) * half[0] + np.abs(np.sin(angle)) * half[1]
    centre = place + (radius + gap + support)[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return centre, np.column_stack([centre - half, centre + half]), gap


def _written(texts: Sequence[Text]) -> Boxes:
    taken = np.zeros((0, 4))
    for text in texts:
        box = np.array([[*text.get_window_extent().extents]])
        if _overlaps(box, taken).any():
            text.remove()
        else:
            taken = np.vstack([taken, box])
    return taken


def _extent(axes: Axes, text: str, size: float) -> tuple[float, float]:
    """Width and height of a text with a little room around it. [px]"""
    shown = axes.text(0.0, 0.0, text, fontsize=size, linespacing=1.05, transform=None)
    extent = shown.get_window_extent()
    shown.remove()
    return extent.width + 5.0, extent.height + 5.0
