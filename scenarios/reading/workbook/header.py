"""The header of a sheet, wherever it stands: which row, which column is which, and in which unit."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from parkrisk.models.errors import Problem
from parkrisk.scenarios import schema
from parkrisk.scenarios.messages import problem
from parkrisk.scenarios.reading.header_units import Conversion, Heading, heading
from parkrisk.scenarios.reading.workbook.sheets import Sheet, letters_of

__all__ = ["LONGEST", "WIDE", "WITHIN", "Header", "find_header", "headings"]

#: Rows among which the header is looked for.
WITHIN = 15
#: Columns among which headings are looked for; no table has a fifth as many.
WIDE = 256
#: Characters of a heading; longer text is none.
LONGEST = 100
#: Rows that follow each other are one header if so large a share of their cells are headings: labels above names.
_SHARE = 0.6
#: Headings from which on a sheet of another name is taken for that of a table.
_ENOUGH = 4
_REMARK = "#"


@dataclass(frozen=True)
class Header:
    """The header of a table.

    Parameters
    ----------
    row : int
        Its last row, from 0; data stand below it.
    columns : mapping of int to str
        Column of the sheet, from 0, to the name of the column.
    conversions : mapping of int to Conversion
        Of the columns that declare another unit than their own.
    remark : int or None
        Column for remarks.
    headed : frozenset of int
        Columns with any heading, known or not.
    """

    row: int
    columns: Mapping[int, str]
    conversions: Mapping[int, Conversion]
    remark: int | None
    headed: frozenset[int]

    @property
    def last(self) -> int:
        """Last column with any heading."""
        return max(self.headed)


def _word(cell: Any) -> str:
    return cell.strip().strip("*＊").strip() if isinstance(cell, str) and len(cell) <= LONGEST else ""


def _share(row: Sequence[Any], declared: schema.Table) -> tuple[int, float]:
    """How many cells of a row are headings of the table, and which share of those that are not empty."""
    words = [cell for cell in row[:WIDE] if cell != ""]
    known = sum(bool(_word(cell)) and bool(heading(_word(cell), declared).column) for cell in words)
    others = len([cell for cell in words if _word(cell) != _REMARK])
    return known, known / others if others else 0.0


def _group(rows: Sequence[Sequence[Any]], declared: schema.Table) -> range:
    """Rows of the header, none if there is no row with a heading."""
    shares = [_share(row, declared) for row in rows[:WITHIN]]
    best = max(range(len(shares)), key=lambda place: (shares[place][0], -place), default=-1)
    if best < 0 or not shares[best][0]:
        return range(0)
    first = last = best
    while first > 0 and shares[first - 1][0] > 1 and shares[first - 1][1] >= _SHARE:
        first -= 1
    while last + 1 < len(shares) and shares[last + 1][0] > 1 and shares[last + 1][1] >= _SHARE:
        last += 1
    return range(first, last + 1)


def _meant(words: Sequence[str], declared: schema.Table) -> tuple[str, Heading]:
    """Give the heading of one column: the last word that is known; a unit that only a label states counts too.

    Words that mean different columns, or state different units, contradict each other.
    """
    meant = [(word, heading(word, declared)) for word in reversed(words) if word]
    known = [(word, found) for word, found in meant if found.column]
    if not known:
        return meant[0] if meant else ("", Heading(""))
    word, first = known[0]
    stated = [(other, found) for other, found in known if found.unit]
    for other, found in known[1:]:
        apart = found.unit and found.unit != stated[0][1].unit
        if found.column != first.column or apart:
            said = problem("heading_contradicts", declared.name, None, first.column, word, other=other)
            return word, dataclasses.replace(first, fault=said)
    return stated[0] if stated else (word, first)


def find_header(sheet: Sheet, declared: schema.Table) -> tuple[Header | None, list[Problem]]:
    """Find the header of the sheet of a table, None if there is none, and what is wrong with it."""
    group = _group(sheet.rows, declared)
    if not group:
        sample = "、".join(list(declared.columns)[:4])
        missing = problem("no_header", declared.name, None, "", sheet.name, expected=WITHIN, sample=sample)
        return None, [dataclasses.replace(missing, place=sheet.name)]
    rows = [sheet.rows[place] for place in group]
    columns: dict[int, str] = {}
    conversions: dict[int, Conversion] = {}
    headed: set[int] = set()
    remark, problems = None, []
    for place in range(min(WIDE, max(map(len, rows)))):
        words = [_word(row[place]) if place < len(row) else "" for row in rows]
        if not any(words):
            continue
        headed.add(place)
        if _REMARK in words:
            remark = place
            continue
        word, found = _meant(words, declared)
        at = f"{sheet.name}!{letters_of(place)}{group[-1] + 1}"
        fault = found.fault
        if not found.column:
            near = schema.nearest(word, [w for c in declared.columns.values() for w in (c.name, c.label_zh)])
            fault = problem("unknown_column", declared.name, None, word, word, near=near)
        elif found.column in columns.values():
            fault = problem("duplicate_column", declared.name, None, found.column, word)
        if fault is not None:
            problems.append(dataclasses.replace(fault, place=at))
        if not found.column or found.column in columns.values():
            continue
        columns[place] = found.column
        if found.conversion is not None:
            conversions[place] = found.conversion
    problems += _above(sheet, group[0], columns, declared)
    return Header(group[-1], columns, conversions, remark, frozenset(headed)), problems


def _above(sheet: Sheet, first: int, columns: Mapping[int, str], declared: schema.Table) -> list[Problem]:
    """Name the first row above the header that holds numbers in columns of numbers: titles do not."""
    numeric = [place for place, name in columns.items() if declared.columns[name].is_number]
    for number, row in enumerate(sheet.rows[:first], start=1):
        if sum(place < len(row) and isinstance(row[place], float) for place in numeric) > 1:
            fault = problem("data_above_header", declared.name, None, "", number)
            return [dataclasses.replace(fault, place=f"{sheet.name}!{number}")]
    return []


def headings(sheet: Sheet, declared: schema.Table) -> int:
    """Give how many headings of a table stand on one row of a sheet; 0 if they are few or among others."""
    shares = (_share(row, declared) for row in sheet.rows[:WITHIN])
    return max((known for known, share in shares if known >= _ENOUGH and share >= _SHARE), default=0)
