"""Long lines: balances, the closed form of Bell and Wilson, limits, valves and feed."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkrisk.models.errors import OutOfRange
from parkrisk.models.release.hole import Vessel, hole
from parkrisk.models.release.pipeline import Pipeline, pipeline_history, pipeline_release
from parkrisk.models.release.wilson import wilson_rate, wilson_time
from parkrisk.models.substance.substances import find

AMBIENT = 101_325.0
METHANE = Pipeline(find("methane"), 288.15, 80e5, 0.5, 10_000.0)
AMMONIA = Pipeline(find("ammonia"), 288.15, 15e5, 0.2, 3_000.0, 3_000.0)


def _wilson(line: Pipeline) -> tuple[float, float, float]:
    """Mass, first rate and time constant of one end."""
    gas, temperature = line.substance, line.temperature
    ratio = gas.heat_capacity_ratio(temperature)
    density = gas.gas_density(temperature, line.pressure)
    sound = math.sqrt(ratio * line.pressure / density)
    gamma = ((ratio + 1.0) / 2.0) ** ((ratio + 1.0) / (ratio - 1.0))
    first = line.area * density * sound / math.sqrt(gamma)
    constant = wilson_time(line.upstream, sound, ratio, line.friction, line.diameter, 1.0)
    return density * line.area * line.upstream, first, constant


def test_closed_form_gives_out_what_was_inside():
    mass, first, constant = _wilson(METHANE)
    times = np.concatenate([np.linspace(0.0, 60.0, 20_001), np.linspace(60.0, 5000.0, 20_001)])
    rates = np.array([wilson_rate(t, mass, first, constant) for t in times])
    assert rates[0] == pytest.approx(first)
    assert np.trapezoid(rates, times) == pytest.approx(mass, rel=1e-3)


def test_closed_form_of_a_small_hole_is_a_vessel_and_of_a_rupture_the_known_time():
    sound, ratio, friction, diameter, length = 400.0, 1.3, 0.012, 0.5, 10_000.0
    gamma = ((ratio + 1.0) / 2.0) ** ((ratio + 1.0) / (ratio - 1.0))
    share = 1e-4
    vessel = length / sound * math.sqrt(gamma) / share  # m0/q0
    assert wilson_time(length, sound, ratio, friction, diameter, share) == pytest.approx(vessel, rel=1e-3)
    rupture = 2.0 / 3.0 * length / sound * math.sqrt(ratio * friction * length / diameter)
    assert wilson_time(length, sound, ratio, friction, diameter, 1.0) == pytest.approx(rupture, rel=0.02)


def test_gas_rupture_against_bell_and_wilson():
    """Two approximations of one balance: mass out within 10 %, rate after two minutes within 25 %."""
    mass, first, constant = _wilson(METHANE)
    history = pipeline_history(METHANE)
    alpha = mass / (constant * first)
    for time in (60.0, 120.0, 300.0, 600.0):
        out = mass - float(np.interp(time, history.time, history.mass))
        fast = alpha**2 * constant * (1.0 - math.exp(-time / alpha**2 / constant))
        slow = alpha * constant * (1.0 - math.exp(-time / constant))
        assert out == pytest.approx(first / (1.0 + alpha) * (fast + slow), rel=0.1)
        if time >= 120.0:  # the double exponential is lowest between its two times
            rate = float(np.interp(time, history.time, history.rate))
            assert rate == pytest.approx(wilson_rate(time, mass, first, constant), rel=0.25)


def test_small_hole_empties_the_line_like_a_vessel():
    short = Pipeline(find("methane"), 288.15, 50e5, 0.5, 500.0)
    mass = short.substance.gas_density(288.15, 50e5) * short.area * 500.0
    line = pipeline_history(short, 0.02)
    from parkrisk.models.release.history import rate_history

    vessel = rate_history(Vessel(short.substance, 288.15, 50e5, mass), 0.02, heat="isothermal")
    for time in (100.0, 500.0, 2000.0):
        found = float(np.interp(time, line.time, line.mass))
        assert found == pytest.approx(float(np.interp(time, vessel.time, vessel.mass)), rel=0.03)


@pytest.mark.parametrize("line", [METHANE, AMMONIA], ids=["gas", "liquefied"])
@pytest.mark.parametrize("diameter", [None, 0.02, 0.1])
def test_balance(line, diameter):
    history = pipeline_history(line, diameter, longest=20_000.0)
    assert np.all(np.diff(history.time) > 0.0)
    assert np.all(np.diff(history.mass) <= 1e-6 * history.mass[0])
    assert np.all(history.rate >= 0.0)
    assert float(np.trapezoid(history.rate, history.time)) == pytest.approx(history.released, rel=0.06)
    density = history.mass[0] / (line.area * (line.upstream + line.downstream))
    if line is AMMONIA:
        assert density == pytest.approx(line.substance.liquid_density(288.15), rel=1e-3)
    else:
        assert density == pytest.approx(line.substance.gas_density(288.15, 80e5), rel=1e-3)


def test_both_ends_feed():
    one = pipeline_history(Pipeline(find("methane"), 288.15, 80e5, 0.5, 5_000.0))
    both = pipeline_history(Pipeline(find("methane"), 288.15, 80e5, 0.5, 5_000.0, 5_000.0))
    for time in (1.0, 30.0, 200.0):
        single = float(np.interp(time, one.time, one.rate))
        assert float(np.interp(time, both.time, both.rate)) == pytest.approx(2.0 * single, rel=1e-6)


@settings(deadline=None, max_examples=20)
@given(st.floats(0.1, 0.6), st.floats(20e5, 100e5), st.floats(300.0, 20_000.0))
def test_more_pressure_and_wider_holes_give_more(diameter, pressure, length):
    def mean(p: float, hole_diameter: float | None) -> float:
        line = Pipeline(find("methane"), 288.15, p, diameter, length, length)
        return pipeline_history(line, hole_diameter).mean_rate(60.0)

    assert mean(1.1 * pressure, None) > mean(pressure, None)
    small, large = mean(pressure, 0.2 * diameter), mean(pressure, 0.5 * diameter)
    assert small < large < mean(pressure, None) * 1.05


def test_longer_and_rougher_lines_lose_less_at_once():
    smooth = pipeline_history(METHANE).mean_rate(600.0)
    rough = pipeline_history(Pipeline(find("methane"), 288.15, 80e5, 0.5, 10_000.0, roughness=5e-4)).mean_rate(600.0)
    assert rough < smooth


def test_valves_hold_back_what_lies_beyond():
    line = Pipeline(find("methane"), 288.15, 80e5, 0.5, 10e3, 10e3, 50.0, 3e3, 2e3)
    open_line = pipeline_history(line, isolation_time=math.inf)
    shut = pipeline_history(line, isolation_time=60.0)
    early = min(50.0, shut.duration)
    assert float(np.interp(early, shut.time, shut.rate)) == pytest.approx(
        float(np.interp(early, open_line.time, open_line.rate)), rel=0.02
    )
    assert shut.released < open_line.released
    between = line.substance.gas_density(288.15, 80e5) * line.area * 5e3
    at_shut = shut.mass[0] - float(np.interp(60.0, shut.time, shut.mass))
    assert shut.released < at_shut + between


def test_feed_keeps_a_leak_going():
    fed = Pipeline(find("methane"), 288.15, 80e5, 0.5, 2_000.0, 0.0, 40.0)
    history = pipeline_history(fed, 0.05)
    assert history.rate[-1] == pytest.approx(history.rate[0], rel=0.01)  # the pump gives more than the hole takes
    rupture = pipeline_history(fed)
    assert rupture.rate[-1] == pytest.approx(40.0, rel=0.02)  # and less than a rupture


def test_liquefied_line_first_drops_to_saturation():
    history = pipeline_history(AMMONIA)
    saturated = AMMONIA.substance.vapour_pressure(288.15)
    assert history.pressure[0] == pytest.approx(saturated, rel=1e-3)
    assert history.temperature[0] == pytest.approx(288.15, abs=0.01)
    assert history.temperature[-1] < 275.0


def test_short_liquefied_line_empties_as_the_trials_did():
    """LPG, 100 m of 0.154 m at 291 K (conditions of the Isle of Grain full-bore trials): empty within half a minute."""
    line = Pipeline(find("propane"), 291.0, 21.6e5, 0.154, 100.0)
    history = pipeline_history(line)
    assert 15.0 < history.duration < 30.0
    assert history.released > 0.95 * history.mass[0]


def test_release_of_a_line():
    release = pipeline_release(METHANE)
    history = pipeline_history(METHANE)
    assert release.rate == pytest.approx(history.mean_rate(60.0), rel=1e-9)
    assert release.rate * release.duration == pytest.approx(release.mass)
    assert release.mass == pytest.approx(history.released)
    assert "line_first_minute" in release.flags
    assert release.jet is not None
    assert release.jet.velocity > 400.0
    liquefied = pipeline_release(AMMONIA, 0.05)
    assert liquefied.phase == "two_phase"
    assert liquefied.airborne > 0.9
    assert liquefied.duration <= 3600.0


def test_line_of_a_liquid_that_does_not_flash():
    line = Pipeline(find("benzene"), 293.15, 10e5, 0.2, 5e3, 5e3, 20.0, 500.0, 500.0)
    rupture = pipeline_release(line, isolation_time=600.0)
    between = line.area * 1000.0 * find("benzene").liquid_density(293.15)
    assert rupture.rate == pytest.approx(30.0)  # the pump at run-out
    assert rupture.mass == pytest.approx(30.0 * 600.0 + between)
    leak = pipeline_release(line, 0.01, isolation_time=600.0)
    assert leak.rate == pytest.approx(hole(Vessel(find("benzene"), 293.15, 10e5, 1e5), 0.01).rate)


@pytest.mark.parametrize(
    "arguments",
    [
        {"temperature": math.nan},
        {"pressure": -1.0},
        {"pressure": AMBIENT},
        {"diameter": 0.0},
        {"upstream": 0.1},
        {"downstream": -1.0},
        {"flow": math.inf},
        {"valve_upstream": 0.0},
        {"roughness": 0.2},
    ],
)
def test_bad_lines_are_refused(arguments):
    usual = {"substance": find("methane"), "temperature": 288.15, "pressure": 50e5, "diameter": 0.5, "upstream": 1e3}
    with pytest.raises(OutOfRange):
        pipeline_history(Pipeline(**{**usual, **arguments}))


def test_bad_breaches_are_refused():
    for hole_diameter in (0.6, -0.1, math.nan):
        with pytest.raises(OutOfRange):
            pipeline_history(METHANE, hole_diameter)
    with pytest.raises(OutOfRange):
        pipeline_history(METHANE, isolation_time=0.0)
    with pytest.raises(OutOfRange):
        pipeline_history(METHANE, longest=-1.0)
    with pytest.raises(OutOfRange):
        pipeline_history(Pipeline(find("benzene"), 293.15, 10e5, 0.2, 1e3))
    with pytest.raises(OutOfRange):
        wilson_time(1e3, 400.0, 1.0, 0.012, 0.5, 1.0)
    with pytest.raises(OutOfRange):
        wilson_rate(-1.0, 1e3, 1.0, 10.0)
