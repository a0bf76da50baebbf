"""One history of a cascade: who fails, when, and because of whom. `risk.cascades.cascade` plays many."""

import math

import numpy as np

from parkrisk.models._jit import kernel
from parkrisk.risk.cascades.draws import join, mix, normal_cdf, normal_quantile, uniform
from parkrisk.risk.cascades.records import (
    BURNING_LIST,
    DRAWN_LIST,
    DUE_LIST,
    FAILED,
    FAILED_LIST,
    LOST,
    PARENT_LIST,
    PRIMARY,
    Lists,
    Pairs,
    Records,
    Sizes,
    set_due,
    touch,
)

_BLAST = np.uint64(0xA5A5A5A55A5A5A5B)  # tells a unit's blast draw from its heat draw


@kernel
def time_to_failure(load: float, shell: float, exponent: float, threshold: float) -> float:
    """Time a unit stands under a steady load [W/m²]; infinite below its threshold. [s]"""
    if not (load > 0.0 and load >= threshold):
        return math.inf
    return math.exp(shell - exponent * math.log(load))


@kernel
def chance_of_late_clock(time: float, mean: float, deviation: float) -> float:
    """Chance that mitigation comes after ``time``."""
    if time == math.inf:
        return 0.0
    return normal_cdf((mean - math.log(time)) / deviation)


@kernel
def _fail(v: int, parent: int, time: float, unit: Records, lists: Lists, size: Sizes) -> None:
    set_due(v, np.inf, unit, lists, size)
    k = size[FAILED_LIST]
    unit[v]["status"] = FAILED
    unit[v]["entry"] = k
    unit[v]["order"] = unit[parent]["order"] + 1
    unit[v]["path"] = join(unit[parent]["path"], unit[v]["key"])
    unit[v]["time"] = time
    lists[FAILED_LIST, k] = v
    lists[PARENT_LIST, k] = parent
    size[FAILED_LIST] = k + 1


@kernel
def _open(
    primary: int,
    row: int,
    other: int,
    base: np.uint64,
    unit: Records,
    lists: Lists,
    size: Sizes,
    heat: Records,
    heat_row: Records,
    blast: Records,
    blast_row: Records,
) -> None:
    """Draw who fails directly, given that at least one does; blast victims fail at once, the others when due."""
    tail = 0.0
    if other >= 0 and blast_row[other]["start"] < blast_row[other]["stop"]:
        tail = blast[blast_row[other]["start"]]["any"]
    found = False
    if row >= 0:
        for i in range(heat_row[row]["start"], heat_row[row]["stop"]):
            p = heat[i]["chance"]
            if p == 0.0 or found:
                continue  # an unset draw is the plain one, taken when it is needed
            v = heat[i]["target"]
            u = uniform(base ^ unit[v]["key"])
            any_ = heat[i]["any"] + (1.0 - heat[i]["any"]) * tail
            share = p / any_
            found = u < share
            unit[v]["draw"] = u * any_ if found else p + (1.0 - p) * (u - share) / (1.0 - share)
            touch(v, unit, lists, size)
    if other >= 0:
        for i in range(blast_row[other]["start"], blast_row[other]["stop"]):
            p = blast[i]["chance"]
            v = blast[i]["target"]
            u = uniform(base ^ unit[v]["key"] ^ _BLAST)
            if not found and p > 0.0:
                share = p / blast[i]["any"]
                found = u < share
                u = u * blast[i]["any"] if found else p + (1.0 - p) * (u - share) / (1.0 - share)
                unit[v]["blast_draw"] = u
                lists[DRAWN_LIST, size[DRAWN_LIST]] = v
                size[DRAWN_LIST] += 1
            if u < p:
                touch(v, unit, lists, size)
                _fail(v, primary, 0.0, unit, lists, size)


@kernel
def _blast_draw(v: int, base: np.uint64, unit: Records) -> float:
    drawn = unit[v]["blast_draw"]
    return drawn if drawn >= 0.0 else uniform(base ^ unit[v]["key"] ^ _BLAST)


@kernel
def _burst(
    v: int,
    row: int,
    time: float,
    base: np.uint64,
    unit: Records,
    lists: Lists,
    size: Sizes,
    blast: Records,
    blast_row: Records,
) -> None:
    if row < 0:
        return
    for i in range(blast_row[row]["start"], blast_row[row]["stop"]):
        w = blast[i]["target"]
        if unit[w]["status"] != FAILED and _blast_draw(w, base, unit) < blast[i]["chance"]:
            touch(w, unit, lists, size)
            _fail(w, v, time, unit, lists, size)


@kernel
def _update(
    v: int, change: float, time: float, static: bool, base: np.uint64, unit: Records, lists: Lists, size: Sizes
) -> None:
    """Bring a standing unit up to now, change its load, and foresee its failure."""
    u = unit[v]
    u["dose"] += (time - u["since"]) * u["rate"]
    u["since"] = time
    load = u["load"] + change
    u["load"] = load
    if load >= u["threshold"] and u["clock"] < 0.0:
        late = u["draw"] if u["draw"] >= 0.0 else uniform(base ^ u["key"])  # the chance of a later clock
        clock = u["clock_mean"] - u["clock_deviation"] * normal_quantile(late)
        u["clock"] = math.exp((u["shell"] - clock) / u["exponent"] if static else clock)
    if static:
        if load >= u["threshold"] and load >= u["clock"] and u["due"] == np.inf:
            set_due(v, time + 1.0, unit, lists, size)  # the time of a static cascade counts generations
        return
    ttf = time_to_failure(load, u["shell"], u["exponent"], u["threshold"])
    u["rate"] = 1.0 / ttf
    due = time + max(0.0, 1.0 - u["dose"]) * ttf
    set_due(v, due if ttf < np.inf and due < u["clock"] else np.inf, unit, lists, size)


@kernel
def _blame(w: int, v: int, load: float, unit: Records) -> None:
    """Remember who puts the largest load on a unit; of equals the one with the lower index."""
    u = unit[w]
    if load > u["most"] or (load == u["most"] and 0 <= v < u["by"]):
        u["most"] = load
        u["by"] = v


@kernel
def _ignite(
    v: int,
    row: int,
    time: float,
    static: bool,
    base: np.uint64,
    unit: Records,
    lists: Lists,
    size: Sizes,
    heat: Records,
    heat_row: Records,
) -> None:
    if row < 0:
        return
    lists[BURNING_LIST, size[BURNING_LIST]] = v
    size[BURNING_LIST] += 1
    unit[v]["ends"] = np.inf if static else time + heat_row[row]["duration"]
    for i in range(heat_row[row]["start"], heat_row[row]["stop"]):
        w = heat[i]["target"]
        touch(w, unit, lists, size)
        if unit[w]["status"] != FAILED:
            _update(w, heat[i]["load"], time, static, base, unit, lists, size)
            _blame(w, v, heat[i]["load"], unit)


@kernel
def _burn_out(
    place: int,
    row: int,
    base: np.uint64,
    unit: Records,
    lists: Lists,
    size: Sizes,
    heat: Records,
    heat_row: Records,
) -> None:
    v = lists[BURNING_LIST, place]
    size[BURNING_LIST] -= 1
    lists[BURNING_LIST, place] = lists[BURNING_LIST, size[BURNING_LIST]]
    for i in range(heat_row[row]["start"], heat_row[row]["stop"]):
        w = heat[i]["target"]
        if unit[w]["status"] != FAILED:
            _update(w, -heat[i]["load"], unit[v]["ends"], False, base, unit, lists, size)
            if unit[w]["by"] == v:
                unit[w]["by"] = LOST


@kernel
def _place_in(v: int, low: int, high: int, entry: Records) -> int:
    """Entry of unit ``v`` in a row; -1: none."""
    stop = high
    while low < high:
        middle = (low + high) // 2
        if entry[middle]["target"] < v:
            low = middle + 1
        else:
            high = middle
    return low if low < stop and entry[low]["target"] == v else -1


@kernel
def fails_directly(
    v: int,
    row: int,
    other: int,
    base: np.uint64,
    unit: Records,
    heat: Records,
    heat_row: Records,
    blast: Records,
    blast_row: Records,
) -> bool:
    """Whether the primary event alone, with these rows, fails a unit in this history."""
    if row >= 0:
        place = _place_in(v, heat_row[row]["start"], heat_row[row]["stop"], heat)
        if place >= 0:
            drawn = unit[v]["draw"]
            u = drawn if drawn >= 0.0 else uniform(base ^ unit[v]["key"])
            if u < heat[place]["chance"]:
                return True
    if other < 0:
        return False
    place = _place_in(v, blast_row[other]["start"], blast_row[other]["stop"], blast)
    return place >= 0 and _blast_draw(v, base, unit) < blast[place]["chance"]


@kernel
def _culprit(
    v: int,
    primary: int,
    source: int,
    wind: int,
    unit: Records,
    lists: Lists,
    size: Sizes,
    heat: Records,
    heat_row: Records,
    row: Pairs,
) -> int:
    """Which of the burning units loads ``v`` most; of equals the one with the lower index."""
    if unit[v]["by"] >= 0:
        return int(unit[v]["by"])
    best, most = -1, -1.0
    for i in range(size[BURNING_LIST]):
        u = lists[BURNING_LIST, i]
        at = row[source if u == primary else unit[u]["heat"], wind, 0]
        place = _place_in(v, heat_row[at]["start"], heat_row[at]["stop"], heat)
        load = heat[place]["load"] if place >= 0 else 0.0
        if load > most or (load == most and u < best):
            best, most = u, load
    return best


@kernel
def _next_failure(unit: Records, lists: Lists, size: Sizes) -> int:
    best, due = -1, np.inf
    for i in range(size[DUE_LIST]):
        v = lists[DUE_LIST, i]
        mine = unit[v]["due"]
        if mine < due or (mine == due and v < best):
            best, due = v, mine
    return best


@kernel
def _next_burn_out(best: int, seen: int, unit: Records, lists: Lists, size: Sizes) -> int:
    """Place of the fire that ends first; ``best`` is that among the first ``seen``."""
    end = unit[lists[BURNING_LIST, best]]["ends"]
    for i in range(seen, size[BURNING_LIST]):
        v = lists[BURNING_LIST, i]
        mine = unit[v]["ends"]
        if mine < end or (mine == end and v < lists[BURNING_LIST, best]):
            best, end = i, mine
    return best


@kernel
def quiet(
    row: int,
    other: int,
    base: np.uint64,
    unit: Records,
    heat: Records,
    heat_row: Records,
    blast: Records,
    blast_row: Records,
) -> bool:
    """Whether a history ends with its primary: nobody fails directly, and then nobody fails at all."""
    if row >= 0:
        for i in range(heat_row[row]["start"], heat_row[row]["stop"]):
            if uniform(base ^ unit[heat[i]["target"]]["key"]) < heat[i]["chance"]:
                return False
    if other >= 0:
        for i in range(blast_row[other]["start"], blast_row[other]["stop"]):
            if uniform(base ^ unit[blast[i]["target"]]["key"] ^ _BLAST) < blast[i]["chance"]:
                return False
    return True


@kernel
def play(
    primary: int,
    source: int,
    wind: int,
    base: np.uint64,
    opened: bool,
    static: bool,
    unit: Records,
    lists: Lists,
    size: Sizes,
    heat: Records,
    heat_row: Records,
    blast: Records,
    blast_row: Records,
    row: Pairs,
) -> None:
    """Play one history into ``unit`` and ``lists``; ``opened``: given that there is a direct escalation.

    Parameters
    ----------
    primary, source, wind, base
        The unit and the primary event that start it, the wind class, the key of the history.
    static : bool
        True: the static cascade, whose time counts generations.
    row : int32 array, shape (n_sources, n_classes, 2)
        Heat row and blast row.
    """
    touch(primary, unit, lists, size)
    unit[primary]["status"] = FAILED
    unit[primary]["entry"] = PRIMARY
    unit[primary]["order"] = 0
    unit[primary]["path"] = mix(unit[primary]["key"])
    hot, other = row[source, wind, 0], row[source, wind, 1]
    if opened:
        _open(primary, hot, other, base, unit, lists, size, heat, heat_row, blast, blast_row)
    else:
        _burst(primary, other, 0.0, base, unit, lists, size, blast, blast_row)
    _ignite(primary, hot, 0.0, static, base, unit, lists, size, heat, heat_row)
    done = 0
    place, seen = 0, 0  # fires that end first, and how many were compared
    while True:
        while done < size[FAILED_LIST]:
            v = lists[FAILED_LIST, done]
            time = unit[v]["time"]
            if unit[v]["blast"] >= 0:
                _burst(v, row[unit[v]["blast"], wind, 1], time, base, unit, lists, size, blast, blast_row)
            if unit[v]["heat"] >= 0:
                _ignite(v, row[unit[v]["heat"], wind, 0], time, static, base, unit, lists, size, heat, heat_row)
            done += 1
        v = _next_failure(unit, lists, size)
        if v < 0 or size[BURNING_LIST] == 0:
            return
        place = _next_burn_out(place, seen, unit, lists, size)
        seen = size[BURNING_LIST]
        u = lists[BURNING_LIST, place]
        if unit[u]["ends"] < unit[v]["due"]:
            at = row[source if u == primary else unit[u]["heat"], wind, 0]
            _burn_out(place, at, base, unit, lists, size, heat, heat_row)
            place, seen = 0, 0
        else:
            parent = _culprit(v, primary, source, wind, unit, lists, size, heat, heat_row, row)
            _fail(v, parent, unit[v]["due"], unit, lists, size)
