"""The pipeline on the minimal park: what adds up, what escalation adds, and that the unknown never passes."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from parkrisk.models.errors import OutOfRange, RuleError
from parkrisk.risk.assess import assess, cascades_of
from parkrisk.risk.criteria import possible_zones
from parkrisk.risk.entry.gate import gate
from parkrisk.risk.individual import individual_risk
from parkrisk.risk.societal import societal_risk
from parkrisk.scenarios import read_project
from parkrisk.scenarios.events.expand import expand
from parkrisk.scenarios.receptors import people, wind_rose
from tests import minimal_park
from tests.minimal_park import COARSE, changed, row


@pytest.fixture(scope="module")
def fine():
    return minimal_park.assessment()


@pytest.fixture(scope="module")
def coarse():
    return minimal_park.coarse()


def without(*tables):
    """Assess the minimal park without some of its tables."""

    def edit(document):
        for name in tables:
            del document[name]

    return assess(changed(edit), settings=COARSE)


def test_every_target_is_judged_by_its_limit(fine):
    targets = fine.targets
    assert list(targets["target_id"]) == ["school", "shop", "village"]
    decided = np.where(targets["individual_risk"] <= targets["limit"], "pass", "fail")
    assert list(targets["status"]) == list(decided)
    assert np.allclose(targets["ratio"] * targets["limit"], targets["individual_risk"])
    assert (targets["clause"].str.startswith("GB 36894-2018")).all()
    assert (targets["individual_risk"] > 0.0).all()


def test_targets_are_judged_at_their_own_place(fine):
    assert np.array_equal(fine.targets["individual_risk"], fine.individual_risk.points)
    raster = fine.individual_risk.raster
    for target in fine.targets.to_dict("records"):
        column = round((target["x"] - raster.x0) / raster.cell)
        line = round((target["y"] - raster.y0) / raster.cell)
        assert fine.individual_risk.values[line, column] == pytest.approx(target["individual_risk"], rel=0.3)


def test_contributions_make_up_the_risk_at_a_target(fine):
    contributions = fine.contributions
    for target_id, part in contributions.groupby("target_id"):
        total = fine.targets.set_index("target_id")["individual_risk"][target_id]
        assert list(part["rank"]) == list(range(1, len(part) + 1))
        assert part["individual_risk"].is_monotonic_decreasing
        assert part["share"].sum() <= 1.0 + 1e-12
        # Fewer sources than are listed: nothing is missing.
        assert part["individual_risk"].sum() == pytest.approx(total, rel=1e-12)
        first = part.iloc[0]
        target = row(fine.targets.to_dict("records"), target_id=target_id)
        assert (target["top_source"], target["top_share"]) == (first["unit_id"], first["share"])


def test_expected_fatalities_add_up(fine):
    assert fine.pll > 0.0
    assert fine.pll == fine.societal.pll
    assert fine.sources["pll"].sum() == pytest.approx(fine.pll, rel=1e-12)
    assert fine.sources["pll_share"].sum() == pytest.approx(1.0, rel=1e-12)
    by_enterprise = fine.sources.groupby("enterprise_id")["pll"].sum()
    assert by_enterprise.to_dict() == pytest.approx(dict(fine.societal.pll_by_enterprise), rel=1e-12)


def test_sources_list_every_unit(fine):
    units = fine.park.tables["units"]
    assert list(fine.sources["unit_id"]) == list(units["unit_id"])
    frequency = fine.events.table.groupby("unit_id")["frequency"].sum()
    assert dict(zip(fine.sources["unit_id"], fine.sources["frequency"], strict=True)) == pytest.approx(dict(frequency))
    assert set(fine.sources["hazard_unit_id"]) == {"tank-farm", "sphere", "chlorine-store", "plant"}
    assert row(fine.sources.to_dict("records"), unit_id="V-301")["S"] == 5.0


def test_f_n_curve_falls(fine):
    fn = fine.fn
    assert (np.diff(fn["N"]) > 0.0).all()
    assert (np.diff(fn["F"]) <= 0.0).all()
    assert (fn["upper"] > fn["lower"]).all()
    # A curve that holds every event's mean: between N and N+1 deaths lie the expected ones.
    assert fn["F"].iloc[0] <= fine.events.table["frequency"].sum()


@pytest.fixture(scope="module")
def primary(coarse):
    """Both risks of the primary events alone."""
    park, rose = minimal_park.park(), wind_rose(minimal_park.park())
    events = expand(park, rose)
    points = park.tables["targets"][["x", "y"]].to_numpy(float)
    raster = coarse.individual_risk.raster
    alone = individual_risk(events, rose, COARSE.grid, raster, points)
    return alone, societal_risk(events, rose, COARSE.grid, people(park))


def test_escalation_adds_to_both_risks(coarse, primary):
    alone, societal = primary
    added = coarse.events.table[coarse.events.table["origin"] == "domino"]
    assert len(added)
    assert added["frequency"].sum() == pytest.approx(coarse.domino.units["domino_in"].sum())
    assert (coarse.individual_risk.values >= alone.values).all()
    assert (coarse.individual_risk.values > alone.values).any()
    assert (coarse.individual_risk.points >= alone.points).all()
    # Chlorine reaches people; its vessel is hit by the blast of the sphere, rarely.
    assert coarse.pll > societal.pll


def test_tables_show_both_risks_with_and_without_domino_effects(coarse, primary):
    alone, societal = primary
    assert coarse.targets["individual_risk_without_domino"].to_numpy() == pytest.approx(alone.points, rel=1e-14)
    assert (coarse.targets["individual_risk"] >= coarse.targets["individual_risk_without_domino"]).all()
    assert coarse.societal.pll_without_domino == societal.pll
    by_unit = coarse.sources.set_index("unit_id")["pll_without_domino"]
    assert by_unit[by_unit > 0.0].to_dict() == societal.pll_by_unit[societal.pll_by_unit > 0.0].to_dict()
    both = societal.fn.merge(coarse.fn, on="N", suffixes=("_alone", ""))
    assert len(both) == len(societal.fn)
    assert both["F_alone"].equals(both["F_without_domino"])
    assert (coarse.fn["F"] >= coarse.fn["F_without_domino"]).all()
    content = coarse.to_dict()
    assert content["pll_without_domino"] == societal.pll
    assert content["pll_without_domino"] < content["pll_accidents"] <= content["pll"]
    assert content["fn_by_accidents"] is True
    assert "accidents" in set(coarse.assumptions["code"])


def test_escalation_can_raise_the_risk_much():
    """The chlorine vessel beside the sphere fails with it."""

    def edit(document):
        row(document["units"], unit_id="V-301").update(x=500320.0, y=4500100.0)

    near = assess(changed(edit), settings=COARSE)
    units = near.domino.units.set_index("unit_id")
    assert units["domino_in"]["V-301"] > 1e-8
    added = near.events.table.query("origin == 'domino' and unit_id == 'V-301'")
    assert added["frequency"].sum() == pytest.approx(units["domino_in"]["V-301"])
    assert set(added["outcome"]) == {"toxic_cloud"}


def unknown_store(document):
    """Add a store of methanol of which the floor is not known."""
    store = {**row(document["units"], unit_id="T-101"), "unit_id": "W-1", "kind": "warehouse", "x": 500200.0}
    store.update(hazard_unit_id="store", bund_id=None, bund_area_m2=None, mass_t=50)
    document["units"].append(store)


def test_what_is_unknown_never_passes():
    result = assess(changed(unknown_store), settings=COARSE)
    assert result.events.not_computed == ("W-1",)
    assert set(result.targets["status"]) == {"unknown"}
    assert result.targets["ratio"].isna().all()
    assert result.targets["margin"].isna().all()
    assert set(result.fn["zone"]) == {"unknown"}
    assert len(possible_zones(result.fn["zone"])) > 1
    (problem,) = [problem for problem in result.problems if problem.code == "not_computed"]
    assert (problem.found, problem.severity) == ("W-1", "warning")
    assert "W-1" in problem.message_zh
    assert "W-1" in problem.message_en
    assert "left_out:not_computed" in set(result.assumptions["code"])
    rules = result.rules.set_index("rule_id")["status"]
    assert rules["gb36894-individual-park"] == rules["gb36894-societal-park"] == "unknown"


def test_nothing_but_the_unknown_does_not_pass():
    """No event can be computed, so every sum is 0."""

    def edit(document):
        unknown_store(document)
        document["units"] = [row(document["units"], unit_id="W-1")]
        for name in ("contents", "barriers"):
            del document[name]

    result = assess(changed(edit), settings=COARSE)
    assert len(result.events.table) == 0
    assert set(result.targets["status"]) == {"unknown"}
    rules = result.rules.set_index("rule_id")["status"]
    assert rules["gb36894-individual-park"] == rules["gb36894-societal-park"] == "unknown"


def test_what_fails_from_below_fails():
    def edit(document):
        unknown_store(document)
        row(document["targets"], target_id="school").update(x=500810.0, y=4500160.0)

    result = assess(changed(edit), settings=COARSE)
    statuses = result.targets.set_index("target_id")["status"]
    assert statuses["school"] == "fail"
    assert statuses["village"] == "unknown"


def test_a_poison_without_a_probit_is_not_passed_over():
    def edit(document):
        row(document["units"], unit_id="V-301").update(substance="7719-12-2", pressure_kpa=0, kind="atmospheric_tank")

    assert "pass" not in set(assess(changed(edit), settings=COARSE).targets["status"])


def test_a_park_without_targets():
    result = without("targets")
    assert len(result.targets) == 0
    assert len(result.contributions) == 0
    assert result.pll > 0.0
    assert result.individual_risk.points.shape == (0,)
    assert result.rules.set_index("rule_id")["status"]["gb36894-individual-park"] == "unknown"


def test_a_park_without_people():
    result = without("population")
    staff_only = result.pll
    assert staff_only < minimal_park.coarse().pll
    assert list(result.targets["individual_risk"]) == list(minimal_park.coarse().targets["individual_risk"])
    assert result.rules.set_index("rule_id")["status"]["gb36894-societal-park"] == "unknown"


def test_a_park_with_neither():
    result = without("targets", "population")
    assert result.grade.letter in "ABCD"
    assert {"targets", "population"} <= set(result.grade.to_dict()["missing"])
    rules = result.rules.set_index("rule_id")["status"]
    assert rules["gb36894-individual-park"] == rules["gb36894-societal-park"] == "unknown"


def test_a_park_where_nothing_can_happen():
    def edit(document):
        for unit in document["units"]:
            unit["in_service"] = "no"

    result = assess(changed(edit), settings=COARSE)
    assert len(result.events.table) == 0
    assert result.pll == 0.0
    assert (result.individual_risk.values == 0.0).all()
    assert all(shape.is_empty for shape in result.contours().values())
    assert (result.sources["pll_share"] == 0.0).all()
    assert result.targets["top_source"].isna().all()


def test_one_unit_alone():
    def edit(document):
        document["units"] = [row(document["units"], unit_id="V-301")]
        document["units"][0]["enterprise_id"] = "e2"
        for name in ("contents", "barriers"):
            document.pop(name, None)

    result = assess(changed(edit), settings=COARSE)
    assert set(result.events.table["origin"]) == {"primary"}
    assert set(result.contributions["unit_id"]) == {"V-301"}
    assert (result.contributions["share"] == 1.0).all()


def test_bad_choices_are_refused():
    park = minimal_park.park()
    with pytest.raises(RuleError, match="no-such-rules"):
        assess(park, rules="no-such-rules")
    with pytest.raises(OutOfRange, match="no-such-set"):
        assess(park, settings=dataclasses.replace(COARSE, loss_set="no-such-set"))
    with pytest.raises(OutOfRange):
        assess(park, settings=dataclasses.replace(COARSE, time_to_failure_mode="no-such-mode"))


def test_less_risk_with_a_higher_cut_off(coarse):
    higher = assess(minimal_park.park(), settings=dataclasses.replace(COARSE, frequency_cut_off=1e-6))
    assert len(higher.events.table) < len(coarse.events.table)
    assert higher.pll < coarse.pll
    assert higher.assumptions.set_index("code")["count"]["left_out:cut_off"] == len(
        higher.events.dropped[higher.events.dropped["reason"] == "cut_off"]
    )


def test_casualty_radii(fine):
    radii = fine.scenarios
    assert set(radii["unit_id"]) == set(fine.park.tables["units"]["unit_id"])
    assert set(radii["weather"]) == {"D4", "F1.5"}
    ball = radii[radii["outcome"] == "fireball"]
    assert len(ball) == 2
    assert (ball["death_m"] == ball["death_m"].iloc[0]).all()
    assert 100.0 < ball["death_m"].iloc[0] < 1500.0
    chlorine = radii[radii["unit_id"] == "V-301"]
    assert (chlorine["domino_m"].notna() == (chlorine["outcome"] == "vessel_burst")).all()
    nested(radii[radii["outcome"] != "flash_fire"])


def nested(radii):
    for inner, outer in (("death_m", "serious_m"), ("serious_m", "light_m")):
        both = radii.dropna(subset=[inner, outer])
        assert len(both)
        assert (both[inner] <= both[outer] * (1.0 + 1e-9)).all()


def test_casualty_radii_of_flash_fires_are_nested(fine):
    nested(fine.scenarios[fine.scenarios["outcome"] == "flash_fire"])


def test_cascades_are_not_left_out():
    with pytest.raises(OutOfRange, match="histor"):
        assess(minimal_park.park(), settings=dataclasses.replace(COARSE, domino_histories=0))


def test_assumptions_speak_both_languages(fine):
    table = fine.assumptions
    assert table["code"].is_unique
    assert (table["count"] > 0).all()
    assert table["text_zh"].str.contains(r"[\u4e00-\u9fff]").all()
    assert (table["text_en"].str.len() > 5).all()
    assert (table["text_en"] != table["code"]).all()
    assert set(table["mark"]) <= {"", "V", "1", "M"}


def test_cascade_from_one_unit():
    result = cascades_of(minimal_park.park(), settings=COARSE)
    cascade = result.from_unit("V-201")
    assert cascade.start == "V-201"
    assert "T-102" in set(cascade.units["unit_id"])
    assert cascade.units["probability"].is_monotonic_decreasing
    assert cascade.units["probability"].between(0.0, 1.0).all()
    with pytest.raises(OutOfRange, match="no-such-unit"):
        result.from_unit("no-such-unit")


def test_progress_is_told():
    told = []
    assess(minimal_park.park(), settings=COARSE, progress=lambda *step: told.append(step))
    stages = pd.DataFrame(told, columns=["stage", "done", "total"])
    stages = stages[stages["stage"] != "compile"]  # only where nothing was compiled before
    assert list(dict.fromkeys(stages["stage"])) == ["expand", "domino", "footprints", "individual", "societal", "grade"]
    assert (stages["done"] <= stages["total"]).all()
    last = stages.groupby("stage").last()
    assert (last["done"] == last["total"]).all()


def test_a_target_is_not_moved_by_others():
    """Risk at a place does not hang on which other places are asked for."""
    only = assess(changed(lambda document: document["targets"].__delitem__(slice(1, None))), settings=COARSE)
    all_three = minimal_park.coarse().targets.set_index("target_id")["individual_risk"]
    (target,) = only.targets.to_dict("records")
    assert target["individual_risk"] == all_three[target["target_id"]]


LACKING = {
    "targets": (lambda document: document.pop("targets"), "undecided"),
    "people": (lambda document: document.pop("population"), "undecided"),
    "an event": (unknown_store, "undecided"),
    "answers": (lambda document: document.pop("answers"), "admit_with_conditions"),
}


@pytest.mark.parametrize(("edit", "verdict"), LACKING.values(), ids=LACKING)
def test_nothing_is_admitted_where_something_is_lacking(edit, verdict):
    """With everything at hand this project is admitted."""
    decision = gate(changed(edit), read_project(minimal_park.PROJECTS / "diesel-tank"), settings=COARSE)
    assert decision.verdict == verdict
    lacking = decision.rules[decision.rules["status"] == "unknown"]
    assert len(lacking)
    assert lacking["missing"].map(len).all()


def test_staff_not_stated_leaves_societal_risk_unknown():
    def edit(document):
        row(document["enterprises"], enterprise_id="e2").pop("staff_day")

    result = assess(changed(edit), settings=COARSE)
    assert result.rules.set_index("rule_id")["status"]["gb36894-societal-park"] == "unknown"
