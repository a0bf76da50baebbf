"""Events of a changed park: what a unit can suffer hangs on itself and on what all units share, so the rest is kept."""

import dataclasses
import functools
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parkrisk.models.footprint import PolarGrid
from parkrisk.scenarios import schema
from parkrisk.scenarios.events.expand import DROPPED_COLUMNS, Events, expand
from parkrisk.scenarios.ignition.keys import ignition_keys
from parkrisk.scenarios.ignition.located import ignite
from parkrisk.scenarios.park import Park, Tables
from parkrisk.scenarios.receptors import WindRose

__all__ = ["EventRules", "Expansion", "events_at", "expand_again"]

#: Tables without a part in the events of a unit; the weather comes in by the wind rose, ignition sources and people by
#: the keys of ignition, lines by the rows that run along them. Any other counts for all units.
_APART = frozenset(
    {"enterprises", "targets", "population", "answers", "indicators", "response", "weather", "ignition", "lines"}
)


@dataclass(frozen=True)
class EventRules:
    """By which rules events are found: as `expand` and `ignite` take them.

    Parameters
    ----------
    loss_set : str
    cut_off : float
        [1/yr]
    delayed_ignition : str
    grid : PolarGrid
    """

    loss_set: str
    cut_off: float
    delayed_ignition: str
    grid: PolarGrid


@dataclass(frozen=True)
class Expansion:
    """Events of a park and what they were made of.

    Parameters
    ----------
    found : Events
        As `expand` gives them.
    events : Events
        As `ignite` makes them of those.
    shared : str
        Everything that may bear on any unit.
    units : mapping of str to str
        Everything else that may bear on each unit, its ignition apart.
    ignition : mapping of str to str
        As `ignition_keys` gives them; empty in the free field.
    """

    found: Events
    events: Events
    shared: str
    units: dict[str, str]
    ignition: dict[str, str]

    @functools.cached_property
    def known(self) -> dict[Any, Any]:
        """The outcomes, to be found by content."""
        return {outcome: outcome for outcome in (*self.found.outcomes, *self.events.outcomes)}

    def again(self, events: Events) -> Events:
        """Events whose outcomes are the very objects of this expansion where they are equal."""
        return dataclasses.replace(events, outcomes=[self.known.get(outcome, outcome) for outcome in events.outcomes])


def expand_again(park: Park, rose: WindRose, rules: EventRules, earlier: Expansion | None = None) -> Expansion:
    """Find every event of a park, and take over those of units that are the same in another park.

    Parameters
    ----------
    park, rose
        As `expand` takes them.
    rules : EventRules
    earlier : Expansion, optional
        Of another park.

    Returns
    -------
    Expansion
        The same with ``earlier`` and without; ``earlier`` itself where no unit has changed.

    Raises
    ------
    OutOfRange
        The loss set or the method of ignition is unknown, or as `ignite`.
    """
    shared, units = _shared(park, rose, rules), _by_unit(park)
    same: set[str] = set()
    if earlier is not None and earlier.shared == shared:
        if earlier.units == units and earlier.ignition == _ignition(earlier.found, park, rules):
            return earlier
        same = {unit for unit, content in units.items() if earlier.units.get(unit) == content}
    found = expand(_without(park, same), rose, loss_set=rules.loss_set, cut_off=rules.cut_off)
    if earlier is not None and same:
        found = _joined((_of_units(earlier.found, same), earlier.again(found)))
    keys = _ignition(found, park, rules)
    if rules.delayed_ignition == "free_field":
        return Expansion(found, found, shared, units, keys)
    if earlier is None or not same:
        return Expansion(found, _ignited(found, park, rose, rules), shared, units, keys)
    same = {unit for unit in same if earlier.ignition.get(unit) == keys.get(unit)}
    others = set(found.table["unit_id"]) | set(found.dropped["unit_id"])
    fresh = earlier.again(_ignited(_of_units(found, others - same), park, rose, rules))
    return Expansion(found, _joined((_of_units(earlier.events, same), fresh)), shared, units, keys)


def _ignition(found: Events, park: Park, rules: EventRules) -> dict[str, str]:
    """What the delayed ignition of each unit's clouds hangs on; nothing in the free field."""
    return {} if rules.delayed_ignition == "free_field" else ignition_keys(found, park)


def _ignited(events: Events, park: Park, rose: WindRose, rules: EventRules) -> Events:
    return ignite(events, park, rose, rules.grid, rules.delayed_ignition)


def _of_units(events: Events, units: Collection[str]) -> Events:
    """Events of some units, and what of theirs is dropped."""
    rows = np.nonzero(events.table["unit_id"].isin(units).to_numpy())[0]
    dropped = events.dropped[events.dropped["unit_id"].isin(units)]
    return dataclasses.replace(events_at(events, rows), dropped=dropped)


def _content(frame: pd.DataFrame) -> list[str]:
    """Rows as text that is the same for the same values only."""
    return [repr(row) for row in zip(*(frame[column].tolist() for column in frame), strict=True)]


def _by_unit(park: Park) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    lines = park.tables["lines"]
    corners = {line: "".join(_content(rows)) for line, rows in lines.groupby("line_id")}
    for name, frame in park.tables.items():
        column = _unit_column(name)
        if not column:
            continue
        along = frame["line_id"] if "line_id" in frame else [""] * len(frame)
        for unit, line, text in zip(frame[column], along, _content(frame), strict=True):
            found.setdefault(unit, []).append(f"{name}{text}{corners.get(line, '')}")
    return {unit: "\n".join(rows) for unit, rows in found.items()}


@functools.cache
def _unit_column(table: str) -> str:
    """Column that says which unit a row belongs to; "": the rows belong to no unit."""
    own = {"units": "unit_id", "transport": "transport_id"}
    if table in own:
        return own[table]
    columns = schema.table(table).columns.values()
    return next((column.name for column in columns if column.references == "units.unit_id"), "")


def _shared(park: Park, rose: WindRose, rules: EventRules) -> str:
    rest = {
        name: _content(frame) for name, frame in park.tables.items() if name not in _APART and not _unit_column(name)
    }
    return repr((park.section, rose.weathers, rose.probability.tolist(), rules, rest))


def _without(park: Park, units: set[str]) -> Park:
    frames = dict(park.tables)
    for name, frame in frames.items():
        column = _unit_column(name)
        if column:
            frames[name] = frame[~frame[column].isin(units)].reset_index(drop=True)
    return dataclasses.replace(park, tables=Tables(frames))


def events_at(events: Events, rows: NDArray[np.intp]) -> Events:
    """Some rows of the events."""
    directions = events.direction_index
    return dataclasses.replace(
        events,
        table=events.table.iloc[rows].reset_index(drop=True),
        outcome_index=events.outcome_index[rows],
        direction_index=None if directions is None else directions[rows],
    )


def _joined(parts: Sequence[Events]) -> Events:
    """All events in one table, in the order and with the numbers that `expand` gives them."""
    table = pd.concat([part.table for part in parts if len(part.table)] or [parts[0].table], ignore_index=True)
    order = np.argsort(table["event_id"].to_numpy(dtype=str), kind="stable")
    dropped = pd.concat([part.dropped for part in parts if len(part.dropped)] or [parts[0].dropped], ignore_index=True)
    outcomes, index = _numbered([part.outcomes for part in parts], [part.outcome_index for part in parts], id, order)
    plain = all(part.direction_index is None for part in parts)
    blank = (np.full_like(part.outcome_index, -1) for part in parts)
    turns = [
        none if part.direction_index is None else part.direction_index for part, none in zip(parts, blank, strict=True)
    ]
    directions, direction_index = _numbered([part.directions for part in parts], turns, np.ndarray.tobytes, order)
    return Events(
        table.iloc[order].reset_index(drop=True),
        outcomes,
        index,
        dropped.sort_values(list(DROPPED_COLUMNS[:3]), kind="stable", ignore_index=True),
        directions,
        None if plain else direction_index,
    )


def _numbered(
    lists: Sequence[Sequence[Any]], indices: Sequence[NDArray[np.int32]], name: Any, order: NDArray[np.intp]
) -> tuple[list[Any], NDArray[np.int32]]:
    """One list of what is in use, numbered as the sorted rows meet it, and the index into it."""
    places: dict[Any, int] = {}
    members: list[Any] = []
    shifted = []
    for values, index in zip(lists, indices, strict=True):
        number = np.full(len(values) + 1, -1, dtype=np.int32)
        for place in np.unique(index[index >= 0]).tolist():
            number[place] = places.setdefault(name(values[place]), len(members))
            if number[place] == len(members):
                members.append(values[place])
        shifted.append(number[index])
    joined = np.concatenate(shifted)[order]
    used, first = np.unique(joined[joined >= 0], return_index=True)
    rank = used[np.argsort(first, kind="stable")]
    number = np.full(len(members) + 1, -1, dtype=np.int32)
    number[rank] = np.arange(rank.size, dtype=np.int32)
    return [members[place] for place in rank.tolist()], number[joined]
