"""Fragments as escalation vectors: who throws, who is hit, and by how much."""

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.blast.fragments import vessel_fragments
from parkrisk.models.blast.vessel_burst import gas_burst
from parkrisk.models.constants import constants
from parkrisk.models.fire.fireball import Fireball
from parkrisk.models.vulnerability.penetration import perforation_energy
from parkrisk.scenarios.events.bursts import BurstThenFire
from parkrisk.scenarios.events.expand import Events
from parkrisk.scenarios.facility.escalation import facility_graph
from parkrisk.scenarios.facility.fragments import FLAGS, NEGLIGIBLE
from parkrisk.scenarios.receptors import WindRose

BURST = gas_burst(1.1e6, 100.0, molar_mass=0.029, temperature=288.0)
BALL = Fireball(5_000.0, 4.6e7, 1.5e6)
MASS = 1200.0
UNITS = pd.DataFrame(
    [
        ("B", "pressure_vessel", 0.0, 0.0, 4.0, 100.0, math.nan),
        ("A", "atmospheric_tank", 40.0, 0.0, 20.0, 3000.0, 12.0),
        ("C", "atmospheric_tank", 0.0, -90.0, 20.0, 3000.0, 12.0),
        ("D", "pump", 30.0, 30.0, math.nan, math.nan, math.nan),
        ("Z", "atmospheric_tank", 20_000.0, 0.0, 20.0, 3000.0, 12.0),
    ],
    columns=["unit_id", "kind", "x", "y", "diameter_m", "volume_m3", "height_m"],
).assign(enterprise_id="E")


def facility(outcomes, index, units=UNITS, mass=MASS):
    names = [f"B/{i}" for i in range(len(index))]
    table = pd.DataFrame({"event_id": names, "unit_id": "B", "loc": "rupture", "outcome": "vessel_burst"}).assign(
        x=0.0, y=0.0, frequency=1e-6, origin="primary", flags="", released_mass=mass
    )
    probability = np.full((2, 2, 4), 1.0 / 16.0)
    rose = WindRose((Weather(1.5, "F"), Weather(5.0, "D")), probability)
    events = Events(table, outcomes, np.array(index, np.int32), pd.DataFrame())
    return facility_graph(SimpleNamespace(tables={"units": units}), events, rose)


def hits(found, source=0):
    net = found.network
    row = net.fragment_row[source]
    part = slice(net.fragment_start[row], net.fragment_start[row + 1])
    ids = found.units["unit_id"].to_numpy()[net.fragment_target[part]]
    return dict(zip(ids.tolist(), net.fragment_probability[part].tolist(), strict=True))


def test_chances_are_those_of_the_models():
    found = hits(facility([BURST], [[0, 0]]))
    assert list(found) == ["A", "C", "D"]  # ascending, without the vessel itself and what is out of reach
    thrown = vessel_fragments(BURST, 100.0, 4.0, MASS)
    edge = math.sqrt(4.0 * thrown.thickness * thrown.breadth / math.pi)
    for name, distance, width, height, kind in (
        ("A", 40.0, 20.0, 12.0, "atmospheric"),
        ("C", 90.0, 20.0, 12.0, "atmospheric"),
        ("D", math.hypot(30.0, 30.0), 1.0, 1.0, "small"),
    ):
        wall = constants("fragility")[f"{kind}_wall"].value
        speed = math.sqrt(2.0 * float(perforation_energy(wall, edge)) / thrown.mass)
        broad, high = width + thrown.breadth, height + 0.5 * thrown.breadth
        assert found[name] == pytest.approx(float(thrown.impact_probability(distance, broad, high, broad, speed)))
        assert NEGLIGIBLE < found[name] < 1.0
    assert found["A"] > found["C"]


def test_bursts_alone_and_with_fire_throw_the_same():
    both = facility([BURST, BurstThenFire(BURST, BALL)], [[0, 0], [1, 1], [-1, 1]])
    assert both.network.fragment_row.tolist() == [0, 0, 0]  # stored once
    assert set(FLAGS) <= set(both.flags)
    edge = both.edges.set_index(["from_unit", "to_unit"]).loc[("B", "C")]
    assert edge["fragment_probability"] == hits(both)["C"]
    assert edge["engulfed"] == 0.0


def test_the_stronger_burst_counts():
    weak = gas_burst(3e5, 100.0, molar_mass=0.029, temperature=288.0)
    one, other, mixed = (hits(facility([BURST, weak], [row])) for row in ([0, 0], [1, 1], [0, 1]))
    assert one != other
    assert mixed == {name: max(one.get(name, 0.0), other.get(name, 0.0)) for name in one | other}


def test_what_does_not_burst_throws_nothing():
    found = facility([BALL], [[0, 0]])
    assert found.network.fragment_row.tolist() == [-1]
    assert found.network.fragment_start.tolist() == [0]
    assert (found.edges["fragment_probability"] == 0.0).all()
    assert not set(FLAGS) & set(found.flags)


def test_coincident_units_are_hit():
    found = hits(facility([BURST], [[0, 0]], UNITS.assign(x=0.0, y=0.0)))
    assert found == dict.fromkeys(["A", "C", "D", "Z"], pytest.approx(1.0))


def test_content_that_is_not_known_or_too_heavy():
    light, unknown, heavy = (hits(facility([BURST], [[0, 0]], mass=mass)) for mass in (0.0, math.nan, 1e5))
    assert unknown == light
    assert heavy.get("C", 0.0) != light["C"]
    found = facility([BURST], [[0, 0]], mass=1e12)  # so slow that nothing flies
    assert found.network.fragment_row.tolist() == [-1]
