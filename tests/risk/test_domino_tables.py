"""Distributions and enterprises: against exact solutions, against one another, and against many seeds."""

import json
from dataclasses import replace

import numpy as np
import pytest

from parkrisk.models.errors import OutOfRange
from parkrisk.models.vulnerability.fragility import time_to_failure_rule
from parkrisk.risk.cascades.logs import Log
from parkrisk.risk.domino import play_facility
from parkrisk.risk.domino_tables.counts import order_columns
from parkrisk.risk.domino_tables.played import Played
from parkrisk.risk.solvers.subsets import final_sets
from parkrisk.risk.tables import assumption_table
from parkrisk.scenarios.facility.graph import facility_from_loads
from tests import minimal_park
from tests.risk.farms import failure_table, farm, random_loads, tanks

OWNERS = ["E1", "E1", "E2", "E2", "E3", "E3"]


def of_three(loads, owners=OWNERS):
    units = tanks(50.0 * np.arange(len(owners)), np.zeros(len(owners)), enterprise=owners)
    return facility_from_loads(units, loads, frequency=1e-4)


@pytest.fixture(scope="module")
def result():
    return play_facility(of_three(random_loads(3, 6)), 3000, 1)


def test_sizes_and_enterprises_against_the_exact_solution():
    loads = random_loads(5, 6, low=5.0, high=25.0)
    facility = of_three(loads)
    found = play_facility(facility, 6_000, 2, static=True)
    table = failure_table(loads, facility.network, time_to_failure_rule())
    owners = np.array(OWNERS)
    compared = 0
    for seed in range(6):
        final = final_sets(table, 1 << seed)
        inside = np.arange(final.size)[:, None] >> np.arange(6) & 1
        inside[:, seed] = 0
        sizes = found.sizes[found.sizes["from_unit"] == f"T{seed:03d}"].set_index("failed")
        for failed, row in sizes.iterrows():
            exact = final[inside.sum(axis=1) == failed].sum()
            assert row["probability"] == pytest.approx(exact, abs=4.0 * row["standard_error"] / 1e-4 + 1e-12)
            compared += 1
    assert compared > 10
    expected = {}
    for seed in range(6):
        final = final_sets(table, 1 << seed)
        inside = np.arange(final.size)[:, None] >> np.arange(6) & 1
        inside[:, seed] = 0
        for owner in ("E1", "E2", "E3"):
            met = inside[:, owners == owner].any(axis=1)
            key = owners[seed], owner
            expected[key] = expected.get(key, 0.0) + 1e-4 * final[met].sum()
    rows = found.enterprises.set_index(["from_enterprise", "to_enterprise"])
    assert set(rows.index) == {key for key, value in expected.items() if value > 0.0}
    for key, row in rows.iterrows():
        assert row["frequency"] == pytest.approx(expected[key], abs=4.0 * row["standard_error"] + 1e-15)
        assert row["cross_enterprise"] == (key[0] != key[1])
        assert row["frequency"] <= row["failures"] + 4.0 * row["standard_error"]


def test_distributions_agree_with_one_another(result):
    units = result.units.set_index("unit_id")
    sizes = result.sizes[result.sizes["from_unit"] != ""]
    assert (sizes["failed"] >= 1).all()
    started = sizes.groupby("from_unit")["frequency"].sum()
    assert np.allclose(started, units.loc[started.index, "domino_out"])  # every cascade has a size
    orders = result.orders[result.orders["from_unit"] != ""].set_index("from_unit")
    by_order = orders.groupby("from_unit")["expected_failures"].sum()
    weighted = (sizes["failed"] * sizes["probability"]).groupby(sizes["from_unit"]).sum()
    assert np.allclose(by_order, weighted[by_order.index])
    error = np.sqrt((orders["standard_error"] ** 2).groupby("from_unit").sum()) / 1e-4
    gap = by_order - units.loc[by_order.index, "expected_failures_caused"]
    assert (gap.abs() <= 5.0 * error + 1e-12).all()
    for table, what in ((result.orders, "order"), (result.sizes, "failed")):
        park, own = table[table["from_unit"] == ""], table[table["from_unit"] != ""]
        assert np.allclose(park.set_index(what)["frequency"], own.groupby(what)["frequency"].sum())
        assert np.allclose(table.groupby("from_unit")["share"].sum(), 1.0)


def test_the_stated_error_of_expected_failures():
    facility = farm(random_loads(3, 6))
    runs = [play_facility(facility, 100, seed).units for seed in range(24)]
    spread = np.var([run["expected_failures_caused"] for run in runs], axis=0, ddof=1)
    stated = np.mean([run["expected_failures_error"] ** 2 for run in runs], axis=0)
    assert (stated > 0.0).all()
    assert 0.8 < np.sqrt(np.mean(spread / stated)) < 1.25  # 6 × 23 degrees of freedom: 6 %


def test_origins_add_up(result):
    total = result.origins.groupby("unit_id")["frequency"].sum()
    assert np.allclose(total, result.secondary_frequency[total.index])
    owner = result.units.set_index("unit_id")["enterprise_id"]
    assert (owner[result.origins["unit_id"]].to_numpy() == result.origins["enterprise_id"].to_numpy()).all()
    failures = result.origins.groupby(["from_enterprise", "enterprise_id"])["frequency"].sum()
    found = result.enterprises.set_index(["from_enterprise", "to_enterprise"])["failures"]
    assert np.allclose(found, failures[found.index])


def test_cross_enterprise_pairs_stand_alone(result):
    table = result.cross_enterprise
    assert len(table) == int(result.pairs["cross_enterprise"].sum()) > 0
    assert (table["from_enterprise"] != table["to_enterprise"]).all()
    assert not play_facility(farm(random_loads(3, 6)), 50).cross_enterprise.size


def test_ranks(result):
    units = result.units
    caused = units["primary_frequency"] * units["expected_failures_caused"]
    assert units.loc[caused.idxmax(), "rank_out"] == 1
    assert units.loc[units["secondary_frequency"].idxmax(), "rank_in"] == 1
    assert sorted(units["rank_in"]) == [1, 2, 3, 4, 5, 6]


def test_percentiles_surround_the_median(result):
    pairs = result.pairs
    assert (pairs["time_p10_min"] <= pairs["time_min"]).all()
    assert (pairs["time_min"] <= pairs["time_p90_min"]).all()
    assert (pairs["time_p10_min"] < pairs["time_p90_min"]).any()


def test_timelines_run_forward(result):
    for chain in result.chains.to_dict("records"):
        times = [float(time) for time in chain["times_min"].split(" > ")]
        assert len(times) == chain["order"] + 1 == len(chain["units"].split(" > "))
        assert times == sorted(times)
        assert times[-1] == pytest.approx(chain["time_min"], abs=0.0501)


def test_static_cascades_have_no_times():
    found = play_facility(of_three(random_loads(3, 6)), 50, static=True)
    assert found.pairs[["time_p10_min", "time_min", "time_p90_min"]].isna().all(axis=None)
    assert set(found.chains["times_min"]) == {""}


def test_a_unit_that_changes_hands():
    """Histories stay as they are, but who was reached does not."""
    loads = random_loads(3, 6)
    sold = of_three(loads, ["E1", "E1", "E2", "E3", "E3", "E3"])
    again = play_facility(sold, 300, 1, earlier=play_facility(of_three(loads), 300, 1))
    anew = play_facility(sold, 300, 1)
    for name, table in anew.tables().items():
        assert again.tables()[name].equals(table), name


def test_from_unit_has_the_distributions(result):
    cascade = result.from_unit("T001")
    row = result.sizes[result.sizes["from_unit"] == "T001"].iloc[0]
    assert cascade.sizes["standard_error"][0] == pytest.approx(row["standard_error"] / 1e-4)
    assert cascade.sizes["share"].sum() == pytest.approx(1.0)
    assert set(cascade.to_dict()) == {"from", "units", "chains", "orders", "sizes", "method"}
    json.dumps(cascade.to_dict(), allow_nan=False)


def test_units_that_fail_without_an_event_are_counted():
    found = minimal_park.assessment()
    parts = found.park, found.events, found.individual_risk

    def listed(domino):
        table = assumption_table(*parts, domino, found.settings)
        return table.set_index("code")["count"].get("cascade_no_event", 0)

    assert listed(found.domino) == 0
    facility = found.domino.facility
    silent = facility.units.copy()
    silent.loc[silent["unit_id"] == "T-101", "secondary"] = ""
    assert listed(replace(found.domino, facility=replace(facility, units=silent))) == 1


def test_a_name_that_is_nearly_right(result):
    with pytest.raises(OutOfRange, match="T01") as error:
        result.from_unit("T01")
    assert "T001" in str(error.value)
    with pytest.raises(OutOfRange) as error:
        result.from_unit("zzz")
    assert "like it" not in str(error.value)


def test_generations_by_hand():
    """Four histories: in one a unit fails and then another, in one a unit fails. Order 0: what was not direct."""
    entries = {
        "history": np.array([0, 0, 1]),
        "unit": np.array([1, 2, 2]),
        "time": np.array([10.0, 20.0, 15.0]),
        "order": np.array([1, 2, 1]),
        "direct": np.array([True, False, True]),
    }
    found = order_columns(Played(log_of(**entries), 0, np.array([1e-4]), 4))
    assert dict(zip(found["order"].tolist(), found["frequency"].tolist(), strict=True)) == pytest.approx(
        {1: 2e-4 / 4.0, 2: 1e-4 / 4.0, 0: 1e-4 / 4.0}
    )
    nothing = order_columns(Played(log_of(**{name: values[:0] for name, values in entries.items()}), 0, np.ones(1), 4))
    assert {name: values.size for name, values in nothing.items()} == dict.fromkeys(found, 0)


def log_of(**entries):
    """Log of one primary event; what is not given counts for nothing here."""
    n = entries["unit"].size
    rest = {name: np.zeros(n, np.int64) for name in Log._fields if name not in entries}
    return Log(**{**rest, **entries, "start": np.array([0, n])})
