"""Numbers and lists of GB/T 37243-2019, from ``rules/gbt37243_*.csv``; most could not be checked against the text."""

import csv
import functools
from dataclasses import dataclass
from fractions import Fraction

from parkrisk.risk.criteria import individual_limits
from parkrisk.risk.rules.facts import RULES_FOLDER

__all__ = ["METHOD_NAMES", "Method", "class_groups", "classes", "methods", "overpressure_limits"]

#: Chinese and English names of what stands in the column ``method``.
METHOD_NAMES = {
    "consequence": ("事故后果法", "accident consequence"),
    "qra": ("定量风险评价法", "quantitative risk assessment"),
    "standards": ("相关标准规定的距离", "distance of the design standards"),
    "undetermined": ("方法未定", "method not determined"),
    "out_of_scope": ("不在适用范围", "out of scope"),
}


@dataclass(frozen=True)
class Method:
    """When a method applies.

    Parameters
    ----------
    symbols : frozenset of str
        Hazard classes, as symbols of GB 18218-2018 Table 2, that call for it.
    ratio : Fraction or None
        Least sum of design maximum over critical quantity of these substances; None: any amount. [-]
    mark : str
    """

    symbols: frozenset[str]
    ratio: Fraction | None
    mark: str


def _read(name: str) -> list[dict[str, str]]:
    with (RULES_FOLDER / f"gbt37243_{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@functools.cache
def methods() -> dict[str, Method]:
    """The methods, by name."""
    return {
        row["method"]: Method(
            frozenset(filter(None, row["symbols"].split(";"))),
            Fraction(row["ratio"]) if row["ratio"] else None,
            row["mark"],
        )
        for row in _read("methods")
    }


@functools.cache
def overpressure_limits() -> dict[str, tuple[float, str]]:
    """Largest overpressure at targets of each class [Pa], and its mark."""
    return {row["target_class"]: (1e3 * float(row["overpressure_kpa"]), row["mark"]) for row in _read("overpressure")}


@functools.cache
def classes() -> tuple[str, ...]:
    """Classes of protection targets that have limits, the most protected first."""
    return tuple(dict.fromkeys(name for name, _ in individual_limits()))


@functools.cache
def class_groups() -> tuple[tuple[str, ...], ...]:
    """Classes with the same limits of every method together, the most protected first."""
    limits = individual_limits()
    found: dict[tuple[float, ...], list[str]] = {}
    for name in classes():
        key = (limits[name, "existing"].value, limits[name, "new"].value, overpressure_limits()[name][0])
        found.setdefault(key, []).append(name)
    return tuple(tuple(names) for names in found.values())
