"""Verdicts of the gate, and that less evidence never helps."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from parkrisk.risk.entry.gate import verdict_of
from parkrisk.risk.rules.facts import Fact, known
from parkrisk.risk.rules.sets import load
from tests.judgement.rule_samples import (
    BAD,
    DAY,
    GOOD,
    GOOD_INDICATORS,
    binding,
    broken,
    facts,
    good_answers,
    loaded,
    vague,
)

NMG = loaded()


def verdict(**changed: Any) -> str:
    return verdict_of(NMG.evaluate(facts(NMG, "project", **changed), "project"))[0]


# Verdict


def test_everything_good_is_admitted() -> None:
    assert verdict() == "admit"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"answers_": {"layout-reviewed": "no"}}, "admit_with_conditions"),
        ({"answers_": {"layout-reviewed": None}}, "admit_with_conditions"),
        ({"answers_": {"reaction-risk-assessment": None}}, "undecided"),
        ({"answers_": {"reaction-risk-assessment": "no"}}, "refuse"),
        ({"quantities_": {"park.recognised": known("no")}}, "refuse"),
        ({"quantities_": {"park.recognised": None}}, "undecided"),
        ({"quantities_": {"park.grade": vague("park.grade")}}, "undecided"),
        ({"quantities_": {"park.grade": BAD["park.grade"]}}, "refuse"),
        ({"quantities_": {"after.worst_target_ratio": BAD["after.worst_target_ratio"]}}, "refuse"),
        ({"quantities_": {"after.societal_zone": vague("after.societal_zone")}}, "undecided"),
        ({"quantities_": {"project.nature": None}}, "undecided"),
        # "in principle": the authority may approve an exception
        ({"indicators_": {"investment_per_mu": (1.0, "10000 CNY/mu")}}, "admit_with_conditions"),
        ({"indicators_": {"investment_per_mu": None}}, "admit_with_conditions"),
        # a failed gate outweighs an open one
        ({"answers_": {"reaction-risk-assessment": None, "no-eliminated-process": "no"}}, "refuse"),
    ],
)
def test_verdicts(changed: Mapping[str, Any], expected: str) -> None:
    assert verdict(**changed) == expected


@pytest.mark.parametrize("kind", ["safety", "environment", "energy", "intelligent"])
def test_retrofits_enter_a_park_that_takes_no_new_projects(kind: str) -> None:
    poor = {"park.grade": known("A"), "park.recognised": known("no"), "project.category": known("altered")}
    assert verdict(quantities_={**poor, "project.nature": known(f"retrofit_{kind}")}) == "admit"
    assert verdict(quantities_={**poor, "project.nature": known("chemical")}) == "refuse"


def test_before_the_law_its_gates_do_not_bind() -> None:
    early = load("cn-2026", DAY.replace(month=4, day=30))
    held = facts(early, "project", answers_={"site-outside-fault-and-flood": "no"}, day=early.date)
    assert verdict_of(early.evaluate(held, "project"))[0] == "admit"
    assert verdict(answers_={"site-outside-fault-and-flood": "no"}) == "refuse"


#: Refuse and undecided both keep a project out; better is what lets it in, and with fewer conditions.
RANK = {"refuse": 0, "undecided": 0, "admit_with_conditions": 1, "admit": 2}
ITEMS = sorted(good_answers(NMG, "project"))
RISKY = sorted({*BAD} - {"risk.targets_over_limit", "risk.societal_zone", "risk.domino_assessed"})


@hypothesis_settings(max_examples=40, deadline=None)
@given(
    bad=st.sets(st.sampled_from(RISKY), max_size=4),
    open_=st.sets(st.sampled_from(RISKY), max_size=4),
    said=st.dictionaries(st.sampled_from(ITEMS), st.sampled_from(["yes", "no", "partial", "not_applicable"])),
    gone=st.sets(st.sampled_from([*ITEMS, *GOOD, *GOOD_INDICATORS]), min_size=1, max_size=6),
)
def test_removing_evidence_never_turns_a_verdict_better(
    bad: set[str], open_: set[str], said: dict[str, str], gone: set[str]
) -> None:
    quantities: dict[str, Fact | None] = {name: BAD[name] for name in bad}
    quantities |= {name: vague(name) for name in open_ - bad if BAD[name].values}
    full = facts(NMG, "project", quantities_=quantities, answers_=said)
    less = facts(
        NMG,
        "project",
        quantities_={**quantities, **dict.fromkeys(gone & {*GOOD})},
        answers_={**said, **dict.fromkeys(gone & {*ITEMS})},
        indicators_=dict.fromkeys(gone & {*GOOD_INDICATORS}),
    )
    before, after = NMG.evaluate(full, "project"), NMG.evaluate(less, "project")
    assert RANK[verdict_of(after)[0]] <= RANK[verdict_of(before)[0]]
    # Rule by rule: what was failed or open never becomes passed or lifted.
    bad_before = before["status"].isin(["fail", "unknown"])
    assert after.loc[bad_before, "status"].isin(["fail", "unknown"]).all()


BINDING = [rule for rule in NMG.rules if "project" in rule.scope and rule.in_force(DAY)]


@pytest.mark.parametrize("rule", BINDING, ids=lambda rule: rule.id)
def test_unknown_is_never_better_than_pass(rule: Any) -> None:
    assert RANK[verdict(**broken(rule, gone=True))] < RANK[verdict(quantities_=binding(rule))]
