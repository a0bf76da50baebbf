"""The best set of measures for a budget: an exact choice in a model of coverage, and a greedy one by what is true.

The reduction that a set brings is not the sum of its parts, and not submodular: heat counts only above a threshold, so
two measures may do together what neither does alone. No method is exact in reasonable time; two are tried, and what is
left to gain at most is bounded.
"""

from collections.abc import Callable, Sequence

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from parkrisk.models.errors import ParkRiskError
from parkrisk.scenarios.facility.network import Floats

__all__ = ["best_cover", "greedy"]

_GROUPS = 2000  # of failures that the linear programme sees; the lighter ones are counted as if always prevented
_NODES = 20_000  # of branch and bound: a limit in seconds would hang on the machine
_GAP = 1e-4


def best_cover(weight: Floats, share: Floats, cost: Floats, budget: float) -> tuple[tuple[int, ...], float]:
    """Choose the measures that cover most, and say how much any choice can cover at most.

    Maximises Σ_g w_g y_g with y_g ≤ min(1, Σ_j s_gj x_j), Σ_j c_j x_j ≤ budget, x binary.

    Parameters
    ----------
    weight : array, shape (n_groups,)
        What each group of failures counts for, 0 or more.
    share : array, shape (n_groups, n_measures)
        Part of the group that each measure prevents, 0 to 1.
    cost : array, shape (n_measures,)
        NaN, or above the budget: never chosen.
    budget : float

    Returns
    -------
    chosen : tuple of int
        By number, ascending.
    bound : float
        No choice within the budget covers more.
    """
    total = float(weight.sum())
    open_ = np.nonzero(cost <= budget)[0]
    coverable = share[:, open_].any(axis=1) & (weight > 0.0)
    if not coverable.any():
        return (), 0.0
    ranked = np.nonzero(coverable)[0][np.argsort(-weight[coverable], kind="stable")]
    kept, light = ranked[:_GROUPS], ranked[_GROUPS:]
    n, m = kept.size, open_.size
    covered = sparse.hstack([sparse.csr_array(-share[np.ix_(kept, open_)]), sparse.eye_array(n)])
    scale = budget if budget > 0.0 else 1.0
    spent = sparse.csr_array(np.concatenate([cost[open_] / scale, np.zeros(n)])[None, :])
    found = milp(
        np.concatenate([np.zeros(m), -weight[kept] / total]),
        integrality=np.concatenate([np.ones(m), np.zeros(n)]),
        bounds=Bounds(0.0, 1.0),
        constraints=[LinearConstraint(covered, ub=0.0), LinearConstraint(spent, ub=budget / scale)],
        options={"node_limit": _NODES, "mip_rel_gap": _GAP},
    )
    if found.x is None:
        raise ParkRiskError(f"选择未能求解：{found.message}", f"the choice could not be solved: {found.message}")
    chosen = open_[np.nonzero(found.x[:m] > 0.5)[0]]
    return tuple(chosen.tolist()), -float(found.mip_dual_bound) * total + float(weight[light].sum())


def _rate(gain: float, cost: float) -> float:
    if gain <= 0.0:
        return 0.0
    return gain / cost if cost > 0.0 else np.inf


def greedy(value_of: Callable[[Sequence[int]], float], cost: Floats, budget: float) -> tuple[int, ...]:
    """Take one measure after another, each time the one with the largest gain per cost that still fits.

    Gains are those of the set so far, looked at anew only while they lead the list; a gain that has grown since is
    seen when its turn comes; one that brings nothing when it is looked at is not looked at again.

    Parameters
    ----------
    value_of : callable
        Reduction that a set brings, measures by ascending number.
    cost : array, shape (n_measures,)
        NaN: never chosen.
    budget : float
    """
    affordable = [j for j in range(cost.size) if cost[j] <= budget]
    rate = {j: _rate(value_of((j,)), cost[j]) for j in affordable}
    chosen: tuple[int, ...] = ()
    spent, value = 0.0, 0.0
    while True:
        fitting = [j for j in rate if j not in chosen and spent + cost[j] <= budget]
        fresh: set[int] = set()
        while fitting:
            best = max(fitting, key=lambda j: (rate[j], -j))
            if best in fresh or rate[best] == 0.0:
                break
            gain = value_of(tuple(sorted((*chosen, best)))) - value
            rate[best] = _rate(gain, cost[best])
            fresh.add(best)
        if not fitting or rate[best] == 0.0:
            return chosen
        chosen = tuple(sorted((*chosen, best)))
        spent, value = float(cost[list(chosen)].sum()), value_of(chosen)
