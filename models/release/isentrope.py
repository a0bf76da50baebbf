"""Gas that expands without heat or friction: the isentrope of the real or the ideal gas, and the flow along it.

One isentrope serves a vessel's whole blow-down: what stays inside expands along it, and so does what flows out.
"""

import functools
import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from parkrisk.models._jit import kernel
from parkrisk.models.errors import OutOfRange
from parkrisk.models.release.outflow import require
from parkrisk.models.release.throat import Throat
from parkrisk.models.substance import equation_of_state
from parkrisk.models.substance.cubic_table import CubicTable, cubic_kernel, cubic_table
from parkrisk.models.substance.saturation import (
    ENTROPY_LIQUID,
    ENTROPY_VAPOUR,
    LOG_PRESSURE,
    LOG_VOLUME_VAPOUR,
    VOLUME_LIQUID,
    Saturation,
    isentropic_state_kernel,
    place_of_pressure_kernel,
    place_of_temperature_kernel,
    saturation,
    stagnation,
    temperature_kernel,
)

if TYPE_CHECKING:
    from parkrisk.models.substance.substances import Substance

__all__ = [
    "ENTHALPY",
    "TEMPERATURE",
    "Isentrope",
    "drop_of_pressure_kernel",
    "gas_flow",
    "gas_flux_kernel",
    "isentrope",
    "wet_isentrope",
]

TEMPERATURE, ENTHALPY = 1, 2  # columns of an isentrope; its first is LOG_PRESSURE, as that of a saturation table

_STEP = 0.1  # of ln ρ
_FINE_STEP = 0.02  # where the isentrope bends sharply as it enters the two-phase region
_FEWEST_NODES = 4
_MOST_NODES = 600
_DEEPEST_THROAT = 0.3  # no gas chokes below this share of the pressure inside
_GOLDEN = 0.5 * (math.sqrt(5.0) - 1.0)
_ITERATIONS = 48


class Isentrope(NamedTuple):
    """States of a gas from rest on, at falling density.

    Parameters
    ----------
    density : float
        At the start. [kg/m³]
    real : bool
        Whether by equation of state.
    table : CubicTable
        Over ln(ρ0/ρ): ln p [Pa], T [K], h [J/kg].
    """

    density: float
    real: bool
    table: CubicTable


@functools.lru_cache(maxsize=5_000)
def isentrope(
    substance: "Substance",
    temperature: float,
    pressure: float,
    lowest_pressure: float,
    equilibrium: bool = False,
) -> Isentrope:
    """Isentrope of a gas, from a state down to a pressure.

    Parameters
    ----------
    substance : Substance
    temperature, pressure : float
        At the start. [K], [Pa]
    lowest_pressure : float
        [Pa]
    equilibrium : bool
        Whether a vapour below its critical temperature condenses; in a nozzle it has no time to, in a vessel it has.

    Returns
    -------
    Isentrope
        By the equation of state where CoolProp has the fluid at that state. A gas that starts above its critical
        temperature condenses in any case; the isentrope ends where what condenses freezes. Otherwise that of the
        ideal gas with the compressibility and the ratio of heat capacities of the start.

    Raises
    ------
    OutOfRange, MissingProperty
    """
    require(temperature=temperature, pressure=pressure, lowest_pressure=lowest_pressure)
    start = equation_of_state.gas_start(substance.fluid, temperature, pressure) if substance.fluid else None
    if start is not None:
        return _real(substance, temperature, start, lowest_pressure, equilibrium)
    density = substance.gas_density(temperature, pressure)
    ratio = substance.heat_capacity_ratio(temperature)
    nodes = max(_FEWEST_NODES, math.ceil(math.log(max(pressure / lowest_pressure, 1.0)) / (ratio * _STEP)) + 2)
    drop = _STEP * np.arange(nodes)
    cooled = temperature * np.exp(-(ratio - 1.0) * drop)
    work = pressure / density / temperature * ratio / (ratio - 1.0)
    values = np.column_stack([math.log(pressure) - ratio * drop, cooled, work * cooled])
    return Isentrope(density, False, cubic_table(0.0, _STEP, values))


def _real(
    substance: "Substance", temperature: float, density: float, lowest_pressure: float, equilibrium: bool
) -> Isentrope:
    fluid, line = substance.fluid, saturation(substance)
    start = density
    pressure, enthalpy, entropy, _ = equation_of_state.gas_states(fluid, temperature, density)
    end = place_of_pressure_kernel(line.table, max(lowest_pressure, line.lowest_pressure))
    condenses = (equilibrium or temperature >= line.critical_temperature) and (
        entropy < cubic_kernel(line.table, end, ENTROPY_VAPOUR)
    )
    step = _FINE_STEP if condenses else _STEP
    rows = [(math.log(pressure), temperature, enthalpy)]
    wet = False
    while len(rows) < _MOST_NODES and (pressure > lowest_pressure or len(rows) < _FEWEST_NODES):
        if not wet:
            temperature = _cooler(fluid, temperature, density, step)
        density = start * math.exp(-step * len(rows))
        wet = wet or (condenses and _inside(line, temperature, density))
        if wet:
            temperature, pressure, enthalpy = _wet_state(line, entropy, 1.0 / density)
        else:
            pressure, enthalpy, _, _ = equation_of_state.gas_states(fluid, temperature, density)
        if wet and pressure <= line.lowest_pressure * (1.0 + 1e-6):
            break
        rows.append((math.log(pressure), temperature, enthalpy))
    return Isentrope(start, True, cubic_table(0.0, step, np.array(rows)))


def _cooler(fluid: str, temperature: float, density: float, step: float) -> float:
    """Temperature one step of ln ρ further down the isentrope, by Runge and Kutta. [K]"""
    middle, after = density * math.exp(-0.5 * step), density * math.exp(-step)
    first = equation_of_state.gas_states(fluid, temperature, density)[3]
    second = equation_of_state.gas_states(fluid, temperature - 0.5 * step * first, middle)[3]
    third = equation_of_state.gas_states(fluid, temperature - 0.5 * step * second, middle)[3]
    fourth = equation_of_state.gas_states(fluid, temperature - step * third, after)[3]
    return temperature - step / 6.0 * (first + 2.0 * second + 2.0 * third + fourth)


def _inside(line: Saturation, temperature: float, density: float) -> bool:
    """Whether a state lies in the two-phase region."""
    if not line.lowest_temperature <= temperature <= line.highest_temperature:
        return False
    place = place_of_temperature_kernel(line.critical_temperature, temperature)
    liquid = cubic_kernel(line.table, place, VOLUME_LIQUID)
    vapour = math.exp(cubic_kernel(line.table, place, LOG_VOLUME_VAPOUR))
    return liquid < 1.0 / density < vapour


@kernel
def _place_of_volume(table: CubicTable, entropy: float, volume: float) -> float:
    """ξ of the equilibrium mixture of an entropy and a volume."""
    low, high = table.first, table.first + float(table.step * table.coefficients.shape[0])
    for _ in range(_ITERATIONS):
        middle = 0.5 * (low + high)
        liquid = cubic_kernel(table, middle, VOLUME_LIQUID)
        quality = (volume - liquid) / (math.exp(cubic_kernel(table, middle, LOG_VOLUME_VAPOUR)) - liquid)
        base = cubic_kernel(table, middle, ENTROPY_LIQUID)
        if base + quality * (cubic_kernel(table, middle, ENTROPY_VAPOUR) - base) > entropy:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def _wet_state(line: Saturation, entropy: float, volume: float) -> tuple[float, float, float]:
    place = _place_of_volume(line.table, entropy, volume)
    _, _, enthalpy = isentropic_state_kernel(line.table, place, entropy)
    pressure = math.exp(cubic_kernel(line.table, place, LOG_PRESSURE))
    return temperature_kernel(line.critical_temperature, place), pressure, enthalpy


def wet_isentrope(substance: "Substance", temperature: float, lowest_pressure: float, nodes: int) -> Isentrope:
    """Isentrope of a saturated liquid that boils, down to a pressure.

    Parameters
    ----------
    substance : Substance
    temperature : float
        [K]
    lowest_pressure : float
        Below the saturation pressure. [Pa]
    nodes : int

    Raises
    ------
    OutOfRange
        The liquid does not boil at that pressure, or its saturation is not known there.
    """
    line = saturation(substance)
    place, entropy, _ = stagnation(line, temperature, 0.0, 0.0)
    start = math.exp(cubic_kernel(line.table, place, LOG_PRESSURE))
    if not line.lowest_pressure <= lowest_pressure < start:
        raise OutOfRange(
            f"{substance.name_zh} 在 {lowest_pressure:.0f} Pa 不沸腾或超出物性范围",
            f"{substance.name_en} does not boil at {lowest_pressure:.0f} Pa, or its saturation is not known there",
        )
    _, last, _ = isentropic_state_kernel(line.table, place_of_pressure_kernel(line.table, lowest_pressure), entropy)
    first = cubic_kernel(line.table, place, VOLUME_LIQUID)
    drops = np.linspace(0.0, math.log(last / first), nodes)
    rows = [(temperature, start, isentropic_state_kernel(line.table, place, entropy)[2])]
    rows += [_wet_state(line, entropy, first * math.exp(drop)) for drop in drops[1:]]
    values = np.array(rows)[:, [1, 0, 2]]
    values[:, 0] = np.log(values[:, 0])
    return Isentrope(1.0 / first, bool(substance.fluid), cubic_table(0.0, drops[1], values))


@kernel
def drop_of_pressure_kernel(table: CubicTable, pressure: float) -> float:
    """ln(ρ0/ρ) at which the isentrope has a pressure [Pa]; its end where it does not get there."""
    wanted = math.log(pressure)
    low, high = 0.0, float(table.step * table.coefficients.shape[0])
    for _ in range(_ITERATIONS):
        middle = 0.5 * (low + high)
        if cubic_kernel(table, middle, LOG_PRESSURE) > wanted:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


@kernel
def _flux_at(table: CubicTable, density: float, rest: float, drop: float) -> float:
    return density * math.exp(-drop) * math.sqrt(max(2.0 * (rest - cubic_kernel(table, drop, ENTHALPY)), 0.0))


@kernel
def gas_flux_kernel(table: CubicTable, density: float, start: float, end: float) -> tuple[float, float]:
    """ln(ρ0/ρ) of the throat and flux [kg/(m²·s)] of gas that is at rest at ``start``; at ``end`` it is outside.

    ``density`` [kg/m³] is that of the beginning of the isentrope.
    """
    rest = cubic_kernel(table, start, ENTHALPY)
    if end <= start:
        return start, 0.0
    low, high = start, end
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_left, at_right = _flux_at(table, density, rest, left), _flux_at(table, density, rest, right)
    for _ in range(_ITERATIONS):
        if at_left < at_right:
            low, left, at_left = left, right, at_right
            right = low + _GOLDEN * (high - low)
            at_right = _flux_at(table, density, rest, right)
        else:
            high, right, at_right = right, left, at_left
            left = high - _GOLDEN * (high - low)
            at_left = _flux_at(table, density, rest, left)
    place = 0.5 * (low + high)
    flux = _flux_at(table, density, rest, place)
    at_end = _flux_at(table, density, rest, end)
    return (end, at_end) if at_end > flux else (place, flux)


@functools.lru_cache(maxsize=20_000)
def gas_flow(
    substance: "Substance", temperature: float, pressure: float, ambient_pressure: float = 101_325.0
) -> tuple[Throat, bool]:
    """Flow of a gas through a nozzle, choked or not.

    Parameters
    ----------
    substance : Substance
    temperature, pressure : float
        Inside. [K], [Pa]
    ambient_pressure : float
        Below the pressure inside. [Pa]

    Returns
    -------
    throat : Throat
        Without discharge coefficient; its quality is 1, its enthalpy that of the equation of state, or cp T of the
        ideal gas.
    real : bool
        Whether by equation of state.

    Raises
    ------
    OutOfRange, MissingProperty

    Notes
    -----
    G = max over ρ of ρ √(2 (h0 − h(ρ, s0))). For the ideal gas that is the closed form of ``outflow.gas_rate``.
    """
    require(ambient_pressure=ambient_pressure)
    if not pressure > ambient_pressure:
        raise OutOfRange(
            f"内压 {pressure:.0f} Pa 不高于环境压力",
            f"the pressure inside, {pressure:.0f} Pa, is not above the ambient",
        )
    path = isentrope(substance, temperature, pressure, max(ambient_pressure, _DEEPEST_THROAT * pressure))
    end = drop_of_pressure_kernel(path.table, ambient_pressure)
    place, flux = gas_flux_kernel(path.table, path.density, 0.0, end)
    density = path.density * math.exp(-place)
    outer = math.exp(cubic_kernel(path.table, place, LOG_PRESSURE))
    throat = Throat(
        flux,
        outer,
        cubic_kernel(path.table, place, TEMPERATURE),
        density,
        flux / density,
        1.0,
        cubic_kernel(path.table, 0.0, ENTHALPY),
        outer > ambient_pressure * (1.0 + 1e-6),
    )
    return throat, path.real
