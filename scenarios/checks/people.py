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
    cells = population[population[["x", "y"]].notna().all(axis=1)]
    again = cells.duplicated(["x", "y"])
    widest = cells.groupby(["x", "y"], as_index=False)["cell_m"].max()
    xy = widest[["x", "y"]].to_numpy(dtype=np.float64)
    if len(xy) > 1:
        nearest = KDTree(xy).query(xy, k=2, p=np.inf)[0][:, 1]
        over = widest[nearest < 0.5 * widest["cell_m"] * (1.0 - 1e-6)]
        again |= pd.MultiIndex.from_frame(cells[["x", "y"]]).isin(pd.MultiIndex.from_frame(over[["x", "y"]]))
    if again.any():
        first = cells[again].iloc[0]
        row = int(str(first.name)) or None
        yield problem("population_overlaps", "population", row, "cell_m", first["cell_id"], count=int(again.sum()))
