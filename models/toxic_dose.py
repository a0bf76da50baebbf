"""Toxic load of a concentration that changes: the integral of its n-th power over the time of exposure.

A cloud that passes is measured by its *exposure time*, the integral of (concentration / reference)^n over time, so that
dose = reference^n × exposure time. The reference is the steady concentration of a plume, or the peak of a puff. Times
are made free of dimension by k = u/(√2 σx), wind over spread along the wind [1/s]: a release of some duration passes as
½[erf(k t) - erf(k (t - duration))], a puff as exp(-k² t²).

Where people leave or shelter after some time, the worst such stretch of the passage counts.
"""

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.bounds import bounded
from parkrisk.models.errors import OutOfRange

__all__ = [
    "DoseFactors",
    "checked_history",
    "dose_factor",
    "dose_factor_kernel",
    "dose_factors",
    "history_dose",
    "history_dose_kernel",
    "lethal_concentration",
    "puff_dose_factor",
    "puff_dose_factor_kernel",
    "pulse_kernel",
    "tabulated_dose_factor_kernel",
]

Array = NDArray[np.float64]

_RAMP = 5.0  # |k t| from an end of the release at which the smoothed edge is over
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)

_TABLE_FIRST = math.log(0.003)
_TABLE_STEP = 0.06
_TABLE_SIZE = 181  # up to k × duration of 147


@kernel
def pulse_kernel(s: float, half: float) -> float:
    """Share of the steady concentration at k × (time from the middle of the passage), ``half`` = k × duration / 2."""
    distance = abs(s)
    return 0.5 * (math.erfc(distance - half) - math.erfc(distance + half))


@kernel
def _panel(low: float, high: float, half: float, n: float) -> float:
    total = 0.0
    for i in range(_NODES.size):
        s = 0.5 * (low + high) + 0.5 * (high - low) * _NODES[i]
        total += _WEIGHTS[i] * pulse_kernel(s, half) ** n
    return float(0.5 * (high - low) * total)


@kernel
def dose_factor_kernel(n: float, k_duration: float, k_window: float) -> float:
    """Exposure time of a release that lasts, over its duration; all times multiplied by k.

    G of dose = C_steady^n × duration × G, over the worst stretch of length ``k_window``. Below 1e-7 of itself off, for
    n from 0.5 up; about 1 µs.
    """
    if not (k_duration > 0.0 and k_window > 0.0):
        return 0.0
    half = 0.5 * k_duration
    reach = _RAMP / math.sqrt(min(n, 1.0))
    end = min(0.5 * k_window, half + reach)
    flat = min(end, max(half - _RAMP, 0.0))
    edge = min(end, max(half, 0.5 * (half + reach) if half < 1.0 else half))
    return 2.0 * (flat + _panel(flat, edge, half, n) + _panel(edge, end, half, n)) / k_duration


@kernel
def puff_dose_factor_kernel(n: float, k_window: float) -> float:
    """Exposure time of a puff times k: the integral of exp(-n s²) over the middle stretch of length ``k_window``."""
    return math.sqrt(math.pi / n) * math.erf(0.5 * k_window * math.sqrt(n))


class DoseFactors(NamedTuple):
    """Factors of one exponent at nodes even in the logarithm, for kernels; made by `dose_factors`."""

    n: float
    table: Array


def dose_factors(n: float) -> DoseFactors:
    """Tabulate `dose_factor` without limit of exposure for one exponent.

    Parameters
    ----------
    n : float
        Exponent of the concentration, 0.5 to 10.

    Returns
    -------
    DoseFactors
        For `tabulated_dose_factor_kernel`, which keeps within 1e-5 of the factor.

    Raises
    ------
    OutOfRange
        The exponent lies outside.
    """
    exponent = float(bounded(n, "浓度指数 n ", "exponent n", 10.0, 0.5))
    position = np.exp(_TABLE_FIRST + _TABLE_STEP * np.arange(_TABLE_SIZE))
    values = [math.log(dose_factor_kernel(exponent, float(x), math.inf)) for x in position]
    return DoseFactors(exponent, np.array(values))


@kernel
def tabulated_dose_factor_kernel(k_duration: float, factors: DoseFactors) -> float:
    """`dose_factor_kernel` without limit of exposure, read from a table by cubics; less than 10 ns."""
    table = factors.table
    position = (math.log(k_duration) - _TABLE_FIRST) / _TABLE_STEP
    if position <= 0.0:
        # a puff: the factor goes with the power n - 1
        return math.exp(table[0] + (factors.n - 1.0) * _TABLE_STEP * position)
    if position >= _TABLE_SIZE - 1.0:
        # each end takes away a constant time
        last = math.exp(_TABLE_FIRST + _TABLE_STEP * (_TABLE_SIZE - 1))
        return 1.0 - (1.0 - math.exp(table[_TABLE_SIZE - 1])) * last / k_duration
    i = min(max(int(position), 1), _TABLE_SIZE - 3)
    t = position - i
    a, b, c, d = table[i - 1], table[i], table[i + 1], table[i + 2]
    value = b + t * (c - b)
    value -= t * (1.0 - t) * ((2.0 - t) * (a - 2.0 * b + c) + (1.0 + t) * (b - 2.0 * c + d)) / 6.0
    return math.exp(value)


def dose_factor(n: ArrayLike, k_duration: ArrayLike, k_window: ArrayLike = math.inf) -> Array:
    """Dose of a release that lasts, over that of its steady concentration for as long as it lasts.

    Parameters
    ----------
    n : float or array
        Exponent of the concentration, 0.5 to 10.
    k_duration : float or array
        Duration of the release times u/(√2 σx), wind over spread along the wind.
    k_window : float or array
        Longest exposure times the same; infinite: no limit.

    Returns
    -------
    array
        G of dose = C_steady^n × duration × G. 1 for n = 1 and no limit.

    Raises
    ------
    OutOfRange
        The exponent lies outside 0.5 to 10, a time is negative or NaN.

    Notes
    -----
    Integral of {½[erf(s) - erf(s - k T)]}^n ds / (k T), by Gauss quadrature, from the passage given by [1]_. Exact for
    n = 2: erf(kT/√2) - √(2/π) (1 - exp(-(kT)²/2)) / (kT).

    References
    ----------
    .. [1] E. Palazzi et al., Diffusion from a steady source of short duration, *Atmospheric Environment* 16 (1982)
       2785-2790.

    Examples
    --------
    >>> round(float(dose_factor(1.0, 5.0)), 7)
    1.0
    """
    power, duration, window = np.broadcast_arrays(
        bounded(n, "浓度指数 n ", "exponent n", 10.0, 0.5),
        bounded(k_duration, "无量纲历时 ", "duration times k", 1e9),
        bounded(k_window, "无量纲暴露时间 ", "exposure times k", math.inf),
    )
    factors = [
        dose_factor_kernel(*map(float, each)) for each in zip(power.flat, duration.flat, window.flat, strict=True)
    ]
    return np.array(factors).reshape(power.shape)


def puff_dose_factor(n: float, k_window: float = math.inf) -> float:
    """Exposure time of a puff times u/(√2 σx): dose = C_peak^n × this / k. Arguments and errors as `dose_factor`."""
    return puff_dose_factor_kernel(
        float(bounded(n, "浓度指数 n ", "exponent n", 10.0, 0.5)),
        float(bounded(k_window, "无量纲暴露时间 ", "exposure times k", math.inf)),
    )


@kernel
def _segment(first: float, last: float, length: float, n: float) -> float:
    """Integral of the n-th power of a straight line from ``first`` to ``last``."""
    high = max(first, last)
    if high <= 0.0:
        return 0.0
    ratio = min(first, last) / high
    if ratio > 0.99:
        # series about the middle, where the quotient below loses its digits
        middle, slope = 0.5 * (1.0 + ratio), 0.5 * (1.0 - ratio)
        mean = middle**n * (1.0 + n * (n - 1.0) / 6.0 * (slope / middle) ** 2)
    else:
        mean = (1.0 - ratio ** (n + 1.0)) / ((n + 1.0) * (1.0 - ratio))
    return float(length * high**n * mean)


@kernel
def _before(time: Array, t: float) -> int:
    """Sample before t, such that another one follows."""
    return min(max(int(np.searchsorted(time, t, side="right")) - 1, 0), time.size - 2)


@kernel
def _at(time: Array, value: Array, t: float) -> float:
    """Straight between the samples, 0 outside them."""
    if t < time[0] or t > time[time.size - 1]:
        return 0.0
    i = _before(time, t)
    share = (t - time[i]) / (time[i + 1] - time[i])
    return float(value[i] + share * (value[i + 1] - value[i]))


@kernel
def _until(time: Array, value: Array, total: Array, n: float, t: float) -> float:
    """Dose from the first time to t; ``total`` holds it at the samples."""
    i = _before(time, t)
    return float(total[i] + _segment(value[i], _at(time, value, t), t - time[i], n))


@kernel
def history_dose_kernel(time: Array, concentration: Array, n: float, longest_exposure: float) -> float:
    """Dose of a concentration given at increasing times, straight in between; the worst stretch counts.

    In units of concentration^n × time. Arguments are not checked.
    """
    total = np.zeros(time.size)
    for i in range(time.size - 1):
        length = time[i + 1] - time[i]
        total[i + 1] = total[i] + _segment(concentration[i], concentration[i + 1], length, n)
    first, last = time[0], time[time.size - 1]
    if last - first <= longest_exposure:
        return float(total[time.size - 1])
    # The dose from t to t + longest changes at the rate C(t + longest)^n - C(t)^n: between the times at which either
    # end passes a sample both are straight, and the rate is 0 at one time at most.
    starts = np.sort(np.concatenate((time, time - longest_exposure)))
    starts = starts[(starts >= first) & (starts <= last - longest_exposure)]
    worst = 0.0
    for i in range(starts.size):
        low = starts[i]
        end = low + longest_exposure
        worst = max(worst, _until(time, concentration, total, n, end) - _until(time, concentration, total, n, low))
        if i + 1 == starts.size:
            break
        high = starts[i + 1]
        at_low = _at(time, concentration, end) - _at(time, concentration, low)
        at_high = _at(time, concentration, high + longest_exposure) - _at(time, concentration, high)
        if at_low > 0.0 > at_high:
            low += (high - low) * at_low / (at_low - at_high)
            end = low + longest_exposure
            worst = max(worst, _until(time, concentration, total, n, end) - _until(time, concentration, total, n, low))
    return worst


def checked_history(time: ArrayLike, concentration: ArrayLike) -> tuple[Array, Array]:
    """Give times and concentrations as arrays of one length if they are a history.

    Raises
    ------
    OutOfRange
        Fewer than two points, or times that do not increase or are not finite, or concentrations below 0 or not finite.
    """
    times, values = np.asarray(time, dtype=np.float64), bounded(concentration, "浓度", "concentration", 1e300)
    if times.ndim != 1 or times.size < 2 or times.shape != values.shape:
        raise OutOfRange("时间与浓度须等长，至少两点", "need times and concentrations of one length, two or more")
    if not (bool(np.all(np.isfinite(times))) and bool(np.all(np.diff(times) > 0.0))):
        raise OutOfRange("时间须为有限数且递增", "times must be finite and increase")
    return np.ascontiguousarray(times), np.ascontiguousarray(values)


def history_dose(time: ArrayLike, concentration: ArrayLike, n: float, longest_exposure: float = math.inf) -> float:
    """Toxic dose of a concentration that changes with time.

    Parameters
    ----------
    time : array, shape (m,)
        Increasing, at least two. Minutes for the probits of this package.
    concentration : array, shape (m,)
        At these times, straight in between, 0 before and after; mg/m³ for the probits of this package.
    n : float
        Exponent of the concentration, 0.5 to 10.
    longest_exposure : float
        The stretch of this length with the largest dose counts. Unit of ``time``.

    Returns
    -------
    float
        Integral of concentration^n over time.

    Raises
    ------
    OutOfRange
        Times do not increase or are not finite; a concentration is negative or not finite; the exponent lies outside;
        the longest exposure is not positive.

    References
    ----------
    .. [1] CPR 18E, *Guideline for quantitative risk assessment* (Purple Book), 5.2.2: dose of a concentration that
       changes; AQ/T 3046-2013, 10.2: at most 30 min.

    Examples
    --------
    A triangle of 10 min with its peak of 30 mg/m³ in the middle, n = 2: 30² × 10 / 3.

    >>> round(history_dose([0.0, 5.0, 10.0], [0.0, 30.0, 0.0], 2.0), 6)
    3000.0
    """
    times, values = checked_history(time, concentration)
    if not longest_exposure > 0.0:
        raise OutOfRange("最长暴露时间须为正数", "the longest exposure must be positive")
    exponent = float(bounded(n, "浓度指数 n ", "exponent n", 10.0, 0.5))
    return history_dose_kernel(times, values, exponent, float(longest_exposure))


def lethal_concentration(
    probability_of_death: float, duration_min: float, coefficients: tuple[float, float, float]
) -> float:
    """Steady concentration that kills with the given probability within a time, by inverting the probit.

    Parameters
    ----------
    probability_of_death : float
        Between 0 and 1, both excluded.
    duration_min : float
        Exposure, above 0. [min]
    coefficients : tuple
        (a, b, n) of Pr = a + b ln(C^n t), b and n above 0.

    Returns
    -------
    float
        In the unit for which the coefficients hold, mg/m³ or ppm.

    Raises
    ------
    OutOfRange
        A value outside its range.

    Examples
    --------
    Lees, chlorine in ppm (OSD/30 Table 2 prints 250 ppm for half of those exposed to it for half an hour):

    >>> round(lethal_concentration(0.5, 30.0, (-8.29, 0.92, 2.0)))
    250
    """
    a, b, n = coefficients
    if not (0.0 < probability_of_death < 1.0 and 0.0 < duration_min < math.inf):
        raise OutOfRange("死亡概率须在 0 与 1 之间，时间须为正", "need 0 < probability < 1 and a positive duration")
    if not (math.isfinite(a) and 0.0 < b < math.inf and 0.0 < n < math.inf):
        raise OutOfRange("毒性概率函数系数无效", "constants of the toxic probit are not valid")
    log_dose = (5.0 + NormalDist().inv_cdf(probability_of_death) - a) / b
    return math.exp((log_dose - math.log(duration_min)) / n)
