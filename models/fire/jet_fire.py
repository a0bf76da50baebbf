"""Jet fire: gas under pressure burning as it leaves a hole."""

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.constants import constants
from parkrisk.models.errors import OutOfRange
from parkrisk.models.fire.engulfing import Engulfing, engulfing
from parkrisk.models.fire.flame import frustum, line
from parkrisk.models.fire.heat_footprint import (
    casualty_radii,
    check_weather,
    flame_footprint,
    heat_footprint,
    positive,
)
from parkrisk.models.fire.jet_flame import (
    ExpandedJet,
    Frustum,
    Tilted,
    chamberlain_flame,
    expanded_jet,
    flame_widths,
    frustum_surface,
    jet_centreline,
    jet_radiative_fraction,
    lift_off_share,
    source_weights,
    still_air_length,
    wind_shortening,
)
from parkrisk.models.fire.pool_flame import dry_air_density
from parkrisk.models.fire.radiating_fire import RadiatingFire
from parkrisk.models.footprint import Footprint, PolarGrid

__all__ = ["JetFire"]

Array = NDArray[np.float64]

_PIECES = 16  # straight ones that make up a horizontal flame
_DIRECTIONS = ("horizontal", "vertical", "inclined")


@dataclass(frozen=True)
class JetFire(RadiatingFire):
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
        "horizontal", "vertical" (up) or "inclined".
    release_height : float
        Of the hole above ground. [m]
    phase : str
        "gas" or "two_phase": the flame of the same mass flow of gas, radiating 1.5 times as much (unverified).
    wind_angle : float
        Of a horizontal jet: between the jet and the direction that the wind blows to, -π to π; counted anticlockwise
        from the wind to the jet, seen from above. [rad]
    inclination : float
        Of an inclined jet: between its axis and the horizontal that points downwind, 45° to 135°. [rad]

    Raises
    ------
    OutOfRange
        A value that no jet fire has; an unknown direction or phase.

    Notes
    -----
    Length in still air, shortening by the wind across the jet, lift-off, widths and radiated fraction after
    Chamberlain.

    Vertical and inclined: his frustum, tilted by the wind, of even surface emissive power; exact view factor.
    Horizontal: the axis is bent up by buoyancy and along by the wind (`jet_centreline`) and radiates with the weights
    of Hankinson and Lowesmith; inside the flame, and as an upper bound next to it, stands the radiated heat over the
    flame's surface. Transmissivity after Wayne. The receptor faces the flame.
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
    wind_angle: float = 0.0
    inclination: float = 0.5 * math.pi

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
        if self.direction not in _DIRECTIONS or self.phase not in ("gas", "two_phase"):
            raise OutOfRange(
                f"未知喷射方向或相态：{self.direction!r}, {self.phase!r}",
                f"unknown direction or phase: {self.direction!r}, {self.phase!r}",
            )
        if not (abs(self.wind_angle) <= math.pi and 0.249 * math.pi <= self.inclination <= 0.751 * math.pi):
            raise OutOfRange(
                "风向与喷射夹角须在 ±180° 以内，倾斜喷射的倾角须在 45° 至 135° 之间",
                "the wind's angle to the jet must lie within ±180°, the inclination of a jet between 45° and 135°",
            )
        if (self.wind_angle != 0.0 and self.direction != "horizontal") or (
            self.inclination != 0.5 * math.pi and self.direction != "inclined"
        ):
            raise OutOfRange(
                "风向夹角只用于水平喷射，倾角只用于倾斜喷射",
                "only a horizontal jet has an angle to the wind, only an inclined one an inclination",
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
    def _tilted(self) -> Tilted:
        inclination = self.inclination if self.direction == "inclined" else 0.5 * math.pi
        return chamberlain_flame(self._jet, self.molar_mass, self.weather, self.release_height, inclination)

    @functools.cached_property
    def length(self) -> float:
        """From the hole to the tip of the flame, along its axis. [m]"""
        if self.direction != "horizontal":
            return self._tilted.length
        crosswind = self.weather.wind_speed * abs(math.sin(self.wind_angle))
        return still_air_length(self._jet, self.molar_mass) * wind_shortening(crosswind)

    @functools.cached_property
    def lift_off(self) -> float:
        """From the hole to the lower end of the flame. [m]"""
        if self.direction != "horizontal":
            flame = self._tilted.flame
            return math.hypot(flame.base_x, flame.base_z - self.release_height)
        return self.length * lift_off_share(self.weather.wind_speed / self._jet.velocity)

    @functools.cached_property
    def radiative_fraction(self) -> float:
        """Share of the heat that is radiated."""
        fraction = jet_radiative_fraction(self._jet.velocity, self.molar_mass)
        if self.phase == "two_phase":
            fraction *= constants("fire")["two_phase_fraction_factor"].value
        return fraction

    @functools.cached_property
    def _radii(self) -> tuple[float, float]:
        ratio = self.weather.wind_speed / self._jet.velocity
        base, tip = flame_widths(self._jet, ratio, self.length, dry_air_density(self.weather))
        return 0.5 * base, 0.5 * tip

    @property
    def centreline(self) -> Array:
        """Axis of a horizontal flame from the hole to its tip, shape (n, 3): downwind, across, above ground. [m]"""
        return _centreline(self)

    @functools.cached_property
    def flame(self) -> Frustum:
        """Place and size of the flame; of a horizontal one, the straight frustum from its lower end to its tip.

        x points downwind, or along a horizontal jet.
        """
        if self.direction != "horizontal":
            return self._tilted.flame
        axis = self.centreline
        forward = axis[:, 0] * math.cos(self.wind_angle) + axis[:, 1] * math.sin(self.wind_angle)
        tip = float(forward[-1]), float(axis[-1, 2])
        return Frustum(self.lift_off, self.release_height, *tip, *self._radii)

    @functools.cached_property
    def emissive_power(self) -> float:
        """Radiated heat over the flame's surface. [W/m²]"""
        if self.direction == "horizontal":
            surface = frustum_surface(self.length - self.lift_off, *self._radii)
        else:
            surface = self.flame.surface
        return self.radiative_fraction * self.mass_flow * self.heat_of_combustion / surface

    @property
    def flags(self) -> tuple[str, ...]:
        """Codes of caveats."""
        horizontal = ("jet_fire_horizontal",) if self.direction == "horizontal" else ()
        two_phase = ("unverified:two_phase_jet_radiation",) if self.phase == "two_phase" else ()
        level = ("jet_fire_level",) if self.direction != "horizontal" and self._tilted.level else ()
        return (*horizontal, *two_phase, *level)

    @functools.cached_property
    def _tube(self) -> tuple[Array, Array]:
        """Straight pieces of a horizontal flame: their ends, shape (n + 1, 3), and radii, shape (n + 1,). [m]"""
        axis = self.centreline
        share = np.linspace(0.0, 1.0, _PIECES + 1)
        along = self.lift_off + share * (self.length - self.lift_off)
        steps = np.linspace(0.0, self.length, len(axis))
        places = np.stack([np.interp(along, steps, axis[:, k]) for k in range(3)], axis=1)
        base, tip = self._radii
        return places, base + share * (tip - base)

    @functools.cached_property
    def _flame(self) -> Array:
        if self.direction != "horizontal":
            return frustum(self.flame, self.emissive_power, self.weather)
        places, radius = self._tube
        weight = source_weights(8 * _PIECES).reshape(_PIECES, 8).sum(axis=1)
        power = self.radiative_fraction * self.mass_flow * self.heat_of_combustion
        return line(places, radius, weight, power, self.emissive_power, self.weather)

    @functools.cached_property
    def engulfing(self) -> Engulfing:
        """Flame as it hits equipment, from its lower end to its tip."""
        if self.direction != "horizontal":
            flame = self.flame
            places = np.array([(flame.base_x, 0.0, flame.base_z), (flame.tip_x, 0.0, flame.tip_z)])
            radius = np.array([flame.base_radius, flame.tip_radius])
        else:
            places, radius = self._tube
        lowest = np.maximum(places[:, 2] - radius, 0.0)
        return engulfing("jet", np.column_stack([places[:, :2], lowest, radius]).tolist())

    @property
    def _end(self) -> float:
        if self.direction != "horizontal":
            return max(abs(self.flame.base_x), abs(self.flame.tip_x))
        return float(np.hypot(self.centreline[:, 0], self.centreline[:, 1]).max()) + self._radii[1]

    def _either_side(self, distance: Array, angle: Array) -> Array:
        return np.maximum(self._field(distance, angle), self._field(distance, -angle))

    def heat_field(self, grid: PolarGrid, least: float = 100.0) -> Array:
        """As for every fire; of a jet oblique to the wind, on its stronger side. [W/m²]"""
        if self.wind_angle == 0.0:
            return super().heat_field(grid, least)
        half = grid.n_bins // 2
        angle = (np.arange(half) + 0.5) * grid.bin_width
        flux = self._either_side(np.repeat(grid.radius, half), np.tile(angle, grid.n_rings)).reshape(-1, half)
        return np.where(flux >= least, flux, 0.0)

    def footprint(self, grid: PolarGrid) -> Footprint:
        """Probability of death around the hole; on the more dangerous side of a jet oblique to the wind."""
        if self.wind_angle == 0.0 and self.inclination <= 0.5 * math.pi:
            return flame_footprint(grid, self._flame, self.duration, 0.0, self._end)
        return heat_footprint(grid, self._either_side, self.duration, 0.0, self._end)

    def casualty_radii(self) -> dict[str, float | None]:
        """Downwind distances [m] of half the exposed dying, burnt seriously, burnt lightly, and of escalation."""
        return casualty_radii(self._field, self.duration)


@functools.lru_cache(maxsize=64)  # those of all jets of a large park would take hundreds of megabytes
def _centreline(fire: JetFire) -> Array:
    heat = (1.0 - fire.radiative_fraction) * fire.mass_flow * fire.heat_of_combustion
    return jet_centreline(
        fire._jet,
        fire.mass_flow,
        heat,
        fire.weather,
        fire.wind_angle,
        fire.length,
        fire.lift_off,
        fire.release_height,
    )
