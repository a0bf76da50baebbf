"""How substances burn and ignite: pool burning rates, ignition categories, fuel reactivity."""

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parkrisk.models.constants import rows

if TYPE_CHECKING:
    from parkrisk.models.substance.substances import Substance

_ICE_POINT = 273.15  # K
_AMBIENT = 293.15  # K, to which Burgess' rule heats from
_BURGESS = 1.0e-3  # kg/(m²·s)


@dataclass(frozen=True)
class BurningRate:
    """Pool burning rate m = m_inf (1 − exp(−k_beta D)).

    Parameters
    ----------
    m_inf : float
        Of a large pool. [kg/(m²·s)]
    k_beta : float
        [1/m]
    source, mark : str
        As in ``Property``.
    estimated : bool
        Whether it is Burgess' estimate and not a measured value.
    """

    m_inf: float
    k_beta: float
    source: str
    mark: str
    estimated: bool = False

    @property
    def flags(self) -> tuple[str, ...]:
        """Codes of assumptions."""
        if self.estimated:
            return ("burning_rate_estimated",)
        return ("unverified:burning_rate",) if self.mark == "M" else ()


@functools.cache
def _table() -> dict[str, BurningRate]:
    return {
        row["cas"]: BurningRate(float(row["m_inf"]), float(row["k_beta"]), row["source"], row["mark"])
        for row in rows("burning_rates")
    }


@functools.lru_cache(maxsize=1000)
def burning_rate(substance: "Substance") -> BurningRate:
    """Burning rate of a pool of the substance.

    Parameters
    ----------
    substance : Substance

    Returns
    -------
    BurningRate
        Babrauskas' value where there is one; else the estimate of Burgess, 1e-3 ΔHc / (ΔHv + cp (Tb − Ta)) at
        Ta = 293.15 K, without dependence on the diameter, marked unverified.

    Raises
    ------
    MissingProperty
        Neither a table value nor the heats for the estimate are known.

    References
    ----------
    .. [1] V. Babrauskas, *Estimating large pool fire burning rates*, Fire Technology 19 (1983) 251.
    .. [2] D. Burgess, A. Strasser, J. Grumer, *Diffusive burning of liquid fuels in open trays*, Fire Research
       Abstracts and Reviews 3 (1961) 177; CPR 14E (TNO Yellow Book) eq. 6.66.
    """
    found = _table().get(substance.cas)
    if found is not None:
        return found
    boiling = substance.boiling_point
    heat = substance.heat_of_vaporisation(boiling)
    if boiling > _AMBIENT:
        heat += substance.liquid_heat_capacity(0.5 * (boiling + _AMBIENT)) * (boiling - _AMBIENT)
    rate = _BURGESS * substance.heat_of_combustion / heat
    return BurningRate(rate, 100.0, "estimate: Burgess 1961, CPR 14E eq. 6.66", "M", estimated=True)


@functools.cache
def _categories() -> list[dict[str, float | str]]:
    found: list[dict[str, float | str]] = []
    for row in rows("ignition_categories"):
        limits = {key: float(row[key]) for key in row if key.endswith("_c") and row[key]}
        found.append({"category": row["category"], **limits})
    return found


def ignition_category(flash_point: float | None, boiling_point: float, temperature: float) -> str:
    """Flammability category for the probability of immediate ignition.

    Parameters
    ----------
    flash_point : float or None
        None: a gas at normal temperature. [K]
    boiling_point : float
        [K]
    temperature : float
        At which the substance is handled; a liquid of category 2 to 4 above its flash point counts as category 1. [K]

    Returns
    -------
    str
        "0" to "4".

    Notes
    -----
    Table G.3 of [1]_ (Table 4.8 of [2]_); operating above the flash point: note 1 of Table G.1 of [1]_.

    References
    ----------
    .. [1] AQ/T 3046-2013, Guidelines for quantitative risk assessment of chemical enterprises.
    .. [2] CPR 18E, *Guidelines for quantitative risk assessment* (Purple Book), 1999/2005.
    """
    if flash_point is None:
        return "0"
    flash, boiling = flash_point - _ICE_POINT, boiling_point - _ICE_POINT
    found = ""
    for row in _categories():
        below, at_most, boils = (
            float(row.get(key, float("inf")))
            for key in ("flash_point_below_c", "flash_point_to_c", "boiling_point_to_c")
        )
        if flash < below and flash <= at_most and boiling <= boils:
            found = str(row["category"])
            break
    return "1" if found in ("2", "3", "4") and temperature > flash_point else found


@functools.cache
def _burning_velocity_classes() -> dict[str, str]:
    return {row["cas"]: row["class"] for row in rows("burning_velocity_classes")}


def burning_velocity_class(cas: str) -> str:
    """Fuel reactivity for blast curves: "low", "medium" or "high"; fuels without an entry are medium.

    Notes
    -----
    Low: methane, carbon monoxide, ammonia (burning velocity below 0.45 m/s); high: hydrogen, acetylene, ethylene,
    ethylene oxide, propylene oxide (above 0.75 m/s); all others medium, as [1]_ says.

    References
    ----------
    .. [1] Q. A. Baker et al., *Vapor cloud explosion analysis*, 28th Loss Prevention Symposium, AIChE, 1994; CCPS,
       *Guidelines for vapor cloud explosion, pressure vessel burst, BLEVE and flash fire hazards*, 2nd ed., 2010.
    """
    return _burning_velocity_classes().get(cas, "medium")
