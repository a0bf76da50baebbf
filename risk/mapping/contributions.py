"""Individual risk at points, from their positions: what each unit, kind of outcome, weather and wind sector adds.

Every part is summed as an integer, so that parts add up exactly and a unit can be taken out again without a trace.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np

from parkrisk.models.footprint import PolarGrid
from parkrisk.risk import kernels
from parkrisk.risk.footprints.library import Floats, FootprintLibrary, Integers, polar_frame
from parkrisk.risk.mapping import pointwise
from parkrisk.risk.mapping.loads import Alike, Exposure, Layer, Loads, add_layer, discs_of
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


class _Adder:
    """Adds sources to the sums at points, each task on one thread."""

    def __init__(self, loads: Loads, grid: PolarGrid, points: Floats, library: FootprintLibrary) -> None:
        self.loads = loads
        self.points = points
        self.library = library
        self.polar = polar_frame(grid, loads.n_sectors)
        self.scratch: Scratch[_Piece] = Scratch(lambda: _Piece(loads, grid.n_rings, points.shape[0]))
        self.by_unit = {unit: np.zeros(points.shape[0], dtype=np.int64) for unit, _ in loads.units}
        self.lock = threading.Lock()

    def add(self, alike: Alike) -> None:
        """Add some equal sources."""
        piece = self.scratch()
        at = np.empty((len(alike.units), *self.points.shape))
        piece.wanted[:] = False
        for place, positions in zip(alike.places, at, strict=True):
            pointwise.positions(place, self.polar, 2 * self.loads.n_bins, self.points, positions)
            pointwise.rings_wanted(positions, piece.wanted)
        own = np.zeros((len(alike.units), self.points.shape[0]), dtype=np.int64)
        for layer in self.loads.layers(alike.rows, by_kind=True):
            for exposure in self.loads.exposures:
                add_layer(layer, exposure.row, self.library, piece.profile, piece.reach)
                kernels.halve(piece.profile, piece.reach, piece.fine, piece.fine_reach)
                pointwise.tails(piece.fine, piece.fine_reach, piece.tail, piece.count, piece.table, piece.wanted)
                density = self.loads.density(layer, exposure)
                for member, positions in enumerate(at):
                    totals = (own[member], piece.by_kind[layer.kind], piece.by_weather[layer.weather])
                    pointwise.add_parts(piece.table, piece.count, density, positions, totals, piece.by_sector)
                    self._add_discs(layer, exposure, alike.places[member], totals, piece.by_sector)
        with self.lock:
            for unit, values in zip(alike.units, own, strict=True):
                self.by_unit[unit] += values

    def _add_discs(
        self,
        layer: Layer,
        exposure: Exposure,
        place: Floats,
        totals: tuple[Integers, Integers, Integers],
        by_sector: Integers,
    ) -> None:
        shares = self.loads.share(layer, exposure)
        for _, radius, risk in discs_of(layer, exposure.row, self.library):
            pointwise.add_disc_parts(place, self.points, radius, risk * shares, totals, by_sector)


def point_sums(
    loads: Loads,
    grid: PolarGrid,
    points_xy: Floats,
    library: FootprintLibrary,
    progress: Progress | None = None,
) -> PointSums:
    """Risk of all sources at points.

    Parameters
    ----------
    loads : Loads
    grid : PolarGrid
    points_xy : array, shape (n_points, 2)
        [m]
    library : FootprintLibrary
    progress : callable, optional
        Called as ``progress("points", done, total)``.

    Notes
    -----
    IR = Σ_events f Σ_weathers Σ_sectors ∫_sector p(φ) P(φ) V(r, θ−φ) dφ. Every term is a difference of two values of
    the integral of V, interpolated in angle between nodes where it is exact, and in ln r.
    """
    points = np.ascontiguousarray(points_xy, dtype=np.float64).reshape(-1, 2)
    adder = _Adder(loads, grid, points, library)
    if points.size:
        share(loads.alike(), adder.add, "points", progress)
    pieces = adder.scratch.pieces or [_Piece(loads, grid.n_rings, points.shape[0])]
    by_kind = sum((piece.by_kind for piece in pieces[1:]), pieces[0].by_kind)
    return PointSums(
        adder.by_unit,
        dict(zip(loads.kinds, by_kind, strict=True)),
        sum((piece.by_weather for piece in pieces[1:]), pieces[0].by_weather).T,
        sum((piece.by_sector for piece in pieces[1:]), pieces[0].by_sector),
    )
