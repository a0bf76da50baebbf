"""How far risk can reach: an upper bound from the footprints alone, before any map is made."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse

from parkrisk.models.footprint import PolarGrid
from parkrisk.risk.footprints.library import Floats, FootprintLibrary, checked_rose, sources_by_unit
from parkrisk.risk.mapping.loads import wind_density
from parkrisk.scenarios.events.expand import Events
from parkrisk.scenarios.receptors import WindRose

__all__ = ["Reach", "reach_of"]

#: The edge of a map is moved out by this much at a time, to multiples of it. [m]
STEP = 500.0
#: Points along an edge lie this far apart or nearer. [m]
_SPACING = 250.0
#: Footprints that are taken at a time.
_BLOCK = 4096


@dataclass(frozen=True)
class Reach:
    """Upper bounds of the individual risk around each source, the same in every direction.

    Parameters
    ----------
    place : array, shape (n_sources, 2)
        [m]
    bound : array, shape (n_sources, n_rings)
        From each ring outward the risk is nowhere more. [1/yr]
    grid : PolarGrid
        Beyond its last ring footprints end.
    """

    place: Floats
    bound: Floats
    grid: PolarGrid

    def grown(self, low: Floats, high: Floats, level: float) -> tuple[Floats, Floats]:
        """Move the edges of a box outward until the risk is below a level on them and everywhere beyond.

        Parameters
        ----------
        low, high : array, shape (2,)
            Corners of a box around all sources. [m]
        level : float
            [1/yr]

        Returns
        -------
        tuple of array
            Corners, each coordinate as given or a multiple of 500 m, so that a small change of a park does not move
            its map.

        Notes
        -----
        All sources lie within the box, so a point beyond an edge is farther from each of them than the point of that
        edge next to it, and no bound grows with the distance: what is below the level along the edges is below it
        beyond. An edge is tested at points 250 m apart or nearer, each as if half that nearer to every source. The
        bound takes the strongest wind sector for all: in a rose with an even sector it is exact.
        """
        corner = np.array([low, high])
        while True:
            open_edges = [(end, axis) for end in (0, 1) for axis in (0, 1) if self._most(corner, end, axis) >= level]
            if not open_edges:
                return corner[0], corner[1]
            for end, axis in open_edges:
                steps = corner[end, axis] / STEP
                corner[end, axis] = STEP * (np.ceil(steps) - 1.0 if end == 0 else np.floor(steps) + 1.0)

    def _most(self, corner: Floats, end: int, axis: int) -> float:
        """Bound of the risk along the low or high edge across an axis."""
        other = 1 - axis
        count = 1 + int(np.ceil((corner[1, other] - corner[0, other]) / _SPACING))
        points = np.empty((count, 2))
        points[:, axis] = corner[end, axis]
        points[:, other] = np.linspace(corner[0, other], corner[1, other], count)
        return float(self._at(points, 0.5 * _SPACING).max())

    def _at(self, points: Floats, nearer: float) -> Floats:
        """Bound at points, shape (n, 2), moved nearer to every source by so much [m]."""
        total = np.zeros(len(points))
        radius = self.grid.radius
        for place, bound in zip(self.place, self.bound, strict=True):
            distance = np.hypot(*(points - place).T) - nearer
            ring = np.maximum(np.searchsorted(radius, distance, side="right") - 1, 0)
            total += np.where(distance < radius[-1], bound[ring], 0.0)
        return total


def reach_of(
    events: Events,
    wind: WindRose,
    grid: PolarGrid,
    library: FootprintLibrary,
    *,
    rose: str = "piecewise_constant",
) -> Reach:
    """Upper bounds of the individual risk around the sources of a park.

    Parameters
    ----------
    events : Events
    wind : WindRose
    grid : PolarGrid
    library : FootprintLibrary
        Of these events, on this grid.
    rose : str
        How the wind rose is read, as in :func:`parkrisk.risk.individual.individual_risk`.

    Notes
    -----
    IR(r, θ) = Σ f ∫ p(φ) V(r, θ−φ) dφ ≤ Σ f max(p) ∫ V(r, t) dt, the last integral from the bins of the footprint.
    """
    probability = checked_rose(wind, grid, events).sum(axis=0)
    strongest = wind_density(probability, grid.n_bins, rose).max(axis=1)
    sources = [source for _, group in sources_by_unit(events) for source in group]
    owner = np.repeat(np.arange(len(sources)), [source.rows.size for source in sources])
    rows = np.concatenate([source.rows for source in sources]) if sources else np.zeros(0, dtype=np.int64)
    happens = events.outcome_index[rows] >= 0
    which, weather = np.nonzero(happens)
    frequency = events.table["frequency"].to_numpy(dtype=np.float64)[rows[which]]
    outcome = events.outcome_index[rows[which], weather]
    place = np.array([[source.x, source.y] for source in sources]).reshape(-1, 2)
    bound = np.zeros((len(sources), grid.n_rings))
    weights = [
        scipy.sparse.csc_array(
            (frequency * part[weather], (owner[which], outcome)), (len(sources), len(events.outcomes))
        )
        for part in (strongest, probability.sum(axis=1))
    ]
    for first in range(0, len(events.outcomes), _BLOCK):
        end = min(first + _BLOCK, len(events.outcomes))
        for weight, integrals in zip(weights, library.ring_integrals(first, end), strict=True):
            bound += (weight[:, first:end] @ integrals).toarray()
    return Reach(place, np.maximum.accumulate(bound[:, ::-1], axis=1)[:, ::-1], grid)
