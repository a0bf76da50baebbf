"""A vessel: what is inside, in what state, and how much of it can get out."""

import math
from dataclasses import dataclass

from parkrisk.models.errors import OutOfRange
from parkrisk.models.release.outflow import require
from parkrisk.models.substance.substances import Substance

__all__ = ["Vessel", "check_hole", "check_vessel", "vessel_phase"]


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
        What stands at the opening, "gas" or "liquid"; empty: by vapour pressure.
    volume : float
        Of the vessel; 0: not known. [m³]
    """

    substance: Substance
    temperature: float
    pressure: float
    mass: float
    head: float = 0.0
    cross_section: float = 0.0
    contents: str = ""
    volume: float = 0.0


def vessel_phase(vessel: Vessel) -> str:
    """What leaves a vessel: "gas" or "liquid"; raises OutOfRange for other words and for a supercritical liquid."""
    if not vessel.contents:
        found = vessel.substance.phase(vessel.temperature, vessel.pressure)
        return "gas" if found == "gas" else "liquid"
    if vessel.contents not in ("gas", "liquid"):
        raise OutOfRange(
            f"contents 须为 gas 或 liquid，现为 {vessel.contents}",
            f"contents must be gas or liquid, not {vessel.contents}",
        )
    if vessel.contents == "liquid" and vessel.temperature >= vessel.substance.critical_temperature:
        raise OutOfRange(
            f"{vessel.substance.name_zh} 在 {vessel.temperature} K 高于临界温度，不是液体",
            f"{vessel.substance.name_en} is above its critical temperature at {vessel.temperature} K: no liquid",
        )
    return vessel.contents


def check_vessel(vessel: Vessel, ambient_pressure: float) -> None:
    """Refuse numbers that are not finite, negative, or 0 where they may not be."""
    require(temperature=vessel.temperature, pressure=vessel.pressure, mass=vessel.mass)
    require(head_or_zero=vessel.head, cross_section_or_zero=vessel.cross_section, ambient_pressure=ambient_pressure)
    require(volume_or_zero=vessel.volume)


def check_hole(vessel: Vessel, area: float) -> None:
    """Refuse a hole [m²] wider than the tank, or than a sphere of the vessel's volume."""
    if 0.0 < vessel.cross_section < area:
        raise OutOfRange("孔比储罐截面还大", "the hole is larger than the tank's cross-section")
    sphere = 0.25 * math.pi * (6.0 * vessel.volume / math.pi) ** (2.0 / 3.0)
    if 0.0 < sphere < area:
        raise OutOfRange("孔比容器还大", "the hole is larger than the vessel")
