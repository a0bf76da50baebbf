"""From the text of cells to typed columns, with a problem for every cell that does not fit its column."""

import datetime as dt
import functools
import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from parkrisk.models.errors import Problem, UnknownSubstance
from parkrisk.scenarios import schema
from parkrisk.scenarios.messages import MOST, problem, shown
from parkrisk.scenarios.reading.words import LONGEST, LONGEST_ID, text_fault

__all__ = ["RawTable", "range_words", "slip", "typed", "without_rows"]

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)
_SPREADSHEET_TIME = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})[ T](\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)
_NOT_FINITE = frozenset({"nan", "inf", "infinity", "-inf", "+inf", "-infinity", "+infinity", "-nan", "#n/a", "#div/0!"})


@dataclass(frozen=True)
class RawTable:
    """One table as read: text cells only.

    Parameters
    ----------
    name : str
    columns : tuple of str
        Names of known columns, each once.
    rows : tuple of tuple of str
        Cells, as many in each row as ``columns``.
    numbers : tuple of int
        Number of each row below the header, from 1; of a workbook the row of the sheet.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]


class _Wrong(Exception):
    """The cell does not fit; carries the code and the words of the problem. Never leaves this file."""

    def __init__(self, code: str, **words: object) -> None:
        super().__init__(code)
        self.code = code
        self.words = words


def range_words(column: schema.Column, minimum: float | None, maximum: float | None) -> dict[str, str]:
    """Return the words for an allowed range in both languages."""
    unit = "" if column.unit in ("", "1") else f" {column.unit}"
    if minimum is not None and maximum is not None:
        both = f"{shown(minimum)} – {shown(maximum)}{unit}"
        return {"range_zh": f"在 {both} 之间", "range_en": f"between {both}"}
    if minimum is not None:
        return {"range_zh": f"不小于 {shown(minimum)}{unit}", "range_en": f"at least {shown(minimum)}{unit}"}
    if maximum is not None:
        return {"range_zh": f"不大于 {shown(maximum)}{unit}", "range_en": f"at most {shown(maximum)}{unit}"}
    return {"range_zh": "为数字", "range_en": "a number"}


def slip(column: schema.Column, value: float) -> dict[str, str]:
    """Return which other unit would bring ``value`` into the range of the column, as words for the message."""
    for row in schema.rows_of("slips"):
        if row["unit"] != column.unit:
            continue
        meant = value * float(row["factor"]) + float(row["offset"])
        low = -math.inf if column.minimum is None else column.minimum
        high = math.inf if column.maximum is None else column.maximum
        if low <= meant <= high:
            unit = "" if column.unit == "1" else f" {column.unit}"
            return {
                "hint_zh": f"；{row['likely_zh']}（应为 {shown(meant)}{unit}）",
                "hint_en": f"; {row['likely_en']} (that would be {shown(meant)}{unit})",
            }
    return {}


def _normal(text: str) -> str:
    return text.strip() if text.isascii() else unicodedata.normalize("NFC", text).strip()


def _number(text: str, column: schema.Column) -> float:
    plain = unicodedata.normalize("NFKC", text)
    if plain.casefold() in _NOT_FINITE:
        raise _Wrong("not_finite")
    if not _NUMBER.fullmatch(plain):
        words: dict[str, object] = {}
        if plain in ("-", "/", "—", "无", "未知", "N/A", "n/a"):
            words = {"hint_zh": "；未知或没有请留空", "hint_en": "; leave the cell empty if it is not known"}
        elif _NUMBER.fullmatch(plain.rstrip("%").strip()) and plain.endswith("%"):
            share = shown(float(plain.rstrip("% ")) / 100)
            words = {"hint_zh": f"；应写成 {share}", "hint_en": f"; write {share}"}
        elif _NUMBER.fullmatch(plain.replace(",", "")):
            grouped = plain.replace(",", "")
            words = {"hint_zh": f"；应写成 {grouped}", "hint_en": f"; write {grouped}"}
        elif column.unit and re.match(_NUMBER, plain):
            words = {"hint_zh": f"；不要写单位，以 {column.unit} 计", "hint_en": f"; without a unit, in {column.unit}"}
        raise _Wrong("not_a_number", **words)
    value = float(plain)
    if not math.isfinite(value):
        raise _Wrong("not_finite")
    if column.type == "integer" and value != math.floor(value):
        raise _Wrong("not_whole")
    low, high = column.minimum, column.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        raise _Wrong("out_of_range", **range_words(column, low, high), **slip(column, value))
    return value + 0.0  # -0.0 becomes 0.0, so that equal values are equal text


@functools.cache
def _choice_of(name: str) -> dict[str, str]:
    known: dict[str, str] = {}
    for choice in schema.choices(name):
        for word in (choice.value, choice.label_zh, choice.label_en, *choice.aliases):
            known.setdefault(unicodedata.normalize("NFKC", word).casefold(), choice.value)
    return known


def _choice(text: str, column: schema.Column) -> str:
    known = _choice_of(column.choices)
    found = known.get(unicodedata.normalize("NFKC", text).casefold())
    if found is None:
        allowed = schema.choices(column.choices)
        raise _Wrong(
            "not_a_choice",
            near=schema.nearest(text, [choice.value for choice in allowed])
            or known.get(schema.nearest(text.casefold(), known), ""),
            allowed_zh="、".join(f"{choice.value}（{choice.label_zh}）" for choice in allowed),
            allowed_en=", ".join(choice.value for choice in allowed),
        )
    return found


def _date(text: str, _column: schema.Column) -> str:
    match = _DATE.fullmatch(unicodedata.normalize("NFKC", text))
    if match is None:
        raise _Wrong("not_a_date")
    try:
        return dt.date(int(match[1]), int(match[2]), int(match[3])).isoformat()
    except ValueError:
        raise _Wrong("not_a_date") from None


def _time(text: str, _column: schema.Column) -> str:
    plain = unicodedata.normalize("NFKC", text)
    match = _SPREADSHEET_TIME.fullmatch(plain)
    try:
        # Spreadsheets write 2024/1/31 8:00.
        if match:
            year, month, day, hour, minute, second = map(int, match.groups(default="0"))
            time = dt.datetime(year, month, day, hour, minute, second)
        else:
            time = dt.datetime.fromisoformat(plain)
    except ValueError:
        raise _Wrong("not_a_time") from None
    if time.tzinfo is not None:
        raise _Wrong("not_a_time")
    return time.isoformat(timespec="seconds")


def _text(text: str, column: schema.Column) -> str:
    code = text_fault(text, column)
    if code:
        raise _Wrong(code, expected=LONGEST if column.type == "text" else LONGEST_ID)
    return text


@functools.lru_cache(maxsize=4096)
def _cas(text: str) -> str:
    from parkrisk.models.substance import substances  # heavy: only an input with units needs it

    return str(substances.find(text).cas)


def _substance(text: str, column: schema.Column) -> str:
    _text(text, column)
    try:
        return _cas(text)
    except UnknownSubstance as error:
        raise _Wrong("unknown_substance", reason_zh=error.message_zh, reason_en=error.message_en) from None


_PARSERS: dict[str, Callable[[str, schema.Column], float | str]] = {
    "number": _number,
    "integer": _number,
    "choice": _choice,
    "date": _date,
    "time": _time,
    "text": _text,
    "id": _text,
    "reference": _text,
    "substance": _substance,
}


def _quick_numbers(cells: Sequence[str], column: schema.Column) -> list[float] | None:
    """Plain numbers within the range, all at once; None if any cell needs a closer look."""
    try:
        values = [float(cell) if cell else math.nan for cell in cells]
    except (ValueError, OverflowError):
        return None
    if column.type == "integer" or any("_" in cell or not cell.isascii() for cell in cells):
        return None
    low = -math.inf if column.minimum is None else column.minimum
    high = math.inf if column.maximum is None else column.maximum
    for cell, value in zip(cells, values, strict=True):
        if cell and not (low <= value <= high and math.isfinite(value)):
            return None
    return [value + 0.0 for value in values]


def _all_right(cells: Sequence[str], column: schema.Column) -> Mapping[str, float | str] | None:
    """Values of different cells; None if any is wrong."""
    if column.required and "" in cells:
        return None
    quick = _quick_numbers(cells, column) if column.is_number else None
    if quick is not None:
        return dict(zip(cells, quick, strict=True))
    empty: float | str = math.nan if column.is_number else ""
    try:
        return {cell: _PARSERS[column.type](cell, column) if cell else empty for cell in cells}
    except _Wrong:
        return None


def _values(raw: RawTable, column: schema.Column) -> tuple[list[float] | list[str], list[Problem]]:
    if column.name not in raw.columns:
        return ([math.nan] * len(raw.rows) if column.is_number else [""] * len(raw.rows)), []
    place = raw.columns.index(column.name)
    written = [row[place] for row in raw.rows]
    normal = {cell: _normal(cell) for cell in set(written)}
    cells = [normal[cell] for cell in written]
    right = _all_right(list(set(normal.values())), column)
    if right is not None:
        return [right[cell] for cell in cells], []  # type: ignore[return-value]
    parse = _PARSERS[column.type]
    empty: float | str = math.nan if column.is_number else ""
    values: list[float | str] = []
    problems = []
    known: dict[str, float | str | _Wrong] = {"": _Wrong("missing_value") if column.required else empty}
    for number, cell in zip(raw.numbers, cells, strict=True):
        if cell not in known:
            try:
                known[cell] = parse(cell, column)
            except _Wrong as wrong:
                known[cell] = wrong
        value = known[cell]
        if isinstance(value, _Wrong):
            problems.append(problem(value.code, raw.name, number, column.name, cell, **value.words))
            value = empty
        values.append(value)
        if len(problems) > MOST:
            problems[-1] = problem("further_problems", raw.name, None, column.name, MOST)
            values += [empty] * (len(cells) - len(values))
            break
    return values, problems  # type: ignore[return-value]


def typed(raw: RawTable) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the table with one column per declared column, and a problem for every cell that does not fit.

    Numbers are float64 (NaN: empty or faulty), everything else str ("": empty or faulty). The index holds the
    row numbers of the file, so that later checks can name the row.
    """
    declared = schema.table(raw.name)
    columns: dict[str, Any] = {}
    problems: list[Problem] = []
    for column in declared.columns.values():
        if column.required and column.name not in raw.columns:
            problems.append(problem("missing_column", raw.name, None, column.name))
        values, wrong = _values(raw, column)
        problems += wrong
        columns[column.name] = np.array(values, float) if column.is_number else pd.array(values, dtype="str")
    return pd.DataFrame(columns, index=pd.Index(raw.numbers, dtype="int64")), problems


@functools.cache
def _untouched(table: str) -> pd.DataFrame:
    return typed(RawTable(table, tuple(schema.table(table).columns), (), ()))[0]


def without_rows(table: str) -> pd.DataFrame:
    """Return a table that nothing is given of."""
    return _untouched(table).copy()
