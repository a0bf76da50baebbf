"""Footprints: what one outcome in one weather does to people around its own source.

A footprint lives on a polar grid whose axis points downwind; it is symmetric about that axis, so half of it is stored.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: A step disc: radius [m] and the lethality inside it for INDIVIDUAL, OUTDOOR, INDOOR.
Disc = tuple[float, tuple[float, float, float]]

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


#: Bins whose neighbours bend the curve by more than this share of its value are integrated by Gauss panels.
_SMOOTH = 0.03
#: A panel is smooth enough when its outer nodes differ by less than this factor ...
_PANEL_RATIO = 5.0
#: ... and the square of its middle node is within this share of their product, as for an exponential.
_PANEL_BEND = 0.2
#: Other panels are halved until both halves together agree with the whole to this share (the halves are 64 times
#: better), or to this probability, or until a step has been cornered in 1/1024 of a bin.
_PANEL_RELATIVE = 1e-4
_PANEL_ABSOLUTE = 1e-9
_PANEL_HALVINGS = 10

_GAUSS_NODES = np.array([-np.sqrt(0.6), 0.0, np.sqrt(0.6)])
_GAUSS_WEIGHTS = np.array([5.0, 8.0, 5.0]) / 18.0


def from_lethality(
    grid: PolarGrid,
    lethality: Callable[[Array, Array], Array],
    reach: float,
    *,
    edge: Callable[[Array], Array] | None = None,
    discs: Sequence[Disc] = (),
) -> Footprint:
    """Mean lethality in every bin of the polar grid, integrated over the angle.

    Parameters
    ----------
    grid : PolarGrid
        Rings and bins.
    lethality : callable
        Takes distances from the source [m] and angles from the downwind axis [rad, 0 to π], both of shape (n,);
        gives probabilities of shape (3, n), rows INDIVIDUAL, OUTDOOR, INDOOR.
    reach : float
        No ring beyond this distance is affected. [m]
    edge : callable, optional
        Takes distances of shape (m,), gives the half-angle beyond which the lethality is 0: 0 is nowhere, π all round.
        [rad] A step at the edge is integrated exactly, a step elsewhere to an eighth of a bin.
    discs : sequence of (radius, (individual, outdoor, indoor))
        Axisymmetric steps, passed on as they are.

    Returns
    -------
    Footprint
        Rings are sampled at their radius, bins averaged over their angle. Those after the last
        affected one are not stored.

    Raises
    ------
    ValueError
        When the reach is not a number, or the lethality is not a probability everywhere.

    Notes
    -----
    Where the curve over neighbouring bins is smooth, the bin mean is the midpoint value plus 1/24 of its second
    difference (fourth order). Elsewhere, and near the edge, it is a three-point Gauss rule on panels halved as needed.
    """
    if np.isnan(reach):
        raise ValueError("reach is not a number")
    radius = grid.radius[grid.radius <= reach]
    half_circle = grid.n_bins // 2
    width = grid.bin_width
    limit: Array = np.full(radius.size, np.pi) if edge is None else np.clip(edge(radius), 0.0, np.pi)
    bins = np.minimum(np.ceil(limit / width - 1e-9), half_circle).astype(np.int64)
    ring = np.repeat(np.arange(radius.size), bins)
    number = np.arange(ring.size) - np.repeat(np.cumsum(bins) - bins, bins)
    low = np.asarray(number * width, dtype=np.float64)
    high: Array = np.minimum(low + width, limit[ring])
    mean = _bin_means(lethality, np.asarray(radius[ring]), low, high, number == bins[ring] - 1) * ((high - low) / width)
    if not np.all((mean >= 0.0) & (mean <= 1.0 + 1e-9)):
        raise ValueError("lethality is not a probability")
    affected = np.flatnonzero(mean.any(axis=0))
    stored = np.zeros(grid.n_rings, dtype=np.int32)
    np.maximum.at(stored, ring[affected], (number[affected] + 1).astype(np.int32))
    return Footprint(
        count=stored,
        lethality=np.ascontiguousarray(np.minimum(mean[:, number < stored[ring]], 1.0)),
        disc_radius=np.array([disc[0] for disc in discs], dtype=np.float64),
        disc_lethality=np.array([disc[1] for disc in discs], dtype=np.float64).reshape(-1, 3).T.copy(),
    )


def _bin_means(
    lethality: Callable[[Array, Array], Array],
    distance: Array,
    low: Array,
    high: Array,
    last: NDArray[np.bool_],
) -> Array:
    """Mean over each bin ``low`` to ``high`` [rad] at ``distance`` [m]; ``last`` marks the outermost bin of a ring."""
    if distance.size == 0:
        return np.zeros((3, 0))
    middle = lethality(distance, 0.5 * (low + high))
    index = np.arange(distance.size)
    inner = np.where(low == 0.0, index, index - 1)
    outer = np.where(last, index, index + 1)
    bend = middle[:, inner] - 2.0 * middle + middle[:, outer]
    rough = (np.abs(bend) > _SMOOTH * middle + _PANEL_ABSOLUTE).any(axis=0)
    # Next to the edge the midpoints are not evenly spaced; at an inflection the bend is small but changes fast.
    rough |= last & (high < np.pi - 1e-9)
    rough |= rough[inner] | rough[outer]
    mean = middle + bend / 24.0
    chosen = np.flatnonzero(rough)
    mean[:, chosen] = _panel_means(lethality, distance[chosen], low[chosen], high[chosen])
    return mean


def _panel_means(lethality: Callable[[Array, Array], Array], distance: Array, low: Array, high: Array) -> Array:
    """Mean over each interval ``low`` to ``high`` [rad] by Gauss rules on panels that are halved where needed."""
    nodes = _at_nodes(lethality, distance, low, high)
    mean = nodes @ _GAUSS_WEIGHTS
    first, middle, third = nodes[..., 0], nodes[..., 1], nodes[..., 2]
    smooth = np.abs(middle * middle - first * third) <= _PANEL_BEND * middle * middle
    smooth &= np.maximum(first, third) <= _PANEL_RATIO * np.minimum(first, third)
    smooth |= nodes.max(axis=2) <= _PANEL_ABSOLUTE
    owner = np.flatnonzero(~smooth.all(axis=0))
    whole, low, high = mean[:, owner], low[owner], high[owner]
    mean[:, owner] = 0.0
    share = np.ones(owner.size)
    for halving in range(_PANEL_HALVINGS):
        if owner.size == 0:
            break
        centre = 0.5 * (low + high)
        left = _at_nodes(lethality, distance[owner], low, centre) @ _GAUSS_WEIGHTS
        right = _at_nodes(lethality, distance[owner], centre, high) @ _GAUSS_WEIGHTS
        both = 0.5 * (left + right)
        split: NDArray[np.bool_] = np.any(np.abs(both - whole) > _PANEL_RELATIVE * both + _PANEL_ABSOLUTE, axis=0)
        done = ~split if halving < _PANEL_HALVINGS - 1 else np.ones_like(split)
        for row in range(3):
            mean[row] += np.bincount(owner[done], both[row, done] * share[done], minlength=distance.size)
        again = ~done
        low, high = np.concatenate((low[again], centre[again])), np.concatenate((centre[again], high[again]))
        whole = np.concatenate((left[:, again], right[:, again]), axis=1)
        owner, share = np.tile(owner[again], 2), np.tile(0.5 * share[again], 2)
    return mean


def _at_nodes(lethality: Callable[[Array, Array], Array], distance: Array, low: Array, high: Array) -> Array:
    """Lethality at the three Gauss nodes of each interval, shape (3, n, 3)."""
    centre, half = 0.5 * (low + high), 0.5 * (high - low)
    angle = centre[:, None] + half[:, None] * _GAUSS_NODES
    return lethality(np.repeat(distance, 3), angle.ravel()).reshape(3, -1, 3)
