"""Individual risk at points: what it is made of, units that come and go, wind that decides, people who are away."""

import dataclasses
from functools import reduce

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkrisk.models._jit import threads
from parkrisk.models.errors import OutOfRange, ParkRiskError
from parkrisk.models.footprint import PolarGrid
from parkrisk.risk.individual import IndividualRisk, Presence, Raster, individual_risk, risk_sums
from parkrisk.risk.mapping.contributions import ranked
from parkrisk.risk.mapping.kept import Kept
from parkrisk.risk.mapping.loads import Loads, wind_density
from parkrisk.risk.societal import societal_risk
from parkrisk.scenarios.receptors import People
from tests.risk.oracle import DISC, FIRE, INDOOR_SHARE, PLUME, Rose, Toy, arrays, individual_at, toy_events

GRID = PolarGrid(r_max=5000.0)
RASTER = Raster(-1000.0, -1000.0, 40.0, 51, 51)
ONE_CELL = Raster(0.0, 0.0, 50.0, 1, 1)
POINTS = np.random.default_rng(1).uniform(-1200.0, 1200.0, (60, 2))
PLUMES = [Toy(PLUME, 4e5, 1.5, 1.0), Toy(PLUME, 4e5, 5.0)]


def uneven_rose(seed=3, n_sectors=16, least=0.0):
    probability = least + np.random.default_rng(seed).random((2, 2, n_sectors)) ** 2
    return Rose(probability / probability.sum())


def park(n_units=8, seed=5):
    """Units of three sorts, two or three of each, so that some are equal but for their place."""
    rng = np.random.default_rng(seed)
    rows = []
    for unit in range(n_units):
        x, y = rng.uniform(-800.0, 800.0, 2)
        sort = unit % 3
        outcomes = {
            "toxic": [Toy(PLUME, 1e5 * (1 + sort), 1.5, 1.0), Toy(PLUME, 2e5, 5.0)],
            "pool_fire": [Toy(FIRE, 60.0 + 20.0 * sort, 0.3)] * 2,
            "explosion": [Toy(DISC, 50.0 + 60.0 * sort, 0.6), None],
        }
        for kind, outcome in outcomes.items():
            rows.append((f"u{unit}-{kind}", f"u{unit}", "A", x, y, kind, 1e-6 * (1 + sort), outcome))
    return rows


def risk_of(rows, rose=None, raster=ONE_CELL, points=POINTS, **options):
    return individual_risk(
        toy_events(rows, 2), uneven_rose() if rose is None else rose, GRID, raster, points, **options
    )


def exact(rows, rose, points=POINTS, n_points=200):
    inputs = arrays(toy_events(rows, 2), rose)
    return np.array([individual_at(x, y, *inputs, n_points) for x, y in points])


def test_points_and_their_parts_agree_with_brute_force():
    rows, rose = park(), uneven_rose()
    risk = risk_of(rows, rose)
    assert risk.points == pytest.approx(exact(rows, rose), rel=5e-4)
    for at, unit in enumerate(risk.unit_ids):
        own = exact([row for row in rows if row[1] == unit], rose)
        assert risk.by_source[:, at] == pytest.approx(own, rel=5e-3, abs=1e-10)
    for at, kind in enumerate(risk.kinds):
        own = exact([row for row in rows if row[5] == kind], rose)
        assert risk.by_kind[:, at] == pytest.approx(own, rel=5e-3, abs=1e-10)
    for weather in range(2):
        only = np.zeros_like(rose.probability)
        only[:, weather] = rose.probability[:, weather]
        assert risk.by_weather[:, weather] == pytest.approx(exact(rows, Rose(only)), rel=5e-3, abs=1e-10)
    for sector in (0, 7, 15):
        only = np.zeros_like(rose.probability)
        only[:, :, sector] = rose.probability[:, :, sector]
        assert risk.by_sector[:, sector] == pytest.approx(exact(rows, Rose(only)), rel=5e-3, abs=1e-10)


def test_every_division_adds_up_to_the_last_bit():
    points = risk_of(park()).sums.points
    whole = points.by_sector.sum(axis=1)
    assert np.array_equal(points.by_weather.sum(axis=1), whole)
    assert np.array_equal(sum(points.by_unit.values()), whole)
    assert np.array_equal(sum(points.by_kind.values()), whole)


def same(one, other):
    assert all(np.array_equal(a, b) for a, b in zip(one.levels, other.levels, strict=True))
    assert one.cut == other.cut
    for name in ("by_weather", "by_sector"):
        assert np.array_equal(getattr(one.points, name), getattr(other.points, name))
    for name in ("by_unit", "by_kind"):
        mine, yours = getattr(one.points, name), getattr(other.points, name)
        assert mine.keys() == yours.keys()
        assert all(np.array_equal(mine[key], yours[key]) for key in mine)


def sums_of(rows, units=None):
    return risk_sums(toy_events(rows, 2), uneven_rose(), GRID, RASTER, POINTS, units=units)


def test_a_moved_unit_and_any_grouping_leave_every_bit():
    rows = park()
    everything = sums_of(rows)
    units = sorted({row[1] for row in rows})
    for n_chunks in (2, 7):
        chunks = [sums_of(rows, chunk.tolist()) for chunk in np.array_split(units[::-1], n_chunks)]
        same(reduce(lambda a, b: a.plus(b), chunks), everything)
    moved = [(*row[:3], row[3] + 123.4, row[4] - 77.7, *row[5:]) if row[1] == "u3" else row for row in rows]
    same(everything.minus(sums_of(rows, ["u3"])).plus(sums_of(moved, ["u3"])), sums_of(moved))
    with threads(1):
        same(sums_of(rows[::-1]), everything)


def test_a_unit_taken_out_leaves_no_trace():
    rows = park()
    rest = [row for row in rows if row[1] != "u3"]
    left = IndividualRisk.of(sums_of(rows).minus(sums_of(rows, ["u3"])), RASTER, rose="piecewise_constant")
    want = IndividualRisk.of(sums_of(rest), RASTER, rose="piecewise_constant")
    for name in ("values", "points", "by_source", "by_kind", "by_weather", "by_sector"):
        assert np.array_equal(getattr(left, name), getattr(want, name)), name
    assert left.unit_ids == want.unit_ids


def with_directions(events, chance):
    """The first event comes about with a chance that depends on the wind in the first weather."""
    index = np.full(events.outcome_index.shape, -1, dtype=np.int32)
    index[0, 0] = 0
    return dataclasses.replace(events, directions=(chance,), direction_index=index)


def test_a_chance_that_depends_on_the_wind_is_weighed_bin_by_bin():
    rows, rose = [("e1", "u1", "A", 3.3, -7.1, "k", 1e-5, PLUMES)], uneven_rose()
    chance = np.random.default_rng(0).random(720) * (np.arange(720) % 240 < 120)
    events = with_directions(toy_events(rows, 2), chance)
    place, frequency, cases, density = arrays(events, rose)
    # Arcs of the brute force are centred on multiples of half a degree; bins begin at the sector edge, -11.25 degrees.
    bins = np.repeat(density, 45, axis=1)
    bins[0] *= chance
    arcs = np.roll(bins, -22, axis=1)
    raster = Raster(-1200.0, -1200.0, 240.0, 11, 11)
    x, y = (axis.ravel() for axis in np.meshgrid(raster.x, raster.y))
    points = np.stack([x, y], axis=1)
    want = np.array([individual_at(*point, place, frequency, cases, arcs, 40) for point in points])
    risk = individual_risk(events, rose, GRID, raster, points)
    assert risk.points == pytest.approx(want, rel=5e-3, abs=1e-11)
    assert risk.values.ravel() == pytest.approx(want, rel=5e-3, abs=1e-11)
    assert (risk.points <= risk_of(rows, rose, points=points).points).all()


def test_a_chance_of_one_in_every_direction_changes_nothing():
    rows = [
        ("e1", "u1", "A", 3.3, -7.1, "k", 1e-5, PLUMES),
        ("e2", "u1", "A", 3.3, -7.1, "k", 1e-5, [Toy(DISC, 300.0, 0.5)] * 2),
    ]
    events = with_directions(toy_events(rows, 2), np.ones(720))
    risk, plain = individual_risk(events, uneven_rose(), GRID, RASTER, POINTS), risk_of(rows, raster=RASTER)
    assert risk.points == pytest.approx(plain.points, rel=1e-9)
    assert risk.values == pytest.approx(plain.values, rel=1e-4, abs=1e-12)


def linear_density(rose, angle):
    """Density straight between the centres of sectors, its means over them kept, by Fourier: shape (n_weathers, n)."""
    n = rose.probability.shape[2]
    mean = rose.probability.sum(axis=0) * n / (2.0 * np.pi)
    nodes = np.fft.ifft(np.fft.fft(mean, axis=1) / (0.75 + 0.25 * np.cos(2.0 * np.pi * np.arange(n) / n)), axis=1).real
    return np.array([np.interp(angle, 2.0 * np.pi * np.arange(n) / n, row, period=2.0 * np.pi) for row in nodes])


def test_a_rose_with_straight_lines_agrees_with_direct_quadrature():
    rows, rose = [("e1", "u1", "A", 0.0, 0.0, "k", 1e-5, PLUMES)], uneven_rose(least=0.6)
    arcs = linear_density(rose, np.arange(7200) * 2.0 * np.pi / 7200)
    place, frequency, cases, _ = arrays(toy_events(rows, 2), rose)
    want = np.array([individual_at(x, y, place, frequency, cases, arcs, 4) for x, y in POINTS])
    risk = individual_risk(toy_events(rows, 2), rose, GRID, ONE_CELL, POINTS, rose="mean_preserving_linear")
    assert risk.rose == "mean_preserving_linear"
    known = want >= 1e-9
    assert known.sum() > 30
    assert risk.points[known] == pytest.approx(want[known], rel=1e-3)
    assert abs(risk.points / risk_of(rows, rose).points - 1.0)[known].max() > 0.02


@given(st.integers(0, 1000), st.sampled_from([1, 2, 8, 16, 36]))
def test_straight_lines_keep_the_probability_of_every_sector(seed, n_sectors):
    probability = 1.0 + 0.3 * np.random.default_rng(seed).random((2, n_sectors))
    density = wind_density(probability, 720, "mean_preserving_linear")
    assert density.shape == (2, 720)
    kept = density.reshape(2, n_sectors, -1).sum(axis=2) * 2.0 * np.pi / 720
    assert kept == pytest.approx(probability, rel=1e-12)


def test_presence_and_shelter_scale_the_risk_and_are_named():
    rows, rose = park(), Rose(np.repeat(uneven_rose().probability.mean(axis=0)[None], 2, axis=0))
    always, half = Presence((1.0, 1.0), (0.0, 0.0)), Presence((0.2, 0.1), (0.5, 0.3))
    plain, outdoors, partly = (risk_of(rows, rose, presence=presence) for presence in (None, always, half))
    assert plain.quantity == "location_specific"
    assert partly.quantity == "with_presence_and_shelter"
    assert np.array_equal(outdoors.points, plain.points)
    assert partly.points == pytest.approx((0.15 + INDOOR_SHARE * 0.4) * plain.points, rel=1e-6)
    by_day = risk_of(rows, rose, presence=Presence((1.0, 0.0), (0.0, 0.0)))
    assert by_day.points == pytest.approx(0.5 * plain.points, rel=1e-6)


def test_presence_follows_the_wind_of_day_and_night():
    probability = np.zeros((2, 2, 16))
    probability[0, 0, 0] = probability[1, 0, 8] = 0.5
    rows, points = [("e1", "u1", "A", 0.0, 0.0, "k", 1e-5, PLUMES)], np.array([[500.0, 0.0], [-500.0, 0.0]])
    risk = risk_of(rows, Rose(probability), points=points, presence=Presence((0.0, 1.0), (0.0, 0.0))).points
    assert risk[0] == 0.0
    assert risk[1] > 1e-7


def test_ranked_columns_fall_and_ties_keep_their_order():
    parts = np.array([[1.0, 3.0, 2.0, 3.0], [0.0, 0.0, 0.0, 1.0]])
    assert ranked(parts).tolist() == [[1, 3, 2, 0], [3, 0, 1, 2]]
    assert ranked(parts, 2).tolist() == [[1, 3], [3, 0]]


@pytest.mark.parametrize("chance", [np.full(719, 0.5), np.full(720, 1.5), np.full(720, np.nan)])
def test_chances_that_are_none_are_refused(chance):
    with pytest.raises(ParkRiskError):
        individual_risk(with_directions(toy_events(park(1), 2), chance), uneven_rose(), GRID, ONE_CELL, POINTS)


def test_chances_that_do_not_exist_are_refused():
    events = with_directions(toy_events(park(1), 2), np.ones(720))
    with pytest.raises(ParkRiskError):
        individual_risk(dataclasses.replace(events, directions=()), uneven_rose(), GRID, ONE_CELL, POINTS)


def test_other_bad_input_is_refused_in_both_languages():
    uneven = np.zeros((2, 2, 16))
    uneven[:, :, 0] = 0.25
    refused = [
        (OutOfRange, lambda: sums_of(park(1), ["u0", "nowhere"])),
        (OutOfRange, lambda: risk_of(park(1), raster=Raster(0.0, 0.0, 1.0, 20_000, 20_000))),
        (ParkRiskError, lambda: risk_of(park(1), Rose(0.9 * uneven_rose().probability))),
        (ParkRiskError, lambda: risk_of(park(1), Rose(np.full((2, 3, 16), 1.0 / 96.0)))),
        (ParkRiskError, lambda: risk_of(park(1), Rose(np.full((2, 2, 7), 1.0 / 28.0)))),
        (OutOfRange, lambda: risk_of([(*row[:6], 2.0, row[7]) for row in park(1)])),
        (OutOfRange, lambda: risk_of(park(1), rose=None, presence=Presence((0.5, 0.5), (0.6, 0.5)))),
        (OutOfRange, lambda: individual_risk(toy_events(park(1), 2), uneven_rose(), GRID, ONE_CELL, POINTS, rose="x")),
        (
            ParkRiskError,
            lambda: individual_risk(
                toy_events(park(1), 2), Rose(uneven), GRID, ONE_CELL, POINTS, rose="mean_preserving_linear"
            ),
        ),
    ]
    for error, work in refused:
        with pytest.raises(error) as found:
            work()
        assert any("一" <= letter <= "鿿" for letter in found.value.message_zh)
        assert found.value.message_en.isascii()


def test_events_may_come_in_any_order():
    events, rose = toy_events(park(), 2), uneven_rose()
    order = np.random.default_rng(2).permutation(len(events.table))
    table = events.table.iloc[order].reset_index(drop=True)
    mixed = dataclasses.replace(events, table=pd.DataFrame(table), outcome_index=events.outcome_index[order])
    same(risk_sums(events, rose, GRID, RASTER, POINTS), risk_sums(mixed, rose, GRID, RASTER, POINTS))


def test_expected_deaths_are_people_times_their_own_risk():
    rng = np.random.default_rng(4)
    n = POINTS.shape[0]
    count, inside = rng.integers(1, 30, n).astype(float), np.full(n, 0.4)
    nobody = np.full(n, "", dtype=object)
    crowd = People(POINTS[:, 0], POINTS[:, 1], count, count, inside, inside, nobody)
    presence = Presence((0.6, 0.6), (0.4, 0.4))
    rows, rose = park(), uneven_rose()
    deaths = societal_risk(toy_events(rows, 2), rose, GRID, crowd).pll
    assert deaths == pytest.approx(count @ risk_of(rows, rose, presence=presence).points, rel=2e-3)


def test_sources_that_do_the_same_more_often():
    """Twice the frequency is twice the risk: sources alike but for one factor share what they do."""
    fire = [Toy(FIRE, 60.0, 0.3)] * 2
    rows = [
        ("a1", "a", "e", 0.0, 0.0, "fire", 2e-5, fire),
        ("a2", "a", "e", 0.0, 0.0, "plume", 1e-5, PLUMES),
        ("b1", "b", "e", 300.0, -200.0, "fire", 8e-5, fire),
        ("b2", "b", "e", 300.0, -200.0, "plume", 4e-5, PLUMES),
        ("c1", "c", "e", -300.0, 100.0, "fire", 8e-5, fire),
    ]
    events, rose = toy_events(rows, 2), uneven_rose()
    groups = Loads(events, rose, GRID, "piecewise_constant", None).alike()
    assert sorted(group.units for group in groups) == [("a", "b"), ("c",)]
    assert dict(zip(groups[0].units, groups[0].scales, strict=True)) == {"a": 2e-5, "b": 8e-5}
    found = individual_risk(events, rose, GRID, RASTER, np.array([[500.0, 100.0], [200.0, -100.0]]))
    moved = np.array([[500.0, 100.0], [200.0, -100.0]]) - [300.0, -200.0]
    alone = individual_risk(toy_events(rows[:2], 2), rose, GRID, RASTER, moved)
    assert found.by_source[:, found.unit_ids.index("b")] == pytest.approx(4.0 * alone.points, rel=1e-9)


def test_what_is_kept_changes_nothing():
    """Sums with what a run of other frequencies has kept are those without, to the last bit."""
    kept, place = Kept(), (uneven_rose(), GRID, RASTER, POINTS)
    often = toy_events(park(), 2)
    seldom = dataclasses.replace(often, table=often.table.assign(frequency=0.37 * often.table["frequency"]))
    risk_sums(often, *place, kept=kept)
    assert kept.points
    same(risk_sums(seldom, *place, kept=kept), risk_sums(seldom, *place))


def test_what_is_kept_is_believed():
    """Of sources that were seen to add nothing nothing is added."""
    kept, place, events = Kept(), (uneven_rose(), GRID, RASTER, POINTS), toy_events(park(), 2)
    risk_sums(events, *place, kept=kept)
    kept.points.update({key: [] for key in kept.points})
    assert not risk_sums(events, *place, kept=kept).points.by_sector.any()
