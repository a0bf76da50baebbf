"""Tasks that assess a park."""

from collections.abc import Mapping
from typing import Any

from parkrisk.api.service.compute.desk import Desk
from parkrisk.api.service.compute.outcome import Outcome
from parkrisk.api.service.compute.packing import as_json, as_parquet
from parkrisk.risk.grading.places import enterprises_geojson, hazard_units_geojson
from parkrisk.risk.result import contours_geojson
from parkrisk.scenarios.facility.graph_files import graph_geojson

__all__ = ["assess"]


def assess(arguments: Mapping[str, Any], desk: Desk) -> Outcome:
    """Assess a park: ``park``, ``rules``, ``seed``, ``delayed_ignition``."""
    result = desk.assessed(arguments)
    facility = result.domino.facility
    layers = {
        "contours": contours_geojson(result),
        "enterprises": enterprises_geojson(result.park, result.enterprises),
        "hazard_units": hazard_units_geojson(result.park, result.hazards),
        "facility": graph_geojson(facility.units, facility.edges, result.park.crs),
    }
    files = {f"{name}.geojson": as_json(layer) for name, layer in layers.items()}
    files |= {f"tables/{name}.parquet": as_parquet(table) for name, table in result.tables().items()}
    return Outcome(result.to_dict(), files)
