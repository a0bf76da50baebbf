"""Flow and expansion of an ideal mixture that flashes: Raoult equilibrium with an energy balance."""

import functools
import math
from typing import NamedTuple

from parkrisk.models.errors import OutOfRange
from parkrisk.models.release.flashing import flashing_pipe_kernel, throat_ratio_kernel
from parkrisk.models.release.throat import Expansion, Throat
from parkrisk.models.substance.mixture import Mixture, volatility

__all__ = ["Equilibrium", "equilibrium", "expand_mixture", "mixture_flow", "rest_enthalpy"]

_FLASHED_SHARE = 0.9  # of the bubble pressure, at which the volume fixes omega
_ITERATIONS = 80


class Equilibrium(NamedTuple):
    """A mixture at a temperature and a pressure.

    Parameters
    ----------
    quality : float
        Share of vapour in the mass. [-]
    enthalpy : float
        Above the liquid at its boiling point. [J/kg]
    volume : float
        [m³/kg]
    liquid_density, vapour_density : float
        [kg/m³]; NaN where there is no such phase.
    """

    quality: float
    enthalpy: float
    volume: float
    liquid_density: float
    vapour_density: float


def _vapour_share(feeds: tuple[float, ...], ratios: list[float]) -> float:
    """Mole share of vapour, by Rachford and Rice. [-]"""
    if sum(z * k for z, k in zip(feeds, ratios, strict=True)) <= 1.0:
        return 0.0
    if sum(z / k for z, k in zip(feeds, ratios, strict=True)) <= 1.0:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(_ITERATIONS):
        share = 0.5 * (low + high)
        rest = sum(z * (k - 1.0) / (1.0 + share * (k - 1.0)) for z, k in zip(feeds, ratios, strict=True))
        if rest > 0.0:
            low = share
        else:
            high = share
    return 0.5 * (low + high)


def _liquid_enthalpy(mixed: Mixture, temperature: float) -> float:
    reference = mixed.boiling_point
    return mixed.liquid_heat_capacity(0.5 * (temperature + reference)) * (temperature - reference)


def equilibrium(mixed: Mixture, temperature: float, pressure: float) -> Equilibrium:
    """Equilibrium by Raoult's law, volumes of the vapours by Amagat's, at a temperature [K] and a pressure [Pa]."""
    feeds = mixed.mole_fractions
    pure = [each for each, _ in mixed.components]
    ratios = [volatility(each, temperature) / pressure for each in pure]
    share = _vapour_share(feeds, ratios)
    above = [share * k * z / (1.0 + share * (k - 1.0)) for z, k in zip(feeds, ratios, strict=True)]
    mass = [z * each.molar_mass for z, each in zip(feeds, pure, strict=True)]
    vapour = [moles * each.molar_mass for moles, each in zip(above, pure, strict=True)]
    liquid = [whole - part for whole, part in zip(mass, vapour, strict=True)]
    total, quality = sum(mass), sum(vapour) / sum(mass)
    enthalpy = _liquid_enthalpy(mixed, temperature)
    liquid_volume = vapour_volume = 0.0
    if quality > 0.0:
        latent = sum(part * each.heat_of_vaporisation(temperature) for part, each in zip(vapour, pure, strict=True))
        enthalpy += latent / total
        added = sum(part / each.gas_density(temperature, pressure) for part, each in zip(vapour, pure, strict=True))
        vapour_volume = added / total
    if quality < 1.0:
        ideal = sum(part / each.liquid_density(temperature) for part, each in zip(liquid, pure, strict=True))
        liquid_volume = ideal / total
    return Equilibrium(
        quality,
        enthalpy,
        liquid_volume + vapour_volume,
        (1.0 - quality) / liquid_volume if liquid_volume > 0.0 else math.nan,
        quality / vapour_volume if vapour_volume > 0.0 else math.nan,
    )


def _isenthalpic(mixed: Mixture, enthalpy: float, pressure: float) -> tuple[float, Equilibrium]:
    """Temperature [K] and state of an enthalpy [J/kg] at a pressure [Pa]."""
    bubble = mixed.boiling_temperature(pressure)
    at_bubble = equilibrium(mixed, bubble - 1e-6, pressure)
    if enthalpy <= at_bubble.enthalpy:
        colder = bubble - (at_bubble.enthalpy - enthalpy) / mixed.liquid_heat_capacity(bubble)
        return colder, at_bubble._replace(enthalpy=enthalpy)
    low, high = bubble, max(mixed.dew_temperature(pressure), bubble + 1e-6)
    at_dew = equilibrium(mixed, high + 1e-6, pressure)
    if enthalpy >= at_dew.enthalpy:
        hotter = high + (enthalpy - at_dew.enthalpy) / mixed.gas_heat_capacity(high)
        return hotter, at_dew._replace(enthalpy=enthalpy, vapour_density=at_dew.vapour_density * high / hotter)
    for _ in range(_ITERATIONS):
        middle = 0.5 * (low + high)
        if equilibrium(mixed, middle, pressure).enthalpy < enthalpy:
            low = middle
        else:
            high = middle
    temperature = 0.5 * (low + high)
    return temperature, equilibrium(mixed, temperature, pressure)


@functools.lru_cache(maxsize=2_000)
def _omega(mixed: Mixture, temperature: float) -> tuple[float, float, float]:
    """Bubble pressure [Pa], density of the liquid [kg/m³] and omega [-] of a mixture at a temperature [K]."""
    saturation = mixed.vapour_pressure(temperature)
    density = mixed.liquid_density(temperature)
    _, flashed = _isenthalpic(mixed, _liquid_enthalpy(mixed, temperature), _FLASHED_SHARE * saturation)
    return saturation, density, (flashed.volume * density - 1.0) * _FLASHED_SHARE / (1.0 - _FLASHED_SHARE)


@functools.lru_cache(maxsize=10_000)
def mixture_flow(
    mixed: Mixture, temperature: float, pressure: float, ambient_pressure: float, resistance: float
) -> Throat:
    """Flow of a mixture that flashes; arguments and result as ``two_phase.flashing_flow``.

    Notes
    -----
    Leung's omega from the volume after a flash to 90 % of the bubble pressure at constant enthalpy,
    ω = 9 (v9/v0 − 1): API Standard 520 part I, 2014, C.2.2, for mixtures.
    """
    saturation, density, omega = _omega(mixed, temperature)
    if saturation <= ambient_pressure:
        raise OutOfRange(
            f"{mixed.name_zh}在 {temperature} K 不闪蒸", f"{mixed.name_en} does not flash at {temperature} K"
        )
    inside = max(pressure, saturation)
    flux = flashing_pipe_kernel(inside, saturation, density, omega, ambient_pressure, resistance)
    enthalpy = rest_enthalpy(mixed, temperature, inside)
    ratio = throat_ratio_kernel(inside, saturation, omega, ambient_pressure)
    if resistance > 0.0:
        # where it chokes, G = p/√(ω v0 Ps)
        choked = flux * math.sqrt(omega * saturation / density) / inside
        ratio = min(max(choked, ambient_pressure / inside), saturation / inside)
    outer = ratio * inside
    volume = (omega * (saturation / outer - 1.0) + 1.0) / density if outer < saturation else 1.0 / density
    cooled, state = _isenthalpic(mixed, enthalpy - 0.5 * (flux * volume) ** 2, outer)
    return Throat(
        flux, outer, cooled, 1.0 / volume, flux * volume, state.quality, enthalpy, outer > ambient_pressure * 1.000001
    )


def rest_enthalpy(mixed: Mixture, temperature: float, pressure: float) -> float:
    """Enthalpy of the liquid at rest [J/kg], at a temperature [K] and a pressure [Pa]."""
    work = max(pressure - mixed.vapour_pressure(temperature), 0.0) / mixed.liquid_density(temperature)
    return _liquid_enthalpy(mixed, temperature) + work


@functools.lru_cache(maxsize=10_000)
def expand_mixture(mixed: Mixture, enthalpy: float, velocity: float, ambient_pressure: float) -> Expansion:
    """Mixture of a total enthalpy [J/kg] at ambient pressure and a velocity [m/s]."""
    cooled, state = _isenthalpic(mixed, enthalpy - 0.5 * velocity**2, ambient_pressure)
    liquid, vapour = state.liquid_density, state.vapour_density
    if math.isnan(liquid):
        liquid = mixed.liquid_density(mixed.boiling_temperature(ambient_pressure))
    if math.isnan(vapour):
        vapour = mixed.gas_density(cooled, ambient_pressure)
    return Expansion(velocity, cooled, 1.0 - state.quality, liquid, vapour)
