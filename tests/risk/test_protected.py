"""Cascades with barriers, fragments and several primary events, against sums over their states and the exact solver."""

import dataclasses
import math

import numpy as np
import pytest

from parkrisk.models.errors import OutOfRange
from parkrisk.models.vulnerability.fragility import time_to_failure_rule
from parkrisk.risk.cascades.cascade import Sets, cascades, cascades_together
from parkrisk.risk.cascades.direct import direct_escalation, direct_pairs, escalation_chance
from parkrisk.risk.cascades.one_unit import heat_failure, late_clock, time_to_failure
from parkrisk.risk.domino import play_facility
from parkrisk.risk.solvers.static_sets import static_sets
from parkrisk.risk.solvers.subsets import failure_probabilities, independent_edges
from parkrisk.risk.solvers.tree import cascade_tree
from parkrisk.scenarios.facility.network import id_keys
from tests.risk.farms import all_primaries, failure_table, farm, probabilities, random_loads

HISTORIES = 40_000


def protected(net, **fields):
    """Same network with other protection; scalars hold for all units."""
    n = net.unit_key.size
    return net._replace(
        **{
            name: np.full(n, value, net._asdict()[name].dtype) if np.isscalar(value) else np.asarray(value)
            for name, value in fields.items()
        }
    )


def net_unit(net, v):
    return net.shell[v], net.heat_exponent[v], net.heat_threshold[v]


def failure(net, v, load, factor=1.0, kept=0.0, duration=math.inf):
    return heat_failure(factor * load, duration, kept, *net_unit(net, v), net.clock_mean[v], net.clock_deviation[v])


def agree(found, error, expected):
    assert np.all(np.abs(found - expected) <= 4.0 * error + 1e-12)


@pytest.mark.kernel
def test_a_unit_under_no_heat_stands_for_ever():
    """Whatever its threshold, and even without one; at the threshold itself it fails."""
    for threshold in (0.0, 15e3):
        assert time_to_failure(0.0, 9.0, 1.13, threshold) == math.inf
    assert time_to_failure(14_999.0, 9.0, 1.13, 15e3) == math.inf
    assert time_to_failure(15e3, 9.0, 1.13, 15e3) == pytest.approx(math.exp(9.0) / 15e3**1.13, rel=1e-12)
    assert late_clock(math.inf, 6.0, 0.5) == 0.0
    assert late_clock(math.exp(6.0), 6.0, 0.5) == pytest.approx(0.5, abs=1e-12)


@pytest.mark.parametrize("opened", [True, False])
def test_deluge_and_fireproofing_mix_over_their_states(opened):
    net = protected(
        farm([[0.0, 40.0], [0.0, 0.0]]).network,
        deluge_factor=0.6,
        deluge_fails=0.3,
        delay=400.0,
        delay_fails=0.25,
    )
    states = [(0.6, 0.7), (1.0, 0.3)]
    kept = [(400.0, 0.75), (0.0, 0.25)]
    expected = sum(p * q * failure(net, 1, 40e3, factor, delay) for factor, p in states for delay, q in kept)
    weight, log = cascades(net, all_primaries(net), HISTORIES, 1, opened=opened)
    found, error = probabilities(net, weight, log, HISTORIES)
    agree(found[0, 1], error[0, 1], expected)
    assert escalation_chance(net, direct_escalation(net, False), np.zeros(1, np.int32))[0, 0] == pytest.approx(expected)
    assert direct_pairs(net, direct_escalation(net, False), np.array([1.0, 0.0]))[2] == pytest.approx([expected])
    assert failure(net, 1, 40e3, 0.6, 400.0) < expected < failure(net, 1, 40e3)


def test_one_supply_fails_all_its_deluges():
    loads = np.zeros((3, 3))
    loads[0, 1:] = 60.0
    net = protected(farm(loads).network, deluge_factor=0.4, deluge_fails=0.0)
    shared = net._replace(
        system=np.array([-1, 0, 0], np.int32), system_key=id_keys(["pumps"]), system_fails=np.array([0.4])
    )
    up, down = failure(net, 1, 60e3, 0.4), failure(net, 1, 60e3)
    both = 0.6 * up**2 + 0.4 * down**2
    weight, log = cascades(shared, all_primaries(shared), HISTORIES, 3)
    found, error = probabilities(shared, weight, log, HISTORIES)
    agree(found[0, 1:], error[0, 1:], 0.6 * up + 0.4 * down)
    first = slice(*log.start[:2])
    together = np.sum(np.bincount(log.history[first]) == 2) / HISTORIES
    deviation = math.sqrt(together * (1.0 - together) / HISTORIES)
    assert abs(weight[0] * together - both) < 4.0 * weight[0] * deviation
    any_ = 0.6 * (1.0 - (1.0 - up) ** 2) + 0.4 * (1.0 - (1.0 - down) ** 2)
    assert escalation_chance(shared, direct_escalation(shared, False), np.zeros(1, np.int32))[0, 0] == pytest.approx(
        any_
    )


def test_fireproofing_counts_only_time_under_heat():
    """A fire that ends before the fireproofing does harms nobody, one that ends after it as much as what is left."""
    net = protected(farm([[0.0, 50.0], [0.0, 0.0]], duration=300.0).network, delay=400.0)
    assert np.diff(cascades(net, all_primaries(net), 100, 0)[1].start).sum() == 0
    longer = net._replace(heat_duration=np.full(1, 800.0))
    weight, log = cascades(longer, all_primaries(longer), HISTORIES, 0)
    found, error = probabilities(longer, weight, log, HISTORIES)
    agree(found[0, 1], error[0, 1], failure(longer, 1, 50e3, 1.0, 400.0, 800.0))
    assert log.time.min() > 400.0


def with_fragments(net, probability):
    """Fragments of every unit, by a matrix."""
    rows = [np.nonzero(row)[0] for row in probability]
    start = np.concatenate([[0], np.cumsum([row.size for row in rows])]).astype(np.int64)
    return net._replace(
        secondary_blast=net.source_unit.astype(np.int32),
        fragment_start=start,
        fragment_target=np.concatenate(rows).astype(np.int32),
        fragment_probability=np.concatenate([probability[u][row] for u, row in enumerate(rows)]),
        fragment_row=np.arange(len(rows), dtype=np.int32),
    )


@pytest.mark.parametrize("opened", [True, False])
def test_fragments_are_independent_edges(opened):
    rng = np.random.default_rng(5)
    chance = np.where(rng.random((6, 6)) < 0.6, rng.uniform(0.05, 0.4, (6, 6)), 0.0) * (1.0 - np.eye(6))
    net = with_fragments(farm(np.zeros((6, 6))).network, chance)
    weight, log = cascades(net, all_primaries(net), HISTORIES, 2, opened=opened)
    found, error = probabilities(net, weight, log, HISTORIES)
    for u in range(6):
        exact = failure_probabilities(independent_edges(chance), 1 << u)
        exact[u] = 0.0
        agree(found[u], error[u], exact)


def test_direct_pairs_are_unions_of_vectors():
    loads = np.zeros((2, 2))
    loads[0, 1] = 40.0
    net = with_fragments(farm(loads).network, np.array([[0.0, 0.3], [0.0, 0.0]]))
    start, target, often = direct_pairs(net, direct_escalation(net, False), np.array([2.0, 1.0]))
    assert (start.tolist(), target.tolist()) == ([0], [1])
    assert often[0] == pytest.approx(2.0 * (1.0 - 0.7 * (1.0 - failure(net, 1, 40e3))))
    weight, log = cascades(net, all_primaries(net), 2_000, 0)
    assert log.direct.all()
    assert (log.time == 0.0).mean() * weight[0] == pytest.approx(0.3, abs=0.04)


def pair_sets(net, pairs):
    source = np.array(pairs, np.int32).ravel()
    return Sets(np.arange(0, source.size + 1, 2), source, id_keys([str(pair) for pair in pairs]))


def test_two_primaries_load_together():
    """Two loads below the threshold of the third unit fail it only if both burn from the start."""
    loads = np.zeros((3, 3))
    loads[:2, 2] = 12.0
    net = farm(loads).network
    assert cascades(net, all_primaries(net), 100, 0)[1].unit.size == 0
    log = cascades_together(net, pair_sets(net, [(0, 1)]), HISTORIES, 0, np.ones((1, 1)))
    share = log.unit.size / HISTORIES
    assert abs(share - failure(net, 2, 24e3)) < 4.0 * math.sqrt(share * (1.0 - share) / HISTORIES)
    assert not log.direct.any()
    assert np.all(log.order == 1)


@pytest.mark.parametrize("seed", range(3))
def test_sets_against_exact_static_cascades(seed):
    loads = random_loads(seed, 6, high=30.0)
    rule = time_to_failure_rule()
    net = farm(loads, rule=rule).network
    pairs = [(0, 3), (1, 2)]
    log = cascades_together(net, pair_sets(net, pairs), HISTORIES, seed, np.ones((2, 1)), static=True)
    found, error = probabilities(net, np.ones(2), log, HISTORIES)
    table = failure_table(loads, net, rule)
    for m, (u, v) in enumerate(pairs):
        exact = failure_probabilities(table, 1 << u | 1 << v)
        exact[[u, v]] = 0.0
        agree(found[m], error[m], exact)


@pytest.mark.parametrize(
    "sets",
    [
        Sets(np.array([0, 2]), np.array([1, 1], np.int32), np.zeros(1, np.uint64)),
        Sets(np.array([0, 0]), np.zeros(0, np.int32), np.zeros(1, np.uint64)),
        Sets(np.array([0, 2]), np.array([0], np.int32), np.zeros(1, np.uint64)),
    ],
)
def test_sets_that_cannot_be(sets):
    net = farm(random_loads(0, 3)).network
    with pytest.raises(OutOfRange, match="primary events"):
        cascades_together(net, sets, 10, 0, np.ones((1, 1)))


def test_barriers_never_hurt_directly():
    net = farm(random_loads(4, 8)).network
    guarded = protected(net, deluge_factor=0.5, deluge_fails=0.1, delay=300.0, delay_fails=0.1)
    sources = np.arange(8, dtype=np.int32)
    bare, safe = (escalation_chance(each, direct_escalation(each, False), sources) for each in (net, guarded))
    assert np.all(safe <= bare)
    assert np.all(safe[bare > 0.0] < bare[bare > 0.0])


def in_one_bund(net, *units):
    """Same network in which the fires of these units burn in one bund."""
    pool = np.zeros(net.source_unit.size, np.uint64)
    pool[list(units)] = id_keys(["bund"])[0]
    return net._replace(pool=pool)


def test_a_bund_burns_once():
    """Two fires of 30 and 20 in one bund are a fire of 30, in bunds of their own one of 50."""
    loads = np.zeros((3, 3))
    loads[0, 2], loads[1, 2] = 20.0, 30.0
    net = farm(loads).network
    for network, together in ((net, 50e3), (in_one_bund(net, 0, 1), 30e3), (in_one_bund(net, 0), 50e3)):
        log = cascades_together(network, pair_sets(net, [(0, 1)]), HISTORIES, 0, np.ones((1, 1)))
        share = log.unit.size / HISTORIES
        expected = failure(net, 2, together)
        assert abs(share - expected) < 4.0 * math.sqrt(expected * (1.0 - expected) / HISTORIES)


def test_a_bund_burns_on_when_the_larger_fire_ends():
    """The load falls from that of the larger fire to that of the smaller, so both doses count one after the other."""
    loads = np.zeros((3, 3))
    loads[0, 2], loads[1, 2] = 40.0, 25.0
    duration = np.array([150.0, 3000.0, 10.0])
    net = in_one_bund(farm(loads, duration=duration).network, 0, 1)
    log = cascades_together(net, pair_sets(net, [(0, 1)]), HISTORIES, 0, np.ones((1, 1)))
    first, second = (time_to_failure(load, *net_unit(net, 2)) for load in (40e3, 25e3))
    due = 150.0 + (1.0 - 150.0 / first) * second
    assert log.time == pytest.approx(np.full(log.time.size, due))
    expected = late_clock(due, net.clock_mean[2], net.clock_deviation[2])
    share = log.unit.size / HISTORIES
    assert abs(share - expected) < 4.0 * math.sqrt(expected * (1.0 - expected) / HISTORIES)


@pytest.mark.parametrize("seed", range(2))
def test_static_cascades_with_a_bund_against_exact(seed):
    loads = random_loads(seed, 6, high=30.0)
    rule = time_to_failure_rule()
    net = in_one_bund(farm(loads, rule=rule).network, 0, 1, 2)
    weight, log = cascades(net, all_primaries(net), HISTORIES, seed, static=True)
    found, error = probabilities(net, weight, log, HISTORIES)
    total = np.zeros((1 << 6, 6))
    for members in range(1 << 6):
        inside = [u for u in range(6) if members >> u & 1]
        shared = [loads[u] for u in inside if u < 3]
        total[members] = sum((loads[u] for u in inside if u >= 3), np.zeros(6))
        total[members] += np.max(shared, axis=0) if shared else 0.0
    table = np.array([[failure(net, v, 1e3 * load) for v, load in enumerate(row)] for row in total])
    for u in range(6):
        exact = failure_probabilities(table, 1 << u)
        exact[u] = 0.0
        agree(found[u], error[u], exact)


@pytest.mark.parametrize("static", [False, True])
def test_direct_failures_of_short_fires_are_counted_once(static):
    """In static cascades a fire never burns out, so the known direct part and the sampled rest must agree on that."""
    facility = farm(random_loads(6, 5, low=25.0), duration=400.0)
    facility = dataclasses.replace(
        facility, network=protected(facility.network, deluge_factor=0.7, deluge_fails=0.3, delay=200.0, delay_fails=0.4)
    )
    found = play_facility(facility, 5_000, 1, static=static).units
    net, often = facility.network, facility.sources["frequency"].to_numpy()
    solve = static_sets if static else cascade_tree
    exact = sum(f * (solve(net, [s]).probability - np.eye(5)[s]) for s, f in enumerate(often))
    agree(found["secondary_frequency"].to_numpy(), found["standard_error"].to_numpy(), exact)
    assert exact.min() > 0.0
