"""Gas or boiling liquid that runs out of a long line, friction against compressibility, as a compiled solver."""

import math

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.substance.cubic_table import CubicTable, cubic_kernel

__all__ = ["line_kernel"]

_NEWTON_STEPS = 40
_SLOPE_SHARE = 0.75  # of the secant of the friction law; its tangent (0.5) overshoots near rest
_TOLERANCE = 1e-7  # of ln ρ
_FULL_FEED = 1e-3  # fall of ln ρ at the far end at which its pump gives all its flow
_CHANGE = 0.06  # of ln ρ that a step aims at
_LARGEST_CHANGE = 0.4  # above which a step is tried again
_SMALL = 1e-6
_LEAST_PUSH = 1e-6  # share of the pressure below which the flow is taken as laminar


@kernel
def _secant(density: float, here: float, there: float, p_here: float, p_there: float, conductance: float) -> float:
    """Flux between two cells over their difference of pressure, each given by ln(ρ0/ρ) and p. [s/m]"""
    mean = 0.5 * density * (math.exp(-here) + math.exp(-there))
    return conductance * math.sqrt(mean) / math.sqrt(abs(p_here - p_there) + _LEAST_PUSH * p_here)


@kernel
def _residual(
    old: NDArray[np.float64],
    new: NDArray[np.float64],
    cells: NDArray[np.float64],
    density: float,
    step: float,
    edge: NDArray[np.float64],
    out: float,
    breach: int,
    feed: float,
    rest: NDArray[np.float64],
) -> None:
    """Mass that each cell has too much after a step, per area and time."""
    n = len(new)
    for i in range(n):
        rest[i] = density * (math.exp(-new[i]) - math.exp(-old[i])) * cells[i] / step
        if i > 0:
            rest[i] -= edge[i - 1]
        if i < n - 1:
            rest[i] += edge[i]
    rest[0] -= feed
    rest[breach] += out


@kernel
def _implicit_step(
    table: CubicTable,
    flux_table: CubicTable,
    density: float,
    old: NDArray[np.float64],
    cells: NDArray[np.float64],
    conductance: NDArray[np.float64],
    breach: int,
    opening: float,
    feed: float,
    end: float,
    step: float,
    new: NDArray[np.float64],
) -> tuple[bool, float]:
    """One step of Euler backwards by Newton; ``new`` is filled. Whether it converged, and the flux out."""
    n = len(old)
    edge, rest, slope = np.empty(n - 1), np.empty(n), np.empty(n)
    pressure = np.empty(n)
    lower, middle, upper = np.zeros(n), np.empty(n), np.zeros(n)
    new[:] = old
    out = 0.0
    for _ in range(_NEWTON_STEPS):
        for i in range(n):
            pressure[i] = math.exp(cubic_kernel(table, new[i], 0))
            slope[i] = (math.exp(cubic_kernel(table, new[i] + _SMALL, 0)) - pressure[i]) / _SMALL
            middle[i] = -density * math.exp(-new[i]) * cells[i] / step
        for i in range(n - 1):
            secant = _secant(density, new[i], new[i + 1], pressure[i], pressure[i + 1], conductance[i])
            edge[i] = secant * (pressure[i] - pressure[i + 1])
            by_here, by_there = _SLOPE_SHARE * secant * slope[i], -_SLOPE_SHARE * secant * slope[i + 1]
            middle[i] += by_here
            upper[i] = by_there
            middle[i + 1] -= by_there
            lower[i + 1] = -by_here
        out = 0.0
        if new[breach] < end:
            out = opening * cubic_kernel(flux_table, new[breach], 0)
            middle[breach] += (opening * cubic_kernel(flux_table, new[breach] + _SMALL, 0) - out) / _SMALL
        fed = feed * min(1.0, new[0] / _FULL_FEED)
        if new[0] < _FULL_FEED:
            middle[0] -= feed / _FULL_FEED
        _residual(old, new, cells, density, step, edge, out, breach, fed, rest)
        largest = _thomas(lower, middle, upper, rest)
        for i in range(n):
            new[i] = max(new[i] - min(max(rest[i], -1.0), 1.0), 0.0)
        if largest < _TOLERANCE:
            out = opening * cubic_kernel(flux_table, new[breach], 0) if new[breach] < end else 0.0
            return True, out
    return False, out


@kernel
def _thomas(
    lower: NDArray[np.float64], middle: NDArray[np.float64], upper: NDArray[np.float64], rest: NDArray[np.float64]
) -> float:
    """Solve a tridiagonal system in place of ``rest``; return the largest unknown."""
    n = len(rest)
    for i in range(1, n):
        share = lower[i] / middle[i - 1]
        middle[i] -= share * upper[i - 1]
        rest[i] -= share * rest[i - 1]
    rest[n - 1] /= middle[n - 1]
    largest: float = abs(rest[n - 1])
    for i in range(n - 2, -1, -1):
        rest[i] = (rest[i] - upper[i] * rest[i + 1]) / middle[i]
        largest = max(largest, abs(rest[i]))
    return largest


@kernel
def line_kernel(
    table: CubicTable,
    flux_table: CubicTable,
    density: float,
    end: float,
    cells: NDArray[np.float64],
    conductance: NDArray[np.float64],
    breach: int,
    opening: float,
    feed: float,
    shut_edges: NDArray[np.int64],
    shut_time: float,
    until: float,
    most: int,
) -> NDArray[np.float64]:
    """History of a line that empties through a breach.

    Parameters
    ----------
    table : CubicTable
        ln p, T, h of the content over ln(ρ0/ρ).
    flux_table : CubicTable
        Flux of a nozzle [kg/(m²·s)] from the content at rest, over ln(ρ0/ρ).
    density, end : float
        At the start [kg/m³]; ln(ρ0/ρ) at ambient pressure.
    cells : array
        Lengths along the line. [m]
    conductance : array
        √(2 D/(f Δx)) between each cell and the next.
    breach : int
        Cell of the breach.
    opening : float
        Area of the breach with its discharge coefficient, over that of the line.
    feed : float
        Most flux into the first cell, until the valves shut; no more than holds the first pressure. [kg/(m²·s)]
    shut_edges : array of int
        Edges that valves close.
    shut_time, until : float
        When they close; end of the history. [s]
    most : int
        Steps at most.

    Returns
    -------
    array, shape (steps, 5)
        Time [s], flux out per area of the line [kg/(m²·s)], mass in the line per area [kg/m²], ln(ρ0/ρ) at the breach,
        mass that came out per area [kg/m²].

    Notes
    -----
    ∂ρ/∂t + ∂G/∂x = 0 and ∂p/∂x = −f G|G|/(2 D ρ), without inertia; backward Euler, Newton's method. What leaves is
    booked with the flux at the end of each step, so the mass balance closes.
    """
    n = len(cells)
    open_line = conductance.copy()
    drops, new = np.zeros(n), np.empty(n)
    found = np.empty((most + 1, 5))
    time, gone, step = 0.0, 0.0, 1e-3
    held = density * np.sum(cells)
    found[0, 0], found[0, 1], found[0, 2] = 0.0, opening * cubic_kernel(flux_table, 0.0, 0), held
    found[0, 3], found[0, 4] = 0.0, 0.0
    shut = False
    count = 1
    while count <= most and time < until:
        if not shut and time >= shut_time:
            shut, feed, step = True, 0.0, min(step, 0.1)
            for edge in shut_edges:
                open_line[edge] = 0.0
        target = until if shut else min(until, shut_time)
        taken = min(step, target - time)
        solved, out = _implicit_step(
            table, flux_table, density, drops, cells, open_line, breach, opening, feed, end, taken, new
        )
        change = np.max(np.abs(new - drops))
        if not solved or change > _LARGEST_CHANGE:
            step = 0.4 * taken
            if step < 1e-9:
                break
            continue
        time = target if taken == target - time else time + taken
        gone += out * taken
        drops[:] = new
        held = density * np.sum(np.exp(-drops) * cells)
        found[count, 0], found[count, 1], found[count, 2] = time, out, held
        found[count, 3], found[count, 4] = drops[breach], gone
        count += 1
        step = taken * min(2.0, max(0.5, _CHANGE / max(change, 1e-9)))
        if out <= 1e-4 * found[0, 1]:
            break
    return found[:count]
