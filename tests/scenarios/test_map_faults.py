"""Each fault of map files and of their mapping has its message, with the file, layer, feature, value found."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import shapely
import shapely.affinity

from parkrisk.scenarios import problems, read
from parkrisk.scenarios.reading.sources import read_source
from tests.minimal_park import park as minimal
from tests.scenarios.drawn import (
    CRS,
    DXF_LAYER,
    degrees,
    drawing,
    errors,
    layer_file,
    only,
    park,
    placemarks,
    rows,
    unit_places,
    write_rows,
)

Place = tuple[float, float, float]


def entry(file: str, extra: str = "", table: str = "units", columns: str = '{ unit_id = "id" }') -> str:
    return f'[[layer]]\nfile = "{file}"\ntable = "{table}"\ncolumns = {columns}\n{extra}\n'


MAPPINGS: list[tuple[str, str, str, str]] = [
    ('[[layers]]\nfile = "a.shp"', "layers_key", "layers", "did you mean 'layer'?"),
    ("x = ", "unreadable", "layers.toml", "Invalid value"),
    ("", "layers_value", "[]", "[[layer]]"),
    (entry("a.shp", "colums = {}"), "layers_key", "colums", "did you mean 'columns'?"),
    (entry("a.shp", "scale = -1"), "layers_value", "-1", "a positive number"),
    (entry("a.shp", 'scale = "mm"'), "layers_value", "mm", "a positive number"),
    (entry("a.shp", 'place = "center"'), "layers_value", "center", "centroid"),
    (entry("a.shp", 'datum = "GCJ"'), "layers_value", "GCJ", "GCJ-02"),
    (entry("a.shp", table="weather"), "layers_value", "weather", "units"),
    ('[[layer]]\ntable = "units"\ncolumns = { unit_id = "id" }', "layers_value", "", "'file' should be text"),
    (entry("a.shp", columns='{ unit_id = "id", x = "X" }'), "layers_value", "x", "no geometry fills"),
    (
        entry("a.shp", columns='{ unit_id = "id", volume = "V" }'),
        "unknown_column",
        "volume",
        "did you mean 'volume_m3'",
    ),
    (entry("a.shp", columns='{ name = "N" }'), "layers_value", "name", "with unit_id"),
    (entry("a.shp", 'key = "name"'), "layers_value", "name", "one of the columns"),
    (entry("a.shp", 'set = { unit_id = "T" }'), "layers_value", "unit_id", "not in columns"),
    (entry("a.shp", table="boundary"), "layers_value", "unit_id", "no columns"),
    (entry("a.shp"), "map_file_missing", "a.shp", "no map file"),
    (entry("../a.shp"), "map_file_missing", "../a.shp", "no map file"),
    (entry("a.dwg"), "map_format", "a.dwg", "save it as DXF"),
    (entry("a.kmz"), "map_format", "a.kmz", "unzip"),
]


@pytest.mark.parametrize(("mapping", "code", "found", "said"), MAPPINGS)
def test_faults_of_the_mapping(tmp_path: Path, mapping: str, code: str, found: str, said: str) -> None:
    one = only(park(tmp_path / "park", mapping, without=()), code)
    assert one.found == found
    assert said in one.message_en
    assert one.message_zh != one.message_en


def _points(folder: Path, file: str = "u.gpkg", crs: str | None = CRS, **options: Any) -> None:
    at = unit_places()
    layer_file(folder / file, [shapely.Point(p[:2]) for p in at.values()], {"id": list(at)}, crs, **options)


def _swapped(folder: Path) -> None:
    at = unit_places()
    layer_file(folder / "u.gpkg", [shapely.Point(p[1], p[0]) for p in at.values()], {"id": list(at)})


def _shape(shape: Any) -> Callable[[Path], None]:
    return lambda folder: void(layer_file(folder / "u.gpkg", [shape], {"id": ["T-101"]}))


def void(_: object) -> None:
    """For a lambda that gives nothing."""


def _moved_points(dx: float, dy: float) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        at = unit_places()
        points = [shapely.Point(x + dx, y + dy) for x, y, _ in at.values()]
        layer_file(folder / "u.gpkg", points, {"id": list(at)})

    return make


def _without(part: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        _points(folder, "u.shp")
        (folder / f"u{part}").unlink()

    return make


def _kml(shape: str, description: str = "") -> Callable[[Path], None]:
    return lambda folder: void(placemarks(folder / "u.kml", {"T-101": shape}, description=description))


def _text(file: str, content: str) -> Callable[[Path], None]:
    return lambda folder: void((folder / file).write_text(content, encoding="utf-8"))


def _two_layers(folder: Path) -> None:
    _points(folder, layer="罐")
    _points(folder, layer="泵", append=True)


def _zone(crs: str) -> Callable[[Path], None]:
    return lambda folder: _points(folder, crs=crs)


SQUARE = shapely.box(500100, 4500100, 500120, 4500120)
BOWTIE = shapely.Polygon([(500000, 4500000), (500010, 4500010), (500010, 4500000), (500000, 4500010)])
HORSESHOE = shapely.Polygon([(0, 0), (90, 0), (90, 90), (80, 90), (80, 10), (10, 10), (10, 90), (0, 90)])
POINT = "<Point><coordinates>{:.9f},{:.9f}</coordinates></Point>".format(*degrees(500100.0, 4500100.0))
OPEN = "<LineString><coordinates>117,40.6 117.001,40.6 117.001,40.601</coordinates></LineString>"
UNCLOSED = (
    "<Polygon><outerBoundaryIs><LinearRing><coordinates>117,40 117,41 118,41 118,40</coordinates></LinearRing>"
    "</outerBoundaryIs></Polygon>"
)

RING = {"type": "Polygon", "coordinates": [[[117, 40], [117, 41], [118, 41], [118, 40]]]}

#: What is written, the mapping, the code, where it is, and what the message says.
FILES: list[tuple[Callable[[Path], None], str, str, str, str]] = [
    (_without(".prj"), entry("u.shp"), "map_crs_missing", "u.shp", "such as EPSG:4549"),
    (_without(".shx"), entry("u.shp"), "map_part_missing", "u.shp", "'u.shx'"),
    (_without(".dbf"), entry("u.shp"), "map_part_missing", "u.shp", "'u.dbf'"),
    (_text("u.shp", "none"), entry("u.shp"), "map_unreadable", "u.shp", "not a .shp file"),
    (_text("u.gpkg", "<OGRVRTDataSource/>"), entry("u.gpkg"), "map_unreadable", "u.gpkg", "not a .gpkg file"),
    (_text("u.kml", "<html/>"), entry("u.kml"), "map_unreadable", "u.kml", "<kml> expected"),
    (_text("u.kml", "<!DOCTYPE a [<!ENTITY b 'c'>]><kml/>"), entry("u.kml"), "map_unreadable", "u.kml", "DOCTYPE"),
    (
        _text("u.geojson", '{"type": "FeatureCollection"}'),
        entry("u.geojson"),
        "map_unreadable",
        "u.geojson",
        "features",
    ),
    (_text("u.dxf", "none"), entry("u.dxf"), "map_unreadable", "u.dxf", "DXF"),
    (_points, entry("u.gpkg", 'layer = "储罐"'), "map_layer_unknown", "u.gpkg/储罐", "it has u"),
    (_two_layers, entry("u.gpkg"), "map_which_layer", "u.gpkg", "罐, 泵"),
    (_points, entry("u.gpkg", columns='{ unit_id = "NAME" }'), "map_field_unknown", "u.gpkg", "it has id"),
    (_points, entry("u.gpkg", 'crs = "EPSG:4549"'), "map_crs_contradicts", "u.gpkg", "the file, which says EPSG:4546"),
    (_points, entry("u.gpkg", 'crs = "EPSG:1"'), "crs_unknown", "u.gpkg", "EPSG:1"),
    (_zone("EPSG:2382"), entry("u.gpkg"), "datum_differs", "u.gpkg", "Xian 1980"),
    (_zone("EPSG:2434"), entry("u.gpkg"), "datum_differs", "u.gpkg", "Beijing 1954"),
    (_zone("EPSG:4545"), entry("u.gpkg"), "map_other_zone", "u.gpkg", "in EPSG:4546 it would lie there"),
    (_swapped, entry("u.gpkg"), "coordinates_swapped", "u.gpkg/u#1 … (5)", "swapped"),
    (_moved_points(37e6, 0), entry("u.gpkg"), "zone_number", "u.gpkg/u#1 … (5)", "zone number 37"),
    (_points, entry("u.gpkg", 'datum = "GCJ-02"'), "map_datum_refused", "u.gpkg", "100 to 700 m"),
    (
        _kml(POINT, "来自高德地图"),
        entry("u.kml", columns='{ unit_id = "编号" }'),
        "map_datum_suspected",
        "u.kml",
        "高德",
    ),
    (_moved_points(430, 210), entry("u.gpkg"), "map_shifted", "u.gpkg", "5 rows lie 479 m"),
    (_moved_points(430, 210), entry("u.gpkg"), "map_shifted", "u.gpkg", "GCJ-02 or BD-09"),
    (_moved_points(-50, 20), entry("u.gpkg"), "map_shifted", "u.gpkg", "Xian 1980"),
    (_moved_points(430, 210), entry("u.gpkg", 'datum = "WGS84"'), "map_shifted", "u.gpkg", "check the CRS"),
    (_shape(SQUARE), entry("u.gpkg"), "map_wrong_shape", "u.gpkg/u#1", 'place = "centroid"'),
    (_shape(BOWTIE), entry("u.gpkg", 'place = "centroid"'), "polygon_invalid", "u.gpkg/u#1", "Self-intersection"),
    (
        _shape(shapely.affinity.translate(HORSESHOE, 500000, 4500000)),
        *(entry("u.gpkg", 'place = "centroid"'), "map_centroid_outside", "u.gpkg/u#1", "use a point"),
    ),
    (
        _shape(shapely.MultiPoint([(500100, 4500100), (5e5, 4.5e6)])),
        entry("u.gpkg"),
        "map_wrong_shape",
        "u.gpkg/u#1",
        "several",
    ),
    (_shape(None), entry("u.gpkg"), "map_no_shape", "u.gpkg/u#1", "no geometry"),
    (
        _kml(UNCLOSED),
        entry("u.kml", columns='{ unit_id = "编号" }'),
        "map_unreadable",
        "u.kml",
        "罐区#1: LinearRing: not closed",
    ),
    (_text("u.geojson", json.dumps(RING)), entry("u.geojson"), "map_unreadable", "u.geojson", "#1: ring not closed"),
    (_kml(OPEN), '[[layer]]\nfile = "u.kml"\ntable = "boundary"', "map_unclosed", "u.kml/罐区#1", "apart"),
]


@pytest.mark.parametrize(("make", "mapping", "code", "place", "said"), FILES)
def test_faults_of_files(
    tmp_path: Path, make: Callable[[Path], None], mapping: str, code: str, place: str, said: str
) -> None:
    folder = park(tmp_path / "park", mapping, without=())
    make(folder)
    one = only(folder, code)
    assert (one.place, said in one.message_en) == (place, True), one.message_en


@pytest.mark.parametrize("datum", ["GCJ-02", "火星坐标", "BD-09"])
def test_a_park_in_shifted_coordinates_is_refused(tmp_path: Path, datum: str) -> None:
    folder = park(tmp_path / "park", "", without=())
    (folder / "layers.toml").unlink()
    text = (folder / "park.toml").read_text(encoding="utf-8")
    (folder / "park.toml").write_text(text + f'datum = "{datum}"\n', encoding="utf-8")
    assert [(p.code, p.column) for p in errors(folder)] == [("map_datum_refused", "datum")]
    (folder / "park.toml").write_text(text + 'datum = "CGCS2000"\n', encoding="utf-8")
    assert read(folder).digest() == minimal().digest()


def test_one_row_in_two_places_is_named_with_both(tmp_path: Path) -> None:
    folder = park(tmp_path / "park", entry("u.gpkg"), without=())
    at = unit_places()
    at["V-201"] = (500360.0, 4500180.0, 0.0)
    layer_file(folder / "u.gpkg", [shapely.Point(p[:2]) for p in at.values()], {"id": list(at)})
    one = only(folder, "map_place_differs")
    assert (one.table, one.row, one.found) == ("units", 3, "(500300, 4500100)")
    assert "u.gpkg/u#3 says (500360, 4500180), 100.0 m apart" in one.message_en


def test_values_that_contradict_the_csv(tmp_path: Path) -> None:
    folder = park(tmp_path / "park", DXF_LAYER.replace('"EPSG:4546"', '"EPSG:4546"\nset = { kind = "pump" }'), ())
    drawing(folder / "plan.dxf", {"T-101": (500100.0, 4500100.0, 16.05), "T-102": (500130.0, 4500100.0, 20.0)})
    found = {(p.row, p.column, p.found) for p in errors(folder) if p.code == "map_value_differs"}
    # 16.05 m is 16 m as drawn; 20 m is not, and no tank is a pump.
    assert found == {(2, "diameter_m", "16"), (1, "kind", "atmospheric_tank"), (2, "kind", "atmospheric_tank")}


def test_keys_that_repeat_are_missing_or_stand_for_several_rows(tmp_path: Path) -> None:
    folder = park(tmp_path / "park", entry("u.gpkg", 'key = "name"', columns='{ name = "id" }'), without=())
    units = rows("units")
    units[1]["name"] = units[0]["name"]
    write_rows(folder, "units", units)
    at = (500100.0, 4500100.0)
    keys = [units[0]["name"], units[2]["name"], units[2]["name"], ""]
    layer_file(folder / "u.gpkg", [shapely.Point(at)] * 4, {"id": keys})
    found = {(p.code, p.place) for p in errors(folder) if p.code.startswith("map_key")}
    assert found == {
        ("map_key_ambiguous", "u.gpkg/u#1"),
        ("map_key_repeated", "u.gpkg/u#3"),
        ("map_key_missing", "u.gpkg/u#4"),
    }


def test_a_fault_of_a_new_row_names_its_feature(tmp_path: Path) -> None:
    mapping = entry("u.gpkg", columns='{ unit_id = "id", volume_m3 = "V" }')
    folder = park(tmp_path / "park", mapping, without=())
    layer_file(folder / "u.gpkg", [shapely.Point(500200.0, 4500200.0)], {"id": ["T-9"], "V": ["大"]})
    found = {p.column: (p.code, p.place, p.found) for p in errors(folder)}
    assert found["volume_m3"] == ("not_a_number", "u.gpkg/u#1", "大")
    assert found["substance"] == ("missing_value", "u.gpkg/u#1", "")


@pytest.mark.parametrize("name", ["u.shp", "u.gpkg", "u.kml", "u.geojson", "plan.dxf"])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.4, 0.9, 0.99])
def test_a_file_cut_short_is_a_problem_and_no_crash(tmp_path: Path, name: str, share: float) -> None:
    mapping = entry(name) if name[0] == "u" else DXF_LAYER
    folder = park(tmp_path / "park", mapping.replace('"id"', '"编号"' if name.endswith("kml") else '"id"'), without=())
    if name.endswith("kml"):
        placemarks(folder / name, {"T-101": POINT})
    elif name.endswith("dxf"):
        drawing(folder / name)
    else:
        _points(folder, name)
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: int(len(content) * share)])
    found = [p for p in read_source(folder, "park").problems if p.severity == "error" or p.code == "map_repaired"]
    assert found
    assert all(p.code.startswith(("map_", "geopackage_damaged")) for p in found), [p.code for p in found]


def test_a_line_cannot_come_from_both(tmp_path: Path) -> None:
    folder = park(tmp_path / "park", entry("u.gpkg", table="lines", columns='{ line_id = "id" }'), without=())
    layer_file(folder / "u.gpkg", [shapely.LineString([(500000, 4500000), (500100, 4500000)])], {"id": ["r"]})
    line: dict[str, str] = {"line_id": "r", "point": "1", "x": "500000", "y": "4500000"}
    write_rows(folder, "lines", [line, {**line, "point": "2", "x": "500100"}])
    assert {p.place for p in errors(folder) if p.code == "map_line_twice"} == {"u.gpkg/u#1"}


def test_a_project_with_maps_says_its_crs(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "project.toml").write_text('[project]\nname = "p"\ncategory = "new"\n', encoding="utf-8")
    (folder / "layers.toml").write_text(entry("u.gpkg"), encoding="utf-8")
    _points(folder)
    assert only(folder, "map_needs_crs").column == "crs"


SHIFTED: Mapping[str, tuple[str, float, float, str]] = {
    "zone_differs": ("EPSG:4525", 38e6, 0.0, "EPSG:4526"),
    "zone_swapped": ("EPSG:4546", 37e6, 1.0, "EPSG:4525"),
}


@pytest.mark.parametrize("code", SHIFTED)
def test_zones_of_points_in_the_csv(tmp_path: Path, code: str) -> None:
    crs, shift, swapped, suggestion = SHIFTED[code]
    folder = park(tmp_path / "park", "", without=())
    (folder / "layers.toml").unlink()
    text = (folder / "park.toml").read_text(encoding="utf-8").replace("EPSG:4546", crs)
    (folder / "park.toml").write_text(text, encoding="utf-8")
    for name in ("units", "targets", "population", "response", "ignition"):
        changed = []
        for row in rows(name):
            x, y = str(float(row["x"]) + shift), row["y"]
            changed.append({**row, "x": y if swapped else x, "y": x if swapped else y})
        write_rows(folder, name, changed)
    found = [p for p in errors(folder) if p.table == "units"]
    assert {p.code for p in found} == {code}
    assert suggestion in found[0].message_en


def test_faults_of_several_layers_come_at_once(tmp_path: Path) -> None:
    mapping = entry("a.dwg") + entry("u.gpkg", 'layer = "nein"') + entry("u.gpkg", columns='{ unit_id = "NAME" }')
    folder = park(tmp_path / "park", mapping, without=())
    _points(folder)
    codes = {p.code for p in errors(folder)}
    assert codes == {"map_format", "map_layer_unknown", "map_field_unknown"}


def test_a_faulty_layer_does_not_drown_its_cause(tmp_path: Path) -> None:
    # The targets were meant to come from a map: nothing says that the table is missing.
    folder = park(tmp_path / "park", entry("t.kml", table="targets", columns='{ target_id = "id" }'), without=())
    (folder / "targets.csv").unlink()
    (folder / "t.kml").write_text(json.dumps({}), encoding="utf-8")
    assert [p.code for p in problems(folder) if p.table == "targets"] == ["map_unreadable"]
