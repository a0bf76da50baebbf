"""Losses of containment of one unit: which holes and ruptures, how often, how long they last."""

import functools
import math
from collections.abc import Hashable
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
        Name within the set: small_hole, medium_hole, large_hole, rupture, instantaneous, ten_minutes, leak,
        warehouse_fire, detonation.
    release : str
        How the content leaves: "hole", "instantaneous", "ten_minutes", "fire" (the store burns) or "detonation".
    hole_diameter : float
        NaN where there is no hole. [m]
    frequency : float
        [1/yr]
    source, mark : str
        Where the frequency comes from, and how far it was verified (V, 1, M).
    """

    loc: str
    release: str
    hole_diameter: float
    frequency: float
    source: str
    mark: str


def _read(name: str) -> pd.DataFrame:
    with resources.files("parkrisk.scenarios").joinpath("data", name).open(encoding="utf-8") as file:
        return pd.read_csv(file)


@functools.cache
def loss_table() -> pd.DataFrame:
    """Give all sets of losses of containment as shipped; callers must not change it."""
    return _read("loss_of_containment.csv")


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


def losses(kind: str, loss_set: str, *, bore: float, length: float, hours: float) -> tuple[Loss, ...]:
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
    rows = _rows_of(loss_set, kind)
    times = {"year": 1.0, "metre_year": length, "hour": hours}
    lines = any(row["release"] == "full_bore" for row in rows)
    if math.isnan(length) and any(row["per"] == "metre_year" for row in rows):
        raise OutOfRange("管道缺少长度 length_m", "the pipeline needs its length_m")
    found = []
    for row in rows:
        release, diameter = _opening(row["release"], row["hole_mm"], bore)
        if lines and row["release"] == "hole" and diameter >= bore:
            continue
        frequency = row["frequency"] * times[row["per"]]
        found.append(Loss(row["loc"], release, diameter, frequency, row["source"], row["mark"]))
    return tuple(found)


def _opening(release: str, size: float, bore: float) -> tuple[str, float]:
    if release == "full_bore":
        return "hole", bore
    if release == "hole_fraction":
        return "hole", min(size * bore, LARGEST_LEAK)
    if release == "hole":
        return "hole", size / 1000.0
    return release, float("nan")


@functools.cache
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
    table = _read("isolation_times.csv")
    rows = table[(table["detection_class"] == detection) & (table["isolation_class"] == isolation)]
    if rows.empty or not hole_diameter > 0.0:
        raise OutOfRange(
            f"探测等级 {detection}、隔离等级 {isolation} 应为 A、B 或 C，孔径应大于 0",
            f"detection {detection} and isolation {isolation} must be A, B or C, and the hole wider than 0",
        )
    nearest = int(np.argmin(np.abs(np.log(rows["hole_mm"].to_numpy() / (1000.0 * hole_diameter)))))
    return float(rows["release_min"].iloc[nearest]) * 60.0
