"""Entrainment against the laws it is made of, and their limits."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkrisk.models.air.spread import Curve, curve_kernel, curve_slope_kernel, spread
from parkrisk.models.cloud.entrainment import (
    GRAVITY,
    closure,
    ground_heat_kernel,
    richardson_kernel,
    top_entrainment_kernel,
    turbulence_kernel,
)
from tests.models.cloud_cases import dry_air

LAWS = closure()
AIR = dry_air(friction_velocity=0.3)
NO_CURVE = Curve(0.0, 0.0, 0.0)


def top(depth, density, velocity=0.3, air=AIR, wind=5.0, distance=100.0, curve=NO_CURVE, capped=False):
    return top_entrainment_kernel(depth, density, velocity, wind, distance, curve, capped, air, LAWS)


def at(richardson, air=AIR, velocity=0.3, depth=2.0):
    """Density of a cloud of some Richardson number."""
    return air.density * (1.0 + richardson * velocity * velocity / (GRAVITY * depth))


@pytest.mark.kernel
@pytest.mark.parametrize(
    ("richardson", "over_friction"),
    # W/u* of A.G. Robins et al. (2001), 0.65/(1 + 0.2 Ri), as tabulated in print to three places
    [(0.0, 0.65), (10.0, 0.217), (30.0, 0.093), (100.0, 0.031)],
)
def test_neutral_air_is_the_law_of_the_tunnel(richardson, over_friction):
    assert top(2.0, at(richardson)) / 0.3 == pytest.approx(over_friction, abs=5e-4)
    assert richardson_kernel(at(richardson), 2.0, 0.3, AIR) == pytest.approx(richardson, rel=1e-9, abs=1e-12)


def test_limits_lie_within_the_published_laws():
    # passive: 0.50 (DEGADIS) to 0.75 (Nielsen and Jensen); dense: W Ri/u* 2.5 (Kato and Phillips) to 5 (HEGADAS)
    assert 0.50 < top(2.0, AIR.density) / 0.3 < 0.75
    assert 2.4 < top(2.0, at(1e5)) * 1e5 / 0.3 < 5.0
    for richardson in (10.0, 30.0, 100.0):
        degadis = 0.4 * 1.12 / (0.88 + 0.099 * richardson**1.04 + 1.4e-25 * richardson**5.7)
        nielsen = 2.5 / (3.3 + richardson)
        assert top(2.0, at(richardson)) / 0.3 == pytest.approx(degadis, rel=0.3)
        assert top(2.0, at(richardson)) / 0.3 == pytest.approx(nielsen, rel=0.3)


@pytest.mark.kernel
def test_passive_limits_in_stable_and_unstable_air():
    # phi_h of Businger and Dyer at 0.46 of the depth
    stable = dry_air(0.3, inverse_obukhov=1.0 / 30.0)
    assert top(10.0, stable.density, air=stable) == pytest.approx(0.65 * 0.3 / (1.0 + 5.0 * 4.6 / 30.0), rel=1e-12)
    unstable = dry_air(0.3, inverse_obukhov=-1.0 / 100.0)
    assert top(1.0, unstable.density, air=unstable) == pytest.approx(
        0.65 * 0.3 * math.sqrt(1.0 + 16.0 * 0.0046), rel=1e-12
    )
    # no faster than the gusts, which bind from ζ = -0.31 on, where 0.65 (1 - 16 ζ)^(1/2) passes 1.3 (1 - 3 ζ)^(1/3)
    for zeta, bound in ((-0.2, False), (-0.4, True), (-0.9, True)):
        gusts, law = 1.3 * (1.0 - 3.0 * zeta) ** (1.0 / 3.0), 0.65 * math.sqrt(1.0 - 16.0 * zeta)
        assert (gusts < law) is bound
        found = top(-100.0 * zeta / 0.46, unstable.density, air=unstable)
        assert found == pytest.approx(0.3 * min(gusts, law), rel=1e-12)
    deep = top(500.0, unstable.density, air=unstable)
    assert deep == pytest.approx(1.3 * 0.3 * (1.0 + 3.0 * 2.3) ** (1.0 / 3.0), rel=1e-12)


def test_cap_is_the_growth_of_passive_plumes():
    curve = spread("rural", "D").z
    slope = (curve_kernel(2001.0, curve) - curve_kernel(1999.0, curve)) / 2.0
    assert curve_slope_kernel(2000.0, curve) == pytest.approx(slope, rel=1e-6)
    capped = top(100.0, AIR.density, wind=5.0, distance=2000.0, curve=curve, capped=True)
    assert capped == pytest.approx(math.sqrt(0.5 * math.pi) * 5.0 * slope, rel=1e-6)
    assert capped < top(100.0, AIR.density)
    # near the source it does not bind
    assert top(1.0, AIR.density, distance=20.0, curve=curve, capped=True) == pytest.approx(0.65 * 0.3)


@given(st.floats(0.1, 200.0), st.floats(0.0, 3.0), st.floats(0.0, 2.0), st.floats(-0.1, 0.1))
def test_weight_and_stability_slow_it_down(depth, excess, more, inverse):
    air = dry_air(0.3, inverse_obukhov=inverse)
    here = top(depth, air.density + excess, air=air)
    assert 0.0 < here <= 10.0
    assert top(depth, air.density + excess + more, air=air) <= here * (1.0 + 1e-12)
    calmer = dry_air(0.3, inverse_obukhov=inverse + 0.01 * more)
    assert top(depth, calmer.density + excess, air=calmer) <= here * (1.0 + 1e-12)
    # a lighter cloud is as a neutral one
    assert top(depth, air.density - 0.1, air=air) == top(depth, air.density, air=air)


@pytest.mark.kernel
def test_turbulence_of_each_source_alone():
    def velocity(slip=0.0, front=0.0, heat=0.0):
        return turbulence_kernel(slip, front, 2.0, heat, 1.5, 250.0, AIR, LAWS)

    assert velocity() == pytest.approx(0.3, rel=1e-12)
    assert velocity(slip=4.0) == pytest.approx(math.sqrt(0.09 + 0.02 * 16.0), rel=1e-12)
    assert velocity(front=4.0) == pytest.approx(math.sqrt(0.09 + 0.02 * 4.0), rel=1e-12)
    # a jet faster than the wind has its own entrainment
    assert velocity(slip=-4.0) == velocity()
    convective = GRAVITY * 2.0 * 5000.0 / (1.5 * 1100.0 * 250.0)
    assert velocity(heat=5000.0) ** 3 == pytest.approx(0.3**3 + 0.1 * convective, rel=1e-12)


@pytest.mark.kernel
def test_ground_heat():
    assert ground_heat_kernel(AIR.temperature, 1.2, 5.0, 5.0, AIR) == 0.0
    assert ground_heat_kernel(AIR.temperature + 50.0, 1.2, 5.0, 5.0, AIR) == 0.0
    # still: McAdams, Nu = 0.14 (Gr Pr)^(1/3) for air at 150 K, 138 K colder than the ground
    cold = ground_heat_kernel(150.0, 2.4, 0.0, 1e6, AIR)
    conductivity, viscosity = 0.024 * (150.0 / 293.0) ** 0.8, 1.5e-5 * (150.0 / 293.0) ** 1.75
    # of a length that cancels: 3 m
    rayleigh = GRAVITY * 138.15 / 150.0 * 27.0 / viscosity**2 * 0.7
    assert cold == pytest.approx(0.14 * rayleigh ** (1.0 / 3.0) * conductivity / 3.0 * 138.15, rel=1e-9)
    # windy: Stanton number (u*/u)²
    windy = ground_heat_kernel(280.0, 1.3, 6.0, 5.0, AIR)
    assert windy == pytest.approx(1.3 * 1100.0 * 0.06**2 * 6.0 * 8.15, rel=1e-9)
    assert ground_heat_kernel(280.0, 1.3, 0.0, 5.0, AIR) == ground_heat_kernel(280.0, 1.3, 2.5, 5.0, AIR)


def test_mean_wind_of_the_material():
    # the constant 0.46: log wind at it is the mean of the log wind over exp(-(z/S)^1.5)
    from scipy import integrate

    scale, roughness = 4.0, 1e-4
    depth = scale * math.gamma(1.0 + 1.0 / 1.5)
    weight = integrate.quad(lambda z: math.exp(-((z / scale) ** 1.5)), 0.0, 40.0)[0]
    mean = integrate.quad(lambda z: math.exp(-((z / scale) ** 1.5)) * math.log(z / roughness), 1e-9, 40.0, limit=200)[0]
    assert math.exp(mean / weight) * roughness / depth == pytest.approx(LAWS.profile_height, rel=0.02)
