"""Few classes of weather for the many pairs of speed and stability of a joint table: each pair costs the whole work."""

import csv
import functools
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from parkrisk.scenarios.reading.weather.joint import DIGITS, JointWeather

__all__ = ["gathered", "pairs"]

_DATA = Path(__file__).parents[2] / "data" / "weather_classes.csv"
#: A class of weather: stability, and least and largest speed that may stand for it. [m/s]
_Class = tuple[str, float, float]


@functools.cache
def _classes() -> Mapping[str, tuple[list[float], list[_Class]]]:
    """Stability → rising lower bounds of speed [m/s], and the class from each on."""
    found: dict[str, tuple[list[float], list[_Class]]] = {}
    with _DATA.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            bounds, classes = found.setdefault(row["stability"], ([], []))
            bounds.append(float(row["speed_from"]))
            classes.append((row["as_stability"], float(row["speed_low"]), float(row["speed_high"])))
    return found


def pairs(table: pd.DataFrame) -> list[tuple[str, float]]:
    """Pairs of stability and wind speed [m/s] that a table ``weather`` holds, in order."""
    return sorted(set(zip(table["stability"].tolist(), table["wind_speed"].tolist(), strict=True)))


def _class_of(letter: str, speed: float) -> _Class:
    bounds, classes = _classes()[letter]
    return classes[int(np.searchsorted(bounds, speed, side="right")) - 1]


def _representative(rows: pd.DataFrame, low: float, high: float) -> float:
    """Mean speed of the hours of a class to 0.1 m/s, within its range. [m/s]"""
    hours = float(rows["frequency"].sum())
    mean = float((rows["wind_speed"] * rows["frequency"]).sum()) / hours if hours else low
    return round(min(max(mean, low), high), 1)


def _words(before: pd.DataFrame, after: pd.DataFrame) -> tuple[str, str]:
    """What the gathering changed: how many pairs, the mean wind, the share of stable air with little wind."""

    def mean(table: pd.DataFrame) -> float:
        return float((table["wind_speed"] * table["frequency"]).sum())

    def stable(table: pd.DataFrame) -> str:
        return f"{table.loc[table['stability'] == 'F', 'frequency'].sum():.1%}"

    names = "、".join(f"{letter}{speed:g}" for letter, speed in pairs(after))
    many, few = len(pairs(before)), len(pairs(after))
    return (
        f"{many} 个风速—稳定度组合归并为 {few} 个天气等级（{names}；等级及风速范围按 AQ/T 3046，代表风速取范围内的"
        f"平均值，归并界限未经核实），各风向频率不变；平均风速 {mean(before):.2f} → {mean(after):.2f} m/s，F 类频率"
        f" {stable(before)} → {stable(after)}；--classes all 保留全部组合",
        f"{many} pairs of speed and stability gathered into {few} classes ({names.replace('、', ', ')}; classes and"
        " ranges of speed by AQ/T 3046, the mean within the range stands for a class, their bounds are unverified),"
        f" each direction keeps its frequency; mean wind {mean(before):.2f} → {mean(after):.2f} m/s,"
        f" share of F {stable(before)} → {stable(after)}; --classes all keeps every pair",
    )


def gathered(found: JointWeather) -> JointWeather:
    """Gather the pairs of speed and stability of a joint table into the six classes of ``data/weather_classes.csv``.

    Parameters
    ----------
    found : JointWeather

    Returns
    -------
    JointWeather
        Same directions, periods and their frequencies; at most six pairs; a sentence more that says what changed.

    Notes
    -----
    Six classes are what [1]_ and [2]_ work with; the time of an assessment grows with the pairs. The mean speed of the
    hours of a class, within the range that [1]_ gives, stands for it, so that the mean wind changes little.

    References
    ----------
    .. [1] AQ/T 3046-2013, guide to quantitative risk assessment of chemical enterprises.
    .. [2] CPR 18E, *Guideline for quantitative risk assessment* (Purple Book), section 4.6.
    """
    table = found.table
    classes = [_class_of(*pair) for pair in zip(table["stability"], table["wind_speed"], strict=True)]
    speeds = {
        each: _representative(table[[other == each for other in classes]], *each[1:]) for each in sorted(set(classes))
    }
    named = table.assign(stability=[each[0] for each in classes], wind_speed=[speeds[each] for each in classes])
    key = ["period", "stability", "wind_speed", "wind_from"]
    few = named.groupby(key, dropna=False, as_index=False).agg({"frequency": "sum", "note": "first"})
    few = few.assign(frequency=few["frequency"].round(DIGITS))  # sums of decimals with so many digits
    few = few.sort_values(key, na_position="first", ignore_index=True)[table.columns]
    source = (f"{found.weather_source[0]}；归并为天气等级", f"{found.weather_source[1]}; gathered into classes")
    return replace(found, table=few, statement=(*found.statement, _words(table, few)), weather_source=source)
