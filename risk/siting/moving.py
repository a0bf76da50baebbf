"""A project moved as a whole to another place of its park."""

import dataclasses

import numpy as np
import pandas as pd

from parkrisk.models.errors import OutOfRange
from parkrisk.risk.footprints.library import Floats
from parkrisk.scenarios.park import Park, Project, Tables
from parkrisk.scenarios.reading.coordinates import Placing

#: Tables of a project that keep their place in the world, whatever happens to its units.
_FIXED = ("targets", "population", "transport", "lines")


def units_of(project: Project, park: Park) -> pd.DataFrame:
    """Units of a project in the park's coordinates.

    Raises
    ------
    OutOfRange
        It has no units, or brings what cannot be moved with them.
    """
    units = project.tables["units"]
    if not len(units):
        raise OutOfRange("项目没有设备，无法选址", "the project has no units: there is nothing to place")
    fixed = [name for name in _FIXED if len(project.tables[name])]
    if fixed:
        names = ", ".join(fixed)
        raise OutOfRange(
            f"项目含有不能随设备平移的表：{names}", f"the project has tables that do not move with its units: {names}"
        )
    place = Placing(project.crs or park.crs, park.crs)
    units["x"], units["y"] = place.planar(units["x"].to_numpy(), units["y"].to_numpy())
    return units


def middle_of(units: pd.DataFrame) -> Floats:
    """Mean of the places of units: the point that is laid on a cell. [m]"""
    middle: Floats = units[["x", "y"]].to_numpy(dtype=np.float64).mean(axis=0)
    return middle


def moved_to(project: Project, park: Park, x: float, y: float) -> Project:
    """The project with the middle of its units at a place.

    Parameters
    ----------
    project : Project
    park : Park
        Its coordinates are those of the result.
    x, y : float
        In the planar CRS of the park. [m]

    Raises
    ------
    OutOfRange
        As `units_of`; or the place is not finite.
    """
    if not np.isfinite([x, y]).all():
        raise OutOfRange(f"位置 ({x}, {y}) 不是有限数", f"the place ({x}, {y}) is not finite")
    shift = np.array([x, y]) - middle_of(units_of(project, park))
    place = Placing(project.crs or park.crs, park.crs)
    frames = {name: project.tables[name] for name in project.tables}
    for frame in frames.values():
        if "x" in frame and len(frame):
            east, north = place.planar(frame["x"].to_numpy(), frame["y"].to_numpy())
            frame["x"], frame["y"] = east + shift[0], north + shift[1]
    return dataclasses.replace(project, crs=park.crs, tables=Tables(frames))
