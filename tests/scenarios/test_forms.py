"""Folder, workbook, GeoPackage: whatever a park holds comes back the same from each, and from one through the other."""

import functools
import itertools
import unicodedata

import numpy as np
import openpyxl
import pyogrio
import pyogrio.raw
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parkrisk.api.examples import example_park
from parkrisk.models.errors import InputProblems
from parkrisk.scenarios import schema
from parkrisk.scenarios.park import build, found_problems
from parkrisk.scenarios.reading.cells import RawTable
from parkrisk.scenarios.reading.raw import RawInput
from parkrisk.scenarios.reading.sources import kind_of, read_source
from parkrisk.scenarios.writing import write
from parkrisk.scenarios.writing.plain import number_of
from tests.scenarios.random_parks import ODD, parks

FORMS = ("park", "park.xlsx", "park.gpkg")
MINIMAL = example_park("minimal")


def read(path):
    return read_source(path, kind_of(path))


def cells(raw):
    """What each table says, whatever its form: rows in any order, numbers as numbers, areas as areas."""
    found = {}
    for name, table in raw.tables.items():
        columns = schema.table(name).columns
        rows = [
            tuple(
                (column, _value(cell, columns[column]))
                for column, cell in sorted(zip(table.columns, row, strict=True))
                if cell.strip() and column not in ("boundary", "boundary_crs")
            )
            for row in table.rows
        ]
        if rows:
            found[name] = sorted(rows, key=repr)
    return found


def _value(cell, column):
    if column.name == "polygon":
        return shapely.to_wkb(shapely.from_wkt(cell))
    return number_of(cell) + 0.0 if column.is_number else cell


@functools.cache
def example(*names):
    path = MINIMAL.parent.joinpath(*names)
    raw = read(path)
    return raw, build(raw).digest()


#: Every way from one form to another, and back.
CHAINS = list(itertools.permutations(FORMS))
FEW, MANY = (settings(max_examples=n, suppress_health_check=list(HealthCheck)) for n in (3, 12))


def _comes_back(raw, folder, chain):
    digest, expected, current = build(raw).digest(), cells(raw), raw
    for form in chain:
        write(current, folder / form)
        current = read(folder / form)
        assert current.kind == raw.kind
        assert [problem for problem in current.problems if problem.severity == "error"] == []
        assert cells(current) == expected
        assert build(current).digest() == digest


@FEW
@given(raw=parks("park"), chain=st.sampled_from(CHAINS))
def test_any_park_comes_back_the_same_through_every_form(raw, chain, tmp_path_factory):
    _comes_back(raw, tmp_path_factory.mktemp("forms"), chain)


@FEW
@given(raw=parks("project"), chain=st.sampled_from(CHAINS))
def test_any_project_comes_back_the_same_through_every_form(raw, chain, tmp_path_factory):
    _comes_back(raw, tmp_path_factory.mktemp("forms"), chain)


@pytest.mark.slow
@MANY
@given(raw=st.one_of(parks("park"), parks("project")), chain=st.sampled_from(CHAINS))
def test_many_parks_come_back_the_same_through_every_form(raw, chain, tmp_path_factory):
    _comes_back(raw, tmp_path_factory.mktemp("forms"), chain)


@pytest.mark.parametrize("project", [None, "diesel-tank", "no-evidence"])
def test_the_minimal_park_and_its_projects(project, tmp_path):
    _through_every_form(("minimal", *(("projects", project) if project else ())), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    "project", [None, *sorted(path.name for path in (MINIMAL.parent / "zhoushan/projects").iterdir())]
)
def test_the_demonstration_park_and_its_projects(project, tmp_path):
    _through_every_form(("zhoushan", *(("projects", project) if project else ())), tmp_path)


def _through_every_form(names, folder):
    raw, digest = example(*names)
    current = raw
    for form in ("park.xlsx", "park.gpkg", "park"):
        write(current, folder / form)
        current = read(folder / form)
        assert cells(current) == cells(raw)
        assert build(current).digest() == digest


@pytest.mark.parametrize("form", FORMS[1:])
def test_the_same_park_gives_the_same_bytes(form, tmp_path):
    raw, _ = example("minimal", "projects", "diesel-tank")
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write(raw, tmp_path / name / form)
    assert (tmp_path / "a" / form).read_bytes() == (tmp_path / "b" / form).read_bytes()


def test_csv_files_open_in_a_chinese_excel(tmp_path):
    write(example("minimal")[0], tmp_path / "park")
    content = (tmp_path / "park/units.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")  # else it is taken for GBK
    assert "甲醇储罐" in content.decode("utf-8-sig")
    assert not (tmp_path / "park/park.toml").read_bytes().startswith(b"\xef\xbb\xbf")


def test_the_toml_file_has_numbers_and_dates_where_they_are_the_same(tmp_path):
    import tomllib

    columns = ("name", "date", "crs", "air_temperature_c", "relative_humidity", "day_fraction", "recognised")
    row = ('园"区\\', "2026-05-01", "EPSG:4549", "007.5", "0.70", "5e-1", "yes")
    table = RawTable("park", columns, (row,), (1,))
    write(RawInput("park", {"park": table}, None, ()), tmp_path / "park")
    section = tomllib.loads((tmp_path / "park/park.toml").read_text(encoding="utf-8"))["park"]
    assert section["relative_humidity"] == 0.7
    assert section["day_fraction"] == 0.5
    assert section["date"].isoformat() == "2026-05-01"
    assert section["air_temperature_c"] == "007.5"  # no number of TOML
    assert section["name"] == '园"区\\'


def test_a_folder_written_over_keeps_no_table_of_the_older_park(tmp_path):
    write(example("minimal")[0], tmp_path / "park")
    raw, digest = example("minimal", "projects", "no-evidence")
    fewer = RawInput("park", {"park": example("minimal")[0].tables["park"]}, None, ())
    write(fewer, tmp_path / "park")
    assert not (tmp_path / "park/units.csv").exists()
    write(raw, tmp_path / "project")
    assert build(read(tmp_path / "project")).digest() == digest


class TestWorkbook:
    """Openpyxl as a second reader."""

    @pytest.fixture
    def sheet(self, tmp_path):
        columns = ("unit_id", "name", "enterprise_id", "kind", "x", "mass_t", "note")
        rows = [
            (word, word, "007", "warehouse", "0.1", "0.30000000000000004", word) for word in ODD if word.isprintable()
        ]
        rows.append(("last", "", "007", "warehouse", "1.7976931348623157e308", "12", ""))
        table = RawTable("units", columns, tuple(rows), tuple(range(1, len(rows) + 1)))
        park = example("minimal")[0].tables["park"]
        write(RawInput("park", {"park": park, "units": table}, None, ()), tmp_path / "park.xlsx")
        return openpyxl.load_workbook(tmp_path / "park.xlsx")["设备"], rows

    def test_no_text_becomes_a_formula_a_number_or_a_link(self, sheet):
        found, rows = sheet
        place = {cell.value: cell.column for cell in found[3]}
        for row, expected in enumerate(rows[:-1], start=4):
            for name in ("unit_id", "name", "note"):
                cell = found.cell(row, place[name])
                assert cell.data_type == "s"
                assert cell.value == expected[0]
                assert cell.hyperlink is None
                assert cell.number_format == "@"

    def test_a_number_that_would_lose_digits_is_text(self, sheet):
        found, _ = sheet
        place = {cell.value: cell.column for cell in found[3]}
        mass, x = found.cell(4, place["mass_t"]), found.cell(4, place["x"])
        assert (mass.data_type, mass.value) == ("s", "0.30000000000000004")
        assert (x.data_type, x.value) == ("n", 0.1)

    def test_what_a_cell_cannot_hold_is_named(self, tmp_path):
        table = RawTable("units", ("unit_id", "note"), (("u", "长" * 40_000),), (1,))
        raw = RawInput("park", {"park": example("minimal")[0].tables["park"], "units": table}, None, ())
        with pytest.raises(InputProblems) as raised:
            write(raw, tmp_path / "park.xlsx")
        (problem,) = raised.value.problems
        assert (problem.table, problem.row, problem.column, problem.code) == ("units", 1, "note", "cell_too_long")
        assert not (tmp_path / "park.xlsx").exists()


#: Problem to the layer, and what a map program may do to it.
FAULTS = {
    "layer_crs": ("units", lambda shapes, fields, _, kind: (shapes, fields, "EPSG:4490", kind)),
    "layer_geometry": ("units", lambda shapes, fields, crs, _: (shapely.buffer(shapes, 1), fields, crs, "Polygon")),
    "unknown_column": ("units", lambda shapes, fields, *rest: (shapes, fields | {"masst": np.ones(5)}, *rest)),
    "one_row": ("park", lambda _, fields, *rest: (None, {n: np.repeat(v, 2) for n, v in fields.items()}, *rest)),
}


class TestGeoPackage:
    """Layers as pyogrio and QGIS see them."""

    @pytest.fixture
    def path(self, tmp_path):
        write(example("minimal")[0], tmp_path / "park.gpkg")
        return tmp_path / "park.gpkg"

    def _rewrite(self, path, layer, edit):
        """Change a layer as a map program would."""
        meta, _, wkb, fields = pyogrio.raw.read(path, layer=layer)
        shapes = None if wkb is None else shapely.from_wkb(wkb)
        columns = dict(zip(meta["fields"].tolist(), fields, strict=True))
        shapes, columns, crs, kind = edit(shapes, columns, meta["crs"], meta["geometry_type"])
        wkb = None if shapes is None else np.array([shapely.to_wkb(shape) for shape in shapes], dtype=object)
        names = np.array(list(columns), dtype=object)
        pyogrio.raw.write(
            path, wkb, list(columns.values()), names, layer=layer, driver="GPKG", geometry_type=kind, crs=crs
        )

    def test_layers_are_in_the_crs_of_the_park_and_hold_points(self, path):
        info = pyogrio.read_info(path, layer="units")
        assert (info["crs"], info["geometry_type"], info["features"]) == ("EPSG:4546", "Point", 5)
        assert "x" not in info["fields"].tolist()
        assert dict(zip(info["fields"], info["dtypes"], strict=True))["mass_t"] == "float64"
        assert pyogrio.read_info(path, layer="weather")["geometry_type"] is None

    def test_a_point_moved_on_the_map_moves_the_unit(self, path):
        stale = np.full(5, 1.0)
        self._rewrite(
            path,
            "units",
            lambda shapes, fields, *rest: (
                shapely.transform(shapes, lambda xy: xy + 7.0),
                fields | {"x": stale},
                *rest,
            ),
        )
        raw = read(path)
        before = build(example("minimal")[0]).tables["units"].set_index("unit_id")
        after = build(raw).tables["units"].set_index("unit_id")
        assert (after["x"] - before["x"]).tolist() == [7.0] * 5
        assert (after["y"] - before["y"]).tolist() == [7.0] * 5
        assert ("units", "stale_column", "x") in {(each.table, each.code, each.column) for each in raw.problems}

    @pytest.mark.parametrize("code", FAULTS)
    def test_what_is_wrong_with_a_layer_is_named(self, path, code):
        self._rewrite(path, *FAULTS[code])
        assert code in {each.code for each in found_problems(read(path)) if each.severity == "error"}

    def test_a_column_in_another_unit_is_converted(self, path):
        before = build(read(path)).digest()

        def in_mpa(shapes, fields, *rest):
            fields["操作压力（MPa）"] = fields.pop("pressure_kpa") / 1000.0
            return shapes, fields, *rest

        self._rewrite(path, "units", in_mpa)
        assert build(read(path)).digest() == before

    def test_a_boundary_that_was_emptied_is_named(self, path):
        self._rewrite(path, "boundary", lambda s, f, c, k: ([shapely.Polygon()], f, c, k))
        assert ("park", "boundary") in {(p.table, p.column) for p in read(path).problems if p.severity == "error"}

    def test_a_layer_that_is_no_table_is_named_and_styles_are_not(self, path):
        for layer in ("unit", "layer_styles"):
            pyogrio.raw.write(path, None, [np.ones(1)], np.array(["a"], dtype=object), layer=layer, driver="GPKG")
        (problem,) = read(path).problems
        assert (problem.code, problem.found) == ("unknown_table", "unit")

    def test_a_boundary_of_lines_is_named(self, path):
        self._rewrite(path, "boundary", lambda s, f, c, k: ([s[0].exterior], f, c, "LineString"))
        (problem,) = (each for each in found_problems(read(path)) if each.severity == "error")
        assert (problem.code, problem.column) == ("layer_geometry", "boundary")

    def test_a_line_with_another_corner_says_what_is_lost(self, tmp_path):
        corners = tuple(("L", str(n), str(500_000 + 10 * n), "3320000", "", f"第 {n} 点") for n in (1, 2))
        lines = RawTable("lines", ("line_id", "point", "x", "y", "assumed", "note"), corners, (1, 2))
        section = RawTable("project", ("name", "category", "crs"), (("p", "new", "EPSG:4549"),), (1,))
        path = tmp_path / "project.gpkg"
        write(RawInput("project", {"project": section, "lines": lines}, None, ()), path)
        assert cells(read(path))["lines"] == cells(RawInput("project", {"lines": lines}, None, ()))["lines"]
        self._rewrite(path, "lines", lambda s, f, c, k: ([shapely.segmentize(s[0], 6.0)], f, c, k))
        raw = read(path)
        assert [row[1:4] for row in raw.tables["lines"].rows] == [
            ("1", "500010", "3320000"),
            ("2", "500015", "3320000"),
            ("3", "500020", "3320000"),
        ]
        assert [each.code for each in raw.problems if each.table == "lines"] == ["corner_cells_lost"]

    def test_two_areas_of_one_row_name_the_first(self, path):
        target = build(read(path)).tables["targets"].iloc[0]
        area = shapely.to_wkb(shapely.box(target["x"] - 5.0, target["y"] - 5.0, target["x"] + 5.0, target["y"] + 5.0))
        pyogrio.raw.write(
            path,
            np.array([area, area], dtype=object),
            [np.array([target["target_id"]] * 2, dtype=object)],
            np.array(["target_id"], dtype=object),
            layer="targets_polygon",
            driver="GPKG",
            geometry_type="Polygon",
            crs="EPSG:4546",
        )
        (problem,) = read(path).problems
        assert (problem.code, problem.row) == ("duplicate_id", 2)
        assert "row 1" in problem.message_en

    def test_a_file_that_is_none_is_named(self, tmp_path):
        (tmp_path / "park.gpkg").write_bytes(b"no database")
        (problem,) = read(tmp_path / "park.gpkg").problems
        assert problem.code == "geopackage_damaged"


def test_labels_of_every_list_are_taken_as_their_value():
    from parkrisk.scenarios.reading.cells import typed

    for table in schema.tables().values():
        for name, column in table.columns.items():
            for choice in schema.choices(column.choices) if column.choices else ():
                words = (choice.label_zh, choice.label_en, unicodedata.normalize("NFKC", choice.label_zh))
                frame, _ = typed(RawTable(table.name, (name,), tuple((word,) for word in words), (1, 2, 3)))
                assert frame[name].tolist() == [choice.value] * 3
