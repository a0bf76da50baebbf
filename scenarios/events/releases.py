"""How the content of a unit leaves: which model of release stands for a loss of containment."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from parkrisk.models.errors import OutOfRange
from parkrisk.models.release.hole import Release, Vessel, hole, instantaneous, opening_of
from parkrisk.models.release.pipeline import Pipeline, pipeline_release
from parkrisk.models.release.pumped import loading_arm_release, pump_release, run_out
from parkrisk.models.release.relief import relief_release
from parkrisk.scenarios.events.losses import Loss, isolation_time, rule

__all__ = ["LONGEST_RELEASE", "Opened", "opened", "ten_minutes"]

#: Longest release that counts. [s] (AQ/T 3046-2013 9.2.6)
LONGEST_RELEASE = 3600.0

_REFERENCE_HOLE = 0.1  # [m]
_LINE_LENGTH = 1.0  # of a broken connection, in which a superheated liquid flashes in equilibrium [m]
_KPA = 1000.0


class Opened(NamedTuple):
    """A release, the diameter of the hole that stands for it [m] (NaN: everything at once), and caveats."""

    release: Release
    diameter: float
    flags: tuple[str, ...] = ()


def opened(unit: Mapping[Any, Any], loss: Loss, contained: Vessel, air_pressure: float) -> Opened:
    """Release of a loss of containment.

    Parameters
    ----------
    unit : mapping
        Row of the units table, defaults filled in.
    loss : Loss
        Any but "fire" and "detonation".
    contained : Vessel
    air_pressure : float
        [Pa]

    Returns
    -------
    Opened
        Pipelines of known bore and length empty from both sides of a breach at their middle. Pumps give no more than
        their run-out flow. Arms empty the carrier and let the pump run out. All three feed until they are isolated
        where ``flow_kg_s`` says how much; else they lose what they hold (flag "feed_not_counted").

    Raises
    ------
    OutOfRange, MissingProperty
        As the model raises.
    """
    if loss.release == "instantaneous":
        return Opened(instantaneous(contained, air_pressure), math.nan)
    if loss.release == "ten_minutes":
        slow = ten_minutes(instantaneous(contained, air_pressure))
        return Opened(slow, _hole_of_rate(contained, slow.rate, air_pressure))
    if loss.release == "relief":
        return _relief(unit, contained, air_pressure)
    diameter = loss.hole_diameter
    if loss.release == "rate":
        diameter = _hole_of_rate(contained, loss.rate, air_pressure)
    if not math.isfinite(diameter):
        raise OutOfRange(
            f"设备 {unit['unit_id']} 缺少最大接管内径 hole_bore_mm", f"unit {unit['unit_id']} needs its hole_bore_mm"
        )
    stopped = loss.duration
    if math.isnan(stopped):
        stopped = isolation_time(unit["detection_class"], unit["isolation_class"], diameter)
    stopped = min(stopped, LONGEST_RELEASE)
    if loss.release == "rate":
        flow = float(unit["flow_kg_s"])
        fed = _fed(unit, contained, 0.0 if math.isnan(flow) else flow, stopped)
        found = hole(fed, diameter, isolation_time=stopped, ambient_pressure=air_pressure)
        short = math.isnan(flow) and found.mass < loss.rate * stopped * (1.0 - 1e-9)
        return Opened(found, diameter, ("feed_not_counted",) if short else ())
    return _through(unit, loss, contained, diameter, stopped, air_pressure)


def ten_minutes(at_once: Release) -> Release:
    """Turn a release of everything at once into one of the same mass within ten minutes (CPR 18E section 3.2)."""
    return dataclasses.replace(at_once, rate=at_once.mass / 600.0, duration=600.0)


def _hole_of_rate(contained: Vessel, rate: float, air_pressure: float) -> float:
    """Diameter of the hole in the wall out of which a rate [kg/s] flows. [m]"""
    reference = opening_of(contained, _REFERENCE_HOLE, 0.0, air_pressure)
    return _REFERENCE_HOLE * math.sqrt(rate / reference.rate)


def _fed(unit: Mapping[Any, Any], contained: Vessel, feed: float, stopped: float) -> Vessel:
    """What a unit holds and what feeds it until it is isolated; the level of a tank that is fed does not fall."""
    if not feed > 0.0:
        return contained
    held = 0.0 if math.isnan(contained.mass) else contained.mass
    fed = (run_out(feed) if unit["kind"] == "pump" else feed) * stopped
    return dataclasses.replace(contained, mass=held + fed, cross_section=0.0)


def _through(
    unit: Mapping[Any, Any], loss: Loss, contained: Vessel, diameter: float, stopped: float, air_pressure: float
) -> Opened:
    """Release through a hole in a unit or its broken connection."""
    flow = float(unit["flow_kg_s"])
    feed = 0.0 if math.isnan(flow) else flow
    kind, broken = unit["kind"], loss.release == "full_bore"
    if kind == "pipeline" and contained.pressure > air_pressure:
        line = _line(unit, contained, diameter, feed)
        if line is not None:
            bore = None if broken else diameter
            found = pipeline_release(line, bore, isolation_time=stopped, ambient_pressure=air_pressure)
            return Opened(found, diameter, () if feed > 0.0 else ("feed_not_counted",))
    in_line = broken or kind in ("pipeline", "loading_arm")
    way = _LINE_LENGTH if in_line else 0.0
    if kind == "loading_arm" and broken:
        length = float(unit["length_m"])
        length = _LINE_LENGTH if math.isnan(length) else length
        found = loading_arm_release(
            contained, diameter, length, flow=feed, isolation_time=stopped, ambient_pressure=air_pressure
        )
        return Opened(found, diameter, () if feed > 0.0 else ("feed_not_counted",))
    contained = _fed(unit, contained, feed, stopped)
    flags = ("feed_not_counted",) if kind in ("pump", "compressor", "pipeline") and not feed > 0.0 else ()
    if kind == "pump" and feed > 0.0 and contained.contents == "liquid":
        found = pump_release(
            contained,
            feed,
            contained.pressure,
            diameter,
            path_length=way,
            isolation_time=stopped,
            ambient_pressure=air_pressure,
        )
    else:
        found = hole(contained, diameter, path_length=way, isolation_time=stopped, ambient_pressure=air_pressure)
    return Opened(found, diameter, flags)


def _line(unit: Mapping[Any, Any], contained: Vessel, diameter: float, feed: float) -> Pipeline | None:
    """Line with its breach in the middle; None where its bore or length is not known."""
    bore, length = float(unit["diameter_m"]), float(unit["length_m"])
    if math.isnan(bore) or math.isnan(length):
        return None
    half = 0.5 * length
    spacing = float(unit["valve_spacing_m"])
    valve = math.inf if math.isnan(spacing) else min(0.5 * spacing, half)
    return Pipeline(
        contained.substance,
        contained.temperature,
        contained.pressure,
        max(bore, diameter),
        upstream=half,
        downstream=half,
        flow=feed,
        valve_upstream=valve,
        valve_downstream=valve,
    )


def _relief(unit: Mapping[Any, Any], contained: Vessel, air_pressure: float) -> Opened:
    """Relief valve that stands open at its set pressure and overpressure; it blows off the gas above a liquid."""
    set_pressure, area = _KPA * float(unit["set_pressure_kpa"]), 1e-6 * float(unit["relief_area_mm2"])
    if math.isnan(set_pressure):
        raise OutOfRange(
            f"设备 {unit['unit_id']} 有泄放面积，还须给出整定压力 set_pressure_kpa",
            f"unit {unit['unit_id']} has a relief area and needs its set_pressure_kpa",
        )
    pressure = air_pressure + (1.0 + rule("relief_overpressure")) * set_pressure
    substance, temperature = contained.substance, contained.temperature
    if contained.contents == "liquid":
        temperature = substance.boiling_temperature(pressure)
    found = relief_release(
        substance,
        temperature,
        pressure,
        area,
        contained.mass,
        phase="gas",
        duration=LONGEST_RELEASE,
        back_pressure=air_pressure,
    )
    return Opened(found, math.sqrt(4.0 * area / math.pi))
