"""Blast of TNT against printed tables and worked examples, its parts against each other, limits, bad input."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkrisk.models.blast import tnt
from parkrisk.models.blast.curve import impulse_kernel, overpressure_kernel, radius_kernel
from parkrisk.models.errors import OutOfRange
from tests.validation.measurements import measured


@pytest.mark.kernel
def test_reference_table():
    for row in measured("tnt_blast_reference.csv"):
        z = float(row["Z_m_kg13"])
        assert tnt.kingery_bulmash(z) / 1e3 == pytest.approx(float(row["P_inc_hemispherical_kPa_swisdak"]), rel=1e-3)
        assert tnt.kingery_bulmash_impulse(z) == pytest.approx(float(row["i_inc_kPa_ms_per_kg13_swisdak"]), rel=1e-3)
        if row["P_inc_free_air_kPa_kinney_graham"]:
            assert tnt.kinney_graham(z) / 1e3 == pytest.approx(float(row["P_inc_free_air_kPa_kinney_graham"]), rel=1e-3)


@pytest.mark.kernel
def test_kinney_graham_printed():
    for row in measured("tnt_kinney_graham_printed.csv"):
        z = float(row["R_m"]) / float(row["W_kg"]) ** (1 / 3)
        assert tnt.kinney_graham(z) / 1e3 == pytest.approx(float(row["P_kPa_printed"]), rel=5e-4)


@pytest.mark.kernel
def test_ten_tonnes_at_500_m():
    # the kingery-bulmash package prints 5.05496 kPa, 295.877 kPa ms, 1276.17 ms and 133.233 ms
    size = 10_000.0 ** (1 / 3)
    z = 500.0 / size
    assert tnt.kingery_bulmash(z) == pytest.approx(5054.96, rel=1e-4)
    assert size * tnt.kingery_bulmash_impulse(z) == pytest.approx(295.877, rel=1e-4)
    assert size * tnt.kingery_bulmash_arrival(z) == pytest.approx(1.27617, rel=1e-4)
    assert size * tnt.kingery_bulmash_duration(z) == pytest.approx(0.133233, rel=1e-3)


@pytest.mark.kernel
@pytest.mark.parametrize("z", [3.0, 5.0, 10.0, 20.0, 40.0])
def test_impulse_is_about_half_pressure_times_duration(z):
    """The shape factor of the decaying pulse lies between that of a steep exponential and of a triangle."""
    for pressure, impulse, duration in (
        (tnt.kingery_bulmash(z), tnt.kingery_bulmash_impulse(z), tnt.kingery_bulmash_duration(z)),
        (tnt.kinney_graham(z), tnt.kinney_graham_impulse(z), tnt.kinney_graham_duration(z)),
    ):
        assert 0.25 < float(impulse / (pressure * duration)) < 0.6


@pytest.mark.parametrize("z", [2.0, 5.0, 10.0, 20.0])
def test_ground_is_free_air_of_nearly_twice_the_charge(z):
    # two fits of different data; a good reflector doubles the charge, real ground gives 1.7 to 1.8
    ground = float(tnt.kingery_bulmash(z))
    factors = [float(tnt.kinney_graham(z / factor ** (1 / 3))) / ground for factor in (1.0, 2.0)]
    assert factors[0] < 1.0 < 1.35 * factors[1]


def test_the_shock_runs_as_fast_as_its_pressure_demands():
    # Rankine and Hugoniot: a0 sqrt(1 + 6/7 p/p0), a0 at 15 degrees; two fits that know nothing of each other
    z = np.geomspace(0.5, 30.0, 60)
    speed = np.diff(z) / np.diff(tnt.kingery_bulmash_arrival(z))
    pressure = tnt.kingery_bulmash(np.sqrt(z[1:] * z[:-1]))
    np.testing.assert_allclose(speed, 340.3 * np.sqrt(1.0 + 6.0 / 7.0 * pressure / 101_325.0), rtol=0.05)


@pytest.mark.parametrize("free_air", [False, True])
@given(st.floats(0.3, 150.0), st.floats(1.01, 5.0))
@settings(max_examples=60, deadline=None)
def test_weaker_farther_out(free_air, z, more):
    law = tnt.tnt_law(1.0, free_air=free_air)
    assert overpressure_kernel(z * more, law) < overpressure_kernel(z, law)
    if z > 1.5:
        assert impulse_kernel(z * more, law) < impulse_kernel(z, law)


@pytest.mark.parametrize("free_air", [False, True])
def test_scaling_is_exact(free_air):
    one, many = (tnt.tnt_law(mass, free_air=free_air) for mass in (1.0, 1000.0))
    for z in (0.5, 2.0, 10.0, 100.0):
        assert overpressure_kernel(10.0 * z, many) == pytest.approx(overpressure_kernel(z, one), rel=1e-12)
        assert impulse_kernel(10.0 * z, many) == pytest.approx(10.0 * impulse_kernel(z, one), rel=1e-12)
        level = overpressure_kernel(z, one)
        assert radius_kernel(level, many) == pytest.approx(10.0 * z, rel=1e-9)


def test_far_away_it_is_nearly_sound():
    for law in (tnt.tnt_law(1.0), tnt.tnt_law(1.0, free_air=True)):
        slope = math.log(overpressure_kernel(400.0, law) / overpressure_kernel(200.0, law)) / math.log(2.0)
        assert -1.45 < slope < -0.95


@pytest.mark.parametrize(
    "make",
    [
        lambda: tnt.kingery_bulmash(0.1),
        lambda: tnt.kingery_bulmash(math.nan),
        lambda: tnt.kingery_bulmash_impulse(200.0),
        lambda: tnt.kingery_bulmash_duration(41.0),
        lambda: tnt.kingery_bulmash_arrival(0.05),
        lambda: tnt.kinney_graham(0.01),
        lambda: tnt.kinney_graham_impulse(0.05),
        lambda: tnt.kinney_graham_duration(-1.0),
        lambda: tnt.tnt_mass(0.0),
        lambda: tnt.tnt_law(-1.0),
    ],
)
def test_bad_input_is_refused(make):
    with pytest.raises(OutOfRange):
        make()
