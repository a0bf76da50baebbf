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

from parkrisk.models.errors import OutOfRange
from parkrisk.models.substance import correlations
from parkrisk.models.substance.correlations import Constants, Correlation, Property

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
    "surface_tension": _Quantity(
        "N/m", lambda s: float(s.surface_tension()), correlations.surface_tension, to_critical=False
    ),
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
def _has(fluid: str, name: str) -> bool:
    """Whether CoolProp knows a property of a fluid; it lacks the surface tension of some."""
    correlation = _equation_of_state(fluid, name)
    try:
        correlation.evaluate(0.5 * (correlation.low + correlation.high))
    except ValueError:
        return False
    return True


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
    return (_equation_of_state(fluid, name), *fits) if fluid and _has(fluid, name) else fits


@functools.lru_cache(maxsize=100_000)
def at(cas: str, fluid: str, name: str, constants: Constants, temperature: float) -> Property | None:
    """Return the property at a temperature [K]; None where no correlation holds there."""
    for correlation in candidates(cas, fluid, name, constants):
        if correlation.low <= temperature <= correlation.high:
            value = correlation.evaluate(temperature)
            return Property(value, _QUANTITIES[name].unit, correlation.source, correlation.mark)
    return None


def saturation_limits(fluid: str, lowest_pressure: float) -> tuple[float, float]:
    """Critical temperature and the lowest temperature with at least a saturation pressure [Pa], of a fluid. [K]"""
    module = _coolprop()
    with _lock:
        state = _state(fluid)
        critical = float(state.T_critical())
        lowest = max(float(state.Tmin()), float(state.Ttriple())) + 0.01
        state.update(module.QT_INPUTS, 0.0, lowest)
        if state.p() < lowest_pressure:
            state.update(module.PQ_INPUTS, lowest_pressure, 0.0)
            lowest = float(state.T())
    return critical, lowest


def saturation_states(fluid: str, temperature: float) -> tuple[float, ...]:
    """Pressure, volumes, enthalpies and entropies (liquid, vapour) of a saturated fluid, per kg in SI units."""
    module = _coolprop()
    with _lock:
        state = _state(fluid)
        state.update(module.QT_INPUTS, 0.0, temperature)
        liquid = (float(state.p()), 1.0 / float(state.rhomass()), float(state.hmass()), float(state.smass()))
        state.update(module.QT_INPUTS, 1.0, temperature)
        vapour = (1.0 / float(state.rhomass()), float(state.hmass()), float(state.smass()))
    return (liquid[0], liquid[1], vapour[0], liquid[2], vapour[1], liquid[3], vapour[2])


@functools.cache
def _gas_state(fluid: str) -> Any:
    """State of a fluid that is taken as one phase whatever its temperature and density."""
    state = _coolprop().AbstractState("HEOS", fluid)
    state.specify_phase(_coolprop().iphase_gas)
    return state


def gas_start(fluid: str, temperature: float, pressure: float) -> float | None:
    """Density of a gas by the equation of state of a fluid [kg/m³]; None where it does not hold, or there is no gas.

    Up to 0.1 % above the saturation pressure it is that of the saturated vapour.
    """
    module = _coolprop()
    with _lock:
        state = _state(fluid)
        lowest = max(float(state.Tmin()), float(state.Ttriple()))
        if not lowest <= temperature <= state.Tmax() or pressure > state.pmax():
            return None
        if temperature < state.T_critical():
            state.update(module.QT_INPUTS, 1.0, temperature)
            saturated = float(state.p())
            if pressure > saturated * 1.001:
                return None
            if pressure >= saturated * (1.0 - 1e-5):
                return float(state.rhomass())
        state.update(module.PT_INPUTS, pressure, temperature)
        return float(state.rhomass())


def gas_states(fluid: str, temperature: float, density: float) -> tuple[float, float, float, float]:
    """Pressure [Pa], enthalpy [J/kg], entropy [J/(kg·K)] and the isentropic slope dT/d ln ρ [K] of one phase."""
    module = _coolprop()
    with _lock:
        state = _gas_state(fluid)
        state.update(module.DmassT_INPUTS, density, temperature)
        push = float(state.first_partial_deriv(module.iP, module.iT, module.iDmass))
        slope = temperature * push / (density * float(state.cvmass()))
        return float(state.p()), float(state.hmass()), float(state.smass()), slope


def state_of_enthalpy(fluid: str, enthalpy: float, pressure: float) -> tuple[float, float, float]:
    """Temperature [K], density [kg/m³] and share of liquid [-] of a fluid in equilibrium.

    Raises
    ------
    OutOfRange
        The fluid would freeze, or the equation of state ends.
    """
    module = _coolprop()
    with _lock:
        state = _state(fluid)
        try:
            state.update(module.HmassP_INPUTS, enthalpy, pressure)
        except ValueError as error:
            raise OutOfRange(
                f"{fluid} 在 {pressure:.0f} Pa 下膨胀后超出状态方程范围",
                f"{fluid} expanded to {pressure:.0f} Pa is outside its equation of state",
            ) from error
        quality = float(state.Q())
        if not 0.0 <= quality <= 1.0:
            wet = state.phase() in (module.iphase_liquid, module.iphase_supercritical_liquid)
            quality = 0.0 if wet else 1.0
        return float(state.T()), float(state.rhomass()), 1.0 - quality


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
