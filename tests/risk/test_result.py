"""What an assessment gives out: JSON, tables, map, files, and what stands in its provenance."""

import csv
import dataclasses
import datetime as dt
import io
import itertools
import json
import math

import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from parkrisk.models.errors import Problem
from parkrisk.risk.mapping.contours import CONTOUR_LEVELS
from parkrisk.risk.result import _listed, canonical_json, contours_geojson, digest, plain, result_digest
from tests import minimal_park

#: Keys of the JSON that the command line and HTTP promise.
PROMISED = {"park", "grade", "sources", "targets", "fn", "pll", "domino", "problems", "assumptions", "provenance"}
PROMISED_PROVENANCE = {"version", "input_digest", "rules_digest", "seed", "result_digest"}


@pytest.fixture(scope="module")
def result():
    return minimal_park.assessment()


@pytest.fixture(scope="module")
def folder(result, tmp_path_factory):
    return result.save(tmp_path_factory.mktemp("saved") / "deeper" / "out")


def refuse(text):
    raise AssertionError(f"{text} in JSON")


def strict(text):
    """JSON without NaN and infinity."""
    return json.loads(text, parse_constant=refuse)


def test_json_has_what_is_promised(result):
    content = result.to_dict()
    assert set(content) >= PROMISED
    assert set(content["provenance"]) >= PROMISED_PROVENANCE
    assert set(content["grade"]) >= {"letter", "bounds", "score", "score_bounds", "rulebook"}
    assert strict(json.dumps(content, allow_nan=False)) == content
    for name in ("sources", "targets", "fn", "problems", "assumptions"):
        assert isinstance(content[name], list)
    assert [target["target_id"] for target in content["targets"]] == list(result.targets["target_id"])
    assert content["pll"] == result.pll
    assert content["park"]["demonstration"] is True
    assert content["park"]["notice_zh"]
    assert content["park"]["notice_en"]


def test_json_holds_built_in_types_only(result):
    def walk(value):
        assert value is None or type(value) in (dict, list, str, int, float, bool), type(value)
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            walk(item)

    walk(result.to_dict())


def test_a_result_is_frozen(result):
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.pll = 0.0
    with pytest.raises(TypeError):
        result.provenance["seed"] = 1
    changed = result.to_dict()
    changed["provenance"]["seed"] = 1
    assert result.provenance["seed"] == 0


def test_provenance(result):
    provenance = result.provenance
    assert provenance["input_digest"] == result.park.digest()
    assert provenance["rules"] == "cn-2026"
    assert provenance["rules_date"] == "2026-11-01"
    assert provenance["result_digest"] == result_digest(result)
    assert {"numba", "numpy", "scipy"} <= set(provenance["packages"])
    # Nothing of the clock, the machine or the user.
    assert not {"time", "date", "host", "user"} & set(provenance)


def test_the_digest_covers_raster_and_tables(result):
    known = result_digest(result)
    values = result.individual_risk.values.copy()
    values[0, 0] = np.nextafter(values[0, 0], 1.0)
    raster = dataclasses.replace(result.individual_risk, values=values)
    assert result_digest(dataclasses.replace(result, individual_risk=raster)) != known
    scenarios = result.scenarios.copy()
    scenarios.loc[0, "frequency"] *= 1.0 + 1e-15
    assert result_digest(dataclasses.replace(result, scenarios=scenarios)) != known
    assert result_digest(dataclasses.replace(result, timings={}, provenance={}, problems=())) == known


def test_contours_are_nested_and_valid(result):
    shapes = result.contours()
    assert tuple(shapes) == CONTOUR_LEVELS
    assert not shapes[3e-7].is_empty
    for high, low in itertools.pairwise(sorted(shapes, reverse=True)):
        assert shapes[high].is_valid
        assert shapes[high].difference(shapes[low]).area <= 1e-6 * shapes[low].area + 1e-6
    for target in result.targets.to_dict("records"):
        for level, shape in shapes.items():
            if abs(math.log(target["individual_risk"] / level)) > 0.3:  # not within a cell of the line
                inside = shape.contains(shapely.Point(target["x"], target["y"]))
                assert inside == (target["individual_risk"] > level), (target["target_id"], level)
    assert result.contours([1e-4]).keys() == {1e-4}


def test_contours_on_the_globe(result):
    collection = contours_geojson(result)
    assert collection["type"] == "FeatureCollection"
    assert "crs" not in collection
    shapes = result.contours()
    levels = [feature["properties"]["individual_risk_per_year"] for feature in collection["features"]]
    assert levels == [level for level in CONTOUR_LEVELS if not shapes[level].is_empty]
    for feature in collection["features"]:
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
        assert shape.is_valid
        west, south, east, north = shape.bounds
        # Around 500 km east and 4,500 km north on the meridian of 111 degrees.
        assert 110.9 < west < east < 111.1
        assert 40.5 < south < north < 40.8
        for polygon in shapely.get_parts(shape):
            assert shapely.is_ccw(polygon.exterior)  # RFC 7946
            assert not any(shapely.is_ccw(ring) for ring in polygon.interiors)


def test_contours_in_the_crs_of_the_park(result):
    collection = contours_geojson(result, wgs84=False)
    assert collection["crs"]["properties"]["name"] == "urn:ogc:def:crs:EPSG::4546"
    globe = contours_geojson(result)
    for feature, other in zip(collection["features"], globe["features"], strict=True):
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
        assert shape.is_valid
        level = feature["properties"]["individual_risk_per_year"]
        assert shape.equals(result.contours()[level])
        assert feature["properties"] == other["properties"]
        assert feature["properties"]["closed"]
        # A square metre on the globe: the scale of the map is 1 to within a few parts in 10,000.
        around = shapely.from_geojson(json.dumps(other["geometry"]))
        area, _ = pyproj.Geod(ellps="WGS84").geometry_area_perimeter(around)
        assert area == pytest.approx(feature["properties"]["area_m2"], rel=1e-3, abs=0.1)


def test_files_that_are_written(result, folder):
    names = {path.name for path in folder.iterdir()}
    assert names == {
        "result.json",
        "contours.geojson",
        "contours_planar.geojson",
        "facility.geojson",
        "facility.graphml",
        "hazard_units.csv",
        "hazard_units.geojson",
        "enterprises.csv",
        "enterprises.geojson",
        "enterprise_items.csv",
        "sources.csv",
        "scenarios.csv",
        "targets.csv",
        "contributions.csv",
        "contribution_parts.csv",
        "fn.csv",
        "domino_pairs.csv",
        "domino_chains.csv",
        "domino_units.csv",
        "domino_orders.csv",
        "domino_sizes.csv",
        "domino_origins.csv",
        "domino_enterprises.csv",
        "domino_cross_enterprise.csv",
        "rules.csv",
        "assumptions.csv",
    }
    assert strict((folder / "result.json").read_text(encoding="utf-8")) == result.to_dict()
    assert strict((folder / "contours.geojson").read_text(encoding="utf-8")) == contours_geojson(result)
    planar = strict((folder / "contours_planar.geojson").read_text(encoding="utf-8"))
    assert planar == contours_geojson(result, wgs84=False)
    graph = strict((folder / "facility.geojson").read_text(encoding="utf-8"))
    facility = result.domino.facility
    assert len(graph["features"]) == len(facility.units) + len(facility.edges)


def test_tables_that_are_written_parse(result, folder):
    for name, table in result.tables().items():
        raw = (folder / f"{name}.csv").read_bytes()
        assert raw.startswith(b"\xef\xbb\xbf"), "spreadsheets read UTF-8 with its mark alone"
        assert b"\r" not in raw
        rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig")), strict=True))
        assert rows[0] == list(table.columns)
        assert len(rows) == len(table) + 1
        read = pd.read_csv(folder / f"{name}.csv")
        for column in table.columns[table.dtypes == np.float64]:
            # What is written is what was computed, to the last bit.
            given_back = read[column].to_numpy(dtype=float)
            assert np.array_equal(given_back, table[column].to_numpy(), equal_nan=True), (name, column)


def test_saving_twice_gives_the_same_bytes(result, folder, tmp_path):
    again = result.save(str(tmp_path))
    for path in folder.iterdir():
        assert (again / path.name).read_bytes() == path.read_bytes()
    result.save(again)  # over itself


def test_plain_values():
    found = plain(
        {
            "nan": math.nan,
            "inf": [math.inf, -math.inf, np.float64(np.nan)],
            "array": np.array([[1.0, np.nan], [2.0, 3.0]]),
            "number": np.int32(3),
            "truth": np.bool_(True),
            "date": dt.date(2026, 11, 1),
            "nothing": [None, pd.NA],
            1: (1, frozenset({"a"})),
            "table": pd.DataFrame({"a": [1, 2], "b": pd.array([1, None], dtype="Int64"), "c": ["x", None]}),
            "problem": Problem("units", 1, "x", "code", "found", "中文", "English"),
        }
    )
    assert found == {
        "nan": None,
        "inf": [None, None, None],
        "array": [[1.0, None], [2.0, 3.0]],
        "number": 3,
        "truth": True,
        "date": "2026-11-01",
        "nothing": [None, None],
        "1": [1, ["a"]],
        "table": [{"a": 1, "b": 1, "c": "x"}, {"a": 2, "b": None, "c": None}],
        "problem": {
            "table": "units",
            "row": 1,
            "column": "x",
            "code": "code",
            "found": "found",
            "message_zh": "中文",
            "message_en": "English",
            "severity": "error",
            "place": "",
        },
    }
    assert type(found["truth"]) is bool


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@hypothesis_settings(max_examples=100, deadline=None)
@given(values)
def test_canonical_json_is_json_whatever_the_content(content):
    text = canonical_json(content)
    assert plain(strict(text)) == plain(content)
    assert canonical_json(strict(text)) == text


def test_canonical_json_does_not_hang_on_the_order_of_keys():
    assert (
        canonical_json({"b": 1, "a": [0.1, 2.0]})
        == canonical_json({"a": [0.1, 2.0], "b": 1})
        == '{"a":[0.1,2.0],"b":1}'
    )


def test_parts_of_a_digest_do_not_run_together():
    assert digest(["ab", "c"]) != digest(["a", "bc"]) != digest(["abc"])
    assert digest(["a"]) == digest([b"a"])
    assert digest([]) != digest([""])


def test_sets_are_given_in_order():
    names = [f"name-{number}" for number in range(20)]
    assert plain(frozenset(names)) == sorted(names)


def test_a_missing_time_is_null():
    assert plain(pd.NaT) is None


def test_texts_that_differ_have_other_parts_of_a_digest():
    """Also where their lines, one below the other, are the same."""
    columns = (["a", "b", "c"], ["a\nb", "c"], ["a", "b\nc"], ["a\nb\nc"], ["a", "b", "c", ""], ["lines\na", "b", "c"])
    assert len({_listed(list(column)) for column in columns}) == len(columns)
