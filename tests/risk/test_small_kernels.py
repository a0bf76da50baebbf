"""Inner loops that are counted by hand: winds of histories, deaths by class, rooms under a line, winds that matter."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from parkrisk.risk.cascades.accidents import history_winds
from parkrisk.risk.crowds.deaths import class_guide, death_classes
from parkrisk.risk.mapping.loads import Exposure, Layer, Loads
from parkrisk.risk.natech.cascades_of_cause import suffered
from parkrisk.risk.siting.translation import societal_rooms
from parkrisk.risk.uncertainty.kernels import FINER, tally_groups

pytestmark = pytest.mark.kernel


def test_winds_of_histories_are_the_classes_in_turn():
    """One mark in each of equal parts of all that counts; where it lies within its class, marks are evenly apart."""
    cumulative = np.array([[0.2, 0.5, 1.0, 1.0], [0.0, 0.25, 0.25, 0.25]])
    wind, place = np.empty((2, 40), np.int32), np.empty((2, 40))
    with np.errstate(over="ignore"):
        history_winds(np.uint64(3), np.array([5, 9], np.uint64), cumulative, wind, place)
    assert np.bincount(wind[0]).tolist() == pytest.approx([8, 12, 20], abs=1)
    assert set(wind[1].tolist()) == {1}
    lower, width = np.array([0.0, 0.2, 0.5]), np.array([0.2, 0.3, 0.5])
    marks = lower[wind[0]] + place[0] * width[wind[0]]
    np.testing.assert_allclose(np.diff(marks), 1.0 / 40.0, rtol=1e-9)
    np.testing.assert_allclose(np.diff(place[1]), 1.0 / 40.0, rtol=1e-9)
    assert 0.0 <= marks[0] < 1.0 / 40.0


def test_deaths_by_group_weather_and_sector():
    """Two events of other groups, one of them primary; the second comes about in the second weather only."""
    edges = death_classes()
    deaths = np.zeros((2, 2, 4))
    deaths[0, 0], deaths[0, 1] = [0.0, 0.5, 5.0, 0.001], [1.0, 0.0, 2.0, 0.0]
    deaths[1, 0], deaths[1, 1] = [7.0, 7.0, 0.0, 40.0], [0.0, 0.0, 3.0, 0.0]
    outcome, chance = np.array([[0, 1], [-1, 1]]), np.array([[0, 1], [0, 1]])
    frequency, chances = np.array([1e-3, 4e-3]), np.array([[1.0, 1.0, 1.0, 1.0], [1.0, 0.5, 1.0, 0.0]])
    probability = np.random.default_rng(1).random((2, 2, 4))
    probability[1, 0, 0] = 0.0
    alone = np.random.default_rng(2).random((2, 2, 2))
    histograms, expected = np.zeros((2, 2, 2, 2, edges.size), np.int64), np.zeros((2, 2, 2))
    tally_groups(
        deaths, outcome, chance, frequency, probability, chances, alone, np.array([True, False]), np.array([1, 0]),
        edges, class_guide(edges), histograms, expected,
    )  # fmt: skip
    by_hand, sums = np.zeros((2, 2, 2, 2, edges.size)), np.zeros((2, 2, 2))
    for event, weather in ((0, 0), (0, 1), (1, 1)):
        for period in range(2):
            for b in range(4):
                dead = deaths[outcome[event, weather], period, b]
                often = frequency[event] * probability[period, weather, b] * chances[chance[event, weather], b]
                sums[event, weather, b // 2] += often * dead
                if dead * FINER >= edges[0]:
                    at = ([1, 0][event], weather, b // 2, np.searchsorted(edges, dead * FINER, side="right") - 1)
                    by_hand[(0, *at)] += often * alone[event, weather, b // 2]
                    by_hand[(1, *at)] += often * (event == 0)
    np.testing.assert_allclose(expected, sums, rtol=1e-12)
    np.testing.assert_allclose(histograms / 2.0**60, by_hand, rtol=1e-9, atol=1e-17)


def test_room_under_the_upper_line():
    """Line 1e-3/N up to N = 1000; beyond, points below the drawn-on line count from 1e-9 a year on."""
    edges, before = np.array([1.0, 10.0, 100.0, 2000.0]), np.array([5e-4, 2e-5, 0.0, 0.0])
    own = np.array(
        [[1e-4, 1e-5, 0.0, 0.0], [1e-5, 1e-5, 1e-5, 0.0], [0.0] * 4, [1e-8] * 4, [1e-10] * 4, [1e-3, 1e-3, 1e-3, 1e-3]]
    )
    room, beyond = np.full(6, -1.0), np.ones(6, np.bool_)
    societal_rooms(own, before, edges, (1e-3, 1000.0, 1e-9), room, beyond)
    assert room[:3].tolist() == pytest.approx([5.0, 1.0, math.inf])
    assert room[3:].tolist() == pytest.approx([50.0, 5000.0, 5e-4])
    # the last lies above the line drawn on, which is too much, not open
    assert beyond.tolist() == [False, False, False, True, False, False]


def test_nobody_dies_of_a_failure_that_does_not_happen():
    """Even where it is not known how many would; independent causes add up, their errors by squares."""
    facility = SimpleNamespace(units={"unit_id": ["a", "b", "c"]})
    played = [
        SimpleNamespace(frequency=np.array([0.0, 2e-5, 1e-4]), standard_error=np.array([0.0, 3e-6, 1e-6])),
        SimpleNamespace(frequency=np.array([0.0, 1e-5, 0.0]), standard_error=np.array([0.0, 4e-6, 0.0])),
    ]
    table = suffered(facility, played, np.array([np.nan, 5.0, np.nan]))
    assert table["cascade_frequency"].tolist() == pytest.approx([0.0, 3e-5, 1e-4])
    assert table["cascade_error"].tolist() == pytest.approx([0.0, 5e-6, 1e-6])
    assert table["cascade_pll"].tolist() == pytest.approx([0.0, 1.5e-4, math.nan], nan_ok=True)
    assert suffered(facility, played, None)["cascade_pll"].isna().all()


def test_an_outcome_that_hangs_on_the_wind_is_met_as_often_as_it_comes_about():
    directions = [np.linspace(0.0, 1.0, 8), np.array([1.0, 0.0] * 4)]
    loads = SimpleNamespace(n_bins=8, n_sectors=4, directions=directions)
    loads.density = lambda layer, exposure: Loads.density(loads, layer, exposure)
    density = np.array([[0.2, 0.4, 0.1, 0.3], [0.4, 0.1, 0.2, 0.3]])
    exposure = Exposure(0, density, density * (math.pi / 2.0))
    for weather in range(2):
        always = Loads.share(loads, Layer(-1, weather, -1, {}), exposure)
        assert np.array_equal(always, exposure.share[weather])
        for k, chance in enumerate(directions):
            found = Loads.share(loads, Layer(-1, weather, k, {}), exposure)
            halves = chance.reshape(4, 2).mean(axis=1)
            assert found == pytest.approx(exposure.share[weather] * halves, rel=1e-12)
