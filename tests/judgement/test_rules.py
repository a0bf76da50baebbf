"""Evaluating rules: exemptions, boundaries, units, dates, three values."""

import dataclasses
import datetime as dt
import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from parkrisk.risk.rules.facts import (
    Fact,
    all_of,
    any_of,
    between,
    compare,
    convert,
    known,
    one_of,
    unknown,
)
from parkrisk.risk.rules.judge import within_years
from tests.judgement.rule_samples import (
    DAY,
    GOOD_INDICATORS,
    answers,
    facts,
    indicators,
    loaded,
    outcome,
)

NMG = loaded()


def test_an_exemption_by_evidence_has_to_be_claimed() -> None:
    outside = {"project.inside_park": known(False)}
    row = outcome(NMG, facts(NMG, "project", quantities_=outside), "law-18a", "project")
    assert row["status"] == "fail"
    claimed = facts(NMG, "project", quantities_=outside, answers_={"state-exempt-from-park": "yes"})
    assert outcome(NMG, claimed, "law-18a", "project")["because"] == "exempt"


@pytest.mark.parametrize("category", ["new", "altered", "extended"])
def test_scope_by_category(category: str) -> None:
    given_ = facts(NMG, "project", quantities_={"project.category": known(category)})
    binds = outcome(NMG, given_, "law-18a", "project")["because"] != "condition"
    assert binds == (category != "altered"), "article 18 speaks of new and extended projects"
    assert outcome(NMG, given_, "nmg-6.3c", "project")["status"] == "pass"
    because = outcome(NMG, given_, "nmg-8.1b", "project")["because"]
    assert because == ("exempt" if category == "altered" else ""), "only alterations are excepted"


@pytest.mark.parametrize(
    ("letters", "status"),
    [("A", "fail"), ("B", "fail"), ("C", "pass"), ("D", "pass"), ("CD", "pass"), ("AB", "fail"), ("BC", "unknown")],
)
def test_grade_with_bounds(letters: str, status: str) -> None:
    given_ = facts(NMG, "project", quantities_={"park.grade": one_of(list(letters), missing=("answers.x",))})
    row = outcome(NMG, given_, "nmg-6.3c", "project")
    assert row["status"] == status
    assert row["missing"] == (("answers.x",) if status == "unknown" else ())


@pytest.mark.parametrize(
    ("rule_id", "changed", "status"),
    [
        ("gb36894-individual-project", {"project.worst_target_ratio_new": known(1.0, unit="1")}, "pass"),
        ("gb36894-individual-project", {"project.worst_target_ratio_new": known(1.0 + 1e-12, unit="1")}, "fail"),
        ("gb36894-individual-after", {"after.worst_target_ratio": known(1.0, unit="1")}, "pass"),
        ("gb36894-societal-after", {"after.societal_zone": known("alarp")}, "pass"),
        ("gb36894-societal-after", {"after.societal_zone": one_of(["alarp", "unacceptable"])}, "unknown"),
        ("gb36894-individual-after", {"after.worst_target_ratio": between(0.2, float("inf"), unit="1")}, "unknown"),
        ("gb36894-individual-after", {"after.worst_target_ratio": between(1.2, float("inf"), unit="1")}, "fail"),
    ],
)
def test_boundary_values_of_quantities(rule_id: str, changed: dict[str, Fact], status: str) -> None:
    assert outcome(NMG, facts(NMG, "project", quantities_=changed), rule_id, "project")["status"] == status


@pytest.mark.parametrize(
    ("rule_id", "changed", "status"),
    [
        ("nmg-6.3e-water", {"wastewater_collected": (100.0, "%")}, "pass"),
        ("nmg-6.3e-water", {"wastewater_collected": (1.0, "1")}, "pass"),
        ("nmg-6.3e-water", {"wastewater_collected": (99.99, "%")}, "fail"),
        ("nmg-6.3e-water", {"wastewater_collected": (100.0, "")}, "unknown"),
        ("nmg-6.3e-water", {"wastewater_collected": (100.0, "t")}, "unknown"),
        ("nmg-8.1b", {"block_years_without_project": (3.0, "yr")}, "fail"),
        ("nmg-8.1b", {"block_years_without_project": (2.99, "年")}, "pass"),
        ("52-investment", {"investment": (1.0, "亿元"), "park_minimum_investment": (100.0, "million CNY")}, "pass"),
        ("52-investment", {"park_minimum_investment": None}, "unknown"),
        ("52-investment", {"investment": (10000.0, "万元"), "park_minimum_investment": (1.0, "亿元")}, "pass"),
        ("52-investment", {"investment": (9999.99, "万元"), "park_minimum_investment": (1.0, "亿元")}, "fail"),
        ("nmg-1.1-investment", {"investment_per_mu": (200.0, "万元/亩")}, "pass"),  # equal to the index
        ("nmg-1.1-investment", {"investment_per_mu": (199.99, "万元/亩")}, "fail"),
        ("nmg-1.1-output", {"output_per_mu": (4e6, "CNY/mu")}, "pass"),
        ("nmg-1.1-output", {"output_per_mu": None}, "unknown"),
        ("nmg-1.1-tax", {"tax_per_mu": (19.99, "万元/亩")}, "fail"),
        ("nmg-1.2a", {"project_land_idle_years": (0.99, "yr")}, "pass"),
        ("nmg-1.2a", {"project_land_idle_years": (1.0, "yr")}, "fail"),  # a full year
        ("nmg-1.2b", {"project_land_idle_years": (2.0, "yr")}, "pass"),
        ("nmg-1.2b", {"project_land_idle_years": (2.01, "yr")}, "fail"),
        ("nmg-8.1b", {"block_years_without_project": (2.0, "yr")}, "pass"),
    ],
)
def test_indicators_with_units(rule_id: str, changed: dict[str, Any], status: str) -> None:
    row = outcome(NMG, facts(NMG, "project", indicators_=changed), rule_id, "project")
    assert row["status"] == status


@pytest.mark.parametrize(
    ("given_on", "status"),
    [
        ("2023-11-01", "pass"),  # the third anniversary itself
        ("2023-10-31", "fail"),
        ("2026-11-01", "pass"),
        ("2026-11-02", "unknown"),  # after the assessment
        ("", "unknown"),
    ],
)
def test_age_of_the_overall_assessment(given_on: str, status: str) -> None:
    held = dataclasses.replace(
        facts(NMG, "park"), answers={"park": answers({"overall-assessment": "yes"}, day=given_on)}
    )
    row = outcome(NMG, held, "law-19a", "park")
    assert row["status"] == status
    assert row["missing"] == (("answers.overall-assessment.date",) if status == "unknown" else ())


@pytest.mark.parametrize(("answer", "status"), [("yes", "unknown"), ("not_applicable", "unknown"), ("no", "fail")])
def test_a_document_of_a_day_to_come_proves_nothing_good(answer: str, status: str) -> None:
    for item, rule_id in (("control-line", "law-20b"), ("underground-gallery-monitored", "nmg-6.2b")):
        held = dataclasses.replace(
            facts(NMG, "park"), answers={"park": answers({item: answer}, str(DAY + dt.timedelta(days=1)))}
        )
        row = outcome(NMG, held, rule_id, "park")
        assert row["status"] == status
        if status == "unknown":
            assert row["missing"] == (f"answers.{item}.date",)
            assert "after the assessment" in row["why_en"]


def test_a_figure_of_a_day_to_come_is_none() -> None:
    table = indicators({"wastewater_collected": (100.0, "%")})
    for date, status in ((DAY, "pass"), (DAY + dt.timedelta(days=1), "unknown")):
        held = dataclasses.replace(facts(NMG, "park"), indicators={"park": table.assign(date=str(date))})
        assert outcome(NMG, held, "nmg-6.3e-water", "park")["status"] == status


def test_years_from_a_leap_day() -> None:
    day = dt.date(2024, 2, 29)
    assert within_years(day, dt.date(2027, 3, 1), 3) is True
    assert within_years(day, dt.date(2027, 3, 2), 3) is False


@pytest.mark.parametrize("answer", ["partial", "score", "unknown", "not_applicable", ""])
def test_only_yes_passes(answer: str) -> None:
    row = outcome(NMG, facts(NMG, "park", answers_={"closed-management": answer}), "nmg-6.3d", "park")
    assert row["status"] == ("fail" if answer == "partial" else "unknown")


def test_not_applicable_counts_only_where_the_rule_allows_it() -> None:
    held = facts(NMG, "project", answers_={"reaction-risk-assessment": "not_applicable"})
    row = outcome(NMG, held, "52-reaction", "project")
    assert (row["status"], row["because"]) == ("not_applicable", "answered")


def test_contradicting_answers_are_no_answer() -> None:
    said = answers([("cn-2026", "control-line", "yes", None, "", ""), ("*", "control-line", "no", None, "", "")])
    held = dataclasses.replace(facts(NMG, "park"), answers={"park": said})
    assert outcome(NMG, held, "law-20b", "park")["status"] == "unknown"


def test_answers_to_another_rulebook_do_not_count() -> None:
    said = answers([("cn-2019", "control-line", "yes", None, "", "")])
    held = dataclasses.replace(facts(NMG, "park"), answers={"park": said})
    assert outcome(NMG, held, "law-20b", "park")["status"] == "unknown"
    said = answers([("hazchem-law-2025", "control-line", "yes", None, "", "")])
    held = dataclasses.replace(facts(NMG, "park"), answers={"park": said})
    assert outcome(NMG, held, "law-20b", "park")["status"] == "pass"


def test_an_applicant_does_not_answer_for_the_park() -> None:
    held = dataclasses.replace(facts(NMG, "project"), answers={"project": answers({"closed-management": "yes"})})
    assert outcome(NMG, held, "nmg-6.3d", "project")["status"] == "unknown"


# Dates


@pytest.mark.parametrize(("day", "in_force"), [("2026-04-30", False), ("2026-05-01", True), ("2030-01-01", True)])
def test_the_law_is_in_force_from_its_day(day: str, in_force: bool) -> None:
    on = dt.date.fromisoformat(day)
    rules = loaded(day=on)
    table = rules.evaluate(facts(rules, "project", day=on), "project")
    law = table[table["rulebook"] == "hazchem-law-2025"]
    assert (law["because"] == "not_in_force").all() == (not in_force)
    assert (law["status"] == "not_applicable").all() == (not in_force)
    others = table[table["rulebook"] != "hazchem-law-2025"]
    assert set(others.loc[others["because"] == "not_in_force", "rulebook"]) == {"park-guide-2019"}


def test_end_of_validity() -> None:
    rule = dataclasses.replace(NMG.rules[0], in_force_until=dt.date(2026, 12, 31))
    assert rule.in_force(dt.date(2026, 12, 31))
    assert not rule.in_force(dt.date(2027, 1, 1))


# Three values


def test_three_valued_and_or() -> None:
    values = (True, False, None)
    for one, other in itertools.product(values, values):
        worst = min((one, other), key=lambda value: {False: 0, None: 1, True: 2}[value])
        best = max((one, other), key=lambda value: {False: 0, None: 1, True: 2}[value])
        assert all_of([one, other]) is worst
        assert any_of([one, other]) is best


@hypothesis_settings(max_examples=200, deadline=None)
@given(
    low=st.floats(-10, 10),
    width=st.floats(0, 10),
    share=st.floats(0, 1),
    comparison=st.sampled_from(["<", "<=", ">", ">=", "is"]),
    limit=st.floats(-15, 15),
)
def test_a_range_never_decides_against_a_value_in_it(
    low: float, width: float, share: float, comparison: str, limit: float
) -> None:
    inside = min(low + share * width, low + width)
    decided = compare(between(low, low + width), comparison, limit)
    assert decided is None or decided is compare(known(inside), comparison, limit)


def test_nothing_is_decided_about_what_is_not_known() -> None:
    assert compare(unknown("x"), "<=", 1e9) is None
    assert compare(known(float("nan")), "<=", 1e9) is None
    assert compare(known(float("inf")), "<=", 1e9) is None


def test_units() -> None:
    assert convert(3.0, "%", "%") == 3.0
    assert convert(1.0, "亿元", "万元") == 10000.0
    assert convert(1.0, "yr", "%") is None


def test_indicator_of_the_wrong_side_does_not_count() -> None:
    held = dataclasses.replace(facts(NMG, "project"), indicators={"project": indicators(GOOD_INDICATORS)})
    assert outcome(NMG, held, "nmg-6.3e-water", "project")["status"] == "unknown"
