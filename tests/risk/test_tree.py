import numpy as np
import pytest
from scipy.stats import norm

from parkrisk.models.errors import OutOfRange
from parkrisk.models.vulnerability.fragility import time_to_failure_rule
from parkrisk.risk.cascades.cascade import cascades
from parkrisk.risk.solvers.static_sets import static_sets
from parkrisk.risk.solvers.subsets import final_sets
from parkrisk.risk.solvers.tree import cascade_tree
from tests.risk.farms import all_primaries, failure_table, farm, probabilities, random_loads
from tests.risk.layouts import random_layout, slow_probabilities


@pytest.fixture(autouse=True)
def _wrap_around():
    """Keys wrap around at 2^64 on purpose; plain numpy, with the JIT off, would warn."""
    with np.errstate(over="ignore", divide="ignore"):
        yield


def _late(net, v, time):
    return norm.cdf((net.clock_mean[v] - np.log(time)) / net.clock_deviation[v])


def _time(net, v, kilowatts):
    return np.exp(net.shell[v] - net.heat_exponent[v] * np.log(kilowatts * 1e3))


@pytest.mark.kernel
def test_chain_of_three_in_closed_form():
    """A > B > C: both times to failure must beat the clocks, which run from the start."""
    net = farm([[0.0, 40.0, 0.0], [0.0, 0.0, 30.0], [0.0, 0.0, 0.0]]).network
    first, second = _time(net, 1, 40.0), _time(net, 2, 30.0)
    p, q = _late(net, 1, first), _late(net, 2, first + second)
    tree = cascade_tree(net, [0])
    assert tree.probability == pytest.approx([1.0, p, p * q], rel=1e-12)
    assert tree.failures == pytest.approx([1.0 - p, p * (1.0 - q), p * q, 0.0], rel=1e-12)
    assert tree.chains() == pytest.approx({(1,): p, (1, 2): p * q}, rel=1e-12)
    assert tree.expected_failures == pytest.approx(p + p * q, rel=1e-12)
    assert tree.times(2)[0] == pytest.approx([first + second], rel=1e-12)
    assert tree.ways.order.tolist() == [1, 2]
    assert tree.lost == 0.0


@pytest.mark.kernel
def test_fireproofing_that_may_be_missing_in_closed_form():
    """The delay comes before any dose; without it, the unit may have stood already."""
    net = farm([[0.0, 40.0], [0.0, 0.0]]).network._replace(
        delay=np.array([0.0, 500.0]), delay_fails=np.array([0.0, 0.3])
    )
    time = _time(net, 1, 40.0)
    tree = cascade_tree(net, [0])
    assert tree.probability[1] == pytest.approx(0.3 * _late(net, 1, time) + 0.7 * _late(net, 1, time + 500.0))
    times, weights = tree.times(1)
    assert times == pytest.approx([time, time + 500.0])
    assert weights == pytest.approx([0.3 * _late(net, 1, time), 0.7 * _late(net, 1, time + 500.0)])


@pytest.mark.kernel
def test_shared_supply_couples_units():
    """With the supply up both stand below the threshold; with it down both are loaded: they fail together or not."""
    loads = np.zeros((3, 3))
    loads[0, 1:] = 20.0
    net = farm(loads).network._replace(
        deluge_factor=np.array([1.0, 0.5, 0.5]),
        system=np.array([-1, 0, 0], np.int32),
        system_key=np.array([5], np.uint64),
        system_fails=np.array([0.01]),
    )
    p = _late(net, 1, _time(net, 1, 20.0))
    for tree in (cascade_tree(net, [0]), cascade_tree(net, [0], static=True), static_sets(net, [0])):
        assert tree.probability[1:] == pytest.approx([0.01 * p, 0.01 * p], rel=1e-9)
        assert tree.failures[2] == pytest.approx(0.01 * p * p, rel=1e-9)


@pytest.mark.parametrize("seed", range(14))
def test_dynamic_against_a_slow_solver(seed):
    """Cycles, synergy, burn-out, blast, fragments, barriers, wind classes, one primary or two."""
    n = 3 if seed < 5 else 4
    net = random_layout(seed, n, barriers=seed not in (6, 7), winds=seed % 3 > 0)
    sources = [seed % n] if seed % 2 else [0, n - 1]
    tree = cascade_tree(net, sources)
    assert tree.probability == pytest.approx(slow_probabilities(net, sources), rel=1e-12, abs=1e-14)
    assert tree.failures.sum() == pytest.approx(1.0, rel=1e-12)
    assert tree.expected_failures == pytest.approx(tree.failures @ np.arange(tree.failures.size), rel=1e-12)
    assert tree.expected_failures == pytest.approx(tree.probability.sum() - len(sources), rel=1e-12)


@pytest.mark.parametrize("seed", range(8))
def test_static_by_two_roads(seed):
    """The tree of decisions, and the recursion over subsets."""
    net = random_layout(40 + seed, 4 + seed % 2)
    sources = [seed % 4] if seed % 2 else [0, 2]
    tree, sets = cascade_tree(net, sources, static=True), static_sets(net, sources)
    assert sets.probability == pytest.approx(tree.probability, rel=1e-11, abs=1e-14)
    assert sets.failures == pytest.approx(tree.failures, rel=1e-11, abs=1e-14)


def test_sharp_clocks_make_the_static_bound_of_simple_chains():
    """With fires that never end and one load on each unit, only the clock's start tells dynamic from static."""
    rule = time_to_failure_rule()
    loads = np.diag([25.0, 25.0, 25.0], 1)
    net = farm(loads).network
    final = final_sets(failure_table(loads, net, rule), 1)
    assert static_sets(net, [0]).probability[3] == pytest.approx(final[0b1111], rel=1e-10)
    sharp = net._replace(clock_mean=np.full(4, 50.0), clock_deviation=np.full(4, 1e-3))  # mitigation never comes
    assert cascade_tree(sharp, [0]).probability == pytest.approx(np.ones(4))
    assert static_sets(sharp, [0]).probability == pytest.approx(np.ones(4))


def test_cut_off_is_bounded():
    net = farm(random_loads(4, 9, low=10.0, high=40.0)).network
    exact = cascade_tree(net, [0])
    assert exact.lost == 0.0
    for less in (cascade_tree(net, [0], least=1e-4), cascade_tree(net, [0], most=40)):
        assert 0.0 < less.lost < 1.0
        assert np.all(less.probability <= exact.probability + 1e-14)
        assert np.all(exact.probability <= less.probability + less.lost + 1e-14)
        assert less.ways.unit.size < exact.ways.unit.size


def test_order_of_sources_and_twice_the_same():
    net = random_layout(3, 6)
    assert cascade_tree(net, [4, 1]).probability.tolist() == pytest.approx(
        cascade_tree(net, [1, 4]).probability.tolist()
    )
    first, again = cascade_tree(net, [1]), cascade_tree(net, [1])
    assert all(one.tobytes() == other.tobytes() for one, other in zip(first.ways, again.ways, strict=True))


@pytest.mark.parametrize("sources", [[], [9], [-1], [1, 1]])
def test_sources_that_cannot_be(sources):
    with pytest.raises(OutOfRange):
        cascade_tree(farm(random_loads(0, 3)).network, sources)


def test_too_many_supplies_or_units():
    net = farm(np.full((20, 20), 60.0)).network
    with pytest.raises(OutOfRange):
        static_sets(net, [0])
    many = farm(random_loads(0, 12, low=30.0, share=1.0)).network._replace(
        system=np.arange(12, dtype=np.int32),
        system_key=np.arange(12, dtype=np.uint64),
        system_fails=np.full(12, 0.1),
    )
    with pytest.raises(OutOfRange):
        cascade_tree(many, [0])


def _scores(layouts, histories, *, static):
    """Standardised differences of sampled and exact probabilities, of units that fail often enough to tell."""
    out = []
    for seed in layouts:
        n = 3 + seed % 10
        small = n <= 8  # else there are too many ways to follow them all
        net = random_layout(seed, n, blast=seed % 2 == 0, barriers=small and seed % 5 < 3, winds=seed % 3 == 0)
        net = net if small else net._replace(fragment_row=np.full(n, -1, np.int32))
        source = seed % n
        solved = (static_sets if static else cascade_tree)(net, [source])
        assert static or solved.lost == 0.0
        exact = solved.probability
        weight, log = cascades(net, all_primaries(net), histories, seed, static=static)
        p, _ = probabilities(net, weight, log, histories)
        error = np.sqrt(np.maximum(exact * (weight[source] - exact), 0.0) / histories)
        counts = np.minimum(exact, weight[source] - exact) * histories  # expected, of failing or of standing
        told = (counts > 20.0 * weight[source]) & (np.arange(n) != source)
        assert np.all(np.abs(p[source] - exact)[~told & (np.arange(n) != source)] < 60.0 / histories)
        out.append((p[source] - exact)[told] / error[told])
    return out


@pytest.mark.parametrize("static", [False, True])
def test_sampling_has_no_bias(static):
    """Cycles, synergy, burn-out, bunds, blast, fragments, barriers, wind: within 4 standard errors, mean about 0."""
    _judge(_scores(range(12), 2000, static=static))


def _mean_square(scores):
    return np.mean(scores**2)


def _judge(scores):
    every = np.concatenate(scores)
    assert every.size > 15
    assert np.abs(every).max() < 4.0 + 0.5 * (every.size > 300)  # of many, one beyond 4 is due
    means, squares = (np.array([f(each) for each in scores if each.size]) for f in (np.mean, _mean_square))
    assert abs(means.mean()) < 4.0 * means.std() / np.sqrt(means.size)
    assert squares.mean() - 1.0 < 4.0 * squares.std() / np.sqrt(squares.size)  # units of a layout go together


@pytest.mark.slow
@pytest.mark.parametrize("static", [False, True])
def test_sampling_on_a_hundred_layouts(static):
    _judge(_scores(range(100), 4000, static=static))
