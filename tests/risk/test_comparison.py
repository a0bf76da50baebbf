"""Two descriptions of a park: every difference is found, and the steps between add up."""

import copy

import pytest

from parkrisk.models.errors import OutOfRange
from parkrisk.risk.assess import assess
from parkrisk.risk.comparison import STEPS, compare, input_changes
from parkrisk.scenarios import park_from_json, schema
from tests import minimal_park


def later():
    """This year's park: a tank gone, more people at night, warmer, another answer, another date."""
    found = minimal_park.document()
    found["units"] = [row for row in found["units"] if row["unit_id"] != "T-102"]
    found["population"][0]["night"] *= 3
    found["park"]["air_temperature_c"] = 25
    found["park"]["date"] = "2027-11-01"
    return found


@pytest.fixture(scope="module")
def found():
    return compare(minimal_park.park(), park_from_json(later()))


def test_every_difference_of_the_input_is_named(found):
    rows = {(row.table, row.key, row.change, row.column): (row.before, row.after) for row in found.inputs.itertuples()}
    village = minimal_park.document()["population"][0]
    assert rows == {
        ("park", "", "altered", "date"): ("2026-11-01", "2027-11-01"),
        ("park", "", "altered", "air_temperature_c"): ("15", "25"),
        ("units", "T-102", "removed", ""): ("", ""),
        ("population", village["cell_id"], "altered", "night"): (f"{village['night']:g}", f"{3 * village['night']:g}"),
    }


def test_the_end_is_the_full_assessment_of_the_later_park(found):
    alone = assess(park_from_json(later()))
    assert found.effect.after.provenance["result_digest"] == alone.provenance["result_digest"]
    assert found.steps["pll"].iloc[-1] == alone.pll


def test_units_are_told_apart_by_what_stands_in_the_tables(found):
    changes = found.effect.units.set_index("unit_id")["change"]
    assert changes.pop("T-102") == "removed"
    assert len(changes)
    assert (changes == "").all()  # only what others do to them


def test_a_step_between_is_the_park_with_those_tables_taken_over(found):
    between = minimal_park.document()
    between["units"] = later()["units"]
    after_equipment = assess(park_from_json(between))
    row = found.steps[found.steps["step"] == "equipment"].iloc[0]
    assert row["pll"] == after_equipment.pll
    between["park"]["air_temperature_c"] = 25
    row = found.steps[found.steps["step"] == "weather"].iloc[0]
    assert row["pll"] == assess(park_from_json(between)).pll


def test_only_steps_with_changes_are_taken_and_every_change_belongs_to_one(found):
    assert found.steps["step"].tolist() == ["", "equipment", "weather", "surroundings", "evidence"]
    assert found.steps["changes"].sum() == len(found.inputs)


def test_every_table_belongs_to_one_step():
    named = [name for step in STEPS for name in step.tables]
    rows = [name for name, table in schema.tables().items() if table.form == "rows" and table.park]
    assert sorted(named) == sorted(rows)
    assert {name for step in STEPS for name in step.section} <= set(schema.table("park").columns)


def test_the_same_park_twice_differs_in_nothing():
    same = compare(minimal_park.park(), park_from_json(minimal_park.document()))
    assert same.inputs.empty
    assert same.rules.empty
    assert same.steps["step"].tolist() == [""]
    assert same.effect.targets["difference"].eq(0.0).all()


def test_rows_without_a_key_are_compared_as_a_whole():
    altered = copy.deepcopy(minimal_park.document())
    first = altered["weather"][0]
    second = next(row for row in altered["weather"][1:] if row["frequency"] != first["frequency"])
    first["frequency"], second["frequency"] = second["frequency"], first["frequency"]
    changes = input_changes(minimal_park.park(), park_from_json(altered))
    assert changes["change"].value_counts().to_dict() == {"removed": 2, "added": 2}


def test_rules_judged_otherwise_are_named():
    altered = minimal_park.document()
    altered["answers"] = []
    changed = compare(minimal_park.park(), park_from_json(altered), steps=False)
    assert len(changed.rules)
    assert (changed.rules["after"] == "unknown").any()
    assert (changed.rules["before"] != changed.rules["after"]).all()
    assert changed.steps["step"].tolist() == [""]


def test_parks_in_different_crs_are_refused():
    other = minimal_park.document()
    for name in ("units", "targets", "population", "response", "ignition"):
        for row in other[name]:
            row["x"] = row["x"] + 37_000_000.0
    other["park"]["crs"] = "EPSG:4525"
    del other["park"]["boundary"]
    with pytest.raises(OutOfRange, match="EPSG:4525"):
        compare(minimal_park.park(), park_from_json(other))
