"""Concentration fields: the fast table against the plain one, Prairie Grass at its limits, bad input."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.cloud.concentration import largest_concentration, passive_plume, plume_concentration
from parkrisk.models.cloud.plume_field import field_kernel, plume_field, window_share_kernel
from parkrisk.models.cloud.plume_slice import half_width_kernel
from parkrisk.models.cloud.plume_table import (
    EDGE,
    FLAT,
    LOG_AXIS,
    LOG_SHARE,
    PASSAGE,
    locate_kernel,
    log_shape_kernel,
    shape_kernel,
)
from parkrisk.models.cloud.vapour import FARTHEST, disperse
from parkrisk.models.errors import OutOfRange
from tests.models.cloud_cases import B3, D5, F15, burst, jet, pool

TABLES = {
    "tracer": passive_plume(1.0, 1800.0, 0.064, D5, height=2.0),
    "jet": disperse(jet("chlorine", 10.0), D5).plume(1.0, 600.0),
    "pool": disperse(pool("chlorine", 10.0, 600.0, 25.0), B3).plume(1.0, 600.0),
}


def plainly(x, y, table, window, mole=False):
    """Concentration by logarithms, straight between the nodes of the table."""
    if not table.origin <= x <= table.farthest:
        return 0.0
    i, t = locate_kernel(x, table)
    here = (1.0 - t) * table.nodes[i] + t * table.nodes[i + 1]
    logarithm = here[LOG_AXIS] + log_shape_kernel(y, here[EDGE], here[FLAT]) + (here[LOG_SHARE] if mole else 0.0)
    return math.exp(logarithm) * window_share_kernel(here[PASSAGE], table.duration, window)


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize("mole", [False, True])
def test_fast_table_is_the_plain_one(kind, mole):
    table = TABLES[kind]
    x = np.concatenate([np.geomspace(5.0, 0.999 * table.farthest, 400), [3.0, -3.0, -1e3]])
    y = 0.08 * abs(x) * np.sin(np.arange(x.size))
    found = plume_concentration(table, x, y, averaging_time=600.0, mole_fraction=mole)
    expected = np.array([plainly(*at, table, 600.0, mole) for at in zip(x, y, strict=True)])
    axis = np.array([plainly(each, 0.0, table, 600.0, mole) for each in x])
    np.testing.assert_array_less(abs(found - expected), 0.015 * axis + 1e-300)
    seen = expected > 1e-3 * axis
    np.testing.assert_allclose(found[seen], expected[seen], rtol=0.05)
    assert np.median(abs(found[seen] / expected[seen] - 1.0)) < 5e-4


@pytest.mark.kernel
@pytest.mark.parametrize("kind", TABLES)
def test_the_last_node_of_a_table_stands_where_it_ends(kind):
    table = TABLES[kind]
    last = table.origin + table.scale * math.expm1(table.step * (len(table.nodes) - 1))
    assert last == pytest.approx(table.farthest, rel=1e-9)
    assert locate_kernel(table.farthest, table)[0] + locate_kernel(table.farthest, table)[1] == pytest.approx(
        len(table.nodes) - 1, abs=1e-6
    )


@pytest.mark.kernel
def test_ends_of_the_fast_table():
    table = TABLES["pool"]
    field = plume_field(table, 600.0, False)
    x = np.array([table.origin, table.farthest, table.origin - 1e-9, np.nextafter(table.farthest, 1e9), 0.0])
    out = np.empty(5)
    field_kernel(x, np.zeros(5), field, out)
    assert out[0] > 0.0
    assert out[1] > 0.0
    assert not out[2:4].any()
    # far off the axis there is nothing
    field_kernel(np.full(3, 100.0), np.array([1e3, -1e4, 1e7]), field, out[:3])
    assert not out[:3].any()


def test_shape_of_a_small_core_is_a_bell():
    # the approximation of the fast table: same variance
    for core in (0.05, 0.15, 0.3):
        for y in (0.0, 1.0, 2.0):
            bell = math.exp(-0.5 * y * y / (1.0 + core * core / 3.0))
            assert shape_kernel(y, 1.0, core) == pytest.approx(bell, rel=3e-3)


def test_half_width_is_the_integral_of_the_shape():
    for core, sigma in ((0.0, 2.0), (1e-6, 2.0), (1.0, 2.0), (50.0, 1.0)):
        width = half_width_kernel(core, sigma * sigma)
        numeric = integrate.quad(lambda y, s=sigma, c=core: shape_kernel(y, s, c), 0.0, core + 12.0 * sigma, limit=200)
        assert width == pytest.approx(numeric[0], rel=2e-4)


@pytest.mark.parametrize("source", [jet("chlorine", 5.0), pool("methane", 20.0, 300.0, 15.0), burst("chlorine", 1e3)])
@pytest.mark.parametrize("weather", [D5, F15, B3])
def test_symmetric_and_finite_everywhere(source, weather):
    x = np.concatenate([[0.0, -1.0, -100.0, 1e-9, 1e9], np.geomspace(0.01, 2e4, 60)])
    for y in (0.0, 3.0, 200.0):
        left = largest_concentration(source, weather, x, -y)
        np.testing.assert_array_equal(left, largest_concentration(source, weather, x, y))
        assert np.isfinite(left).all()
        assert (left >= 0.0).all()
    share = largest_concentration(source, weather, x, 0.0, 0.0, mole_fraction=True)
    assert share.max() <= 1.0
    if source.duration > 0.0:
        assert not share[x > 1.5 * FARTHEST].any()


def test_at_the_source():
    # in a jet's mouth the released gas itself, in a pool's blanket its middle, in a burst all of it
    for source, z, least in (
        (jet("chlorine", 5.0), 1.0, 0.9),
        (burst("chlorine", 1e3), 0.0, 0.9),
        (pool("chlorine", 5.0, 600.0, 10.0), 0.0, 0.01),
    ):
        assert least < largest_concentration(source, D5, 0.0, 0.0, z, mole_fraction=True) <= 1.0


@settings(max_examples=25)
@given(short=st.floats(10.0, 600.0), more=st.floats(1.0, 6.0), x=st.floats(50.0, 5000.0))
def test_longer_means_are_lower(short, more, x):
    source = jet("chlorine", 5.0, 300.0)
    first = largest_concentration(source, D5, x, 0.0, averaging_time=short)
    assert largest_concentration(source, D5, x, 0.0, averaging_time=more * short) <= first * (1.0 + 1e-9)


def test_heights():
    source = pool("chlorine", 5.0, 600.0, 10.0)
    values = [float(largest_concentration(source, D5, 60.0, 0.0, z)) for z in (0.0, 0.5, 1.0, 2.0, 5.0, 50.0)]
    assert values == sorted(values, reverse=True)


def test_shapes():
    grid = largest_concentration(jet("chlorine", 5.0), D5, np.ones((3, 1)) * 100.0, np.arange(4.0))
    assert grid.shape == (3, 4)
    assert largest_concentration(jet("chlorine", 5.0), D5, 100.0, 0.0).shape == ()


def test_two_runs_are_the_same():
    x, y = np.geomspace(1.0, 1e4, 300), np.linspace(-200.0, 200.0, 300)
    for source in (jet("chlorine", 5.0), pool("methane", 20.0, 300.0, 15.0), burst("chlorine", 1e3)):
        first = largest_concentration(source, F15, x, y)
        disperse.cache_clear()
        np.testing.assert_array_equal(first, largest_concentration(source, F15, x, y))
        # each place by itself
        alone = [float(largest_concentration(source, F15, a, b)) for a, b in zip(x[::40], y[::40], strict=True)]
        np.testing.assert_array_equal(first[::40], alone)


@pytest.mark.parametrize("bad", [{"x": math.nan}, {"y": math.inf}, {"z": -1.0}, {"z": math.nan}])
def test_bad_places(bad):
    place = {"x": 100.0, "y": 0.0, "z": 1.0, **bad}
    for source in (jet("chlorine", 5.0), burst("chlorine", 100.0)):
        with pytest.raises(OutOfRange):
            largest_concentration(source, D5, place["x"], place["y"], place["z"])


@pytest.mark.parametrize("time", [0.0, -1.0, math.nan, math.inf])
def test_bad_averaging_time(time):
    with pytest.raises(OutOfRange):
        largest_concentration(jet("chlorine", 5.0), D5, 100.0, 0.0, averaging_time=time)
    with pytest.raises(OutOfRange):
        plume_concentration(TABLES["jet"], 100.0, 0.0, averaging_time=time)


@pytest.mark.parametrize(
    "changes",
    [
        {"rate": 0.0},
        {"rate": -1.0},
        {"rate": math.nan},
        {"rate": math.inf},
        {"duration": 0.0},
        {"duration": math.nan},
        {"molar_mass": -0.01},
        {"molar_mass": math.nan},
        {"height": 0.0},
        {"height": math.nan},
        {"height": 1e5},
        {"z": -0.1},
        {"z": math.nan},
        {"averaging_time": 1.0},
        {"averaging_time": math.nan},
        {"weather": Weather(0.0, "D")},
        {"weather": Weather(10.0, "F")},
        {"weather": Weather(5.0, "D", obukhov_length=0.0)},
    ],
)
def test_bad_tracer(changes):
    good = {"rate": 1.0, "duration": 600.0, "molar_mass": 0.064, "weather": D5, "height": 2.0}
    with pytest.raises(OutOfRange):
        passive_plume(**{**good, **changes})


def test_a_tracer_starts_as_pure_gas():
    table = TABLES["tracer"]
    density = 101_325.0 * 0.064 / (8.314462618 * 293.15)
    found = plume_concentration(table, np.geomspace(1e-3, 50.0, 100), 0.0)
    assert found.max() <= density
    near = passive_plume(100.0, 600.0, 0.064, D5, height=1.0, z=1.0)
    assert plume_concentration(near, 0.01, 0.0) == pytest.approx(density, rel=1e-5)
