"""Inner loops of individual risk at points: what every wind sector adds, straight from the profiles around a source.

A profile is integrated outward-in over the angle once; the share of a sector in the risk at a point is then a
difference between two values of that integral, each interpolated in angle and in ln r as the raster's field is.
"""

import math

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.risk.kernels import limit, slope
from parkrisk.risk.stamping import fixed, node_number, polar_scale, ring_number

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

#: Columns of a tail before its first and after its last node, for interpolation.
BEFORE, AFTER = 2, 4


@kernel
def positions(place: Floats, polar: Floats, n_bins: int, points: Floats, at: Floats) -> None:
    """Ring and node numbers, not whole, of points around a source.

    Parameters
    ----------
    place : array, shape (2,)
        The source. [m]
    polar : array, shape (3,)
        r_min [m], step in ln r, turn of the frame [rad].
    n_bins : int
        Of the full circle.
    points : array, shape (n_points, 2)
        [m]
    at : array, shape (n_points, 2)
        Set. Within the first ring the ring number is 0.
    """
    scale = polar_scale(polar, n_bins)
    for i in range(points.shape[0]):
        dx, dy = points[i, 0] - place[0], points[i, 1] - place[1]
        at[i, 0] = ring_number(dx * dx + dy * dy, scale)
        at[i, 1] = node_number(dx, dy, scale)


@kernel
def tails(profile: Floats, reach: Integers, tail: Floats, count: Integers) -> None:
    """Integrate a profile from its outer end to every node.

    Parameters
    ----------
    profile : array, shape (n_rings, n_bins / 2)
        Half circle from the downwind axis outward. Set to 0 on return. [1/yr]
    reach : int array, shape (n_rings,)
        Bins of each ring that may differ from 0. Set to 0 on return.
    tail : array, shape (n_rings, BEFORE + n_bins / 2 + AFTER)
        Set as far as it is not 0: column BEFORE + j is the integral from node j outward; continued by symmetry on
        both sides. [rad/yr]
    count : int array, shape (n_rings,)
        Set to ``reach``: the tail is 0 from this node on.
    """
    half = profile.shape[1]
    width = math.pi / half
    for ring in range(profile.shape[0]):
        last = reach[ring]
        count[ring] = last
        reach[ring] = 0
        if last == 0:
            continue
        row = tail[ring, BEFORE:]
        row[last] = 0.0
        for j in range(last - 1, -1, -1):
            row[j] = row[j + 1] + profile[ring, j] * width
            profile[ring, j] = 0.0
        for j in range(1, AFTER):
            row[last + j] = -row[last - j] if last == half else 0.0
        for j in range(1, BEFORE + 1):
            tail[ring, BEFORE - j] = 2.0 * row[0] - row[j]


@kernel
def _weights(f: float, weights: Floats) -> None:
    """Six weights that interpolate at f, 0 to 1, between the third and fourth of six nodes, as `add_slopes` does."""
    rest = 1.0 - f
    first, second = f * rest * rest / 12.0, -rest * f * f / 12.0
    weights[0] = first
    weights[1] = second - 8.0 * first
    weights[2] = rest * rest * (1.0 + 2.0 * f) - 8.0 * second
    weights[3] = f * f * (1.0 + 2.0 * rest) + 8.0 * first
    weights[4] = 8.0 * second - first
    weights[5] = -second


@kernel
def _outward(six: Floats, f: float) -> float:
    """Value at f, 0 to 1, between the third and fourth of six rings, nowhere beyond a step and never below 0."""
    low, high = six[2], six[3]
    value = 0.0
    rest = 1.0 - f
    if low > 0.0:
        rate = slope(six[0], six[1], six[3], six[4])
        value += rest * rest * ((1.0 + 2.0 * f) * low + f * rate * limit(rate, six[1], low, high))
    if high > 0.0:
        rate = slope(six[1], six[2], six[4], six[5])
        value += f * f * ((1.0 + 2.0 * rest) * high - rest * rate * limit(rate, low, high, six[4]))
    return float(max(value, 0.0))


@kernel
def _tail_at(
    tail: Floats, count: Integers, rings: Integers, f: float, node: int, weights: Floats, six: Floats
) -> float:
    """Tail between six rings, ``weights`` past a node."""
    for n in range(6):
        ring = rings[n]
        six[n] = 0.0
        if node < count[ring]:
            for m in range(6):
                six[n] += weights[m] * tail[ring, node + m]
    return _outward(six, f)


@kernel
def _between(first: int, second: int, whole: float, first_tail: float, second_tail: float) -> float:
    """Integral over the angles between two edges, given how many nodes before the point each stands (< 0: after)."""
    if first >= 0 and second < 0:
        return whole - first_tail - second_tail
    if first < 0 and second >= 0:  # the far side of the circle
        return first_tail + second_tail
    return second_tail - first_tail if first >= 0 else first_tail - second_tail


@kernel
def add_parts(
    tail: Floats,
    count: Integers,
    density: Floats,
    at: Floats,
    totals: tuple[Integers, Integers, Integers],
    by_sector: Integers,
) -> None:
    """Add what each wind sector contributes at points around one source.

    Parameters
    ----------
    tail, count : arrays
        As `tails` leaves them.
    density : array, shape (n_arcs,)
        Probability per angle of the wind direction, constant on equal arcs that begin where the frame does; at least
        two, and as many for every sector. [1/rad]
    at : array, shape (n_points, 2)
        As `positions` leaves it.
    totals : tuple of int64 arrays, shape (n_points,)
        Added to: sum over sectors. [2^-60/yr]
    by_sector : int64 array, shape (n_points, n_sectors)
        Added to. [2^-60/yr]
    """
    n_rings, n_arcs = count.size, density.size
    half = tail.shape[1] - BEFORE - AFTER
    per_arc, per_sector = 2 * half // n_arcs, n_arcs // by_sector.shape[1]
    outermost = 0
    for ring in range(n_rings):
        outermost = ring + 1 if count[ring] > 0 else outermost
    reach = min(outermost, n_rings - 1) + 1e-9 if outermost else -1.0
    rings, six = np.empty(6, dtype=np.int64), np.empty(6)
    past, short = np.empty(6), np.empty(6)
    middle = np.array([0.0, 0.0, 1.0, 0.0, 0.0, 0.0])
    for point in range(at.shape[0]):
        if at[point, 0] > reach:
            continue
        i, node = min(int(at[point, 0]), n_rings - 2), min(int(at[point, 1]), 2 * half - 1)
        widest = 0
        for n in range(6):
            rings[n] = min(max(i + n - 2, 0), n_rings - 1)
            widest = max(widest, count[rings[n]])
        if widest == 0:
            continue
        u, v = at[point, 0] - i, at[point, 1] - node
        _weights(v, past)
        _weights(1.0 - v, short)
        whole = 2.0 * _tail_at(tail, count, rings, u, 0, middle, six)
        visited = min(2 * ((widest + per_arc - 1) // per_arc) + 1, n_arcs)
        first_arc = node // per_arc - visited // 2
        before, before_tail = 0, 0.0
        added = 0
        for k in range(visited + 1):
            edge = (node - (first_arc + k) * per_arc + half) % (2 * half) - half
            nearest = edge if edge >= 0 else -edge - 1
            edge_tail = 0.0
            if nearest < widest:
                edge_tail = _tail_at(tail, count, rings, u, nearest, past if edge >= 0 else short, six)
            arc = (first_arc + k - 1) % n_arcs
            if k > 0 and density[arc] > 0.0:
                part = fixed(density[arc] * max(_between(before, edge, whole, before_tail, edge_tail), 0.0))
                by_sector[point, arc // per_sector] += part
                added += part
            before, before_tail = edge, edge_tail
        for total in totals:
            total[point] += added


@kernel
def add_disc_parts(
    place: Floats,
    points: Floats,
    radius: float,
    values: Integers,
    totals: tuple[Integers, Integers, Integers],
    by_sector: Integers,
) -> None:
    """Add a disc at points; ``values``, shape (n_sectors,), is what each sector contributes inside. [2^-60/yr]"""
    added = values.sum()
    for point in range(points.shape[0]):
        dx, dy = points[point, 0] - place[0], points[point, 1] - place[1]
        if dx * dx + dy * dy <= radius * radius:
            for sector in range(values.size):
                by_sector[point, sector] += values[sector]
            for total in totals:
                total[point] += added
