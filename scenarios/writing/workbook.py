"""A park or a project out as a workbook: one sheet per table, cells as they stand."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import shapely

from parkrisk.models.errors import InputProblems, Problem
from parkrisk.scenarios import schema
from parkrisk.scenarios.messages import problem
from parkrisk.scenarios.reading.cells import RawTable
from parkrisk.scenarios.reading.raw import RawInput
from parkrisk.scenarios.writing.plain import boundary_crs, boundary_parts, section_of
from parkrisk.scenarios.writing.sheets import FIRST_ROW, LONGEST_CELL, MOST_ROWS, Book, Remark

__all__ = ["NO_EXAMPLES", "Examples", "write_workbook"]


#: Table of the corners of the boundary; only workbooks have it.
BOUNDARY = "boundary"


@dataclass(frozen=True)
class Examples:
    """Example of each entry of the section, and rows of remarks of each table."""

    section: Mapping[str, str]
    rows: Mapping[str, Sequence[Remark]]


NO_EXAMPLES = Examples({}, {})


def _too_large(raw: RawInput) -> Iterator[Problem]:
    """Yield what a sheet cannot hold."""
    for name, table in raw.tables.items():
        if len(table.rows) > MOST_ROWS:
            yield problem("table_too_long", name, found=len(table.rows), expected=MOST_ROWS)
        for number, row in zip(table.numbers, table.rows, strict=True):
            for column, cell in zip(table.columns, row, strict=True):
                if len(cell) > LONGEST_CELL:
                    yield problem("cell_too_long", name, number, column, len(cell), expected=LONGEST_CELL)


def _corners(raw: RawInput) -> RawTable:
    """Corners of the boundary as rows of the table that a workbook has for them."""
    rows = [
        (str(polygon), str(ring), str(point), repr(x), repr(y))
        for polygon, part in enumerate(boundary_parts(raw), start=1)
        for ring, line in enumerate((part.exterior, *part.interiors), start=1)
        for point, (x, y) in enumerate(shapely.get_coordinates(line).tolist(), start=1)
    ]
    return RawTable(BOUNDARY, ("polygon", "ring", "point", "x", "y"), tuple(rows), tuple(range(1, len(rows) + 1)))


def write_workbook(raw: RawInput, path: Path, lang: str, examples: Examples = NO_EXAMPLES) -> dict[str, str]:
    """Write a park or a project as a workbook; gives the sheet of each table.

    Every table of the schema has its sheet, with rows or without, so that the workbook can be filled further.

    Parameters
    ----------
    raw : RawInput
    path : Path
    lang : str
        "zh" or "en": names of sheets and of what the drop-downs offer.
    examples : Examples
        What is shown and not read: examples beside the entries of the section, rows of remarks above the data.

    Raises
    ------
    InputProblems
        If a cell or a table is longer than Excel takes.
    """
    faults = list(_too_large(raw))
    if faults:
        raise InputProblems(faults)
    path.parent.mkdir(parents=True, exist_ok=True)
    places = {}
    with Book(path, raw.kind, lang) as book:
        book.guide()
        for table in book.tables:
            if table.form == "section":
                book.section(_section(raw), examples.section)
            else:
                _rows(book, table, raw.tables.get(table.name), examples)
            if table.name in raw.tables:
                places[table.name] = book.name_of(table)
        if raw.kind == "park":
            table = schema.table(BOUNDARY)
            _rows(book, table, _corners(raw), examples)
            if raw.boundary is not None:
                places[BOUNDARY] = book.name_of(table)
        book.choices()
    return places


def _section(raw: RawInput) -> dict[str, str]:
    """Cells of the section; the CRS that a boundary names itself becomes an entry, corners name none."""
    if raw.kind not in raw.tables:
        return {}
    cells = section_of(raw)
    if raw.boundary is not None and boundary_crs(raw):
        cells["boundary_crs"] = boundary_crs(raw)
    return cells


def _rows(book: Book, table: schema.Table, found: RawTable | None, examples: Examples) -> None:
    remarks = examples.rows.get(table.name, ())
    sheet = book.table(table, remarks)
    if found is None:
        return
    order = {column: place for place, column in enumerate(table.columns, start=1)}
    for row, cells in enumerate(found.rows, start=FIRST_ROW + len(remarks)):
        for column, cell in zip(found.columns, cells, strict=True):
            book.write(sheet, row, order[column], cell, table.columns[column])
