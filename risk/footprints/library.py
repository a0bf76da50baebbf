"""Footprints computed once each and kept packed, and the frame in which sources, wind and people meet.

Both kinds of risk read footprints from here, source after source, so that a park larger than memory still runs.
"""

import bisect
import itertools
import operator
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse
from numpy.typing import NDArray

from parkrisk.models.errors import OutOfRange, ParkRiskError
from parkrisk.models.footprint import PolarGrid
from parkrisk.risk.footprints.footprint_store import FootprintStore, footprint_key, worth_keeping
from parkrisk.risk.footprints.matching import places_in
from parkrisk.risk.footprints.overflow import Overflow
from parkrisk.risk.footprints.packed import Packed, Rings, from_inside, pack, rings_of
from parkrisk.risk.sharing import Progress, share
from parkrisk.scenarios.events.expand import Events, Outcome
from parkrisk.scenarios.receptors import WindRose

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

#: Above this sum of event frequencies the fixed-point sums could overflow (at 8 per year). [1/yr]
FREQUENCY_LIMIT = 4.0


class FootprintLibrary:
    """Packed footprints of distinct outcomes, each computed on first use and kept, in memory or in a temporary file.

    Parameters
    ----------
    outcomes : sequence of Outcome
        Distinct, as in ``Events.outcomes``.
    grid : PolarGrid
        The grid of every footprint.
    budget : int, optional
        Memory for kept footprints; the rest lies in the file, or is computed again where the disk has no room. [B]
    earlier : FootprintLibrary, optional
        Of another park: what it kept of the same outcomes on the same grid, in memory or in files, is taken over.
    store : FootprintStore, optional
        Where footprints of earlier runs are looked for, and new ones are kept for later ones.

    Attributes
    ----------
    taken, read, computed : int
        Footprints taken over from ``earlier``, read from the store, computed.
    """

    def __init__(
        self,
        outcomes: Sequence[Outcome],
        grid: PolarGrid,
        *,
        budget: int = 1 << 29,
        earlier: "FootprintLibrary | None" = None,
        store: FootprintStore | None = None,
    ) -> None:
        self.outcomes = outcomes
        self.grid = grid
        self.budget = budget
        self.store = store
        self.used = 0
        self.taken = self.read = self.computed = 0
        self._kept: dict[int, Packed] = {}
        self._overflow = Overflow()
        self._lock = threading.Lock()
        if earlier is not None and earlier.grid == grid and earlier.outcomes:
            self._take_over(earlier)
        else:
            self._reach = np.full(len(outcomes), np.nan)
            self._rings: list[Rings | None] = [None] * len(outcomes)

    def _take_over(self, earlier: "FootprintLibrary") -> None:
        place = np.array(places_in(earlier.outcomes, self.outcomes), dtype=np.intp)
        there = np.flatnonzero(place >= 0)
        self._reach = np.where(place >= 0, earlier._reach[place], np.nan)
        self._rings = [earlier._rings[before] if before >= 0 else None for before in place.tolist()]
        kept = dict(earlier._kept)
        pairs = list(zip(there.tolist(), place[there].tolist(), strict=True))
        found = {index: kept[before] for index, before in pairs if before in kept}
        ends = list(itertools.accumulate(packed.size for packed in found.values()))
        in_memory = bisect.bisect_right(ends, self.budget)
        self._kept = dict(itertools.islice(found.items(), in_memory))
        self.used = ends[in_memory - 1] if in_memory else 0
        self._overflow = earlier._overflow.renumbered(pairs)
        self.taken = in_memory + len(self._overflow)

    def __getitem__(self, index: int) -> Packed:
        """Packed footprint of ``outcomes[index]``."""
        known = self._kept.get(index)
        if known is not None:
            return known
        beyond = self._overflow.get(index)
        if beyond is not None:
            return Packed.from_bytes(beyond)
        packed = self._found(index)
        if self._rings[index] is None:
            self._reach[index], self._rings[index] = packed.reach(self.grid), rings_of(packed, self.grid)
        with self._lock:
            room = self.used + packed.size <= self.budget
            if room and index not in self._kept:
                self._kept[index] = packed
                self.used += packed.size
        if not room:
            self._overflow.put(index, packed.to_bytes())
        return packed

    def reach(self, index: int) -> float:
        """Distance beyond which nobody dies of ``outcomes[index]``; its footprint is not needed a second time. [m]"""
        if np.isnan(self._reach[index]):
            self[index]  # is measured when it is found
        return float(self._reach[index])

    def reaches(self, count: int) -> Floats:
        """`reach` of the first so many, shape (count,). [m]"""
        for index in np.flatnonzero(np.isnan(self._reach[:count])).tolist():
            self.reach(index)
        return self._reach[:count]

    def ring_integrals(self, first: int, end: int) -> tuple[scipy.sparse.csr_array, scipy.sparse.csr_array]:
        """Integrate the lethality of footprints over the angle on each ring; each is needed once.

        Returns
        -------
        tuple of sparse array, shape (end - first, n_rings)
            Of the footprints from ``first`` on, up to ``end`` [rad], and of their discs there [-].
        """
        missing = [index for index in range(first, end) if self._rings[index] is None]
        share(missing, self._find, "reach")
        found = [rings for rings in self._rings[first:end] if rings is not None]
        whole, discs = (from_inside([rings[part] for rings in found], self.grid.n_rings) for part in range(2))
        return whole, discs

    def _find(self, index: int) -> None:
        """Find a footprint without holding it."""
        self[index]

    def _found(self, index: int) -> Packed:
        """Footprint from the store, or computed and, where that took long, put there."""
        outcome = self.outcomes[index]
        key = None if self.store is None else footprint_key(outcome, self.grid)
        data = None if self.store is None or key is None else self.store.get(key)
        if data is not None:
            with self._lock:
                self.read += 1
            return Packed.from_bytes(data)
        start = time.thread_time()
        packed = pack(outcome.footprint(self.grid), self.grid)
        seconds = time.thread_time() - start
        if self.store is not None and key is not None and worth_keeping(seconds, packed.size):
            self.store.put(key, packed.to_bytes())
        with self._lock:
            self.computed += 1
        return packed

    def fill(self, *, progress: Progress | None = None) -> "FootprintLibrary":
        """Find all footprints, and return the library."""
        count = len(self.outcomes)
        missing = [index for index in range(count) if index not in self._kept]
        if progress is not None and not missing:
            progress("footprints", count, count)
        share(missing, self._find, "footprints", progress)
        if self.store is not None:
            self.store.flush()
        return self


def library_of(events: Events, grid: PolarGrid, library: FootprintLibrary | None) -> FootprintLibrary:
    """Give the library to read from: the given one, if it is of these outcomes on this grid, or a new one.

    Raises
    ------
    ParkRiskError
        If the given library is another park's or on another grid.
    """
    if library is None:
        return FootprintLibrary(events.outcomes, grid)
    same = library.grid == grid and len(library.outcomes) >= len(events.outcomes)
    if not (same and all(map(operator.is_, events.outcomes, library.outcomes))):
        raise ParkRiskError("足迹库与事件或网格不符", "the footprint library is not of these events on this grid")
    return library


@dataclass(frozen=True)
class Source:
    """The events of one unit at one place.

    Parameters
    ----------
    unit_id, enterprise_id : str
    x, y : float
        [m]
    rows : int64 array
        Rows of ``Events.table``, ordered by event_id, so that sums over them do not depend on the table's order.
    """

    unit_id: str
    enterprise_id: str
    x: float
    y: float
    rows: Integers


def sources_by_unit(events: Events) -> list[tuple[str, list[Source]]]:
    """Group events by unit and place, in an order that does not depend on the table's order.

    Raises
    ------
    ParkRiskError
        If a frequency is negative or not a number, or an event has no unit or no place.
    OutOfRange
        If frequencies sum to more than 4 per year.
    """
    table = events.table
    frequency = table["frequency"].to_numpy(dtype=np.float64)
    if frequency.size and not (np.isfinite(frequency).all() and frequency.min() >= 0.0):
        raise ParkRiskError("事件频率必须是非负数", "event frequencies must be numbers not below 0")
    if not np.isfinite(table[["x", "y"]].to_numpy(dtype=np.float64)).all() or table["unit_id"].isna().any():
        raise ParkRiskError("事件缺少设备编号或坐标", "events need a unit and coordinates")
    if float(frequency.sum()) > FREQUENCY_LIMIT:
        raise OutOfRange(
            f"事件频率之和 {frequency.sum():.3g} 次/年超过上限 {FREQUENCY_LIMIT:g}",
            f"event frequencies sum to {frequency.sum():.3g} per year, more than {FREQUENCY_LIMIT:g}",
        )
    number, names = pd.factorize(table["unit_id"].to_numpy(dtype=object), sort=True)
    x, y = (table[name].to_numpy(dtype=np.float64) for name in ("x", "y"))
    by_event = (
        np.arange(len(table))
        if table["event_id"].is_monotonic_increasing
        else np.argsort(table["event_id"].to_numpy(dtype=object), kind="stable")
    )
    order = by_event[np.lexsort((y[by_event], x[by_event], number[by_event]))].astype(np.int64)
    unit, x, y = number[order], x[order], y[order]
    begins = np.flatnonzero((unit[1:] != unit[:-1]) | (x[1:] != x[:-1]) | (y[1:] != y[:-1])) + 1
    enterprise = table["enterprise_id"].to_numpy(dtype=object)
    units: dict[str, list[Source]] = {}
    for first, rows in zip([0, *begins.tolist()], np.split(order, begins) if order.size else [], strict=False):
        source = Source(
            unit_id=str(names[unit[first]]),
            enterprise_id=str(enterprise[rows[0]]),
            x=float(x[first]),
            y=float(y[first]),
            rows=rows,
        )
        units.setdefault(source.unit_id, []).append(source)
    return list(units.items())


def checked_rose(rose: WindRose, grid: PolarGrid, events: Events) -> Floats:
    """Probability of (period, weather, sector), after checks.

    Raises
    ------
    ParkRiskError
        If it is not a probability, does not sum to 1, its sectors do not end on bin edges of the grid, or its weather
        classes are not those of the events.
    """
    probability = np.ascontiguousarray(rose.probability, dtype=np.float64)
    if probability.ndim != 3 or not np.isfinite(probability).all() or probability.min() < 0.0:
        raise ParkRiskError("风玫瑰概率必须是非负数", "probabilities of the wind rose must be numbers not below 0")
    if abs(float(probability.sum()) - 1.0) > 1e-6:
        raise ParkRiskError(
            f"风玫瑰概率之和为 {probability.sum():.6g}，应为 1",
            f"probabilities of the wind rose sum to {probability.sum():.6g}, not 1",
        )
    if grid.n_bins % probability.shape[2] or grid.n_bins % 2:
        raise ParkRiskError(
            f"极坐标网格的 {grid.n_bins} 个角格不能被 {probability.shape[2]} 个风向整除",
            f"{grid.n_bins} angular bins of the polar grid cannot be shared by {probability.shape[2]} wind sectors",
        )
    if events.outcome_index.shape != (len(events.table), probability.shape[1]):
        raise ParkRiskError("事件表与风玫瑰的天气类别数不符", "events and wind rose differ in their weather classes")
    return probability


def direction_probability(rose: WindRose, grid: PolarGrid) -> Floats:
    """Probability of period, weather and direction, shape (2, n_weathers, n_bins).

    Bins are those of the polar frame. The rose is constant within each of its sectors.
    """
    per_sector = grid.n_bins // rose.probability.shape[2]
    return np.repeat(np.asarray(rose.probability, dtype=np.float64) / per_sector, per_sector, axis=2)


def polar_frame(grid: PolarGrid, n_sectors: int) -> Floats:
    """Where a polar grid lies, as kernels read it: r_min [m], step in ln r, turn from math angle to the frame [rad].

    Sector k is centred on the angle k·2π/n, so its edges fall half a sector beside; in the frame they are multiples of
    2π/n, and every bin lies in exactly one sector.
    """
    step = np.log(grid.r_max / grid.r_min) / (grid.n_rings - 1)
    return np.array([grid.r_min, step, np.pi / n_sectors])
