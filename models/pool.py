"""Pools on land: how large, and how much vapour they give.

A pool below its boiling point evaporates into the wind; one above boils with heat from the ground.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from scipy.optimize import brentq

from parkrisk.models.atmosphere import Weather, check_weather
from parkrisk.models.errors import OutOfRange
from parkrisk.models.evaporation import (
    LARGEST_DIAMETER,
    NEAR_BOILING,
    SMALLEST_DIAMETER,
    Ground,
    boiling_flux,
    boiling_pool_area,
    evaporation_flux,
    ground,
)
from parkrisk.models.outflow import require
from parkrisk.models.substances import Substance

__all__ = ["Pool", "pool_diameter", "spill", "steady_diameter"]


def pool_diameter(volume: float, minimum_depth: float, bund_area: float = math.inf) -> float:
    """Diameter of the round pool that a volume makes, spread to its least depth or to the bund.

    Parameters
    ----------
    volume : float
        [m³]
    minimum_depth : float
        [m]
    bund_area : float
        Free area of the bund; infinite: none. [m²]

    Returns
    -------
    float
        [m]

    Examples
    --------
    Section 6.6.3 of CPR 14E (TNO Yellow Book), benzene:

    >>> round(pool_diameter(28.3, 0.02), 2)
    42.45
    """
    require(volume=volume, minimum_depth=minimum_depth)
    if not bund_area > 0.0:
        raise OutOfRange(f"围堰面积 {bund_area} 无效", f"bund area {bund_area} is not valid")
    return math.sqrt(4.0 * min(volume / minimum_depth, bund_area) / math.pi)


def steady_diameter(rate: float, flux: Callable[[float], float], largest: float = LARGEST_DIAMETER) -> float:
    """Diameter at which a pool loses as much as it receives.

    Parameters
    ----------
    rate : float
        Inflow. [kg/s]
    flux : function of the diameter [m]
        Loss per area, by evaporation or burning; flux × area must grow with the diameter. [kg/(m²·s)]
    largest : float
        Where the search ends. [m]

    Returns
    -------
    float
        ``largest`` if the pool would be larger. [m]
    """
    require(rate=rate, largest=largest)

    def surplus(diameter: float) -> float:
        return flux(diameter) * 0.25 * math.pi * diameter**2 - rate

    if largest <= SMALLEST_DIAMETER or surplus(largest) <= 0.0:
        return largest
    if surplus(SMALLEST_DIAMETER) >= 0.0:
        return SMALLEST_DIAMETER
    return float(brentq(surplus, SMALLEST_DIAMETER, largest, xtol=1e-9, rtol=1e-12))


@dataclass(frozen=True)
class Pool:
    """A pool at its largest.

    Parameters
    ----------
    diameter : float
        Of the round pool with the same area. [m]
    depth : float
        Mean. [m]
    mass : float
        Spilt in all. [kg]
    vapour_rate : float
        [kg/s]
    duration : float
        In which the mass evaporates at that rate; infinite if it does not. [s]
    temperature : float
        Of the liquid. [K]
    boiling : bool
    flags : tuple of str
        Codes of assumptions.
    """

    diameter: float
    depth: float
    mass: float
    vapour_rate: float
    duration: float
    temperature: float
    boiling: bool
    flags: tuple[str, ...] = ()

    @property
    def area(self) -> float:
        """[m²]."""
        return 0.25 * math.pi * self.diameter**2


def spill(
    substance: Substance,
    mass: float,
    temperature: float,
    weather: Weather,
    *,
    rate: float = 0.0,
    bund_area: float = math.inf,
    surface: str = "concrete",
    ground_temperature: float | None = None,
    averaging_time: float = 600.0,
) -> Pool:
    """Pool of a spill, quasi-steady.

    Parameters
    ----------
    substance : Substance
    mass : float
        Spilt in all. [kg]
    temperature : float
        Of the liquid; above the boiling point that counts. [K]
    weather : Weather
    rate : float
        At which it is spilt; 0: all at once. [kg/s]
    bund_area : float
        Infinite: none. [m²]
    surface : str
        As in ``ground``.
    ground_temperature : float, optional
        Default: that of the air. [K]
    averaging_time : float
        Over which the boiling of a spill at once is averaged. [s]

    Returns
    -------
    Pool
        As large as the bund, the least depth and, for a continuous spill, the balance of inflow and vapour let it be.
        Its vapour rate is never more than the inflow of a continuous spill.

    Raises
    ------
    OutOfRange, MissingProperty

    Notes
    -----
    A pool below its boiling point keeps its temperature (no cooling by evaporation), which errs on the safe side. A
    boiling pool takes heat from the ground only.
    """
    check_weather(weather)
    require(mass=mass, temperature=temperature, rate_or_zero=rate, averaging_time=averaging_time)
    land = ground(surface)
    boiling_point = substance.boiling_temperature(weather.air_pressure)
    boiling = temperature >= boiling_point or _vapour_pressure(substance, temperature) > (
        NEAR_BOILING * weather.air_pressure
    )
    liquid = min(temperature, boiling_point)
    volume = mass / substance.liquid_density(liquid)
    largest = pool_diameter(volume, land.minimum_depth, bund_area)
    if boiling:
        warm = weather.air_temperature if ground_temperature is None else ground_temperature
        diameter, vapour = _boiling(substance, mass, rate, boiling_point, warm, land, largest, averaging_time)
    else:
        diameter, vapour = _evaporating(substance, liquid, rate, weather, largest)
    flags = ["pool_isothermal"] if not boiling else []
    if land.mark == "M":
        flags.append("unverified:pool_surface")
    area = 0.25 * math.pi * diameter**2
    duration = mass / vapour if vapour > 0.0 else math.inf
    return Pool(diameter, volume / area, mass, vapour, duration, liquid, boiling, tuple(flags))


def _vapour_pressure(substance: Substance, temperature: float) -> float:
    """Vapour pressure, or 0 of a liquid too cold for the data."""
    try:
        return substance.vapour_pressure(temperature)
    except OutOfRange:
        if temperature >= substance.boiling_point:
            raise
        return 0.0


def _evaporating(
    substance: Substance, temperature: float, rate: float, weather: Weather, largest: float
) -> tuple[float, float]:
    pressure = _vapour_pressure(substance, temperature)

    def flux(diameter: float) -> float:
        return evaporation_flux(pressure, substance.molar_mass, temperature, weather, diameter)

    bounded = min(largest, LARGEST_DIAMETER)
    diameter = steady_diameter(rate, flux, bounded) if rate > 0.0 else bounded
    vapour = flux(max(diameter, SMALLEST_DIAMETER)) * 0.25 * math.pi * diameter**2
    return diameter, min(vapour, rate) if rate > 0.0 else vapour


def _boiling(
    substance: Substance,
    mass: float,
    rate: float,
    boiling_point: float,
    ground_temperature: float,
    land: Ground,
    largest: float,
    averaging_time: float,
) -> tuple[float, float]:
    heat = substance.heat_of_vaporisation(boiling_point)
    time = mass / rate if rate > 0.0 else averaging_time
    full = 0.25 * math.pi * largest**2
    if rate > 0.0:
        area = min(full, boiling_pool_area(rate, boiling_point, heat, ground_temperature, land, time))
    else:
        area = full
    mean_flux = 2.0 * boiling_flux(boiling_point, heat, ground_temperature, land, time)
    vapour = min(area * mean_flux, rate if rate > 0.0 else mass / averaging_time)
    return math.sqrt(4.0 * area / math.pi), vapour
