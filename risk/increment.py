"""Risk of a changed park from that of the park before: units whose events are the same keep what they add.

Everything is told apart by content. Individual risk is a sum of integers, so what changed units added is taken away and
what they add now is added, to the last bit. Societal risk is kept unit by unit.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parkrisk.models.footprint import INDOOR, OUTDOOR, PolarGrid
from parkrisk.risk import stamping
from parkrisk.risk.individual import IndividualRisk, Raster, individual_risk
from parkrisk.risk.library import FREQUENCY_LIMIT, Floats, FootprintLibrary, Integers, Progress
from parkrisk.risk.pyramid import raster_values
from parkrisk.risk.result import Assessment
from parkrisk.risk.societal import THRESHOLDS, SocietalRisk, collected, societal_risk
from parkrisk.risk.tables import casualty_radius_table
from parkrisk.scenarios.expand import Events
from parkrisk.scenarios.receptors import People, WindRose
from parkrisk.scenarios.reexpand import events_at

Rows = NDArray[np.intp]

#: Above this a float does not hold every integer of 2^-60 per year. [1/yr]
_EXACT = 2.0**-7
_BYTES = ("event_id", "unit_id", "enterprise_id", "cas", "outcome", "x", "y", "frequency")


@dataclass(frozen=True)
class Setting:
    """What the risk of every unit hangs on, beside its events.

    Parameters
    ----------
    rose : WindRose
    grid : PolarGrid
    raster : Raster
    points : array, shape (n_points, 2)
        [m]
    people : People
    """

    rose: WindRose
    grid: PolarGrid
    raster: Raster
    points: Floats
    people: People

    def winds_as(self, other: "Setting") -> bool:
        """Whether wind and resolution are the same."""
        same = self.grid == other.grid and self.rose.weathers == other.rose.weathers
        return same and np.array_equal(self.rose.probability, other.rose.probability)


def changed_units(before: Events, after: Events) -> set[str]:
    """Units whose events are not the same in both, those that only one has among them."""
    names = [events.table["unit_id"].to_numpy(dtype=str) for events in (before, after)]
    ids = [events.table["event_id"].to_numpy(dtype=str) for events in (before, after)]
    orders = [np.lexsort((event, unit)) for event, unit in zip(ids, names, strict=True)]
    counts = [Counter(unit.tolist()) for unit in names]
    alike = np.array([unit for unit, count in counts[0].items() if counts[1][unit] == count], dtype=str)
    old, new = (order[np.isin(unit[order], alike)] for order, unit in zip(orders, names, strict=True))
    same = np.ones(old.size, dtype=np.bool_)
    for column in _BYTES:
        values = [events.table[column].to_numpy() for events in (before, after)]
        same &= values[0][old] == values[1][new]
    for place, index in zip(_common(before, after), _indices(before, after), strict=True):
        same &= (index[0][old] == np.append(place, -1)[index[1][new]]).all(axis=1)
    every = set(names[0].tolist()) | set(names[1].tolist())
    return every - (set(alike.tolist()) - set(names[0][old[~same]].tolist()))


def _common(before: Events, after: Events) -> tuple[Integers, Integers]:
    """Place among the earlier outcomes and directions of each of the later ones, -2: it is not there."""
    outcomes = {id(outcome): place for place, outcome in enumerate(before.outcomes)}
    directions = {values.tobytes(): place for place, values in enumerate(before.directions)}
    return (
        np.array([outcomes.get(id(outcome), -2) for outcome in after.outcomes], dtype=np.int64),
        np.array([directions.get(values.tobytes(), -2) for values in after.directions], dtype=np.int64),
    )


def _indices(before: Events, after: Events) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    none = [np.full_like(events.outcome_index, -1) for events in (before, after)]
    found = [
        blank if events.direction_index is None else events.direction_index
        for events, blank in zip((before, after), none, strict=True)
    ]
    return (before.outcome_index, after.outcome_index), (found[0], found[1])


def outcomes_of_both(before: Events, after: Events) -> list[Any]:
    """Outcomes of the later events, as they are numbered there, and then those that only the earlier have."""
    there = {id(outcome) for outcome in after.outcomes}
    return [*after.outcomes, *(outcome for outcome in before.outcomes if id(outcome) not in there)]


def _rows_of(events: Events, units: Collection[str]) -> Rows:
    return np.nonzero(events.table["unit_id"].isin(set(units)).to_numpy())[0]


def _renumbered(events: Events, outcomes: Sequence[Any]) -> Events:
    """Events that refer to another list of outcomes, which holds theirs."""
    place = {id(outcome): number for number, outcome in enumerate(outcomes)}
    number = np.array([*(place[id(outcome)] for outcome in events.outcomes), -1], dtype=np.int32)
    fields = {**events.__dict__, "outcomes": outcomes, "outcome_index": number[events.outcome_index]}
    return Events(**fields)


@dataclass(frozen=True)
class Earlier:
    """The assessment of the park before, or of another one, and its setting."""

    result: Assessment
    setting: Setting


def individual_again(
    events: Events,
    setting: Setting,
    library: FootprintLibrary,
    earlier: Earlier | None,
    changed: set[str],
    progress: Progress | None = None,
) -> IndividualRisk:
    """Individual risk of a changed park.

    Parameters
    ----------
    events : Events
    setting : Setting
    library : FootprintLibrary
        Of `outcomes_of_both`.
    earlier : Earlier or None
        None: nothing is taken over.
    changed : set of str
        As `changed_units` gives it.
    progress : callable, optional

    Returns
    -------
    IndividualRisk
        As `individual_risk` gives it for all events, to the last bit.
    """
    tools: dict[str, Any] = {"library": library, "progress": progress}

    def of(some: Events, points: Floats, raster: Raster = setting.raster) -> IndividualRisk:
        return individual_risk(some, setting.rose, setting.grid, raster, points, **tools)

    if earlier is None:
        return of(events, setting.points)
    before, was, risk = earlier.result.events, earlier.setting, earlier.result.individual_risk
    rare = float(events.table["frequency"].sum()) <= FREQUENCY_LIMIT
    exact = max(risk.by_source.max(initial=0.0), risk.by_kind.max(initial=0.0)) < _EXACT
    if not (setting.winds_as(was) and setting.raster == was.raster and rare and exact):
        return of(events, setting.points)
    gone = of(events_at(_renumbered(before, library.outcomes), _rows_of(before, changed)), was.points)
    come = of(events_at(events, _rows_of(events, changed)), setting.points)
    levels = tuple(old - less + more for old, less, more in zip(risk.levels, gone.levels, come.levels, strict=True))
    names, kinds = sorted(set(events.table["unit_id"])), sorted({str(name) for name in events.table["outcome"]})
    row = {tuple(place): number for number, place in enumerate(was.points.tolist())}
    there = np.array([row.get(tuple(place), -1) for place in setting.points.tolist()], dtype=np.int64)
    stays = np.array([name not in changed for name in names], dtype=np.bool_)
    by_source = _integers(risk.by_source, risk.unit_ids, there, names) * stays
    by_kind = _integers(risk.by_kind, risk.kinds, there, kinds) - _integers(gone.by_kind, gone.kinds, there, kinds)
    if (there < 0).any():
        places = setting.points[there < 0]
        spot = Raster(float(places[0, 0]), float(places[0, 1]), setting.raster.cell, 1, 1)
        rest = of(events_at(events, _rows_of(events, set(names) - changed)), places, spot)
        by_source[there < 0] = _integers(rest.by_source, rest.unit_ids, None, names)
        by_kind[there < 0] = _integers(rest.by_kind, rest.kinds, None, kinds)
    by_source += _integers(come.by_source, come.unit_ids, None, names)
    by_kind += _integers(come.by_kind, come.kinds, None, kinds)
    cut = {unit for unit in risk.cut if unit not in changed} | set(come.cut)
    return IndividualRisk(
        raster=setting.raster,
        values=raster_values(levels, (setting.raster.ny, setting.raster.nx)),
        points=by_source.sum(axis=1) / stamping.FIXED_POINT,
        by_source=by_source / stamping.FIXED_POINT,
        unit_ids=tuple(names),
        by_kind=by_kind / stamping.FIXED_POINT,
        kinds=tuple(kinds),
        cut=tuple(name for name in names if name in cut),
        levels=levels,
    )


def _integers(values: Floats, columns: Sequence[str], rows: Integers | None, wanted: Sequence[str]) -> Integers:
    """Values as the integers of 2^-60 that they are, in other rows and columns; 0 where there is none."""
    table = pd.DataFrame((values * stamping.FIXED_POINT).astype(np.int64), columns=list(columns))
    found: Integers = table.reindex(index=rows, columns=list(wanted), fill_value=0).to_numpy(dtype=np.int64)
    return found


def societal_again(
    events: Events,
    setting: Setting,
    library: FootprintLibrary,
    earlier: Earlier | None,
    changed: set[str],
    progress: Progress | None = None,
) -> SocietalRisk:
    """Societal risk of a changed park, as `societal_risk` gives it for all events; arguments as `individual_again`."""
    tools: dict[str, Any] = {"library": library, "progress": progress}
    if earlier is None or not setting.winds_as(earlier.setting):
        return societal_risk(events, setting.rose, setting.grid, setting.people, **tools)
    risk, people = earlier.result.societal, earlier.setting.people
    names = sorted(set(events.table["unit_id"]))
    anew = changed | _reached(events, library, setting.grid, _moved(people, setting.people))
    some = events_at(events, _rows_of(events, anew))
    part = societal_risk(some, setting.rose, setting.grid, setting.people, **tools)
    kept = pd.DataFrame(risk.histogram, index=list(risk.unit_ids)).drop(index=list(anew & set(risk.unit_ids)))
    histogram = pd.concat([kept, pd.DataFrame(part.histogram, index=list(part.unit_ids))]).loc[names]
    tail = pd.concat([risk.tail[~risk.tail["unit_id"].isin(anew)], part.tail]).set_index("event_id")
    columns = ["pll", "n_max", *(f"f_{number:.0f}" for number in THRESHOLDS)]
    figures = tail[columns].reindex(events.table["event_id"], fill_value=0.0).to_numpy(dtype=np.float64)
    return collected(events.table, names, histogram.to_numpy(dtype=np.int64), figures)


def _moved(before: People, after: People) -> list[tuple[Any, ...]]:
    """Points with people that only one of two parks has: x, y, persons, shelter, enterprise."""
    counts = [
        Counter(zip(*(column.tolist() for column in people.__dict__.values()), strict=True))
        for people in (before, after)
    ]
    return [*(counts[0] - counts[1]), *(counts[1] - counts[0])]


def _reached(events: Events, library: FootprintLibrary, grid: PolarGrid, moved: Sequence[tuple[Any, ...]]) -> set[str]:
    """Units some of whose events reach one of these points with people who are not their own staff."""
    if not moved:
        return set()
    place, owner = np.array([point[:2] for point in moved], dtype=np.float64), np.array([point[-1] for point in moved])
    index = events.outcome_index
    far = np.array([_reach(library, grid, number) for number in range(len(events.outcomes))] + [0.0])
    table = events.table[["unit_id", "enterprise_id", "x", "y"]].assign(far=far[index].max(axis=1))
    table = table.groupby(["unit_id", "enterprise_id", "x", "y"], as_index=False)["far"].max()
    distance = np.hypot(table["x"].to_numpy()[:, None] - place[:, 0], table["y"].to_numpy()[:, None] - place[:, 1])
    others = table["enterprise_id"].to_numpy(dtype=str)[:, None] != owner
    met = (others & (distance <= table["far"].to_numpy()[:, None])).any(axis=1)
    return set(table["unit_id"][met])


def _reach(library: FootprintLibrary, grid: PolarGrid, number: int) -> float:
    """Nobody farther away than this is touched by an outcome: the ring after its last, or its widest disc. [m]"""
    packed = library[number]
    last = max(int(np.searchsorted(packed.start[row], packed.start[row][-1])) for row in (OUTDOOR, INDOOR))
    ring = float(grid.radius[min(last, grid.n_rings - 1)]) if last else 0.0
    return max(ring, float(packed.disc_radius.max(initial=0.0))) * (1.0 + 1e-9)


def radii_again(events: Events, setting: Setting, earlier: Earlier | None) -> pd.DataFrame:
    """Casualty radii of the primary events of a changed park, as `casualty_radius_table` gives them for all."""
    if earlier is None or not setting.winds_as(earlier.setting):
        return casualty_radius_table(events, setting.rose)
    changed = changed_units(earlier.result.expansion.events, events)
    stays = ~earlier.result.scenarios["unit_id"].isin(changed)
    kept: pd.DataFrame = earlier.result.scenarios.loc[stays, :]
    anew = casualty_radius_table(events_at(events, _rows_of(events, changed)), setting.rose)
    both = pd.concat([part for part in (kept, anew) if len(part)] or [anew], ignore_index=True)
    return both.sort_values(["unit_id", "loc", "outcome", "weather"], ignore_index=True)
