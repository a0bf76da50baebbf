"""Altitude of the sun."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["solar_altitude"]

Array = NDArray[np.float64]

_J2000 = np.datetime64("2000-01-01T12:00:00", "s")


def solar_altitude(utc: NDArray[np.datetime64], latitude: float, longitude: float) -> Array:
    """Altitude of the centre of the sun above the horizon, without refraction.

    Parameters
    ----------
    utc : array of datetime64, shape (n,)
    latitude, longitude : float
        North and east positive. [deg]

    Returns
    -------
    array, shape (n,)
        [deg]

    Notes
    -----
    Low-accuracy position of the sun, chapter 25 of [1]_, as the solar calculator of NOAA has it: 0.01 degrees for years
    1950 to 2050. Parallax (0.002 degrees) is left out.

    References
    ----------
    .. [1] J. Meeus, *Astronomical Algorithms*, 2nd ed., Willmann-Bell, 1998.
    """
    days = (utc.astype("datetime64[s]") - _J2000) / np.timedelta64(1, "s") / 86400.0
    century = days / 36525.0
    mean_longitude = np.radians(280.46646 + century * (36000.76983 + 0.0003032 * century))
    anomaly = np.radians(357.52911 + century * (35999.05029 - 0.0001537 * century))
    centre = (
        (1.914602 - century * (0.004817 + 0.000014 * century)) * np.sin(anomaly)
        + (0.019993 - 0.000101 * century) * np.sin(2.0 * anomaly)
        + 0.000289 * np.sin(3.0 * anomaly)
    )
    node = np.radians(125.04 - 1934.136 * century)
    ecliptic = mean_longitude + np.radians(centre - 0.00569 - 0.00478 * np.sin(node))
    obliquity = np.radians(23.439291 - 0.0130042 * century + 0.00256 * np.cos(node))
    declination = np.arcsin(np.sin(obliquity) * np.sin(ecliptic))
    ascension = np.arctan2(np.cos(obliquity) * np.sin(ecliptic), np.cos(ecliptic))
    sidereal = np.radians(280.46061837 + 360.98564736629 * days + longitude - 0.00478 * np.sin(node) * 0.9175)
    hour_angle = sidereal - ascension
    north = np.radians(latitude)
    sine = np.sin(north) * np.sin(declination) + np.cos(north) * np.cos(declination) * np.cos(hour_angle)
    return np.asarray(np.degrees(np.arcsin(np.clip(sine, -1.0, 1.0))))
