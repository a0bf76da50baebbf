"""What is in a unit and ready to get out: from a row of the units table to a vessel of the release models."""

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from parkrisk.models.constants import constants
from parkrisk.models.errors import MissingProperty, OutOfRange
from parkrisk.models.release.hole import Vessel
from parkrisk.models.substance.substances import find
from parkrisk.scenarios import schema

#: Columns of the units table that decide the state of what is in a unit.
STATE_OF = ("substance", "kind", "temperature_c", "pressure_kpa", "fill_fraction", "volume_m3", "mass_t")

_ICE = 273.15
_GAS_CONSTANT = 8.314462618

#: Kinds whose liquid stands in an upright cylinder, so that its level drives the flow and falls.
_UPRIGHT = frozenset({"atmospheric_tank", "refrigerated_tank"})
#: Kinds that go off as a whole: only their mass counts, whatever boiling point their content may have.
_SOLID = frozenset({"explosives_store"})


@dataclass(frozen=True)
class State:
    """Gas or liquid, and under which pressure.

    Parameters
    ----------
    phase : str
        "gas", "liquid" or "solid".
    pressure : float
        Inside. [Pa]
    in_doubt : bool
        The stated pressure would be that of a gas, and nothing else says that the unit holds one: it is counted as
        saturated liquid, the larger quantity.
    """

    phase: str
    pressure: float
    in_doubt: bool = False


def temperature_of(unit: Mapping[Any, Any]) -> float:
    """Temperature of the content. [K]"""
    return float(unit["temperature_c"]) + _ICE


def _stated_pressure(unit: Mapping[Any, Any], air_pressure: float) -> float:
    """As given, else the vapour pressure of a liquefied gas, else that of the air. [Pa]"""
    gauge = float(unit["pressure_kpa"])
    if not math.isnan(gauge):
        return air_pressure + 1000.0 * gauge
    substance = find(unit["substance"])
    temperature = temperature_of(unit)
    if temperature >= substance.critical_temperature:
        raise OutOfRange(
            f"设备 {unit['unit_id']} 内为超临界气体，须给出 pressure_kpa",
            f"unit {unit['unit_id']} holds a gas above its critical temperature; pressure_kpa is needed",
        )
    try:
        return max(air_pressure, substance.vapour_pressure(temperature))
    except OutOfRange:
        return air_pressure


def _says_gas(unit: Mapping[Any, Any], temperature: float, pressure: float) -> bool:
    """Whether more than the pressure says that a unit holds gas below the critical temperature.

    A kind without a liquid level, a fill of 0, no volume (then the mass is as stated, gas or not), or a stated mass
    that gas of that pressure makes up.
    """
    if unit["kind"] not in _with_level() or float(unit["fill_fraction"]) == 0.0:
        return True
    volume, mass = float(unit["volume_m3"]), 1000.0 * float(unit["mass_t"])
    if math.isnan(volume):
        return True
    margin = constants("hazard_criteria")["saturation_margin"].value
    return 0.0 < margin * mass <= volume * find(unit["substance"]).gas_density(temperature, pressure)


@functools.cache
def _with_level() -> frozenset[str]:
    """Kinds whose volume and fill say how much liquid they hold."""
    return frozenset(row["kind"] for row in schema.rows_of("geometry") if row["inventory"] == "required")


def state(unit: Mapping[Any, Any], air_pressure: float) -> State:
    """Phase and pressure of what is in a unit.

    Parameters
    ----------
    unit : mapping
        Row of the units table, defaults filled in.
    air_pressure : float
        [Pa]

    Returns
    -------
    State

    Raises
    ------
    OutOfRange, MissingProperty, UnknownSubstance
        As the property that is needed raises.

    Notes
    -----
    From 90 % of the vapour pressure on the content is liquid (`Substance.phase`). Lower, a tank or vessel below the
    critical temperature holds gas only if its row says so in another way, too: ``fill_fraction`` 0, or a ``mass_t``
    that gas of that pressure makes up. Else pressure and temperature contradict each other (often one of them is a
    slip, or was changed alone), and it is counted as liquid under its vapour pressure, so that a doubt never makes a
    vessel harmless. In pumps, compressors, pipelines, loading arms, heat exchangers and stores of cylinders the
    pressure alone decides.
    """
    temperature = temperature_of(unit)
    pressure = _stated_pressure(unit, air_pressure)
    substance = find(unit["substance"])
    phase = substance.phase(temperature, pressure)
    if phase != "gas" or temperature >= substance.critical_temperature or _says_gas(unit, temperature, pressure):
        return State(phase, pressure)
    return State("liquid", substance.vapour_pressure(temperature), in_doubt=True)


def absolute_pressure(unit: Mapping[Any, Any], air_pressure: float) -> float:
    """Pressure inside, as `state` has it; as stated where the phase is not known. [Pa]"""
    try:
        return state(unit, air_pressure).pressure
    except (MissingProperty, OutOfRange):
        return _stated_pressure(unit, air_pressure)


def vessel(unit: Mapping[Any, Any], air_pressure: float) -> Vessel:
    """Contents of a unit at their usual fill.

    Parameters
    ----------
    unit : mapping
        Row of the units table, defaults filled in.
    air_pressure : float
        [Pa]

    Returns
    -------
    Vessel
        Mass of the main substance: volume × fill × density of a liquid, the whole volume of a gas; where the volume is
        not known, the design maximum scaled to the usual fill; where the phase is in doubt (`state`), no more than the
        stated design maximum. The level of a liquid in anything but an upright tank is the fill times its height, or
        its diameter; it stays. Of a store of explosives only the mass.

    Raises
    ------
    OutOfRange, MissingProperty, UnknownSubstance
        As the property that is needed raises.
    """
    substance = find(unit["substance"])
    temperature = temperature_of(unit)
    fill, volume = float(unit["fill_fraction"]), float(unit["volume_m3"])
    usual = 1000.0 * float(unit["mass_t"]) * (fill / float(unit["max_fill_fraction"]))
    if unit["kind"] in _SOLID:
        return Vessel(substance, temperature, air_pressure, usual)
    found = state(unit, air_pressure)
    phase, pressure = found.phase, found.pressure
    if phase == "gas":
        density, filled = substance.gas_density(temperature, pressure), volume
    else:
        density, filled = substance.liquid_density(temperature), volume * fill
    mass = filled * density
    if found.in_doubt and float(unit["mass_t"]) > 0.0:
        mass = min(mass, 1000.0 * float(unit["mass_t"]))
    if math.isnan(mass):
        mass = 1000.0 * float(unit["mass_t"]) if phase == "gas" else usual
    head, section = 0.0, 0.0
    diameter, height = float(unit["diameter_m"]), float(unit["height_m"])
    if unit["kind"] in _UPRIGHT and phase != "gas" and diameter > 0.0:
        section = 0.25 * math.pi * diameter**2
        head = mass / (density * section)
    elif phase != "gas":
        head = next((fill * size for size in (height, diameter) if size > 0.0), 0.0)
    return Vessel(substance, temperature, pressure, mass, head, section, "gas" if phase == "gas" else "liquid")
