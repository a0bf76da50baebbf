"""What is known: quantities, answers and indicators, with where each comes from and what would settle it.

A fact that is not known is not False and not zero: it holds every value that it may still have, and a comparison
that some of these values pass and others fail is undecided (None).
"""

import csv
import datetime as dt
import functools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

RULES_FOLDER = Path(__file__).parent

Value = float | str | bool

NUMBER_COMPARISONS = ("<", "<=", ">", ">=", "is")
DISCRETE_COMPARISONS = ("is", "in", "not_in")


def all_of(truths: Iterable[bool | None]) -> bool | None:
    """Kleene's "and": False if any is False, else None if any is None, else True."""
    seen = list(truths)
    if any(truth is False for truth in seen):
        return False
    return None if any(truth is None for truth in seen) else True


def any_of(truths: Iterable[bool | None]) -> bool | None:
    """Kleene's "or": True if any is True, else None if any is None, else False."""
    seen = list(truths)
    if any(truth is True for truth in seen):
        return True
    return None if any(truth is None for truth in seen) else False


@dataclass(frozen=True)
class Fact:
    """A quantity as far as it is known.

    Parameters
    ----------
    values : tuple
        Every value it may have; one: known; none: nothing is known. With ``interval`` the two ends of a range.
    interval : bool
        Whether ``values`` are the ends of a range of numbers.
    unit : str
    origin : str
        Where it comes from.
    missing : tuple of str
        What would settle it.
    mark : str
        "V" verified, "1" one source, "M" unverified: the weakest number that went into it.
    detail_zh, detail_en : str
        What stands behind the value, such as the target that decides it.
    """

    values: tuple[Value, ...] = ()
    interval: bool = False
    unit: str = ""
    origin: str = ""
    missing: tuple[str, ...] = ()
    mark: str = "V"
    detail_zh: str = ""
    detail_en: str = ""

    @property
    def value(self) -> Value | None:
        """The value, None while more than one is possible."""
        distinct = set(self.values)
        return self.values[0] if len(distinct) == 1 else None

    @property
    def shown(self) -> str:
        """The value, or all the possible ones, as text."""
        if not self.values:
            return "unknown"
        if self.value is not None:
            return show(self.value)
        return ("…" if self.interval else " / ").join(show(value) for value in self.values)


def show(value: Value | Sequence[Value]) -> str:
    """Text of a value or a list of values, numbers with six digits."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float | int):
        return f"{value:.6g}"
    return value if isinstance(value, str) else ", ".join(show(part) for part in value)


def known(value: Value, *, unit: str = "", origin: str = "", mark: str = "V") -> Fact:
    """Fact with one value; a number that is not finite says nothing."""
    if isinstance(value, float) and not math.isfinite(value):
        return Fact(unit=unit, origin=origin, missing=(origin,), mark=mark)
    return Fact((value,), unit=unit, origin=origin, mark=mark)


def one_of(values: Sequence[Value], *, origin: str = "", missing: Sequence[str] = (), mark: str = "V") -> Fact:
    """Fact with several possible values."""
    return Fact(tuple(values), origin=origin, missing=tuple(missing), mark=mark)


def between(
    low: float, high: float, *, unit: str = "", origin: str = "", missing: Sequence[str] = (), mark: str = "V"
) -> Fact:
    """Fact that lies in a range, ends included."""
    return Fact((low, high), interval=True, unit=unit, origin=origin, missing=tuple(missing), mark=mark)


def unknown(*missing: str, unit: str = "") -> Fact:
    """Fact of which nothing is known."""
    return Fact(unit=unit, missing=missing)


def missing_events(units: Iterable[str]) -> tuple[str, ...]:
    """What is missing from a fact that hangs on the events of these units, which could not all be computed."""
    return tuple(f"events.not_computed[{unit}]" for unit in units)


def compare(fact: Fact, comparison: str, limit: Value | Sequence[Value]) -> bool | None:
    """Whether the fact meets the comparison; None where its possible values disagree or none is known.

    Parameters
    ----------
    fact : Fact
    comparison : "<", "<=", ">", ">=", "is", "in" or "not_in"
    limit : number, text, boolean, or a list for "in" and "not_in"; in the unit of the fact
    """
    if not fact.values:
        return None
    results = {_holds(value, comparison, limit) for value in fact.values}
    if fact.interval and comparison == "is" and fact.value is None:
        low, high = (float(end) for end in fact.values)
        return None if low <= float(limit) <= high else False  # type: ignore[arg-type]
    return results.pop() if len(results) == 1 else None


def _holds(value: Value, comparison: str, limit: Any) -> bool:
    if comparison == "in":
        return value in limit
    if comparison == "not_in":
        return value not in limit
    if comparison == "is":
        return bool(value == limit)
    number, bound = float(value), float(limit)
    return {"<": number < bound, "<=": number <= bound, ">": number > bound, ">=": number >= bound}[comparison]


@functools.cache
def _units() -> dict[str, tuple[str, float]]:
    with (RULES_FOLDER / "units.csv").open(encoding="utf-8", newline="") as file:
        return {row["unit"]: (row["base"], float(row["factor"])) for row in csv.DictReader(file)}


def convert(value: float, unit: str, wanted: str) -> float | None:
    """Value in another unit; None when the two do not measure the same."""
    if unit == wanted:
        return value
    units = _units()
    if unit not in units or wanted not in units or units[unit][0] != units[wanted][0]:
        return None
    return value * units[unit][1] / units[wanted][1]


@functools.cache
def unit_labels_zh() -> dict[str, str]:
    """Chinese words for units."""
    with (RULES_FOLDER / "units.csv").open(encoding="utf-8", newline="") as file:
        return {row["unit"]: row["label_zh"] for row in csv.DictReader(file)}


def same_kind(unit: str, wanted: str) -> bool:
    """Whether a value in one unit can be told in the other."""
    return convert(1.0, unit, wanted) is not None


@dataclass(frozen=True)
class Answer:
    """What the evidence says on one item: yes, no, partial, score, unknown or not_applicable."""

    item: str
    answer: str
    score: float | None = None
    document: str = ""
    date: dt.date | None = None
    origin: str = ""


@dataclass(frozen=True)
class Evidence:
    """An item of evidence or an indicator: what it is called and who may give it.

    Parameters
    ----------
    what : "answer" or "indicator"
    item : str
    given_by : str
        "park" or "project": an applicant must not answer for the park; "": either.
    unit : str
        Of an indicator.
    label_zh, label_en : str
    """

    what: str
    item: str
    given_by: str
    unit: str
    label_zh: str
    label_en: str


@functools.cache
def shipped_evidence() -> Mapping[tuple[str, str], Evidence]:
    """Every item and indicator that the shipped rulebooks ask for."""
    with (RULES_FOLDER / "evidence.csv").open(encoding="utf-8", newline="") as file:
        return {
            (row["what"], row["item"]): Evidence(
                row["what"], row["item"], row["given_by"], row["unit"], row["label_zh"], row["label_en"]
            )
            for row in csv.DictReader(file)
        }


@dataclass(frozen=True)
class Facts:
    """Everything a rule may ask for.

    Parameters
    ----------
    date : date
        Day of the assessment.
    quantities : mapping of name to Fact
    answers, indicators : mapping of "park" and "project" to the input table; None where there is no such table
    accepts : frozenset of str
        Names of rule sets; an answer given to one of them, to the rulebook that asks, or to "*" counts.
    evidence : mapping of (what, item) to Evidence
        Items that the rulebooks of a user declare, beside the shipped ones.
    """

    date: dt.date
    quantities: Mapping[str, Fact] = field(default_factory=dict)
    answers: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    indicators: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    accepts: frozenset[str] = frozenset()
    evidence: Mapping[tuple[str, str], Evidence] = field(default_factory=dict)

    def about(self, what: str, item: str) -> Evidence:
        """Who gives an item and what it is called; an item that nobody declared goes by its own name."""
        known_as = shipped_evidence().get((what, item)) or self.evidence.get((what, item))
        return known_as or Evidence(what, item, "", "", item, item)

    def quantity(self, name: str) -> Fact:
        """A named quantity; unknown when this decision does not have it."""
        return self.quantities.get(name, unknown(name))

    def answer(self, item: str, rulebook: str) -> Answer:
        """The answer on an item; rows that contradict each other, or prove it by a day to come, count as no answer."""
        found = []
        for side, row in self._rows("answer", item):
            to = _text(row.get("rulebook"))
            if to in ("*", rulebook) or to in self.accepts:
                said, day = _text(row.get("answer")) or "unknown", _day(row.get("date"))
                origin = f"{side} answers: {item}"
                if said != "no" and self._to_come(day):
                    said, origin = "unknown", f"{origin}, dated {day}, after {self.date}"
                found.append(Answer(item, said, _number(row.get("score")), _text(row.get("document")), day, origin))
        if not found:
            return Answer(item, "unknown")
        if len({(each.answer, each.score) for each in found}) > 1:
            return Answer(item, "unknown", origin=f"contradicting answers: {item}")
        dates = [each.date for each in found if each.date is not None]
        return replace(found[0], date=min(dates, default=None))

    def indicator(self, name: str, unit: str) -> Fact:
        """An indicator in the unit asked for; unknown without a value, or when its unit or its day does not fit."""
        wanted = f"indicators.{name}"
        facts = []
        for side, row in self._rows("indicator", name):
            value = _number(row.get("value"))
            given = _text(row.get("unit"))
            converted = None if value is None else convert(value, given, unit)
            if converted is None or self._to_come(_day(row.get("date"))):
                return unknown(f"{wanted} [{unit}]", unit=unit)
            facts.append(known(converted, unit=unit, origin=f"{side} indicators: {name}"))
        if len({fact.value for fact in facts}) != 1:
            return unknown(wanted, unit=unit)
        return facts[0]

    def _to_come(self, day: dt.date | None) -> bool:
        """Whether a document is dated after the day on which it should prove something."""
        return day is not None and day > self.date

    def given(self, what: str, key: str) -> bool:
        """Whether the side that may say it says anything of an item ("answer") or a figure ("indicator")."""
        return bool(self._rows(what, key))

    def _rows(self, what: str, key: str) -> list[tuple[str, dict[str, Any]]]:
        """Rows on one item from the side that may answer it."""
        side = self.about(what, key).given_by
        return [(name, row) for name, row in self._by_item.get((what, key), ()) if side in (name, "")]

    @functools.cached_property
    def _by_item(self) -> dict[tuple[str, str], list[tuple[str, dict[str, Any]]]]:
        index: dict[tuple[str, str], list[tuple[str, dict[str, Any]]]] = {}
        for what, tables, column in (("answer", self.answers, "item"), ("indicator", self.indicators, "name")):
            for name in sorted(tables):
                for row in tables[name].to_dict("records"):
                    # What is said of one enterprise says nothing of the park.
                    if column in row and not _text(row.get("enterprise_id")):
                        held = {str(head): cell for head, cell in row.items()}
                        index.setdefault((what, str(held[column])), []).append((name, held))
        return index


def _missing_cell(cell: object) -> bool:
    return cell is None or cell is pd.NaT or cell is pd.NA or (isinstance(cell, float) and math.isnan(cell))


def _text(cell: object) -> str:
    return "" if _missing_cell(cell) else str(cell).strip()


def _number(cell: object) -> float | None:
    if _missing_cell(cell) or cell == "":
        return None
    number = float(str(cell))
    return number if math.isfinite(number) else None


def _day(cell: object) -> dt.date | None:
    if _missing_cell(cell) or cell == "":
        return None
    return dt.date.fromisoformat(str(cell)[:10])
