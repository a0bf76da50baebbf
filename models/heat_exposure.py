"""People in the heat of a fire: probits by name, burns, and the dose of someone who runs away.

Every flux here is in W/m². The published probits stand partly in kW/m²; they are turned over when the table is read.
The default of the package remains the rule of AQ/T 3046 in :mod:`parkrisk.models.vulnerability`: 20 s in the full flux.
"""

import functools
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.bounds import bounded
from parkrisk.models.constants import constants, rows
from parkrisk.models.errors import OutOfRange
from parkrisk.models.heat_flux import checked_exposure, checked_heat_flux
from parkrisk.models.probit import dose_probability, probability_kernel

__all__ = [
    "HEAT_PROBITS",
    "EscapeRule",
    "HeatProbit",
    "burn_probability",
    "escape_dose",
    "escape_dose_kernel",
    "escape_rule",
    "heat_death_probability",
    "heat_dose_probability_kernel",
    "heat_probit_constants",
]

Array = NDArray[np.float64]

#: Names of the probits of death by heat; the first is that of AQ/T 3046 and the Purple Book.
HEAT_PROBITS = ("aqt3046", "tsao_perry", "eisenberg", "tno", "lees")

_POWER = 4.0 / 3.0


class HeatProbit(NamedTuple):
    """Pr = intercept + slope ln(dose), dose = ∫ Q^(4/3) dt with Q in W/m² and t in s."""

    intercept: float
    slope: float


class EscapeRule(NamedTuple):
    """How someone flees from a fire."""

    reaction_time: float  #: stands still so long [s]
    speed: float  #: then runs straight away [m/s]
    safe_heat_flux: float  #: from here on the heat counts no more [W/m²]
    longest_exposure: float  #: [s]


@functools.cache
def heat_probit_constants(name: str = "aqt3046") -> HeatProbit:
    """Probit of death by heat, for doses in W/m² and s.

    Parameters
    ----------
    name : str
        One of ``HEAT_PROBITS``.

    Raises
    ------
    OutOfRange
        There is no such probit.

    Notes
    -----
    "tsao_perry" is "aqt3046" in its first printing, -12.8 for kW/m²; "eisenberg" rests on flash burns of weapons and
    is 2.1 units milder. Data file ``probits.csv``.

    Examples
    --------
    >>> round(heat_probit_constants("eisenberg").intercept, 2)
    -38.48
    """
    if name not in HEAT_PROBITS:
        known = ", ".join(HEAT_PROBITS)
        raise OutOfRange(f"未知热辐射概率函数 {name!r}，可用：{known}", f"unknown heat probit {name!r}; known: {known}")
    row = next(row for row in rows("probits") if row["kind"] == "thermal" and row["key"] == name)
    intercept, slope = float(row["a"]), float(row["b"])
    if row["intensity_unit"] == "kW/m2":
        intercept -= slope * _POWER * math.log(1e3)
    return HeatProbit(intercept, slope)


@functools.cache
def escape_rule(name: str = "tno") -> EscapeRule:
    """Rule of escape by name, from the data file.

    Parameters
    ----------
    name : str
        "tno": reaction 5 s, 4 m/s, safe below 1 kW/m². "gost": reaction 5 s, 5 m/s, safe below 4 kW/m² (unverified).

    Raises
    ------
    OutOfRange
        There is no such rule.
    """
    if name not in ("tno", "gost"):
        raise OutOfRange(f"未知逃生规则 {name!r}，可用：tno, gost", f"unknown escape rule {name!r}; known: tno, gost")
    table = constants("vulnerability")
    reaction, speed, safe = (
        table[f"escape_{name}_{part}"].value for part in ("reaction_time", "speed", "safe_heat_flux")
    )
    return EscapeRule(reaction, speed, safe, math.inf)


@kernel
def heat_dose_probability_kernel(dose: float, probit: HeatProbit) -> float:
    """Probability of death by a thermal dose [(W/m²)^(4/3) s], unprotected; 0 without a dose."""
    if not dose > 0.0:
        return 0.0
    return probability_kernel(probit.intercept + probit.slope * math.log(dose))


@kernel
def escape_dose_kernel(start: float, distance: Array, heat_flux: Array, duration: float, rule: EscapeRule) -> float:
    """Thermal dose [(W/m²)^(4/3) s] of someone who runs straight outward from ``start`` [m].

    ``heat_flux`` [W/m²] falls with ``distance`` [m], which increases; between two nodes it goes as a power of the
    distance, and beyond the last one as before it. Arguments are not checked.
    """
    last = distance.size - 1
    i = min(max(int(np.searchsorted(distance, start, side="right")) - 1, 0), last - 1)
    slope = math.log(heat_flux[i + 1] / heat_flux[i]) / math.log(distance[i + 1] / distance[i])
    here, flux = start, heat_flux[i] * (start / distance[i]) ** slope
    time = min(duration, rule.longest_exposure)
    dose = flux**_POWER * min(time, rule.reaction_time)
    time -= rule.reaction_time
    while time > 0.0 and flux > rule.safe_heat_flux:
        slope = math.log(heat_flux[i + 1] / heat_flux[i]) / math.log(distance[i + 1] / distance[i])
        end = here + rule.speed * time
        if i < last - 1:
            end = min(end, distance[i + 1])
        if slope < 0.0:
            end = min(end, here * (rule.safe_heat_flux / flux) ** (1.0 / slope))
        power = _POWER * slope + 1.0
        stretch = math.log(end / here)
        # ∫ (r/here)^(4/3 slope) dr over the speed; where the power is 0 it is the logarithm
        shape = stretch if abs(power * stretch) < 1e-9 else math.expm1(power * stretch) / power
        dose += flux**_POWER * here * shape / rule.speed
        time -= (end - here) / rule.speed
        flux *= (end / here) ** slope
        here = end
        if i == last - 1 or here < distance[i + 1]:
            break
        i += 1
    return float(dose)


def heat_death_probability(heat_flux: ArrayLike, duration: ArrayLike, name: str = "aqt3046") -> Array:
    """Probability of death of someone unprotected in a steady heat flux, by a named probit, without any cap.

    Parameters
    ----------
    heat_flux : float or array
        Incident on the person. [W/m²] (from kW/m² by `heat_flux.heat_flux_from_kw_m2`)
    duration : float or array
        Exposure. [s]
    name : str
        One of ``HEAT_PROBITS``.

    Raises
    ------
    OutOfRange
        As `heat_flux.checked_heat_flux`; a time is negative or NaN; unknown name.

    References
    ----------
    .. [1] UK HSE, SPC/Technical/OSD/30, Tables 17 and 18.

    Examples
    --------
    OSD/30 Table 18 prints 93 % for 30 kW/m² over 20 s:

    >>> round(100.0 * float(heat_death_probability(30_000.0, 20.0)))
    93
    """
    return _probabilities(heat_flux, duration, heat_probit_constants(name))


def burn_probability(heat_flux: ArrayLike, duration: ArrayLike, degree: str) -> Array:
    """Probability of a burn of bare skin in a steady heat flux.

    Parameters
    ----------
    heat_flux : float or array
        Incident on the skin. [W/m²]
    duration : float or array
        Exposure. [s]
    degree : str
        "first" or "second".

    Raises
    ------
    OutOfRange
        As `heat_death_probability`; another degree.

    Notes
    -----
    Pr = -39.83 + 3.0186 ln(t Q^(4/3)) for the first degree, -43.14 for the second.

    References
    ----------
    .. [1] TNO, CPR 16E, *Methods for the determination of possible damage* (Green Book), chapter 1.
    """
    if degree not in ("first", "second"):
        raise OutOfRange(f"烧伤等级须为 first 或 second，现为 {degree!r}", f"degree is first or second, not {degree!r}")
    table = constants("vulnerability")
    return _probabilities(
        heat_flux, duration, HeatProbit(table[f"{degree}_degree_burn_intercept"].value, table["burn_slope"].value)
    )


def _probabilities(heat_flux: ArrayLike, duration: ArrayLike, probit: HeatProbit) -> Array:
    flux, time = checked_exposure(heat_flux, duration)
    return dose_probability(flux**_POWER * np.where(flux > 0.0, time, 0.0), *probit)


def escape_dose(
    start: ArrayLike, distance: ArrayLike, heat_flux: ArrayLike, duration: float, rule: EscapeRule | None = None
) -> Array:
    """Thermal dose of people who run away from a fire.

    Parameters
    ----------
    start : float or array
        Where they stand when it begins, from the point they run away from. [m]
    distance : array, shape (m,)
        Increasing, at least two, above 0; it spans the starts. [m]
    heat_flux : array, shape (m,)
        At these distances, above 0, not growing. [W/m²]
    duration : float
        Of the fire. [s]
    rule : EscapeRule, optional
        Default: that of TNO.

    Returns
    -------
    array, same shape as ``start``
        ∫ Q^(4/3) dt. [(W/m²)^(4/3) s]

    Raises
    ------
    OutOfRange
        Not such a field, a start outside it, or the field ends where it is not yet safe; as `checked_heat_flux`.

    Notes
    -----
    They stand in the flux of their place for the reaction time, then run straight outward until the flux is safe, the
    fire is over or the longest exposure is reached. In a flux that goes as 1/r² the dose is that of the full flux over
    the reaction time plus (3/5)(x/u){1 - (1 + u t/x)^(-5/3)}, the form printed by TNO [1]_.

    References
    ----------
    .. [1] TNO, CPR 16E, *Methods for the determination of possible damage* (Green Book), chapter 1.

    Examples
    --------
    30 kW/m² at 20 m, falling with the square of the distance: as bad as 7.8 s of the full flux.

    >>> r = np.geomspace(10.0, 200.0, 100)
    >>> round(float(escape_dose(20.0, r, 30e3 * (20.0 / r) ** 2, 600.0) / 30e3 ** (4 / 3)), 1)
    7.8
    """
    field = np.ascontiguousarray(distance, dtype=np.float64)
    flux = np.ascontiguousarray(checked_heat_flux(heat_flux))
    chosen = escape_rule() if rule is None else rule
    time = float(bounded(duration, "历时 (s) ", "duration [s]", math.inf))
    if field.ndim != 1 or field.size < 2 or field.shape != flux.shape or not field[0] > 0.0:
        raise OutOfRange("距离与热通量须等长，至少两点，距离为正", "need distances above 0 and fluxes of one length")
    if not (np.all(np.diff(field) > 0.0) and np.all(flux > 0.0) and np.all(np.diff(flux) <= 0.0)):
        raise OutOfRange("距离须递增，热通量须为正且不增", "distances must increase, fluxes fall and stay above 0")
    if flux[-1] > chosen.safe_heat_flux:
        raise OutOfRange("热通量场未延伸至安全处", "the field ends where it is not yet safe")
    starts = bounded(start, "起点 (m) ", "start [m]", float(field[-1]), float(field[0]))
    doses = [escape_dose_kernel(float(r), field, flux, time, chosen) for r in starts.flat]
    return np.array(doses).reshape(starts.shape)
