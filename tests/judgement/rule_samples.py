"""Rules, facts and tables that tests of rules, grade and gate share."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from parkrisk.risk.rules.facts import Fact, Facts, Value, between, compare, known, one_of
from parkrisk.risk.rules.rulefile import Leaf, Rule, Test, quantities
from parkrisk.risk.rules.sets import RuleSet, load, sets

DAY = dt.date(2026, 11, 1)
#: Day of documents, unless the assessment is earlier.
PAPERS = dt.date(2026, 3, 20)
ANSWER_COLUMNS = ("rulebook", "item", "answer", "score", "document", "date")


def answers(given: Mapping[str, str] | Iterable[tuple[Any, ...]], day: str = str(PAPERS)) -> pd.DataFrame:
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


#: Quantities of a harmless project in a good park.
GOOD: dict[str, Fact] = {
    "park.recognised": known("yes"),
    "park.grade": known("D"),
    "park.score": known(90.0, unit="1"),
    "risk.targets_over_limit": known(0.0, unit="1"),
    "risk.worst_target_ratio": known(0.2, unit="1"),
    "risk.societal_zone": known("acceptable"),
    "risk.domino_assessed": known(True),
    "risk.major_hazards_ungraded": known(0.0, unit="1"),
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
    "risk.major_hazards_ungraded": known(1.0, unit="1"),
    "risk.external_distance_met": known(False),
    "risk.external_distance_method_known": known(False),
    "after.external_distance_met": known(False),
    "project.external_distance_met": known(False),
    "project.external_distance_method_known": known(False),
    "after.grade": known("A"),
    "after.targets_over_limit": known(1.0, unit="1"),
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
    "output_per_mu": (900.0, "10000 CNY/mu"),
    "park_index_output_per_mu": (400.0, "10000 CNY/mu"),
    "tax_per_mu": (30.0, "10000 CNY/mu"),
    "park_index_tax_per_mu": (20.0, "10000 CNY/mu"),
    "project_land_idle_years": (0.0, "yr"),
    "leading_industry_share": (65.0, "%"),
    "digital_diagnosis_share": (100.0, "%"),
    "fire_response_time": (4.0, "min"),
    "fire_station_area": (6.0, "km2"),
    "fire_station_distance": (400.0, "m"),
    "fire_station_exit_distance": (60.0, "m"),
    "fire_station_gate_setback": (20.0, "m"),
}


def good_answers(rules: RuleSet, scope: str) -> dict[str, str]:
    """Yes to everything that rules of a scope ask; no exemption is claimed."""
    asked = {
        leaf.name
        for rule in rules.rules
        if scope in rule.scope
        for test in (*rule.applies_when, rule.test)
        for leaf in leaves(test)
        if leaf.what == "evidence"
    }
    return dict.fromkeys(sorted(asked), "yes")


def _value(leaf: Leaf, *, holds: bool) -> Value | None:
    """A value that meets a test of a quantity, or one that breaks it; the good value where that does, None if none."""
    kind = quantities()[leaf.name]
    if kind.type == "number":
        middle = float(leaf.limit)  # type: ignore[arg-type]
        choices: tuple[Value, ...] = (middle, middle - 0.001, middle + 0.001)
    else:
        choices = (True, False) if kind.type == "boolean" else tuple(kind.choices)
    tried = (*(GOOD[leaf.name].values if leaf.name in GOOD else ()), *choices)
    assert leaf.limit is not None
    return next((value for value in tried if compare(known(value), leaf.comparison, leaf.limit) is holds), None)


def binding(rule: Rule) -> dict[str, Fact]:
    """Quantities under which a rule binds."""
    parts = [leaf for test in rule.applies_when for leaf in leaves(test) if leaf.what == "quantity"]
    values = {leaf.name: _value(leaf, holds=True) for leaf in parts}
    return {name: known(value) for name, value in values.items() if value is not None}


def broken(rule: Rule, *, gone: bool = False) -> dict[str, dict[str, Any]]:
    """Facts under which a rule binds and its test fails, or, with ``gone``, lacks every fact that it asks for."""
    changed: dict[str, dict[str, Any]] = {"quantities_": dict(binding(rule)), "answers_": {}, "indicators_": {}}
    for leaf in leaves(rule.test):
        if leaf.what == "quantity":
            value = _value(leaf, holds=False)
            if gone:
                changed["quantities_"][leaf.name] = None
            elif value is not None:
                changed["quantities_"][leaf.name] = known(value, unit=leaf.unit)
        elif leaf.what == "evidence":
            changed["answers_"][leaf.name] = None if gone else "no"
        else:
            changed["indicators_"][leaf.name] = None if gone else (_beyond(leaf), leaf.unit)
    return changed


def _beyond(leaf: Leaf) -> float:
    """A figure just on the wrong side of its limit."""
    limit = GOOD_INDICATORS[leaf.limit_indicator][0] if leaf.limit_indicator else float(leaf.limit)  # type: ignore[arg-type]
    return {"<": limit, ">": limit, "<=": limit + 0.001, ">=": limit - 0.001}[leaf.comparison]


def day_of(rule: Rule) -> dt.date:
    """A day on which a rule is in force."""
    return DAY if rule.in_force_until is None else min(DAY, rule.in_force_until)


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
    papers = answers(said, str(min(day, PAPERS)))
    return Facts(
        day,
        held,
        {"park": papers, "project": papers},
        {"park": indicators(figures), "project": indicators(figures)},
        rules.accepts,
    )


def loaded(name: str = "cn-nmg-2026", day: dt.date = DAY) -> RuleSet:
    """Rule set on a day."""
    return load(name, day)


def shipped_rules() -> dict[str, tuple[Rule, RuleSet]]:
    """Every shipped rule by its id, with a set that holds it."""
    return {rule.id: (rule, held) for held in map(loaded, sets()) for rule in held.rules}


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
