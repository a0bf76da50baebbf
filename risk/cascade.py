"""Cascade kernels: from one burning or bursting unit to those that follow.

*Dynamic*: event by event, loads of all burning units summed, dose dD/dt = 1/ttf(ΣI), a unit fails when its dose reaches
1 before its own mitigation clock (running from the start of the incident) has struck; fires burn out; blasts act at
once, each unit having one strength against all of them. *Static*: loads only add, time does not pass, fires never burn
out and the clock counts as if the full load had stood from the start: an upper bound.

Only histories with at least one direct escalation are played. The chance of having one is known exactly from the rows,
so every wind class is visited in proportion to probability × chance of escalation, and all histories of one primary
weigh the same. In counts, standard errors and digests nothing is random but the draws of ``risk.draws``.
"""

from typing import NamedTuple

import numpy as np
from numba import prange
from numpy.typing import NDArray

from parkrisk.models._jit import kernel, parallel_kernel
from parkrisk.models.errors import OutOfRange
from parkrisk.risk.draws import join, uniform
from parkrisk.risk.history import (
    Direct,
    chance_of_late_clock,
    clear,
    fails_directly,
    new_state,
    play,
    quiet,
    row_chance,
    time_to_failure,
)
from parkrisk.scenarios.network import Floats, Indices, Keys, Network

_WIND = np.uint64(0x5851F42D4C957F2D)  # tells the random start in the wind rose from the draws of units
_ROOM = 2  # entries kept for each history before it is known how many there are


class Primaries(NamedTuple):
    """What may start a cascade, one entry per primary event.

    ``source`` is its index among the sources of the network, ``key`` the hash of its id.
    """

    source: Indices
    key: Keys


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


@kernel
def _suffix(start: NDArray[np.int64], probability: Floats) -> Floats:
    """Chance that any of an entry and those after it in its row comes true."""
    out = np.empty(probability.size)
    for row in range(start.size - 1):
        chance = 0.0
        for i in range(start[row + 1] - 1, start[row] - 1, -1):
            chance = probability[i] + (1.0 - probability[i]) * chance
            out[i] = chance
    return out


@kernel
def direct_escalation(net: Network, static: bool) -> Direct:
    """Chance that each row entry alone makes its unit fail.

    Parameters
    ----------
    net : Network
        Facility.
    static : bool
        True: fires never burn out.
    """
    heat = np.zeros(net.heat_load.size)
    for row in range(net.heat_start.size - 1):
        for i in range(net.heat_start[row], net.heat_start[row + 1]):
            v = net.heat_target[i]
            time = time_to_failure(v, net.heat_load[i], net)
            if static or time <= net.heat_duration[row]:
                heat[i] = chance_of_late_clock(v, time, net)
    return Direct(heat, _suffix(net.heat_start, heat), _suffix(net.blast_start, net.blast_probability))


@kernel
def escalation_chance(net: Network, direct: Direct, sources: Indices) -> Floats:
    """Chance of at least one direct escalation, shape (len(sources), n_classes)."""
    n_classes = net.class_probability.size
    out = np.zeros((sources.size, n_classes))
    for i in range(sources.size):
        for c in range(n_classes):
            heat = row_chance(net.heat_start, net.heat_row[sources[i], c], direct.heat_any)
            blast = row_chance(net.blast_start, net.blast_row[sources[i], c], direct.blast_any)
            out[i, c] = heat + (1.0 - heat) * blast
    return out


@kernel
def _play_all(
    m: int,
    primaries: Primaries,
    cumulative: Floats,
    histories: int,
    seed: np.uint64,
    opened: bool,
    static: bool,
    net: Network,
    direct: Direct,
    log: Log,
) -> int:
    """Play the histories of one primary; wind classes in proportion to ``cumulative``, from a random start."""
    total = cumulative[-1]
    if not total > 0.0:
        return 0
    last = cumulative.size - 1
    while last > 0 and cumulative[last - 1] == total:
        last -= 1
    key = join(seed, primaries.key[m])
    offset = uniform(key ^ _WIND)
    source = primaries.source[m]
    s = new_state(net.unit_key.size)
    wind, found = 0, 0
    for h in range(histories):
        mark = (h + offset) / histories * total
        while wind < last and cumulative[wind] <= mark:
            wind += 1
        base = join(key, np.uint64(h))
        if not opened and quiet(source, wind, base, net, direct):
            continue
        play(source, wind, base, opened, static, net, direct, s)
        at = log.start[m] + found
        if at + s.size[2] <= log.start[m + 1]:
            for k in range(s.size[2]):
                v = s.failed[k]
                parent = s.entry[s.parent[k]]
                log.history[at + k] = h
                log.unit[at + k] = v
                log.parent[at + k] = found + parent if parent >= 0 else -1
                log.order[at + k] = s.order[v]
                log.time[at + k] = s.time[k]
                log.path[at + k] = s.path[v]
                log.direct[at + k] = fails_directly(v, source, wind, base, net, direct, s)
        found += s.size[2]
        clear(s)
    return found


@parallel_kernel
def _play_primaries(
    primaries: Primaries,
    cumulative: Floats,
    histories: int,
    seed: np.uint64,
    opened: bool,
    static: bool,
    net: Network,
    direct: Direct,
    log: Log,
) -> NDArray[np.int64]:
    found = np.zeros(primaries.source.size, np.int64)
    for m in prange(primaries.source.size):
        found[m] = _play_all(m, primaries, cumulative[m], histories, seed, opened, static, net, direct, log)
    return found


def _new_log(room: NDArray[np.int64]) -> Log:
    start = np.concatenate([[0], np.cumsum(room)]).astype(np.int64)
    n = int(start[-1])
    whole = [np.zeros(n, np.int32) for _ in range(4)]
    return Log(
        start, whole[0], whole[1], whole[2], whole[3], np.zeros(n), np.zeros(n, np.uint64), np.zeros(n, np.bool_)
    )


def empty_log() -> Log:
    """Log of no primary event."""
    return _new_log(np.zeros(0, np.int64))


def _trimmed(log: Log, found: NDArray[np.int64]) -> Log:
    kept = np.arange(log.unit.size) - np.repeat(log.start[:-1], np.diff(log.start)) < np.repeat(
        found, np.diff(log.start)
    )
    start = np.concatenate([[0], np.cumsum(found)]).astype(np.int64)
    return Log(
        start,
        log.history[kept],
        log.unit[kept],
        log.parent[kept],
        log.order[kept],
        log.time[kept],
        log.path[kept],
        log.direct[kept],
    )


def cascades(
    net: Network,
    primaries: Primaries,
    histories: int,
    seed: int,
    *,
    static: bool = False,
    opened: bool = True,
    direct: Direct | None = None,
) -> tuple[Floats, Log]:
    """Play cascades from each primary event.

    Parameters
    ----------
    net : Network
        Facility.
    primaries : Primaries
        What starts them.
    histories : int
        Played for each primary from which escalation is possible at all.
    seed : int
        Same seed, same result, whatever the number of threads and the order of rows.
    static : bool
        True: the static critical-load cascade, an upper bound; its ``time`` counts generations.
    opened : bool
        True: only histories with at least one direct escalation are played. False: all kinds, as they come.
    direct : Direct, optional
        As `direct_escalation` gives it for the same ``net`` and ``static``.

    Returns
    -------
    weight : float64 array, shape (n_primaries,)
        A unit found in k of the histories fails with probability weight × k / histories after that primary event.
        It is the chance of any escalation (1 with ``opened`` false).
    log : Log
        Failures of units other than the primary's.

    Raises
    ------
    OutOfRange
        The arrays of the network do not fit together.
    """
    shape = (net.source_unit.size, net.class_probability.size)
    if net.heat_row.shape != shape or net.blast_row.shape != shape:
        raise OutOfRange("荷载行与来源或风况不符", "the rows of loads do not fit the sources and wind classes")
    known = direct_escalation(net, static) if direct is None else direct
    reach = np.broadcast_to(net.class_probability, (primaries.source.size, net.class_probability.size))
    if opened:
        reach = reach * escalation_chance(net, known, primaries.source)
    cumulative = np.ascontiguousarray(np.cumsum(reach, axis=1))
    weight = cumulative[:, -1].copy() if opened else np.ones(primaries.source.size)
    room = np.where(weight > 0.0, _ROOM * histories, 0)
    while True:
        log = _new_log(room)
        found = _play_primaries(primaries, cumulative, histories, np.uint64(seed), opened, static, net, known, log)
        if np.all(found <= room):
            return weight, _trimmed(log, found)
        room = found
