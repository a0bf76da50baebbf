"""A plume at one height above ground as a table over the distance downwind: what receptors look up.

Nodes are even in ln(1 + (x - origin)/scale); between them everything is linear. One look-up costs a logarithm.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.air.spread import Curve, curve_kernel
from parkrisk.models.air.surface_layer import KARMAN, SurfaceLayer
from parkrisk.models.cloud.diffusion import integrated_kernel
from parkrisk.models.cloud.entrainment import GRAVITY
from parkrisk.models.cloud.march import Track
from parkrisk.models.cloud.plume_slice import (
    ALONG,
    COMPONENTS,
    CORE,
    SPECIES,
    TIME,
    VARIANCE,
    Setting,
    X,
    Z,
    exponent_kernel,
    half_width_kernel,
    slice_kernel,
)

__all__ = [
    "PlumeTable",
    "Profile",
    "edge_kernel",
    "locate_kernel",
    "log_shape_kernel",
    "plume_table_kernel",
    "profile_kernel",
    "shape_kernel",
]

Array = NDArray[np.float64]

# Columns of the nodes.
LOG_AXIS = 0  #: logarithm of the steady concentration on the axis at the height of the table [kg/m³]
EDGE = 1  #: standard deviation of the edges across the wind, averaging time included [m]
FLAT = 2  #: half-width of the flat core [m]
PASSAGE = 3  #: standard deviation along the wind over the speed: how long the ends of the cloud take to pass [s]
ARRIVAL = 4  #: time of travel [s]
LOG_SHARE = 5  #: logarithm of the mole fraction per concentration [m³/kg]
COLUMNS = 6

_NOTHING = -700.0  # logarithm of no concentration
_BISECTIONS = 60
_GAS_CONSTANT = 8.314462618  # [J/(mol·K)]


class PlumeTable(NamedTuple):
    """A steady plume, or one that lasts a while.

    ``nodes`` has shape (n, COLUMNS); node i stands at origin + scale (exp(i step) - 1). ``duration`` is that of the
    release [s]. Nearer than ``core`` to the source the cloud is the same all round; ``farthest`` stands the last node
    [m].
    """

    origin: float
    scale: float
    step: float
    core: float
    duration: float
    farthest: float
    nodes: Array


class Profile(NamedTuple):
    """A slice as it is seen: what a receptor needs of it at any height.

    ``axis`` is the concentration in the middle [kg/m³], ``share`` the mole fraction there; ``core``, ``variance`` as in
    the state, without meander [m], [m²]; vertical profile exp(-(z/scale)^exponent), about ``height`` [m] while lifted.
    """

    axis: float
    share: float
    core: float
    variance: float
    scale: float
    exponent: float
    height: float
    grounded: bool
    along: float
    speed: float


@kernel
def hermite_kernel(track: Track, i: int, theta: float, out: Array) -> None:
    """State at a share of step i, by the cubic through both ends."""
    step = track.way[i + 1] - track.way[i]
    square, rest = theta * theta, 1.0 - theta
    for j in range(COMPONENTS):
        a, b = track.state[i, j], track.state[i + 1, j]
        out[j] = (1.0 + 2.0 * theta) * rest * rest * a + square * (3.0 - 2.0 * theta) * b
        out[j] += step * theta * rest * (rest * track.slope[i, j] - theta * track.slope[i + 1, j])


@kernel
def _at_distance(track: Track, x: float, first: int, out: Array) -> int:
    """State at a distance downwind, from step ``first`` on; gives the step."""
    i = first
    last = track.way.size - 2
    while i < last and track.state[i + 1, X] < x:
        i += 1
    low, high = 0.0, 1.0
    span = track.state[i + 1, X] - track.state[i, X]
    theta = min(max((x - track.state[i, X]) / span, 0.0), 1.0) if span > 0.0 else 1.0
    for _ in range(_BISECTIONS):
        hermite_kernel(track, i, theta, out)
        miss = out[X] - x
        if abs(miss) <= 1e-9 * max(abs(x), 1e-3):
            break
        if miss > 0.0:
            high = theta
        else:
            low = theta
        guess = theta - miss / span
        theta = guess if low < guess < high else 0.5 * (low + high)
    return i


@kernel
def profile_kernel(state: Array, temperature: float, grounded: bool, setting: Setting) -> Profile:
    """Slice of a state; ``temperature`` is one near that of the slice [K]."""
    cloud = slice_kernel(state, temperature, grounded, setting)
    share = cloud.mixture.concentration
    density = setting.substance.molar_mass * setting.air.pressure / (_GAS_CONSTANT * cloud.mixture.temperature)
    if grounded:
        exponent = exponent_kernel(cloud, setting)
        scale = cloud.depth / math.gamma(1.0 + 1.0 / exponent)
        height = 0.0
    else:
        exponent, scale, height = 2.0, cloud.depth / math.sqrt(math.pi), state[Z]
    core, variance = max(state[CORE], 0.0), state[VARIANCE]
    along = math.sqrt(max(state[ALONG], 0.0))
    axis = share * density
    return Profile(axis, share, core, variance, scale, exponent, height, grounded, along, cloud.speed)


@kernel
def vertical_kernel(z: float, cloud: Profile) -> float:
    """Concentration at a height [m] over that in the middle, at most 1 where the ground reflects."""
    if cloud.grounded:
        return math.exp(-((z / cloud.scale) ** cloud.exponent))
    below, above = (z - cloud.height) / cloud.scale, (z + cloud.height) / cloud.scale
    return min(math.exp(-below * below) + math.exp(-above * above), 1.0)


@kernel
def meander_kernel(cloud: Profile, x: float, window: float, setting: Setting) -> tuple[float, float]:
    """Variance of the edges [m²] and share of the axis that slow swings of the wind leave over a time ``window`` [s].

    Notes
    -----
    Passive spread grows as time^0.2; what lies beyond that of the core is meander. It widens the edges and thins the
    axis, but takes in no air: the axis falls as the half-width grows.
    """
    width = curve_kernel(max(x - setting.origin, 1e-3), setting.across)
    variance = cloud.variance + width * width * ((window / setting.laws.core_averaging) ** 0.4 - 1.0)
    return variance, half_width_kernel(cloud.core, cloud.variance) / half_width_kernel(cloud.core, variance)


@kernel
def _is_passive(state: Array, temperature: float, grounded: bool, setting: Setting) -> bool:
    """Whether neither weight nor momentum of a slice matters any more, and diffusion with the height describes it.

    That holds for a cloud deeper than the roughness layer, and aloft for one deeper than the eddies, κ z.
    """
    cloud, laws = slice_kernel(state, temperature, grounded, setting), setting.laws
    if grounded and laws.profile_height * cloud.depth < math.e * setting.air.roughness:
        return False
    if not grounded and cloud.depth < math.sqrt(math.pi) * KARMAN * state[Z]:
        return False
    faster = cloud.downwind / cloud.wind - 1.0
    if faster > laws.passive_slip or -faster > laws.passive_lag:
        return False
    excess = abs(cloud.mixture.density - setting.air.density)
    friction = setting.air.friction_velocity
    richardson = GRAVITY * excess / setting.air.density * cloud.depth / (friction * friction)
    return laws.dense_damping * richardson < laws.passive_stratification and abs(cloud.upward) < 0.1 * friction


@kernel
def handover_kernel(track: Track, feeding_until: float, setting: Setting) -> int:
    """First step of a plume from which on it is passive; the last one where it is not."""
    last = track.way.size - 1
    first = last
    for i in range(last, -1, -1):
        if track.way[i] < feeding_until or not _is_passive(
            track.state[i], track.temperature[i], track.grounded[i], setting
        ):
            break
        first = i
    return first


@kernel
def _store(
    node: Array, axis: float, edge: float, flat: float, passage: float, arrival: float, log_share: float
) -> None:
    node[LOG_AXIS] = math.log(axis) if axis > 1e-300 else _NOTHING
    node[EDGE], node[FLAT], node[PASSAGE], node[ARRIVAL], node[LOG_SHARE] = edge, flat, passage, arrival, log_share


@kernel
def plume_table_kernel(
    track: Track,
    z: float,
    window: float,
    duration: float,
    core: float,
    scale: float,
    feeding_until: float,
    nodes: int,
    setting: Setting,
) -> PlumeTable:
    """Table of a plume at one height [m], averaged over a time ``window`` [s].

    Notes
    -----
    From where the plume is passive on, its vertical spread is that of diffusion in the surface layer
    (:mod:`parkrisk.models.cloud.diffusion`), begun with the slice that stands there: same flux, same concentration at
    the ground. Across the wind it goes on widening as passive plumes do. ``feeding_until`` is where the source
    ends [m].
    """
    origin, farthest = track.state[0, X], track.state[track.way.size - 1, X]
    step = math.log(1.0 + (farthest - origin) / scale) / (nodes - 1)
    out, work, distance, i = np.empty((nodes, COLUMNS)), np.empty(COMPONENTS), np.empty(nodes), 0
    handover = track.state[handover_kernel(track, feeding_until, setting), X]
    first = nodes
    for k in range(nodes):
        x = min(origin + scale * (math.exp(k * step) - 1.0), farthest)
        distance[k] = x
        if x > handover:
            first = k
            break
        i = _at_distance(track, x, i, work)
        cloud = profile_kernel(work, track.temperature[i + 1], track.grounded[i], setting)
        variance, thinning = meander_kernel(cloud, x, window, setting)
        axis = cloud.axis * thinning * vertical_kernel(z, cloud)
        passage, share = cloud.along / cloud.speed, math.log(cloud.share / cloud.axis)
        _store(out[k], axis, math.sqrt(variance), cloud.core, passage, work[TIME], share)
    if first < nodes:
        i = _at_distance(track, handover, i, work)
        cloud = profile_kernel(work, track.temperature[i + 1], track.grounded[i], setting)
        for k in range(first, nodes):
            distance[k] = min(origin + scale * (math.exp(k * step) - 1.0), farthest)
        _diffuse(out, distance, first, handover, z, window, cloud, work, setting)
    return PlumeTable(origin, scale, step, core, duration, farthest, out)


@kernel
def passive_table_kernel(
    rate: float,
    duration: float,
    height: float,
    z: float,
    density: float,
    farthest: float,
    nodes: int,
    along_wind: float,
    across: Curve,
    air: SurfaceLayer,
) -> PlumeTable:
    """Table of a plume that is passive from its source on, a small opening at some height [m].

    ``density`` is that of the pure gas [kg/m³], ``along_wind`` the standard deviation along the wind over u* t.
    """
    distance, out = np.empty(nodes), np.empty((nodes, COLUMNS))
    scale, time = 0.2, 0.0
    step = math.log(1.0 + farthest / scale) / (nodes - 1)
    for k in range(nodes):
        distance[k] = scale * (math.exp(k * step) - 1.0)
    integrated, speed = integrated_kernel(distance, z, 0.0, rate, 0.1 * height, 2.0, height, air)
    for k in range(nodes):
        if k > 0:
            time += (distance[k] - distance[k - 1]) * 2.0 / (speed[k] + speed[k - 1])
        edge = max(curve_kernel(max(distance[k], 1e-3), across), 1e-3)
        along = max(along_wind * air.friction_velocity * time, 1e-3)
        axis = integrated[k] / (math.sqrt(2.0 * math.pi) * edge)
        _store(out[k], min(axis, density), edge, 0.0, along / speed[k], time, -math.log(density))
    return PlumeTable(0.0, scale, step, 0.0, duration, farthest, out)


@kernel
def _diffuse(
    out: Array,
    distance: Array,
    first: int,
    handover: float,
    z: float,
    window: float,
    cloud: Profile,
    state: Array,
    setting: Setting,
) -> None:
    """Fill the nodes of a table beyond the place where the plume has become passive."""
    air, laws = setting.air, setting.laws
    n = distance.size - first
    way = np.empty(n + 1)
    way[0] = 0.0
    for k in range(n):
        way[k + 1] = distance[first + k] - handover
    across = 2.0 * half_width_kernel(cloud.core, cloud.variance)
    ground = cloud.axis * across
    integrated, speed = integrated_kernel(
        way, z, ground, state[SPECIES], cloud.scale, cloud.exponent, cloud.height, air
    )
    start = curve_kernel(max(handover - setting.origin, 1e-3), setting.across)
    swing = (window / laws.core_averaging) ** 0.4
    time = state[TIME]
    share = math.log(cloud.share / cloud.axis)
    for k in range(n):
        time += (way[k + 1] - way[k]) * 2.0 / (speed[k + 1] + speed[k])
        width = curve_kernel(max(distance[first + k] - setting.origin, 1e-3), setting.across)
        variance = cloud.variance - start * start + width * width * swing
        shear = laws.along_wind * air.friction_velocity
        along = math.sqrt(cloud.along**2 + shear * shear * (time * time - state[TIME] * state[TIME]))
        axis = integrated[k + 1] / (2.0 * half_width_kernel(cloud.core, variance))
        _store(out[first + k], axis, math.sqrt(variance), cloud.core, along / speed[k + 1], time, share)


@kernel
def locate_kernel(x: float, table: PlumeTable) -> tuple[int, float]:
    """Node before a distance downwind [m] and the share of the way to the next; beyond the ends those of the ends."""
    position = math.log(1.0 + max(x - table.origin, 0.0) / table.scale) / table.step
    i = min(int(position), table.nodes.shape[0] - 2)
    return i, min(position - i, 1.0)


@kernel
def shape_kernel(y: float, edge: float, flat: float) -> float:
    """Concentration beside the axis over that on it: a flat core with Gaussian edges."""
    if flat < 0.02 * edge:
        return math.exp(-0.5 * (y / edge) ** 2)
    scale = 1.0 / (math.sqrt(2.0) * edge)
    return 0.5 * (math.erf((y + flat) * scale) - math.erf((y - flat) * scale)) / math.erf(flat * scale)


@kernel
def log_shape_kernel(y: float, edge: float, flat: float) -> float:
    """Logarithm of :func:`shape_kernel`; -inf where that is 0."""
    if flat < 0.02 * edge:
        return -0.5 * (y / edge) ** 2
    shape = shape_kernel(y, edge, flat)
    return math.log(shape) if shape > 0.0 else -math.inf


@kernel
def edge_kernel(ratio: float, edge: float, flat: float) -> float:
    """Distance from the axis [m] at which the concentration has fallen to a ratio of that on it, 0 to 1."""
    if flat < 0.02 * edge:
        return edge * math.sqrt(-2.0 * math.log(ratio))
    low, high = 0.0, flat + 9.0 * edge
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        if shape_kernel(middle, edge, flat) > ratio:
            low = middle
        else:
            high = middle
        if high - low < 1e-10 * high:
            break
    return 0.5 * (low + high)
