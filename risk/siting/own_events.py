"""What can happen in a project by itself: its events, and what cascades among its own units add to them."""

from collections.abc import Collection

from parkrisk.risk.domino import domino
from parkrisk.risk.mapping.loads import of_units
from parkrisk.risk.result import Assessment
from parkrisk.scenarios import change
from parkrisk.scenarios.events.expand import Events, with_secondary


def own_events(mine: Collection[str], after: Assessment) -> Events:
    """Events of some units as if they stood alone; outcomes keep the numbers that they have in the park.

    Parameters
    ----------
    mine : collection of str
        unit_id of the units of the project.
    after : Assessment
        Of the park with the project, wherever it stands.
    """
    primary = after.expansion.events
    events = of_units(primary, set(mine) & set(primary.table["unit_id"]))
    if events.table.empty:
        return events
    others = sorted(set(after.park.tables["units"]["unit_id"]) - set(mine))
    alone = change(after.park, remove=others)
    seed = int(after.provenance["seed"])
    return with_secondary(events, domino(alone, events, after.surroundings.rose, after.settings, seed).secondary)
