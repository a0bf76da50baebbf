"""Pumps, loading arms, relief valves."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkrisk.models.errors import OutOfRange
from parkrisk.models.release.hole import Vessel, hole
from parkrisk.models.release.pumped import loading_arm_release, pump_release, run_out
from parkrisk.models.release.relief import relief_release
from parkrisk.models.substance.substances import find

AMBIENT = 101_325.0
BENZENE = Vessel(find("benzene"), 293.15, AMBIENT, 5e5)
PROPANE = Vessel(find("propane"), 293.15, 9e5, 5e4)


def test_small_leak_behind_a_pump_is_a_hole_at_delivery_pressure():
    leak = pump_release(BENZENE, 50.0, 8e5, 0.01)
    assert leak.rate == pytest.approx(hole(Vessel(find("benzene"), 293.15, 8e5, 5e5), 0.01).rate)


@pytest.mark.parametrize("supply", [BENZENE, PROPANE], ids=["benzene", "propane"])
def test_rupture_behind_a_pump_runs_out(supply):
    rupture = pump_release(supply, 20.0, 15e5, 0.2, isolation_time=300.0)
    assert rupture.rate == pytest.approx(30.0)
    assert rupture.mass == pytest.approx(9000.0)
    assert run_out(20.0) == 30.0
    assert pump_release(supply, 20.0, 15e5, 0.2, isolation_time=300.0, most=25.0).rate == pytest.approx(25.0)


def test_pressure_at_a_hole_that_takes_more_than_the_pump_gives():
    """The flow between: the jet is that of the pressure at which the hole passes the pump's flow."""
    leak = pump_release(PROPANE, 4.0, 30e5, 0.02)
    assert leak.rate == pytest.approx(6.0)
    free = hole(Vessel(find("propane"), 293.15, 30e5, 5e4), 0.02)
    assert free.rate > 6.0
    assert leak.jet is not None
    assert free.jet is not None
    assert leak.jet.velocity < free.jet.velocity


@settings(deadline=None)
@given(st.floats(0.005, 0.3), st.floats(1.0, 100.0))
def test_pump_release_rises_with_the_hole_up_to_run_out(diameter, flow):
    small, large = (pump_release(BENZENE, flow, 8e5, d) for d in (diameter, 1.2 * diameter))
    assert small.rate <= large.rate * (1.0 + 1e-9)
    assert large.rate <= run_out(flow) * (1.0 + 1e-9)
    assert small.rate * small.duration == pytest.approx(small.mass)


def test_loading_arm_breaks_at_both_ends():
    lorry = Vessel(find("propane"), 293.15, 9e5, 2e4)
    without = loading_arm_release(lorry, 0.08, 5.0, isolation_time=120.0)
    assert without.rate == pytest.approx(hole(lorry, 0.08, path_length=5.0).rate)
    both = loading_arm_release(lorry, 0.08, 5.0, flow=10.0, isolation_time=120.0)
    assert both.rate == pytest.approx(without.rate + 15.0)
    assert both.mass == pytest.approx(both.rate * 120.0)
    nearly_empty = Vessel(find("propane"), 293.15, 9e5, 100.0)
    rest = loading_arm_release(nearly_empty, 0.08, 5.0, flow=10.0, isolation_time=120.0)
    assert rest.mass == pytest.approx(100.0 + 15.0 * 120.0)
    with pytest.raises(OutOfRange):
        loading_arm_release(lorry, 0.08, 5.0, flow=10.0)


def test_relief_valve():
    propane = find("propane")
    pressure = propane.vapour_pressure(320.0)
    gas = relief_release(propane, 320.0, 0.99 * pressure, 1e-3, 1e4, phase="gas")
    boiling = relief_release(propane, 320.0, pressure, 1e-3, 1e4, phase="two_phase")
    half = relief_release(propane, 320.0, pressure, 1e-3, 1e4, phase="two_phase", quality=0.5)
    assert gas.rate < half.rate < boiling.rate
    assert half.flash > 0.5
    assert half.jet is not None
    assert half.jet.liquid_fraction < 0.5
    cold = relief_release(find("benzene"), 293.15, 18e5, 1e-3, 1e4, phase="liquid", duration=60.0)
    density = find("benzene").liquid_density(293.15)
    assert cold.rate == pytest.approx(0.65e-3 * math.sqrt(2.0 * density * (18e5 - AMBIENT)))
    assert cold.mass == pytest.approx(60.0 * cold.rate)


def test_bad_input_is_refused():
    propane = find("propane")
    for bad in (math.nan, 0.0, -1.0):
        with pytest.raises(OutOfRange):
            pump_release(BENZENE, bad, 8e5, 0.01)
        with pytest.raises(OutOfRange):
            pump_release(BENZENE, 10.0, bad, 0.01)
        with pytest.raises(OutOfRange):
            pump_release(BENZENE, 10.0, 8e5, 0.01, isolation_time=bad)
        with pytest.raises(OutOfRange):
            relief_release(propane, 320.0, 10e5, bad, 1e4, phase="gas")
        with pytest.raises(OutOfRange):
            relief_release(propane, 320.0, 10e5, 1e-3, 1e4, phase="gas", duration=bad)
        with pytest.raises(OutOfRange):
            loading_arm_release(PROPANE, 0.08, bad)
    with pytest.raises(OutOfRange):
        relief_release(propane, 320.0, 20e5, 1e-3, 1e4, phase="liquid")
    with pytest.raises(OutOfRange):
        relief_release(propane, 320.0, 20e5, 1e-3, 1e4, phase="foam")
    with pytest.raises(OutOfRange):
        pump_release(BENZENE, 10.0, 5e4, 0.01)
