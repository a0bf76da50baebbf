"""People of polygons and points in a map file: GeoPackage, shapefile, GeoJSON and what else GDAL reads."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from parkrisk.models.errors import OutOfRange
from parkrisk.scenarios import schema
from parkrisk.scenarios.reading.people.window import Window, transformer
from parkrisk.scenarios.reading.sqlite_guard import refusal

__all__ = ["Shapes", "read_shapes", "spread"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Shapes:
    """Shapes of a layer in the planar CRS of the park, and their numbers by field, each of shape (n,)."""

    shapes: NDArray[np.object_]
    numbers: dict[str, Array]

    @property
    def are_points(self) -> bool:
        """Whether every shape is a point."""
        return bool(np.isin(shapely.get_type_id(self.shapes), (0, 4)).all())


#: How map files begin that are read. GDAL opens more by their content, some of which name other files or addresses.
_BEGINS = {".gpkg": b"SQLite format 3\0", ".shp": b"\0\0\x27\x0a", ".geojson": b"{", ".json": b"{", ".kml": b"<"}


def _is_map(path: Path) -> bool:
    begins = _BEGINS.get(path.suffix.casefold())
    if begins is None or not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    if begins == b"<" and (b"<kml" not in head or b"<!DOCTYPE" in head):
        return False
    return head.startswith(begins) and (path.suffix.casefold() != ".gpkg" or not refusal(path)[0])


def _damaged(name: str) -> OutOfRange:
    return OutOfRange(
        f"无法读取 {name}：不是完整的 {'、'.join(_BEGINS)} 地图文件",
        f"cannot read {name}: no whole map of the forms {', '.join(_BEGINS)}",
    )


def _layer(path: Path, layer: str) -> str:
    import pyogrio

    if not _is_map(path):
        raise _damaged(path.name)
    try:
        names = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
    except pyogrio.errors.DataSourceError:
        raise _damaged(path.name) from None
    if layer in names or (not layer and len(names) == 1):
        return layer or names[0]
    listed = ", ".join(names)
    raise OutOfRange(f"请用 --layer 选择图层：{listed}", f"choose a layer by --layer: {listed}")


def _numbers(values: Any, field: str) -> Array:
    try:
        numbers = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise OutOfRange(f"字段“{field}”不是数字", f"the field '{field}' does not hold numbers") from None
    wrong = np.flatnonzero(~(np.isfinite(numbers) & (numbers >= 0.0)))
    if len(wrong):
        row = int(wrong[0]) + 1
        raise OutOfRange(
            f"字段“{field}”第 {row} 个要素的人数为 {values[wrong[0]]}，应为不小于 0 的数字（共 {len(wrong)} 个）",
            f"the field '{field}' of feature {row} holds {values[wrong[0]]}, no number of people ({len(wrong)} in all)",
        )
    return numbers


def read_shapes(path: Path, window: Window, fields: tuple[str, ...], layer: str, crs: str) -> Shapes:
    """Read a layer of polygons or points with numbers of people.

    Parameters
    ----------
    path : path
    window : Window
    fields : tuple of str
        Fields that hold people.
    layer : str
        "": the only one.
    crs : str
        EPSG code where the file has none; "": the file's own.

    Raises
    ------
    OutOfRange
        No such layer or field, no CRS, a number that is negative or missing, shapes that are neither polygons nor
        points, or faulty ones.
    """
    import pyogrio

    name = _layer(path, layer)
    try:
        meta, _, geometry, values = pyogrio.raw.read(path, layer=name)
        shapes = shapely.force_2d(shapely.from_wkb(geometry))
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, shapely.errors.ShapelyError):
        raise _damaged(path.name) from None
    known = [str(name) for name in meta["fields"]]
    for field in fields:
        if field not in known:
            near = schema.nearest(field, known)
            listed = ", ".join(known)
            raise OutOfRange(
                f"没有字段“{field}”{f'，是否为“{near}”？' if near else ''}；已有：{listed}",
                f"there is no field '{field}'{f', did you mean {near!r}?' if near else ''}; there are: {listed}",
            )
    to_park = transformer(meta["crs"] or "", crs, window, path.name)
    kinds = shapely.get_type_id(shapes)
    right = np.isin(kinds, (3, 6)).all() or np.isin(kinds, (0, 4)).all()
    if not right or not shapely.is_valid(shapes).all() or shapely.is_empty(shapes).any():
        raise OutOfRange(
            f"{path.name} 的要素应全部为有效的面，或全部为点",
            f"the shapes of {path.name} should all be valid polygons, or all points",
        )
    moved = shapely.transform(shapes, lambda xy: np.column_stack(to_park.transform(xy[:, 0], xy[:, 1])))
    return Shapes(moved, {field: _numbers(values[known.index(field)], field) for field in fields})


def spread(layer: Shapes, number: Array, window: Window) -> tuple[Array, float]:
    """Spread the people of polygons over the cells of a window by the share of the area that each holds.

    Returns
    -------
    people : array, shape (rows, columns)
    total : float
        People of the parts of polygons that lie in the window, by their areas.
    """
    people = window.empty()
    west, south, east, north = window.box
    frame = shapely.box(west, south, east, north)
    sums = []
    for shape, persons in zip(layer.shapes, number.tolist(), strict=True):
        part = shapely.intersection(shape, frame)
        if persons == 0.0 or part.is_empty:
            continue
        first, last = (window.cell_of(*part.bounds[side : side + 2]) for side in (0, 2))
        column = np.arange(first[0], last[0] + 1)
        x = west + column * window.cell_m
        for row in range(first[1], last[1] + 1):  # one row of cells at a time keeps memory small
            y = south + row * window.cell_m
            cells = shapely.box(x, y, x + window.cell_m, y + window.cell_m)
            people[row, column] += persons * shapely.area(shapely.intersection(part, cells)) / shape.area
        sums.append(persons * part.area / shape.area)
    return people, math.fsum(sums)
