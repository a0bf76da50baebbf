"""The park's risk grade: a score from the checklist, a letter, and the bounds that open items leave.

A higher score is a lower risk; A is the worst letter, D the best. An open item may still earn anything from nothing to
its whole score, and a direct trigger that nobody has ruled out may still give the worst letter. ``letter`` is always
the worst letter that is possible: what the evidence handed in supports. It is settled when both bounds agree; until
then ``bounds`` is what is known, and rules that ask for the grade see every letter in between.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import pandas as pd

from parkrisk.risk.grading.checklist import Checklist, Direct, Item, load
from parkrisk.risk.grading.settle import OpenItem, Way, ways
from parkrisk.risk.rules.facts import Answer, Facts, between, compare, one_of, unknown
from parkrisk.risk.rules.judge import weakest, within_years
from parkrisk.risk.rules.sets import RuleSet

ITEM_COLUMNS = (
    "item",
    "aspect_zh",
    "aspect_en",
    "title_zh",
    "title_en",
    "max_score",
    "score_low",
    "score_high",
    "status",
    "answer",
    "origin",
    "missing",
    "mark",
)
TRIGGER_COLUMNS = (
    "letter",
    "evidence",
    "title_zh",
    "title_en",
    "status",
    "answer",
    "quantity",
    "reason_zh",
    "reason_en",
    "missing",
    "mark",
)
_WORST, _BEST = "A", "D"
_PROVISIONAL = "provisional"  # edition of the list whose scores are this program's own


@dataclass(frozen=True)
class Grade:
    """Risk grade of a park.

    Parameters
    ----------
    letter : str
        Worst letter that is possible.
    bounds : (str, str)
        Worst and best letter that open items leave.
    score, score_bounds : float, (float, float)
        Score that the evidence supports (the lower bound), and both bounds.
    rulebook, edition : str
        Id of the checklist and its edition.
    items : DataFrame
        Every item with its bounds, what it was answered by, what is missing.
    triggers : DataFrame
        Every direct trigger: ``status`` is "holds", "ruled_out" or "open".
    settled_by : tuple of Way
        For each letter that is still possible the fewest open items that can give it; empty once the letter is settled.
    reasons_zh, reasons_en : tuple of str
        What decided the letter.
    missing : tuple of str
        What is still to be answered, the largest score first.
    unverified : bool
        True while scores or criteria behind the letter could not be checked against the official text.
    """

    letter: str
    bounds: tuple[str, str]
    score: float
    score_bounds: tuple[float, float]
    rulebook: str
    edition: str
    items: pd.DataFrame
    triggers: pd.DataFrame
    settled_by: tuple[Way, ...]
    reasons_zh: tuple[str, ...]
    reasons_en: tuple[str, ...]
    missing: tuple[str, ...]
    unverified: bool

    @property
    def settled(self) -> bool:
        """Whether no open item can change the letter."""
        return self.bounds[0] == self.bounds[1]

    @property
    def letters(self) -> tuple[str, ...]:
        """Every letter from the worst to the best bound."""
        return tuple(chr(code) for code in range(ord(self.bounds[0]), ord(self.bounds[1]) + 1))

    @property
    def shortest(self) -> Way | None:
        """The way with the fewest items, of equal ones that to the better letter; None once the letter is settled."""
        return min(reversed(self.settled_by), key=lambda way: len(way.items), default=None)

    @property
    def aspects(self) -> pd.DataFrame:
        """Sums over the items that apply: aspect_zh, aspect_en, score_low, score_high, max_score, open (items)."""
        counted = self.items[self.items["status"] != "not_applicable"]
        counted = counted.assign(open=(counted["status"] == "open").astype(int))
        columns = ["score_low", "score_high", "max_score", "open"]
        return counted.groupby(["aspect_zh", "aspect_en"], sort=False)[columns].sum().reset_index()

    def to_dict(self) -> dict[str, Any]:
        """Content for JSON."""
        return {
            "letter": self.letter,
            "bounds": list(self.bounds),
            "settled": self.settled,
            "score": self.score,
            "score_bounds": list(self.score_bounds),
            "rulebook": self.rulebook,
            "edition": self.edition,
            "unverified": self.unverified,
            "reasons_zh": list(self.reasons_zh),
            "reasons_en": list(self.reasons_en),
            "missing": list(self.missing),
            "settled_by": [way.to_dict() for way in self.settled_by],
            "aspects": self.aspects.to_dict("records"),
            "triggers": _records(self.triggers),
            "items": _records(self.items),
        }


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    rows = table.astype(object).to_dict("records")
    return [{str(name): value for name, value in row.items()} | {"missing": list(row["missing"])} for row in rows]


def grade(rules: RuleSet, facts: Facts) -> Grade:
    """Grade a park by the checklist of a rule set.

    Parameters
    ----------
    rules : RuleSet
    facts : Facts
        Answers of the park and the quantities of its assessment.

    Raises
    ------
    RuleError
        The checklist has problems.
    """
    if not rules.checklist:
        return _none("", "规则集没有评分检查表", "the rule set has no scored checklist")
    checklist = load(rules.checklist)
    if facts.date < checklist.in_force_from:
        return _none(checklist.id, *_not_yet(checklist, facts.date))
    rows = [_row(item, checklist, facts) for item in checklist.items]
    counted = [row for row in rows if row["status"] != "not_applicable"]
    if not any(row["max"] for row in counted):
        return _none(
            checklist.id, "检查表各项均填报不适用，不作评分", "no item of the checklist applies: there is no score"
        )
    full = sum((row["max"] for row in counted), Fraction(0))
    # Items that do not apply leave the scale as it is: what remains is stretched to the maximum.
    stretch = checklist.maximum / full
    low = stretch * sum((row["low"] for row in counted), Fraction(0))
    high = stretch * sum((row["high"] for row in counted), Fraction(0))
    triggers = [_trigger(direct, checklist, facts) for direct in checklist.direct]
    by_score = checklist.letter(low).letter, checklist.letter(high).letter
    worst, best = _bounds(by_score, triggers)
    reasons = [(checklist.notice_zh, checklist.notice_en), _score_words((float(low), float(high)), by_score)]
    reasons += [(row["reason_zh"], row["reason_en"]) for row in triggers if row["status"] != "ruled_out"]
    open_rows = sorted((row for row in counted if row["status"] == "open"), key=lambda row: row["low"] - row["high"])
    open_triggers = [row for row in triggers if row["status"] == "open"]
    missing = [name for row in (*open_triggers, *open_rows) for name in row["missing"]]
    found = ways(
        checklist.letters,
        low,
        [_open_item(row, stretch) for row in open_rows],
        [_open_trigger(row) for row in open_triggers],
        min((row["letter"] for row in triggers if row["status"] == "holds"), default=""),
    )
    return Grade(
        letter=worst,
        bounds=(worst, best),
        score=float(low),
        score_bounds=(float(low), float(high)),
        rulebook=checklist.id,
        edition=checklist.edition,
        items=pd.DataFrame([{name: row[name] for name in ITEM_COLUMNS} for row in rows], columns=list(ITEM_COLUMNS)),
        triggers=pd.DataFrame(triggers, columns=list(TRIGGER_COLUMNS)),
        settled_by=() if worst == best else found,
        reasons_zh=tuple(zh for zh, _ in reasons),
        reasons_en=tuple(en for _, en in reasons),
        missing=tuple(dict.fromkeys(missing)),
        unverified=weakest((checklist.mark, *(row["mark"] for row in (*rows, *triggers)))) == "M",
    )


def _score_words(score: tuple[float, float], letters: tuple[str, str]) -> tuple[str, str]:
    return (
        f"得分 {score[0]:.4g}–{score[1]:.4g}，对应 {letters[0]}–{letters[1]}",
        f"score {score[0]:.4g} to {score[1]:.4g}, letters {letters[0]} to {letters[1]}",
    )


def _bounds(by_score: tuple[str, str], triggers: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """Worst and best letter: a trigger that holds bounds both from above, an open one only the worst."""
    worst, best = by_score
    for row in triggers:
        if row["status"] != "ruled_out":
            worst = min(worst, row["letter"])
        if row["status"] == "holds":
            best = min(best, row["letter"])
    return worst, best


def _none(rulebook: str, zh: str, en: str) -> Grade:
    """Nothing is known: every letter is possible."""
    return Grade(
        letter=_WORST,
        bounds=(_WORST, _BEST),
        score=0.0,
        score_bounds=(0.0, 100.0),
        rulebook=rulebook,
        edition="",
        items=pd.DataFrame(columns=list(ITEM_COLUMNS)),
        triggers=pd.DataFrame(columns=list(TRIGGER_COLUMNS)),
        settled_by=(),
        reasons_zh=(zh,),
        reasons_en=(en,),
        missing=(),
        unverified=True,
    )


def _not_yet(checklist: Checklist, day: dt.date) -> tuple[str, str]:
    """Why a checklist grades nothing on a day before its first: no edition lends its scores to another."""
    for each in checklist.earlier:
        if each.in_force_from <= day <= each.in_force_until:
            return (
                f"评估日期 {day} 适用{each.edition}年版：{each.instrument_zh}；该版没有完整的评分检查表，不作评分，"
                f"{checklist.in_force_from} 起的版本不用于该日，等级 {_WORST}–{_BEST} 均有可能",
                f"on {day} the edition of {each.edition} holds: {each.instrument_en}; there is no complete checklist "
                f"of it, so there is no score; the edition from {checklist.in_force_from} does not hold on that day; "
                f"every letter from {_WORST} to {_BEST} is possible",
            )
    return (
        f"检查表自 {checklist.in_force_from} 起适用，评估日期 {day} 尚未生效",
        f"the checklist holds from {checklist.in_force_from}, not yet on {day}",
    )


def _trigger(direct: Direct, checklist: Checklist, facts: Facts) -> dict[str, Any]:
    """State of a direct trigger: it holds if evidence or figures say so, else one of both may rule it out."""
    found = facts.answer(direct.evidence, checklist.id)
    said = {"yes": False, "no": True}.get(found.answer)
    fact = facts.quantity(direct.quantity) if direct.quantity else unknown()
    computed = compare(fact, "in", direct.triggered_in)
    status = {True: "holds", False: "ruled_out", None: "open"}[computed if said is None else said or bool(computed)]
    words = found.document if status != "ruled_out" else ""
    if computed:
        words = f"{fact.shown}（{fact.origin}）"
    named_zh, named_en = f"：{words}" if words else "", f": {words}" if words else ""
    letter_zh, letter_en = {
        "holds": (f"直接判定为 {direct.letter}：", f"{direct.letter} directly: "),
        "ruled_out": ("已排除：", "ruled out: "),
        "open": ("尚未排除：", "not ruled out: "),
    }[status]
    return {
        "letter": direct.letter,
        "evidence": direct.evidence,
        "title_zh": direct.title_zh,
        "title_en": direct.title_en,
        "status": status,
        "answer": found.answer,
        "quantity": fact.shown if direct.quantity else "",
        "reason_zh": f"{letter_zh}{direct.title_zh}{named_zh}",
        "reason_en": f"{letter_en}{direct.title_en}{named_en}",
        "missing": (f"answers.{direct.evidence}",) if status == "open" else (),
        "mark": fact.mark,
    }


def _open_item(row: Mapping[str, Any], stretch: Fraction) -> OpenItem:
    return OpenItem(
        row["item"], row["title_zh"], row["title_en"], stretch * row["low"], stretch * row["high"], "", row["missing"]
    )


def _open_trigger(row: Mapping[str, Any]) -> OpenItem:
    nothing = Fraction(0)
    return OpenItem(row["evidence"], row["title_zh"], row["title_en"], nothing, nothing, row["letter"], row["missing"])


def _row(item: Item, checklist: Checklist, facts: Facts) -> dict[str, Any]:
    mark = checklist.mark
    if item.quantity:
        fact = facts.quantity(item.quantity)
        low, high = item.computed(fact)
        status, answer, origin = ("answered" if low == high else "open"), fact.shown, fact.origin
        missing = (fact.missing or (item.quantity,)) if low != high else ()
        mark = weakest((mark, fact.mark))
    else:
        found = facts.answer(item.evidence, checklist.id)
        low, high, status = _answered(item, found, checklist, facts)
        answer, origin = found.answer, found.origin
        missing = (f"answers.{item.evidence}",) if low != high else ()
    return {
        "item": item.id,
        "aspect_zh": item.aspect_zh,
        "aspect_en": item.aspect_en,
        "title_zh": item.title_zh,
        "title_en": item.title_en,
        "max_score": float(item.max_score),
        "score_low": float(low),
        "score_high": float(high),
        "status": status,
        "answer": answer,
        "origin": origin,
        "missing": tuple(missing),
        "mark": mark,
        "low": low,
        "high": high,
        "max": item.max_score,
    }


def _answered(item: Item, answer: Answer, checklist: Checklist, facts: Facts) -> tuple[Fraction, Fraction, str]:
    """Bounds of the score of an item that evidence answers."""
    nothing, everything = Fraction(0), item.max_score
    if answer.answer == "no":
        return nothing, nothing, "answered"
    if answer.answer == "not_applicable" and item.may_not_apply:
        return nothing, nothing, "not_applicable"
    given = {"yes": everything, "partial": checklist.partial_share * everything}.get(answer.answer)
    if answer.answer == "score" and answer.score is not None and 0 <= answer.score <= everything:
        given = Fraction(str(answer.score))
    if given is None:
        return nothing, everything, "open"
    if item.max_age_years is not None:
        fresh = None if answer.date is None else within_years(answer.date, facts.date, item.max_age_years)
        if fresh is None:
            return nothing, given, "open"
        given = given if fresh else nothing
    return given, given, "answered"


def graded(facts: Facts, result: Grade) -> Facts:
    """Facts with the grade among the quantities."""
    mark = "M" if result.unverified else "1"  # the direct triggers stand in one source
    origin = f"computed: checklist {result.rulebook}"
    low, high = result.score_bounds
    provisional = result.edition == _PROVISIONAL
    score = between(low, high, unit="1", origin=origin, missing=result.missing, mark=mark)
    letters = replace(
        one_of(result.letters, origin=origin, missing=result.missing, mark=mark),
        detail_zh=f"得分 {low:.4g}–{high:.4g}{'，暂定分值' if provisional else ''}",
        detail_en=f"score {low:.4g} to {high:.4g}{', provisional scores' if provisional else ''}",
    )
    return replace(facts, quantities={**facts.quantities, "park.grade": letters, "park.score": score})


def judge_park(rules: RuleSet, facts: Facts) -> tuple[Grade, pd.DataFrame]:
    """Grade a park and evaluate every rule that binds it.

    Returns
    -------
    (Grade, DataFrame)
        The table has the columns of ``parkrisk.risk.rules.judge.evaluate``.
    """
    result = grade(rules, facts)
    return result, rules.evaluate(graded(facts, result), "park")


__all__ = ["ITEM_COLUMNS", "TRIGGER_COLUMNS", "Grade", "grade", "graded", "judge_park"]
