"""Files and JSON objects in, tables of text cells out, with a problem for everything that cannot be a table.

A folder of CSV files with its TOML file and the JSON object of the HTTP interface end in the same ``RawInput``.
"""

import csv
import datetime as dt
import io
import json
import math
import numbers as numeric
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parkrisk.models.errors import Problem
from parkrisk.scenarios import schema
from parkrisk.scenarios.cells import RawTable
from parkrisk.scenarios.encoding import any_gbk, decoded
from parkrisk.scenarios.messages import problem

__all__ = ["RawInput", "cell_text", "document", "read_folder", "read_json", "read_table"]

_LARGEST_FILE = 512 * 2**20


@dataclass(frozen=True)
class RawInput:
    """What was found: text tables, the boundary as parsed GeoJSON, and the problems met on the way."""

    kind: str
    tables: Mapping[str, RawTable]
    boundary: object
    problems: tuple[Problem, ...]


def _content(path: Path, table: str, gbk_around: bool = False) -> tuple[str | None, list[Problem]]:
    try:
        if path.stat().st_size > _LARGEST_FILE:
            return None, [problem("unreadable", table, found=path.name, reason=f"> {_LARGEST_FILE // 2**20} MiB")]
        return decoded(path.read_bytes(), table, gbk_around)
    except OSError as error:
        return None, [problem("unreadable", table, found=path.name, reason=error.strerror or type(error).__name__)]


def _columns(header: Sequence[str], declared: schema.Table) -> tuple[dict[int, str], list[Problem]]:
    """Place → name of the known columns of a header, each once."""
    by_word = {column.name.casefold(): column.name for column in declared.columns.values()}
    for column in declared.columns.values():
        by_word.setdefault(column.label_zh, column.name)
    known: dict[int, str] = {}
    problems = []
    for place, word in enumerate(header):
        text = word.strip()
        name = by_word.get(text.casefold())
        if name is None:
            near = schema.nearest(text, declared.columns)
            problems.append(problem("unknown_column", declared.name, None, text, text, near=near))
        elif name in known.values():
            problems.append(problem("duplicate_column", declared.name, None, name, name))
        else:
            known[place] = name
    return known, problems


def _delimiter_fault(header: Sequence[str], table: str) -> list[Problem]:
    if len(header) == 1:
        for sign, word in ((";", ";"), ("\t", "tab")):
            if sign in header[0]:
                return [problem("wrong_delimiter", table, found=word)]
    return []


def _csv_table(text: str, declared: schema.Table) -> tuple[RawTable | None, list[Problem]]:
    """Read CSV text; lines before the header that begin with # are remarks."""
    name = declared.name
    if "\0" in text:
        return None, [problem("unreadable", name, reason="NUL")]
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        return None, [problem("unreadable", name, reason=str(error))]
    while records and (not any(records[0]) or records[0][0].lstrip().startswith("#")):
        records.pop(0)
    if not records:
        return None, [problem("empty_table", name)]
    header = records[0]
    while len(header) > 1 and not header[-1].strip():
        header.pop()  # spreadsheets leave empty columns on the right
    fault = _delimiter_fault(header, name)
    if fault:
        return None, fault
    known, problems = _columns(header, declared)
    rows, numbers = [], []
    for number, record in enumerate(records[1:], start=1):
        if not any(cell.strip() for cell in record):
            continue
        if len(record) < len(header) or any(cell.strip() for cell in record[len(header) :]):
            problems.append(problem("ragged_row", name, number, found=len(record), expected=len(header)))
            continue
        rows.append(tuple(record[place] for place in known))
        numbers.append(number)
    return RawTable(name, tuple(known.values()), tuple(rows), tuple(numbers)), problems


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


def _object_table(objects: Sequence[object], declared: schema.Table) -> tuple[RawTable, list[Problem]]:
    """Rows given as JSON objects or one TOML section; every key must be a column."""
    names = tuple(declared.columns)
    used: set[str] = set()
    unknown: dict[str, Problem] = {}
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
                near = schema.nearest(str(key), names)
                fault = problem("unknown_column", declared.name, None, str(key), key, near=near)
                unknown.setdefault(str(key), fault)
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
    return table, [*unknown.values(), *problems]


def _section(found: Mapping[str, Any], kind: str) -> tuple[RawTable, list[Problem]]:
    """Read the one row of ``park`` or ``project``."""
    return _object_table([found], schema.table(kind))


def _absent(kind: str, given: Mapping[str, RawTable], tried: set[str]) -> list[Problem]:
    """Tables that should be there and are not, or have no rows."""
    problems = []
    for name, declared in schema.tables().items():
        need = declared.of(kind)
        file = f"{kind}.toml" if declared.form == "section" else f"{name}.csv"
        if name not in given:
            if need == "required" and name not in tried:
                problems.append(problem("missing_table", name, file=file))
            elif need == "expected" and name not in tried:
                problems.append(problem("table_not_given", name))
        elif need == "required" and not given[name].rows and declared.form == "rows":
            problems.append(problem("empty_table", name))
    return problems


def _toml(folder: Path, kind: str, gbk_around: bool) -> tuple[Mapping[str, Any] | None, list[Problem]]:
    path = folder / f"{kind}.toml"
    if not path.is_file():
        return None, []
    text, problems = _content(path, kind, gbk_around)
    if text is None:
        return None, problems
    try:
        parsed = tomllib.loads(text.replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return None, [*problems, problem("unreadable", kind, found=path.name, reason=str(error))]
    for key in parsed:
        if key != kind:
            problems.append(problem("unknown_table", kind, found=key, near=kind))
    section = parsed.get(kind)
    if not isinstance(section, Mapping):
        return None, [*problems, problem("missing_table", kind, file=f"[{kind}] / {path.name}")]
    return section, problems


def _refuse(text: str) -> float:
    raise ValueError(text)


def _geojson(folder: Path, name: str) -> tuple[object, list[Problem]]:
    """Boundary file named in ``park.toml``; it stays inside the folder."""
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
        reason = f"{name}: no such file in the park folder / 园区文件夹中没有此文件"
        return None, [problem("boundary_unreadable", "park", 1, "boundary", name, reason=reason)]
    text, problems = _content(path, "park")
    if text is None:
        return None, problems
    try:
        return json.loads(text, parse_constant=_refuse), problems
    except (ValueError, RecursionError) as error:
        return None, [*problems, problem("boundary_unreadable", "park", 1, "boundary", name, reason=str(error))]


def _stray_files(folder: Path, kind: str) -> list[Problem]:
    """CSV files that are no table: a likely misspelling is an error, others are only named."""
    known = [name for name, declared in schema.tables().items() if declared.of(kind) and declared.form == "rows"]
    problems = []
    for path in sorted(folder.iterdir()):
        if path.suffix.casefold() != ".csv" or path.stem in known:
            continue
        near = schema.nearest(path.stem, known)
        problems.append(problem("unknown_table" if near else "unused_file", path.stem, None, "", path.name, near=near))
    return problems


def read_folder(path: str | Path, kind: str) -> RawInput:
    """Read the folder of a park or a project.

    Parameters
    ----------
    path : path
        Folder with ``park.toml`` or ``project.toml`` and one CSV file per table.
    kind : str
        "park" or "project".

    Returns
    -------
    RawInput
        Never raises for what the files hold; the faults are in ``problems``.
    """
    folder = Path(path)
    if not folder.is_dir():
        reason = (
            f"{folder.name}: a folder is expected / 应为文件夹" if folder.exists() else "no such folder / 没有此文件夹"
        )
        return RawInput(kind, {}, None, (problem("unreadable", kind, found=folder.name, reason=reason),))
    gbk = any_gbk(path for path in sorted(folder.iterdir()) if path.suffix in (".csv", ".toml") and path.is_file())
    section, problems = _toml(folder, kind, gbk)
    tables: dict[str, RawTable] = {}
    tried: set[str] = {kind} if problems else set()
    boundary: object = None
    if section is not None:
        tables[kind], faults = _section(section, kind)
        problems += faults
        name = section.get("boundary")
        if kind == "park" and isinstance(name, str) and name:
            boundary, faults = _geojson(folder, name)
            problems += faults
    for name, declared in schema.tables().items():
        file = folder / f"{name}.csv"
        if declared.form != "rows" or not declared.of(kind) or not file.is_file():
            continue
        tried.add(name)
        text, faults = _content(file, name, gbk)
        problems += faults
        if text is not None:
            table, faults = _csv_table(text, declared)
            problems += faults
            if table is not None:
                tables[name] = table
    problems += _stray_files(folder, kind) + _absent(kind, tables, tried)
    return RawInput(kind, tables, boundary, tuple(problems))


def read_table(path: str | Path, name: str) -> tuple[RawTable | None, list[Problem]]:
    """Read one table that stands in a CSV file of any name; None if it cannot be read."""
    declared = schema.table(name)
    text, problems = _content(Path(path), name)
    if text is None:
        return None, problems
    table, faults = _csv_table(text, declared)
    if table is not None and not table.rows:
        faults = [*faults, problem("empty_table", name)]
    return table, [*problems, *faults]


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
    problems = [
        problem("unknown_table", str(name), found=name, near=schema.nearest(str(name), known))
        for name in document
        if name not in known
    ]
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
            elif isinstance(section.get("boundary"), str) and section["boundary"].strip():
                # There is no folder to look into; a boundary that was meant must not be left out in silence.
                reason = "a GeoJSON object is expected here / 此处应为 GeoJSON 对象"
                problems.append(problem("boundary_unreadable", name, 1, "boundary", section["boundary"], reason=reason))
            tables[name], faults = _section(section, name)
        elif isinstance(given, list | tuple):
            tables[name], faults = _object_table(given, schema.table(name))
        else:
            faults = [problem("not_a_table", name, found=type(given).__name__)]
        problems += faults
    problems += _absent(kind, tables, tried)
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


def document(path: str | Path, kind: str = "park") -> dict[str, Any]:
    """Return the folder of a park or a project as the JSON object of the HTTP interface, cells as they stand.

    Empty cells are left out. Raises nothing for faulty cells: they go over as text, and whoever reads the object
    names them.
    """
    raw = read_folder(path, kind)
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
        found["park"]["boundary"] = raw.boundary
    return found
