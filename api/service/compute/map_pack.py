"""A park as the map page draws it before anything is assessed."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely

from parkrisk.api.service.compute.geography import collection, in_degrees
from parkrisk.api.service.compute.layers import input_targets, input_units, labelled
from parkrisk.risk.grading.places import enterprise_areas
from parkrisk.risk.result import park_summary
from parkrisk.scenarios.park import Park
from parkrisk.scenarios.reading.areas import shapes_of

__all__ = ["map_pack"]

#: Points of people that a map is given at most; beyond, they are summed over ever larger squares.
_PEOPLE = 2000


def map_pack(park: Park) -> dict[str, Any]:
    """Everything that a map shows of a park.

    Returns
    -------
    dict
        park (name, notice ...); crs: name, epsg, proj, wkt; bbox (west, south, east, north); boundary (a geometry or
        None); and units, targets, enterprises, lines, transport, people, each a GeoJSON collection in WGS 84.
    """
    tables = park.tables
    units, targets, enterprises = input_units(park), input_targets(park), _enterprises(park)
    lines, transport = _lines(park)
    people = _people(tables["population"])
    layers = {
        "units": (_points(units), units),
        "targets": (shapes_of(tables["targets"]), targets),
        "enterprises": enterprises,
        "lines": lines,
        "transport": transport,
        "people": (_points(people), people),
    }
    boundary = [] if park.boundary is None else in_degrees([park.boundary], park.crs)
    drawn = {name: collection(shapes, table.to_dict("records"), park.crs) for name, (shapes, table) in layers.items()}
    near = [*(park.boundary for _ in boundary), *layers["units"][0], *layers["enterprises"][0]]
    return {
        "park": park_summary(park),
        "crs": _crs(park.crs),
        "bbox": [float(side) for side in shapely.total_bounds(in_degrees(near, park.crs))] if near else None,
        "boundary": json.loads(shapely.to_geojson(boundary[0])) if len(boundary) else None,
        **drawn,
    }


def _crs(name: str) -> dict[str, Any]:
    crs = pyproj.CRS.from_user_input(name)
    return {"name": name, "epsg": crs.to_epsg(), "wkt": crs.to_wkt(), "proj": pyproj.Proj(crs).definition_string()}


def _points(table: pd.DataFrame) -> Any:
    return shapely.points(table[["x", "y"]].to_numpy(float))


def _enterprises(park: Park) -> tuple[Any, pd.DataFrame]:
    """Enterprises that have equipment, as its extent."""
    areas = enterprise_areas(park)
    columns = ["enterprise_id", "name", "kind", "area_ha", "staff_day", "staff_night"]
    table = labelled(park.tables["enterprises"][columns], "kind", "enterprise_kind")
    shown = table[table["enterprise_id"].isin(list(areas))]
    return [areas[name] for name in shown["enterprise_id"]], shown


def _lines(park: Park) -> tuple[tuple[Any, pd.DataFrame], tuple[Any, pd.DataFrame]]:
    """Lines, and the transport that goes along them."""
    corners = park.tables["lines"].sort_values(["line_id", "point"])
    courses = {
        str(name): shapely.LineString(group[["x", "y"]].to_numpy(float))
        for name, group in corners.groupby("line_id", sort=True)
        if len(group) > 1
    }
    carried = park.tables["transport"][["transport_id", "name", "line_id", "mode", "substance", "loads_per_year"]]
    carried = labelled(carried[carried["line_id"].isin(list(courses))], "mode", "transport_mode")
    lines = list(courses.values()), pd.DataFrame({"line_id": list(courses)})
    return lines, ([courses[line] for line in carried["line_id"]], carried)


def _people(cells: pd.DataFrame) -> pd.DataFrame:
    """People by day and by night, in squares so large that a map can hold them."""
    shown = cells[["cell_id", "x", "y", "cell_m", "day", "night"]]
    side = 100.0
    while len(shown) > _PEOPLE:
        squares = np.floor(cells[["x", "y"]] / side)
        groups = cells.groupby([squares["x"], squares["y"]], sort=True)
        shown = groups.agg(day=("day", "sum"), night=("night", "sum")).reset_index()
        shown[["x", "y"]] = (shown[["x", "y"]] + 0.5) * side
        shown["cell_m"] = side
        side *= 2.0
    return shown
