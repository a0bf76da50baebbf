"""Discharge of a relief valve or a bursting disc by the rules of API 520."""

import math

from parkrisk.models.constants import constants
from parkrisk.models.errors import OutOfRange
from parkrisk.models.release.opening import Opening, gas_opening, liquid_opening, vapour_pressure_or_zero
from parkrisk.models.release.outflow import require
from parkrisk.models.release.released import Release, release_of
from parkrisk.models.release.two_phase import flashing_flow
from parkrisk.models.substance.substances import Substance

__all__ = ["relief_release"]

_COEFFICIENTS = {"gas": "relief_gas", "liquid": "relief_liquid", "two_phase": "relief_two_phase"}


def relief_release(
    substance: Substance,
    temperature: float,
    pressure: float,
    area: float,
    mass: float,
    *,
    phase: str,
    quality: float = 0.0,
    duration: float = math.inf,
    back_pressure: float = 101_325.0,
    discharge_coefficient: float | None = None,
    height: float = 0.0,
    air_temperature: float = 293.15,
) -> Release:
    """Release of a relief valve that stands open.

    Parameters
    ----------
    substance : Substance
    temperature, pressure : float
        At its inlet, at relieving conditions: set pressure and overpressure, absolute. [K], [Pa]
    area : float
        Effective discharge area. [m²]
    mass : float
        That can get out. [kg]
    phase : str
        "gas", "liquid" (does not flash) or "two_phase" (a liquid that flashes, or a mixture).
    quality : float
        Of a mixture: share of vapour at the inlet. [-]
    duration : float
        For which the valve is open. [s]
    back_pressure : float
        At its outlet; the jet is that into the air at the same pressure. [Pa]
    discharge_coefficient : float, optional
        Default, of API 520: gas 0.975, liquid 0.65, two-phase 0.85.
    height, air_temperature : float
        As in ``release.hole``.

    Returns
    -------
    Release

    Raises
    ------
    OutOfRange
        The phase is unknown, a liquid flashes, nothing pushes, a number is bad.

    Notes
    -----
    Gas: the isentropic nozzle, of which the sizing equations of [1]_ section 5.6 are the ideal closed form. Two-phase:
    homogeneous equilibrium ([1]_ C.2.1). Back-pressure and viscosity corrections are 1.

    References
    ----------
    .. [1] API Standard 520 part I, 9th ed., 2014.
    """
    require(temperature=temperature, pressure=pressure, area=area, mass=mass, back_pressure=back_pressure)
    if phase not in _COEFFICIENTS:
        raise OutOfRange(f"未知的相态 {phase}", f"unknown phase {phase}")
    if not duration > 0.0:
        raise OutOfRange(f"开启时间 {duration} 无效", f"duration {duration} is not valid")
    standard = constants("outflow")[_COEFFICIENTS[phase]].value
    coefficient = standard if discharge_coefficient is None else discharge_coefficient
    require(discharge_coefficient=coefficient)
    if phase == "gas":
        flow = gas_opening(substance, temperature, pressure, area, back_pressure, coefficient)
    elif phase == "two_phase":
        throat = flashing_flow(substance, temperature, pressure, back_pressure, 0.0, quality)
        flow = Opening(coefficient * area * throat.flux, "two_phase", throat, quality=quality)
    else:
        bore = math.sqrt(4.0 * area / math.pi)
        flow = liquid_opening(substance, temperature, pressure, 0.0, bore, 0.0, back_pressure, coefficient)
        if vapour_pressure_or_zero(substance, temperature) > back_pressure:
            raise OutOfRange(
                f"{substance.name_zh} 会闪蒸，应按 two_phase 计算", f"{substance.name_en} flashes: phase is two_phase"
            )
    out = min(mass, flow.rate * duration)
    return release_of(flow, substance, temperature, out, back_pressure, height, air_temperature)
