"""Blast curves in one compiled form: pieces of polynomials between logarithms, and the laws that use them.

Every method gives a `Law`: how overpressure and impulse fall with the distance from a burst. The kernels here evaluate
laws and search them for distances.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel

__all__ = [
    "FARTHEST",
    "Curve",
    "Law",
    "curve_kernel",
    "impulse_kernel",
    "interpolated",
    "overpressure_kernel",
    "polynomial_pieces",
    "product",
    "radius_kernel",
]

Array = NDArray[np.float64]

#: Nothing is asked of a law farther than this. [m]
FARTHEST = 1e5

#: Kinds of law: by its curves, or by the closed forms of Kinney & Graham and of the deflagration.
CURVES, KINNEY_GRAHAM, DEFLAGRATION = 0, 1, 2

_TAIL = 6  # points at the end of a curve whose mean slope continues it
_HALVINGS = 60


class Curve(NamedTuple):
    """ln y as pieces of polynomials in ln x; a named tuple, since kernels take it as an argument.

    Nearer than ``start`` the value there holds; beyond the last end its piece goes on.
    """

    start: float  #: ln of the least x
    end: Array  #: ln of the outer end of each piece, ascending, shape (n,)
    coefficient: Array  #: from the constant upward, shape (n, order + 1)


class Law(NamedTuple):
    """How a blast falls with distance."""

    kind: int
    scale: float  #: divides the distance; by the curves' meaning of their x. [m]
    pressure_unit: float  #: times the curve of the overpressure. [Pa]
    impulse_unit: float  #: times the curve of the impulse. [Pa·s]
    strength: float  #: flame Mach number of the deflagration, else unused
    overpressure: Curve
    impulse: Curve


def polynomial_pieces(low: float, ends: Sequence[float], coefficients: Sequence[Sequence[float]]) -> Curve:
    """Curve of x from ``low`` through the outer ends [x, not its logarithm], with coefficients in ln x."""
    order = max(len(row) for row in coefficients)
    padded = [[*row, *[0.0] * (order - len(row))] for row in coefficients]
    return Curve(math.log(low), np.log(np.array(ends, dtype=np.float64)), np.array(padded))


def interpolated(log_x: Array, log_y: Array) -> Curve:
    """Curve through points, straight between their logarithms; beyond the last the mean slope of the end goes on."""
    slope = np.diff(log_y) / np.diff(log_x)
    tail = np.polyfit(log_x[-_TAIL:], log_y[-_TAIL:], 1)[0]
    slope = np.append(slope, tail)
    constant = log_y - slope * log_x
    return Curve(float(log_x[0]), np.append(log_x[1:], np.inf), np.ascontiguousarray(np.stack((constant, slope), 1)))


def product(first: Curve, second: Curve, factor: float) -> Curve:
    """Curve of ``factor`` times the product of two curves of at most first order."""
    start = min(first.start, second.start)
    end = np.union1d(first.end, second.end)
    inner = np.append(start, end[:-1])
    rows = first.coefficient[np.searchsorted(first.end, inner, side="right")]
    rows = rows + second.coefficient[np.searchsorted(second.end, inner, side="right")]
    rows[:, 0] += math.log(factor)
    return Curve(start, end, rows)


@kernel
def curve_kernel(x: float, curve: Curve) -> float:
    """Value of a curve at x."""
    u = max(math.log(max(x, 1e-300)), curve.start)
    low, high = 0, curve.end.size - 1
    while low < high:
        middle = (low + high) // 2
        if u < curve.end[middle]:
            high = middle
        else:
            low = middle + 1
    total = 0.0
    for k in range(curve.coefficient.shape[1] - 1, -1, -1):
        total = total * u + curve.coefficient[low, k]
    return math.exp(total)


@kernel
def kinney_graham_kernel(scaled_distance: float) -> float:
    """Overpressure over air pressure of a free-air TNT burst; scaled distance r / W^(1/3) [m/kg^(1/3)]."""
    z = scaled_distance
    return (
        808.0
        * (1.0 + (z / 4.5) ** 2)
        / math.sqrt((1.0 + (z / 0.048) ** 2) * (1.0 + (z / 0.32) ** 2) * (1.0 + (z / 1.35) ** 2))
    )


@kernel
def kinney_graham_impulse_kernel(scaled_distance: float) -> float:
    """Scaled impulse [Pa·s/kg^(1/3)] of a free-air TNT burst; nearer than 0.1 that at 0.1 holds."""
    z = max(scaled_distance, 0.1)
    return 6.7 * math.sqrt(1.0 + (z / 0.23) ** 4) * math.exp(-math.log(1.0 + (z / 1.55) ** 3) / 3.0) / (z * z)


@kernel
def deflagration_kernel(scaled_distance: float, flame_mach: float) -> float:
    """Overpressure over air pressure of a gas cloud's deflagration; scaled distance r / (E/p0)^(1/3)."""
    r = max(0.34, scaled_distance)
    return flame_mach**2 * (6.0 / 7.0) * (0.83 / r - 0.14 / r**2)


@kernel
def deflagration_impulse_kernel(scaled_distance: float, flame_mach: float) -> float:
    """Impulse of a gas cloud's deflagration over p0^(2/3) E^(1/3) / a0; scaled distance r / (E/p0)^(1/3)."""
    r = max(0.34, scaled_distance)
    pushed = flame_mach * (6.0 / 7.0)
    return pushed * (1.0 - 0.4 * pushed) * (0.06 / r + 0.01 / r**2 - 0.0025 / r**3)


@kernel
def overpressure_kernel(distance: float, law: Law) -> float:
    """Peak side-on overpressure [Pa] at a distance from the burst [m]."""
    x = distance / law.scale
    if law.kind == KINNEY_GRAHAM:
        return law.pressure_unit * kinney_graham_kernel(x)
    if law.kind == DEFLAGRATION:
        return law.pressure_unit * deflagration_kernel(x, law.strength)
    return law.pressure_unit * curve_kernel(x, law.overpressure)


@kernel
def impulse_kernel(distance: float, law: Law) -> float:
    """Impulse of the positive phase, side-on [Pa·s], at a distance from the burst [m]."""
    x = distance / law.scale
    if law.kind == KINNEY_GRAHAM:
        return law.impulse_unit * kinney_graham_impulse_kernel(x)
    if law.kind == DEFLAGRATION:
        return law.impulse_unit * deflagration_impulse_kernel(x, law.strength)
    return law.impulse_unit * curve_kernel(x, law.impulse)


@kernel
def radius_kernel(overpressure: float, law: Law) -> float:
    """Distance [m] beyond which the overpressure [Pa] is lower; 0: nowhere as high, inf: still as high at FARTHEST."""
    if overpressure_kernel(FARTHEST, law) >= overpressure:
        return math.inf
    low, high = math.log(1e-3 * law.scale), math.log(FARTHEST)
    if law.kind == CURVES:
        # the pieces from outside inward, since a digitised curve may waver on its plateau
        piece = law.overpressure.end.size - 1
        while piece >= 0:
            inner = law.overpressure.start if piece == 0 else law.overpressure.end[piece - 1]
            if inner + math.log(law.scale) < high:
                low = inner + math.log(law.scale)
                if overpressure_kernel(math.exp(low), law) >= overpressure:
                    break
                high = low
            piece -= 1
        if piece < 0:
            return 0.0
    elif overpressure_kernel(0.0, law) < overpressure:
        return 0.0
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        if overpressure_kernel(math.exp(middle), law) >= overpressure:
            low = middle
        else:
            high = middle
    return math.exp(low)
