"""External safety distances of a park: the table, the lines, the control line, and how they are written."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyproj
import shapely

from parkrisk.risk.distances.installations import installations_of
from parkrisk.risk.distances.judge import Site, judged
from parkrisk.risk.distances.lines import control_lines, installation_lines
from parkrisk.risk.distances.met import distance_facts, evidence_of
from parkrisk.risk.files import write_json, write_table
from parkrisk.risk.result import Assessment, park_summary, plain
from parkrisk.risk.rules.facts import Fact
from parkrisk.risk.sharing import Progress
from parkrisk.scenarios.park import Park

__all__ = ["READING", "ExternalDistances", "external_distances", "site_of"]

#: What the lines rest on, in Chinese and English.
READING = (
    "控制线的划法为本引擎的理解，未见官方划法：园区个人风险之和的在役基准等值线、各装置外部安全防护距离线与园区四至的并集；"
    "GB/T 37243 与 GB 36894 的数值未经核实",
    "the control line is the engine's reading, no official way of drawing it is on record: the contours of the "
    "park's summed individual risk at the in-service limits, the lines of all installations and the ground of the "
    "park, joined; "
    "the numbers of GB/T 37243 and GB 36894 are unverified",
)


@dataclass(frozen=True)
class ExternalDistances:
    """External safety distances of one park.

    Parameters
    ----------
    park : Park
    installations : DataFrame
        As `parkrisk.risk.distances.judge.judged` gives it.
    lines : DataFrame
        Line round each installation or enterprise and group of classes, with its shape in the park's CRS.
    controls : DataFrame
        Control line for each group of classes, with its shape in the park's CRS.
    control_line : Polygon or MultiPolygon
        The park's surrounding-land control line: that of the most protected classes. [m]
    facts : mapping of str to Fact
        ``risk.external_distance_met`` and ``risk.external_distance_method_known``.
    mark : str
        Of the lines: "M", unverified.
    """

    park: Park
    installations: pd.DataFrame
    lines: pd.DataFrame
    controls: pd.DataFrame
    control_line: Any
    facts: Mapping[str, Fact]
    mark: str = "M"

    def to_dict(self) -> dict[str, Any]:
        """Content for JSON, geometry in WGS 84."""
        met = self.facts["risk.external_distance_met"]
        content: dict[str, Any] = plain(
            {
                "park": park_summary(self.park),
                "external_distance_met": met.value,
                "missing": list(met.missing),
                "detail_zh": met.detail_zh,
                "detail_en": met.detail_en,
                "reading_zh": READING[0],
                "reading_en": READING[1],
                "mark": self.mark,
                "installations": self.installations,
            }
        )
        content["control_line"] = self.control_geojson()
        content["installation_lines"] = self.lines_geojson()
        return content

    def control_geojson(self, *, wgs84: bool = True) -> dict[str, Any]:
        """Control lines as GeoJSON, the widest first; ``wgs84`` False: in the park's CRS, which is then named."""
        return self._collection(self.controls, wgs84=wgs84)

    def lines_geojson(self, *, wgs84: bool = True) -> dict[str, Any]:
        """Lines round installations as GeoJSON; those of no extent are left out."""
        return self._collection(self.lines, wgs84=wgs84)

    def save(self, folder: str | Path) -> Path:
        """Write ``distances.csv``, ``control_line.geojson``, ``installation_lines.geojson`` and both in the park's CRS.

        Parameters
        ----------
        folder : path
            Made if it is not there.

        Returns
        -------
        Path
            The folder.
        """
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        write_table(target / "distances.csv", self.installations)
        for name, collect in (("control_line", self.control_geojson), ("installation_lines", self.lines_geojson)):
            for ending, wgs84 in (("", True), ("_planar", False)):
                write_json(target / f"{name}{ending}.geojson", collect(wgs84=wgs84), indent=None)
        return target

    def _collection(self, table: pd.DataFrame, *, wgs84: bool) -> dict[str, Any]:
        collection: dict[str, Any] = {"type": "FeatureCollection"}
        if not wgs84:
            name = "urn:ogc:def:crs:" + self.park.crs.replace(":", "::")
            collection["crs"] = {"type": "name", "properties": {"name": name}}
        place = pyproj.Transformer.from_crs(self.park.crs, "EPSG:4326", always_xy=True).transform
        features = []
        for row in table.to_dict("records"):
            shape = row.pop("shape")
            if shape.is_empty:
                continue
            shown = shapely.transform(shape, place, interleaved=False) if wgs84 else shape
            shown = shown if shown.is_valid else shapely.make_valid(shown)
            properties = {
                **plain({str(key): value for key, value in row.items()}),
                "area_m2": round(shape.area, 1),
                "mark": self.mark,
                "reading_zh": READING[0],
                "reading_en": READING[1],
            }
            geometry = json.loads(shapely.to_geojson(shapely.orient_polygons(shown)))
            features.append({"type": "Feature", "properties": properties, "geometry": geometry})
        return {**collection, "features": features}


def site_of(assessment: Assessment) -> Site:
    """What distances are judged by."""
    return Site(assessment.park, assessment.hazards, assessment.individual_risk, assessment.events.not_computed)


def external_distances(assessment: Assessment, *, progress: Progress | None = None) -> ExternalDistances:
    """Find the external safety distances of a park and draw its lines.

    Parameters
    ----------
    assessment : Assessment
    progress : callable, optional
        Called as ``progress("distances", done, total)``.

    Returns
    -------
    ExternalDistances

    Notes
    -----
    GB/T 37243-2019 by the engine's reading; see `parkrisk.risk.distances.judge` and `parkrisk.risk.distances.lines`.
    """
    park = assessment.park
    site, evidence = site_of(assessment), evidence_of(park, assessment.ruleset)
    table = judged(site, evidence)
    installations = installations_of(park, assessment.hazards, evidence.park)
    lines = installation_lines(assessment, site, evidence, installations, progress)
    controls = control_lines(assessment, lines, installations)
    return ExternalDistances(park, table, lines, controls.table, controls.line, distance_facts("risk", table))
