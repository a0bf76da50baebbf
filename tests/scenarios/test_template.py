"""The workbook to fill in: openpyxl sees what Excel will offer, refuse, lock and explain."""

import dataclasses

import openpyxl
import pytest
from openpyxl.utils import range_boundaries

from parkrisk.scenarios import schema
from parkrisk.scenarios.park import build, found_problems
from parkrisk.scenarios.reading.objects import read_json
from parkrisk.scenarios.reading.sources import read_source
from parkrisk.scenarios.writing.template import example_rows, write_template

TABLES = {
    kind: [table for table in schema.tables().values() if table.of(kind) and table.form == "rows"]
    for kind in ("park", "project")
}
SHEETS = [*TABLES["park"], schema.table("boundary")]


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "park.xlsx"
    write_template(path)
    return openpyxl.load_workbook(path)


def rules(sheet):
    """First cell → validation."""
    found = {}
    for rule in sheet.data_validations.dataValidation:
        for area in str(rule.sqref).split():
            left, top, *_ = range_boundaries(area)
            found[(top, left)] = (rule, area)
    return found


def columns(sheet, table):
    return {name: place for place, name in enumerate(table.columns, start=2)}


def style_of(sheet, place):
    """Give the style of a column; neighbours of equal style stand together in the file."""
    (found,) = (style for style in sheet.column_dimensions.values() if style.min <= place <= style.max)
    return found


def test_one_sheet_per_table_and_what_explains_them(book):
    assert book.sheetnames == ["说明", "园区", *(table.label_zh for table in SHEETS), "选项"]


@pytest.mark.parametrize("table", SHEETS, ids=lambda table: table.name)
def test_header_is_locked_and_data_cells_are_open(book, table):
    sheet = book[table.label_zh]
    assert sheet.protection.sheet
    assert not sheet.protection.password
    assert sheet.freeze_panes == ("C4" if table.key else "B4")
    for name, place in columns(sheet, table).items():
        column = table.columns[name]
        top = [sheet.cell(row, place) for row in (1, 2, 3)]
        assert [cell.value for cell in top[1:]] == [column.label_en, name]
        assert top[0].value.startswith(column.label_zh)
        assert column.unit in ("", "1") or top[0].value.endswith(f"〔{column.unit}〕")
        assert all(cell.protection.locked for cell in top)
        style = style_of(sheet, place)
        assert not style.protection.locked
        assert style.number_format == ("General" if column.is_number else "@")
        assert 10 <= style.width <= 40


@pytest.mark.parametrize("table", SHEETS, ids=lambda table: table.name)
def test_required_columns_stand_out_and_comments_say_the_rest(book, table):
    sheet = book[table.label_zh]
    fills = {True: set(), False: set()}
    for name, place in columns(sheet, table).items():
        column, cell = table.columns[name], sheet.cell(1, place)
        fills[column.required].add(cell.fill.start_color.rgb)
        said = cell.comment.text
        assert ("必填" in said) == column.required
        assert column.description in said
        assert column.source in said
        assert column.unit in ("", "1") or f"单位：{column.unit}" in said
        for bound in (column.minimum, column.maximum):
            assert bound is None or f"{bound:.6g}" in said.replace(",", "") or f"{bound:.10g}" in said
        filled = sheet.cell(4, place).value
        assert filled.startswith("必填" if column.required else "空＝" if column.default else "选填")
    assert len(fills[True]) == 1
    assert not fills[True] & fills[False]


@pytest.mark.parametrize("table", SHEETS, ids=lambda table: table.name)
def test_excel_offers_the_choices_and_refuses_what_the_reader_refuses(book, table):
    sheet = book[table.label_zh]
    found = rules(sheet)
    for name, place in columns(sheet, table).items():
        column = table.columns[name]
        if column.type == "choice":
            rule, _ = found[(4, place)]
            area = rule.formula1.split("!")[1].replace("$", "")
            offered = [cell.value for (cell,) in book["选项"][area]]
            assert offered == [choice.label_zh for choice in schema.choices(column.choices)]
        elif column.is_number:
            rule, area = found[(4, place)]
            assert rule.type == ("whole" if column.type == "integer" else "decimal")
            assert column.minimum is None or float(rule.formula1) == column.minimum
            assert column.maximum is None or float(rule.formula2) == column.maximum
            assert range_boundaries(area)[3] > 10_000
        else:
            assert (4, place) not in found


@pytest.mark.parametrize("table", SHEETS, ids=lambda table: table.name)
def test_rows_above_the_data_are_marked_as_remarks(book, table):
    sheet = book[table.label_zh]
    marks = [sheet.cell(row, 1).value for row in range(1, sheet.max_row + 1)]
    assert marks[2] == "#"
    examples = example_rows(table.name)
    assert marks[3:] == ["填写", *["示例"] * len(examples)]
    assert len(examples) >= 1
    for row, example in enumerate(examples, start=5):
        for name, value in example.items():
            column, cell = table.columns[name], sheet.cell(row, columns(sheet, table)[name])
            if column.is_number:
                assert cell.value == float(value)
            elif column.type != "choice":
                assert cell.value == value


def test_an_empty_template_is_read_as_an_empty_park(tmp_path):
    write_template(tmp_path / "park.xlsx")
    raw = read_source(tmp_path / "park.xlsx", "park")
    assert {name for name, table in raw.tables.items() if table.rows and name != "park"} == set()
    assert raw.boundary is None
    assert {problem.code for problem in raw.problems} == {"empty_table", "table_not_given"}


def test_the_examples_would_be_a_park_and_are_refused_once_their_mark_is_cleared(tmp_path):
    write_template(tmp_path / "park.xlsx")
    book = openpyxl.load_workbook(tmp_path / "park.xlsx")
    for name, value in example_rows("park")[0].items():
        (row,) = (cells for cells in book["园区"].iter_rows(min_row=2) if cells[0].value == name)
        row[3].value = value
    for table in SHEETS:
        for cell in book[table.label_zh]["A"]:
            cell.value = None if cell.value == "示例" else cell.value
    book.save(tmp_path / "filled.xlsx")
    problems = found_problems(read_source(tmp_path / "filled.xlsx", "park"))
    errors = [(problem.code, problem.place) for problem in problems if problem.severity == "error"]
    assert {code for code, _ in errors} == {"example_as_data"}
    assert {"设备!5", "设备!6", "企业!5", "人口!5"} <= {place for _, place in errors}
    assert "remark_rows" not in {problem.code for problem in problems}
    raw = read_source(tmp_path / "filled.xlsx", "park")
    park = build(dataclasses.replace(raw, problems=()))
    assert park.tables["units"]["unit_id"].tolist() == ["P-301", "T-101"]
    assert park.boundary.area == pytest.approx(1700.0**2)


def test_an_example_that_was_typed_over_is_not_lost(tmp_path):
    write_template(tmp_path / "park.xlsx")
    book = openpyxl.load_workbook(tmp_path / "park.xlsx")
    sheet = book["设备"]
    assert sheet["A5"].value == "示例"
    sheet["B5"].value = "V-201"
    sheet["A7"].value, sheet["B7"].value = 1, "V-202"
    book.save(tmp_path / "filled.xlsx")
    found = {(each.code, each.place, each.found) for each in read_source(tmp_path / "filled.xlsx", "park").problems}
    assert {("example_overwritten", "设备!A5", "5"), ("numbered_rows", "设备!A7", "7")} <= found


@pytest.mark.parametrize("kind", ["park", "project"])
def test_the_examples_make_a_park(kind):
    document = {table.name: example_rows(table.name) for table in TABLES[kind]}
    (document[kind],) = example_rows(kind)
    problems = found_problems(read_json(document, kind))
    assert [problem.code for problem in problems if problem.severity == "error"] == []


def test_section_has_a_value_cell_for_every_entry(book):
    sheet, table = book["园区"], schema.table("park")
    assert [cell.value for cell in sheet[1]][:4] == ["name", "中文", "English", "值"]
    names = [sheet.cell(row, 1).value for row in range(2, sheet.max_row + 1)]
    assert names == [name for name in table.columns if name != "boundary"]
    found = rules(sheet)
    for row, name in enumerate(names, start=2):
        cell, column = sheet.cell(row, 4), table.columns[name]
        assert (cell.value, cell.protection.locked) == (None, False)
        assert column.description in cell.comment.text
        assert ((row, 4) in found) == (column.is_number or column.type == "choice")


def test_english_workbook_names_its_sheets_and_choices_in_english(tmp_path):
    write_template(tmp_path / "project.xlsx", "project", "en")
    book = openpyxl.load_workbook(tmp_path / "project.xlsx")
    assert book.sheetnames == ["说明", "Project", *(table.label_en for table in TABLES["project"]), "选项"]
    rule, _ = rules(book["Units"])[(4, 5)]
    area = rule.formula1.split("!")[1].replace("$", "")
    assert [cell.value for (cell,) in book["选项"][area]] == [choice.label_en for choice in schema.choices("unit_kind")]
    assert book["Project"]["D1"].value == "value"
