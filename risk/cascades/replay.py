"""What is kept of a park's cascades, and what of it is still good after the park has changed.

A history hangs on the rows of loads of the units that failed in it and on the constants of the units in these rows, on
nothing else: a fire puts no load outside its rows, and a unit without load has no part. A history in which no unit has
changed its key (see `risk.cascades.keys`), of a primary whose own key is the same, runs as before to the last bit.

A unit that came, went, moved or was altered is a suspect. It changes nothing of a history in which it did not fail
before and does not now, so that keys pass it over where others load it; but primaries draw their histories by whom they
can fail alone, and must not be able to fail a suspect, neither before nor now.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parkrisk.risk.cascades.keys import DependencyKeys, dependency_keys, keys_of, own_keys
from parkrisk.risk.cascades.logs import Known, Log, nothing_known
from parkrisk.risk.cascades.suspects import ASIDE, TIPS, acts_on
from parkrisk.scenarios.facility.graph import Facility

Places = NDArray[np.signedinteger[Any]]
Marks = NDArray[np.bool_]

#: More entries of logs than this are kept in short: one takes some 4 bytes then, 33 in full.
MOST_ENTRIES = 16_000_000
#: More suspects than this cost more to watch than histories to play: only those that went are passed over then.
_MOST_SUSPECTS = 32


class Rules(NamedTuple):
    """How cascades are played: number of histories, seed, whether static."""

    histories: int
    seed: int
    static: bool


def kept_in_full(entries: Mapping[str, int]) -> bool:
    """Whether so many entries of logs, by starting unit, are few enough to be kept in full."""
    return sum(entries.values()) <= MOST_ENTRIES


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
        Histories by starting unit: its primaries by event_id, and their log, in short where there is much of them.
    entries : mapping of str to int
        How long each of these logs is.
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

    @property
    def in_full(self) -> bool:
        """Whether the logs have all that a history can be taken over by."""
        return kept_in_full(self.entries)


def _suspects(before: Facility, now: Facility) -> set[str]:
    """Units that only one of two facilities has so, or there."""
    columns = ["unit_id", "x", "y", "radius_m", "height_m", "bund_id"]
    each = [
        set(zip(*(facility.units[name].tolist() for name in columns), own_keys(facility.network).tolist(), strict=True))
        for facility in (before, now)
    ]
    return {str(unit) for unit, *_ in each[0] ^ each[1]}


def _passing(facility: Facility, over: Marks, salt: int, *, static: bool) -> tuple[DependencyKeys, NDArray[np.int8]]:
    """Keys that pass over suspects, and what each source does to them; those that may fail one have none of these."""
    sources, units = dependency_keys(facility.network, over)
    acts = acts_on(facility.network, over, static)
    sources[acts == TIPS] = salt
    return keys_of(facility, (sources, units)), acts


class Past:
    """Earlier cascades as a changed facility sees them.

    Parameters
    ----------
    earlier : Courses
    before, now : Facility
        Those of the earlier cascades are of the first.
    keys : DependencyKeys
        Of the second.
    """

    def __init__(self, earlier: Courses, before: Facility, now: Facility, keys: DependencyKeys) -> None:
        self.earlier, self.ids = earlier, now.units["unit_id"].tolist()
        old = list(earlier.units)
        self.index = pd.Index(self.ids).get_indexer(pd.Index(old)).astype(np.int32)
        suspects = _suspects(before, now)
        if len(suspects) > _MOST_SUSPECTS:
            suspects = set(itertools.compress(old, (self.index < 0).tolist()))
        self._before, self._now, acts = earlier.keys, keys, np.zeros(len(now.sources), np.int8)
        over = [np.array([unit in suspects for unit in units], dtype=np.bool_) for units in (old, self.ids)]
        if suspects:
            static = earlier.rules.static
            self._before, _ = _passing(before, over[0], 1, static=static)
            self._now, acts = _passing(now, over[1], 2, static=static)
        self._watched = np.nonzero(over[1])[0].astype(np.int32)
        same = np.array([self._now.units.get(unit) == key for unit, key in self._before.units.items()], dtype=np.bool_)
        # Index of each earlier unit, -1 where a history with it is not good any more.
        self.good = np.where(same & ~over[0], self.index, np.int32(-1))
        # Which units start the same cascades, event by event and as often, shape (n_units,).
        self._alike = np.array(
            [self._before.starts.get(unit) == self._now.starts.get(unit) for unit in self.ids], dtype=np.bool_
        )
        owners = dict(zip(self.ids, now.units["enterprise_id"].tolist(), strict=True))
        moved = np.array([owners.get(unit) != owner for unit, owner in earlier.units.items()], dtype=np.bool_)
        self._alike &= ~self._reaching(moved)
        loads = np.append(acts != ASIDE, False)  # the last: no source
        self._wary = loads[now.network.secondary_heat] | loads[now.network.secondary_blast]
        watching = self._reaching(np.append(self._wary, False)[self.index])
        watching[now.network.source_unit[acts != ASIDE]] = True
        #: Those whose histories run as before, too.
        self.kept = self._alike & ~self._reaching(self.good < 0) & ~watching
        self._as_before = self.kept.copy()

    def _reaching(self, marked: Marks) -> Marks:
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
            if unit in self._now.starts and unit in kept
        }

    def entries(self) -> dict[str, int]:
        """Lengths of the logs of the starting units that are kept."""
        place = {unit: at for at, unit in enumerate(self.ids)}
        return {unit: n for unit, n in self.earlier.entries.items() if unit in place and self.kept[place[unit]]}

    def known(self, starts: list[str], primaries: list[str]) -> Known:
        """Histories of some starting units, for these primaries (their events, starting unit by starting unit)."""
        if not self.earlier.in_full:
            return nothing_known(len(primaries))
        parts: dict[str, tuple[Log, slice]] = {}
        for unit in starts:
            keys = {event: key for event, key, _ in self._now.starts[unit]}
            before = {event: key for event, key, _ in self._before.starts.get(unit, ())}
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
        return Known(whole._replace(unit=self.good[whole.unit]), there, self._watched, self._wary)


def divided(log: Log, first: Places) -> list[Log]:
    """Logs of consecutive primaries, cut before each of ``first``; each has arrays of its own."""
    parts = []
    for begin, end in zip(first, [*first[1:], log.start.size - 1], strict=True):
        place = slice(int(log.start[begin]), int(log.start[end]))
        columns = [column[place].copy() for column in log[1:]]
        parts.append(Log._make([log.start[begin : end + 1] - log.start[begin], *columns]))
    return parts
