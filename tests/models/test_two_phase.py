"""Saturation tables and homogeneous equilibrium flow: against equations of state, closed forms and printed examples."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkrisk.models.errors import OutOfRange
from parkrisk.models.release import flashing
from parkrisk.models.release.outflow import gas_rate
from parkrisk.models.release.two_phase import flashing_flow, pipe_resistance, rough_friction
from parkrisk.models.substance import equation_of_state, saturation
from parkrisk.models.substance.cubic_table import cubic_kernel, cubic_table
from parkrisk.models.substance.substances import find, known

AMBIENT = 101_325.0


def _state(fluid: str):
    from CoolProp.CoolProp import AbstractState

    return AbstractState("HEOS", fluid)


def _omega(key: str, temperature: float) -> tuple[float, float, float]:
    substance = find(key)
    pressure, density = substance.vapour_pressure(temperature), substance.liquid_density(temperature)
    slope = (substance.vapour_pressure(temperature + 0.05) - substance.vapour_pressure(temperature - 0.05)) / 0.1
    heat_capacity = substance.liquid_heat_capacity(temperature)
    return pressure, density, flashing.omega(heat_capacity, temperature, pressure, density, 1.0 / (temperature * slope))


@pytest.mark.kernel
def test_cubic_table_follows_a_smooth_function():
    places = np.linspace(1.0, 3.0, 41)
    table = cubic_table(1.0, places[1] - places[0], np.column_stack([np.sin(places), np.exp(places)]))
    for x in (1.0, 1.237, 2.5, 3.0):
        assert cubic_kernel(table, x, 0) == pytest.approx(math.sin(x), abs=1e-6)
        assert cubic_kernel(table, x, 1) == pytest.approx(math.exp(x), rel=1e-6)
    assert table.last == pytest.approx(3.0)


@pytest.mark.parametrize("key", ["propane", "ammonia", "chlorine", "water"])
def test_saturation_table_against_the_equation_of_state(key):
    substance = find(key)
    line = saturation.saturation(substance)
    ends = line.place(line.highest_temperature), line.place(line.lowest_temperature)
    assert ends == pytest.approx((line.table.first, line.table.last), rel=1e-9)
    for temperature in np.linspace(line.lowest_temperature + 0.5, line.highest_temperature - 0.1, 23):
        place = line.place(temperature)
        exact = equation_of_state.saturation_states(substance.fluid, temperature)
        found = [cubic_kernel(line.table, place, k) for k in range(7)]
        assert math.exp(found[0]) == pytest.approx(exact[0], rel=1e-5)
        assert found[1] == pytest.approx(exact[1], rel=1e-5)
        assert math.exp(found[2]) == pytest.approx(exact[2], rel=1e-5)
        assert found[3:] == pytest.approx(exact[3:], rel=1e-5, abs=1.0)


@pytest.mark.parametrize("key", ["propane", "ammonia", "vinyl chloride", "ethylene oxide"])
def test_tables_from_correlations_give_the_flux_of_the_equation_of_state(key):
    """The way of substances without an equation of state, tried on some that have one."""
    substance = find(key)
    line = saturation._from_correlations(substance)
    temperature = 293.15
    place, entropy, enthalpy = saturation.stagnation(line, temperature, 0.0, 0.0)
    end = saturation.place_of_pressure_kernel(line.table, AMBIENT)
    from parkrisk.models.release.two_phase import nozzle_kernel

    _, flux = nozzle_kernel(line.table, place, end, entropy, enthalpy)
    exact = flashing_flow(substance, temperature, substance.vapour_pressure(temperature))
    assert flux == pytest.approx(exact.flux, rel=0.02)


def test_tables_from_correlations_obey_the_first_law():
    """dh = T ds + v dp on both sides, and equal Gibbs energies."""
    line = saturation.saturation(find("phosgene"))
    places = np.linspace(line.table.first + 0.01, line.table.last - 0.01, 9)
    for place in places:
        temperature = saturation.temperature_kernel(line.critical_temperature, place)
        column = [cubic_kernel(line.table, place, k) for k in range(7)]
        latent, ordering = column[4] - column[3], temperature * (column[6] - column[5])
        assert latent == pytest.approx(ordering, rel=1e-4)
        small = 1e-4
        after, before = ([cubic_kernel(line.table, place + step, k) for k in range(7)] for step in (small, -small))
        pressures = math.exp(after[0]) - math.exp(before[0])
        work = temperature * (after[5] - before[5]) + column[1] * pressures
        assert after[3] - before[3] == pytest.approx(work, rel=1e-3)


def test_every_liquefied_toxic_or_flammable_substance_has_a_table():
    """Without a table: liquids whose properties do not reach their boiling point, and one with a broken fit."""
    lacking = set()
    for substance in known():
        constant = substance._constant("boiling_point")
        if constant is None or constant.value > 330.0 or not (substance.is_flammable or substance.is_toxic):
            continue
        try:
            line = saturation.saturation(substance)
        except OutOfRange:
            lacking.add(substance.name_en)
            continue
        assert line.lowest_temperature < substance.boiling_point < line.highest_temperature
    assert lacking == {"oxygen difluoride"}


@pytest.mark.parametrize(
    ("key", "temperature"),
    [("propane", 250.0), ("propane", 298.15), ("propane", 350.0), ("chlorine", 293.15), ("ammonia", 293.15)],
)
def test_nozzle_against_an_isentrope_of_the_equation_of_state(key, temperature):
    from CoolProp.CoolProp import QT_INPUTS, PSmass_INPUTS

    substance = find(key)
    state = _state(substance.fluid)
    state.update(QT_INPUTS, 0.0, temperature)
    pressure, enthalpy, entropy = state.p(), state.hmass(), state.smass()
    best = 0.0
    for outer in np.linspace(0.999 * pressure, max(AMBIENT, 0.4 * pressure), 2000):
        state.update(PSmass_INPUTS, outer, entropy)
        best = max(best, state.rhomass() * math.sqrt(2.0 * (enthalpy - state.hmass())))
    assert flashing_flow(substance, temperature, pressure).flux == pytest.approx(best, rel=1e-4)


def test_propane_of_the_handbook():
    """Propane at 25 °C: 6637 by the equation of state, 6608 by omega."""
    pressure, density, parameter = _omega("propane", 298.15)
    throat = flashing_flow(find("propane"), 298.15, pressure)
    assert throat.flux == pytest.approx(6637.0, rel=1e-4)
    assert flashing.flashing_mass_flux(pressure, pressure, density, parameter) == pytest.approx(6608.0, rel=1e-3)
    assert throat.choked
    assert throat.velocity == pytest.approx(throat.flux / throat.density, rel=1e-12)


# API Standard 520 part I, 2014, Annex C: areas in mm² with Kd, flows in kg/s.
def test_two_phase_example_of_api_520():
    """Example C.2.2.2: crude column overhead, 216,560 kg/h through 24,400 mm², critical at 367.21 kPa."""
    parameter = 9.0 * (0.02265 / 0.01945 - 1.0)
    flux = flashing.flashing_mass_flux(556.4e3, 556.4e3, 1.0 / 0.01945, parameter, 204.5e3)
    assert 0.85 * 24_400e-6 * flux == pytest.approx(216_560.0 / 3600.0, rel=0.01)
    assert flashing.critical_pressure_ratio(parameter) * 556.4e3 == pytest.approx(367.21e3, rel=0.01)


def test_subcooled_example_of_api_520():
    """Example C.2.3: propane at 2073.3 kPa, 378.5 l/min through 134.5 mm²; by omega and by properties at 60 °F."""
    parameter = 9.0 * (511.3 / 262.7 - 1.0)
    flow = 378.5e-3 / 60.0 * 511.3
    flux = flashing.flashing_mass_flux(2073.3e3, 741.9e3, 511.3, parameter, 170.3e3)
    assert 0.65 * 134.5e-6 * flux == pytest.approx(flow, rel=0.01)
    throat = flashing_flow(find("propane"), 288.706, 2073.3e3, 170.3e3)
    assert 0.65 * 134.5e-6 * throat.flux == pytest.approx(flow, rel=0.01)


def test_gas_example_of_api_520():
    """Section 5.6 example: hydrocarbons of 51 g/mol, 24,270 kg/h through 3,698 mm²."""
    density = 670e3 * 0.051 / (0.90 * 8.314462618 * 348.0)
    rate = gas_rate(3698e-6, 670e3, 348.0, 0.051, 1.11, AMBIENT, 0.975, density)
    assert rate == pytest.approx(24_270.0 / 3600.0, rel=0.005)


@pytest.mark.parametrize("temperature", [280.0, 298.15, 320.0])
def test_subcooling_leads_to_bernoulli(temperature):
    propane = find("propane")
    saturated, density = propane.vapour_pressure(temperature), propane.liquid_density(temperature)
    throat = flashing_flow(propane, temperature, 3.0 * saturated)
    assert throat.flux == pytest.approx(math.sqrt(2.0 * density * 2.0 * saturated), rel=1e-4)
    assert throat.quality == pytest.approx(0.0, abs=1e-9)
    assert throat.pressure == pytest.approx(saturated, rel=1e-4)


@settings(deadline=None)
@given(
    st.sampled_from(["propane", "chlorine", "ammonia", "vinyl chloride", "phosgene", "ethylene oxide"]),
    st.floats(290.0, 330.0),
    st.floats(1.0, 4.0),
    st.floats(0.0, 20.0),
)
def test_flux_rises_with_pressure_and_falls_with_resistance(key, temperature, excess, resistance):
    substance = find(key)
    pressure = max(substance.vapour_pressure(temperature), 1.2 * AMBIENT) * excess
    here = flashing_flow(substance, temperature, pressure, AMBIENT, resistance)
    more = flashing_flow(substance, temperature, 1.1 * pressure, AMBIENT, resistance)
    longer = flashing_flow(substance, temperature, pressure, AMBIENT, resistance + 1.0)
    assert more.flux >= here.flux * (1.0 - 1e-9)
    assert longer.flux < here.flux
    assert AMBIENT * (1.0 - 1e-6) <= here.pressure <= pressure


@settings(deadline=None)
@given(st.sampled_from(["propane", "chlorine", "ammonia"]), st.floats(270.0, 330.0))
def test_homogeneous_equilibrium_stays_below_the_equilibrium_rate(key, temperature):
    substance = find(key)
    pressure, density, _ = _omega(key, temperature)
    slope = (substance.vapour_pressure(temperature + 0.05) - substance.vapour_pressure(temperature - 0.05)) / 0.1
    rate = flashing.equilibrium_rate_mass_flux(
        temperature,
        substance.liquid_heat_capacity(temperature),
        density,
        1.0 / (temperature * slope),
        pressure - AMBIENT,
        0.1,
    )
    assert flashing_flow(substance, temperature, pressure).flux < rate


@pytest.mark.parametrize("resistance", [0.5, 2.0, 8.0, 40.0])
def test_pipe_against_the_equation_of_state(resistance):
    """Total enthalpy and momentum of propane, integrated over the pressure with states of the equation of state."""
    from CoolProp.CoolProp import PQ_INPUTS, QT_INPUTS, PSmass_INPUTS
    from scipy.optimize import brentq

    propane, temperature = find("propane"), 293.15
    state = _state("n-Propane")
    state.update(QT_INPUTS, 0.0, temperature)
    pressure, enthalpy, entropy = state.p(), state.hmass(), state.smass()
    highest = flashing_flow(propane, temperature, pressure)

    def volume(outer: float, flux: float) -> float:
        ends = []
        for share in (0.0, 1.0):
            state.update(PQ_INPUTS, outer, share)
            ends.append((1.0 / state.rhomass(), state.hmass()))
        (v, h), (v_vapour, h_vapour) = ends

        def excess(x: float) -> float:
            return h + x * (h_vapour - h) + 0.5 * (flux * (v + x * (v_vapour - v))) ** 2 - enthalpy

        return v + brentq(excess, -1e-3, 1.0) * (v_vapour - v)

    def inlet(outer: float, flux: float) -> float:
        state.update(PSmass_INPUTS, outer, entropy)
        return state.rhomass() * math.sqrt(2.0 * (enthalpy - state.hmass())) - flux

    def used(flux: float) -> float:
        start = brentq(inlet, highest.pressure, pressure * (1.0 - 1e-7), args=(flux,))
        pressures = np.geomspace(start, AMBIENT, 250)
        total, best, before = 0.0, 0.0, volume(start, flux)
        for outer, after in itertools.pairwise(pressures):
            wider = volume(after, flux)
            total += (outer - after) * (1.0 / before + 1.0 / wider) / flux**2 - 2.0 * math.log(wider / before)
            best, before = max(best, total), wider
        return best - resistance

    exact = brentq(used, 0.15 * highest.flux, 0.995 * highest.flux, rtol=1e-4)
    found = flashing_flow(propane, temperature, pressure, AMBIENT, resistance)
    assert found.flux == pytest.approx(exact, rel=5e-3)


@pytest.mark.parametrize("resistance", [0.0, 1.0, 5.0, 30.0])
@pytest.mark.parametrize("excess", [1.0, 1.05, 1.5])
def test_pipe_against_omega(resistance, excess):
    pressure, density, parameter = _omega("propane", 293.15)
    inside = excess * pressure
    exact = flashing_flow(find("propane"), 293.15, inside, AMBIENT, resistance).flux
    found = flashing.flashing_pipe_kernel(inside, pressure, density, parameter, AMBIENT, resistance)
    assert found == pytest.approx(exact, rel=0.04)


@pytest.mark.kernel
def test_resistance_used_by_omega_against_the_closed_form():
    """Leung and Grolmes 1987, the integral of a saturated inlet: N between two pressure ratios of one flux."""
    omega, flux, outer = 7.0, 0.2, 0.3

    def closed(first: float, last: float) -> float:
        k = 1.0 - omega
        logarithm = math.log((k * last + omega) / (k * first + omega))
        work = 2.0 / flux**2 * ((first - last) / k + omega / k**2 * logarithm)
        return work - 2.0 * math.log((k * last + omega) / (k * first + omega) * first / last)

    low, high = 0.8, 1.0 - 1e-12
    for _ in range(100):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if flashing._flux_at(middle, 1.0, omega) < flux else (middle, high)
    used = flashing._pipe_resistance_used(flux, 0.85, 1.0, omega, outer)
    choke = flux * math.sqrt(omega)
    assert used == pytest.approx(closed(low, max(outer, choke)), rel=2e-3)


def test_small_resistance_is_the_nozzle():
    propane = find("propane")
    pressure = propane.vapour_pressure(293.15)
    nozzle = flashing_flow(propane, 293.15, pressure)
    pipe = flashing_flow(propane, 293.15, pressure, AMBIENT, 1e-6)
    assert pipe.flux == pytest.approx(nozzle.flux, rel=1e-3)
    assert pipe_resistance(0.0, 0.1) == 0.0
    assert pipe_resistance(10.0, 0.1) == pytest.approx(0.5 + 100.0 * rough_friction(0.1, 4.5e-5))
    # Moody's diagram, complete turbulence at k/D = 0.001: 0.0196
    assert rough_friction(0.1, 1e-4) == pytest.approx(0.0196, rel=0.01)


def test_mixtures_of_liquid_and_vapour_flow_slower_the_more_vapour():
    propane = find("propane")
    pressure = propane.vapour_pressure(293.15)
    fluxes = [flashing_flow(propane, 293.15, pressure, AMBIENT, 0.0, x).flux for x in (0.0, 0.1, 0.5, 1.0)]
    assert fluxes == sorted(fluxes, reverse=True)


@pytest.mark.parametrize(
    "arguments",
    [
        {"temperature": 220.0},
        {"temperature": 400.0},
        {"temperature": math.nan},
        {"pressure": -1.0},
        {"ambient_pressure": 0.0},
        {"resistance": -1.0},
        {"quality": 1.5},
        {"quality": math.nan},
    ],
)
def test_bad_input_is_refused(arguments):
    usual = {"temperature": 293.15, "pressure": 1.0e6}
    with pytest.raises(OutOfRange):
        flashing_flow(find("propane"), **{**usual, **arguments})
    with pytest.raises(OutOfRange):
        pipe_resistance(-1.0, 0.1)
    with pytest.raises(OutOfRange):
        pipe_resistance(1.0, 0.1, 0.05)


def test_a_throat_below_the_triple_point_is_refused():
    """Carbon dioxide just above its triple point would have to freeze in the nozzle."""
    with pytest.raises(OutOfRange):
        flashing_flow(find("carbon dioxide"), 217.5, 5.4e5)
