"""F-N curve of a project by itself at any place it is moved to: a bound for every cell, the curve itself where asked.

The curve is counted by the same code as that of a park, with the sources of the project at the place.
"""

import dataclasses

import numpy as np

from parkrisk.models.footprint import INDOOR, OUTDOOR, PolarGrid
from parkrisk.risk.crowds.counter import Counter, KeptDeaths
from parkrisk.risk.crowds.crowd import Crowd
from parkrisk.risk.crowds.deaths import EVERY, FIXED_POINT
from parkrisk.risk.footprints.library import (
    Floats,
    FootprintLibrary,
    Integers,
    Source,
    direction_probability,
    polar_frame,
    sources_by_unit,
)
from parkrisk.risk.footprints.packed import Packed
from parkrisk.risk.siting import translation
from parkrisk.scenarios.events.expand import Events
from parkrisk.scenarios.receptors import WindRose


class OwnDeaths:
    """Deaths that the events of a project cause by themselves.

    Parameters
    ----------
    events : Events
        Of the project; none may hang on the wind direction.
    wind : WindRose
    grid : PolarGrid
    crowd : Crowd
        Everybody around; the staff of the project's own enterprise is not counted among its deaths.
    library : FootprintLibrary
    middle : array, shape (2,)
        The point of the project that is laid on cells. [m]
    together : float
        Sources with the same outcomes that all lie this near to their middle, weighted by frequency, count as one
        there. [m]
    """

    def __init__(
        self,
        events: Events,
        wind: WindRose,
        grid: PolarGrid,
        crowd: Crowd,
        library: FootprintLibrary,
        middle: Floats,
        together: float,
    ) -> None:
        merged, self.sources = _together(events, together)
        self.middle, self.grid, self.crowd, self.library = middle, grid, crowd, library
        self.polar = polar_frame(grid, wind.n_sectors)
        self.share = np.ascontiguousarray(wind.probability.sum(axis=2))
        self.frequency = merged.table["frequency"].to_numpy(dtype=np.float64)
        self.outcome_index = np.asarray(merged.outcome_index, dtype=np.int64)
        alone = np.ones((len(merged.table), *wind.probability.shape[1:]))
        frame = (direction_probability(wind, grid), self.polar, grid)
        self.counter = Counter(merged, *frame, crowd, library, alone, KeptDeaths())
        self.edges = self.counter.edges
        self._heights = [self._height(source) for source in self.sources]

    def _places(self, source: Source, cells: Floats) -> Floats:
        return np.ascontiguousarray(cells + (np.array([source.x, source.y]) - self.middle))

    def _height(self, source: Source) -> tuple[Integers, Floats, float]:
        """Outcomes of the source's events by row, their highest lethality on each ring, and how far they reach."""
        rows = self.outcome_index[source.rows]
        outcomes = np.unique(rows[rows >= 0])
        height = np.zeros((2, self.grid.n_rings, outcomes.size))
        for at, outcome in enumerate(outcomes.tolist()):
            height[:, :, at] = _highest(self.library[outcome], self.grid)
        index = np.where(rows >= 0, np.searchsorted(outcomes, rows), -1)
        reach = max((self.library.reach(outcome) for outcome in outcomes.tolist()), default=0.0)
        return index, height, reach

    def bound(self, cells: Floats) -> Floats:
        """Frequency that is not below that of N or more deaths, shape (n_cells, n_classes). [1/yr]"""
        histogram = np.zeros((len(cells), self.edges.size))
        for source, (index, height, reach) in zip(self.sources, self._heights, strict=True):
            if not height.size:
                continue
            rings = np.zeros((len(cells), self.grid.n_rings, 4))
            staff = self.crowd.staff(source.enterprise_id)
            around = (self.crowd.xy, self.crowd.counts, staff, self._places(source, cells), self.polar, reach)
            translation.people_on_rings(*around, rings)
            deaths = np.stack([rings[:, :, c] @ height[0] + rings[:, :, c + 1] @ height[1] for c in (0, 2)], axis=1)
            frequency = self.frequency[source.rows]
            translation.add_bounds(deaths, index, frequency, self.share, self.edges, histogram)
        return _at_least(histogram)

    def curve(self, cells: Floats) -> Floats:
        """Frequency of N or more deaths, shape (n_cells, n_classes). [1/yr]"""
        total = np.zeros((len(cells), self.edges.size), dtype=np.int64)
        for source in self.sources:
            moved = [dataclasses.replace(source, x=float(x), y=float(y)) for x, y in self._places(source, cells)]
            found = [counted for batch in self.counter.batches(moved) for counted in self.counter.count(batch)]
            self.counter.kept.clear()  # no place comes twice
            total += np.array([counted.histograms[EVERY] for counted in found]).reshape(total.shape)
        return _at_least(total) / FIXED_POINT


def _at_least(histogram: Floats | Integers) -> Floats:
    """Sums from each class on; integers add up exactly."""
    return np.ascontiguousarray(np.cumsum(histogram[:, ::-1], axis=1)[:, ::-1], dtype=np.float64)


def _highest(packed: Packed, grid: PolarGrid) -> Floats:
    """Highest lethality that people on a ring meet, outdoors and indoors, discs included, shape (2, n_rings)."""
    found = np.zeros((2, grid.n_rings))
    for at, row in enumerate((OUTDOOR, INDOOR)):
        start, values = packed.start[row], packed.values[row]
        rings = np.flatnonzero(start[1:] > start[:-1])
        if rings.size:
            found[at, rings] = np.maximum.reduceat(values, start[rings])
        for radius, lethality in zip(packed.disc_radius, packed.disc_lethality[row], strict=True):
            # People within a disc stand on rings up to the next one beyond its edge.
            found[at, : int(np.searchsorted(grid.radius, radius)) + 1] += lethality
    return found


def _together(events: Events, near: float) -> tuple[Events, list[Source]]:
    """Events in which sources with the same outcomes that lie near to each other are one, and the sources."""
    groups: dict[tuple[str, bytes], list[Source]] = {}
    frequency = events.table["frequency"].to_numpy(dtype=np.float64, copy=True)
    for _, sources in sources_by_unit(events):
        for source in sources:
            groups.setdefault((source.enterprise_id, events.outcome_index[source.rows].tobytes()), []).append(source)
    found: list[Source] = []
    for members in groups.values():
        places = np.array([[source.x, source.y] for source in members])
        share = np.array([frequency[source.rows].sum() for source in members])
        middle = np.average(places, axis=0, weights=share) if share.any() else places.mean(axis=0)
        if len(members) == 1 or np.hypot(*(places - middle).T).max() > near:
            found += members
            continue
        frequency[members[0].rows] = sum(frequency[source.rows] for source in members)
        found.append(dataclasses.replace(members[0], x=float(middle[0]), y=float(middle[1])))
    return dataclasses.replace(events, table=events.table.assign(frequency=frequency)), found
