"""Temperature correlations of the ``chemicals`` package, chosen and ranged for pure substances.

The package is imported when a property is first asked for; its tables are those of Perry's Handbook, the VDI Heat
Atlas, Poling's *Properties of Gases and Liquids*, the CRC Handbook and the TRC.

The estimates were held against the measured fits of some hundred flammable substances at 20 °C or the boiling point;
half of them err by less than, and nine in ten by less than: vapour pressure 2 and 14 %, liquid density 3 and 17 %, heat
of vaporisation 2 and 9 %, heat capacity of the liquid 6 and 21 %, of the gas 5 and 21 %, surface tension 3 and 46 %.
Alcohols and acids are worst.
"""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

GAS_CONSTANT = 8.314462618  # J/(mol·K), exact in the SI of 2019

_PERRY = "Perry's Chemical Engineers' Handbook, 8th ed., Table {}, by the chemicals package"
_VDI = "VDI Heat Atlas, 2nd ed., section D3.1, by the chemicals package"
_POLING = "Poling, Prausnitz & O'Connell, Properties of Gases and Liquids, 5th ed., by the chemicals package"
_CRC = "CRC Handbook of Chemistry and Physics, by the chemicals package"


@dataclass(frozen=True)
class Property:
    """A value with where it comes from.

    Parameters
    ----------
    value : float
        In ``unit``.
    unit : str
        SI unit; "mole fraction" for limits of flammability, "ppm" for guideline concentrations.
    source : str
        Document, table or data set.
    mark : str
        "V" checked in two sources, "1" one source, "M" unverified or estimated.
    """

    value: float
    unit: str
    source: str
    mark: str


@dataclass(frozen=True)
class Constants:
    """What the molar fits and the estimates need; NaN or empty where unknown.

    molar_mass [kg/mol], boiling_point [K], critical_temperature [K], critical_pressure [Pa], acentric_factor [-],
    formula.
    """

    molar_mass: float
    boiling_point: float
    critical_temperature: float
    critical_pressure: float
    acentric_factor: float
    formula: str = ""

    @property
    def critical_point_known(self) -> bool:
        """Whether corresponding-states estimates are possible."""
        return math.isfinite(self.critical_temperature * self.critical_pressure * self.acentric_factor)


@dataclass(frozen=True)
class Correlation:
    """One function of temperature with the range it holds in [K]."""

    low: float
    high: float
    source: str
    mark: str
    evaluate: Callable[[float], float]


@functools.cache
def _tables() -> Any:
    import chemicals

    return chemicals


def _row(table: Any, cas: str) -> dict[str, float] | None:
    if cas not in table.index:
        return None
    return {str(key): value for key, value in table.loc[cas].items()}


def _measured_first(found: list[Correlation]) -> tuple[Correlation, ...]:
    return tuple(sorted(found, key=lambda correlation: correlation.mark == "M"))


def vapour_pressure(cas: str, constants: Constants) -> tuple[Correlation, ...]:
    """Fits of the saturation pressure [Pa]."""
    module = _tables().vapor_pressure
    dippr = _tables().dippr
    found = []
    if row := _row(module.Psat_data_Perrys2_8, cas):
        c1, c2, c3, c4, c5 = (row[f"C{k}"] for k in range(1, 6))
        found.append(
            Correlation(
                row["Tmin"], row["Tmax"], _PERRY.format("2-8"), "1", lambda t: float(dippr.EQ101(t, c1, c2, c3, c4, c5))
            )
        )
    if row := _row(module.Psat_data_VDI_PPDS_3, cas):
        vdi = tuple(row[k] for k in ("Tc", "Pc", "A", "B", "C", "D"))
        found.append(
            Correlation(
                row["Tm"], row["Tc"], _VDI, "1", lambda t: float(module.Wagner(t, *vdi)) if t < vdi[0] else vdi[1]
            )
        )
    if row := _row(module.Psat_data_WagnerMcGarry, cas):
        wagner = tuple(row[k] for k in ("Tc", "Pc", "A", "B", "C", "D"))
        found.append(
            Correlation(
                row["Tmin"],
                row["Tc"],
                "McGarry 1983, by the chemicals package",
                "1",
                lambda t: float(module.Wagner_original(t, *wagner)) if t < wagner[0] else wagner[1],
            )
        )
    if row := _row(module.Psat_data_AntoinePoling, cas):
        antoine = (row["A"], row["B"], row["C"])
        found.append(Correlation(row["Tmin"], row["Tmax"], _POLING, "1", lambda t: float(module.Antoine(t, *antoine))))
    if constants.critical_point_known:
        tc, pc, omega = constants.critical_temperature, constants.critical_pressure, constants.acentric_factor
        if constants.boiling_point < tc:
            # The acentric factor that makes the estimate meet the boiling point.
            omega = float(_tables().acentric.LK_omega(constants.boiling_point, tc, pc))
        source = "estimate: Lee & Kesler 1975, through the boiling and the critical point"
        found.append(Correlation(0.35 * tc, tc, source, "M", lambda t: float(module.Lee_Kesler(t, tc, pc, omega))))
    return _measured_first(found)


def liquid_density(cas: str, constants: Constants) -> tuple[Correlation, ...]:
    """Fits of the saturated liquid's density [kg/m³]."""
    module = _tables().volume
    dippr = _tables().dippr
    mass = constants.molar_mass
    found = []
    if row := _row(module.rho_data_Perry_8E_105_l, cas):
        perry = tuple(row[f"C{k}"] for k in range(1, 5))
        found.append(
            Correlation(
                row["Tmin"], row["Tmax"], _PERRY.format("2-30"), "1", lambda t: float(dippr.EQ105(t, *perry)) * mass
            )
        )
    if row := _row(module.rho_data_VDI_PPDS_2, cas):
        vdi = tuple(row[k] for k in ("Tc", "rhoc", "A", "B", "C", "D"))
        found.append(Correlation(0.35 * row["Tc"], row["Tc"], _VDI, "1", lambda t: float(dippr.EQ116(t, *vdi))))
    if constants.critical_point_known:
        tc, pc, omega = constants.critical_temperature, constants.critical_pressure, constants.acentric_factor
        if row := _row(module.rho_data_COSTALD, cas):
            volume, omega_srk = row["Vchar"], row["omega_SRK"]
            found.append(
                Correlation(
                    0.35 * tc,
                    0.95 * tc,
                    "COSTALD, Hankinson & Thomson 1979, by the chemicals package",
                    "1",
                    lambda t: mass / float(module.COSTALD(t, tc, volume, omega_srk)),
                )
            )
        found.append(
            Correlation(
                0.35 * tc,
                0.99 * tc,
                "estimate: Yamada & Gunn 1973, corresponding states",
                "M",
                lambda t: mass / float(module.Yamada_Gunn(t, tc, pc, omega)),
            )
        )
    return _measured_first(found)


def heat_of_vaporisation(cas: str, constants: Constants) -> tuple[Correlation, ...]:
    """Fits of the heat of vaporisation [J/kg]."""
    module = _tables().phase_change
    dippr = _tables().dippr
    mass, tc = constants.molar_mass, constants.critical_temperature
    found = []
    if row := _row(module.phase_change_data_Perrys2_150, cas):
        perry = tuple(row[k] for k in ("Tc", "C1", "C2", "C3", "C4"))
        found.append(
            Correlation(
                row["Tmin"],
                row["Tmax"] - 0.1,
                _PERRY.format("2-150"),
                "1",
                lambda t: float(dippr.EQ106(t, *perry)) / mass,
            )
        )
    if row := _row(module.phase_change_data_VDI_PPDS_4, cas):
        vdi = tuple(row[k] for k in ("Tc", "A", "B", "C", "D", "E"))
        found.append(
            Correlation(0.35 * row["Tc"], 0.99 * row["Tc"], _VDI, "1", lambda t: float(module.PPDS12(t, *vdi)) / mass)
        )
    if math.isfinite(tc):
        if (row := _row(module.Hvap_data_CRC, cas)) and row["HvapTb"] > 0.0:
            at_boiling, boiling = row["HvapTb"], row["Tb"]
            found.append(
                Correlation(
                    0.35 * tc,
                    0.98 * tc,
                    f"{_CRC}, at the boiling point; Watson 1943 for other temperatures",
                    "1",
                    lambda t: float(module.Watson(t, at_boiling, boiling, tc)) / mass,
                )
            )
        if constants.critical_point_known:
            omega = constants.acentric_factor
            found.append(
                Correlation(
                    0.35 * tc,
                    0.98 * tc,
                    "estimate: Pitzer 1955, corresponding states",
                    "M",
                    lambda t: float(module.Pitzer(t, tc, omega)) / mass,
                )
            )
    return _measured_first(found)


def surface_tension(cas: str, constants: Constants) -> tuple[Correlation, ...]:
    """Fits of the surface tension against its own vapour [N/m]."""
    module = _tables().interface
    dippr = _tables().dippr
    tc, pc, boiling = constants.critical_temperature, constants.critical_pressure, constants.boiling_point
    found = []
    if row := _row(module.sigma_data_VDI_PPDS_11, cas):
        vdi = tuple(row[k] for k in ("Tc", "A", "B", "C", "D", "E"))
        found.append(Correlation(0.35 * row["Tc"], 0.98 * row["Tc"], _VDI, "1", lambda t: float(dippr.EQ106(t, *vdi))))
    if row := _row(module.sigma_data_Somayajulu2, cas):
        somayajulu = tuple(row[k] for k in ("Tc", "A", "B", "C"))
        source = "Somayajulu 1988, by the chemicals package"
        evaluate = module.Somayajulu
        found.append(Correlation(row["Tt"], 0.98 * row["Tc"], source, "1", lambda t: float(evaluate(t, *somayajulu))))
    if row := _row(module.sigma_data_Jasper_Lange, cas):
        jasper = (row["a"], row["b"])
        source = "Jasper 1972, by the chemicals package"
        found.append(Correlation(row["Tmin"], row["Tmax"], source, "1", lambda t: float(module.Jasper(t, *jasper))))
    if math.isfinite(tc * pc * boiling):
        source = "estimate: Brock & Bird 1955, corresponding states"
        low, high = 0.4 * tc, 0.95 * tc
        found.append(Correlation(low, high, source, "M", lambda t: float(module.Brock_Bird(t, boiling, tc, pc))))
    return _measured_first(found)


def _low(row: dict[str, float]) -> float:
    return 273.15 if 273.15 < row["Tmin"] <= 298.15 else row["Tmin"]


def gas_heat_capacity(cas: str, constants: Constants) -> tuple[Correlation, ...]:
    """Fits of the ideal gas's heat capacity at constant pressure [J/(kg·K)]; those from 298 K on serve from 273 K."""
    module = _tables().heat_capacity
    mass = constants.molar_mass
    found = []
    if (row := _row(module.Cp_data_Poling, cas)) and math.isfinite(row["a0"]):
        poling = tuple(row[f"a{k}"] for k in range(5))
        found.append(
            Correlation(_low(row), row["Tmax"], _POLING, "1", lambda t: float(module.Poling(t, *poling)) / mass)
        )
    if row := _row(module.TRC_gas_data, cas):
        trc = tuple(row[f"a{k}"] for k in range(8))
        source = "TRC, Thermodynamics of Organic Compounds in the Gas State, by the chemicals package"
        found.append(Correlation(_low(row), row["Tmax"], source, "1", lambda t: float(module.TRCCp(t, *trc)) / mass))
    if (row := _row(module.CRC_standard_data, cas)) and row["Cpg"] > 0.0:
        found.extend(_constant(row["Cpg"] / mass, _CRC))
    atoms = _tables().nested_formula_parser(constants.formula) if constants.formula else {}
    if "C" in atoms and "H" in atoms:
        similarity = _tables().similarity_variable(atoms)
        source = "estimate: Lastovka & Shaw 2013, from the number of atoms"
        found.append(Correlation(200.0, 1000.0, source, "M", lambda t: float(module.Lastovka_Shaw(t, similarity))))
    return _measured_first(found)


def liquid_heat_capacity(cas: str, constants: Constants) -> tuple[Correlation, ...]:
    """Fits of the liquid's heat capacity at constant pressure [J/(kg·K)]."""
    module = _tables().heat_capacity
    dippr = _tables().dippr
    mass, tc, omega = constants.molar_mass, constants.critical_temperature, constants.acentric_factor
    found = []
    if row := _row(module.Cp_data_Perry_Table_153_100, cas):
        perry = tuple(row[k] for k in ("A", "B", "C", "D", "E"))
        found.append(
            Correlation(
                row["Tmin"],
                row["Tmax"],
                _PERRY.format("2-153"),
                "1",
                lambda t: float(dippr.EQ100(t, *perry)) / 1000.0 / mass,
            )
        )
    for table, source in ((module.Cp_data_Poling, _POLING), (module.CRC_standard_data, _CRC)):
        if (row := _row(table, cas)) and row["Cpl"] > 0.0:
            found.extend(_constant(row["Cpl"] / mass, source))
    if constants.critical_point_known:
        found.extend(_from_gas(fit, mass, tc, omega) for fit in gas_heat_capacity(cas, constants))
    return _measured_first(found)


def _constant(value: float, source: str) -> tuple[Correlation, ...]:
    """Value at 298 K, good for some 50 K either side, and farther only as an estimate."""
    number = float(value)
    return (
        Correlation(250.0, 350.0, f"{source}, value at 298 K", "1", lambda _: number),
        Correlation(150.0, 400.0, f"estimate: {source}, value at 298 K", "M", lambda _: number),
    )


def _from_gas(gas: Correlation, mass: float, tc: float, omega: float) -> Correlation:
    module = _tables().heat_capacity
    return Correlation(
        max(gas.low, 0.35 * tc),
        min(gas.high, 0.9 * tc),
        "estimate: Rowlinson & Bondi 1969 from the ideal gas's heat capacity",
        "M",
        lambda t: float(module.Rowlinson_Bondi(t, tc, omega, gas.evaluate(t) * mass)) / mass,
    )
