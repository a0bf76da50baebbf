"""Jet fires: expansion, length, course of the flame, radiated heat, limits, bad input."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.errors import OutOfRange
from parkrisk.models.fire.jet_flame import (
    chamberlain_flame,
    expanded_jet,
    jet_radiative_fraction,
    source_weights,
    still_air_length,
)
from parkrisk.models.fire.radiation import frustum_view_factor_kernel, transmissivity
from parkrisk.models.footprint import PolarGrid
from tests.models.fires import CALM, STORM, WIND, jet

GRID = PolarGrid()


class TestLaws:
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

    def test_weights_of_the_sources(self):
        weight = source_weights(40)
        assert weight.sum() == pytest.approx(1.0)
        assert weight.argmax() == 29  # three quarters of the flame
        np.testing.assert_allclose(weight[:30], weight[0] * np.arange(1, 31))
        assert weight[-1] == pytest.approx(weight[0])

    def test_triangle_of_a_tilted_flame(self):
        # hole, lower end and tip: the tip is the flame's length from the hole, its axis is tilted from the hole's
        state = expanded_jet(9.6, 0.0356, 288.15, 0.0169, 1.3, WIND)
        for inclination in (math.pi / 4, math.pi / 2, 2.2):
            flame, length, level = chamberlain_flame(state, 0.0169, WIND, 3.0, inclination)
            assert not level
            assert math.hypot(flame.tip_x, flame.tip_z - 3.0) == pytest.approx(length)
            assert math.atan2(flame.base_z - 3.0, flame.base_x) == pytest.approx(inclination)
            axis = math.atan2(flame.tip_z - flame.base_z, flame.tip_x - flame.base_x)
            assert axis < inclination  # the wind bends it down to leeward


class TestHorizontal:
    def test_course_in_still_air_beside_hyram(self):
        # HyRAM+ 6.1, methane at 11.1 bar(g) through 75 mm and at 0.3 bar(g) through 152 mm: place of the axis over the
        # flame's length at half of it and at the tip
        cases = (
            (9.568, 0.075, 279.0, ((0.500, 0.083), (0.827, 0.436))),
            (2.8, 0.152, 277.0, ((0.472, 0.181), (0.671, 0.604))),
        )
        for flow, hole, stagnation, places in cases:
            fire = jet(CALM, mass_flow=flow, hole_diameter=hole, stagnation_temperature=stagnation, molar_mass=0.01604)
            axis = (fire.centreline - [0.0, 0.0, fire.release_height]) / fire.length
            for share, (x, z) in zip((0.5, 1.0), places, strict=True):
                here = axis[int(share * (len(axis) - 1))]
                assert here[0] == pytest.approx(x, abs=0.06)
                assert here[2] == pytest.approx(z, abs=0.1)

    def test_steps_along_the_axis_are_equal(self):
        step = np.sqrt((np.diff(jet(wind_angle=1.0).centreline, axis=0) ** 2).sum(axis=1))
        np.testing.assert_allclose(step.sum(), jet(wind_angle=1.0).length)
        np.testing.assert_allclose(step, step[0])

    def test_wind_bends_the_flame_its_way(self):
        still, along, across = jet(CALM), jet(), jet(wind_angle=math.pi / 2)
        np.testing.assert_allclose(still.centreline[:, 1], 0.0, atol=1e-12)
        assert along.centreline[-1, 0] > still.centreline[-1, 0]
        # across: the jet points to the left of the wind and is carried downwind, shorter than in still air
        assert across.centreline[-1, 1] > 0.0
        assert across.centreline[-1, 0] > 1.0
        assert across.length < still.length == along.length
        assert (np.diff(still.centreline[:, 2]) >= 0.0).all()

    def test_mirror_images(self):
        angle = np.linspace(-3.0, 3.0, 13)
        left, right = jet(wind_angle=0.7), jet(wind_angle=-0.7)
        np.testing.assert_allclose(left.heat_flux(25.0, angle), right.heat_flux(25.0, -angle), rtol=1e-9)
        np.testing.assert_allclose(jet().heat_flux(25.0, angle), jet().heat_flux(25.0, -angle), rtol=1e-9)

    def test_far_away_it_is_a_point(self):
        fire, distance = jet(CALM), 5000.0
        power = fire.radiative_fraction * 9.6 * 5.0e7
        through = float(transmissivity(distance, 288.15, 0.7))
        flux = power / (4.0 * math.pi * distance**2) * through
        assert fire.heat_flux(distance, math.pi / 2) == pytest.approx(flux, rel=2e-3)

    def test_inside_the_flame(self):
        fire = jet(release_height=0.5)
        x, _, z = fire.centreline[150]
        assert fire.heat_flux(float(x), 0.0, float(z)) == fire.emissive_power
        flux = fire.heat_flux(np.linspace(0.0, 100.0, 201), 0.0)
        assert (flux <= fire.emissive_power * (1.0 + 1e-12)).all()

    def test_emissive_power_times_surface_is_the_radiated_heat(self):
        fire = jet()
        base, tip = fire.flame.base_radius, fire.flame.tip_radius
        slant = math.hypot(fire.length - fire.lift_off, tip - base)
        surface = math.pi * (base**2 + tip**2 + (base + tip) * slant)
        heat = jet_radiative_fraction(expanded_jet(9.6, 0.0356, 288.15, 0.0169, 1.3, WIND).velocity, 0.0169) * 9.6 * 5e7
        assert fire.emissive_power * surface == pytest.approx(heat)

    def test_footprint_of_an_oblique_jet_is_that_of_its_worse_side(self):
        oblique = jet(wind_angle=1.0)
        print_ = oblique.footprint(GRID)
        ring = np.searchsorted(GRID.radius, 30.0)
        start = print_.count[:ring].sum()
        bins = np.arange(print_.count[ring])
        angle = (bins + 0.5) * GRID.bin_width
        worse = np.maximum(oblique.heat_flux(GRID.radius[ring], angle), oblique.heat_flux(GRID.radius[ring], -angle))
        dead = worse >= 37_500.0
        assert (print_.lethality[0, start + bins[dead][2:-2]] == 1.0).all()
        field = oblique.heat_field(GRID)
        np.testing.assert_allclose(field[ring, bins], worse, rtol=1e-9)


class TestVertical:
    def test_calm_and_windy(self):
        calm, windy = jet(CALM, direction="vertical"), jet(direction="vertical")
        assert calm.flame.tip_x == pytest.approx(0.0, abs=1e-12)
        assert windy.flame.tip_x > 1.0
        assert windy.length < calm.length
        angle = np.linspace(0, math.pi, 7)
        np.testing.assert_allclose(calm.heat_flux(25.0, angle), calm.heat_flux(25.0, 0.0), rtol=1e-9)
        flux = windy.heat_flux(25.0, angle)
        assert (np.diff(flux) < 0).all()

    def test_inclined_at_a_right_angle_is_vertical(self):
        upright, inclined = jet(direction="vertical"), jet(direction="inclined", inclination=math.pi / 2)
        assert inclined.flame == upright.flame
        # into the wind the flame is shorter, with it longer
        into, along = (jet(direction="inclined", inclination=math.radians(a)) for a in (130.0, 50.0))
        assert into.length < upright.length < along.length
        assert into.flame.tip_x < upright.flame.tip_x < along.flame.tip_x

    def test_a_storm_lays_the_flame_level_and_says_so(self):
        weak = {"mass_flow": 0.5, "hole_diameter": 0.2, "direction": "vertical", "release_height": 10.0}
        laid = jet(STORM, **weak)
        assert "jet_fire_level" in laid.flags
        assert laid.flame.tip_z == pytest.approx(laid.flame.base_z)
        assert "jet_fire_level" not in jet(direction="vertical").flags

    @pytest.mark.kernel
    def test_flux_at_a_place(self):
        # seen from the ground: rotated by hand into the frame of its axis
        torch = jet(direction="vertical")
        flame = torch.flame
        rise = math.atan2(flame.tip_z - flame.base_z, flame.tip_x - flame.base_x)
        place = np.array([20.0 - flame.base_x, 25.0, -flame.base_z])
        along = place @ np.array([math.cos(rise), 0.0, math.sin(rise)])
        across = place @ np.array([math.sin(rise), 0.0, -math.cos(rise)])
        x, y, z = frustum_view_factor_kernel(
            across, 25.0, along, 0.0, 0.0, flame.length, flame.base_radius, flame.tip_radius
        )
        nearest = min(max(along, 0.0), flame.length)
        radius = flame.base_radius + nearest / flame.length * (flame.tip_radius - flame.base_radius)
        path = math.sqrt(across**2 + 25.0**2 + (along - nearest) ** 2) - radius
        flux = torch.emissive_power * math.sqrt(x * x + y * y + z * z) * transmissivity(path, 288.15, 0.7)
        assert torch.heat_flux(math.hypot(20.0, 25.0), math.atan2(25.0, 20.0)) == pytest.approx(float(flux), rel=1e-9)


def test_two_phase_radiates_more_and_says_so():
    gas, mixed = jet(), jet(phase="two_phase")
    assert mixed.emissive_power == pytest.approx(1.5 * gas.emissive_power)
    assert "unverified:two_phase_jet_radiation" in mixed.flags
    assert "unverified:two_phase_jet_radiation" not in gas.flags


def test_a_receptor_and_the_hole_lifted_alike_see_the_same():
    for direction in ("horizontal", "vertical"):
        low = jet(direction=direction, release_height=2.0).heat_flux(40.0, 0.8)
        high = jet(direction=direction, release_height=12.0).heat_flux(40.0, 0.8, 10.0)
        assert high == pytest.approx(float(low), rel=1e-9)


@given(st.floats(0.1, 100.0), st.floats(0.01, 0.15), st.floats(0.0, 12.0), st.sampled_from(["horizontal", "vertical"]))
@settings(max_examples=60, deadline=None)
def test_more_gas_longer_flame(flow, hole, wind, direction):
    weather = Weather(wind, "D", 288.15)
    small = jet(weather, mass_flow=flow, hole_diameter=hole, direction=direction)
    large = jet(weather, mass_flow=2 * flow, hole_diameter=hole, direction=direction)
    assert large.length > small.length
    flux = small.heat_flux(np.geomspace(1.0, 1e3, 40), 0.5)
    assert ((flux >= 0.0) & (flux <= small.emissive_power * (1 + 1e-9))).all()


@given(st.floats(0.1, 100.0), st.floats(0.01, 0.2), st.floats(0.0, 20.0), st.floats(-math.pi, math.pi))
@settings(max_examples=60, deadline=None)
def test_any_wind_leaves_a_flame_of_finite_size(flow, hole, wind, angle):
    fire = jet(Weather(wind, "D", 288.15), mass_flow=flow, hole_diameter=hole, wind_angle=angle)
    assert np.isfinite(fire.centreline).all()
    assert (fire.centreline[:, 2] >= fire.release_height - 1e-9).all()
    assert np.isfinite(fire.heat_flux(np.geomspace(1.0, 1e3, 20), 1.0)).all()


@pytest.mark.parametrize(
    "make",
    [
        lambda: jet(molar_mass=16.9),
        lambda: jet(heat_capacity_ratio=1.0),
        lambda: jet(direction="down"),
        lambda: jet(phase="liquid"),
        lambda: jet(mass_flow=0.0),
        lambda: jet(wind_angle=4.0),
        lambda: jet(wind_angle=math.nan),
        lambda: jet(inclination=0.1, direction="inclined"),
        lambda: jet(inclination=1.0),
        lambda: jet(direction="vertical", wind_angle=1.0),
        lambda: jet(release_height=math.nan),
        lambda: jet(dataclasses.replace(WIND, wind_speed=math.nan)),
        lambda: jet().heat_flux(10.0, math.inf),
        lambda: jet().heat_flux(10.0, 0.0, 1e4),
        lambda: jet().heat_field(GRID, -1.0),
    ],
)
def test_bad_input_is_refused(make):
    with pytest.raises(OutOfRange):
        make()


@pytest.mark.parametrize("angle", [0.0, 1.0])
def test_heat_below_the_least_that_counts_is_none(angle):
    field = jet(wind_angle=angle).heat_field(PolarGrid(n_rings=8, n_bins=16, r_min=5.0, r_max=2000.0), 500.0)
    assert (field >= 500.0).any()
    assert (field[field < 500.0] == 0.0).all()
    assert (field == 0.0).any()
