"""Pool fire: a tilted cylinder of flame over a burning pool."""

import functools
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.atmosphere import Weather
from parkrisk.models.constants import constants, rows
from parkrisk.models.errors import OutOfRange
from parkrisk.models.footprint import Footprint, PolarGrid
from parkrisk.models.heat_footprint import casualty_radii, check_weather, heat_footprint, positive, receptors
from parkrisk.models.radiation import frustum_view_factor_kernel, transmissivity_kernel, water_vapour_pressure

Array = NDArray[np.float64]

_GRAVITY = 9.80665
_GAS_CONSTANT = 8.314462618
_AIR_MOLAR_MASS = 0.0289652


def air_density(weather: Weather) -> float:
    """Density of the air. [kg/m³]"""
    return weather.air_pressure * _AIR_MOLAR_MASS / (_GAS_CONSTANT * weather.air_temperature)


def air_kinematic_viscosity(weather: Weather) -> float:
    """Kinematic viscosity of the air, by Sutherland's law. [m²/s]"""
    temperature = weather.air_temperature
    return 1.458e-6 * temperature * math.sqrt(temperature) / (temperature + 110.4) / air_density(weather)


def burning_rate(largest: float, extinction: float, diameter: float) -> float:
    """Mass burning rate of a pool per area, growing with its size.

    Parameters
    ----------
    largest : float
        Of an infinite pool. [kg/(m²·s)]
    extinction : float
        k β; infinite for fuels whose rate does not depend on size. [1/m]
    diameter : float
        [m]

    Returns
    -------
    float
        [kg/(m²·s)]

    Raises
    ------
    OutOfRange
        An argument is not positive.

    References
    ----------
    .. [1] V. Babrauskas, "Estimating large pool fire burning rates", Fire Technology 19 (1983) 251-261.
    """
    positive(largest=largest, diameter=diameter)
    if not extinction > 0.0:
        raise OutOfRange("消光系数须为正数", "the extinction coefficient must be positive")
    return -largest * math.expm1(-extinction * diameter)


def burgess_burning_rate(
    heat_of_combustion: float,
    heat_of_vaporisation: float,
    heat_capacity: float,
    boiling_point: float,
    air_temperature: float,
) -> float:
    """Mass burning rate per area of a large pool of a fuel without measured values. [kg/(m²·s)]

    Parameters
    ----------
    heat_of_combustion, heat_of_vaporisation : float
        [J/kg]
    heat_capacity : float
        Of the liquid. [J/(kg·K)]
    boiling_point, air_temperature : float
        A fuel boiling below the air temperature needs no warming. [K]

    Notes
    -----
    m = 1e-3 ΔHc / (ΔHv + cp (Tb - Ta)), Burgess and Hertzberg; CPR 14E eq. 6.66.
    """
    positive(
        heat_of_combustion=heat_of_combustion, heat_of_vaporisation=heat_of_vaporisation, heat_capacity=heat_capacity
    )
    warming = heat_capacity * max(0.0, boiling_point - air_temperature)
    return 1e-3 * heat_of_combustion / (heat_of_vaporisation + warming)


def _check_wind(wind_speed: float) -> None:
    if not 0.0 <= wind_speed <= 100.0:
        raise OutOfRange(f"风速 {wind_speed} m/s 不合理", f"wind speed {wind_speed} m/s is impossible")


def flame_length(diameter: float, rate: float, wind_speed: float, density: float) -> float:
    """Mean visible length of a pool fire after Thomas.

    Parameters
    ----------
    diameter : float
        [m]
    rate : float
        Mass burning rate per area. [kg/(m²·s)]
    wind_speed : float
        At 10 m; 0 takes the correlation for still air. [m/s]
    density : float
        Of the air. [kg/m³]

    Returns
    -------
    float
        Along the flame's axis. [m]

    Notes
    -----
    Still: L/D = 42 m*^0.61; wind: L/D = 55 m*^0.67 u*^-0.21, m* = m / (ρ √(g D)), u* = max(1, u / (g m D / ρ)^(1/3)).

    References
    ----------
    .. [1] P.H. Thomas, "The size of flames from natural fires", 9th Symposium on Combustion (1963) 844-859;
       CPR 14E eq. 6.12 to 6.14.
    """
    positive(diameter=diameter, rate=rate, density=density)
    _check_wind(wind_speed)
    scaled_rate = rate / (density * math.sqrt(_GRAVITY * diameter))
    if wind_speed == 0.0:
        return diameter * 42.0 * math.pow(scaled_rate, 0.61)
    scaled_wind = max(1.0, wind_speed / (_GRAVITY * rate * diameter / density) ** (1.0 / 3.0))
    return float(55.0 * diameter * scaled_rate**0.67 * scaled_wind**-0.21)


def flame_tilt(diameter: float, wind_speed: float, kinematic_viscosity: float) -> float:
    """Tilt of a pool fire's axis from the vertical after Welker and Sliepcevich. [rad]

    tan θ / cos θ = 0.666 Fr^0.333 Re^0.117, Fr = u² / (g D), Re = u D / ν (CPR 14E eq. 6.15 to 6.17).
    """
    positive(diameter=diameter, kinematic_viscosity=kinematic_viscosity)
    _check_wind(wind_speed)
    froude = wind_speed**2 / (_GRAVITY * diameter)
    reynolds = wind_speed * diameter / kinematic_viscosity
    ratio = 0.666 * froude**0.333 * reynolds**0.117
    # sin θ / (1 - sin² θ) = ratio, without cancellation at small tilt
    return math.asin(2.0 * ratio / (1.0 + math.sqrt(1.0 + 4.0 * ratio * ratio)))


def smoky_emissive_power(diameter: float) -> float:
    """Mean surface emissive power of a smoky hydrocarbon pool fire after Mudan. [W/m²]"""
    positive(diameter=diameter)
    table = constants("fire")
    clear = math.exp(-table["smoky_extinction"].value * diameter)
    return table["smoky_clear_emissive_power"].value * clear + table["smoky_soot_emissive_power"].value * (1.0 - clear)


def soot_emissive_power(
    rate: float, heat_of_combustion: float, length_ratio: float, radiative_fraction: float, soot_fraction: float
) -> tuple[float, float]:
    """Surface emissive power without and with smoke: radiated heat over the flame's surface. [W/m²]

    Parameters
    ----------
    rate : float
        Mass burning rate per area. [kg/(m²·s)]
    heat_of_combustion : float
        [J/kg]
    length_ratio : float
        L/D of the flame.
    radiative_fraction : float
        Share of the heat that is radiated, 0 to 1.
    soot_fraction : float
        Share of the surface hidden by smoke at 20 kW/m², 0 to 1; 0 for clean fuels.

    Notes
    -----
    F m ΔHc / (1 + 4 L/D), and its mean with 20 kW/m² over the hidden share; CPR 14E eq. 6.18, 6.19.
    """
    if not (0.0 < radiative_fraction <= 1.0 and 0.0 <= soot_fraction <= 1.0):
        raise OutOfRange("辐射分数与烟遮份额须在 0 至 1 之间", "fractions must lie between 0 and 1")
    clear = radiative_fraction * rate * heat_of_combustion / (1.0 + 4.0 * length_ratio)
    return clear, clear * (1.0 - soot_fraction) + constants("fire")["soot_emissive_power"].value * soot_fraction


class FlameSurface(NamedTuple):
    """How brightly a pool of some fuel burns; the fields are those of `PoolFire`."""

    surface: str
    radiative_fraction: float
    soot_fraction: float


def flame_surface(cas: str) -> FlameSurface:
    """Surface of a fuel's pool fire: clean for LNG, hydrogen and simple alcohols, else smoky.

    Parameters
    ----------
    cas : str
        CAS number of the fuel.

    Examples
    --------
    >>> flame_surface("71-43-2").surface, flame_surface("67-56-1").surface
    ('smoky', 'radiative_fraction')
    """
    for row in rows("clean_flames"):
        if row["cas"] == cas:
            return FlameSurface("radiative_fraction", float(row["radiative_fraction"]), float(row["soot_fraction"]))
    table = constants("fire")
    return FlameSurface("smoky", table["pool_radiative_fraction"].value, table["soot_fraction"].value)


@kernel
def _pool_heat_flux(
    distance: Array,
    angle: Array,
    radius: float,
    lean: float,
    height: float,
    emissive_power: float,
    vapour_pressure: float,
    temperature: float,
) -> Array:
    out = np.empty(distance.size)
    for i in range(distance.size):
        r = distance[i]
        x, y, z = frustum_view_factor_kernel(
            r * math.cos(angle[i]), r * math.sin(angle[i]), 0.0, lean, 0.0, height, radius, radius
        )
        through = transmissivity_kernel(r - radius, vapour_pressure, temperature)
        out[i] = emissive_power * through * math.sqrt(x * x + y * y + z * z)
    return out


@functools.lru_cache(maxsize=64)  # the same pool burns at once, and after a flash fire
def _footprint(fire: "PoolFire", grid: PolarGrid) -> Footprint:
    return heat_footprint(grid, fire._field, fire.duration, 0.5 * fire.diameter)


@dataclass(frozen=True)
class PoolFire:
    """A burning pool.

    Parameters
    ----------
    diameter : float
        Of a circle with the pool's area. [m]
    burning_rate : float
        Per area, of this pool. [kg/(m²·s)]
    heat_of_combustion : float
        [J/kg]
    duration : float
        Until the pool has burnt out. [s]
    weather : Weather
        Wind tilts and shortens the flame, moisture absorbs.
    surface : str
        "smoky": surface emissive power of hydrocarbon pools by diameter alone (Mudan); "radiative_fraction": radiated
        heat over flame surface, partly hidden by smoke (CPR 14E).
    radiative_fraction, soot_fraction : float
        Only with "radiative_fraction"; ``soot_fraction`` 0 is a clean fuel (LNG, alcohols).

    Raises
    ------
    OutOfRange
        A value that no pool fire has, or an unknown ``surface``.

    Notes
    -----
    Solid flame: cylinder with level ends, length after Thomas, tilt after Welker and Sliepcevich, exact view factor for
    every bearing, transmissivity after Wayne over the way to the cylinder. The receptor stands on the ground and faces
    the flame. The wind's drag on the foot of the flame is left out. Correlations rest on pools up to some 30 m; larger
    ones are extrapolated (flag "pool_fire_large").
    """

    diameter: float
    burning_rate: float
    heat_of_combustion: float
    duration: float
    weather: Weather
    surface: str = "smoky"
    radiative_fraction: float = 0.4
    soot_fraction: float = 0.8

    def __post_init__(self) -> None:
        positive(
            diameter=self.diameter,
            burning_rate=self.burning_rate,
            heat_of_combustion=self.heat_of_combustion,
            duration=self.duration,
        )
        if not (self.diameter <= 1000.0 and self.burning_rate <= 1.0 and 1e6 <= self.heat_of_combustion <= 2e8):
            raise OutOfRange(
                "池火参数不合理（直径 ≤ 1000 m，燃烧速率 ≤ 1 kg/(m²·s)，燃烧热 1 至 200 MJ/kg）",
                "impossible pool fire (diameter <= 1000 m, rate <= 1 kg/(m²·s), heat of combustion 1 to 200 MJ/kg)",
            )
        if self.surface not in ("smoky", "radiative_fraction"):
            raise OutOfRange(f"未知火焰表面模型 {self.surface!r}", f"unknown flame surface {self.surface!r}")
        check_weather(self.weather)
        _ = self.emissive_power

    @functools.cached_property
    def length(self) -> float:
        """Of the flame, along its axis. [m]"""
        density = air_density(self.weather)
        return flame_length(self.diameter, self.burning_rate, self.weather.wind_speed, density)

    @functools.cached_property
    def tilt(self) -> float:
        """Of the flame's axis from the vertical. [rad]"""
        return flame_tilt(self.diameter, self.weather.wind_speed, air_kinematic_viscosity(self.weather))

    @functools.cached_property
    def emissive_power(self) -> float:
        """Mean over the flame's surface. [W/m²]"""
        if self.surface == "smoky":
            return smoky_emissive_power(self.diameter)
        return soot_emissive_power(
            self.burning_rate,
            self.heat_of_combustion,
            self.length / self.diameter,
            self.radiative_fraction,
            self.soot_fraction,
        )[1]

    @property
    def flags(self) -> tuple[str, ...]:
        """Codes of caveats."""
        large = ("pool_fire_large",) if self.diameter > 30.0 else ()
        clean = ("unverified:pool_radiative_fraction",) if self.surface == "radiative_fraction" else ()
        sooty = ("pool_fire_soot",) if self.surface == "smoky" or self.soot_fraction > 0.0 else ()
        return (*large, *sooty, *clean)

    def _field(self, distance: Array, angle: Array) -> Array:
        weather = self.weather
        return _pool_heat_flux(
            distance,
            angle,
            0.5 * self.diameter,
            self.length * math.sin(self.tilt),
            self.length * math.cos(self.tilt),
            self.emissive_power,
            weather.relative_humidity * water_vapour_pressure(weather.air_temperature),
            weather.air_temperature,
        )

    def heat_flux(self, distance: ArrayLike, angle: ArrayLike) -> Array:
        """Heat flux on a person on the ground who faces the flame.

        Parameters
        ----------
        distance : float or array
            From the pool's centre. [m]
        angle : float or array
            From the downwind axis. [rad]

        Returns
        -------
        array
            [W/m²]

        Raises
        ------
        OutOfRange
            A distance is negative or not finite.
        """
        r, a = receptors(distance, angle)
        return self._field(r.ravel(), a.ravel()).reshape(r.shape)

    def footprint(self, grid: PolarGrid) -> Footprint:
        """Probability of death around the pool; inside it everyone dies."""
        return _footprint(self, grid)

    def casualty_radii(self) -> dict[str, float | None]:
        """Downwind distances [m] of half the exposed dying, burnt seriously, burnt lightly, and of escalation."""
        return casualty_radii(self._field, self.duration, 0.5 * self.diameter)
