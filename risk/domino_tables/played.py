"""Histories that start at one unit, and how sums and percentiles over them are taken."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.risk.cascades.logs import Log
from parkrisk.risk.domino_tables.counting import counts_in_histories, order_of_times, sorted_places
from parkrisk.scenarios.facility.network import Floats

Members = NDArray[np.signedinteger[Any]]
#: A table as its columns: thousands of them are joined, and frames would cost more than the sums.
Columns = Mapping[str, NDArray[Any]]

_ROUNDING = 1e-9  # a share of a sum that counts as nothing


def variance_of_mean(total: ArrayLike, square: ArrayLike, histories: int) -> Floats:
    """Variance of the mean of what is counted in each history, by the sums of the counts and of their squares.

    Two histories are added in thought, one with none and one with one. So nothing that was never met, or met always,
    passes for certain: k of n histories have the variance of a share that may have been any before (Laplace),
    (k + 1) (n - k + 1) / ((n + 2)² (n + 3)). For k = 0 three standard errors are the rule of three, 3 / n.
    """
    mean, second = ((np.asarray(each, np.float64) + 1.0) / (histories + 2.0) for each in (total, square))
    return np.asarray((second - mean**2) / (histories + 3.0))


@dataclass(frozen=True)
class Played:
    """Histories of all primary events of one unit.

    Parameters
    ----------
    log : Log
        Failures.
    start : int
        Index of the unit.
    frequency : array, shape (n_primaries,)
        Frequency of each primary event × its weight: that of an escalation. [1/yr]
    histories : int
        Of each.
    """

    log: Log
    start: int
    frequency: Floats
    histories: int

    @functools.cached_property
    def primary(self) -> Members:
        """Primary event of each entry of the log."""
        return np.repeat(np.arange(self.frequency.size), np.diff(self.log.start))

    @functools.cached_property
    def weight(self) -> Floats:
        """Frequency that stands behind each entry of the log, × histories. [1/yr]"""
        return self.frequency[self.primary]

    @functools.cached_property
    def rank(self) -> Members:
        """Place of each entry of the log, from the earliest to the latest."""
        out = np.empty(self.log.time.size, np.intp)
        out[order_of_times(self.log.time)] = np.arange(out.size)
        return out

    @functools.cached_property
    def history(self) -> tuple[Members, Members]:
        """Number of the history of each entry, counted over all primaries; primary event of each such history."""
        if not self.log.unit.size:
            return np.zeros(0, np.intp), np.zeros(0, np.intp)
        new = np.ones(self.log.unit.size, np.bool_)
        new[1:] = (np.diff(self.log.history) != 0) | (np.diff(self.primary) != 0)
        return np.cumsum(new) - 1, self.primary[new]

    def shares(self, group: Members, primary: Members, size: int) -> tuple[Floats, Floats]:
        """Frequency of each group and its standard error, where a history has at most one member of a group. [1/yr]"""
        n = self.frequency.size
        counts = np.bincount(group * n + primary, minlength=size * n).reshape(size, n)
        variance = self.frequency**2 * variance_of_mean(counts, counts, self.histories)
        return (self.frequency * counts).sum(axis=1) / self.histories, np.sqrt(variance.sum(axis=1))

    def means(self, group: Members, size: int) -> Floats:
        """Frequency of what each history holds so many of, and its standard error, shape (size, 2). [1/yr]

        Parameters
        ----------
        group : int array
            Of each entry of the log; negative: it does not count. Histories without any hold none.
        size : int
            Number of groups.
        """
        history, primary = self.history
        first, second = counts_in_histories(history, group, primary, size, self.frequency.size)
        out = np.empty((size, 2))
        for at in range(size):
            variance = self.frequency**2 * variance_of_mean(first[at], second[at], self.histories)
            out[at] = (self.frequency * first[at]).sum() / self.histories, np.sqrt(variance.sum())
        return out

    def percentiles(self, entries: Members, group: Members, size: int, shares: Sequence[float]) -> list[Floats]:
        """Weighted percentiles of the time of failure in groups, none of which is empty.

        Parameters
        ----------
        entries, group : int array, shape (n,)
            Entries of the log and the group of each, numbered 0 to ``size`` - 1.
        shares : sequence of float
            0.5 for the median. Where a share falls between two members, the earlier counts.

        Returns
        -------
        list of array, shape (size,)
            One for each share. [s]
        """
        order = sorted_places(self.rank[entries], self.rank.size)
        order = entries[order[sorted_places(group[order], size)]]
        counts = np.bincount(group, minlength=size)
        running = np.concatenate([[0.0], np.cumsum(self.weight[order])])
        ends = np.cumsum(counts)
        before = running[ends - counts]
        whole = running[ends] - before
        places = (np.searchsorted(running[1:], before + (share - _ROUNDING) * whole) for share in shares)
        return [self.log.time[order[np.clip(place, ends - counts, ends - 1)]] for place in places]
