"""What a portfolio takes from the assessment of one park: a row of figures, and places in EPSG:4490."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from parkrisk.risk.criteria import possible_zones
from parkrisk.risk.mapping.contours import open_levels, reprojected
from parkrisk.risk.portfolio.plan import Task
from parkrisk.risk.result import Assessment, plain
from parkrisk.scenarios.receptors import people
from parkrisk.scenarios.writing.plain import section_of

__all__ = ["CRS", "identity", "layers_of", "row_of"]

#: CGCS2000, longitude and latitude: one system for all parks, and the one that maps in China are drawn in.
CRS = "EPSG:4490"

_LEVELS = (1, 2, 3, 4)


def identity(task: Task) -> dict[str, Any]:
    """What identifies a park, as its input says it, read well or not."""
    said = section_of(task.raw) if task.raw.kind in task.raw.tables else {}
    units = task.raw.tables.get("units")
    return {
        **{name: said.get(name, "") for name in ("name", "code", "date")},
        "units": None if units is None else len(units.rows),
    }


def row_of(result: Assessment) -> dict[str, Any]:
    """Figures of an assessed park."""
    park, grade, provenance = result.park, result.grade, result.provenance
    crowd = people(park)
    pll, alone = float(result.pll), float(result.societal.pll_without_domino)
    row = {
        "name": park.name,
        "code": park.code,
        "date": park.date.isoformat(),
        "demonstration": park.info["demonstration"] == "yes",
        "units": len(park.tables["units"]),
        "enterprises": len(park.tables["enterprises"]),
        "people_day": float(crowd.day.sum()),
        "people_night": float(crowd.night.sum()),
        "grade": grade.letter,
        "grade_worst": grade.bounds[0],
        "grade_best": grade.bounds[1],
        "score": float(grade.score),
        "score_low": float(grade.score_bounds[0]),
        "score_high": float(grade.score_bounds[1]),
        "open_items": len(grade.missing),
        "unverified": grade.unverified,
        "pll": pll,
        "domino_share": (pll - alone) / pll if pll > 0.0 else 0.0,
        "complete": not result.events.not_computed,
        **_societal(result.fn),
        **_targets(result.targets),
        **_hazards(result.hazards.units),
        "rules": provenance["rules"],
        "seed": provenance["seed"],
        "version": provenance["version"],
        **{name: provenance[name] for name in ("input_digest", "rules_digest", "settings_digest", "result_digest")},
    }
    converted: dict[str, Any] = plain(row)
    return converted


def _societal(fn: pd.DataFrame) -> dict[str, Any]:
    """Largest ratio of the F-N curve to the upper criterion line, drawn on where it ends, and where that is."""
    zones = " / ".join(possible_zones(fn["zone"]))
    if not len(fn):
        return {"fn_ratio": 0.0, "fn_n": None, "fn_zone": zones}
    ratio = (fn["F"] / fn["upper"]).to_numpy(dtype=np.float64)
    place = int(np.argmax(ratio))
    return {"fn_ratio": float(ratio[place]), "fn_n": float(fn["N"].iloc[place]), "fn_zone": zones}


def _targets(targets: pd.DataFrame) -> dict[str, Any]:
    ratio = targets["ratio"].to_numpy(dtype=np.float64)
    known = bool(np.isfinite(ratio).any())
    worst = int(np.nanargmax(ratio)) if known else None
    return {
        "targets": len(targets),
        "targets_over_limit": int((targets["status"] == "fail").sum()),
        "targets_unknown": int((targets["status"] == "unknown").sum()),
        "worst_target": "" if worst is None else str(targets["target_id"].iloc[worst]),
        "worst_target_ratio": None if worst is None else float(ratio[worst]),
    }


def _hazards(units: pd.DataFrame) -> dict[str, Any]:
    """Major hazards by level, the worst that is possible where the input leaves it open."""
    worst = units["level_worst"]
    counts = {f"major_hazards_{level}": int((worst == level).sum()) for level in _LEVELS}
    either = worst.fillna(0) != units["level_best"].fillna(0)
    return {**counts, "major_hazards_open": int(either.sum())}


def layers_of(result: Assessment) -> dict[str, list[dict[str, Any]]]:
    """Places of an assessed park by layer: parks, park_areas, contours, targets."""
    park = result.park
    transformer = pyproj.Transformer.from_crs(park.crs, CRS, always_xy=True)

    def moved(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(transformer.transform(points[:, 0], points[:, 1]))

    units = park.tables["units"]
    area = park.boundary
    place = shapely.Point(units[["x", "y"]].mean()) if area is None else area.point_on_surface()
    return {
        "parks": [_feature(place, moved, {})],
        "park_areas": [] if area is None else [_feature(area, moved, {})],
        "contours": _contours(result, moved),
        "targets": [
            _feature(shapely.Point(row["risk_x"], row["risk_y"]), moved, _target(row))
            for row in result.targets.to_dict("records")
            if row["status"] != "pass"
        ],
    }


_Move = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def _feature(shape: Any, moved: _Move, values: Mapping[str, Any]) -> dict[str, Any]:
    return {**values, "geometry": shapely.to_wkb(shapely.transform(shape, moved), hex=True)}


def _target(row: Mapping[Any, Any]) -> dict[str, Any]:
    names = ("target_id", "name", "class", "persons", "individual_risk", "limit", "ratio", "status", "top_source")
    found: dict[str, Any] = plain({name: row[name] for name in names})
    return found


def _contours(result: Assessment, moved: _Move) -> list[dict[str, Any]]:
    areas = reprojected(result.contours(), moved)
    cut = open_levels(result.individual_risk.values, areas)
    return [
        {
            "individual_risk_per_year": level,
            "closed": level not in cut,
            "geometry": shapely.to_wkb(shapely.orient_polygons(area), hex=True),
        }
        for level, area in areas.items()
        if not area.is_empty
    ]
