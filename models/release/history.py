"""How a release goes on: rate, and the state of what is left inside, over time."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parkrisk.models.errors import OutOfRange
from parkrisk.models.release.blowdown import boil_off_kernel, gas_blowdown_kernel, isothermal_kernel
from parkrisk.models.release.hole import opening_of
from parkrisk.models.release.isentrope import drop_of_pressure_kernel, isentrope
from parkrisk.models.release.opening import Opening, vapour_pressure_or_zero
from parkrisk.models.release.outflow import drain_time, hole_area, require
from parkrisk.models.release.vessel import Vessel
from parkrisk.models.substance.cubic_table import cubic_kernel
from parkrisk.models.substance.saturation import LOG_PRESSURE, place_of_pressure_kernel, saturation

__all__ = ["RateHistory", "rate_history"]

_NODES = 200
_THROAT_SHARE = 0.4  # the throat of a gas has more than this share of the pressure inside


@dataclass(frozen=True, eq=False)
class RateHistory:
    """A release over time; all arrays have the same length.

    Parameters
    ----------
    time : array
        Since the start, rising. [s]
    rate : array
        Of all that leaves. [kg/s]
    mass : array
        Left inside. [kg]
    pressure, temperature : array
        Inside, of a line at the breach. [Pa], [K]
    flags : tuple of str
        Codes of assumptions.
    """

    time: NDArray[np.float64]
    rate: NDArray[np.float64]
    mass: NDArray[np.float64]
    pressure: NDArray[np.float64]
    temperature: NDArray[np.float64]
    flags: tuple[str, ...] = ()

    @property
    def released(self) -> float:
        """Mass that has come out at the end. [kg]"""
        return float(self.mass[0] - self.mass[-1])

    @property
    def duration(self) -> float:
        """Time of the end. [s]"""
        return float(self.time[-1])

    def mean_rate(self, window: float) -> float:
        """Mean rate of the first ``window`` seconds, or of the whole release if that is shorter. [kg/s]"""
        require(window=window)
        until = min(window, self.duration)
        return float(self.mass[0] - np.interp(until, self.time, self.mass)) / until

    def until(self, time: float) -> "RateHistory":
        """Part of the history up to a time [s] at which the flow is shut off."""
        if not time > 0.0:
            raise OutOfRange(f"切断时间 {time} 无效", f"isolation time {time} is not valid")
        if time >= self.duration:
            return self
        k = int(np.searchsorted(self.time, time))
        rate, pressure, temperature = (
            np.append(column[:k], np.interp(time, self.time, column))
            for column in (self.rate, self.pressure, self.temperature)
        )
        last = self.mass[k - 1] - 0.5 * (rate[k - 1] + rate[k]) * (time - self.time[k - 1])
        return RateHistory(
            np.append(self.time[:k], time), rate, np.append(self.mass[:k], last), pressure, temperature, self.flags
        )


def rate_history(
    vessel: Vessel,
    diameter: float,
    *,
    path_length: float = 0.0,
    isolation_time: float = math.inf,
    ambient_pressure: float = 101_325.0,
    discharge_coefficient: float | None = None,
    heat: str = "adiabatic",
) -> RateHistory:
    """Rate of a release from a vessel over time.

    Parameters
    ----------
    vessel, diameter, path_length, isolation_time, ambient_pressure, discharge_coefficient
        As in ``release.hole``.
    heat : str
        Of a gas: "adiabatic" (a quick blow-down) or "isothermal" (a slow one, the walls keep it warm).

    Returns
    -------
    RateHistory
        Gas: blow-down of its volume (``vessel.volume``, else mass over density). Hole in the vapour space of a
        liquefied gas (contents "gas", more mass than vapour fills the volume): the liquid boils and cools itself.
        Liquid in a vertical tank: falling head. Any other liquid: constant rate. Until nothing pushes or nothing is
        left, or the flow is shut.

    Raises
    ------
    OutOfRange, MissingProperty
        As ``release.hole``; ``heat`` is another word.

    Notes
    -----
    Single-phase vapour is assumed to leave a vapour space: a vessel that is nearly full swells and throws out liquid at
    first. Heat from outside is left out of the boiling. A liquefied gas that leaves as liquid keeps its pressure. What
    condenses in a vessel stays in equilibrium; where it would freeze the history ends early (flag
    ``history_ends_early``). The history starts at the rate of ``release.hole``.
    """
    if heat not in ("adiabatic", "isothermal"):
        raise OutOfRange(f"未知的传热方式 {heat}", f"heat must be adiabatic or isothermal, not {heat}")
    flow = opening_of(vessel, diameter, path_length, ambient_pressure, discharge_coefficient)
    if flow.phase == "gas":
        table = _gas(vessel, flow, ambient_pressure, heat)
    else:
        table = _liquid(vessel, flow, hole_area(diameter), ambient_pressure)
    time, rate, mass, inside, temperature = (np.ascontiguousarray(column) for column in table.T)
    flags = flow.flags
    if rate[-1] > 0.0 and mass[-1] > 0.0:
        flags = (*flags, "history_ends_early")
    return RateHistory(time, rate, mass, inside, temperature, flags).until(isolation_time)


def _gas(vessel: Vessel, flow: Opening, ambient_pressure: float, heat: str) -> NDArray[np.float64]:
    substance, temperature, pressure = vessel.substance, vessel.temperature, vessel.pressure
    density = substance.gas_density(temperature, pressure)
    ratio = substance.heat_capacity_ratio(temperature)
    boils = vessel.volume > 0.0 and vessel.mass > 1.001 * vessel.volume * density
    if boils and temperature < substance.critical_temperature:
        line = saturation(substance)
        end = place_of_pressure_kernel(line.table, max(ambient_pressure, line.lowest_pressure))
        return boil_off_kernel(
            line.table,
            line.critical_temperature,
            line.place(temperature),
            end,
            vessel.mass,
            vessel.volume,
            flow.rate,
            ratio,
            ambient_pressure,
            _NODES,
        )
    volume = vessel.mass / density
    if heat == "isothermal":
        return isothermal_kernel(pressure, density, temperature, ratio, ambient_pressure, volume, flow.rate, _NODES)
    path = isentrope(substance, temperature, pressure, ambient_pressure, equilibrium=True)
    end = drop_of_pressure_kernel(path.table, ambient_pressure)
    reached = math.exp(cubic_kernel(path.table, end, LOG_PRESSURE))
    last = end if reached <= 1.001 * ambient_pressure else drop_of_pressure_kernel(path.table, reached / _THROAT_SHARE)
    return gas_blowdown_kernel(path.table, path.density, end, last, volume, flow.rate, _NODES)


def _liquid(vessel: Vessel, flow: Opening, area: float, ambient_pressure: float) -> NDArray[np.float64]:
    inside = max(vessel.pressure, vapour_pressure_or_zero(vessel.substance, vessel.temperature))
    if not (vessel.cross_section > 0.0 and vessel.head > 0.0 and flow.phase == "liquid"):
        return np.array(
            [
                [0.0, flow.rate, vessel.mass, inside, vessel.temperature],
                [vessel.mass / flow.rate, flow.rate, 0.0, inside, vessel.temperature],
            ]
        )
    density = flow.throat.density
    coefficient = flow.rate / (area * flow.throat.flux)
    over = inside - ambient_pressure
    whole = drain_time(vessel.cross_section, area, density, over, vessel.head, coefficient)
    slope = coefficient**2 * area**2 * density * 9.80665 / vessel.cross_section
    share = np.linspace(0.0, 1.0, _NODES)
    time = whole * share
    rate = flow.rate - slope * time
    mass = vessel.mass - (flow.rate - 0.5 * slope * time) * time
    if mass[-1] < 0.0:
        last = (flow.rate - math.sqrt(max(flow.rate**2 - 2.0 * slope * vessel.mass, 0.0))) / slope
        time = last * share
        rate, mass = flow.rate - slope * time, vessel.mass - (flow.rate - 0.5 * slope * time) * time
    still = np.ones(_NODES)
    return np.column_stack([time, rate, np.maximum(mass, 0.0), inside * still, vessel.temperature * still])
