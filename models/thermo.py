"""Thermophysical properties of pure substances, each with its source.

A property of a temperature is a list of correlations with their ranges, best first: an equation of state of CoolProp
where it has the fluid, then measured fits collected by the ``chemicals`` package, then estimates, marked as such.
The first one whose range holds the temperature is used; none is extrapolated.
"""

import functools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from parkrisk.models import correlations
from parkrisk.models.correlations import Constants, Correlation, Property

_EOS = "CoolProp, reference equation of state"
_lock = threading.Lock()


@dataclass(frozen=True)
class _Quantity:
    unit: str
    read: Callable[[Any], float]  # from a saturated-liquid state
    fits: Callable[[str, Constants], tuple[Correlation, ...]]
    to_critical: bool = True  # False: the value vanishes or diverges at the critical point


_QUANTITIES: dict[str, _Quantity] = {
    "vapour_pressure": _Quantity("Pa", lambda s: float(s.p()), correlations.vapour_pressure),
    "liquid_density": _Quantity("kg/m3", lambda s: float(s.rhomass()), correlations.liquid_density),
    "liquid_heat_capacity": _Quantity(
        "J/(kg.K)", lambda s: float(s.cpmass()), correlations.liquid_heat_capacity, to_critical=False
    ),
    "heat_of_vaporisation": _Quantity(
        "J/kg", lambda s: _heat_of_vaporisation(s), correlations.heat_of_vaporisation, to_critical=False
    ),
    "gas_heat_capacity": _Quantity("J/(kg.K)", lambda s: float(s.cp0mass()), correlations.gas_heat_capacity),
}

#: Names of the properties that need a temperature.
TEMPERATURE_PROPERTIES = tuple(_QUANTITIES)


def _heat_of_vaporisation(state: Any) -> float:
    return float(state.saturated_vapor_keyed_output(_coolprop().iHmass) - state.hmass())


@functools.cache
def _coolprop() -> Any:
    """CoolProp, imported when first needed because that takes seconds."""
    import CoolProp.CoolProp

    return CoolProp.CoolProp


@functools.cache
def _state(fluid: str) -> Any:
    return _coolprop().AbstractState("HEOS", fluid)


def _saturated(fluid: str, quantity: _Quantity) -> Callable[[float], float]:
    def evaluate(temperature: float) -> float:
        with _lock:  # one AbstractState serves all threads
            state = _state(fluid)
            state.update(_coolprop().QT_INPUTS, 0.0, temperature)
            return quantity.read(state)

    return evaluate


def _ideal_gas(fluid: str) -> Callable[[float], float]:
    def evaluate(temperature: float) -> float:
        with _lock:
            state = _state(fluid)
            state.update(_coolprop().DmolarT_INPUTS, 1.0e-3, temperature)  # the ideal-gas limit
            return float(state.cp0mass())

    return evaluate


@functools.cache
def _equation_of_state(fluid: str, name: str) -> Correlation:
    quantity = _QUANTITIES[name]
    with _lock:
        state = _state(fluid)
        low = max(float(state.Tmin()), float(state.Ttriple()))
        critical = float(state.T_critical())
        top = float(state.Tmax())
    if name == "gas_heat_capacity":
        return Correlation(low, top, _EOS, "V", _ideal_gas(fluid))
    high = critical if quantity.to_critical else critical - 0.1
    return Correlation(low, high, _EOS, "V", _saturated(fluid, quantity))


@functools.cache
def candidates(cas: str, fluid: str, name: str, constants: Constants) -> tuple[Correlation, ...]:
    """Correlations for a property of a substance, best first; empty where there is none.

    Parameters
    ----------
    cas : str
        CAS number, the key of the ``chemicals`` tables.
    fluid : str
        CoolProp's name of the fluid; empty: it has none.
    name : str
        One of ``TEMPERATURE_PROPERTIES``.
    constants : Constants
        Molar mass and critical constants, for the molar fits and the estimates.
    """
    fits = _QUANTITIES[name].fits(cas, constants)
    return (_equation_of_state(fluid, name), *fits) if fluid else fits


@functools.lru_cache(maxsize=100_000)
def at(cas: str, fluid: str, name: str, constants: Constants, temperature: float) -> Property | None:
    """Return the property at a temperature [K]; None where no correlation holds there."""
    for correlation in candidates(cas, fluid, name, constants):
        if correlation.low <= temperature <= correlation.high:
            value = correlation.evaluate(temperature)
            return Property(value, _QUANTITIES[name].unit, correlation.source, correlation.mark)
    return None


@functools.lru_cache(maxsize=100_000)
def gas_density(fluid: str, molar_mass: float, temperature: float, pressure: float) -> float:
    """Density of the gas: by equation of state where CoolProp has the fluid at that state, else by the ideal gas law.

    Above the saturation pressure, where the vapour is hypothetical (a vapour in air) or metastable, it keeps the
    compressibility of saturated vapour.

    Parameters
    ----------
    fluid : str
        CoolProp's name; empty: none.
    molar_mass : float
        [kg/mol]
    temperature, pressure : float
        [K], [Pa]

    Returns
    -------
    float
        [kg/m³]
    """
    ideal = pressure * molar_mass / (correlations.GAS_CONSTANT * temperature)
    if not fluid:
        return ideal
    module = _coolprop()
    with _lock:
        state = _state(fluid)
        lowest = max(float(state.Tmin()), float(state.Ttriple()))
        if not lowest <= temperature <= state.Tmax() or pressure > state.pmax():
            return ideal
        if temperature < state.T_critical():
            state.update(module.QT_INPUTS, 1.0, temperature)
            saturation = float(state.p())
            if pressure >= saturation * (1.0 - 1e-5):
                return float(state.rhomass()) * pressure / saturation
        state.update(module.PT_INPUTS, pressure, temperature)
        return float(state.rhomass())
