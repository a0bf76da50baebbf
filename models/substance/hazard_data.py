"""The table of constants and hazard data of substances.

Where sources of a limit differ, ``data/substance_properties.csv`` keeps the conservative one (lowest LFL, flash point
and autoignition temperature, highest UFL) and the row says so. Where a standard contradicts itself, the row of the pure
substance is kept.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from parkrisk.models.constants import rows
from parkrisk.models.substance.correlations import Property

#: Properties that are texts.
TEXTS = ("formula", "ghs_classes", "ghs_statements", "ignition_reactivity")


@dataclass(frozen=True)
class Note:
    """A text with where it comes from; ``mark`` as in ``Property``."""

    text: str
    source: str
    mark: str


@functools.cache
def values() -> dict[tuple[str, str], Property]:
    """Numbers by (CAS number, property)."""
    return {
        (row["cas"], row["property"]): Property(float(row["value"]), row["unit"], row["source"], row["mark"])
        for row in rows("substance_properties")
        if row["property"] not in TEXTS
    }


@functools.cache
def notes() -> dict[tuple[str, str], Note]:
    """Texts by (CAS number, property)."""
    return {
        (row["cas"], row["property"]): Note(row["value"], row["source"], row["mark"])
        for row in rows("substance_properties")
        if row["property"] in TEXTS
    }


@functools.cache
def names(cas: str) -> frozenset[str]:
    """Names of the numbers that stand in the table for a substance."""
    return frozenset(name for owner, name in values() if owner == cas)


@functools.cache
def toxic_probit_notes() -> dict[str, Note]:
    """Where the toxic probit of a substance comes from, by CAS number."""
    return {row["cas"]: Note(row["note"], row["source"], row["mark"]) for row in _toxic_rows()}


@functools.cache
def toxic_probits() -> dict[str, tuple[float, float, float]]:
    """Toxic probits (a, b, n) of Pr = a + b ln(Cⁿ t) by CAS number, C in mg/m³, t in minutes; no contradictory rows."""
    return {row["cas"]: (float(row["a"]), float(row["b"]), float(row["n"])) for row in _toxic_rows()}


@functools.cache
def _toxic_rows() -> tuple[Mapping[str, str], ...]:
    return tuple(
        row
        for row in rows("probits")
        if row["kind"] == "toxic" and row["intensity_unit"] == "mg/m3" and "CONFLICT" not in row["note"]
    )
