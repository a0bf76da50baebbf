"""A puff at one height above ground as a table over time: what receptors look up."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.march import Track
from parkrisk.models.plume_slice import ALONG, COMPONENTS, CORE, VARIANCE, Setting, X, exponent_kernel
from parkrisk.models.plume_table import EDGE, FLAT, LOG_AXIS, hermite_kernel, shape_kernel
from parkrisk.models.puff_slice import disc_kernel, stretch_kernel

__all__ = ["PuffTable", "disc_shape_kernel", "puff_table_kernel"]

Array = NDArray[np.float64]

# Columns of the nodes, beside those of a plume's table.
CENTRE = 3  #: distance downwind of the middle [m]
STRETCH = 4  #: how much longer than wide
LOG_SHARE = 5  #: logarithm of the mole fraction per concentration [m³/kg]
SCALE = 6  #: depth scale S of the vertical profile exp(-(z/S)^n) [m]
POWER = 7  #: its exponent n
COLUMNS = 8

_NOTHING = -700.0  # logarithm of no concentration
_GAS_CONSTANT = 8.314462618  # [J/(mol·K)]


class PuffTable(NamedTuple):
    """A puff on its way: ``time`` [s], shape (n,), and ``nodes``, shape (n, COLUMNS)."""

    time: Array
    nodes: Array


@kernel
def puff_table_kernel(track: Track, z: float, scale: float, nodes: int, setting: Setting) -> PuffTable:
    """Table of a puff at one height [m]; times are even in ln(1 + t/scale)."""
    last = track.way.size - 1
    step = math.log(1.0 + (track.way[last] - track.way[0]) / scale) / (nodes - 1)
    time, out, work = np.empty(nodes), np.empty((nodes, COLUMNS)), np.empty(COMPONENTS)
    i = 0
    for k in range(nodes):
        t = min(track.way[0] + scale * (math.exp(k * step) - 1.0), track.way[last])
        while i < last - 1 and track.way[i + 1] < t:
            i += 1
        span = track.way[i + 1] - track.way[i]
        hermite_kernel(track, i, (t - track.way[i]) / span if span > 0.0 else 1.0, work)
        cloud = disc_kernel(work, track.temperature[i + 1], setting)
        exponent = exponent_kernel(cloud, setting)
        depth = cloud.depth / math.gamma(1.0 + 1.0 / exponent)
        density = setting.substance.molar_mass * setting.air.pressure / (_GAS_CONSTANT * cloud.mixture.temperature)
        axis = cloud.mixture.concentration * density * math.exp(-((z / depth) ** exponent))
        core, variance, along = max(work[CORE], 0.0), work[VARIANCE], max(work[ALONG], 0.0)
        time[k] = t
        out[k, LOG_AXIS] = math.log(axis) if axis > 1e-300 else _NOTHING
        out[k, EDGE], out[k, FLAT], out[k, CENTRE] = math.sqrt(variance), core, work[X]
        out[k, STRETCH] = stretch_kernel(core, variance, along)
        out[k, LOG_SHARE], out[k, SCALE], out[k, POWER] = -math.log(density), depth, exponent
    return PuffTable(time, out)


@kernel
def disc_shape_kernel(x: float, y: float, node: Array) -> float:
    """Concentration at a point over that in the middle of the puff; 0 beyond nine standard deviations of its edge."""
    along = (x - node[CENTRE]) / node[STRETCH]
    distance = math.sqrt(along * along + y * y)
    if distance > node[FLAT] + 9.0 * node[EDGE]:
        return 0.0
    return shape_kernel(distance, node[EDGE], node[FLAT])
