import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import integrate

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.air.spread import curve_kernel, puff_spread, sigmas, spread, transport_wind
from parkrisk.models.cloud.gaussian import (
    finite_release_concentration,
    gaussian_plume,
    plume_concentration,
    puff_concentration,
    puff_kernel,
)
from parkrisk.models.errors import OutOfRange

D5 = Weather(5.0, "D")
WIND = {"A": 2.0, "B": 3.0, "C": 4.0, "D": 5.0, "E": 3.0, "F": 1.5}


def test_purple_book_example_6b():
    assert gaussian_plume(0.0, 1.0, 100.0, 5.0, 1.0, 28.8, 10.3) == pytest.approx(21.3e-3, rel=3e-3)


@pytest.mark.kernel
def test_ground_plume_class_d():
    assert plume_concentration(100.0, 0.0, 0.0, 1.0, D5) == pytest.approx(1.4294e-3, rel=3e-5)


@pytest.mark.kernel
@pytest.mark.parametrize(
    ("terrain", "stability", "expected"),
    [
        # Briggs at 1 km, worked by hand
        ("rural", "A", (0.22e3 / math.sqrt(1.1), 200.0)),
        ("rural", "D", (0.08e3 / math.sqrt(1.1), 60.0 / math.sqrt(2.5))),
        ("rural", "F", (0.04e3 / math.sqrt(1.1), 16.0 / 1.3)),
        ("urban", "B", (0.32e3 / math.sqrt(1.4), 240.0 * math.sqrt(2.0))),
        ("urban", "D", (0.16e3 / math.sqrt(1.4), 140.0 / math.sqrt(1.3))),
        ("urban", "E", (0.11e3 / math.sqrt(1.4), 80.0 / math.sqrt(2.5))),
    ],
)
def test_briggs(terrain, stability, expected):
    along, across, up = sigmas(1000.0, spread(terrain, stability))
    assert_allclose((across, up), expected, rtol=1e-12)
    assert along == pytest.approx(130.0)


def test_class_d_erratum():
    # 0.0015, not 0.00015, under the root
    assert sigmas(1000.0, spread("rural", "D"))[2] == pytest.approx(37.947, rel=1e-4)


@pytest.mark.kernel
def test_puff_curves():
    assert curve_kernel(1000.0, puff_spread("D").y) == pytest.approx(0.06 * 1000.0**0.92)
    assert puff_spread("F").x == puff_spread("F").y


@pytest.mark.parametrize("terrain", ["rural", "urban"])
@pytest.mark.parametrize("stability", "ABCDEF")
def test_sigmas_grow_and_stable_air_spreads_less(terrain, stability):
    distance = np.geomspace(1.0, 1e4, 50)
    curves = sigmas(distance, spread(terrain, stability))
    assert all((np.diff(curve) > 0.0).all() for curve in curves)
    if stability != "A":
        unstabler = sigmas(distance, spread(terrain, chr(ord(stability) - 1)))
        assert (curves[1] <= unstabler[1]).all()
        assert (curves[2] <= unstabler[2]).all()


def test_averaging_time():
    short, long = spread("rural", "D", 20.0), spread("rural", "D", 600.0)
    assert short.y.a / long.y.a == pytest.approx((20.0 / 600.0) ** 0.2)
    assert short.z == long.z


@pytest.mark.parametrize("stability", "ABCDEF")
@pytest.mark.parametrize("height", [0.0, 30.0])
def test_mass_flux_through_a_cross_section(stability, height):
    weather = Weather(WIND[stability], stability)
    _, across, up = sigmas(700.0, spread("rural", stability))
    y = np.linspace(-8.0 * across, 8.0 * across, 401)
    z = np.linspace(0.0, height + 8.0 * up, 2001)
    field = plume_concentration(700.0, y[:, None], z[None, :], 3.0, weather, height=height)
    flux = transport_wind(weather, height) * integrate.simpson(integrate.simpson(field, z), y)
    assert flux == pytest.approx(3.0, rel=1e-6)


@pytest.mark.kernel
def test_a_puff_is_a_bell_on_each_axis():
    """Far above the ground, where its image counts for nothing."""
    from scipy.stats import norm

    curves, travelled = puff_spread("D"), 400.0
    along, across, up = (curve_kernel(travelled, curve) for curve in (curves.x, curves.y, curves.z))
    for x, y, z in ((400.0, 0.0, 300.0), (420.0, 11.0, 305.0), (370.0, -25.0, 290.0)):
        expected = 7.0 * norm.pdf(x, travelled, along) * norm.pdf(y, 0.0, across) * norm.pdf(z, 300.0, up)
        assert puff_kernel(x, y, z, 7.0, travelled, 300.0, curves) == pytest.approx(expected, rel=1e-9)
    # on the ground the image doubles it
    on_ground = 7.0 * norm.pdf(0.0, 0.0, along) * norm.pdf(0.0, 0.0, across) * norm.pdf(0.0, 2.0, up)
    assert puff_kernel(travelled, 0.0, 0.0, 7.0, travelled, 2.0, curves) == pytest.approx(2.0 * on_ground, rel=1e-9)
    assert puff_kernel(0.0, 0.0, 0.0, 7.0, 0.0, 2.0, curves) == 0.0


def test_puff_holds_its_mass():
    time = 120.0
    along, across, up = sigmas(5.0 * time, puff_spread("D"))
    x = np.linspace(600.0 - 8.0 * along, 600.0 + 8.0 * along, 161)
    y = np.linspace(-8.0 * across, 8.0 * across, 161)
    z = np.linspace(0.0, 8.0 * up, 161)
    field = puff_concentration(x[:, None, None], y[None, :, None], z[None, None, :], time, 40.0, D5)
    mass = integrate.simpson(integrate.simpson(integrate.simpson(field, z), y), x)
    assert mass == pytest.approx(40.0, rel=1e-6)


@pytest.mark.kernel
def test_finite_release_limits():
    steady = plume_concentration(500.0, 10.0, 1.0, 2.0, D5)
    long = finite_release_concentration(500.0, 10.0, 1.0, 1800.0, 2.0, 3600.0, D5)
    assert long == pytest.approx(float(steady), rel=1e-9)
    before = finite_release_concentration(500.0, 10.0, 1.0, 20.0, 2.0, 3600.0, D5)
    after = finite_release_concentration(500.0, 10.0, 1.0, 7200.0, 2.0, 3600.0, D5)
    assert max(before, after) < 1e-6 * steady


def test_short_release_passes_with_all_its_mass():
    # the integral over time of what passes equals that of the steady plume over the duration
    time = np.linspace(0.0, 400.0, 20001)
    passing = finite_release_concentration(500.0, 0.0, 0.0, time, 2.0, 10.0, D5)
    steady = plume_concentration(500.0, 0.0, 0.0, 2.0, D5)
    assert integrate.simpson(passing, time) == pytest.approx(10.0 * float(steady), rel=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    x=st.floats(1.0, 1e4),
    y=st.floats(-2e3, 2e3),
    rate=st.floats(1e-3, 1e3),
    factor=st.floats(1.0, 100.0),
    stability=st.sampled_from("ABCDEF"),
)
def test_plume_grows_with_rate_and_is_symmetric(x, y, rate, factor, stability):
    weather = Weather(WIND[stability], stability)
    one = float(plume_concentration(x, y, 1.0, rate, weather))
    assert float(plume_concentration(x, y, 1.0, factor * rate, weather)) == pytest.approx(factor * one, rel=1e-12)
    assert float(plume_concentration(x, -y, 1.0, rate, weather)) == one


@pytest.mark.kernel
def test_upwind_is_clean():
    x = np.array([-100.0, -1.0, 0.0])
    assert not plume_concentration(x, 0.0, 0.0, 1.0, D5).any()
    assert not puff_concentration(10.0, 0.0, 0.0, 0.0, 1.0, D5).any()


def test_wind_rises_above_the_anemometer_only():
    assert transport_wind(D5, 0.0) == transport_wind(D5, 10.0) == 5.0
    assert transport_wind(D5, 40.0) == pytest.approx(5.0 * 4.0**0.15)


@pytest.mark.parametrize(
    ("weather", "changes"),
    [
        (Weather(0.0, "D"), {}),
        (Weather(0.49, "D"), {}),
        (Weather(math.nan, "D"), {}),
        (Weather(-3.0, "D"), {}),
        (Weather(5.0, "G"), {}),
        (Weather(5.0, "D", terrain="sea"), {}),
        (Weather(5.0, "D", terrain="puff"), {}),
        (D5, {"rate": math.nan}),
        (D5, {"rate": -1.0}),
        (D5, {"z": -1.0}),
        (D5, {"x": math.inf}),
        (D5, {"height": -1.0}),
        (D5, {"averaging_time": 0.0}),
        (D5, {"averaging_time": math.nan}),
    ],
)
def test_bad_input(weather, changes):
    given = {"x": 100.0, "y": 0.0, "z": 0.0, "rate": 1.0, **changes}
    with pytest.raises(OutOfRange):
        plume_concentration(given.pop("x"), given.pop("y"), given.pop("z"), given.pop("rate"), weather, **given)


def test_bad_sigmas():
    with pytest.raises(OutOfRange):
        gaussian_plume(0.0, 0.0, 1.0, 5.0, 0.0, 0.0, 10.0)
    with pytest.raises(OutOfRange):
        sigmas(-1.0, spread("rural", "D"))
    with pytest.raises(OutOfRange):
        spread("rural", "D", 1e9)
    with pytest.raises(OutOfRange):
        puff_spread("G")
