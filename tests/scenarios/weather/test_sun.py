"""Altitude of the sun against published positions."""

import numpy as np
import pytest

from parkrisk.scenarios.reading.weather.sun import solar_altitude


def _times(*texts: str) -> np.ndarray:
    return np.array(texts, dtype="datetime64[s]")


def test_altitude_of_the_example_of_the_solar_position_algorithm() -> None:
    # Reda & Andreas, NREL/TP-560-34302, Table A5.1: 2003-10-17 12:30:30, UTC-7; e0 = 39.872046 deg without refraction.
    found = solar_altitude(_times("2003-10-17T19:30:30"), 39.742476, -105.1786)
    assert found[0] == pytest.approx(39.872046, abs=0.01)


@pytest.mark.parametrize(
    ("instant", "declination"),
    [  # equinoxes and solstices of 2024, US Naval Observatory: UTC to the minute
        ("2024-03-20T03:06:00", 0.0),
        ("2024-06-20T20:51:00", 23.436),
        ("2024-09-22T12:44:00", 0.0),
        ("2024-12-21T09:21:00", -23.436),
    ],
)
def test_declination_at_equinox_and_solstice(instant: str, declination: float) -> None:
    # At the pole the altitude is the declination.
    assert solar_altitude(_times(instant), 90.0, 0.0)[0] == pytest.approx(declination, abs=0.01)


def test_longitude_and_time_say_the_same() -> None:
    # 15 degrees of longitude are an hour, but for what the sun moves among the stars meanwhile.
    times = np.arange("2024-01-01", "2025-01-01", 5, dtype="datetime64[h]").astype("datetime64[s]")
    east = solar_altitude(times - np.timedelta64(3600, "s"), 31.0, 121.5)
    west = solar_altitude(times, 31.0, 106.5)
    assert np.abs(east - west).max() < 0.02
    assert np.abs(west).max() > 50.0


def test_noon_comes_with_the_equation_of_time() -> None:
    # Published equation of time: +16.4 min on 3 November, -14.2 min on 11 February.
    minutes = np.arange(660, 780)
    for day, equation in (("2024-11-03", 16.4), ("2024-02-11", -14.2)):
        times = np.datetime64(day, "s") + minutes * np.timedelta64(60, "s")
        noon = minutes[np.argmax(solar_altitude(times, 40.0, 0.0))]
        assert 720.0 - noon == pytest.approx(equation, abs=1.0)
