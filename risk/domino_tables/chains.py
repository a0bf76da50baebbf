"""From played histories to chains of units: which come about most often, and when each of their units fails."""

import numpy as np
import pandas as pd

from parkrisk.risk.domino_tables.played import Columns, Members, Played

_CHAINS = 100  # kept of each starting unit, the most frequent


def chain_columns(played: Played, unit_ids: list[str]) -> Columns:
    """The most frequent chains.

    Returns
    -------
    mapping of str to array
        start (index), order, units ("A > B > C"), time (median of the last failure) [s], times ("0 > 7.3 > 15.1":
        median of every failure, in the histories that have the whole chain) [min], frequency, standard_error [1/yr]; a
        history with the chain A > B > C also counts for A > B.
    """
    log = played.log
    group, paths = pd.factorize(log.path)
    size = len(paths)
    first = np.zeros(size, np.intp)
    first[group[::-1]] = np.arange(group.size)[::-1]
    frequency, error = played.shares(group, played.primary, size)
    kept = np.lexsort((log.path[first], -frequency))[:_CHAINS]
    number = np.full(size, -1)
    number[kept] = np.arange(kept.size)
    members = np.nonzero(number[group] >= 0)[0]
    steps = _timeline(played, members, number[group[members]], log.order[first[kept]])
    return {
        "start": np.full(kept.size, played.start),
        "order": log.order[first[kept]],
        "units": _spelled(played, first[kept], unit_ids),
        "time": np.array([each[-1] for each in steps], dtype=np.float64),
        "times": np.array([" > ".join(["0", *(f"{step / 60.0:.1f}" for step in each)]) for each in steps], object),
        "frequency": frequency[kept],
        "standard_error": error[kept],
    }


def _parents(played: Played, entries: Members) -> Members:
    """Entries of the log that tipped these; -1: the primary event."""
    parent = played.log.parent[entries]
    return np.where(parent >= 0, parent + played.log.start[played.primary[entries]], -1)


def _timeline(played: Played, members: Members, chain: Members, order: Members) -> list[list[float]]:
    """Median time of every failure of each chain, from its first to its last. [s]

    ``members`` are the last failures of the chains ``chain``, which have so many failures.
    """
    steps: list[list[float]] = [[] for _ in order]
    entries = members
    while entries.size:
        longer = np.nonzero(np.bincount(chain, minlength=order.size))[0]
        place = np.searchsorted(longer, np.arange(order.size))[chain]
        (median,) = played.percentiles(entries, place, longer.size, (0.5,))
        for each, time in zip(longer.tolist(), median.tolist(), strict=True):
            steps[each].insert(0, time)
        before = _parents(played, entries)
        entries, chain = before[before >= 0], chain[before >= 0]
    return steps


def _spelled(played: Played, last: Members, unit_ids: list[str]) -> Members:
    """Chains in words, by an entry of the last failure of each."""
    names = [[unit_ids[unit]] for unit in played.log.unit[last]]
    place, entries = np.arange(last.size), _parents(played, last)
    while entries.size:
        place, entries = place[entries >= 0], entries[entries >= 0]
        for each, unit in zip(place.tolist(), played.log.unit[entries].tolist(), strict=True):
            names[each].append(unit_ids[unit])
        entries = _parents(played, entries)
    return np.array([" > ".join([unit_ids[played.start], *reversed(each)]) for each in names], object)
