"""Toxic dose of a passing passive cloud, and the lethality it brings."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.probit import probability_kernel
from parkrisk.models.spread import curve_kernel
from parkrisk.models.vapour import PassiveCloud

__all__ = ["Dose", "dose", "edge_values", "farthest_dose_kernel", "lethality_values", "log_dose_kernel"]

Array = NDArray[np.float64]

_NODES = 97
_FIRST_SCALE = 10.0  # nodes are even in ln(1 + x/scale) [m]
_NEAREST = 0.1  # [m]
_FARTHEST = 1e5  # [m]
_STEP = math.log(1.0 + _FARTHEST / _FIRST_SCALE) / (_NODES - 1)
_TAIL = 8.0  # standard deviations after which a cloud has passed
_MILLIGRAMS = math.log(1e6)  # of kg/m³ in mg/m³
_SECONDS = math.log(60.0)
_SCAN_STEPS = 400
_BISECTIONS = 50

_NODES_32, _WEIGHTS_32 = np.polynomial.legendre.leggauss(32)


class Dose(NamedTuple):
    """What kernels need for ln of the dose, the integral of C^n over time. [mg/m³, min]

    ``table`` is the part that depends on the distance alone, at nodes even in ln(1 + x/10 m).
    """

    cloud: PassiveCloud
    z: float
    n: float
    table: Array


@kernel
def _passing_time(half_length: float, half_window: float, n: float, nodes: Array, weights: Array) -> float:
    """Integrate the n-th power of a release's share of its steady plume over time, all in units of σx/u.

    The cloud is a block of twice ``half_length`` with ends smoothed by a Gaussian; of its passage the worst stretch of
    twice ``half_window`` counts.
    """
    end = min(half_window, half_length + _TAIL)
    flat = min(end, max(half_length - _TAIL, 0.0))
    total = 0.0
    for i in range(nodes.size):
        s = 0.5 * (flat + end) + 0.5 * (end - flat) * nodes[i]
        share = 0.5 * (math.erfc((s - half_length) / math.sqrt(2.0)) - math.erfc((s + half_length) / math.sqrt(2.0)))
        total += weights[i] * share**n
    return float(2.0 * flat + (end - flat) * total)


@kernel
def _distance_part(cloud: PassiveCloud, n: float, longest_exposure: float, nodes: Array, weights: Array) -> Array:
    """Log of strength^n × exposure at the nodes of the table."""
    out = np.empty(_NODES)
    for i in range(_NODES):
        x = _FIRST_SCALE * (math.exp(i * _STEP) - 1.0)
        sigma_x = curve_kernel(x + cloud.upwind_x, cloud.spread.x)
        unit = sigma_x / cloud.wind
        half_window = 0.5 * longest_exposure / unit
        if cloud.duration == 0.0:
            strength = cloud.strength / ((2.0 * math.pi) ** 1.5 * sigma_x)
            passing = math.sqrt(2.0 * math.pi / n) * math.erf(half_window * math.sqrt(0.5 * n))
        else:
            strength = cloud.strength / (2.0 * math.pi)
            passing = _passing_time(0.5 * cloud.duration / unit, half_window, n, nodes, weights)
        out[i] = n * (math.log(strength) + _MILLIGRAMS) + math.log(passing * unit) - _SECONDS
    return out


def dose(cloud: PassiveCloud, z: float, n: float, longest_exposure: float) -> Dose:
    """Set up the dose of one cloud.

    Parameters
    ----------
    cloud : PassiveCloud
        Plume or puff.
    z : float
        Height of the receptor. [m]
    n : float
        Exponent of the concentration.
    longest_exposure : float
        People leave or shelter after this time; the worst such stretch of the passage counts. [s]

    Returns
    -------
    Dose

    Notes
    -----
    A release that lasts passes as the steady plume times ½[erf((s+d/2)/√2) - erf((s-d/2)/√2)], time s and duration d in
    units of σx/u [1]_, a puff as exp(-s²/2). The power n of it is integrated by 32-point Gauss quadrature, for the puff
    in closed form, once for each of 97 distances, and interpolated with cubics.

    References
    ----------
    .. [1] E. Palazzi et al., Diffusion from a steady source of short duration, *Atmospheric Environment* 16 (1982)
       2785-2790.
    """
    return Dose(cloud, z, n, _distance_part(cloud, n, longest_exposure, _NODES_32, _WEIGHTS_32))


@kernel
def log_dose_kernel(x: float, y: float, z: float, dose: Dose) -> float:
    """Log of the dose [mg/m³, min] at a point [m]; -inf upwind."""
    if x < 0.0:
        return -math.inf
    position = min(math.log(1.0 + x / _FIRST_SCALE) / _STEP, _NODES - 1.0)
    i = min(max(int(position), 1), _NODES - 3)
    t = position - i
    a, b, c, d = dose.table[i - 1], dose.table[i], dose.table[i + 1], dose.table[i + 2]
    # cubic through four nodes
    along = b + t * (c - b)
    along -= t * (1.0 - t) * ((2.0 - t) * (a - 2.0 * b + c) + (1.0 + t) * (b - 2.0 * c + d)) / 6.0
    cloud = dose.cloud
    sigma_y = curve_kernel(x + cloud.upwind_y, cloud.spread.y)
    sigma_z = curve_kernel(x + cloud.upwind_z, cloud.spread.z)
    square = sigma_z * sigma_z
    exponent = -0.5 * ((y / sigma_y) ** 2 + (z - cloud.height) ** 2 / square)
    image = 1.0 + math.exp(-2.0 * z * cloud.height / square)
    return float(along + dose.n * (exponent + math.log(image / (sigma_y * sigma_z))))


@kernel
def _log_dose_polar(distance: float, angle: float, dose: Dose) -> float:
    core = dose.cloud.core
    if distance <= core:
        if dose.cloud.duration == 0.0:
            return log_dose_kernel(0.0, 0.0, dose.cloud.height, dose)
        return log_dose_kernel(core, 0.0, dose.z, dose)
    return log_dose_kernel(distance * math.cos(angle), distance * math.sin(angle), dose.z, dose)


@kernel
def lethality_values(
    distance: Array, angle: Array, dose: Dose, a: float, b: float, lowest: float, indoor_factor: float
) -> Array:
    """Lethality at polar points, shape (3, n); 0 where ln of the dose is below ``lowest``."""
    out = np.zeros((3, distance.size))
    for i in range(distance.size):
        value = _log_dose_polar(distance[i], angle[i], dose)
        if value >= lowest:
            p = probability_kernel(a + b * value)
            out[0, i], out[1, i], out[2, i] = p, p, indoor_factor * p
    return out


@kernel
def _edge_angle(distance: float, dose: Dose, lowest: float) -> float:
    """Angle [rad] up to a right angle where ln of the dose falls to ``lowest``, which it exceeds on the axis.

    False position (Illinois) in the square of the angle, in which the logarithm of a Gaussian is nearly straight.
    """
    low, high = 0.0, 0.25 * math.pi * math.pi
    above = _log_dose_polar(distance, 0.0, dose) - lowest
    below = _log_dose_polar(distance, 0.5 * math.pi, dose) - lowest
    if below >= 0.0:
        return 0.5 * math.pi
    side = 0
    for _ in range(_BISECTIONS):
        middle = low + (high - low) * above / (above - below)
        value = _log_dose_polar(distance, math.sqrt(middle), dose) - lowest
        if value >= 0.0:
            low, above = middle, value
            below *= 0.5 if side > 0 else 1.0
            side = 1
        else:
            high, below = middle, value
            above *= 0.5 if side < 0 else 1.0
            side = -1
        if abs(value) < 1e-9 or high - low < 1e-12:
            break
    return math.sqrt(low)


@kernel
def edge_values(distance: Array, dose: Dose, lowest: float) -> Array:
    """Half-angle [rad] on each ring beyond which ln of the dose is below ``lowest``."""
    out = np.zeros(distance.size)
    for i in range(distance.size):
        if distance[i] <= dose.cloud.core:
            out[i] = math.pi if _log_dose_polar(distance[i], 0.0, dose) >= lowest else 0.0
            continue
        if _log_dose_polar(distance[i], 0.0, dose) < lowest:
            continue
        out[i] = _edge_angle(distance[i], dose, lowest)
    return out


@kernel
def farthest_dose_kernel(lowest: float, dose: Dose) -> float:
    """Farthest distance [m] downwind where ln of the dose reaches ``lowest``; 0 if there is none."""
    core = dose.cloud.core
    high = _FARTHEST
    if log_dose_kernel(high, 0.0, dose.z, dose) >= lowest:
        return high
    first = max(core, _NEAREST)
    step = math.log(_FARTHEST / first) / _SCAN_STEPS
    for i in range(_SCAN_STEPS - 1, -1, -1):
        low = first * math.exp(i * step)
        if log_dose_kernel(low, 0.0, dose.z, dose) >= lowest:
            for _ in range(_BISECTIONS):
                middle = 0.5 * (low + high)
                if log_dose_kernel(middle, 0.0, dose.z, dose) >= lowest:
                    low = middle
                else:
                    high = middle
            return low
        high = low
    return core if core > 0.0 and _log_dose_polar(core, 0.0, dose) >= lowest else 0.0
