"""Fireball: what a vessel full of liquefied flammable gas becomes when it bursts in a fire (BLEVE)."""

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.constants import constants
from parkrisk.models.errors import OutOfRange
from parkrisk.models.footprint import Footprint, PolarGrid
from parkrisk.models.heat_footprint import casualty_radii, positive, radial_heat_footprint, receptors
from parkrisk.models.radiation import sphere_view_factor_kernel, transmissivity_kernel, water_vapour_pressure

Array = NDArray[np.float64]


@kernel
def _fireball_heat_flux(
    distance: Array, radius: float, height: float, emissive_power: float, vapour_pressure: float, temperature: float
) -> Array:
    out = np.empty(distance.size)
    for i in range(distance.size):
        path = math.hypot(distance[i], height) - radius
        through = transmissivity_kernel(path, vapour_pressure, temperature)
        out[i] = emissive_power * through * sphere_view_factor_kernel(distance[i], height, radius)
    return out


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


@dataclass(frozen=True)
class Fireball:
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

    Raises
    ------
    OutOfRange
        A value that no fireball has.

    Notes
    -----
    Solid sphere of the largest diameter, its centre at 0.75 D during the whole time; emissive power = radiated heat
    over surface and duration (usually 200 to 350 kW/m²); the receptor faces it. Everyone within the circle of
    37.5 kW/m² dies.
    """

    mass: float
    heat_of_combustion: float
    burst_pressure: float
    air_temperature: float = 293.15
    relative_humidity: float = 0.7

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
        return ("unverified:fireball_radiant_fraction",) if capped else ()

    def _field(self, distance: Array, angle: Array) -> Array:
        del angle  # the same all round
        return _fireball_heat_flux(
            distance,
            0.5 * self.diameter,
            self.height,
            self.emissive_power,
            self.relative_humidity * water_vapour_pressure(self.air_temperature),
            self.air_temperature,
        )

    def heat_flux(self, distance: ArrayLike, angle: ArrayLike = 0.0) -> Array:
        """Heat flux on a person on the ground who faces the fireball. [W/m²]

        Parameters
        ----------
        distance : float or array
            From the vessel, along the ground. [m]
        angle : float or array
            Of no effect.

        Raises
        ------
        OutOfRange
            A distance is negative or not finite.
        """
        r, a = receptors(distance, angle)
        return self._field(r.ravel(), a.ravel()).reshape(r.shape)

    def footprint(self, grid: PolarGrid) -> Footprint:
        """Probability of death around the vessel."""
        return radial_heat_footprint(grid, self._field, self.duration)

    def casualty_radii(self) -> dict[str, float | None]:
        """Distances [m] of half the exposed dying, burnt seriously, burnt lightly, and of escalation."""
        return casualty_radii(self._field, self.duration, vector="fireball")
