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
from parkrisk.scenarios.reading.areas import shapes_of
from parkrisk.scenarios.receptors import manned_units

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
        The F-N curve has points beyond the end of the criterion, or may come to lie above the upper line once the
        staff of the project is counted among the victims of others.
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

    def staff_at(self, risk: Floats, staff: float) -> Floats:
        """How much the curve rises at most where so many more people work, shape (n_cells, n_classes). [1/yr]

        ``risk`` is the individual risk there without the project. What comes to N with them kills one of them at least,
        and either N / 2 of them or N / 2 others already, and N less all of them others in any case.
        """
        edges, before = self.deaths.edges, np.append(self.before, 0.0)
        at = np.searchsorted(edges, [0.5 * edges, edges - staff], side="right") - 1
        half, less = np.where(at >= 0, before[at], np.inf) - self.before
        dead = staff * risk[:, None]
        rise = np.minimum(dead, 2.0 * dead / edges + half)
        least: Floats = np.where(edges > staff, np.minimum(rise, less), rise)
        return least

    def exceeds(self, own: Floats) -> Flags:
        """Whether the curve comes to lie above the upper line."""
        return np.asarray((self.before + own > self.line[0] / self.deaths.edges).any(axis=1))


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

    def count(part: Integers) -> tuple[Floats, Flags, Flags, int]:
        own, more = society.deaths.bound(cells[part]), society.staff_at(around_cells[part], staff)
        room, beyond = society.rooms(own)
        tight = society.exceeds(own + more)
        # Where even the bound leaves more room than other criteria do, societal risk does not bind.
        open_ = np.flatnonzero((room < np.minimum(least[part], MOST)) | beyond | tight)
        if open_.size:
            own = society.deaths.curve(cells[part[open_]])
            room[open_], beyond[open_] = society.rooms(own)
            tight[open_] = society.exceeds(own + more[open_])
        return room, beyond, tight, int(open_.size)

    cell, point = _joined(share(parts, look, "siting") if len(targets.table) else [], np.int64, np.int64)
    exact = risk.exactly(cells[cell], targets.points[point])
    least, code, row = targets.rooms(len(cells), cell, point, exact)
    staff, around_cells = _staff(mine, after), _risk_at(base, cells)
    counted = share(parts, count, "siting", progress)
    room, beyond, tight = _joined([found[:3] for found in counted], np.float64, np.bool_, np.bool_)
    binds = room < least
    people = () if counted_people(after.park) else ("population", "enterprises.staff_day", "enterprises.staff_night")
    return Rooms(
        np.minimum(room, least),
        np.where(binds, SOCIETAL, code).astype(np.int8),
        np.where(binds, -1, row).astype(np.int32),
        beyond | tight,
        targets.table,
        (*targets.unknown, *people),
        sum(found[3] for found in counted),
    )


def _staff(mine: Collection[str], after: Assessment) -> float:
    """Most people at work at the project, by day or by night: its share of the manned units of its enterprises."""
    units = after.park.tables["units"]
    manned = units[manned_units(units)]
    share_of = manned["unit_id"].isin(set(mine)).groupby(manned["enterprise_id"]).mean()
    staff = after.park.tables["enterprises"].set_index("enterprise_id").loc[share_of.index]
    return float((staff[["staff_day", "staff_night"]].max(axis=1) * share_of).sum())


def _risk_at(base: Assessment, cells: Floats) -> Floats:
    """Individual risk without the project at the nearest places of its raster, the edge's beyond it. [1/yr]"""
    raster, values = base.individual_risk.raster, base.individual_risk.values
    column, row = np.rint((cells - [raster.x0, raster.y0]) / raster.cell).astype(np.int64).T
    risk: Floats = values[np.clip(row, 0, raster.ny - 1), np.clip(column, 0, raster.nx - 1)]
    return risk


def _joined(parts: Sequence[tuple[Any, ...]], *types: Any) -> list[Any]:
    """Columns of a table given in parts."""
    return [np.concatenate([np.zeros(0, kind), *(part[k] for part in parts)]) for k, kind in enumerate(types)]
