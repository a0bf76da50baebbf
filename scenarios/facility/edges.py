"""Edges of the facility graph: what one unit can do to another, over all of its events and winds."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.scenarios.facility.loads import FragmentRows, Rows
from parkrisk.scenarios.facility.network import Floats, Indices, Network

__all__ = ["VECTORS", "edge_table"]

#: Columns of ``Facility.edges`` that say what one unit can do to another; 0: nothing.
VECTORS = ("heat_load_kw_m2", "overpressure_kpa", "fragment_probability", "engulfed")


def edge_table(units: pd.DataFrame, network: Network, heat: Rows, blast: Rows, fragments: FragmentRows) -> pd.DataFrame:
    """Largest load of each vector between each two units; columns as ``Facility.edges``."""
    n = len(units)
    thrower = np.nonzero(fragments.row >= 0)[0]
    thrown = network.source_unit[thrower], fragments.row[thrower], fragments.start
    found = (
        _largest(n, *_of_units(network, heat), heat.target, heat.load / 1e3),
        _largest(n, *_of_units(network, blast), blast.target, blast.load / 1e3),
        _largest(n, *thrown, fragments.target, fragments.probability),
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


def _of_units(network: Network, rows: Rows) -> tuple[Indices, Indices, NDArray[np.int64]]:
    """Unit of each row, number of the row, and where rows start."""
    every = np.arange(rows.duration.size, dtype=np.int32)
    return network.source_unit[rows.origin()], every, rows.start


def _largest(
    n: int, unit: Indices, row: Indices, start: NDArray[np.int64], target: Indices, value: Floats
) -> tuple[NDArray[np.intp], Floats]:
    """Pairs of units (from × n + to) between which there is an entry, ascending, and the largest value of each.

    ``row`` are the rows of ``start`` that come from the units ``unit``; no value is below 0.
    """
    return _found(_strongest(n, unit, row, start, target, value))


def _engulfed(n: int, network: Network, heat: Rows) -> tuple[NDArray[np.intp], Floats]:
    """Pairs of units and the chance, given the event, that the flame touches: that of its worst event."""
    source, wind = np.nonzero(heat.row >= 0)
    weight = network.class_probability[source, wind]
    chance = np.bincount(heat.row[source, wind], weight, minlength=heat.duration.size).astype(np.float64)
    return _found(_touched(n, network.source_unit, heat.origin(), heat.start, heat.target, heat.engulfed, chance))


def _found(largest: Floats) -> tuple[NDArray[np.intp], Floats]:
    pair = np.nonzero(largest >= 0.0)[0]
    return pair, largest[pair]


@kernel
def _strongest(n: int, unit: Indices, row: Indices, start: NDArray[np.int64], target: Indices, value: Floats) -> Floats:
    """Largest value of each pair of units, -1: there is no entry."""
    out = np.full(n * n, -1.0)
    for k in range(row.size):
        for i in range(start[row[k]], start[row[k] + 1]):
            pair = np.int64(unit[k]) * n + target[i]
            out[pair] = max(out[pair], value[i])
    return out


@kernel
def _touched(
    n: int,
    unit: Indices,
    source: Indices,
    start: NDArray[np.int64],
    target: Indices,
    engulfed: NDArray[np.bool_],
    chance: Floats,
) -> Floats:
    """Chance that a flame of one unit touches another, of the worst source, -1: never; rows of a source are together.

    ``unit`` is that of each source, ``source`` and ``chance`` are those of each row.
    """
    out, total = np.full(n * n, -1.0), np.zeros(n)
    first = 0
    for row in range(source.size):
        for i in range(start[row], start[row + 1]):
            total[target[i]] += chance[row] * engulfed[i]
        if row + 1 < source.size and source[row + 1] == source[row]:
            continue
        for i in range(start[first], start[row + 1]):
            if engulfed[i]:
                pair = np.int64(unit[source[row]]) * n + target[i]
                out[pair] = max(out[pair], min(total[target[i]], 1.0))
        for i in range(start[first], start[row + 1]):
            total[target[i]] = 0.0
        first = row + 1
    return out
