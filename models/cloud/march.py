"""Integration of the cloud equations along the way of a plume, or in time for a puff, keeping every accepted step."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.cloud.mixing import mole_fraction_kernel
from parkrisk.models.cloud.plume_slice import (
    COMPONENTS,
    CORE,
    ENTHALPY,
    LATERAL,
    LIFT,
    MASS,
    MOMENTUM,
    SPECIES,
    TIME,
    VARIANCE,
    Setting,
    X,
    Z,
    rates_kernel,
    slice_kernel,
)
from parkrisk.models.cloud.puff_slice import disc_rates_kernel

__all__ = ["Feed", "Track", "concentration_kernel", "march_kernel"]

Array = NDArray[np.float64]

_LONGEST = 1000  # steps
_HEAT = 2000.0  # scale of the enthalpy error [J/kg]
_SAFETY, _SHRINK, _GROW = 0.9, 0.2, 4.0
_SOURCE_STEPS = 20.0  # at least so many while the source feeds
_TOUCHDOWN = 1e-3  # of the depth


class Feed(NamedTuple):
    """Released substance that enters on the way: per length of a plume [kg/(m·s)] or per time of a puff [kg/s].

    With an excess enthalpy [J/kg], from the start until ``end``.
    """

    supply: float
    enthalpy: float
    end: float


class Track(NamedTuple):
    """Accepted steps: the way [m or s], shape (n,), states and their slopes, shape (n, COMPONENTS).

    ``temperature`` [K], shape (n,); ``grounded``, shape (n,); ``complete`` tells whether the end was reached.
    """

    way: Array
    state: Array
    slope: Array
    temperature: Array
    grounded: NDArray[np.bool_]
    complete: bool


@kernel
def concentration_kernel(state: Array, setting: Setting) -> float:
    """Mole fraction of the released substance where it is highest."""
    fraction = min(max(state[SPECIES] / max(state[MASS], 1e-300), 0.0), 1.0)
    return mole_fraction_kernel(fraction, setting.substance, setting.air)


@kernel
def _rates(
    puff: bool, state: Array, out: Array, guess: float, grounded: bool, feeding: bool, feed: Feed, setting: Setting
) -> float:
    supply = feed.supply if feeding else 0.0
    if puff:
        return disc_rates_kernel(state, out, guess, supply, feed.enthalpy, setting)
    return rates_kernel(state, out, guess, grounded, supply, feed.enthalpy, setting)


@kernel
def _error(state: Array, error: Array, grounded: bool, puff: bool, speed: float) -> float:
    """Largest error of a step over its scale."""
    mass = state[MASS]
    worst = abs(error[MASS]) / mass
    worst = max(worst, abs(error[SPECIES]) / max(state[SPECIES], 1e-9 * mass))
    worst = max(worst, abs(error[MOMENTUM]) / (mass * speed))
    worst = max(worst, abs(error[ENTHALPY]) / (mass * _HEAT))
    edge = math.sqrt(state[VARIANCE])
    worst = max(worst, abs(error[CORE]) / max(state[CORE], edge))
    worst = max(worst, abs(error[VARIANCE]) / state[VARIANCE])
    if puff:
        worst = max(worst, abs(error[X]) / (abs(state[X]) + max(state[CORE], edge)))
    else:
        worst = max(worst, abs(error[TIME]) / (state[TIME] + 0.1))
        if not grounded:
            worst = max(worst, abs(error[Z]) / (abs(state[Z]) + 0.1))
    return float(worst)


@kernel
def march_kernel(
    start: Array,
    way: float,
    grounded: bool,
    puff: bool,
    feed: Feed,
    first_step: float,
    farthest: float,
    least: float,
    tolerance: float,
    setting: Setting,
) -> Track:
    """Follow a cloud until it is thin or far.

    Parameters
    ----------
    start : array, shape (COMPONENTS,)
        State at the beginning.
    way, first_step : float
        Where it begins, and a first step. [m]; for a puff [s]
    grounded, puff : bool
        Whether the cloud is on the ground, and whether it is a disc.
    feed : Feed
    farthest : float
        Distance downwind at which to stop. [m]
    least : float
        Mole fraction at which to stop.
    tolerance : float
        Of a step, relative.
    setting : Setting

    Returns
    -------
    Track

    Notes
    -----
    Bogacki and Shampine 3(2), first same as last. A step ends where the source ends and where a lifted cloud touches
    down; both are discontinuities of the equations.
    """
    ways, temperatures = np.empty(_LONGEST + 1), np.empty(_LONGEST + 1)
    states, slopes = np.empty((_LONGEST + 1, COMPONENTS)), np.empty((_LONGEST + 1, COMPONENTS))
    landed = np.zeros(_LONGEST + 1, dtype=np.bool_)
    state, new, error = start.copy(), np.empty(COMPONENTS), np.empty(COMPONENTS)
    k1, k2, k3, k4 = np.empty(COMPONENTS), np.empty(COMPONENTS), np.empty(COMPONENTS), np.empty(COMPONENTS)
    feeding = way < feed.end
    temperature = _rates(puff, state, k1, setting.air.temperature, grounded, feeding, feed, setting)
    ways[0], states[0], slopes[0], temperatures[0], landed[0] = way, state, k1, temperature, grounded
    step, count, complete = first_step, 0, False
    source_step = (feed.end - way) / _SOURCE_STEPS
    while count < _LONGEST:
        if feeding:
            step = min(step, source_step)
        lands = feeding and way + step >= feed.end * (1.0 - 1e-12)
        if lands:
            step = feed.end - way
        for i in range(COMPONENTS):
            new[i] = state[i] + 0.5 * step * k1[i]
        warm = _rates(puff, new, k2, temperature, grounded, feeding, feed, setting)
        for i in range(COMPONENTS):
            new[i] = state[i] + 0.75 * step * k2[i]
        warm = _rates(puff, new, k3, warm, grounded, feeding, feed, setting)
        for i in range(COMPONENTS):
            new[i] = state[i] + step * (2.0 * k1[i] + 3.0 * k2[i] + 4.0 * k3[i]) / 9.0
        warm = _rates(puff, new, k4, warm, grounded, feeding, feed, setting)
        for i in range(COMPONENTS):
            error[i] = step * (-5.0 / 72.0 * k1[i] + k2[i] / 12.0 + k3[i] / 9.0 - 0.125 * k4[i])
        speed = max(setting.air.friction_velocity, max(abs(new[MOMENTUM]), abs(new[LIFT])) / new[MASS])
        valid = new[MASS] > 0.0 and new[VARIANCE] > 0.0
        size = _error(new, error, grounded, puff, speed) / tolerance if valid else 1e9
        if not size <= 1.0:
            step *= max(_SHRINK, _SAFETY * size ** (-1.0 / 3.0))
            if step < 1e-9 * max(abs(way), first_step):
                break
            continue
        touches = False
        if not grounded:
            before = slice_kernel(state, temperature, False, setting)
            after = slice_kernel(new, warm, False, setting)
            above, below = state[Z] - 0.5 * before.depth, new[Z] - 0.5 * after.depth
            # what rises from the ground faster than it grows does not touch it
            touches = below <= 0.0 and below < above
            if below < -_TOUCHDOWN * after.depth and above > 0.0:
                step *= max(above / (above - below), 0.05)
                continue
        way += step
        count += 1
        for i in range(COMPONENTS):
            state[i] = new[i]
            k1[i] = k4[i]
        temperature = warm
        ended = feeding and (lands or way >= feed.end)
        feeding = feeding and not ended
        if touches:
            grounded = True
            state[Z], state[LIFT], state[LATERAL] = 0.0, 0.0, 0.0
        ways[count], states[count], temperatures[count], landed[count] = way, state, temperature, grounded
        if ended or touches:
            # slopes on both sides differ: close this step with its own, and begin the next one at the same place
            slopes[count] = k4
            temperature = _rates(puff, state, k1, temperature, grounded, feeding, feed, setting)
            if count < _LONGEST:
                count += 1
                ways[count], states[count], temperatures[count], landed[count] = way, state, temperature, grounded
        slopes[count] = k1
        if not feeding and (concentration_kernel(state, setting) < least or state[X] > farthest):
            complete = True
            break
        step *= min(_GROW, _SAFETY * max(size, 1e-6) ** (-1.0 / 3.0))
    n = count + 1
    return Track(
        ways[:n].copy(), states[:n].copy(), slopes[:n].copy(), temperatures[:n].copy(), landed[:n].copy(), complete
    )
