"""Inner loops that bring the risk around a source to the raster and to points, summed as integers.

Integer sums do not depend on their order, and what was added can be taken away without a trace.

The raster is a pyramid: near a source its field is evaluated cell by cell, farther away on every second node, then on
every fourth, and so on, because a field is the smoother the farther away. Weights that sum to 1 pass a source from one
level to the next. At the end each level is interpolated to the next finer one.
"""

import math

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
#: What turns a position into ring and node numbers.
Scale = tuple[float, float, float, float, float]
#: Where a level begins to carry a field, carries it whole, begins to hand it on and has done so. [m]
Ramps = tuple[float, float, float, float]

#: Frequencies are summed as integers of 1/this. [yr]
FIXED_POINT = float(2**60)

#: Nodes that every level has beyond each edge of the map, for interpolation.
HALO = 4


@kernel
def fixed(value: float) -> int:
    """Value as an integer number of 2^-60."""
    return int(value * FIXED_POINT)


#: (arctan t / t - 1) / t² in powers of t², fitted for t up to tan 22.5°; the error of arctan is below 2e-15.
_ARCTAN = (
    -0.3333333333333094,
    0.19999999997724155,
    -0.1428571393032491,
    0.11111089648090358,
    -0.09090255953827447,
    0.07681045513552989,
    -0.0655091133085454,
    0.051688557230512015,
    -0.027233275443244588,
)


@kernel
def direction(dx: float, dy: float) -> float:
    """Angle of a vector from -π to π, as ``atan2(dy, dx)``, but without branches, so that loops over it are fast."""
    along, across = abs(dx), abs(dy)
    larger = along if along > across else across
    smaller = across if along > across else along
    larger = larger if larger > 0.0 else 1.0
    steep = smaller > 0.41421356237309503 * larger
    t = (smaller - larger) / (smaller + larger) if steep else smaller / larger
    z = t * t
    series = 0.0
    for k in range(len(_ARCTAN) - 1, -1, -1):
        series = series * z + _ARCTAN[k]
    angle = t + t * z * series
    angle = angle + 0.25 * math.pi if steep else angle
    angle = 0.5 * math.pi - angle if across > along else angle
    angle = math.pi - angle if dx < 0.0 else angle
    return float(-angle if dy < 0.0 else angle)


@kernel
def polar_scale(polar: Floats, n_bins: int) -> Scale:
    """What turns a position into ring and node numbers, ready for multiplication."""
    least = polar[0] * polar[0]
    return least, math.log(least), 0.5 / polar[1], polar[2], n_bins / (2.0 * math.pi)


@kernel
def ring_number(square: float, scale: Scale) -> float:
    """Ring number, not whole, of a squared distance; 0 within the first ring."""
    return float((math.log(max(square, scale[0])) - scale[1]) * scale[2])


@kernel
def node_number(dx: float, dy: float, scale: Scale) -> float:
    """Node number, not whole, of a direction."""
    angle = direction(dx, dy) + scale[3]
    if angle < 0.0:
        angle += 2.0 * math.pi
    return float(angle * scale[4])


@kernel
def hermite(table: Floats, rings: int, u: float, v: float) -> float:
    """Value at ring number u and node number v by bicubic Hermite interpolation, never below 0."""
    i = min(int(u), rings - 2)
    j = min(int(v), table.shape[1] - 2)
    u -= i
    v -= j
    rest = 1.0 - v
    v0, v1 = rest * rest * (1.0 + 2.0 * v), v * v * (1.0 + 2.0 * rest)
    s0, s1 = v * rest * rest, -rest * v * v
    low = v0 * table[i, j, 0] + s0 * table[i, j, 2] + v1 * table[i, j + 1, 0] + s1 * table[i, j + 1, 2]
    low_slope = v0 * table[i, j, 1] + s0 * table[i, j, 3] + v1 * table[i, j + 1, 1] + s1 * table[i, j + 1, 3]
    i += 1
    high = v0 * table[i, j, 0] + s0 * table[i, j, 2] + v1 * table[i, j + 1, 0] + s1 * table[i, j + 1, 2]
    high_slope = v0 * table[i, j, 1] + s0 * table[i, j, 3] + v1 * table[i, j + 1, 1] + s1 * table[i, j + 1, 3]
    rest = 1.0 - u
    value = rest * rest * (1.0 + 2.0 * u) * low + u * u * (1.0 + 2.0 * rest) * high
    value += u * rest * (rest * low_slope - u * high_slope)
    return float(max(value, 0.0))


@kernel
def _smooth(t: float) -> float:
    """Quintic step from 0 at t <= 0 to 1 at t >= 1, flat to second order at both."""
    t = min(max(t, 0.0), 1.0)
    return t * t * t * (10.0 + t * (6.0 * t - 15.0))


@kernel
def _ramp(ends: tuple[float, float], polar: Floats) -> tuple[float, float]:
    """Ring number at which a ramp between two radii begins, and its steepness per ring."""
    begin = math.log(ends[0] / polar[0]) / polar[1] if ends[0] > 0.0 else -math.inf
    if ends[0] <= 0.0 or math.isinf(ends[1]):
        return begin, 1.0
    return begin, polar[1] / math.log(ends[1] / ends[0])


@kernel
def stretches(reach: float, place: Floats, raster: Floats, ramps: Ramps, shape: tuple[int, int]) -> Integers:
    """Find the nodes of one level of the pyramid that may carry a share of a source's field.

    Parameters
    ----------
    reach : float
        The field is 0 beyond. [m]
    place : array, shape (2,)
        The source. [m]
    raster : array, shape (3,)
        First node of the level, halo included, and distance of its nodes. [m]
    ramps : tuple
        Distances from the source at which this level begins to carry the field, carries it whole, begins to hand it
        on and has done so; the first two are 0 for the first level that does, the others infinite for the last. [m]
    shape : tuple
        Rows and columns of the level.

    Returns
    -------
    int64 array, shape (n, 3)
        Row, first column, column after the last, of stretches of nodes.
    """
    ny, nx = shape
    cell = raster[2]
    inner, outer = ramps[0], min(reach, ramps[3])
    low = max(math.ceil((place[1] - outer - raster[1]) / cell), 0)
    high = min(math.floor((place[1] + outer - raster[1]) / cell), ny - 1)
    found, count = np.empty((2 * max(high - low + 1, 0), 3), np.int64), 0
    for iy in range(low, high + 1):
        dy = raster[1] + iy * cell - place[1]
        start = place[0] - raster[0]
        half = math.sqrt(max(outer * outer - dy * dy, 0.0))
        left = max(math.ceil((start - half) / cell), 0)
        right = min(math.floor((start + half) / cell), nx - 1) + 1
        # Nodes strictly within the inner circle carry nothing on this level.
        hole_left, hole_right = right, right
        if inner * inner > dy * dy:
            half = math.sqrt(inner * inner - dy * dy)
            hole_left = min(max(math.ceil((start - half) / cell), left), right)
            hole_right = min(max(math.floor((start + half) / cell) + 1, left), right)
        for begin, end in ((left, hole_left), (hole_right, right)):
            if end > begin:
                found[count, 0], found[count, 1], found[count, 2] = iy, begin, end
                count += 1
    return found[:count].copy()


@kernel
def _fill_row(
    table: Floats,
    rings: int,
    scale: Scale,
    dx: float,
    dy: float,
    cell: float,
    rise: tuple[float, float],
    fall: tuple[float, float],
    u: Floats,
    v: Floats,
    values: Floats,
) -> None:
    """Take a field along one stretch of a row that begins at (dx, dy) from the source; ``u``, ``v``: working memory."""
    for k in range(values.size):
        x = dx + k * cell
        u[k] = ring_number(x * x + dy * dy, scale)
    for k in range(values.size):
        v[k] = node_number(dx + k * cell, dy, scale)
    for k in range(values.size):
        values[k] = 0.0
        if u[k] <= rings - 1 + 1e-9:
            weight = _smooth((u[k] - rise[0]) * rise[1]) - _smooth((u[k] - fall[0]) * fall[1])
            values[k] = weight * hermite(table, rings, u[k], v[k])


@kernel
def take_field(
    table: Floats, rings: int, polar: Floats, place: Floats, raster: Floats, ramps: Ramps, where: Integers
) -> Floats:
    """Take the share of one source's field that one level of the pyramid carries.

    Parameters
    ----------
    table : array, shape (n_rings, n_bins + 1, 4)
        Value, derivative by ring number, by node number, by both.
    rings : int
        The field is 0 from ring ``rings`` - 1 on, unless that is the last of the table, where it is cut.
    polar : array, shape (3,)
        r_min [m], step in ln r, turn of the frame [rad]. Nearer than r_min the value there is held.
    place, raster, ramps
        As in `stretches`.
    where : int64 array, shape (n, 3)
        As `stretches` gives it.

    Returns
    -------
    array
        Values at the nodes of the stretches, one after the other; in the unit of the table.
    """
    cell = raster[2]
    values = np.empty(np.sum(where[:, 2] - where[:, 1]))
    widest = np.max(where[:, 2] - where[:, 1]) if where.shape[0] else 0
    u, v = np.empty(widest), np.empty(widest)
    scale = polar_scale(polar, table.shape[1] - 1)
    rise, fall = _ramp(ramps[:2], polar), _ramp(ramps[2:], polar)
    at = 0
    for i in range(where.shape[0]):
        dx, dy = raster[0] + where[i, 1] * cell - place[0], raster[1] + where[i, 0] * cell - place[1]
        size = where[i, 2] - where[i, 1]
        _fill_row(table, rings, scale, dx, dy, cell, rise, fall, u, v, values[at : at + size])
        at += size
    return values


@kernel
def spread(where: Integers, values: Floats, factor: float, total: Integers) -> None:
    """Add values on stretches of nodes, times a factor, to a level, shape (ny, nx). [2^-60/yr]"""
    at = 0
    for i in range(where.shape[0]):
        for ix in range(where[i, 1], where[i, 2]):
            total[where[i, 0], ix] += fixed(factor * values[at])
            at += 1


@kernel
def _between(a: float, b: float, c: float, d: float, e: float, f: float) -> float:
    """Middle of six equally spaced values; exact for polynomials of degree 5."""
    return (150.0 * (c + d) - 25.0 * (b + e) + 3.0 * (a + f)) / 256.0


@kernel
def refine(coarse: Floats, fine: Floats) -> None:
    """Interpolate a level to the next finer one and add it there; both with their halo."""
    half = np.empty((fine.shape[0], coarse.shape[1]))
    for iy in range(fine.shape[0]):
        # Node k of the fine level lies on node (k - HALO) / 2 + HALO of the coarse one.
        at = (iy + HALO) // 2
        for ix in range(coarse.shape[1]):
            half[iy, ix] = coarse[at, ix]
            if (iy + HALO) % 2:
                half[iy, ix] = _between(
                    coarse[at - 2, ix],
                    coarse[at - 1, ix],
                    coarse[at, ix],
                    coarse[at + 1, ix],
                    coarse[at + 2, ix],
                    coarse[at + 3, ix],
                )
    for iy in range(fine.shape[0]):
        row = half[iy]
        for ix in range(fine.shape[1]):
            at = (ix + HALO) // 2
            if (ix + HALO) % 2:
                fine[iy, ix] += _between(row[at - 2], row[at - 1], row[at], row[at + 1], row[at + 2], row[at + 3])
            else:
                fine[iy, ix] += row[at]


@kernel
def _inside(dx: float, dy: float, radius: float) -> bool:
    return dx * dx + dy * dy <= radius * radius


@kernel
def mark_disc(place: Floats, raster: Floats, radius: float, value: int, steps: Integers) -> None:
    """Note a disc of constant value by its two ends on every raster row; `fill_discs` makes it a raster.

    Parameters
    ----------
    place : array, shape (2,)
        [m]
    raster : array, shape (3,)
        Centre of the lower left cell and width of a cell. [m]
    radius : float
        Cells whose centre lies within belong to the disc. [m]
    value : int
        [2^-60/yr]
    steps : int64 array, shape (ny, nx + 1)
        Changed: + value where the disc begins, - value after its end.
    """
    ny, nx = steps.shape[0], steps.shape[1] - 1
    cell = raster[2]
    low = max(math.floor((place[1] - radius - raster[1]) / cell), 0)
    high = min(math.ceil((place[1] + radius - raster[1]) / cell), ny - 1)
    for iy in range(low, high + 1):
        dy = raster[1] + iy * cell - place[1]
        half = math.sqrt(max(radius * radius - dy * dy, 0.0))
        # The square root may be off by a rounding: start wide, then ask each end itself.
        left = max(math.floor((place[0] - half - raster[0]) / cell) - 1, 0)
        right = min(math.ceil((place[0] + half - raster[0]) / cell) + 1, nx - 1)
        while left <= right and not _inside(raster[0] + left * cell - place[0], dy, radius):
            left += 1
        while right >= left and not _inside(raster[0] + right * cell - place[0], dy, radius):
            right -= 1
        if left <= right:
            steps[iy, left] += value
            steps[iy, right + 1] -= value


@kernel
def fill_discs(steps: Integers, total: Integers) -> None:
    """Add all discs noted in ``steps``, shape (ny, nx + 1), to ``total``, shape (ny, nx)."""
    for iy in range(total.shape[0]):
        inside = 0
        for ix in range(total.shape[1]):
            inside += steps[iy, ix]
            total[iy, ix] += inside
