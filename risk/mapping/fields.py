"""The field around a source, on its own polar grid, and how it comes to the raster."""

from functools import cached_property

import numpy as np

from parkrisk.models.footprint import PolarGrid
from parkrisk.risk import kernels
from parkrisk.risk.footprints.library import Floats, FootprintLibrary, Integers, polar_frame
from parkrisk.risk.mapping import stamping
from parkrisk.risk.mapping.loads import Alike, Exposure, Layer, Loads, add_layer, discs_of
from parkrisk.risk.mapping.pyramid import Pyramid
from parkrisk.risk.sharing import Scratch

#: Interpolation between nodes of the raster may err by this share of what one source adds there ...
TOLERANCE = 1e-3
#: ... or, where that is less, by this share of this risk. [1/yr]
FLOOR = 1e-9


class _Polar:
    """Working memory of the field around a source."""

    def __init__(self, n_weathers: int, n_rings: int, n_bins: int) -> None:
        self.profile = np.zeros((n_weathers, n_rings, n_bins // 2))
        self.reach = np.zeros((n_weathers, n_rings), dtype=np.int64)
        self.field = np.zeros((n_rings + 4, n_bins + 5))
        self.table = np.zeros((n_rings, n_bins + 1, 4))
        self.width = 2.0 * np.pi / n_bins


class _Piece:
    """Working memory of one thread, and the raster it adds to."""

    def __init__(self, shape: tuple[int, int, int], pyramid: Pyramid) -> None:
        n_weathers, n_rings, n_bins = shape
        self.polar = _Polar(n_weathers, n_rings, n_bins)
        self.pyramid = pyramid

    @cached_property
    def fine(self) -> _Polar:
        """The same with bins half as wide."""
        n_weathers, n_rings, half = self.polar.profile.shape
        return _Polar(n_weathers, n_rings, 4 * half)


class Stamper:
    """Makes the polar field of equal sources and adds it to the raster of the calling thread at the place of each.

    Parameters
    ----------
    loads : Loads
    grid : PolarGrid
    corner : array, shape (3,)
        Centre of the lower left cell of the raster and width of a cell. [m]
    shape : tuple of int
        Rows and columns of the raster.
    library : FootprintLibrary
    """

    def __init__(
        self, loads: Loads, grid: PolarGrid, corner: Floats, shape: tuple[int, int], library: FootprintLibrary
    ) -> None:
        self.loads = loads
        self.grid = grid
        self.library = library
        self.frame = polar_frame(grid, loads.n_sectors)
        self.raster = corner, shape
        size = (loads.n_weathers, grid.n_rings, grid.n_bins)
        self.scratch: Scratch[_Piece] = Scratch(lambda: _Piece(size, self._pyramid()))

    def _pyramid(self) -> Pyramid:
        return Pyramid(*self.raster, self.grid.r_max)

    def add(self, alike: Alike) -> int:
        """Add some equal sources; gives the rings that they reach."""
        piece = self.scratch()
        layers = self.loads.layers(alike.rows, by_kind=False)
        rings = self._field(piece.polar, piece.polar, layers)
        if rings:
            self._stamp(piece, rings, layers, alike.places)
        for radius, value in self._discs(layers):
            for place in alike.places:
                piece.pyramid.add_disc(place, radius, value)
        return rings

    def _stamp(self, piece: _Piece, rings: int, layers: list[Layer], places: Floats) -> None:
        """Add the field in ``piece.polar`` to the raster; where its bins are too wide, that with finer bins."""
        polar = piece.polar
        spacing = self._spacing(polar, rings)
        if spacing.min() < polar.width:
            polar.field[:] = 0.0
            polar = piece.fine
            self._field(piece.polar, polar, layers)
            spacing = self._spacing(polar, rings)
        used = kernels.add_slopes(polar.field, rings, polar.table)
        polar.field[:] = 0.0
        radii = piece.pyramid.radii(self.grid.radius, spacing)
        reach = float(self.grid.radius[used - 1]) * (1.0 + 1e-9)
        for place in places:
            piece.pyramid.add(polar.table, used, self.frame, reach, place, radii)

    def _spacing(self, polar: _Polar, rings: int) -> Floats:
        return kernels.node_spacing(polar.field, rings, (float(self.frame[1]), polar.width), FLOOR, TOLERANCE)

    def _field(self, at: _Polar, target: _Polar, layers: list[Layer]) -> int:
        """Field of a source into ``target``, profiles made in ``at``; gives the rings affected."""
        plain = [layer for layer in layers if layer.direction < 0]
        rings = 0
        for exposure in self.loads.exposures:
            for layer in plain:
                self._profile(layer, layer.weather, exposure, at, target)
            rings = max(rings, kernels.wind_field(target.profile, target.reach, exposure.density, target.field))
            for layer in layers[len(plain) :]:
                self._profile(layer, 0, exposure, at, target)
                density = self.loads.density(layer, exposure)[None]
                rings = max(rings, kernels.wind_field(target.profile[:1], target.reach[:1], density, target.field))
        return rings

    def _profile(self, layer: Layer, number: int, exposure: Exposure, at: _Polar, target: _Polar) -> None:
        """Put the footprints of a layer into a profile of ``target``."""
        add_layer(layer, exposure.row, self.library, at.profile[number], at.reach[number])
        if target is not at:
            parts = (at.profile[number], at.reach[number], target.profile[number], target.reach[number])
            kernels.halve(*parts)

    def _discs(self, layers: list[Layer]) -> list[tuple[float, int]]:
        """Radius of every disc [m] and the risk within it, equal ones of all weathers in one. [2^-60/yr]"""
        found: dict[tuple[int, float], float] = {}
        for exposure in self.loads.exposures:
            for layer in layers:
                share = float(self.loads.share(layer, exposure).sum())
                for outcome, radius, risk in discs_of(layer, exposure.row, self.library):
                    found[outcome, radius] = found.get((outcome, radius), 0.0) + risk * share
        return [(radius, stamping.fixed(value)) for (_, radius), value in found.items()]

    def levels(self) -> tuple[Integers, ...]:
        """Sum of what all threads added, discs included. [2^-60/yr]"""
        total, *others = [piece.pyramid for piece in self.scratch.pieces] or [self._pyramid()]
        for other in others:
            total.merge(other)
        return total.close()
