"""Sources along a line: pipelines, galleries, roads and railways cut into stretches, each a place of its own."""

import math
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from parkrisk.models.errors import OutOfRange
from parkrisk.scenarios.events.losses import rule

__all__ = ["Place", "lines_of", "stretches"]

Array = NDArray[np.float64]


class Place(NamedTuple):
    """Where events happen, the share of their frequency there, and what marks their ids ("" of a single place)."""

    x: float
    y: float
    share: float
    mark: str


def lines_of(points: pd.DataFrame) -> dict[str, Any]:
    """Lines of the table ``lines`` by their id, as shapely LineStrings. [m]"""
    found = {}
    for line_id, rows in points.groupby("line_id"):
        corners = rows.sort_values("point")[["x", "y"]].to_numpy(dtype=np.float64)
        found[str(line_id)] = shapely.LineString(corners)
    return found


def stretches(line: Any, longest: float | None = None) -> tuple[Place, ...]:
    """Cut a line into equal stretches.

    Parameters
    ----------
    line : shapely LineString
        [m]
    longest : float, optional
        Longest stretch; default: ``stretch_length`` of ``data/release_rules.csv``. [m]

    Returns
    -------
    tuple of Place
        The middle of each stretch along the line, with equal shares that sum to 1.

    Raises
    ------
    OutOfRange
        The line has no length, or more than 10,000 stretches.

    Notes
    -----
    The sum over the middles is the midpoint rule of the integral along the line. At a distance d from a straight line
    its error for an effect that fades smoothly over the distance d is about 2 exp(−2π d/h), h the length of a stretch:
    0.4 % at d = h. Across the edge of an effect that ends abruptly it is at most one stretch over the length of line
    within reach. Effects that reach less than half a stretch leave gaps: there risk is right only as a mean along the
    line.
    """
    most = rule("stretch_length") if longest is None else longest
    length = float(line.length)
    if not (length > 0.0 and length / most <= 10_000.0):
        raise OutOfRange(
            f"线路长度 {length:.0f} m 无效（须为正，且不超过 {10_000 * most:.0f} m）",
            f"a line of {length:.0f} m cannot be cut (it must be longer than 0 and at most {10_000 * most:.0f} m)",
        )
    number = math.ceil(length / most * (1.0 - 1e-12))
    middles = shapely.line_interpolate_point(line, (np.arange(number) + 0.5) * (length / number))
    width = len(str(number))
    return tuple(
        Place(float(x), float(y), 1.0 / number, f"@{turn + 1:0{width}d}")
        for turn, (x, y) in enumerate(shapely.get_coordinates(middles).tolist())
    )
