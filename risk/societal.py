"""Societal risk: how often how many people die at once, from every event, weather, wind direction, by day and night.

People are put on the polar grid of each source with the weights that interpolate between its nodes, so that expected
deaths equal the sum over people of their own risk. Frequencies are summed as integers over fixed classes of deaths:
the curve does not depend on threads or on the order of events, and a unit's part depends on nothing but its own events
and the people around it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import pandas as pd

from parkrisk.models.errors import ParkRiskError
from parkrisk.models.footprint import PolarGrid
from parkrisk.risk.cascades.accidents import Accidents
from parkrisk.risk.crowds.counter import THRESHOLDS, Counted, Counter, KeptDeaths
from parkrisk.risk.crowds.crowd import Crowd
from parkrisk.risk.crowds.deaths import ALONE, EVERY, FIXED_POINT, PRIMARY
from parkrisk.risk.crowds.joint import HistoryDeaths, joint_deaths
from parkrisk.risk.footprints.library import (
    Floats,
    FootprintLibrary,
    Integers,
    Source,
    checked_rose,
    direction_probability,
    library_of,
    polar_frame,
    sources_by_unit,
)
from parkrisk.risk.origins import by_origin
from parkrisk.risk.sharing import Progress, share
from parkrisk.scenarios.events.expand import Events
from parkrisk.scenarios.receptors import People, WindRose

__all__ = ["SocietalRisk", "UnitRisk", "alone_shares", "societal_risk"]


@dataclass(frozen=True)
class UnitRisk:
    """What one unit adds to societal risk. Another run may use it as long as all it is made of stays the same.

    Parameters
    ----------
    event_ids : tuple of str
        Events of the unit.
    histograms : int64 array, shape (3, n_classes)
        Frequency in each class of deaths, as integers of 2^-60 per year, which add and subtract exactly: of all its
        events, of its primary ones, of what is an accident by itself.
    figures : array, shape (n_events, 5)
        By event: expected deaths [1/yr], largest number of deaths, frequency of 1, 10, 100 deaths or more [1/yr].
    alone : array, shape (n_events, n_weathers, n_sectors)
        Share of each event that is an accident by itself.
    """

    event_ids: tuple[str, ...]
    histograms: Integers
    figures: Floats
    alone: Floats

    @property
    def histogram(self) -> Integers:
        """Frequency in each class of deaths, every event counted by itself, shape (n_classes,). [2^-60/yr]"""
        every: Integers = self.histograms[EVERY]
        return every

    @property
    def pll(self) -> float:
        """Expected deaths. [1/yr]"""
        return math.fsum(self.figures[:, 0])


@dataclass(frozen=True)
class SocietalRisk:
    """Societal risk of a park.

    Parameters
    ----------
    fn : DataFrame
        N, F, F_standard_error, F_without_domino: frequency of accidents with N or more deaths, of all and with primary
        events only [1/yr], at every class edge from 1 to the largest number found. The error is that of the sampled
        cascades, NaN unless ``by_accidents``.
    pll : float
        Expected deaths, numbers below 1 included: the sum of everybody's own risk, event by event. [1/yr]
    pll_without_domino : float
        The part of primary events. [1/yr]
    pll_accidents : float
        ``pll`` less what it counts more than once: somebody whom several events of one accident reach dies once. [1/yr]
    counted_twice : float
        Expected deaths in the histories of cascades if those of every event were added, less those of the histories as
        a whole. [1/yr]
    by_accidents : bool
        Whether ``F`` counts what follows a primary event in one accident with it. False: no ``accidents`` were given,
        and events of cascades stand as accidents of their own.
    pll_by_unit, pll_by_substance, pll_by_enterprise : Series
        Its parts by source unit, by CAS number and by the enterprise the source belongs to; "" is transport, which
        belongs to nobody. [1/yr]
    pll_by_unit_without_domino : Series
        ``pll_without_domino`` by source unit. [1/yr]
    tail : DataFrame
        One row per event that can kill somebody: event_id, unit_id, outcome, n_max (largest expected number of
        deaths), pll, f_1, f_10, f_100 (its frequency of so many deaths) [1/yr]; most deaths first.
    units : mapping of str to UnitRisk
        Parts of the whole, by unit; what cascades bring about there stands by itself, named by
        `parkrisk.risk.origins.by_origin`.
    histories : HistoryDeaths or None
        Deaths in the histories of cascades; None unless they were given.
    edges : array, shape (n_classes,)
        Lower edges of the classes of deaths.
    kept : dict
        Deaths around sources, for the next run.
    """

    fn: pd.DataFrame
    pll: float
    pll_without_domino: float
    pll_accidents: float
    counted_twice: float
    by_accidents: bool
    pll_by_unit: "pd.Series[float]"
    pll_by_unit_without_domino: "pd.Series[float]"
    pll_by_substance: "pd.Series[float]"
    pll_by_enterprise: "pd.Series[float]"
    tail: pd.DataFrame
    units: Mapping[str, UnitRisk]
    histories: HistoryDeaths | None
    edges: Floats
    kept: KeptDeaths = field(repr=False)


def societal_risk(
    events: Events,
    rose: WindRose,
    grid: PolarGrid,
    people: People,
    *,
    accidents: Accidents | None = None,
    library: FootprintLibrary | None = None,
    known: Mapping[str, UnitRisk] | None = None,
    known_histories: HistoryDeaths | None = None,
    known_deaths: KeptDeaths | None = None,
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
        The staff of the enterprise that owns the source is not counted; sources of nobody ("") count everybody. Rows
        at one place, or of areas that overlap, are different people and add up. People within the first ring of a
        source, or right on it, stand on that ring, and within its discs.
    accidents : Accidents, optional
        Which primary events are followed by others, and by which; without it every event is an accident by itself.
    library : FootprintLibrary, optional
        Footprints of ``events.outcomes`` on this grid; without it they are computed here.
    known : mapping of str to UnitRisk, optional
        Parts of units taken from ``SocietalRisk.units`` of another run in which their events, outcomes, places and
        owners, the people, the rose and the grid were the same. They are not computed again, unless another share of
        them is an accident by itself; the result is the same to the bit. Units that no longer exist are passed over.
    known_histories : HistoryDeaths, optional
        ``SocietalRisk.histories`` of any other run: histories that are told to be the same are not counted again.
    known_deaths : dict, optional
        ``SocietalRisk.kept`` of another run with the same people, rose and grid; read, and added to.
    progress : callable, optional
        Called as ``progress("societal", done, total)``, total in groups of sources.

    Returns
    -------
    SocietalRisk

    Raises
    ------
    ParkRiskError
        If the rose, the people, the frequencies or the footprints cannot be used, or a known unit had other events.
    OutOfRange
        If frequencies sum to more than 4 per year.

    Notes
    -----
    N = Σ persons × probability of death for each event, weather, direction and period; societal risk counts the public
    and the staff of surrounding enterprises (GB 36894-2018). For wind directions the mean over each angular bin
    is taken. Discs count everybody within by his own position.

    An accident is a primary event and all that follows it. Where nothing follows, its deaths are those of the event, in
    every wind direction. Where something follows, they are counted in each history of the cascade, in one wind and one
    direction for all of its events: N = Σ persons × (1 − Π_events (1 − probability of death)), without the staff of an
    event's own owner. Histories are a sample, primary events are not: where the sample puts the curve below that of
    primary events alone, which it cannot be, it is drawn on it. What none of the histories of a primary event shows is
    not in ``fn``, however many it would kill: an escalation rarer than one in their number, given the event, may be
    missing there, while ``pll`` counts direct escalations exactly. ``pll`` stays a sum over events, with what cascades
    bring about in the winds of the rose, so that it equals the sum of individual risks.
    """
    checked_rose(rose, grid, events)
    alone = alone_shares(events, rose, accidents)
    units = {
        unit_id: (sources, np.concatenate([source.rows for source in sources]))
        for unit_id, sources in sources_by_unit(by_origin(events))
    }
    ids = events.table["event_id"].to_numpy(dtype=object)
    event_ids = {unit_id: tuple(ids[rows].tolist()) for unit_id, (_, rows) in units.items()}
    kept = {unit_id: part for unit_id, part in (known or {}).items() if unit_id in units}
    _check_known(kept, event_ids)
    kept = {unit_id: part for unit_id, part in kept.items() if np.array_equal(part.alone, alone[units[unit_id][1]])}
    crowd, footprints = Crowd(people), library_of(events, grid, library)
    counter = Counter(
        events,
        direction_probability(rose, grid),
        polar_frame(grid, rose.probability.shape[2]),
        grid,
        crowd,
        footprints,
        alone,
        KeptDeaths() if known_deaths is None else known_deaths,
    )
    open_units = {unit_id: sources for unit_id, (sources, _) in units.items() if unit_id not in kept}
    counted = _count(counter, open_units, progress)
    parts = {
        unit_id: kept[unit_id] if unit_id in kept else _unit_risk(event_ids[unit_id], counted[unit_id], alone[rows])
        for unit_id, (_, rows) in units.items()
    }
    figures = np.zeros((len(events.table), 2 + len(THRESHOLDS)))
    histograms = np.zeros((3, counter.edges.size), dtype=np.int64)
    for unit_id, (_, rows) in units.items():
        figures[rows] = parts[unit_id].figures
        histograms += parts[unit_id].histograms
    joint = None
    if accidents is not None:
        joint = joint_deaths(accidents, events, rose, grid, crowd, footprints, known_histories)
    primary = (events.table["origin"] != "domino").to_numpy(dtype=np.bool_)
    by_accidents = joint is not None or bool(primary.all())
    variance = np.full(counter.edges.size, 0.0 if by_accidents else np.nan)
    if joint is not None:
        histograms[ALONE] += joint.histogram
        variance = joint.variance
    pll, counted_twice = math.fsum(figures[:, 0]), 0.0 if joint is None else joint.separate - joint.expected
    return SocietalRisk(
        fn=_curves(histograms, variance, counter.edges),
        pll=pll,
        pll_without_domino=math.fsum(figures[primary, 0]),
        pll_accidents=pll - counted_twice,
        counted_twice=counted_twice,
        by_accidents=by_accidents,
        pll_by_unit=_parts(events.table, "unit_id", figures[:, 0]),
        pll_by_unit_without_domino=_parts(events.table[primary], "unit_id", figures[primary, 0]),
        pll_by_substance=_parts(events.table, "cas", figures[:, 0]),
        pll_by_enterprise=_parts(events.table, "enterprise_id", figures[:, 0]),
        tail=_tail(events.table, figures),
        units=MappingProxyType(parts),
        histories=None if joint is None else joint.histories,
        edges=counter.edges,
        kept=counter.kept,
    )


def alone_shares(events: Events, rose: WindRose, accidents: Accidents | None) -> Floats:
    """Share of each event that is an accident by itself, shape (n_events, n_weathers, n_sectors)."""
    alone = np.ones((len(events.table), *rose.probability.shape[1:]))
    if accidents is not None:
        alone[(events.table["origin"] == "domino").to_numpy()] = 0.0
        alone[pd.Index(events.table["event_id"]).get_indexer(pd.Index(accidents.events))] = accidents.alone
    return alone


def _check_known(known: Mapping[str, UnitRisk], event_ids: Mapping[str, tuple[str, ...]]) -> None:
    for unit_id, part in known.items():
        if part.event_ids != event_ids[unit_id]:
            raise ParkRiskError(
                f"设备 {unit_id} 的已有结果与其事件不符", f"the known result of unit {unit_id} is of other events"
            )


def _count(counter: Counter, units: Mapping[str, list[Source]], progress: Progress | None) -> dict[str, list[Counted]]:
    """Deaths around every source, sorted by unit."""
    batches = counter.batches(source for sources in units.values() for source in sources)
    results = share(batches, counter.count, "societal", progress)
    found = {
        (source.unit_id, source.x, source.y): counted
        for batch, together in zip(batches, results, strict=True)
        for source, counted in zip(batch, together, strict=True)
    }
    return {
        unit_id: [found[source.unit_id, source.x, source.y] for source in sources] for unit_id, sources in units.items()
    }


def _unit_risk(event_ids: tuple[str, ...], counted: list[Counted], alone: Floats) -> UnitRisk:
    one = len(counted) == 1  # a large park has tens of thousands: none twice
    histograms = counted[0].histograms if one else np.sum([source.histograms for source in counted], axis=0)
    figures = np.concatenate([source.figures for source in counted])
    for each in (histograms, figures, alone):
        each.setflags(write=False)
    return UnitRisk(event_ids, histograms, figures, alone)


def _curves(histograms: Integers, variance: Floats, edges: Floats) -> pd.DataFrame:
    """F(N) at every edge up to the last class in use; the whole sum of frequencies is at most 4."""
    at_least = np.cumsum(histograms[:, ::-1], axis=1)[:, ::-1]
    at_least[ALONE] = np.maximum(at_least[ALONE], at_least[PRIMARY])
    used = int(np.count_nonzero(at_least[ALONE]))
    frequency = at_least[:, :used] / FIXED_POINT
    return pd.DataFrame(
        {
            "N": edges[:used],
            "F": frequency[ALONE],
            "F_standard_error": np.sqrt(variance[:used]),
            "F_without_domino": frequency[PRIMARY],
        }
    )


def _parts(table: pd.DataFrame, column: str, values: Floats) -> "pd.Series[float]":
    """Exactly rounded sums by name: the order of rows does not matter."""
    groups: dict[str, list[float]] = {}
    for name, value in zip(table[column].tolist(), values.tolist(), strict=True):
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
