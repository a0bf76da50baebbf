"""Thermophysical properties of pure substances, each with its source.

A property of a temperature is a list of correlations with their ranges, best first: an equation of state of CoolProp
where it has the fluid, then measured fits collected by the ``chemicals`` package, then estimates, marked as such.
The first one whose range holds the temperature is used; none is extrapolated.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass

from parkrisk.models.substance import correlations, equation_of_state
from parkrisk.models.substance.correlations import Constants, Correlation, Property

_EOS = "CoolProp, reference equation of state"


@dataclass(frozen=True)
class _Quantity:
    unit: str
    fits: Callable[[str, Constants], tuple[Correlation, ...]]


_QUANTITIES: dict[str, _Quantity] = {
    "vapour_pressure": _Quantity("Pa", correlations.vapour_pressure),
    "liquid_density": _Quantity("kg/m3", correlations.liquid_density),
    "liquid_heat_capacity": _Quantity("J/(kg.K)", correlations.liquid_heat_capacity),
    "heat_of_vaporisation": _Quantity("J/kg", correlations.heat_of_vaporisation),
    "gas_heat_capacity": _Quantity("J/(kg.K)", correlations.gas_heat_capacity),
    "surface_tension": _Quantity("N/m", correlations.surface_tension),
}

#: Names of the properties that need a temperature.
TEMPERATURE_PROPERTIES = tuple(_QUANTITIES)


@functools.cache
def _by_equation_of_state(fluid: str, name: str) -> Correlation:
    low, high = equation_of_state.limits(fluid, name)
    return Correlation(low, high, _EOS, "V", functools.partial(equation_of_state.saturated, fluid, name))


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
    return (_by_equation_of_state(fluid, name), *fits) if fluid and equation_of_state.has(fluid, name) else fits


@functools.lru_cache(maxsize=100_000)
def at(cas: str, fluid: str, name: str, constants: Constants, temperature: float) -> Property | None:
    """Return the property at a temperature [K]; None where no correlation holds there."""
    for correlation in candidates(cas, fluid, name, constants):
        if correlation.low <= temperature <= correlation.high:
            value = correlation.evaluate(temperature)
            return Property(value, _QUANTITIES[name].unit, correlation.source, correlation.mark)
    return None


def gas_density(fluid: str, molar_mass: float, temperature: float, pressure: float) -> float:
    """Density of the gas: by equation of state where CoolProp has the fluid at that state, else by the ideal gas law.

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
    real = equation_of_state.gas_density(fluid, temperature, pressure) if fluid else None
    return pressure * molar_mass / (correlations.GAS_CONSTANT * temperature) if real is None else real
