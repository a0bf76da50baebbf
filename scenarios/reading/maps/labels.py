"""Texts of a drawing that name its features: those inside, or the nearest as far as the user allows."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from parkrisk.scenarios.messages import listed
from parkrisk.scenarios.reading.maps.features import Feature, MapFault

__all__ = ["Label", "labelled"]


class Label(NamedTuple):
    """A text and where it stands. [m]"""

    x: float
    y: float
    text: str


def _body(feature: Feature) -> shapely.Geometry:
    """The area a feature covers, itself if it covers none."""
    diameter = feature.fields.get("diameter", "")
    if diameter:
        return feature.shape.buffer(float(diameter) / 2.0, quad_segs=32)
    if feature.shape.geom_type == "LineString" and feature.shape.is_ring:
        return shapely.Polygon(feature.shape)
    return feature.shape


def labelled(features: Sequence[Feature], labels: Sequence[Label], within: float) -> list[str]:
    """Text of each feature, "" where there is none.

    Parameters
    ----------
    features : sequence of Feature
    labels : sequence of Label
    within : float
        Farthest that a text may stand outside of what it names; 0: only texts inside count. [m]

    Returns
    -------
    list of str
        The one text inside a feature. Where none is inside, the nearest one that is nearest to no other feature.

    Raises
    ------
    MapFault
        If more than one text stands inside a feature.
    """
    if not labels:
        return [""] * len(features)
    points = shapely.points([(label.x, label.y) for label in labels])
    bodies = np.array([_body(feature) for feature in features], dtype=object)
    owners = _nearest(bodies, points)
    tree = shapely.STRtree(points)
    texts = []
    for place, body in enumerate(bodies):
        inside = tree.query(body, predicate="intersects") if body.area > 0.0 else np.empty(0, dtype=np.int64)
        if len(inside) > 1:
            where = f"{features[place].layer}#{features[place].number}"
            raise MapFault("map_texts_several", listed(sorted(labels[i].text for i in inside)), "text", where=where)
        if len(inside):
            texts.append(labels[inside[0]].text)
            continue
        near = [i for i in tree.query(body, predicate="dwithin", distance=within) if owners[i] == place]
        near.sort(key=lambda i: (shapely.distance(points[i], body), labels[i]))
        texts.append(labels[near[0]].text if near else "")
    return texts


def _nearest(bodies: NDArray[np.object_], points: NDArray[np.object_]) -> list[int]:
    """Place of the feature that each text is nearest to."""
    tree = shapely.STRtree(bodies)
    return [int(place) for place in tree.nearest(points)]
