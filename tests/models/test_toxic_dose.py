"""Toxic dose: exact cases, adaptive quadrature, limits, histories by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import erf

from parkrisk.models.errors import OutOfRange
from parkrisk.models.vulnerability import toxic_dose as t


def by_quadrature(n, k_duration, k_window=math.inf):
    half = 0.5 * k_duration
    end = min(0.5 * k_window, half + 9.0)
    points = [p for p in (half - 4.0, half - 1.0, half, half + 1.0, half + 4.0) if 0.0 < p < end]

    def share(s):
        return (0.5 * (erf(s + half) - erf(s - half))) ** n

    return 2.0 * quad(share, 0.0, end, points=points, epsabs=0.0, epsrel=1e-9, limit=200)[0] / k_duration


def exact_square(kt):
    return erf(kt / math.sqrt(2.0)) - math.sqrt(2.0 / math.pi) * (1.0 - math.exp(-0.5 * kt * kt)) / kt


@pytest.mark.kernel
@pytest.mark.parametrize("kt", [1e-3, 0.05, 0.7, 3.0, 20.0, 5e3])
def test_exact_for_one_and_two(kt):
    assert t.dose_factor_kernel(1.0, kt, math.inf) == pytest.approx(1.0, rel=1e-9)
    # the difference of the two terms loses digits where k T is small
    assert t.dose_factor_kernel(2.0, kt, math.inf) == pytest.approx(exact_square(kt), rel=1e-9, abs=1e-12)


@pytest.mark.kernel
@pytest.mark.parametrize("n", [0.7, 1.43, 2.75, 3.7])
@pytest.mark.parametrize("kt", [0.01, 0.6, 4.0, 60.0])
def test_any_exponent_and_window_against_quadrature(n, kt):
    assert t.dose_factor_kernel(n, kt, math.inf) == pytest.approx(by_quadrature(n, kt), rel=1e-7)
    for window in (0.3 * kt, kt + 1.0):
        assert t.dose_factor_kernel(n, kt, window) == pytest.approx(by_quadrature(n, kt, window), rel=1e-7)


@pytest.mark.parametrize("n", [0.5, 0.7, 1.0, 2.0, 2.75, 10.0])
def test_table_stays_within_its_tolerance(n):
    factors = t.dose_factors(n)
    for kt in np.geomspace(1e-4, 1e5, 137):
        found = t.tabulated_dose_factor_kernel(kt, factors)
        assert found == pytest.approx(t.dose_factor_kernel(n, kt, math.inf), rel=1e-5)


def test_long_and_short_releases():
    # both ends take √(2/π)/k for n = 2; a short release is a puff
    assert t.dose_factor(2.0, 1e3) == pytest.approx(1.0 - math.sqrt(2.0 / math.pi) / 1e3, rel=1e-9)
    for n in (0.7, 2.0, 2.75):
        kt = 1e-3
        peak = kt / math.sqrt(math.pi)
        assert t.dose_factor(n, kt) * kt == pytest.approx(peak**n * t.puff_dose_factor(n), rel=1e-5)
    assert t.puff_dose_factor(2.0) == pytest.approx(math.sqrt(math.pi / 2.0))
    assert t.puff_dose_factor(1.0, 2.0) == pytest.approx(quad(lambda s: math.exp(-s * s), -1.0, 1.0)[0])


@given(st.floats(0.5, 4.0), st.floats(1e-2, 1e3), st.floats(1e-2, 1e3), st.floats(1.0, 3.0))
@settings(deadline=None)
def test_more_window_more_dose(n, kt, window, more):
    less = t.dose_factor_kernel(n, kt, window)
    assert 0.0 < less <= t.dose_factor_kernel(n, kt, window * more) * (1.0 + 1e-9)
    assert less * kt <= window * (1.0 + 1e-9)


@pytest.mark.kernel
def test_history_by_hand():
    # rise over 5 min to 30, plateau of 10 min, fall over 5 min; n = 2: 2 × 30²×5/3 + 30²×10
    time, gas = [0.0, 5.0, 15.0, 20.0], [0.0, 30.0, 30.0, 0.0]
    assert t.history_dose(time, gas, 2.0) == pytest.approx(12_000.0)
    assert t.history_dose(time, gas, 1.0) == pytest.approx(450.0)
    # the worst 12 min: one minute of each ramp beside the plateau
    ramp = 30.0**2 * 5.0 / 3.0 * (1.0 - 0.8**3)
    assert t.history_dose(time, gas, 2.0, 12.0) == pytest.approx(9000.0 + 2.0 * ramp)
    assert t.history_dose(time, gas, 2.0, 4.0) == pytest.approx(3600.0)
    assert t.history_dose([0.0, 60.0], [20.0, 20.0], 2.75, 30.0) == pytest.approx(20.0**2.75 * 30.0)
    assert t.history_dose([0.0, 1.0], [0.0, 0.0], 2.0) == 0.0


def test_history_of_a_smooth_pulse_is_its_factor():
    for n in (1.0, 2.0, 2.75):
        kt = 6.0
        s = np.linspace(-9.0, 9.0, 20_001)
        share = [t.pulse_kernel(float(x), 0.5 * kt) for x in s]
        assert t.history_dose(s, share, n) == pytest.approx(kt * t.dose_factor(n, kt), rel=1e-6)
        assert t.history_dose(s, share, n, 3.0) == pytest.approx(kt * t.dose_factor(n, kt, 3.0), rel=1e-6)


@given(
    st.lists(st.floats(0.0, 1e4), min_size=2, max_size=12),
    st.floats(0.5, 4.0),
    st.floats(0.5, 40.0),
    st.floats(1.0, 2.0),
)
@settings(deadline=None)
def test_worst_stretch_of_any_history(gas, n, longest, more):
    time = np.cumsum(np.arange(1.0, len(gas) + 1.0))
    dose = t.history_dose(time, gas, n, longest)
    assert dose <= t.history_dose(time, gas, n, longest * more) * (1.0 + 1e-9)
    assert dose <= max(gas) ** n * min(longest, time[-1] - time[0]) * (1.0 + 1e-9)
    # no stretch anywhere beats it
    for start in np.linspace(time[0], max(time[-1] - longest, time[0]), 23):
        inside = np.unique(np.clip(np.append(time, [start, start + longest]), start, min(start + longest, time[-1])))
        if inside.size > 1:
            assert t.history_dose(inside, np.interp(inside, time, gas), n) <= dose * (1.0 + 1e-7) + 1e-12


@given(st.floats(1e-6, 1.0 - 1e-6), st.floats(0.1, 60.0))
@settings(deadline=None)
def test_lethal_concentration_inverts_the_probit(p, minutes):
    from parkrisk.models.vulnerability.people import toxic_probit
    from parkrisk.models.vulnerability.probit import probability

    chlorine = (-6.35, 0.5, 2.75)
    concentration = t.lethal_concentration(p, minutes, chlorine)
    if concentration < 1e8:
        assert probability(toxic_probit(concentration, minutes, chlorine)) == pytest.approx(p, rel=1e-9)


@pytest.mark.parametrize(
    "call",
    [
        lambda: t.dose_factor(0.4, 1.0),
        lambda: t.dose_factor(math.nan, 1.0),
        lambda: t.dose_factor(2.0, -1.0),
        lambda: t.dose_factors(11.0),
        lambda: t.puff_dose_factor(2.0, math.nan),
        lambda: t.history_dose([0.0], [1.0], 2.0),
        lambda: t.history_dose([0.0, 0.0], [1.0, 1.0], 2.0),
        lambda: t.history_dose([0.0, math.inf], [1.0, 1.0], 2.0),
        lambda: t.history_dose([0.0, 1.0], [1.0, -1.0], 2.0),
        lambda: t.history_dose([0.0, 1.0], [1.0, math.nan], 2.0),
        lambda: t.history_dose([0.0, 1.0, 2.0], [1.0, 1.0], 2.0),
        lambda: t.history_dose([0.0, 1.0], [1.0, 1.0], 2.0, 0.0),
        lambda: t.lethal_concentration(1.0, 30.0, (-6.35, 0.5, 2.75)),
        lambda: t.lethal_concentration(0.5, 0.0, (-6.35, 0.5, 2.75)),
        lambda: t.lethal_concentration(0.5, 30.0, (-6.35, -0.5, 2.75)),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(OutOfRange):
        call()
