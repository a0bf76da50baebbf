from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkrisk.models.errors import InputProblems
from parkrisk.scenarios import change, park_from_json, project_from_json
from parkrisk.scenarios.park import Park
from tests.scenarios.sample import document, unit


@pytest.fixture(scope="module")
def park() -> Park:
    return park_from_json(document())


def project(**tables: Any) -> dict[str, Any]:
    return {"project": {"name": "新罐", "category": "new"}, "units": [unit("N1", x=500600.0)], **tables}


def codes(caught: pytest.ExceptionInfo[InputProblems]) -> list[tuple[str, str, str]]:
    return [(p.table, p.code, p.found) for p in caught.value.problems if p.severity == "error"]


def test_removing_takes_contents_and_barriers_along(park: Park) -> None:
    before = park.digest()
    less = change(park, remove=("T1", "S1"))
    assert less.tables["units"]["unit_id"].tolist() == ["T2"]
    assert less.tables["contents"].empty
    assert less.tables["barriers"].empty
    assert set(less.assumptions.query("table == 'units'")["row"]) == {"T2"}
    assert [w.code for w in less.warnings] == ["staff_without_place"]
    assert park.digest() == before


def test_a_project_comes_in_as_proposed(park: Park) -> None:
    asked = project_from_json(project(indicators=[{"name": "investment", "value": 3.0}]))
    more = change(park, add=asked)
    units = more.tables["units"].set_index("unit_id")
    assert units["status"].to_dict() == {"N1": "proposed", "S1": "existing", "T1": "existing", "T2": "existing"}
    assert units.loc["N1", "temperature_c"] == 20.0
    rows = more.assumptions.query("table == 'units' and row == 'N1'")["column"].tolist()
    assert "temperature_c" in rows
    assert more.tables["indicators"].empty
    assert change(more, remove="N1").digest() == park.digest()


def test_what_a_project_builds_runs_whatever_it_says(park: Park) -> None:
    idle = project(units=[unit("N1", x=500600.0, in_service="no")])
    built = change(park, add=project_from_json(idle)).tables["units"].set_index("unit_id")
    assert built.loc["N1", ["status", "in_service"]].tolist() == ["proposed", "yes"]
    retired = project(units=[unit("T1", in_service="no")])
    retired["project"]["category"] = "altered"
    units = change(park, add=project_from_json(retired)).tables["units"].set_index("unit_id")
    assert units.loc["T1", "in_service"] == "no", "a unit that is there may be taken out of service"


def test_tables_can_be_added_without_a_project(park: Park) -> None:
    rows = {"units": [unit("N1", x=500600.0)]}
    assert change(park, add=rows).digest() == change(park, add=project_from_json(project())).digest()
    frame = change(park, add=rows).tables["units"].query("unit_id == 'N1'").drop(columns=["status"])
    again = change(park, add={"units": frame})
    assert again.tables["units"].equals(change(park, add=rows).tables["units"])


def test_a_project_removes_and_alters(park: Park) -> None:
    found = project(units=[unit("T1", substance="液氨"), unit("N1", x=500600.0)])
    with pytest.raises(InputProblems) as caught:
        change(park, add=project_from_json(found))
    assert codes(caught) == [("units", "already_there", "T1")]
    found["project"] |= {"category": "altered", "removes": "T2"}
    changed = change(park, add=project_from_json(found)).tables["units"].set_index("unit_id")
    assert sorted(changed.index) == ["N1", "S1", "T1"]
    assert changed.loc["T1", ["substance", "status"]].tolist() == ["7664-41-7", "proposed"]


def test_a_retrofit_keeps_what_it_does_not_mention(park: Park) -> None:
    asked: dict[str, Any] = {
        "project": {"name": "改造", "category": "altered", "nature": "retrofit_safety"},
        "units": [unit("T1", hole_bore_mm=100)],
        "barriers": [{"barrier_id": "B9", "unit_id": "T1", "kind": "deluge"}],
    }
    changed = change(park, add=project_from_json(asked))
    assert changed.tables["contents"]["cas"].tolist() == ["71-43-2"]
    assert changed.tables["barriers"]["barrier_id"].tolist() == ["B1", "B9"]
    asked["contents"] = [{"unit_id": "T1", "cas": "108-88-3", "mass_t": 1.0}]
    assert change(park, add=project_from_json(asked)).tables["contents"]["cas"].tolist() == ["108-88-3"]


def test_the_enterprise_of_a_project_may_be_one_of_the_park(park: Park) -> None:
    known = project(enterprises=[{"enterprise_id": "E1", "name": "另名", "staff_day": 999}])
    changed = change(park, add=project_from_json(known))
    assert changed.tables["enterprises"].equals(park.tables["enterprises"])
    assert [w.code for w in changed.warnings] == ["row_already_there"]
    new = project(
        enterprises=[{"enterprise_id": "E9", "name": "新公司", "staff_day": 5}],
        units=[unit("N1", enterprise_id="E9", x=500600.0)],
    )
    assert change(park, add=project_from_json(new)).tables["enterprises"]["enterprise_id"].tolist() == [
        "E1",
        "E2",
        "E9",
    ]


def test_a_project_in_degrees_lands_where_it_should(park: Park) -> None:
    import pyproj

    found = project()
    back = pyproj.Transformer.from_crs("EPSG:4549", "EPSG:4490", always_xy=True)
    for planar in ("EPSG:4549", "EPSG:4550"):
        x, y = back.transform(500600.0, 3300500.0)
        found["project"] |= {"crs": "EPSG:4490", "planar_crs": planar}
        found["units"] = [unit("N1", x=x, y=y)]
        units = change(park, add=project_from_json(found)).tables["units"].set_index("unit_id")
        assert units.loc["N1", ["x", "y"]].tolist() == pytest.approx([500600.0, 3300500.0], abs=1e-5)


@pytest.mark.parametrize(
    ("wrong", "code", "says"),
    [
        ({"enterprise_id": "E8"}, "dangling_reference", "E8"),
        ({"x": 499000.0}, "outside_boundary", "N1"),
        ({"x": 120.0, "y": 29.8}, "degrees_in_metres", "120"),
        ({"x": 3300500.0, "y": 500400.0}, "coordinates_swapped", "3300500"),
    ],
)
def test_what_does_not_fit_the_park_is_refused(park: Park, wrong: dict[str, Any], code: str, says: str) -> None:
    asked = project_from_json(project(units=[unit("N1", **wrong)]))
    with pytest.raises(InputProblems) as caught:
        change(park, add=asked)
    assert code in [p.code for p in caught.value.problems]
    assert says in caught.value.problems[0].found


def test_unknown_units_are_named_all_at_once(park: Park) -> None:
    with pytest.raises(InputProblems) as caught:
        change(park, remove=("T11", "zzz"), move={"S2": (500500.0, 3300500.0), "T1": (float("nan"), 0.0)})
    assert sorted((p.code, p.found.split(":")[0]) for p in caught.value.problems) == [
        ("not_finite", "T1"),
        ("unknown_unit", "S2"),
        ("unknown_unit", "T11"),
        ("unknown_unit", "zzz"),
    ]
    assert any("did you mean 'T1'?" in p.message_en for p in caught.value.problems)


@settings(max_examples=15, deadline=None)
@given(x=st.floats(500001.0, 500999.0), y=st.floats(3300001.0, 3300999.0))
def test_moving_there_and_back_is_no_change(park: Park, x: float, y: float) -> None:
    moved = change(park, move={"T1": (x, y)})
    place = moved.tables["units"].set_index("unit_id").loc["T1", ["x", "y"]].tolist()
    assert place == [x, y]
    assert (moved.digest() == park.digest()) == (place == [500400.0, 3300500.0])
    assert change(moved, move={"T1": (500400.0, 3300500.0)}).digest() == park.digest()


def test_a_move_out_of_the_park_is_refused(park: Park) -> None:
    with pytest.raises(InputProblems) as caught:
        change(park, move={"T1": (501200.0, 3300500.0)})
    problem = caught.value.problems[0]
    assert (problem.code, problem.row) == ("outside_boundary", None)
    assert "T1" in problem.message_zh
    assert "200 m" in problem.message_en


def test_declared_assumptions_follow_a_move() -> None:
    found = document()
    found["units"][0]["assumed"] = "x;y"
    moved = change(park_from_json(found), move={"T1": (500410.0, 3300500.0)})
    listed = moved.assumptions.query("row == 'T1' and column == 'x'")
    assert listed["value"].tolist() == ["500410"]


def test_the_order_of_changes_does_not_matter(park: Park) -> None:
    one = change(change(park, add=project_from_json(project())), remove=("T2",))
    other = change(change(park, remove=("T2",)), add=project_from_json(project()))
    both = change(park, add=project_from_json(project()), remove=("T2",))
    assert one.digest() == other.digest() == both.digest()


def test_the_function_survives_the_import_of_its_module(tmp_path: Path) -> None:
    import parkrisk.scenarios
    import parkrisk.scenarios.changing.changes

    assert parkrisk.scenarios.change is change
    assert callable(parkrisk.scenarios.change)
