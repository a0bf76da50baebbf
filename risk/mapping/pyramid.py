"""The raster while sources are added to it: integers on nodes that lie the wider apart the farther from the source."""

import math

import numpy as np

from parkrisk.risk.footprints.library import Floats, Integers
from parkrisk.risk.mapping import stamping
from parkrisk.risk.mapping.kept import Share, Stamp

#: Nodes are at least this many times nearer to each other than to the source, however smooth its field is.
LEAST_NODES = 24.0
#: A level hands a source on to the next one between a radius and this many times that radius.
FADE = 1.3


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
    """

    def __init__(self, corner: Floats, shape: tuple[int, int], reach: float) -> None:
        cell = float(corner[2])
        farthest = min(reach, cell * math.hypot(*shape))
        count = 1 + max(0, math.floor(math.log2(farthest / (LEAST_NODES * cell))))
        self.corner = corner
        self.shape = shape
        self.levels: list[Integers] = []
        self.rasters: list[Floats] = []
        for level in range(count):
            step = 2**level
            ny, nx = (math.ceil((cells - 1) / step) + 1 + 2 * stamping.HALO for cells in shape)
            self.levels.append(np.zeros((ny, nx), dtype=np.int64))
            margin = stamping.HALO * step * cell
            self.rasters.append(np.array([corner[0] - margin, corner[1] - margin, step * cell]))
        self.steps: Integers | None = None

    def radii(self, radius: Floats, spacing: Floats) -> list[float]:
        """How far from a source each level but the last carries its whole field.

        Parameters
        ----------
        radius : array, shape (n_rings,)
            [m]
        spacing : array, shape (n_used,)
            Distance that the nodes may have on each ring that is not 0, as a share of its radius.

        Returns
        -------
        list of float
            The radius of the ring after the last one that needs nodes as near as those of the level. [m]
        """
        found: list[float] = []
        allowed = radius[: spacing.size] * spacing
        for raster in self.rasters[1:]:
            rings = np.flatnonzero(allowed < raster[2])
            needed = float(radius[min(rings[-1] + 1, radius.size - 1)]) if rings.size else 0.0
            least = FADE * found[-1] if found else 2.0 * float(radius[0])
            found.append(max(needed, least, LEAST_NODES * float(raster[2])))
        return found

    def stamp(
        self, table: Floats, rings: int, polar: Floats, reach: float, place: Floats, radii: list[float]
    ) -> tuple[Share, ...]:
        """Take the field of one source, level by level.

        Arguments as in `stamping.take_field`, ``reach`` as in `stamping.stretches`, ``radii`` as found by `radii`.
        """
        begins, ends = [0.0, *radii], [*radii, math.inf]
        shares = []
        for level, (raster, begin, end) in enumerate(zip(self.rasters, begins, ends, strict=True)):
            if reach > begin:
                ramps = (begin, FADE * begin, end, FADE * end)
                where = stamping.stretches(reach, place, raster, ramps, self.levels[level].shape)
                values = stamping.take_field(table, rings, polar, place, raster, ramps, where)
                shares.append(Share(level, where, values))
        return tuple(shares)

    def add(self, place: Floats, stamp: Stamp, factor: float) -> None:
        """Add what one source does, times a factor. [1/yr]"""
        for share in stamp.shares:
            stamping.spread(share.stretches, share.values, factor, self.levels[share.level])
        for radius, value in stamp.discs:
            if self.steps is None:
                self.steps = np.zeros((self.shape[0], self.shape[1] + 1), dtype=np.int64)
            stamping.mark_disc(place, self.corner, radius, stamping.fixed(factor * value), self.steps)

    def merge(self, other: "Pyramid") -> None:
        """Add all that another pyramid over the same raster holds."""
        for total, more in zip(self.levels, other.levels, strict=True):
            total += more
        if self.steps is None:
            self.steps = other.steps
        elif other.steps is not None:
            self.steps += other.steps

    def close(self) -> tuple[Integers, ...]:
        """Put the discs on the first level and give the levels, halo included. [2^-60/yr]"""
        halo = stamping.HALO
        if self.steps is not None:
            stamping.fill_discs(self.steps, self.levels[0][halo : halo + self.shape[0], halo : halo + self.shape[1]])
            self.steps = None
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
