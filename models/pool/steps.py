"""A pool from one time to the next: it is fed, spreads, takes up heat, evaporates or boils, and dries up.

Steps grow with time, and are shorter where area, temperature or mass change fast; every step conserves mass.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.pool.heat import PoolNumbers, step_kernel

__all__ = ["AREA", "EVAPORATED", "MASS", "TEMPERATURE", "TIME", "conducted_kernel", "history_kernel", "spread_kernel"]

Array = NDArray[np.float64]

#: Columns of the table that ``history_kernel`` makes.
TIME, AREA, MASS, TEMPERATURE, EVAPORATED = range(5)
_GROWTH = 0.08  # step over time since the spill began
_FIRST_STEP = 0.03  # s
_SPREADING = 0.12  # growth of the area in a step
_WARMING = 1.0  # K in a step
_LOSS = 0.15  # share of the mass that a step may take
_REST = 0.02  # share of the most mass so far below which it may all go at once
_STEPS = 800
_STEPS_PER_PART = 4
_TRIALS = 20
_AGREEMENT = 1e-4  # of vapour: over itself, and over ten times the thinnest pool that spreads in the step
_FOUR_THIRDS = 4.0 / 3.0


@kernel
def spread_kernel(area: float, volume: float, duration: float, gravity: float, minimum_depth: float) -> float:
    """Area [m²] of a volume [m³] after it spread for a time [s].

    Solution of dr/dt = sqrt(2 g (h − h_min)) for a constant volume. A pool that is thinner than the least depth stays.
    """
    left = volume - minimum_depth * area
    if left <= 0.0:
        return area
    speed = math.sqrt(2.0 * math.pi * gravity)
    first = math.sqrt(left)
    time = min(duration, first / (minimum_depth * speed)) if minimum_depth > 0.0 else duration
    return area + speed * time * (2.0 * first - minimum_depth * speed * time)


@kernel
def conducted_kernel(time: float, first: float, times: Array, bends: Array, count: int) -> float:
    """Heat that ground gave since the spill began, over its effusion. [K·m²·s^½]

    Parameters
    ----------
    time : float
        [s]
    first : float
        Wetted area times temperature difference at the time 0. [K·m²]
    times : array
        At which the rate of change of that product bends, [s]
    bends : array
        and by how much. [K·m²/s]
    count : int
        How many of these there are.

    Notes
    -----
    Every strip of ground conducts by itself from when it is wetted, under the changing temperature of the pool. With
    D = area × (ground's first temperature − pool's temperature) all strips together give a flow of effusion times
    ∫ dD(s)/sqrt(t − s), exact while the pool does not shrink. D is linear between the times.
    """
    total = 2.0 * first * math.sqrt(time)
    for i in range(count):
        since = time - times[i]
        total += bends[i] * _FOUR_THIRDS * since * math.sqrt(since)
    return total


class _State(NamedTuple):
    """Pool at one time: ``vapour`` [kg/s] and ``warming`` [K/s] are those of the step before.

    ``difference`` is the product of ``conducted_kernel`` [K·m²], ``trend`` its rate in the step before [K·m²/s].
    """

    time: float
    area: float
    mass: float
    temperature: float
    evaporated: float
    vapour: float
    warming: float
    most: float
    difference: float
    trend: float


class _Bund(NamedTuple):
    """Area [m²] of a bund, and depth [m] at which it overflows."""

    area: float
    depth: float


@kernel
def _widened(duration: float, net: float, state: _State, bund: _Bund, pool: PoolNumbers) -> float:
    """Area [m²] after a step in which a pool gains so much [kg/s]; a bund that overflows holds no more."""
    volume = max(0.0, state.mass + net * duration) / pool.density
    wider = spread_kernel(state.area, volume, duration, pool.gravity, pool.minimum_depth)
    over = volume - bund.area * bund.depth
    return max(state.area, min(wider, bund.area + max(0.0, over) / pool.minimum_depth))


@kernel
def _longest_step(longest: float, inflow: float, state: _State, bund: _Bund, pool: PoolNumbers) -> float:
    """Next step [s]: as long as time, change of temperature, loss of mass and spread allow."""
    net = inflow - state.vapour
    if state.mass == 0.0 and inflow == 0.0:
        return longest
    duration = max(_FIRST_STEP, _GROWTH * state.time)
    if abs(state.warming) * duration > _WARMING:
        duration = max(_WARMING / abs(state.warming), _FIRST_STEP)
    if net < 0.0 and state.mass > _REST * state.most:
        duration = min(duration, _LOSS * state.mass / -net)
    duration = min(duration, longest)
    while duration > _FIRST_STEP and _widened(duration, net, state, bund, pool) > (1.0 + _SPREADING) * state.area > 0.0:
        duration *= 0.5
    return duration


@kernel
def _trial(
    vapour: float, duration: float, inflow: float, ground: float, state: _State, bund: _Bund, pool: PoolNumbers
) -> tuple[float, float, float]:
    """Area [m²], temperature [K] and vapour [kg/s] of a step in which a pool spreads as if it gave off ``vapour``.

    ``ground`` is the heat, over its effusion, that the ground gives if area and temperature stay as they are.
    """
    wider = _widened(duration, inflow - vapour, state, bund, pool)
    mean = 0.5 * (state.area + wider)
    swing = pool.ground_effusion * _FOUR_THIRDS * math.sqrt(duration)
    flowing = pool.ground_transfer * mean * duration
    heat = pool.heat_capacity * (state.mass * state.temperature + inflow * duration * pool.liquid_temperature)
    heat += pool.ground_effusion * ground + swing * (wider * pool.ground_temperature - state.difference)
    heat += flowing * pool.ground_temperature
    response = pool.heat_capacity * (state.mass + inflow * duration) + swing * wider + flowing
    temperature, found = step_kernel(heat, response, mean, duration, state.temperature, pool)
    return wider, temperature, found


@kernel
def _found(
    duration: float, inflow: float, ground: float, state: _State, bund: _Bund, pool: PoolNumbers
) -> tuple[float, float, float]:
    """Area [m²], temperature [K] and vapour [kg/s] of a step.

    A pool that is fed boils off what it gets as it spreads, often much faster than a step lasts, so the vapour by which
    it spreads is found together with the vapour that it gives. What is given grows less than what it spreads by falls,
    so the vapour found first lies beyond the root (false position, Illinois).
    """
    vapour, before, last, bound, far = state.vapour, 0.0, 0.0, 0.0, 0.0
    found = _trial(vapour, duration, inflow, ground, state, bund, pool)
    for trial in range(_TRIALS):
        excess = found[2] - vapour
        thin = pool.density * pool.minimum_depth * found[0]
        if abs(excess) <= _AGREEMENT * min(found[2], 10.0 * thin / duration):
            break
        if _widened(duration, inflow - found[2], state, bund, pool) == found[0]:
            break
        if excess * last < 0.0:
            bound, far = before, last
        else:
            far *= 0.5
        before, last = vapour, excess
        vapour = found[2] if trial == 0 else (bound * last - before * far) / (last - far)
        found = _trial(vapour, duration, inflow, ground, state, bund, pool)
    return found


@kernel
def _next(after: float, inflow: float, ground: float, state: _State, bund: _Bund, pool: PoolNumbers) -> _State:
    """Pool at a later time [s], or when it is dry; ``ground`` as in ``_trial``."""
    duration = after - state.time
    wider, temperature, vapour = _found(duration, inflow, ground, state, bund, pool)
    left = state.mass + (inflow - vapour) * duration
    if left <= 0.0:
        if inflow == 0.0 and state.mass > 0.0:
            duration = state.mass / vapour
            after = state.time + duration
        vapour, left = inflow + state.mass / duration, 0.0
    difference = wider * (pool.ground_temperature - temperature)
    return _State(
        after,
        wider,
        left,
        temperature,
        state.evaporated + vapour * duration,
        vapour,
        (temperature - state.temperature) / duration,
        max(state.most, left),
        difference,
        (difference - state.difference) / duration,
    )


@kernel
def history_kernel(
    at_once: float, ends: Array, rates: Array, bund_area: float, bund_depth: float, horizon: float, pool: PoolNumbers
) -> Array:
    """Follow a pool until it is dry, or to a time.

    Parameters
    ----------
    at_once : float
        Mass spilt at the time 0, as a cylinder as high as its radius. [kg]
    ends, rates : array
        Times [s] at which the rates of inflow [kg/s] end, in order.
    bund_area : float
        Largest area. [m²]
    bund_depth : float
        At which the bund overflows; infinite: never. [m]
    horizon : float
        [s]
    pool : PoolNumbers

    Returns
    -------
    array
        Rows in time, columns ``TIME`` [s], ``AREA`` [m²], ``MASS`` in the pool [kg], ``TEMPERATURE`` [K],
        ``EVAPORATED`` so far [kg]. It ends early if there are too many steps.
    """
    size = _STEPS + _STEPS_PER_PART * ends.size
    table, times, bends = np.empty((size, 5)), np.empty(size), np.empty(size)
    bund = _Bund(bund_area, bund_depth)
    area = min(math.pi ** (1.0 / 3.0) * (at_once / pool.density) ** (2.0 / 3.0), bund_area)
    first = area * (pool.ground_temperature - pool.liquid_temperature)
    state = _State(0.0, area, at_once, pool.liquid_temperature, 0.0, 0.0, 0.0, at_once, first, 0.0)
    table[0] = (state.time, state.area, state.mass, state.temperature, state.evaporated)
    count, part, conducted = 0, 0, 0.0
    while count < size - 1 and state.time < horizon:
        while part < ends.size and ends[part] <= state.time:
            part += 1
        if state.mass == 0.0 and part == ends.size:
            break
        inflow = rates[part] if part < ends.size else 0.0
        until = min(ends[part], horizon) if part < ends.size else horizon
        duration = _longest_step(until - state.time, inflow, state, bund, pool)
        after = until if duration == until - state.time else state.time + duration
        swing = _FOUR_THIRDS * math.sqrt(after - state.time)
        steady = conducted_kernel(after, first, times, bends, count) - swing * (after - state.time) * state.trend
        before, state = state, _next(after, inflow, steady - conducted, state, bund, pool)
        times[count], bends[count] = before.time, state.trend - before.trend
        count += 1
        conducted = steady + swing * (state.difference - before.difference)
        if state.time < after:
            conducted = conducted_kernel(state.time, first, times, bends, count)
        table[count] = (state.time, state.area, state.mass, state.temperature, state.evaporated)
    return table[: count + 1]
