"""How many times the risk of a project fits at each cell before a criterion of GB 36894 binds."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from parkrisk.risk.criteria import societal_criterion
from parkrisk.risk.crowds.crowd import Crowd
from parkrisk.risk.footprints.library import Floats, Integers
from parkrisk.risk.footprints.recent import library_for
from parkrisk.risk.grading.quantities import counted_people
from parkrisk.risk.result import Assessment
from parkrisk.risk.sharing import Progress, share
from parkrisk.risk.siting import translation
from parkrisk.risk.siting.own_deaths import OwnDeaths
from parkrisk.risk.siting.own_events import own_events
from parkrisk.risk.siting.own_risk import OwnRisk
from parkrisk.scenarios.areas import shapes_of

Flags = NDArray[np.bool_]
Codes = NDArray[np.int8]
Rows = NDArray[np.int32]

#: More room than this is not told apart.
MOST = 1000.0

#: Codes of the criteria.
NEW, IN_SERVICE, SOCIETAL = 1, 2, 3

#: Cells worked on together.
_TOGETHER = 64
#: Targets that leave up to so many times the least room of a cell are computed exactly.
_ROUGHLY = 1.25
#: A target that is an area is looked at in about so many points inside it, and along its outline.
_POINTS = 400


class Rooms(NamedTuple):
    """Room at cells.

    Parameters
    ----------
    least : array, shape (n_cells,)
        Below 1: does not fit. Exact below ``MOST``.
    binding : int8 array, shape (n_cells,)
        Code of the criterion that leaves it.
    target : int32 array, shape (n_cells,)
        Row of the target that does, -1: none.
    open : bool array, shape (n_cells,)
        The F-N curve has points beyond the end of the criterion.
    targets : DataFrame
        target_id, name, class, limit, limit_new, before.
    unknown : tuple of str
        What is missing for any cell to pass.
    counted : int
        Cells whose F-N curve was counted; for all others a bound settled that it does not bind.
    """

    least: Floats
    binding: Codes
    target: Rows
    open: Flags
    targets: pd.DataFrame
    unknown: tuple[str, ...]
    counted: int


class _Targets:
    """Limits of protection targets, and the points at which they are judged."""

    def __init__(self, base: Assessment) -> None:
        table = base.targets.reset_index(drop=True)
        self.table = table[["target_id", "name", "class", "limit", "limit_new"]].assign(before=table["individual_risk"])
        self.new = table["limit_new"].to_numpy(dtype=np.float64)
        # What is left of the limit in service; of none known (NaN) nothing can be said.
        self.free = table["limit"].to_numpy(dtype=np.float64) - table["individual_risk"].to_numpy(dtype=np.float64)
        points = [_points(shape) for shape in shapes_of(base.park.tables["targets"])]
        self.first = np.cumsum([0, *(len(each) for each in points)])[:-1].astype(np.intp)
        self.points = np.ascontiguousarray(np.concatenate([np.zeros((0, 2)), *points]))

    @property
    def unknown(self) -> tuple[str, ...]:
        """What is missing of them."""
        if not len(self.table):
            return ("targets",)
        bad = np.isnan(self.new) | np.isnan(self.free)
        return tuple(f"targets.{name}.class" for name in self.table.loc[bad, "target_id"])

    def nearest(self, own: Floats) -> tuple[Integers, Integers]:
        """Cells and points that may decide: those which leave little more room than the least of their cell.

        ``own``, shape (n_cells, n_points), is roughly the risk by the project.
        """
        best = np.maximum.reduceat(own, self.first, axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            room = np.fmin(self.new, np.maximum(self.free, 0.0)) / best
        room = np.where((best > 0.0) & ~np.isnan(room), room, np.inf)
        least = room.min(axis=1, initial=np.inf, keepdims=True)
        cell, target = np.nonzero((room <= _ROUGHLY * least) & (room < _ROUGHLY * MOST))
        return cell, self._where(own, cell, target)

    def _where(self, own: Floats, cell: Integers, target: Integers) -> Integers:
        """Point of each target at which its risk is largest."""
        end = np.append(self.first[1:], len(self.points))
        places = [
            first + int(own[i, first:last].argmax())
            for i, first, last in zip(cell, self.first[target], end[target], strict=True)
        ]
        return np.array(places, dtype=np.int64)

    def rooms(self, n: int, cell: Integers, point: Integers, risk: Floats) -> tuple[Floats, Codes, Rows]:
        """Least room by individual risk at ``n`` cells, the criterion and the target that leave it.

        ``risk`` is that by the project at some points, for some cells. [1/yr]
        """
        least, code, row = np.full(n, np.inf), np.zeros(n, np.int8), np.full(n, -1, np.int32)
        target = np.searchsorted(self.first, point, side="right") - 1
        with np.errstate(divide="ignore", invalid="ignore"):
            both = np.stack([self.new[target] / risk, np.maximum(self.free[target], 0.0) / risk], axis=1)
        both = np.where((risk > 0.0)[:, None] & ~np.isnan(both), both, np.inf)
        room = both.min(axis=1, initial=np.inf)
        order = np.lexsort((target, room, cell))
        kept = order[np.unique(cell[order], return_index=True)[1]]
        kept = kept[np.isfinite(room[kept])]
        least[cell[kept]], row[cell[kept]] = room[kept], target[kept]
        code[cell[kept]] = np.where(both[kept, 0] <= both[kept, 1], NEW, IN_SERVICE)
        if (self.free < 0.0).any():  # over the limit without the project already
            least[:], code[:], row[:] = 0.0, IN_SERVICE, int(np.nanargmin(self.free))
        return least, code, row


def _points(shape: shapely.Geometry) -> Floats:
    """Where a target is judged: its place, or points on and within its outline."""
    if shapely.get_dimensions(shape) < 2:
        return np.asarray(shapely.get_coordinates(shape))
    step = max(float(shape.area / _POINTS) ** 0.5, float(shape.length) / _POINTS, 0.5)
    left, bottom, right, top = shape.bounds
    x, y = (part.ravel() for part in np.meshgrid(np.arange(left, right, step), np.arange(bottom, top, step)))
    inside = shapely.intersects_xy(shape, x, y)
    outline = shapely.get_coordinates(shapely.segmentize(shape, step))
    return np.concatenate([outline, np.stack([x[inside], y[inside]], axis=1)])


class _Society:
    """F-N curve of the park without the project beside the upper line, and that of the project at cells."""

    def __init__(self, base: Assessment, deaths: OwnDeaths) -> None:
        criterion = societal_criterion()
        self.deaths = deaths
        self.line = (criterion.upper, criterion.cut, criterion.floor)
        self.before = np.zeros(deaths.edges.size)
        frequency = base.fn["F"].to_numpy(dtype=np.float64)
        self.before[: frequency.size] = frequency
        self.over = bool((self.before > criterion.upper / deaths.edges).any())
        tail = (deaths.edges > criterion.cut) & (self.before >= criterion.floor)
        self.open = bool(tail.any())

    def rooms(self, own: Floats) -> tuple[Floats, Flags]:
        """Room, and whether the curve goes on beyond the criterion."""
        room, beyond = np.empty(len(own)), np.empty(len(own), dtype=np.bool_)
        translation.societal_rooms(own, self.before, self.deaths.edges, self.line, room, beyond)
        return (np.zeros(len(own)) if self.over else room), beyond | self.open


def rooms(
    mine: Collection[str],
    after: Assessment,
    base: Assessment,
    middle: Floats,
    cells: Floats,
    width: float,
    progress: Progress | None = None,
) -> Rooms:
    """Room at cells.

    Parameters
    ----------
    mine : collection of str
        unit_id of the units of the project.
    after : Assessment
        Of the park with the project, wherever it stands.
    base : Assessment
        Of the park without it.
    middle : array, shape (2,)
        The point of the project that is laid on cells. [m]
    cells : array, shape (n_cells, 2)
        [m]
    width : float
        Of a cell: within half of it, sources alike count as one for deaths. [m]
    """
    around, events = base.surroundings, own_events(mine, after)
    library = library_for(events.outcomes, around.grid)
    place = (events, around.rose, around.grid)
    risk = OwnRisk(*place, around.reading, library, middle)
    society = _Society(base, OwnDeaths(*place, Crowd(around.people), library, middle, 0.5 * width))
    targets = _Targets(base)
    parts = [np.arange(at, min(at + _TOGETHER, len(cells))) for at in range(0, len(cells), _TOGETHER)]

    def look(part: Integers) -> tuple[Integers, Integers]:
        cell, point = targets.nearest(risk.roughly(cells[part], targets.points))
        return part[cell], point

    def count(part: Integers) -> tuple[Floats, Flags, int]:
        room, beyond = society.rooms(society.deaths.bound(cells[part]))
        # Where even the bound leaves more room than other criteria do, societal risk does not bind.
        open_ = np.flatnonzero((room < np.minimum(least[part], MOST)) | beyond)
        if open_.size:
            room[open_], beyond[open_] = society.rooms(society.deaths.curve(cells[part[open_]]))
        return room, beyond, int(open_.size)

    cell, point = _joined(share(parts, look, "siting") if len(targets.table) else [], np.int64, np.int64)
    exact = risk.exactly(cells[cell], targets.points[point])
    least, code, row = targets.rooms(len(cells), cell, point, exact)
    counted = share(parts, count, "siting", progress)
    room, beyond = _joined([found[:2] for found in counted], np.float64, np.bool_)
    binds = room < least
    people = () if counted_people(after.park) else ("population", "enterprises.staff_day", "enterprises.staff_night")
    return Rooms(
        np.minimum(room, least),
        np.where(binds, SOCIETAL, code).astype(np.int8),
        np.where(binds, -1, row).astype(np.int32),
        beyond,
        targets.table,
        (*targets.unknown, *people),
        sum(found[2] for found in counted),
    )


def _joined(parts: Sequence[tuple[Any, ...]], *types: Any) -> list[Any]:
    """Columns of a table given in parts."""
    return [np.concatenate([np.zeros(0, kind), *(part[k] for part in parts)]) for k, kind in enumerate(types)]
