"""Where people are wanted: the surroundings of a park, divided into square cells."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from parkrisk.models.errors import InputProblems, OutOfRange
from parkrisk.scenarios.reading.boundary import boundary_polygon
from parkrisk.scenarios.reading.cells import typed
from parkrisk.scenarios.reading.coordinates import Placing, crs_of, epsg_code, placing, same_datum, same_system
from parkrisk.scenarios.reading.sources import read_source

__all__ = ["Window", "transformer", "window_of"]

Array = NDArray[np.float64]

_MOST_CELLS = 4_000_000


@dataclass(frozen=True)
class Window:
    """Rows and columns of square cells around a park.

    Parameters
    ----------
    place : Placing
        Coordinates of the park.
    west, south : float
        Corner of the window; a multiple of the cell. [m, planar CRS of the park]
    cell_m : float
    columns, rows : int
    """

    place: Placing
    west: float
    south: float
    cell_m: float
    columns: int
    rows: int

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north. [m]"""
        width, height = self.columns * self.cell_m, self.rows * self.cell_m
        return self.west, self.south, self.west + width, self.south + height

    def empty(self) -> Array:
        """Nobody anywhere, shape (rows, columns), south first."""
        return np.zeros((self.rows, self.columns))

    def add(self, people: Array, x: Array, y: Array, number: Array) -> None:
        """Add ``number`` people at points in planar metres to their cells, in place; those outside are left out."""
        column = np.floor((x - self.west) / self.cell_m)
        row = np.floor((y - self.south) / self.cell_m)
        inside = (column >= 0) & (column < self.columns) & (row >= 0) & (row < self.rows) & (number > 0.0)
        place = row[inside].astype(np.int64) * self.columns + column[inside].astype(np.int64)
        people += np.bincount(place, weights=number[inside], minlength=people.size).reshape(people.shape)

    def centres(self, people: Array) -> tuple[Array, Array, Array]:
        """x, y [m] and people of the cells where there are any."""
        row, column = (place.astype(np.float64) for place in np.nonzero(people))
        half, number = 0.5 * self.cell_m, people[np.nonzero(people)]
        return self.west + column * self.cell_m + half, self.south + row * self.cell_m + half, number

    def cell_of(self, x: float, y: float) -> tuple[int, int]:
        """Column and row of the cell that holds a point, of the nearest one if it lies outside. [m]"""
        column = math.floor((x - self.west) / self.cell_m)
        row = math.floor((y - self.south) / self.cell_m)
        return min(max(column, 0), self.columns - 1), min(max(row, 0), self.rows - 1)

    def as_given(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Coordinates of planar points in the CRS that the park's own tables are in."""
        if self.place.source == self.place.crs:
            return x, y
        back = pyproj.Transformer.from_crs(self.place.crs, self.place.source, always_xy=True)
        x, y = back.transform(x, y)
        return np.asarray(x), np.asarray(y)


def transformer(own: str, said: str, window: Window, name: str) -> pyproj.Transformer:
    """Return how coordinates of a file become those of a window.

    Parameters
    ----------
    own, said : str
        CRS of the file and that of ``--crs``, "" if there is none.
    window : Window
    name : str
        Of the file.

    Raises
    ------
    OutOfRange
        There is no CRS, it is not known, the two differ, or its datum cannot be converted.
    """
    if not own and not said:
        raise OutOfRange(
            f"{name} 没有声明坐标系，请用 --crs 给出 EPSG 代码", f"{name} declares no CRS; give its EPSG code by --crs"
        )
    systems = []
    for text in filter(None, (own, epsg_code(said))):
        try:
            systems.append(pyproj.CRS.from_user_input(text))
        except pyproj.exceptions.CRSError:
            raise OutOfRange(f"坐标系“{text}”无法识别", f"the CRS '{text}' is not known") from None
    way = pyproj.Transformer.from_crs(systems[0], window.place.crs, always_xy=True)
    corner = way.transform(*window.box[:2], direction="INVERSE")
    if not same_system(systems[0], systems[-1], *corner):
        raise OutOfRange(
            f"{name} 声明的坐标系为 {systems[0].name}，与 --crs {said} 不同；请核对，去掉 --crs 即按文件声明",
            f"{name} declares the CRS {systems[0].name}, which is not --crs {said}; leave --crs out to take its own",
        )
    if not same_datum(systems[0], crs_of(window.place.crs)):
        raise OutOfRange(
            f"{name} 的坐标系 {systems[0].name} 与园区坐标系之间没有公开的准确转换参数；请先由测绘部门转换为 CGCS2000",
            f"no public parameters lead from {systems[0].name} of {name} to the CRS of the park; have it converted",
        )
    return way


def _extent(units: pd.DataFrame, boundary: object) -> Array:
    """Corners that hold the units and the boundary, shape (2, 2)."""
    points = [units[["x", "y"]].dropna().to_numpy(dtype=np.float64)]
    if boundary is not None:
        points.append(shapely.get_coordinates(boundary))
    every = np.concatenate(points)
    if not len(every):
        raise OutOfRange(
            "园区没有设备也没有四至范围，无从确定范围", "the park has neither units nor a boundary to look around"
        )
    return np.array([every.min(axis=0), every.max(axis=0)])


def window_of(park: str | Path, within_m: float, cell_m: float) -> Window:
    """Cells around the units and the boundary of a park.

    Parameters
    ----------
    park : path
        As ``parkrisk.read`` takes it; only its CRS, units and boundary are looked at.
    within_m : float
        How far around them. [m]
    cell_m : float
        Side of a cell. [m]

    Raises
    ------
    InputProblems
        CRS or places of the park are faulty.
    OutOfRange
        There is nothing to look around, or the sizes cannot be.
    """
    if not (10.0 <= cell_m <= 5000.0 and 0.0 < within_m <= 100_000.0):
        raise OutOfRange(
            "单元边长应在 10 与 5000 m 之间，范围应在 0 与 100 km 之间",
            "cells should be 10 to 5000 m wide, the surroundings 0 to 100 km",
        )
    raw = read_source(park, "park")
    problems = [fault for fault in raw.problems if fault.table in ("park", "units") and fault.severity == "error"]
    if problems or "park" not in raw.tables or "units" not in raw.tables:
        raise InputProblems(problems or raw.problems)
    section = typed(raw.tables["park"])[0].iloc[0]
    units, faults = typed(raw.tables["units"])
    problems += [fault for fault in faults if fault.column in ("x", "y")]
    longitude = float(units["x"].median()) if len(units) else math.nan
    place, faults = placing(str(section["crs"]), str(section["planar_crs"]), "park", longitude)
    problems += faults
    boundary = None
    if place is not None:
        problems += [fault for fault in place.check("units", units) if fault.severity == "error"]
        units["x"], units["y"] = place.planar(units["x"].to_numpy(), units["y"].to_numpy())
        if raw.boundary is not None:
            boundary, faults = boundary_polygon(raw.boundary, str(section["boundary_crs"]), place)
            problems += [fault for fault in faults if fault.severity == "error"]
    if place is None or problems:
        raise InputProblems(problems)
    low, high = _extent(units, boundary)
    corner = np.floor((low - within_m) / cell_m) * cell_m
    columns, rows = (int(count) for count in np.ceil((high + within_m - corner) / cell_m))
    if columns * rows > _MOST_CELLS:
        raise OutOfRange(
            f"{columns} × {rows} 个单元太多，请加大单元边长",
            f"{columns} x {rows} cells are too many; take larger cells",
        )
    return Window(place, float(corner[0]), float(corner[1]), cell_m, columns, rows)
