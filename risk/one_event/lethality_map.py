"""Lethality of one outcome at any place around its source, and where it reaches a level."""

import dataclasses
import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.special import ndtri

from parkrisk.models.blast.outcome import Blast
from parkrisk.models.cloud.flammable import FlammableCloud
from parkrisk.models.cloud.outcomes import FlashFire
from parkrisk.models.constants import constants
from parkrisk.models.footprint import INDIVIDUAL, Footprint, PolarGrid
from parkrisk.models.sequence import FlashThenPoolFire
from parkrisk.risk.one_event.polar_areas import Area, nested, outlined, polar_areas, united

__all__ = ["LethalityMap"]

Floats = NDArray[np.float64]

_COARSE = PolarGrid(r_max=12_500.0)  # on which the reach is found; clouds are followed for 12 km
_RINGS, _BINS = 480, 1440  # of the grid fitted to the reach
_DEPTH = 1500.0  # largest over smallest ring
_NEAREST = 0.5  # smallest ring [m]
_CERTAIN = 1e-12  # by which a probability differs from 0 and 1 in the scale of contours
_CIRCLE = 64  # pieces of a quarter of a circle


def _reach(footprint: Footprint, grid: PolarGrid) -> float:
    """Distance beyond which nobody dies; 0: nobody dies anywhere. [m]"""
    ring = np.flatnonzero(footprint.count)
    farthest = 0.0 if not ring.size else float(grid.radius[min(int(ring[-1]) + 1, grid.n_rings - 1)])
    return max(farthest, float(footprint.disc_radius.max(initial=0.0)))


class LethalityMap:
    """Lethality of one outcome at any place.

    Steps (the edge of a flash fire, the circles of a blast) are exact; the rest is the outcome's footprint on a grid as
    fine as its reach allows.

    Parameters
    ----------
    outcome : Outcome

    Attributes
    ----------
    reach : float
        Beyond it nobody dies. [m]
    """

    def __init__(self, outcome: Any) -> None:
        self._flash: FlammableCloud | None = None
        self._centre = 0.0
        smooth = outcome
        if isinstance(outcome, FlashFire | FlashThenPoolFire):
            flash = outcome.flash if isinstance(outcome, FlashThenPoolFire) else outcome
            self._flash = flash.cloud
            smooth = getattr(outcome, "pool", None)
        elif isinstance(outcome, Blast):
            self._centre = outcome.centre_distance
            smooth = dataclasses.replace(outcome, centre_distance=0.0)  # type: ignore[type-var]
        self._take(smooth)
        flashed = 0.0 if self._flash is None else math.hypot(self._flash.reach, self._flash.half_width)
        self.reach = max(self._centre + self._smooth_reach, flashed)

    def _take(self, outcome: Any | None) -> None:
        """Footprint of what is smooth, and its discs."""
        coarse = None if outcome is None else outcome.footprint(_COARSE)
        self._smooth_reach = 0.0 if coarse is None else _reach(coarse, _COARSE)
        outer = 1.1 * max(self._smooth_reach, 10.0 * _NEAREST)
        self._grid = PolarGrid(_RINGS, _BINS, max(outer / _DEPTH, _NEAREST), outer)
        if outcome is None:
            self._values = np.zeros((3, _RINGS, 1))
            self._radius, self._lethality = np.zeros(0), np.zeros((3, 0))
            return
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
        along, across = distance * np.cos(angle), distance * np.sin(angle)
        inside = np.hypot(along - self._centre, across)[:, None] <= self._radius
        discs = self._lethality @ inside.T.astype(np.float64)
        smooth = np.minimum(np.where(distance <= grid.r_max, (1.0 - u) * low + u * high, 0.0) + discs, 1.0)
        flashed: Floats = self._flashed(along, across)
        return 1.0 - (1.0 - smooth) * (1.0 - flashed)

    def _flashed(self, along: Floats, across: Floats) -> Floats:
        """Lethality of the flash fire."""
        if self._flash is None or self._flash.distance.size < 2:
            return np.zeros(along.size)
        edge = np.interp(along, self._flash.distance, self._flash.edge, left=-1.0, right=-1.0)
        return np.where(np.abs(across) <= edge, constants("dispersion")["flash_fire_lethality"].value, 0.0)

    def areas(self, levels: Iterable[float], row: int = INDIVIDUAL) -> list[Area]:
        """Areas where the lethality of a row is at least each level, from the highest down; the wind blows along x."""
        wanted = list(levels)
        found = self._contours(wanted, row) if self._values[row].any() else [self._disc(level, row) for level in wanted]
        if self._flash is not None:
            # who is inside the flash dies
            flash = outlined(self._flash.distance, self._flash.edge)
            found = [united([area, flash]) for area in found]
        return nested(found)

    def _disc(self, level: float, row: int) -> Area:
        """The largest circle in which discs alone add up to a level."""
        within = self._radius[:, None] <= self._radius
        enough = self._radius[within.astype(np.float64) @ self._lethality[row] >= level]
        if not enough.size:
            return shapely.MultiPolygon()
        circle: Area = shapely.Point(self._centre, 0.0).buffer(float(enough.max()), _CIRCLE)
        return circle

    def _contours(self, levels: list[float], row: int) -> list[Area]:
        grid, values = self._grid, self._values[row]
        inside = grid.radius[:, None] <= self._radius
        discs = inside.astype(np.float64) @ self._lethality[row]
        angle = (np.arange(values.shape[1]) + 0.5) * grid.bin_width
        if discs.any() or values.shape[1] == _BINS // 2:
            every = (np.arange(_BINS // 2) + 0.5) * grid.bin_width
            wide = np.zeros((grid.n_rings, every.size))
            wide[:, : values.shape[1]] = values
            # the far side of the axis once more, so that the ring closes
            values, angle = np.column_stack([wide, wide[:, -1]]), np.append(every, np.pi)
        both = np.column_stack([values[:, ::-1], values])
        turn = np.concatenate([-angle[::-1], angle])
        total = np.clip(both + discs[:, None], _CERTAIN, 1.0 - _CERTAIN)
        return polar_areas(grid.radius, turn, ndtri(total), ndtri(levels).tolist())
