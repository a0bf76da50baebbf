"""Lightning: how often a structure is struck, and how likely a flash makes it lose its content."""

import functools
import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models.bounds import bounded
from parkrisk.models.constants import constants
from parkrisk.models.errors import OutOfRange

__all__ = [
    "LOCATIONS",
    "PROTECTIONS",
    "collection_area",
    "collection_area_of_box",
    "flags",
    "ground_flash_density",
    "location_factor",
    "loss_probability",
    "protection_factor",
    "unknown_height",
]

Array = NDArray[np.float64]

LOCATIONS = ("among_higher", "among_equal", "isolated", "hilltop")
#: Classes of lightning protection systems, the best last.
PROTECTIONS = ("none", "IV", "III", "II", "I")

_LARGEST = 1e4  # no structure is longer or higher [m]


def _size(values: ArrayLike) -> Array:
    return bounded(values, "建筑物尺寸 (m) ", "size of a structure [m]", _LARGEST)


def collection_area(diameter: ArrayLike, height: ArrayLike) -> Array:
    """Area of ground whose flashes an isolated upright cylinder attracts: a disc that reaches 3 H beyond its shell.

    Parameters
    ----------
    diameter, height : float or array
        [m]

    Returns
    -------
    array
        [m²]

    Raises
    ------
    OutOfRange
        A size is negative, NaN or above 10 km.

    Notes
    -----
    IEC 62305-2:2010, A.2.1, for a circular plan.

    Examples
    --------
    >>> round(float(collection_area(20.0, 10.0)))  # π (10 + 30)²
    5027
    """
    wide, high = _size(diameter), _size(height)
    return np.asarray(math.pi * (0.5 * wide + constants("lightning")["reach"].value * high) ** 2)


def collection_area_of_box(length: ArrayLike, width: ArrayLike, height: ArrayLike) -> Array:
    """Area of ground whose flashes an isolated box attracts. [m²]

    Notes
    -----
    A_D = L W + 2 (3 H) (L + W) + π (3 H)²: IEC 62305-2:2010, eq. (A.2). Errors as `collection_area`.

    Examples
    --------
    >>> round(float(collection_area_of_box(40.0, 20.0, 10.0)))  # 800 + 3600 + 900 π
    7227
    """
    long, wide, high = _size(length), _size(width), _size(height)
    reach = constants("lightning")["reach"].value * high
    return np.asarray(long * wide + 2.0 * reach * (long + wide) + math.pi * reach**2)


def ground_flash_density(thunder_days: float) -> float:
    """Flashes to ground per area and year. [1/(m² yr)]

    Parameters
    ----------
    thunder_days : float
        Days per year on which thunder is heard, at most 300. [1/yr]

    Raises
    ------
    OutOfRange
        It is negative, NaN or above 300.

    Notes
    -----
    N_G = 0.1 T_D per km² and year: IEC 62305-2:2010, A.1. A measured density is better.
    """
    days = float(bounded(thunder_days, "雷暴日 (d/a) ", "thunder days [1/yr]", 300.0))
    return constants("lightning")["flashes_per_thunder_day"].value * days * 1e-6


def _factor(kind: str, name: str, known: tuple[str, ...]) -> float:
    if name not in known:
        names = ", ".join(known)
        raise OutOfRange(f"未知取值 {name!r}，可用：{names}", f"unknown {kind} {name!r}; known: {names}")
    return constants("lightning")[f"{kind}_{name}"].value


@functools.cache
def location_factor(location: str) -> float:
    """Share of the collection area that is left by what stands around (IEC 62305-2:2010, table A.1)."""
    return _factor("location", location, LOCATIONS)


@functools.cache
def protection_factor(protection: str) -> float:
    """Chance that a flash does damage although there is a protection system (IEC 62305-2:2010, table B.2)."""
    return _factor("protection", protection, PROTECTIONS)


def loss_probability(equipment_class: str) -> float:
    """Chance that a flash into an unprotected unit makes it lose its content or sets it on fire; assumed."""
    return constants("lightning")[f"{equipment_class}_loss"].value


def unknown_height() -> float:
    """Height that stands for an unknown one; assumed. [m]"""
    return constants("lightning")["height_unknown"].value


def flags() -> tuple[str, ...]:
    """Codes of what is unverified."""
    return ("unverified:lightning_loss",)
