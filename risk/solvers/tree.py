"""Exact cascades of a few units: every way they can go, with its probability and its times.

Depth first over the decisions of `parkrisk.risk.solvers.walk`. In dynamic cascades heat decides once on each unit, so
n units have at most 2^n ways; blast, fragments and barriers that may fail add some. Static cascades decide anew
whenever a load rises, and have many more: `parkrisk.risk.solvers.static_sets` is the way for them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.errors import OutOfRange
from parkrisk.risk.solvers.groups import reached_units, restricted
from parkrisk.risk.solvers.plan import Plan, State, copy_state, plan_of, state_at, states
from parkrisk.risk.solvers.walk import (
    begin,
    culprit,
    fall,
    moment,
    next_decision,
    stand,
)
from parkrisk.scenarios.facility.network import Floats, Indices, Network

MOST_WAYS = 1 << 20  #: These take about five seconds.
_DEPTH = 64  # failures in one way; what would go on is counted as lost
_ROOM = 1 << 12  # ways at first; if they do not do, so many times more
_MORE = 8
_MOST_SUPPLIES = 10


class Ways(NamedTuple):
    """Failures at the end of every way; an entry is one unit that fails after a given sequence of others.

    Parameters
    ----------
    unit : int32 array
        Which fails.
    parent : int64 array
        Entry of the unit that brings it down; -1: a primary event does.
    order : int32 array
        Generation.
    time : float64 array
        When. [s], static: generation
    weight : float64 array
        Chance of the sequence up to here, this failure included.
    """

    unit: Indices
    parent: NDArray[np.int64]
    order: Indices
    time: Floats
    weight: Floats


@dataclass(frozen=True)
class Tree:
    """Exact cascade from primary events.

    Parameters
    ----------
    probability : array, shape (n_units,)
        That each unit fails; 1 for those of the primary events.
    failures : array, shape (n_units + 1,)
        Probability of each number of failures, primary events not counted.
    lost : float
        Most that a cut-off may have taken away from any of these; 0 without.
    ways : Ways
    """

    probability: Floats
    failures: Floats
    lost: float
    ways: Ways

    @property
    def expected_failures(self) -> float:
        """Mean number of failures, primary events not counted."""
        return float(self.ways.weight.sum())

    def times(self, unit: int) -> tuple[Floats, Floats]:
        """When a unit fails, ascending [s], and with which probability."""
        own = np.nonzero(self.ways.unit == unit)[0]
        order = own[np.argsort(self.ways.time[own], kind="stable")]
        return self.ways.time[order], self.ways.weight[order]

    def chains(self) -> dict[tuple[int, ...], float]:
        """Probability of each chain of units, each brought down by the one before; the primary one is left out."""
        names: list[tuple[int, ...]] = []
        out: dict[tuple[int, ...], float] = {}
        for unit, parent, weight in zip(*(column.tolist() for column in self._links()), strict=True):
            names.append((*(names[parent] if parent >= 0 else ()), unit))
            out[names[-1]] = out.get(names[-1], 0.0) + weight
        return dict(sorted(out.items(), key=lambda item: (-item[1], item[0])))

    def _links(self) -> tuple[Indices, NDArray[np.int64], Floats]:
        return self.ways.unit, self.ways.parent, self.ways.weight


@kernel
def _grow(
    sources: Indices,
    wind: int,
    static: bool,
    weight: float,
    least: float,
    plan: Plan,
    stack: State,
    ways: Ways,
    first: int,
    probability: Floats,
    failures: Floats,
) -> tuple[int, float]:
    """Follow all ways while ``ways`` has room, entries from ``first`` on: where they end, and what is lost."""
    deepest = stack.head.shape[0] - 1
    rest = np.zeros(deepest + 1)
    count, lost, level = first, 0.0, 0
    rest[0] = weight
    begin(sources, plan, state_at(stack, 0))
    while level >= 0:
        state = state_at(stack, level)
        v, chance = (-1, 0.0)
        followed = rest[level] > least and count < ways.unit.size
        if followed:
            v, chance = next_decision(static, plan, wind, state)
        if v < 0:
            failures[level] += rest[level]
            lost += 0.0 if followed else rest[level]
            level -= 1
            continue
        weight = rest[level] * chance
        probability[v] += weight
        by, time = culprit(v, plan, wind, state), moment(static, state)
        parent = state.unit[by]["node"]
        ways.unit[count] = v
        ways.parent[count] = parent
        ways.order[count] = ways.order[parent] + 1 if parent >= 0 else 1
        ways.time[count] = time
        ways.weight[count] = weight
        if level == deepest:
            failures[level] += weight
            lost += weight
        else:
            child = state_at(stack, level + 1)
            copy_state(plan, state, child)
            fall(v, static, plan, child)
            child.unit[v]["node"] = count
            rest[level + 1] = weight
        rest[level] *= 1.0 - chance
        stand(v, static, plan, state)
        count += 1
        level += level < deepest
    return count, lost


def wind_classes(net: Network, sources: Indices) -> Iterator[tuple[int, float]]:
    """Wind classes that differ in what any source does, and their probabilities; of several events their mean."""
    rows = np.concatenate([net.heat_row, net.blast_row])
    _, first, group = np.unique(rows, axis=1, return_index=True, return_inverse=True)
    chance = np.bincount(group, net.class_probability[sources].mean(axis=0))
    yield from ((int(wind), float(p)) for wind, p in sorted(zip(first, chance, strict=True)) if p > 0.0)


def supply_states(net: Network) -> Iterator[tuple[NDArray[np.bool_], float]]:
    """Which shared supplies are down, and how likely that is."""
    n = net.system_fails.size
    if n > _MOST_SUPPLIES:
        raise OutOfRange(
            f"共用供水系统多于 {_MOST_SUPPLIES} 个", f"more than {_MOST_SUPPLIES} shared supplies of deluges"
        )
    for number in range(1 << n):
        down = (number >> np.arange(n) & 1).astype(np.bool_)
        chance = float(np.prod(np.where(down, net.system_fails, 1.0 - net.system_fails)))
        if chance > 0.0:
            yield down, chance


def _room(size: int) -> Ways:
    unit, parent = np.zeros(size, np.int32), np.zeros(size, np.int64)
    return Ways(unit, parent, unit.copy(), np.zeros(size), np.zeros(size))


def cascade_tree(
    net: Network, sources: ArrayLike, *, static: bool = False, least: float = 0.0, most: int = MOST_WAYS
) -> Tree:
    """Follow every way that cascades can go from primary events that come about together.

    Parameters
    ----------
    net : Network
    sources : array of int, shape (k,)
        Indices of the primary events, at units that all differ.
    static : bool
        True: the static critical-load cascade.
    least : float
        Ways less likely than this are not followed further ...
    most : int
        ... and no more than so many are followed at all. What either may take away is told.

    Returns
    -------
    Tree
        Over all wind classes and states of barriers. Several events share their wind: the mean of their classes.

    Raises
    ------
    OutOfRange
        Sources as `parkrisk.risk.solvers.groups.reached_units`; more than 10 shared supplies.
    """
    chosen = np.atleast_1d(np.asarray(sources, dtype=np.int32))
    units = reached_units(net, chosen)
    small, kept = restricted(net, units)
    local = np.searchsorted(kept, chosen).astype(np.int32)
    plan, n = plan_of(small), units.size
    stack = states(plan, min(n, _DEPTH) + 1, small.system_fails.size)
    strata = [(wind, down, p * q) for wind, p in wind_classes(small, local) for down, q in supply_states(small)]
    size = min(_ROOM, most)
    while True:
        ways, count, lost = _room(size), 0, 0.0
        probability, failures = np.zeros(n), np.zeros(stack.head.shape[0])
        for wind, down, weight in strata:
            stack.supply["down"], stack.supply["counted"] = down, 1
            args = (plan, stack, ways, count, probability, failures)
            count, cut = _grow(local, wind, static, weight, least, *args)
            lost += cut
        if count < size or size == most:
            break
        size = min(_MORE * size, most)
    return _tree(net, units, chosen, (probability, failures, lost), Ways._make(column[:count] for column in ways))


def _tree(
    net: Network, units: NDArray[np.int64], sources: Indices, sums: tuple[Floats, Floats, float], ways: Ways
) -> Tree:
    """Tell of the units of the whole what was found of a part."""
    probability, failures = np.zeros(net.unit_key.size), np.zeros(net.unit_key.size + 1)
    probability[units] = sums[0]
    probability[net.source_unit[sources]] = 1.0
    failures[: sums[1].size] = sums[1]
    return Tree(probability, failures, sums[2], ways._replace(unit=units[ways.unit].astype(np.int32)))
