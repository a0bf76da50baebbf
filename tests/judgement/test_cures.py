"""Changes that cure a project, risk that only grows with hazards, and what counts as built, on the minimal park."""

import dataclasses
import functools
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from parkrisk.risk.assess import assess
from parkrisk.risk.entry import candidates, cures
from parkrisk.risk.entry.gate import Decision, decide, gate, summary
from parkrisk.risk.entry.variants import meeting, movable, moved, refilled
from parkrisk.risk.result import Assessment
from parkrisk.risk.rules.sets import load
from parkrisk.scenarios import change, project_from_json
from parkrisk.scenarios.park import Project
from parkrisk.scenarios.reading.sources import document as folder_document
from tests import minimal_park

PARK = minimal_park.park()


#: What a production project has to show beside a storage project.
_PRODUCTION_PAPERS = (
    "strict-control-approval",
    "trial-production-plan",
    "hazop-done",
    "sil-assessed",
    "class-a-designer",
    "staff-qualified",
)


@functools.cache
def _document() -> dict[str, Any]:
    return folder_document(minimal_park.PROJECTS / "diesel-tank", "project")


def project(*units: dict[str, Any], staffed: bool = True, **head: Any) -> Project:
    """A project with complete evidence and these units, of an enterprise of the park or of one without staff."""
    base = _document()
    papers = [{**base["answers"][0], "item": item} for item in _PRODUCTION_PAPERS]
    owner = "e2" if staffed else "none"
    nobody = {"enterprise_id": "none", "name": "无人值守", "staff_day": 0, "staff_night": 0, "residents_500m": 0}
    defaults = {"unit_id": "P-1", "enterprise_id": owner, "kind": "pressure_vessel", "temperature_c": 15}
    return project_from_json(
        {
            **base,
            "project": {**base["project"], "category": "new", "nature": "chemical", "enterprise": owner, **head},
            "enterprises": [] if staffed else [nobody],
            "answers": [*base["answers"], *papers],
            "units": [{**defaults, **unit} for unit in units],
        }
    )


CHLORINE = {
    "x": 500050,
    "y": 4500150,
    "diameter_m": 2.0,
    "height_m": 5.0,
    "volume_m3": 14,
    "fill_fraction": 0.8,
    "substance": "7782-50-5",
    "hole_bore_mm": 25,
    "detection_class": "A",
    "isolation_class": "A",
}
TOO_NEAR = project(CHLORINE)


def decided(asked: Project, *, search: bool = False) -> Decision:
    return gate(PARK, asked, settings=minimal_park.COARSE, before=minimal_park.coarse(), cures=search)


@pytest.fixture(scope="module")
def refused() -> Decision:
    """The chlorine vessel 350 m from the village, without a search."""
    return decided(TOO_NEAR)


def searched(decision: Decision, passes: Any) -> tuple[list[dict[str, Any]], dict[str, Any], list[Project]]:
    """Search with a stand-in for the full run: ``passes`` says of a changed project whether it meets the gates."""
    asked: list[Project] = []
    good = decision.rules.assign(status=decision.rules["status"].replace("fail", "pass"), effect="none")

    def rerun(changed: Project) -> cures.Run:
        asked.append(changed)
        return cures.Run(good if passes(changed) else decision.rules, {}, "digest")

    found, search = cures.search(TOO_NEAR, decision.after, decision.rules, rerun)
    return found, search, asked


def fill(changed: Project) -> float:
    return float(changed.tables["units"]["fill_fraction"].iloc[0])


def place(changed: Project) -> tuple[float, float]:
    row = changed.tables["units"].iloc[0]
    return float(row["x"]), float(row["y"])


# What is found, and its proof


def test_conditions_are_proven_by_a_run_of_the_changed_project(
    refused: Decision, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert refused.verdict == "refuse"
    assert refused.search["status"] == "not_asked"
    monkeypatch.setattr(cures, "_MOST_STEPS", 8)  # coarse tonnages: fewer runs
    decision = decided(TOO_NEAR, search=True)
    assert decision.verdict == "admit_with_conditions"
    assert decision.search["runs"] <= 12
    assert [condition["kind"] for condition in decision.conditions] == ["inventory", "move"]
    for condition in decision.conditions:
        changed = meeting(TOO_NEAR, condition)
        again = decided(changed)
        assert again.verdict == "admit"
        assert condition["proven_by"] == again.provenance["result_digest"]
        assert condition["numbers"]["added_over_limit_new"] == pytest.approx(again.targets["ratio"].max(), rel=1e-12)
        assert condition["numbers"]["added_over_limit_new"] <= 1.0
    inventory, move = (condition["numbers"] for condition in decision.conditions)
    assert inventory["inventory_t"] < inventory["present_t"]
    assert f"≤ {inventory['inventory_t']:g} t" in decision.conditions[0]["text_en"]
    assert f"{move['distance_m']:g} m" in decision.conditions[1]["text_zh"]
    assert decision.conditions[0]["text_en"] in decision.explanation_en
    # The rules still say what the project as it is does not meet.
    assert set(decision.rules.loc[decision.rules["status"] == "fail", "effect"]) == {"condition"}


def test_the_prediction_of_a_move_is_what_a_run_gives() -> None:
    apart = project({**CHLORINE, "x": 500550, "y": 4500250, "unit_id": "P-2"})
    shift = np.array([40.0, -30.0])
    here, there = decided(apart), decided(moved(apart, *shift))
    expected = candidates._own_risk(apart, here.after, here.after.targets[["risk_x", "risk_y"]].to_numpy() - shift)
    assert not np.allclose(expected, here.targets["own"], rtol=0.01)
    # To the fifth digit: a blast elsewhere reaches the vessel a little more or less often.
    np.testing.assert_allclose(there.targets["own"], expected, rtol=1e-4)


# The search, with a stand-in for the run


@pytest.mark.parametrize("share", [0.999, 0.73, 0.5, 0.31, 0.14])
def test_the_largest_tidy_inventory_below_the_threshold(refused: Decision, share: float) -> None:
    found, search, asked = searched(
        refused, lambda changed: place(changed) == place(TOO_NEAR) and fill(changed) <= 0.8 * share
    )
    numbers = found[0]["numbers"]
    step = numbers["present_t"] / 32.0
    assert numbers["inventory_t"] <= share * numbers["present_t"]
    assert numbers["inventory_t"] > share * numbers["present_t"] - 2.5 * step  # 1, 2, 5: at most 2.5 times apart
    assert sum(place(changed) == place(TOO_NEAR) for changed in asked) <= 6
    assert search["runs"] == len(asked) <= 12
    assert numbers["inventory_t"] % 0.5 == 0.0, "a tidy number: 1, 2 or 5 times a power of ten goes into it"


def test_what_no_inventory_and_no_place_cures_stays_refused(refused: Decision) -> None:
    found, search, asked = searched(refused, lambda changed: False)
    assert found == []
    assert {each["kind"] for each in search["not_found"]} == {"inventory", "move"}
    assert search["runs"] == len(asked) <= 12
    # Every place that was tried is farther than the one before in its direction.
    tried = [np.subtract(place(changed), place(TOO_NEAR)) for changed in asked if place(changed) != place(TOO_NEAR)]
    assert len(tried) > 1
    assert len({tuple(shift) for shift in tried}) == len(tried)


def test_the_shortest_move_is_taken_first(refused: Decision) -> None:
    found, _, asked = searched(refused, lambda changed: place(changed) != place(TOO_NEAR))
    (move,) = found
    expected = candidates.promising(TOO_NEAR, refused.after)
    assert move["numbers"]["distance_m"] == min(each.distance for each in expected)
    assert place(asked[-1]) == pytest.approx(
        (CHLORINE["x"] + move["numbers"]["dx_m"], CHLORINE["y"] + move["numbers"]["dy_m"])
    )


def test_societal_risk_over_its_line_asks_for_places_with_fewer_people_in_reach(refused: Decision) -> None:
    def places(excess: float) -> set[candidates.Move]:
        fn = refused.after.fn
        scaled = fn.assign(upper=(fn["F"] / excess).where(fn.index == fn.index[0], np.inf))
        return set(candidates.promising(TOO_NEAR, dataclasses.replace(refused.after, fn=scaled)))

    everywhere = places(1.0)
    assert everywhere == set(candidates.promising(TOO_NEAR, refused.after))
    assert everywhere
    chain = [places(excess) for excess in (1.2, 1.5, 2.0, 4.0)]
    assert all(fewer <= more for more, fewer in zip([everywhere, *chain], chain, strict=False))
    assert places(1e6) == set()


def test_a_place_fits_if_the_people_in_reach_are_fewer_than_where_the_project_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """10 and 30 people; where the line is passed twofold, half the risk that they share now may be left."""
    people = SimpleNamespace(x=np.zeros(2), y=np.zeros(2), day=np.array([4.0, 10.0]), night=np.array([6.0, 20.0]))
    risk = np.array([[1e-5, 1e-5], [1e-5, 0.0], [4e-6, 4e-6], [2e-5, 2e-5], [0.0, 7e-6]])
    monkeypatch.setattr(candidates, "_own_risk", lambda project, after, points: risk.ravel())
    after = SimpleNamespace(surroundings=SimpleNamespace(people=people))
    fits = candidates._reaches_fewer(TOO_NEAR, after, np.zeros((4, 2)), 2.0)  # type: ignore[arg-type]
    assert fits.tolist() == [True, True, False, False]


def test_free_ground_is_inside_the_park_and_on_no_other_unit(refused: Decision) -> None:
    units = PARK.tables["units"]
    moves = candidates.free_moves(refused.after.park, TOO_NEAR)
    assert moves
    assert [each.distance for each in moves] == sorted(each.distance for each in moves)
    for each in moves:
        x, y = CHLORINE["x"] + each.dx, CHLORINE["y"] + each.dy
        assert shapely.covers(PARK.boundary, shapely.Point(x, y))
        assert (np.hypot(units["x"] - x, units["y"] - y) > units["diameter_m"] / 2.0 + 1.0).all()
    # East of it stands the methanol tank with its bund: the ground of the tank itself is not offered.
    assert not any(each.direction == 3 and each.distance == 70.0 for each in moves)
    without = dataclasses.replace(refused.after.park, boundary=None)
    assert candidates.free_moves(without, TOO_NEAR) == []


def test_no_free_ground_is_left_out_and_none_is_taken_twice(refused: Decision) -> None:
    """Against every circle one by one, in a park so wide that only other units stand in the way."""
    across = {"P-1": 30.0, "V-301": 64.0, "R-301": 40.0}
    edit = {"units": {unit: {"diameter_m": diameter} for unit, diameter in across.items()}}
    wide = dataclasses.replace(change(refused.after.park, edit=edit), boundary=shapely.Point(5e5, 4.5e6).buffer(1e4))
    units = wide.tables["units"].set_index("unit_id")
    moves = [(each.direction, each.distance) for each in candidates.free_moves(wide, TOO_NEAR)]
    assert len(set(moves)) == len(moves)
    bund = np.sqrt(units["bund_area_m2"] / np.pi)
    radius = np.fmax(units["diameter_m"] / 2.0, bund.fillna(0.0)).drop("P-1")
    others = units.drop("P-1")
    tried = {each.distance for each in candidates.free_moves(wide, TOO_NEAR)}
    assert min(tried) == 10.0
    assert max(tried) == 3000.0
    for direction, (_, _, east, north) in enumerate(candidates.DIRECTIONS):
        for distance in tried:
            x, y = CHLORINE["x"] + east * distance, CHLORINE["y"] + north * distance
            room = (np.hypot(others["x"] - x, others["y"] - y) / (radius + across["P-1"] / 2.0)).min()
            assert ((direction, distance) in moves) is bool(room > 1.0), (direction, distance, room)


def test_gates_that_no_change_cures_are_not_searched(refused: Decision) -> None:
    failed = refused.rules["status"] == "fail"
    hard = refused.rules.assign(
        curable_by=[() if bad else kinds for bad, kinds in zip(failed, refused.rules["curable_by"], strict=True)]
    )
    found, search = cures.search(TOO_NEAR, refused.after, hard, lambda _: pytest.fail("no run"))
    assert (found, search["status"]) == ([], "not_curable")
    fine = refused.rules.assign(status="pass")
    found, search = cures.search(TOO_NEAR, refused.after, fine, lambda _: pytest.fail("no run"))
    assert (found, search["status"]) == ([], "not_needed")


def test_a_change_that_opens_or_fails_another_gate_does_not_count(refused: Decision) -> None:
    rules = refused.rules
    gates = rules[(rules["severity"] == "gate") & (rules["status"] == "pass")]
    cured = rules.assign(status=rules["status"].replace("fail", "pass"))
    assert cures.met(cured, rules)
    for status in ("fail", "unknown"):
        other = cured.assign(status=cured["status"].mask(cured["rule_id"] == gates["rule_id"].iloc[0], status))
        assert not cures.met(other, rules)
    open_before = rules.assign(status=rules["status"].mask(rules["rule_id"] == gates["rule_id"].iloc[0], "unknown"))
    assert cures.met(open_before.assign(status=open_before["status"].replace("fail", "pass")), open_before)


# Changed projects


def test_a_refilled_project_holds_less_and_is_designed_for_less() -> None:
    less = refilled(TOO_NEAR, ["P-1"], 0.5).tables["units"].iloc[0]
    full = TOO_NEAR.tables["units"].iloc[0]
    assert less["fill_fraction"] == 0.5 * full["fill_fraction"]
    assert less["max_fill_fraction"] == 0.5 * full["max_fill_fraction"]
    assert less["volume_m3"] == full["volume_m3"]
    assert refilled(TOO_NEAR, ["P-1"], 0.5).digest() != TOO_NEAR.digest()
    # What was a default of the schema no longer is.
    columns = set(refilled(TOO_NEAR, ["P-1"], 0.5).assumptions["column"])
    assert "max_fill_fraction" in set(TOO_NEAR.assumptions["column"])
    assert "max_fill_fraction" not in columns


def test_what_alters_the_park_or_follows_a_line_stays_in_its_place() -> None:
    assert movable(TOO_NEAR)
    assert not movable(project(CHLORINE, category="altered"))


# Properties of risk


#: Things a project may bring: more of what is there, something toxic, something that burns, beside the others or apart.
ADDITIONS = (
    {**CHLORINE, "volume_m3": 3},
    {"kind": "pressure_vessel", "x": 500400, "y": 4500100, "diameter_m": 4, "substance": "74-98-6", "hole_bore_mm": 50},
    {"kind": "atmospheric_tank", "x": 500160, "y": 4500100, "diameter_m": 16, "height_m": 10, "substance": "汽油"},
)


@pytest.mark.parametrize("staffed", [False, True])
@pytest.mark.parametrize("unit", ADDITIONS, ids=lambda unit: unit["substance"])
def test_adding_a_hazard_never_lowers_a_risk(unit: dict[str, Any], staffed: bool) -> None:
    before = minimal_park.coarse()
    after = assess(change(PARK, add=project(unit, staffed=staffed)), settings=minimal_park.COARSE, previous=before)
    by_id = [each.targets.set_index("target_id") for each in (before, after)]
    for column in ("individual_risk", "individual_risk_without_domino"):
        assert (by_id[1][column] >= by_id[0][column]).all(), column
    for column in ("F", "F_without_domino"):
        assert (frequency(after, column) >= frequency(before, column)).all(), column
    assert after.pll > before.pll
    assert after.societal.pll_without_domino > before.societal.pll_without_domino


def frequency(result: Assessment, column: str) -> Any:
    """Frequency of so many deaths or more, of a curve that holds to the left of its points."""
    fn = result.fn
    later = [fn.loc[fn["N"] >= number, column] for number in (1, 2, 5, 10, 20, 50, 100, 200)]
    return np.array([float(part.iloc[0]) if len(part) else 0.0 for part in later])


@pytest.mark.parametrize("place_", [(500950, 4500280), (500500, 4500200)])
def test_a_project_without_hazard_is_never_refused_for_risk(place_: tuple[float, float]) -> None:
    water = {
        "kind": "atmospheric_tank",
        "x": place_[0],
        "y": place_[1],
        "diameter_m": 6,
        "height_m": 6,
        "substance": "7732-18-5",
    }
    decision = decided(project(water))
    risk = decision.rules[decision.rules["rulebook"] == "gb36894-2018"]
    assert not set(risk["effect"]) & {"refuse", "undecided"}
    assert decision.verdict == "admit"
    assert (decision.targets["own"] == 0.0).all()


def test_what_is_approved_counts_as_if_it_stood() -> None:
    before = minimal_park.coarse()
    approved = change(PARK, edit={"units": {"V-301": {"status": "approved"}}})
    counted = assess(approved, settings=minimal_park.COARSE, previous=before)
    assert summary(counted)["approved_units"] == 1
    assert summary(before)["approved_units"] == 0
    assert counted.pll == before.pll
    pd.testing.assert_frame_equal(counted.targets, before.targets)
    ruleset = load("cn-2026", PARK.date)
    decision = decide(approved, TOO_NEAR, ruleset, counted, counted)
    assert "1" in decision.explanation_en.split("built that count before and after:")[1]
