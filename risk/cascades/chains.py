"""From logs of played histories to tables: pairs of units, and chains of them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parkrisk.risk.cascades.logs import Log
from parkrisk.scenarios.network import Floats

_CHAINS = 100  # kept of each starting unit, the most frequent
_ROUNDING = 1e-9  # a share of a sum that counts as nothing


@dataclass(frozen=True)
class Played:
    """Histories of some primary events; all events of a unit stand in one.

    Parameters
    ----------
    log : Log
        Failures.
    unit : int array, shape (n_primaries,)
        Where each primary event is.
    frequency : array, shape (n_primaries,)
        Frequency of each primary event × its weight: that of an escalation. [1/yr]
    histories : int
        Of each.
    n_units : int
        In the facility.
    """

    log: Log
    unit: NDArray[np.signedinteger[Any]]
    frequency: Floats
    histories: int
    n_units: int

    def primary(self) -> NDArray[np.signedinteger[Any]]:
        """Primary event of each entry of the log."""
        return np.repeat(np.arange(self.unit.size), np.diff(self.log.start))


Members = NDArray[np.signedinteger[Any]]


def _groups(key: NDArray[np.int64] | NDArray[np.uint64]) -> tuple[Members, Members, int]:
    """First entry of each distinct key, group of each entry, number of groups."""
    _, first, group = np.unique(key, return_index=True, return_inverse=True)
    return first, group, first.size


def _sums(played: Played, group: Members, size: int, kept: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Frequency of each group of kept entries, and its standard error; a history has at most one entry of a group."""
    n = played.unit.size
    cell, counts = np.unique(group[kept].astype(np.int64) * n + played.primary()[kept], return_counts=True)
    share = counts / played.histories
    scale = played.frequency[cell % n]
    frequency = np.bincount(cell // n, scale * share, minlength=size)
    variance = np.bincount(cell // n, scale**2 * share * (1.0 - share) / played.histories, minlength=size)
    return frequency.astype(np.float64), np.sqrt(variance)


def _medians(time: Floats, weight: Floats, group: Members, size: int) -> Floats:
    """Weighted median time of each group; of two that share the middle the earlier. [s]"""
    order = np.lexsort((time, group))
    running = np.cumsum(weight[order])
    ends = np.searchsorted(group[order], np.arange(size), side="right")
    before = np.concatenate([[0.0], running[ends[:-1] - 1]]) if size else np.zeros(0)
    half = (0.5 - _ROUNDING) * (running[ends - 1] - before) if size else before
    return np.asarray(time[order][np.searchsorted(running, before + half)])


def pair_table(played: Played) -> pd.DataFrame:
    """Every unit that failed after every starting unit.

    Returns
    -------
    DataFrame
        start, unit (indices), frequency, standard_error (of failures that the primary event alone would not have
        brought about, since how often it does is known exactly) [1/yr], order (the most frequent), time [s] (median).
    """
    log = played.log
    key = played.unit[played.primary()].astype(np.int64) * played.n_units + log.unit
    first, group, size = _groups(key)
    frequency, error = _sums(played, group, size, ~log.direct)
    highest = int(log.order.max(initial=0)) + 1
    by_order = np.bincount(
        group * highest + log.order, played.frequency[played.primary()], minlength=size * highest
    ).reshape(size, highest)
    return pd.DataFrame(
        {
            "start": key[first] // played.n_units,
            "unit": log.unit[first],
            "frequency": frequency,
            "standard_error": error,
            "order": by_order.argmax(axis=1),
            "time": _medians(log.time, played.frequency[played.primary()], group, size),
        }
    )


def chain_table(played: Played, unit_ids: list[str]) -> pd.DataFrame:
    """The most frequent chains of each starting unit.

    Returns
    -------
    DataFrame
        start (index), order, units ("A > B > C"), time [s] (median of the last failure), frequency, standard_error
        [1/yr]; a history with the chain A > B > C also counts for A > B.
    """
    log = played.log
    first, group, size = _groups(log.path)
    frequency, error = _sums(played, group, size, np.ones(group.size, np.bool_))
    start = played.unit[played.primary()[first]]
    ranked = np.lexsort((log.path[first], -frequency, start))
    place = np.arange(size) - np.searchsorted(start[ranked], start[ranked])
    kept = ranked[place < _CHAINS]
    number = np.full(size, -1)
    number[kept] = np.arange(kept.size)
    members = np.nonzero(number[group] >= 0)[0]
    weight = played.frequency[played.primary()[members]]
    median = _medians(log.time[members], weight, number[group[members]], kept.size)
    return pd.DataFrame(
        {
            "start": start[kept],
            "order": log.order[first[kept]],
            "units": [_spell(played, int(entry), unit_ids) for entry in first[kept]],
            "time": median,
            "frequency": frequency[kept],
            "standard_error": error[kept],
        }
    )


def _spell(played: Played, entry: int, unit_ids: list[str]) -> str:
    log = played.log
    primary = int(np.searchsorted(log.start, entry, side="right")) - 1
    names = []
    while entry >= 0:
        names.append(unit_ids[log.unit[entry]])
        parent = int(log.parent[entry])
        entry = parent + int(log.start[primary]) if parent >= 0 else -1
    names.append(unit_ids[played.unit[primary]])
    return " > ".join(reversed(names))
