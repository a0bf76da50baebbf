"""The kernel that plays all histories of many primary events, see `risk.cascades.cascade`."""

import math

import numpy as np
from numba import prange
from numpy.typing import NDArray

from parkrisk.models._jit import borrowed, kernel, parallel_kernel
from parkrisk.risk.cascades.draws import join, uniform
from parkrisk.risk.cascades.history import fails_directly, play
from parkrisk.risk.cascades.logs import Log, copy_history
from parkrisk.risk.cascades.records import (
    FAILED_LIST,
    HEAT,
    N_LISTS,
    PARENT_LIST,
    Lists,
    Records,
    Sizes,
    Triples,
    clear,
)
from parkrisk.risk.cascades.suspects import all_stand
from parkrisk.scenarios.facility.network import Floats, Indices, Keys

WIND = np.uint64(0x5851F42D4C957F2D)  # tells the random start in the wind rose from the draws of units
_SKIP = np.uint64(0x6A09E667F3BCC909)  # tells the way to the next history that escalates from other draws
_CERTAIN = 64.0  # length of a history that always escalates: the chance of passing it over is below 1e-27
_CHUNKS = 64  # of primaries, which share what a history needs to work on


@kernel
def _next_escalating(
    h: int, histories: int, offset: float, wind: int, way: float, cumulative: Floats, chance: Floats
) -> tuple[int, int, float]:
    """From history ``h`` on, the first that escalates, its wind class, and what is left of the way to it.

    With -ln(1 - p) as the length of a history in which escalation has chance p, the way to the next one that escalates
    is exponential: those between are passed over in one step for each wind class.
    """
    total, last = cumulative[-1], cumulative.size - 1
    while h < histories:
        while wind < last and cumulative[wind] <= (h + offset) / histories * total:
            wind += 1
        stop = histories
        if wind < last:
            stop = min(histories, max(h + 1, math.ceil(cumulative[wind] / total * histories - offset)))
        length = -math.log1p(-chance[wind]) if chance[wind] < 1.0 else _CERTAIN
        if way < length * (stop - h):
            h += min(int(way / length), stop - h - 1)
            return h, wind, way
        way -= length * (stop - h)
        h = stop
    return h, wind, way


@kernel
def _copied(
    source: int,
    heat: int,
    static: bool,
    history: int,
    base: np.uint64,
    unit: Records,
    lists: Lists,
    size: Sizes,
    entry: Records,
    span: Records,
    log: Log,
    first: int,
    found: int,
) -> None:
    """Write the failures of a history into the log; ``source``: its one primary event, -1: there are several."""
    for k in range(size[FAILED_LIST]):
        v = lists[FAILED_LIST, k]
        to = first + found + k
        parent = unit[lists[PARENT_LIST, k]]["entry"]
        log.history[to] = history
        log.unit[to] = v
        log.parent[to] = found + parent if parent >= 0 else -1
        log.order[to] = unit[v]["order"]
        log.time[to] = unit[v]["time"]
        log.path[to] = unit[v]["path"]
        log.direct[to] = source >= 0 and fails_directly(v, heat, static, base, unit, entry, span)


@kernel
def _play_all(
    sources: Indices,
    source_unit: Indices,
    key: np.uint64,
    cumulative: Floats,
    chance: Floats,
    histories: int,
    opened: bool,
    static: bool,
    unit: Records,
    lists: Lists,
    size: Sizes,
    entry: Records,
    span: Records,
    row: Triples,
    shared: Floats,
    first: int,
    stop: int,
    log: Log,
    known: Log,
    at: int,
    end: int,
    suspects: Indices,
    wary: NDArray[np.bool_],
) -> int:
    """Play the histories of one primary event, or of several that come about together.

    Wind classes come in proportion to ``cumulative``, from a random start. Its entries in ``known`` are ``at`` to
    ``end`` (-1: it has none); histories that are still good, and through which all ``suspects`` stand, are copied.
    """
    total = cumulative[-1]
    if not total > 0.0:
        return 0
    last = cumulative.size - 1
    while last > 0 and cumulative[last - 1] == total:
        last -= 1
    single = sources.size == 1
    offset = uniform(key ^ WIND)
    # The caller holds these arrays until the end.
    unit, lists, size = borrowed(unit), borrowed(lists), borrowed(size)
    entry, span, row, shared = borrowed(entry), borrowed(span), borrowed(row), borrowed(shared)
    wind, found, here, drawn, h = 0, 0, at, 0, -1
    while True:
        h += 1
        if single and not opened:
            way = -math.log(uniform(join(key ^ _SKIP, np.uint64(drawn))))
            drawn += 1
            h, wind, _ = _next_escalating(h, histories, offset, wind, way, cumulative[: last + 1], chance)
        if h >= histories:
            return found
        while wind < last and cumulative[wind] <= (h + offset) / histories * total:
            wind += 1
        begin, anew = here, end < 0
        while here < end and known.history[here] == h:
            anew |= known.unit[here] < 0
            here += 1
        base = join(key, np.uint64(h))
        if not anew:
            anew = not all_stand(suspects, wary, sources[0], wind, base, known.unit[begin:here], unit, entry, span, row)
        if not anew:
            if first + found + here - begin <= stop:
                copy_history(known, begin, here, at, log, first, found)
            found += here - begin
            continue
        play(sources, source_unit, wind, base, single, static, unit, lists, size, entry, span, row, shared)
        if first + found + size[FAILED_LIST] <= stop:
            source = sources[0] if single else -1
            heat = row[sources[0], wind, HEAT]
            _copied(source, heat, static, h, base, unit, lists, size, entry, span, log, first, found)
        found += size[FAILED_LIST]
        clear(wind, unit, lists, size, entry, span, row, shared)


@parallel_kernel
def play_primaries(
    start: NDArray[np.int64],
    sources: Indices,
    source_unit: Indices,
    keys: Keys,
    cumulative: Floats,
    chance: Floats,
    histories: int,
    opened: bool,
    static: bool,
    unit: Records,
    entry: Records,
    span: Records,
    row: Triples,
    n_shared: int,
    turn: NDArray[np.int64],
    log: Log,
    known: Log,
    there: NDArray[np.bool_],
    suspects: Indices,
    wary: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """Play the histories of every set of primary events into ``log``, as far as there is room.

    Parameters
    ----------
    start, sources : arrays
        Sets, as in `risk.cascades.cascade.Sets`; ``turn`` (n_sets,) is the order in which they are taken up.
    keys, cumulative, chance : arrays, shapes (n_sets,), (n_sets, n_classes), (n_sets, n_classes)
        Keys of the draws, running sums over the wind classes, chance of escalation in each without barriers.
    known, there, suspects, wary
        Histories of another network that may be copied, see `risk.cascades.logs.Known`; each set of those is one event.

    Returns
    -------
    array, shape (n_sets,)
        How many entries the log of each set has, or would have.
    """
    found = np.zeros(turn.size, np.int64)
    chunks = min(_CHUNKS, turn.size)
    for chunk in prange(chunks):
        own, lists, size = unit.copy(), np.zeros((N_LISTS, unit.size), np.int32), np.zeros(N_LISTS, np.int64)
        shared = np.zeros(n_shared)
        for i in range(chunk, turn.size, chunks):
            m = turn[i]
            found[m] = _play_all(
                sources[start[m] : start[m + 1]],
                source_unit,
                keys[m],
                cumulative[m],
                chance[m],
                histories,
                opened,
                static,
                own,
                lists,
                size,
                entry,
                span,
                row,
                shared,
                log.start[m],
                log.start[m + 1],
                log,
                known,
                known.start[m] if there[m] else -1,
                known.start[m + 1] if there[m] else -1,
                suspects,
                wary,
            )
    return found
