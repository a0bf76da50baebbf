"""Independent cascades: each failing unit tries each of its edges once, apart from all others.

Right for vectors that do not add up, such as fragments. Wrong for heat, where loads add (see
``risk.cascades.cascade``).
"""

import math
from typing import NamedTuple

import numpy as np
from numba import prange
from numpy.typing import NDArray

from parkrisk.models._jit import kernel, parallel_kernel
from parkrisk.models.errors import OutOfRange
from parkrisk.risk.cascades.draws import join, uniform
from parkrisk.scenarios.network import Floats, Indices

_STEP = np.uint64(0x9E3779B97F4A7C15)
_SHARE = np.uint64(0xD1B54A32D192ED03)  # tells the draw of an edge's share from that of the way to it
_BLOCKS = 64  # of histories, each with its own counts
_SURE = 1.0 - 2.0**-53
_SUREST = 64.0  # length of an edge that always works: its miss is rarer than 1e-27


class IndependentCascades(NamedTuple):
    """Result of `independent_cascades`; all counts are whole numbers.

    ``failures[v]`` counts the histories in which v failed, ``sizes[k]`` those with k failures; seeds count too.
    """

    failures: NDArray[np.int64]
    sizes: NDArray[np.int64]


@kernel
def _play_block(
    block: int,
    histories: int,
    start: NDArray[np.int64],
    target: Indices,
    rate: Floats,
    share: Floats,
    uniform_rows: bool,
    seeds: Indices,
    seed: np.uint64,
    failures: NDArray[np.int64],
    sizes: NDArray[np.int64],
) -> None:
    """Play every ``_BLOCKS``-th history.

    Edges that do not work are skipped in one step: with -ln(1 - p) as the length of an edge, the way to the next one
    that works is exponential. A row goes by its largest p; an edge with a smaller one is then taken with its share.
    """
    n = start.size - 1
    seen = np.full(n, -1, np.int64)
    queue = np.empty(n, np.int32)
    for h in range(block, histories, _BLOCKS):
        counter = join(seed, np.uint64(h))
        way = -math.log(uniform(counter))
        size = seeds.size
        for i in range(size):
            queue[i] = seeds[i]
            seen[seeds[i]] = h
        done = 0
        while done < size:
            u = queue[done]
            done += 1
            i, last, step = start[u], start[u + 1], rate[u]
            while way < step * (last - i):
                i += int(way / step)
                counter += _STEP
                if i < last and (uniform_rows or uniform(counter ^ _SHARE) < share[i]):
                    v = target[i]
                    if seen[v] != h:
                        seen[v] = h
                        queue[size] = v
                        size += 1
                i += 1
                way = -math.log(uniform(counter))
            way -= step * (last - i)
        for i in range(size):
            failures[queue[i]] += 1
        sizes[size] += 1


@parallel_kernel
def _play_blocks(
    histories: int,
    start: NDArray[np.int64],
    target: Indices,
    rate: Floats,
    share: Floats,
    uniform_rows: bool,
    seeds: Indices,
    seed: np.uint64,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    n = start.size - 1
    failures, sizes = np.zeros((_BLOCKS, n), np.int64), np.zeros((_BLOCKS, n + 1), np.int64)
    for block in prange(_BLOCKS):
        _play_block(
            block, histories, start, target, rate, share, uniform_rows, seeds, seed, failures[block], sizes[block]
        )
    return failures, sizes


def independent_cascades(
    start: NDArray[np.int64], target: Indices, probability: Floats, seeds: Indices, histories: int, seed: int = 0
) -> IndependentCascades:
    """Play independent cascades from a set of units.

    Parameters
    ----------
    start : int64 array, shape (n_units + 1,)
        Where the edges of each unit start.
    target, probability : int32 and float64 arrays, shape (n_edges,)
        End of each edge, and chance that it works.
    seeds : int32 array
        Units that fail at first, each once.
    histories : int
        To play.
    seed : int
        Same seed, same result for any number of threads; draws belong to histories.

    Raises
    ------
    OutOfRange
        The arrays do not fit together, a chance is not between 0 and 1, or there is no seed.
    """
    n = start.size - 1
    fits = start[0] == 0 and start[-1] == target.size == probability.size and bool(np.all(np.diff(start) >= 0))
    inside = bool(np.all((target >= 0) & (target < n))) and bool(np.all((seeds >= 0) & (seeds < n)))
    chances = bool(np.all((probability >= 0.0) & (probability <= 1.0)))
    if not (fits and inside and chances and 0 < seeds.size == np.unique(seeds).size):
        raise OutOfRange("边表、概率或起始单元无效", "invalid edges, probabilities or seeds")
    row = np.repeat(np.arange(n), np.diff(start))
    largest = np.zeros(n)
    np.maximum.at(largest, row, probability)
    share = np.divide(probability, largest[row], out=np.zeros(probability.size), where=probability > 0.0)
    rate = np.where(largest < _SURE, -np.log1p(-np.minimum(largest, _SURE)), _SUREST)
    failures, sizes = _play_blocks(
        histories, start, target, rate, share, bool(np.all(share == 1.0)), seeds.astype(np.int32), np.uint64(seed)
    )
    return IndependentCascades(failures.sum(axis=0), sizes.sum(axis=0))
