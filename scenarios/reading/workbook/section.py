"""The two sheets of a workbook that are no plain tables: the park or project itself, and the boundary."""

import dataclasses
import math
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from parkrisk.models.errors import Problem
from parkrisk.scenarios import schema
from parkrisk.scenarios.messages import problem
from parkrisk.scenarios.reading.cells import RawTable, typed
from parkrisk.scenarios.reading.header_units import Heading, heading
from parkrisk.scenarios.reading.raw import CellPlaces
from parkrisk.scenarios.reading.workbook.excel_cells import Column
from parkrisk.scenarios.reading.workbook.header import LONGEST, WIDE, WITHIN
from parkrisk.scenarios.reading.workbook.sheets import Sheet, letters_of
from parkrisk.scenarios.reading.workbook.tables import OnSheet, column_marks, hidden_sheet

__all__ = ["boundary_of", "read_section"]

_VALUE = frozenset({"value", "值", "取值", "填写值", "数值", "内容"})

#: Rows of the sheet of a park or a project, which has some twenty entries.
_LONG = 200


def _plain(cell: Any) -> str:
    return unicodedata.normalize("NFKC", cell).strip().casefold() if isinstance(cell, str) else ""


def _value_column(rows: Sequence[Sequence[Any]]) -> tuple[int, int] | None:
    """Row and column of the heading "value", None if there is none."""
    for place, row in enumerate(rows[:WITHIN]):
        for column, cell in enumerate(row[:WIDE]):
            if _plain(cell) in _VALUE:
                return place, column
    return None


def _entry(row: Sequence[Any], declared: schema.Table) -> tuple[Heading, str]:
    """Give what a row of the section is about, and the first words of the row, "" if there are none.

    A unit that any of its names states counts.
    """
    words = [cell[:LONGEST] for cell in row[:WIDE] if isinstance(cell, str) and cell.strip()]
    known = [found for word in words if (found := heading(word, declared)).column]
    same = [found for found in known if found.column == known[0].column and found.unit]
    return (same or known or [Heading("")])[0], (words[0].strip() if words else "")


def read_section(sheet: Sheet, declared: schema.Table, since_1904: bool) -> tuple[OnSheet, CellPlaces | None]:
    """Read the sheet of the park or the project: one row per entry, with its name or label, and its value."""
    at = _value_column(sheet.rows)
    if at is None:
        fault = dataclasses.replace(problem("section_value", declared.name, found=sheet.name), place=sheet.name)
        return OnSheet(None, None, [fault], {}), None
    top, value_column = at
    marks = column_marks(sheet)[value_column]
    cells: dict[str, str] = {}
    places: dict[str, str] = {}
    problems = hidden_sheet(sheet, declared.name)
    letters = letters_of(value_column)
    if len(sheet.rows) > top + _LONG:
        problems.append(_at(problem("section_long", declared.name, found=len(sheet.rows), expected=_LONG), sheet.name))
    for place in range(top + 1, min(len(sheet.rows), top + _LONG)):
        row = sheet.rows[place]
        value = row[value_column] if value_column < len(row) else ""
        meant, word = _entry(row[:value_column], declared)
        name = meant.column
        here = f"{sheet.name}!{letters}{place + 1}"
        marked = any(place in marks[kind] for kind in ("errors", "empty_formulas"))
        if not name and (value != "" or marked):
            near = schema.nearest(word, [said for c in declared.columns.values() for said in (c.name, c.label_zh)])
            problems.append(_at(problem("unknown_column", declared.name, 1, word, word, near=near), here))
        elif name in cells and value != "":
            problems.append(_at(problem("duplicate_column", declared.name, 1, name, word), here))
        elif name and name not in cells:
            places[name] = here
            stated = meant.conversion.unit if meant.conversion else ""
            column = Column(declared.name, declared.columns[name], since_1904, marks, stated)
            (text,) = column.texts([(place, value)])
            text = meant.conversion.convert(text) if meant.conversion else text
            if meant.fault is not None and text.strip():
                problems.append(_at(meant.fault, here))
            problems += [dataclasses.replace(fault, row=1, place=here) for fault in column.problems]
            if text.strip() or marked:
                cells[name] = text
    names = tuple(cells)
    table = RawTable(declared.name, names, (tuple(cells.values()),), (1,))
    return OnSheet(table, None, problems, {}), CellPlaces(sheet.name, places)


def _at(fault: Problem, place: str) -> Problem:
    return dataclasses.replace(fault, place=place)


_Rings = Mapping[tuple[int, int], list[tuple[float, int, float, float]]]


def _disordered(rings: _Rings) -> Iterator[Problem]:
    """Yield rings whose corners have no one order, and polygons without an outer ring."""
    for (polygon, ring), given in rings.items():
        numbers: dict[float, int] = {}
        plain = all(math.isinf(point) for point, *_ in given)
        for point, row, _, _ in given:
            first = numbers.setdefault(point, row)
            if not plain and (first != row or math.isinf(point)):
                yield problem("corner_order", "boundary", row, "point", "" if math.isinf(point) else int(point))
                break
        if (polygon, 1) not in rings:
            yield problem("outer_ring_missing", "boundary", given[0][1], "ring", ring)


def boundary_of(found: OnSheet) -> tuple[Mapping[str, Any] | None, list[Problem]]:
    """Make GeoJSON of the corners of a boundary sheet, None if there are none or any is faulty."""
    if found.table is None or found.place is None:
        return None, []
    frame, faults = typed(found.table)
    problems = [_at(fault, found.place.of(fault.row, fault.column)) for fault in faults]
    if problems or not len(frame):
        return None, problems
    rings: dict[tuple[int, int], list[tuple[float, int, float, float]]] = defaultdict(list)
    corners = frame[["polygon", "ring", "point", "x", "y"]].itertuples()
    for row, polygon, ring, point, x, y in corners:
        key = (1 if math.isnan(polygon) else int(polygon), 1 if math.isnan(ring) else int(ring))
        # Corners without a number keep the order of the rows.
        rings[key].append((math.inf if math.isnan(point) else point, row, x, y))
    problems = [_at(fault, found.place.of(fault.row, fault.column)) for fault in _disordered(rings)]
    if problems:
        return None, problems
    polygons: dict[int, list[list[list[float]]]] = defaultdict(list)
    for (polygon, ring), given in sorted(rings.items()):
        points = [[x, y] for _, _, x, y in sorted(given)]
        if len({tuple(point) for point in points}) < 3:
            first = min(row for _, row, _, _ in given)
            fault = problem("ring_too_short", "boundary", first, "ring", f"{polygon}.{ring}")
            problems.append(_at(fault, found.place.of(first, "ring")))
            continue
        polygons[polygon].append(points if points[0] == points[-1] else [*points, points[0]])
    if problems:
        return None, problems
    parts = list(polygons.values())
    if len(parts) == 1:
        return {"type": "Polygon", "coordinates": parts[0]}, []
    return {"type": "MultiPolygon", "coordinates": parts}, []
