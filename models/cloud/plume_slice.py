"""A slice of a steady cloud that drifts downwind: what it holds, and how that changes along its way.

Width and depth are effective lengths: the mass flux 2 ρ u B h carries all of the cloud, while the mass fraction is that
on the centre line at the ground. So the laws of entrainment, measured from the decay of ground-level concentrations,
apply unchanged.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.air.spread import Curve, curve_kernel, curve_slope_kernel
from parkrisk.models.air.surface_layer import SurfaceLayer, wind_kernel
from parkrisk.models.cloud.entrainment import (
    GRAVITY,
    Closure,
    ground_heat_kernel,
    richardson_kernel,
    top_entrainment_kernel,
    turbulence_kernel,
)
from parkrisk.models.cloud.mixing import Material, Mixture, mix_kernel

__all__ = [
    "Setting",
    "Slice",
    "exponent_kernel",
    "half_width_kernel",
    "rates_kernel",
    "slice_kernel",
    "stirring_kernel",
]

Array = NDArray[np.float64]

# What a slice carries, as components of the state. Fluxes are per second.
MASS = 0  #: all of it [kg/s]
SPECIES = 1  #: released substance [kg/s]
MOMENTUM = 2  #: downwind [N]
ENTHALPY = 3  #: excess over that of the air [W]
CORE = 4  #: half-width of the flat core [m]
VARIANCE = 5  #: of the edges, across the wind [m²]
LATERAL = 6  #: momentum of the sideways flow [N]
TIME = 7  #: of travel [s]
ALONG = 8  #: variance along the wind [m²]
X = 9  #: downwind [m]
Z = 10  #: height of the centre while the cloud is lifted [m]
LIFT = 11  #: upward momentum while the cloud is lifted [N]
COMPONENTS = 12

_SLOWEST = 0.05  # speed of a slice over the friction velocity
_TINY = 1e-12


class Setting(NamedTuple):
    """What does not change along the way.

    ``across`` and ``up`` are the curves of passive spread in this weather, averaged as the core of the cloud is;
    ``capped`` tells whether the vertical one bounds the growth; ``origin`` is where the distance travelled counts from
    [m].
    """

    substance: Material
    air: SurfaceLayer
    laws: Closure
    across: Curve
    up: Curve
    capped: bool
    origin: float


class Slice(NamedTuple):
    """What follows from a state.

    ``mixture``; ``half_width`` and ``depth`` [m]; ``downwind``, ``upward`` and total ``speed`` [m/s]; ``wind`` that the
    cloud sees [m/s]; ``front``, speed of its spreading edges [m/s].
    """

    mixture: Mixture
    half_width: float
    depth: float
    downwind: float
    upward: float
    speed: float
    wind: float
    front: float


@kernel
def half_width_kernel(core: float, variance: float) -> float:
    """Effective half-width [m] of a flat core with Gaussian edges."""
    edge = math.sqrt(2.0 * variance)
    if core < 1e-3 * edge:
        return 0.5 * math.sqrt(math.pi) * edge
    return core / math.erf(core / edge)


@kernel
def _half_width_slope(core: float, variance: float) -> float:
    """Slope of the effective half-width over the variance of the edges. [1/m]"""
    edge = math.sqrt(2.0 * variance)
    z = core / edge
    if z < 1e-3:
        return 0.25 * math.sqrt(math.pi) * edge / variance
    error = math.erf(z)
    return core / (error * error) * math.exp(-z * z) * z / (math.sqrt(math.pi) * variance)


@kernel
def slice_kernel(state: Array, guess: float, grounded: bool, setting: Setting) -> Slice:
    """What follows from a state; ``guess`` is a temperature near that of the slice [K]."""
    air, laws = setting.air, setting.laws
    mass = max(state[MASS], _TINY)
    fraction = min(max(state[SPECIES] / mass, 0.0), 1.0)
    mixture = mix_kernel(state[ENTHALPY] / mass, fraction, guess, setting.substance, air)
    downwind = max(state[MOMENTUM] / mass, _SLOWEST * air.friction_velocity)
    upward = 0.0 if grounded else state[LIFT] / mass
    speed = math.hypot(downwind, upward)
    half_width = half_width_kernel(max(state[CORE], 0.0), max(state[VARIANCE], _TINY))
    depth = mass / (2.0 * mixture.density * speed * half_width)
    if not grounded:
        wind = wind_kernel(state[Z], air)
        return Slice(mixture, half_width, depth, downwind, upward, speed, wind, 0.0)
    wind = wind_kernel(laws.profile_height * depth, air)
    heavy = max(mixture.density - air.density, 0.0) / air.density
    front = min(max(state[LATERAL], 0.0) / mass, laws.front * math.sqrt(GRAVITY * heavy * depth))
    return Slice(mixture, half_width, depth, downwind, upward, speed, wind, front)


@kernel
def stirring_kernel(cloud: Slice, grounded: bool, setting: Setting) -> tuple[float, float, float]:
    """Speed of the wind along the slice's way [m/s], heat from the ground [W/m²], turbulent velocity [m/s]."""
    mixture, air = cloud.mixture, setting.air
    heat = 0.0
    if grounded:
        heat = ground_heat_kernel(mixture.temperature, mixture.density, cloud.downwind, cloud.wind, air)
    along = cloud.wind if grounded else cloud.wind * cloud.downwind / cloud.speed
    velocity = turbulence_kernel(
        along - cloud.speed, cloud.front, cloud.depth, heat, mixture.density, mixture.temperature, air, setting.laws
    )
    return along, heat, velocity


@kernel
def exponent_kernel(cloud: Slice, setting: Setting) -> float:
    """Exponent n of the vertical profile exp(-(z/S)^n) of a cloud on the ground: dense layers have a sharp top."""
    laws = setting.laws
    velocity = stirring_kernel(cloud, True, setting)[2]
    richardson = richardson_kernel(cloud.mixture.density, cloud.depth, velocity, setting.air)
    return laws.passive_exponent + laws.dense_exponent * richardson / (richardson + laws.dense_exponent_scale)


@kernel
def rates_kernel(
    state: Array, out: Array, guess: float, grounded: bool, supply: float, supply_enthalpy: float, setting: Setting
) -> float:
    """Change of the state per length of the way; gives the temperature of the slice [K].

    ``supply`` is released substance per length [kg/(m·s)] with an excess enthalpy [J/kg].
    """
    air, laws = setting.air, setting.laws
    cloud = slice_kernel(state, guess, grounded, setting)
    density, width, depth, speed = cloud.mixture.density, cloud.half_width, cloud.depth, cloud.speed
    along, heat, turbulence = stirring_kernel(cloud, grounded, setting)
    distance = max(state[X] - setting.origin, 1e-3)
    top = 0.0
    if depth < air.mixing_height:
        top = top_entrainment_kernel(
            depth, density, turbulence, cloud.wind, distance, setting.up, setting.capped, air, laws
        )
    jet = laws.jet * max(speed - along, 0.0) * math.sqrt(density / air.density)
    across = laws.cross_flow * cloud.wind * abs(cloud.upward) * cloud.downwind / speed**2
    spread = 2.0 * curve_kernel(distance, setting.across) * curve_slope_kernel(distance, setting.across)
    spread *= cloud.downwind / speed
    widening = _half_width_slope(max(state[CORE], 0.0), max(state[VARIANCE], _TINY)) * spread
    faces = 2.0 if grounded else 4.0
    entrained = air.density * (
        faces * width * (top + jet + across) + 2.0 * depth * (jet + across) + 2.0 * depth * speed * widening
    )
    out[MASS] = entrained + supply
    out[SPECIES] = supply
    out[ENTHALPY] = supply * supply_enthalpy + 2.0 * width * heat
    out[MOMENTUM] = cloud.wind * entrained
    out[LATERAL] = 0.0
    if grounded:
        slip = cloud.wind - cloud.downwind
        if slip > 0.0:
            out[MOMENTUM] += 2.0 * width * air.density * laws.slip_drag * slip * slip
        friction = (air.friction_velocity / cloud.wind) ** 2
        out[MOMENTUM] -= 2.0 * width * density * (friction * cloud.downwind**2 - air.friction_velocity**2)
        heavy = max(density - air.density, 0.0)
        push = GRAVITY * heavy * depth - air.density * (cloud.front / laws.front) ** 2
        drag = density * friction + laws.slip_drag * air.density
        out[LATERAL] = 2.0 * depth * push - 0.5 * width * cloud.front**2 * drag
    stretching = (cloud.front + 2.0 * jet + across) / (width * speed)
    out[CORE] = state[CORE] * stretching
    out[VARIANCE] = 2.0 * state[VARIANCE] * stretching + spread
    out[TIME] = 1.0 / speed
    out[ALONG] = 2.0 * (laws.along_wind * air.friction_velocity) ** 2 * state[TIME] / speed
    out[X] = cloud.downwind / speed
    out[Z] = 0.0 if grounded else cloud.upward / speed
    out[LIFT] = 0.0 if grounded else -GRAVITY * (density - air.density) * 2.0 * width * depth
    return cloud.mixture.temperature
