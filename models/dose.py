"""Toxic dose of a passing cloud: the integral of the n-th power of the concentration over time, at any point."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.plume_table import EDGE, FLAT, LOG_AXIS, PASSAGE, PlumeTable, locate_kernel, log_shape_kernel
from parkrisk.models.puff_table import CENTRE, OUTSIDE, STRETCH, PuffTable, within_kernel

__all__ = ["Dose", "farthest_dose_kernel", "log_dose_kernel", "plume_dose", "polar_dose_kernel", "puff_dose"]

Array = NDArray[np.float64]

_INSIDE = 4.0  # standard deviations of its edge within which the core of a puff is even
_NO_CORE = 0.02  # of the edge: a smaller core is none
_TAIL = 8.0  # standard deviations after which a cloud has passed
_MILLIGRAMS = math.log(1e6)  # of kg/m³ in mg/m³
_SECONDS = math.log(60.0)
_NEAREST = 0.1  # [m]
_SCAN_STEPS = 400
_BISECTIONS = 50

_NODES_32, _WEIGHTS_32 = np.polynomial.legendre.leggauss(32)
_NO_PLUME = PlumeTable(0.0, 1.0, 1.0, 0.0, 0.0, 0.0, np.zeros((2, 6)))
_NO_PUFF = PuffTable(np.zeros(2), np.zeros((2, 8)), np.zeros(2), np.zeros(2))


class Dose(NamedTuple):
    """What kernels need for ln of the dose [mg/m³, min].

    ``is_puff`` tells which table counts. ``passing`` is, at the nodes of a plume, ln of the time of exposure [min], at
    those of a puff the n-th power of the concentration in its middle; ``window`` is the longest exposure [s].
    """

    is_puff: bool
    plume: PlumeTable
    puff: PuffTable
    passing: Array
    n: float
    window: float


@kernel
def _passing_time(half_length: float, half_window: float, n: float, nodes: Array, weights: Array) -> float:
    """Integrate the n-th power of a release's share of its steady plume over time, all in units of σx/u.

    The cloud is a block of twice ``half_length`` with ends smoothed by a Gaussian; of its passage the worst stretch of
    twice ``half_window`` counts.
    """
    end = min(half_window, half_length + _TAIL)
    flat = min(end, max(half_length - _TAIL, 0.0))
    total = 0.0
    for i in range(nodes.size):
        s = 0.5 * (flat + end) + 0.5 * (end - flat) * nodes[i]
        share = 0.5 * (math.erfc((s - half_length) / math.sqrt(2.0)) - math.erfc((s + half_length) / math.sqrt(2.0)))
        total += weights[i] * share**n
    return float(2.0 * flat + (end - flat) * total)


@kernel
def _passing(table: PlumeTable, n: float, window: float, nodes: Array, weights: Array) -> Array:
    out = np.empty(table.nodes.shape[0])
    for i in range(out.size):
        unit = max(table.nodes[i, PASSAGE], 1e-6)
        passed = _passing_time(0.5 * table.duration / unit, 0.5 * window / unit, n, nodes, weights)
        out[i] = math.log(passed * unit) - _SECONDS
    return out


def plume_dose(table: PlumeTable, n: float, window: float) -> Dose:
    """Dose of a plume that lasts as long as its release.

    Parameters
    ----------
    table : PlumeTable
    n : float
        Exponent of the concentration.
    window : float
        People leave or shelter after this time; the worst such stretch of the passage counts. [s]

    Notes
    -----
    The release passes as the steady plume times ½[erf((s+d/2)/√2) - erf((s-d/2)/√2)], time s and duration d in units of
    σx/u [1]_. The power n of it is integrated by 32-point Gauss quadrature at each node.

    References
    ----------
    .. [1] E. Palazzi et al., Diffusion from a steady source of short duration, *Atmospheric Environment* 16 (1982)
       2785-2790.
    """
    return Dose(False, table, _NO_PUFF, _passing(table, n, window, _NODES_32, _WEIGHTS_32), n, window)


def puff_dose(table: PuffTable, n: float, window: float) -> Dose:
    """Dose of a puff, arguments as :func:`plume_dose`; integrated over its way node by node."""
    return Dose(True, _NO_PLUME, table, np.exp(n * table.nodes[:, LOG_AXIS]), n, window)


@kernel
def _puff_power(x: float, y: float, node: Array, power: float, n: float) -> float:
    """n-th power of the concentration, for that of the middle of the puff."""
    along = (x - node[CENTRE]) / node[STRETCH]
    square, flat, edge = along * along + y * y, node[FLAT], node[EDGE]
    outside = flat + OUTSIDE * edge
    if square > outside * outside:
        return 0.0
    if flat < _NO_CORE * edge:
        return power * math.exp(-0.5 * n * square / (edge * edge))
    inside = flat - _INSIDE * edge
    if inside > 0.0 and square < inside * inside:
        return power
    return power * math.exp(n * log_shape_kernel(math.sqrt(square), edge, flat))


@kernel
def _puff_dose(x: float, y: float, table: PuffTable, powers: Array, n: float, window: float) -> float:
    """Dose at a point, in units of (kg/m³)^n s: trapezia between nodes, the worst stretch of the longest exposure."""
    time, nodes = table.time, table.nodes
    first, end = within_kernel(x, table)
    first, last = max(first - 1, 0), min(end, time.size - 1)
    total, before = 0.0, _puff_power(x, y, nodes[first], powers[first], n)
    leaving, left, gone, worst = first, before, 0.0, 0.0
    for k in range(first + 1, last + 1):
        value = _puff_power(x, y, nodes[k], powers[k], n)
        total += 0.5 * (value + before) * (time[k] - time[k - 1])
        before, begin = value, time[k] - window
        if begin <= time[first]:
            worst = total
            continue
        following = _puff_power(x, y, nodes[leaving + 1], powers[leaving + 1], n)
        while time[leaving + 1] <= begin:
            gone += 0.5 * (left + following) * (time[leaving + 1] - time[leaving])
            leaving, left = leaving + 1, following
            following = _puff_power(x, y, nodes[leaving + 1], powers[leaving + 1], n)
        rest = begin - time[leaving]
        slope = (following - left) / (time[leaving + 1] - time[leaving])
        worst = max(worst, total - gone - (left + 0.5 * slope * rest) * rest)
    return worst


@kernel
def log_dose_kernel(x: float, y: float, dose: Dose) -> float:
    """Log of the dose [mg/m³, min] at a point downwind and off the axis [m]; -inf where there is none."""
    if dose.is_puff:
        found = _puff_dose(x, y, dose.puff, dose.passing, dose.n, dose.window)
        return math.log(found) + dose.n * _MILLIGRAMS - _SECONDS if found > 0.0 else -math.inf
    table = dose.plume
    if x < table.origin or x > table.farthest:
        return -math.inf
    i, t = locate_kernel(x, table)
    rest = 1.0 - t
    shape = log_shape_kernel(
        y,
        rest * table.nodes[i, EDGE] + t * table.nodes[i + 1, EDGE],
        rest * table.nodes[i, FLAT] + t * table.nodes[i + 1, FLAT],
    )
    axis = rest * table.nodes[i, LOG_AXIS] + t * table.nodes[i + 1, LOG_AXIS]
    passing = rest * dose.passing[i] + t * dose.passing[i + 1]
    return float(dose.n * (axis + _MILLIGRAMS + shape) + passing)


@kernel
def polar_dose_kernel(distance: float, angle: float, dose: Dose) -> float:
    """Log of the dose at a polar point; within the core of a plume that at its downwind rim."""
    if not dose.is_puff and distance <= dose.plume.core:
        return log_dose_kernel(dose.plume.core, 0.0, dose)
    return log_dose_kernel(distance * math.cos(angle), distance * math.sin(angle), dose)


@kernel
def farthest_dose_kernel(lowest: float, farthest: float, dose: Dose) -> float:
    """Farthest distance [m] downwind, up to ``farthest``, where ln of the dose reaches ``lowest``; 0 if nowhere."""
    high = farthest
    if log_dose_kernel(high, 0.0, dose) >= lowest:
        return high
    first = max(0.0 if dose.is_puff else dose.plume.core, _NEAREST)
    step = math.log(farthest / first) / _SCAN_STEPS
    for i in range(_SCAN_STEPS - 1, -1, -1):
        low = first * math.exp(i * step)
        if log_dose_kernel(low, 0.0, dose) >= lowest:
            for _ in range(_BISECTIONS):
                middle = 0.5 * (low + high)
                if log_dose_kernel(middle, 0.0, dose) >= lowest:
                    low = middle
                else:
                    high = middle
            return low
        high = low
    return 0.0
