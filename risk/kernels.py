"""Inner loops of individual risk around one source: plain arrays in, arrays filled, no tables and no objects.

All polar tables live in a frame turned so that angle 0 is an edge between two wind sectors. Node j of a ring stands at
the angle j*width; bin j covers j*width to (j+1)*width. Fields are padded by two nodes on every side, in radius by
copies of the end rings, in angle by wrapping round (the first node stands again at the end), so that no loop needs
special cases.
"""

import math

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Integers = NDArray[np.int64]
Shorts = NDArray[np.int32]

_FIFTH_OF_HALF = 0.5**0.2


@kernel
def add_footprint(
    profile: Floats, reach: Integers, start: Shorts, lead: Shorts, values: Singles, weight: float
) -> None:
    """Add one weighted footprint to a profile.

    Parameters
    ----------
    profile : array, shape (n_rings, n_bins / 2)
        Changed. Half circle from the downwind axis outward.
    reach : int array, shape (n_rings,)
        Changed. Bins of each ring that may differ from 0.
    start : int32 array, shape (n_rings + 1,)
        Bins of ring i are ``values[start[i]:start[i + 1]]`` ...
    lead : int32 array, shape (n_rings,)
        ... after so many that equal the first of these.
    values : float32 array
        Empty: nothing to add.
    weight : float
        Frequency. [1/yr]
    """
    if values.size == 0:
        return
    for ring in range(profile.shape[0]):
        first, ahead = start[ring], lead[ring]
        count = start[ring + 1] - first
        if count == 0:
            continue
        level = weight * values[first]
        for j in range(ahead):
            profile[ring, j] += level
        for j in range(count):
            profile[ring, ahead + j] += weight * values[first + j]
        reach[ring] = max(reach[ring], ahead + count)


@kernel
def _inner_half(far: float, before: float, mean: float, after: float, beyond: float) -> float:
    """Mean over the inner half of a bin, from the means over it and two neighbours on either side."""
    low, high = min(before, after), max(before, after)
    if low > 0.8 * high:
        inner = mean + (8.0 * (before - after) - (far - beyond)) / 48.0
    elif low <= 0.0:
        inner = 2.0 * mean if before > 0.0 else 0.0
    else:
        # Fall of the logarithm over a bin, and how fast that grows, of a curve whose logarithm is a parabola.
        fall, bend = 0.5 * math.log(before / after), 0.0
        if far > 0.0 and beyond > 0.0:
            fall = (16.0 * fall - math.log(far / beyond)) / 12.0
            bend = math.log(mean * mean / (before * after))
        inner = 2.0 * mean / (1.0 + math.exp(-0.5 * fall * (1.0 + bend / 16.0)))
    # A step within a bin stays a step: no half leaves the range from the bin to its neighbour on that side.
    inner = min(max(inner, min(before, mean)), max(before, mean))
    return min(max(inner, 2.0 * mean - max(after, mean)), 2.0 * mean - min(after, mean))


@kernel
def halve(profile: Floats, reach: Integers, fine: Floats, fine_reach: Integers) -> None:
    """Divide every bin of a profile in two, so that its mean stays.

    Parameters
    ----------
    profile, reach : arrays, shape (n_rings, n_bins / 2), (n_rings,)
        Set to 0 on return.
    fine, fine_reach : arrays, shape (n_rings, n_bins), (n_rings,)
        Set, where the profile is not 0.

    Notes
    -----
    The flanks of a plume fall by a factor per bin, which no polynomial follows: there the logarithm is taken as a
    parabola; where the profile is gentle a cubic is fitted to the integral.
    """
    last = profile.shape[1] - 1
    for ring in range(profile.shape[0]):
        count = reach[ring]
        reach[ring] = 0
        fine_reach[ring] = 2 * count
        row = profile[ring]
        for j in range(count):
            # Mirrored at the axis and on the far side.
            far, before = row[j - 2 if j > 1 else 1 - j], row[max(j - 1, 0)]
            after, beyond = row[min(j + 1, last)], row[j + 2 if j + 2 <= last else 2 * last - 1 - j]
            inner = _inner_half(far, before, row[j], after, beyond)
            fine[ring, 2 * j] = inner
            fine[ring, 2 * j + 1] = 2.0 * row[j] - inner
        row[:count] = 0.0


@kernel
def wind_field(profile: Floats, reach: Integers, density: Floats, field: Floats) -> int:
    """Spread profiles over the wind rose: risk at every node of a polar grid, exact in angle.

    Parameters
    ----------
    profile : array, shape (n_weathers, n_rings, n_bins / 2)
        Sum of frequency × lethality. Set to 0 on return. [1/yr]
    reach : int array, shape (n_weathers, n_rings)
        Bins of the profile that may differ from 0. Set to 0 on return.
    density : array, shape (n_weathers, n_sectors)
        Probability per angle that the wind blows towards a sector, constant within it. [1/rad]
    field : array, shape (n_rings + 4, n_bins + 5)
        Added to. Padded.

    Returns
    -------
    int
        Rings up to the outermost one affected; 0: none.

    Notes
    -----
    With C(t) the integral of the profile V from 0 to t, odd in t, and A its value at the edge of the footprint, the
    integral of a piecewise constant density d over V(θ−φ) is 2A d(θ) + Σ_k (d_k − d_{k−1}) (C(θ−φ_k) − A sign(θ−φ_k)),
    φ_k the edges between sectors: away from edges only the first term is left.
    """
    n_weathers, n_rings, half = profile.shape
    n_bins = 2 * half
    n_sectors = density.shape[1]
    level = np.empty(n_sectors)
    short = np.empty(half + 1)
    row = np.empty(2 * n_bins)
    outermost = 0
    for ring in range(n_rings):
        level[:] = 0.0
        row[:] = 0.0
        affected = False
        for weather in range(n_weathers):
            count = reach[weather, ring]
            if count == 0:
                continue
            affected = True
            reach[weather, ring] = 0
            _add_weather(profile[weather, ring, :count], density[weather], short, row, level)
        if affected:
            outermost = ring + 1
            _add_ring(field[ring + 2], row, level)
    if outermost > 0:
        for pad in range(2):
            field[pad] = field[2]
            field[n_rings + 2 + pad] = field[n_rings + 1]
    return outermost


@kernel
def _add_weather(profile: Floats, density: Floats, short: Floats, row: Floats, level: Floats) -> None:
    """Add one weather to the corrections and sector levels of a ring; sets the profile to 0."""
    count = profile.size
    half = row.size // 4
    per_sector = 2 * half // density.size
    width = math.pi / half
    # short[j] = C(j) - A, from the edge inward: it keeps its accuracy where it is small.
    short[count] = 0.0
    for j in range(count - 1, -1, -1):
        short[j] = short[j + 1] - profile[j] * width
        profile[j] = 0.0
    for k in range(density.size):
        level[k] -= 2.0 * short[0] * density[k]
        jump = density[k] - density[k - 1]
        if jump == 0.0:
            continue
        edge = half + k * per_sector
        for j in range(1, count):
            row[edge + j] += jump * short[j]
        for j in range(1, count):
            row[edge - j] -= jump * short[j]


@kernel
def _add_ring(target: Floats, row: Floats, level: Floats) -> None:
    """Add corrections (in a row padded by half a circle at both ends) and sector levels to one padded ring."""
    n_bins = row.size // 2
    half = n_bins // 2
    per_sector = n_bins // level.size
    for j in range(half):
        row[half + n_bins - 1 - j] += row[half - 1 - j]
        row[half + j] += row[half + n_bins + j]
    for k in range(level.size):
        first = k * per_sector
        # On the edge itself both sectors count half: C is 0 there.
        target[first + 2] += max(row[half + first] + 0.5 * (level[k] + level[k - 1]), 0.0)
        for j in range(first + 1, first + per_sector):
            target[j + 2] += max(row[half + j] + level[k], 0.0)
    for j in range(2):
        target[j] = target[n_bins + j]
    for j in range(3):
        target[n_bins + 2 + j] = target[2 + j]


@kernel
def slope(a: float, b: float, c: float, d: float) -> float:
    """Derivative from the values two before, one before, one after and two after (fourth order)."""
    return (a - d + 8.0 * (c - b)) * (1.0 / 12.0)


@kernel
def limit(slope: float, before: float, value: float, after: float) -> float:
    """Share of a slope to keep, so that a curve that flattens out beside a step does not swing beyond it.

    Where this slope and the plain central difference agree the curve is smooth, and the slope stays as it is. Else it
    is at most three times the smaller of both differences, which keeps a cubic monotone.
    """
    low, high = value - before, after - value
    bound = 3.0 * min(abs(low), abs(high)) if low * high > 0.0 else 0.0
    if abs(slope - 0.5 * (low + high)) <= 0.02 * value or abs(slope) <= bound:
        return 1.0
    return bound / abs(slope)


@kernel
def add_slopes(field: Floats, rings: int, table: Floats) -> int:
    """Prepare a field for interpolation: at every node its value, slopes and twist.

    Parameters
    ----------
    field : array, shape (n_rings + 4, n_bins + 5)
        Padded.
    rings : int
        The field is 0 on all rings beyond the first ``rings``.
    table : array, shape (n_rings, n_bins + 1, 4)
        Set: value, derivative by ring number, by node number, by both. Where the value is 0 so are the slopes, because
        it is nowhere negative.

    Returns
    -------
    int
        Rings of the table that are set; the interpolated field is 0 beyond the last of them.
    """
    n_rings = table.shape[0]
    used: int = min(rings + 1, n_rings)
    outward = np.empty(field.shape[1])
    for i in range(used):
        row = field[i + 2]
        for j in range(outward.size):
            outward[j] = slope(field[i, j], field[i + 1, j], field[i + 3, j], field[i + 4, j])
        for j in range(table.shape[1]):
            value = row[j + 2]
            if value <= 0.0:
                table[i, j, :] = 0.0
                continue
            around = slope(row[j], row[j + 1], row[j + 3], row[j + 4])
            twist = slope(outward[j], outward[j + 1], outward[j + 3], outward[j + 4])
            keep_outward = limit(outward[j + 2], field[i + 1, j + 2], value, field[i + 3, j + 2])
            keep_around = limit(around, row[j + 1], value, row[j + 3])
            table[i, j, 0] = value
            table[i, j, 1] = keep_outward * outward[j + 2]
            table[i, j, 2] = keep_around * around
            table[i, j, 3] = keep_outward * keep_around * twist
    return used


@kernel
def _between_misses(
    values: tuple[Floats, Floats, Floats, Floats, Floats, Floats, Floats], floor: float, tolerance: float
) -> int:
    """How often the fourth of seven rows is missed by interpolation at the middle of the other six."""
    a, b, c, middle, d, e, f = values
    missed = 0
    for j in range(middle.size):
        error = 150.0 * (c[j] + d[j]) - 25.0 * (b[j] + e[j]) + 3.0 * (a[j] + f[j]) - 256.0 * middle[j]
        missed += abs(error) > 256.0 * tolerance * max(middle[j], floor)
    return missed


@kernel
def _kept(
    values: tuple[Floats, Floats, Floats, Floats, Floats, Floats, Floats], floor: float, tolerance: float, least: float
) -> float:
    """Share of their spacing, not below ``least``, at which nodes keep the tolerance.

    The error is taken to fall with the fifth power of the spacing.
    """
    spacing = 1.0
    while spacing > least and _between_misses(values, floor, tolerance) > 0:
        tolerance *= 2.0
        spacing *= _FIFTH_OF_HALF
    return spacing


@kernel
def node_spacing(field: Floats, rings: int, steps: tuple[float, float], floor: float, tolerance: float) -> Floats:
    """How far apart the nodes of a raster may lie so that interpolation between them keeps a tolerance.

    Parameters
    ----------
    field : array, shape (n_rings + 4, n_bins + 5)
        Padded.
    rings : int
        The field is 0 on all rings beyond the first ``rings``.
    steps : tuple
        Step in ln r of the rings, in angle of the nodes. [rad]
    floor : float
        Errors count as if no value were smaller. [1/yr]
    tolerance : float
        Error allowed as a share of the value.

    Returns
    -------
    array, shape (rings,)
        Distance of the nodes as a share of the distance from the source.

    Notes
    -----
    The field itself is thinned to every fourth, every second node and interpolated as `stamping.refine` does, along
    its rings and across them; the error seen there stands for that of a raster with nodes as far apart.
    """
    n_rings, n_bins = field.shape[0] - 4, field.shape[1] - 5
    found = np.empty(rings)
    around = np.empty(n_bins + 20)
    last = n_rings + 1
    for i in range(rings):
        around[10 : 10 + n_bins] = field[i + 2, 2 : 2 + n_bins]
        around[:10] = around[n_bins : n_bins + 10]
        around[10 + n_bins :] = around[10:20]
        wide = 4.0 * steps[1] * _kept(_seven(around, 2, n_bins), floor, tolerance, 0.5)
        if wide <= 2.0 * steps[1]:
            wide = 2.0 * steps[1] * _kept(_seven(around, 1, n_bins), floor, tolerance, 0.2)
        across = (
            field[max(i - 3, 0)],
            field[max(i - 1, 0)],
            field[i + 1],
            field[i + 2],
            field[i + 3],
            field[min(i + 5, last)],
            field[min(i + 7, last)],
        )
        found[i] = min(wide, 2.0 * steps[0] * _kept(across, floor, tolerance, 0.1))
    return found


@kernel
def _seven(around: Floats, apart: int, n_bins: int) -> tuple[Floats, Floats, Floats, Floats, Floats, Floats, Floats]:
    """A ring, padded by 10 nodes, seen from 5, 3 and 1 times ``apart`` nodes before and after each node."""
    return (
        around[10 - 5 * apart : 10 - 5 * apart + n_bins],
        around[10 - 3 * apart : 10 - 3 * apart + n_bins],
        around[10 - apart : 10 - apart + n_bins],
        around[10 : 10 + n_bins],
        around[10 + apart : 10 + apart + n_bins],
        around[10 + 3 * apart : 10 + 3 * apart + n_bins],
        around[10 + 5 * apart : 10 + 5 * apart + n_bins],
    )
