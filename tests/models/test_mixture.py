"""Ideal mixtures: against a mixture model of an equation of state, textbook points and hand calculation."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkrisk.models.errors import MissingProperty, OutOfRange, UnknownSubstance
from parkrisk.models.release.hole import Vessel, hole, instantaneous
from parkrisk.models.release.mixture_flow import equilibrium, mixture_flow
from parkrisk.models.release.two_phase import flashing_flow
from parkrisk.models.substance.mixture import Mixture, mixture, volatility
from parkrisk.models.substance.saturation import saturation
from parkrisk.models.substance.substances import find

AMBIENT = 101_325.0
LPG = mixture({"propane": 0.5, "n-butane": 0.5})
BTX = mixture({"benzene": 0.5, "toluene": 0.5})


def test_equal_by_content():
    same = mixture({"106-97-8": 0.5, "74-98-6": 0.5})
    assert same == LPG
    assert hash(same) == hash(LPG)
    assert mixture({"propane": 0.4, "n-butane": 0.6}) != LPG
    assert find("propane") != LPG
    assert mixture({"propane": 1.0}) is find("propane")
    assert {LPG: 1}[same] == 1


def test_liquefied_gas_against_the_mixture_model_of_coolprop():
    """GERG-type mixing of two equations of state; Raoult errs by 3 % here."""
    from CoolProp.CoolProp import PQ_INPUTS, QT_INPUTS, AbstractState, HmassP_INPUTS

    assert isinstance(LPG, Mixture)
    state = AbstractState("HEOS", "n-Butane&n-Propane")
    state.set_mole_fractions(list(LPG.mole_fractions))
    state.update(QT_INPUTS, 0.0, 293.15)
    assert LPG.vapour_pressure(293.15) == pytest.approx(state.p(), rel=0.04)
    assert LPG.liquid_density(293.15) == pytest.approx(state.rhomass(), rel=0.01)
    enthalpy = state.hmass()
    state.update(QT_INPUTS, 1.0, 293.15)
    assert LPG.dew_pressure(293.15) == pytest.approx(state.p(), rel=0.04)
    for quality, found in ((0.0, LPG.boiling_point), (1.0, LPG.dew_temperature(AMBIENT))):
        state.update(PQ_INPUTS, AMBIENT, quality)
        assert found == pytest.approx(state.T(), abs=0.6)
    state.update(HmassP_INPUTS, enthalpy, AMBIENT)
    vessel = Vessel(LPG, 293.15, LPG.vapour_pressure(293.15), 1e4)
    jet = hole(vessel, 0.05).jet
    assert jet is not None
    assert jet.temperature == pytest.approx(state.T(), abs=1.0)
    assert instantaneous(vessel).flash == pytest.approx(state.Q(), abs=0.03)


def test_where_a_flashing_mixture_chokes_its_pressure_goes_with_its_flux():
    """G = p √(ρ0/(ω ps)) at any resistance, with the flux of the frictionless hole as the limit."""
    flows = [mixture_flow(LPG, 293.15, LPG.vapour_pressure(293.15), AMBIENT, r) for r in (1e-6, 0.2, 0.8, 1.5, 4.0)]
    ratios = [flow.pressure / flow.flux for flow in flows]
    assert ratios == pytest.approx([ratios[0]] * 5, rel=1e-9)
    fluxes = [flow.flux for flow in flows]
    assert fluxes == sorted(fluxes, reverse=True)
    free = mixture_flow(LPG, 293.15, LPG.vapour_pressure(293.15), AMBIENT, 0.0)
    assert (flows[0].flux, flows[0].pressure) == pytest.approx((free.flux, free.pressure), rel=0.02)


def test_benzene_and_toluene_of_the_textbooks():
    """Smith, Van Ness and Abbott: x = 0.5 boils at 92.1 °C at one atmosphere; vapour 71 % benzene."""
    half = 0.078112 / (0.078112 + 0.092138)
    equal = mixture({"benzene": half, "toluene": 1.0 - half})
    assert isinstance(equal, Mixture)
    assert equal.mole_fractions == pytest.approx((0.5, 0.5), abs=1e-4)
    assert equal.boiling_point == pytest.approx(365.3, abs=0.3)
    assert 0.5 * find("benzene").vapour_pressure(365.3) / AMBIENT == pytest.approx(0.71, abs=0.01)


def test_pure_limit():
    """Next to nothing of a second component changes next to nothing."""
    propane = find("propane")
    almost = mixture({"propane": 1.0 - 1e-6, "n-butane": 1e-6})
    for name in ("vapour_pressure", "liquid_density", "liquid_heat_capacity", "heat_of_vaporisation"):
        assert getattr(almost, name)(293.15) == pytest.approx(getattr(propane, name)(293.15), rel=1e-4), name
    for name in ("lfl", "ufl", "heat_of_combustion", "molar_mass", "boiling_point", "critical_temperature"):
        assert getattr(almost, name) == pytest.approx(getattr(propane, name), rel=1e-4), name
    assert almost.gas_density(293.15, 1e5) == pytest.approx(propane.gas_density(293.15, 1e5), rel=1e-4)


@pytest.mark.parametrize(("temperature", "resistance"), [(260.0, 0.0), (293.15, 0.0), (293.15, 2.0), (320.0, 2.0)])
def test_flow_of_an_almost_pure_mixture_is_that_of_the_substance(temperature, resistance):
    """Omega from a flash to 90 % of the pressure against the nozzle of the equation of state."""
    almost = mixture({"propane": 1.0 - 1e-6, "n-butane": 1e-6})
    propane = find("propane")
    pressure = propane.vapour_pressure(temperature)
    found = flashing_flow(almost, temperature, pressure, AMBIENT, resistance)
    exact = flashing_flow(propane, temperature, pressure, AMBIENT, resistance)
    assert found.flux == pytest.approx(exact.flux, rel=0.02)
    assert found.velocity == pytest.approx(exact.velocity, rel=0.1)
    vessels = [Vessel(each, temperature, pressure, 1e4) for each in (almost, propane)]
    path = 0.0 if resistance == 0.0 else 1.0
    jets = [hole(vessel, 0.05, path_length=path).jet for vessel in vessels]
    assert jets[0].velocity == pytest.approx(jets[1].velocity, rel=0.05)
    assert jets[0].temperature == pytest.approx(jets[1].temperature, abs=0.5)
    assert jets[0].liquid_fraction == pytest.approx(jets[1].liquid_fraction, abs=0.02)


def test_le_chatelier_by_hand():
    x = np.array([1.0 / 58.1222, 1.0 / 44.0956])
    x /= x.sum()
    assert LPG.lfl == pytest.approx(1.0 / (x[0] / find("n-butane").lfl + x[1] / find("propane").lfl), rel=1e-4)
    assert LPG.heat_of_combustion == pytest.approx(
        0.5 * (find("n-butane").heat_of_combustion + find("propane").heat_of_combustion)
    )
    inert = mixture({"methane": 0.5, "nitrogen": 0.5})
    share = (0.5 / 0.0160428) / (0.5 / 0.0160428 + 0.5 / 0.0280134)
    assert inert.lfl == pytest.approx(find("methane").lfl / share, rel=1e-3)
    thin = mixture({"methane": 0.01, "nitrogen": 0.99})
    assert not thin.is_flammable
    with pytest.raises(MissingProperty):
        _ = thin.lfl


def test_flash_point_between_those_of_the_components():
    assert find("benzene").flash_point < BTX.flash_point < find("toluene").flash_point
    assert BTX.ignition_category(293.15) == "1"
    assert LPG.ignition_category(293.15) == "0"


def test_poison_of_a_mixture():
    sour = mixture({"hydrogen sulfide": 0.1, "methane": 0.9})
    a, b, n = find("hydrogen sulfide").toxic_probit()
    shifted, slope, exponent = sour.toxic_probit()
    # Ten times the mixture holds the same hydrogen sulphide.
    assert shifted + slope * math.log((10.0 * 500.0) ** exponent * 30.0) == pytest.approx(
        a + b * math.log(500.0**n * 30.0)
    )
    assert sour.is_toxic
    assert "mixture_one_poison" not in sour.assumptions
    two = mixture({"hydrogen sulfide": 0.5, "ammonia": 0.5})
    assert "mixture_one_poison" in two.assumptions
    assert two.toxic_probit()[0] == pytest.approx(a + b * n * math.log(0.5))  # it poisons more than ammonia
    assert LPG.toxic_probit() is None
    assert not LPG.is_toxic


@settings(deadline=None)
@given(st.floats(0.05, 0.95), st.floats(250.0, 330.0))
def test_between_the_components(share, temperature):
    mixed = mixture({"propane": share, "n-butane": 1.0 - share})
    propane, butane = find("propane"), find("n-butane")
    for name in ("vapour_pressure", "dew_pressure", "liquid_density", "heat_of_vaporisation", "gas_heat_capacity"):
        pure = "vapour_pressure" if name == "dew_pressure" else name
        ends = sorted(getattr(each, pure)(temperature) for each in (propane, butane))
        assert ends[0] <= getattr(mixed, name)(temperature) <= ends[1]
    assert mixed.dew_pressure(temperature) < mixed.vapour_pressure(temperature)
    assert mixed.boiling_temperature(2e5) < mixed.dew_temperature(2e5)


def test_equilibrium_keeps_what_is_there():
    assert isinstance(LPG, Mixture)
    bubble, dew = LPG.boiling_temperature(AMBIENT), LPG.dew_temperature(AMBIENT)
    assert equilibrium(LPG, bubble - 0.1, AMBIENT).quality == 0.0
    assert equilibrium(LPG, dew + 0.1, AMBIENT).quality == 1.0
    qualities = [equilibrium(LPG, t, AMBIENT).quality for t in np.linspace(bubble + 0.1, dew - 0.1, 9)]
    assert qualities == sorted(qualities)
    half = equilibrium(LPG, 0.5 * (bubble + dew), AMBIENT)
    whole = half.quality / half.vapour_density + (1.0 - half.quality) / half.liquid_density
    assert whole == pytest.approx(half.volume)


def test_volatility_beyond_the_data_goes_on_smoothly():
    methane = find("methane")
    critical = methane.critical_temperature
    assert volatility(methane, 0.999 * critical) == pytest.approx(volatility(methane, 1.001 * critical), rel=0.05)
    assert volatility(methane, 300.0) > methane.critical_pressure
    assert volatility(find("toluene"), 150.0) > 0.0
    with pytest.raises(OutOfRange):
        volatility(methane, math.nan)


def test_releases_of_mixtures():
    vessel = Vessel(LPG, 293.15, LPG.vapour_pressure(293.15), 1e4)
    wall, pipe = hole(vessel, 0.05), hole(vessel, 0.05, path_length=1.0)
    assert wall.rate > pipe.rate > 0.0
    assert wall.flash == pipe.flash
    liquid = hole(Vessel(BTX, 293.15, AMBIENT, 1e4, head=3.0), 0.05)
    assert liquid.flash == liquid.airborne == 0.0
    gas = hole(Vessel(mixture({"hydrogen sulfide": 0.1, "methane": 0.9}), 293.15, 50e5, 1e3), 0.02)
    assert gas.phase == "gas"
    assert gas.jet is not None
    assert gas.jet.velocity > 400.0
    for release in (wall, pipe, liquid, gas):
        assert release.rate * release.duration == pytest.approx(release.mass)


def test_properties_carry_sources_and_marks():
    found = LPG.property("liquid_density", 293.15)
    assert found.unit == "kg/m3"
    assert found.mark == "V"
    assert "propane" in found.source
    assert BTX.property("lfl").mark in ("V", "1", "M")
    assert LPG.burning_rate.estimated
    assert LPG.reactivity == "medium"
    assert mixture({"hydrogen": 0.1, "methane": 0.9}).burning_velocity_class == "high"
    assert "ideal_mixture" in LPG.assumptions
    with pytest.raises(MissingProperty):
        LPG.property("viscosity", 293.15)
    with pytest.raises(MissingProperty):
        LPG.property("erpg2")


@pytest.mark.parametrize(
    "composition",
    [
        {},
        {"propane": 0.5},
        {"propane": 0.7, "n-butane": 0.7},
        {"propane": -0.1, "n-butane": 1.1},
        {"propane": math.nan, "n-butane": 0.5},
        {"propane": 0.5, "74-98-6": 0.5},
    ],
)
def test_bad_compositions_are_refused(composition):
    with pytest.raises(OutOfRange):
        mixture(composition)


def test_bad_states_are_refused():
    with pytest.raises(UnknownSubstance):
        mixture({"unobtainium": 1.0})
    with pytest.raises(OutOfRange):
        saturation(LPG)
    with pytest.raises(OutOfRange):
        LPG.boiling_temperature(1e8)
    with pytest.raises(OutOfRange):
        flashing_flow(BTX, 293.15, 5e5)
    with pytest.raises(OutOfRange):
        flashing_flow(LPG, 293.15, 6e5, AMBIENT, 0.0, 0.5)
