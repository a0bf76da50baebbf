"""Files in wrong encodings, cut off, not what their name says; TOML and JSON."""

import functools
import json
import random

from tests.api.service.hostile_files import GOOD
from tests.hostile.case import Case, refused, right
from tests.hostile.makers import (
    PROJECT,
    boundary,
    cut,
    device,
    fifo,
    folder,
    instead,
    json_cell,
    json_text,
    later,
    lone,
    more_toml,
    park_toml,
    spoilt,
    unit,
)  # fmt: skip

_NAME = "甲醇储罐"


def _named(park) -> bool:
    return bool(unit(park)["name"] == _NAME)


ENCODINGS = (
    refused("UTF-16 without a mark", "park", spoilt("units.csv", lambda b: b.decode().encode("utf-16-le")),
            "unreadable"),
    refused("UTF-16 cut in a character", "park", spoilt("units.csv", lambda b: b.decode().encode("utf-16")[:-1]),
            "encoding_unknown"),
    refused("UTF-32", "park", spoilt("units.csv", lambda b: b.decode().encode("utf-32")), "unreadable"),
    refused("GBK with a bad byte", "park", spoilt("units.csv", lambda b: b.decode().encode("gbk") + b"\xff,"),
            "encoding_unknown"),
    refused("UTF-8 cut in a character", "park",
            spoilt("units.csv", lambda b: b[: b.index("罐".encode()) + 2]), "encoding_unknown"),
    refused("Latin-1", "park", spoilt("units.csv", lambda b: b.replace(_NAME.encode(), "Gefäß".encode("latin-1"))),
            "encoding_unknown"),
    refused("null bytes", "park", spoilt("units.csv", lambda b: b.replace(b"T-101", b"T-1\0001")), "unreadable"),
    refused("byte order mark in the middle", "park", spoilt("units.csv", lambda b: b.replace(b"T-102", b"\xef\xbb\xbfT-102")),
            "control_character"),
    refused("surrogates as UTF-8", "park", spoilt("units.csv", lambda b: b.replace(b"T-102", b"T-\xed\xa0\x80")),
            "encoding_unknown"),
    refused("overlong UTF-8", "park", spoilt("units.csv", lambda b: b.replace(b"T-102", b"T-\xc0\xaf")),
            "encoding_unknown"),
    right("GBK", "park", spoilt("units.csv", lambda b: b.decode().encode("gbk")), _named, "encoding_gbk"),
    right("UTF-16 with its mark", "park", spoilt("units.csv", lambda b: b.decode().encode("utf-16")), _named,
          "encoding_gbk"),
    right("byte order mark", "park", spoilt("units.csv", lambda b: b"\xef\xbb\xbf" + b), _named),
    right("line ends of old Macs", "park", spoilt("units.csv", lambda b: b.replace(b"\n", b"\r")), _named),
    refused("park.toml in UTF-16 without a mark", "park", spoilt("park.toml", lambda b: b.decode().encode("utf-16-be")), "encoding_unknown"),
)  # fmt: skip

_chance = random.Random(9)
CUT = tuple(
    refused(f"{name} cut at {share:.2%}", "park", spoilt(name, functools.partial(cut, share=share)))
    for name in ("park.toml", "units.csv", "boundary.geojson", "weather.csv")
    for share in sorted(_chance.uniform(0.02, 0.4 if name == "park.toml" else 0.97) for _ in range(5))
)

FILES = (
    refused("no such folder", "park", lambda target: target / "nothing", "unreadable", local=True),
    refused("a device as a park", "park", lambda target: target.joinpath("/dev/zero"), "unreadable", local=True),
    refused("an empty folder", "park", lambda target: target, "missing_table", local=True),
    refused("a file as a folder", "park", lone("park.txt", b"x"), "unreadable", local=True),
    refused("a folder as a table", "park", instead("units.csv", lambda path: path.mkdir()), "missing_table", local=True),
    refused("a pipe as a table", "park", instead("units.csv", fifo), "missing_table", local=True),
    refused("a device as a table", "park", instead("units.csv", device), "missing_table", local=True),
    refused("a link to itself", "park", instead("units.csv", lambda path: path.symlink_to(path)), "missing_table",
            local=True),
    refused("a pipe as park.toml", "park", instead("park.toml", fifo), "missing_table", local=True),
    refused("a pipe as a boundary", "park", instead("boundary.geojson", fifo), "boundary_unreadable", local=True),
    refused("a pipe called a workbook", "park", lambda target: fifo(target / "p.xlsx") or target / "p.xlsx",
            "unreadable", local=True),
    refused("a pipe called a GeoPackage", "park", lambda target: fifo(target / "p.gpkg") or target / "p.gpkg",
            "unreadable", local=True),
    refused("a pipe as a scenario", "scenario", lambda target: fifo(target / "s.toml") or target / "s.toml",
            "unreadable", local=True),
    refused("a pipe as natural hazards", "natech", lambda target: fifo(target / "n.toml") or target / "n.toml",
            "unreadable", local=True),
    refused("a pipe as measures", "measures", lambda target: fifo(target / "m.csv") or target / "m.csv",
            "unreadable", local=True),
    refused("a pipe as weather", "weather", lambda target: fifo(target / "w.csv") or target / "w.csv",
            "unreadable", local=True),
    refused("a pipe as a rulebook", "rulebook", lambda target: fifo(target / "r.toml") or target / "r.toml",
            "unreadable", local=True),
    refused("no such scenario", "scenario", lambda target: target / "none.toml", "unreadable", local=True),
    refused("a folder as natural hazards", "natech", lambda target: target, "unreadable", local=True),
    refused("the boundary is in another folder", "park", park_toml(boundary='"../../../../etc/passwd"'),
            "boundary_unreadable"),
    refused("the boundary is an absolute path", "park", park_toml(boundary='"/etc/passwd"'), "boundary_unreadable"),
    refused("null in the name of the boundary", "park", park_toml(boundary=r'"a\u0000b"'), "boundary_unreadable"),
    refused("name of the boundary is too long", "park", park_toml(boundary=f'"{"x" * 5000}"'), "boundary_unreadable"),
    refused("a project that is a park", "project", folder({}), "missing_table"),
    refused("a park that is a project", "park", folder({}, PROJECT), "missing_table"),
)  # fmt: skip

_DEEP = 100_000

TOML = (
    refused("TOML that is none", "park", folder({"park.toml": b"[park\nname"}), "unreadable"),
    refused("empty park.toml", "park", folder({"park.toml": b""}), "missing_table"),
    refused("key twice in TOML", "park", more_toml('name = "b"'), "unreadable"),
    refused("deep arrays in TOML", "park", more_toml("note = " + "[" * _DEEP), "unreadable"),
    refused("deep tables in TOML", "park", more_toml("note = " + "{a=" * _DEEP), "unreadable"),
    refused("key of 100,000 parts", "park", more_toml(".".join("a" * _DEEP) + " = 1"), "unreadable"),
    refused("table of 100,000 parts", "park", more_toml(f"[{'.'.join('a' * _DEEP)}]"), "unreadable"),
    refused("inline key of 100,000 parts", "park", more_toml(f"note = {{{'.'.join('a' * _DEEP)} = 1}}"), "unreadable"),
    refused("integer of 5,000 digits in TOML", "park", more_toml("site_slope = " + "9" * 5000), "unreadable"),
    refused("hexadecimal integer of 5,000 digits", "park", more_toml("air_pressure_kpa2 = 0x" + "f" * 5000),
            "unreadable"),
    refused("a hundred thousand unknown entries", "park",
            later(lambda: more_toml("".join(f"k{n}=1\n" for n in range(_DEEP)))), "unknown_column",
            "further_problems"),
    refused("infinite pressure", "park", park_toml(air_pressure_kpa="inf"), "not_finite"),
    refused("nan humidity", "park", park_toml(relative_humidity="nan"), "not_finite"),
    refused("truth value for a temperature", "park", park_toml(air_temperature_c="true"), "not_a_value"),
    refused("array for a name", "park", park_toml(name="[[1]]"), "not_a_value"),
    refused("time for a number", "park", park_toml(air_temperature_c="2026-01-01"), "not_a_number"),
    refused("park is no table", "park", folder({"park.toml": b"park = 3"}), "missing_table"),
    refused("park is an array of tables", "park", folder({"park.toml": GOOD["park.toml"].replace(b"[park]", b"[[park]]")}),
            "missing_table"),
    refused("null in TOML", "park", more_toml('note = "a\0b"'), "unreadable"),
)  # fmt: skip


def _nested(depth: int) -> str:
    return "[" * depth + "]" * depth


def _raw(text: str, *codes: str, name: str) -> Case:
    return refused(name, "json", lone("park.json", text), *codes)


JSON = (
    _raw("", "http.not_json", name="no JSON at all"),
    _raw("{", "http.not_json", name="JSON that stops"),
    _raw("null", "http.not_json", name="null"),
    _raw("[]", "http.not_json", name="array instead of a park"),
    _raw("{}", "missing_table", name="empty object"),
    _raw(_nested(100_000), "http.not_json", name="100,000 brackets"),
    _raw('{"a":' * 100_000, "http.not_json", name="100,000 objects"),
    _raw("9" * 5000, "http.not_json", name="integer of 5,000 digits"),
    _raw('{"park": 3, "units": {"a": 1}}', "not_a_table", name="tables that are none"),
    _raw('{"park": {"name": "a", "name": "b"}}', "http.not_json", name="key of JSON twice"),
    _raw('{"park": {}, "units": [], "units": []}', "http.not_json", name="table of JSON twice"),
    refused("row that is no object", "json", json_text(lambda d: d["units"].append(7)), "not_a_table",
            where=("units", 6, "")),
    refused("half a surrogate pair in a name", "json", json_cell("units", 1, "name", '"\\ud800"'), "http.not_json"),
    refused("half a surrogate pair in an id", "json", json_cell("units", 1, "unit_id", '"\\udfff"'), "http.not_json"),
    refused("null in a JSON name", "json", json_cell("units", 1, "name", '"a\\u0000b"'), "control_character",
            where=("units", 1, "name")),
    refused("NaN in JSON", "json", json_cell("units", 1, "x", "NaN"), "not_finite", where=("units", 1, "x")),
    refused("Infinity in JSON", "json", json_cell("units", 1, "x", "-Infinity"), "not_finite"),
    refused("1e999 in JSON", "json", json_cell("units", 1, "x", "1e999"), "not_finite"),
    refused("10^4000 in JSON", "json", json_cell("units", 1, "x", "1" + "0" * 4000), "not_finite"),
    refused("truth value in JSON", "json", json_cell("units", 1, "x", "true"), "not_a_value"),
    refused("array in a cell", "json", json_cell("units", 1, "x", "[1, 2]"), "not_a_value"),
    refused("object in a cell", "json", json_cell("units", 1, "name", '{"$ref": "#/units/0"}'), "not_a_value"),
    refused("deep array in a cell", "json", json_cell("units", 1, "name", _nested(800)), "not_a_value"),
    refused("number as text with a unit", "json", json_cell("units", 1, "x", '"500100 m"'), "not_a_number"),
    refused("10,000 unknown keys", "json", json_text(lambda d: d["units"][0].update({f"k{n}": 1 for n in range(10_000)})),
            "unknown_column", "further_problems"),
    refused("10,000 unknown tables", "json", json_text(lambda d: d.update({f"t{n}": [] for n in range(10_000)})),
            "unknown_table", "further_problems"),
    refused("key of a megabyte", "json", json_text(lambda d: d["units"][0].update({"k" * 10**6: 1})), "unknown_column"),
    refused("boundary is a file in JSON", "json", json_text(lambda d: d["park"].update(boundary="b.geojson")),
            "boundary_unreadable"),
    refused("boundary is a number", "json", json_text(lambda d: d["park"].update(boundary=7)), "boundary_unreadable"),
    right("number as text", "json", json_cell("units", 1, "x", '"500100"'),
          lambda park: unit(park)["x"] == 500100.0),
)  # fmt: skip

_RING = "[[500000,4500000],[501000,4500000],[501000,4500300],[500000,4500000]]"

GEOJSON = (
    refused("GeoJSON that is none", "park", boundary(None, "{"), "boundary_unreadable"),
    refused("GeoJSON with NaN", "park", boundary(None, f'{{"type":"Polygon","coordinates":[{_RING}]}}'.replace("501000", "NaN")),
            "boundary_unreadable"),
    refused("GeoJSON with 1e999", "park",
            boundary(None, f'{{"type":"Polygon","coordinates":[{_RING}]}}'.replace("501000", "1e999")), "boundary_invalid"),
    refused("GeoJSON with 10^400", "park",
            boundary(None, f'{{"type":"Polygon","coordinates":[{_RING}]}}'.replace("501000", "1" + "0" * 400)),
            "boundary_unreadable"),
    refused("GeoJSON with text for numbers", "park",
            boundary(None, f'{{"type":"Polygon","coordinates":[{_RING}]}}'.replace("501000", '"x"')),
            "boundary_unreadable"),
    refused("key of GeoJSON twice", "park",
            boundary(None, f'{{"type":"Point","type":"Polygon","coordinates":[{_RING}]}}'), "boundary_unreadable"),
    refused("deep GeoJSON", "park", boundary(None, '{"type":"Polygon","coordinates":' + _nested(100_000) + "}"),
            "boundary_unreadable"),
    refused("deep collections", "park",
            boundary(None, '{"type":"GeometryCollection","geometries":[' * 900 + "]}" * 900), "boundary_unreadable"),
    refused("feature without a geometry", "park", boundary({"type": "Feature", "geometry": None}),
            "boundary_unreadable"),
    refused("a point as a boundary", "park", boundary({"type": "Point", "coordinates": [1, 2]}), "boundary_unreadable"),
    refused("a polygon without rings", "park", boundary({"type": "Polygon", "coordinates": []}), "boundary_invalid"),
    refused("collection of nothing", "park", boundary({"type": "FeatureCollection", "features": []}), "boundary_invalid"),
    refused("features are a number", "park", boundary({"type": "FeatureCollection", "features": 7}),
            "boundary_unreadable"),
    refused("boundary in a CRS that is none", "park",
            boundary({**json.loads(f'{{"type":"Polygon","coordinates":[{_RING}]}}'),
                      "crs": {"type": "name", "properties": {"name": "EPSG:99999999"}}}), "crs_unknown"),
)  # fmt: skip

CASES = (*ENCODINGS, *CUT, *FILES, *TOML, *JSON, *GEOJSON)
