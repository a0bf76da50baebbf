"""A cloud over time: plumes that come and go, puffs that pass. See :mod:`parkrisk.models.cloud.cloud_history`."""

import math

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.cloud.plume_table import (
    ARRIVAL,
    EDGE,
    FLAT,
    LOG_AXIS,
    PASSAGE,
    PlumeTable,
    edge_kernel,
    locate_kernel,
    shape_kernel,
)
from parkrisk.models.cloud.puff_table import CENTRE, STRETCH, PuffTable

__all__ = [
    "ellipses_kernel",
    "moments_kernel",
    "plume_passing_kernel",
    "plume_values_kernel",
    "plume_widths_kernel",
    "puff_passing_kernel",
    "puff_values_kernel",
    "swept_kernel",
]

Array = NDArray[np.float64]

_PIECES = 4  # into which the steps of a puff's table are cut
_BISECTIONS = 50
_EARLIEST = 6.0  # standard deviations of its passage before which a plume is not felt


@kernel
def _pulse(time: float, duration: float, passage: float) -> float:
    k = 1.0 / (math.sqrt(2.0) * max(passage, 1e-9))
    return 0.5 * (math.erf(k * time) - math.erf(k * (time - duration)))


@kernel
def _slice(x: float, table: PlumeTable, out: Array) -> bool:
    """Columns of a plume's table at a distance; False where there is no plume."""
    if not table.origin <= x <= table.farthest:
        return False
    i, t = locate_kernel(x, table)
    for j in range(out.size):
        out[j] = (1.0 - t) * table.nodes[i, j] + t * table.nodes[i + 1, j]
    return True


@kernel
def plume_values_kernel(x: Array, y: Array, time: Array, table: PlumeTable, out: Array) -> None:
    """Fill ``out`` with the concentration of a plume at places and times."""
    here = np.empty(table.nodes.shape[1])
    for i in range(x.size):
        out[i] = 0.0
        if _slice(x[i], table, here):
            pulse = _pulse(time[i] - here[ARRIVAL], table.duration, here[PASSAGE])
            out[i] = math.exp(here[LOG_AXIS]) * shape_kernel(abs(y[i]), here[EDGE], here[FLAT]) * pulse


@kernel
def _disc(time: float, table: PuffTable, out: Array) -> bool:
    """Columns of a puff's table at a time; False once the puff is no longer followed."""
    last = table.time.size - 1
    if time > table.time[last]:
        return False
    i = min(max(int(np.searchsorted(table.time, time, side="right")) - 1, 0), last - 1)
    t = min(max((time - table.time[i]) / (table.time[i + 1] - table.time[i]), 0.0), 1.0)
    for j in range(out.size):
        out[j] = (1.0 - t) * table.nodes[i, j] + t * table.nodes[i + 1, j]
    return True


@kernel
def _in_disc(x: float, y: float, node: Array) -> float:
    away = math.hypot((x - node[CENTRE]) / node[STRETCH], y)
    return float(math.exp(node[LOG_AXIS]) * shape_kernel(away, node[EDGE], node[FLAT]))


@kernel
def puff_values_kernel(x: Array, y: Array, time: Array, table: PuffTable, out: Array) -> None:
    """Fill ``out`` with the concentration of a puff at places and times."""
    node = np.empty(table.nodes.shape[1])
    for i in range(x.size):
        out[i] = _in_disc(x[i], y[i], node) if time[i] >= 0.0 and _disc(time[i], table, node) else 0.0


@kernel
def plume_widths_kernel(x: Array, time: float, level: float, table: PlumeTable, out: Array) -> None:
    """Half-width of a plume above a level at distances, at a time; infinite: whenever it is widest there."""
    here = np.empty(table.nodes.shape[1])
    for i in range(x.size):
        out[i] = 0.0
        if not _slice(x[i], table, here):
            continue
        since = 0.5 * table.duration if time == math.inf else time - here[ARRIVAL]
        peak = math.exp(here[LOG_AXIS]) * _pulse(since, table.duration, here[PASSAGE])
        if peak > level:
            out[i] = edge_kernel(level / peak, here[EDGE], here[FLAT])


@kernel
def moments_kernel(table: PuffTable) -> Array:
    """Times of a puff's table, each step cut into pieces."""
    out = np.empty((table.time.size - 1) * _PIECES + 1)
    for k in range(table.time.size - 1):
        for j in range(_PIECES):
            out[k * _PIECES + j] = table.time[k] + (table.time[k + 1] - table.time[k]) * j / _PIECES
    out[-1] = table.time[-1]
    return out


@kernel
def ellipses_kernel(time: Array, level: float, table: PuffTable) -> Array:
    """Middle, half-length and half-width of a puff above a level at each time, shape (3, n); 0 where it is thinner."""
    out, node = np.zeros((3, time.size)), np.empty(table.nodes.shape[1])
    for k in range(time.size):
        if not _disc(time[k], table, node):
            continue
        out[0, k] = node[CENTRE]
        peak = math.exp(node[LOG_AXIS])
        if peak > level:
            out[2, k] = edge_kernel(level / peak, node[EDGE], node[FLAT])
            out[1, k] = node[STRETCH] * out[2, k]
    return out


@kernel
def swept_kernel(x: Array, ellipses: Array, out: Array) -> None:
    """Half-width at distances of all ellipses together."""
    for i in range(x.size):
        out[i] = 0.0
        for k in range(ellipses.shape[1]):
            if ellipses[1, k] > 0.0:
                along = (x[i] - ellipses[0, k]) / ellipses[1, k]
                if abs(along) < 1.0:
                    out[i] = max(out[i], ellipses[2, k] * math.sqrt(1.0 - along * along))


@kernel
def plume_passing_kernel(x: Array, y: Array, level: float, table: PlumeTable, out: Array) -> None:
    """Fill ``out``, shape (4, n): when a level is first reached, when largest, when last, and the largest."""
    here = np.empty(table.nodes.shape[1])
    for i in range(x.size):
        out[:3, i], out[3, i] = math.nan, 0.0
        if not _slice(x[i], table, here):
            continue
        steady = math.exp(here[LOG_AXIS]) * shape_kernel(abs(y[i]), here[EDGE], here[FLAT])
        middle = 0.5 * table.duration
        out[3, i] = steady * _pulse(middle, table.duration, here[PASSAGE])
        if out[3, i] < level:
            continue
        # the pulse is the same before and after its middle
        low, high = -_EARLIEST * here[PASSAGE], middle
        for _ in range(_BISECTIONS):
            centre = 0.5 * (low + high)
            if steady * _pulse(centre, table.duration, here[PASSAGE]) < level:
                low = centre
            else:
                high = centre
        out[0, i] = max(here[ARRIVAL] + high, 0.0)
        out[1, i] = here[ARRIVAL] + middle
        out[2, i] = here[ARRIVAL] + table.duration - high


@kernel
def puff_passing_kernel(x: Array, y: Array, time: Array, level: float, table: PuffTable, out: Array) -> None:
    """As `plume_passing_kernel`, of a puff seen at times."""
    nodes = np.empty((time.size, table.nodes.shape[1]))
    for k in range(time.size):
        _disc(time[k], table, nodes[k])
    for i in range(x.size):
        out[:3, i], out[3, i] = math.nan, 0.0
        before = 0.0
        for k in range(time.size):
            value = _in_disc(x[i], y[i], nodes[k])
            if value > out[3, i]:
                out[3, i], out[1, i] = value, time[k]
            if (value >= level) != (before >= level):
                moment = time[k]
                if k > 0 and before > 0.0 and value > 0.0:
                    share = math.log(level / before) / math.log(value / before)
                    moment = time[k - 1] + share * (time[k] - time[k - 1])
                if value < level:
                    out[2, i] = moment
                elif math.isnan(out[0, i]):
                    out[0, i] = moment
            before = value
        if before >= level:
            out[2, i] = time[-1]
        if math.isnan(out[0, i]):
            out[1, i] = math.nan
