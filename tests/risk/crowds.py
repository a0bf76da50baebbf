"""People, wind and small parks of toys that tests of societal risk share."""

from dataclasses import dataclass

import numpy as np

from parkrisk.models.footprint import PolarGrid
from tests.risk.oracle import DISC, FIRE, PLUME, Rose, Toy

GRID = PolarGrid(r_max=5000.0)
STABLE, NEUTRAL = Toy(PLUME, 2e6, 1.5, 1.0), Toy(PLUME, 1e6, 5.0)


@dataclass(frozen=True)
class Crowd:
    x: np.ndarray
    y: np.ndarray
    day: np.ndarray
    night: np.ndarray
    indoor_day: np.ndarray
    indoor_night: np.ndarray
    enterprise_id: np.ndarray

    def only(self, chosen):
        return Crowd(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


def crowd(n, seed=1, reach=1500.0):
    rng = np.random.default_rng(seed)
    return Crowd(
        x=rng.normal(0.0, reach, n),
        y=rng.normal(500.0, reach, n),
        day=rng.integers(0, 30, n).astype(float),
        night=rng.integers(0, 20, n).astype(float),
        indoor_day=0.7 * rng.random(n),
        indoor_night=0.5 + 0.5 * rng.random(n),
        enterprise_id=np.where(rng.random(n) < 0.1, "A", "").astype(object),
    )


def at(distances, day=1.0):
    """People outdoors, by day only, east of the origin."""
    n = len(distances)
    zero = np.zeros(n)
    return Crowd(
        np.array(distances), zero, np.broadcast_to(day, n).astype(float), zero, zero, zero, np.array([""] * n, object)
    )


def uneven_rose(seed=3, n_weathers=2):
    probability = np.random.default_rng(seed).random((2, n_weathers, 16)) ** 2
    return Rose(probability / probability.sum())


EVEN = Rose(np.full((2, 1, 16), 1.0 / 32.0))


def park_rows():
    return [
        ("e1", "u1", "A", 3.3, -7.1, "toxic", 1e-5, [STABLE, NEUTRAL]),
        ("e2", "u1", "A", 3.3, -7.1, "explosion", 3e-6, [Toy(DISC, 700.0, 0.7)] * 2),
        ("e3", "u2", "B", 400.0, 300.0, "pool_fire", 2e-5, [Toy(FIRE, 300.0, 0.4)] * 2),
        ("e4", "u3", "B", -600.0, 100.0, "toxic", 4e-6, [None, NEUTRAL]),
    ]


def same(first, second):
    assert list(first.units) == list(second.units)
    for one, other in zip(first.units.values(), second.units.values(), strict=True):
        assert one.event_ids == other.event_ids
        assert np.array_equal(one.histogram, other.histogram)
        assert np.array_equal(one.figures, other.figures)
    assert first.pll == second.pll
    assert first.pll_by_unit.equals(second.pll_by_unit)
    assert first.fn.equals(second.fn)
    assert first.tail.equals(second.tail)
