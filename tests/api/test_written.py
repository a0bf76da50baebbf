"""One workbook of all tables, one GeoPackage with styles: read back by other programs."""

import dataclasses
import datetime as dt
import sqlite3
from xml.etree import ElementTree as ET

import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely

from parkrisk.api.written.geopackage import write_geopackage
from parkrisk.api.written.workbook import write_tables
from parkrisk.risk.trace.lineage import table_labels
from tests import minimal_park


@pytest.fixture(scope="module")
def result():
    return minimal_park.assessment()


@pytest.fixture(scope="module")
def book(result, tmp_path_factory):
    return openpyxl.load_workbook(write_tables(result, tmp_path_factory.mktemp("book") / "tables.xlsx"))


@pytest.fixture(scope="module")
def package(result, tmp_path_factory):
    return write_geopackage(result, tmp_path_factory.mktemp("map") / "park.gpkg")


def sheet_of(book, name):
    return book[table_labels()[name].label_zh]


def test_every_table_has_its_sheet_with_every_cell(result, book):
    for name, table in result.tables().items():
        rows = list(sheet_of(book, name).iter_rows(values_only=True))
        assert rows[1] == tuple(table.columns)
        assert len(rows) == 2 + len(table)
        for column, cells in zip(table, zip(*rows[2:], strict=True), strict=False):
            for cell, value in zip(cells, table[column], strict=True):
                if isinstance(value, float) and not np.isnan(value):
                    assert cell == pytest.approx(value, rel=1e-14)
                elif isinstance(value, str):
                    assert (cell or "") == value.replace("\r", "")


def test_every_result_table_has_a_label(result):
    assert set(result.tables()) <= set(table_labels())


def test_labels_name_units_and_say_how(book):
    sheet = sheet_of(book, "targets")
    head = {sheet.cell(2, place).value: sheet.cell(1, place) for place in range(1, sheet.max_column + 1)}
    assert head["individual_risk"].value == "个人风险（1/yr）"
    assert "Σ" in head["individual_risk"].comment.text
    assert sheet.freeze_panes == "B3"


def test_text_that_looks_like_a_formula_is_text(result, tmp_path):
    evil = result.targets.assign(name='=HYPERLINK("http://x")')
    path = write_tables(dataclasses.replace(result, targets=evil), tmp_path / "t.xlsx")
    sheet = openpyxl.load_workbook(path)[table_labels()["targets"].label_zh]
    assert {cell.data_type for row in sheet.iter_rows(min_row=3) for cell in row if cell.value} <= {"s", "n", "b"}


def test_the_same_result_is_the_same_file(result, tmp_path):
    for write, ending in ((write_tables, "xlsx"), (write_geopackage, "gpkg")):
        one, other = (write(result, tmp_path / f"{name}.{ending}").read_bytes() for name in "ab")
        assert one == other


def test_layers_hold_the_results_in_the_crs_of_the_park(result, package):
    assert [name for name, _ in pyogrio.list_layers(package) if name != "layer_styles"] == [
        *("boundary", "contours", "enterprises", "hazard_units", "population", "domino_pairs", "units", "targets"),
    ]
    info, _, shapes, fields = pyogrio.raw.read(package, layer="targets")
    assert info["crs"] == result.park.crs
    found = pd.DataFrame(dict(zip(info["fields"], fields, strict=True))).set_index("target_id")
    expected = result.targets.set_index("target_id")
    assert found["individual_risk"].to_dict() == expected["individual_risk"].to_dict()
    places = dict(zip(found.index, shapely.from_wkb(shapes), strict=True))
    assert {name: (place.x, place.y) for name, place in places.items()} == {
        name: (row.x, row.y) for name, row in expected[["x", "y"]].iterrows()
    }


def test_contours_have_the_areas_of_the_result(result, package):
    info, _, shapes, fields = pyogrio.raw.read(package, layer="contours")
    levels = fields[list(info["fields"]).index("individual_risk_per_year")]
    areas = dict(zip(levels.tolist(), shapely.area(shapely.from_wkb(shapes)), strict=True))
    expected = {level: area.area for level, area in result.contours().items() if not area.is_empty}
    assert areas == pytest.approx(expected)


def test_every_layer_has_a_default_style_that_names_its_fields_and_values(package):
    with sqlite3.connect(package) as base:
        styles = base.execute("SELECT f_table_name, styleQML, useAsDefault FROM layer_styles").fetchall()
    assert {name for name, _, _ in styles} == {name for name, _ in pyogrio.list_layers(package)} - {"layer_styles"}
    for name, qml, default in styles:
        assert default == 1
        root = ET.fromstring(qml.split("\n", 1)[1])
        renderer = root.find("renderer-v2")
        info, _, _, fields = pyogrio.raw.read(package, layer=name)
        symbols = {symbol.get("name") for symbol in renderer.iter("symbol")}
        assert symbols
        if renderer.get("type") == "categorizedSymbol":
            values = set(fields[list(info["fields"]).index(renderer.get("attr"))])
            assert values <= {each.get("value") for each in renderer.iter("category")}
            assert {each.get("symbol") for each in renderer.iter("category")} == symbols


def test_dates_in_the_files_are_those_of_the_data(result, book, package):
    assert book.properties.created == dt.datetime.combine(result.park.date, dt.time())
    with sqlite3.connect(package) as base:
        stamps = {row[0] for row in base.execute("SELECT last_change FROM gpkg_contents")}
    assert stamps == {f"{result.park.date.isoformat()}T00:00:00.000Z"}
