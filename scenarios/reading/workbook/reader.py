"""A workbook in: one sheet per table, the sheet of the park or project, the boundary."""

import dataclasses
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from parkrisk.models.errors import Problem
from parkrisk.scenarios import schema
from parkrisk.scenarios.messages import problem
from parkrisk.scenarios.reading.cells import RawTable
from parkrisk.scenarios.reading.raw import CellPlaces, Place, RawInput, absent
from parkrisk.scenarios.reading.workbook.names import table_of, tables_in
from parkrisk.scenarios.reading.workbook.section import boundary_of, read_section
from parkrisk.scenarios.reading.workbook.sheets import Sheet, Workbook, read_sheets, sheet_names
from parkrisk.scenarios.reading.workbook.tables import OnSheet, read_table

__all__ = ["SUFFIXES", "holds_project", "read_workbook"]

#: Endings of files that are read as workbooks, or refused with a word on how to save them.
SUFFIXES = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".et", ".ods"})


def holds_project(path: Path) -> bool:
    """Whether a workbook has a sheet for a project and none for a park."""
    tables = {table_of(name) for name in sheet_names(path)}
    return "project" in tables and "park" not in tables


def _zeros(tables: Mapping[str, OnSheet]) -> Iterator[Problem]:
    """Yield ids that are numbers where the same id stands elsewhere as text with leading zeros."""
    families: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name, found in tables.items():
        for column in found.table.columns if found.table else ():
            declared = schema.table(name).columns[column]
            if declared.type == "id":
                families[f"{name}.{column}"].append((name, column))
            elif declared.type == "reference":
                families[declared.references].append((name, column))
    for members in families.values():
        if not any(tables[name].numeric.get(column) for name, column in members):
            continue
        cells = [(name, column, *cell) for name, column in members for cell in _cells(tables[name], column)]
        zeros = {text.lstrip("0"): text for *_, text in cells if text.startswith("0") and text.isdigit()}
        for name, column, number, text in cells:
            if number in tables[name].numeric.get(column, ()) and text in zeros:
                yield problem("zeros_lost", name, number, column, text, other=zeros[text])


def _cells(found: OnSheet, column: str) -> Iterator[tuple[int, str]]:
    if found.table is not None:
        place = found.table.columns.index(column)
        for number, row in zip(found.table.numbers, found.table.rows, strict=True):
            yield number, row[place].strip()


def _without(found: OnSheet, column: str) -> OnSheet:
    """Return the section without one column."""
    table = found.table
    if table is None or column not in table.columns:
        return found
    kept = [place for place, name in enumerate(table.columns) if name != column]
    rows = tuple(tuple(row[place] for place in kept) for row in table.rows)
    columns = tuple(table.columns[place] for place in kept)
    return dataclasses.replace(found, table=dataclasses.replace(table, columns=columns, rows=rows))


def _boundary(
    section: OnSheet, sheet: Sheet | None, since_1904: bool
) -> tuple[OnSheet, Mapping[str, Any] | None, list[Problem]]:
    """Read the boundary; a file name in the section is of no use to a workbook, which has a sheet for it."""
    table = section.table
    named = table.rows[0][table.columns.index("boundary")] if table and "boundary" in table.columns else ""
    if sheet is not None:
        found = read_table(sheet, schema.table("boundary"), since_1904)
        boundary, faults = boundary_of(found)
        placed = [_placed(fault, found.place) for fault in found.problems]
        return _without(section, "boundary"), boundary, [*placed, *faults]
    if named.strip():
        reason = "the corners stand in the sheet 四至 of a workbook / 工作簿的四至坐标应填在“四至”表中"
        return section, None, [problem("boundary_unreadable", "park", 1, "boundary", named, reason=reason)]
    return section, None, []


def _filled(table: RawTable, kind: str) -> bool:
    return bool(table.rows) or schema.table(table.name).of(kind) == "required"


def _placed(fault: Problem, place: Place | None) -> Problem:
    if fault.place or place is None:
        return fault
    return dataclasses.replace(fault, place=place.of(fault.row, fault.column))


def _whole(book: Workbook, tables: Mapping[str, OnSheet], kind: str) -> list[Problem]:
    """What there is to say of the workbook as a whole."""
    problems = [*_zeros(tables)]
    if book.macros:
        problems.append(problem("macros_ignored", kind))
    if book.since_1904:
        problems.append(problem("date_1904", kind))
    return problems


def read_workbook(path: str | Path, kind: str) -> RawInput:
    """Read the workbook of a park or a project.

    Parameters
    ----------
    path : path
        File of the form .xlsx or .xlsm.
    kind : str
        "park" or "project".

    Returns
    -------
    RawInput
        Never raises for what the file holds; the faults are in ``problems``, the addresses in ``places``.
    """
    book = read_sheets(Path(path), kind)
    if isinstance(book, Problem):
        return RawInput(kind, {}, None, (book,))
    sheets, problems = tables_in(book.sheets, kind)
    tables: dict[str, OnSheet] = {}
    places: dict[str, Place | CellPlaces] = {}
    boundary: Mapping[str, Any] | None = None
    corners = sheets.pop("boundary", None)
    for name, sheet in sheets.items():
        declared = schema.table(name)
        if declared.form == "section":
            found, cells = read_section(sheet, declared, book.since_1904)
            if name == "park":
                found, boundary, faults = _boundary(found, corners, book.since_1904)
                problems += faults
            if cells is not None:
                places[name] = cells if corners is None else cells.also("boundary", corners.name)
        else:
            found = read_table(sheet, declared, book.since_1904)
            if found.place is not None:
                places[name] = found.place
        tables[name] = found
        problems += found.problems
    problems += _whole(book, tables, kind)
    # A sheet of the template that nobody filled is no table; one without a header has its problem already.
    given = {name: table for name, found in tables.items() if (table := found.table) and _filled(table, kind)}
    problems += absent(kind, given, {name for name, found in tables.items() if found.table is None})
    return RawInput(kind, given, boundary, tuple(problems), places)
