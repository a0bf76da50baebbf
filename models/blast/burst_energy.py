"""Energy that a vessel sets free when it bursts: compressed gas, and liquid that flashes."""

import math

from parkrisk.models.errors import OutOfRange
from parkrisk.models.fire.heat_footprint import positive
from parkrisk.models.substance import equation_of_state
from parkrisk.models.substance.substances import Substance

__all__ = [
    "brode_energy",
    "content_energy",
    "isentropic_energy",
    "isothermal_energy",
    "specific_expansion_energy",
]

_R = 8.314462618
_PATHS = ("isentropic", "irreversible")


def _check_gas(pressure: float, volume: float, ratio: float, air_pressure: float) -> None:
    positive(pressure=pressure, volume=volume, air_pressure=air_pressure)
    if not (pressure > air_pressure and 1.0 < ratio <= 1.7):
        raise OutOfRange(
            f"容器压力须高于大气压且比热比在 1 至 1.7 之间，现为 {pressure:g} Pa、{ratio:g}",
            f"the vessel must be above the air pressure, the heat capacity ratio between 1 and 1.7; "
            f"they are {pressure:g} Pa and {ratio:g}",
        )


def brode_energy(
    pressure: float, volume: float, heat_capacity_ratio: float = 1.4, air_pressure: float = 101_325.0
) -> float:
    """Heat that brings the gas from the air pressure to the burst pressure at constant volume. [J]

    Parameters
    ----------
    pressure, volume : float
        Of the gas as it bursts. [Pa], [m³]
    heat_capacity_ratio : float
        Above 1, up to 1.7. [-]
    air_pressure : float
        [Pa]

    Raises
    ------
    OutOfRange
        A value is not positive, the pressure is not above that of the air, or the ratio is no gas's.

    Notes
    -----
    (p1 - p0) V / (γ - 1): the highest of the three, and the energy that scales the curves of `vessel_burst` [1]_.

    References
    ----------
    .. [1] H.L. Brode, "Blast wave from a spherical charge", Phys Fluids 2 (1959) 217-229; W.E. Baker et al.,
       *Explosion hazards and evaluation*, 1983, chapter 2; TNO Yellow Book CPR 14E 7.5.2.

    Examples
    --------
    >>> round(brode_energy(1.1e6, 10.0, 1.4, 1e5) / 1e6, 6)
    25.0
    """
    _check_gas(pressure, volume, heat_capacity_ratio, air_pressure)
    return (pressure - air_pressure) * volume / (heat_capacity_ratio - 1.0)


def isentropic_energy(
    pressure: float, volume: float, heat_capacity_ratio: float = 1.4, air_pressure: float = 101_325.0
) -> float:
    """Work of the ideal gas as it expands to the air pressure without loss. [J]

    p1 V / (γ - 1) (1 - (p0/p1)^((γ-1)/γ)); parameters, errors and sources as `brode_energy`.
    """
    _check_gas(pressure, volume, heat_capacity_ratio, air_pressure)
    left = math.exp(math.log(air_pressure / pressure) * (heat_capacity_ratio - 1.0) / heat_capacity_ratio)
    return pressure * volume / (heat_capacity_ratio - 1.0) * (1.0 - left)


def isothermal_energy(pressure: float, volume: float, air_pressure: float = 101_325.0) -> float:
    """Work of the ideal gas as it expands at constant temperature, p1 V ln(p1/p0). [J]

    Parameters and errors as `brode_energy`; CCPS, *Guidelines for chemical process QRA*, 2nd ed., 2000, 2.2.3.

    Examples
    --------
    A cubic metre of nitrogen at 500 bar above atmospheric:

    >>> round(isothermal_energy(50.1e6, 1.0) / 1e6)
    311
    """
    _check_gas(pressure, volume, 1.4, air_pressure)
    return pressure * volume * math.log(pressure / air_pressure)


def specific_expansion_energy(
    substance: Substance,
    temperature: float,
    phase: str = "liquid",
    path: str = "isentropic",
    air_pressure: float = 101_325.0,
) -> float:
    """Work per mass of saturated liquid or vapour that expands to the air pressure. [J/kg]

    Parameters
    ----------
    substance : Substance
    temperature : float
        Of the content as the vessel bursts, above the boiling point, below the critical point. [K]
    phase : str
        "liquid" or "vapour".
    path : str
        "isentropic": without loss, u1 - u2 at constant entropy; the cautious choice of CCPS and the Yellow Book.
        "irreversible": against the constant pressure of the air, p0 (v2 - v1); less than half of that.
    air_pressure : float
        [Pa]

    Raises
    ------
    OutOfRange
        The content is not superheated, is supercritical, or phase or path is unknown.
    MissingProperty
        The substance lacks a property.

    Notes
    -----
    By the equation of state where CoolProp has the fluid. Otherwise from heat capacity and heat of vaporisation at the
    mean temperature, with the vapour as an ideal gas; the same laws, h2 = u1 + p0 v1 on the irreversible path.

    References
    ----------
    .. [1] CCPS, *Guidelines for VCE, pressure vessel burst, BLEVE and flash fire hazards*, 2nd ed., 2010, chapter 8.
    .. [2] E. Planas-Cuchi, J.M. Salla, J. Casal, "Calculating overpressure from BLEVE explosions", J Loss Prev Process
       Ind 17 (2004) 431-436.
    """
    positive(temperature=temperature, air_pressure=air_pressure)
    if phase not in ("liquid", "vapour") or path not in _PATHS:
        raise OutOfRange(f"未知相态或路径：{phase!r}，{path!r}", f"unknown phase or path: {phase!r}, {path!r}")
    boiling = substance.boiling_temperature(air_pressure)
    if not boiling < temperature < substance.critical_temperature:
        raise OutOfRange(
            f"{substance.name_zh} 的温度须在沸点 {boiling:g} K 与临界温度之间，现为 {temperature:g} K",
            f"{substance.name_en} must be between its boiling point {boiling:g} K and its critical temperature, "
            f"is at {temperature:g} K",
        )
    if substance.fluid:
        return equation_of_state.expansion_work(substance.fluid, temperature, phase == "vapour", path, air_pressure)
    return _by_correlation(substance, temperature, boiling, phase == "vapour", path, air_pressure)


def _by_correlation(
    substance: Substance, temperature: float, boiling: float, vapour: bool, path: str, air_pressure: float
) -> float:
    gas = _R / substance.molar_mass
    if vapour:
        ratio = substance.heat_capacity_ratio(temperature)
        pressure = substance.vapour_pressure(temperature)
        volume = gas * temperature / pressure
        if path == "isentropic":
            return isentropic_energy(pressure, volume, ratio, air_pressure)
        cooled = temperature * (1.0 + (ratio - 1.0) * air_pressure / pressure) / ratio
        return air_pressure * (gas * cooled / air_pressure - volume)
    heat_capacity = substance.liquid_heat_capacity(0.5 * (boiling + temperature))
    latent = substance.heat_of_vaporisation(boiling)
    dense = 1.0 / substance.liquid_density(temperature)
    pushed = (substance.vapour_pressure(temperature) - air_pressure) * dense
    heat = heat_capacity * (temperature - boiling)
    if path == "irreversible":
        share = max(heat - pushed, 0.0) / latent
        return share * gas * boiling - share * air_pressure * dense
    share = heat_capacity * math.log(temperature / boiling) * boiling / latent
    return heat - pushed - share * latent + share * (gas * boiling - air_pressure * dense)


def content_energy(
    substance: Substance,
    volume: float,
    fill: float,
    temperature: float,
    path: str = "isentropic",
    air_pressure: float = 101_325.0,
) -> float:
    """Energy of everything in a vessel of saturated liquid and vapour. [J]

    Parameters
    ----------
    substance : Substance
    volume : float
        Of the vessel. [m³]
    fill : float
        Share of the volume that is liquid as it bursts, 0 to 1. [-]
    temperature, path, air_pressure
        As `specific_expansion_energy`, with its errors.
    """
    positive(volume=volume)
    if not 0.0 <= fill <= 1.0:
        raise OutOfRange(f"充装率须在 0 至 1 之间，现为 {fill:g}", f"the fill must lie between 0 and 1, is {fill:g}")
    total = 0.0
    if fill > 0.0:
        liquid = fill * volume * substance.liquid_density(temperature)
        total += liquid * specific_expansion_energy(substance, temperature, "liquid", path, air_pressure)
    if fill < 1.0:
        pressure = substance.vapour_pressure(temperature)
        vapour = (1.0 - fill) * volume * substance.gas_density(temperature, pressure)
        total += vapour * specific_expansion_energy(substance, temperature, "vapour", path, air_pressure)
    return total
