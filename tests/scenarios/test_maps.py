"""Map files and drawings give the same park as tables do."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from parkrisk.scenarios import problems, read, read_project
from parkrisk.scenarios.park import Park
from parkrisk.scenarios.reading.sources import read_source
from tests.minimal_park import park as minimal
from tests.scenarios.drawn import (
    CRS,
    DXF_LAYER,
    MINIMAL,
    degrees,
    drawing,
    layer_file,
    park,
    placemarks,
    rows,
    unit_places,
    write_rows,
)

PLACED = 'columns = { unit_id = "编号" }'


def entry(file: str, table: str, columns: str = "", **more: str) -> str:
    lines = [f'file = "{file}"', f'table = "{table}"', columns, *(f"{key} = {value}" for key, value in more.items())]
    return "[[layer]]\n" + "\n".join(filter(None, lines)) + "\n"


def places_of(found: Park, table: str = "units", key: str = "unit_id") -> dict[str, tuple[float, float]]:
    frame = found.tables[table]
    return dict(zip(frame[key], zip(frame["x"], frame["y"], strict=True), strict=True))


def test_the_minimal_park_drawn_has_the_digest_of_the_minimal_park_written(tmp_path: Path) -> None:
    folder = park(tmp_path / "park", DXF_LAYER, without=("x", "y", "diameter_m"))
    drawing(folder / "plan.dxf")
    assert read(folder).digest() == minimal().digest()
    assert read(folder).warnings == minimal().warnings


def test_notes_say_what_came_from_where(tmp_path: Path) -> None:
    folder = park(tmp_path / "park", DXF_LAYER)
    drawing(folder / "plan.dxf")
    (note,) = (each for each in problems(folder) if each.severity == "note")
    assert (note.table, note.place) == ("units", "plan.dxf/储罐")
    count = len(unit_places())
    assert f"{count} features from the map, of which {count} completed rows" in note.message_en


def test_a_whole_park_from_five_formats(tmp_path: Path) -> None:
    # Every table that has coordinates is drawn, each in another format; nothing is left of their CSV files.
    layers = DXF_LAYER + "".join(
        (
            entry("目标.shp", "targets", 'columns = { target_id = "id", name = "名称", class = "class" }'),
            entry("population.gpkg", "population", 'columns = { cell_id = "cell_id", day = "day", night = "night" }'),
            entry("fire.geojson", "response", 'columns = { station_id = "id", kind = "kind", mean_min = "mean" }'),
            entry("red_line.kml", "boundary"),
        )
    )
    folder = park(tmp_path / "park", layers)
    text = (folder / "park.toml").read_text(encoding="utf-8")
    (folder / "park.toml").write_text(text.replace('boundary = "boundary.geojson"\n', ""), encoding="utf-8")
    drawing(folder / "plan.dxf")
    targets = rows("targets")
    names = {"id": [r["target_id"] for r in targets], "名称": [r["name"] for r in targets]}
    names["class"] = [r["class"] for r in targets]
    points = [shapely.Point(float(r["x"]), float(r["y"])) for r in targets]
    layer_file(folder / "目标.shp", points, names, encoding="GBK")
    people = rows("population")
    layer_file(
        folder / "population.gpkg",
        [shapely.Point(degrees(float(r["x"]), float(r["y"]))) for r in people],
        {"cell_id": [r["cell_id"] for r in people], **{k: [float(r[k]) for r in people] for k in ("day", "night")}},
        crs="EPSG:4326",
    )
    station = rows("response")[0]
    at = degrees(float(station["x"]), float(station["y"]))
    layer_file(
        folder / "fire.geojson",
        [shapely.Point(at)],
        {"id": ["fire"], "kind": ["fire_station"], "mean": [5.0]},
        crs="EPSG:4326",
        COORDINATE_PRECISION="15",
    )
    ring = " ".join("{:.12f},{:.12f},0".format(*degrees(x, y)) for x, y in minimal().boundary.exterior.coords)
    square = f"<LinearRing><coordinates>{ring}</coordinates></LinearRing>"
    square = f"<Polygon><outerBoundaryIs>{square}</outerBoundaryIs></Polygon>"
    placemarks(folder / "red_line.kml", {"红线": square})
    for name in ("targets", "population", "response"):
        (folder / f"{name}.csv").unlink()
    found = read(folder)
    assert places_of(found) == places_of(minimal())
    assert places_of(found, "targets", "target_id") == places_of(minimal(), "targets", "target_id")
    assert found.tables["targets"]["name"].tolist() == minimal().tables["targets"]["name"].tolist()
    assert found.tables["population"][["day", "night"]].equals(minimal().tables["population"][["day", "night"]])
    for table, key in (("population", "cell_id"), ("response", "station_id")):
        for name, place in places_of(found, table, key).items():
            assert place == pytest.approx(places_of(minimal(), table, key)[name], abs=1e-3)
    assert found.boundary.symmetric_difference(minimal().boundary).area < 1.0


def test_a_project_from_a_drawing(tmp_path: Path) -> None:
    written = MINIMAL / "projects" / "diesel-tank"
    folder = tmp_path / "project"
    shutil.copytree(written, folder)
    text = (folder / "project.toml").read_text(encoding="utf-8")
    (folder / "project.toml").write_text(text + f'crs = "{CRS}"\n', encoding="utf-8")
    units = rows("units", folder)
    at = {row["unit_id"]: (float(row["x"]), float(row["y"]), 0.0) for row in units}
    write_rows(folder, "units", [{k: v for k, v in row.items() if k not in "xy"} for row in units])
    (folder / "layers.toml").write_text(DXF_LAYER.replace(', diameter_m = "diameter"', ""), encoding="utf-8")
    drawing(folder / "plan.dxf", at)
    frame = read_project(folder).tables["units"]
    assert {k: (x, y, 0.0) for k, x, y in zip(frame["unit_id"], frame["x"], frame["y"], strict=True)} == at


def test_new_rows_and_joined_rows_together(tmp_path: Path) -> None:
    # T-101 has its row and gets its place; T-9 is new and takes the values that are the same for all.
    layers = DXF_LAYER + 'set = { enterprise_id = "e1", kind = "常压储罐", substance = "甲醇", height_m = 9 }\n'
    folder = park(tmp_path / "park", layers.replace('储罐"\ntable', '储*"\ntable'), without=("x", "y", "height_m"))
    kept = [r for r in rows("units", folder) if r["unit_id"] == "T-101"]
    write_rows(folder, "units", kept)
    for name in ("contents", "barriers"):
        (folder / f"{name}.csv").unlink()
    drawing(folder / "plan.dxf", {"T-9": (500200.0, 4500150.0, 12.0), "T-101": (500100.0, 4500100.0, 16.0)})
    found = [each for each in problems(folder) if each.severity == "error"]
    # The value that is the same for all contradicts nothing here: 9 m was empty, kind and substance agree.
    assert [p.message_en for p in found if p.code.startswith("map")] == []
    units = read_source(folder, "park").tables["units"]
    by_id = {row[0]: dict(zip(units.columns, row, strict=True)) for row in units.rows}
    assert (by_id["T-9"]["x"], by_id["T-9"]["diameter_m"], by_id["T-9"]["kind"]) == ("500200.0", "12", "常压储罐")
    assert (by_id["T-101"]["x"], by_id["T-101"]["height_m"]) == ("500100.0", "9")


@settings(max_examples=8, deadline=None)
@given(st.permutations(sorted(unit_places())))
def test_the_order_of_features_does_not_matter(order: list[str]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        folder = park(Path(name) / "park", entry("u.gpkg", "units", PLACED))
        at = unit_places()
        layer_file(folder / "u.gpkg", [shapely.Point(at[key][:2]) for key in order], {"编号": order})
        assert read(folder).digest() == minimal().digest()


LINE = [(500000.0, 4500200.0), (500400.0, 4500210.0), (500900.0, 4500205.0)]


def test_lines_become_corners_in_order(tmp_path: Path) -> None:
    folder = park(tmp_path / "park", entry("roads.shp", "lines", 'columns = { line_id = "NAME" }'), without=())
    layer_file(folder / "roads.shp", [shapely.LineString(LINE)], {"NAME": ["road-1"]})
    lines = read(folder).tables["lines"]
    assert lines["point"].tolist() == [1, 2, 3]
    assert list(zip(lines["x"], lines["y"], strict=True)) == LINE


def test_a_target_drawn_as_an_area_with_a_hole_keeps_its_area(tmp_path: Path) -> None:
    area = shapely.box(500400, 4501450, 500500, 4501550) - shapely.box(500440, 4501490, 500460, 4501510)
    layers = entry("t.gpkg", "targets", 'columns = { target_id = "id", name = "id", class = "class" }')
    folder = park(tmp_path / "park", layers, without=())
    layer_file(folder / "t.gpkg", [shapely.force_3d(area, 7.0)], {"id": ["campus"], "class": ["high-sensitivity"]})
    targets = read(folder).tables["targets"].set_index("target_id")
    assert shapely.from_wkt(targets.loc["campus", "polygon"]).equals(area)


def _arc(document: Any) -> None:
    # Half a circle on top of a square, by a bulge: area 100² + π 50²/2.
    document.modelspace().add_lwpolyline(
        [(500000, 4500000, 0), (500100, 4500000, 0), (500100, 4500100, 1), (500000, 4500100, 0)],
        format="xyb",
        close=True,
        dxfattribs={"layer": "红线"},
    )


def _spline(document: Any) -> None:
    document.modelspace().add_ellipse((500050, 4500050), major_axis=(80, 0), ratio=0.5, dxfattribs={"layer": "红线"})


@pytest.mark.parametrize(("edit", "area"), [(_arc, 1e4 + np.pi * 50**2 / 2), (_spline, np.pi * 80 * 40)])
def test_curves_are_flattened_to_five_centimetres(tmp_path: Path, edit: Callable[[Any], None], area: float) -> None:
    text = (MINIMAL / "park.toml").read_text(encoding="utf-8")
    folder = park(tmp_path / "park", "", without=())
    (folder / "layers.toml").unlink()
    (folder / "park.toml").write_text(text.replace("boundary.geojson", "red.dxf"), encoding="utf-8")
    drawing(folder / "red.dxf", {}, edit=edit)
    boundary = read_source(folder, "park").boundary
    assert isinstance(boundary, dict)
    shape = shapely.geometry.shape(boundary["features"][0]["geometry"])
    # A chord within 0.05 m of its arc takes off less than 0.05 m times its length.
    assert 0.0 <= area - shape.area < 0.05 * shape.length


@pytest.mark.parametrize("name", ["red.kml", "red.shp", "red.gpkg"])
def test_a_boundary_in_any_format(tmp_path: Path, name: str) -> None:
    folder = park(tmp_path / "park", "", without=())
    (folder / "layers.toml").unlink()
    text = (folder / "park.toml").read_text(encoding="utf-8")
    (folder / "park.toml").write_text(text.replace("boundary.geojson", name), encoding="utf-8")
    square = minimal().boundary
    if name.endswith("kml"):
        ring = " ".join("{:.12f},{:.12f}".format(*degrees(x, y)) for x, y in square.exterior.coords)
        placemarks(folder / name, {"红线": f"<LineString><coordinates>{ring}</coordinates></LineString>"})
    else:
        layer_file(folder / name, [square], {"n": [1]})
    found = read(folder)
    assert found.boundary.symmetric_difference(square).area < 1.0
    if not name.endswith("kml"):
        assert found.digest() == minimal().digest()


def test_a_drawing_in_millimetres_with_nested_mirrored_blocks(tmp_path: Path) -> None:
    # A tank 16 m wide inside a block that is turned by 90 degrees and mirrored; the frozen layer is left out.
    def edit(document: Any) -> None:
        inner = document.blocks.new("inner")
        inner.add_circle((10_000, 0), 8_000, dxfattribs={"layer": "罐体"})
        inner.add_text("T-101", height=500, dxfattribs={"layer": "文字", "insert": (10_000, 0)})
        outer = document.blocks.new("outer")
        outer.add_blockref("inner", (0, 5_000), dxfattribs={"rotation": 90.0, "layer": "0"})
        space = document.modelspace()
        space.add_blockref("outer", (500_100_000, 4_500_100_000), dxfattribs={"xscale": -1.0})
        document.layers.add("旧").freeze()
        space.add_circle((0, 0), 5, dxfattribs={"layer": "旧"})

    layers = entry(
        "plan.dxf",
        "units",
        'columns = { unit_id = "text", diameter_m = "diameter" }',
        layer='"罐体"',
        crs='"EPSG:4546"',
        scale="0.001",
    )
    folder = park(tmp_path / "park", layers, without=("x", "y", "diameter_m"))
    drawing(folder / "plan.dxf", {}, unit=4, edit=edit)
    units = read_source(folder, "park").tables["units"]
    first = dict(zip(units.columns, units.rows[0], strict=True))
    # (10, 0) turned by 90 degrees is (0, 10); moved by (0, 5) it is (0, 15); mirrored in x it stays there.
    assert (float(first["x"]), float(first["y"])) == pytest.approx((500_100.0, 4_500_115.0))
    assert first["diameter_m"] == "16"


def _in_gbk(document: Any) -> None:
    document.encoding = "gbk"
    document.header["$DWGCODEPAGE"] = "ANSI_936"


@pytest.mark.parametrize("page", [b"ANSI_936", b"ANSI_1252"])
def test_chinese_names_of_an_old_drawing_in_gbk(tmp_path: Path, page: bytes) -> None:
    # The header may claim a western code page, as western programs write it.
    folder = park(tmp_path / "park", DXF_LAYER)
    drawing(folder / "plan.dxf", version="R2000", edit=_in_gbk)
    content = (folder / "plan.dxf").read_bytes()
    assert "储罐".encode("gbk") in content
    (folder / "plan.dxf").write_bytes(content.replace(b"ANSI_936", page))
    found = read(folder)
    assert found.digest() == minimal().digest()
    assert ("encoding_gbk" in {warning.code for warning in found.warnings}) == (page == b"ANSI_1252")


ZONES = ["EPSG:4546", "EPSG:4525", "EPSG:4497", "EPSG:4490", "EPSG:4326", "EPSG:32649"]


@pytest.mark.parametrize("crs", ZONES)
def test_every_coordinate_ends_in_the_crs_of_the_park(tmp_path: Path, crs: str) -> None:
    layers = entry("plan.gpkg", "units", PLACED)
    folder = park(tmp_path / "park", layers)
    there = pyproj.Transformer.from_crs(CRS, crs, always_xy=True)
    at = {key: there.transform(x, y) for key, (x, y, _) in unit_places().items()}
    layer_file(folder / "plan.gpkg", [shapely.Point(p) for p in at.values()], {"编号": list(at)}, crs=crs)
    found = places_of(read(folder))
    for key, place in places_of(minimal()).items():
        assert found[key] == pytest.approx(place, abs=1e-4)


def test_a_park_in_degrees_takes_a_drawing_in_metres(tmp_path: Path) -> None:
    folder = park(tmp_path / "park", DXF_LAYER, without=("x", "y"))
    for name in ("targets", "population", "response", "ignition"):
        changed = []
        for row in rows(name):
            x, y = degrees(float(row["x"]), float(row["y"]))
            changed.append({**row, "x": f"{x:.12f}", "y": f"{y:.12f}"})
        write_rows(folder, name, changed)
    text = (folder / "park.toml").read_text(encoding="utf-8")
    text = text.replace('crs = "EPSG:4546"', 'crs = "EPSG:4490"\nplanar_crs = "EPSG:4546"')
    (folder / "park.toml").write_text(text, encoding="utf-8")
    drawing(folder / "plan.dxf")
    found = places_of(read(folder))
    for key, place in places_of(minimal()).items():
        assert found[key] == pytest.approx(place, abs=1e-4)


def test_geojson_without_crs_is_in_degrees_unless_said_otherwise(tmp_path: Path) -> None:
    at = unit_places()
    for crs, points in (
        ("", {k: degrees(x, y) for k, (x, y, _) in at.items()}),
        (CRS, {k: p[:2] for k, p in at.items()}),
    ):
        layers = entry("u.geojson", "units", PLACED, **({"crs": f'"{crs}"'} if crs else {}))
        folder = park(tmp_path / f"park{crs[-4:]}", layers)
        features = [
            {"type": "Feature", "properties": {"编号": key}, "geometry": {"type": "Point", "coordinates": list(xy)}}
            for key, xy in points.items()
        ]
        (folder / "u.geojson").write_text(
            json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8"
        )
        for key, place in places_of(minimal()).items():
            assert places_of(read(folder))[key] == pytest.approx(place, abs=1e-3)
