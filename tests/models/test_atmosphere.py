"""Wind profiles, Obukhov length and air density."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkrisk.models.atmosphere import (
    STABILITIES,
    Weather,
    air_density,
    check_weather,
    friction_velocity,
    log_wind_speed,
    monin_obukhov_length,
    water_vapour_pressure,
    wind_speed,
)
from parkrisk.models.errors import OutOfRange


def _weather(stability: str, speed: float = 2.5, terrain: str = "rural") -> Weather:
    return Weather(speed, stability, terrain=terrain)


@pytest.mark.parametrize(("stability", "exponent"), [("A", 0.07), ("D", 0.15), ("F", 0.55)])
def test_power_law(stability, exponent):
    weather = _weather(stability)
    assert wind_speed(weather, 10.0) == pytest.approx(2.5)
    assert wind_speed(weather, 100.0) == pytest.approx(2.5 * 10.0**exponent)


@given(st.sampled_from(STABILITIES), st.floats(1.0, 150.0), st.floats(0.5, 100.0), st.sampled_from(["rural", "urban"]))
def test_wind_rises_with_height(stability, height, step, terrain):
    weather = _weather(stability, terrain=terrain)
    low, high = wind_speed(weather, [height, height + step])
    assert high > low


@given(st.sampled_from(STABILITIES), st.floats(0.3, 40.0), st.floats(0.01, 20.0))
def test_log_law_rises_and_meets_the_reference(stability, height, step):
    weather = _weather(stability)
    low, high = log_wind_speed(weather, [height, height + step])
    assert high > low
    assert log_wind_speed(weather, 10.0) == pytest.approx(2.5)


def test_log_law_in_neutral_air_is_logarithmic():
    weather = _weather("D", 5.0)
    expected = 5.0 * math.log(50.0 / 0.1) / math.log(10.0 / 0.1)
    assert log_wind_speed(weather, 50.0) == pytest.approx(expected)
    assert friction_velocity(weather) == pytest.approx(0.4 * 5.0 / math.log(100.0))


def test_obukhov_length():
    assert monin_obukhov_length("D", 0.1) == math.inf
    lengths = [1.0 / monin_obukhov_length(stability, 0.1) for stability in STABILITIES]
    assert lengths == sorted(lengths)
    # A second method: power fits to Golder's diagram.
    golder = {"A": (-11.4, 0.10), "B": (-26.0, 0.17), "C": (-123.0, 0.30), "E": (123.0, 0.30), "F": (26.0, 0.17)}
    for roughness in (0.01, 0.03, 0.1, 0.3):
        for stability, (factor, power) in golder.items():
            ratio = monin_obukhov_length(stability, roughness) / (factor * roughness**power)
            assert 0.5 < ratio < 1.6, (stability, roughness)


@pytest.mark.parametrize(
    "weather",
    [
        Weather(10.0, "F"),
        Weather(7.0, "E"),
        Weather(4.0, "A"),
        Weather(7.0, "B"),
        Weather(0.0, "D"),
        Weather(-1.0, "D"),
        Weather(math.nan, "D"),
        Weather(math.inf, "D"),
        Weather(2.0, "G"),
        Weather(2.0, "D", terrain="sea"),
        Weather(2.0, "D", air_temperature=20.0),
        Weather(2.0, "D", air_pressure=101.3),
        Weather(2.0, "D", relative_humidity=70.0),
    ],
)
def test_impossible_weather_is_refused(weather):
    with pytest.raises(OutOfRange):
        check_weather(weather)
    with pytest.raises(OutOfRange):
        air_density(weather)


def test_heights_outside_the_profile_are_refused():
    for height in (0.0, 0.1, 400.0, math.nan):
        with pytest.raises(OutOfRange):
            wind_speed(_weather("D"), height)
        with pytest.raises(OutOfRange):
            log_wind_speed(_weather("D"), height)


def test_air_density():
    standard = Weather(5.0, "D", air_temperature=288.15, relative_humidity=0.0)
    assert air_density(standard) == pytest.approx(1.2250, abs=1e-4)
    moist = Weather(5.0, "D", air_temperature=303.15, relative_humidity=1.0)
    dry = Weather(5.0, "D", air_temperature=303.15, relative_humidity=0.0)
    assert air_density(moist) < air_density(dry)
    # Saturated air at 30 °C and 101,325 Pa: 1.146 kg/m³ in psychrometric tables.
    assert air_density(moist) == pytest.approx(1.146, abs=0.002)


def test_water_vapour_pressure_against_steam_tables():
    for celsius, pascal in ((0.01, 611.66), (20.0, 2339.3), (40.0, 7384.9)):
        assert water_vapour_pressure(celsius + 273.15) == pytest.approx(pascal, rel=1e-3)


def test_wind_speed_keeps_the_shape():
    assert wind_speed(_weather("C"), np.ones((2, 3)) * 20.0).shape == (2, 3)
