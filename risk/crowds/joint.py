"""Deaths of accidents in which one event brings about others: every person counted once."""

import functools
import itertools
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from parkrisk.models.footprint import INDOOR, OUTDOOR, PolarGrid
from parkrisk.risk.cascades.accidents import Accidents
from parkrisk.risk.crowds import deaths, together
from parkrisk.risk.crowds.counter import direction_chances
from parkrisk.risk.crowds.crowd import Crowd
from parkrisk.risk.crowds.together import NEAR, Bundle, Records, Scene
from parkrisk.risk.footprints.library import Floats, FootprintLibrary, Integers, polar_frame
from parkrisk.risk.sharing import share
from parkrisk.scenarios.expand import Events
from parkrisk.scenarios.receptors import WindRose

__all__ = ["Joint", "joint_deaths"]

_PARTS = 16  # that the directions of a weather are cut into, for threads to share


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
    """

    histogram: Integers
    variance: Floats
    expected: float
    separate: float


class _Stage:
    """Where and how everything that may happen in an accident happens."""

    def __init__(
        self,
        accidents: Accidents,
        events: Events,
        rose: WindRose,
        grid: PolarGrid,
        crowd: Crowd,
        library: FootprintLibrary,
    ) -> None:
        self.grid, self.crowd, self.library, self.index = grid, crowd, library, events.outcome_index
        number = pd.Index(events.table["event_id"])
        self.event_row = number.get_indexer(pd.Index(accidents.events))
        self.unit_row = number.get_indexer(pd.Index(accidents.secondary))
        rows = np.unique(np.concatenate([self.event_row, self.unit_row[self.unit_row >= 0]]))
        where = list(events.table.iloc[rows][["x", "y", "enterprise_id"]].itertuples(index=False, name=None))
        places = {place: number for number, place in enumerate(sorted(set(where)))}
        place = np.full(len(events.table) + 1, -1, dtype=np.int64)  # row -1: nothing happens
        place[rows] = [places[each] for each in where]
        self.event_place, self.unit_place = place[self.event_row], place[self.unit_row]
        self.reach = np.zeros(len(library.outcomes) + 1)  # outcome -1: nobody
        for outcome in np.unique(self.index[rows]).tolist():
            self.reach[outcome] = 0.0 if outcome < 0 else library[outcome].reach(grid)
        reach = np.zeros(len(places))
        np.maximum.at(reach, place[rows], self.reach[self.index[rows]].max(axis=1))
        polar = polar_frame(grid, rose.probability.shape[2])
        near = [self._around(each, polar, far) for each, far in zip(places, reach.tolist(), strict=True)]
        self.near = np.concatenate([np.zeros(0, NEAR), *near])
        reached, self.near["person"] = np.unique(self.near["person"], return_inverse=True)
        self.people = crowd.counts[reached]
        self.near_start = np.cumsum([0, *(each.size for each in near)], dtype=np.int64)

    def _around(self, place: tuple[float, float, str], polar: Floats, reach: float) -> Records:
        x, y, owner = place
        found = np.zeros(len(self.crowd.xy), NEAR)
        shape = (self.grid.n_rings, self.grid.n_bins)
        count = together.look_around(
            self.crowd.xy, self.crowd.staff(owner), np.array([x, y]), polar, shape, reach, found
        )
        return found[np.argsort(found["square"][:count], kind="stable")]

    def deaths(self, accidents: Accidents, weather: Integers, direction: Integers) -> tuple[Floats, Floats]:
        """Deaths in every history by day and by night, everybody once and event by event, shapes (n_histories, 2)."""
        found, apart = np.zeros((weather.size, 2)), np.zeros((weather.size, 2))
        who = accidents.event, accidents.start, accidents.unit
        for kind in np.unique(weather).tolist():
            mine = np.flatnonzero(weather == kind)
            ordered = mine[np.argsort(direction[mine], kind="stable")]
            bins, begin = np.unique(direction[ordered], return_index=True)
            windy = bins, np.append(begin, ordered.size), ordered
            bounds = np.linspace(0, bins.size, min(bins.size, _PARTS) + 1).astype(int).tolist()
            work = functools.partial(
                together.die_in_winds, *windy, self.grid.n_bins, *who, *self.weather(kind), found, apart
            )
            share(itertools.pairwise(bounds), work, "accidents")
        return found, apart

    def weather(self, weather: int) -> tuple[Scene, Bundle]:
        """Everything as it is in one weather."""
        column = np.append(self.index[:, weather], -1).astype(np.int64)
        of_event, of_unit = column[self.event_row], column[self.unit_row]
        used = np.unique(np.concatenate([of_event, of_unit]))
        used = used[used >= 0]
        number = np.full(len(self.library.outcomes) + 1, -1, dtype=np.int64)
        number[used] = np.arange(used.size)
        scene = Scene(
            self.people,
            self.near,
            self.near_start,
            self.event_place,
            number[of_event],
            self.unit_place,
            number[of_unit],
        )
        return scene, self._bundle(used.tolist())

    def _bundle(self, outcomes: list[int]) -> Bundle:
        packed = [self.library[outcome] for outcome in outcomes]
        rows = [(each.start[row], each.values[row]) for each in packed for row in (OUTDOOR, INDOOR)]
        begin = np.cumsum([0, *(values.size for _, values in rows)], dtype=np.int64)[:-1]
        radius = np.concatenate([np.zeros(0), *(each.disc_radius for each in packed)])
        lethality = [each.disc_lethality[[OUTDOOR, INDOOR]] for each in packed]
        return Bundle(
            np.array([start for start, _ in rows], dtype=np.int64).reshape(len(packed), 2, -1),
            begin.reshape(len(packed), 2),
            np.concatenate([np.zeros(0, np.float32), *(values for _, values in rows)]),
            np.cumsum([0, *(each.disc_radius.size for each in packed)], dtype=np.int64),
            radius * radius,
            np.ascontiguousarray(np.concatenate([np.zeros((2, 0)), *lethality], axis=1)),
            self.reach[outcomes] ** 2,
        )


def joint_deaths(
    accidents: Accidents,
    events: Events,
    rose: WindRose,
    grid: PolarGrid,
    crowd: Crowd,
    library: FootprintLibrary,
) -> Joint:
    """Deaths in every history of a park's accidents.

    Parameters
    ----------
    accidents : Accidents
    events, rose, grid, library
        As in `parkrisk.risk.societal.societal_risk`.
    crowd : Crowd
        Of each event the staff of its own owner is left out.

    Notes
    -----
    All events of a history have its weather and its wind direction, a bin of the polar grid; directions within a sector
    are visited evenly by the histories of a primary event. Day and night count with their shares of the rose.

    The variance is that of independent histories, f (F - f) / n of each primary event with n histories, whose frequency
    is F together and f where so many die. They are spread evenly over the winds, so that the true one is smaller.
    """
    n_sectors = rose.probability.shape[2]
    weather, sector = np.divmod(accidents.wind.astype(np.int64), n_sectors)
    stage = _Stage(accidents, events, rose, grid, crowd, library)
    chances, chance = direction_chances(events, grid)
    direction = together.choose_bins(
        accidents.place,
        sector,
        chance[stage.event_row[accidents.event], weather],
        chances,
        grid.n_bins // n_sectors,
    )
    found, apart = stage.deaths(accidents, weather, direction)
    period = rose.probability[:, weather, sector].T
    weights = accidents.frequency[:, None] * (period / period.sum(axis=1, keepdims=True))
    histogram, variance = _sorted(accidents, weights, found)
    expected, separate = (math.fsum((weights * number).ravel().tolist()) for number in (found, apart))
    return Joint(histogram, variance, expected, separate)


def _sorted(accidents: Accidents, weights: Floats, found: Floats) -> tuple[Integers, Floats]:
    """Histogram of deaths by day and by night of every history, and the variance of what is at or above each edge."""
    edges = deaths.death_classes()
    histogram = np.zeros(edges.size, dtype=np.int64)
    of_event = np.zeros((len(accidents.events), edges.size))
    deaths.add_numbers(found, weights, accidents.event, edges, deaths.class_guide(edges), histogram, of_event)
    at_least: Floats = np.cumsum(of_event[:, ::-1], axis=1)[:, ::-1]
    count = np.bincount(accidents.event).astype(np.float64)  # every event has histories
    whole = np.bincount(accidents.event, accidents.frequency)
    rest: Floats = np.maximum(whole[:, None] - at_least, 0.0)
    return histogram, (at_least * rest / count[:, None]).sum(axis=0)
