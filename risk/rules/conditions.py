"""What a rule measures: the form of its tests, read and checked.

- ``{ quantity = "park.grade", comparison = "in", limit = ["C", "D"] }``
- ``{ indicator = "wastewater_collected", comparison = ">=", limit = 100, unit = "%" }``; ``limit_indicator`` names
  another indicator in place of a fixed limit
- ``{ evidence = "overall-assessment", max_age_years = 3 }``: answered "yes", and not older than that
- ``{ rule = "law-18a", status = ["pass", "not_applicable"] }``: how another rule came out
- ``{ all = [ … ] }`` and ``{ any = [ … ] }`` of tests
"""

import csv
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from parkrisk.risk.rules.checker import Checker
from parkrisk.risk.rules.facts import (
    DISCRETE_COMPARISONS,
    NUMBER_COMPARISONS,
    RULES_FOLDER,
    Evidence,
    Value,
    convert,
    same_kind,
)

#: How deep tests may be nested.
DEPTH = 8
#: How another rule may come out for a test; "unknown" is none of them: it leaves the test open.
OUTCOMES = ("pass", "fail", "not_applicable")

_LEAF_OPTIONAL = {
    "quantity": ("comparison", "limit", "unit"),
    "indicator": ("comparison", "limit", "limit_indicator", "unit"),
    "evidence": ("max_age_years", "may_not_apply"),
    "rule": ("status",),
}
_KINDS = (*_LEAF_OPTIONAL, "all", "any")
_BECAUSE = ("because_zh", "because_en")


@dataclass(frozen=True)
class Quantity:
    """A quantity that rules may name; ``choices`` pairs each allowed value with its Chinese and English words."""

    name: str
    type: str
    unit: str
    choices: Mapping[str, tuple[str, str]]
    label_zh: str
    label_en: str


@functools.cache
def quantities() -> dict[str, Quantity]:
    """Every quantity that rules may name."""
    with (RULES_FOLDER / "quantities.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["name"]: Quantity(
                row["name"],
                row["type"],
                row["unit"],
                _choices(row["choices"]),
                row["label_zh"],
                row["label_en"],
            )
            for row in csv.DictReader(file)
        }


def _choices(cell: str) -> dict[str, tuple[str, str]]:
    """Read "value=Chinese=English" entries, separated by semicolons."""
    parts = [entry.split("=") for entry in cell.split(";") if entry]
    return {value: (zh, en) for value, zh, en in parts}


@dataclass(frozen=True)
class Leaf:
    """A test of one thing: ``what`` is "quantity", "indicator", "evidence" or "rule"."""

    what: str
    name: str
    comparison: str = "is"
    limit: Value | tuple[Value, ...] | None = "yes"
    limit_indicator: str = ""
    unit: str = ""
    max_age_years: int | None = None
    may_not_apply: bool = False
    because_zh: str = ""
    because_en: str = ""


@dataclass(frozen=True)
class Branch:
    """Tests joined by "all" or "any"."""

    how: str
    parts: "tuple[Leaf | Branch, ...]"
    because_zh: str = ""
    because_en: str = ""


Test = Leaf | Branch


def leaves(test: Test) -> Iterator[Leaf]:
    """Every single test within a test."""
    if isinstance(test, Leaf):
        yield test
        return
    for part in test.parts:
        yield from leaves(part)


@dataclass(frozen=True)
class TestReader:
    """Reads the tests of one rule.

    Parameters
    ----------
    checker : Checker
    evidence : mapping of (what, item) to Evidence
        Items and indicators that tests may name.
    place : str
        The rule, for messages.
    """

    __test__ = False  # no test case

    checker: Checker
    evidence: Mapping[tuple[str, str], Evidence]
    place: str

    def many(self, field: str, rows: object) -> tuple[Test, ...]:
        """Read a list of tests."""
        if not isinstance(rows, list):
            self._fault(field, rows, "应为数组", "should be an array")
            return ()
        parsed = [self.one(field, row) for row in rows]
        return tuple(test for test in parsed if test is not None)

    def one(self, field: str, row: object, depth: int = 0) -> Test | None:
        """Read one test; None where it cannot be read, which is then among the problems."""
        if not isinstance(row, Mapping):
            self._fault(field, row, "不是有效的判定条件", "not a test")
            return None
        if depth > DEPTH:
            self._fault(field, "", f"条件嵌套超过 {DEPTH} 层", f"tests nested more than {DEPTH} deep")
            return None
        kinds = [kind for kind in _KINDS if kind in row]
        if len(kinds) != 1:
            self._fault(
                field,
                dict(row),
                f"应当且仅当含 {'、'.join(_KINDS)} 之一",
                f"needs exactly one of {', '.join(_KINDS)}",
            )
            return None
        kind = kinds[0]
        known = (*_LEAF_OPTIONAL.get(kind, ()), *_BECAUSE)
        self.checker.keys(self.place, row, (kind,), known)
        self.checker.texts(self.place, row, _BECAUSE)
        because = (str(row.get("because_zh", "")), str(row.get("because_en", "")))
        if kind in ("all", "any"):
            parts = row[kind] if isinstance(row[kind], list) else []
            if not parts:
                self._fault(field, row[kind], "应列出至少一个条件", "should list at least one test")
            inner = [self.one(field, part, depth + 1) for part in parts]
            return Branch(kind, tuple(test for test in inner if test is not None), *because)
        if not isinstance(row[kind], str):
            self._fault(f"{field}.{kind}", row[kind], "应为文字（加引号）", "should be text, in quotation marks")
            return None
        if kind == "evidence":
            return self._evidence(field, row, because, depth)
        return self._rule(field, row, because) if kind == "rule" else self._measured(field, kind, row, because)

    def _fault(self, field: str, found: object, zh: str, en: str) -> None:
        self.checker.add(self.place, field, found, zh, en)

    def _declared(self, field: str, what: str, item: str) -> Evidence | None:
        found = self.evidence.get((what, item))
        if found is None:
            names = [name for kind, name in self.evidence if kind == what]
            words = ("证据项", "evidence item") if what == "answer" else ("指标", "indicator")
            table = "evidence" if what == "answer" else "indicator"
            self.checker.unknown(
                self.place,
                field,
                item,
                names,
                f"{words[0]}（自定义项须在 [[{table}]] 中写明名称和填报方）",
                f"{words[1]} (one of your own has to be declared by [[{table}]])",
            )
        return found

    def _rule(self, field: str, row: Mapping[str, Any], because: tuple[str, str]) -> Leaf:
        status = row.get("status")
        wanted = status if isinstance(status, list) and status else [status]
        for each in wanted:
            self.checker.choice(self.place, f"{field}.status", each, OUTCOMES)
        return Leaf("rule", row["rule"], "in", tuple(map(str, wanted)), because_zh=because[0], because_en=because[1])

    def _evidence(self, field: str, row: Mapping[str, Any], because: tuple[str, str], depth: int) -> Leaf:
        self._declared(f"{field}.evidence", "answer", row["evidence"])
        age = row.get("max_age_years")
        if age is not None and (isinstance(age, bool) or not isinstance(age, int) or age < 1):
            self._fault(f"{field}.max_age_years", age, "应为正整数", "should be a whole number of years, 1 or more")
            age = None
        waivable = row.get("may_not_apply", False)
        if not isinstance(waivable, bool):
            self._fault(f"{field}.may_not_apply", waivable, "应为 true 或 false", "should be true or false")
        if waivable and (depth or field != "test"):
            self._fault(f"{field}.may_not_apply", True, "只能用于单一条件", "belongs to a test that stands alone")
        return Leaf(
            "evidence",
            row["evidence"],
            max_age_years=age,
            may_not_apply=bool(waivable),
            because_zh=because[0],
            because_en=because[1],
        )

    def _measured(self, field: str, kind: str, row: Mapping[str, Any], because: tuple[str, str]) -> Leaf | None:
        name, unit, limit = row[kind], str(row.get("unit", "")), row.get("limit")
        quantity = self._quantity(field, kind, name)
        if quantity is None:
            return None
        comparison = row.get("comparison")
        number = quantity.type == "number"
        self.checker.choice(
            self.place, f"{field}.comparison", comparison, NUMBER_COMPARISONS if number else DISCRETE_COMPARISONS
        )
        if number and not same_kind(unit, quantity.unit):
            self._fault(
                f"{field}.unit",
                unit,
                f"单位应可换算为 {quantity.unit or '1'}",
                f"should be a unit that converts to {quantity.unit or '1'}",
            )
        if not number and unit:
            self._fault(f"{field}.unit", unit, f"{name} 没有单位", f"{name} has no unit")
        other = row.get("limit_indicator", "")
        if other and limit is not None:
            self._fault(
                f"{field}.limit", limit, "limit 与 limit_indicator 只能有一个", "limit or limit_indicator, not both"
            )
        if other:
            self._other_limit(f"{field}.limit_indicator", str(other), unit)
        elif not self._limit(f"{field}.limit", quantity, str(comparison), limit):
            return None
        held = tuple(limit) if isinstance(limit, list) else float(limit) if number and limit is not None else limit
        return Leaf(kind, name, str(comparison), held, str(other), unit, None, False, *because)

    def _quantity(self, field: str, kind: str, name: str) -> Quantity | None:
        if kind == "indicator":
            declared = self._declared(f"{field}.indicator", "indicator", name)
            if declared is None:
                return None
            return Quantity(name, "number", declared.unit, {}, declared.label_zh, declared.label_en)
        if name not in quantities():
            self.checker.unknown(self.place, f"{field}.quantity", name, quantities(), "量", "quantity")
        return quantities().get(name)

    def _other_limit(self, field: str, name: str, unit: str) -> None:
        declared = self._declared(field, "indicator", name)
        if declared is not None and convert(1.0, declared.unit, unit) is None:
            self._fault(
                field,
                name,
                f"单位 {declared.unit} 不能换算为 {unit}",
                f"its unit {declared.unit} does not convert to {unit}",
            )

    def _limit(self, field: str, quantity: Quantity, comparison: str, limit: object) -> bool:
        many = comparison in ("in", "not_in")
        parts = limit if many and isinstance(limit, list) and limit else [limit]
        fits = all(_fits(quantity, part) for part in parts) and isinstance(limit, list) == many
        if not fits:
            zh, en = _right_limit(quantity)
            self._fault(
                field,
                "" if limit is None else limit,
                f"{quantity.name} 的界限应为{zh}" + ("组成的列表" if many else ""),
                f"the limit of {quantity.name} should be {'a list of values, each ' if many else ''}{en}",
            )
        return fits


def _right_limit(quantity: Quantity) -> tuple[str, str]:
    if quantity.type == "boolean":
        return " true 或 false", "true or false"
    if quantity.type == "number":
        return "有限的数值", "a finite number"
    if not quantity.choices:
        return "文字", "text"
    names = list(quantity.choices)
    return f" {'、'.join(names)} 之一", f"one of {', '.join(names)}"


def _fits(quantity: Quantity, value: object) -> bool:
    if quantity.type == "boolean":
        return isinstance(value, bool)
    if quantity.type == "number":
        return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")
    return isinstance(value, str) and (not quantity.choices or value in quantity.choices)
