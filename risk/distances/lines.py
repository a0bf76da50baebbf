"""Lines round installations, and the surrounding-land control line of the park.

No official way of drawing the control line (Hazardous Chemicals Safety Law, art. 20) is on record: what is drawn here
is the engine's reading. Within the line of a class no target of this or a more protected class should stand. For
planning the sum over the park counts, neighbours and roads among them: the control line of a class holds the contour of
the park's sum at the in-service limit, the lines of all installations, and the ground of the park itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from parkrisk.models._jit import threads
from parkrisk.risk.criteria import individual_limits
from parkrisk.risk.distances import blast
from parkrisk.risk.distances.installations import Installation
from parkrisk.risk.distances.judge import Evidence, Site, blast_distance
from parkrisk.risk.distances.standard import class_groups, overpressure_limits
from parkrisk.risk.footprints.recent import library_for
from parkrisk.risk.individual import risk_sums
from parkrisk.risk.mapping.contours import contours, open_levels
from parkrisk.risk.mapping.pyramid import raster_values
from parkrisk.risk.result import Assessment
from parkrisk.risk.rules.facts import missing_events
from parkrisk.risk.sharing import Progress

__all__ = ["CONTROL_COLUMNS", "LINE_COLUMNS", "ControlLines", "control_lines", "installation_lines"]

LINE_COLUMNS = ("hazard_units", "enterprise_id", "state", "method", "classes", "limit", "unit", "closed", "missing")
CONTROL_COLUMNS = ("classes", "limit_per_year", "closed", "missing")

#: Pieces of a quarter of a circle; the polygon is drawn outside the circle.
_QUARTER = 32


@dataclass(frozen=True)
class ControlLines:
    """Control lines of a park.

    Parameters
    ----------
    table : DataFrame
        One row per group of classes with the same limits, the most protected first: classes, limit_per_year (of the
        park's sum), closed (False: cut by the edge of the map), missing, shape.
    line : Polygon or MultiPolygon
        The line of the most protected classes joined with all others.
    """

    table: pd.DataFrame
    line: Any


def _ground(site: Site) -> dict[str, Any]:
    """Outline of each unit."""
    units = site.park.tables["units"][["unit_id", "x", "y", "diameter_m"]]
    radius = np.nan_to_num(units["diameter_m"].to_numpy(dtype=np.float64)) / 2.0
    points = shapely.points(units[["x", "y"]].to_numpy(dtype=np.float64))
    return {name: (point, r) for name, point, r in zip(units["unit_id"], points, radius, strict=True)}


def around(points: Iterable[Any], distances: Iterable[float]) -> Any:
    """Discs around points joined, as polygons that hold the true circles."""
    grown = [r / np.cos(np.pi / (4 * _QUARTER)) for r in distances]
    return shapely.union_all(shapely.buffer(list(points), grown, quad_segs=_QUARTER))


def installation_lines(
    assessment: Assessment,
    site: Site,
    evidence: Evidence,
    installations: Sequence[Installation],
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Line round every installation whose distance is known, for every group of classes.

    Returns
    -------
    DataFrame
        ``LINE_COLUMNS`` and shape [m]: installations of one enterprise that are assessed as a whole share a line. limit
        in unit: individual risk [1/yr], overpressure [kPa] or distance [m]. missing: the line is a lower bound.
    """
    rows = list(_risk_lines(assessment, site, installations, progress))
    ground = _ground(site)
    for one in installations:
        shared = {
            "hazard_units": (one.id,),
            "enterprise_id": ";".join(one.enterprises),
            "state": one.state,
            "method": one.choice.method,
            "closed": True,
        }
        if one.choice.method == "consequence":
            charge = blast.charge_of(one.terms)
            for group in class_groups():
                limit = overpressure_limits()[group[0]][0]
                radius, missing = blast_distance(charge, limit)
                if radius == radius:
                    points = [ground[name][0] for name in charge.unit_ids]
                    shape = around(points, [radius] * len(points))
                    number = {"limit": limit / 1e3, "unit": "kPa"}
                    rows.append({**shared, **number, "classes": group, "missing": missing, "shape": shape})
        elif one.choice.method == "standards":
            for group in class_groups():
                stated = [evidence.required(one.id, name) for name in group]
                known = [each for each in stated if each == each]
                if known:
                    outlines = [ground[name] for name in one.unit_ids]
                    shape = around([point for point, _ in outlines], [max(known) + r for _, r in outlines])
                    missing = tuple(f"design-standard-distance[{one.id}]" for _ in range(len(known) < len(stated)))
                    number = {"limit": max(known), "unit": "m"}
                    rows.append({**shared, **number, "classes": group, "missing": missing, "shape": shape})
    return pd.DataFrame(rows, columns=[*LINE_COLUMNS, "shape"])


def _risk_lines(
    assessment: Assessment, site: Site, installations: Sequence[Installation], progress: Progress | None
) -> Iterable[dict[str, Any]]:
    """Contours of what enterprises add as a whole."""
    wholes: dict[tuple[tuple[str, ...], str], list[Installation]] = {}
    for one in installations:
        if one.choice.method == "qra":
            wholes.setdefault((one.enterprises, one.state), []).append(one)
    around_it, events = assessment.surroundings, assessment.events
    library = library_for(events.outcomes, around_it.grid).fill()
    there = set(events.table["unit_id"])
    for done, ((enterprises, state), members) in enumerate(sorted(wholes.items())):
        if progress is not None:
            progress("distances", done, len(wholes))
        units = site.assessed_with(members[0])
        some = there & set(units)
        if not some:
            continue
        missing = missing_events(name for name in site.not_computed if name in units)
        place = (around_it.rose, around_it.grid, around_it.raster, np.zeros((0, 2)))
        with threads(assessment.settings.threads):
            sums = risk_sums(events, *place, units=some, rose=around_it.reading, library=library)
        values = raster_values(sums.levels, (around_it.raster.ny, around_it.raster.nx))
        levels = [individual_limits()[group[0], state].value for group in class_groups()]
        shapes = contours(around_it.raster, values, levels)
        cut = open_levels(values, levels)
        for group, level in zip(class_groups(), levels, strict=True):
            yield {
                "hazard_units": tuple(one.id for one in members),
                "enterprise_id": ";".join(enterprises),
                "state": state,
                "method": "qra",
                "classes": group,
                "limit": level,
                "unit": "1/yr",
                "closed": level not in cut,
                "missing": missing,
                "shape": shapes[level],
            }


def control_lines(assessment: Assessment, lines: pd.DataFrame, installations: Sequence[Installation]) -> ControlLines:
    """Control line of the park, for each group of classes and in all.

    Parameters
    ----------
    assessment : Assessment
    lines : DataFrame
        As `installation_lines` gives it.
    installations : sequence of Installation
        All of the park: those without a line are missing.
    """
    park, risk = assessment.park, assessment.individual_risk
    levels = [individual_limits()[group[0], "existing"].value for group in class_groups()]
    sums, cut = contours(risk.raster, risk.values, levels), open_levels(risk.values, levels)
    drawn = {name for names in lines["hazard_units"] for name in names}
    gaps = [f"line[{one.id}]" for one in installations if one.id not in drawn and one.choice.method != "out_of_scope"]
    gaps += missing_events(assessment.events.not_computed)
    gaps += ["park.boundary"] if park.boundary is None else []
    rows = []
    wider: list[Any] = [] if park.boundary is None else [park.boundary]
    # From the least protected classes outward, so that each line lies within the next.
    for group, level in list(zip(class_groups(), levels, strict=True))[::-1]:
        mine = lines[np.array([names == group for names in lines["classes"]], dtype=np.bool_)]
        shape = _whole([*wider, sums[level], *mine["shape"]])
        wider = [shape]
        rows.append(
            {
                "classes": group,
                "limit_per_year": level,
                "closed": level not in cut and bool(mine["closed"].all()),
                "missing": tuple(dict.fromkeys([*gaps, *(entry for each in mine["missing"] for entry in each)])),
                "shape": shape,
            }
        )
    table = pd.DataFrame(rows[::-1], columns=[*CONTROL_COLUMNS, "shape"])
    return ControlLines(table, table["shape"].iloc[0])


def _whole(shapes: Iterable[Any]) -> Any:
    """Areas joined, without the holes in them: land that is enclosed lies within the line."""
    joined = shapely.union_all([shape for shape in shapes if not shape.is_empty])
    parts = [part for part in shapely.get_parts(joined) if part.geom_type == "Polygon"]
    return shapely.union_all([shapely.Polygon(part.exterior) for part in parts])
