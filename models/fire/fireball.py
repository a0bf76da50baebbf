"""Fireball: what a vessel full of liquefied flammable gas becomes when it bursts in a fire (BLEVE)."""

import functools
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.constants import constants
from parkrisk.models.errors import OutOfRange
from parkrisk.models.fire.flame import sphere, stages
from parkrisk.models.fire.heat_footprint import (
    casualty_radii,
    positive,
    radial_flame_footprint,
)
from parkrisk.models.fire.radiating_fire import RadiatingFire
from parkrisk.models.fire.radiation import water_vapour_pressure
from parkrisk.models.footprint import Footprint, PolarGrid

__all__ = [
    "Fireball",
    "FireballStage",
    "fireball_diameter",
    "fireball_duration",
    "fireball_radiative_fraction",
]

Array = NDArray[np.float64]

_NODES = 8  # of the integral over time, in the growth and in the rise


def fireball_diameter(mass: float) -> float:
    """Largest diameter of a fireball, 5.8 M^(1/3) (CCPS 2000, 2.2.3). [m]"""
    positive(mass=mass)
    return constants("fire")["fireball_diameter_factor"].value * math.cbrt(mass)


def fireball_duration(mass: float) -> float:
    """Duration of a fireball, 0.45 M^(1/3) below 30 t, 2.6 M^(1/6) from there (CCPS 2000, 2.2.3). [s]"""
    positive(mass=mass)
    table = constants("fire")
    if mass < table["fireball_large_mass"].value:
        return table["fireball_small_duration_factor"].value * math.cbrt(mass)
    return table["fireball_large_duration_factor"].value * math.sqrt(math.cbrt(mass))


def fireball_radiative_fraction(burst_pressure: float) -> float:
    """Share of the heat that a fireball radiates, 0.27 (P / MPa)^0.32 up to 0.4 (Roberts 1981; the cap is unverified).

    Parameters
    ----------
    burst_pressure : float
        Absolute pressure in the vessel just before it bursts. [Pa]
    """
    positive(burst_pressure=burst_pressure)
    table = constants("fire")
    fraction = table["fireball_fraction_factor"].value * math.pow(
        burst_pressure / 1e6, table["fireball_fraction_exponent"].value
    )
    return min(fraction, table["fireball_fraction_cap"].value)


class FireballStage(NamedTuple):
    """A fireball at one moment."""

    diameter: float  #: [m]
    height: float  #: of its centre above ground [m]
    emissive_power: float  #: [W/m²]


@dataclass(frozen=True)
class Fireball(RadiatingFire):
    """A fireball; it does not depend on the wind.

    Parameters
    ----------
    mass : float
        Of fuel in it. [kg]
    heat_of_combustion : float
        [J/kg]
    burst_pressure : float
        Absolute pressure in the vessel just before it bursts. [Pa]
    air_temperature, relative_humidity : float
        For the absorption in air. [K], 0 to 1
    rising : bool
        Whether it grows and rises while it burns; else it stands in its full size from the beginning.

    Raises
    ------
    OutOfRange
        A value that no fireball has.

    Notes
    -----
    Standing: solid sphere of the largest diameter, its centre at 0.75 D during the whole time; emissive power =
    radiated heat over surface and duration (usually 200 to 350 kW/m²). The receptor faces it. Everyone within the
    circle of 37.5 kW/m² dies.

    Rising: the diameter grows with t^(1/3), touching the ground, to its largest value at a third of the duration; then
    the ball lifts off at the same speed to a height of 1.5 D and its emissive power fades to 0 in proportion to the
    time that is left. The power at the beginning is such that the whole radiates the same heat as the standing ball
    (Martinsen and Marx 1999, unverified). Its heat flux is the steady one of the same heat dose over the duration.
    """

    mass: float
    heat_of_combustion: float
    burst_pressure: float
    air_temperature: float = 293.15
    relative_humidity: float = 0.7
    rising: bool = False

    def __post_init__(self) -> None:
        positive(mass=self.mass, heat_of_combustion=self.heat_of_combustion, burst_pressure=self.burst_pressure)
        if not (self.mass <= 1e8 and 1e6 <= self.heat_of_combustion <= 2e8 and self.burst_pressure <= 1e8):
            raise OutOfRange(
                "火球参数不合理（质量 ≤ 1e8 kg，燃烧热 1 至 200 MJ/kg，压力 ≤ 100 MPa）",
                "impossible fireball (mass <= 1e8 kg, heat of combustion 1 to 200 MJ/kg, pressure <= 100 MPa)",
            )
        if not 0.0 <= self.relative_humidity <= 1.0:
            raise OutOfRange("相对湿度须在 0 至 1 之间", "relative humidity must lie between 0 and 1")
        water_vapour_pressure(self.air_temperature)

    @functools.cached_property
    def diameter(self) -> float:
        """[m]"""
        return fireball_diameter(self.mass)

    @functools.cached_property
    def duration(self) -> float:
        """[s]"""
        return fireball_duration(self.mass)

    @functools.cached_property
    def height(self) -> float:
        """Of its centre above ground. [m]"""
        return constants("fire")["fireball_height_ratio"].value * self.diameter

    @functools.cached_property
    def emissive_power(self) -> float:
        """Of its surface. [W/m²]"""
        heat = fireball_radiative_fraction(self.burst_pressure) * self.mass * self.heat_of_combustion
        return heat / (math.pi * self.diameter**2 * self.duration)

    @property
    def flags(self) -> tuple[str, ...]:
        """Codes of caveats."""
        capped = fireball_radiative_fraction(self.burst_pressure) == constants("fire")["fireball_fraction_cap"].value
        fraction = ("unverified:fireball_radiant_fraction",) if capped else ()
        return (*fraction, "unverified:fireball_history") if self.rising else fraction

    def at(self, time: float) -> FireballStage:
        """Size, height and emissive power at one moment.

        Parameters
        ----------
        time : float
            Since the burst, up to the duration. [s]

        Raises
        ------
        OutOfRange
            The ball does not burn then.
        """
        share = time / self.duration
        if not 0.0 <= share <= 1.0:
            raise OutOfRange(
                f"火球只燃烧 {self.duration:.1f} s，时刻 {time} s 不在其内",
                f"the fireball burns for {self.duration:.1f} s, not at {time} s",
            )
        if not self.rising:
            return FireballStage(self.diameter, self.height, self.emissive_power)
        table = constants("fire")
        growth, highest = table["fireball_growth_share"].value, table["fireball_final_height_ratio"].value
        # π D² E over the time: 3/5 of the growth, and half of the rest, of full size and power
        full = self.emissive_power / (0.6 * growth + 0.5 * (1.0 - growth))
        if share <= growth:
            diameter = self.diameter * math.cbrt(share / growth)
            return FireballStage(diameter, 0.5 * diameter, full)
        risen = (share - growth) / (1.0 - growth)
        return FireballStage(
            self.diameter, self.diameter * (0.5 + risen * (highest - 0.5)), full * (1.0 - share) / (1.0 - growth)
        )

    @functools.cached_property
    def _flame(self) -> Array:
        air = Weather(0.0, "D", self.air_temperature, relative_humidity=self.relative_humidity)
        if not self.rising:
            return sphere(0.5 * self.diameter, self.height, self.emissive_power, air)
        node, weight = np.polynomial.legendre.leggauss(_NODES)
        growth = constants("fire")["fireball_growth_share"].value
        balls, shares = [], []
        for begin, end in ((0.0, growth), (growth, 1.0)):
            for x, w in zip(node, weight, strict=True):
                now = self.at((begin + 0.5 * (1.0 + x) * (end - begin)) * self.duration)
                balls.append(sphere(0.5 * now.diameter, now.height, now.emissive_power, air))
                shares.append(0.5 * float(w) * (end - begin))
        return stages(balls, shares)

    def heat_dose(self, distance: ArrayLike) -> Array:
        """Heat dose of the whole fireball, ∫ q^(4/3) dt. [(W/m²)^(4/3) s]

        Parameters and errors as `heat_flux`.
        """
        return np.asarray(self.heat_flux(distance) ** (4.0 / 3.0) * self.duration)

    def footprint(self, grid: PolarGrid) -> Footprint:
        """Probability of death around the vessel."""
        return radial_flame_footprint(grid, self._flame, self.duration)

    def casualty_radii(self) -> dict[str, float | None]:
        """Distances [m] of half the exposed dying, burnt seriously, burnt lightly, and of escalation."""
        return casualty_radii(self._field, self.duration, vector="fireball")
