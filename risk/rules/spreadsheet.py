"""Rules and checklist items from a spreadsheet: one row each, CSV or XLSX, with the columns of ``sheet_columns.csv``.

A sheet is known by its header, which may stand below a title; other sheets are left alone.
"""

import csv
import datetime as dt
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from parkrisk.models.errors import Problem
from parkrisk.risk.rules.checker import Checker
from parkrisk.risk.rules.sheet_cells import cell_of, columns
from parkrisk.scenarios.reading.encoding import decoded
from parkrisk.scenarios.reading.workbook.sheets import Sheet, letters_of, read_sheets

SUFFIXES = (".csv", ".xlsx")
_LARGEST = {"file": 16 * 2**20, "rows": 5000}
_HEADER_WITHIN, _HEADER_COLUMNS = 20, 3


@dataclass(frozen=True)
class Record:
    """One row: the sheet for messages, the row below the header counted from 1, and its cells that are not empty."""

    table: str
    row: int
    cells: Mapping[str, Any]


@dataclass
class Spreadsheet:
    """Rules and checklist items found in a file, and every problem."""

    rules: list[Record] = field(default_factory=list)
    items: list[Record] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read(path: Path) -> Spreadsheet:
    """Read every sheet of rules or items in a file.

    Parameters
    ----------
    path : Path
        ``.csv`` (UTF-8 or GBK) or ``.xlsx``.

    Returns
    -------
    Spreadsheet
        With problems, nothing in it is complete.
    """
    found = Spreadsheet()
    checker = Checker(path.name, found.problems)
    known = 0
    for name, rows in _sheets(path, checker):
        kind, at = _header(rows)
        if kind:
            known += 1
            _read_sheet(found, kind, path.name + (f" {name}" if name else ""), rows[at], rows[at + 1 :])
    if not known and not found.problems:
        checker.add(
            "file",
            "header",
            path.name,
            "没有规则表或检查表的表头；用 parkrisk rules template 取得表头",
            "no header of rules or checklist items; parkrisk rules template writes one",
        )
    return found


def _sheets(path: Path, checker: Checker) -> Iterator[tuple[str, list[list[Any]]]]:
    """Sheets as rows of cells; what cannot be read is a problem."""
    try:
        size = path.stat().st_size
        if size > _LARGEST["file"]:
            checker.add("file", "size", size, "文件过大，上限 16 MiB", "too large, 16 MiB is the limit")
        elif path.suffix.lower() == ".csv":
            text, notes = decoded(path.read_bytes(), path.name)
            checker.found += notes
            if text is not None:
                yield "", _bounded(list(csv.reader(io.StringIO(text, newline=""), strict=True)), checker)
        else:
            yield from _worksheets(path, checker)
    except OSError as error:
        checker.add("file", "read", path, f"无法读取：{error.strerror}", f"cannot be read: {error.strerror}")
    except csv.Error as error:
        checker.add("file", "read", path, f"不是有效的表格文件：{error}", f"not a spreadsheet: {error}")


def _worksheets(path: Path, checker: Checker) -> Iterator[tuple[str, list[list[Any]]]]:
    """Sheets of a workbook that another process reads, with little memory and time."""
    book = read_sheets(path, path.name)
    if isinstance(book, Problem):
        zh, en = book.message_zh, book.message_en
        checker.add("file", "read", book.found, f"不是有效的表格文件：{zh}", f"not a spreadsheet: {en}")
        return
    for sheet in book.sheets:
        rows = [[_cell(cell) for cell in row] for row in _bounded(sheet.rows, checker)]
        if not (_header(rows)[0] and _without_result(sheet, checker)):
            yield sheet.name, rows


def _cell(cell: Any) -> Any:
    """Cell as the process gave it, with dates as dates."""
    if not isinstance(cell, dict):
        return cell
    text = str(cell["date"])
    try:
        return dt.date.fromisoformat(text) if len(text) == 10 else dt.datetime.fromisoformat(text)
    except ValueError:
        return text  # a time of day


def _without_result(sheet: Sheet, checker: Checker) -> bool:
    """Whether formulas of a sheet keep no result; each is a problem."""
    empty = sheet.marks["empty_formulas"]
    for row, column, _ in empty:
        checker.add(
            sheet.name,
            f"{letters_of(column)}{row + 1}",
            "formula",
            "公式没有保存计算结果；请在表格软件中打开并保存",
            "a formula without a kept result; open and save the file in a spreadsheet program",
        )
    return bool(empty)


def _bounded(rows: list[list[Any]], checker: Checker) -> list[list[Any]]:
    if len(rows) > _LARGEST["rows"]:
        limit = _LARGEST["rows"]
        checker.add("file", "rows", len(rows), f"超过 {limit} 行", f"more than {limit} rows")
        return []
    return rows


def _names(kind: str) -> dict[str, str]:
    """What a header may call the columns: by name or Chinese label."""
    return {word: each.column for each in columns(kind).values() for word in (each.column, each.label_zh)}


def _header(rows: Sequence[Sequence[Any]]) -> tuple[str, int]:
    """Which kind of sheet it is and where its header stands; "" for another sheet."""
    for at, row in enumerate(rows[:_HEADER_WITHIN]):
        for kind, key in (("rules", "id"), ("items", "item")):
            known = [_names(kind).get(str(cell).strip()) for cell in row]
            if key in known and sum(name is not None for name in known) >= _HEADER_COLUMNS:
                return kind, at
    return "", 0


def _read_sheet(
    found: Spreadsheet, kind: str, table: str, header: Sequence[Any], rows: Sequence[Sequence[Any]]
) -> None:
    checker = Checker(table, found.problems)
    known = columns(kind)
    places: dict[str, int] = {}
    for place, cell in enumerate(header):
        word = str(cell).strip()
        name = _names(kind).get(word)
        if name is None and word:
            checker.unknown("header", word, word, _names(kind), "列", "column")
        elif name in places:
            checker.add("header", word, word, "此列重复", "the column stands twice")
        elif name is not None:
            places[name] = place
    for column in known.values():
        if column.required == "yes" and column.column not in places:
            checker.add(
                "header",
                column.column,
                "",
                f"缺少列 {column.column}（{column.label_zh}）",
                f"the column {column.column} ({column.label_zh}) is missing",
            )
    target = found.rules if kind == "rules" else found.items
    for number, row in enumerate(rows, 1):
        checker.row = number
        given = {name: row[place] for name, place in places.items() if place < len(row) and not _blank(row[place])}
        if not given:
            continue
        cells = {name: cell_of(checker, known[name], cell) for name, cell in given.items()}
        for name in places:
            if known[name].required == "yes" and name not in given:
                checker.add("", name, "", f"缺少 {name}", f"{name} is missing")
        if kind == "rules":
            checker.choice("", "given_by", cells.get("given_by", "park"), ("park", "project"))
        key = cells.get("id" if kind == "rules" else "item")
        if kind == "items" and any(key == other.cells.get("item") for other in target):
            checker.add("", "item", key, "编号重复", "item stands twice")
        target.append(Record(table, number, {name: cell for name, cell in cells.items() if cell is not None}))


def _blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())
