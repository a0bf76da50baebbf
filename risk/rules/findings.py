"""What a single test gives: True, False or unknown, with the value used, its origin, what is missing and its words."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from parkrisk.risk.rules.facts import Facts, Value, all_of, any_of, compare, convert, known, show, unknown
from parkrisk.risk.rules.rulefile import Leaf, Rule, Test, quantities
from parkrisk.risk.rules.words import COMPARISON_WORDS, value_words

_TRUTH_WORDS = {True: ("符合", "met"), False: ("不符合", "not met"), None: ("无法判定", "undecided")}
_MARK_ORDER = "V1M"


@dataclass(frozen=True)
class Finding:
    """What one test gave: True, False or None (unknown), with its words."""

    truth: bool | None
    zh: str
    en: str
    needs_zh: tuple[str, ...] = ()
    needs_en: tuple[str, ...] = ()
    value: Value | None = None
    shown: str = ""
    comparison: str = ""
    limit: Value | None = None
    unit: str = ""
    origin: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    mark: str = "V"
    waived: bool = False


@dataclass(frozen=True)
class Decision:
    """How a rule came out.

    Parameters
    ----------
    status, because : str
    finding : Finding
        What decided.
    possible : frozenset of str
        Every status that more evidence could still give, claimed exemptions included.
    open_ends : tuple of str
        What would settle which of them it is.
    mark : str
        Weakest of the rule and the numbers that decided.
    title_zh, title_en : str
    """

    status: str
    because: str
    finding: Finding
    possible: frozenset[str]
    open_ends: tuple[str, ...]
    mark: str
    title_zh: str
    title_en: str


@dataclass(frozen=True)
class Case:
    """A rule before the facts, and how the rules that it refers to came out."""

    rule: Rule
    facts: Facts
    of_id: Mapping[str, Decision]


def weakest(marks: Iterable[str]) -> str:
    """The least verified of several marks."""
    return max(marks, key=_MARK_ORDER.index, default="V")


def find(test: Test, case: Case) -> Finding:
    """What a test gives on the facts of a case."""
    if isinstance(test, Leaf):
        if test.what == "evidence":
            return _evidence(test, case.facts, case.rule)
        return _other_rule(test, case.of_id) if test.what == "rule" else _measure(test, case.facts)
    parts = [find(part, case) for part in test.parts]
    truth = (all_of if test.how == "all" else any_of)(part.truth for part in parts)
    joint_zh, joint_en = ("；", "; ") if test.how == "all" else ("；或 ", "; or ")
    deciding = [part for part in parts if truth is None or part.truth is truth]
    return Finding(
        truth,
        joint_zh.join(part.zh for part in parts),
        joint_en.join(part.en for part in parts),
        needs_zh=tuple(label for part in parts if part.truth is None for label in part.needs_zh),
        needs_en=tuple(label for part in parts if part.truth is None for label in part.needs_en),
        shown="; ".join(part.shown for part in parts if part.shown),
        origin=tuple(origin for part in parts for origin in part.origin),
        missing=tuple(dict.fromkeys(name for part in parts if part.truth is None for name in part.missing)),
        mark=weakest(part.mark for part in deciding),
    )


def _measure(test: Leaf, facts: Facts) -> Finding:
    missing: tuple[str, ...] = ()
    if test.what == "quantity":
        fact = facts.quantity(test.name)
        label_zh, label_en = quantities()[test.name].label_zh, quantities()[test.name].label_en
        if fact.unit != test.unit and fact.values and not isinstance(fact.values[0], str | bool):
            converted = [convert(float(value), fact.unit, test.unit) for value in fact.values]
            usable = tuple(value for value in converted if value is not None)
            fact = replace(fact, values=usable, unit=test.unit) if len(usable) == len(converted) else unknown(test.name)
    else:
        fact = facts.indicator(test.name, test.unit)
        label_zh, label_en = facts.about("indicator", test.name).label_zh, facts.about("indicator", test.name).label_en
    limit: Any = test.limit
    bound = known(0.0)
    if test.limit_indicator:
        bound = facts.indicator(test.limit_indicator, test.unit)
        limit = bound.value
    truth = None if limit is None else compare(fact, test.comparison, limit)
    if truth is None:
        missing = (*(fact.missing or ((test.name,) if fact.value is None else ())), *bound.missing)
    shown = value_words(test, fact.values, "…" if fact.interval else " / ")
    asked = value_words(test, limit if isinstance(limit, tuple) else () if limit is None else (limit,), ", ")
    words = COMPARISON_WORDS[test.comparison]
    detail_zh = f"（{fact.detail_zh}）" if fact.detail_zh else ""
    detail_en = f" ({fact.detail_en})" if fact.detail_en else ""
    return Finding(
        truth,
        f"{label_zh}：{shown[0]}{detail_zh}，{words[0]} {asked[0]}，{_TRUTH_WORDS[truth][0]}",
        f"{label_en}: {shown[1]}{detail_en}, {words[1]} {asked[1]}: {_TRUTH_WORDS[truth][1]}",
        needs_zh=(label_zh,) if truth is None else (),
        needs_en=(label_en,) if truth is None else (),
        value=fact.value,
        shown=fact.shown,
        comparison=test.comparison,
        limit=limit if not isinstance(limit, tuple) else show(limit),
        unit=test.unit,
        origin=tuple(origin for origin in (fact.origin, bound.origin) if origin),
        missing=missing,
        mark=weakest((fact.mark, bound.mark)),
    )


def _other_rule(test: Leaf, of_id: Mapping[str, Decision]) -> Finding:
    """Whether another rule came out in one of the ways asked for; open while that is."""
    wanted = test.limit if isinstance(test.limit, tuple) else ()
    other = of_id[test.name]
    within, beyond = other.possible & set(wanted), other.possible - set(wanted)
    truth = None if within and beyond else not beyond
    said, asked = value_words(test, (other.status,), ""), value_words(test, wanted, " / ")
    return Finding(
        truth,
        f"规则 {test.name}（{other.title_zh}）：{said[0]}，应为{asked[0]}，{_TRUTH_WORDS[truth][0]}",
        f"Rule {test.name} ({other.title_en}): {said[1]}, should be {asked[1]}: {_TRUTH_WORDS[truth][1]}",
        needs_zh=(other.title_zh,) if truth is None else (),
        needs_en=(other.title_en,) if truth is None else (),
        value=other.status,
        shown=other.status,
        comparison="in",
        limit=show(wanted),
        origin=(f"rule {test.name}",),
        missing=(other.open_ends or (f"rules.{test.name}",)) if truth is None else (),
        mark=other.mark,
    )


def _evidence(test: Leaf, facts: Facts, rule: Rule) -> Finding:
    item_label = facts.about("answer", test.name)
    label_zh, label_en = item_label.label_zh, item_label.label_en
    answer = facts.answer(test.name, rule.rulebook)
    item = f"answers.{test.name}"
    truth = {"yes": True, "no": False, "partial": False}.get(answer.answer)
    document = f"（{answer.document}）" if answer.document else ""
    said_zh, said_en = _ANSWERS[answer.answer]
    zh = f"{'依据' if label_zh == rule.title_zh else label_zh}：{said_zh}{document}"
    en = f"{'Evidence' if label_en == rule.title_en else label_en}: {said_en}"
    en += f" ({answer.document})" if answer.document else ""
    missing: tuple[str, ...] = () if truth is not None else (item,)
    if truth is None and answer.date is not None and answer.date > facts.date:
        zh, en = f"{zh}，日期 {answer.date} 晚于评估日期", f"{en}, dated {answer.date}, after the assessment"
        missing = (f"{item}.date",)
    if truth and test.max_age_years is not None:
        truth, more_zh, more_en = _age(answer.date, facts.date, test.max_age_years)
        zh, en = f"{zh}，{more_zh}", f"{en}, {more_en}"
        missing = () if truth is not None else (f"{item}.date",)
    return Finding(
        truth,
        zh,
        en,
        value=answer.answer,
        shown=answer.answer,
        comparison="is",
        limit="yes" if test.max_age_years is None else f"yes, not older than {test.max_age_years} years",
        needs_zh=(label_zh,) if truth is None else (),
        needs_en=(label_en,) if truth is None else (),
        origin=(answer.origin,) if answer.origin else (),
        missing=missing,
        waived=test.may_not_apply and answer.answer == "not_applicable",
    )


_ANSWERS = {
    "yes": ("符合", "met"),
    "no": ("不符合", "not met"),
    "partial": ("部分符合", "met in part"),
    "score": ("仅有评分", "a score only"),
    "unknown": ("未提供", "not given"),
    "not_applicable": ("填报不适用", "said not to apply"),
}


def anniversary(day: dt.date, years: int) -> dt.date:
    """The same day so many years later; that of 29 February is 1 March in a common year."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return dt.date(day.year + years, 3, 1)


def within_years(day: dt.date, today: dt.date, years: int) -> bool | None:
    """Whether a document of that day is at most so many years old; None for a day in the future.

    The anniversary itself still counts.
    """
    return None if day > today else today <= anniversary(day, years)


def _age(day: dt.date | None, today: dt.date, years: int) -> tuple[bool | None, str, str]:
    if day is None:
        return None, "未填日期", "its date is not given"
    if within_years(day, today, years):
        return True, f"{day}，未超过 {years} 年", f"of {day}, not older than {years} years"
    return False, f"{day}，已超过 {years} 年", f"of {day}, older than {years} years"
