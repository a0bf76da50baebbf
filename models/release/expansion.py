"""From the throat to the jet at ambient pressure, before any air is mixed in."""

import functools
import math
from typing import TYPE_CHECKING, NamedTuple

from parkrisk.models.errors import MissingProperty, OutOfRange
from parkrisk.models.release.mixture_flow import expand_mixture
from parkrisk.models.release.outflow import require
from parkrisk.models.release.throat import Expansion, Throat
from parkrisk.models.substance import equation_of_state
from parkrisk.models.substance.cubic_table import cubic_kernel
from parkrisk.models.substance.mixture import Mixture
from parkrisk.models.substance.saturation import (
    ENTHALPY_LIQUID,
    ENTHALPY_VAPOUR,
    LOG_VOLUME_VAPOUR,
    VOLUME_LIQUID,
    place_of_pressure_kernel,
    saturation,
    temperature_kernel,
)

if TYPE_CHECKING:
    from parkrisk.models.substance.substances import Substance

__all__ = ["Jet", "expanded_gas", "expanded_liquid", "jet_of"]


class Jet(NamedTuple):
    """A jet at ambient pressure, without air.

    Parameters
    ----------
    velocity : float
        [m/s]
    temperature : float
        [K]
    liquid_fraction : float
        Share of liquid in the mass that stays in the air. [-]
    density : float
        Of that mass. [kg/m³]
    diameter : float
        [m]
    pressure : float
        The ambient one. [Pa]
    """

    velocity: float
    temperature: float
    liquid_fraction: float
    density: float
    diameter: float
    pressure: float


def _speed(throat: Throat, ambient_pressure: float) -> float:
    """Speed after the expansion, from the momentum balance. [m/s]"""
    return throat.velocity + (throat.pressure - ambient_pressure) / throat.flux


@functools.lru_cache(maxsize=20_000)
def expanded_liquid(substance: "Substance", throat: Throat, ambient_pressure: float) -> Expansion:
    """Expand a flashing or a superheated liquid to ambient pressure.

    Parameters
    ----------
    substance : Substance
    throat : Throat
        Its enthalpy on the scale of ``saturation(substance)``.
    ambient_pressure : float
        [Pa]

    Returns
    -------
    Expansion

    Raises
    ------
    OutOfRange
        The substance freezes before it gets to ambient pressure, or its saturation is not known there.

    Notes
    -----
    Momentum, u_j = u_e + (p_e − p_a)/G, and energy with the kinetic part, h(T, x, p_a) + u_j²/2 = h0; liquid and
    vapour in equilibrium and at one speed [1]_ [2]_. No air takes part.

    References
    ----------
    .. [1] CPR 14E (TNO Yellow Book), 3rd ed., 2005, section 2.5.3.
    .. [2] H. W. M. Witlox, P. J. Bowen, *Flashing liquid jets and two-phase dispersion: a review*, HSE contract
       research report 403/2002.
    """
    require(ambient_pressure=ambient_pressure)
    if isinstance(substance, Mixture):
        return expand_mixture(substance, throat.enthalpy, _speed(throat, ambient_pressure), ambient_pressure)
    line = saturation(substance)
    if ambient_pressure < line.lowest_pressure:
        raise OutOfRange(
            f"{substance.name_zh} 膨胀到 {ambient_pressure:.0f} Pa 时已凝固或超出物性范围",
            f"{substance.name_en} freezes, or its saturation is not known, at {ambient_pressure:.0f} Pa",
        )
    velocity = _speed(throat, ambient_pressure)
    place = place_of_pressure_kernel(line.table, ambient_pressure)
    boiling = temperature_kernel(line.critical_temperature, place)
    liquid = cubic_kernel(line.table, place, ENTHALPY_LIQUID)
    latent = cubic_kernel(line.table, place, ENTHALPY_VAPOUR) - liquid
    quality = (throat.enthalpy - 0.5 * velocity**2 - liquid) / latent
    dense = 1.0 / cubic_kernel(line.table, place, VOLUME_LIQUID)
    thin = math.exp(-cubic_kernel(line.table, place, LOG_VOLUME_VAPOUR))
    if quality < 0.0:
        cold = boiling + quality * latent / substance.liquid_heat_capacity(boiling)
        return Expansion(velocity, cold, 1.0, dense, thin)
    if quality > 1.0:
        hot = boiling + (quality - 1.0) * latent / substance.gas_heat_capacity(boiling)
        return Expansion(velocity, hot, 0.0, dense, substance.gas_density(hot, ambient_pressure))
    return Expansion(velocity, boiling, 1.0 - quality, dense, thin)


@functools.lru_cache(maxsize=20_000)
def expanded_gas(substance: "Substance", throat: Throat, real: bool, ambient_pressure: float) -> Expansion:
    """Expand a gas to ambient pressure; arguments and result as ``gas_flow`` and ``expanded_liquid``.

    Notes
    -----
    Balances of mass, momentum and energy over the expansion zone, as [1]_ for underexpanded jets: the shocks conserve
    the total enthalpy, so T follows from h0 − u_j²/2. What would cool below the boiling point condenses in equilibrium.

    References
    ----------
    .. [1] K. B. Yüceil, M. V. Ötügen, *Scaling parameters for underexpanded supersonic jets*, Physics of Fluids 14
       (2002) 4206.
    """
    require(ambient_pressure=ambient_pressure)
    velocity = _speed(throat, ambient_pressure)
    left = throat.enthalpy - 0.5 * velocity**2
    if real:
        temperature, density, wet = equation_of_state.state_of_enthalpy(substance.fluid, left, ambient_pressure)
        if wet == 0.0:
            return Expansion(velocity, temperature, 0.0, density, density)
        liquid = substance.liquid_density(temperature)
        return Expansion(velocity, temperature, wet, liquid, 1.0 / ((1.0 / density - wet / liquid) / (1.0 - wet)))
    heat_capacity = substance.gas_heat_capacity(throat.temperature)
    temperature = throat.temperature + (0.5 * throat.velocity**2 - 0.5 * velocity**2) / heat_capacity
    boiling = _dew_temperature(substance, ambient_pressure)
    if temperature >= boiling:
        density = substance.gas_density(temperature, ambient_pressure)
        return Expansion(velocity, temperature, 0.0, density, density)
    wet = min(1.0, heat_capacity * (boiling - temperature) / substance.heat_of_vaporisation(boiling))
    dense = substance.liquid_density(boiling)
    return Expansion(velocity, boiling, wet, dense, substance.gas_density(boiling, ambient_pressure))


def _dew_temperature(substance: "Substance", pressure: float) -> float:
    """Temperature at which a gas begins to condense; 0 where that is not known. [K]"""
    try:
        if isinstance(substance, Mixture):
            return substance.dew_temperature(pressure)
        return substance.boiling_temperature(pressure)
    except (OutOfRange, MissingProperty):
        return 0.0


def jet_of(expansion: Expansion, rate: float, airborne: float, ambient_pressure: float) -> Jet:
    """Jet of the part of a release that stays in the air.

    Parameters
    ----------
    expansion : Expansion
        Of all that leaves.
    rate : float
        Of all that leaves. [kg/s]
    airborne : float
        Share that stays in the air, at least the vapour. [-]
    ambient_pressure : float
        [Pa]

    Returns
    -------
    Jet
        What rains out is liquid and takes no vapour along.

    Raises
    ------
    OutOfRange
    """
    require(rate=rate, airborne=airborne, ambient_pressure=ambient_pressure)
    wet = max(0.0, 1.0 - (1.0 - expansion.liquid_fraction) / airborne)
    density = 1.0 / (wet / expansion.liquid_density + (1.0 - wet) / expansion.vapour_density)
    area = rate * airborne / (density * expansion.velocity)
    return Jet(
        expansion.velocity,
        expansion.temperature,
        wet,
        density,
        math.sqrt(4.0 * area / math.pi),
        ambient_pressure,
    )
