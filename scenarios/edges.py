"""Edges of the facility graph: what one unit can do to another, over all of its events and winds."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parkrisk.scenarios.loads import FragmentRows, Rows
from parkrisk.scenarios.network import Floats, Network

__all__ = ["VECTORS", "edge_table"]

#: Columns of ``Facility.edges`` that say what one unit can do to another; 0: nothing.
VECTORS = ("heat_load_kw_m2", "overpressure_kpa", "fragment_probability", "engulfed")


def edge_table(units: pd.DataFrame, network: Network, heat: Rows, blast: Rows, fragments: FragmentRows) -> pd.DataFrame:
    """Largest load of each vector between each two units; columns as ``Facility.edges``."""
    n = len(units)
    thrower = np.nonzero(fragments.row >= 0)[0]
    length = np.diff(fragments.start)[fragments.row[thrower]]
    first = np.repeat(fragments.start[fragments.row[thrower]] - np.cumsum(length) + length, length)
    entry = first + np.arange(length.sum())
    thrown = network.source_unit[np.repeat(thrower, length)].astype(np.int64) * n + fragments.target[entry]
    found = (
        _largest(n * n, _pairs(n, network, heat), heat.load / 1e3),
        _largest(n * n, _pairs(n, network, blast), blast.load / 1e3),
        _largest(n * n, thrown, fragments.probability[entry]),
        _engulfed(n, network, heat),
    )
    pair = np.unique(np.concatenate([pairs for pairs, _ in found]))
    origin, target = pair // max(n, 1), pair % max(n, 1)
    ids = units["unit_id"].to_numpy()
    table = pd.DataFrame({"from_unit": ids[origin], "to_unit": ids[target]})
    for name, (pairs, values) in zip(VECTORS, found, strict=True):
        column = np.zeros(pair.size)
        column[np.searchsorted(pair, pairs)] = values
        table[name] = column
    x, y, radius = (units[name].to_numpy(float) for name in ("x", "y", "radius_m"))
    centre = np.hypot(x[target] - x[origin], y[target] - y[origin])
    table["distance_m"] = np.maximum(centre - radius[target] - radius[origin], 0.0)
    return table


def _pairs(n: int, network: Network, rows: Rows) -> NDArray[np.int64]:
    """Pair of units (from × n + to) of each entry."""
    source = np.repeat(rows.origin(), np.diff(rows.start))
    pair: NDArray[np.int64] = network.source_unit[source].astype(np.int64) * n + rows.target
    return pair


def _largest(n: int, pair: NDArray[np.int64], value: Floats) -> tuple[NDArray[Any], Floats]:
    """Distinct pairs below ``n``, ascending, and the largest value of each, not below 0."""
    there, out = np.zeros(n, dtype=np.bool_), np.zeros(n)
    there[pair] = True
    np.maximum.at(out, pair, value)
    found = np.nonzero(there)[0]
    return found, out[found]


def _engulfed(n: int, network: Network, heat: Rows) -> tuple[NDArray[Any], Floats]:
    """Pairs of units and the chance, given the event, that the flame touches: that of its worst event."""
    source, wind = np.nonzero(heat.row >= 0)
    chance = np.bincount(heat.row[source, wind], network.class_probability[source, wind], minlength=heat.duration.size)
    touched = np.nonzero(heat.engulfed)[0]
    row = np.searchsorted(heat.start, touched, side="right") - 1
    of_event = heat.origin()[row].astype(np.int64) * n + heat.target[touched]
    events, place = np.unique(of_event, return_inverse=True)
    total = np.bincount(place, chance[row], minlength=events.size)
    pair = network.source_unit[events // max(n, 1)].astype(np.int64) * n + events % max(n, 1)
    return _largest(n * n, pair, np.minimum(total, 1.0))
