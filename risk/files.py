"""Results as files: JSON that every reader takes, CSV tables that a spreadsheet opens and cannot be made to run."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

__all__ = ["cells_shown", "write_json", "write_table"]

#: A spreadsheet takes a text for a formula that begins with one of these; with an apostrophe before it stays text.
#: OWASP, "CSV injection", names the same signs.
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "＝", "＋", "－", "＠")


def cells_shown(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return the column with lists as text, their parts set apart by semicolons; numbers and truth as they are."""
    if column.dtype != object:
        return column
    return column.map(lambda cell: "; ".join(map(str, cell)) if isinstance(cell, (list, tuple)) else cell)


def _harmless(cell: Any) -> Any:
    if not isinstance(cell, str):
        return cell
    text = cell.replace("\r\n", "\n").replace("\r", "\n")  # a lone one would end the row
    return f"'{text}" if text.startswith(_STARTS_FORMULA) else text


def write_table(path: str | Path, table: pd.DataFrame) -> Path:
    """Write a table as CSV: UTF-8 with the mark by which Excel knows it, no cell that Excel would run; gives the path.

    Text that begins like a formula has an apostrophe before it.
    """
    shown = table.apply(cells_shown) if len(table) else table
    texts = [name for name in shown if not pd.api.types.is_numeric_dtype(shown[name])]
    safe = shown.assign(**{str(name): shown[name].map(_harmless) for name in texts}) if texts else shown
    safe.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")
    return Path(path)


def write_json(path: str | Path, content: Any, *, indent: int | None = 1) -> Path:
    """Write what JSON can hold as UTF-8, NaN refused; gives the path."""
    text = json.dumps(content, ensure_ascii=False, indent=indent, allow_nan=False)
    Path(path).write_text(text + "\n", encoding="utf-8")
    return Path(path)
