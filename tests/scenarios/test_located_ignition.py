import dataclasses
import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import shapely

from parkrisk.models.errors import OutOfRange, ParkRiskError
from parkrisk.models.footprint import PolarGrid
from parkrisk.models.vulnerability.people import BLAST
from parkrisk.risk.assess import assess
from parkrisk.scenarios import schema
from parkrisk.scenarios.events.clouds import Clouds, cloud_of, releases_of
from parkrisk.scenarios.events.directions import expected_frequency, sector_chance
from parkrisk.scenarios.events.expand import with_secondary
from parkrisk.scenarios.facility.escalation import facility_graph
from parkrisk.scenarios.ignition.event_tree import ignition_within_minute
from parkrisk.scenarios.ignition.kernels import crossings, ignition_chances
from parkrisk.scenarios.ignition.keys import ignition_keys
from parkrisk.scenarios.ignition.located import ignite, locate_ignition
from parkrisk.scenarios.ignition.sources import ignition_sources
from parkrisk.scenarios.receptors import wind_rose
from tests import minimal_park

N = 72
WIDTH = 2.0 * math.pi / N
GRID = PolarGrid(n_rings=48, n_bins=N, r_min=5.0)
WEDGE = ([0.0, 100.0], [0.0, 100.0 * math.tan(0.3)])  # inside within 0.3 rad of the axis, up to 100 m downwind
HALF_PLANE = ([0.0, 1e6], [1e6, 1e6])


def chances(points, outline, *, p=0.4, n_classes=1, time=60.0, day=(1.0,), laws=None):
    """Chances of one cloud; points are (radius, angle) and ignite it within a minute with the probability ``p``."""
    points = np.array(points, float).reshape(-1, 2)
    points = points[np.argsort(points[:, 0], kind="stable")]
    x, edge = (np.array(each) for each in outline)
    if laws is None:
        rate = np.broadcast_to(
            [-math.log1p(-each) / 60.0 if each < 1 else math.inf for each in np.atleast_1d(p)], len(points)
        )
        laws = np.stack([np.ones(len(points)), rate, rate, np.ones(len(points)), np.zeros(len(points))], axis=1)
    owner = np.zeros(len(points), np.int64) if len(laws) == 1 else np.arange(len(points))
    out = np.zeros((1, 1 + n_classes, N))
    ignition_chances(
        points[:, 0].copy(),
        points[:, 1].copy(),
        owner,
        np.array(laws, float),
        np.array([0, x.size]),
        x,
        edge,
        np.array([time]),
        np.array([np.hypot(x, edge).max()]),
        np.array([n_classes]),
        np.array([day], float),
        out,
    )
    return out[0]


def covered(low, high):
    """Share of each bin between two angles."""
    begin = np.arange(N) * WIDTH
    out = np.zeros(N)
    for turn in (-2.0 * math.pi, 0.0, 2.0 * math.pi):
        out += np.clip(np.minimum(begin + WIDTH, high + turn) - np.maximum(begin, low + turn), 0.0, None) / WIDTH
    return out


@pytest.mark.kernel
@pytest.mark.parametrize("theta", [0.0, 1.234, -3.0, 6.2])
def test_one_source_exactly(theta):
    """It is inside while the drift is within 0.3 rad, or within a right angle, of it; bins hold that share."""
    assert chances([(50.0, theta)], WEDGE)[0] == pytest.approx(0.4 * covered(theta - 0.3, theta + 0.3), abs=1e-12)
    found = chances([(50.0, theta)], HALF_PLANE)[0]
    assert found == pytest.approx(0.4 * covered(theta - math.pi / 2.0, theta + math.pi / 2.0), abs=1e-12)


@pytest.mark.kernel
def test_disc_by_the_law_of_cosines():
    turn = np.linspace(-math.pi / 2.0, math.pi / 2.0, 4001)
    disc = (40.0 + 25.0 * np.sin(turn), 25.0 * np.cos(turn))
    half = math.acos((30.0**2 + 40.0**2 - 25.0**2) / (2.0 * 30.0 * 40.0))
    found = chances([(30.0, 2.0)], disc)[0]
    assert found == pytest.approx(0.4 * covered(2.0 - half, 2.0 + half), abs=1e-5)


@pytest.mark.kernel
def test_a_ring_that_leaves_and_enters_again():
    """A waist: inside near the axis and again far from it, not between."""
    angle = np.zeros(40)
    x, edge = np.array([0.0, 10.0, 20.0, 30.0]), np.array([8.0, 1.0, 1.0, 8.0])
    n = crossings(7.0, x, edge, angle)
    inside = [shapely.Polygon([*zip(x, edge, strict=True), *zip(x[::-1], -edge[::-1], strict=True)])]
    for ends in zip(angle[0:n:2], angle[1:n:2], strict=True):
        for at in np.linspace(ends[0] + 1e-9, ends[1] - 1e-9, 7):
            assert shapely.contains_xy(inside[0], 7.0 * math.cos(at), 7.0 * math.sin(at))
    assert n == 4


@pytest.mark.kernel
def test_two_sources_are_independent():
    """Even within a bin that both enter in part: what is averaged is the chance, not its factors."""
    both = chances([(50.0, 1.0), (60.0, 1.02)], WEDGE, p=[0.4, 0.9])[0]
    one, other = covered(0.7, 1.3), covered(0.72, 1.32)
    common = covered(0.72, 1.3)
    assert both == pytest.approx(0.4 * (one - common) + 0.9 * (other - common) + 0.94 * common, abs=1e-12)
    far = chances([(50.0, 1.0), (60.0, 4.0)], WEDGE, p=[0.4, 0.9])[0]
    assert far == pytest.approx(0.4 * one + 0.9 * covered(3.7, 4.3), abs=1e-12)


@pytest.mark.kernel
def test_source_at_the_edge():
    tip = math.hypot(100.0, WEDGE[1][1])
    assert chances([(tip * (1.0 + 1e-12), 1.0)], WEDGE)[0].max() == 0.0
    assert chances([(tip, 1.0)], WEDGE)[0].max() < 1e-6
    # between the far end and its corners, the ring is inside near the corners only
    radius = 0.5 * (100.0 + tip)
    outer, inner = 0.3, math.acos(100.0 / radius)
    sides = covered(1.0 + inner, 1.0 + outer) + covered(1.0 - outer, 1.0 - inner)
    assert chances([(radius, 1.0)], WEDGE)[0] == pytest.approx(0.4 * sides, abs=1e-12)
    assert chances([(0.0, 1.0)], WEDGE)[0] == pytest.approx(0.4)  # at the release itself, whatever the wind
    assert chances([(0.0, 1.0)], ([1.0, 2.0], [1.0, 1.0]))[0].max() == 0.0


@pytest.mark.kernel
def test_exposure_presence_and_certainty():
    for time in (0.0, 30.0, 60.0, 600.0):
        assert chances([(50.0, 0.0)], WEDGE, time=time)[0, 0] == pytest.approx(1.0 - 0.6 ** (time / 60.0))
    law = [1.0, 0.01, 0.01, 0.0, 0.0]
    assert chances([(50.0, 0.0)], WEDGE, laws=[law])[0].max() == 0.0
    law[3] = 0.3
    assert chances([(50.0, 0.0)], WEDGE, laws=[law], time=1e9)[0, 0] == pytest.approx(0.3)
    assert chances([(50.0, 0.0)], WEDGE, p=1.0)[0, 0] == 1.0
    assert chances([(50.0, 0.0)], WEDGE, p=0.0)[0].max() == 0.0


@pytest.mark.kernel
def test_day_and_night():
    law = [1.0, 0.01, 0.0, 1.0, 0.0]
    found = chances([(50.0, 0.0)], HALF_PLANE, laws=[law], day=(1.0, 0.25, 0.0, 0.5))[0]
    p = -math.expm1(-0.6)
    assert found[[0, 17]] == pytest.approx(p)
    assert found[18:54] == pytest.approx(0.0)
    assert found[[54, 71]] == pytest.approx(0.5 * p)


@pytest.mark.kernel
def test_lines_and_traffic():
    """All pieces inside: a power line by its length; d vehicles on the road as note 1 of Table G.5 has it."""
    pieces = [(40.0 + k, 0.001 * k) for k in range(10)]
    rate = -math.log(0.8) / 60.0
    power = chances(pieces, WEDGE, laws=[[0.5, rate, rate, 1.0, 0.0]])[0]
    assert power[0] == pytest.approx(1.0 - 0.8**5)
    for density, expected in ((0.05, 0.5 * (1.0 - math.exp(-1.2))), (0.2, 1.0 - math.exp(-2.0 * 1.2))):
        traffic = chances(pieces, WEDGE, laws=[[1.0, 0.02, 0.02, 1.0, density]])[0]
        assert traffic[0] == pytest.approx(expected)
    # half of the pieces inside
    some = chances([*pieces[:5], *((200.0 + k, 0.0) for k in range(5))], WEDGE, laws=[[1.0, 0.02, 0.02, 1.0, 0.1]])[0]
    assert some[0] == pytest.approx(0.5 * (1.0 - math.exp(-1.2)))


@pytest.mark.kernel
def test_nearer_sources_come_first():
    """Classes of 100/6 m and so on: what ignites first leaves nothing to those behind it, and all add up."""
    found = chances([(10.0, 0.0), (50.0, 0.0), (90.0, 0.0)], WEDGE, p=[0.4, 0.5, 0.9], n_classes=6)
    assert found[1:, 0] == pytest.approx([0.4, 0.0, 0.3, 0.0, 0.0, 0.27])
    assert found[1:].sum(axis=0) == pytest.approx(found[0], abs=1e-15)


def test_sampled_directions_agree():
    """Sources at random about an outline of any shape, against polygons that are turned step by step."""
    draws = np.random.default_rng(3)
    x = np.sort(draws.uniform(-20.0, 120.0, 12))
    edge = draws.uniform(0.0, 40.0, 12)
    points = np.column_stack([draws.uniform(1.0, 130.0, 15), draws.uniform(0.0, 2.0 * math.pi, 15)])
    points = points[np.argsort(points[:, 0])]
    p = draws.uniform(0.0, 0.9, 15)
    found = chances(points, (x, edge), p=p)[0]
    shape = shapely.Polygon([*zip(x, edge, strict=True), *zip(x[::-1], -edge[::-1], strict=True)])
    steps = 200
    phi = (np.arange(N * steps) + 0.5) * WIDTH / steps
    left = np.ones(phi.size)
    for (radius, theta), each in zip(points, p, strict=True):
        left *= 1.0 - each * shapely.contains_xy(shape, radius * np.cos(theta - phi), radius * np.sin(theta - phi))
    assert found == pytest.approx(1.0 - left.reshape(N, steps).mean(axis=1), abs=0.02)
    assert found.mean() == pytest.approx(1.0 - left.mean(), abs=2e-4)


def test_order_and_rotation():
    draws = np.random.default_rng(4)
    points = np.column_stack([draws.uniform(1.0, 100.0, 30), draws.uniform(0.0, 2.0 * math.pi, 30)])
    found = chances(points, WEDGE, n_classes=6)
    assert np.array_equal(chances(points[::-1], WEDGE, n_classes=6), found)
    turned = chances(points + np.array([0.0, 2.0 * math.pi / 8.0]), WEDGE, n_classes=6)
    assert turned == pytest.approx(np.roll(found, N // 8, axis=1), abs=1e-11)


def test_certain_sources_everywhere_are_the_free_field():
    r, theta = np.meshgrid(np.linspace(2.0, 100.0, 20), np.linspace(0.0, 2.0 * math.pi, 40))
    found = chances(np.column_stack([r.ravel(), theta.ravel()]), WEDGE, p=1.0, n_classes=6)
    assert np.all(found[0] == 1.0)
    assert found[1] == pytest.approx(1.0)


# Parks


def around(events=None, **tables):
    """The minimal park with other tables, its events and its rose."""
    park = minimal_park.park()
    frames = {**{name: park.tables[name] for name in park.tables}, **tables}
    found = SimpleNamespace(tables=frames, info=park.info)
    return (minimal_park.events() if events is None else events), found, wind_rose(park)


def sources(*rows):
    """An ignition table; a row is (kind, x, y) and what else differs from a point that is always there."""
    columns = list(schema.table("ignition").columns)
    table = pd.DataFrame(columns=columns)
    for number, (kind, x, y, *rest) in enumerate(rows):
        cells = {"source_id": f"s{number}", "kind": kind, "x": x, "y": y, "presence": 1.0, "note": ""}
        table.loc[number] = {name: {**cells, **(rest[0] if rest else {})}.get(name, np.nan) for name in columns}
    numbers = [name for name in columns if name not in ("source_id", "kind", "note")]
    return table.astype(dict.fromkeys(numbers, float))


def empty_of_people():
    park = minimal_park.park()
    return {
        "population": park.tables["population"].iloc[:0],
        "enterprises": park.tables["enterprises"].assign(staff_day=0.0, staff_night=0.0),
    }


def later(events):
    return events.table["outcome"].isin(["flash_fire", "explosion"]).to_numpy()


def located(*rows, people=False, shuffle=None):
    events, park, rose = around(ignition=sources(*rows), **({} if people else empty_of_people()))
    return locate_ignition(events, park, rose, GRID), rose


def unit_place(unit_id):
    return tuple(minimal_park.park().tables["units"].set_index("unit_id").loc[unit_id, ["x", "y"]])


def far_cloud():
    """A flammable event whose cloud reaches farther than any other: its unit, and the farthest point. [m]"""
    events = minimal_park.events()
    clouds = Clouds(events)
    best = max(releases_of(events.table), key=lambda each: (each.explosion >= 0, clouds.reach([each])))
    return events.table["unit_id"].iloc[best.flash], clouds.reach([best])


def test_frequencies_stay_and_classes_add_up():
    unit, reach = far_cloud()
    x, y = unit_place(unit)
    found, _ = located(*(("motor_vehicle", x + share * reach, y + 5.0) for share in (0.05, 0.2, 0.4, 0.6)))
    before = minimal_park.events().table.set_index("event_id")["frequency"]
    table = found.table
    origin = table["event_id"].str.split("@").str[0]
    assert np.array_equal(table["frequency"], before[origin])
    assert len(found.directions) == len({each.tobytes() for each in found.directions})
    number = {event: row for row, event in enumerate(table["event_id"])}
    blasts = table[table["outcome"] == "explosion"]
    assert len(blasts) > 1
    for release in {event.split("/explosion")[0] for event in blasts["event_id"]}:
        rows = [row for event, row in number.items() if event.startswith(f"{release}/explosion@")]
        whole = found.direction_index[number[f"{release}/flash_fire"]]
        for weather in np.flatnonzero((found.outcome_index[rows] >= 0).any(axis=0)):
            parts = sum(found.directions[found.direction_index[row, weather]] for row in rows)
            assert parts == pytest.approx(found.directions[whole[weather]], abs=1e-15)
    assert "ignition_located" in table.loc[later(found), "flags"].iloc[0]
    assert "G.5" in table.loc[later(found), "source"].iloc[0]


def test_what_meets_nothing_is_said():
    found, rose = located(("open_flame", 1e7, 1e7))
    gone = found.dropped[found.dropped["reason"] == "not_ignited"]
    assert len(gone) == later(minimal_park.events()).sum()
    assert gone["frequency"].gt(0.0).all()
    assert gone["message_zh"].ne("").all()
    kept = found.table[later(found)]
    assert kept["frequency"].eq(0.0).all()  # what a cascade may still bring about
    assert np.array_equal(expected_frequency(found, rose)[~later(found)], found.table["frequency"][~later(found)])


def test_no_ignition_sources_is_no_zero():
    events, park, rose = around(ignition=sources())
    found = locate_ignition(events, park, rose, GRID)
    assert found.direction_index is None
    assert np.array_equal(found.table["frequency"], events.table["frequency"])
    assert found.table.loc[later(found), "flags"].str.contains("ignition_sources_missing").all()
    assert len(set(ignition_keys(events, park).values())) == 1


def test_the_setting():
    events, park, rose = around()
    assert ignite(events, park, rose, GRID, "free_field") is events
    assert ignite(events, park, rose, GRID, "located").direction_index is not None
    with pytest.raises(OutOfRange):
        ignite(events, park, rose, GRID, "nearest")


def test_bins_hold_the_wind_direction():
    """A source to the north ignites what drifts north: half a sector is what the frame is turned by."""
    unit, reach = far_cloud()
    x, y = unit_place(unit)
    found, rose = located(("open_flame", x, y + 0.8 * reach))
    chance = sector_chance(found, rose.n_sectors)
    rows = ((found.table["unit_id"] == unit) & (found.table["outcome"] == "flash_fire")).to_numpy()
    north = rose.n_sectors // 4
    assert chance[rows][:, :, north].max() > 0.0
    south = chance[rows][:, :, north + rose.n_sectors // 2]
    assert south.max() == 0.0
    east = chance[rows][:, :, [(north - 1) % rose.n_sectors, (north + 1) % rose.n_sectors]]
    assert east[:, :, 0] == pytest.approx(east[:, :, 1], abs=1e-11)


def test_explosions_stand_where_the_cloud_is_met():
    """In the middle of the class of the source, not of the cloud; its circles move along."""
    unit, reach = far_cloud()
    x, y = unit_place(unit)
    away = 0.45 * reach
    found, _ = located(("open_flame", x + away, y))
    grid, seen = PolarGrid(n_rings=400), 0
    number = {event: row for row, event in enumerate(found.table["event_id"])}
    for event, row in number.items():
        if not event.startswith(f"{unit}/") or "/explosion@" not in event:
            continue
        fire = number[event.split("/explosion@")[0] + "/flash_fire"]
        for weather in np.flatnonzero(found.outcome_index[row] >= 0):
            blast = found.outcomes[found.outcome_index[row, weather]]
            cloud = cloud_of(found.outcomes[found.outcome_index[fire, weather]])
            width = cloud.farthest / cloud.n_classes
            assert blast.centre_distance == pytest.approx((math.floor(away / width) + 0.5) * width)
            assert event.endswith(f"@{math.floor(away / width) + 1}")
            rings = grid.radius[blast.footprint(grid).count > 0]
            if rings.size:
                assert rings[-1] == pytest.approx(
                    blast.centre_distance + blast.radius(BLAST.indoor_threshold), rel=0.03
                )
                seen += 1
    assert seen > 0


def test_row_order_and_people():
    unit, reach = far_cloud()
    x, y = unit_place(unit)
    rows = [("motor_vehicle", x + 0.1 * k * reach, y + k) for k in range(1, 6)]
    first, _ = located(*rows, people=True)
    second, _ = located(*rows[::-1], people=True)
    pd.testing.assert_frame_equal(first.table, second.table)
    assert np.array_equal(first.direction_index, second.direction_index)
    assert all(np.array_equal(a, b) for a, b in zip(first.directions, second.directions, strict=True))
    alone, rose = located(*rows)
    more = expected_frequency(first, rose)[later(first)].sum()
    assert more > expected_frequency(alone, rose)[later(alone)].sum()


def test_events_in_another_order():
    events, park, rose = around()
    turned = np.arange(len(events.table))[::-1]
    other = type(events)(
        events.table.iloc[turned].reset_index(drop=True), events.outcomes, events.outcome_index[turned], events.dropped
    )
    first, second = (locate_ignition(each, park, rose, GRID) for each in (events, other))
    pd.testing.assert_frame_equal(first.table, second.table)
    assert np.array_equal(first.outcome_index, second.outcome_index)
    assert first.outcomes == second.outcomes
    assert np.array_equal(first.direction_index, second.direction_index)


def test_keys_tell_whom_a_source_touches():
    unit, reach = far_cloud()
    x, y = unit_place(unit)
    events, park, _ = around(ignition=sources(("open_flame", 1e7, 1e7)))
    base = ignition_keys(events, park)
    clouds = Clouds(events)
    near = sources(("open_flame", 1e7, 1e7), ("outdoor_furnace", x + 0.9 * reach, y))
    touched = ignition_keys(events, around(ignition=near)[1])
    place = events.table.drop_duplicates("unit_id").set_index("unit_id")[["x", "y"]]
    for each, key in touched.items():
        own = [one for one in releases_of(events.table) if events.table["unit_id"].iloc[one.flash] == each]
        apart = math.hypot(place.loc[each, "x"] - x - 0.9 * reach, place.loc[each, "y"] - y)
        assert (key != base[each]) == (apart <= clouds.reach(own))
    assert touched[unit] != base[unit]
    far = sources(("open_flame", -1e7, 1e7))
    assert ignition_keys(events, around(ignition=far)[1]) == base


def test_cascades_count_the_wind():
    """Sources of a facility have the frequency with which they come about; what fails in a cascade burns for sure."""
    unit, reach = far_cloud()
    x, y = unit_place(unit)
    found, rose = located(("motor_vehicle", x + 0.05 * reach, y))
    _, park, _ = around()
    facility = facility_graph(park, found, rose)
    often = pd.Series(expected_frequency(found, rose), index=found.table["event_id"])
    assert facility.sources["frequency"].to_numpy() == pytest.approx(often[facility.sources["event_id"]].to_numpy())
    probability = facility.network.class_probability
    assert probability.sum(axis=1) == pytest.approx(1.0)
    chance = sector_chance(found, rose.n_sectors)
    row = int(np.flatnonzero(chance.reshape(len(chance), -1).min(axis=1) < 1.0)[0])
    at = np.flatnonzero(facility.sources["event_id"] == found.table["event_id"].iloc[row])
    blocked = chance[row].ravel() == 0.0
    assert probability[at][:, blocked].max(initial=0.0) == 0.0
    secondary = pd.DataFrame({"event_id": [found.table["event_id"].iloc[row]], "frequency": [1e-6]})
    both = with_secondary(found, secondary)
    assert (both.direction_index[-1] == -1).all()


def test_sources_of_a_park():
    table = sources(
        ("motor_vehicle", 0.0, 0.0, {"length_m": 100.0, "azimuth_deg": 90.0, "vehicles_per_km": 20.0}),
        ("power_line", 10.0, 0.0, {"length_m": 250.0, "azimuth_deg": 0.0}),
        ("electric_locomotive", 0.0, 5.0, {"length_m": 40.0, "azimuth_deg": 45.0, "presence": 0.2}),
        ("indoor_boiler", 1.0, 2.0, {"probability_1min": 0.5, "presence": 0.9}),
    )
    _, park, _ = around(ignition=table, **empty_of_people())
    found = ignition_sources(park)
    assert np.bincount(found.owner).tolist() == [10, 25, 4, 1]
    assert found.x[:10] == pytest.approx(np.arange(-45.0, 50.0, 10.0))
    assert found.y[10:35] == pytest.approx(np.arange(-120.0, 125.0, 10.0))
    assert (found.measure * [10, 25, 4, 1]).tolist() == [100.0, 2.5, 40.0, 1.0]
    assert found.density == pytest.approx([0.02, 0.0, 0.2 / 40.0, 0.0])
    assert found.presence.tolist() == [1.0, 1.0, 1.0, 0.9]
    assert found.rate[0] == pytest.approx(-np.log1p(-np.array([0.4, 0.2, 0.8, 0.5])) / 60.0)


def test_people_by_day_and_night():
    _, park, _ = around(ignition=sources(("open_flame", 0.0, 0.0)))
    found = ignition_sources(park)
    staff, cells = park.tables["enterprises"], park.tables["population"]
    one = -math.log1p(-0.01) / 60.0
    for period, name in enumerate(("day", "night")):
        housed = staff.loc[staff["enterprise_id"].isin(park.tables["units"]["enterprise_id"]), f"staff_{name}"]
        assert found.rate[period, 1:].sum() / one == pytest.approx(cells[name].sum() + housed.sum())


def test_bad_input():
    table = sources(("power_line", 0.0, 0.0, {"length_m": 10.0}), ("ship", 0.0, 0.0, {"vehicles_per_km": 3.0}))
    events, park, rose = around(ignition=table)
    with pytest.raises(OutOfRange, match=r"s0.*s1"):
        locate_ignition(events, park, rose, GRID)
    with pytest.raises(OutOfRange):
        ignition_within_minute("lightning")
    events, park, rose = around()
    with pytest.raises(OutOfRange):
        locate_ignition(events, park, rose, PolarGrid(n_bins=70))
    lonely = events.table[events.table["outcome"] == "explosion"]
    alone = type(events)(lonely, events.outcomes, events.outcome_index[lonely.index], events.dropped)
    with pytest.raises(ParkRiskError):
        locate_ignition(alone, park, rose, GRID)


def test_exposure():
    """A release exposes for as long as it lasts; a cloud that stays over its pool for an hour."""
    events = minimal_park.events()
    fires = events.table["outcome"] == "flash_fire"
    for outcome in {int(each) for each in events.outcome_index[fires].ravel() if each >= 0}:
        cloud = cloud_of(events.outcomes[outcome])
        flash = getattr(events.outcomes[outcome], "flash", events.outcomes[outcome])
        if hasattr(flash, "cloud"):
            assert cloud.time == flash.source.duration or flash.source.duration == 0.0
        else:
            assert cloud.time == 3600.0
            assert cloud.farthest == pytest.approx(0.5 * flash.diameter)
        assert cloud.time > 0.0


def test_an_assessment_says_which():
    chosen = dataclasses.replace(minimal_park.COARSE, delayed_ignition="located", domino_histories=10)
    table = assess(minimal_park.park(), settings=chosen).assumptions.set_index("code")
    assert "Table G.5" in table.loc["ignition", "text_en"]
    assert "unused:ignition" not in table.index
    assert table.loc["ignition_located", "count"] > 0
    usual = minimal_park.coarse().assumptions.set_index("code")
    assert "free field" in usual.loc["ignition", "text_en"]
    with pytest.raises(OutOfRange):
        assess(minimal_park.park(), settings=dataclasses.replace(chosen, delayed_ignition="elsewhere"))
