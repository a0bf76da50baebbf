"""How fast a cloud takes in air: laws measured in the surface layer, in wind tunnels, in gravity currents and in jets.

One closure serves dense and passive clouds: the density of the cloud and the stability of the air are one
stratification, and the turbulence is that of the wind, of the slip between cloud and wind, of the gravity current and
of heat from the ground together.
"""

import functools
import math
from typing import NamedTuple

from parkrisk.models._jit import kernel
from parkrisk.models.air.spread import Curve, curve_slope_kernel
from parkrisk.models.air.surface_layer import SurfaceLayer
from parkrisk.models.constants import constants

__all__ = [
    "Closure",
    "closure",
    "ground_heat_kernel",
    "richardson_kernel",
    "top_entrainment_kernel",
    "turbulence_kernel",
]

GRAVITY = 9.80665  # [m/s²]
_HEAT_CAPACITY = 1100.0  # of cold humid air [J/(kg·K)]
_PRANDTL = 0.7


class Closure(NamedTuple):
    """Constants of ``entrainment.csv``, of the same names."""

    passive_limit: float
    dense_damping: float
    stable_damping: float
    unstable_growth: float
    profile_height: float
    slip_drag: float
    front: float
    convection: float
    gust_factor: float
    gust_growth: float
    jet: float
    cross_flow: float
    along_wind: float
    puff_edge: float
    core_averaging: float
    passive_exponent: float
    dense_exponent: float
    dense_exponent_scale: float
    blanket_upwind: float
    blanket_largest: float
    passive_stratification: float
    passive_slip: float
    passive_lag: float


@functools.cache
def closure() -> Closure:
    """Read the constants."""
    table = constants("entrainment")
    return Closure(**{name: table[name].value for name in Closure._fields})


@kernel
def ground_heat_kernel(temperature: float, density: float, speed: float, wind: float, air: SurfaceLayer) -> float:
    """Heat from the ground, which keeps the temperature of the air, into a colder cloud. [W/m²]

    Notes
    -----
    The larger of forced convection, ρ cp (u*/ua)² u ΔT with u at least half the wind, and free convection after
    McAdams, 0.14 k (g ΔT Pr/(T ν²))^(1/3) ΔT.
    """
    colder = air.temperature - temperature
    if colder <= 0.0:
        return 0.0
    friction = (air.friction_velocity / wind) ** 2
    forced = density * _HEAT_CAPACITY * friction * max(speed, 0.5 * wind)
    conductivity = 0.024 * (temperature / 293.0) ** 0.8
    viscosity = 1.5e-5 * (temperature / 293.0) ** 1.75
    free = 0.14 * conductivity * (GRAVITY * colder * _PRANDTL / (temperature * viscosity * viscosity)) ** (1.0 / 3.0)
    return float(max(forced, free) * colder)


@kernel
def turbulence_kernel(
    slip: float,
    front: float,
    depth: float,
    heat: float,
    density: float,
    temperature: float,
    air: SurfaceLayer,
    laws: Closure,
) -> float:
    """Velocity scale of the turbulence in a cloud. [m/s]

    ``slip`` is by how much the wind is faster [m/s], ``front`` the speed of the spreading edge [m/s], ``heat`` that
    from the ground [W/m²].
    """
    mechanical = air.friction_velocity**2 + laws.slip_drag * (max(slip, 0.0) ** 2 + 0.25 * front * front)
    convective = GRAVITY * depth * heat / (density * _HEAT_CAPACITY * temperature)
    return float((mechanical**1.5 + laws.convection * convective) ** (1.0 / 3.0))


@kernel
def richardson_kernel(density: float, depth: float, velocity: float, air: SurfaceLayer) -> float:
    """Bulk Richardson number of a cloud at a turbulent velocity [m/s]; 0 for one lighter than air."""
    return GRAVITY * max(density - air.density, 0.0) / air.density * depth / (velocity * velocity)


@kernel
def top_entrainment_kernel(
    depth: float,
    density: float,
    velocity: float,
    wind: float,
    distance: float,
    vertical: Curve,
    capped: bool,
    air: SurfaceLayer,
    laws: Closure,
) -> float:
    """Speed at which air enters through the top. [m/s]

    Parameters
    ----------
    depth, density : float
        Of the cloud. [m], [kg/m³]
    velocity : float
        Of :func:`turbulence_kernel`. [m/s]
    wind : float
        At the height that the cloud sees. [m/s]
    distance : float
        Travelled. [m]
    vertical : Curve
        Vertical spread of passive plumes in this stability class.
    capped : bool
        Whether that spread bounds the growth (classes A to D).

    Notes
    -----
    0.65 v/(1 + s) with s = 0.2 Ri + 5 ζ (u*/v)², ζ = 0.46 h/L; 0.65 v (1 - 3.2 s)^(1/2) where s < 0. In unstable air no
    faster than the vertical gusts, or than the law without the air's stratification; in classes A to D no faster than
    the observed growth of passive plumes, whose mean depth is (π/2)^(1/2) σz: in the real boundary layer it slackens.
    """
    zeta = laws.profile_height * depth * air.inverse_obukhov
    friction = air.friction_velocity
    richardson = laws.dense_damping * richardson_kernel(density, depth, velocity, air)
    stratification = richardson + laws.stable_damping * zeta * (friction / velocity) ** 2
    if stratification >= 0.0:
        rate = laws.passive_limit * velocity / (1.0 + stratification)
    else:
        rate = laws.passive_limit * velocity * math.sqrt(1.0 - laws.unstable_growth * stratification)
    if zeta < 0.0:
        gusts = laws.gust_factor * friction * (1.0 - laws.gust_growth * zeta) ** (1.0 / 3.0)
        rate = min(rate, max(gusts + velocity - friction, laws.passive_limit * velocity / (1.0 + richardson)))
    if capped:
        growth = math.sqrt(0.5 * math.pi) * wind * curve_slope_kernel(distance, vertical)
        rate = min(rate, growth + laws.passive_limit * (velocity - friction))
    return rate
