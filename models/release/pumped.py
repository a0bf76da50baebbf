"""Leaks behind a pump and ruptures of loading arms: the flow that a pump can give limits the rate."""

import math

from parkrisk.models.constants import constants
from parkrisk.models.errors import OutOfRange
from parkrisk.models.release.hole import opening_of
from parkrisk.models.release.opening import Opening, liquid_opening, vapour_pressure_or_zero
from parkrisk.models.release.outflow import require
from parkrisk.models.release.released import Release, release_of
from parkrisk.models.release.vessel import Vessel

__all__ = ["loading_arm_release", "pump_release", "run_out"]

_ITERATIONS = 50


def run_out(flow: float) -> float:
    """Flow of a pump whose outlet has broken off, 1.5 times its normal one (CPR 18E section 3.2). [kg/s]"""
    require(flow=flow)
    return constants("outflow")["pump_run_out"].value * flow


def _pumped_opening(
    supply: Vessel, delivery_pressure: float, limit: float, diameter: float, path_length: float, ambient_pressure: float
) -> Opening:
    """Flow through the hole at the delivery pressure, or at the lower one at which the pump gives its limit."""

    def at(pressure: float) -> Opening:
        return liquid_opening(
            supply.substance, supply.temperature, pressure, 0.0, diameter, path_length, ambient_pressure
        )

    high = delivery_pressure
    found = at(high)
    if found.rate <= limit:
        return found
    low = max(ambient_pressure, vapour_pressure_or_zero(supply.substance, supply.temperature)) * (1.0 + 1e-9)
    slow = at(low)
    if slow.rate >= limit:
        return slow._replace(rate=limit)
    for _ in range(_ITERATIONS):
        middle = 0.5 * (low + high)
        if at(middle).rate < limit:
            low = middle
        else:
            high = middle
    return at(high)._replace(rate=limit)


def pump_release(
    supply: Vessel,
    flow: float,
    delivery_pressure: float,
    diameter: float,
    *,
    path_length: float = 0.0,
    isolation_time: float = math.inf,
    ambient_pressure: float = 101_325.0,
    most: float | None = None,
    height: float = 0.0,
    air_temperature: float = 293.15,
) -> Release:
    """Release through a hole or a rupture behind a pump.

    Parameters
    ----------
    supply : Vessel
        From which the pump draws liquid.
    flow : float
        Normal flow of the pump. [kg/s]
    delivery_pressure : float
        Behind the pump, absolute. [Pa]
    diameter : float
        Of the hole, or of the line for a rupture. [m]
    path_length, isolation_time, ambient_pressure, height, air_temperature
        As in ``release.hole``.
    most : float, optional
        Flow of the pump against no pressure, of its curve; default 1.5 times the normal one. [kg/s]

    Returns
    -------
    Release
        At the rate of the hole at delivery pressure, but no more than the pump gives, until the supply is empty or the
        pump is stopped.

    Raises
    ------
    OutOfRange, MissingProperty

    Notes
    -----
    A pump whose line breaks runs out to 1.5 times its normal flow (CPR 18E section 3.2). The pressure at the hole then
    is the one at which the hole passes that flow; what siphons on after the pump has stopped is left out.
    """
    require(flow=flow, delivery_pressure=delivery_pressure, diameter=diameter, mass=supply.mass)
    require(temperature=supply.temperature, path_length_or_zero=path_length, ambient_pressure=ambient_pressure)
    if not isolation_time > 0.0:
        raise OutOfRange(f"切断时间 {isolation_time} 无效", f"isolation time {isolation_time} is not valid")
    limit = run_out(flow) if most is None else most
    require(most=limit)
    found = _pumped_opening(supply, delivery_pressure, limit, diameter, path_length, ambient_pressure)
    mass = min(supply.mass, found.rate * isolation_time)
    return release_of(found, supply.substance, supply.temperature, mass, ambient_pressure, height, air_temperature)


def loading_arm_release(
    carrier: Vessel,
    diameter: float,
    arm_length: float,
    *,
    flow: float = 0.0,
    isolation_time: float = math.inf,
    ambient_pressure: float = 101_325.0,
    height: float = 0.0,
    air_temperature: float = 293.15,
) -> Release:
    """Release from a broken loading arm, out of both ends.

    Parameters
    ----------
    carrier : Vessel
        Tank lorry, tank wagon or ship at one end.
    diameter, arm_length : float
        Of the arm. [m]
    flow : float
        Of the pump at the other end in normal operation; 0: it does not run. [kg/s]
    isolation_time, ambient_pressure, height, air_temperature
        As in ``release.hole``.

    Returns
    -------
    Release
        What the carrier gives until it is empty and the pump at run-out until isolation, at the rate of both together.

    Raises
    ------
    OutOfRange, MissingProperty

    Notes
    -----
    CPR 18E section 3.2: full-bore rupture, outflow from both sides, pump at 1.5 times its normal flow.
    """
    require(arm_length=arm_length, flow_or_zero=flow)
    if not isolation_time > 0.0:
        raise OutOfRange(f"切断时间 {isolation_time} 无效", f"isolation time {isolation_time} is not valid")
    found = opening_of(carrier, diameter, arm_length, ambient_pressure)
    pumped = run_out(flow) if flow > 0.0 else 0.0
    if pumped > 0.0 and not math.isfinite(isolation_time):
        raise OutOfRange("泵不停时须给出切断时间", "while the pump runs, an isolation time is needed")
    time = min(isolation_time, carrier.mass / found.rate)
    mass = found.rate * time + (pumped * isolation_time if pumped > 0.0 else 0.0)
    both = found._replace(rate=found.rate + pumped)
    return release_of(both, carrier.substance, carrier.temperature, mass, ambient_pressure, height, air_temperature)
