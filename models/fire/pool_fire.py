"""Pool fire: a tilted cylinder of flame over a burning pool."""

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.errors import OutOfRange
from parkrisk.models.fire.engulfing import Engulfing, engulfing
from parkrisk.models.fire.flame import cylinder, elliptic_cylinder, stages
from parkrisk.models.fire.heat_footprint import (
    casualty_radii,
    check_weather,
    flame_footprint,
    positive,
)
from parkrisk.models.fire.pool_flame import (
    air_kinematic_viscosity,
    dry_air_density,
    flame_length,
    flame_tilt,
    smoky_emissive_power,
    soot_emissive_power,
)
from parkrisk.models.fire.radiating_fire import RadiatingFire
from parkrisk.models.footprint import Footprint, PolarGrid

__all__ = ["PoolFire", "SpreadingPoolFire"]

Array = NDArray[np.float64]


@functools.lru_cache(maxsize=64)  # the same pool burns at once, and after a flash fire
def _footprint(fire: "PoolFire", grid: PolarGrid) -> Footprint:
    return flame_footprint(grid, fire._flame, fire.duration, 0.5 * fire.diameter, fire._end)


@dataclass(frozen=True)
class PoolFire(RadiatingFire):
    """A burning pool.

    Parameters
    ----------
    diameter : float
        Of a circle with the pool's area. [m]
    burning_rate : float
        Per area, of this pool. [kg/(m²·s)]
    heat_of_combustion : float
        [J/kg]
    duration : float
        Until the pool has burnt out. [s]
    weather : Weather
        Wind tilts and shortens the flame, moisture absorbs.
    surface : str
        "radiative_fraction": radiated heat over flame surface, partly hidden by smoke (CPR 14E). "smoky": that, or the
        surface emissive power of hydrocarbon pools by diameter alone (Mudan), whichever is less.
    radiative_fraction, soot_fraction : float
        Share of the heat that is radiated; share of the surface hidden by smoke, 0 for a clean fuel (LNG, alcohols).
    base_height : float
        Of the foot of the flame above ground, for the fire of a tank without its roof: height of the tank. [m]
    drag : float
        Length of the flame's foot along the wind over the diameter, as `flame_drag` gives it; 1: not dragged.

    Raises
    ------
    OutOfRange
        A value that no pool fire has, or an unknown ``surface``.

    Notes
    -----
    Solid flame: cylinder with level ends, length after Thomas, tilt after Welker and Sliepcevich, exact view factor for
    every bearing, transmissivity after Wayne over the way to the flame's foot. The receptor stands on the ground and
    faces the flame; below an elevated foot it sees the side of the flame only. Correlations rest on pools up to some
    30 m; larger ones are extrapolated (flag "pool_fire_large").

    Mudan's law for smoky pools knows the diameter only. In pools of a few metres it radiates up to half of the heat of
    combustion, more than is ever measured; in pools of tens of metres the fixed share of smoke of CPR 14E is too small.
    Each is an upper bound where the other one holds, so the lesser is taken.
    """

    diameter: float
    burning_rate: float
    heat_of_combustion: float
    duration: float
    weather: Weather
    surface: str = "smoky"
    radiative_fraction: float = 0.4
    soot_fraction: float = 0.8
    base_height: float = 0.0
    drag: float = 1.0

    def __post_init__(self) -> None:
        positive(
            diameter=self.diameter,
            burning_rate=self.burning_rate,
            heat_of_combustion=self.heat_of_combustion,
            duration=self.duration,
        )
        if not (self.diameter <= 1000.0 and self.burning_rate <= 1.0 and 1e6 <= self.heat_of_combustion <= 2e8):
            raise OutOfRange(
                "池火参数不合理（直径 ≤ 1000 m，燃烧速率 ≤ 1 kg/(m²·s)，燃烧热 1 至 200 MJ/kg）",
                "impossible pool fire (diameter <= 1000 m, rate <= 1 kg/(m²·s), heat of combustion 1 to 200 MJ/kg)",
            )
        if not (0.0 <= self.base_height <= 100.0 and 1.0 <= self.drag <= 5.0):
            raise OutOfRange(
                "火焰底部高度须在 0 至 100 m，拖曳比须在 1 至 5 之间",
                "the foot of the flame must be 0 to 100 m high, its drag ratio 1 to 5",
            )
        if self.surface not in ("smoky", "radiative_fraction"):
            raise OutOfRange(f"未知火焰表面模型 {self.surface!r}", f"unknown flame surface {self.surface!r}")
        check_weather(self.weather)
        _ = self.emissive_power

    @functools.cached_property
    def length(self) -> float:
        """Of the flame, along its axis. [m]"""
        density = dry_air_density(self.weather)
        return flame_length(self.diameter, self.burning_rate, self.weather.wind_speed, density)

    @functools.cached_property
    def tilt(self) -> float:
        """Of the flame's axis from the vertical. [rad]"""
        return flame_tilt(self.diameter, self.weather.wind_speed, air_kinematic_viscosity(self.weather))

    @functools.cached_property
    def emissive_power(self) -> float:
        """Mean over the flame's surface. [W/m²]"""
        # surface of the flame over that of the pool is 1 + 4 L/D; a dragged foot has more of both
        drag = self.drag
        girth = 0.5 * (3.0 * (drag + 1.0) - math.sqrt((3.0 * drag + 1.0) * (drag + 3.0)))  # of an ellipse, over π D
        sides = 0.25 * (drag - 1.0) + girth * self.length / self.diameter
        mean = soot_emissive_power(
            self.burning_rate, self.heat_of_combustion, sides, self.radiative_fraction, self.soot_fraction
        )[1]
        return min(mean, smoky_emissive_power(self.diameter)) if self.surface == "smoky" else mean

    @property
    def flags(self) -> tuple[str, ...]:
        """Codes of caveats."""
        large = ("pool_fire_large",) if self.diameter > 30.0 else ()
        clean = ("unverified:pool_radiative_fraction",) if self.surface == "radiative_fraction" else ()
        sooty = ("pool_fire_soot",) if self.surface == "smoky" or self.soot_fraction > 0.0 else ()
        dragged = ("unverified:flame_drag",) if self.drag > 1.0 else ()
        return (*large, *sooty, *clean, *dragged)

    @functools.cached_property
    def _flame(self) -> Array:
        lean, height = self.length * math.sin(self.tilt), self.length * math.cos(self.tilt)
        if self.drag > 1.0:
            radius = 0.5 * self.diameter
            foot = (radius * (self.drag - 1.0), radius * self.drag, radius)
            return elliptic_cylinder(foot, lean, height, self.base_height, self.emissive_power, self.weather)
        return cylinder(0.5 * self.diameter, lean, height, self.base_height, self.emissive_power, self.weather)

    @functools.cached_property
    def engulfing(self) -> Engulfing:
        """Flame as it engulfs equipment: over the pool, dragged and leaning downwind; a low body meets its foot only.

        A dragged foot, an ellipse, is taken with parallel sides.
        """
        radius, foot = 0.5 * self.diameter, self.diameter * (self.drag - 1.0)
        lean, top = self.length * math.sin(self.tilt), self.base_height + self.length * math.cos(self.tilt)
        nodes = ((0.0, 0.0, self.base_height), (foot, 0.0, self.base_height), (foot + lean, 0.0, top))
        return engulfing("pool", [(*node, radius) for node in nodes], radius if self.base_height == 0.0 else 0.0)

    @property
    def _end(self) -> float:
        return self.diameter * (self.drag - 0.5) + self.length * math.sin(self.tilt)

    def footprint(self, grid: PolarGrid) -> Footprint:
        """Probability of death around the pool; inside it everyone dies."""
        return _footprint(self, grid)

    def casualty_radii(self) -> dict[str, float | None]:
        """Downwind distances [m] of half the exposed dying, burnt seriously, burnt lightly, and of escalation."""
        return casualty_radii(self._field, self.duration, 0.5 * self.diameter)


@dataclass(frozen=True)
class SpreadingPoolFire(RadiatingFire):
    """A pool that burns while it spreads or shrinks: steady fires of its diameters, one after the other.

    Parameters
    ----------
    fires : tuple of PoolFire
        One for each stage, around the same centre and in the same weather; ``duration`` is that of the stage. A
        growing pool burns at every moment like a steady pool of its diameter then.

    Raises
    ------
    OutOfRange
        There is no stage, or the stages differ in their weather.

    Notes
    -----
    Its heat flux is the steady one of the same heat dose, (Σ q^(4/3) t / Σ t)^(3/4).
    """

    fires: tuple[PoolFire, ...]

    def __post_init__(self) -> None:
        if not self.fires or len({fire.weather for fire in self.fires}) > 1:
            raise OutOfRange(
                "扩展池火须至少有一个阶段，且各阶段气象相同", "need at least one stage, all in the same weather"
            )

    @property
    def duration(self) -> float:
        """Of all stages. [s]"""
        return sum(fire.duration for fire in self.fires)

    @property
    def emissive_power(self) -> float:
        """Largest of any stage. [W/m²]"""
        return max(fire.emissive_power for fire in self.fires)

    @property
    def flags(self) -> tuple[str, ...]:
        """Codes of caveats of any stage."""
        return tuple(dict.fromkeys(flag for fire in self.fires for flag in fire.flags))

    @functools.cached_property
    def _flame(self) -> Array:
        whole = self.duration
        return stages([fire._flame for fire in self.fires], [fire.duration / whole for fire in self.fires])

    @property
    def _core(self) -> float:
        return 0.5 * min(fire.diameter for fire in self.fires)

    def footprint(self, grid: PolarGrid) -> Footprint:
        """Probability of death around the pool; everyone dies where it burns all the time."""
        end = max(fire._end for fire in self.fires)
        return flame_footprint(grid, self._flame, self.duration, self._core, end)

    def casualty_radii(self) -> dict[str, float | None]:
        """As `PoolFire.casualty_radii`."""
        return casualty_radii(self._field, self.duration, self._core)
