"""Pools on land: how large, and how much vapour they give.

A pool evaporates into the wind as fast as heat from the ground, the air and its own store lets it; where that is more
than the wind carries away, it boils.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from parkrisk.models.atmosphere import Weather, check_weather
from parkrisk.models.errors import OutOfRange
from parkrisk.models.evaporation import LARGEST_DIAMETER, SMALLEST_DIAMETER, ground
from parkrisk.models.outflow import require
from parkrisk.models.pool_heat import PoolHeat
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
    from scipy.optimize import brentq  # slow to import

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
        Mean, if nothing had evaporated. [m]
    mass : float
        Spilt in all. [kg]
    vapour_rate : float
        [kg/s]
    duration : float
        In which the mass evaporates at that rate; infinite if it does not. [s]
    temperature : float
        Of the evaporating liquid. [K]
    boiling : bool
        Whether it is within 1 K of its boiling point.
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
        Over which the evaporation of a spill at once is averaged. [s]

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
    Evaporation of ``evaporation_flux`` at the temperature at which it takes up the heat that flows in: from the ground
    (``boiling_flux``, mean over the time), from the air by convection and long-wave radiation, and from the liquid's
    own store. Sunshine is left out.
    """
    check_weather(weather)
    require(mass=mass, temperature=temperature, rate_or_zero=rate, averaging_time=averaging_time)
    land = ground(surface)
    boiling_point = substance.boiling_temperature(weather.air_pressure)
    liquid = min(temperature, boiling_point)
    volume = mass / substance.liquid_density(liquid)
    largest = min(pool_diameter(volume, land.minimum_depth, bund_area), LARGEST_DIAMETER)
    time = mass / rate if rate > 0.0 else averaging_time
    heat = PoolHeat(
        substance,
        weather,
        liquid,
        weather.air_temperature if ground_temperature is None else ground_temperature,
        land,
        time,
        mass / time,
        growing=rate > 0.0,
    )
    diameter = heat.steady_diameter(rate, largest) if rate > 0.0 else max(largest, SMALLEST_DIAMETER)
    area = 0.25 * math.pi * diameter**2
    found, flux = heat.balance(diameter)
    vapour = min(flux * area, mass / time)
    flags = ("unverified:pool_surface",) if land.mark == "M" else ()
    duration = mass / vapour if vapour > 0.0 else math.inf
    return Pool(diameter, volume / area, mass, vapour, duration, found, found > boiling_point - 1.0, flags)
