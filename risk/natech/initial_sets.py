"""Which units a common cause sets on fire: draws of sets, and exact numbers that need no draw.

Only sets with at least one burning unit are drawn, each level as often as any other; a level weighs its frequency ×
the chance of at least one. Draws belong to (level, history, unit).
"""

from typing import NamedTuple

import numpy as np
from numba import prange
from numpy.typing import NDArray

from parkrisk.models._jit import kernel, parallel_kernel
from parkrisk.models.errors import OutOfRange
from parkrisk.risk.cascades.draws import join, uniform
from parkrisk.scenarios.facility.network import Floats, Indices, Keys

__all__ = ["InitialSets", "at_least_one", "draw_sets", "histories_without_water", "number_failing", "set_keys"]

_WATER = np.uint64(0xCBBB9D5DC1059ED8)  # tells the draw of fire water from those of units


class InitialSets(NamedTuple):
    """Sets of burning units, all histories of a level one after the other.

    Parameters
    ----------
    start : int64 array, shape (n_levels × histories + 1,)
        Where each set starts in ``unit``.
    unit : int32 array
        Units of each set, rising.
    weight : float64 array, shape (n_levels,)
        Chance that a level sets at least one unit on fire.
    """

    start: NDArray[np.int64]
    unit: Indices
    weight: Floats


def at_least_one(chance: Floats) -> Floats:
    """Chance that at least one of independent things happens that come later in a row, the thing itself among them.

    Parameters
    ----------
    chance : array, shape (n_levels, n)

    Returns
    -------
    array, shape (n_levels, n + 1)
        Entry i: of things i to n-1; exact for chances near 0 and 1.
    """
    with np.errstate(divide="ignore"):
        none = np.log1p(-chance)
    out = np.zeros((chance.shape[0], chance.shape[1] + 1))
    out[:, :-1] = -np.expm1(np.cumsum(none[:, ::-1], axis=1)[:, ::-1])
    return out


def number_failing(chance: Floats, most: int) -> Floats:
    """Distribution of how many of independent units fail (Poisson-binomial), by convolution.

    Parameters
    ----------
    chance : array, shape (n_levels, n)
        Chance of each unit, given the level.
    most : int
        Numbers above it are put together.

    Returns
    -------
    array, shape (n_levels, most + 1)
        Chance of exactly k = 0 ... most - 1, and of ``most`` or more.
    """
    levels, n = chance.shape
    out = np.zeros((levels, most + 1))
    out[:, 0] = 1.0
    for i in range(n):
        p = chance[:, i, None]
        moved = out * p
        out *= 1.0 - p
        out[:, 1:] += moved[:, :-1]
        out[:, -1] += moved[:, -1]
    return out


@kernel
def _draw(key: np.uint64, units: Keys, chance: Floats, first: Floats, into: Indices, room: int) -> int:
    """Draw one set with at least one unit; gives its size and writes up to ``room`` units."""
    found, last = 0, -1
    for i in range(units.size):
        if chance[i] > 0.0:
            last = i
            if uniform(join(key, units[i])) < (chance[i] if found else first[i]):
                if found < room:
                    into[found] = i
                found += 1
    if found == 0 and last >= 0:  # lost to rounding: the last one it can be
        found = 1
        if room > 0:
            into[0] = last
    return found


@parallel_kernel
def _sizes(levels: Keys, units: Keys, chance: Floats, first: Floats, histories: int) -> NDArray[np.int64]:
    out = np.zeros(levels.size * histories, np.int64)
    for k in prange(out.size):
        at, h = k // histories, k % histories
        if first[at].max() > 0.0:
            out[k] = _draw(join(levels[at], np.uint64(h)), units, chance[at], first[at], np.zeros(1, np.int32), 0)
    return out


@parallel_kernel
def _fill(
    levels: Keys, units: Keys, chance: Floats, first: Floats, histories: int, start: NDArray[np.int64], into: Indices
) -> None:
    for k in prange(start.size - 1):
        room = start[k + 1] - start[k]
        if room > 0:
            at, h = k // histories, k % histories
            part = into[start[k] : start[k + 1]]
            _draw(join(levels[at], np.uint64(h)), units, chance[at], first[at], part, room)


@kernel
def _seeded(seed: np.uint64, keys: Keys) -> Keys:
    out = np.empty_like(keys)
    for i in range(keys.size):
        out[i] = join(seed, keys[i])
    return out


def draw_sets(level_key: Keys, unit_key: Keys, chance: Floats, histories: int, seed: int = 0) -> InitialSets:
    """Draw sets of units that burn at the start, given that at least one does.

    Parameters
    ----------
    level_key, unit_key : uint64 arrays, shape (n_levels,) and (n_units,)
        Hashes of their ids.
    chance : array, shape (n_levels, n_units)
        Chance that each unit burns, given the level.
    histories : int
        Of each level.
    seed : int
        Same seed, same sets, whatever the number of threads.

    Raises
    ------
    OutOfRange
        Shapes do not fit, a chance is not between 0 and 1, or there is no history.

    Notes
    -----
    Units are gone through in order. Until one burns, unit i burns with p_i / (1 - Π_{j ≥ i} (1 - p_j)), the chance
    given that one from here on does; after that with p_i. That is the distribution given at least one, without rejects.
    """
    fits = chance.shape == (level_key.size, unit_key.size) and histories >= 1
    if not fits or not bool(np.all((chance >= 0.0) & (chance <= 1.0))):
        raise OutOfRange("失效概率须在 0 与 1 之间且与级数、设备数相符", "invalid chances of failure, or no history")
    some = at_least_one(chance)
    first = np.divide(chance, some[:, :-1], out=np.zeros_like(chance), where=some[:, :-1] > 0.0)
    levels = _seeded(np.uint64(seed), level_key)
    values = np.ascontiguousarray(chance, dtype=np.float64)
    sizes = _sizes(levels, unit_key, values, first, histories)
    start = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    into = np.zeros(int(start[-1]), np.int32)
    _fill(levels, unit_key, values, first, histories, start, into)
    return InitialSets(start, into, some[:, 0].copy())


@kernel
def set_keys(level: Keys, history: NDArray[np.int64]) -> Keys:
    """Key of each set, from that of its level and its number there."""
    out = np.empty_like(level)
    for i in range(level.size):
        out[i] = join(level[i], np.uint64(history[i]))
    return out


@kernel
def histories_without_water(keys: Keys, chance: Floats, seed: int) -> NDArray[np.bool_]:
    """Whether fire water is lost in each history, all supplies together; ``chance``: of that, for each."""
    out = np.zeros(keys.size, np.bool_)
    for i in range(keys.size):
        out[i] = uniform(join(np.uint64(seed), keys[i]) ^ _WATER) < chance[i]
    return out
