"""Laws of jet fires: how a gas expands, how long its flame is, where it goes and how brightly it radiates."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.constants import constants
from parkrisk.models.fire.pool_flame import dry_air_density

__all__ = [
    "ExpandedJet",
    "Frustum",
    "chamberlain_flame",
    "expanded_jet",
    "flame_widths",
    "jet_centreline",
    "jet_radiative_fraction",
    "lift_off_share",
    "source_weights",
    "still_air_length",
    "wind_shortening",
]

Array = NDArray[np.float64]

_GRAVITY = 9.80665
_GAS_CONSTANT = 8.314462618
_AIR_HEAT_CAPACITY = 1005.0  # [J/(kg·K)]
_STEPS = 240  # along a flame's axis


class ExpandedJet(NamedTuple):
    """The jet where it has expanded to the pressure of the air."""

    velocity: float  #: [m/s]
    density: float  #: [kg/m³]
    source_diameter: float  #: of a nozzle with the same momentum and the density of air [m]


class Frustum(NamedTuple):
    """A flame: its ends are circles square to its axis. x points downwind, z up, the hole stands at x = 0. [m]"""

    base_x: float
    base_z: float
    tip_x: float
    tip_z: float
    base_radius: float
    tip_radius: float

    @property
    def length(self) -> float:
        """Along the axis. [m]"""
        return math.hypot(self.tip_x - self.base_x, self.tip_z - self.base_z)

    @property
    def surface(self) -> float:
        """Of the side and both ends. [m²]"""
        return frustum_surface(self.length, self.base_radius, self.tip_radius)


def frustum_surface(length: float, base_radius: float, tip_radius: float) -> float:
    """Surface of the side and both ends of a frustum. [m²]"""
    slant = math.hypot(length, tip_radius - base_radius)
    return math.pi * (base_radius**2 + tip_radius**2 + (base_radius + tip_radius) * slant)


def expanded_jet(
    mass_flow: float,
    hole_diameter: float,
    stagnation_temperature: float,
    molar_mass: float,
    heat_capacity_ratio: float,
    weather: Weather,
) -> ExpandedJet:
    """State of a gas jet after its expansion, choked or not, from its mass flow (CPR 14E eq. 6.27 to 6.40)."""
    ratio = heat_capacity_ratio
    pressure = weather.air_pressure
    flux = 4.0 / math.pi * math.sqrt(_GAS_CONSTANT) * mass_flow / hole_diameter**2
    choked = flux * math.sqrt(2.0 * stagnation_temperature / ((1.0 + ratio) * ratio * molar_mass))
    if choked > pressure:
        mach = math.sqrt(((ratio + 1.0) * (choked / pressure) ** ((ratio - 1.0) / ratio) - 2.0) / (ratio - 1.0))
    else:
        scaled = flux / pressure * math.sqrt(stagnation_temperature / (ratio * molar_mass))
        mach = math.sqrt((math.sqrt(1.0 + 2.0 * (ratio - 1.0) * scaled**2) - 1.0) / (ratio - 1.0))
    temperature = 2.0 * stagnation_temperature / (2.0 + (ratio - 1.0) * mach**2)
    velocity = mach * math.sqrt(ratio * _GAS_CONSTANT * temperature / molar_mass)
    return ExpandedJet(
        velocity,
        pressure * molar_mass / (_GAS_CONSTANT * temperature),
        math.sqrt(4.0 * mass_flow / (math.pi * velocity * dry_air_density(weather))),
    )


def still_air_length(jet: ExpandedJet, molar_mass: float) -> float:
    """Length of a jet flame in still air: Ca Y^(5/3) + Cb Y^(2/3) = Cc, L = Y Ds (Kalghatgi; CPR 14E eq. 6.41). [m]

    The stoichiometric mass fraction is that of an alkane of the molar mass.
    """
    stoichiometric = molar_mass / (15.816 * molar_mass + 0.0395)
    a = 0.024 * (_GRAVITY * jet.source_diameter / jet.velocity**2) ** (1.0 / 3.0)
    c = (2.85 / stoichiometric) ** (2.0 / 3.0)
    # With s = Y^(1/3) the equation a s^5 + 0.2 s^2 = c is convex: Newton's method falls to the root from above, and
    # without its first term the root would be sqrt(c / 0.2).
    root = math.sqrt(c / 0.2)
    for _ in range(100):
        step = (a * root**5 + 0.2 * root**2 - c) / (5.0 * a * root**4 + 0.4 * root)
        root -= step
        if abs(step) <= 1e-15 * root:
            break
    return root**3 * jet.source_diameter


def flame_widths(jet: ExpandedJet, velocity_ratio: float, length: float, density: float) -> tuple[float, float]:
    """Widths of a flame's base and tip (CPR 14E eq. 6.53 to 6.57). [m]

    Parameters
    ----------
    jet : ExpandedJet
    velocity_ratio : float
        Of the wind to the jet.
    length : float
        Of the flame. [m]
    density : float
        Of the air. [kg/m³]
    """
    richardson = (_GRAVITY * jet.source_diameter / jet.velocity**2) ** (1.0 / 3.0)
    exponent = (1000.0 * math.exp(-100.0 * velocity_ratio) + 0.8) * velocity_ratio
    base = (
        jet.source_diameter
        * (13.5 * math.exp(-6.0 * velocity_ratio) + 1.5)
        * (1.0 - (1.0 - math.sqrt(density / jet.density) / 15.0) * math.exp(-70.0 * richardson**exponent))
    )
    tip = length * (0.18 * math.exp(-1.5 * velocity_ratio) + 0.31) * (1.0 - 0.47 * math.exp(-25.0 * velocity_ratio))
    return base, tip


def lift_off_share(velocity_ratio: float) -> float:
    """Share of a flame's length between the hole and its lower end (Chamberlain; CPR 14E eq. 6.50)."""
    return 0.185 * math.exp(-20.0 * velocity_ratio) + 0.015


def wind_shortening(crosswind: float) -> float:
    """Length of a flame over that in still air, wind across the jet [m/s] (Chamberlain; CPR 14E eq. 6.44)."""
    return 0.51 * math.exp(-0.4 * crosswind) + 0.49


class Tilted(NamedTuple):
    """A flame after Chamberlain."""

    flame: Frustum
    length: float  #: from the hole to the tip [m]
    level: bool  #: the law would bend the flame below the horizontal; it is held there


def chamberlain_flame(
    jet: ExpandedJet, molar_mass: float, weather: Weather, release_height: float, inclination: float
) -> Tilted:
    """Where the flame of a flare stands: length, tilt, lift-off and widths after Chamberlain.

    Parameters
    ----------
    jet : ExpandedJet
        The gas after its expansion.
    molar_mass : float
        [kg/mol]
    weather : Weather
        Wind at 10 m.
    release_height : float
        Of the hole. [m]
    inclination : float
        Of the hole's axis from the horizontal that points downwind. [rad]

    References
    ----------
    .. [1] G.A. Chamberlain, "Developments in design methods for predicting thermal radiation from flares", Chem Eng
       Res Des 65 (1987) 299-309; CPR 14E eq. 6.43 to 6.57.
    """
    wind = weather.wind_speed
    ratio = wind / jet.velocity
    still = still_air_length(jet, molar_mass)
    from_vertical = math.degrees(inclination) - 90.0
    length = still * wind_shortening(wind) * (1.0 - 6.07e-3 * from_vertical)
    scaled = still * (_GRAVITY / (jet.source_diameter * jet.velocity) ** 2) ** (1.0 / 3.0)
    bend = 8000.0 * ratio if ratio <= 0.05 else 134.0 + 1726.0 * math.sqrt(ratio - 0.026)
    degrees = bend / scaled - from_vertical * math.expm1(-25.6 * ratio)
    level = math.degrees(inclination) - degrees < 0.0
    tilt = math.radians(min(degrees, math.degrees(inclination)))
    share = lift_off_share(ratio)
    lift = length * (math.sin(share * tilt) / math.sin(tilt) if abs(tilt) > 1e-9 else share)
    axis = math.sqrt(length**2 - (lift * math.sin(tilt)) ** 2) - lift * math.cos(tilt)
    base_x, base_z = lift * math.cos(inclination), release_height + lift * math.sin(inclination)
    base_width, tip_width = flame_widths(jet, ratio, length, dry_air_density(weather))
    flame = Frustum(
        base_x,
        base_z,
        base_x + axis * math.cos(inclination - tilt),
        base_z + axis * math.sin(inclination - tilt),
        0.5 * base_width,
        0.5 * tip_width,
    )
    return Tilted(flame, length, level)


@kernel
def _centreline(
    momentum: float,
    mass_flow: float,
    wind: float,
    wind_angle: float,
    length: float,
    lift: float,
    heat: float,
    density: float,
    temperature: float,
    height: float,
    along: float,
    across: float,
) -> Array:
    """Points of the axis, shape (steps + 1, 3); ``heat`` [W] stays in the flame, ``along`` and ``across`` entrain."""
    out = np.empty((_STEPS + 1, 3))
    out[0] = 0.0, 0.0, height
    mx, my, mz = momentum * math.cos(wind_angle), momentum * math.sin(wind_angle), 0.0
    mass = mass_flow
    step = length / _STEPS
    for i in range(_STEPS):
        size = math.sqrt(mx * mx + my * my + mz * mz)
        velocity = size / mass
        tx, ty, tz = mx / size, my / size, mz / size
        burnt = min(max(((i + 0.5) * step - lift) / (length - lift), 0.0), 1.0)
        missing = burnt * heat / (_AIR_HEAT_CAPACITY * temperature)  # flow of the air that the hot gas displaces
        area = (mass + missing) / (density * velocity)
        girth = 2.0 * math.sqrt(math.pi * area)
        level = wind * tx
        side = wind * math.sqrt(max(0.0, 1.0 - tx * tx))
        thin = math.sqrt(mass / (mass + missing))
        entrained = step * girth * density * (along * thin * abs(velocity - level) + across * side)
        mx += entrained * wind
        mz += step * _GRAVITY * missing / velocity
        mass += entrained
        out[i + 1, 0] = out[i, 0] + step * tx
        out[i + 1, 1] = out[i, 1] + step * ty
        out[i + 1, 2] = out[i, 2] + step * tz
    return out


def jet_centreline(
    jet: ExpandedJet,
    mass_flow: float,
    heat: float,
    weather: Weather,
    wind_angle: float,
    length: float,
    lift: float,
    release_height: float,
) -> Array:
    """Axis of the flame of a horizontal jet, bent up by buoyancy and along by the wind.

    Parameters
    ----------
    jet : ExpandedJet
        The gas after its expansion.
    mass_flow : float
        [kg/s]
    heat : float
        Set free along the flame and not radiated. [W]
    weather : Weather
        Wind at 10 m.
    wind_angle : float
        Between the jet and the direction that the wind blows to. [rad]
    length, lift : float
        Of the flame along its axis, and from the hole to its lower end. [m]
    release_height : float
        Of the hole. [m]

    Returns
    -------
    array, shape (n, 3)
        Points at equal steps along the axis, x downwind, y across, z above ground. [m]

    Notes
    -----
    Integral model with even profiles over the section. Mass grows by entrainment, 2 π R ρa (α √(ρ/ρa) abs(V - U cos) +
    β U sin); entrained air brings the wind's momentum; buoyancy lifts with g Q / (cp Ta V) per length, Q being the heat
    set free up to there, evenly between the lower end and the tip.

    References
    ----------
    .. [1] F.P. Ricou, D.B. Spalding, "Measurements of entrainment by axisymmetrical turbulent jets", J Fluid Mech 11
       (1961) 21-32.
    .. [2] D.P. Hoult, J.C. Weil, "Turbulent plume in a laminar cross flow", Atmospheric Environment 6 (1972) 513-531.
    """
    table = constants("fire")
    return np.asarray(
        _centreline(
            mass_flow * jet.velocity,
            mass_flow,
            weather.wind_speed,
            wind_angle,
            length,
            lift,
            heat,
            dry_air_density(weather),
            weather.air_temperature,
            release_height,
            table["jet_entrainment"].value,
            table["crosswind_entrainment"].value,
        )
    )


def source_weights(n: int) -> Array:
    """Shares of the radiated power of n points along a flame, from its lower end to its tip.

    They grow in proportion to the number of the point up to three quarters of the flame and fall to that of the first
    at the tip.

    References
    ----------
    .. [1] G. Hankinson, B.J. Lowesmith, "A consideration of methods of determining the radiative characteristics of
       jet fires", Combustion and Flame 159 (2012) 1165-1177.
    """
    number = np.arange(1, n + 1, dtype=np.float64)
    peak = round(constants("fire")["jet_source_rise"].value * n)
    falling = peak - (peak - 1.0) / (n - peak - 1.0) * (number - peak - 1.0)
    weight = np.where(number <= peak, number, falling)
    return np.asarray(weight / weight.sum())


def jet_radiative_fraction(velocity: float, molar_mass: float) -> float:
    """Share of the heat that a gas jet fire radiates.

    0.21 exp(-0.00323 uj) + 0.11, times √(M/21) from 21 to 60 g/mol and 1.69 above (Chamberlain 1987; Cook 1987).
    """
    grams = 1e3 * molar_mass
    heavier = 1.0 if grams < 21.0 else math.sqrt(min(grams, 60.0) / 21.0)
    return (0.21 * math.exp(-0.00323 * velocity) + 0.11) * heavier
