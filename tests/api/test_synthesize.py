"""``parkrisk synthesize``: what is written, what is refused, what is said."""

import json


def test_a_park_that_the_checker_takes(run, tmp_path):
    code, out, _ = run("synthesize", "10", tmp_path / "park", "--seed", "7", "--json")
    assert code == 0
    assert json.loads(out)["tables"]["units"] == 10
    assert json.loads(out)["planted"] == 0
    assert run("check", tmp_path / "park")[0] == 0
    code, _, err = run("synthesize", "10", tmp_path / "park")
    assert code == 2
    assert "there already" in err
    assert run("synthesize", "10", tmp_path / "park", "--force", "--lang", "en")[0] == 0


def test_a_dirty_park_lists_what_was_planted(run, tmp_path):
    code, out, _ = run("synthesize", "30", tmp_path / "park", "--dirt", "--lang", "zh")
    planted = json.loads((tmp_path / "park" / "planted.json").read_text(encoding="utf-8"))
    assert code == 0
    assert f"植入错误 {len(planted)} 处" in out
    assert run("check", tmp_path / "park")[0] == 2


def test_too_few_units_are_refused_in_words(run, tmp_path):
    code, _, err = run("synthesize", "3", tmp_path / "park")
    assert code == 2
    assert "10" in err
    assert not (tmp_path / "park").exists()
