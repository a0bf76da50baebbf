"""Lethality of a flame on every ring and bin of a polar grid, from a few heat fluxes on each ring."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.fire.flame import flame_flux_kernel
from parkrisk.models.fire.ring_series import (
    Room,
    crossing,
    log_danger,
    log_flux,
    room,
    series,
    series_value,
    series_values,
)

__all__ = ["LethalityTable", "certain_death_radius", "flux_rings", "lethality_rings", "radial_lethality_rings"]

Array = NDArray[np.float64]
Counts = NDArray[np.int32]


class LethalityTable(NamedTuple):
    """Lethalities at equal steps of the log-flux, up to just below that of certain death."""

    first: float  #: least log-flux; below it nobody dies [ln W/m²]
    step: float
    values: Array  #: INDIVIDUAL, OUTDOOR, INDOOR; shape (3, n)
    death: float  #: log-flux of certain death [ln W/m²]


@kernel
def _looked_up(value: float, table: LethalityTable, out: Array, k: int) -> None:
    """Lethalities of one log-flux below certain death, into column k."""
    place = (value - table.first) / table.step
    last = table.values.shape[1] - 1
    if not place >= 0.0:
        for row in range(3):
            out[row, k] = 0.0
        return
    i = min(int(place), last - 1)
    share = min(place - i, 1.0)
    for row in range(3):
        out[row, k] = table.values[row, i] + share * (table.values[row, i + 1] - table.values[row, i])


@kernel
def _ring_means(at_edge: Array, begin: int, count: int, out: Array, start: int) -> None:
    """Bin means of one ring from bin ``begin`` on, to fourth order in the width of a bin."""
    half = at_edge.shape[1] - 1
    for row in range(3):
        p = at_edge[row]
        for k in range(begin, count):
            before = p[k - 1] if k > begin else (p[k + 1] if k == 0 else 2.0 * p[k] - p[k + 1])
            after = p[k + 2] if k + 2 <= half else p[k]
            mean = 0.5 * (p[k] + p[k + 1]) - (before - p[k] - p[k + 1] + after) / 24.0
            out[row, start + k] = min(max(mean, 0.0), 1.0)


@kernel
def _rough_ring(
    flame: Array, distance: float, cosine: Array, table: LethalityTable, at_edge: Array, out: Array, start: int
) -> int:
    """Bins in store of a ring evaluated in every bin; any number of steps of the flux may lie on it."""
    half = cosine.size - 1
    width = math.pi / half
    death = table.death
    count = 0
    rim = np.empty((3, 1))
    before = log_danger(flame, distance, cosine[0])
    _looked_up(before, table, at_edge, 0)
    for k in range(half):
        after = log_danger(flame, distance, cosine[k + 1])
        _looked_up(after, table, at_edge, k + 1)
        if (before >= death) != (after >= death):
            weaker = k if after >= death else k + 1
            stronger = 2 * k + 1 - weaker
            angle = crossing(flame, distance, death, stronger * width, weaker * width)
            share = abs(angle / width - stronger)
            _looked_up(log_danger(flame, distance, math.cos(angle)), table, rim, 0)
            for row in range(3):
                out[row, start + k] = share + (1.0 - share) * 0.5 * (rim[row, 0] + at_edge[row, weaker])
        else:
            for row in range(3):
                mean = 0.5 * (at_edge[row, k] + at_edge[row, k + 1])
                out[row, start + k] = 1.0 if before >= death else mean
        if out[0, start + k] > 0.0:
            count = k + 1
        before = after
    return count


@kernel
def _inner_angle(flame: Array, distance: float, death: float) -> float:
    """Angle from the downwind axis, where the flux is that of certain death or more, to where it falls below. [rad]"""
    for j in range(1, 9):
        if log_danger(flame, distance, 1.0 - 0.25 * j) < death:
            low, high = math.acos(1.25 - 0.25 * j), math.acos(1.0 - 0.25 * j)
            return float(crossing(flame, distance, death, low, high))
    return math.pi


@kernel
def _smooth_ring(
    flame: Array,
    distance: float,
    inner: float,
    cosine: Array,
    table: LethalityTable,
    cosines: Array,
    work: Room,
    at_edge: Array,
    out: Array,
    start: int,
) -> int:
    """Bins in store of a ring with certain death up to the angle ``inner``; -1: no series holds its flux."""
    half = cosine.size - 1
    width = math.pi / half
    begin = min(int(inner / width), half)
    for row in range(3):
        out[row, start : start + begin] = 1.0
    if begin == half:
        return half
    n = series(flame, distance, inner, cosines, work)
    if n == 0:
        return -1
    place = work.place
    for k in range(begin, half + 1):
        place[k] = cosine[k] if inner == 0.0 else 1.0 - 2.0 * (k * width - inner) / (math.pi - inner)
    series_values(work.coefficients, n, place[begin:], work.value[begin:])
    last = begin
    for k in range(begin, half + 1):
        if k > begin and work.value[k] > table.death:
            return -1  # the flux rises again
        _looked_up(work.value[k], table, at_edge, k)
        if at_edge[0, k] > 0.0:
            last = min(k + 1, half)
    if inner > 0.0:  # part of bin ``begin`` is certain death, the rest by Simpson's rule
        middle, rim = at_edge[:, begin : begin + 1], np.empty((3, 1))
        _looked_up(series_value(work.coefficients, n, 0.5 * (1.0 + place[begin + 1])), table, middle, 0)
        _looked_up(series_value(work.coefficients, n, 1.0), table, rim, 0)
        part = inner / width - begin
        for row in range(3):
            mean = (rim[row, 0] + 4.0 * middle[row, 0] + at_edge[row, begin + 1]) / 6.0
            out[row, start + begin] = part + (1.0 - part) * mean
        begin += 1
        last = max(last, begin)
    _ring_means(at_edge, begin, last, out, start)
    return last


@kernel
def lethality_rings(
    flame: Array,
    radius: Array,
    cosine: Array,
    core: float,
    rim: Array,
    flame_end: float,
    table: LethalityTable,
    cosines: Array,
) -> tuple[Counts, Array]:
    """Bins in store on each ring and their lethalities, shape (3, sum of the counts).

    Parameters
    ----------
    flame : array
        Weakens away from the downwind axis, on every ring.
    radius, cosine : arrays
        Of the rings [m]; of the angles of the bins' edges, from the axis to behind, shape (half + 1,).
    core, rim : float, array
        Radius that the flame covers whole, and what the rings inside it hold, shape (3,).
    flame_end : float
        Beyond this distance the flux falls outward on the axis. [m]
    table : LethalityTable
    cosines : array
        ``ring_series.COSINES``.
    """
    half = cosine.size - 1
    count = np.zeros(radius.size, dtype=np.int32)
    out = np.empty((3, radius.size * half))
    at_edge = np.empty((3, half + 1))
    work = room(half + 1)
    start = 0
    for ring in range(radius.size):
        distance = radius[ring]
        if distance <= core:
            if rim[0] > 0.0:
                count[ring] = half
                for row in range(3):
                    out[row, start : start + half] = rim[row]
                start += half
            continue
        ahead = log_danger(flame, distance, 1.0)
        if ahead < table.first:
            if distance > flame_end:
                break
            if max(log_danger(flame, distance, 0.7), log_danger(flame, distance, 0.0)) < table.first:
                continue
        inner = _inner_angle(flame, distance, table.death) if ahead >= table.death else 0.0
        n = _smooth_ring(flame, distance, inner, cosine, table, cosines, work, at_edge, out, start)
        if n < 0:
            n = _rough_ring(flame, distance, cosine, table, at_edge, out, start)
        count[ring] = n
        start += n
    return count, out[:, :start].copy()


@kernel
def certain_death_radius(flame: Array, level: float) -> float:
    """Distance [m] within which a flame that is the same all round sends at least ``level`` [W/m²]; 0: nowhere."""
    if flame_flux_kernel(flame, 0.0, 0.0) < level:
        return 0.0
    low, high = 0.0, 1.0
    while flame_flux_kernel(flame, high, 0.0) >= level and high < 1e6:
        low, high = high, 2.0 * high
    while high - low > 1e-6 * high:
        middle = 0.5 * (low + high)
        if flame_flux_kernel(flame, middle, 0.0) < level:
            high = middle
        else:
            low = middle
    return high


@kernel
def radial_lethality_rings(
    flame: Array, radius: Array, half: int, certain: float, table: LethalityTable
) -> tuple[Counts, Array]:
    """As `lethality_rings`, for a flame that is the same all round; within ``certain`` [m] the value at its rim."""
    count = np.zeros(radius.size, dtype=np.int32)
    values = np.empty((3, radius.size))
    stored = 0
    for ring in range(radius.size):
        if radius[ring] <= certain:
            values[:, ring] = table.values[:, table.values.shape[1] - 1]
        else:
            _looked_up(log_flux(flame, radius[ring], 1.0), table, values, ring)
        if not values[0, ring] > 0.0:
            break
        count[ring] = half
        stored = ring + 1
    out = np.empty((3, stored * half))
    for row in range(3):
        for ring in range(stored):
            out[row, ring * half : (ring + 1) * half] = values[row, ring]
    return count, out


@kernel
def flux_rings(flame: Array, radius: Array, cosine: Array, least: float, cosines: Array) -> Array:
    """Heat flux [W/m²] at the middle of every bin (cosines of their angles), shape (rings, bins); 0 below ``least``."""
    out = np.zeros((radius.size, cosine.size))
    work = room(cosine.size)
    for ring in range(radius.size):
        n = series(flame, radius[ring], 0.0, cosines, work)
        if n > 0:
            series_values(work.coefficients, n, cosine, work.value)
        for k in range(cosine.size):
            flux = math.exp(work.value[k] if n > 0 else log_flux(flame, radius[ring], cosine[k]))
            if flux >= least:
                out[ring, k] = flux
    return out
