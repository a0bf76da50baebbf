"""From a substance in a vessel and a hole to a release: how much, how fast, how long, in what state."""

import math

from parkrisk.models.constants import constants
from parkrisk.models.errors import OutOfRange
from parkrisk.models.release.expansion import Jet
from parkrisk.models.release.opening import Opening, gas_opening, liquid_opening, vapour_pressure_or_zero
from parkrisk.models.release.outflow import hole_area, released_by_draining, require
from parkrisk.models.release.released import Release, airborne_fraction, flashed, release_of
from parkrisk.models.release.vessel import Vessel, check_hole, check_vessel, vessel_phase

__all__ = ["Jet", "Release", "Vessel", "airborne_fraction", "flashed", "hole", "instantaneous", "opening_of"]


def opening_of(
    vessel: Vessel,
    diameter: float,
    path_length: float = 0.0,
    ambient_pressure: float = 101_325.0,
    discharge_coefficient: float | None = None,
) -> Opening:
    """Flow through a hole in a vessel at the start; arguments and errors as ``hole``."""
    check_vessel(vessel, ambient_pressure)
    require(diameter=diameter, path_length_or_zero=path_length)
    area = hole_area(diameter)
    check_hole(vessel, area)
    substance, temperature, pressure = vessel.substance, vessel.temperature, vessel.pressure
    if vessel_phase(vessel) == "gas":
        sharp = constants("outflow")["discharge_sharp"].value
        coefficient = sharp if discharge_coefficient is None else discharge_coefficient
        return gas_opening(substance, temperature, pressure, area, ambient_pressure, coefficient)
    return liquid_opening(
        substance, temperature, pressure, vessel.head, diameter, path_length, ambient_pressure, discharge_coefficient
    )


def hole(
    vessel: Vessel,
    diameter: float,
    *,
    path_length: float = 0.0,
    isolation_time: float = math.inf,
    ambient_pressure: float = 101_325.0,
    discharge_coefficient: float | None = None,
    height: float = 0.0,
    air_temperature: float = 293.15,
) -> Release:
    """Release through a hole.

    Parameters
    ----------
    vessel : Vessel
    diameter : float
        Of the hole. [m]
    path_length : float
        Of the flow from the liquid to the outside: 0 for a hole in the wall, where a superheated liquid has no time to
        flash, 0.1 m and more for a pipe, where it flashes in equilibrium. [m]
    isolation_time : float
        After which the flow is stopped; the caller passes the smaller of the time of detection and isolation
        (AQ/T 3046-2013 table F.2) and the longest release that counts, 60 min (AQ/T 3046-2013 9.2.6). [s]
    ambient_pressure : float
        [Pa]
    discharge_coefficient : float, optional
        Default: that of a sharp-edged hole, 0.62; 1 for a pipe in which the liquid flashes.
    height : float
        Of the hole above ground; drops of a flashing jet may evaporate on the way down. [m]
    air_temperature : float
        For those drops. [K]

    Returns
    -------
    Release
        At the initial rate until the mass is out or the flow is stopped, which errs on the safe side (CPR 18E); the
        history is that of ``history.rate_history``. From a vertical tank (``cross_section``) the mass is that which
        drains with falling head. A superheated liquid flashes, a gas jet comes to rest at the temperature of the
        vessel.

    Raises
    ------
    OutOfRange
        A number is not positive and finite, the hole is wider than the tank or the vessel, nothing pushes the contents
        out, a liquid is above its critical temperature.
    MissingProperty
        A property of the substance is not known.

    Notes
    -----
    ``opening`` gives the flow, ``expansion`` the jet. Of a superheated liquid the airborne share is that of the drop
    model (``rain_out``), but at least twice the flash. Twice the flash alone leaves two thirds of an ammonia jet on the
    ground, while the large trials with ammonia (Desert Tortoise) are modelled with all of it airborne.
    """
    require(height_or_zero=height, air_temperature=air_temperature)
    if not isolation_time > 0.0:
        raise OutOfRange(f"切断时间 {isolation_time} 无效", f"isolation time {isolation_time} is not valid")
    flow = opening_of(vessel, diameter, path_length, ambient_pressure, discharge_coefficient)
    mass = min(vessel.mass, flow.rate * isolation_time)
    if vessel.cross_section > 0.0 and vessel.head > 0.0 and flow.phase == "liquid":
        mass = min(mass, _drained(vessel, flow, hole_area(diameter), isolation_time, ambient_pressure))
    return release_of(flow, vessel.substance, vessel.temperature, mass, ambient_pressure, height, air_temperature)


def _drained(vessel: Vessel, flow: Opening, area: float, time: float, ambient_pressure: float) -> float:
    inside = max(vessel.pressure, vapour_pressure_or_zero(vessel.substance, vessel.temperature))
    coefficient = flow.rate / (area * flow.throat.flux)
    return released_by_draining(
        vessel.cross_section,
        area,
        flow.throat.density,
        inside - ambient_pressure,
        vessel.head,
        time,
        coefficient,
    )


def instantaneous(vessel: Vessel, ambient_pressure: float = 101_325.0) -> Release:
    """Release of everything at once.

    Parameters
    ----------
    vessel : Vessel
    ambient_pressure : float
        [Pa]

    Returns
    -------
    Release
        A gas expands isentropically to ambient pressure; a superheated liquid flashes.

    Raises
    ------
    OutOfRange, MissingProperty
    """
    check_vessel(vessel, ambient_pressure)
    substance, temperature = vessel.substance, vessel.temperature
    if vessel_phase(vessel) == "gas":
        ratio = substance.heat_capacity_ratio(temperature)
        outer = min(1.0, ambient_pressure / vessel.pressure)
        expanded = temperature * outer ** ((ratio - 1.0) / ratio)
        return Release(substance, 0.0, 0.0, vessel.mass, 1.0, 1.0, expanded, "gas")
    saturation = vapour_pressure_or_zero(substance, temperature)
    flash = flashed(substance, temperature, ambient_pressure) if saturation > ambient_pressure else 0.0
    expanded = substance.boiling_temperature(ambient_pressure) if flash > 0.0 else temperature
    flags = ("airborne_twice_flash",) if flash > 0.0 else ()
    phase = "two_phase" if flash > 0.0 else "liquid"
    return Release(substance, 0.0, 0.0, vessel.mass, flash, airborne_fraction(flash), expanded, phase, flags=flags)
