"""Multi-energy method of TNO: ten strengths of a gas explosion, and how to choose among them."""

import functools
import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models.blast.curve import CURVES, Curve, Law, curve_kernel, polynomial_pieces, product
from parkrisk.models.constants import constants, rows
from parkrisk.models.errors import OutOfRange
from parkrisk.models.fire.heat_footprint import positive

__all__ = [
    "SOURCE_CLASSES",
    "cloud_energy",
    "game_overpressure",
    "multi_energy",
    "multi_energy_duration",
    "multi_energy_law",
    "source_class",
    "source_class_of",
]

Array = NDArray[np.float64]

#: Strengths of a source, 10 is a detonation.
SOURCE_CLASSES = tuple(range(1, 11))

_NEAREST, _FARTHEST = 0.23, 100.0  # the curves begin at the radius of a hemisphere of 3.5 MJ/m³


def _check_class(strength: float) -> int:
    if strength not in SOURCE_CLASSES:
        raise OutOfRange(
            f"多能法强度等级须为 1 至 10 的整数，现为 {strength:g}",
            f"the class of a multi-energy source is a whole number from 1 to 10, is {strength:g}",
        )
    return int(strength)


@functools.cache
def curves(strength: int) -> tuple[Curve, Curve, Curve]:
    """Overpressure over p0, duration times a0 (p0/E)^(1/3), and half their product, against r (p0/E)^(1/3)."""
    found = []
    for quantity in ("overpressure", "duration"):
        pieces = [row for row in rows("multi_energy") if row["quantity"] == quantity and int(row["class"]) == strength]
        factor = [float(row["coefficient"]) for row in pieces]
        power = [float(row["exponent"]) for row in pieces]
        ends = [float(row["end"]) for row in pieces]
        if quantity == "overpressure":
            # the printed ends are rounded: where two pieces meet they leave no step
            meet = [(factor[i + 1] / factor[i]) ** (1.0 / (power[i] - power[i + 1])) for i in range(len(pieces) - 1)]
            ends = [*meet, math.inf]
        logarithms = [[math.log(a), b] for a, b in zip(factor, power, strict=True)]
        found.append(polynomial_pieces(_NEAREST, ends, logarithms))
    return found[0], found[1], product(found[0], found[1], 0.5)


def multi_energy_law(energy: float, strength: float, air_pressure: float) -> Law:
    """Law of a source of this energy [J] on the ground; the impulse is that of a triangular pulse."""
    positive(energy=energy, air_pressure=air_pressure)
    overpressure, _, impulse = curves(_check_class(strength))
    scale = math.cbrt(energy / air_pressure)
    unit = air_pressure * scale / constants("explosion")["sound_speed"].value
    return Law(CURVES, scale, air_pressure, unit, 0.0, overpressure, impulse)


def _values(scaled_distance: ArrayLike, curve: Curve) -> Array:
    values = np.asarray(scaled_distance, dtype=np.float64)
    if not bool(np.all((values >= _NEAREST) & (values <= _FARTHEST))):
        raise OutOfRange(
            f"比例距离须在 {_NEAREST:g} 至 {_FARTHEST:g} 之间",
            f"the scaled distance must lie between {_NEAREST:g} and {_FARTHEST:g}",
        )
    return np.array([curve_kernel(x, curve) for x in values.ravel()]).reshape(values.shape)


def multi_energy(scaled_distance: ArrayLike, strength: float) -> Array:
    """Peak overpressure of a gas explosion on the ground, over the air pressure.

    Parameters
    ----------
    scaled_distance : float or array
        r (p0/E)^(1/3), E the heat of combustion of the hemispherical source; 0.23 to 100. [-]
    strength : float
        Class of the source, 1 to 10.

    Returns
    -------
    array
        [-]

    Raises
    ------
    OutOfRange
        Outside these ranges.

    Notes
    -----
    The curves are those of [1]_, as fitted by [2]_ to a published calculator; the fits of [3]_ agree within 16 %. For
    classes 8 and 9 nearer than 1 the two part, by up to 1.9, and those of [3]_ stand here: the Euler equations
    (`models.spherical_blast`) are nearer to them. Against the same equations class 10 is 23 % low to 22 % high.

    References
    ----------
    .. [1] A.C. van den Berg, "The multi-energy method", J Hazard Mater 12 (1985) 1-10.
    .. [2] M. Johansson, *Gasexplosion i det fria*, MSB B02-121, 2013, Tables 5.2 and 5.3 (B06-105, 2017, 4.2 and 4.3).
    .. [3] F. Diaz Alonso et al., J Hazard Mater A137 (2006) 734-741.

    Examples
    --------
    >>> round(float(multi_energy(2.0, 7)), 3)
    0.171
    """
    return _values(scaled_distance, curves(_check_class(strength))[0])


def multi_energy_duration(scaled_distance: ArrayLike, strength: float) -> Array:
    """Duration of the positive phase times a0 (p0/E)^(1/3); parameters, errors and sources as `multi_energy`.

    Examples
    --------
    >>> round(float(multi_energy_duration(2.0, 10)), 2)
    0.33
    """
    return _values(scaled_distance, curves(_check_class(strength))[1])


def cloud_energy(volume: float) -> float:
    """Heat of a stoichiometric cloud of hydrocarbon in air, 3.5 MJ/m³; ``volume`` [m³] is what obstacles fill. [J]"""
    positive(volume=volume)
    return volume * constants("explosion")["cloud_energy_density"].value


def source_class(ignition: str, obstruction: str, *, confined: bool, cautious: bool = True) -> int:
    """Class of a source after Kinsella's table.

    Parameters
    ----------
    ignition : str
        "low" (spark, flame, hot surface) or "high" (explosive, jet from an explosion inside).
    obstruction : str
        "high", "low" or "none".
    confined : bool
        Between walls or decks.
    cautious : bool
        True: as revised after tests, never below 3, 7 and more where the obstruction is high. False: the upper end of
        Kinsella's range.

    Raises
    ------
    OutOfRange
        No such combination.

    References
    ----------
    .. [1] K.G. Kinsella, "A rapid assessment methodology for the prediction of vapour cloud explosion overpressure",
       Singapore, 1993; M. Johansson, MSB B06-105, 2017, Tables 5.4 and 5.10.
    """
    key = (ignition, obstruction, "yes" if confined else "no")
    for row in rows("source_classes"):
        if (row["ignition"], row["obstruction"], row["confined"]) == key:
            return int(row["class_cautious" if cautious else "class_high"])
    raise OutOfRange(
        f"表中没有点火 {ignition} / 障碍 {obstruction}", f"no class for ignition {ignition} / obstruction {obstruction}"
    )


def game_overpressure(
    blockage: float, flame_path: float, obstacle_diameter: float, burning_velocity: float, *, planar: bool = False
) -> float:
    """Overpressure of a source between regular obstacles after the correlation of the GAME project. [Pa]

    Parameters
    ----------
    blockage : float
        Volume of the obstacles over that of the region, below 1. [-]
    flame_path : float
        Farthest way of the flame through the obstacles. [m]
    obstacle_diameter : float
        Mean. [m]
    burning_velocity : float
        Laminar. [m/s]
    planar : bool
        Between parallel planes instead of in the open.

    Raises
    ------
    OutOfRange
        A value is not positive or the blockage is 1 or more.

    Notes
    -----
    84 (or 338) kPa times (VBR L/D)^2.75 (or 2.25) S^2.7 D^0.7 [1]_. It rests on scaled rigs of regular pipes in three
    directions and has no upper bound; `source_class_of` ends at 10.

    References
    ----------
    .. [1] J.B.M.M. Eggen, *GAME: guidance for the application of the multi-energy method*, TNO, 1998, as MSB B06-105
       eqs. 5.1 and 5.2 print it.
    """
    positive(
        blockage=blockage, flame_path=flame_path, obstacle_diameter=obstacle_diameter, burning_velocity=burning_velocity
    )
    if not blockage < 1.0:
        raise OutOfRange("体积阻塞率须小于 1", "the volume blockage must be below 1")
    table = constants("explosion")
    kind = "planar" if planar else "open"
    crowded = math.pow(blockage * flame_path / obstacle_diameter, table[f"game_{kind}_exponent"].value)
    return (
        table[f"game_{kind}_factor"].value
        * crowded
        * math.pow(burning_velocity, 2.7)
        * math.pow(obstacle_diameter, 0.7)
    )


def source_class_of(overpressure: float, air_pressure: float = 101_325.0) -> int:
    """Weakest class whose plateau is at least this overpressure [Pa]; 10 where none is."""
    positive(overpressure=overpressure, air_pressure=air_pressure)
    for row in rows("multi_energy"):
        is_plateau = row["quantity"] == "overpressure" and float(row["exponent"]) == 0.0
        if is_plateau and float(row["coefficient"]) * air_pressure >= 0.999 * overpressure:
            return int(row["class"])
    return SOURCE_CLASSES[-1]
