"""Colours of enterprises: every condition, caps, bonuses, vetoes, bounds, and what the engine computes by itself."""

import csv
import dataclasses
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import parkrisk
from parkrisk.api.examples import example_park
from parkrisk.risk.grading.enterprise import EnterpriseGrades, grade_enterprises, hazard_level, points_of
from parkrisk.risk.grading.enterprise_list import Condition, enterprise_list
from parkrisk.risk.grading.places import enterprise_areas, enterprises_geojson, hazard_units_geojson
from parkrisk.risk.rules.facts import RULES_FOLDER, Answer, Fact, Facts, between, known, one_of, unknown
from parkrisk.risk.screening.hazard_units import HazardTable, hazard_units
from parkrisk.scenarios.park import Park, Tables
from tests.judgement.rule_samples import DAY

LIST = enterprise_list()
CONDITIONS = {each.id: each for each in LIST.conditions}
CAPS = {each.id: each.maximum for each in LIST.items}
PARK = parkrisk.read(example_park("minimal"))
HAZARDS = hazard_units(PARK)
ALL_YES: dict[str, Any] = {
    **{each.id: "no" if each.merit and each.reads == "count" else "yes" for each in LIST.conditions},
    "standardisation-level": "no",
    **{veto.id: "yes" for veto in LIST.vetoes},
}
# Nothing wrong and every yes-or-no bonus: class-A design 2, own brigade 3, five years without accident 5.
BONUS = 10.0
MET, NOTHING = known(True), unknown()
# e1 has two level-3 major hazards; e2 one of level 3 and two toxic gases.
LEVEL_3 = -6.0


def coloured(
    said: Mapping[str, Any],
    enterprise: str = "e1",
    *,
    external: Fact = MET,
    own: Fact = NOTHING,
    park: Park = PARK,
    hazards: HazardTable = HAZARDS,
    day: Any = DAY,
) -> dict[str, Any]:
    grades = graded(said, enterprise, external=external, own=own, park=park, hazards=hazards, day=day)
    (row,) = grades.table[grades.table["enterprise_id"] == enterprise].to_dict("records")
    return {str(name): value for name, value in row.items()}


def graded(
    said: Mapping[str, Any], enterprise: str, *, external: Fact, own: Fact, park: Park, hazards: HazardTable, day: Any
) -> EnterpriseGrades:
    rows = [
        {
            "rulebook": "*",
            "item": name,
            "enterprise_id": enterprise,
            "answer": value if isinstance(value, str) else "score",
            "score": float("nan") if isinstance(value, str) else float(value),
            "document": "",
            "date": "",
        }
        for name, value in said.items()
    ]
    columns = ["rulebook", "item", "enterprise_id", "answer", "score", "document", "date"]
    tables = Tables({**dict(park.tables), "answers": pd.DataFrame(rows, columns=columns)})
    quantities = {"risk.external_distance_met": external, f"enterprise.external_distance_met[{enterprise}]": own}
    held = Facts(day, quantities, {}, {}, frozenset({"cn-2026"}))
    return grade_enterprises(dataclasses.replace(park, tables=tables), hazards, held)


def test_the_list_holds_every_row_of_its_source() -> None:
    # 42 conditions in the source: four levels of major hazards and three of standardisation are one row each here.
    assert len(LIST.conditions) == 42 - 3 - 2
    assert len(LIST.vetoes) == 4
    assert LIST.base == sum(item.maximum for item in LIST.items) == 100
    assert [(each.letter, each.below) for each in LIST.colours] == [
        ("red", 60),
        ("orange", 75),
        ("yellow", 90),
        ("blue", None),
    ]
    assert {each.item for each in LIST.conditions} == set(CAPS)
    with (RULES_FOLDER / "enterprise_grading_2018.csv").open(encoding="utf-8") as file:
        assert all(row["mark"] == "1" and row["title_zh"] and row["title_en"] for row in csv.DictReader(file))


@pytest.mark.parametrize(
    ("score", "colour"),
    [("59.9", "red"), ("60", "orange"), ("74.9", "orange"), ("75", "yellow"), ("89.9", "yellow"), ("90", "blue")],
)
def test_colours_at_their_bounds(score: str, colour: str) -> None:
    assert LIST.colour(Fraction(score)).letter == colour


# Each condition: the published points when it is not met (or earned), none when it is, both when nobody says.

YES_NO = [
    ("apart-from-open-flame", -5),
    ("inside-park", -3),
    ("external-distance", -10),
    ("first-use-reviewed", -5),
    ("reaction-risk-assessed", -10),
    ("designed-by-class-a", 2),
    ("special-equipment-registered", -2),
    ("dual-supply", -5),
    ("automatic-control-in-use", -10),
    ("independent-sis", -10),
    ("emergency-cut-off", -5),
    ("registered-safety-engineer", -3),
    ("procedures-complete", -5),
    ("special-work-system", -10),
    ("own-fire-brigade", 3),
    ("five-years-without-accident", 5),
]
COUNTS = [
    ("explosives", "-2"),
    ("inhalation-toxics", "-2"),
    ("other-key-supervised", "-0.1"),
    ("hazardous-processes", "-2"),
    ("fire-class-a", "-1"),
    ("fire-class-b", "-0.5"),
    ("obsolete-items", "-2"),
    ("points-not-monitored", "-1"),
    ("detectors-missing", "-1"),
    ("not-explosion-proof", "-1"),
    ("posts-inside-hazard", "-5"),
    ("managers-not-examined", "-5"),
    ("safety-staff-not-educated", "-5"),
    ("unit-managers-no-degree", "-5"),
    ("leaders-with-chemical-degree", "2"),
    ("posts-without-duty", "-2"),
    ("larger-accidents", "-10"),
    ("fatal-accidents", "-8"),
    ("accidents-of-impact", "-5"),
]
LEVELS = [
    ("major-hazard-level", {1: -10, 2: -8, 3: -6, 4: -4, 0: 0}),
    ("standardisation-level", {1: 15, 2: 5, 3: 2, 0: 0}),
]


def points(condition: Condition, fact: Fact = NOTHING, answer: Any = "unknown") -> tuple[float, float]:
    found = Answer(condition.id, answer) if isinstance(answer, str) else Answer(condition.id, "score", float(answer))
    low, high, _ = points_of(condition, fact, found, CAPS[condition.item])
    return float(low), float(high)


def test_every_condition_has_a_case() -> None:
    assert {name for name, _ in (*YES_NO, *COUNTS, *LEVELS)} == set(CONDITIONS)


def test_a_merit_is_what_raises_the_score_and_only_that() -> None:
    """Merits count beside the maximum of their item, deductions end there: 10 for major hazards, however many."""
    raising = {name for name, given in YES_NO if given > 0} | {
        name for name, each in COUNTS if not each.startswith("-")
    }
    assert {each.id for each in LIST.conditions if each.merit} == raising | {"standardisation-level"}
    worst = dataclasses.replace(HAZARDS, units=HAZARDS.units.assign(level=1, level_worst=1, level_best=1))
    row = coloured({**ALL_YES, "inhalation-toxics": 3}, hazards=worst)
    assert row["score_low"] == row["score_high"] == 100 - 10 + BONUS


@pytest.mark.parametrize(("name", "given"), YES_NO)
def test_conditions_of_yes_and_no(name: str, given: int) -> None:
    condition = CONDITIONS[name]
    bad, good = ("no", "yes") if given < 0 else ("yes", "no")
    assert points(condition, answer=bad) == (given, given)
    assert points(condition, answer=good) == (0, 0)
    assert points(condition, answer="unknown") == (min(given, 0), max(given, 0))
    assert points(condition, answer="partial") == ((given, given) if given < 0 else (0, 0)), "in part is not met"
    assert points(condition, known(given < 0), answer=bad) == (0, 0), "what is computed stands above an answer"
    assert points(condition, answer="not_applicable") == (
        (0, 0) if condition.may_not_apply else (min(given, 0), max(given, 0))
    )


@pytest.mark.parametrize(("name", "each"), COUNTS)
def test_conditions_that_count(name: str, each: str) -> None:
    condition, one, cap = CONDITIONS[name], Fraction(each), CAPS[CONDITIONS[name].item]
    assert points(condition, answer=1) == (float(one), float(one))
    assert points(condition, answer=0) == (0, 0)
    if one < 0:
        assert points(condition, answer=3) == (float(max(3 * one, -cap)),) * 2
        assert points(condition, answer="yes") == (0, 0)
        assert points(condition, answer="no") == (float(-cap), float(one)), "at least one case, nobody says how many"
        assert points(condition) == (float(-cap), 0)
        assert points(condition, between(1.0, 2.0)) == (float(max(2 * one, -cap)), float(one))
        assert points(condition, between(1.0, 2.0), answer=0) == points(condition, between(1.0, 2.0)), "contradicts"
        assert points(condition, between(0.0, 5.0), answer=1) == (float(one),) * 2
    else:
        assert condition.most is not None
        assert points(condition) == (0, float(condition.most * one))
        assert points(condition, answer=9) == (float(condition.most * one),) * 2
        assert points(condition, answer="no") == (0, 0)


@pytest.mark.parametrize(("name", "given"), LEVELS)
def test_conditions_by_level(name: str, given: dict[int, int]) -> None:
    condition = CONDITIONS[name]
    for level, worth in given.items():
        assert points(condition, answer=level) == (worth, worth)
        assert points(condition, known(float(level))) == (worth, worth)
    assert points(condition) == (min(given.values()), max(given.values()))
    assert points(condition, answer="no") == (0, 0)
    assert points(condition, answer=7) == points(condition), "no such level"
    assert points(condition, one_of([1.0, 2.0])) == tuple(sorted((given[1], given[2])))


# A whole enterprise


def test_worked_score() -> None:
    # From 100: level 3 -6, two gas detectors missing -2, level-2 standardisation +5, bonuses +10: 107.
    row = coloured({**ALL_YES, "detectors-missing": 2, "standardisation-level": 2})
    assert (row["score_low"], row["score_high"]) == (100 + LEVEL_3 - 2 + 5 + BONUS,) * 2
    assert (row["colour"], row["status"], row["missing_count"]) == ("blue", "settled", 0)
    assert (row["level_worst"], row["level_best"], row["hazard_units"]) == (3, 3, 2)


def test_deductions_end_at_the_maximum_of_the_item() -> None:
    row = coloured({**ALL_YES, "detectors-missing": 8, "not-explosion-proof": 8, "posts-inside-hazard": 4})
    assert row["score_high"] == 100 + LEVEL_3 - 10 + BONUS
    several = coloured({**ALL_YES, "managers-not-examined": 9, "larger-accidents": 1, "fatal-accidents": 1})
    assert several["score_high"] == 100 + LEVEL_3 - 15 - 10 + BONUS


def test_what_is_open_in_a_lost_item_is_not_asked_for() -> None:
    said = {**ALL_YES, "special-work-system": "no"}
    del said["procedures-complete"], said["posts-without-duty"]
    row = coloured(said)
    assert row["score_low"] == row["score_high"] == 100 + LEVEL_3 - 10 + BONUS
    assert row["missing_count"] == 0


@pytest.mark.parametrize("veto", [each.id for each in LIST.vetoes])
def test_vetoes(veto: str) -> None:
    row = coloured({**ALL_YES, veto: "no"})
    assert (row["colour_worst"], row["colour_best"]) == ("red", "red")
    assert "red directly" in row["reason_en"]
    still = coloured({**ALL_YES, veto: "unknown"})
    assert (still["colour_worst"], still["colour_best"], still["missing"]) == ("red", "blue", (f"answers.{veto}",))


def test_nothing_said() -> None:
    row = coloured({}, external=unknown())
    assert (row["colour"], row["colour_worst"], row["colour_best"], row["status"]) == ("red", "red", "blue", "open")
    # At best 100 - 6 (level 3) + 2 + 3 + 5, +15 for standardisation, +6 for three leaders; at worst every item but that
    # of major hazards (4 of 10 left) is lost whole.
    assert row["score_high"] == 100 + LEVEL_3 + BONUS + 15 + 6
    assert row["score_low"] == 4
    assert row["mark"] == "M", "hazard classes from memory decide how many toxic gases there are"
    assert "未经核实" in row["reason_zh"]
    assert "unverified" in row["reason_en"]


def test_answers_of_another_enterprise_or_of_the_park_do_not_count() -> None:
    said = graded(ALL_YES, "e1", external=MET, own=NOTHING, park=PARK, hazards=HAZARDS, day=DAY).table
    other = said[said["enterprise_id"] == "e2"].iloc[0]
    nothing = coloured({}, "e2")
    assert other["score_low"] == nothing["score_low"]
    assert other["score_high"] == nothing["score_high"]
    park = Facts(DAY, {}, {"park": PARK.tables["answers"].assign(enterprise_id="e1")}, {}, frozenset({"cn-2026"}))
    assert park.answer("fire-station", "x").answer == "unknown"


def test_external_distance_of_the_park() -> None:
    said = {name: text for name, text in ALL_YES.items() if name != "external-distance"}
    assert coloured(said)["status"] == "settled"
    some = coloured(said, external=known(False))
    assert some["score_high"] - some["score_low"] == 10, "some installation fails, not surely one of this enterprise"
    assert coloured({**said, "external-distance": "no"}, external=known(False))["score_high"] == 100 - 6 - 10 + BONUS


def test_an_installation_of_its_own_that_fails_outweighs_what_the_enterprise_says() -> None:
    failed = coloured(ALL_YES, external=known(False), own=known(False))
    assert (failed["score_low"], failed["score_high"]) == (84 + BONUS, 84 + BONUS)
    assert coloured({**ALL_YES, "external-distance": "no"}, external=known(False), own=MET)["score_low"] == 94 + BONUS


def test_outside_the_boundary_and_without_one() -> None:
    said = {name: text for name, text in ALL_YES.items() if name != "inside-park"}
    away = dataclasses.replace(PARK, boundary=shapely.box(0, 0, 1, 1))
    assert coloured(said, park=away)["score_high"] == 100 + LEVEL_3 - 3 + BONUS
    row = coloured(said, park=dataclasses.replace(PARK, boundary=None))
    assert (row["score_high"] - row["score_low"], row["missing"]) == (3, ("answers.inside-park",))


def test_toxic_gases_are_counted() -> None:
    # e2 holds chlorine and ammonia: two kinds, -4.
    assert coloured(ALL_YES, "e2")["score_high"] == 100 + LEVEL_3 - 4 + BONUS


def test_level_of_the_worst_hazard_unit() -> None:
    def level(*rows: tuple[str, int | None, int | None]) -> Fact:
        units = pd.DataFrame(rows, columns=["enterprise_id", "level_worst", "level_best"])
        units = units.astype({"level_worst": "Int64", "level_best": "Int64"}).assign(
            missing=[("x",)] * len(rows), mark="V"
        )
        return hazard_level(units, "e")

    assert level(("e", None, None)).values == (0.0,)
    assert level(("e", 3, 3), ("e", 2, 2), ("other", 1, 1)).values == (2.0,)
    assert level(("e;other", 1, 1)).values == (1.0,)
    assert level(("e", 2, 4)).values == (2.0, 3.0, 4.0)
    assert level(("e", 2, 4), ("e", 3, 3)).values == (2.0, 3.0)
    assert level(("e", 3, None)).values == (3.0, 4.0, 0.0), "perhaps no major hazard at all"
    assert level(("e", 3, None)).missing == ("x",)
    assert level().values == (0.0,)


def test_who_is_not_graded() -> None:
    enterprises = PARK.tables["enterprises"].assign(kind="service")
    tables = Tables({**dict(PARK.tables), "enterprises": enterprises})
    service = dataclasses.replace(PARK, tables=tables)
    assert coloured({}, park=service)["status"] == "open", (
        "whoever keeps hazard units is graded, whatever it calls itself"
    )
    empty = dataclasses.replace(service, tables=Tables({**dict(tables), "units": PARK.tables["units"].iloc[:0]}))
    row = coloured(
        {}, park=empty, hazards=HazardTable(HAZARDS.units.iloc[:0], HAZARDS.terms.iloc[:0], HAZARDS.excluded)
    )
    assert (row["status"], row["colour"], row["missing_count"]) == ("not_applicable", "", 0)


def test_before_its_day_the_list_grades_nothing() -> None:
    row = coloured(ALL_YES, day=LIST.in_force_from.replace(year=2017))
    assert (row["status"], row["colour"]) == ("not_applicable", "")


SAID = st.sampled_from(["yes", "no", "partial", "unknown", "not_applicable", 0, 1, 2, 5])
ORDER = [each.letter for each in LIST.colours]


@settings(max_examples=25, deadline=None)
@given(
    said=st.fixed_dictionaries(dict.fromkeys(ALL_YES, SAID)),
    gone=st.sets(st.sampled_from(sorted(ALL_YES))),
)
def test_removing_answers_only_widens_the_bounds(said: dict[str, Any], gone: set[str]) -> None:
    full = coloured(said)
    less = coloured({name: value for name, value in said.items() if name not in gone})
    assert less["score_low"] <= full["score_low"] <= full["score_high"] <= less["score_high"]
    assert ORDER.index(less["colour_worst"]) <= ORDER.index(full["colour_worst"])
    assert ORDER.index(less["colour_best"]) >= ORDER.index(full["colour_best"])
    assert ORDER.index(full["colour_worst"]) <= ORDER.index(full["colour_best"])


# On the map


def test_places_in_wgs84() -> None:
    grades = graded(ALL_YES, "e1", external=MET, own=NOTHING, park=PARK, hazards=HAZARDS, day=DAY)
    enterprises = enterprises_geojson(PARK, grades)["features"]
    assert [each["properties"]["enterprise_id"] for each in enterprises] == ["e1", "e2"]
    assert [each["properties"]["colour"] for each in enterprises] == ["blue", "red"]
    spots = hazard_units_geojson(PARK, HAZARDS)["features"]
    assert [each["properties"]["hazard_unit_id"] for each in spots] == list(HAZARDS.units["hazard_unit_id"])
    for each in (*enterprises, *spots):
        left, bottom, right, top = shapely.from_geojson(
            shapely.to_geojson(shapely.geometry.shape(each["geometry"]))
        ).bounds
        assert 110.9 < left < right < 111.1, "central meridian of EPSG:4546 is 111 east"
        assert 40.6 < bottom < top < 40.7
    units = PARK.tables["units"]
    for name, area in enterprise_areas(PARK).items():
        mine = units[units["enterprise_id"] == name]
        assert shapely.covers(area, shapely.points(mine["x"].to_numpy(), mine["y"].to_numpy())).all()
