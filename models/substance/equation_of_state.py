"""Fluids by the reference equations of state of CoolProp: the one place that asks it.

What it has said is kept on disk: to load it takes longer than all else that a small assessment does.
"""

import functools
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from parkrisk.models.errors import OutOfRange
from parkrisk.models.kept import Kept

__all__ = [
    "expansion_work",
    "gas_density",
    "gas_start",
    "gas_states",
    "has",
    "limits",
    "saturated",
    "saturation_limits",
    "saturation_states",
    "state_of_enthalpy",
]

_kept = Kept(Path(__file__), "CoolProp")
_lock = threading.Lock()

#: What is read from a saturated-liquid state, by the name of the property; in SI units.
_READ: Mapping[str, Callable[[Any], float]] = {
    "vapour_pressure": lambda state: float(state.p()),
    "liquid_density": lambda state: float(state.rhomass()),
    "liquid_heat_capacity": lambda state: float(state.cpmass()),
    "heat_of_vaporisation": lambda state: _heat_of_vaporisation(state),
    "surface_tension": lambda state: float(state.surface_tension()),
}
#: Of these the value vanishes or diverges at the critical point.
_BELOW_CRITICAL = ("liquid_heat_capacity", "heat_of_vaporisation", "surface_tension")


def _heat_of_vaporisation(state: Any) -> float:
    return float(state.saturated_vapor_keyed_output(_coolprop().iHmass) - state.hmass())


@functools.cache
def _coolprop() -> Any:
    """CoolProp, imported when first needed because that takes seconds."""
    import CoolProp.CoolProp

    return CoolProp.CoolProp


@functools.cache
def _state(fluid: str) -> Any:
    """State of a fluid; one serves all threads."""
    return _coolprop().AbstractState("HEOS", fluid)


def _lowest(state: Any) -> float:
    """Lowest temperature of a fluid. [K]"""
    return max(float(state.Tmin()), float(state.Ttriple()))


def _holds(state: Any, temperature: float, pressure: float) -> bool:
    """Whether the equation of state of a fluid reaches there."""
    return bool(_lowest(state) <= temperature <= state.Tmax() and pressure <= state.pmax())


@_kept
def limits(fluid: str, name: str) -> tuple[float, float]:
    """Lowest and highest temperature of a property, "gas_heat_capacity" or one along the saturated liquid. [K]"""
    with _lock:
        state = _state(fluid)
        low = _lowest(state)
        if name == "gas_heat_capacity":
            return low, float(state.Tmax())
        critical = float(state.T_critical())
    return low, critical - 0.1 if name in _BELOW_CRITICAL else critical


@_kept
def saturated(fluid: str, name: str, temperature: float) -> float:
    """Property of the saturated liquid, or heat capacity of the ideal gas, at a temperature [K]; in SI units, per kg.

    Raises
    ------
    ValueError
        CoolProp does not know it.
    """
    with _lock:
        state = _state(fluid)
        if name == "gas_heat_capacity":
            state.update(_coolprop().DmolarT_INPUTS, 1.0e-3, temperature)  # the ideal-gas limit
            return float(state.cp0mass())
        state.update(_coolprop().QT_INPUTS, 0.0, temperature)
        return _READ[name](state)


@_kept
def has(fluid: str, name: str) -> bool:
    """Whether CoolProp knows a property of a fluid; it lacks the surface tension of some."""
    try:
        saturated(fluid, name, 0.5 * sum(limits(fluid, name)))
    except ValueError:
        return False
    return True


@_kept
def saturation_limits(fluid: str, lowest_pressure: float) -> tuple[float, float]:
    """Critical temperature and the lowest temperature with at least a saturation pressure [Pa], of a fluid. [K]"""
    module = _coolprop()
    with _lock:
        state = _state(fluid)
        critical = float(state.T_critical())
        lowest = _lowest(state) + 0.01
        state.update(module.QT_INPUTS, 0.0, lowest)
        if state.p() < lowest_pressure:
            state.update(module.PQ_INPUTS, lowest_pressure, 0.0)
            lowest = float(state.T())
    return critical, lowest


@_kept
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


@_kept
def gas_start(fluid: str, temperature: float, pressure: float) -> float | None:
    """Density of a gas by the equation of state of a fluid [kg/m³]; None where it does not hold, or there is no gas.

    Up to 0.1 % above the saturation pressure it is that of the saturated vapour.
    """
    module = _coolprop()
    with _lock:
        state = _state(fluid)
        if not _holds(state, temperature, pressure):
            return None
        if temperature < state.T_critical():
            state.update(module.QT_INPUTS, 1.0, temperature)
            saturation = float(state.p())
            if pressure > saturation * 1.001:
                return None
            if pressure >= saturation * (1.0 - 1e-5):
                return float(state.rhomass())
        state.update(module.PT_INPUTS, pressure, temperature)
        return float(state.rhomass())


@_kept
def gas_states(fluid: str, temperature: float, density: float) -> tuple[float, float, float, float]:
    """Pressure [Pa], enthalpy [J/kg], entropy [J/(kg·K)] and the isentropic slope dT/d ln ρ [K] of one phase."""
    module = _coolprop()
    with _lock:
        state = _gas_state(fluid)
        state.update(module.DmassT_INPUTS, density, temperature)
        push = float(state.first_partial_deriv(module.iP, module.iT, module.iDmass))
        slope = temperature * push / (density * float(state.cvmass()))
        return float(state.p()), float(state.hmass()), float(state.smass()), slope


@_kept
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


@_kept
def gas_density(fluid: str, temperature: float, pressure: float) -> float | None:
    """Density of the gas at a temperature [K] and pressure [Pa], in kg/m³; None where the equation of state ends.

    Above the saturation pressure, where the vapour is hypothetical (a vapour in air) or metastable, it keeps the
    compressibility of saturated vapour.
    """
    module = _coolprop()
    with _lock:
        state = _state(fluid)
        if not _holds(state, temperature, pressure):
            return None
        if temperature < state.T_critical():
            state.update(module.QT_INPUTS, 1.0, temperature)
            saturation = float(state.p())
            if pressure >= saturation * (1.0 - 1e-5):
                return float(state.rhomass()) * pressure / saturation
        state.update(module.PT_INPUTS, pressure, temperature)
        return float(state.rhomass())


@_kept
def expansion_work(fluid: str, temperature: float, vapour: bool, path: str, air_pressure: float) -> float:
    """Work that saturated vapour or liquid does while it expands from a temperature [K] to the air pressure [Pa].

    Along the "isentropic" path, or the "irreversible" one against the air. [J/kg]
    """
    module = _coolprop()
    with _lock:
        state = _state(fluid)
        state.update(module.QT_INPUTS, 1.0 if vapour else 0.0, temperature)
        energy, entropy, volume = state.umass(), state.smass(), 1.0 / state.rhomass()
        if path == "isentropic":
            state.update(module.PSmass_INPUTS, air_pressure, entropy)
            return float(energy - state.umass())
        state.update(module.HmassP_INPUTS, energy + air_pressure * volume, air_pressure)
        return float(air_pressure * (1.0 / state.rhomass() - volume))
