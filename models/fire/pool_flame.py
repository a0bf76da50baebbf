"""Laws of pool fires: how fast a pool burns, how long and how tilted its flame is, how brightly it radiates."""

import functools
import math
from typing import NamedTuple

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.constants import constants, rows
from parkrisk.models.errors import OutOfRange
from parkrisk.models.fire.heat_footprint import positive

__all__ = [
    "FlameSurface",
    "air_kinematic_viscosity",
    "burgess_burning_rate",
    "burning_rate",
    "dry_air_density",
    "flame_drag",
    "flame_length",
    "flame_surface",
    "flame_tilt",
    "smoky_emissive_power",
    "soot_emissive_power",
    "trench_drag",
]

_GRAVITY = 9.80665
_GAS_CONSTANT = 8.314462618
_AIR_MOLAR_MASS = 0.0289652


def dry_air_density(weather: Weather) -> float:
    """Density of the air, calm or not, its moisture left out. [kg/m³]"""
    return weather.air_pressure * _AIR_MOLAR_MASS / (_GAS_CONSTANT * weather.air_temperature)


def air_kinematic_viscosity(weather: Weather) -> float:
    """Kinematic viscosity of the air, by Sutherland's law. [m²/s]"""
    temperature = weather.air_temperature
    return 1.458e-6 * temperature * math.sqrt(temperature) / (temperature + 110.4) / dry_air_density(weather)


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


def flame_drag(diameter: float, wind_speed: float, vapour_density: float, density: float) -> float:
    """Length of a pool fire's foot along the wind over the pool's diameter, at least 1.

    Parameters
    ----------
    diameter : float
        [m]
    wind_speed : float
        At 10 m. [m/s]
    vapour_density : float
        Of the fuel at its boiling point. [kg/m³]
    density : float
        Of the air. [kg/m³]

    Notes
    -----
    1.25 Fr^0.069 (ρv/ρa)^0.48, Fr = u² / (g D) (unverified; it gives the drag measured at Montoir within a tenth).

    References
    ----------
    .. [1] J. Moorhouse, "Scaling criteria for pool fires derived from large scale experiments", I Chem E Symposium
       Series 71 (1982) 165-179.
    """
    positive(diameter=diameter, vapour_density=vapour_density, density=density)
    _check_wind(wind_speed)
    table = constants("fire")
    froude = wind_speed**2 / (_GRAVITY * diameter)
    ratio = (vapour_density / density) ** table["drag_density_exponent"].value
    return max(1.0, float(table["drag_factor"].value * froude ** table["drag_froude_exponent"].value * ratio))


def trench_drag(width: float, wind_speed: float) -> float:
    """Width of the foot of a flame over a trench, the wind blowing across, over the width of the trench.

    Notes
    -----
    With Fr' = u / (2 √(g W)): 1 up to 0.1, 3.5 from 0.25 on, 23.3 Fr'^1.37 between (unverified).

    References
    ----------
    .. [1] K.S. Mudan, P.A. Croce, "Fire hazard calculations for large open hydrocarbon fires", SFPE Handbook of Fire
       Protection Engineering, 1st ed., 1988.

    Examples
    --------
    >>> round(trench_drag(1.8, 1.5), 1), trench_drag(1.8, 9.0)
    (2.2, 3.5)
    """
    positive(width=width)
    _check_wind(wind_speed)
    table = constants("fire")
    froude = wind_speed / (2.0 * math.sqrt(_GRAVITY * width))
    low, high = table["trench_froude_low"].value, table["trench_froude_high"].value
    if froude <= low:
        return 1.0
    if froude >= high:
        return table["trench_drag_highest"].value
    return float(table["trench_drag_factor"].value * froude ** table["trench_drag_exponent"].value)


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


@functools.cache
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
