"""Where a cloud begins: over an evaporating pool, in a jet that has expanded to the pressure of the air, or at once."""

import math

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.air.surface_layer import wind_kernel
from parkrisk.models.cloud.entrainment import GRAVITY
from parkrisk.models.cloud.march import Feed
from parkrisk.models.cloud.mixing import mix_kernel
from parkrisk.models.cloud.plume_slice import (
    COMPONENTS,
    CORE,
    ENTHALPY,
    LIFT,
    MASS,
    MOMENTUM,
    SPECIES,
    VARIANCE,
    Setting,
    X,
    Z,
)

__all__ = ["blanket_kernel", "jet_start_kernel", "pool_start_kernel", "puff_start_kernel"]

Array = NDArray[np.float64]

_FIRST = 0.02  # share of the blanket in the first slice
_EDGE = 0.05  # of the half-width: standard deviation of the edges at the start
_JET_AIR = 0.02  # mass fraction of air in the first slice of a jet: pure two-phase material has no unique temperature
_ITERATIONS = 60


@kernel
def blanket_kernel(
    rate: float, half_side: float, duration: float, density: float, setting: Setting
) -> tuple[float, bool]:
    """Half-side [m] of the vapour blanket that a dense source spreads upwind and sideways, and whether time bounds it.

    ``density`` is that of what enters the air [kg/m³].

    Notes
    -----
    The wind holds it at B0 + 2 l_b, l_b = g0 q0/u³ (Britter's upwind length), u at the larger of B0 and 100 z0. Until
    the source ends it cannot be wider than a gravity current gets, r² = B0² + 2·1.15 (g0 q0 t/π)^(1/2) t. It is not
    taken wider than five times the source, since the source is spread over it evenly.
    """
    air, laws = setting.air, setting.laws
    heavy = GRAVITY * max(density - air.density, 0.0) / air.density
    flow = rate / density
    wind = wind_kernel(max(half_side, 100.0 * air.roughness), air)
    held = half_side + laws.blanket_upwind * heavy * flow / wind**3
    grown = math.sqrt(half_side**2 + 2.0 * laws.front * math.sqrt(heavy * flow * duration / math.pi) * duration)
    return min(held, grown, laws.blanket_largest * half_side), grown < held


@kernel
def pool_start_kernel(
    rate: float, half_side: float, enthalpy: float, temperature: float, setting: Setting
) -> tuple[Array, float, Feed]:
    """First slice of a plume from a square source: state, where it stands [m], and what the source adds.

    ``half_side`` is that of the blanket [m]; the source lies from -half_side to half_side.
    """
    air, laws = setting.air, setting.laws
    first = _FIRST * half_side
    supply = rate / (2.0 * half_side)
    state = np.zeros(COMPONENTS)
    state[SPECIES] = supply * first
    taken_in = 0.3 * air.friction_velocity * air.density * 2.0 * half_side * first
    mass = state[SPECIES] + taken_in
    state[MASS], state[ENTHALPY] = mass, state[SPECIES] * enthalpy
    state[CORE], state[VARIANCE] = (1.0 - _EDGE) * half_side, (_EDGE * half_side) ** 2
    fraction = state[SPECIES] / mass
    density = mix_kernel(state[ENTHALPY] / mass, fraction, temperature, setting.substance, air).density
    depth, speed = first, air.friction_velocity
    for _ in range(_ITERATIONS):
        wind = wind_kernel(laws.profile_height * depth, air)
        speed = max(wind * taken_in / mass, 0.3 * wind)
        depth = math.sqrt(depth * mass / (2.0 * density * speed * half_side))
    state[MOMENTUM] = mass * speed
    state[X] = first - half_side
    return state, first - half_side, Feed(supply, enthalpy, half_side)


@kernel
def jet_start_kernel(
    rate: float,
    velocity: float,
    height: float,
    inclination: float,
    enthalpy: float,
    temperature: float,
    setting: Setting,
) -> tuple[Array, bool]:
    """First slice of a jet that blows downwind and ``inclination`` [rad] upward: state, and whether it is grounded.

    ``velocity`` [m/s] and ``temperature`` [K] are those after expansion, ``enthalpy`` that of the airborne release.
    """
    air = setting.air
    state = np.zeros(COMPONENTS)
    mass = rate / (1.0 - _JET_AIR)
    density = mix_kernel((1.0 - _JET_AIR) * enthalpy, 1.0 - _JET_AIR, temperature, setting.substance, air).density
    half_side = 0.5 * math.sqrt(mass / (density * velocity))
    state[MASS], state[SPECIES], state[ENTHALPY] = mass, rate, rate * enthalpy
    state[MOMENTUM] = rate * velocity * math.cos(inclination)
    state[LIFT] = rate * velocity * math.sin(inclination)
    state[CORE], state[VARIANCE] = (1.0 - _EDGE) * half_side, (_EDGE * half_side) ** 2
    state[Z] = height
    return state, height <= half_side and state[LIFT] <= 0.0


@kernel
def puff_start_kernel(mass: float, air_mass: float, enthalpy: float, temperature: float, setting: Setting) -> Array:
    """Cloud of everything at once: a cylinder as high as its radius, at rest, with some air mixed in already [kg]."""
    state = np.zeros(COMPONENTS)
    total = mass + air_mass
    mixture = mix_kernel(mass * enthalpy / total, mass / total, temperature, setting.substance, setting.air)
    radius = (total / (mixture.density * math.pi)) ** (1.0 / 3.0)
    state[MASS], state[SPECIES], state[ENTHALPY] = total, mass, mass * enthalpy
    state[CORE], state[VARIANCE] = radius, (_EDGE * radius) ** 2
    return state
