"""Cascade kernels: from one burning or bursting unit to those that follow.

*Dynamic*: event by event, loads of all burning units summed, dose dD/dt = 1/ttf(ΣI), a unit fails when its dose reaches
1 before its own mitigation clock (running from the start of the incident) has struck; fires burn out; blasts act at
once, each unit having one strength against all of them. *Static*: loads only add, time does not pass, fires never burn
out and the clock counts as if the full load had stood from the start: an upper bound.

Only histories with at least one direct escalation are played. The chance of having one is known exactly from the rows,
so every wind class is visited in proportion to probability × chance of escalation, and all histories of one primary
weigh the same. In counts, standard errors and digests nothing is random but the draws of ``risk.cascades.draws``.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numba import prange
from numpy.typing import NDArray

from parkrisk.models._jit import kernel, parallel_kernel
from parkrisk.models.errors import OutOfRange
from parkrisk.risk.cascades.direct import Direct, direct_escalation, escalation_chance
from parkrisk.risk.cascades.draws import join, uniform
from parkrisk.risk.cascades.history import fails_directly, play, quiet
from parkrisk.risk.cascades.logs import Known, Log, copy_history, new_log, nothing_known, trimmed
from parkrisk.risk.cascades.records import (
    FAILED_LIST,
    LOAD,
    N_LISTS,
    PARENT_LIST,
    ROW,
    Lists,
    Pairs,
    Records,
    clear,
    unit_records,
)
from parkrisk.scenarios.network import Floats, Indices, Keys, Network

_WIND = np.uint64(0x5851F42D4C957F2D)  # tells the random start in the wind rose from the draws of units
_PILOT = 16  # histories that tell how much room the others need ...
_ROOM = 2  # ... and so many times as much is made: what is not used costs nothing
_GOLDEN = 0.6180339887498949


class Primaries(NamedTuple):
    """What may start a cascade, one entry per primary event.

    ``source`` is its index among the sources of the network, ``key`` the hash of its id.
    """

    source: Indices
    key: Keys


@kernel
def _play_all(
    source: int,
    primary: int,
    key: np.uint64,
    cumulative: Floats,
    histories: int,
    opened: bool,
    static: bool,
    unit: Records,
    lists: Lists,
    heat: Records,
    heat_row: Records,
    blast: Records,
    blast_row: Records,
    row: Pairs,
    first: int,
    stop: int,
    log: Log,
    known: Log,
    at: int,
    end: int,
) -> int:
    """Play the histories of one primary; wind classes in proportion to ``cumulative``, from a random start.

    Its entries in ``known`` are ``at`` to ``end`` (-1: it has none); histories that are still good are copied.
    """
    total = cumulative[-1]
    here = at
    if not total > 0.0:
        return 0
    last = cumulative.size - 1
    while last > 0 and cumulative[last - 1] == total:
        last -= 1
    offset = uniform(key ^ _WIND)
    size = np.zeros(N_LISTS, np.int64)
    wind, found = 0, 0
    for h in range(histories):
        mark = (h + offset) / histories * total
        while wind < last and cumulative[wind] <= mark:
            wind += 1
        begin, anew = here, end < 0
        while here < end and known.history[here] == h:
            anew |= known.unit[here] < 0
            here += 1
        if not anew:
            if first + found + here - begin <= stop:
                copy_history(known, begin, here, at, log, first, found)
            found += here - begin
            continue
        base = join(key, np.uint64(h))
        hot, other = row[source, wind, 0], row[source, wind, 1]
        if not opened and quiet(hot, other, base, unit, heat, heat_row, blast, blast_row):
            continue
        play(primary, source, wind, base, opened, static, unit, lists, size, heat, heat_row, blast, blast_row, row)
        if first + found + size[FAILED_LIST] <= stop:
            for k in range(size[FAILED_LIST]):
                v = lists[FAILED_LIST, k]
                to = first + found + k
                parent = unit[lists[PARENT_LIST, k]]["entry"]
                log.history[to] = h
                log.unit[to] = v
                log.parent[to] = found + parent if parent >= 0 else -1
                log.order[to] = unit[v]["order"]
                log.time[to] = unit[v]["time"]
                log.path[to] = unit[v]["path"]
                log.direct[to] = fails_directly(v, hot, other, base, unit, heat, heat_row, blast, blast_row)
        found += size[FAILED_LIST]
        clear(unit, lists, size)
    return found


@parallel_kernel
def _play_primaries(
    sources: Indices,
    units: Indices,
    keys: Keys,
    cumulative: Floats,
    histories: int,
    opened: bool,
    static: bool,
    unit: Records,
    heat: Records,
    heat_row: Records,
    blast: Records,
    blast_row: Records,
    row: Pairs,
    turn: NDArray[np.int64],
    log: Log,
    known: Log,
    there: NDArray[np.bool_],
) -> NDArray[np.int64]:
    found = np.zeros(sources.size, np.int64)
    chunks = min(64, sources.size)
    for chunk in prange(chunks):
        own, lists = unit.copy(), np.zeros((N_LISTS, unit.size), np.int32)
        for i in range(chunk, sources.size, chunks):
            m = turn[i]
            found[m] = _play_all(
                sources[m],
                units[m],
                keys[m],
                cumulative[m],
                histories,
                opened,
                static,
                own,
                lists,
                heat,
                heat_row,
                blast,
                blast_row,
                row,
                log.start[m],
                log.start[m + 1],
                log,
                known,
                known.start[m] if there[m] else -1,
                known.start[m + 1] if there[m] else -1,
            )
    return found


@kernel
def _primary_keys(seed: np.uint64, keys: Keys) -> Keys:
    out = np.empty_like(keys)
    for i in range(keys.size):
        out[i] = join(seed, keys[i])
    return out


def _entries(target: Indices, load: Floats, chance: Floats, any_: Floats) -> Records:
    out = np.zeros(target.size, LOAD)
    out["target"], out["load"], out["chance"], out["any"] = target, load, chance, any_
    return out


def _rows(start: NDArray[np.int64]) -> Records:
    out = np.zeros(start.size - 1, ROW)
    out["start"], out["stop"] = start[:-1], start[1:]
    return out


def cascades(
    net: Network,
    primaries: Primaries,
    histories: int,
    seed: int,
    *,
    static: bool = False,
    opened: bool = True,
    direct: Direct | None = None,
    known: Known | None = None,
    expected: Floats | None = None,
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
    known : Known, optional
        Histories of the same primaries in another network, with the same seed, number, ``static`` and ``opened``, whose
        own rows are the same in both.
    expected : array, shape (n_primaries,), optional
        About how many failures all histories of each primary have, as `failures` tells: room is made for them. It
        changes no result.

    Returns
    -------
    weight : float64 array, shape (n_primaries,)
        A unit found in k histories fails with probability weight × k / histories; it is the chance of any escalation.
    log : Log
        Failures of units other than the primary's.

    Raises
    ------
    OutOfRange
        The arrays of the network do not fit together.
    """
    _check(net)
    exact = direct or direct_escalation(net, static)
    cumulative = _cumulative(net, exact, primaries.source, opened=opened)
    weight = cumulative[:, -1].copy() if opened else np.ones(primaries.source.size)
    play_into = _player(net, exact, primaries, _Rules(seed, opened, static))
    none = nothing_known(primaries.source.size)
    given = known or none
    if expected is None:
        few = min(histories, _PILOT)
        pilot = play_into(none.log, few, np.where(given.there[:, None], 0.0, cumulative), none)
        expected = np.asarray(pilot * (histories / few))
    entries = np.where(given.there, np.diff(given.log.start), expected)
    room = np.where(weight > 0.0, _ROOM * (entries + histories), 0.0).astype(np.int64)
    while True:
        log = new_log(room)
        found = play_into(log, histories, cumulative, given)
        fits = found <= room
        if np.all(fits):
            return weight, trimmed(log, found)
        given = Known(trimmed(log, np.where(fits, found, 0)), fits)
        room = found


def failures(
    net: Network, primaries: Primaries, histories: int, seed: int, *, static: bool = False, direct: Direct | None = None
) -> NDArray[np.int64]:
    """Number of failures in so many histories of each primary; arguments as in `cascades`, shape (n_primaries,)."""
    _check(net)
    exact = direct or direct_escalation(net, static)
    cumulative = _cumulative(net, exact, primaries.source, opened=True)
    none = nothing_known(primaries.source.size)
    return _player(net, exact, primaries, _Rules(seed, True, static))(none.log, histories, cumulative, none)


def _check(net: Network) -> None:
    shape = net.class_probability.shape
    if (
        len(shape) != 2
        or shape[0] != net.source_unit.size
        or net.heat_row.shape != shape
        or net.blast_row.shape != shape
    ):
        raise OutOfRange("荷载行与来源或风况不符", "the rows of loads do not fit the sources and wind classes")


def _cumulative(net: Network, direct: Direct, sources: Indices, *, opened: bool) -> Floats:
    """Running sums over the wind classes of how likely a history is to be in them, shape (len(sources), n_classes)."""
    reach = net.class_probability[sources]
    if opened:
        reach = reach * escalation_chance(net, direct, sources)
    return np.ascontiguousarray(np.cumsum(reach, axis=1))


def _spread(n: int) -> NDArray[np.int64]:
    """Order of work in which neighbours are far apart: tank farms whose cascades are long share the threads evenly."""
    return np.argsort(np.arange(n) * _GOLDEN % 1.0, kind="stable")


class _Rules(NamedTuple):
    seed: int
    opened: bool
    static: bool


def _player(
    net: Network, direct: Direct, primaries: Primaries, rules: _Rules
) -> Callable[[Log, int, Floats, Known], NDArray[np.int64]]:
    """Function that plays so many histories of each primary into a log and says how many entries there are of each."""
    keys = _primary_keys(np.uint64(rules.seed), primaries.key)
    unit = unit_records(net)
    heat, heat_row = _entries(net.heat_target, net.heat_load, direct.heat, direct.heat_any), _rows(net.heat_start)
    heat_row["duration"] = net.heat_duration
    blast = _entries(net.blast_target, np.zeros(net.blast_target.size), net.blast_probability, direct.blast_any)
    blast_row, row = _rows(net.blast_start), np.stack([net.heat_row, net.blast_row], axis=2)
    source, primary = primaries.source, net.source_unit[primaries.source]
    flags = (rules.opened, rules.static)
    turn = _spread(source.size)

    def play_into(log: Log, count: int, cumulative: Floats, known: Known) -> NDArray[np.int64]:
        return _play_primaries(
            source,
            primary,
            keys,
            cumulative,
            count,
            *flags,
            unit,
            heat,
            heat_row,
            blast,
            blast_row,
            row,
            turn,
            log,
            known.log,
            known.there,
        )

    return play_into
