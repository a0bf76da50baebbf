"""Checks of where units stand: in one place, or one within the shell of another."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import KDTree

from parkrisk.models.errors import Problem
from parkrisk.scenarios.facility.network import Floats
from parkrisk.scenarios.messages import listed, problem

__all__ = ["places_shared", "units_apart"]

#: Kinds whose shell holds no other unit.
_CLOSED = ("atmospheric_tank", "pressure_vessel", "refrigerated_tank")
_NEIGHBOURS = 8  # as many of the nearest units are looked at
_SAME_PLACE_DECIMALS = 1  # units within 0.1 m of each other stand in one place


def _row(number: Any) -> int | None:
    return int(number) or None


def places_shared(x: Floats, y: Floats) -> list[NDArray[np.intp]]:
    """Groups of points that stand in one place, in the order of their first ones."""
    found: dict[tuple[float, float], list[int]] = {}
    rounded = (np.round(axis, _SAME_PLACE_DECIMALS).tolist() for axis in (x, y))
    for point, place in enumerate(zip(*rounded, strict=True)):
        if not any(map(math.isnan, place)):
            found.setdefault(place, []).append(point)
    return [np.array(points) for points in found.values() if len(points) > 1]


def units_apart(units: pd.DataFrame) -> Iterator[Problem]:
    """Yield units that stand in one place, and those whose centre or shell lies within the shell of a tank or vessel.

    Neither is an error: in a process structure equipment stands one above the other, and coordinates of a whole plant
    are often those of its middle. Pipelines are left out, since several share a rack.
    """
    known = units["x"].notna() & units["y"].notna()
    there = units[(units["in_service"] != "no") & (units["kind"] != "pipeline") & known]
    there = there[~there["unit_id"].duplicated()]  # one unit in two rows is named as such
    place, names = there[["x", "y"]].to_numpy(), there["unit_id"].tolist()
    together = np.zeros(len(there), dtype=np.int64)
    for number, group in enumerate(places_shared(*place.T), start=1):
        together[group] = number
        first = _row(there.index.to_numpy()[group[0]])
        yield problem("same_place", "units", first, "x", listed(names[at] for at in group), count=len(group))
    if len(there) < 2:
        return
    closed = there["kind"].isin(_CLOSED).to_numpy()
    radius = 0.5 * there["diameter_m"].fillna(0.0).to_numpy()
    distance, near = KDTree(place).query(place, k=range(2, min(_NEIGHBOURS, len(there)) + 1))
    reach = closed[:, None] * radius[:, None] + closed[near] * radius[near]
    inside = (distance < reach) & ((together[:, None] == 0) | (together[:, None] != together[near]))
    said: set[frozenset[int]] = set()
    for at, column in zip(*(each.tolist() for each in np.nonzero(inside)), strict=True):
        other = int(near[at, column])
        if (pair := frozenset((at, other))) not in said:
            said.add(pair)
            words = {"unit": names[at], "other": names[other], "expected": float(reach[at, column])}
            row, found = _row(there.index.to_numpy()[at]), float(distance[at, column])
            yield problem("inside_shell", "units", row, "x", found, **words)
