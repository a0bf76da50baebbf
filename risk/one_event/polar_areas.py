"""Areas around one source where a field is above a level; the wind blows along x."""

import itertools
from collections.abc import Iterable
from typing import Any, TypeAlias

import contourpy
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon

__all__ = ["Area", "nested", "outlined", "polar_areas", "united", "valid"]

Floats = NDArray[np.float64]
Area: TypeAlias = Polygon | MultiPolygon

_COARSENING = 2e-4  # of the reach: outlines are drawn to this


def _polygons(shape: Any) -> Area:
    """Polygons of a geometry, lines and points left out."""
    parts = [part for part in shapely.get_parts(shapely.get_parts(shape)) if isinstance(part, Polygon)]
    found: Area = parts[0] if len(parts) == 1 else MultiPolygon(parts)
    return found


def valid(shape: Any) -> Area:
    """A valid shape of the same area."""
    return _polygons(shapely.make_valid(shape))


def nested(areas: Iterable[Area]) -> list[Area]:
    """Areas from the innermost out, each widened to hold the one before it."""
    found: list[Area] = []
    for area in areas:
        found.append(united([found[-1], area]) if found and not area.covers(found[-1]) else area)
    return found


def polar_areas(radius: Floats, angle: Floats, values: Floats, levels: Iterable[float]) -> list[Area]:
    """Areas where values on a polar grid are at or above each level.

    Parameters
    ----------
    radius : array, shape (n,)
        Ascending; the values of the first hold within it. [m]
    angle : array, shape (m,)
        Ascending; from -π to π exactly: all round. [rad]
    values : array, shape (n, m)
        Linear between the nodes.
    levels : iterable of float
        From the highest down.

    Returns
    -------
    list of Polygon or MultiPolygon
        One for each level, each within the next, about the source at the origin; empty where nothing is as high.
    """
    rings = np.concatenate([[0.0], radius])
    x, y = rings[:, None] * np.cos(angle), rings[:, None] * np.sin(angle)
    if angle[-1] - angle[0] >= 2.0 * np.pi - 1e-9:
        x[:, -1], y[:, -1] = x[:, 0], y[:, 0]
    generator = contourpy.contour_generator(
        x, y, np.concatenate([values[:1], values]), fill_type=contourpy.FillType.OuterOffset
    )
    tiny, step = radius[0] ** 2, _COARSENING * radius[-1]
    found = []
    for level in levels:
        parts = []
        for points, offsets in zip(*generator.filled(level, np.inf), strict=True):
            rings_of = [points[first:last] for first, last in itertools.pairwise(offsets)]
            parts.append(Polygon(rings_of[0], [ring for ring in rings_of[1:] if Polygon(ring).area > tiny]))
        whole = united(parts)
        # the quads around the source are degenerate and leave pin holes
        filled = united(
            Polygon(part.exterior, [ring for ring in part.interiors if Polygon(ring).area > tiny])
            for part in shapely.get_parts(whole)
        )
        found.append(valid(shapely.simplify(filled, step)))
    return nested(found)


def outlined(distance: Floats, edge: Floats) -> Area:
    """Shape that is the same on both sides of the axis: half-width over the distance downwind. [m]"""
    upper = np.column_stack([distance, edge])
    return valid(Polygon(np.concatenate([upper, upper[::-1] * [1.0, -1.0]]))) if len(upper) > 1 else MultiPolygon()


def united(parts: Iterable[Any]) -> Area:
    """One valid shape of all."""
    return _polygons(shapely.union_all([shapely.make_valid(part) for part in parts]))
