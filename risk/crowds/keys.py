"""Keys of the histories of accidents: hashes of all that the deaths in them hang on, nothing else.

A key is made of content: where the wind blows to, and for each event that can kill anybody its place, its outcome and
the people in its reach. So histories of different parks, or of one before and after a change, can be told to be equal.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.risk.cascades.draws import join

Integers = NDArray[np.int64]
Records = NDArray[np.void]
Keys = NDArray[np.uint64]


@kernel
def row_keys(start: Keys, values: Keys) -> Keys:
    """Hash of each row of a table, given as its bits, and of what ``start`` says of it."""
    keys = start.copy()
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            keys[i] = join(keys[i], values[i, j])
    return keys


@kernel
def around_keys(near: Records, start: Integers, place: Keys, person: Keys) -> Keys:
    """Hash of a place and the people around it, up to each of them, shape (n_near,); ``place``, ``person``: keys."""
    keys = np.empty(near.size, np.uint64)
    for i in range(place.size):
        key = place[i]
        for k in range(start[i], start[i + 1]):
            key = join(key, person[near[k]["person"]])
            keys[k] = key
    return keys


@kernel
def pair_keys(first: Keys, second: Keys) -> Keys:
    """One key of each two."""
    keys = np.empty_like(first)
    for i in range(first.size):
        keys[i] = join(first[i], second[i])
    return keys


@kernel
def history_keys(
    salt: np.uint64,
    weather: Integers,
    direction: Integers,
    event: Integers,
    start: Integers,
    unit: NDArray[np.integer[Any]],
    of_event: Keys,
    of_unit: Keys,
) -> Keys:
    """Hash of all that the deaths in a history hang on, shape (n_histories,); 0: nobody can die.

    Parameters
    ----------
    salt : uint64
        Hash of what all histories have in common.
    weather, direction, event : int64 array, shape (n_histories,)
    start, unit : arrays
        As in `die_in_winds`.
    of_event, of_unit : uint64 array, shapes (n_events, n_weathers) and (n_units, n_weathers)
        Keys of what they do; 0: it kills nobody.
    """
    keys = np.zeros(event.size, np.uint64)
    for h in range(event.size):
        blank = join(salt, np.uint64(direction[h]))
        own = of_event[event[h], weather[h]]
        key = join(blank, own) if own else blank
        for k in range(start[h], start[h + 1]):
            then = of_unit[unit[k], weather[h]]
            if then:
                key = join(key, then)
        if key != blank:
            keys[h] = key
    return keys
