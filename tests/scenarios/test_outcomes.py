"""The event tree of one release: which fire, which cloud, with which probability, and how large."""

import dataclasses
import itertools
import math

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.blast.explosion import Explosion
from parkrisk.models.cloud.outcomes import FlashFire, ToxicCloud
from parkrisk.models.errors import OutOfRange
from parkrisk.models.fire.fireball import Fireball
from parkrisk.models.fire.jet_fire import JetFire
from parkrisk.models.fire.pool_fire import PoolFire
from parkrisk.models.release.hole import Vessel, hole, instantaneous
from parkrisk.models.sequence import FlashThenPoolFire
from parkrisk.models.substance.substances import find
from parkrisk.scenarios.events import outcomes
from parkrisk.scenarios.events.outcomes import branches, spill
from parkrisk.scenarios.events.releases import ten_minutes
from parkrisk.scenarios.events.stores import burning_store

AIR = 101_325.0
WEATHERS = (Weather(4.0, "D"), Weather(1.5, "F"))


def vessel(substance, celsius, gauge_kpa, mass, *, contents="liquid", head=0.0, section=0.0):
    return Vessel(find(substance), 273.15 + celsius, AIR + 1000.0 * gauge_kpa, mass, head, section, contents=contents)


PROPANE = vessel("74-98-6", 15.0, 640.0, 400e3)
BUTANE = vessel("106-97-8", 10.0, 60.0, 100e3)
METHANE = vessel("74-82-8", 15.0, 4000.0, 5e3, contents="gas")
GASOLINE = vessel("86290-81-5", 15.0, 0.0, 1e6, head=8.0, section=200.0)
DIESEL = vessel("68334-30-5", 15.0, 0.0, 1e6, head=8.0, section=200.0)
METHANOL = vessel("67-56-1", 15.0, 0.0, 1e6, head=8.0, section=200.0)
CHLORINE = vessel("7782-50-5", 15.0, 485.0, 25e3)
AMMONIA = vessel("7664-41-7", 15.0, 630.0, 100e3)
WATER = vessel("7732-18-5", 15.0, 0.0, 1e5, head=5.0, section=20.0)


def tree(contained, diameter=math.nan, bund=math.inf):
    """Branches by name; a diameter of NaN loses everything at once."""
    release = (
        instantaneous(contained, AIR) if math.isnan(diameter) else hole(contained, diameter, isolation_time=1200.0)
    )
    return {each.outcome: each for each in branches(contained, release, diameter, WEATHERS, bund)}


def probabilities(found):
    return {name: branch.probability for name, branch in found.items()}


@pytest.mark.parametrize(
    ("contained", "diameter", "fire", "kind"),
    [
        (PROPANE, 0.025, "jet_fire", JetFire),
        (PROPANE, math.nan, "fireball", Fireball),
        (METHANE, 0.025, "jet_fire", JetFire),
        (METHANE, math.nan, "fireball", Fireball),
        # Little of cold butane flashes: it falls to the ground and burns there.
        (BUTANE, 0.025, "pool_fire", PoolFire),
        (BUTANE, math.nan, "pool_fire", PoolFire),
        (GASOLINE, 0.1, "pool_fire", PoolFire),
        (GASOLINE, math.nan, "pool_fire", PoolFire),
    ],
)
def test_what_burns_at_once(contained, diameter, fire, kind):
    found = tree(contained, diameter)
    assert {"jet_fire", "fireball", "pool_fire"} & set(found) == {fire}
    assert all(isinstance(each, kind) for each in found[fire].per_weather)


def test_probabilities_of_a_flammable_gas_by_hand():
    # Category 0, 0.31 kg/s: 0.2 at once; the rest flashes, since so small a cloud does not explode.
    assert probabilities(tree(PROPANE, 0.005)) == pytest.approx({"jet_fire": 0.2, "flash_fire": 0.8})
    # 124 kg/s and 400 t: 0.7 at once.
    assert probabilities(tree(PROPANE, 0.1)) == pytest.approx({"jet_fire": 0.7, "flash_fire": 0.18, "explosion": 0.12})
    assert probabilities(tree(PROPANE)) == pytest.approx({"fireball": 0.7, "flash_fire": 0.18, "explosion": 0.12})


def test_probabilities_of_liquids_by_hand():
    # Flash point below the temperature, boiling point above: category 1.
    assert probabilities(tree(GASOLINE, 0.1)) == pytest.approx(
        {"pool_fire": 0.065, "flash_fire": 0.935 * 0.6, "explosion": 0.935 * 0.4}
    )
    # Diesel is far below its flash point: category 2.
    assert probabilities(tree(DIESEL, 0.1))["pool_fire"] == pytest.approx(0.01)


def test_a_toxic_gas_that_does_not_burn_is_one_cloud():
    for diameter in (0.025, math.nan):
        found = tree(CHLORINE, diameter)
        assert probabilities(found) == {"toxic_cloud": 1.0}
        assert found["toxic_cloud"].mark == "V"
        assert all(isinstance(each, ToxicCloud) for each in found["toxic_cloud"].per_weather)


def test_a_toxic_gas_that_burns_is_toxic_where_it_does_not_ignite():
    found = tree(AMMONIA, 0.025)
    assert set(found) == {"jet_fire" if "jet_fire" in found else "pool_fire", "toxic_cloud"}
    assert sum(probabilities(found).values()) == pytest.approx(1.0)
    assert found["toxic_cloud"].mark == "M"


def test_what_neither_burns_nor_poisons_has_no_branches():
    assert tree(WATER, 0.1) == {}


@hypothesis_settings(max_examples=25, deadline=None)
@given(
    contained=st.sampled_from([PROPANE, BUTANE, METHANE, GASOLINE, DIESEL, METHANOL, CHLORINE, AMMONIA]),
    diameter=st.sampled_from([0.005, 0.025, 0.1, math.nan]),
)
def test_every_tree_sums_to_one(contained, diameter):
    found = tree(contained, diameter)
    assert sum(probabilities(found).values()) == pytest.approx(1.0, abs=1e-12)
    for branch in found.values():
        assert 0.0 < branch.probability <= 1.0
        assert len(branch.per_weather) == len(WEATHERS)
        assert branch.mark in ("V", "1", "M")
        assert branch.source
        assert len(set(branch.flags)) == len(branch.flags)


def test_a_flash_fire_over_a_pool_sets_it_on_fire():
    flash = tree(GASOLINE, 0.1, bund=1000.0)["flash_fire"].per_weather
    assert all(isinstance(each, FlashThenPoolFire) for each in flash)
    # A gas leaves no pool behind.
    assert all(isinstance(each, FlashFire) for each in tree(METHANE, 0.1)["flash_fire"].per_weather)
    for each, weather in zip(flash, WEATHERS, strict=True):
        assert each.flash.weather == each.pool.weather == weather


def test_a_cloud_that_stays_over_its_pool_is_no_flash_fire():
    found = tree(METHANOL, 0.025)
    assert all(isinstance(each, PoolFire) for each in found["flash_fire"].per_weather), "what ignites later is the pool"
    assert "explosion" not in found
    assert probabilities(found) == pytest.approx({"pool_fire": 0.065, "flash_fire": 0.935})


def test_a_small_cloud_does_not_explode():
    small = vessel("74-82-8", 15.0, 100.0, 50.0, contents="gas")
    found = tree(small, 0.003)
    assert "explosion" not in found, "it burns instead"
    assert sum(probabilities(found).values()) == pytest.approx(1.0)
    large = tree(METHANE, 0.1)["explosion"].per_weather
    assert all(isinstance(each, Explosion) and each.mass >= outcomes.LEAST_EXPLOSIVE_MASS for each in large)


def test_a_bund_holds_the_pool_and_its_fire():
    area = 300.0
    release = instantaneous(GASOLINE, AIR)
    for weather in WEATHERS:
        inside = spill(release, weather, area)
        assert inside.pool.diameter == pytest.approx(math.sqrt(4.0 * area / math.pi), rel=1e-6)
        fire = outcomes.pool_fire(inside)
        assert fire.diameter == pytest.approx(inside.pool.diameter)
        # What lies in the pool burns at its rate until it is gone.
        burnt = fire.burning_rate * 0.25 * math.pi * fire.diameter**2 * fire.duration
        assert burnt == pytest.approx(inside.pool.mass, rel=1e-9)


def test_a_fed_pool_fire_burns_what_flows_in():
    release = hole(GASOLINE, 0.025, isolation_time=1200.0)
    fire = outcomes.pool_fire(spill(release, WEATHERS[0], math.inf))
    substance = GASOLINE.substance
    largest = substance.burning_rate.m_inf
    assert fire.diameter == pytest.approx(math.sqrt(4.0 * release.pool_rate / (math.pi * largest)), rel=0.1)
    assert fire.burning_rate <= largest


def test_no_fire_without_a_pool():
    assert outcomes.pool_fire(spill(hole(METHANE, 0.1, isolation_time=600.0), WEATHERS[0], math.inf)) is None
    tiny = vessel("86290-81-5", 15.0, 0.0, 0.05)
    assert outcomes.pool_fire(spill(instantaneous(tiny, AIR), WEATHERS[0], math.inf)) is None


def test_fireball_has_all_of_the_content_and_the_pressure_inside():
    for each in tree(PROPANE)["fireball"].per_weather:
        assert (each.mass, each.burst_pressure) == (PROPANE.mass, PROPANE.pressure)


def test_ten_minutes_lets_the_same_mass_out_slowly():
    at_once = instantaneous(CHLORINE, AIR)
    slow = ten_minutes(at_once)
    assert (slow.mass, slow.duration, slow.rate) == (25e3, 600.0, 25e3 / 600.0)
    assert (slow.airborne, slow.temperature) == (at_once.airborne, at_once.temperature)


def test_a_store_burns_on_its_floor():
    (branch,) = burning_store(METHANOL, WEATHERS, 400.0)
    assert (branch.outcome, branch.probability) == ("pool_fire", 1.0)
    for fire in branch.per_weather:
        assert fire.diameter == pytest.approx(math.sqrt(1600.0 / math.pi))
        assert fire.burning_rate * 400.0 * fire.duration == pytest.approx(METHANOL.mass)
    assert burning_store(WATER, WEATHERS, math.nan) == ()
    for area in (math.nan, 0.0, -1.0):
        with pytest.raises(OutOfRange) as refused:
            burning_store(METHANOL, WEATHERS, area)
        assert "bund_area_m2" in refused.value.message_zh
        assert "bund_area_m2" in refused.value.message_en


def test_same_release_same_outcomes():
    """Outcomes are equal by content, so that each footprint is computed once."""
    one, two = tree(PROPANE, 0.1), tree(dataclasses.replace(PROPANE), 0.1)
    assert [each.per_weather for each in one.values()] == [each.per_weather for each in two.values()]
    assert len({*one["jet_fire"].per_weather, *two["jet_fire"].per_weather}) == len(WEATHERS)


VAPOUR_CASES = [
    *itertools.product((PROPANE, GASOLINE, METHANE), (0.005, 0.025, 0.1, math.nan)),
    (CHLORINE, math.nan),
    (AMMONIA, math.nan),
    (CHLORINE, 0.1),
    (AMMONIA, 0.1),
]


@pytest.mark.parametrize(("contained", "diameter"), VAPOUR_CASES)
def test_vapour_is_no_more_than_what_is_released(contained, diameter):
    release = instantaneous(contained, AIR)
    if math.isfinite(diameter):
        release = hole(contained, diameter, isolation_time=1200.0)
    for weather in WEATHERS:
        vapour = spill(release, weather, math.inf).vapour
        assert 0.0 < vapour.mass <= release.mass * (1.0 + 1e-9)


@pytest.mark.parametrize("weather", WEATHERS, ids=lambda weather: weather.stability)
def test_a_little_flash_does_not_make_a_rupture_milder(weather):
    """Nitrogen dioxide boils at 21 °C: a few degrees more must not bring less of it into the air."""
    below, above = (
        spill(instantaneous(vessel("10102-44-0", celsius, 20.0, 20e3), AIR), weather, math.inf).vapour
        for celsius in (20.0, 25.0)
    )
    assert above.mass >= below.mass


def test_a_rupture_that_flashes_is_no_milder_than_its_flash_alone():
    """The pool's vapour makes the puff larger; it never turns it into a slow release."""
    release = instantaneous(CHLORINE, AIR)
    assert 0.0 < release.airborne_mass < release.mass
    for weather in WEATHERS:
        vapour = spill(release, weather, math.inf).vapour
        assert vapour.is_instantaneous
        assert release.airborne_mass <= vapour.mass <= release.mass * (1.0 + 1e-9)
