"""Societal risk against every person counted one by one, and against the risk of each."""

from dataclasses import replace

import numpy as np
import pytest

from parkrisk.models.errors import OutOfRange, ParkRiskError
from parkrisk.models.footprint import PolarGrid
from parkrisk.risk.societal import societal_risk
from parkrisk.scenarios.receptors import wind_rose
from tests import minimal_park
from tests.risk.crowds import EVEN, GRID, NEUTRAL, at, crowd, park_rows, same, uneven_rose
from tests.risk.oracle import DISC, FIRE, Rose, Toy, toy_events
from tests.risk.societal_oracle import exceedance, finely, numbers_and_frequencies, sum_of_own_risks


def test_curve_agrees_with_every_person_counted():
    events, rose, people = toy_events(park_rows(), 2), uneven_rose(), crowd(1200)
    result = societal_risk(events, rose, GRID, people)
    numbers, frequencies = numbers_and_frequencies(events, rose, people, 1440)
    want = exceedance(numbers, frequencies, result.edges * (1.0 - 1e-9))
    found = sum(unit.histogram for unit in result.units.values())[::-1].cumsum()[::-1] / 2.0**60
    known = want > 1e-9
    errors = np.abs(found[known] / want[known] - 1.0)
    assert np.median(errors) <= 2e-3
    # Where the curve is steep, the right question is at which N: within 4 %.
    assert np.all(found >= exceedance(numbers, frequencies, result.edges * 1.04) - 1e-9)
    assert np.all(found <= exceedance(numbers, frequencies, result.edges / 1.04) + 1e-9)
    assert result.pll == pytest.approx(float(numbers @ frequencies), rel=2e-3)
    assert result.tail["n_max"].max() == pytest.approx(numbers.max(), rel=1e-2)


def test_deaths_of_every_direction_agree_with_every_person_counted():
    """Person by person at 720 directions: the number of deaths itself, not only its distribution."""
    people, rose = crowd(2000), EVEN
    events = toy_events([("e1", "u1", "C", 0.0, 0.0, "toxic", 1e-5, [NEUTRAL])], 1)
    numbers, frequencies = numbers_and_frequencies(events, rose, people, 3600)
    # Five directions make one bin of the polar grid; day first, then night.
    want = np.sort(numbers.reshape(2, 720, 5).mean(axis=2).ravel())
    result = societal_risk(events, rose, GRID, people)
    found = exceedance(want, np.full(want.size, 1e-5 / want.size), result.fn["N"].to_numpy())
    errors = np.abs(result.fn["F"].to_numpy() / found - 1.0)
    assert np.median(errors) <= 3e-3
    assert frequencies.sum() == pytest.approx(1e-5)


def test_expected_deaths_are_the_sum_of_everybodys_own_risk():
    """PLL = Σ persons × risk when risk is interpolated with the weights that put people on the grid."""
    events, rose, people = toy_events(park_rows(), 2), uneven_rose(), crowd(500, reach=800.0)
    want = sum_of_own_risks(events, rose, GRID, people)
    assert societal_risk(events, rose, GRID, people).pll == pytest.approx(want, rel=1e-12)


def real_park(reach):
    """One event of each kind that the models know, with people around, some of them staff of the owner."""
    every = minimal_park.events()
    rows = every.table.groupby("outcome").head(1).index.to_numpy()
    table = every.table.iloc[rows].reset_index(drop=True)
    assert {"pool_fire", "flash_fire", "explosion", "toxic_cloud", "jet_fire", "fireball"} <= set(table["outcome"])
    near = crowd(300, reach=reach)
    employer = np.where(near.enterprise_id == "A", table["enterprise_id"].iloc[0], "")
    near = replace(near, x=near.x + table["x"].mean(), y=near.y + table["y"].mean(), enterprise_id=employer)
    return replace(every, table=table, outcome_index=every.outcome_index[rows]), wind_rose(minimal_park.park()), near


def test_expected_deaths_are_the_sum_of_own_risks_on_real_footprints():
    """Outcomes hang on the direction here, as they do where ignition sources are located."""
    events, rose, near = real_park(400.0)
    grid = PolarGrid(n_rings=64, n_bins=144, r_max=3000.0)
    rng = np.random.default_rng(12)
    index = rng.integers(-1, 2, events.outcome_index.shape).astype(np.int32)
    events = replace(events, directions=tuple(rng.random((2, grid.n_bins))), direction_index=index)
    want = sum_of_own_risks(events, rose, grid, near)
    assert want > 0.0
    assert societal_risk(events, rose, grid, near).pll == pytest.approx(want, rel=1e-12)


@pytest.mark.slow
def test_curve_of_real_footprints_agrees_with_every_person_counted():
    events, rose, near = real_park(250.0)
    fine = PolarGrid(n_rings=600, n_bins=2880, r_max=5000.0)
    result = societal_risk(events, rose, GRID, near)
    numbers, frequencies = numbers_and_frequencies(events, rose, near, 720, finely(fine))
    want = exceedance(numbers, frequencies, result.edges * (1.0 - 1e-9))
    found = sum(unit.histogram for unit in result.units.values())[::-1].cumsum()[::-1] / 2.0**60
    known = want > 1e-9
    assert np.count_nonzero(known) > 100
    errors = np.abs(found[known] / want[known] - 1.0)
    assert np.median(errors) <= 5e-3
    assert result.pll == pytest.approx(float(numbers @ frequencies), rel=3e-4)


def test_a_disc_counts_heads_exactly_and_reaches_its_edge():
    people = at([10.0, 99.0, 100.0, 100.0001, 150.0], day=5.0)
    by_day = Rose(np.concatenate([np.full((1, 1, 16), 1 / 16), np.zeros((1, 1, 16))]))
    events = toy_events([("e1", "u1", "A", 0.0, 0.0, "explosion", 1e-5, [Toy(DISC, 100.0, 1.0)])], 1)
    result = societal_risk(events, by_day, GRID, people)
    assert result.pll == pytest.approx(15e-5, rel=1e-12)
    assert result.tail["n_max"].tolist() == [15.0]
    twice = societal_risk(events, by_day, GRID, at([50.0] * 10))
    assert twice.fn["N"].iloc[-1] == 10.0
    assert twice.fn["F"].iloc[-1] == pytest.approx(1e-5, rel=1e-9)


def test_own_staff_is_not_counted_and_that_of_others_is():
    people = replace(at([50.0, 60.0]), enterprise_id=np.array(["A", "B"], object))
    disc = [Toy(DISC, 100.0, 1.0)]
    rows = [("e1", "u1", "A", 0.0, 0.0, "explosion", 1e-5, disc), ("e2", "u2", "C", 0.0, 0.0, "explosion", 1e-5, disc)]
    result = societal_risk(toy_events(rows, 1), EVEN, GRID, people)
    assert result.pll_by_enterprise["A"] == pytest.approx(0.5e-5)
    assert result.pll_by_enterprise["C"] == pytest.approx(1.0e-5)


def test_what_belongs_to_nobody_counts_everybody():
    """Transport has no owner, and the public is not its staff."""
    people = replace(at([50.0, 60.0, 70.0]), enterprise_id=np.array(["", "A", "B"], object))
    disc = [Toy(DISC, 100.0, 1.0)]
    rows = [("e1", "u1", "A", 0.0, 0.0, "explosion", 1e-5, disc), ("e2", "t1", "", 0.0, 0.0, "explosion", 1e-5, disc)]
    result = societal_risk(toy_events(rows, 1), EVEN, GRID, people)
    assert result.pll_by_enterprise.to_dict() == pytest.approx({"": 1.5e-5, "A": 1.0e-5})


def test_few_deaths_enter_the_sum_but_not_the_curve():
    events = toy_events([("e1", "u1", "A", 0.0, 0.0, "explosion", 1e-5, [Toy(DISC, 100.0, 0.3)])], 1)
    result = societal_risk(events, EVEN, GRID, at([50.0, 60.0]))
    assert result.pll == pytest.approx(0.3e-5)
    assert len(result.fn) == 0


def test_parts_sum_to_the_whole():
    result = societal_risk(toy_events(park_rows(), 2), uneven_rose(), GRID, crowd(500))
    for parts in (result.pll_by_unit, result.pll_by_substance, result.pll_by_enterprise):
        assert parts.sum() == pytest.approx(result.pll, rel=1e-12)
    assert result.tail["pll"].sum() == pytest.approx(result.pll, rel=1e-12)
    assert result.fn["F"].is_monotonic_decreasing
    at_ten = result.fn.loc[result.fn["N"] == 10.0, "F"].item()
    assert result.tail["f_10"].sum() == pytest.approx(at_ten, rel=1e-6)


def test_nobody_there_nobody_dies():
    result = societal_risk(toy_events(park_rows(), 2), uneven_rose(), GRID, crowd(0))
    assert result.pll == 0.0
    assert len(result.fn) == 0
    assert len(result.tail) == 0


@pytest.mark.parametrize("bad", [float("nan"), -1.0])
def test_people_that_are_no_number_are_refused(bad):
    with pytest.raises(ParkRiskError):
        societal_risk(toy_events(park_rows(), 2), uneven_rose(), GRID, at([10.0], day=bad))


def test_too_high_frequencies_are_refused():
    rows = [(*row[:6], 2.0, row[7]) for row in park_rows()]
    with pytest.raises(OutOfRange):
        societal_risk(toy_events(rows, 2), uneven_rose(), GRID, crowd(5))


@pytest.mark.kernel
def test_small_park_without_compiled_kernels():
    grid = PolarGrid(n_rings=12, n_bins=16, r_max=300.0)
    events = toy_events([("e1", "u1", "A", 0.0, 0.0, "pool_fire", 1e-5, [Toy(FIRE, 60.0, 0.0)])], 1)
    result = societal_risk(events, EVEN, grid, at([20.0, 25.0], day=10.0))
    assert result.pll == pytest.approx(0.5 * 20.0 * 1e-5, rel=5e-3)


def test_rows_at_one_place_are_different_people():
    once = at([50.0, 60.0], day=4.0)
    events = toy_events([("e1", "u1", "A", 0.0, 0.0, "explosion", 1e-5, [Toy(DISC, 100.0, 1.0)])], 1)
    result = societal_risk(events, EVEN, GRID, once.only(np.array([0, 1, 0])))
    assert result.tail["n_max"].tolist() == [12.0]


def test_a_row_split_in_two_changes_nothing():
    events, rose, people = toy_events(park_rows(), 2), uneven_rose(), crowd(300)
    halved = people.only(np.tile(np.arange(300), 2))
    halved = replace(halved, day=0.5 * halved.day, night=0.5 * halved.night)
    base, found = (societal_risk(events, rose, GRID, each) for each in (people, halved))
    assert found.pll == pytest.approx(base.pll, rel=1e-13)
    assert found.fn["F"].to_numpy() == pytest.approx(base.fn["F"].to_numpy(), rel=1e-12)


def test_people_on_the_source_stand_on_its_first_ring():
    here, beside = at([0.0], day=40.0), at([GRID.r_min], day=40.0)
    events = toy_events([("e1", "u1", "A", 0.0, 0.0, "pool_fire", 1e-5, [Toy(FIRE, 60.0, 0.0)])], 1)
    on, off = (societal_risk(events, EVEN, GRID, people) for people in (here, beside))
    assert on.pll == pytest.approx(off.pll, rel=1e-12)
    assert on.pll == pytest.approx(0.5 * 40.0 * 1e-5, rel=1e-6)


def test_an_outcome_may_depend_on_the_wind_direction():
    """People east and west; an outcome that needs a wind to the east never kills in the west."""
    chance = np.zeros(GRID.n_bins)
    chance[:180] = 0.5
    chance[540:] = 0.5
    people = at([300.0, -300.0], day=100.0)
    rows = [("e1", "u1", "C", 0.0, 0.0, "toxic", 1e-5, [NEUTRAL])]
    free = societal_risk(toy_events(rows, 1), EVEN, GRID, people)
    bound = replace(toy_events(rows, 1), directions=(chance,), direction_index=np.zeros((1, 1), dtype=np.int32))
    found = societal_risk(bound, EVEN, GRID, people)
    # Bin 0 begins half a sector clockwise of east: the half circle that counts is 11.25 degrees off, plumes narrower.
    assert found.pll == pytest.approx(0.25 * free.pll, rel=1e-9)
    assert found.fn["F"].to_numpy() == pytest.approx(0.25 * free.fn["F"].to_numpy(), rel=1e-9)
    assert found.tail["n_max"].tolist() == pytest.approx(free.tail["n_max"].tolist(), rel=1e-12)
    whole = replace(bound, direction_index=np.full((1, 1), -1, dtype=np.int32))
    same(societal_risk(whole, EVEN, GRID, people), free)


def test_chances_of_directions_weigh_every_direction():
    """PLL is linear in the chances, and those of single bins sum to the whole."""
    rng = np.random.default_rng(8)
    grid = PolarGrid(n_rings=60, n_bins=16, r_max=3000.0)
    rows, people = park_rows()[:1], crowd(200)
    events = toy_events(rows, 2)
    index = np.array([[0, 1]], dtype=np.int32)
    chances = rng.random((2, 16))
    found = societal_risk(
        replace(events, directions=tuple(chances), direction_index=index), uneven_rose(), grid, people
    )
    single = 0.0
    for b in range(16):
        for weather in range(2):
            bins = np.zeros((2, 16))
            bins[weather, b] = 1.0
            part = replace(events, directions=tuple(bins), direction_index=index)
            single += chances[weather, b] * societal_risk(part, uneven_rose(), grid, people).pll
    assert found.pll == pytest.approx(single, rel=1e-11)


@pytest.mark.parametrize("bad", [np.full(GRID.n_bins, 1.5), np.full(8, 0.5), np.full(GRID.n_bins, np.nan)])
def test_chances_that_are_none_are_refused(bad):
    events = toy_events(park_rows(), 2)
    index = np.zeros(events.outcome_index.shape, dtype=np.int32)
    with pytest.raises(ParkRiskError):
        societal_risk(replace(events, directions=(bad,), direction_index=index), uneven_rose(), GRID, crowd(5))
