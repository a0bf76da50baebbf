"""Deluges, their water supply and stations in cascades."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.fire.pool_fire import PoolFire
from parkrisk.models.vulnerability.fragility import heat_failure_probability, time_to_failure_rule
from parkrisk.risk.assess import assess
from parkrisk.risk.domino import play_facility
from parkrisk.scenarios import change, read
from parkrisk.scenarios.facility.graph import facility_from_loads
from parkrisk.scenarios.facility.protection import bare
from tests.risk.farms import tanks

MINIMAL = Path(__file__).parents[2] / "scenarios" / "examples" / "minimal"
RULE = time_to_failure_rule()
APART = 60.0  # of the tanks, from shell to shell [m]
RADIUS = 10.0
#: Gasoline burns for four hours in the tank's own bund of 57 m by 57 m, while the wind blows to the east.
FIRE = PoolFire(64.0, 0.055, 4.4e7, 14_400.0, Weather(5.0, "D"), "radiative_fraction")


def deluges(n, *, share=0.4, fails=0.0, supply=0.0):
    """Deluges on n tanks, all fed by one supply."""
    return replace(
        bare(n, RULE),
        deluge_factor=np.full(n, 1.0 - share),
        deluge_fails=np.full(n, fails),
        system=np.zeros(n, np.int32),
        systems=("pumps",),
        system_fails=np.array([supply]),
    )


def spaced_tanks(protection=None):
    """Three rows of four tanks; the load of a fire at the nearest point of the shell."""
    step = APART + 2.0 * RADIUS
    x, y = (axis.ravel() for axis in np.meshgrid(step * np.arange(4.0), step * np.arange(3.0)))
    east, north = x - x[:, None], y - y[:, None]
    load = np.zeros(east.shape)
    others = np.hypot(east, north) > 0.0
    distance = np.hypot(east, north)[others] - RADIUS
    load[others] = FIRE.heat_flux(distance, np.arctan2(north, east)[others]) / 1e3
    units = tanks(x, y, diameter=2.0 * RADIUS, volume=3000.0)
    return facility_from_loads(units, load, frequency=1e-4, duration=FIRE.duration, protection=protection)


def burning(facility, seed=1):
    """Mean number of tanks that burn besides the first."""
    return float(play_facility(facility, 1500, seed).units["expected_failures_caused"].mean())


def test_spaced_tanks_with_deluge_do_not_all_burn():
    alone = burning(spaced_tanks())
    working = burning(spaced_tanks(deluges(12)))
    usual = burning(spaced_tanks(deluges(12, fails=0.05, supply=0.01)))
    dry = burning(spaced_tanks(deluges(12, fails=0.05, supply=1.0)))
    assert alone > 0.3  # without water the farm is in danger ...
    assert dry == pytest.approx(alone, rel=0.1)  # ... and so it is without its supply
    assert working < 0.01
    assert working <= usual < 0.3 * alone


@pytest.mark.parametrize("supply", [0.0, 0.25])
def test_two_tanks_with_deluge_exactly(supply):
    """One load, one target: the chance is that with water or without, by how often there is any."""
    loads = np.array([[0.0, 40.0], [0.0, 0.0]])
    protection = deluges(2, fails=0.1, supply=supply)
    facility = facility_from_loads(tanks([0.0, 60.0], [0.0, 0.0]), loads, frequency=1e-4, protection=protection)
    pair = play_facility(facility, 20_000, 3).pairs.iloc[0]
    wet, dry = (float(heat_failure_probability(flux, 1000.0, "atmospheric")) for flux in (24e3, 40e3))
    without = supply + (1.0 - supply) * 0.1
    exact = without * dry + (1.0 - without) * wet
    sampling = 4.0 * np.sqrt(exact * (1.0 - exact) / 20_000)
    assert pair["probability"] == pytest.approx(exact, abs=sampling)
    assert wet < dry


def test_fireproofing_outlasts_the_fire():
    loads = np.array([[0.0, 60.0], [0.0, 0.0]])
    sure = replace(bare(2, RULE), delay=np.full(2, 7200.0))
    given = {"frequency": 1e-4, "duration": 7000.0}
    units = tanks([0.0, 60.0], [0.0, 0.0])
    assert play_facility(facility_from_loads(units, loads, protection=sure, **given), 500).pairs.empty
    gone = replace(sure, delay_fails=np.ones(2))
    pair = play_facility(facility_from_loads(units, loads, protection=gone, **given), 500).pairs.iloc[0]
    assert pair["probability"] == pytest.approx(float(heat_failure_probability(60e3, 1000.0, "atmospheric")), abs=0.05)


@pytest.fixture(scope="module")
def minimal():
    park = read(MINIMAL)
    return park, assess(park)


def counts(result):
    return result.assumptions.set_index("code")["count"]


def test_what_is_credited_is_listed(minimal):
    park, result = minimal
    listed = counts(result)
    assert listed["barrier_deluge"] == 1
    assert listed["barrier_relief_valve"] == 1
    assert listed["barrier_in_events"] == 2
    assert listed["response_stations"] == len(park.tables["units"])
    assert not {"unused:barriers", "unused:response"} & set(listed.index)
    assert (result.assumptions["text_en"] != result.assumptions["code"]).all()


@pytest.mark.parametrize(
    "asked",
    [{"edit": {"response": {"fire": {"mean_min": 60.0}}}}, {"disable": ["V-201-deluge"]}],
    ids=["later", "dry"],
)
def test_a_change_of_protection_alone_is_not_overlooked(minimal, asked):
    park, before = minimal
    changed = change(park, **asked)
    again, anew = assess(changed, previous=before), assess(changed)
    assert again.provenance["result_digest"] == anew.provenance["result_digest"]
    clock, factor = (
        [getattr(each.domino.facility.network, name).tolist() for each in (before, again)]
        for name in ("clock_mean", "deluge_factor")
    )
    assert clock[0] != clock[1] or factor[0] != factor[1]
