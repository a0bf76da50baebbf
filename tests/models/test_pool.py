"""Size of pools and the vapour they give."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkrisk.models.atmosphere import Weather
from parkrisk.models.errors import OutOfRange
from parkrisk.models.evaporation import (
    boiling_flux,
    boiling_pool_area,
    evaporation_flux,
    evaporation_flux_kernel,
    ground,
)
from parkrisk.models.pool import pool_diameter, spill, steady_diameter
from parkrisk.models.pool_heat import HeatNumbers, PoolHeat, balance_kernel, vapour_curve
from parkrisk.models.substances import find

NEUTRAL = Weather(5.0, "D")


def test_benzene_pool_of_the_yellow_book():
    """CPR 14E (TNO Yellow Book), section 6.6.3."""
    assert pool_diameter(28.3, 0.02) == pytest.approx(42.445, rel=1e-4)
    assert pool_diameter(28.3, 0.02, bund_area=400.0) == pytest.approx(math.sqrt(1600.0 / math.pi))


def test_transfer_is_that_of_mackay_and_matsugu_in_their_units():
    """The paper's k = 0.0292 u^0.78 D^-0.11 Sc^-0.67, in metres per hour, agrees within rounding."""
    flux = evaporation_flux(1000.0, 0.08, 293.15, NEUTRAL, 20.0)
    per_hour = 0.0292 * (5.0 * 3600.0) ** 0.78 * 20.0**-0.11 * 0.8**-0.67
    expected = per_hour / 3600.0 * 1000.0 * 0.08 / (8.314462618 * 293.15) * -math.log1p(-1000.0 / 101_325.0) * 101.325
    assert flux == pytest.approx(expected, rel=0.01)


@pytest.mark.kernel
def test_evaporation_without_and_with_vapour_pressure():
    assert evaporation_flux_kernel(0.0, 0.08, 293.15, 5.0, 20.0, 101_325.0, 0.8) == 0.0
    small = evaporation_flux_kernel(1.0, 0.08, 293.15, 5.0, 20.0, 101_325.0, 0.8)
    plain = 0.004786 * 5.0**0.78 * 20.0**-0.11 * 0.8**-0.67 * 0.08 / (8.314462618 * 293.15)
    assert small == pytest.approx(plain, rel=1e-5)


@settings(deadline=None)
@given(st.floats(100.0, 9.0e4), st.floats(1.01, 1.1), st.floats(1.0, 200.0))
def test_evaporation_grows_with_vapour_pressure_and_wind(pressure, factor, diameter):
    flux = evaporation_flux(pressure, 0.07, 293.15, NEUTRAL, diameter)
    assert evaporation_flux(pressure * factor, 0.07, 293.15, NEUTRAL, diameter) > flux
    assert evaporation_flux(pressure, 0.07, 293.15, Weather(8.0, "D"), diameter) > flux
    assert evaporation_flux(pressure, 0.07, 293.15, NEUTRAL, diameter * factor) < flux


def test_boiling_on_concrete():
    flux = boiling_flux(111.7, 5.1e5, 288.15, ground("concrete"), 60.0)
    assert flux == pytest.approx(1.1 * (288.15 - 111.7) / math.sqrt(math.pi * 5e-7 * 60.0) / 5.1e5)
    assert boiling_flux(300.0, 4.0e5, 290.0, ground("concrete"), 60.0) == 0.0


def test_area_on_which_an_inflow_boils_solves_abels_equation():
    """A second method: sum the boiling of strips wetted one after the other."""
    rate, time, land = 12.0, 900.0, ground("concrete")
    edges = time * (np.linspace(0.0, 1.0, 4001) ** 2)
    areas = np.array([0.0] + [boiling_pool_area(rate, 239.8, 1.37e6, 293.15, land, t) for t in edges[1:]])
    middles = 0.5 * (edges[1:] + edges[:-1])
    boiling = sum(
        boiling_flux(239.8, 1.37e6, 293.15, land, time - s) * area
        for s, area in zip(middles, np.diff(areas), strict=True)
    )
    assert boiling == pytest.approx(rate, rel=0.02)


def test_steady_pool_gives_what_it_gets():
    diameter = steady_diameter(2.0, lambda d: 0.01 * d**-0.1)
    assert 0.01 * diameter**-0.1 * 0.25 * math.pi * diameter**2 == pytest.approx(2.0)
    assert steady_diameter(1.0e9, lambda _: 0.01, largest=50.0) == 50.0


@settings(deadline=None, max_examples=40)
@given(
    st.sampled_from(["benzene", "acrylonitrile", "gasoline", "ammonia", "chlorine"]),
    st.floats(100.0, 1.0e6),
    st.floats(0.1, 100.0),
    st.sampled_from([math.inf, 500.0]),
)
def test_a_pool_gives_no_more_than_it_gets(key, mass, rate, bund_area):
    substance = find(key)
    made = spill(substance, mass, 293.15, NEUTRAL, rate=rate, bund_area=bund_area)
    assert 0.0 < made.vapour_rate <= rate * (1.0 + 1e-12)
    assert made.area <= min(bund_area, 4.0e6) * (1.0 + 1e-12)
    assert made.vapour_rate * made.duration == pytest.approx(mass)
    assert made.temperature <= min(293.15, substance.boiling_temperature(101_325.0)) + 1e-6
    larger = spill(substance, 1.1 * mass, 293.15, NEUTRAL, rate=1.1 * rate, bund_area=bund_area)
    assert larger.diameter >= made.diameter * (1.0 - 1e-9)


def test_spill_at_once_in_a_bund_and_without():
    benzene = find("benzene")
    free = spill(benzene, 50_000.0, 293.15, NEUTRAL)
    bunded = spill(benzene, 50_000.0, 293.15, NEUTRAL, bund_area=1000.0)
    assert free.depth == pytest.approx(0.005)
    assert bunded.area == pytest.approx(1000.0)
    assert free.vapour_rate > bunded.vapour_rate
    rough = spill(benzene, 50_000.0, 293.15, NEUTRAL, surface="gravel")
    assert rough.diameter < free.diameter
    assert "unverified:pool_surface" in rough.flags


def test_evaporation_cools_a_pool():
    benzene = find("benzene")
    made = spill(benzene, 50_000.0, 293.15, NEUTRAL, bund_area=1000.0)
    assert 278.0 < made.temperature < 293.15
    uncooled = evaporation_flux(benzene.vapour_pressure(293.15), benzene.molar_mass, 293.15, NEUTRAL, made.diameter)
    assert made.vapour_rate / made.area < uncooled
    at_found = benzene.vapour_pressure(made.temperature)
    flux = evaporation_flux(at_found, benzene.molar_mass, made.temperature, NEUTRAL, made.diameter)
    assert made.vapour_rate / made.area == pytest.approx(flux, rel=0.01)
    heavy = spill(find("diesel"), 50_000.0, 293.15, NEUTRAL, bund_area=1000.0)
    assert heavy.temperature == pytest.approx(293.15, abs=0.5)


def test_a_refrigerated_pool_cares_little_about_half_a_degree():
    """Nothing jumps where the liquid comes at, above or below its boiling point."""
    for key, boiling in (("ammonia", 239.8), ("propane", 231.0)):
        rates = [
            spill(find(key), 20_000.0, boiling + step, NEUTRAL, bund_area=300.0).vapour_rate
            for step in (-0.5, 0.0, 0.5)
        ]
        assert max(rates) < 1.05 * min(rates)
    short, long = (
        spill(find("ammonia"), 20_000.0, 239.0, NEUTRAL, bund_area=300.0, averaging_time=t).vapour_rate
        for t in (60.0, 600.0)
    )
    assert short > long
    cold, warm = (
        spill(find("ammonia"), 20_000.0, 239.0, NEUTRAL, bund_area=300.0, ground_temperature=t).vapour_rate
        for t in (263.0, 303.0)
    )
    assert cold < warm


@pytest.mark.parametrize(
    ("key", "start", "area"), [("benzene", 293.15, 400.0), ("gasoline", 293.15, 400.0), ("ammonia", 239.0, 300.0)]
)
def test_balance_against_stepping_through_time(key, start, area):
    """A second method: integrate the temperature of a bunded pool for ten minutes; the means agree within a quarter."""
    substance, mass, land = find(key), 20_000.0, ground("concrete")
    diameter = math.sqrt(4.0 * area / math.pi)
    temperature, gone, step = start, 0.0, 0.25
    heat, heat_capacity = substance.heat_of_vaporisation(start), substance.liquid_heat_capacity(start)
    convection = 0.004786 * 5.0**0.78 * diameter**-0.11 * 0.71**-0.67 * 1.2 * 1006.0
    for k in range(2400):
        time = (k + 0.5) * step
        flux = evaporation_flux(
            substance.vapour_pressure(temperature), substance.molar_mass, temperature, NEUTRAL, diameter
        )
        # Heat of the steps of the ground's temperature so far, as if the present difference had lasted.
        supply = land.conductivity * (293.15 - temperature) / math.sqrt(math.pi * land.diffusivity * time)
        supply += convection * (293.15 - temperature) + 0.95 * 5.67e-8 * (293.15**4 - temperature**4)
        temperature += (supply - flux * heat) * area * step / ((mass - gone) * heat_capacity)
        gone += flux * area * step
    made = spill(substance, mass, start, NEUTRAL, bund_area=area)
    assert made.vapour_rate == pytest.approx(gone / 600.0, rel=0.25)


def test_steady_diameter_of_the_balance_agrees_with_the_general_search():
    for key, rate in (("benzene", 2.0), ("ammonia", 3.0), ("gasoline", 0.05), ("diesel", 0.01)):
        substance = find(key)
        heat = PoolHeat(
            substance,
            NEUTRAL,
            min(293.15, substance.boiling_point),
            293.15,
            ground("concrete"),
            600.0,
            rate,
            growing=True,
        )
        searched = steady_diameter(rate, lambda d, heat=heat: heat.balance(d)[1], 500.0)
        assert heat.steady_diameter(rate, 500.0) == pytest.approx(searched, rel=1e-6)


def test_vapour_curve_is_exact_where_it_should_be():
    substance = find("acrylonitrile")
    a, b, c = vapour_curve(substance, 101_325.0, 283.15, 293.15)
    for temperature in (253.15, 283.15, 293.15, 320.0, substance.boiling_temperature(101_325.0)):
        assert math.exp(a - b / (temperature + c)) == pytest.approx(substance.vapour_pressure(temperature), rel=0.01)


@pytest.mark.kernel
def test_without_heat_a_pool_gets_cold_and_with_much_it_boils():
    def balance(conductance: float) -> tuple[float, float]:
        numbers = HeatNumbers(
            wind_speed=5.0,
            ambient_pressure=101_325.0,
            molar_mass=0.05,
            schmidt=0.8,
            prandtl=0.71,
            boiling_point=300.0,
            heat_of_vaporisation=4.0e5,
            a=25.0,
            b=4041.0,
            c=0.0,
            air_temperature=310.0,
            air_heat=0.0,
            emissivity=0.0,
            ground_temperature=310.0,
            ground_conductance=conductance,
            liquid_temperature=300.0,
            supply_heat=0.0,
        )
        return balance_kernel(20.0, numbers)

    cold, little = balance(1.0)
    assert cold < 250.0
    hot, much = balance(1.0e6)
    assert hot == 300.0
    assert much == pytest.approx(1.0e6 * 10.0 / 4.0e5)
    assert little < much


@pytest.mark.parametrize(
    "more",
    [
        {"mass": 0.0},
        {"mass": math.nan},
        {"temperature": -5.0},
        {"rate": -1.0},
        {"bund_area": 0.0},
        {"surface": "lava"},
        {"averaging_time": 0.0},
        {"weather": Weather(10.0, "F")},
        {"weather": Weather(0.0, "D")},
    ],
)
def test_bad_input_is_refused(more):
    usual = {"substance": find("benzene"), "mass": 1000.0, "temperature": 293.15, "weather": NEUTRAL}
    with pytest.raises(OutOfRange):
        spill(**{**usual, **more})


def test_evaporation_at_boiling_is_refused():
    with pytest.raises(OutOfRange):
        evaporation_flux(101_325.0, 0.07, 300.0, NEUTRAL, 10.0)
    with pytest.raises(OutOfRange):
        evaporation_flux(1.0e4, 0.07, 300.0, NEUTRAL, 1.0e5)
