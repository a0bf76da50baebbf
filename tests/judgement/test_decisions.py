"""Decision table over every rule of every shipped set: every status reached, exemptions, boundaries, dates."""

import dataclasses
import datetime as dt
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from parkrisk.risk.entry.gate import verdict_of
from parkrisk.risk.grading.quantities import ungraded
from parkrisk.risk.rules.facts import Fact, known, one_of, unknown
from parkrisk.risk.rules.rulefile import Leaf, Rule, quantities
from parkrisk.risk.rules.sets import RuleSet
from parkrisk.risk.screening.hazard_units import HazardTable
from tests.judgement.rule_samples import (
    BAD,
    DAY,
    GOOD,
    GOOD_INDICATORS,
    binding,
    broken,
    day_of,
    facts,
    leaves,
    loaded,
    shipped_rules,
    vague,
)

RULES = shipped_rules()
CASES = [(rule, held, scope) for rule, held in RULES.values() for scope in rule.scope]
IDS = [f"{rule.id}-{scope}" for rule, _, scope in CASES]


def judged(rule: Rule, held: RuleSet, scope: str, **changed: Any) -> dict[str, Any]:
    """Outcome of one rule with everything else good, on a day on which it is in force."""
    alone = dataclasses.replace(held, rules=(rule,))
    (row,) = alone.evaluate(facts(alone, scope, day=day_of(rule), **changed), scope).to_dict("records")
    return {str(key): value for key, value in row.items()}


def by_id(rule_id: str, **changed: Any) -> dict[str, Any]:
    """Outcome of one rule named by its id."""
    rule, held = RULES[rule_id]
    changed["quantities_"] = {**binding(rule), **changed.get("quantities_", {})}
    return judged(rule, held, rule.scope[0], **changed)


# Pass, fail, unknown


@pytest.mark.parametrize(("rule", "held", "scope"), CASES, ids=IDS)
def test_decision_table(rule: Rule, held: RuleSet, scope: str) -> None:
    """Every shipped rule: pass with everything good, fail with its test broken, unknown without its facts."""
    good = judged(rule, held, scope, quantities_=binding(rule))
    bad = judged(rule, held, scope, **broken(rule))
    open_ = judged(rule, held, scope, **broken(rule, gone=True))
    assert (good["status"], bad["status"], open_["status"]) == ("pass", "fail", "unknown")
    assert good["missing"] == bad["missing"] == ()
    assert open_["missing"]
    for row in (good, bad, open_):
        assert rule.title_zh in row["why_zh"]
        assert rule.title_en in row["why_en"]
        assert row["clause"]
        assert row["source"]
        assert (row["mark"] == "M") == row["why_en"].endswith("(basis unverified)")
        assert (row["mark"] == "M") == row["why_zh"].endswith("（依据未经核实）")
        assert row["mark"] == "M" or rule.mark != "M"


CONDITIONS = [(rule, held, scope, k) for rule, held, scope in CASES for k in range(len(rule.applies_when))]


@pytest.mark.parametrize(
    ("rule", "held", "scope", "number"), CONDITIONS, ids=[f"{c[0].id}-{c[2]}-{c[3]}" for c in CONDITIONS]
)
def test_a_failed_rule_whose_scope_is_open_is_unknown(rule: Rule, held: RuleSet, scope: str, number: int) -> None:
    changed = broken(rule)
    names = [leaf.name for leaf in leaves(rule.applies_when[number])]
    changed["quantities_"] |= dict.fromkeys(names)
    row = judged(rule, held, scope, **changed)
    assert row["status"] == "unknown"
    assert set(names) <= set(row["missing"])


# Exemptions

RETROFITS = [("project.nature", f"retrofit_{kind}") for kind in ("safety", "environment", "energy", "intelligent")]
SUPPORTING = ("project.nature", "supporting")
NO_RISE = ("project.raises_risk", False)
#: Rules on what a project adds by itself: what it takes away elsewhere does not make up for it, but in a retrofit.
OWN_LIMIT = ("gb36894-individual-project", "gbt37243-distance-project")
OUTSIDE = ("outside-hazchem-law", "yes")
SICHUAN = [
    SUPPORTING,
    *RETROFITS,
    ("waste-resource-use-only", "yes"),
    ("air-separation-in-three-prefectures", "yes"),
]
#: What lifts which rule: a quantity with its value, or evidence that is claimed.
EXEMPTIONS: dict[str, list[tuple[str, Any]]] = {
    "law-18a": [SUPPORTING, ("state-exempt-from-park", "yes"), OUTSIDE],
    "law-23-other": [("port-authority-review", "yes"), OUTSIDE],
    **{f"law-{article}": [OUTSIDE] for article in ("22", "22b", "23", "24", "26", "27", "34", "34-change", "36")},
    **{f"gb36894-{name}": [NO_RISE] for name in ("individual-after", "societal-after", "alarp")},
    "gbt37243-distance-after": [NO_RISE],
    "220-recognised": RETROFITS,
    "nmg-1.2a": [("idle-land-excused", "yes")],
    "nmg-1.2b": [("idle-land-excused", "yes")],
    "nmg-2.1-budget": [("no-own-finance-body", "yes")],
    "nmg-3.1a": [("special-siting-project", "yes")],
    "nmg-3.2": [("enclave-agreement", "yes")],
    "nmg-4.3": [("social-functions-defined", "yes")],
    "nmg-6.3c": RETROFITS,
    "nmg-8.1a": [("state-or-region-requires-park", "yes")],
    "nmg-8.1b": [("project.category", "altered")],
    "entry-in-park": [SUPPORTING, ("state-exempt-from-park", "yes")],
    "entry-risk-after": [NO_RISE],
    "entry-capacity": [NO_RISE],
    "sc24-1": SICHUAN,
    "sc24-2": SICHUAN,
    "sc24-3": SICHUAN,
}


def test_every_exemption_is_in_the_table() -> None:
    shipped = {
        rule_id: [(leaf.name, leaf.limit) for test in rule.exempt_when for leaf in leaves(test)]
        for rule_id, (rule, _) in RULES.items()
        if rule.exempt_when and rule_id not in OWN_LIMIT
    }
    assert shipped == EXEMPTIONS


@pytest.mark.parametrize("rule_id", OWN_LIMIT)
@pytest.mark.parametrize("nature", [name for _, name in RETROFITS])
def test_only_a_retrofit_that_raises_nothing_is_exempt_from_the_limit_of_new_installations(
    rule_id: str, nature: str
) -> None:
    rule, held = RULES[rule_id]
    changed = broken(rule)
    statuses = []
    for kind, rise in ((nature, False), (nature, True), (nature, None), ("chemical", False), (None, False)):
        changed["quantities_"]["project.nature"] = unknown("project.nature") if kind is None else known(kind)
        changed["quantities_"]["project.raises_risk"] = unknown("rise") if rise is None else known(rise)
        statuses.append(judged(rule, held, rule.scope[0], **changed)["status"])
    assert statuses == ["not_applicable", "fail", "unknown", "fail", "unknown"]


@pytest.mark.parametrize(
    ("rule_id", "name", "value"),
    [(rule_id, name, value) for rule_id, lifts in EXEMPTIONS.items() for name, value in lifts],
)
def test_exemptions(rule_id: str, name: str, value: Any) -> None:
    rule, held = RULES[rule_id]
    scope, evidence = rule.scope[0], name not in GOOD
    changed = broken(rule)
    changed["answers_" if evidence else "quantities_"][name] = value if evidence else known(value)
    row = judged(rule, held, scope, **changed)
    assert (row["status"], row["because"]) == ("not_applicable", "exempt")
    assert row["why_zh"].count("豁免") == 1
    # An exemption by evidence has to be claimed; one by a quantity that is not known leaves the rule open.
    changed["answers_" if evidence else "quantities_"][name] = "no" if evidence else unknown(name)
    row = judged(rule, held, scope, **changed)
    assert row["status"] == ("fail" if evidence else "unknown")
    assert evidence or name in row["missing"]


# Boundaries by hand


@pytest.mark.parametrize(
    ("rule_id", "changed", "status"),
    [
        ("nmg-3.1b", {"leading_industry_share": (60.0, "%")}, "pass"),
        ("nmg-3.1b", {"leading_industry_share": (59.99, "%")}, "fail"),
        ("nmg-5.2", {"digital_diagnosis_share": (100.0, "%")}, "pass"),
        ("nmg-5.2", {"digital_diagnosis_share": (99.9, "%")}, "fail"),
        ("nmg-6.3e-waste", {"hazardous_waste_collected": (100.0, "%")}, "pass"),
        ("nmg-6.3e-waste", {"hazardous_waste_collected": (99.99, "%")}, "fail"),
        ("fire-response", {"fire_response_time": (300.0, "s")}, "pass"),
        ("fire-response", {"fire_response_time": (5.01, "min")}, "fail"),
        ("fire-area", {"fire_station_area": (700.0, "hm2")}, "pass"),
        ("fire-area", {"fire_station_area": (15.0, "km2")}, "pass"),  # at the edge of a town, as answered
        ("fire-area", {"fire_station_area": (15.01, "km2")}, "fail"),
        ("fire-siting", {"fire_station_distance": (0.3, "km")}, "pass"),
        ("fire-siting", {"fire_station_distance": (299.9, "m")}, "fail"),
        ("entry-investment", {"investment": (1.0, "亿元"), "investment_per_mu": (200.0, "万元/亩")}, "pass"),
        ("entry-investment", {"investment": (1.0, "亿元"), "investment_per_mu": (199.9, "万元/亩")}, "fail"),
    ],
)
def test_boundaries_of_indicators(rule_id: str, changed: dict[str, Any], status: str) -> None:
    assert by_id(rule_id, indicators_=changed)["status"] == status


def test_an_ordinary_station_covers_less_than_one_at_the_edge() -> None:
    inner = {"station-at-town-edge-or-new-area": "no"}
    for area, status in ((7.0, "pass"), (7.01, "fail")):
        assert by_id("fire-area", answers_=inner, indicators_={"fire_station_area": (area, "km2")})["status"] == status
    unsaid: dict[str, Any] = {"station-at-town-edge-or-new-area": None}
    row = by_id("fire-area", answers_=unsaid, indicators_={"fire_station_area": (8.0, "km2")})
    assert row["status"] == "unknown"
    assert row["missing"] == ("answers.station-at-town-edge-or-new-area",)


@pytest.mark.parametrize(
    ("rule_id", "letters"),
    [
        ("guide-23-stop", "CD"),
        ("nmg-6.3c", "CD"),
        ("220-grade", "CD"),
        ("52-park", "CD"),
        ("sc24-1", "CD"),
        ("sc24-3", "CD"),
        ("guide-19-stop", "BCD"),
    ],
)
def test_letters_that_open_a_park(rule_id: str, letters: str) -> None:
    for letter in "ABCD":
        row = by_id(rule_id, quantities_={"park.grade": known(letter)})
        assert row["status"] == ("pass" if letter in letters else "fail")
    assert by_id(rule_id, quantities_={"park.grade": one_of(["A", "D"])})["status"] == "unknown"


def test_grade_b_is_stopped_by_one_edition_and_examined_by_the_other() -> None:
    grade_b = {"park.grade": known("B")}
    assert by_id("guide-23-stop", quantities_=grade_b)["status"] == "fail"
    assert by_id("guide-19-stop", quantities_=grade_b)["status"] == "pass"
    assert by_id("guide-19-restrict", quantities_=grade_b, answers_={"b-grade-examination": "no"})["status"] == "fail"
    assert by_id("guide-19-restrict", quantities_=grade_b)["status"] == "pass"
    assert by_id("guide-23-one-park-one-plan", quantities_=grade_b, answers_={"one-park-one-plan": "no"})["status"] == (
        "fail"
    )


@pytest.mark.parametrize("nature", list(quantities()["project.nature"].choices))
def test_the_2023_stop_is_for_production_whatever_it_is_called(nature: str) -> None:
    """The announcement states no exemption: a retrofit stops unless it is confirmed that it is excepted."""

    def status(rule_id: str, said: str | None = None) -> str:
        stopped = {"park.grade": known("A"), "project.nature": known(nature)}
        found: str = by_id(rule_id, quantities_=stopped, answers_={"retrofit-excepted-from-stop": said})["status"]
        return found

    retrofit = nature.startswith("retrofit_")
    assert status("guide-23-stop") == ("fail" if nature in ("chemical", "supporting") else "not_applicable")
    for said, outcome_ in ((None, "unknown"), ("no", "fail"), ("yes", "pass")):
        assert status("guide-23-stop-retrofit", said) == (outcome_ if retrofit else "not_applicable")


@pytest.mark.parametrize("nature", [name for _, name in RETROFITS])
def test_a_new_project_is_not_let_off_by_the_name_of_a_retrofit(nature: str) -> None:
    outside = {"project.inside_park": known(False), "project.nature": known(nature)}
    # 6(3) and article 18 list no retrofits among their exemptions.
    assert by_id("nmg-6.3b", quantities_=outside)["status"] == "fail"
    assert by_id("law-18a", quantities_=outside)["status"] == "fail"
    assert by_id("law-22", quantities_=outside, answers_={"project-external-distance": "no"})["status"] == "fail"


def test_production_for_another_industry_keeps_its_distance_and_has_its_reactions_assessed() -> None:
    quantities_ = {"project.nature": known("supporting"), "project.forms_major_hazard": known(False)}
    no = {"project-external-distance": "no", "reaction-risk-assessment": "no"}
    for rule_id in ("law-22", "52-reaction"):
        assert by_id(rule_id, quantities_=quantities_, answers_=no)["status"] == "fail"


def test_no_capacity_is_left_at_the_limit_itself() -> None:
    at = {"after.worst_target_ratio": known(1.0, unit="1")}
    assert by_id("entry-capacity", quantities_=at)["status"] == "fail"
    assert by_id("gb36894-individual-after", quantities_=at)["status"] == "pass"


@pytest.mark.parametrize(
    ("major", "level", "status"),
    [("yes", 4, "pass"), ("no", None, "pass"), ("yes", None, "fail"), ("unknown", None, "unknown")],
)
def test_a_major_hazard_without_a_level_is_not_graded(major: str, level: int | None, status: str) -> None:
    units = pd.DataFrame({"hazard_unit_id": ["h1", "h2"], "major_hazard": ["yes", major], "level": [1, level]})
    units["mark"] = "V"
    fact = ungraded(HazardTable(units, pd.DataFrame(), pd.DataFrame()))
    assert by_id("gb18218-graded", quantities_={"risk.major_hazards_ungraded": fact})["status"] == status


def test_sichuan_asks_for_such_a_park_only_on_its_triggers() -> None:
    outside = {"project.inside_park": known(False), "project.nature": known("chemical_storage")}
    small = {**outside, "project.forms_major_hazard": known(False)}
    feed = {"main-feed-not-dangerous": "no"}
    assert by_id("sc24-1", quantities_=outside)["status"] == "not_applicable"
    assert by_id("sc24-2", quantities_=outside)["status"] == "pass"
    assert by_id("sc24-2", quantities_=outside, answers_=feed)["status"] == "fail"
    assert by_id("sc24-3", quantities_=small)["status"] == "not_applicable"
    assert by_id("sc24-3", quantities_=outside)["status"] == "fail"


@pytest.mark.parametrize(
    ("claim", "nature", "status"),
    [
        ("law-23", "chemical", "fail"),  # production in a port area stays with the emergency department
        ("law-23-other", "chemical_storage", "not_applicable"),
    ],
)
def test_port_projects(claim: str, nature: str, status: str) -> None:
    said = {"port-authority-review": "yes", "safety-condition-review": "no"}
    assert by_id(claim, quantities_={"project.nature": known(nature)}, answers_=said)["status"] == status


def test_a_stage_not_reached_does_not_apply_yet() -> None:
    for rule_id in ("law-26", "law-27", "52-trial", "52-acceptance", "hidden-danger-07", "nmg-6.2b"):
        rule = RULES[rule_id][0]
        assert isinstance(rule.test, Leaf)
        row = by_id(rule_id, answers_={rule.test.name: "not_applicable"})
        assert (row["status"], row["because"]) == ("not_applicable", "answered")
    # What every plant has may not be waved away.
    assert by_id("hidden-danger-10", answers_={"hidden-danger-10-absent": "not_applicable"})["status"] == "unknown"


# Dates


@pytest.mark.parametrize(
    ("name", "rulebook", "day", "in_force"),
    [
        ("cn-2026", "hazchem-law-2025", "2026-04-30", False),
        ("cn-2026", "hazchem-law-2025", "2026-05-01", True),
        ("cn-2026", "park-guide-2019", "2023-11-21", True),
        ("cn-2026", "park-guide-2019", "2023-11-22", False),
        ("cn-2026", "park-guide-2023", "2023-11-21", False),
        ("cn-2026", "park-guide-2023", "2023-11-22", True),
        ("cn-sc-2026", "sichuan-entry-2024", "2024-10-14", False),
        ("cn-sc-2026", "sichuan-entry-2024", "2024-10-15", True),
        ("cn-sc-2026", "sichuan-entry-2024", "2026-10-14", True),
        ("cn-sc-2026", "sichuan-entry-2024", "2026-10-15", False),
    ],
)
def test_first_and_last_days(name: str, rulebook: str, day: str, in_force: bool) -> None:
    rules = loaded(name, dt.date.fromisoformat(day))
    table = rules.evaluate(facts(rules, "project", day=rules.date), "project")
    of_book = table[table["rulebook"] == rulebook]
    assert len(of_book)
    assert (of_book["because"] != "not_in_force").all() == in_force
    assert (of_book["because"] == "not_in_force").all() == (not in_force)


@pytest.mark.parametrize(("day", "verdict"), [("2023-11-21", "admit_with_conditions"), ("2023-11-22", "refuse")])
def test_one_edition_of_the_guide_at_a_time(day: str, verdict: str) -> None:
    """A park of grade A: the trial edition only says "in principle"."""
    rules = loaded("cn-2026", dt.date.fromisoformat(day))
    held = facts(rules, "project", quantities_={"park.grade": known("A"), "after.grade": known("C")}, day=rules.date)
    judged_ = rules.evaluate(held, "project")
    assert verdict_of(judged_)[0] == verdict_of(judged_[judged_["rulebook"].str.startswith("park-guide")])[0] == verdict


# Less evidence never helps

RANK = {"refuse": 0, "undecided": 0, "admit_with_conditions": 1, "admit": 2}
RISKY = sorted(name for name in BAD if not name.startswith("risk."))
ITEMS = sorted(
    {
        leaf.name
        for rule, _ in RULES.values()
        for test in (*rule.applies_when, rule.test, *rule.exempt_when)
        for leaf in leaves(test)
        if leaf.what == "evidence"
    }
)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("cn-2026", DAY),
        ("cn-2026", dt.date(2023, 11, 21)),
        ("cn-nmg-2026", DAY),
        ("cn-sc-2026", dt.date(2026, 10, 14)),
    ],
)
@pytest.mark.parametrize("scope", ["park", "project"])
@hypothesis_settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_removing_evidence_never_helps(name: str, day: dt.date, scope: str, data: st.DataObject) -> None:
    """With facts taken away no status and no verdict gets better."""
    rules = loaded(name, day)
    said = data.draw(
        st.dictionaries(st.sampled_from(ITEMS), st.sampled_from(["yes", "no", "partial", "not_applicable"]))
    )
    bad = data.draw(st.sets(st.sampled_from(RISKY), max_size=4))
    open_ = data.draw(st.sets(st.sampled_from(RISKY), max_size=4))
    gone = data.draw(st.sets(st.sampled_from([*ITEMS, *GOOD, *GOOD_INDICATORS]), min_size=1, max_size=12))
    quantities: dict[str, Fact | None] = {name: BAD[name] for name in bad}
    quantities |= {name: vague(name) for name in open_ - bad}
    full = facts(rules, scope, quantities_=quantities, answers_=said, day=rules.date)
    less = facts(
        rules,
        scope,
        quantities_={**quantities, **dict.fromkeys(gone & {*GOOD})},
        answers_={**said, **dict.fromkeys(gone & {*ITEMS})},
        indicators_=dict.fromkeys(gone & {*GOOD_INDICATORS}),
        day=rules.date,
    )
    before, after = rules.evaluate(full, scope), rules.evaluate(less, scope)
    was_bad = before["status"].isin(["fail", "unknown"])
    assert after.loc[was_bad, "status"].isin(["fail", "unknown"]).all()
    assert RANK[verdict_of(after)[0]] <= RANK[verdict_of(before)[0]]
