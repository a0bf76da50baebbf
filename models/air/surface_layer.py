"""Air near the ground: how turbulent it is, and the wind over height, from a stability class or measurements."""

import functools
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.air.atmosphere import (
    STABILITIES,
    Weather,
    air_density,
    check_weather,
    levels,
    roughness_length,
    stability_value,
    water_vapour_pressure,
)
from parkrisk.models.errors import OutOfRange
from parkrisk.models.substance.correlations import GAS_CONSTANT

__all__ = [
    "KARMAN",
    "PRANDTL",
    "SurfaceLayer",
    "log_wind_speed",
    "monin_obukhov_length",
    "surface_layer",
    "temperature_at",
    "water_saturation_kernel",
    "wind_kernel",
]

Array = NDArray[np.float64]

KARMAN = 0.4  #: of the stability functions below
PRANDTL = 0.85  #: turbulent, for heat and for what is carried along
MOLAR_MASS_AIR = 0.0289652  # dry [kg/mol]
MOLAR_MASS_WATER = 0.0180153  # [kg/mol]
_GRAVITY = 9.80665  # [m/s²]
_HEAT_CAPACITY_AIR = 1005.0  # [J/(kg·K)]
_ITERATIONS = 60
_ICE = 273.15  # [K]


class SurfaceLayer(NamedTuple):
    """Air near the ground as kernels take it.

    ``friction_velocity`` [m/s]; ``roughness`` length [m]; ``inverse_obukhov`` [1/m], negative in unstable air;
    ``mixing_height`` [m]; ``temperature`` [K], ``pressure`` [Pa] and ``density`` [kg/m³] of the moist air;
    ``humidity``, mass of water per mass of moist air.
    """

    friction_velocity: float
    roughness: float
    inverse_obukhov: float
    mixing_height: float
    temperature: float
    pressure: float
    density: float
    humidity: float


@kernel
def _psi(zeta: float) -> float:
    """Diabatic correction of the logarithmic profile at z/L."""
    if zeta >= 1.0:
        return -5.0 - 5.0 * math.log(zeta)
    if zeta >= 0.0:
        return -5.0 * zeta
    x = (1.0 - 16.0 * zeta) ** 0.25
    half = 0.5 * (1.0 + x)
    return 2.0 * math.log(half) + math.log(0.5 * (1.0 + x * x)) - 2.0 * math.atan(x) + 0.5 * math.pi


@kernel
def wind_kernel(height: float, air: SurfaceLayer) -> float:
    """Wind [m/s] at a height [m]; below e times the roughness length that of e times the roughness length."""
    z = max(height, math.e * air.roughness)
    return air.friction_velocity / KARMAN * (math.log(z / air.roughness) - _psi(z * air.inverse_obukhov))


@kernel
def _winds(height: Array, air: SurfaceLayer) -> Array:
    out = np.empty(height.size)
    for i in range(height.size):
        out[i] = wind_kernel(height[i], air)
    return out


@kernel
def water_saturation_kernel(temperature: float) -> float:
    """Vapour pressure of water, over ice below 0 °C (Magnus). [Pa]"""
    celsius = temperature - _ICE
    if celsius >= 0.0:
        return 611.2 * math.exp(17.62 * celsius / (243.12 + celsius))
    return 611.2 * math.exp(22.46 * celsius / max(272.62 + celsius, 20.0))


def temperature_at(weather: Weather, height: ArrayLike) -> Array:
    """Temperature of the air at a height.

    Parameters
    ----------
    weather : Weather
        Its air temperature is that at the height of its wind.
    height : float or array
        From e times the roughness length to 300 m. [m]

    Returns
    -------
    array, same shape as ``height``
        [K]

    Raises
    ------
    OutOfRange

    Notes
    -----
    θ(z) - θ(r) = 0.85 (θ*/k) [ln(z/r) - ψh(z/L) + ψh(r/L)], θ* = u*² T/(k g L), with ψh = -5 z/L in stable air (above
    z = L as for the wind) and 2 ln((1 + (1 - 16 z/L)^(1/2))/2) in unstable air; and the adiabatic lapse of g/cp.
    """
    air = surface_layer(weather)
    heights = levels(height, math.e * air.roughness)
    inverse, reference = air.inverse_obukhov, weather.wind_height
    scale = air.friction_velocity**2 * air.temperature * inverse / (KARMAN * _GRAVITY)

    def psi(z: Array) -> Array:
        zeta = z * inverse
        stable = np.where(zeta < 1.0, -5.0 * zeta, -5.0 - 5.0 * np.log(np.maximum(zeta, 1.0)))
        unstable = 2.0 * np.log(0.5 * (1.0 + np.sqrt(1.0 + 16.0 * np.maximum(-zeta, 0.0))))
        return np.where(zeta >= 0.0, stable, unstable)

    rise = np.log(heights / reference) - psi(heights) + psi(np.asarray(reference))
    lapse = _GRAVITY / _HEAT_CAPACITY_AIR * (heights - reference)
    return np.asarray(air.temperature + PRANDTL * scale / KARMAN * rise - lapse)


def monin_obukhov_length(stability: str, roughness: float) -> float:
    """Obukhov length of a stability class over a roughness.

    Parameters
    ----------
    stability : str
        Pasquill class.
    roughness : float
        Roughness length, 0.0001 to 3 m; beyond 0.5 m the value at 0.5 m holds. [m]

    Returns
    -------
    float
        Negative in unstable air, infinite in class D, positive in stable air. [m]

    Raises
    ------
    OutOfRange

    Notes
    -----
    Fit of [1]_ to Golder's diagram.

    References
    ----------
    .. [1] CPR 14E, *Methods for the calculation of physical effects* (TNO Yellow Book), 3rd ed., 2005, section 4.5.
    """
    if stability not in STABILITIES or not 1.0e-4 <= roughness <= 3.0:
        raise OutOfRange(
            f"稳定度须为 A–F，粗糙度须为 0.0001–3 m，现为 {stability}、{roughness:g}",
            f"stability must be A to F and roughness 0.0001 to 3 m, not {stability}, {roughness:g}",
        )
    if stability == "D":
        return math.inf
    length = min(roughness, stability_value("largest_roughness"))
    reference = stability_value("obukhov_reference", stability)
    return stability_value("obukhov_numerator", stability) / math.log10(length / reference)


def _friction_velocity(weather: Weather, roughness: float, inverse_obukhov: float) -> float:
    height = weather.wind_height
    return KARMAN * weather.wind_speed / (math.log(height / roughness) - _psi(height * inverse_obukhov))


def _heat_limited(weather: Weather, roughness: float, inverse_obukhov: float) -> float:
    """Inverse Obukhov length, no farther from 0 than the largest heat flux between ground and air allows. [1/m]"""
    if inverse_obukhov == 0.0:
        return 0.0
    flux = stability_value("largest_heat_flux_day" if inverse_obukhov < 0.0 else "largest_heat_flux_night")
    heat_content = air_density(weather) * _HEAT_CAPACITY_AIR * weather.air_temperature
    found = inverse_obukhov
    for _ in range(_ITERATIONS):
        velocity = _friction_velocity(weather, roughness, found)
        limit = KARMAN * _GRAVITY * flux / (heat_content * velocity**3)
        found = 0.5 * (found + math.copysign(min(abs(inverse_obukhov), limit), inverse_obukhov))
    return found


@functools.lru_cache(maxsize=4096)
def surface_layer(weather: Weather) -> SurfaceLayer:
    """Set up the air near the ground.

    Parameters
    ----------
    weather : Weather

    Returns
    -------
    SurfaceLayer

    Raises
    ------
    OutOfRange

    Notes
    -----
    u = (u*/k) (ln(z/z0) - ψ(z/L)), k = 0.4; ψ = -5 z/L in stable air below z = L, -5 - 5 ln(z/L) above, where the
    gradient stays at 6; Businger-Dyer with (1 - 16 z/L)^(1/4) in unstable air [1]_.
    The Obukhov length of a class is that of its usual winds; in strong wind it would need more heat than there is. So
    the heat flux is limited by day to that of a clear sky with the sun overhead [2]_, by night to 64 W/m² [3]_.
    Mixing height 130 m × 2^(7-s), s = 1 to 6 for A to F [4]_.
    Air that holds more water than ice lets it is taken as saturated over ice: undisturbed air does not condense.

    References
    ----------
    .. [1] S. P. Arya, *Air pollution meteorology and dispersion*, Oxford University Press, 1999, section 4.
    .. [2] A. A. M. Holtslag, A. P. van Ulden, "A simple scheme for daytime estimates of the surface fluxes from routine
       weather data", Journal of Climate and Applied Meteorology 22 (1983) 517-529.
    .. [3] EPA-454/R-03-004, *AERMOD: description of model formulation*, 2004, section 3.3.2.
    .. [4] D. L. Ermak, *User's manual for SLAB*, UCRL-MA-105607, 1990.
    """
    check_weather(weather)
    length = roughness_length(weather)
    if weather.obukhov_length is None:
        inverse = _heat_limited(weather, length, 1.0 / monin_obukhov_length(weather.stability, length))
    else:
        inverse = 1.0 / weather.obukhov_length
    temperature, pressure = weather.air_temperature, weather.air_pressure
    vapour = min(weather.relative_humidity * water_vapour_pressure(temperature), water_saturation_kernel(temperature))
    water, dry = vapour * MOLAR_MASS_WATER, (pressure - vapour) * MOLAR_MASS_AIR
    number = STABILITIES.index(weather.stability) + 1
    return SurfaceLayer(
        friction_velocity=_friction_velocity(weather, length, inverse),
        roughness=length,
        inverse_obukhov=inverse,
        mixing_height=stability_value("mixing_height") * 2.0 ** (7 - number),
        temperature=temperature,
        pressure=pressure,
        density=(water + dry) / (GAS_CONSTANT * temperature),
        humidity=water / (water + dry),
    )


def log_wind_speed(weather: Weather, height: ArrayLike) -> Array:
    """Wind at a height, by the diabatic logarithmic law of :func:`surface_layer`.

    Parameters
    ----------
    weather : Weather
    height : float or array
        From e times the roughness length to 300 m. [m]

    Returns
    -------
    array, same shape as ``height``
        [m/s]

    Raises
    ------
    OutOfRange
    """
    air = surface_layer(weather)
    heights = levels(height, math.e * air.roughness)
    return _winds(heights.ravel(), air).reshape(heights.shape)
