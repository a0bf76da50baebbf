"""Scenario files: what each entry does, and every mistake of a file at once."""

import math
from pathlib import Path
from typing import Any

import pytest

from parkrisk.api.examples import example_park
from parkrisk.models.errors import InputProblems
from parkrisk.scenarios import park_from_json, read
from parkrisk.scenarios.changing.changes import change
from parkrisk.scenarios.changing.scenario_files import apply_all, read_scenario, scenario_files
from parkrisk.scenarios.park import Park
from tests.scenarios.sample import document

GOOD = """
name = "球罐搬迁"
note = "moves, refills, swaps, closes"
remove = ["T2"]
close = ["road"]
out_of_service = ["valve"]

[move]
S1 = [500650.0, 3300450]

[refill]
T1 = 0.4

[substance]
T1 = "乙醇"

[set.enterprises.E1]
staff_day = 80

[weather]
wind_from = 90

[[housing]]
x = 502000.0
y = 3300500.0
day = 50
night = 120

[[add.units]]
unit_id = "N1"
enterprise_id = "E1"
kind = "atmospheric_tank"
x = 500600.0
y = 3300500.0
diameter_m = 20.0
height_m = 12.0
substance = "67-56-1"
"""


def sample(**tables: Any) -> dict[str, Any]:
    found = document()
    found["lines"] = [
        {"line_id": line, "point": point, "x": 500100.0 * 1.0 + 200.0 * point, "y": 3300800.0}
        for line in ("road", "empty")
        for point in (1, 2)
    ]
    found["transport"] = [
        {
            "transport_id": "trucks",
            "line_id": "road",
            "mode": "road_outside",
            "vehicle": "atmospheric",
            "substance": "67-56-1",
            "load_t": 20.0,
            "loads_per_year": 100.0,
        }
    ]
    found["units"][2] |= {"isolation_class": "A"}
    found["barriers"] = [
        {"barrier_id": name, "unit_id": which, "kind": kind}
        for name, which, kind in (
            ("valve", "S1", "isolation_valve"),
            ("weak", "T1", "isolation_valve"),
            ("spray", "S1", "deluge"),
            ("relief", "S1", "relief_valve"),
            ("dyke", "T2", "bund"),
        )
    ]
    return found | tables


@pytest.fixture(scope="module")
def park() -> Park:
    return park_from_json(sample())


def write(folder: Path, text: str, name: str = "case.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def faults(caught: pytest.ExceptionInfo[InputProblems]) -> list[tuple[str, str, str, str]]:
    return [(each.table, each.column, each.code, each.found) for each in caught.value.problems]


def row(park: Park, table: str, key: str, name: str) -> dict[str, Any]:
    (found,) = park.tables[table].query(f"{key} == @name").to_dict("records")
    return found


def test_a_good_file(park: Park, tmp_path: Path) -> None:
    scenario = read_scenario(write(tmp_path, GOOD))
    assert (scenario.name, scenario.file, scenario.problems) == ("球罐搬迁", "case.toml", ())
    after = scenario.apply(park)
    assert after.tables["units"]["unit_id"].tolist() == ["N1", "S1", "T1"]
    sphere, tank = row(after, "units", "unit_id", "S1"), row(after, "units", "unit_id", "T1")
    assert (sphere["x"], sphere["y"], sphere["isolation_class"]) == (500650.0, 3300450.0, "C")
    assert (tank["fill_fraction"], tank["substance"]) == (0.4, "64-17-5")
    assert after.tables["transport"].empty
    assert "valve" not in set(after.tables["barriers"]["barrier_id"])
    assert row(after, "enterprises", "enterprise_id", "E1")["staff_day"] == 80.0
    assert row(after, "population", "cell_id", "cell@502000,3300500")["night"] == 120.0
    weather = after.tables["weather"]
    assert set(weather["wind_from"][weather["frequency"] > 0.0]) == {90.0}
    assert park.digest() == park_from_json(sample()).digest()


def test_edits_end_assumptions_and_renew_what_was_derived(park: Park) -> None:
    before = park.assumptions.query("table == 'units' and row == 'T1'")["column"].tolist()
    assert {"fill_fraction", "volume_m3"} <= set(before)
    after = change(park, edit={"units": {"T1": {"fill_fraction": 0.4, "diameter_m": 10.0}}})
    left = after.assumptions.query("table == 'units' and row == 'T1'")["column"].tolist()
    assert "fill_fraction" not in left
    assert "volume_m3" in left
    assert row(after, "units", "unit_id", "T1")["volume_m3"] == pytest.approx(math.pi / 4.0 * 100.0 * 12.0)


def test_an_edit_is_what_reading_the_edited_park_gives(park: Park) -> None:
    asked = sample()
    asked["units"][0] |= {"fill_fraction": 0.4, "substance": "64-17-5"}
    after = change(park, edit={"units": {"T1": {"fill_fraction": 0.4, "substance": "64-17-5"}}})
    assert after.digest() == park_from_json(asked).digest()


def test_fixed_weather_keeps_proportions_and_sectors(park: Park) -> None:
    calm = change(park, weather={"stability": "F"}).tables["weather"]
    assert calm["frequency"].sum() == pytest.approx(1.0)
    assert set(calm["stability"]) == {"F"}
    windy = change(park, weather={"wind_speed": 3, "stability": "D"}).tables["weather"]
    assert windy["frequency"].tolist() == pytest.approx([0.125] * 8)


def test_units_and_bunds_out_of_service(park: Park) -> None:
    found = sample()
    found["units"][1] |= {"bund_area_m2": 400.0}
    after = change(park_from_json(found), disable=["dyke", "T1"])
    assert math.isnan(row(after, "units", "unit_id", "T2")["bund_area_m2"])
    assert row(after, "units", "unit_id", "T1")["in_service"] == "no"


def test_deluges_and_their_supply_out_of_service(park: Park) -> None:
    assert "spray" not in set(change(park, disable=["spray"]).tables["barriers"]["barrier_id"])
    found = sample()
    found["barriers"] += [
        {"barrier_id": f"spray-{name}", "unit_id": name, "kind": "deluge", "system": "pumps"} for name in ("T1", "T2")
    ]
    after = change(park_from_json(found), disable=["pumps"]).tables["barriers"]
    assert after["barrier_id"].tolist() == ["dyke", "relief", "spray", "valve", "weak"]
    with pytest.raises(InputProblems) as caught:
        change(park_from_json(found), disable=["pump"])
    assert "did you mean 'pumps'" in caught.value.problems[0].message_en


BAD = """
name = 3
remov = ["T1"]
remove = "T1"
close = ["empty", "raod"]
out_of_service = ["weak", "relief", "nobody"]

[move]
T1 = [1.0]

[refill]
T1 = 1.5
T9 = 0.5

[substance]
S1 = "unobtainium"

[set.units.T2]
unit_id = "X"
colour = "red"

[set.tanks.T2]
fill_fraction = 0.5

[weather]
wind_from = 10
speed = 3

[[housing]]
x = 502000.0
y = 3300500.0
day = -3
night = 1
"""


def test_every_mistake_at_once(park: Park, tmp_path: Path) -> None:
    scenario = read_scenario(write(tmp_path, BAD))
    with pytest.raises(InputProblems) as caught:
        scenario.apply(park)
    found = faults(caught)
    expected = {
        ("case.toml", "name", "scenario_value", "3"),
        ("case.toml", "remov", "scenario_key", "remov"),
        ("case.toml", "remove", "scenario_value", "T1"),
        ("case.toml", "move.T1", "scenario_value", "[1.0]"),
        ("case.toml: transport", "transport_id", "road_without_transport", "empty"),
        ("case.toml: transport", "transport_id", "unknown_road", "raod"),
        ("case.toml: units", "isolation_class", "barrier_has_no_effect", "weak"),
        ("case.toml: barriers", "kind", "relief_not_modelled", "relief"),
        ("case.toml: barriers", "barrier_id", "unknown_barrier", "nobody"),
        ("case.toml: units", "T1.fill_fraction", "out_of_range", "1.5"),
        ("case.toml: units", "unit_id", "unknown_row", "T9"),
        ("case.toml: units", "S1.substance", "unknown_substance", "unobtainium"),
        ("case.toml: units", "T2.unit_id", "key_edited", "X"),
        ("case.toml: units", "T2.colour", "unknown_column", "colour"),
        ("case.toml: tanks", "", "unknown_table", "tanks"),
        ("case.toml: weather", "wind_from", "weather_unknown", "wind_from = 10"),
        ("case.toml: weather", "speed", "unknown_column", "speed"),
        ("case.toml: population", "day", "out_of_range", "-3"),
    }
    assert expected == set(found)
    for each in caught.value.problems:
        assert each.message_zh
        assert each.message_en
        assert each.message_zh != each.message_en
    by_code = {each.code: each.message_en for each in caught.value.problems}
    assert "did you mean 'remove'" in by_code["scenario_key"]
    assert "45" in by_code["weather_unknown"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "scenario_empty"),
        ('name = "idle"', "scenario_empty"),
        ("remove = []", "scenario_empty"),
        ("[move]\nT1 = [500400.0, 3300500.0]", "scenario_no_effect"),
        ("remove = [", "unreadable"),
        ("[set]\nunits = 3", "scenario_value"),
        ("[[housing]]", "missing_column"),
        ('remove = ["nothing"]', "unknown_unit"),
        ("[[add.nothing]]\nx = 3", "unknown_table"),
        ("housing = 3", "scenario_value"),
        ("refill = 3", "scenario_value"),
        ("[refill]\nT1 = nan", "not_finite"),
        ("[move]\nT1 = [nan, 3.0]", "scenario_value"),
        ("[move]\nT1 = [0.0, 3.0]", "outside_boundary"),
        ("weather = 3", "scenario_value"),
        ('remove = ["T1"]\n[move]\nT1 = [500500.0, 3300500.0]', "unknown_unit"),
    ],
)
def test_bad_files(park: Park, tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(InputProblems) as caught:
        read_scenario(write(tmp_path, text)).apply(park)
    assert code in {each.code for each in caught.value.problems}
    assert all(each.table.startswith("case.toml") for each in caught.value.problems)


def test_not_a_text_file(park: Park, tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    for content in (b"\xff\xfe\x00", b"PK\x03\x04", b"\x00" * 9):
        path.write_bytes(content)
        with pytest.raises(InputProblems):
            read_scenario(path).apply(park)


def test_a_folder(park: Park, tmp_path: Path) -> None:
    with pytest.raises(InputProblems) as caught:
        scenario_files(tmp_path)
    assert [each.code for each in caught.value.problems] == ["scenario_folder_empty"]
    write(tmp_path, 'remove = ["T1"]', "b.toml")
    write(tmp_path, 'remove = ["T2"]', "a.toml")
    files = scenario_files(tmp_path)
    assert [path.name for path in files] == ["a.toml", "b.toml"]
    first, second = apply_all([read_scenario(path) for path in files], park)
    assert first.tables["units"]["unit_id"].tolist() == ["S1", "T1"]
    assert second.tables["units"]["unit_id"].tolist() == ["S1", "T2"]
    write(tmp_path, 'remove = ["T3"]', "b.toml")
    write(tmp_path, 'remove = ["T4"]', "c.toml")
    with pytest.raises(InputProblems) as caught:
        apply_all([read_scenario(path) for path in scenario_files(tmp_path)], park)
    assert [each.table for each in caught.value.problems] == ["b.toml: units", "c.toml: units"]
    assert scenario_files(files[0]) == [files[0]]


def test_rows_may_be_added_twice_over(park: Park, tmp_path: Path) -> None:
    """Housing and added population are one list."""
    text = "[[housing]]\nx=502000.0\ny=3300500.0\nday=5\nnight=5\n"
    text += "[[add.population]]\nx=502100.0\ny=3300500.0\nday=6\nnight=6\n"
    after = read_scenario(write(tmp_path, text)).apply(park)
    assert len(after.tables["population"]) == len(park.tables["population"]) + 2


def test_shipped_scenarios_change_their_park() -> None:
    folder = example_park("zhoushan")
    files = scenario_files(folder / "scenarios")
    scenarios = [read_scenario(path) for path in files]
    parks = apply_all(scenarios, read(folder))
    assert len({each.digest() for each in parks}) == len(files) >= 6
