"""Another park from a park: units added, removed, moved, refilled ... The first park stays as it is.

The module is not called ``change`` because importing it would hide the function of that name in the package.
"""

import dataclasses
import math
from collections.abc import Iterable, Mapping, Set
from typing import Any

import pandas as pd

from parkrisk.models.errors import InputProblems, Problem
from parkrisk.scenarios import schema
from parkrisk.scenarios.changing.edits import Edits, close_roads, edit_cells, fix_weather, out_of_service
from parkrisk.scenarios.checks import consistency as check
from parkrisk.scenarios.events.saturation import air_pressure, assumed, doubts, follow
from parkrisk.scenarios.messages import MOST, problem
from parkrisk.scenarios.park import Park, Project, build, ordered
from parkrisk.scenarios.reading import defaults
from parkrisk.scenarios.reading.areas import move_areas
from parkrisk.scenarios.reading.cells import range_words
from parkrisk.scenarios.reading.coordinates import Placing
from parkrisk.scenarios.reading.objects import read_json

__all__ = ["change"]

_FARTHEST = schema.table("units").columns["x"].maximum or math.inf
Assumptions = set[tuple[str, ...]]

#: Doubts about the files themselves, which no check of the changed tables finds again.
_OF_THE_FILES = frozenset({"encoding_gbk", "unused_file", "table_not_given", "boundary_not_given", "outside_area"})


def _without_units(
    frames: dict[str, pd.DataFrame], gone: set[str], altered: set[str], added: Mapping[str, pd.DataFrame]
) -> None:
    """Drop units and every row that refers to them.

    What refers to an altered unit (its further contents, its barriers) goes only if the project says it anew:
    otherwise a retrofit that names the tank and its new sprinkler would lose the rest of what is in it.
    """
    frames["units"] = frames["units"][~frames["units"]["unit_id"].isin(gone | altered)]
    for name, frame in frames.items():
        for column in schema.table(name).columns.values():
            if column.references == "units.unit_id":
                anew = altered & set(added[name][column.name]) if name in added else set()
                frames[name] = frames[name][~frame[column.name].isin(gone | anew)]


def _existing(frames: Mapping[str, pd.DataFrame]) -> set[tuple[str, str]]:
    return {(name, row) for name, frame in frames.items() for row in defaults.row_ids(schema.table(name), frame)}


def _as_project(add: Project | Mapping[str, Any] | None) -> tuple[Project | None, list[Problem]]:
    if add is None or isinstance(add, Project):
        return add, []
    document: dict[str, Any] = {"project": {"name": "-", "category": "new"}}
    for name, rows in add.items():
        if isinstance(rows, pd.DataFrame):
            document[str(name)] = rows.astype(object).where(rows.notna(), None).to_dict("records")
        else:
            document[str(name)] = rows
    try:
        made = build(read_json(document, "project"))
    except InputProblems as faults:
        return None, list(faults.problems)
    assert isinstance(made, Project)  # what read_json was asked for
    return made, []


def _rows_to_add(park: Park, project: Project) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
    """Tables of the project that go into the park, in its CRS, units proposed."""
    place = Placing(project.crs or park.crs, park.crs)
    frames: dict[str, pd.DataFrame] = {}
    problems: list[Problem] = []
    for name, frame in project.tables.items():
        if schema.table(name).project == "own" or frame.empty:
            continue
        if "x" in frame:
            problems += place.check(name, frame.set_axis([0] * len(frame)))
            frame["x"], frame["y"] = place.planar(frame["x"].to_numpy(), frame["y"].to_numpy())
        if "polygon" in frame:
            problems += move_areas(name, frame, place)
        if name == "units":
            frame["status"] = "proposed"
            # What is yet to be built is judged as it will run; only a unit that is there may be taken out of service.
            frame.loc[~frame["unit_id"].isin(set(park.tables["units"]["unit_id"])), "in_service"] = "yes"
        frames[name] = frame
    return frames, problems


def _merge(
    frames: dict[str, pd.DataFrame], added: Mapping[str, pd.DataFrame]
) -> tuple[set[tuple[str, str]], list[Problem]]:
    """Append the rows; return those the park has already and whose own row stays, and the problems."""
    kept: set[tuple[str, str]] = set()
    problems = []
    for name, frame in added.items():
        table = schema.table(name)
        known = set(defaults.row_ids(table, frames[name]))
        names = defaults.row_ids(table, frame)
        for row in names:
            if row in known:
                # The enterprise of a project is mostly one of the park; all else twice would count twice.
                code = "row_already_there" if name == "enterprises" else "already_there"
                problems.append(problem(code, name, None, table.key[0], row))
                kept.add((name, row))
        new = frame[[row not in known for row in names]]
        frames[name] = pd.concat([frames[name], new], ignore_index=True) if len(frames[name]) else new
    return kept, problems


def _move(units: pd.DataFrame, move: Mapping[str, tuple[float, float]]) -> tuple[pd.DataFrame, list[Problem]]:
    units = units.reset_index(drop=True)
    place = dict(zip(units["unit_id"], range(len(units)), strict=True))
    problems = []
    for unit, (x, y) in move.items():
        if unit not in place:
            problems.append(problem("unknown_unit", "units", None, "unit_id", unit, near=schema.nearest(unit, place)))
        elif not (math.isfinite(x) and math.isfinite(y)):
            problems.append(problem("not_finite", "units", None, "x", f"{unit}: ({x}, {y})"))
        elif max(abs(x), abs(y)) > _FARTHEST:
            words = range_words(schema.table("units").columns["x"], -_FARTHEST, _FARTHEST)
            problems.append(problem("out_of_range", "units", None, "x", f"{unit}: ({x}, {y})", **words))
        elif units.loc[place[unit], "line_id"]:
            problems.append(problem("moved_off_its_line", "units", None, "line_id", unit))
        else:
            units.loc[place[unit], ["x", "y"]] = float(x), float(y)
    return units, problems


def _settled(
    park: Park,
    frames: dict[str, pd.DataFrame],
    assumptions: Assumptions,
    problems: list[Problem],
    edited: Mapping[str, Set[str]],
) -> Park:
    """Return the park of the changed tables: what is open filled, everything checked, frozen.

    ``edited`` are the columns of units that were edited.
    """
    frames = {name: frame.set_axis([0] * len(frame)) for name, frame in frames.items()}
    # Defaults that need the park (its air temperature) were left open while the project was read alone.
    assumptions |= defaults.fill(frames, park.info)
    air = air_pressure(park.info)
    followed, faults = follow(park.tables["units"], frames["units"], edited, air)
    problems += faults
    filled = defaults.filled(assumptions) | followed
    doubtful = doubts(frames["units"], air)
    assumptions = filled | defaults.declared(frames) | assumed(frames["units"], air, doubtful)
    cells = {row[:3] for row in filled}
    problems += check.run(check.Given("park", frames, park.boundary, filled=cells, doubts=doubtful))
    if any(fault.severity == "error" for fault in problems):
        raise InputProblems(problems)
    warnings = {*problems, *(fault for fault in park.warnings if fault.code in _OF_THE_FILES)}
    return dataclasses.replace(
        park,
        tables=ordered(frames),
        warnings=tuple(sorted(warnings, key=Problem.sort_key)),
        _assumptions=frozenset(assumptions),
    )


def change(
    park: Park,
    *,
    add: Project | Mapping[str, Any] | None = None,
    remove: Iterable[str] = (),
    move: Mapping[str, tuple[float, float]] | None = None,
    edit: Edits | None = None,
    close: Iterable[str] = (),
    disable: Iterable[str] = (),
    weather: Mapping[str, Any] | None = None,
) -> Park:
    """Return the park after a change; units are removed first, then added, then moved, then all else.

    Parameters
    ----------
    park : Park
    add : Project or mapping of str to rows
        A project, or tables of rows as the JSON form has them (coordinates in the planar CRS of the park). Its units
        get the status "proposed". The units a project removes go; where its category is "altered", its units replace
        those of the same id (further contents and barriers of those stay unless the project gives them anew). Its
        answers and indicators stay with the project.
    remove : iterable of str
        unit_id of units to take away, with their contents and barriers.
    move : mapping of str to (x, y)
        unit_id → new centre in the planar CRS of the park. [m]
    edit : mapping
        Table → key of the row → column → value: another fill, another substance, any other cell. What was derived from
        the cell before is derived anew. A liquid stays a liquid: where only its temperature is edited, the pressure
        of a liquefied gas follows (`parkrisk.scenarios.events.saturation.follow`), as ``warnings`` and
        ``assumptions`` say.
    close : iterable of str
        transport_id of what is carried no more, or line_id of a road or railway.
    disable : iterable of str
        What is out of service: unit_id, barrier_id, or a fire-water system with every deluge that it feeds. Without its
        isolation valve a unit has isolation class C, without its bund no bund. Relief valves are refused: nobody knows
        how much more often a vessel bursts without.
    weather : mapping of str to value
        Any of wind_from [deg], wind_speed [m/s], stability, period: only rows of the weather table with these values
        occur, in the proportions that they have among themselves.

    Returns
    -------
    Park

    Raises
    ------
    InputProblems
        For an unknown unit, an id that is there already, a unit outside the boundary, what would change nothing, a
        liquid heated above its critical temperature without a pressure, and everything else the checks of a park find
        in the changed one.
    """
    frames = dict(park.tables)
    project, problems = _as_project(add)
    added, faults = _rows_to_add(park, project) if project else ({}, [])
    problems += faults
    gone = {remove} if isinstance(remove, str) else set(remove)
    gone |= set(project.removes) if project else set()
    known = set(frames["units"]["unit_id"])
    unknown = sorted(gone - known)
    problems += [
        problem("unknown_unit", "units", None, "unit_id", unit, near=schema.nearest(unit, known))
        for unit in unknown[:MOST]
    ]
    if len(unknown) > MOST:
        problems.append(problem("further_problems", "units", None, "unit_id", MOST))
    altered: set[str] = set()
    if project and project.category == "altered" and "units" in added:
        altered = (known & set(added["units"]["unit_id"])) - gone
    _without_units(frames, gone, altered, added)
    there = _existing(frames)
    assumptions: Assumptions = {row for row in park._assumptions if row[0] == "park" or row[:2] in there}
    if project:
        kept, faults = _merge(frames, added)
        problems += faults
        assumptions |= {row for row in project._assumptions if row[0] in added and row[:2] not in kept}
    if move:
        frames["units"], faults = _move(frames["units"], move)
        problems += faults
    problems += close_roads(frames, _names(close))
    disabled, faults = out_of_service(frames, _names(disable))
    problems += faults
    for edits in (edit or {}, disabled):
        problems += _edit(frames, edits, assumptions)
    if weather:
        frames["weather"], faults = fix_weather(frames["weather"], weather)
        problems += faults
    edited = {unit: set(cells) for unit, cells in (edit or {}).get("units", {}).items()}
    return _settled(park, frames, assumptions, problems, edited)


def _names(given: Iterable[str]) -> list[str]:
    return [given] if isinstance(given, str) else list(dict.fromkeys(given))


def _edit(frames: dict[str, pd.DataFrame], edits: Edits, assumptions: Assumptions) -> list[Problem]:
    """Edit cells; nothing is assumed any more of the rows that change, until defaults are filled in anew."""
    rows = {(table, row) for table, named in edits.items() for row in named}
    of_them = {each for each in assumptions if each[:2] in rows}
    filled = {(each[0], each[1], each[2]) for each in defaults.filled(of_them)}
    assumptions -= of_them
    return edit_cells(frames, edits, filled)
