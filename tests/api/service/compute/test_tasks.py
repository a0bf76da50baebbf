"""Every task of an engine gives what the Python face gives."""

import io
import json
import zipfile
from pathlib import Path

import pandas as pd
import pyproj
import pytest

from parkrisk.api.examples import example_park
from parkrisk.api.service.compute.child import Options
from parkrisk.api.service.compute.desk import Desk
from parkrisk.api.service.compute.tasks import TASKS
from parkrisk.models.errors import InputProblems, OutOfRange, RuleError
from parkrisk.risk.assess import assess
from parkrisk.risk.entry.gate import gate
from parkrisk.risk.places import risk_at
from parkrisk.risk.result import contours_geojson, plain
from parkrisk.risk.whatif import whatif
from parkrisk.scenarios import change, park_from_json, project_from_json, read
from parkrisk.scenarios.reading.sources import document
from parkrisk.scenarios.writing.template import write_template

MINIMAL = example_park("minimal")
PARK = document(MINIMAL)
PROJECT = document(next(iter(sorted((MINIMAL / "projects").iterdir()))), "project")


def _silent(_stage: str, _done: int, _total: int) -> None:
    pass


def new_desk(cache: int = 3, memory_mb: int = 1_000_000) -> Desk:
    return Desk(Options(memory_mb, 1, cache), _silent)


@pytest.fixture(scope="module")
def desk():
    return new_desk()


@pytest.fixture(scope="module")
def direct():
    return assess(park_from_json(PARK))


def archived(folder: Path, prefix: str = "") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in folder.iterdir():
            if path.is_file():
                archive.write(path, prefix + path.name)
    return packed.getvalue()


def test_assess_equals_the_python_face(desk, direct):
    outcome = TASKS["assess"]({"park": PARK}, desk)
    assert outcome.content == direct.to_dict()
    tables = direct.tables()
    assert {name for name in outcome.files if name.endswith(".parquet")} == {f"tables/{n}.parquet" for n in tables}
    risks = pd.read_parquet(io.BytesIO(outcome.files["tables/targets.parquet"]))["individual_risk"]
    assert risks.tolist() == direct.targets["individual_risk"].tolist()
    assert json.loads(outcome.files["contours.geojson"]) == plain(contours_geojson(direct))


def test_layers_are_where_the_park_is_and_say_what_was_found(desk, direct):
    outcome = TASKS["assess"]({"park": PARK}, desk)
    to_planar = pyproj.Transformer.from_crs("EPSG:4326", direct.park.crs, always_xy=True)
    units = json.loads(outcome.files["units.geojson"])["features"]
    assert {each["properties"]["unit_id"] for each in units} == set(direct.park.tables["units"]["unit_id"])
    for each in units:
        x, y = to_planar.transform(*each["geometry"]["coordinates"])
        assert (x, y) == pytest.approx((each["properties"]["x"], each["properties"]["y"]), abs=0.05)
        assert {"kind_zh", "kind_en", "substance_zh", "R", "pll_share"} <= set(each["properties"])
    found = {
        e["properties"]["target_id"]: e["properties"] for e in json.loads(outcome.files["targets.geojson"])["features"]
    }
    for row in direct.targets.to_dict("records"):
        shown = found[row["target_id"]]
        assert (shown["individual_risk"], shown["limit"], shown["status"]) == (
            row["individual_risk"],
            row["limit"],
            row["status"],
        )


@pytest.mark.slow
def test_a_relative_in_memory_changes_nothing(desk):
    moved = json.loads(json.dumps(PARK))
    moved["units"][0]["x"] += 20.0
    with_relative = new_desk()
    TASKS["assess"]({"park": PARK}, with_relative)
    assert with_relative._relative(park_from_json(moved), next(iter(with_relative._assessments))) is not None
    outcome = TASKS["assess"]({"park": moved}, with_relative)
    assert outcome == TASKS["assess"]({"park": moved}, new_desk())
    assert outcome.content["provenance"]["result_digest"] == assess(park_from_json(moved)).provenance["result_digest"]


@pytest.mark.slow
def test_another_seed_or_method_is_another_assessment(desk):
    TASKS["assess"]({"park": PARK}, desk)
    located = TASKS["assess"]({"park": PARK, "delayed_ignition": "located", "seed": 3}, desk).content["provenance"]
    assert located["seed"] == 3
    assert located["settings"]["delayed_ignition"] == "located"


@pytest.mark.slow
def test_what_is_kept_is_bounded():
    desk = new_desk(cache=1)
    for seed in (0, 1):
        TASKS["assess"]({"park": PARK, "seed": seed}, desk)
    assert [key[3] for key in desk._assessments] == [1]
    crowded = new_desk(memory_mb=1)
    TASKS["risk_at"]({"park": PARK, "x": 500000.0, "y": 4500000.0}, crowded)
    crowded.tidy()
    assert not crowded._assessments


def test_risk_at_a_place_given_either_way(desk, direct):
    x, y = direct.targets[["x", "y"]].iloc[0]
    planar = TASKS["risk_at"]({"park": PARK, "x": x, "y": y}, desk).content
    assert planar == risk_at(direct, [(x, y)]).to_dict()
    lon, lat = pyproj.Transformer.from_crs(direct.park.crs, "EPSG:4326", always_xy=True).transform(x, y)
    degrees = TASKS["risk_at"]({"park": PARK, "lon": lon, "lat": lat}, desk).content
    assert degrees["places"][0]["individual_risk"] == pytest.approx(planar["places"][0]["individual_risk"], rel=1e-6)


def test_trace(desk, direct):
    target = str(direct.targets["target_id"].iloc[0])
    asked = {"table": "targets", "key": target, "column": "individual_risk"}
    step = direct.trace("targets", target, "individual_risk")
    assert TASKS["trace"]({"park": PARK, **asked}, desk).content == plain(step.to_dict())


def test_cascade_of_one_unit_with_its_edges_and_of_several(desk, direct):
    content = TASKS["cascade"]({"park": PARK, "units": ["T-101"]}, desk).content
    edges = content.pop("edges")
    assert content == plain(direct.domino.from_unit("T-101").to_dict())
    assert {(edge["from_unit"], edge["to_unit"]) for edge in edges} == {("T-101", "T-102")}
    both = TASKS["cascade"]({"park": PARK, "units": ["T-101", "T-102"]}, desk).content
    assert both["from"] == ["T-101", "T-102"]
    for wrong in ([], ["no-such"], ["T-101", "no-such"]):
        with pytest.raises(OutOfRange):
            TASKS["cascade"]({"park": PARK, "units": wrong}, desk)


def test_whatif(desk, direct):
    outcome = TASKS["whatif"]({"park": PARK, "scenario": {"name": "n", "remove": ["T-101"]}}, desk)
    found = whatif(direct, change(direct.park, remove=["T-101"]), "n")
    assert outcome.content == found.to_dict()
    assert json.loads(outcome.files["contours_before.geojson"]) == plain(contours_geojson(found.before))
    assert json.loads(outcome.files["contours_after.geojson"]) == plain(contours_geojson(found.after))
    with pytest.raises(InputProblems):
        TASKS["whatif"]({"park": PARK, "scenario": {"remove": ["no-such"], "nonsense": 1}}, desk)


def test_gate(desk, direct):
    outcome = TASKS["gate"]({"park": PARK, "project": PROJECT, "search": False}, desk)
    assert outcome.content == gate(direct.park, project_from_json(PROJECT), cures=False).to_dict()


def test_contours_at_levels_asked_for(desk, direct):
    outcome = TASKS["contours"]({"park": PARK, "levels": [1e-6]}, desk)
    (feature,) = json.loads(outcome.files["contours.geojson"])["features"]
    assert feature["properties"]["individual_risk_per_year"] == 1e-6
    assert feature["properties"]["area_m2"] == pytest.approx(direct.contours([1e-6])[1e-6].area, abs=0.1)


@pytest.mark.parametrize("task", ["assess", "gate", "risk_at"])
def test_rules_of_a_file_are_refused(desk, task):
    asked = {"project": PROJECT, "x": 0.0, "y": 0.0}
    with pytest.raises(RuleError):
        TASKS[task]({"park": PARK, "rules": "/etc/passwd", **asked}, desk)


def test_check_of_a_document_and_of_an_archive_agree(desk):
    given = TASKS["check"]({"document": PARK}, desk)
    assert given.content["digest"] == read(MINIMAL).digest()
    assert (given.content["kind"], given.content["rulebook"], given.content["units"]) == ("park", "cn-2026", 5)
    for prefix in ("", "化工园区/"):
        packed = TASKS["check"]({"upload": archived(MINIMAL, prefix), "name": "park.zip"}, desk)
        assert packed == given


def test_the_map_of_a_park(desk):
    pack = json.loads(TASKS["check"]({"document": PARK}, desk).files["map.json"])
    west, south, east, north = pack["bbox"]
    for unit in pack["units"]["features"]:
        lon, lat = unit["geometry"]["coordinates"]
        assert west <= lon <= east
        assert south <= lat <= north
    assert pyproj.CRS.from_epsg(pack["crs"]["epsg"]) == pyproj.CRS.from_user_input(read(MINIMAL).crs)
    assert pack["boundary"]["type"] == "Polygon"
    assert (
        sum(each["properties"]["day"] for each in pack["people"]["features"])
        == read(MINIMAL).tables["population"]["day"].sum()
    )


def test_check_lists_problems_and_gives_no_digest(desk):
    wrong = {**PARK, "units": [{**PARK["units"][0], "kind": "teapot"}]}
    outcome = TASKS["check"]({"document": wrong}, desk)
    assert outcome.content["digest"] == ""
    assert not outcome.files
    assert any(problem["severity"] == "error" for problem in outcome.content["problems"])


def test_check_of_a_project(desk):
    outcome = TASKS["check"]({"document": PROJECT}, desk)
    assert (outcome.content["kind"], outcome.content["digest"]) == ("project", project_from_json(PROJECT).digest())


def test_check_of_a_workbook(desk, tmp_path):
    write_template(tmp_path / "empty.xlsx", "park")
    outcome = TASKS["check"]({"upload": (tmp_path / "empty.xlsx").read_bytes(), "name": "空表.xlsx"}, desk)
    assert any(problem["code"] == "empty_table" for problem in outcome.content["problems"])
