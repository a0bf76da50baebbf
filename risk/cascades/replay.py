"""What is kept of a park's cascades, and what of it is still good after the park has changed.

A history hangs on the rows of loads of the units that failed in it and on the constants of the units in these rows, on
nothing else: a fire puts no load outside its rows, and a unit without load has no part. So each source has a key, a
hash of all that its rows say, and each unit one of itself and the sources that it becomes when it fails. A history in
which no unit has changed its key, of a primary whose own key is the same, runs as before to the last bit. A unit that
is no longer there changes nothing of a history in which it did not fail: whoever loaded it keeps its key, but for
primaries, whose histories are drawn by what they load.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.risk.cascades.draws import join, mix
from parkrisk.risk.cascades.logs import Known, Log, nothing_known
from parkrisk.scenarios.facility.graph import Facility
from parkrisk.scenarios.facility.network import Floats, Indices, Keys, Network

Places = NDArray[np.signedinteger[Any]]

#: More entries of logs than this are not kept; each takes 33 bytes.
MOST_ENTRIES = 16_000_000


class Rules(NamedTuple):
    """How cascades are played: number of histories, seed, whether static."""

    histories: int
    seed: int
    static: bool


@kernel
def _row_keys(start: NDArray[np.int64], target: Indices, value: Keys, unit: Keys, gone: NDArray[np.bool_]) -> Keys:
    out = np.zeros(start.size - 1, np.uint64)
    for row in range(out.size):
        key = np.uint64(0)
        for i in range(start[row], start[row + 1]):
            if not gone[target[i]]:
                key = join(join(key, unit[target[i]]), value[i])
        out[row] = mix(key)
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


def dependency_keys(net: Network, gone: NDArray[np.bool_] | None = None) -> tuple[Keys, Keys]:
    """Hashes of what each source does to others, and of what each unit is and does when it fails.

    Parameters
    ----------
    net : Network
    gone : bool array, shape (n_units,), optional
        Units that are passed over where others load them.

    Returns
    -------
    sources, units : uint64 arrays, shapes (n_sources,) and (n_units,)
        Equal keys mean equal rows, loads, durations, targets, constants of targets and probabilities of wind classes,
        but for a chance of 2^-64. No index enters them, so those of two parks compare.
    """
    passed = np.zeros(net.unit_key.size, np.bool_) if gone is None else gone
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
    heat = _joined(
        _row_keys(net.heat_start, net.heat_target, _bits(net.heat_load), unit, passed), _bits(net.heat_duration)
    )
    blast = _row_keys(net.blast_start, net.blast_target, _bits(net.blast_probability), unit, passed)
    thrown = _row_keys(net.fragment_start, net.fragment_target, _bits(net.fragment_probability), unit, passed)
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


def keys_of(facility: Facility) -> DependencyKeys:
    """Name the `dependency_keys` of a facility: units by their ids, sources grouped by their unit."""
    source_keys, unit_keys = dependency_keys(facility.network)
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


@dataclass(frozen=True)
class Courses:
    """What a run keeps of its cascades.

    Parameters
    ----------
    rules : Rules
    units : mapping of str to str
        Enterprise of each unit, in the order that unit indices stand for.
    keys : DependencyKeys
        Of the facility.
    logs : mapping of str to (tuple of str, Log)
        Histories by starting unit: its primaries by event_id, and their log. Empty where they were too many to keep.
    entries : mapping of str to int
        How long each of these logs is or would be.
    tables : mapping of str to DataFrame
        What the histories say, by name, starting unit by starting unit; columns "start" and "unit" are indices.
        "pairs" has every unit that failed after each start.
    """

    rules: Rules
    units: Mapping[str, str]
    keys: DependencyKeys
    logs: Mapping[str, tuple[tuple[str, ...], Log]]
    entries: Mapping[str, int]
    tables: Mapping[str, pd.DataFrame]


class Past:
    """Earlier cascades as a changed facility sees them.

    Parameters
    ----------
    earlier : Courses
    net : Network
        Of the facility before.
    keys : DependencyKeys
        Of the facility.
    enterprises : mapping of str to str
        Enterprise of each of its units.
    """

    def __init__(
        self,
        earlier: Courses,
        net: Network,
        keys: DependencyKeys,
        enterprises: Mapping[str, str],
    ) -> None:
        units, self.starts = keys
        self.earlier, self.ids = earlier, list(units)
        self.index = pd.Index(self.ids).get_indexer(pd.Index(list(earlier.units))).astype(np.int32)
        before = earlier.keys.units
        if (self.index < 0).any():
            before = dict(zip(before, dependency_keys(net, self.index < 0)[1].tolist(), strict=True))
        same = np.array([units.get(unit) == key for unit, key in before.items()], dtype=np.bool_)
        # Index of each earlier unit, -1 where a history with it is not good any more.
        self.good = np.where(same, self.index, np.int32(-1))
        # Which units start the same cascades, event by event and as often, shape (n_units,).
        self._alike = np.array(
            [earlier.keys.starts.get(unit) == self.starts.get(unit) for unit in units], dtype=np.bool_
        )
        moved = np.array([enterprises.get(unit) != owner for unit, owner in earlier.units.items()], dtype=np.bool_)
        self._alike &= ~self._reaching(moved)
        #: Those whose histories run as before, too.
        self.kept = self._alike & ~self._reaching(self.good < 0)
        self._as_before = self.kept.copy()

    def _reaching(self, marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which units start a history in which a marked one of before failed, shape (n_units,)."""
        pairs = self.earlier.tables["pairs"]
        met = self.index[pairs["start"].to_numpy(np.intp)[marked[pairs["unit"].to_numpy(np.intp)]]]
        found = np.zeros(len(self.ids), np.bool_)
        found[met[met >= 0]] = True
        return found

    def repeated(self, start: int, events: tuple[str, ...], log: Log) -> bool:
        """Whether the histories of a starting unit came out as before although they had to be played: note it."""
        known, before = self.earlier.logs.get(self.ids[start], ((), None))
        if not self._alike[start] or before is None or known != events:
            return False
        now = before._replace(unit=self.index[before.unit])
        self._as_before[start] = all(np.array_equal(getattr(log, name), getattr(now, name)) for name in log._fields)
        return bool(self._as_before[start])

    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables of the starting units whose histories are as before, in the numbers of the facility."""
        return {name: self._renumbered(table) for name, table in self.earlier.tables.items()}

    def _renumbered(self, table: pd.DataFrame) -> pd.DataFrame:
        start = self.index[table["start"].to_numpy(np.intp)]
        rows = np.nonzero(np.append(self._as_before, False)[start])[0]  # -1: no unit any more
        kept = table.iloc[rows].copy()
        for name in ("start", "unit"):
            if name in kept:
                kept[name] = self.index[kept[name].to_numpy(np.intp)].astype(table[name].dtype)
        return kept

    def logs(self) -> dict[str, tuple[tuple[str, ...], Log]]:
        """Logs of the starting units that are kept."""
        alike = bool(np.array_equal(self.index, np.arange(len(self.ids))))
        kept = set(itertools.compress(self.ids, self.kept.tolist()))
        return {
            unit: (events, log if alike else log._replace(unit=self.index[log.unit]))
            for unit, (events, log) in self.earlier.logs.items()
            if unit in self.starts and unit in kept
        }

    def entries(self) -> dict[str, int]:
        """Lengths of the logs of the starting units that are kept."""
        place = {unit: at for at, unit in enumerate(self.ids)}
        return {unit: n for unit, n in self.earlier.entries.items() if unit in place and self.kept[place[unit]]}

    def known(self, starts: list[str], primaries: list[str]) -> Known:
        """Histories of some starting units, for these primaries (their events, starting unit by starting unit)."""
        parts: dict[str, tuple[Log, slice]] = {}
        for unit in starts:
            keys = {event: key for event, key, _ in self.starts[unit]}
            before = {event: key for event, key, _ in self.earlier.keys.starts.get(unit, ())}
            events, log = self.earlier.logs.get(unit, ((), None))
            for place, event in enumerate(events):
                if log is not None and keys.get(event) == before[event]:
                    parts[event] = log, slice(int(log.start[place]), int(log.start[place + 1]))
        there = np.array([event in parts for event in primaries], dtype=np.bool_)
        chosen = [parts[event] for event in primaries if event in parts]
        length = np.zeros(len(primaries), np.int64)
        length[there] = [part.stop - part.start for _, part in chosen]
        columns = zip(*(log[1:] for log, _ in chosen), strict=True)
        joined = [
            np.concatenate([column[part] for column, (_, part) in zip(found, chosen, strict=True)]) for found in columns
        ]
        if not joined:
            return nothing_known(len(primaries))
        whole = Log._make([np.concatenate([[0], np.cumsum(length)]).astype(np.int64), *joined])
        return Known(whole._replace(unit=self.good[whole.unit]), there)


def divided(log: Log, first: Places) -> list[Log]:
    """Logs of consecutive primaries, cut before each of ``first``; each has arrays of its own."""
    parts = []
    for begin, end in zip(first, [*first[1:], log.start.size - 1], strict=True):
        place = slice(int(log.start[begin]), int(log.start[end]))
        columns = [column[place].copy() for column in log[1:]]
        parts.append(Log._make([log.start[begin : end + 1] - log.start[begin], *columns]))
    return parts
