"""What is in a unit and ready to get out: from a row of the units table to a vessel of the release models."""

import math
from collections.abc import Mapping
from typing import Any

from parkrisk.models.errors import OutOfRange
from parkrisk.models.release.hole import Vessel
from parkrisk.models.substance.substances import find

_ICE = 273.15
_GAS_CONSTANT = 8.314462618

#: Kinds whose liquid stands in an upright cylinder, so that its level drives the flow and falls.
_UPRIGHT = frozenset({"atmospheric_tank", "refrigerated_tank"})
#: Kinds that go off as a whole: only their mass counts, whatever boiling point their content may have.
_SOLID = frozenset({"explosives_store"})


def absolute_pressure(unit: Mapping[Any, Any], air_pressure: float) -> float:
    """Pressure inside: as given, else the vapour pressure of a liquefied gas, else that of the air. [Pa]"""
    gauge = float(unit["pressure_kpa"])
    if not math.isnan(gauge):
        return air_pressure + 1000.0 * gauge
    substance = find(unit["substance"])
    temperature = float(unit["temperature_c"]) + _ICE
    if temperature >= substance.critical_temperature:
        raise OutOfRange(
            f"设备 {unit['unit_id']} 内为超临界气体，须给出 pressure_kpa",
            f"unit {unit['unit_id']} holds a gas above its critical temperature; pressure_kpa is needed",
        )
    try:
        return max(air_pressure, substance.vapour_pressure(temperature))
    except OutOfRange:
        return air_pressure


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
        not known, the design maximum scaled to the usual fill. The level of a liquid in anything but an upright tank is
        the fill times its height, or its diameter; it stays. Of a store of explosives only the mass.

    Raises
    ------
    OutOfRange, MissingProperty, UnknownSubstance
        As the property that is needed raises.
    """
    substance = find(unit["substance"])
    temperature = float(unit["temperature_c"]) + _ICE
    fill, volume = float(unit["fill_fraction"]), float(unit["volume_m3"])
    usual = 1000.0 * float(unit["mass_t"]) * (fill / float(unit["max_fill_fraction"]))
    if unit["kind"] in _SOLID:
        return Vessel(substance, temperature, air_pressure, usual)
    pressure = absolute_pressure(unit, air_pressure)
    phase = substance.phase(temperature, pressure)
    if phase == "gas":
        density, filled = substance.gas_density(temperature, pressure), volume
    else:
        density, filled = substance.liquid_density(temperature), volume * fill
    mass = filled * density
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
