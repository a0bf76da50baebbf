"""Footprints: what one outcome in one weather does to people around its own source.

A footprint lives on a polar grid whose axis points downwind; it is symmetric about that axis, so half of it is stored.
"""

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Rows of ``Footprint.lethality``: who is meant.
INDIVIDUAL = 0  #: a person outdoors, always there, unprotected (individual risk of GB 36894)
OUTDOOR = 1  #: a person outdoors as societal risk counts them (clothed, may shelter from heat)
INDOOR = 2  #: a person indoors as societal risk counts them


@dataclass(frozen=True)
class PolarGrid:
    """Rings with equal steps in ln r, and equal angular bins.

    Parameters
    ----------
    n_rings, n_bins : int
        Number of rings and of bins on the full circle; ``n_bins`` is even.
    r_min, r_max : float
        Radius of the first and the last ring. [m]
    """

    n_rings: int = 192
    n_bins: int = 720
    r_min: float = 2.5
    r_max: float = 10_000.0

    @functools.cached_property
    def radius(self) -> Array:
        """Ring radii, shape (n_rings,). [m]"""
        return np.geomspace(self.r_min, self.r_max, self.n_rings)

    @property
    def bin_width(self) -> float:
        """Width of an angular bin. [rad]"""
        return 2.0 * np.pi / self.n_bins


@dataclass(frozen=True)
class Footprint:
    """Probability of death around a source, per ring and angular bin.

    Parameters
    ----------
    count : int32 array, shape (n_rings,)
        How many bins are stored on each ring, from the downwind axis outward; beyond them the lethality is 0.
        Bin j covers the angles j*bin_width to (j+1)*bin_width from the axis, on either side.
    lethality : float64 array, shape (3, count.sum())
        Mean over each bin, ring after ring; rows INDIVIDUAL, OUTDOOR, INDOOR. Every disc (below) is left out of it.
    disc_radius : float64 array, shape (n_discs,)
        Axisymmetric steps: within this distance of the source ... [m]
    disc_lethality : float64 array, shape (3, n_discs)
        ... this much is added to the lethality.
    """

    count: NDArray[np.int32]
    lethality: Array
    disc_radius: Array
    disc_lethality: Array
