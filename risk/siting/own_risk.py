"""Individual risk of a project by itself, around each of its sources, looked up from any place it is moved to."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from parkrisk.models.footprint import PolarGrid
from parkrisk.risk import kernels
from parkrisk.risk.footprints.library import Floats, FootprintLibrary, polar_frame
from parkrisk.risk.mapping.contributions import point_sums
from parkrisk.risk.mapping.loads import Loads, add_layer, discs_of
from parkrisk.risk.mapping.stamping import FIXED_POINT
from parkrisk.risk.siting import translation
from parkrisk.scenarios.events.expand import Events
from parkrisk.scenarios.receptors import WindRose


class Field(NamedTuple):
    """Risk around sources that do the same, for each unit of their frequency.

    Parameters
    ----------
    places : array, shape (n, 2)
        Of the sources. [m]
    often : array, shape (n,)
        Their frequencies. [1/yr]
    table, rings
        As `parkrisk.risk.siting.translation.add_field` reads them.
    radius, risk : arrays, shape (n_discs,)
        Discs that the table cannot hold: [m], per unit of frequency.
    """

    places: Floats
    often: Floats
    table: Floats
    rings: int
    radius: Floats
    risk: Floats


class OwnRisk:
    """Individual risk that a project adds by itself.

    Parameters
    ----------
    events : Events
        Of the project; none may hang on the wind direction.
    wind : WindRose
    grid : PolarGrid
    reading : str
        Of the rose, as in `parkrisk.risk.individual.individual_risk`.
    library : FootprintLibrary
    middle : array, shape (2,)
        The point of the project that is laid on cells. [m]

    Notes
    -----
    `roughly` looks up the field of the raster of individual risk with bins half as wide: exact at its nodes, bicubic
    between, which may be off by a few percent at the tip of a footprint. `exactly` computes the risk at each place as
    that of targets is computed.
    """

    def __init__(
        self, events: Events, wind: WindRose, grid: PolarGrid, reading: str, library: FootprintLibrary, middle: Floats
    ) -> None:
        self.middle = middle
        self.polar = polar_frame(grid, wind.n_sectors)
        self.loads = Loads(events, wind, grid, reading, None)
        self.grid, self.library = grid, library
        self.fields = tuple(_fields(self.loads, grid, library))

    def exactly(self, cells: Floats, points: Floats) -> Floats:
        """Risk at one point for each cell, shape (n,), with the middle of the project on that cell. [1/yr]"""
        # The project stays where it is, and the point goes the other way.
        sums = point_sums(self.loads, self.grid, points - cells + self.middle, self.library)
        risk: Floats = sums.by_sector.sum(axis=1) / FIXED_POINT
        return risk

    def roughly(self, cells: Floats, points: Floats) -> Floats:
        """Risk at points with the middle of the project on each cell, shape (n_cells, n_points). [1/yr]"""
        own = np.zeros((len(cells), len(points)))
        for field in self.fields:
            for offset, often in zip(field.places - self.middle, field.often.tolist(), strict=True):
                there = (often, offset, cells, points, own)
                if field.rings:
                    translation.add_field(field.table, field.rings, self.polar, *there)
                if field.radius.size:
                    translation.add_discs(field.radius, field.risk, *there)
        return own


def _fields(loads: Loads, grid: PolarGrid, library: FootprintLibrary) -> Iterator[Field]:
    n_rings, n_bins = grid.n_rings, grid.n_bins
    profile, reach = np.zeros((n_rings, n_bins // 2)), np.zeros(n_rings, dtype=np.int64)
    fine, fine_reach = np.zeros((loads.n_weathers, n_rings, n_bins)), np.zeros((loads.n_weathers, n_rings), np.int64)
    (exposure,) = loads.exposures
    for alike in loads.alike():
        layers = loads.layers(alike.rows, by_kind=False)
        for layer in layers:
            add_layer(layer, exposure.row, library, profile, reach)
            kernels.halve(profile, reach, fine[layer.weather], fine_reach[layer.weather])
        field = np.zeros((n_rings + 4, 2 * n_bins + 5))
        rings = kernels.wind_field(fine, fine_reach, exposure.density, field)
        table = np.zeros((n_rings, 2 * n_bins + 1, 4))
        used = kernels.add_slopes(field, rings, table) if rings else 0
        discs = [
            (radius, risk * float(loads.share(layer, exposure).sum()))
            for layer in layers
            for _, radius, risk in discs_of(layer, exposure.row, library)
        ]
        radius, risk = np.array(discs, dtype=np.float64).reshape(-1, 2).T
        yield Field(alike.places, alike.scales, table, used, np.ascontiguousarray(radius), np.ascontiguousarray(risk))
