import json
from types import SimpleNamespace

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from parkrisk.models._jit import threads
from parkrisk.models.errors import OutOfRange
from parkrisk.models.vulnerability.fragility import MODES, heat_failure_probability, time_to_failure_rule
from parkrisk.risk.domino import domino, play_facility
from parkrisk.risk.domino_tables.metrics import graph_metrics
from parkrisk.risk.settings import Settings
from parkrisk.scenarios.facility.graph import facility_from_loads
from tests.risk.farms import CASES, farm, random_loads, tanks
from tests.scenarios.test_graph import example


def test_time_to_failure_conventions():
    """F: the three readings of the probit, in the table's own rounding."""
    table = np.genfromtxt(CASES / "F_ttf_conventions.csv", delimiter=",", names=True, dtype=None, encoding="utf-8")
    columns = {
        "seconds_12.54": "P_1254_ttf_in_seconds",
        "minutes_12.54": "P_1254_ttf_in_minutes",
        "minutes_9.25": "P_925_ttf_in_minutes",
    }
    names = {"atm": "atmospheric", "press": "pressurised"}
    for mode, column in columns.items():
        rule = time_to_failure_rule(mode)
        for row in table:
            load, volume = row["I_kW_m2"] * 1e3, float(row["V_m3"])
            kind = names[str(row["class"])]
            found = float(heat_failure_probability(load, volume, kind, rule))
            if found > 0.0:  # the table has no thresholds
                assert found == pytest.approx(row[column], abs=1e-9)
            else:
                assert load < 50e3


def test_pairs_and_frequencies_add_up():
    facility = farm(random_loads(3, 6), frequency=[1e-4, 2e-4, 0.0, 1e-5, 1e-4, 3e-4])
    result = play_facility(facility, 4000, 1)
    units = result.units.set_index("unit_id")
    pairs = result.pairs
    started = units.loc[pairs["from_unit"], "primary_frequency"].to_numpy()
    assert np.allclose(pairs["frequency"], pairs["probability"] * started)
    assert np.allclose(pairs.groupby("to_unit")["frequency"].sum(), units["secondary_frequency"])
    caused = pairs.groupby("from_unit")["probability"].sum()
    assert np.allclose(caused, units.loc[caused.index, "expected_failures_caused"])
    assert (pairs["probability"] >= pairs["direct_probability"] - 1e-15).all()
    assert (pairs["probability"] <= 1.0 + 4.0 * pairs["standard_error"]).all()
    assert "T002" not in set(pairs["from_unit"])  # it never burns by itself
    assert (units["domino_out"] <= units["primary_frequency"] * (1.0 + 1e-12)).all()
    secondary = result.secondary.set_index("unit_id")["frequency"]
    assert np.allclose(secondary, result.secondary_frequency[secondary.index])


def test_two_units_exactly():
    result = play_facility(farm([[0.0, 20.0], [0.0, 0.0]], frequency=2e-5), 200)
    exact = float(heat_failure_probability(20e3, 1000.0, "atmospheric"))
    row = result.pairs.iloc[0]
    assert row["probability"] == pytest.approx(exact, rel=1e-12)
    assert 0.9 < row["standard_error"] * 200 / exact < 1.0  # none of 200 histories has it fail otherwise
    assert row["frequency"] == pytest.approx(2e-5 * exact, rel=1e-12)
    assert row["time_min"] == pytest.approx(646.223 / 60.0, rel=1e-5)
    assert result.units["domino_out"].tolist() == pytest.approx([2e-5 * exact, 0.0])
    assert result.chains["units"].tolist() == ["T000 > T001"]
    assert result.chains["probability"][0] == pytest.approx(exact, rel=1e-9)


def test_chains_follow_the_loads():
    loads = np.zeros((4, 4))
    loads[0, 1], loads[1, 2], loads[2, 3] = 60.0, 60.0, 60.0
    result = play_facility(farm(loads), 5000)
    chains = result.chains.set_index("units")
    assert set(chains.index) >= {"T000 > T001", "T000 > T001 > T002", "T000 > T001 > T002 > T003"}
    assert chains.loc["T000 > T001 > T002", "order"] == 2
    first, second = chains.loc["T000 > T001"], chains.loc["T000 > T001 > T002"]
    assert first["probability"] > second["probability"]
    assert second["time_min"] == pytest.approx(2.0 * first["time_min"], rel=1e-9)
    step = first["time_min"]
    assert second["times_min"] == f"0 > {step:.1f} > {2.0 * step:.1f}"
    orders = result.orders[result.orders["from_unit"] == "T000"].set_index("order")
    assert orders.index.tolist() == [1, 2, 3]
    assert orders.loc[2, "expected_failures"] == pytest.approx(second["probability"], rel=1e-9)
    assert orders["share"].sum() == pytest.approx(1.0)
    metrics = result.units.set_index("unit_id")
    assert metrics["out_closeness"].idxmax() == "T000"
    assert metrics["in_closeness"].idxmax() == "T003"
    assert metrics.loc["T001", "betweenness"] > metrics.loc["T000", "betweenness"] == 0.0


def test_cross_enterprise():
    units = tanks([0.0, 40.0, 80.0], [0.0, 0.0, 0.0], enterprise=["E1", "E1", "E2"])
    loads = 40.0 * (1.0 - np.eye(3))
    pairs = play_facility(facility_from_loads(units, loads), 100).pairs.set_index(["from_unit", "to_unit"])
    assert not pairs.loc[("T000", "T001"), "cross_enterprise"]
    assert pairs.loc[("T000", "T002"), "cross_enterprise"]
    assert pairs.loc[("T000", "T002"), "distance_m"] == pytest.approx(70.0)


def _fingerprint(result):
    parts = [result.pairs, result.chains, *result.tables().values(), result.secondary]
    return [part.to_csv(index=False, float_format="%.17g") for part in parts]


def test_seed_threads_and_row_order():
    loads = random_loads(7, 10)
    units = tanks(50.0 * np.arange(10), np.zeros(10))
    frequency = np.linspace(1e-5, 1e-4, 10)
    first = _fingerprint(play_facility(facility_from_loads(units, loads, frequency=frequency), 500, 3))
    with threads(1):
        assert _fingerprint(play_facility(facility_from_loads(units, loads, frequency=frequency), 500, 3)) == first
    mixed = np.random.default_rng(0).permutation(10)
    other = facility_from_loads(
        units.iloc[mixed].reset_index(drop=True), loads[np.ix_(mixed, mixed)], frequency=frequency[mixed]
    )
    assert _fingerprint(play_facility(other, 500, 3)) == first
    assert _fingerprint(play_facility(other, 500, 4)) != first


def test_a_far_unit_changes_nothing_of_the_others():
    """Common random numbers: draws belong to units, not to places in a table."""
    loads = random_loads(9, 6)
    more = np.zeros((7, 7))
    more[1:, 1:] = loads
    units = tanks(50.0 * np.arange(7), np.zeros(7))
    alone = play_facility(facility_from_loads(units.iloc[1:].reset_index(drop=True), loads), 300, 1)
    joined = play_facility(facility_from_loads(units, more), 300, 1)
    assert _fingerprint(alone)[0] == _fingerprint(joined)[0]


def test_batches_do_not_matter(monkeypatch):
    facility = farm(random_loads(2, 8))
    first = _fingerprint(play_facility(facility, 400, 5))
    monkeypatch.setattr("parkrisk.risk.cascades.courses._ENTRIES", 700)
    assert _fingerprint(play_facility(facility, 400, 5)) == first


@pytest.mark.parametrize("n", [0, 1, 3])
def test_without_edges_nothing_follows(n):
    result = play_facility(farm(np.zeros((n, n))), 50)
    assert result.pairs.empty
    assert result.chains.empty
    assert result.secondary.empty
    assert len(result.units) == n
    assert result.units["secondary_frequency"].sum() == 0.0
    json.dumps(result.to_dict(), allow_nan=False)


def test_supercritical_farm_burns_down():
    result = play_facility(farm(np.full((20, 20), 300.0)), 30, static=True)
    assert (result.units["expected_failures_caused"] > 18.5).all()
    assert result.method["cascade"] == "static"
    assert result.pairs["time_min"].isna().all()
    json.dumps(result.to_dict(), allow_nan=False)


def test_spaced_tanks_do_not_burn_down():
    """Loads below the threshold, one by one and together: no escalation."""
    result = play_facility(farm(np.full((3, 3), 7.0)), 100)
    assert result.pairs.empty


def test_static_bounds_dynamic():
    facility = farm(random_loads(12, 8), duration=2400.0)
    dynamic, static = (play_facility(facility, 3000, 1, static=flag).units for flag in (False, True))
    slack = 4.0 * np.hypot(dynamic["standard_error"], static["standard_error"])
    assert (dynamic["secondary_frequency"] <= static["secondary_frequency"] + slack).all()
    assert dynamic["secondary_frequency"].sum() < static["secondary_frequency"].sum()


@pytest.mark.parametrize("mode", MODES)
def test_mode_is_in_the_result(mode):
    facility = farm([[0.0, 40.0], [0.0, 0.0]], rule=time_to_failure_rule(mode))
    result = play_facility(facility, 20, mode=mode)
    assert result.method["time_to_failure_mode"] == mode
    assert result.method["flags"]
    rule = time_to_failure_rule(mode)
    exact = float(heat_failure_probability(40e3, 1000.0, "atmospheric", rule))
    assert result.pairs["probability"][0] == pytest.approx(exact, rel=1e-9)


def test_from_unit():
    result = play_facility(farm(random_loads(3, 6)), 2000, 1)
    cascade = result.from_unit("T001")
    assert cascade.start == "T001"
    assert "T001" not in set(cascade.units["unit_id"])
    assert cascade.units["probability"].is_monotonic_decreasing
    assert cascade.chains["units"].str.startswith("T001 > ").all()
    json.dumps(cascade.to_dict(), allow_nan=False)
    with pytest.raises(OutOfRange):
        result.from_unit("nobody")


def test_histories_must_be_positive():
    with pytest.raises(OutOfRange):
        play_facility(farm([[0.0, 40.0], [0.0, 0.0]]), 0)


@pytest.mark.parametrize("seed", range(3))
def test_metrics_are_those_of_networkx(seed):
    rng = np.random.default_rng(seed)
    ids = [f"u{i}" for i in range(12)]
    edges = [(u, v, rng.choice([0.1, 0.01, rng.random()])) for u in ids for v in ids if u != v and rng.random() < 0.2]
    found = graph_metrics(ids, pd.DataFrame(edges, columns=["from_unit", "to_unit", "direct_probability"]))
    graph = nx.DiGraph()
    graph.add_nodes_from(ids)
    graph.add_weighted_edges_from([(u, v, -np.log(p)) for u, v, p in edges])
    expected = {
        "in_closeness": nx.closeness_centrality(graph, distance="weight"),
        "out_closeness": nx.closeness_centrality(graph.reverse(), distance="weight"),
        "betweenness": nx.betweenness_centrality(graph, weight="weight"),
    }
    for name, values in expected.items():
        assert found[name].to_numpy() == pytest.approx([values[unit] for unit in ids], rel=1e-9, abs=1e-12)


def test_a_park_from_its_events():
    """Models, wind rose and cascades together; what fails gets its own event back."""
    park, events, rose = example()
    settings = Settings(domino_histories=400)
    result = domino(park, events, rose, settings, 5)
    row = result.pairs.set_index(["from_unit", "to_unit"]).loc[("S", "A")]
    assert 0.0 < row["direct_probability"] <= row["probability"] <= 1.0
    assert row["overpressure_kpa"] >= 22.0
    assert row["cross_enterprise"]
    assert set(result.secondary["event_id"]) <= set(events.table["event_id"])
    assert result.method["histories"] == 400
    turned = SimpleNamespace(tables={"units": park.tables["units"].iloc[::-1].reset_index(drop=True)})
    with threads(1):
        assert _fingerprint(domino(turned, events, rose, settings, 5)) == _fingerprint(result)
