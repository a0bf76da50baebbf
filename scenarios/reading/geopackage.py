"""A GeoPackage in: one layer per table; where things are is taken from the geometry alone."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from parkrisk.models.errors import Problem
from parkrisk.scenarios import schema
from parkrisk.scenarios.messages import problem
from parkrisk.scenarios.reading.cells import RawTable
from parkrisk.scenarios.reading.coordinates import epsg_code
from parkrisk.scenarios.reading.csv_files import known_columns
from parkrisk.scenarios.reading.header_units import conversions
from parkrisk.scenarios.reading.raw import RawInput, absent
from parkrisk.scenarios.reading.sqlite_guard import refusal

__all__ = ["AREAS", "BOUNDARY", "CORNERS", "LINES", "is_geopackage", "layer_kind", "read_geopackage"]

#: Layer of the boundary; table whose rows are corners of lines, and what each corner says for itself.
BOUNDARY, LINES, CORNERS = "boundary", "lines", ("point", "assumed", "note")
#: Ending of the layer that holds the polygons of a table.
AREAS = "_polygon"
#: Layer that QGIS keeps styles in.
_STYLES = "layer_styles"


@dataclass(frozen=True)
class _Layer:
    """One layer as it stands: text cells by column, geometries (None: a layer without), its EPSG code."""

    columns: Mapping[str, list[str]]
    shapes: list[Any] | None
    crs: str
    rows: int


def _text(value: Any) -> str:
    """Text of one value as a CSV cell would hold it."""
    if value is None or value != value:  # NULL and NaN
        return ""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | np.integer):
        return str(int(value))
    if isinstance(value, float | np.floating):
        number = float(value)
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
    return str(value)


def _epsg(crs: str | None) -> str:
    """EPSG code of a layer's CRS; "" if it has none, its name if it has no code."""
    if not crs or crs.startswith("EPSG:"):
        return crs or ""
    import pyproj

    try:
        found = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError:
        return crs[:40]
    code = found.to_epsg()
    if code is None:
        return "" if found.type_name == "Engineering CRS" else found.name
    return f"EPSG:{code}"


def _read(path: Path, name: str) -> _Layer:
    import pyogrio.raw  # heavy; only maps need it

    meta, _, wkb, fields = pyogrio.raw.read(path, layer=name, force_2d=True, datetime_as_string=True)
    columns = {
        str(column): [_text(value) for value in values] for column, values in zip(meta["fields"], fields, strict=True)
    }
    shapes = None if wkb is None or meta["geometry_type"] is None else shapely.from_wkb(wkb).tolist()
    rows = len(shapes) if shapes is not None else len(fields[0]) if len(fields) else 0
    return _Layer(columns, shapes, _epsg(meta["crs"]), rows)


def _table(layer: _Layer, declared: schema.Table, cells: dict[str, list[str]]) -> tuple[RawTable, list[Problem]]:
    """Known columns of a layer, with those that come from its geometry in their place."""
    words = [word for word in layer.columns if word not in cells]
    known, problems = known_columns(words, declared)
    problems += [
        problem("stale_column", declared.name, None, word)
        for word in layer.columns
        if word in cells and any(layer.columns[word])
    ]
    units = conversions(words, known, declared)
    found = {name: layer.columns[words[place]] for place, name in known.items() if name not in cells}
    for place, conversion in units.items():
        found[known[place]] = [conversion.convert(cell) for cell in found[known[place]]]
    found |= cells
    rows = tuple(zip(*found.values(), strict=True))
    return RawTable(declared.name, tuple(found), rows, tuple(range(1, len(rows) + 1))), problems


def _wrong_shape(table: str, row: int, column: str, shape: Any, expected: str) -> Problem:
    return problem("layer_geometry", table, row, column, shape.geom_type, expected=expected)


def _points(layer: _Layer, declared: schema.Table) -> tuple[RawTable, list[Problem]]:
    problems: list[Problem] = []
    x, y = [], []
    for row, shape in enumerate(layer.shapes or [], start=1):
        point = shape
        if shape is not None and shape.geom_type == "MultiPoint" and len(shape.geoms) == 1:
            point = shape.geoms[0]
        if point is not None and point.geom_type != "Point":
            problems.append(_wrong_shape(declared.name, row, "x", point, "Point"))
            point = None
        empty = point is None or point.is_empty
        x.append("" if empty else _text(point.x))
        y.append("" if empty else _text(point.y))
    cells = {"x": x, "y": y} | ({"polygon": [""] * len(x)} if "polygon" in declared.columns else {})
    table, faults = _table(layer, declared, cells)
    return table, problems + faults


def _per_corner(text: str, corners: int, name: str) -> list[str] | None:
    """What each corner of a line says; None where the line has other corners now than it had."""
    plain = [str(n) for n in range(1, corners + 1)] if name == "point" else [text] * corners
    try:
        said = json.loads(text) if text.startswith("[") else None
    except ValueError:
        said = None
    if not isinstance(said, list) or not all(isinstance(each, str) for each in said):
        return plain
    return said if len(said) == corners else None


def _lines(layer: _Layer, declared: schema.Table) -> tuple[RawTable, list[Problem]]:
    problems: list[Problem] = []
    found: dict[str, list[str]] = {name: [] for name in declared.columns}
    table, faults = _table(layer, declared, {"x": [""] * layer.rows, "y": [""] * layer.rows})
    features = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    for row, (shape, feature) in enumerate(zip(layer.shapes or [], features, strict=True), start=1):
        line = shape
        if shape is not None and shape.geom_type == "MultiLineString" and len(shape.geoms) == 1:
            line = shape.geoms[0]
        empty = line is None or line.is_empty
        if empty or line.geom_type != "LineString":
            fault = problem("missing_value", LINES, row, "x") if empty else None
            problems.append(fault or _wrong_shape(LINES, row, "x", line, "LineString"))
            continue
        corners = shapely.get_coordinates(line).tolist()
        found["line_id"] += [feature.get("line_id", "")] * len(corners)
        found["x"] += [_text(x) for x, _ in corners]
        found["y"] += [_text(y) for _, y in corners]
        for name in CORNERS:
            said = _per_corner(feature.get(name, ""), len(corners), name)
            if said is None:
                problems.append(problem("corner_cells_lost", LINES, row, name, feature.get("line_id", "")))
                said = _per_corner("", len(corners), name) or []
            found[name] += said
    rows = tuple(zip(*found.values(), strict=True))
    return RawTable(LINES, tuple(found), rows, tuple(range(1, len(rows) + 1))), problems + faults


def _with_areas(table: RawTable, layer: _Layer, declared: schema.Table) -> tuple[RawTable, list[Problem]]:
    """Polygons of the second layer put into the rows of the same key."""
    problems: list[Problem] = []
    keys, faults = _table(layer, declared, {"polygon": [""] * layer.rows})
    columns = {name: [row[place] for row in keys.rows] for place, name in enumerate(keys.columns)}
    polygons: dict[tuple[str, ...], str] = {}
    first: dict[tuple[str, ...], int] = {}
    for row, shape in enumerate(layer.shapes or [], start=1):
        key = tuple(columns.get(name, [""] * layer.rows)[row - 1].strip() for name in declared.key)
        if shape is None:
            continue
        if shape.geom_type not in ("Polygon", "MultiPolygon"):
            problems.append(_wrong_shape(declared.name, row, "polygon", shape, "Polygon, MultiPolygon"))
        elif key in polygons:
            problems.append(
                problem("duplicate_id", declared.name, row, declared.key[0], "/".join(key), first=first[key])
            )
        else:
            first[key] = row
            single = shape.geoms[0] if shape.geom_type == "MultiPolygon" and len(shape.geoms) == 1 else shape
            polygons[key] = str(shapely.to_wkt(single, rounding_precision=17))
    places = [table.columns.index(name) if name in table.columns else None for name in declared.key]
    rows, last = [], table.columns.index("polygon")
    for cells in table.rows:
        key = tuple("" if place is None else cells[place].strip() for place in places)
        rows.append((*cells[:last], polygons.pop(key, ""), *cells[last + 1 :]))
    problems += [problem("area_without_row", declared.name, None, "polygon", "/".join(key)) for key in polygons]
    return RawTable(table.name, table.columns, tuple(rows), table.numbers), problems + faults


def _boundary(layer: _Layer, crs: str) -> tuple[object, list[Problem]]:
    """Layer of the boundary as GeoJSON, which names its CRS where that is not the park's."""
    shapes = layer.shapes or []
    for row, shape in enumerate(shapes, start=1):
        if shape is None or shape.is_empty:
            return None, [problem("missing_value", "park", row, "boundary")]
        if shape.geom_type not in ("Polygon", "MultiPolygon"):
            return None, [_wrong_shape("park", row, "boundary", shape, "Polygon, MultiPolygon")]
    if not shapes:
        return None, []
    features = [{"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(shape)} for shape in shapes]
    document: dict[str, Any] = {"type": "FeatureCollection"}
    if layer.crs and layer.crs != crs:
        name = "urn:ogc:def:crs:" + layer.crs.replace(":", "::")
        document["crs"] = {"type": "name", "properties": {"name": name}}
    return {**document, "features": features}, []


def _names(path: Path, kind: str) -> tuple[dict[str, str], list[Problem]]:
    """Table, or table with ``AREAS``, or ``BOUNDARY`` to the layer that holds it."""
    import pyogrio

    declared = [table for table in schema.tables().values() if table.of(kind)]
    words: dict[str, str] = {BOUNDARY: BOUNDARY} if kind == "park" else {}
    for table in declared:
        words |= dict.fromkeys((table.name, table.label_zh, table.label_en.casefold()), table.name)
        if "polygon" in table.columns:
            words[table.name + AREAS] = table.name + AREAS
    found: dict[str, str] = {}
    problems = []
    for layer in pyogrio.list_layers(path)[:, 0].tolist():
        name = words.get(layer.casefold())
        if layer == _STYLES or layer.startswith("_"):
            continue
        if name is None or name in found:
            near = schema.nearest(layer, words)
            problems.append(problem("unknown_table", layer, found=layer, near=near))
        else:
            found[name] = layer
    return found, problems


def is_geopackage(path: str | Path) -> bool:
    """Whether a path is a file called .gpkg."""
    return Path(path).suffix.casefold() == ".gpkg" and Path(path).is_file()


def layer_kind(path: Path) -> str:
    """Give "project" for a GeoPackage that has a project and no park, else "park"."""
    import pyogrio

    if refusal(path)[0]:
        return "park"
    try:
        layers = {str(name).casefold() for name in pyogrio.list_layers(path)[:, 0]}
    except pyogrio.errors.DataSourceError:
        return "park"
    return "project" if "project" in layers and "park" not in layers else "park"


def _misplaced(layers: Mapping[str, _Layer], kind: str, crs: str, boundary_crs: str) -> list[Problem]:
    """Layers that are in another CRS than the one declared; the boundary may have its own."""
    problems = []
    for name, layer in layers.items():
        expected = boundary_crs if name == BOUNDARY else crs
        if layer.shapes and layer.crs != expected and (name != BOUNDARY or boundary_crs):
            column = "boundary_crs" if name == BOUNDARY else "crs"
            problems.append(
                problem("layer_crs", kind, 1, column, layer.crs or "–", layer=name, expected=expected or "–")
            )
    return problems


def read_geopackage(path: str | Path, kind: str) -> RawInput:
    """Read a park or a project from a GeoPackage.

    Parameters
    ----------
    path : path
        File with one layer per table, called by the table's name or label; the section of the park or the project is
        a layer with one row. x and y are those of the points, corners of ``lines`` those of the lines; polygons of a
        table stand in a layer of its name and ``_polygon``, found by key; the boundary in the layer ``boundary``.
        Columns x, y and polygon are not read: what is moved on the map has moved.
    kind : str
        "park" or "project".

    Returns
    -------
    RawInput
        Never raises for what the file holds; the faults are in ``problems``.
    """
    import pyogrio

    file = Path(path)
    code, found = refusal(file)
    if code:
        return RawInput(kind, {}, None, (problem(code, kind, found=found),))
    try:
        names, problems = _names(file, kind)
        layers = {name: _read(file, layer) for name, layer in names.items()}
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, shapely.errors.ShapelyError):
        return RawInput(kind, {}, None, (problem("geopackage_damaged", kind),))
    tables: dict[str, RawTable] = {}
    for name, layer in layers.items():
        if name == BOUNDARY or name.endswith(AREAS):
            continue
        declared = schema.table(name)
        reader = _lines if name == LINES else _points if "x" in declared.columns else None
        if reader is not None and layer.shapes is None:
            problems.append(problem("layer_geometry", name, None, "x", "–", expected="Point, LineString"))
        table, faults = (reader or _plain)(layer, declared)
        if name + AREAS in layers:
            table, more = _with_areas(table, layers[name + AREAS], declared)
            faults += more
        tables[name] = table
        problems += faults
    if kind in tables and len(tables[kind].rows) != 1:
        problems.append(problem("one_row", kind, None, "", len(tables[kind].rows)))
        del tables[kind]
    section = _section(tables.get(kind))
    crs, own = epsg_code(section.get("crs", "")), epsg_code(section.get("boundary_crs", ""))
    problems += _misplaced(layers, kind, crs, own)
    boundary, faults = _boundary(layers[BOUNDARY], crs) if BOUNDARY in layers else (None, [])
    return RawInput(kind, tables, boundary, (*problems, *faults, *absent(kind, tables, {kind} if problems else set())))


def _plain(layer: _Layer, declared: schema.Table) -> tuple[RawTable, list[Problem]]:
    return _table(layer, declared, {})


def _section(table: RawTable | None) -> dict[str, str]:
    rows: Sequence[Sequence[str]] = table.rows if table else ()
    return dict(zip(table.columns, rows[0], strict=True)) if table and rows else {}
