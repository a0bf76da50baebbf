"""Equipment hit by a fragment: whether the shell holds.

The criterion is unverified, so nothing uses it unless asked to: a hit counts as a failure.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models.bounds import bounded
from parkrisk.models.constants import constants

__all__ = ["FLAGS", "perforates", "perforation_energy"]

Array = NDArray[np.float64]

#: Codes of the caveats of every result of this module.
FLAGS = ("unverified:fragment_perforation",)


def perforation_energy(thickness: ArrayLike, diameter: ArrayLike) -> Array:
    """Kinetic energy with which a rigid fragment just goes through a steel shell that it hits head-on.

    Parameters
    ----------
    thickness : float or array
        Of the shell, 1 mm to 0.3 m. [m]
    diameter : float or array
        Of the face that hits, as a circle of its area, 1 mm to 10 m. [m]

    Returns
    -------
    array
        [J]

    Raises
    ------
    OutOfRange
        A length outside its range.

    Notes
    -----
    E = 1.44e9 (t d)^1.5, the formula of the Ballistic Research Laboratories for steel plates. Unverified: see
    ``FLAGS``.

    Examples
    --------
    A fragment 0.3 m across and a shell of 10 mm:

    >>> round(float(perforation_energy(0.01, 0.3)) / 1e3)
    237
    """
    strength = constants("fragility")["brl_perforation"].value
    wall = bounded(thickness, "壁厚 (m) ", "thickness [m]", 0.3, 1e-3)
    face = bounded(diameter, "破片直径 (m) ", "diameter [m]", 10.0, 1e-3)
    return np.asarray(strength * (wall * face) ** 1.5)


def perforates(mass: ArrayLike, speed: ArrayLike, diameter: ArrayLike, thickness: ArrayLike) -> NDArray[np.bool_]:
    """Whether a fragment goes through a steel shell.

    Parameters
    ----------
    mass : float or array
        [kg]
    speed : float or array
        Across the shell. [m/s]
    diameter, thickness : float or array
        As `perforation_energy`.

    Raises
    ------
    OutOfRange
        As `perforation_energy`; a mass outside 0 to 1e6 kg, a speed outside 0 to 2000 m/s.
    """
    weight = bounded(mass, "质量 (kg) ", "mass [kg]", 1e6)
    velocity = bounded(speed, "速度 (m/s) ", "speed [m/s]", 2e3)
    return np.asarray(0.5 * weight * velocity**2 >= perforation_energy(thickness, diameter))
