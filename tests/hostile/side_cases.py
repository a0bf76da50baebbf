"""What stands beside a park: scenarios, natural hazards, measures, readings, rulebooks, weather, people."""

import json
from pathlib import Path
from typing import Any

from tests.hostile.case import Case, Make, refused, right
from tests.hostile.makers import lone

_DEEP = 100_000


def _scenario(name: str, text: str, *codes: str) -> Case:
    return refused(f"scenario: {name}", "scenario", lone("s.toml", text), *codes)


SCENARIOS = (
    _scenario("empty", "", "scenario_empty"),
    _scenario("no TOML", "[move", "unreadable"),
    _scenario("deep arrays", "remove = " + "[" * _DEEP, "unreadable"),
    _scenario("key of 100,000 parts", ".".join("a" * _DEEP) + " = 1", "unreadable"),
    _scenario("integer of 5,000 digits", "note = " + "9" * 5000, "unreadable"),
    _scenario("place of a hexadecimal giant", "[move]\nT-101 = [0x" + "f" * 5000 + ", 1]", "unreadable"),
    _scenario("fill of a hexadecimal giant", "[refill]\nT-101 = 0x" + "f" * 5000, "unreadable"),
    _scenario("wind of a hexadecimal giant", "[weather]\nwind_speed = 0x" + "f" * 5000, "unreadable"),
    _scenario("place of infinity", "[move]\nT-101 = [inf, 1]", "scenario_value"),
    _scenario("place of NaN", "[move]\nT-101 = [nan, 1]", "scenario_value"),
    _scenario("place at 1e300", "[move]\nT-101 = [1e300, 1e300]", "out_of_range"),
    _scenario("place at minus 1e9", "[move]\nT-101 = [-1e9, 1]", "out_of_range"),
    _scenario("wind of an array", "[weather]\nwind_speed = [[1]]", "weather_unknown"),
    _scenario("place of three numbers", "[move]\nT-101 = [1, 2, 3]", "scenario_value"),
    _scenario("place in degrees", "[move]\nT-101 = [117.0, 40.6]", "outside_boundary"),
    _scenario("unit that is a path", 'remove = ["../../etc/passwd"]', "unknown_unit"),
    _scenario("unit of a megabyte", f'remove = ["{"x" * 10**6}"]', "unknown_unit"),
    _scenario("100,000 unknown units", f"remove = {json.dumps([f'u{n}' for n in range(_DEEP)])}", "unknown_unit"),
    _scenario("10,000 unknown entries", "".join(f"k{n} = 1\n" for n in range(10_000)), "scenario_key"),
    _scenario("fill of 1.2", "[refill]\nT-101 = 1.2", "out_of_range"),
    _scenario("fill of NaN", "[refill]\nT-101 = nan", "not_finite"),
    _scenario("fill that is a table", "[refill.T-101]\na = 1", "not_a_value"),
    _scenario("formula as a new id", '[[add.units]]\nunit_id = "=1+1"', "formula_text"),
    _scenario("new row of a table that is none", "[[add.sqlite_master]]\nsql = 'x'", "unknown_table"),
    _scenario("cell of a column that is none", "[set.units.T-101]\n__class__ = 1", "unknown_column"),
    _scenario("cell of the key", '[set.units.T-101]\nunit_id = "T-999"', "key_edited"),
    _scenario("cell that is an array", "[set.units.T-101]\nx = [1, 2]", "not_a_value"),
    _scenario("weather of a truth value", "[weather]\nwind_speed = true", "weather_unknown"),
    _scenario("nothing that changes", "[move]\nT-101 = [500100, 4500100]", "scenario_no_effect"),
    _scenario("a name that is a number", 'name = 3\nremove = ["T-101"]', "scenario_value"),
    _scenario("null", "name = 'a\0b'", "unreadable"),
    refused("scenario: UTF-16 without a mark", "scenario", lone("s.toml", 'remove = ["T-101"]'.encode("utf-16-le")),
            "unreadable"),
    refused("scenario: Latin-1", "scenario", lone("s.toml", "name = 'ÿÿ'".encode("latin-1")), "encoding_unknown"),
)  # fmt: skip


def _natech(name: str, text: str, *codes: str) -> Case:
    return refused(f"natural hazards: {name}", "natech", lone("natech.toml", text), *codes)


_QUAKE = '[earthquake]\npga_unit = "g"\npga = {}\nreturn_period = {}\n'

NATECH = (
    _natech("empty", "", "natech_empty"),
    _natech("no TOML", "[", "unreadable"),
    _natech("key of 100,000 parts", ".".join("a" * _DEEP) + " = 1", "unreadable"),
    _natech("integer of 5,000 digits", "source = " + "9" * 5000, "unreadable"),
    _natech("accelerations of NaN", _QUAKE.format("[nan, 0.2]", "[100, 500]"), "scenario_value"),
    _natech("a hexadecimal giant", _QUAKE.format("[0.1, 0x" + "f" * 5000 + "]", "[100, 500]"), "unreadable"),
    _natech("accelerations of 1e300", _QUAKE.format("[0.1, 1e300]", "[100, 500]"), "scenario_value"),
    _natech("falling accelerations", _QUAKE.format("[0.2, 0.1]", "[100, 500]"), "scenario_value"),
    _natech("return periods of nothing", _QUAKE.format("[0.1, 0.2]", "[1e-320, 500]"), "scenario_value"),
    _natech("one array longer", _QUAKE.format("[0.1, 0.2, 0.3]", "[100, 500]"), "scenario_value"),
    _natech("text for numbers", _QUAKE.format('"a"', "[100, 500]"), "scenario_value"),
    _natech("earthquake is a number", "earthquake = 3", "scenario_value"),
    _natech("negative thunder", "[lightning]\nthunder_days = -3", "scenario_value"),
    _natech("thunder of a truth value", "[lightning]\nthunder_days = true", "scenario_value"),
    _natech("unknown entry", "[lightning]\nthunder_days = 30\n__init__ = 1", "natech_key"),
    _natech("source of a table", "[lightning]\nthunder_days = 30\n[source]\na = 1", "scenario_value"),
)  # fmt: skip

_MEASURES = "measure_id,unit_id,kind,rating,pfd,system,system_pfd,cost,currency,service_years\n"


def _measures(name: str, row: str, *codes: str) -> Case:
    return refused(f"measures: {name}", "measures", lone("m.csv", _MEASURES + row), *codes)


MEASURES = (
    _measures("none", "", "empty_table"),
    _measures("unit that is none", "a,../x,fireproofing,120,0.001,,,1,CNY,20", "measure_unit"),
    _measures("negative cost", "a,T-101,fireproofing,120,0.001,,,-1,CNY,20", "out_of_range"),
    _measures("cost of 1e999", "a,T-101,fireproofing,120,0.001,,,1e999,CNY,20", "not_finite"),
    _measures("formula as an id", "=1+1,T-101,fireproofing,120,0.001,,,1,CNY,20", "formula_text"),
    _measures("failure of 7", "a,T-101,fireproofing,120,7,,,1,CNY,20", "out_of_range"),
    _measures("two currencies", "a,T-101,fireproofing,9,0,,,1,CNY,20\nb,T-102,fireproofing,9,0,,,1,USD,20",
              "measure_currency"),
    _measures("kind without effect", "a,T-101,relief_valve,,0.1,,,1,CNY,20", "measure_has_no_effect"),
    refused("measures: nulls", "measures", lone("m.csv", bytes(1000)), "unreadable"),
    refused("measures: empty file", "measures", lone("m.csv", b""), "empty_table"),
    refused("readings: empty file", "readings", lone("r.csv", b""), "empty_table"),
    refused("readings: time of a day that is none", "readings",
            lone("r.csv", "unit_id,time,source,fill_fraction\nT-101,2026-02-30T00:00,dcs,0.5\n"), "not_a_time"),
    refused("readings: time in another zone", "readings",
            lone("r.csv", "unit_id,time,source,fill_fraction\nT-101,2026-02-01T00:00+08:00,dcs,0.5\n"), "not_a_time"),
    refused("readings: year 9999", "readings",
            lone("r.csv", "unit_id,time,source,fill_fraction\nT-101,9999-12-31T23:59,dcs,0.5\n"), "reading_in_future"),
    refused("readings: NaN", "readings",
            lone("r.csv", "unit_id,time,source,fill_fraction\nT-101,2026-01-01T00:00,dcs,nan\n"), "not_finite"),
)  # fmt: skip

_HEAD = """[rulebook]
id = "own"
instrument_zh = "自"
instrument_en = "Own"
edition = "1"
in_force_from = 2020-01-01
source = "x"
mark = "V"
"""
_RULE = """[[rule]]
id = "{0}"
clause = "1"
title_zh = "标题"
title_en = "title"
bound = "park"
scope = ["park"]
severity = "duty"
test = {1}
"""
_TEST = '{ indicator = "fire_response_time", comparison = "<=", limit = 5, unit = "min" }'


def _rules(name: str, text: str, *codes: str, local: bool = True) -> Case:
    return refused(f"rulebook: {name}", "rulebook", lone("own.toml", text), *codes, local=local)


def _round(target: Path) -> Path:
    for one, other in (("a", "b"), ("b", "a")):
        text = _HEAD.replace('"own"', f'"{one}"') + f'includes = ["{other}.toml"]\n' + _RULE.format(one, _TEST)
        (target / f"{one}.toml").write_text(text)
    return target / "a.toml"


def _chain(target: Path) -> Path:
    for n in range(3000):
        text = _HEAD.replace('"own"', f'"r{n}"') + f'includes = ["{n + 1}.toml"]\n'
        (target / f"{n}.toml").write_text(text)
    return target / "0.toml"


RULEBOOKS = (
    _rules("empty", "", "rules.invalid"),
    _rules("no TOML", "[", "rules.invalid"),
    _rules("deep arrays", "a = " + "[" * _DEEP, "rules.invalid"),
    _rules("key of 100,000 parts", ".".join("a" * _DEEP) + " = 1", "rules.invalid"),
    _rules("integer of 5,000 digits", "a = " + "9" * 5000, "rules.invalid"),
    _rules("rule of itself", _HEAD + _RULE.format("r", '{ rule = "r" }'), "rules.invalid"),
    _rules("rules in a circle", _HEAD + _RULE.format("r", '{ rule = "s" }') + _RULE.format("s", '{ rule = "r" }'),
           "rules.invalid"),
    _rules("rule twice", _HEAD + _RULE.format("r", _TEST) * 2, "rules.invalid"),
    _rules("tests within tests", _HEAD + _RULE.format("r", "{ any = [" * 90 + _TEST + "] }" * 90), "rules.invalid"),
    _rules("limit of NaN", _HEAD + _RULE.format("r", _TEST.replace("5", "nan")), "rules.invalid"),
    _rules("limit of infinity", _HEAD + _RULE.format("r", _TEST.replace("5", "inf")), "rules.invalid"),
    _rules("limit of a hexadecimal giant", _HEAD + _RULE.format("r", _TEST.replace("5", "0x" + "f" * 5000)), "rules.invalid"),
    _rules("quantity that is code", _HEAD + _RULE.format("r", _TEST.replace("fire_response_time", "__import__('os')")),
           "rules.invalid"),
    _rules("comparison that is none", _HEAD + _RULE.format("r", _TEST.replace("<=", "; DROP")), "rules.invalid"),
    _rules("validity that is no day", _HEAD.replace("2020-01-01", '"soon"') + _RULE.format("r", _TEST), "rules.invalid"),
    _rules("rules that are a number", _HEAD + "rule = 3", "rules.invalid"),
    _rules("head that is a number", "rulebook = 3", "rules.invalid"),
    _rules("id that is a path", _HEAD.replace('"own"', '"../../etc/passwd"') + _RULE.format("r", _TEST), "rules.invalid"),
    refused("rulebooks that include each other", "rulebook", _round, "rules.invalid", local=True),
    refused("3,000 rulebooks in a row", "rulebook", _chain, "rules.invalid", local=True),
    refused("rulebook: GBK with a bad byte", "rulebook", lone("own.toml", _HEAD.encode("gbk") + b"\xff\n"), "encoding_unknown",
            local=True),
    refused("rulebook: nulls as a workbook", "rulebook", lone("own.xlsx", bytes(1000)), "rules.invalid", local=True),
    refused("rulebook: table of NUL", "rulebook", lone("own.csv", "编号\0,标题\n"), "rules.invalid", local=True),
)  # fmt: skip

_EPW = "LOCATION,{place},a,CHN,x,1,{latitude},121.0,8.0,5.0\n" + "x\n" * 7
_LINE = "{time},60,{{}},10,5,50,101325,0,0,300,0,0,0,0,0,0,0,180,3.0,5,5,10,77777,9,9,0,0,0,0,0,0,0,0\n"


def _epw(
    name: str, time: str = "2020,1,1,1", *codes: str, place: str = "Z", latitude: str = "30", cells: Any = ()
) -> Case:
    line = _LINE.format(time=time).format("A").split(",")
    for at, text in cells:
        line[at] = text
    return refused(f"EPW: {name}", "weather", lone("w.epw", _EPW.format(place=place, latitude=latitude) + ",".join(line)),
                   *codes)  # fmt: skip


WEATHER = (
    refused("weather: empty file", "weather", lone("w.csv", b""), "empty_table"),
    refused("weather: heading only", "weather", lone("w.csv", "time,wind_from,wind_speed\n"), "empty_table"),
    refused("weather: hour twice", "weather",
            lone("w.csv", "time,wind_from,wind_speed\n" + "2020-01-01T01:00,0,1\n" * 2), "hour_repeated"),
    refused("weather: negative wind", "weather",
            lone("w.csv", "time,wind_from,wind_speed\n2020-01-01T01:00,0,-1\n"), "out_of_range"),
    refused("weather: year 1", "weather", lone("w.csv", "time,wind_from,wind_speed\n0001-01-01T00:00,0,1\n"), "models.out_of_range"),
    refused("EPW: one word", "weather", lone("w.epw", "LOCATION,"), "empty_table"),
    refused("EPW: heading only", "weather", lone("w.epw", _EPW.format(place="Z", latitude="30")), "empty_table"),
    refused("EPW: quotation mark that never ends", "weather",
            lone("w.epw", 'LOCATION,"Z' + "x" * 200_000), "unreadable"),
    refused("EPW: line of 200,000 letters", "weather",
            lone("w.epw", _EPW.format(place="Z", latitude="30") + "x" * 200_000), "unreadable"),
    refused("EPW: nulls", "weather", lone("w.epw", _EPW.format(place="Z", latitude="30") + "\0" * 100), "ragged_row"),
    _epw("infinite year", "inf,1,1,1", "not_a_time"),
    _epw("year of 1e999", "1e999,1,1,1", "not_a_time"),
    _epw("NaN for a month", "2020,nan,1,1", "not_a_time"),
    _epw("hour 25", "2020,1,1,25", "not_a_time"),
    _epw("last hour of all", "9999,12,31,24", "not_a_time"),
    _epw("NaN wind", "2020,1,1,1", "out_of_range", cells=[(21, "nan")]),
    _epw("negative wind", "2020,1,1,1", "out_of_range", cells=[(21, "-3")]),
    _epw("latitude of 95", "2020,1,1,1", "models.out_of_range", latitude="95"),
    _epw("formula for a wind", "2020,1,1,1", "not_a_number", cells=[(21, "=1+1")]),
)  # fmt: skip


def _tiff(**more: Any) -> Make:
    """A raster that declares more than it holds."""

    def make(target: Path) -> Path:
        import numpy as np
        import rasterio
        from rasterio import Affine

        size = more.get("size", 10)
        pixel = more.get("pixel", 100.0)
        path = target / "p.tif"
        options = {"driver": "GTiff", "dtype": more.get("dtype", "float32"), "count": 1, "SPARSE_OK": True}
        options |= {
            "crs": more.get("crs", "EPSG:4546"),
            "transform": Affine(pixel, 0.0, 499_500, 0.0, -pixel, 4_501_000),
        }
        with rasterio.open(path, "w", width=size, height=size, tiled=True, **options) as file:
            if "values" in more:
                file.write(np.full((size, size), more["values"], dtype="float32"), 1)
        content = path.read_bytes()
        path.write_bytes(more.get("change", lambda b: b)(content))
        return path

    return make


def _people(name: str, make: Make, *codes: str) -> Case:
    return refused(f"people: {name}", "population", make, *codes, local=True)


PEOPLE = (
    right("people: a raster", "population", _tiff(values=2.0), lambda people: people.covered > 0.0),
    _people("a raster of a million times a million pixels", _tiff(size=1_000_000, pixel=0.002), "models.out_of_range"),
    _people("negative people", _tiff(values=-5.0), "models.out_of_range"),
    _people("infinite people", _tiff(values=float("inf")), "models.out_of_range"),
    _people("a raster without a CRS", _tiff(values=1.0, crs=None), "models.out_of_range"),
    _people("a raster cut off", _tiff(values=1.0, change=lambda b: b[: len(b) // 3]), "models.out_of_range"),
    _people("a raster of nulls", _tiff(change=lambda b: bytes(len(b))), "models.out_of_range"),
    _people("a raster whose tiles lie outside", _tiff(values=1.0, change=lambda b: b[:4096]), "models.out_of_range"),
    _people("a map service called a raster", lone(
        "p.tif", '<VRTDataset rasterXSize="9" rasterYSize="9"><VRTRasterBand dataType="Byte" band="1"><SimpleSource>'
        "<SourceFilename>/vsicurl/http://127.0.0.1:9/a.tif</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>",
    ), "models.out_of_range"),
    _people("a map service called a map", lone(
        "p.geojson", "<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>/vsicurl/http://127.0.0.1:9/a</SrcDataSource>"
        "</OGRVRTLayer></OGRVRTDataSource>"), "models.out_of_range"),
    _people("a map that is none", lone("p.geojson", "{"), "models.out_of_range"),
    _people("a map without people", lone(
        "p.geojson", '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":'
        '{"type":"Point","coordinates":[117,40]}}]}'), "models.out_of_range"),
    _people("text for people", lone(
        "p.geojson", '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"n":"many"},"geometry":'
        '{"type":"Point","coordinates":[117,40]}}]}'), "models.out_of_range"),
    _people("a map of 1e999", lone(
        "p.geojson", '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"n":5},"geometry":'
        '{"type":"Point","coordinates":[1e999,40]}}]}'), "models.out_of_range"),
    _people("a polygon that crosses itself", lone(
        "p.geojson", '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"n":5},"geometry":'
        '{"type":"Polygon","coordinates":[[[117,40],[118,41],[118,40],[117,41],[117,40]]]}}]}'), "models.out_of_range"),
)  # fmt: skip

CASES = (*SCENARIOS, *NATECH, *MEASURES, *RULEBOOKS, *WEATHER, *PEOPLE)
