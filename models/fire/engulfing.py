"""Equipment in the flame itself: where a flame touches an upright body, and the heat that the body then takes up.

What a flame radiates is a mean over its surface; smoke makes it small for large pools. A body inside the flame is also
heated by its gases, so measured values for engulfed vessels stand in.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.constants import constants

__all__ = ["Engulfing", "engulfing", "touches_kernel"]

Array = NDArray[np.float64]


class Engulfing(NamedTuple):
    """A flame as a chain of upright tubes."""

    #: Nodes of its axis, shape (n, 4): downwind, across, lowest part above ground, radius. [m]
    axis: Array
    #: Taken up by what stands in it. [W/m²]
    heat_flux: float
    #: Radius of the pool that a bund can hold back; 0: none. [m]
    pool: float
    #: Farthest that it comes from the source, in plan. [m]
    reach: float


def engulfing(kind: str, axis: Sequence[Sequence[float]], pool: float = 0.0) -> Engulfing:
    """Flame of a "pool" or a "jet", with the measured heat flux on a vessel in such a fire.

    References
    ----------
    .. [1] UK HSE DIN TD5/005, 2000; see ``fragility.csv``.
    """
    nodes = np.array(axis, dtype=np.float64)
    power = constants("fragility")[f"engulfing_{kind}_fire_heat_flux"].value
    return Engulfing(nodes, power, pool, float((np.hypot(nodes[:, 0], nodes[:, 1]) + nodes[:, 3]).max()))


@kernel
def _gap_kernel(x: float, y: float, height: float, axis: Array) -> float:
    """Distance in plan from a place to the parts of a flame that are no higher than ``height``; negative within."""
    least = np.inf
    for k in range(axis.shape[0] - 1):
        low, rise = axis[k, 2], axis[k + 1, 2] - axis[k, 2]
        begin, end = 0.0, 1.0
        if rise > 0.0:
            end = min((height - low) / rise, 1.0)
        elif rise < 0.0:
            begin = max((height - low) / rise, 0.0)
        elif low > height:
            continue
        if begin > end:
            continue
        dx, dy, wider = axis[k + 1, 0] - axis[k, 0], axis[k + 1, 1] - axis[k, 1], axis[k + 1, 3] - axis[k, 3]
        square = dx * dx + dy * dy
        nearest = 0.0 if square == 0.0 else ((x - axis[k, 0]) * dx + (y - axis[k, 1]) * dy) / square
        if square > wider * wider:  # where the side of a tube that widens is nearest, farther on than its axis
            beside = abs((x - axis[k, 0]) * dy - (y - axis[k, 1]) * dx)
            nearest += beside * wider / (square * np.sqrt(square - wider * wider))
        for share in (begin, min(max(nearest, begin), end), end):
            away = np.hypot(x - axis[k, 0] - share * dx, y - axis[k, 1] - share * dy)
            least = min(least, away - axis[k, 3] - share * wider)
    return float(least)


@kernel
def touches_kernel(x: Array, y: Array, radius: Array, height: Array, axis: Array) -> NDArray[np.bool_]:
    """Whether upright cylinders on the ground reach into a flame; touching from outside does not count.

    Parameters
    ----------
    x, y : array, shape (n,)
        Middles, downwind of the source and across. [m]
    radius, height : array, shape (n,)
        [m]
    axis : array, shape (m, 4)
        As of `Engulfing`.

    Returns
    -------
    bool array, shape (n,)
    """
    out = np.zeros(x.size, dtype=np.bool_)
    for i in range(x.size):
        out[i] = _gap_kernel(x[i], y[i], height[i], axis) < radius[i]
    return out
