"""Which events of a park change together: their classes of frequency, branches of ignition, substances."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parkrisk.models.substance.substances import find
from parkrisk.risk.cascades.direct import direct_escalation, direct_pairs
from parkrisk.risk.domino import DominoResult
from parkrisk.scenarios.events.contents import vessel
from parkrisk.scenarios.events.expand import Events
from parkrisk.scenarios.events.transport import KIND, first_ignition
from parkrisk.scenarios.ignition.event_tree import immediate_ignition
from parkrisk.scenarios.park import Park

__all__ = ["Group", "Groups", "groups_of", "secondary_shares"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_LATER = ("flash_fire", "explosion")
_NOT_AT_ONCE = (*_LATER, "toxic_cloud", "vessel_burst")


@dataclass(frozen=True, order=True)
class Group:
    """Events that every sampled input changes alike, but for the wind.

    Parameters
    ----------
    frequency : str
        Kind of unit and loss of containment, with a slash.
    branch : str
        "at_once" and "later" of a release that may ignite at once; "flash_fire" and "explosion", what it may become
        later, and "flash_only" where it cannot explode; "fixed" where nothing hangs on ignition.
    immediate : float
        Probability of immediate ignition.
    toxic : str
        CAS number of a toxic cloud, else "".
    own : bool
        Whether they are of a project: what it brings must not change what the others are bent by, so that a park
        without and with it differ in a sample by the project alone.
    """

    frequency: str
    branch: str
    immediate: float
    toxic: str
    own: bool = False


@dataclass(frozen=True)
class Groups:
    """Groups of a park's events.

    Parameters
    ----------
    members : tuple of Group
    of_event : int64 array, shape (n_events,)
        Of each row of the events; those of cascades have that which they would have as primary ones.
    """

    members: tuple[Group, ...]
    of_event: Integers

    @property
    def frequency_classes(self) -> tuple[str, ...]:
        """Kinds of unit and loss, sorted."""
        return tuple(sorted({group.frequency for group in self.members}))

    @property
    def toxic(self) -> tuple[str, ...]:
        """CAS numbers of toxic clouds, sorted."""
        return tuple(sorted({group.toxic for group in self.members} - {""}))


def groups_of(park: Park, events: Events, own: frozenset[str] = frozenset()) -> Groups:
    """Group the events of a park; those of the units ``own`` by themselves."""
    table = events.table
    units = {str(row["unit_id"]): row for row in park.tables["units"].to_dict("records")}
    loads = {str(row["transport_id"]): row for row in park.tables["transport"].to_dict("records")}
    air_pressure = 1000.0 * float(park.info["air_pressure_kpa"])
    explosive = set(table.loc[table["outcome"] == "explosion", ["unit_id", "loc"]].itertuples(index=False, name=None))
    immediate: dict[tuple[Any, ...], float] = {}
    found = []
    columns = ("unit_id", "loc", "outcome", "cas", "release_rate", "released_mass")
    for unit, loc, outcome, cas, rate, mass in zip(*(table[name].tolist() for name in columns), strict=True):
        kind = KIND if unit in loads else str(units[unit]["kind"])
        key = unit, loc
        if key not in immediate:
            row = loads[unit] if unit in loads else units[unit]
            immediate[key] = _immediate(row, rate, mass, air_pressure, transport=unit in loads)
        p = immediate[key]
        toxic = cas if outcome == "toxic_cloud" else ""
        branch = _branch(outcome, p, key in explosive)
        found.append(Group(f"{kind}/{loc}", branch, 0.0 if math.isnan(p) else p, toxic, unit in own))
    members = tuple(sorted(set(found)))
    number = {group: place for place, group in enumerate(members)}
    return Groups(members, np.array([number[group] for group in found], dtype=np.int64))


def _branch(outcome: str, immediate: float, explodes: bool) -> str:
    if math.isnan(immediate):
        return "fixed"
    if outcome == "flash_fire" and not explodes:
        return "flash_only"
    if outcome in _LATER:
        return outcome
    return "later" if outcome in _NOT_AT_ONCE else "at_once"


def _immediate(row: Any, rate: float, mass: float, air_pressure: float, *, transport: bool) -> float:
    """Probability of immediate ignition of a release, by the same tables as events; NaN: nothing hangs on it."""
    substance = find(row["substance"])
    if math.isnan(mass):  # a store, a detonation, or a vessel of what does not burn
        return math.nan
    if transport:
        first = first_ignition(row, math.isnan(rate))
        return math.nan if first is None else first.probability
    category = substance.ignition_category(vessel(row, air_pressure).temperature)
    if category == "none":
        return math.nan
    size = {"mass": mass} if math.isnan(rate) else {"rate": rate}
    return immediate_ignition(category, substance.reactivity, **size).probability


def secondary_shares(cascades: DominoResult, events: Events, groups: Groups) -> dict[str, Floats]:
    """Which groups of primary events make a unit fail in cascades.

    Returns
    -------
    dict of str to array, shape (n_groups,)
        By unit_id: how often it fails after primary events of each group. [1/yr]

    Notes
    -----
    Failures that a primary event brings about directly are exact, all others those of its histories, as in
    ``DominoResult.secondary``: with other frequencies of primary events both are the same sums with other weights.
    """
    facility = cascades.facility
    net, sources = facility.network, facility.sources
    frequency = sources["frequency"].to_numpy(float)
    rows = pd.Index(events.table["event_id"]).get_indexer(pd.Index(sources["event_id"]))
    group = groups.of_event[rows]
    by_group = np.zeros((len(facility.units), len(groups.members)))
    one_by_one = net._replace(source_unit=np.arange(frequency.size, dtype=np.int32))
    static = cascades.method["cascade"] == "static"
    start, target, often = direct_pairs(one_by_one, direct_escalation(net, static), frequency)
    np.add.at(by_group, (target, group[start]), often)
    chance = (net.class_probability * cascades.escalation).sum(axis=1)
    place = {event: number for number, event in enumerate(sources["event_id"].tolist())}
    histories = cascades.courses.rules.histories
    for names, log in cascades.courses.logs.values():
        number = np.array([place[name] for name in names], dtype=np.int64)
        primary = np.repeat(number, np.diff(log.start))
        further = ~log.direct[: primary.size]
        weight = frequency[primary[further]] * chance[primary[further]] / histories
        np.add.at(by_group, (log.unit[: primary.size][further], group[primary[further]]), weight)
    ids = facility.units["unit_id"].tolist()
    return {unit: row for unit, row in zip(ids, by_group, strict=True) if row.any()}
