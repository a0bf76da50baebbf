"""Gas isentropes, and jets at ambient pressure: against closed forms, equations of state and the balances."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkrisk.models.errors import OutOfRange
from parkrisk.models.release.expansion import expanded_gas, expanded_liquid, jet_of
from parkrisk.models.release.hole import Vessel, hole
from parkrisk.models.release.isentrope import gas_flow, isentrope, wet_isentrope
from parkrisk.models.release.outflow import gas_rate
from parkrisk.models.release.two_phase import flashing_flow
from parkrisk.models.substance.cubic_table import cubic_kernel
from parkrisk.models.substance.substances import find

AMBIENT = 101_325.0


def _isentropic_flux(fluid: str, temperature: float, pressure: float) -> float:
    from CoolProp.CoolProp import PT_INPUTS, AbstractState, PSmass_INPUTS

    state = AbstractState("HEOS", fluid)
    state.update(PT_INPUTS, pressure, temperature)
    entropy, enthalpy = state.smass(), state.hmass()
    best = 0.0
    for share in np.linspace(0.999, max(AMBIENT / pressure, 0.3), 1500):
        state.update(PSmass_INPUTS, share * pressure, entropy)
        best = max(best, state.rhomass() * math.sqrt(max(2.0 * (enthalpy - state.hmass()), 0.0)))
    return best


@pytest.mark.parametrize(
    ("key", "temperature", "pressure"),
    [
        ("hydrogen", 288.15, 50e5),
        ("hydrogen", 288.15, 700e5),
        ("methane", 288.15, 80e5),
        ("nitrogen", 293.15, 200e5),
        ("propane", 293.15, 1.2e5),
        ("propane", 293.15, 5.0e5),
        ("ethylene", 300.0, 100e5),
        ("ethylene", 290.0, 70e5),
        ("carbon dioxide", 310.0, 100e5),
    ],
)
def test_real_gas_against_the_equation_of_state(key, temperature, pressure):
    """The last three choke in the two-phase region."""
    substance = find(key)
    throat, real = gas_flow(substance, temperature, pressure)
    assert real
    assert throat.flux == pytest.approx(_isentropic_flux(substance.fluid, temperature, pressure), rel=5e-3)


def test_ideal_gas_against_the_closed_form():
    phosgene = find("phosgene")
    for pressure in (1.2e5, 1.5e5, 3.0e5):
        throat, real = gas_flow(phosgene, 330.0, pressure)
        assert not real
        ratio = phosgene.heat_capacity_ratio(330.0)
        closed = gas_rate(1.0, pressure, 330.0, phosgene.molar_mass, ratio, AMBIENT, 1.0)
        assert throat.flux == pytest.approx(closed, rel=1e-5)


def test_dilute_real_gas_is_ideal():
    nitrogen = find("nitrogen")
    throat, _ = gas_flow(nitrogen, 293.15, 2.0e5)
    closed = gas_rate(1.0, 2.0e5, 293.15, nitrogen.molar_mass, 1.4, AMBIENT, 1.0)
    assert throat.flux == pytest.approx(closed, rel=2e-3)


@settings(deadline=None)
@given(st.sampled_from(["methane", "chlorine", "hydrogen", "phosgene"]), st.floats(1.1e5, 3.0e5), st.floats(1.01, 1.5))
def test_gas_flux_rises_with_pressure(key, pressure, more):
    substance = find(key)
    low, high = (gas_flow(substance, 320.0, p)[0] for p in (pressure, more * pressure))
    assert high.flux > low.flux
    assert low.pressure >= AMBIENT * (1.0 - 1e-6)


def test_isentrope_keeps_its_entropy():
    from CoolProp.CoolProp import AbstractState, DmassT_INPUTS

    path = isentrope(find("methane"), 288.15, 80e5, AMBIENT)
    state = AbstractState("HEOS", "Methane")
    entropies = []
    for drop in np.linspace(0.0, path.table.last, 12):
        temperature = cubic_kernel(path.table, drop, 1)
        if temperature < 135.0:  # the isentrope bends where it enters the two-phase region
            break
        state.update(DmassT_INPUTS, path.density * math.exp(-drop), temperature)
        entropies.append(state.smass())
    assert len(entropies) > 6
    assert np.ptp(entropies) < 0.01  # of some 4,000 J/(kg K)


def test_boiling_isentrope_against_the_equation_of_state():
    from CoolProp.CoolProp import QT_INPUTS, AbstractState, PSmass_INPUTS

    path = wet_isentrope(find("propane"), 293.15, AMBIENT, 200)
    state = AbstractState("HEOS", "n-Propane")
    state.update(QT_INPUTS, 0.0, 293.15)
    entropy = state.smass()
    for drop in np.linspace(0.1, path.table.last, 9):
        pressure = math.exp(cubic_kernel(path.table, drop, 0))
        state.update(PSmass_INPUTS, pressure, entropy)
        assert path.density * math.exp(-drop) == pytest.approx(state.rhomass(), rel=2e-3)
        assert cubic_kernel(path.table, drop, 2) == pytest.approx(state.hmass(), abs=50.0)


@pytest.mark.parametrize(("key", "temperature"), [("propane", 293.15), ("ammonia", 300.0), ("chlorine", 280.0)])
@pytest.mark.parametrize("excess", [1.0, 1.3])
def test_flashing_jet_keeps_momentum_and_energy(key, temperature, excess):
    from CoolProp.CoolProp import AbstractState, HmassP_INPUTS

    substance = find(key)
    throat = flashing_flow(substance, temperature, excess * substance.vapour_pressure(temperature))
    found = expanded_liquid(substance, throat, AMBIENT)
    thrust = throat.flux * throat.velocity + throat.pressure - AMBIENT
    assert throat.flux * found.velocity == pytest.approx(thrust, rel=1e-12)
    state = AbstractState("HEOS", substance.fluid)
    state.update(HmassP_INPUTS, throat.enthalpy - 0.5 * found.velocity**2, AMBIENT)
    assert 1.0 - found.liquid_fraction == pytest.approx(state.Q(), rel=1e-3)
    assert found.temperature == pytest.approx(state.T(), abs=0.01)
    jet = jet_of(found, 10.0, 1.0, AMBIENT)
    assert jet.density == pytest.approx(state.rhomass(), rel=1e-3)
    assert jet.density * jet.velocity * 0.25 * math.pi * jet.diameter**2 == pytest.approx(10.0)


def test_gas_jet_keeps_momentum_and_energy():
    """Yüceil and Ötügen 2002, in the closed form of a perfect gas: nitrogen at 10 bar."""
    nitrogen, ratio, temperature, pressure = find("nitrogen"), 1.4, 293.15, 10e5
    gas_constant = 8.314462618 / nitrogen.molar_mass
    throat_temperature = 2.0 * temperature / (ratio + 1.0)
    throat_pressure = pressure * (2.0 / (ratio + 1.0)) ** (ratio / (ratio - 1.0))
    sound = math.sqrt(ratio * gas_constant * throat_temperature)
    flux = throat_pressure / (gas_constant * throat_temperature) * sound
    speed = sound + (throat_pressure - AMBIENT) / flux
    cooled = temperature - speed**2 / (2.0 * ratio / (ratio - 1.0) * gas_constant)
    throat, real = gas_flow(nitrogen, temperature, pressure)
    found = expanded_gas(nitrogen, throat, real, AMBIENT)
    assert found.velocity == pytest.approx(speed, rel=5e-3)
    assert found.temperature == pytest.approx(cooled, rel=0.01)
    assert found.liquid_fraction == 0.0


def test_gas_that_is_not_choked_leaves_at_ambient_pressure():
    throat, real = gas_flow(find("methane"), 293.15, 1.2e5)
    found = expanded_gas(find("methane"), throat, real, AMBIENT)
    assert not throat.choked
    assert found.velocity == pytest.approx(throat.velocity, rel=1e-6)
    assert found.temperature == pytest.approx(throat.temperature, rel=1e-4)


def test_large_ammonia_jet():
    """Desert Tortoise 4: 107.87 kg/s out of 94.5 mm at 306.2 K; the jet it takes is at 90 to 131 m/s, 18 to 20 % vapour
    before it slows down. The pressure inside is the one that drives this flow."""
    ammonia = find("ammonia")
    measured = 107.87 / (0.25 * math.pi * 0.0945**2)
    low, high = ammonia.vapour_pressure(306.2), 20e5
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if flashing_flow(ammonia, 306.2, middle, 0.9e5).flux < measured else (low, middle)
    found = expanded_liquid(ammonia, flashing_flow(ammonia, 306.2, high, 0.9e5), 0.9e5)
    assert 90.0 < found.velocity < 131.0
    assert found.liquid_fraction == pytest.approx(0.79, abs=0.03)


def test_what_would_freeze_is_refused_or_flagged():
    carbon_dioxide = find("carbon dioxide")
    throat = flashing_flow(carbon_dioxide, 293.15, 60e5)
    with pytest.raises(OutOfRange):
        expanded_liquid(carbon_dioxide, throat, AMBIENT)
    release = hole(Vessel(carbon_dioxide, 293.15, 50e5, 100.0), 0.01)
    assert release.jet is None
    assert "jet_not_computed" in release.flags


def test_bad_input_is_refused():
    propane = find("propane")
    throat = flashing_flow(propane, 293.15, 1e6)
    for bad in (math.nan, 0.0, -1.0):
        with pytest.raises(OutOfRange):
            expanded_liquid(propane, throat, bad)
        with pytest.raises(OutOfRange):
            jet_of(expanded_liquid(propane, throat, AMBIENT), bad, 1.0, AMBIENT)
        with pytest.raises(OutOfRange):
            gas_flow(propane, bad, 5e5)
        with pytest.raises(OutOfRange):
            gas_flow(propane, 293.15, bad)
    with pytest.raises(OutOfRange):
        gas_flow(propane, 293.15, AMBIENT)
    with pytest.raises(OutOfRange):
        wet_isentrope(propane, 293.15, 2e6, 50)


def test_jet_of_an_ideal_gas_keeps_its_enthalpy():
    """Phosgene has no equation of state here: at rest, in the throat and in the jet cp T + u²/2 is the same."""
    phosgene = find("phosgene")
    throat, real = gas_flow(phosgene, 400.0, 20e5)
    assert not real
    found = expanded_gas(phosgene, throat, real, AMBIENT)
    cooled = 400.0 - 0.5 * found.velocity**2 / phosgene.gas_heat_capacity(throat.temperature)
    assert found.liquid_fraction == 0.0
    assert found.temperature == pytest.approx(cooled, rel=0.01)
