"""Counts the deaths around sources: those with the same outcomes together, each by itself."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.fft

from parkrisk.models.errors import ParkRiskError
from parkrisk.models.footprint import INDOOR, OUTDOOR, PolarGrid
from parkrisk.risk.crowds import correlation, deaths
from parkrisk.risk.crowds.crowd import Crowd
from parkrisk.risk.footprints import packing
from parkrisk.risk.footprints.library import Floats, FootprintLibrary, Integers, Source
from parkrisk.risk.footprints.packed import Packed, Singles
from parkrisk.risk.sharing import Scratch
from parkrisk.scenarios.events.expand import Events, Outcome

#: Numbers of deaths for which every event's own frequency is given; edges of classes.
THRESHOLDS = (1.0, 10.0, 100.0)

#: Sources that are worked on together share the waves of their footprints; more of them take more memory ...
_MOST_SOURCES = 16
#: ... and so do more outcomes.
_MOST_PAIRS = 2048
#: Sources around which deaths are kept.
_MOST_KEPT = 4096


class Deaths(NamedTuple):
    """Deaths around a source by outcome, period and direction, and how far from it somebody may die. [m]"""

    outcomes: list[Outcome]
    reach: float
    found: Floats


class KeptDeaths(dict[tuple[tuple[int, ...], float, float, str], Deaths]):
    """Deaths by what brings them about (as objects: a copy in another process begins empty), where and whose it is."""

    def __reduce__(self) -> tuple[type["KeptDeaths"], tuple[()]]:
        """Leave the content behind."""
        return KeptDeaths, ()


@dataclass(frozen=True)
class Counted:
    """Deaths around one source.

    Parameters
    ----------
    histograms : int64 array, shape (3, n_classes)
        Frequency in each class of deaths, rows EVERY, PRIMARY, ALONE of `parkrisk.risk.crowds.deaths`. [2^-60/yr]
    figures : array, shape (n_events, 2 + len(THRESHOLDS))
        In the order of ``Source.rows``: expected deaths [1/yr], largest number of deaths, frequency of reaching each
        threshold [1/yr].
    """

    histograms: Integers
    figures: Floats


class _Bundle:
    """Footprints of several outcomes as one, outdoors and indoors."""

    def __init__(self, footprints: Sequence[Packed]) -> None:
        both = [(each, row) for each in footprints for row in (OUTDOOR, INDOOR)]
        self.rows = [(each.start[row], each.lead[row], each.values[row]) for each, row in both]
        widths = np.stack([start[1:] - start[:-1] + lead for start, lead, _ in self.rows], axis=1)
        #: First bin of every ring among all of its own footprint, shape (n_rings + 1, n_outcomes, 2).
        self.start = np.zeros((len(widths) + 1, len(footprints), 2), dtype=np.int64)
        np.cumsum(widths.reshape(-1, len(footprints), 2), axis=0, out=self.start[1:])
        self.reached = (self.start[1:] > self.start[:-1]).any(axis=(1, 2))
        radii = np.concatenate([packed.disc_radius for packed in footprints])
        self.disc_radius, radius = np.unique(radii, return_inverse=True)
        outcome = np.repeat(np.arange(len(footprints)), [packed.disc_radius.size for packed in footprints])
        lethality = np.concatenate([packed.disc_lethality for packed in footprints], axis=1)
        self.disc_lethality = np.zeros((2, len(footprints), self.disc_radius.size))
        for total, added in zip(self.disc_lethality, lethality[[OUTDOOR, INDOOR]], strict=True):
            np.add.at(total, (outcome, radius), added)

    def bins(self, rings: Integers) -> tuple[Integers, Integers, Singles]:
        """Bins of some rings as `correlation.correlate` reads them: begin and count by ring and outcome, values."""
        first, end = rings[0], rings[-1] + 1
        count = np.zeros_like(self.start[:-1])
        count[rings] = self.start[rings + 1] - self.start[rings]
        low, high = self.start[first].ravel(), self.start[end].ravel()
        chosen = [packing.widen(*row, (int(first), int(end))) for row in self.rows]
        before = np.concatenate([[0], np.cumsum(high - low)[:-1]]) - low
        return self.start[:-1] + before.reshape(self.start.shape[1:]), count, np.concatenate(chosen)

    def always(self, within: Floats) -> Floats:
        """Deaths within discs, by outcome and period, from the people within each radius."""
        by_day, by_night = (
            (self.disc_lethality * within[:, [c, c + 1]].T[:, None, :]).sum(axis=(0, 2)) for c in (0, 2)
        )
        return np.stack([by_day, by_night], axis=1)


class Counter:
    """Deaths of events around their sources.

    Parameters
    ----------
    events : Events
    probability : array, shape (2, n_weathers, n_bins)
        Of period, weather and direction.
    polar : array, shape (3,)
        From `parkrisk.risk.footprints.library.polar_frame`.
    grid : PolarGrid
    crowd : Crowd
    library : FootprintLibrary
    alone : array, shape (n_events, n_weathers, n_sectors)
        Share of each event that is an accident by itself.
    kept : dict
        Deaths around sources with few outcomes among the same people; read, and added to.

    Raises
    ------
    ParkRiskError
        If the probabilities by direction do not fit the grid or are none.
    """

    def __init__(
        self,
        events: Events,
        probability: Floats,
        polar: Floats,
        grid: PolarGrid,
        crowd: Crowd,
        library: FootprintLibrary,
        alone: Floats,
        kept: KeptDeaths,
    ) -> None:
        self.kept = kept
        self.primary = (events.table["origin"] != "domino").to_numpy(dtype=np.bool_)
        self.alone = alone
        self.frequency = events.table["frequency"].to_numpy(dtype=np.float64)
        self.outcome_index = events.outcome_index
        self.probability = probability
        self.chances, self.chance_index = direction_chances(events, grid)
        self.grid = grid
        self.polar = polar
        self.crowd = crowd
        self.library = library
        self.cosine = correlation.cosines(grid.n_bins)
        self.edges = deaths.death_classes()
        self.guide = deaths.class_guide(self.edges)
        self.thresholds = np.searchsorted(self.edges, THRESHOLDS)
        self.scratch: Scratch[Floats] = Scratch(lambda: np.zeros((grid.n_rings, grid.n_bins, 4)))

    def batches(self, sources: Iterable[Source]) -> list[list[Source]]:
        """Sources in groups that share their outcomes."""
        alike: dict[tuple[int, ...], list[Source]] = {}
        for source in sources:
            alike.setdefault(self._outcomes(source), []).append(source)
        return [batch for outcomes, group in alike.items() for batch in _parts(group, len(outcomes))]

    def _outcomes(self, source: Source) -> tuple[int, ...]:
        """Distinct outcomes of a source, in an order that depends on nothing but its own events."""
        index = self.outcome_index[source.rows].ravel().tolist()
        return tuple(outcome for outcome in dict.fromkeys(index) if outcome >= 0)

    def count(self, batch: list[Source]) -> list[Counted]:
        """Deaths around every source of a batch; those of each do not depend on the others."""
        outcomes = self._outcomes(batch[0])
        if not outcomes:
            return [self._tally(source, outcomes, np.zeros((0, 2, self.grid.n_bins))) for source in batch]
        things = [self.library.outcomes[outcome] for outcome in outcomes]
        what = tuple(map(id, things))
        keys = [(what, source.x, source.y, source.enterprise_id) for source in batch]
        found = {key: self.kept[key].found for key in keys if key in self.kept}
        anew = {key: source for key, source in zip(keys, batch, strict=True) if key not in found}
        if anew:
            bundle = _Bundle([self.library[outcome] for outcome in outcomes])
            for (key, source), wave in zip(anew.items(), self._waves(list(anew.values()), bundle), strict=True):
                found[key] = self._deaths(source, bundle, wave)
                few = len(outcomes) <= self.outcome_index.shape[1]  # as many as one event has
                if few and len(self.kept) < _MOST_KEPT:
                    reach = max(map(self.library.reach, outcomes))
                    self.kept[key] = Deaths(things, reach, found[key])
        return [self._tally(source, outcomes, found[key]) for source, key in zip(batch, keys, strict=True)]

    def _waves(self, batch: list[Source], bundle: _Bundle) -> correlation.Complexes:
        """Waves of the deaths around each source, by outcome and period."""
        n_blocks, half, lanes = self.cosine.shape
        waves = np.zeros((len(batch), bundle.start.shape[1], 2, half + 1), dtype=np.complex128)
        around = [self._people(source, bundle) for source in batch]
        peopled = np.unique(np.concatenate([rings for _, rings in around]))
        if peopled.size:
            together = correlation.TOGETHER
            groups = np.unique(peopled // together)
            people = np.empty((len(batch), n_blocks, groups.size, together, 8, lanes))
            for (transform, rings), each in zip(around, people, strict=True):
                place = np.searchsorted(groups, rings // together) * together + rings % together
                correlation.fill_waves(transform, place, each)
            correlation.correlate(self.cosine, groups, *bundle.bins(peopled), people, waves)
        return waves

    def _people(self, source: Source, bundle: _Bundle) -> tuple[correlation.Complexes, Integers]:
        """Fourier transform around the circle of the people on each ring, and which rings these are."""
        table = self.scratch()
        peopled = np.zeros(self.grid.n_rings, dtype=np.bool_)
        if bundle.reached.any():
            outermost = min(int(np.flatnonzero(bundle.reached)[-1]) + 1, self.grid.n_rings - 1)
            reach = float(self.grid.radius[outermost]) * (1.0 + 1e-9)
            correlation.bin_people(*self._others(source), self.polar, reach, table, peopled)
        rings = np.flatnonzero(bundle.reached & peopled)
        transform = scipy.fft.rfft(table[rings], axis=1, workers=1) if rings.size else np.zeros((0, 1, 4), complex)
        table[peopled] = 0.0
        return transform, rings

    def _others(self, source: Source) -> tuple[Floats, Floats, tuple[int, int], Floats]:
        """Everybody, which of them are the staff of the source's owner, and the source's place."""
        staff = self.crowd.staff(source.enterprise_id)
        return self.crowd.xy, self.crowd.counts, staff, np.array([source.x, source.y])

    def _deaths(self, source: Source, bundle: _Bundle, waves: correlation.Complexes) -> Floats:
        """Deaths by outcome, period and direction."""
        found: Floats = scipy.fft.irfft(waves, n=self.grid.n_bins, axis=2, workers=1)
        always = np.zeros((waves.shape[0], 2))
        if bundle.disc_radius.size:
            within = np.empty((bundle.disc_radius.size, 4))
            correlation.count_within(*self._others(source), bundle.disc_radius, within)
            always = bundle.always(within)
        deaths.settle(found, always)
        return found

    def _tally(self, source: Source, outcomes: tuple[int, ...], found: Floats) -> Counted:
        rows = self.outcome_index[source.rows]
        known, place = np.unique(np.array(outcomes, dtype=np.int64), return_index=True)
        number = np.append(place, -1)[np.searchsorted(known, rows)]
        number[rows < 0] = -1
        histograms = np.zeros((3, self.edges.size), dtype=np.int64)
        figures = np.zeros((source.rows.size, 2 + len(THRESHOLDS)))
        deaths.tally(
            found,
            number,
            self.chance_index[source.rows],
            self.frequency[source.rows],
            self.probability,
            self.chances,
            self.alone[source.rows],
            self.primary[source.rows],
            self.edges,
            self.guide,
            self.thresholds,
            histograms,
            figures,
        )
        return Counted(histograms, figures)


def _parts(group: list[Source], n_outcomes: int) -> Iterator[list[Source]]:
    """Cut a group into parts of nearly the same size, none too large."""
    most = max(1, min(_MOST_SOURCES, _MOST_PAIRS // max(n_outcomes, 1)))
    n_parts = -(-len(group) // most)
    bounds = [len(group) * i // n_parts for i in range(n_parts + 1)]
    return (group[low:high] for low, high in itertools.pairwise(bounds))


def direction_chances(events: Events, grid: PolarGrid) -> tuple[Floats, Integers]:
    """Probabilities of outcomes by direction with a row of ones below them, and which holds where."""
    always = np.ones((1, grid.n_bins))
    if events.direction_index is None:
        return always, np.zeros(events.outcome_index.shape, dtype=np.int64)
    given = [np.asarray(each, dtype=np.float64) for each in events.directions]
    fits = all(each.shape == (grid.n_bins,) and each.min() >= 0.0 and each.max() <= 1.0 for each in given)
    index = events.direction_index.astype(np.int64)
    if not fits or index.shape != events.outcome_index.shape or (index.size and index.max() >= len(given)):
        raise ParkRiskError(
            "各风向的后果概率必须在 0 与 1 之间，且与极坐标网格相符",
            "probabilities by wind direction must be within 0 and 1 and fit the polar grid",
        )
    chances = np.concatenate([*(each[None, :] for each in given), always])
    return chances, np.where(index < 0, len(given), index)
