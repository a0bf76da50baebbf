"""Footprints: what one outcome in one weather does to people around its own source.

A footprint lives on a polar grid whose axis points downwind; it is symmetric about that axis, so half of it is stored.
"""

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel

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
    width = grid.bin_width
    limit: Array = np.full(radius.size, np.pi) if edge is None else np.clip(edge(radius), 0.0, np.pi)
    bins = np.minimum(np.ceil(limit / width - 1e-9), grid.n_bins // 2).astype(np.int64)
    distance, low, high = _lay_out(radius, limit, bins, width)
    if distance.size == 0:
        mean = np.zeros((3, 0))
    else:
        mean, rough = _smooth_means(np.ascontiguousarray(lethality(distance, 0.5 * (low + high))), bins, high)
        mean[:, rough] = _panel_means(lethality, distance[rough], low[rough], high[rough])
    count, stored, valid = _store(mean, bins, low, high, width, grid.n_rings)
    if not valid:
        raise ValueError("lethality is not a probability")
    return Footprint(
        count=count,
        lethality=stored,
        disc_radius=np.array([disc[0] for disc in discs], dtype=np.float64),
        disc_lethality=np.array([disc[1] for disc in discs], dtype=np.float64).reshape(-1, 3).T.copy(),
    )


@kernel
def _lay_out(radius: Array, limit: Array, bins: NDArray[np.int64], width: float) -> tuple[Array, Array, Array]:
    """Distance [m] and both angles [rad] of every bin, ring after ring."""
    size = np.sum(bins)
    distance, low, high = np.empty(size), np.empty(size), np.empty(size)
    k = 0
    for ring in range(radius.size):
        for number in range(bins[ring]):
            distance[k] = radius[ring]
            low[k] = number * width
            high[k] = min((number + 1) * width, limit[ring])
            k += 1
    return distance, low, high


@kernel
def _smooth_means(middle: Array, bins: NDArray[np.int64], high: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Mean over each bin from the values at the middle of the bins, and which bins are too rough for that."""
    mean = np.empty_like(middle)
    bent = np.zeros(middle.shape[1], dtype=np.bool_)
    start = 0
    for ring in range(bins.size):
        end = start + bins[ring]
        for k in range(start, end):
            # symmetric about the axis and about its far side
            inner, outer = max(k - 1, start), min(k + 1, end - 1)
            for row in range(3):
                value = middle[row, k]
                bend = middle[row, inner] - 2.0 * value + middle[row, outer]
                bent[k] |= abs(bend) > _SMOOTH * value + _PANEL_ABSOLUTE
                mean[row, k] = value + bend / 24.0
        # next to the edge the middles are not evenly spaced
        if end > start and high[end - 1] < np.pi - 1e-9:
            bent[end - 1] = True
        start = end
    rough = bent.copy()
    # at an inflection the bend is small but changes fast
    rough[1:] |= bent[:-1]
    rough[:-1] |= bent[1:]
    return mean, rough


@kernel
def _store(
    mean: Array, bins: NDArray[np.int64], low: Array, high: Array, width: float, n_rings: int
) -> tuple[NDArray[np.int32], Array, bool]:
    """Bins in store on each ring, their means over the whole bin, and whether all were probabilities."""
    count = np.zeros(n_rings, dtype=np.int32)
    valid = True
    start = 0
    for ring in range(bins.size):
        for k in range(start, start + bins[ring]):
            for row in range(3):
                valid &= -1e-12 <= mean[row, k] <= 1.0 + 1e-9
                if mean[row, k] > 0.0:
                    count[ring] = k - start + 1
        start += bins[ring]
    stored = np.empty((3, np.sum(count)))
    start, first = 0, 0
    for ring in range(bins.size):
        for j in range(count[ring]):
            cover = min((high[start + j] - low[start + j]) / width, 1.0)
            for row in range(3):
                stored[row, first + j] = min(max(mean[row, start + j], 0.0), 1.0) * cover
        start += bins[ring]
        first += count[ring]
    return count, stored, valid


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


#: Angles at which the part of a ring that may lie inside an outline is searched for where it enters and leaves.
_OUTLINE_ANGLES = 40
_OUTLINE_BISECTIONS = 40


def from_outline(grid: PolarGrid, distance: Array, edge: Array, inside: float) -> Footprint:
    """Footprint of an even lethality inside an outline that is symmetric about the downwind axis.

    Parameters
    ----------
    grid : PolarGrid
        Rings and bins.
    distance, edge : array, shape (n,)
        Along the axis, ascending, and half-width there [m]; straight between the nodes, nothing beyond the ends.
    inside : float
        Lethality for all inside.

    Returns
    -------
    Footprint
        Each bin holds the share of its arc that lies inside.
    """
    if distance.size < 2:
        return Footprint(np.zeros(grid.n_rings, dtype=np.int32), np.zeros((3, 0)), np.zeros(0), np.zeros((3, 0)))
    count, cover = _covered(grid.radius, grid.bin_width, grid.n_bins // 2, distance, edge)
    return Footprint(count, np.tile(inside * cover, (3, 1)), np.zeros(0), np.zeros((3, 0)))


@kernel
def _room(radius: float, angle: float, distance: Array, edge: Array) -> float:
    """How far inside the outline a point is, measured across the axis; negative outside. [m]"""
    x = radius * math.cos(angle)
    if x < distance[0] or x > distance[-1]:
        return -1.0
    i = min(max(int(np.searchsorted(distance, x)), 1), distance.size - 1)
    share = (x - distance[i - 1]) / (distance[i] - distance[i - 1])
    return float(edge[i - 1] + share * (edge[i] - edge[i - 1]) - radius * math.sin(angle))


@kernel
def _fill(radius: float, begin: float, end: float, width: float, distance: Array, edge: Array, cover: Array) -> None:
    """Add to each bin of a ring the share of it that lies inside the outline, between two angles [rad]."""
    step = (end - begin) / _OUTLINE_ANGLES
    low, was = begin, _room(radius, begin, distance, edge) >= 0.0
    for k in range(1, _OUTLINE_ANGLES + 1):
        high = begin + k * step
        here = _room(radius, high, distance, edge) >= 0.0
        first, last = low, high
        if was != here:
            a, b = low, high
            for _ in range(_OUTLINE_BISECTIONS):
                middle = 0.5 * (a + b)
                if (_room(radius, middle, distance, edge) >= 0.0) == was:
                    a = middle
                else:
                    b = middle
            first, last = (low, a) if was else (b, high)
        if was or here:
            for j in range(int(first / width), min(int(last / width) + 1, cover.size)):
                cover[j] += max(min(last, (j + 1) * width) - max(first, j * width), 0.0) / width
        low, was = high, here


@kernel
def _covered(radius: Array, width: float, n_bins: int, distance: Array, edge: Array) -> tuple[NDArray[np.int32], Array]:
    """Bins in store on each ring, and the share of each that lies inside."""
    widest, upwind, reach = np.max(edge), -distance[0], 0.0
    for i in range(distance.size):
        reach = max(reach, math.hypot(distance[i], edge[i]))
    upwind = math.hypot(max(upwind, 0.0), widest) if upwind > 0.0 else 0.0
    count, bound, total = np.zeros(radius.size, dtype=np.int32), np.zeros(radius.size), 0
    for ring in range(radius.size):
        if radius[ring] > reach:
            break
        # the largest angle on this side of the source at which the ring is not wider than the cloud
        bound[ring] = math.asin(min(widest / radius[ring], 1.0))
        total += n_bins if radius[ring] <= upwind else min(int(bound[ring] / width) + 1, n_bins)
    out, cover, start = np.empty(total), np.zeros(n_bins), 0
    for ring in range(radius.size):
        if radius[ring] > reach:
            break
        cover[:] = 0.0
        _fill(radius[ring], 0.0, bound[ring], width, distance, edge, cover)
        if radius[ring] <= upwind:
            _fill(radius[ring], math.pi - bound[ring], math.pi, width, distance, edge, cover)
        for j in range(n_bins):
            if cover[j] > 0.0:
                count[ring] = j + 1
        for j in range(count[ring]):
            out[start + j] = min(cover[j], 1.0)
        start += count[ring]
    return count, out[:start].copy()
