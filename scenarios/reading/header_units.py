"""Headers that declare their unit: 操作压力（MPa）, pressure_mpa, mass_kg; cells are converted to the column's own.

This is the one place where a unit of the input is turned into that of the schema. Units, spellings and factors stand in
``schema/header_units.csv``, further words for columns in ``schema/header_words.csv``.
"""

import functools
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from parkrisk.models.errors import Problem
from parkrisk.scenarios import schema
from parkrisk.scenarios.messages import problem

__all__ = ["Conversion", "Heading", "conversions", "heading"]

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_OPENING, _CLOSING = "（(〔[【", "）)〕]】"


@dataclass(frozen=True)
class Conversion:
    """From the unit a header declares to that of its column: value × factor + offset."""

    unit: str
    factor: Decimal
    offset: Decimal

    def convert(self, cell: str) -> str:
        """Text of the cell in the unit of the column, by decimal arithmetic: 1.6 MPa is 1600 kPa exactly.

        A cell may repeat the unit of its header (85% below a heading in %). What is no number stays as it is, so that
        it is named as it stands.
        """
        plain = unicodedata.normalize("NFKC", cell).strip().removesuffix(self.unit).rstrip()
        if not _NUMBER.fullmatch(plain):
            return cell
        value = Decimal(plain) * self.factor + self.offset
        return str(float(value)) if abs(value.adjusted()) > 15 else f"{value.normalize():f}"


@dataclass(frozen=True)
class Heading:
    """What one word of a header means.

    Parameters
    ----------
    column : str
        "" if none.
    conversion : Conversion or None
        How to convert the cells.
    fault : Problem or None
    unit : str
        The unit that the word states, "" if it states none.
    """

    column: str
    conversion: Conversion | None = None
    fault: Problem | None = None
    unit: str = ""


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()


def _bare(label: str) -> str:
    """Label without what stands in brackets: 操作压力（表压） is also called 操作压力."""
    return re.sub(r"[（(〔\[【][^）)〕\]】]*[）)〕\]】]", "", label).strip()


@functools.cache
def _words(table: str) -> Mapping[str, str]:
    """Plain word → column: names first, then labels, labels without brackets where one column has them, more words."""
    declared = schema.table(table)
    columns = list(declared.columns.values())
    found: dict[str, str] = {}
    for said in ("name", "label_zh", "label_en"):
        for column in columns:
            found.setdefault(_plain(getattr(column, said)), column.name)
    for row in schema.rows_of("header_words"):
        if row["table"] == table:
            for word in row["words"].split(";"):
                found.setdefault(_plain(word), row["column"])
    for said in ("label_zh", "label_en"):
        bare = [_plain(_bare(getattr(column, said))) for column in columns]
        for column, word in zip(columns, bare, strict=True):
            if bare.count(word) == 1:
                found.setdefault(word, column.name)
    return MappingProxyType(found)


def _units(unit: str) -> list[Mapping[str, str]]:
    return [row for row in schema.rows_of("header_units") if row["unit"] == unit]


@functools.cache
def _suffixed(table: str) -> Mapping[str, tuple[str, int]]:
    """Column names that end in another unit, such as pressure_mpa → (pressure_kpa, place of its unit)."""
    declared = schema.table(table)
    found: dict[str, tuple[str, int]] = {}
    for column in declared.columns.values():
        for place, row in enumerate(_units(column.unit)):
            stem, end = column.name.removesuffix(f"_{row['suffix']}"), f"_{row['other_suffix']}"
            if stem != column.name and stem + end not in declared.columns:
                found.setdefault(stem + end, (column.name, place))
    return MappingProxyType(found)


def _in_brackets(word: str) -> Iterator[tuple[str, str]]:
    """Every way to part a word that ends in brackets into a name and a unit, the longest name first."""
    if not word or word[-1] not in _CLOSING:
        return
    for place in range(len(word) - 2, 0, -1):
        if word[place] in _OPENING:
            yield word[:place].strip(), word[place + 1 : -1].strip()


def _converted(table: str, column: schema.Column, row: Mapping[str, str], word: str) -> Heading:
    unit = row["other"]
    if row["refused"]:
        fault = problem("header_absolute", table, None, column.name, word, unit=column.unit)
        return Heading(column.name, None, fault, unit)
    factor, offset = Decimal(row["factor"]), Decimal(row["offset"])
    same = factor == 1 and offset == 0
    return Heading(column.name, None if same else Conversion(unit, factor, offset), None, unit)


def _agreeing(found: Heading, table: str, base: str, suffix: str) -> Heading:
    """Refuse a name that ends in one unit and states another in brackets, as pressure_kpa (MPa) does."""
    named = suffix and _plain(base) == found.column and found.column.endswith(f"_{suffix}")
    if found.conversion is None or not named:
        return found
    fault = problem("heading_contradicts", table, None, found.column, found.column, other=found.unit)
    return Heading(found.column, None, fault, found.unit)


def heading(word: str, declared: schema.Table) -> Heading:
    """Tell which column a word of a header means, and in which unit.

    Parameters
    ----------
    word : str
        A column name, a Chinese or English label, either with a unit in brackets, or a name that ends in another unit.
    declared : Table

    Returns
    -------
    Heading
        ``column`` "" if the word is not known. ``fault``: the unit is not known for this column, or is an absolute
        pressure where the column is a gauge pressure.
    """
    name = _words(declared.name).get(_plain(word))
    if name is not None:
        return Heading(name)
    suffixed = _suffixed(declared.name).get(_plain(word))
    if suffixed is not None:
        column = declared.columns[suffixed[0]]
        return _converted(declared.name, column, _units(column.unit)[suffixed[1]], word)
    known = [(found, unit, base) for base, unit in _in_brackets(word.strip()) if (found := _of(base, declared))]
    for found, unit, base in known:
        column = declared.columns[found]
        if not column.unit or _plain(unit) == _plain(column.unit):
            return Heading(found, unit=column.unit)
        for row in _units(column.unit):
            if _plain(unit) in {_plain(row["other"]), *map(_plain, row["spellings"].split(";"))}:
                return _agreeing(_converted(declared.name, column, row, word), declared.name, base, row["suffix"])
    if known:
        found, unit, _ = known[-1]
        column = declared.columns[found]
        allowed = ", ".join(row["other"] for row in _units(column.unit) if not row["refused"]) or column.unit
        return Heading(found, None, problem("header_unit", declared.name, None, found, unit, allowed=allowed), unit)
    return Heading("")


def _of(base: str, declared: schema.Table) -> str:
    return _words(declared.name).get(_plain(base), "")


def conversions(header: Sequence[str], known: Mapping[int, str], declared: schema.Table) -> dict[int, Conversion]:
    """Place → conversion of the columns of a header whose cells are in another unit than the column's.

    Parameters
    ----------
    header : sequence of str
    known : mapping of int to str
        Place → column, as ``known_columns`` gives it.
    declared : Table

    Returns
    -------
    dict of int to Conversion
        Call ``convert`` of it on the text of each cell; places that are not in it are in the column's own unit.
    """
    found = {place: heading(header[place], declared).conversion for place in known}
    return {place: conversion for place, conversion in found.items() if conversion is not None}
