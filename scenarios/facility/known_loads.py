"""Loads of a changed park from those of the park before: sources load neighbours that are the same as before."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parkrisk.scenarios.facility.loads import KnownRows, Rows, reach
from parkrisk.scenarios.facility.network import Floats

__all__ = ["BLAST", "HEAT", "LoadBasis", "known_rows"]

HEAT, BLAST = "heat_flux", "overpressure"
Places = NDArray[np.intp]


@dataclass(frozen=True)
class LoadBasis:
    """What the loads of a facility were computed from.

    Parameters
    ----------
    units : DataFrame
        unit_id, equipment_class, x, y, radius_m, height_m, bund_id, as
        `parkrisk.scenarios.facility.graph.unit_table` gives them.
    sources : DataFrame
        event_id, unit_id, x, y, held (whether a bund holds back its pool).
    outcomes : sequence
        Equal ones are one object, in the park before, too.
    index : int32 array, shape (n_sources, n_weathers)
    n_sectors : int
    lowest : array, shape (3,)
        Least loads that count on any unit: heat, heat of a fireball [W/m²], blast [Pa].
    share : float
        Share of its threshold that counts as heat on a unit.
    """

    units: pd.DataFrame
    sources: pd.DataFrame
    outcomes: Sequence[Any]
    index: NDArray[np.int32]
    n_sectors: int
    lowest: Floats
    share: float

    @functools.cached_property
    def far(self) -> Floats:
        """How far each source has loads that count, shape (n_sources,). [m]"""
        steady, short, blast = self.lowest.tolist()
        return np.maximum(self._far(min(steady, short), HEAT), self._far(blast, BLAST))

    def _far(self, lowest: float, vector: str) -> Floats:
        used = np.unique(self.index[self.index >= 0]).tolist()
        far = np.zeros(len(self.outcomes) + 1)
        for each in used:
            if hasattr(self.outcomes[each], vector) and np.isfinite(lowest):
                far[each] = reach(self.outcomes[each], lowest, vector)
        found: Floats = far[self.index].max(axis=1, initial=0.0)
        return found


def known_rows(now: LoadBasis, before: LoadBasis | None, rows: Sequence[Rows]) -> Callable[[int], KnownRows | None]:
    """Find the sources that load the same units as before, but for those that went, and give their rows.

    Parameters
    ----------
    now, before : LoadBasis
    rows : sequence of Rows
        Heat and blast of the park before.

    Returns
    -------
    callable
        From 0 (heat) or 1 (blast) to the rows that are good; None if nothing is.
    """
    if before is None or (now.n_sectors, now.share) != (before.n_sectors, before.share):
        return lambda _: None
    if not np.array_equal(now.lowest, before.lowest) or now.index.shape[1:] != before.index.shape[1:]:
        return lambda _: None
    there = pd.Index(before.sources["event_id"]).get_indexer(pd.Index(now.sources["event_id"]))
    source = np.nonzero(there >= 0)[0]
    same = _objects(now)[source] == _objects(before)[there[source]]
    good = same.all(axis=1)
    for column in ("x", "y", "unit_id", "held"):
        good &= now.sources[column].to_numpy()[source] == before.sources[column].to_numpy()[there[source]]
    source = source[good]
    source = source[~_near_a_change(now, before, there[source])]
    unit = pd.Index(now.units["unit_id"]).get_indexer(pd.Index(before.units["unit_id"])).astype(np.int32)
    return lambda vector: KnownRows(rows[vector], source, there[source], unit)


def _objects(basis: LoadBasis) -> NDArray[np.int64]:
    """Which object each source has in each weather, shape (n_sources, n_weathers)."""
    ids = np.array([*map(id, basis.outcomes), 0], dtype=np.int64)
    return ids[basis.index]


def _near_a_change(now: LoadBasis, before: LoadBasis, source: Places) -> NDArray[np.bool_]:
    """Whether a unit that came, moved or was altered lies, or lay, within reach of some sources of before.

    One that went only leaves their rows.
    """
    columns = ["unit_id", "equipment_class", "x", "y", "radius_m", "height_m", "bund_id"]
    both = pd.concat([now.units[columns], before.units[columns]])
    moved = both[~both.duplicated(keep=False) & both["unit_id"].isin(set(now.units["unit_id"]))]
    if moved.empty:
        return np.zeros(source.size, dtype=np.bool_)
    far = before.far[source]
    place = before.sources[["x", "y"]].to_numpy(dtype=np.float64)[source]
    at, radius = moved[["x", "y"]].to_numpy(dtype=np.float64), float(both["radius_m"].max())
    distance = np.hypot(place[:, None, 0] - at[:, 0], place[:, None, 1] - at[:, 1]).min(axis=1)
    # Zero reach: nothing is loaded at all.
    met: NDArray[np.bool_] = (far > 0.0) & (distance <= (far + radius) * (1.0 + 1e-9))
    return met
