"""Results as files in memory: JSON, Parquet."""

import io
import json
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from parkrisk.risk.files import cells_shown
from parkrisk.risk.result import plain

__all__ = ["as_json", "as_parquet"]


def as_json(content: Any) -> bytes:
    """JSON of tables, numbers and texts; NaN and infinity as null."""
    return json.dumps(plain(content), ensure_ascii=False, allow_nan=False).encode()


def as_parquet(table: pd.DataFrame) -> bytes:
    """Parquet of a table; the same bytes for the same table.

    Lists in cells are text, as CSV has them; so is a column that holds both texts and numbers, which Parquet cannot.
    """
    columns = {str(name): _column(table[name]) for name in table}
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, compression="zstd")
    return sink.getvalue()


def _column(column: "pd.Series[Any]") -> Any:
    if column.dtype != object:
        return pa.array(column, from_pandas=True)
    cells = [plain(cell) for cell in cells_shown(column)]
    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds <= {int, float} or len(kinds) == 1:
        return pa.array(cells) if kinds else pa.nulls(len(cells), pa.string())
    return pa.array([None if cell is None else str(cell) for cell in cells], pa.string())
