"""Indoor air: exact cases, balance of the gas, quadrature of the ordinary differential equation, limits."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad, solve_ivp
from scipy.special import erf

from parkrisk.models.errors import OutOfRange
from parkrisk.models.vulnerability import infiltration as i
from parkrisk.models.vulnerability.air_change import air_change_class, air_change_classes, air_change_rate
from parkrisk.models.vulnerability.toxic_dose import history_dose

HOUR = 3600.0

rates = st.floats(1e-6, 1e-2)
durations = st.floats(1.0, 2e4)
exponents = st.floats(0.6, 3.7)
stays = st.sampled_from([0.0, 600.0, 1800.0, math.inf])


def share(time, rate, duration):
    rising = -math.expm1(-rate * min(time, duration))
    return rising * math.exp(-rate * max(time - duration, 0.0))


def exposure(rate, duration, n, start, end):
    def power(time):
        return share(time, rate, duration) ** n

    below = quad(power, start, min(end, duration), epsabs=0.0, epsrel=1e-10, limit=200)[0] if start < duration else 0.0
    if end <= duration:
        return below
    last = min(end, duration + 60.0 / (n * rate))
    return below + quad(power, max(start, duration), last, epsabs=0.0, epsrel=1e-10, limit=200)[0]


@pytest.mark.kernel
def test_whole_exponents_by_hand():
    rate, duration = 1.0 / HOUR, 1800.0
    x = rate * duration
    risen = 1.0 - math.exp(-x)
    one = (x - risen) / rate
    two = (x - 2.0 * risen + 0.5 * (1.0 - math.exp(-2.0 * x))) / rate
    for n, built in ((1.0, one), (2.0, two)):
        assert i.indoor_exposure_kernel(rate, duration, n, 0.0, math.inf) == pytest.approx(built, rel=1e-9)
        decayed = risen**n / (n * rate)
        found = i.indoor_exposure_kernel(rate, duration, n, math.inf, math.inf)
        assert found == pytest.approx(built + decayed, rel=1e-9)


@pytest.mark.parametrize("rate", [1e-5, 2e-4, 3e-3])
@pytest.mark.parametrize("n", [0.7, 1.43, 2.75])
def test_any_exponent_against_quadrature(rate, n):
    for duration in (60.0, 1500.0, 2e4):
        for stay in (0.0, 900.0):
            whole = exposure(rate, duration, n, 0.0, duration + stay)
            assert i.indoor_exposure_kernel(rate, duration, n, stay, math.inf) == pytest.approx(whole, rel=1e-8)


@given(rates, durations, exponents, stays)
@settings(deadline=None, max_examples=40)
def test_the_worst_half_hour_is_the_worst(rate, duration, n, stay):
    found = i.indoor_exposure_kernel(rate, duration, n, stay, 1800.0)
    last = max(min(duration + stay - 1800.0, duration), 0.0)
    tried = [exposure(rate, duration, n, s, min(s + 1800.0, duration + stay)) for s in np.linspace(0.0, last, 15)]
    assert found >= max(tried) * (1.0 - 1e-7)
    assert found <= 1800.0
    # and it is a stretch of the passage: a finer search comes close
    tried += [exposure(rate, duration, n, s, min(s + 1800.0, duration + stay)) for s in np.linspace(0.0, last, 241)]
    assert found <= max(tried) * (1.0 + 1e-3)


@given(rates, durations)
@settings(deadline=None)
def test_what_comes_in_goes_out(rate, duration):
    # no gas is lost: with n = 1 and everyone staying, the indoor dose is the outdoor one
    assert i.indoor_dose_factor(rate, duration, 1.0, math.inf) == pytest.approx(1.0, rel=1e-9)


@given(rates, durations, exponents, st.floats(1.0, 3.0))
@settings(deadline=None)
def test_indoors_is_below_outdoors_and_grows(rate, duration, n, more):
    factor = i.indoor_dose_factor(rate, duration, n)
    assert 0.0 <= factor <= 1.0
    assert i.indoor_dose_factor(rate * more, duration, n) >= factor * (1.0 - 1e-9)
    assert i.indoor_dose_factor(rate, duration * more, n) >= factor * (1.0 - 1e-9)
    assert i.indoor_dose_factor(rate, duration, n, 600.0) >= factor * (1.0 - 1e-12)
    for longest in (300.0, 1800.0):
        assert i.indoor_dose_factor(rate, duration, n, 0.0, longest) <= 1.0 + 1e-12


@pytest.mark.kernel
def test_limits_of_the_air_change():
    for n in (0.7, 2.0, 2.75):
        assert i.indoor_dose_factor_kernel(0.0, 600.0, n, math.inf, math.inf) == 0.0
        assert i.indoor_dose_factor_kernel(1.0, 3e5, n, 0.0, math.inf) == pytest.approx(1.0, abs=1e-5)
        # a tight house: (a t)^n grows to (a T)^n T/(n + 1)
        tight = i.indoor_dose_factor_kernel(1e-9, 600.0, n, 0.0, math.inf)
        assert tight == pytest.approx((1e-9 * 600.0) ** n / (n + 1.0), rel=1e-5)
    assert i.indoor_dose_factor_kernel(1e-3, 0.0, 2.0, 0.0, math.inf) == 0.0
    assert i.indoor_pulse_dose_factor_kernel(0.0, 0.05, 600.0, 2.0, 0.0, math.inf) == 0.0


@pytest.mark.kernel
@pytest.mark.parametrize("duration", [0.0, 30.0, 900.0])
@pytest.mark.parametrize("rate", [1e-4, 2e-3, 0.5])
def test_smooth_pulse_solves_the_balance(duration, rate):
    k = 0.04

    def outdoors(time):
        if duration == 0.0:
            return math.exp(-((k * time) ** 2))
        return 0.5 * (erf(k * time) - erf(k * (time - duration)))

    times = np.linspace(-200.0, 2000.0, 23)
    solved = solve_ivp(
        lambda time, c: rate * (outdoors(time) - c), (-200.0, 2000.0), [0.0], "LSODA", times, rtol=1e-10, atol=1e-12
    )
    np.testing.assert_allclose(i.indoor_pulse(times, k, duration, rate), solved.y[0], atol=2e-8)


@pytest.mark.parametrize("duration", [0.0, 40.0, 2400.0])
@pytest.mark.parametrize("longest", [math.inf, 1800.0])
def test_dose_of_a_smooth_pulse_is_that_of_its_history(duration, longest):
    k, rate, stay = 0.03, 8.0 / HOUR, 600.0
    end = duration + math.sqrt(2.0) / k + stay
    times = np.linspace(-7.0 / k, end, 60_001)
    outdoors = np.exp(-((k * times) ** 2)) if duration == 0.0 else 0.5 * (erf(k * times) - erf(k * (times - duration)))
    outdoors = np.maximum(outdoors, 0.0)
    indoors = i.indoor_history(times, outdoors, rate)
    for n in (0.7, 2.0, 2.75):
        ratio = history_dose(times, indoors, n, longest) / history_dose(times, outdoors, n, longest)
        assert i.indoor_pulse_dose_factor(rate, k, duration, n, stay, longest) == pytest.approx(ratio, rel=2e-5)


def test_sharp_pulse_is_the_block():
    for n in (1.0, 2.75):
        block = i.indoor_dose_factor(1.0 / HOUR, 1200.0, n, 300.0)
        assert i.indoor_pulse_dose_factor(1.0 / HOUR, 50.0, 1200.0, n, 300.0) == pytest.approx(block, rel=1e-3)


@given(rates, st.floats(1e-3, 1.0), st.one_of(st.just(0.0), st.floats(1.0, 1e4)))
@settings(deadline=None)
def test_smooth_pulse_loses_no_gas(rate, k, duration):
    # with n = 1 and everyone staying, the integral indoors is that outdoors
    assert i.indoor_pulse_dose_factor(rate, k, duration, 1.0, math.inf) == pytest.approx(1.0, rel=1e-5)


@pytest.mark.kernel
def test_trapezoid_by_hand():
    # rise over h at the slope s: Ci(h) = s h - s/a (1 - exp(-a h)); then steady
    rate, rise = 1.0 / 600.0, 300.0
    times = [0.0, rise, 900.0, 1200.0, 1201.0]
    found = i.indoor_history(times, [0.0, 3.0, 3.0, 0.0, 0.0], rate)
    slope = 3.0 / rise
    up = slope * rise - slope / rate * (1.0 - math.exp(-rate * rise))
    flat = 3.0 - (3.0 - up) * math.exp(-rate * 600.0)
    down = flat * math.exp(-rate * 300.0) + 3.0 * (1.0 - math.exp(-rate * 300.0))
    down -= slope * rise - slope / rate * (1.0 - math.exp(-rate * 300.0))
    np.testing.assert_allclose(found, [0.0, up, flat, down, down * math.exp(-rate)], rtol=1e-12)


def test_more_samples_change_nothing():
    times = np.linspace(0.0, 3600.0, 7)
    gas = np.array([0.0, 4.0, 2.0, 2.0, 9.0, 1.0, 0.0])
    fine = np.linspace(0.0, 3600.0, 6001)
    slow = i.indoor_history(times, gas, 1e-7)
    np.testing.assert_allclose(
        i.indoor_history(fine, np.interp(fine, times, gas), 1e-3)[::1000], i.indoor_history(times, gas, 1e-3), rtol=1e-9
    )
    assert slow[-1] == pytest.approx(1e-7 * np.trapezoid(gas, times), rel=1e-3)


def test_air_change_by_wind_and_warmth():
    # no wind and no difference: no exchange; each alone is linear in the wind and in the root of the difference
    assert air_change_rate(0.0, 293.0) == 0.0
    wind = float(air_change_rate(1.0, 293.0))
    assert wind == pytest.approx(0.00059 * 0.32 * 0.5 ** (1.0 / 3.0) / 2.5, rel=1e-9)
    assert air_change_rate(7.0, 293.0) == pytest.approx(7.0 * wind)
    warm = float(air_change_rate(0.0, 283.0))
    assert warm == pytest.approx(0.00059 * 1.25 / 3.0 * math.sqrt(9.80665 * 2.5 / 293.0 * 10.0) / 2.5, rel=1e-9)
    assert air_change_rate(0.0, 303.0) == pytest.approx(warm)
    assert air_change_rate(1.0, 283.0) == pytest.approx(math.hypot(wind, warm))
    assert air_change_rate(2.0, 283.0, floor_area=60.0) == pytest.approx(air_change_rate(2.0, 283.0))
    assert air_change_rate(2.0, 293.0, sheltered=True) == pytest.approx(0.75 * air_change_rate(2.0, 293.0))
    assert air_change_rate(0.0, 283.0, storeys=2) == pytest.approx(warm / math.sqrt(2.0))


def test_classes_say_where_they_come_from():
    for name, item in air_change_classes().items():
        assert item.unit == "1/h"
        assert item.mark in ("V", "1")
        assert item.source
        assert air_change_class(name) == pytest.approx(item.value / HOUR)


@pytest.mark.parametrize(
    "call",
    [
        lambda: i.indoor_dose_factor(-1e-4, 600.0, 2.0),
        lambda: i.indoor_dose_factor(math.nan, 600.0, 2.0),
        lambda: i.indoor_dose_factor(4.0, 600.0, 2.0),
        lambda: i.indoor_dose_factor(1e-4, -600.0, 2.0),
        lambda: i.indoor_dose_factor(1e-4, 600.0, 0.0),
        lambda: i.indoor_dose_factor(1e-4, 600.0, 2.0, -1.0),
        lambda: i.indoor_pulse(0.0, 0.0, 600.0, 1e-4),
        lambda: i.indoor_pulse(math.nan, 0.05, 600.0, 1e-4),
        lambda: i.indoor_pulse_dose_factor(1e-4, 0.05, -1.0, 2.0),
        lambda: i.indoor_pulse_dose_factor(1e-4, 0.05, 1e-4, 2.0),
        lambda: i.indoor_history([0.0, 1.0], [1.0, -1.0], 1e-4),
        lambda: i.indoor_history([1.0, 0.0], [1.0, 1.0], 1e-4),
        lambda: i.indoor_history([0.0, 1.0], [1.0, 1.0], 1e-4, math.nan),
        lambda: air_change_class("igloo"),
        lambda: air_change_rate(-1.0, 290.0),
        lambda: air_change_rate(2.0, 20.0),
        lambda: air_change_rate(2.0, 290.0, floor_area=0.0),
        lambda: air_change_rate(2.0, 290.0, storeys=3),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(OutOfRange):
        call()
