"""Independent cascades: each failing unit tries each of its edges once, apart from all others.

Right for vectors that do not add up, such as fragments. Wrong for heat, where loads add (see
``risk.cascades.cascade``).

Where few units fail, the work should be in proportion to them (`risk.cascades.lines`); where most do, it is quicker to
look at every edge for many histories at once (`risk.cascades.worlds`). The first histories tell.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parkrisk.models.errors import OutOfRange
from parkrisk.risk.cascades.lines import BLOCKS, MOST_UNITS, play_lines, rows_of
from parkrisk.risk.cascades.worlds import TOGETHER, play_worlds
from parkrisk.scenarios.facility.network import Floats, Indices

_FIRST = 128  # histories after which it is clear how many units fail


class IndependentCascades(NamedTuple):
    """Result of `independent_cascades`; all counts are whole numbers.

    ``failures[v]`` counts the histories in which v failed, ``sizes[k]`` those with k failures; seeds count too.
    """

    failures: NDArray[np.int64]
    sizes: NDArray[np.int64]


def independent_cascades(
    start: NDArray[np.int64], target: Indices, probability: Floats, seeds: Indices, histories: int, seed: int = 0
) -> IndependentCascades:
    """Play independent cascades from a set of units.

    Parameters
    ----------
    start : int64 array, shape (n_units + 1,)
        Where the edges of each unit start.
    target, probability : int32 and float64 arrays, shape (n_edges,)
        End of each edge, and chance that it works; resolved to 1e-10.
    seeds : int32 array
        Units that fail at first, each once.
    histories : int
        To play.
    seed : int
        Same seed, same result for any number of threads; draws belong to blocks of histories.

    Raises
    ------
    OutOfRange
        The arrays do not fit together, a chance is not between 0 and 1, there is no seed, or there are too many units.
    """
    n = start.size - 1
    fits = start[0] == 0 and start[-1] == target.size == probability.size and bool(np.all(np.diff(start) >= 0))
    inside = bool(np.all((target >= 0) & (target < n))) and bool(np.all((seeds >= 0) & (seeds < n)))
    chances = bool(np.all((probability >= 0.0) & (probability <= 1.0)))
    if not (fits and inside and chances and 0 < seeds.size == np.unique(seeds).size and n < MOST_UNITS):
        raise OutOfRange("边表、概率或起始单元无效", "invalid edges, probabilities or seeds")
    seeds = seeds.astype(np.int32)
    rows = rows_of(start, target, probability)
    first = min(histories, _FIRST)
    failures, sizes = play_lines(rows, seeds, first, 0, seed)
    if histories > first:
        # A unit that fails takes a line about as long as an edge takes all histories together.
        if TOGETHER * int(failures.sum()) > target.size * first:
            more = play_worlds(start, target, probability, seeds, histories - first, BLOCKS, seed)
        else:
            more = play_lines(rows, seeds, histories - first, BLOCKS, seed)
        failures, sizes = failures + more[0], sizes + more[1]
    return IndependentCascades(failures, sizes)
