"""Percentiles of times over played histories."""

import numpy as np
import pytest

from parkrisk.risk.cascades.logs import new_log
from parkrisk.risk.domino_tables.played import Played


def played(time, weight):
    """Histories with one failure each, of primary events of these frequencies."""
    log = new_log(np.ones(len(time), np.int64))
    return Played(log._replace(time=np.asarray(time, float)), 0, np.asarray(weight, float), 1)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_percentiles_against_sorting(seed, share):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 8))
    group = np.concatenate([np.arange(size), rng.integers(0, size, int(rng.integers(1, 60)))])
    time = rng.integers(0, 20, group.size).astype(float)
    weight = np.full(group.size, 1e-7 / 3.0)  # sums of it are rounded
    (found,) = played(time, weight).percentiles(np.arange(group.size), group, size, (share,))
    for number in range(size):
        members = np.sort(time[group == number])
        assert found[number] == members[int(np.ceil(members.size * share - 1e-6)) - 1]


def test_percentiles_are_weighted():
    time, group = [5.0, 1.0, 3.0, 9.0], np.array([0, 0, 0, 1])
    weights = [0.6, 0.2, 0.2, 1e-9], [0.2, 0.2, 0.6, 1e-9]
    found = [played(time, each).percentiles(np.arange(4), group, 2, (0.2, 0.5, 0.9)) for each in weights]
    assert [each.tolist() for each in found[0]] == [[1.0, 9.0], [5.0, 9.0], [5.0, 9.0]]
    assert [each.tolist() for each in found[1]] == [[1.0, 9.0], [3.0, 9.0], [5.0, 9.0]]


def test_percentiles_of_some_entries():
    found = played([4.0, 1.0, 3.0, 2.0], np.ones(4)).percentiles(np.array([0, 2, 2]), np.zeros(3, int), 1, (0.5, 0.9))
    assert [each.tolist() for each in found] == [[3.0], [4.0]]
