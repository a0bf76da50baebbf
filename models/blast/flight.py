"""Flights of fragments: where a body thrown into the air comes down, and how likely it hits a box on the ground."""

import functools
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.errors import OutOfRange

__all__ = [
    "Flights",
    "TooSlow",
    "check_flight",
    "flight",
    "flight_kernel",
    "flights",
    "hit_kernel",
    "hits_kernel",
    "share_between_kernel",
]

Array = NDArray[np.float64]

_G = 9.80665
_ELEVATIONS = 181


class Flights(NamedTuple):
    """Flights of one fragment at elevations from flat to upright; a named tuple, since kernels take it."""

    weight: Array  #: probability of the elevations between each two neighbours, shape (n - 1,)
    distance: Array  #: where it comes down, shape (n,). [m]
    slope: Array  #: cotangent of the angle at which it comes down, shape (n,)
    speed: Array  #: with which, shape (n,). [m/s]
    apex: Array  #: distance and height of the highest point, shape (2, n). [m]
    launch: float  #: speed at the start. [m/s]


@kernel
def flight_kernel(speed: float, elevation: float, drag: float) -> tuple[float, float, float, float, float]:
    """Distance [m], cotangent of the angle of descent and speed [m/s] at which a fragment comes down; its apex [m].

    ``drag`` is half of air density, drag coefficient and area over mass [1/m]; start and end are level.
    """
    vx, vy = speed * math.cos(elevation), speed * math.sin(elevation)
    x, y, steps = 0.0, 0.0, 0
    apex_x, apex_y = 0.0, 0.0
    while steps < 100_000:
        v = math.hypot(vx, vy)
        step = 0.02 / (drag * v + _G / (v + 1e-9) + _G / (speed + 1e-9))
        # two evaluations at the middle of the step: third order in all but the last
        ax, ay = -drag * v * vx, -drag * v * vy - _G
        mx, my = vx + 0.5 * step * ax, vy + 0.5 * step * ay
        m = math.hypot(mx, my)
        bx, by = -drag * m * mx, -drag * m * my - _G
        dx, dy = step * mx, step * my
        if y + dy <= 0.0 and (my < 0.0 or steps > 0):
            share = 1.0 if dy == 0.0 else y / -dy
            x, vx, vy = x + share * dx, vx + share * step * bx, vy + share * step * by
            break
        x, y, vx, vy = x + dx, y + dy, vx + step * bx, vy + step * by
        if y > apex_y:
            apex_x, apex_y = x, y
        steps += 1
    return x, vx / max(-vy, 1e-9), math.hypot(vx, vy), apex_x, apex_y


@kernel
def _flights(speed: float, elevation: Array, drag: float) -> tuple[Array, Array, Array, Array]:
    distance, slope, impact = np.empty_like(elevation), np.empty_like(elevation), np.empty_like(elevation)
    apex = np.empty((2, elevation.size))
    for i in range(elevation.size):
        distance[i], slope[i], impact[i], apex[0, i], apex[1, i] = flight_kernel(speed, elevation[i], drag)
    return distance, slope, impact, apex


@kernel
def _between(low: float, high: float, inner: float, outer: float) -> float:
    """Share of the way from ``low`` to ``high`` that lies from ``inner`` to ``outer``."""
    if high > low:
        return max(min(high, outer) - max(low, inner), 0.0) / (high - low)
    return 1.0 if inner <= low <= outer else 0.0


@kernel
def _shadow_kernel(i: int, height: float, table: Flights) -> float:
    """How far before its end a flight is at ``height``: on a parabola through its apex, with its slope at the end."""
    run, top, slope = table.distance[i] - table.apex[0, i], table.apex[1, i], min(table.slope[i], 1e6)
    if height >= top or run <= 0.0:
        return float(max(run, 0.0))
    bend = 4.0 * height * slope * (run - slope * top) / (run * run)
    return float(min(2.0 * height * slope / (1.0 + math.sqrt(max(1.0 - max(bend, 0.0), 0.0))), run))


@kernel
def _caught_kernel(i: int, inner: float, outer: float, height: float, table: Flights) -> float:
    """Share of the flights between two elevations that come down within a box or the shadow behind it."""
    far = outer + 0.5 * (_shadow_kernel(i, height, table) + _shadow_kernel(i + 1, height, table))
    low, high = table.distance[i], table.distance[i + 1]
    return _between(min(low, high), max(low, high), inner, far)


@kernel
def share_between_kernel(inner: float, outer: float, table: Flights, height: float, least_speed: float = 0.0) -> float:
    """Share of the flights that come down from ``inner`` on, or would pass ``outer`` no higher than ``height``.

    Of those that come down more slowly than ``least_speed`` none counts.
    """
    total = 0.0
    for i in range(table.weight.size):
        if 0.5 * (table.speed[i] + table.speed[i + 1]) < least_speed:
            continue
        total += table.weight[i] * _caught_kernel(i, inner, outer, height, table)
    return total


@kernel
def _height_kernel(i: int, distance: float, table: Flights) -> float:
    """Height at a distance on the way up, the apex beyond it: a parabola with the start's slope. [m]"""
    apex_x, apex_y = table.apex[0, i], table.apex[1, i]
    if distance >= apex_x:
        return float(apex_y)
    steep = math.tan(0.5 * math.pi * i / table.weight.size)
    return float(distance * steep - (apex_x * steep - apex_y) * (distance / apex_x) ** 2)


@kernel
def _rising_share_kernel(inner: float, outer: float, table: Flights, height: float, least_speed: float) -> float:
    """Share of the flights that are still no higher than ``height`` at ``inner``, without those of the other kernel."""
    if table.launch < least_speed:
        return 0.0
    total, below = 0.0, -height
    for i in range(table.weight.size):
        above = _height_kernel(i + 1, inner, table) - height
        part = 1.0 if above <= 0.0 else -below / (above - below)
        share = _caught_kernel(i, inner, math.inf, 0.0, table)
        if 0.5 * (table.speed[i] + table.speed[i + 1]) >= least_speed:
            share -= _caught_kernel(i, inner, outer, height, table)
        total += table.weight[i] * part * max(share, 0.0)
        if above > 0.0:
            break
        below = above
    return total


@kernel
def hit_kernel(distance: float, width: float, height: float, depth: float, least_speed: float, table: Flights) -> float:
    """Probability that one fragment hits a box: its middle at ``distance``, sides across, up and along the way [m].

    Hits on the way up have the speed of the start, all others that of the end; slower ones than ``least_speed`` do not
    count. A box that holds the source is hit.
    """
    if 2.0 * distance <= depth:
        return 1.0 if table.launch >= least_speed else 0.0
    azimuth = math.atan(0.5 * width / distance) / math.pi
    inner, outer = distance - 0.5 * depth, distance + 0.5 * depth
    falling = share_between_kernel(inner, outer, table, height, least_speed)
    return azimuth * (falling + _rising_share_kernel(inner, outer, table, height, least_speed))


@kernel
def hits_kernel(
    distance: Array, width: Array, height: Array, depth: Array, least_speed: Array, number: float, table: Flights
) -> Array:
    """Probability that at least one of ``number`` fragments hits; else as `hit_kernel`."""
    out = np.empty(distance.size)
    for i in range(distance.size):
        once = hit_kernel(distance[i], width[i], height[i], depth[i], least_speed[i], table)
        out[i] = -math.expm1(number * math.log1p(-min(once, 1.0 - 1e-16)))
    return out


class TooSlow(OutOfRange):
    """A launch so slow that nothing flies."""


def check_flight(speed: float, drag: float) -> None:
    """Raise OutOfRange unless a body flies with this speed and drag, TooSlow below 0.1 m/s."""
    if 0.0 <= speed < 0.1:
        raise TooSlow(f"抛射速度 {speed:g} m/s 低于 0.1 m/s", f"launch speed {speed:g} m/s, below 0.1 m/s")
    if not (0.1 <= speed <= 3000.0 and 0.0 <= drag <= 10.0):
        raise OutOfRange(
            f"抛射速度须在 0.1 至 3000 m/s，阻力系数 0 至 10 1/m，现为 {speed:g}、{drag:g}",
            f"launch speed 0.1 to 3000 m/s, drag 0 to 10 1/m; they are {speed:g} and {drag:g}",
        )


def flight(speed: float, elevation: float, drag: float = 0.0) -> tuple[float, float, float]:
    """Where and how a fragment comes down.

    Parameters
    ----------
    speed : float
        At the start, 0.1 to 3000. [m/s]
    elevation : float
        Of the start above the horizon, 0 to π/2. [rad]
    drag : float
        ρ C A / (2 m): air density, drag coefficient, area, mass; up to 10. [1/m]

    Returns
    -------
    distance, slope, speed : float
        [m], cotangent of the angle of descent, [m/s].

    Raises
    ------
    OutOfRange
        Outside these ranges.

    Notes
    -----
    Gravity and drag with the square of the speed, over flat ground, from the ground; no lift, no wind [1]_.

    References
    ----------
    .. [1] W.E. Baker et al., *Explosion hazards and evaluation*, Elsevier, 1983, chapter 6.

    Examples
    --------
    Without drag v²/g at 45°:

    >>> round(flight(100.0, 0.7853981634)[0], 0)
    1020.0
    """
    check_flight(speed, drag)
    if not 0.0 <= elevation <= 0.5 * math.pi + 1e-12:
        raise OutOfRange("抛射仰角须在 0 至 π/2 之间", "the elevation must lie between 0 and π/2")
    return flight_kernel(float(speed), float(elevation), float(drag))[:3]


@functools.lru_cache(maxsize=4096)
def flights(speed: float, drag: float, *, isotropic: bool = True) -> Flights:
    """Flights at all elevations, as `hit_kernel` takes them.

    Parameters
    ----------
    speed, drag : float
        As of `flight`, with its errors.
    isotropic : bool
        True: every direction above ground alike. False: every elevation alike, which throws more of them steeply.
    """
    check_flight(speed, drag)
    elevation = np.linspace(0.0, 0.5 * math.pi, _ELEVATIONS)
    weight = np.diff(np.sin(elevation)) if isotropic else np.full(_ELEVATIONS - 1, 1.0 / (_ELEVATIONS - 1))
    return Flights(weight, *_flights(float(speed), elevation, float(drag)), float(speed))
