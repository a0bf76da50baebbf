"""From features to rows of a table: what each table takes a point, a line or an area for."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
import shapely.geometry
from shapely.validation import explain_validity

from parkrisk.scenarios import schema
from parkrisk.scenarios.reading.maps.features import Feature, MapFault
from parkrisk.scenarios.reading.maps.layers import Layer
from parkrisk.scenarios.reading.maps.systems import address

__all__ = ["Row", "boundary_of", "rows_of"]

#: A line whose ends lie this near to each other is closed. [m], [deg]
_CLOSED, _CLOSED_DEGREES = 0.01, 1e-7
_KINDS = {
    "Point": ("点", "a point"),
    "LineString": ("未闭合的线", "an open line"),
    "LinearRing": ("闭合的线", "a closed line"),
    "Polygon": ("面", "an area"),
    "MultiPoint": ("多点", "several points"),
    "MultiLineString": ("多段线", "several lines"),
    "MultiPolygon": ("多部分的面", "an area of several parts"),
    "GeometryCollection": ("混合图形", "a mixture"),
}


@dataclass(frozen=True)
class Row:
    """A row that a feature gives. ``where`` is the address of the feature."""

    key: str
    cells: dict[str, str]
    where: str


def _plain(shape: Any) -> Any:
    """A shape of one part as that part."""
    return shape.geoms[0] if hasattr(shape, "geoms") and len(shape.geoms) == 1 else shape


def _gap(line: Any) -> float:
    ends = shapely.get_point(line, [0, -1])
    return float(shapely.distance(*ends))


def _is_closed(shape: Any, degrees: bool) -> bool:
    gap = _CLOSED_DEGREES if degrees else _CLOSED
    return shape.geom_type == "LineString" and shapely.get_num_points(shape) > 3 and _gap(shape) <= gap


def _area(shape: Any, degrees: bool) -> Any:
    """The area a shape is or encloses; None if it is none."""
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    if _is_closed(shape, degrees):
        corners = shapely.get_coordinates(shape)[:-1]
        return shapely.Polygon(corners)
    return None


def _refused(shape: Any, degrees: bool, expected: tuple[str, str]) -> MapFault:
    kind = "LinearRing" if _is_closed(shape, degrees) else shape.geom_type
    chinese, english = _KINDS.get(kind, (kind, kind))
    return MapFault(
        "map_wrong_shape",
        shape.geom_type,
        kind_zh=chinese,
        kind_en=english,
        expected_zh=expected[0],
        expected_en=expected[1],
    )


def _sound(area: Any) -> Any:
    if not area.is_valid:
        raise MapFault("polygon_invalid", area.geom_type, reason=explain_validity(area))
    return area


def _closed_area(shape: Any, degrees: bool) -> Any:
    """The area, which must be there and valid."""
    area = _area(shape, degrees)
    if area is None and shape.geom_type == "LineString":
        gap = f"{_gap(shape):.7f} deg" if degrees else f"{_gap(shape):.2f} m"
        raise MapFault("map_unclosed", gap)
    if area is None:
        raise _refused(shape, degrees, ("面或闭合的线", "an area or a closed line"))
    return _sound(area)


def _located(shape: Any, entry: Layer, degrees: bool) -> dict[str, str]:
    """Cells of the place of a feature in a table whose rows stand at points or are areas."""
    takes_areas = "polygon" in schema.table(entry.table).columns
    if shape.geom_type == "Point":
        return {"x": repr(float(shape.x)), "y": repr(float(shape.y))}
    if entry.place == "centroid":
        area = _closed_area(shape, degrees)
        if not area.covers(area.centroid):
            raise MapFault("map_centroid_outside", area.geom_type)
        return {"x": repr(float(area.centroid.x)), "y": repr(float(area.centroid.y))}
    if takes_areas:
        return {"polygon": shapely.to_wkt(_closed_area(shape, degrees), rounding_precision=-1)}
    hint = ('点或圆；面须写 place = "centroid" 才取其形心', 'a point or circle; an area needs place = "centroid"')
    raise _refused(shape, degrees, hint)


def _corners(shape: Any, degrees: bool) -> Iterator[dict[str, str]]:
    """Cells of the corners of a line."""
    if shape.geom_type != "LineString":
        raise _refused(shape, degrees, ("一条线", "one line"))
    for point, (x, y) in enumerate(shapely.get_coordinates(shape).tolist(), start=1):
        yield {"point": str(point), "x": repr(x), "y": repr(y)}


def _cells(feature: Feature, entry: Layer) -> dict[str, str]:
    return {**entry.values, **{column: feature.fields.get(name, "") for column, name in entry.columns.items()}}


def rows_of(
    features: Sequence[Feature], shapes: Sequence[Any], entry: Layer, degrees: bool
) -> tuple[list[Row], list[tuple[str, MapFault]]]:
    """Rows of a table from features whose shapes were brought into the CRS of the park.

    Parameters
    ----------
    features, shapes : sequences of one length
    entry : Layer
    degrees : bool
        Whether that CRS is in degrees.

    Returns
    -------
    rows : list of Row
    faults : list of (str, MapFault)
        Features that give no row, by address.
    """
    is_line = "point" in schema.table(entry.table).columns
    rows, faults = [], []
    for feature, shape in zip(features, shapes, strict=True):
        where, plain = address(entry, feature), _plain(shape)
        own = _cells(feature, entry)
        key = own.get(entry.key, "")
        try:
            if entry.key and not key:
                raise MapFault("map_key_missing", "", entry.key, field=entry.columns[entry.key])
            places = list(_corners(plain, degrees)) if is_line else [_located(plain, entry, degrees)]
        except MapFault as fault:
            faults.append((where, fault))
            continue
        rows += [Row(key, {**own, **place}, where) for place in places]
    return rows, faults


def boundary_of(
    features: Sequence[Feature], shapes: Sequence[Any], entry: Layer, crs: str, degrees: bool
) -> tuple[dict[str, Any] | None, list[tuple[str, MapFault]]]:
    """Boundary as the GeoJSON object that ``RawInput`` holds; None if a feature is no area."""
    found, faults = [], []
    for feature, shape in zip(features, shapes, strict=True):
        try:
            area = _closed_area(_plain(shape), degrees)
        except MapFault as fault:
            faults.append((address(entry, feature), fault))
            continue
        geometry = json.loads(json.dumps(shapely.geometry.mapping(area)))
        found.append({"type": "Feature", "properties": {}, "geometry": geometry})
    if faults:
        return None, faults
    name = f"urn:ogc:def:crs:{crs.replace(':', '::')}"
    system = {"type": "name", "properties": {"name": name}}
    return {"type": "FeatureCollection", "crs": system, "features": found}, []
