"""Inner loops of societal risk: people on a source's polar grid, and the deaths in every wind direction.

Same frame as the kernels of individual risk: people stand on nodes (rings × angles j*width), the wind blows towards
bins (j*width to (j+1)*width), and a footprint's stored bin mean is exactly the mean over such a bin of wind directions.

On every ring deaths are the circular correlation of people and lethality: a product of waves around the circle.
Lethality is even in angle, so its waves are real. Waves are worked through in blocks that stay in the fastest memory.
Every number of a source is summed ring after ring by itself: who else is worked on at the same time leaves no trace.
"""

import math

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Integers = NDArray[np.int64]
Complexes = NDArray[np.complex128]
Flags = NDArray[np.bool_]

#: Waves in a block: 360 are 3 blocks.
LANES = 72
#: Rings that are added at once.
TOGETHER = 4


def cosines(n_bins: int) -> Floats:
    """What a pair of bins j to the left and to the right of the axis adds to each wave.

    Returns
    -------
    array, shape (n_blocks, n_bins / 2, LANES)
        2 cos(2πk (j + 1/2) / n_bins) with k = block * LANES + lane; 0 where k is n_bins / 2 or more.
    """
    half = n_bins // 2
    waves = np.arange(-(-half // LANES) * LANES).reshape(-1, 1, LANES)
    turns = waves * (2 * np.arange(half)[:, None] + 1) % (2 * n_bins)
    return np.ascontiguousarray(np.where(waves < half, 2.0 * np.cos(turns * (np.pi / n_bins)), 0.0))


@kernel
def bin_people(
    xy: Floats,
    counts: Floats,
    staff: tuple[int, int],
    place: Floats,
    polar: Floats,
    reach: float,
    table: Floats,
    peopled: Flags,
) -> None:
    """Share every person among the four nodes around, with the weights of linear interpolation in (ln r, θ).

    Parameters
    ----------
    xy : array, shape (n, 2)
        [m]
    counts : array, shape (n, 4)
        Persons: day outdoors, day indoors, night outdoors, night indoors.
    staff : (int, int)
        First row of those who are not counted and the end of them.
    place : array, shape (2,)
        The source. [m]
    polar : array, shape (3,)
        r_min [m], step in ln r, turn of the frame [rad].
    reach : float
        People farther away are left out. [m]
    table : array, shape (n_rings, n_bins, 4)
        Added to. Within the first ring people stand on it; beyond the last they are left out.
    peopled : bool array, shape (n_rings,)
        Set to true for every ring that somebody is added to.
    """
    n_rings, n_bins = table.shape[0], table.shape[1]
    for p in range(xy.shape[0]):
        dx = xy[p, 0] - place[0]
        dy = xy[p, 1] - place[1]
        square = dx * dx + dy * dy
        if square > reach * reach or staff[0] <= p < staff[1]:
            continue
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
        peopled[i] = True
        peopled[i + 1] |= u > 0.0
        for c in range(4):
            count = counts[p, c]
            if count > 0.0:
                table[i, j, c] += count * (1.0 - u) * (1.0 - v)
                table[i, following, c] += count * (1.0 - u) * v
                table[i + 1, j, c] += count * u * (1.0 - v)
                table[i + 1, following, c] += count * u * v


@kernel
def count_within(
    xy: Floats, counts: Floats, staff: tuple[int, int], place: Floats, radii: Floats, within: Floats
) -> None:
    """People within each of several distances of a source.

    Parameters
    ----------
    xy, counts, staff, place
        As in `bin_people`.
    radii : array, shape (n,)
        Rising. [m]
    within : array, shape (n, 4)
        Set.
    """
    within[:] = 0.0
    largest = radii[-1] * radii[-1]
    squares = radii * radii
    for p in range(xy.shape[0]):
        dx = xy[p, 0] - place[0]
        dy = xy[p, 1] - place[1]
        square = dx * dx + dy * dy
        if square <= largest and not staff[0] <= p < staff[1]:
            first = np.searchsorted(squares, square)
            for c in range(4):
                within[first, c] += counts[p, c]
    for i in range(1, radii.size):
        for c in range(4):
            within[i, c] += within[i - 1, c]


@kernel
def fill_waves(transform: Complexes, rings: Integers, people: Floats) -> None:
    """Lay out the Fourier transform of people around the circle for `correlate`, turned by half a bin.

    Parameters
    ----------
    transform : complex array, shape (n, n_bins / 2 + 1, 4)
        Columns as in `bin_people`.
    rings : int64 array, shape (n,)
        Where each of its rings stands in ``people``.
    people : array, shape (n_blocks, n_groups, TOGETHER, 8, LANES)
        Set: outdoors, day real, day imaginary, night real, night imaginary; then the same indoors. 0 on other rings.

    Notes
    -----
    Directions are bins, people stand on nodes half a bin beside: hence the turn by exp(iπk/n_bins).
    """
    half = transform.shape[1] - 1
    turn = np.empty(half, dtype=np.complex128)
    for k in range(half):
        turn[k] = complex(math.cos(0.5 * math.pi * k / half), math.sin(0.5 * math.pi * k / half))
    people[:] = 0.0
    for i in range(rings.size):
        for block in range(people.shape[0]):
            lanes = people[block, rings[i] // TOGETHER, rings[i] % TOGETHER]
            for k in range(block * LANES, min((block + 1) * LANES, half)):
                for c in range(4):
                    wave = transform[i, k, c] * turn[k]
                    lanes[4 * (c % 2) + c // 2 * 2, k - block * LANES] = wave.real
                    lanes[4 * (c % 2) + c // 2 * 2 + 1, k - block * LANES] = wave.imag


@kernel
def _lethality_waves(cosine: Floats, block: int, bins: Singles, waves: Floats) -> None:
    """Waves of one ring of one footprint: bins times cosines."""
    last, level = bins.size, 0.0
    waves[:] = 0.0
    if last == cosine.shape[0]:
        # All round: what is the same in every direction is wave 0, and the rest is often nothing.
        level = np.float64(bins[last - 1])
        while last > 0 and bins[last - 1] == bins[bins.size - 1]:
            last -= 1
        if block == 0:
            waves[0] = 2.0 * bins.size * level
    fours = last - last % 4
    for j in range(0, fours, 4):
        b0, b1, b2, b3 = bins[j] - level, bins[j + 1] - level, bins[j + 2] - level, bins[j + 3] - level
        for q in range(LANES):
            waves[q] += (b0 * cosine[j, q] + b1 * cosine[j + 1, q]) + (b2 * cosine[j + 2, q] + b3 * cosine[j + 3, q])
    for j in range(fours, last):
        for q in range(LANES):
            waves[q] += (bins[j] - level) * cosine[j, q]


@kernel
def correlate(
    cosine: Floats,
    group: Integers,
    begin: Integers,
    count: Integers,
    values: Singles,
    people: Floats,
    deaths: Complexes,
) -> None:
    """Waves of the deaths of several outcomes at several sources.

    Parameters
    ----------
    cosine : array, shape (n_blocks, n_bins / 2, LANES)
        From `cosines`.
    group : int64 array, shape (n_groups,)
        Groups of TOGETHER neighbouring rings to go through; all others have nobody or no lethality.
    begin, count : int64 array, shape (n_rings, n_outcomes, 2)
        Where the bins of a ring stand in ``values``, outdoors and indoors, and how many.
    values : float32 array
        Mean lethality per bin.
    people : array, shape (n_sources, n_blocks, n_groups, TOGETHER, 8, LANES)
        From `fill_waves`.
    deaths : complex array, shape (n_sources, n_outcomes, 2, n_bins / 2 + 1)
        Set, by day and by night.
    """
    n_sources, n_blocks = people.shape[:2]
    n_outcomes, half = deaths.shape[1], deaths.shape[3] - 1
    waves = np.empty((n_outcomes, TOGETHER, 2, LANES))
    reaches = np.empty(n_outcomes, dtype=np.bool_)
    sums = np.empty((n_sources, n_outcomes, 4, LANES))
    deaths[:, :, :, half] = 0.0
    for block in range(n_blocks):
        sums[:] = 0.0
        for g in range(group.size):
            for e in range(n_outcomes):
                reaches[e] = False
                for i in range(TOGETHER):
                    ring = group[g] * TOGETHER + i
                    for row in range(2):
                        size = count[ring, e, row] if ring < count.shape[0] else 0
                        at = begin[ring, e, row] if size > 0 else 0
                        _lethality_waves(cosine[block], block, values[at : at + size], waves[e, i, row])
                        reaches[e] |= size > 0
            for s in range(n_sources):
                for e in range(n_outcomes):
                    if reaches[e]:
                        _add_rings(people[s, block, g], waves[e], sums[s, e])
        for s in range(n_sources):
            for e in range(n_outcomes):
                for q in range(min(LANES, half - block * LANES)):
                    k = block * LANES + q
                    deaths[s, e, 0, k] = complex(sums[s, e, 0, q], sums[s, e, 1, q])
                    deaths[s, e, 1, k] = complex(sums[s, e, 2, q], sums[s, e, 3, q])


@kernel
def _add_rings(people: Floats, waves: Floats, total: Floats) -> None:
    """Add people times lethality on a group of rings, TOGETHER at once."""
    for c in range(4):
        for q in range(LANES):
            total[c, q] += (
                (waves[0, 0, q] * people[0, c, q] + waves[0, 1, q] * people[0, c + 4, q])
                + (waves[1, 0, q] * people[1, c, q] + waves[1, 1, q] * people[1, c + 4, q])
            ) + (
                (waves[2, 0, q] * people[2, c, q] + waves[2, 1, q] * people[2, c + 4, q])
                + (waves[3, 0, q] * people[3, c, q] + waves[3, 1, q] * people[3, c + 4, q])
            )
