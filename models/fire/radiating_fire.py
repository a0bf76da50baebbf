"""What every fire answers about the heat around it."""

import functools
import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models.errors import OutOfRange
from parkrisk.models.fire.engulfing import Engulfing
from parkrisk.models.fire.flame import flame_flux, seen_from
from parkrisk.models.fire.heat_footprint import positive, receptors
from parkrisk.models.fire.heat_rings import flux_rings
from parkrisk.models.fire.ring_series import COSINES
from parkrisk.models.footprint import PolarGrid

__all__ = ["RadiatingFire"]

Array = NDArray[np.float64]


@functools.lru_cache(maxsize=8)
def _middles(n_bins: int) -> Array:
    """Cosines of the angles of the bins' middles, from the axis to behind."""
    half = n_bins // 2
    return np.asarray(np.cos((np.arange(half) + 0.5) * (math.pi / half)))


class RadiatingFire:
    """A fire whose flame stands around or before the origin; subclasses say where."""

    @property
    def _flame(self) -> Array:
        """Rows of ``parkrisk.models.fire.flame``."""
        raise NotImplementedError

    @property
    def engulfing(self) -> Engulfing | None:
        """Flame as it engulfs equipment; None: it does not last."""
        return None

    def _field(self, distance: Array, angle: Array) -> Array:
        """Heat flux on the ground, for places that need no check. [W/m²]"""
        flux: Array = flame_flux(self._flame, distance, angle)
        return flux

    def heat_flux(self, distance: ArrayLike, angle: ArrayLike = 0.0, height: float = 0.0) -> Array:
        """Heat flux on whoever faces the flame.

        Parameters
        ----------
        distance : float or array
            Along the ground, from the middle of the pool, the hole or the vessel. [m]
        angle : float or array
            From the downwind axis. [rad]
        height : float
            Of the receptor above the ground. [m]

        Returns
        -------
        array
            [W/m²]

        Raises
        ------
        OutOfRange
            A distance is negative or not finite, or the height is not 0 to 200 m.
        """
        r, a = receptors(distance, angle)
        if not 0.0 <= height <= 200.0:
            raise OutOfRange(
                f"受体高度 {height} m 超出 0 至 200 m", f"height of the receptor {height} m outside 0 to 200 m"
            )
        seen = self._flame if height == 0.0 else seen_from(self._flame, height)
        return np.asarray(flame_flux(seen, r.ravel(), a.ravel()).reshape(r.shape))

    def heat_field(self, grid: PolarGrid, least: float = 100.0) -> Array:
        """Heat flux on every ring at the middle of every bin, from the downwind axis to behind.

        Parameters
        ----------
        grid : PolarGrid
            Rings and bins.
        least : float
            Weaker fluxes are given as 0. [W/m²]

        Returns
        -------
        array, shape (n_rings, n_bins / 2)
            Alike on either side of the axis. [W/m²]

        Raises
        ------
        OutOfRange
            ``least`` is not positive.
        """
        positive(least=least)
        return np.asarray(flux_rings(self._flame, grid.radius, _middles(grid.n_bins), least, COSINES))
