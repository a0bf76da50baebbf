"""Numbers of the models that come from a standard or a book, read from ``models/data``."""

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

_FOLDER = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Constant:
    """One number of a model.

    Parameters
    ----------
    value : float
        In ``unit``.
    unit : str
        "-" where it has none.
    source : str
        Document, edition, table or clause.
    mark : str
        "V" verified, "1" one source, "M" unverified.
    """

    value: float
    unit: str
    source: str
    mark: str


def rows(name: str) -> list[dict[str, str]]:
    """All rows of the data file ``models/data/<name>.csv``, as text."""
    with (_FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@functools.cache
def constants(name: str) -> Mapping[str, Constant]:
    """Read the constants of ``models/data/<name>.csv`` by their name (columns name, value, unit, source, mark)."""
    return MappingProxyType(
        {row["name"]: Constant(float(row["value"]), row["unit"], row["source"], row["mark"]) for row in rows(name)}
    )
