"""Evaluating rules in three values: each outcome has the value used, its origin, what is missing and a sentence why.

A rule passes when its test holds; it does not apply when it does not bind or is lifted; it fails when it binds, is not
lifted and its test does not hold; otherwise it is unknown. An exemption that rests on evidence has to be claimed: no
answer means no exemption. A test of another rule asks for every way in which that rule may still come out: as long as
an exemption of it may yet be claimed, that is open too.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from parkrisk.risk.rules.facts import Facts, all_of, any_of
from parkrisk.risk.rules.findings import Case, Decision, Finding, find, weakest, within_years
from parkrisk.risk.rules.references import in_order
from parkrisk.risk.rules.rulefile import Leaf, Rule, Test

__all__ = ["COLUMNS", "evaluate", "weakest", "within_years"]

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
    "reason_zh",
    "reason_en",
    "unverified",
)


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
        ``mark`` is the weakest of the clause and the numbers that decided; ``unverified``: it is "M".
    """
    asked = [place for place, rule in enumerate(rules) if scope in rule.scope]
    decisions: dict[int, Decision] = {}
    of_id: dict[str, Decision] = {}
    for place in in_order(rules, {rules[place].id for place in asked}):
        rule = rules[place]
        decisions[place] = _decide(Case(rule, facts, of_id))
        if rule.id not in of_id or rule.in_force(facts.date):
            of_id[rule.id] = decisions[place]
    rows = [_row(rules[place], decisions[place]) for place in asked]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)


def _row(rule: Rule, decision: Decision) -> dict[str, Any]:
    status, finding = decision.status, decision.finding
    prefix_zh, prefix_en = {
        "pass": ("符合", "Met"),
        "fail": ("不符合", "Not met"),
        "unknown": ("无法判定", "Undecided"),
        "not_applicable": ("不适用", "Does not apply"),
    }[status]
    unverified = decision.mark == "M"
    mark_zh, mark_en = ("（依据未经核实）", " (basis unverified)") if unverified else ("", "")
    wanting = status in ("fail", "unknown")
    reason_zh = f"。{rule.reason_zh}" if wanting and rule.reason_zh else ""
    reason_en = f". {rule.reason_en}" if wanting and rule.reason_en else ""
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
        "because": decision.because,
        "value": finding.value if finding.value is not None else (finding.shown or None),
        "comparison": finding.comparison,
        "limit": finding.limit,
        "unit": finding.unit,
        "why_zh": f"{prefix_zh}：{rule.title_zh}。{finding.zh}{reason_zh}{mark_zh}",
        "why_en": f"{prefix_en}: {rule.title_en}. {finding.en}{reason_en}{mark_en}",
        "origin": "; ".join(finding.origin),
        "missing": finding.missing if status == "unknown" else (),
        "mark": decision.mark,
        "source": rule.source,
        "reason_zh": rule.reason_zh,
        "reason_en": rule.reason_en,
        "unverified": unverified,
    }


def _decide(case: Case) -> Decision:
    rule, facts = case.rule, case.facts
    conditions = [find(test, case) for test in rule.applies_when]
    lifts = [(test, find(test, case)) for test in rule.exempt_when]
    tested = find(rule.test, case)
    open_ends: tuple[str, ...] = ()
    if not rule.in_force(facts.date):
        status, because, finding = "not_applicable", "not_in_force", _not_in_force(rule, facts.date)
        possible = frozenset({status})
    else:
        status, because, finding = _status(conditions, lifts, tested)
        possible = _possible(rule, conditions, [lift for _, lift in lifts], tested)
        every = (*conditions, *(lift for _, lift in lifts), tested)
        open_ends = tuple(dict.fromkeys(name for each in every if each.truth is None for name in each.missing))
    return Decision(
        status,
        because,
        finding,
        possible,
        open_ends if len(possible) > 1 else (),
        weakest((rule.mark, finding.mark)),
        rule.title_zh,
        rule.title_en,
    )


def _possible(rule: Rule, conditions: Sequence[Finding], lifts: Sequence[Finding], tested: Finding) -> frozenset[str]:
    """Every status that the rule may have once all is known."""
    if tested.waived:
        return frozenset({"not_applicable"})
    applies = all_of(finding.truth for finding in conditions)
    lifted = any_of(finding.truth for finding in lifts)
    waivable = isinstance(rule.test, Leaf) and rule.test.may_not_apply and tested.truth is None
    possible = set()
    if applies is not True or lifted is not False or waivable:
        possible.add("not_applicable")
    if applies is not False and lifted is not True:
        possible |= {"pass"} if tested.truth is not False else set()
        possible |= {"fail"} if tested.truth is not True else set()
    return frozenset(possible)


def _status(
    conditions: Sequence[Finding], lifts: Sequence[tuple[Test, Finding]], tested: Finding
) -> tuple[str, str, Finding]:
    applies = all_of(finding.truth for finding in conditions)
    if applies is False:
        reason = next(finding for finding in conditions if finding.truth is False)
        return (
            "not_applicable",
            "condition",
            replace(reason, zh=f"不属于适用范围：{reason.zh}", en=f"Outside its scope: {reason.en}"),
        )
    for test, finding in lifts:
        if finding.truth is True:
            return (
                "not_applicable",
                "exempt",
                replace(finding, zh=f"豁免：{test.because_zh}", en=f"Exempt: {test.because_en}"),
            )
    if tested.waived:
        return "not_applicable", "answered", tested
    # Whether the rule binds and whether it is lifted decide as well, so their numbers count.
    tested = replace(
        tested, mark=weakest((tested.mark, *(each.mark for each in conditions), *(each.mark for _, each in lifts)))
    )
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
