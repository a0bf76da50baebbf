"""Fires to try things on."""

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.fire.fireball import Fireball
from parkrisk.models.fire.jet_fire import JetFire
from parkrisk.models.fire.pool_fire import PoolFire
from parkrisk.models.fire.trench_fire import TrenchFire

WIND = Weather(5.0, "D", 288.15)
CALM = Weather(0.0, "D", 288.15)
STORM = Weather(20.0, "D", 288.15)


def pool(weather=WIND, **values):
    return PoolFire(
        **{"diameter": 20.0, "burning_rate": 0.085, "heat_of_combustion": 4.4e7, "duration": 1800.0, "weather": weather}
        | values
    )


def clean_pool(weather=WIND, **values):
    return pool(weather, surface="radiative_fraction", radiative_fraction=0.35, soot_fraction=0.0, **values)


def trench(weather=WIND, **values):
    return TrenchFire(
        **{"length": 20.0, "width": 2.0, "burning_rate": 0.06, "heat_of_combustion": 5.0e7, "duration": 600.0}
        | {"weather": weather}
        | values
    )


def jet(weather=WIND, **values):
    return JetFire(
        **{"mass_flow": 9.6, "hole_diameter": 0.0356, "stagnation_temperature": 288.15, "molar_mass": 0.0169}
        | {"heat_capacity_ratio": 1.3, "heat_of_combustion": 5.0e7, "duration": 600.0, "weather": weather}
        | values
    )


def fireball(**values):
    return Fireball(**{"mass": 10_000.0, "heat_of_combustion": 4.63e7, "burst_pressure": 1.5e6} | values)
