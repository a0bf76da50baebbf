"""From a raster of risk to nested valid polygons in the park's coordinates."""

import itertools
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import contourpy
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon

from parkrisk.models.errors import ParkRiskError

if TYPE_CHECKING:
    from parkrisk.risk.individual import Raster

#: Levels of individual risk that reports draw. [1/yr]
CONTOUR_LEVELS = (1e-3, 1e-4, 3e-5, 1e-5, 3e-6, 1e-6, 3e-7)

#: Risks below this are drawn as this: the logarithm of 0 is no height. [1/yr]
FLOOR = 1e-15


def contours(
    raster: "Raster", values: NDArray[np.float64], levels: Iterable[float]
) -> dict[float, Polygon | MultiPolygon]:
    """Areas where the risk is at or above each level.

    Parameters
    ----------
    raster : Raster
    values : array, shape (ny, nx)
        At cell centres, linear in log10 between them. [1/yr]
    levels : iterable of float
        Above 1e-15. [1/yr]

    Returns
    -------
    dict
        Level, highest first, to Polygon or MultiPolygon (empty: reached nowhere); each lies within the next.
        An area that reaches the border of the raster ends there; `open_levels` says which do.

    Raises
    ------
    ParkRiskError
        If a level is not above 1e-15, or values do not fit the raster or are not numbers.
    """
    ordered = sorted({float(level) for level in levels}, reverse=True)
    if ordered and not ordered[-1] > FLOOR:
        raise ParkRiskError(f"等值线水平必须大于 {FLOOR:g}", f"contour levels must be above {FLOOR:g}")
    if values.shape != (raster.ny, raster.nx) or not np.isfinite(values).all():
        raise ParkRiskError("等值线的栅格数据不完整", "values of the contours do not fill their raster")
    if min(values.shape) < 2:
        return {level: MultiPolygon() for level in ordered}
    generator = contourpy.contour_generator(
        raster.x, raster.y, np.log10(np.maximum(values, FLOOR)), fill_type=contourpy.FillType.OuterOffset
    )
    areas: dict[float, Polygon | MultiPolygon] = {}
    inner: Any = None
    for level in ordered:
        area = _area(generator.filled(np.log10(level), np.inf))
        if inner is not None and not area.covers(inner):
            # Interpolated crossings of two levels may touch within rounding.
            area = _polygons(shapely.union_all([area, inner]))
        areas[level] = inner = area
    return areas


def _area(filled: Any) -> Polygon | MultiPolygon:
    """One geometry from contourpy's outer rings with holes."""
    parts = []
    for points, offsets in zip(*filled, strict=True):
        rings = [points[first:last] for first, last in itertools.pairwise(offsets)]
        parts.append(Polygon(rings[0], rings[1:]))
    if all(part.is_valid for part in parts):
        return _polygons(shapely.union_all(parts)) if len(parts) != 1 else parts[0]
    return _polygons(shapely.union_all([shapely.make_valid(part) for part in parts]))


def _polygons(shape: Any) -> Polygon | MultiPolygon:
    """Drop points and lines that making a shape valid may leave behind."""
    if isinstance(shape, Polygon | MultiPolygon):
        return shape
    return MultiPolygon(
        [
            polygon
            for part in getattr(shape, "geoms", [])
            if isinstance(part, Polygon | MultiPolygon)
            for polygon in getattr(part, "geoms", [part])
        ]
    )


def open_levels(values: NDArray[np.float64], levels: Iterable[float]) -> tuple[float, ...]:
    """Levels that the risk reaches on the border of the raster: their contours are cut by the map's edge."""
    border = max(values[0].max(), values[-1].max(), values[:, 0].max(), values[:, -1].max())
    return tuple(sorted({float(level) for level in levels if border >= level}, reverse=True))
