import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from parkrisk.models._jit import threads
from parkrisk.models.errors import OutOfRange
from parkrisk.risk.solvers.forced import Forced
from parkrisk.risk.solvers.rare import _PRICE, _Estimate, _key, _plain_needs_less, escalation_probability
from parkrisk.risk.solvers.static_sets import static_sets
from parkrisk.risk.solvers.tree import cascade_tree
from tests.risk.farms import farm, random_loads
from tests.risk.layouts import random_layout


@pytest.fixture(autouse=True)
def _wrap_around():
    """Keys wrap around at 2^64 on purpose; plain numpy, with the JIT off, would warn."""
    with np.errstate(over="ignore", divide="ignore"):
        yield


def _played(net, sources, histories, *, static=False, key=3):
    run = Forced(net, sources, key, static=static)
    run.play(histories)
    return run.sums()


def _scores(layouts, histories, *, static):
    """Standardised differences from the exact solution; what is rarer than histories can show is left out."""
    out = []
    for seed in layouts:
        n = 3 + seed % (8 if static else 4)  # barriers, blast and fragments give six units 100,000 ways
        net = random_layout(seed, n)
        sources = [seed % n] if seed % 3 else [0, n - 1]
        exact = (static_sets if static else cascade_tree)(net, sources).probability
        sums = _played(net, sources, histories, static=static, key=seed)
        difference, error = sums.mean()[:-1] - exact, sums.standard_error()[:-1]
        difference[net.source_unit[sources]] = 0.0
        told = error > 1e-3 * exact
        assert np.all(np.abs(difference[~told]) < 5e-3 * exact[~told] + 1e-12)
        out.append(difference[told] / error[told])
    return out


def _judge(scores):
    every = np.concatenate(scores)
    assert every.size > 15
    assert np.abs(every).max() < 4.0 + 0.5 * (every.size > 300)
    means = np.array([each.mean() for each in scores if each.size])
    assert abs(means.mean()) < 4.0 * means.std() / np.sqrt(means.size)
    assert 0.5 < np.mean(every**2) < 1.5


@pytest.mark.parametrize("static", [False, True])
def test_forced_has_no_bias(static):
    """Everything a cascade may meet: blast, fragments, barriers, supplies, wind, several primary events."""
    _judge(_scores(range(12), 5000, static=static))


@pytest.mark.slow
@pytest.mark.parametrize("static", [False, True])
def test_forced_on_a_hundred_layouts(static):
    _judge(_scores(range(100), 4000, static=static))


def test_first_failures_are_exact():
    """What fails before anybody else is known without drawing."""
    net = farm([[0.0, 40.0], [0.0, 0.0]]).network
    sums = _played(net, [0], 64)
    assert sums.mean()[1] == pytest.approx(cascade_tree(net, [0]).probability[1], rel=1e-13)
    assert sums.standard_error()[1] == 0.0


def test_rare_chain_to_1e_10():
    """A long chain under quick response: exact products, far below what plain histories could see."""
    loads = np.diag(np.full(6, 24.0), 1) + np.diag(np.full(5, 4.0), 2)
    net = farm(loads).network
    net = net._replace(clock_mean=net.clock_mean - np.log(2.0))
    exact = cascade_tree(net, [0]).probability
    assert exact[1:].min() < 1e-10
    sums = _played(net, [0], 2000)
    rare = exact > 1e-16
    error = sums.standard_error()[:-1][rare] + 1e-12 * exact[rare]
    assert np.all(np.abs(sums.mean()[:-1] - np.where(exact == 1.0, 0.0, exact))[rare] <= 4.0 * error)


def test_threads_and_rounds_change_nothing():
    net = random_layout(5, 8)
    results = []
    for count, parts in ((1, [640]), (2, [640]), (2, [128, 512])):
        with threads(count):
            run = Forced(net, [1], 9)
            for part in parts:
                run.play(part)
            results.append(run.sums())
    assert all(
        a.tobytes() == b.tobytes() for other in results[1:] for a, b in zip(results[0][:3], other[:3], strict=True)
    )


def test_units_out_of_reach_change_nothing():
    """Other units in the park, first in order, leave every bit as it is."""
    loads = random_loads(2, 6)
    net = farm(loads).network
    wide = np.zeros((8, 8))
    wide[2:, 2:] = loads
    other = farm(wide).network._replace(shell=np.append(net.shell[:2], net.shell))
    one, two = _played(net, [0], 500), _played(other, [2], 500)
    assert one.total[:-1].tolist() == two.total[2:-1].tolist()
    assert two.total[:2].tolist() == [0.0, 0.0]


def test_asked_by_name():
    facility = farm(random_loads(3, 8, low=10.0, high=30.0))
    exact = escalation_probability(facility, "T000")
    assert exact.method["solver"] == "exact"
    assert exact.method["error_met"]
    truth = exact.units.set_index("unit_id")
    assert truth.loc["T000", "probability"] == 1.0
    assert (truth["standard_error"] == 0.0).all()
    for solver in ("forced", "plain"):
        found = escalation_probability(facility, "T000", ["T001", "T005"], relative_error=0.02, solver=solver)
        table = found.units.set_index("unit_id")
        assert found.method["error_met"]
        assert found.method["error_reached"] <= 0.02
        gap = (table["probability"] - truth["probability"]).abs()[table.index]
        assert (gap <= 4.0 * table["standard_error"] + 1e-12).all()


def test_error_that_is_not_met_is_told():
    facility = farm(random_loads(5, 20, low=5.0, high=40.0, share=0.3))
    asked = {"relative_error": 1e-6, "most_histories": 4096, "solver": "forced"}
    found = escalation_probability(facility, "T000", ["T003"], **asked)
    assert not found.method["error_met"]
    assert found.method["error_reached"] > 1e-6
    assert found.method["histories"] <= 4096 + 64


def test_events_of_a_unit_are_mixed_by_frequency():
    facility = farm(random_loads(3, 5))
    sources = facility.sources.assign(event_id=[f"E{i}" for i in range(5)])
    sources.loc[1, ["unit", "frequency"]] = [0, 3e-4]
    net = facility.network._replace(source_unit=np.array([0, 0, 2, 3, 4], np.int32))
    net = net._replace(heat_row=np.where(np.arange(5)[:, None] == 1, -1, net.heat_row).astype(np.int32))
    both = dataclasses.replace(facility, sources=sources, network=net)
    single = escalation_probability(both, "E0").units.set_index("unit_id")["probability"]
    mixed = escalation_probability(both, "T000").units.set_index("unit_id")["probability"]
    others = [f"T00{i}" for i in range(1, 5)]
    assert mixed[others].tolist() == pytest.approx((0.25 * single[others]).tolist(), rel=1e-12)


def test_several_events_at_once():
    facility = farm(random_loads(3, 5))
    found = escalation_probability(facility, ["T000", "T003"]).units.set_index("unit_id")["probability"]
    assert found["T003"] == found["T000"] == 1.0
    assert found["T001"] == pytest.approx(cascade_tree(facility.network, [0, 3]).probability[1], rel=1e-12)


def test_several_units_burn_as_in_a_cascade():
    """Units that are named, not events: what each does when a cascade fails it, whatever starts at it otherwise."""
    facility = farm(random_loads(3, 5))
    renamed = dataclasses.replace(facility, sources=facility.sources.assign(event_id=[f"E{i}" for i in range(5)]))
    events, units = (escalation_probability(renamed, names) for names in (["E0", "E3"], ["T003", "T000"]))
    assert units.method["start"] == "secondary events of the units together"
    assert events.method["start"] == "events together"
    assert units.units.equals(events.units)
    quiet = renamed.network._replace(secondary_heat=np.full(5, -1, np.int32))
    with pytest.raises(OutOfRange, match="T003, T000"):
        escalation_probability(dataclasses.replace(renamed, network=quiet), ["T003", "T000"])


@pytest.mark.parametrize("solver", ["forced", "plain"])
def test_what_was_never_met_is_not_known(solver):
    """A unit that its neighbour might fail, were the fire not out so soon: nothing found is not nothing known."""
    loads = np.zeros((3, 3))
    loads[0, 1], loads[1, 2] = 30.0, 30.0
    facility = farm(loads)
    soon = np.where(np.arange(facility.network.heat_duration.size) == 1, 1.0, facility.network.heat_duration)
    facility = dataclasses.replace(facility, network=facility.network._replace(heat_duration=soon))
    assert escalation_probability(facility, "T000", ["T002"]).method["error_met"]  # exactly 0
    found = escalation_probability(facility, "T000", ["T002"], solver=solver, most_histories=64)
    assert found.units["probability"].tolist() == [0.0]
    assert found.units["standard_error"][0] > 0.0
    assert not found.method["error_met"]
    assert found.to_dict()["method"]["error_reached"] is None


@pytest.mark.parametrize(
    "asked",
    [
        {"primary": "no such unit"},
        {"primary": ["T000", "no such event"]},
        {"primary": "T000", "targets": ["no such unit"]},
        {"primary": "T000", "solver": "guess"},
        {"primary": "T000", "relative_error": 0.0},
        {"primary": "T000", "most_histories": 0},
        {"primary": ["T000", "T001"], "solver": "plain"},
    ],
)
def test_bad_questions(asked):
    with pytest.raises(OutOfRange):
        escalation_probability(farm(random_loads(3, 4)), **asked)


@pytest.mark.parametrize("wind", [0, 1, 2])
def test_every_wind_is_visited(wind):
    """In each of three winds another unit burns first; only one of them carries the fire on."""
    net = farm(np.eye(5, k=1) * 25.0).network
    chances, rows, carries = np.array([0.2, 0.3, 0.5]), np.full((5, 3), -1, np.int32), np.full(5, -1, np.int32)
    rows[0], rows[1 + wind], carries[1 + wind] = [0, 1, 2], 3, 1 + wind
    net = net._replace(
        heat_row=rows,
        heat_start=np.arange(5, dtype=net.heat_start.dtype),
        heat_target=np.array([1, 2, 3, 4], net.heat_target.dtype),
        secondary_heat=carries,
        blast_row=np.full((5, 3), -1, np.int32),
        class_probability=np.tile(chances, (5, 1)),
    )
    chain = np.zeros((3, 3))
    chain[0, 1] = chain[1, 2] = 25.0
    single = cascade_tree(farm(chain).network, [0]).probability
    sums = _played(net, [0], 640)
    assert sums.first[1:4] == pytest.approx(single[1] * chances, rel=1e-12)
    assert sums.mean()[4] == pytest.approx(chances[wind] * single[2], rel=0.01)  # winds come in turn, in proportion


def test_histories_of_other_events_are_others():
    """They are put together as independent: the draws hang on the events, and on nothing else in the facility."""
    facility = farm(random_loads(3, 5))
    keys = [_key(facility, np.array(sources), 7) for sources in ([0], [1], [0, 1], [4])]
    assert len({*keys, _key(facility, np.array([0]), 8)}) == 5
    fewer = dataclasses.replace(facility, sources=facility.sources.iloc[1:].reset_index(drop=True))
    assert _key(fewer, np.array([0]), 7) == keys[1]


@pytest.mark.parametrize(("share", "plain"), [(1.1, True), (0.9, False)])
def test_plain_histories_where_they_need_less_work(share, plain):
    """Variance × work of each: by hand for the one target that may fail, half of what escalates at most."""
    p, reach, failures = 0.1, 0.5, 0.2
    by_plain = p * (reach - p) * (1.0 + failures / reach)  # what escalates, escalates for certain
    work = 200 / 100  # burning units in a forced history
    variance = share * by_plain / (_PRICE * work) / 400  # of the mean of 400
    found = _Estimate(np.array([p, 0.0, failures]), np.array([variance, 0.0, 0.0]), 400)
    run = SimpleNamespace(escalation=reach, histories=100, sums=lambda: SimpleNamespace(work=200))
    assert _plain_needs_less(run, found, np.array([0, 1])) == plain
    assert not _plain_needs_less(run, found, np.array([1]))
