"""Bent line flames against quadrature and their tube; series and crossings round a ring against the flux itself."""

import itertools
import math

import numpy as np
import pytest
from scipy import integrate

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.fire.flame import flame_flux_kernel, line, signed_flux_kernel, sphere
from parkrisk.models.fire.heat_rings import LethalityTable, _rough_ring
from parkrisk.models.fire.radiation import transmissivity
from parkrisk.models.fire.ring_series import COSINES, crossing, log_danger, log_flux, room, series, series_value

pytestmark = pytest.mark.kernel

AIR = Weather(3.0, "D", 288.15, relative_humidity=0.6)
AXIS = np.array([[2.0, 0.0, 1.0], [10.0, 3.0, 2.0], [16.0, -1.0, 6.0], [18.0, -4.0, 12.0]])
RADIUS = np.array([0.3, 0.8, 1.5, 0.5])
WEIGHT = np.array([0.2, 0.5, 0.3])
POWER, SURFACE = 3e7, 2.5e5
BENT = line(AXIS, RADIUS, WEIGHT, POWER, SURFACE, AIR)


@pytest.mark.parametrize(("x", "y"), [(-40.0, 0.0), (30.0, 60.0), (30.0, -60.0), (120.0, -5.0), (3.0, 45.0)])
def test_a_bent_line_radiates_as_the_sum_of_its_points(x, y):
    total = np.zeros(3)
    for k, weight in enumerate(WEIGHT):
        piece = AXIS[k + 1] - AXIS[k]

        def field(share, component, at=AXIS[k], piece=piece):
            r = at + share * piece - (x, y, 0.0)
            return r[component] / np.linalg.norm(r) ** 3

        total += [weight * integrate.quad(field, 0.0, 1.0, args=(c,))[0] for c in range(3)]
    direct = np.linalg.norm(total)
    through = float(transmissivity(1.0 / math.sqrt(direct), AIR.air_temperature, AIR.relative_humidity))
    expected = POWER / (4.0 * math.pi) * direct * through
    # the bound by the emissive power takes off (flux / power)⁴ / 4
    assert flame_flux_kernel(BENT, x, y) == pytest.approx(expected, rel=1e-4)
    mirrored = line(AXIS * [1.0, -1.0, 1.0], RADIUS, WEIGHT, POWER, SURFACE, AIR)
    assert flame_flux_kernel(mirrored, x, -y) == pytest.approx(flame_flux_kernel(BENT, x, y), rel=1e-12)


def inside(axis, radius, x, y):
    """Whether a place on the ground is within the radius that stands at the point of the axis nearest to it."""
    for (a, b), (first, last) in zip(itertools.pairwise(axis), itertools.pairwise(radius), strict=True):
        piece = b - a
        share = np.clip(np.dot(np.array([x, y, 0.0]) - a, piece) / np.dot(piece, piece), 0.0, 1.0)
        if np.linalg.norm(a + share * piece - (x, y, 0.0)) <= first + share * (last - first):
            return True
    return False


def test_within_the_tube_stands_the_emissive_power():
    axis, radius = np.array([[3.0, 0.0, 0.0], [5.0, 1.0, 0.0], [6.0, 1.0, 0.5]]), np.array([4.0, 6.0, 0.5])
    tube = line(axis, radius, np.array([0.5, 0.5]), POWER, SURFACE, AIR)
    found = []
    for x in np.linspace(-4.3, 14.1, 24):
        for y in np.linspace(-7.1, 8.2, 19):
            flux = signed_flux_kernel(tube, x, y)
            found.append(inside(axis, radius, x, y))
            assert (flux == -SURFACE) is found[-1], (x, y)
            assert abs(flux) <= SURFACE
    assert 0.2 < np.mean(found) < 0.8


@pytest.mark.parametrize(("flame", "distance"), [(sphere(5.0, 8.0, 2e5, AIR), 20.0), (BENT, 40.0), (BENT, 200.0)])
@pytest.mark.parametrize("inner", [0.0, 0.4])
def test_a_series_is_the_flux_all_round(flame, distance, inner):
    work = room(3)
    n = series(flame, distance, inner, COSINES, work)
    assert n > 0
    for angle in np.linspace(inner, math.pi, 23):
        place = math.cos(angle) if inner == 0.0 else 1.0 - 2.0 * (angle - inner) / (math.pi - inner)
        assert series_value(work.coefficients, n, place) == pytest.approx(
            log_flux(flame, distance, math.cos(angle)), abs=1e-3
        )


@pytest.mark.parametrize("between", [0.02, 0.5, 0.98])
def test_a_crossing_is_where_the_flux_meets_the_level(between):
    flame = line(np.array([[5.0, 0.0, 1.0], [25.0, 0.0, 3.0]]), np.array([0.5, 1.5]), np.ones(1), POWER, SURFACE, AIR)
    high, low = (log_danger(flame, 40.0, math.cos(angle)) for angle in (0.1, 3.0))
    level = low + between * (high - low)
    angle = crossing(flame, 40.0, level, 0.1, 3.0)
    assert 0.1 < angle < 3.0
    assert log_danger(flame, 40.0, math.cos(angle)) == pytest.approx(level, abs=1e-6)


@pytest.mark.parametrize("level", [13.0, 20.0])
def test_a_crossing_at_the_rim_of_a_flame_is_that_rim(level):
    """From within a flame outward the flux falls in one step: a circle of 6 m round 10 m, seen from 8 m."""
    disc = line(np.array([[10.0, 0.0, -1e-9], [10.0, 0.0, 1e-9]]), np.full(2, 6.0), np.ones(1), 1e5, SURFACE, AIR)
    rim = math.acos((64.0 + 100.0 - 36.0) / (2.0 * 8.0 * 10.0))
    assert crossing(disc, 8.0, level, 0.0, math.pi) == pytest.approx(rim, abs=1e-7)


def test_a_rough_ring_against_fine_angles():
    """Where the ring runs through a flame: certain death for all within, beyond it each row by its own table."""
    tube = line(np.array([[6.0, -9.0, 0.0], [6.0, 9.0, 0.0]]), np.full(2, 1.5), np.ones(1), 2e6, SURFACE, AIR)
    shares, half, distance = np.array([1.0, 0.5, 0.25]), 90, 8.0
    table = LethalityTable(8.0, 0.5, np.outer(shares, np.linspace(0.0, 0.8, 7)), 11.0)
    edges = np.linspace(0.0, math.pi, half + 1)
    out = np.full((3, half), np.nan)
    count = _rough_ring(tube, distance, np.cos(edges), table, np.empty((3, half + 1)), out, 0)
    fine = (np.arange(half * 200) + 0.5) * math.pi / (half * 200)
    flux = np.array([log_danger(tube, distance, math.cos(angle)) for angle in fine])
    dead = flux >= table.death
    for row, share in enumerate(shares):
        lethality = np.where(dead, 1.0, share * np.interp(flux, 8.0 + 0.5 * np.arange(7), table.values[0]))
        lethality[flux < table.first] = 0.0
        assert np.abs(out[row, :count] - lethality.reshape(half, 200).mean(axis=1)[:count]).max() < 0.01
        assert lethality[200 * count :].max(initial=0.0) < 0.01
    assert out[0, count - 1] > 0.0, "no bins are kept where nobody dies"
    assert np.count_nonzero(np.diff(dead)) == 2, "the flame crosses the ring beside the axis, not on it"
