"""Places a project could move to: free ground inside the park, and what its own risk would be there.

Risk around a source hangs on the place relative to it. So the project's risk at a target, once it has moved by d, is
its present risk at the target moved by -d: one evaluation at points instead of an assessment for each place. What
neighbours add through escalation is taken as it is; whatever is found has to be proven by a full run.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from parkrisk.risk.footprints.recent import library_for
from parkrisk.risk.individual import Raster, risk_sums
from parkrisk.risk.mapping.stamping import FIXED_POINT
from parkrisk.risk.result import Assessment
from parkrisk.scenarios.park import Park, Project

Floats = NDArray[np.float64]

#: Name, Chinese name, step east and north.
_DIAGONAL = float(np.sqrt(0.5))
DIRECTIONS = (
    ("north", "北", 0.0, 1.0),
    ("northeast", "东北", _DIAGONAL, _DIAGONAL),
    ("east", "东", 1.0, 0.0),
    ("southeast", "东南", _DIAGONAL, -_DIAGONAL),
    ("south", "南", 0.0, -1.0),
    ("southwest", "西南", -_DIAGONAL, -_DIAGONAL),
    ("west", "西", -1.0, 0.0),
    ("northwest", "西北", -_DIAGONAL, _DIAGONAL),
)
#: Distances tried, tidy numbers that widen with the distance: a move needs no rounding afterwards. [m]
_DISTANCES = np.concatenate(
    [
        np.arange(10.0, 200.0, 10.0),
        np.arange(200.0, 500.0, 20.0),
        np.arange(500.0, 1000.0, 50.0),
        np.arange(1e3, 3.1e3, 100.0),
    ]
)


@dataclass(frozen=True)
class Move:
    """A move in one of the eight directions. [m]"""

    direction: int
    distance: float

    @property
    def dx(self) -> float:
        """Eastward. [m]"""
        return DIRECTIONS[self.direction][2] * self.distance

    @property
    def dy(self) -> float:
        """Northward. [m]"""
        return DIRECTIONS[self.direction][3] * self.distance


def promising(project: Project, after: Assessment) -> list[Move]:
    """Moves to free ground after which the project is expected to keep within the limits, the shortest first.

    Parameters
    ----------
    project : Project
    after : Assessment
        Of the park with the project where it stands.

    Notes
    -----
    Where societal risk is over its line, the people that the project's risk reaches have to become fewer in the same
    proportion: a rough guess, as all of this is.
    """
    moves = free_moves(after.park, project)
    if not moves:
        return []
    shifts = np.array([(move.dx, move.dy) for move in moves])
    good = _within_limits(project, after, shifts)
    excess = float((after.fn["F"] / after.fn["upper"]).max()) if len(after.fn) else 0.0
    if excess > 1.0 and good.any():
        good[good] = _reaches_fewer(project, after, shifts[good], excess)
    return [move for move, fits in zip(moves, good, strict=True) if fits]


def free_moves(park: Park, project: Project) -> list[Move]:
    """Moves after which every unit of a project stands inside the boundary and on nothing else, the shortest first.

    A unit takes the circle of its diameter or, if that is larger, of its bund's area.
    """
    if park.boundary is None:
        return []
    units = park.tables["units"]
    mine = units["unit_id"].isin(set(project.tables["units"]["unit_id"])).to_numpy()
    bund = np.sqrt(units["bund_area_m2"].to_numpy(dtype=np.float64) / np.pi)
    radius = np.nan_to_num(np.fmax(units["diameter_m"].to_numpy(dtype=np.float64) / 2.0, bund))
    centre = units[["x", "y"]].to_numpy(dtype=np.float64)
    others = shapely.buffer(shapely.points(centre[~mine]), radius[~mine])
    taken = shapely.STRtree(others)
    moves = [Move(k, float(distance)) for distance in _DISTANCES for k in range(len(DIRECTIONS))]
    shifts = np.array([(move.dx, move.dy) for move in moves])
    places = centre[mine][None, :, :] + shifts[:, None, :]
    inside = shapely.contains_xy(park.boundary, places[..., 0], places[..., 1]).all(axis=1)
    ground = shapely.buffer(shapely.points(places[inside]), np.broadcast_to(radius[mine], places[inside].shape[:2]))
    hit = taken.query(ground.ravel(), predicate="intersects")[0]
    free = np.ones(ground.size, dtype=np.bool_)
    free[hit] = False
    inside[inside] = free.reshape(ground.shape).all(axis=1)
    return [move for move, fits in zip(moves, inside, strict=True) if fits]


def _own_risk(project: Project, after: Assessment, points: Floats) -> Floats:
    """Individual risk of the project's units at points, where it stands. [1/yr]"""
    around = after.surroundings
    with_events = set(project.tables["units"]["unit_id"]) & set(after.events.table["unit_id"])
    if not with_events:
        return np.zeros(len(points))
    nowhere = Raster(float(points[0, 0]), float(points[0, 1]), 1.0, 1, 1)
    library = library_for(after.events.outcomes, around.grid)
    sums = risk_sums(
        after.events, around.rose, around.grid, nowhere, points, units=with_events, rose=around.reading, library=library
    )
    return np.asarray(sums.points.by_sector.sum(axis=1) / FIXED_POINT)


def _within_limits(project: Project, after: Assessment, shifts: Floats) -> NDArray[np.bool_]:
    targets = after.targets[~after.targets["target_id"].isin(set(project.tables["targets"]["target_id"]))]
    if not len(targets):
        return np.ones(len(shifts), dtype=np.bool_)
    at = targets[["risk_x", "risk_y"]].to_numpy(dtype=np.float64)
    points = (at[None, :, :] - np.concatenate([np.zeros((1, 2)), shifts])[:, None, :]).reshape(-1, 2)
    own = _own_risk(project, after, points).reshape(-1, len(at))
    rest = targets["individual_risk"].to_numpy(dtype=np.float64) - own[0]
    limit, limit_new = (targets[name].to_numpy(dtype=np.float64) for name in ("limit", "limit_new"))
    over = (own[1:] > limit_new) | (rest + own[1:] > limit)
    return np.asarray(~over.any(axis=1))


def _reaches_fewer(project: Project, after: Assessment, shifts: Floats, excess: float) -> NDArray[np.bool_]:
    people = after.surroundings.people
    at, persons = np.column_stack([people.x, people.y]), people.day + people.night
    points = (at[None, :, :] - np.concatenate([np.zeros((1, 2)), shifts])[:, None, :]).reshape(-1, 2)
    reached = _own_risk(project, after, points).reshape(-1, len(at)) @ persons
    return np.asarray(reached[1:] * excess <= reached[0])
