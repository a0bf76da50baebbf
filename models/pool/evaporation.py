"""What a square metre of pool gives to the air: evaporation into the wind, boiling on land."""

import functools
import math
from dataclasses import dataclass

from parkrisk.models._jit import kernel
from parkrisk.models.air.atmosphere import Weather, check_weather
from parkrisk.models.constants import constants, rows
from parkrisk.models.errors import OutOfRange
from parkrisk.models.release.outflow import require
from parkrisk.models.substance.correlations import GAS_CONSTANT

__all__ = [
    "LARGEST_DIAMETER",
    "NEAR_BOILING",
    "SMALLEST_DIAMETER",
    "Ground",
    "boiling_flux",
    "boiling_pool_area",
    "evaporation_flux",
    "evaporation_flux_kernel",
    "ground",
    "ground_conductance",
    "schmidt_number",
    "surface_flux_kernel",
    "transfer_kernel",
]

LARGEST_DIAMETER = 2_000.0  #: of a pool [m]
SMALLEST_DIAMETER = 0.01  #: of a pool [m]
NEAR_BOILING = 0.999  #: share of the ambient pressure that the vapour pressure may reach before the pool boils


@dataclass(frozen=True)
class Ground:
    """A surface.

    Parameters
    ----------
    minimum_depth : float
        Of a pool that spreads on it. [m]
    conductivity : float
        Of heat; 0 where the heat comes by ``transfer`` alone. [W/(m·K)]
    diffusivity : float
        Thermal. [m²/s]
    contact : float
        Conducted heat over that of a smooth half space: a rough surface offers more area, a loose one lets the liquid
        in.
    transfer : float
        Heat transfer that does not die down, of water that mixes. [W/(m²·K)]
    mark : str
        Of the weakest of these.
    """

    minimum_depth: float
    conductivity: float
    diffusivity: float
    contact: float
    transfer: float
    mark: str

    @property
    def effusion(self) -> float:
        """Heat flux times the square root of the time of contact, per degree: k / sqrt(π a). [W·s^½/(m²·K)]"""
        if self.conductivity == 0.0:
            return 0.0
        return self.contact * self.conductivity / math.sqrt(math.pi * self.diffusivity)

    @property
    def is_water(self) -> bool:
        """Whether a pool floats on it."""
        return self.transfer > 0.0


@functools.cache
def _grounds() -> dict[str, Ground]:
    return {
        row["surface"]: Ground(
            float(row["minimum_depth"]),
            float(row["conductivity"]),
            float(row["diffusivity"]),
            float(row["contact"]),
            float(row["transfer"]),
            row["mark"],
        )
        for row in rows("pool_surfaces")
    }


def ground(surface: str) -> Ground:
    """Ground by its name in ``pool_surfaces.csv``: "concrete", "soil", "gravel", "water" and so on."""
    found = _grounds().get(surface)
    if found is None:
        raise OutOfRange(f"未知地面类型 {surface}", f"unknown surface {surface}: one of {', '.join(_grounds())}")
    return found


def schmidt_number(molar_mass: float) -> float:
    """Kinematic viscosity of air over the diffusivity in it of a vapour of a molar mass [kg/mol], by Graham's law.

    Examples
    --------
    >>> round(schmidt_number(0.078114), 2)  # benzene
    1.31
    """
    require(molar_mass=molar_mass)
    given = constants("evaporation")
    diffusivity = given["water_diffusivity"].value * math.sqrt(given["water_molar_mass"].value / molar_mass)
    return given["air_viscosity"].value / diffusivity


@kernel
def transfer_kernel(wind_speed: float, diameter: float, number: float) -> float:
    """Transfer coefficient [m/s] of mass (Schmidt number) or heat (Prandtl number) between a pool and the wind."""
    coefficient: float = 0.004786 * wind_speed**0.78 * diameter**-0.11 * number**-0.67
    return coefficient


@kernel
def surface_flux_kernel(
    transfer: float, vapour_pressure: float, molar_mass: float, temperature: float, ambient_pressure: float
) -> float:
    """Evaporation [kg/(m²·s)] at a transfer coefficient [m/s], with the correction near boiling."""
    share = vapour_pressure / ambient_pressure
    # -ln(1 - x)/x: the vapour's own flow away from the surface.
    stefan = -math.log1p(-share) / share if share > 0.0 else 1.0
    return transfer * vapour_pressure * molar_mass / (GAS_CONSTANT * temperature) * stefan


@kernel
def evaporation_flux_kernel(
    vapour_pressure: float,
    molar_mass: float,
    temperature: float,
    wind_speed: float,
    diameter: float,
    ambient_pressure: float,
    schmidt: float,
) -> float:
    """Evaporation [kg/(m²·s)]; arguments as ``evaporation_flux``."""
    transfer = transfer_kernel(wind_speed, diameter, schmidt)
    return surface_flux_kernel(transfer, vapour_pressure, molar_mass, temperature, ambient_pressure)


def evaporation_flux(
    vapour_pressure: float,
    molar_mass: float,
    temperature: float,
    weather: Weather,
    diameter: float,
    schmidt: float | None = None,
) -> float:
    """Evaporation from a pool below its boiling point into the wind.

    Parameters
    ----------
    vapour_pressure : float
        At the temperature of the pool, below the ambient pressure. [Pa]
    molar_mass : float
        [kg/mol]
    temperature : float
        Of the pool. [K]
    weather : Weather
    diameter : float
        0.01 to 2000 m. [m]
    schmidt : float, optional
        Default: ``schmidt_number`` of the molar mass. [-]

    Returns
    -------
    float
        [kg/(m²·s)]

    Raises
    ------
    OutOfRange

    Notes
    -----
    k = 0.004786 u10^0.78 D^−0.11 Sc^−0.67, eq. 3.24 of [1]_ after [2]_, times Pa/Pv ln(Pa/(Pa − Pv)) near boiling [3]_.
    The law was fitted to trays of cumene, water and gasoline; wind functions of ponds and lakes give two thirds to all
    of it for water, so it errs on the safe side. Still air, where the vapour's own weight or lightness moves it, is
    beyond it.

    References
    ----------
    .. [1] CPR 14E, *Methods for the calculation of physical effects* (TNO Yellow Book), 3rd ed., 2005.
    .. [2] D. Mackay, R. S. Matsugu, *Evaporation rates of liquid hydrocarbon spills on land and water*, Can. J. Chem.
       Eng. 51 (1973) 434.
    .. [3] R. Jones, W. Lehr, D. Simecek-Beatty, R.M. Reynolds, *ALOHA 5.4.4 technical documentation*, NOAA OR&R 43,
       2013, section 3.3.1, after P.W.M. Brighton.
    """
    check_weather(weather)
    number = schmidt_number(molar_mass) if schmidt is None else schmidt
    require(vapour_pressure_or_zero=vapour_pressure, molar_mass=molar_mass, temperature=temperature, schmidt=number)
    if not SMALLEST_DIAMETER <= diameter <= LARGEST_DIAMETER:
        raise OutOfRange(
            f"液池直径须为 {SMALLEST_DIAMETER:g}–{LARGEST_DIAMETER:g} m，现为 {diameter:g}",
            f"a pool's diameter must be {SMALLEST_DIAMETER:g} to {LARGEST_DIAMETER:g} m, not {diameter:g}",
        )
    if vapour_pressure > NEAR_BOILING * weather.air_pressure:
        raise OutOfRange(
            "蒸气压达到环境压力，液池沸腾", "the vapour pressure reaches the ambient pressure: the pool boils"
        )
    return evaporation_flux_kernel(
        vapour_pressure, molar_mass, temperature, weather.wind_speed, diameter, weather.air_pressure, number
    )


def ground_conductance(surface: Ground, time: float) -> float:
    """Heat flux out of a surface covered for a time [s], per degree: k / sqrt(π a t), half its mean so far. [W/(m²·K)]

    Out of water it is constant.
    """
    require(time=time)
    return surface.effusion / math.sqrt(time) + surface.transfer


def boiling_flux(
    boiling_point: float, heat_of_vaporisation: float, ground_temperature: float, surface: Ground, time: float
) -> float:
    """Boiling of a pool on land at a time after it came to lie there.

    Parameters
    ----------
    boiling_point : float
        [K]
    heat_of_vaporisation : float
        At the boiling point. [J/kg]
    ground_temperature : float
        Before the spill. [K]
    surface : Ground
    time : float
        [s]

    Returns
    -------
    float
        0 on colder ground. On land the mean from 0 to ``time`` is twice this. [kg/(m²·s)]

    Notes
    -----
    Conduction into a half space, k ΔT / sqrt(π a t), with perfect contact but for the factor of ``Ground``; on water a
    constant heat transfer.
    """
    require(boiling_point=boiling_point, heat_of_vaporisation=heat_of_vaporisation, time=time)
    require(ground_temperature=ground_temperature)
    difference = max(0.0, ground_temperature - boiling_point)
    return ground_conductance(surface, time) * difference / heat_of_vaporisation


def boiling_pool_area(
    rate: float,
    boiling_point: float,
    heat_of_vaporisation: float,
    ground_temperature: float,
    surface: Ground,
    time: float,
) -> float:
    """Area on which a constant inflow boils away as it spreads.

    Parameters
    ----------
    rate : float
        Of liquid into the pool. [kg/s]
    boiling_point, heat_of_vaporisation, ground_temperature, surface, time
        As in ``boiling_flux``; time since the release began.

    Returns
    -------
    float
        Infinite on ground that is not warmer than the liquid. [m²]

    Notes
    -----
    Each strip of ground cools from when it is first wetted: rate = ∫ q(t − s) dA(s) with q ~ (t − s)^(−1/2), Abel's
    equation, whose solution is A = 2 rate h_fg sqrt(π a t) / (π k ΔT).
    """
    require(rate=rate, time=time)
    first = boiling_flux(boiling_point, heat_of_vaporisation, ground_temperature, surface, time)
    return math.inf if first == 0.0 else 2.0 / math.pi * rate / first
