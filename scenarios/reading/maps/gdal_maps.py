"""Shapefiles and layers of GeoPackages in, by GDAL."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import shapely

from parkrisk.models.errors import Problem
from parkrisk.scenarios.messages import problem
from parkrisk.scenarios.reading.maps.features import MOST_FEATURES, Content, Feature, MapFault, cell, marks
from parkrisk.scenarios.reading.maps.layers import Layer
from parkrisk.scenarios.reading.sqlite_guard import refusal

__all__ = ["GdalMap"]

_LARGEST_FILE = 512 * 2**20
#: How files begin; GDAL itself would open whatever it recognises, whatever the file is called.
_DAMAGED = "it is damaged / 文件已损坏"
_BEGINS = {".gpkg": b"SQLite format 3\0", ".shp": b"\0\0\x27\x0a"}


class GdalMap:
    """A shapefile or GeoPackage.

    Parameters
    ----------
    path : Path

    Raises
    ------
    MapFault
        If it is none, is too large, or lacks one of its parts.
    """

    def __init__(self, path: Path) -> None:
        import pyogrio  # heavy; only parks with map files need it

        self._path = path
        self._encoding: str | None = None
        self._warnings: tuple[Problem, ...] = ()
        self.hidden: tuple[str, ...] = ()
        with path.open("rb") as file:
            if not file.read(16).startswith(_BEGINS[path.suffix.casefold()]):
                raise MapFault(
                    "map_unreadable", path.name, reason=f"not a {path.suffix} file / 不是 {path.suffix} 文件"
                )
        if path.stat().st_size > _LARGEST_FILE:
            raise MapFault("map_unreadable", path.name, reason=f"> {_LARGEST_FILE // 2**20} MiB")
        if path.suffix.casefold() == ".shp":
            self._check_parts()
        else:
            code, found = refusal(path)
            if code:
                raise MapFault(code, found or path.name)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # GDAL warns of what is checked here anyway
                found = pyogrio.list_layers(path)
            self.layers = tuple(str(name) for name, geometry in found if geometry is not None)
        except (pyogrio.errors.DataSourceError, ValueError):
            raise MapFault("map_unreadable", path.name, reason=_DAMAGED) from None

    def _check_parts(self) -> None:
        """Name the parts of a shapefile that are missing, and find out how its table is encoded."""
        around = self._path.parent.iterdir()
        beside = {each.suffix.casefold(): each for each in around if each.stem == self._path.stem and each.is_file()}
        for part in (".shx", ".dbf"):
            if part not in beside:
                raise MapFault("map_part_missing", f"{self._path.stem}{part}")
        table = beside[".dbf"].read_bytes()
        rows, shapes = int.from_bytes(table[4:8], "little"), (beside[".shx"].stat().st_size - 100) // 8
        if rows != shapes:  # GDAL would leave rows out, or read shapes without any
            reason = f".dbf: {rows}, .shx: {shapes} rows / 行数不一致"
            raise MapFault("map_unreadable", self._path.name, reason=reason)
        if ".cpg" in beside:
            return
        try:
            table[32:].decode("utf-8")
            self._encoding = "UTF-8"
        except UnicodeDecodeError:
            self._encoding = "GB18030"
            self._warnings = (problem("encoding_gbk", beside[".dbf"].name, found="GBK"),)

    def read(self, layers: Sequence[str], entry: Layer) -> Content:  # noqa: ARG002 (nothing hangs on the entry)
        """Give some layers; they must agree on their CRS."""
        features: list[Feature] = []
        names: dict[str, None] = {}
        systems: dict[str, str] = {}
        for layer in layers:
            meta, shapes, columns = self._layer(layer)
            systems[str(meta["crs"] or "")] = layer
            fields = [str(name) for name in meta["fields"]]
            names.update(dict.fromkeys(fields))
            for number, shape in enumerate(shapes, start=1):
                values = {
                    name: cell(column[number - 1].item() if hasattr(column[number - 1], "item") else column[number - 1])
                    for name, column in zip(fields, columns, strict=True)
                }
                features.append(Feature(number, layer, shape, values))
        if len(systems) > 1:
            raise MapFault("map_crs_differ", ", ".join(systems.values()), "layer")
        mark = marks([*names, *layers])
        return Content(tuple(features), tuple(names), next(iter(systems)), "", mark, self._warnings)

    def _layer(self, layer: str) -> tuple[dict[str, Any], Any, Any]:
        import pyogrio

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                count = pyogrio.read_info(self._path, layer=layer, force_feature_count=True)["features"]
                if count > MOST_FEATURES:
                    raise MapFault("map_too_large", count, largest=MOST_FEATURES)
                meta, _, geometry, columns = pyogrio.raw.read(
                    self._path, layer=layer, encoding=self._encoding, force_2d=True
                )
                return meta, shapely.from_wkb(geometry), columns
        except (
            *(pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError),
            *(pyogrio.errors.GeometryError, pyogrio.errors.FieldError, shapely.errors.ShapelyError, ValueError),
        ) as error:
            raise MapFault("map_unreadable", f"{self._path.name}/{layer}", reason=str(error)) from None
