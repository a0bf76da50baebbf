"""What a long line holds, on its way down to ambient pressure, and the flux of a nozzle that it feeds."""

import functools
import math
from typing import NamedTuple

import numpy as np

from parkrisk.models.release.isentrope import drop_of_pressure_kernel, gas_flux_kernel, wet_isentrope
from parkrisk.models.release.outflow import gas_rate_kernel
from parkrisk.models.substance import equation_of_state
from parkrisk.models.substance.cubic_table import CubicTable, cubic_kernel, cubic_table
from parkrisk.models.substance.saturation import LOG_VOLUME_VAPOUR, VOLUME_LIQUID, saturation
from parkrisk.models.substance.substances import Substance

__all__ = ["LineContent", "line_content", "line_quality"]

_NODES = 240
_MARGIN = 0.6  # of ln ρ beyond ambient pressure


class LineContent(NamedTuple):
    """Content of a line.

    Parameters
    ----------
    density : float
        At the start, of a liquid at saturation. [kg/m³]
    states : CubicTable
        ln p [Pa], T [K], h [J/kg] over ln(ρ0/ρ).
    flux : CubicTable
        Of a nozzle from the content at rest [kg/(m²·s)], over the same.
    end : float
        ln(ρ0/ρ) at ambient pressure.
    phase : str
        "gas" or "two_phase".
    """

    density: float
    states: CubicTable
    flux: CubicTable
    end: float
    phase: str


@functools.lru_cache(maxsize=200)
def line_content(substance: Substance, temperature: float, pressure: float, ambient_pressure: float) -> LineContent:
    """Gas at its temperature, or a boiling liquid along its isentrope."""
    if substance.phase(temperature, pressure) == "gas":
        return _gas_content(substance, temperature, pressure, ambient_pressure)
    path = wet_isentrope(substance, temperature, ambient_pressure, _NODES)
    end = drop_of_pressure_kernel(path.table, ambient_pressure)
    drops = np.linspace(0.0, path.table.last, _NODES)
    flux = np.array([gas_flux_kernel(path.table, path.density, drop, end)[1] for drop in drops])
    return LineContent(path.density, path.table, cubic_table(0.0, drops[1], flux[:, None]), end, "two_phase")


def _gas_content(substance: Substance, temperature: float, pressure: float, ambient_pressure: float) -> LineContent:
    """Gas that the wall keeps at its temperature."""
    density = substance.gas_density(temperature, pressure)
    ratio = substance.heat_capacity_ratio(temperature)
    start = equation_of_state.gas_start(substance.fluid, temperature, pressure) if substance.fluid else None
    last = math.log(pressure / ambient_pressure) + _MARGIN
    drops = np.linspace(0.0, last, _NODES)
    ideal = np.log(pressure) - drops
    if start is not None:
        ideal = np.log(
            [equation_of_state.gas_states(substance.fluid, temperature, start * math.exp(-drop))[0] for drop in drops]
        )
    flux = [
        gas_rate_kernel(1.0, math.exp(log), density * math.exp(-drop), ratio, ambient_pressure, 1.0)
        for log, drop in zip(ideal, drops, strict=True)
    ]
    rows = np.column_stack([ideal, np.full(_NODES, temperature), np.zeros(_NODES)])
    states = cubic_table(0.0, drops[1], rows)
    end = drop_of_pressure_kernel(states, ambient_pressure)
    return LineContent(density, states, cubic_table(0.0, drops[1], np.array(flux)[:, None]), end, "gas")


def line_quality(substance: Substance, temperature: float, volume: float) -> float:
    """Share of vapour [-] in a boiling content of a volume [m³/kg]."""
    table = saturation(substance)
    place = table.place(temperature)
    liquid = cubic_kernel(table.table, place, VOLUME_LIQUID)
    vapour = math.exp(cubic_kernel(table.table, place, LOG_VOLUME_VAPOUR))
    return min(1.0, max(0.0, (volume - liquid) / (vapour - liquid)))
