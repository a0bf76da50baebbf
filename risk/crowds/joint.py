"""Deaths of accidents in which one event brings about others: every person counted once."""

import functools
import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parkrisk.models.footprint import INDOOR, OUTDOOR, PolarGrid
from parkrisk.risk.cascades.accidents import Accidents
from parkrisk.risk.crowds import deaths, together
from parkrisk.risk.crowds.counter import direction_chances
from parkrisk.risk.crowds.crowd import Crowd
from parkrisk.risk.crowds.keys import Keys, around_keys, history_keys, pair_keys, row_keys
from parkrisk.risk.crowds.together import NEAR, Bundle, Happenings, Records
from parkrisk.risk.footprints.library import Floats, FootprintLibrary, Integers, polar_frame
from parkrisk.risk.sharing import share
from parkrisk.scenarios.events.expand import Events, Outcome
from parkrisk.scenarios.facility.network import id_key, id_keys
from parkrisk.scenarios.receptors import WindRose

__all__ = ["HistoryDeaths", "Joint", "joint_deaths"]

_AT_ONCE = 100_000  # histories whose deaths are turned into Python's numbers
_EVENTS_AT_ONCE = 1_000  # whose classes of deaths are held
_PARTS = 16  # that the directions of a weather are cut into, for threads to share


@dataclass(frozen=True)
class HistoryDeaths:
    """Deaths in each history, told apart by content: another run may use them, whatever has changed.

    Parameters
    ----------
    outcomes : mapping of Outcome to int
        Numbers of the outcomes in the keys.
    next_number : int
        Above all that were ever given; an outcome that comes back gets another.
    keys : uint64 array, shape (n,)
        Hashes of all that the deaths in a history hang on, sorted: wind direction, and for each event that reaches
        anybody its place, its outcome and the people in reach. Histories in which nobody can die are not among them.
    deaths : array, shape (n, 4)
        By day and by night, everybody once; the same if the deaths of every event were added.
    """

    outcomes: Mapping[Outcome, int]
    next_number: int
    keys: Keys
    deaths: Floats


@dataclass(frozen=True)
class Joint:
    """Deaths in the histories of cascades.

    Parameters
    ----------
    histogram : int64 array, shape (n_classes,)
        Frequency in each class of deaths. [2^-60/yr]
    variance : array, shape (n_classes,)
        Of the frequency of each class and those above, because histories are a sample. [1/yr²]
    expected, separate : float
        Expected deaths, every person counted once in a history; the same if the deaths of its events were added. [1/yr]
    histories : HistoryDeaths
    weights, deaths : array, shape (n_histories, 2)
        By day and by night: what each history stands for [1/yr], who dies in it.
    """

    histogram: Integers
    variance: Floats
    expected: float
    separate: float
    histories: HistoryDeaths
    weights: Floats
    deaths: Floats


class _Stage:
    """Where and how everything that may happen in an accident happens; rows are events, those of the units below."""

    def __init__(
        self,
        accidents: Accidents,
        events: Events,
        n_sectors: int,
        grid: PolarGrid,
        crowd: Crowd,
        library: FootprintLibrary,
    ) -> None:
        self.accidents, self.grid, self.crowd, self.library = accidents, grid, crowd, library
        number = pd.Index(events.table["event_id"])
        self.event_row = number.get_indexer(pd.Index(accidents.events))
        rows = np.concatenate([self.event_row, number.get_indexer(pd.Index(accidents.secondary))])
        nothing = np.full((1, events.outcome_index.shape[1]), -1)  # row -1
        self.outcome = np.concatenate([events.outcome_index, nothing])[rows].astype(np.int64)
        happens = np.flatnonzero((self.outcome >= 0).any(axis=1))
        where = list(
            zip(
                *(events.table[name].to_numpy()[rows[happens]].tolist() for name in ("x", "y", "enterprise_id")),
                strict=True,
            )
        )
        places = {place: number for number, place in enumerate(sorted(set(where)))}
        self.place = np.full(rows.size, -1, dtype=np.int64)
        self.place[happens] = [places[each] for each in where]
        far = np.append(library.reaches(len(events.outcomes)), 0.0)  # outcome -1: nobody
        reach = np.zeros(len(places))
        np.maximum.at(reach, self.place[happens], far[self.outcome[happens]].max(axis=1))
        polar = polar_frame(grid, n_sectors)
        self.near: Records = np.zeros(0, NEAR)
        self.near_start = np.zeros(len(places) + 1, dtype=np.int64)
        for at, (each, most) in enumerate(zip(places, reach.tolist(), strict=True)):
            around, before = self._around(each, polar, most), self.near.size
            self.near_start[at + 1] = before + around.size
            self.near.resize(before + around.size, refcheck=False)  # in place: a large park has millions of them
            self.near[before:] = around
        self.count = together.count_within(self.near, self.near_start, self.place, self.outcome, far * far)
        self.places = np.array([place[:2] for place in places]).reshape(-1, 2)

    def _around(self, place: tuple[float, float, str], polar: Floats, reach: float) -> Records:
        x, y, owner = place
        found = np.zeros(len(self.crowd.xy), NEAR)
        shape = (self.grid.n_rings, self.grid.n_bins)
        count = together.look_around(
            self.crowd.xy, self.crowd.staff(owner), np.array([x, y]), polar, shape, reach, found
        )
        return found[np.argsort(found["square"][:count], kind="stable")]

    def numbers(self, known: HistoryDeaths | None) -> tuple[dict[Outcome, int], int]:
        """Numbers of the outcomes that reach anybody, those of before where they had one, and the next one."""
        before, following = ({}, 0) if known is None else (known.outcomes, known.next_number)
        numbers = {}
        for index in np.unique(self.outcome[self.count > 0]).tolist():
            outcome = self.library.outcomes[index]
            numbers[outcome] = before.get(outcome, following)
            following += numbers[outcome] == following
        return numbers, following

    def keys(self, weather: Integers, direction: Integers, n_sectors: int, numbers: Mapping[Outcome, int]) -> Keys:
        """Keys of all histories."""
        owner, owned = np.unique(self.crowd.owner.astype(str), return_inverse=True)
        person = row_keys(id_keys(owner.tolist())[owned], _bits(np.hstack([self.crowd.xy, self.crowd.counts])))
        place = row_keys(np.zeros(len(self.places), np.uint64), _bits(self.places))
        upto = around_keys(self.near, self.near_start, place, person)
        number = np.zeros(len(self.library.outcomes), np.uint64)
        reached = self.count > 0
        for index in np.unique(self.outcome[reached]).tolist():
            number[index] = numbers[self.library.outcomes[index]]
        last = (self.near_start[self.place][:, None] + self.count - 1)[reached]
        keys = np.zeros(self.count.shape, np.uint64)
        keys[reached] = pair_keys(upto[last], number[self.outcome[reached]])
        salt, n_events = np.uint64(id_key(f"{self.grid!r} {n_sectors}")), self.event_row.size
        who = self.accidents.event, self.accidents.start, self.accidents.unit
        return history_keys(salt, weather, direction, *who, keys[:n_events], keys[n_events:])

    def deaths(self, mine: Integers, weather: Integers, direction: Integers) -> Floats:
        """Deaths in some histories as `HistoryDeaths` has them."""
        found = np.empty((mine.size, 4))
        for kind in np.unique(weather[mine]).tolist():
            rows = np.flatnonzero(weather[mine] == kind)
            rows = rows[np.argsort(direction[mine[rows]], kind="stable")]
            found[rows] = self._deaths_in_winds(kind, mine[rows], direction[mine[rows]])
        return found

    def _deaths_in_winds(self, kind: int, some: Integers, direction: Integers) -> Floats:
        """Deaths in histories of one weather, ordered by direction; its footprints are let go afterwards."""
        n_events = self.event_row.size
        who = self.accidents.event, self.accidents.start, self.accidents.unit
        happens = np.zeros(self.place.size, np.bool_)
        together.mark(some, *who, happens[:n_events], happens[n_events:])
        count = np.where(happens, self.count[:, kind], 0)
        bundle, outcome = self._bundle(count, self.outcome[:, kind])
        each = Happenings(outcome, self.near_start[self.place], count)
        of_event, of_unit = (Happenings(*(values[part] for values in each)) for part in _halves(n_events))
        bins, begin = np.unique(direction, return_index=True)
        windy = bins, np.append(begin, some.size), some
        found = np.empty((some.size, 4))
        bounds = np.linspace(0, bins.size, min(bins.size, _PARTS) + 1).astype(int).tolist()
        work = functools.partial(
            together.die_in_winds,
            *windy,
            self.grid.n_bins,
            *who,
            self.crowd.counts,
            self.near,
            bundle,
            of_event,
            of_unit,
            found,
        )
        share(itertools.pairwise(bounds), work, "accidents")
        return found

    def _bundle(self, count: Integers, outcome: Integers) -> tuple[Bundle, Integers]:
        """Footprints of what kills somebody, from the ring of the nearest person on, and their numbers by row."""
        reached = np.flatnonzero(count)
        used, place = np.unique(outcome[reached], return_inverse=True)
        number = np.full(outcome.size, -1, np.int64)
        number[reached] = place
        inner = np.full(used.size, self.grid.n_rings)
        ring = self.near["ring"][self.near_start[self.place[reached]]]
        np.minimum.at(inner, place, np.where(ring < 0, self.grid.n_rings, ring))
        n_rings = self.grid.n_rings
        start, lead = np.zeros((used.size, 2, n_rings + 1), np.int32), np.zeros((used.size, 2, n_rings), np.int32)
        begin, values = np.zeros((used.size, 2), np.int64), np.zeros(0, np.float32)
        radius, lethality = [np.zeros(0)], [np.zeros((2, 0))]
        for at, (index, low) in enumerate(zip(used.tolist(), inner.tolist(), strict=True)):
            packed = self.library[index]  # let go at once: together they may not fit into memory
            for to, row in enumerate((OUTDOOR, INDOOR)):
                start[at, to], lead[at, to] = packed.start[row], packed.lead[row]
                before, added = values.size, packed.values[row][packed.start[row][low] :]
                begin[at, to] = before - packed.start[row][low]
                values.resize(before + added.size, refcheck=False)  # in place
                values[before:] = added
            radius.append(packed.disc_radius)
            lethality.append(packed.disc_lethality[[OUTDOOR, INDOOR]])
        discs = np.cumsum([each.size for each in radius], dtype=np.int64)
        square = np.square(np.concatenate(radius))
        return Bundle(start, lead, begin, values, discs, square, np.concatenate(lethality, axis=1)), number


def _bits(values: Floats) -> Keys:
    return (values + 0.0).view(np.uint64)  # one zero


def _halves(n: int) -> tuple[slice, slice]:
    return slice(None, n), slice(n, None)


def joint_deaths(
    accidents: Accidents,
    events: Events,
    rose: WindRose,
    grid: PolarGrid,
    crowd: Crowd,
    library: FootprintLibrary,
    known: HistoryDeaths | None = None,
) -> Joint:
    """Deaths in every history of a park's accidents.

    Parameters
    ----------
    accidents : Accidents
    events, rose, grid, library
        As in `parkrisk.risk.societal.societal_risk`.
    crowd : Crowd
        Of each event the staff of its own owner is left out.
    known : HistoryDeaths, optional
        Of another run. Histories that are the same there in all that their deaths hang on are not counted again; the
        result is the same to the bit, but for a chance of 2^-64 for each pair of histories.

    Notes
    -----
    All events of a history have its weather and its wind direction, a bin of the polar grid; directions within a sector
    are visited evenly by the histories of a primary event. Day and night count with their shares of the rose.

    The variance is that of independent histories, f (F - f) / n of each primary event with n histories, whose frequency
    is F together and f where so many die. They are spread evenly over the winds, so that the true one is smaller.
    """
    n_sectors = rose.probability.shape[2]
    stage = _Stage(accidents, events, n_sectors, grid, crowd, library)
    weather = accidents.wind // np.int64(n_sectors)
    chances, chance = direction_chances(events, grid)
    direction = together.choose_bins(
        accidents.place,
        accidents.wind % np.int64(n_sectors),
        chance[stage.event_row[accidents.event], weather],
        chances,
        grid.n_bins // n_sectors,
    )
    numbers, following = stage.numbers(known)
    every = stage.keys(weather, direction, n_sectors, numbers)
    deadly = np.flatnonzero(every)
    keys, first, which = _distinct(every[deadly])
    del every  # a large park has millions of histories
    there, before = _known_deaths(keys, known)
    found = stage.deaths(deadly[first[~there]], weather, direction)
    if there.any():
        anew, found = found, np.empty((keys.size, 4))
        found[there], found[~there] = before, anew
    with np.errstate(invalid="ignore"):  # nothing happens where the wind never blows
        share_of_period = (rose.probability / rose.probability.sum(axis=0)).reshape(2, -1)
    weights = accidents.frequency[:, None] * share_of_period[:, accidents.wind].T
    once = np.zeros((weather.size, 2))
    once[deadly] = found[which, :2]
    histogram, variance = _sorted(accidents, weights, once)
    expected, separate = (_total(weights, deadly, found[:, part], which) for part in _halves(2))
    histories = HistoryDeaths(numbers, following, keys, found)
    return Joint(histogram, variance, expected, separate, histories, weights, once)


def _known_deaths(keys: Keys, known: HistoryDeaths | None) -> tuple[NDArray[np.bool_], Floats]:
    """Which keys another run had, and the deaths of those."""
    if known is None:
        return np.zeros(keys.size, np.bool_), np.zeros((0, 4))
    place = np.searchsorted(known.keys, keys)
    there: NDArray[np.bool_] = (place < known.keys.size) & (np.append(known.keys, keys[:1])[place] == keys)
    return there, known.deaths[place[there]]


def _total(weights: Floats, deadly: Integers, found: Floats, which: Integers) -> float:
    """Exactly rounded sum of weight × deaths, by day and by night, over the deadly histories."""
    pieces = (slice(at, at + _AT_ONCE) for at in range(0, deadly.size, _AT_ONCE))
    products = ((weights[deadly[piece]] * found[which[piece]]).ravel().tolist() for piece in pieces)
    return math.fsum(itertools.chain.from_iterable(products))


def _distinct(keys: Keys) -> tuple[Keys, Integers, Integers]:
    """Different keys, ascending, where one of each stands, and the number of every key's among them.

    As `numpy.unique` gives them, but any of those that are equal instead of the first: its stable sort takes longer.
    """
    order = np.argsort(keys)
    new = np.ones(keys.size, np.bool_)
    new[1:] = keys[order[1:]] != keys[order[:-1]]
    which = np.empty(keys.size, np.int64)
    which[order] = np.cumsum(new) - 1
    first = order[new]
    return keys[first], first, which


def _sorted(accidents: Accidents, weights: Floats, found: Floats) -> tuple[Integers, Floats]:
    """Histogram of deaths by day and by night of every history, and the variance of what is at or above each edge."""
    edges = deaths.death_classes()
    guide = deaths.class_guide(edges)
    histogram, variance = np.zeros(edges.size, dtype=np.int64), np.zeros(edges.size)
    count = np.bincount(accidents.event).astype(np.float64)  # every event has histories
    whole = np.bincount(accidents.event, accidents.frequency)
    for first in range(0, len(accidents.events), _EVENTS_AT_ONCE):
        some = slice(first, first + _EVENTS_AT_ONCE)
        rows = slice(*np.searchsorted(accidents.event, [first, some.stop]).tolist())
        of_event = np.zeros((count[some].size, edges.size))
        deaths.add_numbers(found[rows], weights[rows], accidents.event[rows] - first, edges, guide, histogram, of_event)
        at_least: Floats = np.cumsum(of_event[:, ::-1], axis=1)[:, ::-1]
        rest: Floats = np.maximum(whole[some, None] - at_least, 0.0)
        spread = at_least * rest / count[some, None]
        variance = np.concatenate([variance[None], spread]).sum(axis=0)  # event after event, however many at once
    return histogram, variance
