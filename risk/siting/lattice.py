"""The cells of a siting map: where they lie and how wide they are."""

import math

import numpy as np
import shapely

from parkrisk.models.errors import OutOfRange
from parkrisk.risk.individual import Raster
from parkrisk.scenarios.park import Park

_MOST_CELLS = 2000
#: Around the units of a park without boundary. [m]
_MARGIN = 500.0


def lattice(park: Park, cells: int, area: tuple[float, float, float, float] | None) -> Raster:
    """Square cells over an area, so many along its longer side.

    Parameters
    ----------
    park : Park
    cells : int
    area : (left, bottom, right, top) or None
        None: the box around the boundary, or around the units where there is none. [m]

    Raises
    ------
    OutOfRange
        The area is empty or not finite, the number of cells not from 1 to 2000, or there is nothing to draw a box
        around.
    """
    if not 1 <= cells <= _MOST_CELLS:
        raise OutOfRange(
            f"单元数须在 1 与 {_MOST_CELLS} 之间：{cells}", f"cells must be from 1 to {_MOST_CELLS}: {cells}"
        )
    left, bottom, right, top = _box(park) if area is None else area
    if not (np.isfinite([left, bottom, right, top]).all() and right > left and top > bottom):
        raise OutOfRange(
            f"选址范围无效：{(left, bottom, right, top)}", f"this is no area: {(left, bottom, right, top)}"
        )
    width = max(right - left, top - bottom) / cells
    nx, ny = (max(math.ceil(side / width - 1e-9), 1) for side in (right - left, top - bottom))
    return Raster(left + 0.5 * width, bottom + 0.5 * width, width, nx, ny)


def _box(park: Park) -> tuple[float, float, float, float]:
    if park.boundary is not None:
        left, bottom, right, top = park.boundary.bounds
        return float(left), float(bottom), float(right), float(top)
    units = park.tables["units"]
    if not len(units):
        raise OutOfRange(
            "园区没有四至范围，也没有设备：请给出范围", "the park has neither boundary nor units: give an area"
        )
    points = shapely.points(units["x"].to_numpy(dtype=np.float64), units["y"].to_numpy(dtype=np.float64))
    left, bottom, right, top = shapely.total_bounds(points)
    return float(left) - _MARGIN, float(bottom) - _MARGIN, float(right) + _MARGIN, float(top) + _MARGIN
