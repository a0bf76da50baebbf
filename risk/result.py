"""The answer: one frozen object with every table, where it came from, and a digest that proves it is the same again."""

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely

from parkrisk.models.errors import Problem
from parkrisk.risk.domino import DominoResult
from parkrisk.risk.files import write_json, write_table
from parkrisk.risk.grading.enterprise import EnterpriseGrades
from parkrisk.risk.grading.grade import Grade
from parkrisk.risk.grading.places import enterprises_geojson, hazard_units_geojson
from parkrisk.risk.individual import IndividualRisk
from parkrisk.risk.mapping.contours import Area, contours, open_levels, reprojected
from parkrisk.risk.rules.sets import RuleSet
from parkrisk.risk.screening.hazard_units import HazardTable
from parkrisk.risk.settings import Settings
from parkrisk.risk.societal import SocietalRisk
from parkrisk.risk.surroundings import Surroundings
from parkrisk.risk.trace.step import Step
from parkrisk.scenarios.events.expand import Events
from parkrisk.scenarios.events.reexpand import Expansion
from parkrisk.scenarios.park import Park

_AS_THEY_ARE = frozenset({str, int, bool})  # types that JSON holds


def plain(value: Any) -> Any:
    """Turn a value into what JSON can hold: built-in types, dates as text, NaN and infinity as null."""
    if type(value) in _AS_THEY_ARE or value is None:  # by far the most
        return value
    if value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, pd.DataFrame):
        return [dict(zip(value.columns, map(plain, row), strict=True)) for row in value.itertuples(index=False)]
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return [plain(item) for item in value.tolist()]
    if isinstance(value, (list, tuple)):
        return list(value) if _AS_THEY_ARE.issuperset(map(type, value)) else [plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted(plain(item) for item in value)
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Problem):
        return plain(value.__dict__)
    return value


def canonical_json(content: Any) -> str:
    """JSON with sorted keys and shortest floats: the same content is the same text."""
    return json.dumps(plain(content), sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def digest(parts: Iterable[bytes | str]) -> str:
    """SHA-256 over parts, each with its length, so that no two lists of parts run together."""
    state = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        state.update(len(data).to_bytes(8, "big"))
        state.update(data)
    return state.hexdigest()


@dataclass(frozen=True)
class Assessment:
    """The risk assessment of one park.

    Tables are pandas DataFrames; every risk is per year.

    Attributes
    ----------
    grade : Grade
        Letter, score, the bounds that unanswered items leave open, and the reasons.
    hazards : HazardTable
        GB 18218 hazard units and the terms of their sums.
    enterprises : EnterpriseGrades
        Colour of each enterprise with its bounds, and the points that make it up.
    sources : DataFrame
        One row per unit: quantity, hazard unit, R, level, expected fatalities, part in domino effects.
    scenarios : DataFrame
        The casualty-radius table: loss of containment × outcome × weather.
    targets : DataFrame
        Individual risk at each protection target beside its limit.
    contributions : DataFrame
        What makes up the individual risk at each target, largest first.
    contribution_parts : DataFrame
        The same by outcome, by weather class and by wind direction.
    fn : DataFrame
        F-N curve, of accidents with all that follows and of primary events alone, with both criterion lines.
    pll : float
        Expected fatalities per year; ``societal`` holds those of primary events alone.
    events, expansion : Events, Expansion
        All events, those of cascades among them; the primary ones and what they were made of.
    surroundings : Surroundings
        Wind, resolution, map, points and people of the run.
    ruleset : RuleSet
        Rules that the park was judged by.
    timings, footprints : mapping
        Seconds per stage; how often a footprint is used, by an event in a weather, and how many different ones came
        from the park before, from disk, were computed. They change from run to run and are no part of what is written
        or digested.
    """

    park: Park
    settings: Settings
    grade: Grade
    hazards: HazardTable
    enterprises: EnterpriseGrades
    sources: pd.DataFrame
    scenarios: pd.DataFrame
    targets: pd.DataFrame
    contributions: pd.DataFrame
    contribution_parts: pd.DataFrame
    individual_risk: IndividualRisk
    societal: SocietalRisk
    fn: pd.DataFrame
    pll: float
    domino: DominoResult
    rules: pd.DataFrame
    assumptions: pd.DataFrame
    events: Events
    expansion: Expansion = field(repr=False)
    surroundings: Surroundings = field(repr=False)
    ruleset: RuleSet = field(repr=False)
    problems: tuple[Problem, ...]
    provenance: Mapping[str, Any]
    timings: Mapping[str, float]
    footprints: Mapping[str, int]

    def contours(self, levels: Sequence[float] | None = None, *, wgs84: bool = False) -> dict[float, Area]:
        """Areas where the individual risk is at least each level.

        Parameters
        ----------
        levels : sequence of float, optional
            Those of the settings when left out. [1/yr]
        wgs84 : bool
            In longitude and latitude [deg] instead of the park's CRS.

        Returns
        -------
        dict of level to Polygon or MultiPolygon, empty where the level is not reached
            Valid, each within the next; an area that reaches the edge of the map ends there.
        """
        risk = self.individual_risk
        areas = contours(risk.raster, risk.values, self.settings.contour_levels if levels is None else levels)
        if not wgs84:
            return areas
        transformer = pyproj.Transformer.from_crs(self.park.crs, "EPSG:4326", always_xy=True)
        return reprojected(areas, lambda points: np.column_stack(transformer.transform(points[:, 0], points[:, 1])))

    def trace(self, table: str, key: Any = (), column: str = "", *, depth: int = 6, most: int = 5) -> "Step":
        """Find where a number comes from; see `parkrisk.risk.trace.trace.trace`."""
        from parkrisk.risk.trace.trace import trace

        return trace(self, table, key, column, depth=depth, most=most)

    def to_dict(self) -> dict[str, Any]:
        """Everything but the raster, ready for JSON."""
        content = self._content()
        content["provenance"] = dict(self.provenance)
        converted: dict[str, Any] = plain(content)
        return converted

    def _content(self) -> dict[str, Any]:
        return {
            "park": park_summary(self.park),
            "grade": self.grade.to_dict(),
            "hazard_units": self.hazards.units,
            "enterprises": self.enterprises.table,
            "sources": self.sources,
            "targets": self.targets,
            "fn": self.fn,
            "pll": self.pll,
            **societal_summary(self.societal),
            "domino": self.domino.to_dict(),
            "rules": self.rules,
            "problems": list(self.problems),
            "assumptions": self.assumptions,
        }

    def save(self, folder: str | Path) -> Path:
        """Write the tables, ``result.json``, contours and the facility graph.

        Contours are ``contours.geojson`` in WGS 84 and ``contours_planar.geojson``, enterprises and hazard units are
        ``enterprises.geojson`` and ``hazard_units.geojson`` in WGS 84, the graph is ``facility.graphml``
        and, in WGS 84, ``facility.geojson``.

        Parameters
        ----------
        folder : path
            Made if it is not there; files of the same names are replaced.

        Returns
        -------
        Path
            The folder.
        """
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        write_json(target / "result.json", self.to_dict())
        for name, table in self.tables().items():
            write_table(target / f"{name}.csv", table)
        for name, wgs84 in (("contours", True), ("contours_planar", False)):
            write_json(target / f"{name}.geojson", contours_geojson(self, wgs84=wgs84), indent=None)
        for name, places in (
            ("enterprises", enterprises_geojson(self.park, self.enterprises)),
            ("hazard_units", hazard_units_geojson(self.park, self.hazards)),
        ):
            write_json(target / f"{name}.geojson", plain(places), indent=None)
        self.domino.facility.write_graphml(target / "facility.graphml")
        self.domino.facility.write_geojson(target / "facility.geojson", self.park.crs)
        return target

    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables that ``save`` writes, by file name without ending."""
        return {
            "hazard_units": self.hazards.units,
            "enterprises": self.enterprises.table,
            "enterprise_items": self.enterprises.parts,
            "sources": self.sources,
            "scenarios": self.scenarios,
            "targets": self.targets,
            "contributions": self.contributions,
            "contribution_parts": self.contribution_parts,
            "fn": self.fn,
            **self.domino.tables(),
            "rules": self.rules,
            "assumptions": self.assumptions,
        }


def result_digest(assessment: Assessment) -> str:
    """SHA-256 over all results: tables, raster and grade; warnings, timings and provenance left out."""
    raster = assessment.individual_risk
    alone = {
        "park": park_summary(assessment.park),
        "grade": assessment.grade.to_dict(),
        "pll": assessment.pll,
        **societal_summary(assessment.societal),
        "domino": dict(assessment.domino.method),
        "raster": raster.raster.__dict__,
    }
    columns = (part for name, table in assessment.tables().items() for part in _columns(name, table))
    return digest([canonical_json(alone), *columns, np.ascontiguousarray(raster.values).tobytes()])


def _columns(name: str, table: pd.DataFrame) -> Iterator[bytes | str]:
    """Give a table for hashing, column after column: equal tables give equal parts, however they are stored."""
    yield canonical_json([name, len(table), list(table.columns)])
    for column in table:
        values = table[column]
        kind = values.dtype.kind if isinstance(values.dtype, np.dtype) else ""
        if kind == "f":
            # Adding 0 makes one of both zeros; one NaN stands for all.
            yield np.where(np.isnan(values), np.nan, values.to_numpy(dtype=np.float64) + 0.0).tobytes()
        elif kind and kind in "iub":
            yield values.to_numpy(dtype=np.int64).tobytes()
        else:
            yield _listed(values.tolist())


def _listed(values: list[Any]) -> str:
    """Give values as JSON; where all are texts of one line, their lines, which takes a fraction of the time."""
    if set(map(type, values)) == {str}:
        lines = "\n".join(values)
        if lines.count("\n") == len(values) - 1:
            return "lines\n" + lines
    return canonical_json(values)


def societal_summary(societal: SocietalRisk) -> dict[str, Any]:
    """Expected deaths with and without what cascades add, and how accidents are counted."""
    return {
        "pll_without_domino": societal.pll_without_domino,
        "pll_accidents": societal.pll_accidents,
        "fn_by_accidents": societal.by_accidents,
    }


def park_summary(park: Park) -> dict[str, Any]:
    """What identifies a park in every result, with the notice of a demonstration park."""
    info = park.info
    return {
        "name": park.name,
        "code": park.code,
        "date": park.date,
        "crs": park.crs,
        "recognised": park.recognised,
        "demonstration": info["demonstration"] == "yes",
        "notice_zh": info.get("notice_zh", ""),
        "notice_en": info.get("notice_en", ""),
        "units": len(park.tables["units"]),
        "enterprises": len(park.tables["enterprises"]),
    }


def contours_geojson(assessment: Assessment, *, wgs84: bool = True) -> dict[str, Any]:
    """Risk contours as a GeoJSON collection.

    Parameters
    ----------
    assessment : Assessment
    wgs84 : bool
        In longitude and latitude, as RFC 7946 wants it; else in the park's CRS, which the member ``crs`` then names,
        as GeoJSON did before.

    Returns
    -------
    dict
        One feature per level that is reached, highest first: level [1/yr], area [m²], and whether the contour closes
        within the map.
    """
    planar = assessment.contours()
    shown = assessment.contours(wgs84=True) if wgs84 else planar
    cut = open_levels(assessment.individual_risk.values, planar)
    collection: dict[str, Any] = {"type": "FeatureCollection"}
    if not wgs84:
        name = "urn:ogc:def:crs:" + assessment.park.crs.replace(":", "::")
        collection["crs"] = {"type": "name", "properties": {"name": name}}
    collection["features"] = [
        {
            "type": "Feature",
            "properties": {
                "individual_risk_per_year": level,
                "area_m2": round(planar[level].area, 1),
                "closed": level not in cut,
            },
            "geometry": json.loads(shapely.to_geojson(shapely.orient_polygons(shape))),
        }
        for level, shape in shown.items()
        if not shape.is_empty
    ]
    return collection


def frozen(mapping: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give a read-only view of a copy."""
    return MappingProxyType(dict(mapping))
