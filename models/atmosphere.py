"""Wind and stability near the ground."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Weather:
    """One weather class: what every outdoor model needs to know of the air.

    Parameters
    ----------
    wind_speed : float
        At 10 m above ground. [m/s]
    stability : str
        Pasquill class, "A" to "F".
    air_temperature : float
        [K]
    air_pressure : float
        [Pa]
    relative_humidity : float
        0 to 1.
    terrain : str
        "rural" or "urban".
    """

    wind_speed: float
    stability: str
    air_temperature: float = 293.15
    air_pressure: float = 101_325.0
    relative_humidity: float = 0.7
    terrain: str = "rural"
