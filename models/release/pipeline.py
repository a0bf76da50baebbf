"""Rupture or leak of a long line that both ends feed: gas, liquefied gas, or a liquid that does not flash."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parkrisk.models.constants import constants
from parkrisk.models.errors import OutOfRange
from parkrisk.models.release.history import RateHistory
from parkrisk.models.release.isentrope import TEMPERATURE, drop_of_pressure_kernel
from parkrisk.models.release.line_content import LineContent, line_content, line_quality
from parkrisk.models.release.opening import Opening, gas_opening, liquid_opening, vapour_pressure_or_zero
from parkrisk.models.release.outflow import hole_area, require
from parkrisk.models.release.pipeline_flow import line_kernel
from parkrisk.models.release.released import Release, release_of
from parkrisk.models.release.two_phase import flashing_flow, rough_friction
from parkrisk.models.substance.cubic_table import cubic_kernel
from parkrisk.models.substance.saturation import LOG_PRESSURE
from parkrisk.models.substance.substances import Substance

__all__ = ["Pipeline", "pipeline_history", "pipeline_release"]

_CELLS = 60  # on each side of the breach
_STEPS = 3000


@dataclass(frozen=True)
class Pipeline:
    """A line with a breach, at rest or fed.

    Parameters
    ----------
    substance : Substance
    temperature, pressure : float
        Before the breach. [K], [Pa]
    diameter : float
        Bore. [m]
    upstream, downstream : float
        Length of line on either side of the breach that can empty through it. [m]
    flow : float
        That the upstream end goes on feeding until the valves are shut. [kg/s]
    valve_upstream, valve_downstream : float
        Distances from the breach to the valves; not more than the lengths. [m]
    roughness : float
        Of the wall; 0: commercial steel. [m]
    """

    substance: Substance
    temperature: float
    pressure: float
    diameter: float
    upstream: float
    downstream: float = 0.0
    flow: float = 0.0
    valve_upstream: float = math.inf
    valve_downstream: float = math.inf
    roughness: float = 0.0

    @property
    def area(self) -> float:
        """Cross-section of the bore. [m²]"""
        return hole_area(self.diameter)

    @property
    def friction(self) -> float:
        """Darcy's friction factor of the rough pipe. [-]"""
        wall = self.roughness if self.roughness > 0.0 else constants("outflow")["roughness_steel"].value
        return rough_friction(self.diameter, wall)


def _check(line: Pipeline, ambient_pressure: float) -> None:
    require(temperature=line.temperature, pressure=line.pressure, diameter=line.diameter, upstream=line.upstream)
    require(downstream_or_zero=line.downstream, flow_or_zero=line.flow, roughness_or_zero=line.roughness)
    require(ambient_pressure=ambient_pressure)
    if not (line.valve_upstream > 0.0 and line.valve_downstream > 0.0):
        raise OutOfRange("阀门距离须为正", "the distances of the valves must be positive")
    if min(line.upstream, line.valve_upstream) < line.diameter:
        raise OutOfRange("管段短于管径", "the line is shorter than its bore")


def _cells(length: float, diameter: float) -> NDArray[np.float64]:
    """Lengths of cells that grow away from the breach. [m]"""
    first = min(diameter, length / _CELLS)
    low, high = 1.0, 4.0
    for _ in range(80):
        growth = 0.5 * (low + high)
        if first * np.sum(growth ** np.arange(_CELLS)) < length:
            low = growth
        else:
            high = growth
    cells = first * high ** np.arange(_CELLS)
    return np.asarray(cells * (length / np.sum(cells)))


def _valve_edge(cells: NDArray[np.float64], distance: float) -> int:
    """Cells of a side (from the breach on) that stay connected when its valve is shut."""
    reach = np.cumsum(cells)
    return int(np.searchsorted(reach, distance * (1.0 - 1e-9))) + 1


def _run(
    line: Pipeline,
    content: LineContent,
    sides: tuple[tuple[float, float], ...],
    opening: float,
    feed: float,
    shut: float,
    longest: float,
) -> NDArray[np.float64]:
    """History of one or two sides around a breach: up to the breach first, then beyond it."""
    near = [_cells(length, line.diameter) for length, _ in sides]
    valves = [_valve_edge(cells, valve) for cells, (_, valve) in zip(near, sides, strict=True)]
    first = len(near[0])
    cells = np.concatenate([near[0][::-1], near[1]]) if len(near) == 2 else near[0][::-1].copy()
    closing = [first - 1 - valves[0]] if valves[0] < first else []
    if len(near) == 2 and valves[1] < len(near[1]):
        closing.append(first + valves[1] - 1)
    conductance = np.sqrt(2.0 * line.diameter / (line.friction * 0.5 * (cells[1:] + cells[:-1])))
    return line_kernel(
        content.states,
        content.flux,
        content.density,
        content.end,
        cells,
        conductance,
        first - 1,
        opening,
        feed / line.area,
        np.array(closing, dtype=np.int64),
        min(shut, longest),
        longest,
        _STEPS,
    )


def pipeline_history(
    line: Pipeline,
    hole_diameter: float | None = None,
    *,
    isolation_time: float = math.inf,
    longest: float | None = None,
    ambient_pressure: float = 101_325.0,
    discharge_coefficient: float | None = None,
) -> RateHistory:
    """Rate of a line that empties through a breach, over time.

    Parameters
    ----------
    line : Pipeline
        Of a gas or of a liquid whose vapour pressure is above the ambient one.
    hole_diameter : float, optional
        Default: a full-bore rupture, out of which both ends flow. [m]
    isolation_time : float
        When the valves shut and the feed stops; what is between the valves goes on flowing. [s]
    longest : float, optional
        End of the history at the latest; default: the longest release that counts, 60 min (AQ/T 3046-2013 9.2.6). [s]
    ambient_pressure : float
        [Pa]
    discharge_coefficient : float, optional
        Default: 1 for a rupture, 0.62 for a hole.

    Returns
    -------
    RateHistory
        Until the rate is a 10,000th of the first one, or nothing pushes. Pressure and temperature are those at the
        breach. The rate is that at the end of each step, so its integral agrees with the mass to a few per cent only.

    Raises
    ------
    OutOfRange
        A number is bad, the hole is wider than the bore, the liquid does not flash, the pressure is not above the
        ambient one.

    Notes
    -----
    Friction against compressibility in one dimension, without inertia, uniform pressure at the start; gas at constant
    temperature, a liquefied gas along the isentrope of its saturated liquid (what it is compressed above saturation is
    gone in the first moments); choked outflow by ``outflow`` or ``two_phase`` (``pipeline_flow``). The same balance
    underlies the closed forms of Bell and Wilson for gas (``wilson``) and of [1]_ and [2]_ for boiling liquids.
    The first seconds, in which a pressure wave runs, are too low for a liquid above saturation.

    References
    ----------
    .. [1] T. K. Fannelöp, I. L. Ryhming, *Massive release of gas from long pipelines*, Journal of Energy 6 (1982) 132.
    .. [2] D. M. Webber, T. K. Fannelöp, H. W. M. Witlox, *Source terms from two-phase flow in long pipelines following
       an accidental breach*, CCPS International Conference, 1999.
    """
    _check(line, ambient_pressure)
    limit = _longest(longest)
    if not isolation_time > 0.0:
        raise OutOfRange(f"切断时间 {isolation_time} 无效", f"isolation time {isolation_time} is not valid")
    if line.pressure <= ambient_pressure:
        raise OutOfRange("管内压力不高于环境压力", "the pressure in the line is not above the ambient one")
    content = line_content(line.substance, line.temperature, line.pressure, ambient_pressure)
    share, coefficient = _share(line, hole_diameter, discharge_coefficient)
    up = (line.upstream, min(line.valve_upstream, line.upstream))
    down = (line.downstream, min(line.valve_downstream, line.downstream))
    runs = []
    if hole_diameter is None:
        runs.append(_run(line, content, (up,), coefficient, line.flow, isolation_time, limit))
        if line.downstream > line.diameter:
            runs.append(_run(line, content, (down,), coefficient, 0.0, isolation_time, limit))
    else:
        sides = (up, down) if line.downstream > line.diameter else (up,)
        runs.append(_run(line, content, sides, coefficient * share, line.flow, isolation_time, limit))
    return _merged(line, content, runs)


def _longest(longest: float | None) -> float:
    found = constants("outflow")["longest_release"].value if longest is None else longest
    require(longest=found)
    return found


def _share(line: Pipeline, hole_diameter: float | None, discharge_coefficient: float | None) -> tuple[float, float]:
    """Area of the breach over that of the bore, and its discharge coefficient."""
    if hole_diameter is None:
        return 1.0, 1.0 if discharge_coefficient is None else discharge_coefficient
    require(hole_diameter=hole_diameter)
    if hole_diameter > line.diameter:
        raise OutOfRange("孔比管径还大", "the hole is wider than the bore")
    sharp = constants("outflow")["discharge_sharp"].value
    coefficient = sharp if discharge_coefficient is None else discharge_coefficient
    require(discharge_coefficient=coefficient)
    return (hole_diameter / line.diameter) ** 2, coefficient


def _merged(line: Pipeline, content: LineContent, runs: list[NDArray[np.float64]]) -> RateHistory:
    """Sum of the runs of both ends on one time axis."""
    time = np.unique(np.concatenate([run[:, 0] for run in runs]))
    rate, gone = np.zeros(len(time)), np.zeros(len(time))
    for run in runs:
        rate += np.interp(time, run[:, 0], run[:, 1], right=0.0)
        gone += np.interp(time, run[:, 0], run[:, 4])
    drop = np.interp(time, runs[0][:, 0], runs[0][:, 3])
    pressure = np.exp([cubic_kernel(content.states, place, LOG_PRESSURE) for place in drop])
    temperature = np.array([cubic_kernel(content.states, place, TEMPERATURE) for place in drop])
    fed = float(runs[0][-1, 2] + runs[0][-1, 4] - runs[0][0, 2])
    held = sum(float(run[0, 2]) for run in runs) + max(fed, 0.0)
    return RateHistory(time, rate * line.area, (held - gone) * line.area, pressure, temperature)


def pipeline_release(
    line: Pipeline,
    hole_diameter: float | None = None,
    *,
    isolation_time: float = math.inf,
    longest: float | None = None,
    ambient_pressure: float = 101_325.0,
    discharge_coefficient: float | None = None,
    height: float = 0.0,
    air_temperature: float = 293.15,
) -> Release:
    """Constant-rate release that stands for the breach of a line.

    Parameters
    ----------
    line, hole_diameter, isolation_time, longest, ambient_pressure, discharge_coefficient
        As in ``pipeline_history``.
    height, air_temperature : float
        As in ``release.hole``.

    Returns
    -------
    Release
        Its rate is the mean of the first minute, its mass what comes out within ``longest``: the rate of a rupture
        falls too fast for its first value to stand for it. A liquid that does not flash leaves at its rate through the
        hole, but no faster than the pump at run-out (1.5 times ``flow``), and what is between the valves drains after
        they shut.

    Raises
    ------
    OutOfRange, MissingProperty

    Notes
    -----
    ALOHA reports the highest rate averaged over a minute or more [1]_; run-out of pumps: CPR 18E section 3.2.

    References
    ----------
    .. [1] R. Jones, W. Lehr, D. Simecek-Beatty, R. M. Reynolds, *ALOHA 5.4.4: technical documentation*, NOAA NOS OR&R
       43, 2013.
    """
    _check(line, ambient_pressure)
    substance, temperature = line.substance, line.temperature
    gas = substance.phase(temperature, line.pressure) == "gas"
    if not gas and vapour_pressure_or_zero(substance, temperature) <= ambient_pressure:
        limit = _longest(longest)
        return _liquid_line(line, hole_diameter, isolation_time, limit, ambient_pressure, discharge_coefficient)
    history = pipeline_history(
        line,
        hole_diameter,
        isolation_time=isolation_time,
        longest=longest,
        ambient_pressure=ambient_pressure,
        discharge_coefficient=discharge_coefficient,
    )
    window = constants("outflow")["sustained_window"].value
    rate = history.mean_rate(window)
    moment = int(np.argmin(np.abs(history.rate - rate)))
    pressure, inner = float(history.pressure[moment]), float(history.temperature[moment])
    flow = _mean_opening(line, gas, inner, pressure, rate, ambient_pressure)
    return release_of(flow, substance, temperature, history.released, ambient_pressure, height, air_temperature)


def _mean_opening(
    line: Pipeline, gas: bool, temperature: float, pressure: float, rate: float, ambient_pressure: float
) -> Opening:
    """Flow whose throat is that at the breach when the rate has its mean."""
    substance = line.substance
    pressure = max(pressure, 1.001 * ambient_pressure)
    if gas:
        found = gas_opening(substance, temperature, pressure, line.area, ambient_pressure, 1.0)
        return found._replace(rate=rate, flags=(*found.flags, "line_first_minute"))
    content = line_content(substance, line.temperature, line.pressure, ambient_pressure)
    place = drop_of_pressure_kernel(content.states, pressure)
    volume = math.exp(place) / content.density
    quality = line_quality(substance, temperature, volume)
    throat = flashing_flow(substance, temperature, pressure, ambient_pressure, 0.0, quality)
    return Opening(rate, "two_phase", throat, True, ("line_first_minute",), quality)


def _liquid_line(
    line: Pipeline,
    hole_diameter: float | None,
    isolation_time: float,
    longest: float,
    ambient_pressure: float,
    discharge_coefficient: float | None,
) -> Release:
    _, coefficient = _share(line, hole_diameter, discharge_coefficient)
    bore = line.diameter if hole_diameter is None else hole_diameter
    flow = liquid_opening(
        line.substance, line.temperature, line.pressure, 0.0, bore, 0.0, ambient_pressure, coefficient
    )
    run_out = constants("outflow")["pump_run_out"].value * line.flow
    rate = min(flow.rate, run_out) if run_out > 0.0 else flow.rate
    held = min(line.upstream, line.valve_upstream) + min(line.downstream, line.valve_downstream)
    mass = held * line.area * flow.throat.density
    if line.flow > 0.0:
        mass += rate * min(isolation_time, longest)
    mass = min(mass, rate * longest)
    return release_of(flow._replace(rate=rate), line.substance, line.temperature, mass, ambient_pressure)
