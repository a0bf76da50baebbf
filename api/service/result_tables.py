"""Tables of a result from the store: as rows of JSON, CSV, GeoJSON, and with what their columns mean."""

import io
import json
import math
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

#: Column that names the place of a row → layer with that place, and how it is named there.
PLACES: Mapping[str, str] = {
    "unit_id": "units",
    "target_id": "targets",
    "hazard_unit_id": "hazard_units",
    "enterprise_id": "enterprises",
}


def read(content: bytes) -> pa.Table:
    """Read a table as it is stored (Parquet)."""
    return pq.read_table(io.BytesIO(content))


def rows(table: pa.Table, start: int = 0, limit: int | None = None) -> list[dict[str, Any]]:
    """Rows for JSON, NaN and infinity as null."""
    listed: list[dict[str, Any]] = table.slice(start, limit).to_pylist()
    return [{name: _plain(value) for name, value in row.items()} for row in listed]


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.isoformat() if hasattr(value, "isoformat") else value


def csv(table: pa.Table) -> bytes:
    """CSV as the command writes it: for Excel, no cell that it would run."""
    import pandas as pd

    from parkrisk.risk.files import write_table

    whole = {pa.int64(): pd.Int64Dtype()}  # a gap makes no fractions of them
    with tempfile.TemporaryDirectory() as folder:
        return write_table(Path(folder) / "table.csv", table.to_pandas(types_mapper=whole.get)).read_bytes()


def layer_of(table: pa.Table) -> tuple[str, str] | None:
    """Column that says where a row is, and the layer that has the place; None: the table has no places."""
    return next(((column, layer) for column, layer in PLACES.items() if column in table.column_names), None)


def geojson(table: pa.Table, column: str, layer: bytes) -> bytes:
    """Rows as features in WGS 84, each with the geometry that the layer has under the same id."""
    places = {each["properties"][column]: each["geometry"] for each in json.loads(layer)["features"]}
    features = [{"type": "Feature", "properties": row, "geometry": places.get(row[column])} for row in rows(table)]
    content = {"type": "FeatureCollection", "features": features}
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def schema(name: str, columns: list[str]) -> dict[str, Any]:
    """What a table and its columns are called, and in what unit."""
    from parkrisk.risk.trace.lineage import lineage, table_labels

    table, known = table_labels().get(name), lineage()
    described = []
    for column in columns:
        found = known.get((name, column))
        labels = (column, column, "") if found is None else (found.label_zh, found.label_en, found.unit)
        described.append(dict(zip(("name", "label_zh", "label_en", "unit"), (column, *labels), strict=True)))
    words = {} if table is None else dict(vars(table))
    return {"name": name, **words, "columns": described}
