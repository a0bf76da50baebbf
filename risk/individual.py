"""Individual risk: how likely a person who is always at a place, outdoors and unprotected, dies there within a year.

Each source's footprints are spread over the wind rose on its own polar grid, then added to the raster; points are
reckoned from their positions. Sums are kept as integers, so that a result does not depend on threads, on the order of
events or on how sources are grouped, and a unit can be taken out again without a trace.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

import numba
import numpy as np

from parkrisk.models.errors import OutOfRange, ParkRiskError
from parkrisk.models.footprint import PolarGrid
from parkrisk.risk.footprints.library import Floats, FootprintLibrary, Integers, library_of
from parkrisk.risk.mapping import stamping
from parkrisk.risk.mapping.contributions import PointAdder, PointSums
from parkrisk.risk.mapping.fields import Stamper
from parkrisk.risk.mapping.kept import Kept
from parkrisk.risk.mapping.loads import Alike, Loads, Presence, of_units
from parkrisk.risk.mapping.pyramid import raster_values
from parkrisk.risk.sharing import Progress, share
from parkrisk.scenarios.events.expand import Events
from parkrisk.scenarios.receptors import WindRose

#: More cells than this are refused. [-]
CELL_LIMIT = 100_000_000
#: Memory that a cell takes while a raster is made, for each thread and once. [B]
_CELL_MEMORY = (20, 40)

#: Names of the quantities: a person always there, outdoors, unprotected; a person as present and sheltered as stated.
LOCATION_SPECIFIC = "location_specific"
WITH_PRESENCE = "with_presence_and_shelter"


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
class RiskSums:
    """Individual risk as exact integers: those of different units add, and subtract again, to the last bit.

    Parameters
    ----------
    levels : tuple of int64 arrays
        What the raster is made of, on ever wider nodes; `parkrisk.risk.mapping.pyramid.raster_values` makes it of them.
        [2^-60/yr]
    points : PointSums
    cut : frozenset of str
        Units whose risk does not end within the polar grid.
    """

    levels: tuple[Integers, ...]
    points: PointSums
    cut: frozenset[str]

    def plus(self, other: "RiskSums") -> "RiskSums":
        """Both together; of different units on the same raster and at the same points."""
        levels = tuple(mine + yours for mine, yours in zip(self.levels, other.levels, strict=True))
        return RiskSums(levels, self.points.plus(other.points), self.cut | other.cut)

    def minus(self, other: "RiskSums") -> "RiskSums":
        """What is left when units that are part of this are taken out."""
        levels = tuple(mine - yours for mine, yours in zip(self.levels, other.levels, strict=True))
        return RiskSums(levels, self.points.minus(other.points), self.cut - other.cut)


@dataclass(frozen=True)
class IndividualRisk:
    """Individual risk on a raster and at points. [1/yr]

    Parameters
    ----------
    raster : Raster
    values : array, shape (ny, nx)
        At cell centres, not means over cells: where a footprint is smaller than a cell, or within a few cells of a
        source, targets are what counts. Within the first ring around a source the value of that ring is held.
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
    by_weather : array, shape (n_points, n_weathers)
        What each weather class of the wind rose adds to each point.
    by_sector : array, shape (n_points, n_sectors)
        What the wind that blows to each sector of the rose adds to each point.
    cut : tuple of str
        Units whose risk does not end within the polar grid: beyond its last ring theirs is missing.
    rose : str
        How the wind rose is read between its directions: "piecewise_constant" or "mean_preserving_linear".
    by_cascades : array, shape (n_points,)
        What the events add to each point that cascades bring about, where they are told apart; else 0.
    quantity : str
        Whose risk: "location_specific", a person who is always there, outdoors and unprotected (LSIR, what GB 36894
        limits), or "with_presence_and_shelter", a person who is there and indoors a stated share of the time.
    sums : RiskSums
        What all of it is made of.
    kept : Kept
        What sources add per unit of frequency, for the next run.
    """

    raster: Raster
    values: Floats
    points: Floats
    by_source: Floats
    unit_ids: tuple[str, ...]
    by_kind: Floats
    kinds: tuple[str, ...]
    by_weather: Floats
    by_sector: Floats
    by_cascades: Floats
    cut: tuple[str, ...]
    rose: str
    quantity: str
    sums: RiskSums = field(repr=False)
    kept: Kept = field(default_factory=Kept, repr=False)

    @property
    def points_without_domino(self) -> Floats:
        """Risk at points by primary events alone, shape (n_points,)."""
        return self.points - self.by_cascades

    @property
    def levels(self) -> tuple[Integers, ...]:
        """What ``values`` are made of. [2^-60/yr]"""
        return self.sums.levels

    @classmethod
    def of(cls, sums: RiskSums, raster: Raster, *, rose: str, quantity: str = LOCATION_SPECIFIC) -> "IndividualRisk":
        """Turn integers into risks."""
        points = sums.points
        unit_ids, kinds = tuple(sorted(points.by_unit)), tuple(sorted(points.by_kind))
        return cls(
            raster=raster,
            values=raster_values(sums.levels, (raster.ny, raster.nx)),
            points=points.by_sector.sum(axis=1) / stamping.FIXED_POINT,
            by_source=points.columns(points.by_unit, unit_ids) / stamping.FIXED_POINT,
            unit_ids=unit_ids,
            by_kind=points.columns(points.by_kind, kinds) / stamping.FIXED_POINT,
            kinds=kinds,
            by_weather=points.by_weather / stamping.FIXED_POINT,
            by_sector=points.by_sector / stamping.FIXED_POINT,
            by_cascades=np.zeros(points.by_sector.shape[0]),
            cut=tuple(sorted(sums.cut)),
            rose=rose,
            quantity=quantity,
            sums=sums,
        )


def individual_risk(
    events: Events,
    wind: WindRose,
    grid: PolarGrid,
    raster: Raster,
    points_xy: Floats,
    *,
    rose: str = "piecewise_constant",
    presence: Presence | None = None,
    library: FootprintLibrary | None = None,
    progress: Progress | None = None,
) -> IndividualRisk:
    """Individual risk of all events, on a raster and at points.

    Parameters
    ----------
    events : Events
        Those with a probability that depends on the wind direction are weighted by it, bin by bin.
    wind : WindRose
        Joint probability of period, weather and direction; its weathers are the columns of ``events.outcome_index``.
    grid : PolarGrid
        ``n_bins`` is a multiple of the number of wind sectors.
    raster : Raster
    points_xy : array, shape (n_points, 2)
        [m]
    rose : str
        How the wind rose is read between its directions: "piecewise_constant", or "mean_preserving_linear", straight
        between the centres of sectors so that each sector keeps its probability.
    presence : Presence, optional
        Without it the location-specific risk. With it that of a person who is there so much of the time, outdoors as
        people outdoors are counted for societal risk, indoors as those behind walls.
    library : FootprintLibrary, optional
        Footprints of ``events.outcomes`` on this grid; without it they are computed here.
    progress : callable, optional
        Called as ``progress("individual", done, total)``, total in groups of equal sources.

    Returns
    -------
    IndividualRisk

    Raises
    ------
    ParkRiskError
        If the rose, the frequencies, the footprints or the raster cannot be used.
    OutOfRange
        If frequencies sum to more than 4 per year, or the raster does not fit into memory.

    Notes
    -----
    IR(r, θ) = Σ_events f Σ_weathers ∫ p(φ) P(φ) V(r, θ−φ) dφ, LSIR of [1]_, chapter 6; p is constant within a sector, P
    within a bin, and the integral exact at every node of the polar grid. Between nodes: bicubic in (ln r, θ).
    Footprints that are discs do not pass through the polar grid: a cell counts if its centre lies inside.

    References
    ----------
    .. [1] CPR 18E, *Guidelines for quantitative risk assessment* (Purple Book), RIVM, 1999/2005.
    """
    sums = risk_sums(
        events, wind, grid, raster, points_xy, rose=rose, presence=presence, library=library, progress=progress
    )
    quantity = LOCATION_SPECIFIC if presence is None else WITH_PRESENCE
    return IndividualRisk.of(sums, raster, rose=rose, quantity=quantity)


def risk_sums(
    events: Events,
    wind: WindRose,
    grid: PolarGrid,
    raster: Raster,
    points_xy: Floats,
    *,
    units: Collection[str] | None = None,
    rose: str = "piecewise_constant",
    presence: Presence | None = None,
    library: FootprintLibrary | None = None,
    kept: Kept | None = None,
    progress: Progress | None = None,
) -> RiskSums:
    """Individual risk of all units, or of some, as exact integers.

    Parameters
    ----------
    events, wind, grid, raster, points_xy, rose, presence, library, progress
        As in `individual_risk`.
    units : collection of str, optional
        Only the events of these.
    kept : Kept, optional
        What was found of sources on this raster, at these points, in this wind; read, and added to. The result is the
        same with it and without.

    Returns
    -------
    RiskSums
        The sums of a park without some units plus those of these units are the sums of the whole park, bit for bit.

    Raises
    ------
    ParkRiskError
        As in `individual_risk`.
    OutOfRange
        As in `individual_risk`; or a unit has no events.
    """
    _check(raster, points_xy)
    chosen = events if units is None else of_units(events, units)
    loads = Loads(chosen, wind, grid, rose, presence)
    footprints = library_of(chosen, grid, library)
    corner = np.array([raster.x0, raster.y0, raster.cell])
    known = Kept() if kept is None else kept
    stamper = Stamper(loads, grid, corner, (raster.ny, raster.nx), footprints, known)
    adder = PointAdder(loads, grid, points_xy, footprints, known)
    groups = loads.alike()

    def add(alike: Alike) -> int:
        rings = stamper.add(alike)
        adder.add(alike)  # with the same footprints
        return rings

    reached = share(groups, add, "individual", progress)
    edge = (unit for group, rings in zip(groups, reached, strict=True) if rings == grid.n_rings for unit in group.units)
    return RiskSums(stamper.levels(), adder.sums(), frozenset(edge))


def _check(raster: Raster, points_xy: Floats) -> None:
    if not np.isfinite(points_xy).all() or not np.isfinite([raster.x0, raster.y0, raster.cell]).all():
        raise ParkRiskError("栅格与计算点的坐标必须是有限数", "coordinates of raster and points must be finite")
    if raster.nx < 1 or raster.ny < 1 or not raster.cell > 0.0:
        raise ParkRiskError("栅格至少要有一个单元", "a raster needs at least one cell of positive width")
    if raster.nx * raster.ny > CELL_LIMIT:
        need = raster.nx * raster.ny * (_CELL_MEMORY[0] * numba.get_num_threads() + _CELL_MEMORY[1]) / 1e9
        raise OutOfRange(
            f"栅格有 {raster.nx * raster.ny} 个单元，超过上限 {CELL_LIMIT}，约需 {need:.0f} GB 内存；"
            "请加大单元或缩小范围",
            f"raster of {raster.nx * raster.ny} cells, more than {CELL_LIMIT}: it would take some {need:.0f} GB; "
            "take wider cells or a smaller area",
        )
