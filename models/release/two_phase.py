"""Liquid that flashes on its way out, in homogeneous equilibrium, by the properties of the substance.

Liquid and vapour move together at one temperature. The flow of a nozzle follows the isentrope, that of a pipe keeps its
total enthalpy and loses pressure to friction; either is choked where the flux has its maximum.
"""

import functools
import math
from typing import TYPE_CHECKING

from parkrisk.models._jit import kernel
from parkrisk.models.constants import constants
from parkrisk.models.errors import OutOfRange
from parkrisk.models.release.mixture_flow import mixture_flow
from parkrisk.models.release.outflow import require
from parkrisk.models.release.throat import Throat
from parkrisk.models.substance.cubic_table import CubicTable, cubic_kernel
from parkrisk.models.substance.mixture import Mixture
from parkrisk.models.substance.saturation import (
    ENTHALPY_LIQUID,
    ENTHALPY_VAPOUR,
    LOG_PRESSURE,
    LOG_VOLUME_VAPOUR,
    VOLUME_LIQUID,
    Saturation,
    isentropic_state_kernel,
    place_of_pressure_kernel,
    saturation,
    stagnation,
    temperature_kernel,
)

if TYPE_CHECKING:
    from parkrisk.models.substance.substances import Substance

__all__ = [
    "flashing_flow",
    "nozzle_kernel",
    "pipe_kernel",
    "pipe_resistance",
]

_GOLDEN = 0.5 * (math.sqrt(5.0) - 1.0)
_ITERATIONS = 48
_STEPS = 60  # along a pipe
_ROOT_ITERATIONS = 40


@kernel
def _nozzle_flux(table: CubicTable, place: float, entropy: float, enthalpy: float) -> float:
    _, volume, inner = isentropic_state_kernel(table, place, entropy)
    return math.sqrt(max(2.0 * (enthalpy - inner), 0.0)) / volume


@kernel
def nozzle_kernel(table: CubicTable, start: float, end: float, entropy: float, enthalpy: float) -> tuple[float, float]:
    """Place [ξ] and flux [kg/(m²·s)] of the throat of a nozzle.

    The flow flashes from ``start`` (saturation of the liquid) on; at ``end`` it has the ambient pressure.
    ``entropy`` and ``enthalpy`` are those at rest.
    """
    low, high = start, end
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_left = _nozzle_flux(table, left, entropy, enthalpy)
    at_right = _nozzle_flux(table, right, entropy, enthalpy)
    for _ in range(_ITERATIONS):
        if at_left < at_right:
            low, left, at_left = left, right, at_right
            right = low + _GOLDEN * (high - low)
            at_right = _nozzle_flux(table, right, entropy, enthalpy)
        else:
            high, right, at_right = right, left, at_left
            left = high - _GOLDEN * (high - low)
            at_left = _nozzle_flux(table, left, entropy, enthalpy)
    place = 0.5 * (low + high)
    flux = _nozzle_flux(table, place, entropy, enthalpy)
    for bound in (start, end):
        at_bound = _nozzle_flux(table, bound, entropy, enthalpy)
        if at_bound > flux:
            place, flux = bound, at_bound
    return place, flux


@kernel
def _moving_state(table: CubicTable, place: float, flux: float, enthalpy: float) -> tuple[float, float]:
    """Quality [-] and volume [m³/kg] at a ξ of a flow with a flux and a total enthalpy."""
    liquid = cubic_kernel(table, place, VOLUME_LIQUID)
    swell = math.exp(cubic_kernel(table, place, LOG_VOLUME_VAPOUR)) - liquid
    base = cubic_kernel(table, place, ENTHALPY_LIQUID)
    latent = cubic_kernel(table, place, ENTHALPY_VAPOUR) - base
    half = 0.5 * flux * flux
    linear = latent + 2.0 * half * liquid * swell
    rest = enthalpy - base - half * liquid * liquid
    # the stable form of the root of half swell² x² + linear x − rest = 0
    quality = 2.0 * rest / (linear + math.sqrt(max(linear * linear + 4.0 * half * swell * swell * rest, 0.0)))
    return quality, liquid + quality * swell


@kernel
def _resistance_used(
    table: CubicTable,
    start: float,
    throat: float,
    end: float,
    entropy: float,
    enthalpy: float,
    pressure: float,
    flux: float,
) -> tuple[float, float]:
    """Resistance [-] that a flux leaves to a pipe until it chokes or reaches the ambient pressure, and the ξ there."""
    saturated = math.exp(cubic_kernel(table, start, LOG_PRESSURE))
    liquid = cubic_kernel(table, start, VOLUME_LIQUID)
    used = 0.0
    place = start
    inlet = pressure - 0.5 * flux * flux * liquid
    if inlet >= saturated:
        used = 2.0 * (inlet - saturated) / (liquid * flux * flux)
    else:
        low, high = start, throat
        for _ in range(_ROOT_ITERATIONS):
            middle = 0.5 * (low + high)
            if _nozzle_flux(table, middle, entropy, enthalpy) < flux:
                low = middle
            else:
                high = middle
        place = 0.5 * (low + high)
    step = (end - place) / _STEPS
    _, volume = _moving_state(table, place, flux, enthalpy)
    before = math.exp(cubic_kernel(table, place, LOG_PRESSURE))
    for k in range(_STEPS):
        following = place + step * (k + 1)
        _, wider = _moving_state(table, following, flux, enthalpy)
        after = math.exp(cubic_kernel(table, following, LOG_PRESSURE))
        drop = (before - after) * (1.0 / volume + 1.0 / wider) / (flux * flux)
        piece = drop - 2.0 * math.log(wider / volume)
        if piece <= 0.0:
            return used, following - step
        used += piece
        volume, before = wider, after
    return used, end


@kernel
def pipe_kernel(
    table: CubicTable, start: float, end: float, entropy: float, enthalpy: float, pressure: float, resistance: float
) -> tuple[float, float]:
    """Place [ξ] of the end of a pipe and its flux [kg/(m²·s)]; arguments as ``nozzle_kernel``.

    ``pressure`` [Pa] is that at rest, ``resistance`` the sum of f L/D and of the loss coefficients.
    """
    throat, highest = nozzle_kernel(table, start, end, entropy, enthalpy)
    if resistance <= 0.0:
        return throat, highest
    low, high = 0.0, highest
    place = end
    for _ in range(_ROOT_ITERATIONS):
        flux = 0.5 * (low + high)
        used, place = _resistance_used(table, start, throat, end, entropy, enthalpy, pressure, flux)
        if used > resistance:
            low = flux
        else:
            high = flux
    return place, 0.5 * (low + high)


def pipe_resistance(length: float, diameter: float, roughness: float | None = None) -> float:
    """Resistance of a straight pipe with a sharp-edged inlet, f L/D + K.

    Parameters
    ----------
    length, diameter : float
        [m]
    roughness : float, optional
        Default: that of commercial steel. [m]

    Returns
    -------
    float
        In velocity heads. [-]

    Notes
    -----
    Friction factor of the rough pipe, 1/√f = 2 lg(3.7 D/k) [1]_: at the Reynolds numbers of releases it depends on the
    roughness alone. The inlet costs 0.5 [1]_.

    References
    ----------
    .. [1] Crane Co., *Flow of fluids through valves, fittings and pipe*, Technical Paper 410.
    """
    numbers = constants("outflow")
    wall = numbers["roughness_steel"].value if roughness is None else roughness
    require(length_or_zero=length, diameter=diameter, roughness=wall)
    if length == 0.0:
        return 0.0
    return rough_friction(diameter, wall) * length / diameter + numbers["inlet_loss"].value


def rough_friction(diameter: float, roughness: float) -> float:
    """Darcy's friction factor of a rough pipe. [-]"""
    if not roughness < 0.1 * diameter:
        raise OutOfRange(
            f"粗糙度 {roughness} m 相对管径 {diameter} m 过大",
            f"a roughness of {roughness} m is too much for a bore of {diameter} m",
        )
    return (2.0 * math.log10(3.7 * diameter / roughness)) ** -2


@functools.lru_cache(maxsize=20_000)
def flashing_flow(
    substance: "Substance",
    temperature: float,
    pressure: float,
    ambient_pressure: float = 101_325.0,
    resistance: float = 0.0,
    quality: float = 0.0,
) -> Throat:
    """Homogeneous equilibrium flow of a liquid that flashes, through a nozzle or a pipe.

    Parameters
    ----------
    substance : Substance
        Pure, a cut with a surrogate, or an ideal mixture (by omega then).
    temperature : float
        Inside. [K]
    pressure : float
        Inside, with the head of the liquid; raised to the saturation pressure if it is lower. [Pa]
    ambient_pressure : float
        [Pa]
    resistance : float
        Of the pipe, as ``pipe_resistance`` gives; 0: a nozzle. [-]
    quality : float
        Share of vapour inside, above 0 only at the saturation pressure. [-]

    Returns
    -------
    Throat
        Without discharge coefficient.

    Raises
    ------
    OutOfRange
        The liquid does not flash, the temperature or the throat lies outside the saturation table, a number is bad.

    Notes
    -----
    Nozzle: G = max over p of √(2 (h0 − h(p, s0)))/v(p, s0) [1]_ [2]_. Above its saturation pressure the liquid is
    incompressible. Pipe: h + G² v²/2 = h0 and f dx/D = −2 ρ dp/G² − 2 dv/v, after an isentropic inlet [3]_.
    Leung's ω (``flashing.flashing_mass_flux``) is the cross-check.

    References
    ----------
    .. [1] J. C. Leung, *A generalized correlation for one-component homogeneous equilibrium flashing choked flow*,
       AIChE Journal 32 (1986) 1743.
    .. [2] API Standard 520 part I, Annex C, section C.2.1 (numerical integration along the isentrope).
    .. [3] J. C. Leung, M. A. Grolmes, *The discharge of two-phase flashing flow in a horizontal duct*, AIChE Journal 33
       (1987) 524.

    Examples
    --------
    Saturated propane at 25 °C; an isentrope of its equation of state gives 6637:

    >>> from parkrisk.models.substance.substances import find
    >>> propane = find("propane")
    >>> round(flashing_flow(propane, 298.15, propane.vapour_pressure(298.15)).flux)
    6637
    """
    require(temperature=temperature, pressure=pressure, ambient_pressure=ambient_pressure)
    require(resistance_or_zero=resistance, quality_or_zero=quality)
    if quality > 1.0:
        raise OutOfRange(f"干度 {quality} 无效", f"quality {quality} is not valid")
    if isinstance(substance, Mixture):
        if quality > 0.0:
            raise OutOfRange("混合物只能从液体开始闪蒸", "of a mixture only the liquid can flash")
        return mixture_flow(substance, temperature, pressure, ambient_pressure, resistance)
    line = saturation(substance)
    start, entropy, enthalpy = stagnation(line, temperature, pressure, quality)
    saturated = math.exp(cubic_kernel(line.table, start, LOG_PRESSURE))
    if saturated <= ambient_pressure:
        raise OutOfRange(
            f"{substance.name_zh} 在 {temperature} K 不闪蒸", f"{substance.name_en} does not flash at {temperature} K"
        )
    end = place_of_pressure_kernel(line.table, max(ambient_pressure, line.lowest_pressure))
    inside = max(pressure, saturated)
    place, flux = pipe_kernel(line.table, start, end, entropy, enthalpy, inside, resistance)
    return _throat(substance, line, place, flux, enthalpy, ambient_pressure)


def _throat(
    substance: "Substance", line: Saturation, place: float, flux: float, enthalpy: float, ambient_pressure: float
) -> Throat:
    quality, volume = _moving_state(line.table, place, flux, enthalpy)
    pressure = math.exp(cubic_kernel(line.table, place, LOG_PRESSURE))
    if pressure <= line.lowest_pressure * (1.0 + 1e-6) and ambient_pressure < pressure:
        raise OutOfRange(
            f"{substance.name_zh} 的喉部压力低于饱和性质的下限 {line.lowest_pressure:.0f} Pa",
            f"the throat of {substance.name_en} lies below its saturation table, {line.lowest_pressure:.0f} Pa",
        )
    choked = pressure > ambient_pressure * (1.0 + 1e-6)
    temperature = temperature_kernel(line.critical_temperature, place)
    return Throat(flux, pressure, temperature, 1.0 / volume, flux * volume, max(quality, 0.0), enthalpy, choked)
