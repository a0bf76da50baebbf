"""The example parks: reproducible, honest about what is assumed, and consistent with the rules they state."""

import json
import math
import tomllib
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from parkrisk import scenarios
from parkrisk.risk.grading.enterprise_list import enterprise_list
from parkrisk.scenarios.examples import build as builder
from parkrisk.scenarios.examples import surroundings

EXAMPLES = Path(builder.__file__).resolve().parent
ZHOUSHAN, MINIMAL = EXAMPLES / "zhoushan", EXAMPLES / "minimal"
GENERATED = ["barriers.csv", "boundary.geojson", "enterprises.csv", "population.csv", "units.csv", "weather.csv"]
PARKS = [MINIMAL, ZHOUSHAN]
PROJECTS = sorted(path.parent for park in PARKS for path in park.glob("projects/*/project.toml"))


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(
        folder / f"{name}.csv", dtype={"unit_id": str, "note": str}, keep_default_na=False, na_values=[""]
    )


def boundary(folder: Path) -> shapely.Geometry:
    document = json.loads((folder / "boundary.geojson").read_text(encoding="utf-8"))
    return shapely.union_all([shapely.geometry.shape(feature["geometry"]) for feature in document["features"]])


def test_rebuilding_gives_the_shipped_bytes(tmp_path):
    builder.build(tmp_path / "again")
    written = sorted(path.name for path in (tmp_path / "again").iterdir())
    assert written == GENERATED
    for name in GENERATED:
        assert (tmp_path / "again" / name).read_bytes() == (ZHOUSHAN / name).read_bytes(), name


def test_every_mapped_tank_is_there_once_where_the_map_has_it():
    mapped = pd.read_csv(EXAMPLES / "sources" / "osm_storage_tanks_zhoushan.csv")
    units = table(ZHOUSHAN, "units")
    units = units[units["unit_id"].str.startswith("osm-")].set_index("unit_id")
    assert len(units) == len(mapped) == 317
    ours = units.loc["osm-" + mapped["osm_way_id"].astype(str)]
    # A projection that is right keeps distances: great-circle distances (haversine) between neighbours of the list.
    lat, lon = np.radians(mapped["lat"].to_numpy()), np.radians(mapped["lon"].to_numpy())
    a = np.sin(np.diff(lat) / 2) ** 2 + np.cos(lat[1:]) * np.cos(lat[:-1]) * np.sin(np.diff(lon) / 2) ** 2
    sphere = 2 * 6.371e6 * np.arcsin(np.sqrt(a))
    plane = np.hypot(np.diff(ours["x"]), np.diff(ours["y"]))
    far = sphere > 100
    np.testing.assert_allclose(plane[far], sphere[far], rtol=0.005)
    np.testing.assert_allclose(ours["diameter_m"], mapped["equiv_diameter_m"], atol=0.051)


def test_central_meridian_is_that_of_the_zone():
    mapped = pd.read_csv(EXAMPLES / "sources" / "osm_storage_tanks_zhoushan.csv")
    assert mapped["lon"].between(121.5, 124.5).all()
    # On the central meridian of EPSG:4550 the easting is 500 km.
    x, _ = surroundings.project(pd.Series(["123.0"]), pd.Series(["29.95"]))
    assert x[0] == pytest.approx(500_000.0, abs=0.1)
    assert tomllib.loads((ZHOUSHAN / "park.toml").read_text(encoding="utf-8"))["park"]["crs"] == surroundings.CRS


def test_only_position_and_diameter_of_a_tank_count_as_known():
    units = table(ZHOUSHAN, "units")
    known = {"unit_id", "name", "kind", "x", "y", "diameter_m", "status", "in_service", "note", "assumed"}
    for unit in units.to_dict("records"):
        given = {column for column, value in unit.items() if value == value and value != ""}
        assumed = set(str(unit["assumed"]).split(";"))
        if not str(unit["unit_id"]).startswith("osm-"):
            assert given - assumed <= {"unit_id", "status", "assumed", "note"}, unit["unit_id"]
        elif unit["note"] == unit["note"]:
            assert given - assumed <= known | {"substance"}
            assert unit["substance"] == "8002-05-9"
        else:
            assert given - assumed <= known, unit["unit_id"]


def test_substances_follow_the_stated_diameters():
    units = table(ZHOUSHAN, "units")
    tanks = units[units["unit_id"].str.startswith("osm-")]
    untagged = tanks[tanks["note"].isna()]
    assert (untagged.loc[untagged["diameter_m"] >= 50, "substance"] == "8002-05-9").all()
    products = pd.read_csv(EXAMPLES / "sources" / "products.csv")
    for low, high, name in ((0, 30, "small"), (30, 50, "medium")):
        within = untagged[(untagged["diameter_m"] >= low) & (untagged["diameter_m"] < high)]
        allowed = set(products.loc[products["diameter_class"] == name, "cas"])
        assert set(within["substance"]) <= allowed
        assert len(within)


def test_volume_and_fill_of_the_tanks():
    units = table(ZHOUSHAN, "units")
    tanks = units[units["unit_id"].str.startswith("osm-")]
    cylinder = math.pi / 4 * tanks["diameter_m"] ** 2 * tanks["height_m"]
    assert (abs(cylinder - tanks["volume_m3"]) <= 5.001).all()
    assert tanks["fill_fraction"].between(0.3, 0.9).all()
    # Beta(4, 2) has the mean 2/3: the mean fill is 0.7, its standard error over 317 tanks 0.006.
    assert tanks["fill_fraction"].mean() == pytest.approx(0.7, abs=0.02)


def test_bunds_hold_no_more_tanks_than_stated():
    units = table(ZHOUSHAN, "units")
    tanks = units[units["unit_id"].str.startswith("osm-")]
    for _, bund in tanks.groupby("bund_id"):
        assert len(bund) <= builder.BUND_TANKS
        assert (bund["diameter_m"] >= builder.LARGE_DIAMETER).sum() <= builder.BUND_LARGE_TANKS
        assert bund["enterprise_id"].nunique() == bund["hazard_unit_id"].nunique() == 1
        assert bund["bund_area_m2"].iloc[0] > 0


@pytest.mark.parametrize("folder", PARKS, ids=lambda folder: folder.name)
def test_units_stand_clear_of_one_another_and_inside_the_boundary(folder):
    units = table(folder, "units")
    assert units["unit_id"].is_unique
    area = boundary(folder)
    assert area.is_valid
    assert shapely.contains_xy(area, units["x"], units["y"]).all()
    x, y, r = units["x"].to_numpy(), units["y"].to_numpy(), units["diameter_m"].fillna(0).to_numpy() / 2
    gap = np.hypot(x[:, None] - x, y[:, None] - y) - r[:, None] - r
    np.fill_diagonal(gap, np.inf)
    assert gap.min() > 1.0


@pytest.mark.parametrize("folder", PARKS, ids=lambda folder: folder.name)
def test_people_and_targets_are_outside_the_park(folder):
    area = boundary(folder)
    for name in ("targets", "population"):
        rows = table(folder, name)
        assert not shapely.contains_xy(area, rows["x"], rows["y"]).any(), name


def test_towns_and_villages_keep_their_people():
    cells = table(ZHOUSHAN, "population")
    places = pd.read_csv(EXAMPLES / "sources" / "geonames_places.csv")
    found = 0
    for place in places.itertuples():
        own = cells[cells["cell_id"].str.startswith(f"town-{place.name.lower()}-")]
        if len(own):
            found += 1
            assert own["night"].sum() == own["day"].sum() == place.population
    assert found == 4
    for village in pd.read_csv(EXAMPLES / "sources" / "assumed_places.csv").itertuples():
        own = cells[cells["cell_id"].str.startswith(f"{village.place_id}-")]
        assert own["night"].sum() == village.residents


def test_residents_count_reaches_500_m_from_the_fence():
    enterprises = table(ZHOUSHAN, "enterprises").set_index("enterprise_id")
    cells, units = table(ZHOUSHAN, "population"), table(ZHOUSHAN, "units")
    for enterprise, own in units.groupby("enterprise_id"):
        discs = [
            shapely.Point(x, y).buffer((0 if d != d else d / 2) + builder.FENCE_MARGIN, quad_segs=64)
            for x, y, d in zip(own["x"], own["y"], own["diameter_m"], strict=True)
        ]
        fence = shapely.convex_hull(shapely.union_all(discs))
        far = shapely.distance(fence, shapely.points(cells["x"], cells["y"]))
        assert cells.loc[far < 498, "night"].sum() <= enterprises.loc[enterprise, "residents_500m"]
        assert cells.loc[far < 502, "night"].sum() >= enterprises.loc[enterprise, "residents_500m"]


@pytest.mark.parametrize("folder", PARKS, ids=lambda folder: folder.name)
def test_weather_sums_to_one_and_half_of_it_is_day(folder):
    weather = table(folder, "weather")
    assert weather["frequency"].sum() == pytest.approx(1.0, abs=1e-6)
    assert weather.loc[weather["period"] == "day", "frequency"].sum() == pytest.approx(0.5, abs=1e-6)


def test_weather_keeps_what_the_table_says():
    source = pd.read_csv(EXAMPLES / "sources" / "wind_joint_shanghai_2010_2015.csv", comment="#")
    weather = table(ZHOUSHAN, "weather")
    share = source["hours"] / source["hours"].sum()
    classes = weather.groupby(["stability", "wind_speed"])["frequency"].sum()
    assert set(classes.index) == {("B", 4), ("D", 1.5), ("D", 4), ("D", 8.5), ("E", 4), ("F", 1.5)}
    for ours, theirs in {"B": ["A", "B", "C"], "D": ["D"], "E": ["E"], "F": ["F"]}.items():
        assert classes[ours].sum() == pytest.approx(share[source["stability"].isin(theirs)].sum(), abs=1e-6)
    # Mean wind of class D, from bin middles; 8 m/s and more stands at 8.5.
    middle = source["speed_bin_m_s"].map({"2-3": 2.5, "3-5": 4.0, "5-8": 6.5, "8-inf": 8.5})
    neutral = source["stability"] == "D"
    mean = (middle * share)[neutral].sum() / share[neutral].sum()
    ours = sum(speed * classes["D"][speed] for speed in classes["D"].index) / classes["D"].sum()
    assert ours == pytest.approx(mean, rel=1e-5)
    calm = weather["wind_from"].isna()
    assert weather.loc[calm, "frequency"].sum() == pytest.approx(
        share[source["wind_from"] == "calm/variable"].sum(), abs=1e-6
    )


@pytest.mark.parametrize("quadrant", ["NE", "SE", "SW", "NW"])
def test_a_quadrant_is_shared_by_angle(quadrant):
    shares = dict(surroundings._sectors()[quadrant])
    start = {"NE": 0.0, "SE": 90.0, "SW": 180.0, "NW": 270.0}[quadrant]
    assert sum(shares.values()) == pytest.approx(1.0)
    for sector, share in shares.items():
        low, high = float(sector) - 11.25, float(sector) + 11.25
        overlap = sum(max(0.0, min(high + turn, start + 90) - max(low + turn, start)) for turn in (-360.0, 0.0, 360.0))
        assert share == pytest.approx(overlap / 90.0)


def test_major_hazards_of_the_minimal_park_by_hand():
    # GB 18218-2018: critical quantities of table 1, correction factors of tables 3, 4 and 5; R where S reaches 1.
    critical = {"67-56-1": 500, "汽油": 200, "74-98-6": 50, "7782-50-5": 5, "7664-41-7": 10}
    beta = {"67-56-1": 1, "汽油": 1, "74-98-6": 1.5, "7782-50-5": 4, "7664-41-7": 2}
    units, contents = table(MINIMAL, "units"), table(MINIMAL, "contents")
    further = contents.merge(units[["unit_id", "hazard_unit_id", "enterprise_id"]]).rename(columns={"cas": "substance"})
    columns = ["hazard_unit_id", "enterprise_id", "substance", "mass_t"]
    terms = pd.concat([units[columns], further[columns]])
    terms["q_over_Q"] = terms["mass_t"] / terms["substance"].map(critical)
    terms["weighted"] = terms["q_over_Q"] * terms["substance"].map(beta)
    S = terms.groupby("hazard_unit_id")["q_over_Q"].sum()
    R = terms.groupby("hazard_unit_id")["weighted"].sum() * terms.groupby("hazard_unit_id")[
        "enterprise_id"
    ].first().map({"e1": 1.2, "e2": 0.5})
    assert S.to_dict() == pytest.approx({"tank-farm": 9.3, "sphere": 8.4, "chlorine-store": 5.0, "plant": 0.56})
    assert R[["tank-farm", "sphere", "chlorine-store"]].to_list() == pytest.approx([11.16, 15.12, 10.0])


def test_the_demonstration_says_that_it_is_one():
    park = tomllib.loads((ZHOUSHAN / "park.toml").read_text(encoding="utf-8"))["park"]
    assert park["demonstration"] == "yes"
    assert "示范" in park["name"]
    assert "假定" in park["notice_zh"]
    assert "assumed" in park["notice_en"]
    assert "OpenStreetMap" in park["attribution"]
    readme = (ZHOUSHAN / "README.md").read_text(encoding="utf-8")
    assert "Open Database License" in readme
    for folder in PROJECTS:
        assert f"`projects/{folder.name}`" in (folder.parents[1] / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", PROJECTS, ids=lambda folder: f"{folder.parents[1].name}-{folder.name}")
def test_project_units_fit_into_the_park(folder):
    park, project = folder.parents[1], tomllib.loads((folder / "project.toml").read_text(encoding="utf-8"))["project"]
    removed = [name for name in project.get("removes", "").split(";") if name]
    there, proposed = table(park, "units"), table(folder, "units")
    assert set(removed) <= set(there["unit_id"])
    assert (proposed["status"] == "proposed").all()
    units = pd.concat([there[~there["unit_id"].isin(removed)], proposed], ignore_index=True)
    assert units["unit_id"].is_unique
    assert shapely.contains_xy(boundary(park), proposed["x"], proposed["y"]).all()
    for unit in proposed.itertuples():
        others = units[units["unit_id"] != unit.unit_id]
        gap = np.hypot(others["x"] - unit.x, others["y"] - unit.y) - others["diameter_m"].fillna(0) / 2
        assert gap.min() > (0 if unit.diameter_m != unit.diameter_m else unit.diameter_m / 2) + 1.0


@pytest.mark.parametrize("folder", [*PARKS, *PROJECTS], ids=lambda folder: str(folder.relative_to(EXAMPLES)))
def test_the_reader_finds_no_problem(folder):
    assert [problem.message_en for problem in scenarios.problems(folder)] == []


@pytest.mark.parametrize("folder", PARKS, ids=lambda folder: folder.name)
def test_the_reader_lists_what_is_assumed(folder):
    park = scenarios.read(folder)
    assert len(park.tables["units"]) == len(table(folder, "units"))
    assert park.boundary.area == pytest.approx(boundary(folder).area, rel=1e-9)
    listed = park.assumptions[park.assumptions["table"] == "answers"]
    assert len(listed) >= len(table(folder, "answers")) - 1


OF_ENTERPRISES = {each.id for each in (*enterprise_list().conditions, *enterprise_list().vetoes)}


@pytest.mark.parametrize("folder", PARKS, ids=lambda folder: folder.name)
def test_every_answer_is_to_a_question_that_is_asked(folder):
    rules = Path(str(resources.files("parkrisk.risk").joinpath("rules")))
    asked = pd.read_csv(rules / "evidence.csv").set_index(["what", "item"])["given_by"]
    for place, side in [
        (folder, "park"),
        *((path.parent, "project") for path in folder.glob("projects/*/answers.csv")),
    ]:
        given = table(place, "answers")
        own = given["enterprise_id"].notna() if "enterprise_id" in given else given["item"].isna()
        assert {asked["answer", item] for item in given.loc[~own, "item"]} == {side}
        assert set(given.loc[own, "item"]) <= OF_ENTERPRISES
        if (place / "indicators.csv").is_file():
            assert {asked["indicator", name] for name in table(place, "indicators")["name"]} == {side}
