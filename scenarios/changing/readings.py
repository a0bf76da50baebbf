"""Readings of the present state of units, as a table, and the park in which they hold."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from parkrisk.models.errors import InputProblems, OutOfRange, Problem
from parkrisk.scenarios import schema
from parkrisk.scenarios.changing.changes import change
from parkrisk.scenarios.changing.edits import IN_UNITS
from parkrisk.scenarios.facility.graph import unit_table
from parkrisk.scenarios.messages import problem
from parkrisk.scenarios.park import Park
from parkrisk.scenarios.reading.cells import typed
from parkrisk.scenarios.reading.csv_files import read_table

__all__ = ["MEASURED", "local_time", "park_now", "read_readings"]

_TABLE = "readings"

#: Columns that are measured values of the unit, also of the units table.
MEASURED = ("fill_fraction", "temperature_c", "pressure_kpa")
_SAID = (*MEASURED, "gas_alarm", "barrier_out", "work_permit")


def local_time(text: str) -> dt.datetime:
    """Read a local time such as 2026-11-26T08:00.

    Raises
    ------
    OutOfRange
        It is none, or has a zone.
    """
    try:
        time = dt.datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is not None:
        raise OutOfRange(
            f"“{text}”不是不带时区的当地时间，应如 2026-11-26T08:00",
            f"'{text}' is no local time without a zone such as 2026-11-26T08:00",
        )
    return time


def read_readings(path: str | Path, park: Park, at: dt.datetime) -> pd.DataFrame:
    """Read a table of readings and check it against a park.

    Parameters
    ----------
    path : path
        CSV file with the columns of ``schema/readings.csv``.
    park : Park
    at : datetime
        Time of the state, local, without a zone.

    Returns
    -------
    DataFrame
        Sorted by unit_id, source and time; ``time`` is datetime64.

    Raises
    ------
    InputProblems
        With every fault at once: cells that do not fit (a fill above 1, NaN), units that are unknown or out of service,
        readings given twice, from after ``at`` or without a value, values of one time that contradict each other, and
        safeguards out of service that the unit does not have.
    """
    raw, problems = read_table(path, _TABLE)
    if raw is None:
        raise InputProblems(problems)
    table, faults = typed(raw)
    problems += faults
    problems += [*_wrong_units(table, park), *_repeated(table), *_contradicting(table)]
    problems += [
        *_out_of_time(table, at),
        *_empty(table, {fault.row for fault in faults}),
        *_wrong_barriers(table, park),
    ]
    if any(fault.severity == "error" for fault in problems):
        raise InputProblems(problems)
    table["time"] = pd.to_datetime(table["time"])
    return table.sort_values(["unit_id", "source", "time"], ignore_index=True)


def _row(label: Any) -> int:
    return int(label)


def _wrong_units(table: pd.DataFrame, park: Park) -> Iterator[Problem]:
    known = set(unit_table(park.tables["units"])["unit_id"])
    for row, unit in table["unit_id"].items():
        if unit and unit not in known:
            near = schema.nearest(unit, known)
            yield problem("measure_unit", _TABLE, _row(row), "unit_id", unit, near=near)


def _repeated(table: pd.DataFrame) -> Iterator[Problem]:
    first: dict[tuple[str, ...], Any] = {}
    for row, *key in table[["unit_id", "source", "time"]].itertuples():
        before = first.setdefault(tuple(key), row)
        if before != row and all(key):
            yield problem("reading_repeated", _TABLE, _row(row), "source", key[1], first=before)


def _contradicting(table: pd.DataFrame) -> Iterator[Problem]:
    for column in MEASURED:
        first: dict[tuple[str, str], tuple[Any, float]] = {}
        for row, unit, source, time, value in table[["unit_id", "source", "time", column]].dropna().itertuples():
            other, seen = first.setdefault((unit, time), (row, value))
            if seen != value and unit and time and source != table.loc[other, "source"]:
                words = {"unit": unit, "first": other, "other": seen}
                yield problem("reading_contradicts", _TABLE, _row(row), column, value, **words)


def _out_of_time(table: pd.DataFrame, at: dt.datetime) -> Iterator[Problem]:
    for row, time in table["time"].items():
        if time and dt.datetime.fromisoformat(time) > at:
            yield problem("reading_in_future", _TABLE, _row(row), "time", time, at=at.isoformat())


def _empty(table: pd.DataFrame, faulty: set[int | None]) -> Iterator[Problem]:
    """Rows without a value, but for those whose value does not fit."""
    said = table[list(_SAID)]
    for row in table.index[(said.isna() | (said == "")).all(axis=1)].difference(list(faulty - {None})):
        yield problem("reading_empty", _TABLE, _row(row), "", table.loc[row, "source"])


def _wrong_barriers(table: pd.DataFrame, park: Park) -> Iterator[Problem]:
    """Safeguards that act as rows of the barriers table must be there; the others are columns of the unit."""
    there = set(zip(park.tables["barriers"]["unit_id"], park.tables["barriers"]["kind"], strict=True))
    labels = {each.value: each for each in schema.choices("barrier_kind")}
    for row, unit, kind in table[["unit_id", "barrier_out"]].itertuples():
        if kind and kind not in IN_UNITS and (unit, kind) not in there:
            words = {"unit": unit, "kind_zh": labels[kind].label_zh, "kind_en": labels[kind].label_en}
            yield problem("reading_no_barrier", _TABLE, _row(row), "barrier_out", kind, **words)


def park_now(park: Park, readings: pd.DataFrame) -> Park:
    """Return the park in which the readings hold.

    Parameters
    ----------
    park : Park
    readings : DataFrame
        As `read_readings` gives them, the ones in force only: of each value of a unit the newest counts.

    Returns
    -------
    Park
        The park itself where nothing differs.

    Raises
    ------
    InputProblems
        What is read cannot be: a liquid above its critical temperature ...

    Notes
    -----
    A unit that is filled beyond its largest fill has that fill as its largest. A liquid stays a liquid
    (`change`). A relief valve out of service changes nothing here: how much more often the vessel bursts is not on
    record.
    """
    units = {str(row["unit_id"]): row for row in park.tables["units"].to_dict("records")}
    barriers = park.tables["barriers"]
    edits: dict[str, dict[str, Any]] = {}
    disabled: set[str] = set()
    for unit, rows in readings.sort_values("time", kind="stable").groupby("unit_id"):
        old: Any = units[str(unit)]
        new: dict[str, Any] = {}
        for column in MEASURED:
            values = rows[column].dropna()
            if len(values):
                new[column] = float(values.iloc[-1])
        if new.get("fill_fraction", 0.0) > float(old["max_fill_fraction"]):
            new["max_fill_fraction"] = new["fill_fraction"]
            if float(old["mass_t"]) > 0.0:
                new["mass_t"] = float(old["mass_t"]) * new["fill_fraction"] / float(old["max_fill_fraction"])
        for kind in sorted(set(rows["barrier_out"]) - {"", "relief_valve"}):
            if kind in IN_UNITS:
                column, without = IN_UNITS[kind]
                new[column] = without
            else:
                mine = (barriers["unit_id"] == unit) & (barriers["kind"] == kind)
                disabled |= set(barriers.loc[mine, "barrier_id"])
        differs = {name: value for name, value in new.items() if not _same(old[name], value)}
        if differs:
            edits[str(unit)] = differs
    return change(park, edit={"units": edits}, disable=sorted(disabled)) if edits or disabled else park


def _same(old: Any, new: Any) -> bool:
    return bool(pd.isna(old) and new is None) or bool(old == new)
