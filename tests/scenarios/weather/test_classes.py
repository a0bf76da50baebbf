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
    assert pairs(few.table) == [("B", 3.0), ("D", 1.5), ("D", 5.0), ("D", 9.0), ("E", 5.0), ("F", 1.5)]


def test_gathering_twice_changes_no_row() -> None:
    few = gathered(_drawn(4))
    pd.testing.assert_frame_equal(gathered(few).table, few.table)


def test_a_class_is_never_less_stable_than_its_hours_except_for_stable_air_with_wind() -> None:
    for letter in LETTERS:
        for speed in np.arange(1.0, 15.0, 0.1).tolist():
            ((as_letter, as_speed),) = pairs(gathered(_joint([(0.0, speed, letter, "day", 1.0)])).table)
            assert as_letter >= letter or (letter == "F" and speed >= 2.5)
            bounds = {1.5: (0.0, 2.5), 5.0: (2.5, 6.0 if as_letter == "D" else 99.0), 9.0: (6.0, 99.0)}
            low, high = bounds.get(as_speed, (0.0, 99.0))
            assert low - 1e-9 <= speed < high + 1e-9


def test_what_changed_is_said() -> None:
    found = _joint([(0.0, 1.0, "F", "night", 0.25), (0.0, 2.0, "E", "night", 0.25), (0.0, 6.0, "D", "day", 0.5)])
    few = gathered(found)
    chinese, english = few.statement[-1]
    assert few.statement[0] == ("一", "one")
    assert english.startswith("3 pairs of speed and stability gathered into 2 classes (D9, F1.5;")
    assert "mean wind 3.75 → 5.25 m/s, share of F 25.0% → 50.0%" in english
    assert "3 个风速—稳定度组合归并为 2 个天气等级" in chinese
    assert "classes" in few.weather_source[1]
