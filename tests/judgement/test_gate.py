"""Verdicts of the gate, and that less evidence never helps."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from parkrisk.risk.entry.verdict import asked_of_the_project, explanation, missing_items, verdict_of
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


def test_where_no_rule_is_in_force_nothing_is_admitted() -> None:
    before_all = NMG.evaluate(facts(NMG, "project", day=dt.date(1999, 12, 31)), "project")
    assert set(before_all["because"]) == {"not_in_force"}
    for judged in (before_all, before_all.iloc[:0]):
        verdict, effects = verdict_of(judged)
        assert verdict == "undecided"
        words = explanation(verdict, judged.assign(effect=effects), (), {"status": "not_needed", "not_found": ()}, 0)
        assert "nothing was judged" in words[1]


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


NOT_NEEDED = {"status": "not_needed", "runs": 0, "not_found": []}


def test_a_failed_gate_that_a_proven_change_meets_is_a_condition() -> None:
    over = {"after.worst_target_ratio": BAD["after.worst_target_ratio"]}
    judged = NMG.evaluate(facts(NMG, "project", quantities_=over), "project")
    failed = set(judged.loc[(judged["status"] == "fail") & (judged["severity"] == "gate"), "rule_id"])
    assert failed == {"gb36894-individual-after"}
    assert verdict_of(judged)[0] == "refuse"
    assert verdict_of(judged, failed)[0] == "admit_with_conditions"
    # What is cured is that gate alone: another failed one refuses, an open one leaves the verdict open.
    more = facts(NMG, "project", quantities_=over, answers_={"no-eliminated-process": "no"})
    assert verdict_of(NMG.evaluate(more, "project"), failed)[0] == "refuse"
    more = facts(NMG, "project", quantities_=over, answers_={"no-eliminated-process": None})
    assert verdict_of(NMG.evaluate(more, "project"), failed)[0] == "undecided"


def test_what_is_missing_and_who_has_to_give_it() -> None:
    gone = {"no-eliminated-process": None, "layout-reviewed": None, "closed-management": None}
    judged = NMG.evaluate(facts(NMG, "project", answers_=gone), "project")
    judged["effect"] = verdict_of(judged)[1]
    items = missing_items(judged, facts(NMG, "project"))
    assert [(item["item"], item["given_by"], item["decides"]) for item in items] == [
        ("answers.no-eliminated-process", "project", True),  # what the verdict waits for comes first
        ("answers.closed-management", "park", False),
        ("answers.layout-reviewed", "project", False),
    ]
    asking = judged.loc[judged["missing"].map(lambda names: items[0]["item"] in names), "rule_id"]
    assert items[0]["rules"] == list(asking)
    assert items[0]["label_en"] == "No eliminated or prohibited process or equipment"
    zh, en = explanation("undecided", judged, asked_of_the_project(judged), NOT_NEEDED, 2)
    gates = judged.loc[judged["effect"] == "undecided", "rule_id"]
    assert len(gates)
    assert all(f"（{rule}）" in zh for rule in gates)
    assert en.startswith(f"Undecided. {len(gates)} gates are not shown")
    assert en.endswith("count before and after: 2.")


def test_words_of_a_refusal_name_what_binds_and_what_was_sought() -> None:
    said = {"no-eliminated-process": "no", "reaction-risk-assessment": None, "layout-reviewed": "no"}
    judged = NMG.evaluate(facts(NMG, "project", answers_=said), "project")
    verdict_, judged["effect"] = verdict_of(judged)
    conditions = asked_of_the_project(judged)
    assert ("duty", "entry-layout") in {(each["kind"], each["rule_id"]) for each in conditions}
    search = {"status": "not_curable", "runs": 0, "not_found": []}
    zh, en = explanation(verdict_, judged, conditions, search, 0)
    refusing, open_ = (judged.loc[judged["effect"] == effect, "rule_id"] for effect in ("refuse", "undecided"))
    assert en.startswith(f"Refused. {len(refusing)} gates are not met")
    assert all(f"({rule})" in en for rule in refusing)
    assert len(open_)
    assert not any(f"({rule})" in en for rule in open_), "an open gate does not bind where another fails"
    assert "改变位置或存量不能满足" in zh


@pytest.mark.parametrize("kind", ["safety", "environment", "energy", "intelligent"])
def test_retrofits_enter_a_park_that_takes_no_new_projects(kind: str) -> None:
    poor = {"park.grade": known("A"), "park.recognised": known("no"), "project.category": known("altered")}
    retrofit = {**poor, "project.nature": known(f"retrofit_{kind}")}
    assert verdict(quantities_=retrofit) == "admit"
    # The 2023 guide states no exemption: somebody has to confirm that there is one.
    assert verdict(quantities_=retrofit, answers_={"retrofit-excepted-from-stop": None}) == "undecided"
    assert verdict(quantities_=retrofit, answers_={"retrofit-excepted-from-stop": "no"}) == "refuse"
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
