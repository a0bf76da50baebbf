"""Who and what one event reaches: people, protection targets, other units, ignition sources."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from parkrisk.models.blast.explosion import Explosion
from parkrisk.models.cloud.vapour import FARTHEST
from parkrisk.models.footprint import INDIVIDUAL, INDOOR, OUTDOOR
from parkrisk.models.vulnerability.fragility import (
    blast_failure_probability,
    equipment,
    time_to_failure,
    time_to_failure_rule,
)
from parkrisk.risk.cascades.direct import direct_escalation, heat_chances
from parkrisk.risk.one_event.lethality_map import LethalityMap
from parkrisk.risk.one_event.zones import Frame, Level, Vapour, Zone
from parkrisk.scenarios.facility.engulfed import OVERFLOW, engulfed
from parkrisk.scenarios.facility.graph import assemble, unit_table
from parkrisk.scenarios.facility.loads import NEAREST, RowBuilder, load_of, no_rows
from parkrisk.scenarios.facility.protection import protection_of
from parkrisk.scenarios.park import Park
from parkrisk.scenarios.receptors import People

__all__ = ["deaths_table", "ignition_table", "occupants", "people_table", "target_table", "unit_loads", "zone_table"]

Floats = NDArray[np.float64]

#: Group of people who are nobody's staff.
PUBLIC = "public"
_COUNTS = ("day_outdoors", "day_indoors", "night_outdoors", "night_indoors")
#: Loads below this share of a unit's escalation threshold are left out.
_LEAST_SHARE = 0.5
_UNIT_COLUMNS = [
    *("unit_id", "enterprise_id", "kind", "distance_m", "vector", "load", "threshold", "ratio"),
    *("time_to_failure_s", "burns_s", "probability"),
]


def _counts(people: People) -> pd.DataFrame:
    """Persons by period and shelter, one row per point, with the group they belong to."""
    day, night = people.day * people.indoor_day, people.night * people.indoor_night
    group = np.where(people.enterprise_id == "", PUBLIC, people.enterprise_id)
    columns = (people.day - day, day, people.night - night, night)
    return pd.DataFrame(dict(zip(_COUNTS, columns, strict=True))).assign(group=group)


def _sums(counts: pd.DataFrame) -> pd.DataFrame:
    """Exactly rounded sums by group; the order of rows does not matter."""
    parts = [
        {"group": name, **{column: math.fsum(rows[column]) for column in _COUNTS}}
        for name, rows in counts.groupby("group", sort=True)
    ]
    return pd.DataFrame(parts, columns=["group", *_COUNTS])


def occupants(zones: Sequence[Zone], people: People) -> list[pd.DataFrame]:
    """People inside each zone: group, day and night, outdoors and indoors."""
    counts = _counts(people)
    counts = counts[(counts[list(_COUNTS)] > 0.0).any(axis=1)]
    x, y = people.x[counts.index], people.y[counts.index]
    return [_sums(counts[_contains(zone, x, y)]) for zone in zones]


def _contains(zone: Zone, x: Floats, y: Floats) -> NDArray[np.bool_]:
    shapely.prepare(zone.shape)
    inside: NDArray[np.bool_] = shapely.contains_xy(zone.shape, x, y)
    return inside


def people_table(zones: Sequence[Zone], inside: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """People of `occupants` in one table: zone, time_s, group, day and night, outdoors and indoors."""
    columns = ["zone", "time_s", "group", *_COUNTS]
    parts = [
        part.assign(zone=zone.level.name, time_s=zone.time)
        for zone, part in zip(zones, inside, strict=True)
        if len(part)
    ]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def deaths_table(lethality: LethalityMap, frame: Frame, people: People, owner: str) -> pd.DataFrame:
    """Expected deaths by group, day and night, outdoors and indoors, most first.

    ``counted`` tells who counts in societal risk: all but the staff of the enterprise that owns the source.
    """
    counts = _counts(people)
    chance = lethality.at(*frame.polar(people.x, people.y))
    counts[["day_outdoors", "night_outdoors"]] = counts[["day_outdoors", "night_outdoors"]].mul(chance[OUTDOOR], axis=0)
    counts[["day_indoors", "night_indoors"]] = counts[["day_indoors", "night_indoors"]].mul(chance[INDOOR], axis=0)
    table = _sums(counts[(counts[list(_COUNTS)] > 0.0).any(axis=1)])
    table["day"] = table["day_outdoors"] + table["day_indoors"]
    table["night"] = table["night_outdoors"] + table["night_indoors"]
    table["counted"] = table["group"] != owner
    most = table[["day", "night"]].max(axis=1)
    return table.iloc[np.lexsort((table["group"], -most))].reset_index(drop=True)


def zone_table(zones: Sequence[Zone], inside: Sequence[pd.DataFrame], park: Park, frame: Frame) -> pd.DataFrame:
    """One row per zone: what bounds it, how far it reaches, when, and who and what is inside.

    ``inside`` as `occupants` gives it.
    """
    units, targets = park.tables["units"], park.tables["targets"]
    rows = []
    for zone, people in zip(zones, inside, strict=True):
        held = units[_contains(zone, units["x"].to_numpy(), units["y"].to_numpy())]
        hit = targets[_contains(zone, targets["x"].to_numpy(), targets["y"].to_numpy())]
        counts = {column: math.fsum(people[column]) for column in _COUNTS}
        reach = _reach(zone, frame)
        rows.append(
            {
                **_level_columns(zone),
                "reach_m": reach,
                "cut": reach >= FARTHEST,
                "area_ha": zone.shape.area / 1e4,
                "people_day": counts["day_outdoors"] + counts["day_indoors"],
                "people_night": counts["night_outdoors"] + counts["night_indoors"],
                **counts,
                "enterprises": " ".join(sorted(set(held["enterprise_id"]))),
                "units": len(held),
                "targets": " ".join(sorted(hit["target_id"])),
                "source": zone.level.source,
                "mark": zone.level.mark,
            }
        )
    return pd.DataFrame(rows)


def _level_columns(zone: Zone) -> dict[str, Any]:
    level = zone.level
    return {
        "zone": level.name,
        "kind": level.kind,
        "level": level.value,
        "unit": level.unit,
        "label_zh": level.label_zh,
        "label_en": level.label_en,
        "time_s": zone.time,
        "begin_s": round(zone.begin, 1),
        "end_s": round(zone.end, 1),
    }


def _reach(zone: Zone, frame: Frame) -> float:
    """Largest distance from the source. [m]"""
    if zone.shape.is_empty:
        return 0.0
    corners = shapely.get_coordinates(zone.shape)
    return float(np.hypot(corners[:, 0] - frame.x, corners[:, 1] - frame.y).max())


def arrival_level(vapour: Vapour) -> Level | None:
    """Concentration whose arrival is told: the lowest guideline of the substance, else half its flammability limit."""
    if vapour.guidelines:
        return min(vapour.guidelines, key=vapour.fraction)
    return vapour.flammable[-1] if vapour.flammable else None


def target_table(
    outcome: Any,
    lethality: LethalityMap,
    vapour: Vapour | None,
    blast: Any | None,
    frame: Frame,
    sound: float,
    zones: Sequence[Zone],
    park: Park,
) -> pd.DataFrame:
    """Every protection target that lies in a zone: where, when the effect comes, how strong, how deadly.

    The arrival of a cloud is told rather than that of the burst before it.
    """
    table = park.tables["targets"][["target_id", "name", "class", "x", "y", "persons"]].reset_index(drop=True)
    x, y = table["x"].to_numpy(), table["y"].to_numpy()
    distance, angle = frame.polar(x, y)
    chance = lethality.at(distance, angle)
    table["distance_m"] = distance
    table["lethality_outdoors"], table["lethality_indoors"] = chance[INDIVIDUAL], chance[INDOOR]
    for column in ("arrival_s", "end_s", "concentration_ppm", "heat_kw_m2", "overpressure_kpa"):
        table[column] = np.nan
    level = None if vapour is None else arrival_level(vapour)
    if vapour is not None and level is not None and len(table):
        passing = vapour.history(level).passing(*frame.along_across(x, y), vapour.fraction(level))
        table["arrival_s"], table["end_s"] = passing.first, passing.last
        table["concentration_ppm"] = 1e6 * passing.largest
    if hasattr(outcome, "heat_flux"):
        table["heat_kw_m2"] = load_of(outcome, np.maximum(distance, NEAREST), angle, "heat_flux") / 1e3
    if blast is not None:
        table["overpressure_kpa"] = load_of(blast, np.maximum(distance, NEAREST), angle, "overpressure") / 1e3
        if vapour is None or isinstance(outcome, Explosion):
            along, across = frame.along_across(x, y)
            table["arrival_s"] = np.hypot(along - blast.centre_distance, across) / sound
    always = [zone for zone in zones if math.isnan(zone.time)]
    inside = {zone.level.name: _contains(zone, x, y) for zone in always}
    table["zones"] = [" ".join(name for name, there in inside.items() if there[row]) for row in range(len(table))]
    table = table[table["zones"] != ""]
    return table.sort_values(
        ["lethality_outdoors", "distance_m", "target_id"], ascending=[False, True, True], ignore_index=True
    )


def unit_loads(
    outcome: Any, blast: Any | None, event: Mapping[str, Any], frame: Frame, park: Park, mode: str
) -> pd.DataFrame:
    """Units whose load comes near their escalation threshold, most likely to fail first; the first step only.

    Parameters
    ----------
    outcome : Outcome
    blast : Outcome or None
        With an overpressure: the outcome itself, or the burst before it.
    event : mapping
        unit_id, outcome (a fireball is compared with the thresholds of fireballs) and flags.
    frame : Frame
    park : Park
    mode : str
        Reading of the time-to-failure probit.

    Returns
    -------
    DataFrame
        unit_id, enterprise_id, kind, distance_m (to the shell), vector ("heat", "blast"), load, threshold (kW/m² or
        kPa), ratio, time_to_failure_s (NaN: blast, at once), burns_s (how long the fire lasts), probability.
    """
    every = unit_table(park.tables["units"])
    own = every["unit_id"] == event["unit_id"]
    units = every[~own].reset_index(drop=True)
    middle, angle = frame.polar(units["x"].to_numpy(), units["y"].to_numpy())
    distance = np.maximum(middle - units["radius_m"].to_numpy(), NEAREST)
    bund = next((each for each in every["bund_id"][own] if OVERFLOW not in event["flags"]), "")
    outside = (units["bund_id"] != bund).to_numpy() & (bund != "")
    size = units["radius_m"].to_numpy(), units["height_m"].to_numpy()
    parts = []
    for vector, source, field in (("heat", outcome, "heat_flux"), ("blast", blast, "overpressure")):
        if hasattr(source, field) and len(units):
            load = load_of(source, distance, angle, field)
            if vector == "heat":
                flame = getattr(source, "engulfing", None)
                load = engulfed(flame, load[:, None], (middle, angle[:, None]), size, outside)[0][:, 0]
            threshold = (
                "fireball_threshold" if vector == "heat" and "fireball" in event["outcome"] else f"{vector}_threshold"
            )
            limit = np.array([getattr(equipment(each), threshold) for each in units["equipment_class"]])
            part = units[["unit_id", "enterprise_id", "kind", "equipment_class", "volume_m3"]].assign(
                distance_m=distance, vector=vector, load=load / 1e3, threshold=limit / 1e3, ratio=load / limit
            )
            parts.append(part[part["ratio"] >= _LEAST_SHARE])
    if not parts:
        return pd.DataFrame(columns=_UNIT_COLUMNS)
    duration = float(getattr(outcome, "duration", math.nan))
    table = _failures(pd.concat(parts, ignore_index=True), every, duration, mode, park)
    order = ["probability", "ratio", "unit_id", "vector"]
    return table.sort_values(order, ascending=[False, False, True, True], ignore_index=True)[_UNIT_COLUMNS]


def _failures(table: pd.DataFrame, every: pd.DataFrame, duration: float, mode: str, park: Park) -> pd.DataFrame:
    """Add when each unit fails without barriers, and how likely it does with them before it is cooled."""
    rule = time_to_failure_rule(mode)
    table = table.assign(time_to_failure_s=np.nan, burns_s=np.nan, probability=0.0)
    for name in sorted(set(table["equipment_class"])):
        blown = table[(table["equipment_class"] == name) & (table["vector"] == "blast")]
        table.loc[blown.index, "probability"] = blast_failure_probability(1e3 * blown["load"].to_numpy(), name)
        heated = table[(table["equipment_class"] == name) & (table["vector"] == "heat")]
        volume = np.minimum(heated["volume_m3"].to_numpy(), equipment(name).ttf_largest_volume)
        time = time_to_failure(1e3 * heated["load"].to_numpy(), volume, name)
        table.loc[heated.index, "time_to_failure_s"] = time
    heated = table[(table["vector"] == "heat") & (table["ratio"] >= 1.0)]
    table.loc[table["vector"] == "heat", "burns_s"] = duration
    builder = RowBuilder(1, 1)
    target = pd.Index(every["unit_id"]).get_indexer(pd.Index(heated["unit_id"])).astype(np.int32)
    order = np.argsort(target)
    loads = 1e3 * heated["load"].to_numpy(float)[order, None]
    builder.add(0, np.zeros((1, 1), np.intp), target[order], loads, math.inf if math.isnan(duration) else duration)
    nothing = np.full(len(every), -1, dtype=np.int32)
    net = assemble(
        every,
        pd.DataFrame({"event_id": [""], "unit": [0], "frequency": [0.0]}),
        builder.rows(),
        no_rows(1, 1),
        (nothing, nothing),
        np.ones(1),
        rule,
        protection=protection_of(park, every, rule),
    ).network
    table.loc[heated.index[order], "probability"] = heat_chances(net, direct_escalation(net, static=False))
    return table


def ignition_table(vapour: Vapour | None, frame: Frame, park: Park) -> pd.DataFrame:
    """Ignition sources that the flammable cloud reaches, soonest first: limit ("lfl", "half_lfl"), when, how rich."""
    table = park.tables["ignition"][["source_id", "kind", "x", "y", "probability_1min", "presence"]]
    table = table.assign(distance_m=0.0, limit="", arrival_s=np.nan, end_s=np.nan, share_of_lfl=0.0)
    if vapour is None or not vapour.flammable or not len(table):
        return table.iloc[:0].reset_index(drop=True)
    x, y = table["x"].to_numpy(), table["y"].to_numpy()
    table["distance_m"] = frame.polar(x, y)[0]
    for level in reversed(vapour.flammable):
        fraction = vapour.fraction(level)
        passing = vapour.burning.passing(*frame.along_across(x, y), fraction)
        there = passing.largest >= fraction
        table.loc[there, "limit"] = level.name
        table.loc[there, ["arrival_s", "end_s"]] = np.column_stack([passing.first, passing.last])[there]
        table["share_of_lfl"] = level.value * passing.largest / fraction
    reached = table[table["limit"] != ""]
    return reached.sort_values(["share_of_lfl", "source_id"], ascending=[False, True], ignore_index=True)
