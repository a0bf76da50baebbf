"""Cascades from the fires of a common cause: several at once by hand, late response, lost fire water, threads."""

import functools
import math

import numpy as np
import pytest

from parkrisk.models._jit import threads
from parkrisk.models.errors import OutOfRange
from parkrisk.models.vulnerability.fragility import heat_failure_probability, time_to_failure, time_to_failure_rule
from parkrisk.risk.cascades.cascade import cascades
from parkrisk.risk.natech.cascades_of_cause import cascades_of_cause
from parkrisk.scenarios.natural.common_cause import CommonCause
from tests.risk.farms import all_primaries, farm, probabilities

#: Two tanks put 10 kW/m² each on a third, whose threshold is 15; it loads nobody.
LOADS = [[0.0, 0.0, 10.0], [0.0, 0.0, 10.0], [0.0, 0.0, 0.0]]
FAILURE = np.array([[0.3, 0.4, 0.0], [0.02, 0.05, 0.0], [0.0, 0.0, 0.0]])
HISTORIES = 20_000


def cause(water=0.0, factor=1.0, failure=FAILURE):
    levels = len(failure)
    return CommonCause(
        "earthquake",
        np.linspace(0.1, 0.3, levels),
        np.array([1e-3, 1e-2, 1.0])[:levels],
        failure,
        np.zeros(levels, np.bool_),
        np.full(levels, water),
        factor,
        False,
        (),
    )


@functools.cache
def network():
    return farm(LOADS).network


def played(given, net=None, seed=1, histories=HISTORIES):
    return cascades_of_cause(net or network(), given, given.failure, histories, seed, 3)


def both():
    """How often both tanks burn at once. [1/yr]"""
    return float(cause().frequency @ (FAILURE[:, 0] * FAILURE[:, 1]))


def chance(factor=1.0):
    """Chance that the third tank fails under both fires, with a response ``factor`` times as slow."""
    rule = time_to_failure_rule()
    late = rule._replace(intercept=rule.intercept + rule.slope * math.log(factor))
    return float(heat_failure_probability(20_000.0, 1000.0, "atmospheric", late))


@pytest.mark.parametrize("factor", [1.0, 3.0])
def test_two_fires_do_what_one_cannot(factor):
    found = played(cause(factor=factor))
    assert found.frequency[:2] == pytest.approx([0.0, 0.0], abs=0.0)
    assert abs(found.frequency[2] - both() * chance(factor)) < 4.0 * found.standard_error[2]
    assert found.standard_error[2] < 0.03 * found.frequency[2]
    assert found.escalates == pytest.approx(found.frequency[2], rel=1e-12)


def test_without_fire_water_nobody_comes():
    """Fire water lost in 40 %: then the third tank fails for certain, else as before."""
    found = played(cause(water=0.4))
    want = both() * (0.4 + 0.6 * chance())
    assert abs(found.frequency[2] - want) < 4.0 * found.standard_error[2]
    assert played(cause(water=1.0)).frequency[2] == pytest.approx(both(), rel=0.02)
    assert time_to_failure(20_000.0, 1000.0, "atmospheric") < 1e9  # what "nobody comes" stands against


def test_fires_that_burn_out_first_do_nothing():
    net = farm(LOADS, duration=60.0).network
    assert time_to_failure(20_000.0, 1000.0, "atmospheric") > 60.0
    assert played(cause(water=1.0), net).frequency.sum() == 0.0


def test_sizes_count_all_that_burn():
    found = played(cause(water=1.0))
    some = 1.0 - np.prod(1.0 - FAILURE, axis=1)
    assert found.sizes.sum() == pytest.approx(cause().frequency @ some, rel=1e-12)
    assert found.sizes[0] == 0.0
    assert found.sizes[2] == 0.0  # where two burn, the third follows
    assert found.sizes[3] == pytest.approx(found.frequency[2], rel=1e-12)


def test_same_on_any_threads():
    first = played(cause(water=0.3), histories=300)
    for count in (1, 2):
        with threads(count):
            again = played(cause(water=0.3), histories=300)
        for one, other in zip(first, again, strict=True):
            assert np.array_equal(one, other)
    assert played(cause(water=0.3), seed=2, histories=300).frequency[2] != first.frequency[2]


def test_nothing_burns():
    found = played(cause(failure=np.zeros((2, 3))), histories=10)
    assert found.frequency.sum() == found.sizes.sum() == found.escalates == 0.0


def test_other_units():
    with pytest.raises(OutOfRange, match="units of the cause"):
        played(cause(failure=FAILURE[:, :2]))


def test_a_lone_fire_is_that_of_a_cascade():
    """Where only one unit burns, the others fail as often as in a cascade that it starts."""
    net = farm([[0.0, 25.0, 18.0], [0.0, 0.0, 22.0], [0.0, 0.0, 0.0]]).network
    alone = cause(failure=np.array([[0.3, 0.0, 0.0]]))
    found = played(alone, net)
    often = alone.frequency[0] * 0.3
    weight, log = cascades(net, all_primaries(net), HISTORIES, 5)
    chance, error = probabilities(net, weight, log, HISTORIES)
    assert chance[0, 1] > 0.1
    spread = np.hypot(found.standard_error, often * error[0])
    assert (np.abs(found.frequency - often * chance[0])[1:] < 4.0 * spread[1:]).all()
