"""Lethality of a toxic dose over the rings of a polar grid."""

import math

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.dose import Dose, polar_dose_kernel
from parkrisk.models.probit import probability_kernel

__all__ = ["lethality_values", "ring_means"]

Array = NDArray[np.float64]

_SCAN = 20  # angles at which a ring is searched for the edge of the cloud, crowded towards the axis
_ITERATIONS = 60
_STEEP = 50.0  # of ln of the dose below the edge: there its chord says nothing
_CLOSE = 1e-5  # to which ln of the dose meets the edge
_ANGLE = 1e-7  # [rad]
_SAMPLES = 17  # of the probit on a ring, from the axis to the edge
_HALVINGS = 30
_CERTAIN = 10.0  # probit that counts as certain death: the chance to survive is 3e-7
_PANEL = 0.5  # change of the probit over which Simpson's rule is used
_MOST_PANELS = 16


@kernel
def lethality_values(
    distance: Array, angle: Array, dose: Dose, a: float, b: float, lowest: float, indoor_factor: float
) -> Array:
    """Lethality at polar points, shape (3, n); 0 where ln of the dose is below ``lowest``."""
    out = np.zeros((3, distance.size))
    for i in range(distance.size):
        value = polar_dose_kernel(distance[i], angle[i], dose)
        if value >= lowest:
            p = probability_kernel(a + b * value)
            out[0, i], out[1, i], out[2, i] = p, p, indoor_factor * p
    return out


@kernel
def _edge_angle(distance: float, lowest: float, dose: Dose) -> float:
    """Largest angle [rad] at which ln of the dose reaches ``lowest``; 0 if it does nowhere."""
    if not dose.is_puff and distance <= dose.plume.core:
        return math.pi if polar_dose_kernel(distance, 0.0, dose) >= lowest else 0.0
    high, below = math.pi, polar_dose_kernel(distance, math.pi, dose) - lowest
    if below >= 0.0:
        return high
    for k in range(_SCAN - 1, -1, -1):
        low = math.pi * (k / _SCAN) ** 2
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
            if value >= 0.0:
                low, above = middle, value
                below *= 0.5 if side > 0 else 1.0
                side = 1
            else:
                high, below = middle, value
                above *= 0.5 if side < 0 else 1.0
                side = -1
            if abs(value) < _CLOSE or high - low < _ANGLE:
                break
        return low
    return 0.0


@kernel
def _between(position: float, values: Array) -> float:
    """Cubic through the four nodes next to a position, the nodes being even from 0 to 1."""
    last = values.size - 1
    x = position * last
    i = min(max(int(x), 1), last - 2)
    t = x - i
    a, b, c, d = values[i - 1], values[i], values[i + 1], values[i + 2]
    between = b + t * (c - b)
    return float(between - t * (1.0 - t) * ((2.0 - t) * (a - 2.0 * b + c) + (1.0 + t) * (b - 2.0 * c + d)) / 6.0)


@kernel
def _certain_share(probits: Array) -> float:
    """Share of the way from the axis to the edge up to which death is certain."""
    last = probits.size - 1
    for k in range(last, -1, -1):
        if probits[k] >= _CERTAIN:
            if k == last:
                return 1.0
            low, high = k / last, (k + 1) / last
            for _ in range(_HALVINGS):
                middle = 0.5 * (low + high)
                if _between(middle, probits) >= _CERTAIN:
                    low = middle
                else:
                    high = middle
            return low
    return 0.0


@kernel
def _ring(edge: float, width: float, probits: Array, out: Array) -> None:
    """Mean probability in each bin of a ring, from the axis to the edge, for probits at even steps between the two.

    Simpson's rule on panels over which the probit changes little.
    """
    certain = _certain_share(probits) * edge
    low = certain
    before = _between(low / edge, probits)
    p_before = probability_kernel(before)
    for j in range(out.size):
        start, end = j * width, min((j + 1) * width, edge)
        out[j] = max(min(end, certain) - start, 0.0) / width
        if end <= low:
            continue
        after = _between(end / edge, probits)
        panels = min(1 + int(abs(after - before) / _PANEL), _MOST_PANELS)
        step, total = (end - low) / panels, 0.0
        for i in range(panels):
            left = low + i * step
            middle = probability_kernel(_between((left + 0.5 * step) / edge, probits))
            p_right = probability_kernel(after if i == panels - 1 else _between((left + step) / edge, probits))
            total += (p_before + 4.0 * middle + p_right) / 6.0
            p_before = p_right
        out[j] += total * step / width
        low, before = end, after


@kernel
def ring_means(
    radius: Array, bin_width: float, n_rings: int, dose: Dose, a: float, b: float, lowest: float, indoor_factor: float
) -> tuple[NDArray[np.int32], Array]:
    """Bins on each ring that the cloud reaches, and the mean lethality over each, shape (3, sum).

    ``radius`` are the rings within reach [m]; probits are a + b ln(dose), 0 lethality where ln(dose) is below
    ``lowest``.
    """
    count, most = np.zeros(n_rings, dtype=np.int32), round(math.pi / bin_width)
    probits = np.zeros(_SAMPLES)
    means, total = np.zeros((radius.size, most)), 0
    for ring in range(radius.size):
        r = radius[ring]
        edge = _edge_angle(r, lowest, dose)
        count[ring] = min(math.ceil(edge / bin_width - 1e-9), most)
        if edge == math.pi and a + b * polar_dose_kernel(r, edge, dose) >= _CERTAIN:
            means[ring] = 1.0
            total += count[ring]
        elif count[ring] > 0:
            for k in range(_SAMPLES):
                probits[k] = a + b * polar_dose_kernel(r, edge * k / (_SAMPLES - 1), dose)
            _ring(edge, bin_width, probits, means[ring, : count[ring]])
            total += count[ring]
    out, first = np.empty((3, total)), 0
    for ring in range(radius.size):
        for j in range(count[ring]):
            p = min(means[ring, j], 1.0)
            out[0, first + j], out[1, first + j], out[2, first + j] = p, p, indoor_factor * p
        first += count[ring]
    return count, out
