"""Rules, facts and tables that tests of rules, grade and gate share."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from parkrisk.risk.rules.facts import Fact, Facts, between, known, one_of
from parkrisk.risk.rules.rulefile import Leaf, Test, quantities
from parkrisk.risk.rules.sets import RuleSet, load

DAY = dt.date(2026, 11, 1)
ANSWER_COLUMNS = ("rulebook", "item", "answer", "score", "document", "date")


def answers(given: Mapping[str, str] | Iterable[tuple[Any, ...]], day: str = "2026-03-20") -> pd.DataFrame:
    """Answer table; a mapping gives every answer to any rule set."""
    rows = (
        [("*", item, answer, None, "", day) for item, answer in given.items()] if isinstance(given, Mapping) else given
    )
    return pd.DataFrame(list(rows), columns=list(ANSWER_COLUMNS))


def indicators(given: Mapping[str, tuple[float, str]]) -> pd.DataFrame:
    """Indicator table."""
    rows = [(name, value, unit) for name, (value, unit) in given.items()]
    return pd.DataFrame(rows, columns=["name", "value", "unit"])


def leaves(test: Test) -> list[Leaf]:
    """Every single test within a test."""
    return [test] if isinstance(test, Leaf) else [leaf for part in test.parts for leaf in leaves(part)]


def rule_leaves(rules: RuleSet, scope: str) -> list[Leaf]:
    """Every single test of a scope."""
    return [
        leaf
        for rule in rules.rules
        if scope in rule.scope
        for test in (*rule.applies_when, rule.test, *rule.exempt_when)
        for leaf in leaves(test)
    ]


#: Quantities of a harmless project in a good park.
GOOD: dict[str, Fact] = {
    "park.recognised": known("yes"),
    "park.grade": known("D"),
    "park.score": known(90.0, unit="1"),
    "risk.targets_over_limit": known(0.0, unit="1"),
    "risk.worst_target_ratio": known(0.2, unit="1"),
    "risk.societal_zone": known("acceptable"),
    "risk.domino_assessed": known(True),
    "risk.external_distance_met": known(True),
    "risk.external_distance_method_known": known(True),
    "after.grade": known("D"),
    "after.targets_over_limit": known(0.0, unit="1"),
    "after.worst_target_ratio": known(0.3, unit="1"),
    "after.societal_zone": known("acceptable"),
    "after.external_distance_met": known(True),
    "project.external_distance_met": known(True),
    "project.external_distance_method_known": known(True),
    "project.category": known("new"),
    "project.nature": known("chemical"),
    "project.inside_park": known(True),
    "project.worst_target_ratio_new": known(0.3, unit="1"),
    "project.raises_risk": known(True),
    "project.forms_major_hazard": known(True),
    "project.strictly_controlled_substances": known(0.0, unit="1"),
    "project.new_cross_pairs": known(0.0, unit="1"),
}

#: A value of each quantity that is worse for a project.
BAD: dict[str, Fact] = {
    "park.recognised": known("no"),
    "park.grade": known("B"),
    "risk.targets_over_limit": known(2.0, unit="1"),
    "risk.societal_zone": known("unacceptable"),
    "risk.domino_assessed": known(False),
    "risk.external_distance_met": known(False),
    "risk.external_distance_method_known": known(False),
    "after.external_distance_met": known(False),
    "project.external_distance_met": known(False),
    "project.external_distance_method_known": known(False),
    "after.grade": known("A"),
    "after.worst_target_ratio": known(1.0000001, unit="1"),
    "after.societal_zone": known("unacceptable"),
    "project.inside_park": known(False),
    "project.nature": known("non_chemical"),
    "project.worst_target_ratio_new": known(2.0, unit="1"),
    "project.strictly_controlled_substances": known(1.0, unit="1"),
    "project.new_cross_pairs": known(3.0, unit="1"),
}

GOOD_INDICATORS = {
    "investment": (20000.0, "10000 CNY"),
    "park_minimum_investment": (10000.0, "10000 CNY"),
    "investment_per_mu": (300.0, "10000 CNY/mu"),
    "park_index_investment_per_mu": (200.0, "10000 CNY/mu"),
    "wastewater_collected": (100.0, "%"),
    "hazardous_waste_collected": (100.0, "%"),
    "block_years_without_project": (1.0, "yr"),
}
PROJECT_INDICATORS = ("investment", "investment_per_mu")


def good_answers(rules: RuleSet, scope: str) -> dict[str, str]:
    """Yes to everything that rules of a scope ask, the exemption by the State excepted."""
    names = {leaf.name for leaf in rule_leaves(rules, scope) if leaf.what == "evidence"}
    return dict.fromkeys(sorted(names - {"state-exempt-from-park"}), "yes")


def facts(
    rules: RuleSet,
    scope: str,
    *,
    quantities_: Mapping[str, Fact | None] = {},
    answers_: Mapping[str, str | None] = {},
    indicators_: Mapping[str, tuple[float, str] | None] = {},
    day: dt.date = DAY,
) -> Facts:
    """Facts in which everything is good, but for what is given; None takes the fact away."""
    held = {name: fact for name, fact in {**GOOD, **quantities_}.items() if fact is not None}
    said = {name: text for name, text in {**good_answers(rules, scope), **answers_}.items() if text is not None}
    figures = {name: pair for name, pair in {**GOOD_INDICATORS, **indicators_}.items() if pair is not None}
    return Facts(
        day,
        held,
        {"park": answers(said), "project": answers(said)},
        {"park": indicators(figures), "project": indicators(figures)},
        rules.accepts,
    )


def loaded(name: str = "cn-nmg-2026", day: dt.date = DAY) -> RuleSet:
    """Rule set on a day."""
    return load(name, day)


def outcome(rules: RuleSet, given: Facts, rule_id: str, scope: str) -> dict[str, Any]:
    """Outcome of one rule."""
    table = rules.evaluate(given, scope)
    (row,) = table[table["rule_id"] == rule_id].to_dict("records")
    return {str(key): value for key, value in row.items()}


def vague(name: str) -> Fact:
    """Fact of which a good and a bad value are possible."""
    good, bad = GOOD[name], BAD[name]
    if quantities()[name].type == "number":
        return between(float(good.values[0]), float(bad.values[0]), unit="1", missing=(name,))
    return one_of([good.values[0], bad.values[0]], missing=(name,))
