"""Drops and rain-out: printed numbers, limits, monotony, and the rules of thumb beside the drop model."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkrisk.models.errors import OutOfRange
from parkrisk.models.release import rain_out
from parkrisk.models.release.hole import Vessel, hole
from parkrisk.models.substance.substances import find


def test_butane_of_the_published_example():
    """Farrell 2020, with the properties printed there: drops of 21.886 µm, 92.28 % of the liquid airborne.

    His critical diameter uses the drag of White with the wrong sign, so it is taken as given.
    """
    tension = 0.05196 * (1.0 - 272.55 / 425.12) ** 1.2181
    air = 14.7 * 6894.757 * 0.02896 / (8.314462618 * 272.55)
    liquid = 58.122 * 1.0677 / 0.27188 ** (1.0 + (1.0 - 298.15 / 425.12) ** 0.28688)
    speed = 56.31092763613714 / (0.61 * 0.25 * math.pi * 0.0508**2 * liquid)
    mechanical = rain_out.mechanical_diameter(tension, air, speed)
    assert min(mechanical, rain_out.flashing_diameter(298.15 - 272.55)) == pytest.approx(2.1886e-5, rel=2e-3)
    assert rain_out.liquid_airborne(2.188550597862162e-5, 1.4250630981793827e-4) == pytest.approx(0.92280, abs=1e-4)


def test_slow_small_drops_fall_by_stokes():
    velocity = rain_out.terminal_velocity(5e-6, 1000.0, 1.2, 1.8e-5)
    assert velocity == pytest.approx(998.8 * 9.80665 * 25e-12 / (18.0 * 1.8e-5), rel=0.04)


def test_critical_drop_falls_as_fast_as_the_jet_spreads():
    critical = rain_out.critical_diameter(30.0, 1500.0, 3.6, 1.2e-5)
    fall = rain_out.terminal_velocity(critical, 1500.0, 3.6, 1.2e-5)
    assert fall == pytest.approx(30.0 * math.tan(math.radians(4.46)), rel=1e-6)


@settings(deadline=None)
@given(st.floats(5.0, 200.0), st.floats(1.05, 2.0), st.floats(245.0, 320.0))
def test_faster_and_hotter_jets_keep_more_liquid(velocity, factor, temperature):
    propane = find("propane")
    here = rain_out.drops(propane, temperature, velocity)
    faster = rain_out.drops(propane, temperature, factor * velocity)
    hotter = rain_out.drops(propane, temperature + 5.0, velocity)
    assert 0.0 <= here.airborne <= faster.airborne <= 1.0
    assert here.airborne <= hotter.airborne
    assert here.mechanical == pytest.approx(faster.mechanical * factor**2)


def test_height_lets_drops_evaporate():
    ethylene_oxide = find("ethylene oxide")
    shares = [
        rain_out.drops(ethylene_oxide, 300.0, 15.0, 101_325.0, height, 308.15).airborne for height in (0.0, 5.0, 50.0)
    ]
    assert shares == sorted(shares)
    assert shares[-1] > shares[0]
    assert rain_out.fall_diameter(ethylene_oxide, 0.0, 308.15, 101_325.0) == 0.0
    assert rain_out.fall_diameter(ethylene_oxide, 10.0, 280.0, 101_325.0) == 0.0  # colder than the drops


def test_fall_without_evaporation_changes_nothing_but_height():
    """d² law: the drop that just reaches the ground lives as long as it falls; twice the height, a larger drop."""
    propane = find("propane")
    low, high = (rain_out.fall_diameter(propane, height, 293.15, 101_325.0) for height in (1.0, 2.0))
    assert low < high < 2.0 * low


def test_rules_of_thumb():
    assert rain_out.airborne_by_flash(0.18, "ccps") == pytest.approx(0.36)
    assert rain_out.airborne_by_flash(0.18, "cei") == pytest.approx(0.9)
    # Dow's chemical exposure index: all of it from a flash of 0.2 on
    assert rain_out.airborne_by_flash(0.2, "cei") == 1.0
    for rule in ("ccps", "cei", "purple_book"):
        values = [rain_out.airborne_by_flash(0.01 * k, rule) for k in range(101)]
        assert values == sorted(values)
        assert values[0] == 0.0
        assert values[-1] == 1.0


@pytest.mark.parametrize(
    ("key", "temperature"), [("chlorine", 293.15), ("ammonia", 293.15), ("propane", 293.15), ("n-butane", 298.15)]
)
def test_large_leaks_of_liquefied_gas_hardly_rain_out(key, temperature):
    """As the large ammonia trials are modelled: all of the liquid airborne at a flash fraction of 0.19."""
    substance = find(key)
    vessel = Vessel(substance, temperature, substance.vapour_pressure(temperature), 1e5)
    release = hole(vessel, 0.1, path_length=1.0)
    assert release.airborne > 0.95
    assert "airborne_by_drops" in release.flags
    assert release.jet is not None
    assert release.jet.liquid_fraction == pytest.approx(1.0 - release.flash / release.airborne, abs=0.05)


def test_slightly_superheated_liquid_mostly_rains_out():
    ethylene_oxide = find("ethylene oxide")
    vessel = Vessel(ethylene_oxide, 288.15, ethylene_oxide.vapour_pressure(288.15), 1e5, head=2.0)
    release = hole(vessel, 0.05)
    assert release.airborne < 0.1
    assert release.airborne == pytest.approx(2.0 * release.flash)
    assert "airborne_twice_flash" in release.flags


@pytest.mark.parametrize("bad", [math.nan, -1.0, math.inf])
def test_bad_input_is_refused(bad):
    with pytest.raises(OutOfRange):
        rain_out.mechanical_diameter(bad, 1.2, 10.0)
    with pytest.raises(OutOfRange):
        rain_out.flashing_diameter(bad)
    with pytest.raises(OutOfRange):
        rain_out.terminal_velocity(bad, 1000.0, 1.2, 1.8e-5)
    with pytest.raises(OutOfRange):
        rain_out.critical_diameter(bad, 1000.0, 1.2, 1.8e-5)
    with pytest.raises(OutOfRange):
        rain_out.liquid_airborne(1e-4, bad)
    with pytest.raises(OutOfRange):
        rain_out.airborne_by_flash(bad, "ccps")
    with pytest.raises(OutOfRange):
        rain_out.fall_diameter(find("propane"), bad, 293.15, 101_325.0)
    with pytest.raises(OutOfRange):
        rain_out.airborne_by_flash(0.1, "guess")
    with pytest.raises(OutOfRange):
        rain_out.terminal_velocity(1e-4, 1.0, 1.2, 1.8e-5)
