"""Heat balance of a pool: how warm it stays and how much it evaporates."""

import functools
import math
from dataclasses import dataclass
from typing import NamedTuple

from parkrisk.models._jit import kernel
from parkrisk.models.atmosphere import Weather, air_density
from parkrisk.models.constants import constants
from parkrisk.models.errors import OutOfRange
from parkrisk.models.evaporation import (
    SMALLEST_DIAMETER,
    Ground,
    ground_conductance,
    surface_flux_kernel,
    transfer_kernel,
)
from parkrisk.models.outflow import require
from parkrisk.models.substances import Substance

__all__ = ["HeatNumbers", "PoolHeat", "balance_kernel", "steady_diameter_kernel", "vapour_curve"]

_STEFAN_BOLTZMANN = 5.670374419e-8  # W/(m²·K⁴)
_BISECTIONS = 60
_COLDEST = 60.0  # K
_SPAN = 30.0  # K below the coldest surroundings at which the vapour pressure curve begins
_LEAST_SPAN = 2.0  # K between two points of the curve
_NO_VAPOUR = (-1.0e3, 0.0, 0.0)


@functools.lru_cache(maxsize=10_000)
def vapour_curve(substance: Substance, pressure: float, coldest: float, warmest: float) -> tuple[float, float, float]:
    """Antoine coefficients of the vapour pressure between the surroundings and the boiling point.

    Parameters
    ----------
    substance : Substance
    pressure : float
        Of the air. [Pa]
    coldest, warmest : float
        Of liquid, air and ground. [K]

    Returns
    -------
    tuple of float
        (A, B, C) of ln P = A − B/(T + C), exact at three temperatures, one of them the boiling point.
    """
    boiling = substance.boiling_temperature(pressure)
    low = min(coldest, boiling) - _SPAN
    middle = warmest if low + _LEAST_SPAN < warmest < boiling - _LEAST_SPAN else 0.5 * (low + boiling)
    try:
        y1, y2 = (math.log(substance.vapour_pressure(t)) for t in (low, middle))
    except OutOfRange:
        low, middle = boiling - _SPAN, boiling - 0.5 * _SPAN
        try:
            y1, y2 = (math.log(substance.vapour_pressure(t)) for t in (low, middle))
        except OutOfRange:
            return _NO_VAPOUR
    y3 = math.log(pressure)
    ratio = (y3 - y2) * (middle - low) / ((y2 - y1) * (boiling - middle))
    c = (ratio * boiling - low) / (1.0 - ratio)
    b = (y3 - y2) / (1.0 / (middle + c) - 1.0 / (boiling + c))
    return y3 + b / (boiling + c), b, c


class HeatNumbers(NamedTuple):
    """Everything that the balance of a pool takes but its diameter; a named tuple, since kernels take it.

    ``a``, ``b``, ``c`` as in ``vapour_curve``; ``air_heat`` density × heat capacity of air [J/(m³·K)];
    ``ground_conductance`` [W/(m²·K)]; ``supply_heat`` heat capacity × supply of liquid [W/K].
    """

    wind_speed: float
    ambient_pressure: float
    molar_mass: float
    schmidt: float
    prandtl: float
    boiling_point: float
    heat_of_vaporisation: float
    a: float
    b: float
    c: float
    air_temperature: float
    air_heat: float
    emissivity: float
    ground_temperature: float
    ground_conductance: float
    liquid_temperature: float
    supply_heat: float


@kernel
def _inflow(temperature: float, convection: float, store: float, pool: HeatNumbers) -> float:
    """Heat into a pool. [W/m²]"""
    return (
        pool.ground_conductance * (pool.ground_temperature - temperature)
        + convection * (pool.air_temperature - temperature)
        + pool.emissivity * _STEFAN_BOLTZMANN * (pool.air_temperature**4 - temperature**4)
        + store * (pool.liquid_temperature - temperature)
    )


@kernel
def balance_kernel(diameter: float, pool: HeatNumbers) -> tuple[float, float]:
    """Temperature [K] and evaporation [kg/(m²·s)] in balance; at the boiling point what the heat boils off."""
    transfer = transfer_kernel(pool.wind_speed, diameter, pool.schmidt)
    convection = transfer_kernel(pool.wind_speed, diameter, pool.prandtl) * pool.air_heat
    store = pool.supply_heat / (0.25 * math.pi * diameter**2)
    low, high = max(_COLDEST, 5.0 - pool.c), pool.boiling_point
    highest = pool.ambient_pressure * (1.0 - 1e-12)
    flux = 0.0
    for _ in range(_BISECTIONS):
        temperature = 0.5 * (low + high)
        vapour = min(math.exp(pool.a - pool.b / (temperature + pool.c)), highest)
        flux = surface_flux_kernel(transfer, vapour, pool.molar_mass, temperature, pool.ambient_pressure)
        if flux * pool.heat_of_vaporisation < _inflow(temperature, convection, store, pool):
            low = temperature
        else:
            high = temperature
    if pool.boiling_point - high < 1e-6:
        heat = _inflow(pool.boiling_point, convection, store, pool)
        return pool.boiling_point, max(flux, heat / pool.heat_of_vaporisation)
    return 0.5 * (low + high), flux


@kernel
def steady_diameter_kernel(rate: float, smallest: float, largest: float, pool: HeatNumbers) -> float:
    """Diameter [m] at which a pool in balance evaporates ``rate`` [kg/s], between two bounds [m] (false position)."""
    low, high = smallest, largest
    below = balance_kernel(low, pool)[1] * 0.25 * math.pi * low**2 - rate
    above = balance_kernel(high, pool)[1] * 0.25 * math.pi * high**2 - rate
    if above <= 0.0:
        return high
    if below >= 0.0:
        return low
    for _ in range(_BISECTIONS):
        # The loss grows about as the area, so the chord is drawn over the square of the diameter.
        square = (low**2 * above - high**2 * below) / (above - below)
        middle = math.sqrt(square)
        surplus = balance_kernel(middle, pool)[1] * 0.25 * math.pi * square - rate
        if surplus < 0.0:
            low, below = middle, surplus
            above *= 0.5
        else:
            high, above = middle, surplus
            below *= 0.5
        if abs(surplus) < 1e-9 * rate:
            break
    return middle


@dataclass(frozen=True)
class PoolHeat:
    """A pool and what warms it.

    Parameters
    ----------
    substance : Substance
    weather : Weather
    liquid_temperature : float
        At which it is spilt, at most its boiling point. [K]
    ground_temperature : float
        [K]
    land : Ground
    time : float
        Over which the ground has been giving heat. [s]
    supply : float
        Mass whose store of heat counts, per time. [kg/s]
    growing : bool
        Whether the pool spreads all the time, so that part of its ground is freshly wetted.

    Notes
    -----
    Convection by the analogy of heat and mass transfer (Chilton and Colburn): the mass transfer coefficient with the
    Prandtl number for the Schmidt number, times the heat capacity of air. Ground: conduction into a half space, mean
    over the time, 2 k/sqrt(π a t); for a pool that spreads as the square root of time π/2 instead of 2, the solution of
    ``boiling_pool_area``.
    """

    substance: Substance
    weather: Weather
    liquid_temperature: float
    ground_temperature: float
    land: Ground
    time: float
    supply: float
    growing: bool = False

    @functools.cached_property
    def numbers(self) -> HeatNumbers:
        """Everything that the balance takes but the diameter."""
        require(ground_temperature=self.ground_temperature, time=self.time, supply=self.supply)
        weather, substance, liquid = self.weather, self.substance, self.liquid_temperature
        surroundings = (liquid, weather.air_temperature, self.ground_temperature)
        a, b, c = vapour_curve(substance, weather.air_pressure, min(surroundings), max(surroundings))
        given = constants("evaporation")
        return HeatNumbers(
            wind_speed=weather.wind_speed,
            ambient_pressure=weather.air_pressure,
            molar_mass=substance.molar_mass,
            schmidt=given["schmidt"].value,
            prandtl=given["prandtl"].value,
            boiling_point=substance.boiling_temperature(weather.air_pressure),
            heat_of_vaporisation=substance.heat_of_vaporisation(liquid),
            a=a,
            b=b,
            c=c,
            air_temperature=weather.air_temperature,
            air_heat=air_density(weather) * given["air_heat_capacity"].value,
            emissivity=given["emissivity"].value,
            ground_temperature=self.ground_temperature,
            ground_conductance=(0.5 * math.pi if self.growing else 2.0) * ground_conductance(self.land, self.time),
            liquid_temperature=liquid,
            supply_heat=substance.liquid_heat_capacity(liquid) * self.supply,
        )

    def balance(self, diameter: float) -> tuple[float, float]:
        """Temperature [K] and evaporation [kg/(m²·s)] at a diameter [m]."""
        require(diameter=diameter)
        return balance_kernel(diameter, self.numbers)

    def steady_diameter(self, rate: float, largest: float) -> float:
        """Diameter [m] at which the pool evaporates a rate [kg/s]; ``largest`` [m] if it would be larger."""
        require(rate=rate, largest=largest)
        if largest <= SMALLEST_DIAMETER:
            return largest
        return steady_diameter_kernel(rate, SMALLEST_DIAMETER, largest, self.numbers)
