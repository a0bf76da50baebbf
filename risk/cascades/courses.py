"""All cascades of a facility, starting unit by starting unit; what a change of the park cannot touch is taken over."""

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from parkrisk.risk.cascades.cascade import Primaries, cascades, failures
from parkrisk.risk.cascades.direct import Direct
from parkrisk.risk.cascades.keys import DependencyKeys
from parkrisk.risk.cascades.logs import Log, empty_log, in_short
from parkrisk.risk.cascades.replay import Courses, Past, Places, Rules, divided, kept_in_full
from parkrisk.risk.domino_tables.chains import chain_columns
from parkrisk.risk.domino_tables.counts import order_columns, pair_columns, reach_columns, size_columns
from parkrisk.risk.domino_tables.played import Columns, Played
from parkrisk.risk.sharing import share
from parkrisk.scenarios.facility.graph import Facility
from parkrisk.scenarios.facility.network import Floats, id_keys

_PILOT = 6  # histories that tell how long the logs will be
_AT_ONCE = 10_000  # primary events whose loads are held at once for that
_ENTRIES = 2_000_000  # of a log that are held at once
_MORE = 1.1  # times as many histories as the measured variance asks for
_GROWTH = 8.0  # times as many as before at most


class Wish(NamedTuple):
    """How well the expected number of secondary failures per year should be known.

    Parameters
    ----------
    error : float
        Relative standard error.
    most : int
        Histories of each primary event at most.
    """

    error: float
    most: int


def play_to_error(
    facility: Facility,
    direct: Direct,
    chance: Floats,
    rules: Rules,
    keys: DependencyKeys,
    earlier: tuple[Courses, Facility] | None,
    wish: Wish,
    certain: float,
) -> tuple[Courses, float]:
    """Play cascades, with more histories than ``rules`` says if the error asked for needs them.

    Parameters
    ----------
    facility, direct, chance, rules, keys, earlier
        As `play_courses`.
    wish : Wish
    certain : float
        Frequency of direct failures. [1/yr]

    Returns
    -------
    courses : Courses
    error : float
        The relative standard error that was reached.
    """
    while True:
        courses = play_courses(facility, direct, chance, rules, keys, earlier)
        reached = _relative_error(courses.tables["orders"], certain)
        if reached <= wish.error or rules.histories >= wish.most:
            return courses, reached
        factor = min(_MORE * (reached / wish.error) ** 2, _GROWTH)
        rules = rules._replace(histories=min(wish.most, math.ceil(rules.histories * factor)))


def _relative_error(orders: pd.DataFrame, certain: float) -> float:
    """Relative standard error of all failures per year; order 0 holds those that are sampled of each starting unit."""
    sampled = orders[orders["order"] == 0]
    total = math.fsum([certain, *sampled["frequency"]])
    return math.sqrt(math.fsum(sampled["standard_error"] ** 2)) / total if total > 0.0 else 0.0


def play_courses(
    facility: Facility,
    direct: Direct,
    chance: Floats,
    rules: Rules,
    keys: DependencyKeys,
    earlier: tuple[Courses, Facility] | None = None,
) -> Courses:
    """Play every primary event, or take over what was played of it before.

    Parameters
    ----------
    facility : Facility
    direct : Direct
        As `direct_escalation` gives it.
    chance : array, shape (n_sources, n_classes)
        As `envelope` gives it for every source.
    rules : Rules
    keys : DependencyKeys
        Of the facility.
    earlier : (Courses, Facility), optional
        Of another facility; with other rules nothing of it is used.
    """
    sources, ids = facility.sources, facility.units["unit_id"].tolist()
    enterprises = dict(zip(ids, facility.units["enterprise_id"].tolist(), strict=True))
    past = None
    if earlier and earlier[0].rules == rules:
        past = Past(*earlier, facility, keys)
    unit, frequency = sources["unit"].to_numpy(np.intp), sources["frequency"].to_numpy(float)
    alive = (frequency > 0.0) & (chance * facility.network.class_probability > 0.0).any(axis=1)
    by_unit = np.argsort(unit, kind="stable")
    by_unit = by_unit[alive[by_unit]]
    described = _Described(enterprises)
    found, logs = [described.tables(Played(empty_log(), 0, np.zeros(0), 1))], {}
    entries: dict[str, int] = {}
    if past:
        by_unit = by_unit[~past.kept[unit[by_unit]]]
        logs, entries = past.logs(), past.entries()
    for some, expected in _batches(facility, direct, by_unit, rules, past):
        weight, log = _play(facility, direct, some, rules, past, expected)
        at, first = np.unique(unit[some], return_index=True)
        played = []
        for start, begin, part in zip(at.tolist(), first.tolist(), divided(log, first), strict=True):
            own = some[begin : begin + part.start.size - 1]
            events = tuple(sources["event_id"].to_numpy()[own])
            if not past or not past.repeated(start, events, part):
                often = frequency[own] * weight[begin : begin + own.size]
                played.append(Played(part, start, often, rules.histories))
            logs[ids[start]] = events, part
            entries[ids[start]] = part.unit.size
        found += share(played, described.tables, "chains")
        if not kept_in_full(entries):
            logs |= {unit: (events, in_short(log)) for unit, (events, log) in logs.items() if log.time.size}
    made = Courses(rules, enterprises, keys, logs, entries, _joined(found, past.tables() if past else {}))
    if past and made.in_full and not past.earlier.in_full:
        return play_courses(facility, direct, chance, rules, keys)
    return made


class _Described:
    """What the histories of one starting unit say, as tables; the units by their ids and enterprises."""

    def __init__(self, enterprises: Mapping[str, str]) -> None:
        self.unit_ids = list(enterprises)
        self.names, self.enterprise = np.unique(np.array(list(enterprises.values()), object), return_inverse=True)

    def tables(self, played: Played) -> dict[str, Columns]:
        """Give them by name."""
        reached = dict(reach_columns(played, self.enterprise))
        reached["enterprise"] = self.names[reached["enterprise"]]
        return {
            "pairs": pair_columns(played, len(self.unit_ids)),
            "chains": chain_columns(played, self.unit_ids),
            "orders": order_columns(played),
            "sizes": size_columns(played),
            "reached": reached,
        }


def _joined(found: list[dict[str, Columns]], before: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Tables of all starting units: those of before, then those found."""
    tables = {}
    for name, columns in found[0].items():
        whole = pd.DataFrame({column: np.concatenate([each[name][column] for each in found]) for column in columns})
        tables[name] = pd.concat([before[name], whole], ignore_index=True) if name in before else whole
    return tables


def _primaries(facility: Facility, some: Places) -> Primaries:
    return Primaries(some.astype(np.int32), id_keys(facility.sources["event_id"].to_numpy()[some]))


def _play(
    facility: Facility, direct: Direct, some: Places, rules: Rules, past: Past | None, expected: Floats | None
) -> tuple[Floats, Log]:
    """Histories of some primary events, and the weight of each."""
    known = None
    if past:
        starts = dict.fromkeys(facility.units["unit_id"].to_numpy()[facility.sources["unit"].to_numpy()[some]])
        known = past.known(list(starts), facility.sources["event_id"].to_numpy()[some].tolist())
    return cascades(
        facility.network,
        _primaries(facility, some),
        rules.histories,
        rules.seed,
        static=rules.static,
        direct=direct,
        known=known,
        expected=expected,
    )


def _batches(
    facility: Facility, direct: Direct, by_unit: Places, rules: Rules, past: Past | None
) -> Iterator[tuple[Places, Floats | None]]:
    """Divide primary events, unit by unit, into as many at once as memory allows; how many failures to expect."""
    if not by_unit.size:
        return
    if past and past.earlier.logs and past.earlier.in_full:  # those of the park before fitted into memory
        yield by_unit, None
        return
    few = [
        failures(facility.network, some, _PILOT, rules.seed, static=rules.static, direct=direct)
        for some in (_primaries(facility, by_unit[at : at + _AT_ONCE]) for at in range(0, by_unit.size, _AT_ONCE))
    ]
    expected = np.concatenate(few) * (rules.histories / _PILOT)
    entries = np.cumsum(expected + rules.histories)
    unit = facility.sources["unit"].to_numpy(np.intp)[by_unit]
    _, first = np.unique(unit, return_index=True)
    batch = np.repeat((entries[first] // _ENTRIES).astype(int), np.diff([*first, by_unit.size]))
    for number in np.unique(batch):
        yield by_unit[batch == number], expected[batch == number]
