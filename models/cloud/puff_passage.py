"""A puff that passes a place: its largest concentration there, and its dose outdoors and in the air of a building."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.cloud.plume_table import EDGE, FLAT, LOG_AXIS
from parkrisk.models.cloud.puff_table import CENTRE, STRETCH, PuffTable
from parkrisk.models.vulnerability.infiltration import indoor_history_kernel

__all__ = [
    "NO_PASSAGE",
    "Passage",
    "indoor_puff_dose_kernel",
    "largest_values",
    "passage",
    "puff_dose_kernel",
    "widest_angle_kernel",
]

Array = NDArray[np.float64]

# Columns of the nodes.
_MIDDLE = 0  # distance downwind [m]
_SQUEEZE = 1  # width over length
_OUTER = 2  # squared distance from the middle beyond which nothing is felt, ...
_INNER = 3  # ... and within which the core is even [m²]
_VALUE = 4  # power of the concentration in the middle
_BELL = 5  # of a shape that is a bell: exp(-bell × squared distance); 0: it has a core [1/m²]
_CORE = 6  # half-width of the core [m]
_SHARP = 7  # 1/(√2 standard deviation of the edge) [1/m]
_TALL = 8  # the value over the power of erf(core × sharp)
_COLUMNS = 9

_OUTSIDE = 6.0  # standard deviations of its edge beyond which a concentration is not felt
_EDGE_FIRST, _EDGE_LAST, _EDGE_STEP = -3.0, 6.0, 0.0125  # of a table over (distance - core) × sharp
_INSIDE = 4.0  # standard deviations of its edge within which a core is even
_SMALL_CORE = 0.3  # of the edge: so far the shape is a bell of the same variance
_FAR = 4.0  # the other edge of a core counts no more from here on, in √2 standard deviations
_NEGLIGIBLE = 1e-4  # of the dose
_GONE = math.exp(-2.0)  # of the peak at a place: two standard deviations after it a puff has passed


class Passage(NamedTuple):
    """A power of the concentration of a puff: ``time`` [s], shape (n,), ``nodes``, shape (n, 9).

    No node up to k is felt farther downwind than ``front`` [k], none from k on farther upwind than ``rear`` [k] [m];
    ``rest`` and ``most`` are the integral and the largest value in the middle of the puff from each node on: no place
    gets more. ``edge`` tabulates the power of an edge, ½ erfc.
    """

    time: Array
    nodes: Array
    front: Array
    rear: Array
    rest: Array
    most: Array
    edge: Array


NO_PASSAGE = Passage(*(np.zeros(2), np.zeros((2, _COLUMNS)), *(np.zeros(2) for _ in range(5))))


@kernel
def passage(table: PuffTable, power: float) -> Passage:
    """Set up the power of the concentration of a puff."""
    size = table.time.size
    nodes, front, rear = np.empty((size, _COLUMNS)), np.empty(size), np.empty(size)
    rest, most = np.zeros(size), np.empty(size)
    reach = _OUTSIDE / math.sqrt(max(power, 0.5))
    farthest = -math.inf
    for k in range(size):
        of = table.nodes[k]
        edge, core = of[EDGE], of[FLAT]
        node = nodes[k]
        node[_MIDDLE], node[_SQUEEZE], node[_CORE] = of[CENTRE], 1.0 / of[STRETCH], core
        node[_OUTER] = (core + reach * edge) ** 2
        node[_INNER] = max(core - _INSIDE * edge, 0.0) ** 2
        node[_VALUE] = math.exp(power * of[LOG_AXIS])
        node[_BELL] = 0.5 * power / (edge * edge + core * core / 3.0) if core < _SMALL_CORE * edge else 0.0
        node[_SHARP] = 1.0 / (math.sqrt(2.0) * edge)
        node[_TALL] = node[_VALUE] / math.erf(core * node[_SHARP]) ** power if core > 0.0 else 0.0
        farthest = max(farthest, of[CENTRE] + of[STRETCH] * (core + reach * edge))
        front[k] = farthest
    least = math.inf
    for k in range(size - 1, -1, -1):
        of = table.nodes[k]
        least = min(least, of[CENTRE] - of[STRETCH] * (of[FLAT] + reach * of[EDGE]))
        rear[k], most[k] = least, nodes[k, _VALUE]
        if k < size - 1:
            most[k] = max(most[k], most[k + 1])
            both = nodes[k, _VALUE] + nodes[k + 1, _VALUE]
            rest[k] = rest[k + 1] + 0.5 * both * (table.time[k + 1] - table.time[k])
    edges = np.empty(int((_EDGE_LAST - _EDGE_FIRST) / _EDGE_STEP) + 1)
    for i in range(edges.size):
        edges[i] = (0.5 * math.erfc(_EDGE_FIRST + i * _EDGE_STEP)) ** power
    return Passage(table.time, nodes, front, rear, rest, most, edges)


@kernel
def _at_node(x: float, y: float, node: Array, edge: Array, power: float) -> float:
    """Power of the concentration at a place, at one node."""
    along = (x - node[_MIDDLE]) * node[_SQUEEZE]
    square = along * along + y * y
    if square > node[_OUTER]:
        return 0.0
    if square < node[_INNER]:
        return float(node[_VALUE])
    if node[_BELL] > 0.0:
        return float(node[_VALUE] * math.exp(-node[_BELL] * square))
    distance = math.sqrt(square)
    near, far = (distance - node[_CORE]) * node[_SHARP], (distance + node[_CORE]) * node[_SHARP]
    if far > _FAR:
        position = (near - _EDGE_FIRST) / _EDGE_STEP
        i = min(int(position), edge.size - 2)
        return float(node[_TALL] * (edge[i] + (position - i) * (edge[i + 1] - edge[i])))
    return float(node[_TALL] * (0.5 * (math.erfc(near) - math.erfc(far))) ** power)


@kernel
def widest_angle_kernel(radius: float, puff: Passage) -> float:
    """Angle off the axis [rad] beyond which the puff is nowhere felt on a ring [m]; -1 if it is not felt at all."""
    lowest = 2.0
    for k in range(puff.time.size):
        node = puff.nodes[k]
        # felt where a q² - b q + c ≤ 0, q the cosine of the angle; a ≤ 0, so it is one stretch that begins at the axis
        squeeze = node[_SQUEEZE] * node[_SQUEEZE]
        a, b = (squeeze - 1.0) * radius * radius, 2.0 * radius * node[_MIDDLE] * squeeze
        c = squeeze * node[_MIDDLE] * node[_MIDDLE] + radius * radius - node[_OUTER]
        if a + b + c <= 0.0:
            return math.pi
        if a - b + c <= 0.0:
            lowest = min(lowest, 2.0 * c / (b + math.sqrt(b * b - 4.0 * a * c)))
    return math.acos(lowest) if lowest <= 1.0 else -1.0


@kernel
def largest_values(x: Array, y: Array, puff: Passage, out: Array) -> None:
    """Fill ``out`` with the largest momentary value at places, of a passage of the first power.

    A parabola of the logarithm through the highest node and its neighbours.
    """
    last = puff.time.size - 1
    for i in range(x.size):
        first = int(np.searchsorted(puff.front, x[i]))
        end = min(int(np.searchsorted(puff.rear, x[i], side="right")), last + 1)
        largest, at = 0.0, -1
        for k in range(first, end):
            if puff.most[k] <= largest:
                break
            value = _at_node(x[i], y[i], puff.nodes[k], puff.edge, 1.0)
            if value > largest:
                largest, at = value, k
        if 0 < at < last:
            before = _at_node(x[i], y[i], puff.nodes[at - 1], puff.edge, 1.0)
            after = _at_node(x[i], y[i], puff.nodes[at + 1], puff.edge, 1.0)
            if min(before, after) > 0.0:
                rise, fall = math.log(largest / before), math.log(largest / after)
                if rise + fall > 0.0:
                    largest *= math.exp(0.125 * (rise - fall) ** 2 / (rise + fall))
        out[i] = largest


@kernel
def _history(x: float, y: float, puff: Passage, power: float, negligible: float) -> tuple[int, Array]:
    """First node of the passage over a place, and the power of the concentration at it and the nodes that follow.

    Until what is left is a ``negligible`` share of the integral.
    """
    time = puff.time
    first = max(int(np.searchsorted(puff.front, x)) - 1, 0)
    last = min(int(np.searchsorted(puff.rear, x, side="right")), time.size - 1)
    values, total = np.empty(max(last - first + 1, 0)), 0.0
    for k in range(values.size):
        i = first + k
        values[k] = _at_node(x, y, puff.nodes[i], puff.edge, power)
        if k > 0:
            total += 0.5 * (values[k - 1] + values[k]) * (time[i] - time[i - 1])
            if puff.rest[i] < negligible * total:
                return first, values[: k + 1]
    return first, values


@kernel
def _worst_stretch(time: Array, value: Array, window: float) -> float:
    """Largest integral, by trapezia, over a time ``window`` that ends at a node."""
    total, gone, worst, leaving = 0.0, 0.0, 0.0, 0
    for k in range(1, value.size):
        total += 0.5 * (value[k] + value[k - 1]) * (time[k] - time[k - 1])
        begin = time[k] - window
        if begin <= time[0]:
            worst = total
            continue
        while time[leaving + 1] <= begin:
            gone += 0.5 * (value[leaving] + value[leaving + 1]) * (time[leaving + 1] - time[leaving])
            leaving += 1
        rest = begin - time[leaving]
        slope = (value[leaving + 1] - value[leaving]) / (time[leaving + 1] - time[leaving])
        worst = max(worst, total - gone - (value[leaving] + 0.5 * slope * rest) * rest)
    return worst


@kernel
def puff_dose_kernel(x: float, y: float, puff: Passage, n: float, window: float) -> float:
    """Dose outdoors [(kg/m³)^n s], of a passage of the n-th power; of a longer one the worst ``window`` [s].

    A window as short as nodes are apart, 0.7 standard deviations of the passage, comes out up to a tenth low.
    """
    first, value = _history(x, y, puff, n, _NEGLIGIBLE)
    return _worst_stretch(puff.time[first : first + value.size], value, window)


@kernel
def indoor_puff_dose_kernel(x: float, y: float, puff: Passage, n: float, rate: float, window: float) -> float:
    """Dose indoors [(kg/m³)^n s], of a passage of the first power, at an air change rate [1/s].

    Mixed air: its concentration follows that outdoors, which is taken straight between nodes. People leave once the
    concentration outdoors has fallen to exp(-2) of its peak.
    """
    first, value = _history(x, y, puff, 1.0, 0.0)
    if value.size < 2:
        return 0.0
    size = value.size
    time = puff.time[first : first + size].copy()
    gone = _GONE * value.max()
    for k in range(size - 1, 0, -1):
        if value[k - 1] >= gone > value[k]:
            share = math.log(value[k - 1] / gone) / math.log(value[k - 1] / value[k]) if value[k] > 0.0 else 1.0
            time[k] = time[k - 1] + share * (time[k] - time[k - 1])
            value[k] = gone
            size = k + 1
            break
    inside = indoor_history_kernel(time[:size], value[:size], rate, 0.0)
    return _worst_stretch(time[:size], inside**n, window)
