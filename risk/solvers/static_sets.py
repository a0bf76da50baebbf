"""Exact static cascades of a few units with all that may bring them down: heat, blast, fragments, barriers."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from parkrisk.models.errors import OutOfRange
from parkrisk.risk.solvers.groups import reached_units, restricted
from parkrisk.risk.solvers.subsets import final_sets, subset_sums
from parkrisk.risk.solvers.tree import supply_states, wind_classes
from parkrisk.scenarios.facility.network import Floats, Keys, Network

LARGEST = 16  #: Units that take part, primary ones among them: 3^16 steps take a second for each wind class.


class StaticSets(NamedTuple):
    """Probability that each unit fails (1 for those of the primary events), and of each number of other failures."""

    probability: Floats
    failures: Floats


def static_sets(net: Network, sources: ArrayLike) -> StaticSets:
    """Solve a static critical-load cascade from primary events that come about together.

    Parameters
    ----------
    net : Network
    sources : array of int, shape (k,)
        Indices of the primary events, at units that all differ.

    Returns
    -------
    StaticSets
        Over all wind classes and states of barriers; shapes (n_units,) and (n_units + 1,).

    Raises
    ------
    OutOfRange
        Sources as `parkrisk.risk.solvers.groups.reached_units`; more than 16 units take part; more than 10 shared
        supplies.

    Notes
    -----
    A unit fails by a set of failed units if its heat strength, its blast strength or a fragment says so, which all are
    its own; so `final_sets` holds with F = 1 - (1 - F_heat)(1 - max p_blast) Π(1 - p_fragment).
    """
    chosen = np.atleast_1d(np.asarray(sources, dtype=np.int32))
    units = reached_units(net, chosen)
    if units.size > LARGEST:
        raise OutOfRange(
            f"参与的设备有 {units.size} 个，静态精确求解最多 {LARGEST} 个",
            f"{units.size} units take part; exact static solutions take at most {LARGEST}",
        )
    small, kept = restricted(net, units)
    local, n = np.searchsorted(kept, chosen), units.size
    seeds = int(sum(1 << int(u) for u in small.source_unit[local]))
    inside = np.arange(1 << n)[:, None] >> np.arange(n) & 1
    total, pool = np.zeros(1 << n), _pools(small, local)
    for wind, p in wind_classes(small, local.astype(np.int32)):
        load, blast, fragment = _effects(small, local, wind)
        spared = (1.0 - _largest(blast)) * np.exp(subset_sums(np.log1p(-fragment)))
        loads = subset_sums(np.where((pool == 0)[:, None], load, 0.0))
        for shared in np.unique(pool[pool != 0]):
            loads += _largest(np.where((pool == shared)[:, None], load, 0.0))
        for down, q in supply_states(small):
            table = 1.0 - (1.0 - _heat_failure(small, loads, down)) * spared
            total += p * q * final_sets(np.clip(table, 0.0, 1.0), seeds)
    probability, failures = np.zeros(net.unit_key.size), np.zeros(net.unit_key.size + 1)
    probability[units] = total @ inside
    failures[: n + 1 - local.size] = np.bincount(inside.sum(axis=1), total)[local.size :]
    return StaticSets(probability, failures)


def _pools(net: Network, sources: NDArray[np.intp]) -> Keys:
    """Bund in which each unit burns when it has failed; 0: none."""
    hot = net.secondary_heat.copy()
    hot[net.source_unit[sources]] = sources
    return np.append(net.pool, np.uint64(0))[hot]


def _effects(net: Network, sources: NDArray[np.intp], wind: int) -> tuple[Floats, Floats, Floats]:
    """What each unit, failed, does to each other: heat, blast and fragments, shape (n, n)."""
    n = net.unit_key.size
    hot, blown = net.secondary_heat.copy(), net.secondary_blast.copy()
    hot[net.source_unit[sources]] = blown[net.source_unit[sources]] = sources
    out = np.zeros((3, n, n))
    for effect, kind, value, source in (
        (out[0], "heat", net.heat_load, hot),
        (out[1], "blast", net.blast_probability, blown),
        (out[2], "fragment", net.fragment_probability, blown),
    ):
        start, target, row = (getattr(net, f"{kind}_{name}") for name in ("start", "target", "row"))
        of = row[:, wind] if row.ndim == 2 else row
        for u in range(n):
            if source[u] >= 0 and of[source[u]] >= 0:
                mine = slice(start[of[source[u]]], start[of[source[u]] + 1])
                effect[u, target[mine]] = value[mine]
    return out[0], out[1], out[2]


def _largest(matrix: Floats) -> Floats:
    """Largest of the rows of every subset, shape (2^n, n)."""
    n = matrix.shape[0]
    out = np.zeros((1 << n, n))
    for u in range(n):
        out[1 << u : 2 << u] = np.maximum(out[: 1 << u], matrix[u])
    return out


def _heat_failure(net: Network, loads: Floats, down: NDArray[np.bool_]) -> Floats:
    """Chance that each unit fails by the loads of every subset, over the states of its own barriers."""
    supplied = ~np.append(down, False)[net.system]
    works = np.where(supplied & (net.deluge_factor < 1.0), 1.0 - net.deluge_fails, 0.0)
    holds = np.where(net.delay > 0.0, 1.0 - net.delay_fails, 0.0)
    out = np.zeros(loads.shape)
    for factor, wet in ((net.deluge_factor, works), (1.0, 1.0 - works)):
        for delay, kept in ((net.delay, holds), (0.0, 1.0 - holds)):
            load = factor * loads
            with np.errstate(divide="ignore"):
                time = np.exp(net.shell - net.heat_exponent * np.log(load)) + delay
                fails = ndtr((net.clock_mean - np.log(time)) / net.clock_deviation)
            out += wet * kept * np.where((load > 0.0) & (load >= net.heat_threshold), fails, 0.0)
    return out
