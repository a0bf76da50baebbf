"""The input tables as ``schema/*.csv`` declares them: columns, units, ranges, defaults, choices, labels.

Everything that must know a column (checks, defaults, JSON schema, workbook template, documentation) asks here.
"""

import csv
import difflib
import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

__all__ = ["Choice", "Column", "Table", "choices", "json_schema", "nearest", "rows_of", "table", "tables"]

FOLDER = Path(__file__).parent / "schema"


@dataclass(frozen=True)
class Choice:
    """One allowed value of a choice column, with what else users may write for it."""

    value: str
    label_zh: str
    label_en: str
    aliases: tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """One column of an input table.

    Parameters
    ----------
    name : str
    type : str
        "text", "id", "reference", "number", "integer", "date", "time", "choice" or "substance".
    unit : str
        Unit of the value as the user writes it; "" if it has none.
    required : bool
    default : str
        Value of an empty cell; "=other" takes another column of the row, "=park.other" a value of ``park.toml``,
        "a|b" the first that is not empty; "": stays empty.
    minimum, maximum : float or None
        Allowed range, both ends allowed.
    label_zh, label_en, description : str
    source : str
        Where the range, the choice or the default comes from.
    choices : str
        Name of the list of allowed values.
    references : str
        "table.column" that a reference must be found in.
    """

    name: str
    type: str
    unit: str
    required: bool
    default: str
    minimum: float | None
    maximum: float | None
    label_zh: str
    label_en: str
    description: str
    source: str
    choices: str
    references: str

    @property
    def is_number(self) -> bool:
        """Whether values are held as float64, with NaN for an empty cell; others are str, "" when empty."""
        return self.type in ("number", "integer")


@dataclass(frozen=True)
class Table:
    """One input table; ``park`` and ``project`` say whether each kind of input has it.

    ``form`` is "section" (one section of the TOML file) or "rows" (a CSV file). ``park`` and ``project`` are
    "required", "expected" (a warning if not given), "optional", "own" (optional, stays with the project when it is
    added to a park) or "" (not part of it).
    """

    name: str
    form: str
    park: str
    project: str
    key: tuple[str, ...]
    label_zh: str
    label_en: str
    description: str
    columns: Mapping[str, Column]

    def of(self, kind: str) -> str:
        """What ``kind`` of input ("park" or "project") makes of this table."""
        return self.park if kind == "park" else self.project


@functools.cache
def rows_of(name: str) -> tuple[Mapping[str, str], ...]:
    """Rows of the data file ``schema/<name>.csv``."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(MappingProxyType(row) for row in csv.DictReader(file))


def _number(text: str) -> float | None:
    return float(text) if text else None


def _column(row: Mapping[str, str]) -> Column:
    return Column(
        name=row["column"],
        type=row["type"],
        unit=row["unit"],
        required=row["required"] == "yes",
        default=row["default"],
        minimum=_number(row["minimum"]),
        maximum=_number(row["maximum"]),
        label_zh=row["label_zh"],
        label_en=row["label_en"],
        description=row["description"],
        source=row["source"],
        choices=row["choices"],
        references=row["references"],
    )


@functools.cache
def tables() -> Mapping[str, Table]:
    """Every input table by name, in the order of ``schema/tables.csv``."""
    found = {}
    for row in rows_of("tables"):
        columns = {column.name: column for column in map(_column, rows_of(row["table"]))}
        found[row["table"]] = Table(
            name=row["table"],
            form=row["form"],
            park=row["park"],
            project=row["project"],
            key=tuple(row["key"].split(";")) if row["key"] else (),
            label_zh=row["label_zh"],
            label_en=row["label_en"],
            description=row["description"],
            columns=MappingProxyType(columns),
        )
    return MappingProxyType(found)


def table(name: str) -> Table:
    """Return the table called ``name``."""
    return tables()[name]


@functools.cache
def choices(name: str) -> tuple[Choice, ...]:
    """Allowed values of the list ``name`` of ``schema/choices.csv``."""
    return tuple(
        Choice(row["value"], row["label_zh"], row["label_en"], tuple(filter(None, row["aliases"].split(";"))))
        for row in rows_of("choices")
        if row["choices"] == name
    )


def nearest(word: str, words: Iterable[str]) -> str:
    """Return the one of ``words`` that ``word`` was probably meant to be; "" if none comes near."""
    # First the spelling as it stands, then case and separators put aside: "UnitID" is meant to be "unit_id".
    known = sorted(words)
    plain = {w.casefold().replace("_", "").replace("-", "").replace(" ", ""): w for w in known}
    for candidates, sought in (
        ({w: w for w in known}, word),
        (plain, word.casefold().replace("_", "").replace("-", "").replace(" ", "")),
    ):
        close = difflib.get_close_matches(sought, list(candidates), n=1, cutoff=0.7)
        if close:
            return candidates[close[0]]
    return ""


def _property_schema(column: Column) -> dict[str, Any]:
    empty = [] if column.required else ["null"]
    if column.is_number:
        found: dict[str, Any] = {"type": ["number" if column.type == "number" else "integer", *empty]}
        if column.minimum is not None:
            found["minimum"] = column.minimum
        if column.maximum is not None:
            found["maximum"] = column.maximum
    elif column.type == "choice":
        found = {"type": ["string", *empty], "enum": [choice.value for choice in choices(column.choices)]}
        if empty:
            found["enum"].append(None)
    elif column.type == "date":
        found = {"type": ["string", *empty], "format": "date"}
    else:
        found = {"type": ["string", *empty]}
    if column.default:
        found["x-default"] = column.default
    if column.unit:
        found["x-unit"] = column.unit
    return {"title": column.label_en, "x-title-zh": column.label_zh, "description": column.description, **found}


def json_schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a park or a project as one JSON object.

    Parameters
    ----------
    kind : str
        "park" or "project".

    Returns
    -------
    dict
        ``properties`` holds one entry per table; tables other than the section are arrays of rows.
    """
    properties: dict[str, Any] = {}
    required = []
    for name, declared in tables().items():
        if not declared.of(kind):
            continue
        row: dict[str, Any] = {
            "type": "object",
            "additionalProperties": False,
            "required": [column.name for column in declared.columns.values() if column.required],
            "properties": {column.name: _property_schema(column) for column in declared.columns.values()},
        }
        if "boundary" in declared.columns:
            row["properties"]["boundary"]["type"] = ["string", "object", "null"]
        properties[name] = row if declared.form == "section" else {"type": "array", "items": row}
        properties[name]["title"] = declared.label_en
        properties[name]["description"] = declared.description
        if declared.of(kind) == "required":
            required.append(name)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
    }
