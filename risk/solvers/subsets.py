"""Exact static cascades of a few units: every final set and its probability, by recursion over subsets.

A unit v fails when the set S of failed units passes its strength: P(v fails by S) = F[S, v], which grows with S. Loads
that add up and one probit are of that kind, independent edges too: F = 1 - Π(1 - p_uv). Cycles do no harm.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.errors import OutOfRange

Array = NDArray[np.float64]

_LARGEST = 18  # 3^18 steps are ten seconds, and 2^18 × 18 numbers 40 MB


def subset_sums(matrix: ArrayLike) -> Array:
    """Sum of the rows of every subset: what all members together put on each unit.

    Parameters
    ----------
    matrix : array, shape (n, n)
        ``matrix[u, v]``: what u puts on v.

    Returns
    -------
    array, shape (2^n, n)
        Row S holds the sums over the members of S; bit u of S stands for unit u.

    Raises
    ------
    OutOfRange
        The matrix is not square, or has more than 18 units.
    """
    values = np.asarray(matrix, dtype=np.float64)
    n = values.shape[0]
    if values.shape != (n, n) or n > _LARGEST:
        raise OutOfRange(f"需要不超过 {_LARGEST} 个单元的方阵", f"need a square matrix of at most {_LARGEST} units")
    out = np.zeros((1 << n, n))
    for u in range(n):
        out[1 << u : 2 << u] = out[: 1 << u] + values[u]
    return out


def independent_edges(probability: ArrayLike) -> Array:
    """F for edges that fail independently, shape (2^n, n); ``probability[u, v]`` is the chance that u fails v."""
    with np.errstate(divide="ignore"):
        return -np.expm1(subset_sums(np.log1p(-np.asarray(probability, dtype=np.float64))))


@kernel
def _reached(table: Array, seeds: int) -> Array:
    """M(S) of the recursion: all of S fails, whatever happens outside of it."""
    n = table.shape[1]
    out = np.zeros(table.shape[0])
    out[seeds] = 1.0
    for members in range(seeds + 1, table.shape[0]):
        if members & seeds != seeds:
            continue
        free = members & ~seeds
        chance = 1.0
        for v in range(n):
            if free >> v & 1:
                chance *= table[members, v]
        part = (free - 1) & free
        while True:
            smaller = part | seeds
            lost = out[smaller]
            for v in range(n):
                if lost == 0.0:
                    break
                if (free & ~part) >> v & 1:
                    lost *= table[members, v] - table[smaller, v]
            chance -= lost
            if part == 0:
                break
            part = (part - 1) & free
        out[members] = chance
    return out


def final_sets(table: ArrayLike, seeds: int) -> Array:
    """Probability of every final set of failed units.

    Parameters
    ----------
    table : array, shape (2^n, n)
        F[S, v]: chance that v fails when all of S has failed (and nothing else); grows with S.
    seeds : int
        Bit set of the units that fail at first.

    Returns
    -------
    array, shape (2^n,)
        Sums to 1.

    Raises
    ------
    OutOfRange
        An entry of the table is not a probability, or there is no seed.

    Notes
    -----
    M(S) = Π F_v(S) - Σ_{T⊂S} M(T) Π_{v∈S∖T} (F_v(S) - F_v(T)); P(final = S) = M(S) Π_{v∉S} (1 - F_v(S)). It counts each
    chain of growing sets once, by the largest set that is stable within S; 3^n steps.

    Examples
    --------
    One unit that fails a second with probability 0.3:

    >>> final_sets(independent_edges([[0.0, 0.3], [0.0, 0.0]]), 0b01).round(12).tolist()
    [0.0, 0.7, 0.0, 0.3]
    """
    values = np.asarray(table, dtype=np.float64)
    if not bool(np.all((values >= 0.0) & (values <= 1.0))) or not 0 < seeds < values.shape[0]:
        raise OutOfRange("表中须为概率，且至少有一个起始单元", "need a table of probabilities and at least one seed")
    out = _reached(values, seeds)
    inside = np.arange(values.shape[0])[:, None] >> np.arange(values.shape[1]) & 1
    return np.asarray(out * np.prod(np.where(inside == 1, 1.0, 1.0 - values), axis=1))


def failure_probabilities(table: ArrayLike, seeds: int) -> Array:
    """Chance that each unit ends up failed, shape (n,); 1 for the seeds. Parameters and errors as `final_sets`."""
    final = final_sets(table, seeds)
    n = np.asarray(table).shape[1]
    inside = np.arange(final.size)[:, None] >> np.arange(n) & 1
    return np.asarray((final[:, None] * inside).sum(axis=0))


def generations(table: ArrayLike, seeds: int) -> dict[tuple[int, ...], float]:
    """Probability of every course of a cascade, generation by generation: a second road to `final_sets`.

    Parameters
    ----------
    table, seeds
        As `final_sets`.

    Returns
    -------
    dict of tuple of int to float
        A course is the bit sets of units that fail together, seeds first; only courses with a positive probability.

    Notes
    -----
    A unit that stood under S and stands under the larger S' fails with (F(S') - F(S)) / (1 - F(S)).
    """
    values = np.asarray(table, dtype=np.float64)
    n = values.shape[1]
    out: dict[tuple[int, ...], float] = {}

    def grow(course: tuple[int, ...], before: int, now: int, chance: float) -> None:
        open_ = [v for v in range(n) if not now >> v & 1 and values[now, v] > (values[before, v] if before else 0.0)]
        old = values[before] if before else np.zeros(n)
        hazard = {v: (values[now, v] - old[v]) / (1.0 - old[v]) for v in open_}
        for choice in range(1 << len(open_)):
            p = chance
            fresh = 0
            for bit, v in enumerate(open_):
                p *= hazard[v] if choice >> bit & 1 else 1.0 - hazard[v]
                fresh |= (choice >> bit & 1) << v
            if p <= 0.0:
                continue
            if fresh:
                grow((*course, fresh), now, now | fresh, p)
            else:
                out[course] = out.get(course, 0.0) + p

    grow((seeds,), 0, seeds, 1.0)
    return out
