"""From a substance in a vessel and a hole to a release: how much, how fast, how long, in what state."""

import math
from dataclasses import dataclass

from parkrisk.models.constants import constants
from parkrisk.models.errors import OutOfRange
from parkrisk.models.flashing import equilibrium_rate_mass_flux, flash_fraction, flashing_mass_flux, omega
from parkrisk.models.outflow import gas_rate, hole_area, liquid_rate, released_by_draining, require
from parkrisk.models.substances import Substance

__all__ = ["Release", "Vessel", "airborne_fraction", "flashed", "hole", "instantaneous"]

_STEP = 0.05  # K, for the slope of the vapour pressure


@dataclass(frozen=True)
class Vessel:
    """What is inside, and the liquid column above the hole.

    Parameters
    ----------
    substance : Substance
    temperature : float
        [K]
    pressure : float
        Absolute, of the gas. [Pa]
    mass : float
        That can get out. [kg]
    head : float
        Of liquid above the hole. [m]
    cross_section : float
        Of a vertical tank whose level falls; 0: the level stays. [m²]
    contents : str
        "gas" or "liquid"; empty: by vapour pressure.
    """

    substance: Substance
    temperature: float
    pressure: float
    mass: float
    head: float = 0.0
    cross_section: float = 0.0
    contents: str = ""


@dataclass(frozen=True)
class Release:
    """A release at constant rate, or all at once; rate × duration = mass unless instantaneous.

    Parameters
    ----------
    substance : Substance
    rate : float
        Out of the opening at the start; 0: instantaneous. [kg/s]
    duration : float
        Time in which the mass is out at that rate; 0: instantaneous. [s]
    mass : float
        In all. [kg]
    flash : float
        Share that turns to vapour at once; 1 for a gas. [-]
    airborne : float
        Share that stays in the air as vapour and mist. [-]
    temperature : float
        Of what is released, at ambient pressure and at rest. [K]
    phase : str
        In the opening: "gas", "liquid" or "two_phase".
    choked : bool
        Whether the flow is critical.
    flags : tuple of str
        Codes of assumptions.
    """

    substance: Substance
    rate: float
    duration: float
    mass: float
    flash: float
    airborne: float
    temperature: float
    phase: str
    choked: bool = False
    flags: tuple[str, ...] = ()

    @property
    def is_instantaneous(self) -> bool:
        """Whether everything is out at once."""
        return self.rate == 0.0

    @property
    def airborne_mass(self) -> float:
        """Vapour and mist. [kg]"""
        return self.mass * self.airborne

    @property
    def pool_mass(self) -> float:
        """What falls to the ground. [kg]"""
        return self.mass - self.airborne_mass

    @property
    def airborne_rate(self) -> float:
        """[kg/s]."""
        return self.rate * self.airborne

    @property
    def pool_rate(self) -> float:
        """[kg/s]."""
        return self.rate - self.airborne_rate


def airborne_fraction(flash: float) -> float:
    """Share of a flashing liquid that stays in the air.

    Notes
    -----
    Twice the flash fraction, at most all: CCPS, *Guidelines for consequence analysis of chemical releases*, 1999,
    section 2.1.4.
    """
    if not 0.0 <= flash <= 1.0:
        raise OutOfRange(f"闪蒸率 {flash} 无效", f"flash fraction {flash} is not valid")
    return min(1.0, constants("outflow")["airborne_factor"].value * flash)


def flashed(substance: Substance, temperature: float, ambient_pressure: float = 101_325.0) -> float:
    """Share of a liquid of a substance that flashes when it comes out.

    Parameters
    ----------
    substance : Substance
    temperature : float
        Of the liquid inside. [K]
    ambient_pressure : float
        [Pa]

    Returns
    -------
    float
        [-]

    Notes
    -----
    ``flash_fraction`` with the heat capacity halfway between the two temperatures.
    """
    boiling = substance.boiling_temperature(ambient_pressure)
    if temperature <= boiling:
        return 0.0
    middle = 0.5 * (temperature + boiling)
    return flash_fraction(
        temperature, boiling, substance.liquid_heat_capacity(middle), substance.heat_of_vaporisation(boiling)
    )


def _phase(vessel: Vessel) -> str:
    if vessel.contents:
        if vessel.contents not in ("gas", "liquid"):
            raise OutOfRange(
                f"contents 须为 gas 或 liquid，现为 {vessel.contents}",
                f"contents must be gas or liquid, not {vessel.contents}",
            )
        return vessel.contents
    found = vessel.substance.phase(vessel.temperature, vessel.pressure)
    return "gas" if found == "gas" else "liquid"


def _check(vessel: Vessel, ambient_pressure: float) -> None:
    require(temperature=vessel.temperature, pressure=vessel.pressure, mass=vessel.mass)
    require(head_or_zero=vessel.head, cross_section_or_zero=vessel.cross_section, ambient_pressure=ambient_pressure)


def hole(
    vessel: Vessel,
    diameter: float,
    *,
    path_length: float = 0.0,
    isolation_time: float = math.inf,
    ambient_pressure: float = 101_325.0,
    discharge_coefficient: float | None = None,
) -> Release:
    """Release through a hole.

    Parameters
    ----------
    vessel : Vessel
    diameter : float
        Of the hole. [m]
    path_length : float
        Of the flow from the liquid to the outside: 0 for a hole in the wall, where a superheated liquid has no time to
        flash, 0.1 m and more for a pipe, where it flashes in equilibrium. [m]
    isolation_time : float
        After which the flow is stopped. [s]
    ambient_pressure : float
        [Pa]
    discharge_coefficient : float, optional
        Default: that of a sharp-edged hole, 0.62. In equilibrium flashing flow it multiplies the nozzle's flux.

    Returns
    -------
    Release
        At the initial rate until the mass is out or the flow is stopped, which errs on the safe side. From a vertical
        tank (``cross_section``) the mass is that which drains with falling head. A superheated liquid flashes, a gas
        jet comes to rest at the temperature of the vessel.

    Raises
    ------
    OutOfRange
        A number is not positive and finite, the hole is wider than the tank, nothing pushes the contents out.
    MissingProperty
        A property of the substance is not known.

    Notes
    -----
    Liquid and gas: ``outflow``; a superheated liquid leaves a short opening by the equilibrium rate model and a long
    one in homogeneous equilibrium (``flashing``).
    """
    _check(vessel, ambient_pressure)
    require(diameter=diameter, path_length_or_zero=path_length)
    if not isolation_time > 0.0:
        raise OutOfRange(f"切断时间 {isolation_time} 无效", f"isolation time {isolation_time} is not valid")
    area = hole_area(diameter)
    if 0.0 < vessel.cross_section < area:
        raise OutOfRange("孔比储罐截面还大", "the hole is larger than the tank's cross-section")
    coefficient = (
        constants("outflow")["discharge_sharp"].value if discharge_coefficient is None else discharge_coefficient
    )
    if _phase(vessel) == "gas":
        return _gas(vessel, area, isolation_time, ambient_pressure, coefficient)
    return _liquid(vessel, area, path_length, isolation_time, ambient_pressure, coefficient)


def _gas(vessel: Vessel, area: float, isolation_time: float, ambient_pressure: float, coefficient: float) -> Release:
    substance = vessel.substance
    ratio = substance.heat_capacity_ratio(vessel.temperature)
    density = substance.gas_density(vessel.temperature, vessel.pressure)
    rate = gas_rate(
        area,
        vessel.pressure,
        vessel.temperature,
        substance.molar_mass,
        ratio,
        ambient_pressure,
        coefficient,
        density,
    )
    if rate == 0.0:
        raise _nothing_pushes()
    critical = ((ratio + 1.0) / 2.0) ** (ratio / (ratio - 1.0))
    flags = ("gas_ideal_isentrope",) if vessel.pressure > constants("outflow")["ideal_gas_limit"].value else ()
    mass = min(vessel.mass, rate * isolation_time)
    return Release(
        substance,
        rate,
        mass / rate,
        mass,
        1.0,
        1.0,
        vessel.temperature,
        "gas",
        vessel.pressure / ambient_pressure >= critical,
        flags,
    )


def _liquid(
    vessel: Vessel, area: float, path_length: float, isolation_time: float, ambient_pressure: float, coefficient: float
) -> Release:
    substance, temperature = vessel.substance, vessel.temperature
    density = substance.liquid_density(temperature)
    saturation = _saturation(substance, temperature)
    inside = max(vessel.pressure, saturation)
    overpressure = inside - ambient_pressure
    if overpressure < 0.0:
        raise _nothing_pushes()
    rate = liquid_rate(area, density, overpressure, vessel.head, coefficient)
    phase, choked = "liquid", False
    if saturation > ambient_pressure and path_length > 0.0:
        rate = _flashing_rate(vessel, area, path_length, inside, saturation, ambient_pressure, coefficient)
        phase, choked = "two_phase", True
    if rate == 0.0:
        raise _nothing_pushes()
    mass = min(vessel.mass, rate * isolation_time)
    if vessel.cross_section > 0.0 and vessel.head > 0.0 and phase == "liquid":
        drained = released_by_draining(
            vessel.cross_section, area, density, overpressure, vessel.head, isolation_time, coefficient
        )
        mass = min(mass, drained)
    flash = flashed(substance, temperature, ambient_pressure) if saturation > ambient_pressure else 0.0
    expanded = substance.boiling_temperature(ambient_pressure) if flash > 0.0 else temperature
    flags: tuple[str, ...] = ("airborne_twice_flash",) if flash > 0.0 else ()
    if flash > 0.0 and phase == "liquid":
        flags = (*flags, "hole_without_flashing")
    return Release(substance, rate, mass / rate, mass, flash, airborne_fraction(flash), expanded, phase, choked, flags)


def _saturation(substance: Substance, temperature: float) -> float:
    """Vapour pressure, or 0 for a liquid too cold for the data."""
    try:
        return substance.vapour_pressure(temperature)
    except OutOfRange:
        if temperature >= substance.boiling_point:
            raise
        return 0.0


def _flashing_rate(
    vessel: Vessel,
    area: float,
    path_length: float,
    inside: float,
    saturation: float,
    ambient_pressure: float,
    coefficient: float,
) -> float:
    substance, temperature = vessel.substance, vessel.temperature
    density = substance.liquid_density(temperature)
    heat_capacity = substance.liquid_heat_capacity(temperature)
    slope = (substance.vapour_pressure(temperature + _STEP) - substance.vapour_pressure(temperature - _STEP)) / (
        2.0 * _STEP
    )
    clapeyron = 1.0 / (temperature * slope)
    pushing = inside + density * 9.80665 * vessel.head
    if path_length < constants("outflow")["equilibrium_length"].value:
        flux = equilibrium_rate_mass_flux(
            temperature, heat_capacity, density, clapeyron, pushing - ambient_pressure, path_length, coefficient
        )
        return area * flux
    parameter = omega(heat_capacity, temperature, saturation, density, clapeyron)
    return coefficient * area * flashing_mass_flux(pushing, saturation, density, parameter, ambient_pressure)


def instantaneous(vessel: Vessel, ambient_pressure: float = 101_325.0) -> Release:
    """Release of everything at once.

    Parameters
    ----------
    vessel : Vessel
    ambient_pressure : float
        [Pa]

    Returns
    -------
    Release
        A gas expands isentropically to ambient pressure; a superheated liquid flashes.

    Raises
    ------
    OutOfRange, MissingProperty
    """
    _check(vessel, ambient_pressure)
    substance, temperature = vessel.substance, vessel.temperature
    if _phase(vessel) == "gas":
        ratio = substance.heat_capacity_ratio(temperature)
        outer = min(1.0, ambient_pressure / vessel.pressure)
        expanded = temperature * outer ** ((ratio - 1.0) / ratio)
        return Release(substance, 0.0, 0.0, vessel.mass, 1.0, 1.0, expanded, "gas")
    saturation = _saturation(substance, temperature)
    flash = flashed(substance, temperature, ambient_pressure) if saturation > ambient_pressure else 0.0
    expanded = substance.boiling_temperature(ambient_pressure) if flash > 0.0 else temperature
    flags = ("airborne_twice_flash",) if flash > 0.0 else ()
    phase = "two_phase" if flash > 0.0 else "liquid"
    return Release(substance, 0.0, 0.0, vessel.mass, flash, airborne_fraction(flash), expanded, phase, flags=flags)


def _nothing_pushes() -> OutOfRange:
    return OutOfRange("内部压力和液位不足以推出物料", "neither pressure nor liquid head pushes the contents out")
