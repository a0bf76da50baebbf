"""The ignition event tree: how likely a release burns at once, later, and as what."""

import functools
import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

import pandas as pd

from parkrisk.models.errors import OutOfRange


@dataclass(frozen=True)
class Branch:
    """A probability with its source and mark."""

    probability: float
    source: str
    mark: str


@functools.cache
def _rows(kind: str) -> list[dict[Hashable, Any]]:
    path = resources.files("parkrisk.scenarios").joinpath("data", "ignition.csv")
    with path.open(encoding="utf-8") as file:
        table = pd.read_csv(file, dtype={"category": str})
    return table[table["kind"] == kind].to_dict("records")


def immediate_ignition(category: str, reactivity: str, *, rate: float = math.nan, mass: float = math.nan) -> Branch:
    """Probability that a release of a stationary unit ignites at once.

    Parameters
    ----------
    category : str
        Ignition category of the substance at its working temperature, "0" to "4".
    reactivity : str
        "low", "medium" or "high"; used for category 0 only.
    rate : float
        Of a continuous release. [kg/s]
    mass : float
        Of an instantaneous release; give one of the two. [kg]

    Returns
    -------
    Branch

    Raises
    ------
    OutOfRange
        The category is unknown, or a category 0 release has neither rate nor mass.

    Notes
    -----
    AQ/T 3046-2013 Table G.1. The middle band includes both its ends (10 to 100 kg/s, 1,000 to 10,000 kg).
    """
    for row in _rows("immediate"):
        if row["category"] != category or row["reactivity"] not in (reactivity, "any"):
            continue
        if row["reactivity"] == "any" or _in_band(row, rate, mass):
            return Branch(row["value"], row["source"], row["mark"])
    raise OutOfRange(
        f"点火类别 {category}、反应性 {reactivity} 或泄漏量不在 AQ/T 3046 表 G.1 内",
        f"ignition category {category}, reactivity {reactivity} or release size is not in AQ/T 3046 Table G.1",
    )


def _in_band(row: Mapping[Hashable, Any], rate: float, mass: float) -> bool:
    if math.isfinite(rate):
        size, low, high = rate, row["rate_min_kg_s"], row["rate_max_kg_s"]
    elif math.isfinite(mass):
        size, low, high = mass, row["mass_min_kg"], row["mass_max_kg"]
    else:
        return False
    if math.isnan(low):
        return bool(size < high)
    if math.isnan(high):
        return bool(size > low)
    return bool(low <= size <= high)


def _single(kind: str) -> Branch:
    (row,) = _rows(kind)
    return Branch(row["value"], row["source"], row["mark"])


@functools.cache
def ignition_within_minute(kind: str) -> Branch:
    """Probability that an ignition source ignites a cloud which covers it for one minute.

    Parameters
    ----------
    kind : str
        As in the ignition table of a park; of "power_line" it is that of 100 m, of "person" that of one.

    Raises
    ------
    OutOfRange
        The kind is unknown.

    Notes
    -----
    AQ/T 3046-2013 Table G.5. Over any other time t it is 1 − exp(−ωt), ω from the value for one minute.
    """
    for row in _rows("source"):
        if row["category"] == kind:
            return Branch(row["value"], row["source"], row["mark"])
    raise OutOfRange(f"未知的点火源类型 {kind}", f"unknown kind of ignition source {kind}")


def delayed_ignition() -> Branch:
    """Probability that a flammable cloud which did not ignite at once ignites later, in the free field."""
    return _single("delayed")


def flash_fire_share() -> Branch:
    """Share of delayed ignitions that burn as a flash fire; the rest explode."""
    return _single("split_flash_fire")
