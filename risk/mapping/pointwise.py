"""Inner loops of individual risk at points: what every wind sector adds, straight from the profiles around a source.

A profile is integrated outward-in over the angle once; the share of a sector in the risk at a point is then a
difference between two values of that integral, each interpolated in angle and in ln r as the raster's field is.
"""

import math

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.risk.kernels import limit, slope
from parkrisk.risk.mapping.stamping import hermite, node_number, polar_scale, ring_number

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

#: Columns of a tail before its first and after its last node, for slopes.
PAD = 2


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
def _integrate(profile: Floats, last: int, row: Floats) -> None:
    """Integrate one ring of a profile from its outer end ``last`` to every node of a row of tails; sets it to 0."""
    half = profile.size
    width = math.pi / half
    for j in range(last - 1, -1, -1):
        row[PAD + j] = row[PAD + j + 1] + profile[j] * width
        profile[j] = 0.0
    for j in range(1, PAD + 1):
        row[PAD - j] = 2.0 * row[PAD] - row[PAD + j]
        if last == half:
            row[PAD + half + j] = -row[PAD + half - j]


@kernel
def rings_wanted(at: Floats, wanted: NDArray[np.bool_]) -> None:
    """Mark the rings between which points lie.

    Parameters
    ----------
    at : array, shape (n_points, 2)
        As `positions` leaves it.
    wanted : bool array, shape (n_rings,)
        Set true where a point lies next to the ring.
    """
    last = wanted.size - 1
    for i in range(at.shape[0]):
        inner = int(min(at[i, 0], last - 1.0))
        wanted[inner] = wanted[inner + 1] = True


@kernel
def tails(
    profile: Floats, reach: Integers, tail: Floats, count: Integers, table: Floats, wanted: NDArray[np.bool_]
) -> None:
    """Integrate a profile from its outer end to every node, ready for interpolation.

    Parameters
    ----------
    profile : array, shape (n_rings, n_bins / 2)
        Half circle from the downwind axis outward. Set to 0 on return. [1/yr]
    reach : int array, shape (n_rings,)
        Bins of each ring that may differ from 0. Set to 0 on return.
    tail : array, shape (n_rings, PAD + n_bins / 2 + 1 + PAD)
        Working memory, 0 at first: column PAD + j is the integral from node j outward; continued by symmetry on both
        sides. [rad/yr]
    count : int array, shape (n_rings,)
        0 at first. Set to ``reach``: the integral is 0 from this node on.
    table : array, shape (n_rings, n_bins / 2 + 1, 4)
        0 at first. Set on the rings wanted: the integral, its derivative by ring number, by node number, by both, as
        `kernels.add_slopes`.
    wanted : bool array, shape (n_rings,)
        As `rings_wanted` marks them.
    """
    last = count.size - 1
    outward = np.empty(tail.shape[1])
    for ring in range(last + 1):
        tail[ring, : 2 * PAD + 1 + count[ring]] = 0.0
        table[ring, : count[ring] + 1] = 0.0
        count[ring] = reach[ring]
        reach[ring] = 0
        if count[ring]:
            _integrate(profile[ring], count[ring], tail[ring])
    for ring in range(last + 1):
        if count[ring] == 0 or not wanted[ring]:
            continue
        row = tail[ring]
        before, after = tail[max(ring - 1, 0)], tail[min(ring + 1, last)]
        first, fifth = tail[max(ring - 2, 0)], tail[min(ring + 2, last)]
        for j in range(2 * PAD + 1 + count[ring]):
            outward[j] = slope(first[j], before[j], after[j], fifth[j])
        for j in range(PAD, PAD + min(count[ring] + 1, table.shape[1])):
            keep = limit(outward[j], before[j], row[j], after[j])
            into = table[ring, j - PAD]
            if row[j] > 0.0 or count[ring] == profile.shape[1]:
                into[0] = row[j]
                into[1] = keep * outward[j]
                into[2] = slope(row[j - 2], row[j - 1], row[j + 1], row[j + 2])
                into[3] = keep * slope(outward[j - 2], outward[j - 1], outward[j + 1], outward[j + 2])


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
    table: Floats,
    count: Integers,
    density: Floats,
    at: Floats,
    by_sector: Floats,
) -> None:
    """Add what each wind sector contributes at points around one source.

    Parameters
    ----------
    table, count : arrays
        As `tails` leaves them.
    density : array, shape (n_arcs,)
        Probability per angle of the wind direction, constant on equal arcs that begin where the frame does; at least
        two, and as many for every sector. [1/rad]
    at : array, shape (n_points, 2)
        As `positions` leaves it.
    by_sector : array, shape (n_points, n_sectors)
        Added to, in the unit of the profile.
    """
    n_rings, n_arcs = count.size, density.size
    half = table.shape[1] - 1
    per_arc, per_sector = 2 * half // n_arcs, n_arcs // by_sector.shape[1]
    outermost = -1
    for ring in range(n_rings):
        outermost = ring if count[ring] > 0 else outermost
    reach = -1.0 if outermost < 0 else min(outermost + 1, n_rings - 1) + 1e-9
    for point in range(at.shape[0]):
        u = at[point, 0]
        if u > reach:
            continue
        i, node = min(int(u), n_rings - 2), min(int(at[point, 1]), 2 * half - 1)
        widest = max(count[i], count[i + 1])
        if widest == 0:
            continue
        v = at[point, 1] - node
        whole = 2.0 * hermite(table, n_rings, u, 0.0)
        visited = min(2 * ((widest + per_arc - 1) // per_arc) + 1, n_arcs)
        own_arc = node // per_arc
        ahead = node - (own_arc - visited // 2) * per_arc
        arc = (own_arc - visited // 2 - 1) % n_arcs
        before, before_tail = 0, 0.0
        for k in range(visited + 1):
            edge = ahead - 2 * half if ahead >= half else (ahead if ahead >= -half else ahead + 2 * half)
            nearest = edge if edge >= 0 else -edge - 1
            edge_tail = 0.0
            if nearest < widest:
                edge_tail = hermite(table, n_rings, u, nearest + (v if edge >= 0 else 1.0 - v))
            if k > 0 and density[arc] > 0.0:
                part = max(_between(before, edge, whole, before_tail, edge_tail), 0.0)
                by_sector[point, arc // per_sector] += density[arc] * part
            before, before_tail = edge, edge_tail
            ahead -= per_arc
            arc = arc + 1 if arc + 1 < n_arcs else 0


@kernel
def add_disc_parts(place: Floats, points: Floats, radius: float, risk: Floats, by_sector: Floats) -> None:
    """Add a disc at points; ``risk``, shape (n_sectors,), is what each sector contributes inside."""
    for point in range(points.shape[0]):
        dx, dy = points[point, 0] - place[0], points[point, 1] - place[1]
        if dx * dx + dy * dy <= radius * radius:
            for sector in range(risk.size):
                by_sector[point, sector] += risk[sector]
