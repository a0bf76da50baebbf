"""`parkrisk uncertainty`: tables, JSON, files and figures, both languages; what is asked wrongly is refused."""

import json

import pytest

from tests.api.printed import document, flat
from tests.minimal_park import FOLDER


def test_chances_are_said_and_written(run, tmp_path):
    asked = ("uncertainty", FOLDER, "--samples", "64", "--input", "failure_frequency", "-o", tmp_path / "out")
    code, out, _ = run(*asked, "--lang", "zh")
    assert code == 0
    for words in ("超限概率", "园区等级的概率", "敏感性", "未经核实", "未抽样", "失效频率：压力容器"):
        assert words in flat(out)
    written = json.loads((tmp_path / "out" / "uncertainty.json").read_text(encoding="utf-8"))
    assert sum(row["probability"] for row in written["grades"]) == pytest.approx(1.0)
    assert {row["input"] for row in written["inputs"]} == {"failure_frequency"}
    for name in ("fn", "grades", "sensitivity"):
        assert (tmp_path / "out" / "figures" / f"uncertainty_{name}.png").stat().st_size > 1000


@pytest.mark.slow
def test_verdicts_as_json_and_in_english(run):
    project = FOLDER / "projects" / "diesel-tank"
    asked = ("uncertainty", FOLDER, "--project", project, "--samples", "64", "--input", "toxic_probit")
    found = document(run(*asked, "--json")[1])
    assert sum(row["probability"] for row in found["verdicts"]) == pytest.approx(1.0)
    assert "whatdecidesthegrade" in flat(run(*asked, "--lang", "en")[1]) or found["decides"]["grade"] == ""


@pytest.mark.parametrize("wrong", [("--samples", "1000"), ("--samples", "64", "--input", "colour")])
def test_what_cannot_be_sampled_is_refused(run, wrong):
    code, out, _ = run("uncertainty", FOLDER, *wrong, "--json")
    assert code == 2
    assert json.loads(out)["error"]["message_zh"]
