"""Which event is meant: those of one unit in one weather, ranked by what they do."""

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.cloud.vapour import VapourSource
from parkrisk.models.errors import OutOfRange
from parkrisk.models.substance.substances import find
from parkrisk.risk.exposed import deaths_table
from parkrisk.risk.lethality_map import LethalityMap
from parkrisk.risk.settings import Settings
from parkrisk.risk.tables import RADII
from parkrisk.risk.wind import Wind
from parkrisk.risk.zones import Frame, Vapour
from parkrisk.scenarios.expand import Events, expand
from parkrisk.scenarios.park import Park, Tables
from parkrisk.scenarios.receptors import People, WindRose
from parkrisk.scenarios.schema import nearest

__all__ = ["cloud_of", "fitting_rows", "missing", "possible_events", "ranked", "unit_events"]

_SECTORS = 16


def _unit(park: Park, unit_id: str) -> Mapping[Any, Any]:
    units = park.tables["units"]
    rows = units[units["unit_id"] == unit_id].to_dict("records")
    if not rows:
        _unknown("设备", "unit", unit_id, units["unit_id"])
    if rows[0]["in_service"] == "no":
        raise OutOfRange(f"设备 {unit_id} 已停用，没有事件", f"unit {unit_id} is out of service: it has no events")
    return rows[0]


def _unknown(zh: str, en: str, given: str, known: Iterable[str], most: int = 20) -> NoReturn:
    """Refuse a name that is not known, and say which are."""
    names = sorted(set(known))
    near = nearest(given, names)
    shown = ", ".join(names[:most]) + (" …" if len(names) > most else "")
    raise OutOfRange(
        f"没有{zh} {given}" + (f"，是否为 {near}？" if near else "") + f"（共 {len(names)} 个：{shown}）",
        f"there is no {en} {given}" + (f", did you mean {near}?" if near else "") + f" ({len(names)} known: {shown})",
    )


def unit_events(park: Park, unit_id: str, wind: Wind, settings: Settings) -> Events:
    """Events of one unit in one weather; however rare, none is cut off.

    Raises
    ------
    OutOfRange
        The park has no such unit in service, or the weather cannot be.
    """
    _unit(park, unit_id)
    units = park.tables["units"]
    alone = dataclasses.replace(park, tables=Tables({**park.tables, "units": units[units["unit_id"] == unit_id]}))
    probability = np.zeros((2, 1, _SECTORS))
    probability[:, 0, round(wind.blows_to / (2.0 * math.pi) * _SECTORS) % _SECTORS] = 0.5
    return expand(alone, WindRose((wind.weather(park),), probability), loss_set=settings.loss_set, cut_off=0.0)


def possible_events(park: Park, unit_id: str, *, settings: Settings | None = None) -> pd.DataFrame:
    """Every event of a unit that can be asked for: loc, outcome, frequency; most frequent first.

    Raises
    ------
    OutOfRange
        The park has no such unit in service.
    """
    chosen = Settings() if settings is None else settings
    table = unit_events(park, unit_id, Wind(0.0, 3.0, "D"), chosen).table
    columns = ["unit_id", "loc", "outcome", "cas", "frequency", "release_rate", "released_mass", "duration"]
    order = ["frequency", "loc", "outcome"]
    return table.sort_values(order, ascending=[False, True, True], ignore_index=True)[columns]


def missing(events: Events) -> tuple[tuple[str, str], ...]:
    """Losses that could not be computed, and why, in Chinese and English."""
    rows = events.dropped[events.dropped["reason"] == "not_computed"]
    return tuple(
        (f"{row['loc']}：{row['message_zh']}", f"{row['loc']}: {row['message_en']}") for row in rows.to_dict("records")
    )


def fitting_rows(events: Events, unit_id: str, loc: str | None, outcome: str | None) -> list[int]:
    """Rows of the events asked for.

    Raises
    ------
    OutOfRange
        The unit has no such loss or outcome, or it cannot be computed or has no effect in this weather.
    """
    table, dropped = events.table, events.dropped
    if loc is not None and loc not in {*table["loc"], *dropped["loc"]}:
        _unknown(f"设备 {unit_id} 的泄漏场景", f"loss of containment of unit {unit_id}:", loc, table["loc"])
    fits = np.ones(len(table), bool) if loc is None else (table["loc"] == loc).to_numpy(bool)
    if outcome is not None and outcome not in set(table.loc[fits, "outcome"]) and fits.any():
        _unknown("该场景的后果", f"outcome of unit {unit_id}:", outcome, table.loc[fits, "outcome"])
    if outcome is not None:
        fits = fits & (table["outcome"] == outcome).to_numpy(bool)
    if fits.any():
        return [int(row) for row in np.flatnonzero(fits)]
    why = dropped if loc is None else dropped[dropped["loc"].isin([loc, ""])]
    zh = "；".join(dict.fromkeys(why["message_zh"])) or "没有事件"
    en = "; ".join(dict.fromkeys(why["message_en"])) or "no events"
    raise OutOfRange(f"设备 {unit_id} 的后果未能计算：{zh}", f"unit {unit_id} could not be computed: {en}")


def ranked(
    events: Events, rows: Sequence[int], crowd: People, wind: Wind
) -> tuple[pd.DataFrame, dict[int, LethalityMap]]:
    """Events with their deaths and radii, worst first, and their lethality maps."""
    maps: dict[int, LethalityMap] = {}
    found: list[dict[Any, Any]] = []
    columns = [
        "unit_id",
        "enterprise_id",
        "loc",
        "outcome",
        "cas",
        "frequency",
        "release_rate",
        "released_mass",
        "duration",
        "mark",
        "flags",
        "x",
        "y",
    ]
    for row in rows:
        outcome = events.outcomes[int(events.outcome_index[row, 0])]
        maps[row] = LethalityMap(outcome)
        event = {str(key): value for key, value in events.table.loc[row, columns].to_dict().items()}
        frame = Frame(float(event["x"]), float(event["y"]), wind.blows_to)
        deaths = deaths_table(maps[row], frame, crowd, str(event["enterprise_id"]))
        sums = {
            f"{name}_{period}": math.fsum(deaths.loc[deaths["counted"] == counted, period])
            for name, counted in (("deaths", True), ("own_staff", False))
            for period in ("day", "night")
        }
        radii = outcome.casualty_radii()
        substance = find(str(event["cas"]))
        event |= {"substance_zh": substance.name_zh, "substance_en": substance.name_en, "row": row}
        found.append(event | sums | {name: radii[name] for name in RADII})
    table = pd.DataFrame(found).astype(dict.fromkeys(RADII, float))
    most = table[["deaths_day", "deaths_night"]].max(axis=1) + table[["own_staff_day", "own_staff_night"]].max(axis=1)
    reach = table["row"].map({row: each.reach for row, each in maps.items()})
    order = np.lexsort((table["outcome"], table["loc"], -reach, -most))
    return table.iloc[order].reset_index(drop=True), maps


def cloud_of(events: Events, row: int, weather: Weather) -> Vapour | None:
    """The cloud that an event is or comes from; an explosion's is that of the flash fire of the same loss."""
    outcome = events.outcomes[int(events.outcome_index[row, 0])]
    source = _source(outcome)
    if source is None and events.table.loc[row, "outcome"] == "explosion":
        same = events.table["loc"] == events.table.loc[row, "loc"]
        others = [events.outcomes[int(events.outcome_index[each, 0])] for each in np.flatnonzero(same)]
        source = next((found for found in map(_source, others) if found is not None), None)
    return None if source is None else Vapour(source, weather)


def _source(outcome: Any) -> VapourSource | None:
    found = getattr(getattr(outcome, "flash", outcome), "source", None)
    return found if isinstance(found, VapourSource) else None
