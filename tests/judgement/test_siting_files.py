"""Files, figures and the command of the siting map."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyproj
import pytest
import rasterio
import shapely
import shapely.geometry
from typer.testing import CliRunner

from parkrisk.api.cli import app
from parkrisk.api.drawn import siting as siting_figures
from parkrisk.api.examples import example_park
from parkrisk.api.printed import siting as siting_tables
from parkrisk.risk.rules.conditions import quantities
from parkrisk.risk.rules.facts import Facts, known, unknown
from parkrisk.risk.siting import files
from parkrisk.risk.siting.place import at_a_good_place, hangs_on_place, open_everywhere
from parkrisk.risk.siting.result import CRITERIA, PASS, VERDICTS, Siting
from parkrisk.risk.siting.siting import siting
from tests.judgement.siting_project import AREA, decision, park, project


@pytest.fixture(scope="module")
def found() -> Siting:
    return siting(park(), project(), decision=decision(), cells=40, area=AREA)


@pytest.fixture(scope="module")
def folder(found: Siting, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("siting")
    files.save(found, target)
    return target


def test_the_geotiff_holds_the_map(found: Siting, folder: Path) -> None:
    with rasterio.open(folder / "siting.tif") as file:
        assert file.descriptions == files.BANDS
        assert file.crs.to_epsg() == int(park().crs.split(":")[1])
        assert file.tags(1)["4"] == VERDICTS[4] == "pass"
        assert file.tags(3)["3"] == CRITERIA[3] == "societal"
        verdict, room, binding, target = file.read()
        for row, column in ((0, 0), (3, 7), (found.raster.ny - 1, found.raster.nx - 1)):
            x, y = file.xy(found.raster.ny - 1 - row, column)
            assert (x, y) == pytest.approx((found.raster.x[column], found.raster.y[row]))
    np.testing.assert_array_equal(verdict[::-1], found.verdict)
    np.testing.assert_allclose(room[::-1], found.room, rtol=1e-6)
    np.testing.assert_array_equal(binding[::-1], found.binding)
    np.testing.assert_array_equal(target[::-1], found.target)


def test_the_geojson_holds_its_areas(found: Siting, folder: Path) -> None:
    features = json.loads((folder / "siting.geojson").read_text(encoding="utf-8"))["features"]
    back = pyproj.Transformer.from_crs("EPSG:4326", park().crs, always_xy=True)
    cell = found.raster.cell**2
    passing = [each for each in features if each["properties"].get("verdict") == "pass"]
    assert len(passing) == 1
    assert passing[0]["properties"]["area_m2"] == pytest.approx(cell * (found.verdict == PASS).sum(), abs=0.1)
    for feature in features:
        shape = shapely.geometry.shape(feature["geometry"])
        assert shape.is_valid
        planar = shapely.transform(shape, lambda xy: np.column_stack(back.transform(*xy.T)))
        assert planar.area == pytest.approx(feature["properties"]["area_m2"], rel=1e-3)
    levels = [each["properties"]["room_at_least"] for each in features if "room_at_least" in each["properties"]]
    assert levels == sorted(levels)
    assert levels[0] == 1.0


def test_tables_and_json(found: Siting, folder: Path) -> None:
    content = json.loads((folder / "siting.json").read_text(encoding="utf-8"))
    assert sum(content["cells"].values()) == found.verdict.size
    assert content["elsewhere"] == found.elsewhere
    assert content["left_out"]
    best = pd.read_csv(folder / "siting_best.csv", encoding="utf-8-sig")
    assert best["room"].tolist() == pytest.approx(found.best()["room"].tolist())
    targets = pd.read_csv(folder / "siting_targets.csv", encoding="utf-8-sig")
    row, column = np.argwhere(found.target >= 0)[0]
    name = targets["target_id"][found.target[row, column]]
    assert name == found.at(found.raster.x[column], found.raster.y[row])["target_id"]


def test_figures_in_both_languages(found: Siting, tmp_path: Path) -> None:
    for lang in ("zh", "en"):
        written = siting_figures.save(found, tmp_path / lang, lang)
        assert {path.name for path in written} == {"siting.svg", "siting.png"}
        assert all(path.stat().st_size > 10_000 for path in written)


def test_the_rules_of_other_places_decide_the_headline(found: Siting) -> None:
    # Nothing is proven for this project, so that not even a perfect place lets it in.
    assert found.elsewhere == "undecided"
    assert not found.rules["rule_id"].str.startswith("gb36894-individual").any()
    assert not found.rules["rule_id"].str.startswith("gb36894-societal").any()


def test_the_command_prints_json_and_proves_a_place(tmp_path: Path) -> None:
    example = example_park("minimal")
    asked = ["siting", str(example), str(example / "projects" / "diesel-tank"), "--cells", "5", "-o", str(tmp_path)]
    result = CliRunner().invoke(app, [*asked, "--json", "--prove", "500500", "4500200"])
    assert result.exit_code == 0, result.output
    content = json.loads(result.stdout)
    # Escalation pairs and the park's grade hang on the place; the gate there knows them.
    assert content["elsewhere"] == "admit_with_conditions"
    left = {"entry-domino", "entry-grade-after", "gb36894-alarp", "gbt37243-distance-after"}
    assert {rule["rule_id"] for rule in content["rules"]} <= left
    assert [proof["verdict"] for proof in content["proven"]] == ["admit"]
    best = pd.read_csv(tmp_path / "siting_best.csv", encoding="utf-8-sig")
    assert best["proven"][0] == "admit"
    assert best["proof_digest"][0] == content["proven"][0]["digest"]
    assert content["proof"]["verdict"] == "admit"
    assert content["method"]["cells"][0] == 5
    assert (tmp_path / "siting.tif").is_file()


def test_what_hangs_on_the_place_and_is_not_judged_is_unknown(found: Siting) -> None:
    named = {name for name in quantities() if hangs_on_place(name)}
    assert {"after.grade", "project.new_cross_pairs", "project.external_distance_met", "project.inside_park"} <= named
    assert not named & {"project.category", "park.grade", "risk.societal_zone"}
    facts = Facts(park().date, quantities={name: known(True) for name in named} | {"park.grade": known("D")})
    there = at_a_good_place(facts, unknown("siting.place[external_distance[h]]"))
    assert there.quantities["park.grade"].value == "D"
    for name in ("after.grade", "project.new_cross_pairs", "project.raises_risk", "project.external_distance_met"):
        assert there.quantities[name].values == ()
    missing = [("siting.place[after.grade]", "paper"), ("siting.place[b]",)]
    waiting = pd.DataFrame({"effect": ["undecided", "condition"], "missing": missing})
    assert open_everywhere(waiting) == ("siting.place[after.grade]",)


@pytest.mark.parametrize(("lang", "words"), [("zh", ("余量", "多米诺")), ("en", ("room", "proven"))])
def test_what_is_printed(lang: str, words: tuple[str, ...], found: Siting, capsys: pytest.CaptureFixture[str]) -> None:
    siting_tables.show(found, lang)
    printed = capsys.readouterr().out
    assert all(word in printed for word in words)
