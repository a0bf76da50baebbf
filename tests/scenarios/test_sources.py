"""Own losses, lines, transport: events by hand, what the park's rows change, and what reading says of bad rows."""

import math

import numpy as np
import pytest

from parkrisk.models.errors import InputProblems
from parkrisk.models.release.hole import hole
from parkrisk.models.substance.substances import find
from parkrisk.risk.assess import raster_of
from parkrisk.risk.individual import individual_risk
from parkrisk.risk.societal import societal_risk
from parkrisk.scenarios import change, park_from_json
from parkrisk.scenarios.events.contents import vessel
from parkrisk.scenarios.events.expand import DROP_REASONS, expand, flag_counts
from parkrisk.scenarios.events.losses import losses
from parkrisk.scenarios.facility.escalation import facility_graph
from parkrisk.scenarios.receptors import people, wind_rose
from tests import minimal_park
from tests.minimal_park import COARSE, changed, row

OWN = {
    "unit_id": "V-201",
    "loc": "valve",
    "release": "hole",
    "hole_mm": 12,
    "frequency": 3e-5,
    "source": "plant records 2015-2025",
}
CORNERS = [
    {"line_id": "road", "point": 1, "x": 500000, "y": 4500300},
    {"line_id": "road", "point": 2, "x": 500600, "y": 4500300},
]
CARRIED = {
    "transport_id": "TR-1",
    "line_id": "road",
    "mode": "road_outside",
    "vehicle": "pressurised",
    "substance": "74-98-6",
    "load_t": 20,
    "loads_per_year": 40000,
}
PIPE = {
    "unit_id": "P-1",
    "enterprise_id": "e1",
    "kind": "pipeline",
    "x": 500300,
    "y": 4500300,
    "diameter_m": 0.2,
    "length_m": 600,
    "pressure_kpa": 900,
    "temperature_c": 15,
    "substance": "74-98-6",
    "line_id": "road",
}


def found(**tables):
    """Events of the minimal park with rows added to its tables."""

    def edit(document):
        for name, rows in tables.items():
            document[name] = [*document.get(name, []), *rows]

    park = changed(edit)
    return park, expand(park, wind_rose(park))


def of(events, unit_id, loc=None):
    table = events.table[events.table["unit_id"] == unit_id]
    return table if loc is None else table[table["loc"] == loc]


def codes(edit):
    with pytest.raises(InputProblems) as caught:
        changed(edit)
    faults = [fault for fault in caught.value.problems if fault.severity == "error"]
    assert all(fault.message_zh and fault.message_en for fault in faults)
    return {(fault.table, fault.column, fault.code) for fault in faults}


# own losses


def test_an_own_loss_stands_beside_those_of_the_set():
    _, events = found(losses=[OWN])
    added = of(events, "V-201", "valve").set_index("outcome")
    assert added["frequency"]["jet_fire"] == pytest.approx(3e-5 * 0.2)
    assert set(added["mark"]) == {"user"}
    assert added["source"].str.startswith("plant records 2015-2025; ").all()
    assert set(events.table["event_id"]) - set(added["event_id"]) == set(minimal_park.events().table["event_id"])
    assert flag_counts(events)["user_loss"] == len(added)


def test_the_row_of_the_set_gives_way_and_a_removed_one_is_listed():
    own = {**OWN, "loc": "rupture", "action": "replace", "release": "instantaneous", "frequency": 2e-7}
    gone = {"unit_id": "V-201", "loc": "large_hole", "action": "remove", "source": "no connection of this size"}
    _, events = found(losses=[own, gone])
    rupture = of(events, "V-201", "rupture").set_index("outcome")["frequency"]
    assert rupture["fireball"] == pytest.approx(2e-7 * 0.7)
    assert of(events, "V-201", "large_hole").empty
    (listed,) = events.dropped[events.dropped["reason"] == "removed"].to_dict("records")
    assert (listed["unit_id"], listed["loc"], listed["frequency"]) == ("V-201", "large_hole", 2e-6)
    assert "no connection of this size" in listed["message_en"]


def test_a_stated_rate_and_duration_are_those_of_the_release():
    park, events = found(
        losses=[{**OWN, "loc": "stated", "release": "rate", "rate_kg_s": 5.0, "duration_min": 4, "hole_mm": None}]
    )
    stated = of(events, "V-201", "stated")
    assert stated["release_rate"].to_numpy() == pytest.approx(5.0)
    assert stated["duration"].to_numpy() == pytest.approx(240.0)
    assert stated["released_mass"].to_numpy() == pytest.approx(1200.0)
    sphere = row(park.tables["units"].to_dict("records"), unit_id="V-201")
    own = hole(vessel(sphere, 101_325.0), 0.012)
    _, events = found(losses=[OWN])
    assert of(events, "V-201", "valve")["release_rate"].to_numpy() == pytest.approx(own.rate)


def test_an_own_loss_below_the_cut_off_is_cut_off():
    _, events = found(losses=[{**OWN, "frequency": 1e-9}])
    (listed,) = events.dropped[events.dropped["loc"] == "valve"].to_dict("records")
    assert listed["reason"] == "cut_off"


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({"unit_id": "V-999"}, ("losses", "unit_id", "dangling_reference")),
        ({"hole_mm": None}, ("losses", "hole_mm", "loss_incomplete")),
        ({"release": "rate"}, ("losses", "rate_kg_s", "loss_incomplete")),
        ({"release": None}, ("losses", "release", "loss_incomplete")),
        ({"frequency": None}, ("losses", "frequency", "loss_incomplete")),
        ({"frequency": -1e-6}, ("losses", "frequency", "out_of_range")),
        ({"source": None}, ("losses", "source", "missing_value")),
        ({"action": "swap"}, ("losses", "action", "not_a_choice")),
        ({"loc": "rupture"}, ("losses", "action", "loss_known")),
        ({"action": "replace"}, ("losses", "loc", "loss_not_known")),
        ({"action": "remove"}, ("losses", "loc", "loss_not_known")),
    ],
)
def test_bad_own_losses_are_named(cells, fault):
    assert fault in codes(lambda document: document.update(losses=[{**OWN, **cells}]))


def test_the_same_loss_twice_is_named():
    assert ("losses", "loc", "duplicate_id") in codes(lambda document: document.update(losses=[OWN, OWN]))


# lines


def test_a_pipeline_on_a_line_is_one_unit_at_many_places():
    park, events = found(lines=CORNERS, units=[PIPE])
    _, at_point = found(units=[{**PIPE, "line_id": None}])
    along, once = of(events, "P-1"), of(at_point, "P-1")
    assert len(along) == 12 * len(once)
    summed = along.groupby(["loc", "outcome"])["frequency"].sum()
    assert summed.to_dict() == pytest.approx(once.set_index(["loc", "outcome"])["frequency"].to_dict(), rel=1e-12)
    assert along["event_id"].is_unique
    assert (along["y"] == 4500300).all()
    assert sorted(set(along["x"])) == pytest.approx(np.arange(500025.0, 500600.0, 50.0))
    assert along["flags"].str.contains("line_in_stretches").all()
    assert len(events.outcomes) == len(at_point.outcomes)  # the same outcomes, whatever the place
    graph = facility_graph(park, events, wind_rose(park))
    assert graph.units["unit_id"].tolist().count("P-1") == 1
    assert "length_m" not in " ".join(str(fault.column) for fault in park.warnings)


def test_a_pipeline_empties_from_both_sides():
    _, short = found(units=[{**PIPE, "line_id": None}])
    _, fed = found(units=[{**PIPE, "line_id": None, "flow_kg_s": 20.0}])
    rupture = of(short, "P-1", "rupture").iloc[0]
    held = 0.25 * math.pi * 0.2**2 * 600.0 * find("74-98-6").liquid_density(288.15)
    assert rupture["released_mass"] == pytest.approx(held, rel=0.05)
    assert "feed_not_counted" in rupture["flags"]
    more = of(fed, "P-1", "rupture").iloc[0]
    assert more["released_mass"] > rupture["released_mass"]
    assert "feed_not_counted" not in more["flags"]


def test_the_length_of_the_line_stands_in_for_that_of_the_pipeline():
    park, events = found(lines=CORNERS, units=[{**PIPE, "length_m": None}])
    _, stated = found(lines=CORNERS, units=[PIPE])
    assert of(events, "P-1")["released_mass"].tolist() == of(stated, "P-1")["released_mass"].tolist()
    assert park.tables["units"].set_index("unit_id")["length_m"].isna()["P-1"]


@pytest.mark.parametrize(
    ("tables", "fault"),
    [
        ({"units": [PIPE]}, ("units", "line_id", "dangling_reference")),
        ({"lines": CORNERS[:1]}, ("lines", "x", "line_too_short")),
        ({"lines": [CORNERS[0], CORNERS[0]]}, ("lines", "point", "duplicate_id")),
        ({"lines": CORNERS, "units": [{**PIPE, "kind": "pump"}]}, ("units", "line_id", "line_of_a_vessel")),
        ({"lines": [{**CORNERS[0], "point": 1.5}]}, ("lines", "point", "not_whole")),
    ],
)
def test_bad_lines_are_named(tables, fault):
    def edit(document):
        for name, rows in tables.items():
            document[name] = [*document.get(name, []), *rows]

    assert fault in codes(edit)


def test_a_pipeline_of_another_length_than_its_line_is_a_doubt():
    park, _ = found(lines=CORNERS, units=[{**PIPE, "length_m": 900}])
    assert "length_of_line" in {fault.code for fault in park.warnings}


def test_a_unit_on_a_line_is_not_moved_without_it():
    park, _ = found(lines=CORNERS, units=[PIPE])
    with pytest.raises(InputProblems) as caught:
        change(park, move={"P-1": (500100.0, 4500200.0)})
    assert "moved_off_its_line" in {fault.code for fault in caught.value.problems}
    assert "P-1" not in set(change(park, remove="P-1").tables["units"]["unit_id"])


# transport


def test_transport_by_hand():
    # 40 000 loads × 0.6 km × 1.2e-8 per km; at once 0.35 of it, AQ/T 3046 Table G.2: 0.4 of those ignite at once
    park, events = found(lines=CORNERS, transport=[CARRIED])
    summed = of(events, "TR-1").groupby(["loc", "outcome"])["frequency"].sum()
    every = 40_000 * 0.6 * 1.2e-8
    assert summed["instantaneous", "fireball"] == pytest.approx(every * 0.35 * 0.4)
    assert summed["instantaneous", "flash_fire"] == pytest.approx(every * 0.35 * 0.6 * 0.6)
    assert summed["hole", "jet_fire"] == pytest.approx(every * 0.65 * 0.1)
    assert summed["hole", "explosion"] == pytest.approx(every * 0.65 * 0.9 * 0.4)
    table = of(events, "TR-1")
    assert set(table["enterprise_id"]) == {""}
    assert set(table["mark"]) == {"M"}
    assert len(set(zip(table["x"], table["y"], strict=True))) == 12
    assert (table["released_mass"] <= 20_000.0 * (1.0 + 1e-12)).all()
    graph = facility_graph(park, events, wind_rose(park))
    assert "TR-1" not in set(graph.units["unit_id"])
    assert set(graph.sources["event_id"]) == set(
        facility_graph(minimal_park.park(), minimal_park.events(), wind_rose(park)).sources["event_id"]
    )


def test_the_rate_of_a_park_is_used_and_named():
    own = {**CARRIED, "mode": "rail", "rate_per_vehicle_km": 1e-8, "rate_source": "railway bureau 2024"}
    _, events = found(lines=CORNERS, transport=[own])
    table = of(events, "TR-1")
    assert table.groupby(["loc", "outcome"])["frequency"].sum()["instantaneous", "fireball"] == pytest.approx(
        40_000 * 0.6 * 1e-8 * 0.4 * 0.8
    )
    assert table["source"].str.startswith("railway bureau 2024; ").all()
    assert set(table["mark"]) == {"M"}, "the shares stay those of the guideline"


def test_small_spills_of_an_atmospheric_tanker_are_small():
    _, events = found(lines=CORNERS, transport=[{**CARRIED, "vehicle": "atmospheric", "substance": "67-56-1"}])
    mass = of(events, "TR-1").groupby("loc")["released_mass"].max()
    density = find("67-56-1").liquid_density(288.15)
    assert mass.to_dict() == pytest.approx(
        {"whole_load": 20_000.0, "spill_5_m3": 5.0 * density, "spill_500_l": 0.5 * density}
    )


def test_transport_counts_in_both_kinds_of_risk_under_its_own_name():
    park, events = found(lines=CORNERS, transport=[CARRIED])
    rose, grid = wind_rose(park), COARSE.grid
    points = park.tables["targets"][["x", "y"]].to_numpy(dtype=np.float64)
    risk = individual_risk(events, rose, grid, raster_of(park, COARSE), points)
    assert risk.by_source[:, risk.unit_ids.index("TR-1")].max() > 0.0
    societal = societal_risk(events, rose, grid, people(park))
    assert societal.pll_by_unit["TR-1"] > 0.0
    assert societal.pll_by_enterprise[""] == pytest.approx(societal.pll_by_unit["TR-1"])


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({"line_id": "rail"}, ("transport", "line_id", "dangling_reference")),
        ({"transport_id": "V-201"}, ("transport", "transport_id", "id_of_a_unit")),
        ({"mode": "rail"}, ("transport", "rate_per_vehicle_km", "no_transport_rate")),
        ({"rate_per_vehicle_km": 1e-8}, ("transport", "rate_source", "rate_without_source")),
        ({"load_t": 0}, ("transport", "load_t", "out_of_range")),
        ({"substance": "unobtainium"}, ("transport", "substance", "unknown_substance")),
        ({"vehicle": "bicycle"}, ("transport", "vehicle", "not_a_choice")),
    ],
)
def test_bad_transport_is_named(cells, fault):
    def edit(document):
        document.update(lines=CORNERS, transport=[{**CARRIED, **cells}])

    assert fault in codes(edit)


# releases and bursts


def test_bores_of_pipelines_have_their_own_frequencies():
    for bore, rupture, names in (
        (0.05, 2.6e-6, ["small_hole", "rupture"]),
        (0.1, 2.6e-6, ["small_hole", "medium_hole", "rupture"]),
        (0.2, 6e-7, ["small_hole", "medium_hole", "large_hole", "rupture"]),
    ):
        of_bore = losses("pipeline", "aqt3046", bore=bore, length=10.0, hours=0.0)
        assert [loss.loc for loss in of_bore] == names
        assert of_bore[-1].frequency == rupture
    for bore, rupture in ((0.05, 1e-6), (0.075, 3e-7), (0.15, 1e-7)):
        (first, _) = losses("pipeline", "purple_book", bore=bore, length=10.0, hours=0.0)
        assert first.frequency == pytest.approx(10.0 * rupture)


def pumped(**cells):
    pump = {"kind": "pump", "hole_bore_mm": 100, "pressure_kpa": 600, "volume_m3": 1, "substance": "67-56-1", **cells}

    def edit(document):
        row(document["units"], unit_id="V-201").update(pump)

    park = changed(edit)
    return of(expand(park, wind_rose(park)), "V-201")


def test_a_pump_gives_no_more_than_its_run_out_and_feeds_until_it_is_isolated():
    free, fed = pumped(), pumped(flow_kg_s=10.0)
    broken = fed[fed["loc"] == "rupture"].iloc[0]
    assert free[free["loc"] == "rupture"]["release_rate"].iloc[0] > 15.0
    assert broken["release_rate"] == pytest.approx(15.0)  # 1.5 times its flow, CPR 18E
    assert broken["released_mass"] == pytest.approx(15.0 * 1200.0)  # class B, B: twenty minutes
    assert free["flags"].str.contains("feed_not_counted").all()
    assert not fed["flags"].str.contains("feed_not_counted").any()


def test_a_relief_valve_opens_where_there_is_one():
    def events(**cells):
        park = changed(lambda document: row(document["units"], unit_id="V-201").update(cells))
        return expand(park, wind_rose(park), loss_set="purple_book")

    without = events()
    assert of(without, "V-201", "relief").empty
    listed = without.dropped[without.dropped["loc"] == "relief"]
    assert set(listed["reason"]) == {"not_applicable"}
    opened = of(events(relief_area_mm2=2000, set_pressure_kpa=1770), "V-201", "relief").set_index("outcome")
    assert opened["frequency"]["jet_fire"] == pytest.approx(2e-5 * 0.5)  # 10 to 100 kg/s of a gas of high reactivity
    half = of(events(relief_area_mm2=1000, set_pressure_kpa=1770), "V-201", "relief").set_index("outcome")
    assert opened["release_rate"]["jet_fire"] == pytest.approx(2.0 * half["release_rate"]["jet_fire"])
    unset = events(relief_area_mm2=2000)
    assert unset.not_computed == ("V-201",)


def test_a_vessel_of_nitrogen_bursts_and_does_nothing_else():
    def edit(document):
        cells = {"substance": "7727-37-9", "pressure_kpa": 1500, "mass_t": 20}
        row(document["units"], unit_id="V-201").update(cells)

    park = changed(edit)
    events = expand(park, wind_rose(park))
    burst = of(events, "V-201")
    assert set(burst["outcome"]) == {"vessel_burst"}
    assert burst["frequency"].tolist() == [6e-7]
    outcome = events.outcomes[events.outcome_index[burst.index[0], 0]]
    ratio = find("7727-37-9").heat_capacity_ratio(288.15)
    assert outcome.energy == pytest.approx(1.5e6 * 1000.0 / (ratio - 1.0))  # Brode
    assert set(events.dropped.loc[events.dropped["unit_id"] == "V-201", "reason"]) == {"no_effect"}


def test_bund_walls_that_are_too_low_let_the_pool_out():
    def pool(height):
        def edit(document):
            row(document["units"], unit_id="T-102").update(bund_height_m=height)

        park = changed(edit)
        events = expand(park, wind_rose(park))
        tank = of(events, "T-102", "rupture")
        (fire,) = tank.index[tank["outcome"] == "pool_fire"]
        return events.outcomes[events.outcome_index[fire, 0]].diameter, tank["flags"].iloc[0]

    inside = math.sqrt(4.0 * 1600.0 / math.pi)
    assert pool(None)[0] == pytest.approx(inside)
    assert pool(2.0)[0] == pytest.approx(inside)  # 1600 m³ of gasoline on 1600 m² stand 1 m deep
    low, flags = pool(0.3)
    assert low > inside
    assert "pool_overflows_bund" in flags


def test_every_reason_has_its_words(caplog):
    _, events = found(lines=CORNERS, transport=[CARRIED], losses=[OWN])
    assert set(events.dropped["reason"]) <= set(DROP_REASONS)
    assert park_from_json(minimal_park.document()).tables["losses"].empty
