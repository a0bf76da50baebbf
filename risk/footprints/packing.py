"""How footprints are kept: ring after ring in single precision, without what is said already.

Zeros at the end of a ring are left out, and so are the bins at its beginning that equal the next one: near a source
most rings are the same all round. Bin j of a ring is the stored number j less ``lead``, or the first where j is less.
"""

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Shorts = NDArray[np.int32]


@kernel
def extent(count: Shorts, lethality: Floats, start: Shorts, lead: Shorts) -> bool:
    """Find where the rings of a footprint end, and whether all its values are probabilities.

    Parameters
    ----------
    count : int32 array, shape (n_rings,)
        Bins of each ring.
    lethality : array, shape (n_rows, count.sum())
        Mean lethality per bin.
    start : int32 array, shape (n_rows, n_rings + 1)
        Set: ring i stands from ``start[row, i]`` to ``start[row, i + 1]`` of the row as ``narrow`` keeps it.
    lead : int32 array, shape (n_rows, n_rings)
        Set: how many bins at the beginning of a ring are left out. Equal, and 0, is what is so as float32.

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
            same = 0
            while same + 1 < last and np.float32(lethality[row, first + same + 1]) == np.float32(lethality[row, first]):
                same += 1
            first += count[ring]
            lead[row, ring] = same
            start[row, ring + 1] = start[row, ring] + last - same
    return wrong == 0


@kernel
def alike(one: Floats, other: Floats) -> bool:
    """Whether two rows of a footprint are the same as float32."""
    j = 0
    while j < one.size and np.float32(one[j]) == np.float32(other[j]):
        j += 1
    return j == one.size


@kernel
def narrow(count: Shorts, row: Floats, start: Shorts, lead: Shorts) -> Singles:
    """One row of a footprint as float32, its rings as ``extent`` found them."""
    values = np.empty(start[-1], dtype=np.float32)
    first = 0
    for ring in range(count.size):
        for j in range(start[ring + 1] - start[ring]):
            values[start[ring] + j] = row[first + lead[ring] + j]
        first += count[ring]
    return values


@kernel
def widen(start: Shorts, lead: Shorts, values: Singles, rings: tuple[int, int]) -> Singles:
    """All bins of some neighbouring rings, from and to, one ring after the other."""
    size = start[rings[1]] - start[rings[0]] + np.sum(lead[rings[0] : rings[1]])
    bins = np.empty(size, dtype=np.float32)
    to = 0
    for ring in range(rings[0], rings[1]):
        first, count = start[ring], start[ring + 1] - start[ring]
        if count > 0:
            bins[to : to + lead[ring]] = values[first]
            to += lead[ring]
            bins[to : to + count] = values[first : first + count]
            to += count
    return bins


@kernel
def ring_sums(start: Shorts, lead: Shorts, values: Singles) -> Floats:
    """Sum of the bins of each ring; arguments as in `parkrisk.risk.kernels.add_footprint`."""
    total = np.zeros(start.size - 1)
    for ring in range(total.size):
        for _ in range(lead[ring]):
            total[ring] += values[start[ring]]
        for j in range(start[ring], start[ring + 1]):
            total[ring] += values[j]
    return total
