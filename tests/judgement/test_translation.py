"""Inner loops of the siting map against sums over pairs."""

import math

import numpy as np
import pytest

from parkrisk.risk.siting.translation import add_discs, add_field, clearance, people_on_rings

pytestmark = pytest.mark.kernel

RNG = np.random.default_rng(5)
CELLS = RNG.uniform(0.0, 100.0, (7, 2))
POINTS = RNG.uniform(0.0, 100.0, (5, 2))


def test_discs_move_with_the_project():
    offset, radius, risk = np.array([3.0, -2.0]), np.array([10.0, 40.0]), np.array([0.5, 0.25])
    own = np.ones((7, 5))
    add_discs(radius, risk, 2.0, offset, CELLS, POINTS, own)
    distance = np.linalg.norm(POINTS[None, :] - CELLS[:, None] - offset, axis=2)
    assert np.array_equal(own, 1.0 + 1.0 * (distance <= 10.0) + 0.5 * (distance <= 40.0))
    # a disc holds its rim
    rim = np.zeros((1, 1))
    add_discs(np.array([5.0]), np.array([1.0]), 1.0, np.zeros(2), np.zeros((1, 2)), np.array([[3.0, 4.0]]), rim)
    assert rim[0, 0] == 1.0


def test_an_even_field_moves_with_the_project_and_ends_with_its_rings():
    table = np.zeros((20, 13, 4))
    table[:, :, 0] = 3.0
    polar, own = np.array([1.0, 0.2, 0.7]), np.ones((7, 5))
    add_field(table, 16, polar, 0.5, np.array([3.0, -2.0]), CELLS, POINTS, own)
    distance = np.linalg.norm(POINTS[None, :] - CELLS[:, None] - (3.0, -2.0), axis=2)
    within = distance <= math.exp(0.2 * 15)
    assert 0 < within.sum() < within.size
    assert own == pytest.approx(np.where(within, 2.5, 1.0), rel=1e-12)


def test_clearance_is_the_smallest_gap_between_any_two():
    offset, radius = np.array([[0.0, 0.0], [8.0, -3.0], [1.0, 9.0]]), np.array([2.0, 1.0, 4.0])
    others, other_radius = RNG.uniform(0.0, 100.0, (4, 2)), np.array([1.0, 5.0, 2.0, 0.5])
    found = clearance(CELLS, offset, radius, others, other_radius)
    for cell, gap in zip(CELLS, found, strict=True):
        gaps = [
            math.dist(cell + offset[j], others[k]) - radius[j] - other_radius[k] for j in range(3) for k in range(4)
        ]
        assert gap == pytest.approx(min(gaps), rel=1e-12)
    assert np.isinf(clearance(CELLS, offset, radius, np.empty((0, 2)), np.empty(0))).all()


def test_people_are_shared_out_between_the_rings_they_stand_between():
    polar, n_rings = np.array([2.0, 0.5, 0.3]), 9
    people = np.concatenate([POINTS, CELLS[:1] + np.array([0.0, 1.0]), [[1e4, 1e4]]])
    counts = RNG.uniform(1.0, 9.0, (len(people), 4))
    rings = np.zeros((7, n_rings, 4))
    people_on_rings(people, counts, (1, 3), CELLS, polar, 60.0, rings)
    for cell, found in zip(CELLS, rings, strict=True):
        expected = np.zeros((n_rings, 4))
        for p, place in enumerate(people):
            distance = math.dist(place, cell)
            if p in (1, 2) or distance > 60.0:  # the project's own staff, and who is beyond its reach
                continue
            u = max(math.log(distance / 2.0) / 0.5, 0.0)
            for ring in range(n_rings):
                expected[ring] += counts[p] * max(0.0, 1.0 - abs(u - ring))
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
    assert rings.sum() > 0.0
