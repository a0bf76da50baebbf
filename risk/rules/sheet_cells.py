"""Cells of a spreadsheet by the form of their column: number, date, name, list, yes or no, text.

Full-width digits and numbers kept as text are read; formulas kept as text, error values and bare numbers where a date
belongs are named problems.
"""

import csv
import datetime as dt
import functools
import io
import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from parkrisk.risk.rules.checker import Checker
from parkrisk.risk.rules.facts import RULES_FOLDER

_ERRORS = ("#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!")
_EXCEL_DAYS = (dt.date(1899, 12, 30), 20000, 80000)


@dataclass(frozen=True)
class Column:
    """A column of a sheet of rules or items: ``form`` says what its cells hold."""

    sheet: str
    column: str
    label_zh: str
    form: str
    required: str
    description_zh: str
    description_en: str
    example: str


@functools.cache
def columns(sheet: str) -> Mapping[str, Column]:
    """Columns of a sheet of "rules" or "items"."""
    with (RULES_FOLDER / "sheet_columns.csv").open(encoding="utf-8", newline="") as file:
        return {row["column"]: Column(**row) for row in csv.DictReader(file) if row["sheet"] == sheet}


@functools.cache
def _words() -> Mapping[tuple[str, str], str]:
    with (RULES_FOLDER / "sheet_words.csv").open(encoding="utf-8", newline="") as file:
        return {(row["column"], row["word"]): row["value"] for row in csv.DictReader(file)}


def template(sheet: str) -> str:
    """CSV text of a sheet of "rules" or "items" with one example row, headed in Chinese."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.label_zh for column in columns(sheet).values()])
    writer.writerow([column.example for column in columns(sheet).values()])
    return text.getvalue()


def cell_of(checker: Checker, column: Column, cell: Any) -> Any:
    """What a cell holds by the form of its column; None with a problem where it holds something else."""
    name, text = column.column, cell.strip() if isinstance(cell, str) else ""
    if text in _ERRORS or (text.startswith("=") and len(text) > 1 and name != "comparison"):
        checker.add("", name, text, "是公式或错误值，应为值本身", "a formula or an error value; give the value itself")
        return None
    if column.form == "date":
        return _date(checker, name, cell)
    if column.form in ("number", "whole"):
        number = number_of(cell)
        if number is None or (column.form == "whole" and not number.is_integer()):
            kind = ("整数", "a whole number") if column.form == "whole" else ("数值", "a number")
            checker.add("", name, cell, f"应为{kind[0]}", f"should be {kind[1]}")
            return None
        return int(number) if column.form == "whole" else number
    if column.form == "yes_no":
        answer = word("yes_no", plain(cell).casefold())
        checker.choice("", name, answer, ("yes", "no"))
        return answer == "yes"
    if column.form == "list":
        return [word(name, part) for part in parts(plain(cell))]
    if column.form == "name":
        return word(name, plain(cell))
    return cell if column.form == "any" else text or plain(cell)


def word(column: str, text: str) -> str:
    """What a word in a column stands for; any other word stands for itself."""
    return _words().get((column, text), text)


def plain(cell: Any) -> str:
    """Text of a cell with full-width letters, digits and signs made plain; whole numbers without ".0"."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return unicodedata.normalize("NFKC", str(cell)).strip()


def parts(text: str) -> list[str]:
    """Entries of a cell that holds several."""
    return [part.strip() for part in re.split(r"[;；、,，|]", text) if part.strip()]


def number_of(cell: Any) -> float | None:
    """Number in a cell, also kept as text or in full-width digits; None for none."""
    if isinstance(cell, bool):
        return None
    text = plain(cell)
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", text):
        text = text.replace(",", "")
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text):
        return None
    number = float(text)
    return number if math.isfinite(number) else None


def _date(checker: Checker, name: str, cell: Any) -> dt.date | None:
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    given = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", plain(cell))
    if given:
        try:
            return dt.date(*map(int, given.groups()))
        except ValueError:
            given = None
    first, low, high = _EXCEL_DAYS
    number = number_of(cell)
    if number is not None and low <= number <= high and number.is_integer():
        day = first + dt.timedelta(days=int(number))
        checker.add(
            "",
            name,
            cell,
            f"是数值，不是日期；若指 {day}，请设为日期格式",
            f"a number and no date; if {day} is meant, give the cell the format of a date",
        )
    else:
        checker.add("", name, cell, "应为日期，如 2026-05-01", "should be a date such as 2026-05-01")
    return None
