"""`parkrisk natech`: tables, JSON, files; no input means not assessed; bad input is named."""

import shutil

import pytest

from parkrisk.api.examples import example_park
from tests.api.printed import document, flat
from tests.minimal_park import FOLDER

EXAMPLE = example_park("zhoushan") / "natech.toml"


@pytest.mark.parametrize(("lang", "words"), [("zh", "Natech未评估"), ("en", "natechnotassessed")])
def test_no_input_is_not_assessed(run, lang, words):
    code, out, _ = run("natech", FOLDER, "--lang", lang)
    assert code == 0
    assert words in flat(out)
    assert document(run("natech", FOLDER, "--json")[1]) == {"status": "not_assessed", "missing": ["natech.toml"]}


def test_file_of_the_park_is_taken(run, broken):
    shutil.copy(EXAMPLE, broken / "natech.toml")
    found = document(run("natech", broken, "--json")[1])
    assert found["status"] == "assessed"
    assert [row["assessed"] for row in found["causes"]] == ["yes", "yes"]
    assert found["pll"] is None  # deaths were not asked for
    assert found == document(run("natech", FOLDER, "--hazards", EXAMPLE, "--json")[1])


@pytest.mark.parametrize(("lang", "words"), [("zh", "未评估：雷电"), ("en", "notassessed:lightning")])
def test_in_words(run, lang, words):
    code, out, _ = run("natech", FOLDER, "--pga", "0.3", "--lang", lang)
    assert code == 0
    assert "T-101" in out
    assert words in flat(out)


def test_files(run, tmp_path):
    assert run("natech", FOLDER, "--pga", "0.3", "--json", "-o", tmp_path)[0] == 0
    names = {path.name for path in tmp_path.iterdir()}
    assert {"natech.json", "natech_causes.csv", "natech_units.csv", "natech_pairs.csv", "figures"} <= names
    assert {path.name for path in (tmp_path / "figures").iterdir()} == {
        f"natech_{name}.{ending}" for name in ("map", "numbers") for ending in ("svg", "png")
    }


def test_bad_input_is_named(run, broken):
    code, _, err = run("natech", FOLDER, "--pga", "200")
    assert code == 2
    assert "gal" in err
    (broken / "natech.toml").write_text('[earthquake]\npga_unit = "g"\npga = [0.1, 0.2]\nfrequency = [1e-4, 1e-3]\n')
    code, out, _ = run("natech", broken, "--json")
    assert code == 2
    assert [fault["column"] for fault in document(out)["problems"]] == ["earthquake.frequency"]
