"""Contours: nested, valid, and where they ought to be."""

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from parkrisk.models.errors import ParkRiskError
from parkrisk.risk.individual import Raster
from parkrisk.risk.mapping.contours import _nested, contours, open_levels, reprojected

LEVELS = (1e-3, 1e-4, 3e-5, 1e-5, 3e-6, 1e-6, 3e-7)

TURN = np.array([[0.8, 0.6], [-0.6, 0.8]])


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


def test_an_area_that_sticks_out_of_the_next_is_added_to_it():
    inner, outer, wide = shapely.box(0.0, 0.0, 2.0, 2.0), shapely.box(-1.0, -1.0, 1.5, 3.0), shapely.box(-5, -5, 5, 5)
    found = _nested({1e-4: inner, 1e-5: outer, 1e-6: wide})
    assert found[1e-4].equals(inner)
    assert found[1e-5].equals(outer.union(inner))
    assert found[1e-6] is wide


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
    areas = contours(Raster(0.0, 0.0, 50.0, 9, 7), values, LEVELS)
    assert_nested_and_valid(areas, 400.0 * 300.0)
    turned = reprojected(areas, lambda points: points @ TURN * 1e-5 + [121.3, 29.9])
    assert_nested_and_valid(turned, 400.0 * 300.0 * 1e-10)
    for level in LEVELS:
        assert turned[level].area == pytest.approx(1e-10 * areas[level].area, rel=1e-6, abs=1e-13)


def assert_nested_and_valid(areas, whole):
    shapes = list(areas.values())
    assert all(shape.is_valid for shape in shapes)
    assert all(shape.geom_type in ("Polygon", "MultiPolygon") for shape in shapes)
    for inner, outer in itertools.pairwise(shapes):
        assert inner.difference(outer).area <= 1e-11 * whole
        assert outer.area >= inner.area * (1.0 - 1e-11)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(*[st.floats(-6.0, -3.0), *[st.floats(100.0, 900.0)] * 2, st.floats(10.0, 80.0)]), min_size=1))
def test_a_sum_of_peaks_has_contours_around_what_lies_above(peaks):
    raster = Raster(0.0, 0.0, 20.0, 51, 51)
    x, y = np.meshgrid(raster.x, raster.y)
    values = sum(10.0**height * np.exp(-np.hypot(x - px, y - py) / decay) for height, px, py, decay in peaks)
    areas = contours(raster, values, LEVELS)
    assert_nested_and_valid(areas, 1e6)
    for level, area in areas.items():
        # Rounding may put a centre that is all but on the level on either side.
        above, below = values > level * (1.0 + 1e-9), values < level * (1.0 - 1e-9)
        assert shapely.intersects_xy(area, x[above], y[above]).all()
        assert not shapely.intersects_xy(area, x[below], y[below]).any()


@given(st.integers(-4096, 4096), st.integers(-4096, 4096))
def test_contours_move_with_the_raster(east, north):
    here, there = Raster(0.0, 0.0, 16.0, 41, 31), Raster(256.0 * east, 256.0 * north, 16.0, 41, 31)
    values = cone(here, 300.0, 200.0, 64.0)
    for level, area in contours(here, values, LEVELS).items():
        moved = contours(there, values, LEVELS)[level]
        back = shapely.transform(moved, lambda points: points - [256.0 * east, 256.0 * north])
        assert shapely.equals_exact(back, area, 1e-6)


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
