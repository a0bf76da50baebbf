"""What sources do for each unit of their frequency: cascades that come about more often do the same more often."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from parkrisk.risk.footprints.library import Floats, Integers

__all__ = ["Kept", "PointStamp", "Share", "Stamp"]

#: Stamps of more numbers than this are not kept, nor any more when all have so many. [-]
_MOST, _ROOM = 8192, 10_000_000

#: Content of a source, its place and, for the raster, the magnitude of its frequency.
Key = tuple[Any, ...]


class Share(NamedTuple):
    """What one level of the raster carries of a source.

    ``stretches``, shape (n, 3), are rows of nodes: row, first column, column after the last; ``values`` stand on these
    nodes, one after the other, per unit of frequency.
    """

    level: int
    stretches: Integers
    values: Floats


class Stamp(NamedTuple):
    """What a source adds to the raster per unit of frequency: its rings, levels, and discs (radius, value)."""

    rings: int
    shares: tuple[Share, ...]
    discs: tuple[tuple[float, float], ...]


#: What a source adds to points per unit of frequency: kind of outcome, weather, values of shape (n_points, n_sectors).
PointStamp = list[tuple[str, int, Floats]]


@dataclass
class Kept:
    """Small stamps by the content of their sources, of one raster and one set of points, in one wind.

    Outcomes are told apart as objects, which ``alive`` keeps: a copy in another process begins empty.
    """

    raster: dict[Key, Stamp] = field(default_factory=dict)
    points: dict[Key, PointStamp] = field(default_factory=dict)
    alive: dict[int, Any] = field(default_factory=dict)
    used: int = 0

    def __reduce__(self) -> tuple[type["Kept"], tuple[()]]:
        """Leave the content behind."""
        return Kept, ()

    def keep_raster(self, key: Key, stamp: Stamp, outcomes: Iterable[Any]) -> None:
        """Keep what a source with these outcomes adds to the raster if there is room."""
        if self._holds(sum(share.values.size for share in stamp.shares), outcomes):
            self.raster[key] = stamp

    def keep_points(self, key: Key, stamp: PointStamp, outcomes: Iterable[Any]) -> None:
        """Keep what a source with these outcomes adds to points if there is room."""
        if self._holds(sum(values.size for *_, values in stamp), outcomes):
            self.points[key] = stamp

    def _holds(self, size: int, outcomes: Iterable[Any]) -> bool:
        if size > _MOST or self.used + size > _ROOM:
            return False
        self.used += size
        self.alive.update((id(outcome), outcome) for outcome in outcomes)
        return True


def magnitude(scale: float) -> float:
    """Least power of two that is above a positive number."""
    return float(2.0 ** np.frexp(scale)[1])
