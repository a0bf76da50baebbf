"""What could make a chance too friendly: gaps at the ends of inputs, rules of one's own, pairs, memory."""

import dataclasses
import functools

import numpy as np
import pytest

from parkrisk.api.examples import example_park
from parkrisk.models.errors import OutOfRange, RuleError
from parkrisk.risk.assess import assess
from parkrisk.risk.entry.gate import gate
from parkrisk.risk.rules.conditions import Leaf
from parkrisk.risk.uncertainty import nodes, terms
from parkrisk.risk.uncertainty.inputs import NODE, design
from parkrisk.risk.uncertainty.judging import ParkJudge, from_below, limits_of
from parkrisk.risk.uncertainty.sampling import Factors, Model, Sampled, _cubic
from parkrisk.risk.uncertainty.sensitivity import sobol
from parkrisk.risk.uncertainty.uncertainty import Sampler
from parkrisk.scenarios import read, read_project
from parkrisk.scenarios.events.reexpand import events_at


@functools.cache
def _base():
    return assess(read(example_park("minimal")))


@functools.cache
def _scene():
    return Sampler(_base(), None, None, ("failure_frequency",), lambda *_: None).sides[0].scene


@functools.cache
def _bent():
    return Sampler(_base(), None, None, ("wind_speed",), lambda *_: None)


def _asking(limit, unit="1", indicator=""):
    """Rule set of the base whose first rule compares the worst ratio with a limit."""
    ruleset = _base().ruleset
    test = Leaf("quantity", "risk.worst_target_ratio", "<=", limit, indicator, unit)
    return dataclasses.replace(ruleset, rules=(dataclasses.replace(ruleset.rules[0], test=test), *ruleset.rules[1:]))


def _samples(*ratios):
    """Samples whose worst target is so many times its limit, and no deaths."""
    judge = ParkJudge(_base(), np.array([1.0]))
    individual = np.array(ratios)[:, None] * judge.limit
    nothing = np.zeros((len(ratios), 1))
    return Sampled(individual, np.zeros_like(individual), nothing, nothing[:, 0])


@pytest.mark.parametrize(("limit", "unit"), [(0.3, "1"), (30.0, "%")])
def test_samples_on_either_side_of_a_limit_of_ones_own_are_judged_apart(limit, unit):
    result = dataclasses.replace(_base(), ruleset=_asking(limit, unit))
    assert limits_of(result.ruleset, "risk.worst_target_ratio").tolist() == pytest.approx([0.3])
    sampled = _samples(0.2, 0.4, 0.5)
    own, shipped = (ParkJudge(each, np.array([1.0])).patterns(sampled) for each in (result, _base()))
    assert not np.array_equal(own[0], own[1])
    assert np.array_equal(own[1], own[2])
    assert np.array_equal(shipped[0], shipped[1])


def test_limit_that_is_an_indicator_is_refused():
    with pytest.raises(RuleError):
        limits_of(_asking(None, indicator="wastewater_collected"), "risk.worst_target_ratio")


def test_cloud_that_explodes_only_at_an_end_is_not_lost():
    scene = _scene()
    table = scene.events.table
    explosive = table["outcome"] == "explosion"
    assert explosive.any()
    without = nodes.restricted(scene, set(table["unit_id"]))
    rows = np.flatnonzero(~explosive.to_numpy())
    kept = dataclasses.replace(without.groups, of_event=without.groups.of_event[rows])
    events, groups = nodes._known(
        scene.events, dataclasses.replace(without, events=events_at(without.events, rows), groups=kept)
    )
    assert len(events.table) == len(table)
    for row in np.flatnonzero(explosive).tolist():
        same = (table["unit_id"] == table["unit_id"][row]) & (table["loc"] == table["loc"][row])
        flash = np.flatnonzero(same & (table["outcome"] == "flash_fire"))
        assert groups.of_event[row] == scene.groups.of_event[flash[0]]


def test_what_an_end_could_not_compute_leaves_what_passes_unknown(monkeypatch):
    sampler = Sampler(_base(), None, None, ("failure_frequency",), lambda *_: None)
    scene = sampler.sides[0].scene
    monkeypatch.setattr(nodes, "rebuilt", lambda _result, some, *_: (terms.terms_of(some), ("T-101",)))
    inputs = type(sampler.inputs).of((), (), 1, ("wind_speed",))
    bends, missing = nodes.bent(_base(), scene, inputs, 1, {"T-101"}, None)
    assert (len(bends), missing) == (1, ("T-101",))
    judge = ParkJudge(from_below(_base(), missing), np.array([1.0]))
    assert not judge.complete
    assert (judge.targets(_samples(0.2), 0)["status"] == "unknown").all()
    assert judge.possible(_samples(0.2)) == [("acceptable", "alarp", "unacceptable")]
    assert from_below(_base(), ()) is _base()


def test_too_many_winds_are_refused_before_they_are_summed(monkeypatch):
    monkeypatch.setattr(terms, "most_memory", lambda: 1e4)
    with pytest.raises(OutOfRange, match="weather classes"):
        Sampler(_base(), None, None, None, lambda *_: None)


@pytest.mark.slow
def test_project_changes_nothing_of_the_others_in_a_sample():
    """The park is bent alike without and with a project, but for cascades that it is drawn into."""
    project = read_project(example_park("minimal") / "projects" / "diesel-tank")
    after = gate(_base().park, project, before=_base(), cures=False).after
    sampler = Sampler(_base(), after, project, ("failure_frequency", "wind_speed", "inventory"), lambda *_: None)
    u = design(sampler.inputs.n_columns, 64, 0)
    one, other = (side.sampled(sampler.inputs, u) for side in sampler.sides)
    _, rise, _ = sampler.gate.added(one, other)
    assert (np.abs(rise - other.own) <= 0.02 * one.individual).all()
    assert (other.expected >= one.expected * (1.0 - 1e-9)).all()


@pytest.mark.slow
@pytest.mark.parametrize("wind", [-0.5 * NODE, -0.8])
def test_curve_is_near_that_of_the_same_histories(wind):
    """Second method: the deaths in every history computed anew for another wind speed."""
    side = _bent().sides[0]
    assert not _base().domino.secondary.empty
    groups, winds = side.model.terms.expected.shape
    ones = np.ones((1, groups)), np.ones((1, winds))
    found, base = (side.model(Factors(*ones, np.array(each))).curve[0] for each in ([[wind]], [[0.0]]))
    again, _ = nodes.rebuilt(side.result, side.scene, {("wind_speed", ""): wind}, cascades=_base().domino)
    exact = Model(again)(Factors(*ones, np.zeros((1, 0)))).curve[0]
    shown = slice(min(found.size, exact.size))
    some = exact[shown] > 1e-9
    off, without = (np.abs(np.log(each[shown][some] / exact[shown][some])) for each in (found, base))
    assert np.median(off) < 0.05
    assert np.median(off) < 0.5 * np.median(without)


def test_cubics_meet_at_every_node():
    """Pieces meet at the nodes, and at the base nothing is shifted."""
    side = _bent().sides[0]
    (bend,) = side.model.bends
    assert bend.nodes == (-NODE, -0.5 * NODE, 0.0, 0.5 * NODE, NODE)
    at_nodes = _cubic(bend.points[..., -1], bend.nodes, np.array(bend.nodes))
    before, after = (_cubic(bend.points[..., -1], bend.nodes, np.array(bend.nodes) + step) for step in (-1e-9, 1e-9))
    assert (at_nodes[2] == 0.0).all()
    assert np.abs(at_nodes).max() > 0.01
    np.testing.assert_allclose(before, at_nodes, atol=1e-6)
    np.testing.assert_allclose(after, at_nodes, atol=1e-6)


def test_indices_beside_another_implementation():
    """Second method: the estimators written out sample by sample, for the same values of a model with interactions."""

    def model(u):
        return {"y": u[:, 0] * u[:, 1] + np.exp(u[:, 2])}

    points = design(6, 256, 3)
    found = sobol(model, points, [[0], [1], [2]], 0)["y"]
    a, b = points[:, :3], points[:, 3:]
    f_a, f_b = model(a)["y"], model(b)["y"]
    variance = np.var(np.concatenate([f_a, f_b]))
    for column in range(3):
        mixed = a.copy()
        mixed[:, column] = b[:, column]
        f_ab = model(mixed)["y"]
        mean = 0.5 * (f_a.mean() + f_b.mean())
        first = sum((f_b[k] - mean) * (f_ab[k] - f_a[k]) for k in range(256)) / 256 / variance
        total = sum((f_a[k] - f_ab[k]) ** 2 for k in range(256)) / 512 / variance
        assert found.first[column] == pytest.approx(first)
        assert found.total[column] == pytest.approx(total)
