"""Growth of a curve: told where it is there, not told where it is not, undecided where nobody can know."""

import math

import numpy as np
import pytest

from benchmarks.soaking.curve import Curve, growth, growth_of_lives

SECONDS = np.arange(0.0, 1200.0, 5.0)


def noise(seed, deviation=2.0):
    return np.random.default_rng(seed).normal(0.0, deviation, SECONDS.size)


@pytest.mark.parametrize("seed", range(5))
def test_a_leak_is_told(seed):
    """100 MB an hour under noise, against a bound of 30."""
    found = growth(SECONDS, 300.0 + 100.0 / 3600.0 * SECONDS + noise(seed))
    assert found.verdict(30.0) == "growth"
    assert found.low < 100.0 < found.high


@pytest.mark.parametrize("seed", range(5))
def test_what_stays_is_none(seed):
    assert growth(SECONDS, 300.0 + noise(seed)).verdict(30.0) == "none"


def test_a_sawtooth_is_none():
    """An engine that fills and is replaced, forty times."""
    assert growth(SECONDS, 500.0 + (SECONDS % 30.0)).verdict(60.0) == "none"


def lives(per_hour, seed):
    """Engines that fill for a minute, then grow so; each lives for some minutes and holds more or less than others."""
    chance = np.random.default_rng(seed)
    for _ in range(8):
        ages, curve, level = np.arange(0.0, chance.uniform(30.0, 900.0), 5.0), Curve(), chance.uniform(300.0, 900.0)
        for age, one in zip(ages, chance.normal(0.0, 2.0, ages.size), strict=True):
            curve.add(age, engine_mb=level + 5.0 * min(age, 60.0) + per_hour / 3600.0 * age + one)
        yield curve


@pytest.mark.parametrize("seed", range(5))
def test_what_is_replaced(seed):
    """Neither the levels of engines nor their filling is growth; what they leak is told."""
    assert growth_of_lives(lives(0.0, seed), "engine_mb").verdict(60.0) == "none"
    found = growth_of_lives(lives(200.0, seed), "engine_mb")
    assert found.verdict(60.0) == "growth"
    assert growth_of_lives([], "engine_mb").verdict(60.0) == "undecided"


def test_too_short_is_undecided():
    found = growth([0.0, 5.0, 10.0], [1.0, 1.0, 1.0])
    assert found.verdict(30.0) == "undecided"
    assert math.isinf(found.high)
    assert growth([], []).verdict(30.0) == "undecided"


def test_noisy_and_short_is_undecided():
    few = SECONDS[:24]
    assert growth(few, 300.0 + noise(1, 20.0)[:24]).verdict(30.0) == "undecided"


def test_the_warm_up_does_not_count():
    curve = Curve()
    for now in SECONDS:
        curve.add(float(now), memory_mb=min(400.0, 1.0 * now))
    assert growth(*curve.after(0.0, "memory_mb")).verdict(30.0) == "growth"
    assert growth(*curve.after(400.0, "memory_mb")).verdict(30.0) == "none"
