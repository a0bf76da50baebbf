"""The part of a cloud that can burn, slice by slice of a plume and moment by moment of a puff."""

import math

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.cloud.march import Track
from parkrisk.models.cloud.plume_slice import COMPONENTS, TIME, Setting, X
from parkrisk.models.cloud.plume_table import (
    EDGE,
    FLAT,
    LOG_AXIS,
    edge_kernel,
    hermite_kernel,
    meander_kernel,
    profile_kernel,
    shape_kernel,
    vertical_kernel,
)
from parkrisk.models.cloud.puff_table import CENTRE, LOG_SHARE, POWER, SCALE, STRETCH, PuffTable

__all__ = ["burning_plume_kernel", "burning_puff_kernel"]

Array = NDArray[np.float64]

_ACROSS, _UP = 12, 8
_X12, _W12 = np.polynomial.legendre.leggauss(_ACROSS)
_X8, _W8 = np.polynomial.legendre.leggauss(_UP)

# Rows of what is found along a plume or over the time of a puff.
DISTANCE = 0  #: of the slice; of the middle of the puff [m]
HALF_WIDTH = 1  #: out to the lower limit near the ground [m]
ABOVE = 2  #: mass above the lower limit [kg/s that pass in a plume, kg of a puff]
BETWEEN = 3  #: mass between the limits
ARRIVAL = 4  #: [s]
REACH = 5  #: of a puff: half its length along the wind out to the lower limit near the ground [m]
ROWS = 6


@kernel
def _above(
    axis: float, level: float, edge: float, flat: float, scale: float, power: float, radial: bool, powers: Array
) -> float:
    """Amount of a shape above a level, both in the same unit: over y and z of a slice, or over the disc of a puff.

    The column at y holds p S ∫ exp(-w t^n) dt over t from 0 to 1, times w^(1/n), w = ln(p/level); Gauss quadrature.
    """
    if axis <= level:
        return 0.0
    half = edge_kernel(level / axis, edge, flat)
    total = 0.0
    for i in range(_ACROSS):
        y = 0.5 * half * (1.0 + _X12[i])
        peak = axis * shape_kernel(y, edge, flat)
        if peak <= level:
            continue
        w = math.log(peak / level)
        column = 0.0
        for j in range(_UP):
            column += _W8[j] * math.exp(-w * powers[j])
        column *= 0.5 * peak * scale * w ** (1.0 / power)
        total += _W12[i] * column * (2.0 * math.pi * y if radial else 2.0)
    return 0.5 * half * total


@kernel
def _powers(power: float, out: Array) -> None:
    for j in range(_UP):
        out[j] = (0.5 * (1.0 + _X8[j])) ** power


@kernel
def burning_plume_kernel(
    track: Track, z: float, window: float, lower: float, upper: float, scale: float, nodes: int, setting: Setting
) -> Array:
    """Flammable part of a plume, shape (ROWS, nodes), at places even in ln(1 + way/scale) along its way.

    ``lower`` and ``upper`` are the limits [mole fraction], ``z`` the height up to which the outline is taken [m],
    ``window`` the averaging time [s].
    """
    begin, last = track.way[0], track.way.size - 1
    step = math.log(1.0 + (track.way[last] - begin) / scale) / (nodes - 1)
    out, work, powers, i = np.zeros((ROWS, nodes)), np.empty(COMPONENTS), np.empty(_UP), 0
    for k in range(nodes):
        way = min(begin + scale * (math.exp(k * step) - 1.0), track.way[last])
        while i < last - 1 and track.way[i + 1] < way:
            i += 1
        span = track.way[i + 1] - track.way[i]
        hermite_kernel(track, i, (way - track.way[i]) / span if span > 0.0 else 1.0, work)
        cloud = profile_kernel(work, track.temperature[i + 1], track.grounded[i], setting)
        variance, thinning = meander_kernel(cloud, work[X], window, setting)
        edge, share = math.sqrt(variance), cloud.share * thinning
        near = share if cloud.grounded else share * vertical_kernel(min(z, cloud.height), cloud)
        out[DISTANCE, k], out[ARRIVAL, k] = work[X], work[TIME]
        if near > lower:
            out[HALF_WIDTH, k] = edge_kernel(lower / near, edge, cloud.core)
        if share <= lower:
            continue
        _powers(cloud.exponent, powers)
        passing = (1.0 if cloud.grounded else 2.0) * cloud.axis / cloud.share * cloud.speed
        rich = _above(share, upper, edge, cloud.core, cloud.scale, cloud.exponent, False, powers)
        poor = _above(share, lower, edge, cloud.core, cloud.scale, cloud.exponent, False, powers)
        out[ABOVE, k], out[BETWEEN, k] = passing * poor, passing * (poor - rich)
    return out


@kernel
def burning_puff_kernel(table: PuffTable, lower: float, upper: float) -> Array:
    """Flammable part of a puff at each node of its table at the ground, shape (ROWS, n)."""
    size = table.time.size
    out, powers = np.zeros((ROWS, size)), np.empty(_UP)
    for k in range(size):
        node = table.nodes[k]
        share = math.exp(node[LOG_AXIS] + node[LOG_SHARE])
        out[DISTANCE, k], out[ARRIVAL, k] = node[CENTRE], table.time[k]
        if share > lower:
            out[HALF_WIDTH, k] = edge_kernel(lower / share, node[EDGE], node[FLAT])
            out[REACH, k] = out[HALF_WIDTH, k] * node[STRETCH]
            _powers(node[POWER], powers)
            density = math.exp(-node[LOG_SHARE]) * node[STRETCH]
            rich = _above(share, upper, node[EDGE], node[FLAT], node[SCALE], node[POWER], True, powers)
            poor = _above(share, lower, node[EDGE], node[FLAT], node[SCALE], node[POWER], True, powers)
            out[ABOVE, k], out[BETWEEN, k] = density * poor, density * (poor - rich)
    return out
