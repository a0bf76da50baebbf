"""Wind and stability near the ground."""

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models.constants import rows
from parkrisk.models.errors import OutOfRange

Array = NDArray[np.float64]

#: Pasquill classes, from very unstable to stable.
STABILITIES = ("A", "B", "C", "D", "E", "F")

_REFERENCE_HEIGHT = 10.0  # m, of Weather.wind_speed
_KARMAN = 0.4  # of the stability functions below
_GAS_CONSTANT_DRY_AIR = 287.05  # J/(kg·K)
_MOLAR_MASS_RATIO = 0.622  # water to dry air


@dataclass(frozen=True)
class Weather:
    """One weather class: what every outdoor model needs to know of the air.

    Parameters
    ----------
    wind_speed : float
        At 10 m above ground. [m/s]
    stability : str
        Pasquill class, "A" to "F".
    air_temperature : float
        [K]
    air_pressure : float
        [Pa]
    relative_humidity : float
        0 to 1.
    terrain : str
        "rural" or "urban".
    """

    wind_speed: float
    stability: str
    air_temperature: float = 293.15
    air_pressure: float = 101_325.0
    relative_humidity: float = 0.7
    terrain: str = "rural"


@functools.cache
def _values() -> dict[tuple[str, str, str], float]:
    return {(row["name"], row["stability"], row["terrain"]): float(row["value"]) for row in rows("stability")}


def check_weather(weather: Weather) -> None:
    """Refuse a weather that cannot be.

    Parameters
    ----------
    weather : Weather

    Raises
    ------
    OutOfRange
        Unknown class or terrain; wind not positive or a class that does not occur with that wind (A above 3 m/s,
        F above 4 m/s, B and E above 6 m/s); temperature outside 220 to 330 K, pressure outside 50 to 110 kPa,
        humidity outside 0 to 1.

    Notes
    -----
    Pasquill's table [1]_ ends A and F at 3 m/s, B and E at 5 m/s; classes made from net radiation [2]_ reach a little
    further, so the limits are those of [2]_ rounded up.

    References
    ----------
    .. [1] F. Pasquill, Meteorological Magazine 90 (1961) 33.
    .. [2] D. B. Turner, Journal of Applied Meteorology 3 (1964) 83.
    """
    if weather.stability not in STABILITIES:
        raise OutOfRange(
            f"大气稳定度须为 A–F，现为 {weather.stability}", f"stability must be A to F, not {weather.stability}"
        )
    if weather.terrain not in ("rural", "urban"):
        raise OutOfRange(
            f"地形须为 rural 或 urban，现为 {weather.terrain}", f"terrain must be rural or urban, not {weather.terrain}"
        )
    highest = _values().get(("highest_wind", weather.stability, ""), math.inf)
    if not 0.0 < weather.wind_speed <= min(highest, 75.0):
        raise OutOfRange(
            f"稳定度 {weather.stability} 不出现于 {weather.wind_speed:g} m/s 的风速",
            f"stability {weather.stability} does not occur with a wind of {weather.wind_speed:g} m/s",
        )
    if not (220.0 <= weather.air_temperature <= 330.0 and 5.0e4 <= weather.air_pressure <= 1.1e5):
        raise OutOfRange(
            f"气温 {weather.air_temperature:g} K 或气压 {weather.air_pressure:g} Pa 超出 220–330 K、50–110 kPa",
            f"air of {weather.air_temperature:g} K, {weather.air_pressure:g} Pa is outside 220 to 330 K, 50 to 110 kPa",
        )
    if not 0.0 <= weather.relative_humidity <= 1.0:
        raise OutOfRange(
            f"相对湿度须为 0–1，现为 {weather.relative_humidity:g}",
            f"relative humidity must be 0 to 1, not {weather.relative_humidity:g}",
        )


def roughness_length(terrain: str) -> float:
    """Roughness length taken for a terrain, "rural" or "urban". [m]"""
    return _values()["roughness", "", terrain]


def _heights(height: ArrayLike, lowest: float) -> Array:
    heights = np.asarray(height, dtype=np.float64)
    highest = _values()["highest_level", "", ""]
    if not bool(np.all((heights >= lowest) & (heights <= highest))):
        raise OutOfRange(
            f"风廓线只适用于 {lowest:g}–{highest:g} m", f"the wind profile holds from {lowest:g} to {highest:g} m only"
        )
    return heights


def wind_speed(weather: Weather, height: ArrayLike) -> Array:
    """Wind at a height, by the power law of the class.

    Parameters
    ----------
    weather : Weather
    height : float or array
        1 to 300 m. [m]

    Returns
    -------
    array, same shape as ``height``
        [m/s]

    Raises
    ------
    OutOfRange
        Height or weather outside the range.

    Notes
    -----
    u = u10 (z/10)^p with the rural or urban exponents of [1]_. CCPS prints larger urban exponents for E and F.

    References
    ----------
    .. [1] EPA-454/B-95-003b, *User's guide for the ISC3 dispersion models*, vol. II, 1995, section 1.1.3.

    Examples
    --------
    >>> float(wind_speed(Weather(5.0, "D"), 10.0))
    5.0
    """
    check_weather(weather)
    exponent = _values()["wind_exponent", weather.stability, weather.terrain]
    speeds: Array = weather.wind_speed * (_heights(height, 1.0) / _REFERENCE_HEIGHT) ** exponent
    return speeds


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
    length = min(roughness, _values()["largest_roughness", "", ""])
    reference = _values()["obukhov_reference", stability, ""]
    return _values()["obukhov_numerator", stability, ""] / math.log10(length / reference)


def _psi(height: Array, obukhov: float) -> Array:
    """Diabatic correction of the logarithmic profile (Businger-Dyer, von Karman constant 0.4)."""
    if obukhov > 0.0:
        correction: Array = -5.0 * height / obukhov
        return correction
    x = (1.0 - 16.0 * height / obukhov) ** 0.25
    unstable: Array = 2.0 * np.log((1.0 + x) / 2.0) + np.log((1.0 + x * x) / 2.0) - 2.0 * np.arctan(x) + np.pi / 2.0
    return unstable


def friction_velocity(weather: Weather, roughness: float | None = None) -> float:
    """Friction velocity that gives the wind at 10 m over a roughness (default: that of the terrain). [m/s]"""
    check_weather(weather)
    length = roughness_length(weather.terrain) if roughness is None else roughness
    obukhov = monin_obukhov_length(weather.stability, length)
    profile = math.log(_REFERENCE_HEIGHT / length) - float(_psi(np.asarray(_REFERENCE_HEIGHT), obukhov))
    return _KARMAN * weather.wind_speed / profile


def log_wind_speed(weather: Weather, height: ArrayLike, roughness: float | None = None) -> Array:
    """Wind at a height, by the diabatic logarithmic law.

    Parameters
    ----------
    weather : Weather
    height : float or array
        From twice the roughness length to 300 m. [m]
    roughness : float, optional
        Default: that of the terrain. [m]

    Returns
    -------
    array, same shape as ``height``
        [m/s]

    Raises
    ------
    OutOfRange

    Notes
    -----
    u = (u*/k) (ln(z/z0) − ψ(z/L)); ψ = −5 z/L in stable air, Businger-Dyer with (1 − 16 z/L)^(1/4) in unstable
    air [1]_. In stable air above z = L the linear ψ is an extrapolation.

    References
    ----------
    .. [1] S. P. Arya, *Air pollution meteorology and dispersion*, Oxford University Press, 1999, section 4.
    """
    length = roughness_length(weather.terrain) if roughness is None else roughness
    obukhov = monin_obukhov_length(weather.stability, length)
    heights = _heights(height, 2.0 * length)
    speeds: Array = friction_velocity(weather, length) / _KARMAN * (np.log(heights / length) - _psi(heights, obukhov))
    return speeds


def water_vapour_pressure(temperature: float) -> float:
    """Saturation pressure of water over liquid [Pa] at 220 to 330 K.

    Notes
    -----
    A. L. Buck, *New equations for computing vapor pressure*, J. Appl. Meteorol. 20 (1981) 1527, form of 1996.
    """
    if not 220.0 <= temperature <= 330.0:
        raise OutOfRange(
            f"水汽压公式只适用于 220–330 K，现为 {temperature:g}",
            f"the water vapour pressure holds from 220 to 330 K, not at {temperature:g}",
        )
    celsius = temperature - 273.15
    return 611.21 * math.exp((18.678 - celsius / 234.5) * celsius / (257.14 + celsius))


def air_density(weather: Weather) -> float:
    """Density of the moist air of a weather. [kg/m³]

    Notes
    -----
    Ideal mixture of dry air and water vapour, (p − (1 − 0.622) e) / (R_d T).

    Examples
    --------
    The ICAO standard atmosphere, dry:

    >>> round(air_density(Weather(5.0, "D", air_temperature=288.15, relative_humidity=0.0)), 3)
    1.225
    """
    check_weather(weather)
    vapour = weather.relative_humidity * water_vapour_pressure(weather.air_temperature)
    dry = weather.air_pressure - (1.0 - _MOLAR_MASS_RATIO) * vapour
    return dry / (_GAS_CONSTANT_DRY_AIR * weather.air_temperature)
