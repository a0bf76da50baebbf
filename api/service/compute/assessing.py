"""Tasks that assess a park."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from parkrisk.api.service.compute.desk import Desk
from parkrisk.api.service.compute.layers import target_layer, unit_layer
from parkrisk.api.service.compute.outcome import Outcome
from parkrisk.api.service.compute.packing import as_json, as_parquet
from parkrisk.risk.grading.places import enterprises_geojson, hazard_units_geojson
from parkrisk.risk.result import contours_geojson, plain
from parkrisk.risk.whatif import whatif as compared
from parkrisk.scenarios.changing.scenario_files import scenario_of
from parkrisk.scenarios.facility.graph_files import graph_geojson

__all__ = ["assess", "contours", "whatif"]


def assess(arguments: Mapping[str, Any], desk: Desk) -> Outcome:
    """Assess a park: ``park``, ``rules``, ``seed``, ``delayed_ignition``."""
    result = desk.assessed(arguments)
    facility = result.domino.facility
    layers = {
        "contours": contours_geojson(result),
        "enterprises": enterprises_geojson(result.park, result.enterprises),
        "hazard_units": hazard_units_geojson(result.park, result.hazards),
        "units": unit_layer(result),
        "targets": target_layer(result),
        "facility": graph_geojson(facility.units, facility.edges, result.park.crs),
    }
    files = {f"{name}.geojson": as_json(layer) for name, layer in layers.items()}
    files |= {f"tables/{name}.parquet": as_parquet(table) for name, table in result.tables().items()}
    return Outcome(result.to_dict(), files)


def contours(arguments: Mapping[str, Any], desk: Desk) -> Outcome:
    """Contours at other levels: as ``assess``, and ``levels`` [1/yr]."""
    result = desk.assessed(arguments)
    settings = replace(result.settings, contour_levels=tuple(map(float, arguments["levels"])))
    found = contours_geojson(replace(result, settings=settings))
    return Outcome({"levels": list(settings.contour_levels)}, {"contours.geojson": as_json(found)})


def whatif(arguments: Mapping[str, Any], desk: Desk) -> Outcome:
    """Compare a park with itself after a change: as ``assess``, and ``scenario`` with the entries of such a file."""
    scenario = scenario_of(arguments["scenario"], "whatif")
    park = desk.park(arguments["park"])
    changed = scenario.apply(park)
    before = desk.assessed(arguments)
    rules = desk.rules(arguments, park)
    found = compared(before, changed, scenario.name, rules=rules, progress=desk.progress)
    layers = {
        "contours_before": contours_geojson(before),
        "contours_after": contours_geojson(found.after),
        "units_after": unit_layer(found.after),
        "targets_after": target_layer(found.after),
    }
    files = {f"{name}.geojson": as_json(layer) for name, layer in layers.items()}
    files["fn.json"] = as_json(plain({"before": before.fn, "after": found.after.fn}))
    return Outcome(found.to_dict(), files)
