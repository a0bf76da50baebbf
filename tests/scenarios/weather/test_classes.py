"""Pairs of speed and stability gathered into few classes: what is kept, and which class an hour belongs to."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from parkrisk.scenarios.reading.weather.classes import gathered, pairs
from parkrisk.scenarios.reading.weather.joint import JointWeather

LETTERS = "ABCDEF"


def _joint(rows: list[tuple[float, float, str, str, float]]) -> JointWeather:
    columns = ["wind_from", "wind_speed", "stability", "period", "frequency"]
    table = pd.DataFrame(rows, columns=columns).assign(note="x")
    return JointWeather(table, (("一", "one"),), ("源", "source"), {}, ())


def _drawn(seed: int) -> JointWeather:
    draw = np.random.default_rng(seed)
    whole = draw.multinomial(10**9, draw.dirichlet(np.ones(600)))
    rows = [
        (
            float(draw.choice([np.nan, *range(0, 360, 45)])),
            float(draw.integers(10, 120)) / 10,
            LETTERS[draw.integers(6)],
            ("day", "night")[draw.integers(2)],
            share / 10**9,
        )
        for share in whole.tolist()
    ]
    return _joint(rows)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_direction_and_period_keeps_its_share_to_the_last_digit(seed: int, tmp_path: Path) -> None:
    found = _drawn(seed)
    few = gathered(found)
    key = ["wind_from", "period"]
    before = found.table.groupby(key, dropna=False)["frequency"].sum().round(9)
    pd.testing.assert_series_equal(few.table.groupby(key, dropna=False)["frequency"].sum().round(9), before)
    few.save(tmp_path / "weather.csv")
    lines = (tmp_path / "weather.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert sum((Decimal(line.split(",")[4]) for line in lines), Decimal(0)) == 1
    assert len(pairs(found.table)) > 100
    ranges = [("B", 3, 5), ("D", 1, 2), ("D", 3, 5), ("D", 8, 9), ("E", 3, 5), ("F", 1, 2)]  # AQ/T 3046-2013
    for (letter, speed), (expected, low, high) in zip(pairs(few.table), ranges, strict=True):
        assert letter == expected
        assert low <= speed <= high


def test_gathering_twice_changes_no_row() -> None:
    few = gathered(_drawn(4))
    pd.testing.assert_frame_equal(gathered(few).table, few.table)


@pytest.mark.parametrize(
    ("letter", "speed", "as_letter", "as_speed"),
    [
        ("A", 1.4, "B", 3.0),
        ("B", 3.6, "B", 3.6),
        ("C", 2.4, "D", 2.0),
        ("C", 2.5, "D", 3.0),
        ("D", 5.9, "D", 5.0),
        ("D", 6.0, "D", 8.0),
        ("D", 14.0, "D", 9.0),
        ("E", 2.4, "F", 2.0),
        ("E", 4.1, "E", 4.1),
        ("F", 1.2, "F", 1.2),
        ("F", 2.5, "E", 3.0),
    ],
)
def test_the_class_of_an_hour(letter: str, speed: float, as_letter: str, as_speed: float) -> None:
    assert pairs(gathered(_joint([(0.0, speed, letter, "day", 1.0)])).table) == [(as_letter, as_speed)]


def test_the_mean_of_its_hours_stands_for_a_class() -> None:
    hours = [(0.0, 3.0, "D", "day", 0.25), (90.0, 4.0, "D", "night", 0.5), (90.0, 5.0, "C", "day", 0.25)]
    assert pairs(gathered(_joint(hours)).table) == [("D", 4.0)]


def test_what_changed_is_said() -> None:
    found = _joint([(0.0, 1.0, "F", "night", 0.25), (0.0, 2.0, "E", "night", 0.25), (0.0, 6.0, "D", "day", 0.5)])
    few = gathered(found)
    chinese, english = few.statement[-1]
    assert few.statement[0] == ("一", "one")
    assert english.startswith("3 pairs of speed and stability gathered into 2 classes (D8, F1.5;")
    assert "mean wind 3.75 → 4.75 m/s, share of F 25.0% → 50.0%" in english
    assert "3 个风速—稳定度组合归并为 2 个天气等级" in chinese
    assert "classes" in few.weather_source[1]
