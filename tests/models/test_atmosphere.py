"""Wind profiles, Obukhov length and air density."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkrisk.models.air.atmosphere import (
    STABILITIES,
    Weather,
    air_density,
    check_weather,
    roughness_class,
    roughness_length,
    water_vapour_pressure,
    wind_speed,
)
from parkrisk.models.air.surface_layer import (
    log_wind_speed,
    monin_obukhov_length,
    surface_layer,
    temperature_at,
    water_saturation_kernel,
    wind_kernel,
)
from parkrisk.models.errors import OutOfRange


def _weather(stability: str, speed: float = 2.5, **given) -> Weather:
    return Weather(speed, stability, **given)


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
    assert surface_layer(weather).friction_velocity == pytest.approx(0.4 * 5.0 / math.log(100.0))


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
        Weather(2.0, "D", roughness=5.0),
        Weather(2.0, "D", wind_height=0.5),
        Weather(2.0, "D", wind_height=400.0),
        Weather(2.0, "D", obukhov_length=0.0),
        Weather(2.0, "D", obukhov_length=math.nan),
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


def heat_flux(weather):
    air = surface_layer(weather)
    content = air.density * 1005.0 * air.temperature
    return -(air.friction_velocity**3) * content * air.inverse_obukhov / (0.4 * 9.80665)


@pytest.mark.parametrize(("weather", "limit"), [(Weather(12.0, "C"), 283.0), (Weather(5.5, "E"), -64.0)])
def test_strong_wind_is_nearer_to_neutral_than_its_class(weather, limit):
    assert heat_flux(weather) == pytest.approx(limit, rel=1e-6)
    length = 1.0 / surface_layer(weather).inverse_obukhov
    assert abs(length) > abs(monin_obukhov_length(weather.stability, 0.1))


@pytest.mark.parametrize("stability", STABILITIES)
def test_obukhov_length_of_a_class_in_light_wind(stability):
    found = 1.0 / surface_layer(_weather(stability, 1.5)).inverse_obukhov if stability != "D" else math.inf
    assert found == pytest.approx(monin_obukhov_length(stability, 0.1), rel=1e-9)


def test_measured_obukhov_length_is_taken():
    air = surface_layer(_weather("D", obukhov_length=40.0, wind_height=2.0, roughness=0.003))
    assert air.inverse_obukhov == 1.0 / 40.0
    assert wind_kernel(2.0, air) == pytest.approx(2.5)
    assert wind_speed(_weather("D", wind_height=2.0, roughness=0.003), 2.0) == pytest.approx(2.5)


def test_very_stable_profile_keeps_its_gradient():
    # dimensionless gradient 1 + 5 z/L below L, 6 above
    air = surface_layer(_weather("F", obukhov_length=5.0))
    for z, gradient in ((2.0, 3.0), (20.0, 6.0), (100.0, 6.0)):
        slope = (wind_kernel(z * 1.001, air) - wind_kernel(z * 0.999, air)) / (0.002 * z)
        assert slope * 0.4 * z / air.friction_velocity == pytest.approx(gradient, rel=1e-4)


def test_humidity_of_the_air():
    # 20 °C, half saturated: 7.3 g/kg in psychrometric tables
    air = surface_layer(Weather(2.5, "D", relative_humidity=0.5))
    assert air.humidity == pytest.approx(0.0072, abs=1e-4)


def test_temperature_over_height():
    neutral = Weather(5.0, "D")
    assert temperature_at(neutral, 10.0) == pytest.approx(293.15)
    assert temperature_at(neutral, 110.0) == pytest.approx(293.15 - 0.976, abs=0.001)  # 9.76 K/km
    assert temperature_at(Weather(1.5, "F"), 50.0) > 293.15, "an inversion"
    assert temperature_at(Weather(2.0, "B"), 1.0) > temperature_at(neutral, 1.0), "hot ground"


def test_temperature_gradient_carries_the_heat_flux():
    """H = -ρ cp K dθ/dz with the diffusivity k u* z/(0.85 φ)."""
    for weather in (Weather(1.5, "F"), Weather(2.0, "B")):
        air, z = surface_layer(weather), 3.0
        step = 1e-3
        gradient = (temperature_at(weather, z + step) - temperature_at(weather, z - step)) / (2.0 * step)
        zeta = z * air.inverse_obukhov
        phi = 1.0 + 5.0 * zeta if zeta > 0.0 else (1.0 - 16.0 * zeta) ** -0.5
        diffusivity = 0.4 * air.friction_velocity * z / (0.85 * phi)
        flux = -air.density * 1005.0 * diffusivity * (float(gradient) + 9.80665 / 1005.0)
        assert flux == pytest.approx(heat_flux(weather), rel=1e-4)


def test_roughness_classes():
    lengths = [roughness_class(name) for name in ("sea", "smooth", "open", "roughly_open", "rough", "very_rough")]
    assert lengths == sorted(lengths)
    assert roughness_class("closed") == roughness_length(Weather(2.0, "D", terrain="urban"))
    with pytest.raises(OutOfRange, match="roughly_open"):
        roughness_class("forest")


@pytest.mark.kernel
@pytest.mark.parametrize(
    ("celsius", "pascal"), [(20.0, 2339.3), (10.0, 1228.1), (0.0, 611.2), (-10.0, 259.9), (-20.0, 103.3)]
)
def test_saturated_vapour_over_water_and_below_freezing_over_ice(celsius, pascal):
    """Against the tables of Goff and Gratch; over water it would be 286.5 Pa at -10 °C and 125.4 Pa at -20 °C."""
    assert water_saturation_kernel(273.15 + celsius) == pytest.approx(pascal, rel=4e-3)
