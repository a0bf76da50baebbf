"""The part of a passive cloud that can burn: how far, how wide, how much."""

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.atmosphere import Weather
from parkrisk.models.dispersion import vertical_kernel
from parkrisk.models.errors import OutOfRange
from parkrisk.models.spread import curve_kernel
from parkrisk.models.vapour import PassiveCloud, VapourSource, along_kernel, axis_kernel, passive_cloud

__all__ = ["FlammableCloud", "farthest_kernel", "flammable_cloud", "inside_kernel"]

Array = NDArray[np.float64]

_SCAN_NEAREST = 0.1  # [m]
_SCAN_FARTHEST = 1e5  # [m]
_SCAN_STEPS = 600
_BISECTIONS = 60
_NODES = 400  # along the cloud
_LAYERS = 96  # over its height, when the source is elevated
_LAYER_SIGMAS = 6.0
_FIRST_SCALE = 2.0  # nodes are even in ln(1 + x/scale) [m]


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
    travelled : float
        Of the centre of a puff; 0 for a plume. [m]
    """

    mass: float
    mass_above_lfl: float
    start: float
    reach: float
    centre: float
    half_width: float
    travelled: float


_NOTHING = FlammableCloud(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


@kernel
def farthest_kernel(level: float, z: float, cloud: PassiveCloud) -> float:
    """Farthest distance [m] on the axis with at least this concentration [kg/m³] at z [m]; 0 if there is none."""
    step = math.log(_SCAN_FARTHEST / _SCAN_NEAREST) / _SCAN_STEPS
    high = _SCAN_FARTHEST
    if axis_kernel(high, z, cloud) >= level:
        return high
    for i in range(_SCAN_STEPS - 1, -1, -1):
        low = _SCAN_NEAREST * math.exp(i * step)
        if axis_kernel(low, z, cloud) >= level:
            for _ in range(_BISECTIONS):
                middle = 0.5 * (low + high)
                if axis_kernel(middle, z, cloud) >= level:
                    low = middle
                else:
                    high = middle
            return low
        high = low
    return 0.0


@kernel
def inside_kernel(
    x: float, y: float, z: float, level: float, start: float, reach: float, travelled: float, cloud: PassiveCloud
) -> bool:
    """Whether a point is inside the flammable cloud: in the plume between start and reach, or in the puff."""
    if cloud.duration == 0.0:
        sigma_x = curve_kernel(travelled + cloud.upwind_x, cloud.spread.x)
        sigma_y = curve_kernel(travelled + cloud.upwind_y, cloud.spread.y)
        exponent = ((x - travelled) / sigma_x) ** 2 + (y / sigma_y) ** 2
        return axis_kernel(travelled, z, cloud) * math.exp(-0.5 * exponent) >= level
    if x * x + y * y <= cloud.core * cloud.core and start == 0.0:
        return axis_kernel(cloud.core, z, cloud) >= level
    if x < start or x > reach or x < 0.0:
        return False
    sigma_y = curve_kernel(x + cloud.upwind_y, cloud.spread.y)
    return axis_kernel(x, z, cloud) * math.exp(-0.5 * (y / sigma_y) ** 2) >= level


@kernel
def _root_of_log(ratio: float) -> float:
    """Number of standard deviations out to which a Gaussian of this peak stays above 1; 0 if it never is."""
    return math.sqrt(2.0 * math.log(ratio)) if ratio > 1.0 else 0.0


@kernel
def _slice_masses(x: float, lower: float, upper: float, cloud: PassiveCloud) -> tuple[float, float]:
    """Mass per length [kg/m] of a plume above the lower limit [kg/m³], and between the limits."""
    sigma_y = curve_kernel(x + cloud.upwind_y, cloud.spread.y)
    sigma_z = curve_kernel(x + cloud.upwind_z, cloud.spread.z)
    along = along_kernel(cloud.wind * cloud.duration, curve_kernel(x + cloud.upwind_x, cloud.spread.x))
    free = cloud.strength / (2.0 * math.pi * sigma_y * sigma_z) * along
    if cloud.height == 0.0:
        # the half plane of a two-dimensional Gaussian: its mass above a level is the peak's excess over it
        scale = math.pi * sigma_y * sigma_z
        peak = 2.0 * free
        return scale * max(peak - lower, 0.0), scale * max(min(peak, upper) - lower, 0.0)
    bottom = max(cloud.height - _LAYER_SIGMAS * sigma_z, 0.0)
    layer = (cloud.height + _LAYER_SIGMAS * sigma_z - bottom) / _LAYERS
    above, between = 0.0, 0.0
    for i in range(_LAYERS):
        peak = free * vertical_kernel(bottom + (i + 0.5) * layer, cloud.height, sigma_z)
        line = math.sqrt(2.0 * math.pi) * sigma_y * peak
        out = line * math.erf(_root_of_log(peak / lower) / math.sqrt(2.0))
        above += out
        between += out - line * math.erf(_root_of_log(peak / upper) / math.sqrt(2.0))
    return above * layer, between * layer


@kernel
def _puff_masses(travelled: float, lower: float, upper: float, cloud: PassiveCloud) -> tuple[float, float]:
    """Mass [kg] of a puff above the lower limit [kg/m³], and between the limits."""
    sigma_x = curve_kernel(travelled + cloud.upwind_x, cloud.spread.x)
    sigma_y = curve_kernel(travelled + cloud.upwind_y, cloud.spread.y)
    sigma_z = curve_kernel(travelled + cloud.upwind_z, cloud.spread.z)
    free = cloud.strength / ((2.0 * math.pi) ** 1.5 * sigma_x * sigma_y * sigma_z)
    scale = 2.0 * math.pi * sigma_x * sigma_y
    bottom = max(cloud.height - _LAYER_SIGMAS * sigma_z, 0.0)
    layer = (cloud.height + _LAYER_SIGMAS * sigma_z - bottom) / (10 * _LAYERS)
    above, between = 0.0, 0.0
    for i in range(10 * _LAYERS):
        peak = free * vertical_kernel(bottom + (i + 0.5) * layer, cloud.height, sigma_z)
        above += max(peak - lower, 0.0)
        between += max(min(peak, upper) - lower, 0.0)
    return scale * above * layer, scale * between * layer


@kernel
def _along_plume(lower: float, upper: float, z: float, extent: float, cloud: PassiveCloud) -> Array:
    """Rows: distance, half-width, then mass above, mass between and its moment, each summed from 0."""
    out = np.zeros((5, _NODES + 1))
    top = math.log(1.0 + extent / _FIRST_SCALE)
    before = (0.0, 0.0, 0.0)
    for i in range(_NODES + 1):
        x = _FIRST_SCALE * (math.exp(top * i / _NODES) - 1.0)
        sigma_y = curve_kernel(x + cloud.upwind_y, cloud.spread.y)
        half_width = sigma_y * _root_of_log(axis_kernel(x, z, cloud) / lower)
        above, between = _slice_masses(x, lower, upper, cloud)
        out[0, i], out[1, i] = x, half_width
        if i > 0:
            step = x - out[0, i - 1]
            out[2, i] = out[2, i - 1] + 0.5 * step * (above + before[0])
            out[3, i] = out[3, i - 1] + 0.5 * step * (between + before[1])
            out[4, i] = out[4, i - 1] + 0.5 * step * (x * between + before[2])
        before = (above, between, x * between)
    return out


def _plume_cloud(lower: float, upper: float, z: float, cloud: PassiveCloud) -> FlammableCloud:
    near_ground = farthest_kernel(lower, z, cloud)
    extent = max(near_ground, farthest_kernel(lower, cloud.height, cloud))
    if extent == 0.0 or extent < cloud.core:
        # not even the rim of the pool reaches the limit
        return _NOTHING
    distance, half_width, above, between, moment = _along_plume(lower, upper, z, extent, cloud)
    length = cloud.wind * cloud.duration
    start = 0.0
    if length < extent:
        # a release that ended before the plume was complete: the stretch of that length with the largest explosive mass
        start = float(distance[np.argmax(np.interp(distance + length, distance, between) - between)])
    end = min(start + length, extent)

    def part(total: Array) -> float:
        first, last = np.interp((start, end), distance, total)
        return float(last - first)

    mass = part(between)
    within = (distance >= start) & (distance <= end)
    low = near_ground > start
    return FlammableCloud(
        mass=mass,
        mass_above_lfl=part(above),
        start=start if low else 0.0,
        reach=min(end, near_ground) if low else 0.0,
        centre=part(moment) / mass if mass > 0.0 else 0.5 * (start + end),
        half_width=float(half_width[within].max(initial=0.0)),
        travelled=0.0,
    )


@kernel
def _largest_puff(lower: float, cloud: PassiveCloud) -> float:
    """Distance [m] the centre has travelled when the cloud is widest; negative if it is nowhere above the limit."""
    step = math.log(_SCAN_FARTHEST / _SCAN_NEAREST) / _SCAN_STEPS
    best, travelled = 0.0, -1.0
    for i in range(_SCAN_STEPS):
        x = _SCAN_NEAREST * math.exp(i * step)
        ratio = max(axis_kernel(x, 0.0, cloud), axis_kernel(x, cloud.height, cloud)) / lower
        if ratio > 1.0:
            sigma_x = curve_kernel(x + cloud.upwind_x, cloud.spread.x)
            sigma_y = curve_kernel(x + cloud.upwind_y, cloud.spread.y)
            area = sigma_x * sigma_y * math.log(ratio)
            if area > best:
                best, travelled = area, x
    return travelled


def _puff_cloud(lower: float, upper: float, z: float, cloud: PassiveCloud) -> FlammableCloud:
    travelled = _largest_puff(lower, cloud)
    if travelled < 0.0:
        return _NOTHING
    above, between = _puff_masses(travelled, lower, upper, cloud)
    deviations = _root_of_log(axis_kernel(travelled, z, cloud) / lower)
    along = deviations * curve_kernel(travelled + cloud.upwind_x, cloud.spread.x)
    across = deviations * curve_kernel(travelled + cloud.upwind_y, cloud.spread.y)
    low = deviations > 0.0
    return FlammableCloud(
        mass=between,
        mass_above_lfl=above,
        start=max(travelled - along, 0.0) if low else 0.0,
        reach=travelled + along if low else 0.0,
        centre=travelled,
        half_width=across,
        travelled=travelled,
    )


@functools.lru_cache(maxsize=4096)
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
        Height at which reach and width are taken, or the source height where that is lower. [m]

    Returns
    -------
    FlammableCloud
        All 0 where the lower limit is nowhere reached.

    Raises
    ------
    OutOfRange
        Limits not 0 < lfl < ufl ≤ 1, or the cloud cannot be set up (:func:`~parkrisk.models.vapour.passive_cloud`).

    Notes
    -----
    A plume is taken steady; when the release ended before the plume was complete, the stretch of the length wind ×
    duration with the largest explosive mass. A puff is taken when its flammable area is largest, as is usual for
    ignition at an unknown time. A cloud aloft has mass but no reach.
    """
    if not 0.0 < lfl < ufl <= 1.0:
        raise OutOfRange(f"爆炸极限无效：{lfl}, {ufl}", f"flammability limits not valid: {lfl}, {ufl}")
    cloud = passive_cloud(source, weather, averaging_time)
    density = source.gas_density(weather)
    z = min(source.height, receptor)
    find = _puff_cloud if source.is_instantaneous else _plume_cloud
    return find(lfl * density, ufl * density, z, cloud)
