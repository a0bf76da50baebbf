"""Effect of measures against two whole runs, choice against all sets, bound and coverage against plain Python."""

import dataclasses
import itertools

import numpy as np
import pandas as pd
import pytest

from parkrisk.models._jit import threads
from parkrisk.models.errors import OutOfRange
from parkrisk.risk.cascades.cascade import cascades
from parkrisk.risk.cascades.replay import Rules
from parkrisk.risk.domino import play_facility
from parkrisk.risk.measures.breaking import worst_chains
from parkrisk.risk.measures.budget import best_cover, greedy
from parkrisk.risk.measures.cover import could_prevent, loads_any
from parkrisk.risk.measures.effects import Baseline, _distinct
from parkrisk.risk.measures.study import expected_deaths, measure_study
from parkrisk.scenarios.facility.measures import never_failing, only_better, protected
from parkrisk.scenarios.facility.protection import deluge_fails
from tests import minimal_park
from tests.risk.farms import all_primaries, farm, random_loads

SEED = 5


@pytest.fixture(autouse=True)
def one_thread():
    """Small farms: starting threads takes longer than what they do."""
    with threads(1):
        yield


def cooled(facility, factor):
    """Facility whose units feel this share of the heat: what deluges do that never fail."""
    net = facility.network
    return dataclasses.replace(facility, network=net._replace(heat_load=net.heat_load * factor[net.heat_target]))


def cooled_units(facility, units, share=0.4):
    factor = np.ones(len(facility.units))
    factor[list(units)] = share
    return cooled(facility, factor)


def layout():
    return farm(random_loads(3, 7, high=45.0), duration=2000.0, frequency=[1e-4, 2e-4, 0.0, 1e-5, 1e-4, 3e-4, 2e-4])


def table(costs, units=None, **more):
    """One deluge for each cost, on one unit each."""
    n = len(costs)
    rows = {
        "measure_id": [f"M{j}" for j in range(n)],
        "unit_id": [f"T{j:03d}" for j in range(n)] if units is None else units,
        "kind": "deluge",
        "rating": 0.6,
        "pfd": 0.0,
        "system": "",
        "system_pfd": np.nan,
        "cost": costs,
        "currency": "CNY",
        "service_years": 10.0,
        "note": "",
    }
    return pd.DataFrame({**rows, **more})


@pytest.mark.parametrize("static", [False, True])
def test_effect_is_the_difference_of_two_whole_runs(static):
    facility = layout()
    value = np.stack([np.ones(7), np.arange(7.0)], axis=1)
    before = play_facility(facility, 400, SEED, static=static)
    chains = worst_chains(before.chains, facility, value[:, 1])
    base = Baseline(facility, value, Rules(400, SEED, static), watched=chains.keys)
    suffered = before.secondary_frequency.to_numpy()
    assert base.total == pytest.approx(suffered @ value, rel=1e-12)
    assert base.chains == pytest.approx(chains.table["frequency"].to_numpy(), rel=1e-12)
    assert len(chains.keys) > 3
    for units, changed in (
        ([2], cooled_units(facility, [2])),
        ([0, 5], cooled_units(facility, [0, 5])),
        ([4], never_failing(facility, ["T004"])),
    ):
        after = play_facility(changed, 400, SEED, static=static)
        effect = base.effect(changed, np.array(units))
        assert effect.reduction == pytest.approx((suffered - after.secondary_frequency.to_numpy()) @ value, rel=1e-9)
        assert effect.reduction[0] > 0.0
        left = after.chains.set_index("units")["frequency"]
        assert effect.chains == pytest.approx(
            left.reindex(chains.table["units"]).fillna(0.0).to_numpy(), rel=1e-9, abs=1e-18
        )


def test_a_unit_that_withstands_everything_takes_its_own_failures_away():
    facility = layout()
    base = Baseline(facility, np.ones((7, 1)), Rules(300, SEED, False))
    alone = Baseline(facility, np.eye(7)[:, [4]], Rules(300, SEED, False))
    spared = never_failing(facility, ["T004"])
    assert alone.effect(spared, np.array([4])).reduction[0] == pytest.approx(alone.total[0], rel=1e-12)
    assert base.effect(spared, np.array([4])).reduction[0] > alone.total[0]
    everyone = base.effect(never_failing(facility, facility.units["unit_id"]), np.arange(7))
    assert everyone.reduction[0] == pytest.approx(base.total[0], rel=1e-12)


def test_nothing_changes_without_a_change_and_threads_do_not_matter():
    facility = layout()
    found = []
    for count in (1, 2):
        with threads(count):
            base = Baseline(facility, np.ones((7, 1)), Rules(200, SEED, False), [np.array([1]), np.array([3])])
            none = base.effect(facility, np.array([1, 3]))
            some = base.effect(cooled_units(facility, [1, 3]), np.array([1, 3]))
        assert none.reduction[0] == 0.0
        assert none.error[0] == 0.0
        found.append((some.reduction[0], some.error[0], base.coverage.value.tobytes(), base.coverage.members.tobytes()))
    assert found[0] == found[1]


def test_the_standard_error_is_that_of_many_seeds():
    facility = layout()
    changed = cooled_units(facility, [1, 4])
    effects = []
    for seed in range(24):
        base = Baseline(facility, np.ones((7, 1)), Rules(40, seed, False))
        effects.append(base.effect(changed, np.array([1, 4])))
    spread = np.std([effect.reduction[0] for effect in effects], ddof=1)
    said = np.mean([effect.error[0] for effect in effects])
    assert 0.5 * said < spread < 1.5 * said
    one = Baseline(facility, np.ones((7, 1)), Rules(1, 0, False)).effect(changed, np.array([1, 4]))
    assert np.isnan(one.error[0])  # one history tells nothing of the spread


def test_more_protection_can_mean_more_failures():
    """A fire that is put off may meet another one: why the whole list is no bound for parts of it."""
    loads = np.zeros((4, 4))
    loads[0, 1], loads[0, 2] = 60.0, 20.0
    loads[1, 3], loads[2, 3] = 14.9, 14.9  # either alone stays below the threshold of 15 kW/m²
    facility = farm(loads, duration=[np.inf, 500.0, 2000.0, 2000.0], frequency=[1e-4, 0.0, 0.0, 0.0], volume=50.0)
    base = Baseline(facility, np.eye(4)[:, [3]], Rules(4000, SEED, False))
    assert base.total[0] == 0.0
    effect = base.effect(cooled_units(facility, [1], 1.0 / 3.0), np.array([1]))
    assert effect.reduction[0] < -4.0 * effect.error[0] < 0.0


def test_coverage_by_plain_python():
    facility = layout()
    net = facility.network
    _, log = cascades(net, all_primaries(net), 100, SEED)
    own = (np.uint64(1) << np.arange(7, dtype=np.uint64))[:, None]
    loads = loads_any(net)
    assert np.array_equal(loads, random_loads(3, 7, high=45.0) > 0.0)
    found = could_prevent(log, own, loads)[:, 0]
    primary = np.repeat(np.arange(log.start.size - 1), np.diff(log.start))
    sets = []
    for e in range(log.unit.size):
        mine = {int(log.unit[e])}
        if not log.direct[e]:
            for f in range(e):
                if (primary[f], log.history[f]) == (primary[e], log.history[e]) and loads[log.unit[f], log.unit[e]]:
                    mine |= sets[f]
        sets.append(mine)
    assert found.tolist() == [sum(1 << unit for unit in mine) for mine in sets]
    assert max(map(len, sets)) > 2
    wide = could_prevent(log, np.concatenate([np.zeros_like(own), own], axis=1), loads)
    assert np.array_equal(wide[:, 1], found)
    assert not wide[:, 0].any()


def test_the_covering_set_is_the_best_of_all():
    rng = np.random.default_rng(2)
    for _ in range(10):
        weight = rng.uniform(0.0, 1.0, 25) * 1e-5
        share = np.where(rng.random((25, 7)) < 0.3, rng.uniform(0.2, 1.0, (25, 7)), 0.0)
        cost = rng.uniform(1.0, 5.0, 7)
        cost[3] = np.nan
        budget = rng.uniform(2.0, 12.0)
        worth = {
            chosen: weight @ np.minimum(share[:, chosen].sum(axis=1), 1.0)
            for size in range(8)
            for chosen in itertools.combinations(range(7), size)
            if cost[list(chosen)].sum() <= budget
        }
        chosen, bound = best_cover(weight, share, cost, budget)
        assert worth[chosen] >= max(worth.values()) * (1.0 - 2e-4)
        assert max(worth.values()) <= bound * (1.0 + 1e-9)
        assert bound <= max(worth.values()) * (1.0 + 2e-4)
    assert best_cover(weight, share, cost, 0.5) == ((), 0.0)


def test_greedy_stays_within_the_budget():
    value = {0: 10.0, 1: 9.0, 2: 4.0, 3: 50.0, 4: 0.0, 5: 1.0}

    def value_of(chosen):
        return sum(value[j] for j in chosen) - (8.0 if {0, 1} <= set(chosen) else 0.0)  # 0 and 1 overlap

    cost = np.array([5.0, 5.0, 3.0, np.nan, 0.1, 0.0])
    assert greedy(value_of, cost, 9.0) == (0, 2, 5)
    assert greedy(value_of, cost, 10.0) == (0, 2, 5)
    assert greedy(value_of, cost, 13.0) == (0, 1, 2, 5)
    assert greedy(value_of, cost, 0.0) == (5,)


def effect_of(base, rows):
    units = pd.Index(base.facility.units["unit_id"]).get_indexer(pd.Index(rows["unit_id"]))
    return base.effect(protected(base.facility, rows), units)


def test_barriers_by_what_they_come_to():
    """A deluge that never fails is less heat; one that always does, itself or with its supply, is nothing."""
    base = Baseline(layout(), np.ones((7, 1)), Rules(2000, SEED, False))
    two = table([1.0, 1.0], ["T001", "T004"])
    sure = protected(base.facility, two)
    sure = dataclasses.replace(sure, network=sure.network._replace(deluge_fails=np.zeros(7)))
    found = base.effect(sure, np.array([1, 4]))
    cool = base.effect(cooled_units(base.facility, [1, 4]), np.array([1, 4]))
    assert found.reduction[0] == pytest.approx(cool.reduction[0], abs=4.0 * np.hypot(found.error[0], cool.error[0]))
    for nothing in ({"pfd": 1.0}, {"rating": 0.0}, {"system": "W", "system_pfd": 1.0}, {"kind": "fireproofing"}):
        rows = two.assign(**{**nothing, "rating": 0.0} if "kind" in nothing else nothing)
        none = effect_of(base, rows)
        assert none.reduction[0] == 0.0
        assert none.error[0] == 0.0
    half = effect_of(base, two.iloc[:1].assign(pfd=0.5))
    whole = effect_of(base, two.iloc[:1])
    assert half.reduction[0] == pytest.approx(
        0.5 * whole.reduction[0], abs=4.0 * np.hypot(half.error[0], whole.error[0])
    )
    proof = effect_of(base, two.assign(kind="fireproofing", rating=10_000.0))
    spared = base.effect(never_failing(base.facility, ["T001", "T004"]), np.array([1, 4]))
    assert proof.reduction[0] == pytest.approx(spared.reduction[0], abs=4.0 * np.hypot(proof.error[0], spared.error[0]))


def test_the_best_barrier_of_a_kind_counts():
    base = Baseline(layout(), np.ones((7, 1)), Rules(200, SEED, False))
    weak, strong = table([1.0], ["T001"], rating=0.3), table([1.0], ["T001"]).assign(measure_id="M9")
    both = effect_of(base, pd.concat([weak, strong]))
    assert both.reduction[0] == effect_of(base, strong).reduction[0] > effect_of(base, weak).reduction[0]
    better = Baseline(protected(base.facility, strong), np.ones((7, 1)), Rules(200, SEED, False))
    assert effect_of(better, weak).reduction[0] == 0.0  # a stronger one is there already


def test_a_stronger_barrier_that_fails_more_often():
    """It may let a unit fail where the old one held, so every primary counts, and coverage bounds nothing."""
    old = table([1.0], ["T001"], rating=0.4)
    facility = protected(layout(), old)
    new = table([1.0], ["T001"], rating=0.9, pfd=0.3).assign(measure_id="M9")
    changed = protected(facility, new)
    assert changed.network.deluge_fails[1] == deluge_fails(0.3)
    assert not only_better(facility.network, changed.network)
    assert only_better(layout().network, facility.network)
    before, after = (play_facility(each, 300, SEED).secondary_frequency.sum() for each in (facility, changed))
    base = Baseline(facility, np.ones((7, 1)), Rules(300, SEED, False))
    assert effect_of(base, new).reduction[0] == pytest.approx(before - after, rel=1e-9)
    found = measure_study(park_with(facility), new, 5.0, objective="failures", histories=50)
    assert found.choice["bound"] == pytest.approx(found.totals["before"][0])


def park_with(facility):
    """An assessment whose cascades are those of the facility."""
    return dataclasses.replace(minimal_park.coarse(), domino=play_facility(facility, 200, SEED))


def test_choice_and_bound_against_all_sets():
    facility, costs = layout(), [3.0, 4.0, 2.0, 5.0, 3.0, np.nan]
    made, rows = park_with(facility), table(costs)
    base = Baseline(facility, np.ones((7, 1)), Rules(100, SEED, False))
    worth = {
        chosen: effect_of(base, rows.iloc[list(chosen)]).reduction[0]
        for size in range(6)
        for chosen in itertools.combinations(range(5), size)
    }
    for budget in (5.0, 9.0):
        found = measure_study(made, rows, budget, objective="failures", histories=100, ranking_histories=100).choice
        best = max(value for chosen, value in worth.items() if sum(costs[j] for j in chosen) <= budget)
        chosen = tuple(int(name[1:]) for name in found["measures"])
        assert found["reduction"] == pytest.approx(worth[chosen], rel=1e-9)
        assert found["cost"] == sum(costs[j] for j in chosen) <= budget
        assert best <= found["bound"] * (1.0 + 1e-9)
        assert 0.9 * best <= found["reduction"] <= best * (1.0 + 1e-9)
        assert found["gap"] == pytest.approx(found["bound"] - found["reduction"])


def test_study_of_a_farm():
    made = park_with(layout())
    costs = [3.0, 4.0, 2.0, 50.0, 3.0, 4.0, np.nan]
    found = measure_study(made, table(costs), 9.0, objective="failures")
    assert found.method["histories"] == 100
    assert found.method["ranking_histories"] == 20
    candidates = found.candidates.set_index("measure_id")
    assert candidates.loc["M6", "status"] == "cost_unknown"
    assert np.isnan(candidates.loc["M6", "cost_per_failure"])
    assert candidates.loc["M6", "failures_reduction"] > 0.0
    assert candidates.loc["M3", "status"] == "over_budget"
    assert not candidates["deaths_known"].any()  # nobody knows what these tanks do
    assert set(found.deaths_unknown) == set(made.domino.units["unit_id"])
    row = candidates.loc["M0"]
    assert row["cost_per_failure"] == pytest.approx(3.0 / 10.0 / row["failures_reduction"])
    totals = found.totals.set_index("figure")
    assert totals.loc["secondary_failures", "reduction"] == found.choice["reduction"]
    assert np.allclose(totals["before"] - totals["reduction"], totals["after"])
    frontier = found.frontier
    assert (frontier["cost"] <= frontier["budget"]).all()
    assert (frontier["failures_reduction"] <= frontier["bound"]).all()
    assert frontier["bound"].is_monotonic_increasing
    assert frontier["efficient"].any()
    for chain in found.chains.to_dict("records"):
        later = chain["units"].split(" > ")[1:]
        assert chain["key_unit"] in later
        assert 0.0 < chain["broken"] <= 1.0
        assert chain["measure"] in candidates.index
        assert chain["frequency_after"] < chain["frequency"]
    best_on = found.key_units.set_index("unit_id")
    for name, row in candidates.iterrows():
        if row["units"] in best_on.index:
            assert best_on.loc[row["units"], "candidates"] == name
            assert row["failures_reduction"] <= best_on.loc[row["units"], "failures_reduction"]
    with pytest.raises(OutOfRange, match="failures"):
        measure_study(made, table(costs), 9.0)  # no deaths are known


@pytest.mark.parametrize("words", [1, 2])
def test_sets_of_measures_are_told_apart_by_every_word(words):
    """Beyond 64 measures a set takes a second word."""
    masks = np.array([[1, 2], [2, 1], [1, 2], [2, 2], [2, 1]], np.uint64)[:, :words]
    found, group = _distinct(masks)
    assert sorted(map(tuple, found.tolist())) == sorted({tuple(row) for row in masks.tolist()})
    assert (found[group] == masks).all()


def test_order_of_rows_does_not_matter():
    made, rows = park_with(layout()), table([3.0, 4.0, 2.0, 5.0, 3.0, 4.0, 1.0])
    first = measure_study(made, rows, 9.0, objective="failures").to_dict()
    again = measure_study(made, rows.iloc[::-1].reset_index(drop=True), 9.0, objective="failures").to_dict()
    assert first == again


def test_deaths_are_those_of_the_domino_events():
    made = minimal_park.coarse()
    expected = expected_deaths(made) @ made.domino.secondary_frequency.to_numpy()
    parts = made.societal.units.values()
    of_dominoes = sum(part.figures[at, 0] for part in parts for at, e in enumerate(part.event_ids) if "/domino" in e)
    assert of_dominoes > 0.0
    assert expected == pytest.approx(of_dominoes, rel=1e-12)


@pytest.mark.parametrize(("budget", "objective"), [(-1.0, "deaths"), (np.nan, "deaths"), (1.0, "money")])
def test_a_choice_that_cannot_be_made(budget, objective):
    with pytest.raises(OutOfRange):
        measure_study(minimal_park.coarse(), table([1.0]), budget, objective=objective)
