"""Which input decides: Sobol indices of variance, first order and total, with the confidence that samples allow."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Indices", "indices", "sobol"]

Floats = NDArray[np.float64]

_RESAMPLES = 200


class Indices(NamedTuple):
    """Sobol indices of one figure, each of shape (n_inputs,); NaN where the figure does not vary.

    ``low`` and ``high`` are the 5th and 95th percentile over resamples.
    """

    first: Floats
    first_low: Floats
    first_high: Floats
    total: Floats
    total_low: Floats
    total_high: Floats


def sobol(
    evaluate: Callable[[Floats], Mapping[str, Floats]],
    points: Floats,
    inputs: Sequence[Sequence[int]],
    seed: int,
    told: Callable[[int, int], None] | None = None,
) -> dict[str, Indices]:
    """Sobol indices of every figure that a model gives.

    Parameters
    ----------
    evaluate : callable
        From points in the unit cube, shape (n, d), to figures by name, shape (n,).
    points : array, shape (n, 2 d)
        Two independent designs side by side.
    inputs : sequence of sequences of int
        Columns that belong to each input.
    seed : int
        Of the resamples.
    told : callable, optional
        Called as ``told(done, total)``.

    Notes
    -----
    With A and B the two designs and AB_i that of A with the columns of input i from B: first order by mean of
    f(B) (f(AB_i) − f(A)), total by half the mean of (f(A) − f(AB_i))², both over the variance [1]_.

    References
    ----------
    .. [1] Saltelli et al., "Variance based sensitivity analysis of model output", *Computer Physics Communications*
       181 (2010) 259-270, table 2 (b) and (f).
    """
    half = points.shape[1] // 2
    a, b = points[:, :half], points[:, half:]
    at_a, at_b = evaluate(a), evaluate(b)
    mixed = []
    for done, columns in enumerate(inputs):
        changed = a.copy()
        changed[:, list(columns)] = b[:, list(columns)]
        mixed.append(evaluate(changed))
        if told is not None:
            told(done + 1, len(inputs))
    return {
        name: indices(at_a[name], at_b[name], np.array([each[name] for each in mixed]).reshape(-1, len(a)), seed)
        for name in at_a
    }


def indices(f_a: Floats, f_b: Floats, f_ab: Floats, seed: int) -> Indices:
    """Indices from the values of a model.

    Parameters
    ----------
    f_a, f_b : array, shape (n,)
    f_ab : array, shape (n_inputs, n)
    seed : int
    """
    n = f_a.size
    first, total = _of(f_a, f_b, f_ab)
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(_RESAMPLES):
        rows = rng.integers(0, n, n)
        drawn.append(_of(f_a[rows], f_b[rows], f_ab[:, rows]))
    with np.errstate(invalid="ignore"):
        low, high = np.percentile(np.array(drawn), [5.0, 95.0], axis=0)
    return Indices(first, low[0], high[0], total, low[1], high[1])


def _of(f_a: Floats, f_b: Floats, f_ab: Floats) -> tuple[Floats, Floats]:
    both = np.concatenate([f_a, f_b])
    variance = both.var()
    if not variance > 0.0:
        nothing = np.full(len(f_ab), np.nan)
        return nothing, nothing
    centred = f_b - both.mean()
    first = (centred * (f_ab - f_a)).mean(axis=1) / variance
    total = 0.5 * ((f_a - f_ab) ** 2).mean(axis=1) / variance
    return first, total
