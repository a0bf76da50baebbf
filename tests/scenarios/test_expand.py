"""From units to events: frequencies by hand, what is dropped and why, and no trace of the order of rows."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from parkrisk.models.blast.condensed import tnt_equivalence
from parkrisk.models.errors import OutOfRange
from parkrisk.models.substance.substances import find
from parkrisk.scenarios.events import losses as losses_module
from parkrisk.scenarios.events.contents import absolute_pressure, vessel
from parkrisk.scenarios.events.expand import DROPPED_COLUMNS, EVENT_COLUMNS, expand, flag_counts, with_secondary
from parkrisk.scenarios.events.losses import losses
from parkrisk.scenarios.receptors import wind_rose
from tests import minimal_park
from tests.minimal_park import changed, row

AIR = 101_325.0


@pytest.fixture(scope="module")
def park():
    return minimal_park.park()


@pytest.fixture(scope="module")
def rose(park):
    return wind_rose(park)


@pytest.fixture(scope="module")
def events():
    return minimal_park.events()


def frequencies(events, unit_id):
    table = events.table[events.table["unit_id"] == unit_id]
    return dict(zip(table["loc"] + "/" + table["outcome"], table["frequency"], strict=True))


def with_units(edit):
    """Events of the minimal park after a change to its units."""
    park = changed(lambda document: edit(document["units"]))
    return expand(park, wind_rose(park))


def one_unit(**cells):
    """Events of a park whose propane sphere has been made into something else, its other units out of service."""

    def edit(units):
        for each in units:
            each["in_service"] = "yes" if each["unit_id"] == "V-201" else "no"
        row(units, unit_id="V-201").update(cells)

    return with_units(edit)


def test_a_propane_sphere_by_hand(events):
    # API RP 581 drum: 8e-6, 2e-5, 2e-6, 6e-7 per year. At once: 0.2 below 10 kg/s, 0.7 above 100 kg/s or 10 t
    # (AQ/T 3046 Table G.1); of the rest 0.6 flash and 0.4 explode, but
    # the jet of the small hole holds less than 1 kg between the limits: all of it flashes.
    assert frequencies(events, "V-201") == pytest.approx(
        {
            "small_hole/jet_fire": 8e-6 * 0.2,
            "small_hole/flash_fire": 8e-6 * 0.8,
            "medium_hole/jet_fire": 2e-5 * 0.2,
            "medium_hole/flash_fire": 2e-5 * 0.8 * 0.6,
            "medium_hole/explosion": 2e-5 * 0.8 * 0.4,
            "large_hole/jet_fire": 2e-6 * 0.7,
            "large_hole/flash_fire": 2e-6 * 0.3 * 0.6,
            "large_hole/explosion": 2e-6 * 0.3 * 0.4,
            "rupture/fireball": 6e-7 * 0.7,
            "rupture/vessel_burst": 6e-7 * 0.3,
            "rupture/flash_fire": 6e-7 * 0.3 * 0.6,
            "rupture/explosion": 6e-7 * 0.3 * 0.4,
        },
        rel=1e-12,
    )


def test_a_chlorine_vessel_by_hand(events):
    assert frequencies(events, "V-301") == pytest.approx(
        {
            "small_hole/toxic_cloud": 8e-6,
            "medium_hole/toxic_cloud": 2e-5,
            "large_hole/toxic_cloud": 2e-6,
            "rupture/toxic_cloud": 6e-7,
            "rupture/vessel_burst": 6e-7,
        },
        rel=1e-12,
    )


def test_a_gasoline_tank_by_hand(events):
    found = frequencies(events, "T-102")
    # API RP 581 tank: 7e-5, 2.5e-5, 5e-6, 1e-7 per year; category 1 ignites at once with 0.065.
    assert found["small_hole/pool_fire"] == pytest.approx(7e-5 * 0.065)
    assert found["small_hole/flash_fire"] == pytest.approx(7e-5 * 0.935 * 0.6)
    assert found["medium_hole/explosion"] == pytest.approx(2.5e-5 * 0.935 * 0.4)
    assert found["rupture/pool_fire"] == pytest.approx(
        1e-7 * 0.065
    )  # the cut-off is that of the loss, not of its branches


def test_events_of_a_loss_are_no_more_frequent_than_the_loss(park, events):
    known = {
        (unit["unit_id"], loss.loc): loss.frequency
        for unit in park.tables["units"].to_dict("records")
        for loss in losses(unit["kind"], "aqt3046", bore=unit["hole_bore_mm"] / 1000.0, length=math.nan, hours=math.nan)
    }
    # A burst is the beginning of another outcome, not one instead of it.
    alone = events.table[events.table["outcome"] != "vessel_burst"]
    found = alone.groupby(["unit_id", "loc"])["frequency"].sum()
    assert set(found.index) <= set(known)
    for key, frequency in found.items():
        assert 0.0 < frequency <= known[key] * (1.0 + 1e-12)
    # Nothing of the sphere is left out.
    losses_of_it = ("small_hole", "medium_hole", "large_hole", "rupture")
    assert found["V-201"].to_dict() == pytest.approx({loc: known["V-201", loc] for loc in losses_of_it})


def test_shape_of_the_events(park, rose, events):
    table = events.table
    assert tuple(table.columns) == EVENT_COLUMNS
    assert tuple(events.dropped.columns) == DROPPED_COLUMNS
    assert table["event_id"].is_unique
    assert table["event_id"].is_monotonic_increasing
    assert list(table.index) == list(range(len(table)))
    assert events.outcome_index.shape == (len(table), len(rose.weathers))
    assert events.outcome_index.dtype == np.int32
    assert set(np.unique(events.outcome_index)) - {-1} == set(range(len(events.outcomes)))
    assert (events.outcome_index >= 0).any(axis=1).all()
    assert len(set(events.outcomes)) == len(events.outcomes)
    assert set(table["origin"]) == {"primary"}
    assert set(table["mark"]) <= {"V", "1", "M"}
    place = park.tables["units"].set_index("unit_id")[["x", "y"]]
    assert np.array_equal(table[["x", "y"]], place.loc[table["unit_id"]])
    assert events.not_computed == ()


def test_an_outcome_that_the_weather_does_not_change_stands_once(events):
    (fireball,) = np.nonzero(events.table["outcome"].to_numpy() == "fireball")[0]
    assert len(set(events.outcome_index[fireball])) == 1
    (cloud,) = np.nonzero(events.table["event_id"].to_numpy() == "V-301/rupture/toxic_cloud")[0]
    assert len(set(events.outcome_index[cloud])) == events.outcome_index.shape[1]


@pytest.mark.parametrize("seed", [0, 1])
def test_order_of_units_leaves_no_trace(park, rose, events, seed):
    order = np.random.default_rng(seed).permutation(len(park.tables["units"]))
    shuffled = park.tables["units"].iloc[order].reset_index(drop=True)
    found = expand(dataclasses.replace(park, tables={**park.tables, "units": shuffled}), rose)
    pd.testing.assert_frame_equal(found.table, events.table)
    pd.testing.assert_frame_equal(found.dropped, events.dropped)
    assert np.array_equal(found.outcome_index, events.outcome_index)
    assert list(found.outcomes) == list(events.outcomes)


def test_rare_losses_are_cut_off_and_counted(park, rose):
    kept = expand(park, rose, cut_off=0.0)
    assert not (kept.dropped["reason"] == "cut_off").any()
    cut_off = 1e-6
    cut = expand(park, rose, cut_off=cut_off)
    dropped = cut.dropped[cut.dropped["reason"] == "cut_off"]
    assert len(dropped)
    assert (dropped["frequency"] < cut_off).all()
    named = set(zip(dropped["unit_id"], dropped["loc"], strict=True))
    losses = list(zip(kept.table["unit_id"], kept.table["loc"], strict=True))
    expected = kept.table[[loss not in named for loss in losses]].reset_index(drop=True)
    pd.testing.assert_frame_equal(cut.table, expected)


def test_nothing_but_too_high_a_cut_off(park, rose):
    nothing = expand(park, rose, cut_off=1.0)
    assert len(nothing.table) == 0
    assert nothing.outcome_index.shape == (0, len(rose.weathers))
    assert list(nothing.outcomes) == []
    assert len(nothing.dropped) == 20  # five units, four losses each


def test_unknown_loss_set(park, rose):
    with pytest.raises(OutOfRange, match="purple_book"):
        expand(park, rose, loss_set="no-such-set")


def test_the_other_loss_set(park, rose):
    found = frequencies(expand(park, rose, loss_set="purple_book"), "V-301")
    assert {"instantaneous/toxic_cloud", "ten_minutes/toxic_cloud"} <= set(found)


def test_a_kind_that_the_set_does_not_know_is_not_passed_over(monkeypatch):
    assert one_unit().not_computed == ()
    monkeypatch.setattr(losses_module, "_rows_of", lambda _set, _kind: [])
    assert one_unit().not_computed == ("V-201",)


def test_units_out_of_service_have_no_events():
    found = one_unit()
    assert set(found.table["unit_id"]) == {"V-201"}
    assert set(found.dropped["unit_id"]) <= {"V-201"}


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"kind": "warehouse", "substance": "67-56-1", "pressure_kpa": 0, "bund_area_m2": None}, "bund_area_m2"),
        ({"kind": "pump", "hole_bore_mm": None}, "hole_bore_mm"),
        ({"substance": "1333-74-0", "pressure_kpa": None}, "pressure_kpa"),
    ],
)
def test_what_cannot_be_computed_is_said(cells, column):
    found = one_unit(**cells)
    assert found.not_computed == ("V-201",)
    rows = found.dropped[found.dropped["reason"] == "not_computed"]
    assert rows["message_zh"].str.contains(column).all()
    assert rows["message_en"].str.contains(column).all()
    assert "V-201/" + rows["loc"].iloc[0] not in set(found.table["unit_id"] + "/" + found.table["loc"])


def test_a_store_of_what_does_not_burn_has_no_effect():
    found = one_unit(kind="warehouse", substance="7732-18-5", pressure_kpa=0, bund_area_m2=200)
    assert len(found.table) == 0
    assert set(found.dropped["reason"]) == {"no_effect"}
    assert found.not_computed == ()


def test_acid_without_a_density_on_record_has_no_effect():
    assert one_unit(kind="atmospheric_tank", substance="7664-93-9", pressure_kpa=None).not_computed == ()


def test_a_vessel_at_ambient_pressure_leaks():
    found = one_unit(kind="reactor", substance="67-56-1", pressure_kpa=0, diameter_m=3, height_m=5, volume_m3=35)
    assert found.not_computed == ()
    assert "small_hole/pool_fire" in frequencies(found, "V-201")


def test_a_store_that_burns():
    found = one_unit(kind="warehouse", substance="67-56-1", pressure_kpa=0, bund_area_m2=200)
    assert frequencies(found, "V-201") == {"warehouse_fire/pool_fire": 8.8e-4}
    assert found.table["released_mass"].isna().all()


def test_a_pipeline_of_unknown_length_is_not_computed():
    def edit(document):
        row(document["units"], unit_id="V-201").update(kind="pipeline", length_m=None, hole_bore_mm=100)

    park = changed(edit)
    found = expand(park, wind_rose(park), loss_set="purple_book")
    assert found.table["frequency"].notna().all()
    assert found.not_computed == ("V-201",)


@pytest.mark.parametrize("substance", ["118-96-7", "121-82-4", "55-63-0", "9004-70-0"])
def test_an_explosives_store_detonates_in_any_weather(substance):
    """TNT, RDX, nitroglycerin and nitrocellulose need neither a boiling point nor a heat of combustion."""
    found = one_unit(
        kind="explosives_store", substance=substance, pressure_kpa=None, volume_m3=None, diameter_m=None, mass_t=5
    )
    assert frequencies(found, "V-201") == {"detonation/detonation": 1e-5}
    assert set(found.table["mark"]) == {"M"}
    assert found.not_computed == ()
    (blast,) = found.outcomes
    assert blast.equivalence == tnt_equivalence(substance).value


def test_an_explosive_without_any_energy_on_record_is_not_passed_over():
    found = one_unit(
        kind="explosives_store", substance="18810-58-7", pressure_kpa=0, volume_m3=None, diameter_m=None, mass_t=5
    )
    assert found.not_computed == ("V-201",)
    assert "heat" in found.dropped["message_en"].iloc[0]


def test_the_weakest_mark_counts(events):
    marks = events.table.set_index("event_id")["mark"]
    assert marks["V-201/rupture/fireball"] == "V"
    assert marks["V-201/rupture/flash_fire"] == "1"


def test_flags_are_counted(events):
    counts = flag_counts(events)
    assert counts["congested_share"] == (events.table["outcome"] == "explosion").sum()
    assert counts["substance_surrogate"] == (events.table["unit_id"] == "T-102").sum()


def test_secondary_events_stand_below_the_primary_ones(events):
    ids = ["V-201/rupture/fireball", "T-101/large_hole/pool_fire", "V-301/rupture/toxic_cloud"]
    secondary = pd.DataFrame({"event_id": ids, "unit_id": ["V-201", "T-101", "V-301"], "frequency": [1e-7, 2e-7, 0.0]})
    both = with_secondary(events, secondary)
    n = len(events.table)
    pd.testing.assert_frame_equal(both.table.iloc[:n], events.table)
    added = both.table.iloc[n:].set_index("event_id")
    assert added["frequency"].to_dict() == {ids[0] + "/domino": 1e-7, ids[1] + "/domino": 2e-7}
    assert set(added["origin"]) == {"domino"}
    assert both.outcome_index.shape[0] == len(both.table)
    for event_id in ids[:2]:
        (first,) = np.nonzero(both.table["event_id"].to_numpy() == event_id)[0]
        (second,) = np.nonzero(both.table["event_id"].to_numpy() == event_id + "/domino")[0]
        assert np.array_equal(both.outcome_index[first], both.outcome_index[second])


def test_no_secondary_events_change_nothing(events):
    nothing = with_secondary(events, pd.DataFrame({"event_id": ["V-201/rupture/fireball"], "frequency": [0.0]}))
    pd.testing.assert_frame_equal(nothing.table, events.table)


def unit_row(park, unit_id):
    return row(park.tables["units"].to_dict("records"), unit_id=unit_id)


def test_contents_by_hand(park):
    tank = vessel(unit_row(park, "T-101"), AIR)
    density = find("67-56-1").liquid_density(288.15)
    assert tank.mass == pytest.approx(2000.0 * 0.8 * density)
    # 1600 m3 on 16 m across.
    assert tank.head == pytest.approx(1600.0 / (64.0 * math.pi))
    assert tank.cross_section == pytest.approx(64.0 * math.pi)
    assert tank.pressure == AIR
    sphere = vessel(unit_row(park, "V-201"), AIR)
    assert sphere.head == pytest.approx(0.8 * 12.4)  # fill × diameter
    assert sphere.pressure == AIR + 640e3
    assert sphere.mass == pytest.approx(800.0 * find("74-98-6").liquid_density(288.15))


def test_contents_of_unknown_volume_and_pressure(park):
    unit = unit_row(park, "V-201")
    by_mass = vessel({**unit, "volume_m3": math.nan}, AIR)
    assert by_mass.mass == pytest.approx(420e3 * 0.8 / 0.85)
    propane = find("74-98-6")
    assert absolute_pressure({**unit, "pressure_kpa": math.nan}, AIR) == propane.vapour_pressure(288.15)
    assert absolute_pressure({**unit_row(park, "T-101"), "pressure_kpa": math.nan}, AIR) == AIR
    gas = vessel({**unit, "substance": "74-82-8", "pressure_kpa": 4000.0}, AIR)
    assert gas.mass == pytest.approx(1000.0 * find("74-82-8").gas_density(288.15, AIR + 4e6))
    assert gas.contents == "gas"


@pytest.mark.parametrize(
    "cas", ["7783-07-5", "7803-52-3", "7783-41-7"], ids=["hydrogen selenide", "stibine", "oxygen difluoride"]
)
def test_known_poisons_are_not_harmless(cas):
    found = one_unit(substance=cas, pressure_kpa=2000, temperature_c=15)
    assert found.not_computed == ("V-201",) or "toxic_cloud" in set(found.table["outcome"])
