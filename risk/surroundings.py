"""What the risk of every unit hangs on, beside its events: wind, resolution, map, points, people."""

from dataclasses import dataclass

import numpy as np

from parkrisk.models.footprint import PolarGrid
from parkrisk.risk.footprints.library import Floats
from parkrisk.risk.individual import Raster
from parkrisk.scenarios.receptors import People, WindRose

__all__ = ["Surroundings"]


@dataclass(frozen=True)
class Surroundings:
    """What the risk of every unit hangs on, beside its events.

    Parameters
    ----------
    rose : WindRose
    reading : str
        Of the rose between its directions, as `individual_risk` takes it.
    grid : PolarGrid
    raster : Raster
    points : array, shape (n_points, 2)
        [m]
    people : People
    """

    rose: WindRose
    reading: str
    grid: PolarGrid
    raster: Raster
    points: Floats
    people: People

    def winds_as(self, other: "Surroundings") -> bool:
        """Whether wind and resolution are the same."""
        same = self.grid == other.grid and self.rose.weathers == other.rose.weathers
        return same and np.array_equal(self.rose.probability, other.rose.probability)

    def maps_as(self, other: "Surroundings") -> bool:
        """Whether wind, resolution, raster and points are the same."""
        same = self.reading == other.reading and self.raster == other.raster
        return same and self.winds_as(other) and np.array_equal(self.points, other.points)
