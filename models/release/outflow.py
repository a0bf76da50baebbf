"""Mass flow of liquid and of gas through holes.

The ``..._kernel`` functions take plain floats and check nothing; they are for loops. Everything else checks its input.
"""

import math

from parkrisk.models._jit import kernel
from parkrisk.models.errors import OutOfRange
from parkrisk.models.substance.correlations import GAS_CONSTANT

__all__ = [
    "drain_time",
    "gas_rate",
    "gas_rate_kernel",
    "hole_area",
    "liquid_rate",
    "liquid_rate_kernel",
    "released_by_draining",
    "require",
]

_GRAVITY = 9.80665  # m/s²


def require(**values: float) -> None:
    """Refuse numbers that are not finite or not positive; names that end in ``_or_zero`` may be 0."""
    for name, value in values.items():
        allows_zero = name.endswith("_or_zero")
        if not (0.0 < value < math.inf or (allows_zero and value == 0.0)):
            plain = name.removesuffix("_or_zero")
            raise OutOfRange(f"{plain} = {value} 无效", f"{plain} = {value} is not valid")


def hole_area(diameter: float) -> float:
    """Area of a round hole. [m²]"""
    require(diameter=diameter)
    return 0.25 * math.pi * diameter**2


@kernel
def liquid_rate_kernel(
    area: float, density: float, overpressure: float, head: float, discharge_coefficient: float
) -> float:
    """Bernoulli's rate [kg/s]; 0 where nothing pushes. Arguments as ``liquid_rate``."""
    drop = overpressure + density * _GRAVITY * head
    if drop <= 0.0:
        return 0.0
    return discharge_coefficient * area * math.sqrt(2.0 * drop * density)


def liquid_rate(
    area: float, density: float, overpressure: float, head: float, discharge_coefficient: float = 0.62
) -> float:
    """Rate of a liquid that does not flash, through a hole.

    Parameters
    ----------
    area : float
        Of the hole. [m²]
    density : float
        [kg/m³]
    overpressure : float
        Of the gas above the liquid, against the outside. [Pa]
    head : float
        Of liquid above the hole. [m]
    discharge_coefficient : float
        0.62 sharp, 0.82 straight, 0.96 rounded. [-]

    Returns
    -------
    float
        [kg/s]

    Raises
    ------
    OutOfRange

    Notes
    -----
    Eqs. 2.194 to 2.196 of [1]_.

    References
    ----------
    .. [1] CPR 14E, *Methods for the calculation of physical effects* (TNO Yellow Book), 3rd ed., 2005.

    Examples
    --------
    Acrylonitrile, section 2.6.4.1 of [1]_, at 500 s:

    >>> round(liquid_rate(hole_area(0.1), 812.5, 0.0, 11.12), 1)
    58.4
    """
    require(area=area, density=density, overpressure_or_zero=overpressure, head_or_zero=head)
    require(discharge_coefficient=discharge_coefficient)
    return liquid_rate_kernel(area, density, overpressure, head, discharge_coefficient)


def drain_time(
    tank_area: float,
    area: float,
    density: float,
    overpressure: float,
    head: float,
    discharge_coefficient: float = 0.62,
) -> float:
    """Time in which the liquid of a vertical tank falls to the level of the hole.

    Parameters
    ----------
    tank_area : float
        Of the tank's cross-section. [m²]
    area, density, overpressure, head, discharge_coefficient
        As in ``liquid_rate``; the overpressure stays.

    Returns
    -------
    float
        [s]

    Notes
    -----
    The speed v of the jet falls linearly, dv/dt = −Cd g A / A_tank.
    """
    require(tank_area=tank_area, area=area, density=density, discharge_coefficient=discharge_coefficient)
    require(overpressure_or_zero=overpressure, head_or_zero=head)
    first = math.sqrt(2.0 * (overpressure / density + _GRAVITY * head))
    last = math.sqrt(2.0 * overpressure / density)
    return (first - last) * tank_area / (discharge_coefficient * _GRAVITY * area)


def released_by_draining(
    tank_area: float,
    area: float,
    density: float,
    overpressure: float,
    head: float,
    time: float,
    discharge_coefficient: float = 0.62,
) -> float:
    """Mass that leaves a vertical tank within a time, with falling head; arguments as ``drain_time``. [kg]"""
    if not time >= 0.0:
        raise OutOfRange(f"时间 {time} 无效", f"time {time} is not valid")
    until = min(time, drain_time(tank_area, area, density, overpressure, head, discharge_coefficient))
    first = math.sqrt(2.0 * (overpressure / density + _GRAVITY * head))
    fall = discharge_coefficient * _GRAVITY * area / tank_area
    return discharge_coefficient * area * density * (first * until - 0.5 * fall * until**2)


@kernel
def gas_rate_kernel(
    area: float, pressure: float, density: float, ratio: float, ambient_pressure: float, discharge_coefficient: float
) -> float:
    """Rate of a gas [kg/s]; 0 where nothing pushes. Arguments as ``gas_rate``, density instead of temperature."""
    if pressure <= ambient_pressure:
        return 0.0
    choked = math.sqrt(density * pressure * ratio * (2.0 / (ratio + 1.0)) ** ((ratio + 1.0) / (ratio - 1.0)))
    psi = 1.0
    if pressure / ambient_pressure < ((ratio + 1.0) / 2.0) ** (ratio / (ratio - 1.0)):
        outer = ambient_pressure / pressure
        psi = math.sqrt(
            2.0
            / (ratio - 1.0)
            * ((ratio + 1.0) / 2.0) ** ((ratio + 1.0) / (ratio - 1.0))
            * outer ** (2.0 / ratio)
            * (1.0 - outer ** ((ratio - 1.0) / ratio))
        )
    return discharge_coefficient * area * psi * choked


def gas_rate(
    area: float,
    pressure: float,
    temperature: float,
    molar_mass: float,
    heat_capacity_ratio: float,
    ambient_pressure: float = 101_325.0,
    discharge_coefficient: float = 0.62,
    density: float | None = None,
) -> float:
    """Rate of a gas through a hole, choked or not.

    Parameters
    ----------
    area : float
        Of the hole. [m²]
    pressure : float
        Absolute, inside. [Pa]
    temperature : float
        Inside. [K]
    molar_mass : float
        [kg/mol]
    heat_capacity_ratio : float
        cp/cv, above 1. [-]
    ambient_pressure : float
        [Pa]
    discharge_coefficient : float
        [-]
    density : float, optional
        Inside, of the real gas; ideal if not given. [kg/m³]

    Returns
    -------
    float
        [kg/s]; 0 if the pressure inside is not above the ambient one.

    Raises
    ------
    OutOfRange

    Notes
    -----
    Eqs. 2.22 to 2.26 of [1]_. The isentrope is the ideal one; above some 5 MPa (hydrogen 10 MPa) it errs by
    more than 5 %.

    References
    ----------
    .. [1] CPR 14E, *Methods for the calculation of physical effects* (TNO Yellow Book), 3rd ed., 2005.

    Examples
    --------
    Hydrogen at 50 bar, section 2.6.2.1 of [1]_:

    >>> round(gas_rate(hole_area(0.1), 50e5, 288.15, 0.002016, 1.405), 2)
    15.31
    """
    require(area=area, pressure=pressure, temperature=temperature, molar_mass=molar_mass)
    require(ambient_pressure=ambient_pressure, discharge_coefficient=discharge_coefficient)
    if not 1.0 < heat_capacity_ratio <= 5.0 / 3.0 + 0.05:
        raise OutOfRange(
            f"比热比 {heat_capacity_ratio} 无效", f"heat capacity ratio {heat_capacity_ratio} is not valid"
        )
    inside = pressure * molar_mass / (GAS_CONSTANT * temperature) if density is None else density
    require(density=inside)
    return gas_rate_kernel(area, pressure, inside, heat_capacity_ratio, ambient_pressure, discharge_coefficient)
