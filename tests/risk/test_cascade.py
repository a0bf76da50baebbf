import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri
from scipy.stats import chi2, norm

from parkrisk.models._jit import threads
from parkrisk.models.errors import OutOfRange
from parkrisk.models.vulnerability.fragility import time_to_failure_rule
from parkrisk.risk.cascades.cascade import Primaries, Sets, cascades, cascades_together, failures
from parkrisk.risk.cascades.direct import direct_escalation, direct_pairs, escalation_chance
from parkrisk.risk.cascades.draws import mix, normal_quantile, uniform
from parkrisk.risk.solvers.subsets import failure_probabilities, final_sets, independent_edges
from parkrisk.scenarios.facility.network import Network, id_keys
from tests.risk.farms import all_primaries, case, failure_table, farm, probabilities, random_loads

RULE = time_to_failure_rule()


@pytest.fixture(autouse=True)
def _wrap_around():
    """Keys wrap around at 2^64 on purpose; plain numpy, with the JIT off, would warn."""
    with np.errstate(over="ignore"):
        yield


@pytest.mark.kernel
def test_normal_quantile():
    p = np.concatenate([np.geomspace(1e-300, 0.4, 60), 1.0 - np.geomspace(1e-15, 0.4, 30)])
    assert [normal_quantile(x) for x in p] == pytest.approx(ndtri(p), rel=1e-14)


@pytest.mark.kernel
def test_draws_are_uniform_and_keyed():
    draws = np.array([uniform(np.uint64(mix(np.uint64(k)))) for k in range(4000)])
    counts = np.histogram(draws, bins=20, range=(0.0, 1.0))[0]
    assert chi2.sf(((counts - 200.0) ** 2 / 200.0).sum(), 19) > 1e-3
    assert uniform(np.uint64(7)) == uniform(np.uint64(7)) != uniform(np.uint64(8))


@pytest.mark.kernel
@pytest.mark.parametrize("static", [True, False])
@pytest.mark.parametrize("opened", [True, False])
def test_two_units_against_the_probit(static, opened):
    """One load, one unit: both cascades reduce to P(ttf < mitigation)."""
    net = farm([[0.0, 25.0], [0.0, 0.0]]).network
    exact = failure_table([[0.0, 25.0], [0.0, 0.0]], net, RULE)[0b01, 1]
    weight, log = cascades(net, all_primaries(net), 400, 3, static=static, opened=opened)
    p, error = probabilities(net, weight, log, 400)
    assert weight[0] == (pytest.approx(exact, rel=1e-12) if opened else 1.0)
    assert p[0, 1] == pytest.approx(exact, rel=1e-9) if opened else abs(p[0, 1] - exact) < 4.0 * error[0, 1]
    assert p[1].tolist() == [0.0, 0.0]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("opened", [True, False])
def test_static_against_exact(seed, opened):
    """Static cascades with synergy and cycles against the subset recursion."""
    loads = random_loads(seed, 7, low=2.0, high=30.0)
    net = farm(loads).network
    table = failure_table(loads, net, RULE)
    histories = 6_000
    played = cascades(net, all_primaries(net), histories, seed, static=True, opened=opened)
    p, error = probabilities(net, *played, histories)
    for source in range(7):
        exact = failure_probabilities(table, 1 << source)
        exact[source] = 0.0
        assert np.all(np.abs(p[source] - exact) <= 4.0 * np.maximum(error[source], np.sqrt(exact / histories)) + 1e-12)


def test_exact_against_sampled_has_no_bias():
    """The standardised differences of many layouts scatter about 0."""
    scores = []
    for seed in range(24):
        n = 4 + seed % 5
        loads = random_loads(100 + seed, n, low=5.0, high=40.0, share=0.4)
        net = farm(loads).network
        table = failure_table(loads, net, RULE)
        p, error = probabilities(net, *cascades(net, all_primaries(net), 1000, seed, static=True), 1000)
        exact = failure_probabilities(table, 1)
        unit = int(np.argmax(error[0]))
        if error[0, unit] > 0.0:
            scores.append((p[0, unit] - exact[unit]) / error[0, unit])
    assert len(scores) > 15
    assert abs(np.mean(scores)) < 4.0 / np.sqrt(len(scores))


def _reference(loads, net: Network, duration, clock, source):
    """One dynamic cascade by a plain loop over moments: who fails when, for given mitigation times."""
    n = len(loads)
    failed, dose, now = {source: 0.0}, np.zeros(n), 0.0
    while True:
        load = sum((loads[u] * (failed[u] + duration[u] > now) for u in failed), np.zeros(n)) * 1e3
        rate = np.zeros(n)
        hot = (load >= net.heat_threshold) & (load > 0.0)
        rate[hot] = np.exp(net.heat_exponent[hot] * np.log(load[hot]) - net.shell[hot])
        due = {v: now + max(0.0, 1.0 - dose[v]) / rate[v] for v in range(n) if v not in failed and rate[v] > 0.0}
        due = {v: t for v, t in due.items() if t < clock[v]}
        ends = [failed[u] + duration[u] for u in failed if failed[u] + duration[u] > now]
        if not due:
            if not ends or not np.isfinite(min(ends)):
                return failed
            step = min(ends)
        else:
            step = min([*ends, *due.values()])
        dose += (step - now) * rate
        now = step
        failed |= {v: t for v, t in due.items() if t == step}


@pytest.mark.parametrize("seed", range(3))
def test_dynamic_against_a_plain_loop(seed):
    """Probabilities and mean times, with synergy, burn-out and clocks, against an independent program."""
    n, histories = 6, 20_000
    loads = random_loads(50 + seed, n, low=4.0, high=35.0)
    rng = np.random.default_rng(seed)
    duration = rng.uniform(600.0, 5000.0, n)
    net = farm(loads, duration=duration).network
    weight, log = cascades(net, all_primaries(net), histories, 1)
    p, error = probabilities(net, weight, log, histories)
    trials = 1500
    clock = np.exp(net.clock_mean + net.clock_deviation * rng.standard_normal((trials, n)))
    played = [_reference(loads, net, duration, row, 0) for row in clock]
    for v in range(1, n):
        times = [failed[v] for failed in played if v in failed]
        q = len(times) / trials
        assert abs(p[0, v] - q) < 4.0 * np.hypot(error[0, v], np.sqrt(max(q * (1.0 - q), 1.0 / trials) / trials))
        mine = log.time[: log.start[1]][log.unit[: log.start[1]] == v]
        if len(times) > 100:
            spread = np.std(times) * np.sqrt(1.0 / len(times) + 1.0 / mine.size)
            assert abs(np.mean(mine) - np.mean(times)) < 4.0 * spread + 1e-6


def test_chain_of_three_in_closed_form():
    """A > B > C where A does not reach C: both times to failure must beat the clocks, which run from the start."""
    loads = np.array([[0.0, 40.0, 0.0], [0.0, 0.0, 30.0], [0.0, 0.0, 0.0]])
    net = farm(loads).network
    first, second = (np.exp(net.shell[v] - net.heat_exponent[v] * np.log(load)) for v, load in ((1, 40e3), (2, 30e3)))

    def late(v, t):
        return norm.cdf((net.clock_mean[v] - np.log(t)) / net.clock_deviation[v])

    histories = 40_000
    weight, log = cascades(net, all_primaries(net), histories, 5)
    p, error = probabilities(net, weight, log, histories)
    assert abs(p[0, 2] - late(1, first) * late(2, first + second)) < 4.0 * error[0, 2]
    assert log.time[log.unit == 2].max() == pytest.approx(first + second, rel=1e-12)
    assert set(log.order[(log.unit == 2)][: log.start[1]]) == {1, 2}


def test_five_tank_farm():
    """C: static cascades with one threshold per tank, exactly and sampled."""
    data = case("C_quiza2026_five_tank_farm.json")
    volume = np.array([np.pi * tank["D"] ** 2 / 4.0 * tank["H"] for tank in data["tanks"]])
    for place in ("centre", "shell"):
        own = data["own_exact"][place]
        loads = np.array(own["load_kW_m2_row_source_col_target"])
        rule = time_to_failure_rule("minutes_9.25")
        shell = 9.877 - 2.667e-5 * volume + 1.13 * np.log(1e3)  # the source rounds 1.128 to 1.13
        net = farm(loads, rule=rule, volume=volume).network._replace(
            heat_threshold=np.zeros(5), heat_exponent=np.full(5, 1.13), shell=shell
        )
        expected = np.array(own["one threshold per tank (dependent retries)"]["P(j ever burns | primary i)"])
        table = failure_table(loads, net, rule)
        exact = np.array([failure_probabilities(table, 1 << source) for source in range(5)])
        assert exact == pytest.approx(expected, abs=2e-6)  # the loads are printed to 1e-4
        histories = 50_000
        p, error = probabilities(net, *cascades(net, all_primaries(net), histories, 0, static=True), histories)
        off = ~np.eye(5, dtype=bool)
        assert np.all(np.abs(p - expected)[off] < 4.0 * error[off] + 2e-6)


def test_four_symmetric_tanks():
    """E: on a square, neighbours are alike, and so are opposite tanks."""
    place = np.array(case("E_opensrane_four_symmetric_tanks.json")["tanks"], float)
    distance = np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1))
    loads = np.divide(2.0e4, distance**2, out=np.zeros((4, 4)), where=distance > 0.0)
    net = farm(loads).network
    histories = 20_000
    weight, log = cascades(net, all_primaries(net), histories, 9, opened=False)
    p, _ = probabilities(net, weight, log, histories)
    near = np.array([p[i, j] for i, j in itertools.permutations(range(4), 2) if (i - j) % 2]) * histories
    far = np.array([p[i, (i + 2) % 4] for i in range(4)]) * histories
    assert chi2.sf(((near - near.mean()) ** 2 / near.mean()).sum(), near.size - 1) > 1e-3
    assert chi2.sf(((far - far.mean()) ** 2 / far.mean()).sum(), far.size - 1) > 1e-3
    assert far.max() < near.min()


def _blast_network(probability):
    """Every unit bursts when it fails, with the given chances on the others; no heat."""
    n = len(probability)
    net = farm(np.zeros((n, n))).network
    edges = [(u, v) for u in range(n) for v in range(n) if u != v and probability[u][v] > 0.0]
    start = np.searchsorted([u for u, _ in edges], np.arange(n + 1)).astype(np.int64)
    return net._replace(
        blast_start=start,
        blast_target=np.array([v for _, v in edges], np.int32),
        blast_probability=np.array([probability[u][v] for u, v in edges]),
        blast_row=np.arange(n, dtype=np.int32)[:, None],
        secondary_blast=np.arange(n, dtype=np.int32),
    )


@pytest.mark.kernel
@pytest.mark.parametrize("static", [True, False])
@pytest.mark.parametrize("opened", [True, False])
def test_what_is_certain_happens_in_every_history(static, opened):
    """A row in which everybody brings down the next: all of them, one after the other, whoever begins."""
    n, histories = 5, 3
    net = _blast_network(np.eye(n, k=1))
    start, target, often = direct_pairs(net, direct_escalation(net, static), np.arange(1.0, n + 1.0))
    assert list(zip(start, target, often, strict=True)) == [(m, m + 1, m + 1.0) for m in range(n - 1)]
    weight, log = cascades(net, all_primaries(net), histories, 7, static=static, opened=opened)
    assert weight.tolist() == [1.0] * (n - 1) + ([0.0] if opened else [1.0])
    assert np.diff(log.start).tolist() == [histories * (n - 1 - m) for m in range(n)]
    for m in range(n - 1):
        mine, steps = slice(log.start[m], log.start[m + 1]), n - 1 - m
        assert log.history[mine].tolist() == np.repeat(np.arange(histories), steps).tolist()
        assert log.unit[mine].tolist() == list(range(m + 1, n)) * histories
        assert log.order[mine].tolist() == list(range(1, steps + 1)) * histories
        assert log.direct[mine].tolist() == ([True] + [False] * (steps - 1)) * histories
        first = np.repeat(np.arange(histories) * steps, steps)
        expected = np.where(log.order[mine] == 1, -1, first + log.order[mine] - 2)
        assert log.parent[mine].tolist() == expected.tolist()


@pytest.mark.kernel
@pytest.mark.parametrize("opened", [True, False])
def test_heat_blast_and_fragments_of_one_event(opened):
    """Heat may fail unit 1, a blast all, fragments units 3 and 4; each comes out with its chance, however sampled."""
    loads = np.zeros((5, 5))
    loads[0, 1] = 22.0
    hot = farm(loads).network
    heat = failure_table(loads, hot, RULE)[0b00001, 1]
    net = _blast_network([[0.0, 0.1, 0.4, 0.05, 0.1]] + [[0.0] * 5] * 4)
    net = hot._replace(
        **{name: each for name, each in net._asdict().items() if "blast" in name},
        fragment_start=np.array([0, 2, 2, 2, 2, 2], np.int64),
        fragment_target=np.array([3, 4], np.int32),
        fragment_probability=np.array([0.6, 0.1]),
        fragment_row=np.arange(5, dtype=np.int32),
    )
    histories = 3000
    weight, log = cascades(net, all_primaries(net), histories, 11, opened=opened)
    none = (1.0 - heat) * 0.9 * 0.6 * 0.95 * 0.9 * 0.4 * 0.9
    assert weight[0] == pytest.approx(1.0 - none if opened else 1.0, rel=1e-12)
    found, error = probabilities(net, weight, log, histories)
    expected = [1.0 - (1.0 - heat) * 0.9, 0.4, 1.0 - 0.95 * 0.4, 1.0 - 0.9 * 0.9]
    assert 0.1 < heat < 0.9
    start, target, often = direct_pairs(net, direct_escalation(net, False), np.full(5, 2e-4))
    assert (start.tolist(), target.tolist()) == ([0] * 4, [1, 2, 3, 4])
    assert often == pytest.approx(2e-4 * np.array(expected), rel=1e-9)
    assert np.all(np.abs(found[0, 1:] - expected) < 4.0 * error[0, 1:])


@pytest.mark.parametrize("static", [True, False])
@pytest.mark.parametrize("opened", [True, False])
def test_blast_has_one_strength_per_unit(static, opened):
    """Blasts do not add up: a unit stands all of them or fails by the strongest."""
    p = np.array([[0.0, 0.5, 0.2], [0.0, 0.0, 0.3], [0.0, 0.0, 0.0]])
    net = _blast_network(p)
    histories = 100_000
    found, error = probabilities(
        net, *cascades(net, all_primaries(net), histories, 2, static=static, opened=opened), histories
    )
    assert abs(found[0, 1] - 0.5) <= 4.0 * error[0, 1] + 1e-12
    assert abs(found[0, 2] - (0.2 + 0.5 * 0.1)) < 4.0 * error[0, 2]


def test_reed_frost_sampled():
    """G: with equal chances, one strength per unit lets only the first generation matter."""
    net = _blast_network(np.full((4, 4), 0.2))
    histories = 40_000
    weight, log = cascades(net, all_primaries(net), histories, 2)
    p, error = probabilities(net, weight, log, histories)
    assert weight[0] == pytest.approx(1.0 - 0.8**3)
    assert np.all(np.abs(p[0, 1:] - 0.2) < 4.0 * error[0, 1:])


def test_wind_classes_mix_after_the_cascade():
    """Loads differ by wind class; the classes are mixed, not the loads."""
    net = farm([[0.0, 40.0], [0.0, 0.0]]).network
    mixed = net._replace(
        heat_row=np.array([[0, -1, 0], [-1, -1, -1]], np.int32),
        blast_row=np.full((2, 3), -1, np.int32),
        class_probability=np.tile([0.25, 0.5, 0.25], (2, 1)),
    )
    for opened in (True, False):
        weight, log = cascades(mixed, all_primaries(mixed), 4000, 0, opened=opened)
        whole, _ = cascades(net, all_primaries(net), 4000, 0)
        p, error = probabilities(mixed, weight, log, 4000)
        assert abs(p[0, 1] - 0.5 * whole[0]) <= 4.0 * error[0, 1] + 1e-12


def test_static_is_an_upper_bound():
    for seed in range(3):
        loads = random_loads(seed, 8)
        net = farm(loads, duration=3000.0).network
        bound, _ = probabilities(net, *cascades(net, all_primaries(net), 2000, 0, static=True, opened=False), 2000)
        found, _ = probabilities(net, *cascades(net, all_primaries(net), 2000, 0, opened=False), 2000)
        assert np.all(found <= bound)  # history by history, on the same draws


def test_burn_out_and_threshold():
    ttf = 295.7  # of 1000 m³ under 40 kW/m²
    loads = [[0.0, 40.0], [0.0, 0.0]]
    for duration, escalates in ((ttf - 1.0, False), (ttf + 1.0, True)):
        net = farm(loads, duration=duration).network
        assert (cascades(net, all_primaries(net), 10, 0)[0][0] > 0.0) == escalates
    net = farm([[0.0, 14.9], [0.0, 0.0]]).network
    assert cascades(net, all_primaries(net), 10, 0)[0].tolist() == [0.0, 0.0]


@pytest.mark.kernel
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_fire_that_ends_first_goes_out_first(order):
    """Of two fires that begin together the longer one fails its neighbour, whichever stands first."""
    loads = np.zeros((4, 4))
    loads[0, 2] = loads[1, 3] = 40.0
    net = farm(loads).network
    net = net._replace(
        heat_duration=np.array([3000.0, 100.0, 0.0, 0.0])[: net.heat_duration.size], clock_mean=np.full(4, 50.0)
    )
    sets = Sets(np.array([0, 2]), np.array(order, np.int32), np.zeros(1, np.uint64))
    log = cascades_together(net, sets, 3, 0, np.ones((1, net.class_probability.shape[1])))
    assert log.unit.tolist() == [2, 2, 2]
    assert log.time.tolist() == pytest.approx([295.7] * 3, abs=0.1)


def test_synergy_of_two_loads_below_the_threshold():
    """Neither A nor B alone reaches C's threshold; together they fail it."""
    net = farm([[0.0, 60.0, 10.0], [0.0, 0.0, 10.0], [0.0, 0.0, 0.0]]).network
    weight, log = cascades(net, all_primaries(net), 5000, 0)
    p, _ = probabilities(net, weight, log, 5000)
    assert p[0, 2] > 0.05
    assert p[1, 2] == 0.0
    assert not log.direct[log.unit == 2].any()
    assert log.direct[log.unit == 1].all()


def _digest(log):
    return [column.tobytes() for column in log]


def test_same_for_any_thread_count():
    net = farm(random_loads(4, 12)).network
    results = []
    for count in (1, 2):
        with threads(count):
            weight, log = cascades(net, all_primaries(net), 3000, 11)
        results.append((weight.tobytes(), _digest(log)))
    assert results[0] == results[1]


def test_seed():
    net = farm(random_loads(4, 6)).network
    logs = [_digest(cascades(net, all_primaries(net), 500, seed)[1]) for seed in (1, 1, 2)]
    assert logs[0] == logs[1] != logs[2]


@pytest.mark.parametrize("opened", [True, False])
def test_too_little_room_is_mended(opened):
    net = farm(random_loads(4, 6)).network
    weight, log = cascades(net, all_primaries(net), 500, 1, opened=opened)
    assert np.diff(log.start).max() > 2 * 500  # more than there is room for where none are expected
    for expected in (np.zeros(6), np.array([0.0, 1e4, 0.0, 0.0, 1e4, 0.0])):
        again = cascades(net, all_primaries(net), 500, 1, opened=opened, expected=expected)
        assert again[0].tobytes() == weight.tobytes()
        assert _digest(again[1]) == _digest(log)


def test_failures_are_counted_as_they_are_logged():
    net = farm(random_loads(4, 6)).network
    _, log = cascades(net, all_primaries(net), 500, 1)
    assert failures(net, all_primaries(net), 500, 1).tolist() == np.diff(log.start).tolist()


def test_order_of_primaries_does_not_matter():
    net = farm(random_loads(4, 6)).network
    weight, log = cascades(net, all_primaries(net), 500, 1)
    turned = np.arange(5, -1, -1)
    other_weight, other = cascades(net, Primaries(turned.astype(np.int32), net.unit_key[turned]), 500, 1)
    assert weight[turned].tolist() == other_weight.tolist()
    for i, m in enumerate(turned):
        mine, theirs = slice(log.start[m], log.start[m + 1]), slice(other.start[i], other.start[i + 1])
        assert log.path[mine].tolist() == other.path[theirs].tolist()
        assert log.time[mine].tolist() == other.time[theirs].tolist()


def test_long_logs_are_kept_whole():
    """Supercritical: everyone burns, far more entries than room was made for at first."""
    net = farm(np.full((30, 30), 200.0)).network
    weight, log = cascades(net, all_primaries(net), 20, 0, static=True)
    assert log.unit.size > 0.95 * 30 * 29 * 20
    assert np.all(np.diff(log.start) <= 29 * 20)
    assert weight.min() > 0.99


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.floats(1.0, 2.0))
def test_more_load_more_escalation(seed, factor):
    loads = random_loads(seed, 4)
    low, high = farm(loads).network, farm(loads * factor).network
    sources = np.arange(4, dtype=np.int32)
    chances = [escalation_chance(net, direct_escalation(net, False), sources) for net in (low, high)]
    assert np.all(chances[0] <= chances[1] + 1e-15)
    assert np.all((chances[0] >= 0.0) & (chances[1] <= 1.0))


def test_direct_escalation_is_the_exact_union():
    loads = random_loads(8, 5)
    net = farm(loads).network
    table = failure_table(loads, net, RULE)
    chance = escalation_chance(net, direct_escalation(net, True), np.arange(5, dtype=np.int32))[:, 0]
    for source in range(5):
        others = np.delete(table[1 << source], source)
        assert chance[source] == pytest.approx(1.0 - np.prod(1.0 - others), rel=1e-12)


def test_keys_of_ids_differ():
    assert len(set(id_keys([f"T{i}" for i in range(1000)]).tolist())) == 1000


def test_independent_edges_and_one_strength_differ():
    """What the exact solver calls independent edges is not what a blast does: there, tries are not repeated."""
    final = final_sets(independent_edges(np.full((3, 3), 0.5)), 1)
    assert final[0b111] > 0.5**2


def test_rows_that_do_not_fit():
    net = farm([[0.0, 40.0], [0.0, 0.0]]).network._replace(class_probability=np.full((2, 2), 0.5))
    with pytest.raises(OutOfRange):
        cascades(net, all_primaries(net), 10, 0)
