"""Kernels that sort and count the entries of logs."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel

__all__ = ["counts_in_histories", "order_of_times", "sorted_places"]

Members = NDArray[np.signedinteger[Any]]
Integers = NDArray[np.int64]

_DIGIT, _MASK = np.uint64(11), np.uint64(2047)  # bits that are sorted at once


@kernel
def sorted_places(number: Members, size: int) -> Integers:
    """Order of numbers below ``size``, equal ones as they come."""
    end = np.zeros(size + 1, np.int64)
    for i in range(number.size):
        end[number[i] + 1] += 1
    for i in range(size):
        end[i + 1] += end[i]
    order = np.empty(number.size, np.int64)
    for i in range(number.size):
        order[end[number[i]]] = i
        end[number[i]] += 1
    return order


@kernel
def order_of_times(time: NDArray[np.float64]) -> Integers:
    """Order of numbers of 0 and above, equal ones as they come: the bits of such a number rank as the number does."""
    bits = time.view(np.uint64)
    order = np.arange(time.size)
    digit = np.empty(time.size, np.int64)
    for step in range(6):
        for i in range(time.size):
            digit[i] = (bits[order[i]] >> (np.uint64(step) * _DIGIT)) & _MASK
        if time.size > 0 and (digit != digit[0]).any():
            order = order[sorted_places(digit, 2048)]
    return order


@kernel
def counts_in_histories(
    history: Members, group: Members, primary: Members, n_groups: int, n_primaries: int
) -> tuple[Integers, Integers]:
    """Sums over the histories of each primary event of how many members of each group they hold, and of its square.

    Parameters
    ----------
    history, group : int arrays, shape (n,)
        Of each member; those of a history stand together; a negative group does not count.
    primary : int array, shape (n_histories,)
    n_groups, n_primaries : int

    Returns
    -------
    first, second : int64 arrays, shape (n_groups, n_primaries)
    """
    first, second = np.zeros((n_groups, n_primaries), np.int64), np.zeros((n_groups, n_primaries), np.int64)
    count = np.zeros(n_groups, np.int64)
    begin = 0
    for i in range(history.size):
        if group[i] >= 0:
            count[group[i]] += 1
        if i + 1 < history.size and history[i + 1] == history[i]:
            continue
        event = primary[history[i]]
        for k in range(begin, i + 1):
            if group[k] >= 0:
                met = count[group[k]]
                count[group[k]] = 0
                first[group[k], event] += met
                second[group[k], event] += met * met
        begin = i + 1
    return first, second
