"""Blast waves: overpressure against scaled distance, by TNT, multi-energy, Baker-Strehlow-Tang and a deflagration fit.

Each kernel gives the peak side-on overpressure as a share of the air pressure (TNT after Kingery: in Pa at sea level).
"""

import functools
import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.constants import rows
from parkrisk.models.errors import OutOfRange

Array = NDArray[np.float64]

_TAIL = 6  # points at the end of a curve whose mean slope continues it

#: Source strengths of the multi-energy method with a published decay fit.
MULTI_ENERGY_CLASSES = (1, 4, 5, 6)


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
def kingery_bulmash_kernel(scaled_distance: float) -> float:
    """Overpressure [Pa] of a TNT burst on the ground; outside 0.2 to 198.5 m/kg^(1/3) the end fits go on."""
    u = math.log(max(scaled_distance, 0.2))
    if scaled_distance < 2.9:
        exponent = 7.2106 + u * (-2.1069 + u * (-0.3229 + u * (0.1117 + u * 0.0685)))
    elif scaled_distance < 23.8:
        exponent = 7.5938 + u * (-3.0523 + u * (0.40977 + u * (0.0261 - u * 0.01267)))
    else:
        exponent = 6.0536 - 1.4066 * u
    return 1e3 * math.exp(exponent)


@kernel
def kingery_bulmash_impulse_kernel(scaled_distance: float) -> float:
    """Scaled impulse [Pa·s/kg^(1/3)] of a TNT burst on the ground."""
    u = math.log(max(scaled_distance, 0.2))
    if scaled_distance < 0.96:
        exponent = 5.522 + u * (1.117 + u * (0.6 + u * (-0.292 - u * 0.087)))
    elif scaled_distance < 2.38:
        exponent = 5.465 + u * (-0.308 + u * (-1.464 + u * (1.362 - u * 0.432)))
    elif scaled_distance < 33.7:
        exponent = 5.2749 + u * (-0.4677 + u * (-0.2499 + u * (0.0588 - u * 0.00554)))
    else:
        exponent = 5.9825 - 1.062 * u
    return math.exp(exponent)


@kernel
def multi_energy_kernel(scaled_distance: float, source_class: float) -> float:
    """Overpressure over air pressure; scaled distance r / (E/p0)^(1/3). Classes 1, 4, 5, 6; else not a number."""
    u = math.log(max(scaled_distance, 1e-3))
    if source_class == 1.0:
        return min(0.01, 0.0064 * math.exp(-0.97 * u))
    if source_class == 4.0:
        return min(0.1, 0.0644 * math.exp(-0.99 * u))
    if source_class == 5.0:
        return min(0.2, 0.117 * math.exp(-0.99 * u))
    if source_class == 6.0:
        return min(0.5, 0.301 * math.exp(-1.11 * u))
    return math.nan


@kernel
def curve_kernel(scaled_distance: float, log_distance: Array, log_overpressure: Array) -> float:
    """Overpressure over air pressure from a tabulated curve, logarithms of both interpolated linearly.

    ``log_distance`` has equal steps. Nearer than the first point its value holds; beyond the last the slope goes on.
    """
    count = log_distance.size
    u = math.log(max(scaled_distance, 1e-300))
    if u <= log_distance[0]:
        return math.exp(log_overpressure[0])
    position = (u - log_distance[0]) / (log_distance[count - 1] - log_distance[0]) * (count - 1)
    i = min(int(position), count - 2)
    return math.exp(log_overpressure[i] + (position - i) * (log_overpressure[i + 1] - log_overpressure[i]))


@kernel
def deflagration_kernel(scaled_distance: float, flame_mach: float) -> float:
    """Overpressure over air pressure of a gas cloud's deflagration; scaled distance r / (E/p0)^(1/3)."""
    r = max(0.34, scaled_distance)
    return flame_mach**2 * (6.0 / 7.0) * (0.83 / r - 0.14 / r**2)


def _scaled(distance: ArrayLike, low: float, high: float) -> Array:
    values = np.asarray(distance, dtype=np.float64)
    if not bool(np.all((values >= low) & (values <= high))):
        raise OutOfRange(
            f"比例距离须在 {low:g} 至 {high:g} 之间", f"the scaled distance must lie between {low:g} and {high:g}"
        )
    return values


def kinney_graham(scaled_distance: ArrayLike, air_pressure: float = 101_325.0) -> Array:
    """Peak overpressure of a TNT charge bursting in free air.

    Parameters
    ----------
    scaled_distance : float or array
        r / W^(1/3), W the mass of TNT; 0.05 to 500. [m/kg^(1/3)]
    air_pressure : float
        [Pa]

    Returns
    -------
    array
        [Pa]

    Raises
    ------
    OutOfRange
        Outside that range.

    References
    ----------
    .. [1] G.F. Kinney, K.J. Graham, *Explosive shocks in air*, 2nd ed., Springer, 1985.

    Examples
    --------
    >>> round(float(kinney_graham(5.0)), -1)
    29240.0
    """
    values = _scaled(scaled_distance, 0.05, 500.0)
    return air_pressure * np.array([kinney_graham_kernel(z) for z in values.ravel()]).reshape(values.shape)


def kingery_bulmash(scaled_distance: ArrayLike) -> Array:
    """Peak overpressure of a TNT charge bursting on the ground (hemispherical), at sea level.

    Parameters
    ----------
    scaled_distance : float or array
        r / W^(1/3), W the mass of TNT; 0.2 to 198.5. [m/kg^(1/3)]

    Returns
    -------
    array
        [Pa]

    Raises
    ------
    OutOfRange
        Outside that range.

    References
    ----------
    .. [1] M.M. Swisdak, "Simplified Kingery airblast calculations", 26th DoD Explosives Safety Seminar, 1994.
    """
    values = _scaled(scaled_distance, 0.2, 198.5)
    return np.array([kingery_bulmash_kernel(z) for z in values.ravel()]).reshape(values.shape)


def kingery_bulmash_impulse(scaled_distance: ArrayLike) -> Array:
    """Scaled incident impulse of a TNT charge bursting on the ground, 0.2 to 158.7 m/kg^(1/3). [Pa·s/kg^(1/3)]

    Errors and reference as `kingery_bulmash`.
    """
    values = _scaled(scaled_distance, 0.2, 158.7)
    return np.array([kingery_bulmash_impulse_kernel(z) for z in values.ravel()]).reshape(values.shape)


@functools.cache
def _tang_baker() -> tuple[Array, Array, Array]:
    """Flame speeds, logarithms of the scaled distances (equal steps) and of the overpressures of each speed."""
    table = rows("blast_curves")
    log_distance = np.log(sorted({float(row["scaled_distance"]) for row in table}))
    step = (log_distance[-1] - log_distance[0]) / (log_distance.size - 1)
    steps = log_distance[0] + step * np.arange(2 * log_distance.size)  # as far again, to 1000
    speeds = sorted({float(row["flame_mach"]) for row in table})
    curves = []
    for speed in speeds:
        points = [row for row in table if float(row["flame_mach"]) == speed]
        known = np.log([(float(row["scaled_distance"]), float(row["scaled_overpressure"])) for row in points])
        known = known[np.argsort(known[:, 0])]
        slope = np.polyfit(known[-_TAIL:, 0], known[-_TAIL:, 1], 1)[0]
        beyond = slope * np.maximum(steps - known[-1, 0], 0.0)
        curves.append(np.interp(steps, known[:, 0], known[:, 1]) + beyond)
    return np.array(speeds), steps, np.array(curves)


def baker_strehlow_tang_curve(flame_mach: float) -> tuple[Array, Array]:
    """Blast curve of one flame speed, as `curve_kernel` takes it.

    Parameters
    ----------
    flame_mach : float
        Flame speed over the speed of sound, up to 5.2 (detonation). Below 0.2 the curve of 0.2 stands in (cautious).

    Returns
    -------
    log_distance, log_overpressure : arrays
        Natural logarithms of r (p0 / 2E)^(1/3), 0.1 to 1000, and of the overpressure over the air pressure; the latter
        is linear in the flame speed between the published curves. Beyond their end at 10 their mean slope goes on.
        On the plateau, nearer than 0.27, the curves as digitised rise outward in places, by up to a tenth in all.

    Raises
    ------
    OutOfRange
        The flame speed is not positive or above 5.2.

    References
    ----------
    .. [1] M.J. Tang, Q.A. Baker, "A new set of blast curves from vapor cloud explosion", Process Saf Prog 18 (1999)
       235-240.
    """
    speeds, log_distance, curves = _tang_baker()
    if not 0.0 < flame_mach <= speeds[-1]:
        raise OutOfRange(
            f"火焰马赫数须在 0 至 {speeds[-1]:g} 之间", f"the flame Mach number must lie between 0 and {speeds[-1]:g}"
        )
    overpressure = [np.interp(flame_mach, speeds, np.exp(curves[:, i])) for i in range(log_distance.size)]
    return log_distance, np.log(overpressure)


def flame_mach(confinement: str, reactivity: str, congestion: str) -> float:
    """Flame speed over the speed of sound for the Baker-Strehlow-Tang method.

    Parameters
    ----------
    confinement : str
        "3-D", "2.5-D" or "2-D": in how many directions the flame can expand.
    reactivity : str
        "high" (burning velocity above 0.75 m/s), "medium", "low" (below 0.45 m/s).
    congestion : str
        "high" (more than 40 % of the area blocked), "medium", "low" (less than 10 %).

    Returns
    -------
    float
        5.2 stands for a transition to detonation.

    Raises
    ------
    OutOfRange
        No such combination.

    References
    ----------
    .. [1] CCPS, *Guidelines for vapor cloud explosion, pressure vessel burst, BLEVE and flash fire hazards*, 2nd ed.,
       2010, Table 6.13.
    """
    for row in rows("flame_speed"):
        if (row["confinement"], row["reactivity"], row["congestion"]) == (confinement, reactivity, congestion):
            return float(row["flame_mach"])
    raise OutOfRange(
        f"火焰速度表中没有 {confinement} / {reactivity} / {congestion}",
        f"no flame speed for {confinement} / {reactivity} / {congestion}",
    )
