"""An empty workbook to fill: every table of the schema with an example, and how to fill it."""

from pathlib import Path

from parkrisk.scenarios import schema
from parkrisk.scenarios.reading.raw import RawInput
from parkrisk.scenarios.writing.sheets import Remark
from parkrisk.scenarios.writing.words import default_words, example_words
from parkrisk.scenarios.writing.workbook import Examples, write_workbook

__all__ = ["EXAMPLE", "example_rows", "write_template"]

#: What column A says of an example; a row with anything there is no data.
EXAMPLE, NEED = "示例", "填写"


def example_rows(table: str) -> list[dict[str, str]]:
    """Example rows of a table as ``schema/examples.csv`` has them."""
    rows: dict[str, dict[str, str]] = {}
    for each in schema.rows_of("examples"):
        if each["table"] == table:
            rows.setdefault(each["row"], {})[each["column"]] = each["value"]
    return list(rows.values())


def _need(table: schema.Table, column: schema.Column, lang: str) -> str:
    """What an empty cell means, in few words."""
    zh = lang == "zh"
    filled = default_words(table, column, lang)
    if column.required:
        return "必填" if zh else "required"
    if filled:
        return f"空＝{filled}" if zh else f"empty = {filled}"
    return "选填" if zh else "optional"


def _remarks(table: schema.Table, lang: str) -> list[Remark]:
    needs = {name: _need(table, column, lang) for name, column in table.columns.items()}
    examples = [
        {name: example_words(table, table.columns[name], value, lang) for name, value in row.items()}
        for row in example_rows(table.name)
    ]
    return [(NEED, "hint", needs), *((EXAMPLE, "example_", row) for row in examples)]


def write_template(path: str | Path, kind: str = "park", lang: str = "zh") -> None:
    """Write an empty workbook to fill in.

    Parameters
    ----------
    path : path
        File ending in .xlsx, written anew.
    kind : str
        "park" or "project".
    lang : str
        "zh" or "en": names of sheets and of what the drop-downs offer; headers are in both languages anyway.
    """
    section = {name: value for row in example_rows(kind) for name, value in row.items()}
    rows = {table.name: _remarks(table, lang) for table in schema.tables().values() if table.form == "rows"}
    write_workbook(RawInput(kind, {}, None, ()), Path(path), lang, Examples(section, rows))
