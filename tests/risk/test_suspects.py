"""Histories of cascades that a changed unit does not enter are taken over, and are what they would be if played."""

import dataclasses

import numpy as np
import pytest

from parkrisk.risk.domino import play_facility
from parkrisk.scenarios.facility.graph import facility_from_loads
from tests.risk.farms import random_loads, tanks

N, K = 9, 4  # units, and the one that changes
_HISTORIES = 60


def layout(seed, *, moved, gone=False, faint=False):
    """Farm with heat, blast and fragments; its unit K elsewhere and loaded otherwise, or away, if so told."""
    rng = np.random.default_rng(seed)
    heat = random_loads(seed, N, low=3.0, high=rng.uniform(25.0, 50.0))
    blast = np.where(rng.random((N, N)) < 0.15, rng.uniform(10.0, 40.0, (N, N)), 0.0)
    thrown = np.where(rng.random((N, N)) < 0.1, rng.uniform(0.05, 0.4, (N, N)), 0.0)
    duration = rng.uniform(600.0, 9000.0, N)
    x = 50.0 * np.arange(N)
    if faint:
        heat[:, K] = np.where(heat[:, K] > 0.0, rng.uniform(0.1, 1.0, N), 0.0)
        blast[:, K] = thrown[:, K] = 0.0
    if moved:
        heat[:, K] *= rng.uniform(0.3, 1.2, N)
        heat[K] *= rng.uniform(0.3, 1.2, N)
        blast[:, K] *= 0.8
        x[K] += 7.0
    stays = np.delete(np.arange(N), K) if gone else np.arange(N)
    block = np.ix_(stays, stays)
    apart = 1.0 - np.eye(N)
    return facility_from_loads(
        tanks(x, np.zeros(N)).iloc[stays].reset_index(drop=True),
        (heat * apart)[block],
        overpressure_kpa=(blast * apart)[block],
        fragment_probability=(thrown * apart)[block],
        duration=duration[stays],
        frequency=1e-4,
    )


def shown(result):
    tables = [*result.tables().values(), result.secondary]
    return [table.to_csv(index=False, float_format="%.17g") for table in tables]


@pytest.mark.parametrize(("static", "faint"), [(False, False), (False, True), (True, False)])
def test_the_same_as_played_anew(static, faint):
    for seed in range(2):
        there = layout(seed, moved=False, faint=faint)
        away = layout(seed, moved=False, faint=faint, gone=True)
        elsewhere = layout(seed, moved=True, faint=faint)
        for before, after in ((there, elsewhere), (there, away), (away, there)):
            known = play_facility(before, _HISTORIES, 3, static=static)
            again = play_facility(after, _HISTORIES, 3, static=static, earlier=known)
            fresh = play_facility(after, _HISTORIES, 3, static=static)
            assert shown(again) == shown(fresh)
            for unit, (events, log) in fresh.courses.logs.items():
                assert again.courses.logs[unit][0] == events
                assert all(np.array_equal(*pair) for pair in zip(again.courses.logs[unit][1], log, strict=True))


def test_a_unit_that_is_loaded_faintly_leaves_histories_alone():
    """Times of before that are wrong are believed: nothing is played again."""
    before, after = layout(1, moved=False, faint=True), layout(1, moved=True, faint=True)
    known = play_facility(before, _HISTORIES, 3)
    courses = known.courses
    late = {unit: (events, log._replace(time=log.time + 1e6)) for unit, (events, log) in courses.logs.items()}
    wrong = dataclasses.replace(known, courses=dataclasses.replace(courses, logs=late))
    again = play_facility(after, _HISTORIES, 3, earlier=wrong)
    others = [unit for unit in again.courses.logs if unit != f"T{K:03d}"]
    assert others
    assert all(again.courses.logs[unit][1].time.min(initial=1e6) >= 1e6 for unit in others)
