"""Inner loops that bring the risk around a source to the raster and to points, summed as integers.

Integer sums do not depend on their order, and what was added can be taken away without a trace.
"""

import math

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

#: Frequencies are summed as integers of 1/this. [yr]
FIXED_POINT = float(2**60)


@kernel
def sample(table: Floats, rings: int, dx: float, dy: float, polar: Floats) -> float:
    """Risk at one point beside a source, by bicubic Hermite interpolation in (ln r, θ), never below 0.

    Parameters
    ----------
    table : array, shape (n_rings, n_bins + 1, 4)
        Value, derivative by ring number, by node number, by both.
    rings : int
        The field is 0 from ring ``rings`` - 1 on, unless that is the last of the table, where it is cut.
    dx, dy : float
        From the source. [m]
    polar : array, shape (3,)
        r_min [m], step in ln r, turn of the frame [rad]. Nearer than r_min the value there is held.

    Returns
    -------
    float
        [1/yr]
    """
    n_bins = table.shape[1] - 1
    square = dx * dx + dy * dy
    u = 0.0
    if square > polar[0] * polar[0]:
        u = 0.5 * math.log(square / (polar[0] * polar[0])) / polar[1]
    if u > rings - 1 + 1e-9:
        return 0.0
    i = min(int(u), rings - 2)
    angle = math.atan2(dy, dx) + polar[2]
    if angle < 0.0:
        angle += 2.0 * math.pi
    v = angle * n_bins / (2.0 * math.pi)
    j = min(int(v), n_bins - 1)
    u -= i
    v -= j
    # Hermite: from either end, its value and its slope.
    rest = 1.0 - v
    v0, v1 = rest * rest * (1.0 + 2.0 * v), v * v * (1.0 + 2.0 * rest)
    s0, s1 = v * rest * rest, -rest * v * v
    inner, outer = table[i], table[i + 1]
    low = v0 * inner[j, 0] + s0 * inner[j, 2] + v1 * inner[j + 1, 0] + s1 * inner[j + 1, 2]
    low_slope = v0 * inner[j, 1] + s0 * inner[j, 3] + v1 * inner[j + 1, 1] + s1 * inner[j + 1, 3]
    high = v0 * outer[j, 0] + s0 * outer[j, 2] + v1 * outer[j + 1, 0] + s1 * outer[j + 1, 2]
    high_slope = v0 * outer[j, 1] + s0 * outer[j, 3] + v1 * outer[j + 1, 1] + s1 * outer[j + 1, 3]
    rest = 1.0 - u
    value = rest * rest * (1.0 + 2.0 * u) * low + u * u * (1.0 + 2.0 * rest) * high
    value += u * rest * (rest * low_slope - u * high_slope)
    return float(max(value, 0.0))


@kernel
def fixed(value: float) -> int:
    """Value as an integer number of 2^-60."""
    return int(value * FIXED_POINT)


@kernel
def stamp(
    table: Floats,
    rings: int,
    polar: Floats,
    place: Floats,
    raster: Floats,
    reach: float,
    total: Integers,
) -> None:
    """Add the field of one source to a raster.

    Parameters
    ----------
    table, rings, polar
        As in `sample`.
    place : array, shape (2,)
        The source. [m]
    raster : array, shape (3,)
        Centre of the lower left cell and width of a cell. [m]
    reach : float
        The field is 0 beyond. [m]
    total : int64 array, shape (ny, nx)
        Added to. [2^-60/yr]
    """
    ny, nx = total.shape
    cell = raster[2]
    low = max(math.ceil((place[1] - reach - raster[1]) / cell), 0)
    high = min(math.floor((place[1] + reach - raster[1]) / cell), ny - 1)
    for iy in range(low, high + 1):
        dy = raster[1] + iy * cell - place[1]
        half = math.sqrt(max(reach * reach - dy * dy, 0.0))
        left = max(math.ceil((place[0] - half - raster[0]) / cell), 0)
        right = min(math.floor((place[0] + half - raster[0]) / cell), nx - 1)
        for ix in range(left, right + 1):
            dx = raster[0] + ix * cell - place[0]
            total[iy, ix] += fixed(sample(table, rings, dx, dy, polar))


@kernel
def add_at_points(table: Floats, rings: int, polar: Floats, place: Floats, points: Floats, total: Integers) -> None:
    """Add the field of one source at points, shape (n, 2), to ``total``, shape (n,); else as `stamp`."""
    for i in range(points.shape[0]):
        dx = points[i, 0] - place[0]
        dy = points[i, 1] - place[1]
        total[i] += fixed(sample(table, rings, dx, dy, polar))


@kernel
def _inside(dx: float, dy: float, radius: float) -> bool:
    return dx * dx + dy * dy <= radius * radius


@kernel
def mark_disc(place: Floats, raster: Floats, radius: float, value: int, steps: Integers) -> None:
    """Note a disc of constant value by its two ends on every raster row; `fill_discs` makes it a raster.

    Parameters
    ----------
    place, raster
        As in `stamp`.
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


@kernel
def add_disc_at_points(place: Floats, points: Floats, radius: float, value: int, total: Integers) -> None:
    """Add a disc of constant value at points, shape (n, 2), to ``total``, shape (n,)."""
    for i in range(points.shape[0]):
        if _inside(points[i, 0] - place[0], points[i, 1] - place[1], radius):
            total[i] += value
