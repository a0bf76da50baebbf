"""Fire over a trench: a long narrow pool with the wind across it."""

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.errors import OutOfRange
from parkrisk.models.fire.flame import prism
from parkrisk.models.fire.heat_footprint import (
    casualty_radii,
    check_weather,
    heat_footprint,
    positive,
)
from parkrisk.models.fire.pool_flame import (
    air_kinematic_viscosity,
    dry_air_density,
    flame_length,
    flame_tilt,
    soot_emissive_power,
    trench_drag,
)
from parkrisk.models.fire.radiating_fire import RadiatingFire
from parkrisk.models.footprint import Footprint, PolarGrid

__all__ = ["TrenchFire"]

Array = NDArray[np.float64]

_NARROWEST, _WIDEST = 5.0, 30.0  # length over width of the trenches that were measured


@dataclass(frozen=True)
class TrenchFire(RadiatingFire):
    """A pool in a trench, the wind blowing across.

    Parameters
    ----------
    length, width : float
        Of the trench; the length is at least the width. [m]
    burning_rate, heat_of_combustion, duration, weather
        As for `PoolFire`.
    radiative_fraction, soot_fraction : float
        As for `PoolFire`; the default is liquefied natural gas.

    Raises
    ------
    OutOfRange
        A value that no such fire has.

    Notes
    -----
    A leaning prism of flame. Air enters over the long sides only, so the width takes the place of the diameter in the
    laws of length (Thomas) and tilt (Welker and Sliepcevich); the wind drags the foot out to leeward (Mudan and Croce,
    flag "unverified:trench_flame"). Measured trenches were 5 to 30 times as long as wide (flag "trench_aspect").
    """

    length: float
    width: float
    burning_rate: float
    heat_of_combustion: float
    duration: float
    weather: Weather
    radiative_fraction: float = 0.25
    soot_fraction: float = 0.0

    def __post_init__(self) -> None:
        positive(
            length=self.length,
            width=self.width,
            burning_rate=self.burning_rate,
            heat_of_combustion=self.heat_of_combustion,
            duration=self.duration,
        )
        if not (
            self.width <= self.length <= 1000.0 and self.burning_rate <= 1.0 and 1e6 <= self.heat_of_combustion <= 2e8
        ):
            raise OutOfRange(
                "沟渠池火参数不合理（宽 ≤ 长 ≤ 1000 m，燃烧速率 ≤ 1 kg/(m²·s)，燃烧热 1 至 200 MJ/kg）",
                "impossible trench fire (width <= length <= 1000 m, rate <= 1 kg/(m²·s), heat 1 to 200 MJ/kg)",
            )
        check_weather(self.weather)
        _ = self.emissive_power

    @functools.cached_property
    def flame_length(self) -> float:
        """Along the slope of the flame. [m]"""
        return flame_length(self.width, self.burning_rate, self.weather.wind_speed, dry_air_density(self.weather))

    @functools.cached_property
    def tilt(self) -> float:
        """Of the flame from the vertical. [rad]"""
        return flame_tilt(self.width, self.weather.wind_speed, air_kinematic_viscosity(self.weather))

    @functools.cached_property
    def drag(self) -> float:
        """Width of the foot of the flame over that of the trench."""
        return trench_drag(self.width, self.weather.wind_speed)

    @functools.cached_property
    def emissive_power(self) -> float:
        """Mean over the flame's surface. [W/m²]"""
        height = self.flame_length * math.cos(self.tilt)
        top = self.drag * self.width * self.length
        sides = 2.0 * self.length * self.flame_length + 2.0 * self.drag * self.width * height
        ratio = (top + sides) / (self.length * self.width)  # 1 + 4 L/D of a round flame
        return soot_emissive_power(
            self.burning_rate,
            self.heat_of_combustion,
            0.25 * (ratio - 1.0),
            self.radiative_fraction,
            self.soot_fraction,
        )[1]

    @property
    def flags(self) -> tuple[str, ...]:
        """Codes of caveats."""
        odd = () if _NARROWEST * 0.99 <= self.length / self.width <= _WIDEST else ("trench_aspect",)
        sooty = ("pool_fire_soot",) if self.soot_fraction > 0.0 else ()
        return ("unverified:trench_flame", "unverified:pool_radiative_fraction", *odd, *sooty)

    @functools.cached_property
    def _flame(self) -> Array:
        lean, height = self.flame_length * math.sin(self.tilt), self.flame_length * math.cos(self.tilt)
        up, down, side = -0.5 * self.width, self.width * (self.drag - 0.5), 0.5 * self.length
        corners = np.array([[down, -side], [down, side], [up, side], [up, -side]])
        return prism(corners, lean, height, 0.0, self.emissive_power, self.weather)

    def footprint(self, grid: PolarGrid) -> Footprint:
        """Probability of death around the trench."""
        lean = self.flame_length * math.sin(self.tilt)
        end = max(0.5 * self.length, self.width * self.drag + lean)
        return heat_footprint(grid, self._field, self.duration, 0.0, end)

    def casualty_radii(self) -> dict[str, float | None]:
        """Downwind distances [m] of half the exposed dying, burnt seriously, burnt lightly, and of escalation."""
        return casualty_radii(self._field, self.duration)
