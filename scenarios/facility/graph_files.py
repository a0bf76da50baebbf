"""The facility graph on a map: GeoJSON of its units and edges."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely

__all__ = ["graph_geojson"]

_DIGITS = 7  # of longitude and latitude: a centimetre


def graph_geojson(units: pd.DataFrame, edges: pd.DataFrame, crs: str) -> dict[str, Any]:
    """Give a facility graph as a GeoJSON collection in longitude and latitude on WGS 84, as RFC 7946 wants it.

    Parameters
    ----------
    units, edges : DataFrame
        As of `parkrisk.scenarios.facility.graph.Facility`.
    crs : str
        Of the coordinates of the units, such as "EPSG:4528".

    Returns
    -------
    dict
        Units (``feature`` is "unit") as circles of their size, as points where it is not known; edges ("edge") as lines
        from centre to centre. Properties are all columns of the tables.

    Raises
    ------
    pyproj.exceptions.CRSError
        There is no such CRS.
    """
    place, wide = units[["x", "y"]].to_numpy(float), units["radius_m"].to_numpy(float)
    points = shapely.points(place)
    shapes = np.where(wide > 0.0, shapely.buffer(points, wide), points)
    ids = pd.Index(units["unit_id"])
    ends = np.stack([place[ids.get_indexer(pd.Index(edges[name]))] for name in ("from_unit", "to_unit")], axis=1)
    transformer = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)

    def degrees(coordinates: Any) -> Any:
        return np.round(np.column_stack(transformer.transform(coordinates[:, 0], coordinates[:, 1])), _DIGITS)

    drawn = shapely.transform(np.concatenate([shapes, shapely.linestrings(ends)]), degrees)
    properties = [{"feature": "unit", **row} for row in units.to_dict("records")]
    properties += [{"feature": "edge", **row} for row in edges.to_dict("records")]
    texts = shapely.to_geojson(shapely.orient_polygons(drawn)).tolist()
    features = [
        {"type": "Feature", "properties": own, "geometry": json.loads(text)}
        for own, text in zip(properties, texts, strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}
