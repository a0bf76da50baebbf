"""Releases over time: closed forms, balances, other integrators, limits."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkrisk.models.errors import OutOfRange
from parkrisk.models.release import blowdown, outflow
from parkrisk.models.release.history import rate_history
from parkrisk.models.release.hole import Vessel, hole
from parkrisk.models.substance.cubic_table import cubic_table
from parkrisk.models.substance.substances import find

AMBIENT = 101_325.0


def _integral(history) -> float:
    return float(np.trapezoid(history.rate, history.time))


def test_ideal_gas_against_the_closed_form():
    """Phosgene at 127 °C has no equation of state here: an ideal gas."""
    phosgene = find("phosgene")
    vessel = Vessel(phosgene, 400.0, 20e5, 100.0)
    ratio = phosgene.heat_capacity_ratio(400.0)
    history = rate_history(vessel, 0.02)
    choked = history.pressure > 2.0 * AMBIENT
    for time, rate, mass, pressure, temperature in zip(
        *(a[choked] for a in (history.time, history.rate, history.mass, history.pressure, history.temperature)),
        strict=True,
    ):
        exact, flow = blowdown.adiabatic_blowdown(time, 100.0, history.rate[0], ratio)
        assert mass == pytest.approx(exact, rel=1e-5)
        assert rate == pytest.approx(flow, rel=1e-4)
        assert pressure == pytest.approx(20e5 * (exact / 100.0) ** ratio, rel=1e-4)
        assert temperature == pytest.approx(400.0 * (exact / 100.0) ** (ratio - 1.0), rel=1e-4)
    assert history.rate[-1] == 0.0
    assert history.pressure[-1] == pytest.approx(AMBIENT, rel=1e-4)


def test_isothermal_gas_against_the_closed_form():
    phosgene = find("phosgene")
    history = rate_history(Vessel(phosgene, 400.0, 20e5, 100.0), 0.02, heat="isothermal")
    for k in range(0, 110, 10):
        assert history.pressure[k] > 2.0 * AMBIENT
        mass, rate = blowdown.isothermal_blowdown(history.time[k], 100.0, history.rate[0])
        assert history.mass[k] == pytest.approx(mass, rel=1e-5)
        assert history.rate[k] == pytest.approx(rate, rel=1e-5)


def test_isothermal_is_the_limit_of_adiabatic():
    almost = blowdown.adiabatic_blowdown(50.0, 100.0, 2.0, 1.0 + 1e-7)
    assert almost == pytest.approx(blowdown.isothermal_blowdown(50.0, 100.0, 2.0), rel=1e-5)


@pytest.mark.kernel
def test_kernel_of_an_ideal_gas_by_hand():
    """One isentrope of a perfect gas: mass left after the choked phase by the closed form."""
    ratio, pressure, density = 1.4, 10e5, 10.0
    drops = np.linspace(0.0, 2.0, 60)
    work = pressure / density * ratio / (ratio - 1.0)
    rows = np.column_stack(
        [math.log(pressure) - ratio * drops, 300.0 * np.exp(-0.4 * drops), work * np.exp(-0.4 * drops)]
    )
    table = cubic_table(0.0, drops[1], rows)
    end = math.log(pressure / AMBIENT) / ratio
    found = blowdown.gas_blowdown_kernel(table, density, end, end, 1.0, 0.5, 30)
    mass, _ = blowdown.adiabatic_blowdown(found[10, 0], 10.0, 0.5, ratio)
    assert found[10, 2] == pytest.approx(mass, rel=1e-5)


@pytest.mark.parametrize(
    ("key", "temperature", "pressure"),
    [("hydrogen", 288.15, 50e5), ("methane", 293.15, 100e5), ("ammonia", 293.15, 6e5), ("ethylene", 300.0, 100e5)],
)
def test_gas_history_balances(key, temperature, pressure):
    vessel = Vessel(find(key), temperature, pressure, 500.0)
    history, release = rate_history(vessel, 0.05), hole(vessel, 0.05)
    assert history.rate[0] == pytest.approx(release.rate, rel=1e-9)
    assert _integral(history) == pytest.approx(history.released, rel=4e-3)
    assert np.all(np.diff(history.rate) <= 1e-9)
    assert np.all(np.diff(history.mass) < 0.0)
    assert np.all(np.diff(history.pressure) < 0.0)
    assert history.released <= 500.0
    # The constant rate of the release is over long before the vessel is empty.
    assert release.duration < history.duration
    assert history.mean_rate(1e9) < release.rate


def test_boiling_vessel_against_another_integrator():
    """Propane at 20 °C, 50 m³ with 20 t, hole in the vapour space: energy balance in time by scipy."""
    from CoolProp.CoolProp import QT_INPUTS, AbstractState
    from scipy.integrate import solve_ivp
    from scipy.optimize import brentq

    propane = find("propane")
    vessel = Vessel(propane, 293.15, propane.vapour_pressure(293.15), 20_000.0, contents="gas", volume=50.0)
    history = rate_history(vessel, 0.1)
    assert history.temperature[-1] == pytest.approx(propane.boiling_temperature(AMBIENT), abs=0.01)
    state = AbstractState("HEOS", "n-Propane")

    def phases(temperature: float) -> tuple[float, float, float, float, float]:
        state.update(QT_INPUTS, 0.0, temperature)
        liquid = (1.0 / state.rhomass(), state.umass())
        state.update(QT_INPUTS, 1.0, temperature)
        return (*liquid, 1.0 / state.rhomass(), state.umass(), state.hmass())

    def energy(temperature: float, mass: float) -> float:
        v_liquid, u_liquid, v_vapour, u_vapour, _ = phases(temperature)
        vapour = (50.0 - mass * v_liquid) / (v_vapour - v_liquid)
        return (mass - vapour) * u_liquid + vapour * u_vapour

    def slope(_: float, y) -> list[float]:
        mass, inner = y
        temperature = brentq(lambda t: energy(t, mass) - inner, 225.0, 294.0)
        rate = float(np.interp(temperature, history.temperature[::-1], history.rate[::-1]))
        return [-rate, -rate * phases(temperature)[4]]

    times = [200.0, 600.0, 1200.0]
    found = solve_ivp(slope, (0.0, 1200.0), [20_000.0, energy(293.15, 20_000.0)], t_eval=times, rtol=1e-6)
    for time, mass in zip(times, found.y[0], strict=True):
        assert float(np.interp(time, history.time, history.mass)) == pytest.approx(mass, rel=2e-3)


def test_boiling_vessel_of_little_liquid_runs_dry():
    propane = find("propane")
    vapour = 50.0 * propane.gas_density(293.15, propane.vapour_pressure(293.15))
    vessel = Vessel(propane, 293.15, propane.vapour_pressure(293.15), vapour + 100.0, contents="gas", volume=50.0)
    history = rate_history(vessel, 0.05)
    assert "history_ends_early" in history.flags or history.mass[-1] > 0.0
    assert np.all(np.diff(history.mass) < 0.0)


def test_draining_tank_of_the_yellow_book():
    """CPR 14E, section 2.6.4.1: acrylonitrile, 400 m², hole 0.1 m; head 11.12 m and 58.44 kg/s at 500 s."""
    density = 812.5
    tank = Vessel(find("acrylonitrile"), 288.15, AMBIENT, 400.0 * 11.2 * density, head=11.2, cross_section=400.0)
    history = rate_history(tank, 0.1)
    rate = float(np.interp(500.0, history.time, history.rate))
    assert rate * density / find("acrylonitrile").liquid_density(288.15) == pytest.approx(58.44, rel=3e-3)


@settings(deadline=None)
@given(st.floats(0.02, 0.3), st.floats(1.0, 15.0), st.floats(60.0, 7200.0))
def test_draining_history_balances(diameter, head, isolation):
    benzene = find("benzene")
    tank = Vessel(benzene, 293.15, AMBIENT, 1e7, head=head, cross_section=200.0)
    history = rate_history(tank, diameter, isolation_time=isolation)
    release = hole(tank, diameter, isolation_time=isolation)
    assert history.released == pytest.approx(release.mass, rel=1e-6)
    assert _integral(history) == pytest.approx(history.released, rel=1e-6)
    assert history.rate[0] == pytest.approx(release.rate)
    assert history.duration <= isolation * (1.0 + 1e-12)


def test_little_in_a_tank_is_all_there_is():
    benzene = find("benzene")
    tank = Vessel(benzene, 293.15, AMBIENT, 1000.0, head=5.0, cross_section=200.0)
    history = rate_history(tank, 0.1)
    assert history.mass[-1] == pytest.approx(0.0, abs=1e-6)
    assert _integral(history) == pytest.approx(1000.0, rel=1e-4)


def test_liquefied_gas_leaves_at_a_constant_rate():
    chlorine = find("chlorine")
    vessel = Vessel(chlorine, 293.15, chlorine.vapour_pressure(293.15), 3e4)
    history = rate_history(vessel, 0.05, path_length=1.0)
    assert history.rate[0] == history.rate[-1] == hole(vessel, 0.05, path_length=1.0).rate
    assert history.released == pytest.approx(3e4)


def test_history_is_cut_at_isolation():
    history = rate_history(Vessel(find("methane"), 293.15, 50e5, 1000.0), 0.03, isolation_time=60.0)
    assert history.duration == 60.0
    assert _integral(history) == pytest.approx(history.released, rel=1e-3)
    assert history.rate[-1] > 0.0
    assert history.until(1e9) is history
    assert history.mean_rate(10.0) == pytest.approx(history.rate[0], rel=0.2)


def test_a_vessel_that_would_freeze_ends_early():
    history = rate_history(Vessel(find("carbon dioxide"), 293.15, 50e5, 1000.0), 0.03)
    assert "history_ends_early" in history.flags
    assert history.pressure[-1] > 5.18e5


def test_bad_input_is_refused():
    vessel = Vessel(find("methane"), 293.15, 50e5, 1000.0)
    with pytest.raises(OutOfRange):
        rate_history(vessel, 0.03, heat="warm")
    with pytest.raises(OutOfRange):
        rate_history(vessel, 0.03, isolation_time=0.0)
    for bad in (math.nan, -0.1, 0.0):
        with pytest.raises(OutOfRange):
            rate_history(vessel, bad)
        with pytest.raises(OutOfRange):
            rate_history(vessel, 0.03).mean_rate(bad)
        with pytest.raises(OutOfRange):
            blowdown.adiabatic_blowdown(1.0, bad, 1.0, 1.4)
        with pytest.raises(OutOfRange):
            blowdown.isothermal_blowdown(1.0, 1.0, bad)
    with pytest.raises(OutOfRange):
        blowdown.adiabatic_blowdown(1.0, 1.0, 1.0, 1.0)
    with pytest.raises(OutOfRange):
        rate_history(Vessel(find("methane"), 293.15, AMBIENT, 1000.0), 0.03)
    assert outflow.hole_area(0.1) > 0.0


def test_liquid_of_which_no_level_is_known_leaves_at_a_constant_rate():
    tank = Vessel(find("benzene"), 293.15, 3.0 * AMBIENT, 1e4, head=0.0, cross_section=20.0)
    history = rate_history(tank, 0.05)
    assert history.rate[0] == history.rate[-1] == hole(tank, 0.05).rate
    assert history.released == pytest.approx(1e4)


def test_the_last_of_a_tank_leaves_through_a_small_hole_too():
    """A trickle of less than 1 kg/s all the time."""
    tank = Vessel(find("benzene"), 293.15, AMBIENT, 200.0, head=5.0, cross_section=20.0)
    history = rate_history(tank, 0.005)
    assert 0.0 < history.rate[-1] < history.rate[0] < 1.0
    assert history.mass[-1] == pytest.approx(0.0, abs=1e-6)
    assert _integral(history) == pytest.approx(200.0, rel=1e-4)
