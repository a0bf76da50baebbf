"""The part of a cloud that can burn: how far, how wide, how much."""

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.air.spread import check_averaging
from parkrisk.models.cloud.flammable_kernels import (
    ABOVE,
    ARRIVAL,
    BETWEEN,
    DISTANCE,
    HALF_WIDTH,
    REACH,
    burning_plume_kernel,
    burning_puff_kernel,
)
from parkrisk.models.cloud.vapour import VapourSource, disperse
from parkrisk.models.errors import OutOfRange

__all__ = ["FlammableCloud", "flammable_cloud"]

Array = NDArray[np.float64]

_NODES = 150


@dataclass(frozen=True)
class FlammableCloud:
    """Where a cloud can burn at the moment it is at its largest.

    Parameters
    ----------
    mass : float
        Between the lower and the upper limit: the explosive mass. [kg]
    mass_above_lfl : float
        Above the lower limit, richer parts included. [kg]
    start, reach : float
        Nearest and farthest distance downwind, near the ground; both 0 when nothing can burn there. [m]
    centre : float
        Of the explosive mass, downwind on the axis. [m]
    half_width : float
        Largest distance from the axis to the lower limit near the ground. [m]
    distance, edge : array, shape (n,)
        Outline near the ground: half-width [m] over the distance downwind [m].
    """

    mass: float
    mass_above_lfl: float
    start: float
    reach: float
    centre: float
    half_width: float
    distance: Array
    edge: Array


_NOTHING = FlammableCloud(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, np.zeros(0), np.zeros(0))


def _summed(value: Array, time: Array) -> Array:
    """Integral from the first node to each, by trapezia."""
    pieces = 0.5 * (value[1:] + value[:-1]) * np.diff(time)
    return np.concatenate(([0.0], np.cumsum(pieces)))


def _end(distance: Array, width: Array, last: int, beyond: int) -> float:
    """Where the half-width falls to 0 between a node and the one beyond, by the slope of its square."""
    before = 2 * last - beyond
    if not (0 <= before < distance.size and width[before] > 0.0):
        return float(distance[last])
    slope = (width[before] ** 2 - width[last] ** 2) / (distance[last] - distance[before])
    end = distance[last] + (width[last] ** 2 / slope if slope != 0.0 else math.inf)
    lowest, highest = sorted((distance[last], distance[beyond]))
    return float(end) if lowest <= end <= highest else float(distance[beyond])


def _refined(found: Array) -> Array:
    """Outline with the ends where the half-width falls to 0."""
    distance, width = found[DISTANCE], found[HALF_WIDTH]
    inside = np.flatnonzero(width > 0.0)
    outline = np.stack([distance[inside], width[inside]])
    first, last = inside[0], inside[-1]
    if first > 0:
        outline = np.concatenate([[[_end(distance, width, first, first - 1)], [0.0]], outline], axis=1)
    if last + 1 < distance.size:
        end, share = _end(distance, width, last, last + 1), np.array([0.4, 0.7, 0.9, 1.0])
        tip = [distance[last] + share * (end - distance[last]), width[last] * np.sqrt(1.0 - share)]
        outline = np.concatenate([outline, tip], axis=1)
    return outline


def _stretch(found: Array, near: float, far: float) -> Array:
    """Outline between two distances [m]; empty where nothing can burn near the ground."""
    if not (found[HALF_WIDTH] > 0.0).any():
        return np.zeros((2, 0))
    x, edge = _refined(found)
    near, far = max(near, x[0]), min(far, x[-1])
    if not near < far:
        return np.zeros((2, 0))
    between = (x > near) & (x < far)
    ends = np.interp([near, far], x, edge)
    return np.stack([np.concatenate(([near], x[between], [far])), np.concatenate((ends[:1], edge[between], ends[1:]))])


def _plume(found: Array, duration: float) -> FlammableCloud:
    if not (found[ABOVE] > 0.0).any():
        return _NOTHING
    distance, arrival = found[DISTANCE], found[ARRIVAL]
    above, between = _summed(found[ABOVE], arrival), _summed(found[BETWEEN], arrival)
    moment = _summed(found[BETWEEN] * distance, arrival)
    # what stands in the air at once was released within the duration: the stretch with the largest explosive mass
    burning = arrival[found[ABOVE] > 0.0]
    begin = 0.0
    if duration < burning[-1] - burning[0]:
        ends = np.interp(arrival + duration, arrival, between)
        begin = float(arrival[int(np.argmax(ends - between))])
    window = (begin, begin + duration)

    def part(total: Array) -> float:
        first, last = np.interp(window, arrival, total)
        return float(last - first)

    mass = part(between)
    near, far = np.interp(window, arrival, distance)
    x, edge = _stretch(found, float(near), float(far))
    centre = part(moment) / mass if mass > 0.0 else 0.5 * float(x[0] + x[-1]) if x.size else 0.0
    start, reach, width = (float(x[0]), float(x[-1]), float(edge.max())) if x.size else (0.0, 0.0, 0.0)
    return FlammableCloud(mass, part(above), max(start, 0.0), max(reach, 0.0), max(centre, 0.0), width, x, edge)


def _puff(found: Array) -> FlammableCloud:
    if not (found[ABOVE] > 0.0).any():
        return _NOTHING
    area = found[HALF_WIDTH] * found[REACH]
    k = int(np.argmax(area if (area > 0.0).any() else found[BETWEEN]))
    centre, along, across = (float(found[row, k]) for row in (DISTANCE, REACH, HALF_WIDTH))
    turn = np.linspace(-1.0, 1.0, 65)
    x, edge = centre + along * np.sin(0.5 * np.pi * turn), across * np.cos(0.5 * np.pi * turn)
    low = across > 0.0
    return FlammableCloud(
        mass=float(found[BETWEEN, k]),
        mass_above_lfl=float(found[ABOVE, k]),
        start=max(centre - along, 0.0) if low else 0.0,
        reach=centre + along if low else 0.0,
        centre=max(centre, 0.0),
        half_width=across,
        distance=x if low else np.zeros(0),
        edge=edge if low else np.zeros(0),
    )


@functools.lru_cache(maxsize=2048)
def flammable_cloud(
    source: VapourSource, weather: Weather, lfl: float, ufl: float, averaging_time: float = 20.0, receptor: float = 1.0
) -> FlammableCloud:
    """Find where a cloud can burn, and how much of it.

    Parameters
    ----------
    source : VapourSource
        What enters the air.
    weather : Weather
        Wind, stability, terrain.
    lfl, ufl : float
        Lower and upper flammability limit. [mole fraction]
    averaging_time : float
        Of a plume's concentration. [s]
    receptor : float
        Height up to which the outline is taken: that of a cloud on the ground is widest at the ground. [m]

    Returns
    -------
    FlammableCloud
        All 0 where the lower limit is nowhere reached.

    Raises
    ------
    OutOfRange
        Limits not 0 < lfl < ufl ≤ 1, averaging time not 10 to 3600 s, height negative, or the cloud cannot be followed
        (:func:`~parkrisk.models.cloud.vapour.disperse`).

    Notes
    -----
    A plume is taken steady; of a release that ended before the plume was complete, what stood in the air at once, at
    the moment of the largest explosive mass. A puff is taken when its flammable area is largest, as is usual for
    ignition at an unknown time. A cloud aloft has mass but no reach.
    """
    check_averaging(averaging_time)
    if not receptor >= 0.0:
        raise OutOfRange(f"高度不得为负：{receptor}", f"height must not be negative: {receptor}")
    if not 0.0 < lfl < ufl <= 1.0:
        raise OutOfRange(f"爆炸极限无效：{lfl}, {ufl}", f"flammability limits not valid: {lfl}, {ufl}")
    cloud = disperse(source, weather)
    if cloud.is_puff:
        return _puff(burning_puff_kernel(cloud.puff(0.0), lfl, ufl))
    found = burning_plume_kernel(
        cloud.track,
        receptor,
        cloud.window(averaging_time),
        lfl,
        ufl,
        cloud.scale,
        _NODES,
        cloud.setting,
    )
    return _plume(found, source.duration)
