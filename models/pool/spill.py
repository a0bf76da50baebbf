"""Pools: how large they get, and the constant source of vapour that stands for what they give."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.errors import OutOfRange
from parkrisk.models.pool.history import LONGEST_SPILL, follow
from parkrisk.models.pool.steps import AREA, EVAPORATED, TEMPERATURE, TIME
from parkrisk.models.release.outflow import require
from parkrisk.models.substance.substances import Substance

__all__ = ["Pool", "pool_diameter", "spill", "window_kernel"]

Array = NDArray[np.float64]

_BOILS = 1.0  # K below the boiling point within which a pool counts as boiling
_NOTHING = np.empty(0)


def pool_diameter(volume: float, minimum_depth: float, bund_area: float = math.inf) -> float:
    """Diameter of the round pool that a volume makes, spread to its least depth or to the bund.

    Parameters
    ----------
    volume : float
        [m³]
    minimum_depth : float
        [m]
    bund_area : float
        Free area of the bund; infinite: none. [m²]

    Returns
    -------
    float
        [m]

    Examples
    --------
    Section 6.6.3 of CPR 14E (TNO Yellow Book), benzene:

    >>> round(pool_diameter(28.3, 0.02), 2)
    42.45
    """
    require(volume=volume, minimum_depth=minimum_depth)
    if not bund_area > 0.0:
        raise OutOfRange(f"围堰面积 {bund_area} 无效", f"bund area {bund_area} is not valid")
    return math.sqrt(4.0 * min(volume / minimum_depth, bund_area) / math.pi)


@kernel
def _evaporated(time: float, at: int, table: Array) -> float:
    """Mass [kg] that evaporated until a time [s] between the rows ``at`` and ``at + 1``."""
    if at + 1 >= table.shape[0]:
        return float(table[at, EVAPORATED])
    share = (time - table[at, TIME]) / (table[at + 1, TIME] - table[at, TIME])
    return float(table[at, EVAPORATED] + share * (table[at + 1, EVAPORATED] - table[at, EVAPORATED]))


@kernel
def window_kernel(table: Array, window: float) -> tuple[float, float]:
    """Largest mean evaporation [kg/s] over a window of time [s], and the mean temperature [K] of the vapour in it.

    Where the history (columns of ``history_kernel``) is shorter than the window, the mean is over all of it.
    """
    count = table.shape[0]
    width = min(window, table[count - 1, TIME])
    most, begin = -1.0, 0.0
    for ends_there in (False, True):
        early, late = 0, 0
        for i in range(count):
            start = table[i, TIME] - width if ends_there else table[i, TIME]
            if start < 0.0 or start + width > table[count - 1, TIME] * (1.0 + 1e-12):
                continue
            while early + 1 < count and table[early + 1, TIME] <= start:
                early += 1
            while late + 1 < count and table[late + 1, TIME] <= start + width:
                late += 1
            mass = _evaporated(start + width, late, table) - _evaporated(start, early, table)
            if mass > most:
                most, begin = mass, start
    warmth = 0.0
    for i in range(count - 1):
        first, last = table[i, TIME], table[i + 1, TIME]
        shared = min(last, begin + width) - max(first, begin)
        if shared > 0.0:
            mass = (table[i + 1, EVAPORATED] - table[i, EVAPORATED]) * shared / (last - first)
            warmth += mass * 0.5 * (table[i, TEMPERATURE] + table[i + 1, TEMPERATURE])
    return most / width, warmth / most if most > 0.0 else float(table[count - 1, TEMPERATURE])


@dataclass(frozen=True)
class Pool:
    """A pool at its largest, and the constant source of vapour that stands for it.

    Parameters
    ----------
    diameter : float
        Of the round pool with the same area. [m]
    depth : float
        Mean, if nothing had evaporated. [m]
    mass : float
        Spilt in all. [kg]
    vapour_rate : float
        [kg/s]
    duration : float
        In which ``evaporated`` enters the air at that rate; infinite if nothing evaporates. [s]
    temperature : float
        Of the evaporating liquid. [K]
    boiling : bool
        Whether it is within 1 K of its boiling point.
    flags : tuple of str
        Codes of assumptions.
    evaporated : float
        All that evaporates until the pool is dry or the time that counts is over. [kg]
    """

    diameter: float
    depth: float
    mass: float
    vapour_rate: float
    duration: float
    temperature: float
    boiling: bool
    flags: tuple[str, ...] = ()
    evaporated: float = 0.0

    @property
    def area(self) -> float:
        """[m²]."""
        return 0.25 * math.pi * self.diameter**2


def spill(
    substance: Substance,
    mass: float,
    temperature: float,
    weather: Weather,
    *,
    rate: float = 0.0,
    bund_area: float = math.inf,
    bund_height: float = math.inf,
    surface: str = "concrete",
    ground_temperature: float | None = None,
    sunshine: float = 0.0,
    averaging_time: float = 600.0,
    horizon: float = 3600.0,
) -> Pool:
    """Pool of a spill, and its vapour as a constant source.

    Parameters
    ----------
    substance : Substance
    mass : float
        Spilt in all. [kg]
    temperature : float
        Of the liquid; above the boiling point that counts. [K]
    weather : Weather
    rate : float
        At which it is spilt; 0: all at once. [kg/s]
    bund_area, bund_height, surface, ground_temperature, sunshine, horizon
        As in ``pool_history``.
    averaging_time : float
        Over which the vapour rate is averaged. [s]

    Returns
    -------
    Pool
        As large as it becomes until it is dry or the horizon after the spill is over. Of a spill longer than
        ``LONGEST_SPILL``, eleven days, only the beginning is followed.

    Raises
    ------
    OutOfRange, MissingProperty

    Notes
    -----
    The history of ``pool_history`` becomes one source: its rate is the largest mean rate in any window of the averaging
    time, or the mean over the pool's whole life if that is shorter; its duration is all the evaporated mass over that
    rate. So no mass is lost, and it enters the air at least as fast as it does averaged over that time, which errs on
    the safe side for concentrations and for doses whose exponent is 1 or more.
    """
    require(mass=mass, rate_or_zero=rate, averaging_time=averaging_time)
    if rate > 0.0:
        ends, rates = np.array([min(mass / rate, LONGEST_SPILL)]), np.array([float(rate)])
    else:
        ends, rates = _NOTHING, _NOTHING
    table, numbers, flags = follow(
        substance,
        temperature,
        weather,
        0.0 if rate > 0.0 else float(mass),
        ends,
        rates,
        bund_area=bund_area,
        bund_height=bund_height,
        surface=surface,
        ground_temperature=ground_temperature,
        sunshine=sunshine,
        horizon=horizon,
    )
    vapour, found = window_kernel(table, float(averaging_time))
    area, evaporated = float(table[-1, AREA]), float(table[-1, EVAPORATED])
    return Pool(
        diameter=math.sqrt(4.0 * area / math.pi),
        depth=mass / (numbers.density * area),
        mass=mass,
        vapour_rate=vapour,
        duration=evaporated / vapour if vapour > 0.0 else math.inf,
        temperature=found,
        boiling=found > numbers.boiling_point - _BOILS,
        flags=flags,
        evaporated=evaporated,
    )
