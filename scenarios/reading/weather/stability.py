"""Pasquill stability of each hour, by methods whose tables stand in ``scenarios/data``."""

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["METHODS", "Method", "rules", "stability"]

Array = NDArray[np.float64]

_DATA = Path(__file__).parents[2] / "data"
_UNKNOWN = ""


@dataclass(frozen=True)
class Method:
    """A way to tell stability: columns of an hour it needs, and what it is called."""

    needs: tuple[str, ...]
    label_zh: str
    label_en: str


METHODS: Mapping[str, Method] = {
    "turner": Method(
        ("cloud",),
        "Turner（1964）净辐射指数法，EPA-454/R-99-005 表6-4～6-6",
        "Turner 1964, EPA-454/R-99-005 Tables 6-4 to 6-6",
    ),
    "gbt3840": Method(
        ("cloud", "low_cloud"),
        "GB/T 3840-91 修订帕斯奎尔法（半级取较稳定一级；5～6 m/s 一行为单一来源）",
        "GB/T 3840-91, half classes to the more stable one; its row of 5 to 6 m/s from one source",
    ),
    "srdt": Method(
        ("solar",),
        "EPA-454/R-99-005 表6-7 太阳辐射/温差法（无温差的夜间按 Turner 法）",
        "EPA-454/R-99-005 Table 6-7, solar radiation and delta-T; nights without delta-T after Turner",
    ),
}


def _rows(name: str) -> list[dict[str, str]]:
    with (_DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@functools.cache
def rules() -> Mapping[str, float]:
    """Numbers of ``data/weather_rules.csv`` by name."""
    return {row["name"]: float(row["value"]) for row in _rows("weather_rules")}


@functools.cache
def _key(method: str) -> tuple[Array, Array, NDArray[np.str_]]:
    """Lower bounds of wind and of the index, both rising, and the class of each pair, shape (winds, indices)."""
    table = {
        (float(r["wind_from"]), float(r["index"])): r["stability"]
        for r in _rows("stability_keys")
        if r["method"] == method
    }
    winds, indices = (np.array(sorted({pair[axis] for pair in table})) for axis in (0, 1))
    classes = np.array([[table[wind, index] for index in indices.tolist()] for wind in winds.tolist()])
    return winds, indices, classes


def _looked_up(method: str, speed: Array, index: Array) -> NDArray[np.str_]:
    winds, indices, classes = _key(method)
    tenths = np.round(speed, 1) + 1e-9  # the tables give winds to 0.1 m/s
    row = np.searchsorted(winds, tenths, side="right") - 1
    column = np.clip(np.searchsorted(indices, index, side="right") - 1, 0, len(indices) - 1)
    return np.where(np.isnan(index) | np.isnan(speed), _UNKNOWN, classes[row, column])


@functools.cache
def _insolation(method: str) -> Mapping[tuple[float, float], tuple[Array, Array]]:
    """(low cloud from, total cloud from) → altitudes above which a row holds, and its index."""
    found: dict[tuple[float, float], list[tuple[float, float]]] = {}
    for row in _rows("insolation"):
        if row["method"] == method:
            group = (float(row["low_cloud_from"]), float(row["cloud_from"]))
            found.setdefault(group, []).append((float(row["altitude_from"]), float(row["index"])))
    return {
        group: (np.array(sorted(pairs))[:, 0], np.array(sorted(pairs))[:, 1]) for group, pairs in sorted(found.items())
    }


def _by_altitude(rows: tuple[Array, Array], altitude: Array) -> Array:
    """A row holds above its altitude, not at it."""
    place: Array = rows[1][np.maximum(np.searchsorted(rows[0], altitude, side="left") - 1, 0)]
    return place


def _night_index(cloud: Array, ceiling: Array) -> Array:
    index = np.where(cloud > rules()["much_cloud_night"], -1.0, -2.0)
    index[(cloud >= 10.0) & (ceiling < rules()["low_ceiling"])] = 0.0
    return np.where(np.isnan(cloud), np.nan, index)


def _turner_index(hours: pd.DataFrame) -> Array:
    """Net radiation index, Table 6-6: cloud weakens the insolation by day and keeps the ground warm by night."""
    cloud = np.floor(hours["cloud"].to_numpy() + 0.5)
    given = hours["ceiling_m"].to_numpy()
    ceiling = np.where(np.isnan(given), rules()["assumed_ceiling"], given)
    insolation = _by_altitude(_insolation("turner")[0.0, 0.0], hours["altitude"].to_numpy())
    much = cloud > rules()["much_cloud_day"]
    off = np.select([ceiling < rules()["low_ceiling"], ceiling < rules()["middle_ceiling"]], [2.0, 1.0], 0.0)
    off += rules()["overcast_step"] * ((cloud >= 10.0) & (ceiling >= rules()["low_ceiling"]))
    day = np.where(much, np.maximum(insolation - off, 1.0), insolation)
    day[(cloud >= 10.0) & (ceiling < rules()["low_ceiling"])] = 0.0
    index = np.where(hours["dark"].to_numpy(), _night_index(cloud, ceiling), day)
    return np.where(np.isnan(cloud), np.nan, index)


def _gbt3840_index(hours: pd.DataFrame) -> Array:
    cloud, low = (np.floor(hours[name].to_numpy() + 0.5) for name in ("cloud", "low_cloud"))
    index = np.full(len(hours), np.nan)
    for (low_from, cloud_from), rows in _insolation("gbt3840").items():  # the last that holds counts
        holds = (low >= low_from) & (cloud >= cloud_from)
        index[holds] = _by_altitude(rows, hours["altitude"].to_numpy()[holds])
    return index


def _srdt(hours: pd.DataFrame, speed: Array) -> NDArray[np.str_]:
    day = _looked_up("srdt_day", speed, hours["solar"].to_numpy())
    night = _looked_up("srdt_night", speed, hours["gradient"].to_numpy())
    by_cloud = _looked_up("turner", speed, _turner_index(hours))
    return np.where(hours["dark"].to_numpy(), np.where(night == _UNKNOWN, by_cloud, night), day)


def stability(hours: pd.DataFrame, speed: Array, method: str) -> NDArray[np.str_]:
    """Stability class of each hour.

    Parameters
    ----------
    hours : DataFrame
        Columns cloud and low_cloud [tenths], ceiling_m [m], solar [W/m²], gradient [K], NaN where not known; altitude
        of the sun [deg]; dark, whether the hour lies between one hour before sunset and one hour after sunrise.
    speed : array, shape (n,)
        Wind at 10 m. [m/s]
    method : str
        Key of ``METHODS``.

    Returns
    -------
    array of str, shape (n,)
        "A" to "F", "" where a value that the method needs is not known.

    Notes
    -----
    Cloud is rounded to whole tenths and wind to 0.1 m/s, as the tables have them.
    """
    if method == "srdt":
        return _srdt(hours, speed)
    index = _turner_index(hours) if method == "turner" else _gbt3840_index(hours)
    return _looked_up(method, speed, index)
