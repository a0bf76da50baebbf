"""A copy of a unit at a place, with everything that the tables say of it."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from parkrisk.models.errors import InputProblems, OutOfRange
from parkrisk.scenarios import schema
from parkrisk.scenarios.changing.changes import change
from parkrisk.scenarios.messages import problem
from parkrisk.scenarios.park import Park, Project
from parkrisk.scenarios.reading.coordinates import Placing

__all__ = ["named", "with_copies"]


def named(unit: str, number: int = 1) -> str:
    """Id of a copy of a unit."""
    return f"{unit}#{number}"


def with_copies(
    park: Park,
    unit: str,
    place: tuple[float, float] | None = None,
    *,
    numbers: Iterable[int] = (1,),
    source: Park | Project | None = None,
    cells: Mapping[str, Any] | None = None,
) -> Park:
    """Return the park with copies of a unit, all at one place.

    Parameters
    ----------
    park : Park
    unit : str
        unit_id.
    place : (x, y), optional
        In the planar CRS of the park; the unit's own when left out. [m]
    numbers : iterable of int
        One copy for each, named by `named`.
    source : Park or Project, optional
        Whose unit it is; the park itself when left out.
    cells : mapping, optional
        Columns of the units table that the copies have otherwise; with another ``substance`` no further contents.

    Raises
    ------
    InputProblems
        No such unit, or the park with it has problems: outside the boundary, an id that is there already ...
    OutOfRange
        The unit lies along a line, which has no single place.
    """
    given = park if source is None else source
    units = given.tables["units"]
    row = units[units["unit_id"] == unit]
    if row.empty:
        near = schema.nearest(unit, units["unit_id"])
        raise InputProblems([problem("unknown_unit", "units", None, "unit_id", unit, near=near)])
    if row["line_id"].iloc[0]:
        raise OutOfRange(f"设备 {unit} 沿线路分布，不能放在一个点上", f"unit {unit} lies along a line, not at a place")
    where = _own_place(park, given, row) if place is None else place
    changed = cells or {}
    added = [_tables(given, unit, named(unit, number), where, changed) for number in numbers]
    tables = {name: pd.concat([each[name] for each in added]) for name in added[0]}
    tables["enterprises"] = _missing_enterprise(park, given, str(row["enterprise_id"].iloc[0]))
    return change(park, add={name: table for name, table in tables.items() if len(table)})


def _own_place(park: Park, given: Park | Project, row: pd.DataFrame) -> tuple[float, float]:
    """Where the unit stands, in the CRS of the park; a project may have one of its own."""
    x, y = Placing(given.crs or park.crs, park.crs).planar(row["x"].to_numpy(), row["y"].to_numpy())
    return float(x[0]), float(y[0])


def _tables(
    given: Park | Project, unit: str, name: str, place: tuple[float, float], cells: Mapping[str, Any]
) -> dict[str, pd.DataFrame]:
    """Rows that stand for one copy, in every table that refers to units."""
    row = given.tables["units"]
    row = row[row["unit_id"] == unit].astype(object)
    # A copy stands in a bund of its own, and is a hazard unit of its own.
    row = row.assign(unit_id=name, x=place[0], y=place[1], hazard_unit_id="")
    row["bund_id"] = [f"{name}-{bund}" if bund else "" for bund in row["bund_id"]]
    found = {"units": row.assign(**cells)}
    for table, frame in given.tables.items():
        columns = schema.table(table).columns
        ours = next((column.name for column in columns.values() if column.references == "units.unit_id"), "")
        if not ours or ("substance" in cells and table in ("contents", "losses")):
            continue
        rows = frame[frame[ours] == unit].astype(object).assign(**{ours: name})
        key = schema.table(table).key[0]
        if key != ours:
            rows[key] = [f"{name}-{each}" for each in rows[key]]
        found[table] = rows
    return found


def _missing_enterprise(park: Park, given: Park | Project, enterprise: str) -> pd.DataFrame:
    """Row of the enterprise, where the park does not have it."""
    frame = given.tables["enterprises"]
    known = set(park.tables["enterprises"]["enterprise_id"])
    return frame[(frame["enterprise_id"] == enterprise) & ~frame["enterprise_id"].isin(known)]
