"""People around a park: totals kept, areas and counts by hand, other orders and systems, bad input."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pyproj
import pytest
import rasterio
from affine import Affine

from parkrisk.models.errors import InputProblems, OutOfRange
from parkrisk.scenarios.reading.cells import typed
from parkrisk.scenarios.reading.csv_files import read_table
from parkrisk.scenarios.reading.people.people import Asked, People, population
from parkrisk.scenarios.reading.people.window import window_of

MINIMAL = Path(__file__).parents[3] / "scenarios" / "examples" / "minimal"
CRS = "EPSG:4546"
COUNTS = Asked(unit="persons", day_share=0.7, night_share=1.0)


@pytest.fixture(scope="module")
def corner() -> tuple[float, float]:
    west, south, _, _ = window_of(MINIMAL, 1000.0, 100.0).box
    return west, south


def _tif(path: Path, values: np.ndarray, west: float, north: float, pixel: float, **more: object) -> Path:
    profile = {"driver": "GTiff", "height": values.shape[0], "width": values.shape[1], "count": 1, "dtype": "float64"}
    profile |= {"crs": CRS, "transform": Affine(pixel, 0.0, west, 0.0, -pixel, north), "nodata": -1.0, **more}
    with rasterio.open(path, "w", **profile) as file:
        file.write(values.astype("float64"), 1)
    return path


def _run(path: Path, asked: Asked, within: float = 1.0, cell: float = 100.0) -> People:
    return population(path, MINIMAL, asked, within_km=within, cell_m=cell)


@pytest.mark.parametrize("pixel", [20.0, 37.0, 100.0, 250.0, 1000.0])
@pytest.mark.parametrize("cell", [100.0, 330.0])
def test_nobody_is_lost(tmp_path: Path, corner: tuple[float, float], pixel: float, cell: float) -> None:
    # The raster lies in the window with all its pixels, so the whole of it must come out.
    count = int(1500 // pixel)
    values = np.random.default_rng(1).uniform(0.0, 9.0, (count, count))
    if count > 1:
        values[0, 0] = -1.0  # no data
    path = _tif(tmp_path / "people.tif", values, corner[0] + 400.0, corner[1] + 1900.0, pixel)
    found = _run(path, COUNTS, cell=cell)
    total = values[values >= 0.0].sum()
    assert found.found["persons"] == pytest.approx(total, rel=1e-9)
    assert found.placed["persons"] == pytest.approx(total, rel=1e-9)
    assert found.table["night"].sum() == pytest.approx(total, rel=1e-9)
    assert found.table["day"].sum() == pytest.approx(0.7 * total, rel=1e-9)
    assert set(found.table["assumed"]) == {"day;night"}


def test_pixels_of_cells_come_out_as_they_are(tmp_path: Path, corner: tuple[float, float]) -> None:
    values = np.array([[1.0, 2.0], [3.0, 0.0]])
    found = _run(_tif(tmp_path / "a.tif", values, corner[0], corner[1] + 200.0, 100.0), COUNTS).table
    there = {(row.x - corner[0], row.y - corner[1]): row.night for row in found.itertuples()}
    assert there == {(50.0, 150.0): 1.0, (150.0, 150.0): 2.0, (50.0, 50.0): 3.0}


def test_density_times_area(tmp_path: Path, corner: tuple[float, float]) -> None:
    # 1,000 per km2 on 300 m x 300 m: 90 people, 10 in each cell of a hectare.
    asked = Asked(unit="人/km²", day_share=1.0, night_share=1.0)
    path = _tif(tmp_path / "a.tif", np.full((3, 3), 1000.0), corner[0], corner[1] + 300.0, 100.0)
    found = _run(path, asked)
    assert found.placed["persons"] == pytest.approx(90.0, rel=1e-12)
    assert np.allclose(found.table["night"], 10.0, rtol=1e-12)


def test_a_raster_in_degrees_covers_the_same_people(tmp_path: Path, corner: tuple[float, float]) -> None:
    # The area of a degree cell from the ellipsoid itself; the plane is true to 1e-3 here.
    back = pyproj.Transformer.from_crs(CRS, "EPSG:4490", always_xy=True)
    longitude, latitude = back.transform(corner[0] + 1000.0, corner[1] + 1500.0)
    step = 1.0 / 1200.0
    profile = {"crs": "EPSG:4490", "transform": Affine(step, 0.0, longitude, 0.0, -step, latitude)}
    path = _tif(tmp_path / "a.tif", np.full((4, 5), 2000.0), 0, 0, 1, **profile)
    found = _run(path, Asked(unit="persons_per_km2", day_share=1.0, night_share=1.0))
    box = (longitude, latitude - 4 * step, longitude + 5 * step, latitude)
    ring = [(box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3])]
    area = abs(pyproj.Geod(ellps="GRS80").polygon_area_perimeter(*zip(*ring, strict=True))[0])
    assert found.placed["persons"] == pytest.approx(2000.0 * area / 1e6, rel=2e-3)
    middle = back.transform(found.table["x"].mean(), found.table["y"].mean())
    assert middle == pytest.approx((0.5 * (box[0] + box[2]), 0.5 * (box[1] + box[3])), abs=step)


def test_only_the_surroundings_count(tmp_path: Path, corner: tuple[float, float]) -> None:
    # 200 km x 200 km of one person per pixel of 100 m; the window takes as many as it has hectares.
    path = _tif(tmp_path / "a.tif", np.ones((2000, 2000)), corner[0] - 1e5, corner[1] + 1e5, 100.0)
    found = _run(path, COUNTS)
    window = window_of(MINIMAL, 1000.0, 100.0)
    assert found.placed["persons"] == window.rows * window.columns == len(found.table)


def test_what_the_raster_must_say_is_asked_for(tmp_path: Path, corner: tuple[float, float]) -> None:
    values = np.ones((3, 3))
    place = (corner[0], corner[1] + 300.0, 100.0)
    plain = _tif(tmp_path / "a.tif", values, *place)
    lost = _tif(tmp_path / "b.tif", values, *place, crs=None)
    below = _tif(tmp_path / "c.tif", np.full((3, 3), -200.0), *place)
    far = _tif(tmp_path / "d.tif", values, corner[0] + 1e5, corner[1], 100.0)
    for path, asked, message in (
        (plain, Asked(day_share=1.0, night_share=1.0), "--unit"),
        (plain, Asked(unit="heads", day_share=1.0, night_share=1.0), "--unit"),
        (plain, Asked(unit="persons", day_share=1.0), "--night-share"),
        (plain, Asked(unit="persons", day_share=-1.0, night_share=1.0), "--day-share"),
        (lost, COUNTS, "--crs"),
        (below, COUNTS, "-200"),
        (far, COUNTS, "nobody"),
    ):
        with pytest.raises(OutOfRange, match=message):
            _run(path, asked)
    assert _run(lost, Asked("persons", crs=CRS, day_share=1.0, night_share=1.0)).placed["persons"] == 9.0


def test_a_band_that_says_its_unit_is_believed(tmp_path: Path, corner: tuple[float, float]) -> None:
    path = _tif(tmp_path / "a.tif", np.full((3, 3), 1000.0), corner[0], corner[1] + 300.0, 100.0)
    with rasterio.open(path, "r+") as file:
        file.units = ("people/km2",)
    assert _run(path, Asked(day_share=1.0, night_share=1.0)).placed["persons"] == pytest.approx(90.0, rel=1e-12)


def _geojson(path: Path, features: list[tuple[dict[str, object], dict[str, object]]]) -> Path:
    document = {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4546"}},
        "features": [{"type": "Feature", "geometry": shape, "properties": fields} for shape, fields in features],
    }
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def _square(x: float, y: float, side: float) -> dict[str, object]:
    ring = [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]
    return {"type": "Polygon", "coordinates": [ring]}


def test_polygons_are_spread_by_area(tmp_path: Path, corner: tuple[float, float]) -> None:
    west, south = corner
    # A square of 100 m that lies a quarter in each of four cells; one of 200 m that lies half outside the window.
    path = _geojson(
        tmp_path / "a.geojson",
        [
            (_square(west + 50, south + 50, 100.0), {"d": 40, "n": 80}),
            (_square(west - 100, south + 500, 200.0), {"d": 8, "n": 8}),
        ],
    )
    found = _run(path, Asked(day="d", night="n"))
    near = found.table[found.table["y"] < south + 300]
    assert near["day"].tolist() == pytest.approx([10.0] * 4, rel=1e-9)
    assert near["night"].tolist() == pytest.approx([20.0] * 4, rel=1e-9)
    assert found.found == pytest.approx({"day": 44.0, "night": 84.0}, rel=1e-9)
    assert found.placed == pytest.approx(found.found, rel=1e-9)
    assert set(found.table["assumed"]) == {""}


def test_points_stay_points(tmp_path: Path, corner: tuple[float, float]) -> None:
    spot = {"type": "Point", "coordinates": [corner[0] + 33.0, corner[1] + 44.0]}
    away = {"type": "Point", "coordinates": [corner[0] - 33.0, corner[1] + 44.0]}
    path = _geojson(tmp_path / "a.geojson", [(spot, {"人数": 12}), (away, {"人数": 5})])
    found = _run(path, Asked(persons="人数", day_share=0.5, night_share=1.0))
    assert found.table[["cell_m", "day", "night"]].to_numpy().tolist() == [[0.0, 6.0, 12.0]]
    assert found.table["x"].iloc[0] == corner[0] + 33.0


def test_layers_that_do_not_fit_are_refused(tmp_path: Path, corner: tuple[float, float]) -> None:
    square = _square(corner[0], corner[1], 100.0)
    line = {"type": "LineString", "coordinates": [[corner[0], corner[1]], [corner[0] + 1, corner[1]]]}
    shares = {"day_share": 1.0, "night_share": 1.0}
    for features, asked, message in (
        ([(square, {"pop": 3})], Asked(), "--persons"),
        ([(square, {"pop": 3})], Asked(persons="popp", **shares), "did you mean 'pop'"),
        ([(square, {"pop": -3})], Asked(persons="pop", **shares), "no number of people"),
        ([(square, {"pop": None}), (square, {"pop": 1})], Asked(persons="pop", **shares), "no number of people"),
        ([(square, {"pop": "many"})], Asked(persons="pop", **shares), "does not hold numbers"),
        ([(line, {"pop": 3})], Asked(persons="pop", **shares), "polygons"),
    ):
        with pytest.raises(OutOfRange, match=message):
            _run(_geojson(tmp_path / "a.geojson", features), asked)
    (tmp_path / "b.geojson").write_text("no map", encoding="utf-8")
    with pytest.raises(OutOfRange, match="cannot read"):
        _run(tmp_path / "b.geojson", Asked(persons="pop", **shares))
    with pytest.raises(InputProblems):
        population(tmp_path / "b.geojson", tmp_path, Asked(persons="pop", **shares))


def test_the_file_is_a_population_table(tmp_path: Path, corner: tuple[float, float]) -> None:
    found = _run(_tif(tmp_path / "a.tif", np.full((5, 5), 1.0 / 3.0), corner[0], corner[1] + 500.0, 100.0), COUNTS)
    found.save(tmp_path / "population.csv")
    raw, problems = read_table(tmp_path / "population.csv", "population")
    assert raw is not None
    table, faults = typed(raw)
    assert not problems
    assert not faults
    assert math.fsum(table["night"]) == pytest.approx(25.0 / 3.0, rel=1e-8)
    assert isinstance(found.table, pd.DataFrame)


def test_a_raster_that_ends_within_the_surroundings_says_so(tmp_path: Path, corner: tuple[float, float]) -> None:
    window = window_of(MINIMAL, 1000.0, 100.0)
    west, _, _, north = window.box
    half = np.ones((window.rows, window.columns // 2))
    found = _run(_tif(tmp_path / "half.tif", half, west, north, 100.0), COUNTS)
    assert found.covered == pytest.approx(half.shape[1] / window.columns, abs=0.03)
    whole = np.ones((window.rows, window.columns))
    assert _run(_tif(tmp_path / "whole.tif", whole, west, north, 100.0), COUNTS).covered == 1.0


def test_values_are_scaled_as_their_band_says(tmp_path: Path, corner: tuple[float, float]) -> None:
    path = _tif(tmp_path / "a.tif", np.array([[5.0, -1.0]]), corner[0], corner[1] + 100.0, 100.0)
    with rasterio.open(path, "r+") as file:
        file.scales, file.offsets = (10.0,), (2.0,)
    assert _run(path, COUNTS).placed["persons"] == 52.0


def test_a_crs_that_contradicts_the_file_or_has_another_datum_is_refused(
    tmp_path: Path, corner: tuple[float, float]
) -> None:
    path = _tif(tmp_path / "a.tif", np.ones((2, 2)), corner[0], corner[1] + 200.0, 100.0)
    same = _run(path, Asked(unit="persons", crs="4546", day_share=1.0, night_share=1.0))
    assert same.placed["persons"] == 4.0
    with pytest.raises(OutOfRange, match="which is not --crs EPSG:4547"):
        _run(path, Asked(unit="persons", crs="EPSG:4547", day_share=1.0, night_share=1.0))
    old = _tif(tmp_path / "b.tif", np.ones((2, 2)), corner[0], corner[1] + 200.0, 100.0, crs="EPSG:2435")
    with pytest.raises(OutOfRange, match="no public parameters"):
        _run(old, COUNTS)
