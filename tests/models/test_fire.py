"""Pool and trench fires: worked examples, limits, monotony, bad input; what all fires share."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.blast.explosion import METHODS, Explosion
from parkrisk.models.constants import rows as constant_rows
from parkrisk.models.errors import OutOfRange
from parkrisk.models.fire import pool_flame as pf
from parkrisk.models.fire.pool_fire import PoolFire, SpreadingPoolFire
from parkrisk.models.fire.pool_flame import burgess_burning_rate, burning_rate, flame_drag, trench_drag
from parkrisk.models.fire.radiation import cylinder_view_factor, frustum_view_factor_kernel, transmissivity
from parkrisk.models.footprint import PolarGrid
from parkrisk.models.substance import flammability
from parkrisk.models.substance.substances import find
from parkrisk.models.vulnerability.fragility import EQUIPMENT_CLASSES
from parkrisk.models.vulnerability.fragility import flags as fragility_flags
from tests.models.fires import CALM, STORM, WIND, clean_pool, fireball, jet, pool, trench
from tests.validation.measurements import measured

GRID = PolarGrid()


class TestLaws:
    def test_worked_example_of_the_yellow_book(self):
        # CPR 14E 6.6.3, benzene
        diameter = math.sqrt(4.0 * 28.3 / 0.02 / math.pi)
        assert diameter == pytest.approx(42.445, abs=2e-3)
        rate = burning_rate(0.085, 2.7, diameter)
        assert 5.0 / (9.80665 * rate * diameter / 1.2243) ** (1 / 3) == pytest.approx(1.62937, rel=1e-3)
        length = pf.flame_length(diameter, rate, 5.0, 1.2243)
        assert length == pytest.approx(46.7725, rel=1e-3)
        tilt = pf.flame_tilt(diameter, 5.0, 7.5133e-6)
        assert math.tan(tilt) / math.cos(tilt) == pytest.approx(1.94315, rel=1e-3)
        assert math.degrees(tilt) == pytest.approx(50.8286, rel=1e-3)
        clear, mean = pf.soot_emissive_power(rate, 4.015e7, length / diameter, 0.4, 0.8)
        assert clear == pytest.approx(252_400.0, rel=1e-3)
        assert mean == pytest.approx(66_480.0, rel=1e-3)
        *_, largest = cylinder_view_factor(100.0, 0.0, 0.5 * diameter, length, tilt)
        assert mean * largest * 0.71474 == pytest.approx(4581.0, rel=1e-3)

    def test_thomas_in_still_air(self):
        scaled = 0.05 / (1.2 * math.sqrt(9.80665 * 10.0))
        assert pf.flame_length(10.0, 0.05, 0.0, 1.2) == pytest.approx(420.0 * scaled**0.61)

    def test_burning_rates(self):
        # gasoline 0.055 (1 - exp(-2.1 D)); alcohols do not depend on the size
        assert burning_rate(0.055, 2.1, 0.3) == pytest.approx(0.055 * (1 - math.exp(-0.63)))
        assert burning_rate(0.015, math.inf, 0.3) == 0.015
        # hexane, ΔHc 44.7 MJ/kg, ΔHv 335 kJ/kg, cp 2.2 kJ/(kg K), boiling at 342 K: measured 0.074 for large pools
        assert burgess_burning_rate(4.47e7, 3.35e5, 2200.0, 342.0, 293.0) == pytest.approx(0.1, rel=0.05)
        assert burgess_burning_rate(4.6e7, 4.3e5, 2500.0, 231.0, 293.0) == pytest.approx(0.046e6 / 4.3e5)

    def test_burning_rate_of_what_nobody_measured(self):
        """Burgess: what burns over what it takes to heat the liquid from 20 °C and boil it off."""
        checked = 0
        for name in ("cyclohexanone", "epichlorohydrin", "allyl chloride", "nitrobenzene", "propylene oxide"):
            fluid = find(name)
            found = flammability.burning_rate(fluid)
            if not found.estimated:
                continue
            boiling = fluid.boiling_point
            heat = fluid.heat_of_vaporisation(boiling)
            heat += fluid.liquid_heat_capacity(0.5 * (boiling + 293.15)) * (boiling - 293.15)
            assert found.m_inf == pytest.approx(1e-3 * fluid.heat_of_combustion / heat, rel=1e-12)
            checked += 1
        assert checked >= 2

    def test_emissive_power_of_measured_pools(self):
        bands = {
            row["test"]: (float(row["sep_low"]), float(row["sep_high"]))
            for row in measured("poolfire_sep_raj_mudan.csv")
        }
        low, high = bands["Mudan gasoline"]  # series of 1 to 10 m, the larger the weaker
        assert all(low <= pf.smoky_emissive_power(d) / 1e3 <= high for d in (1.0, 3.0, 6.0, 9.0))
        low, high = bands["Mudan kerosene 30-80 m"]
        assert all(low <= pf.smoky_emissive_power(d) / 1e3 <= high for d in (30.0, 50.0, 80.0))

    def test_drag_begins_with_the_wind_and_grows_with_it(self):
        assert flame_drag(35.0, 0.0, 1.76, 1.2) == trench_drag(2.0, 0.0) == 1.0
        assert 1.0 <= flame_drag(35.0, 2.0, 1.76, 1.2) <= flame_drag(35.0, 9.0, 1.76, 1.2)
        # as a power 0.069 of the Froude number: of the square of the wind, and of one over the size
        twice = flame_drag(35.0, 12.0, 1.76, 1.2) / flame_drag(35.0, 6.0, 1.76, 1.2)
        assert twice == pytest.approx(2.0 ** (2 * 0.069), rel=1e-9)
        assert flame_drag(17.5, 12.0, 1.76, 1.2) / flame_drag(35.0, 12.0, 1.76, 1.2) == pytest.approx(2.0**0.069)
        # the pieces of the law for trenches meet at both ends, as far as three digits of its constants go
        for froude, ratio in ((0.1, 1.0), (0.25, 3.5)):
            wind = 2.0 * froude * math.sqrt(9.80665 * 2.0)
            assert trench_drag(2.0, wind * 1.0001) == pytest.approx(ratio, rel=0.01)
            assert trench_drag(2.0, wind * 0.9999) == pytest.approx(ratio, rel=0.01)


class TestPoolFire:
    def test_fuels_burn_clean_or_smoky(self):
        assert pf.flame_surface("67-56-1").soot_fraction == 0.0
        assert pf.flame_surface("71-43-2").surface == "smoky"
        alcohol = PoolFire(10.0, 0.015, 2.0e7, 600.0, WIND, *pf.flame_surface("67-56-1"))
        assert "unverified:pool_radiative_fraction" in alcohol.flags
        assert "pool_fire_soot" not in alcohol.flags
        assert "pool_fire_soot" in pool().flags

    def test_smoke_takes_the_lesser_of_two_laws(self):
        small, large = pool(diameter=3.0), pool(diameter=60.0)
        shared = pf.soot_emissive_power(0.085, 4.4e7, small.length / 3.0, 0.4, 0.8)[1]
        assert small.emissive_power == pytest.approx(shared)
        assert shared < pf.smoky_emissive_power(3.0)
        assert large.emissive_power == pf.smoky_emissive_power(60.0)

    def test_calm_is_the_same_all_round_and_wind_is_not(self):
        angle = np.linspace(-math.pi, math.pi, 13)
        calm = pool(CALM).heat_flux(30.0, angle)
        np.testing.assert_allclose(calm, calm[0], rtol=1e-12)
        windy = pool().heat_flux(30.0, angle)
        np.testing.assert_allclose(windy, windy[::-1], rtol=1e-9)
        assert windy[6] > 1.5 * windy[0]

    def test_inside_the_flame_and_far_away(self):
        fire = pool(CALM)
        assert fire.heat_flux(3.0, 0.0) == fire.emissive_power
        dry = pool(dataclasses.replace(CALM, relative_humidity=0.0))
        assert dry.heat_flux(60.0, 0.0) > fire.heat_flux(60.0, 0.0)
        far = fire.heat_flux(np.array([2e3, 4e3]), 0.0)
        assert 4.0 < far[0] / far[1] < 5.5  # inverse square and absorption

    def test_far_away_an_upright_flame_is_its_outline(self):
        # seen from the side a cylinder is a rectangle; the flux is E A / (π r²), through the air
        fire, distance = clean_pool(CALM), 3000.0
        outline = fire.emissive_power * fire.diameter * fire.length / (math.pi * distance**2)
        through = float(transmissivity(distance - 10.0, 288.15, 0.7))
        assert fire.heat_flux(distance, 0.0) == pytest.approx(outline * through, rel=0.01)

    @given(st.floats(1.0, 100.0), st.floats(0.0, 15.0), st.floats(1.0, 20.0), st.floats(1.01, 2.0), st.floats(0, 3.14))
    @settings(max_examples=60, deadline=None)
    def test_weaker_farther_out_and_off_the_wind(self, diameter, wind, times, more, angle):
        fire = pool(Weather(wind, "D", 288.15), diameter=diameter)
        distance = 0.5 * diameter * (0.01 + times)
        lean = fire.length * math.sin(fire.tilt)
        if distance > lean + 0.5 * diameter:  # clear of the overhang
            assert fire.heat_flux(distance * more, angle) <= fire.heat_flux(distance, angle)
            assert fire.heat_flux(distance, angle) <= fire.heat_flux(distance, 0.0) * (1 + 1e-9)

    def test_casualty_radii_are_ordered(self):
        for fire in (pool(), clean_pool(), pool(CALM, diameter=60.0), pool(base_height=15.0)):
            radii = fire.casualty_radii()
            assert 0.5 * fire.diameter <= radii["death_m"] <= radii["serious_m"] <= radii["light_m"]
        distance = clean_pool().casualty_radii()["domino_m"]
        assert clean_pool().heat_flux(distance, 0.0) == pytest.approx(15_000.0, rel=0.01)

    def test_flags(self):
        assert "pool_fire_large" in pool(diameter=60.0).flags
        assert "pool_fire_large" not in pool().flags
        assert "unverified:flame_drag" in pool(drag=1.2).flags
        assert "unverified:flame_drag" not in pool().flags


class TestTankTop:
    def test_side_of_a_flame_above_the_receptor(self):
        # the near half of the side, patch by patch: cos cos / (π r²), from a place below its foot
        fire = clean_pool(CALM, base_height=12.0)
        phi, z = np.meshgrid((np.arange(400) + 0.5) / 400 * 2 * np.pi, (np.arange(400) + 0.5) / 400 * fire.length)
        out = np.stack([np.cos(phi), np.sin(phi), 0 * phi], -1)
        ray = np.stack([10.0 * np.cos(phi) - 50.0, 10.0 * np.sin(phi), z + 12.0], -1)
        patch = 10.0 * 2 * np.pi / 400 * fire.length / 400
        squared = (ray**2).sum(-1)
        facing = np.maximum(-(out * ray).sum(-1), 0.0)
        factor = (ray * (facing / squared**2)[..., None]).sum((0, 1)) * patch / np.pi
        through = transmissivity(math.hypot(40.0, 12.0), 288.15, 0.7)
        expected = fire.emissive_power * through * np.sqrt((factor**2).sum())
        assert fire.heat_flux(50.0, 0.0) == pytest.approx(expected, rel=2e-3)

    def test_the_higher_the_weaker_and_near_the_tank_most(self):
        fluxes = [pool(CALM, base_height=h).heat_flux(np.array([15.0, 60.0]), 0.0) for h in (0.0, 5.0, 15.0, 30.0)]
        near, far = np.array(fluxes).T
        assert (np.diff(near) < 0.0).all()
        assert (np.diff(far) < 0.0).all()
        assert near[-1] / near[0] < far[-1] / far[0]

    def test_a_receptor_as_high_as_the_tank_sees_a_fire_on_the_ground(self):
        flux = pool(base_height=12.0).heat_flux(40.0, 0.6, 12.0)
        assert flux == pytest.approx(float(pool().heat_flux(40.0, 0.6)), rel=1e-12)


class TestDrag:
    def test_without_drag_it_is_a_cylinder(self):
        distance, angle = np.array([15.0, 25.0, 80.0]), np.array([0.0, 2.0, 3.0])
        plain, dragged = pool(), pool(drag=1.0 + 1e-9)
        # 36 corners have 0.5 % less area than the circle
        np.testing.assert_allclose(dragged.heat_flux(distance, angle), plain.heat_flux(distance, angle), rtol=0.02)

    def test_the_foot_reaches_downwind(self):
        fire = clean_pool(drag=1.5)
        assert fire.heat_flux(19.0, 0.0) == fire.emissive_power
        assert fire.heat_flux(21.0, 0.0) < fire.emissive_power
        assert fire.heat_flux(11.0, math.pi) < fire.emissive_power
        # the radiated heat is that of the pool
        girth = math.pi * (3 * 25.0 - math.sqrt((3 * 15 + 10) * (15 + 3 * 10)))
        surface = math.pi * 15.0 * 10.0 + girth * fire.length
        assert fire.emissive_power * surface == pytest.approx(0.35 * 0.085 * math.pi * 100.0 * 4.4e7, rel=1e-3)


class TestSpreading:
    def test_equal_stages_are_one_fire(self):
        both = SpreadingPoolFire((pool(duration=100.0), pool(duration=300.0)))
        assert both.duration == 400.0
        np.testing.assert_allclose(both.heat_flux(30.0, 0.4), pool().heat_flux(30.0, 0.4), rtol=1e-12)

    def test_heat_dose_of_a_growing_pool(self):
        small, large = pool(diameter=5.0, duration=50.0), pool(diameter=20.0, duration=150.0)
        fire = SpreadingPoolFire((small, large))
        dose = 0.25 * small.heat_flux(30.0, 0.0) ** (4 / 3) + 0.75 * large.heat_flux(30.0, 0.0) ** (4 / 3)
        assert fire.heat_flux(30.0, 0.0) == pytest.approx(float(dose) ** 0.75)
        assert fire.footprint(GRID).count.any()
        assert small.emissive_power <= fire.emissive_power
        assert fire.casualty_radii()["death_m"] > small.casualty_radii()["death_m"]
        assert set(fire.flags) == set(large.flags)

    def test_stages_in_different_air_are_refused(self):
        for fires in ((), (pool(), pool(CALM))):
            with pytest.raises(OutOfRange):
                SpreadingPoolFire(fires)


class TestTrench:
    def test_radiated_heat_is_that_of_the_surface(self):
        fire = trench()
        height = fire.flame_length * math.cos(fire.tilt)
        surface = fire.drag * 40.0 + 40.0 * fire.flame_length + 4.0 * fire.drag * height
        assert fire.emissive_power * surface == pytest.approx(0.25 * 0.06 * 40.0 * 5.0e7)

    def test_weaker_farther_out_on_either_side_alike(self):
        fire = trench()
        distance = np.linspace(20.0, 200.0, 40)
        for angle in (0.0, 1.0, math.pi / 2, math.pi):
            assert (np.diff(fire.heat_flux(distance, angle)) < 0.0).all()
        np.testing.assert_allclose(fire.heat_flux(distance, 1.2), fire.heat_flux(distance, -1.2), rtol=1e-9)

    def test_footprint_and_flags(self):
        fire = trench()
        assert fire.footprint(GRID).lethality.max() == 1.0
        assert "unverified:trench_flame" in fire.flags
        assert "trench_aspect" in trench(length=100.0).flags
        assert "trench_aspect" not in fire.flags
        assert fire.casualty_radii()["death_m"] < fire.casualty_radii()["light_m"]


@pytest.mark.kernel
def test_flux_at_a_few_places():
    # solid flame: view factor times emissive power times transmissivity, put together by hand
    fire = pool()
    x, y, z = frustum_view_factor_kernel(
        40.0, 0.0, 0.0, fire.length * math.sin(fire.tilt), 0.0, fire.length * math.cos(fire.tilt), 10.0, 10.0
    )
    through = transmissivity(30.0, 288.15, 0.7)
    flux = fire.emissive_power * math.sqrt(x * x + y * y + z * z) * through
    assert fire.heat_flux(40.0, 0.0) == pytest.approx(flux, rel=1e-12)


def test_every_flag_has_its_text():
    texts = {row["code"]: row for row in constant_rows("flags")}
    outcomes = (
        pool(diameter=60.0, drag=1.2),
        clean_pool(),
        trench(length=200.0, soot_fraction=0.5),
        fireball(burst_pressure=5e6, rising=True),
        jet(),
        jet(phase="two_phase"),
        jet(STORM, direction="inclined", inclination=math.pi / 4, mass_flow=0.5, hole_diameter=0.2),
    )
    explosions = [Explosion(1.0, 4.6e7, 0.1, method) for method in METHODS]
    codes = {flag for outcome in (*outcomes, *explosions) for flag in outcome.flags}
    codes |= {flag for name in EQUIPMENT_CLASSES for flag in fragility_flags(name)}
    assert {"jet_fire_level", "trench_aspect", "unverified:fireball_history", "unverified:flame_drag"} <= codes
    for code in codes:
        assert texts[code]["text_zh"]
        assert texts[code]["text_en"]


def test_equal_content_is_equal_and_hashable():
    for make in (pool, jet, fireball, trench):
        first, second = make(), make()
        _ = first.emissive_power
        assert first == second
        assert hash(first) == hash(second)


def test_more_duration_more_death():
    short, long = pool(duration=3.0).footprint(GRID), pool(duration=300.0).footprint(GRID)
    assert short.lethality.max() < long.lethality.max()
    assert short.count.sum() < long.count.sum()


@pytest.mark.parametrize(
    "make",
    [
        lambda: pool(diameter=0.0),
        lambda: pool(diameter=math.nan),
        lambda: pool(burning_rate=5.0),
        lambda: pool(heat_of_combustion=44.0),
        lambda: pool(surface="bright"),
        lambda: pool(surface="radiative_fraction", radiative_fraction=1.5),
        lambda: pool(base_height=-1.0),
        lambda: pool(base_height=math.nan),
        lambda: pool(drag=0.9),
        lambda: pool(Weather(-1.0, "D")),
        lambda: pool(Weather(5.0, "D", 20.0)),
        lambda: pool().heat_flux(-1.0, 0.0),
        lambda: pool().heat_flux(30.0, 0.0, -1.0),
        lambda: pool().heat_field(GRID, 0.0),
        lambda: trench(width=30.0),
        lambda: trench(width=math.nan),
        lambda: trench(radiative_fraction=1.5),
        lambda: trench().heat_flux(math.nan, 0.0),
        lambda: flame_drag(10.0, -1.0, 1.7, 1.2),
        lambda: flame_drag(10.0, 1.0, 0.0, 1.2),
        lambda: trench_drag(0.0, 1.0),
        lambda: burning_rate(0.05, 0.0, 10.0),
        lambda: burning_rate(0.05, 2.0, math.inf),
    ],
)
def test_bad_input_is_refused(make):
    with pytest.raises(OutOfRange):
        make()
