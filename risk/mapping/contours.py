"""From a raster of risk to nested valid polygons in the park's coordinates."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import contourpy
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon

from parkrisk.models.errors import OutOfRange, ParkRiskError

if TYPE_CHECKING:
    from parkrisk.risk.individual import Raster

Floats = NDArray[np.float64]
Area: TypeAlias = Polygon | MultiPolygon

#: Levels of individual risk that reports draw. [1/yr]
CONTOUR_LEVELS = (1e-3, 1e-4, 3e-5, 1e-5, 3e-6, 1e-6, 3e-7)

#: Risks below this are drawn as this: the logarithm of 0 is no height. [1/yr]
FLOOR = 1e-15


def checked_levels(levels: Iterable[float]) -> list[float]:
    """Distinct levels, highest first. [1/yr]

    Raises
    ------
    OutOfRange
        One is not above 1e-15, or not finite.
    """
    found = {float(level) for level in levels}
    if not all(FLOOR < level < np.inf for level in found):
        raise OutOfRange(f"等值线水平必须大于 {FLOOR:g} 且有限", f"contour levels must be above {FLOOR:g} and finite")
    return sorted(found, reverse=True)


def contours(raster: "Raster", values: Floats, levels: Iterable[float]) -> dict[float, Area]:
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
    OutOfRange
        A level is not above 1e-15, or not finite.
    ParkRiskError
        Values do not fit the raster or are not numbers.
    """
    ordered = checked_levels(levels)
    if values.shape != (raster.ny, raster.nx) or not np.isfinite(values).all():
        raise ParkRiskError("等值线的栅格数据不完整", "values of the contours do not fill their raster")
    if min(values.shape) < 2:
        return {level: MultiPolygon() for level in ordered}
    generator = contourpy.contour_generator(
        raster.x,
        raster.y,
        np.log10(np.maximum(values, FLOOR)),
        fill_type=contourpy.FillType.ChunkCombinedOffsetOffset,
    )
    return _nested({level: _area(generator.filled(np.log10(level), np.inf)) for level in ordered})


def reprojected(areas: Mapping[float, Area], project: Callable[[Floats], Floats]) -> dict[float, Area]:
    """Contours in other coordinates, nested and valid there too.

    Parameters
    ----------
    areas : mapping
        As `contours` gives them.
    project : callable
        Takes points of shape (n, 2) and gives them in the other coordinates.
    """
    return _nested({level: _valid(shapely.transform(area, project)) for level, area in areas.items()})


def _nested(areas: Mapping[float, Area]) -> dict[float, Area]:
    """Areas, highest level first, so that each lies within the next: two edges may have crossed within rounding."""
    found: dict[float, Area] = {}
    inner: Area = MultiPolygon()
    for level, area in areas.items():
        inner = found[level] = area if area.covers(inner) or inner.is_empty else _polygons(area.union(inner))
    return found


def _area(filled: Any) -> Area:
    """One geometry from contourpy's points, where rings begin and where polygons begin."""
    ((points,), (rings,), (outer,)) = filled
    if points is None:
        return MultiPolygon()
    parts = np.array([0, len(outer) - 1])
    (area,) = shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, points, (rings, outer, parts))
    return _valid(area if len(area.geoms) > 1 else area.geoms[0])


def _valid(area: Area) -> Area:
    """Area as it is, or put right where its polygons meet in a corner or along an edge."""
    if area.is_valid:
        return area
    return _polygons(shapely.union_all(shapely.make_valid(shapely.get_parts(area))))


def _polygons(shape: Any) -> Area:
    """Drop points and lines that making a shape valid may leave behind."""
    if isinstance(shape, Polygon | MultiPolygon):
        return shape
    parts = shapely.get_parts(shapely.get_parts(shape))
    return MultiPolygon(list(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]))


def open_levels(values: Floats, levels: Iterable[float]) -> tuple[float, ...]:
    """Levels that the risk reaches on the border of the raster: their contours are cut by the map's edge."""
    border = max(values[0].max(), values[-1].max(), values[:, 0].max(), values[:, -1].max())
    return tuple(sorted({float(level) for level in levels if border >= level}, reverse=True))
