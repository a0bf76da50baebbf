"""The table of a portfolio: one row a park, and the order in which the parks call for attention."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parkrisk.risk.portfolio.outcome import ASSESSED

__all__ = ["COLUMNS", "RANKED", "ranking", "table_of"]

_TEXT, _NUMBER, _WHOLE, _TRUTH = "str", "float64", "Int64", "boolean"

#: Column → type, in the order of the table.
COLUMNS: Mapping[str, str] = {
    "rank": _WHOLE,
    "park": _TEXT,
    "group": _TEXT,
    "name": _TEXT,
    "code": _TEXT,
    "date": _TEXT,
    "demonstration": _TRUTH,
    "status": _TEXT,
    "fault": _TEXT,
    "message_zh": _TEXT,
    "message_en": _TEXT,
    "errors": _WHOLE,
    "warnings": _WHOLE,
    "units": _WHOLE,
    "enterprises": _WHOLE,
    "people_day": _NUMBER,
    "people_night": _NUMBER,
    "grade": _TEXT,
    "grade_worst": _TEXT,
    "grade_best": _TEXT,
    "score": _NUMBER,
    "score_low": _NUMBER,
    "score_high": _NUMBER,
    "open_items": _WHOLE,
    "unverified": _TRUTH,
    "complete": _TRUTH,
    "pll": _NUMBER,
    "domino_share": _NUMBER,
    "fn_ratio": _NUMBER,
    "fn_n": _NUMBER,
    "fn_zone": _TEXT,
    "targets": _WHOLE,
    "targets_over_limit": _WHOLE,
    "targets_unknown": _WHOLE,
    "worst_target": _TEXT,
    "worst_target_ratio": _NUMBER,
    "major_hazards_1": _WHOLE,
    "major_hazards_2": _WHOLE,
    "major_hazards_3": _WHOLE,
    "major_hazards_4": _WHOLE,
    "major_hazards_open": _WHOLE,
    "rules": _TEXT,
    "seed": _WHOLE,
    "version": _TEXT,
    "input_digest": _TEXT,
    "rules_digest": _TEXT,
    "settings_digest": _TEXT,
    "result_digest": _TEXT,
    "key": _TEXT,
}

#: What the ranking shows of each park.
RANKED = (
    "rank",
    "park",
    "name",
    "status",
    "grade",
    "grade_worst",
    "grade_best",
    "score_low",
    "score_high",
    "pll",
    "complete",
    "fn_ratio",
    "fn_n",
    "fn_zone",
    "targets_over_limit",
    "targets_unknown",
    "worst_target_ratio",
    "major_hazards_1",
    "major_hazards_2",
    "open_items",
    "fault",
    "message_zh",
    "message_en",
)


def table_of(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Table of rows in the order of their park, each with its rank; a gap is what is not known."""
    listed = sorted(rows, key=lambda row: str(row["park"]))
    found = {}
    for name, kind in COLUMNS.items():
        values = [row.get(name) for row in listed]
        if kind == _TEXT:
            values = ["" if value is None else value for value in values]
        found[name] = pd.Series(values, dtype=kind)
    table = pd.DataFrame(found)
    return table.assign(rank=pd.Series(_ranks(table), dtype=_WHOLE))


def ranking(table: pd.DataFrame) -> pd.DataFrame:
    """Rows in the order of attention, with the columns of `RANKED`.

    Notes
    -----
    Parks stand in the order of the worst that what is known leaves possible, worst first: (1) worst possible letter;
    (2) parks without an assessment before others, as they may be anything; (3) lower bound of the score, the lowest
    first; (4) upper bound of the score, the lowest first; (5) a park with events that could not be computed, whose
    figures are lower bounds, before one without; (6) PLL, the largest first; (7) targets over their limit or of unknown
    state, the most first; (8) largest ratio of the F-N curve to its upper line. Equal parks share a rank and stand in
    the order of their ids.
    """
    return table.sort_values(["rank", "park"], kind="stable", ignore_index=True)[list(RANKED)]


def _ranks(table: pd.DataFrame) -> NDArray[np.int64]:
    """1 for the park that calls for attention first; what is unknown counts as the worst that it may be."""
    assessed = (table["status"] == ASSESSED).to_numpy()
    over = table["targets_over_limit"].fillna(0) + table["targets_unknown"].fillna(0)
    keys = [
        table["grade_worst"].where(assessed, "A").to_numpy(dtype="U1"),
        assessed,
        table["score_low"].fillna(-np.inf).to_numpy(),
        table["score_high"].fillna(-np.inf).to_numpy(),
        table["complete"].fillna(False).to_numpy(dtype=bool),
        -table["pll"].fillna(np.inf).to_numpy(),
        -over.to_numpy(dtype=np.float64),
        -table["fn_ratio"].fillna(np.inf).to_numpy(),
    ]
    every = list(zip(*(key.tolist() for key in keys), strict=True))
    first: dict[tuple[Any, ...], int] = {}
    for place, key in enumerate(sorted(every), start=1):
        first.setdefault(key, place)
    return np.array([first[key] for key in every], dtype=np.int64)
