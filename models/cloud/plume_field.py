"""Concentration of a plume at very many places: a table whose rows follow from the bits of the distance.

The upper bits of a floating-point number are its logarithm to the base 2, straight between powers of 2. So they number
the rows of a table that grows finer towards the source, and the lower bits are the share of the way to the next row:
no logarithm is taken. Bells are read from a table too.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.cloud.plume_table import EDGE, FLAT, LOG_AXIS, LOG_SHARE, PASSAGE, PlumeTable, locate_kernel

__all__ = ["PlumeField", "field_kernel", "plume_field", "window_share_kernel"]

Array = NDArray[np.float64]

_SHIFT = 47  # bits below those that number the rows: 32 rows between powers of 2
_LOWER = (1 << _SHIFT) - 1
_UNIT = 1.0 / (1 << _SHIFT)

# Columns.
_AXIS = 0  # concentration on the axis [kg/m³] or mole fraction
_BELL = 1  # 1/(√2 standard deviation), the core included [1/m]
_SHARP = 2  # 1/(√2 standard deviation of the edges) [1/m]
_CORE = 3  # half-width of the flat core [m]
_RAISED = 4  # half the axis over erf(core × sharp)
_COLUMNS = 5

_SMALL_CORE = 0.3  # of the edge: the shape is a bell of the same variance
_FARTHEST = 38.0  # squared distance over that of a bell, beyond which there is nothing: below 1e-16
_PER_UNIT = 64  # of the table of bells
_BELLS = np.exp(-np.arange(39 * _PER_UNIT + 2) / _PER_UNIT)
_LONG = 5.0  # times k: ends of a release so far away do not matter


class PlumeField(NamedTuple):
    """Table: ``nodes`` has shape (rows, 5); ``is_bell``, shape (rows,), tells where the shape is a bell.

    Row i stands where origin - x0 + distance has the upper bits ``first`` + i; x0 is the ``scale`` [m].
    """

    origin: float
    scale: float
    farthest: float
    first: int
    nodes: Array
    is_bell: NDArray[np.bool_]


@kernel
def _passed(half: float, k: float) -> float:
    return half * math.erf(k * half) + math.exp(-((k * half) ** 2)) / (k * math.sqrt(math.pi))


@kernel
def window_share_kernel(passage: float, duration: float, window: float) -> float:
    """Largest mean over a time ``window`` [s], as share of the steady plume, of a release of some duration [s].

    ``passage`` is the standard deviation along the wind over the speed [s]. Exact for a block with Gaussian ends.
    """
    k = 1.0 / (math.sqrt(2.0) * max(passage, 1e-9))
    if 0.5 * k * abs(duration - window) > _LONG:
        return min(duration / window, 1.0)
    return (_passed(0.5 * (duration + window), k) - _passed(0.5 * (duration - window), k)) / window


@kernel
def _bits(value: float) -> int:
    return int(np.float64(value).view(np.int64))


@kernel
def plume_field(table: PlumeTable, window: float, mole: bool) -> PlumeField:
    """Set up the largest mean over a time ``window`` [s], in kg/m³ or as mole fractions."""
    scale = table.scale
    first = _bits(scale) >> _SHIFT
    rows = (_bits(table.farthest - table.origin + scale) >> _SHIFT) - first + 2
    nodes, is_bell = np.empty((rows, _COLUMNS)), np.zeros(rows, dtype=np.bool_)
    for i in range(rows):
        x = np.int64((first + i) << _SHIFT).view(np.float64) - scale + table.origin
        k, t = locate_kernel(x, table)
        here = (1.0 - t) * table.nodes[k] + t * table.nodes[k + 1]
        axis = math.exp(here[LOG_AXIS] + (here[LOG_SHARE] if mole else 0.0))
        axis *= window_share_kernel(here[PASSAGE], table.duration, window)
        edge, core = here[EDGE], here[FLAT]
        nodes[i, _AXIS], nodes[i, _CORE] = axis, core
        nodes[i, _BELL] = 1.0 / math.sqrt(2.0 * (edge * edge + core * core / 3.0))
        nodes[i, _SHARP] = 1.0 / (math.sqrt(2.0) * edge)
        nodes[i, _RAISED] = 0.5 * axis / math.erf(core * nodes[i, _SHARP]) if core > 0.0 else 0.0
        is_bell[i] = core < _SMALL_CORE * edge
    return PlumeField(table.origin, scale, table.farthest, first, nodes, is_bell)


@kernel
def field_kernel(x: Array, y: Array, field: PlumeField, out: Array) -> None:
    """Fill ``out`` with the concentration at places downwind and off the axis [m]."""
    nodes, shift = field.nodes, field.scale - field.origin
    for i in range(x.size):
        out[i] = 0.0
        if not field.origin <= x[i] <= field.farthest:
            continue
        bits = _bits(x[i] + shift)
        row, t = (bits >> _SHIFT) - field.first, (bits & _LOWER) * _UNIT
        if field.is_bell[row]:
            bell = y[i] * (nodes[row, _BELL] + t * (nodes[row + 1, _BELL] - nodes[row, _BELL]))
            position = bell * bell * _PER_UNIT
            if position < _FARTHEST * _PER_UNIT:
                j = int(position)
                shape = _BELLS[j] + (position - j) * (_BELLS[j + 1] - _BELLS[j])
                out[i] = (nodes[row, _AXIS] + t * (nodes[row + 1, _AXIS] - nodes[row, _AXIS])) * shape
            continue
        sharp = nodes[row, _SHARP] + t * (nodes[row + 1, _SHARP] - nodes[row, _SHARP])
        core = nodes[row, _CORE] + t * (nodes[row + 1, _CORE] - nodes[row, _CORE])
        near, far = (abs(y[i]) - core) * sharp, (abs(y[i]) + core) * sharp
        if near < 0.0 or near * near < _FARTHEST:
            raised = nodes[row, _RAISED] + t * (nodes[row + 1, _RAISED] - nodes[row, _RAISED])
            out[i] = raised * (math.erfc(near) - math.erfc(far))
