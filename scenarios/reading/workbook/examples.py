"""The example rows of the template: an example that was typed over is data, and an example is no data of a park."""

from collections.abc import Mapping, Sequence
from typing import Any

from parkrisk.scenarios import schema
from parkrisk.scenarios.reading.cells import RawTable

__all__ = ["EXAMPLES", "HINTS", "is_example", "left_as_data"]

#: What column A says of the rows of the template that show how to fill it.
EXAMPLES, HINTS = frozenset({"示例", "例", "example"}), frozenset({"填写"})


def _plain(cell: Any) -> float | str:
    try:
        return float(cell)
    except (TypeError, ValueError):
        return str(cell).strip()


def _cells(table: schema.Table) -> list[dict[str, set[float | str]]]:
    """Per example of the template: column → what its cell may read, choices as value or label."""
    rows: dict[str, dict[str, set[float | str]]] = {}
    for each in schema.rows_of("examples"):
        if each["table"] != table.name:
            continue
        column = table.columns[each["column"]]
        words = {_plain(each["value"])}
        for choice in schema.choices(column.choices) if column.choices else ():
            if choice.value == each["value"]:
                words |= {choice.label_zh, choice.label_en}
        rows.setdefault(each["row"], {})[column.name] = words
    return list(rows.values())


def is_example(table: schema.Table, cells: Mapping[str, Any], mark: str) -> bool:
    """Whether a row with the mark of an example or of hints still is what the template had there.

    Parameters
    ----------
    table : Table
    cells : mapping of str to value
        Cells of the row that are not empty, by column.
    mark : str
        What column A says, in lower case.
    """
    if mark in HINTS:
        return not any(isinstance(cell, float) for cell in cells.values())
    examples = _cells(table)
    return all(any(_plain(cell) in example.get(column, ()) for example in examples) for column, cell in cells.items())


def left_as_data(found: RawTable) -> list[int]:
    """Numbers of the rows that are an example of the template, cell by cell, in tables whose rows have ids."""
    table = schema.table(found.name)
    if not table.key or table.columns[table.key[0]].type != "id":
        return []
    examples = _cells(table)
    return [
        number for number, row in zip(found.numbers, found.rows, strict=True) if _is_one(found.columns, row, examples)
    ]


def _is_one(columns: Sequence[str], row: Sequence[str], examples: Sequence[Mapping[str, set[float | str]]]) -> bool:
    cells = {column: _plain(cell) for column, cell in zip(columns, row, strict=True) if cell.strip()}
    return any(
        set(cells) == set(example) and all(cell in example[column] for column, cell in cells.items())
        for example in examples
    )
