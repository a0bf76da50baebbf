"""Earthquake hazard at a site: how often which peak ground acceleration is exceeded, and its levels."""

import itertools
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models.errors import OutOfRange

__all__ = ["HazardCurve", "Shaking", "given_shaking", "shaking_levels"]

Array = NDArray[np.float64]

#: Levels are no wider than this. [ln PGA]
WIDEST = 0.05
#: Where the curve is cut: what is stronger shakes as this does. [g]
STRONGEST = 3.0


@dataclass(frozen=True)
class HazardCurve:
    """Annual frequency with which a peak ground acceleration is exceeded; straight on log-log paper between points.

    Parameters
    ----------
    pga : array, shape (n,)
        Rising, above 0, at least two. [g]
    frequency : array, shape (n,)
        Falling, above 0. [1/yr]

    Raises
    ------
    OutOfRange
        The points make no such curve.
    """

    pga: Array
    frequency: Array

    def __post_init__(self) -> None:
        """Refuse what is no hazard curve."""
        pga, frequency = self.pga, self.frequency
        if pga.ndim != 1 or pga.shape != frequency.shape or pga.size < 2:
            raise OutOfRange("危险性曲线至少要有两个点，且两列等长", "a hazard curve needs two points, columns alike")
        finite = np.isfinite(pga) & np.isfinite(frequency)
        if not (finite.all() and (pga > 0.0).all() and (frequency > 0.0).all() and (pga <= STRONGEST).all()):
            raise OutOfRange(
                f"峰值加速度须在 0 与 {STRONGEST:g} g 之间，超越频率须为正",
                f"a hazard curve needs 0 < PGA ≤ {STRONGEST:g} g and frequencies above 0",
            )
        if not ((np.diff(pga) > 0.0).all() and (np.diff(frequency) < 0.0).all()):
            raise OutOfRange(
                "危险性曲线的峰值加速度须递增、超越频率须递减", "along a hazard curve PGA must rise and frequency fall"
            )

    def exceedance(self, pga: ArrayLike) -> Array:
        """How often so much is exceeded; beyond the ends the curve goes on with its first and last slope. [1/yr]"""
        x, points, levels = np.log(pga), np.log(self.pga), np.log(self.frequency)
        at = np.clip(np.searchsorted(points, x, side="right") - 1, 0, points.size - 2)
        slope = np.diff(levels)[at] / np.diff(points)[at]
        return np.asarray(np.exp(levels[at] + slope * (x - points[at])))


class Shaking(NamedTuple):
    """Levels of an earthquake, weakest first."""

    pga: Array  #: what stands for the level [g]
    frequency: Array  #: of the level, not of exceedance [1/yr]
    extended: NDArray[np.bool_]  #: whether the level lies beyond the last point of the curve


def given_shaking(pga: float) -> Shaking:
    """Give one earthquake that is taken to happen: "per year" then reads "given the earthquake".

    Raises
    ------
    OutOfRange
        Not 0 < PGA ≤ 3 g.
    """
    if not 0.0 < pga <= STRONGEST:
        raise OutOfRange(
            f"峰值加速度须在 0 与 {STRONGEST:g} g 之间，现为 {pga:g}；单位是否为 gal（cm/s²）？",
            f"need 0 < PGA ≤ {STRONGEST:g} g, not {pga:g}; is it in gal (cm/s²)?",
        )
    return Shaking(np.array([pga]), np.ones(1), np.zeros(1, dtype=np.bool_))


def shaking_levels(curve: HazardCurve, refine: int = 1) -> Shaking:
    """Cut a hazard curve into levels.

    Parameters
    ----------
    curve : HazardCurve
    refine : int
        So many times as many levels, to see what their width does.

    Returns
    -------
    Shaking
        Every stretch between two points is cut into equal parts of ln PGA, none wider than 0.05. What stands for a
        part is exceeded with the mean of the frequencies at its two ends (midpoint rule in frequency: the error falls
        with the square of the width). Beyond the last point the curve goes on with its last slope up to 3 g, which
        errs on the safe side, since real curves steepen; all that is stronger counts as 3 g. Shaking below the first
        point is left out.
    """
    points = curve.pga if curve.pga[-1] >= STRONGEST else np.append(curve.pga, STRONGEST)
    edges = [np.array([points[0]])]
    for low, high in itertools.pairwise(points):
        parts = refine * math.ceil(math.log(high / low) / WIDEST)
        edges.append(np.geomspace(low, high, parts + 1)[1:])
    edge = np.concatenate(edges)
    exceeded = curve.exceedance(edge)
    ever = exceeded > 0.0  # a steep curve falls below the least number there is
    edge, exceeded = edge[ever], exceeded[ever]
    mean = 0.5 * (exceeded[:-1] + exceeded[1:])
    slope = np.diff(np.log(exceeded)) / np.diff(np.log(edge))
    middle = edge[:-1] * (mean / exceeded[:-1]) ** (1.0 / slope)
    pga = np.append(middle, edge[-1])
    return Shaking(pga, np.append(-np.diff(exceeded), exceeded[-1]), pga > curve.pga[-1])
