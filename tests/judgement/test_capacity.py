"""Safety capacity: shares of the limits by stage, how many more units or tonnes fit, against true assessments."""

import dataclasses
import functools
import json

import numpy as np
import pandas as pd
import pytest

from parkrisk.models.errors import InputProblems, OutOfRange
from parkrisk.risk.assess import assess
from parkrisk.risk.capacity import stages
from parkrisk.risk.capacity.adding import Addition, ReferenceUnits, reference_units
from parkrisk.risk.capacity.inventory import largest_inventory
from parkrisk.risk.capacity.placed import with_copies
from parkrisk.risk.capacity.stages import SafetyCapacity, safety_capacity
from parkrisk.risk.result import Assessment
from parkrisk.scenarios import change, read_project
from parkrisk.scenarios.park import Park
from parkrisk.scenarios.receptors import people
from tests import minimal_park

PLACE = (500700.0, 4500250.0)


def assessed(park: Park) -> Assessment:
    return assess(park, settings=minimal_park.COARSE, previous=minimal_park.coarse())


@functools.cache
def alone() -> Assessment:
    """The chlorine vessel alone, so that nothing escalates."""
    units = minimal_park.park().tables["units"]["unit_id"]
    return assessed(change(minimal_park.park(), remove=[unit for unit in units if unit != "V-301"]))


@functools.cache
def cold() -> Assessment:
    """The chlorine in a refrigerated tank, which only leaks: nothing escalates, not even between tanks at one place."""
    edit = {"units": {"V-301": {"kind": "refrigerated_tank", "temperature_c": -35.0, "pressure_kpa": 5.0}}}
    return assessed(change(alone().park, edit=edit))


@functools.cache
def more_chlorine() -> ReferenceUnits:
    return reference_units(cold(), "V-301", PLACE)


def with_status(**status: str) -> Park:
    edit = {name.replace("_", "-"): {"status": each} for name, each in status.items()}
    return change(minimal_park.park(), edit={"units": edit})


@functools.cache
def staged() -> SafetyCapacity:
    return safety_capacity(assessed(with_status(V_301="approved")))


# How many more fit


@pytest.mark.parametrize(
    "criterion", ["individual_risk", "individual_risk_added", pytest.param("societal_risk", marks=pytest.mark.slow)]
)
def test_so_many_copies_fit_and_one_more_does_not(criterion: str) -> None:
    n = more_chlorine().criteria.set_index("criterion").loc[criterion, "n"]
    assert n >= 1
    for count, fits in ((n, True), (n + 1, False)):
        after = assessed(with_copies(cold().park, "V-301", PLACE, numbers=range(1, count + 1)))
        risk = after.targets["individual_risk"]
        met = {
            "individual_risk": risk <= after.targets["limit"],
            "individual_risk_added": risk - cold().targets["individual_risk"] <= after.targets["limit_new"],
            "societal_risk": after.fn["F"] <= after.fn["upper"],
        }[criterion]
        assert met.all() == fits


def test_the_fewest_by_any_criterion_fit_and_are_proven_together() -> None:
    found = more_chlorine()
    assert found.n == found.criteria["n"].min() == found.together
    assert found.criteria.set_index("criterion").loc[found.binding, "n"] == found.n


def addition(
    before: float, added: float, limit: float = 3.0, curve: tuple[float, float, float] = (1.0, 0.0, 0.0)
) -> Addition:
    """One target, and one point of the F-N curve: N, F before, F added; risks in units of 2^-20, exact in binary."""
    unit = 2.0**-20
    targets = pd.DataFrame(
        {
            "target_id": ["t"],
            "before": [before * unit],
            "added": [added * unit],
            "limit": [limit * unit],
            "limit_new": [100.0 * unit],
            "status": ["pass"],
            "mark": ["M"],
        }
    )
    N, first, more = curve
    fn = pd.DataFrame({"N": [N], "before": [first], "added": [more], "upper": [1e-3 / N]})
    return Addition(targets, fn, people=True, complete=True)


def first(found: Addition) -> tuple[str, int | None]:
    row = found.criteria().set_index("criterion").loc["individual_risk"]
    return row["status"], row["n"]


@pytest.mark.parametrize(
    ("before", "added", "status", "n"),
    [
        (1.0, 1.0, "known", 2),  # the limit is reached exactly, and met
        (1.0, 1.0 + 2.0**-40, "known", 1),  # by ever so little not
        (3.0, 0.5, "known", 0),  # no margin left
        (3.0, 0.0, "unbounded", None),  # at the limit, and nothing comes
        (3.5, 0.5, "exceeded", 0),
        (3.5, 0.0, "exceeded", 0),  # nothing may come where the limit is exceeded, whatever it adds
        (0.0, 0.0, "unbounded", None),
    ],
)
def test_limits_at_their_bound(before: float, added: float, status: str, n: int | None) -> None:
    assert first(addition(before, added)) == (status, n)


def test_what_is_not_known_proves_only_that_nothing_fits() -> None:
    known = addition(1.0, 1.0)
    for found in (
        dataclasses.replace(known, complete=False),
        dataclasses.replace(known, targets=known.targets.assign(status="unknown")),
        dataclasses.replace(known, targets=known.targets.iloc[:0]),
    ):
        assert first(found) == ("unknown", None)
    exceeded = dataclasses.replace(addition(3.5, 1.0), complete=False)
    assert first(exceeded) == ("exceeded", 0)


def test_societal_risk_is_unknown_without_people_and_where_the_lines_end() -> None:
    def societal(found: Addition) -> tuple[str, int | None]:
        row = found.criteria().set_index("criterion").loc["societal_risk"]
        return row["status"], row["n"]

    curve = (10.0, 0.9e-5, 1e-5)
    assert societal(addition(0.0, 1.0, curve=curve)) == ("known", 9)
    assert societal(dataclasses.replace(addition(0.0, 1.0, curve=curve), people=False)) == ("unknown", None)
    assert societal(addition(0.0, 1.0, curve=(2000.0, 0.0, 1e-7))) == ("unknown", None)
    assert societal(addition(0.0, 1.0, curve=(2000.0, 6e-7, 1e-7))) == ("exceeded", 0)


def test_an_unknown_unit_and_a_place_outside_the_park_are_refused() -> None:
    with pytest.raises(InputProblems) as unknown:
        reference_units(alone(), "V-999", PLACE)
    assert [fault.code for fault in unknown.value.problems] == ["unknown_unit"]
    with pytest.raises(InputProblems):
        reference_units(alone(), "V-301", (0.0, 0.0))


def test_a_unit_of_a_project_brings_its_enterprise() -> None:
    project = read_project(minimal_park.PROJECTS / "diesel-tank")
    unit = project.tables["units"]["unit_id"].iloc[0]
    found = reference_units(alone(), unit, source=project)
    own = project.tables["units"].iloc[0]
    assert found.place == pytest.approx((own["x"], own["y"]), abs=1e-6)
    assert found.status == "known"
    elsewhere = dataclasses.replace(project, crs="EPSG:4545")  # the same numbers in the zone west of it
    with pytest.raises(InputProblems):
        reference_units(alone(), unit, source=elsewhere)


# Stages


def test_what_is_approved_is_told_apart_and_counted() -> None:
    found = staged().stages.set_index("stage")
    assert found.index.tolist() == ["in_service", "approved"]
    assert found["units"].tolist() == [4, 5]
    without = assessed(change(minimal_park.park(), remove=["V-301"]))
    everything = minimal_park.coarse()
    assert np.array_equal(staged().targets["in_service"], without.targets["individual_risk"])
    assert np.array_equal(staged().targets["approved"], everything.targets["individual_risk"])
    assert np.array_equal(staged().fn["approved"], everything.fn["F"])
    assert found.loc["approved", "remaining"] == 1.0 - found.loc["approved", "share"]


def test_an_approved_unit_counts_although_it_is_not_in_service_yet() -> None:
    edit = {"units": {"V-301": {"status": "approved", "in_service": "no"}}}
    found = safety_capacity(assessed(change(minimal_park.park(), edit=edit)))
    assert np.array_equal(found.targets["approved"], staged().targets["approved"])
    assert np.array_equal(found.targets["in_service"], staged().targets["in_service"])


def test_what_is_proposed_is_shown_and_not_counted() -> None:
    found = safety_capacity(assessed(with_status(V_301="proposed")))
    assert found.stages["stage"].tolist() == ["in_service", "approved", "proposed"]
    assert np.array_equal(found.targets["approved"], found.targets["in_service"])
    assert np.array_equal(found.targets["proposed"], staged().targets["approved"])


def test_where_only_what_is_proposed_kills_so_many_the_line_is_compared_with_nothing() -> None:
    curve = stages._fn({"in_service": alone(), "approved": alone(), "proposed": minimal_park.coarse()})
    beyond = curve["approved"] == 0.0
    assert beyond.any()
    assert curve.loc[beyond, "ratio"].isna().all()
    np.testing.assert_allclose(curve["ratio"] * curve["share"], np.where(beyond, np.nan, 1.0), rtol=1e-12)
    assert (curve.loc[beyond, "margin"] == curve.loc[beyond, "upper"]).all()
    assert (curve.loc[beyond, "share"] == 0.0).all()
    assert set(curve.loc[beyond, "zone"]) == {"acceptable"}


def test_the_criterion_nearest_to_its_limit_binds() -> None:
    found = staged()
    shares = found.binding["share"].tolist()
    assert shares == sorted(shares, reverse=True)
    worst = {
        "individual_risk": (found.targets["approved"] / found.targets["limit"]).max(),
        "societal_risk": (found.fn["approved"] / found.fn["upper"]).max(),
    }
    assert dict(zip(found.binding["criterion"], shares, strict=True)) == worst
    assert found.fn["ratio"].min() == pytest.approx(1.0 / worst["societal_risk"])
    assert set(found.binding["mark"]) == {"M"}


def test_without_people_societal_risk_and_the_remaining_capacity_are_unknown() -> None:
    park = minimal_park.changed(lambda document: document.pop("population"))
    found = safety_capacity(assessed(park))
    status = found.binding.set_index("criterion")["status"]
    assert status.to_dict() == {"individual_risk": "pass", "societal_risk": "unknown"}
    assert found.stages["remaining"].isna().all()
    assert set(found.fn["status"]) == {"unknown"}


def test_the_order_of_rows_does_not_matter() -> None:
    def turned(document: minimal_park.Document) -> None:
        for name in ("units", "targets", "population"):
            document[name].reverse()
        minimal_park.row(document["units"], unit_id="V-301")["status"] = "approved"

    found = safety_capacity(assessed(minimal_park.changed(turned)))
    for name, table in staged().tables().items():
        pd.testing.assert_frame_equal(found.tables()[name], table)


# Tonnes


@pytest.mark.slow
def test_the_largest_inventory_is_proven_by_an_assessment() -> None:
    found = largest_inventory(alone(), "V-301", PLACE)
    assert found.status == "known"
    runs = found.runs.set_index("mass_t")["fits"]
    assert runs[found.mass_t] == "yes"
    assert (
        runs[pytest.approx(found.mass_t + found.step_t)] == "no"
        if False
        else (runs[runs.index > found.mass_t] == "no").all()
    )
    assert runs.index[runs.index > found.mass_t].min() == pytest.approx(found.mass_t + found.step_t)
    fill = 0.8 * found.mass_t / found.full_t
    after = assessed(with_copies(alone().park, "V-301", PLACE, cells={"fill_fraction": fill}))
    assert after.provenance["result_digest"] == found.runs.set_index("mass_t").loc[found.mass_t, "result_digest"]
    rise = after.targets["individual_risk"] - alone().targets["individual_risk"]
    assert (rise <= after.targets["limit_new"]).all()


def test_where_the_limit_is_exceeded_no_tonne_fits() -> None:
    def near(document: minimal_park.Document) -> None:
        minimal_park.row(document["targets"], target_id="school").update(x=500800.0, y=4500200.0)

    found = largest_inventory(assessed(minimal_park.changed(near)), "V-301", PLACE)
    assert (found.status, found.mass_t, found.at) == ("known", 0.0, "school")
    assert len(found.runs) == 1


@pytest.mark.slow
def test_a_vessel_that_may_be_full_says_so() -> None:
    units = minimal_park.park().tables["units"]["unit_id"]
    base = assessed(change(minimal_park.park(), remove=[unit for unit in units if unit != "T-101"]))
    found = largest_inventory(base, "V-301", (500300.0, 4500300.0), cas="甲醇", source=minimal_park.park())
    assert (found.status, found.cas) == ("vessel", "67-56-1")
    assert found.full_t - found.step_t < found.mass_t <= found.full_t


def test_a_gas_has_no_largest_fill() -> None:
    with pytest.raises(OutOfRange):
        largest_inventory(alone(), "V-301", PLACE, cas="1333-74-0")


def test_everything_is_written(tmp_path) -> None:  # type: ignore[no-untyped-def]
    staged().save(tmp_path, reference_units=more_chlorine().to_dict())
    document = json.loads((tmp_path / "capacity.json").read_text(encoding="utf-8"))
    assert document["reference_units"]["n"] == more_chlorine().n
    assert document["note"]["mark"] == "M"
    written = pd.read_csv(tmp_path / "capacity_targets.csv")
    assert written["target_id"].tolist() == staged().targets["target_id"].tolist()


def test_copies_draw_no_staff_away_from_where_it_works() -> None:
    base = minimal_park.park()
    far = with_copies(base, "T-101", (500800.0, 4500250.0))
    assert len(far.tables["units"]) == len(base.tables["units"]) + 1
    before, after = people(base), people(far)
    for name in ("x", "y", "day", "night"):
        assert np.array_equal(getattr(before, name), getattr(after, name))
