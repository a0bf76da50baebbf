"""Which units a flame touches, and the heat that they then take up."""

import numpy as np
from numpy.typing import NDArray

from parkrisk.models.fire.engulfing import Engulfing, touches_kernel
from parkrisk.scenarios.facility.network import Floats

__all__ = ["OVERFLOW", "engulfed"]

Marks = NDArray[np.bool_]

#: Flag of an event whose pool no bund holds back.
OVERFLOW = "pool_overflows_bund"
_LEAST_SIZE = 0.1  # of a unit whose size is not known [m]
_BEYOND = 1.0 + 1e-9  # clear of the rim of a pool


def engulfed(
    flame: Engulfing | None, load: Floats, place: tuple[Floats, Floats], size: tuple[Floats, Floats], outside: Marks
) -> tuple[Floats, Marks]:
    """Heat on units, no less than that of engulfment where the flame touches them, and whether it does.

    Parameters
    ----------
    flame : Engulfing or None
        None: it touches nothing.
    load : array, shape (n, k)
        Heat radiated to each unit in k wind directions. [W/m²]
    place : arrays, shapes (n,) and (n, k)
        Distance of the units' middles from the source [m] and their angles from the downwind axis [rad].
    size : arrays, shape (n,)
        Radius and height of the units. [m]
    outside : bool array, shape (n,)
        Whether a unit stands outside the bund that holds the pool back. A pool is taken as a circle around its unit
        although a bund shapes it; so such units stand beyond its rim, however near, and are touched only if the flame
        leans towards them.

    Returns
    -------
    load, touched : arrays, shape (n, k)
    """
    touched = np.zeros(load.shape, dtype=np.bool_)
    if flame is None:
        return load, touched
    radius, height = (np.maximum(each, _LEAST_SIZE) for each in size)
    near = np.nonzero(place[0] < flame.reach + radius)[0]
    if not near.size:
        return load, touched
    distance = place[0][near]
    if flame.pool > 0.0:
        rim = (flame.pool + radius[near]) * _BEYOND
        distance = np.where(outside[near], np.maximum(distance, rim), distance)
    x, y = distance[:, None] * np.cos(place[1][near]), distance[:, None] * np.sin(place[1][near])
    wide, high = (np.repeat(each[near], load.shape[1]) for each in (radius, height))
    touched[near] = touches_kernel(x.ravel(), y.ravel(), wide, high, flame.axis).reshape(x.shape)
    return np.where(touched, np.maximum(load, flame.heat_flux), load), touched
