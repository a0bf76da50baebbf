"""Wind and stability of the moment, as an officer gives them."""

import dataclasses
import math
from dataclasses import dataclass

from parkrisk.models.air.atmosphere import STABILITIES, Weather, check_weather
from parkrisk.models.errors import OutOfRange
from parkrisk.scenarios.park import Park

__all__ = ["Wind"]


@dataclass(frozen=True)
class Wind:
    """Wind and stability of the moment.

    Parameters
    ----------
    wind_from : float
        Compass direction it comes from, 0 to 360, 0 and 360: north. [deg]
    speed : float
        At 10 m. [m/s]
    stability : str, optional
        Pasquill class "A" to "F"; without it the most stable that occurs with the speed, which carries clouds farthest.

    Raises
    ------
    OutOfRange
        A direction outside 0 to 360, or a speed that is not positive.
    """

    wind_from: float
    speed: float
    stability: str | None = None

    def __post_init__(self) -> None:
        if not 0.0 <= self.wind_from <= 360.0:
            raise OutOfRange(
                f"风向须为 0–360°（来向，自北顺时针），现为 {self.wind_from:g}",
                f"the wind must come from 0 to 360 degrees (clockwise from north), not {self.wind_from:g}",
            )
        if not 0.0 < self.speed < math.inf:
            raise OutOfRange(
                f"风速须为正数，现为 {self.speed:g} m/s；静风请取模型下限 0.5 m/s",
                f"the wind speed must be positive, not {self.speed:g} m/s; the lowest that is modelled is 0.5 m/s",
            )

    @property
    def blows_to(self) -> float:
        """Mathematical angle, from east anticlockwise. [rad]"""
        return math.radians((270.0 - self.wind_from) % 360.0)

    def weather(self, park: Park) -> Weather:
        """Weather over a park.

        Raises
        ------
        OutOfRange
            The class is unknown or does not occur with this wind.
        """
        info = park.info
        base = Weather(
            wind_speed=self.speed,
            stability="D" if self.stability is None else self.stability,
            air_temperature=float(info["air_temperature_c"]) + 273.15,
            air_pressure=float(info["air_pressure_kpa"]) * 1e3,
            relative_humidity=float(info["relative_humidity"]),
            terrain=str(info["terrain"]),
        )
        fitting = [each for each in STABILITIES if _occurs(dataclasses.replace(base, stability=each))]
        if self.stability is None:
            return dataclasses.replace(base, stability=fitting[-1] if fitting else "D")
        if self.stability in STABILITIES and self.stability not in fitting and fitting:
            raise OutOfRange(
                f"稳定度 {self.stability} 不出现于 {self.speed:g} m/s 的风速；可用：{'、'.join(fitting)}",
                f"stability {self.stability} does not occur with a wind of {self.speed:g} m/s; "
                f"possible: {', '.join(fitting)}",
            )
        check_weather(base)
        return base


def _occurs(weather: Weather) -> bool:
    try:
        check_weather(weather)
    except OutOfRange:
        return False
    return True
