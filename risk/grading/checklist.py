"""Scored checklists of park grading: items with their scores, letters with their bounds, direct triggers.

A checklist is a TOML head with a CSV of items beside it (``rules/park_checklist_provisional.*``). The item scores of
the 2023 edition are not public; the shipped list carries provisional scores of its own and says so in every result.
"""

import csv
import datetime as dt
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from parkrisk.models.errors import Problem
from parkrisk.risk.rules.facts import RULES_FOLDER, Fact, Value, compare
from parkrisk.risk.rules.rulefile import quantities
from parkrisk.risk.rules.sets import InvalidRules

_OPERATORS = ("<=", ">=", "<", ">", "is")


@dataclass(frozen=True)
class Step:
    """Score given where a quantity meets a comparison."""

    comparison: str
    limit: Value
    score: Fraction


@dataclass(frozen=True)
class Item:
    """One item: answered by evidence, or computed from a quantity by steps, of which the first met counts."""

    id: str
    aspect_zh: str
    aspect_en: str
    title_zh: str
    title_en: str
    max_score: Fraction
    evidence: str
    max_age_years: int | None
    quantity: str
    steps: tuple[Step, ...]
    may_not_apply: bool

    def computed(self, fact: Fact) -> tuple[Fraction, Fraction]:
        """Lowest and highest score that a quantity leaves open."""
        possible = []
        for step in self.steps:
            met = compare(fact, step.comparison, step.limit)
            if met is not False:
                possible.append(step.score)
            if met is True:
                break
        else:
            possible.append(Fraction(0))
        return min(possible), max(possible)


@dataclass(frozen=True)
class Letter:
    """A grade and the score below which it is given; None: no such bound."""

    letter: str
    name_zh: str
    name_en: str
    below: Fraction | None


@dataclass(frozen=True)
class Direct:
    """A letter given whatever the score, unless it is known that its cause is absent.

    ``quantity`` and ``triggered_in``: values of a computed quantity that are the cause, too; "" for none.
    """

    letter: str
    evidence: str
    title_zh: str
    title_en: str
    quantity: str = ""
    triggered_in: tuple[str, ...] = ()


@dataclass(frozen=True)
class Edition:
    """An earlier edition, of which no complete table of scores is at hand."""

    edition: str
    instrument_zh: str
    instrument_en: str
    in_force_from: dt.date
    in_force_until: dt.date


@dataclass(frozen=True)
class Checklist:
    """A scored checklist; ``letters`` from the worst to the best."""

    id: str
    edition: str
    instrument_zh: str
    instrument_en: str
    notice_zh: str
    notice_en: str
    in_force_from: dt.date
    maximum: Fraction
    partial_share: Fraction
    mark: str
    items: tuple[Item, ...]
    letters: tuple[Letter, ...]
    direct: tuple[Direct, ...]
    earlier: tuple[Edition, ...] = ()

    def letter(self, score: Fraction) -> Letter:
        """Letter of a score; a bound belongs to the better letter."""
        return next(each for each in self.letters if each.below is None or score < each.below)


def load(file: str | Path) -> Checklist:
    """Read a checklist.

    Parameters
    ----------
    file : str or path
        A file of the ``rules`` folder, or the path of one's own; the items stand in the CSV that it names.

    Raises
    ------
    RuleError
        ``problems`` lists every fault.
    """
    path = RULES_FOLDER / file
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    head = document["checklist"]
    with (path.parent / head["items"]).open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    problems: list[Problem] = []
    items = tuple(_item(head["items"], number, row, problems) for number, row in enumerate(rows, 1))
    maximum = Fraction(str(head["maximum"]))
    total = sum((item.max_score for item in items), Fraction(0))
    if total != maximum:
        problems.append(
            _problem(
                head["items"], None, "max_score", float(total), f"各项之和应为 {maximum}", f"should add to {maximum}"
            )
        )
    problems += _twice(head["items"], items)
    if problems:
        raise InvalidRules(problems)
    return Checklist(
        id=head["id"],
        edition=head["edition"],
        instrument_zh=head["instrument_zh"],
        instrument_en=head["instrument_en"],
        notice_zh=head["notice_zh"],
        notice_en=head["notice_en"],
        in_force_from=head["in_force_from"],
        maximum=maximum,
        partial_share=Fraction(str(head["partial_share"])),
        mark=head["mark"],
        items=items,
        letters=tuple(_letter(each) for each in document["letter"]),
        direct=tuple(_direct(each) for each in document["direct"]),
        earlier=tuple(_edition(each) for each in document.get("earlier", ())),
    )


def _letter(row: Mapping[str, Any]) -> Letter:
    below = row.get("score_below")
    return Letter(row["letter"], row["name_zh"], row["name_en"], None if below is None else Fraction(str(below)))


def _edition(row: Mapping[str, Any]) -> Edition:
    return Edition(
        row["edition"], row["instrument_zh"], row["instrument_en"], row["in_force_from"], row["in_force_until"]
    )


def _direct(row: Mapping[str, Any]) -> Direct:
    return Direct(
        row["letter"],
        row["evidence"],
        row["title_zh"],
        row["title_en"],
        row.get("quantity", ""),
        tuple(row.get("triggered_in", ())),
    )


def _item(file: str, number: int, row: Mapping[str, str], problems: list[Problem]) -> Item:
    def fault(column: str, zh: str, en: str) -> None:
        problems.append(_problem(file, number, column, row.get(column, ""), zh, en))

    try:
        score = Fraction(row["max_score"])
    except ValueError:
        fault("max_score", "应为数值", "should be a number")
        score = Fraction(0)
    if bool(row["evidence"]) == bool(row["quantity"]):
        fault("evidence", "evidence 与 quantity 应填且仅填其一", "give evidence or quantity, one of them")
    if row["quantity"] and row["quantity"] not in quantities():
        fault("quantity", f"未知量 {row['quantity']}", f"no quantity is called {row['quantity']}")
    steps = []
    for text in filter(None, row["steps"].split("|")):
        step = _step(text, row["quantity"])
        if step is None or not 0 <= step.score <= score:
            fault("steps", f"无法识别或超出满分：{text}", f"not a step, or above max_score: {text}")
        else:
            steps.append(step)
    if row["quantity"] and not steps:
        fault("steps", "计算项应有评分步骤", "a computed item needs steps")
    age = row["max_age_years"]
    return Item(
        row["item"],
        row["aspect_zh"],
        row["aspect_en"],
        row["title_zh"],
        row["title_en"],
        score,
        row["evidence"],
        int(age) if age else None,
        row["quantity"],
        tuple(steps),
        row["may_not_apply"] == "yes",
    )


def _step(text: str, quantity: str) -> Step | None:
    """Read "<= 0:6" or "is acceptable:5"."""
    test, _, score = text.rpartition(":")
    comparison, _, limit = test.partition(" ")
    kind = quantities()[quantity].type if quantity in quantities() else "text"
    try:
        value: Value = float(limit) if kind == "number" else limit == "true" if kind == "boolean" else limit
        return Step(comparison, value, Fraction(score)) if comparison in _OPERATORS else None
    except ValueError:
        return None


def _twice(file: str, items: Sequence[Item]) -> list[Problem]:
    names = [item.id for item in items]
    return [
        _problem(file, number, "item", name, "编号重复", "item stands twice")
        for number, name in enumerate(names, 1)
        if name in names[: number - 1]
    ]


def _problem(file: str, row: int | None, column: str, found: object, zh: str, en: str) -> Problem:
    return Problem(file, row, column, "rules.invalid", str(found), zh, en)
