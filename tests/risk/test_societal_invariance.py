"""What must leave societal risk as it is, to the bit or to rounding, and parts of units that serve another run."""

from dataclasses import replace

import numpy as np
import pytest

from parkrisk.models._jit import threads
from parkrisk.models.errors import ParkRiskError
from parkrisk.risk.societal import societal_risk
from tests.risk.crowds import GRID, NEUTRAL, STABLE, crowd, park_rows, same, uneven_rose
from tests.risk.oracle import Rose, toy_events


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


def turned_rows(rows, turn):
    return [(*row[:3], *turn(np.array([row[3]]), np.array([row[4]]))[:, 0], *row[5:]) for row in rows]


@pytest.mark.parametrize("kind", ["turned by a sector", "mirrored"])
def test_a_park_turned_or_mirrored_with_its_wind_has_the_same_risk(kind):
    rows, rose, people = park_rows(), uneven_rose(), crowd(400)
    angle = 2.0 * np.pi / 16

    def turn(x, y):
        if kind == "mirrored":
            return np.array([x, -y])
        return np.array([np.cos(angle) * x - np.sin(angle) * y, np.sin(angle) * x + np.cos(angle) * y])

    probability = rose.probability[:, :, -np.arange(16)] if kind == "mirrored" else np.roll(rose.probability, 1, axis=2)
    x, y = turn(people.x, people.y)
    base = societal_risk(toy_events(rows, 2), rose, GRID, people)
    found = societal_risk(toy_events(turned_rows(rows, turn), 2), Rose(probability), GRID, replace(people, x=x, y=y))
    assert found.pll == pytest.approx(base.pll, rel=1e-12)
    assert found.tail["n_max"].to_numpy() == pytest.approx(base.tail["n_max"].to_numpy(), rel=1e-11)
    assert found.fn["F"].to_numpy() == pytest.approx(base.fn["F"].to_numpy(), rel=1e-9)


def test_twice_the_people_twice_the_deaths():
    events, rose, people = toy_events(park_rows(), 2), uneven_rose(), crowd(400)
    once = societal_risk(events, rose, GRID, people)
    twice = societal_risk(events, rose, GRID, replace(people, day=2.0 * people.day, night=2.0 * people.night))
    assert twice.pll == 2.0 * once.pll
    assert np.array_equal(twice.tail["n_max"], 2.0 * once.tail["n_max"])


def test_ten_times_the_people_move_the_curve_by_a_decade():
    events, rose, people = toy_events(park_rows(), 2), uneven_rose(), crowd(400)
    once = societal_risk(events, rose, GRID, people)
    more = societal_risk(events, rose, GRID, replace(people, day=10.0 * people.day, night=10.0 * people.night))
    decade = int(np.searchsorted(once.edges, 10.0))
    for unit_id, unit in once.units.items():
        assert np.array_equal(more.units[unit_id].histogram[decade:], unit.histogram[:-decade])


def sharing_rows(n):
    """Units that have their outcomes in common but neither place, frequency nor owner."""
    rng = np.random.default_rng(6)
    return [
        (
            f"e{i:02d}",
            f"u{i:02d}",
            "AB"[i % 2],
            *rng.uniform(-900.0, 900.0, 2).tolist(),
            "toxic",
            1e-6 * (i + 1),
            [STABLE, NEUTRAL],
        )
        for i in range(n)
    ]


def test_a_unit_does_not_depend_on_those_with_the_same_outcomes():
    rows, rose, people = sharing_rows(20), uneven_rose(), crowd(300)
    whole = societal_risk(toy_events(rows, 2), rose, GRID, people)
    for i in (0, 7, 19):
        alone = societal_risk(toy_events(rows[i : i + 1], 2), rose, GRID, people)
        assert np.array_equal(alone.units[f"u{i:02d}"].histogram, whole.units[f"u{i:02d}"].histogram)
        assert np.array_equal(alone.units[f"u{i:02d}"].figures, whole.units[f"u{i:02d}"].figures)


def test_a_line_is_one_unit_of_many_places():
    """Stretches of a line add up as if each were a unit, in whatever order their rows stand."""
    rows, rose, people = sharing_rows(5), uneven_rose(), crowd(300)
    line = [(row[0], "line", "A", *row[3:]) for row in rows]
    apart = societal_risk(toy_events([(*row[:2], "A", *row[3:]) for row in rows], 2), rose, GRID, people)
    whole = societal_risk(toy_events(line, 2), rose, GRID, people)
    assert list(whole.units) == ["line"]
    assert np.array_equal(whole.units["line"].histogram, sum(unit.histogram for unit in apart.units.values()))
    assert whole.pll == apart.pll == whole.pll_by_unit["line"]
    assert whole.fn.equals(apart.fn)
    same(whole, societal_risk(toy_events(line[::-1], 2), rose, GRID, people))
    same(whole, societal_risk(toy_events(line, 2), rose, GRID, people, known=whole.units))


def test_parts_of_units_serve_another_run():
    """A unit moved, one gone, one new: only those are counted, and the result is that of a full run to the bit."""
    rows, rose, people = [*park_rows(), *sharing_rows(4)], uneven_rose(), crowd(300)
    before = societal_risk(toy_events(rows, 2), rose, GRID, people)
    changed = [(*row[:3], row[3] + 10.0, *row[4:]) if row[1] == "u02" else row for row in rows if row[1] != "u2"]
    changed.append(("new", "u9", "C", 5.0, 5.0, "toxic", 1e-6, [NEUTRAL, None]))
    events = toy_events(changed, 2)
    known = {unit_id: part for unit_id, part in before.units.items() if unit_id != "u02"}
    totals = []
    found = societal_risk(
        events, rose, GRID, people, known=known, progress=lambda _stage, _done, total: totals.append(total)
    )
    same(found, societal_risk(events, rose, GRID, people))
    assert found.units["u1"] is before.units["u1"]
    assert set(totals) == {2}
    assert before.units["u1"].pll == before.pll_by_unit["u1"]


def test_parts_of_other_events_are_refused():
    rows, rose, people = park_rows(), uneven_rose(), crowd(20)
    before = societal_risk(toy_events(rows, 2), rose, GRID, people)
    with pytest.raises(ParkRiskError):
        societal_risk(toy_events(rows[1:], 2), rose, GRID, people, known=before.units)
