"""Lightning: collection areas of IEC 62305-2 by hand and by another method, factors of its tables, bounds."""

import math

import numpy as np
import pytest
import shapely

from parkrisk.models.air import lightning as bolts
from parkrisk.models.errors import OutOfRange


def test_box_by_hand():
    """L 40 m, W 20 m, H 25 m: 800 + 2 · 75 · 60 + π 75² = 9800 + 5625 π m²."""
    assert bolts.collection_area_of_box(40.0, 20.0, 25.0) == pytest.approx(9800.0 + 5625.0 * math.pi, rel=1e-14)


def test_cylinder_by_hand():
    """D 20 m, H 10 m: π 40² m²."""
    assert bolts.collection_area(20.0, 10.0) == pytest.approx(1600.0 * math.pi, rel=1e-14)


def test_areas_are_the_shape_widened_by_three_heights():
    box = shapely.box(0.0, 0.0, 40.0, 20.0).buffer(75.0, quad_segs=2000)
    assert bolts.collection_area_of_box(40.0, 20.0, 25.0) == pytest.approx(box.area, rel=1e-6)
    disc = shapely.Point(0.0, 0.0).buffer(10.0, quad_segs=2000).buffer(30.0, quad_segs=2000)
    assert bolts.collection_area(20.0, 10.0) == pytest.approx(disc.area, rel=1e-6)


def test_a_mast_is_a_box_and_a_cylinder():
    assert bolts.collection_area(0.0, [5.0, 30.0]) == pytest.approx(
        bolts.collection_area_of_box(0.0, 0.0, [5.0, 30.0]), rel=1e-14
    )


def test_flash_density_and_location():
    assert bolts.ground_flash_density(40.0) == pytest.approx(4e-6, rel=1e-14)  # 4 per km² and year
    assert [bolts.location_factor(name) for name in bolts.LOCATIONS] == [0.25, 0.5, 1.0, 2.0]


def test_better_protection_is_better():
    factors = [bolts.protection_factor(name) for name in bolts.PROTECTIONS]
    assert factors[0] == 1.0
    assert (np.diff(factors) < 0.0).all()


@pytest.mark.parametrize("size", [-1.0, math.nan, math.inf])
def test_impossible_sizes(size):
    with pytest.raises(OutOfRange, match="size of a structure"):
        bolts.collection_area(10.0, size)


def test_impossible_words_and_days():
    with pytest.raises(OutOfRange, match="location"):
        bolts.location_factor("under water")
    with pytest.raises(OutOfRange, match="protection"):
        bolts.protection_factor("V")
    with pytest.raises(OutOfRange, match="thunder days"):
        bolts.ground_flash_density(400.0)
