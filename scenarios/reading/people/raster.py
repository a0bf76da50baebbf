"""People of a raster (GeoTIFF): counts or densities per pixel, read block by block."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
from numpy.typing import NDArray

from parkrisk.models.errors import OutOfRange
from parkrisk.scenarios.reading.people.window import Window, transformer

__all__ = ["DRIVERS", "from_raster", "opened"]

Array = NDArray[np.float64]

_BLOCK = 512
#: Forms of rasters that are one file; other drivers of GDAL open what a file names, or ask the network.
DRIVERS = {".tif": "GTiff", ".tiff": "GTiff", ".img": "HFA", ".asc": "AAIGrid", ".bil": "EHdr", ".nc": "netCDF"}
#: Pixels around a park that are read; 10 m pixels of 100 km x 100 km.
_MOST_PIXELS = 100_000_000
#: A pixel is divided until its parts are no wider than this share of a cell.
_PART = 0.25
_MOST_PARTS = 64
_M2_PER_KM2 = 1e6
#: Points along a side of the window by which it is told how much of it a raster covers; pixels that may lack there.
_GRID, _EDGE = 41, 0.01


def opened(path: Path) -> Any:
    """Open a raster, or raise ``OutOfRange``."""
    try:
        import rasterio
    except ImportError:
        raise OutOfRange(
            "读取栅格需要 rasterio：pip install 'parkrisk[maps]'",
            "rasters need rasterio: pip install 'parkrisk[maps]'",
        ) from None
    try:
        return rasterio.open(path, driver=DRIVERS[path.suffix.casefold()])
    except rasterio.errors.RasterioError:
        raise _damaged(path.name) from None


def _damaged(name: str) -> OutOfRange:
    return OutOfRange(
        f"无法读取栅格 {name}：文件已损坏，或不是 GeoTIFF 等栅格文件",
        f"cannot read the raster {name}: it is damaged, or no raster such as a GeoTIFF",
    )


def _covered(source: Any, to_park: pyproj.Transformer, window: Window) -> float:
    """Share of the window that lies in the raster, by a grid of points."""
    west, south, east, north = window.box
    x, y = np.meshgrid(np.linspace(west, east, _GRID), np.linspace(south, north, _GRID))
    column, row = _applied(~source.transform, *to_park.transform(x, y, direction="INVERSE"))
    inside = (column >= -_EDGE) & (column <= source.width + _EDGE) & (row >= -_EDGE) & (row <= source.height + _EDGE)
    return float(inside.mean())


def _applied(affine: Any, x: Array, y: Array) -> tuple[Array, Array]:
    return affine.a * x + affine.b * y + affine.c, affine.d * x + affine.e * y + affine.f


def _blocks(source: Any, to_park: pyproj.Transformer, window: Window) -> Iterator[Any]:
    """Blocks of the raster that can hold people of the window."""
    from rasterio.windows import Window as Block

    west, south, east, north = window.box
    left, bottom, right, top = to_park.transform_bounds(west, south, east, north, densify_pts=101, direction="INVERSE")
    columns, rows = _applied(
        ~source.transform, np.array([left, right, left, right]), np.array([top, top, bottom, bottom])
    )
    first = [max(math.floor(values.min()) - 1, 0) for values in (columns, rows)]
    last = [min(math.ceil(values.max()) + 1, size) for values, size in ((columns, source.width), (rows, source.height))]
    if max(last[0] - first[0], 0) * max(last[1] - first[1], 0) > _MOST_PIXELS:
        raise OutOfRange(
            f"栅格在所求范围内有超过 {_MOST_PIXELS:,} 个像元，请先重采样为较粗的像元",
            f"the raster has more than {_MOST_PIXELS:,} pixels in these surroundings; resample it to larger ones",
        )
    for row in range(first[1], last[1], _BLOCK):
        for column in range(first[0], last[0], _BLOCK):
            yield Block(column, row, min(_BLOCK, last[0] - column), min(_BLOCK, last[1] - row))


def _corners(source: Any, block: Any, parts: int, to_park: pyproj.Transformer) -> tuple[Array, Array]:
    """Corners of the parts of the pixels in planar metres, each of shape (height·parts + 1, width·parts + 1)."""
    column = block.col_off + np.arange(block.width * parts + 1) / parts
    row = block.row_off + np.arange(block.height * parts + 1) / parts
    east, north = to_park.transform(*_applied(source.transform, *np.meshgrid(column, row)))
    return np.asarray(east), np.asarray(north)


def _areas(x: Array, y: Array) -> Array:
    """Areas of the quadrangles between corners, by half the product of their diagonals. [m²]"""
    along = (x[1:, 1:] - x[:-1, :-1]) * (y[1:, :-1] - y[:-1, 1:])
    across = (x[1:, :-1] - x[:-1, 1:]) * (y[1:, 1:] - y[:-1, :-1])
    return np.asarray(0.5 * np.abs(along - across))


def _parts(source: Any, block: Any, to_park: pyproj.Transformer, cell_m: float) -> int:
    """Parts into which a side of a pixel is divided."""
    from rasterio.windows import Window as Block

    x, y = _corners(source, Block(block.col_off, block.row_off, 1, 1), 1, to_park)
    widest = max(math.hypot(x[0, 1] - x[0, 0], y[0, 1] - y[0, 0]), math.hypot(x[1, 0] - x[0, 0], y[1, 0] - y[0, 0]))
    return min(max(math.ceil(widest / (_PART * cell_m)), 1), _MOST_PARTS)


def _values(source: Any, block: Any, name: str) -> Array:
    """Values of a block, 0 where there are none."""
    import rasterio

    try:
        band = source.read(1, window=block, masked=True)
    except rasterio.errors.RasterioError:
        raise _damaged(name) from None
    values = np.asarray(band.filled(0), dtype=np.float64)
    values = np.where(np.isnan(values), 0.0, values)
    if (source.scales[0], source.offsets[0]) != (1.0, 0.0):
        values = np.where(np.ma.getmaskarray(band), 0.0, values * source.scales[0] + source.offsets[0])
    worst = float(values.min(initial=0.0))
    if worst < 0.0 or not np.isfinite(values).all():
        raise OutOfRange(
            f"{name} 含负值或无穷大（如 {worst:g}），可能是未声明的无数据值",
            f"{name} holds negative or infinite values (such as {worst:g}), perhaps an undeclared no-data value",
        )
    return values


def from_raster(path: Path, window: Window, unit: str, crs: str) -> tuple[Array, float, float]:
    """People of a raster in the cells of a window.

    Parameters
    ----------
    path : path
        First band of a GeoTIFF or another raster that is one file.
    window : Window
    unit : str
        "persons" per pixel or "persons_per_km2".
    crs : str
        EPSG code where the file has none; "": the file's own.

    Returns
    -------
    people : array, shape (rows, columns)
    total : float
        People of the parts of pixels whose centre lies in the window, added up on their own.
    covered : float
        Share of the window that the raster covers.

    Raises
    ------
    OutOfRange
        No CRS, two that differ, negative values, no raster.

    Notes
    -----
    A pixel is divided into parts no wider than a quarter of a cell; a part belongs to the cell its centre is in, with
    an equal share of the pixel's people. Of densities the part's own area counts. One block of 512 × 512 pixels is in
    memory at a time, fewer where pixels are divided.
    """
    people, sums = window.empty(), []
    with opened(path) as source:
        to_park = transformer(source.crs.to_wkt() if source.crs else "", crs, window, path.name)
        covered = _covered(source, to_park, window)
        west, south, east, north = window.box
        for whole in _blocks(source, to_park, window):
            parts = _parts(source, whole, to_park, window.cell_m)
            for block in _smaller(whole, parts):
                values = _values(source, block, path.name).repeat(parts, axis=0).repeat(parts, axis=1)
                x, y = _corners(source, block, parts, to_park)
                share = _areas(x, y) / _M2_PER_KM2 if unit == "persons_per_km2" else 1.0 / parts**2
                number: Array = np.asarray(values * share, dtype=np.float64)
                centre_x = 0.25 * (x[1:, 1:] + x[:-1, :-1] + x[1:, :-1] + x[:-1, 1:])
                centre_y = 0.25 * (y[1:, 1:] + y[:-1, :-1] + y[1:, :-1] + y[:-1, 1:])
                inside = (centre_x >= west) & (centre_x < east) & (centre_y >= south) & (centre_y < north)
                sums.append(math.fsum(number[inside].tolist()))
                window.add(people, centre_x.ravel(), centre_y.ravel(), number.ravel())
    return people, math.fsum(sums), covered


def _smaller(block: Any, parts: int) -> Iterator[Any]:
    """Divide a block so that its parts of pixels stay as many as the pixels of a whole one."""
    from rasterio.windows import Window as Block

    side = max(_BLOCK // parts, 1)
    for row in range(0, block.height, side):
        for column in range(0, block.width, side):
            width, height = min(side, block.width - column), min(side, block.height - row)
            yield Block(block.col_off + column, block.row_off + row, width, height)
