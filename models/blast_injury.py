"""People hit by a blast itself: lungs, the body thrown, the head, ears, by overpressure and impulse.

The default of the package remains the step rule of AQ/T 3046 in :mod:`parkrisk.models.vulnerability`, which covers what
falls and flies as well. The probits here are of the direct effect alone and ask for far stronger blasts.
"""

import functools
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.bounds import bounded
from parkrisk.models.constants import constants
from parkrisk.models.errors import OutOfRange
from parkrisk.models.probit import dose_probability, probability_kernel

__all__ = [
    "ANY",
    "BODY",
    "LUNG",
    "POSTURES",
    "SKULL",
    "InjuryProbits",
    "blast_death_kernel",
    "blast_deaths",
    "blast_probability_hse",
    "dynamic_pressure_kernel",
    "eardrum_probability",
    "injury_probits",
    "lung_probability_eisenberg",
    "reflected_pressure_kernel",
]

Array = NDArray[np.float64]

#: Rows of `blast_deaths`: how they die.
LUNG = 0
BODY = 1  #: thrown, and hitting something with the whole body
SKULL = 2  #: thrown, and hitting something with the head
ANY = 3  #: one of the three

#: "open": standing free, the wind of the blast adds to it. "wall": before a wall that reflects it.
POSTURES = ("open", "wall")

_HIGHEST_OVERPRESSURE = 1e9  # [Pa]
_HIGHEST_IMPULSE = 1e9  # [Pa·s]


class InjuryProbits(NamedTuple):
    """Constants of 5 - slope ln(pressure/p + impulse/(p i)), for lungs of pressure/p̄ + impulse/ī scaled."""

    lung_pressure: float
    lung_impulse: float
    lung_slope: float
    body_pressure: float
    body_impulse: float
    body_slope: float
    skull_pressure: float
    skull_impulse: float
    skull_slope: float


@functools.cache
def injury_probits() -> InjuryProbits:
    """Constants from the data file."""
    table = constants("vulnerability")
    return InjuryProbits(*(table[name].value for name in InjuryProbits._fields))


@kernel
def dynamic_pressure_kernel(overpressure: float, ambient_pressure: float) -> float:
    """Pressure of the wind behind a shock front in air (γ 1.4). [Pa]"""
    return 2.5 * overpressure * overpressure / (7.0 * ambient_pressure + overpressure)


@kernel
def reflected_pressure_kernel(overpressure: float, ambient_pressure: float) -> float:
    """Overpressure of a shock front reflected head-on by a wall (γ 1.4). [Pa]"""
    return 2.0 * overpressure * (7.0 * ambient_pressure + 4.0 * overpressure) / (7.0 * ambient_pressure + overpressure)


@kernel
def blast_death_kernel(
    overpressure: float, impulse: float, body_mass: float, ambient_pressure: float, wall: bool, probits: InjuryProbits
) -> tuple[float, float, float, float]:
    """Probability of death by lungs, body, skull, and by any of them.

    Side-on overpressure [Pa] and impulse [Pa·s]; 0 without either.
    """
    if not (overpressure > 0.0 and impulse > 0.0):
        return 0.0, 0.0, 0.0, 0.0
    if wall:
        pressure = reflected_pressure_kernel(overpressure, ambient_pressure)
    else:
        pressure = overpressure + dynamic_pressure_kernel(overpressure, ambient_pressure)
    scaled = impulse / (math.sqrt(ambient_pressure) * body_mass ** (1.0 / 3.0))
    load = probits.lung_pressure * ambient_pressure / pressure + probits.lung_impulse / scaled
    lung = probability_kernel(5.0 - probits.lung_slope * math.log(load))
    load = (probits.body_pressure + probits.body_impulse / impulse) / pressure
    body = probability_kernel(5.0 - probits.body_slope * math.log(load))
    load = (probits.skull_pressure + probits.skull_impulse / impulse) / pressure
    skull = probability_kernel(5.0 - probits.skull_slope * math.log(load))
    return lung, body, skull, 1.0 - (1.0 - lung) * (1.0 - body) * (1.0 - skull)


def blast_deaths(
    overpressure: ArrayLike,
    impulse: ArrayLike,
    body_mass: float = 70.0,
    posture: str = "open",
    ambient_pressure: float = 101_325.0,
) -> Array:
    """Probability of death by the direct effect of a blast.

    Parameters
    ----------
    overpressure : float or array
        Peak side-on. [Pa]
    impulse : float or array
        Of the positive phase, side-on. [Pa·s]
    body_mass : float
        [kg]
    posture : str
        One of ``POSTURES``.
    ambient_pressure : float
        [Pa]

    Returns
    -------
    array, shape (4, ...)
        Rows LUNG, BODY, SKULL, ANY.

    Raises
    ------
    OutOfRange
        A value is negative, NaN or impossibly high; body mass outside 3 to 200 kg; air pressure outside 50 to 120 kPa;
        another posture.

    Notes
    -----
    Lungs: 5 - 5.74 ln(4.2 p0/p + 1.3 √p0 m^(1/3)/i). Body: 5 - 2.44 ln(7280/p + 1.3e9/(p i)). Skull: 5 - 8.49 ln(2430/p
    + 4e8/(p i)). p is the side-on overpressure with the dynamic pressure added, or the reflected one; i side-on. The
    three are taken as independent. After [1]_, as [2]_ uses them.

    References
    ----------
    .. [1] TNO, CPR 16E, *Methods for the determination of possible damage* (Green Book), chapter 3.
    .. [2] DDESB Technical Paper 14, *Approved methods and algorithms for DoD risk-based explosives siting*, step 8.
    """
    if posture not in POSTURES:
        raise OutOfRange(
            f"姿态须为 {POSTURES} 之一，现为 {posture!r}", f"posture is one of {POSTURES}, not {posture!r}"
        )
    pressure, push = np.broadcast_arrays(
        bounded(overpressure, "超压 (Pa) ", "overpressure [Pa]", _HIGHEST_OVERPRESSURE),
        bounded(impulse, "冲量 (Pa·s) ", "impulse [Pa·s]", _HIGHEST_IMPULSE),
    )
    mass = float(bounded(body_mass, "体重 (kg) ", "body mass [kg]", 200.0, 3.0))
    ambient = float(bounded(ambient_pressure, "气压 (Pa) ", "air pressure [Pa]", 1.2e5, 5e4))
    wall, probits = posture == "wall", injury_probits()
    found = [
        blast_death_kernel(float(p), float(i), mass, ambient, wall, probits)
        for p, i in zip(pressure.flat, push.flat, strict=True)
    ]
    return np.array(found).reshape(-1, 4).T.reshape((4, *pressure.shape))


def _single(overpressure: ArrayLike, name: str, unit: float = 1.0) -> Array:
    table = constants("vulnerability")
    values = bounded(overpressure, "超压 (Pa) ", "overpressure [Pa]", _HIGHEST_OVERPRESSURE)
    return dose_probability(values / unit, table[f"{name}_intercept"].value, table[f"{name}_slope"].value)


def lung_probability_eisenberg(overpressure: ArrayLike) -> Array:
    """Probability of death by bleeding lungs, Pr = -77.1 + 6.91 ln(p/Pa), of blasts that last (Eisenberg et al. 1975).

    Peak side-on overpressure [Pa]; OutOfRange if it is negative, NaN or above 1e9 Pa.
    """
    return _single(overpressure, "lung_eisenberg")


def eardrum_probability(overpressure: ArrayLike) -> Array:
    """Probability of a ruptured eardrum, Pr = -15.6 + 1.93 ln(p/Pa) (Eisenberg et al. 1975).

    Arguments and errors as `lung_probability_eisenberg`.
    """
    return _single(overpressure, "eardrum")


def blast_probability_hse(overpressure: ArrayLike) -> Array:
    """Probability of death by blast after the HSE probit, an alternative to the step rule.

    Parameters
    ----------
    overpressure : float or array
        Peak side-on. [Pa]

    Returns
    -------
    array, same shape
        Φ(Pr - 5) with Pr = 5.13 + 1.37 ln(p / bar): 1, 50 and 95 % at 17, 90 and 300 kPa.

    Raises
    ------
    OutOfRange
        An overpressure is negative, NaN or above 1e9 Pa.

    References
    ----------
    .. [1] UK HSE, SPC/Technical/OSD/30, eq. 4a.
    """
    return _single(overpressure, "blast_probit", 1e5)
