"""`parkrisk capacity` and `parkrisk state`: tables, JSON, files, both languages; what is asked wrongly is refused."""

import json

import pytest

from tests.api.printed import document, flat
from tests.minimal_park import FOLDER

READINGS = FOLDER / "readings" / "example.csv"


def test_units_that_fit_are_said_and_written(run, broken, tmp_path):
    units = (broken / "units.csv").read_text(encoding="utf-8")
    (broken / "units.csv").write_text(units.replace("A,A,existing", "A,A,approved"), encoding="utf-8")
    asked = ("capacity", broken, "--unit", "T-101", "--at", "500300", "4500300", "-o", tmp_path / "out")
    code, out, _ = run(*asked, "--lang", "zh")
    assert code == 0
    for words in ("在役", "含已批未建", "没有官方公式", "台数按单台新增量累加"):
        assert words in flat(out)
    written = json.loads((tmp_path / "out" / "capacity.json").read_text(encoding="utf-8"))
    assert [row["units"] for row in written["stages"]] == [4, 5]
    assert f"最多{written['reference_units']['n']}台" in flat(out)
    for name in ("capacity.png", "capacity.svg", "capacity_targets.csv", "capacity_fn.csv", "capacity_stages.csv"):
        assert (tmp_path / "out" / name).stat().st_size > 100


def test_a_project_is_a_stage_of_its_own(run):
    found = document(run("capacity", FOLDER, "--project", FOLDER / "projects" / "diesel-tank", "--json")[1])
    assert [(row["stage"], row["units"]) for row in found["stages"]] == [
        ("in_service", 5),
        ("approved", 5),
        ("proposed", 6),
    ]
    share = {row["stage"]: row["societal_share"] for row in found["stages"]}
    assert share["in_service"] == share["approved"]
    assert share["proposed"] == pytest.approx(share["approved"], rel=0.01)  # one diesel tank; cascades are sampled


def test_place_without_a_unit_is_refused(run):
    assert run("capacity", FOLDER, "--at", "500300", "4500300", "--json")[0] == 2


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "words"), [("zh", "再加"), ("en", "wouldbreak")])
def test_tonnes_that_fit(run, lang, words):
    code, out, _ = run(
        "capacity", FOLDER, "--unit", "V-301", "--at", "500700", "4500250", "--cas", "液氯", "--lang", lang
    )
    assert code == 0
    assert words in flat(out)


def test_the_state_is_said_and_written(run, tmp_path):
    asked = ("state", FOLDER, READINGS, "--at", "2026-11-26T08:00")
    code, out, _ = run(*asked, "-o", tmp_path, "--lang", "zh")
    assert code == 0
    for words in ("监测状态2026-11-2608:00", "橙", "黄", "非官方"):
        assert words in flat(out)
    found = document(run(*asked, "--json")[1])
    assert found == json.loads((tmp_path / "state.json").read_text(encoding="utf-8"))
    assert {row["enterprise_id"]: row["colour"] for row in found["enterprises"]} == {"e1": "yellow", "e2": "orange"}


@pytest.mark.parametrize(
    ("at", "code"), [("2026-11-26T07:00", "reading_in_future"), ("2026-11-26T08:00Z", "models.out_of_range")]
)
def test_a_wrong_time_is_refused(run, at, code):
    ended, out, _ = run("state", FOLDER, READINGS, "--at", at, "--json")
    assert ended == 2
    assert code in out
