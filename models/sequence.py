"""One outcome after another: a flash fire burns back to its source and leaves a pool fire."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models.cloud import FlashFire
from parkrisk.models.footprint import Footprint, PolarGrid
from parkrisk.models.pool_fire import PoolFire

__all__ = ["FlashThenPoolFire", "union"]

Array = NDArray[np.float64]


def _dense(footprint: Footprint, grid: PolarGrid) -> Array:
    """Lethality per ring and bin without discs, shape (3, n_rings, n_bins // 2)."""
    dense = np.zeros((3, grid.n_rings, grid.n_bins // 2))
    stored = np.arange(grid.n_bins // 2) < footprint.count[:, np.newaxis]
    dense[:, stored] = footprint.lethality
    return dense


def _discs(footprint: Footprint, grid: PolarGrid) -> Array:
    """Lethality of the discs at each ring, shape (3, n_rings, 1)."""
    inside = grid.radius[:, np.newaxis] <= footprint.disc_radius
    return (footprint.disc_lethality @ inside.T)[:, :, np.newaxis]


def union(first: Footprint, second: Footprint, grid: PolarGrid) -> Footprint:
    """Footprint of two outcomes in turn: who survives the first meets the second.

    Parameters
    ----------
    first, second : Footprint
        On the same grid; only ``second`` may have discs.
    grid : PolarGrid

    Returns
    -------
    Footprint
        1 − (1 − V₁)(1 − V₂), of bin means: exact where one of them is even over a bin.

    Raises
    ------
    ValueError
        If ``first`` has discs.
    """
    if first.disc_radius.size:
        raise ValueError("discs of the first outcome would count twice")
    discs = _discs(second, grid)
    before = _dense(first, grid)
    after = _dense(second, grid) + discs
    bins = np.clip(before + after - before * after - discs, 0.0, 1.0)
    numbers = np.arange(1, bins.shape[2] + 1)
    count = np.where(bins.max(axis=0) > 0.0, numbers, 0).max(axis=1).astype(np.int32)
    stored = np.arange(bins.shape[2]) < count[:, np.newaxis]
    return Footprint(count, bins[:, stored], second.disc_radius, second.disc_lethality)


@dataclass(frozen=True)
class FlashThenPoolFire:
    """A flash fire that flashes back to the pool it came from and sets it on fire.

    Parameters
    ----------
    flash : FlashFire
    pool : PoolFire
        In the same weather.
    """

    flash: FlashFire
    pool: PoolFire

    @property
    def emissive_power(self) -> float:
        """Of the pool fire's surface. [W/m²]"""
        return self.pool.emissive_power

    @property
    def duration(self) -> float:
        """Of the pool fire. [s]"""
        return self.pool.duration

    @property
    def flags(self) -> tuple[str, ...]:
        """Codes of the caveats of both."""
        return tuple(dict.fromkeys((*self.flash.flags, *self.pool.flags)))

    def heat_flux(self, distance: ArrayLike, angle: ArrayLike) -> Array:
        """Of the pool fire; the flash itself is too short to heat anything. [W/m²]"""
        return self.pool.heat_flux(distance, angle)

    def footprint(self, grid: PolarGrid) -> Footprint:
        """Probability of death by either fire."""
        return union(self.flash.footprint(grid), self.pool.footprint(grid), grid)

    def casualty_radii(self) -> dict[str, float | None]:
        """Farther of the two, downwind [m]; None where neither has one."""
        first, then = self.flash.casualty_radii(), self.pool.casualty_radii()
        return {name: max(first[name] or 0.0, then[name] or 0.0) or None for name in first}
