"""Mixtures of air and a released substance against balances written another way, and against CoolProp."""

import math

import CoolProp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.air.surface_layer import MOLAR_MASS_WATER, surface_layer
from parkrisk.models.cloud.mixing import (
    MOLAR_MASS_AIR,
    excess_enthalpy,
    material,
    mix_kernel,
    mole_fraction_kernel,
    source_density,
)
from parkrisk.models.substance.substances import find
from tests.models.cloud_cases import PRESSURE, boiling, dry_air, gas

R = 8.314462618
HUMID = surface_layer(Weather(5.0, "D", air_temperature=298.15, relative_humidity=0.8))
DRY = surface_layer(Weather(5.0, "D", air_temperature=298.15, relative_humidity=0.0))


def at_boiling_point(name, air):
    return material(find(name), boiling(name), air.temperature, air.pressure)


def magnus(temperature):
    t = temperature - 273.15
    return 611.2 * math.exp(17.62 * t / (243.12 + t) if t >= 0.0 else 22.46 * t / (272.62 + t))


def moles_of_vapour(temperature, released, dry, water, substance):
    """Gaseous moles of substance and water that are in equilibrium with each other, per kg."""
    heat = substance.vaporisation_heat * substance.molar_mass
    pure = math.exp(min(heat / R * (1.0 / substance.boiling_point - 1.0 / temperature), 50.0))
    damp = magnus(temperature) / PRESSURE
    vapour, steam = released, water
    for _ in range(200):
        others = dry + steam
        vapour = released if pure >= 1.0 else min(released, others * pure / (1.0 - pure))
        others = dry + vapour
        steam = water if damp >= 1.0 else min(water, others * damp / (1.0 - damp))
    return vapour, steam


def enthalpy_of(temperature, fraction, substance, air):
    """Enthalpy of one kilogram, from gas at the temperature of the air: by moles, and by another path.

    Everything stays a gas while it is brought to the temperature; then what is liquid condenses there, its heat of
    condensation following from the heat capacities (Kirchhoff).
    """
    dry = (1.0 - fraction) * (1.0 - air.humidity) / MOLAR_MASS_AIR
    water = (1.0 - fraction) * air.humidity / MOLAR_MASS_WATER
    released = fraction / substance.molar_mass
    vapour, steam = moles_of_vapour(temperature, released, dry, water, substance)
    step = temperature - air.temperature
    total = dry * MOLAR_MASS_AIR * 1006.0 * step
    total += released * substance.molar_mass * substance.vapour_heat * step
    total += water * MOLAR_MASS_WATER * 1860.0 * step
    latent = substance.vaporisation_heat + (substance.vapour_heat - substance.liquid_heat) * (
        temperature - substance.boiling_point
    )
    total -= (released - vapour) * substance.molar_mass * latent
    latent_water = 2.501e6 - 2370.0 * (air.temperature - 273.15) - (4190.0 - 1860.0) * step
    if temperature < 273.15:
        latent_water += 3.34e5
    total -= (water - steam) * MOLAR_MASS_WATER * latent_water
    return total


def temperature_of(enthalpy, fraction, substance, air):
    coldest = 0.62 * min(substance.boiling_point, air.temperature)
    return optimize.brentq(lambda t: enthalpy_of(t, fraction, substance, air) - enthalpy, coldest, 420.0, xtol=1e-9)


@pytest.mark.kernel
@pytest.mark.parametrize("air", [DRY, HUMID])
def test_pure_air_stays_as_it_is(air):
    for guess in (150.0, 298.15, 350.0):
        found = mix_kernel(0.0, 0.0, guess, at_boiling_point("propane", air), air)
        assert found.temperature == pytest.approx(air.temperature, abs=2e-5)
        assert found.density == pytest.approx(air.density, rel=1e-7)
        assert found.concentration == found.mist == 0.0


@pytest.mark.parametrize("temperature", [225.0, 243.15, 263.15, 273.15, 293.15, 328.0])
def test_undisturbed_air_never_condenses(temperature):
    # air saturated over supercooled water holds more than ice lets it
    air = surface_layer(Weather(5.0, "D", air_temperature=temperature, relative_humidity=1.0))
    found = mix_kernel(0.0, 1e-12, temperature, at_boiling_point("methane", air), air)
    assert found.temperature == pytest.approx(temperature, abs=1e-6)
    assert found.density == pytest.approx(air.density, rel=1e-9)


@pytest.mark.parametrize("name", ["ammonia", "chlorine", "propane", "methane"])
@pytest.mark.parametrize("mist", [0.0, 0.3, 0.85])
def test_two_phases_in_dry_air(name, mist):
    substance = at_boiling_point(name, DRY)
    source = excess_enthalpy(substance.boiling_point, mist, substance, DRY.temperature)
    for fraction in (0.98, 0.9, 0.7, 0.5, 0.3, 0.1, 0.03, 0.003):
        found = mix_kernel(fraction * source, fraction, 250.0, substance, DRY)
        expected = temperature_of(fraction * source, fraction, substance, DRY)
        assert found.temperature == pytest.approx(expected, abs=1e-3)
        dry = (1.0 - fraction) / MOLAR_MASS_AIR
        vapour, _ = moles_of_vapour(expected, fraction / substance.molar_mass, dry, 0.0, substance)
        liquid = fraction - vapour * substance.molar_mass
        assert found.mist == pytest.approx(liquid, abs=1e-5)
        volume = (dry + vapour) * R * expected / PRESSURE + liquid / substance.liquid_density
        assert found.density == pytest.approx(1.0 / volume, rel=2e-5)


@pytest.mark.parametrize("name", ["ammonia", "chlorine", "methane", "hydrogen"])
def test_two_phases_in_humid_air(name):
    # vapour and steam are found one after the other, not together: at most 3 % of the moles are water
    substance = at_boiling_point(name, HUMID)
    source = excess_enthalpy(
        substance.boiling_point, 0.0 if name in ("methane", "hydrogen") else 0.8, substance, 298.15
    )
    for fraction in (0.9, 0.6, 0.3, 0.1, 0.03, 0.01):
        found = mix_kernel(fraction * source, fraction, 280.0, substance, HUMID)
        expected = temperature_of(fraction * source, fraction, substance, HUMID)
        assert found.temperature == pytest.approx(expected, abs=0.4)


def test_water_of_the_air_warms_a_cold_cloud():
    cold = at_boiling_point("methane", HUMID)
    source = excess_enthalpy(cold.boiling_point, 0.0, cold, 298.15)
    for fraction in (0.3, 0.1, 0.05):
        humid = mix_kernel(fraction * source, fraction, 250.0, cold, HUMID)
        dry = mix_kernel(fraction * source, fraction, 250.0, cold, DRY)
        assert humid.temperature > dry.temperature + 1.0
        assert humid.density < dry.density


def test_mist_evaporates_below_its_boiling_point():
    # ammonia jet: 25 to 40 K below the boiling point before the last of the mist is gone
    ammonia = at_boiling_point("ammonia", DRY)
    source = excess_enthalpy(ammonia.boiling_point, 0.82, ammonia, 298.15)
    fractions = np.geomspace(0.98, 0.01, 200)
    found = [mix_kernel(f * source, f, 230.0, ammonia, DRY) for f in fractions]
    last = max(i for i, each in enumerate(found) if each.mist > 1e-4)
    coldest = min(each.temperature for each in found)
    assert 25.0 < ammonia.boiling_point - coldest < 45.0
    assert abs(found[last].temperature - coldest) < 10.0


def test_what_does_not_boil_is_a_gas():
    # carbon dioxide: solid and vapour at 1 atm
    co2 = material(find("carbon dioxide"), 194.7, 288.15, PRESSURE)
    air = dry_air()
    source = co2.vapour_heat * (194.7 - 288.15)
    for fraction in (1.0, 0.5, 0.1):
        found = mix_kernel(fraction * source, fraction, 250.0, co2, air)
        warm = (1.0 - fraction) * 1006.0 * 288.15 + fraction * co2.vapour_heat * 194.7
        expected = warm / ((1.0 - fraction) * 1006.0 + fraction * co2.vapour_heat)
        assert found.temperature == pytest.approx(expected, abs=1e-3)
        assert found.mist == 0.0


def test_freezing_water_holds_the_temperature():
    # at 0 °C the enthalpy jumps by the heat of freezing: the mixture stays there
    cold = at_boiling_point("methane", HUMID)
    source = excess_enthalpy(cold.boiling_point, 0.0, cold, 298.15)
    fractions = np.linspace(0.05, 0.25, 400)
    found = np.array([mix_kernel(f * source, f, 270.0, cold, HUMID).temperature for f in fractions])
    assert (np.diff(found) <= 1e-4).all()
    assert (abs(found - 273.15) < 1e-4).sum() > 3


@settings(deadline=None)
@given(
    name=st.sampled_from(["ammonia", "chlorine", "propane", "methane", "hydrogen", "benzene"]),
    fraction=st.floats(1e-6, 0.99),
    warmer=st.floats(-1.0, 1.0),
    humidity=st.floats(0.0, 1.0),
    air_temperature=st.floats(235.0, 325.0),
)
def test_temperature_rises_with_the_enthalpy(name, fraction, warmer, humidity, air_temperature):
    air = surface_layer(Weather(5.0, "D", air_temperature=air_temperature, relative_humidity=humidity))
    substance = at_boiling_point(name, air)
    low = fraction * excess_enthalpy(substance.boiling_point, 0.9, substance, air.temperature)
    high = fraction * substance.vapour_heat * 20.0
    enthalpy = 0.5 * (low + high) + 0.5 * warmer * (high - low)
    below = mix_kernel(enthalpy, fraction, 200.0, substance, air)
    above = mix_kernel(enthalpy + 0.02 * (high - low) + 100.0 * fraction, fraction, 300.0, substance, air)
    assert below.temperature <= above.temperature + 1e-4
    assert below.mist >= above.mist - 1e-7
    assert 0.0 <= below.mist <= fraction
    # whatever the guess
    again = mix_kernel(enthalpy, fraction, 320.0, substance, air)
    assert again.temperature == pytest.approx(below.temperature, abs=2e-3)


@pytest.mark.kernel
def test_mole_fraction():
    # 5 % of methane by volume is 2.84 % by mass in dry air
    mass = 0.05 * 0.016043 / (0.05 * 0.016043 + 0.95 * MOLAR_MASS_AIR)
    assert mole_fraction_kernel(mass, gas(0.016043), dry_air()) == pytest.approx(0.05, rel=1e-12)


def mixture(first, second, share, temperature):
    state = CoolProp.AbstractState("HEOS", f"{first}&{second}")
    state.set_mole_fractions([share, 1.0 - share])
    state.specify_phase(CoolProp.iphase_gas)
    state.update(CoolProp.PT_INPUTS, PRESSURE, temperature)
    return state.rhomolar()


@pytest.mark.parametrize(("name", "fluid"), [("methane", "Methane"), ("propane", "Propane"), ("ethylene", "Ethylene")])
def test_density_against_coolprop(name, fluid):
    # nitrogen for air, by moles
    air = dry_air()
    for share in (0.05, 0.2, 0.6):
        substance = material(find(name), boiling(name), 288.15, PRESSURE)
        mass = share * substance.molar_mass / (share * substance.molar_mass + (1.0 - share) * MOLAR_MASS_AIR)
        for temperature in (240.0, 288.15):
            enthalpy = (1.0 - mass) * 1006.0 + mass * substance.vapour_heat
            found = mix_kernel(enthalpy * (temperature - air.temperature), mass, 260.0, substance, air)
            assert found.temperature == pytest.approx(temperature, abs=1e-3)
            mean = share * substance.molar_mass + (1.0 - share) * MOLAR_MASS_AIR
            # ideal gas against the equation of state
            assert found.density / mean == pytest.approx(mixture(fluid, "Nitrogen", share, temperature), rel=0.015)


def test_source_below_its_boiling_point_is_vapour():
    # benzene at 290 K: not liquid, and not at its boiling point
    benzene = material(find("benzene"), 290.0, 293.15, PRESSURE)
    assert source_density(290.0, 0.0, benzene, PRESSURE) == pytest.approx(
        PRESSURE * benzene.molar_mass / (R * 290.0), rel=1e-12
    )
    half = source_density(benzene.boiling_point, 0.5, benzene, PRESSURE)
    vapour = R * benzene.boiling_point / (benzene.molar_mass * PRESSURE)
    assert half == pytest.approx(1.0 / (0.5 * vapour + 0.5 / benzene.liquid_density), rel=1e-12)


def test_material_depends_on_pressure():
    thin = material(find("chlorine"), 235.0, 288.15, 8e4)
    assert thin.boiling_point < material(find("chlorine"), 235.0, 288.15, PRESSURE).boiling_point
