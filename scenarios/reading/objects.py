"""JSON objects in and out: a park or a project as the HTTP interface takes it, and rows given as objects."""

import datetime as dt
import itertools
import math
import numbers as numeric
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from parkrisk.models.errors import Problem
from parkrisk.scenarios import schema
from parkrisk.scenarios.messages import MOST, problem
from parkrisk.scenarios.reading.cells import RawTable
from parkrisk.scenarios.reading.raw import RawInput, absent
from parkrisk.scenarios.reading.words import LONGEST_ID

__all__ = ["as_object", "cell_text", "read_json", "section_table"]


def cell_text(value: object, column: schema.Column) -> str | None:
    """Text of one JSON or TOML value as a CSV cell would hold it; None if it cannot be a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        if column.type == "choice":
            return "yes" if value else "no"
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, numeric.Integral):
        # Integers of thousands of digits are no measurements, and turning them into text is refused by Python.
        return str(int(value)) if abs(int(value)) < 10**30 else "inf"
    if isinstance(value, numeric.Real):
        return repr(float(value))
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list) and column.type == "text" and all(isinstance(item, str) for item in value):
        return ";".join(value)
    return None


def _unknown(code: str, words: Collection[str], known: Sequence[str], table: str = "") -> list[Problem]:
    """Problems of unknown columns of a table, or of unknown tables, each with what was probably meant."""
    problems = []
    for word in itertools.islice(words, MOST):
        near = schema.nearest(word, known) if len(word) <= LONGEST_ID else ""
        problems.append(problem(code, table or word, None, word[:LONGEST_ID] if table else "", word, near=near))
    if len(words) > MOST:
        problems.append(problem("further_problems", table, None, "", MOST))
    return problems


def _object_table(objects: Sequence[object], declared: schema.Table) -> tuple[RawTable, list[Problem]]:
    """Rows given as JSON objects or one TOML section; every key must be a column."""
    names = tuple(declared.columns)
    used: set[str] = set()
    unknown: dict[str, None] = {}
    problems: list[Problem] = []
    rows, numbers = [], []
    for number, item in enumerate(objects, start=1):
        if not isinstance(item, Mapping):
            problems.append(problem("not_a_table", declared.name, number, found=type(item).__name__))
            continue
        cells = dict.fromkeys(names, "")
        for key, value in item.items():
            column = declared.columns.get(key)
            if column is None:
                unknown[str(key)] = None
                continue
            used.add(key)
            cell = cell_text(value, column)
            if cell is None:
                problems.append(problem("not_a_value", declared.name, number, key, value))
            cells[key] = cell or ""
        rows.append(cells)
        numbers.append(number)
    # A required column that no row has is missing as a whole; rows then need not be named one by one.
    present = tuple(name for name in names if name in used or not rows or not declared.columns[name].required)
    table = RawTable(
        declared.name, present, tuple(tuple(row[name] for name in present) for row in rows), tuple(numbers)
    )
    return table, [*_unknown("unknown_column", unknown, names, declared.name), *problems]


def section_table(found: Mapping[str, Any], kind: str) -> tuple[RawTable, list[Problem]]:
    """Read the one row of ``park`` or ``project``."""
    return _object_table([found], schema.table(kind))


def read_json(document: object, kind: str) -> RawInput:
    """Read a park or a project given as one JSON object, tables as arrays of rows.

    Parameters
    ----------
    document : object
        As ``json.loads`` gives it. ``document["park"]["boundary"]`` may be a GeoJSON object.
    kind : str
        "park" or "project".

    Returns
    -------
    RawInput
        Never raises for what the object holds.
    """
    if not isinstance(document, Mapping):
        return RawInput(kind, {}, None, (problem("not_a_table", kind, found=type(document).__name__),))
    known = [name for name, declared in schema.tables().items() if declared.of(kind)]
    problems = _unknown("unknown_table", [str(name) for name in document if name not in known], known)
    tables: dict[str, RawTable] = {}
    tried: set[str] = set()
    boundary: object = None
    for name in known:
        given = document.get(name)
        if given is None:
            continue
        tried.add(name)
        if schema.table(name).form == "section":
            if not isinstance(given, Mapping):
                problems.append(problem("not_a_table", name, found=type(given).__name__))
                continue
            section = dict(given)
            if isinstance(section.get("boundary"), Mapping):
                boundary = section.pop("boundary")
            elif section.get("boundary") is not None and section["boundary"] != "":
                # There is no folder to look into; a boundary that was meant must not be left out in silence.
                reason = "a GeoJSON object is expected here / 此处应为 GeoJSON 对象"
                problems.append(problem("boundary_unreadable", name, 1, "boundary", section["boundary"], reason=reason))
            tables[name], faults = section_table(section, name)
        elif isinstance(given, list | tuple):
            tables[name], faults = _object_table(given, schema.table(name))
        else:
            faults = [problem("not_a_table", name, found=type(given).__name__)]
        problems += faults
    problems += absent(kind, tables, tried)
    return RawInput(kind, tables, boundary, tuple(problems))


def _json_value(cell: str, column: schema.Column) -> object:
    if not cell.strip():
        return None
    if column.is_number:
        try:
            value = float(cell)
        except ValueError:
            return cell
        return value if math.isfinite(value) else cell
    return cell.strip()


def as_object(raw: RawInput) -> dict[str, Any]:
    """Return what was read of a park or a project as the JSON object of the HTTP interface, cells as they stand.

    Empty cells are left out. Raises nothing for faulty cells: they go over as text, and whoever reads the object
    names them.
    """
    found: dict[str, Any] = {}
    for name, table in raw.tables.items():
        declared = schema.table(name)
        rows = []
        for row in table.rows:
            cells = {
                column: _json_value(cell, declared.columns[column])
                for column, cell in zip(table.columns, row, strict=True)
            }
            rows.append({column: value for column, value in cells.items() if value is not None})
        found[name] = rows[0] if declared.form == "section" else rows
    if raw.boundary is not None:
        found.setdefault("park", {})["boundary"] = raw.boundary  # the table may be refused as a whole
    return found
