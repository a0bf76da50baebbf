"""Many parks: each as it is by itself, whatever becomes of the others, and none twice."""

import dataclasses
import json
import shutil

import pandas as pd
import pyproj
import pytest
import shapely

from parkrisk import assess, read
from parkrisk.models.errors import ParkRiskError
from parkrisk.risk.portfolio import plan, work
from parkrisk.risk.portfolio.kept import Kept
from parkrisk.risk.portfolio.plan import find_parks
from parkrisk.risk.portfolio.portfolio import portfolio
from parkrisk.risk.portfolio.row import CRS, layers_of
from tests import minimal_park
from tests.minimal_park import COARSE
from tests.risk.portfolio.parks import make_park, refill

GOOD = ["a", "city/c", "d"]


@pytest.fixture
def again(folder, output, found, tmp_path):
    """The portfolio with its outcomes, to be spoilt."""
    shutil.copytree(folder, tmp_path / "in")
    shutil.copytree(output, tmp_path / "out")
    return tmp_path / "in", tmp_path / "out"


def test_every_park_is_a_row(found):
    table = found.table.set_index("park")
    assert list(table.index) == ["a", "b-bad", "city/c", "d"]
    assert list(table["group"]) == ["", "", "city", ""]
    assert list(table["name"]) == ["甲园", "乙园", "甲园", "丁园"]
    assert list(table["status"]) == ["assessed", "invalid", "assessed", "assessed"]
    assert found.skipped == ("notes",)
    assert not found.complete
    assert table.loc[GOOD, "result_digest"].nunique() == 3


def test_rows_say_what_the_assessment_says(found, folder):
    row = found.table.set_index("park").loc["city/c"]
    alone = assess(read(folder / "city" / "c"), settings=COARSE)
    assert row["result_digest"] == alone.provenance["result_digest"]
    assert row["input_digest"] == alone.park.digest()
    assert row["pll"] == alone.pll == pytest.approx(alone.sources["pll"].sum(), rel=1e-9)
    assert row["domino_share"] == pytest.approx(1.0 - alone.sources["pll_without_domino"].sum() / alone.pll, abs=1e-9)
    assert (row["grade_worst"], row["grade_best"]) == alone.grade.bounds
    assert (row["score_low"], row["score_high"]) == alone.grade.score_bounds
    curve = alone.fn[alone.fn["N"] == row["fn_n"]].iloc[0]
    assert (
        row["fn_ratio"] == curve["F"] / curve["upper"] == (alone.fn["F"] * alone.fn["N"]).max() / alone.fn["upper"][0]
    )
    worst = alone.targets.set_index("target_id")["ratio"]
    assert row["worst_target_ratio"] == worst[row["worst_target"]] == worst.max()
    levels = alone.hazards.units["level"].dropna().astype(int).value_counts()
    assert [row[f"major_hazards_{level}"] for level in (1, 2, 3, 4)] == [levels.get(level, 0) for level in (1, 2, 3, 4)]
    population = alone.park.tables["population"]
    assert row["people_night"] >= population["night"].sum() > 0.0


def test_bad_park_has_all_its_problems_and_the_others_their_results(found):
    row = found.table.set_index("park").loc["b-bad"]
    assert (row["fault"], row["errors"], row["units"]) == ("park.invalid_input", 2, 5)
    assert pd.isna(row["pll"])
    assert row["grade"] == ""
    problems = {row["park"]: outcome.problems for row, outcome in found.outcomes()}["b-bad"]
    errors = [problem for problem in problems if problem["severity"] == "error"]
    assert [(problem["table"], problem["row"], problem["column"]) for problem in errors] == [
        ("units", 1, "substance"),
        ("units", 2, "substance"),
    ]
    assert all(problem["message_zh"] and problem["message_en"] for problem in errors)


def test_second_run_does_nothing_again(again, found, monkeypatch):
    monkeypatch.setattr(work, "assess", None)
    second = portfolio(*again, settings=COARSE)
    assert second.kept == 4
    pd.testing.assert_frame_equal(second.table, found.table)


def test_only_what_changed_is_done_again(again, found):
    refill(again[0] / "d", 0.5)
    second = portfolio(*again, settings=COARSE)
    assert second.kept == 3
    same = found.table["result_digest"] == second.table["result_digest"]
    assert list(found.table["park"][~same]) == ["d"]


def test_other_seed_or_rules_or_settings_are_other_results(again):
    standings = []
    shutil.rmtree(again[0] / "a")
    shutil.rmtree(again[0] / "d")
    portfolio(*again, settings=COARSE, seed=1, progress=standings.append)
    assert (standings[-1].total, standings[-1].done, standings[-1].kept) == (2, 2, 0)
    assert portfolio(*again, settings=COARSE, seed=1, rules="cn-nmg-2026").kept == 0
    assert portfolio(*again, settings=COARSE, seed=1, rules="cn-nmg-2026").kept == 2


@pytest.mark.parametrize("spoil", ["cut", "empty", "altered", "part", "foreign", "other key"])
def test_half_written_outcomes_are_not_taken_as_done(again, found, spoil):
    store, key = Kept(again[1] / "parks"), found.table.set_index("park").loc["a", "key"]
    assert store.find("a", key).status == "assessed"
    path = store.path("a")
    text = path.read_text("utf-8")
    if spoil == "part":
        path.rename(path.with_name(path.name + ".part"))
    else:
        altered = text.replace('"status":"assessed"', '"status":"invalid"')
        other = text.replace(key, "0" * 64)
        contents = {"cut": text[:-200], "empty": "", "altered": altered, "foreign": "[1]", "other key": other}
        assert text not in contents.values()
        path.write_text(contents[spoil], "utf-8")
    assert store.find("a", key) is None


def test_what_a_killed_run_left_is_done_again(again, found):
    path = Kept(again[1] / "parks").path("a")
    path.rename(path.with_name(path.name + ".part"))
    second = portfolio(*again, settings=COARSE)
    assert second.kept == 3
    pd.testing.assert_frame_equal(second.table, found.table)
    assert json.loads(path.read_text("utf-8"))["outcome"]["status"] == "assessed"


def test_fault_of_the_engine_is_a_row_and_is_tried_again(again, found, monkeypatch):
    real = work.assess
    faults = {0.55: RuntimeError("x"), 0.65: MemoryError()}

    def faulty(park, **_options):
        raise faults[park.tables["units"]["fill_fraction"].max()]

    refill(again[0] / "a", 0.55)
    refill(again[0] / "d", 0.65)
    monkeypatch.setattr(work, "assess", faulty)
    rows = portfolio(*again, settings=COARSE).table.set_index("park")
    assert list(rows["status"]) == ["failed", "invalid", "assessed", "memory"]
    assert list(rows["fault"]) == ["portfolio.failed", "park.invalid_input", "", "portfolio.memory"]
    assert rows.loc["d", "name"] == "丁园"
    monkeypatch.setattr(work, "assess", real)
    third = portfolio(*again, settings=COARSE)
    assert third.kept == 2
    assert list(third.table["status"]) == list(found.table["status"])


def test_other_versions_are_not_computed_with(again, monkeypatch):
    refill(again[0] / "d", 0.5)
    monkeypatch.setattr(work, "engine", lambda: {"parkrisk": "0.0.0"})
    second = portfolio(*again, settings=COARSE)
    assert second.table.set_index("park")["status"]["d"] == "other_engine"


def test_parks_are_found_in_every_form_and_results_are_not(tmp_path):
    make_park(tmp_path / "one", "一")
    for name in ("two.xlsx", "three.gpkg", "~$two.xlsx", "read.me", "city/four.xlsx", "out/portfolio.gpkg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    found = find_parks(tmp_path, tmp_path / "out")
    assert [park.id for park in found.parks] == ["city/four.xlsx", "one", "three.gpkg", "two.xlsx"]


def test_file_that_is_no_workbook_is_a_row(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    found = portfolio(tmp_path / "in", tmp_path / "out", settings=COARSE)
    assert list(found.table["status"]) == ["invalid"]


def test_park_that_the_reader_fails_on_is_a_row(again, found, monkeypatch):
    real = plan.read_source

    def faulty(path, kind):
        if path.name == "c":
            raise PermissionError("no")
        return real(path, kind)

    monkeypatch.setattr(plan, "read_source", faulty)
    second = portfolio(*again, settings=COARSE)
    assert list(second.table["status"]) == ["assessed", "invalid", "unreadable", "assessed"]
    assert (second.kept, second.table["rank"][2]) == (3, 1)


@pytest.mark.parametrize("name", ["empty", "absent"])
def test_no_park_is_an_error(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ParkRiskError) as raised:
        portfolio(tmp_path / name, tmp_path / "out")
    assert raised.value.code == "portfolio.no_parks"
    assert not (tmp_path / "out").exists()


def test_output_that_cannot_be_written_is_an_error(folder, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ParkRiskError) as raised:
        portfolio(folder, tmp_path / "file" / "out", settings=COARSE)
    assert raised.value.code == "portfolio.not_writable"


@pytest.mark.parametrize("bounded", [True, False])
def test_a_park_stands_within_its_boundary_or_amid_its_units(bounded):
    result = minimal_park.coarse()
    park = result.park if bounded else dataclasses.replace(result.park, boundary=None)
    layers = layers_of(dataclasses.replace(result, park=park))
    (place,) = (shapely.from_wkb(each["geometry"]) for each in layers["parks"])
    areas = [shapely.from_wkb(each["geometry"]) for each in layers["park_areas"]]
    assert [area.covers(place) for area in areas] == [True] * bounded
    if not bounded:
        back = pyproj.Transformer.from_crs(CRS, park.crs, always_xy=True).transform(place.x, place.y)
        assert back == pytest.approx(tuple(park.tables["units"][["x", "y"]].mean()), abs=0.01)
