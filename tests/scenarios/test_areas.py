"""Targets given as polygons: where they lie in any CRS, and what is said of those that cannot be used."""

import math
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely

from parkrisk.models.errors import InputProblems
from parkrisk.scenarios import change, park_from_json, problems
from parkrisk.scenarios.reading.areas import shapes_of
from tests.scenarios.sample import document

SQUARE = "POLYGON ((502400 3300400, 502600 3300400, 502600 3300600, 502400 3300600, 502400 3300400))"


def with_target(**cells: Any) -> dict[str, Any]:
    found = document()
    found["targets"][0].update(cells)
    return found


def only_shape(found: dict[str, Any]) -> Any:
    (shape,) = shapes_of(park_from_json(found).tables["targets"])
    return shape


def test_a_target_without_a_polygon_is_a_point() -> None:
    assert only_shape(document()).equals(shapely.Point(502500.0, 3300500.0))


def test_an_area_is_read_as_it_is() -> None:
    assert only_shape(with_target(polygon=SQUARE)).equals(shapely.from_wkt(SQUARE))


def test_empty_coordinates_become_a_point_inside() -> None:
    horseshoe = shapely.Polygon([(0, 0), (90, 0), (90, 90), (60, 90), (60, 30), (30, 30), (30, 90), (0, 90)])
    moved = shapely.transform(horseshoe, lambda points: points + np.array([502400.0, 3300400.0]))
    row = park_from_json(with_target(polygon=moved.wkt, x=None, y=None)).tables["targets"].iloc[0]
    assert moved.contains(shapely.Point(row["x"], row["y"]))


def test_neither_point_nor_polygon() -> None:
    found = problems(with_target(x=None, y=None))
    assert [(p.table, p.row, p.column, p.code) for p in found] == [
        ("targets", 1, "x", "missing_value"),
        ("targets", 1, "y", "missing_value"),
    ]


def test_an_area_in_degrees_is_the_one_in_metres() -> None:
    back = pyproj.Transformer.from_crs("EPSG:4549", "EPSG:4490", always_xy=True)
    found = with_target(polygon=SQUARE)
    found["park"] |= {"crs": "EPSG:4490", "planar_crs": "EPSG:4549", "boundary_crs": "EPSG:4549"}
    for name in ("units", "targets", "population"):
        for row in found[name]:
            row["x"], row["y"] = back.transform(row["x"], row["y"])
    degrees = shapely.transform(
        shapely.from_wkt(SQUARE), lambda points: np.column_stack(back.transform(points[:, 0], points[:, 1]))
    )
    found["targets"][0]["polygon"] = shapely.to_wkt(degrees, rounding_precision=12)
    assert shapely.hausdorff_distance(only_shape(found), shapely.from_wkt(SQUARE)) < 1e-5


def test_the_way_round_does_not_change_the_digest() -> None:
    other = shapely.from_wkt(SQUARE).reverse()
    turned = shapely.Polygon([*other.exterior.coords[2:-1], *other.exterior.coords[:3]])
    digests = {park_from_json(with_target(polygon=text)).digest() for text in (SQUARE, turned.wkt)}
    assert len(digests) == 1
    assert park_from_json(document()).digest() not in digests


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("POLYGON ((1 2, 3", "polygon_unreadable"),
        ("school", "polygon_unreadable"),
        ("POINT (502500 3300500)", "polygon_unreadable"),
        ("POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))", "polygon_invalid"),
        ("POLYGON EMPTY", "polygon_invalid"),
        ("POLYGON ((0 0, 1 1, 0 0, 0 0))", "polygon_invalid"),
        ("POLYGON ((30 120, 31 120, 31 121, 30 120))", "degrees_in_metres"),
        ("POLYGON ((3300400 502400, 3300400 502600, 3300600 502600, 3300400 502400))", "coordinates_swapped"),
    ],
)
def test_what_is_no_area_is_named(text: str, code: str) -> None:
    found = [problem for problem in problems(with_target(polygon=text)) if problem.severity == "error"]
    assert [(p.table, p.row, p.column, p.code) for p in found] == [("targets", 1, "polygon", code)]
    assert found[0].message_zh != found[0].message_en
    with pytest.raises(InputProblems):
        park_from_json(with_target(polygon=text))


def test_an_area_with_height_and_holes_keeps_its_holes() -> None:
    ring = "(502400 3300400 3, 502600 3300400 3, 502600 3300600 3, 502400 3300400 3)"
    hole = "(502540 3300440 3, 502560 3300440 3, 502560 3300460 3, 502540 3300440 3)"
    shape = only_shape(with_target(polygon=f"POLYGON Z ({ring}, {hole})"))
    assert not shape.has_z
    assert math.isclose(shape.area, 0.5 * (200.0**2 - 20.0**2))


def test_a_change_adds_an_area() -> None:
    target = {"target_id": "estate", "name": "estate", "class": "general class 1", "polygon": SQUARE}
    park = change(park_from_json(document()), add={"targets": [target]})
    shapes = shapes_of(park.tables["targets"])
    assert sorted(shape.geom_type for shape in shapes) == ["Point", "Polygon"]
