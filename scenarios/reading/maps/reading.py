"""Map files of a folder in: the layers that ``layers.toml`` names, and a boundary that is no GeoJSON."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import shapely

from parkrisk.models.errors import Problem
from parkrisk.scenarios.messages import problem
from parkrisk.scenarios.reading.cells import RawTable
from parkrisk.scenarios.reading.coordinates import MISPLACED, crs_of, epsg_code
from parkrisk.scenarios.reading.maps.drawing import Drawing
from parkrisk.scenarios.reading.maps.features import Content, Feature, MapFault, MapFile, chosen, fault
from parkrisk.scenarios.reading.maps.gdal_maps import GdalMap
from parkrisk.scenarios.reading.maps.layers import BOUNDARY, FILE, Layer, read_layers
from parkrisk.scenarios.reading.maps.merging import Joining
from parkrisk.scenarios.reading.maps.rows import boundary_of, rows_of
from parkrisk.scenarios.reading.maps.systems import address, check_datum, distance, fitting_zone, moved, placing_of
from parkrisk.scenarios.reading.maps.text_maps import geojson, kml
from parkrisk.scenarios.reading.raw import Origin
from parkrisk.scenarios.reading.within import file_within

__all__ = ["Mapped", "boundary_file", "is_map", "read_maps"]

_FORMATS: Mapping[str, Callable[[Path], MapFile]] = {
    ".geojson": geojson,
    ".json": geojson,
    ".kml": kml,
    ".shp": GdalMap,
    ".gpkg": GdalMap,
    ".dxf": Drawing,
}
#: Formats that are not read, and what to do with them.
_OTHERS = {
    ".dwg": ("请在 CAD 中另存为 DXF", "save it as DXF in the CAD program"),
    ".kmz": ("请解压，取其中的 KML 文件", "unzip it and take the KML file in it"),
    ".zip": ("请先解压", "unzip it first"),
}
#: A layer this far from everything else may lie in another zone than declared. [m]
_REACH = 50_000.0


@dataclass
class Mapped:
    """What the map files of a folder add: tables, a boundary, where cells come from, tables that were meant."""

    tables: dict[str, RawTable] = field(default_factory=dict)
    boundary: dict[str, Any] | None = None
    places: dict[str, Origin] = field(default_factory=dict)
    meant: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)


def is_map(name: str) -> bool:
    """Whether a file is a map in a format that is read here or known not to be, GeoJSON aside."""
    suffix = Path(name).suffix.casefold()
    return suffix in {**_FORMATS, **_OTHERS} and suffix not in (".geojson", ".json")


def _opened(folder: Path, name: str) -> MapFile:
    suffix = PurePath(name).suffix.casefold()
    if suffix not in _FORMATS:
        hint = _OTHERS.get(suffix, (", ".join(_FORMATS),) * 2)
        raise MapFault("map_format", name, "file", hint_zh=hint[0], hint_en=hint[1])
    path = file_within(folder, name)
    if path is None:
        raise MapFault("map_file_missing", name, "file")
    try:
        return _FORMATS[suffix](path)
    except OSError as error:
        raise MapFault("map_unreadable", name, reason=error.strerror or type(error).__name__) from None


class _Folder:
    """The map files of one folder, each opened once, brought into one CRS."""

    def __init__(self, path: Path, crs: str) -> None:
        self._path = path
        self.crs = crs
        self.degrees = bool(crs_of(crs).is_geographic)
        self._files: dict[str, MapFile | MapFault] = {}

    def _file(self, name: str) -> MapFile:
        if name not in self._files:
            try:
                self._files[name] = _opened(self._path, name)
            except MapFault as trouble:
                self._files[name] = trouble
        found = self._files[name]
        if isinstance(found, MapFault):
            raise found
        return found

    def read(self, entry: Layer, near: tuple[float, float] | None) -> tuple[list[Feature], list[Any], list[Problem]]:
        """Features of an entry with their shapes in the CRS of the park; raises ``MapFault``.

        ``near`` is where the rest of the park lies, None if that is not known.
        """
        file = self._file(entry.file)
        content = file.read(chosen(file, entry.layer), entry)
        problems = list(content.warnings)
        check_datum(content, entry)
        for name in entry.columns.values():
            if content.features and name not in content.fields:
                raise MapFault("map_field_unknown", name, "columns", allowed=", ".join(content.fields) or "-")
        place = placing_of(content, entry, self.crs)
        features, faults = _with_shapes(content, entry)
        if not features and not faults:
            raise MapFault("map_layer_empty")
        shapes, misplaced = moved(features, entry, place)
        problems += faults + misplaced
        if any(each.code in MISPLACED for each in misplaced):
            return [], [], problems
        if near is not None and features:
            x, y = _middle([feature.shape for feature in features])
            if distance(self.crs, _middle(shapes), near) > _REACH:
                code = fitting_zone(place.source, self.crs, x, y, near, _REACH)
                if code:
                    raise MapFault("map_other_zone", place.source, "crs", suggestion=code)
        return features, shapes, problems


def _middle(shapes: list[Any]) -> tuple[float, float]:
    x, y = np.median(np.concatenate([shapely.get_coordinates(shape) for shape in shapes]), axis=0).tolist()
    return x, y


def _with_shapes(content: Content, entry: Layer) -> tuple[list[Feature], list[Problem]]:
    """Features that have a finite shape, and those that have none."""
    features, problems = [], []
    for feature in content.features:
        shape = feature.shape
        if shape is None or shape.is_empty or not np.isfinite(shapely.get_coordinates(shape)).all():
            problems.append(fault("map_no_shape", entry, address(entry, feature)))
        else:
            features.append(feature)
    return features, problems


def _said(trouble: MapFault, entry: Layer, where: str = "") -> Problem:
    """Return the problem of a fault; of one that concerns the entry as a whole its file and layer are named."""
    words = dict(trouble.words)
    where = where or str(words.pop("where", ""))
    name = f"{entry.file}/{entry.layer}" if entry.layer else entry.file
    place = where if where.startswith(name) else f"{entry.file}/{where}" if where else name
    return fault(trouble.code, entry, place, trouble.column, trouble.found, **words)


def _known_middle(tables: Mapping[str, RawTable]) -> tuple[float, float] | None:
    """Where most points of the CSV files lie, None if there is none."""
    points = []
    for table in tables.values():
        if not {"x", "y"} <= set(table.columns):
            continue
        at = [table.columns.index(axis) for axis in ("x", "y")]
        for row in table.rows:
            try:
                points.append([float(row[place]) for place in at])
            except ValueError:
                continue  # empty, or said when the table is read
    known = np.array([point for point in points if np.isfinite(point).all()])
    return (float(np.median(known[:, 0])), float(np.median(known[:, 1]))) if len(known) else None


def read_maps(folder: Path, kind: str, tables: Mapping[str, RawTable], crs: str) -> Mapped:
    """Read what ``layers.toml`` of a folder names, and join it to the tables of the CSV files.

    Parameters
    ----------
    folder : Path
    kind : str
        "park" or "project".
    tables : mapping of str to RawTable
        As the CSV files give them.
    crs : str
        EPSG code of the coordinates of the park or project, as written.

    Returns
    -------
    Mapped
        Never raises for what the files hold; the faults are in ``problems``.
    """
    layers, problems, meant = read_layers(folder / FILE, kind)
    found = Mapped(meant=meant, problems=problems)
    if crs_of(epsg_code(crs)) is None:
        if not crs and kind == "project":
            found.problems.append(problem("map_needs_crs", kind, 1, "crs"))
        return found  # of a park said already
    files = _Folder(folder, epsg_code(crs))
    near = _known_middle(tables)
    joinings: dict[str, Joining] = {}
    for entry in layers:
        try:
            features, shapes, faults = files.read(entry, near)
        except MapFault as trouble:
            found.problems.append(_said(trouble, entry))
            continue
        found.problems += faults
        if not features:
            continue
        near = near or _middle(shapes)
        joined = 0
        if entry.table == BOUNDARY:
            _add_boundary(found, entry, features, shapes, files)
        else:
            rows, wrong = rows_of(features, shapes, entry, files.degrees)
            found.problems += [_said(trouble, entry, where) for where, trouble in wrong]
            if entry.table not in joinings:
                joinings[entry.table] = Joining.of(entry.table, files.crs, tables.get(entry.table))
            joined = joinings[entry.table].add(entry, rows)
        found.problems.append(_said(MapFault("map_rows", entry.layer, count=len(features), joined=joined), entry))
    for name, joining in joinings.items():
        found.tables[name], found.places[name] = joining.table()
        found.problems += joining.problems
    return found


def _add_boundary(found: Mapped, entry: Layer, features: list[Feature], shapes: list[Any], files: _Folder) -> None:
    if found.boundary is not None:
        found.problems.append(_said(MapFault("map_boundary_twice", entry.file), entry))
        return
    found.boundary, wrong = boundary_of(features, shapes, entry, files.crs, files.degrees)
    found.problems += [_said(trouble, entry, where) for where, trouble in wrong]


def boundary_file(folder: Path, name: str, crs: str, own: str) -> tuple[dict[str, Any] | None, list[Problem]]:
    """Read a boundary that ``park.toml`` names and that is no GeoJSON.

    Parameters
    ----------
    folder : Path
    name : str
    crs : str
        CRS of the park, as written.
    own : str
        ``boundary_crs``, "" if not given: what the file says, otherwise the CRS of the park.

    Returns
    -------
    boundary : GeoJSON object with its CRS, or None
    problems : list of Problem
    """
    target = epsg_code(own or crs)
    if crs_of(target) is None:
        return None, [problem("crs_unknown", "park", 1, "boundary_crs", own)] if own else []
    files = _Folder(folder, target)
    entry = Layer(0, name, BOUNDARY, crs=own)
    try:
        try:
            features, shapes, problems = files.read(entry, None)
        except MapFault as trouble:
            if trouble.code != "map_crs_missing":
                raise
            features, shapes, problems = files.read(Layer(0, name, BOUNDARY, crs=target), None)
    except MapFault as trouble:
        return None, [_said(trouble, entry)]
    boundary, wrong = boundary_of(features, shapes, entry, files.crs, files.degrees)
    problems += [_said(trouble, entry, where) for where, trouble in wrong]
    return (boundary if features else None), problems
