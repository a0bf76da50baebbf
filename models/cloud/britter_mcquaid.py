"""Dense gas by correlation: how far a concentration reaches, from the workbook of Britter and McQuaid.

A second opinion beside the passive cloud. Concentrations are volume ratios to the source, without heat exchange.
"""

import functools
import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models.air.atmosphere import Weather, air_density, check_weather
from parkrisk.models.constants import rows
from parkrisk.models.errors import OutOfRange

__all__ = ["plume_distance", "plume_half_width", "plume_ratio", "puff_distance", "warmed_ratio"]

Array = NDArray[np.float64]

_GRAVITY = 9.80665  # [m/s²]
_NEAR_FIELD = 30.0  # of source lengths: nearer, the plume has its own formula
_NEAR_CONSTANT = 306.0


@functools.cache
def _segments(release: str) -> dict[float, tuple[tuple[float, float, float], ...]]:
    """Segments (upper end, slope, intercept) of log10 of the scaled distance over alpha, by concentration ratio."""
    table: dict[float, list[tuple[float, float, float]]] = {}
    for row in rows("britter_mcquaid"):
        if row["release"] == release:
            segment = float(row["alpha_to"]), float(row["slope"]), float(row["intercept"])
            table.setdefault(float(row["ratio"]), []).append(segment)
    return {ratio: tuple(segments) for ratio, segments in table.items()}


def _curves(release: str, alpha: float) -> tuple[Array, Array]:
    """Log10 of scaled distances and of concentration ratios, in order of distance."""
    if not alpha <= 1.0:
        raise OutOfRange(
            f"Britter-McQuaid 关联式不适用于 alpha = {alpha:g} > 1",
            f"the Britter-McQuaid correlation ends at alpha = 1, not {alpha:g}",
        )
    distances, ratios = [], []
    for ratio, segments in sorted(_segments(release).items(), reverse=True):
        _, slope, intercept = next(segment for segment in segments if alpha <= segment[0])
        distances.append(slope * alpha + intercept)
        ratios.append(math.log10(ratio))
    return np.array(distances), np.array(ratios)


def _reduced_gravity(density: float, weather: Weather) -> float:
    check_weather(weather)
    air = air_density(weather)
    if not air < density < math.inf:
        raise OutOfRange(f"密度 {density:g} kg/m³ 不重于空气", f"a gas of {density:g} kg/m³ is not heavier than air")
    return _GRAVITY * (density - air) / air


def _positive(**values: float) -> None:
    for name, value in values.items():
        if not 0.0 < value < math.inf:
            raise OutOfRange(f"{name} = {value} 须大于 0", f"{name} = {value} must be above 0")


def _plume_curves(flow: float, density: float, weather: Weather) -> tuple[float, Array, Array]:
    """Length scale [m] and the curves of a plume, with the near-field formula in front."""
    gravity = _reduced_gravity(density, weather)
    _positive(flow=flow)
    wind = weather.wind_speed
    distances, ratios = _curves("plume", 0.2 * math.log10(gravity**2 * flow / wind**5))
    start = math.log10(_NEAR_FIELD)
    beyond = distances > start
    near = math.log10(_NEAR_CONSTANT / (_NEAR_CONSTANT + _NEAR_FIELD**2))
    scale = math.sqrt(flow / wind)
    return scale, np.concatenate(([start], distances[beyond])), np.concatenate(([near], ratios[beyond]))


def plume_ratio(distance: ArrayLike, flow: float, density: float, weather: Weather) -> Array:
    """Highest concentration of a dense plume at a distance.

    Parameters
    ----------
    distance : float or array
        Downwind; > 0. [m]
    flow : float
        Volume of undiluted gas. [m³/s]
    density : float
        Of the undiluted gas. [kg/m³]
    weather : Weather

    Returns
    -------
    array, same shape as ``distance``
        Share of the undiluted gas, 0 to 1.

    Raises
    ------
    OutOfRange
        Gas not heavier than air, a value not above 0, or alpha = 0.2 log10(g0² q0/u⁵) above 1.

    Notes
    -----
    With D = (q0/u)^(1/2): 306/(306 + (x/D)²) nearer than 30 D, then the nomogram as straight segments [1]_, between its
    curves log-log; beyond the last curve (0.002) it falls as x⁻². Where the near field overlaps curves it wins.

    References
    ----------
    .. [1] R.E. Britter, J. McQuaid, *Workbook on the dispersion of dense gases*, HSE contract research report 17/1988;
       segments as in CCPS, *Guidelines for consequence analysis of chemical releases*, AIChE, 1999.
    """
    x = np.asarray(distance, dtype=np.float64)
    if not bool(np.all((x > 0.0) & np.isfinite(x))):
        raise OutOfRange("距离须大于 0", "distance must be above 0")
    scale, distances, ratios = _plume_curves(flow, density, weather)
    beta = np.log10(x / scale)
    near = _NEAR_CONSTANT / (_NEAR_CONSTANT + (x / scale) ** 2)
    far = 10.0 ** (ratios[-1] - 2.0 * (beta - distances[-1]))
    between = 10.0 ** np.interp(beta, distances, ratios)
    return np.where(beta <= distances[0], near, np.where(beta > distances[-1], far, between))


def plume_distance(ratio: float, flow: float, density: float, weather: Weather) -> float:
    """Distance downwind [m] at which a dense plume has thinned to a volume ratio; inverse of :func:`plume_ratio`.

    Raises
    ------
    OutOfRange
        As :func:`plume_ratio`, or a ratio not between 0 and 1.
    """
    if not 0.0 < ratio < 1.0:
        raise OutOfRange(f"浓度比须在 0 与 1 之间，现为 {ratio}", f"ratio must lie between 0 and 1, not {ratio}")
    scale, distances, ratios = _plume_curves(flow, density, weather)
    wanted = math.log10(ratio)
    if wanted >= ratios[0]:
        return scale * math.sqrt(_NEAR_CONSTANT * (1.0 / ratio - 1.0))
    if wanted < ratios[-1]:
        return float(scale * 10.0 ** (distances[-1] + 0.5 * (ratios[-1] - wanted)))
    return float(scale * 10.0 ** np.interp(wanted, ratios[::-1], distances[::-1]))


def plume_half_width(distance: ArrayLike, flow: float, density: float, weather: Weather) -> Array:
    """Half-width of a dense plume at a distance downwind. [m]

    Raises
    ------
    OutOfRange
        As :func:`plume_ratio`.

    Notes
    -----
    D + 8 l + 2.5 (l x²)^(1/3) with l = g0 q0/u³ [1]_: the whole width of the cloud, not that of a concentration.

    References
    ----------
    .. [1] R.E. Britter, J. McQuaid, *Workbook on the dispersion of dense gases*, HSE contract research report 17/1988.
    """
    x = np.asarray(distance, dtype=np.float64)
    if not bool(np.all((x >= 0.0) & np.isfinite(x))):
        raise OutOfRange("距离不得为负", "distance must not be negative")
    length = _reduced_gravity(density, weather) * flow / weather.wind_speed**3
    _positive(flow=flow)
    width: Array = math.sqrt(flow / weather.wind_speed) + 8.0 * length + 2.5 * np.cbrt(length * x * x)
    return width


def puff_distance(ratio: float, volume: float, density: float, weather: Weather) -> float:
    """Distance downwind [m] at which a dense puff has thinned to a volume ratio.

    Parameters
    ----------
    ratio : float
        0.001 to 0.1.
    volume : float
        Of the undiluted gas. [m³]
    density : float
        Of the undiluted gas. [kg/m³]
    weather : Weather

    Returns
    -------
    float
        [m]

    Raises
    ------
    OutOfRange
        A ratio outside the nomogram, a gas not heavier than air, or alpha = 0.5 log10(g0 V^(1/3)/u²) above 1.

    References
    ----------
    .. [1] R.E. Britter, J. McQuaid, *Workbook on the dispersion of dense gases*, HSE contract research report 17/1988.
    """
    gravity = _reduced_gravity(density, weather)
    _positive(volume=volume)
    scale = math.cbrt(volume)
    distances, ratios = _curves("puff", 0.5 * math.log10(gravity * scale / weather.wind_speed**2))
    if not 10.0 ** ratios[-1] * (1.0 - 1e-9) <= ratio <= 10.0 ** ratios[0] * (1.0 + 1e-9):
        raise OutOfRange(f"浓度比须在 0.001 与 0.1 之间，现为 {ratio}", f"ratio must be 0.001 to 0.1, not {ratio}")
    return float(scale * 10.0 ** np.interp(math.log10(ratio), ratios[::-1], distances[::-1]))


def warmed_ratio(ratio: ArrayLike, source_temperature: float, air_temperature: float) -> Array:
    """Volume ratio of a cold gas that warms to the air as it mixes, from the ratio without heat exchange.

    Notes
    -----
    c'/(c' + (1 - c') T0/Ta) [1]_. Against arcs of liquefied natural gas trials it makes predictions worse, so nothing
    applies it unasked.

    References
    ----------
    .. [1] CCPS, *Guidelines for consequence analysis of chemical releases*, AIChE, 1999.
    """
    _positive(source_temperature=source_temperature, air_temperature=air_temperature)
    value = np.asarray(ratio, dtype=np.float64)
    if not bool(np.all((value >= 0.0) & (value <= 1.0))):
        raise OutOfRange("浓度比须在 0 至 1 之间", "ratio must lie between 0 and 1")
    return np.asarray(value / (value + (1.0 - value) * source_temperature / air_temperature))
