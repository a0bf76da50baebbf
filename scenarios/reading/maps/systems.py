"""The coordinate system of a layer: what the file says, what the mapping declares, and whether both can be true."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from parkrisk.models.errors import Problem
from parkrisk.scenarios.reading.coordinates import (
    SHIFTED_DATUMS,
    Placing,
    crs_of,
    datum_words,
    epsg_code,
    gauss_krueger,
    same_datum,
    same_system,
)
from parkrisk.scenarios.reading.maps.features import Content, Feature, MapFault
from parkrisk.scenarios.reading.maps.layers import Layer

__all__ = ["address", "check_datum", "distance", "fitting_zone", "moved", "placing_of"]


def address(entry: Layer, feature: Feature) -> str:
    """Where a feature stands, such as plan.dxf/储罐#12."""
    return f"{entry.file}/{feature.layer}#{feature.number}"


def check_datum(content: Content, entry: Layer) -> None:
    """Raise if the coordinates are shifted as those of map services in China are, or may be."""
    if entry.datum in SHIFTED_DATUMS:
        raise MapFault("map_datum_refused", entry.datum, "datum")
    if content.mark and not entry.datum:
        raise MapFault("map_datum_suspected", content.mark, "datum")


def _agree(own: Any, declared: Any, features: Sequence[Feature]) -> bool:
    """Whether two pyproj CRSs put the features into the same place."""
    shapes = [feature.shape for feature in features if feature.shape is not None and not feature.shape.is_empty]
    if not shapes:
        return own.is_geographic == declared.is_geographic and same_datum(own, declared)
    x, y = shapely.get_coordinates(shapes[0])[0].tolist()
    return same_system(own, declared, x, y)


def _source(content: Content, entry: Layer) -> str:
    """EPSG code of the coordinates of a layer."""
    import pyproj

    declared = epsg_code(entry.crs)
    if declared and crs_of(declared) is None:
        raise MapFault("crs_unknown", entry.crs, "crs")
    if not content.crs:
        if not declared and not content.otherwise:
            raise MapFault("map_crs_missing", "", "crs")
        return declared or content.otherwise
    try:
        own = pyproj.CRS.from_user_input(content.crs)
    except pyproj.exceptions.CRSError:
        raise MapFault("crs_unknown", content.crs, "crs") from None
    number = own.to_epsg()
    if not declared:
        if number is None:
            raise MapFault("map_crs_unnamed", own.name, "crs")
        return f"EPSG:{number}"
    if not _agree(own, crs_of(declared), content.features):
        raise MapFault("map_crs_contradicts", declared, "crs", own=f"EPSG:{number}" if number else own.name)
    return declared


def placing_of(content: Content, entry: Layer, target: str) -> Placing:
    """Return how to bring the coordinates of a layer into the CRS of the park.

    Parameters
    ----------
    content : Content
    entry : Layer
    target : str
        EPSG code.

    Raises
    ------
    MapFault
        If the CRS is not known, contradicts the file, or has a datum that cannot be converted.
    """
    source = _source(content, entry)
    declared = crs_of(source)
    if declared is None or not (declared.is_geographic or declared.is_projected):
        raise MapFault("crs_unknown", source, "crs")
    if not same_datum(declared, crs_of(target)):
        raise MapFault("datum_differs", source, "crs", **datum_words(source, target))
    return Placing(source, target)


def moved(features: Sequence[Feature], entry: Layer, place: Placing) -> tuple[list[Any], list[Problem]]:
    """Shapes of the features in the CRS of the park, and what is wrong with where they lie.

    A fault that many features share is named once, at the first of them; its address says how many.
    """
    points = [shapely.get_coordinates(feature.shape) for feature in features]
    numbers = np.repeat(np.arange(1, len(features) + 1), [len(each) for each in points])
    found: dict[str, list[Problem]] = defaultdict(list)
    if len(numbers):
        for problem in place.check_points(entry.table, np.concatenate(points), "", numbers):
            found[problem.code].append(problem)
    problems = []
    for each in found.values():
        rows = Counter(problem.row for problem in each)
        row = each[0].row
        where = f"{entry.file}" if row is None else address(entry, features[row - 1])
        where += f" … ({len(rows)})" if len(rows) > 1 else ""
        problems.append(Problem(**{**vars(each[0]), "row": None, "place": where}))

    def there(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(place.planar(xy[:, 0], xy[:, 1]))

    return [shapely.transform(feature.shape, there) for feature in features], problems


def fitting_zone(source: str, target: str, x: float, y: float, near: tuple[float, float], reach: float) -> str:
    """EPSG code of another Gauss-Krüger zone in which a point would lie near another; "" if there is none.

    Parameters
    ----------
    source, target : str
        EPSG code that the point is said to be in, and that of ``near``.
    x, y : float
        In ``source``.
    near : (float, float)
        In ``target``.
    reach : float
        How near. [m]
    """
    for numbered in (False, True):
        zones = gauss_krueger(numbered)
        if source not in zones:
            continue
        for code in zones:
            there = Placing(code, target).planar(np.array([x]), np.array([y]))
            if code != source and distance(target, (float(there[0][0]), float(there[1][0])), near) <= reach:
                return code
    return ""


def distance(crs: str, first: tuple[float, float], second: tuple[float, float]) -> float:
    """Distance of two points of a CRS. [m]"""
    if not all(np.isfinite((*first, *second))):
        return float("inf")
    if not crs_of(crs).is_geographic:
        return float(np.hypot(first[0] - second[0], first[1] - second[1]))
    return float(crs_of(crs).get_geod().inv(*first, *second)[2])
