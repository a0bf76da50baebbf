import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import integrate

from parkrisk.models.footprint import INDIVIDUAL, INDOOR, OUTDOOR, Footprint, PolarGrid, _panel_means, from_lethality

GRID = PolarGrid(n_rings=40)


def bins_of(footprint: Footprint, ring: int) -> np.ndarray:
    start = int(footprint.count[:ring].sum())
    return footprint.lethality[:, start : start + footprint.count[ring]]


def thrice(values: np.ndarray) -> np.ndarray:
    return np.vstack((values, 0.5 * values, 0.1 * values))


@pytest.mark.kernel
def test_constant_all_round():
    footprint = from_lethality(GRID, lambda r, t: np.full((3, r.size), 0.25), 100.0)
    within = GRID.radius <= 100.0
    assert np.all(footprint.count == np.where(within, 360, 0))
    assert_allclose(footprint.lethality, 0.25, rtol=1e-12)


@pytest.mark.parametrize("half_angle", [0.0, 0.001, 0.3, np.pi / 2, 3.0, np.pi])
def test_edge_is_integrated_exactly(half_angle):
    footprint = from_lethality(
        GRID, lambda r, t: np.ones((3, r.size)), 5000.0, edge=lambda r: np.full(r.size, half_angle)
    )
    for ring in np.flatnonzero(GRID.radius <= 5000.0):
        assert_allclose(bins_of(footprint, ring).sum(axis=1) * GRID.bin_width, half_angle, rtol=1e-12)
    assert footprint.count.max() == int(np.ceil(half_angle / GRID.bin_width - 1e-9))


@pytest.mark.parametrize("steepness", [0.02, 0.05, 0.3, 2.0])
def test_smooth_plume_against_adaptive_quadrature(steepness):
    def value(angle):
        return 0.9 * np.exp(-0.5 * (2.0 * np.sin(0.5 * angle) / steepness) ** 2)

    edge = min(np.pi, 4.0 * steepness)
    footprint = from_lethality(GRID, lambda r, t: thrice(value(t)), 3.0, edge=lambda r: np.full(r.size, edge))
    found = bins_of(footprint, 0)
    for number in range(found.shape[1]):
        low = number * GRID.bin_width
        exact = integrate.quad(value, low, min(low + GRID.bin_width, edge), epsabs=0.0, epsrel=1e-10)[0]
        assert_allclose(found[:, number], thrice(np.array([exact / GRID.bin_width]))[:, 0], rtol=3e-5)


@settings(max_examples=40, deadline=None)
@given(step=st.floats(0.0, np.pi))
def test_step_that_is_not_an_edge(step):
    footprint = from_lethality(GRID, lambda r, t: thrice(np.where(t < step, 0.8, 0.3)), 3.0)
    total = bins_of(footprint, 0)[INDIVIDUAL].sum() * GRID.bin_width
    assert abs(total - (0.3 * np.pi + 0.5 * step)) < 0.5 * GRID.bin_width / 8.0


@pytest.mark.kernel
def test_panels_are_halved_one_by_one_where_their_own_values_ask_for_it():
    """Gentle and steep panels side by side, each with the mean of its exponentials, row by row."""
    fall = np.array([0.5, 30.0, 400.0])

    def lethality(distance, angle):
        return np.exp(-fall[:, None] * angle * distance)

    distance = np.array([0.1, 1.0, 0.2, 3.0, 1.0, 0.1, 2.0])
    low = np.array([0.0, 0.0, 0.3, 0.0, 0.1, 0.0, 0.05])
    high = low + np.array([0.1, 0.4, 0.3, 0.2, 0.5, 0.01, 0.3])
    steep = fall[:, None] * distance
    expected = (np.exp(-steep * low) - np.exp(-steep * high)) / (steep * (high - low))
    np.testing.assert_allclose(_panel_means(lethality, distance, low, high), expected, rtol=2e-3, atol=1e-8)


def test_rows_rings_and_trailing_zeros():
    def lethality(r, t):
        values = np.where((r < 500.0) & (t < 0.5), np.cos(t), 0.0)
        return np.vstack((values, values, np.zeros_like(values)))

    footprint = from_lethality(GRID, lethality, 2000.0)
    assert np.all(footprint.count[GRID.radius >= 500.0] == 0)
    assert np.all(footprint.count[GRID.radius < 500.0] == int(np.ceil(0.5 / GRID.bin_width)))
    assert np.all(footprint.lethality[INDOOR] == 0.0)
    assert np.array_equal(footprint.lethality[INDIVIDUAL], footprint.lethality[OUTDOOR])


def test_ring_takes_its_own_values():
    footprint = from_lethality(GRID, lambda r, t: thrice(r / 1e4), 1e4)
    for ring in (0, 7, 39):
        assert_allclose(bins_of(footprint, ring)[INDIVIDUAL], GRID.radius[ring] / 1e4)


def test_discs_and_empty():
    footprint = from_lethality(
        GRID, lambda r, t: np.zeros((3, r.size)), 0.0, discs=[(30.0, (1.0, 1.0, 0.5)), (80.0, (0.1, 0.1, 0.0))]
    )
    assert footprint.lethality.shape == (3, 0)
    assert footprint.count.dtype == np.int32
    assert_allclose(footprint.disc_radius, [30.0, 80.0])
    assert_allclose(footprint.disc_lethality, [[1.0, 0.1], [1.0, 0.1], [0.5, 0.0]])
    none = from_lethality(GRID, lambda r, t: np.ones((3, r.size)), 0.0)
    assert none.disc_radius.shape == (0,)
    assert none.disc_lethality.shape == (3, 0)


@pytest.mark.parametrize("bad", [np.nan, -0.1, 1.2])
def test_not_a_probability(bad):
    with pytest.raises(ValueError, match="probability"):
        from_lethality(GRID, lambda r, t: np.full((3, r.size), bad), 10.0)


def test_reach_not_a_number():
    with pytest.raises(ValueError, match="reach"):
        from_lethality(GRID, lambda r, t: np.zeros((3, r.size)), np.nan)
