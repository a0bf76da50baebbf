"""The raster while sources are added to it: integers on nodes that lie the wider apart the farther from the source."""

import math

import numpy as np

from parkrisk.risk import stamping
from parkrisk.risk.library import Floats, Integers

#: The first level carries a source as far as this many cells; the error of the others falls with its fifth power.
NEAR_CELLS = 96


class Pyramid:
    """Levels of nodes, each twice as wide as the one before, and the discs.

    Parameters
    ----------
    corner : array, shape (3,)
        Centre of the lower left cell of the raster and width of a cell. [m]
    shape : tuple of int
        Rows and columns of the raster.
    reach : float
        No source reaches farther. [m]
    near_cells : int, optional
        How many cells around a source the first level carries it.
    """

    def __init__(self, corner: Floats, shape: tuple[int, int], reach: float, near_cells: int = NEAR_CELLS) -> None:
        cell = float(corner[2])
        farthest = min(reach, cell * math.hypot(*shape))
        count = 1 + max(0, math.ceil(math.log2(farthest / (near_cells * cell))))
        self.corner = corner
        self.shape = shape
        self.own = [near_cells * cell * 2.0**level for level in range(count)]
        self.levels: list[Integers] = []
        self.rasters: list[Floats] = []
        for level in range(count):
            step = 2**level
            ny, nx = (math.ceil((cells - 1) / step) + 1 + 2 * stamping.HALO for cells in shape)
            self.levels.append(np.zeros((ny, nx), dtype=np.int64))
            margin = stamping.HALO * step * cell
            self.rasters.append(np.array([corner[0] - margin, corner[1] - margin, step * cell]))
        self.steps = np.zeros((shape[0], shape[1] + 1), dtype=np.int64)

    def add(self, table: Floats, rings: int, polar: Floats, reach: float, place: Floats) -> None:
        """Add the field of one source; arguments as in `stamping.stamp`."""
        last = len(self.levels) - 1
        for level, (total, raster, own) in enumerate(zip(self.levels, self.rasters, self.own, strict=True)):
            if level == 0 or reach > 0.5 * own:
                carried = (own, level == 0, level == last)
                stamping.stamp(table, rings, polar, reach, place, raster, carried, total)

    def add_disc(self, place: Floats, radius: float, value: int) -> None:
        """Add a disc of constant value; arguments as in `stamping.mark_disc`."""
        stamping.mark_disc(place, self.corner, radius, value, self.steps)

    def merge(self, other: "Pyramid") -> None:
        """Add all that another pyramid over the same raster holds."""
        for total, more in zip(self.levels, other.levels, strict=True):
            total += more
        self.steps += other.steps

    def close(self) -> tuple[Integers, ...]:
        """Put the discs on the first level and give the levels, halo included. [2^-60/yr]"""
        halo = stamping.HALO
        inner = np.zeros(self.shape, dtype=np.int64)
        stamping.fill_discs(self.steps, inner)
        self.levels[0][halo : halo + self.shape[0], halo : halo + self.shape[1]] += inner
        self.steps[:] = 0
        return tuple(self.levels)


def raster_values(levels: tuple[Integers, ...], shape: tuple[int, int]) -> Floats:
    """Interpolate the levels of a pyramid down to its raster, nowhere below 0. [1/yr]"""
    halo = stamping.HALO
    values: Floats = levels[-1] / stamping.FIXED_POINT
    for finer in levels[-2::-1]:
        below: Floats = finer / stamping.FIXED_POINT
        stamping.refine(values, below)
        values = below
    return np.maximum(values[halo : halo + shape[0], halo : halo + shape[1]], 0.0)
