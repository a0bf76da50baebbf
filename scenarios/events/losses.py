"""Losses of containment of one unit: which holes and ruptures, how often, how long they last."""

import functools
import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd

from parkrisk.models.errors import OutOfRange

#: Largest leak that a share of the bore may stand for. [m] (CPR 18E section 3.2.3)
LARGEST_LEAK = 0.05


@dataclass(frozen=True)
class Loss:
    """One loss of containment.

    Parameters
    ----------
    loc : str
        Name within the set: small_hole, medium_hole, large_hole, rupture, instantaneous, ten_minutes, leak, relief,
        warehouse_fire, detonation; or what a row of the losses table calls it.
    release : str
        How the content leaves: "hole", "full_bore" (the largest connection breaks), "rate" (as stated), "relief" (a
        relief valve opens), "instantaneous", "ten_minutes", "fire" (the store burns) or "detonation".
    hole_diameter : float
        NaN where there is no hole. [m]
    frequency : float
        [1/yr]
    source, mark : str
        Where the frequency comes from, and how far it was verified: "V", "1", "M", or "user" of the park's own rows.
    rate, duration : float
        Stated by a row of the losses table; NaN: by the model. [kg/s], [s]
    volume : float
        Of liquid that gets out at most; NaN: no limit. [m³]
    """

    loc: str
    release: str
    hole_diameter: float
    frequency: float
    source: str
    mark: str
    rate: float = math.nan
    duration: float = math.nan
    volume: float = math.nan


def read_data(name: str) -> pd.DataFrame:
    """Read one file of ``scenarios/data``."""
    with resources.files("parkrisk.scenarios").joinpath("data", name).open(encoding="utf-8") as file:
        return pd.read_csv(file)


@functools.cache
def loss_table() -> pd.DataFrame:
    """Give all sets of losses of containment as shipped; callers must not change it."""
    return read_data("loss_of_containment.csv")


@functools.cache
def _rows_of(loss_set: str, kind: str) -> list[dict[Hashable, Any]]:
    table = loss_table()
    return table[(table["set"] == loss_set) & (table["unit_kind"] == kind)].to_dict("records")


@functools.cache
def loss_sets() -> tuple[str, ...]:
    """Names of the sets."""
    return tuple(sorted(loss_table()["set"].unique()))


def check_loss_set(name: str) -> None:
    """Raise OutOfRange unless there is such a set."""
    if name not in loss_sets():
        names = ", ".join(loss_sets())
        raise OutOfRange(f"未知的泄漏场景集 {name}，可用：{names}", f"unknown loss set {name}; known: {names}")


@functools.cache
def rule(name: str) -> float:
    """Give a number of ``data/release_rules.csv``, in the unit that stands there."""
    table = read_data("release_rules.csv")
    return float(table.loc[table["name"] == name, "value"].iloc[0])


def loss_names(kind: str, loss_set: str = "") -> frozenset[str]:
    """Names of the losses of a kind of unit in a set; in any of them if none is named."""
    sets = [loss_set] if loss_set else loss_sets()
    return frozenset(row["loc"] for name in sets for row in _rows_of(name, kind))


def losses(
    kind: str, loss_set: str, *, bore: float, length: float, hours: float, relief_area: float = math.nan
) -> tuple[Loss, ...]:
    """Losses of containment of a unit.

    Parameters
    ----------
    kind : str
        Kind of unit, as in the units table.
    loss_set : str
        "aqt3046" (hole sizes of AQ/T 3046-2013 with API RP 581 frequencies) or "purple_book" (CPR 18E).
    bore : float
        Diameter of the largest connection. [m]
    length : float
        Of a pipeline. [m]
    hours : float
        Hours of transfer per year of a loading arm. [h/yr]
    relief_area : float
        Discharge area of a relief valve to the air; NaN: none, and none opens. [m²]

    Returns
    -------
    tuple of Loss
        Empty where the set knows no losses for this kind. Holes as wide as the bore of a line or wider are left out:
        its full-bore rupture stands for them (AQ/T 3046-2013 8.1.1).

    Raises
    ------
    OutOfRange
        The set is unknown, or it counts by length and the length is NaN.
    """
    check_loss_set(loss_set)
    rows = [row for row in _rows_of(loss_set, kind) if _in_class(row, 1000.0 * bore)]
    times = {"year": 1.0, "metre_year": length, "hour": hours}
    lines = any(row["release"] == "full_bore" for row in rows)
    if math.isnan(length) and any(row["per"] == "metre_year" for row in rows):
        raise OutOfRange("管道缺少长度 length_m", "the pipeline needs its length_m")
    found = []
    for row in rows:
        release, diameter = _opening(row["release"], row["hole_mm"], bore)
        too_wide = lines and row["release"] == "hole" and diameter >= bore
        if too_wide or (release == "relief" and math.isnan(relief_area)):
            continue
        frequency = row["frequency"] * times[row["per"]]
        found.append(Loss(row["loc"], release, diameter, frequency, row["source"], row["mark"]))
    return tuple(found)


def _in_class(row: Mapping[Hashable, Any], bore_mm: float) -> bool:
    """Whether a row of the table is for units of this bore."""
    return not (bore_mm < row["bore_from_mm"] or bore_mm >= row["bore_below_mm"])


def _opening(release: str, size: float, bore: float) -> tuple[str, float]:
    if release == "full_bore":
        return release, bore
    if release == "hole_fraction":
        return "hole", min(size * bore, LARGEST_LEAK)
    if release == "hole":
        return "hole", size / 1000.0
    return release, float("nan")


@functools.lru_cache(maxsize=1000)
def isolation_time(detection: str, isolation: str, hole_diameter: float) -> float:
    """How long a hole leaks before it is found and shut.

    Parameters
    ----------
    detection, isolation : str
        Classes "A" (best) to "C" of the detection and isolation systems.
    hole_diameter : float
        [m]

    Returns
    -------
    float
        Of the nearest tabulated hole (5, 25, 100 mm) in ratio. [s]

    Raises
    ------
    OutOfRange
        A class is not A, B or C, or the diameter is not positive.

    Notes
    -----
    AQ/T 3046-2013 Table F.2.
    """
    table = read_data("isolation_times.csv")
    rows = table[(table["detection_class"] == detection) & (table["isolation_class"] == isolation)]
    if rows.empty or not hole_diameter > 0.0:
        raise OutOfRange(
            f"探测等级 {detection}、隔离等级 {isolation} 应为 A、B 或 C，孔径应大于 0",
            f"detection {detection} and isolation {isolation} must be A, B or C, and the hole wider than 0",
        )
    nearest = int(np.argmin(np.abs(np.log(rows["hole_mm"].to_numpy() / (1000.0 * hole_diameter)))))
    return float(rows["release_min"].iloc[nearest]) * 60.0
