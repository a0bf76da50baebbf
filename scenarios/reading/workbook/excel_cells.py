"""From the cells of one column to text, with a word for everything that Excel does to values on the way."""

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from parkrisk.models.errors import Problem
from parkrisk.scenarios import schema
from parkrisk.scenarios.messages import problem
from parkrisk.scenarios.reading.header_units import heading

__all__ = ["Column"]

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
#: Serial numbers that are taken for dates: from 1954 to 2119.
_SERIALS = (20_000, 80_000)
#: Whole numbers beyond it lose digits in Excel.
_EXACT = 1e15
_ID = ("id", "reference")
_FULL_WIDTH = re.compile("[\uff01-\uff5e\u3000]")


class _Wrong(Exception):
    """The cell cannot be read. Never leaves this file."""

    def __init__(self, code: str, found: str, **words: object) -> None:
        super().__init__(code)
        self.code, self.found, self.words = code, found, words


def _digits(value: float) -> str:
    """Shortest text of a number: 5 for 5.0, so that codes look as they were written."""
    return str(int(value)) if math.isfinite(value) and value == int(value) and abs(value) < _EXACT else repr(value)


def _visible(text: str) -> str:
    """Text without characters that take no room, and with plain spaces for the others."""
    kinds = ((sign, unicodedata.category(sign)) for sign in text)
    return "".join(" " if kind == "Zs" else sign for sign, kind in kinds if kind != "Cf")


@dataclass
class Column:
    """One column of a table on a sheet: turns its cells into text and remembers what there is to say.

    Parameters
    ----------
    table : str
    declared : schema.Column
    since_1904 : bool
        Whether serial dates count from 1904.
    marks : mapping of str to mapping of int to str
        Of this column: "errors", "empty_formulas", "linked_formulas" and "formats", by row of the sheet from 0.
    unit : str
        Unit that the heading states, "" if it is the column's own.
    numeric : set of int
        Rows of the sheet, from 1, whose id came as a number.
    """

    table: str
    declared: schema.Column
    since_1904: bool
    marks: Mapping[str, Mapping[int, str]]
    unit: str = ""
    problems: list[Problem] = field(default_factory=list)
    numeric: set[int] = field(default_factory=set)
    _seen: dict[str, list[Any]] = field(default_factory=dict)

    def texts(self, cells: Iterable[tuple[int, Any]]) -> list[str]:
        """Text of each cell, given with its row on the sheet from 0; "" where it cannot be read."""
        plain = self.declared.is_number and not any(self.marks.values())
        found = []
        for row, value in cells:
            if plain and type(value) is float:
                found.append(_digits(value))
                continue
            try:
                found.append(self._text(row, value))
            except _Wrong as wrong:
                self._say(wrong.code, row, wrong.found, **wrong.words)
                found.append("")
        for code, (row, example, count) in self._seen.items():
            self._say(code, row, example, count=count)
        return found

    def _say(self, code: str, row: int, found: object, **words: object) -> None:
        self.problems.append(problem(code, self.table, row + 1, self.declared.name, found, **words))

    def _note(self, code: str, row: int, found: str) -> None:
        """Count what is said once for the whole column, at the first cell."""
        self._seen.setdefault(code, [row, found, 0])[2] += 1

    def _text(self, row: int, value: Any) -> str:
        for kind, code in (("errors", "excel_error"), ("empty_formulas", "formula_without_value")):
            if row in self.marks[kind]:
                raise _Wrong(code, self.marks[kind][row])
        if row in self.marks["linked_formulas"]:
            self._note("formula_linked", row, self.marks["linked_formulas"][row])
        if isinstance(value, bool):
            return self._boolean(value)
        if isinstance(value, float):
            return self._number(row, value, self.marks["formats"].get(row, ""))
        if isinstance(value, dict):
            return self._date(row, str(value["date"]))
        return self._string(row, str(value)) if value else ""

    def _boolean(self, value: bool) -> str:
        if self.declared.type == "choice":
            return "yes" if value else "no"
        raise _Wrong("boolean_value", str(value).upper())

    def _number(self, row: int, value: float, shown: str) -> str:
        text, kind = _digits(value), self.declared.type
        if self.declared.is_number:
            self._check_shown(row, text, shown)
            return text
        if kind in ("date", "time"):
            if _SERIALS[0] <= value <= _SERIALS[1]:
                start = dt.date(1904, 1, 1) if self.since_1904 else dt.date(1899, 12, 30)
                raise _Wrong("date_as_number", text, expected=(start + dt.timedelta(days=int(value))).isoformat())
            return text
        if not abs(value) < _EXACT:
            raise _Wrong("digits_lost", f"{value:.15g}")
        if shown.startswith("pad:") and value == int(value) and value >= 0:
            return f"{int(value):0{shown[4:]}d}"  # the zeros that the cell shows
        if kind in _ID:
            if shown == "scientific":
                raise _Wrong("id_scientific", text)
            if value != int(value):
                self._note("id_fraction", row, text)
            self.numeric.add(row + 1)
        return text

    def _check_shown(self, row: int, text: str, shown: str) -> None:
        """Compare the unit that a number format shows with that of the column."""
        percent = shown == "percent"
        if shown == "scaled" or (percent and not self.declared.unit.startswith("1")):
            self._note("scaled_format", row, text)
        elif percent and self.unit == "%":
            raise _Wrong("format_percent", text)
        elif shown.startswith("text:"):
            found = heading(f"{self.declared.name}({shown[5:]})", schema.table(self.table))
            if found.unit and found.unit != (self.unit or self.declared.unit):
                raise _Wrong("format_unit", text, unit=shown[5:], expected=self.unit or self.declared.unit)

    def _date(self, row: int, text: str) -> str:
        kind = self.declared.type
        if kind == "date":
            return text[:10]
        if kind == "time":
            return text
        if kind == "text":
            self._note("date_in_text", row, text)
            return text
        words = {}
        month_day = re.fullmatch(r"\d{4}-(\d\d)-(\d\d)", text)
        if month_day and kind in _ID:
            meant = f"{int(month_day[1])}-{int(month_day[2])}"
            words = {"hint_zh": f"（如 {meant}）", "hint_en": f" (for instance {meant})"}
        raise _Wrong("date_as_value", text, **words)

    def _string(self, row: int, value: str) -> str:
        kind = self.declared.type
        if value.isascii() and "\n" not in value and "\r" not in value:
            if self.declared.is_number and _NUMBER.fullmatch(value.strip()):
                self._note("text_numbers", row, value)
            return value
        if kind == "text":
            return value
        text = _visible(value)
        if text != value and text.strip() != value.strip("\u3000 \t\r\n"):
            self._note("invisible_characters", row, text)
        text = text.strip()
        if kind in _ID:
            if "\n" in text or "\r" in text:
                raise _Wrong("line_break", text)
            if _FULL_WIDTH.search(text):
                self._note("full_width_id", row, text)
        elif self.declared.is_number:
            plain = unicodedata.normalize("NFKC", text)
            if _NUMBER.fullmatch(plain):
                self._note("full_width" if plain != text else "text_numbers", row, text)
                return plain
        return text
