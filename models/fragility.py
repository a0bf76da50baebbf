"""Equipment: how long it stands in a fire, and how likely heat or blast makes it fail.

Heat acts through a time to failure, compared with the time until mitigation works; blast acts at once. Below the
escalation threshold of its class a unit is taken to survive. Classes: atmospheric, pressurised, elongated, small.
"""

import functools
import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.bounds import bounded
from parkrisk.models.constants import constants, rows
from parkrisk.models.errors import OutOfRange
from parkrisk.models.heat_flux import checked_heat_flux
from parkrisk.models.probit import probability_kernel

__all__ = [
    "EQUIPMENT_CLASSES",
    "MODES",
    "Equipment",
    "TimeToFailureRule",
    "blast_failure_kernel",
    "blast_failure_probability",
    "critical_heat_flux",
    "critical_heat_flux_kernel",
    "equipment",
    "flags",
    "heat_failure_kernel",
    "heat_failure_probability",
    "thermal_failure_kernel",
    "time_to_failure",
    "time_to_failure_kernel",
    "time_to_failure_rule",
]

Array = NDArray[np.float64]

EQUIPMENT_CLASSES = ("atmospheric", "pressurised", "elongated", "small")
#: Readings of the time-to-failure probit; the first is the default.
MODES = ("response_times", "minutes_9.25", "seconds_12.54", "minutes_12.54")


class Equipment(NamedTuple):
    """Fragility of one equipment class; a named tuple, since kernels take it as an argument.

    ``ttf_...`` belong to ln(ttf/s) = constant + volume_factor V^volume_exponent - heat_exponent ln(I), V in m³, I in
    kW/m²; ``blast_...`` to Y = intercept + slope ln(p/Pa). Thresholds in W/m² and Pa.
    """

    ttf_constant: float
    ttf_volume_factor: float
    ttf_volume_exponent: float
    ttf_heat_exponent: float
    heat_threshold: float
    fireball_threshold: float
    blast_threshold: float
    blast_intercept: float
    blast_slope: float


class TimeToFailureRule(NamedTuple):
    """Y = intercept - slope ln(ttf / time_unit): chance that a unit fails before mitigation works."""

    intercept: float
    slope: float
    time_unit: float  #: [s]


@functools.cache
def equipment(equipment_class: str) -> Equipment:
    """Fragility constants of an equipment class, from the data files.

    Raises
    ------
    OutOfRange
        There is no such class.
    """
    if equipment_class not in EQUIPMENT_CLASSES:
        known = ", ".join(EQUIPMENT_CLASSES)
        raise OutOfRange(
            f"未知设备类别 {equipment_class!r}，可用：{known}",
            f"unknown equipment class {equipment_class!r}; known: {known}",
        )
    table = constants("fragility")
    thresholds = {
        row["vector"]: float(row["value"])
        for row in rows("escalation_thresholds")
        if row["equipment_class"] == equipment_class
    }
    return Equipment(
        table[f"{equipment_class}_ttf_constant"].value,
        table[f"{equipment_class}_ttf_volume_factor"].value,
        table[f"{equipment_class}_ttf_volume_exponent"].value,
        table[f"{equipment_class}_ttf_heat_exponent"].value,
        thresholds["heat"],
        thresholds["fireball"],
        thresholds["blast"],
        table[f"{equipment_class}_blast_intercept"].value,
        table[f"{equipment_class}_blast_slope"].value,
    )


def flags(equipment_class: str) -> tuple[str, ...]:
    """Codes of what is unverified in the fragility of a class, sorted."""
    equipment(equipment_class)
    table = constants("fragility")
    found = set()
    for name, code in (("ttf_heat_exponent", "time_to_failure"), ("blast_slope", "equipment_blast_probit")):
        if table[f"{equipment_class}_{name}"].mark == "M":
            found.add(f"unverified:{code}")
    if any(row["mark"] == "M" for row in rows("escalation_thresholds") if row["equipment_class"] == equipment_class):
        found.add("unverified:escalation_threshold")
    return tuple(sorted(found))


def time_to_failure_rule(
    mode: str = "response_times", time_90: float | None = None, time_10: float | None = None
) -> TimeToFailureRule:
    """Build the probit of failure before mitigation, in one of its published readings.

    Parameters
    ----------
    mode : str
        "response_times": the probit through two points, a unit with ttf = ``time_90`` fails in 90 % of cases, one with
        ``time_10`` in 10 %. "minutes_9.25": the rounded published form of the same, Y = 9.25 - 1.847 ln(ttf/min).
        "seconds_12.54" and "minutes_12.54": two forms in circulation, kept for comparison; the first makes failures
        a million times too rare at 15 kW/m², the second nearly certain.
    time_90, time_10 : float, optional
        Only with "response_times". Default 5 and 20 min. [s]

    Raises
    ------
    OutOfRange
        Unknown mode, or not 0 < time_90 < time_10.

    References
    ----------
    .. [1] G. Landucci, G. Gubinelli, G. Antonioni, V. Cozzani, "The assessment of the damage probability of storage
       tanks in domino events triggered by fire", Accident Analysis and Prevention 41 (2009) 1206-1215.
    .. [2] N. Khakzad, G. Reniers, "Using graph theory to analyze the vulnerability of process plants in the context of
       cascading effects", Reliability Engineering & System Safety 143 (2015) 63-73.

    Examples
    --------
    >>> rule = time_to_failure_rule()
    >>> round(rule.intercept, 2), round(rule.slope, 2)
    (9.26, 1.85)
    """
    table = constants("fragility")
    if mode not in MODES:
        known = ", ".join(MODES)
        raise OutOfRange(f"未知失效时间读法 {mode!r}，可用：{known}", f"unknown mode {mode!r}; known: {known}")
    if mode != "response_times":
        if time_90 is not None or time_10 is not None:
            raise OutOfRange(
                f"响应时间只用于 response_times 读法，不用于 {mode}",
                f"response times belong to the mode response_times, not to {mode}",
            )
        unit = 1.0 if mode.startswith("seconds") else 60.0
        return TimeToFailureRule(table[f"{mode}_intercept"].value, table[f"{mode}_slope"].value, unit)
    early = table["response_time_90"].value if time_90 is None else time_90
    late = table["response_time_10"].value if time_10 is None else time_10
    if not 0.0 < early < late < math.inf:
        raise OutOfRange("须满足 0 < time_90 < time_10", "need 0 < time_90 < time_10")
    quantile = NormalDist().inv_cdf(0.9)
    slope = 2.0 * quantile / math.log(late / early)
    return TimeToFailureRule(5.0 + quantile + slope * math.log(early / 60.0), slope, 60.0)


@kernel
def time_to_failure_kernel(heat_flux: float, volume: float, item: Equipment) -> float:
    """Time to failure [s] under a steady heat flux [W/m²]; infinite without heat."""
    if not heat_flux > 0.0:
        return math.inf
    return math.exp(
        item.ttf_constant
        + item.ttf_volume_factor * volume**item.ttf_volume_exponent
        - item.ttf_heat_exponent * math.log(heat_flux * 1e-3)
    )


@kernel
def thermal_failure_kernel(time_to_failure: float, rule: TimeToFailureRule) -> float:
    """Chance that a unit with this time to failure [s] fails before mitigation works."""
    if time_to_failure <= 0.0:
        return 1.0
    return probability_kernel(rule.intercept - rule.slope * math.log(time_to_failure / rule.time_unit))


@kernel
def heat_failure_kernel(heat_flux: float, volume: float, item: Equipment, rule: TimeToFailureRule) -> float:
    """Chance of failure under a steady heat flux [W/m²]; 0 below the escalation threshold."""
    if not heat_flux >= item.heat_threshold:
        return 0.0
    return thermal_failure_kernel(time_to_failure_kernel(heat_flux, volume, item), rule)


@kernel
def critical_heat_flux_kernel(normal: float, volume: float, item: Equipment, rule: TimeToFailureRule) -> float:
    """Least steady heat flux [W/m²] that fails a unit whose strength is the standard normal deviate ``normal``.

    P(critical ≤ I) over a standard normal deviate equals `heat_failure_kernel` at I; never below the threshold.
    """
    logarithm = (rule.intercept - 5.0 - normal) / rule.slope + math.log(rule.time_unit)
    shell = item.ttf_constant + item.ttf_volume_factor * volume**item.ttf_volume_exponent
    return max(item.heat_threshold, 1e3 * math.exp((shell - logarithm) / item.ttf_heat_exponent))


@kernel
def blast_failure_kernel(overpressure: float, item: Equipment) -> float:
    """Chance of failure by a peak overpressure [Pa]; 0 below the escalation threshold."""
    if not overpressure >= item.blast_threshold:
        return 0.0
    return probability_kernel(item.blast_intercept + item.blast_slope * math.log(overpressure))


@kernel
def _times_to_failure(heat_flux: Array, volume: Array, item: Equipment) -> Array:
    out = np.empty(heat_flux.size)
    for i in range(heat_flux.size):
        out[i] = time_to_failure_kernel(heat_flux[i], volume[i], item)
    return out


@kernel
def _heat_failures(heat_flux: Array, volume: Array, item: Equipment, rule: TimeToFailureRule) -> Array:
    out = np.empty(heat_flux.size)
    for i in range(heat_flux.size):
        out[i] = heat_failure_kernel(heat_flux[i], volume[i], item, rule)
    return out


@kernel
def _blast_failures(overpressure: Array, item: Equipment) -> Array:
    out = np.empty(overpressure.size)
    for i in range(overpressure.size):
        out[i] = blast_failure_kernel(overpressure[i], item)
    return out


def _volume(volume: ArrayLike) -> Array:
    return bounded(volume, "容积 (m³) ", "volume [m³]", 1e6)


def _loads(heat_flux: ArrayLike, volume: ArrayLike) -> tuple[Array, Array]:
    flux, size = np.broadcast_arrays(checked_heat_flux(heat_flux), _volume(volume))
    return flux, size


def time_to_failure(heat_flux: ArrayLike, volume: ArrayLike, equipment_class: str) -> Array:
    """Time until an unprotected vessel fails under a steady heat flux.

    Parameters
    ----------
    heat_flux : float or array
        On the vessel. [W/m²] Values in kW/m² come in by `heat_flux.heat_flux_from_kw_m2`.
    volume : float or array
        Nominal volume of the vessel. [m³]
    equipment_class : str
        One of ``EQUIPMENT_CLASSES``.

    Returns
    -------
    array
        Infinite without heat. [s]

    Raises
    ------
    OutOfRange
        As `heat_flux.checked_heat_flux`; a volume is negative, NaN or above 1e6 m³; unknown class.

    Notes
    -----
    ln ttf = 9.877 - 1.128 ln I - 2.667e-5 V (atmospheric), 8.835 V^0.032 - 0.947 ln I (pressurised) [1]_, I in kW/m².
    The second is unverified; columns and small equipment are treated as atmospheric.

    References
    ----------
    .. [1] Landucci et al., Accident Analysis and Prevention 41 (2009) 1206-1215.

    Examples
    --------
    >>> round(float(time_to_failure(15_000.0, 1000.0, "atmospheric")))
    894
    """
    flux, size = _loads(heat_flux, volume)
    return _times_to_failure(flux.ravel(), size.ravel(), equipment(equipment_class)).reshape(flux.shape)


def heat_failure_probability(
    heat_flux: ArrayLike, volume: ArrayLike, equipment_class: str, rule: TimeToFailureRule | None = None
) -> Array:
    """Chance that a vessel fails before mitigation works; 0 below the threshold of its class.

    Parameters and errors as `time_to_failure`; ``rule`` as `time_to_failure_rule` gives it.
    """
    flux, size = _loads(heat_flux, volume)
    chosen = time_to_failure_rule() if rule is None else rule
    return _heat_failures(flux.ravel(), size.ravel(), equipment(equipment_class), chosen).reshape(flux.shape)


def critical_heat_flux(
    probability_of_failure: float, volume: float, equipment_class: str, rule: TimeToFailureRule | None = None
) -> float:
    """Least steady heat flux at which a vessel fails with the given probability, not below the threshold. [W/m²]"""
    if not 0.0 < probability_of_failure < 1.0:
        raise OutOfRange("失效概率须在 0 与 1 之间", "need 0 < probability < 1")
    size = float(_volume(volume))
    chosen = time_to_failure_rule() if rule is None else rule
    normal = NormalDist().inv_cdf(probability_of_failure)
    return critical_heat_flux_kernel(normal, size, equipment(equipment_class), chosen)


def blast_failure_probability(overpressure: ArrayLike, equipment_class: str) -> Array:
    """Chance that a blast breaks a unit so that it loses its content; 0 below the threshold of its class.

    Parameters
    ----------
    overpressure : float or array
        Peak side-on. [Pa]
    equipment_class : str
        One of ``EQUIPMENT_CLASSES``.

    Raises
    ------
    OutOfRange
        An overpressure is negative, NaN or above 1e9 Pa; unknown class.

    Notes
    -----
    P = Φ(k1 + k2 ln p - 5); coefficients and thresholds unverified.

    References
    ----------
    .. [1] V. Cozzani, E. Salzano, J Hazard Mater A107 (2004) 67-80.
    """
    values = bounded(overpressure, "超压 (Pa) ", "overpressure [Pa]", 1e9)
    return _blast_failures(values.ravel(), equipment(equipment_class)).reshape(values.shape)
