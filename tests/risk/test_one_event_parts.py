"""Shapes and clouds of one event, each part by itself: against formulas, by hand, and by another unit of the cloud."""

import itertools
import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.special import ndtri

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.cloud.cloud_history import CloudHistory
from parkrisk.models.cloud.vapour import VapourSource
from parkrisk.models.footprint import PolarGrid
from parkrisk.models.substance.substances import find
from parkrisk.risk.one_event import event_choice
from parkrisk.risk.one_event.lethality_map import LethalityMap, _reach
from parkrisk.risk.one_event.polar_areas import nested
from parkrisk.risk.one_event.zones import Vapour
from tests.risk.oracle import PLUME, Toy, lethality


def test_each_area_holds_the_one_before_it_and_through_it_all_earlier_ones():
    first, second, third = (shapely.box(0.0, 0.0, *corner) for corner in ((1.0, 1.0), (3.0, 1.0), (2.0, 2.0)))
    found = nested([first, second, third])
    assert [area.area for area in found] == pytest.approx([1.0, 3.0, 5.0])  # the last: 4 and what sticks out
    assert all(outer.covers(inner) for inner, outer in itertools.pairwise(found))


def test_lethality_reaches_to_the_ring_after_the_last_with_any():
    """Between rings it is linear, so that it ends where the next ring has none."""
    grid = PolarGrid(n_rings=5, n_bins=8, r_min=10.0, r_max=160.0)  # 10, 20, 40, 80, 160 m
    for count, disc, reach in (
        ([2, 1, 0, 0, 0], [], 40.0),
        ([1, 1, 1, 1, 3], [], 160.0),
        ([0] * 5, [], 0.0),
        ([0] * 5, [7.0, 30.0], 30.0),
        ([1, 0, 0, 0, 0], [30.0], 30.0),
    ):
        footprint = SimpleNamespace(count=np.array(count), disc_radius=np.array(disc))
        assert _reach(footprint, grid) == pytest.approx(reach)


def test_the_outline_of_a_plume_lies_where_its_lethality_is_the_level():
    plume = Toy(PLUME, 1e5, 5.0)
    levels = (0.9, 0.5, 0.1)
    for level, area in zip(levels, LethalityMap(plume).areas(levels), strict=True):
        x, y = shapely.get_coordinates(area).T
        far = np.hypot(x, y) > 0.2 * np.hypot(x, y).max()  # nearby the plume is narrower than a few bins
        shifts = [
            ndtri(lethality(plume.case, math.hypot(*place), abs(math.atan2(*place[::-1])))) - ndtri(level)
            for place in zip(x[far], y[far], strict=True)
        ]
        assert len(shifts) >= 10
        assert abs(np.median(shifts)) < 0.03  # a bin aside is 0.2 and more


def test_levels_of_a_cloud_are_looked_up_as_mole_fractions():
    """Far away, where the cloud is thin and as warm as the air, kg/m³ are mole fraction × density of the gas."""
    chlorine, weather = find("7782-50-5"), Weather(5.0, "D", 288.15)
    vapour = Vapour(VapourSource(substance=chlorine, mass=1800.0, duration=1800.0, temperature=288.15), weather)
    mass = CloudHistory.of(vapour.source, weather, 1.0)
    x = np.array([2000.0, 4000.0])
    density = 70.9e-3 * 101_325.0 / (8.314 * 288.15)
    assert vapour.breathed.at(x, 0.0, 1500.0) * density == pytest.approx(mass.at(x, 0.0, 1500.0), rel=0.02)


def test_the_most_frequent_event_comes_first_and_equal_ones_by_name(monkeypatch):
    """A loss on two stretches of a line stands once, with the frequency of both."""
    rows = [
        ("rupture", "fireball", 1.0),
        ("leak", "jet_fire", 2.0),
        ("leak", "fireball", 2.0),
        ("hole", "jet_fire", 2.0),
        ("rupture", "flash_fire", 1.5),
        ("rupture", "fireball", 1.5),
    ]
    table = pd.DataFrame(rows, columns=["loc", "outcome", "frequency"])
    others = dict.fromkeys(["unit_id", "cas", "release_rate", "released_mass", "duration"], "")
    events = SimpleNamespace(table=table.assign(**others))
    monkeypatch.setattr(event_choice, "unit_events", lambda *_: events)
    found = event_choice.possible_events(None, "any")
    order = ["rupture fireball", "hole jet_fire", "leak fireball", "leak jet_fire", "rupture flash_fire"]
    assert (found["loc"] + " " + found["outcome"]).tolist() == order
    assert found["frequency"].tolist() == [2.5, 2.0, 2.0, 2.0, 1.5]
