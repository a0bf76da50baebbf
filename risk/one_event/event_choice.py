"""Which event is meant: those of one unit in one weather, ranked by what they do."""

import dataclasses
import math
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.cloud.vapour import VapourSource
from parkrisk.models.errors import OutOfRange
from parkrisk.models.footprint import INDOOR, OUTDOOR
from parkrisk.models.substance.substances import find
from parkrisk.risk.one_event.exposed import deaths_table
from parkrisk.risk.one_event.lethality_map import LethalityMap
from parkrisk.risk.one_event.wind import Wind
from parkrisk.risk.one_event.zones import Frame, Vapour
from parkrisk.risk.settings import Settings
from parkrisk.risk.tables import RADII
from parkrisk.scenarios.events.expand import Events, expand
from parkrisk.scenarios.park import Park, Tables
from parkrisk.scenarios.receptors import People, WindRose
from parkrisk.scenarios.schema import nearest

__all__ = ["blast_of", "cloud_of", "fitting_rows", "missing", "possible_events", "ranked", "unit_events"]

_SECTORS = 16
#: What tells the events of one unit apart, but for their places.
_EVENT = ["loc", "outcome"]
_COLUMNS = [
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


def _check_unit(park: Park, unit_id: str) -> None:
    """Refuse what is neither a unit in service nor transport."""
    units, transport = park.tables["units"], park.tables["transport"]["transport_id"]
    known = dict(zip(units["unit_id"], units["in_service"], strict=True))
    if unit_id not in {*known, *transport}:
        _unknown("设备", "unit", unit_id, [*known, *transport])
    if known.get(unit_id) == "no":
        raise OutOfRange(f"设备 {unit_id} 已停用，没有事件", f"unit {unit_id} is out of service: it has no events")


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
    """Events of one unit, or of one row of transport, in one weather; however rare, none is cut off.

    Raises
    ------
    OutOfRange
        The park has no such unit in service and no such transport, or the weather cannot be.
    """
    _check_unit(park, unit_id)
    units, transport = park.tables["units"], park.tables["transport"]
    only = {"units": units[units["unit_id"] == unit_id], "transport": transport[transport["transport_id"] == unit_id]}
    alone = dataclasses.replace(park, tables=Tables({**park.tables, **only}))
    probability = np.zeros((2, 1, _SECTORS))
    probability[:, 0, round(wind.blows_to / (2.0 * math.pi) * _SECTORS) % _SECTORS] = 0.5
    return expand(alone, WindRose((wind.weather(park),), probability), loss_set=settings.loss_set, cut_off=0.0)


def possible_events(park: Park, unit_id: str, *, settings: Settings | None = None) -> pd.DataFrame:
    """Every event of a unit or of transport that can be asked for: loc, outcome, frequency; most frequent first.

    Of a line it stands once, with the frequency along all of it.

    Raises
    ------
    OutOfRange
        The park has no such unit in service and no such transport.
    """
    chosen = Settings() if settings is None else settings
    table = unit_events(park, unit_id, Wind(0.0, 3.0, "D"), chosen).table
    places = table.groupby(_EVENT, sort=False)["frequency"]
    table = table.assign(frequency=places.transform(math.fsum)).drop_duplicates(_EVENT)
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
    events: Events, rows: Sequence[int], crowd: People, wind: Wind, near: tuple[float, float] | None
) -> tuple[pd.DataFrame, dict[int, LethalityMap]]:
    """Events with their deaths and radii, worst first, and their lethality maps by row.

    Of an event that may happen at many places along a line, the place nearest to ``near`` is taken, or without it the
    one with the most deaths; the frequency is that along all of the line.
    """
    maps: dict[int, LethalityMap] = {}
    found: list[dict[Any, Any]] = []
    for _, places in events.table.loc[list(rows)].groupby(_EVENT):
        outcome = events.outcomes[int(events.outcome_index[places.index[0], 0])]
        lethality = LethalityMap(outcome)
        if near is None:
            stretch = _worst_place(places, lethality, crowd, wind)
        else:
            stretch = int(np.argmin(np.hypot(places["x"] - near[0], places["y"] - near[1])))
        row = int(places.index[stretch])
        maps[row] = lethality
        event = {str(key): value for key, value in places.loc[row, _COLUMNS].to_dict().items()}
        frame = Frame(float(event["x"]), float(event["y"]), wind.blows_to)
        deaths = deaths_table(lethality, frame, crowd, str(event["enterprise_id"]))
        sums = {
            f"{name}_{period}": math.fsum(deaths.loc[deaths["counted"] == counted, period])
            for name, counted in (("deaths", True), ("own_staff", False))
            for period in ("day", "night")
        }
        radii = outcome.casualty_radii()
        substance = find(str(event["cas"]))
        event |= {
            "frequency": math.fsum(places["frequency"]),
            "stretch": 1 + stretch,
            "stretches": len(places),
            "substance_zh": substance.name_zh,
            "substance_en": substance.name_en,
            "row": row,
        }
        found.append(event | sums | {name: radii[name] for name in RADII})
    table = pd.DataFrame(found).astype(dict.fromkeys(RADII, float))
    most = table[["deaths_day", "deaths_night"]].max(axis=1) + table[["own_staff_day", "own_staff_night"]].max(axis=1)
    reach = table["row"].map({row: each.reach for row, each in maps.items()})
    order = np.lexsort((table["outcome"], table["loc"], -reach, -most))
    return table.iloc[order].reset_index(drop=True), maps


def _worst_place(places: pd.DataFrame, lethality: LethalityMap, crowd: People, wind: Wind) -> int:
    """Which of the places has the most expected deaths by day or by night; of several the first."""
    if len(places) == 1:
        return 0
    most = []
    for x, y in zip(places["x"], places["y"], strict=True):
        near = np.flatnonzero(np.hypot(crowd.x - x, crowd.y - y) <= lethality.reach)
        chance = lethality.at(*Frame(x, y, wind.blows_to).polar(crowd.x[near], crowd.y[near]))
        most.append(
            max(
                math.fsum(number[near] * ((1.0 - inside[near]) * chance[OUTDOOR] + inside[near] * chance[INDOOR]))
                for number, inside in ((crowd.day, crowd.indoor_day), (crowd.night, crowd.indoor_night))
            )
        )
    return int(np.argmax(most))


def _same_loss(events: Events, row: int) -> dict[str, Any]:
    """Outcomes of the loss that an event comes from, at its place, by name."""
    table = events.table
    same = (table[["loc", "x", "y"]] == table.loc[row, ["loc", "x", "y"]]).all(axis=1)
    return {
        str(table.loc[each, "outcome"]): events.outcomes[int(events.outcome_index[each, 0])]
        for each in np.flatnonzero(same).tolist()
        if events.outcome_index[each, 0] >= 0
    }


def cloud_of(events: Events, row: int, weather: Weather) -> Vapour | None:
    """The cloud that an event is or comes from; an explosion's, or what follows a burst, is that of the same loss."""
    source = _source(events.outcomes[int(events.outcome_index[row, 0])])
    if source is None and events.table.loc[row, "outcome"] in ("explosion", "vessel_burst"):
        source = next((found for found in map(_source, _same_loss(events, row).values()) if found is not None), None)
    return None if source is None else Vapour(source, weather)


def blast_of(events: Events, row: int) -> Any | None:
    """The blast that an event makes, or with which its loss begins."""
    outcome = events.outcomes[int(events.outcome_index[row, 0])]
    return outcome if hasattr(outcome, "overpressure") else _same_loss(events, row).get("vessel_burst")


def _source(outcome: Any) -> VapourSource | None:
    found = getattr(getattr(outcome, "flash", outcome), "source", None)
    return found if isinstance(found, VapourSource) else None
