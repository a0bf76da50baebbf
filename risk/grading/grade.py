"""The park's risk grade: a score from the checklist, a letter, and the bounds that open items leave.

A higher score is a lower risk; A is the worst letter, D the best. An open item may still earn anything from nothing to
its whole score, and a direct trigger that nobody has ruled out may still give the worst letter. ``letter`` is always
the worst letter that is possible: what the evidence handed in supports. It is settled when both bounds agree; until
then ``bounds`` is what is known, and rules that ask for the grade see every letter in between.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import pandas as pd

from parkrisk.risk.grading.checklist import Checklist, Item, load
from parkrisk.risk.rules.facts import Answer, Facts, between, one_of
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
_WORST, _BEST = "A", "D"


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
    rulebook : str
        Id of the checklist.
    items : DataFrame
        Every item with its bounds, what it was answered by, what is missing.
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
    items: pd.DataFrame
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

    def to_dict(self) -> dict[str, Any]:
        """Content for JSON."""
        return {
            "letter": self.letter,
            "bounds": list(self.bounds),
            "settled": self.settled,
            "score": self.score,
            "score_bounds": list(self.score_bounds),
            "rulebook": self.rulebook,
            "unverified": self.unverified,
            "reasons_zh": list(self.reasons_zh),
            "reasons_en": list(self.reasons_en),
            "missing": list(self.missing),
            "items": [{**row, "missing": list(row["missing"])} for row in self.items.astype(object).to_dict("records")],
        }


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
        return _none(
            checklist.id,
            f"检查表自 {checklist.in_force_from} 起适用，评估日期 {facts.date} 尚未生效",
            f"the checklist holds from {checklist.in_force_from}, not yet on {facts.date}",
        )
    rows = [_row(item, checklist, facts) for item in checklist.items]
    counted = [row for row in rows if row["status"] != "not_applicable"]
    full = sum((row["max"] for row in counted), Fraction(0))
    # Items that do not apply leave the scale as it is: what remains is stretched to the maximum.
    stretch = checklist.maximum / full
    low = stretch * sum((row["low"] for row in counted), Fraction(0))
    high = stretch * sum((row["high"] for row in counted), Fraction(0))
    worst, best = checklist.letter(low).letter, checklist.letter(high).letter
    reasons = [(checklist.notice_zh, checklist.notice_en)]
    reasons.append(
        (
            f"得分 {float(low):.4g}–{float(high):.4g}，对应 {worst}–{best}",
            f"score {float(low):.4g} to {float(high):.4g}, letters {worst} to {best}",
        )
    )
    missing = [name for row in sorted(rows, key=lambda row: row["low"] - row["high"]) for name in row["missing"]]
    for trigger in checklist.direct:
        answer = facts.answer(trigger.evidence, checklist.id).answer
        if answer == "yes":
            continue
        worst = min(worst, trigger.letter)
        if answer == "no":
            best = min(best, trigger.letter)
            reasons.append(
                (f"直接判定为 {trigger.letter}：{trigger.title_zh}", f"{trigger.letter} directly: {trigger.title_en}")
            )
        else:
            missing.insert(0, f"answers.{trigger.evidence}")
            reasons.append((f"尚未排除：{trigger.title_zh}", f"not ruled out: {trigger.title_en}"))
    shown = [{name: row[name] for name in ITEM_COLUMNS} for row in rows]
    return Grade(
        letter=worst,
        bounds=(worst, best),
        score=float(low),
        score_bounds=(float(low), float(high)),
        rulebook=checklist.id,
        items=pd.DataFrame(shown, columns=list(ITEM_COLUMNS)),
        reasons_zh=tuple(zh for zh, _ in reasons),
        reasons_en=tuple(en for _, en in reasons),
        missing=tuple(dict.fromkeys(missing)),
        unverified=weakest((checklist.mark, *(row["mark"] for row in rows))) == "M",
    )


def _none(rulebook: str, zh: str, en: str) -> Grade:
    """Nothing is known: every letter is possible."""
    items = pd.DataFrame(columns=list(ITEM_COLUMNS))
    return Grade(_WORST, (_WORST, _BEST), 0.0, (0.0, 100.0), rulebook, items, (zh,), (en,), (), True)


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
    mark = "M" if result.unverified else "V"
    origin = f"computed: checklist {result.rulebook}"
    low, high = result.score_bounds
    score = between(low, high, unit="1", origin=origin, missing=result.missing, mark=mark)
    letters = replace(
        one_of(result.letters, origin=origin, missing=result.missing, mark=mark),
        detail_zh=f"得分 {low:.4g}–{high:.4g}，暂定分值",
        detail_en=f"score {low:.4g} to {high:.4g}, provisional scores",
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


__all__ = ["ITEM_COLUMNS", "Grade", "grade", "graded", "judge_park"]
