"""One outcome after another: a flash fire burns back to its source and leaves a pool fire."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.cloud.outcomes import FlashFire
from parkrisk.models.fire.engulfing import Engulfing
from parkrisk.models.fire.pool_fire import PoolFire
from parkrisk.models.footprint import Footprint, PolarGrid

__all__ = ["FlashThenPoolFire", "union"]

Array = NDArray[np.float64]
Counts = NDArray[np.int32]


@kernel
def _union(
    count: Counts, first: Array, second: Array, first_count: Counts, second_count: Counts, discs: Array
) -> Array:
    """Lethality of both on ``count`` bins a ring, without the discs of the second (their lethality at each ring)."""
    out = np.zeros((3, count.sum()))
    for row in range(3):
        start, start_first, start_second = 0, 0, 0
        for ring in range(count.size):
            disc = discs[row, ring]
            for j in range(count[ring]):
                before = first[row, start_first + j] if j < first_count[ring] else 0.0
                after = (second[row, start_second + j] if j < second_count[ring] else 0.0) + disc
                out[row, start + j] = min(max(before + after - before * after - disc, 0.0), 1.0)
            start += count[ring]
            start_first += first_count[ring]
            start_second += second_count[ring]
    return out


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
    count = np.maximum(first.count, second.count)
    inside = grid.radius[:, np.newaxis] <= second.disc_radius
    discs = second.disc_lethality @ inside.T.astype(np.float64)
    lethality = _union(count, first.lethality, second.lethality, first.count, second.count, discs)
    return Footprint(count, lethality, second.disc_radius, second.disc_lethality)


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

    @property
    def engulfing(self) -> Engulfing:
        """Flame of the pool fire, as it engulfs equipment."""
        return self.pool.engulfing

    def heat_flux(self, distance: ArrayLike, angle: ArrayLike) -> Array:
        """Of the pool fire; the flash itself is too short to heat anything. [W/m²]"""
        return self.pool.heat_flux(distance, angle)

    def footprint(self, grid: PolarGrid) -> Footprint:
        """Probability of death by either fire."""
        return union(self.flash.footprint(grid), self.pool.footprint(grid), grid)

    def casualty_radii(self) -> dict[str, float | None]:
        """Farther of the two, downwind, an outer radius never within an inner one [m]; None where neither has one."""
        first, then = self.flash.casualty_radii(), self.pool.casualty_radii()
        radii: dict[str, float | None] = {"domino_m": then["domino_m"]}
        inner = 0.0
        for name in ("death_m", "serious_m", "light_m"):
            inner = max(inner, first[name] or 0.0, then[name] or 0.0)
            radii[name] = inner or None
        return radii
