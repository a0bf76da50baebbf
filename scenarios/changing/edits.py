"""Changes within the tables of a park: cells, roads, safeguards, weather. Each truly acts, or is refused."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from parkrisk.models.errors import Problem
from parkrisk.scenarios import schema
from parkrisk.scenarios.messages import problem, shown
from parkrisk.scenarios.reading import defaults
from parkrisk.scenarios.reading.cells import RawTable, typed
from parkrisk.scenarios.reading.objects import cell_text

__all__ = ["IN_UNITS", "Edits", "close_roads", "edit_cells", "fix_weather", "out_of_service"]

#: Table → row → column → value.
Edits = Mapping[str, Mapping[str, Mapping[str, Any]]]
Frames = dict[str, pd.DataFrame]

#: What some safeguards are in the units table, and what the unit has without them.
IN_UNITS: Mapping[str, tuple[str, Any]] = {"isolation_valve": ("isolation_class", "C"), "bund": ("bund_area_m2", None)}
_WEATHER = ("wind_from", "wind_speed", "stability", "period")


def _as_cell(value: Any) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else repr(value)
    return str(value)


def _edited_row(
    table: schema.Table, row: Mapping[Any, Any], name: str, values: Mapping[str, Any]
) -> tuple[pd.DataFrame | None, list[Problem]]:
    cells = {column: _as_cell(row[column]) for column in table.columns}
    problems = []
    for column, value in values.items():
        declared = table.columns.get(column)
        place = f"{name}.{column}"
        if declared is None:
            near = schema.nearest(column, table.columns)
            problems.append(problem("unknown_column", table.name, None, place, column, near=near))
            continue
        text = cell_text(value, declared)
        if column in table.key:
            problems.append(problem("key_edited", table.name, None, place, value))
        elif text is None:
            problems.append(replace(problem("not_a_value", table.name, None, column, value), column=place))
        else:
            cells[column] = text
    frame, faults = typed(RawTable(table.name, tuple(cells), (tuple(cells.values()),), (1,)))
    problems += [replace(fault, row=None, column=f"{name}.{fault.column}") for fault in faults]
    return (None if problems else frame), problems


def edit_cells(frames: Frames, edits: Edits, filled: set[tuple[str, str, str]]) -> list[Problem]:
    """Put other values into cells, in place.

    Parameters
    ----------
    frames : dict of str to DataFrame
        Typed tables of a park; the edited ones are replaced.
    edits : mapping
        Table → key of the row → column → value as a file would have it.
    filled : set of (table, row, column)
        Cells that were empty and hold defaults. Those of edited rows are emptied, so that defaults follow the edit.
    """
    problems = []
    for name, rows in edits.items():
        if name not in frames:
            problems.append(problem("unknown_table", name, found=name, near=schema.nearest(name, frames)))
            continue
        table, frame = schema.table(name), frames[name].reset_index(drop=True)
        place = {row: number for number, row in enumerate(defaults.row_ids(table, frame))}
        for row, values in rows.items():
            if row not in place:
                near = schema.nearest(row, place)
                problems.append(problem("unknown_row", name, None, table.key[0], row, near=near))
                continue
            old = frame.iloc[place[row]].to_dict()
            old |= {column: "" for column in table.columns if (name, row, column) in filled}
            if "assumed" in old:
                stated = (word.strip() for word in old["assumed"].split(";"))
                old["assumed"] = ";".join(word for word in stated if word and word not in values)
            new, faults = _edited_row(table, old, row, values)
            problems += faults
            if new is not None:
                for column in frame:
                    frame.loc[place[row], column] = new[column].iloc[0]
        frames[name] = frame
    return problems


def close_roads(frames: Frames, names: Iterable[str]) -> list[Problem]:
    """End transport, in place: that of a transport_id, or all along a line_id."""
    transport = frames["transport"]
    lines = set(frames["lines"]["line_id"])
    problems = []
    for name in names:
        closed = (transport["transport_id"] == name) | (transport["line_id"] == name)
        if not closed.any():
            code = "road_without_transport" if name in lines else "unknown_road"
            near = schema.nearest(name, {*transport["transport_id"], *lines})
            problems.append(problem(code, "transport", None, "transport_id", name, near=near))
        transport = transport[~closed]
    frames["transport"] = transport
    return problems


def out_of_service(frames: Frames, names: Iterable[str]) -> tuple[Edits, list[Problem]]:
    """Cells that safeguards and units out of service change; safeguards are taken out of their table, in place.

    A fire-water system out of service takes every deluge along that it feeds.

    Returns
    -------
    Edits
        Of the units table.
    list of Problem
        Names that are neither a barrier_id, a fire-water system nor a unit_id; relief valves, whose loss has no
        frequency on record; safeguards without which nothing would change.
    """
    units = frames["units"].set_index("unit_id")
    columns = (frames["barriers"][name].tolist() for name in ("barrier_id", "unit_id", "kind"))
    barriers = {barrier: (unit, kind) for barrier, unit, kind in zip(*columns, strict=True)}
    systems = set(frames["barriers"]["system"]) - {""}
    edits: dict[str, dict[str, Any]] = {}
    problems = []
    for name in names:
        if name in units.index:
            if units.loc[name, "in_service"] == "no":
                problems.append(problem("unit_already_out", "units", None, "in_service", name))
            edits.setdefault(name, {})["in_service"] = "no"
        elif name in barriers:
            unit, kind = barriers[name]
            if kind == "relief_valve":
                problems.append(problem("relief_not_modelled", "barriers", None, "kind", name))
                continue
            if kind in IN_UNITS:
                column, without = IN_UNITS[kind]
                if unit in units.index and _as_cell(units.loc[unit, column]) == (without or ""):
                    problems.append(problem("barrier_has_no_effect", "units", None, column, name))
                edits.setdefault(unit, {})[column] = without
            frames["barriers"] = frames["barriers"][frames["barriers"]["barrier_id"] != name]
        elif name in systems:
            frames["barriers"] = frames["barriers"][frames["barriers"]["system"] != name]
        else:
            near = schema.nearest(name, {*barriers, *systems, *units.index})
            problems.append(problem("unknown_barrier", "barriers", None, "barrier_id", name, near=near))
    return {"units": edits}, problems


def fix_weather(weather: pd.DataFrame, wanted: Mapping[str, Any]) -> tuple[pd.DataFrame, list[Problem]]:
    """Weather table in which only some classes or directions occur, in the proportions that they have among themselves.

    Parameters
    ----------
    weather : DataFrame
    wanted : mapping
        Any of wind_from [deg], wind_speed [m/s], stability, period: values of the table.

    Notes
    -----
    Directions that do not occur keep rows of frequency 0, so that the sectors of the rose stay what they were.
    """
    chosen = np.ones(len(weather), dtype=np.bool_)
    problems = []
    for column, value in wanted.items():
        if column not in _WEATHER:
            near = schema.nearest(column, _WEATHER)
            problems.append(problem("unknown_column", "weather", None, column, column, near=near))
            continue
        number = schema.table("weather").columns[column].is_number
        # What is no number, or no word, is equal to none.
        plain = isinstance(value, int | float if number else str) and not isinstance(value, bool)
        fits = np.array([plain and each == value for each in weather[column].tolist()], dtype=np.bool_)
        occurs = chosen & fits & (weather["frequency"].to_numpy() > 0.0)
        if not occurs.any():
            there = weather[column][chosen & (weather["frequency"].to_numpy() > 0.0)].dropna().unique().tolist()
            allowed = ", ".join(f"{each:g}" if number else str(each) for each in sorted(there))
            fault = problem("weather_unknown", "weather", None, column, f"{column} = {shown(value)}", allowed=allowed)
            problems.append(fault)
            continue
        chosen = occurs
    if problems:
        return weather, problems
    kept = weather[chosen]
    total = math.fsum(kept["frequency"])
    kept = kept.assign(frequency=kept["frequency"] / total)
    directions = set(weather["wind_from"].dropna())
    if not directions <= set(kept["wind_from"]):
        first = kept.iloc[[0]]
        missing = sorted(directions - set(kept["wind_from"]))
        empty = pd.concat([first] * len(missing)).assign(wind_from=missing, frequency=0.0)
        kept = pd.concat([kept, empty], ignore_index=True)
    return kept, []
