"""Wind and stability near the ground."""

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models.constants import constants, rows
from parkrisk.models.errors import OutOfRange

Array = NDArray[np.float64]

#: Pasquill classes, from very unstable to stable.
STABILITIES = ("A", "B", "C", "D", "E", "F")

_GAS_CONSTANT_DRY_AIR = 287.05  # J/(kg·K)
MOLAR_MASS_RATIO = 0.622  # water to dry air


@dataclass(frozen=True)
class Weather:
    """One weather class: what every outdoor model needs to know of the air.

    Parameters
    ----------
    wind_speed : float
        At ``wind_height`` above ground. [m/s]
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
    roughness : float, optional
        Roughness length; default: that of the terrain. [m]
    wind_height : float
        [m]
    obukhov_length : float, optional
        Where it was measured; default: that of the class over the roughness. [m]
    """

    wind_speed: float
    stability: str
    air_temperature: float = 293.15
    air_pressure: float = 101_325.0
    relative_humidity: float = 0.7
    terrain: str = "rural"
    roughness: float | None = None
    wind_height: float = 10.0
    obukhov_length: float | None = None


@functools.cache
def _values() -> dict[tuple[str, str, str], float]:
    return {(row["name"], row["stability"], row["terrain"]): float(row["value"]) for row in rows("stability")}


def stability_value(name: str, stability: str = "") -> float:
    """Value of the table of stability classes."""
    return _values()[name, stability, ""]


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
        humidity outside 0 to 1; roughness outside 0.0001 to 3 m; a wind given nearer to the ground than ten times the
        roughness, or above 300 m; an Obukhov length of 0.

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
    length = roughness_length(weather)
    if not (1.0e-4 <= length <= 3.0 and 10.0 * length <= weather.wind_height <= stability_value("highest_level")):
        raise OutOfRange(
            f"粗糙度 {length:g} m 或风速高度 {weather.wind_height:g} m 无效（粗糙度 0.0001–3 m，高度不低于其十倍）",
            f"roughness {length:g} m (0.0001 to 3) or wind height {weather.wind_height:g} m (ten times it) is invalid",
        )
    if weather.obukhov_length is not None and not abs(weather.obukhov_length) > 0.0:
        raise OutOfRange(
            f"奥布霍夫长度 {weather.obukhov_length} 无效", f"Obukhov length {weather.obukhov_length} is not valid"
        )


def roughness_length(weather: Weather) -> float:
    """Roughness length of a weather: its own, or that of the terrain, "rural" or "urban". [m]"""
    return _values()["roughness", "", weather.terrain] if weather.roughness is None else weather.roughness


def roughness_class(name: str) -> float:
    """Roughness length of a class of ground. [m]

    Parameters
    ----------
    name : str
        "sea", "smooth", "open", "roughly_open", "rough", "very_rough", "closed" or "chaotic".

    Raises
    ------
    OutOfRange
        No such class.

    References
    ----------
    .. [1] A. G. Davenport et al., classification as in WMO-No. 8, *Guide to instruments and methods of observation*.

    Examples
    --------
    >>> roughness_class("open")
    0.03
    """
    table = constants("roughness_classes")
    if name not in table:
        known = ", ".join(table)
        raise OutOfRange(f"未知粗糙度类别 {name!r}，可用：{known}", f"unknown roughness class {name!r}; known: {known}")
    return table[name].value


def levels(height: ArrayLike, lowest: float) -> Array:
    """Heights at which a wind profile holds [m]; raises OutOfRange."""
    heights = np.asarray(height, dtype=np.float64)
    highest = stability_value("highest_level")
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
    u = u_h (z/h)^p, h the height of the given wind, with the rural or urban exponents of [1]_. CCPS prints larger
    urban exponents for E and F.

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
    speeds: Array = weather.wind_speed * (levels(height, 1.0) / weather.wind_height) ** exponent
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
    dry = weather.air_pressure - (1.0 - MOLAR_MASS_RATIO) * vapour
    return dry / (_GAS_CONSTANT_DRY_AIR * weather.air_temperature)
