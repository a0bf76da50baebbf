"""``tables.xlsx``: every table of a result in one workbook, with labels, units and where each column comes from."""

import datetime as dt
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from parkrisk.api.printed.terminal import pick
from parkrisk.risk.files import cells_shown
from parkrisk.risk.result import Assessment
from parkrisk.risk.trace.lineage import lineage, table_labels

__all__ = ["write_tables"]

#: Rows that one sheet of Excel can hold below two rows of header.
_MOST_ROWS = 1_048_574
_LONGEST = 32_767  # characters of a cell
_WIDEST = 44.0  # characters of a column as shown
_LOOKED_AT = 200  # rows that decide how wide a column is

_SCIENTIFIC = frozenset({"1/yr"})


def write_tables(result: Assessment, path: str | Path, lang: str = "zh") -> Path:
    """Write every table of an assessment into one workbook.

    Text is written as text, whatever it begins with: no cell is a formula. Two rows of header: label with unit, and
    the name of the column as in the CSV files, with how it is made as a comment.

    Parameters
    ----------
    result : Assessment
    path : path
    lang : str
        "zh" or "en".

    Returns
    -------
    Path
    """
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), {**options, "nan_inf_to_errors": False}) as book:
        day = dt.datetime.combine(result.park.date, dt.time())
        book.set_properties({"title": result.park.name, "comments": "parkrisk", "created": day})
        forms = _formats(book)
        tables = {name: table for name, table in result.tables().items() if len(table.columns)}
        _contents(book, result, tables, forms, lang)
        for name, table in tables.items():
            _sheet(book, name, table, forms, lang)
    return Path(path)


def _formats(book: Any) -> dict[str, Any]:
    head = {"bold": True, "bg_color": "#d9e2ec", "text_wrap": True, "valign": "top", "border": 1}
    return {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "head": book.add_format(head),
        "name": book.add_format({"font_color": "#627d98", "font_size": 8, "bottom": 1}),
        "link": book.add_format({"font_color": "#0b69a3", "underline": 1}),
        "1/yr": book.add_format({"num_format": "0.00E+00"}),
        "plain": book.add_format(),
    }


def _label_of(name: str, lang: str) -> str:
    labels = table_labels().get(name)
    return name if labels is None else pick(lang, labels.label_zh, labels.label_en)


def _contents(
    book: Any, result: Assessment, tables: Mapping[str, pd.DataFrame], forms: Mapping[str, Any], lang: str
) -> None:
    """First sheet: park, run, list of the tables with links."""
    sheet = book.add_worksheet(pick(lang, "目录", "contents"))
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 24)
    sheet.set_column(2, 2, 12)
    sheet.set_column(3, 3, 80)
    sheet.write_string(0, 0, result.park.name, forms["title"])
    provenance = result.provenance
    facts = [
        (pick(lang, "数据基准日期", "date of the data"), result.park.date.isoformat()),
        (pick(lang, "园区等级", "grade"), result.grade.letter or "–"),
        (pick(lang, "程序版本", "version"), str(provenance["version"])),
        (pick(lang, "随机种子", "seed"), str(provenance["seed"])),
        (pick(lang, "输入摘要", "digest of the input"), str(provenance["input_digest"])),
        (pick(lang, "结果摘要", "digest of the result"), str(provenance["result_digest"])),
        (pick(lang, "声明", "notice"), str(result.park.info.get(pick(lang, "notice_zh", "notice_en"), "") or "–")),
    ]
    for row, (label, value) in enumerate(facts, start=1):
        sheet.write_string(row, 0, label)
        sheet.write_string(row, 1, value[:_LONGEST])
    first = len(facts) + 2
    heads = (("表", "table"), ("文件", "file"), ("行数", "rows"), ("内容", "what"))
    for column, (chinese, english) in enumerate(heads):
        sheet.write_string(first, column, pick(lang, chinese, english), forms["head"])
    for row, (name, table) in enumerate(tables.items(), start=first + 1):
        label, labels = _label_of(name, lang), table_labels().get(name)
        sheet.write_url(row, 0, f"internal:'{label}'!A1", forms["link"], label)
        sheet.write_string(row, 1, f"{name}.csv")
        sheet.write_number(row, 2, len(table))
        sheet.write_string(row, 3, "" if labels is None else pick(lang, labels.what_zh, labels.what_en))


def _sheet(book: Any, name: str, table: pd.DataFrame, forms: Mapping[str, Any], lang: str) -> None:
    sheet = book.add_worksheet(_label_of(name, lang))
    shown = table.head(_MOST_ROWS)
    for place, column in enumerate(shown):
        known = lineage().get((name, str(column)))
        label = str(column) if known is None else pick(lang, known.label_zh, known.label_en)
        unit = (
            ""
            if known is None or known.unit in ("", "1")
            else f"（{known.unit}）"
            if lang == "zh"
            else f" ({known.unit})"
        )
        sheet.write_string(0, place, label + unit, forms["head"])
        sheet.write_string(1, place, str(column), forms["name"])
        how = "" if known is None else pick(lang, known.how_zh, known.how_en)
        if how:
            sheet.write_comment(0, place, f"{how}\n{known.source if known else ''}".strip(), {"x_scale": 2})
        form = forms["1/yr"] if known is not None and known.unit in _SCIENTIFIC else forms["plain"]
        cells = cells_shown(shown[column]).tolist()
        _cells(sheet, place, cells, form)
        sheet.set_column(place, place, _width([label + unit, str(column), *cells[:_LOOKED_AT]]))
    sheet.freeze_panes(2, 1)
    sheet.autofilter(1, 0, max(len(shown) + 1, 2), max(len(shown.columns) - 1, 0))


def _cells(sheet: Any, place: int, cells: list[Any], form: Any) -> None:
    """Write one column below its header; what is not known stays empty."""
    for row, cell in enumerate(cells, start=2):
        if isinstance(cell, str):
            sheet.write_string(row, place, cell[:_LONGEST])
        elif isinstance(cell, bool):
            sheet.write_boolean(row, place, cell)
        elif isinstance(cell, (int, float)):
            if math.isfinite(cell):
                sheet.write_number(row, place, cell, form)
        elif cell is not None and cell is not pd.NA:
            sheet.write_string(row, place, str(cell)[:_LONGEST])


def _width(cells: list[Any]) -> float:
    """Width of a column that shows these cells; a Chinese character takes two places."""
    longest = 6.0
    for cell in cells:
        text = f"{cell:.3g}" if isinstance(cell, float) else str(cell)
        longest = max(longest, sum(1.0 if character.isascii() else 2.0 for character in text[:60]))
    return min(longest + 2.0, _WIDEST)
