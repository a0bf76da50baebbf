"""What lies around the park: how far targets are, how many people live within a distance, names of directions."""

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from parkrisk.api.report.material import Material
from parkrisk.risk.distances.external import site_of
from parkrisk.scenarios.reading.areas import shapes_of

__all__ = ["direction_name", "people_within", "target_distances"]

Floats = NDArray[np.float64]

_DIRECTIONS = (
    ("北", "北东北", "东北", "东东北", "东", "东东南", "东南", "南东南"),
    ("南", "南西南", "西南", "西西南", "西", "西西北", "西北", "北西北"),
    ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE"),
    ("S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW"),
)
_RADII_KM = (1.0, 2.0, 5.0)


def direction_name(degrees: float, lang: str) -> str:
    """Name of a compass direction [deg], the nearest of sixteen."""
    turn = round(degrees / 22.5) % 16
    return _DIRECTIONS[turn // 8 + (0 if lang == "zh" else 2)][turn % 8]


def target_distances(material: Material) -> pd.DataFrame:
    """name, class, persons, unit (the nearest), unit_m, boundary_m [m] of each target, nearest first."""
    result = material.result
    targets = result.park.tables["targets"]
    shapes = shapes_of(targets)
    units = result.park.tables["units"]["unit_id"].tolist()
    site = site_of(result)
    apart = np.array([site.distances([unit], outline=True) for unit in units])
    nearest = apart.argmin(axis=0)
    boundary = result.park.boundary
    outside = np.full(len(targets), np.nan) if boundary is None else shapely.distance(boundary, shapes)
    rows = targets[["target_id", "name", "class", "persons"]].assign(
        unit=[units[k] for k in nearest], unit_m=apart.min(axis=0), boundary_m=outside
    )
    return rows.sort_values(["unit_m", "target_id"], ignore_index=True)


def people_within(material: Material) -> pd.DataFrame:
    """Within (in words), day, night: the public within each distance of the boundary, of the units where it lacks."""
    result, say = material.result, material.say
    people, boundary = result.surroundings.people, result.park.boundary
    public = people.enterprise_id == ""
    units = shapely.MultiPoint(result.park.tables["units"][["x", "y"]].to_numpy())
    apart: Floats = shapely.distance(
        units if boundary is None else boundary, shapely.points(people.x[public], people.y[public])
    )
    start = say(*(("设备", "a unit") if boundary is None else ("四至", "the boundary")))
    return pd.DataFrame(
        [
            {
                "within": say(f"距{start} {km:g} km 以内", f"within {km:g} km of {start}"),
                "day": float(people.day[public][apart <= 1e3 * km].sum()),
                "night": float(people.night[public][apart <= 1e3 * km].sum()),
            }
            for km in _RADII_KM
        ]
    )
