"""The boundary of a park: from GeoJSON to a polygon in planar metres."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import shapely
import shapely.errors
import shapely.geometry
from shapely.validation import explain_validity

from parkrisk.models.errors import Problem
from parkrisk.scenarios.messages import problem
from parkrisk.scenarios.reading.coordinates import Placing, placing

__all__ = ["MOST_CORNERS", "boundary_polygon", "declared_crs", "geometries"]


#: Corners of an area. A cadastral boundary has hundreds; what is drawn and intersected costs with each.
MOST_CORNERS = 100_000


def declared_crs(document: Mapping[str, Any]) -> str:
    """CRS that the file itself names (the member ``crs`` of GeoJSON before RFC 7946); "" if none."""
    member = document.get("crs")
    properties = member.get("properties") if isinstance(member, Mapping) else None
    name = str(properties.get("name", "")) if isinstance(properties, Mapping) else ""
    if name.upper().endswith("CRS84"):
        return "EPSG:4326"
    parts = name.upper().replace("::", ":").split(":")
    return f"EPSG:{parts[-1]}" if "EPSG" in parts else ""


def geometries(document: Mapping[str, Any]) -> Iterator[Any]:
    """Yield every Polygon and MultiPolygon of a GeoJSON object; ValueError for anything else."""
    kind = document.get("type")
    if kind == "FeatureCollection":
        for feature in document["features"]:
            yield from geometries(feature)
    elif kind == "Feature":
        yield from geometries(document["geometry"])
    elif kind == "GeometryCollection":
        for geometry in document["geometries"]:
            yield from geometries(geometry)
    elif kind in ("Polygon", "MultiPolygon"):
        for part in [document["coordinates"]] if kind == "Polygon" else document["coordinates"]:
            if any(list(ring[0]) != list(ring[-1]) for ring in part):
                raise ValueError("ring not closed / 环未闭合")
        yield shapely.geometry.shape(document)
    else:
        raise ValueError(f"{kind}: Polygon or MultiPolygon expected / 应为面")


def boundary_polygon(document: object, crs: str, park: Placing) -> tuple[Any, list[Problem]]:
    """Return the boundary in the planar CRS of the park.

    Parameters
    ----------
    document : object
        Parsed GeoJSON: one or more polygons.
    crs : str
        ``boundary_crs`` of the park, "" if not given: the file's own crs member, otherwise that of the park.
    park : Placing
        Coordinates of the park.

    Returns
    -------
    polygon : shapely Polygon or MultiPolygon, or None
    problems : list of Problem
    """
    where = ("park", 1, "boundary")
    try:
        if not isinstance(document, Mapping):
            raise ValueError("GeoJSON object expected / 应为 GeoJSON 对象")
        parts = list(geometries(document))
        corners = int(shapely.get_num_coordinates(parts).sum())
        if corners > MOST_CORNERS:
            return None, [problem("too_many_corners", *where, corners, expected=MOST_CORNERS)]
        for part in parts:
            if not part.is_valid:
                return None, [problem("boundary_invalid", *where, reason=explain_validity(part))]
        polygon = shapely.union_all(parts)
        own = crs or declared_crs(document)
        points = shapely.get_coordinates(polygon)
    except (
        *(KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, RecursionError),
        shapely.errors.ShapelyError,
    ) as error:
        return None, [problem("boundary_unreadable", *where, reason=f"{type(error).__name__}: {error}")]
    if polygon.is_empty or not np.isfinite(points).all():
        return None, [problem("boundary_invalid", *where, reason="empty or not finite / 为空或含非数字")]
    place = park
    if own:
        found, problems = placing(own, park.crs, "park")
        if found is None:
            return None, problems
        place = found
    faults = [fault for fault in place.check_points("park", points, "boundary") if fault.severity == "error"]
    if faults:
        return None, faults[:1]
    moved = shapely.transform(polygon, lambda xy: np.column_stack(place.planar(xy[:, 0], xy[:, 1])))
    if not moved.is_valid:
        return None, [problem("boundary_invalid", *where, reason=explain_validity(moved))]
    return shapely.normalize(moved), []
