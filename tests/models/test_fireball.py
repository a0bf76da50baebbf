"""Fireballs, standing and rising: worked example, conservation, monotony, bad input."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkrisk.models.errors import OutOfRange
from parkrisk.models.fire.fireball import fireball_radiative_fraction
from parkrisk.models.fire.radiation import transmissivity
from parkrisk.models.footprint import PolarGrid
from tests.models.fires import fireball

GRID = PolarGrid()


def test_ten_tonnes():
    ball = fireball()
    assert ball.diameter == pytest.approx(124.96, abs=0.005)
    assert ball.duration == pytest.approx(9.69, abs=0.006)
    assert 200e3 < ball.emissive_power < 350e3
    # the laws of duration meet within 0.1 % at 30 t
    small, large = fireball(mass=29_999.0), fireball(mass=30_000.0)
    assert small.duration == pytest.approx(large.duration, rel=0.05)


def test_radiative_fraction():
    assert fireball_radiative_fraction(1e6) == pytest.approx(0.27)
    assert fireball_radiative_fraction(20e6) == 0.4
    assert fireball_radiative_fraction(2e6) == pytest.approx(0.00325 * 2e6**0.32, rel=2e-3)  # CPR 14E, in Pa
    assert fireball().flags == ()
    assert fireball(burst_pressure=5e6).flags == ("unverified:fireball_radiant_fraction",)


def test_radiated_energy_is_conserved():
    heat = fireball_radiative_fraction(1.5e6) * 10_000.0 * 4.63e7
    ball = fireball()
    assert ball.emissive_power * math.pi * ball.diameter**2 * ball.duration == pytest.approx(heat)
    rising = fireball(rising=True)
    time = (np.arange(3000) + 0.5) / 3000 * rising.duration
    stages = [rising.at(float(t)) for t in time]
    radiated = sum(math.pi * each.diameter**2 * each.emissive_power for each in stages) * rising.duration / 3000
    assert radiated == pytest.approx(heat, rel=1e-3)


def test_history_of_a_rising_fireball():
    ball = fireball(rising=True)
    assert "unverified:fireball_history" in ball.flags
    begin, grown, end = (ball.at(share * ball.duration) for share in (0.0, 1.0 / 3.0, 1.0))
    assert begin.diameter == 0.0
    assert grown.diameter == pytest.approx(ball.diameter)
    assert grown.height == pytest.approx(0.5 * ball.diameter)  # it touches the ground
    assert grown.emissive_power == begin.emissive_power
    assert end.height == pytest.approx(1.5 * ball.diameter)
    assert end.emissive_power == pytest.approx(0.0, abs=1e-6)
    # it lifts off as fast as its centre rose on average while it grew
    later = ball.at(0.5 * ball.duration)
    assert later.height / 0.5 == pytest.approx(grown.height / (1.0 / 3.0))


def test_heat_dose_of_a_rising_fireball():
    # the sphere's view factor through the air, moment by moment
    ball, distance = fireball(rising=True), 250.0
    time = (np.arange(4000) + 0.5) / 4000 * ball.duration
    dose = 0.0
    for t in time:
        now = ball.at(float(t))
        apart = math.hypot(distance, now.height)
        through = float(transmissivity(apart - 0.5 * now.diameter, 293.15, 0.7))
        dose += (now.emissive_power * through * (0.5 * now.diameter / apart) ** 2) ** (4 / 3) * ball.duration / 4000
    assert ball.heat_dose(distance) == pytest.approx(dose, rel=5e-3)
    assert ball.heat_flux(distance) ** (4 / 3) * ball.duration == pytest.approx(dose, rel=5e-3)
    assert fireball().heat_dose(distance) == pytest.approx(fireball().heat_flux(distance) ** (4 / 3) * ball.duration)


@given(st.floats(1.0, 1e6), st.floats(0.0, 3e3), st.floats(1.001, 3.0), st.booleans())
@settings(max_examples=60, deadline=None)
def test_weaker_farther_out(mass, distance, more, rising):
    ball = fireball(mass=mass, rising=rising)
    here, there = ball.heat_flux(distance), ball.heat_flux(distance * more + 0.1)
    assert 0.0 < there < here
    if not rising:
        assert here < ball.emissive_power


@pytest.mark.parametrize("rising", [False, True])
def test_certain_death_circle(rising):
    ball = fireball(rising=rising)
    footprint = ball.footprint(GRID)
    (radius,) = footprint.disc_radius
    assert ball.heat_flux(radius) == pytest.approx(37_500.0, rel=5e-4)
    ring = np.searchsorted(GRID.radius, radius) - 1
    start = footprint.count[:ring].sum()
    total = footprint.lethality[:, start] + footprint.disc_lethality[:, 0]
    np.testing.assert_allclose(total, 1.0, atol=1e-9)


@pytest.mark.kernel
def test_flux_at_a_place():
    ball = fireball()
    apart = math.hypot(300.0, ball.height)
    through = transmissivity(apart - 0.5 * ball.diameter, 293.15, 0.7)
    flux = ball.emissive_power * (0.5 * ball.diameter / apart) ** 2 * through
    assert ball.heat_flux(300.0) == pytest.approx(flux, rel=1e-12)
    # higher up it is nearer
    assert ball.heat_flux(300.0, 0.0, 30.0) > ball.heat_flux(300.0)


@pytest.mark.parametrize(
    "make",
    [
        lambda: fireball(mass=-1.0),
        lambda: fireball(heat_of_combustion=46.0),
        lambda: fireball(burst_pressure=1.5e9),
        lambda: fireball(relative_humidity=70.0),
        lambda: fireball().heat_flux(math.nan),
        lambda: fireball().heat_dose(-1.0),
        lambda: fireball().at(20.0),
        lambda: fireball(rising=True).at(math.nan),
    ],
)
def test_bad_input_is_refused(make):
    with pytest.raises(OutOfRange):
        make()
