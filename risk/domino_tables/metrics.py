"""Graph metrics of a facility: who starts, who suffers, who relays. They rank; they give no frequency."""

import heapq
from typing import Any

import numpy as np
import pandas as pd
from numba import prange
from numpy.typing import NDArray

from parkrisk.models._jit import kernel, parallel_kernel
from parkrisk.scenarios.facility.network import Floats, Indices

Members = NDArray[np.signedinteger[Any]]

#: Length of a certain escalation; a length of 0 would make its ends one node.
_SHORTEST = 1e-9
#: Of the nodes that are searched from.
_CHUNKS = 64


@parallel_kernel
def _brandes(start: NDArray[np.int64], target: Indices, length: Floats) -> tuple[Floats, Floats, Floats]:
    """Sums of distances out, numbers reached, and betweenness, by one Dijkstra search from each node.

    U. Brandes, *Journal of Mathematical Sociology* 25 (2001) 163-177. Nodes are searched from in fixed chunks, whose
    sums are added in their order, so that threads do not matter.
    """
    n = start.size - 1
    total, reached = np.zeros(n), np.zeros(n)
    between = np.zeros((_CHUNKS, n))
    for chunk in prange(_CHUNKS):
        distance, paths, share = np.full(n, np.inf), np.zeros(n), np.zeros(n)
        order, settled = np.empty(n, np.int64), np.zeros(n, np.bool_)
        for source in range(n * chunk // _CHUNKS, n * (chunk + 1) // _CHUNKS):
            count = _search(source, start, target, length, distance, paths, settled, order)
            total[source] = distance[order[:count]].sum()
            reached[source] = count
            for k in range(count - 1, -1, -1):
                u = order[k]
                for i in range(start[u], start[u + 1]):
                    v = target[i]
                    if distance[u] + length[i] == distance[v]:
                        share[u] += paths[u] / paths[v] * (1.0 + share[v])
                if u != source:
                    between[chunk, u] += share[u]
            for u in order[:count]:  # what was not reached is as it was
                distance[u], paths[u], share[u], settled[u] = np.inf, 0.0, 0.0, False
    for chunk in range(1, _CHUNKS):
        between[0] += between[chunk]
    return total, reached, between[0]


@kernel
def _search(
    source: int,
    start: NDArray[np.int64],
    target: Indices,
    length: Floats,
    distance: Floats,
    paths: Floats,
    settled: NDArray[np.bool_],
    order: NDArray[np.int64],
) -> int:
    """Distances from a node and numbers of shortest paths to those it reaches, which ``order`` lists, nearest first."""
    distance[source], paths[source] = 0.0, 1.0
    heap: list[tuple[float, np.int64]] = [(0.0, np.int64(source))]
    count = 0
    while len(heap) > 0:
        _, u = heapq.heappop(heap)
        if settled[u]:
            continue
        settled[u] = True
        order[count] = u
        count += 1
        for i in range(start[u], start[u + 1]):
            v = target[i]
            way = distance[u] + length[i]
            if way < distance[v]:
                distance[v], paths[v] = way, paths[u]
                heapq.heappush(heap, (way, np.int64(v)))
            elif way == distance[v]:
                paths[v] += paths[u]
    return count


def _searched(n: int, origin: Members, target: Members, length: Floats) -> tuple[Floats, Floats]:
    """Closeness of nodes to those they reach, and betweenness, each of shape (n,)."""
    order = np.lexsort((target, origin))
    start = np.searchsorted(origin[order], np.arange(n + 1)).astype(np.int64)
    total, reached, between = _brandes(start, target[order].astype(np.int32), length[order])
    near = np.divide(reached - 1.0, total, out=np.zeros(n), where=total > 0.0)
    return near * (reached - 1.0) / max(n - 1, 1), between / max((n - 1) * (n - 2), 1)


def graph_metrics(unit_ids: list[str], pairs: pd.DataFrame) -> pd.DataFrame:
    """Closeness and betweenness over direct escalations.

    Parameters
    ----------
    unit_ids : list of str
        All units.
    pairs : DataFrame
        from_unit, to_unit, direct_probability.

    Returns
    -------
    DataFrame
        unit_id, out_closeness, in_closeness, betweenness, in the order of ``unit_ids``.

    Notes
    -----
    The length of an edge is -ln P of the direct escalation, so the shortest path is the most likely chain. Closeness is
    that of [2]_, scaled by the share of units that can be reached.

    References
    ----------
    .. [1] N. Khakzad, G. Reniers, Reliability Engineering & System Safety 143 (2015) 63-73.
    .. [2] S. Wasserman, K. Faust, *Social Network Analysis*, Cambridge University Press, 1994, p. 201.
    """
    likely = pairs[pairs["direct_probability"] > 0.0]
    index = pd.Index(unit_ids)
    origin, target = (index.get_indexer(pd.Index(likely[name])) for name in ("from_unit", "to_unit"))
    length = np.maximum(-np.log(likely["direct_probability"].to_numpy(float)), _SHORTEST)
    out, between = _searched(len(unit_ids), origin, target, length)
    into, _ = _searched(len(unit_ids), target, origin, length)
    return pd.DataFrame({"unit_id": unit_ids, "out_closeness": out, "in_closeness": into, "betweenness": between})
