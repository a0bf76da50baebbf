"""The heat flux round a ring as a short series.

The logarithm of the flux is a smooth function of the angle, so a Chebyshev series of a few terms holds it; where the
flux crosses that of certain death, the angle is found from the flux itself.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.fire.flame import flame_flux_kernel, signed_flux_kernel

__all__ = ["COSINES", "Room", "crossing", "log_danger", "log_flux", "room", "series", "series_value", "series_values"]

Array = NDArray[np.float64]

_MOST_NODES = 64  # intervals; a ring that needs more is rough
_TOLERANCE = 2e-4  # of the logarithm of the flux
_LEAST_FLUX = 1e-30  # [W/m²]
_ENGULFED = 1e12  # [W/m²]
#: Cosines that the series need; compiled code keeps no arrays, so its callers hand them in.
COSINES = np.cos(np.arange(2 * _MOST_NODES) * (math.pi / _MOST_NODES))


class Room(NamedTuple):
    """Where one ring is worked out, used again for the next."""

    sample: Array  #: of the log-flux, at the nodes
    folded: Array
    coefficients: Array
    place: Array  #: of the bins' edges in the series
    value: Array  #: of the log-flux there


@kernel
def room(edges: int) -> Room:
    """Room for a ring with so many edges of bins."""
    return Room(
        np.empty(_MOST_NODES + 1),
        np.empty((2, _MOST_NODES)),
        np.empty(_MOST_NODES + 1),
        np.empty(edges),
        np.empty(edges),
    )


@kernel
def log_flux(flame: Array, distance: float, cosine: float) -> float:
    """Logarithm of the heat flux [ln W/m²] on the ground, at a cosine of the angle from the downwind axis."""
    sine = math.sqrt(max(0.0, 1.0 - cosine * cosine))
    return math.log(max(flame_flux_kernel(flame, distance * cosine, distance * sine), _LEAST_FLUX))


@kernel
def log_danger(flame: Array, distance: float, cosine: float) -> float:
    """As `log_flux`, but beyond every flux within the flame."""
    sine = math.sqrt(max(0.0, 1.0 - cosine * cosine))
    flux = signed_flux_kernel(flame, distance * cosine, distance * sine)
    return math.log(max(flux if flux >= 0.0 else _ENGULFED, _LEAST_FLUX))


@kernel
def _transform(sample: Array, n: int, cosines: Array, folded: Array, out: Array) -> None:
    """Coefficients of the series through n + 1 of the samples, equally far apart; those at both ends are doubled."""
    stride = _MOST_NODES // n
    half = n // 2
    for k in range(half + 1):
        near, far = sample[k * stride], sample[_MOST_NODES - k * stride]
        weight = 0.5 if k in (0, half) else 1.0
        folded[0, k] = weight * (near + far)
        folded[1, k] = weight * (near - far)
    for j in range(n + 1):
        total = 0.0
        turn = 0
        for k in range(half + 1):
            total += folded[j % 2, k] * cosines[turn]
            turn += j * stride
            if turn >= 2 * _MOST_NODES:
                turn -= 2 * _MOST_NODES
        out[j] = total * 2.0 / n


@kernel
def _node(inner: float, t: float) -> float:
    """Cosine of the angle at the place t, from -1 behind the fire to 1 ahead of it or at the angle ``inner``."""
    return t if inner == 0.0 else math.cos(inner + 0.5 * (1.0 - t) * (math.pi - inner))


@kernel
def series(flame: Array, distance: float, inner: float, cosines: Array, work: Room) -> int:
    """Chebyshev coefficients of the log-flux from the angle ``inner`` to behind the fire; their number, 0: rough.

    Round a whole ring (``inner`` 0) the variable is the cosine of the angle, else the angle itself.
    """
    sample, out = work.sample, work.coefficients
    most = _MOST_NODES
    n = 8
    stride = most // n
    for k in range(0, most + 1, stride):
        sample[k] = log_flux(flame, distance, _node(inner, cosines[k]))
    while True:
        _transform(sample, n, cosines, work.folded, out)
        out[0] *= 0.5
        out[n] *= 0.5
        if max(abs(out[n]), abs(out[n - 1]), abs(out[n - 2])) < _TOLERANCE:
            break
        if n == most:
            return 0
        n *= 2
        stride //= 2
        for k in range(stride, most, 2 * stride):
            sample[k] = log_flux(flame, distance, _node(inner, cosines[k]))
    while n > 0 and abs(out[n]) < 0.1 * _TOLERANCE:
        n -= 1
    return n + 1


@kernel
def series_value(coefficients: Array, n: int, t: float) -> float:
    """Value of a series of n coefficients at one place, after Clenshaw."""
    b, c = 0.0, 0.0
    for j in range(n - 1, 0, -1):
        b, c = coefficients[j] + 2.0 * t * b - c, b
    return float(coefficients[0] + t * b - c)


@kernel
def series_values(coefficients: Array, n: int, place: Array, out: Array) -> None:
    """Values of a series after Clenshaw, four places at a time: their sums do not wait for each other."""
    last = place.size - 1
    for k in range(0, last + 1, 4):
        k1, k2, k3 = min(k + 1, last), min(k + 2, last), min(k + 3, last)
        t0, t1, t2, t3 = place[k], place[k1], place[k2], place[k3]
        b0, b1, b2, b3, c0, c1, c2, c3 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for j in range(n - 1, 0, -1):
            a = coefficients[j]
            b0, c0 = a + 2.0 * t0 * b0 - c0, b0
            b1, c1 = a + 2.0 * t1 * b1 - c1, b1
            b2, c2 = a + 2.0 * t2 * b2 - c2, b2
            b3, c3 = a + 2.0 * t3 * b3 - c3, b3
        a = coefficients[0]
        out[k], out[k1], out[k2], out[k3] = a + t0 * b0 - c0, a + t1 * b1 - c1, a + t2 * b2 - c2, a + t3 * b3 - c3


@kernel
def crossing(flame: Array, distance: float, level: float, low: float, high: float) -> float:
    """Angle [rad] between a stronger (``low``) and a weaker one (``high``) where the log-flux falls to ``level``."""
    above = log_danger(flame, distance, math.cos(low)) - level
    below = log_danger(flame, distance, math.cos(high)) - level
    side = 0
    for step in range(60):
        if abs(high - low) < 1e-8:
            break
        share = above / (above - below)
        if step % 4 == 3 or not 0.02 < share < 0.98:
            share = 0.5  # a step of the flux leaves no slope to follow
        middle = low + share * (high - low)
        value = log_danger(flame, distance, math.cos(middle)) - level
        if abs(value) < 1e-7:
            return middle
        if value > 0.0:
            low, above = middle, value
            if side == 1:
                below *= 0.5
            side = 1
        else:
            high, below = middle, value
            if side == -1:
                above *= 0.5
            side = -1
    return high
