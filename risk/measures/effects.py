"""What measures take away from the cascades of a facility, played with the same draws with and without them.

Only the primary events that a change can touch are played again: those in whose histories a protected unit failed, and
those that may fail one directly; all of them if a barrier takes the place of one that now and then does more. What a
primary alone brings about is known exactly; the rest is sampled, and the difference of the two runs is taken history by
history.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from parkrisk.models.errors import OutOfRange
from parkrisk.risk.cascades.cascade import Primaries, cascades, failures
from parkrisk.risk.cascades.direct import Direct, direct_escalation, direct_pairs, escalation_chance
from parkrisk.risk.cascades.draws import join, mix
from parkrisk.risk.cascades.logs import Log
from parkrisk.risk.cascades.replay import Rules
from parkrisk.risk.measures.cover import could_prevent, loads_any
from parkrisk.scenarios.facility.graph import Facility
from parkrisk.scenarios.facility.measures import only_better
from parkrisk.scenarios.facility.network import Floats, Keys, Network, id_keys

__all__ = ["DEATHS", "FAILURES", "UNKNOWN", "Baseline", "Coverage", "Effect", "chain_key", "reductions"]

#: Kinds of value of a failure: itself, its expected deaths where they are known, whether they are not.
FAILURES, DEATHS, UNKNOWN = range(3)

Places = NDArray[np.intp]

_PILOT = 16  # histories that tell how long the logs will be
_ENTRIES = 2_000_000  # of a log that are held at once
_WORD = 64


class Effect(NamedTuple):
    """What a change of the facility takes away.

    ``reduction`` and ``error`` (its standard error) have one number for each kind of value [1/yr]; ``chains`` has what
    is left of each watched chain [1/yr].
    """

    reduction: Floats
    error: Floats
    chains: Floats


def reductions(effect: Effect) -> dict[str, float]:
    """Columns of a table that say what an effect is, in failures and in deaths."""
    return {
        f"{name}_{what}": float(numbers[kind])
        for name, kind in (("failures", FAILURES), ("deaths", DEATHS))
        for what, numbers in (("reduction", effect.reduction), ("error", effect.error))
    }


class Coverage(NamedTuple):
    """Sampled failures, grouped by the measures that could have prevented them.

    ``members``: bool array, shape (n_groups, n_measures); ``value``: shape (n_groups, n_values) [1/yr]. Failures that a
    primary alone brings about are not among them.
    """

    members: NDArray[np.bool_]
    value: Floats


def chain_key(net: Network, units: Iterable[int]) -> int:
    """Key that logs give to the path through these units, the starting one first."""
    first, *others = (net.unit_key[unit] for unit in units)
    path = np.uint64(mix(first))
    for key in others:
        path = np.uint64(join(path, key))
    return int(path)


class Baseline:
    """Cascades of a facility as it is, and how far a change of its protection moves them.

    Parameters
    ----------
    facility : Facility
    value : array, shape (n_units, n_values)
        What each failure of a unit counts for, in each kind of value.
    rules : Rules
        Histories of each primary event, seed, static or dynamic.
    measures : sequence of int arrays
        Units that each measure protects.
    watched : sequence of int
        Keys of chains, see `chain_key`.
    """

    def __init__(
        self,
        facility: Facility,
        value: Floats,
        rules: Rules,
        measures: Iterable[Places] = (),
        watched: Iterable[int] = (),
    ) -> None:
        if rules.histories < 1:
            raise OutOfRange("历史次数须为正", "need at least one history")
        self.facility, self.value, self.rules = facility, value, rules
        self.measures = list(measures)
        self.watched = np.array(list(watched), dtype=np.uint64)
        net, sources = facility.network, facility.sources
        self._keys = id_keys(sources["event_id"])
        direct = direct_escalation(net, rules.static)
        every = np.arange(len(sources), dtype=np.int32)
        chance = (escalation_chance(net, direct, every) * net.class_probability).sum(axis=1)
        self._alive = np.nonzero((sources["frequency"].to_numpy(float) > 0.0) & (chance > 0.0))[0]
        self.direct = self._direct(facility, direct)
        self._sampled = np.zeros((len(sources), rules.histories, value.shape[1]))
        self._chains = np.zeros((len(sources), self.watched.size))
        self._expected = np.zeros(len(sources))
        pilot = failures(net, self._primaries(self._alive), _PILOT, rules.seed, static=rules.static, direct=direct)
        self._expected[self._alive] = pilot * (rules.histories / _PILOT)
        own, loads = self._own(), loads_any(net)
        met, parts = [_threatened(net, direct)], []
        for some, weighted, log in self._played(net, direct, self._alive):
            self._sampled[some], self._chains[some] = self._sums(weighted, log), self._left(weighted, log)
            self._expected[some] = np.diff(log.start)
            met.append(np.unique(log.unit.astype(np.int64) * len(sources) + some[_primary(log)]))
            parts.append(self._groups(weighted, log, could_prevent(log, own, loads)))
        self.coverage = self._coverage(parts)
        unit, source = np.divmod(np.unique(np.concatenate(met)), max(len(sources), 1))
        self._touched = sparse.csr_array(
            (np.ones(unit.size, np.bool_), (unit, source)), shape=(len(value), len(sources))
        )

    @property
    def total(self) -> Floats:
        """Value of all failures in cascades, shape (n_values,). [1/yr]"""
        return np.asarray(self.direct @ self.value + self._sampled.sum(axis=(0, 1)) / self.rules.histories)

    @property
    def chains(self) -> Floats:
        """How often each watched chain comes about. [1/yr]"""
        return np.asarray(self._chains.sum(axis=0))

    def effect(self, changed: Facility, units: Places) -> Effect:
        """What changes when these units are protected otherwise.

        Parameters
        ----------
        changed : Facility
            The same facility, its loads the same, some of its units protected otherwise.
        units : int array
            These units.
        """
        net, histories = changed.network, self.rules.histories
        direct = direct_escalation(net, self.rules.static)
        again = self._alive
        if only_better(self.facility.network, net):
            again = np.intersect1d(again, np.unique(self._touched[np.unique(units)].indices))
        reduction = (self.direct - self._direct(changed, direct)) @ self.value
        variance, chains = np.zeros(self.value.shape[1]), self.chains
        for some, weighted, log in self._played(net, direct, again):
            difference = self._sampled[some] - self._sums(weighted, log)
            reduction += difference.sum(axis=(0, 1)) / histories
            spread = ((difference - difference.mean(axis=1, keepdims=True)) ** 2).sum(axis=(0, 1))
            variance += spread / (histories - 1) / histories if histories > 1 else np.nan
            chains += (self._left(weighted, log) - self._chains[some]).sum(axis=0)
        return Effect(reduction, np.sqrt(variance), np.maximum(chains, 0.0))

    def _primaries(self, some: Places) -> Primaries:
        return Primaries(some.astype(np.int32), self._keys[some])

    def _played(self, net: Network, direct: Direct, some: Places) -> Iterator[tuple[Places, Floats, Log]]:
        """Primary events, as many at once as memory allows; the frequency of an escalation of each, and the log."""
        frequency = self.facility.sources["frequency"].to_numpy(float)
        number = (np.cumsum(self._expected[some] + self.rules.histories) // _ENTRIES).astype(int)
        for each in np.unique(number):
            part = some[number == each]
            weight, log = cascades(
                net,
                self._primaries(part),
                self.rules.histories,
                self.rules.seed,
                static=self.rules.static,
                direct=direct,
                expected=self._expected[part],
            )
            yield part, frequency[part] * weight, log

    def direct_of(self, facility: Facility) -> Floats:
        """How often primary events alone would fail each unit of a changed facility, shape (n_units,). [1/yr]"""
        return self._direct(facility, direct_escalation(facility.network, self.rules.static))

    def _direct(self, facility: Facility, direct: Direct) -> Floats:
        frequency = self.facility.sources["frequency"].to_numpy(float)
        _, unit, often = direct_pairs(facility.network, direct, frequency)
        return np.bincount(unit, often, minlength=len(self.value)).astype(np.float64)

    def _sums(self, weighted: Floats, log: Log) -> Floats:
        """Value of the failures of each history that its primary alone does not bring about, × frequency."""
        kept = np.nonzero(~log.direct)[0]
        cell = _primary(log)[kept] * self.rules.histories + log.history[kept]
        size = weighted.size * self.rules.histories
        sums = [np.bincount(cell, kind[log.unit[kept]], minlength=size) for kind in self.value.T]
        return weighted[:, None, None] * np.stack(sums, axis=-1).reshape(weighted.size, -1, len(sums))

    def _left(self, weighted: Floats, log: Log) -> Floats:
        """How often each watched chain comes about by primary event. [1/yr]"""
        order = np.argsort(self.watched)
        entry = np.nonzero(np.isin(log.path, self.watched))[0]
        place = order[np.searchsorted(self.watched[order], log.path[entry])]
        cell = _primary(log)[entry] * self.watched.size + place
        count = np.bincount(cell, minlength=weighted.size * self.watched.size)
        return weighted[:, None] * count.reshape(weighted.size, self.watched.size) / self.rules.histories

    def _own(self) -> Keys:
        """Measures on each unit, a bit each."""
        own = np.zeros((len(self.value), max(1, -(-len(self.measures) // _WORD))), np.uint64)
        for number, units in enumerate(self.measures):
            own[units, number // _WORD] |= np.uint64(1 << number % _WORD)
        return own

    def _groups(self, weighted: Floats, log: Log, masks: Keys) -> tuple[Keys, Floats]:
        kept = np.nonzero(~log.direct & masks.any(axis=1))[0]
        found, group = _distinct(masks[kept])
        scale = weighted[_primary(log)[kept]] / self.rules.histories
        sums = [np.bincount(group, scale * kind[log.unit[kept]], minlength=len(found)) for kind in self.value.T]
        return found, np.stack(sums, axis=-1)

    def _coverage(self, parts: list[tuple[Keys, Floats]]) -> Coverage:
        words = max(1, -(-len(self.measures) // _WORD))
        masks = np.concatenate([np.zeros((0, words), np.uint64), *(mask for mask, _ in parts)])
        value = np.concatenate([np.zeros((0, self.value.shape[1])), *(each for _, each in parts)])
        found, group = _distinct(masks)
        total = np.zeros((len(found), value.shape[1]))
        np.add.at(total, group, value)
        number = np.arange(len(self.measures))
        bit = found[:, number // _WORD] >> (number % _WORD).astype(np.uint64) & np.uint64(1)
        return Coverage(bit.astype(np.bool_), total)


def _distinct(masks: Keys) -> tuple[Keys, Places]:
    """Distinct rows, and which of them each row is."""
    if masks.shape[1] == 1:  # much faster than whole rows
        found, group = np.unique(masks[:, 0], return_inverse=True)
        return found[:, None], group
    rows, group = np.unique(masks, axis=0, return_inverse=True)
    return rows, group.ravel()


def _primary(log: Log) -> Places:
    return np.repeat(np.arange(log.start.size - 1), np.diff(log.start))


def _threatened(net: Network, direct: Direct) -> NDArray[np.int64]:
    """Pairs in which a source may fail a unit directly, as unit × n_sources + source."""
    parts = []
    for row, start, target, chance in (
        (net.heat_row, net.heat_start, net.heat_target, direct.heat),
        (net.blast_row, net.blast_start, net.blast_target, net.blast_probability),
        (net.fragment_row[:, None], net.fragment_start, net.fragment_target, net.fragment_probability),
    ):
        incidence = sparse.csr_array((chance > 0.0, target, start), shape=(start.size - 1, net.unit_key.size))
        source, column = np.nonzero(row >= 0)
        used, rows = np.divmod(np.unique(source * (start.size - 1) + row[source, column]), max(start.size - 1, 1))
        found = incidence[rows].tocoo()
        hit = found.data.nonzero()[0]
        parts.append(found.col[hit].astype(np.int64) * net.source_unit.size + used[found.row[hit]])
    return np.unique(np.concatenate(parts))
