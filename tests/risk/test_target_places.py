"""Where the risk of a target is taken: the largest in its area, against a dense search and exact solutions."""

import dataclasses

import numpy as np
import pytest
import shapely

from parkrisk.models._jit import threads
from parkrisk.models.footprint import PolarGrid
from parkrisk.risk.assess import assess
from parkrisk.risk.footprints.library import FootprintLibrary
from parkrisk.risk.individual import Raster, individual_risk
from parkrisk.risk.mapping.target_places import greatest, target_places
from parkrisk.scenarios.receptors import wind_rose
from tests import minimal_park
from tests.risk.test_raster import toy_park

GRID = PolarGrid(n_rings=96, n_bins=144, r_min=5.0)
NO_SOURCES = np.zeros((0, 2))
FIELD = shapely.Polygon([(0, 0), (900, 100), (700, 800), (-100, 600)])


def cone(x, y):
    return lambda points: np.exp(-np.hypot(*(points - [x, y]).T) / 50.0)


@pytest.mark.parametrize(("x", "y"), [(300.0, 300.0), (412.3, 77.7), (2000.0, -500.0), (-900.0, 900.0)])
def test_the_place_of_a_cone_is_the_point_next_to_its_tip(x, y):
    (place,) = greatest([FIELD], NO_SOURCES, 2.5, cone(x, y))
    nearest = shapely.get_coordinates(shapely.shortest_line(FIELD, shapely.Point(x, y)))[0]
    assert np.hypot(*(place - nearest)) < 0.5
    assert FIELD.distance(shapely.Point(place)) < 1e-6


def test_a_source_between_the_first_points_is_not_missed():
    source = np.array([[333.3, 444.4]])
    (place,) = greatest([FIELD], source, 2.5, lambda points: 1.0 * (np.hypot(*(points - source).T) < 3.0))
    assert np.hypot(*(place - source[0])) < 3.0


def test_several_areas_are_searched_together_as_each_alone():
    areas = [FIELD, shapely.box(-50.0, -80.0, -20.0, -60.0), shapely.MultiPolygon([shapely.box(0, 0, 1, 1)])]
    together = greatest(areas, NO_SOURCES, 2.5, cone(100.0, -30.0))
    alone = [greatest([area], NO_SOURCES, 2.5, cone(100.0, -30.0))[0] for area in areas]
    assert np.array_equal(together, alone)


@pytest.mark.parametrize("seed", range(3))
def test_an_area_takes_the_largest_risk_of_a_dense_search(seed):
    events, rose = toy_park(seed)
    library = FootprintLibrary(events.outcomes, GRID)
    rng = np.random.default_rng(seed)
    areas = [shapely.Point(rng.uniform(-1500.0, 1500.0, 2)).buffer(rng.uniform(30.0, 300.0), 3) for _ in range(3)]
    table = minimal_park.park().tables["targets"].iloc[[0, 0, 0]].reset_index(drop=True)
    table["polygon"] = [area.wkt for area in areas]
    places = target_places(table, events, rose, GRID, library)

    def risk(points):
        return individual_risk(events, rose, GRID, Raster(0.0, 0.0, 1.0, 1, 1), points, library=library).points

    found = risk(places)
    for area, place, value in zip(areas, places, found, strict=True):
        assert area.distance(shapely.Point(place)) < 1e-6
        left, bottom, right, top = area.bounds
        x, y = np.meshgrid(np.linspace(left, right, 201), np.linspace(bottom, top, 201))
        dense = np.stack([x.ravel(), y.ravel()], axis=1)
        dense = dense[shapely.intersects_xy(area, dense)]
        assert value >= risk(dense).max() * (1.0 - 1e-3)


def document_with(**cells):
    def edit(document):
        minimal_park.row(document["targets"], target_id="school").update(cells)

    return minimal_park.changed(edit)


def test_an_assessment_judges_the_worst_corner_of_an_area():
    plain = minimal_park.coarse()
    x, y = plain.targets.set_index("target_id").loc["school", ["x", "y"]]
    area = shapely.box(x - 200.0, y - 100.0, x + 50.0, y + 150.0)
    result = assess(document_with(polygon=area.wkt), settings=minimal_park.COARSE)
    before, after = (each.targets.set_index("target_id") for each in (plain, result))
    assert after.loc["school", "individual_risk"] > before.loc["school", "individual_risk"]
    assert area.distance(shapely.Point(after.loc["school", ["risk_x", "risk_y"]])) < 1e-6
    assert after.loc["village"].equals(before.loc["village"])
    assert result.assumptions.set_index("code").loc["target:area", "count"] == 1
    assert before.loc["school", "risk_x"] == x


def test_a_target_on_top_of_a_source_takes_the_worst_side_of_it():
    unit = minimal_park.park().tables["units"].set_index("unit_id").loc["V-201"]
    settings = dataclasses.replace(minimal_park.COARSE, domino_histories=1)
    around = [(0.0, 0.0), (1.0, 0.0), (-0.3, 2.0), (0.0, -2.0)]
    risks = []
    for dx, dy in around:
        result = assess(document_with(x=unit["x"] + dx, y=unit["y"] + dy), settings=settings)
        risks.append(result.targets.set_index("target_id").loc["school", "individual_risk"])
        assert result.assumptions.set_index("code").loc["target:near_source", "count"] == 1
    # On whichever side of the source the target is drawn, it is judged as on the worst.
    turn = np.linspace(0.0, 2.0 * np.pi, 37)
    circle = np.array([unit["x"], unit["y"]]) + 4.99 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    one_cell = Raster(0.0, 0.0, 1.0, 1, 1)
    sides = individual_risk(result.events, wind_rose(result.park), settings.grid, one_cell, circle).points
    assert sides.max() > 1.1 * sides.min()
    assert min(risks) >= sides.max() * (1.0 - 1e-3)


def test_the_place_does_not_hang_on_threads_or_the_order_of_events():
    events, rose = toy_park(0)
    turned = dataclasses.replace(
        events, table=events.table.iloc[::-1].reset_index(drop=True), outcome_index=events.outcome_index[::-1].copy()
    )
    table = minimal_park.park().tables["targets"].iloc[:1].reset_index(drop=True)
    table["polygon"] = shapely.box(-600.0, -400.0, 500.0, 700.0).wkt
    found = []
    for each, count in ((events, 1), (events, 2), (turned, 2)):
        with threads(count):
            found.append(target_places(table, each, rose, GRID, FootprintLibrary(each.outcomes, GRID)))
    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[0], found[2])
