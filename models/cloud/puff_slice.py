"""A cloud released at once, or fed in calm air: a disc that slumps, drifts and mixes, and how that changes with time.

Its state has the components of :mod:`parkrisk.models.cloud.plume_slice`, as contents instead of fluxes: kg, J, kg·m/s.
"""

import math

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.air.spread import curve_kernel, curve_slope_kernel
from parkrisk.models.air.surface_layer import wind_kernel
from parkrisk.models.cloud.entrainment import GRAVITY, top_entrainment_kernel
from parkrisk.models.cloud.mixing import mix_kernel
from parkrisk.models.cloud.plume_slice import (
    ALONG,
    CORE,
    ENTHALPY,
    LATERAL,
    LIFT,
    MASS,
    MOMENTUM,
    SPECIES,
    TIME,
    VARIANCE,
    Setting,
    Slice,
    X,
    Z,
    stirring_kernel,
)

__all__ = ["area_kernel", "disc_kernel", "disc_rates_kernel", "stretch_kernel"]

Array = NDArray[np.float64]

_TINY = 1e-12
_SLOWEST = 0.05  # speed of a disc over the friction velocity, for what its top does


@kernel
def stretch_kernel(core: float, variance: float, along: float) -> float:
    """How much longer than wide a disc is, for a variance along the wind [m²] beyond that across."""
    return math.sqrt(1.0 + along / (core * core + variance))


@kernel
def area_kernel(core: float, variance: float, along: float) -> float:
    """Area [m²] of a disc of the concentration in its middle that holds all of it.

    Notes
    -----
    Exact for the shape [erf((ρ+b)/√2σ) - erf((ρ-b)/√2σ)]/(2 erf(b/√2σ)), ρ² = (x/λ)² + y², λ the stretch:
    π λ (b² + σ² + σ b √(2/π) exp(-b²/2σ²)/erf(b/√2σ)).
    """
    sigma = math.sqrt(variance)
    z = core / (math.sqrt(2.0) * sigma)
    edge = variance if z < 1e-4 else sigma * core * math.sqrt(2.0 / math.pi) * math.exp(-z * z) / math.erf(z)
    return math.pi * stretch_kernel(core, variance, along) * (core * core + variance + edge)


@kernel
def _growth(core: float, variance: float, along: float, across_rate: float, along_rate: float) -> float:
    """Growth of the area [m²/s] by turbulence, whose variances grow across and along the wind [m²/s]."""
    step = 1e-4
    before = area_kernel(core, variance, along)
    after = area_kernel(core, variance * (1.0 + step), along)
    slope = (after - before) / (variance * step)
    stretch = stretch_kernel(core, variance, along)
    return slope * across_rate + before * 0.5 * along_rate / (stretch * stretch * (core * core + variance))


@kernel
def disc_kernel(state: Array, guess: float, setting: Setting) -> Slice:
    """What follows from a state; ``guess`` is a temperature near that of the disc [K]."""
    air, laws = setting.air, setting.laws
    mass = max(state[MASS], _TINY)
    fraction = min(max(state[SPECIES] / mass, 0.0), 1.0)
    mixture = mix_kernel(state[ENTHALPY] / mass, fraction, guess, setting.substance, air)
    area = area_kernel(max(state[CORE], 0.0), max(state[VARIANCE], _TINY), max(state[ALONG], 0.0))
    depth = mass / (mixture.density * area)
    wind = wind_kernel(laws.profile_height * depth, air)
    heavy = max(mixture.density - air.density, 0.0) / air.density
    front = min(max(state[LATERAL], 0.0) / mass, laws.front * math.sqrt(GRAVITY * heavy * depth))
    speed = max(state[MOMENTUM] / mass, 0.0)
    return Slice(mixture, math.sqrt(area / math.pi), depth, speed, 0.0, speed, wind, front)


@kernel
def disc_rates_kernel(
    state: Array, out: Array, guess: float, supply: float, supply_enthalpy: float, setting: Setting
) -> float:
    """Change of the state per time; gives the temperature of the disc [K].

    ``supply`` is released substance [kg/s] with an excess enthalpy [J/kg].
    """
    air, laws = setting.air, setting.laws
    cloud = disc_kernel(state, guess, setting)
    density, radius, depth, speed = cloud.mixture.density, cloud.half_width, cloud.depth, cloud.speed
    area = math.pi * radius * radius
    _, heat, turbulence = stirring_kernel(cloud, True, setting)
    distance = max(state[X] - setting.origin, 1e-3)
    top = 0.0
    if depth < air.mixing_height:
        top = top_entrainment_kernel(
            depth, density, turbulence, cloud.wind, distance, setting.up, setting.capped, air, laws
        )
    spread = 2.0 * curve_kernel(distance, setting.across) * curve_slope_kernel(distance, setting.across) * speed
    shear = 2.0 * (laws.along_wind * air.friction_velocity) ** 2 * state[TIME]
    growth = _growth(max(state[CORE], 0.0), max(state[VARIANCE], _TINY), max(state[ALONG], 0.0), spread, shear)
    edge = 2.0 * math.pi * radius * depth * laws.puff_edge * cloud.front
    entrained = air.density * (area * top + edge + depth * growth)
    out[MASS] = entrained + supply
    out[SPECIES] = supply
    out[ENTHALPY] = supply * supply_enthalpy + area * heat
    friction = (air.friction_velocity / cloud.wind) ** 2
    slower = cloud.wind - speed
    out[MOMENTUM] = cloud.wind * entrained
    if slower > 0.0:
        out[MOMENTUM] += area * air.density * laws.slip_drag * slower * slower
    out[MOMENTUM] -= area * density * (friction * speed * speed - air.friction_velocity**2)
    heavy = max(density - air.density, 0.0)
    push = GRAVITY * heavy * depth - air.density * (cloud.front / laws.front) ** 2
    drag = density * friction + laws.slip_drag * air.density
    out[LATERAL] = 1.5 * math.pi * radius * depth * push - 0.25 * area * cloud.front**2 * drag
    stretching = cloud.front / radius
    out[CORE] = state[CORE] * stretching
    out[VARIANCE] = 2.0 * state[VARIANCE] * stretching + spread
    out[TIME] = 1.0
    out[ALONG] = 2.0 * state[ALONG] * stretching + shear
    out[X] = speed - (supply / max(state[SPECIES], _TINY)) * state[X] if supply > 0.0 else speed
    out[Z] = 0.0
    out[LIFT] = 0.0
    return cloud.mixture.temperature
