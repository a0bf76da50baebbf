"""Which measures could have prevented each failure of a log: what the choice of measures stands on."""

import numpy as np
from numba import prange
from numpy.typing import NDArray

from parkrisk.models._jit import parallel_kernel
from parkrisk.risk.cascades.logs import Log
from parkrisk.scenarios.facility.network import Keys, Network

__all__ = ["could_prevent", "loads_any"]


def loads_any(net: Network) -> NDArray[np.bool_]:
    """Which unit loads which with any of its events in any wind, shape (n_units, n_units)."""
    n = net.unit_key.size
    out = np.zeros((n, n), np.bool_)
    for row, start, target in (
        (net.heat_row, net.heat_start, net.heat_target),
        (net.blast_row, net.blast_start, net.blast_target),
        (net.fragment_row[:, None], net.fragment_start, net.fragment_target),
    ):
        source, column = np.nonzero(row >= 0)
        rows = max(start.size - 1, 1)
        pair = np.unique(net.source_unit[source].astype(np.int64) * rows + row[source, column])
        for unit, at in zip((pair // rows).tolist(), (pair % rows).tolist(), strict=True):
            out[unit, target[start[at] : start[at + 1]]] = True
    return out


@parallel_kernel
def _masks(log: Log, own: Keys, loads: NDArray[np.bool_], out: Keys) -> None:
    for p in prange(log.start.size - 1):
        begin = log.start[p]
        for e in range(log.start[p], log.start[p + 1]):
            if log.history[e] != log.history[begin]:
                begin = e
            v = log.unit[e]
            for word in range(own.shape[1]):
                out[e, word] = own[v, word]
            if log.direct[e]:
                continue
            for f in range(begin, e):
                if loads[log.unit[f], v]:
                    for word in range(own.shape[1]):
                        out[e, word] |= out[f, word]


def could_prevent(log: Log, own: Keys, loads: NDArray[np.bool_]) -> Keys:
    """Measures that may change each failure of a log, one bit each.

    Parameters
    ----------
    log : Log
        Of cascades without the measures.
    own : uint64 array, shape (n_units, n_words)
        Measures that protect each unit.
    loads : bool array, shape (n_units, n_units)
        As `loads_any` gives it.

    Returns
    -------
    uint64 array, shape (n_entries, n_words)
        A superset: with the same draws no other measure changes whether this unit fails in this history. A failure that
        the primary alone brings about hangs on the unit's own protection only; any other, besides, on the failures
        before it in its history of units that load it. A unit that stood without a measure stands with it as long as
        its loads are the same, so measures on units that did not fail change nothing.
    """
    out = np.zeros((log.unit.size, own.shape[1]), np.uint64)
    _masks(log, own, loads, out)
    return out
