"""Loads of fires and explosions on units, event by event and wind class by wind class."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from parkrisk.models.errors import OutOfRange
from parkrisk.scenarios.facility.engulfed import engulfed
from parkrisk.scenarios.facility.network import Floats, Indices

Marks = NDArray[np.bool_]

#: Nothing is asked of a model nearer than this. [m]
NEAREST = 0.1
_RADII = np.geomspace(1.0, 20_000.0, 40)  # where a model is asked how far its loads reach [m]
_NOBODY = np.zeros(0, np.int32)
_ANGLES = np.linspace(0.0, np.pi, 5)


@dataclass(frozen=True)
class Rows:
    """Loads in rows, as `parkrisk.scenarios.facility.network.Network` lays them out.

    Parameters
    ----------
    row : int32 array, shape (n_sources, n_classes)
        Which row holds; -1: none.
    start : int64 array, shape (n_rows + 1,)
        Where each row starts.
    target : int32 array
        Loaded unit, ascending within a row.
    load : float64 array
        W/m² or Pa.
    duration : float64 array, shape (n_rows,)
        Of the fire; 0 for blasts. [s]
    engulfed : bool array, shape of ``load``
        Whether the flame touches the unit.
    """

    row: Indices
    start: NDArray[np.int64]
    target: Indices
    load: Floats
    duration: Floats
    engulfed: Marks

    def origin(self) -> Indices:
        """Source of each row, shape (n_rows,)."""
        source = np.zeros(self.duration.size, dtype=np.int32)
        at, wind = np.nonzero(self.row >= 0)
        source[self.row[at, wind]] = at
        return source


class KnownRows(NamedTuple):
    """Rows of another facility that hold here, too, without the units that are not here.

    ``source`` are the sources here, ``before`` the same there, ``unit`` the units here by their number there, in the
    same order; -1: not here.
    """

    rows: Rows
    source: NDArray[np.intp]
    before: NDArray[np.intp]
    unit: Indices


class RowBuilder:
    """Gathers rows of loads.

    Parameters
    ----------
    n_sources, n_classes : int
        Shape of ``Rows.row``.
    """

    def __init__(self, n_sources: int, n_classes: int) -> None:
        self._row = np.full((n_sources, n_classes), -1, dtype=np.int32)
        self._length: list[NDArray[np.int64]] = []
        self._target: list[Indices] = []
        self._load: list[Floats] = []
        self._duration: list[float] = []
        self._engulfed: list[Marks] = []

    def add(
        self,
        source: int,
        classes: NDArray[np.intp],
        target: Indices,
        load: Floats,
        duration: float,
        engulfed: Marks | None = None,
    ) -> None:
        """Add what one source does in some wind classes.

        Parameters
        ----------
        source : int
            Index.
        classes : int array, shape (k, n_columns)
            Wind classes that share each column of ``load``.
        target : int32 array, shape (n,)
            Loaded units, ascending.
        load : array, shape (n, n_columns)
            0 where a load is left out.
        duration : float
            [s]
        engulfed : bool array, shape of ``load``, optional
            Where the flame touches; left out: nowhere.
        """
        if not load.any():
            return
        touched = np.zeros(load.shape, dtype=np.bool_) if engulfed is None else engulfed
        if (load == load[:, :1]).all() and (touched == touched[:, :1]).all():
            load = load[:, :1]
            classes = classes.reshape(-1, 1)
        column, item = np.nonzero(load.T)
        length = np.bincount(column, minlength=load.shape[1])
        used = np.nonzero(length)[0]
        first = len(self._duration)
        self._row[source, classes[:, used]] = np.arange(first, first + used.size, dtype=np.int32)
        self._length.append(length[used])
        self._target.append(target[item].astype(np.int32))
        self._load.append(load[item, column])
        self._engulfed.append(touched[item, column])
        self._duration.extend([duration] * used.size)

    def take(self, known: KnownRows) -> None:
        """Add rows of another facility."""
        block = known.rows.row[known.before]
        held = np.zeros(known.rows.duration.size + 1, dtype=np.bool_)
        held[block] = True
        here = known.unit[known.rows.target] >= 0
        before = np.concatenate([[0], np.cumsum(here)])
        left = np.diff(before[known.rows.start])  # of each row, after the units that are gone
        used = np.nonzero(held[:-1] & (left > 0))[0]  # the last: no row
        number = np.full(known.rows.duration.size + 1, -1, dtype=np.int32)
        number[used] = np.arange(len(self._duration), len(self._duration) + used.size, dtype=np.int32)
        self._row[known.source] = number[block]
        _, entry = _entries(known.rows.start, used)
        entry = entry[here[entry]]
        self._length.append(left[used])
        self._target.append(known.unit[known.rows.target[entry]])
        self._load.append(known.rows.load[entry])
        self._engulfed.append(known.rows.engulfed[entry])
        self._duration.extend(known.rows.duration[used].tolist())

    def rows(self) -> Rows:
        """Give what was gathered, row after row as sources and wind classes meet them."""
        length = np.concatenate([np.zeros(1, np.int64), *self._length])
        order = _as_met(self._row[self._row >= 0], len(self._duration))
        number = np.full(order.size + 1, -1, dtype=np.int32)
        number[order] = np.arange(order.size, dtype=np.int32)
        length, entry = _entries(np.cumsum(length), order)
        return Rows(
            number[self._row],
            np.concatenate([[0], np.cumsum(length)]).astype(np.int64),
            np.concatenate([np.zeros(0, np.int32), *self._target])[entry],
            np.concatenate([np.zeros(0), *self._load])[entry],
            np.array(self._duration, dtype=np.float64)[order],
            np.concatenate([np.zeros(0, np.bool_), *self._engulfed])[entry],
        )


def _as_met(rows: Indices, n_rows: int) -> NDArray[np.intp]:
    """Distinct numbers below ``n_rows`` in the order in which they come first."""
    first = np.full(n_rows, rows.size)
    first[rows[::-1]] = np.arange(rows.size - 1, -1, -1)  # the last that is written is the first
    order = np.argsort(first, kind="stable")
    return order[: np.count_nonzero(first < rows.size)]


def _entries(start: NDArray[np.int64], rows: NDArray[np.intp]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Lengths of some rows, and their entries one row after the other."""
    length = start[rows + 1] - start[rows]
    end = np.cumsum(length)
    return length, np.arange(length.sum()) + np.repeat(start[rows] - end + length, length)


class FragmentRows(NamedTuple):
    """Fragments in rows, as `parkrisk.scenarios.facility.network.Network` lays them out."""

    row: Indices  #: row of each source, shape (n_sources,); -1: none
    start: NDArray[np.int64]
    target: Indices  #: ascending within a row
    probability: Floats  #: that a fragment of this source fails the unit
    flags: tuple[str, ...] = ()  #: codes of what is unverified


def no_fragments(n_sources: int) -> FragmentRows:
    """Fragments of sources that throw none."""
    return FragmentRows(np.full(n_sources, -1, np.int32), np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0))


def no_rows(n_sources: int, n_classes: int) -> Rows:
    """Rows of sources that load nobody."""
    return RowBuilder(n_sources, n_classes).rows()


def matrix_rows(load: Floats, duration: Floats) -> Rows:
    """Rows of a load matrix (source × unit) in one wind class, as `check_loads.checked_loads` gives it.

    The diagonal is 0; ``duration`` [s] has shape (n_sources,), 0 for blasts.
    """
    builder = RowBuilder(load.shape[0], 1)
    others = np.arange(load.shape[1], dtype=np.int32)
    for source in range(load.shape[0]):
        builder.add(source, np.zeros((1, 1), np.intp), others, load[source][:, None], float(duration[source]))
    return builder.rows()


def matrix_fragments(probability: Floats) -> FragmentRows:
    """Rows of a matrix (source × unit) of chances that a fragment fails a unit; its diagonal is 0."""
    thrown = probability > 0.0
    throws = thrown.any(axis=1)
    row = np.where(throws, np.cumsum(throws) - 1, -1).astype(np.int32)
    start = np.concatenate([[0], np.cumsum(thrown[throws].sum(axis=1))]).astype(np.int64)
    source, target = np.nonzero(thrown)
    return FragmentRows(row, start, target.astype(np.int32), probability[source, target])


@functools.lru_cache(maxsize=65_536)
def reach(outcome: Any, least: float, vector: str) -> float:
    """How far the loads of an outcome are at least ``least`` in some direction; 0: nowhere. [m]"""
    distance, angle = (grid.ravel() for grid in np.meshgrid(_RADII, _ANGLES, indexing="ij"))
    strong = (load_of(outcome, distance, angle, vector).reshape(_RADII.size, -1) >= least).any(axis=1)
    if not strong.any():
        return 0.0
    last = int(np.nonzero(strong)[0][-1])
    return float(_RADII[min(last + 1, _RADII.size - 1)])


def load_of(outcome: Any, distance: Floats, angle: Floats, vector: str) -> Floats:
    """Heat [W/m²] or blast [Pa] of an outcome; heat never above what its flame emits."""
    load = np.asarray(getattr(outcome, vector)(distance, angle), dtype=np.float64)
    if vector == "heat_flux":
        load = np.minimum(load, getattr(outcome, "emissive_power", np.inf))
    if not bool(np.all(np.isfinite(load) & (load >= 0.0))):
        raise OutOfRange(f"{outcome} 的荷载无效", f"{outcome} gives loads that are negative or not finite")
    return load


@dataclass(frozen=True)
class Places:
    """Where sources and units are.

    Parameters
    ----------
    source : array, shape (n_sources, 2)
        [m]
    own : int array, shape (n_sources,)
        Unit of each source; it is never loaded by it.
    unit : array, shape (n_units, 2)
        Centres. [m]
    radius, height : array, shape (n_units,)
        Of the shells. [m]
    bund : int array, shape (n_units,)
        Number of the bund that a unit stands in; -1: none is known.
    held : bool array, shape (n_sources,)
        Whether the bund of the source's unit, if it has one, holds back its pool.
    n_sectors : int
        Wind directions; sector k blows to the math angle k × 2π / n_sectors.
    """

    source: Floats
    own: NDArray[np.intp]
    unit: Floats
    radius: Floats
    height: Floats
    bund: NDArray[np.intp]
    held: Marks
    n_sectors: int

    @functools.cached_property
    def tree(self) -> cKDTree:
        """Units by place."""
        return cKDTree(self.unit)

    def near(self, source: int, distance: float) -> Indices:
        """Units whose shell comes within a distance of a source, ascending."""
        found = self.tree.query_ball_point(self.source[source], distance + self.radius.max())
        return np.array(sorted(set(found) - {int(self.own[source])}), dtype=np.int32)

    def polar(self, source: int, target: Indices) -> tuple[Floats, Floats]:
        """Distance to the nearest shell point, and angle from the downwind axis, each of shape (n, n_sectors)."""
        offset = self.unit[target] - self.source[source]
        distance = np.maximum(self.middle(source, target) - self.radius[target], NEAREST)
        wind = 2.0 * np.pi * np.arange(self.n_sectors) / self.n_sectors
        angle = np.arctan2(offset[:, 1], offset[:, 0])[:, None] - wind
        return np.repeat(distance[:, None], self.n_sectors, axis=1), np.arctan2(np.sin(angle), np.cos(angle))

    def middle(self, source: int, target: Indices) -> Floats:
        """Distance to the middles of units, shape (n,). [m]"""
        offset = self.unit[target] - self.source[source]
        distance: Floats = np.hypot(offset[:, 0], offset[:, 1])
        return distance

    def outside(self, source: int, target: Indices) -> Marks:
        """Whether units stand outside the bund that holds back the pool of a source, shape (n,)."""
        bund = self.bund[self.own[source]]
        outside: Marks = (self.bund[target] != bund) & (self.held[source] and bund >= 0)
        return outside


def outcome_rows(
    places: Places,
    outcomes: Sequence[Any],
    outcome_index: Indices,
    vector: str,
    least: Callable[[int], Floats],
    known: KnownRows | None = None,
) -> Rows:
    """Loads of all sources in every weather and wind direction.

    Parameters
    ----------
    places : Places
        Geometry.
    outcomes : sequence
        Those without the method ``vector`` load nobody.
    outcome_index : int array, shape (n_sources, n_weathers)
        As ``Events.outcome_index``.
    vector : str
        "heat_flux" or "overpressure".
    least : callable
        From a source to the loads on each unit below which they are left out, shape (n_units,); infinite: never.
    known : KnownRows, optional
        Rows of some of the sources, which are not computed again.

    Returns
    -------
    Rows
        Wind class = weather × n_sectors + sector. A unit that the flame touches takes up what engulfed vessels were
        measured to, if that is more than the flame radiates; any other load is at most the flame's emissive power.
    """
    n_weathers, sectors = outcome_index.shape[1], np.arange(places.n_sectors)
    builder = RowBuilder(len(outcome_index), n_weathers * places.n_sectors)
    open_ = np.ones(len(outcome_index), dtype=np.bool_)
    if known is not None:
        builder.take(known)
        open_[known.source] = False
    for source in np.nonzero(open_)[0].tolist():
        row = outcome_index[source]
        lowest = float(least(source).min(initial=np.inf))
        for index in np.unique(row[row >= 0]).tolist():
            outcome = outcomes[index]
            if not hasattr(outcome, vector) or lowest == np.inf:
                continue
            far = reach(outcome, lowest, vector)
            target = places.near(source, far) if far > 0.0 else _NOBODY
            if not target.size:
                continue
            distance, angle = places.polar(source, target)
            load = load_of(outcome, distance.ravel(), angle.ravel(), vector).reshape(distance.shape)
            load[load < least(source)[target][:, None]] = 0.0
            flame = getattr(outcome, "engulfing", None) if vector == "heat_flux" else None
            place = places.middle(source, target), angle
            size = places.radius[target], places.height[target]
            load, touched = engulfed(flame, load, place, size, places.outside(source, target))
            classes = np.nonzero(row == index)[0][:, None] * places.n_sectors + sectors
            builder.add(source, classes, target, load, float(getattr(outcome, "duration", 0.0)), touched)
    return builder.rows()
