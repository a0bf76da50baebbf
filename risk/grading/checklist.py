"""Scored checklists of park grading: items with their scores, letters with their bounds, direct triggers.

A checklist is a TOML head with a sheet of items beside it (``rules/park_checklist_provisional.*``), CSV or XLSX. The
item scores of the 2023 edition are not public; the shipped list carries provisional scores of its own and says so in
every result. Whoever has the official table gives its items as a sheet alone: letters and triggers are then those of
the shipped head, the scores are those of the sheet, and the result says whose they are.
"""

import datetime as dt
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from parkrisk.risk.rules import spreadsheet
from parkrisk.risk.rules.checker import Checker
from parkrisk.risk.rules.conditions import quantities
from parkrisk.risk.rules.facts import RULES_FOLDER, Fact, Value, compare, shipped_evidence
from parkrisk.risk.rules.rulefile import MARKS
from parkrisk.risk.rules.sets import InvalidRules
from parkrisk.risk.rules.sheet_cells import number_of
from parkrisk.scenarios.reading.csv_files import content
from parkrisk.scenarios.reading.toml_text import parsed_toml

_OPERATORS = ("<=", ">=", "<", ">", "is")
#: Whose letters and triggers a sheet of items without a head of its own takes.
_SHIPPED_HEAD = "park_checklist_provisional.toml"
_HEAD = ("id", "edition", "instrument_zh", "instrument_en", "notice_zh", "notice_en", "in_force_from", "items")
_HEAD_NUMBERS = ("maximum", "partial_share")
_LETTER = ("letter", "name_zh", "name_en")
_DIRECT = ("letter", "evidence", "title_zh", "title_en")
_ROW_OPTIONAL = {
    "letter": ("score_below", "source", "mark"),
    "direct": ("quantity", "triggered_in", "source", "mark"),
    "earlier": ("source", "mark"),
}
_EARLIER = ("edition", "instrument_zh", "instrument_en", "in_force_from", "in_force_until")


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
        A file of the ``rules`` folder, or the path of one's own: a TOML head that names the sheet of its items, or
        the sheet alone (``.csv``, ``.xlsx``).

    Raises
    ------
    InvalidRules
        ``problems`` lists every fault.
    """
    path = RULES_FOLDER / file
    if path.suffix.lower() in spreadsheet.SUFFIXES:
        return _read(_sheet_head(path), path)
    checker = Checker(path.name)
    try:
        text, notes = content(path, path.name)
        checker.found += [note for note in notes if note.severity == "error"]
        document = parsed_toml(text or "")
    except ValueError as error:
        checker.add("file", "toml", "", f"不是有效的 TOML：{error}", f"is not TOML: {error}")
    if not checker.found:
        _check_head(checker, document)
    if checker.found:
        raise InvalidRules(checker.found)
    return _read(document, path.parent / document["checklist"]["items"])


def _sheet_head(path: Path) -> Mapping[str, Any]:
    """Head for a sheet of items that stands alone."""
    document = tomllib.loads((RULES_FOLDER / _SHIPPED_HEAD).read_text(encoding="utf-8"))
    head = {
        "id": path.stem,
        "edition": path.name,
        "instrument_zh": f"化工园区安全风险评估检查表（{path.name}）",
        "instrument_en": f"Park risk checklist ({path.name})",
        "notice_zh": f"各项分值取自使用者提供的 {path.name}，本程序未作核对。",
        "notice_en": f"The scores are those of {path.name}, given by the user; this program has not checked them.",
        "mark": "1",
    }
    return {**document, "checklist": {**document["checklist"], **head}}


def _check_head(checker: Checker, document: Mapping[str, Any]) -> None:
    """Note what is missing or wrong in the head, the letters and the direct triggers."""
    head = document.get("checklist")
    if not isinstance(head, Mapping):
        checker.add("file", "checklist", "", "缺少 [checklist]", "[checklist] is missing")
        return
    checker.keys("checklist", head, (*_HEAD, *_HEAD_NUMBERS, "mark"), ("source", "aspects_source"))
    checker.texts("checklist", head, (name for name in _HEAD if name != "in_force_from"))
    if "mark" in head:
        checker.choice("checklist", "mark", head["mark"], MARKS)
    day = head.get("in_force_from", dt.date.max)
    if not isinstance(day, dt.date) or isinstance(day, dt.datetime):
        checker.add("checklist", "in_force_from", day, "应为日期", "should be a date such as 2023-11-22")
    for name, top in (("maximum", 1e6), ("partial_share", 1.0)):
        number = number_of(head.get(name, 1))
        if number is None or not 0 <= number <= top or (name == "maximum" and number == 0):
            checker.add("checklist", name, head[name], f"应为 0 至 {top:g} 的数值", f"should be a number, 0 to {top:g}")
    letters = _rows(checker, document, "letter", _LETTER)
    bounds = [number_of(row.get("score_below")) for row in letters]
    named = [row.get("letter") for row in letters]
    rising = [bound for bound in bounds[:-1] if bound is not None]
    if (
        not named
        or named != sorted(set(map(str, named)))
        or sorted(set(rising)) != rising
        or len(rising) < len(named) - 1
    ):
        checker.add(
            "letter",
            "score_below",
            bounds,
            "等级应由劣到优排列，界限递增，最优一级无界限",
            "letters stand from the worst to the best, with rising bounds; the best has none",
        )
    elif bounds[-1] is not None:
        checker.add("letter", "score_below", bounds[-1], "最优一级不应有界限", "the best letter has no bound")
    for row in _rows(checker, document, "direct", _DIRECT):
        checker.choice("direct", "letter", row.get("letter"), tuple(map(str, named)))
        quantity, values = row.get("quantity"), row.get("triggered_in", [])
        if quantity is not None and quantity not in quantities():
            checker.unknown("direct", "quantity", str(quantity), quantities(), "量", "quantity")
        elif quantity is not None:
            known = tuple(quantities()[quantity].choices)
            for value in values if isinstance(values, list) else [values]:
                checker.choice("direct", "triggered_in", value, known)
    for row in _rows(checker, document, "earlier", _EARLIER):
        first, last = (row.get(name) for name in ("in_force_from", "in_force_until"))
        if not (isinstance(first, dt.date) and isinstance(last, dt.date) and first <= last):
            checker.add(
                "earlier", "in_force_until", last, "应为不早于施行日期的日期", "should be a date, not before the first"
            )


def _rows(
    checker: Checker, document: Mapping[str, Any], name: str, required: tuple[str, ...]
) -> Sequence[Mapping[str, Any]]:
    rows = document.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        checker.add("file", name, "", f"应为 [[{name}]] 数组", f"should be an array of tables, [[{name}]]")
        return []
    for row in rows:
        checker.keys(f"{name} {row.get('letter', '')}", row, required, _ROW_OPTIONAL[name])
    return rows


def _read(document: Mapping[str, Any], sheet: Path) -> Checklist:
    """Checklist of a checked head and a sheet of items."""
    head = document["checklist"]
    found = spreadsheet.read(sheet)
    problems = [problem for problem in found.problems if problem.severity == "error"]
    checker = Checker(sheet.name, problems)
    items = [_item(checker, record) for record in found.items]
    maximum = Fraction(str(head["maximum"]))
    total = sum((item.max_score for item in items), Fraction(0))
    if total != maximum and all("max_score" in record.cells for record in found.items):
        checker.file, checker.row = sheet.name, None
        checker.add("items", "max_score", float(total), f"各项之和应为 {maximum}", f"should add to {maximum}")
    if problems:
        raise InvalidRules(problems)
    return Checklist(
        **{name: head[name] for name in _HEAD if name != "items"},
        maximum=maximum,
        partial_share=Fraction(str(head["partial_share"])),
        mark=head["mark"],
        items=tuple(items),
        letters=tuple(_letter(each) for each in document["letter"]),
        direct=tuple(_direct(each) for each in document.get("direct", [])),
        earlier=tuple(Edition(*(each[name] for name in _EARLIER)) for each in document.get("earlier", [])),
    )


def _letter(row: Mapping[str, Any]) -> Letter:
    below = row.get("score_below")
    return Letter(row["letter"], row["name_zh"], row["name_en"], None if below is None else Fraction(str(below)))


def _direct(row: Mapping[str, Any]) -> Direct:
    values = tuple(row.get("triggered_in", ()))
    return Direct(**{name: row[name] for name in _DIRECT}, quantity=row.get("quantity", ""), triggered_in=values)


def _item(checker: Checker, record: spreadsheet.Record) -> Item:
    checker.file, checker.row = record.table, record.row
    cells = record.cells
    evidence, quantity = cells.get("evidence", ""), cells.get("quantity", "")
    score = Fraction(str(cells.get("max_score", 0.0)))
    if score < 0:
        checker.add("", "max_score", float(score), "不应为负", "should not be negative")
    if bool(evidence) == bool(quantity):
        checker.add("", "evidence", evidence, "证据项与计算量应填且仅填其一", "give evidence or quantity, one of them")
    if quantity and quantity not in quantities():
        checker.unknown("", "quantity", quantity, quantities(), "量", "quantity")
    side = shipped_evidence().get(("answer", evidence))
    if side is not None and side.given_by != "park":
        checker.add("", "evidence", evidence, "此证据项由项目方填报", "an item that the project answers, not the park")
    age = cells.get("max_age_years")
    if age is not None and age < 1:
        checker.add("", "max_age_years", age, "应为正整数", "should be a whole number of years, 1 or more")
    steps = []
    for text in filter(None, cells.get("steps", "").split("|")):
        step = _step(text, quantity)
        if step is None or step.score < 0 or ("max_score" in cells and step.score > score):
            checker.add("", "steps", text, "无法识别或超出满分", "not a step such as <= 0:6, or above max_score")
        else:
            steps.append(step)
    if quantity and not steps:
        checker.add("", "steps", "", "计算项应有评分步骤", "a computed item needs steps")
    return Item(
        cells.get("item", ""),
        cells.get("aspect_zh", ""),
        cells.get("aspect_en", cells.get("aspect_zh", "")),
        cells.get("title_zh", ""),
        cells.get("title_en", cells.get("title_zh", "")),
        score,
        evidence,
        age,
        quantity,
        tuple(steps),
        cells.get("may_not_apply", False),
    )


def _step(text: str, quantity: str) -> Step | None:
    """Read "<= 0:6" or "is acceptable:5"."""
    test, _, score = text.strip().rpartition(":")
    comparison, _, limit = test.partition(" ")
    kind = quantities()[quantity].type if quantity in quantities() else "text"
    value: Value | None = limit
    if kind == "number":
        value = number_of(limit)
    elif kind == "boolean":
        value = {"true": True, "false": False}.get(limit)
    points = number_of(score)
    if value is None or points is None or comparison not in _OPERATORS:
        return None
    return Step(comparison, value, Fraction(str(points)))
