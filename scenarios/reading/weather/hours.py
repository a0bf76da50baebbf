"""Hourly weather as it was read, whatever the form of its file: CSV with declared columns, or EPW."""

import dataclasses
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from parkrisk.models.errors import InputProblems, OutOfRange, Problem
from parkrisk.scenarios import schema
from parkrisk.scenarios.messages import problem
from parkrisk.scenarios.reading.cells import RawTable, typed
from parkrisk.scenarios.reading.csv_files import read_table

__all__ = ["Hours", "Station", "checked", "extent", "faults", "read_csv"]

TABLE = "hourly"
#: Columns of ``Hours.frame`` besides time.
COLUMNS = ("wind_from", "wind_speed", "cloud", "low_cloud", "ceiling_m", "solar", "gradient")
_OKTA = 10.0 / 8.0


@dataclass(frozen=True)
class Station:
    """Where and how the weather was measured.

    Parameters
    ----------
    name : str
    latitude, longitude : float
        North and east positive. [deg]
    utc_offset : float
        Local standard time minus UTC. [h]
    height_m : float
        Of the anemometer above ground. [m]
    """

    name: str
    latitude: float
    longitude: float
    utc_offset: float
    height_m: float


@dataclass(frozen=True)
class Hours:
    """What was read.

    Parameters
    ----------
    station : Station
    frame : DataFrame
        time (local standard time) and ``COLUMNS``, sorted by time; NaN: not known. The index is the row in the file.
    typical : bool
        Whether its months come from different years.
    expected : int
        Hours that a file without gaps would have.
    problems : tuple of Problem
        Warnings.
    """

    station: Station
    frame: pd.DataFrame
    typical: bool
    expected: int
    problems: tuple[Problem, ...]


def _tenths(table: pd.DataFrame, name: str) -> pd.Series:
    return table[f"{name}_tenths"].fillna(table[f"{name}_oktas"] * _OKTA)


def _without(raw: RawTable, missing: Sequence[str]) -> RawTable:
    """Cells that hold a code for missing values are empty; compared as numbers, so that 999 also means 999.0."""
    codes = set(map(float, missing))

    def emptied(cell: str) -> str:
        try:
            return "" if float(cell) in codes else cell
        except ValueError:
            return cell

    measured = [name != "time" and name != "note" for name in raw.columns]
    rows = tuple(
        tuple(emptied(cell) if value else cell for cell, value in zip(row, measured, strict=True)) for row in raw.rows
    )
    return dataclasses.replace(raw, rows=rows)


def _needed(station: Station) -> None:
    for value, option, words in (
        (station.latitude, "--lat", ("纬度", "latitude")),
        (station.longitude, "--lon", ("经度", "longitude")),
        (station.utc_offset, "--utc-offset", ("时区（北京时间为 8）", "time zone (8 for China)")),
    ):
        if math.isnan(value):
            raise OutOfRange(
                f"文件没有给出测站的{words[0]}，请用 {option} 给出",
                f"the file does not say the {words[1]} of the station; give it by {option}",
            )


def checked(station: Station) -> Station:
    """Give the station back if its place, time zone and height can be.

    Raises
    ------
    OutOfRange
        Something is missing or impossible, or the time zone is hours away from that of the longitude.
    """
    _needed(station)
    sound = abs(station.latitude) <= 90.0 and abs(station.longitude) <= 180.0 and abs(station.utc_offset) <= 14.0
    away = abs(station.utc_offset - station.longitude / 15.0)
    if not sound or min(away, 24.0 - away) > 4.0:
        raise OutOfRange(
            f"测站纬度 {station.latitude:g}°、经度 {station.longitude:g}°、时区 {station.utc_offset:g} h"
            " 不可能同时成立",
            f"latitude {station.latitude:g}, longitude {station.longitude:g} and time zone {station.utc_offset:g} h"
            " cannot all be right",
        )
    if not 2.0 <= station.height_m <= 100.0:
        raise OutOfRange(
            f"风速仪高度 {station.height_m:g} m 应在 2 与 100 m 之间",
            f"the height of the anemometer, {station.height_m:g} m, should be between 2 and 100 m",
        )
    return station


def faults(table: pd.DataFrame) -> Iterator[Problem]:
    """Yield hours that stand twice, and low cloud above the total."""
    first: dict[str, int] = {}
    for row, time in zip(table.index.tolist(), table["time"].tolist(), strict=True):
        before = first.setdefault(str(time), row)
        if before != row and time:
            yield problem("hour_repeated", TABLE, row, "time", str(time), first=before)
    above = table[table["low_cloud"] > table["cloud"] + 1e-9]
    for row, low, total in zip(above.index.tolist(), above["low_cloud"], above["cloud"], strict=True):
        yield problem("low_cloud_above_total", TABLE, row, "low_cloud_tenths", float(low), expected=float(total))


def read_csv(path: str | Path, station: Station, missing: Sequence[str] = ()) -> Hours:
    """Read a CSV file with the columns of ``schema/hourly.csv``.

    Parameters
    ----------
    path : path
    station : Station
        Place, time zone and height; NaN where nobody said.
    missing : sequence of str
        Numbers that stand for a missing value in this file, such as "999999".

    Raises
    ------
    InputProblems
        With every fault at once: cells that do not fit, hours that stand twice, a missing column.
    """
    raw, problems = read_table(path, TABLE)
    if raw is None:
        raise InputProblems(problems)
    declared = schema.table(TABLE)
    problems += [
        problem("missing_column", TABLE, None, name)
        for name in ("wind_from", "wind_speed")
        if name not in raw.columns and name in declared.columns
    ]
    table, wrong = typed(_without(raw, missing))
    problems += wrong
    table = table.assign(
        cloud=_tenths(table, "cloud"),
        low_cloud=_tenths(table, "low_cloud"),
        solar=table["solar_w_m2"],
        gradient=table["gradient_c"],
    )
    problems += faults(table)
    if any(fault.severity == "error" for fault in problems):
        raise InputProblems(problems)
    frame = table[["time", *COLUMNS]].assign(time=pd.to_datetime(table["time"])).sort_values("time")
    return Hours(checked(station), frame, *extent(frame["time"]), tuple(problems))


def _patched(times: pd.Series) -> bool:
    """Whether each month of the calendar is there at most once, and they lie a year or more apart."""
    months = times.dt.to_period("M").unique()
    once = len({month.month for month in months}) == len(months)
    return once and (months[-1] - months[0]).n >= 12


def extent(times: pd.Series) -> tuple[bool, int]:
    """Whether rising times are a typical year, and how many there would be without gaps, at their usual step."""
    steps = np.diff(times.to_numpy())
    if not len(steps):
        return False, len(times)
    values, often = np.unique(steps, return_counts=True)
    usual = values[np.argmax(often)]
    typical = any(_patched(times.sub(pd.Timedelta(seconds=early))) for early in (0, 1))  # midnight begins or ends a day
    whole = np.timedelta64(365, "D") if typical else times.iloc[-1] - times.iloc[0] + usual
    return typical, int(whole / usual)
