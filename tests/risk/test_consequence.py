"""One event: against societal risk, the models at the same places, the facility graph, and plain counting."""

import dataclasses
import functools
import itertools
import json
import math

import numpy as np
import pandas as pd
import pytest
import shapely

from parkrisk.models.errors import OutOfRange
from parkrisk.models.footprint import PolarGrid
from parkrisk.models.vulnerability.fragility import time_to_failure_rule
from parkrisk.models.vulnerability.people import heat_lethality
from parkrisk.risk.cascades.direct import direct_escalation, heat_chances
from parkrisk.risk.consequence import Wind, consequence, possible_events
from parkrisk.risk.one_event.event_choice import unit_events
from parkrisk.risk.one_event.exposed import deaths_table
from parkrisk.risk.one_event.lethality_map import LethalityMap
from parkrisk.risk.one_event.zones import Frame
from parkrisk.risk.settings import Settings
from parkrisk.risk.societal import societal_risk
from parkrisk.scenarios.events.expand import Events
from parkrisk.scenarios.facility.escalation import facility_graph
from parkrisk.scenarios.receptors import People, WindRose, people
from tests import minimal_park

WIND = Wind(225.0, 4.0, "D")
CASES = [
    ("V-301", "large_hole", "toxic_cloud"),
    ("V-301", "rupture", "toxic_cloud"),
    ("V-201", "rupture", "flash_fire"),
    ("V-201", "rupture", "fireball"),
    ("V-201", "large_hole", "jet_fire"),
    ("V-201", "large_hole", "explosion"),
    ("V-301", "rupture", "vessel_burst"),
    ("T-101", "rupture", "pool_fire"),
    ("T-102", "rupture", "flash_fire"),
]


@functools.cache
def events_of(unit):
    return unit_events(minimal_park.park(), unit, WIND, Settings())


@functools.cache
def view(unit, loc, outcome, wind=WIND):
    return consequence(minimal_park.park(), unit, wind, loc=loc, outcome=outcome)


def single(case):
    """The event alone."""
    events = events_of(case[0])
    table = events.table
    (row,) = np.flatnonzero((table["loc"] == case[1]) & (table["outcome"] == case[2]))
    alone = Events(
        table.iloc[[row]].reset_index(drop=True), events.outcomes, events.outcome_index[[row]], events.dropped
    )
    return alone, events.outcomes[events.outcome_index[row, 0]]


def crowd_around(x, y, reach, seed=1, n=20_000):
    """People evenly over a disc, some of them staff of the owner."""
    rng = np.random.default_rng(seed)
    r, turn = reach * np.sqrt(rng.random(n)), 2.0 * np.pi * rng.random(n)
    share = np.full(n, 0.8)
    owner = np.where(rng.random(n) < 0.1, "e1", "")
    day, night = rng.random(n), rng.random(n)
    return People(x + r * np.cos(turn), y + r * np.sin(turn), day, night, share, share, owner)


@pytest.mark.parametrize("case", CASES)
def test_deaths_are_those_of_societal_risk(case):
    events, outcome = single(case)
    lethality = LethalityMap(outcome)
    x, y, owner = (events.table[name].iloc[0] for name in ("x", "y", "enterprise_id"))
    crowd = crowd_around(x, y, lethality.reach)
    deaths = deaths_table(lethality, Frame(x, y, WIND.blows_to), crowd, owner)
    counted = deaths[deaths["counted"]]
    probability = np.zeros((2, 1, 720))
    probability[:, 0, round(math.degrees(WIND.blows_to) * 2.0)] = 0.5
    grid = PolarGrid(n_rings=300, r_max=1.5 * lethality.reach)
    risk = societal_risk(events, WindRose((WIND.weather(minimal_park.park()),), probability), grid, crowd)
    expected = 0.5 * (counted["day"].sum() + counted["night"].sum())
    assert expected > 1.0
    assert risk.pll / events.table["frequency"].iloc[0] == pytest.approx(expected, rel=0.01)
    assert risk.tail["n_max"].iloc[0] == pytest.approx(max(counted["day"].sum(), counted["night"].sum()), rel=0.01)
    assert owner not in set(counted["group"])


@pytest.mark.parametrize("case", CASES)
def test_lethality_at_a_place_is_the_model(case):
    _, outcome = single(case)
    lethality = LethalityMap(outcome)
    rng = np.random.default_rng(2)
    # not next to the hole, where a jet is narrower than a bin
    r, t = lethality.reach * (0.02 + 0.98 * rng.random(500) ** 2), 0.6 * rng.standard_normal(500)
    found = lethality.at(r, t)
    assert ((found >= 0.0) & (found <= 1.0)).all()
    assert lethality.at(r, -t) == pytest.approx(found)
    assert (lethality.at(np.array([1.2 * lethality.reach]), np.zeros(1)) <= 1e-6).all()
    if hasattr(outcome, "lethality"):
        expected = outcome.lethality(r, np.abs(t))
    elif hasattr(outcome, "heat_flux") and not hasattr(outcome, "flash"):
        r, t = r[r > 30.0], t[r > 30.0]
        found = lethality.at(r, t)
        expected = heat_lethality(outcome.heat_flux(r, t), outcome.duration)
    else:
        return
    # certain death begins with a step, which the grid rounds off within a cell
    assert np.quantile(np.abs(found - expected), 0.98) < 0.03
    assert np.abs(found - expected).mean() < 0.005


@pytest.mark.parametrize("case", CASES)
def test_zones_are_valid_and_nested(case):
    found = view(*case)
    assert all(zone.shape.is_valid for zone in found.zones)

    def group(zone):
        family = zone.level.name[:3] if zone.level.kind == "concentration" else ""
        return zone.level.kind, family, str(zone.time)

    for _, members in itertools.groupby(found.zones, key=group):
        shapes = [zone.shape for zone in members]
        for inner, outer in itertools.pairwise(shapes):
            assert inner.difference(outer).area <= 1e-6 * max(inner.area, 1.0)
    names = [zone.level.name for zone in found.zones if math.isnan(zone.time)]
    assert len(names) == len(set(names))
    if case[2] in ("explosion", "flash_fire") and case[0] == "V-201":
        table = found.zone_table.set_index("zone")
        assert table.loc["lethality_50", "reach_m"] == pytest.approx(found.event["death_m"], rel=2e-3)


def test_heat_zones_end_where_the_flux_does():
    found = view("V-201", "large_hole", "jet_fire")
    _, outcome = single(("V-201", "large_hole", "jet_fire"))
    hot = [zone for zone in found.zones if zone.level.kind == "heat"]
    assert [zone.level.value for zone in hot] == [37_500.0, 25_000.0, 12_500.0, 4_000.0]
    for zone in hot:
        corners = shapely.get_coordinates(zone.shape)[::7]
        distance, angle = found.frame.polar(*corners.T)
        flux = outcome.heat_flux(distance, angle)
        assert np.median(np.abs(flux / zone.level.value - 1.0)) < 0.02
        assert zone.end == outcome.duration


def test_blast_circles():
    found = view("V-201", "large_hole", "explosion")
    _, outcome = single(("V-201", "large_hole", "explosion"))
    for zone in (zone for zone in found.zones if zone.level.kind == "overpressure"):
        radius = outcome.radius(zone.level.value)
        assert zone.shape.area == pytest.approx(math.pi * radius**2, rel=1e-3)
        along, across = found.frame.along_across(*np.array(zone.shape.centroid.coords).T)
        assert (along[0], across[0]) == pytest.approx((outcome.centre_distance, 0.0), abs=0.1)
        assert zone.end == pytest.approx(radius / 340.0, rel=0.01)


@pytest.mark.parametrize(("wind_from", "side"), [(0.0, (0, -1)), (90.0, (-1, 0)), (180.0, (0, 1)), (270.0, (1, 0))])
def test_wind_from_the_north_carries_south(wind_from, side):
    found = view("V-301", "medium_hole", "toxic_cloud", Wind(wind_from, 4.0, "D"))
    usual = view("V-301", "medium_hole", "toxic_cloud", Wind(33.0, 4.0, "D"))
    zones = {zone.level.name: zone.shape for zone in found.zones if math.isnan(zone.time)}
    shape = zones["lethality_1"]
    offset = np.array(shape.centroid.coords[0]) - [found.frame.x, found.frame.y]
    assert offset / np.hypot(*offset) == pytest.approx(side, abs=1e-3)
    for zone in usual.zones:
        if math.isnan(zone.time) and not zone.shape.is_empty:
            assert zones[zone.level.name].area == pytest.approx(zone.shape.area, rel=1e-6)


@pytest.mark.parametrize("case", [CASES[0], CASES[3]])
def test_people_and_things_inside_by_plain_counting(case):
    found, crowd = view(*case), people(minimal_park.park())
    points = shapely.points(crowd.x, crowd.y)
    units, targets = (minimal_park.park().tables[name] for name in ("units", "targets"))
    for zone, row in zip(found.zones, found.zone_table.to_dict("records"), strict=True):
        inside = shapely.contains(zone.shape, points)
        assert row["people_day"] == pytest.approx(crowd.day[inside].sum())
        assert row["people_night"] == pytest.approx(crowd.night[inside].sum())
        outdoors = (crowd.night * (1.0 - crowd.indoor_night))[inside].sum()
        assert row["night_outdoors"] == pytest.approx(outdoors)
        held = shapely.contains(zone.shape, shapely.points(units["x"], units["y"]))
        assert row["units"] == held.sum()
        assert row["enterprises"].split() == sorted(set(units["enterprise_id"][held]))
        hit = shapely.contains(zone.shape, shapely.points(targets["x"], targets["y"]))
        assert row["targets"].split() == sorted(targets["target_id"][hit])
    public = found.people[found.people["group"] == "public"]
    assert (public[["day_outdoors", "day_indoors"]].sum(axis=1) > 0.0).all()


@pytest.mark.parametrize("case", [("T-101", "rupture", "pool_fire"), ("V-201", "large_hole", "jet_fire"), CASES[5]])
def test_units_that_follow_are_those_of_the_facility_graph(case):
    # close together, so that something escalates
    def squeeze(document):
        for number, unit in enumerate(document["units"]):
            unit["x"], unit["y"] = 500_300.0 + 22.0 * number, 4_500_100.0 + 9.0 * number

    park, wind = minimal_park.changed(squeeze), Wind(225.0, 4.0, "D")
    found = consequence(park, case[0], wind, loc=case[1], outcome=case[2])
    events = unit_events(park, case[0], wind, Settings())
    (row,) = np.flatnonzero((events.table["loc"] == case[1]) & (events.table["outcome"] == case[2]))
    alone = dataclasses.replace(
        events, table=events.table.iloc[[row]].reset_index(drop=True), outcome_index=events.outcome_index[[row]]
    )
    probability = np.zeros((2, 1, 8))
    probability[:, 0, 1] = 0.5
    rose = WindRose((wind.weather(park),), probability)
    facility = facility_graph(park, alone, rose, time_to_failure_rule())
    net = facility.network
    chance = dict.fromkeys(facility.units["unit_id"], 0.0)
    direct = direct_escalation(net, False)
    for rows, start, target, value in (
        (net.heat_row, net.heat_start, net.heat_target, heat_chances(net, direct)),
        (net.blast_row, net.blast_start, net.blast_target, net.blast_probability),
    ):
        at = rows[0, 1]
        if at >= 0:
            for i in range(start[at], start[at + 1]):
                chance[facility.units["unit_id"][target[i]]] = value[i]
    told = dict(zip(found.units["unit_id"], found.units["probability"], strict=True))
    assert max(told.values()) > 0.001
    for unit, value in chance.items():
        assert told.get(unit, 0.0) == pytest.approx(value, rel=1e-6, abs=1e-12)
    assert found.units["probability"].is_monotonic_decreasing


def test_targets_and_ignition_sources():
    found = view("V-201", "large_hole", "flash_fire", Wind(258.0, 4.0, "D"))
    (source,) = found.ignition.to_dict("records")
    assert (source["source_id"], source["limit"]) == ("road", "lfl")
    assert source["distance_m"] == pytest.approx(math.hypot(250.0, 50.0))
    # the front travels with the wind near the ground, slower than that at 10 m
    assert 250.0 / 8.0 < source["arrival_s"] < 250.0 / 0.5
    assert source["end_s"] > 1200.0
    chlorine = view("V-301", "large_hole", "toxic_cloud", Wind(166.0, 3.0, "F"))
    school = chlorine.targets.set_index("target_id").loc["school"]
    assert 0.0 < school["arrival_s"] < school["end_s"]
    assert school["lethality_indoors"] == pytest.approx(0.1 * school["lethality_outdoors"])
    assert "lethality_1" in school["zones"].split()
    assert school["concentration_ppm"] > 20.0
    assert len(chlorine.ignition) == 0


def test_a_burst_is_shown_with_the_cloud_that_follows_it():
    burst, cloud = (view("V-301", "rupture", outcome) for outcome in ("vessel_burst", "toxic_cloud"))

    def shapes(found, *kinds):
        return {(z.level.name, str(z.time)): z.shape.wkt for z in found.zones if z.level.kind in kinds}

    both = shapes(burst, "concentration", "flammable", "overpressure")
    assert both == shapes(cloud, "concentration", "flammable", "overpressure")
    assert {name for name, _ in both} > {"aegl3_60min", *(z.level.name for z in burst.zones if z.level.unit == "Pa")}
    assert shapes(burst, "lethality_outdoors") != shapes(cloud, "lethality_outdoors")
    for found in (burst, cloud):
        assert "burst_and_cloud" in {caveat["code"] for caveat in found.caveats}
        there = found.targets["arrival_s"].dropna()
        assert (there > 10.0).all()  # of the cloud, not of the shock
        assert set(found.units["vector"]) <= {"blast"}
    assert "burst_and_cloud" not in str(view("V-301", "large_hole", "toxic_cloud").caveats)
    assert "burst_and_cloud" not in str(view(*CASES[3]).caveats)


def test_a_fireball_has_the_blast_it_begins_with():
    found = view("V-201", "rupture", "fireball")
    burst = {z.level.name: z.shape for z in view("V-201", "rupture", "vessel_burst").zones if z.level.unit == "Pa"}
    blown = {z.level.name: z.shape for z in found.zones if z.level.kind == "overpressure"}
    assert {z.level.kind for z in found.zones} >= {"heat", "overpressure"}
    for name, shape in blown.items():
        assert shape.area == pytest.approx(burst[name].area)


@functools.cache
def park_with_a_road():
    def edit(document):
        # bent, so that no two stretches are alike
        corners = [(500000, 4500300), (500900, 4500300), (500900, 4500900)]
        document["lines"] = [
            {"line_id": "road", "point": k, "x": x, "y": y} for k, (x, y) in enumerate(corners, start=1)
        ]
        carried = {"line_id": "road", "mode": "road_outside", "load_t": 20, "loads_per_year": 40000}
        document["transport"] = [
            {**carried, "transport_id": "TR-1", "vehicle": "pressurised", "substance": "74-98-6"},
            {**carried, "transport_id": "TR-2", "vehicle": "atmospheric", "substance": "67-56-1"},
        ]

    return minimal_park.changed(edit)


@pytest.mark.parametrize("wind_from", [0.0, 45.0, 90.0, 200.0, 270.0, 300.0, 315.0, 360.0])
def test_the_wind_blows_to_where_it_does_not_come_from(wind_from):
    """From so many degrees clockwise of north: a step against it leads there."""
    toward = Wind(wind_from, 3.0).blows_to
    east, north = -math.cos(toward), -math.sin(toward)
    assert (east, north) == pytest.approx((math.sin(math.radians(wind_from)), math.cos(math.radians(wind_from))))


def test_of_a_line_the_worst_stretch_or_the_one_asked_for():
    park, asked = park_with_a_road(), {"loc": "instantaneous", "outcome": "fireball"}
    events, crowd = unit_events(park, "TR-1", WIND, Settings()), people(park)
    places = events.table[(events.table["loc"] == "instantaneous") & (events.table["outcome"] == "fireball")]
    assert len(places) == 30
    lethality = LethalityMap(events.outcomes[events.outcome_index[places.index[0], 0]])
    deaths = []
    for x, y in zip(places["x"], places["y"], strict=True):
        table = deaths_table(lethality, Frame(x, y, WIND.blows_to), crowd, "")
        deaths.append(max(table["day"].sum(), table["night"].sum()))
    found = consequence(park, "TR-1", WIND, **asked)
    shown = found.event
    assert max(shown["deaths_day"], shown["deaths_night"]) == pytest.approx(max(deaths))
    assert (shown["stretch"], shown["stretches"]) == (1 + int(np.argmax(deaths)), 30)
    assert (found.frame.x, found.frame.y) == (shown["x"], shown["y"])
    assert shown["frequency"] == pytest.approx(places["frequency"].sum())
    assert "line_in_stretches" in {caveat["code"] for caveat in found.caveats}
    near = consequence(park, "TR-1", WIND, near=(501_500.0, 4_500_880.0), **asked)
    assert (near.event["x"], near.event["y"], near.event["stretch"]) == (500_900.0, 4_500_875.0, 30)
    assert near.event["frequency"] == pytest.approx(shown["frequency"])
    whole = consequence(park, "TR-1", WIND)
    assert not whole.events.duplicated(["loc", "outcome"]).any()


def test_transport_and_units_leave_each_other_alone():
    park = park_with_a_road()
    listed = possible_events(park, "TR-2")
    assert set(listed["unit_id"]) == {"TR-2"}
    assert not listed.duplicated(["loc", "outcome"]).any()
    assert set(possible_events(park, "V-201")["unit_id"]) == {"V-201"}
    beside = consequence(park, "V-201", WIND, loc="rupture")
    assert set(beside.events["unit_id"]) == {"V-201"}
    assert (beside.events["stretches"] == 1).all()


def test_worst_event_is_shown_and_others_are_listed():
    found = consequence(minimal_park.park(), "V-301", Wind(166.0, 3.0, "F"))
    assert set(found.events["outcome"]) == {"toxic_cloud", "vessel_burst"}
    total = found.events["deaths_day"] + found.events["own_staff_day"]
    assert total.iloc[0] == total.max()
    assert found.event["loc"] == found.events["loc"].iloc[0]
    asked = possible_events(minimal_park.park(), "V-301")
    assert set(asked["loc"]) == set(found.events["loc"])


def test_rare_losses_are_not_cut_off():
    asked = possible_events(minimal_park.park(), "T-101")
    assert asked["frequency"].min() < Settings().frequency_cut_off
    assert asked["frequency"].is_monotonic_decreasing


def test_moments_that_are_asked_for():
    found = consequence(minimal_park.park(), "V-301", WIND, loc="rupture", moments=[240.0, 120.0, 240.0])
    times = {zone.time for zone in found.zones if not math.isnan(zone.time)}
    assert times == {120.0, 240.0}
    reach = found.zone_table[found.zone_table["zone"] == "aegl3_60min"].set_index("time_s")["reach_m"]
    assert reach[120.0] < reach[240.0] < reach[np.isnan(reach.index)].iloc[0]


def test_same_whatever_the_order_of_rows():
    def shuffle(document):
        for name in ("units", "population", "targets", "enterprises"):
            document[name].reverse()

    again = consequence(minimal_park.changed(shuffle), "V-301", WIND, loc="rupture")
    first = consequence(minimal_park.changed(lambda _: None), "V-301", WIND, loc="rupture")
    assert json.dumps(again.to_dict()) == json.dumps(first.to_dict())
    assert again.geojson() == first.geojson()


def test_default_stability_is_the_most_stable_possible():
    for speed, stability in ((1.5, "F"), (4.0, "F"), (5.0, "E"), (9.0, "D")):
        assert Wind(0.0, speed).weather(minimal_park.park()).stability == stability
    found = view("V-301", "small_hole", None, Wind(0.0, 5.0))
    assert "stability_assumed" in [caveat["code"] for caveat in found.caveats]
    assert "stability_assumed" not in [caveat["code"] for caveat in view(*CASES[0]).caveats]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"unit_id": "V-30l"}, "V-301"),
        ({"loc": "large_hol"}, "large_hole"),
        ({"outcome": "fireball"}, "toxic_cloud"),
        ({"moments": [-1.0]}, "moments"),
        ({"near": (math.nan, 0.0)}, "finite"),
    ],
)
def test_unknown_names_are_refused_with_what_is_known(arguments, says):
    usual = {"unit_id": "V-301", "wind": WIND}
    with pytest.raises(OutOfRange, match=says) as error:
        consequence(minimal_park.park(), **(usual | arguments))
    assert error.value.message_zh != error.value.message_en


@pytest.mark.parametrize("wind", [(400.0, 3.0), (-1.0, 3.0), (math.nan, 3.0), (0.0, 0.0), (0.0, -1.0), (0.0, math.inf)])
def test_winds_that_cannot_be(wind):
    with pytest.raises(OutOfRange):
        Wind(*wind)


@pytest.mark.parametrize(("speed", "stability", "says"), [(10.0, "F", "D"), (3.0, "G", "A to F"), (90.0, "D", "90")])
def test_weathers_that_cannot_be(speed, stability, says):
    with pytest.raises(OutOfRange, match=says):
        Wind(0.0, speed, stability).weather(minimal_park.park())


def test_wind_too_weak_for_clouds_is_said():
    with pytest.raises(OutOfRange, match=r"0\.5 m/s"):
        consequence(minimal_park.park(), "V-301", Wind(0.0, 0.2, "F"))


def test_unit_out_of_service_and_events_that_cannot_be_computed():
    def stop(document):
        minimal_park.row(document["units"], unit_id="V-301")["in_service"] = "no"

    with pytest.raises(OutOfRange, match="out of service"):
        consequence(minimal_park.changed(stop), "V-301", WIND)

    def inert(document):
        unit = minimal_park.row(document["units"], unit_id="V-301")
        unit["substance"] = "7732-18-5"
        unit["mass_t"] = None
        unit["pressure_kpa"] = 0

    with pytest.raises(OutOfRange, match="could not be computed"):
        consequence(minimal_park.changed(inert), "V-301", WIND)


def test_a_fireball_and_the_burst_of_its_vessel_load_the_same_units():
    def near(document):
        sphere = minimal_park.row(document["units"], unit_id="V-201")
        minimal_park.row(document["units"], unit_id="V-301").update(x=sphere["x"] + 25.0, y=sphere["y"])

    park = minimal_park.changed(near)
    found = {
        outcome: consequence(park, "V-201", WIND, loc="rupture", outcome=outcome).units
        for outcome in ("fireball", "vessel_burst")
    }
    blast = {name: table[table["vector"] == "blast"].reset_index(drop=True) for name, table in found.items()}
    assert len(blast["vessel_burst"]) > 0
    pd.testing.assert_frame_equal(blast["fireball"], blast["vessel_burst"])
