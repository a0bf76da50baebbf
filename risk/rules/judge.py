"""Evaluating rules in three values: each outcome has the value used, its origin, what is missing and a sentence why.

A rule passes when its test holds; it does not apply when it does not bind or is lifted; it fails when it binds, is not
lifted and its test does not hold; otherwise it is unknown. An exemption that rests on evidence has to be claimed: no
answer means no exemption.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from parkrisk.risk.rules.facts import (
    Facts,
    Value,
    all_of,
    any_of,
    compare,
    convert,
    evidence_labels,
    known,
    show,
    unit_labels_zh,
    unknown,
)
from parkrisk.risk.rules.rulefile import Leaf, Rule, Test, quantities

COLUMNS = (
    "rule_id",
    "rulebook",
    "instrument_zh",
    "instrument_en",
    "clause",
    "title_zh",
    "title_en",
    "bound",
    "severity",
    "in_principle",
    "curable_by",
    "status",
    "because",
    "value",
    "comparison",
    "limit",
    "unit",
    "why_zh",
    "why_en",
    "origin",
    "missing",
    "mark",
    "source",
)

_COMPARISON_WORDS = {
    "<": ("应小于", "should be below"),
    "<=": ("应不大于", "should be at most"),
    ">": ("应大于", "should be above"),
    ">=": ("应不小于", "should be at least"),
    "is": ("应为", "should be"),
    "in": ("应为其一：", "should be one of"),
    "not_in": ("不应为", "should be none of"),
}
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


def weakest(marks: Iterable[str]) -> str:
    """The least verified of several marks."""
    return max(marks, key=_MARK_ORDER.index, default="V")


def evaluate(rules: Sequence[Rule], facts: Facts, scope: str) -> pd.DataFrame:
    """Outcome of every rule of a scope.

    Parameters
    ----------
    rules : sequence of Rule
    facts : Facts
    scope : "park" or "project"

    Returns
    -------
    DataFrame
        One row a rule, in the order of the rulebooks, with ``COLUMNS``. ``status``: pass, fail, unknown or
        not_applicable; ``because`` says why a rule does not apply: not_in_force, condition, exempt or answered.
        ``mark`` is the weakest of the clause and the numbers that decided.
    """
    rows = [_outcome(rule, facts) for rule in rules if scope in rule.scope]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)


def _outcome(rule: Rule, facts: Facts) -> dict[str, Any]:
    status, because, finding = _decide(rule, facts)
    prefix_zh, prefix_en = {
        "pass": ("符合", "Met"),
        "fail": ("不符合", "Not met"),
        "unknown": ("无法判定", "Undecided"),
        "not_applicable": ("不适用", "Does not apply"),
    }[status]
    unverified = finding.mark == "M" or rule.mark == "M"
    return {
        "rule_id": rule.id,
        "rulebook": rule.rulebook,
        "instrument_zh": rule.instrument_zh,
        "instrument_en": rule.instrument_en,
        "clause": rule.clause,
        "title_zh": rule.title_zh,
        "title_en": rule.title_en,
        "bound": rule.bound,
        "severity": rule.severity,
        "in_principle": rule.in_principle,
        "curable_by": rule.curable_by,
        "status": status,
        "because": because,
        "value": finding.value if finding.value is not None else (finding.shown or None),
        "comparison": finding.comparison,
        "limit": finding.limit,
        "unit": finding.unit,
        "why_zh": f"{prefix_zh}：{rule.title_zh}。{finding.zh}" + ("（依据未经核实）" if unverified else ""),
        "why_en": f"{prefix_en}: {rule.title_en}. {finding.en}" + (" (basis unverified)" if unverified else ""),
        "origin": "; ".join(finding.origin),
        "missing": finding.missing if status == "unknown" else (),
        "mark": weakest((rule.mark, finding.mark)),
        "source": rule.source,
    }


def _decide(rule: Rule, facts: Facts) -> tuple[str, str, Finding]:
    if not rule.in_force(facts.date):
        return "not_applicable", "not_in_force", _not_in_force(rule, facts.date)
    conditions = [_find(test, facts, rule) for test in rule.applies_when]
    applies = all_of(finding.truth for finding in conditions)
    if applies is False:
        reason = next(finding for finding in conditions if finding.truth is False)
        return (
            "not_applicable",
            "condition",
            replace(reason, zh=f"不属于适用范围：{reason.zh}", en=f"Outside its scope: {reason.en}"),
        )
    lifts = [(test, _find(test, facts, rule)) for test in rule.exempt_when]
    for test, finding in lifts:
        if finding.truth is True:
            return (
                "not_applicable",
                "exempt",
                replace(finding, zh=f"豁免：{test.because_zh}", en=f"Exempt: {test.because_en}"),
            )
    tested = _find(rule.test, facts, rule)
    if tested.waived:
        return "not_applicable", "answered", tested
    if tested.truth is True:
        return "pass", "", tested
    # What is open besides the test itself: whether the rule binds, and exemptions that rest on quantities.
    open_ends = [finding for finding in conditions if finding.truth is None]
    open_ends += [finding for test, finding in lifts if finding.truth is None and not _claimed(test)]
    if tested.truth is False and not open_ends:
        return "fail", "", tested
    missing = dict.fromkeys(name for finding in (tested, *open_ends) for name in finding.missing)
    needs_zh = "、".join(dict.fromkeys(label for finding in open_ends for label in finding.needs_zh))
    needs_en = ", ".join(dict.fromkeys(label for finding in open_ends for label in finding.needs_en))
    return (
        "unknown",
        "",
        replace(
            tested,
            zh=f"{tested.zh}；是否适用取决于：{needs_zh}" if open_ends else tested.zh,
            en=f"{tested.en}; whether it applies depends on: {needs_en}" if open_ends else tested.en,
            missing=tuple(missing),
        ),
    )


def _claimed(test: Test) -> bool:
    return isinstance(test, Leaf) and test.what == "evidence"


def _not_in_force(rule: Rule, day: dt.date) -> Finding:
    if day < rule.in_force_from:
        return Finding(
            None,
            f"{rule.in_force_from} 起施行，{day} 尚未生效",
            f"In force from {rule.in_force_from}; not yet on {day}",
        )
    return Finding(None, f"{rule.in_force_until} 后失效", f"No longer in force after {rule.in_force_until}")


def _find(test: Test, facts: Facts, rule: Rule) -> Finding:
    if isinstance(test, Leaf):
        if test.what == "evidence":
            return _evidence(test, facts, rule)
        return _measure(test, facts)
    parts = [_find(part, facts, rule) for part in test.parts]
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
        label_zh, label_en = evidence_labels().get(("indicator", test.name), (test.name, test.name))
    limit: Any = test.limit
    bound = known(0.0)
    if test.limit_indicator:
        bound = facts.indicator(test.limit_indicator, test.unit)
        limit = bound.value
    truth = None if limit is None else compare(fact, test.comparison, limit)
    if truth is None:
        missing = (*(fact.missing or ((test.name,) if fact.value is None else ())), *bound.missing)
    shown = _words(test, fact.values, "…" if fact.interval else " / ")
    asked = _words(test, limit if isinstance(limit, tuple) else () if limit is None else (limit,), ", ")
    words = _COMPARISON_WORDS[test.comparison]
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


def _evidence(test: Leaf, facts: Facts, rule: Rule) -> Finding:
    label_zh, label_en = evidence_labels().get(("answer", test.name), (test.name, test.name))
    answer = facts.answer(test.name, rule.rulebook)
    item = f"answers.{test.name}"
    truth = {"yes": True, "no": False, "partial": False}.get(answer.answer)
    document = f"（{answer.document}）" if answer.document else ""
    said_zh, said_en = _ANSWERS[answer.answer]
    zh = f"{'依据' if label_zh == rule.title_zh else label_zh}：{said_zh}{document}"
    en = f"{'Evidence' if label_en == rule.title_en else label_en}: {said_en}"
    en += f" ({answer.document})" if answer.document else ""
    missing: tuple[str, ...] = () if truth is not None else (item,)
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


def _words(test: Leaf, values: Sequence[Value], joint: str) -> tuple[str, str]:
    """Values in Chinese and English words, with their unit; no value: unknown."""
    if not values:
        return "未知", "unknown"
    unit_en = "" if test.unit in ("", "1") else f" {test.unit}"
    unit_zh = f" {unit_labels_zh().get(test.unit, test.unit)}".rstrip()
    labels = {"yes": ("是", "yes"), "no": ("否", "no")}
    if test.what == "quantity":
        labels |= quantities()[test.name].choices
    distinct = list(dict.fromkeys(show(value) for value in values))
    pairs = [labels.get(text, (text, text)) for text in distinct]
    return joint.join(zh for zh, _ in pairs) + unit_zh, joint.join(en for _, en in pairs) + unit_en


def within_years(day: dt.date, today: dt.date, years: int) -> bool | None:
    """Whether a document of that day is at most so many years old; None for a day in the future.

    The anniversary itself still counts; that of 29 February is 1 March in a common year.
    """
    if day > today:
        return None
    try:
        last = day.replace(year=day.year + years)
    except ValueError:
        last = dt.date(day.year + years, 3, 1)
    return today <= last


def _age(day: dt.date | None, today: dt.date, years: int) -> tuple[bool | None, str, str]:
    if day is None:
        return None, "未填日期", "its date is not given"
    fresh = within_years(day, today, years)
    if fresh is None:
        return None, f"日期 {day} 晚于评估日期", f"dated {day}, after the assessment"
    if fresh:
        return True, f"{day}，未超过 {years} 年", f"of {day}, not older than {years} years"
    return False, f"{day}，已超过 {years} 年", f"of {day}, older than {years} years"
