"""Shapes of a park in longitude and latitude, as RFC 7946 wants them."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyproj
import shapely

__all__ = ["collection", "in_degrees", "planar"]

_DIGITS = 7  # of longitude and latitude: a centimetre


def in_degrees(shapes: Any, crs: str) -> Any:
    """Turn planar shapes into longitude and latitude on WGS 84."""
    transformer = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)

    def turned(points: Any) -> Any:
        return np.round(np.column_stack(transformer.transform(points[:, 0], points[:, 1])), _DIGITS)

    return shapely.orient_polygons(shapely.transform(np.asarray(shapes, dtype=object), turned))


def planar(longitude: float, latitude: float, crs: str) -> tuple[float, float]:
    """Place in the CRS of a park. [m]"""
    x, y = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(longitude, latitude)
    return float(x), float(y)


def collection(shapes: Any, properties: Iterable[Mapping[Any, Any]], crs: str) -> dict[str, Any]:
    """GeoJSON collection of planar shapes with their properties."""
    geometries = shapely.to_geojson(in_degrees(shapes, crs))
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": dict(own), "geometry": json.loads(text)}
            for own, text in zip(properties, geometries, strict=True)
        ],
    }
