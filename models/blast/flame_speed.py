"""Blast of a gas cloud by the speed of its flame: Baker-Strehlow-Tang, and a fit for deflagrations."""

import functools
import math

import numpy as np
from numpy.typing import NDArray

from parkrisk.models.blast.curve import CURVES, DEFLAGRATION, Curve, Law, interpolated
from parkrisk.models.constants import constants, rows
from parkrisk.models.errors import OutOfRange
from parkrisk.models.fire.heat_footprint import positive

__all__ = [
    "baker_strehlow_tang_curve",
    "baker_strehlow_tang_law",
    "deflagration_law",
    "flame_mach",
]

Array = NDArray[np.float64]

_FASTEST_DEFLAGRATION = 500.0 / 340.0  # highest flame speed of the source over its speed of sound


@functools.cache
def _tang_baker(quantity: str) -> tuple[Array, Array, Array]:
    """Flame speeds, logarithms of the scaled distances and of a quantity of each speed at them."""
    table = [row for row in rows("blast_curves") if row[quantity]]
    log_distance = np.log(sorted({float(row["scaled_distance"]) for row in table}))
    speeds = sorted({float(row["flame_mach"]) for row in table})
    curves = []
    for speed in speeds:
        points = [row for row in table if float(row["flame_mach"]) == speed]
        known = np.log([(float(row["scaled_distance"]), float(row[quantity])) for row in points])
        known = known[np.argsort(known[:, 0])]
        # a curve that ends before the others goes on with the mean slope of its end
        slope = np.polyfit(known[-6:, 0], known[-6:, 1], 1)[0]
        beyond = slope * np.maximum(log_distance - known[-1, 0], 0.0)
        curves.append(np.interp(log_distance, known[:, 0], known[:, 1]) + beyond)
    return np.array(speeds), log_distance, np.array(curves)


@functools.lru_cache(maxsize=256)
def baker_strehlow_tang_curve(flame_mach: float, quantity: str = "scaled_overpressure") -> Curve:
    """Blast curve of one flame speed.

    Parameters
    ----------
    flame_mach : float
        Flame speed over the speed of sound, up to 5.2 (detonation). Below 0.2 the curve of 0.2 stands in (cautious).
    quantity : str
        "scaled_overpressure": over the air pressure; "scaled_impulse": i a0 / (p0^(2/3) (2E)^(1/3)).

    Returns
    -------
    Curve
        Against r (p0 / 2E)^(1/3), from 0.1; linear in the flame speed between the published curves. Beyond their end at
        10 their mean slope goes on. On the plateau, nearer than 0.27, the curves as digitised rise outward in places,
        by up to a tenth in all.

    Raises
    ------
    OutOfRange
        The flame speed is not positive or above 5.2.

    Notes
    -----
    Against the Euler equations of a ball with the same flame (`models.spherical_blast`) the curves agree within 20 %
    nearer than 1; farther out those of 1 and faster stay up to 40 % higher.

    References
    ----------
    .. [1] M.J. Tang, Q.A. Baker, "A new set of blast curves from vapor cloud explosion", Process Saf Prog 18 (1999)
       235-240.
    """
    speeds, log_distance, curves = _tang_baker(quantity)
    if not 0.0 < flame_mach <= speeds[-1]:
        raise OutOfRange(
            f"火焰马赫数须在 0 至 {speeds[-1]:g} 之间", f"the flame Mach number must lie between 0 and {speeds[-1]:g}"
        )
    values = [np.interp(flame_mach, speeds, np.exp(curves[:, i])) for i in range(log_distance.size)]
    return interpolated(log_distance, np.log(values))


def baker_strehlow_tang_law(energy: float, flame_mach: float, air_pressure: float) -> Law:
    """Law of a cloud of this energy [J] on the ground, which reflects the other half."""
    positive(energy=energy, air_pressure=air_pressure)
    scale = math.cbrt(2.0 * energy / air_pressure)
    unit = air_pressure * scale / constants("explosion")["sound_speed"].value
    overpressure = baker_strehlow_tang_curve(flame_mach)
    impulse = baker_strehlow_tang_curve(flame_mach, "scaled_impulse")
    return Law(CURVES, scale, air_pressure, unit, 0.0, overpressure, impulse)


def deflagration_law(energy: float, flame_mach: float, air_pressure: float) -> Law:
    """Law of a deflagrating cloud after the Russian official method.

    Parameters
    ----------
    energy : float
        [J]
    flame_mach : float
        Flame speed over the speed of sound, up to 500 m/s over 340 m/s.
    air_pressure : float
        [Pa]

    Raises
    ------
    OutOfRange
        A faster flame, or a value that is not positive.

    Notes
    -----
    Nearer than 0.34 (E/p0)^(1/3) the values there hold. Gas burns to seven times its volume; of a heavy gas on the
    ground the source takes twice the energy. The overpressure grows with the square of the flame speed everywhere: far
    out the fastest flames give several times that of a detonation, while up to a Mach number of 0.5 the law agrees with
    Baker-Strehlow-Tang within 1.35.

    References
    ----------
    .. [1] Rostechnadzor, *Method of assessing the consequences of accidental explosions of fuel-air mixtures*, 2016.
    """
    positive(energy=energy, flame_mach=flame_mach, air_pressure=air_pressure)
    if flame_mach > _FASTEST_DEFLAGRATION:
        raise OutOfRange(
            f"爆燃公式的火焰速度上限为 500 m/s，现马赫数为 {flame_mach:g}",
            f"the deflagration fit ends at a flame speed of 500 m/s; the Mach number is {flame_mach:g}",
        )
    scale = math.cbrt(energy / air_pressure)
    unit = air_pressure * scale / constants("explosion")["sound_speed"].value
    none = baker_strehlow_tang_curve(0.2)
    return Law(DEFLAGRATION, scale, air_pressure, unit, flame_mach, none, none)


def flame_mach(confinement: str, reactivity: str, congestion: str) -> float:
    """Flame speed over the speed of sound for the Baker-Strehlow-Tang method.

    Parameters
    ----------
    confinement : str
        "3-D", "2.5-D" or "2-D": in how many directions the flame can expand.
    reactivity : str
        "high" (burning velocity above 0.75 m/s), "medium", "low" (below 0.45 m/s); see
        `Substance.burning_velocity_class`.
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
    .. [1] A.J. Pierorazio et al., "An update to the Baker-Strehlow-Tang vapor cloud explosion prediction methodology
       flame speed table", Process Saf Prog 24 (2005) 59-65.
    .. [2] CCPS, *Guidelines for vapor cloud explosion, pressure vessel burst, BLEVE and flash fire hazards*, 2nd ed.,
       2010, Table 6.13.
    """
    for row in rows("flame_speed"):
        if (row["confinement"], row["reactivity"], row["congestion"]) == (confinement, reactivity, congestion):
            return float(row["flame_mach"])
    raise OutOfRange(
        f"火焰速度表中没有 {confinement} / {reactivity} / {congestion}",
        f"no flame speed for {confinement} / {reactivity} / {congestion}",
    )
