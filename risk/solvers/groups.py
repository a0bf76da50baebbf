"""Which units can hang together at all: who may be reached from a primary event, and who may bring each other down.

An edge counts if it can fail its unit by blast or fragments, or if it carries heat to a unit whose loads reach the
threshold when all that may burn load it at once: no load is lost that only matters in sum. Barriers are taken to fail.
"""

import networkx as nx
import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.errors import OutOfRange
from parkrisk.scenarios.facility.graph import Facility
from parkrisk.scenarios.facility.network import Floats, Indices, Network

__all__ = ["escalation_groups", "reached_units", "restricted"]

Flags = NDArray[np.bool_]

_OF_UNIT = (
    "unit_key",
    "shell",
    "heat_exponent",
    "heat_threshold",
    "clock_mean",
    "clock_deviation",
    "delay",
    "delay_fails",
    "deluge_factor",
    "deluge_fails",
)
_ROUNDING = 1e-9  # sums of loads in another order may differ by less


@kernel
def _add_heat(net: Network, source: int, wind: int, load: Floats) -> None:
    row = net.heat_row[source, wind] if source >= 0 else -1
    if row >= 0:
        for i in range(net.heat_start[row], net.heat_start[row + 1]):
            load[net.heat_target[i]] += net.heat_load[i]


@kernel
def _add_struck(net: Network, source: int, wind: int, struck: Flags) -> None:
    """Mark whom the blast and the fragments of a source can fail."""
    row = net.blast_row[source, wind] if source >= 0 else -1
    if row >= 0:
        for i in range(net.blast_start[row], net.blast_start[row + 1]):
            struck[net.blast_target[i]] |= net.blast_probability[i] > 0.0
    row = net.fragment_row[source] if source >= 0 else -1
    if row >= 0:
        for i in range(net.fragment_start[row], net.fragment_start[row + 1]):
            struck[net.fragment_target[i]] |= net.fragment_probability[i] > 0.0


@kernel
def _hot(net: Network, load: Floats) -> Flags:
    return (load > 0.0) & (load * (1.0 + _ROUNDING) >= net.heat_threshold)


@kernel
def _reach(net: Network, sources: Indices, wind: int) -> Flags:
    """Units that the sources may bring down in a wind class, their own among them."""
    n = net.unit_key.size
    load, struck, inside = np.zeros(n), np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    for source in sources:
        inside[net.source_unit[source]] = True
        _add_heat(net, source, wind, load)
        _add_struck(net, source, wind, struck)
    while True:
        fresh = (_hot(net, load) | struck) & ~inside
        if not np.any(fresh):
            return inside
        inside |= fresh
        for v in np.nonzero(fresh)[0]:
            _add_heat(net, net.secondary_heat[v], wind, load)
            _add_struck(net, net.secondary_blast[v], wind, struck)


@kernel
def _edges(net: Network, wind: int, counts: Flags) -> None:
    """Mark in ``counts`` [from, to] the edges that may matter in a wind class."""
    n = net.unit_key.size
    load = np.zeros(n)
    for u in range(n):
        _add_heat(net, net.secondary_heat[u], wind, load)
    hot, own, struck = _hot(net, load), np.zeros(n), np.zeros(n, np.bool_)
    for u in range(n):
        own[:] = 0.0
        struck[:] = False
        _add_heat(net, net.secondary_heat[u], wind, own)
        _add_struck(net, net.secondary_blast[u], wind, struck)
        counts[u] |= struck | (hot & (own > 0.0))


def reached_units(net: Network, sources: ArrayLike) -> NDArray[np.int64]:
    """Units that may fail when these primary events come about together, in any wind class.

    Parameters
    ----------
    net : Network
    sources : array of int, shape (k,)
        Indices of primary events, at units that all differ.

    Returns
    -------
    int64 array
        Ascending; the units of the primary events are among them.

    Raises
    ------
    OutOfRange
        There is no such source, none at all, or two at one unit.
    """
    chosen = np.atleast_1d(np.asarray(sources, dtype=np.int32))
    known = chosen.size > 0 and bool(np.all((chosen >= 0) & (chosen < net.source_unit.size)))
    if not known or np.unique(net.source_unit[chosen]).size < chosen.size:
        raise OutOfRange("须给出位于不同设备的起始事件", "need primary events, at units that all differ")
    inside = np.zeros(net.unit_key.size, np.bool_)
    blows = np.nonzero(net.class_probability[chosen].any(axis=0))[0]
    rows = np.stack([net.heat_row[:, blows], net.blast_row[:, blows]])
    _, first = np.unique(rows.reshape(-1, blows.size), axis=1, return_index=True)  # one class of all that are alike
    for wind in blows[first]:
        inside |= _reach(net, chosen, int(wind))
    return np.nonzero(inside)[0]


def restricted(net: Network, units: NDArray[np.int64]) -> tuple[Network, NDArray[np.int64]]:
    """Cut a network down to some units and the sources at them.

    Returns
    -------
    net : Network
        Of these units, in their order.
    sources : int64 array
        Which sources of the whole stand in it, in their order.
    """
    place = np.full(net.unit_key.size, -1, np.int32)
    place[units] = np.arange(units.size, dtype=np.int32)
    sources = np.nonzero(place[net.source_unit] >= 0)[0]
    new_source = np.full(net.source_unit.size + 1, -1, np.int32)  # the last: index -1, no source
    new_source[sources] = np.arange(sources.size, dtype=np.int32)
    parts = {}
    for kind, value in (("heat", "heat_load"), ("blast", "blast_probability"), ("fragment", "fragment_probability")):
        start, target, row = (getattr(net, f"{kind}_{name}") for name in ("start", "target", "row"))
        own = row[sources]
        used, new_row = np.unique(own[own >= 0], return_inverse=True)
        length = np.diff(start)[used]
        entries = (
            np.repeat(start[used], length) + np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
        )
        inside = place[target[entries]] >= 0
        of = np.repeat(np.arange(used.size), length)[inside]
        parts[f"{kind}_row"] = np.full(own.shape, -1, np.int32)
        parts[f"{kind}_row"][own >= 0] = new_row
        parts[f"{kind}_start"] = np.searchsorted(of, np.arange(used.size + 1)).astype(np.int64)
        parts[f"{kind}_target"] = place[target[entries[inside]]]
        parts[value] = getattr(net, value)[entries[inside]]
        if kind == "heat":
            parts["heat_duration"] = net.heat_duration[used]
    supplies, system = np.unique(net.system[units], return_inverse=True)
    none = int(supplies.size > 0 and supplies[0] < 0)
    return net._replace(
        **parts,
        **{name: getattr(net, name)[units] for name in _OF_UNIT},
        source_unit=place[net.source_unit[sources]],
        pool=net.pool[sources],
        class_probability=np.ascontiguousarray(net.class_probability[sources]),
        secondary_heat=new_source[net.secondary_heat[units]],
        secondary_blast=new_source[net.secondary_blast[units]],
        system=(system - none).astype(np.int32),
        system_key=net.system_key[supplies[none:]],
        system_fails=net.system_fails[supplies[none:]],
    ), sources


def escalation_groups(facility: Facility) -> list[list[str]]:
    """Units that can bring each other down, directly or through others.

    Returns
    -------
    list of list of str
        Strongly connected clusters of at least two units, the largest first; ids ascending.

    Notes
    -----
    In some wind class; a unit can be in one group only. What its secondary events do counts, not what its primary
    events do.
    """
    net = facility.network
    counts = np.zeros((net.unit_key.size, net.unit_key.size), np.bool_)
    for wind in range(net.class_probability.shape[1]):
        _edges(net, wind, counts)
    ids = facility.units["unit_id"].to_numpy(object)
    graph = nx.from_numpy_array(counts, create_using=nx.DiGraph)
    found = [sorted(ids[list(group)].tolist()) for group in nx.strongly_connected_components(graph) if len(group) > 1]
    return sorted(found, key=lambda group: (-len(group), group))
