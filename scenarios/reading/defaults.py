"""What the input leaves out: named defaults of the schema and volumes from sizes, each listed as an assumption."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from parkrisk.scenarios import schema

__all__ = [
    "ASSUMPTION_COLUMNS",
    "COUNTED_LIQUID",
    "DECLARED",
    "PRESSURE_NOT_GIVEN",
    "Assumption",
    "declared",
    "fill",
    "filled",
    "listed",
    "row_ids",
]

ASSUMPTION_COLUMNS = ("table", "row", "column", "value", "label_zh", "label_en", "source")

Assumption = tuple[str, ...]

#: Source of the assumptions that the rows of the input declare themselves.
DECLARED = "declared as assumed in the input"
#: Source of the assumption that a unit holds liquid although its stated pressure would be that of a gas.
COUNTED_LIQUID = (
    "the pressure stated is below 90 % of the vapour pressure at temperature_c: counted as liquid under its vapour"
    " pressure; parkrisk rule, not from a standard; unverified"
)
#: Source of the pressure of equipment whose pressure is not given.
PRESSURE_NOT_GIVEN = (
    "vapour pressure at temperature_c of a liquefied gas, otherwise that of the air, which errs on the unsafe side for"
    " equipment under pressure; parkrisk rule, not from a standard; unverified"
)
#: What follows from the tables as they are and fills no cell.
_FOLLOWING = frozenset({DECLARED, COUNTED_LIQUID, PRESSURE_NOT_GIVEN})


def row_ids(table: schema.Table, frame: pd.DataFrame) -> list[str]:
    """Key of each row as text, without its empty parts; "" in tables without one, whose rows have no name."""
    if not table.key:
        return [""] * len(frame)
    parts = [frame[name].tolist() for name in table.key]
    return [
        "/".join(f"{each:g}" if isinstance(each, float) else each for each in row if each != "")
        for row in zip(*parts, strict=True)
    ]


def _text(value: object) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.12g}"
    return str(value)


def _is_empty(value: object) -> bool:
    return value == "" or (isinstance(value, float) and math.isnan(value))


def listed(table: schema.Table, column: schema.Column, row: str, value: object, source: str) -> Assumption:
    """Row of the assumptions table on one cell."""
    return (table.name, row, column.name, _text(value), column.label_zh, column.label_en, source)


def _term(term: str, column: schema.Column, frame: pd.DataFrame, info: Mapping[str, object]) -> list[Any]:
    """Values that one alternative of a default stands for, one per row."""
    value: object = term
    if term.startswith("=park."):
        value = info.get(term.removeprefix("=park."), "")
    elif term.startswith("="):
        return frame[term.removeprefix("=")].tolist()
    if column.is_number:
        return [math.nan if value == "" else float(str(value))] * len(frame)
    return [str(value)] * len(frame)


def _fill_table(table: schema.Table, frame: pd.DataFrame, info: Mapping[str, object]) -> set[Assumption]:
    assumptions: set[Assumption] = set()
    names = row_ids(table, frame)
    # A default may name another column of the row, which then has to be filled first.
    for column in sorted(table.columns.values(), key=lambda c: c.default.startswith("=")):
        values: list[Any] = frame[column.name].tolist() if column.default else []
        before = [place for place, value in enumerate(values) if _is_empty(value)]
        if not before:
            continue
        for term in column.default.split("|"):
            found = _term(term, column, frame, info)
            for place in before:
                if _is_empty(values[place]):
                    values[place] = found[place]
        frame[column.name] = pd.Series(values, index=frame.index, dtype=frame[column.name].dtype)
        if column.source:
            assumptions |= {
                listed(table, column, names[place], values[place], column.source)
                for place in before
                if not _is_empty(values[place])
            }
    return assumptions


def _name_cells(frame: pd.DataFrame) -> None:
    """Name population cells without an id by their place; cells at one place are numbered by their content."""
    missing = frame["cell_id"] == ""
    if not missing.any():
        return
    order = frame[missing].sort_values(["x", "y", "cell_m", "day", "night"])
    places = order["x"].map("cell@{:.0f}".format) + order["y"].map(",{:.0f}".format)
    turn = order.assign(place=places).groupby("place").cumcount()
    names = [place if not n else f"{place}#{n + 1}" for place, n in zip(places, turn, strict=True)]
    frame["cell_id"] = frame["cell_id"].mask(missing, pd.Series(names, index=order.index, dtype="str"))


def _volumes(units: pd.DataFrame) -> set[Assumption]:
    """Volumes that are not given, from the sizes that are."""
    table = schema.table("units")
    column = table.columns["volume_m3"]
    shapes = {row["kind"]: row["shape"] for row in schema.rows_of("geometry")}
    shape = np.array([shapes.get(kind, "") for kind in units["kind"].tolist()], dtype=np.str_)
    sizes = (units[name].to_numpy() for name in ("diameter_m", "height_m", "length_m", "volume_m3"))
    diameter, height, length, known = sizes
    section = math.pi / 4.0 * diameter**2
    assumptions: set[Assumption] = set()
    names = row_ids(table, units)
    for chosen, volume, source in (
        (np.char.startswith(shape, "cylinder"), section * height, "volume of the cylinder of diameter_m and height_m"),
        (
            (shape == "cylinder or sphere") & np.isnan(height),
            math.pi / 6.0 * diameter**3,
            "volume of the sphere of diameter_m",
        ),
        (shape == "pipe", section * length, "volume of the pipe of diameter_m and length_m"),
    ):
        use = chosen & np.isnan(known) & ~np.isnan(volume)
        known = np.where(use, volume, known)
        assumptions |= {
            listed(table, column, names[place], float(known[place]), source) for place in np.flatnonzero(use)
        }
    units["volume_m3"] = known
    return assumptions


def fill(frames: Mapping[str, pd.DataFrame], info: Mapping[str, object]) -> set[Assumption]:
    """Fill what is empty, in place, and return what was assumed.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        Typed tables; changed in place. Coordinates are planar already.
    info : mapping
        Values of ``park.toml``, empty while a project is read without its park: defaults that need them wait.

    Returns
    -------
    set of tuple
        Rows of the assumptions table, in the order of ``ASSUMPTION_COLUMNS``.
    """
    assumptions: set[Assumption] = set()
    if "population" in frames:
        _name_cells(frames["population"])
    for name, frame in frames.items():
        if len(frame):
            assumptions |= _fill_table(schema.table(name), frame, info)
    if "units" in frames:
        assumptions |= _volumes(frames["units"])
    return assumptions


def filled(assumptions: Iterable[Assumption]) -> set[Assumption]:
    """Return those assumptions that filled a cell which the input leaves empty."""
    return {row for row in assumptions if row[-1] not in _FOLLOWING}


def declared(frames: Mapping[str, pd.DataFrame]) -> set[Assumption]:
    """Return what the rows themselves declare as assumed in their column ``assumed``."""
    assumptions: set[Assumption] = set()
    for name, frame in frames.items():
        if "assumed" not in frame:
            continue
        table = schema.table(name)
        said = [
            (place, word)
            for place, text in enumerate(frame["assumed"].tolist())
            for word in map(str.strip, text.split(";"))
            if word in table.columns
        ]
        names, columns = row_ids(table, frame), {word: frame[word].tolist() for word in {word for _, word in said}}
        assumptions |= {
            listed(table, table.columns[word], names[place], columns[word][place], DECLARED) for place, word in said
        }
    return assumptions
