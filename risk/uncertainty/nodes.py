"""What inputs do in which risk is not linear: the park computed anew at nodes of each, all else as it is.

Only footprints, risk at points and expected deaths are computed anew; how often cascades reach units, and which
accidents follow one another, stay as they are.
"""

import dataclasses
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parkrisk.models.cloud.outcomes import ToxicCloud
from parkrisk.risk.domino import DominoResult
from parkrisk.risk.footprints.footprint_store import footprint_store
from parkrisk.risk.footprints.library import FootprintLibrary
from parkrisk.risk.result import Assessment
from parkrisk.risk.sharing import Progress
from parkrisk.risk.uncertainty.groups import Groups
from parkrisk.risk.uncertainty.inputs import NODE, Inputs, distributions
from parkrisk.risk.uncertainty.sampling import Bend, bend_of
from parkrisk.risk.uncertainty.terms import Scene, Terms, terms_of
from parkrisk.scenarios.events.expand import Events, with_secondary
from parkrisk.scenarios.events.reexpand import EventRules, events_at, expand_again
from parkrisk.scenarios.park import Park, Tables
from parkrisk.scenarios.receptors import wind_rose

__all__ = ["COVERED", "NONLINEAR", "bent", "changed_park", "milder", "rebuilt", "restricted", "weighty"]

Floats = NDArray[np.float64]

#: Standard normal deviates by input and what of it.
Deviates = Mapping[tuple[str, str], float]
#: Inputs in which risk is not linear, and the deviates at which it is computed anew. Wind has more of them: within two
#: standard deviations of its speed a cloud may come to a crowd that it does not reach otherwise.
NONLINEAR: Mapping[str, tuple[float, ...]] = {
    "toxic_probit": (-NODE, NODE),
    "wind_speed": (-NODE, -0.5 * NODE, 0.5 * NODE, NODE),
    "inventory": (-NODE, NODE),
}
#: Share of every figure whose units are computed anew.
COVERED = 0.9


def changed_park(park: Park, deviates: Deviates) -> Park:
    """Park with other wind speeds and fill fractions, by the deviates of these inputs."""
    tables = dict(park.tables)
    for name, table, column in (("wind_speed", "weather", "wind_speed"), ("inventory", "units", "fill_fraction")):
        z = deviates.get((name, ""), 0.0)
        if z != 0.0:
            changed = tables[table][column] * float(np.exp(z * distributions()[name, ""].sigma))
            tables[table] = tables[table].assign(**{column: changed})
    units = tables["units"]
    tables["units"] = units.assign(fill_fraction=np.minimum(units["fill_fraction"], units["max_fill_fraction"]))
    return dataclasses.replace(park, tables=Tables(tables))


def milder(outcome: Any, z: float) -> Any:
    """Toxic cloud of a substance whose lethal concentration is that many deviates higher; anything else as it is."""
    if not isinstance(outcome, ToxicCloud):
        return outcome
    shift = outcome.probit_b * outcome.probit_n * distributions()["toxic_probit", ""].sigma * z
    return dataclasses.replace(outcome, probit_a=outcome.probit_a - shift)


def weighty(result: Assessment, share: float = COVERED) -> frozenset[str]:
    """Units that make up so much of the risk of every target, of the expected deaths, of 1, 10 and 100 deaths."""
    risk, societal = result.individual_risk, result.societal
    tail = societal.tail.groupby("unit_id")[["pll", "f_1", "f_10", "f_100"]].sum()
    columns = [(risk.unit_ids, row) for row in risk.by_source]
    columns += [(tuple(tail.index), tail[name].to_numpy(dtype=np.float64)) for name in tail]
    found: set[str] = set()
    for names, values in columns:
        order = np.argsort(-values, kind="stable")
        before = np.cumsum(values[order]) - values[order]
        found.update(str(names[k]) for k in order[(before < share * values.sum()) & (values[order] > 0.0)].tolist())
    return frozenset(found)


def bent(
    result: Assessment,
    scene: Scene,
    inputs: Inputs,
    classes: int,
    units: Collection[str],
    progress: Progress | None,
) -> tuple[tuple[Bend, ...], tuple[str, ...]]:
    """What the inputs do in which risk is not linear.

    Parameters
    ----------
    result : Assessment
    scene : Scene
    inputs : Inputs
    classes : int
        Of deaths.
    units : collection of str
        Those that stand for the others of their group.
    progress : callable, optional

    Returns
    -------
    tuple of Bend
    tuple of str
        Units that the base has computed and a node could not: there risk is only known from below.
    """
    wanted = {kind for kind, _ in inputs.names} & set(NONLINEAR)
    if not wanted:
        return (), ()
    some = restricted(scene, units)
    base = terms_of(some)
    bends: list[Bend] = []
    missing: set[str] = set()
    for name in sorted(wanted):
        parts = [part for kind, part in inputs.names if kind == name]
        computed = {0.0: base}
        for z in NONLINEAR[name]:
            computed[z], failed = rebuilt(result, some, {(name, part): z for part in parts}, progress)
            missing.update(failed)
        ordered = dict(sorted(computed.items()))
        for part in parts:
            groups = [g for g, group in enumerate(scene.groups.members) if part in ("", group.toxic)]
            bends.append(bend_of((name, part), groups, ordered, classes))
    return tuple(bends), tuple(sorted(missing - set(result.events.not_computed)))


def restricted(scene: Scene, units: Collection[str]) -> Scene:
    """Scene with the events of some units only."""
    rows = np.flatnonzero(scene.events.table["unit_id"].isin(set(units)).to_numpy())
    groups = Groups(scene.groups.members, scene.groups.of_event[rows])
    return dataclasses.replace(scene, events=events_at(scene.events, rows), groups=groups)


def rebuilt(
    result: Assessment,
    scene: Scene,
    deviates: Deviates,
    progress: Progress | None = None,
    cascades: DominoResult | None = None,
) -> tuple[Terms, tuple[str, ...]]:
    """Terms with other inputs, footprints computed anew.

    Parameters
    ----------
    result : Assessment
        Of the base.
    scene : Scene
        Of the base, or some units of it.
    deviates : mapping of (str, str) to float
        By input; only those in which risk is not linear are used.
    progress : callable, optional
    cascades : DominoResult, optional
        Whose histories are followed, with the deaths of the other inputs. Without it every event is an accident by
        itself.

    Returns
    -------
    Terms
        Where only toxic clouds change, groups without any are empty.
    tuple of str
        Units of which something could not be computed.
    """
    events, around = scene.events, scene.around
    missing: tuple[str, ...] = ()
    if any(name != "toxic_probit" for name, _ in deviates):
        park = changed_park(_of_units(result.park, set(events.table["unit_id"])), deviates)
        rose, settings = wind_rose(park), result.settings
        rules = EventRules(settings.loss_set, settings.frequency_cut_off, settings.delayed_ignition, settings.grid)
        expanded = expand_again(park, rose, rules).events
        missing, events = expanded.not_computed, with_secondary(expanded, result.domino.secondary)
        around = dataclasses.replace(around, rose=rose)
    else:
        events = events_at(events, np.flatnonzero((events.table["outcome"] == "toxic_cloud").to_numpy()))
    events, groups = _known(_poisoned(events, deviates), scene)
    store = footprint_store()
    library = FootprintLibrary(events.outcomes, around.grid, earlier=scene.library, store=store).fill(progress=progress)
    changed = dataclasses.replace(scene, events=events, groups=groups, around=around, library=library)
    return terms_of(changed, cascades=cascades), missing


def _of_units(park: Park, units: Collection[str]) -> Park:
    """Park in which nothing happens but at these units and loads."""
    tables = dict(park.tables)
    for name, column in (("units", "unit_id"), ("transport", "transport_id")):
        tables[name] = tables[name][tables[name][column].isin(units)].reset_index(drop=True)
    return dataclasses.replace(park, tables=Tables(tables))


def _poisoned(events: Events, deviates: Deviates) -> Events:
    """Events whose toxic clouds have other probits; outcomes that no event has any more are left out."""
    shift = {of: z for (name, of), z in deviates.items() if name == "toxic_probit"}
    cas, index = events.table["cas"].tolist(), events.outcome_index
    outcomes: dict[Any, int] = {}
    number = np.full_like(index, -1)
    for row, name in enumerate(cas):
        z = shift.get(name, 0.0)
        for weather in np.flatnonzero(index[row] >= 0).tolist():
            outcome = events.outcomes[index[row, weather]]
            changed = milder(outcome, z) if z != 0.0 else outcome
            number[row, weather] = outcomes.setdefault(changed, len(outcomes))
    return dataclasses.replace(events, outcomes=list(outcomes), outcome_index=number)


def _known(events: Events, scene: Scene) -> tuple[Events, Groups]:
    """Events of losses that the base has, too, and their groups there.

    A cloud that explodes only now stands with the flash fire that it was in the base, which lost as much frequency.
    """
    of_base = scene.events.table
    groups = scene.groups.of_event.tolist()
    ids = dict(zip(of_base["event_id"].tolist(), groups, strict=True))
    flashes = of_base["outcome"] == "flash_fire"
    losses = list(zip(of_base["unit_id"], of_base["loc"], strict=True))
    clouds = {loss: group for loss, group, flash in zip(losses, groups, flashes, strict=True) if flash}
    columns = (events.table[name].tolist() for name in ("event_id", "unit_id", "loc", "outcome"))
    found = [
        ids.get(name, clouds.get((unit, loc)) if outcome == "explosion" else None)
        for name, unit, loc, outcome in zip(*columns, strict=True)
    ]
    rows = np.array([k for k, group in enumerate(found) if group is not None], dtype=np.intp)
    kept = np.array([group for group in found if group is not None], dtype=np.int64)
    return events_at(events, rows), Groups(scene.groups.members, kept)
