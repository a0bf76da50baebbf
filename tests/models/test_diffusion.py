"""Diffusion in the surface layer against another solver of the same equation, exact moments and the flux."""

import math

import numpy as np
import pytest
from scipy import integrate, sparse

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.air.spread import curve_kernel, spread
from parkrisk.models.air.surface_layer import surface_layer, wind_kernel
from parkrisk.models.cloud.concentration import largest_concentration, passive_plume, plume_concentration
from parkrisk.models.cloud.diffusion import LEVELS, PRANDTL, integrated_kernel
from parkrisk.models.cloud.plume_slice import slice_kernel
from parkrisk.models.cloud.plume_table import half_width_kernel, handover_kernel, profile_kernel, vertical_kernel
from parkrisk.models.cloud.vapour import disperse
from tests.models.cloud_cases import B3, D5, dry_air, jet, pool

SMOOTH = {name: Weather(wind, name, roughness=0.03) for name, wind in (("B", 3.0), ("D", 5.0), ("F", 2.0))}
DISTANCE = 0.2 * np.expm1(np.linspace(0.0, math.log(1.0 + 1e4 / 0.2), 160))


def centres(air):
    """Middle and thickness of the finite volumes."""
    edges = air.roughness * (air.mixing_height / air.roughness) ** (np.arange(LEVELS + 1) / LEVELS)
    return np.sqrt(edges[1:] * edges[:-1]), np.diff(edges)


def everywhere(distance, height, scale, air):
    """Concentration at all levels, shape (levels, distances), their wind and thickness."""
    z, thickness = centres(air)
    wind = np.array([wind_kernel(each, air) for each in z])
    found = np.array([integrated_kernel(distance, each, 0.0, 1.0, scale, 2.0, height, air)[0] for each in z])
    return z, found, wind, thickness


def by_lines(distance, height, scale, air, size=300):
    """Solve the same equation on a finer grid with another scheme: method of lines, backward differentiation."""
    edges = np.geomspace(air.roughness, air.mixing_height, size + 1)
    z, thickness = 0.5 * (edges[1:] + edges[:-1]), np.diff(edges)
    zeta = edges * air.inverse_obukhov
    phi = np.where(zeta >= 0.0, 1.0 + 5.0 * np.minimum(zeta, 1.0), 1.0 / np.sqrt(1.0 - 16.0 * np.minimum(zeta, 0.0)))
    diffusivity = 0.4 * air.friction_velocity * edges / (PRANDTL * phi) * (1.0 - edges / air.mixing_height)
    exchange = diffusivity[1:-1] / np.diff(z)
    wind = np.array([wind_kernel(each, air) for each in z])
    content = wind * thickness
    loss = np.append(exchange, 0.0) + np.append(0.0, exchange)
    matrix = sparse.diags([exchange / content[1:], -loss / content, exchange / content[:-1]], [-1, 0, 1]).tocsc()
    start = np.exp(-(((z - height) / scale) ** 2)) + np.exp(-(((z + height) / scale) ** 2))
    start /= (start * content).sum()
    solved = integrate.solve_ivp(
        lambda _, c: matrix @ c, (0.0, distance[-1]), start, "BDF", distance, jac=matrix, rtol=1e-6, atol=1e-10
    )
    return z, solved.y


@pytest.mark.parametrize("stability", SMOOTH)
@pytest.mark.parametrize("height", [0.5, 20.0])
def test_against_another_solver(stability, height):
    air = surface_layer(SMOOTH[stability])
    z, expected = by_lines(DISTANCE[1:], height, 0.1 * height, air)
    found = integrated_kernel(DISTANCE, 1.0, 0.0, 1.0, 0.1 * height, 2.0, height, air)[0][1:]
    at1m = np.array([np.interp(0.0, np.log(z), profile) for profile in expected.T])
    # levels even in ln z blur what is narrow and aloft: beside it, small concentrations come too early
    seen = at1m > 0.4 * at1m.max()
    np.testing.assert_allclose(found[seen], at1m[seen], rtol=0.05)
    late = DISTANCE[1:] > 100.0 * height
    np.testing.assert_allclose(found[late], at1m[late], rtol=0.005)


@pytest.mark.parametrize("stability", SMOOTH)
def test_flux_is_kept(stability):
    air = surface_layer(SMOOTH[stability])
    for height in (0.5, 30.0):
        _, found, wind, thickness = everywhere(DISTANCE, height, 0.2 * height, air)
        flux = (found * (wind * thickness)[:, None]).sum(axis=0)
        np.testing.assert_allclose(flux, 1.0, rtol=1e-9)
        assert (found >= 0.0).all()


def test_mean_height_rises_as_in_neutral_air():
    # d(mean height of the flux)/dx = k u*/(Pr u), exact for K = k u* z/Pr, u that of the plume
    air = dry_air(0.3, 0.01, mixing_height=1e6)
    distance = np.append(0.0, np.geomspace(1.0, 2000.0, 200))
    z, found, wind, thickness = everywhere(distance, 1.0, 0.3, air)
    content = found * (wind * thickness)[:, None]
    mean = (content * z[:, None]).sum(axis=0) / content.sum(axis=0)
    speed = integrated_kernel(distance, 1.0, 0.0, 1.0, 0.3, 2.0, 1.0, air)[1]
    risen = integrate.cumulative_trapezoid(0.4 * 0.3 / (PRANDTL * speed), distance, initial=0.0)
    # volumes even in ln z: their middle is not their mean height, and the mixing height is far but finite
    late = distance > 50.0
    np.testing.assert_allclose((mean - mean[0])[late], risen[late], rtol=0.01)


def test_converges_with_the_steps():
    air = surface_layer(D5)

    def at_places(nodes):
        distance = np.append(0.0, 0.2 * np.expm1(np.linspace(0.0, math.log(1.0 + 5000.0 / 0.2), nodes)[1:]))
        found = integrated_kernel(distance, 1.0, 0.0, 1.0, 0.6, 2.0, 2.0, air)[0]
        return np.exp(np.interp(np.log([30.0, 300.0, 3000.0]), np.log(distance[1:]), np.log(found[1:])))

    fine = at_places(2400)
    errors = [np.abs(at_places(nodes) / fine - 1.0).max() for nodes in (80, 160, 320)]
    # second order; 160 nodes are used
    assert errors[1] < 0.004
    assert errors[2] < 0.4 * errors[1] < 0.2 * errors[0]


def test_elevated_source_has_its_largest_concentration_at_a_distance():
    distance = np.geomspace(20.0, 10e3, 60)
    for height in (10.0, 40.0):
        table = passive_plume(1.0, 3600.0, 0.064, Weather(5.0, "D", roughness=0.03), height=height)
        found = plume_concentration(table, distance, 0.0)
        peak = int(np.argmax(found))
        assert 5.0 * height < distance[peak] < 40.0 * height
        assert (np.diff(found[:peak]) >= 0.0).all()
        assert (np.diff(found[peak:]) <= 0.0).all()
        # Gaussian plume of Briggs with the wind at the source height: the same peak within a third
        curves = spread("rural", "D")
        wind = wind_kernel(height, surface_layer(Weather(5.0, "D", roughness=0.03)))
        across, up = (np.array([curve_kernel(x, curve) for x in distance]) for curve in (curves.y, curves.z))
        gaussian = np.exp(-0.5 * (height / up) ** 2) / (math.pi * wind * across * up)
        assert found.max() == pytest.approx(gaussian.max(), rel=0.35)


@pytest.mark.parametrize("height", [2.0, 20.0])
def test_a_passive_plume_is_linear_and_symmetric(height):
    one = passive_plume(1.0, 3600.0, 0.064, D5, height=height)
    ten = passive_plume(10.0, 3600.0, 0.064, D5, height=height)
    x, y = np.array([100.0, 500.0, 3000.0]), np.array([5.0, -30.0, 100.0])
    np.testing.assert_allclose(plume_concentration(ten, x, y), 10.0 * plume_concentration(one, x, y), rtol=1e-12)
    np.testing.assert_array_equal(plume_concentration(one, x, y), plume_concentration(one, x, -y))


# ---- where the integral plume gives way


def handed_over(source, weather):
    """State, its cloud and place where diffusion takes over; None where it does not."""
    cloud = disperse(source, weather)
    if cloud.is_puff:
        return None
    step = handover_kernel(cloud.track, cloud.core, cloud.setting)
    if step == cloud.track.way.size - 1:
        return None
    grounded = bool(cloud.track.grounded[step])
    profile = profile_kernel(cloud.track.state[step], cloud.track.temperature[step], grounded, cloud.setting)
    return cloud, step, profile


@pytest.mark.parametrize(
    "source",
    [pool("chlorine", 0.5, 3600.0, 5.0), jet("carbon monoxide", 0.5, 3600.0, 50.0, 1.0, 0.0, temperature=293.15)],
)
@pytest.mark.parametrize("weather", [*SMOOTH.values(), Weather(3.0, "E", roughness=0.1), Weather(2.0, "C")])
def test_no_jump_at_the_ground(source, weather):
    found = handed_over(source, weather)
    if found is None:
        assert weather.stability == "F"
        return
    cloud, step, profile = found
    across = 2.0 * half_width_kernel(profile.core, profile.variance)
    flux = cloud.track.state[step, 1]
    for z in (0.0, 1.0):
        begun, _ = integrated_kernel(
            np.zeros(1),
            z,
            profile.axis * across,
            flux,
            profile.scale,
            profile.exponent,
            profile.height,
            cloud.setting.air,
        )
        assert begun[0] == pytest.approx(profile.axis * across * vertical_kernel(z, profile), rel=0.02)
    # and none in what receptors see
    x = cloud.track.state[step, 9]
    just = largest_concentration(source, weather, [0.9 * x, 0.95 * x, x, 1.05 * x, 1.1 * x], 0.0, 1.0)
    slopes = np.diff(np.log(just))
    assert (slopes < 0.0).all()
    assert abs(np.diff(slopes)).max() < 0.04


def test_elevated_plumes_are_handed_over_late_enough():
    source = jet("carbon monoxide", 0.5, 3600.0, 20.0, 15.0, 0.0, temperature=293.15)
    for weather in SMOOTH.values():
        found = handed_over(source, weather)
        if found is None:
            continue
        cloud, step, profile = found
        state, near = cloud.track.state[step], cloud.track.temperature[step]
        if profile.grounded:
            continue
        # the eddies are smaller than the plume, and its Gaussian stands on many levels
        assert slice_kernel(state, near, False, cloud.setting).depth > 0.7 * state[10]
        begun = integrated_kernel(
            np.zeros(1), 0.0, 0.0, state[1], profile.scale, profile.exponent, profile.height, cloud.setting.air
        )[0][0]
        across = 2.0 * half_width_kernel(profile.core, profile.variance)
        assert begun == pytest.approx(profile.axis * across * vertical_kernel(0.0, profile), rel=0.05)


def test_handover_does_not_depend_on_chance():
    # class E over neighbouring roughnesses: all handed over, and concentrations change smoothly
    roughness = np.geomspace(0.01, 0.3, 12)
    source = pool("carbon monoxide", 0.5, 3600.0, 3.0, 293.15)
    weathers = [Weather(3.0, "E", roughness=float(z0)) for z0 in roughness]
    assert all(handed_over(source, weather) is not None for weather in weathers)
    found = np.array([float(largest_concentration(source, weather, 3000.0, 0.0)) for weather in weathers])
    steps = np.diff(np.log(found))
    assert (steps < 0.0).all()
    assert abs(np.diff(steps)).max() < 0.05


def test_handover_at_all_rates_in_unstable_air():
    rates = np.geomspace(0.03, 30.0, 16)
    over_rate = []
    for rate in rates:
        source = pool("carbon monoxide", float(rate), 3600.0, 3.0, 293.15)
        assert handed_over(source, B3) is not None
        over_rate.append(float(largest_concentration(source, B3, 1500.0, 0.0)) / rate)
    assert max(over_rate) / min(over_rate) < 1.35
