"""Files of a portfolio: table, ranking, problems, and the parks of the province on one map."""

import datetime as dt
import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio.errors
import shapely

from parkrisk.api.drawn.assessment import level_colours
from parkrisk.api.drawn.page import power
from parkrisk.api.drawn.portfolio import LETTER_COLOURS
from parkrisk.api.written.geopackage import Layer, array_of, colour_of, write_layers
from parkrisk.api.written.qgis import Category, Style
from parkrisk.risk.files import write_table
from parkrisk.risk.portfolio.errors import NotWritable
from parkrisk.risk.portfolio.outcome import ASSESSED
from parkrisk.risk.portfolio.portfolio import Portfolio
from parkrisk.risk.portfolio.row import CRS
from parkrisk.risk.portfolio.table import ranking

__all__ = ["write_portfolio"]

_PROBLEMS = ("park", "severity", "table", "row", "column", "code", "found", "message_zh", "message_en", "place")
_OF_PARK = (
    "park",
    "rank",
    "name",
    "code",
    "date",
    "grade",
    "grade_worst",
    "grade_best",
    "score_low",
    "score_high",
    "pll",
    "complete",
    "fn_ratio",
    "fn_zone",
    "targets_over_limit",
    "targets_unknown",
    "worst_target_ratio",
    "units",
    "people_day",
    "people_night",
    "major_hazards_1",
    "major_hazards_2",
    "major_hazards_3",
    "major_hazards_4",
    "result_digest",
)
_LAYERS = ("park_areas", "contours", "targets", "parks")  # as they lie on one another
_MAP = "portfolio.gpkg"
_FAIL, _UNKNOWN = "#d55e00", "#999999"


def write_portfolio(found: Portfolio, folder: str | Path, lang: str = "zh") -> Path:
    """Write ``portfolio.parquet``, ``portfolio.gpkg``, ``ranking.csv``, ``problems.csv`` and ``seconds.csv``.

    All but the last are the same, byte for byte, for the same parks, rules, settings, seed and engine.

    Parameters
    ----------
    found : Portfolio
    folder : path
        Files of the same names are replaced once all are written; without any park on it, the map is taken away.
    lang : str
        "zh" or "en": labels of the legends of the map.

    Raises
    ------
    NotWritable
        There is no room, or no leave; files of an earlier run are as they were.
    """
    target = Path(folder)
    try:
        with tempfile.TemporaryDirectory(prefix=".half-", dir=target) as half:
            _write(found, Path(half), lang)
            (target / _MAP).unlink(missing_ok=True)
            for path in sorted(Path(half).iterdir()):
                path.replace(target / path.name)
    except (OSError, pa.ArrowException, pyogrio.errors.DataSourceError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise NotWritable(f"无法写入 {target}：{reason}", f"cannot write to {target}: {reason}") from None
    return target


def _write(found: Portfolio, target: Path, lang: str) -> None:
    pq.write_table(pa.Table.from_pandas(found.table, preserve_index=False), target / "portfolio.parquet")
    write_table(target / "ranking.csv", ranking(found.table))
    write_table(target / "problems.csv", _problems(found))
    seconds = sorted(found.seconds.items())
    write_table(target / "seconds.csv", pd.DataFrame(seconds, columns=["park", "seconds"]))
    days = [dt.date.fromisoformat(day) for day in found.table.loc[found.table["status"] == ASSESSED, "date"]]
    layers = {name: _layer(name, rows, lang) for name, rows in _places(found).items() if rows}
    if layers:
        write_layers(target / _MAP, layers, CRS, max(days))


def _problems(found: Portfolio) -> pd.DataFrame:
    """Everything that is wrong or doubtful with the input of any park; of one that failed otherwise, why."""
    rows: list[dict[str, Any]] = []
    for each in found.table[found.table["status"] != ASSESSED].to_dict("records"):
        message = {name: each[name] for name in ("message_zh", "message_en")}
        rows.append({"park": each["park"], "severity": "error", "code": each["fault"], **message})
    for row, outcome in found.outcomes():
        rows += [{"park": row["park"], **problem} for problem in outcome.problems]
    table = pd.DataFrame(rows, columns=list(_PROBLEMS), dtype=object).sort_values("park", kind="stable")
    filled = table.fillna({"table": "", "column": "", "found": ""}).astype({"row": "Int64"})
    return filled.reset_index(drop=True)


def _places(found: Portfolio) -> dict[str, list[dict[str, Any]]]:
    """Features of all parks by layer, each with the name of its park; those of ``parks`` with its figures."""
    every: dict[str, list[dict[str, Any]]] = {name: [] for name in _LAYERS}
    for row, outcome in found.outcomes():
        figures = {name: row[name] for name in _OF_PARK}
        for name, features in outcome.layers.items():
            own = figures if name.startswith("park") else {"park": row["park"], "park_name": row["name"]}
            every[name] += [{**own, **feature} for feature in features]
    return every


def _layer(name: str, rows: Sequence[dict[str, Any]], lang: str) -> Layer:
    shapes = array_of(shapely.from_wkb([row["geometry"] for row in rows]))
    table = pd.DataFrame(rows).drop(columns="geometry")
    if name == "contours":
        table.insert(2, "level", table["individual_risk_per_year"].map(power))
        order = table["individual_risk_per_year"].argsort(kind="stable")  # the highest on top
        levels = sorted(set(table["individual_risk_per_year"]), reverse=True)
        return shapes[order], table.iloc[order], _of_contours(levels)
    return shapes, table, {"targets": _of_targets, "parks": _of_parks, "park_areas": _of_areas}[name](lang)


def _letters(lang: str, opacity: float) -> list[Category]:
    word = "级" if lang == "zh" else ""
    return [Category(letter, letter + word, colour, opacity=opacity) for letter, colour in LETTER_COLOURS.items()]


def _of_parks(lang: str) -> Style:
    return Style("point", "grade", _letters(lang, 1.0), size=4.5, label="name")


def _of_areas(lang: str) -> Style:
    return Style("polygon", "grade", _letters(lang, 0.25), size=0.5)


def _of_targets(lang: str) -> Style:
    words = {"fail": ("超过基准", "over its limit"), "unknown": ("未知", "unknown")}
    categories = [
        Category(status, words[status][lang != "zh"], colour, marker=marker)
        for status, colour, marker in (("fail", _FAIL, "triangle"), ("unknown", _UNKNOWN, "diamond"))
    ]
    return Style("point", "status", categories, size=3.0, label="name")


def _of_contours(levels: Sequence[float]) -> Style:
    colours = level_colours(tuple(levels))
    categories = [
        Category(power(level), f"≥ {power(level)} /a", colour_of(colours[level]), "#5d4037", opacity=0.55)
        for level in levels
    ]
    return Style("polygon", "level", categories, size=0.3)
