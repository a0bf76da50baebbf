"""Twenty changes of a synthetic park, each with the direction that its result must take, and why."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.ops import nearest_points

__all__ = ["DIRECTIONS", "WhatIf", "make_what_ifs"]

DIRECTIONS = ("up", "down", "not_up", "not_down", "same")

_STEP, _LEAST_STEP = 400.0, 40.0  # a unit is moved so far, at least so far [m]
_CLEAR = 25.0  # it stays so far inside the boundary [m]
_HOUSING = {"cell_m": 100.0, "day": 300, "night": 600}
_LESS, _MORE = 0.2, 0.9  # fills
_ACIDS = ("7664-93-9", "7697-37-2")  # sulfuric and nitric acid: hardly anything changes without them
_PROPANE, _GASOLINE, _WATER = "74-98-6", "86290-81-5", "7732-18-5"

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class WhatIf:
    """One change and what is expected of it.

    Parameters
    ----------
    name : str
        Name of its file without the ending.
    change : mapping
        The scenario, as `parkrisk whatif` reads it from TOML.
    quantity : str
        ``pll``, ``pll_without_domino``, ``domino``, ``largest_ratio`` (worst risk over limit at a target),
        ``individual_risk:TARGET``, ``individual_risk_without_domino:TARGET`` or
        ``s:HAZARD_UNIT`` (GB 18218 quantity ratio).
    direction : str
        One of `DIRECTIONS`.
    why : str
    """

    name: str
    change: Mapping[str, Any]
    quantity: str
    direction: str
    why: str

    def toml(self) -> str:
        """Text of the scenario file."""
        return "\n".join(_toml({"name": self.name, "note": self.why, **self.change})) + "\n"


def _toml(table: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Lines of a TOML table: values first, then tables, then arrays of tables."""
    plain = {key: value for key, value in table.items() if not isinstance(value, Mapping) and not _are_rows(value)}
    if path and plain:
        yield f"[{path}]"
    for key, value in plain.items():
        yield f"{_key(key)} = {json.dumps(value, ensure_ascii=False)}"
    for key, value in table.items():
        inner = f"{path}.{_key(key)}" if path else _key(key)
        if isinstance(value, Mapping):
            yield from _toml(value, inner)
        elif _are_rows(value):
            for row in value:
                yield f"[[{inner}]]"
                yield from _toml(row)


def _key(key: str) -> str:
    return key if key.replace("-", "").replace("_", "").isalnum() and key.isascii() else json.dumps(key)


def _are_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)


@dataclass(frozen=True)
class _Picked:
    """Rows of the park that the changes are about."""

    vessel: Mapping[str, Any]
    tank: Mapping[str, Any]
    target: Mapping[str, Any]
    toward: tuple[float, float]
    away: tuple[float, float]
    beside: tuple[float, float]
    cell: Mapping[str, Any]
    enterprise: Mapping[str, Any]
    road: str
    loads: float
    valve: str
    deluge: str


def make_what_ifs(document: Mapping[str, Any], boundary: shapely.Polygon) -> tuple[WhatIf, ...]:
    """Choose the units, places and rows that twenty changes of a park are about."""
    picked = _picked(document, boundary)
    found = [*_of_units(picked), *_of_contents(picked), *_of_people(picked), *_of_safeguards(picked)]
    return tuple(
        WhatIf(f"{number:02d}-{name}", change, quantity, direction, why)
        for number, (name, change, quantity, direction, why) in enumerate(found, start=1)
    )


_Drawn = tuple[str, dict[str, Any], str, str, str]


def _of_units(picked: _Picked) -> Iterator[_Drawn]:
    vessel, tank, target = picked.vessel, picked.tank, picked.target["target_id"]
    # Where cascades are sampled, the same fires may by chance reach others a little more often with one unit less.
    risk, alone = f"individual_risk:{target}", f"individual_risk_without_domino:{target}"
    why = "a hazardous vessel is gone and nothing comes instead"
    yield "remove-vessel", {"remove": [vessel["unit_id"]]}, alone, "not_up", why
    # Not the expected deaths: the staff of the enterprise then stands at its other units.
    why = "a tank is gone with its own losses"
    yield "remove-tank", {"remove": [tank["unit_id"]]}, alone, "not_up", why
    added = _sphere("added-sphere", vessel["enterprise_id"], "added-sphere", picked.beside)
    why = "a propane sphere comes to the side of the boundary that faces the target"
    yield "add-sphere", {"add": {"units": [added]}}, risk, "up", why
    twin = _sphere("added-twin", tank["enterprise_id"], tank["hazard_unit_id"], (tank["x"] + 1.0, tank["y"]))
    twin = {**twin, "kind": "atmospheric_tank", "substance": _GASOLINE, "pressure_kpa": 0, "diameter_m": 9.0,
            "height_m": 8.9, "volume_m3": 500, "hole_bore_mm": 200}  # fmt: skip
    quantity = f"s:{tank['hazard_unit_id']}"
    yield "add-to-hazard-unit", {"add": {"units": [twin]}}, quantity, "up", "one more term q/Q in the sum of GB 18218"
    # Without cascades: away from its neighbours a vessel is in fewer fires, among others in more, wherever it goes.
    why = "the vessel moves straight toward the target: the same direction from it, a shorter way"
    yield "move-toward", {"move": {vessel["unit_id"]: list(picked.toward)}}, alone, "not_down", why
    why = "the vessel moves straight away from the target: the same direction from it, a longer way"
    yield "move-away", {"move": {vessel["unit_id"]: list(picked.away)}}, alone, "not_up", why
    change = {"out_of_service": [vessel["unit_id"]]}
    yield "vessel-out-of-service", change, "pll", "down", "an empty unit loses nothing; the staff stays where it is"


def _of_contents(picked: _Picked) -> Iterator[_Drawn]:
    vessel, tank = picked.vessel, picked.tank
    change: dict[str, Any] = {"substance": {tank["unit_id"]: _WATER}}
    quantity = f"s:{tank['hazard_unit_id']}"
    yield "swap-to-water", change, "pll_without_domino", "not_up", "water neither burns nor poisons"
    yield "swap-leaves-hazard-unit", change, quantity, "down", "water has no threshold quantity, its term in S is gone"
    unit = vessel["unit_id"]
    # Without cascades: a fuller vessel stands longer in a fire.
    alone = "pll_without_domino"
    yield "raise-fill", {"refill": {unit: _MORE}}, alone, "up", "more in the vessel: larger bursts, longer releases"
    yield "lower-fill", {"refill": {unit: _LESS}}, alone, "down", "less in the vessel: smaller bursts, shorter releases"


def _of_people(picked: _Picked) -> Iterator[_Drawn]:
    x, y = picked.beside
    housing = [{"x": x, "y": y, **_HOUSING}]
    yield "new-housing", {"housing": housing}, "pll", "up", "more people where the park reaches"
    risk = f"individual_risk:{picked.target['target_id']}"
    why = "the risk at a place does not depend on who lives at another"
    yield "new-housing-elsewhere", {"housing": housing}, risk, "same", why
    cells = {"population": {picked.cell["cell_id"]: {"day": 0, "night": 0}}}
    yield "village-moved-out", {"set": cells}, "pll", "not_up", "fewer people near the park"
    enterprise = picked.enterprise
    staff = {name: 2 * enterprise[name] for name in ("staff_day", "staff_night")}
    change = {"set": {"enterprises": {enterprise["enterprise_id"]: staff}}}
    yield "staff-doubled", change, "pll", "up", "more people inside the fence"


def _of_safeguards(picked: _Picked) -> Iterator[_Drawn]:
    yield "road-closed", {"close": [picked.road]}, "pll", "not_up", "what is not carried cannot leak"
    change: dict[str, Any] = {"set": {"transport": {picked.road: {"loads_per_year": 2 * picked.loads}}}}
    yield "loads-doubled", change, "pll", "not_down", "frequency of accidents is proportional to the loads"
    why = "the leak goes on for longer until it is shut"
    yield "valve-fails", {"out_of_service": [picked.valve]}, "pll", "not_down", why
    why = "the unit takes the whole heat of a fire beside it"
    yield "deluge-fails", {"out_of_service": [picked.deluge]}, "domino", "not_down", why
    tank = picked.tank["unit_id"]
    barrier = {"barrier_id": f"{tank}-new-fireproofing", "unit_id": tank, "kind": "fireproofing"}
    yield "fireproofing-added", {"add": {"barriers": [barrier]}}, "domino", "not_up", "the tank stands longer in a fire"


def _sphere(unit_id: str, enterprise: str, hazard_unit: str, place: tuple[float, float]) -> dict[str, Any]:
    return {
        "unit_id": unit_id,
        "enterprise_id": enterprise,
        "kind": "pressure_vessel",
        "x": round(place[0], 1),
        "y": round(place[1], 1),
        "diameter_m": 12.3,
        "volume_m3": 1000,
        "fill_fraction": 0.8,
        "max_fill_fraction": 0.85,
        "pressure_kpa": 760,
        "temperature_c": 20,
        "substance": _PROPANE,
        "hazard_unit_id": hazard_unit,
        "hole_bore_mm": 150,
        "detection_class": "B",
        "isolation_class": "B",
    }


def _picked(document: Mapping[str, Any], boundary: shapely.Polygon) -> _Picked:
    units, barriers = document["units"], document["barriers"]
    inner = boundary.buffer(-_CLEAR)
    housing = [row for row in document["targets"] if row["category"] == "housing"]
    vessels = [unit for unit in units if unit["kind"] == "pressure_vessel"]
    vessel, target, toward, away = _movable(vessels, housing, inner)
    all_tanks = [unit for unit in units if unit["kind"] == "atmospheric_tank"]
    tanks = [unit for unit in all_tanks if unit["substance"] not in _ACIDS] or all_tanks
    tank = max(tanks, key=lambda unit: (unit["volume_m3"], unit["unit_id"]))
    edge = nearest_points(inner, shapely.Point(target["x"], target["y"]))[0]
    here = np.array([vessel["x"], vessel["y"]])
    cell = min(document["population"], key=lambda row: (_apart(row, here), row["cell_id"]))
    own = {unit["unit_id"] for unit in vessels}
    valve = next(
        row["barrier_id"]
        for row in barriers
        if row["unit_id"] == vessel["unit_id"] and row["kind"] == "isolation_valve"
    )
    deluges = [row for row in barriers if row["kind"] == "deluge"]
    deluge = min(deluges, key=lambda row: (row["unit_id"] not in own, row["barrier_id"]))
    road = document["transport"][0]
    return _Picked(
        vessel=vessel,
        tank=tank,
        target=target,
        toward=toward,
        away=away,
        beside=(round(edge.x, 1), round(edge.y, 1)),
        cell=cell,
        enterprise=next(row for row in document["enterprises"] if row["enterprise_id"] == vessel["enterprise_id"]),
        road=road["transport_id"],
        loads=road["loads_per_year"],
        valve=valve,
        deluge=deluge["barrier_id"],
    )


def _apart(row: Mapping[str, Any], place: Any) -> float:
    return float(np.hypot(row["x"] - place[0], row["y"] - place[1]))


def _movable(vessels: Rows, housing: Rows, inner: Any) -> tuple[Any, Any, tuple[float, float], tuple[float, float]]:
    """Vessel and housing, near each other, between which and beyond which there is room to move the vessel."""
    pairs = [
        ((_apart(target, (vessel["x"], vessel["y"])), vessel["unit_id"], target["target_id"]), vessel, target)
        for vessel in vessels
        for target in housing
    ]
    pairs.sort(key=lambda pair: pair[0])
    best: tuple[float, Any] = (-1.0, None)
    for (far, _, _), vessel, target in pairs:
        here = np.array([vessel["x"], vessel["y"]])
        along = (np.array([target["x"], target["y"]]) - here) / far
        ahead, back = (_reach(here, sign * along, inner) for sign in (1.0, -1.0))
        room = min(ahead, back)
        if room > best[0]:
            ends = tuple(
                (round(float(x), 1), round(float(y), 1)) for x, y in (here + ahead * along, here - back * along)
            )
            best = (room, (vessel, target, *ends))
        if room >= _LEAST_STEP:
            break
    return best[1]  # type: ignore[no-any-return]


def _reach(here: Any, direction: Any, inner: Any) -> float:
    """Metres that a unit can move in a direction without leaving, `_STEP` at most."""
    steps = np.arange(10.0, _STEP + 1.0, 10.0)
    inside = shapely.contains_xy(inner, *(here[:, None] + direction[:, None] * steps))
    first = int(np.argmin(inside)) if not inside.all() else len(steps)
    return float(steps[first - 1]) if first else 0.0
