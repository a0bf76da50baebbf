"""GeoJSON and KML in: both are text, and both say longitude and latitude unless they say otherwise."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
import shapely.errors
import shapely.geometry

from parkrisk.models.errors import Problem
from parkrisk.scenarios.reading.boundary import declared_crs
from parkrisk.scenarios.reading.csv_files import content
from parkrisk.scenarios.reading.json_text import parsed_json
from parkrisk.scenarios.reading.maps.features import MOST_FEATURES, Content, Feature, MapFault, cell, marks
from parkrisk.scenarios.reading.maps.layers import Layer

__all__ = ["TextMap", "geojson", "kml"]

_WGS84 = "EPSG:4326"
#: Text takes ten times its size in memory while it is parsed.
_LARGEST_FILE = 128 * 2**20


@dataclass(frozen=True)
class TextMap:
    """A map that was read as a whole: features by layer."""

    by_layer: Mapping[str, tuple[Feature, ...]]
    crs: str
    mark: str
    warnings: tuple[Problem, ...]
    hidden: tuple[str, ...] = ()

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers."""
        return tuple(self.by_layer)

    def read(self, layers: Sequence[str], entry: Layer) -> Content:  # noqa: ARG002 (nothing hangs on the entry)
        """Give some layers."""
        features = tuple(feature for name in layers for feature in self.by_layer[name])
        fields = tuple(dict.fromkeys(name for feature in features for name in feature.fields))
        return Content(features, fields, self.crs, _WGS84, self.mark, self.warnings)


def _text(path: Path) -> tuple[str, tuple[Problem, ...]]:
    if path.stat().st_size > _LARGEST_FILE:
        raise MapFault("map_unreadable", path.name, reason=f"> {_LARGEST_FILE // 2**20} MiB")
    text, problems = content(path, path.name)
    if text is None:
        raise MapFault("map_unreadable", path.name, reason=problems[0].message_en)
    return text, tuple(problems)


def _check_rings(geometry: Any, number: int) -> None:
    """Raise for a polygon whose ring does not end where it began; shapely would close it in silence."""
    areas = {"Polygon": lambda found: [found], "MultiPolygon": list}
    if geometry and geometry["type"] in areas:
        for area in areas[geometry["type"]](geometry["coordinates"]):
            if any(ring[0] != ring[-1] for ring in area):
                raise ValueError(f"#{number}: ring not closed / 环未闭合")


def geojson(path: Path) -> TextMap:
    """Read a GeoJSON file: one layer, called as the file is."""
    text, warnings = _text(path)
    features = []
    try:
        document = parsed_json(text)
        found = document["features"] if document["type"] == "FeatureCollection" else [document]
        if len(found) > MOST_FEATURES:
            raise MapFault("map_too_large", len(found), largest=MOST_FEATURES)
        for number, item in enumerate(found, start=1):
            plain = {"geometry": item} if item["type"] != "Feature" else item
            geometry = plain.get("geometry")
            _check_rings(geometry, number)
            shape = shapely.force_2d(shapely.geometry.shape(geometry)) if geometry else None
            fields = {str(name): cell(value) for name, value in (plain.get("properties") or {}).items()}
            features.append(Feature(number, path.stem, shape, fields))
        crs = declared_crs(document)
    except (*_FAULTS, RecursionError) as error:
        raise MapFault("map_unreadable", path.name, reason=f"{type(error).__name__}: {error}") from None
    return TextMap({path.stem: tuple(features)}, crs, marks([text]), warnings)


_FAULTS = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, shapely.errors.ShapelyError)


def _name(element: ET.Element) -> str:
    """Name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _below(element: ET.Element, *names: str) -> Iterator[ET.Element]:
    return (child for child in element if _name(child) in names)


def _value(element: ET.Element, name: str) -> str:
    return next(((child.text or "").strip() for child in _below(element, name)), "")


def _corners(element: ET.Element) -> list[tuple[float, float]]:
    # Some programs write blanks behind the commas.
    words = [" ".join(part.split()) for part in _value(element, "coordinates").split(",")]
    found = [text.split(",") for text in ",".join(words).split()]
    return [(float(values[0]), float(values[1])) for values in found]


def _ring(element: ET.Element) -> list[tuple[float, float]]:
    corners = _corners(next(_below(element, "LinearRing"), element))
    if corners[0] != corners[-1]:
        raise ValueError("LinearRing: not closed / 环未闭合")
    return corners


def _shape(element: ET.Element) -> Any:
    kind = _name(element)
    if kind == "Point":
        return shapely.Point(_corners(element)[0])
    if kind in ("LineString", "LinearRing"):
        return shapely.LineString(_corners(element))
    if kind == "Polygon":
        outer = _ring(next(_below(element, "outerBoundaryIs"), element))
        return shapely.Polygon(outer, [_ring(inner) for inner in _below(element, "innerBoundaryIs")])
    parts = [_shape(child) for child in _below(element, *_SHAPES)]
    kinds = {part.geom_type for part in parts}
    if len(kinds) == 1 and kinds <= set(_MULTI):
        return _MULTI[kinds.pop()](parts)
    return shapely.GeometryCollection(parts)


_SHAPES = ("Point", "LineString", "LinearRing", "Polygon", "MultiGeometry")
_MULTI = {
    "Point": shapely.MultiPoint,
    "LineString": shapely.MultiLineString,
    "Polygon": shapely.MultiPolygon,
}


def _fields(placemark: ET.Element) -> dict[str, str]:
    fields = {"name": _value(placemark, "name"), "description": _value(placemark, "description")}
    for data in _below(placemark, "ExtendedData"):
        for item in data.iter():
            if _name(item) == "Data":
                fields[item.get("name", "")] = _value(item, "value")
            elif _name(item) == "SimpleData":
                fields[item.get("name", "")] = (item.text or "").strip()
    return fields


def kml(path: Path) -> TextMap:
    """Read a KML file: a layer for each folder that holds placemarks, called as the folder is.

    GDAL's own reader turns Chinese names of fields into underscores; the names are needed here.
    """
    text, warnings = _text(path)
    by_layer: dict[str, list[Feature]] = {}
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise MapFault("map_unreadable", path.name, reason="DOCTYPE / ENTITY")

    def collect(element: ET.Element, layer: str) -> None:
        own = _value(element, "name") or layer
        for child in element:
            if _name(child) == "Placemark":
                found = by_layer.setdefault(own, [])
                try:
                    shape = next((_shape(each) for each in _below(child, *_SHAPES)), None)
                except _FAULTS as error:
                    raise ValueError(f"{own}#{len(found) + 1}: {error}") from None
                found.append(Feature(len(found) + 1, own, shape, _fields(child)))
            elif _name(child) in ("Document", "Folder"):
                collect(child, own)

    try:
        root = ET.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
        if _name(root) != "kml":
            raise ValueError(f"<{_name(root)}>: <kml> expected / 应为 <kml>")
        collect(root, path.stem)
    except (*_FAULTS, StopIteration, RecursionError, ET.ParseError) as error:
        raise MapFault("map_unreadable", path.name, reason=f"{type(error).__name__}: {error}") from None
    if sum(map(len, by_layer.values())) > MOST_FEATURES:
        raise MapFault("map_too_large", sum(map(len, by_layer.values())), largest=MOST_FEATURES)
    return TextMap({name: tuple(found) for name, found in by_layer.items()}, _WGS84, marks([text]), warnings)
