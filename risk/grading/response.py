"""Response cover: the share of a park's hazard units that a station reaches in time.

A crew reaches a place after it has turned out and come along the straight line as fast as the design of fire stations
takes it to. The response that a station states runs from the alarm to its first action and is no arrival; but a
station that states a longer one than the published response of a fire service comes later by the difference. A
shorter one earns nothing. A hazard unit is reached when all its equipment in service is.
"""

import csv
import functools

import numpy as np
import pandas as pd

from parkrisk.risk.rules.facts import RULES_FOLDER, Fact, known, unknown
from parkrisk.scenarios.facility.protection import FIRE_FIGHTERS, approach_speed, first_response_mean
from parkrisk.scenarios.park import Park

_MINUTE = 60.0
_MARK = "1"  # turn-out and speed of approach stand in one source each


@functools.cache
def response_limits() -> dict[str, float]:
    """Times of the standard: ``arrival`` after the order to turn out, and ``turn_out`` as part of it. [s]"""
    with (RULES_FOLDER / "response_limits.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: float(row["value"]) * _MINUTE for row in csv.DictReader(file)}


def arrivals(park: Park) -> pd.DataFrame:
    """When the first crew reaches every unit in service.

    Returns
    -------
    DataFrame
        unit_id, hazard_unit_id, station_id (the one that is first; "" where there is none), arrival [s], reached.
    """
    units, response = park.tables["units"], park.tables["response"]
    units = units[units["in_service"] != "no"].reset_index(drop=True)
    stations = response[response["kind"].isin(FIRE_FIGHTERS)].reset_index(drop=True)
    found = pd.DataFrame({"unit_id": units["unit_id"], "hazard_unit_id": units["hazard_unit_id"]})
    if not len(stations):
        return found.assign(station_id="", arrival=np.inf, reached=False)
    stated = stations["mean_min"].to_numpy(dtype=np.float64) * _MINUTE
    late = np.fmax(stated - first_response_mean(), 0.0)
    x, y = (units[name].to_numpy(float)[:, None] - stations[name].to_numpy(float) for name in ("x", "y"))
    times = response_limits()["turn_out"] + late + np.hypot(x, y) / approach_speed()
    first = times.argmin(axis=1)
    arrival = np.take_along_axis(times, first[:, None], axis=1)[:, 0]
    return found.assign(
        station_id=stations["station_id"].to_numpy()[first],
        arrival=arrival,
        reached=arrival <= response_limits()["arrival"],
    )


def response_cover(park: Park) -> Fact:
    """Share of the hazard units that some station reaches in time [%]; unknown where no fire-fighting station is given.

    Notes
    -----
    GB 51080-2015, 4.1.3: 5 min from the order to turn out. One hazard unit counts as much as another.
    """
    response = park.tables.get("response")
    if response is None or not response["kind"].isin(FIRE_FIGHTERS).any():
        return unknown("response", unit="%")
    table = arrivals(park)
    if not len(table):
        return unknown("units", unit="%")
    reached = table.groupby("hazard_unit_id")["reached"].all()
    share = 100.0 * int(reached.sum()) / len(reached)
    return known(share, unit="%", origin="computed: GB 51080-2015 4.1.3, stations and units", mark=_MARK)


__all__ = ["arrivals", "response_cover", "response_limits"]
