"""Files of a siting map: tables, polygons of the cells that fit (GeoJSON), the map itself (GeoTIFF)."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from parkrisk.models.errors import ParkRiskError
from parkrisk.risk.entry.gate import Decision
from parkrisk.risk.files import write_json, write_table
from parkrisk.risk.siting.result import CRITERIA, OUTSIDE, VERDICTS, Siting

#: Areas with at least so much room are drawn.
ROOM_LEVELS = (1.0, 3.0, 10.0, 100.0)
#: Bands of the GeoTIFF.
BANDS = ("verdict", "room", "binding", "target")


def save(found: Siting, folder: str | Path, proofs: Sequence[Decision] = ()) -> None:
    """Write ``siting.json``, ``siting_best.csv``, ``siting_targets.csv``, ``siting.geojson`` and ``siting.tif``.

    ``proofs`` are those of the first of the best places; their verdict and digest stand beside these.

    Raises
    ------
    ParkRiskError
        rasterio, which writes the GeoTIFF, is not installed; everything else is written.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    write_json(target / "siting.json", found.to_dict())
    best = found.best()
    best["proven"], best["proof_digest"] = "", ""
    for row, proof in enumerate(proofs):
        best.loc[row, ["proven", "proof_digest"]] = [proof.verdict, proof.provenance["result_digest"]]
    for name, table in (("siting_best", best), ("siting_targets", found.targets)):
        write_table(target / f"{name}.csv", table)
    write_json(target / "siting.geojson", geojson(found), indent=None)
    write_geotiff(found, target / "siting.tif")


def write_geotiff(found: Siting, path: Path) -> None:
    """Write the map as a GeoTIFF, north up, in the CRS of the park.

    Bands: code of the verdict, room, code of the criterion that binds, row of the target that binds in
    ``siting_targets.csv`` (from 0; -1: none). The tags of each band say what its codes mean. NaN: nothing to say.
    """
    try:
        import rasterio
    except ImportError:
        raise ParkRiskError(
            "写 GeoTIFF 需要 rasterio：pip install 'parkrisk[maps]'",
            "a GeoTIFF needs rasterio: pip install 'parkrisk[maps]'",
        ) from None
    raster = found.raster
    half = 0.5 * raster.cell
    top = raster.y0 + (raster.ny - 0.5) * raster.cell
    form: dict[str, Any] = {
        "driver": "GTiff",
        "width": raster.nx,
        "height": raster.ny,
        "count": len(BANDS),
        "dtype": "float32",
        "crs": found.park.crs,
        "transform": rasterio.Affine(raster.cell, 0.0, raster.x0 - half, 0.0, -raster.cell, top),
        "nodata": float("nan"),
        "compress": "deflate",
    }
    meanings = ({f"{code}": name for code, name in enumerate(names)} for names in (VERDICTS, CRITERIA))
    tags = {"verdict": next(meanings), "binding": next(meanings), "room": {"unit": "times the project's risk"}}
    with rasterio.open(path, "w", **form) as file:
        for number, name in enumerate(BANDS, start=1):
            file.write(np.asarray(getattr(found, name), dtype=np.float32)[::-1], number)
            file.set_band_description(number, name)
            file.update_tags(number, **tags.get(name, {}))


def areas(found: Siting) -> Iterator[tuple[dict[str, Any], shapely.Geometry]]:
    """Areas of cells alike, in the CRS of the park: by verdict, then by room at least so much, least first."""
    for code, name in enumerate(VERDICTS):
        if code != OUTSIDE:
            yield {"verdict": name}, area_of(found, found.verdict == code)
    for level in ROOM_LEVELS:
        yield {"room_at_least": level}, area_of(found, found.room >= level)


def area_of(found: Siting, chosen: NDArray[np.bool_]) -> shapely.Geometry:
    """Union of some cells, in the CRS of the park."""
    row, column = np.nonzero(chosen)
    raster, half = found.raster, 0.5 * found.raster.cell
    # Edges by one formula, so that those of neighbours are the same numbers.
    x, y = (
        raster.x0 - half + raster.cell * np.arange(raster.nx + 1),
        raster.y0 - half + raster.cell * np.arange(raster.ny + 1),
    )
    boxes = shapely.box(x[column], y[row], x[column + 1], y[row + 1])
    return shapely.coverage_union_all(boxes)


def geojson(found: Siting) -> dict[str, Any]:
    """Areas as a GeoJSON collection in WGS 84: verdict or room_at_least, area_m2; empty ones left out."""
    transformer = pyproj.Transformer.from_crs(found.park.crs, "EPSG:4326", always_xy=True)
    features = []
    for properties, area in areas(found):
        if area.is_empty:
            continue
        moved = shapely.transform(area, lambda xy: np.column_stack(transformer.transform(xy[:, 0], xy[:, 1])))
        shape = shapely.orient_polygons(shapely.make_valid(moved))
        features.append(
            {
                "type": "Feature",
                "properties": {**properties, "area_m2": round(float(area.area), 1)},
                "geometry": json.loads(shapely.to_geojson(shape)),
            }
        )
    return {"type": "FeatureCollection", "features": features}
