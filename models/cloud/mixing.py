"""Air mixed with a released substance: temperature, density and what is liquid, from the enthalpy of the mixture.

Enthalpy is counted from the undisturbed air, so entrained air brings none. Vapour, mist and water are in equilibrium.
"""

import functools
import math
from typing import NamedTuple

from parkrisk.models._jit import kernel
from parkrisk.models.air.surface_layer import (
    MOLAR_MASS_AIR,
    MOLAR_MASS_WATER,
    SurfaceLayer,
    water_saturation_kernel,
)
from parkrisk.models.errors import OutOfRange
from parkrisk.models.substance.correlations import GAS_CONSTANT
from parkrisk.models.substance.substances import Substance

__all__ = ["Material", "Mixture", "excess_enthalpy", "material", "mix_kernel", "mole_fraction_kernel", "source_density"]

HEAT_CAPACITY_AIR = 1006.0  # [J/(kg·K)]
_HEAT_CAPACITY_STEAM = 1860.0  # [J/(kg·K)]
_HEAT_CAPACITY_WATER = 4190.0  # [J/(kg·K)]
_DENSITY_WATER = 1000.0  # [kg/m³]
_HEAT_OF_FREEZING = 3.34e5  # [J/kg]
_ICE = 273.15  # [K]

_TOLERANCE = 0.01  # of the enthalpy [J/kg]: the buoyancy of a deep thin cloud shows 1e-7 of the density
_SLOPE_STEP = 0.2  # [K]
_WARMEST = 60.0  # above air and source [K]
_COLDEST = 0.6  # of the boiling point
_ITERATIONS = 60
_TEMPERATURE_TOLERANCE = 1e-6  # [K]
_NEVER_BOILS = 20.0  # boiling point of what is a gas at any temperature [K]


class Material(NamedTuple):
    """Released substance as kernels take it, at the pressure of the air.

    ``molar_mass`` [kg/mol]; heat capacities at constant pressure of ``vapour_heat`` and ``liquid_heat`` [J/(kg·K)];
    ``boiling_point`` [K]; ``vaporisation_heat`` at it [J/kg]; ``liquid_density`` [kg/m³]; ``warmest`` temperature of
    the source [K].
    """

    molar_mass: float
    vapour_heat: float
    liquid_heat: float
    boiling_point: float
    vaporisation_heat: float
    liquid_density: float
    warmest: float


class Mixture(NamedTuple):
    """State of a mixture.

    ``temperature`` [K]; ``density`` [kg/m³]; ``concentration``, mole fraction of the released substance, mist included;
    ``mist``, its liquid mass per mass of mixture.
    """

    temperature: float
    density: float
    concentration: float
    mist: float


@kernel
def _saturation(temperature: float, substance: Material) -> float:
    """Vapour pressure over the pressure at the boiling point, by Clausius-Clapeyron."""
    scale = substance.vaporisation_heat * substance.molar_mass / GAS_CONSTANT
    return math.exp(min(scale * (1.0 / substance.boiling_point - 1.0 / temperature), 50.0))


@kernel
def _split(moles: float, others: float, saturation: float) -> float:
    """Moles of vapour among some moles of a substance, beside others, at a vapour pressure over the total pressure."""
    if saturation >= 1.0:
        return moles
    return min(moles, others * saturation / (1.0 - saturation))


@kernel
def _phases(
    temperature: float, fraction: float, substance: Material, air: SurfaceLayer
) -> tuple[float, float, float, float]:
    """Moles of all gas per kg, mass fractions of mist, of water vapour and of water drops."""
    dry = (1.0 - fraction) * (1.0 - air.humidity) / MOLAR_MASS_AIR
    water = (1.0 - fraction) * air.humidity / MOLAR_MASS_WATER
    released = fraction / substance.molar_mass
    vapour = _split(released, dry + water, _saturation(temperature, substance))
    steam = _split(water, dry + vapour, water_saturation_kernel(temperature) / air.pressure)
    mist = (released - vapour) * substance.molar_mass
    return dry + vapour + steam, mist, steam * MOLAR_MASS_WATER, (water - steam) * MOLAR_MASS_WATER


@kernel
def _enthalpy(temperature: float, fraction: float, substance: Material, air: SurfaceLayer) -> float:
    """Excess enthalpy of a mixture. [J/kg]"""
    _, mist, steam, drops = _phases(temperature, fraction, substance, air)
    warmer = temperature - air.temperature
    dry = (1.0 - fraction) * (1.0 - air.humidity)
    total = (dry * HEAT_CAPACITY_AIR + steam * _HEAT_CAPACITY_STEAM) * warmer
    total += (fraction - mist) * substance.vapour_heat * warmer
    if drops > 0.0:
        latent = 2.501e6 - 2370.0 * (air.temperature - _ICE)
        frozen = _HEAT_OF_FREEZING if temperature < _ICE else 0.0
        total += drops * (_HEAT_CAPACITY_WATER * warmer - latent - frozen)
    if mist > 0.0:
        cooling = substance.vapour_heat * (substance.boiling_point - air.temperature)
        liquid = substance.liquid_heat * (temperature - substance.boiling_point)
        total += mist * (cooling - substance.vaporisation_heat + liquid)
    return total


@kernel
def _temperature(enthalpy: float, fraction: float, guess: float, substance: Material, air: SurfaceLayer) -> float:
    """Temperature [K] at an excess enthalpy [J/kg], with which it rises: Newton's method inside a bracket."""
    low = _COLDEST * min(substance.boiling_point, air.temperature)
    high = max(air.temperature, substance.warmest) + _WARMEST
    temperature = min(max(guess, low), high)
    for _ in range(_ITERATIONS):
        excess = _enthalpy(temperature, fraction, substance, air) - enthalpy
        if abs(excess) < _TOLERANCE:
            break
        if excess > 0.0:
            high = temperature
        else:
            low = temperature
        slope = _enthalpy(temperature + _SLOPE_STEP, fraction, substance, air) - enthalpy - excess
        step = -excess * _SLOPE_STEP / slope
        temperature += step
        if not low < temperature < high:
            temperature = 0.5 * (low + high)
        if high - low < _TEMPERATURE_TOLERANCE:
            break
    return temperature


@kernel
def mole_fraction_kernel(fraction: float, substance: Material, air: SurfaceLayer) -> float:
    """Mole fraction of released substance, mist included, at a mass fraction."""
    released = fraction / substance.molar_mass
    others = (1.0 - fraction) * ((1.0 - air.humidity) / MOLAR_MASS_AIR + air.humidity / MOLAR_MASS_WATER)
    return released / (released + others)


@kernel
def mix_kernel(enthalpy: float, fraction: float, guess: float, substance: Material, air: SurfaceLayer) -> Mixture:
    """Mixture with an excess enthalpy [J/kg] and a mass fraction of released substance, 0 to 1.

    ``guess`` is a temperature near the one sought [K]. The enthalpy is met to
    0.01 J/kg, but where water freezes or pure substance boils: there it jumps.
    """
    temperature = _temperature(enthalpy, fraction, guess, substance, air)
    gas, mist, _, drops = _phases(temperature, fraction, substance, air)
    volume = gas * GAS_CONSTANT * temperature / air.pressure
    volume += mist / substance.liquid_density + drops / _DENSITY_WATER
    return Mixture(temperature, 1.0 / volume, mole_fraction_kernel(fraction, substance, air), mist)


@kernel
def source_density(temperature: float, liquid: float, substance: Material, pressure: float) -> float:
    """Density [kg/m³] of vapour at a temperature [K] with a mass fraction of mist, before any air enters.

    Below its boiling point vapour exists beside air only; this is its density then, at the pressure of the whole.
    """
    volume = (1.0 - liquid) * GAS_CONSTANT * temperature / (substance.molar_mass * pressure)
    return 1.0 / (volume + liquid / substance.liquid_density)


@functools.lru_cache(maxsize=10_000)
def material(substance: Substance, source_temperature: float, air_temperature: float, pressure: float) -> Material:
    """What mixing needs to know of a substance.

    Parameters
    ----------
    substance : Substance
    source_temperature, air_temperature : float
        [K]
    pressure : float
        Of the air. [Pa]

    Returns
    -------
    Material
        Heat capacity of the vapour halfway between the boiling point (or a colder source) and the air; of the liquid,
        its density and heat of vaporisation at the boiling point. What does not boil at this pressure (carbon dioxide,
        acetylene) is a gas that does not condense.

    Raises
    ------
    OutOfRange, MissingProperty
        A property is not known.
    """
    try:
        boiling = substance.boiling_temperature(pressure)
    except OutOfRange:
        if substance.phase(source_temperature, pressure) != "gas":
            raise
        return _permanent_gas(substance, source_temperature, air_temperature)
    coldest = min(boiling, source_temperature, air_temperature)
    return Material(
        molar_mass=substance.molar_mass,
        vapour_heat=substance.gas_heat_capacity(0.5 * (coldest + air_temperature)),
        liquid_heat=substance.liquid_heat_capacity(boiling),
        boiling_point=boiling,
        vaporisation_heat=substance.heat_of_vaporisation(boiling),
        liquid_density=substance.liquid_density(boiling),
        warmest=source_temperature,
    )


def _permanent_gas(substance: Substance, source_temperature: float, air_temperature: float) -> Material:
    """Gas that does not condense in the air; its liquid is never asked for."""
    heat = substance.gas_heat_capacity(0.5 * (source_temperature + air_temperature))
    return Material(substance.molar_mass, heat, heat, _NEVER_BOILS, 1e6, 1e3, source_temperature)


@kernel
def excess_enthalpy(temperature: float, liquid: float, substance: Material, air_temperature: float) -> float:
    """Excess enthalpy [J/kg] of vapour at a temperature [K] with a mass fraction of mist at the boiling point."""
    vapour = substance.vapour_heat * (temperature - air_temperature)
    if liquid == 0.0:
        return vapour
    mist = substance.vapour_heat * (substance.boiling_point - air_temperature) - substance.vaporisation_heat
    return (1.0 - liquid) * vapour + liquid * mist
