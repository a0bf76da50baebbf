"""Hashes of what units are and do in cascades, by which those of two parks compare.

Each source has a key, a hash of all that its rows say, and each unit one of itself and the sources that it becomes when
it fails.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.risk.cascades.draws import join, mix
from parkrisk.scenarios.facility.graph import Facility
from parkrisk.scenarios.facility.network import Floats, Indices, Keys, Network

__all__ = ["DependencyKeys", "Starts", "dependency_keys", "keys_of", "own_keys"]


@kernel
def _row_keys(
    start: NDArray[np.int64], target: Indices, value: Keys, of_row: Keys, unit: Keys, passed: NDArray[np.bool_]
) -> Keys:
    """Keys of rows, with something of each beside its entries; 0, as of no row, where all entries are passed over."""
    out = np.zeros(start.size - 1, np.uint64)
    for row in range(out.size):
        key = np.uint64(0)
        for i in range(start[row], start[row + 1]):
            if not passed[target[i]]:
                key = join(join(key, unit[target[i]]), value[i])
        if key != 0:
            out[row] = join(mix(key), of_row[row])
    return out


@kernel
def _source_keys(
    heat_row: Indices,
    blast_row: Indices,
    fragment_row: Indices,
    heat: Keys,
    blast: Keys,
    fragments: Keys,
    pool: Keys,
    classes: Keys,
) -> Keys:
    out = np.zeros(heat_row.shape[0], np.uint64)
    for source in range(out.size):
        key = join(pool[source], fragments[fragment_row[source]] if fragment_row[source] >= 0 else np.uint64(0))
        for c in range(heat_row.shape[1]):
            hot, other = heat_row[source, c], blast_row[source, c]
            key = join(key, classes[source, c])
            key = join(key, heat[hot] if hot >= 0 else np.uint64(0))
            key = join(key, blast[other] if other >= 0 else np.uint64(0))
        out[source] = key
    return out


@kernel
def _joined(one: Keys, other: Keys) -> Keys:
    out = np.empty_like(one)
    for i in range(one.size):
        out[i] = join(one[i], other[i])
    return out


def _bits(values: Floats) -> Keys:
    return np.ascontiguousarray(values, dtype=np.float64).view(np.uint64)


def own_keys(net: Network) -> Keys:
    """Hashes of the constants of each unit, shape (n_units,)."""
    unit = _joined(net.unit_key, np.append(net.system_key, np.uint64(0))[net.system])
    for constants in (
        net.shell,
        net.heat_exponent,
        net.heat_threshold,
        net.clock_mean,
        net.clock_deviation,
        net.delay,
        net.delay_fails,
        net.deluge_factor,
        net.deluge_fails,
        np.append(net.system_fails, 0.0)[net.system],
    ):
        unit = _joined(unit, _bits(constants))
    return unit


def dependency_keys(net: Network, passed: NDArray[np.bool_] | None = None) -> tuple[Keys, Keys]:
    """Hashes of what each source does to others, and of what each unit is and does when it fails.

    Parameters
    ----------
    net : Network
    passed : bool array, shape (n_units,), optional
        Units that are passed over where others load them.

    Returns
    -------
    sources, units : uint64 arrays, shapes (n_sources,) and (n_units,)
        Equal keys mean equal rows, loads, durations, targets, constants of targets and probabilities of wind classes,
        but for a chance of 2^-64. No index enters them, so those of two parks compare.
    """
    over = np.zeros(net.unit_key.size, np.bool_) if passed is None else passed
    unit = own_keys(net)
    heat = _row_keys(net.heat_start, net.heat_target, _bits(net.heat_load), _bits(net.heat_duration), unit, over)
    blast, thrown = (
        _row_keys(start, target, _bits(chance), np.zeros(start.size - 1, np.uint64), unit, over)
        for start, target, chance in (
            (net.blast_start, net.blast_target, net.blast_probability),
            (net.fragment_start, net.fragment_target, net.fragment_probability),
        )
    )
    source = _source_keys(
        net.heat_row, net.blast_row, net.fragment_row, heat, blast, thrown, net.pool, _bits(net.class_probability)
    )
    every = np.append(source, np.uint64(0))  # index -1: no source
    return source, _joined(_joined(unit, every[net.secondary_heat]), every[net.secondary_blast])


#: By starting unit: its primary events with their keys and frequencies, by event_id.
Starts = Mapping[str, tuple[tuple[str, int, float], ...]]


class DependencyKeys(NamedTuple):
    """What each unit is and does when it fails, as one number, by unit_id; and what it starts."""

    units: Mapping[str, int]
    starts: Starts


def keys_of(facility: Facility, keys: tuple[Keys, Keys] | None = None) -> DependencyKeys:
    """Name the `dependency_keys` of a facility, or these: units by their ids, sources grouped by their unit."""
    source_keys, unit_keys = dependency_keys(facility.network) if keys is None else keys
    ids, table = facility.units["unit_id"].tolist(), facility.sources
    starts: dict[str, list[tuple[str, int, float]]] = {}
    for event, unit, key, frequency in zip(
        table["event_id"].tolist(),
        table["unit"].tolist(),
        source_keys.tolist(),
        table["frequency"].tolist(),
        strict=True,
    ):
        starts.setdefault(ids[unit], []).append((event, key, frequency))
    named = dict(zip(ids, unit_keys.tolist(), strict=True))
    return DependencyKeys(named, {unit: tuple(events) for unit, events in starts.items()})
