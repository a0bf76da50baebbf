"""Protection targets that are areas: from WKT to valid polygons in planar metres."""

from typing import Any

import numpy as np
import pandas as pd
import shapely
import shapely.errors
from numpy.typing import NDArray
from shapely.validation import explain_validity

from parkrisk.models.errors import Problem
from parkrisk.scenarios.messages import problem
from parkrisk.scenarios.reading.boundary import MOST_CORNERS
from parkrisk.scenarios.reading.coordinates import Placing

__all__ = ["move_areas", "read_areas", "shapes_of"]

#: Digits behind the point: a micrometre where the CRS is planar, finer where it may be in degrees.
_DECIMALS, _DECIMALS_DEGREES = 6, 12


def read_areas(table: str, frame: pd.DataFrame) -> list[Problem]:
    """Check the polygons of a table, and put rows that have nothing else at a point inside theirs.

    Parameters
    ----------
    table : str
    frame : DataFrame
        With x, y and polygon as given. Empty x and y are filled; a polygon that cannot be used becomes "".

    Returns
    -------
    list of Problem
        Among them rows that have neither a polygon nor x and y.
    """
    problems = []
    texts, points = frame["polygon"].tolist(), frame[["x", "y"]].to_numpy(dtype=np.float64, copy=True)
    for row, number in enumerate(frame.index.tolist()):
        shape, fault = _parsed(texts[row]) if texts[row] else (None, None)
        if fault is not None:
            code, reason = fault
            problems.append(problem(code, table, number or None, "polygon", texts[row], reason=reason))
            texts[row] = ""
        elif shape is not None:
            texts[row] = _text(shape, _DECIMALS_DEGREES)
            if np.isnan(points[row]).any():
                points[row] = shapely.get_coordinates(shape.point_on_surface())[0]
        else:
            empty = [axis for axis, value in zip("xy", points[row], strict=True) if np.isnan(value)]
            problems += [problem("missing_value", table, number or None, axis) for axis in empty]
    frame["x"], frame["y"] = points.T
    _write(frame, texts)
    return problems


def _write(frame: pd.DataFrame, texts: list[str]) -> None:
    frame["polygon"] = pd.Series(texts, index=frame.index, dtype=frame["polygon"].dtype)


def _parsed(text: str) -> tuple[Any, tuple[str, str] | None]:
    """Polygon or MultiPolygon, or the code of what is wrong and why."""
    try:
        shape = shapely.force_2d(shapely.from_wkt(text))
    except shapely.errors.ShapelyError as error:
        return None, ("polygon_unreadable", str(error).splitlines()[0])
    if shape.geom_type not in ("Polygon", "MultiPolygon"):
        return None, ("polygon_unreadable", shape.geom_type)
    corners = int(shapely.get_num_coordinates(shape))
    if corners > MOST_CORNERS:
        return None, ("polygon_invalid", f"{corners} corners > {MOST_CORNERS} / 折点过多")
    if not shape.is_valid:
        return None, ("polygon_invalid", explain_validity(shape))
    if not (shape.area > 0.0 and np.isfinite(shapely.get_coordinates(shape)).all()):
        return None, ("polygon_invalid", "empty or not finite / 为空或含非数字")
    return shape, None


def move_areas(table: str, frame: pd.DataFrame, place: Placing) -> list[Problem]:
    """Turn the polygons of a table into planar metres; gives what is wrong with where they lie."""
    problems = []
    texts = frame["polygon"].tolist()
    for row, text in enumerate(texts):
        if not text:
            continue
        shape = shapely.from_wkt(text)
        points = shapely.get_coordinates(shape)
        number = np.full(len(points), frame.index[row])
        # One corner says it for all.
        faults = [fault for fault in place.check_points(table, points, "polygon", number) if fault.severity == "error"]
        problems += faults[:1]
        moved = shapely.transform(shape, lambda xy: np.column_stack(place.planar(xy[:, 0], xy[:, 1])))
        texts[row] = "" if faults else _text(moved, _DECIMALS)
    _write(frame, texts)
    return problems


def _text(shape: Any, decimals: int) -> str:
    """WKT, the same wherever the rings began and whichever way they went."""
    return str(shapely.to_wkt(shapely.normalize(shape), rounding_precision=decimals))


def shapes_of(targets: pd.DataFrame) -> NDArray[np.object_]:
    """Polygon of each target of a park that has one, its point where not, shape (n,). [m]"""
    points = shapely.points(targets[["x", "y"]].to_numpy(dtype=np.float64))
    shapes = [shapely.from_wkt(text) if text else point for text, point in zip(targets["polygon"], points, strict=True)]
    return np.array(shapes, dtype=object)
