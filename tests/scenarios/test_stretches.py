"""Lines cut into stretches: exact shares and lengths, and the error of the midpoint rule against integrals."""

import math

import numpy as np
import pandas as pd
import pytest
import shapely

from parkrisk.models.errors import OutOfRange
from parkrisk.scenarios.events.losses import rule
from parkrisk.scenarios.events.stretches import lines_of, stretches


def places(line, longest=None):
    return np.array([[each.x, each.y, each.share] for each in stretches(line, longest)])


def test_stretches_share_the_frequency_and_lie_on_the_line():
    line = shapely.LineString([(0, 0), (300, 0), (300, 417)])
    found = places(line)
    assert len(found) == math.ceil(717 / rule("stretch_length"))
    assert found[:, 2].sum() == pytest.approx(1.0, rel=1e-15)
    assert max(line.distance(shapely.Point(x, y)) for x, y in found[:, :2]) < 1e-9
    steps = np.hypot(*np.diff(found[:, :2], axis=0).T)
    assert steps.max() <= rule("stretch_length") + 1e-9
    first = np.hypot(*(found[0, :2]))
    assert first == pytest.approx(717 / len(found) / 2)


def test_a_line_as_long_as_one_stretch_is_one_place():
    (only,) = stretches(shapely.LineString([(0, 0), (50, 0)]), 50.0)
    assert (only.x, only.y, only.share) == (25.0, 0.0, 1.0)


def test_names_sort_in_the_order_of_the_line():
    marks = [each.mark for each in stretches(shapely.LineString([(0, 0), (600, 0)]), 50.0)]
    assert marks == sorted(marks)
    assert len(set(marks)) == 12


@pytest.mark.parametrize(("distance", "bound"), [(50.0, 0.004), (100.0, 1e-5), (25.0, 0.091)])
def test_error_of_an_effect_that_fades_is_that_of_the_notes(distance, bound):
    # 1/(x² + d²) along an endless line: the relative error of the sum over midpoints is about 2 exp(−2π d/h).
    found = places(shapely.LineString([(-40_000.0, 0), (40_025.0, 0)]), 50.0)
    value = (80_025.0 * found[:, 2] / ((found[:, 0] - 13.0) ** 2 + distance**2)).sum()
    exact = (math.atan((40_025.0 - 13.0) / distance) + math.atan((40_000.0 + 13.0) / distance)) / distance
    assert abs(value / exact - 1.0) < bound


def test_error_of_an_effect_with_an_edge_is_at_most_a_stretch():
    line = shapely.LineString([(0, 0), (1000, 0)])
    for at in np.linspace(200.0, 800.0, 61):
        found = places(line, 50.0)
        within = found[(found[:, 0] - at) ** 2 <= 120.0**2 - 60.0**2, 2].sum() * 1000.0
        assert abs(within - 2.0 * math.sqrt(120.0**2 - 60.0**2)) <= 50.0


@pytest.mark.parametrize("corners", [[(5, 5), (5, 5)], [(0, 0), (600_000, 0)]])
def test_lines_that_cannot_be_cut(corners):
    with pytest.raises(OutOfRange, match="line"):
        stretches(shapely.LineString(corners))


def test_corners_follow_their_number_not_their_row():
    table = pd.DataFrame({"line_id": ["b", "a", "b", "a"], "point": [2, 1, 1, 2], "x": [9, 0, 1, 4], "y": [0, 0, 0, 3]})
    found = lines_of(table)
    assert list(found["b"].coords) == [(1, 0), (9, 0)]
    assert found["a"].length == 5.0
