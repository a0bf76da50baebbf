"""Lines round installations and the control line: circles where nothing has a direction, unions, GeoJSON, files."""

import dataclasses
import functools
import json
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely
from scipy.optimize import brentq
from shapely.geometry import shape

from parkrisk.models._jit import threads
from parkrisk.risk.assess import assess
from parkrisk.risk.criteria import individual_limits
from parkrisk.risk.distances import blast
from parkrisk.risk.distances.external import ExternalDistances, external_distances
from parkrisk.risk.distances.standard import class_groups, overpressure_limits
from parkrisk.risk.individual import Raster, risk_sums
from parkrisk.risk.mapping.stamping import FIXED_POINT
from parkrisk.risk.result import Assessment
from tests.minimal_park import COARSE, changed, coarse, row

FINE = dataclasses.replace(COARSE, cell_m=20.0)


@functools.cache
def minimal() -> ExternalDistances:
    return external_distances(coarse())


@functools.cache
def one_source(**changes: Any) -> Assessment:
    """The chlorine store, or what is made of it, alone in a wind that blows alike to all sides."""

    def edit(document: dict[str, Any]) -> None:
        unit = row(document["units"], unit_id="V-301")
        unit.update(changes)
        document["units"], document["targets"], document["population"] = [unit], [], []
        document["contents"], document["barriers"] = [], []
        document["weather"] = [
            {"wind_from": angle, "wind_speed": 4, "stability": "D", "period": period, "frequency": 0.0625}
            for angle in range(0, 360, 45)
            for period in ("day", "night")
        ]

    return assess(changed(edit), settings=FINE)


def test_line_of_a_source_without_direction_is_a_circle() -> None:
    found = one_source()
    around, small = found.surroundings, Raster(0.0, 0.0, 1e3, 2, 2)
    x, y = found.park.tables["units"][["x", "y"]].to_numpy()[0]

    def risk(radius: float) -> float:
        with threads(1):
            place = np.array([[x + radius, y]])
            sums = risk_sums(found.events, around.rose, around.grid, small, place, rose=around.reading)
        return float(sums.points.by_sector.sum() / FIXED_POINT)

    lines = external_distances(found).lines
    level = individual_limits()["high-sensitivity", "existing"].value
    (line,) = lines.loc[lines["limit"] == level, "shape"]
    radius = brentq(lambda r: np.log(risk(r)) - np.log(level), 100.0, 2000.0, xtol=0.5)
    corners = shapely.get_coordinates(line) - (x, y)
    reached = np.hypot(*corners.T)
    # Between nodes of the map the line is straight in the logarithm of the risk.
    np.testing.assert_allclose(reached, radius, atol=0.5 * FINE.cell_m)
    assert np.ptp(reached) < FINE.cell_m


def test_line_of_explosives_holds_the_circle_of_the_threshold() -> None:
    store = {
        "kind": "explosives_store",
        "substance": "6484-52-2",
        "mass_t": 20.0,
        "volume_m3": None,
        "fill_fraction": 0.8,
    }
    found = one_source(**store, diameter_m=None, height_m=None, pressure_kpa=0)
    result = external_distances(found)
    assert set(result.lines["method"]) == {"consequence"}
    place = shapely.Point(found.park.tables["units"][["x", "y"]].to_numpy()[0])
    for group, line in zip(class_groups(), result.lines["shape"], strict=True):
        radius = blast.distance(10_000.0, overpressure_limits()[group[0]][0])
        assert line.covers(place.buffer(radius))
        assert line.area == pytest.approx(np.pi * radius**2, rel=1e-3)
    # The event of the store, as full as it may be, is the same blast.
    (outcome,) = found.events.outcomes
    limit = overpressure_limits()["important"][0]
    assert outcome.radius(limit) == pytest.approx(blast.distance(10_000.0, limit))  # type: ignore[attr-defined]


def test_the_control_line_holds_every_line_and_the_park() -> None:
    found = minimal()
    assert len(found.lines) == 2 * len(class_groups())  # two enterprises with gas, each as a whole
    assert found.control_line.is_valid
    assert found.control_line.covers(found.park.boundary)
    levels = [individual_limits()[group[0], "existing"].value for group in class_groups()]
    park = coarse().contours(levels)
    for group, level, control in zip(class_groups(), levels, found.controls["shape"], strict=True):
        grown = shapely.buffer(control, 1e-6)
        assert control.is_valid
        assert shapely.difference(park[level], grown).is_empty
        mine = [
            line for names, line in zip(found.lines["classes"], found.lines["shape"], strict=True) if names == group
        ]
        assert len(mine) == 2
        assert all(shapely.difference(line, grown).is_empty for line in mine)
        assert not any(part.interiors for part in shapely.get_parts(control))
        assert shapely.buffer(found.control_line, 1e-6).covers(control)
    assert sum(not line.is_empty for line in found.lines["shape"]) > 0
    areas = [control.area for control in found.controls["shape"]]
    assert areas == sorted(areas, reverse=True)


def test_a_stated_distance_draws_a_line_and_what_has_none_is_named() -> None:
    assert set(minimal().controls["missing"].iloc[0]) == {"line[plant]", "line[tank-farm]"}

    def edit(document: dict[str, Any]) -> None:
        document["indicators"] += [{"name": "design-standard-distance[tank-farm]", "value": 120, "unit": "m"}]

    found = external_distances(dataclasses.replace(coarse(), park=changed(edit)))
    assert set(found.controls["missing"].iloc[0]) == {"line[plant]"}
    lines = found.lines[found.lines["method"] == "standards"]
    assert set(lines["limit"]) == {120.0}
    tanks = shapely.MultiPoint([(500100.0, 4500100.0), (500130.0, 4500100.0)])
    assert lines["shape"].iloc[0].covers(tanks.buffer(8.0 + 120.0))
    assert lines["shape"].iloc[0].area == pytest.approx(tanks.buffer(128.0).area, rel=2e-3)


def test_without_a_boundary_the_line_is_incomplete() -> None:
    park = dataclasses.replace(coarse().park, boundary=None)
    found = external_distances(dataclasses.replace(coarse(), park=park))
    assert "park.boundary" in found.controls["missing"].iloc[0]
    assert found.control_line.area < minimal().control_line.area


def test_a_park_without_installations_has_its_fence() -> None:
    def edit(document: dict[str, Any]) -> None:
        document["units"] = [{**row(document["units"], unit_id="V-301"), "in_service": "no"}]
        document["contents"], document["barriers"], document["targets"] = [], [], []

    found = external_distances(assess(changed(edit), settings=COARSE))
    assert found.facts["risk.external_distance_met"].value is True, "nothing to judge"
    assert found.control_line.equals(found.park.boundary)
    assert len(found.installations) == len(found.lines) == len(found.lines_geojson()["features"]) == 0


def test_geojson_in_both_coordinates(tmp_path) -> None:  # type: ignore[no-untyped-def]
    found = minimal()
    found.save(tmp_path)
    documents = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in tmp_path.glob("*.geojson")}
    assert set(documents) == {
        "control_line",
        "control_line_planar",
        "installation_lines",
        "installation_lines_planar",
    }
    assert "crs" not in documents["control_line"]
    assert documents["control_line_planar"]["crs"]["properties"]["name"] == "urn:ogc:def:crs:EPSG::4546"
    to_planar = pyproj.Transformer.from_crs("EPSG:4326", found.park.crs, always_xy=True).transform
    for name in ("control_line", "installation_lines"):
        for there, here in zip(documents[name]["features"], documents[f"{name}_planar"]["features"], strict=True):
            area, planar = shape(there["geometry"]), shape(here["geometry"])
            assert area.is_valid
            back = shapely.transform(area, to_planar, interleaved=False)
            assert back.symmetric_difference(planar).area < 1e-6 * planar.area + 1e-3
            assert there["properties"]["mark"] == "M"
    table = (tmp_path / "distances.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(table) == 1 + len(found.installations)
