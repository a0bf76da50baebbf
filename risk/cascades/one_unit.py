"""One unit under heat: when it fails, whether its barriers work, and whether mitigation comes before."""

import math

import numpy as np

from parkrisk.models._jit import inlined_kernel
from parkrisk.risk.cascades.draws import normal_cdf, uniform

_SUPPLY = np.uint64(0x510E527FADE682D1)  # tell the draws of barriers from those of units
_DELUGE = np.uint64(0x9B05688C2B3E6C1F)
_FIREPROOFING = np.uint64(0x1F83D9ABFB41BD6B)


@inlined_kernel
def time_to_failure(load: float, shell: float, exponent: float, threshold: float) -> float:
    """Time a unit stands under a steady load [W/m²]; infinite below its threshold. [s]"""
    if not (load > 0.0 and load >= threshold):
        return math.inf
    return math.exp(shell - exponent * math.log(load))


@inlined_kernel
def late_clock(time: float, mean: float, deviation: float) -> float:
    """Chance that mitigation comes after ``time``."""
    if time == math.inf:
        return 0.0
    return normal_cdf((mean - math.log(time)) / deviation)


@inlined_kernel
def heat_failure(
    load: float,
    duration: float,
    kept: float,
    shell: float,
    exponent: float,
    threshold: float,
    mean: float,
    deviation: float,
) -> float:
    """Chance that one fire fails a unit.

    Parameters
    ----------
    load, duration
        What gets through to the shell [W/m²], and for how long [s].
    kept
        Time that fireproofing takes. [s]
    shell, exponent, threshold, mean, deviation
        As in `parkrisk.scenarios.facility.network.Network`.
    """
    time = kept + time_to_failure(load, shell, exponent, threshold)
    if time > duration:
        return 0.0
    return late_clock(time, mean, deviation)


@inlined_kernel
def deluge_works(base: np.uint64, key: np.uint64, fails: float, system_key: np.uint64, system_fails: float) -> bool:
    """Draw whether a deluge works in the history ``base``; all that hang on one supply fail with it."""
    if uniform(base ^ system_key ^ _SUPPLY) < system_fails:
        return False
    return uniform(base ^ key ^ _DELUGE) >= fails


@inlined_kernel
def fireproofing_holds(base: np.uint64, key: np.uint64, fails: float) -> bool:
    """Draw whether fireproofing is there in the history ``base``."""
    return uniform(base ^ key ^ _FIREPROOFING) >= fails
