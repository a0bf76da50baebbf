"""Societal risk: how often how many people die at once, from every event, weather, wind direction, by day and night.

People are put on the polar grid of each source with the weights that interpolate between its nodes, so that expected
deaths equal the sum over people of their own risk. Frequencies are summed as integers over fixed classes of deaths:
the curve does not depend on threads or on the order of events.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from parkrisk.models.errors import ParkRiskError
from parkrisk.models.footprint import INDOOR, OUTDOOR, PolarGrid
from parkrisk.risk import correlation
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
from parkrisk.scenarios.expand import Events
from parkrisk.scenarios.receptors import People, WindRose

#: Decades of deaths that are told apart, from 1 up, and classes in each.
DECADES = 7
PER_DECADE = 100
#: Numbers of deaths for which every event's own frequency is given.
THRESHOLDS = (1.0, 10.0, 100.0)


def death_classes() -> Floats:
    """Lower edges of the classes of deaths: 100 per decade, and 3, 30, 300, ... where criteria have their corners."""
    exponents = np.arange(DECADES * PER_DECADE) / PER_DECADE
    regular = 10.0**exponents
    regular[::PER_DECADE] = [float(10**decade) for decade in range(DECADES)]
    return np.sort(np.concatenate([regular, [3.0 * 10**decade for decade in range(DECADES)]]))


@dataclass(frozen=True)
class SocietalRisk:
    """Societal risk of a park.

    Parameters
    ----------
    fn : DataFrame
        N, F: frequency of N or more deaths at once [1/yr], at every class edge from 1 to the largest number found.
    pll : float
        Expected deaths, numbers below 1 included. [1/yr]
    pll_by_unit, pll_by_substance, pll_by_enterprise : Series
        Its parts by source unit, by CAS number and by the enterprise the source belongs to. [1/yr]
    tail : DataFrame
        One row per event that can kill somebody: event_id, unit_id, outcome, n_max (largest expected number of
        deaths), pll, f_1, f_10, f_100 (its frequency of so many deaths) [1/yr]; most deaths first.
    histogram : int64 array, shape (n_units, n_classes)
        Frequency in each class of deaths by unit, as integers of 2^-60 per year; adds and subtracts exactly.
    unit_ids : tuple of str
        Rows of ``histogram``.
    edges : array, shape (n_classes,)
        Lower edges of the classes.
    """

    fn: pd.DataFrame
    pll: float
    pll_by_unit: "pd.Series[float]"
    pll_by_substance: "pd.Series[float]"
    pll_by_enterprise: "pd.Series[float]"
    tail: pd.DataFrame
    histogram: Integers
    unit_ids: tuple[str, ...]
    edges: Floats


def societal_risk(
    events: Events,
    rose: WindRose,
    grid: PolarGrid,
    people: People,
    *,
    library: FootprintLibrary | None = None,
    progress: Progress | None = None,
) -> SocietalRisk:
    """F-N curve and expected deaths of all events.

    Parameters
    ----------
    events : Events
    rose : WindRose
        Joint probability of period (day, night), weather and direction.
    grid : PolarGrid
    people : People
        Those of the enterprise that owns the source are not counted.
    library : FootprintLibrary, optional
        Footprints of ``events.outcomes`` on this grid; without it they are computed here.
    progress : callable, optional
        Called as ``progress("societal", done, total)``, total in units.

    Returns
    -------
    SocietalRisk

    Raises
    ------
    ParkRiskError
        If the rose, the people, the frequencies or the footprints cannot be used.
    OutOfRange
        If frequencies sum to more than 4 per year.

    Notes
    -----
    N = Σ persons × probability of death for each event, weather, direction and period; societal risk counts the public
    and the staff of surrounding enterprises (GB 36894-2018). For wind directions the mean over each angular bin
    is taken. Discs count everybody within by his own position.
    """
    probability = checked_rose(rose, grid, events)
    units = sources_by_unit(events)
    counter = _Counter(events, probability, grid, people, library_of(events, grid, library))
    results = share(units, lambda unit: counter.unit(unit[1]), "societal", progress)
    histogram = np.zeros((len(units), counter.edges.size), dtype=np.int64)
    figures = np.zeros((len(events.table), 2 + len(THRESHOLDS)))
    for row, (unit_histogram, rows, unit_figures) in enumerate(results):
        histogram[row] = unit_histogram
        figures[rows] = unit_figures
    return collected(events.table, [unit_id for unit_id, _ in units], histogram, figures)


def collected(table: pd.DataFrame, unit_ids: Sequence[str], histogram: Integers, figures: Floats) -> SocietalRisk:
    """Societal risk of a park from what its units and events add to it.

    Parameters
    ----------
    table : DataFrame
        Of the events.
    unit_ids : sequence of str
    histogram : int64 array, shape (n_units, n_classes)
        As ``SocietalRisk.histogram``.
    figures : array, shape (n_events, 5)
        Expected deaths [1/yr], largest number, frequency of each number of `THRESHOLDS` [1/yr].
    """
    edges = death_classes()
    return SocietalRisk(
        fn=_curve(histogram.sum(axis=0), edges),
        pll=math.fsum(figures[:, 0]),
        pll_by_unit=_parts(table, "unit_id", figures[:, 0]),
        pll_by_substance=_parts(table, "cas", figures[:, 0]),
        pll_by_enterprise=_parts(table, "enterprise_id", figures[:, 0]),
        tail=_tail(table, figures),
        histogram=histogram,
        unit_ids=tuple(unit_ids),
        edges=edges,
    )


def _curve(histogram: Integers, edges: Floats) -> pd.DataFrame:
    """F(N) at every edge up to the last class in use; the whole sum of frequencies is at most 4."""
    at_least = np.cumsum(histogram[::-1])[::-1]
    used = int(np.count_nonzero(at_least))
    return pd.DataFrame({"N": edges[:used], "F": at_least[:used] / correlation.FIXED_POINT})


def _parts(table: pd.DataFrame, column: str, values: Floats) -> "pd.Series[float]":
    """Exactly rounded sums by name: the order of rows does not matter."""
    groups: dict[str, list[float]] = {}
    for name, value in zip(table[column], values.tolist(), strict=True):
        groups.setdefault(str(name), []).append(value)
    sums = {name: math.fsum(groups[name]) for name in sorted(groups)}
    return pd.Series(list(sums.values()), index=pd.Index(list(sums), name=column), name="pll", dtype=np.float64)


def _tail(table: pd.DataFrame, figures: Floats) -> pd.DataFrame:
    tail = table[["event_id", "unit_id", "outcome"]].copy()
    tail["n_max"] = figures[:, 1]
    tail["pll"] = figures[:, 0]
    for column, threshold in enumerate(THRESHOLDS):
        tail[f"f_{threshold:.0f}"] = figures[:, 2 + column]
    tail = tail[tail["pll"] > 0.0]
    return tail.sort_values(["n_max", "pll", "event_id"], ascending=[False, False, True], ignore_index=True)


class _Piece:
    """Working memory of one thread."""

    def __init__(self, grid: PolarGrid, n_people: int, n_sectors: int) -> None:
        self.table = np.zeros((grid.n_rings, grid.n_bins, 4))
        self.first = np.zeros(grid.n_rings + 1, dtype=np.int64)
        capacity = min(4 * n_people, grid.n_rings * grid.n_bins)
        self.node = np.zeros(capacity, dtype=np.int64)
        self.counts = np.zeros((capacity, 4))
        self.squares = np.zeros(n_people)
        self.work = np.zeros((4, 2 * grid.n_bins))
        self.deaths = np.zeros((2, grid.n_bins))
        self.means = np.zeros((2, n_sectors))
        self.largest = np.zeros((2, n_sectors))
        self.shares = np.zeros((len(THRESHOLDS), 2, n_sectors))


class _Crowd:
    """People around one source, as discs see them: sorted by distance, counts summed up."""

    def __init__(self, squares: Floats, counts: Floats) -> None:
        order = np.argsort(squares, kind="stable")
        self.squares = squares[order]
        self.within = np.concatenate([np.zeros((1, 4)), np.cumsum(counts[order], axis=0)])

    def deaths(self, packed: Packed) -> Floats:
        """Deaths by day and by night within the discs of a footprint, shape (2,)."""
        inside = self.within[np.searchsorted(self.squares, packed.disc_radius**2, side="right")]
        outdoor, indoor = packed.disc_lethality[OUTDOOR], packed.disc_lethality[INDOOR]
        by_day = float(outdoor @ inside[:, 0] + indoor @ inside[:, 1])
        by_night = float(outdoor @ inside[:, 2] + indoor @ inside[:, 3])
        return np.array([by_day, by_night])


class _Counter:
    """Counts the deaths of every event of one unit after the other."""

    def __init__(
        self, events: Events, probability: Floats, grid: PolarGrid, people: People, library: FootprintLibrary
    ) -> None:
        self.frequency = events.table["frequency"].to_numpy(dtype=np.float64)
        self.outcome_index = events.outcome_index
        self.probability = probability
        n_sectors = probability.shape[2]
        self.polar = polar_frame(grid, n_sectors)
        self.library = library
        self.edges = death_classes()
        self.thresholds = np.array(THRESHOLDS)
        self._take(people)
        self.scratch: Scratch[_Piece] = Scratch(lambda: _Piece(grid, self.xy.shape[0], n_sectors))

    def _take(self, people: People) -> None:
        """Bring people into one order, whatever the order of their table, and split them by period and shelter."""
        day, night = np.asarray(people.day, dtype=np.float64), np.asarray(people.night, dtype=np.float64)
        inside_day, inside_night = np.asarray(people.indoor_day), np.asarray(people.indoor_night)
        counts = np.stack(
            [day * (1.0 - inside_day), day * inside_day, night * (1.0 - inside_night), night * inside_night], axis=1
        )
        xy = np.stack([people.x, people.y], axis=1).astype(np.float64).reshape(-1, 2)
        if not (np.isfinite(xy).all() and np.isfinite(counts).all() and (counts >= 0.0).all()):
            raise ParkRiskError(
                "人口数据必须是有限的非负数，室内比例在 0 与 1 之间",
                "numbers of people must be finite and not below 0, indoor fractions within 0 and 1",
            )
        owner = np.asarray(people.enterprise_id, dtype=str)
        order = np.lexsort((*counts.T[::-1], owner, xy[:, 1], xy[:, 0]))
        self.xy = np.ascontiguousarray(xy[order])
        self.counts = np.ascontiguousarray(counts[order])
        self.owner = owner[order]

    def unit(self, sources: list[Source]) -> tuple[Integers, Integers, Floats]:
        """Histogram of a unit; its event rows; per event its PLL, largest number of deaths, F at the thresholds."""
        piece = self.scratch()
        histogram = np.zeros(self.edges.size, dtype=np.int64)
        figures = [self._source(piece, source, histogram) for source in sources]
        return histogram, np.concatenate([source.rows for source in sources]), np.concatenate(figures)

    def _source(self, piece: _Piece, source: Source, histogram: Integers) -> Floats:
        counts = self.counts
        own = (self.owner == source.enterprise_id) & (source.enterprise_id != "")
        if own.any():
            counts = counts * ~own[:, None]
        place = np.array([source.x, source.y])
        correlation.bin_people(self.xy, counts, place, self.polar, piece.table, piece.squares)
        correlation.occupied(piece.table, piece.first, piece.node, piece.counts)
        crowd = _Crowd(piece.squares, counts)
        frequency = self.frequency[source.rows]
        index = self.outcome_index[source.rows]
        figures = np.zeros((source.rows.size, 2 + len(THRESHOLDS)))
        for outcome in _in_order(index.ravel().tolist()):
            packed = self.library[outcome]
            chosen = index == outcome
            # Frequency of the outcome by period and sector: (events, weathers) against (periods, weathers, sectors).
            by_weather = (frequency[:, None] * chosen).sum(axis=0)
            weight = np.einsum("w,pwk->pk", by_weather, self.probability)
            always = self._deaths(piece, packed, crowd)
            correlation.tally(
                piece.deaths,
                always,
                weight,
                self.edges,
                self.thresholds,
                histogram,
                piece.means,
                piece.largest,
                piece.shares,
            )
            self._note(piece, chosen, frequency, figures)
        return figures

    def _deaths(self, piece: _Piece, packed: Packed, crowd: _Crowd) -> Floats:
        """Deaths by direction into the working memory; gives those in every direction."""
        correlation.deaths_by_direction(
            piece.first,
            piece.node,
            piece.counts,
            packed.start[OUTDOOR],
            packed.values[OUTDOOR],
            packed.start[INDOOR],
            packed.values[INDOOR],
            piece.work,
            piece.deaths,
        )
        return crowd.deaths(packed)

    def _note(self, piece: _Piece, chosen: Floats, frequency: Floats, figures: Floats) -> None:
        """Add what one outcome does to the figures of the events that have it."""
        expected = np.einsum("pwk,pk->w", self.probability, piece.means)
        reached = np.einsum("pwk,tpk->wt", self.probability, piece.shares)
        happens = self.probability > 0.0
        most = np.where(happens, piece.largest[:, None, :], 0.0).max(axis=(0, 2))
        figures[:, 0] += frequency * (chosen @ expected)
        figures[:, 1] = np.maximum(figures[:, 1], (chosen * most).max(axis=1, initial=0.0))
        figures[:, 2:] += frequency[:, None] * (chosen @ reached)


def _in_order(outcomes: Iterable[int]) -> list[int]:
    """Distinct outcomes in the order they first appear; -1 is none."""
    return [outcome for outcome in dict.fromkeys(outcomes) if outcome >= 0]
