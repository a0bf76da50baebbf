"""Risk of a changed park from that of the park before: units whose events are the same keep what they add.

Everything is told apart by content. Individual risk is a sum of integers, so what changed units added is taken away and
what they add now is added, to the last bit. Societal risk is kept unit by unit, that of cascades history by history.
"""

import dataclasses
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parkrisk.risk.cascades.accidents import Accidents
from parkrisk.risk.crowds.counter import KeptDeaths
from parkrisk.risk.footprints.library import Floats, FootprintLibrary, Integers
from parkrisk.risk.individual import IndividualRisk, RiskSums, risk_sums
from parkrisk.risk.mapping.kept import Kept
from parkrisk.risk.mapping.stamping import FIXED_POINT
from parkrisk.risk.origins import by_origin, is_by_cascades, unit_of
from parkrisk.risk.result import Assessment
from parkrisk.risk.sharing import Progress
from parkrisk.risk.societal import SocietalRisk, societal_risk
from parkrisk.risk.surroundings import Surroundings
from parkrisk.risk.tables import RADII_ORDER, casualty_radius_table
from parkrisk.scenarios.events.expand import Events
from parkrisk.scenarios.events.reexpand import events_at
from parkrisk.scenarios.receptors import People

Rows = NDArray[np.intp]

_BYTES = ("event_id", "unit_id", "enterprise_id", "cas", "outcome", "x", "y", "frequency")


def of_whole_units(sums: RiskSums) -> RiskSums:
    """Sums in which the two parts that `by_origin` makes of a unit are one again."""
    by_unit: dict[str, Integers] = {}
    for name, values in sums.points.by_unit.items():
        unit = unit_of(name)
        by_unit[unit] = by_unit[unit] + values if unit in by_unit else values
    points = dataclasses.replace(sums.points, by_unit=by_unit)
    return RiskSums(sums.levels, points, frozenset(map(unit_of, sums.cut)))


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


@dataclasses.dataclass(frozen=True)
class Change:
    """What an assessment may be made from, and what is not the same there.

    Parameters
    ----------
    after : Events
        All events of the park, told apart `by_origin`.
    earlier : Assessment or None
        None: nothing is taken over.
    before : Events
        Of ``earlier``, told apart as ``after``.
    units : set of str
        As `changed_units` gives them.
    """

    after: Events
    earlier: Assessment | None
    before: Events
    units: set[str]


def change_of(events: Events, earlier: Assessment | None) -> Change:
    """Find what is not the same in the events of an earlier assessment."""
    after = by_origin(events)
    if earlier is None:
        return Change(after, None, after, set())
    before = by_origin(earlier.events)
    return Change(after, earlier, before, changed_units(before, after))


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


def individual_again(
    change: Change,
    around: Surroundings,
    library: FootprintLibrary,
    progress: Progress | None = None,
) -> IndividualRisk:
    """Individual risk of a changed park.

    Parameters
    ----------
    change : Change
    around : Surroundings
    library : FootprintLibrary
        Of `outcomes_of_both`.
    progress : callable, optional

    Returns
    -------
    IndividualRisk
        The same with an earlier assessment and without; ``sums`` tells apart events `by_origin`, and so does
        ``by_cascades``.
    """
    parted, earlier = change.after, change.earlier
    same_map = earlier is not None and around.maps_as(earlier.surroundings)
    kept = earlier.individual_risk.kept if earlier is not None and same_map else Kept()

    def of(some: Events) -> RiskSums:
        place = (around.rose, around.grid, around.raster, around.points)
        return risk_sums(some, *place, rose=around.reading, library=library, kept=kept, progress=progress)

    sums = None
    if earlier is not None and same_map:
        gone, come = _rows_of(change.before, change.units), _rows_of(parted, change.units)
        if gone.size + come.size < len(parted.table):  # to take away costs as much as to add
            less = of(events_at(_renumbered(change.before, library.outcomes), gone))
            sums = earlier.individual_risk.sums.minus(less).plus(of(events_at(parted, come)))
            kinds = set(parted.table["outcome"].tolist())
            by_kind = {kind: values for kind, values in sums.points.by_kind.items() if kind in kinds}
            sums = dataclasses.replace(sums, points=dataclasses.replace(sums.points, by_kind=by_kind))
    if sums is None:
        sums = of(parted)
    found = IndividualRisk.of(of_whole_units(sums), around.raster, rose=around.reading)
    cascaded = tuple(name for name in sorted(sums.points.by_unit) if is_by_cascades(name))
    by_cascades = sums.points.columns(sums.points.by_unit, cascaded).sum(axis=1) / FIXED_POINT
    return dataclasses.replace(found, by_cascades=by_cascades, sums=sums, kept=kept)


def societal_again(
    events: Events,
    accidents: Accidents,
    change: Change,
    around: Surroundings,
    library: FootprintLibrary,
    progress: Progress | None = None,
) -> SocietalRisk:
    """Societal risk of a changed park, as `societal_risk` gives it for all events; arguments as `individual_again`.

    Histories of cascades are told apart by what their deaths hang on, so that those of any earlier park may be used.
    """
    known, kept, earlier = None, None, change.earlier
    if earlier is not None and around.winds_as(earlier.surroundings):
        moved = _moved(earlier.surroundings.people, around.people)
        anew = change.units | _reached(change.after, library, moved)
        known = {unit: part for unit, part in earlier.societal.units.items() if unit not in anew}
        kept = _unmoved(earlier.societal.kept, moved)
    return societal_risk(
        events,
        around.rose,
        around.grid,
        around.people,
        accidents=accidents,
        library=library,
        known=known,
        known_histories=None if earlier is None else earlier.societal.histories,
        known_deaths=kept,
        progress=progress,
    )


def _moved(before: People, after: People) -> list[tuple[Any, ...]]:
    """Points with people that only one of two parks has: x, y, persons, shelter, enterprise."""
    columns = [list(people.__dict__.values()) for people in (before, after)]
    size = [each[0].size for each in columns]
    ends = [0, 0]  # so many rows are the same at the beginning, and at the end
    for end, way in enumerate((1, -1)):
        common = min(size) - ends[0]
        other = np.zeros(common, np.bool_)
        for one, two in zip(*columns, strict=True):
            other |= one[::way][:common] != two[::way][:common]
        ends[end] = int(np.argmax(other)) if other.any() else common
    counts = [
        Counter(zip(*(column[ends[0] : count - ends[1]].tolist() for column in each), strict=True))
        for each, count in zip(columns, size, strict=True)
    ]
    return list(dict.fromkeys(point for point, _ in counts[0].items() ^ counts[1].items()))


def _reached(events: Events, library: FootprintLibrary, moved: Sequence[tuple[Any, ...]]) -> set[str]:
    """Units some of whose events reach one of these points with people who are not their own staff."""
    if not moved:
        return set()
    index = events.outcome_index
    far = np.append(library.reaches(len(events.outcomes)), 0.0)
    table = events.table[["unit_id", "enterprise_id", "x", "y"]].assign(far=far[index].max(axis=1))
    table = table.sort_values("far").drop_duplicates(["unit_id", "enterprise_id", "x", "y"], keep="last")
    x, y, owner, reach = (table[name].to_numpy() for name in ("x", "y", "enterprise_id", "far"))
    met = _met(x, y, owner, reach, moved)
    return set(table["unit_id"][met])


def _unmoved(kept: KeptDeaths, moved: Sequence[tuple[Any, ...]]) -> KeptDeaths:
    """Deaths around sources that reach none of these points; all of them, as they are, where there is no point.

    Where there is one the result is another dict, so that what is added to it stays with the people that it is of.
    """
    if not moved:
        return kept
    if not kept:
        return KeptDeaths()
    _, x, y, owner = zip(*kept, strict=True)
    met = _met(np.array(x), np.array(y), np.array(owner), np.array([each.reach for each in kept.values()]), moved)
    stays = ((key, each) for (key, each), gone in zip(kept.items(), met.tolist(), strict=True) if not gone)
    return KeptDeaths(stays)


def _met(x: Floats, y: Floats, owner: NDArray[Any], far: Floats, moved: Sequence[tuple[Any, ...]]) -> NDArray[np.bool_]:
    """Whether sources that reach so far reach one of these points with people who are not their own staff."""
    place, staff = np.array([point[:2] for point in moved], dtype=np.float64), np.array([point[-1] for point in moved])
    distance = np.hypot(x[:, None] - place[:, 0], y[:, None] - place[:, 1])
    others = (owner.astype(str)[:, None] != staff) | (staff == "")  # "": nobody's staff
    met: NDArray[np.bool_] = (others & (distance <= far[:, None])).any(axis=1)
    return met


def radii_again(events: Events, change: Change, around: Surroundings) -> pd.DataFrame:
    """Casualty radii of the primary events of a changed park, as `casualty_radius_table` gives them for all."""
    earlier = change.earlier
    if earlier is None or not around.winds_as(earlier.surroundings):
        return casualty_radius_table(events, around.rose)
    changed = {unit for unit in change.units if not is_by_cascades(unit)}
    before = earlier.scenarios
    stays = np.nonzero(~before["unit_id"].isin(changed).to_numpy())[0]
    kept: pd.DataFrame = before.take(stays)
    anew = casualty_radius_table(events_at(events, _rows_of(events, changed)), around.rose)
    both = pd.concat([part for part in (kept, anew) if len(part)] or [anew], ignore_index=True)
    return both.sort_values(RADII_ORDER, ignore_index=True)
