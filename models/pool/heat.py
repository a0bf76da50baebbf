"""What a pool takes up and gives off: the numbers that describe it, and its temperature after a step of time."""

import functools
import math
from typing import NamedTuple

from parkrisk.models._jit import kernel
from parkrisk.models.air.atmosphere import Weather, air_density, check_weather
from parkrisk.models.constants import constants
from parkrisk.models.errors import OutOfRange
from parkrisk.models.pool.evaporation import NEAR_BOILING, ground, schmidt_number, transfer_kernel
from parkrisk.models.release.outflow import require
from parkrisk.models.substance.correlations import GAS_CONSTANT
from parkrisk.models.substance.substances import Substance

__all__ = ["PoolNumbers", "evaporation_kernel", "pool_numbers", "step_kernel", "vapour_curve"]

_STEFAN_BOLTZMANN = 5.670374419e-8  # W/(m²·K⁴)
_GRAVITY = 9.80665  # m/s²
_ITERATIONS = 60
_PRECISION = 1e-7  # K
_COLDEST = 1.0  # K
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


class PoolNumbers(NamedTuple):
    """Everything about a pool that does not change with time; a named tuple, since kernels take it.

    ``a``, ``b``, ``c`` as in ``vapour_curve``, without vapour above ``boiling_onset`` [K]; ``mass_transfer`` [m/s] and
    ``heat_transfer`` [W/(m²·K)] between the wind and a pool 1 m wide; ``ground_effusion`` [W·s^½/(m²·K)] and
    ``ground_transfer`` [W/(m²·K)] as in ``Ground``; ``gravity`` [m/s²] is reduced by the water that a pool floats on.
    """

    density: float
    heat_capacity: float
    heat_of_vaporisation: float
    liquid_temperature: float
    boiling_point: float
    boiling_onset: float
    a: float
    b: float
    c: float
    molar_mass: float
    ambient_pressure: float
    mass_transfer: float
    heat_transfer: float
    air_temperature: float
    emissivity: float
    sunshine: float
    ground_temperature: float
    ground_effusion: float
    ground_transfer: float
    minimum_depth: float
    gravity: float


@functools.lru_cache(maxsize=10_000)
def pool_numbers(
    substance: Substance,
    weather: Weather,
    liquid_temperature: float,
    ground_temperature: float,
    surface: str,
    sunshine: float,
) -> PoolNumbers:
    """Numbers of a pool of a substance in a weather, on a surface.

    Parameters
    ----------
    substance : Substance
    weather : Weather
    liquid_temperature : float
        At which it is spilt; above the boiling point that counts. [K]
    ground_temperature : float
        Before the spill. [K]
    surface : str
        As in ``ground``.
    sunshine : float
        Taken up. [W/m²]

    Raises
    ------
    OutOfRange
        Also where a liquid heavier than water is to float on it.
    MissingProperty

    Notes
    -----
    Convection by the analogy of heat and mass transfer (Chilton and Colburn): the mass transfer coefficient with the
    Prandtl number for the Schmidt number, times the heat capacity of air. The sky is as warm as the air, which errs on
    the safe side. Density, heat capacity and heat of vaporisation are those at the temperature of the spill.
    """
    check_weather(weather)
    require(temperature=liquid_temperature, ground_temperature=ground_temperature, sunshine_or_zero=sunshine)
    land, given = ground(surface), constants("evaporation")
    boiling_point = substance.boiling_temperature(weather.air_pressure)
    liquid = min(liquid_temperature, boiling_point)
    surroundings = (liquid, weather.air_temperature, ground_temperature)
    a, b, c = vapour_curve(substance, weather.air_pressure, min(surroundings), max(surroundings))
    density = substance.liquid_density(liquid)
    buoyancy = density / given["water_density"].value if land.is_water else 0.0
    if buoyancy >= 1.0:
        raise OutOfRange(f"{substance.name_zh} 比水重，不浮于水面", f"{substance.name_en} sinks in water")
    heat = transfer_kernel(weather.wind_speed, 1.0, given["prandtl"].value)
    numbers = PoolNumbers(
        density=density,
        heat_capacity=substance.liquid_heat_capacity(liquid),
        heat_of_vaporisation=substance.heat_of_vaporisation(liquid),
        liquid_temperature=liquid,
        boiling_point=boiling_point,
        boiling_onset=b / (a - math.log(NEAR_BOILING * weather.air_pressure)) - c if b > 0.0 else boiling_point,
        a=a,
        b=b,
        c=c,
        molar_mass=substance.molar_mass,
        ambient_pressure=weather.air_pressure,
        mass_transfer=transfer_kernel(weather.wind_speed, 1.0, schmidt_number(substance.molar_mass)),
        heat_transfer=heat * air_density(weather) * given["air_heat_capacity"].value,
        air_temperature=weather.air_temperature,
        emissivity=given["emissivity"].value,
        sunshine=sunshine,
        ground_temperature=ground_temperature,
        ground_effusion=land.effusion,
        ground_transfer=land.transfer,
        minimum_depth=land.minimum_depth,
        gravity=_GRAVITY * (1.0 - buoyancy),
    )
    return PoolNumbers._make(map(float, numbers))


@kernel
def evaporation_kernel(temperature: float, transfer: float, pool: PoolNumbers) -> tuple[float, float]:
    """Evaporation [kg/(m²·s)] of a pool below ``boiling_onset`` and its slope over temperature [kg/(m²·s·K)].

    The flux is that of ``surface_flux_kernel``.
    """
    share = math.exp(pool.a - pool.b / (temperature + pool.c)) / pool.ambient_pressure
    saturated = transfer * pool.ambient_pressure * pool.molar_mass / (GAS_CONSTANT * temperature)
    flux = -saturated * math.log1p(-share)
    growth = share * pool.b / (temperature + pool.c) ** 2
    return flux, saturated * growth / (1.0 - share) - flux / temperature


@kernel
def step_kernel(
    heat: float, response: float, area: float, duration: float, guess: float, pool: PoolNumbers
) -> tuple[float, float]:
    """Temperature [K] of a pool at the end of a step, and its vapour [kg/s].

    Parameters
    ----------
    heat : float
        That liquid, ground and inflow would give in the step at a temperature of 0 K. [J]
    response : float
        How much less that is per degree of the pool. [J/K]
    area : float
        [m²]
    duration : float
        Of the step. [s]
    guess : float
        [K]
    pool : PoolNumbers

    Notes
    -----
    The heat that is left over evaporates: Newton's method between bounds. Where evaporation into the wind cannot take
    it up below ``boiling_onset``, the pool boils at its boiling point.
    """
    narrowing = max(2.0 * math.sqrt(area / math.pi), 0.01) ** -0.11
    transfer = pool.mass_transfer * narrowing
    convection = pool.heat_transfer * narrowing * area * duration
    radiation = pool.emissivity * _STEFAN_BOLTZMANN * area * duration
    gain = heat + convection * pool.air_temperature + radiation * pool.air_temperature**4
    gain += pool.sunshine * area * duration
    slope = response + convection
    vapour_heat = pool.heat_of_vaporisation * area * duration
    top = pool.boiling_onset
    briskest = vapour_heat * evaporation_kernel(top, transfer, pool)[0]
    spare = gain - slope * top - radiation * top**4 - briskest
    if spare > 0.0:
        boiling = pool.boiling_point
        left = gain - slope * boiling - radiation * boiling**4
        if left >= briskest:
            return boiling, left / (pool.heat_of_vaporisation * duration)
        between = top + spare / (slope + 4.0 * radiation * top**3)
        return min(between, boiling), briskest / (pool.heat_of_vaporisation * duration)
    low, high = max(_COLDEST, _COLDEST - pool.c), top
    temperature = min(max(guess, low), high)
    flux = 0.0
    for _ in range(_ITERATIONS):
        flux, growth = evaporation_kernel(temperature, transfer, pool)
        surplus = slope * temperature + radiation * temperature**4 + vapour_heat * flux - gain
        if surplus > 0.0:
            high = temperature
        else:
            low = temperature
        following = temperature - surplus / (slope + 4.0 * radiation * temperature**3 + vapour_heat * growth)
        if not low < following < high:
            following = 0.5 * (low + high)
        if abs(following - temperature) < _PRECISION:
            break
        temperature = following
    return temperature, flux * area
