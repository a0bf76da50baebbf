"""Tables of played histories."""

import numpy as np
import pytest

from parkrisk.risk.cascades.chains import _medians


@pytest.mark.parametrize("seed", range(20))
def test_medians_against_sorting(seed):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 8))
    group = np.concatenate([np.arange(size), rng.integers(0, size, int(rng.integers(1, 60)))])
    time = rng.integers(0, 20, group.size).astype(float)
    weight = np.full(group.size, 1e-7 / 3.0)  # sums of it are rounded
    found = _medians(time, weight, group, size)
    for number in range(size):
        members = np.sort(time[group == number])
        assert found[number] == members[(members.size - 1) // 2]


def test_medians_are_weighted():
    time, group = np.array([5.0, 1.0, 3.0, 9.0]), np.array([0, 0, 0, 1])
    assert _medians(time, np.array([0.6, 0.2, 0.2, 1e-9]), group, 2).tolist() == [5.0, 9.0]
    assert _medians(time, np.array([0.2, 0.2, 0.6, 1e-9]), group, 2).tolist() == [3.0, 9.0]
