"""Each kind of bad input → its problem, with the right table, row and column, in both languages."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkrisk.models.errors import InputProblems, Problem
from parkrisk.scenarios import park_from_json, problems, project_from_json, read, schema
from tests.scenarios.sample import SQUARE, WEATHER, document, unit, write

Document = dict[str, Any]

BOW_TIE = [[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]


def found(spoil: Callable[[Document], object]) -> tuple[Problem, ...]:
    """Problems of the sample park after ``spoil``."""
    spoilt = document()
    spoil(spoilt)
    return problems(spoilt)


def only(listed: tuple[Problem, ...]) -> Problem:
    assert len(listed) == 1, [(p.table, p.row, p.column, p.code, p.message_en) for p in listed]
    return listed[0]


def set_cell(table: str, row: int, column: str, value: object) -> Callable[[Document], None]:
    def spoil(spoilt: Document) -> None:
        spoilt[table][row - 1][column] = value

    return spoil


def place(problem: Problem) -> tuple[str, int | None, str, str, str]:
    return (problem.table, problem.row, problem.column, problem.code, problem.severity)


def test_the_sample_is_sound() -> None:
    assert problems(document()) == ()


@pytest.mark.parametrize(
    ("table", "row", "column", "value", "code", "says"),
    [
        ("units", 2, "x", "abc", "not_a_number", "should be a number, found 'abc'"),
        ("units", 2, "x", "500,500", "not_a_number", "write 500500"),
        ("units", 2, "diameter_m", "20 m", "not_a_number", "without a unit, in m"),
        ("units", 2, "fill_fraction", "85%", "not_a_number", "write 0.85"),
        ("units", 2, "diameter_m", "/", "not_a_number", "leave the cell empty"),
        ("units", 2, "diameter_m", float("nan"), "not_finite", "found 'nan'"),
        ("units", 2, "diameter_m", "NaN", "not_finite", "found 'NaN'"),
        ("units", 2, "y", float("inf"), "not_finite", "finite"),
        ("units", 2, "y", 10**400, "not_finite", "finite"),
        ("units", 2, "diameter_m", True, "not_a_value", "single value"),
        ("units", 2, "name", {"a": 1}, "not_a_value", "single value"),
        ("units", 2, "diameter_m", 20000, "out_of_range", "it looks like mm (that would be 20 m)"),
        ("units", 2, "fill_fraction", 85, "out_of_range", "it looks like per cent (that would be 0.85)"),
        ("units", 3, "pressure_kpa", 850000, "out_of_range", "it looks like Pa (that would be 850 kPa(g))"),
        ("units", 1, "mass_t", 3.0e6, "out_of_range", "it looks like kg (that would be 3000 t)"),
        ("units", 1, "kind", "atmosferic_tank", "not_a_choice", "did you mean 'atmospheric_tank'?"),
        ("weather", 3, "stability", "G", "not_a_choice", "allowed: A, B, C, D, E, F"),
        ("enterprises", 1, "residents_500m", 12.5, "not_whole", "whole number"),
        ("enterprises", 2, "name", "", "missing_value", "Name is required"),
        ("enterprises", 2, "name", None, "missing_value", "Name is required"),
        ("answers", 1, "date", "next week", "not_a_date", "2026-05-01"),
        ("units", 1, "substance", "99-99-9", "unknown_substance", "99-99-9"),
        ("units", 1, "substance", "methanole", "unknown_substance", "67-56-1"),
        ("contents", 1, "cas", "67-56-1", "content_repeated", "main substance"),
        ("units", 1, "enterprise_id", "E11", "dangling_reference", "did you mean 'E1'?"),
        ("contents", 1, "unit_id", "T9", "dangling_reference", "units"),
        ("barriers", 1, "unit_id", "T11", "dangling_reference", "did you mean 'T1'?"),
        ("units", 1, "assumed", "height;mass_t", "assumed_unknown_column", "did you mean 'height_m'?"),
        ("units", 1, "x", 500000.0 - 250.0, "outside_boundary", "250 m from it"),
        ("units", 3, "pressure_kpa", 0.85, "unit_suspected", "it looks like 0.85 MPa given as kPa; write 850"),
        ("units", 1, "fill_fraction", 0.95, "fill_over_largest", "0.95"),
        ("units", 2, "unit_id", "T\x07", "control_character", "control character"),
        ("enterprises", 2, "enterprise_id", "E;1", "semicolon_in_id", "semicolon"),
        ("answers", 1, "answer", "score", "score_missing", "needs a score"),
    ],
)
def test_a_wrong_cell(table: str, row: int, column: str, value: object, code: str, says: str) -> None:
    listed = [p for p in found(set_cell(table, row, column, value)) if p.table == table and p.severity == "error"]
    problem = only(tuple(listed))
    if column == "answer":
        column = "score"
    assert place(problem) == (table, row, column, code, "error")
    assert says in problem.message_en, problem.message_en
    assert re.search(r"[\u4e00-\u9fff]", problem.message_zh)
    json.dumps(problem.found, allow_nan=False)


@pytest.mark.parametrize(
    ("row", "column", "value", "code", "says"),
    [
        (1, "pressure_kpa", 101.3, "implausible", "perhaps absolute pressure"),
        (1, "temperature_c", 293.0, "implausible", "perhaps kelvin"),
        (3, "pressure_kpa", 200.0, "below_vapour_pressure", "below the vapour pressure"),
        (1, "volume_m3", 100.0, "volume_size", "3769.91"),
        (1, "volume_m3", 15079.6, "volume_size", "the radius"),
        (1, "volume_m3", 942.48, "volume_size", "twice too large"),
        (1, "mass_t", 9000.0, "mass_volume", "check both"),
        (1, "mass_t", 700_000.0, "mass_volume", "it looks like kg"),
    ],
)
def test_a_doubtful_cell_is_a_warning(row: int, column: str, value: object, code: str, says: str) -> None:
    problem = only(found(set_cell("units", row, column, value)))
    assert place(problem) == ("units", row, column, code, "warning")
    assert says in problem.message_en, problem.message_en
    spoilt = document()
    set_cell("units", row, column, value)(spoilt)
    assert [w.code for w in park_from_json(spoilt).warnings] == [code]


def test_a_slim_tank_of_fifty_thousand_cubic_metres_is_doubted() -> None:
    # pi/4 * 5^2 m2 make 50,000 m3 at 2,546 m.
    spoilt = document()
    spoilt["units"][0] |= {"diameter_m": 5.0, "height_m": None, "volume_m3": 50_000.0}
    problem = only(problems(spoilt))
    assert problem.code == "volume_too_high"
    assert "2546.48" in problem.message_en
    assert problem.severity == "warning"


def test_three_hundred_megapascal_is_refused_as_pascal() -> None:
    problem = only(found(set_cell("units", 1, "pressure_kpa", 300_000.0)))
    assert problem.code == "out_of_range"
    assert "it looks like Pa" in problem.message_en


def test_every_band_says_where_it_comes_from_and_catches_what_lies_outside() -> None:
    for band in schema.rows_of("plausible"):
        assert band["source"].endswith("unverified"), band
        column = schema.table(band["table"]).columns[band["column"]]
        low, high = float(band["minimum"]), float(band["maximum"])
        assert low < high
        # A band that no allowed value can leave would say nothing.
        assert column.maximum is None or high < column.maximum or column.minimum is None or low > column.minimum, band


def test_quantities_that_agree_raise_no_doubt() -> None:
    methanol_t = 3769.9 * 0.9 * 0.792
    assert found(set_cell("units", 1, "mass_t", methanol_t)) == ()


def test_missing_tables_and_columns() -> None:
    def spoil(spoilt: Document) -> None:
        del spoilt["weather"], spoilt["targets"]
        for row in spoilt["units"]:
            del row["kind"], row["substance"]
        spoilt["units"][1]["diametre_m"] = spoilt["units"][1].pop("diameter_m")

    listed = [(p.table, p.row, p.column, p.code, p.severity) for p in found(spoil)]
    assert ("weather", None, "", "missing_table", "error") in listed
    assert ("targets", None, "", "table_not_given", "warning") in listed
    assert ("units", None, "kind", "missing_column", "error") in listed
    assert ("units", None, "substance", "missing_column", "error") in listed
    assert ("units", None, "diametre_m", "unknown_column", "error") in listed
    assert "did you mean 'diameter_m'" in next(p.message_en for p in found(spoil) if p.code == "unknown_column")


def test_the_issue_list_all_at_once_with_file_rows(tmp_path: Path) -> None:
    folder = write(tmp_path / "park", document())
    (folder / "units.csv").write_bytes(
        "unit_id,名字,enterprise_id,kind,x,y,substance,diameter_m,height_m,pressure_kpa\r\n"
        "T1,罐一,E1,atmospheric_tank,500400,3300500,999-99-9,20,12,\r\n"
        "\r\n"
        "T2,罐二,E1,atmospheric_tank,500500,NaN,67-56-1,20,12,\r\n"
        "T1,罐三,E1,atmospheric_tank,500450,3300500,67-56-1,20,12,\r\n"
        "T4,罐四,E1,atmospheric_tank,499000,3300500,67-56-1,20,12,\r\n"
        "S1,球罐,E2,pressure_vessel,500700,3300500,丙烷,12.3,,0.85\r\n"
        "T5,短行,E1\r\n".encode("gbk")
    )
    (folder / "enterprises.csv").write_text("enterprise_id\nE1\nE2\n", encoding="utf-8")
    with pytest.raises(InputProblems) as caught:
        read(folder)
    listed = [(p.table, p.row, p.column, p.code) for p in caught.value.problems]
    assert listed == [
        ("enterprises", None, "name", "missing_column"),
        ("units", None, "", "encoding_gbk"),
        ("units", None, "名字", "unknown_column"),
        ("units", 1, "substance", "unknown_substance"),
        ("units", 3, "y", "not_finite"),
        ("units", 4, "unit_id", "duplicate_id"),
        ("units", 5, "x", "outside_boundary"),
        ("units", 6, "pressure_kpa", "unit_suspected"),
        ("units", 7, "", "ragged_row"),
    ]
    assert "already in row 1" in caught.value.problems[5].message_en
    assert all(re.search(r"[\u4e00-\u9fff]", p.message_zh) for p in caught.value.problems)
    assert caught.value.message_en == "8 problems in the input"


def test_unknown_files_and_keys(tmp_path: Path) -> None:
    folder = write(tmp_path / "park", document())
    (folder / "target.csv").write_text("a\n", encoding="utf-8")
    (folder / "sales.csv").write_text("a\n", encoding="utf-8")
    listed = [(p.table, p.code, p.severity) for p in problems(folder)]
    assert listed == [("sales", "unused_file", "warning"), ("target", "unknown_table", "error")]
    assert "did you mean 'targets'" in problems(folder)[1].message_en
    assert only(found(lambda d: d.update(unit=[]))).code == "unknown_table"


@pytest.mark.parametrize(
    ("section", "code"),
    [
        ({"crs": "EPSG:99999"}, "crs_unknown"),
        ({"crs": "+proj=utm +zone=51"}, "crs_unknown"),
        ({"crs": "EPSG:4490"}, "planar_crs_missing"),
        ({"crs": "EPSG:4490", "planar_crs": "EPSG:4326"}, "crs_not_planar"),
        ({"crs": "EPSG:2277"}, "crs_not_planar"),  # US survey feet
        ({"recognised": "perhaps"}, "not_a_choice"),
        ({"date": "soon"}, "not_a_date"),
        ({"nmae": "x"}, "unknown_column"),
        ({"boundary": "boundary.geojson"}, "boundary_unreadable"),
        ({"boundary": {"type": "Point", "coordinates": [0, 0]}}, "boundary_unreadable"),
        ({"boundary": {"type": "Polygon", "coordinates": []}}, "boundary_invalid"),
        ({"boundary": {"type": "Polygon"}}, "boundary_unreadable"),
        (
            {"boundary": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}},
            "boundary_invalid",
        ),
    ],
)
def test_a_wrong_section(section: Document, code: str) -> None:
    listed = [p for p in found(lambda d: d["park"].update(section)) if p.severity == "error"]
    problem = only(tuple(listed))
    assert (problem.table, problem.code) == ("park", code)


def test_a_park_without_boundary_is_read_with_a_doubt() -> None:
    assert only(found(lambda d: d["park"].pop("boundary"))).code == "boundary_not_given"


def move_all(spoilt: Document, change: Callable[[float, float], tuple[float, float]]) -> None:
    for name in ("units", "targets", "population"):
        for row in spoilt[name]:
            row["x"], row["y"] = change(row["x"], row["y"])
    ring = spoilt["park"]["boundary"]["coordinates"][0]
    ring[:] = [list(change(x, y)) for x, y in ring]


@pytest.mark.parametrize(
    ("section", "change", "code"),
    [
        ({}, lambda x, y: (y, x), "coordinates_swapped"),
        ({}, lambda x, y: (120.0 + x * 1e-8, 29.8 + y * 1e-9), "degrees_in_metres"),
        ({}, lambda x, y: (29.8 + y * 1e-9, 120.0 + x * 1e-8), "degrees_in_metres"),
        ({"crs": "EPSG:4490", "planar_crs": "EPSG:4549"}, lambda x, y: (x, y), "metres_in_degrees"),
        (
            {"crs": "EPSG:4490", "planar_crs": "EPSG:4549"},
            lambda x, y: (29.8 + (y - 3.3e6) * 1e-5, 120.0 + (x - 5e5) * 1e-5),
            "coordinates_swapped",
        ),
        ({}, lambda x, y: (x + 40e6, y), "zone_number"),
        ({"crs": "EPSG:4528"}, lambda x, y: (x, y), "zone_number_missing"),
        ({"crs": "EPSG:3857"}, lambda x, y: (x - 5e5 + 13358338.0, y - 3.3e6 + 3503549.0), "crs_distorts"),
    ],
)
def test_coordinates_in_the_wrong_form_are_refused(
    section: Document, change: Callable[[float, float], tuple[float, float]], code: str
) -> None:
    def spoil(spoilt: Document) -> None:
        spoilt["park"].update(section)
        move_all(spoilt, change)

    listed = found(spoil)
    assert {p.code for p in listed if p.severity == "error"} == {code}
    if code != "crs_distorts":
        rows = [(p.table, p.row) for p in listed if p.table != "park"]
        assert {("units", 1), ("units", 2), ("units", 3), ("targets", 1), ("population", 2)} <= set(rows)


def test_one_swapped_row_is_found_among_good_ones() -> None:
    def spoil(spoilt: Document) -> None:
        row = spoilt["units"][1]
        row["x"], row["y"] = row["y"], row["x"]

    problem = only(found(spoil))
    assert place(problem) == ("units", 2, "x", "coordinates_swapped", "error")


def test_a_local_origin_is_allowed_with_a_doubt() -> None:
    def spoil(spoilt: Document) -> None:
        move_all(spoilt, lambda x, y: (x - 500000.0, y - 3300000.0))

    assert {(p.code, p.severity) for p in found(spoil)} == {("outside_area", "warning")}


def test_the_zone_number_names_the_right_crs() -> None:
    listed = found(lambda spoilt: move_all(spoilt, lambda x, y: (x + 40e6, y)))
    assert "zone number 40" in listed[-1].message_en
    assert "EPSG:4528" in listed[-1].message_zh
    spoilt = document()
    spoilt["park"]["crs"] = "EPSG:4528"
    move_all(spoilt, lambda x, y: (x + 40e6, y))
    assert problems(spoilt) == ()


def test_what_lies_far_from_everything_is_doubted() -> None:
    problem = only(found(set_cell("targets", 1, "x", 580000.0)))
    assert place(problem) == ("targets", None, "x", "far_from_units", "warning")


def test_a_unit_on_the_boundary_is_inside() -> None:
    assert found(set_cell("units", 1, "x", 500000.0)) == ()


def test_targets_and_people_may_lie_outside() -> None:
    assert found(set_cell("targets", 1, "x", 510000.0)) == ()


@pytest.mark.parametrize(
    ("frequencies", "hint"),
    [([0.05] * 9, "they sum to 0.45"), ([10.0 / 9.0] * 9, ""), ([0.1] * 8 + [0.202], "they sum to 1.002")],
)
def test_weather_has_to_make_the_whole_year(frequencies: list[float], hint: str) -> None:
    def spoil(spoilt: Document) -> None:
        for row, frequency in zip(spoilt["weather"], frequencies, strict=True):
            row["frequency"] = frequency

    problem = next(p for p in found(spoil) if p.severity == "error")
    assert problem.table == "weather"
    if hint:
        assert place(problem) == ("weather", None, "frequency", "frequencies_sum", "error")
        assert hint in problem.message_en


def test_day_and_night_given_apart_are_explained() -> None:
    def spoil(spoilt: Document) -> None:
        rows = [{**row, "frequency": 0.125} for row in WEATHER[:8]]
        spoilt["weather"] = [{**row, "period": period} for period in ("day", "night") for row in rows]

    assert "each period sums to 1" in only(found(spoil)).message_en


@pytest.mark.parametrize(
    ("directions", "codes"),
    [
        ([0, 90, 180, 270], []),
        ([0, 90, 180], ["wind_sector_gaps"]),
        ([22, 45, 68, 90, 113, 135, 158, 180, 203, 225, 248, 270, 293, 315, 338, 360], []),
        ([45, 135, 225, 315], ["wind_resampled"]),
        ([270], ["wind_sectors"]),
        ([0, 50, 100], ["wind_sectors"]),
        ([None], []),
    ],
)
def test_wind_directions_have_to_be_equal_sectors(directions: list[float | None], codes: list[str]) -> None:
    def spoil(spoilt: Document) -> None:
        spoilt["weather"] = [
            {"wind_from": w, "wind_speed": 2.0, "stability": "D", "frequency": 1.0 / len(directions)}
            for w in directions
        ]

    assert [p.code for p in found(spoil)] == codes


def test_units_without_a_quantity() -> None:
    def spoil(spoilt: Document) -> None:
        spoilt["units"] += [
            unit("N1", height_m=None),
            unit("N2", kind="warehouse", diameter_m=None, height_m=None),
            unit("N3", kind="pump", diameter_m=None, height_m=None),
            unit("N4", height_m=None, in_service="no"),
            unit("N5", kind="refrigerated_tank"),
        ]
        for place, each in enumerate(spoilt["units"]):
            each["x"] = 500400.0 + 30.0 * place

    listed = [(p.row, p.column, p.code) for p in found(spoil)]
    assert listed == [
        (4, "volume_m3", "no_inventory"),
        (5, "mass_t", "no_mass"),
        (6, "pressure_kpa", "pressure_not_given"),
        (8, "temperature_c", "temperature_needed"),
    ]


def test_staff_without_a_unit() -> None:
    problem = only(found(lambda d: d["enterprises"].append({"enterprise_id": "E3", "name": "丙", "staff_day": 5})))
    assert place(problem) == ("enterprises", 3, "staff_day", "staff_without_place", "warning")


def test_two_contents_of_one_substance_by_two_names() -> None:
    problem = only(found(lambda d: d["contents"].append({"unit_id": "T1", "cas": "苯", "mass_t": 1.0})))
    assert place(problem) == ("contents", 2, "cas", "duplicate_id", "error")


def test_a_project_leaves_references_to_the_park_open() -> None:
    project = {
        "project": {"name": "p", "category": "new"},
        "units": [unit("N1", enterprise_id="somewhere", x=0.0, pressure_kpa=-500.0)],
    }
    listed = [(p.table, p.row, p.column, p.code) for p in problems(project)]
    assert listed == [("units", 1, "pressure_kpa", "out_of_range")]
    with pytest.raises(InputProblems):
        project_from_json(project)


def test_a_boundary_file_outside_the_folder_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.geojson").write_text(json.dumps(SQUARE), encoding="utf-8")
    folder = write(tmp_path / "park", document())
    text = (folder / "park.toml").read_text(encoding="utf-8").replace("boundary.geojson", "../secret.geojson")
    (folder / "park.toml").write_text(text, encoding="utf-8")
    assert only(problems(folder)).code == "boundary_unreadable"


FAULTS: dict[str, tuple[str, object, str]] = {
    "letters": ("diameter_m", "twenty", "not_a_number"),
    "not a number": ("y", "nan", "not_finite"),
    "too large": ("height_m", 5000, "out_of_range"),
    "misspelt kind": ("kind", "atmospheric tank farm", "not_a_choice"),
    "unknown substance": ("substance", "unobtainium", "unknown_substance"),
    "unknown enterprise": ("enterprise_id", "nobody", "dangling_reference"),
    "outside": ("x", 509000.0, "outside_boundary"),
    "swapped fill": ("fill_fraction", 0.99, "fill_over_largest"),
    "no kind": ("kind", "", "missing_value"),
}


@settings(max_examples=20, deadline=None)
@given(st.dictionaries(st.integers(1, 30), st.sampled_from(sorted(FAULTS)), max_size=12))
def test_every_fault_among_many_is_found_and_nothing_else(faults: dict[int, str]) -> None:
    spoilt = document()
    spoilt["units"] = [unit(f"T{k}", x=500100.0 + 20.0 * k, enterprise_id=("E1", "E2")[k % 2]) for k in range(1, 31)]
    spoilt["barriers"] = []
    for row, fault in faults.items():
        column, value, _ = FAULTS[fault]
        spoilt["units"][row - 1][column] = value
    expected = sorted((row, *FAULTS[fault][::2]) for row, fault in faults.items())
    listed = [(p.row, p.column, p.code) for p in problems(spoilt) if p.severity == "error"]
    assert listed == expected


def test_problems_are_listed_in_order() -> None:
    def spoil(spoilt: Document) -> None:
        spoilt["weather"][0]["stability"] = "X"
        spoilt["units"][1]["kind"] = "X"
        spoilt["units"][0]["y"] = "X"
        spoilt["park"]["date"] = "X"

    listed = found(spoil)
    assert list(listed) == sorted(listed, key=Problem.sort_key)
    assert [p.table for p in listed] == ["park", "units", "units", "weather"]
