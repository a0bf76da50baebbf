"""Where flames touch upright bodies, against points strewn through the flame; heat and failure in them."""

import itertools
import math

import numpy as np
import pytest

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.constants import constants
from parkrisk.models.fire.engulfing import touches_kernel
from parkrisk.models.fire.fireball import Fireball
from parkrisk.models.fire.jet_fire import JetFire
from parkrisk.models.fire.pool_fire import PoolFire
from parkrisk.models.vulnerability.fragility import time_to_failure

CALM, WINDY = Weather(0.0, "F"), Weather(8.0, "D")
JET = {"molar_mass": 0.044, "heat_capacity_ratio": 1.13, "heat_of_combustion": 4.6e7, "duration": 600.0}


def pool(weather, **more):
    return PoolFire(30.0, 0.055, 4.4e7, 3600.0, weather, **more)


def touched(fire, x, y, radius, height):
    arrays = [np.ravel(np.asarray(value, float)) for value in np.broadcast_arrays(x, y, radius, height)]
    return touches_kernel(*arrays, fire.engulfing.axis)


def test_upright_flame_touches_what_reaches_into_the_pool():
    fire = pool(CALM)
    assert fire.tilt == 0.0
    distance = np.array([0.0, 14.9, 19.9, 20.1, 300.0])
    assert touched(fire, distance, 0.0, 5.0, 10.0).tolist() == [True, True, True, False, False]
    assert touched(fire, 0.0, -distance, 5.0, 0.1).tolist() == [True, True, True, False, False]


@pytest.mark.parametrize("height", [0.5, 6.0, 15.0, 200.0])
def test_leaning_flame_against_points_in_it(height):
    fire = pool(WINDY)
    rng = np.random.default_rng(3)
    z = np.append(rng.random(4000), 1.0) * fire.length * np.cos(fire.tilt)
    turn = rng.random(z.size) * 2.0 * np.pi
    px = z * np.tan(fire.tilt) + 15.0 * np.cos(turn)
    py = 15.0 * np.sin(turn)
    x, y = rng.uniform(-40.0, 80.0, 300), rng.uniform(-40.0, 40.0, 300)
    nearest = np.hypot(px - x[:, None], py - y[:, None])[:, z <= height].min(axis=1)
    found = touched(fire, x, y, 8.0, height)
    inside = np.hypot(x, y) < 15.0
    sure = np.abs(nearest - 8.0) > 1.5
    np.testing.assert_array_equal(found[sure], ((nearest < 8.0) | inside)[sure])
    assert 0 < found.sum() < 300


def test_low_bodies_stand_below_the_leaning_flame():
    fire = pool(WINDY)
    tip = fire.length * np.sin(fire.tilt)
    assert touched(fire, 15.0 + 0.8 * tip, 0.0, 2.0, [1.0, 50.0]).tolist() == [False, True]
    assert touched(fire, 15.0 + 1.01 * tip, 0.0, 2.0, 50.0).all()
    assert not touched(fire, -(15.0 + 0.8 * tip), 0.0, 2.0, 50.0).any()


def test_dragged_and_lifted_flames():
    dragged = pool(CALM, drag=1.5)
    assert touched(dragged, [29.0, 31.0, -16.0], 0.0, 0.5, 1.0).tolist() == [True, False, False]
    lifted = pool(CALM, base_height=12.0)
    assert touched(lifted, 14.0, 0.0, 5.0, [11.0, 13.0]).tolist() == [False, True]
    assert lifted.engulfing.pool == 0.0


@pytest.mark.parametrize("direction", ["horizontal", "vertical"])
def test_jet_touches_along_its_flame(direction):
    fire = JetFire(20.0, 0.05, 293.0, weather=Weather(3.0, "D"), direction=direction, **JET)
    flame = fire.flame
    middle = 0.5 * (flame.base_x + flame.tip_x)
    tall = 1.1 * fire.length + 10.0
    assert touched(fire, middle, 0.0, 0.5, tall).all()
    assert not touched(fire, -middle - 10.0, 0.0, 0.5, tall).any()
    assert not touched(fire, middle, 2.0 * flame.tip_radius + 3.0, 0.5, tall).any()
    assert touched(fire, flame.tip_x, 0.0, 0.5, [0.5, tall]).tolist() == [
        direction == "horizontal" and flame.tip_z < flame.tip_radius,
        True,
    ]
    assert fire.engulfing.reach >= abs(flame.tip_x)


def test_short_fires_engulf_nothing():
    assert Fireball(50_000.0, 4.6e7, 1.5e6).engulfing is None


def test_heat_of_engulfment():
    table = constants("fragility")
    assert pool(CALM).engulfing.heat_flux == table["engulfing_pool_fire_heat_flux"].value == 1e5
    jet = JetFire(20.0, 0.05, 293.0, weather=CALM, **JET)
    assert jet.engulfing.heat_flux == table["engulfing_jet_fire_heat_flux"].value == 2e5


@pytest.mark.parametrize("kind", ["pool", "jet"])
def test_engulfed_pressure_vessels_fail_about_when_published(kind):
    """LPG tanks fail after 10 to 12 min in pool fires, within 5 min under jets: never later, and not far earlier."""
    table = constants("fragility")
    known = table[f"engulfing_{kind}_fire_pressurised_ttf"].value
    time = time_to_failure(
        table[f"engulfing_{kind}_fire_heat_flux"].value, np.array([20.0, 100.0, 200.0]), "pressurised"
    )
    assert (time <= known).all()
    assert (time >= known / 3.0).all()


@pytest.mark.parametrize("degrees", [90.0, 145.0, 180.0, 300.0])
def test_a_flame_that_points_elsewhere_touches_what_lies_there(degrees):
    axis = np.array([[4.0, 3.0, 1.0, 0.5], [12.0, 6.0, 2.0, 1.5], [20.0, 5.0, 9.0, 3.0]])
    x, y = (each.ravel() for each in np.meshgrid(np.linspace(-3.3, 29.0, 41), np.linspace(-8.1, 19.3, 37)))
    angle = math.radians(degrees)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    turned = axis.copy()
    turned[:, :2] = axis[:, :2] @ turn.T
    radius, height = np.full(x.size, 2.0), np.full(x.size, 5.0)
    found = touches_kernel(x, y, radius, height, axis)
    assert np.array_equal(touches_kernel(*(turn @ [x, y]), radius, height, turned), found)
    # a widening tube is no ball of its axis: what is nearer to it than its radius and the body's is touched for sure
    shares = np.linspace(0.0, 1.0, 200)[:, None]
    line = np.concatenate([a + shares * (b - a) for a, b in itertools.pairwise(axis)])
    low = line[line[:, 2] <= 5.0]
    gap = (np.hypot(x[:, None] - low[:, 0], y[:, None] - low[:, 1]) - low[:, 3]).min(axis=1)
    clear = abs(gap - 2.0) > 0.1
    assert np.array_equal(found[clear], gap[clear] < 2.0)


@pytest.mark.parametrize("tip", [0.5, 4.0, 12.0])
def test_tubes_that_widen_by_many_discs(tip):
    """The flame is the sum of its discs: a body is in it if it reaches one of them."""
    length, base = 40.0, 0.5
    share = np.linspace(0.0, 1.0, 2001)
    discs = base + share * (tip - base)
    axis = np.array([[0.0, 0.0, 0.0, base], [length, 0.0, 0.0, tip]])
    x, y = (each.ravel() for each in np.meshgrid(np.linspace(-6.0, 58.0, 65), np.linspace(0.0, 20.0, 41)))
    gap = (np.hypot(x[:, None] - length * share, y[:, None]) - discs).min(axis=1)
    clear = np.abs(gap - 2.0) > 0.01
    found = touches_kernel(x, y, np.full(x.size, 2.0), np.full(x.size, 5.0), axis)
    assert np.array_equal(found[clear], gap[clear] < 2.0)
    assert found.any()
