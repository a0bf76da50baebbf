"""Headers that declare another unit: exact conversions, spellings, refusals."""

import csv
import io
from decimal import Decimal

import pytest

from parkrisk.scenarios import schema
from parkrisk.scenarios.reading.csv_files import csv_table, known_columns
from parkrisk.scenarios.reading.header_units import conversions, heading

UNITS = schema.table("units")


def _cell(header: str, cell: str, table: str = "units") -> tuple[str, str]:
    raw, problems = csv_table(f"{header}\n{cell}\n", schema.table(table))
    assert raw is not None
    assert not problems
    return raw.columns[0], raw.rows[0][0]


@pytest.mark.parametrize(
    ("header", "cell", "column", "value"),
    [
        ("pressure_mpa", "1.6", "pressure_kpa", "1600"),
        ("操作压力（MPa）", "1.6", "pressure_kpa", "1600"),
        ("操作压力（表压）（MPa）", "0.1", "pressure_kpa", "100"),
        ("操作压力（表压）〔kPa(g)〕", "0.1", "pressure_kpa", "0.1"),
        ("Operating pressure [bar]", "1.013", "pressure_kpa", "101.3"),
        ("操作压力(MPa)", "-0.01", "pressure_kpa", "-10"),
        ("工作压力（kgf/cm²）", "16", "pressure_kpa", "1569.064"),
        ("mass_kg", "1234.5", "mass_t", "1.2345"),
        ("设计最大存量（千克）", "1e3", "mass_t", "1"),
        ("temperature_k", "293.15", "temperature_c", "20"),
        ("操作温度（℃）", "-33.4", "temperature_c", "-33.4"),
        ("diameter_mm", "500", "diameter_m", "0.5"),
        ("直径(mm)", "１２００", "diameter_m", "1.2"),
        ("fill_percent", "85", "fill_fraction", "0.85"),
        ("充装系数（%）", "85", "fill_fraction", "0.85"),
        ("最大充装系数（％）", "7", "max_fill_fraction", "0.07"),
        ("公称容积（m³）", "50", "volume_m3", "50"),
        ("公称容积 [L]", "400", "volume_m3", "0.4"),
        ("hole_bore_m", "0.2", "hole_bore_mm", "200"),
    ],
)
def test_cells_come_out_in_the_unit_of_the_column(header: str, cell: str, column: str, value: str) -> None:
    assert _cell(header, cell) == (column, value)


def test_thousand_steps_of_megapascal_are_exact() -> None:
    # In floating point 1.6 * 1000 is right, 1.1 * 1000 is 1100.0000000000002; decimals are right always.
    known, _ = known_columns(["pressure_mpa"], UNITS)
    conversion = conversions(["pressure_mpa"], known, UNITS)[0]
    for kilopascal in range(1, 3001):
        assert Decimal(conversion.convert(str(Decimal(kilopascal) / 1000))) == kilopascal


def test_what_is_no_number_stays_as_it_stands() -> None:
    known, _ = known_columns(["pressure_mpa"], UNITS)
    conversion = conversions(["pressure_mpa"], known, UNITS)[0]
    for cell in ("", " ", "1.6 MPa", "nan", "－", "1,6"):
        assert conversion.convert(cell) == cell


@pytest.mark.parametrize("header", ["操作压力（MPa绝压）", "pressure_kpa(MPa(a))", "pressure_mpa_abs"])
def test_absolute_pressure_is_refused(header: str) -> None:
    known, problems = known_columns([header], UNITS)
    assert not known
    assert [problem.code for problem in problems] == ["header_absolute"]


def test_unknown_unit_lists_the_known_ones() -> None:
    _, problems = known_columns(["操作压力（psi）"], UNITS)
    assert [problem.code for problem in problems] == ["header_unit"]
    assert "MPa" in problems[0].message_zh
    assert "bar" in problems[0].message_en


def test_two_columns_that_say_the_same_are_a_duplicate() -> None:
    known, problems = known_columns(["pressure_kpa", "操作压力（MPa）"], UNITS)
    assert known == {0: "pressure_kpa"}
    assert [problem.code for problem in problems] == ["duplicate_column"]


def test_unknown_words_are_unknown_still() -> None:
    known, problems = known_columns(["colour", "presure_kpa", "颜色（MPa）"], UNITS)
    assert not known
    assert [problem.code for problem in problems] == ["unknown_column"] * 3
    assert "pressure_kpa" in problems[1].message_en


def test_every_name_and_label_of_every_table_means_its_column() -> None:
    for table in schema.tables().values():
        for column in table.columns.values():
            words = [column.name, column.label_zh, column.label_en]
            if column.unit:
                words += [f"{column.label_zh}〔{column.unit}〕", f"{column.label_en} ({column.unit})"]
            for word in words:
                found = heading(word, table)
                assert (found.column, found.conversion, found.fault) == (column.name, None, None), (table.name, word)


def test_units_of_the_data_file_are_units_of_columns() -> None:
    used = {column.unit for table in schema.tables().values() for column in table.columns.values()}
    for row in schema.rows_of("header_units"):
        assert row["unit"] in used, row
        assert Decimal(row["factor"]) > 0
    header = io.StringIO()
    csv.writer(header).writerow(["unit_id", "pressure_mpa"])
    table, problems = csv_table(header.getvalue() + "a,2.5\nb,\n", UNITS)
    assert table is not None
    assert not problems
    assert table.rows == (("a", "2500"), ("b", ""))


def test_a_name_that_states_two_units_is_refused() -> None:
    found = heading("pressure_kpa（MPa）", schema.table("units"))
    assert found.conversion is None
    assert found.fault is not None
    assert found.fault.code == "heading_contradicts"
    assert heading("pressure_kpa（kPa）", schema.table("units")).fault is None


def test_a_cell_may_repeat_the_unit_of_its_heading() -> None:
    conversion = heading("正常充装系数（%）", schema.table("units")).conversion
    assert conversion is not None
    assert [conversion.convert(cell) for cell in ("85", "85%", "85 ％", "85 kPa")] == ["0.85", "0.85", "0.85", "85 kPa"]
