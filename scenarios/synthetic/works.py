"""What belongs to a synthetic park beside its units: enterprises, barriers, ignition sources, transport, response."""

import csv
import itertools
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from parkrisk.scenarios import examples
from parkrisk.scenarios.synthetic import recipe
from parkrisk.scenarios.synthetic.ground import Ground
from parkrisk.scenarios.synthetic.placing import Plot, Site

__all__ = ["barriers", "enterprises", "evidence", "ignition", "response", "transport"]

Rows = list[dict[str, Any]]

_NEIGHBOURHOOD = 500.0  # reach of the residents count of GB 18218-2018, 4.3.4 [m]
_LEAST_STAFF = 10
_STATION_AREA = 7e6  # ground that one fire station serves, about [m²]
_LONG_ROAD = 250.0  # roads from this length on count as ignition sources [m]
_VEHICLES_PER_KM = 2.0
_DELUGE_VOLUME = 1000.0  # pressure vessels from this volume on have a deluge [m³]
_FIREPROOF_SHARE, _DELUGE_SHARE, _TANK_VALVE_SHARE = 0.5, 0.3, 0.4
_TRANSPORT = (  # substance, name, vehicle, load [t]
    ("74-98-6", "丙烷", "pressurised", 20),
    ("67-56-1", "甲醇", "atmospheric", 28),
)
_LOADS_PER_UNIT = 20


def plot_outline(plot: Plot, ground: Ground) -> shapely.Polygon:
    """Fence of an enterprise in the CRS."""
    x, y = plot.corner
    width, depth = plot.size
    corners = ground.place([x, x + width, x + width, x], [y, y, y + depth, y + depth])
    return shapely.Polygon(np.column_stack(corners))


def enterprises(plots: Mapping[str, Plot], ground: Ground, population: Rows) -> Rows:
    """Table ``enterprises``: staff by built ground and kind, residents around the fence."""
    x, y = (np.array([row[axis] for row in population]) for axis in ("x", "y"))
    residents = np.array([row["night"] for row in population])
    found = []
    for number, (key, plot) in enumerate(plots.items(), start=1):
        outline = plot_outline(plot, ground)
        built = plot.width * plot.depth / 1e4
        day = max(_LEAST_STAFF, round(recipe.number(f"staff_{plot.kind}") * built))
        near = shapely.contains_xy(outline.buffer(_NEIGHBOURHOOD), x, y)
        found.append(
            {
                "enterprise_id": key,
                "name": f"示范{'储运' if plot.kind == 'storage' else '化工'}企业{number:02d}",
                "kind": plot.kind,
                "area_ha": round(outline.area / 1e4, 1),
                "staff_day": day,
                "staff_night": max(_LEAST_STAFF // 2, round(recipe.number("staff_night") * day)),
                "indoor_fraction_day": recipe.number("indoor_day"),
                "indoor_fraction_night": recipe.number("indoor_night"),
                "residents_500m": int(residents[near].sum()),
            }
        )
    return found


def barriers(units: Rows, rng: np.random.Generator) -> Rows:
    """Table ``barriers``: valves on what is under pressure, deluge and fireproofing on part of the large units."""
    found = []
    tanks = [unit for unit in units if unit["kind"] == "atmospheric_tank"]
    largest = max(tanks, key=lambda unit: (unit["volume_m3"], unit["unit_id"]))
    for unit in units:
        kind = unit["kind"]
        draw = rng.random(3)
        kinds = []
        if kind == "pressure_vessel":
            kinds += ["relief_valve", "isolation_valve"]
            kinds += ["deluge"] if unit["volume_m3"] >= _DELUGE_VOLUME else []
            kinds += ["fireproofing"] if draw[0] < _FIREPROOF_SHARE else []
        elif kind == "atmospheric_tank":
            kinds += ["isolation_valve"] if draw[0] < _TANK_VALVE_SHARE else []
            kinds += ["deluge"] if draw[1] < _DELUGE_SHARE or unit is largest else []
        elif kind in ("refrigerated_tank", "loading_arm"):
            kinds += ["isolation_valve"]
        elif kind in ("reactor", "column", "process_vessel"):
            kinds += ["relief_valve"]
        found += [
            {"barrier_id": f"{unit['unit_id']}-{each}", "unit_id": unit["unit_id"], "kind": each} for each in kinds
        ]
    return found


def ignition(site: Site, ground: Ground, plots: Mapping[str, Plot], units: Rows) -> Rows:
    """Table ``ignition``: traffic on the roads, trains, a furnace in every plant with columns."""
    found: Rows = []
    for number, (x1, y1, x2, y2) in enumerate(site.roads, start=1):
        length = math.hypot(x2 - x1, y2 - y1)
        if length < _LONG_ROAD:
            continue
        (ax, bx), (ay, by) = ground.place([x1, x2], [y1, y2])
        row = _line(f"traffic-{number:03d}", "motor_vehicle", (float(ax), float(ay)), (float(bx), float(by)))
        found.append({**row, "vehicles_per_km": _VEHICLES_PER_KM})
    for number, (start, end) in enumerate(_pieces(ground.lines["road"]), start=1):
        found.append({**_line(f"approach-{number}", "motor_vehicle", start, end), "vehicles_per_km": _VEHICLES_PER_KM})
    if "rail" in ground.lines:
        for start, end in _pieces(ground.lines["rail"]):
            found.append({**_line("railway", "diesel_locomotive", start, end), "presence": 0.05})
    heated = dict.fromkeys(unit["enterprise_id"] for unit in units if unit["kind"] == "column")
    for key in heated:
        plot = plots[key]
        x, y = ground.place(plot.corner[0] + 15.0, plot.corner[1] + 15.0)
        place = {"x": float(x), "y": float(y)}
        found.append({"source_id": f"furnace-{key}", "kind": "outdoor_furnace", **place, "presence": 0.9})
    return found


def _pieces(course: Sequence[tuple[float, float]]) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    return list(itertools.pairwise(course))


def _line(key: str, kind: str, start: tuple[float, float], end: tuple[float, float]) -> dict[str, Any]:
    east, north = end[0] - start[0], end[1] - start[1]
    return {
        "source_id": key,
        "kind": kind,
        "x": round((start[0] + end[0]) / 2.0, 1),
        "y": round((start[1] + end[1]) / 2.0, 1),
        "presence": 1,
        "length_m": round(math.hypot(east, north), 1),
        "azimuth_deg": round(math.degrees(math.atan2(east, north)) % 180.0, 1),
    }


def transport(units: Rows) -> Rows:
    """Table ``transport``: loads on the road. No rate of accidents is on record for railways, so they carry none."""
    loads = max(200, _LOADS_PER_UNIT * len(units))
    found = []
    for cas, name, vehicle, tonnes in _TRANSPORT:
        found.append(
            {
                "transport_id": f"road-{cas}",
                "name": f"{name}公路运输",
                "line_id": "road",
                "mode": "road_outside",
                "vehicle": vehicle,
                "substance": cas,
                "load_t": tonnes,
                "loads_per_year": loads,
                "temperature_c": 20,
            }
        )
    return found


def response(site: Site, ground: Ground, units: Rows) -> Rows:
    """Table ``response``: fire stations among the plots, brigades of the largest enterprises, other teams."""
    found: Rows = []
    number = max(1, round(site.width * site.depth / _STATION_AREA))
    columns = math.ceil(math.sqrt(number))
    for each in range(number):
        x = site.width * (each % columns + 0.5) / columns
        y = site.depth * (each // columns + 0.5) / math.ceil(number / columns)
        found.append(_station(f"fire-{each + 1}", f"示范消防站{each + 1}", "fire_station", ground.place(x, y), 5, 2))
    count: dict[str, int] = {}
    for unit in units:
        count[unit["enterprise_id"]] = count.get(unit["enterprise_id"], 0) + 1
    for key in sorted(count, key=lambda key: (-count[key], key))[: max(1, len(units) // 100)]:
        own = [unit for unit in units if unit["enterprise_id"] == key]
        middle = np.mean([[unit["x"], unit["y"]] for unit in own], axis=0)
        found.append(_station(f"brigade-{key}", f"{key} 专职消防队", "enterprise_brigade", middle, 4, 1.5))
    found.append(_station("rescue", "示范危化品救援队", "rescue_team", ground.place(-800.0, 0.0), 10, 3))
    found.append(_station("medical", "示范医疗救护点", "medical", ground.place(-1500.0, 0.0), 15, 5))
    return found


def _station(key: str, name: str, kind: str, place: Any, mean: float, spread: float) -> dict[str, Any]:
    x, y = round(float(place[0]), 1), round(float(place[1]), 1)
    return {"station_id": key, "name": name, "kind": kind, "x": x, "y": y, "mean_min": mean, "sd_min": spread}


def evidence(table: str) -> Rows:
    """Table ``answers`` or ``indicators``: those of the demonstration park, all assumed."""
    path = Path(examples.__file__).parent / "zhoushan" / f"{table}.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [{**row, "note": "assumed"} for row in csv.DictReader(file)]
