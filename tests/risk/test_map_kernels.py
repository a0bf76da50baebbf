"""Inner loops around one source against sums over bins, which are exact where the wind is even within bins."""

import math

import numpy as np
import pytest

from parkrisk.risk.kernels import add_footprint, add_slopes, halve, wind_field
from parkrisk.risk.mapping.pointwise import PAD, add_parts, positions, rings_wanted, tails

pytestmark = pytest.mark.kernel

HALF, RINGS, SECTORS = 12, 5, 4
WIDTH = math.pi / HALF


def profiles(seed, n=1):
    """Half circles of risk, falling from the axis, some of which end before the far side."""
    rng = np.random.default_rng(seed)
    profile = np.sort(rng.random((n, RINGS, HALF)), axis=2)[..., ::-1].copy()
    reach = rng.integers(1, HALF + 1, (n, RINGS))
    reach[0, RINGS - 1] = HALF
    for index in np.ndindex(reach.shape):
        profile[index][reach[index] :] = 0.0
    return profile, reach


def by_sector(profile, density, node):
    """What each sector contributes at a node: probability per angle × risk at the angle between, bin for bin."""
    found = np.zeros(density.size)
    per_sector = 2 * HALF // density.size
    for blown in range(2 * HALF):
        away = (node - blown - 1) % (2 * HALF)  # bins between the wind's bin and the node
        found[blown // per_sector] += density[blown // per_sector] * profile[min(away, 2 * HALF - 1 - away)] * WIDTH
    return found


def test_risk_at_the_nodes_is_the_sum_over_the_winds():
    profile, reach = profiles(1, n=2)
    density = np.random.default_rng(2).random((2, SECTORS))
    density[1, 2] = density[1, 1]
    expected = [
        [sum(by_sector(profile[w, ring], density[w], node).sum() for w in range(2)) for node in range(2 * HALF)]
        for ring in range(RINGS)
    ]
    field = np.zeros((RINGS + 4, 2 * HALF + 5))
    assert wind_field(profile, reach, density, field) == RINGS
    np.testing.assert_allclose(field[2 : RINGS + 2, 2 : 2 * HALF + 2], expected, rtol=1e-12)
    assert not profile.any()
    assert not reach.any()
    # padded by copies of the end rings, and round the circle
    assert np.array_equal(field[[0, 1, -2, -1]], field[[2, 2, RINGS + 1, RINGS + 1]])
    assert np.array_equal(field[:, [0, 1]], field[:, [2 * HALF, 2 * HALF + 1]])
    assert np.array_equal(field[:, 2 * HALF + 2 :], field[:, 2:5])
    assert wind_field(profile, reach, density, np.zeros_like(field)) == 0


@pytest.mark.parametrize("ring", [0.0, 1.5, 3.25, 3.75, 4.0])
def test_shares_of_the_sectors_at_a_point(ring):
    """A profile that is the same on all rings gives at every node, on and between rings, the sum over its bins."""
    one, _ = profiles(3)
    profile = np.repeat(one[:, RINGS - 1], RINGS, axis=0)
    whole, count = profile[0].copy(), np.full(RINGS, HALF)
    polar, place = np.array([2.0, 0.5, math.radians(40.0)]), np.array([7.0, -3.0])
    angle = np.arange(2 * HALF) * WIDTH + 1e-9 - polar[2]
    radius = 2.0 * math.exp(0.5 * ring)
    points = place + radius * np.column_stack([np.cos(angle), np.sin(angle)])
    at, wanted = np.empty((2 * HALF, 2)), np.zeros(RINGS, np.bool_)
    positions(place, polar, 2 * HALF, points, at)
    rings_wanted(at, wanted)
    assert wanted.sum() == 2
    tail, table = np.zeros((RINGS, 2 * PAD + HALF + 1)), np.zeros((RINGS, HALF + 1, 4))
    counted = np.zeros(RINGS, np.int64)
    tails(profile, count, tail, counted, table, wanted)
    assert not profile.any()
    density, found = np.random.default_rng(4).random(SECTORS), np.zeros((2 * HALF, SECTORS))
    add_parts(table, counted, density, at, found)
    expected = [by_sector(whole, density, node) for node in range(2 * HALF)]
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.7, 1.0])
@pytest.mark.parametrize("rises", [False, True])
def test_a_step_within_a_bin_stays_where_it_is_when_the_bin_is_halved(share, rises):
    fine = (np.arange(2 * HALF) * 0.5 + 0.5) - (6.0 + share)  # from the step to the outer edge of each half, in bins
    inner = np.clip(1.0 - 2.0 * fine, 0.0, 1.0)
    expected = 1.0 - inner if rises else inner
    profile = np.zeros((1, HALF))
    profile[0] = 0.5 * (expected[::2] + expected[1::2])
    halves, reach = np.zeros((1, 2 * HALF)), np.zeros(1, np.int64)
    halve(profile, np.array([HALF]), halves, reach)
    np.testing.assert_allclose(halves[0], expected, atol=1e-12)
    assert reach[0] == 2 * HALF
    assert not profile.any()


def test_halves_of_a_bell_are_its_means():
    """Flanks that fall by a factor per bin, and a top that is gentle, mirrored at the axis."""
    from scipy.special import erf

    edges = np.arange(2 * HALF + 1) * 0.5
    for deviation in (1.2, 2.5, 8.0):
        integral = erf(edges / (math.sqrt(2.0) * deviation))
        expected = np.diff(integral) * 2.0
        profile = np.diff(integral[::2])[None, :].copy()
        total = profile.sum()
        halves, reach = np.zeros((1, 2 * HALF)), np.zeros(1, np.int64)
        halve(profile, np.array([HALF]), halves, reach)
        # the bin at the axis has no higher neighbour, so it is even; the far side is a mirror that no bell has
        assert halves[0, 0] == halves[0, 1]
        inner = slice(2, 2 * (HALF - 3))
        np.testing.assert_allclose(halves[0, inner], expected[inner], rtol=0.03, atol=1e-9)
        assert halves.sum() == pytest.approx(2.0 * total, rel=1e-12)


def test_a_footprint_is_added_with_its_weight():
    """Rings with bins after so many that equal the first of these; nothing on a ring without any."""
    profile, reach = np.ones((3, 6)), np.array([1, 0, 2])
    start, lead = np.array([0, 2, 2, 3], np.int32), np.array([3, 0, 0], np.int32)
    values = np.array([0.5, 0.25, 0.75], np.float32)
    add_footprint(profile, reach, start, lead, values, 4.0)
    assert profile.tolist() == [[3.0, 3.0, 3.0, 3.0, 2.0, 1.0], [1.0] * 6, [4.0, 1.0, 1.0, 1.0, 1.0, 1.0]]
    assert reach.tolist() == [5, 0, 2]


def test_slopes_of_a_polynomial_field_and_none_where_it_is_zero():
    """Four nodes give the slope of a polynomial of the fourth degree exactly."""
    from numpy.polynomial.polynomial import polyder, polyval2d

    coefficients = np.random.default_rng(6).uniform(-1e-4, 1e-4, (5, 5))
    coefficients[0, 0] = 50.0
    u, v = np.meshgrid(np.arange(-2.0, RINGS + 2), np.arange(-2.0, 9.0), indexing="ij")
    field, table = polyval2d(u, v, coefficients), np.full((RINGS, 7, 4), np.nan)
    field[3, 5] = 0.0
    assert add_slopes(field.copy(), RINGS - 1, table) == RINGS
    around, outward = polyder(coefficients, axis=1), polyder(coefficients, axis=0)
    expected = [polyval2d(u, v, each)[2:-2, 2:-2] for each in (coefficients, outward, around, polyder(around, axis=0))]
    assert not table[1, 3].any()
    far = np.abs(u - 1.0)[2:-2, 2:-2] + np.abs(v - 3.0)[2:-2, 2:-2] > 4.0  # from the place that is zero
    np.testing.assert_allclose(table[far], np.stack(expected, axis=-1)[far], rtol=1e-9, atol=1e-12)
