"""Events that cascades bring about at a unit, told apart from those that happen there by themselves.

A change of the park alters how often cascades reach many units, and what these do by themselves for few: what is kept
of each unit is kept in two parts.
"""

import dataclasses

from parkrisk.scenarios.events.expand import Events

__all__ = ["by_origin", "is_by_cascades", "unit_of"]

#: Ends the name under which the events that cascades bring about at a unit stand; no id holds a control character.
_BY_CASCADE = "\x1fdomino"


def by_origin(events: Events) -> Events:
    """Events in which what cascades bring about at a unit stands under a name of its own."""
    unit = events.table["unit_id"]
    named = unit.where(events.table["origin"] != "domino", unit + _BY_CASCADE)
    return dataclasses.replace(events, table=events.table.assign(unit_id=named))


def unit_of(name: str) -> str:
    """Unit that a name of `by_origin` stands for."""
    return name.removesuffix(_BY_CASCADE)


def is_by_cascades(name: str) -> bool:
    """Whether a name of `by_origin` stands for what cascades bring about."""
    return name.endswith(_BY_CASCADE)
