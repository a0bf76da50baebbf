"""Barriers and stations as protection of units."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import lognorm

from parkrisk.models.constants import constants
from parkrisk.models.errors import InputProblems, OutOfRange
from parkrisk.models.vulnerability.fragility import MODES, time_to_failure_rule
from parkrisk.scenarios import park_from_json
from parkrisk.scenarios.facility.escalation import facility_graph
from parkrisk.scenarios.facility.graph import facility_from_loads, unit_table
from parkrisk.scenarios.facility.protection import FIRE_FIGHTERS, bare, protection_of
from tests.scenarios.sample import unit
from tests.scenarios.test_graph import ROWS, example, units
from tests.scenarios.test_scenario_files import sample

RULE = time_to_failure_rule()
BARRIER = {"barrier_id": "", "unit_id": "", "kind": "", "rating": np.nan, "pfd": np.nan, "system": ""}
STATION = {"station_id": "fire", "kind": "fire_station", "x": 0.0, "y": 0.0, "mean_min": np.nan, "sd_min": np.nan}
#: Published moments of the default clock: median 10 min between 5 and 20 min, of which 80 % lie between. [min]
DEFAULT = lognorm(np.log(2.0) / 1.2815516, scale=10.0)
FIRST = lognorm(0.137, scale=np.exp(1.574))


def found(barriers=(), stations=(), rows=ROWS, rule=RULE):
    barriers = [BARRIER | {"system_pfd": np.nan, "barrier_id": str(k)} | each for k, each in enumerate(barriers)]
    tables = {
        "barriers": pd.DataFrame(barriers, columns=[*BARRIER, "system_pfd"]),
        "response": pd.DataFrame([STATION | each for each in stations], columns=list(STATION)),
    }
    return protection_of(SimpleNamespace(tables=tables), unit_table(units(rows)), rule)


def same(one, other):
    for field in dataclasses.fields(one):
        if field.name != "counts":
            assert np.array_equal(getattr(one, field.name), getattr(other, field.name)), field.name


def clock(protection, at=0):
    """Distribution of the time until a unit is protected. [min]"""
    return lognorm(protection.clock_deviation[at], scale=np.exp(protection.clock_mean[at]) / 60.0)


def test_nothing_stated_is_the_default():
    same(found(), bare(4, RULE))
    assert found().counts == {"response_default": 4}
    same(protection_of(SimpleNamespace(tables={}), unit_table(units(ROWS)), RULE), bare(4, RULE))


def test_a_deluge_by_default_and_as_stated():
    protection = found(
        [{"unit_id": "B", "kind": "deluge"}, {"unit_id": "S", "kind": "deluge", "rating": 0.7, "pfd": 0.1}]
    )
    assert protection.deluge_factor.tolist() == pytest.approx([1.0, 0.6, 1.0, 0.3])
    # PFD 5.43e-3 and effectiveness 0.954 as published
    assert protection.deluge_fails.tolist() == pytest.approx([0.0, 0.05118, 0.0, 1.0 - 0.9 * 0.954], abs=1e-5)
    assert protection.system.tolist() == [-1] * 4
    assert protection.counts["barrier_deluge"] == 2
    assert not any(code.startswith("unverified") for code in protection.counts)


def test_deluges_with_one_supply():
    rows = [
        {"unit_id": "A", "kind": "deluge", "system": "west"},
        {"unit_id": "B", "kind": "deluge", "system": "east"},
        {"unit_id": "C", "kind": "deluge", "system": "west", "system_pfd": 0.02},
        {"unit_id": "gone", "kind": "deluge", "system": "north"},
    ]
    protection = found(rows)
    assert protection.systems == ("east", "west")
    assert protection.system.tolist() == [1, 0, 1, -1]
    assert protection.system_fails[1] == 0.02
    assert protection.counts["unverified:fire_water_pfd"] == 1  # of the eastern one
    same(found(rows[::-1]), protection)


def test_fireproofing():
    protection = found(
        [
            {"unit_id": "A", "kind": "fireproofing"},
            {"unit_id": "S", "kind": "fireproofing", "rating": 90.0, "pfd": 0.05},
        ]
    )
    assert protection.delay.tolist() == [7200.0, 0.0, 0.0, 5400.0]
    assert protection.delay_fails[3] == 0.05
    assert protection.counts["unverified:fireproofing_pfd"] == 1


def test_other_barriers_protect_from_nothing_in_a_cascade():
    kinds = ("relief_valve", "isolation_valve", "bund", "relief_valve")
    protection = found([{"unit_id": "S", "kind": kind, "rating": 1.0, "pfd": 0.0} for kind in kinds])
    same(protection, bare(4, RULE))
    assert protection.counts == {"barrier_relief_valve": 2, "barrier_in_events": 2, "response_default": 4}


@pytest.mark.parametrize("mode", MODES)
def test_stations_count_in_the_default_reading_only(mode):
    rule = time_to_failure_rule(mode)
    protection = found(stations=[{"mean_min": 4.0, "sd_min": 1.0}], rule=rule)
    if mode == "response_times":
        assert protection.counts["response_stations"] == 4
    else:
        same(protection, bare(4, rule))
        assert protection.counts == {"response_by_rule": 1}
    own = time_to_failure_rule(time_90=200.0, time_10=900.0)
    same(found(stations=[{"mean_min": 4.0}], rule=own), bare(4, own))


def test_who_fights_no_fires_protects_nothing():
    protection = found(stations=[{"kind": "medical", "mean_min": 1.0}, {"kind": "", "mean_min": 1.0}])
    same(protection, bare(4, RULE))
    assert protection.counts == {"response_left_out": 2, "response_default": 4}


def test_the_published_first_response_gives_the_default_clock():
    for stated in ({}, {"mean_min": FIRST.mean(), "sd_min": FIRST.std()}):
        protection = found(stations=[stated])
        assert protection.clock_mean[0] == pytest.approx(np.log(600.0), abs=1e-9)
        assert protection.clock_deviation[0] == pytest.approx(1.0 / RULE.slope, abs=1e-9)
        assert "response_faster" not in protection.counts


def test_moments_of_a_stated_response():
    """The farthest place of a station of 7 km² is reached in 4 min: as the crow flies sqrt(7/2) km."""
    far = 0.5 * np.sqrt(3.5) * 1e3
    protection = found(stations=[{"mean_min": 6.0, "sd_min": 2.0, "y": far}])
    set_up = DEFAULT.mean() - FIRST.mean(), DEFAULT.var() - FIRST.var()
    assert clock(protection).mean() == pytest.approx(6.0 + 2.0 + set_up[0], rel=1e-6)
    assert clock(protection).var() == pytest.approx(4.0 + set_up[1], rel=1e-6)
    assert set_up[0] > 0.0
    assert set_up[1] > 0.0


def test_the_quickest_station_counts():
    near = {"station_id": "near", "kind": "enterprise_brigade", "mean_min": 9.0, "sd_min": 2.0, "x": 100.0}
    far = {"station_id": "far", "mean_min": 5.0, "sd_min": 2.0, "x": 5000.0}
    rows = [ROWS[0], ("Z", "atmospheric_tank", 4800.0, 0.0, 20.0, 3000.0)]
    both, alone = (found(stations=each, rows=rows) for each in ([near, far], [near]))
    assert both.clock_mean[0] == alone.clock_mean[0]
    assert both.clock_mean[1] < alone.clock_mean[1]
    same(found(stations=[far, near], rows=rows), both)


def test_a_clock_faster_than_the_default_is_listed():
    quick = found(stations=[{"mean_min": 2.0, "sd_min": 1.0}])
    assert quick.counts["response_faster"] == 4
    spread = found(stations=[{"mean_min": 5.0, "sd_min": 20.0}])  # a longer mean, but half of all cases earlier
    assert clock(spread).mean() > DEFAULT.mean()
    assert spread.counts["response_faster"] == 4
    assert "response_faster" not in found(stations=[{"mean_min": 8.0, "sd_min": 1.0}]).counts


@given(
    mean=st.one_of(st.just(np.nan), st.floats(5.0, 60.0)),
    x=st.floats(-2e4, 2e4),
    kind=st.sampled_from(FIRE_FIGHTERS),
)
def test_what_is_missing_never_makes_a_clock_faster(mean, x, kind):
    protection = found(stations=[{"mean_min": mean, "x": x, "kind": kind}])
    share = np.array([1e-6, 0.01, 0.1, 0.5, 0.9, 0.99, 1.0 - 1e-6])
    for at in range(4):
        assert (clock(protection, at).ppf(share) >= DEFAULT.ppf(share) * (1.0 - 1e-6)).all()


@pytest.mark.parametrize(
    "wrong",
    [
        {"deluge_fails": np.full(4, 1.1)},
        {"deluge_factor": np.full(4, np.nan)},
        {"delay": np.full(4, -1.0)},
        {"clock_deviation": np.zeros(3)},
        {"system": np.zeros(4, np.int32)},
        {"system_fails": np.array([0.1])},
    ],
)
def test_protection_that_cannot_be(wrong):
    with pytest.raises(OutOfRange):
        dataclasses.replace(bare(4, RULE), **wrong)


def test_protection_of_other_units():
    with pytest.raises(OutOfRange, match="4 units"):
        facility_from_loads(units(ROWS), np.zeros((4, 4)), protection=bare(3, RULE))


def test_protection_reaches_the_network_and_leaves_the_loads():
    park, events, wind = example()
    plain = facility_graph(park, events, wind)
    row = BARRIER | {"system_pfd": 0.03, "barrier_id": "1", "unit_id": "B", "kind": "deluge", "system": "pumps"}
    guarded = SimpleNamespace(tables=park.tables | {"barriers": pd.DataFrame([row])})
    again, anew = facility_graph(guarded, events, wind, earlier=plain), facility_graph(guarded, events, wind)
    for one, other in zip(again.network, anew.network, strict=True):
        assert one.tobytes() == other.tobytes()
    for name in ("heat_row", "heat_start", "heat_target", "heat_load", "blast_row", "blast_probability"):
        assert getattr(again.network, name).tobytes() == getattr(plain.network, name).tobytes()
    assert again.network.deluge_factor.tolist() == pytest.approx([1.0, 0.6, 1.0, 1.0])
    assert again.network.system.tolist() == [-1, 0, -1, -1]
    assert again.network.system_fails.tolist() == [0.03]
    assert "barrier_deluge" in again.flags
    table = park.tables["units"].assign(in_service=["yes", "no", "yes", "yes"])
    without = facility_graph(SimpleNamespace(tables=guarded.tables | {"units": table}), events, wind)
    assert (without.network.deluge_factor == 1.0).all()


def test_every_fault_of_barriers_at_once():
    document = sample()
    document["barriers"] = [
        {"barrier_id": name, "unit_id": which, "kind": kind, **more}
        for name, which, kind, more in (
            ("a", "S1", "deluge", {"rating": 40, "system": "pumps", "system_pfd": 0.1}),
            ("b", "S1", "deluge", {}),
            ("c", "T1", "bund", {"system": "pumps"}),
            ("d", "T1", "deluge", {"system_pfd": 0.2}),
            ("e", "T2", "deluge", {"system": "pumps", "system_pfd": 0.2}),
            ("f", "T2", "fireproofing", {"rating": 60, "pfd": 1.5}),
            ("g", "S1", "relief_valve", {}),
            ("h", "S1", "relief_valve", {}),
        )
    ]
    document["response"] = [{"station_id": "fire", "x": 500400.0, "y": 3300500.0, "sd_min": 2.0}]
    with pytest.raises(InputProblems) as caught:
        park_from_json(document)
    assert [(each.code, each.row, each.column) for each in caught.value.problems] == [
        ("deluge_share", 1, "rating"),
        ("barrier_twice", 2, "unit_id"),
        ("system_of_other", 3, "system"),
        ("supply_without_system", 4, "system_pfd"),
        ("system_pfd_differs", 5, "system_pfd"),
        ("out_of_range", 6, "pfd"),
        ("sd_without_mean", 1, "sd_min"),
    ]
    words = {each.code: (each.message_zh, each.message_en) for each in caught.value.problems}
    assert "per cent" in words["deluge_share"][1]
    assert all("S1" in text for text in words["barrier_twice"])
    assert all("pumps" in text and "0.1" in text for text in words["system_pfd_differs"])


def test_units_in_one_place_or_in_each_other():
    document = sample()
    place = {"x": 500600.0, "y": 3300700.0}
    document["units"] += [
        unit("U1", **place),
        unit("U2", kind="pump", **place),
        unit("U3", x=500600.0, y=3300703.0, kind="pump"),
        unit("U4", **place, in_service="no"),
        unit("P1", kind="pipeline", length_m=100.0, **place),
    ]
    first = len(document["units"]) - 4
    warnings = [each for each in park_from_json(document).warnings if each.code in ("same_place", "inside_shell")]
    assert [(each.code, each.row, each.severity) for each in warnings] == [
        ("inside_shell", first, "warning"),
        ("same_place", first, "warning"),
    ]
    for text in (warnings[0].message_zh, warnings[0].message_en):
        assert "U1" in text
        assert "U3" in text
    assert "U1, U2" in warnings[1].message_en


def test_a_thousand_units_in_one_place_take_one_warning():
    document = sample()
    document["units"] += [unit(f"U{k:04d}", x=500600.0, y=3300700.0) for k in range(1000)]
    warnings = [each for each in park_from_json(document).warnings if each.code in ("same_place", "inside_shell")]
    assert [each.code for each in warnings] == ["same_place"]
    assert "1000" in warnings[0].message_zh


def test_every_number_has_its_source():
    for name, each in constants("protection").items():
        assert each.source, name
        assert each.mark in ("V", "1", "M")


def test_a_deluge_that_keeps_off_all_heat_is_remarked():
    document = sample()
    document["barriers"] = [{"barrier_id": "a", "unit_id": "S1", "kind": "deluge", "rating": 1.0}]
    said = {each.code: each for each in park_from_json(document).warnings}
    assert said["deluge_all_heat"].severity == "warning"
    document["barriers"][0]["rating"] = 0.99
    assert "deluge_all_heat" not in {each.code for each in park_from_json(document).warnings}


@pytest.mark.parametrize(("mean", "deviation", "said"), [(5.0, 1.0, False), (5.0, 6.0, True), (0.0, 600.0, True)])
def test_a_response_that_varies_more_than_it_takes_is_remarked(mean, deviation, said):
    """A lognormal time of that mean is mostly much shorter: units would be protected within seconds."""
    document = sample()
    station = {"station_id": "fire", "x": 500400.0, "y": 3300500.0, "kind": "fire_station"}
    document["response"] = [station | {"mean_min": mean, "sd_min": deviation}]
    assert ("sd_above_mean" in {each.code for each in park_from_json(document).warnings}) is said
