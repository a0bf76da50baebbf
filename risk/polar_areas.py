"""Fields around one source: lethality from a footprint at any place, and areas above a level, the wind along x."""

import itertools
from collections.abc import Iterable
from typing import Any, TypeAlias

import contourpy
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.special import ndtri
from shapely.geometry import MultiPolygon, Polygon

from parkrisk.models.footprint import INDIVIDUAL, Footprint, PolarGrid
from parkrisk.scenarios.expand import Outcome

__all__ = ["Area", "LethalityMap", "nested", "polar_areas", "valid"]

Floats = NDArray[np.float64]
Area: TypeAlias = Polygon | MultiPolygon

_COARSE = PolarGrid(r_max=12_500.0)  # on which the reach is found; clouds are followed for 12 km
_RINGS, _BINS = 480, 1440  # of the grid fitted to the reach
_DEPTH = 1500.0  # largest over smallest ring
_NEAREST = 0.5  # smallest ring [m]
_CERTAIN = 1e-12  # by which a probability differs from 0 and 1 in the scale of contours
_COARSENING = 2e-4  # of the reach: outlines are drawn to this


def _polygons(shape: Any) -> Area:
    """Polygons of a geometry, lines and points left out."""
    parts = [part for part in shapely.get_parts(shapely.get_parts(shape)) if isinstance(part, Polygon)]
    found: Area = parts[0] if len(parts) == 1 else MultiPolygon(parts)
    return found


def valid(shape: Any) -> Area:
    """A valid shape of the same area."""
    return _polygons(shapely.make_valid(shape))


def _united(parts: Iterable[Any]) -> Area:
    return _polygons(shapely.union_all([shapely.make_valid(part) for part in parts]))


def nested(areas: Iterable[Area]) -> list[Area]:
    """Areas from the innermost out, each widened to hold the one before it."""
    found: list[Area] = []
    for area in areas:
        found.append(_united([found[-1], area]) if found and not area.covers(found[-1]) else area)
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
        whole = _united(parts)
        # the quads around the source are degenerate and leave pin holes
        filled = _united(
            Polygon(part.exterior, [ring for ring in part.interiors if Polygon(ring).area > tiny])
            for part in shapely.get_parts(whole)
        )
        found.append(valid(shapely.simplify(filled, step)))
    return nested(found)


def _reach(footprint: Footprint, grid: PolarGrid) -> float:
    """Distance beyond which nobody dies; 0: nobody dies anywhere. [m]"""
    ring = np.flatnonzero(footprint.count)
    farthest = 0.0 if not ring.size else float(grid.radius[min(int(ring[-1]) + 1, grid.n_rings - 1)])
    return max(farthest, float(footprint.disc_radius.max(initial=0.0)))


class LethalityMap:
    """Lethality of one outcome at any place, from its footprint on a grid as fine as its reach allows.

    Parameters
    ----------
    outcome : Outcome

    Attributes
    ----------
    reach : float
        [m]
    """

    def __init__(self, outcome: Outcome) -> None:
        self.reach = _reach(outcome.footprint(_COARSE), _COARSE)
        outer = 1.1 * max(self.reach, 10.0 * _NEAREST)
        self._grid = PolarGrid(_RINGS, _BINS, max(outer / _DEPTH, _NEAREST), outer)
        footprint = outcome.footprint(self._grid)
        most = int(footprint.count.max(initial=0))
        # one bin more than the widest ring has, so that the field falls to 0
        self._values = np.zeros((3, _RINGS, min(most + 1, _BINS // 2)))
        stored = np.arange(self._values.shape[2]) < footprint.count[:, None]
        self._values[:, stored] = footprint.lethality
        self._radius, self._lethality = footprint.disc_radius, footprint.disc_lethality

    def at(self, distance: Floats, angle: Floats) -> Floats:
        """Lethality at polar points.

        Parameters
        ----------
        distance, angle : array, shape (n,)
            From the source [m] and from the downwind axis [rad].

        Returns
        -------
        array, shape (3, n)
            Rows INDIVIDUAL, OUTDOOR, INDOOR.
        """
        grid, bins = self._grid, self._values.shape[2]
        step = np.log(grid.r_max / grid.r_min) / (grid.n_rings - 1)
        ring = np.log(np.maximum(distance, grid.r_min) / grid.r_min) / step
        away = np.abs(np.arctan2(np.sin(angle), np.cos(angle)))
        place = np.clip(away / grid.bin_width - 0.5, 0.0, None)
        i, j = np.minimum(ring.astype(int), grid.n_rings - 2), np.minimum(place.astype(int), bins - 1)
        u, v, k = ring - i, np.minimum(place - j, 1.0), np.minimum(j + 1, bins - 1)
        low = (1.0 - v) * self._values[:, i, j] + v * self._values[:, i, k]
        high = (1.0 - v) * self._values[:, i + 1, j] + v * self._values[:, i + 1, k]
        inside = distance[:, None] <= self._radius
        discs = self._lethality @ inside.T.astype(np.float64)
        return np.minimum(np.where(distance <= grid.r_max, (1.0 - u) * low + u * high, 0.0) + discs, 1.0)

    def areas(self, levels: Iterable[float], row: int = INDIVIDUAL) -> list[Area]:
        """Areas where the lethality of a row is at least each level, from the highest down; the wind blows along x."""
        grid, values = self._grid, self._values[row]
        inside = grid.radius[:, None] <= self._radius
        discs = inside.astype(np.float64) @ self._lethality[row]
        angle = (np.arange(values.shape[1]) + 0.5) * grid.bin_width
        if discs.any() or values.shape[1] == _BINS // 2:
            every = (np.arange(_BINS // 2) + 0.5) * grid.bin_width if discs.any() else angle
            wide = np.zeros((grid.n_rings, every.size))
            wide[:, : values.shape[1]] = values
            # the far side of the axis once more, so that the ring closes
            values, angle = np.column_stack([wide, wide[:, -1]]), np.append(every, np.pi)
        both = np.column_stack([values[:, ::-1], values])
        turn = np.concatenate([-angle[::-1], angle])
        total = np.clip(both + discs[:, None], _CERTAIN, 1.0 - _CERTAIN)
        return polar_areas(grid.radius, turn, ndtri(total), ndtri(list(levels)).tolist())
