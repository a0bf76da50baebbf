"""A cloud over time: against the doses, the largest concentrations and the flammable outline of the other modules."""

import math

import numpy as np
import pytest
import shapely

from parkrisk.models.cloud.cloud_history import CloudHistory
from parkrisk.models.cloud.concentration import largest_concentration
from parkrisk.models.cloud.dose import log_dose_kernel
from parkrisk.models.cloud.flammable import flammable_cloud
from parkrisk.models.cloud.history_kernels import puff_passing_kernel
from parkrisk.models.cloud.plume_table import EDGE, LOG_AXIS
from parkrisk.models.cloud.puff_table import CENTRE, COLUMNS, STRETCH, PuffTable
from parkrisk.models.cloud.vapour import disperse
from parkrisk.models.errors import OutOfRange
from tests.models.cloud_cases import B3, D5, F15, burst, jet, pool

LASTING = jet("chlorine", 2.0, duration=900.0)
SHORT = jet("chlorine", 10.0, duration=60.0)
EVAPORATING = pool("ammonia", 5.0, 1200.0, 12.0)
PUFF = burst("chlorine", 2000.0)
CALM = pool("propane", 400.0, 60.0, 60.0)
CASES = [(LASTING, D5), (SHORT, F15), (EVAPORATING, B3), (PUFF, D5), (PUFF, F15)]
PLACES = (np.array([150.0, 400.0, 900.0, 400.0]), np.array([0.0, 10.0, -30.0, 60.0]))


def outline_shape(outline):
    corners = np.column_stack([outline.distance, outline.edge])
    return shapely.make_valid(shapely.Polygon(np.concatenate([corners, corners[::-1] * [1.0, -1.0]])))


@pytest.mark.parametrize(("source", "weather"), CASES)
def test_integral_over_time_is_the_dose(source, weather):
    n = 2.0
    history = CloudHistory.of(source, weather, 1.0)
    dose = disperse(source, weather).dose(n, 1e9, 600.0, 1.0)
    compared = 0
    for x, y in zip(*PLACES, strict=True):
        log_dose = log_dose_kernel(x, y, dose)
        time = np.linspace(0.0, 4.0 * (x / weather.wind_speed + source.duration) + 600.0, 6_001)
        value = 1e6 * history.at(x, y, time)
        total = np.trapezoid(value**n, time / 60.0)
        if total > 1e-12:
            compared += 1
            # puffs are taken straight between nodes for the dose, and their logarithm here
            assert math.log(total) == pytest.approx(log_dose, abs=0.05 if source.is_instantaneous else 5e-3)
    assert compared >= 2


@pytest.mark.parametrize(("source", "weather"), CASES)
@pytest.mark.parametrize("mole", [False, True])
def test_largest_over_time(source, weather, mole):
    history = CloudHistory.of(source, weather, 1.0, averaging_time=20.0, mole_fraction=mole)
    largest = largest_concentration(source, weather, *PLACES, 1.0, averaging_time=20.0, mole_fraction=mole)
    level = 0.3 * largest
    for x, y, most, least in zip(*PLACES, largest, level, strict=True):
        if most < 1e-9:
            continue
        passing = history.passing(x, y, least)
        # a mean over 20 s is at most the largest moment
        assert 0.95 * most <= passing.largest <= 1.25 * most
        time = np.linspace(0.0, 2.0 * float(passing.last), 4_001)
        value = history.at(x, y, time)
        above = time[value >= least]
        step = time[1]
        assert value.max() == pytest.approx(float(passing.largest), rel=0.02)
        assert above[0] == pytest.approx(float(passing.first), abs=2.0 * step + 0.01 * passing.first)
        assert above[-1] == pytest.approx(float(passing.last), abs=2.0 * step + 0.01 * passing.last)
        assert passing.first < passing.at < passing.last


@pytest.mark.parametrize(("source", "weather"), [*CASES, (CALM, F15)])
def test_outline_is_where_the_level_is_met(source, weather):
    history = CloudHistory.of(source, weather, 1.0, mole_fraction=True)
    level, seen = 1e-4, 0
    for moment in (60.0, 300.0, 900.0):
        for outline in history.outlines(level, moment):
            seen += 1
            inside = slice(5, -5)
            there = history.at(outline.distance[inside], outline.edge[inside], moment)
            assert there == pytest.approx(np.full(there.size, level), rel=0.02)
            beyond = history.at(outline.distance[[0, -1]] + [-1.0, 1.0], 0.0, moment)
            assert (beyond <= 1.02 * level).all()
    assert seen > 0


@pytest.mark.parametrize(("source", "weather"), CASES)
def test_ever_holds_every_moment(source, weather):
    history = CloudHistory.of(source, weather, 1.0, mole_fraction=True)
    level = 1e-4
    (ever,) = (outline_shape(outline) for outline in history.outlines(level))
    for moment in (30.0, 120.0, 600.0, 1500.0):
        for outline in history.outlines(level, moment):
            now = outline_shape(outline)
            assert now.difference(ever).area < 0.01 * now.area
    x, y = np.meshgrid(np.linspace(20.0, 3000.0, 40), np.linspace(0.0, 300.0, 21))
    passed = ~np.isnan(history.passing(x.ravel(), y.ravel(), level).first)
    same = passed == shapely.contains_xy(ever, x.ravel(), y.ravel())
    assert same.mean() > 0.985


@pytest.mark.kernel
def test_a_puff_that_is_gone_at_the_next_look_leaves_no_earlier():
    """Where nothing is felt before or after, there is no slope to tell the moment: it is that of the look."""
    nodes = np.zeros((3, COLUMNS))
    nodes[:, LOG_AXIS], nodes[:, EDGE], nodes[:, STRETCH], nodes[:, CENTRE] = math.log(1e-2), 5.0, 1.0, (-1e5, 0.0, 1e5)
    time, out = np.array([0.0, 10.0, 20.0]), np.empty((4, 2))
    puff_passing_kernel(np.array([0.0, 5e4]), np.zeros(2), time, 1e-3, PuffTable(time, nodes), out)
    assert out[:, 0].tolist() == [10.0, 10.0, 20.0, pytest.approx(1e-2)]
    assert np.isnan(out[:3, 1]).all()


def test_a_lower_level_reaches_farther_and_a_cloud_drifts_away():
    history = CloudHistory.of(PUFF, D5, 1.0, mole_fraction=True)
    reach = [history.outlines(level)[0].distance[-1] for level in (1e-2, 1e-3, 1e-4)]
    assert reach == sorted(reach)
    middle = [history.outlines(1e-4, moment)[0].distance.mean() for moment in (30.0, 60.0, 120.0)]
    assert middle == sorted(middle)
    assert history.outlines(0.9999) == ()
    assert np.isnan(history.passing(200.0, 5000.0, 1e-4).first)


def test_a_long_plume_reaches_as_far_as_its_flammable_part():
    source = pool("propane", 20.0, 1800.0, 20.0)
    lfl, ufl = source.substance.lfl, source.substance.ufl
    whole = flammable_cloud(source, D5, lfl, ufl, 20.0, 0.0)
    history = CloudHistory.of(source, D5, 0.0, averaging_time=20.0, mole_fraction=True)
    (outline,) = history.outlines(lfl)
    assert outline.distance[-1] == pytest.approx(whole.reach, rel=0.08)
    assert outline.edge.max() == pytest.approx(whole.half_width, rel=0.08)
    # in the middle of its release the plume is as long as ever
    (now,) = history.outlines(lfl, 900.0)
    assert now.distance[-1] == pytest.approx(outline.distance[-1], rel=1e-3)


def test_bad_input():
    with pytest.raises(OutOfRange):
        CloudHistory.of(PUFF, D5, -1.0)
    with pytest.raises(OutOfRange):
        CloudHistory.of(PUFF, D5, averaging_time=1.0)
    history = CloudHistory.of(PUFF, D5)
    for level, time in ((0.0, None), (math.nan, None), (1e-3, -1.0)):
        with pytest.raises(OutOfRange):
            history.outlines(level, time)
    with pytest.raises(OutOfRange):
        history.passing(1.0, math.nan, 1.0)
    with pytest.raises(OutOfRange):
        history.at(1.0, 0.0, -1.0)
    with pytest.raises(OutOfRange):
        history.passing(1.0, 0.0, 0.0)
