"""The form of a rulebook file: one TOML file per instrument and edition, checked as a whole before any rule is used.

A rulebook has a head (``[rulebook]``) and rules (``[[rule]]``). What a rule measures is a test:

- ``{ quantity = "park.grade", comparison = "in", limit = ["C", "D"] }``
- ``{ indicator = "wastewater_collected", comparison = ">=", limit = 100, unit = "%" }``; ``limit_indicator`` names
  another indicator in place of a fixed limit
- ``{ evidence = "overall-assessment", max_age_years = 3 }``: answered "yes", and not older than that
- ``{ all = [ … ] }`` and ``{ any = [ … ] }`` of tests

``applies_when`` lists the tests that make a rule bind (all of them), ``exempt_when`` those that lift it (any of them),
``curable_by`` the changes of a project that may make it pass.
"""

import csv
import datetime as dt
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from parkrisk.models.errors import Problem
from parkrisk.risk.rules.facts import DISCRETE_COMPARISONS, NUMBER_COMPARISONS, RULES_FOLDER, Value, same_kind

SEVERITIES = ("gate", "duty", "target", "encouraged")
SCOPES = ("park", "project")
MARKS = ("V", "1", "M")
#: Changes of a project that may make a failed rule pass: another place, a smaller inventory.
CURES = ("move", "inventory")
DEPTH = 8

_HEAD_REQUIRED = ("id", "instrument_zh", "instrument_en", "edition", "in_force_from", "source", "mark")
_HEAD_OPTIONAL = ("in_force_until", "includes")
_RULE_REQUIRED = ("id", "clause", "title_zh", "title_en", "bound", "scope", "severity", "test")
_RULE_OPTIONAL = (
    "in_principle",
    "applies_when",
    "exempt_when",
    "in_force_from",
    "in_force_until",
    "source",
    "mark",
    "replaces",
    "curable_by",
)
_LEAF_OPTIONAL = {
    "quantity": ("comparison", "limit", "unit"),
    "indicator": ("comparison", "limit", "limit_indicator", "unit"),
    "evidence": ("max_age_years", "may_not_apply"),
}
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
    """A test of one thing: ``what`` is "quantity", "indicator" or "evidence"."""

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


@dataclass(frozen=True)
class Rule:
    """One requirement of an instrument."""

    id: str
    rulebook: str
    instrument_zh: str
    instrument_en: str
    edition: str
    clause: str
    title_zh: str
    title_en: str
    bound: str
    scope: tuple[str, ...]
    severity: str
    in_principle: bool
    applies_when: tuple[Test, ...]
    test: Test
    exempt_when: tuple[Test, ...]
    in_force_from: dt.date
    in_force_until: dt.date | None
    source: str
    mark: str
    replaces: str
    curable_by: tuple[str, ...]

    def in_force(self, day: dt.date) -> bool:
        """Whether the rule is in force on that day, first and last day included."""
        return self.in_force_from <= day and (self.in_force_until is None or day <= self.in_force_until)


class Checker:
    """Collects the problems of one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Problem] = []

    def add(self, place: str, field: str, found: object, message_zh: str, message_en: str) -> None:
        """Note one problem: at which rule, in which field, what stands there."""
        self.found.append(
            Problem(self.file, None, f"{place}.{field}", "rules.invalid", str(found), message_zh, message_en)
        )

    def keys(self, place: str, table: Mapping[str, Any], required: tuple[str, ...], optional: tuple[str, ...]) -> None:
        """Note missing and unknown keys."""
        for key in required:
            if table.get(key) in (None, ""):
                self.add(place, key, "", f"缺少 {key}", f"{key} is missing")
        for key in table:
            if key not in required and key not in optional:
                self.add(place, key, table[key], f"未知字段 {key}", f"unknown key {key}")

    def choice(self, place: str, field: str, value: object, choices: tuple[str, ...]) -> None:
        """Note a value that is none of the choices."""
        if value not in choices:
            self.add(
                place,
                field,
                value,
                f"应为 {'、'.join(choices)} 之一",
                f"should be one of {', '.join(map(str, choices))}",
            )


def parse(file: str, document: Mapping[str, Any]) -> tuple[tuple[Rule, ...], tuple[Problem, ...]]:
    """Rules of one rulebook file and every problem found in it; with problems the rules are not complete.

    Parameters
    ----------
    file : str
        Name for messages.
    document : mapping
        The TOML document.
    """
    checker = Checker(file)
    checker.keys("file", document, ("rulebook", "rule"), ())
    head = document.get("rulebook", {})
    if not isinstance(head, Mapping):
        checker.add("file", "rulebook", head, "应为表", "should be a table")
        return (), tuple(checker.found)
    checker.keys("rulebook", head, _HEAD_REQUIRED, _HEAD_OPTIONAL)
    rules = []
    rows = document.get("rule", [])
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        checker.add("file", "rule", "", "应为 [[rule]] 数组", "should be an array of tables, [[rule]]")
        rows = []
    for number, row in enumerate(rows, 1):
        rule = _rule(checker, head, row, str(row.get("id") or f"rule {number}"))
        if rule is not None:
            rules.append(rule)
    return tuple(rules), tuple(checker.found)


def _rule(checker: Checker, head: Mapping[str, Any], row: Mapping[str, Any], place: str) -> Rule | None:
    before = len(checker.found)
    checker.keys(place, row, _RULE_REQUIRED, _RULE_OPTIONAL)
    scope = row.get("scope", [])
    for part in scope if isinstance(scope, list) else [scope]:
        checker.choice(place, "scope", part, SCOPES)
    checker.choice(place, "severity", row.get("severity"), SEVERITIES)
    checker.choice(place, "mark", row.get("mark", head.get("mark")), MARKS)
    if not isinstance(row.get("in_principle", False), bool):
        checker.add(place, "in_principle", row["in_principle"], "应为 true 或 false", "should be true or false")
    start = _day(checker, place, "in_force_from", row.get("in_force_from", head.get("in_force_from")))
    end = _day(checker, place, "in_force_until", row.get("in_force_until", head.get("in_force_until")))
    if start and end and end < start:
        checker.add(place, "in_force_until", end, "早于施行日期", "lies before in_force_from")
    cures = row.get("curable_by", [])
    for cure in cures if isinstance(cures, list) else [cures]:
        checker.choice(place, "curable_by", cure, CURES)
    test = _test(checker, place, "test", row.get("test", {}))
    applies = _tests(checker, place, "applies_when", row.get("applies_when", []))
    exempt = _tests(checker, place, "exempt_when", row.get("exempt_when", []))
    for part in exempt:
        if not part.because_zh or not part.because_en:
            checker.add(
                place, "exempt_when", "", "豁免应写明理由（中英文）", "an exemption states why, in Chinese and English"
            )
    if len(checker.found) > before or test is None or start is None:
        return None
    return Rule(
        id=str(row["id"]),
        rulebook=str(head.get("id", "")),
        instrument_zh=str(head.get("instrument_zh", "")),
        instrument_en=str(head.get("instrument_en", "")),
        edition=str(head.get("edition", "")),
        clause=str(row["clause"]),
        title_zh=str(row["title_zh"]),
        title_en=str(row["title_en"]),
        bound=str(row["bound"]),
        scope=tuple(scope),
        severity=str(row["severity"]),
        in_principle=bool(row.get("in_principle", False)),
        applies_when=applies,
        test=test,
        exempt_when=exempt,
        in_force_from=start,
        in_force_until=end,
        source=str(row.get("source", head.get("source", ""))),
        mark=str(row.get("mark", head.get("mark"))),
        replaces=str(row.get("replaces", "")),
        curable_by=tuple(cures),
    )


def _day(checker: Checker, place: str, field: str, value: object) -> dt.date | None:
    if value is None:
        return None
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    checker.add(place, field, value, "应为日期，如 2026-05-01", "should be a date such as 2026-05-01")
    return None


def _tests(checker: Checker, place: str, field: str, rows: object) -> tuple[Test, ...]:
    if not isinstance(rows, list):
        checker.add(place, field, rows, "应为数组", "should be an array")
        return ()
    parsed = [_test(checker, place, field, row) for row in rows]
    return tuple(test for test in parsed if test is not None)


def _test(checker: Checker, place: str, field: str, row: object, depth: int = 0) -> Test | None:
    if not isinstance(row, Mapping) or depth > DEPTH:
        checker.add(place, field, row, "不是有效的判定条件", "not a test, or nested too deep")
        return None
    kinds = [kind for kind in (*_LEAF_OPTIONAL, "all", "any") if kind in row]
    if len(kinds) != 1:
        checker.add(
            place,
            field,
            dict(row),
            "应当且仅当含 quantity、indicator、evidence、all、any 之一",
            "needs exactly one of quantity, indicator, evidence, all, any",
        )
        return None
    kind = kinds[0]
    because = (str(row.get("because_zh", "")), str(row.get("because_en", "")))
    if kind in ("all", "any"):
        checker.keys(place, row, (kind,), _BECAUSE)
        parts = row[kind] if isinstance(row[kind], list) else []
        if not parts:
            checker.add(place, field, row[kind], "应列出至少一个条件", "should list at least one test")
        inner = [_test(checker, place, field, part, depth + 1) for part in parts]
        return Branch(kind, tuple(test for test in inner if test is not None), *because)
    checker.keys(place, row, (kind,), (*_LEAF_OPTIONAL[kind], *_BECAUSE))
    if kind == "evidence":
        return _evidence(checker, place, field, row, because, depth)
    return _measured(checker, place, field, kind, row, because)


def _evidence(
    checker: Checker, place: str, field: str, row: Mapping[str, Any], because: tuple[str, str], depth: int
) -> Leaf:
    age = row.get("max_age_years")
    if age is not None and (isinstance(age, bool) or not isinstance(age, int) or age < 1):
        checker.add(place, f"{field}.max_age_years", age, "应为正整数", "should be a whole number of years, 1 or more")
        age = None
    if row.get("may_not_apply") and (depth or field != "test"):
        checker.add(place, f"{field}.may_not_apply", True, "只能用于单一条件", "belongs to a test that stands alone")
    return Leaf(
        "evidence",
        str(row["evidence"]),
        max_age_years=age,
        may_not_apply=bool(row.get("may_not_apply", False)),
        because_zh=because[0],
        because_en=because[1],
    )


def _measured(
    checker: Checker, place: str, field: str, kind: str, row: Mapping[str, Any], because: tuple[str, str]
) -> Leaf | None:
    name, unit, limit = str(row[kind]), str(row.get("unit", "")), row.get("limit")
    quantity = quantities().get(name) if kind == "quantity" else Quantity(name, "number", unit, {}, "", "")
    if quantity is None:
        checker.add(place, f"{field}.quantity", name, f"未知量 {name}", f"no quantity is called {name}")
        return None
    comparison = row.get("comparison")
    allowed = NUMBER_COMPARISONS if quantity.type == "number" else DISCRETE_COMPARISONS
    checker.choice(place, f"{field}.comparison", comparison, allowed)
    if quantity.type == "number" and not same_kind(unit, quantity.unit):
        checker.add(place, f"{field}.unit", unit, f"单位应可换算为 {quantity.unit}", f"not a unit like {quantity.unit}")
    other = str(row.get("limit_indicator", ""))
    if other and limit is not None:
        checker.add(
            place, f"{field}.limit", limit, "limit 与 limit_indicator 只能有一个", "limit or limit_indicator, not both"
        )
    if not other and not _limit_fits(quantity, str(comparison), limit):
        checker.add(place, f"{field}.limit", limit, f"界限与 {name} 不相符", f"does not fit {name}")
        return None
    held = (
        tuple(limit)
        if isinstance(limit, list)
        else float(limit)
        if quantity.type == "number" and limit is not None
        else limit
    )
    return Leaf(kind, name, str(comparison), held, other, unit, None, False, *because)


def _limit_fits(quantity: Quantity, comparison: str, limit: object) -> bool:
    if comparison in ("in", "not_in"):
        return isinstance(limit, list) and bool(limit) and all(_fits(quantity, part) for part in limit)
    return _fits(quantity, limit)


def _fits(quantity: Quantity, value: object) -> bool:
    if quantity.type == "boolean":
        return isinstance(value, bool)
    if quantity.type == "number":
        return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")
    return isinstance(value, str) and (not quantity.choices or value in quantity.choices)
