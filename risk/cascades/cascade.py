"""Cascades: from one burning or bursting unit to those that follow.

*Dynamic*: event by event, loads of all burning units summed, dose dD/dt = 1/ttf(ΣI), a unit fails when its dose reaches
1 before its own mitigation clock (running from the start of the incident) has struck; fires burn out; blasts act at
once, each unit having one strength against all of them; fragments fly from each unit to each other by a chance of their
own. *Static*: loads only add, time does not pass, fires never burn out and the clock counts as if the full load had
stood from the start: an upper bound. Barriers work or not once in a history, those on one supply together.

Only histories with at least one direct escalation are played. The chance of having one without barriers is known
exactly from the rows, so every wind class is visited in proportion to probability × chance of escalation, and all
histories of one primary weigh the same; barriers then spare whom they spare. In counts, standard errors and digests
nothing is random but the draws of ``risk.cascades.draws``.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.errors import OutOfRange
from parkrisk.risk.cascades.direct import Direct, direct_escalation, envelope
from parkrisk.risk.cascades.draws import join
from parkrisk.risk.cascades.logs import Known, Log, all_good, new_log, nothing_known, trimmed
from parkrisk.risk.cascades.many import play_primaries
from parkrisk.risk.cascades.records import load_records, unit_records
from parkrisk.scenarios.facility.network import Floats, Indices, Keys, Network

_PILOT = 16  # histories that tell how much room the others need ...
_ROOM = 2  # ... and so many times as much is made: what is not used costs nothing
_GOLDEN = 0.6180339887498949


class Primaries(NamedTuple):
    """What may start a cascade, one entry per primary event.

    ``source`` is its index among the sources of the network, ``key`` the hash of its id.
    """

    source: Indices
    key: Keys


class Sets(NamedTuple):
    """Primary events that come about together, one entry per set.

    Those of set m are ``source[start[m] : start[m + 1]]``, at units that all differ; ``key`` tells its draws from those
    of other sets.
    """

    start: NDArray[np.int64]
    source: Indices
    key: Keys


@kernel
def _primary_keys(seed: np.uint64, keys: Keys) -> Keys:
    out = np.empty_like(keys)
    for i in range(keys.size):
        out[i] = join(seed, keys[i])
    return out


def cascades(
    net: Network,
    primaries: Primaries,
    histories: int,
    seed: int,
    *,
    static: bool = False,
    opened: bool = True,
    direct: Direct | None = None,
    known: Known | None = None,
    expected: Floats | None = None,
) -> tuple[Floats, Log]:
    """Play cascades from each primary event.

    Parameters
    ----------
    net : Network
        Facility.
    primaries : Primaries
        What starts them.
    histories : int
        Played for each primary from which escalation is possible at all.
    seed : int
        Same seed, same result, whatever the number of threads and the order of rows.
    static : bool
        True: the static critical-load cascade, an upper bound; its ``time`` counts generations.
    opened : bool
        True: only histories with at least one direct escalation are played. False: all kinds, as they come.
    direct : Direct, optional
        As `direct_escalation` gives it for the same ``net`` and ``static``.
    known : Known, optional
        Histories of the same primaries in another network, with the same seed, number, ``static`` and ``opened``, whose
        own rows are the same in both.
    expected : array, shape (n_primaries,), optional
        About how many failures all histories of each primary have, as `failures` tells: room is made for them. It
        changes no result.

    Returns
    -------
    weight : float64 array, shape (n_primaries,)
        A unit found in k histories fails with probability weight × k / histories; it is the chance of any escalation.
    log : Log
        Failures of units other than the primary's.

    Raises
    ------
    OutOfRange
        The arrays of the network do not fit together.
    """
    _check(net)
    exact = direct or direct_escalation(net, static)
    chance = envelope(net, exact, primaries.source)
    cumulative = _cumulative(net.class_probability[primaries.source], chance if opened else None)
    player = _Player(net, exact, _alone(primaries), chance, _Rules(seed, opened, static))
    weight = cumulative[:, -1].copy() if opened else np.ones(primaries.source.size)
    return weight, player.log(histories, cumulative, known or nothing_known(primaries.source.size), expected)


def cascades_together(
    net: Network, sets: Sets, histories: int, seed: int, class_probability: Floats, *, static: bool = False
) -> Log:
    """Play cascades from primary events that come about together, as they come.

    Parameters
    ----------
    net : Network
        Facility.
    sets : Sets
        What starts each cascade.
    histories, seed, static
        As in `cascades`.
    class_probability : array, shape (n_sets, n_classes)
        Of the wind classes.

    Returns
    -------
    Log
        Failures of units other than those of the primary events, set by set; ``direct`` is true in sets of one only.

    Raises
    ------
    OutOfRange
        The arrays do not fit together, a set is empty, or two of its events are at one unit.
    """
    _check(net)
    _check_sets(net, sets, class_probability)
    cumulative = _cumulative(class_probability)
    exact = direct_escalation(net, static)
    chance = envelope(net, exact, sets.source[sets.start[:-1]])  # only an event that comes alone asks for it
    player = _Player(net, exact, sets, chance, _Rules(seed, False, static))
    return player.log(histories, cumulative, nothing_known(sets.key.size), None)


def failures(
    net: Network, primaries: Primaries, histories: int, seed: int, *, static: bool = False, direct: Direct | None = None
) -> NDArray[np.int64]:
    """Number of failures in so many histories of each primary; arguments as in `cascades`, shape (n_primaries,)."""
    _check(net)
    exact = direct or direct_escalation(net, static)
    chance = envelope(net, exact, primaries.source)
    none = nothing_known(primaries.source.size)
    player = _Player(net, exact, _alone(primaries), chance, _Rules(seed, True, static))
    return player.play(none.log, histories, _cumulative(net.class_probability[primaries.source], chance), none)


def _check(net: Network) -> None:
    shape = net.class_probability.shape
    if (
        len(shape) != 2
        or shape[0] != net.source_unit.size
        or net.heat_row.shape != shape
        or net.blast_row.shape != shape
        or net.fragment_row.shape != shape[:1]
    ):
        raise OutOfRange("荷载行与来源或风况不符", "the rows of loads do not fit the sources and wind classes")


def _check_sets(net: Network, sets: Sets, class_probability: Floats) -> None:
    size = np.diff(sets.start)
    fits = sets.start[0] == 0 and sets.start[-1] == sets.source.size and size.size == sets.key.size
    if not fits or bool(np.any(size < 1)) or class_probability.shape != (size.size, net.heat_row.shape[1]):
        raise OutOfRange("初始事件组或风况概率无效", "invalid sets of primary events, or wind classes")
    place = np.repeat(np.arange(size.size), size) * net.unit_key.size + net.source_unit[sets.source]
    if np.unique(place).size < place.size:
        raise OutOfRange("同一组的两个初始事件在同一设备", "two primary events of a set are at one unit")


def _alone(primaries: Primaries) -> Sets:
    return Sets(np.arange(primaries.source.size + 1, dtype=np.int64), primaries.source, primaries.key)


def _cumulative(probability: Floats, chance: Floats | None = None) -> Floats:
    """Running sums over the wind classes of how likely a history is to be in them, shape (n_primaries, n_classes)."""
    return np.ascontiguousarray(np.cumsum(probability if chance is None else probability * chance, axis=1))


def _spread(n: int) -> NDArray[np.int64]:
    """Order of work in which neighbours are far apart: tank farms whose cascades are long share the threads evenly."""
    return np.argsort(np.arange(n) * _GOLDEN % 1.0, kind="stable")


class _Rules(NamedTuple):
    seed: int
    opened: bool
    static: bool


class _Player:
    """Plays histories of each set of primary events."""

    def __init__(self, net: Network, direct: Direct, sets: Sets, chance: Floats, rules: _Rules) -> None:
        keys = _primary_keys(np.uint64(rules.seed), sets.key)
        self._who = (sets.start, sets.source, net.source_unit, keys)
        self._chance, self._rules, self._unit = chance, rules, unit_records(net)
        acting = np.concatenate([sets.source, net.secondary_heat, net.secondary_blast])
        self._loads = load_records(net, direct, np.unique(acting[acting >= 0]))
        self._turn = _spread(keys.size)

    def play(self, log: Log, histories: int, cumulative: Floats, known: Known) -> NDArray[np.int64]:
        """Play into a log as far as there is room; how many entries there are of each set."""
        entry, span, row = self._loads
        return play_primaries(
            *self._who,
            cumulative,
            self._chance,
            histories,
            self._rules.opened,
            self._rules.static,
            self._unit,
            entry,
            span,
            row,
            int(entry["shared"].max(initial=-1)) + 1,
            self._turn,
            log,
            known.log,
            known.there,
            known.suspects,
            known.wary,
        )

    def log(self, histories: int, cumulative: Floats, given: Known, expected: Floats | None) -> Log:
        """Play all histories into a log that is long enough."""
        if expected is None:
            few, none = min(histories, _PILOT), nothing_known(given.there.size)
            pilot = self.play(none.log, few, np.where(given.there[:, None], 0.0, cumulative), none)
            expected = np.asarray(pilot * (histories / few))
        entries = np.where(given.there, np.diff(given.log.start), expected)
        room = np.where(cumulative[:, -1] > 0.0, _ROOM * (entries + histories), 0.0).astype(np.int64)
        while True:
            log = new_log(room)
            found = self.play(log, histories, cumulative, given)
            fits = found <= room
            if np.all(fits):
                return trimmed(log, found)
            given = all_good(trimmed(log, np.where(fits, found, 0)), fits)
            room = found
