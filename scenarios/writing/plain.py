"""Cells that are plain numbers, and the polygons of a boundary: what every form writes from."""

import math
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import shapely

from parkrisk.scenarios.reading.boundary import declared_crs, geometries
from parkrisk.scenarios.reading.raw import RawInput

__all__ = ["boundary_crs", "boundary_parts", "number_of", "section_of"]

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def number_of(cell: str) -> float | None:
    """Value of a cell that reads as a finite number; None of any other, also of an empty one."""
    plain = unicodedata.normalize("NFKC", cell).strip()
    if not _NUMBER.fullmatch(plain):
        return None
    value = float(plain)
    return value if math.isfinite(value) else None


def section_of(raw: RawInput) -> dict[str, str]:
    """Cells of the section by column, those that are not empty."""
    table = raw.tables[raw.kind]
    row = table.rows[0] if table.rows else ("",) * len(table.columns)
    return {column: cell for column, cell in zip(table.columns, row, strict=True) if cell.strip()}


def boundary_crs(raw: RawInput) -> str:
    """CRS the boundary is given in where that is not the park's: as the park says, else as the GeoJSON itself."""
    own = section_of(raw).get("boundary_crs", "").strip()
    return own or (declared_crs(raw.boundary) if isinstance(raw.boundary, Mapping) else "")


def boundary_parts(raw: RawInput) -> list[Any]:
    """Polygons of the boundary, each by itself, in the CRS they are given in."""
    if not isinstance(raw.boundary, Mapping):
        return []
    return [part for shape in geometries(raw.boundary) for part in shapely.get_parts(shapely.force_2d(shape)).tolist()]
