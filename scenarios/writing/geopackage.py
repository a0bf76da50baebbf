"""A park or a project out as a GeoPackage: one layer per table, placed where the table has coordinates."""

import json
import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from parkrisk.scenarios import schema
from parkrisk.scenarios.reading.cells import RawTable
from parkrisk.scenarios.reading.coordinates import epsg_code
from parkrisk.scenarios.reading.geopackage import AREAS, BOUNDARY, CORNERS, LINES
from parkrisk.scenarios.reading.raw import RawInput
from parkrisk.scenarios.writing.plain import boundary_crs, boundary_parts, number_of, section_of

__all__ = ["write_geopackage"]

#: Its date is fixed, so that the same park gives the same bytes; it is written at once, not forced to disk by layer.
_WHILE_WRITING = {"OGR_CURRENT_DATE": "2000-01-01T00:00:00.000Z", "OGR_SQLITE_SYNCHRONOUS": "OFF"}


@contextmanager
def _settings() -> Iterator[None]:
    import pyogrio  # heavy; only maps need it

    before = {name: pyogrio.get_gdal_config_option(name) for name in _WHILE_WRITING}
    pyogrio.set_gdal_config_options(_WHILE_WRITING)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)


def _column(cells: Sequence[str], column: schema.Column) -> NDArray[Any]:
    """Numbers where every cell of a numeric column is one, text otherwise; an empty cell is NULL."""
    if column.is_number:
        values = [number_of(cell) if cell.strip() else math.nan for cell in cells]
        if None not in values:
            return np.array(values, dtype=np.float64)
    return np.array([cell if cell.strip() else None for cell in cells], dtype=object)


def _layer(
    path: Path,
    name: str,
    title: str,
    columns: dict[str, NDArray[Any]],
    shapes: Sequence[Any] | None,
    kind: str,
    crs: str,
) -> None:
    import pyogrio.raw

    geometry = None
    if shapes is not None:
        geometry = np.empty(len(shapes), dtype=object)
        geometry[:] = [None if shape is None else shapely.to_wkb(shape) for shape in shapes]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "'crs' was not provided")  # a project may stand in the CRS of its park
        pyogrio.raw.write(
            path,
            geometry,
            list(columns.values()),
            np.array(list(columns), dtype=object),
            layer=name,
            driver="GPKG",
            geometry_type=kind or None,
            crs=crs or None,
            layer_options={"IDENTIFIER": title, "SPATIAL_INDEX": "YES" if kind else "NO"},
        )


def _cells(table: RawTable) -> dict[str, list[str]]:
    """Cells of every column of the schema, so that each can be filled in on the map."""
    found = {name: [""] * len(table.rows) for name in schema.table(table.name).columns}
    return found | {name: [row[place] for row in table.rows] for place, name in enumerate(table.columns)}


def _points(cells: dict[str, list[str]]) -> list[Any]:
    pairs = [(number_of(x), number_of(y)) for x, y in zip(cells.pop("x"), cells.pop("y"), strict=True)]
    return [None if x is None or y is None else shapely.Point(x, y) for x, y in pairs]


def _lines(cells: dict[str, list[str]]) -> tuple[dict[str, list[str]], list[Any]]:
    """One feature per line; what its corners say goes into lists as long as the line has corners."""
    points = _points(cells)
    corners: dict[str, list[int]] = {}
    for row in sorted(range(len(points)), key=lambda row: number_of(cells["point"][row]) or 0.0):
        corners.setdefault(cells["line_id"][row], []).append(row)
    found: dict[str, list[str]] = {"line_id": list(corners), **{name: [] for name in CORNERS}}
    for rows in corners.values():
        for name in CORNERS:
            said = [cells[name][row] for row in rows]
            plain = [str(n) for n in range(1, len(rows) + 1)] if name == "point" else [""] * len(rows)
            found[name].append("" if said == plain else json.dumps(said, ensure_ascii=False))
    return found, [shapely.LineString([points[row] for row in rows]) for rows in corners.values()]


def _areas(path: Path, declared: schema.Table, cells: dict[str, list[str]], crs: str) -> None:
    """Polygons of a table as a layer of their own: its other layer holds the points."""
    polygons = cells.pop("polygon")
    rows = [row for row, polygon in enumerate(polygons) if polygon.strip()]
    shapes = [shapely.force_2d(shapely.from_wkt(polygons[row])) for row in rows]
    keys = {name: _column([cells[name][row] for row in rows], declared.columns[name]) for name in declared.key}
    several = any(shape.geom_type == "MultiPolygon" for shape in shapes)
    if several:
        shapes = [shapely.MultiPolygon(shapely.get_parts(shape).tolist()) for shape in shapes]
    kind = "MultiPolygon" if several else "Polygon"
    _layer(path, declared.name + AREAS, f"{declared.label_zh}（范围）", keys, shapes, kind, crs)


def write_geopackage(raw: RawInput, path: Path) -> dict[str, str]:
    """Write a park or a project as a GeoPackage; gives the layer of each table.

    x and y become points, the corners of a line one line, polygons a layer beside the points of their table. All
    other cells stay as they are: numbers where a column holds numbers only, text otherwise, NULL where empty.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    crs = epsg_code(section_of(raw).get("crs", ""))
    places = {}
    with _settings():
        for name, declared in schema.tables().items():
            if not declared.of(raw.kind) or name not in raw.tables:
                continue
            cells = _cells(raw.tables[name])
            shapes: list[Any] | None = None
            kind = ""
            if "polygon" in cells:
                _areas(path, declared, cells, crs)
            if name == LINES:
                cells, shapes = _lines(cells)
                kind = "LineString"
            elif "x" in cells:
                shapes, kind = _points(cells), "Point"
            columns = {
                word: np.array([cell or None for cell in found], dtype=object)
                if name == LINES
                else _column(found, declared.columns[word])
                for word, found in cells.items()
            }
            _layer(path, name, declared.label_zh, columns, shapes, kind, crs if kind else "")
            places[name] = name
        if raw.boundary is not None:
            own = epsg_code(boundary_crs(raw)) or crs
            parts = boundary_parts(raw)
            numbers = {"polygon": np.arange(1.0, len(parts) + 1.0)}
            _layer(path, BOUNDARY, schema.table("park").columns["boundary"].label_zh, numbers, parts, "Polygon", own)
            places[BOUNDARY] = BOUNDARY
    return places
