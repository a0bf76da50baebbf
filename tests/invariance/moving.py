"""A park document somewhere else: every coordinate moved, directions of lines and winds turned along."""

import copy
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import shapely

Document = dict[str, Any]
Place = Callable[[float, float], tuple[float, float]]
Direction = Callable[[float], float]

#: About which parks are turned. [m]
CENTRE = (500300.0, 4500100.0)


def shift(east: float, north: float) -> Place:
    """Move in metres."""
    return lambda x, y: (x + east, y + north)


def turn(degrees: int) -> tuple[Place, Direction]:
    """Turn anticlockwise; and what becomes of a direction clockwise from north. [deg]"""
    angle = math.radians(degrees)
    cos, sin = math.cos(angle), math.sin(angle)
    if degrees % 90 == 0:
        cos, sin = float(round(cos)), float(round(sin))

    def place(x: float, y: float) -> tuple[float, float]:
        east, north = x - CENTRE[0], y - CENTRE[1]
        return CENTRE[0] + cos * east - sin * north, CENTRE[1] + sin * east + cos * north

    return place, lambda direction: (direction - degrees) % 360.0


def mirror() -> tuple[Place, Direction]:
    """Swap east and west."""
    return lambda x, y: (2.0 * CENTRE[0] - x, y), lambda direction: -direction % 360.0


def moved(document: Document, place: Place, direction: Direction = lambda degrees: degrees) -> Document:
    """The park elsewhere."""
    found = copy.deepcopy(document)
    for row in (row for table in found.values() if isinstance(table, list) for row in table):
        if row.get("x") not in (None, ""):
            row["x"], row["y"] = place(float(row["x"]), float(row["y"]))
        if row.get("polygon"):
            row["polygon"] = shapely.to_wkt(_moved(shapely.from_wkt(row["polygon"]), place), rounding_precision=-1)
        for name in ("azimuth_deg", "wind_from"):
            if row.get(name) not in (None, ""):
                row[name] = direction(float(row[name]))
    for feature in found["park"]["boundary"]["features"]:
        rings = feature["geometry"]["coordinates"]
        feature["geometry"]["coordinates"] = [[list(place(*corner)) for corner in ring] for ring in rings]
    return found


def _moved(shape: shapely.Geometry, place: Place) -> shapely.Geometry:
    return shapely.transform(shape, lambda corners: np.array([place(x, y) for x, y in corners]))
