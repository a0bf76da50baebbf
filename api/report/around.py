"""Where the park lies: its boundary, how far targets are, how many people live within a distance, directions."""

import numpy as np
import pandas as pd
import pyproj
import shapely

from parkrisk.api.drawn import place
from parkrisk.api.report.material import Material
from parkrisk.risk.distances.external import site_of
from parkrisk.scenarios.reading.areas import shapes_of

__all__ = ["boundary_parts", "corners", "direction_name", "people_within", "target_distances"]

_DIRECTIONS = (
    ("北", "北东北", "东北", "东东北", "东", "东东南", "东南", "南东南"),
    ("南", "南西南", "西南", "西西南", "西", "西西北", "西北", "北西北"),
    ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE"),
    ("S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW"),
)


def direction_name(degrees: float, lang: str) -> str:
    """Name of a compass direction [deg], the nearest of sixteen."""
    turn = round(degrees / 22.5) % 16
    return _DIRECTIONS[turn // 8 + (0 if lang == "zh" else 2)][turn % 8]


def corners(material: Material) -> pd.DataFrame:
    """Part, corner, x, y [m], longitude, latitude [deg] of each corner of the outer edge of the boundary."""
    park = material.result.park
    columns = ["part", "corner", "x", "y", "longitude", "latitude"]
    if park.boundary is None:
        return pd.DataFrame(columns=columns)
    to_degrees = pyproj.Transformer.from_crs(park.crs, "EPSG:4326", always_xy=True).transform
    found = [
        (part, corner, x, y, *to_degrees(x, y))
        for part, polygon in enumerate(getattr(park.boundary, "geoms", (park.boundary,)), 1)
        for corner, (x, y) in enumerate(polygon.exterior.coords[:-1], 1)
    ]
    return pd.DataFrame(found, columns=columns)


def boundary_parts(material: Material) -> pd.DataFrame:
    """part, area_ha, corners, west, east, south, north [m], longitude, latitude [deg] of its centre, of each part."""
    park = material.result.park
    to_degrees = pyproj.Transformer.from_crs(park.crs, "EPSG:4326", always_xy=True).transform
    rows = []
    for part, polygon in enumerate(getattr(park.boundary, "geoms", (park.boundary,)), 1):
        sides = dict(zip(("west", "south", "east", "north"), polygon.bounds, strict=True))
        longitude, latitude = to_degrees(polygon.centroid.x, polygon.centroid.y)
        corner_count = len(polygon.exterior.coords) - 1
        rows.append(
            {"part": part, "area_ha": polygon.area / 1e4, "corners": corner_count, **sides}
            | {"longitude": longitude, "latitude": latitude}
        )
    return pd.DataFrame(rows)


def target_distances(material: Material) -> pd.DataFrame:
    """name, class, persons, unit (the nearest), unit_m, boundary_m [m] of each target, nearest first."""
    result = material.result
    targets = result.park.tables["targets"]
    shapes = shapes_of(targets)
    units = result.park.tables["units"]["unit_id"].tolist()
    site = site_of(result)
    apart = np.array([site.distances([unit], outline=True) for unit in units])
    nearest = apart.argmin(axis=0)
    boundary = result.park.boundary
    outside = np.full(len(targets), np.nan) if boundary is None else shapely.distance(boundary, shapes)
    rows = targets[["target_id", "name", "class", "persons"]].assign(
        unit=[units[k] for k in nearest], unit_m=apart.min(axis=0), boundary_m=outside
    )
    return rows.sort_values(["unit_m", "target_id"], ignore_index=True)


def people_within(material: Material) -> pd.DataFrame:
    """Within (in words), day, night: the people of the map of the population, within each of its distances."""
    park, say = material.result.park, material.say
    start = say(*(("设备范围", "the units") if park.boundary is None else ("四至", "the boundary")))
    rows = place.people_within(park)
    rows["within"] = [
        say(f"距{start} {reach / 1e3:g} km 以内", f"within {reach / 1e3:g} km of {start}")
        for reach in rows["distance_m"]
    ]
    return rows
