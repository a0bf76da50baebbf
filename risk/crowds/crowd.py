"""People as societal risk sees them: in one order, by period and shelter, without the staff of the source's owner."""

import numpy as np
from numpy.typing import NDArray

from parkrisk.models.errors import ParkRiskError
from parkrisk.scenarios.receptors import People

Floats = NDArray[np.float64]

__all__ = ["Crowd"]


class Crowd:
    """People in an order that does not depend on the order of their table, the staff of each enterprise together.

    ``xy`` [m] has shape (n, 2); ``counts`` (n, 4) are persons by day outdoors, by day indoors, by night outdoors, by
    night indoors; ``owner`` (n,) is whose staff they are.

    Parameters
    ----------
    people : People
        Rows at one place are different people and add up.

    Raises
    ------
    ParkRiskError
        If a number or a place is not finite, a number is negative or an indoor fraction is not within 0 and 1.
    """

    def __init__(self, people: People) -> None:
        day, night = np.asarray(people.day, dtype=np.float64), np.asarray(people.night, dtype=np.float64)
        inside_day, inside_night = np.asarray(people.indoor_day), np.asarray(people.indoor_night)
        counts = np.stack(
            [day * (1.0 - inside_day), day * inside_day, night * (1.0 - inside_night), night * inside_night], axis=1
        )
        xy = np.stack([people.x, people.y], axis=1).astype(np.float64).reshape(-1, 2)
        if not (np.isfinite(xy).all() and np.isfinite(counts).all() and (counts >= 0.0).all()):
            raise ParkRiskError(
                "人口数据必须是有限的非负数，室内比例在 0 与 1 之间",
                "numbers of people must be finite and not below 0, indoor fractions within 0 and 1",
            )
        owner = np.asarray(people.enterprise_id, dtype=str)
        order = np.lexsort((*counts.T[::-1], xy[:, 1], xy[:, 0], owner))
        order = order[counts[order].any(axis=1)]
        self.xy = np.ascontiguousarray(xy[order])
        self.counts = np.ascontiguousarray(counts[order])
        self.owner = owner[order]

    def staff(self, enterprise_id: str) -> tuple[int, int]:
        """First place of the staff of an enterprise and the end of it; nobody is the staff of "", the public."""
        if enterprise_id == "":
            return 0, 0
        low, high = (np.searchsorted(self.owner, enterprise_id, side) for side in ("left", "right"))
        return int(low), int(high)
