"""Societal risk against every person counted one by one, and what must hold exactly."""

from dataclasses import dataclass

import numpy as np
import pytest

from parkrisk.models._jit import threads
from parkrisk.models.errors import OutOfRange, ParkRiskError
from parkrisk.models.footprint import INDOOR, OUTDOOR, PolarGrid
from parkrisk.risk import kernels
from parkrisk.risk.deaths import death_classes
from parkrisk.risk.library import FootprintLibrary
from parkrisk.risk.societal import societal_risk
from tests.risk.oracle import DISC, FIRE, PLUME, Rose, Toy, exceedance, numbers_and_frequencies, toy_events

GRID = PolarGrid(r_max=5000.0)
STABLE, NEUTRAL = Toy(PLUME, 2e6, 1.5, 1.0), Toy(PLUME, 1e6, 5.0)


@dataclass(frozen=True)
class Crowd:
    x: np.ndarray
    y: np.ndarray
    day: np.ndarray
    night: np.ndarray
    indoor_day: np.ndarray
    indoor_night: np.ndarray
    enterprise_id: np.ndarray

    def only(self, chosen):
        return Crowd(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


def crowd(n, seed=1, reach=1500.0):
    rng = np.random.default_rng(seed)
    return Crowd(
        x=rng.normal(0.0, reach, n),
        y=rng.normal(500.0, reach, n),
        day=rng.integers(0, 30, n).astype(float),
        night=rng.integers(0, 20, n).astype(float),
        indoor_day=0.7 * rng.random(n),
        indoor_night=0.5 + 0.5 * rng.random(n),
        enterprise_id=np.where(rng.random(n) < 0.1, "A", "").astype(object),
    )


def at(distances, day=1.0):
    """People outdoors, by day only, east of the origin."""
    n = len(distances)
    zero = np.zeros(n)
    return Crowd(
        np.array(distances), zero, np.broadcast_to(day, n).astype(float), zero, zero, zero, np.array([""] * n, object)
    )


def uneven_rose(seed=3, n_weathers=2):
    probability = np.random.default_rng(seed).random((2, n_weathers, 16)) ** 2
    return Rose(probability / probability.sum())


EVEN = Rose(np.full((2, 1, 16), 1.0 / 32.0))


def park_rows():
    return [
        ("e1", "u1", "A", 3.3, -7.1, "toxic", 1e-5, [STABLE, NEUTRAL]),
        ("e2", "u1", "A", 3.3, -7.1, "explosion", 3e-6, [Toy(DISC, 700.0, 0.7)] * 2),
        ("e3", "u2", "B", 400.0, 300.0, "pool_fire", 2e-5, [Toy(FIRE, 300.0, 0.4)] * 2),
        ("e4", "u3", "B", -600.0, 100.0, "toxic", 4e-6, [None, NEUTRAL]),
    ]


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
    people, rose = crowd(3000), EVEN
    events = toy_events([("e1", "u1", "C", 0.0, 0.0, "toxic", 1e-5, [NEUTRAL])], 1)
    numbers, frequencies = numbers_and_frequencies(events, rose, people, 7200)
    # Ten directions make one bin of the polar grid; day first, then night.
    want = np.sort(numbers.reshape(2, 720, 10).mean(axis=2).ravel())
    result = societal_risk(events, rose, GRID, people)
    found = exceedance(want, np.full(want.size, 1e-5 / want.size), result.fn["N"].to_numpy())
    errors = np.abs(result.fn["F"].to_numpy() / found - 1.0)
    assert np.median(errors) <= 3e-3
    assert frequencies.sum() == pytest.approx(1e-5)


def interpolated(field, grid, turn, dx, dy):
    """Linear in (ln r, θ) from a padded field."""
    u = np.clip(np.log(np.hypot(dx, dy) / grid.r_min) / np.log(grid.r_max / grid.r_min) * (grid.n_rings - 1), 0, None)
    v = np.mod(np.arctan2(dy, dx) + turn, 2.0 * np.pi) / grid.bin_width
    i, j = np.minimum(u.astype(int), grid.n_rings - 2), v.astype(int)
    u, v = u - i, v - j
    nodes = field[2:-2, 2:-2]
    inner = nodes[i, j] * (1.0 - v) + nodes[i, j + 1] * v
    outer = nodes[i + 1, j] * (1.0 - v) + nodes[i + 1, j + 1] * v
    return inner * (1.0 - u) + outer * u


def test_expected_deaths_are_the_sum_of_everybodys_own_risk():
    """PLL = Σ persons × risk when risk is interpolated with the weights that put people on the grid."""
    rows, rose, people = park_rows(), uneven_rose(), crowd(500, reach=800.0)
    rows = [row for row in rows if row[5] != "explosion"]
    events = toy_events(rows, 2)
    library = FootprintLibrary(events.outcomes, GRID)
    total = 0.0
    for (_, _, owner, x, y, _, frequency, _), index in zip(rows, events.outcome_index, strict=True):
        near = people.only(people.enterprise_id != owner)
        for period, (count, inside) in enumerate(((near.day, near.indoor_day), (near.night, near.indoor_night))):
            for row, persons in ((OUTDOOR, count * (1.0 - inside)), (INDOOR, count * inside)):
                field = np.zeros((GRID.n_rings + 4, GRID.n_bins + 5))
                profile = np.zeros((2, GRID.n_rings, GRID.n_bins // 2))
                reach = np.zeros((2, GRID.n_rings), dtype=np.int64)
                for weather, outcome in enumerate(index):
                    if outcome >= 0:
                        packed = library[outcome]
                        kernels.add_footprint(
                            profile[weather], reach[weather], packed.start[row], packed.values[row], frequency
                        )
                kernels.wind_field(profile, reach, rose.probability[period] * 16 / (2.0 * np.pi), field)
                total += persons @ interpolated(field, GRID, np.pi / 16, near.x - x, near.y - y)
    assert societal_risk(events, rose, GRID, people).pll == pytest.approx(total, rel=1e-12)


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


def test_corners_of_criteria_are_class_edges():
    edges = death_classes()
    assert set(edges) >= {1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0}
    assert np.all(np.diff(edges) > 0.0)


def test_own_staff_is_not_counted_and_that_of_others_is():
    people = at([50.0, 60.0])
    object.__setattr__(people, "enterprise_id", np.array(["A", "B"], object))
    disc = [Toy(DISC, 100.0, 1.0)]
    rows = [("e1", "u1", "A", 0.0, 0.0, "explosion", 1e-5, disc), ("e2", "u2", "C", 0.0, 0.0, "explosion", 1e-5, disc)]
    result = societal_risk(toy_events(rows, 1), EVEN, GRID, people)
    assert result.pll_by_enterprise["A"] == pytest.approx(0.5e-5)
    assert result.pll_by_enterprise["C"] == pytest.approx(1.0e-5)


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


def same(first, second):
    assert list(first.units) == list(second.units)
    for one, other in zip(first.units.values(), second.units.values(), strict=True):
        assert one.event_ids == other.event_ids
        assert np.array_equal(one.histogram, other.histogram)
        assert np.array_equal(one.figures, other.figures)
    assert first.pll == second.pll
    assert first.pll_by_unit.equals(second.pll_by_unit)
    assert first.fn.equals(second.fn)
    assert first.tail.equals(second.tail)


def test_threads_and_order_leave_every_bit():
    rows, rose, people = park_rows(), uneven_rose(), crowd(400)
    base = societal_risk(toy_events(rows, 2), rose, GRID, people)
    with threads(1):
        same(base, societal_risk(toy_events(rows, 2), rose, GRID, people))
    same(base, societal_risk(toy_events(rows[::-1], 2), rose, GRID, people))
    other = people.only(np.random.default_rng(9).permutation(400))
    same(base, societal_risk(toy_events(rows, 2), rose, GRID, other))


def test_a_unit_taken_away_leaves_no_trace():
    rows, rose, people = park_rows(), uneven_rose(), crowd(400)
    everything = societal_risk(toy_events(rows, 2), rose, GRID, people)
    without = societal_risk(toy_events(rows[2:], 2), rose, GRID, people)
    assert list(without.units) == ["u2", "u3"]
    for unit_id, unit in without.units.items():
        assert np.array_equal(unit.histogram, everything.units[unit_id].histogram)
        assert np.array_equal(unit.figures, everything.units[unit_id].figures)


def test_doubled_frequencies_double_the_curve():
    rows, rose, people = park_rows(), uneven_rose(), crowd(400)
    once = societal_risk(toy_events(rows, 2), rose, GRID, people)
    twice = societal_risk(toy_events([(*row[:6], 2.0 * row[6], row[7]) for row in rows], 2), rose, GRID, people)
    assert twice.pll == pytest.approx(2.0 * once.pll, rel=1e-14)
    assert twice.fn["F"].to_numpy() == pytest.approx(2.0 * once.fn["F"].to_numpy(), rel=1e-9)


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
