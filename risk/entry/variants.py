"""The same project with less in it, or at another place."""

import dataclasses
from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from parkrisk.scenarios.park import Project, ordered
from parkrisk.scenarios.reading.defaults import DECLARED

#: Columns of the units table that say how much is in a unit.
_FILLING = ("fill_fraction", "max_fill_fraction", "mass_t")


def refilled(project: Project, units: Collection[str], factor: float) -> Project:
    """Project whose units hold that share of what they held, by usual fill and by design.

    Parameters
    ----------
    project : Project
    units : collection of str
        unit_id.
    factor : float
        0 to 1.
    """
    frames = dict(project.tables)
    for name, columns in (("units", _FILLING), ("contents", ("mass_t",))):
        frame = frames[name]
        chosen = frame["unit_id"].isin(set(units))
        for column in columns:
            frame[column] = frame[column].where(~chosen, frame[column] * factor)
        frames[name] = frame
    kept = {
        row
        for row in project._assumptions
        if row[-1] == DECLARED or row[0] not in ("units", "contents") or row[2] not in _FILLING
    }
    return dataclasses.replace(project, tables=ordered(frames), _assumptions=frozenset(kept))


def movable(project: Project) -> bool:
    """Whether the project stands at points only, and not in the place of what it alters."""
    frames = project.tables
    areas = any("polygon" in frame and bool((frame["polygon"] != "").any()) for frame in frames.values())
    on_lines = bool((frames["units"]["line_id"] != "").any()) or len(frames["lines"]) + len(frames["transport"]) > 0
    return project.category != "altered" and not areas and not on_lines


def moved(project: Project, dx: float, dy: float) -> Project:
    """Project with everything that it brings moved. [m]"""
    frames: dict[str, pd.DataFrame] = dict(project.tables)
    for name, frame in frames.items():
        if "x" in frame:
            frames[name] = frame.assign(x=frame["x"] + dx, y=frame["y"] + dy)
    return dataclasses.replace(project, tables=ordered(frames))


def meeting(project: Project, condition: Mapping[str, Any]) -> Project:
    """Project changed as a condition of kind "inventory" or "move" asks: what the proof of the condition judged."""
    numbers = condition["numbers"]
    if condition["kind"] == "inventory":
        return refilled(project, numbers["units"], numbers["factor"])
    return moved(project, numbers["dx_m"], numbers["dy_m"])
