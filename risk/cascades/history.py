"""One history of a cascade: who fails, when, and because of whom. `risk.cascades.cascade` plays many."""

import math

import numpy as np

from parkrisk.models._jit import inlined_kernel
from parkrisk.risk.cascades.at_once import burst, fail, open_history
from parkrisk.risk.cascades.draws import mix, normal_quantile, uniform
from parkrisk.risk.cascades.one_unit import deluge_works, fireproofing_holds, heat_failure
from parkrisk.risk.cascades.records import (
    BLAST,
    BURNING_LIST,
    DUE_LIST,
    FAILED,
    FAILED_LIST,
    HEAT,
    HIT,
    LOST,
    PRIMARY,
    SAFE,
    STANDING,
    Lists,
    Records,
    Sizes,
    Triples,
    set_due,
    touch,
)
from parkrisk.scenarios.facility.network import Floats, Indices


@inlined_kernel
def _stand_guard(v: int, base: np.uint64, unit: Records) -> None:
    """Decide once in a history which barriers of a unit work."""
    u = unit[v]
    if u["factor"] >= 0.0:
        return
    works = deluge_works(base, u["key"], u["deluge_fails"], u["system_key"], u["system_fails"])
    u["factor"] = u["deluge_factor"] if works else 1.0
    u["kept"] = u["delay"] if fireproofing_holds(base, u["key"], u["delay_fails"]) else 0.0
    u["left"] = u["kept"]


@inlined_kernel
def _late(v: int, base: np.uint64, unit: Records) -> float:
    """Draw of the clock: a unit fails at a moment if the chance of a later clock is above it."""
    drawn = unit[v]["draw"]
    return drawn if drawn >= 0.0 else uniform(base ^ unit[v]["key"])


@inlined_kernel
def _set_clock(v: int, static: bool, base: np.uint64, unit: Records) -> None:
    """Draw when mitigation protects a unit; in static cascades, the load that fails it before that."""
    u = unit[v]
    clock = u["clock_mean"] - u["clock_deviation"] * normal_quantile(_late(v, base, unit))
    if not static:
        u["clock"] = math.exp(clock)
        return
    time = math.exp(clock) - u["kept"]
    u["clock"] = math.exp((u["shell"] - math.log(time)) / u["exponent"]) if time > 0.0 else math.inf


@inlined_kernel
def _update(
    v: int, change: float, time: float, static: bool, base: np.uint64, unit: Records, lists: Lists, size: Sizes
) -> None:
    """Bring a standing unit up to now, change its load, and foresee its failure."""
    u = unit[v]
    _stand_guard(v, base, unit)
    if u["rate"] > 0.0:
        passed = time - u["since"]
        kept_off = min(u["left"], passed)
        u["left"] -= kept_off
        u["dose"] += (passed - kept_off) * u["rate"]
        u["rate"] = 0.0
    u["since"] = time
    u["load"] += change
    load = u["factor"] * u["load"]
    if not (load > 0.0 and load >= u["threshold"]):
        set_due(v, np.inf, unit, lists, size)
        return
    if u["clock"] < 0.0:
        _set_clock(v, static, base, unit)
    if static:
        if load >= u["clock"] and u["due"] == np.inf:
            set_due(v, time + 1.0, unit, lists, size)  # the time of a static cascade counts generations
        return
    if time >= u["clock"]:
        u["status"] = SAFE
        set_due(v, np.inf, unit, lists, size)
        return
    ttf = math.exp(u["shell"] - u["exponent"] * math.log(load))
    u["rate"] = 1.0 / ttf
    due = time + u["left"] + max(0.0, 1.0 - u["dose"]) * ttf
    set_due(v, due if due < u["clock"] else np.inf, unit, lists, size)


@inlined_kernel
def _blame(w: int, v: int, load: float, unit: Records) -> None:
    """Remember who puts the largest load on a unit; of equals the one with the lower index."""
    u = unit[w]
    if load > u["most"] or (load == u["most"] and 0 <= v < u["by"]):
        u["most"] = load
        u["by"] = v


@inlined_kernel
def place_in(v: int, low: int, high: int, entry: Records) -> int:
    """Entry of unit ``v`` in a row; -1: none."""
    stop = high
    while low < high:
        middle = (low + high) // 2
        if entry[middle]["target"] < v:
            low = middle + 1
        else:
            high = middle
    return low if low < stop and entry[low]["target"] == v else -1


@inlined_kernel
def _beside(
    w: int,
    load: float,
    pool: np.uint64,
    wind: int,
    unit: Records,
    lists: Lists,
    size: Sizes,
    entry: Records,
    span: Records,
    row: Triples,
) -> float:
    """Largest load on a unit by the fires that burn in a bund, as far as it is below ``load``; at most ``load``."""
    most = 0.0
    for i in range(size[BURNING_LIST]):
        at = row[unit[lists[BURNING_LIST, i]]["fire"], wind, HEAT]
        if span[at]["pool"] == pool:
            place = place_in(w, span[at]["start"], span[at]["stop"], entry)
            if place >= 0:
                most = max(most, entry[place]["load"])
                if most >= load:
                    return load
    return most


@inlined_kernel
def _ignite(
    v: int,
    source: int,
    wind: int,
    time: float,
    static: bool,
    base: np.uint64,
    unit: Records,
    lists: Lists,
    size: Sizes,
    entry: Records,
    span: Records,
    row: Triples,
    shared: Floats,
) -> float:
    """Let a unit burn; until when."""
    at = row[source, wind, HEAT]
    if at < 0:
        return math.inf
    unit[v]["fire"] = source
    unit[v]["ends"] = np.inf if static else time + span[at]["duration"]
    for i in range(span[at]["start"], span[at]["stop"]):
        w = entry[i]["target"]
        touch(w, unit, lists, size)
        if unit[w]["status"] == STANDING:
            load, place = entry[i]["load"], entry[i]["shared"]
            if place >= 0:
                load, shared[place] = load - shared[place], max(load, shared[place])
            if load > 0.0:
                _update(w, load, time, static, base, unit, lists, size)
            _blame(w, v, entry[i]["load"], unit)
    lists[BURNING_LIST, size[BURNING_LIST]] = v
    size[BURNING_LIST] += 1
    return float(unit[v]["ends"])


@inlined_kernel
def _burn_out(
    place: int,
    wind: int,
    base: np.uint64,
    unit: Records,
    lists: Lists,
    size: Sizes,
    entry: Records,
    span: Records,
    row: Triples,
    shared: Floats,
) -> float:
    """End the fire at this place of the list of burning units; when the next one ends."""
    v = lists[BURNING_LIST, place]
    size[BURNING_LIST] -= 1
    lists[BURNING_LIST, place] = lists[BURNING_LIST, size[BURNING_LIST]]
    out = row[unit[v]["fire"], wind, HEAT]
    pool = span[out]["pool"]
    for i in range(span[out]["start"], span[out]["stop"]):
        w = entry[i]["target"]
        if unit[w]["status"] == STANDING:
            load, place = entry[i]["load"], entry[i]["shared"]
            if place >= 0 and load < shared[place]:
                load = 0.0
            elif place >= 0:
                shared[place] = _beside(w, load, pool, wind, unit, lists, size, entry, span, row)
                load -= shared[place]
            if load > 0.0:
                _update(w, -load, unit[v]["ends"], False, base, unit, lists, size)
            if unit[w]["by"] == v:
                unit[w]["by"] = LOST
    if size[BURNING_LIST] == 0:
        return math.inf
    return float(unit[lists[BURNING_LIST, _next_burn_out(unit, lists, size)]]["ends"])


@inlined_kernel
def fails_directly(
    v: int, heat: int, static: bool, base: np.uint64, unit: Records, entry: Records, span: Records
) -> bool:
    """Whether a primary event alone, with this row of heat, fails a unit of this history, one that failed in it.

    Its blast and fragments have failed whom they can at once.
    """
    u = unit[v]
    if u["order"] == 1 and u["time"] == 0.0:
        return True
    if heat < 0:
        return False
    place = place_in(v, span[heat]["start"], span[heat]["stop"], entry)
    if place < 0 or entry[place]["chance"] == 0.0:
        return False
    _stand_guard(v, base, unit)
    chance = entry[place]["chance"]
    if u["factor"] < 1.0 or u["kept"] > 0.0:
        chance = heat_failure(
            u["factor"] * entry[place]["load"],
            math.inf if static else span[heat]["duration"],
            u["kept"],
            u["shell"],
            u["exponent"],
            u["threshold"],
            u["clock_mean"],
            u["clock_deviation"],
        )
    return bool(_late(v, base, unit) < chance)


@inlined_kernel
def _culprit(
    v: int, wind: int, unit: Records, lists: Lists, size: Sizes, entry: Records, span: Records, row: Triples
) -> int:
    """Which of the burning units loads ``v`` most; of equals the one with the lower index."""
    if unit[v]["by"] >= 0:
        return int(unit[v]["by"])
    best, most = -1, -1.0
    for i in range(size[BURNING_LIST]):
        u = lists[BURNING_LIST, i]
        at = row[unit[u]["fire"], wind, HEAT]
        place = place_in(v, span[at]["start"], span[at]["stop"], entry)
        load = entry[place]["load"] if place >= 0 else 0.0
        if load > most or (load == most and u < best):
            best, most = u, load
    return best


@inlined_kernel
def _next_failure(unit: Records, lists: Lists, size: Sizes) -> int:
    best, due = -1, np.inf
    for i in range(size[DUE_LIST]):
        v = lists[DUE_LIST, i]
        mine = unit[v]["due"]
        if mine < due or (mine == due and v < best):
            best, due = v, mine
    return best


@inlined_kernel
def _next_burn_out(unit: Records, lists: Lists, size: Sizes) -> int:
    best = 0
    end = unit[lists[BURNING_LIST, 0]]["ends"]
    for i in range(1, size[BURNING_LIST]):
        v = lists[BURNING_LIST, i]
        mine = unit[v]["ends"]
        if mine < end or (mine == end and v < lists[BURNING_LIST, best]):
            best, end = i, mine
    return best


@inlined_kernel
def play(
    sources: Indices,
    source_unit: Indices,
    wind: int,
    base: np.uint64,
    opened: bool,
    static: bool,
    unit: Records,
    lists: Lists,
    size: Sizes,
    entry: Records,
    span: Records,
    row: Triples,
    shared: Floats,
) -> None:
    """Play one history into ``unit`` and ``lists``.

    Parameters
    ----------
    sources : int32 array
        Primary events, at units that all differ; they come about together.
    source_unit : int32 array, shape (n_sources,)
        Where each source is.
    wind, base
        The wind class, and the key of the history.
    opened : bool
        Given that the one primary event fails somebody directly, if no barrier works.
    static : bool
        True: the static cascade, whose time counts generations.
    shared : array
        Largest load by the fires that burn in a bund, by ``shared`` of the entries of `risk.cascades.records.ENTRY`: of
        a unit that stands. 0 before.
    """
    for i in range(sources.size):
        u = source_unit[sources[i]]
        touch(u, unit, lists, size)
        unit[u]["status"] = FAILED
        unit[u]["entry"] = PRIMARY
        unit[u]["order"] = 0
        unit[u]["path"] = mix(unit[u]["key"])
    for i in range(sources.size):
        u = source_unit[sources[i]]
        heat, blast, hit = row[sources[i], wind, HEAT], row[sources[i], wind, BLAST], row[sources[i], wind, HIT]
        if opened:
            open_history(u, heat, blast, hit, base, unit, lists, size, entry, span)
        else:
            burst(u, blast, hit, 0.0, base, unit, lists, size, entry, span)
    end = math.inf
    for i in range(sources.size):
        v = source_unit[sources[i]]
        end = min(end, _ignite(v, sources[i], wind, 0.0, static, base, unit, lists, size, entry, span, row, shared))
    done = 0
    while True:
        while done < size[FAILED_LIST]:
            v = lists[FAILED_LIST, done]
            time = unit[v]["time"]
            bursts, burns = unit[v]["blast"], unit[v]["heat"]
            if bursts >= 0:
                blast, hit = row[bursts, wind, BLAST], row[bursts, wind, HIT]
                burst(v, blast, hit, time, base, unit, lists, size, entry, span)
            if burns >= 0:
                end = min(end, _ignite(v, burns, wind, time, static, base, unit, lists, size, entry, span, row, shared))
            done += 1
        v = _next_failure(unit, lists, size)
        if v < 0 or size[BURNING_LIST] == 0:
            return
        if end < unit[v]["due"]:
            end = _burn_out(_next_burn_out(unit, lists, size), wind, base, unit, lists, size, entry, span, row, shared)
        else:
            fail(v, _culprit(v, wind, unit, lists, size, entry, span, row), unit[v]["due"], unit, lists, size)
