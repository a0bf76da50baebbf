"""The form of a rulebook file: one TOML file per instrument and edition, checked as a whole before any rule is used.

A rulebook has a head (``[rulebook]``) and rules (``[[rule]]``); ``[[evidence]]`` and ``[[indicator]]`` declare items
of its own. What a rule measures is a test (``parkrisk.risk.rules.conditions``).

``applies_when`` lists the tests that make a rule bind (all of them), ``exempt_when`` those that lift it (any of them),
``curable_by`` the changes of a project that may make it pass. A number that could not be checked has the mark "M":
the rule is unverified.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from parkrisk.models.errors import Problem
from parkrisk.risk.rules.checker import Checker
from parkrisk.risk.rules.conditions import Branch, Leaf, Test, TestReader, leaves, quantities
from parkrisk.risk.rules.facts import Evidence, shipped_evidence

__all__ = ["Book", "Branch", "Leaf", "Rule", "Test", "declared", "leaves", "parse", "quantities"]

SEVERITIES = ("gate", "duty", "target", "encouraged")
SCOPES = ("park", "project")
MARKS = ("V", "1", "M")
#: Changes of a project that may make a failed rule pass: another place, a smaller inventory.
CURES = ("move", "inventory")

_ID = re.compile(r"\w[\w.-]{0,99}")
_HEAD_REQUIRED = ("id", "instrument_zh", "instrument_en", "edition", "in_force_from", "source", "mark")
_HEAD_OPTIONAL = ("in_force_until", "includes", "checklist", "status")
_RULE_REQUIRED = ("id", "clause", "title_zh", "title_en", "bound", "scope", "severity", "test")
_RULE_OPTIONAL = (
    "reason_zh",
    "reason_en",
    "in_principle",
    "applies_when",
    "exempt_when",
    "in_force_from",
    "in_force_until",
    "source",
    "mark",
    "status",
    "replaces",
    "curable_by",
)
_TEXTS = ("id", "clause", "title_zh", "title_en", "reason_zh", "reason_en", "bound", "source", "replaces")
_ITEM_KEYS = ("given_by", "label_zh", "label_en")


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
    reason_zh: str
    reason_en: str
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

    @property
    def unverified(self) -> bool:
        """Whether the rule or its number could not be checked against the official text."""
        return self.mark == "M"

    @property
    def tests(self) -> tuple[Test, ...]:
        """What makes it bind, what it asks and what lifts it."""
        return (*self.applies_when, self.test, *self.exempt_when)

    def in_force(self, day: dt.date) -> bool:
        """Whether the rule is in force on that day, first and last day included."""
        return self.in_force_from <= day and (self.in_force_until is None or day <= self.in_force_until)


@dataclass(frozen=True)
class Book:
    """A rulebook: one instrument in one edition; ``file`` is where it stands."""

    id: str
    file: str
    instrument_zh: str
    instrument_en: str
    edition: str
    in_force_from: dt.date
    in_force_until: dt.date | None
    source: str
    mark: str
    rules: tuple[Rule, ...]


def declared(file: str, document: Mapping[str, Any]) -> tuple[dict[tuple[str, str], Evidence], list[Problem]]:
    """Items of evidence and indicators that a file declares for itself, and what is wrong with them."""
    checker = Checker(file)
    found: dict[tuple[str, str], Evidence] = {}
    for table, what, key in (("evidence", "answer", "item"), ("indicator", "indicator", "name")):
        required = (key, *_ITEM_KEYS, *(("unit",) if what == "indicator" else ()))
        for number, row in enumerate(_tables(checker, document, table), 1):
            place = f"{table} {row.get(key, number)}"
            before = len(checker.found)
            checker.keys(place, row, required, ())
            checker.texts(place, row, required)
            checker.choice(place, "given_by", row.get("given_by"), SCOPES)
            if len(checker.found) > before:
                continue
            item = row[key]
            if (what, item) in found or (what, item) in shipped_evidence():
                checker.add(place, key, item, "此项已有定义", "already declared")
                continue
            unit = row.get("unit", "")
            found[what, item] = Evidence(what, item, row["given_by"], unit, row["label_zh"], row["label_en"])
    return found, checker.found


def parse(
    file: str,
    document: Mapping[str, Any],
    evidence: Mapping[tuple[str, str], Evidence],
    rows: Sequence[tuple[str, int]] = (),
) -> tuple[Book | None, Sequence[Problem]]:
    """One rulebook and every problem found in it; with problems the book is not complete.

    Parameters
    ----------
    file : str
        Name for messages.
    document : mapping
        The TOML document.
    evidence : mapping of (what, item) to Evidence
        Items that its tests may name, the shipped ones included.
    rows : sequence of (table, row), optional
        Where each rule stands in a spreadsheet.
    """
    checker = Checker(file)
    head = document.get("rulebook", {})
    if not isinstance(head, Mapping):
        checker.add("file", "rulebook", head, "应为表", "should be a table")
        return None, checker.found
    alone = ("includes" not in head and "checklist" not in head) * ("rule",)
    checker.keys("file", document, ("rulebook", *alone), ("rule", "evidence", "indicator"))
    start, end = _head(checker, head)
    rules = []
    for number, row in enumerate(_tables(checker, document, "rule"), 1):
        if rows:
            checker.file, checker.row = rows[number - 1]
        rule = _rule(checker, evidence, head, row, str(row.get("id") or f"rule {number}"))
        if rule is not None:
            rules.append(rule)
    if checker.found or start is None:
        return None, checker.found
    return Book(
        id=head["id"],
        file=file,
        instrument_zh=head["instrument_zh"],
        instrument_en=head["instrument_en"],
        edition=head["edition"],
        in_force_from=start,
        in_force_until=end,
        source=head["source"],
        mark=head["mark"],
        rules=tuple(rules),
    ), ()


def _tables(checker: Checker, document: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    rows = document.get(name, [])
    if isinstance(rows, list) and all(isinstance(row, Mapping) for row in rows):
        return rows
    checker.add("file", name, "", f"应为 [[{name}]] 数组", f"should be an array of tables, [[{name}]]")
    return []


def _head(checker: Checker, head: Mapping[str, Any]) -> tuple[dt.date | None, dt.date | None]:
    """Check the head, and give its validity."""
    place = "rulebook"
    checker.keys(place, head, _HEAD_REQUIRED, _HEAD_OPTIONAL)
    checker.texts(place, head, ("id", "instrument_zh", "instrument_en", "edition", "source", "checklist"))
    if isinstance(head.get("id"), str) and not _ID.fullmatch(head["id"]):
        checker.add(place, "id", head["id"], "只能含文字、数字、点和连字符", "should be letters, digits, dots, hyphens")
    includes = head.get("includes", [])
    if not isinstance(includes, list) or not all(isinstance(name, str) for name in includes):
        checker.add(place, "includes", includes, "应为名称或文件的列表", "should be a list of names or files")
    if "mark" in head:
        _mark(checker, place, head, head["mark"])
    return _validity(checker, place, head, {})


def _mark(checker: Checker, place: str, row: Mapping[str, Any], mark: object) -> None:
    checker.choice(place, "mark", mark, MARKS)
    if "status" in row and (row["status"] != "unverified" or mark != "M"):
        checker.add(
            place,
            "status",
            row["status"],
            "只能是 unverified，且 mark 应为 M",
            "can only be unverified, and goes with the mark M",
        )


def _validity(
    checker: Checker, place: str, row: Mapping[str, Any], head: Mapping[str, Any]
) -> tuple[dt.date | None, dt.date | None]:
    start = _day(checker, place, "in_force_from", row.get("in_force_from", head.get("in_force_from")))
    end = _day(checker, place, "in_force_until", row.get("in_force_until", head.get("in_force_until")))
    if start and end and end < start:
        checker.add(place, "in_force_until", end, f"早于施行日期 {start}", f"lies before in_force_from, {start}")
    return start, end


def _fields(checker: Checker, head: Mapping[str, Any], row: Mapping[str, Any], place: str) -> None:
    """Note keys that are missing or unknown, and fields that hold what they cannot."""
    checker.keys(place, row, _RULE_REQUIRED, _RULE_OPTIONAL)
    checker.texts(place, row, _TEXTS)
    for field, choices in (("scope", SCOPES), ("curable_by", CURES)):
        given = row.get(field, [])
        if not isinstance(given, list):
            checker.add(place, field, given, "应为列表", "should be a list")
            continue
        for part in given:
            checker.choice(place, field, part, choices)
    if row.get("scope") == []:
        checker.add(place, "scope", "", "应至少列出 park 或 project", "should list park or project")
    checker.choice(place, "severity", row.get("severity"), SEVERITIES)
    _mark(checker, place, row, row.get("mark", head.get("mark")))
    if not isinstance(row.get("in_principle", False), bool):
        checker.add(place, "in_principle", row["in_principle"], "应为 true 或 false", "should be true or false")
    if bool(row.get("reason_zh")) != bool(row.get("reason_en")):
        checker.add(place, "reason_zh", "", "说明应中英文都写", "a reason stands in Chinese and in English")


def _rule(
    checker: Checker,
    evidence: Mapping[tuple[str, str], Evidence],
    head: Mapping[str, Any],
    row: Mapping[str, Any],
    place: str,
) -> Rule | None:
    before = len(checker.found)
    _fields(checker, head, row, place)
    start, end = _validity(checker, place, row, head)
    reader = TestReader(checker, evidence, place)
    test = reader.one("test", row["test"]) if row.get("test") not in (None, "") else None
    applies = reader.many("applies_when", row.get("applies_when", []))
    exempt = reader.many("exempt_when", row.get("exempt_when", []))
    for part in exempt:
        if not part.because_zh or not part.because_en:
            checker.add(
                place, "exempt_when", "", "豁免应写明理由（中英文）", "an exemption states why, in Chinese and English"
            )
    if len(checker.found) > before or test is None or start is None:
        return None
    return Rule(
        id=row["id"],
        rulebook=str(head.get("id", "")),
        instrument_zh=str(head.get("instrument_zh", "")),
        instrument_en=str(head.get("instrument_en", "")),
        edition=str(head.get("edition", "")),
        clause=row["clause"],
        title_zh=row["title_zh"],
        title_en=row["title_en"],
        reason_zh=row.get("reason_zh", ""),
        reason_en=row.get("reason_en", ""),
        bound=row["bound"],
        scope=tuple(row["scope"]),
        severity=row["severity"],
        in_principle=row.get("in_principle", False),
        applies_when=applies,
        test=test,
        exempt_when=exempt,
        in_force_from=start,
        in_force_until=end,
        source=str(row.get("source", head.get("source", ""))),
        mark=row.get("mark", head.get("mark")),
        replaces=row.get("replaces", ""),
        curable_by=tuple(row.get("curable_by", ())),
    )


def _day(checker: Checker, place: str, field: str, value: object) -> dt.date | None:
    if value is None:
        return None
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    checker.add(place, field, value, "应为日期，如 2026-05-01", "should be a date such as 2026-05-01")
    return None
