"""Inner loops of the map against laws that hold exactly: polynomials, circles, polar coordinates."""

import math

import numpy as np
import pytest

from parkrisk.risk.mapping.stamping import (
    FIXED_POINT,
    HALO,
    direction,
    fill_discs,
    hermite,
    mark_disc,
    node_number,
    polar_scale,
    refine,
    ring_number,
    spread,
    stretches,
    take_field,
)

pytestmark = pytest.mark.kernel


def test_directions_are_those_of_atan2():
    for degrees in np.arange(-180.0, 180.5, 2.5):
        dx, dy = 3.0 * math.cos(math.radians(degrees)), 3.0 * math.sin(math.radians(degrees))
        assert direction(dx, dy) == pytest.approx(math.atan2(dy, dx), abs=4e-15)
    assert direction(0.0, 0.0) == 0.0
    assert direction(-1.0, 0.0) == math.pi


def test_places_in_a_turned_polar_frame():
    polar = np.array([2.0, 0.1, math.radians(30.0)])
    scale = polar_scale(polar, 36)
    for ring, degrees in ((0.0, 0.0), (3.5, 100.0), (20.25, 300.0)):
        radius, angle = 2.0 * math.exp(0.1 * ring), math.radians(degrees - 30.0)
        dx, dy = radius * math.cos(angle), radius * math.sin(angle)
        assert ring_number(dx * dx + dy * dy, scale) == pytest.approx(ring, abs=1e-12)
        assert node_number(dx, dy, scale) == pytest.approx(degrees / 10.0, abs=1e-12)
    assert ring_number(0.0, scale) == ring_number(3.9, scale) == 0.0


def bicubic(coefficients, n_rings, n_nodes):
    """Value, slopes and cross slope of Σ c u^p v^q at whole u and v."""
    from numpy.polynomial.polynomial import polyder, polyval2d

    u, v = np.meshgrid(np.arange(float(n_rings)), np.arange(float(n_nodes)), indexing="ij")
    each = [coefficients, polyder(coefficients, axis=0), polyder(coefficients, axis=1)]
    each.append(polyder(each[1], axis=1))
    return np.stack([polyval2d(u, v, c) for c in each], axis=-1)


def test_bicubic_polynomials_are_met_between_the_nodes():
    from numpy.polynomial.polynomial import polyval2d

    coefficients = np.random.default_rng(1).uniform(0.1, 1.0, (4, 4))
    table = bicubic(coefficients, 4, 6)
    for u in (0.0, 0.3, 1.9, 2.0, 2.75, 3.0):
        for v in (0.0, 0.45, 2.2, 4.0, 4.9, 5.0):
            assert hermite(table, 4, u, v) == pytest.approx(polyval2d(u, v, coefficients), rel=1e-12)
    assert hermite(-table, 4, 1.5, 2.5) == 0.0


def test_finer_levels_meet_polynomials_of_the_fifth_degree():
    def field(x, y):
        return 1.0 + 0.3 * x - 0.2 * y + 0.01 * (x - 3.0) ** 5 + 0.02 * x * y**4 - 1e-3 * (x * y) ** 2

    rows, columns = np.arange(4 + 2 * HALO) - HALO, np.arange(5 + 2 * HALO) - HALO
    coarse = field(*np.meshgrid(2.0 * columns, 2.0 * rows))
    fine = np.ones((7 + 2 * HALO, 9 + 2 * HALO))
    refine(coarse, fine)
    x, y = np.meshgrid(np.arange(9 + 2 * HALO) - HALO, np.arange(7 + 2 * HALO) - HALO)
    np.testing.assert_allclose(fine, 1.0 + field(x, y), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("radius", [0.0, 0.4, 5.0, 7.3, 100.0])
def test_discs_are_the_cells_whose_middles_lie_within(radius):
    place, raster = np.array([12.0, 9.0]), np.array([0.0, 0.0, 1.0])
    steps, total = np.zeros((20, 31), np.int64), np.zeros((20, 30), np.int64)
    mark_disc(place, raster, radius, 7, steps)
    fill_discs(steps, total)
    x, y = np.meshgrid(np.arange(30.0), np.arange(20.0))
    assert np.array_equal(total, np.where((x - 12.0) ** 2 + (y - 9.0) ** 2 <= radius**2, 7, 0))


@pytest.mark.parametrize(
    "ramps",
    [(0.0, 0.0, 12.0, 18.0), (5.0, 8.0, 12.0, 18.0), (5.0, 8.0, math.inf, math.inf), (0.0, 0.0, math.inf, math.inf)],
)
def test_a_level_carries_its_share_of_a_field_where_it_carries_any(ramps):
    """The share rises and falls by quintic steps in ln r; together with those of other levels it is 1."""
    place, raster, shape, reach = np.array([20.2, 14.7]), np.array([-1.0, -2.0, 1.5]), (24, 30), 25.0
    polar = np.array([1.0, 0.1, math.pi])
    rings = 40
    table = np.zeros((rings, 13, 4))
    table[:, :, 0] = 3.0
    where = stretches(reach, place, raster, ramps, shape)
    total = np.zeros(shape, np.int64)
    spread(where, take_field(table, rings, polar, place, raster, ramps, where), 0.5 / FIXED_POINT * 2.0**40, total)
    x, y = np.meshgrid(raster[0] + 1.5 * np.arange(30), raster[1] + 1.5 * np.arange(24))
    distance = np.hypot(x - place[0], y - place[1])

    def step(begin, end):
        if end == 0.0 or math.isinf(begin):
            return np.full(shape, float(end == 0.0))
        t = np.clip(np.log(distance / begin) / math.log(end / begin), 0.0, 1.0)
        return 6.0 * t**5 - 15.0 * t**4 + 10.0 * t**3

    expected = np.where(distance <= reach, 1.5 * (step(*ramps[:2]) - step(*ramps[2:])), 0.0)
    np.testing.assert_allclose(total / 2.0**40, expected, rtol=0.0, atol=1e-9)
    assert sum(end - begin for _, begin, end in where) <= (distance <= min(reach, ramps[3])).sum()
