"""The minimal park with what it lacks: every kind of unit and table, lines, transport, own losses, areas, supplies."""

import copy
import functools
from typing import Any

from parkrisk.risk.assess import assess
from parkrisk.risk.result import Assessment
from parkrisk.scenarios import park_from_json
from parkrisk.scenarios.park import Park
from tests import minimal_park
from tests.minimal_park import COARSE

Document = dict[str, Any]

_UNITS = [
    {"unit_id": "P-401", "kind": "pipeline", "x": 500400, "y": 4500300, "diameter_m": 0.2, "length_m": 210}
    | {"pressure_kpa": 900, "substance": "74-98-6", "line_id": "pipe", "hole_bore_mm": 200, "flow_kg_s": 20},
    {"unit_id": "P-402", "kind": "pipeline", "x": 500850, "y": 4500285, "diameter_m": 0.1, "length_m": 40}
    | {"pressure_kpa": 300, "substance": "7664-41-7", "hole_bore_mm": 100, "flow_kg_s": 5},
    {"unit_id": "K-401", "kind": "refrigerated_tank", "x": 500600, "y": 4500250, "diameter_m": 14, "height_m": 12}
    | {"volume_m3": 1500, "fill_fraction": 0.7, "pressure_kpa": 5, "temperature_c": -34, "substance": "7664-41-7"}
    | {"bund_id": "bund-3", "bund_area_m2": 1200, "bund_height_m": 1.5, "hole_bore_mm": 150},
    {"unit_id": "L-401", "kind": "loading_arm", "x": 500200, "y": 4500250, "volume_m3": 60, "fill_fraction": 0.85}
    | {"pressure_kpa": 900, "substance": "74-98-6", "mass_t": 25, "hole_bore_mm": 100, "hours_per_year": 1000}
    | {"flow_kg_s": 10},
    {"unit_id": "W-401", "kind": "warehouse", "x": 500050, "y": 4500250, "height_m": 8, "substance": "108-05-4"}
    | {"mass_t": 150, "bund_area_m2": 600},
    {"unit_id": "H-401", "kind": "cylinder_store", "x": 500900, "y": 4500280, "volume_m3": 10, "fill_fraction": 1}
    | {"max_fill_fraction": 1, "pressure_kpa": 15000, "substance": "1333-74-0", "mass_t": 0.12, "hole_bore_mm": 15},
    {"unit_id": "X-401", "kind": "explosives_store", "x": 500960, "y": 4500060, "substance": "6484-52-2"}
    | {"mass_t": 5},
    {"unit_id": "N-401", "kind": "reactor", "x": 500930, "y": 4500150, "diameter_m": 3, "height_m": 6, "volume_m3": 42}
    | {"fill_fraction": 0.6, "pressure_kpa": 300, "temperature_c": 90, "substance": "71-43-2", "hole_bore_mm": 100}
    | {"status": "approved"},
]
_LINES = {
    "pipe": [(500300, 4500150), (500400, 4500150), (500400, 4500260)],
    "road": [(499950, 4500000), (500500, 4499950), (500800, 4500000)],
}
_BARRIERS = [
    {"barrier_id": "T-101-deluge", "unit_id": "T-101", "kind": "deluge", "rating": 0.6, "pfd": 0.1}
    | {"system": "water", "system_pfd": 0.05},
    {"barrier_id": "T-102-deluge", "unit_id": "T-102", "kind": "deluge", "system": "water", "system_pfd": 0.05},
    {"barrier_id": "R-301-coat", "unit_id": "R-301", "kind": "fireproofing", "rating": 90, "pfd": 0.01},
    {"barrier_id": "K-401-bund", "unit_id": "K-401", "kind": "bund"},
]


def _added(found: Document) -> None:
    rest = {"enterprise_id": "e2", "temperature_c": 15, "detection_class": "B", "isolation_class": "B"}
    found["units"] += [rest | {"name": row["unit_id"]} | row for row in _UNITS]
    found["lines"] = [
        {"line_id": line, "point": number, "x": x, "y": y}
        for line, corners in _LINES.items()
        for number, (x, y) in enumerate(corners, 1)
    ]
    found["transport"] = [
        {"transport_id": "lpg", "line_id": "road", "mode": "road_outside", "vehicle": "pressurised"}
        | {"substance": "74-98-6", "load_t": 20, "loads_per_year": 900, "temperature_c": 15}
    ]
    found["losses"] = [
        {
            "unit_id": "V-201",
            "loc": "flange",
            "release": "hole",
            "hole_mm": 30,
            "frequency": 2e-6,
            "source": "own study",
        }
    ]
    found["barriers"] += _BARRIERS
    found["response"] += [
        {"station_id": "second", "kind": "fire_station", "x": 499900, "y": 4500300, "mean_min": 9, "sd_min": 2}
    ]
    found["ignition"] += [
        {"source_id": "wires", "kind": "power_line", "x": 500600, "y": 4500050, "length_m": 300, "azimuth_deg": 30},
        {"source_id": "lane", "kind": "motor_vehicle", "x": 500300, "y": 4500000, "length_m": 200, "azimuth_deg": 90}
        | {"vehicles_per_km": 2},
    ]
    ring = "500100 4499600, 500220 4499600, 500220 4499700, 500100 4499720, 500100 4499600"
    found["targets"] += [
        {
            "target_id": "hospital",
            "name": "hospital",
            "class": "important",
            "persons": 80,
            "polygon": f"POLYGON (({ring}))",
        }
    ]


@functools.cache
def _document() -> Document:
    found = minimal_park.document()
    _added(found)
    return found


def document() -> Document:
    """Give the park as the JSON object of the HTTP interface; a fresh one each time."""
    return copy.deepcopy(_document())


@functools.cache
def park() -> Park:
    """Read it."""
    return park_from_json(document())


@functools.cache
def coarse() -> Assessment:
    """Assess it with the coarse settings."""
    return assess(park(), settings=COARSE)
