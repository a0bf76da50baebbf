"""The field around a source, on its own polar grid, and how it comes to the raster."""

from functools import cached_property

import numpy as np

from parkrisk.models.footprint import PolarGrid
from parkrisk.risk import kernels
from parkrisk.risk.footprints.library import Floats, FootprintLibrary, Integers, polar_frame
from parkrisk.risk.mapping.kept import Kept, Stamp, magnitude
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
    kept : Kept
        Read, and added to.
    """

    def __init__(
        self,
        loads: Loads,
        grid: PolarGrid,
        corner: Floats,
        shape: tuple[int, int],
        library: FootprintLibrary,
        kept: Kept,
    ) -> None:
        self.loads = loads
        self.grid = grid
        self.library = library
        self.kept = kept
        self.frame = polar_frame(grid, loads.n_sectors)
        self.raster = corner, shape
        size = (loads.n_weathers, grid.n_rings, grid.n_bins)
        self.scratch: Scratch[_Piece] = Scratch(lambda: _Piece(size, self._pyramid()))

    def _pyramid(self) -> Pyramid:
        return Pyramid(*self.raster, self.grid.r_max)

    def add(self, alike: Alike) -> int:
        """Add some sources that do the same; gives the rings that they reach."""
        piece, outermost = self.scratch(), 0
        field = _Field(self, piece, alike)
        for place, scale in zip(alike.places, alike.scales.tolist(), strict=True):
            if scale == 0.0:
                continue
            key = (alike.content, place.tobytes(), magnitude(scale))
            stamp = self.kept.raster.get(key)
            if stamp is None:
                stamp = field.stamp(place, magnitude(scale))
                self.kept.keep_raster(key, stamp, self.loads.outcomes_of(alike.rows))
            piece.pyramid.add(place, stamp, scale)
            outermost = max(outermost, stamp.rings)
        field.clear()
        return outermost

    def field(self, at: _Polar, target: _Polar, layers: list[Layer]) -> int:
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

    def discs(self, layers: list[Layer]) -> tuple[tuple[float, float], ...]:
        """Radius of every disc [m] and the risk within it, equal ones of all weathers in one."""
        found: dict[tuple[int, float], float] = {}
        for exposure in self.loads.exposures:
            for layer in layers:
                share = float(self.loads.share(layer, exposure).sum())
                for outcome, radius, risk in discs_of(layer, exposure.row, self.library):
                    found[outcome, radius] = found.get((outcome, radius), 0.0) + risk * share
        return tuple((radius, value) for (_, radius), value in found.items())

    def levels(self) -> tuple[Integers, ...]:
        """Sum of what all threads added, discs included. [2^-60/yr]"""
        total, *others = [piece.pyramid for piece in self.scratch.pieces] or [self._pyramid()]
        for other in others:
            total.merge(other)
        return total.close()


class _Field:
    """Field of sources that do the same, per unit of frequency, in the working memory of a thread; made when needed."""

    def __init__(self, stamper: Stamper, piece: _Piece, alike: Alike) -> None:
        self.stamper, self.piece, self.rows = stamper, piece, alike.rows
        self.tables: dict[float, tuple[_Polar, int, list[float]]] = {}

    @cached_property
    def layers(self) -> list[Layer]:
        return self.stamper.loads.layers(self.rows, by_kind=False)

    @cached_property
    def discs(self) -> tuple[tuple[float, float], ...]:
        return self.stamper.discs(self.layers)

    @cached_property
    def rings(self) -> int:
        return self.stamper.field(self.piece.polar, self.piece.polar, self.layers)

    @cached_property
    def finer(self) -> _Polar:
        """The same field with bins half as wide."""
        self.stamper.field(self.piece.polar, self.piece.fine, self.layers)
        return self.piece.fine

    def stamp(self, place: Floats, magnitude: float) -> Stamp:
        """What such a source adds at a place, if its frequency is just below ``magnitude``. [1/yr]"""
        if not self.rings:
            return Stamp(0, (), self.discs)
        if magnitude not in self.tables:
            self.tables[magnitude] = self._table(magnitude)
        polar, used, radii = self.tables[magnitude]
        reach = float(self.stamper.grid.radius[used - 1]) * (1.0 + 1e-9)
        pyramid, frame = self.piece.pyramid, self.stamper.frame
        return Stamp(self.rings, pyramid.stamp(polar.table, used, frame, reach, place, radii), self.discs)

    def _table(self, magnitude: float) -> tuple[_Polar, int, list[float]]:
        """Table of the field with bins that are narrow enough, rings in use, and radii of the levels."""
        polar = self.piece.polar
        spacing = self._spacing(polar, magnitude)
        if spacing.min() < polar.width:
            polar = self.finer
            spacing = self._spacing(polar, magnitude)
        used = kernels.add_slopes(polar.field, self.rings, polar.table)
        return polar, used, self.piece.pyramid.radii(self.stamper.grid.radius, spacing)

    def _spacing(self, polar: _Polar, magnitude: float) -> Floats:
        steps = (float(self.stamper.frame[1]), polar.width)
        return kernels.node_spacing(polar.field, self.rings, steps, FLOOR / magnitude, TOLERANCE)

    def clear(self) -> None:
        """Leave the working memory as it was."""
        for name, polar in (("rings", "polar"), ("finer", "fine")):
            if name in self.__dict__:
                getattr(self.piece, polar).field[:] = 0.0
