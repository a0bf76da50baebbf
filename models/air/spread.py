"""How wide a passive cloud is: standard deviations over distance, and the wind that carries it."""

import functools
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.air.atmosphere import Weather, check_weather, wind_speed
from parkrisk.models.constants import constants, rows
from parkrisk.models.errors import OutOfRange

__all__ = [
    "Curve",
    "Spread",
    "check_averaging",
    "checked",
    "curve_kernel",
    "curve_slope_kernel",
    "puff_spread",
    "sigmas",
    "spread",
    "transport_wind",
]

Array = NDArray[np.float64]

_FORMS = {"linear": 0.0, "inverse_root": 1.0, "inverse": 2.0, "root": 3.0, "power": 4.0}


class Curve(NamedTuple):
    """Standard deviation over distance: a x times 1, (1+bx)^-1/2, 1/(1+bx), (1+bx)^1/2 (forms 0-3), or a x^b (4)."""

    a: float
    b: float
    form: float


class Spread(NamedTuple):
    """Along-wind, cross-wind and vertical curve of one stability class."""

    x: Curve
    y: Curve
    z: Curve


@kernel
def curve_kernel(distance: float, curve: Curve) -> float:
    """Standard deviation [m] of one axis after a distance [m] > 0."""
    if curve.form == 0.0:
        return curve.a * distance
    if curve.form == 1.0:
        return curve.a * distance / math.sqrt(1.0 + curve.b * distance)
    if curve.form == 2.0:
        return curve.a * distance / (1.0 + curve.b * distance)
    if curve.form == 3.0:
        return curve.a * distance * math.sqrt(1.0 + curve.b * distance)
    return float(curve.a * distance**curve.b)


@kernel
def curve_slope_kernel(distance: float, curve: Curve) -> float:
    """Slope of :func:`curve_kernel` over the distance [m] > 0."""
    x, a, b = distance, curve.a, curve.b
    if curve.form == 0.0:
        return a
    if curve.form == 1.0:
        return float(a * (1.0 + 0.5 * b * x) / (1.0 + b * x) ** 1.5)
    if curve.form == 2.0:
        return a / (1.0 + b * x) ** 2
    if curve.form == 3.0:
        return a * (1.0 + 1.5 * b * x) / math.sqrt(1.0 + b * x)
    return float(a * b * x ** (b - 1.0))


@kernel
def _curve_values(distance: Array, curve: Curve) -> Array:
    out = np.empty(distance.size)
    for i in range(distance.size):
        out[i] = curve_kernel(distance[i], curve)
    return out


@functools.cache
def _spreads() -> dict[tuple[str, str], Spread]:
    curves: dict[tuple[str, str], dict[str, Curve]] = {}
    for row in rows("dispersion_sigmas"):
        curve = Curve(float(row["a"]), float(row["b"]), _FORMS[row["form"]])
        curves.setdefault((row["set"], row["stability"]), {})[row["axis"]] = curve
    return {key: Spread(**axes) for key, axes in curves.items()}


def _stability_set(name: str, stability: str) -> Spread:
    found = _spreads().get((name, stability))
    if found is None:
        raise OutOfRange(
            f"没有 {name} 地形、稳定度 {stability} 的扩散参数",
            f"no dispersion curves for {name} terrain, class {stability}",
        )
    return found


def check_averaging(time: float) -> None:
    """Refuse an averaging time [s] outside 10 to 3600."""
    numbers = constants("dispersion")
    shortest, longest = numbers["averaging_shortest"].value, numbers["averaging_longest"].value
    if not shortest <= time <= longest:
        raise OutOfRange(
            f"平均时间须在 {shortest:g} 至 {longest:g} s 之间",
            f"averaging time must lie between {shortest:g} and {longest:g} s",
        )


def spread(terrain: str, stability: str, averaging_time: float = 600.0) -> Spread:
    """Spread of a plume by Briggs.

    Parameters
    ----------
    terrain : str
        "rural" (open country) or "urban".
    stability : str
        Pasquill class, "A" to "F".
    averaging_time : float
        Of the concentration; 10 to 3600. [s]

    Returns
    -------
    Spread
        Briggs' curves [1]_; the cross-wind one times (averaging time / 600 s)^0.2, the along-wind one 0.13 x [2]_.

    Raises
    ------
    OutOfRange
        No such terrain or class, or an averaging time outside the range.

    Notes
    -----
    Fitted from 0.1 to 10 km; nearer and farther the same curves are used, and outcomes carry a flag.
    Two errata are heeded: the rural class D vertical curve has 0.0015 (0.00015 circulates), and the urban A and B one
    grows faster than linearly (plus sign).

    References
    ----------
    .. [1] G.A. Briggs, *Diffusion estimation for small emissions*, ATDL report 106, NOAA, 1973.
    .. [2] *Methods for the calculation of physical effects* (Yellow Book), CPR 14E, 3rd ed., 2005, section 4.5.3.
    """
    numbers = constants("dispersion")
    check_averaging(averaging_time)
    if terrain == "puff":
        raise OutOfRange("未知地形 puff", "unknown terrain puff")
    curves = _stability_set(terrain, stability)
    factor = (averaging_time / numbers["averaging_reference"].value) ** numbers["averaging_exponent"].value
    return curves._replace(y=curves.y._replace(a=curves.y.a * factor))


def puff_spread(stability: str) -> Spread:
    """Spread of a puff, any terrain.

    Parameters
    ----------
    stability : str
        Pasquill class, "A" to "F".

    Returns
    -------
    Spread
        Power laws; the along-wind curve equals the cross-wind one.

    Raises
    ------
    OutOfRange
        No such class.

    References
    ----------
    .. [1] CCPS, *Guidelines for consequence analysis of chemical releases*, AIChE, 1999.
    """
    return _stability_set("puff", stability)


def transport_wind(weather: Weather, height: float) -> float:
    """Speed that carries a cloud from a source at some height.

    Parameters
    ----------
    weather : Weather
        Wind at 10 m.
    height : float
        Of the source. [m]

    Returns
    -------
    float
        The wind at the source height by the power law, for lower sources the wind at 10 m. [m/s]

    Raises
    ------
    OutOfRange
        Below 0.5 m/s a plume has no meaning; a weather that cannot be; a source above 300 m.

    Notes
    -----
    Below the anemometer height the wind is not reduced, as in the example 6.B of the Purple Book (CPR 18E) and in the
    reference tables of EPA 550-B-99-009, which the F 1.5 m/s plume then meets within a third from 0.2 to 1.6 miles.
    """
    check_weather(weather)
    numbers = constants("dispersion")
    lowest = numbers["lowest_wind"].value
    if weather.wind_speed < lowest:
        raise OutOfRange(f"风速须不低于 {lowest:g} m/s", f"wind speed must be at least {lowest:g} m/s")
    return float(wind_speed(weather, max(height, numbers["anemometer_height"].value)))


def checked(**values: ArrayLike) -> list[Array]:
    """Finite arrays broadcast together; strengths, winds and lengths that cannot be negative are not."""
    arrays = []
    for name, value in values.items():
        array = np.asarray(value, dtype=np.float64)
        if not np.isfinite(array).all():
            raise OutOfRange(f"{name} 含非数值", f"{name} is not finite")
        if name not in ("x", "y") and (array < 0.0).any():
            raise OutOfRange(f"{name} 不得为负", f"{name} must not be negative")
        arrays.append(array)
    return list(np.broadcast_arrays(*arrays))


def sigmas(distance: ArrayLike, spread: Spread) -> tuple[Array, Array, Array]:
    """Along-wind, cross-wind and vertical standard deviation.

    Parameters
    ----------
    distance : float or array
        Travelled; > 0. [m]
    spread : Spread
        Curves.

    Returns
    -------
    three arrays, same shape as ``distance``
        [m]

    Raises
    ------
    OutOfRange
        A distance is negative or not finite.

    Examples
    --------
    >>> [round(float(s), 3) for s in sigmas(100.0, spread("rural", "D"))]
    [13.0, 7.96, 5.595]
    """
    (array,) = checked(distance=distance)
    along, across, up = (_curve_values(array.ravel(), curve).reshape(array.shape) for curve in spread)
    return along, across, up
