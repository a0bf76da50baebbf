import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkrisk.models.air.atmosphere import Weather, air_density
from parkrisk.models.cloud.britter_mcquaid import (
    plume_distance,
    plume_half_width,
    plume_ratio,
    puff_distance,
    warmed_ratio,
)
from parkrisk.models.cloud.concentration import largest_concentration
from parkrisk.models.cloud.outcomes import VapourSource, flammable_cloud
from parkrisk.models.constants import rows
from parkrisk.models.errors import OutOfRange
from parkrisk.models.substance.substances import find

# CCPS 1999, p. 122: 0.23 m³/s of LNG at 425.6 kg/m³, vapour 1.76 kg/m³ at 111 K, air 298 K, 10.9 m/s
FLOW = 0.23 * 425.6 / 1.76
WEATHER = Weather(10.9, "D", air_temperature=298.0)
LIGHT = Weather(4.0, "D")


def test_worked_example():
    scale = math.sqrt(FLOW / 10.9)
    assert scale == pytest.approx(2.26, abs=0.005)
    assert warmed_ratio(plume_ratio(20.0 * scale, FLOW, 1.76, WEATHER), 111.0, 298.0) == pytest.approx(0.672, abs=1e-3)


def test_lower_limit_of_the_worked_example_by_hand():
    # alpha = 0.2 log10(g0² q0/u⁵); the 0.05 curve
    gravity = 9.80665 * (1.76 - air_density(WEATHER)) / air_density(WEATHER)
    alpha = 0.2 * math.log10(gravity**2 * FLOW / 10.9**5)
    assert -0.68 < alpha < -0.29
    expected = math.sqrt(FLOW / 10.9) * 10.0 ** (0.36 * alpha + 2.16)
    assert plume_distance(0.05, FLOW, 1.76, WEATHER) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("release", ["plume", "puff"])
def test_segments_meet(release):
    segments = {}
    for row in rows("britter_mcquaid"):
        if row["release"] == release:
            segments.setdefault(row["ratio"], []).append(
                (float(row["alpha_to"]), float(row["slope"]), float(row["intercept"]))
            )
    for pieces in segments.values():
        assert pieces[-1][0] == 1.0
        for (end, slope, intercept), (_, slope_2, intercept_2) in itertools.pairwise(pieces):
            assert slope * end + intercept == pytest.approx(slope_2 * end + intercept_2, abs=0.01)


@settings(max_examples=60, deadline=None)
@given(
    flow=st.floats(0.05, 200.0),
    density=st.floats(1.4, 6.0),
    wind=st.floats(2.5, 12.0),
    ratio=st.floats(1e-4, 0.9),
    factor=st.floats(1.05, 5.0),
)
def test_distance_and_ratio_are_inverse_and_monotone(flow, density, wind, ratio, factor):
    weather = Weather(wind, "D")
    distance = plume_distance(ratio, flow, density, weather)
    assert plume_ratio(distance, flow, density, weather) == pytest.approx(ratio, rel=1e-9)
    assert plume_distance(ratio / factor, flow, density, weather) > distance
    assert plume_half_width(distance, factor * flow, density, weather) > plume_half_width(
        distance, flow, density, weather
    )


def test_far_field_falls_with_the_square():
    far = plume_ratio(np.array([5e3, 1e4]), 1.0, 3.0, LIGHT)
    assert far[0] / far[1] == pytest.approx(4.0)


def test_puff_reaches_farther_for_less():
    distances = [puff_distance(ratio, 2000.0, 2.0, LIGHT) for ratio in (0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)]
    assert (np.diff(distances) > 0.0).all()
    assert puff_distance(0.02, 4000.0, 2.0, LIGHT) > distances[2]


PROPANE = find("propane")


@pytest.mark.parametrize("rate", [10.0, 100.0])
@pytest.mark.parametrize("wind", [2.0, 5.0])
def test_integral_plume_against_the_correlation(rate, wind):
    """Two methods that share nothing; the correlation rests on smooth ground, and scatters by a factor of 2 itself."""
    weather = Weather(wind, "D", roughness=0.003)
    density = PROPANE.gas_density(weather.air_temperature, weather.air_pressure)
    flow = rate / density
    source = VapourSource(
        substance=PROPANE,
        mass=3600.0 * rate,
        duration=3600.0,
        temperature=weather.air_temperature,
        diameter=2.0 * math.sqrt(flow / (math.pi * wind)),
    )
    for ratio in (0.05, 0.021, 0.005):
        reach = flammable_cloud(source, weather, ratio, 0.095, 600.0).reach
        assert 0.4 < reach / plume_distance(ratio, flow, density, weather) < 2.5


@pytest.mark.parametrize("mass", [2e3, 50e3, 500e3])
@pytest.mark.parametrize("wind", [2.0, 5.0])
def test_integral_puff_against_the_correlation(mass, wind):
    weather = Weather(wind, "D", roughness=0.003)
    density = PROPANE.gas_density(weather.air_temperature, weather.air_pressure)
    source = VapourSource(substance=PROPANE, mass=mass, duration=0.0, temperature=weather.air_temperature)
    distance = np.geomspace(5.0, 1e4, 600)
    share = largest_concentration(source, weather, distance, 0.0, 0.0, mole_fraction=True)
    for ratio in (0.1, 0.021, 0.005):
        reach = distance[share >= ratio].max()
        assert 0.4 < reach / puff_distance(ratio, mass / density, density, weather) < 2.5


@pytest.mark.parametrize(
    "call",
    [
        lambda: plume_ratio(0.0, 1.0, 3.0, LIGHT),
        lambda: plume_ratio(math.nan, 1.0, 3.0, LIGHT),
        lambda: plume_ratio(10.0, -1.0, 3.0, LIGHT),
        lambda: plume_ratio(10.0, 1.0, 1.0, LIGHT),
        lambda: plume_distance(0.0, 1.0, 3.0, LIGHT),
        lambda: plume_distance(1.0, 1.0, 3.0, LIGHT),
        lambda: plume_distance(0.1, 1e4, 6.0, Weather(1.0, "F")),
        lambda: plume_half_width(-1.0, 1.0, 3.0, LIGHT),
        lambda: puff_distance(0.5, 1000.0, 3.0, LIGHT),
        lambda: puff_distance(0.01, math.nan, 3.0, LIGHT),
        lambda: warmed_ratio(1.5, 111.0, 298.0),
        lambda: warmed_ratio(0.5, 0.0, 298.0),
    ],
)
def test_bad_input(call):
    with pytest.raises(OutOfRange):
        call()
