"""Inputs that must lie in a range: checked, never clipped."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models.errors import OutOfRange

__all__ = ["bounded"]


def bounded(values: ArrayLike, name_zh: str, name_en: str, highest: float, lowest: float = 0.0) -> NDArray[np.float64]:
    """Give the values as an array if every one lies between two bounds, which count as inside.

    Parameters
    ----------
    values : float or array
        Any shape.
    name_zh, name_en : str
        What they are, with unit, for the message.
    highest, lowest : float
        Bounds in the same unit.

    Raises
    ------
    OutOfRange
        A value lies outside or is NaN.
    """
    array = np.asarray(values, dtype=np.float64)
    if not bool(np.all((array >= lowest) & (array <= highest))):
        raise OutOfRange(
            f"{name_zh}须在 {lowest:g} 至 {highest:g} 之间", f"{name_en} must lie between {lowest:g} and {highest:g}"
        )
    return array
