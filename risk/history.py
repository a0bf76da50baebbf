"""One history of a cascade: who fails, when, and because of whom. `risk.cascade` plays many."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.risk.draws import join, mix, normal_cdf, normal_quantile, uniform
from parkrisk.scenarios.network import Floats, Indices, Keys, Network

_BLAST = np.uint64(0xA5A5A5A55A5A5A5B)  # tells a unit's blast draw from its heat draw
_STANDING, _FAILED = 0, 1
_UNTOUCHED, _TOUCHED, _PRIMARY = -3, -2, -1  # values of ``State.entry`` of units that did not fail in the cascade


class Direct(NamedTuple):
    """Direct escalation, exactly; an ``any`` is the chance that its entry or a later one of the row comes true."""

    heat: Floats
    heat_any: Floats
    blast_any: Floats


class State(NamedTuple):
    """Working memory of one history; valid for touched units, the rest is at its defaults."""

    status: NDArray[np.int8]
    load: Floats
    dose: Floats
    rate: Floats
    since: Floats
    clock: Floats  # moment of protection (dynamic) or critical load (static); negative: not drawn yet
    due: Floats
    ends: Floats
    draw: Floats  # heat draw set by the opening; negative: not set
    blast_draw: Floats
    entry: Indices  # place of the unit's failure in the history
    order: Indices
    path: Keys
    touched: Indices
    drawn: Indices  # units with a set blast draw
    burning: Indices
    failed: Indices
    parent: Indices  # unit, per entry
    time: Floats  # per entry
    size: NDArray[np.int64]  # of touched, burning, failed, drawn


@kernel
def new_state(n: int) -> State:
    """Make the working memory for ``n`` units."""
    return State(
        np.zeros(n, np.int8),
        np.zeros(n),
        np.zeros(n),
        np.zeros(n),
        np.zeros(n),
        np.full(n, -1.0),
        np.full(n, np.inf),
        np.zeros(n),
        np.full(n, -1.0),
        np.full(n, -1.0),
        np.full(n, _UNTOUCHED, np.int32),
        np.zeros(n, np.int32),
        np.zeros(n, np.uint64),
        np.zeros(n, np.int32),
        np.zeros(n, np.int32),
        np.zeros(n, np.int32),
        np.zeros(n, np.int32),
        np.zeros(n, np.int32),
        np.zeros(n),
        np.zeros(4, np.int64),
    )


@kernel
def clear(s: State) -> None:
    """Bring the touched units back to their defaults."""
    for i in range(s.size[0]):
        v = s.touched[i]
        s.status[v] = _STANDING
        s.load[v] = 0.0
        s.dose[v] = 0.0
        s.rate[v] = 0.0
        s.since[v] = 0.0
        s.clock[v] = -1.0
        s.due[v] = np.inf
        s.draw[v] = -1.0
        s.entry[v] = _UNTOUCHED
    for i in range(s.size[3]):
        s.blast_draw[s.drawn[i]] = -1.0
    s.size[:] = 0


@kernel
def _touch(v: int, s: State) -> None:
    if s.entry[v] == _UNTOUCHED:
        s.entry[v] = _TOUCHED
        s.touched[s.size[0]] = v
        s.size[0] += 1


@kernel
def time_to_failure(v: int, load: float, net: Network) -> float:
    """Time a unit stands under a steady load [W/m²]; infinite below its threshold. [s]"""
    if not (load > 0.0 and load >= net.heat_threshold[v]):
        return math.inf
    return math.exp(net.shell[v] - net.heat_exponent[v] * math.log(load))


@kernel
def chance_of_late_clock(v: int, time: float, net: Network) -> float:
    """Chance that mitigation comes after ``time``."""
    if time == math.inf:
        return 0.0
    return normal_cdf((net.clock_mean[v] - math.log(time)) / net.clock_deviation[v])


@kernel
def row_chance(start: NDArray[np.int64], row: int, any_: Floats) -> float:
    """Chance that any entry of a row comes true."""
    if row < 0 or start[row] == start[row + 1]:
        return 0.0
    return float(any_[start[row]])


@kernel
def _fail(v: int, parent: int, time: float, net: Network, s: State) -> None:
    k = s.size[2]
    s.status[v] = _FAILED
    s.due[v] = np.inf
    s.entry[v] = k
    s.order[v] = s.order[parent] + 1
    s.path[v] = join(s.path[parent], net.unit_key[v])
    s.failed[k] = v
    s.parent[k] = parent
    s.time[k] = time
    s.size[2] = k + 1


@kernel
def _open(source: int, wind: int, base: np.uint64, net: Network, direct: Direct, s: State) -> None:
    """Draw who fails directly, given that at least one does; blast victims fail at once, the others when due."""
    primary = net.source_unit[source]
    row = net.heat_row[source, wind]
    other = net.blast_row[source, wind]
    tail = row_chance(net.blast_start, other, direct.blast_any)
    found = False
    if row >= 0:
        for i in range(net.heat_start[row], net.heat_start[row + 1]):
            p = direct.heat[i]
            if p == 0.0 or found:
                continue  # an unset draw is the plain one, taken when it is needed
            v = net.heat_target[i]
            u = uniform(base ^ net.unit_key[v])
            any_ = direct.heat_any[i] + (1.0 - direct.heat_any[i]) * tail
            share = p / any_
            found = u < share
            s.draw[v] = u * any_ if found else p + (1.0 - p) * (u - share) / (1.0 - share)
            _touch(v, s)
    if other >= 0:
        for i in range(net.blast_start[other], net.blast_start[other + 1]):
            p = net.blast_probability[i]
            v = net.blast_target[i]
            u = uniform(base ^ net.unit_key[v] ^ _BLAST)
            if not found and p > 0.0:
                share = p / direct.blast_any[i]
                found = u < share
                u = u * direct.blast_any[i] if found else p + (1.0 - p) * (u - share) / (1.0 - share)
                s.blast_draw[v] = u
                s.drawn[s.size[3]] = v
                s.size[3] += 1
            if u < p:
                _touch(v, s)
                _fail(v, primary, 0.0, net, s)


@kernel
def _blast(v: int, source: int, wind: int, time: float, base: np.uint64, net: Network, s: State) -> None:
    if source < 0 or net.blast_row[source, wind] < 0:
        return
    row = net.blast_row[source, wind]
    for i in range(net.blast_start[row], net.blast_start[row + 1]):
        w = net.blast_target[i]
        if s.status[w] == _FAILED:
            continue
        u = s.blast_draw[w] if s.blast_draw[w] >= 0.0 else uniform(base ^ net.unit_key[w] ^ _BLAST)
        if u < net.blast_probability[i]:
            _touch(w, s)
            _fail(w, v, time, net, s)


@kernel
def _update(v: int, change: float, time: float, static: bool, base: np.uint64, net: Network, s: State) -> None:
    """Bring a standing unit up to now, change its load, and foresee its failure."""
    s.dose[v] += (time - s.since[v]) * s.rate[v]
    s.since[v] = time
    s.load[v] += change
    if s.load[v] >= net.heat_threshold[v] and s.clock[v] < 0.0:
        u = s.draw[v] if s.draw[v] >= 0.0 else uniform(base ^ net.unit_key[v])
        clock = net.clock_mean[v] - net.clock_deviation[v] * normal_quantile(u)  # u is the chance of a later clock
        s.clock[v] = math.exp((net.shell[v] - clock) / net.heat_exponent[v] if static else clock)
    if static:
        if s.load[v] >= net.heat_threshold[v] and s.load[v] >= s.clock[v] and s.due[v] == np.inf:
            s.due[v] = time + 1.0  # the time of a static cascade counts generations
        return
    ttf = time_to_failure(v, s.load[v], net)
    s.rate[v] = 1.0 / ttf
    due = time + max(0.0, 1.0 - s.dose[v]) * ttf
    s.due[v] = due if ttf < np.inf and due < s.clock[v] else np.inf


@kernel
def _ignite(v: int, source: int, wind: int, time: float, static: bool, base: np.uint64, net: Network, s: State) -> None:
    if source < 0 or net.heat_row[source, wind] < 0:
        return
    row = net.heat_row[source, wind]
    s.burning[s.size[1]] = v
    s.size[1] += 1
    s.ends[v] = np.inf if static else time + net.heat_duration[row]
    for i in range(net.heat_start[row], net.heat_start[row + 1]):
        w = net.heat_target[i]
        _touch(w, s)
        if s.status[w] != _FAILED:
            _update(w, net.heat_load[i], time, static, base, net, s)


@kernel
def _burn_out(place: int, row: int, base: np.uint64, net: Network, s: State) -> None:
    v = s.burning[place]
    s.size[1] -= 1
    s.burning[place] = s.burning[s.size[1]]
    for i in range(net.heat_start[row], net.heat_start[row + 1]):
        w = net.heat_target[i]
        if s.status[w] != _FAILED:
            _update(w, -net.heat_load[i], s.ends[v], False, base, net, s)


@kernel
def _place_in(v: int, row: int, start: NDArray[np.int64], target: Indices) -> int:
    """Entry of unit ``v`` in a row; -1: none."""
    low, high = start[row], start[row + 1]
    while low < high:
        middle = (low + high) // 2
        if target[middle] < v:
            low = middle + 1
        else:
            high = middle
    return int(low) if low < start[row + 1] and target[low] == v else -1


@kernel
def fails_directly(v: int, source: int, wind: int, base: np.uint64, net: Network, direct: Direct, s: State) -> bool:
    """Whether the primary event alone fails a unit in this history."""
    row = net.heat_row[source, wind]
    place = _place_in(v, row, net.heat_start, net.heat_target) if row >= 0 else -1
    if place >= 0:
        u = s.draw[v] if s.draw[v] >= 0.0 else uniform(base ^ net.unit_key[v])
        if u < direct.heat[place]:
            return True
    row = net.blast_row[source, wind]
    place = _place_in(v, row, net.blast_start, net.blast_target) if row >= 0 else -1
    if place < 0:
        return False
    u = s.blast_draw[v] if s.blast_draw[v] >= 0.0 else uniform(base ^ net.unit_key[v] ^ _BLAST)
    return bool(u < net.blast_probability[place])


@kernel
def _row_of(v: int, source: int, wind: int, net: Network) -> int:
    """Heat row of a burning unit; ``source`` is the primary event."""
    return int(net.heat_row[source if v == net.source_unit[source] else net.secondary_heat[v], wind])


@kernel
def _culprit(v: int, source: int, wind: int, net: Network, s: State) -> int:
    """Which of the burning units loads ``v`` most; of equals the one with the lower index."""
    best, most = -1, -1.0
    for i in range(s.size[1]):
        u = s.burning[i]
        place = _place_in(v, _row_of(u, source, wind, net), net.heat_start, net.heat_target)
        load = net.heat_load[place] if place >= 0 else 0.0
        if load > most or (load == most and u < best):
            best, most = u, load
    return best


@kernel
def _next_failure(s: State) -> int:
    best, due = -1, np.inf
    for i in range(s.size[0]):
        v = s.touched[i]
        if s.due[v] < due or (s.due[v] == due and v < best):
            best, due = v, s.due[v]
    return best


@kernel
def _next_burn_out(s: State) -> int:
    best, end = 0, s.ends[s.burning[0]]
    for i in range(1, s.size[1]):
        v = s.burning[i]
        if s.ends[v] < end or (s.ends[v] == end and v < s.burning[best]):
            best, end = i, s.ends[v]
    return best


@kernel
def quiet(source: int, wind: int, base: np.uint64, net: Network, direct: Direct) -> bool:
    """Whether a history ends with its primary: nobody fails directly, and then nobody fails at all."""
    row = net.heat_row[source, wind]
    if row >= 0:
        for i in range(net.heat_start[row], net.heat_start[row + 1]):
            if uniform(base ^ net.unit_key[net.heat_target[i]]) < direct.heat[i]:
                return False
    row = net.blast_row[source, wind]
    if row >= 0:
        for i in range(net.blast_start[row], net.blast_start[row + 1]):
            if uniform(base ^ net.unit_key[net.blast_target[i]] ^ _BLAST) < net.blast_probability[i]:
                return False
    return True


@kernel
def play(
    source: int, wind: int, base: np.uint64, opened: bool, static: bool, net: Network, direct: Direct, s: State
) -> None:
    """Play one history into ``s``; ``opened``: given that there is a direct escalation.

    Parameters
    ----------
    source, wind : int
        The primary event and the wind class.
    base : uint64
        Key of the history.
    static : bool
        True: the static cascade, whose time counts generations.
    """
    primary = net.source_unit[source]
    _touch(primary, s)
    s.status[primary] = _FAILED
    s.entry[primary] = _PRIMARY
    s.order[primary] = 0
    s.path[primary] = mix(net.unit_key[primary])
    if opened:
        _open(source, wind, base, net, direct, s)
    else:
        _blast(primary, source, wind, 0.0, base, net, s)
    _ignite(primary, source, wind, 0.0, static, base, net, s)
    done = 0
    while True:
        while done < s.size[2]:
            v = s.failed[done]
            _blast(v, net.secondary_blast[v], wind, s.time[done], base, net, s)
            _ignite(v, net.secondary_heat[v], wind, s.time[done], static, base, net, s)
            done += 1
        v = _next_failure(s)
        if v < 0 or s.size[1] == 0:
            return
        place = _next_burn_out(s)
        u = s.burning[place]
        if s.ends[u] < s.due[v]:
            _burn_out(place, _row_of(u, source, wind, net), base, net, s)
        else:
            _fail(v, _culprit(v, source, wind, net, s), s.due[v], net, s)
