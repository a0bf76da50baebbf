"""The map layers of an assessment as features with ids that stay."""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["COLLECTIONS", "Collection", "Layer", "layer"]

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Collection:
    """A layer that is offered.

    Parameters
    ----------
    id : str
    file : str
        Of the assessment.
    key : str
        Property that tells a feature from the others.
    title_zh, title_en, description_zh, description_en : str
    """

    id: str
    file: str
    key: str
    title_zh: str
    title_en: str
    description_zh: str
    description_en: str


COLLECTIONS: Mapping[str, Collection] = {
    each.id: each
    for each in (
        Collection(
            "contours",
            "contours.geojson",
            "individual_risk_per_year",
            "个人风险等值线",
            "Individual risk contours",
            "各级个人风险（每年）的范围。",
            "Area of each level of individual risk, per year.",
        ),
        Collection(
            "units",
            "units.geojson",
            "unit_id",
            "设备",
            "Units",
            "危险源设备及其风险贡献。",
            "Hazardous equipment with its part in the risk.",
        ),
        Collection(
            "targets",
            "targets.geojson",
            "target_id",
            "防护目标",
            "Protection targets",
            "防护目标的个人风险和基准。",
            "Protection targets with their individual risk and its limit.",
        ),
        Collection(
            "enterprises",
            "enterprises.geojson",
            "enterprise_id",
            "企业",
            "Enterprises",
            "企业及其风险等级颜色。",
            "Enterprises with the colour of their grade.",
        ),
    )
}


@dataclass(frozen=True)
class Layer:
    """Features of a layer, in the order of the file.

    Parameters
    ----------
    features : tuple of dict
        GeoJSON features with an id.
    shapes : array of shapely geometries
        None for a feature without.
    """

    features: tuple[dict[str, Any], ...]
    shapes: Any

    @functools.cached_property
    def by_id(self) -> Mapping[str, dict[str, Any]]:
        """Features by their id."""
        return {feature["id"]: feature for feature in self.features}

    @functools.cached_property
    def bounds(self) -> list[float] | None:
        """West, south, east, north; None where nothing has a place."""
        import numpy as np
        import shapely

        found = shapely.total_bounds(self.shapes)
        return found.tolist() if np.isfinite(found).all() else None

    def within(self, box: Box | None) -> tuple[dict[str, Any], ...]:
        """Features whose geometry meets a box, touching it included."""
        if box is None:
            return self.features
        import shapely

        west, south, east, north = box
        corners = shapely.points([(west, south), (east, north)])
        area = shapely.envelope(shapely.multipoints(corners))  # a line or a point where it has no width
        meets = shapely.intersects(self.shapes, area)
        return tuple(feature for feature, met in zip(self.features, meets, strict=True) if met)


@functools.lru_cache(maxsize=16)
def layer(name: str, content: bytes) -> Layer:
    """Read a layer from its GeoJSON; every feature gets an id from its key."""
    import numpy as np
    import shapely

    key = COLLECTIONS[name].key
    features = tuple({**feature, "id": _id(feature["properties"][key])} for feature in json.loads(content)["features"])
    shapes = np.array([_shape(shapely, feature["geometry"]) for feature in features], dtype=object)
    return Layer(features, shapes)


def _id(key: object) -> str:
    """Text of a key: a level such as 1e-05 stays one word."""
    return f"{key:g}" if isinstance(key, float) else str(key)


def _shape(shapely: Any, geometry: Any) -> Any:
    return None if geometry is None else shapely.from_geojson(json.dumps(geometry))
