"""The list by which enterprises get one of four colours: items, their conditions, vetoes and colours, as data."""

import csv
import datetime as dt
import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from parkrisk.risk.grading.checklist import Letter
from parkrisk.risk.rules.facts import RULES_FOLDER

LIST_FILE = "enterprise_grading_2018.toml"


@dataclass(frozen=True)
class Condition:
    """What moves the score of an item.

    Parameters
    ----------
    id : str
        Also the item of the answer.
    item : str
    reads : str
        "yes_no": ``points`` move the score where a requirement is not met (below 0), or where a merit is there (above
        0). "count": ``points`` for each case. "level": the points that ``steps`` give for the level.
    points : Fraction
    steps : mapping of float to Fraction
    most : Fraction or None
        Most cases that count.
    quantity : str
        What the engine computes for it; "" for nothing.
    may_not_apply : bool
        Whether the answer may be that it does not apply: no points then.
    mark : str
    """

    id: str
    item: str
    reads: str
    title_zh: str
    title_en: str
    points: Fraction
    steps: Mapping[float, Fraction]
    most: Fraction | None
    quantity: str
    may_not_apply: bool
    mark: str

    @property
    def merit(self) -> bool:
        """Whether it can only raise the score."""
        return self.points > 0 or any(points > 0 for points in self.steps.values())


@dataclass(frozen=True)
class Part:
    """An item with its maximum, where deductions end, or a veto (no maximum)."""

    id: str
    title_zh: str
    title_en: str
    maximum: Fraction


@dataclass(frozen=True)
class EnterpriseList:
    """Items, conditions, vetoes, and colours from the worst to the best."""

    id: str
    edition: str
    instrument_zh: str
    instrument_en: str
    notice_zh: str
    notice_en: str
    in_force_from: dt.date
    base: Fraction
    kinds: frozenset[str]
    mark: str
    items: tuple[Part, ...]
    conditions: tuple[Condition, ...]
    vetoes: tuple[Part, ...]
    colours: tuple[Letter, ...]

    def colour(self, score: Fraction) -> Letter:
        """Colour of a score; a bound belongs to the better colour."""
        return next(each for each in self.colours if each.below is None or score < each.below)


@functools.cache
def enterprise_list() -> EnterpriseList:
    """The shipped list."""
    document = tomllib.loads((RULES_FOLDER / LIST_FILE).read_text(encoding="utf-8"))
    head = document["list"]
    with (RULES_FOLDER / head["conditions"]).open(encoding="utf-8", newline="") as table:
        conditions = tuple(_condition(row) for row in csv.DictReader(table))
    return EnterpriseList(
        id=head["id"],
        edition=head["edition"],
        instrument_zh=head["instrument_zh"],
        instrument_en=head["instrument_en"],
        notice_zh=head["notice_zh"],
        notice_en=head["notice_en"],
        in_force_from=head["in_force_from"],
        base=_exact(head["base"]),
        kinds=frozenset(head["kinds"]),
        mark=head["mark"],
        items=tuple(_part(row) for row in document["item"]),
        conditions=conditions,
        vetoes=tuple(_part(row) for row in document["veto"]),
        colours=tuple(
            Letter(
                row["colour"],
                row["name_zh"],
                row["name_en"],
                _exact(row["score_below"]) if "score_below" in row else None,
            )
            for row in document["colour"]
        ),
    )


def _exact(value: Any) -> Fraction:
    return Fraction(str(value))


def _part(row: Mapping[str, Any]) -> Part:
    return Part(row["id"], row["title_zh"], row["title_en"], _exact(row.get("maximum", 0)))


def _condition(row: Mapping[str, str]) -> Condition:
    steps = (text.split(":") for text in filter(None, row["steps"].split("|")))
    return Condition(
        id=row["id"],
        item=row["item"],
        reads=row["reads"],
        title_zh=row["title_zh"],
        title_en=row["title_en"],
        points=_exact(row["points"] or 0),
        steps={float(level): _exact(points) for level, points in steps},
        most=_exact(row["most"]) if row["most"] else None,
        quantity=row["quantity"],
        may_not_apply=row["may_not_apply"] == "yes",
        mark=row["mark"],
    )


__all__ = ["LIST_FILE", "Condition", "EnterpriseList", "Part", "enterprise_list"]
