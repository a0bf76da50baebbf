"""Contours: nested, valid, and where they ought to be."""

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from parkrisk.models.errors import ParkRiskError
from parkrisk.risk.contours import contours, open_levels
from parkrisk.risk.individual import Raster

LEVELS = (1e-3, 1e-4, 3e-5, 1e-5, 3e-6, 1e-6, 3e-7)


def cone(raster, x, y, decay):
    """Risk that falls by e every ``decay`` metres: its contours are circles."""
    return 1e-4 * np.exp(-np.hypot(raster.x[None, :] - x, raster.y[:, None] - y) / decay)


def test_contours_of_a_cone_are_circles_in_park_coordinates():
    raster = Raster(498_000.0, 3_330_000.0, 10.0, 201, 221)
    areas = contours(raster, cone(raster, 499_000.0, 3_331_100.0, 100.0), [1e-5, 3e-6])
    for level, area in areas.items():
        radius = 100.0 * np.log(1e-4 / level)
        assert area.area == pytest.approx(np.pi * radius**2, rel=2e-3)
        assert area.centroid.x == pytest.approx(499_000.0, abs=0.1)
        assert area.centroid.y == pytest.approx(3_331_100.0, abs=0.1)


def test_levels_are_given_highest_first_and_an_unreached_one_is_empty():
    raster = Raster(0.0, 0.0, 10.0, 50, 50)
    areas = contours(raster, cone(raster, 250.0, 250.0, 30.0), [1e-6, 1e-3, 1e-5])
    assert list(areas) == [1e-3, 1e-5, 1e-6]
    assert areas[1e-3].is_empty


def test_a_hole_stays_a_hole():
    raster = Raster(0.0, 0.0, 10.0, 101, 101)
    distance = np.hypot(raster.x[None, :] - 500.0, raster.y[:, None] - 500.0)
    area = contours(raster, 1e-4 * np.exp(-(((distance - 250.0) / 60.0) ** 2)), [1e-5])[1e-5]
    assert not area.contains(shapely.Point(500.0, 500.0))
    assert area.contains(shapely.Point(750.0, 500.0))


@settings(max_examples=60, deadline=None)
@given(arrays(np.float64, (7, 9), elements=st.sampled_from([0.0, 1e-7, 3e-7, 1e-6, 2e-6, 1e-5, 4e-5, 1e-3])))
def test_any_raster_gives_nested_valid_polygons(values):
    areas = list(contours(Raster(0.0, 0.0, 50.0, 9, 7), values, LEVELS).values())
    assert all(area.is_valid for area in areas)
    assert all(area.geom_type in ("Polygon", "MultiPolygon") for area in areas)
    for inner, outer in itertools.pairwise(areas):
        assert inner.difference(outer).area <= 1e-6
        assert outer.area >= inner.area - 1e-6


def test_a_contour_cut_by_the_edge_of_the_map_is_named():
    raster = Raster(0.0, 0.0, 10.0, 50, 50)
    values = cone(raster, 250.0, 250.0, 100.0)
    assert open_levels(values, [1e-5, 1e-6]) == (1e-6,)
    assert contours(raster, values, [1e-6])[1e-6].is_valid


def test_a_raster_of_one_row_has_no_contours():
    assert contours(Raster(0.0, 0.0, 10.0, 5, 1), np.full((1, 5), 1e-3), [1e-5])[1e-5].is_empty


@pytest.mark.parametrize("level", [0.0, -1e-5, float("nan")])
def test_a_level_that_is_no_risk_is_refused(level):
    with pytest.raises(ParkRiskError):
        contours(Raster(0.0, 0.0, 10.0, 5, 5), np.ones((5, 5)), [level])


def test_values_that_do_not_fit_are_refused():
    raster = Raster(0.0, 0.0, 10.0, 5, 4)
    with pytest.raises(ParkRiskError):
        contours(raster, np.ones((5, 4)), [1e-5])
    with pytest.raises(ParkRiskError):
        contours(raster, np.full((4, 5), np.nan), [1e-5])
