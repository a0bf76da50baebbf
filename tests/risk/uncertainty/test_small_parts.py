"""Small parts of the uncertainty analysis, each by its definition."""

from types import SimpleNamespace

import numpy as np
import pytest

from parkrisk.risk.uncertainty.inputs import design
from parkrisk.risk.uncertainty.judging import ProjectJudge
from parkrisk.risk.uncertainty.sampling import FLOOR, bend_of
from parkrisk.risk.uncertainty.terms import Terms


def test_a_design_has_one_point_in_each_of_equal_parts_of_every_column():
    """What scrambled Sobol points are: 64 of them, one in each 64th."""
    for columns in (0, 1, 3):
        points = design(columns, 64, 0)
        assert points.shape == (64, columns)
        assert (np.sort(np.floor(64.0 * points), axis=0) == np.arange(64.0)[:, None]).all()


def test_a_project_raises_the_risk_in_the_samples_in_which_anything_rises():
    """Five samples, three targets: the curve, expected deaths, the risk at a target, a new target at risk, nothing."""
    ones, none = np.ones((5, 2)), np.zeros((5, 3))
    curve, expected, rise, new = ones.copy(), np.ones(5), none.copy(), none.astype(np.bool_)
    curve[0, 1], expected[1], rise[2, 0], new[3, 2] = 1.1, 1.1, 1e-9, True
    before = SimpleNamespace(curve=ones, expected=np.ones(5))
    after = SimpleNamespace(curve=curve, expected=expected)
    assert ProjectJudge._raises(None, before, after, rise, new).tolist() == [True, True, True, True, False]


def _terms(risk):
    """One group that comes about once in 1000 years, one wind, one point, one class of deaths."""
    cube = np.full((1, 1, 1), 1e-3)
    risks = np.array([[risk]])[:, :, None]
    return Terms(risks, np.zeros((1, 1, 1)), cube, cube, np.array([[1e-3]]), np.array([1.0]), np.array([1e-3]))


@pytest.mark.parametrize("certain", [1e-3, 1e-3 * (1.0 + 1e-12)])
def test_where_an_event_kills_for_certain_its_probit_is_that_of_the_ceiling(certain):
    """Also where rounding has left the risk a little above the frequency."""
    computed = {-1.0: _terms(5e-4), 0.0: _terms(certain), 1.0: _terms(certain)}
    bend = bend_of(("inventory", ""), [0], computed, 1)
    assert bend.groups == (0,)
    shift = bend.points[3, 0, 0, 0]  # at the first node: probit of a half less that of nearly 1
    assert shift == pytest.approx(-5.199337582, rel=1e-6)  # of 1 - 1e-7, by tables
    assert np.isfinite(bend.points).all()
    assert FLOOR == 1e-7
