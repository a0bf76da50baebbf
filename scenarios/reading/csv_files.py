"""CSV files in: the columns of a header, rows of text cells, a problem for everything that cannot be a table."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from parkrisk.models.errors import Problem
from parkrisk.scenarios import schema
from parkrisk.scenarios.messages import MOST, problem
from parkrisk.scenarios.reading.cells import RawTable
from parkrisk.scenarios.reading.encoding import decoded
from parkrisk.scenarios.reading.header_units import conversions, heading

__all__ = ["content", "csv_table", "known_columns", "read_table"]

_LARGEST_FILE = 512 * 2**20
#: Columns of a file; no table has a tenth as many.
_WIDEST = 1000


def content(path: Path, table: str, gbk_around: bool = False) -> tuple[str | None, list[Problem]]:
    """Text of a file that holds a table, None if it cannot be read, and what there is to say about it."""
    try:
        if path.exists() and not path.is_file():  # a pipe or a device would never end
            return None, [problem("unreadable", table, found=path.name, reason="no plain file / 不是普通文件")]
        if path.stat().st_size > _LARGEST_FILE:
            return None, [problem("unreadable", table, found=path.name, reason=f"> {_LARGEST_FILE // 2**20} MiB")]
        return decoded(path.read_bytes(), table, gbk_around)
    except OSError as error:
        return None, [problem("unreadable", table, found=path.name, reason=error.strerror or type(error).__name__)]
    except ValueError:
        return None, [problem("unreadable", table, found=path.name, reason="no file name / 文件名无效")]


def known_columns(header: Sequence[str], declared: schema.Table) -> tuple[dict[int, str], list[Problem]]:
    """Place → name of the known columns of a header, each once.

    A word is a name, a Chinese or an English label, also with a unit in brackets, or a name that ends in another unit.
    Cells of a column that declares another unit than its own go through ``header_units.conversions(header, known,
    declared)``, which says how to convert them; two words for one column are a duplicate whatever their units.
    """
    known: dict[int, str] = {}
    problems = []
    for place, word in enumerate(header):
        text = word.strip()
        found = heading(text, declared)
        if found.fault is not None:
            problems.append(found.fault)
        elif not found.column:
            near = schema.nearest(text, declared.columns)
            problems.append(problem("unknown_column", declared.name, None, text, text, near=near))
        elif found.column in known.values():
            problems.append(problem("duplicate_column", declared.name, None, found.column, text))
        else:
            known[place] = found.column
    return known, problems


def _delimiter_fault(header: Sequence[str], table: str) -> list[Problem]:
    if len(header) == 1:
        for sign, word in ((";", ";"), ("\t", "tab")):
            if sign in header[0]:
                return [problem("wrong_delimiter", table, found=word)]
    return []


def csv_table(text: str, declared: schema.Table) -> tuple[RawTable | None, list[Problem]]:
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
    if len(header) > _WIDEST:
        return None, [problem("unreadable", name, reason=f"{len(header)} columns > {_WIDEST} / 列数过多")]
    fault = _delimiter_fault(header, name)
    if fault:
        return None, fault
    known, problems = known_columns(header, declared)
    units = conversions(header, known, declared)
    rows, numbers, ragged = [], [], 0
    for number, record in enumerate(records[1:], start=1):
        if not any(cell.strip() for cell in record):
            continue
        if len(record) < len(header) or any(cell.strip() for cell in record[len(header) :]):
            ragged += 1
            if ragged <= MOST:
                problems.append(problem("ragged_row", name, number, found=len(record), expected=len(header)))
            continue
        rows.append(tuple(units[place].convert(record[place]) if place in units else record[place] for place in known))
        numbers.append(number)
    if ragged > MOST:
        problems.append(problem("further_problems", name, None, "", MOST))
    return RawTable(name, tuple(known.values()), tuple(rows), tuple(numbers)), problems


def read_table(path: str | Path, name: str) -> tuple[RawTable | None, list[Problem]]:
    """Read one table that stands in a CSV file of any name; None if it cannot be read."""
    declared = schema.table(name)
    text, problems = content(Path(path), name)
    if text is None:
        return None, problems
    table, faults = csv_table(text, declared)
    if table is not None and not table.rows:
        faults = [*faults, problem("empty_table", name)]
    return table, [*problems, *faults]
