"""Vessels under pressure that burst: their blast, alone or with the fire that follows at once."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models.blast.vessel_burst import VesselBurst, gas_burst, liquid_burst
from parkrisk.models.fire.engulfing import Engulfing
from parkrisk.models.fire.fireball import Fireball
from parkrisk.models.fire.jet_fire import JetFire
from parkrisk.models.fire.pool_fire import PoolFire
from parkrisk.models.footprint import Footprint, PolarGrid
from parkrisk.models.release.hole import Vessel
from parkrisk.scenarios.events.contents import absolute_pressure
from parkrisk.scenarios.events.losses import rule

__all__ = ["BurstThenFire", "burst_of", "may_burst"]

Array = NDArray[np.float64]

#: Kinds that are one shell; the bottles of a store burst one by one, and flat-bottomed tanks hold no pressure.
_SHELLS = frozenset({"pressure_vessel", "process_vessel", "reactor", "column", "heat_exchanger", "tank_vehicle"})
#: Gas above a liquid that does not boil: padding gas, taken as air. [kg/mol]
_AIR = 0.02896


def _ratio(value: float) -> float:
    """Heat capacity ratio within the range of the blast curves."""
    return min(max(value, 1.05), 1.7)


def _density(contained: Vessel) -> float:
    if contained.contents == "gas":
        return contained.substance.gas_density(contained.temperature, contained.pressure)
    return contained.substance.liquid_density(contained.temperature)


def may_burst(unit: Mapping[Any, Any], air_pressure: float) -> bool:
    """Whether a unit is one shell at 1.1 times the pressure of the air [Pa] or more."""
    least = rule("burst_pressure_ratio") * air_pressure
    return unit["kind"] in _SHELLS and absolute_pressure(unit, air_pressure) >= least


def burst_of(unit: Mapping[Any, Any], contained: Vessel, air_pressure: float) -> VesselBurst | None:
    """Blast of a unit whose shell fails at the state it works in.

    Parameters
    ----------
    unit : mapping
        Row of the units table, defaults filled in.
    contained : Vessel
    air_pressure : float
        [Pa]

    Returns
    -------
    VesselBurst or None
        Of a gas its compression; of a liquid above its boiling point the flash of the liquid and the expansion of its
        vapour (BLEVE); of any other liquid the compression of the gas above it. None: no shell, below 1.1 times the
        pressure of the air, or no room for gas. Where the volume is not known, it is that of the content.

    Raises
    ------
    OutOfRange, MissingProperty
        As the models raise.
    """
    if not may_burst(unit, air_pressure):
        return None
    substance, temperature = contained.substance, contained.temperature
    fill = 1.0 if contained.contents == "gas" else float(unit["fill_fraction"])
    volume = float(unit["volume_m3"])
    if math.isnan(volume):
        volume = contained.mass / (_density(contained) * fill)
    if contained.contents == "gas":
        return gas_burst(
            contained.pressure,
            volume,
            molar_mass=substance.molar_mass,
            temperature=temperature,
            heat_capacity_ratio=_ratio(substance.heat_capacity_ratio(temperature)),
            air_pressure=air_pressure,
        )
    if substance.vapour_pressure(temperature) >= rule("burst_pressure_ratio") * air_pressure:
        return liquid_burst(substance, volume, fill, temperature, air_pressure=air_pressure)
    if fill >= 1.0:
        return None
    return gas_burst(
        contained.pressure, (1.0 - fill) * volume, molar_mass=_AIR, temperature=temperature, air_pressure=air_pressure
    )


def _steps(footprint: Footprint, radius: Array) -> Array:
    """Sum of the discs that reach a radius, shape (3, n)."""
    found: Array = footprint.disc_lethality @ (radius <= footprint.disc_radius[:, np.newaxis]).astype(np.float64)
    return found


def _either(fire: Footprint, blast: Footprint, grid: PolarGrid) -> Footprint:
    """Footprint of a fire and a blast that is all discs: 1 − (1 − V₁)(1 − V₂)."""
    spared = 1.0 - _steps(blast, grid.radius)
    rings = fire.lethality * np.repeat(spared, fire.count, axis=1)
    radius = np.unique(np.concatenate([fire.disc_radius, blast.disc_radius]))
    within = 1.0 - (1.0 - _steps(fire, radius)) * (1.0 - _steps(blast, radius))
    return Footprint(fire.count, rings, radius, -np.diff(within, axis=1, append=0.0))


@dataclass(frozen=True)
class BurstThenFire:
    """A vessel that bursts and whose content burns at once.

    Parameters
    ----------
    burst : VesselBurst
    fire : Fireball, PoolFire or JetFire
        Around the same place.
    """

    burst: VesselBurst
    fire: Fireball | PoolFire | JetFire

    @property
    def centre_distance(self) -> float:
        """Of the vessel from the source of the outcome, downwind. [m]"""
        return self.burst.centre_distance

    @property
    def emissive_power(self) -> float:
        """Of the fire's surface. [W/m²]"""
        return float(self.fire.emissive_power)

    @property
    def duration(self) -> float:
        """Of the fire. [s]"""
        return self.fire.duration

    @property
    def flags(self) -> tuple[str, ...]:
        """Codes of the caveats of both."""
        return tuple(dict.fromkeys((*self.burst.flags, *self.fire.flags)))

    @property
    def engulfing(self) -> Engulfing | None:
        """Flame of the fire, as it engulfs equipment."""
        return self.fire.engulfing

    def heat_flux(self, distance: ArrayLike, angle: ArrayLike) -> Array:
        """Of the fire. [W/m²]"""
        return self.fire.heat_flux(distance, angle)

    def overpressure(self, distance: ArrayLike, angle: ArrayLike) -> Array:
        """Of the blast. [Pa]"""
        return self.burst.overpressure(distance, angle)

    def radius(self, overpressure: float) -> float:
        """Distance from the vessel beyond which the overpressure [Pa] is lower; 0: nowhere as high. [m]"""
        return self.burst.radius(overpressure)

    def footprint(self, grid: PolarGrid) -> Footprint:
        """Probability of death by either."""
        return _either(self.fire.footprint(grid), self.burst.footprint(grid), grid)

    def casualty_radii(self) -> dict[str, float | None]:
        """Farther of the two [m]; None where neither has one."""
        burst, fire = self.burst.casualty_radii(), self.fire.casualty_radii()
        return {name: max(burst[name] or 0.0, fire[name] or 0.0) or None for name in fire}
