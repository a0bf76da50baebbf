"""Lethality of a toxic dose over the rings of a polar grid."""

import math

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.cloud.dose import Dose, polar_dose_kernel
from parkrisk.models.cloud.puff_passage import widest_angle_kernel
from parkrisk.models.vulnerability.probit import probability_kernel

__all__ = ["lethality_values", "ring_means", "rows_kernel"]

Array = NDArray[np.float64]

_SCAN = 20  # angles at which a ring is searched for the edge of the cloud, crowded towards the axis
_ITERATIONS = 60
_STEEP = 50.0  # of ln of the dose below the edge: there its chord says nothing
_CLOSE = 0.01  # to which ln of the dose meets the edge
_ANGLE = 1e-7  # [rad]
_CERTAIN = 10.0  # probit that counts as certain death: the chance to survive is 3e-7
_SMOOTH = 0.004  # by which a parabola through three probits may miss a fourth near 5, before the panel is halved
_FINEST = 1e-3  # panel, in bins: a jump of the probit is cornered in it
_MOST_PANELS = 256
_LEVEL = 0.05  # change of the probit over which the value in the middle stands for the mean
_STEP = 0.5  # change of the probit over which Simpson's rule is used
_MOST_STEPS = 16


@kernel
def lethality_values(distance: Array, angle: Array, dose: Dose, a: float, b: float, lowest: float) -> Array:
    """Lethality at polar points, shape (n,); 0 where ln of the dose is below ``lowest``."""
    out = np.zeros(distance.size)
    for i in range(distance.size):
        value = polar_dose_kernel(distance[i], angle[i], dose)
        if value >= lowest:
            out[i] = probability_kernel(a + b * value)
    return out


@kernel
def _edge_angle(distance: float, lowest: float, dose: Dose) -> float:
    """Largest angle [rad] at which ln of the dose reaches ``lowest``; 0 if it does nowhere."""
    if not dose.is_puff and distance <= dose.plume.core:
        return math.pi if polar_dose_kernel(distance, 0.0, dose) >= lowest else 0.0
    if dose.is_puff:
        widest = widest_angle_kernel(distance, dose.puff)
        if widest < 0.0:
            return 0.0
    else:
        widest = math.acos(max(dose.plume.origin / distance + 1e-9, -1.0))
    high, below = widest, polar_dose_kernel(distance, widest, dose) - lowest
    if below >= 0.0:
        return high
    for k in range(_SCAN - 1, -1, -1):
        low = widest * (k / _SCAN) ** 2
        above = polar_dose_kernel(distance, low, dose) - lowest
        if above < 0.0:
            high, below = low, above
            continue
        side = 0
        # false position (Illinois), halving where one end is far below
        for _ in range(_ITERATIONS):
            share = above / (above - below) if below > -_STEEP else 0.5
            middle = low + (high - low) * share
            value = polar_dose_kernel(distance, middle, dose) - lowest
            if abs(value) < _CLOSE:
                return middle
            if value >= 0.0:
                low, above = middle, value
                below *= 0.5 if side > 0 else 1.0
                side = 1
            else:
                high, below = middle, value
                above *= 0.5 if side < 0 else 1.0
                side = -1
            if high - low < _ANGLE:
                break
        return low
    return 0.0


@kernel
def _probit(distance: float, angle: float, dose: Dose, a: float, b: float, lowest: float) -> float:
    """Probit at a polar point; not far below that of the lowest ln of the dose that counts."""
    return a + b * max(polar_dose_kernel(distance, angle, dose), lowest - _STEEP)


@kernel
def _is_bent(z: Array, faint: float) -> bool:
    """Whether five probits at even steps are off the parabola through the first, third and fifth."""
    if z.min() >= _CERTAIN or z.max() <= faint:
        return False
    left, right = 0.125 * (3.0 * z[0] + 6.0 * z[2] - z[4]), 0.125 * (3.0 * z[4] + 6.0 * z[2] - z[0])
    # where few die or nearly all, the probability changes little
    return bool(
        abs(left - z[1]) > _SMOOTH * (1.0 + 0.5 * (z[1] - 5.0) ** 2)
        or abs(right - z[3]) > _SMOOTH * (1.0 + 0.5 * (z[3] - 5.0) ** 2)
    )


@kernel
def _sample(
    distance: float,
    edge: float,
    finest: float,
    dose: Dose,
    scale: tuple[float, float, float],
    end: Array,
    probit: Array,
) -> int:
    """Cut a ring from the axis to the edge into panels over which the probit is a parabola; gives their number.

    Panel p reaches from ``end`` [p] to ``end`` [p + 1], with ``probit`` [2 p] to [2 p + 2] at both and in the middle.
    ``scale`` is a and b of the probit and the lowest ln of the dose that counts.
    """
    a, b, lowest = scale
    low, high = np.empty(_MOST_PANELS), np.empty(_MOST_PANELS)
    known, z = np.empty((_MOST_PANELS, 3)), np.empty(5)
    low[0], high[0] = 0.0, edge
    for k in range(3):
        known[0, k] = _probit(distance, 0.5 * k * edge, dose, a, b, lowest)
    end[0], probit[0] = 0.0, known[0, 0]
    waiting, count, faint = 1, 0, a + b * lowest
    while waiting > 0:
        waiting -= 1
        left, right = low[waiting], high[waiting]
        middle = 0.5 * (left + right)
        z[0], z[2], z[4] = known[waiting, 0], known[waiting, 1], known[waiting, 2]
        z[1] = _probit(distance, 0.5 * (left + middle), dose, a, b, lowest)
        z[3] = _probit(distance, 0.5 * (middle + right), dose, a, b, lowest)
        room = count + 2 * waiting + 4 < _MOST_PANELS
        if right - left > finest and room and (waiting + count == 0 or _is_bent(z, faint)):
            low[waiting], high[waiting] = middle, right
            known[waiting] = z[2:]
            low[waiting + 1], high[waiting + 1] = left, middle
            known[waiting + 1] = z[:3]
            waiting += 2
            continue
        end[count + 1], end[count + 2] = middle, right
        probit[2 * count + 1 : 2 * count + 5] = z[1:]
        count += 2
    return count


@kernel
def _parabola(share: float, probit: Array) -> float:
    """Probit at a share of a panel, from its first value, the middle and the last."""
    rest = 1.0 - share
    return float(
        rest * (rest - share) * probit[0] + 4.0 * share * rest * probit[1] + share * (share - rest) * probit[2]
    )


@kernel
def _mean(first: float, last: float, probit: Array) -> float:
    """Mean probability between two shares of a panel."""
    before, after = _parabola(first, probit), _parabola(last, probit)
    if min(before, after) >= _CERTAIN:
        return 1.0
    change = abs(after - before)
    if change < _LEVEL:
        return probability_kernel(_parabola(0.5 * (first + last), probit))
    steps = min(1 + int(change / _STEP), _MOST_STEPS)
    step, total = (last - first) / steps, 0.0
    p_before = probability_kernel(before)
    for i in range(steps):
        middle = probability_kernel(_parabola(first + (i + 0.5) * step, probit))
        p_after = probability_kernel(after if i == steps - 1 else _parabola(first + (i + 1.0) * step, probit))
        total += (p_before + 4.0 * middle + p_after) / 6.0
        p_before = p_after
    return total / steps


@kernel
def _fill(width: float, panels: int, end: Array, probit: Array, out: Array) -> None:
    """Mean probability in each bin of a ring."""
    j = 0
    for p in range(panels):
        low, size, at = end[p], end[p + 1] - end[p], end[p]
        while at < end[p + 1] and j < out.size:
            to = min((j + 1) * width, end[p + 1])
            values = probit[2 * p : 2 * p + 3]
            out[j] += _mean((at - low) / size, (to - low) / size, values) * (to - at) / width
            at = to
            if at >= (j + 1) * width:
                j += 1


@kernel
def ring_means(
    radius: Array, bin_width: float, n_rings: int, dose: Dose, a: float, b: float, lowest: float
) -> tuple[NDArray[np.int32], Array]:
    """Bins on each ring that the cloud reaches, and the mean lethality over each, shape (sum,).

    ``radius`` are the rings within reach [m]; probits are a + b ln(dose), 0 lethality where ln(dose) is below
    ``lowest``.
    """
    count, most = np.zeros(n_rings, dtype=np.int32), round(math.pi / bin_width)
    edge = np.empty(radius.size)
    for ring in range(radius.size):
        edge[ring] = _edge_angle(radius[ring], lowest, dose)
        count[ring] = min(math.ceil(edge[ring] / bin_width - 1e-9), most)
    end, probit = np.empty(_MOST_PANELS + 1), np.empty(2 * _MOST_PANELS + 1)
    mean, first = np.zeros(count.sum()), 0
    for ring in range(radius.size):
        r, bins = radius[ring], mean[first : first + count[ring]]
        if edge[ring] == math.pi and a + b * polar_dose_kernel(r, math.pi, dose) >= _CERTAIN:
            bins[:] = 1.0
        elif bins.size > 0:
            panels = _sample(r, edge[ring], _FINEST * bin_width, dose, (a, b, lowest), end, probit)
            _fill(bin_width, panels, end, probit, bins)
        first += count[ring]
    return count, np.minimum(mean, 1.0)


@kernel
def rows_kernel(count: NDArray[np.int32], mean: Array, indoor_count: NDArray[np.int32], indoor_mean: Array) -> Array:
    """Rows INDIVIDUAL, OUTDOOR, INDOOR over the bins outdoors; indoors there are no more bins on a ring."""
    out, first, inside = np.zeros((3, mean.size)), 0, 0
    for ring in range(count.size):
        for j in range(count[ring]):
            out[0, first + j] = out[1, first + j] = mean[first + j]
        for j in range(min(indoor_count[ring], count[ring])):
            out[2, first + j] = indoor_mean[inside + j]
        first += count[ring]
        inside += indoor_count[ring]
    return out
