"""Individual risk at points, from their positions: what each unit, kind of outcome, weather and wind sector adds.

Every part is summed as an integer, so that parts add up exactly and a unit can be taken out again without a trace.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numba
import numpy as np

from parkrisk.models.footprint import PolarGrid
from parkrisk.risk import kernels
from parkrisk.risk.footprints.library import Floats, FootprintLibrary, Integers, polar_frame
from parkrisk.risk.mapping import pointwise
from parkrisk.risk.mapping.kept import Kept, PointStamp
from parkrisk.risk.mapping.loads import Alike, Loads, add_layer, discs_of
from parkrisk.risk.mapping.stamping import FIXED_POINT
from parkrisk.risk.sharing import Progress, Scratch, share


@dataclass(frozen=True)
class PointSums:
    """Risk at points as integers of 2^-60 per year, divided in four ways that each add up to the whole.

    Parameters
    ----------
    by_unit, by_kind : dict of int64 arrays, shape (n_points,)
        By identifier of the unit, by kind of outcome.
    by_weather : int64 array, shape (n_points, n_weathers)
    by_sector : int64 array, shape (n_points, n_sectors)
        By the sector that the wind blows to.
    """

    by_unit: dict[str, Integers]
    by_kind: dict[str, Integers]
    by_weather: Integers
    by_sector: Integers

    def plus(self, other: "PointSums") -> "PointSums":
        """Both together, at the same points."""
        return PointSums(
            _added(self.by_unit, other.by_unit),
            _added(self.by_kind, other.by_kind),
            self.by_weather + other.by_weather,
            self.by_sector + other.by_sector,
        )

    def minus(self, other: "PointSums") -> "PointSums":
        """What is left when units that are part of this are taken out; kinds stay, be it with nothing left."""
        return PointSums(
            {unit: values for unit, values in self.by_unit.items() if unit not in other.by_unit},
            _added(self.by_kind, {kind: -values for kind, values in other.by_kind.items()}),
            self.by_weather - other.by_weather,
            self.by_sector - other.by_sector,
        )

    def columns(self, parts: dict[str, Integers], names: Sequence[str]) -> Integers:
        """Some of ``by_unit`` or ``by_kind`` as the columns of one array, shape (n_points, n)."""
        shape = (len(names), self.by_sector.shape[0])
        rows = np.array([parts[name] for name in names], dtype=np.int64).reshape(shape)
        return np.ascontiguousarray(rows.T)


def _added(one: dict[str, Integers], other: dict[str, Integers]) -> dict[str, Integers]:
    both = {name: one[name] + other[name] for name in one.keys() & other.keys()}
    return one | other | both


def ranked(parts: Floats, top: int | None = None) -> Integers:
    """Columns of each row by falling value, equal ones in their own order.

    Parameters
    ----------
    parts : array, shape (n_points, n)
    top : int, optional
        Only the first so many.

    Returns
    -------
    int64 array, shape (n_points, min(n, top))
    """

    def rank(rows: Floats) -> Integers:
        return np.argsort(-rows, axis=1, kind="stable")[:, :top]

    return np.concatenate(share(np.array_split(parts, numba.get_num_threads()), rank, "rank"))


class _Piece:
    """Working memory of one thread, and what it has summed."""

    def __init__(self, loads: Loads, n_rings: int, n_points: int) -> None:
        self.profile = np.zeros((n_rings, loads.n_bins // 2))
        self.reach = np.zeros(n_rings, dtype=np.int64)
        self.fine = np.zeros((n_rings, loads.n_bins))
        self.fine_reach = np.zeros(n_rings, dtype=np.int64)
        self.tail = np.zeros((n_rings, loads.n_bins + 1 + 2 * pointwise.PAD))
        self.count = np.zeros(n_rings, dtype=np.int64)
        self.table = np.zeros((n_rings, loads.n_bins + 1, 4))
        self.wanted = np.zeros(n_rings, dtype=np.bool_)
        self.by_kind = np.zeros((len(loads.kinds), n_points), dtype=np.int64)
        self.by_weather = np.zeros((loads.n_weathers, n_points), dtype=np.int64)
        self.by_sector = np.zeros((n_points, loads.n_sectors), dtype=np.int64)


class PointAdder:
    """Adds sources to the sums at points, each task on one thread.

    Parameters
    ----------
    loads, grid, points_xy, library, kept, by_unit
        As in `point_sums`.
    """

    def __init__(
        self,
        loads: Loads,
        grid: PolarGrid,
        points_xy: Floats,
        library: FootprintLibrary,
        kept: Kept | None = None,
        *,
        by_unit: bool = True,
    ) -> None:
        points = np.ascontiguousarray(points_xy, dtype=np.float64).reshape(-1, 2)
        self.loads = loads
        self.kept = Kept() if kept is None else kept
        self.number = {kind: number for number, kind in enumerate(loads.kinds)}
        self.points = points
        self.library = library
        self.polar = polar_frame(grid, loads.n_sectors)
        self.scratch: Scratch[_Piece] = Scratch(lambda: _Piece(loads, grid.n_rings, points.shape[0]))
        units = loads.units if by_unit else []
        self.by_unit = {unit: np.zeros(points.shape[0], dtype=np.int64) for unit, _ in units}
        self.lock = threading.Lock()

    def add(self, alike: Alike) -> None:
        """Add some sources that do the same."""
        if not self.points.size:
            return
        keys = [(alike.content, place.tobytes()) for place in alike.places]
        stamps = {member: self.kept.points[key] for member, key in enumerate(keys) if key in self.kept.points}
        open_ = [member for member in range(len(keys)) if member not in stamps]
        for member, stamp in zip(open_, self.stamps(alike, open_), strict=True):
            stamps[member] = stamp
            self.kept.keep_points(keys[member], stamp, self.loads.outcomes_of(alike.rows))
        piece, scales = self.scratch(), (alike.scales * FIXED_POINT).tolist()
        for member, (unit, scale) in enumerate(zip(alike.units, scales, strict=True)):
            own = np.zeros(self.points.shape[0], dtype=np.int64)
            for kind, weather, values in stamps[member]:
                parts = (values * scale).astype(np.int64)
                total = parts.sum(axis=1)
                own += total
                piece.by_kind[self.number[kind]] += total
                piece.by_weather[weather] += total
                piece.by_sector += parts
            if unit in self.by_unit:
                with self.lock:
                    self.by_unit[unit] += own

    def stamps(self, alike: Alike, members: Sequence[int]) -> list[PointStamp]:
        """What some of the sources add to the points, per unit of frequency."""
        stamps: list[PointStamp] = [[] for _ in members]
        if not members:
            return stamps
        piece = self.scratch()
        at = np.empty((len(members), *self.points.shape))
        piece.wanted[:] = False
        for place, positions in zip(alike.places[list(members)], at, strict=True):
            pointwise.positions(place, self.polar, 2 * self.loads.n_bins, self.points, positions)
            pointwise.rings_wanted(positions, piece.wanted)
        for layer in self.loads.layers(alike.rows, by_kind=True):
            found = np.zeros((len(members), self.points.shape[0], self.loads.n_sectors))
            for exposure in self.loads.exposures:
                add_layer(layer, exposure.row, self.library, piece.profile, piece.reach)
                kernels.halve(piece.profile, piece.reach, piece.fine, piece.fine_reach)
                pointwise.tails(piece.fine, piece.fine_reach, piece.tail, piece.count, piece.table, piece.wanted)
                density, shares = self.loads.density(layer, exposure), self.loads.share(layer, exposure)
                discs = [(radius, risk * shares) for _, radius, risk in discs_of(layer, exposure.row, self.library)]
                for place, positions, values in zip(alike.places[list(members)], at, found, strict=True):
                    pointwise.add_parts(piece.table, piece.count, density, positions, values)
                    for radius, risk in discs:
                        pointwise.add_disc_parts(place, self.points, radius, risk, values)
            for stamp, values in zip(stamps, found, strict=True):
                if values.any():
                    stamp.append((self.loads.kinds[layer.kind], layer.weather, values))
        return stamps

    def sums(self) -> PointSums:
        """What all threads have added."""
        pieces = self.scratch.pieces or [self.scratch()]
        by_kind = sum((piece.by_kind for piece in pieces[1:]), pieces[0].by_kind)
        return PointSums(
            self.by_unit,
            dict(zip(self.loads.kinds, by_kind, strict=True)),
            sum((piece.by_weather for piece in pieces[1:]), pieces[0].by_weather).T,
            sum((piece.by_sector for piece in pieces[1:]), pieces[0].by_sector),
        )


def each_stamp(
    loads: Loads,
    grid: PolarGrid,
    points_xy: Floats,
    library: FootprintLibrary,
    take: Callable[[Alike, list[PointStamp]], None],
    progress: Progress | None = None,
) -> None:
    """Show what each source adds to points, per unit of its frequency, to whoever divides it otherwise.

    Parameters
    ----------
    loads, grid, points_xy, library, progress
        As in `point_sums`.
    take : callable
        Called on any thread with equal sources and the stamp of each.
    """
    adder = PointAdder(loads, grid, points_xy, library)
    if adder.points.size:
        share(
            loads.alike(), lambda alike: take(alike, adder.stamps(alike, range(len(alike.units)))), "points", progress
        )


def point_sums(
    loads: Loads,
    grid: PolarGrid,
    points_xy: Floats,
    library: FootprintLibrary,
    kept: Kept | None = None,
    progress: Progress | None = None,
    *,
    by_unit: bool = True,
) -> PointSums:
    """Risk of all sources at points.

    Parameters
    ----------
    loads : Loads
    grid : PolarGrid
    points_xy : array, shape (n_points, 2)
        [m]
    library : FootprintLibrary
    kept : Kept, optional
        Of these points in this wind; read, and added to.
    progress : callable, optional
        Called as ``progress("points", done, total)``.
    by_unit : bool
        False: ``by_unit`` of the sums stays empty, which at many points saves most of the memory.

    Notes
    -----
    IR = Σ_events f Σ_weathers Σ_sectors ∫_sector p(φ) P(φ) V(r, θ−φ) dφ. Every term is a difference of two values of
    the integral of V, interpolated in angle between nodes where it is exact, and in ln r.
    """
    adder = PointAdder(loads, grid, points_xy, library, kept, by_unit=by_unit)
    share(loads.alike(), adder.add, "points", progress)
    return adder.sums()
