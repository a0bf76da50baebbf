"""Accidents in which one event brings about others: who dies, counted once, against people counted one by one."""

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest

from parkrisk.models._jit import threads
from parkrisk.models.vulnerability.fragility import time_to_failure_rule
from parkrisk.risk.cascades.accidents import Accidents, accidents_of
from parkrisk.risk.cascades.logs import in_short
from parkrisk.risk.crowds import joint
from parkrisk.risk.crowds.together import choose_bins
from parkrisk.risk.domino import play_facility
from parkrisk.risk.societal import societal_risk
from parkrisk.scenarios.events.expand import with_secondary
from parkrisk.scenarios.facility.graph import assemble, unit_table
from parkrisk.scenarios.facility.loads import RowBuilder, no_rows
from parkrisk.scenarios.facility.protection import bare
from tests import minimal_park
from tests.risk.crowds import EVEN, GRID, NEUTRAL, STABLE, at, crowd, same, uneven_rose
from tests.risk.farms import tanks
from tests.risk.oracle import DISC, FIRE, INDOOR_SHARE, Toy, lethality, toy_events
from tests.risk.societal_oracle import by_shelter, exceedance, others

F = 1e-5


def accidents(events, secondary, histories, *, alone=0.0, n_weathers=1, n_sectors=16):
    """Accidents of (primary event, wind class, place in the sector, who fails); those of an event weigh the same."""
    names = list(dict.fromkeys(history[0] for history in histories))
    frequency = events.table.set_index("event_id")["frequency"]
    each = pd.Series([history[0] for history in histories]).value_counts()
    return Accidents(
        events=tuple(names),
        alone=np.full((len(names), n_weathers, n_sectors), alone),
        secondary=secondary,
        event=np.array([names.index(history[0]) for history in histories]),
        frequency=np.array([frequency[history[0]] * (1.0 - alone) / each[history[0]] for history in histories]),
        wind=np.array([history[1] for history in histories], np.int32),
        place=np.array([history[2] for history in histories]),
        start=np.cumsum([0, *(len(history[3]) for history in histories)]).astype(np.int64),
        unit=np.array([unit for history in histories for unit in history[3]], np.int32),
    )


def discs(*rows):
    """Events e0, e1, ... of units u0, u1, ...: a disc each, (x, radius, lethality, enterprise)."""
    return toy_events(
        [
            (f"e{i}", f"u{i}", owner, x, 0.0, "explosion", F, [Toy(DISC, radius, deadly)])
            for i, (x, radius, deadly, owner) in enumerate(rows)
        ],
        1,
    )


def after_e0(events, *failed, alone=0.0):
    """Events, those of failed units also as secondary ones, and the accident of e0 that fails these units."""
    n = len(events.table)
    added = pd.DataFrame({"event_id": [f"e{v}" for v in failed], "frequency": F * (1.0 - alone)})
    units = tuple(f"e{i}" for i in range(n))
    return with_secondary(events, added), accidents(events, units, [("e0", 0, 0.5, list(failed))], alone=alone)


def of_e0(events, people, *failed, alone=0.0):
    everything, accident = after_e0(events, *failed, alone=alone)
    return societal_risk(everything, EVEN, GRID, people, accidents=accident)


def curve_at(result, number, column="F"):
    found = result.fn.loc[result.fn["N"] <= number * (1.0 + 1e-12), column]
    return found.iloc[-1] if len(found) and result.fn["N"].iloc[-1] >= number / 1.03 else 0.0


def test_deaths_of_events_that_reach_different_people_add():
    """By day 10 people around e0 and 20 around e1: 30 at once, not 10 and 20."""
    result = of_e0(discs((0.0, 50.0, 1.0, "A"), (1000.0, 50.0, 1.0, "A")), at([10.0, 1010.0], day=[10.0, 20.0]), 1)
    assert result.fn["N"].iloc[-1] == 30.0
    # e1 is also a primary event by itself; day is half of the time
    assert curve_at(result, 30.0) == pytest.approx(0.5 * F, rel=1e-12)
    assert curve_at(result, 20.0) == pytest.approx(0.5 * F + 0.5 * F, rel=1e-12)
    assert curve_at(result, 20.0, "F_without_domino") == pytest.approx(0.5 * F, rel=1e-12)
    assert result.counted_twice == pytest.approx(0.0, abs=1e-18)
    assert result.pll == pytest.approx(0.5 * F * (10.0 + 20.0 + 20.0), rel=1e-12)


def test_two_events_that_kill_everybody_kill_everybody_once():
    events = discs((0.0, 100.0, 1.0, "A"), (20.0, 100.0, 1.0, "A"), (10.0, 90.0, 1.0, "A"))
    result = of_e0(events, at([10.0, 12.0], day=[30.0, 70.0]), 1, 2)
    assert result.fn["N"].iloc[-1] == 100.0
    assert result.counted_twice == pytest.approx(0.5 * F * 200.0, rel=1e-12)
    assert result.pll_accidents == pytest.approx(result.pll_without_domino, rel=1e-12)


def test_a_person_survives_with_the_product_of_his_chances():
    events = discs((0.0, 100.0, 0.3, "A"), (20.0, 100.0, 0.5, "A"))
    people = replace(at([10.0], day=100.0), indoor_day=np.array([0.4]))
    result = of_e0(events, people, 1)
    # one by one, outdoors and indoors
    want = 60.0 * (1.0 - 0.7 * 0.5) + 40.0 * (1.0 - (1.0 - 0.3 * INDOOR_SHARE) * (1.0 - 0.5 * INDOOR_SHARE))
    once = 60.0 * 0.8 + 40.0 * 0.8 * INDOOR_SHARE
    assert result.counted_twice == pytest.approx(0.5 * F * (once - want), rel=1e-12)
    assert result.fn["N"].iloc[-1] <= want < result.fn["N"].iloc[-1] * 1.024


def test_each_event_leaves_out_the_staff_of_its_own_owner_only():
    """Staff of A dies by B's event that A's brings about, and staff of B by A's."""
    events = discs((0.0, 100.0, 1.0, "A"), (20.0, 100.0, 1.0, "B"))
    people = replace(at([10.0, 11.0, 12.0], day=[1.0, 10.0, 100.0]), enterprise_id=np.array(["", "A", "B"], object))
    assert of_e0(events, people, 1).fn["N"].iloc[-1] == pytest.approx(111.0, rel=0.024)
    assert of_e0(events, people).fn["N"].iloc[-1] == pytest.approx(101.0, rel=0.024)


def test_what_is_not_followed_stays_an_accident_by_itself():
    events = discs((0.0, 50.0, 1.0, "A"), (1000.0, 50.0, 1.0, "A"))
    result = of_e0(events, at([10.0, 1010.0], day=[10.0, 20.0]), 1, alone=0.75)
    assert curve_at(result, 30.0) == pytest.approx(0.25 * 0.5 * F, rel=1e-9)
    assert curve_at(result, 10.0) == pytest.approx(F, rel=1e-9)  # e0 in all of its accidents, and e1


def test_without_histories_events_of_cascades_are_accidents_of_their_own():
    everything, _ = after_e0(discs((0.0, 50.0, 1.0, "A"), (1000.0, 50.0, 1.0, "A")), 1)
    people = at([10.0, 1010.0], day=[10.0, 20.0])
    result = societal_risk(everything, EVEN, GRID, people)
    assert not result.by_accidents
    assert result.fn["N"].iloc[-1] == pytest.approx(20.0, rel=0.024)
    assert result.fn["F_standard_error"].isna().all()
    assert curve_at(result, 19.5) == pytest.approx(F, rel=1e-12)
    plain = societal_risk(replace(everything, table=everything.table.assign(origin="primary")), EVEN, GRID, people)
    assert plain.by_accidents
    assert plain.fn["F"].equals(result.fn["F"])
    assert (plain.fn["F_standard_error"] == 0.0).all()
    pd.testing.assert_series_equal(plain.fn["F"], plain.fn["F_without_domino"], check_names=False, check_exact=True)


def test_a_history_without_failures_is_the_primary_event_alone():
    """Where barriers held in all histories, the curve is that of primary events."""
    events = discs((0.0, 100.0, 0.7, "A"), (20.0, 100.0, 1.0, "A"))
    people = at([10.0, 60.0, 110.0], day=[30.0, 70.0, 5.0])
    accident = accidents(events, ("e0", "e1"), [("e0", wind, 0.5, []) for wind in range(16)])
    held = societal_risk(events, EVEN, GRID, people, accidents=accident)
    plain = societal_risk(events, EVEN, GRID, people)
    assert held.fn["N"].equals(plain.fn["N"])
    assert held.fn["F"].to_numpy() == pytest.approx(plain.fn["F"].to_numpy(), rel=1e-12)
    assert held.counted_twice == pytest.approx(0.0, abs=1e-20)


def test_barriers_leave_histories_without_failures():
    """A deluge that always works on a tank next to a fire: every history stays, none has a failure."""
    builder = RowBuilder(1, 1)
    builder.add(0, np.array([[0]]), np.array([1], np.int32), np.full((1, 1), 3e4), np.inf)
    units = unit_table(tanks(np.array([0.0, 50.0]), np.zeros(2)))
    units["secondary"] = [""] * 2
    sources = pd.DataFrame({"event_id": ["fire"], "unit": np.zeros(1, np.int32), "frequency": [1e-4]})
    none, rule = np.full(2, -1, np.int32), time_to_failure_rule()
    found = {}
    for factor in (1.0, 0.1):
        protection = replace(bare(2, rule), deluge_factor=np.full(2, factor))
        facility = assemble(
            units, sources, builder.rows(), no_rows(1, 1), (none, none), np.ones(1), rule, protection=protection
        )
        played = play_facility(facility, 200, seed=3)
        found[factor] = accidents_of(facility, played.escalation, played.courses, 1)
    assert found[1.0].unit.size > 50
    assert found[0.1].unit.size == 0
    assert found[0.1].start.tolist() == [0] * 201
    assert found[0.1].frequency == pytest.approx(found[1.0].frequency)
    assert found[0.1].frequency.sum() + 1e-4 * found[0.1].alone.sum() == pytest.approx(1e-4, rel=1e-12)


def toys():
    """Fires and clouds that overlap, their units, and random histories of cascades among them."""
    rows = [
        ("e0", "u0", "A", 0.0, 0.0, "pool_fire", F, [Toy(FIRE, 250.0, 0.5)] * 2),
        ("e1", "u1", "B", 150.0, 100.0, "pool_fire", F, [Toy(FIRE, 200.0, 0.3)] * 2),
        ("e2", "u2", "A", -100.0, 200.0, "toxic", F, [STABLE, NEUTRAL]),
        ("e3", "u3", "C", 60.0, -150.0, "explosion", F, [Toy(DISC, 300.0, 0.6), None]),
    ]
    rng = np.random.default_rng(7)
    rose = uneven_rose()
    likely = rose.probability.sum(axis=0).ravel()
    histories = [
        (
            f"e{h % 2}",
            int(rng.choice(32, p=likely / likely.sum())),
            rng.random(),
            rng.permutation([v for v in range(4) if v != h % 2])[: rng.integers(1, 4)].tolist(),
        )
        for h in range(40)
    ]
    histories.sort(key=lambda history: history[0])
    events = toy_events(rows, 2)
    added = pd.DataFrame({"event_id": [f"e{v}" for v in range(4)], "frequency": F})
    accident = accidents(events, ("e0", "e1", "e2", "e3"), histories, alone=0.2, n_weathers=2)
    return with_secondary(events, added), accident, histories, rose


def one_by_one(events, accident, histories, rose, people, n_bins):
    """Deaths and frequency of every history by day and by night: every person at his own place, plain Python."""
    index, table = events.outcome_index, events.table
    numbers, weights = np.zeros((len(histories), 2)), np.zeros((len(histories), 2))
    for h, (event, wind, place, failed) in enumerate(histories):
        weather, sector = divmod(wind, 16)
        bins = n_bins // 16
        towards = (sector * bins + int(place * bins) + 0.5) * 2.0 * np.pi / n_bins - np.pi / 16
        outdoors, indoors = np.ones(len(people.x)), np.ones(len(people.x))
        for at_ in (int(event[1]), *failed):
            if index[at_, weather] < 0:
                continue
            case = events.outcomes[index[at_, weather]].case
            hit = others(people, table["enterprise_id"][at_])
            for p in np.flatnonzero(hit):
                dx, dy = people.x[p] - table["x"][at_], people.y[p] - table["y"][at_]
                value = lethality(case, float(np.hypot(dx, dy)), float(np.arctan2(dy, dx) - towards))
                outdoors[p] *= 1.0 - value
                indoors[p] *= 1.0 - INDOOR_SHARE * value
        persons = by_shelter(people, slice(None))
        share = rose.probability[:, weather, sector] / rose.probability[:, weather, sector].sum()
        for period in range(2):
            numbers[h, period] = persons[:, 2 * period] @ (1.0 - outdoors)
            numbers[h, period] += persons[:, 2 * period + 1] @ (1.0 - indoors)
            weights[h, period] = accident.frequency[h] * share[period]
    return numbers.ravel(), weights.ravel()


def test_curve_agrees_with_every_person_counted():
    events, accident, histories, rose = toys()
    people = crowd(150, reach=250.0)
    result = societal_risk(events, rose, GRID, people, accidents=accident)
    alone = sum(unit.histograms[2] for unit in result.units.values())
    edges = result.edges
    numbers, weights = one_by_one(events, accident, histories, rose, people, GRID.n_bins)
    rest = np.cumsum(alone[::-1])[::-1] / 2.0**60
    found = result.fn["F"].to_numpy()
    edges, rest = edges[: found.size], rest[: found.size]
    wide = 1.02 * edges  # at a number of deaths within 2 %
    assert np.all(found >= exceedance(numbers, weights, wide) + np.interp(wide, edges, rest) - 1e-10)
    assert np.all(found <= exceedance(numbers, weights, edges / 1.02) + np.interp(edges / 1.02, edges, rest) + 1e-10)
    assert exceedance(numbers, weights, [numbers.max()])[0] > 0.0
    assert 0.0 < result.counted_twice < result.pll
    assert result.pll_accidents == result.pll - result.counted_twice


def test_standard_error_is_that_of_the_spread_among_samples():
    """Ten people die in a history with the chance 0.3, by day; curves of many samples of 50 histories scatter so."""
    events = discs((0.0, 50.0, 1.0, "A"), (1000.0, 50.0, 1.0, "A"))
    people = at([1010.0], day=10.0)
    rng = np.random.default_rng(11)
    found = []
    for _ in range(60):
        histories = [("e0", 0, 0.5, [1] if rng.random() < 0.3 else []) for _ in range(50)]
        accident = accidents(events, ("e0", "e1"), histories)
        found.append(societal_risk(events, EVEN, GRID, people, accidents=accident).fn)
    spread = np.std([each["F"].iloc[-1] for each in found], ddof=1)
    told = np.mean([each["F_standard_error"].iloc[-1] for each in found])
    # by day only: what is told takes both periods as drawn, and is never smaller
    p = 0.3
    assert spread == pytest.approx(0.5 * F * np.sqrt(p * (1.0 - p) / 50), rel=0.25)
    assert told == pytest.approx(F * np.sqrt(0.5 * p * (1.0 - 0.5 * p) / 50), rel=0.05)
    assert told > spread


def test_how_many_events_are_summed_at_once_leaves_no_trace(monkeypatch):
    events, accident, _, rose = toys()
    people = crowd(150, reach=250.0)
    together = societal_risk(events, rose, GRID, people, accidents=accident).fn
    assert together["F_standard_error"].gt(0.0).any()
    monkeypatch.setattr(joint, "_EVENTS_AT_ONCE", 1)
    pd.testing.assert_frame_equal(
        societal_risk(events, rose, GRID, people, accidents=accident).fn, together, check_exact=True
    )


def test_threads_and_rows_leave_no_trace():
    events, accident, _, rose = toys()
    people = crowd(150, reach=250.0)
    with threads(1):
        base = societal_risk(events, rose, GRID, people, accidents=accident)
    order = np.random.default_rng(3).permutation(len(events.table))
    table = events.table.iloc[order].reset_index(drop=True)
    shuffled = replace(events, table=table, outcome_index=events.outcome_index[order])
    who = np.random.default_rng(4).permutation(len(people.x))
    with threads(2):
        found = societal_risk(shuffled, rose, GRID, people.only(who), accidents=accident)
        again = societal_risk(events, rose, GRID, people, accidents=accident, known=base.units)
    for other in (found, again):
        same(base, other)
        assert (other.counted_twice, other.pll_accidents) == (base.counted_twice, base.pll_accidents)
    fewer = replace(accident, alone=accident.alone * 0.5)
    changed = societal_risk(events, rose, GRID, people, accidents=fewer, known=base.units)
    same(changed, societal_risk(events, rose, GRID, people, accidents=fewer))
    assert not changed.fn.equals(base.fn)


def test_histories_taken_over_are_as_counted_anew():
    """Whatever changes that deaths hang on, of one event among four: the same to the bit as with nothing known."""
    events, accident, _, rose = toys()
    people = crowd(150, reach=250.0)
    base = societal_risk(events, rose, GRID, people, accidents=accident)
    e2 = (events.table["event_id"] == "e2").to_numpy()
    table = events.table
    other = events.outcome_index.copy()
    other[e2] = other[(table["event_id"] == "e1").to_numpy()]
    counts = people.day + (np.arange(len(people.x)) == 7)
    backwards = np.concatenate([part[::-1] for part in np.split(accident.unit, accident.start[1:-1])])
    swapped = np.array([0, 1, 3, 2], np.int32)[accident.unit]
    cases = {
        "nothing": (events, people, accident),
        "place": (replace(events, table=table.assign(x=table["x"] + 5.0 * e2)), people, accident),
        "owner": (
            replace(events, table=table.assign(enterprise_id=table["enterprise_id"].where(~e2, "C"))),
            people,
            accident,
        ),
        "outcome": (replace(events, outcome_index=other), people, accident),
        "frequency": (replace(events, table=table.assign(frequency=table["frequency"] * 0.5)), people, accident),
        "one more": (events, replace(people, day=counts), accident),
        "one gone": (events, people.only(np.arange(1, len(people.x))), accident),
        "who fails": (events, people, replace(accident, unit=swapped)),
        "order": (events, people, replace(accident, unit=backwards)),
        "wind": (events, people, replace(accident, place=1.0 - accident.place)),
        "weather": (events, people, replace(accident, wind=(accident.wind + 16) % 32)),
    }
    shared = {}
    for name, (changed, around, followed) in cases.items():
        full = societal_risk(changed, rose, GRID, around, accidents=followed)
        again = societal_risk(changed, rose, GRID, around, accidents=followed, known_histories=base.histories)
        mine = np.isin(again.histories.keys, base.histories.keys)
        shared[name] = mine.mean()
        assert again.fn.equals(full.fn), name
        assert (again.counted_twice, again.pll_accidents) == (full.counted_twice, full.pll_accidents), name
        # what is told to be known is used, and nothing else is
        lost = replace(base.histories, deaths=np.zeros_like(base.histories.deaths))
        blind = societal_risk(changed, rose, GRID, around, accidents=followed, known_histories=lost)
        assert not blind.histories.deaths[mine].any(), name
        assert np.array_equal(blind.histories.deaths[~mine], again.histories.deaths[~mine]), name
    assert shared["nothing"] == shared["frequency"] == 1.0
    assert 0.0 < shared["place"] < 1.0
    assert 0.0 < shared["outcome"] < 1.0
    assert 0.0 < shared["who fails"] < 1.0


def test_an_outcome_that_comes_back_is_not_taken_for_another():
    """Discs of three sizes one after the other at one place: the numbers of their outcomes are never used again."""
    people = at(np.arange(5.0, 120.0, 10.0), day=1.0)
    known = None
    for radius in (50.0, 80.0, 50.0, 110.0, 80.0):
        everything, accident = after_e0(discs((0.0, 30.0, 1.0, "A"), (0.0, radius, 0.5, "A")), 1)
        again = societal_risk(everything, EVEN, GRID, people, accidents=accident, known_histories=known)
        full = societal_risk(everything, EVEN, GRID, people, accidents=accident)
        assert again.fn.equals(full.fn)
        assert again.counted_twice == full.counted_twice
        known = again.histories


@pytest.mark.kernel
def test_directions_are_spread_by_the_chance_of_the_event():
    chances = np.array([[1.0] * 8, [0.0, 0.5, 0.0, 0.5, 0.0, 0.0, 0.0, 1.0]])
    place = (np.arange(80) + 0.5) / 80
    for sector in range(2):
        sectors = np.full(80, sector)
        even = choose_bins(place, sectors, np.zeros(80, np.int64), chances, 4)
        assert np.bincount(even, minlength=8).tolist() == [20 if bin_ // 4 == sector else 0 for bin_ in range(8)]
        uneven = choose_bins(place, sectors, np.ones(80, np.int64), chances, 4)
        assert np.bincount(uneven, minlength=8).tolist() == [[0, 40, 0, 40, 0, 0, 0, 0], [0] * 7 + [80]][sector]
    assert choose_bins(np.array([0.0, 1.0]), np.zeros(2, np.int64), np.ones(2, np.int64), chances, 4).tolist() == [1, 3]


def test_histories_have_the_wind_in_which_they_were_played():
    """In each of 6 wind classes the fire of unit 0 reaches another unit: who fails tells the class."""
    n = 7
    builder = RowBuilder(1, 6)
    for wind in range(6):
        load = np.full((1, 1), 4e4)
        builder.add(0, np.array([[wind]]), np.array([1 + wind], np.int32), load, np.inf)
    units = unit_table(tanks(100.0 * np.arange(n), np.zeros(n)))
    units["secondary"] = [""] * n
    sources = pd.DataFrame({"event_id": ["fire"], "unit": np.zeros(1, np.int32), "frequency": [1e-4]})
    none = np.full(n, -1, np.int32)
    probability = np.array([0.3, 0.0, 0.25, 0.05, 0.2, 0.2])
    rule = time_to_failure_rule()
    facility = assemble(units, sources, builder.rows(), no_rows(1, 6), (none, none), probability, rule)
    played = play_facility(facility, 500, seed=3)
    found = accidents_of(facility, played.escalation, played.courses, 2)
    assert found is not None
    assert found.unit.tolist() == (1 + found.wind).tolist()
    assert np.bincount(found.wind, minlength=6) == pytest.approx(500 * probability, abs=1.0)
    assert found.place.min() >= 0.0
    assert found.place.max() <= 1.0
    first = found.place[found.wind == 0]
    assert np.bincount((first * 5).astype(int)) == pytest.approx(first.size / 5, abs=1.0)
    chance = played.escalation[0]
    assert found.frequency.sum() == pytest.approx(1e-4 * probability @ chance, rel=1e-12)
    assert found.alone.ravel() == pytest.approx(1.0 - chance)


def test_logs_in_short_say_as_much_of_accidents():
    domino = minimal_park.coarse().domino
    n_weathers = len(minimal_park.coarse().surroundings.rose.weathers)
    logs = {unit: (events, in_short(log)) for unit, (events, log) in domino.courses.logs.items()}
    full, short = (
        accidents_of(domino.facility, domino.escalation, courses, n_weathers)
        for courses in (domino.courses, replace(domino.courses, logs=logs))
    )
    assert full.unit.size > 100
    for field in fields(full):
        one, other = getattr(full, field.name), getattr(short, field.name)
        assert np.array_equal(one, other), field.name
        assert getattr(one, "dtype", None) == getattr(other, "dtype", None), field.name
