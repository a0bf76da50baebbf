"""From the sheet of a table to a text table, its place, and every fault on the way."""

import bisect
import dataclasses
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from parkrisk.models.errors import Problem
from parkrisk.scenarios import schema
from parkrisk.scenarios.messages import listed, problem
from parkrisk.scenarios.reading.cells import RawTable
from parkrisk.scenarios.reading.raw import Place
from parkrisk.scenarios.reading.workbook.examples import EXAMPLES, HINTS, is_example, left_as_data
from parkrisk.scenarios.reading.workbook.excel_cells import Column
from parkrisk.scenarios.reading.workbook.header import Header, find_header
from parkrisk.scenarios.reading.workbook.sheets import Sheet, letters_of

__all__ = ["OnSheet", "column_marks", "hidden_sheet", "read_table"]

_TOTALS = frozenset({"合计", "总计", "小计", "共计", "汇总", "total", "sum", "subtotal", "grand total"})


@dataclass(frozen=True)
class OnSheet:
    """A table as it was found: None if there is no header.

    ``numeric`` are the row numbers, by id column, whose id came as a number.
    """

    table: RawTable | None
    place: Place | None
    problems: list[Problem]
    numeric: Mapping[str, frozenset[int]]


def column_marks(sheet: Sheet) -> dict[int, dict[str, dict[int, str]]]:
    """Column of the sheet → kind of mark → row → text; an entry without marks for every other column."""
    kinds = ("errors", "empty_formulas", "linked_formulas", "formats")
    found: dict[int, dict[str, dict[int, str]]] = defaultdict(lambda: {kind: {} for kind in kinds})
    for kind in kinds:
        for row, column, text in sheet.marks[kind]:
            found[column][kind][row] = text
    return found


def hidden_sheet(sheet: Sheet, table: str) -> list[Problem]:
    """Say that a sheet that holds a table is hidden."""
    return [_at(problem("hidden_sheet", table, found=sheet.name), sheet.name)] if sheet.hidden else []


def _at(fault: Problem, place: str) -> Problem:
    return dataclasses.replace(fault, place=place)


def _empty(cell: Any) -> bool:
    return cell == "" or (isinstance(cell, str) and not cell.strip())


def _total(row: Sequence[Any], header: Header) -> str:
    """Return the word that makes a row one of totals, "" if there is none; it stands first in such a row."""
    for place in header.columns:
        if place < len(row) and not _empty(row[place]):
            word = str(row[place]).strip().rstrip(":：").replace(" ", "").replace("\u3000", "")
            return word if word.casefold() in _TOTALS else ""
    return ""


@dataclass
class _Rows:
    """The rows below a header, sorted into data, remarks and totals."""

    sheet: Sheet
    declared: schema.Table
    header: Header
    marks: Mapping[int, Mapping[str, Mapping[int, str]]]
    data: list[int] = dataclasses.field(default_factory=list)
    remarks: list[int] = dataclasses.field(default_factory=list)
    numbered: list[int] = dataclasses.field(default_factory=list)
    overwritten: list[int] = dataclasses.field(default_factory=list)
    totals: dict[int, str] = dataclasses.field(default_factory=dict)
    stray: dict[int, int] = dataclasses.field(default_factory=dict)

    def row(self, place: int) -> Sequence[Any]:
        """Cells of a row of the sheet; none beyond the last row with a value."""
        return self.sheet.rows[place] if place < len(self.sheet.rows) else ()

    def cell(self, row: int, column: int) -> Any:
        """One cell, "" where the row ends before it."""
        cells = self.row(row)
        return cells[column] if column < len(cells) else ""

    def sort(self) -> None:
        """Look at every row once."""
        marked = {
            row
            for place in self.header.columns
            for kind in ("errors", "empty_formulas")
            for row in self.marks[place][kind]
        }
        header, remark = self.header, self.header.remark
        for place in range(header.row + 1, max(len(self.sheet.rows), max(marked, default=0) + 1)):
            row = self.row(place)
            if not any(not _empty(cell) for cell in row) and place not in marked:
                continue
            if remark is not None and remark < len(row) and not _empty(row[remark]):
                self._set_aside(place, row[remark])
                continue
            total = _total(row, header)
            if total:
                self.totals[place] = total
                continue
            for at, cell in enumerate(row):
                if (at not in header.columns or at > header.last) and not _empty(cell):
                    self.stray.setdefault(at, place)
            if place in marked or any(not _empty(row[at]) for at in header.columns if at < len(row)):
                self.data.append(place)

    def _set_aside(self, place: int, remark: Any) -> None:
        """Sort a row with something in the column of remarks; what looks like data must not be lost there."""
        row = self.row(place)
        cells = {name: row[at] for at, name in self.header.columns.items() if at < len(row) and not _empty(row[at])}
        mark = str(remark).strip().casefold()
        if not cells:
            return
        if mark in EXAMPLES | HINTS:
            if not is_example(self.declared, cells, mark):
                self.overwritten.append(place)
        elif mark.replace(".", "", 1).isdigit():
            self.numbered.append(place)
        else:
            self.remarks.append(place)


def _of_rows(rows: _Rows, name: str) -> Iterator[Problem]:
    """Yield what there is to say of rows: remarks with data, totals, data outside the headings."""
    sheet, header = rows.sheet, rows.header
    for code, aside in (
        ("remark_rows", rows.remarks),
        ("numbered_rows", rows.numbered),
        ("example_overwritten", rows.overwritten),
    ):
        if aside:
            numbers = listed(str(row + 1) for row in aside)
            place = f"{sheet.name}!{letters_of(header.remark or 0)}{aside[0] + 1}"
            yield _at(problem(code, name, None, "", numbers), place)
    for row, word in rows.totals.items():
        yield problem("total_row", name, row + 1, "", word)
    for column, row in rows.stray.items():
        if column in header.headed:
            continue  # its heading has its own problem
        letters, cell = letters_of(column), rows.cell(row, column)
        shown = cell["date"] if isinstance(cell, dict) else cell
        place = f"{sheet.name}!{letters}{row + 1}"
        if column > header.last:
            yield _at(problem("beyond_header", name, None, "", shown, letters=letters), place)
        else:
            yield _at(problem("empty_heading", name, None, "", letters), place)


def _of_sheet(rows: _Rows, name: str) -> Iterator[Problem]:
    """Yield what there is to say of merged and of hidden cells."""
    sheet, header = rows.sheet, rows.header
    used = set(rows.data) | {header.row}
    first, last = min(header.columns, default=0), max(header.columns, default=-1)
    in_order = sorted(used)
    for top, left, bottom, right in sheet.marks["merged"]:
        touched = bisect.bisect_left(in_order, top)
        if touched == len(in_order) or in_order[touched] > bottom or right < first or left > last:
            continue
        span = f"{letters_of(left)}{top + 1}:{letters_of(right)}{bottom + 1}"
        column = header.columns.get(left, "")
        number = None if in_order[touched] == header.row else in_order[touched] + 1
        yield _at(problem("merged_cells", name, number, column, span), f"{sheet.name}!{span}")
    hidden = [row for row in sheet.marks["hidden_rows"] if row in used and row != header.row]
    if hidden:
        numbers = listed(str(row + 1) for row in hidden)
        yield problem("hidden_rows", name, hidden[0] + 1, "", numbers)
    covered = [
        place
        for place in header.columns
        if any(low <= place <= high for low, high in sheet.marks["hidden_columns"])
        and any(not _empty(rows.cell(row, place)) for row in rows.data)
    ]
    if covered:
        letters = listed(letters_of(place) for place in covered)
        place = f"{sheet.name}!{letters_of(covered[0])}"
        yield _at(problem("hidden_columns", name, None, header.columns[covered[0]], letters), place)


def read_table(sheet: Sheet, declared: schema.Table, since_1904: bool) -> OnSheet:
    """Read the sheet of a table.

    Parameters
    ----------
    sheet : Sheet
    declared : Table
    since_1904 : bool
        Whether serial dates count from 1904.
    """
    header, problems = find_header(sheet, declared)
    if header is None:
        return OnSheet(None, None, problems, {})
    marks = column_marks(sheet)
    rows = _Rows(sheet, declared, header, marks)
    rows.sort()
    problems += [*hidden_sheet(sheet, declared.name), *_of_rows(rows, declared.name)]
    problems += _of_sheet(rows, declared.name)
    columns, numeric = [], {}
    for place, name in header.columns.items():
        conversion = header.conversions.get(place)
        stated = conversion.unit if conversion else ""
        column = Column(declared.name, declared.columns[name], since_1904, marks[place], stated)
        cells = [(at, rows.cell(at, place)) for at in rows.data]
        texts = column.texts(cells)
        columns.append([conversion.convert(text) for text in texts] if conversion else texts)
        problems += column.problems
        if column.numeric:
            numeric[name] = frozenset(column.numeric)
    table = RawTable(
        declared.name,
        tuple(header.columns.values()),
        tuple(zip(*columns, strict=True)),
        tuple(row + 1 for row in rows.data),
    )
    problems += [problem("example_as_data", declared.name, number) for number in left_as_data(table)]
    letters = {name: letters_of(place) for place, name in header.columns.items()}
    return OnSheet(table, Place(sheet.name, letters), problems, numeric)
