"""Things in wrong places: coordinates, polygons, map files, drawings."""

import json
import math
from pathlib import Path
from typing import Any

from tests.hostile.case import refused, right
from tests.hostile.makers import boundary, cell, columns, fifo, later, mapped, park_toml, polygon, swapped

_WEST, _SOUTH = 500_000.0, 4_500_000.0


def _to_degrees(x: str) -> str:
    return str(float(x) / 111_000.0)


COORDINATES = (
    refused("x and y swapped", "park", swapped("units", "x", "y"), "coordinates_swapped", where=("units", 1, "x")),
    refused("degrees in a metric CRS", "park", columns("units", x=lambda x: "111.0012", y=lambda y: "40.63"),
            "degrees_in_metres", where=("units", 1, "x")),
    refused("latitude before longitude", "park", columns("units", x=lambda x: "40.63", y=lambda y: "111.0012"),
            "degrees_in_metres"),
    refused("metres in a CRS of degrees", "park", park_toml(crs='"EPSG:4490"', planar_crs='"EPSG:4546"'),
            "metres_in_degrees"),
    refused("degrees without a planar CRS", "park", park_toml(crs='"EPSG:4490"'), "planar_crs_missing"),
    refused("no CRS", "park", park_toml(crs=None), "missing_column"),
    refused("CRS that is none", "park", park_toml(crs='"EPSG:999999"'), "crs_unknown"),
    refused("CRS as a string of PROJ", "park", park_toml(crs='"+proj=pipeline +step +proj=merc"'), "crs_unknown"),
    refused("CRS as a file", "park", park_toml(crs='"/etc/passwd"'), "crs_unknown"),
    refused("CRS in full-width digits", "park", park_toml(crs='"EPSG:４５４６９９"'), "crs_unknown"),
    refused("CRS of thousands of digits", "park", park_toml(crs='"' + "4" * 5000 + '"'), "crs_unknown"),
    refused("geocentric CRS", "park", park_toml(crs='"EPSG:4978"'), "crs_not_planar"),
    refused("CRS in feet", "park", park_toml(crs='"EPSG:2263"'), "crs_not_planar"),
    refused("web mercator", "park", park_toml(crs='"EPSG:3857"', boundary=None), "crs_distorts"),
    refused("zone number before the easting", "park", columns("units", x=lambda x: "39" + x), "zone_number"),
    refused("one unit at 1e9", "park", cell("units", 1, "x", "1e9"), "out_of_range", where=("units", 1, "x")),
    refused("one unit at 1e308", "park", cell("units", 1, "x", "1e308"), "out_of_range"),
    refused("one unit at the pole of the CRS", "park", cell("units", 1, "y", "1e7"), "outside_boundary"),
    refused("one unit without a place", "park", cell("units", 1, "x", ""), "missing_value", where=("units", 1, "x")),
    refused("a station at 1e18", "park", cell("response", 1, "x", "1e18"), "out_of_range"),
    refused("population cells of no size", "park", cell("population", 1, "cell_m", "-1"), "out_of_range"),
    refused("population cells of 1e300 m", "park", cell("population", 1, "cell_m", "1e300"), "out_of_range"),
    refused("population of 1e300", "park", cell("population", 1, "day", "1e300"), "out_of_range"),
)  # fmt: skip

_SQUARE = [
    (_WEST, _SOUTH),
    (_WEST + 1000, _SOUTH),
    (_WEST + 1000, _SOUTH + 300),
    (_WEST, _SOUTH + 300),
    (_WEST, _SOUTH),
]
_EIGHT = [_SQUARE[0], _SQUARE[2], _SQUARE[1], _SQUARE[3], _SQUARE[0]]


def _circle(corners: int, radius: float = 2000.0) -> list[tuple[float, float]]:
    ring = [
        (_WEST + 500 + radius * math.cos(a), _SOUTH + 150 + radius * math.sin(a))
        for a in (2.0 * math.pi * n / corners for n in range(corners))
    ]
    return [*ring, ring[0]]


def _comb(teeth: int) -> list[tuple[float, float]]:
    """A ring that crosses itself many times."""
    ring = [(_WEST + (n * 7919) % teeth * 1000 / teeth, _SOUTH + 300 * (n % 2)) for n in range(teeth)]
    return [*ring, ring[0]]


def _target(text: str) -> Any:
    return cell("targets", 1, "polygon", text)


POLYGONS = (
    refused("boundary that crosses itself", "park", boundary(polygon(_EIGHT)), "boundary_invalid",
            where=("park", 1, "boundary")),
    refused("boundary of no area", "park", boundary(polygon([_SQUARE[0], _SQUARE[1], _SQUARE[0]])), "boundary_invalid"),
    refused("boundary that is a point", "park", boundary(polygon([_SQUARE[0]] * 4)), "boundary_invalid"),
    refused("boundary that is not closed", "park", boundary(polygon(_SQUARE[:-1])), "boundary_unreadable"),
    refused("boundary of two corners", "park", boundary(polygon([_SQUARE[0], _SQUARE[0]])), "boundary_unreadable"),
    refused("hole outside the boundary", "park", boundary(polygon(_SQUARE, [(x + 5000, y) for x, y in _SQUARE])),
            "boundary_invalid"),
    refused("hole across the boundary", "park", boundary(polygon(_SQUARE, [(x + 500, y) for x, y in _SQUARE])),
            "boundary_invalid"),
    refused("boundary as large as the world", "park", boundary(polygon([(x * 1e6, y * 1e6) for x, y in _SQUARE])), "outside_boundary"),
    refused("boundary with x and y swapped", "park", boundary(polygon([(y, x) for x, y in _SQUARE])),
            "coordinates_swapped"),
    refused("boundary in degrees", "park", boundary(polygon([(x / 1e4 + 61, y / 1e5) for x, y in _SQUARE])),
            "degrees_in_metres"),
    refused("boundary of a million corners", "park", later(lambda: boundary(polygon(_circle(1_000_000)))),
            "too_many_corners"),
    right("boundary of 20,000 corners", "park", later(lambda: boundary(polygon(_circle(20_000)))),
          lambda park: park.boundary.area > 12e6),
    refused("boundary that crosses itself 40,000 times", "park", later(lambda: boundary(polygon(_comb(40_000)))),
            "boundary_invalid"),
    refused("area of a target that is no WKT", "park", _target("POLYGON ((1 2, 3"), "polygon_unreadable",
            where=("targets", 1, "polygon")),
    refused("area of a target that is a line", "park", _target("LINESTRING (0 0, 1 1)"), "polygon_unreadable"),
    refused("area of a target with NaN", "park", _target("POLYGON ((nan 0, 1 0, 1 1, nan 0))"), "polygon_unreadable"),
    refused("area of a target with 1e999", "park", _target("POLYGON ((1e999 0, 1 0, 1 1, 1e999 0))"), "polygon_invalid"),
    refused("area of a target that crosses itself", "park",
            _target("POLYGON ((500000 4500000, 501000 4500300, 501000 4500000, 500000 4500300, 500000 4500000))"),
            "polygon_invalid"),
    refused("area of a target that is empty", "park", _target("POLYGON EMPTY"), "polygon_invalid"),
    refused("collections within collections", "park", _target("GEOMETRYCOLLECTION (" * 5000 + ")" * 5000),
            "polygon_unreadable"),
)  # fmt: skip

_LAYER = '[[layer]]\nfile = "{}"\ntable = "targets"\nset = {{ class = "general class 2", name = "a", persons = 5 }}\n'
_TARGETS = _LAYER + 'columns = {{ target_id = "{}" }}\n'
_OWN = {"crs": {"type": "name", "properties": {"name": "EPSG:4546"}}}


def _features(*rows: tuple[Any, Any], **more: Any) -> str:
    features = [{"type": "Feature", "properties": {"id": key}, "geometry": geometry} for key, geometry in rows]
    return json.dumps({"type": "FeatureCollection", "features": features, **_OWN, **more})


def _point(x: Any = 500450, y: Any = 4501500) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [x, y]}


def _geojson(text: str) -> Any:
    return mapped(_TARGETS.format("t.geojson", "id"), {"t.geojson": text})


def _kml(body: str) -> Any:
    head = '<?xml version="1.0"?>'
    return mapped(_TARGETS.format("t.kml", "name"), {"t.kml": head + body})


def _placemark(inside: str) -> str:
    return f'<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>a</name>{inside}</Placemark></kml>'


def _at_degrees(park: Any) -> bool:
    """Whether the target stands where PROJ puts 111.01° E, 40.64° N."""
    import pyproj

    x, y = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:4546", always_xy=True).transform(111.01, 40.64)
    found = park.tables["targets"].iloc[0]
    return math.hypot(found["x"] - x, found["y"] - y) < 0.01


_LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)

LAYERS = (
    refused("layers.toml that is none", "park", mapped("[[layer", {}), "unreadable"),
    refused("layers.toml of deep arrays", "park", mapped("layer = " + "[" * 100_000, {}), "unreadable"),
    refused("layers.toml with an integer of 5,000 digits", "park", mapped("layer = " + "9" * 5000, {}), "unreadable"),
    refused("layer of a file upwards", "park", mapped(_TARGETS.format("../../x.geojson", "id"), {}),
            "map_file_missing"),
    refused("layer of an absolute path", "park", mapped(_TARGETS.format("/etc/passwd.kml", "id"), {}),
            "map_file_missing"),
    refused("null in the name of a layer's file", "park", mapped(_TARGETS.format("a\\u0000.kml", "id"), {}),
            "map_file_missing"),
    refused("layer over the network", "park", mapped(_TARGETS.format("/vsicurl/http://evil.example/a.gpkg", "id"), {}),
            "map_file_missing"),
    refused("scale of a hexadecimal giant", "park",
            mapped(_TARGETS.format("t.geojson", "id") + "scale = 0x" + "f" * 5000, {"t.geojson": "{}"}),
            "unreadable"),
    refused("ten thousand layers", "park", later(lambda: mapped(_TARGETS.format("t.geojson", "id") * 10_000, {})),
            "layers_value"),
    refused("half a surrogate pair in a map", "park",
            _geojson(_features(("@", _point())).replace('"@"', '"\\ud800"')), "map_unreadable"),
    refused("10^400 in a map", "park", _geojson(_features(("a", _point("@"))).replace('"@"', "1" + "0" * 400)),
            "map_unreadable"),
    refused("1e999 in a map", "park", _geojson(_features(("a", _point("@"))).replace('"@"', "1e999")), "map_no_shape"),
    refused("key of a map twice", "park", _geojson('{"type":"Feature","type":"FeatureCollection","features":[]}'),
            "map_unreadable"),
    refused("map without features", "park", _geojson(_features()), "map_layer_empty"),
    refused("feature without a shape", "park", _geojson(_features(("a", None))), "map_no_shape"),
    refused("formula in a map", "park", _geojson(_features(("=cmd|' /C calc'!A0", _point()))), "formula_text"),
    refused("object for a number in a map", "park",
            mapped(_TARGETS.format("t.geojson", "id").replace(", persons = 5", "").replace(
                "columns = { ", 'columns = { persons = "id", '), {"t.geojson": _features(({"a": [1]}, _point()))}),
            "not_a_number"),
    right("object for an id in a map, as GDAL reads it", "park", _geojson(_features(({"a": [1]}, _point()))),
          lambda park: park.tables["targets"]["target_id"].tolist() == ['{"a": [1]}']),
    refused("x and y of a map swapped", "park", _geojson(_features(("a", _point(4501500, 500450)))),
            "coordinates_swapped"),
    refused("ring of a map not closed", "park", _geojson(_features(("a", polygon(_SQUARE[:-1])))), "map_unreadable"),
    refused("deep collections in a map", "park",
            _geojson('{"type":"GeometryCollection","geometries":[' * 900 + "]}" * 900), "map_unreadable"),
    refused("billion laughs in KML", "park", _kml(_LAUGHS + _placemark("<description>&i;</description>")),
            "map_unreadable"),
    refused("external entity in KML", "park",
            _kml('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + _placemark("&a;")), "map_unreadable"),
    refused("KML of 100,000 folders", "park", _kml("<kml>" + "<Folder>" * 100_000 + "</Folder>" * 100_000 + "</kml>"),
            "map_unreadable"),
    right("a million blanks within a corner", "park",
          _kml(_placemark(f"<Point><coordinates>111.01,{' ' * 10**6}40.64</coordinates></Point>")), _at_degrees),
    refused("KML of a million blanks without a comma", "park",
            _kml(_placemark(f"<Point><coordinates>117{' ' * 10**6}40</coordinates></Point>")), "map_unreadable"),
    refused("KML cut off", "park", _kml(_placemark("<Point>")[:-9]), "map_unreadable"),
    refused("KML without corners", "park", _kml(_placemark("<Polygon/>")), "map_unreadable"),
    refused("a KMZ", "park", mapped(_TARGETS.format("t.kmz", "name"), {"t.kmz": b"PK\x03\x04"}), "map_format"),
    refused("a shapefile of four bytes", "park", mapped(_TARGETS.format("t.shp", "id"), {"t.shp": b"\0\0\x27\x0a"}),
            "map_part_missing"),
    refused("a table called a shapefile", "park", mapped(_TARGETS.format("t.shp", "id"), {"t.shp": b"a,b"}),
            "map_unreadable"),
)  # fmt: skip


def _shapefile(spoil: Any, name: str = "t") -> Any:
    """Targets as a shapefile, then spoilt."""

    def make(target: Path) -> Path:
        import pyogrio.raw
        import shapely

        park = mapped(_TARGETS.format("t.shp", "id"), {})(target)
        shapes = shapely.to_wkb([shapely.Point(500450, 4501500), shapely.Point(499700, 4500100)])
        fields = [[f"{name}1", f"{name}2"]]
        import numpy as np

        pyogrio.raw.write(
            park / "t.shp", shapes, [np.array(f, dtype=object) for f in fields], ["id"],
            geometry_type="Point", crs="EPSG:4546",
        )  # fmt: skip
        spoil(park)
        return park

    return make


def _bytes(name: str, change: Any) -> Any:
    return lambda park: (park / name).write_bytes(change((park / name).read_bytes()))


def _replaced(name: str, place: Any) -> Any:
    def spoil(park: Path) -> None:
        (park / name).unlink()
        place(park / name)

    return spoil


SHAPEFILES = (
    right("a shapefile", "park", _shapefile(lambda park: None), lambda park: len(park.tables["targets"]) == 2),
    refused("shapefile without .shx", "park", _shapefile(lambda park: (park / "t.shx").unlink()), "map_part_missing"),
    refused("shapefile without .prj", "park", _shapefile(lambda park: (park / "t.prj").unlink()), "map_crs_missing"),
    refused("shapefile with a bomb of brackets as .prj", "park",
            _shapefile(_bytes("t.prj", lambda b: b"PROJCS[" * 50_000)), "map_unreadable"),
    refused("shapefile whose .dbf has one row", "park",
            _shapefile(_bytes("t.dbf", lambda b: b[:4] + b"\x01\0\0\0" + b[8:])), "map_unreadable"),
    refused("shapefile whose .dbf declares a billion rows", "park",
            _shapefile(_bytes("t.dbf", lambda b: b[:4] + b"\xff\xff\xff\x3f" + b[8:])), "map_unreadable"),
    refused("shapefile whose .shp is cut off", "park", _shapefile(_bytes("t.shp", lambda b: b[:-20])), "map_no_shape"),
    refused("shapefile whose .shx points elsewhere", "park",
            _shapefile(_bytes("t.shx", lambda b: b[:100] + b"\x7f\xff\xff\xff" + b[104:])), "map_no_shape"),
    refused("shapefile whose .shx has one record", "park", _shapefile(_bytes("t.shx", lambda b: b[:108])), "map_unreadable"),
    refused("shapefile whose .dbf is empty", "park", _shapefile(_bytes("t.dbf", lambda b: b"")), "map_unreadable"),
    refused("a pipe as the .dbf of a shapefile", "park", _shapefile(_replaced("t.dbf", fifo)), "map_part_missing",
            local=True),
)  # fmt: skip


def _drawn(draw: Any, more: str = "", layer: str = "plan", change: Any = None) -> Any:
    """Targets as a drawing."""

    def make(target: Path) -> Path:
        import ezdxf

        drawing = ezdxf.new("R2010")
        drawing.header["$INSUNITS"] = 6
        draw(drawing, drawing.modelspace())
        text = (
            _LAYER.format("t.dxf") + f'layer = "{layer}"\ncrs = "EPSG:4546"\ncolumns = {{ target_id = "id" }}\n{more}'
        )
        park = mapped(text, {})(target)
        drawing.saveas(park / "t.dxf")
        if change is not None:
            (park / "t.dxf").write_bytes(change((park / "t.dxf").read_bytes()))
        return park

    return make


_ON = {"layer": "plan"}


def _insert(drawing: Any, space: Any, **more: Any) -> Any:
    block = drawing.blocks.new("TARGET")
    block.add_circle((0, 0), 5)
    block.add_attdef("id", (0, 0))
    made = space.add_blockref("TARGET", (500450, 4501500), dxfattribs={**_ON, **more})
    made.add_auto_attribs({"id": "a"})
    return made


def _itself(drawing: Any, space: Any) -> None:
    block = drawing.blocks.new("LOOP")
    for n in range(10):
        block.add_blockref("LOOP", (n, 0), dxfattribs={"layer": f"inner{n}"})
    space.add_blockref("LOOP", (500450, 4501500), dxfattribs=_ON)


def _exploding(drawing: Any, space: Any) -> None:
    for level in range(12):
        block = drawing.blocks.new(f"B{level}")
        for n in range(10):
            block.add_blockref(f"B{level + 1}", (n, 0), dxfattribs={"layer": f"l{level}"})
    drawing.blocks.new("B12").add_circle((0, 0), 1)
    space.add_blockref("B0", (500450, 4501500), dxfattribs=_ON)


def _grid(drawing: Any, space: Any) -> None:
    _insert(drawing, space, row_count=32_767, column_count=32_767, row_spacing=1, column_spacing=1)


def _giant_arc(drawing: Any, space: Any) -> None:
    space.add_ellipse((500450, 4501500), major_axis=(1e16, 0), ratio=0.5, dxfattribs=_ON)


def _text(drawing: Any, space: Any) -> None:
    space.add_point((500450, 4501500), dxfattribs=_ON)


DRAWINGS = (
    right("a drawing", "park", _drawn(_insert), lambda park: park.tables["targets"]["target_id"].tolist() == ["a"]),
    refused("object of another program", "park",
            _drawn(_text, change=lambda b: b.replace(b"\nPOINT\n", b"\nTCH_WALL\n")), "map_layer_unknown"),
    refused("block that holds itself", "park", _drawn(_itself), "map_field_unknown"),
    refused("blocks that hold ten of the next", "park", _drawn(_exploding), "map_too_large"),
    refused("block of a billion places", "park", _drawn(_grid), "map_too_large"),
    refused("ellipse of 1e16 m", "park", _drawn(_giant_arc), "map_field_unknown"),
    refused("drawing cut off", "park", _drawn(_insert, change=lambda b: b[: len(b) // 2])),
    refused("drawing of nulls", "park", _drawn(_insert, change=lambda b: bytes(5000)), "map_unreadable"),
    refused("drawing with a place of NaN", "park",
            _drawn(_insert, change=lambda b: b.replace(b"500450.0", b"nan")), "map_no_shape"),
    refused("drawing with a place of 1e999", "park",
            _drawn(_insert, change=lambda b: b.replace(b"500450.0", b"1e999")), "map_no_shape"),
    refused("drawing without attributes", "park", _drawn(_text), "map_field_unknown"),
    refused("drawing without the layer", "park", _drawn(_insert, layer="none"), "map_layer_unknown"),
    refused("pattern of a layer that never ends", "park", _drawn(_insert, layer="*a" * 30 + "b"), "map_layer_unknown"),
    refused("scale of almost nothing", "park", _drawn(_insert, more="scale = 1e-300"), "layers_value"),
)  # fmt: skip

CASES = (*COORDINATES, *POLYGONS, *LAYERS, *SHAPEFILES, *DRAWINGS)
