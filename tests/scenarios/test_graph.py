import dataclasses
import json
from types import SimpleNamespace

import networkx as nx
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.blast.explosion import Explosion
from parkrisk.models.errors import InputProblems, OutOfRange
from parkrisk.models.fire.fireball import Fireball
from parkrisk.models.fire.pool_fire import PoolFire
from parkrisk.models.vulnerability.fragility import blast_failure_probability, time_to_failure_rule
from parkrisk.scenarios.events.expand import Events
from parkrisk.scenarios.facility.escalation import facility_graph
from parkrisk.scenarios.facility.graph import equipment_class, facility_from_loads, unit_table
from parkrisk.scenarios.facility.loads import Places, outcome_rows, reach
from parkrisk.scenarios.facility.protection import bare
from parkrisk.scenarios.receptors import WindRose

CALM, WINDY = Weather(1.5, "F"), Weather(8.0, "D")
FIRE = {weather: PoolFire(30.0, 0.055, 4.4e7, 3600.0, weather, "radiative_fraction") for weather in (CALM, WINDY)}
BALL = Fireball(50_000.0, 4.6e7, 1.5e6)
BLAST = Explosion(5000.0, 4.6e7, 0.1)


def units(rows):
    table = pd.DataFrame(rows, columns=["unit_id", "kind", "x", "y", "diameter_m", "volume_m3"])
    return table.assign(enterprise_id=[f"E{i % 2}" for i in range(len(table))], in_service="yes")


ROWS = [
    ("A", "atmospheric_tank", 0.0, 0.0, 20.0, 3000.0),
    ("B", "atmospheric_tank", 45.0, 0.0, 20.0, 3000.0),
    ("C", "atmospheric_tank", 0.0, 45.0, 20.0, 3000.0),
    ("S", "pressure_vessel", 90.0, 90.0, 12.0, 900.0),
]


def events(table, outcomes, index):
    full = table.assign(
        enterprise_id="E", x=0.0, y=0.0, cas="", origin=table.get("origin", "primary"), source="", mark="1"
    ).assign(flags="", released_mass=1000.0)
    return Events(full, outcomes, np.array(index, np.int32), pd.DataFrame())


def rose(n_sectors=4):
    probability = np.zeros((2, 2, n_sectors))
    probability[0, 0], probability[1, 1] = 0.5 / n_sectors, 0.5 / n_sectors
    return WindRose((CALM, WINDY), probability)


def example(rows=ROWS):
    table = pd.DataFrame(
        [
            ("A/rupture/pool_fire", "A", "rupture", "pool_fire", 1e-5),
            ("A/small_hole/pool_fire", "A", "small_hole", "pool_fire", 1e-4),
            ("S/rupture/fireball", "S", "rupture", "fireball", 1e-6),
            ("S/rupture/explosion", "S", "rupture", "vapour_cloud_explosion", 1e-6),
        ],
        columns=["event_id", "unit_id", "loc", "outcome", "frequency"],
    )
    small = PoolFire(8.0, 0.055, 4.4e7, 600.0, CALM)
    found = events(table, [FIRE[CALM], FIRE[WINDY], small, BALL, BLAST], [[0, 1], [2, 2], [3, 3], [4, -1]])
    place = {row[0]: (row[2], row[3]) for row in rows}
    found.table[["x", "y"]] = [place[unit] for unit in found.table["unit_id"]]
    return SimpleNamespace(tables={"units": units(rows)}), found, rose()


def flame_meets(fire, x, y, radius, height):
    """Whether some level slice of a leaning flame, no higher than a tank, cuts the tank; x downwind."""
    z = np.linspace(0.0, min(height, fire.length * np.cos(fire.tilt)), 2000)
    return bool((np.hypot(z * np.tan(fire.tilt) - x, y) < 0.5 * fire.diameter + radius).any())


def test_loads_are_those_of_the_models():
    """Every load is the model's own at the nearest shell point, or of engulfment where the flame meets the tank."""
    park, found, wind = example()
    facility = facility_graph(park, found, wind)
    net = facility.network
    source = facility.sources["event_id"].tolist().index("A/rupture/pool_fire")
    checked, engulfed = 0, 0
    for weather, fire in enumerate((FIRE[CALM], FIRE[WINDY])):
        for sector in range(4):
            row = net.heat_row[source, weather * 4 + sector]
            loads = {} if row < 0 else _row(net, row)
            for target, (x, y, radius) in {1: (45.0, 0.0, 10.0), 2: (0.0, 45.0, 10.0), 3: (90.0, 90.0, 6.0)}.items():
                angle = np.arctan2(y, x) - sector * np.pi / 2.0
                load = float(fire.heat_flux(np.hypot(x, y) - radius, angle))
                away = np.hypot(x, y)
                if flame_meets(fire, away * np.cos(angle), away * np.sin(angle), radius, 2.0 * radius):
                    load, engulfed = max(load, 1e5), engulfed + 1
                least = 0.1 * net.heat_threshold[target]
                assert loads.get(target, 0.0) == pytest.approx(load if load >= least else 0.0, rel=1e-9)
                checked += load >= least
    assert checked > 8
    assert engulfed == 2  # the wind leans the flame over B or C
    assert net.heat_duration[net.heat_row[source, 0]] == 3600.0
    assert net.class_probability.sum(axis=1) == pytest.approx(1.0)


def _row(net, row):
    part = slice(net.heat_start[row], net.heat_start[row + 1])
    return dict(zip(net.heat_target[part].tolist(), net.heat_load[part].tolist(), strict=True))


def test_kernels_meet_arrays_of_one_kind():
    """Whatever tables hold and however winds are given: or every kernel would be compiled for each of both kinds."""
    park, found, wind = example()
    protection = dataclasses.replace(bare(4, time_to_failure_rule()), systems=("fire water",), system_fails=np.ones(1))
    protection.system_fails.flags.writeable = False
    given = facility_from_loads(units(ROWS), np.zeros((4, 4)), protection=protection)
    for network in (facility_graph(park, found, wind).network, given.network):
        assert all(array.flags.writeable and array.flags.c_contiguous for array in network)


def test_wind_carries_the_flame_to_the_downwind_tank():
    park, found, wind = example()
    net = facility_graph(park, found, wind).network
    east, north, west = (_row(net, net.heat_row[0, 4 + sector]) for sector in (0, 1, 2))
    assert east[1] > west[1]
    assert east[1] == pytest.approx(north[2], rel=1e-9)


def test_engulfed_is_the_chance_of_the_winds_that_lean_the_flame_over():
    park, found, wind = example()
    edges = facility_graph(park, found, wind).edges.set_index(["from_unit", "to_unit"])
    assert edges.loc[("A", "B"), "engulfed"] == pytest.approx(0.5 / 4)  # windy half of the time, one sector of four
    assert edges.loc[("A", "C"), "engulfed"] == pytest.approx(0.5 / 4)
    assert (edges["engulfed"] > 0.0).sum() == 2
    assert edges.loc[("A", "B"), "heat_load_kw_m2"] == 100.0


def bunds(a, b, c, flag="", gap=22.0):
    """Tanks so near that the pool at A would reach all of them; what bunds and flags leave of that."""
    rows = [(name, kind, x and gap, y and gap, *more) for name, kind, x, y, *more in ROWS[:3]]
    park, found, wind = example([*rows, ROWS[3]])
    park.tables["units"]["bund_id"] = [a, b, c, ""]
    found.table["flags"] = flag
    edges = facility_graph(park, found, wind).edges.set_index(["from_unit", "to_unit"])["engulfed"]
    return edges["A", "B"], edges["A", "C"]


def test_bunds_hold_pools_back():
    assert bunds("", "", "") == (1.0, 1.0)  # nothing is known of bunds: the circle counts
    assert bunds("one", "one", "one") == (1.0, 1.0)
    same, other = bunds("one", "one", "two")
    assert same == 1.0
    assert 0.0 < other < 1.0  # only if the flame leans towards it
    assert bunds("one", "one", "two", flag="large_pool pool_overflows_bund") == (1.0, 1.0)
    assert bunds("", "one", "two") == (1.0, 1.0)


def test_one_fire_loads_a_unit_once():
    """Units that share a bund stand in one fire: its load is no more than that of engulfment."""
    park, found, wind = example([(*row[:2], 0.2 * row[2], 0.2 * row[3], *row[4:]) for row in ROWS])
    park.tables["units"]["bund_id"] = "one"
    net = facility_graph(park, found, wind).network
    for row in range(net.heat_start.size - 1):
        target = net.heat_target[net.heat_start[row] : net.heat_start[row + 1]]
        assert (np.diff(target) > 0).all()
    assert net.heat_load.max() <= max(1e5, *(fire.emissive_power for fire in FIRE.values()), BALL.emissive_power)
    assert net.heat_load.max() >= 1e5


@pytest.mark.parametrize(("column", "value"), [("bund_id", "two"), ("height_m", 3.0), ("diameter_m", 8.0)])
def test_what_is_known_of_another_park_changes_nothing(column, value):
    park, found, wind = example()
    park.tables["units"] = park.tables["units"].assign(bund_id="one", height_m=15.0)
    before = facility_graph(park, found, wind)
    table = park.tables["units"].copy()
    table.loc[table["unit_id"] == "B", column] = value
    changed = SimpleNamespace(tables={"units": table})
    fresh, reused = facility_graph(changed, found, wind), facility_graph(changed, found, wind, earlier=before)
    for mine, theirs in zip(fresh.network, reused.network, strict=True):
        assert mine.tobytes() == theirs.tobytes()
    pd.testing.assert_frame_equal(fresh.edges, reused.edges)
    same = facility_graph(park, found, wind, earlier=before)
    pd.testing.assert_frame_equal(same.edges, before.edges)


def test_fireball_counts_from_its_own_threshold():
    near = [*ROWS, ("N", "atmospheric_tank", 100.0, 100.0, 2.0, 100.0)]
    park, found, wind = example(near)
    facility = facility_graph(park, found, wind)
    edges = facility.edges.set_index(["from_unit", "to_unit"])
    assert edges.loc[("S", "N"), "heat_load_kw_m2"] >= 100.0
    heated = facility.edges[(facility.edges["from_unit"] == "S") & (facility.edges["heat_load_kw_m2"] > 0.0)]
    assert heated["heat_load_kw_m2"].min() >= 100.0


def test_blast_edges_and_graph():
    park, found, wind = example()
    facility = facility_graph(park, found, wind)
    graph = facility.graph
    assert isinstance(graph, nx.DiGraph)
    assert graph.nodes["S"]["equipment_class"] == "pressurised"
    assert not any(graph.has_edge(unit, unit) for unit in graph)
    edge = graph.edges["A", "B"]
    assert edge["distance_m"] == pytest.approx(25.0)
    assert edge["heat_load_kw_m2"] > 1.5
    source = facility.sources["event_id"].tolist().index("S/rupture/explosion")
    assert (facility.network.blast_row[source, 4:] == -1).all()  # no such outcome in the second weather
    if facility.network.blast_row[source, 0] >= 0:
        assert graph.edges["S", "B"]["overpressure_kpa"] >= 22.0


def test_secondary_event_is_that_of_the_whole_content():
    park, found, wind = example()
    facility = facility_graph(park, found, wind)
    secondary = facility.units.set_index("unit_id")["secondary"]
    assert secondary["A"] == "A/rupture/pool_fire"
    assert secondary["S"] == "S/rupture/fireball"
    assert secondary["B"] == ""
    assert facility.network.secondary_blast.tolist() == [-1, -1, -1, -1]  # the cloud does not explode in a fire


def test_row_order_does_not_matter():
    park, found, wind = example()
    first = facility_graph(park, found, wind)
    turned = SimpleNamespace(tables={"units": park.tables["units"].iloc[::-1].reset_index(drop=True)})
    second = facility_graph(turned, found, wind)
    for mine, theirs in zip(first.network, second.network, strict=True):
        assert mine.tobytes() == theirs.tobytes()


def test_out_of_service_units_do_not_take_part():
    park, found, wind = example()
    table = park.tables["units"].copy()
    table.loc[table["unit_id"] == "B", "in_service"] = "no"
    facility = facility_graph(SimpleNamespace(tables={"units": table}), found, wind)
    assert facility.units["unit_id"].tolist() == ["A", "C", "S"]
    assert "B" not in facility.graph


def test_graphml(tmp_path):
    park, found, wind = example()
    facility = facility_graph(park, found, wind)
    facility.write_graphml(tmp_path / "park.graphml")
    again = nx.read_graphml(tmp_path / "park.graphml")
    assert set(again.edges) == set(facility.graph.edges)
    assert dict(again.nodes(data=True)) == dict(facility.graph.nodes(data=True))
    for edge in facility.graph.edges:
        assert again.edges[edge] == facility.graph.edges[edge]
    assert again.graph["flags"].split() == list(facility.flags)


def test_geojson(tmp_path):
    park, found, wind = example([(row[0], row[1], row[2] + 400_000.0, row[3] + 3_300_000.0, *row[4:]) for row in ROWS])
    park.tables["units"].loc[park.tables["units"]["unit_id"] == "C", "diameter_m"] = np.nan
    facility = facility_graph(park, found, wind)
    facility.write_geojson(tmp_path / "park.geojson", "EPSG:4549")
    text = (tmp_path / "park.geojson").read_text(encoding="utf-8")
    collection = json.loads(text)
    assert set(collection) == {"type", "features"}  # RFC 7946: no crs
    kinds = {each["properties"]["feature"]: [] for each in collection["features"]}
    for each in collection["features"]:
        kinds[each["properties"].pop("feature")].append(each)
    assert [each["properties"] for each in kinds["unit"]] == facility.units.to_dict("records")
    assert [each["properties"] for each in kinds["edge"]] == facility.edges.to_dict("records")
    shapes = {each["properties"]["unit_id"]: each["geometry"] for each in kinds["unit"]}
    assert {name: shape["type"] for name, shape in shapes.items()} == {
        **dict.fromkeys("ABS", "Polygon"),
        "C": "Point",
    }
    globe = pyproj.Geod(ellps="WGS84")
    area, _ = globe.geometry_area_perimeter(shapely.from_geojson(json.dumps(shapes["A"])))
    assert area == pytest.approx(np.pi * 10.0**2, rel=0.01)  # anticlockwise, since positive
    for each in kinds["edge"]:
        assert each["geometry"]["type"] == "LineString"
        length = globe.geometry_length(shapely.from_geojson(json.dumps(each["geometry"])))
        radii = facility.units.set_index("unit_id")["radius_m"]
        own = each["properties"]
        expected = own["distance_m"] + radii[own["from_unit"]] + radii[own["to_unit"]]
        assert length == pytest.approx(expected, rel=1e-3, abs=0.05)


def test_no_events_no_edges(tmp_path):
    park, found, wind = example()
    none = Events(found.table.iloc[:0], (), np.zeros((0, 2), np.int32), pd.DataFrame())
    facility = facility_graph(park, none, wind)
    assert facility.edges.empty
    assert len(facility.graph) == 4
    facility.write_geojson(tmp_path / "park.geojson", "EPSG:4549")
    assert len(json.loads((tmp_path / "park.geojson").read_text(encoding="utf-8"))["features"]) == 4


def test_load_matrix():
    table = units(ROWS)
    loads = np.arange(16.0).reshape(4, 4) * (1.0 - np.eye(4))
    facility = facility_from_loads(table.iloc[::-1], loads[::-1, ::-1])
    edges = facility.edges.set_index(["from_unit", "to_unit"])["heat_load_kw_m2"]
    assert edges["A", "S"] == 3.0
    assert edges["S", "C"] == 14.0
    assert ("B", "B") not in edges
    assert facility.notes == ()


def test_blast_and_fragments_as_matrices():
    blast, fragments = np.zeros((4, 4)), np.zeros((4, 4))
    blast[3, 0], blast[3, 1] = 30.0, 21.0
    fragments[3, 1], fragments[3, 2], fragments[1, 0] = 0.1, 0.2, 0.3
    given = {"overpressure_kpa": blast[::-1, ::-1], "fragment_probability": fragments[::-1, ::-1]}
    net = facility_from_loads(units(ROWS).iloc[::-1], np.zeros((4, 4)), **given).network
    assert net.blast_row[:, 0].tolist() == [-1, -1, -1, 0]
    assert net.blast_target.tolist() == [0, 1]
    assert net.blast_probability[0] == pytest.approx(float(blast_failure_probability(30e3, "atmospheric")))
    assert net.blast_probability[1] == 0.0  # below the threshold of a tank
    assert net.secondary_blast.tolist() == [0, 1, 2, 3]
    thrown = {
        (source, int(net.fragment_target[at])): float(net.fragment_probability[at])
        for source, row in enumerate(net.fragment_row.tolist())
        if row >= 0
        for at in range(net.fragment_start[row], net.fragment_start[row + 1])
    }
    assert thrown == {(1, 0): 0.3, (3, 1): 0.1, (3, 2): 0.2}


def faults(**given):
    """Code, table, row and column of what is wrong with given loads."""
    table = given.pop("table", units(ROWS))
    with pytest.raises(InputProblems) as caught:
        facility_from_loads(table, given.pop("heat", np.zeros((4, 4))), **given)
    for each in caught.value.problems:
        assert each.severity == "error"
        assert each.message_zh
        assert each.message_en != each.message_zh
    return [(each.code, each.table, each.row, each.column) for each in caught.value.problems], caught.value.problems


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (-1.0, "load_negative"),
        (np.nan, "load_not_finite"),
        (np.inf, "load_not_finite"),
        (6024.0, "load_above_flame"),
    ],
)
def test_bad_load_matrix(bad, code):
    heat = np.zeros((4, 4))
    heat[1, 3] = bad
    found, (fault,) = faults(heat=heat)
    assert found == [(code, "heat_load_kw_m2", 2, "S")]
    for message in (fault.message_zh, fault.message_en):
        assert "B" in message
        assert "S" in message


def test_every_fault_of_given_loads_at_once():
    more = [("B2", "pump", 45.0, 0.0, 1.0, 1.0), ("K", "teapot", 90.0, 90.0, 1.0, 1.0)]
    heat, blast, fragments = np.zeros((6, 6)), np.zeros((6, 6)), np.zeros((6, 6))
    heat[0, 0], heat[1, 2], heat[1, 3], heat[2, 1] = 5.0, -1.0, -2.0, 60.0
    blast[0, 1], fragments[3, 0], fragments[3, 1] = np.nan, 1.5, -0.5
    found, problems = faults(
        table=units([*ROWS, *more]),
        heat=heat,
        overpressure_kpa=blast,
        fragment_probability=fragments,
        emissive_power_kw_m2=[np.nan, np.nan, 50.0, np.nan, np.nan, -1.0],
        frequency=[0.0, 0.0, -1.0, 0.0, np.nan, 0.0],
        duration=[0.0, *[100.0] * 5],
    )
    assert set(found) == {
        ("self_loop", "heat_load_kw_m2", 1, "A"),
        ("load_negative", "heat_load_kw_m2", 2, "C"),
        ("load_above_flame", "heat_load_kw_m2", 3, "B"),
        ("load_not_finite", "overpressure_kpa", 1, "B"),
        ("load_too_high", "fragment_probability", 4, "A"),
        ("load_negative", "fragment_probability", 4, "B"),
        ("value_of_unit", "emissive_power_kw_m2", 6, ""),
        ("value_of_unit", "frequency", 3, ""),
        ("value_of_unit", "frequency", 5, ""),
        ("value_of_unit", "duration", 1, ""),
        ("no_class", "units", 6, "kind"),
        ("units_coincide", "units", 2, "x"),
        ("units_coincide", "units", 4, "x"),
    }
    words = {(each.code, each.table, each.row): each for each in problems}
    assert "C, S" in words["load_negative", "heat_load_kw_m2", 2].message_zh
    assert "B, B2" in words["units_coincide", "units", 2].message_en


def test_shapes_and_ids_of_given_loads():
    found, _ = faults(heat=np.ones((3, 3)), overpressure_kpa=np.ones(4), frequency=[1.0, 2.0])
    assert found == [("matrix_shape", name, None, "") for name in ("frequency", "heat_load_kw_m2", "overpressure_kpa")]
    table = units([*ROWS[:3], ("A", "pump", 9.0, 9.0, 1.0, 1.0)])
    table.loc[1, "x"] = np.nan
    assert faults(table=table)[0] == [("not_finite", "units", 2, "x"), ("duplicate_id", "units", 4, "unit_id")]


def test_a_facility_in_which_nothing_starts():
    assert faults(frequency=0.0)[0] == [("never_starts", "frequency", None, "")]
    idle = units(ROWS).assign(in_service=["yes", "no", "yes", "yes"])
    assert faults(table=idle, frequency=[0.0, 1.0, 0.0, 0.0])[0] == [("never_starts", "frequency", None, "")]


def test_units_apart_and_idle_primaries_are_noted():
    heat = np.zeros((4, 4))
    heat[0, 1] = 20.0
    isolated, idle = facility_from_loads(units(ROWS), heat, frequency=[1e-4, 0.0, 1e-4, 1e-4]).notes
    assert (isolated.code, isolated.severity, isolated.found) == ("isolated_units", "warning", "C, S")
    assert (idle.code, idle.found) == ("primaries_never", "B")
    thrown = np.zeros((4, 4))
    thrown[3, 2] = 0.1
    assert facility_from_loads(units(ROWS), heat, fragment_probability=thrown).notes == ()


def test_unknown_kind():
    with pytest.raises(OutOfRange, match="teapot"):
        equipment_class("teapot")


def test_missing_columns_take_defaults():
    table = units(ROWS).drop(columns=["diameter_m", "volume_m3", "in_service"])
    found = unit_table(table)
    assert found["radius_m"].tolist() == [0.0] * 4
    assert (found["volume_m3"] > 0.0).all()


def test_sizes_that_are_not_known_are_told():
    park, found, wind = example()
    assert "size_unknown" not in facility_graph(park, found, wind).flags
    for column in ("diameter_m", "volume_m3"):
        park.tables["units"].loc[0, column] = np.nan
        facility = facility_graph(park, found, wind)
        assert "size_unknown" in facility.flags
        assert facility.units["size_known"].tolist() == [False, True, True, True]
    pump = units(ROWS).assign(kind="pump", diameter_m=np.nan)
    assert unit_table(pump)["size_known"].all()  # of small equipment nobody asks the size


class _Hotter:
    """A model that forgets its own flame."""

    emissive_power = 50_000.0
    duration = 100.0

    def heat_flux(self, distance, angle):
        return 6.0e9 / np.maximum(distance, 0.1) ** 2


class _Broken(_Hotter):
    def heat_flux(self, distance, angle):
        return np.full(distance.shape, np.nan)


def test_loads_never_exceed_the_emissive_power():
    """Coincident units once gave thousands of kW/m²."""
    none, bund = np.zeros(3), np.full(3, -1)
    places = Places(np.zeros((1, 2)), np.array([0]), np.zeros((3, 2)), none, none, bund, np.ones(1, bool), 8)
    rows = outcome_rows(places, [_Hotter()], np.zeros((1, 1), np.int32), "heat_flux", lambda _: np.full(3, 1500.0))
    assert rows.load.tolist() == [50_000.0, 50_000.0]
    assert rows.row.max() == 0  # the same in every direction: stored once
    with pytest.raises(OutOfRange):
        outcome_rows(places, [_Broken()], np.zeros((1, 1), np.int32), "heat_flux", lambda _: np.full(3, 1500.0))


def test_reach_covers_the_load():
    fire = FIRE[WINDY]
    far = reach(fire, 5000.0, "heat_flux")
    angle = np.linspace(0.0, np.pi, 50)
    assert (fire.heat_flux(np.full(50, far), angle) < 5000.0).all()
    assert reach(fire, 1e9, "heat_flux") == 0.0
