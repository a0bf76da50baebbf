"""Road and rail transport of dangerous goods along lines: how often a load leaks, and what it does then."""

import functools
import math
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from parkrisk.models.substance.substances import find
from parkrisk.scenarios.events.losses import Loss, read_data
from parkrisk.scenarios.events.own_losses import MARK
from parkrisk.scenarios.events.releases import LONGEST_RELEASE
from parkrisk.scenarios.ignition.event_tree import Branch

__all__ = ["KIND", "as_unit", "first_ignition", "has_rate", "transport_losses"]

#: Kind of unit that stands for a tank vehicle.
KIND = "tank_vehicle"

_ICE = 273.15


@functools.cache
def _accidents() -> list[dict[Hashable, Any]]:
    return read_data("transport_accidents.csv").to_dict("records")


@functools.cache
def _ignition() -> pd.DataFrame:
    return read_data("transport_ignition.csv").astype({"category": str})


def has_rate(mode: str, vehicle: str) -> bool:
    """Whether a rate is on record for a kind of way and vehicle."""
    return any((each["mode"], each["vehicle"]) == (mode, vehicle) and each["rate"] > 0.0 for each in _accidents())


def as_unit(row: Mapping[Any, Any], unit_columns: list[str]) -> dict[str, Any]:
    """Loaded vehicle of a row of the transport table, as a row of the units table.

    It belongs to no enterprise, so that everybody near the line counts in societal risk. It is as large as its load.
    """
    unit: dict[str, Any] = dict.fromkeys(unit_columns, math.nan)
    unit.update(
        unit_id=row["transport_id"],
        name=row["name"],
        enterprise_id="",
        kind=KIND,
        substance=row["substance"],
        temperature_c=float(row["temperature_c"]),
        pressure_kpa=float(row["pressure_kpa"]),
        mass_t=float(row["load_t"]),
        fill_fraction=1.0,
        max_fill_fraction=1.0,
    )
    return unit


def transport_losses(row: Mapping[Any, Any], length: float) -> tuple[Loss, ...]:
    """Losses of containment of one row of the transport table along its whole line.

    Parameters
    ----------
    row : mapping
        Of the transport table.
    length : float
        Of the line. [m]

    Returns
    -------
    tuple of Loss
        Loads per year × length × outflows per vehicle-km × share of each outflow. Nobody shuts a hole.

    Notes
    -----
    Only loaded runs count. The rates on record are from the Netherlands and unverified (mark M).
    """
    own = float(row["rate_per_vehicle_km"])
    found = []
    for each in _accidents():
        if (each["mode"], each["vehicle"]) != (row["mode"], row["vehicle"]):
            continue
        rate = each["rate"] if math.isnan(own) else own
        source = each["source"] if math.isnan(own) else f"{row['rate_source']}; shares: {each['source']}"
        frequency = float(row["loads_per_year"]) * length / 1000.0 * rate * each["share"]
        mark = each["mark"] if math.isnan(own) or each["mark"] == "M" else MARK  # shares stay those of the guideline
        hole = each["hole_mm"] / 1000.0
        found.append(
            Loss(
                each["loc"],
                each["release"],
                hole,
                frequency,
                source,
                mark,
                duration=LONGEST_RELEASE,
                volume=each["volume_m3"],
            )
        )
    return tuple(found)


def first_ignition(row: Mapping[Any, Any], instantaneous: bool) -> Branch | None:
    """Probability that what a vehicle loses ignites at once; None of what does not burn (AQ/T 3046-2013 Table G.2)."""
    category = find(row["substance"]).ignition_category(float(row["temperature_c"]) + _ICE)
    table = _ignition()
    vehicle = "rail" if row["mode"] == "rail" else "road"
    release = "instantaneous" if instantaneous else "continuous"
    fits = (
        (table["category"] == category)
        & table["vehicle"].isin([vehicle, "any"])
        & table["release"].isin([release, "any"])
    )
    found = [Branch(each["value"], each["source"], each["mark"]) for each in table[fits].to_dict("records")]
    return found[0] if found else None
