"""Size of pools and the vapour they give."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.errors import OutOfRange
from parkrisk.models.pool.evaporation import (
    boiling_flux,
    boiling_pool_area,
    evaporation_flux,
    evaporation_flux_kernel,
    ground,
    schmidt_number,
    transfer_kernel,
)
from parkrisk.models.pool.history import LONGEST_SPILL, pool_history
from parkrisk.models.pool.spill import pool_diameter, spill, window_kernel
from parkrisk.models.substance.substances import find

NEUTRAL = Weather(5.0, "D")


def test_benzene_pool_of_the_yellow_book():
    """CPR 14E (TNO Yellow Book), section 6.6.3."""
    assert pool_diameter(28.3, 0.02) == pytest.approx(42.445, rel=1e-4)
    assert pool_diameter(28.3, 0.02, bund_area=400.0) == pytest.approx(math.sqrt(1600.0 / math.pi))


def test_transfer_is_that_of_mackay_and_matsugu_in_their_units():
    """The paper's k = 0.0292 u^0.78 D^-0.11 Sc^-0.67, in metres per hour, agrees within rounding."""
    flux = evaporation_flux(1000.0, 0.08, 293.15, NEUTRAL, 20.0, schmidt=0.8)
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


@pytest.mark.parametrize("wind", [1.5, 3.0, 5.0, 10.0])
@pytest.mark.parametrize("width", [1.0, 5.0, 50.0, 200.0])
def test_water_evaporates_somewhat_faster_than_ponds_do(wind, width):
    """Wind function of open water, (5 km²/A)^0.05 (3.80 + 1.57 u10) MJ/(m² day kPa).

    McMahon et al., Hydrol. Earth Syst. Sci. 17 (2013) 1331, supplement eq. S11.24, fitted to lakes and ponds; the law,
    fitted to trays, must not lie below it, nor far above.
    """
    kilometres = 0.25e-6 * math.pi * width**2
    per_day = (5.0 / kilometres) ** 0.05 * (3.80 + 1.57 * wind) * 1e6 / 2.454e6
    pond = per_day / 86_400.0 / 1000.0 * 8.314 * 293.15 / 0.018015
    assert 0.95 < transfer_kernel(wind, width, schmidt_number(0.018015)) / pond < 1.5


def brighton(wind: float, width: float, molar_mass: float, exponent: float = 0.142, roughness: float = 1e-3) -> float:
    """Transfer coefficient [m/s] of the boundary layer over a pool: second law; NOAA OR&R 43, section 3.3.1."""
    turbulent, karman, euler, friction = 0.85, 0.4, 0.5772, 0.03 * wind
    schmidt, reynolds = schmidt_number(molar_mass), friction * roughness / 1.5e-5
    smooth = (3.85 * schmidt ** (1.0 / 3.0) - 1.3) ** 2 + turbulent / karman * math.log(0.13 * schmidt)
    rough = 7.3 * max(reynolds, 2.0) ** 0.25 * math.sqrt(schmidt) - 5.0 * turbulent
    layer = smooth + min(max((reynolds - 0.13) / 1.87, 0.0), 1.0) * (rough - smooth)
    share = karman / turbulent * (1.0 + exponent)
    shift = 1.0 / exponent + 1.0 + 2.0 * math.log(1.0 + exponent) - 2.0 * euler + share * layer
    length = exponent * karman**2 * width / (turbulent * roughness * math.exp(1.0 / exponent))
    log, pi2 = shift + math.log(length), math.pi**2
    mean = 0.5 - math.atan(log / math.pi) / math.pi + (1.0 - euler) / (log**2 + pi2)
    mean += (1.0 + (1.0 - euler) ** 2 + pi2 / 6.0) * log / (log**2 + pi2) ** 2
    return friction * share * mean


@pytest.mark.parametrize("wind", [1.5, 5.0, 10.0])
@pytest.mark.parametrize("width", [1.0, 20.0, 200.0])
@pytest.mark.parametrize("molar_mass", [0.058, 0.078, 0.106])
def test_the_law_lies_above_that_of_brighton_by_up_to_two_thirds(wind, width, molar_mass):
    ratio = transfer_kernel(wind, width, schmidt_number(molar_mass)) / brighton(wind, width, molar_mass)
    assert 1.0 < ratio < 1.75


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
    # A pool that has spread may boil off what had collected, a little faster than more comes.
    assert 0.0 < made.vapour_rate <= rate * (1.0 + 1e-3)
    assert made.area <= min(bund_area, 4.0e6) * (1.0 + 1e-12)
    followed = min(mass, rate * LONGEST_SPILL)
    assert made.vapour_rate * made.duration == pytest.approx(made.evaporated)
    assert made.evaporated <= followed * (1.0 + 1e-12)
    assert made.temperature <= min(293.15, substance.boiling_temperature(101_325.0)) + 1e-6
    larger = spill(substance, 1.1 * mass, 293.15, NEUTRAL, rate=1.1 * rate, bund_area=bund_area)
    assert larger.diameter >= made.diameter * (1.0 - 1e-9)


def test_the_source_loses_no_mass_and_is_never_milder_than_the_history():
    for key, supply in (
        ("ammonia", {"at_once": 20_000.0}),
        ("benzene", {"at_once": 20_000.0}),
        ("acetone", {"ends": [900.0], "rates": [20.0]}),
        ("propane", {"ends": [300.0], "rates": [20.0]}),
    ):
        history = pool_history(find(key), 293.15, NEUTRAL, bund_area=300.0, **supply)
        mass = supply.get("at_once", 0.0) + sum(supply.get("ends", ())) * sum(supply.get("rates", ()))
        rate = {"rate": supply["rates"][0]} if "rates" in supply else {}
        for window in (60.0, 600.0):
            made = spill(find(key), mass, 293.15, NEUTRAL, bund_area=300.0, averaging_time=window, **rate)
            assert made.vapour_rate * made.duration == pytest.approx(history.evaporated[-1])
            starts = np.linspace(0.0, history.time[-1] - window, 2000)
            gone = np.interp([starts, starts + window], history.time, history.evaporated)
            largest = ((gone[1] - gone[0]) / window).max()
            assert largest * (1.0 - 1e-9) <= made.vapour_rate <= largest * 1.01
            assert history.temperature.min() <= made.temperature <= history.temperature.max()
        assert made.diameter == history.diameter[-1]


def test_window_of_a_short_history_and_of_one_by_hand():
    rows = np.array([[0.0, 1.0, 9.0, 300.0, 0.0], [10.0, 1.0, 7.0, 290.0, 2.0], [20.0, 1.0, 1.0, 280.0, 8.0]])
    assert window_kernel(rows, 10.0) == pytest.approx((0.6, 285.0))
    # Half of the first step and all of the second.
    assert window_kernel(rows, 15.0) == pytest.approx((7.0 / 15.0, (295.0 + 6.0 * 285.0) / 7.0))
    assert window_kernel(rows, 20.0) == pytest.approx((0.4, (2.0 * 295.0 + 6.0 * 285.0) / 8.0))
    assert window_kernel(rows, 1000.0) == window_kernel(rows, 20.0)
    assert window_kernel(rows * np.array([1.0, 1.0, 1.0, 1.0, 0.0]), 10.0) == (0.0, 280.0)


def test_spill_at_once_in_a_bund_and_without():
    benzene = find("benzene")
    free = spill(benzene, 50_000.0, 293.15, NEUTRAL)
    bunded = spill(benzene, 50_000.0, 293.15, NEUTRAL, bund_area=1000.0)
    # Some evaporates before the pool is as thin as it can be.
    assert 0.005 < free.depth < 0.0055
    assert bunded.area == pytest.approx(1000.0)
    assert free.vapour_rate > bunded.vapour_rate
    rough = spill(benzene, 50_000.0, 293.15, NEUTRAL, surface="gravel")
    assert rough.diameter < free.diameter
    assert "unverified:pool_surface" in rough.flags
    assert free.flags == ()


def test_evaporation_cools_a_pool():
    benzene = find("benzene")
    made = spill(benzene, 50_000.0, 293.15, NEUTRAL, bund_area=1000.0)
    assert 280.0 < made.temperature < 293.15
    uncooled = evaporation_flux(benzene.vapour_pressure(293.15), benzene.molar_mass, 293.15, NEUTRAL, made.diameter)
    assert made.vapour_rate / made.area < uncooled
    at_found = benzene.vapour_pressure(made.temperature)
    flux = evaporation_flux(at_found, benzene.molar_mass, made.temperature, NEUTRAL, made.diameter)
    assert made.vapour_rate / made.area == pytest.approx(flux, rel=0.02)
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


def test_surfaces_and_their_marks():
    fluxes = {
        surface: boiling_flux(239.8, 1.37e6, 293.15, ground(surface), 60.0)
        for surface in ("insulated_concrete", "concrete", "dry_sand", "moist_sand", "soil")
    }
    assert list(fluxes.values()) == sorted(fluxes.values())
    # NOAA OR&R 43, table 9, prints 8.64 W/(m K) and 4.13e-6 m²/s, with the factor of contact in them.
    printed = 8.64 / math.sqrt(math.pi * 4.13e-6 * 60.0) * (293.15 - 239.8) / 1.37e6
    assert fluxes["soil"] == pytest.approx(printed, rel=1e-3)
    assert [ground(name).mark for name in ("concrete", "soil", "gravel", "water")] == ["1", "1", "M", "1"]
    # 0.16 lb/ft² of LNG, of some 430 kg/m³
    assert ground("water").minimum_depth == pytest.approx(0.16 * 0.45359 / 0.3048**2 / 430.0, rel=0.02)
    assert boiling_flux(111.7, 5.1e5, 293.15, ground("water"), 60.0) == pytest.approx(500.0 * 181.45 / 5.1e5)


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
        {"averaging_time": math.nan},
        {"bund_height": -1.0},
        {"horizon": math.nan},
        {"sunshine": math.nan},
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
