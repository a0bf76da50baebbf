"""Curves of the multi-energy method: definitions, second fits, joints, monotony, choice of the class, bad input."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkrisk.models.blast import multi_energy as me
from parkrisk.models.blast.curve import impulse_kernel, overpressure_kernel, radius_kernel
from parkrisk.models.errors import OutOfRange

PLATEAU = {1: 0.01, 2: 0.02, 3: 0.05, 4: 0.1, 5: 0.2, 6: 0.5, 7: 1.0, 8: 2.0, 9: 5.0}


@pytest.mark.kernel
def test_plateaus_define_the_classes():
    for strength, plateau in PLATEAU.items():
        assert me.multi_energy(0.24, strength) == pytest.approx(plateau, rel=1e-9)
    assert me.multi_energy(0.24, 10) > 10.0


@pytest.mark.kernel
def test_strong_classes_merge():
    # 6 to 10 are one curve beyond 2.4, in pressure; in duration beyond 10.5
    for scaled in (2.5, 5.0, 50.0):
        assert np.ptp([me.multi_energy(scaled, strength) for strength in range(6, 11)]) < 1e-12
    assert np.ptp([me.multi_energy_duration(20.0, strength) for strength in range(6, 11)]) < 1e-12


@pytest.mark.parametrize(("millibar", "constant"), [(200.0, 0.032), (50.0, 0.11)])
def test_french_index_distances(millibar, constant):
    law = me.multi_energy_law(1e9, 10, 101_325.0)
    assert radius_kernel(100.0 * millibar, law) == pytest.approx(constant * 1e3, rel=0.22)


def test_curves_have_no_steps_and_hardly_any_in_duration():
    scaled = np.geomspace(0.23, 100.0, 4001)
    for strength in me.SOURCE_CLASSES:
        pressure = np.log(me.multi_energy(scaled, strength))
        assert np.abs(np.diff(pressure)).max() < 2.4 * np.log(scaled[1] / scaled[0])
        duration = np.log(me.multi_energy_duration(scaled, strength))
        assert np.abs(np.diff(duration)).max() < 0.015


@given(st.sampled_from(me.SOURCE_CLASSES), st.floats(0.23, 50.0), st.floats(1.001, 2.0))
@settings(max_examples=200, deadline=None)
def test_pressure_and_impulse_fall_outward(strength, scaled, more):
    law = me.multi_energy_law(101_325.0, strength, 101_325.0)
    assert overpressure_kernel(scaled * more, law) <= overpressure_kernel(scaled, law)
    # the printed pieces of the duration part by up to 1 % where they meet
    assert impulse_kernel(scaled * more, law) <= 1.01 * impulse_kernel(scaled, law)


@given(st.floats(0.23, 100.0), st.integers(1, 9))
@settings(max_examples=100, deadline=None)
def test_stronger_classes_are_never_weaker(scaled, strength):
    assert me.multi_energy(scaled, strength) <= me.multi_energy(scaled, strength + 1) * 1.01


@given(st.sampled_from(me.SOURCE_CLASSES), st.floats(0.3, 30.0), st.floats(1.1, 1e4))
@settings(max_examples=50, deadline=None)
def test_scaling_is_exact(strength, scaled, more):
    small, large = (me.multi_energy_law(energy, strength, 1e5) for energy in (1e9, 1e9 * more))
    size = more ** (1 / 3)
    r = scaled * (1e9 / 1e5) ** (1 / 3)
    assert overpressure_kernel(r * size, large) == pytest.approx(overpressure_kernel(r, small), rel=1e-9)
    assert impulse_kernel(r * size, large) == pytest.approx(size * impulse_kernel(r, small), rel=1e-9)


@pytest.mark.parametrize("strength", me.SOURCE_CLASSES)
def test_overpressure_falls_without_a_step(strength):
    """Straight pieces in the logarithms, of exponents down to -2, meet."""
    scaled = np.geomspace(0.23, 100.0, 4001)
    fall = np.diff(np.log(me.multi_energy(scaled, strength))) / np.diff(np.log(scaled))
    assert (fall <= 1e-9).all()
    assert (fall > -3.0).all()


def test_impulse_is_half_pressure_times_duration():
    law = me.multi_energy_law(3.5e9, 7, 101_325.0)
    size = (3.5e9 / 101_325.0) ** (1 / 3)
    for scaled in (0.3, 1.0, 5.0, 30.0):
        pressure = 101_325.0 * float(me.multi_energy(scaled, 7))
        duration = float(me.multi_energy_duration(scaled, 7)) * size / 340.0
        assert impulse_kernel(scaled * size, law) == pytest.approx(0.5 * pressure * duration, rel=1e-9)


def test_far_away_it_is_nearly_sound():
    for strength in me.SOURCE_CLASSES:
        slope = math.log(me.multi_energy(80.0, strength) / me.multi_energy(40.0, strength)) / math.log(2.0)
        assert -1.15 < slope <= -0.95


def test_choice_of_the_class():
    assert me.source_class("high", "high", confined=True) == 10
    assert me.source_class("low", "none", confined=False, cautious=False) == 1
    assert me.source_class("low", "none", confined=False) == 3
    assert me.source_class("low", "high", confined=False) == 7
    assert me.source_class("low", "high", confined=False, cautious=False) == 5
    for confined in (False, True):
        for obstruction in ("high", "low", "none"):
            weak, strong = (me.source_class(each, obstruction, confined=confined) for each in ("low", "high"))
            assert weak <= strong


def test_game_correlation():
    # by hand: (0.1 x 5 / 0.1)^2.75 = 83.59, 0.46^2.7 = 0.12284, 0.1^0.7 = 0.19953
    assert me.game_overpressure(0.1, 5.0, 0.1, 0.46) == pytest.approx(84e3 * 83.592 * 0.12284 * 0.19953, rel=1e-3)
    assert me.game_overpressure(0.1, 5.0, 0.1, 0.46, planar=True) > me.game_overpressure(0.1, 5.0, 0.1, 0.46)
    for strength, plateau in PLATEAU.items():
        assert me.source_class_of(plateau * 101_325.0) == strength
    assert me.source_class_of(6e5) == 10
    assert me.source_class_of(1.0) == 1


def test_energy_of_a_cloud():
    assert me.cloud_energy(1000.0) == pytest.approx(3.5e9)


@pytest.mark.parametrize(
    "make",
    [
        lambda: me.multi_energy(0.2, 5),
        lambda: me.multi_energy(math.nan, 5),
        lambda: me.multi_energy(1.0, 0),
        lambda: me.multi_energy(1.0, 6.5),
        lambda: me.multi_energy_duration(101.0, 5),
        lambda: me.multi_energy_law(-1.0, 5, 1e5),
        lambda: me.source_class("medium", "high", confined=True),
        lambda: me.game_overpressure(1.0, 5.0, 0.1, 0.46),
        lambda: me.game_overpressure(0.1, -5.0, 0.1, 0.46),
        lambda: me.cloud_energy(0.0),
        lambda: me.source_class_of(-1.0),
    ],
)
def test_bad_input_is_refused(make):
    with pytest.raises(OutOfRange):
        make()
