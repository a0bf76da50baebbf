"""Uncertainty: reweighted terms beside full assessments, estimators beside exact values, chances that add up."""

import dataclasses
import functools

import numpy as np
import pandas as pd
import pytest

from parkrisk.api.examples import example_park
from parkrisk.models.errors import OutOfRange
from parkrisk.models.substance.substances import Substance
from parkrisk.risk import assess as assessing
from parkrisk.risk.assess import assess
from parkrisk.risk.cascades.logs import in_short
from parkrisk.risk.criteria import ZONES, zone, zones_of
from parkrisk.risk.entry.gate import gate
from parkrisk.risk.uncertainty import nodes
from parkrisk.risk.uncertainty.groups import groups_of, secondary_shares
from parkrisk.risk.uncertainty.inputs import (
    NINETY_FIVE,
    NODE,
    Inputs,
    checked_design,
    design,
    dirichlet,
    distributions,
    spread_of_loss,
)
from parkrisk.risk.uncertainty.judging import shares
from parkrisk.risk.uncertainty.sampling import FLOOR, Factors, Model, factors_of, shifted
from parkrisk.risk.uncertainty.sensitivity import sobol
from parkrisk.risk.uncertainty.uncertainty import Sampler, uncertainty
from parkrisk.scenarios import change, read, read_project
from parkrisk.scenarios.events import losses
from parkrisk.scenarios.ignition import event_tree
from parkrisk.scenarios.park import Tables
from parkrisk.scenarios.receptors import wind_rose

LINEAR = ("failure_frequency", "immediate_ignition", "delayed_ignition", "flash_fire_share")


@functools.cache
def _base():
    return assess(read(example_park("minimal")))


@functools.cache
def _sampler(*wanted):
    return Sampler(_base(), None, None, wanted or None, lambda *_: None)


@functools.cache
def _chlorine():
    """Assessment of the park with its chlorine vessel alone: nothing escalates."""
    return assess(change(_base().park, remove=["T-101", "T-102", "V-201", "R-301"]))


@functools.cache
def _found():
    return uncertainty(_base().park, samples=256, assessment=_base())


def _one(sampler, u):
    """Risk in one sample of a sampler."""
    side = sampler.sides[0]
    return side.sampled(sampler.inputs, u[None])


def _curve(table, edges):
    """F at classes of deaths, 0 where a curve has ended."""
    return table.set_index("N")["F"].reindex(edges).fillna(0.0).to_numpy()


# --- terms and factors beside full assessments


def test_logs_in_short_say_as_much_of_who_makes_units_fail():
    domino, events = _base().domino, _base().events
    logs = {unit: (names, in_short(log)) for unit, (names, log) in domino.courses.logs.items()}
    short = dataclasses.replace(domino, courses=dataclasses.replace(domino.courses, logs=logs))
    grouped = groups_of(_base().park, events)
    one, other = (secondary_shares(each, events, grouped) for each in (domino, short))
    assert one.keys() == other.keys() >= {"T-102"}
    assert all(np.array_equal(one[unit], other[unit]) for unit in one)


def test_terms_add_up_to_the_assessment():
    side = _sampler().sides[0]
    ones = Factors(
        np.ones((1, len(side.scene.groups.members))),
        np.ones((1, side.scene.around.rose.probability[0].size)),
        np.zeros((1, len(side.model.bends))),
    )
    found = side.model(ones)
    np.testing.assert_allclose(found.individual[0], _base().targets["individual_risk"], rtol=1e-9)
    np.testing.assert_allclose(found.curve[0], _curve(_base().fn, side.model.edges), rtol=1e-9)
    assert found.expected[0] == pytest.approx(_base().pll, rel=1e-9)
    assert side.error < 1e-6


def _sampled_tables(monkeypatch, inputs, u):
    """Put the sampled frequencies and ignition probabilities into the tables that events are made of."""
    rows_of = losses._rows_of

    def failing(loss_set, kind):
        rows = []
        for row in rows_of(loss_set, kind):
            name = f"{kind}/{row['loc']}"
            spread = distributions()["failure_frequency", spread_of_loss(row["loc"])].spread
            z = inputs.deviates(u[None], ("failure_frequency", name))[0]
            rows.append({**row, "frequency": row["frequency"] * spread ** (z / NINETY_FIVE)})
        return rows

    monkeypatch.setattr(losses, "_rows_of", failing)
    ignition_rows = event_tree._rows

    def odds(p, name):
        z = inputs.deviates(u[None], (name, ""))[0]
        if p in (0.0, 1.0):
            return p
        changed = p / (1.0 - p) * distributions()[name, ""].spread ** (z / NINETY_FIVE)
        return changed / (1.0 + changed)

    def igniting(kind):
        found = []
        for row in ignition_rows(kind):
            value = row["value"]
            if kind == "immediate":
                value = odds(value, "immediate_ignition")
            elif kind == "delayed":
                value = 0.5 + 0.5 * u[inputs.columns["delayed_ignition", ""].start]
            elif kind == "split_flash_fire":
                value = odds(value, "flash_fire_share")
            found.append({**row, "value": value})
        return found

    monkeypatch.setattr(event_tree, "_rows", igniting)


def test_linear_inputs_give_what_a_full_assessment_gives(monkeypatch):
    """Second method: the same numbers in the tables of losses and ignition, everything computed anew, cascades too."""
    settings = dataclasses.replace(_base().settings, frequency_cut_off=0.0)
    whole = Sampler(assess(_base().park, settings=settings), None, None, LINEAR, lambda *_: None)
    u = design(whole.inputs.n_columns, 64, 3)[17]
    found = _one(whole, u)
    _sampled_tables(monkeypatch, whole.inputs, u)
    full = assess(_base().park, settings=settings)
    np.testing.assert_allclose(found.individual[0], full.targets["individual_risk"], rtol=1e-6)
    np.testing.assert_allclose(found.curve[0], _curve(full.fn, whole.sides[0].model.edges), rtol=1e-9, atol=1e-16)
    assert found.expected[0] == pytest.approx(full.pll, rel=1e-9)
    assert not np.allclose(full.targets["individual_risk"], _base().targets["individual_risk"], rtol=0.1)
    assert whole.sides[0].judge.grades(found)[0] == full.grade.bounds


@pytest.mark.slow
def test_weather_gives_what_a_full_assessment_gives_where_nothing_escalates(monkeypatch):
    base = _chlorine()
    park = base.park
    assert base.domino.secondary.empty
    sampler = Sampler(base, None, None, ("weather",), lambda *_: None)
    u = design(sampler.inputs.n_columns, 64, 5)[11]
    found, rose = _one(sampler, u), wind_rose(park)
    factors = factors_of(sampler.inputs, sampler.sides[0].scene.groups, rose, (), u[None]).winds[0]
    changed = dataclasses.replace(rose, probability=rose.probability * factors.reshape(rose.probability.shape[1:]))
    assert changed.probability.sum() == pytest.approx(1.0, abs=1e-12)
    monkeypatch.setattr(assessing, "wind_rose", lambda _park: changed)
    full = assess(park)
    np.testing.assert_allclose(found.individual[0], full.targets["individual_risk"], rtol=1e-6)
    np.testing.assert_allclose(found.curve[0], _curve(full.fn, sampler.sides[0].model.edges), rtol=1e-9, atol=1e-16)
    assert found.expected[0] == pytest.approx(full.pll, rel=1e-9)
    assert full.pll != pytest.approx(base.pll, rel=0.01)


@pytest.mark.slow
@pytest.mark.parametrize(("wind", "fill", "toxic"), [(NODE, 0.0, 0.0), (0.0, -NODE, 0.0), (0.7, 0.5, -0.8)])
def test_bends_are_near_a_full_assessment(monkeypatch, wind, fill, toxic):
    """Second method: other wind, fill and probit in the park itself; interpolation and addition of bends err a little.

    At a node only cascades and the units that weigh little are not computed anew.
    """
    sampler = _sampler(*nodes.NONLINEAR)
    side = sampler.sides[0]
    deviates = {("wind_speed", ""): wind, ("inventory", ""): fill, ("toxic_probit", "7782-50-5"): toxic}
    z = np.array([[deviates[bend.name] for bend in side.model.bends]])
    groups, winds = len(side.scene.groups.members), side.scene.around.rose.probability[0].size
    found = side.model(Factors(np.ones((1, groups)), np.ones((1, winds)), z))
    given = Substance.toxic_probit

    def milder(self):
        probit = given(self)
        if probit is None:
            return None
        a, b, n = probit
        return a - b * n * distributions()["toxic_probit", ""].sigma * toxic, b, n

    monkeypatch.setattr(Substance, "toxic_probit", milder)
    full = assess(nodes.changed_park(_base().park, deviates))
    tolerance = 0.1 if wind * fill * toxic else 0.02
    np.testing.assert_allclose(found.individual[0], full.targets["individual_risk"], rtol=tolerance)
    assert found.expected[0] == pytest.approx(full.pll, rel=tolerance)


# --- analytical


def test_band_of_one_class_is_the_band_of_its_frequency():
    """With one lognormal factor on everything the percentiles of risk are those of the factor."""
    sampler = _sampler("failure_frequency")
    side = sampler.sides[0]
    only = ["pressure_vessel/rupture"]
    rows = [g for g, group in enumerate(side.scene.groups.members) if group.frequency in only]
    individual = np.zeros_like(side.model.terms.individual)
    individual[rows] = side.model.terms.individual[rows]
    sole = dataclasses.replace(side, model=Model(dataclasses.replace(side.model.terms, individual=individual)))
    u = design(sampler.inputs.n_columns, 4096, 0)
    found = sole.sampled(sampler.inputs, u)
    whole = individual.sum(axis=(0, 1))
    some = whole > 0.0
    assert some.any()
    for percentile, factor in ((5.0, 0.1), (50.0, 1.0), (95.0, 10.0)):
        np.testing.assert_allclose(
            np.percentile(found.individual[:, some], percentile, axis=0), factor * whole[some], 0.02
        )


def test_sobol_indices_of_ishigami():
    """Exact values: Ishigami and Homma 1990 with a = 7, b = 0.1."""

    def ishigami(u):
        x = np.pi * (2.0 * u - 1.0)
        return {"y": np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])}

    found = sobol(ishigami, design(6, 8192, 1), [[0], [1], [2]], 0)["y"]
    np.testing.assert_allclose(found.first, [0.3139, 0.4424, 0.0], atol=0.02)
    np.testing.assert_allclose(found.total, [0.5576, 0.4424, 0.2437], atol=0.02)
    assert (found.total_low <= found.total).all()
    assert (found.total <= found.total_high).all()


def test_sobol_indices_of_groups_of_a_sum_are_their_shares():
    def line(u):
        return {"y": u @ np.array([1.0, 2.0, 3.0, 4.0]), "constant": np.ones(len(u))}

    found = sobol(line, design(8, 4096, 2), [[0, 1], [2], [3]], 0)
    np.testing.assert_allclose(found["y"].first, np.array([5.0, 9.0, 16.0]) / 30.0, atol=0.02)
    np.testing.assert_allclose(found["y"].total, np.array([5.0, 9.0, 16.0]) / 30.0, atol=0.02)
    assert np.isnan(found["constant"].total).all()


def test_dirichlet_keeps_means_and_has_the_variance_of_so_many_observations():
    probability = np.array([0.1, 0.0, 0.6, 0.3])
    factors = dirichlet(design(4, 8192, 0), probability, 70.0)
    share = factors * probability
    np.testing.assert_allclose(share.sum(axis=1), 1.0, rtol=1e-12)
    np.testing.assert_allclose(share.mean(axis=0), probability, atol=2e-3)
    np.testing.assert_allclose(share.var(axis=0), probability * (1.0 - probability) / 71.0, rtol=0.05)
    assert (factors[:, 1] == 1.0).all()


def test_shift_of_probits():
    figures = np.array([[0.0, 0.5, 1e-9]])
    np.testing.assert_allclose(shifted(figures, 1.0, np.zeros((1, 3))), figures, rtol=1e-12)
    up = shifted(figures, 1.0, np.ones((1, 3)))
    assert up[0, 1] == pytest.approx(0.841345, abs=1e-6)
    assert (up > figures).all()
    assert (shifted(figures, 1.0, np.full((1, 3), 50.0)) <= 1.0 + FLOOR).all()


@pytest.mark.parametrize(
    ("N", "F"), [(1.0, 2e-3), (1.0, 5e-4), (1.0, 1e-6), (2000.0, 1e-3), (2000.0, 1e-8), (5000.0, 0.0)]
)
def test_zones_of_many_are_those_of_each(N, F):
    assert zones_of(np.array([N, N]), np.array([[F, F]])).tolist() == [[zone(N, F)] * 2]


# --- design, invariance


def test_same_seed_same_bits_and_other_seed_other_samples():
    again = uncertainty(_base().park, samples=256, assessment=_base(), sensitivity=False)
    pd.testing.assert_frame_equal(again.samples, _found().samples, check_exact=True)
    assert again.method["design_sha256"] == _found().method["design_sha256"]
    other = design(3, 64, 1)
    assert not np.array_equal(design(3, 64, 0), other)


def test_samples_do_not_hang_on_those_beside_them():
    sampler = _sampler()
    side = sampler.sides[0]
    u = design(sampler.inputs.n_columns, 64, 0)
    whole = side.sampled(sampler.inputs, u)
    parts = [side.sampled(sampler.inputs, part) for part in np.split(u, [1, 40])]
    for name in ("individual", "curve", "expected"):
        joined = np.concatenate([getattr(part, name) for part in parts])
        np.testing.assert_allclose(getattr(whole, name), joined, rtol=1e-12)


def test_coarser_classes_move_deaths_down_by_so_many_classes_at_most():
    sampler = _sampler(*LINEAR)
    side = sampler.sides[0]
    u = design(sampler.inputs.n_columns, 64, 0)
    coarse = dataclasses.replace(side, model=Model(side.model.terms, side.model.bends, 5)).sampled(sampler.inputs, u)
    whole = side.sampled(sampler.inputs, u)
    assert (coarse.curve <= whole.curve * (1.0 + 1e-9)).all()
    assert (coarse.curve[:, :-5] >= whole.curve[:, 5:] * (1.0 - 1e-9)).all()
    assert not np.array_equal(coarse.curve, whole.curve)
    np.testing.assert_array_equal(coarse.individual, whole.individual)


# --- results


def test_chances_sum_to_one_and_stand_for_samples():
    found = _found()
    for table in (found.grades, found.zones):
        assert table["probability"].sum() == pytest.approx(1.0)
    chances = found.targets[["chance_over", "chance_within", "chance_unknown"]]
    np.testing.assert_allclose(chances.sum(axis=1), 1.0)
    assert (found.targets["p5"] <= found.targets["p50"]).all()
    assert (found.fn["p50"] <= found.fn["p95"]).all()
    assert (np.diff(found.fn["mean"]) <= 1e-15).all()
    assert set(found.sensitivity["figure"]) == {"pll", "worst_target_ratio", "worst_curve_ratio", "grade"}
    assert found.decides("pll").startswith(("failure_frequency:", "toxic_probit:"))
    assert found.unverified


def test_letters_are_those_of_the_rules_in_single_samples():
    """Second method: each sample judged by itself, nothing remembered."""
    sampler = _sampler()
    side = sampler.sides[0]
    sampled = side.sampled(sampler.inputs, design(sampler.inputs.n_columns, 64, 4))
    remembered = side.judge.grades(sampled)
    assert len(set(remembered)) > 1
    for row in range(0, 64, 7):
        assert side.judge.grade(sampled, row).bounds == remembered[row]


def test_missing_events_leave_what_passes_unknown():
    park = _base().park
    dropped = _base().events.dropped
    gap = pd.DataFrame([{**dict.fromkeys(dropped.columns, ""), "unit_id": "X", "reason": "not_computed"}])
    events = dataclasses.replace(_base().events, dropped=pd.concat([dropped, gap], ignore_index=True))
    base = dataclasses.replace(_base(), events=events)
    found = uncertainty(park, samples=64, assessment=base, sensitivity=False)
    assert (found.targets["chance_within"] == 0.0).all()
    assert (found.targets["chance_unknown"] > 0.0).all()
    assert all("unacceptable" in name for name in found.zones["zone"])
    assert found.method["not_computed"] == ["X"]
    assert (found.grades["worst"] <= found.grades["best"]).all()


@pytest.mark.slow
@pytest.mark.parametrize("gone", ["targets", "population", "units"])
def test_parks_without_targets_people_or_events(gone):
    tables = dict(_base().park.tables)
    changed = tables[gone].assign(in_service="no") if gone == "units" else tables[gone].iloc[:0]
    park = dataclasses.replace(_base().park, tables=Tables({**tables, gone: changed}))
    found = uncertainty(park, samples=64, sensitivity=False)
    assert len(found.targets) == (0 if gone == "targets" else 3)
    if gone == "population":
        assert all("unacceptable" in name for name in found.zones["zone"])  # nobody was counted: nothing passes
    assert found.grades["probability"].sum() == pytest.approx(1.0)
    assert (found.pll["p95"] == 0.0) == (gone == "units")


def test_possible_zones_are_told_in_order():
    assert shares(["b", "a", "b"]) == [("b", pytest.approx(2 / 3)), ("a", pytest.approx(1 / 3))]
    assert set(" / ".join(_found().zones["zone"]).split(" / ")) <= set(ZONES)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["diesel-tank", "no-evidence"])
def test_verdict_with_the_base_values_is_that_of_the_gate(name):
    """Second method: the gate itself, without a search for changes of the project."""
    project = read_project(example_park("minimal") / "projects" / name)
    decision = gate(_base().park, project, before=_base(), cures=False)
    sampler = Sampler(_base(), decision.after, project, ("failure_frequency",), lambda *_: None)
    u = np.full((1, sampler.inputs.n_columns), 0.5)
    before, after = (side.sampled(sampler.inputs, u) for side in sampler.sides)
    assert sampler.gate.verdicts(before, after) == [decision.verdict]
    np.testing.assert_allclose(
        sampler.gate.added(before, after)[2][0], decision.targets["added"], rtol=1e-6, atol=1e-15
    )
    assert sampler.sides[0].judge.grades(before) == [_base().grade.bounds]


@pytest.mark.slow
def test_verdicts_of_paired_samples():
    project = read_project(example_park("minimal") / "projects" / "diesel-tank")
    found = uncertainty(_base().park, samples=64, project=project, assessment=_base(), sensitivity=False)
    assert found.verdicts["probability"].sum() == pytest.approx(1.0)
    assert set(found.verdicts["verdict"]) <= {"admit", "admit_with_conditions", "refuse", "undecided"}
    assert (found.samples["verdict"] != "").all()


def test_saved_tables(tmp_path):
    found = _found()
    found.save(tmp_path)
    for name, table in found.tables().items():
        assert len(pd.read_csv(tmp_path / f"{name}.csv", encoding="utf-8-sig")) == len(table)
    assert (tmp_path / "uncertainty.json").stat().st_size > 1000


# --- bad settings


@pytest.mark.parametrize("samples", [0, -1, 32, 100, 1000, 1 << 17])
def test_samples_have_to_be_a_power_of_two(samples):
    with pytest.raises(OutOfRange):
        checked_design(samples, 0)


def test_bad_settings_are_refused():
    with pytest.raises(OutOfRange):
        checked_design(64, -1)
    with pytest.raises(OutOfRange):
        Inputs.of(["pump/leak"], [], 8, ["weather"], ["colour"])
    with pytest.raises(OutOfRange):
        uncertainty(_base().park, assessment=_base(), seed=1)


def test_every_input_says_where_its_distribution_comes_from():
    for row in distributions().values():
        assert row.mark in ("V", "1", "M")
        assert row.source
        assert row.spread > 0.0
        assert row.label_zh
        assert row.meaning_en
