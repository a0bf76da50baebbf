"""Drawings and map files made for tests, and the minimal park with its tables drawn rather than written."""

import csv
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import ezdxf
import numpy as np
import pyogrio
import pyproj
import pytest
import shapely

from parkrisk.api.examples import example_park
from parkrisk.models.errors import Problem
from parkrisk.scenarios import problems
from parkrisk.scenarios.reading.sources import kind_of, read_source

MINIMAL = example_park("minimal")
CRS = "EPSG:4546"

DXF_LAYER = """
[[layer]]
file = "plan.dxf"
layer = "储罐"
table = "units"
crs = "EPSG:4546"
columns = { unit_id = "编号", diameter_m = "diameter" }
"""


def rows(name: str, folder: Path = MINIMAL) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_rows(folder: Path, name: str, found: Sequence[Mapping[str, str]]) -> None:
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(found[0]))
        writer.writeheader()
        writer.writerows(found)


def park(folder: Path, layers: str, without: Iterable[str] = ("x", "y")) -> Path:
    """The minimal park; its units lose some columns, and layers are to give them back."""
    shutil.copytree(MINIMAL, folder)
    kept = [{name: cell for name, cell in row.items() if name not in without} for row in rows("units")]
    write_rows(folder, "units", kept)
    (folder / "layers.toml").write_text(layers, encoding="utf-8")
    return folder


def unit_places() -> dict[str, tuple[float, float, float]]:
    return {row["unit_id"]: (float(row["x"]), float(row["y"]), float(row["diameter_m"] or 0)) for row in rows("units")}


def drawing(
    path: Path,
    places: Mapping[str, tuple[float, float, float]] | None = None,
    unit: int = 6,
    scale: float = 1.0,
    edit: Callable[[Any], object] = lambda document: None,
    version: str = "R2010",
) -> Path:
    """Tanks as blocks with an attribute, each with a circle of its diameter; lengths in metres over ``scale``."""
    document = ezdxf.new(version)
    document.header["$INSUNITS"] = unit
    document.layers.add("储罐")
    space = document.modelspace()
    for key, (x, y, diameter) in (unit_places() if places is None else places).items():
        block = document.blocks.new(f"tank-{key}")
        if diameter:
            block.add_circle((0, 0), diameter / 2 / scale)
        found = space.add_blockref(f"tank-{key}", (x / scale, y / scale), dxfattribs={"layer": "储罐"})
        found.add_attrib("编号", key, (x / scale, y / scale))
    edit(document)
    document.saveas(path)
    return path


def layer_file(
    path: Path,
    shapes: Sequence[Any],
    fields: Mapping[str, Sequence[Any]],
    crs: str | None = CRS,
    layer: str | None = None,
    **options: Any,
) -> Path:
    """A layer written by GDAL."""
    columns = [np.array(values, dtype=object if isinstance(values[0], str) else None) for values in fields.values()]
    drivers = {".shp": "ESRI Shapefile", ".gpkg": "GPKG", ".geojson": "GeoJSON"}
    kinds = {shape.geom_type + " Z" * shape.has_z for shape in shapes if shape is not None}
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(np.array(shapes, dtype=object)),
        field_data=columns,
        fields=list(fields),
        geometry_type=kinds.pop() if len(kinds) == 1 else "Unknown",
        crs=crs,
        driver=drivers[path.suffix],
        layer=layer,
        **options,
    )
    return path


def placemarks(path: Path, found: Mapping[str, str], folder: str = "罐区", description: str = "") -> Path:
    """A KML file: name to the XML of a geometry."""
    marks = "".join(
        f"<Placemark><name>{name}</name><description>{description}</description>"
        f'<ExtendedData><Data name="编号"><value>{name}</value></Data></ExtendedData>{shape}</Placemark>'
        for name, shape in found.items()
    )
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>图</name>'
        f"<Folder><name>{folder}</name>{marks}</Folder></Document></kml>",
        encoding="utf-8",
    )
    return path


def degrees(x: float, y: float, crs: str = CRS) -> tuple[float, float]:
    """Longitude and latitude, WGS 84, by pyproj alone."""
    longitude, latitude = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(x, y)
    return float(longitude), float(latitude)


def errors(folder: Path) -> list[Problem]:
    return [each for each in problems(folder) if each.severity == "error"]


def only(folder: Path, code: str) -> Problem:
    """The one problem of a code that reading a folder gives, before its rows are checked."""
    found = read_source(folder, kind_of(folder)).problems
    (one,) = [each for each in found if each.code == code] or [pytest.fail(str([p.code for p in found]))]
    return one
