"""What inputs do in which risk is not linear: the park computed anew with each at either end, all else as it is.

Only footprints, risk at points and expected deaths are computed anew; how often cascades reach units, and which
accidents follow one another, stay as they are.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parkrisk.models.cloud.outcomes import ToxicCloud
from parkrisk.risk.footprints.footprint_store import footprint_store
from parkrisk.risk.footprints.library import FootprintLibrary
from parkrisk.risk.result import Assessment
from parkrisk.risk.sharing import Progress
from parkrisk.risk.uncertainty.groups import Groups
from parkrisk.risk.uncertainty.inputs import NODE, Inputs, distributions
from parkrisk.risk.uncertainty.sampling import Bend, bend_of, flat
from parkrisk.risk.uncertainty.terms import Scene, Terms, terms_of
from parkrisk.scenarios.events.expand import Events, with_secondary
from parkrisk.scenarios.events.reexpand import EventRules, events_at, expand_again
from parkrisk.scenarios.park import Park, Tables
from parkrisk.scenarios.receptors import wind_rose

__all__ = ["NONLINEAR", "bent", "changed_park", "milder"]

Floats = NDArray[np.float64]

#: Inputs in which risk is not linear.
NONLINEAR = ("toxic_probit", "wind_speed", "inventory")
_ENDS = (-NODE, NODE)


def changed_park(park: Park, name: str, z: float) -> Park:
    """Park with another wind speed or fill fraction, by the deviate of the input."""
    factor = float(np.exp(z * distributions()[name, ""].sigma))
    tables = dict(park.tables)
    if name == "wind_speed":
        weather = tables["weather"]
        tables["weather"] = weather.assign(wind_speed=weather["wind_speed"] * factor)
    else:
        units = tables["units"]
        fill = np.minimum(units["fill_fraction"] * factor, units["max_fill_fraction"])
        tables["units"] = units.assign(fill_fraction=fill)
    return dataclasses.replace(park, tables=Tables(tables))


def milder(outcome: Any, z: float) -> Any:
    """Toxic cloud of a substance whose lethal concentration is that many deviates higher; anything else as it is."""
    if not isinstance(outcome, ToxicCloud):
        return outcome
    shift = outcome.probit_b * outcome.probit_n * distributions()["toxic_probit", ""].sigma * z
    return dataclasses.replace(outcome, probit_a=outcome.probit_a - shift)


def bent(
    result: Assessment, scene: Scene, terms: Terms, inputs: Inputs, progress: Progress | None
) -> tuple[Floats, tuple[Bend, ...]]:
    """Terms as one array, and the bends of the inputs in which risk is not linear."""
    base = flat(terms, terms.edges.size)
    # What accidents do follows what their primary events do by themselves.
    plain = dataclasses.replace(terms, accidents=terms.primary)
    middle = flat(plain, terms.edges.size).sum(axis=1)
    wanted = [name for name, _ in inputs.names]
    every = range(len(base))
    bends = []
    for name in NONLINEAR:
        if name not in wanted:
            continue
        low, high = (_figures(result, scene, middle, name, z, terms.edges.size, progress) for z in _ENDS)
        for part in [part for kind, part in inputs.names if kind == name]:
            groups = [g for g in every if name != "toxic_probit" or scene.groups.members[g].toxic == part]
            bends.append(bend_of((name, part), groups, terms.frequency, middle, low, high))
    return base, tuple(bends)


def _figures(
    result: Assessment,
    scene: Scene,
    middle: Floats,
    name: str,
    z: float,
    classes: int,
    progress: Progress | None,
) -> Floats:
    """Figures by group at one end of an input, shape (n_groups, n_figures)."""
    if name == "toxic_probit":
        rows = np.flatnonzero((scene.events.table["outcome"] == "toxic_cloud").to_numpy())
        some = events_at(scene.events, rows)
        used = sorted(set(some.outcome_index[some.outcome_index >= 0].tolist()))
        number = np.full(len(some.outcomes) + 1, -1, dtype=np.int32)
        number[used] = np.arange(len(used))
        outcomes = [milder(some.outcomes[k], z) for k in used]
        events = dataclasses.replace(some, outcomes=outcomes, outcome_index=number[some.outcome_index])
        around = scene.around
    else:
        park = changed_park(result.park, name, z)
        rose = wind_rose(park)
        settings = result.settings
        rules = EventRules(
            settings.loss_set, settings.frequency_cut_off, settings.delayed_ignition, settings.grid
        )
        events = with_secondary(expand_again(park, rose, rules).events, result.domino.secondary)
        around = dataclasses.replace(scene.around, rose=rose)
    events, groups = _known(events, scene)
    store = footprint_store()
    library = FootprintLibrary(events.outcomes, around.grid, earlier=scene.library, store=store).fill(progress=progress)
    found = terms_of(dataclasses.replace(scene, events=events, groups=groups, around=around, library=library))
    figures = flat(dataclasses.replace(found, accidents=found.primary), classes).sum(axis=1)
    if name == "toxic_probit":
        others = [g for g, group in enumerate(scene.groups.members) if not group.toxic]
        figures[others] = middle[others]
    return figures


def _known(events: Events, scene: Scene) -> tuple[Events, Groups]:
    """Events that the base has, too, and their groups there."""
    ids: Mapping[str, int] = {
        name: group
        for name, group in zip(scene.events.table["event_id"], scene.groups.of_event.tolist(), strict=True)
    }
    names: Sequence[str] = events.table["event_id"].tolist()
    rows = np.array([k for k, name in enumerate(names) if name in ids], dtype=np.intp)
    group = np.array([ids[names[k]] for k in rows.tolist()], dtype=np.int64)
    return events_at(events, rows), Groups(scene.groups.members, group)
