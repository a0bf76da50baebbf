"""Individual risk against brute force, and what must hold exactly."""

import gc
import tempfile

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from parkrisk.models._jit import threads
from parkrisk.models.errors import OutOfRange, ParkRiskError
from parkrisk.models.footprint import Footprint, PolarGrid
from parkrisk.risk import kernels
from parkrisk.risk.footprints.library import FootprintLibrary
from parkrisk.risk.individual import Raster, individual_risk
from parkrisk.risk.mapping import fields, pyramid, stamping
from parkrisk.risk.mapping.pyramid import raster_values
from tests.risk.oracle import DISC, FIRE, PLUME, Rose, Toy, arrays, individual_at, toy_events

GRID = PolarGrid(r_max=5000.0)
STABLE, NEUTRAL = Toy(PLUME, 4e5, 1.5, 1.0), Toy(PLUME, 4e5, 5.0)
NO_POINTS = np.zeros((0, 2))
ONE_CELL = Raster(0.0, 0.0, 50.0, 1, 1)


def uneven_rose(seed=3, n_weathers=2, n_sectors=16):
    probability = np.random.default_rng(seed).random((2, n_weathers, n_sectors)) ** 2
    return Rose(probability / probability.sum())


def park(n_units=12, seed=5):
    """Units with a plume, a fire and a disc each, on odd positions."""
    rng = np.random.default_rng(seed)
    rows = []
    for unit in range(n_units):
        x, y = rng.uniform(-800.0, 800.0, 2)
        plume = [Toy(PLUME, 1e5 * rng.integers(1, 5), speed, stable) for speed, stable in ((1.5, 1.0), (5.0, 0.0))]
        outcomes = {
            "toxic": plume,
            "pool_fire": [Toy(FIRE, 60.0 + 20.0 * rng.random(), 0.3)] * 2,
            "explosion": [Toy(DISC, 50.0 + 200.0 * rng.random(), 0.6)] * 2,
        }
        for kind, outcome in outcomes.items():
            frequency = float(10.0 ** rng.uniform(-6.5, -4.0))
            rows.append((f"u{unit:02d}-{kind}", f"u{unit:02d}", f"e{unit % 3}", x, y, kind, frequency, outcome))
    return rows


def brute(events, rose, raster, n_points=200):
    inputs = arrays(events, rose)
    return np.array([[individual_at(x, y, *inputs, n_points) for x in raster.x] for y in raster.y])


def relative_errors(values, want, centres, raster, nearest):
    """Where the risk is 1e-9 or more, farther than ``nearest`` from every source."""
    x, y = np.meshgrid(raster.x, raster.y)
    far = np.ones(x.shape, dtype=bool)
    for cx, cy in centres:
        far &= np.hypot(x - cx, y - cy) > nearest
    chosen = far & (want >= 1e-9)
    assert chosen.sum() > 100
    return np.abs(values - want)[chosen] / want[chosen]


@pytest.mark.parametrize(
    ("outcomes", "limit"),
    [
        ([STABLE, None], 5e-3),
        ([None, NEUTRAL], 5e-4),
        ([Toy(FIRE, 300.0, 0.3), Toy(FIRE, 420.0, 0.5)], 5e-4),
    ],
    ids=["stable plume", "neutral plume", "fire"],
)
def test_single_event_agrees_with_brute_force(outcomes, limit):
    events = toy_events([("e1", "u1", "A", 3.3, -7.1, "k", 1e-5, outcomes)], 2)
    raster = Raster(-2000.0, -2000.0, 80.0, 51, 51)
    rose = uneven_rose()
    result = individual_risk(events, rose, GRID, raster, NO_POINTS)
    assert relative_errors(result.values, brute(events, rose, raster), [(3.3, -7.1)], raster, 2.5).max() <= limit


def test_park_agrees_with_brute_force():
    rows, rose = park(), uneven_rose()
    events, raster = toy_events(rows, 2), Raster(-1500.0, -1500.0, 100.0, 31, 31)
    result = individual_risk(events, rose, GRID, raster, NO_POINTS)
    errors = relative_errors(result.values, brute(events, rose, raster), [row[3:5] for row in rows], raster, 2.5)
    assert errors.max() <= 1e-3
    assert np.median(errors) <= 2e-5


def test_brute_force_has_converged():
    rows, rose = park(3), uneven_rose()
    events, raster = toy_events(rows, 2), Raster(-900.0, -900.0, 300.0, 7, 7)
    once, twice = brute(events, rose, raster, 200), brute(events, rose, raster, 400)
    assert np.abs(once / twice - 1.0)[twice >= 1e-9].max() <= 1e-6


def test_wind_blowing_to_the_north_east_harms_the_north_east_only():
    probability = np.zeros((2, 1, 16))
    probability[:, 0, 2] = 0.5
    points = 500.0 * np.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0], [1.0, 0.1], [0.1, 1.0]])
    events = toy_events([("e1", "u1", "A", 0.0, 0.0, "k", 1e-5, [NEUTRAL])], 1)
    risk = individual_risk(events, Rose(probability), GRID, ONE_CELL, points).points
    assert risk[0] == pytest.approx(individual_at(500.0, 500.0, *arrays(events, Rose(probability)), 400), rel=1e-4)
    assert np.all(risk[1:] < 1e-3 * risk[0])


def test_the_rose_is_anticlockwise_from_east():
    probability = np.zeros((2, 1, 8))
    probability[0, 0] = [0.3, 0.2, 0.15, 0.12, 0.1, 0.07, 0.04, 0.02]
    angle = np.arange(8) * np.pi / 4.0
    points = 700.0 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    events = toy_events([("e1", "u1", "A", 0.0, 0.0, "k", 1e-5, [NEUTRAL])], 1)
    risk = individual_risk(events, Rose(probability), GRID, ONE_CELL, points).points
    assert risk / risk[0] == pytest.approx(probability[0, 0] / 0.3, rel=1e-3)


def turned(xy, angle):
    return xy @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


def moved_park(rows, change):
    return toy_events([(*row[:3], *change(np.array(row[3:5])), *row[5:]) for row in rows], 2)


def test_turning_rose_and_park_by_one_sector_changes_nothing():
    rows, rose = park(6), uneven_rose()
    points = np.random.default_rng(0).uniform(-1500.0, 1500.0, (200, 2))
    sector = 2.0 * np.pi / 16
    before = individual_risk(toy_events(rows, 2), rose, GRID, ONE_CELL, points).points
    turned_rose = Rose(np.roll(rose.probability, 1, axis=2))
    events = moved_park(rows, lambda xy: turned(xy, sector))
    after = individual_risk(events, turned_rose, GRID, ONE_CELL, turned(points, sector)).points
    assert after == pytest.approx(before, rel=1e-9)


def test_a_mirrored_park_has_mirrored_risk():
    rows, rose = park(6), uneven_rose()
    points = np.random.default_rng(0).uniform(-1500.0, 1500.0, (200, 2))
    mirror = np.array([1.0, -1.0])
    before = individual_risk(toy_events(rows, 2), rose, GRID, ONE_CELL, points).points
    mirrored_rose = Rose(rose.probability[:, :, -np.arange(16)])
    after = individual_risk(moved_park(rows, lambda xy: xy * mirror), mirrored_rose, GRID, ONE_CELL, points * mirror)
    assert after.points == pytest.approx(before, rel=1e-9)


def test_an_even_rose_gives_radial_risk():
    angle = np.linspace(0.0, 2.0 * np.pi, 37)
    points = 800.0 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    events = toy_events([("e1", "u1", "A", 0.0, 0.0, "k", 1e-5, [STABLE, NEUTRAL])], 2)
    risk = individual_risk(events, Rose(np.full((2, 2, 16), 1.0 / 64.0)), GRID, ONE_CELL, points).points
    assert risk == pytest.approx(np.full(37, risk[0]), rel=1e-9)


def test_doubled_frequencies_double_the_risk():
    rows, rose, raster = park(4), uneven_rose(), Raster(-1000.0, -1000.0, 50.0, 41, 41)
    points = np.random.default_rng(1).uniform(-900.0, 900.0, (50, 2))
    once = individual_risk(toy_events(rows, 2), rose, GRID, raster, points)
    doubled = [(*row[:6], 2.0 * row[6], row[7]) for row in rows]
    twice = individual_risk(toy_events(doubled, 2), rose, GRID, raster, points)
    assert twice.points == pytest.approx(2.0 * once.points, rel=1e-9)
    # Where nodes of the raster lie depends on what counts as a risk, so twice as much may move them.
    assert twice.values == pytest.approx(2.0 * once.values, rel=2e-4, abs=1e-12)


def same(first, second):
    for name in ("values", "points", "by_source", "by_kind"):
        assert np.array_equal(getattr(first, name), getattr(second, name)), name
    assert all(np.array_equal(a, b) for a, b in zip(first.levels, second.levels, strict=True))


def test_threads_and_order_leave_every_bit():
    rows, rose, raster = park(), uneven_rose(), Raster(-1000.0, -1000.0, 50.0, 41, 41)
    points = np.random.default_rng(1).uniform(-900.0, 900.0, (50, 2))
    base = individual_risk(toy_events(rows, 2), rose, GRID, raster, points)
    with threads(1):
        same(base, individual_risk(toy_events(rows, 2), rose, GRID, raster, points))
    shuffled = [rows[i] for i in np.random.default_rng(2).permutation(len(rows))]
    same(base, individual_risk(toy_events(shuffled, 2), rose, GRID, raster, points))


def test_a_library_without_room_gives_the_same_bits():
    events, rose, raster = toy_events(park(3), 2), uneven_rose(), Raster(-1000.0, -1000.0, 50.0, 41, 41)
    roomy = FootprintLibrary(events.outcomes, GRID).fill()
    narrow = FootprintLibrary(events.outcomes, GRID, budget=0)
    results = [individual_risk(events, rose, GRID, raster, NO_POINTS, library=library) for library in (roomy, narrow)]
    same(*results)
    assert roomy.computed == len(events.outcomes)
    assert narrow.used == 0


def test_what_memory_has_no_room_for_is_computed_once(monkeypatch: pytest.MonkeyPatch):
    events, rose, raster = toy_events(park(3), 2), uneven_rose(), Raster(-1000.0, -1000.0, 50.0, 41, 41)
    one = FootprintLibrary(events.outcomes, GRID)[0].size
    library = FootprintLibrary(events.outcomes, GRID, budget=3 * one)
    results = [individual_risk(events, rose, GRID, raster, NO_POINTS, library=library) for _ in range(2)]
    assert library.computed == len(events.outcomes)
    assert 0 < library.used <= 3 * one
    monkeypatch.setattr(tempfile, "TemporaryFile", broken_disk)
    without = FootprintLibrary(events.outcomes, GRID, budget=3 * one)
    results += [individual_risk(events, rose, GRID, raster, NO_POINTS, library=without) for _ in range(2)]
    assert without.computed > len(events.outcomes)
    for result in results[1:]:
        same(results[0], result)


def test_what_lies_in_the_file_is_taken_over_and_outlives_its_library():
    events, rose, raster = toy_events(park(3), 2), uneven_rose(), Raster(-1000.0, -1000.0, 50.0, 41, 41)
    one = FootprintLibrary(events.outcomes, GRID)[0].size
    first = FootprintLibrary(events.outcomes, GRID, budget=3 * one).fill()
    before = individual_risk(events, rose, GRID, raster, NO_POINTS, library=first)
    order = np.random.default_rng(4).permutation(len(events.outcomes)).tolist()
    shuffled = [events.outcomes[number] for number in order]
    second = FootprintLibrary(shuffled, GRID, budget=3 * one, earlier=first)
    del first
    third = FootprintLibrary(events.outcomes, GRID, budget=3 * one, earlier=second)
    del second
    gc.collect()
    after = individual_risk(events, rose, GRID, raster, NO_POINTS, library=third)
    same(before, after)
    assert (third.taken, third.computed) == (len(events.outcomes), 0)


def broken_disk(**_options: object) -> None:
    raise OSError(28, "no space left on device")


def test_a_library_of_other_events_or_of_another_grid_is_refused():
    events, other = toy_events(park(1), 2), toy_events(park(1), 2)
    for library in (FootprintLibrary(other.outcomes, GRID), FootprintLibrary(events.outcomes, PolarGrid())):
        with pytest.raises(ParkRiskError):
            individual_risk(events, uneven_rose(), GRID, ONE_CELL, NO_POINTS, library=library)


def test_progress_is_told():
    told = []
    individual_risk(
        toy_events(park(3), 2), uneven_rose(), GRID, ONE_CELL, NO_POINTS, progress=lambda *step: told.append(step)
    )
    assert told == [("individual", 1, 3), ("individual", 2, 3), ("individual", 3, 3)]


def test_a_unit_added_and_taken_away_leaves_no_trace():
    rows, rose, raster = park(), uneven_rose(), Raster(-1000.0, -1000.0, 10.0, 201, 201)
    everything = individual_risk(toy_events(rows, 2), rose, GRID, raster, NO_POINTS)
    without = individual_risk(toy_events(rows[3:], 2), rose, GRID, raster, NO_POINTS)
    alone = individual_risk(toy_events(rows[:3], 2), rose, GRID, raster, NO_POINTS)
    left = tuple(a - b for a, b in zip(everything.levels, alone.levels, strict=True))
    assert len(left) >= 3
    assert all(np.array_equal(a, b) for a, b in zip(left, without.levels, strict=True))
    assert np.array_equal(raster_values(left, (201, 201)), without.values)


@pytest.mark.parametrize(("tolerance", "limit"), [(1e-2, 5e-3), (1e-3, 5e-4)])
def test_levels_agree_with_every_cell_for_itself(tolerance, limit, monkeypatch):
    events, rose, raster = toy_events(park(), 2), uneven_rose(), Raster(-1500.0, -1200.0, 6.0, 501, 413)
    monkeypatch.setattr(fields, "TOLERANCE", tolerance)
    levels = individual_risk(events, rose, GRID, raster, NO_POINTS)
    monkeypatch.setattr(pyramid, "LEAST_NODES", 1e4)
    every = individual_risk(events, rose, GRID, raster, NO_POINTS)
    assert len(every.levels) == 1
    assert len(levels.levels) >= 3
    known = every.values >= 1e-9
    assert np.abs(levels.values / every.values - 1.0)[known].max() <= limit


def test_discs_are_exact():
    raster = Raster(-500.0, -480.0, 7.0, 150, 139)
    discs = [(0.0, 0.0, 70.0), (3.7, 2.2, 133.3), (450.0, -400.0, 200.0), (2000.0, 0.0, 300.0), (0.0, 0.0, 1e-3)]
    rows = [
        (f"e{i}", f"u{i}", "A", x, y, "explosion", 1e-5 * (i + 1), [Toy(DISC, radius, 0.7)])
        for i, (x, y, radius) in enumerate(discs)
    ]
    rose = Rose(np.full((2, 1, 16), 1.0 / 32.0))
    result = individual_risk(toy_events(rows, 1), rose, GRID, raster, NO_POINTS)
    direct = np.zeros((raster.ny, raster.nx), dtype=np.int64)
    for (x, y, radius), row in zip(discs, rows, strict=True):
        inside = (raster.x[None, :] - x) ** 2 + (raster.y[:, None] - y) ** 2 <= radius**2
        direct += inside * int(row[6] * 0.7 * 2.0**60)
    assert np.array_equal(result.levels[0][4:-4, 4:-4], direct)
    assert np.array_equal(result.values, direct / 2.0**60)


def test_points_agree_with_the_raster_and_with_their_parts():
    rows, rose, raster = park(4), uneven_rose(), Raster(-1000.0, -1000.0, 100.0, 21, 21)
    x, y = np.meshgrid(raster.x, raster.y)
    result = individual_risk(toy_events(rows, 2), rose, GRID, raster, np.stack([x.ravel(), y.ravel()], axis=1))
    assert result.points == pytest.approx(result.values.ravel(), rel=2e-4, abs=1e-12)
    assert result.by_source.sum(axis=1) == pytest.approx(result.points, rel=1e-12)
    assert result.by_kind.sum(axis=1) == pytest.approx(result.points, rel=1e-12)
    assert result.unit_ids == ("u00", "u01", "u02", "u03")
    assert result.kinds == ("explosion", "pool_fire", "toxic")


def test_near_the_source_the_first_ring_is_held_and_the_source_itself_is_no_trouble():
    events = toy_events([("e1", "u1", "A", 10.0, 20.0, "k", 1e-5, [Toy(FIRE, 60.0, 0.3)])], 1)
    rose = Rose(np.full((2, 1, 16), 1.0 / 32.0))
    points = np.array([[10.0, 20.0], [11.0, 20.0], [12.4999, 20.0]])
    assert individual_risk(events, rose, GRID, ONE_CELL, points).points == pytest.approx(1e-5, rel=1e-6)


def test_a_source_whose_risk_leaves_the_polar_grid_is_named():
    rose = Rose(np.full((2, 1, 16), 1.0 / 32.0))
    rows = [
        ("e1", "near", "A", 0.0, 0.0, "k", 1e-5, [Toy(FIRE, 60.0, 0.3)]),
        ("e2", "far", "A", 0.0, 0.0, "k", 1e-5, [NEUTRAL]),
    ]
    assert individual_risk(toy_events(rows, 1), rose, PolarGrid(r_max=400.0), ONE_CELL, NO_POINTS).cut == ("far",)


def test_no_events_no_risk():
    result = individual_risk(toy_events([], 2), uneven_rose(), GRID, ONE_CELL, np.zeros((3, 2)))
    assert not result.values.any()
    assert result.points.tolist() == [0.0, 0.0, 0.0]
    assert result.by_source.shape == (3, 0)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"frequency": 4.5}, OutOfRange),
        ({"frequency": float("nan")}, ParkRiskError),
        ({"frequency": -1e-6}, ParkRiskError),
        ({"probability": np.full((2, 2, 16), 1.0 / 63.0)}, ParkRiskError),
        ({"probability": np.full((2, 3, 16), 1.0 / 96.0)}, ParkRiskError),
        ({"probability": np.full((2, 2, 7), 1.0 / 28.0)}, ParkRiskError),
        ({"raster": Raster(0.0, 0.0, 0.0, 5, 5)}, ParkRiskError),
        ({"raster": Raster(float("nan"), 0.0, 1.0, 5, 5)}, ParkRiskError),
        ({"x": float("nan")}, ParkRiskError),
        ({"points": np.array([[0.0, float("inf")]])}, ParkRiskError),
        ({"raster": Raster(0.0, 0.0, 1.0, 1_000_000, 1_000_000)}, OutOfRange),
    ],
)
def test_bad_input_is_refused(change, error):
    rows = [("e1", "u1", "A", change.get("x", 0.0), 0.0, "k", change.get("frequency", 1e-5), [STABLE, NEUTRAL])]
    raster, points = change.get("raster", ONE_CELL), change.get("points", NO_POINTS)
    rose = Rose(change.get("probability", np.full((2, 2, 16), 1.0 / 64.0)))
    with pytest.raises(error):
        individual_risk(toy_events(rows, 2), rose, GRID, raster, points)


class Broken:
    def __init__(self, value):
        self.value = value

    def footprint(self, grid):
        count = np.ones(grid.n_rings, dtype=np.int32)
        return Footprint(count, np.full((3, grid.n_rings), self.value), np.empty(0), np.empty((3, 0)))


@pytest.mark.parametrize("value", [1.5, -0.1, float("nan")])
def test_a_footprint_that_is_no_probability_is_refused(value):
    with pytest.raises(ParkRiskError):
        FootprintLibrary([Broken(value)], GRID)[0]


@pytest.mark.kernel
@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([2, 4, 8]))
def test_wind_field_is_the_convolution_of_rose_and_profile(seed, n_sectors):
    rng = np.random.default_rng(seed)
    n_weathers, n_rings, half = 2, 3, 8
    n_bins, width = 2 * half, np.pi / half
    reach = rng.integers(0, half + 1, (n_weathers, n_rings))
    profile = rng.random((n_weathers, n_rings, half)) * (np.arange(half) < reach[:, :, None])
    density = rng.random((n_weathers, n_sectors))
    want = np.zeros((n_rings, n_bins))
    per_sector = n_bins // n_sectors
    for node in range(n_bins):
        for b in range(n_bins):
            offset = (node - b - 1) % n_bins
            bins = offset if offset < half else n_bins - 1 - offset
            for w in range(n_weathers):
                want[:, node] += density[w, b // per_sector] * width * profile[w, :, bins]
    outermost = int(np.max(np.flatnonzero(reach.any(axis=0)), initial=-1)) + 1
    field = np.zeros((n_rings + 4, n_bins + 5))
    assert kernels.wind_field(profile, reach, density, field) == outermost
    assert field[2:-2, 2:-3] == pytest.approx(want, abs=1e-12)
    assert np.array_equal(field[:, :2], field[:, n_bins : n_bins + 2])
    assert np.array_equal(field[:, -3:], field[:, 2:5])
    assert not profile.any()
    assert not reach.any()


@pytest.mark.kernel
@pytest.mark.parametrize("across", [False, True], ids=["step outward", "step around"])
def test_interpolation_does_not_swing_beyond_a_step(across):
    field = np.zeros((16, 21))
    if across:
        field[2:, 4:13] = 1.0
    else:
        field[:9] = 1.0
    table = np.zeros((12, 17, 4))
    assert kernels.add_slopes(field, 12, table) == 12
    total = np.zeros((40, 40), dtype=np.int64)
    polar, place, raster = np.array([10.0, 0.1, 0.0]), np.zeros(2), np.array([-28.0, -28.0, 1.45])
    everything = (0.0, 0.0, np.inf, np.inf)
    where = stamping.stretches(28.0, place, raster, everything, total.shape)
    stamping.spread(where, stamping.take_field(table, 12, polar, place, raster, everything, where), 1.0, total)
    assert 0.99 * 2.0**60 < total.max() <= (1.0 + 1e-15) * 2.0**60
    assert total.min() == 0


@pytest.mark.kernel
@given(st.floats(-1e5, 1e5), st.floats(-1e5, 1e5))
@example(0.0, 0.0)
@example(-3.0, 0.0)
@example(0.0, -2.0)
@example(1.0, 0.41421356237309503)
def test_direction_is_the_arctangent(dx, dy):
    assert stamping.direction(dx, dy) == pytest.approx(np.arctan2(dy + 0.0, dx + 0.0), abs=4e-15)


@pytest.mark.kernel
def test_small_park_without_compiled_kernels():
    grid = PolarGrid(n_rings=12, n_bins=16, r_max=300.0)
    rows = [
        ("e1", "u1", "A", 0.0, 0.0, "pool_fire", 1e-5, [Toy(FIRE, 60.0, 0.3)] * 2),
        ("e2", "u1", "A", 0.0, 0.0, "explosion", 1e-5, [Toy(DISC, 100.0, 0.6)] * 2),
    ]
    points = np.array([[50.0, 0.0], [200.0, 10.0]])
    result = individual_risk(toy_events(rows, 2), uneven_rose(), grid, Raster(-200.0, -200.0, 50.0, 9, 9), points)
    assert result.values[4, 5] == pytest.approx(result.points[0], rel=1e-3)
    assert 0.6e-5 < result.points[0] < 1.6e-5
