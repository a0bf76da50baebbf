"""Workbooks read back what was written, in every form of header that people use."""

import datetime as dt
import re
import zipfile
from pathlib import Path

import pytest

from parkrisk.scenarios import park_from_json, problems, project_from_json, read, read_project, schema
from parkrisk.scenarios.reading.sources import document as read_document
from parkrisk.scenarios.reading.sources import kind_of
from parkrisk.scenarios.writing.template import example_rows
from tests.minimal_park import PROJECTS, document, park
from tests.scenarios.workbook_maker import Formula, Maker, Shown, letters, minimal, place, replaced


def codes(path: Path) -> list[tuple[str, str]]:
    return [(fault.code, fault.place) for fault in problems(path)]


def test_the_workbook_is_the_same_park_as_the_folder(tmp_path: Path) -> None:
    path = minimal().write(tmp_path / "park.xlsx")
    found = read(path)
    assert found.warnings == ()
    assert found.digest() == park().digest()


def test_a_project_is_read_and_known_by_its_sheet(tmp_path: Path) -> None:
    given = read_document(PROJECTS / "diesel-tank", "project")
    maker = Maker()
    maker.section("project", given["project"])
    for name in ("units", "answers", "indicators"):
        maker.add(name, given.get(name, []))
    path = maker.write(tmp_path / "project.xlsx")
    assert kind_of(path) == "project"
    assert kind_of(minimal().write(tmp_path / "park.xlsx")) == "park"
    assert read_project(path).digest() == project_from_json(given).digest()


def test_headings_may_be_names_or_labels_on_one_row_below_a_title(tmp_path: Path) -> None:
    maker = minimal()
    for name in ("设备", "人口"):
        rows = maker.sheets.pop(name)
        table = next(t for t in schema.tables().values() if t.label_zh == name)
        heading = [column.label_zh for column in table.columns.values()]
        maker.sheets[table.label_en.upper()] = [["某园区登记表"], [], heading, *(row[1:] for row in rows[3:])]
    assert read(maker.write(tmp_path / "park.xlsx")).digest() == park().digest()


def test_a_heading_in_another_unit_converts_its_column(tmp_path: Path) -> None:
    maker = minimal()
    rows = maker.sheets["设备"]
    at = rows[2].index("pressure_kpa")
    rows[0][at] = rows[2][at] = "操作压力（MPa）"
    for row in rows[3:]:
        row[at] = row[at] / 1000
    assert read(maker.write(tmp_path / "park.xlsx")).digest() == park().digest()


def test_rows_of_remarks_and_explaining_sheets_are_no_data(tmp_path: Path) -> None:
    maker = minimal()
    (example,) = example_rows("enterprises")
    maker.sheets["企业"].insert(3, ["示例", *(example.get(name, "") for name in schema.table("enterprises").columns)])
    maker.sheets["说明"] = [["如何填写"], ["每张表一行一条"]]
    maker.sheets["_lists"] = [["a", "b"]]
    maker.sheets["Sheet1"] = []
    path = maker.write(tmp_path / "park.xlsx")
    found = read(path)
    assert found.warnings == ()
    assert found.digest() == park().digest()


def test_a_sheet_that_nobody_filled_is_no_table(tmp_path: Path) -> None:
    maker = minimal()
    maker.add("lines", [])
    maker.add("targets", [])
    maker.add("weather", [])
    found = problems(maker.write(tmp_path / "park.xlsx"))
    assert {("targets", "table_not_given"), ("weather", "empty_table")} <= {(p.table, p.code) for p in found}
    assert "lines" not in {p.table for p in found}


def test_the_zeros_that_a_cell_shows_belong_to_its_id(tmp_path: Path) -> None:
    maker, plain = minimal(), document()
    maker.set("enterprises", 6, "enterprise_id", Shown(7, "000"))
    maker.set("enterprises", 6, "name", "第三企业")
    maker.set("units", 4, "enterprise_id", "007")
    plain["enterprises"].append({"enterprise_id": "007", "name": "第三企业"})
    plain["units"][0]["enterprise_id"] = "007"
    assert read(maker.write(tmp_path / "park.xlsx")).digest() == park_from_json(plain).digest()


@pytest.mark.parametrize("since_1904", [False, True])
def test_dates_are_read_in_the_system_of_the_workbook(tmp_path: Path, since_1904: bool) -> None:
    maker = minimal()
    maker.options["date_1904"] = since_1904
    for row in maker.sheets["园区"]:
        if row[0] == "date":
            row[3] = dt.date(2026, 11, 1)
    path = maker.write(tmp_path / "park.xlsx")
    found = read(path)
    assert found.digest() == park().digest()
    assert ("date_1904" in {warning.code for warning in found.warnings}) == since_1904


def test_the_boundary_may_have_holes_and_parts_and_corners_in_any_order(tmp_path: Path) -> None:
    maker = minimal()
    outer = [(0, 0), (1000, 0), (1000, 300), (0, 300)]
    hole = [(400, 10), (450, 10), (450, 40)]
    other = [(2000, 0), (2100, 0), (2100, 100)]
    rows = [
        [polygon, ring, point, 500000 + x, 4500000 + y]
        for polygon, ring, corners in ((1, 1, outer), (1, 2, hole), (2, 1, other))
        for point, (x, y) in enumerate(corners, start=1)
    ]
    maker.sheets["四至"] = [["面序号", "环序号", "点序号", "横坐标", "纵坐标"], *reversed(rows)]
    found = read(maker.write(tmp_path / "park.xlsx")).boundary
    assert found.area == pytest.approx(1000 * 300 - 50 * 30 / 2 + 100 * 100 / 2)
    assert len(found.geoms) == 2


def test_faults_of_the_boundary_have_their_cells(tmp_path: Path) -> None:
    maker = minimal()
    maker.sheets["四至"] = [["ring", "x", "y"], [1, 500000, 4500000], [1, 501000, "北"], [1, 501000, 4500300]]
    assert ("not_a_number", "四至!C3") in codes(maker.write(tmp_path / "park.xlsx"))
    maker.sheets["四至"] = [["x", "y"], [500000, 4500000], [501000, 4500000], [500000, 4500000]]
    assert ("ring_too_short", "四至!2") in codes(maker.write(tmp_path / "park.xlsx"))
    del maker.sheets["四至"]
    ((number, row),) = ((n, row) for n, row in enumerate(maker.sheets["园区"], 1) if row[0] == "boundary")
    row[3] = "boundary.geojson"
    assert ("boundary_unreadable", f"园区!D{number}") in codes(maker.write(tmp_path / "park.xlsx"))


def test_swapped_coordinates_and_a_wrong_crs_have_their_cells(tmp_path: Path) -> None:
    maker = minimal()
    maker.set("units", 5, "x", 4500100)
    maker.set("units", 5, "y", 500130)
    assert ("coordinates_swapped", "设备!F5") in codes(maker.write(tmp_path / "park.xlsx"))
    maker.sheets["园区"][4][3] = "北京54"
    assert ("crs_unknown", "园区!D5") in codes(maker.write(tmp_path / "park.xlsx"))


def test_a_sheet_of_the_park_without_values_is_said(tmp_path: Path) -> None:
    maker = minimal()
    maker.sheets["园区"][0][3] = "填写处"
    assert ("section_value", "园区") in codes(maker.write(tmp_path / "park.xlsx"))
    maker.sheets["园区"] = [["name", "value"], *([["海拔", ""]] * 300)]
    assert ("section_long", "园区") in codes(maker.write(tmp_path / "park.xlsx"))
    maker.sheets["园区"] = []
    assert ("section_value", "园区") in codes(maker.write(tmp_path / "park.xlsx"))
    del maker.sheets["园区"]
    assert "missing_table" in {code for code, _ in codes(maker.write(tmp_path / "park.xlsx"))}


def test_a_formula_counts_with_its_result(tmp_path: Path) -> None:
    maker = minimal()
    maker.set("units", 4, "volume_m3", Formula("=1000*2", 2000))
    maker.set(
        "units", 5, "note", Formula('=""&"substance given by its Chinese name"', "substance given by its Chinese name")
    )
    path = maker.write(tmp_path / "park.xlsx")
    found = read(path)
    assert found.warnings == ()
    assert found.digest() == park().digest()


def test_a_formula_without_value_at_the_end_of_a_sheet_is_found(tmp_path: Path) -> None:
    maker = minimal()
    maker.set("units", 12, "unit_id", Formula('="T-"&102'))
    assert ("formula_without_value", "设备!B12") in codes(maker.write(tmp_path / "park.xlsx"))


def test_a_workbook_whose_elements_have_a_prefix_is_read(tmp_path: Path) -> None:
    """Some programs write <x:c> for <c>; the standard allows both."""
    maker = minimal()
    maker.set("units", 4, "volume_m3", Formula("=1000*2"))
    path = maker.write(tmp_path / "park.xlsx")
    with zipfile.ZipFile(path) as file:
        sheets = [name for name in file.namelist() if name.startswith("xl/worksheets/")]
    for name in sheets:
        replaced(
            path, name, lambda text: re.sub(rb"<(/?)([a-zA-Z])", rb"<\1x:\2", text).replace(b"xmlns=", b"xmlns:x=")
        )
    assert codes(path) == [("formula_without_value", place("units", 4, "volume_m3"))]


def test_a_table_on_two_sheets_is_not_half_read(tmp_path: Path) -> None:
    for name in ("设备2", "设备 (2)", "设备（续）", "装置清单"):
        maker = minimal()
        maker.sheets[name] = maker.sheets["设备"]
        assert ("sheet_twice", name) in codes(maker.write(tmp_path / "park.xlsx"))


def test_headings_that_contradict_each_other_are_named(tmp_path: Path) -> None:
    for first, last in (
        ("操作压力（表压）〔kPa(g)〕", "pressure_mpa"),
        ("操作压力（bar）", "操作压力（MPa）"),
        ("操作温度", "pressure_kpa"),
    ):
        maker = minimal()
        rows = maker.sheets["设备"]
        at = rows[2].index("pressure_kpa")
        rows[0][at], rows[2][at] = first, last
        place = f"设备!{letters('units', 'pressure_kpa')}3"
        assert ("heading_contradicts", place) in codes(maker.write(tmp_path / "park.xlsx"))


def test_a_unit_on_the_row_of_labels_alone_converts_its_column(tmp_path: Path) -> None:
    maker = minimal()
    rows = maker.sheets["设备"]
    at = rows[2].index("pressure_kpa")
    rows[0][at] = "操作压力〔MPa〕"
    for row in rows[3:]:
        row[at] = row[at] / 1000
    assert read(maker.write(tmp_path / "park.xlsx")).digest() == park().digest()


def test_number_formats_that_show_another_unit_are_named(tmp_path: Path) -> None:
    maker = minimal()
    rows = maker.sheets["设备"]
    rows[0][rows[2].index("fill_fraction")] = "正常充装系数（%）"
    maker.set("units", 4, "fill_fraction", Shown(0.85, "0%"))
    maker.set("units", 5, "fill_fraction", "85 %")
    maker.set("units", 4, "pressure_kpa", Shown(1.6, '0.0" MPa"'))
    maker.set("units", 5, "pressure_kpa", Shown(1.6, '0.0" kPa"'))
    maker.set("units", 4, "mass_t", Shown(5, "0%"))
    maker.set("units", 5, "mass_t", Shown(500, r"0\k\g"))
    found = codes(maker.write(tmp_path / "park.xlsx"))
    assert ("format_percent", place("units", 4, "fill_fraction")) in found
    assert ("format_unit", place("units", 4, "pressure_kpa")) in found
    assert ("format_unit", place("units", 5, "mass_t")) in found
    assert ("scaled_format", place("units", 4, "mass_t")) in found
    assert not {cell for _, cell in found} & {place("units", 5, name) for name in ("fill_fraction", "pressure_kpa")}


def test_data_above_the_heading_are_not_lost(tmp_path: Path) -> None:
    maker = minimal()
    rows = maker.sheets["设备"]
    rows.insert(0, rows.pop())
    assert ("data_above_header", "设备!1") in codes(maker.write(tmp_path / "park.xlsx"))


@pytest.mark.parametrize(
    ("code", "rows"),
    [
        ("corner_order", [[1, 1, n, 500000 + x, 4500000 + y] for n, x, y in ((1, 0, 0), (2, 900, 0), (2, 900, 300))]),
        ("corner_order", [[1, 1, n, 500000 + x, 4500000 + y] for n, x, y in ((1, 0, 0), ("", 9, 0), (2, 900, 300))]),
        ("outer_ring_missing", [[1, 2, "", 500000 + x, 4500000 + y] for x, y in ((0, 0), (900, 0), (900, 300))]),
    ],
)
def test_corners_without_a_certain_order_are_named(tmp_path: Path, code: str, rows: list) -> None:
    maker = minimal()
    maker.sheets["四至"] = [["polygon", "ring", "point", "x", "y"], *rows]
    assert code in {found for found, _ in codes(maker.write(tmp_path / "park.xlsx"))}


def test_units_in_the_names_of_the_section_convert_its_values(tmp_path: Path) -> None:
    maker = minimal()
    names = [row[0] for row in maker.sheets["园区"]]
    row = maker.sheets["园区"][names.index("air_pressure_kpa")]
    row[0], row[3] = "年平均气压（hPa）", 1000
    assert read(maker.write(tmp_path / "park.xlsx")).info["air_pressure_kpa"] == 100.0
    row[0] = "年平均气压（mmHg）"
    assert "header_unit" in {code for code, _ in codes(maker.write(tmp_path / "park.xlsx"))}
