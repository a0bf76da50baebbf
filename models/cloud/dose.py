"""Toxic dose of a passing cloud: the integral of the n-th power of the concentration over time, at any point."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.cloud.plume_table import EDGE, FLAT, LOG_AXIS, PASSAGE, PlumeTable, locate_kernel, log_shape_kernel
from parkrisk.models.cloud.puff_passage import NO_PASSAGE, Passage, indoor_puff_dose_kernel, passage, puff_dose_kernel
from parkrisk.models.cloud.puff_table import PuffTable
from parkrisk.models.vulnerability.infiltration import indoor_pulse_exposure_kernel
from parkrisk.models.vulnerability.toxic_dose import dose_factor_kernel

__all__ = [
    "OUTDOORS",
    "Dose",
    "farthest_dose_kernel",
    "log_dose_kernel",
    "plume_dose",
    "polar_dose_kernel",
    "puff_dose",
]

Array = NDArray[np.float64]

#: Air change rate of no building at all.
OUTDOORS = math.inf

_MILLIGRAMS = math.log(1e6)  # of kg/m³ in mg/m³
_SECONDS = math.log(60.0)
_NO_TIME = 1e-300  # [s]
_NEAREST = 0.1  # [m]
_SCAN_STEPS = 400
_BISECTIONS = 50

_NO_PLUME = PlumeTable(0.0, 1.0, 1.0, 0.0, 0.0, 0.0, np.zeros((2, 6)))


class Dose(NamedTuple):
    """What kernels need for ln of the dose [mg/m³, min].

    ``is_puff`` tells which of ``plume`` and ``puff`` counts. ``passing`` is, at the nodes of a plume, ln of the time of
    exposure [min]. ``window`` is the longest exposure [s], ``air_change`` that of the building [1/s]: none is infinite.
    """

    is_puff: bool
    plume: PlumeTable
    puff: Passage
    passing: Array
    n: float
    window: float
    air_change: float


@kernel
def _passing(table: PlumeTable, n: float, window: float, air_change: float) -> Array:
    out = np.empty(table.nodes.shape[0])
    for i in range(out.size):
        k = 1.0 / (math.sqrt(2.0) * max(table.nodes[i, PASSAGE], 1e-6))
        if air_change == math.inf:
            time = table.duration * dose_factor_kernel(n, k * table.duration, k * window)
        else:
            time = indoor_pulse_exposure_kernel(air_change, k, table.duration, n, 0.0, window)
        out[i] = math.log(max(time, _NO_TIME)) - _SECONDS
    return out


def plume_dose(table: PlumeTable, n: float, window: float, air_change: float = OUTDOORS) -> Dose:
    """Dose of a plume that lasts as long as its release.

    Parameters
    ----------
    table : PlumeTable
    n : float
        Exponent of the concentration.
    window : float
        People leave or shelter after this time; the worst such stretch of the passage counts. [s]
    air_change : float
        Of the building that people are in until the cloud has passed; infinite: outdoors. [1/s]

    Notes
    -----
    The release passes as the steady plume times ½[erf(k t) - erf(k (t - duration))], k = u/(√2 σx) [1]_. The integral
    of the power n of it, or of what it makes of the air indoors, is tabulated at the nodes. A cloud has passed two σx/u
    after the end of its release has.

    References
    ----------
    .. [1] E. Palazzi et al., Diffusion from a steady source of short duration, *Atmospheric Environment* 16 (1982)
       2785-2790.
    """
    return Dose(False, table, NO_PASSAGE, _passing(table, n, window, air_change), n, window, air_change)


def puff_dose(table: PuffTable, n: float, window: float, air_change: float = OUTDOORS) -> Dose:
    """Dose of a puff, arguments as :func:`plume_dose`; integrated over its way node by node.

    Indoors until the concentration outdoors has fallen to exp(-2) of its peak.
    """
    puff = passage(table, n if air_change == OUTDOORS else 1.0)
    return Dose(True, _NO_PLUME, puff, np.zeros(2), n, window, air_change)


@kernel
def _log_puff_dose(x: float, y: float, dose: Dose) -> float:
    if dose.air_change == math.inf:
        found = puff_dose_kernel(x, y, dose.puff, dose.n, dose.window)
    else:
        found = indoor_puff_dose_kernel(x, y, dose.puff, dose.n, dose.air_change, dose.window)
    return math.log(found) + dose.n * _MILLIGRAMS - _SECONDS if found > 0.0 else -math.inf


@kernel
def log_dose_kernel(x: float, y: float, dose: Dose) -> float:
    """Log of the dose [mg/m³, min] at a point downwind and off the axis [m]; -inf where there is none."""
    if dose.is_puff:
        return _log_puff_dose(x, y, dose)
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
