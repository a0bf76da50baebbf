"""Heat balance of a pool: how warm it stays and how much it evaporates."""

import functools
import math
from dataclasses import dataclass

from parkrisk.models._jit import kernel
from parkrisk.models.atmosphere import Weather, air_density
from parkrisk.models.constants import constants
from parkrisk.models.errors import OutOfRange
from parkrisk.models.evaporation import Ground, evaporation_flux_kernel, ground_conductance
from parkrisk.models.outflow import require
from parkrisk.models.substances import Substance

__all__ = ["PoolHeat", "balance_kernel", "vapour_curve"]

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


@kernel
def balance_kernel(
    diameter: float,
    wind_speed: float,
    ambient_pressure: float,
    molar_mass: float,
    schmidt: float,
    boiling_point: float,
    heat_of_vaporisation: float,
    a: float,
    b: float,
    c: float,
    air_temperature: float,
    air_heat: float,
    emissivity: float,
    ground_temperature: float,
    ground_conductance: float,
    liquid_temperature: float,
    store_conductance: float,
) -> tuple[float, float]:
    """Temperature [K] and evaporation [kg/(m²·s)] of a pool in balance; at the boiling point what the heat boils off.

    ``a``, ``b``, ``c`` as in ``vapour_curve``; ``air_heat`` [W/(m²·K)] convection; conductances [W/(m²·K)] of ground
    and liquid.
    """
    low, high = max(_COLDEST, 5.0 - c), boiling_point
    flux = 0.0
    for _ in range(_BISECTIONS):
        temperature = 0.5 * (low + high)
        vapour = min(math.exp(a - b / (temperature + c)), ambient_pressure * (1.0 - 1e-12))
        flux = evaporation_flux_kernel(vapour, molar_mass, temperature, wind_speed, diameter, ambient_pressure, schmidt)
        inflow = (
            ground_conductance * (ground_temperature - temperature)
            + air_heat * (air_temperature - temperature)
            + emissivity * _STEFAN_BOLTZMANN * (air_temperature**4 - temperature**4)
            + store_conductance * (liquid_temperature - temperature)
        )
        if flux * heat_of_vaporisation < inflow:
            low = temperature
        else:
            high = temperature
    if boiling_point - high < 1e-6:
        inflow = (
            ground_conductance * (ground_temperature - boiling_point)
            + air_heat * (air_temperature - boiling_point)
            + emissivity * _STEFAN_BOLTZMANN * (air_temperature**4 - boiling_point**4)
            + store_conductance * (liquid_temperature - boiling_point)
        )
        return boiling_point, max(flux, inflow / heat_of_vaporisation)
    return 0.5 * (low + high), flux


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
    def _fixed(self) -> tuple[float, float, float, float, float, float, float, float]:
        """Boiling point, heat of vaporisation, curve, heat capacity of liquid and of air, ground conductance."""
        require(ground_temperature=self.ground_temperature, time=self.time, supply=self.supply)
        pressure = self.weather.air_pressure
        boiling = self.substance.boiling_temperature(pressure)
        surroundings = (self.liquid_temperature, self.weather.air_temperature, self.ground_temperature)
        a, b, c = vapour_curve(self.substance, pressure, min(surroundings), max(surroundings))
        factor = 0.5 * math.pi if self.growing else 2.0
        conductance = factor * ground_conductance(self.land, self.time)
        air = air_density(self.weather) * constants("evaporation")["air_heat_capacity"].value
        heat = self.substance.heat_of_vaporisation(self.liquid_temperature)
        heat_capacity = self.substance.liquid_heat_capacity(self.liquid_temperature)
        return boiling, heat, a, b, c, heat_capacity, air, conductance

    def _balance(self, diameter: float) -> tuple[float, float]:
        boiling, heat, a, b, c, heat_capacity, air, conductance = self._fixed
        numbers = constants("evaporation")
        wind = self.weather.wind_speed
        prandtl = numbers["prandtl"].value
        transfer = 0.004786 * wind**0.78 * diameter**-0.11 * prandtl**-0.67
        return balance_kernel(
            diameter,
            wind,
            self.weather.air_pressure,
            self.substance.molar_mass,
            numbers["schmidt"].value,
            boiling,
            heat,
            a,
            b,
            c,
            self.weather.air_temperature,
            transfer * air,
            numbers["emissivity"].value,
            self.ground_temperature,
            conductance,
            self.liquid_temperature,
            heat_capacity * self.supply / (0.25 * math.pi * diameter**2),
        )

    def temperature(self, diameter: float) -> float:
        """Of the pool [K] at a diameter [m]."""
        return self._balance(diameter)[0]

    def flux(self, diameter: float) -> float:
        """Evaporation [kg/(m²·s)] at a diameter [m]."""
        return self._balance(diameter)[1]
