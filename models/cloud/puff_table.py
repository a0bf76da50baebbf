"""A puff at one height above ground as a table over time: what receptors look up."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.cloud.march import Track
from parkrisk.models.cloud.plume_slice import ALONG, COMPONENTS, CORE, MASS, VARIANCE, Setting, X, exponent_kernel
from parkrisk.models.cloud.plume_table import EDGE, FLAT, LOG_AXIS, hermite_kernel
from parkrisk.models.cloud.puff_slice import disc_kernel, stretch_kernel

__all__ = ["PuffTable", "puff_table_kernel"]

Array = NDArray[np.float64]

# Columns of the nodes, beside those of a plume's table.
CENTRE = 3  #: distance downwind of the middle [m]
STRETCH = 4  #: how much longer than wide
LOG_SHARE = 5  #: logarithm of the mole fraction per concentration [m³/kg]
SCALE = 6  #: depth scale S of the vertical profile exp(-(z/S)^n) [m]
POWER = 7  #: its exponent n
COLUMNS = 8

_GAS_CONSTANT = 8.314462618  # [J/(mol·K)]
_PASSAGE = 0.7  # of the standard deviation of an edge along the wind: how far it moves from one node to the next
_DILUTION = 0.2  # and by how much the logarithm of the mass changes
_MOST = 64  # nodes in one step of the track


class PuffTable(NamedTuple):
    """A puff on its way: ``time`` [s], shape (n,), and ``nodes``, shape (n, COLUMNS)."""

    time: Array
    nodes: Array


@kernel
def _pieces(track: Track, i: int) -> int:
    """Into how many pieces to cut a step, so that what a place sees is smooth from node to node."""
    if track.way[i + 1] <= track.way[i]:
        return 0
    moved, edge, before = 0.0, math.inf, 0.0
    for k in range(i, i + 2):
        state = track.state[k]
        core, variance = max(state[CORE], 0.0), state[VARIANCE]
        stretch = stretch_kernel(core, variance, max(state[ALONG], 0.0))
        length = stretch * (core + math.sqrt(variance))
        # a core softens what its edges do
        edge = min(edge, stretch * (math.sqrt(variance) + 0.5 * min(core, math.sqrt(variance))))
        moved, before = abs(length - before), length
    moved += abs(track.state[i + 1, X] - track.state[i, X])
    thinned = math.log(track.state[i + 1, MASS] / track.state[i, MASS])
    return int(min(max(moved / (_PASSAGE * edge), abs(thinned) / _DILUTION), _MOST - 1.0)) + 1


@kernel
def puff_table_kernel(track: Track, z: float, setting: Setting) -> PuffTable:
    """Table of a puff at one height [m]; its nodes are as dense as the puff passes and thins."""
    steps = track.way.size - 1
    size = 1
    for i in range(steps):
        size += _pieces(track, i)
    time, out, work = np.empty(size), np.empty((size, COLUMNS)), np.empty(COMPONENTS)
    time[0] = track.way[0]
    _fill(track.state[0], track.temperature[0], z, setting, out[0])
    k = 1
    for i in range(steps):
        pieces = _pieces(track, i)
        for j in range(pieces):
            share = (j + 1.0) / pieces
            hermite_kernel(track, i, share, work)
            time[k] = track.way[i] + share * (track.way[i + 1] - track.way[i])
            _fill(work, track.temperature[i + 1], z, setting, out[k])
            k += 1
    return PuffTable(time, out)


@kernel
def _fill(state: Array, temperature: float, z: float, setting: Setting, node: Array) -> None:
    cloud = disc_kernel(state, temperature, setting)
    exponent = exponent_kernel(cloud, setting)
    depth = cloud.depth / math.gamma(1.0 + 1.0 / exponent)
    density = setting.substance.molar_mass * setting.air.pressure / (_GAS_CONSTANT * cloud.mixture.temperature)
    core, variance, along = max(state[CORE], 0.0), state[VARIANCE], max(state[ALONG], 0.0)
    node[LOG_AXIS] = math.log(cloud.mixture.concentration * density) - (z / depth) ** exponent
    node[EDGE], node[FLAT], node[CENTRE] = math.sqrt(variance), core, state[X]
    node[STRETCH] = stretch_kernel(core, variance, along)
    node[LOG_SHARE], node[SCALE], node[POWER] = -math.log(density), depth, exponent
