"""Workbooks for tests: the minimal park on sheets as people fill them, to be spoilt cell by cell."""

import datetime as dt
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from parkrisk.scenarios import schema
from tests.minimal_park import document

FIRST = 4  # row of the first data on a sheet with three rows of headings


@dataclass(frozen=True)
class Formula:
    """A formula and the result it was saved with; "" if it never was computed."""

    text: str
    result: Any = ""


@dataclass(frozen=True)
class Shown:
    """A number with a number format."""

    value: float
    format: str


def letters(table: str, column: str) -> str:
    """Letters of a column on a full sheet: the remarks stand in A."""
    return xl_col_to_name(list(schema.table(table).columns).index(column) + 1)


def place(table: str, row: int, column: str) -> str:
    """Address of a cell of a table, from the order of the columns in the schema alone."""
    return f"{schema.table(table).label_zh}!{letters(table, column)}{row}"


def _heading(column: schema.Column) -> str:
    return f"{column.label_zh}〔{column.unit}〕" if column.unit else column.label_zh


@dataclass
class Maker:
    """Sheets by name as lists of rows; ``write`` makes the file."""

    sheets: dict[str, list[list[Any]]] = field(default_factory=dict)
    finish: list[Callable[[Any, Mapping[str, Any]], object]] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)

    def add(self, table: str, rows: list[Mapping[str, Any]]) -> None:
        """Add a sheet with the full heading of a table and rows of it."""
        columns = schema.table(table).columns.values()
        cells: list[list[Any]] = [
            ["", *(_heading(column) for column in columns)],
            ["", *(column.label_en for column in columns)],
            ["#", *(column.name for column in columns)],
        ]
        cells += [["", *(row.get(column.name, "") for column in columns)] for row in rows]
        self.sheets[schema.table(table).label_zh] = cells

    def section(self, kind: str, values: Mapping[str, Any]) -> None:
        """Add the sheet of the park or the project."""
        rows: list[list[Any]] = [["column", "名称", "English", "value", "单位", "说明"]]
        for column in schema.table(kind).columns.values():
            value = values.get(column.name, "")
            rows.append([column.name, column.label_zh, column.label_en, value, column.unit, column.description])
        self.sheets[schema.table(kind).label_zh] = rows

    def set(self, table: str, row: int, column: str, value: Any) -> None:
        """Write one cell of a table; the row counts as the sheet does."""
        rows = self.sheets[schema.table(table).label_zh]
        while len(rows) < row:
            rows.append([])
        at = list(schema.table(table).columns).index(column) + 1
        rows[row - 1] += [""] * (at + 1 - len(rows[row - 1]))
        rows[row - 1][at] = value

    def write(self, path: Path) -> Path:
        """Write the workbook."""
        book = xlsxwriter.Workbook(
            str(path), {"strings_to_numbers": False, "strings_to_formulas": False, **self.options}
        )
        date = book.add_format({"num_format": "yyyy-mm-dd"})
        made = {}
        for name, rows in self.sheets.items():
            made[name] = sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                for column, value in enumerate(row):
                    if isinstance(value, Formula):
                        sheet.write_formula(at, column, value.text, None, value.result)
                    elif isinstance(value, Shown):
                        sheet.write_number(at, column, value.value, book.add_format({"num_format": value.format}))
                    elif isinstance(value, dt.date):
                        sheet.write_datetime(at, column, value, date)
                    elif value != "":
                        sheet.write(at, column, value)
        for step in self.finish:
            step(book, made)
        book.close()
        return path


def minimal() -> Maker:
    """Give the minimal park on sheets."""
    maker, park = Maker(), document()
    corners = park["park"].pop("boundary")["features"][0]["geometry"]["coordinates"][0]
    maker.section("park", park["park"])
    for name, rows in park.items():
        if name != "park":
            maker.add(name, rows)
    maker.sheets["四至"] = [["x", "y"], *corners]
    return maker


def replaced(path: Path, member: str, edit: Callable[[bytes], bytes]) -> None:
    """Change one member of a workbook; one that is not there is made of nothing."""
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    members[member] = edit(members.get(member, b""))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)


def cell_name(row: int, column: int) -> str:
    """A1 form of a cell that is counted from 0."""
    return str(xl_rowcol_to_cell(row, column))
