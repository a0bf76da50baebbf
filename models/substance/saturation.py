"""The saturation line of a substance as one table that kernels read: pressure, volumes, enthalpies and entropies.

The variable of the table is ξ = (1 − T/Tc)^(1/3), in which the properties are smooth up to near the critical point.
"""

import functools
import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.errors import MissingProperty, OutOfRange
from parkrisk.models.substance import equation_of_state
from parkrisk.models.substance.cubic_table import CubicTable, cubic_kernel, cubic_table

if TYPE_CHECKING:
    from parkrisk.models.substance.substances import Substance

__all__ = [
    "ENTHALPY_LIQUID",
    "ENTHALPY_VAPOUR",
    "ENTROPY_LIQUID",
    "ENTROPY_VAPOUR",
    "LOG_PRESSURE",
    "LOG_VOLUME_VAPOUR",
    "VOLUME_LIQUID",
    "Saturation",
    "isentropic_state_kernel",
    "place_of_pressure_kernel",
    "place_of_temperature_kernel",
    "saturation",
    "stagnation",
    "temperature_kernel",
]

LOG_PRESSURE, VOLUME_LIQUID, LOG_VOLUME_VAPOUR, ENTHALPY_LIQUID, ENTHALPY_VAPOUR, ENTROPY_LIQUID, ENTROPY_VAPOUR = (
    range(7)
)

_NODES = 200
_NEAREST = 1e-3  # 1 − T/Tc at the warm end
_LOWEST_PRESSURE = 1.0e4  # Pa, at the cold end
_SUBSTEPS = 4  # of the integrals between two nodes
_BISECTIONS = 60
_SLOPE = 0.02  # K


class Saturation(NamedTuple):
    """The saturation line of a substance.

    Parameters
    ----------
    critical_temperature : float
        [K]
    table : CubicTable
        Over ξ: ln p [Pa], v of the liquid [m³/kg], ln v of the vapour, h of liquid and vapour [J/kg], s of liquid and
        vapour [J/(kg·K)].
    """

    critical_temperature: float
    table: CubicTable

    @property
    def lowest_temperature(self) -> float:
        """Cold end. [K]"""
        return self.critical_temperature * (1.0 - self.table.last**3)

    @property
    def highest_temperature(self) -> float:
        """Warm end. [K]"""
        return self.critical_temperature * (1.0 - self.table.first**3)

    @property
    def lowest_pressure(self) -> float:
        """At the cold end. [Pa]"""
        return math.exp(cubic_kernel(self.table, self.table.last, LOG_PRESSURE))

    def place(self, temperature: float) -> float:
        """ξ of a temperature [K]; raises OutOfRange outside the table."""
        if not self.lowest_temperature <= temperature <= self.highest_temperature:
            known = f"{self.lowest_temperature:.1f}–{self.highest_temperature:.1f} K"
            raise OutOfRange(
                f"饱和性质仅在 {known} 已知，温度为 {temperature} K",
                f"saturation is known at {known} only, not at {temperature} K",
            )
        return place_of_temperature_kernel(self.critical_temperature, temperature)


@kernel
def place_of_temperature_kernel(critical_temperature: float, temperature: float) -> float:
    """ξ of a temperature [K]."""
    return float(max(1.0 - temperature / critical_temperature, 0.0) ** (1.0 / 3.0))


@kernel
def temperature_kernel(critical_temperature: float, place: float) -> float:
    """Temperature [K] of ξ."""
    return critical_temperature * (1.0 - place * place * place)


@kernel
def place_of_pressure_kernel(table: CubicTable, pressure: float) -> float:
    """ξ of a saturation pressure [Pa]; the end of the table where that lies beyond it."""
    wanted = math.log(pressure)
    low, high = table.first, table.first + float(table.step * table.coefficients.shape[0])
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        if cubic_kernel(table, middle, LOG_PRESSURE) > wanted:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


@kernel
def isentropic_state_kernel(table: CubicTable, place: float, entropy: float) -> tuple[float, float, float]:
    """Quality [-], volume [m³/kg] and enthalpy [J/kg] of the equilibrium mixture of an entropy at a ξ."""
    liquid = cubic_kernel(table, place, ENTROPY_LIQUID)
    quality = (entropy - liquid) / (cubic_kernel(table, place, ENTROPY_VAPOUR) - liquid)
    volume = cubic_kernel(table, place, VOLUME_LIQUID)
    volume += quality * (math.exp(cubic_kernel(table, place, LOG_VOLUME_VAPOUR)) - volume)
    enthalpy = cubic_kernel(table, place, ENTHALPY_LIQUID)
    enthalpy += quality * (cubic_kernel(table, place, ENTHALPY_VAPOUR) - enthalpy)
    return quality, volume, enthalpy


def stagnation(line: Saturation, temperature: float, pressure: float, quality: float) -> tuple[float, float, float]:
    """ξ of saturation, entropy and enthalpy of a liquid (quality 0, maybe subcooled) or a mixture at rest."""
    place = line.place(temperature)
    liquid = cubic_kernel(line.table, place, ENTROPY_LIQUID)
    entropy = liquid + quality * (cubic_kernel(line.table, place, ENTROPY_VAPOUR) - liquid)
    base = cubic_kernel(line.table, place, ENTHALPY_LIQUID)
    enthalpy = base + quality * (cubic_kernel(line.table, place, ENTHALPY_VAPOUR) - base)
    if quality == 0.0:
        saturated = math.exp(cubic_kernel(line.table, place, LOG_PRESSURE))
        enthalpy += cubic_kernel(line.table, place, VOLUME_LIQUID) * max(pressure - saturated, 0.0)
    return place, entropy, enthalpy


@functools.lru_cache(maxsize=1000)
def saturation(substance: "Substance") -> Saturation:
    """Table of a substance.

    Parameters
    ----------
    substance : Substance

    Returns
    -------
    Saturation
        From 10 kPa (or the triple point) to 0.999 Tc, or as far as the correlations hold.

    Raises
    ------
    MissingProperty, OutOfRange
        A property on the line is not known, or their ranges do not meet.

    Notes
    -----
    From the equation of state where CoolProp has the fluid. Otherwise from vapour pressure, liquid density, heat
    capacity of the liquid and heat of vaporisation: ds = cp dT/T, dh = T ds + v dp along the liquid's side, and on the
    vapour's side s + h_fg/T, h + h_fg and Clapeyron's v + h_fg/(T dp/dT). So the table obeys dh = T ds + v dp
    throughout, and work taken from enthalpies agrees with the integral of v dp.
    """
    if substance.cas.startswith("mixture:"):
        raise OutOfRange(
            f"{substance.name_zh}沸腾时温度不定，没有饱和线", f"{substance.name_en} has no single saturation line"
        )
    if substance.fluid:
        return _from_equation_of_state(substance.fluid)
    return _from_correlations(substance)


def _places(lowest_temperature: float, highest_temperature: float, critical: float) -> NDArray[np.float64]:
    ends = [(1.0 - t / critical) ** (1.0 / 3.0) for t in (highest_temperature, lowest_temperature)]
    return np.linspace(ends[0], ends[1], _NODES)


@functools.cache
def _from_equation_of_state(fluid: str) -> Saturation:
    critical, lowest = equation_of_state.saturation_limits(fluid, _LOWEST_PRESSURE)
    places = _places(lowest, (1.0 - _NEAREST) * critical, critical)
    values = np.array([equation_of_state.saturation_states(fluid, critical * (1.0 - x**3)) for x in places])
    values[:, LOG_PRESSURE] = np.log(values[:, LOG_PRESSURE])
    values[:, LOG_VOLUME_VAPOUR] = np.log(values[:, LOG_VOLUME_VAPOUR])
    return Saturation(critical, cubic_table(places[0], places[1] - places[0], values))


def _usable(substance: "Substance", temperature: float) -> bool:
    try:
        _slope(substance, temperature)
        substance.liquid_density(temperature)
        substance.liquid_heat_capacity(temperature)
        return substance.heat_of_vaporisation(temperature) > 0.0
    except OutOfRange:
        return False


def _slope(substance: "Substance", temperature: float) -> float:
    """Slope of the vapour pressure. [Pa/K]"""
    above, below = (substance.vapour_pressure(temperature + step) for step in (_SLOPE, -_SLOPE))
    return (above - below) / (2.0 * _SLOPE)


def _ends(substance: "Substance", critical: float) -> tuple[float, float]:
    """Widest range around the boiling point in which every property is known. [K]"""
    start = substance.boiling_temperature(101_325.0)
    if not _usable(substance, start):
        raise OutOfRange(
            f"{substance.name_zh} 沸点处的饱和性质不全",
            f"the saturation properties of {substance.name_en} at its boiling point are not all known",
        )
    ends = []
    for far in (substance.boiling_temperature(_LOWEST_PRESSURE), (1.0 - _NEAREST) * critical):
        near, out = start, far
        if not _usable(substance, out):
            for _ in range(20):
                middle = 0.5 * (near + out)
                near, out = (middle, out) if _usable(substance, middle) else (near, middle)
            out = near
        ends.append(out)
    return ends[0], ends[1]


def _from_correlations(substance: "Substance") -> Saturation:
    critical = substance.critical_temperature
    if not math.isfinite(critical):
        raise MissingProperty(
            f"{substance.name_zh} 缺少 critical_temperature", f"{substance.name_en} has no critical_temperature"
        )
    places = _places(*_ends(substance, critical), critical)
    fine = critical * (1.0 - np.linspace(places[0], places[-1], (_NODES - 1) * _SUBSTEPS + 1) ** 3)
    heat = np.array([substance.liquid_heat_capacity(t) for t in fine])
    volume = 1.0 / np.array([substance.liquid_density(t) for t in fine])
    slope = np.array([_slope(substance, t) for t in fine])
    entropy = _integral(heat / fine, fine)
    enthalpy = _integral(heat + volume * slope, fine)
    temperature = fine[::_SUBSTEPS]
    latent = np.array([substance.heat_of_vaporisation(t) for t in temperature])
    if not (np.all(slope > 0.0) and np.all(latent > 0.0)):
        raise OutOfRange(
            f"{substance.name_zh} 的蒸气压关联式在饱和线上不单调",
            f"the vapour pressure of {substance.name_en} does not rise along the saturation line",
        )
    values = np.empty((_NODES, 7))
    values[:, LOG_PRESSURE] = np.log([substance.vapour_pressure(t) for t in temperature])
    values[:, VOLUME_LIQUID] = volume[::_SUBSTEPS]
    values[:, LOG_VOLUME_VAPOUR] = np.log(volume[::_SUBSTEPS] + latent / (temperature * slope[::_SUBSTEPS]))
    values[:, ENTHALPY_LIQUID] = enthalpy[::_SUBSTEPS]
    values[:, ENTHALPY_VAPOUR] = enthalpy[::_SUBSTEPS] + latent
    values[:, ENTROPY_LIQUID] = entropy[::_SUBSTEPS]
    values[:, ENTROPY_VAPOUR] = entropy[::_SUBSTEPS] + latent / temperature
    return Saturation(critical, cubic_table(places[0], places[1] - places[0], values))


def _integral(values: NDArray[np.float64], over: NDArray[np.float64]) -> NDArray[np.float64]:
    """Trapezoids, from 0 at the first point on."""
    pieces = 0.5 * (values[1:] + values[:-1]) * np.diff(over)
    return np.concatenate([[0.0], np.cumsum(pieces)])
