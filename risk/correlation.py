"""Inner loops of societal risk: people on a source's polar grid, deaths in every wind direction, sums over deaths.

Same frame as the kernels of individual risk: people stand on nodes (rings × angles j*width), the wind blows towards
bins (j*width to (j+1)*width), and a footprint's stored bin mean is exactly the mean over such a bin of wind directions.
"""

import math

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Integers = NDArray[np.int64]

FIXED_POINT = float(2**60)


@kernel
def bin_people(xy: Floats, counts: Floats, place: Floats, polar: Floats, table: Floats, squares: Floats) -> None:
    """Share every person among the four nodes around, with the weights of linear interpolation in (ln r, θ).

    Parameters
    ----------
    xy : array, shape (n, 2)
        [m]
    counts : array, shape (n, 4)
        Persons: day outdoors, day indoors, night outdoors, night indoors; all 0 where they are not counted.
    place : array, shape (2,)
        The source. [m]
    polar : array, shape (3,)
        r_min [m], step in ln r, turn of the frame [rad].
    table : array, shape (n_rings, n_bins, 4)
        Added to. Within the first ring people stand on it; beyond the last they are left out.
    squares : array, shape (n,)
        Set to the squared distance from the source. [m²]
    """
    n_rings, n_bins = table.shape[0], table.shape[1]
    for p in range(xy.shape[0]):
        dx = xy[p, 0] - place[0]
        dy = xy[p, 1] - place[1]
        square = dx * dx + dy * dy
        squares[p] = square
        u = 0.0
        if square > polar[0] * polar[0]:
            u = 0.5 * math.log(square / (polar[0] * polar[0])) / polar[1]
        if u > n_rings - 1 + 1e-9:
            continue
        i = min(int(u), n_rings - 2)
        angle = math.atan2(dy, dx) + polar[2]
        if angle < 0.0:
            angle += 2.0 * math.pi
        v = angle * n_bins / (2.0 * math.pi)
        j = min(int(v), n_bins - 1)
        u -= i
        v -= j
        following = j + 1 if j + 1 < n_bins else 0
        for c in range(4):
            count = counts[p, c]
            if count > 0.0:
                table[i, j, c] += count * (1.0 - u) * (1.0 - v)
                table[i, following, c] += count * (1.0 - u) * v
                table[i + 1, j, c] += count * u * (1.0 - v)
                table[i + 1, following, c] += count * u * v


@kernel
def occupied(table: Floats, first: Integers, node: Integers, counts: Floats) -> int:
    """List the nodes where people stand, ring after ring, and empty the table.

    Parameters
    ----------
    table : array, shape (n_rings, n_bins, 4)
        Set to 0 on return.
    first : int64 array, shape (n_rings + 1,)
        Set: entries of ring i are ``first[i]`` to ``first[i + 1]``.
    node : int64 array, shape (capacity,)
    counts : array, shape (capacity, 4)
        Set, as far as there is room.

    Returns
    -------
    int
        How many there are.
    """
    found = 0
    first[0] = 0
    for i in range(table.shape[0]):
        for j in range(table.shape[1]):
            if table[i, j, 0] > 0.0 or table[i, j, 1] > 0.0 or table[i, j, 2] > 0.0 or table[i, j, 3] > 0.0:
                if found < node.size:
                    node[found] = j
                    for c in range(4):
                        counts[found, c] = table[i, j, c]
                        table[i, j, c] = 0.0
                found += 1
        first[i + 1] = found
    return found


@kernel
def _mirror(start: Integers, values: Singles, ring: int, row: Floats) -> int:
    """Lay the bins of a ring out on both sides of the axis; gives how many there are on each."""
    first = start[ring]
    count = int(start[ring + 1] - first)
    for m in range(count):
        row[count - 1 - m] = values[first + m]
        row[count + m] = values[first + m]
    return count


@kernel
def deaths_by_direction(
    first: Integers,
    node: Integers,
    counts: Floats,
    start_outdoor: Integers,
    outdoor: Singles,
    start_indoor: Integers,
    indoor: Singles,
    work: Floats,
    deaths: Floats,
) -> None:
    """Expected deaths for every wind direction by day and by night.

    Parameters
    ----------
    first, node, counts
        People, from `occupied`.
    start_outdoor, start_indoor : int64 arrays, shape (n_rings + 1,)
        Bins of ring i are ``outdoor[start_outdoor[i]:start_outdoor[i + 1]]``, likewise indoor.
    outdoor, indoor : float32 arrays
        Mean lethality per bin.
    work : array, shape (4, 2 * n_bins)
        Working memory: the lethality of a ring mirrored (2 rows), deaths before they are folded (2 rows).
    deaths : array, shape (2, n_bins)
        Set. Row 0 by day, row 1 by night.

    Notes
    -----
    A person at node i is bin i − b − 1 from the axis when the wind blows towards bin b, mirrored for negative numbers.
    """
    n_bins = deaths.shape[1]
    half = n_bins // 2
    work[2:, :] = 0.0
    for ring in range(first.size - 1):
        if first[ring] == first[ring + 1]:
            continue
        count_outdoor = _mirror(start_outdoor, outdoor, ring, work[0])
        count_indoor = _mirror(start_indoor, indoor, ring, work[1])
        if count_outdoor == 0 and count_indoor == 0:
            continue
        for entry in range(first[ring], first[ring + 1]):
            for c in range(4):
                persons = counts[entry, c]
                if persons == 0.0:
                    continue
                count = count_outdoor if c % 2 == 0 else count_indoor
                low = half + node[entry] - count
                for q in range(2 * count):
                    work[2 + c // 2, low + q] += persons * work[c % 2, q]
    for period in range(2):
        for j in range(n_bins):
            deaths[period, j] = work[2 + period, half + j]
        for j in range(half):
            deaths[period, n_bins - 1 - j] += work[2 + period, half - 1 - j]
            deaths[period, j] += work[2 + period, half + n_bins + j]


@kernel
def tally(
    deaths: Floats,
    always: Floats,
    weight: Floats,
    edges: Floats,
    thresholds: Floats,
    histogram: Integers,
    means: Floats,
    largest: Floats,
    shares: Floats,
) -> None:
    """Sort the deaths of one outcome in every direction into a histogram, and sum them up by sector.

    Parameters
    ----------
    deaths : array, shape (2, n_bins)
        By period and direction.
    always : array, shape (2,)
        Deaths to add in every direction (discs).
    weight : array, shape (2, n_sectors)
        Frequency of the outcome in a period and sector. [1/yr]
    edges : array, shape (n_edges,)
        Rising; entry j of the histogram is ``edges[j]`` or more, less than ``edges[j + 1]``.
    thresholds : array, shape (n_thresholds,)
        Numbers of deaths.
    histogram : int64 array, shape (n_edges,)
        Added to. [2^-60/yr]
    means, largest : arrays, shape (2, n_sectors)
        Set: mean and largest number of deaths over the directions of a sector.
    shares : array, shape (n_thresholds, 2, n_sectors)
        Set: share of the directions of a sector with at least that many deaths.

    Notes
    -----
    A number of deaths that misses an edge by rounding only (1e-9) counts as reaching it.
    """
    n_sectors = weight.shape[1]
    per_sector = deaths.shape[1] // n_sectors
    shares[:] = 0.0
    for period in range(2):
        for k in range(n_sectors):
            total = 0.0
            most = 0.0
            entry = int(np.rint(weight[period, k] / per_sector * FIXED_POINT))
            for j in range(k * per_sector, (k + 1) * per_sector):
                number = deaths[period, j] + always[period]
                total += number
                most = max(most, number)
                reached = number * (1.0 + 1e-9)
                if reached < edges[0]:
                    continue
                for t in range(thresholds.size):
                    if reached >= thresholds[t]:
                        shares[t, period, k] += 1.0 / per_sector
                histogram[np.searchsorted(edges, reached, side="right") - 1] += entry
            means[period, k] = total / per_sector
            largest[period, k] = most
