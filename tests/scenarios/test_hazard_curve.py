"""Hazard curves: interpolation, levels against an integral by another method, bad curves."""

import itertools
import math

import numpy as np
import pytest
from scipy.integrate import quad

from parkrisk.models.errors import OutOfRange
from parkrisk.models.vulnerability.seismic import SeismicFragility, failure_probability
from parkrisk.scenarios.natural.hazard_curve import STRONGEST, HazardCurve, given_shaking, shaking_levels

POINTS = np.array([0.03, 0.1, 0.2, 0.3])
CURVE = HazardCurve(POINTS, np.array([1 / 50, 1 / 475, 1 / 2475, 1e-4]))
TANK = (SeismicFragility(0.52, 0.3),)


def test_points_and_middles():
    assert CURVE.exceedance(POINTS) == pytest.approx(CURVE.frequency, rel=1e-13)
    middle = math.sqrt(0.03 * 0.1)
    assert CURVE.exceedance(middle) == pytest.approx(math.sqrt(1 / 50 / 475), rel=1e-12)


def test_levels_hold_all_of_the_curve():
    levels = shaking_levels(CURVE)
    assert levels.frequency.sum() == pytest.approx(1 / 50, rel=1e-12)
    assert (np.diff(levels.pga) > 0.0).all()
    assert levels.frequency[~levels.extended].sum() == pytest.approx(1 / 50 - 1e-4, rel=1e-9)
    assert levels.pga[-1] == STRONGEST
    # What stands for a level is exceeded with the mean of its ends, so exceedance sums up to it from both sides.
    above = np.cumsum(levels.frequency[::-1])[::-1]
    assert CURVE.exceedance(levels.pga[:-1]) == pytest.approx(above[:-1] - 0.5 * levels.frequency[:-1], rel=1e-9)


def test_sum_over_levels_is_the_integral():
    """∫ F(a) |dH(a)| piece by piece with scipy; the error falls with the square of the width."""

    def density(a):
        at = min(max(np.searchsorted(POINTS, a, side="right") - 1, 0), 2)
        slope = np.log(CURVE.frequency[at + 1] / CURVE.frequency[at]) / np.log(POINTS[at + 1] / POINTS[at])
        return -slope / a * float(CURVE.exceedance(a)) * float(failure_probability(a, TANK)) ** 2

    edges = [*POINTS, STRONGEST]
    want = sum(quad(density, low, high, epsrel=1e-10)[0] for low, high in itertools.pairwise(edges))
    want += float(CURVE.exceedance(STRONGEST)) * float(failure_probability(STRONGEST, TANK)) ** 2
    errors = []
    for refine in (1, 2):
        levels = shaking_levels(CURVE, refine)
        errors.append(abs((levels.frequency * failure_probability(levels.pga, TANK) ** 2).sum() / want - 1.0))
    assert errors[0] < 3e-3
    assert errors[1] == pytest.approx(errors[0] / 4.0, rel=0.1)


def test_a_curve_that_falls_to_nothing():
    """Extended to 3 g, this one is exceeded less often than the least number there is."""
    levels = shaking_levels(HazardCurve(np.array([0.1, 0.100001]), np.array([1e-2, 1e-3])))
    assert levels.frequency.sum() == pytest.approx(1e-2, rel=1e-12)
    assert ((levels.pga >= 0.1) & (levels.pga < 0.11)).all()


@pytest.mark.parametrize(
    ("pga", "frequency"),
    [
        ([0.1, 0.2], [1e-3, 2e-3]),
        ([0.2, 0.1], [1e-3, 1e-4]),
        ([0.1, 0.1], [1e-3, 1e-4]),
        ([0.0, 0.1], [1e-3, 1e-4]),
        ([0.1, 0.2], [1e-3, 0.0]),
        ([0.1, math.nan], [1e-3, 1e-4]),
        ([10.0, 200.0], [1e-3, 1e-4]),
        ([0.1], [1e-3]),
        ([0.1, 0.2], [1e-3]),
    ],
)
def test_no_hazard_curve(pga, frequency):
    with pytest.raises(OutOfRange, match="hazard curve"):
        HazardCurve(np.array(pga), np.array(frequency))


@pytest.mark.parametrize("pga", [0.0, -0.2, math.nan, 200.0])
def test_no_earthquake(pga):
    with pytest.raises(OutOfRange, match="gal"):
        given_shaking(pga)
