"""Consistency checks of the population table."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from parkrisk.models.errors import Problem
from parkrisk.scenarios.messages import problem

__all__ = ["cells_apart"]


def cells_apart(population: pd.DataFrame) -> Iterator[Problem]:
    """Yield a warning if cells stand at the place of another or have the centre of another within.

    Their people add up; where both mean the same people, these count twice. Squares of neighbours may overlap at
    their edges, as those of cells that are not quite square do.
    """
    x, y, size = (population[name].to_numpy() for name in ("x", "y", "cell_m"))
    known = np.flatnonzero(~(np.isnan(x) | np.isnan(y)))
    if not len(known):
        return
    xy, first, place = np.unique(np.column_stack((x, y))[known], axis=0, return_index=True, return_inverse=True)
    again = np.ones(len(known), dtype=np.bool_)
    again[first] = False
    if len(xy) > 1:
        widest = np.full(len(xy), np.nan)
        np.fmax.at(widest, place, size[known])
        nearest = KDTree(xy).query(xy, k=2, p=np.inf)[0][:, 1]
        again |= (nearest < 0.5 * widest * (1.0 - 1e-6))[place]
    if again.any():
        at = known[again][0]
        row, cell = int(population.index[at]) or None, population["cell_id"].iloc[at]
        yield problem("population_overlaps", "population", row, "cell_m", cell, count=int(again.sum()))
