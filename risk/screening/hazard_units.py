"""Major hazards by GB 18218-2018: S, R and level of every hazard unit, with the terms of the sums.

What is counted: every unit of equipment that is in service, at its design maximum quantity (4.2.2), summed over its
hazard unit (3.5, 3.6). A unit of equipment without a hazard unit of its own name is one by itself. A mixture of the
hazard class of its main substance is entered as one substance with the whole mass (4.2.3). What is not known stays
open: S is then a lower bound, R and the level have bounds, and ``missing`` says what would close them.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd

from parkrisk.models.errors import MissingProperty, OutOfRange, UnknownSubstance
from parkrisk.models.substance.substances import Substance, find
from parkrisk.risk.screening.hazard_tables import (
    alpha,
    alpha_bounds,
    beta_by_cas,
    classify,
    exact,
    level,
    symbols,
    table1,
)
from parkrisk.scenarios.events.contents import state
from parkrisk.scenarios.park import Park

_ICE = 273.15
_ATMOSPHERE = 101_325.0  # Pa

_ROW_WORDS = (
    ("no entry in Tables 1 and 2", "表1、表2均未列入"),
    ("no symbol in Table 4: 1 taken", "表4无对应符号，取1"),
    (", class not complete", "，类别不全"),
    ("; lowest of rows", "；取下列各行最小值："),
    ("Table ", "表"),
    (" row ", " 第 "),
    ("unknown", "未知"),
)

UNIT_COLUMNS = (
    "hazard_unit_id",
    "enterprise_id",
    "units",
    "S",
    "complete",
    "major_hazard",
    "beta_sum",
    "residents_500m",
    "alpha",
    "R",
    "R_low",
    "R_high",
    "level",
    "level_worst",
    "level_best",
    "missing",
    "mark",
)
TERM_COLUMNS = (
    "hazard_unit_id",
    "unit_id",
    "cas",
    "substance_zh",
    "substance_en",
    "mass_t",
    "mass_basis_zh",
    "mass_basis_en",
    "Q_t",
    "Q_row",
    "Q_row_zh",
    "q_over_Q",
    "symbols",
    "beta",
    "beta_row",
    "beta_row_zh",
    "beta_q_over_Q",
    "complete",
    "basis_zh",
    "basis_en",
    "missing",
    "mark",
)


@dataclass(frozen=True)
class HazardTable:
    """Hazard units of a park by GB 18218-2018.

    Parameters
    ----------
    units : DataFrame
        One row per hazard unit: S (a lower bound where ``complete`` is False), major_hazard (yes, no, unknown),
        beta_sum (Σ β q/Q), alpha, R with R_low and R_high (R_high infinite where a term is open), level (1 to 4; None
        for S < 1 or while the bounds differ), level_worst and level_best, missing. R stands where its bounds meet.
    terms : DataFrame
        One row per substance in a unit of equipment: mass [t], critical quantity [t] and factor with the table row
        each was taken from, their products. Empty quantities were not known.
    excluded : DataFrame
        unit_id, reason_zh, reason_en: equipment that was not counted.
    """

    units: pd.DataFrame
    terms: pd.DataFrame
    excluded: pd.DataFrame


@dataclass(frozen=True)
class _Factor:
    """A number with bounds and the table row it comes from; ``value`` is None where the bounds differ."""

    low: Fraction
    high: Fraction | None
    row: str

    @property
    def value(self) -> Fraction | None:
        return self.low if self.high == self.low else None


def hazard_units(park: Park) -> HazardTable:
    """Identify and grade the major hazards of a park.

    Parameters
    ----------
    park : Park
        Tables units, contents (optional) and enterprises.

    Returns
    -------
    HazardTable
        Sorted by hazard unit; the order of input rows does not matter.
    """
    units = park.tables["units"]
    out_of_use = (
        units["in_service"].eq("no") if "in_service" in units.columns else units["unit_id"].ne(units["unit_id"])
    )
    excluded = pd.DataFrame(
        {"unit_id": sorted(units.loc[out_of_use, "unit_id"]), "reason_zh": "停用", "reason_en": "out of service"}
    )
    used = {str(row["unit_id"]): _named(row) for row in units.loc[~out_of_use].to_dict("records")}
    items = [(row, str(row["substance"]), _cell(row, "mass_t"), True) for row in used.values()]
    contents = park.tables.get("contents")
    if contents is not None:
        for content in contents.to_dict("records"):
            if str(content["unit_id"]) in used:
                row = used[str(content["unit_id"])]
                items.append((row, str(content["cas"]), float(content["mass_t"]), False))
    names = ("hazard_unit_id", "unit_id", "cas")
    terms = sorted((_term(*item) for item in items), key=lambda term: tuple(str(term[name]) for name in names))
    residents = _residents(park.tables["enterprises"])
    grouped: dict[str, list[dict[str, Any]]] = {}
    for term in terms:
        grouped.setdefault(term["hazard_unit_id"], []).append(term)
    rows = [_unit(name, grouped[name], used, residents) for name in sorted(grouped)]
    shown = [{key: _plain(term[key]) for key in TERM_COLUMNS} for term in terms]
    levels = {"level": "Int64", "level_worst": "Int64", "level_best": "Int64"}
    return HazardTable(
        pd.DataFrame(rows, columns=list(UNIT_COLUMNS)).astype(levels),
        pd.DataFrame(shown, columns=list(TERM_COLUMNS)),
        excluded,
    )


def _named(row: Mapping[Any, Any]) -> dict[str, Any]:
    named = {str(key): value for key, value in row.items()}
    own = named.get("hazard_unit_id")
    named["hazard_unit_id"] = str(own) if isinstance(own, str) and own else str(named["unit_id"])
    return named


def _cell(row: Mapping[Any, Any], name: str) -> float:
    value = row.get(name)
    return math.nan if value is None or value is pd.NA else float(value)


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Fraction) else value


def _residents(enterprises: pd.DataFrame) -> dict[str, float]:
    if "residents_500m" not in enterprises.columns:
        return {}
    return {str(row["enterprise_id"]): _cell(row, "residents_500m") for row in enterprises.to_dict("records")}


def _term(unit: Mapping[str, Any], cas: str, mass_t: float, main: bool) -> dict[str, Any]:
    try:
        substance: Substance | None = find(cas)
    except UnknownSubstance:
        substance = None
    mass, basis_zh, basis_en = _mass(unit, substance, mass_t, main)
    temperature = _cell(unit, "temperature_c") + _ICE
    classes = classify(cas, str(unit["kind"]), temperature, _cell(unit, "pressure_kpa"))
    quantity, quantity_row, complete = _critical_quantity(cas, classes.symbols, classes.complete)
    beta = _beta(cas, classes.symbols, classes.complete)
    missing = []
    if mass is None:
        missing.append(f"units.{unit['unit_id']}.mass_t[{cas}]")
    if not complete:
        missing.append(f"hazard_classes[{cas}]")
    # A substance that both tables leave out adds nothing, whatever its mass.
    if complete and quantity is None:
        ratio: Fraction | None = Fraction(0)
        missing = []
    else:
        ratio = None if mass is None or quantity is None else mass / quantity
    verified = "V" if table1(cas) and cas in beta_by_cas() else classes.mark
    return {
        "hazard_unit_id": unit["hazard_unit_id"],
        "unit_id": str(unit["unit_id"]),
        "cas": cas,
        "substance_zh": cas if substance is None else substance.name_zh,
        "substance_en": cas if substance is None else substance.name_en,
        "mass_t": math.nan if mass is None else mass,
        "mass_basis_zh": basis_zh,
        "mass_basis_en": basis_en,
        "Q_t": math.nan if quantity is None else quantity,
        "Q_row": quantity_row,
        "Q_row_zh": _chinese(quantity_row),
        "q_over_Q": math.nan if ratio is None else ratio,
        "symbols": ";".join(classes.symbols),
        "beta": math.nan if beta.value is None else beta.value,
        "beta_row": beta.row,
        "beta_row_zh": _chinese(beta.row),
        "beta_q_over_Q": math.nan if ratio is None or beta.value is None else beta.value * ratio,
        "complete": ratio is not None and complete,
        "basis_zh": classes.basis_zh,
        "basis_en": classes.basis_en,
        "missing": tuple(missing),
        "mark": verified,
        "ratio": ratio,
        "factor": beta,
    }


def _mass(
    unit: Mapping[str, Any], substance: Substance | None, mass_t: float, main: bool
) -> tuple[Fraction | None, str, str]:
    """Design maximum mass [t]: as stated, or volume × largest fill × density."""
    if math.isfinite(mass_t):
        return exact(mass_t), "填报的设计最大量", "design maximum as stated"
    volume = _cell(unit, "volume_m3")
    if substance is None or not main or not math.isfinite(volume):
        return None, "未知", "unknown"
    fill = _cell(unit, "max_fill_fraction")
    full_zh, full_en = ("", "")
    if not math.isfinite(fill):
        fill, full_zh, full_en = 1.0, "（装满系数未知，按装满计）", " (largest fill unknown, counted as full)"
    temperature = _cell(unit, "temperature_c") + _ICE
    try:
        held = state(unit, _ATMOSPHERE)
        gas = held.phase == "gas"
        density = substance.gas_density(temperature, held.pressure) if gas else substance.liquid_density(temperature)
    except (MissingProperty, OutOfRange) as error:
        return None, f"未知：{error.message_zh}", f"unknown: {error.message_en}"
    if not math.isfinite(density):
        return None, "未知", "unknown"
    if gas:
        zh, en = f"容积 × 气体密度 {density:.4g} kg/m³", f"volume × gas density {density:.4g} kg/m³"
        return exact(volume * density / 1e3), zh, en
    if held.in_doubt:
        full_zh += "（填报压力低于饱和蒸气压，按液体计）"
        full_en += " (stated pressure below the vapour pressure, counted as liquid)"
    zh = f"容积 × 最大充装系数 {fill:g} × 液体密度 {density:.4g} kg/m³{full_zh}"
    en = f"volume × largest fill {fill:g} × liquid density {density:.4g} kg/m³{full_en}"
    return exact(volume * fill * density / 1e3), zh, en


def _critical_quantity(cas: str, classes: tuple[str, ...], complete: bool) -> tuple[Fraction | None, str, bool]:
    """Critical quantity [t], the table row it stands in, and whether no lower one is possible (4.1.2)."""
    rows = table1(cas)
    if rows:
        row = rows[0]
        condition = f" ({row.condition})" if row.condition else ""
        others = f"; lowest of rows {', '.join(str(each.number) for each in rows)}" if len(rows) > 1 else ""
        return row.quantity, f"Table 1 row {row.number}{condition}{others}", True
    if not classes:
        return None, "no entry in Tables 1 and 2" if complete else "unknown", complete
    chosen = min(classes, key=lambda symbol: (symbols()[symbol][0], symbol))
    return symbols()[chosen][0], f"Table 2 {chosen}", complete


def _chinese(row: str) -> str:
    """Name of a table row in Chinese; conditions of a row stay as they are."""
    for english, chinese in _ROW_WORDS:
        row = row.replace(english, chinese)
    return row


def _beta(cas: str, classes: tuple[str, ...], complete: bool) -> _Factor:
    """Factor beta: Table 3 before Table 4, and the largest of several classes."""
    if cas in beta_by_cas():
        value = beta_by_cas()[cas]
        return _Factor(value, value, "Table 3")
    every = [beta for _, beta in symbols().values()]
    if not complete:
        low = max((symbols()[symbol][1] for symbol in classes), default=min(every))
        return _Factor(low, max(every), "Table 4, class not complete")
    if not classes:
        return _Factor(min(every), min(every), "no symbol in Table 4: 1 taken")
    chosen = max(classes, key=lambda symbol: (symbols()[symbol][1], symbol))
    value = symbols()[chosen][1]
    return _Factor(value, value, f"Table 4 {chosen}")


def _unit(
    name: str, terms: list[dict[str, Any]], used: Mapping[str, Mapping[str, Any]], residents: Mapping[str, float]
) -> dict[str, Any]:
    S = sum((term["ratio"] for term in terms if term["ratio"] is not None), Fraction(0))
    complete = all(term["complete"] for term in terms)
    low = sum((term["factor"].low * term["ratio"] for term in terms if term["ratio"] is not None), Fraction(0))
    high = _high(terms)
    enterprises = sorted({str(used[term["unit_id"]]["enterprise_id"]) for term in terms})
    people = [residents.get(enterprise, math.nan) for enterprise in enterprises]
    alpha_low, alpha_high = _alpha(people)
    R_low = alpha_low * low
    R_high = None if high is None else alpha_high * high
    missing = list(dict.fromkeys(entry for term in terms for entry in term["missing"]))
    if any(math.isnan(count) for count in people):
        missing += [
            f"enterprises.{each}.residents_500m" for each in enterprises if math.isnan(residents.get(each, math.nan))
        ]
    major = "yes" if S >= 1 else "no" if complete else "unknown"
    worst, best = _levels(major, R_low, R_high)
    return {
        "hazard_unit_id": name,
        "enterprise_id": ";".join(enterprises),
        "units": len({term["unit_id"] for term in terms}),
        "S": float(S),
        "complete": complete,
        "major_hazard": major,
        "beta_sum": float(low) if low == high else math.nan,
        "residents_500m": max(people) if not any(math.isnan(count) for count in people) else math.nan,
        "alpha": float(alpha_low) if alpha_low == alpha_high else math.nan,
        "R": float(R_low) if R_low == R_high else math.nan,
        "R_low": float(R_low),
        "R_high": math.inf if R_high is None else float(R_high),
        "level": worst if worst == best else None,
        "level_worst": worst,
        "level_best": best,
        "missing": tuple(missing),
        "mark": max((str(term["mark"]) for term in terms), key="V1M".index),
    }


def _high(terms: Iterable[Mapping[str, Any]]) -> Fraction | None:
    """Largest Σ β q/Q; None: no bound, because a quantity or a class is not known."""
    total = Fraction(0)
    for term in terms:
        if not term["complete"]:
            return None
        total += term["factor"].high * term["ratio"]
    return total


def _alpha(people: list[float]) -> tuple[Fraction, Fraction]:
    """Bounds of alpha; of several enterprises in one hazard unit the one with most residents counts."""
    counts = [count for count in people if not math.isnan(count)]
    low = alpha(max(counts)) if counts else alpha_bounds()[0]
    return (low, low) if len(counts) == len(people) else (low, alpha_bounds()[1])


def _levels(major: str, R_low: Fraction, R_high: Fraction | None) -> tuple[int | None, int | None]:
    """Worst and best level that R leaves open; a hazard unit that may not be a major hazard has no best level."""
    if major == "no":
        return None, None
    worst = level(math.inf if R_high is None else R_high)
    return worst, level(R_low) if major == "yes" else None
