"""Accidents: a primary event that stays alone, or the histories of what follows it, as societal risk reads them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.risk.cascades.draws import join, uniform
from parkrisk.risk.cascades.many import WIND
from parkrisk.risk.cascades.replay import Courses
from parkrisk.scenarios.facility.graph import Facility
from parkrisk.scenarios.facility.network import Floats, Indices, Keys, id_keys

__all__ = ["Accidents", "accidents_of", "history_winds"]

_FEW_UNITS = 2**16  # are told apart by 16 bits


@dataclass(frozen=True)
class Accidents:
    """Primary events that stay alone, and histories of those that may be followed.

    Parameters
    ----------
    events : tuple of str
        Primary events from which escalation is possible, by event_id.
    alone : array, shape (n_events, n_weathers, n_sectors)
        Share that no history stands for, since nothing could fail directly, given the event, its weather and its wind
        direction.
    secondary : tuple of str
        Event that each unit brings about when it fails; "": none.
    event : int array, shape (n_histories,)
        Primary event of each history, ascending.
    frequency : array, shape (n_histories,)
        What each history stands for. [1/yr]
    wind : int32 array, shape (n_histories,)
        Wind class: weather × n_sectors + sector.
    place : array, shape (n_histories,)
        Where in the sector the wind blows to: share of the probability of the event within the sector, from 0 to 1.
    start : int64 array, shape (n_histories + 1,)
        Where the failures of each history begin in ``unit``.
    unit : uint16 array, or int32 where there are more units
        Who fails, as indices of ``secondary``, in the order in which they fail; nobody twice in a history.
    """

    events: tuple[str, ...]
    alone: Floats
    secondary: tuple[str, ...]
    event: NDArray[np.intp]
    frequency: Floats
    wind: Indices
    place: Floats
    start: NDArray[np.int64]
    unit: NDArray[np.integer[Any]]


@kernel
def history_winds(seed: np.uint64, keys: Keys, cumulative: Floats, wind: Indices, place: Floats) -> None:
    """Wind class of every history, as `risk.cascades.cascade` draws them.

    Parameters
    ----------
    seed : uint64
    keys : uint64 array, shape (n_events,)
        Of the primary events.
    cumulative : array, shape (n_events, n_classes)
        Running sums of probability × chance of escalation; the last is above 0.
    wind, place : arrays, shape (n_events, n_histories)
        Set: class, and how much of the class lies before the mark of the history, from 0 to 1.
    """
    for m in range(keys.size):
        total = cumulative[m, -1]
        last = cumulative.shape[1] - 1
        while last > 0 and cumulative[m, last - 1] == total:
            last -= 1
        offset = uniform(join(seed, keys[m]) ^ WIND)
        at = 0
        for h in range(wind.shape[1]):
            mark = (h + offset) / wind.shape[1] * total
            while at < last and cumulative[m, at] <= mark:
                at += 1
            before = cumulative[m, at - 1] if at > 0 else 0.0
            wind[m, h] = at
            place[m, h] = min(max((mark - before) / (cumulative[m, at] - before), 0.0), 1.0)


def accidents_of(facility: Facility, escalation: Floats, courses: Courses, n_weathers: int) -> Accidents:
    """Accidents of a park.

    Parameters
    ----------
    facility : Facility
    escalation : array, shape (n_sources, n_classes)
        As ``DominoResult.escalation``.
    courses : Courses
        What was played of them.
    n_weathers : int
    """
    net, sources = facility.network, facility.sources
    every = sources["frequency"].to_numpy(float)
    reach = net.class_probability * escalation
    alive = np.nonzero((every > 0.0) & (reach > 0.0).any(axis=1))[0]
    ids = sources["event_id"].to_numpy(object)[alive].tolist()
    logs = {event: (log, at) for events, log in courses.logs.values() for at, event in enumerate(events)}
    histories = courses.rules.histories
    cumulative = np.ascontiguousarray(np.cumsum(reach[alive], axis=1))
    wind = np.zeros((alive.size, histories), np.int32)
    place = np.zeros((alive.size, histories))
    history_winds(np.uint64(courses.rules.seed), id_keys(ids), cumulative, wind, place)
    length, unit = [np.zeros(0, np.int64)], [np.zeros(0, np.int32)]
    for event in ids:
        log, at = logs[event]
        own = slice(int(log.start[at]), int(log.start[at + 1]))
        length.append(np.bincount(log.history[own], minlength=histories))
        unit.append(log.unit[own])
    return Accidents(
        tuple(ids),
        1.0 - escalation[alive].reshape(alive.size, n_weathers, escalation.shape[1] // n_weathers),
        tuple(facility.units["secondary"]),
        np.repeat(np.arange(alive.size), histories),
        np.repeat(every[alive] * cumulative[:, -1] / histories, histories),
        wind.ravel(),
        place.ravel(),
        np.concatenate([[0], np.cumsum(np.concatenate(length))]).astype(np.int64),
        np.concatenate(unit, dtype=np.uint16 if len(facility.units) <= _FEW_UNITS else np.int32, casting="unsafe"),
    )
