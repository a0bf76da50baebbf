"""Tables of GB 18218-2018: critical quantities, factors, levels, and the hazard classes of substances.

A substance that Table 1 does not name takes the lowest quantity of all its hazard classes in Table 2. Classes come
from ``rules/gb18218/classes.csv``; the symbols W5.1 to W5.4 of flammable liquids depend on the process conditions.
Where no class is on record, flash and boiling point tell whether the substance is flammable, and nothing tells whether
it is toxic: such a classification is marked incomplete.
"""

import csv
import functools
import math
from dataclasses import dataclass
from fractions import Fraction

from parkrisk.models.errors import MissingProperty, UnknownSubstance
from parkrisk.models.substance.substances import Substance, find
from parkrisk.risk.rules.facts import RULES_FOLDER

_ICE = 273.15
# Equipment in which a hazardous process is taken to run: GB 18218-2018 Table 2, W5.2.
_PROCESS_KINDS = frozenset({"reactor"})


def _read(name: str) -> list[dict[str, str]]:
    with (RULES_FOLDER / "gb18218" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def exact(number: float | str) -> Fraction:
    """Give a number as the decimal fraction that it shows, so that 0.7 + 0.2 + 0.1 reaches 1."""
    return Fraction(str(number))


@functools.cache
def conditions() -> dict[str, float]:
    """Bounds of classes: name → value in the unit of the table."""
    return {row["name"]: float(row["value"]) for row in _read("conditions")}


@functools.cache
def symbols() -> dict[str, tuple[Fraction, Fraction]]:
    """Symbol of Table 2 → critical quantity [t] and factor beta of Table 4."""
    beta = {row["symbol"]: exact(row["beta"]) for row in _read("table4")}
    return {row["symbol"]: (exact(row["critical_quantity_t"]), beta[row["symbol"]]) for row in _read("table2")}


@functools.cache
def beta_by_cas() -> dict[str, Fraction]:
    """Factor beta of the toxic gases of Table 3."""
    return {row["cas"]: exact(row["beta"]) for row in _read("table3")}


def alpha(residents: float) -> Fraction:
    """Factor alpha of Table 5 for the residents within 500 m outside the plant boundary."""
    chosen = max((row for row in _read_table5() if residents >= row[0]), key=lambda row: row[0])
    return chosen[1]


@functools.cache
def _read_table5() -> tuple[tuple[float, Fraction], ...]:
    return tuple((float(row["residents_min"]), exact(row["alpha"])) for row in _read("table5"))


def alpha_bounds() -> tuple[Fraction, Fraction]:
    """Lowest and highest factor alpha."""
    values = [value for _, value in _read_table5()]
    return min(values), max(values)


@functools.cache
def _read_table6() -> tuple[tuple[float, int], ...]:
    return tuple((float(row["r_min"] or 0.0), int(row["level"])) for row in _read("table6"))


def level(R: Fraction | float) -> int:
    """Level of Table 6, 1 (highest) to 4; the lower bound of R belongs to the level. For hazard units with S ≥ 1."""
    return min(rank for low, rank in _read_table6() if low <= R)


@dataclass(frozen=True)
class Table1Row:
    """A row of Table 1. [t]"""

    number: int
    name_zh: str
    name_en: str
    quantity: Fraction
    condition: str
    source: str
    mark: str


@functools.cache
def _table1() -> dict[str, tuple[Table1Row, ...]]:
    found: dict[str, tuple[Table1Row, ...]] = {}
    for row in _read("table1"):
        entry = Table1Row(
            int(row["row"]),
            row["name_zh"],
            row["name_en"],
            exact(row["critical_quantity_t"]),
            row["condition"],
            row["source"],
            row["mark"],
        )
        names = [row["name_zh"], row["name_en"], *row["cas"].split(";"), *row["alias_zh"].split("；")]
        for name in filter(None, names):
            found[name] = (*found.get(name, ()), entry)
    return found


def table1(cas: str) -> tuple[Table1Row, ...]:
    """Rows of Table 1 for a CAS number, or for a name as the table prints it; lowest quantity first."""
    return tuple(sorted(_table1().get(cas, ()), key=lambda row: (row.quantity, row.number)))


@dataclass(frozen=True)
class Classes:
    """Hazard classes of a substance as symbols of Table 2.

    ``complete`` is False where a class may be missing; ``basis_zh`` and ``basis_en`` say how the classes were found.
    """

    symbols: tuple[str, ...]
    complete: bool
    basis_zh: str
    basis_en: str
    mark: str


def classify(cas: str, kind: str, temperature: float, pressure_kpa: float) -> Classes:
    """Symbols of Table 2 that a substance has in one piece of equipment.

    Parameters
    ----------
    cas : str
    kind : str
        Kind of unit.
    temperature : float
        Working temperature, NaN if not known. [K]
    pressure_kpa : float
        Working pressure, gauge, NaN if not known. [kPa]
    """
    row = _classes().get(cas)
    substance = _substance(cas)
    if row is not None:
        fixed = tuple(symbol for symbol in row["symbols"].split(";") if symbol != "none")
        liquid = int(row["flammable_liquid"] or 0)
        note = f"; {row['note']}" if row["note"] else ""
        basis = (f"分类表{'' if not note else '（见注）'}", f"class list{note}")
        complete, mark = True, row["mark"]
    else:
        fixed, liquid = _from_properties(substance)
        basis = ("由闪点和沸点推定，毒性类别未查", "from flash and boiling point; toxicity class not on record")
        complete, mark = False, "M"
        if not fixed and not liquid:
            return Classes((), False, "类别未知", "hazard class unknown", "M")
    if not liquid:
        return Classes(fixed, complete, *basis, mark)
    symbol, why_zh, why_en = _liquid_symbol(liquid, substance, kind, temperature, pressure_kpa)
    return Classes((*fixed, symbol), complete, f"{basis[0]}；{why_zh}", f"{basis[1]}; {why_en}", mark)


@functools.cache
def _classes() -> dict[str, dict[str, str]]:
    return {row["cas"]: row for row in _read("classes")}


def _substance(cas: str) -> Substance | None:
    try:
        return find(cas)
    except UnknownSubstance:
        return None


def _value(substance: Substance | None, name: str) -> float:
    if substance is None:
        return math.nan
    try:
        return substance.property(name).value
    except MissingProperty:
        return math.nan


def _from_properties(substance: Substance | None) -> tuple[tuple[str, ...], int]:
    """Flammable gas, or category of a flammable liquid by GB 30000.7; nothing where the data are missing."""
    bound = conditions()
    boiling, flash = _value(substance, "boiling_point") - _ICE, _value(substance, "flash_point") - _ICE
    if boiling <= bound["gas_boiling_point"]:
        return (("W2",), 0) if math.isfinite(_value(substance, "lfl")) else ((), 0)
    if flash < bound["flash_point_category_2"]:
        return (), 1 if boiling <= bound["boiling_point_category_1"] else 2
    return (), 3 if flash <= bound["flash_point_category_3"] else 0


def _liquid_symbol(
    category: int, substance: Substance | None, kind: str, temperature: float, pressure_kpa: float
) -> tuple[str, str, str]:
    if category == 1:
        return "W5.1", "易燃液体类别1", "flammable liquid category 1"
    boiling = _value(substance, "boiling_point")
    if temperature > boiling:
        return "W5.1", f"类别{category}，工作温度高于沸点", f"category {category} above its boiling point"
    if pressure_kpa > conditions()["special_pressure"]:
        return "W5.2", f"类别{category}，操作压力大于1.6 MPa", f"category {category} above 1.6 MPa"
    if kind in _PROCESS_KINDS:
        return (
            "W5.2",
            f"类别{category}，反应器按危险化工工艺计",
            f"category {category}, a reactor counted as a hazardous process",
        )
    # Without temperature or boiling point the comparison above is false: say that it was not made.
    open_zh, open_en = ("", "")
    if math.isnan(temperature) or math.isnan(boiling):
        open_zh, open_en = "，温度或沸点未知，未与沸点比较", ", not compared with the boiling point: unknown"
    symbol = "W5.3" if category == 2 else "W5.4"
    return symbol, f"类别{category}{open_zh}", f"category {category}{open_en}"
