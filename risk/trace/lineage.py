"""What every column of a result means and is made of, as data: ``lineage.csv``.

``inputs`` names what a cell is made of, separated by semicolons outside brackets:

- ``limit``: another column of the same row
- ``hazard_units[hazard_unit_id].R``: that column in the rows of another table that agree in the columns in brackets;
  ``[to_unit=unit_id]``: whose ``to_unit`` is the ``unit_id`` of this row; ``[origin='primary']``: whose origin that is
- ``input:units[from_unit].x``: a cell of the input, its row named by this column
- ``sources.pll``: the whole column
- ``outcome_of[event_id]``: a step of its own, see `parkrisk.risk.trace.behind`
"""

import csv
import functools
import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["KEYS", "Labels", "Lineage", "Reference", "lineage", "table_labels"]

#: Columns that name a row of each table.
KEYS: dict[str, tuple[str, ...]] = {
    "park": (),
    "grade": (),
    "grade_items": ("item",),
    "targets": ("target_id",),
    "contributions": ("target_id", "unit_id"),
    "contribution_parts": ("target_id", "by", "part"),
    "events_at": ("target_id", "event_id"),
    "events": ("event_id",),
    "tail": ("event_id",),
    "hazard_units": ("hazard_unit_id",),
    "hazard_terms": ("hazard_unit_id", "unit_id", "cas"),
    "sources": ("unit_id",),
    "scenarios": ("unit_id", "loc", "outcome", "weather"),
    "fn": ("N",),
    "fn_by_unit": ("N", "unit_id"),
    "domino_pairs": ("from_unit", "to_unit"),
    "domino_chains": ("units",),
    "domino_units": ("unit_id",),
    "domino_orders": ("from_unit", "order"),
    "domino_sizes": ("from_unit", "failed"),
    "domino_origins": ("unit_id", "from_enterprise"),
    "domino_enterprises": ("from_enterprise", "to_enterprise"),
    "domino_cross_enterprise": ("from_unit", "to_unit"),
    "enterprises": ("enterprise_id",),
    "enterprise_items": ("enterprise_id", "condition"),
    "rules": ("rule_id",),
    "assumptions": ("code", "text_en"),
}

_REFERENCE = re.compile(r"^(?:(?P<table>(?:input:)?\w+)(?:\[(?P<match>[^\]]*)\])?(?:\.(?P<column>\w+))?)$")


@dataclass(frozen=True)
class Reference:
    """What a cell is made of.

    ``table`` "" is the same row; ``match`` pairs columns of that table with columns of this row, or with a value in
    quotes; None: all rows.
    """

    table: str
    match: tuple[tuple[str, str], ...] | None
    column: str


@dataclass(frozen=True)
class Lineage:
    """One column of a table."""

    unit: str
    label_zh: str
    label_en: str
    how_zh: str
    how_en: str
    source: str
    inputs: tuple[Reference, ...]


def _reference(text: str) -> Reference:
    found = _REFERENCE.match(text)
    if found is None:
        raise ValueError(f"lineage.csv: {text!r} is no reference")
    table, match, column = found["table"], found["match"], found["column"] or ""
    if match is None and not column:
        return Reference("", None, table)
    if match is None:
        return Reference(table, None, column)
    pairs = [part.split("=") for part in match.split(";")]
    return Reference(table, tuple((pair[0], pair[-1]) for pair in pairs), column)


@functools.cache
def lineage() -> dict[tuple[str, str], Lineage]:
    """Every column: (table, column) → what it means."""
    with Path(__file__).with_name("lineage.csv").open(encoding="utf-8", newline="") as file:
        return {
            (row["table"], row["column"]): Lineage(
                row["unit"],
                row["label_zh"],
                row["label_en"],
                row["how_zh"],
                row["how_en"],
                row["source"],
                tuple(map(_reference, filter(None, re.split(r";(?![^\[]*\])", row["inputs"])))),
            )
            for row in csv.DictReader(file)
        }


@dataclass(frozen=True)
class Labels:
    """What a table is called, and what stands in it."""

    label_zh: str
    label_en: str
    what_zh: str
    what_en: str


@functools.cache
def table_labels() -> dict[str, Labels]:
    """Labels of the tables of a result, by name; those of ``tables.csv``."""
    with Path(__file__).with_name("tables.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["table"]: Labels(row["label_zh"], row["label_en"], row["what_zh"], row["what_en"])
            for row in csv.DictReader(file)
        }
