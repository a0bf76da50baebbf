"""What a release is: rate, duration, flash, what stays in the air, and the jet it makes."""

import math
from dataclasses import dataclass

from parkrisk.models.errors import MissingProperty, OutOfRange
from parkrisk.models.release.expansion import Jet, expanded_gas, expanded_liquid, jet_of
from parkrisk.models.release.flashing import flash_fraction
from parkrisk.models.release.opening import Opening, vapour_pressure_or_zero
from parkrisk.models.release.rain_out import airborne_by_flash, drops
from parkrisk.models.release.throat import Expansion
from parkrisk.models.substance.substances import Substance

__all__ = ["Jet", "Release", "airborne_fraction", "flashed", "release_of"]


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
    jet : Jet or None
        What stays in the air, at ambient pressure and before it mixes; None: nothing does, it is released at once, or
        the expansion leaves the known properties (flag ``jet_not_computed``).
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
    jet: Jet | None = None

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
    """Share of a liquid released at once that stays in the air when it flashes.

    Notes
    -----
    Twice the flash fraction, at most all: CCPS, *Guidelines for consequence analysis of chemical releases*, 1999,
    section 2.1.4.
    """
    return airborne_by_flash(flash, "ccps")


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


def release_of(
    flow: Opening,
    substance: Substance,
    temperature: float,
    mass: float,
    ambient_pressure: float,
    height: float = 0.0,
    air_temperature: float = 293.15,
) -> Release:
    """Release of a mass [kg] at the rate of a flow: its jet, its flash and what of it stays in the air.

    Parameters
    ----------
    flow : Opening
    substance : Substance
    temperature : float
        Inside. [K]
    mass, ambient_pressure, height, air_temperature
        [kg], [Pa], [m], [K]; the last two as in ``hole``.
    """
    duration = mass / flow.rate
    if flow.phase == "gas":
        expansion = _expanded(flow, substance, ambient_pressure)
        jet = None if expansion is None else jet_of(expansion, flow.rate, 1.0, ambient_pressure)
        flags = flow.flags if jet is not None else (*flow.flags, "jet_not_computed")
        choked = flow.throat.choked
        return Release(substance, flow.rate, duration, mass, 1.0, 1.0, temperature, "gas", choked, flags, jet)
    if vapour_pressure_or_zero(substance, temperature) <= ambient_pressure:
        return Release(substance, flow.rate, duration, mass, 0.0, 0.0, temperature, flow.phase, flow.throat.choked)
    flash = flashed(substance, temperature, ambient_pressure)
    expansion = _expanded(flow, substance, ambient_pressure)
    boiling = substance.boiling_temperature(ambient_pressure)
    if flow.quality > 0.0 and expansion is not None:
        slowed = 0.5 * expansion.velocity**2 / substance.heat_of_vaporisation(boiling)
        flash = min(1.0, 1.0 - expansion.liquid_fraction + slowed)
    velocity = flow.throat.velocity if expansion is None else expansion.velocity
    airborne, flags = _airborne(substance, temperature, velocity, flash, ambient_pressure, height, air_temperature)
    flags = (*flow.flags, *flags)
    if flow.phase == "liquid":
        flags = (*flags, "hole_without_flashing")
    if expansion is not None:
        airborne = max(airborne, 1.0 - expansion.liquid_fraction)
    else:
        flags = (*flags, "jet_not_computed")
    jet = None if expansion is None else jet_of(expansion, flow.rate, airborne, ambient_pressure)
    return Release(
        substance,
        flow.rate,
        duration,
        mass,
        flash,
        airborne,
        boiling,
        flow.phase,
        flow.throat.choked,
        flags,
        jet,
    )


def _expanded(flow: Opening, substance: Substance, ambient_pressure: float) -> Expansion | None:
    if math.isnan(flow.throat.enthalpy):
        return None
    try:
        if flow.phase == "gas":
            return expanded_gas(substance, flow.throat, flow.real, ambient_pressure)
        return expanded_liquid(substance, flow.throat, ambient_pressure)
    except OutOfRange:
        return None


def _airborne(
    substance: Substance,
    temperature: float,
    velocity: float,
    flash: float,
    ambient_pressure: float,
    height: float,
    air_temperature: float,
) -> tuple[float, tuple[str, ...]]:
    """Share that stays in the air, and the flag of the rule that gave it."""
    twice = airborne_by_flash(flash, "ccps")
    try:
        small = drops(substance, temperature, velocity, ambient_pressure, height, air_temperature).airborne
    except (MissingProperty, OutOfRange):
        return twice, ("airborne_twice_flash",)
    by_drops = flash + (1.0 - flash) * small
    return (by_drops, ("airborne_by_drops",)) if by_drops > twice else (twice, ("airborne_twice_flash",))
