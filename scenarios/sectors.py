"""Wind sectors: which equal sectors a set of directions makes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Sectors", "sectors_of"]

Array = NDArray[np.float64]

#: Equal sectors that weather services publish.
NUMBERS = (4, 8, 12, 16, 36)
#: Directions are often rounded to whole degrees: 22.5 becomes 22 or 23.
_ROUNDING = 0.6


@dataclass(frozen=True)
class Sectors:
    """Equal sectors found in the directions of a weather table.

    Parameters
    ----------
    given : int
        Number of sectors of the table.
    offset : float
        Direction of the centre of the first sector clockwise from north; 0: the sectors are centred on north. [deg]
    missing : int
        Sectors without a row.
    number : int
        Number of sectors of the wind rose. Sectors not centred on north are divided over 16, or over as many as given
        if that is more.
    """

    given: int
    offset: float
    missing: int
    number: int

    def shares(self, direction: float) -> Array:
        """How the wind from ``direction`` [deg] divides over the sectors of the rose, shape (number,), sum 1.

        Sector k of the rose is centred on the compass direction k · 360/number. The wind is spread evenly over the
        sector of the table and cut at the edges of those of the rose.
        """
        width = 360.0 / self.given
        turn = round((direction - self.offset) / width) % self.given
        if not self.offset and self.number == self.given:
            whole = np.zeros(self.number)
            whole[turn] = 1.0
            return whole
        step = 360.0 / self.number
        low, high = self.offset + (turn - 0.5) * width, self.offset + (turn + 0.5) * width
        found = np.zeros(self.number)
        for sector in range(int(np.floor(low / step - 0.5)), int(np.ceil(high / step + 0.5)) + 1):
            overlap = min(high, (sector + 0.5) * step) - max(low, (sector - 0.5) * step)
            found[sector % self.number] += max(overlap, 0.0)
        found /= found.sum()
        return found


def sectors_of(directions: Array) -> Sectors | None:
    """Return the equal sectors that directions are the centres of, None if they make none.

    Parameters
    ----------
    directions : float array
        Where the wind comes from, clockwise from north; NaN: calm. [deg]

    Returns
    -------
    Sectors or None
        The smallest of 4, 8, 12, 16, 36 sectors that holds every direction, if more than half of its sectors occur;
        fewer could as well belong to another division. Without any direction: 16.
    """
    distinct = np.unique(np.mod(directions[np.isfinite(directions)], 360.0))
    if not len(distinct):
        return Sectors(16, 0.0, 0, 16)
    for given in NUMBERS:
        width = 360.0 / given
        for offset in (0.0, width / 2.0):
            turn = (distinct - offset) / width
            if np.abs(turn - np.round(turn)).max() * width > _ROUNDING:
                continue
            present = len(np.unique(np.round(turn) % given))
            if 2 * present > given:
                return Sectors(given, offset, given - present, max(16, given) if offset else given)
    return None
