"""Closed form for a gas line that empties from one end: the double exponential of Bell and Wilson.

A check of ``pipeline``, and a quick estimate.
"""

import math

from parkrisk.models.errors import OutOfRange
from parkrisk.models.release.outflow import require

__all__ = ["wilson_rate", "wilson_time"]


def wilson_time(
    length: float, sound_speed: float, ratio: float, friction: float, diameter: float, hole_share: float
) -> float:
    """Time constant β of a gas line that empties from one end. [s]

    Parameters
    ----------
    length : float
        [m]
    sound_speed : float
        Of the gas at rest. [m/s]
    ratio : float
        cp/cv. [-]
    friction : float
        Darcy's factor. [-]
    diameter : float
        Bore. [m]
    hole_share : float
        Area of the breach (with its discharge coefficient) over that of the bore, at most 1. [-]

    Raises
    ------
    OutOfRange

    Notes
    -----
    β = ⅔ (L/c) K_F Γ^1.5 K_h^−3 [(1 + K_h²/(K_F Γ))^1.5 − 1], K_F = D/(γ f L), Γ = ((γ+1)/2)^((γ+1)/(γ−1)) [1]_. For a
    small hole it is the time m0/q0 of a vessel, for a rupture ⅔ (L/c) √(γ f L/D).

    References
    ----------
    .. [1] D. J. Wilson, *Expansion and plume rise of gas jets from high pressure gas pipeline ruptures*, Alberta
       Environment, 1981; the pipeline source of ALOHA (NOAA NOS OR&R 43).
    """
    require(length=length, sound_speed=sound_speed, friction=friction, diameter=diameter, hole_share=hole_share)
    if not ratio > 1.0 or hole_share > 1.0:
        raise OutOfRange(
            f"比热比 {ratio} 或孔面积比 {hole_share} 无效", f"ratio {ratio} or hole share {hole_share} is not valid"
        )
    resistance = diameter / (ratio * friction * length)
    gamma = ((ratio + 1.0) / 2.0) ** ((ratio + 1.0) / (ratio - 1.0))
    bracket = (1.0 + hole_share**2 / (resistance * gamma)) ** 1.5 - 1.0
    return float(2.0 / 3.0 * length / sound_speed * resistance * gamma**1.5 / hole_share**3 * bracket)


def wilson_rate(time: float, mass: float, rate: float, constant: float) -> float:
    """Rate of a gas line that empties from one end, as a double exponential. [kg/s]

    Parameters
    ----------
    time : float
        Since the rupture. [s]
    mass : float
        In the line at the start. [kg]
    rate : float
        Choked at the start, at the pressure of the line. [kg/s]
    constant : float
        β of ``wilson_time``. [s]

    Notes
    -----
    q = q0/(1+α) [exp(−t/(α² β)) + α exp(−t/β)], α = m0/(β q0); its integral is m0. Bell 1978, Wilson 1981, as above.
    """
    require(time_or_zero=time, mass=mass, rate=rate, constant=constant)
    alpha = mass / (constant * rate)
    fast = time / (alpha**2 * constant)
    return rate / (1.0 + alpha) * (math.exp(-fast) + alpha * math.exp(-time / constant))
