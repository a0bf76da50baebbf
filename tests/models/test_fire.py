"""Pool fire, jet fire, fireball: worked examples, measured jets, limits, footprints against direct evaluation."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkrisk.models import pool_fire as pf
from parkrisk.models.atmosphere import Weather
from parkrisk.models.constants import rows as constant_rows
from parkrisk.models.errors import OutOfRange
from parkrisk.models.explosion import METHODS, Explosion
from parkrisk.models.fire import Fireball, JetFire, PoolFire, burgess_burning_rate, burning_rate
from parkrisk.models.fireball import fireball_radiative_fraction
from parkrisk.models.footprint import INDIVIDUAL, INDOOR, OUTDOOR, PolarGrid
from parkrisk.models.fragility import EQUIPMENT_CLASSES
from parkrisk.models.fragility import flags as fragility_flags
from parkrisk.models.jet_fire import expanded_jet, jet_radiative_fraction, still_air_length
from parkrisk.models.radiation import cylinder_view_factor, frustum_view_factor_kernel, transmissivity
from parkrisk.models.vulnerability import HEAT, heat_lethality_kernel
from tests.validation.measurements import measured

WIND = Weather(5.0, "D", 288.15)
CALM = Weather(0.0, "D", 288.15)
GRID = PolarGrid()
METHANE = {"molar_mass": 0.0169, "heat_capacity_ratio": 1.3, "heat_of_combustion": 5.0e7, "duration": 600.0}


def pool(weather=WIND, **values):
    return PoolFire(
        **{"diameter": 20.0, "burning_rate": 0.085, "heat_of_combustion": 4.4e7, "duration": 1800.0, "weather": weather}
        | values
    )


def clean_pool(weather=WIND):
    return pool(weather, surface="radiative_fraction", radiative_fraction=0.35, soot_fraction=0.0)


def jet(weather=WIND, **values):
    return JetFire(
        **{"mass_flow": 9.6, "hole_diameter": 0.0356, "stagnation_temperature": 288.15, "weather": weather}
        | METHANE
        | values
    )


def fireball(**values):
    return Fireball(**{"mass": 10_000.0, "heat_of_combustion": 4.63e7, "burst_pressure": 1.5e6} | values)


class TestPoolFire:
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

    def test_emissive_power_of_measured_pools(self):
        bands = {
            row["test"]: (float(row["sep_low"]), float(row["sep_high"]))
            for row in measured("poolfire_sep_raj_mudan.csv")
        }
        low, high = bands["Mudan gasoline"]  # series of 1 to 10 m, the larger the weaker
        assert all(low <= pf.smoky_emissive_power(d) / 1e3 <= high for d in (1.0, 3.0, 6.0, 9.0))
        low, high = bands["Mudan kerosene 30-80 m"]
        assert all(low <= pf.smoky_emissive_power(d) / 1e3 <= high for d in (30.0, 50.0, 80.0))

    def test_emissive_power_of_measured_lng_pools(self):
        # the trench of Esso Libya has no diameter; wind of the trials 2 to 10 m/s
        surface = pf.flame_surface("74-82-8")
        for row in measured("poolfire_sep_raj_mudan.csv"):
            if row["fuel"].startswith("LNG") and row["fuel"] != "LNG trench":
                diameter, rate = float(row["D_m"]), float(row["burn_rate"])
                fire = PoolFire(diameter, rate, 5.0e7, 600.0, Weather(6.0, "D", 288.15), *surface)
                assert 0.8 * float(row["sep_low"]) < fire.emissive_power / 1e3 < 1.2 * float(row["sep_high"])

    def test_fuels_burn_clean_or_smoky(self):
        assert pf.flame_surface("67-56-1").soot_fraction == 0.0
        assert pf.flame_surface("71-43-2").surface == "smoky"
        alcohol = PoolFire(10.0, 0.015, 2.0e7, 600.0, WIND, *pf.flame_surface("67-56-1"))
        assert "unverified:pool_radiative_fraction" in alcohol.flags
        assert "pool_fire_soot" not in alcohol.flags
        assert "pool_fire_soot" in pool().flags

    def test_tilt_of_the_montoir_fires(self):
        tilts = [float(row["tilt_deg"]) for row in measured("montoir_lng_poolfire_flame.csv")]
        ours = [math.degrees(pool(Weather(u, "D", 283.0), diameter=35.0).tilt) for u in (3.0, 6.0, 9.6)]
        assert min(tilts) - 6 < ours[0] < ours[1] < ours[2] < max(tilts)

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
        for fire in (pool(), clean_pool(), pool(CALM, diameter=60.0)):
            radii = fire.casualty_radii()
            assert 0.5 * fire.diameter <= radii["death_m"] <= radii["serious_m"] <= radii["light_m"]
        distance = clean_pool().casualty_radii()["domino_m"]
        assert clean_pool().heat_flux(distance, 0.0) == pytest.approx(15_000.0, rel=0.01)

    def test_flags(self):
        assert "pool_fire_large" in pool(diameter=60.0).flags
        assert "pool_fire_large" not in pool().flags


class TestFireball:
    def test_ten_tonnes(self):
        ball = fireball()
        assert ball.diameter == pytest.approx(124.96, abs=0.005)
        assert ball.duration == pytest.approx(9.69, abs=0.006)
        assert 200e3 < ball.emissive_power < 350e3
        # the laws of duration meet within 0.1 % at 30 t
        small, large = fireball(mass=29_999.0), fireball(mass=30_000.0)
        assert small.duration == pytest.approx(large.duration, rel=0.05)

    def test_radiative_fraction(self):
        assert fireball_radiative_fraction(1e6) == pytest.approx(0.27)
        assert fireball_radiative_fraction(20e6) == 0.4
        assert fireball_radiative_fraction(2e6) == pytest.approx(0.00325 * 2e6**0.32, rel=2e-3)  # CPR 14E, in Pa
        assert fireball().flags == ()
        assert fireball(burst_pressure=5e6).flags == ("unverified:fireball_radiant_fraction",)

    def test_radiated_energy_is_conserved(self):
        ball = fireball(relative_humidity=0.0)
        surface = math.pi * ball.diameter**2
        heat = fireball_radiative_fraction(1.5e6) * ball.mass * ball.heat_of_combustion
        assert ball.emissive_power * surface * ball.duration == pytest.approx(heat)

    @given(st.floats(1.0, 1e6), st.floats(0.0, 3e3), st.floats(1.001, 3.0))
    @settings(max_examples=60, deadline=None)
    def test_weaker_farther_out(self, mass, distance, more):
        ball = fireball(mass=mass)
        here, there = ball.heat_flux(distance), ball.heat_flux(distance * more + 0.1)
        assert 0.0 < there < here < ball.emissive_power

    def test_certain_death_circle(self):
        ball = fireball()
        footprint = ball.footprint(GRID)
        (radius,) = footprint.disc_radius
        assert ball.heat_flux(radius) == pytest.approx(37_500.0, rel=5e-4)
        ring = np.searchsorted(GRID.radius, radius) - 1
        start = footprint.count[:ring].sum()
        total = footprint.lethality[:, start] + footprint.disc_lethality[:, 0]
        np.testing.assert_allclose(total, 1.0, atol=1e-9)


class TestJetFire:
    def test_length_of_measured_jets(self):
        for row in measured("jetfire_dnvgl_ng_length.csv"):
            fire = jet(mass_flow=float(row["mdot_kg_s"]), hole_diameter=float(row["d_orifice_m"]))
            assert fire.flame.tip_x == pytest.approx(float(row["flame_length_m"]), rel=0.1)

    def test_radiometers_of_johnson(self):
        ratios = []
        for row in measured("jetfire_johnson_ng_radiometers.csv"):
            weather = Weather(float(row["u_wind_m_s"]), "D", float(row["T_amb_K"]), 101_325.0, float(row["RH"]))
            x, y, z = (float(row[name]) for name in ("x_m", "y_crosswind_m", "z_rel_to_release_m"))
            fire = jet(
                weather,
                mass_flow=float(row["mdot_kg_s"]),
                hole_diameter=float(row["d_orifice_m"]),
                stagnation_temperature=float(row["T_stag_K"]),
                release_height=-z,
            )
            ratios.append(float(fire.heat_flux(math.hypot(x, y), math.atan2(y, x))) / 1e3 / float(row["q_kW_m2"]))
        assert all(0.5 <= ratio <= 2.0 for ratio in ratios)
        assert 0.67 < math.exp(np.mean(np.log(ratios))) < 1.5

    def test_expansion_conserves_mass_and_meets_at_choking(self):
        for flow in (0.01, 0.3, 0.6, 3.0, 30.0):
            state = expanded_jet(flow, 0.05, 290.0, 0.0169, 1.3, WIND)
            air = 101_325.0 * 0.0289652 / (8.314462618 * 288.15)
            assert math.pi / 4 * state.source_diameter**2 * state.velocity * air == pytest.approx(flow)
        # choking begins where the pressure in the hole is that of the air; both branches give Mach 1 there
        critical = 101_325.0 / (4 / math.pi * math.sqrt(8.314462618) / 0.05**2 * math.sqrt(580 / (2.3 * 1.3 * 0.0169)))
        below, above = (expanded_jet(critical * f, 0.05, 290.0, 0.0169, 1.3, WIND) for f in (0.99999, 1.00001))
        assert below.velocity == pytest.approx(above.velocity, rel=1e-3)
        sound = math.sqrt(1.3 * 8.314462618 * (580.0 / 2.3) / 0.0169)
        assert above.velocity == pytest.approx(sound, rel=1e-3)

    def test_length_equation(self):
        # Ca Y^(5/3) + Cb Y^(2/3) = Cc put back
        for flow, hole, mass in ((0.1, 0.01, 0.016), (9.6, 0.0356, 0.0169), (200.0, 0.3, 0.058)):
            state = expanded_jet(flow, hole, 290.0, mass, 1.2, WIND)
            y = still_air_length(state, mass) / state.source_diameter
            left = 0.024 * (9.80665 * state.source_diameter / state.velocity**2) ** (1 / 3) * y ** (5 / 3)
            right = (2.85 * (15.816 * mass + 0.0395) / mass) ** (2 / 3)
            assert left + 0.2 * y ** (2 / 3) == pytest.approx(right, rel=1e-12)

    def test_radiative_fraction(self):
        assert jet_radiative_fraction(0.0, 0.016) == pytest.approx(0.32)
        assert jet_radiative_fraction(0.0, 0.044) == pytest.approx(0.32 * math.sqrt(44 / 21))
        assert jet_radiative_fraction(0.0, 0.100) == pytest.approx(0.32 * 1.69, rel=1e-3)

    def test_two_phase_radiates_more_and_says_so(self):
        gas, mixed = jet(), jet(phase="two_phase")
        assert mixed.emissive_power == pytest.approx(1.5 * gas.emissive_power)
        assert "unverified:two_phase_jet_radiation" in mixed.flags
        assert "unverified:two_phase_jet_radiation" not in gas.flags

    def test_vertical_jet(self):
        calm, windy = jet(CALM, direction="vertical"), jet(direction="vertical")
        assert calm.flame.tip_x == 0.0
        assert windy.flame.tip_x > 1.0
        assert windy.flame.length < calm.flame.length
        angle = np.linspace(0, math.pi, 7)
        np.testing.assert_allclose(calm.heat_flux(25.0, angle), calm.heat_flux(25.0, 0.0), rtol=1e-9)
        flux = windy.heat_flux(25.0, angle)
        assert (np.diff(flux) < 0).all()

    def test_emissive_power_times_surface_is_the_radiated_heat(self):
        fire = jet()
        # far away the flame is a point: flux x 4 π r² / 4 = view of the projected surface, bounded by the total heat
        assert fire.emissive_power * fire.flame.surface == pytest.approx(
            jet_radiative_fraction(expanded_jet(9.6, 0.0356, 288.15, 0.0169, 1.3, WIND).velocity, 0.0169) * 9.6 * 5.0e7
        )

    @given(
        st.floats(0.1, 100.0), st.floats(0.01, 0.15), st.floats(0.0, 12.0), st.sampled_from(["horizontal", "vertical"])
    )
    @settings(max_examples=60, deadline=None)
    def test_more_gas_longer_flame(self, flow, hole, wind, direction):
        weather = Weather(wind, "D", 288.15)
        small = jet(weather, mass_flow=flow, hole_diameter=hole, direction=direction)
        large = jet(weather, mass_flow=2 * flow, hole_diameter=hole, direction=direction)
        assert math.hypot(large.flame.tip_x, large.flame.tip_z) > math.hypot(small.flame.tip_x, small.flame.tip_z)
        flux = small.heat_flux(np.geomspace(1.0, 1e3, 40), 0.5)
        assert ((flux >= 0.0) & (flux <= small.emissive_power * (1 + 1e-9))).all()


@pytest.mark.parametrize(
    "fire",
    [pool(), clean_pool(), clean_pool(CALM), fireball(), jet(), jet(direction="vertical")],
    ids=lambda f: str(type(f)),
)
def test_footprint_against_direct_evaluation(fire):
    footprint = fire.footprint(GRID)
    core = footprint.disc_radius.max(initial=0.0)
    start = 0
    worst = 0.0
    for ring, count in enumerate(footprint.count):
        values = footprint.lethality[:, start : start + count]
        start += count
        radius = GRID.radius[ring]
        if radius <= core or ring % 3:
            continue
        fine = (np.arange(GRID.n_bins // 2 * 4) + 0.5) * GRID.bin_width / 4
        flux = fire.heat_flux(radius, fine)
        direct = (
            np.array([heat_lethality_kernel(q, fire.duration, HEAT) for q in flux]).T.reshape(3, -1, 4).mean(axis=2)
        )
        worst = max(worst, np.abs(direct[:, count:]).max(initial=0.0))
        # a step inside a bin is resolved to 1/4 by the four points
        np.testing.assert_allclose(values, direct[:, :count], atol=0.26, rtol=0.0)
        assert np.median(np.append(np.abs(values - direct[:, :count]), 0.0)) < 1e-4
    assert worst < 2e-5  # what was left out
    assert footprint.lethality.min(initial=1.0) >= 0.0
    assert (footprint.lethality[INDIVIDUAL] >= footprint.lethality[OUTDOOR] - 1e-12).all()
    assert (footprint.lethality[OUTDOOR] >= footprint.lethality[INDOOR] - 1e-12).all()


@pytest.mark.kernel
def test_flux_at_a_few_places():
    # solid flames: view factor times emissive power times transmissivity, put together by hand
    fire = pool()
    x, y, z = frustum_view_factor_kernel(
        40.0, 0.0, 0.0, fire.length * math.sin(fire.tilt), 0.0, fire.length * math.cos(fire.tilt), 10.0, 10.0
    )
    through = transmissivity(30.0, 288.15, 0.7)
    flux = fire.emissive_power * math.sqrt(x * x + y * y + z * z) * through
    assert fire.heat_flux(40.0, 0.0) == pytest.approx(flux, rel=1e-12)

    ball = fireball()
    apart = math.hypot(300.0, ball.height)
    through = transmissivity(apart - 0.5 * ball.diameter, 293.15, 0.7)
    flux = ball.emissive_power * (0.5 * ball.diameter / apart) ** 2 * through
    assert ball.heat_flux(300.0) == pytest.approx(flux, rel=1e-12)

    # a jet seen from the side: rotated by hand into the frame of its axis
    torch = jet()
    flame, emissive_power = torch.flame, torch.emissive_power
    rise = math.atan2(flame.tip_z - flame.base_z, flame.tip_x - flame.base_x)
    place = np.array([20.0 - flame.base_x, 25.0, -flame.base_z])
    along = place @ np.array([math.cos(rise), 0.0, math.sin(rise)])
    across = place @ np.array([math.sin(rise), 0.0, -math.cos(rise)])
    x, y, z = frustum_view_factor_kernel(
        across, 25.0, along, 0.0, 0.0, flame.length, flame.base_radius, flame.tip_radius
    )
    radius = flame.base_radius + along / flame.length * (flame.tip_radius - flame.base_radius)
    through = transmissivity(math.hypot(across, 25.0) - radius, 288.15, 0.7)
    flux = emissive_power * math.sqrt(x * x + y * y + z * z) * through
    assert torch.heat_flux(math.hypot(20.0, 25.0), math.atan2(25.0, 20.0)) == pytest.approx(flux, rel=1e-9)


@pytest.mark.kernel
def test_small_footprints():
    coarse = PolarGrid(n_rings=12, n_bins=8)
    for fire in (pool(), fireball(), jet()):
        footprint = fire.footprint(coarse)
        assert footprint.count.any()
        assert footprint.lethality.max() <= 1.0


def test_every_flag_has_its_text():
    texts = {row["code"]: row for row in constant_rows("flags")}
    outcomes = (pool(), pool(diameter=60.0), clean_pool(), fireball(burst_pressure=5e6), jet(), jet(phase="two_phase"))
    explosions = [Explosion(1.0, 4.6e7, 0.1, method) for method in METHODS]
    codes = {flag for outcome in (*outcomes, *explosions) for flag in outcome.flags}
    codes |= {flag for name in EQUIPMENT_CLASSES for flag in fragility_flags(name)}
    for code in codes:
        assert texts[code]["text_zh"]
        assert texts[code]["text_en"]


def test_equal_content_is_equal_and_hashable():
    for make in (pool, jet, fireball):
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
        lambda: pool(Weather(-1.0, "D")),
        lambda: pool(Weather(5.0, "D", 20.0)),
        lambda: pool().heat_flux(-1.0, 0.0),
        lambda: fireball(mass=-1.0),
        lambda: fireball(heat_of_combustion=46.0),
        lambda: fireball(burst_pressure=1.5e9),
        lambda: fireball(relative_humidity=70.0),
        lambda: fireball().heat_flux(math.nan),
        lambda: jet(molar_mass=16.9),
        lambda: jet(heat_capacity_ratio=1.0),
        lambda: jet(direction="down"),
        lambda: jet(phase="liquid"),
        lambda: jet(mass_flow=0.0),
        lambda: burning_rate(0.05, 0.0, 10.0),
        lambda: burning_rate(0.05, 2.0, math.inf),
    ],
)
def test_bad_input_is_refused(make):
    with pytest.raises(OutOfRange):
        make()
