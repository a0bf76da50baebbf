"""Logs of cascades: who failed in which history of which primary event, and histories that a changed network keeps."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.scenarios.facility.network import Floats, Indices, Keys


class Log(NamedTuple):
    """Failures of the played histories, one entry each, primary after primary; unused room is left at its end."""

    start: NDArray[np.int64]  #: first entry of each primary, shape (n_primaries + 1,)
    history: Indices
    unit: Indices
    parent: Indices  #: entry, counted from the primary's first, of the failure that tipped this one; -1: the primary
    order: Indices  #: generation: 1 for a direct escalation
    time: Floats  #: since the primary event; 0 in static cascades [s]
    path: Keys  #: hash of the units from the primary to this one
    direct: NDArray[np.bool_]  #: whether the primary alone would have done it


def in_short(log: Log) -> Log:
    """Who failed in which history, and whether the primary alone would have done it, in few bytes; nothing else."""
    nothing = new_log(np.zeros(0, np.int64))
    history, unit = (
        values.astype(np.min_scalar_type(int(values.max(initial=0))), copy=False) for values in (log.history, log.unit)
    )
    return nothing._replace(start=log.start, history=history, unit=unit, direct=log.direct)


class Known(NamedTuple):
    """Histories played before in a network that has changed since: those that the change cannot touch are good.

    ``log`` has the primaries asked for; a unit of it that the change may touch is -1. ``there`` says for which of the
    primaries it holds anything, shape (n_primaries,). ``suspects`` are units that the change touches and that did not
    fail before: a history is good if they stand through it now. ``wary``, shape (n_units,), are the units that load any
    of them when they fail.
    """

    log: Log
    there: NDArray[np.bool_]
    suspects: Indices
    wary: NDArray[np.bool_]


@kernel
def copy_history(known: Log, begin: int, end: int, at: int, log: Log, first: int, found: int) -> None:
    """Take over one history: entries ``begin`` to ``end`` of a primary whose entries begin at ``at``."""
    for k in range(begin, end):
        to = first + found + k - begin
        log.history[to] = known.history[k]
        log.unit[to] = known.unit[k]
        log.parent[to] = known.parent[k] - (begin - at) + found if known.parent[k] >= 0 else -1
        log.order[to] = known.order[k]
        log.time[to] = known.time[k]
        log.path[to] = known.path[k]
        log.direct[to] = known.direct[k]


def new_log(room: NDArray[np.int64]) -> Log:
    """Empty log with so much room for each primary."""
    start = np.concatenate([[0], np.cumsum(room)]).astype(np.int64)
    n = int(start[-1])
    whole = [np.zeros(n, np.int32) for _ in range(4)]
    return Log(
        start, whole[0], whole[1], whole[2], whole[3], np.zeros(n), np.zeros(n, np.uint64), np.zeros(n, np.bool_)
    )


def empty_log() -> Log:
    """Log of no primary event."""
    return new_log(np.zeros(0, np.int64))


@kernel
def _close_up(start: NDArray[np.int64], found: NDArray[np.int64], log: Log) -> None:
    """Move the entries of each primary up to those of the one before."""
    to = 0
    for m in range(found.size):
        for k in range(start[m], start[m] + found[m]):
            log.history[to] = log.history[k]
            log.unit[to] = log.unit[k]
            log.parent[to] = log.parent[k]
            log.order[to] = log.order[k]
            log.time[to] = log.time[k]
            log.path[to] = log.path[k]
            log.direct[to] = log.direct[k]
            to += 1


def trimmed(log: Log, found: NDArray[np.int64]) -> Log:
    """Take the room that was left over out of a log, which is used up; ``found``: entries of each primary."""
    _close_up(log.start[:-1], found, log)
    start = np.concatenate([[0], np.cumsum(found)]).astype(np.int64)
    return Log._make([start, *(column[: start[-1]] for column in log[1:])])


def all_good(log: Log, there: NDArray[np.bool_]) -> Known:
    """Histories of the same network, of the primaries that ``there`` says."""
    return Known(log, there, np.zeros(0, np.int32), np.zeros(0, np.bool_))


def nothing_known(n: int) -> Known:
    """Give what is known of n primaries that were never played."""
    return all_good(new_log(np.zeros(n, np.int64)), np.zeros(n, np.bool_))
