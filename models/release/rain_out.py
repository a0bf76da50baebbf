"""Drops of a flashing jet: how large they are, and which share falls out; rules of thumb beside the drop model."""

import functools
import math
from typing import TYPE_CHECKING, NamedTuple

from parkrisk.models._jit import kernel
from parkrisk.models.constants import constants
from parkrisk.models.errors import OutOfRange
from parkrisk.models.release.outflow import require
from parkrisk.models.substance.correlations import GAS_CONSTANT

if TYPE_CHECKING:
    from parkrisk.models.substance.substances import Substance

__all__ = [
    "Drops",
    "airborne_by_flash",
    "critical_diameter",
    "drag_coefficient_kernel",
    "drops",
    "fall_diameter",
    "flashing_diameter",
    "liquid_airborne",
    "mechanical_diameter",
    "terminal_velocity",
]

_GRAVITY = 9.80665  # m/s²
_AIR_MOLAR_MASS = 0.0289652  # kg/mol
_SMALLEST, _LARGEST = 1e-7, 1.0  # m, of drops
_ITERATIONS = 80
_GROWTH = 1.03  # of the diameter from one step of the fall to the next


class Drops(NamedTuple):
    """Drops of a jet.

    Parameters
    ----------
    mechanical, flashing : float
        Diameter by the forces of the air and by the bubbles of the flash; the jet has the smaller one. [m]
    critical : float
        Larger drops fall out. [m]
    airborne : float
        Share of the liquid in smaller ones. [-]
    """

    mechanical: float
    flashing: float
    critical: float
    airborne: float


def mechanical_diameter(surface_tension: float, air_density: float, velocity: float) -> float:
    """Diameter of drops that the air tears no further, d = We σ/(ρ_a u²). [m]

    Parameters
    ----------
    surface_tension : float
        [N/m]
    air_density : float
        [kg/m³]
    velocity : float
        Of the drops against the air. [m/s]

    Notes
    -----
    Critical Weber number 12, of published 10 to 22 [1]_ [2]_.

    References
    ----------
    .. [1] J. L. Woodward, *Estimating the flammable mass of a vapour cloud*, CCPS, 1998, p. 49.
    .. [2] CPR 14E (TNO Yellow Book), 3rd ed., 2005, section 2.5.3.
    """
    require(surface_tension=surface_tension, air_density=air_density, velocity=velocity)
    return constants("outflow")["weber_critical"].value * surface_tension / (air_density * velocity**2)


def flashing_diameter(superheat: float) -> float:
    """Diameter of drops left by the bubbles of the flash, 0.03/(10 + 4 ΔT). [m]

    Parameters
    ----------
    superheat : float
        Of the liquid against its boiling point outside. [K]

    Notes
    -----
    Equation 4.30 of [1]_, by way of [2]_.

    References
    ----------
    .. [1] J. L. Woodward, *Estimating the flammable mass of a vapour cloud*, CCPS, 1998, p. 50.
    .. [2] A. Farrell, *Chemical release screening example: butane leak*, 2020.

    Examples
    --------
    Butane at 25 °C, of [2]_, which prints 21.9 µm for the smaller of both mechanisms with its jet:

    >>> round(1e6 * flashing_diameter(25.6))
    267
    """
    require(superheat_or_zero=superheat)
    numbers = constants("outflow")
    return numbers["flashing_drop"].value / (
        numbers["flashing_drop_offset"].value + numbers["flashing_drop_slope"].value * superheat
    )


@kernel
def drag_coefficient_kernel(reynolds: float) -> float:
    """Drag coefficient of a sphere, 24/Re + 6/(1 + √Re) + 0.4 (White 1974, up to Re = 2e5). [-]"""
    return 24.0 / reynolds + 6.0 / (1.0 + math.sqrt(reynolds)) + 0.4


@kernel
def _critical_kernel(velocity: float, liquid_density: float, gas_density: float, viscosity: float) -> float:
    """Diameter [m] of the drop that falls at a velocity [m/s]."""
    low, high = math.log(_SMALLEST), math.log(_LARGEST)
    for _ in range(_ITERATIONS):
        middle = 0.5 * (low + high)
        diameter = math.exp(middle)
        drag = 0.75 * drag_coefficient_kernel(gas_density * velocity * diameter / viscosity)
        if (liquid_density - gas_density) * _GRAVITY * diameter < drag * gas_density * velocity * velocity:
            low = middle
        else:
            high = middle
    return math.exp(0.5 * (low + high))


@kernel
def _terminal_kernel(diameter: float, liquid_density: float, gas_density: float, viscosity: float) -> float:
    low, high = math.log(1e-9), math.log(1e3)
    for _ in range(_ITERATIONS):
        middle = 0.5 * (low + high)
        velocity = math.exp(middle)
        drag = 0.75 * drag_coefficient_kernel(gas_density * velocity * diameter / viscosity)
        if drag * gas_density * velocity * velocity < (liquid_density - gas_density) * _GRAVITY * diameter:
            low = middle
        else:
            high = middle
    return math.exp(0.5 * (low + high))


def _check_fall(liquid_density: float, gas_density: float, viscosity: float) -> None:
    require(liquid_density=liquid_density, gas_density=gas_density, viscosity=viscosity)
    if not liquid_density > gas_density:
        raise OutOfRange("液滴须比气体重", "drops must be heavier than the gas")


def terminal_velocity(diameter: float, liquid_density: float, gas_density: float, viscosity: float) -> float:
    """Speed at which a drop falls for ever. [m/s]

    Parameters
    ----------
    diameter : float
        [m]
    liquid_density, gas_density : float
        [kg/m³]
    viscosity : float
        Of the gas. [Pa·s]

    Raises
    ------
    OutOfRange

    Examples
    --------
    A raindrop of 0.2 mm falls at 0.72 m/s (Gunn and Kinzer 1949):

    >>> round(terminal_velocity(0.2e-3, 998.0, 1.2, 1.81e-5), 2)
    0.7
    """
    require(diameter=diameter)
    _check_fall(liquid_density, gas_density, viscosity)
    return _terminal_kernel(diameter, liquid_density, gas_density, viscosity)


def critical_diameter(velocity: float, liquid_density: float, gas_density: float, viscosity: float) -> float:
    """Diameter of the largest drop that a jet carries. [m]

    Parameters
    ----------
    velocity : float
        Of the jet. [m/s]
    liquid_density, gas_density, viscosity : float
        As in ``terminal_velocity``.

    Notes
    -----
    A drop leaves the jet where it falls faster than the jet's lower edge spreads, u tan β with β = 4.46°, fitted to
    trials with water, chlorine, CFC-11, cyclohexane and methylamine [1]_, by way of [2]_. [2]_ writes the drag of
    White with the wrong sign, 6/(1 − √Re).

    References
    ----------
    .. [1] D. W. Johnson, J. L. Woodward, *RELEASE: a model with data to predict aerosol rainout in accidental
       releases*, CCPS, 1999, pp. 58 to 64.
    .. [2] A. Farrell, *Chemical release screening example: butane leak*, 2020.
    """
    require(velocity=velocity)
    _check_fall(liquid_density, gas_density, viscosity)
    spread = math.tan(math.radians(constants("outflow")["spray_angle"].value))
    return _critical_kernel(velocity * spread, liquid_density, gas_density, viscosity)


def liquid_airborne(diameter: float, critical: float) -> float:
    """Share of the liquid in drops below a critical diameter. [-]

    Parameters
    ----------
    diameter, critical : float
        Of the drops, and the critical one. [m]

    Notes
    -----
    Log-normal by number with the geometric deviation 1.8, so the share of the mass is
    Φ(ln(d_c/d)/ln σ − 3 ln σ); Johnson and Woodward, as in ``critical_diameter``.

    Examples
    --------
    Drops of 21.886 µm against 142.51 µm, of Farrell's example:

    >>> round(liquid_airborne(2.188550597862162e-5, 1.4250630981793827e-4), 4)
    0.9228
    """
    require(diameter=diameter, critical=critical)
    width = math.log(constants("outflow")["drop_deviation"].value)
    return 0.5 * math.erfc(-(math.log(critical / diameter) / width - 3.0 * width) / math.sqrt(2.0))


@kernel
def _fall_kernel(
    height: float, evaporation: float, liquid_density: float, gas_density: float, viscosity: float, prandtl: float
) -> float:
    diameter, fallen = 1e-6, 0.0
    while diameter < _LARGEST:
        wider = diameter * _GROWTH
        middle = 0.5 * (diameter + wider)
        velocity = _terminal_kernel(middle, liquid_density, gas_density, viscosity)
        reynolds = gas_density * velocity * middle / viscosity
        rate = evaporation * (1.0 + 0.3 * math.sqrt(reynolds) * float(prandtl ** (1.0 / 3.0)))
        step = velocity * (wider * wider - diameter * diameter) / rate
        if fallen + step >= height:
            return diameter + (wider - diameter) * (height - fallen) / step
        fallen += step
        diameter = wider
    return _LARGEST


@functools.lru_cache(maxsize=10_000)
def fall_diameter(substance: "Substance", height: float, air_temperature: float, ambient_pressure: float) -> float:
    """Diameter of the smallest drop at boiling point that reaches the ground before it has evaporated. [m]

    Parameters
    ----------
    substance : Substance
    height : float
        Of the fall. [m]
    air_temperature, ambient_pressure : float
        [K], [Pa]

    Returns
    -------
    float
        0 for a height of 0, and where the air is not warmer than the boiling point.

    Raises
    ------
    OutOfRange, MissingProperty

    Notes
    -----
    d² law with heat from still dry air and the correction of Ranz and Marshall for the fall,
    d(d²)/dt = −8 k ln(1 + B)/(ρ_l cp) (1 + 0.3 Re^½ Pr^⅓), B = cp (T_a − T_b)/h_fg, at the terminal velocity; air
    properties at a third of the way from drop to air [1]_. Drops inside the cold jet live longer.

    References
    ----------
    .. [1] A. H. Lefebvre, V. G. McDonell, *Atomization and sprays*, 2nd ed., CRC Press, 2017, chapter 8.
    """
    require(height_or_zero=height, air_temperature=air_temperature, ambient_pressure=ambient_pressure)
    boiling = substance.boiling_temperature(ambient_pressure)
    if height == 0.0 or air_temperature <= boiling:
        return 0.0
    film = boiling + (air_temperature - boiling) / 3.0
    heat_capacity = substance.gas_heat_capacity(boiling)
    transfer = heat_capacity * (air_temperature - boiling) / substance.heat_of_vaporisation(boiling)
    numbers = constants("outflow")
    conductivity = numbers["air_conductivity_20c"].value * (film / 293.15) ** 0.8
    liquid = substance.liquid_density(boiling)
    evaporation = 8.0 * conductivity * math.log1p(transfer) / (liquid * heat_capacity)
    density = ambient_pressure * _AIR_MOLAR_MASS / (GAS_CONSTANT * film)
    return _fall_kernel(height, evaporation, liquid, density, _air_viscosity(film), numbers["prandtl_air"].value)


def _air_viscosity(temperature: float) -> float:
    """Sutherland's formula. [Pa·s]"""
    numbers = constants("outflow")
    return (
        numbers["sutherland_air"].value
        * temperature
        * math.sqrt(temperature)
        / (temperature + numbers["sutherland_air_constant"].value)
    )


@functools.lru_cache(maxsize=20_000)
def drops(
    substance: "Substance",
    temperature: float,
    velocity: float,
    ambient_pressure: float = 101_325.0,
    height: float = 0.0,
    air_temperature: float = 293.15,
) -> Drops:
    """Drops of a jet of superheated liquid, and the share of them that stays in the air.

    Parameters
    ----------
    substance : Substance
    temperature : float
        Inside, above the boiling point at ambient pressure. [K]
    velocity : float
        Of the jet at ambient pressure. [m/s]
    ambient_pressure : float
        [Pa]
    height : float
        Above ground; drops that evaporate on the way down count as airborne. 0: all that leave the jet fall out. [m]
    air_temperature : float
        For the evaporation of falling drops. [K]

    Returns
    -------
    Drops

    Raises
    ------
    OutOfRange, MissingProperty

    Notes
    -----
    The smaller of ``mechanical_diameter`` and ``flashing_diameter``, ``critical_diameter`` in the jet's own vapour, or
    ``fall_diameter`` if larger, and ``liquid_airborne``. No wind. Obstacles near the hole catch more.
    """
    require(temperature=temperature, velocity=velocity, ambient_pressure=ambient_pressure)
    boiling = substance.boiling_temperature(ambient_pressure)
    air = ambient_pressure * _AIR_MOLAR_MASS / (GAS_CONSTANT * boiling)
    mechanical = mechanical_diameter(substance.surface_tension(boiling), air, velocity)
    flashing = flashing_diameter(max(temperature - boiling, 0.0))
    vapour = substance.gas_density(boiling, ambient_pressure)
    critical = critical_diameter(velocity, substance.liquid_density(boiling), vapour, _air_viscosity(boiling))
    critical = max(critical, fall_diameter(substance, height, air_temperature, ambient_pressure))
    return Drops(mechanical, flashing, critical, liquid_airborne(min(mechanical, flashing), critical))


def airborne_by_flash(flash: float, rule: str) -> float:
    """Share of a flashing liquid that stays in the air, by a rule that knows the flash fraction only.

    Parameters
    ----------
    flash : float
        [-]
    rule : str
        "ccps": twice the flash [1]_; "cei": five times the flash [2]_; "purple_book": twice the flash up to 0.1, all
        from 0.36 on, linear between [3]_ (coefficients unverified).

    Returns
    -------
    float
        At most 1. [-]

    Raises
    ------
    OutOfRange

    References
    ----------
    .. [1] CCPS, *Guidelines for consequence analysis of chemical releases*, AIChE, 1999, section 2.1.4.
    .. [2] AIChE, *Dow's chemical exposure index guide*, 1994.
    .. [3] CPR 18E (Purple Book), section 4.6.

    Examples
    --------
    >>> [round(airborne_by_flash(0.18, rule), 2) for rule in ("ccps", "purple_book", "cei")]
    [0.36, 0.45, 0.9]
    """
    if not 0.0 <= flash <= 1.0:
        raise OutOfRange(f"闪蒸率 {flash} 无效", f"flash fraction {flash} is not valid")
    numbers = constants("outflow")
    if rule in ("ccps", "cei"):
        return min(1.0, numbers["airborne_factor" if rule == "ccps" else "airborne_factor_cei"].value * flash)
    if rule != "purple_book":
        raise OutOfRange(f"未知的夹带规则 {rule}", f"unknown rule {rule}")
    low, high = numbers["airborne_purple_low"].value, numbers["airborne_purple_high"].value
    if flash <= low:
        return 2.0 * flash
    return min(1.0, 2.0 * low + (1.0 - 2.0 * low) * (flash - low) / (high - low))
