"""Jet fire: gas under pressure burning as it leaves a hole, as a frustum of flame."""

import functools
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.atmosphere import Weather
from parkrisk.models.constants import constants
from parkrisk.models.errors import OutOfRange
from parkrisk.models.footprint import Footprint, PolarGrid
from parkrisk.models.heat_footprint import casualty_radii, check_weather, heat_footprint, positive, receptors
from parkrisk.models.radiation import frustum_view_factor_kernel, transmissivity_kernel, water_vapour_pressure

Array = NDArray[np.float64]

_GRAVITY = 9.80665
_GAS_CONSTANT = 8.314462618
_AIR_MOLAR_MASS = 0.0289652


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
        slant = math.hypot(self.length, self.tip_radius - self.base_radius)
        ends = self.base_radius**2 + self.tip_radius**2
        return math.pi * (ends + (self.base_radius + self.tip_radius) * slant)


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
    air = pressure * _AIR_MOLAR_MASS / (_GAS_CONSTANT * weather.air_temperature)
    return ExpandedJet(
        velocity,
        pressure * molar_mass / (_GAS_CONSTANT * temperature),
        math.sqrt(4.0 * mass_flow / (math.pi * velocity * air)),
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


def _widths(jet: ExpandedJet, velocity_ratio: float, length: float, air_density: float) -> tuple[float, float]:
    """Widths of the flame's base and tip (CPR 14E eq. 6.53 to 6.57). [m]"""
    richardson = (_GRAVITY * jet.source_diameter / jet.velocity**2) ** (1.0 / 3.0)
    exponent = (1000.0 * math.exp(-100.0 * velocity_ratio) + 0.8) * velocity_ratio
    base = (
        jet.source_diameter
        * (13.5 * math.exp(-6.0 * velocity_ratio) + 1.5)
        * (1.0 - (1.0 - math.sqrt(air_density / jet.density) / 15.0) * math.exp(-70.0 * richardson**exponent))
    )
    tip = length * (0.18 * math.exp(-1.5 * velocity_ratio) + 0.31) * (1.0 - 0.47 * math.exp(-25.0 * velocity_ratio))
    return base, tip


def jet_flame(jet: ExpandedJet, molar_mass: float, weather: Weather, direction: str, release_height: float) -> Frustum:
    """Where the flame stands: length, tilt, lift-off and widths after Chamberlain.

    Parameters
    ----------
    jet : ExpandedJet
        The gas after its expansion.
    molar_mass : float
        [kg/mol]
    weather : Weather
        Wind at 10 m.
    direction : str
        "vertical": blown up, wind shortens and tilts the flame. "horizontal": blown downwind; the correlation for tilt
        and wind does not hold there, the flame keeps its length in still air, and its tip rises until it clears the
        ground.
    release_height : float
        Of the hole. [m]

    References
    ----------
    .. [1] G.A. Chamberlain, "Developments in design methods for predicting thermal radiation from flares", Chem Eng
       Res Des 65 (1987) 299-309; CPR 14E 6.5.3.
    """
    wind = weather.wind_speed
    velocity_ratio = wind / jet.velocity
    still = still_air_length(jet, molar_mass)
    air = weather.air_pressure * _AIR_MOLAR_MASS / (_GAS_CONSTANT * weather.air_temperature)
    lift = 0.185 * math.exp(-20.0 * velocity_ratio) + 0.015
    if direction == "horizontal":
        base_width, tip_width = _widths(jet, velocity_ratio, still, air)
        rise = max(release_height, 0.5 * tip_width) - release_height
        run = (1.0 - lift) * still
        level = math.sqrt(max(run * run - rise * rise, (0.5 * run) ** 2))
        base = lift * still
        return Frustum(base, release_height, base + level, release_height + rise, 0.5 * base_width, 0.5 * tip_width)
    length = still * (0.51 * math.exp(-0.4 * wind) + 0.49)
    scaled = still * (_GRAVITY / (jet.source_diameter * jet.velocity) ** 2) ** (1.0 / 3.0)
    if velocity_ratio <= 0.05:
        degrees = 8000.0 * velocity_ratio / scaled
    else:
        degrees = (134.0 + 1726.0 * math.sqrt(velocity_ratio - 0.026)) / scaled
    tilt = math.radians(min(degrees, 90.0))
    base = length * (math.sin(lift * tilt) / math.sin(tilt) if tilt > 0.0 else lift)
    base_width, tip_width = _widths(jet, velocity_ratio, length, air)
    return Frustum(
        0.0,
        release_height + base,
        length * math.sin(tilt),
        release_height + length * math.cos(tilt),
        0.5 * base_width,
        0.5 * tip_width,
    )


def jet_radiative_fraction(velocity: float, molar_mass: float) -> float:
    """Share of the heat that a gas jet fire radiates.

    0.21 exp(-0.00323 uj) + 0.11, times √(M/21) from 21 to 60 g/mol and 1.69 above (Chamberlain 1987; Cook 1987).
    """
    grams = 1e3 * molar_mass
    heavier = 1.0 if grams < 21.0 else math.sqrt(min(grams, 60.0) / 21.0)
    return (0.21 * math.exp(-0.00323 * velocity) + 0.11) * heavier


@kernel
def _jet_heat_flux(
    distance: Array,
    angle: Array,
    flame: Frustum,
    emissive_power: float,
    vapour_pressure: float,
    temperature: float,
) -> Array:
    out = np.empty(distance.size)
    dx, dz = flame.tip_x - flame.base_x, flame.tip_z - flame.base_z
    length = math.hypot(dx, dz)
    ax, az = dx / length, dz / length
    for i in range(distance.size):
        x = distance[i] * math.cos(angle[i]) - flame.base_x
        y = distance[i] * math.sin(angle[i])
        along = ax * x - az * flame.base_z  # in the flame's frame: along its axis, across it in the plane of tilt
        across = az * x + ax * flame.base_z
        fx, fy, fz = frustum_view_factor_kernel(across, y, along, 0.0, 0.0, length, flame.base_radius, flame.tip_radius)
        nearest = min(max(along, 0.0), length)
        radius = flame.base_radius + nearest / length * (flame.tip_radius - flame.base_radius)
        path = math.sqrt(across * across + y * y + (along - nearest) ** 2) - radius
        through = transmissivity_kernel(path, vapour_pressure, temperature)
        out[i] = emissive_power * through * math.sqrt(fx * fx + fy * fy + fz * fz)
    return out


@dataclass(frozen=True)
class JetFire:
    """A burning jet of gas, or of a liquefied gas that flashes.

    Parameters
    ----------
    mass_flow : float
        [kg/s]
    hole_diameter : float
        [m]
    stagnation_temperature : float
        Of the gas in the vessel. [K]
    molar_mass : float
        [kg/mol]
    heat_capacity_ratio : float
        cp/cv of the gas.
    heat_of_combustion : float
        [J/kg]
    duration : float
        Of the release. [s]
    weather : Weather
        Wind and moisture.
    direction : str
        "horizontal" (downwind) or "vertical".
    release_height : float
        Of the hole above ground. [m]
    phase : str
        "gas" or "two_phase": the flame of the same mass flow of gas, radiating 1.5 times as much (unverified).

    Raises
    ------
    OutOfRange
        A value that no jet fire has; an unknown direction or phase.

    Notes
    -----
    Flame and radiated fraction after Chamberlain, exact view factor of the frustum from the ground, transmissivity
    after Wayne over the way to the flame's surface. The receptor faces the flame.
    """

    mass_flow: float
    hole_diameter: float
    stagnation_temperature: float
    molar_mass: float
    heat_capacity_ratio: float
    heat_of_combustion: float
    duration: float
    weather: Weather
    direction: str = "horizontal"
    release_height: float = 1.0
    phase: str = "gas"

    def __post_init__(self) -> None:
        positive(
            mass_flow=self.mass_flow,
            hole_diameter=self.hole_diameter,
            stagnation_temperature=self.stagnation_temperature,
            duration=self.duration,
        )
        if not (
            0.002 <= self.molar_mass <= 0.5
            and 1.0 < self.heat_capacity_ratio <= 1.7
            and 1e6 <= self.heat_of_combustion <= 2e8
            and 0.0 <= self.release_height <= 500.0
        ):
            raise OutOfRange(
                "喷射火参数不合理（摩尔质量 2 至 500 g/mol，绝热指数 1 至 1.7，燃烧热 1 至 200 MJ/kg，"
                "高度 0 至 500 m）",
                "impossible jet fire (molar mass 2 to 500 g/mol, cp/cv 1 to 1.7, heat of combustion 1 to 200 MJ/kg, "
                "height 0 to 500 m)",
            )
        if self.direction not in ("horizontal", "vertical") or self.phase not in ("gas", "two_phase"):
            raise OutOfRange(
                f"未知喷射方向或相态：{self.direction!r}, {self.phase!r}",
                f"unknown direction or phase: {self.direction!r}, {self.phase!r}",
            )
        check_weather(self.weather)

    @functools.cached_property
    def _jet(self) -> ExpandedJet:
        return expanded_jet(
            self.mass_flow,
            self.hole_diameter,
            self.stagnation_temperature,
            self.molar_mass,
            self.heat_capacity_ratio,
            self.weather,
        )

    @functools.cached_property
    def flame(self) -> Frustum:
        """Place and size of the flame."""
        return jet_flame(self._jet, self.molar_mass, self.weather, self.direction, self.release_height)

    @functools.cached_property
    def emissive_power(self) -> float:
        """Radiated heat over the flame's surface. [W/m²]"""
        fraction = jet_radiative_fraction(self._jet.velocity, self.molar_mass)
        if self.phase == "two_phase":
            fraction *= constants("fire")["two_phase_fraction_factor"].value
        return fraction * self.mass_flow * self.heat_of_combustion / self.flame.surface

    @property
    def flags(self) -> tuple[str, ...]:
        """Codes of caveats."""
        horizontal = ("jet_fire_horizontal",) if self.direction == "horizontal" else ()
        two_phase = ("unverified:two_phase_jet_radiation",) if self.phase == "two_phase" else ()
        return (*horizontal, *two_phase)

    def _field(self, distance: Array, angle: Array) -> Array:
        weather = self.weather
        vapour_pressure = weather.relative_humidity * water_vapour_pressure(weather.air_temperature)
        return _jet_heat_flux(
            distance, angle, self.flame, self.emissive_power, vapour_pressure, weather.air_temperature
        )

    def heat_flux(self, distance: ArrayLike, angle: ArrayLike) -> Array:
        """Heat flux on a person on the ground who faces the flame. [W/m²]

        Parameters
        ----------
        distance : float or array
            From the hole, along the ground. [m]
        angle : float or array
            From the downwind axis. [rad]

        Raises
        ------
        OutOfRange
            A distance is negative or not finite.
        """
        r, a = receptors(distance, angle)
        return self._field(r.ravel(), a.ravel()).reshape(r.shape)

    def footprint(self, grid: PolarGrid) -> Footprint:
        """Probability of death around the hole."""
        return heat_footprint(grid, self._field, self.duration, 0.0, self.flame.tip_x)

    def casualty_radii(self) -> dict[str, float | None]:
        """Downwind distances [m] of half the exposed dying, burnt seriously, burnt lightly, and of escalation."""
        return casualty_radii(self._field, self.duration)
