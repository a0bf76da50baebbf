"""A pool over time: what is asked, what is found."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.errors import OutOfRange
from parkrisk.models.pool.evaporation import LARGEST_DIAMETER, ground
from parkrisk.models.pool.heat import PoolNumbers, pool_numbers
from parkrisk.models.pool.steps import AREA, EVAPORATED, MASS, TEMPERATURE, TIME, history_kernel
from parkrisk.models.release.outflow import require
from parkrisk.models.substance.substances import Substance

__all__ = ["LONGEST_SPILL", "PoolHistory", "follow", "pool_history"]

Array = NDArray[np.float64]

#: Longest inflow that is followed. [s]
LONGEST_SPILL = 1.0e6
_LARGEST_AREA = 0.25 * math.pi * LARGEST_DIAMETER**2


@dataclass(frozen=True)
class PoolHistory:
    """A pool over time, all arrays of the same length.

    Parameters
    ----------
    time : array
        Since the spill began, from 0. [s]
    diameter : array
        Of the round pool with the same area. [m]
    depth : array
        Mean. [m]
    temperature : array
        [K]
    vapour_rate : array
        Mean since the time before; 0 at first. [kg/s]
    mass : array
        In the pool. [kg]
    evaporated : array
        So far; with ``mass`` all that has been spilt. [kg]
    flags : tuple of str
        Codes of assumptions.
    """

    time: Array
    diameter: Array
    depth: Array
    temperature: Array
    vapour_rate: Array
    mass: Array
    evaporated: Array
    flags: tuple[str, ...] = ()


def follow(
    substance: Substance,
    temperature: float,
    weather: Weather,
    at_once: float,
    ends: Array,
    rates: Array,
    *,
    bund_area: float,
    bund_height: float,
    surface: str,
    ground_temperature: float | None,
    sunshine: float,
    horizon: float,
) -> tuple[Array, PoolNumbers, tuple[str, ...]]:
    """Table of ``history_kernel``, numbers and flags of a pool; arguments as ``pool_history``."""
    require(horizon=horizon)
    if not (bund_area > 0.0 and bund_height > 0.0):
        raise OutOfRange(
            f"围堰面积 {bund_area} 或高度 {bund_height} 无效",
            f"bund area {bund_area} or height {bund_height} is not valid",
        )
    below = weather.air_temperature if ground_temperature is None else ground_temperature
    numbers = pool_numbers(substance, weather, temperature, below, surface, sunshine)
    largest = min(bund_area, _LARGEST_AREA)
    spilt = ends[-1] if ends.size else 0.0
    table = history_kernel(at_once, ends, rates, float(largest), float(bund_height), spilt + horizon, numbers)
    if table[-1, TIME] < (spilt + horizon if table[-1, MASS] > 0.0 else spilt):
        raise OutOfRange("液池随时间的变化过快，无法求解", "the pool changes too fast to be followed")
    land = ground(surface)
    flags = ("unverified:pool_surface",) if land.mark == "M" else ()
    if land.is_water:
        flags = (*flags, "pool_on_water")
    area = table[-1, AREA]
    if area > bund_area * (1.0 + 1e-9):
        flags = (*flags, "pool_overflows_bund")
    if area >= _LARGEST_AREA:
        flags = (*flags, "pool_largest")
    return table, numbers, flags


def pool_history(
    substance: Substance,
    temperature: float,
    weather: Weather,
    *,
    at_once: float = 0.0,
    ends: Sequence[float] = (),
    rates: Sequence[float] = (),
    bund_area: float = math.inf,
    bund_height: float = math.inf,
    surface: str = "concrete",
    ground_temperature: float | None = None,
    sunshine: float = 0.0,
    horizon: float = 3600.0,
) -> PoolHistory:
    """Follow a pool until it is dry.

    Parameters
    ----------
    substance : Substance
    temperature : float
        Of the liquid; above the boiling point that counts. [K]
    weather : Weather
    at_once : float
        Mass spilt at the time 0. [kg]
    ends, rates : sequence of float
        Times until which liquid flows in, up to ``LONGEST_SPILL``, [s] and the rate of each, which may be 0. [kg/s]
    bund_area : float
        Infinite: none. [m²]
    bund_height : float
        Depth at which the bund overflows; what is above it spreads outside to the least depth. Infinite: never. [m]
    surface : str
        As in ``ground``.
    ground_temperature : float, optional
        Default: that of the air. [K]
    sunshine : float
        Taken up by the pool. [W/m²]
    horizon : float
        Longest time to follow the pool after the last inflow. [s]

    Returns
    -------
    PoolHistory
        Of some hundred times, the same whatever the horizon. Flagged on water, where it would be wider than 2 km, and
        where it runs over its bund.

    Raises
    ------
    OutOfRange, MissingProperty

    Notes
    -----
    Mass, temperature and area with

    - spread by gravity, dr/dt = sqrt(2 g (h − h_min)), as fast as inertia alone would let it [1]_, to the least depth
      of the surface or the bund; friction slows real pools [2]_, so this errs on the safe side. A pool that loses
      more than it gets thins and does not shrink;
    - evaporation of ``evaporation_flux``, and boiling of what heat is left over;
    - heat by conduction from the ground, each strip since it was wetted and under the changing temperature of the pool
      (perfect contact but for the factor of ``Ground``; the film in which a cryogenic liquid boils in the first seconds
      is left out), by convection from the air, by long waves, by sunshine, and from the liquid that flows in.

    The temperature is the same throughout the pool, and it does not freeze. While a dry pool waits for more liquid its
    ground counts as covered.

    References
    ----------
    .. [1] F. Briscoe, P. Shaw, *Spread and evaporation of liquid*, Prog. Energy Combust. Sci. 6 (1980) 127; as in
       NOAA OR&R 43, *ALOHA 5.4.4 technical documentation*, 2013, section 3.4.4.2.
    .. [2] D.M. Webber, *On models of spreading pools*, J. Loss Prev. Process Ind. 25 (2012) 923.
    """
    until, inflow = (np.ascontiguousarray(each, dtype=np.float64) for each in (ends, rates))
    if until.ndim != 1 or until.shape != inflow.shape:
        raise OutOfRange("流入时刻与流量须成对给出", "times and rates of the inflow must come in pairs")
    if not bool(np.all((np.diff(until, prepend=0.0) > 0.0) & (until <= LONGEST_SPILL))):
        raise OutOfRange(
            f"流入时刻须为正、递增且不超过 {LONGEST_SPILL:g} s",
            f"times of the inflow must be positive, rise, and end by {LONGEST_SPILL:g} s",
        )
    if not bool(np.all((inflow >= 0.0) & np.isfinite(inflow))):
        raise OutOfRange("流入流量须为非负的有限数", "rates of the inflow must be finite and not negative")
    require(at_once_or_zero=at_once)
    require(spilt_mass=at_once + float(np.sum(inflow * np.diff(until, prepend=0.0))))
    table, numbers, flags = follow(
        substance,
        temperature,
        weather,
        float(at_once),
        until,
        inflow,
        bund_area=bund_area,
        bund_height=bund_height,
        surface=surface,
        ground_temperature=ground_temperature,
        sunshine=sunshine,
        horizon=horizon,
    )
    area, mass = table[:, AREA], table[:, MASS]
    depth = np.divide(mass, area * numbers.density, out=np.zeros_like(mass), where=area > 0.0)
    rate = np.diff(table[:, EVAPORATED], prepend=0.0) / np.maximum(np.diff(table[:, TIME], prepend=-1.0), 1e-300)
    return PoolHistory(
        time=table[:, TIME].copy(),
        diameter=np.sqrt(4.0 * area / math.pi),
        depth=depth,
        temperature=table[:, TEMPERATURE].copy(),
        vapour_rate=rate,
        mass=mass.copy(),
        evaporated=table[:, EVAPORATED].copy(),
        flags=flags,
    )
