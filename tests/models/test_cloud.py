"""Toxic cloud and flash fire as outcomes: rows, radii, flags, input, repeatability."""

import math
import threading
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.air.surface_layer import surface_layer
from parkrisk.models.cloud.outcomes import FlashFire, ToxicCloud, VapourSource
from parkrisk.models.cloud.vapour import FARTHEST, disperse
from parkrisk.models.errors import OutOfRange
from parkrisk.models.footprint import INDIVIDUAL, INDOOR, OUTDOOR, PolarGrid
from parkrisk.models.substance.substances import find
from parkrisk.models.vulnerability.people import toxic_lethality
from tests.models.cloud_cases import B3, CHLORINE_PROBIT, D5, F15, burst, jet, pool

GRID = PolarGrid(n_rings=48)
PROPANE = {"lfl": 0.021, "ufl": 0.095}
SOURCES = {"jet": jet("chlorine", 10.0), "pool": pool("chlorine", 5.0, 1200.0, 15.0), "burst": burst("chlorine", 2e3)}


def toxic(source, weather=D5, **changes):
    return ToxicCloud(source=source, weather=weather, **{**CHLORINE_PROBIT, **changes})


def flash(source, weather=D5, **changes):
    return FlashFire(source=source, weather=weather, **{**PROPANE, **changes})


def ring_sums(footprint, row=INDIVIDUAL):
    """Angle integral on each ring, one side [rad]."""
    ends = np.cumsum(footprint.count)
    sums = [footprint.lethality[row, e - c : e].sum() for e, c in zip(ends, footprint.count, strict=True)]
    return np.array(sums) * GRID.bin_width


# ---- toxic cloud


def test_long_release_is_the_steady_plume_for_half_an_hour():
    from parkrisk.models.cloud.concentration import largest_concentration

    source = jet("chlorine", 10.0, 36_000.0)
    for x, y in ((100.0, 0.0), (300.0, 15.0), (1000.0, 30.0)):
        c = 1e6 * float(largest_concentration(source, D5, x, y))
        expected = toxic_lethality(c, 30.0, (-6.35, 0.5, 2.75)).ravel()
        found = toxic(source).lethality(np.array([math.hypot(x, y)]), np.array([math.atan2(y, x)]))[:, 0]
        assert_allclose(found, expected, rtol=0.01, atol=1e-4)


@pytest.mark.parametrize("kind", SOURCES)
def test_rows_of_the_footprint(kind):
    footprint = toxic(SOURCES[kind]).footprint(GRID)
    assert_array_equal(footprint.lethality[INDIVIDUAL], footprint.lethality[OUTDOOR])
    assert_allclose(footprint.lethality[INDOOR], 0.1 * footprint.lethality[OUTDOOR], rtol=1e-12)
    assert footprint.lethality.min() >= 0.0
    assert footprint.lethality.max() <= 1.0
    assert footprint.disc_radius.size == 0


@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.parametrize("weather", [D5, F15, B3])
def test_radii_follow_the_lethality(kind, weather):
    outcome = toxic(SOURCES[kind], weather)
    death = outcome.casualty_radii()["death_m"]
    assert outcome.lethality(death, 0.0)[OUTDOOR, 0] == pytest.approx(0.5, abs=1e-6)
    assert outcome.casualty_radii()["domino_m"] is None
    assert outcome.reach > death
    if outcome.reach < FARTHEST:
        edge = outcome.lethality(outcome.reach * np.array([0.999, 1.001]), np.zeros(2))
        assert edge[INDIVIDUAL, 0] == pytest.approx(1e-6, rel=0.2)
        assert not edge[:, 1].any()


@settings(max_examples=25)
@given(
    rate=st.floats(0.1, 50.0),
    factor=st.floats(1.05, 20.0),
    kind=st.sampled_from(["jet", "pool", "burst"]),
    weather=st.sampled_from([D5, F15, Weather(2.0, "B"), Weather(3.0, "E", terrain="urban")]),
)
def test_more_kills_more(rate, factor, kind, weather):
    def outcome(r):
        if kind == "jet":
            return toxic(jet("chlorine", r), weather)
        return toxic(pool("chlorine", r, 1200.0, 15.0) if kind == "pool" else burst("chlorine", 100.0 * r), weather)

    small, large = outcome(rate), outcome(factor * rate)
    assert large.distance(0.5) >= 0.98 * small.distance(0.5)
    assert large.reach >= 0.98 * small.reach
    # area at risk
    areas = [(ring_sums(each.footprint(GRID)) * GRID.radius**2).sum() for each in (small, large)]
    assert areas[1] > 0.99 * areas[0]


@pytest.mark.parametrize("kind", SOURCES)
def test_symmetric_about_the_wind(kind):
    outcome = toxic(SOURCES[kind])
    distance, angle = np.geomspace(3.0, 3e3, 50), np.linspace(0.0, math.pi, 50)
    assert_array_equal(outcome.lethality(distance, angle), outcome.lethality(distance, -angle))
    # and falls away from the axis behind the source
    far = outcome.lethality(np.full(40, 500.0), np.linspace(0.0, 1.5, 40))[INDIVIDUAL]
    assert (np.diff(far) <= 1e-9).all()


def test_blanket_is_the_same_all_over():
    outcome = toxic(SOURCES["pool"], Weather(2.0, "F"))
    core = outcome.dose.plume.core
    assert core > 8.0
    rim = outcome.lethality(core * (1.0 + 1e-9), 0.0)
    inside = outcome.lethality(np.array([1.0, 0.97 * core]), np.array([3.0, 1.0]))
    assert_allclose(inside, np.repeat(rim, 2, axis=1), rtol=1e-6)


def test_burst_covers_all_sides():
    footprint = toxic(burst("chlorine", 50e3)).footprint(GRID)
    # 50 t expand to a cloud of some 16 m and slump beyond
    assert (footprint.count[GRID.radius < 15.0] == 360).all()
    assert (footprint.count[GRID.radius > 2e3] < 180).all()


def test_too_little_to_matter():
    outcome = toxic(jet("chlorine", 1e-6))
    footprint = outcome.footprint(GRID)
    assert footprint.count.sum() == 0
    assert footprint.lethality.shape == (3, 0)
    # only in the mouth of the jet
    assert outcome.casualty_radii()["death_m"] < 0.2
    high = toxic(jet("chlorine", 1e-3, height=50.0))
    assert high.casualty_radii()["death_m"] is None


def test_other_exponents_and_slopes():
    for n, b in ((0.5, 2.0), (1.0, 1.0), (4.0, 0.3)):
        footprint = toxic(SOURCES["jet"], probit_n=n, probit_b=b, probit_a=-3.0).footprint(GRID)
        assert footprint.lethality.max() <= 1.0
        assert footprint.count.sum() > 0


# ---- repeatability


@pytest.mark.parametrize("kind", SOURCES)
def test_the_same_again_and_in_threads(kind):
    first = toxic(SOURCES[kind]).footprint(GRID)
    disperse.cache_clear()
    surface_layer.cache_clear()
    again = toxic(SOURCES[kind]).footprint(GRID)
    assert_array_equal(first.lethality, again.lethality)
    found: list = []

    def work():
        found.append(toxic(SOURCES[kind]).footprint(GRID))

    threads = [threading.Thread(target=work) for _ in range(4)]
    disperse.cache_clear()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    for each in found:
        assert_array_equal(first.lethality, each.lethality)
        assert_array_equal(first.count, each.count)


def test_equal_by_content_and_hashable():
    assert toxic(SOURCES["jet"]) == toxic(replace(SOURCES["jet"]))
    different = {
        toxic(SOURCES["jet"]),
        toxic(SOURCES["jet"]),
        toxic(SOURCES["jet"], F15),
        toxic(SOURCES["jet"], air_changes=1.0),
        flash(jet("propane", 5.0)),
    }
    assert len(different) == 4
    used = toxic(SOURCES["jet"])
    used.footprint(GRID)
    assert used == toxic(SOURCES["jet"])


# ---- flags


def test_calm_is_flagged_and_a_short_release_is_not():
    assert disperse(pool("propane", 50.0, 1800.0, 30.0), Weather(0.5, "F")).flags == ("calm_vapour_blanket",)
    short = disperse(pool("propane", 5.0, 2.0, 20.0), D5)
    assert short.is_puff
    assert short.flags == ()
    assert toxic(SOURCES["jet"]).flags == ()
    far = toxic(jet("chlorine", 200.0), F15)
    assert "dispersion_far_field" in far.flags


# ---- what enters the air


@pytest.mark.parametrize(
    "name", ["mass", "duration", "temperature", "mist", "diameter", "velocity", "height", "inclination"]
)
@pytest.mark.parametrize("value", [math.nan, -1.0, math.inf])
def test_bad_source(name, value):
    with pytest.raises(OutOfRange):
        replace(VapourSource(substance=find("chlorine"), mass=1.0, duration=1.0, temperature=250.0), **{name: value})


@pytest.mark.parametrize(
    "changes",
    [
        {"mass": 0.0},
        {"temperature": 0.0},
        {"mist": 1.01},
        {"inclination": 1.6},
        {"diameter": 5.0, "velocity": 10.0},
        {"diameter": 5.0, "height": 1.0},
    ],
)
def test_sources_that_cannot_be(changes):
    with pytest.raises(OutOfRange):
        VapourSource(**{"substance": find("chlorine"), "mass": 1.0, "duration": 1.0, "temperature": 250.0, **changes})


def test_source():
    source = jet("chlorine", 2.0, 50.0)
    assert source.rate == pytest.approx(2.0)
    assert not source.is_instantaneous
    assert burst("chlorine", 1.0).is_instantaneous
    assert source.gas_density(D5) == pytest.approx(101_325.0 * 0.0709 / (8.314462618 * 293.15), rel=1e-3)


@pytest.mark.parametrize(
    "weather",
    [
        Weather(0.3, "F"),
        Weather(math.nan, "D"),
        Weather(5.0, "G"),
        Weather(0.0, "D"),
        Weather(-1.0, "D"),
        Weather(10.0, "F"),
        Weather(5.0, "A"),
        Weather(5.0, "D", air_temperature=math.nan),
        Weather(5.0, "D", air_pressure=0.0),
        Weather(5.0, "D", relative_humidity=1.2),
        Weather(5.0, "D", roughness=10.0),
        Weather(5.0, "D", terrain="sea"),
        Weather(5.0, "D", obukhov_length=0.0),
        Weather(5.0, "D", obukhov_length=math.nan),
    ],
)
def test_bad_weather(weather):
    for source in SOURCES.values():
        with pytest.raises(OutOfRange):
            disperse(source, weather)
        with pytest.raises(OutOfRange):
            toxic(source, weather)
        with pytest.raises(OutOfRange):
            flash(source, weather)


@pytest.mark.parametrize(
    "changes",
    [
        {"probit_a": math.nan},
        {"probit_b": 0.0},
        {"probit_b": math.inf},
        {"probit_n": -1.0},
        {"probit_n": math.nan},
        {"averaging_time": 1.0},
        {"averaging_time": math.nan},
        {"air_changes": -1.0},
        {"air_changes": math.nan},
        {"air_changes": 1e5},
    ],
)
def test_bad_toxic_cloud(changes):
    with pytest.raises(OutOfRange):
        toxic(SOURCES["jet"], **changes)


def test_bad_questions():
    outcome = toxic(SOURCES["jet"])
    for distance, angle in ((math.nan, 0.0), (-1.0, 0.0), (math.inf, 0.0), (100.0, math.nan)):
        with pytest.raises(OutOfRange):
            outcome.lethality(np.array([distance]), np.array([angle]))
    for probability in (0.0, 1.0, -0.5, math.nan):
        with pytest.raises(OutOfRange):
            outcome.distance(probability)
    with pytest.raises(OutOfRange):
        flash(jet("propane", 5.0), averaging_time=math.nan)


@pytest.mark.parametrize("kind", SOURCES)
def test_at_the_source_itself(kind):
    # certain death by chlorine in the middle of it
    at = toxic(SOURCES[kind]).lethality(np.zeros(1), np.zeros(1))
    assert np.isfinite(at).all()
    assert at[INDIVIDUAL, 0] > 0.5
    footprint = toxic(SOURCES[kind]).footprint(PolarGrid(n_rings=8, r_min=1e-3, r_max=10.0))
    assert np.isfinite(footprint.lethality).all()
