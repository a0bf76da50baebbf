"""Buildings in a blast: damage by overpressure and impulse, glass, and those inside.

The probits of damage rest on brick houses bombed in the war; a framed or a blast-resistant building stands more, a
portable cabin less. No public source was found for others, so there is one class. The default for people indoors
remains the step rule of AQ/T 3046 in :mod:`parkrisk.models.vulnerability`.
"""

import functools
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.bounds import bounded
from parkrisk.models.constants import constants, rows
from parkrisk.models.errors import OutOfRange
from parkrisk.models.probit import dose_probability, probability_kernel

__all__ = [
    "DAMAGE_LEVELS",
    "BuildingDamage",
    "building_damage",
    "building_damage_kernel",
    "building_damage_probability",
    "critical_overpressure",
    "glass_breakage_probability",
    "occupant_death_probability",
]

Array = NDArray[np.float64]

DAMAGE_LEVELS = ("minor", "major", "collapse")


class BuildingDamage(NamedTuple):
    """Pr = 5 - slope ln((pressure/p)^pressure_power + (impulse/i)^impulse_power), p in Pa, i in Pa·s."""

    slope: float
    pressure: float
    pressure_power: float
    impulse: float
    impulse_power: float


@functools.cache
def building_damage(level: str) -> BuildingDamage:
    """Constants of a level of damage to brick houses.

    Raises
    ------
    OutOfRange
        Not one of ``DAMAGE_LEVELS``.
    """
    if level not in DAMAGE_LEVELS:
        known = ", ".join(DAMAGE_LEVELS)
        raise OutOfRange(f"未知破坏等级 {level!r}，可用：{known}", f"unknown level of damage {level!r}; known: {known}")
    row = next(row for row in rows("building_damage") if row["level"] == level)
    return BuildingDamage(*(float(row[name]) for name in BuildingDamage._fields))


@kernel
def building_damage_kernel(overpressure: float, impulse: float, damage: BuildingDamage) -> float:
    """Probability of a level of damage by a side-on overpressure [Pa] and impulse [Pa·s]; 0 without either."""
    if not (overpressure > 0.0 and impulse > 0.0):
        return 0.0
    load = (damage.pressure / overpressure) ** damage.pressure_power + (
        damage.impulse / impulse
    ) ** damage.impulse_power
    return probability_kernel(5.0 - damage.slope * math.log(load))


def _blast(overpressure: ArrayLike, impulse: ArrayLike) -> tuple[Array, Array]:
    pressure, push = np.broadcast_arrays(
        bounded(overpressure, "超压 (Pa) ", "overpressure [Pa]", 1e9),
        bounded(impulse, "冲量 (Pa·s) ", "impulse [Pa·s]", math.inf),
    )
    return pressure, push


def building_damage_probability(overpressure: ArrayLike, impulse: ArrayLike, level: str) -> Array:
    """Probability that a brick house is damaged at least to a level.

    Parameters
    ----------
    overpressure : float or array
        Peak side-on. [Pa]
    impulse : float or array
        Of the positive phase, side-on; infinite: a blast that lasts. [Pa·s]
    level : str
        "minor": windows, doors, light partitions. "major": some walls fail. "collapse".

    Raises
    ------
    OutOfRange
        A value is negative, NaN or impossibly high; unknown level.

    Notes
    -----
    Half the houses suffer minor, major damage and collapse at 4.6, 17.5 and 40 kPa of a blast that lasts, and at 110,
    290 and 460 Pa·s of a short one [1]_.

    References
    ----------
    .. [1] TNO, CPR 16E, *Methods for the determination of possible damage* (Green Book), chapter 2.

    Examples
    --------
    >>> round(float(building_damage_probability(40e3, float("inf"), "collapse")), 3)
    0.5
    """
    pressure, push = _blast(overpressure, impulse)
    damage = building_damage(level)
    found = [building_damage_kernel(float(p), float(i), damage) for p, i in zip(pressure.flat, push.flat, strict=True)]
    return np.array(found).reshape(pressure.shape)


def critical_overpressure(impulse: float, level: str) -> float:
    """Overpressure [Pa] that damages half the brick houses to a level, on the P-I curve; infinite below its impulse.

    Raises
    ------
    OutOfRange
        The impulse [Pa·s] is not positive; unknown level.
    """
    if not impulse > 0.0:
        raise OutOfRange(f"冲量须为正数，现为 {impulse}", f"the impulse must be positive, is {impulse}")
    damage = building_damage(level)
    left = 1.0 - (damage.impulse / impulse) ** damage.impulse_power
    return damage.pressure * left ** (-1.0 / damage.pressure_power) if left > 0.0 else math.inf


def glass_breakage_probability(overpressure: ArrayLike) -> Array:
    """Probability that a window pane breaks, Pr = -16.58 + 2.53 ln(p/Pa).

    Parameters
    ----------
    overpressure : float or array
        Peak side-on. [Pa]

    Raises
    ------
    OutOfRange
        An overpressure is negative, NaN or above 1e9 Pa.

    References
    ----------
    .. [1] TNO, CPR 16E, *Methods for the determination of possible damage* (Green Book), chapter 2.
    """
    table = constants("buildings")
    values = bounded(overpressure, "超压 (Pa) ", "overpressure [Pa]", 1e9)
    return dose_probability(values, table["glass_intercept"].value, table["glass_slope"].value)


def occupant_death_probability(
    overpressure: ArrayLike, impulse: ArrayLike, killed_in_collapse: float | None = None
) -> Array:
    """Probability of death of someone in a brick house, by its collapse.

    Parameters
    ----------
    overpressure, impulse : float or array
        As `building_damage_probability`.
    killed_in_collapse : float, optional
        Share of those inside who die when it collapses, 0 to 1; default 1, as HyRAM+ counts.

    Raises
    ------
    OutOfRange
        As `building_damage_probability`; a share outside 0 to 1.
    """
    share = constants("buildings")["killed_in_collapse"].value if killed_in_collapse is None else killed_in_collapse
    share = float(bounded(share, "倒塌致死比例", "share killed in a collapse", 1.0))
    return share * building_damage_probability(overpressure, impulse, "collapse")
