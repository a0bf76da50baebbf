"""`parkrisk grade`: letter and what settles it, colours, JSON, tables, map files."""

import json

import pytest

from parkrisk.api import cli
from parkrisk.risk.grading.checklist import load
from tests import minimal_park
from tests.api.printed import document, flat
from tests.minimal_park import FOLDER


@pytest.fixture
def assessed(monkeypatch):
    """The assessment that other tests made, in place of a run."""
    monkeypatch.setattr(cli, "_assess", lambda *_, **__: minimal_park.assessment())


def test_as_json(run):
    code, out, _ = run("grade", FOLDER, "--json")
    assert code == 0
    content = document(out)
    grade = content["grade"]
    assert grade["bounds"] == [grade["letter"], grade["bounds"][1]]
    assert len(grade["aspects"]) == 6
    assert sum(aspect["max_score"] for aspect in grade["aspects"]) == 100
    assert sum(aspect["score_low"] for aspect in grade["aspects"]) == pytest.approx(grade["score_bounds"][0])
    assert sum(aspect["score_high"] for aspect in grade["aspects"]) == pytest.approx(grade["score_bounds"][1])
    assert grade["unverified"] is True
    assert {way["letter"] for way in grade["settled_by"]} <= {each.letter for each in load_letters()}
    first, second = content["enterprises"]
    # 100 - 6 - 0.2 - 3 - 2 - 5 + 2 + 4 + 5 + 5, worked in the README of the example.
    assert (first["score_low"], first["score_high"]) == (99.8, 99.8)
    assert (first["colour"], first["status"]) == ("blue", "settled")
    assert (second["colour_worst"], second["colour_best"], second["status"]) == ("red", "blue", "open")
    assert second["missing"][0] == "answers.no-disqualifying-accidents"


def load_letters():
    return load("park_checklist_provisional.toml").letters


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", ("六个方面的得分", "直接判定", "最少补齐哪些项即可确定等级", "企业四色分级", "未经核实")),
        ("en", ("scorebyaspect", "directtriggers", "fewestitemsthatwouldsettle", "coloursofenterprises", "unverified")),
    ],
)
@pytest.mark.usefixtures("assessed")
def test_in_words(run, lang, words):
    code, out, _ = run("grade", FOLDER, "--lang", lang)
    assert code == 0
    for word in words:
        assert word in flat(out)


@pytest.mark.usefixtures("assessed")
def test_files(run, tmp_path):
    assert run("grade", FOLDER, "--json", "-o", tmp_path)[0] == 0
    assert {path.name for path in (tmp_path / "figures").iterdir()} == {"grades.svg", "grades.png"}
    assert {"enterprises.csv", "enterprise_items.csv", "grade.json", "result.json"} <= {
        path.name for path in tmp_path.iterdir()
    }
    colours = json.loads((tmp_path / "enterprises.geojson").read_text(encoding="utf-8"))["features"]
    assert [each["properties"]["colour"] for each in colours] == ["blue", "red"]
    levels = json.loads((tmp_path / "hazard_units.geojson").read_text(encoding="utf-8"))["features"]
    assert [each["properties"]["level_worst"] for each in levels] == [3, None, 3, 3]
