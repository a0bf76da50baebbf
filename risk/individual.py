"""Individual risk: how likely a person who is always at a place, outdoors and unprotected, dies there within a year.

Each source's footprints are spread over the wind rose on its own polar grid, then added to the raster and to points.
Sums are kept as integers, so that a result does not depend on threads, on the order of events or on how sources are
grouped, and a source can be taken out again without a trace.
"""

from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from parkrisk.models.errors import OutOfRange, ParkRiskError
from parkrisk.models.footprint import INDIVIDUAL, PolarGrid
from parkrisk.risk import kernels, stamping
from parkrisk.risk.library import (
    Floats,
    FootprintLibrary,
    Integers,
    Packed,
    Progress,
    Scratch,
    Source,
    checked_rose,
    library_of,
    polar_frame,
    share,
    sources_by_unit,
)
from parkrisk.risk.pyramid import Pyramid, raster_values
from parkrisk.scenarios.expand import Events
from parkrisk.scenarios.receptors import WindRose

#: More cells than this are refused: two thousand million bytes of integers. [-]
CELL_LIMIT = 250_000_000


@dataclass(frozen=True)
class Raster:
    """Points of a map: cell centres in rows from south to north.

    Parameters
    ----------
    x0, y0 : float
        Centre of the lower left cell. [m]
    cell : float
        Width of a cell. [m]
    nx, ny : int
        Cells per row, rows.
    """

    x0: float
    y0: float
    cell: float
    nx: int
    ny: int

    @property
    def x(self) -> Floats:
        """Centres of the columns, shape (nx,). [m]"""
        return self.x0 + self.cell * np.arange(self.nx, dtype=np.float64)

    @property
    def y(self) -> Floats:
        """Centres of the rows, shape (ny,). [m]"""
        return self.y0 + self.cell * np.arange(self.ny, dtype=np.float64)


@dataclass(frozen=True)
class IndividualRisk:
    """Individual risk on a raster and at points. [1/yr]

    Parameters
    ----------
    raster : Raster
    values : array, shape (ny, nx)
        At cell centres. Within the first ring around a source the value of that ring is held.
    points : array, shape (n_points,)
        Computed from positions, not from the raster.
    by_source : array, shape (n_points, n_units)
        What each unit adds to each point.
    unit_ids : tuple of str
        Columns of ``by_source``.
    by_kind : array, shape (n_points, n_kinds)
        What each kind of outcome adds to each point.
    kinds : tuple of str
        Columns of ``by_kind``.
    cut : tuple of str
        Units whose risk does not end within the polar grid: beyond its last ring theirs is missing.
    rose : str
        How the wind rose is read between its directions.
    levels : tuple of int64 arrays
        What ``values`` are made of, as integers of 2^-60 on ever wider nodes: those of two sets of units on the same
        raster add and subtract exactly, and `raster_values` turns the result into values.
    """

    raster: Raster
    values: Floats
    points: Floats
    by_source: Floats
    unit_ids: tuple[str, ...]
    by_kind: Floats
    kinds: tuple[str, ...]
    cut: tuple[str, ...]
    rose: str = "piecewise_constant"
    levels: tuple[Integers, ...] = field(default=(), repr=False)


def individual_risk(
    events: Events,
    rose: WindRose,
    grid: PolarGrid,
    raster: Raster,
    points_xy: NDArray[np.float64],
    *,
    library: FootprintLibrary | None = None,
    progress: Progress | None = None,
) -> IndividualRisk:
    """Individual risk of all events, on a raster and at points.

    Parameters
    ----------
    events : Events
    rose : WindRose
        Joint probability of period, weather and direction; its weathers are the columns of ``events.outcome_index``.
    grid : PolarGrid
        ``n_bins`` is a multiple of the number of wind sectors.
    raster : Raster
    points_xy : array, shape (n_points, 2)
        [m]
    library : FootprintLibrary, optional
        Footprints of ``events.outcomes`` on this grid; without it they are computed here.
    progress : callable, optional
        Called as ``progress("individual", done, total)``, total in units.

    Returns
    -------
    IndividualRisk

    Raises
    ------
    ParkRiskError
        If the rose, the frequencies, the footprints or the raster cannot be used.
    OutOfRange
        If frequencies sum to more than 4 per year.

    Notes
    -----
    IR(r, θ) = Σ_events f Σ_weathers ∫ p(φ) V(r, θ−φ) dφ, LSIR of [1]_, chapter 6; the rose is constant within a
    sector and the integral over it exact at every node of the polar grid. Between nodes: bicubic in (ln r, θ).
    Footprints that are discs do not pass through the polar grid: a cell counts if its centre lies inside.

    References
    ----------
    .. [1] CPR 18E, *Guidelines for quantitative risk assessment* (Purple Book), RIVM, 1999/2005.
    """
    probability = checked_rose(rose, grid, events)
    _check(raster, points_xy)
    units = sources_by_unit(events)
    field_maker = _FieldMaker(events, probability, grid, raster, points_xy, library_of(events, grid, library))
    results = share(units, lambda unit: field_maker.unit(unit[1]), "individual", progress)
    none = np.zeros((field_maker.points.shape[0], len(field_maker.kinds)), dtype=np.int64)
    by_kind = sum((at_points for at_points, _ in results), none)
    by_source = np.stack([none.sum(axis=1), *(at_points.sum(axis=1) for at_points, _ in results)], axis=1)[:, 1:]
    levels = field_maker.levels()
    return IndividualRisk(
        raster=raster,
        values=raster_values(levels, (raster.ny, raster.nx)),
        points=by_source.sum(axis=1) / stamping.FIXED_POINT,
        by_source=by_source / stamping.FIXED_POINT,
        unit_ids=tuple(unit_id for unit_id, _ in units),
        by_kind=by_kind / stamping.FIXED_POINT,
        kinds=field_maker.kinds,
        cut=tuple(unit_id for (unit_id, _), (_, cut) in zip(units, results, strict=True) if cut),
        levels=levels,
    )


def _check(raster: Raster, points_xy: NDArray[np.float64]) -> None:
    if not np.isfinite(points_xy).all() or not np.isfinite([raster.x0, raster.y0, raster.cell]).all():
        raise ParkRiskError("栅格与计算点的坐标必须是有限数", "coordinates of raster and points must be finite")
    if raster.nx < 1 or raster.ny < 1 or not raster.cell > 0.0:
        raise ParkRiskError("栅格至少要有一个单元", "a raster needs at least one cell of positive width")
    if raster.nx * raster.ny > CELL_LIMIT:
        raise OutOfRange(
            f"栅格有 {raster.nx * raster.ny} 个单元，超过上限 {CELL_LIMIT}",
            f"raster of {raster.nx * raster.ny} cells, more than {CELL_LIMIT}",
        )


class _Piece:
    """Working memory of one thread."""

    def __init__(self, shape: tuple[int, int, int], pyramid: Pyramid) -> None:
        n_weathers, n_rings, n_bins = shape
        self.profile = np.zeros((n_weathers, n_rings, n_bins // 2))
        self.reach = np.zeros((n_weathers, n_rings), dtype=np.int64)
        self.field = np.zeros((n_rings + 4, n_bins + 5))
        self.part = np.zeros((n_rings + 4, n_bins + 5))
        self.table = np.zeros((n_rings, n_bins + 1, 4))
        self.pyramid = pyramid


class _FieldMaker:
    """Makes the polar field of each source and adds it to the raster of the calling thread."""

    def __init__(
        self,
        events: Events,
        probability: Floats,
        grid: PolarGrid,
        raster: Raster,
        points_xy: NDArray[np.float64],
        library: FootprintLibrary,
    ) -> None:
        self.frequency = events.table["frequency"].to_numpy(dtype=np.float64)
        self.outcome_index = events.outcome_index
        names = events.table["outcome"].to_numpy(dtype=object)
        self.kinds = tuple(sorted({str(name) for name in names}))
        self.kind = np.array([self.kinds.index(str(name)) for name in names], dtype=np.int64)
        self.weather_probability = probability.sum(axis=(0, 2))
        n_sectors = probability.shape[2]
        self.density = np.ascontiguousarray(probability.sum(axis=0) * (n_sectors / (2.0 * np.pi)))
        self.grid = grid
        self.polar = polar_frame(grid, n_sectors)
        corner = np.array([raster.x0, raster.y0, raster.cell])
        self.pyramid = partial(Pyramid, corner, (raster.ny, raster.nx), grid.r_max)
        self.points = np.ascontiguousarray(points_xy, dtype=np.float64).reshape(-1, 2)
        self.library = library
        shape = (probability.shape[1], grid.n_rings, grid.n_bins)
        self.scratch: Scratch[_Piece] = Scratch(lambda: _Piece(shape, self.pyramid()))

    def unit(self, sources: list[Source]) -> tuple[Integers, bool]:
        """Add a unit to the raster; gives its risk at points, shape (n_points, n_kinds), and whether it was cut."""
        piece = self.scratch()
        at_points = np.zeros((len(self.kinds), self.points.shape[0]), dtype=np.int64)
        cut = False
        for source in sources:
            place = np.array([source.x, source.y])
            kinds = self.kind[source.rows]
            outermost = 0
            for kind in np.unique(kinds):
                rings = self._kind(piece, place, source.rows[kinds == kind], at_points[kind])
                if rings:
                    if self.points.size:
                        used = kernels.add_slopes(piece.part, rings, piece.table)
                        stamping.add_at_points(piece.table, used, self.polar, place, self.points, at_points[kind])
                    piece.field += piece.part
                    piece.part[:] = 0.0
                outermost = max(outermost, rings)
            if outermost:
                cut = cut or outermost == self.grid.n_rings
                used = kernels.add_slopes(piece.field, outermost, piece.table)
                reach = float(self.grid.radius[used - 1]) * (1.0 + 1e-9)
                piece.pyramid.add(piece.table, used, self.polar, reach, place)
                piece.field[:] = 0.0
        return at_points.T, cut

    def _kind(self, piece: _Piece, place: Floats, rows: Integers, at_points: Integers) -> int:
        """Field of one kind of outcome into ``piece.part``, its discs where they belong; gives the rings affected."""
        discs: dict[int, tuple[Packed, float]] = {}
        for weather in range(self.density.shape[0]):
            weights: dict[int, float] = {}
            for row in rows.tolist():
                outcome = int(self.outcome_index[row, weather])
                if outcome >= 0:
                    weights[outcome] = weights.get(outcome, 0.0) + float(self.frequency[row])
            for outcome, weight in weights.items():
                packed = discs[outcome][0] if outcome in discs else self.library[outcome]
                kernels.add_footprint(
                    piece.profile[weather],
                    piece.reach[weather],
                    packed.start[INDIVIDUAL],
                    packed.values[INDIVIDUAL],
                    weight,
                )
                if packed.disc_radius.size:
                    before = discs[outcome][1] if outcome in discs else 0.0
                    discs[outcome] = (packed, before + weight * float(self.weather_probability[weather]))
        for packed, weight in discs.values():
            for radius, lethality in zip(packed.disc_radius, packed.disc_lethality[INDIVIDUAL], strict=True):
                value = stamping.fixed(weight * float(lethality))
                piece.pyramid.add_disc(place, float(radius), value)
                stamping.add_disc_at_points(place, self.points, float(radius), value, at_points)
        return kernels.wind_field(piece.profile, piece.reach, self.density, piece.part)

    def levels(self) -> tuple[Integers, ...]:
        """Sum of what all threads added, discs included. [2^-60/yr]"""
        total = self.pyramid()
        for piece in self.scratch.pieces:
            total.merge(piece.pyramid)
        return total.close()
