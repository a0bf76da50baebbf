"""Functions of one variable on an even grid, as piecewise cubics that kernels can read."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel

__all__ = ["CubicTable", "cubic_kernel", "cubic_table"]


class CubicTable(NamedTuple):
    """Several functions of one variable.

    Parameters
    ----------
    first, step : float
        Of the grid.
    coefficients : array, shape (intervals, functions, 4)
        Of rising powers of the share of the interval passed.
    """

    first: float
    step: float
    coefficients: NDArray[np.float64]

    @property
    def last(self) -> float:
        """Other end of the grid."""
        return self.first + self.step * len(self.coefficients)


def cubic_table(first: float, step: float, values: NDArray[np.float64]) -> CubicTable:
    """Spline through ``values``, shape (nodes, functions), at first, first + step, ..."""
    from scipy.interpolate import CubicSpline  # slow to import

    descending = CubicSpline(np.arange(len(values), dtype=np.float64), values).c
    return CubicTable(float(first), float(step), np.ascontiguousarray(descending[::-1].transpose(1, 2, 0)))


@kernel
def cubic_kernel(table: CubicTable, place: float, function: int) -> float:
    """Value of one function; outside the grid the cubic of the outermost interval goes on."""
    position = (place - table.first) / table.step
    interval = min(max(int(position), 0), table.coefficients.shape[0] - 1)
    passed = position - interval
    c = table.coefficients
    value: float = c[interval, function, 3]
    for power in (2, 1, 0):
        value = value * passed + c[interval, function, power]
    return value
