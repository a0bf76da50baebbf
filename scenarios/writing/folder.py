"""The folder of a park or a project out: its TOML file, one CSV file per table, the boundary."""

import csv
import io
import json
import re
import tomllib
from pathlib import Path

from parkrisk.scenarios import schema
from parkrisk.scenarios.reading.cells import RawTable
from parkrisk.scenarios.reading.objects import cell_text
from parkrisk.scenarios.reading.raw import RawInput
from parkrisk.scenarios.writing.plain import number_of, section_of

__all__ = ["BOUNDARY", "csv_text", "write_folder"]

BOUNDARY = "boundary.geojson"


def _string(text: str) -> str:
    """TOML string; its escapes are those of JSON, which leaves out one character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _toml_value(cell: str, column: schema.Column) -> str:
    """Number or date where the reader makes the same of it, a string otherwise."""
    text = cell.strip()
    value = number_of(text) if column.is_number else None
    if value is None and not (column.type == "date" and re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII)):
        return _string(cell)
    try:
        found = cell_text(tomllib.loads(f"x = {text}")["x"], column)
    except tomllib.TOMLDecodeError:
        return _string(cell)  # 007, .5 and １２ are numbers here and not in TOML
    same = found == text if value is None else number_of(found or "") == value
    return text if same else _string(cell)


def _toml(raw: RawInput) -> str:
    declared = schema.table(raw.kind)
    cells = section_of(raw)
    if raw.boundary is not None:
        cells["boundary"] = BOUNDARY
    lines = [
        f"{name} = {_toml_value(cells[name], column)}" for name, column in declared.columns.items() if name in cells
    ]
    return "\n".join([f"[{raw.kind}]", *lines, ""])


def csv_text(table: RawTable) -> str:
    """Table as CSV text: the columns that hold something or are required, in the order of the schema."""
    declared = schema.table(table.name)
    filled = {name for place, name in enumerate(table.columns) if any(row[place].strip() for row in table.rows)}
    names = [name for name, column in declared.columns.items() if name in filled or column.required]
    places = [table.columns.index(name) if name in filled else None for name in names]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([["" if place is None else row[place] for place in places] for row in table.rows])
    return text.getvalue()


def write_folder(raw: RawInput, path: Path) -> dict[str, str]:
    """Write a park or a project as a folder; gives the file of each table.

    CSV files are UTF-8 with a byte order mark: without one, Excel under Chinese Windows takes them for GBK and shows
    nonsense. The reader takes both. The TOML file goes without, as TOML asks. Files of tables that ``raw`` does not
    have are taken away, so that nothing of an older park is left among the new.
    """
    path.mkdir(parents=True, exist_ok=True)
    places = {raw.kind: f"{raw.kind}.toml"}
    (path / places[raw.kind]).write_text(_toml(raw), encoding="utf-8", newline="\n")
    for name, declared in schema.tables().items():
        if declared.form != "rows" or not declared.of(raw.kind):
            continue
        file = path / f"{name}.csv"
        if name in raw.tables:
            file.write_text(csv_text(raw.tables[name]), encoding="utf-8-sig", newline="")
            places[name] = file.name
        else:
            file.unlink(missing_ok=True)
    if raw.boundary is not None:
        text = json.dumps(raw.boundary, ensure_ascii=False, allow_nan=False)
        (path / BOUNDARY).write_text(text + "\n", encoding="utf-8", newline="\n")
        places["boundary"] = BOUNDARY
    return places
