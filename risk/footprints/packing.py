"""How footprints are kept: ring after ring without the zeros at their ends, in single precision."""

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Integers = NDArray[np.int64]
Shorts = NDArray[np.int32]


@kernel
def extent(count: Shorts, lethality: Floats, start: Integers) -> bool:
    """Find where the rings of a footprint end, and whether all its values are probabilities.

    Parameters
    ----------
    count : int32 array, shape (n_rings,)
        Bins of each ring.
    lethality : array, shape (n_rows, count.sum())
        Mean lethality per bin.
    start : int64 array, shape (n_rows, n_rings + 1)
        Set: bins of ring i without the zeros at its end are ``start[row, i]`` to ``start[row, i + 1]`` of the row as
        ``narrow`` keeps it. Zero is what is 0 as float32.

    Returns
    -------
    bool
        False where a value is not from 0 to 1, but for rounding.
    """
    wrong = 0
    for row in range(lethality.shape[0]):
        first = 0
        start[row, 0] = 0
        for ring in range(count.size):
            last = count[ring]
            for j in range(first, first + last):
                wrong += not 0.0 <= lethality[row, j] <= 1.0 + 1e-9
            while last > 0 and np.float32(lethality[row, first + last - 1]) == 0.0:
                last -= 1
            first += count[ring]
            start[row, ring + 1] = start[row, ring] + last
    return wrong == 0


@kernel
def alike(one: Floats, other: Floats) -> bool:
    """Whether two rows of a footprint are the same as float32."""
    j = 0
    while j < one.size and np.float32(one[j]) == np.float32(other[j]):
        j += 1
    return j == one.size


@kernel
def narrow(count: Shorts, row: Floats, start: Integers) -> Singles:
    """One row of a footprint as float32, its rings as long as ``extent`` found them."""
    values = np.empty(start[-1], dtype=np.float32)
    first = 0
    for ring in range(count.size):
        for j in range(start[ring + 1] - start[ring]):
            values[start[ring] + j] = row[first + j]
        first += count[ring]
    return values


@kernel
def ring_sums(start: Integers, values: Singles) -> Floats:
    """Sum of the bins of each ring; arguments as in `parkrisk.risk.kernels.add_footprint`."""
    total = np.zeros(start.size - 1)
    for ring in range(total.size):
        for j in range(start[ring], start[ring + 1]):
            total[ring] += values[j]
    return total
