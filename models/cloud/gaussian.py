"""Passive dispersion: Gaussian plume, puff and finite release over flat ground.

The ``..._kernel`` functions take plain floats and are called from other kernels; the array functions check their input.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.air.spread import Spread, checked, curve_kernel, puff_spread, spread, transport_wind
from parkrisk.models.errors import OutOfRange

__all__ = [
    "finite_release_concentration",
    "finite_release_kernel",
    "gaussian_plume",
    "plume_concentration",
    "plume_kernel",
    "puff_concentration",
    "puff_kernel",
    "vertical_kernel",
]

Array = NDArray[np.float64]


@kernel
def vertical_kernel(z: float, height: float, sigma_z: float) -> float:
    """Vertical profile with the image below ground, without 1/sigma_z: 1 far above ground on the axis, 2 on it."""
    square = sigma_z * sigma_z
    difference = z - height
    return math.exp(-0.5 * difference * difference / square) * (1.0 + math.exp(-2.0 * z * height / square))


@kernel
def plume_kernel(x: float, y: float, z: float, rate: float, wind: float, height: float, spread: Spread) -> float:
    """Concentration [kg/m³] of a steady plume at one point; 0 upwind."""
    if x <= 0.0:
        return 0.0
    sigma_y = curve_kernel(x, spread.y)
    sigma_z = curve_kernel(x, spread.z)
    square = sigma_z * sigma_z
    exponent = -0.5 * (y * y / (sigma_y * sigma_y) + (z - height) ** 2 / square)
    image = 1.0 + math.exp(-2.0 * z * height / square)
    return rate / (2.0 * math.pi * wind * sigma_y * sigma_z) * math.exp(exponent) * image


@kernel
def puff_kernel(x: float, y: float, z: float, mass: float, travelled: float, height: float, spread: Spread) -> float:
    """Concentration [kg/m³] at one point when the centre of a puff has travelled so far; 0 before it sets out."""
    if travelled <= 0.0:
        return 0.0
    sigma_x = curve_kernel(travelled, spread.x)
    sigma_y = curve_kernel(travelled, spread.y)
    sigma_z = curve_kernel(travelled, spread.z)
    flat = math.exp(-0.5 * (((x - travelled) / sigma_x) ** 2 + (y / sigma_y) ** 2))
    scale = (2.0 * math.pi) ** 1.5 * sigma_x * sigma_y * sigma_z
    return float(mass / scale * flat * vertical_kernel(z, height, sigma_z))


@kernel
def finite_release_kernel(x: float, time: float, duration: float, wind: float, spread: Spread) -> float:
    """Share of the steady plume that stands at x [m] at a time [s] after a release of some duration [s] began."""
    if x <= 0.0 or time <= 0.0:
        return 0.0
    scale = math.sqrt(2.0) * curve_kernel(x, spread.x)
    front = (x - wind * time) / scale
    tail = (x - wind * max(time - duration, 0.0)) / scale
    # erfc of the same sign side keeps the difference exact far from the cloud
    if front > 0.0:
        return 0.5 * (math.erfc(front) - math.erfc(tail))
    return 0.5 * (math.erfc(-tail) - math.erfc(-front))


@kernel
def _plume_values(x: Array, y: Array, z: Array, rate: float, wind: float, height: float, spread: Spread) -> Array:
    out = np.empty(x.size)
    for i in range(x.size):
        out[i] = plume_kernel(x[i], y[i], z[i], rate, wind, height, spread)
    return out


@kernel
def _puff_values(x: Array, y: Array, z: Array, mass: float, travelled: Array, height: float, spread: Spread) -> Array:
    out = np.empty(x.size)
    for i in range(x.size):
        out[i] = puff_kernel(x[i], y[i], z[i], mass, travelled[i], height, spread)
    return out


@kernel
def _finite_release_values(x: Array, time: Array, duration: float, wind: float, spread: Spread) -> Array:
    out = np.empty(x.size)
    for i in range(x.size):
        out[i] = finite_release_kernel(x[i], time[i], duration, wind, spread)
    return out


def gaussian_plume(
    y: ArrayLike,
    z: ArrayLike,
    rate: ArrayLike,
    wind: ArrayLike,
    height: ArrayLike,
    sigma_y: ArrayLike,
    sigma_z: ArrayLike,
) -> Array:
    """Concentration of a steady plume where its spread is known.

    Parameters
    ----------
    y, z : float or array
        Off the axis, and above ground. [m]
    rate : float or array
        [kg/s]
    wind : float or array
        [m/s]
    height : float or array
        Of the source. [m]
    sigma_y, sigma_z : float or array
        [m]

    Returns
    -------
    array
        [kg/m³]

    Raises
    ------
    OutOfRange
        An input is not finite, negative (but y), or the wind or a sigma is 0.

    Notes
    -----
    C = Q/(2π u σy σz) exp(-y²/2σy²) [exp(-(z-h)²/2σz²) + exp(-(z+h)²/2σz²)].

    Examples
    --------
    CPR 18E (Purple Book), appendix 6.B, 21.3 g/m³:

    >>> float(gaussian_plume(0.0, 1.0, 100.0, 5.0, 1.0, 28.8, 10.3).round(4))
    0.0213
    """
    y, z, rate, wind, height, sigma_y, sigma_z = checked(
        y=y, z=z, rate=rate, wind=wind, height=height, sigma_y=sigma_y, sigma_z=sigma_z
    )
    if (wind == 0.0).any() or (sigma_y == 0.0).any() or (sigma_z == 0.0).any():
        raise OutOfRange("风速与扩散参数须大于 0", "wind and sigmas must be above 0")
    up = np.exp(-0.5 * ((z - height) / sigma_z) ** 2) + np.exp(-0.5 * ((z + height) / sigma_z) ** 2)
    return np.asarray(rate / (2.0 * np.pi * wind * sigma_y * sigma_z) * np.exp(-0.5 * (y / sigma_y) ** 2) * up)


def plume_concentration(
    x: ArrayLike,
    y: ArrayLike,
    z: ArrayLike,
    rate: float,
    weather: Weather,
    *,
    height: float = 0.0,
    averaging_time: float = 600.0,
) -> Array:
    """Concentration of a steady plume from a point source.

    Parameters
    ----------
    x, y, z : float or array
        Downwind of the source, off the axis, above ground. [m]
    rate : float
        [kg/s]
    weather : Weather
        Wind, stability, terrain.
    height : float
        Of the source. [m]
    averaging_time : float
        [s]

    Returns
    -------
    array
        [kg/m³]; 0 upwind (x ≤ 0).

    Raises
    ------
    OutOfRange
        Wind below 0.5 m/s, unknown class or terrain, or an input that is not finite or negative (but x and y).

    Examples
    --------
    1 kg/s at ground level, 5 m/s, class D, 100 m downwind:

    >>> from parkrisk.models.air.atmosphere import Weather
    >>> float(plume_concentration(100.0, 0.0, 0.0, 1.0, Weather(5.0, "D")).round(7))
    0.0014294
    """
    x, y, z, _, _ = checked(x=x, y=y, z=z, rate=rate, height=height)
    curves, wind = spread(weather.terrain, weather.stability, averaging_time), transport_wind(weather, height)
    return _plume_values(x.ravel(), y.ravel(), z.ravel(), rate, wind, height, curves).reshape(x.shape)


def puff_concentration(
    x: ArrayLike, y: ArrayLike, z: ArrayLike, time: ArrayLike, mass: float, weather: Weather, *, height: float = 0.0
) -> Array:
    """Concentration of a puff, a mass released at one point at once.

    Parameters
    ----------
    x, y, z : float or array
        Downwind of the source, off the axis, above ground. [m]
    time : float or array
        Since the release. [s]
    mass : float
        [kg]
    weather : Weather
        Wind and stability.
    height : float
        Of the source. [m]

    Returns
    -------
    array
        [kg/m³]; 0 at time 0.

    Raises
    ------
    OutOfRange
        As :func:`plume_concentration`.

    Notes
    -----
    C = M/((2π)^1.5 σx σy σz) exp(-(x-ut)²/2σx²) exp(-y²/2σy²) [vertical profile with image], all σ at the distance ut.
    """
    x, y, z, time, _, _ = checked(x=x, y=y, z=z, time=time, mass=mass, height=height)
    travelled = transport_wind(weather, height) * time.ravel()
    curves = puff_spread(weather.stability)
    return _puff_values(x.ravel(), y.ravel(), z.ravel(), mass, travelled, height, curves).reshape(x.shape)


def finite_release_concentration(
    x: ArrayLike,
    y: ArrayLike,
    z: ArrayLike,
    time: ArrayLike,
    rate: float,
    duration: float,
    weather: Weather,
    *,
    height: float = 0.0,
    averaging_time: float = 600.0,
) -> Array:
    """Concentration of a release that is steady for a while and then stops.

    Parameters
    ----------
    x, y, z : float or array
        Downwind of the source, off the axis, above ground. [m]
    time : float or array
        Since the release began. [s]
    rate, duration : float
        Of the release. [kg/s], [s]
    weather : Weather
        Wind, stability, terrain.
    height : float
        Of the source. [m]
    averaging_time : float
        [s]

    Returns
    -------
    array
        [kg/m³]

    Raises
    ------
    OutOfRange
        As :func:`plume_concentration`.

    Notes
    -----
    The steady plume times ½[erf((x-u(t-d)⁺)/√2σx) - erf((x-ut)/√2σx)] [1]_; in [1]_ the first term is erf(x/√2σx)
    during the release, which is 1 with σx = 0.13 x.

    References
    ----------
    .. [1] E. Palazzi et al., Diffusion from a steady source of short duration, *Atmospheric Environment* 16 (1982)
       2785-2790.
    """
    x, y, z, time, _, _ = checked(x=x, y=y, z=z, time=time, duration=duration, height=height)
    steady = plume_concentration(x, y, z, rate, weather, height=height, averaging_time=averaging_time)
    curves = spread(weather.terrain, weather.stability, averaging_time)
    wind = transport_wind(weather, height)
    share = _finite_release_values(x.ravel(), time.ravel(), duration, wind, curves)
    return steady * share.reshape(x.shape)
