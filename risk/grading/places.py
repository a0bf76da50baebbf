"""Where enterprises and hazard units are: their extent from the equipment, and both as GeoJSON in WGS 84.

A park's input has no plot boundaries of enterprises. The extent drawn here closes the gaps between the pieces of
equipment of one enterprise; it says whose equipment stands where, not whose land it is.
"""

import json
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely

from parkrisk.risk.grading.enterprise import EnterpriseGrades
from parkrisk.risk.screening.hazard_units import HazardTable
from parkrisk.scenarios.park import Park

_SMALLEST = 10.0  # m: drawn radius of equipment without a diameter
_JOINED = 120.0  # m: half of the gap between equipment that the extent of an enterprise closes
_MARGIN = 25.0  # m
_JOINED_WITHIN = 15.0  # m: the same within a hazard unit


def enterprise_areas(park: Park) -> dict[str, Any]:
    """Extent of the equipment of each enterprise that has any, planar; by enterprise_id, sorted."""
    units = park.tables["units"]
    return {
        str(name): _joined(_discs(group), _JOINED, _MARGIN) for name, group in units.groupby("enterprise_id", sort=True)
    }


def hazard_unit_areas(park: Park, hazards: HazardTable) -> dict[str, Any]:
    """Extent of the counted equipment of each hazard unit, planar; by hazard_unit_id, in the order of the table."""
    units = park.tables["units"].set_index("unit_id")
    counted = hazards.terms[["hazard_unit_id", "unit_id"]].drop_duplicates()
    groups = counted.groupby("hazard_unit_id")["unit_id"]
    return {
        name: _joined(_discs(units.loc[groups.get_group(name)]), _JOINED_WITHIN, 0.0)
        for name in hazards.units["hazard_unit_id"]
    }


def _discs(units: pd.DataFrame) -> Any:
    radius = np.fmax(np.nan_to_num(units["diameter_m"].to_numpy(float)) / 2.0, _SMALLEST)
    return shapely.buffer(shapely.points(units["x"].to_numpy(float), units["y"].to_numpy(float)), radius)


def _joined(discs: Any, distance: float, margin: float) -> Any:
    return shapely.union_all(discs).buffer(distance + margin).buffer(-distance)


def enterprises_geojson(park: Park, grades: EnterpriseGrades) -> dict[str, Any]:
    """Enterprises with their colours as a GeoJSON collection in WGS 84; one without equipment has no geometry."""
    columns = [
        *("enterprise_id", "name", "status", "colour", "colour_worst", "colour_best", "score_low", "score_high"),
        *("level_worst", "level_best", "missing_count", "reason_zh", "reason_en", "mark"),
    ]
    return _collection(park, grades.table[columns], "enterprise_id", enterprise_areas(park))


def hazard_units_geojson(park: Park, hazards: HazardTable) -> dict[str, Any]:
    """Hazard units with their levels as a GeoJSON collection in WGS 84."""
    columns = [
        "hazard_unit_id",
        "enterprise_id",
        "units",
        "S",
        "R",
        "major_hazard",
        "level_worst",
        "level_best",
        "mark",
    ]
    return _collection(park, hazards.units[columns], "hazard_unit_id", hazard_unit_areas(park, hazards))


def _collection(park: Park, table: pd.DataFrame, key: str, areas: dict[str, Any]) -> dict[str, Any]:
    transformer = pyproj.Transformer.from_crs(park.crs, "EPSG:4326", always_xy=True)
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {str(name): value for name, value in row.items()},
                "geometry": _geometry(areas[row[key]], transformer) if row[key] in areas else None,
            }
            for row in table.to_dict("records")
        ],
    }


def _geometry(area: Any, transformer: pyproj.Transformer) -> Any:
    turned = shapely.transform(area, lambda points: np.column_stack(transformer.transform(points[:, 0], points[:, 1])))
    return json.loads(shapely.to_geojson(shapely.orient_polygons(turned)))


__all__ = ["enterprise_areas", "enterprises_geojson", "hazard_unit_areas", "hazard_units_geojson"]
