"""Fragility of equipment in earthquakes: published medians, crossing curves, bounds."""

import math

import numpy as np
import pytest
from scipy.stats import lognorm

from parkrisk.models.errors import OutOfRange
from parkrisk.models.vulnerability.fragility import EQUIPMENT_CLASSES
from parkrisk.models.vulnerability.seismic import (
    DAMAGE_STATES,
    SeismicFragility,
    failure_probability,
    flags,
    fragility_curves,
)


def test_published_tank_curves():
    """Steel tanks, 60 % full or more (RAPID-N, ALA-G60): medians 1.09 and 1.16 g, deviations 0.8 and 0.41."""
    assert fragility_curves("atmospheric", "catastrophic") == ((1.16, 0.41),)
    assert fragility_curves("atmospheric", "major") == ((1.09, 0.8), (1.16, 0.41))
    collapse = fragility_curves("atmospheric", "catastrophic")
    assert failure_probability(1.16, collapse) == pytest.approx(0.5, abs=1e-12)
    assert failure_probability(1.16 * math.exp(0.41), collapse) == pytest.approx(0.8413447460685429, abs=1e-12)


@pytest.mark.parametrize("name", EQUIPMENT_CLASSES)
def test_every_class_rises_and_worse_states_are_rarer(name):
    pga = np.geomspace(0.01, 10.0, 200)
    major, worst = (failure_probability(pga, fragility_curves(name, state)) for state in DAMAGE_STATES)
    assert (np.diff(major) > 0.0).all()
    assert (worst <= major).all()  # also where the curves themselves cross
    assert failure_probability(0.0, fragility_curves(name)) == 0.0


def test_against_scipy():
    pga = np.array([[0.1, 0.4], [0.9, 3.0]])
    want = lognorm(s=0.286, scale=math.exp(-0.652)).cdf(pga)
    assert failure_probability(pga, (SeismicFragility(math.exp(-0.652), 0.286),)) == pytest.approx(want, rel=1e-12)


def test_unverified_classes_say_so():
    assert flags("atmospheric") == ()
    assert {flag for name in ("pressurised", "elongated", "small") for flag in flags(name)} == {
        "unverified:seismic_fragility"
    }


@pytest.mark.parametrize("pga", [-0.1, math.nan, 200.0, [0.1, math.inf]])
def test_impossible_pga(pga):
    with pytest.raises(OutOfRange, match=r"peak ground acceleration \[g\].*地震动峰值加速度"):
        failure_probability(pga, fragility_curves("atmospheric"))


@pytest.mark.parametrize("curves", [(), (SeismicFragility(0.0, 0.4),), (SeismicFragility(1.0, math.nan),)])
def test_impossible_curves(curves):
    with pytest.raises(OutOfRange, match="median"):
        failure_probability(0.3, curves)


def test_unknown_class_and_state():
    with pytest.raises(OutOfRange, match="class"):
        fragility_curves("wooden")
    with pytest.raises(OutOfRange, match="damage state"):
        fragility_curves("small", "slight")
