"""Toxic doses against integration over time, and ring means against integration over the angle."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate, special

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.cloud.concentration import largest_concentration, passive_plume
from parkrisk.models.cloud.dose import farthest_dose_kernel, log_dose_kernel, plume_dose, polar_dose_kernel, puff_dose
from parkrisk.models.cloud.outcomes import ToxicCloud
from parkrisk.models.cloud.plume_field import window_share_kernel
from parkrisk.models.cloud.plume_table import (
    EDGE,
    FLAT,
    LOG_AXIS,
    PASSAGE,
    edge_kernel,
    hermite_kernel,
    locate_kernel,
    log_shape_kernel,
    shape_kernel,
)
from parkrisk.models.cloud.puff_passage import widest_angle_kernel
from parkrisk.models.cloud.puff_slice import disc_kernel, stretch_kernel
from parkrisk.models.cloud.puff_table import CENTRE, STRETCH, puff_table_kernel
from parkrisk.models.cloud.toxic import _edge_angle, _mean
from parkrisk.models.cloud.vapour import disperse
from parkrisk.models.footprint import INDIVIDUAL, INDOOR, PolarGrid
from tests.models.cloud_cases import B3, CHLORINE_PROBIT, D5, F15, burst, jet, pool

GRID = PolarGrid(n_rings=48)


def steady(table, x, y):
    """Concentration [mg/m³] of the steady plume and the passage of its ends [s], from the table."""
    i, t = locate_kernel(x, table)
    here = (1.0 - t) * table.nodes[i] + t * table.nodes[i + 1]
    return 1e6 * math.exp(here[LOG_AXIS] + log_shape_kernel(y, here[EDGE], here[FLAT])), here[PASSAGE]


def pulse(time, passage, duration):
    k = 1.0 / (math.sqrt(2.0) * passage)
    return 0.5 * (special.erf(k * time) - special.erf(k * (time - duration)))


# ---- plumes


@pytest.mark.parametrize("duration", [20.0, 200.0, 1200.0, 20_000.0])
@pytest.mark.parametrize("n", [0.5, 1.0, 2.0, 2.75, 4.0])
def test_plume_dose_against_time(duration, n):
    source = jet("chlorine", 2.0, duration)
    table = disperse(source, D5).plume(1.0, 600.0)
    dose = plume_dose(table, n, 1800.0)
    for x, y in ((60.0, 0.0), (300.0, 12.0), (4000.0, 0.0)):
        c, passage = steady(table, x, y)
        time = np.linspace(-10.0 * passage, duration + 10.0 * passage, 200_001)
        power = np.maximum(pulse(time, passage, duration), 0.0) ** n
        total = integrate.cumulative_trapezoid(power, time, initial=0.0)
        begin = np.linspace(time[0], max(time[-1] - 1800.0, time[0]), 4001)
        worst = (np.interp(begin + 1800.0, time, total) - np.interp(begin, time, total)).max()
        expected = n * math.log(c) + math.log(worst / 60.0)
        # passages are interpolated in the logarithm between nodes
        assert log_dose_kernel(x, y, dose) == pytest.approx(expected, abs=2e-3)


def test_all_of_a_release_passes():
    # exponent 1 and no limit: steady concentration times duration, whatever the spread along the wind
    table = passive_plume(1.0, 40.0, 0.071, D5, height=2.0)
    dose = plume_dose(table, 1.0, 1e9)
    for x in (30.0, 500.0, 9000.0):
        c, _ = steady(table, x, 0.0)
        assert log_dose_kernel(x, 0.0, dose) == pytest.approx(math.log(c * 40.0 / 60.0), abs=1e-6)


@pytest.mark.parametrize("window", [5.0, 60.0, 900.0, 5000.0])
@pytest.mark.parametrize("duration", [30.0, 600.0])
@pytest.mark.parametrize("passage", [0.5, 20.0, 300.0])
def test_largest_mean_over_a_window(window, duration, passage):
    middle = integrate.quad(
        lambda t: pulse(t, passage, duration), 0.5 * (duration - window), 0.5 * (duration + window), limit=400
    )[0]
    assert window_share_kernel(passage, duration, window) == pytest.approx(middle / window, abs=2e-6)


def test_largest_concentration_is_the_mean_over_the_averaging_time():
    source = jet("chlorine", 2.0, 120.0)
    table = disperse(source, D5).plume(1.0, 600.0)
    for x in (200.0, 3000.0):
        c, passage = steady(table, x, 0.0)
        share = integrate.quad(lambda t, p=passage: pulse(t, p, 120.0), -240.0, 360.0, limit=400)[0] / 600.0
        found = largest_concentration(source, D5, x, 0.0, averaging_time=600.0)
        assert 1e6 * found == pytest.approx(c * share, rel=2e-3)


@pytest.mark.kernel
def test_edge_is_where_the_shape_has_fallen():
    for edge, core in ((3.0, 0.0), (3.0, 1.0), (1.0, 40.0)):
        for ratio in (0.9, 0.5, 1e-3):
            at = edge_kernel(ratio, edge, core)
            assert shape_kernel(at, edge, core) == pytest.approx(ratio, rel=1e-3)
            assert math.exp(log_shape_kernel(at, edge, core)) == pytest.approx(ratio, rel=1e-3)


# ---- puffs


def history(cloud, x, y, z):
    """Concentration [mg/m³] at a place at very many times, straight from the track."""
    track, at, state = cloud.track, cloud.setting, np.empty(12)
    time, found = [], []
    for i in range(track.way.size - 1):
        if track.way[i + 1] <= track.way[i]:
            continue
        for share in np.linspace(0.0, 1.0, 60, endpoint=False):
            hermite_kernel(track, i, share, state)
            t = track.way[i] + share * (track.way[i + 1] - track.way[i])
            disc = disc_kernel(state, track.temperature[i + 1], at)
            exponent = 1.5 if disc.mixture.density <= at.air.density else None
            time.append(t)
            found.append(at_disc(state, disc, exponent, at, x, y, z))
    return np.array(time), 1e6 * np.array(found)


def at_disc(state, disc, exponent, at, x, y, z):
    from parkrisk.models.cloud.plume_slice import exponent_kernel

    n = exponent_kernel(disc, at) if exponent is None else exponent
    stretch = stretch_kernel(state[4], state[5], state[8])
    distance = math.hypot((x - state[9]) / stretch, y)
    density = at.substance.molar_mass * at.air.pressure / (8.314462618 * disc.mixture.temperature)
    depth = disc.depth / math.gamma(1.0 + 1.0 / n)
    shape = shape_kernel(distance, math.sqrt(state[5]), max(state[4], 1e-9))
    return disc.mixture.concentration * density * shape * math.exp(-((z / depth) ** n))


@pytest.mark.parametrize(
    ("source", "weather"),
    [
        (burst("chlorine", 5e3), D5),
        (burst("chlorine", 200.0), Weather(2.0, "B")),
        (burst("ammonia", 2e3), Weather(0.6, "F")),
        (pool("chlorine", 10.0, 200.0, 20.0), F15),
    ],
)
def test_puff_dose_against_time(source, weather):
    cloud = disperse(source, weather)
    assert cloud.is_puff
    end = cloud.track.state[-1, 9]
    for x, y in ((0.02 * end, 0.0), (0.1 * end, 0.01 * end), (0.5 * end, 0.0)):
        time, c = history(cloud, x, y, 1.0)
        for n in (1.0, 2.75):
            for window in (1800.0, 120.0):
                total = integrate.cumulative_trapezoid(c**n, time, initial=0.0)
                begin = np.linspace(time[0], max(time[-1] - window, time[0]), 8001)
                worst = (np.interp(begin + window, time, total) - np.interp(begin, time, total)).max()
                found = log_dose_kernel(x, y, cloud.dose(n, window, 600.0, 1.0))
                # straight between nodes: a window as short as they are apart misses some of the peak
                short = worst < 0.9 * total[-1]
                assert found == pytest.approx(math.log(worst / 60.0), abs=0.12 if short else 0.025)


def test_puff_dose_ends_early_without_loss():
    # what is left of the puff is not integrated once it cannot count
    table = disperse(burst("chlorine", 5e3), D5).puff(1.0)
    near = log_dose_kernel(30.0, 0.0, puff_dose(table, 2.75, 1e9))
    gap = abs(30.0 - table.nodes[:, CENTRE]) / table.nodes[:, STRETCH]
    shape = np.array([log_shape_kernel(d, e, f) for d, e, f in zip(gap, *table.nodes[:, [EDGE, FLAT]].T, strict=True)])
    power = np.exp(2.75 * (table.nodes[:, LOG_AXIS] + shape))
    whole = integrate.trapezoid(power, table.time)
    assert near == pytest.approx(math.log(whole) + 2.75 * math.log(1e6) - math.log(60.0), abs=2e-3)


def test_widest_angle_bounds_the_puff():
    table = disperse(burst("chlorine", 1e3), D5).puff(1.0)
    dose = puff_dose(table, 1.0, 1800.0)
    for radius in (5.0, 40.0, 300.0, 2000.0):
        bound = widest_angle_kernel(radius, dose.puff)
        angle = np.linspace(0.0, math.pi, 721)
        felt = np.array([polar_dose_kernel(radius, a, dose) > -math.inf for a in angle])
        largest = angle[felt].max() if felt.any() else -1.0
        assert bound >= largest - 1e-9
        assert bound < largest + 0.02 + 0.1 * largest
    assert widest_angle_kernel(1e6, dose.puff) == -1.0


# ---- rings


SOURCES = {
    "jet": jet("chlorine", 10.0),
    "short jet": jet("chlorine", 10.0, 60.0),
    "high jet": jet("chlorine", 10.0, height=15.0),
    "pool": pool("chlorine", 10.0, 1800.0, 25.0),
    "burst": burst("chlorine", 2e3),
}


@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.parametrize("weather", [D5, F15, B3])
def test_bin_means_against_fine_angles(kind, weather):
    outcome = ToxicCloud(source=SOURCES[kind], weather=weather, **CHLORINE_PROBIT)
    footprint = outcome.footprint(GRID)
    nodes, weights = np.polynomial.legendre.leggauss(24)
    ends, errors = np.cumsum(footprint.count), []
    for ring in range(0, GRID.n_rings, 3):
        angle = (np.arange(360)[:, None] + 0.5 + 0.5 * nodes) * GRID.bin_width
        fine = outcome.lethality(np.full(angle.size, GRID.radius[ring]), angle.ravel())[INDIVIDUAL]
        count = footprint.count[ring]
        found = np.zeros(360)
        found[:count] = footprint.lethality[INDIVIDUAL, ends[ring] - count : ends[ring]]
        errors.append(abs(found - fine.reshape(angle.shape) @ weights / 2.0))
    errors = np.array(errors)
    if kind == "pool" and weather is not F15:
        # a step beside the blanket, which the fine angles miss by a share of one bin
        errors = np.sort(errors.ravel())[:-16]
    # kinks of the table between its nodes
    assert errors.max() < 2.5e-3
    assert np.median(errors[errors > 0.0]) < 1e-4


@pytest.mark.kernel
@pytest.mark.parametrize("kind", ["burst", "pool"])
def test_the_edge_of_a_cloud_on_a_ring_is_where_the_dose_is_the_lowest_that_counts(kind):
    dose = ToxicCloud(source=SOURCES[kind], weather=D5, **CHLORINE_PROBIT).dose
    most = polar_dose_kernel(40.0, 0.0, dose)
    for less in (0.1, 1.0, 5.0):
        edge = _edge_angle(40.0, most - less, dose)
        assert polar_dose_kernel(40.0, edge, dose) == pytest.approx(most - less, abs=0.011)
        outside, inside = (polar_dose_kernel(40.0, share * edge, dose) for share in (1.05, 0.95))
        assert outside < most - less < inside
    assert _edge_angle(40.0, most + 0.1, dose) == 0.0
    if kind == "burst":  # the whole ring, where even what is felt behind the puff is a little more than counts
        widest = widest_angle_kernel(40.0, dose.puff)
        assert _edge_angle(40.0, polar_dose_kernel(40.0, widest, dose) - 0.5, dose) == widest


@pytest.mark.kernel
@pytest.mark.parametrize(
    "probits", [(5.0, 5.01, 5.02), (5.0, 5.2, 5.7), (9.0, 6.0, 1.0), (8.0, 7.0, 4.5), (11.0, 12.0, 13.0)]
)
@pytest.mark.parametrize(("first", "last"), [(0.0, 1.0), (0.1, 0.35), (0.6, 1.0)])
def test_mean_over_part_of_a_panel_is_the_integral(probits, first, last):
    parabola = np.polyfit([0.0, 0.5, 1.0], probits, 2)
    mean = integrate.quad(lambda s: special.ndtr(np.polyval(parabola, s) - 5.0), first, last)[0] / (last - first)
    assert _mean(first, last, np.array(probits)) == pytest.approx(mean, abs=1e-4)


@pytest.mark.parametrize("kind", SOURCES)
def test_farthest_distance(kind):
    outcome = ToxicCloud(source=SOURCES[kind], weather=D5, **CHLORINE_PROBIT)
    reach = farthest_dose_kernel(10.0, 12_000.0, outcome.dose)
    assert log_dose_kernel(reach, 0.0, outcome.dose) == pytest.approx(10.0, abs=1e-6)
    beyond = np.linspace(reach * 1.001, 12_000.0, 200)
    assert max(log_dose_kernel(x, 0.0, outcome.dose) for x in beyond) < 10.0
    assert farthest_dose_kernel(1e3, 12_000.0, outcome.dose) == 0.0


# ---- indoors


@pytest.mark.parametrize("kind", SOURCES)
def test_limits_of_the_air_change(kind):
    # half an hour's exposure at most, indoors as outdoors
    outdoors = ToxicCloud(source=SOURCES[kind], weather=D5, **CHLORINE_PROBIT)
    distance, angle = np.array([60.0, 200.0, 600.0]), np.array([0.0, 0.02, 0.0])
    free = outdoors.lethality(distance, angle)[INDIVIDUAL]
    tight = replace(outdoors, air_changes=0.0).lethality(distance, angle)
    assert not tight[INDOOR].any()
    np.testing.assert_array_equal(tight[INDIVIDUAL], free)
    open_air = replace(outdoors, air_changes=3600.0).lethality(distance, angle)[INDOOR]
    np.testing.assert_allclose(open_air, free, atol=0.03)
    before = tight[INDOOR]
    for rate in (0.1, 0.5, 2.0, 10.0, 100.0):
        here = replace(outdoors, air_changes=rate).lethality(distance, angle)[INDOOR]
        assert (here >= before - 1e-9).all()
        assert (here <= free + 1e-9).all()
        before = here


@pytest.mark.parametrize("duration", [60.0, 1200.0])
@pytest.mark.parametrize("rate", [0.5, 6.0])
def test_indoor_plume_dose_against_the_balance(duration, rate):
    source = jet("chlorine", 10.0, duration)
    cloud = disperse(source, D5)
    table, change = cloud.plume(1.0, 600.0), rate / 3600.0
    dose = cloud.dose(2.75, 1800.0, 600.0, 1.0, change)
    for x in (100.0, 2000.0):
        c, passage = steady(table, x, 0.0)
        end = duration + 2.0 * passage
        solved = integrate.solve_ivp(
            lambda t, v, p=passage: change * (pulse(t, p, duration) - v),
            (-8.0 * passage, end),
            [0.0],
            "LSODA",
            np.linspace(-8.0 * passage, end, 4001),
            rtol=1e-8,
            atol=1e-12,
        )
        inside = integrate.trapezoid(np.maximum(solved.y[0], 0.0) ** 2.75, solved.t)
        expected = 2.75 * math.log(c) + math.log(inside / 60.0)
        assert log_dose_kernel(x, 0.0, dose) == pytest.approx(expected, abs=5e-3)


@pytest.mark.parametrize("rate", [0.5, 6.0, 60.0])
def test_indoor_puff_dose_against_the_balance(rate):
    cloud, change = disperse(burst("chlorine", 2e3), D5), rate / 3600.0
    dose = cloud.dose(2.0, 1800.0, 600.0, 1.0, change)
    for x, y in ((80.0, 0.0), (400.0, 20.0)):
        time, c = history(cloud, x, y, 1.0)
        inside = np.zeros(c.size)
        for k in range(1, c.size):
            kept = math.exp(-change * (time[k] - time[k - 1]))
            inside[k] = kept * inside[k - 1] + (1.0 - kept) * 0.5 * (c[k] + c[k - 1])
        last = np.flatnonzero(c >= math.exp(-2.0) * c.max())[-1]
        expected = math.log(integrate.trapezoid(inside[: last + 1] ** 2, time[: last + 1]) / 60.0)
        assert log_dose_kernel(x, y, dose) == pytest.approx(expected, abs=0.03)


def test_indoor_row_of_a_footprint():
    for source in SOURCES.values():
        outcome = ToxicCloud(source=source, weather=D5, **CHLORINE_PROBIT, air_changes=2.0)
        plain = ToxicCloud(source=source, weather=D5, **CHLORINE_PROBIT).footprint(GRID)
        footprint = outcome.footprint(GRID)
        np.testing.assert_array_equal(footprint.count, plain.count)
        np.testing.assert_array_equal(footprint.lethality[INDIVIDUAL], plain.lethality[INDIVIDUAL])
        assert (footprint.lethality[INDOOR] <= footprint.lethality[INDIVIDUAL] + 1e-6).all()
        assert footprint.lethality[INDOOR].max() > 0.0


def test_a_table_at_another_height():
    track = disperse(burst("chlorine", 2e3), D5)
    low, high = (puff_table_kernel(track.track, z, track.setting) for z in (0.0, 4.0))
    assert (low.nodes[:, LOG_AXIS] > high.nodes[:, LOG_AXIS]).all()
    np.testing.assert_array_equal(low.nodes[:, [EDGE, FLAT]], high.nodes[:, [EDGE, FLAT]])
