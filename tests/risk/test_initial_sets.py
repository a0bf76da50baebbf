"""Sets of units that a common cause sets on fire: exact laws, sampling against them, threads, bad input."""

import itertools
import math

import numpy as np
import pytest
from scipy.stats import binom

from parkrisk.models._jit import threads
from parkrisk.models.errors import OutOfRange
from parkrisk.risk.natech.initial_sets import at_least_one, draw_sets, number_failing
from parkrisk.scenarios.facility.network import id_keys

CHANCE = np.array([[0.3, 0.0, 0.05, 0.6], [1e-4, 0.0, 1e-5, 2e-4], [1.0, 0.5, 0.0, 1.0], [0.0, 0.0, 0.0, 0.0]])
LEVELS, UNITS = id_keys("abcd"), id_keys("wxyz")


def every_set(p):
    """Probability of every set, by enumeration."""
    for flags in itertools.product((0, 1), repeat=p.size):
        yield flags, math.prod(q if flag else 1.0 - q for flag, q in zip(flags, p, strict=True))


def test_numbers_by_enumeration():
    found = number_failing(CHANCE, 4)
    for row, p in zip(found, CHANCE, strict=True):
        want = np.zeros(5)
        for flags, chance in every_set(p):
            want[sum(flags)] += chance
        assert row == pytest.approx(want, rel=1e-12, abs=1e-300)


def test_numbers_are_binomial_among_equals():
    assert number_failing(np.full((1, 30), 0.07), 30)[0] == pytest.approx(binom(30, 0.07).pmf(np.arange(31)), rel=1e-11)


def test_large_numbers_are_put_together():
    whole, cut = number_failing(CHANCE, 4), number_failing(CHANCE, 2)
    assert cut[:, :2] == pytest.approx(whole[:, :2])
    assert cut[:, 2] == pytest.approx(whole[:, 2:].sum(axis=1))


def test_at_least_one_of_what_follows():
    found = at_least_one(np.array([[1e-18, 0.0, 1e-18], [0.5, 1.0, 0.25]]))
    assert found[0] == pytest.approx([2e-18, 1e-18, 1e-18, 0.0], rel=1e-12)
    assert found[1] == pytest.approx([1.0, 1.0, 0.25, 0.0])


def test_sets_follow_their_law():
    """Every set is drawn as often as its probability given at least one, within 4.5 standard errors."""
    histories = 40_000
    sets = draw_sets(LEVELS, UNITS, CHANCE, histories, 7)
    assert sets.weight == pytest.approx(at_least_one(CHANCE)[:, 0])
    drawn = np.repeat(np.arange(sets.start.size - 1), np.diff(sets.start))
    mask = np.bincount(drawn, 2.0**sets.unit, minlength=4 * histories).astype(int).reshape(4, histories)
    for level, p in enumerate(CHANCE[:3]):
        share = np.bincount(mask[level], minlength=16) / histories
        for flags, chance in every_set(p):
            number = sum(flag << i for i, flag in enumerate(flags))
            want = chance / sets.weight[level] if number else 0.0
            error = math.sqrt(max(want * (1.0 - want), 0.0) / histories)
            assert abs(share[number] - want) <= 4.5 * error + 1e-12
    assert sets.start[-1] == sets.start[3 * histories]  # nothing burns at the last level


def test_same_sets_on_any_threads_and_for_any_other_levels():
    reference = draw_sets(LEVELS, UNITS, CHANCE, 500, 3)
    for count in (1, 2):
        with threads(count):
            again = draw_sets(LEVELS, UNITS, CHANCE, 500, 3)
        assert np.array_equal(again.start, reference.start)
        assert np.array_equal(again.unit, reference.unit)
    alone = draw_sets(LEVELS[1:2], UNITS, CHANCE[1:2], 500, 3)
    part = reference.unit[reference.start[500] : reference.start[1000]]
    assert np.array_equal(alone.unit, part)
    other = draw_sets(LEVELS, UNITS, CHANCE, 500, 4)
    assert not np.array_equal(other.unit, reference.unit)


@pytest.mark.parametrize(
    ("chance", "histories"),
    [(CHANCE[:2], 10), (CHANCE, 0), (CHANCE - 0.1, 10), (CHANCE + 0.1, 10), (np.full((4, 4), math.nan), 10)],
)
def test_bad_chances(chance, histories):
    with pytest.raises(OutOfRange):
        draw_sets(LEVELS, UNITS, chance, histories)
