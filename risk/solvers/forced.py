"""Rare failures: cascades that are forced to go on, weighed by how likely that was (implicit capture).

While nobody else fails, the future is known: a list of decisions on units, each with its chance. So a history adds the
chance of each of them to its unit's sum, without drawing, then draws which is the first to fail given that one does,
takes the chance of that into its weight, and goes on from there. Every history tells of many units, however rare their
failures are. Supplies of deluges that fail rarely are drawn more often than they fail, and weighed.
"""

from typing import NamedTuple

import numpy as np
from numba import prange
from numpy.typing import ArrayLike, NDArray

from parkrisk.models._jit import inlined_kernel, kernel, parallel_kernel
from parkrisk.risk.cascades.draws import join, uniform
from parkrisk.risk.solvers.groups import reached_units, restricted
from parkrisk.risk.solvers.plan import (
    Plan,
    State,
    borrowed_plan,
    borrowed_state,
    copy_state,
    own_state,
    plan_of,
    state_at,
    states,
)
from parkrisk.risk.solvers.tree import wind_classes
from parkrisk.risk.solvers.walk import begin, fall, next_decision, stand
from parkrisk.scenarios.facility.network import Floats, Indices, Keys, Network

_WIND = np.uint64(0x5851F42D4C957F2D)  # tells draws of the wind, of supplies and of the end from those of failures
_SUPPLY = np.uint64(0x510E527FADE682D1)
_END = np.uint64(0x1F83D9ABFB41BD6B)
_GOLDEN = 0.6180339887498949
_CHUNK = 64  # histories that one thread plays at a time
_LEAST_DRAW = 0.2  # a supply is drawn down at least this often
_DEPTH = 64  # decisions of one future for which there is room at first
_LEAST_WEIGHT = 1e-16  # of what a history starts with; below, it goes on with the chance weight / this


class Sums(NamedTuple):
    """Sums over histories; the last column is that of all units together.

    Parameters
    ----------
    first : float64 array, shape (n_units + 1,)
        What is known exactly: failures before which no other unit failed.
    total, square : float64 arrays, shape (n_units + 1,)
        Of what histories add, and of its square.
    histories : int
    work : int
        Units that burnt in all histories, each as often as its neighbours were looked at.
    """

    first: Floats
    total: Floats
    square: Floats
    histories: int
    work: int

    def mean(self) -> Floats:
        """Probability of each unit, and the expected number of failures."""
        return self.first + self.total / self.histories

    def standard_error(self) -> Floats:
        """Of these means."""
        spread = self.square / self.histories - (self.total / self.histories) ** 2
        return np.sqrt(np.maximum(spread, 0.0) / max(self.histories - 1, 1))


@inlined_kernel
def _foresee(
    v: int, p: float, weight: float, static: bool, wind: int, plan: Plan, state: State, unit: Indices, chance: Floats
) -> tuple[int, Indices, Floats]:
    """List the decisions ahead, from this one on: the unit, and the weight with which it is the first to fail."""
    n, rest = 0, weight
    while v >= 0 and rest > 0.0:
        if n == unit.size:
            unit, chance = np.append(unit, np.empty_like(unit)), np.append(chance, np.empty_like(chance))
        unit[n], chance[n] = v, rest * state.head[0]["weight"] * p
        n += 1
        rest *= 1.0 - p
        stand(v, static, plan, state)
        v, p = next_decision(static, plan, wind, state)
    return n, unit, chance


@inlined_kernel
def _choose(n: int, chance: Floats, u: float) -> tuple[int, float]:
    """Draw which decision is the first to fail: its place, -1 if none can, and the sum of all chances."""
    total = np.sum(chance[:n])
    mark, k = u * total, -1
    for i in range(n):
        if chance[i] > 0.0:
            k = i
            mark -= chance[i]
            if mark < 0.0:
                break
    return k, total


@inlined_kernel
def _play(
    sources: Indices,
    wind: int,
    weight: float,
    known: bool,
    base: np.uint64,
    static: bool,
    plan: Plan,
    stack: State,
    tally: Floats,
) -> int:
    """Play one history into ``tally``: how many units burn. ``known``: its first failures are counted elsewhere."""
    now, ahead = state_at(stack, 0), state_at(stack, 1)
    unit, chance = np.empty(_DEPTH, np.int32), np.empty(_DEPTH)
    begin(sources, plan, now)
    least, step = weight * _LEAST_WEIGHT, 0
    while True:
        v, p = next_decision(static, plan, wind, now)
        copy_state(plan, now, ahead)
        n, unit, chance = _foresee(v, p, weight, static, wind, plan, ahead, unit, chance)
        if step > 0 or not known:
            for i in range(n):
                tally[unit[i]] += chance[i]
        draws = join(base, np.uint64(step))
        k, weight = _choose(n, chance, uniform(draws))
        step += 1
        if k < 0:
            return step
        if weight < least:
            if uniform(draws ^ _END) * least >= weight:
                return step
            weight = least
        for _ in range(k):
            stand(v, static, plan, now)
            v, p = next_decision(static, plan, wind, now)
        fall(v, static, plan, now)
        now.head[0]["weight"] = 1.0  # that of the supplies is in ``weight`` now


@inlined_kernel
def _draw_supplies(base: np.uint64, key: Keys, fails: Floats, state: State) -> None:
    for i in range(key.size):
        drawn = max(fails[i], _LEAST_DRAW)
        down = uniform(base ^ key[i] ^ _SUPPLY) < drawn
        state.supply[i]["down"] = down
        state.supply[i]["ratio"] = fails[i] / drawn if down else (1.0 - fails[i]) / (1.0 - drawn)
        state.supply[i]["counted"] = 0


@kernel
def _play_chunk(
    sources: Indices,
    classes: Indices,
    weight: Floats,
    cumulative: Floats,
    known: NDArray[np.bool_],
    key: np.uint64,
    first: int,
    static: bool,
    system_key: Keys,
    system_fails: Floats,
    plan: Plan,
    stack: State,
    total: Floats,
    square: Floats,
) -> int:
    """Play a chunk of histories into ``total`` and ``square``: how many units burn."""
    plan, stack = borrowed_plan(plan), borrowed_state(stack)  # the caller holds them
    n, work = plan.unit.size, 0
    tally = np.zeros(n + 1)
    offset = uniform(key ^ _WIND)
    for h in range(first, first + _CHUNK):
        mark = (offset + h * _GOLDEN) % 1.0 * cumulative[-1]
        i = min(np.searchsorted(cumulative, mark, side="right"), classes.size - 1)
        base = join(key, np.uint64(h))
        _draw_supplies(base, system_key, system_fails, state_at(stack, 0))
        work += _play(sources, classes[i], weight[i], known[i], base, static, plan, stack, tally)
        tally[n] = np.sum(tally[:n])
        total += tally
        square += tally**2
        tally[:] = 0.0
    return work


@parallel_kernel
def _play_chunks(
    sources: Indices,
    classes: Indices,
    weight: Floats,
    cumulative: Floats,
    known: NDArray[np.bool_],
    key: np.uint64,
    first: int,
    chunks: int,
    static: bool,
    system_key: Keys,
    system_fails: Floats,
    plan: Plan,
    rooms: State,
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    n = plan.unit.size
    total, square, work = np.zeros((chunks, n + 1)), np.zeros((chunks, n + 1)), np.zeros(chunks, np.int64)
    for c in prange(chunks):
        work[c] = _play_chunk(
            sources,
            classes,
            weight,
            cumulative,
            known,
            key,
            first + c * _CHUNK,
            static,
            system_key,
            system_fails,
            plan,
            own_state(rooms),
            total[c],
            square[c],
        )
    return total, square, work


@kernel
def _first_failures(sources: Indices, wind: int, static: bool, plan: Plan, stack: State, first: Floats) -> float:
    """Add the chance that each unit fails before any other; the chance that any does."""
    state = state_at(stack, 1)
    begin(sources, plan, state)
    v, p = next_decision(static, plan, wind, state)
    n, unit, chance = _foresee(v, p, 1.0, static, wind, plan, state, np.empty(_DEPTH, np.int32), np.empty(_DEPTH))
    for i in range(n):
        first[unit[i]] += chance[i]
    return float(chance[:n].sum())


class Forced:
    """Forced histories from primary events that come about together; as many as wanted, bit by bit the same.

    Parameters
    ----------
    net : Network
    sources : array of int, shape (k,)
        Indices of the primary events, at units that all differ.
    key : int
        Of all draws: hash of the seed and of the events.
    static : bool
        True: the static critical-load cascade.
    """

    def __init__(self, net: Network, sources: ArrayLike, key: int, *, static: bool = False) -> None:
        chosen = np.atleast_1d(np.asarray(sources, dtype=np.int32))
        self.units = reached_units(net, chosen)  #: indices of those that may fail at all, and of the primary ones
        small, kept = restricted(net, self.units)
        self._n_units = net.unit_key.size
        self._small, self._static, self._key = small, static, np.uint64(key)
        self._sources = np.searchsorted(kept, chosen).astype(np.int32)
        self._plan = plan_of(small)
        self._stack = states(self._plan, 2, small.system_fails.size)
        self._classes()
        self._total, self._square, self._work = np.zeros(self.units.size + 1), np.zeros(self.units.size + 1), 0
        self.histories = 0

    def _classes(self) -> None:
        """Choose how often to visit each wind class: in proportion to probability × chance of a first failure."""
        found = list(wind_classes(self._small, self._sources))
        self._wind = np.array([wind for wind, _ in found], np.int32)
        self._first = np.zeros(self.units.size)
        chance = np.array([p for _, p in found])
        known, visit = np.zeros(chance.size, np.bool_), np.zeros(chance.size)
        supply = self._stack.supply
        for i, p in enumerate(chance.tolist()):
            first, seen = np.zeros(self.units.size), []
            for down in (0, 1):
                supply["down"], supply["ratio"], supply["counted"] = down, 1.0, 0
                first[:] = 0.0
                args = (self._static, self._plan, self._stack, first)
                seen.append(_first_failures(self._sources, int(self._wind[i]), *args))
            known[i] = not supply["counted"][1].any()
            self._first += p * first if known[i] else 0.0
            visit[i] = p * ((1.0 - _LEAST_DRAW) * seen[0] + _LEAST_DRAW * seen[1])
        kept = visit > 0.0
        self.escalation = float(visit.sum())  #: about the chance that anybody fails
        self._wind, self._known = self._wind[kept], known[kept]
        self._cumulative = np.cumsum(visit[kept])
        self._weight = chance[kept] / visit[kept] * (self._cumulative[-1] if kept.any() else 0.0)

    def play(self, histories: int) -> None:
        """Play at least so many histories more, in whole chunks."""
        if not self._wind.size:
            self.histories += histories
            return
        chunks = -(-histories // _CHUNK)
        total, square, work = _play_chunks(
            self._sources,
            self._wind,
            self._weight,
            self._cumulative,
            self._known,
            self._key,
            self.histories,
            chunks,
            self._static,
            self._small.system_key,
            self._small.system_fails,
            self._plan,
            self._stack,
        )
        for one, two in zip(total, square, strict=True):  # one after the other: in rounds or not, the same bits
            self._total += one
            self._square += two
        self._work += int(work.sum())
        self.histories += chunks * _CHUNK

    def sums(self) -> Sums:
        """Sums so far, of all units of the network."""
        place = np.append(self.units, self._n_units)
        first, total, square = np.zeros((3, self._n_units + 1))
        first[place] = np.append(self._first, self._first.sum())
        total[place], square[place] = self._total, self._square
        return Sums(first, total, square, self.histories, self._work)
