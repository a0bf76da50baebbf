"""Where the individual risk of a protection target is taken: at its point, or where in its area it is largest."""

import math
from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from parkrisk.models.footprint import PolarGrid
from parkrisk.risk.footprints.library import Floats, FootprintLibrary
from parkrisk.risk.mapping.contributions import point_sums
from parkrisk.risk.mapping.loads import Loads
from parkrisk.scenarios.events.expand import Events
from parkrisk.scenarios.reading.areas import shapes_of
from parkrisk.scenarios.receptors import WindRose

__all__ = ["greatest", "near_sources", "source_places", "target_places"]

#: An area is searched at about so many points first ...
_FIRST_POINTS = 400
#: ... then around the best of them, at a quarter of the distance each time, until points lie this near. [m]
_BEST, _FINEST = 4, 0.5
#: Directions around a source that lies in an area.
_AROUND = 72


def target_places(
    targets: pd.DataFrame,
    events: Events,
    wind: WindRose,
    grid: PolarGrid,
    library: FootprintLibrary,
    *,
    rose: str = "piecewise_constant",
) -> Floats:
    """Places at which the risk of targets is taken, shape (n_targets, 2). [m]

    Parameters
    ----------
    targets : DataFrame
        Of a park: x, y [m], polygon.
    events : Events
    wind : WindRose
    grid : PolarGrid
    library : FootprintLibrary
        Of these events, on this grid.
    rose : str
        How the wind rose is read, as in :func:`parkrisk.risk.individual.individual_risk`.

    Notes
    -----
    A target that is a polygon is taken where its risk is largest. So is one nearer to a source than the first ring of
    the polar grid, over all places within the radius of that ring: so near, coordinates do not say on which side of
    the source it stands. Risk is computed at positions, never read from the raster.
    """
    shapes = shapes_of(targets)
    places = targets[["x", "y"]].to_numpy(dtype=np.float64)
    near = near_sources(targets, events, grid)
    shapes[near] = shapely.buffer(shapes[near], grid.r_min)
    searched = np.flatnonzero(shapely.get_dimensions(shapes) == 2)
    if searched.size:
        loads = Loads(events, wind, grid, rose, None)

        def risk(points: Floats) -> Floats:
            found = point_sums(loads, grid, points, library, by_unit=False)
            return np.asarray(found.by_sector.sum(axis=1), dtype=np.float64)

        places[searched] = greatest(shapes[searched], source_places(events), grid.r_min, risk)
    return places


def source_places(events: Events) -> Floats:
    """Distinct places of the sources, sorted, shape (n, 2). [m]"""
    return np.unique(events.table[["x", "y"]].to_numpy(dtype=np.float64).reshape(-1, 2), axis=0)


def near_sources(targets: pd.DataFrame, events: Events, grid: PolarGrid) -> NDArray[np.bool_]:
    """Which targets are points nearer to a source than the first ring of the polar grid."""
    sources = source_places(events)
    if not len(sources):
        return np.zeros(len(targets), dtype=bool)
    tree = shapely.STRtree(shapely.points(sources))
    near = np.zeros(len(targets), dtype=bool)
    near[tree.query(shapely.points(targets[["x", "y"]].to_numpy(float)), "dwithin", 0.999 * grid.r_min)[0]] = True
    return near & (targets["polygon"] == "").to_numpy()


def greatest(
    areas: Iterable[shapely.Geometry], sources: Floats, near: float, risk: Callable[[Floats], Floats]
) -> Floats:
    """Place in each area where a field is largest, shape (n_areas, 2). [m]

    Parameters
    ----------
    areas : iterable of Polygon or MultiPolygon
    sources : array, shape (n_sources, 2)
        Where the field is steep. [m]
    near : float
        Within this distance of a source the field hangs on the direction alone. [m]
    risk : callable
        Field at points, shape (n, 2); asked for all areas together.

    Notes
    -----
    First points: the outline, a lattice, the point next to each source, a circle around each source inside. The best
    four are then looked around at a quarter of the distance, until points lie half a metre apart.
    """
    areas = list(areas)
    step = [_first_step(area) for area in areas]
    tried = {k: _first_points(area, step[k], sources, near) for k, area in enumerate(areas)}
    best: dict[int, tuple[Floats, Floats]] = {k: (np.zeros((0, 2)), np.zeros(0)) for k in tried}
    while tried:
        found = np.split(risk(np.concatenate(list(tried.values()))), np.cumsum([len(each) for each in tried.values()]))
        for (k, points), values in zip(tried.items(), found, strict=False):
            points, first = np.unique(np.concatenate([best[k][0], points]), axis=0, return_index=True)
            values = np.concatenate([best[k][1], values])[first]
            order = np.argsort(-values, kind="stable")[:_BEST]
            best[k] = points[order], values[order]
        tried = {k: _around(best[k][0], 0.25 * step[k], areas[k]) for k in tried if step[k] > _FINEST}
        step = [0.25 * each for each in step]
    return np.array([best[k][0][0] for k in best]).reshape(-1, 2)


def _first_step(area: shapely.Geometry) -> float:
    return max(math.sqrt(area.area / _FIRST_POINTS), float(area.length) / _FIRST_POINTS, _FINEST)


def _first_points(area: shapely.Geometry, step: float, sources: Floats, near: float) -> Floats:
    left, bottom, right, top = area.bounds
    x, y = np.meshgrid(np.arange(left, right, step), np.arange(bottom, top, step))
    turn = np.arange(_AROUND) * (2.0 * np.pi / _AROUND)
    circle = 0.5 * near * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    inside = sources[shapely.intersects_xy(area, sources)]
    free = np.concatenate([np.stack([x.ravel(), y.ravel()], axis=1), (inside[:, None] + circle).reshape(-1, 2)])
    next_to = _moved_into(area, sources)
    _, first = np.unique(np.floor(next_to / (0.25 * step)), axis=0, return_index=True)
    outline = shapely.get_coordinates(shapely.segmentize(area, step))
    return np.concatenate([outline, free[shapely.intersects_xy(area, free)], next_to[first]])


def _around(best: Floats, step: float, area: shapely.Geometry) -> Floats:
    offset = step * np.arange(-4.0, 5.0)
    lattice = np.stack([each.ravel() for each in np.meshgrid(offset, offset)], axis=1)
    return _moved_into(area, (best[:, None] + lattice).reshape(-1, 2))


def _moved_into(area: shapely.Geometry, points: Floats) -> Floats:
    """Points of an area next to points; those inside stay."""
    lines = shapely.shortest_line(area, shapely.points(points))
    ends: Floats = shapely.get_coordinates(lines).reshape(-1, 2, 2)
    return ends[:, 0]
