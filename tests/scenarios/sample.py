"""A small park as files and as a JSON object, for tests that spoil it in one place."""

import csv
import io
import json
from pathlib import Path
from typing import Any

WEATHER = [
    {"wind_from": 45.0 * k, "wind_speed": 3.0, "stability": "D", "period": "all", "frequency": 0.1} for k in range(8)
] + [{"wind_from": None, "wind_speed": 1.0, "stability": "F", "period": "night", "frequency": 0.2}]

SQUARE = {
    "type": "Polygon",
    "coordinates": [
        [
            [500000.0, 3300000.0],
            [501000.0, 3300000.0],
            [501000.0, 3301000.0],
            [500000.0, 3301000.0],
            [500000.0, 3300000.0],
        ]
    ],
}


def unit(unit_id: str, **cells: Any) -> dict[str, Any]:
    """One row of units, an atmospheric tank of methanol unless ``cells`` says otherwise."""
    return {
        "unit_id": unit_id,
        "enterprise_id": "E1",
        "kind": "atmospheric_tank",
        "x": 500400.0,
        "y": 3300500.0,
        "substance": "67-56-1",
        "diameter_m": 20.0,
        "height_m": 12.0,
        **cells,
    }


def document() -> dict[str, Any]:
    """The park as the JSON object of the HTTP interface; a fresh one each time."""
    return {
        "park": {
            "name": "试验园区",
            "date": "2026-05-01",
            "crs": "EPSG:4549",
            "recognised": "yes",
            "boundary": json.loads(json.dumps(SQUARE)),
        },
        "enterprises": [
            {"enterprise_id": "E1", "name": "甲公司", "staff_day": 100, "staff_night": 40, "residents_500m": 12},
            {"enterprise_id": "E2", "name": "乙公司", "staff_day": 30, "staff_night": 10},
        ],
        "units": [
            unit("T1"),
            unit("T2", x=500500.0),
            unit(
                "S1",
                enterprise_id="E2",
                kind="pressure_vessel",
                x=500700.0,
                diameter_m=12.3,
                height_m=None,
                substance="丙烷",
                pressure_kpa=850.0,
            ),
        ],
        "contents": [{"unit_id": "T1", "cas": "71-43-2", "mass_t": 5.0}],
        "targets": [
            {"target_id": "school", "name": "学校", "class": "high-sensitivity", "x": 502500.0, "y": 3300500.0}
        ],
        "population": [
            {"cell_id": "c1", "x": 502000.0, "y": 3300000.0, "cell_m": 300.0, "day": 900.0, "night": 1800.0},
            {"x": 499000.0, "y": 3302000.0, "day": 50.0, "night": 80.0},
        ],
        "weather": [dict(row) for row in WEATHER],
        "barriers": [{"barrier_id": "B1", "unit_id": "S1", "kind": "deluge"}],
        "answers": [{"rulebook": "cn-2026", "item": "1", "answer": "yes"}],
    }


def csv_text(rows: list[dict[str, Any]]) -> str:
    """Rows as CSV, columns in the order they are met."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: "" if value is None else value for name, value in row.items()} for row in rows)
    return out.getvalue()


def write(folder: Path, found: dict[str, Any], encoding: str = "utf-8") -> Path:
    """Write a document as the folder it stands for."""
    folder.mkdir(parents=True, exist_ok=True)
    kind = "park" if "park" in found else "project"
    section = dict(found[kind])
    boundary = section.get("boundary")
    if isinstance(boundary, dict):
        section["boundary"] = "boundary.geojson"
        (folder / "boundary.geojson").write_text(json.dumps(boundary), encoding="utf-8")
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in section.items()]
    (folder / f"{kind}.toml").write_text(f"[{kind}]\n" + "\n".join(lines) + "\n", encoding=encoding)
    for name, rows in found.items():
        if name != kind:
            (folder / f"{name}.csv").write_bytes(csv_text(rows).encode(encoding))
    return folder
