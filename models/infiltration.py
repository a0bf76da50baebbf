"""Indoor air while a cloud passes, and the toxic load of those inside.

The air of a building is taken as mixed: dCi/dt = a (Co - Ci), with an air change rate a [1/s] as
:mod:`parkrisk.models.air_change` gives it. Exposure times are those
of :mod:`parkrisk.models.toxic_dose`: dose indoors = (outdoor reference)^n × exposure time. People stay for a stated
time after the cloud has passed, then leave or open the windows; at most the longest exposure counts, its worst stretch.

AQ/T 3046-2013 10.2 prescribes a tenth of the outdoor lethality where nothing is known of the ventilation
(``vulnerability.TOXIC.indoor_factor``). That stays the default of this package; what is here is the alternative for
buildings of which it is known.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.bounds import bounded
from parkrisk.models.errors import OutOfRange
from parkrisk.models.toxic_dose import checked_history, dose_factor_kernel, puff_dose_factor_kernel

__all__ = [
    "indoor_dose_factor",
    "indoor_dose_factor_kernel",
    "indoor_exposure_kernel",
    "indoor_history",
    "indoor_history_kernel",
    "indoor_pulse",
    "indoor_pulse_dose_factor",
    "indoor_pulse_dose_factor_kernel",
    "indoor_pulse_exposure_kernel",
    "indoor_pulse_kernel",
]

Array = NDArray[np.float64]

_HIGHEST_RATE = 1.0  # air changes [1/s]; a wall with open gates
_RAMP = 5.0  # |k t| from an end of the release at which the smoothed edge is over
_PASSED = math.sqrt(2.0)  # k × time: two σx/u after the middle of its edge a cloud has passed
_SERIES_TERMS = 60
_BISECTIONS = 60
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)


@kernel
def _series(first: float, last: float, n: float) -> float:
    """Integral of v^n/(1 - v) from ``first`` to ``last``, at most one half."""
    total = 0.0
    high, low = last ** (n + 1.0), first ** (n + 1.0)
    for i in range(_SERIES_TERMS):
        total += (high - low) / (n + 1.0 + i)
        high *= last
        low *= first
        if high < 1e-16 * total:
            break
    return float(total)


@kernel
def _build_up(first: float, last: float, elapsed: float, n: float) -> float:
    """Integral of v^n over a × time while v = Ci/Co climbs from ``first`` to ``last`` in the a × time ``elapsed``."""
    if last <= 0.5:
        return _series(first, last, n)
    start, total = first, elapsed
    if first < 0.5:
        start = 0.5
        total += _series(first, 0.5, n) - math.log(2.0 * (1.0 - first))
    if last - start < 1e-9:
        return total - n * (last - start)
    # v^n/(1 - v) is 1/(1 - v), whose integral is the time, less a smooth function
    for i in range(_NODES.size):
        v = 0.5 * (start + last) + 0.5 * (last - start) * _NODES[i]
        total -= 0.5 * (last - start) * _WEIGHTS[i] * (1.0 - v**n) / (1.0 - v)
    return total


@kernel
def _worst_start(rate: float, duration: float, window: float) -> float:
    """Where the worst stretch begins that is shorter than the passage: the air is as bad at its end as at its start."""
    fresh = -math.expm1(-rate * window)
    if duration > window:
        over = duration - window
        return over + math.log1p(fresh * math.exp(-rate * over)) / rate
    return math.log1p(math.exp(rate * (duration - window)) - math.exp(-rate * window)) / rate


@kernel
def indoor_exposure_kernel(rate: float, duration: float, n: float, stay: float, window: float) -> float:
    """Exposure time [s] indoors while a steady concentration stands outdoors for ``duration`` [s].

    ``rate`` is the air change rate [1/s]; people stay for ``stay`` [s] after it has ended, ``window`` [s] is the
    longest exposure; both may be infinite. Some 200 ns.
    """
    if not (rate > 0.0 and duration > 0.0 and window > 0.0):
        return 0.0
    start, end = 0.0, duration + stay
    if window < end:
        start = min(_worst_start(rate, duration, window), end - window)
        end = start + window
    climbed = -math.expm1(-rate * duration)
    climb = _build_up(-math.expm1(-rate * start), climbed, rate * (duration - start), n)
    tail = -(climbed**n) * math.expm1(-n * rate * (end - duration)) / n
    return float((climb + tail) / rate)


@kernel
def indoor_dose_factor_kernel(rate: float, duration: float, n: float, stay: float, window: float) -> float:
    """Dose indoors over dose outdoors of a steady concentration that lasts; arguments as `indoor_exposure_kernel`."""
    outdoors = min(duration, window)
    if not outdoors > 0.0:
        return 0.0
    return indoor_exposure_kernel(rate, duration, n, stay, window) / outdoors


@kernel
def _lagging(x: float, q: float) -> float:
    """exp(q² - 2 q x) erfc(q - x), without overflow."""
    z = q - x
    if z > 10.0:
        inverse = 1.0 / (z * z)
        bend = 1.0 - 0.5 * inverse * (1.0 - 1.5 * inverse * (1.0 - 2.5 * inverse))
        return math.exp(-x * x) * bend / (z * math.sqrt(math.pi))
    return math.exp(q * (q - 2.0 * x)) * math.erfc(z)


@kernel
def _edge(x: float, q: float) -> float:
    """Indoor response to outdoor air that rises as ½(1 + erf(x)), x = k t and q = a/(2k)."""
    return 0.5 * (math.erfc(-x) - _lagging(x, q))


@kernel
def indoor_pulse_kernel(time: float, k: float, duration: float, rate: float) -> float:
    """Share of the outdoor reference that stands indoors at a time [s] after the middle of the cloud's front.

    The outdoor air is ½[erf(k t) - erf(k (t - duration))] of the steady concentration; with ``duration`` 0 it is
    exp(-k² t²) of a puff's peak. k and ``rate`` in 1/s.
    """
    q, x = 0.5 * rate / k, k * time
    if duration == 0.0:
        return math.sqrt(math.pi) * q * _lagging(x, q)
    return max(_edge(x, q) - _edge(k * (time - duration), q), 0.0)


@kernel
def _panel(low: float, high: float, k: float, duration: float, rate: float, n: float) -> float:
    if not high > low:
        return 0.0
    total = 0.0
    for i in range(_NODES.size):
        time = 0.5 * (low + high) + 0.5 * (high - low) * _NODES[i]
        total += _WEIGHTS[i] * indoor_pulse_kernel(time, k, duration, rate) ** n
    return float(0.5 * (high - low) * total)


@kernel
def _stretch(start: float, end: float, k: float, duration: float, rate: float, n: float) -> float:
    """Exposure time between two times: ramps by quadrature, plateau and decay in closed form."""
    ramp = _RAMP / (k * math.sqrt(min(n, 1.0)))
    risen, falls = min(ramp, 0.5 * duration), max(duration - ramp, 0.5 * duration)
    fallen = duration + ramp
    total = 0.0
    for low, high in ((-ramp, 0.0), (0.0, risen), (falls, duration), (duration, fallen)):
        total += _panel(max(low, start), min(high, end), k, duration, rate, n)
    low, high = max(risen, start), min(falls, end)
    if high > low:
        first = indoor_pulse_kernel(low, k, duration, rate)
        last = indoor_pulse_kernel(high, k, duration, rate)
        total += _build_up(first, last, rate * (high - low), n) / rate
    if end > fallen:
        low = max(fallen, start)
        left = indoor_pulse_kernel(low, k, duration, rate)
        total -= left**n * math.expm1(-n * rate * (end - low)) / (n * rate)
    return total


@kernel
def indoor_pulse_exposure_kernel(rate: float, k: float, duration: float, n: float, stay: float, window: float) -> float:
    """Exposure time [s] indoors while a cloud with smoothed ends passes; ``duration`` 0: a puff.

    Arguments as `indoor_exposure_kernel` and `indoor_pulse_kernel`; the cloud has passed two σx/u after its end. Some
    6 µs, so tabulate it along the distance.
    """
    if not (rate > 0.0 and k > 0.0 and window > 0.0):
        return 0.0
    first = -_RAMP / (k * math.sqrt(min(n, 1.0)))
    end = duration + _PASSED / k + stay
    if end - first <= window:
        return _stretch(first, end, k, duration, rate, n)
    low, high = first, end - window
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        later = indoor_pulse_kernel(middle + window, k, duration, rate)
        if later > indoor_pulse_kernel(middle, k, duration, rate):
            low = middle
        else:
            high = middle
    return _stretch(high, high + window, k, duration, rate, n)


@kernel
def indoor_pulse_dose_factor_kernel(
    rate: float, k: float, duration: float, n: float, stay: float, window: float
) -> float:
    """Dose indoors over dose outdoors of a cloud with smoothed ends; as `indoor_pulse_exposure_kernel`.

    A release with k × duration below 1e-3 is a puff; give its duration as 0.
    """
    if not (k > 0.0 and window > 0.0):
        return 0.0
    if duration == 0.0:
        outdoors = puff_dose_factor_kernel(n, k * window) / k
    else:
        outdoors = duration * dose_factor_kernel(n, k * duration, k * window)
    return indoor_pulse_exposure_kernel(rate, k, duration, n, stay, window) / outdoors


@kernel
def indoor_history_kernel(time: Array, concentration: Array, rate: float, initial: float) -> Array:
    """Concentration indoors at the times of an outdoor one that is straight in between; exact. Not checked."""
    out = np.empty(time.size)
    out[0] = initial
    for i in range(time.size - 1):
        x = rate * (time[i + 1] - time[i])
        fresh = -math.expm1(-x)
        # share of the rise outdoors that has come in: 1 - (1 - exp(-x))/x
        followed = x * (0.5 - x * (1.0 - 0.25 * x) / 6.0) if x < 1e-3 else 1.0 - fresh / x
        rise = concentration[i + 1] - concentration[i]
        out[i + 1] = out[i] + fresh * (concentration[i] - out[i]) + followed * rise
    return out


def _rates(air_change_rate: ArrayLike) -> Array:
    return bounded(air_change_rate, "换气率 (1/s) ", "air change rate [1/s]", _HIGHEST_RATE)


def indoor_dose_factor(
    air_change_rate: ArrayLike,
    duration: ArrayLike,
    n: float,
    stay: float = 0.0,
    longest_exposure: float = math.inf,
) -> Array:
    """Toxic dose indoors over that outdoors, of a concentration that is steady outdoors for some time.

    Parameters
    ----------
    air_change_rate : float or array
        Of the building. [1/s]
    duration : float or array
        How long the concentration stands outdoors. [s]
    n : float
        Exponent of the concentration, 0.5 to 10.
    stay : float
        How long people stay in the closed building after the cloud has passed; infinite: until all gas is out. [s]
    longest_exposure : float
        Longest exposure, indoors and outdoors: the worst stretch counts. [s]

    Returns
    -------
    array
        Factor on the outdoor dose, 0 without air change; with ``stay`` 0 it is below 1.

    Raises
    ------
    OutOfRange
        An air change rate outside 0 to 1 per second, a negative or NaN time, the exponent outside.

    Notes
    -----
    Ci = Co (1 - e^(-a t)) while the cloud stands, then decays as e^(-a t). The build-up, ∫ v^n/(1 - v) dv, is a series
    below v = ½ and the time less a Gauss quadrature above, to 1e-9. For n = 1, no limits and everyone staying, the
    indoor dose is the outdoor one: what has come in goes out.

    References
    ----------
    .. [1] CPR 18E, *Guideline for quantitative risk assessment* (Purple Book), 5.2.2; NOAA OR&R 43, 4.6.

    Examples
    --------
    Half an hour at one air change an hour, n = 1: 1 - (1 - e^(-1/2))/(1/2).

    >>> round(float(indoor_dose_factor(1.0 / 3600.0, 1800.0, 1.0)), 5)
    0.21306
    """
    rate, time = np.broadcast_arrays(_rates(air_change_rate), bounded(duration, "历时 (s) ", "duration [s]", 1e9))
    exponent = float(bounded(n, "浓度指数 n ", "exponent n", 10.0, 0.5))
    rest = float(bounded(stay, "停留时间 (s) ", "stay [s]", math.inf))
    longest = float(bounded(longest_exposure, "最长暴露时间 (s) ", "longest exposure [s]", math.inf))
    factors = [
        indoor_dose_factor_kernel(float(a), float(t), exponent, rest, longest)
        for a, t in zip(rate.flat, time.flat, strict=True)
    ]
    return np.array(factors).reshape(rate.shape)


def indoor_pulse(time: ArrayLike, k: float, duration: float, air_change_rate: float) -> Array:
    """Concentration indoors while a cloud with smoothed ends passes, over its outdoor reference.

    Parameters
    ----------
    time : float or array
        After the middle of the cloud's front has arrived. [s]
    k : float
        u/(√2 σx), wind over spread along the wind. [1/s]
    duration : float
        Of the release; 0: a puff, whose reference is the peak. [s]
    air_change_rate : float
        Of the building. [1/s]

    Raises
    ------
    OutOfRange
        k is not positive or above 1e3, the duration is negative, the rate is outside 0 to 1 per second, a time is NaN.

    Examples
    --------
    >>> bool(indoor_pulse(600.0, 0.05, 600.0, 1.0 / 3600.0) < 1.0 - np.exp(-600.0 / 3600.0))
    True
    """
    times = bounded(time, "时间 (s) ", "time [s]", math.inf, -math.inf)
    sharp = float(bounded(k, "k (1/s) ", "k [1/s]", 1e3, 1e-12))
    length = float(bounded(duration, "历时 (s) ", "duration [s]", 1e9))
    rate = float(_rates(air_change_rate))
    return np.array([indoor_pulse_kernel(float(t), sharp, length, rate) for t in times.flat]).reshape(times.shape)


def indoor_pulse_dose_factor(
    air_change_rate: float,
    k: float,
    duration: float,
    n: float,
    stay: float = 0.0,
    longest_exposure: float = math.inf,
) -> float:
    """Toxic dose indoors over that outdoors, of a cloud with smoothed ends or of a puff.

    Parameters as `indoor_dose_factor` and `indoor_pulse`; errors as theirs, and OutOfRange for a duration so short that
    the release is a puff (k × duration below 1e-3, but not 0). The cloud has passed two σx/u after its end.
    """
    if 0.0 < k * duration < 1e-3:
        raise OutOfRange("释放历时过短，应按瞬时释放（历时 0）", "so short a release is a puff: give the duration as 0")
    return indoor_pulse_dose_factor_kernel(
        float(_rates(air_change_rate)),
        float(bounded(k, "k (1/s) ", "k [1/s]", 1e3, 1e-12)),
        float(bounded(duration, "历时 (s) ", "duration [s]", 1e9)),
        float(bounded(n, "浓度指数 n ", "exponent n", 10.0, 0.5)),
        float(bounded(stay, "停留时间 (s) ", "stay [s]", math.inf)),
        float(bounded(longest_exposure, "最长暴露时间 (s) ", "longest exposure [s]", math.inf)),
    )


def indoor_history(time: ArrayLike, concentration: ArrayLike, air_change_rate: float, initial: float = 0.0) -> Array:
    """Concentration indoors at the times of any outdoor history, straight in between.

    Parameters
    ----------
    time : array, shape (m,)
        Increasing, at least two. [s]
    concentration : array, shape (m,)
        Outdoors at these times; any unit.
    air_change_rate : float
        Of the building. [1/s]
    initial : float
        Indoors at the first time; unit of ``concentration``.

    Returns
    -------
    array, shape (m,)
        Exact at the times; before `toxic_dose.history_dose` of it, give times closer than a tenth of 1/rate.

    Raises
    ------
    OutOfRange
        Times do not increase or are not finite, a concentration is negative or not finite, the rate lies outside.
    """
    times, values = checked_history(time, concentration)
    start = float(bounded(initial, "浓度", "concentration", 1e300))
    return indoor_history_kernel(times, values, float(_rates(air_change_rate)), start)
