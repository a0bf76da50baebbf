"""``parkrisk measures``: what is printed and written; mistakes."""

import numpy as np
import pandas as pd

from parkrisk.api.examples import example_park
from tests.api.printed import document, flat
from tests.minimal_park import FOLDER

CANDIDATES = example_park("minimal") / "measures" / "candidates.csv"


def test_in_words_in_files_and_as_json(run, tmp_path):
    folder = tmp_path / "out"
    arguments = ("measures", FOLDER, CANDIDATES, "--budget", 800000, "--objective", "failures")
    code, out, err = run(*arguments, "-o", folder, "--json")
    assert (code, err) == (0, "")
    found = document(out)
    choice = found["choice"]
    assert choice["cost"] <= 800000
    assert "ring-tanks" in choice["measures"]
    assert 0.0 < choice["reduction"] <= choice["bound"]
    totals = {row["figure"]: row for row in found["totals"]}
    assert totals["secondary_failures"]["after"] < totals["secondary_failures"]["before"]
    rows = {row["measure_id"]: row for row in found["candidates"]}
    assert rows["fp-r301"]["status"] == "cost_unknown"
    assert rows["fp-r301"]["cost"] is None
    assert rows["fp-r301"]["cost_per_failure"] is None
    written = pd.read_csv(folder / "measure_candidates.csv", encoding="utf-8-sig")
    assert np.allclose(written["failures_reduction"], [row["failures_reduction"] for row in found["candidates"]])
    assert {path.name for path in (folder / "figures").iterdir()} == {"measures.svg", "measures.png"}
    assert (folder / "measures.json").is_file()
    for lang, words in (
        ("en", ("best set for", "cost unknown", "most dangerous chains")),
        ("zh", ("最优组合", "费用未知")),
    ):
        code, out, _ = run(*arguments, "--lang", lang)
        assert code == 0
        assert all(word.replace(" ", "") in flat(out) for word in words)


def test_mistakes_are_named_before_anything_is_computed(run, tmp_path):
    path = tmp_path / "candidates.csv"
    path.write_text(CANDIDATES.read_text(encoding="utf-8").replace("T-102", "T-202"), encoding="utf-8")
    code, out, _ = run("measures", FOLDER, path, "--budget", 1, "--json")
    assert code == 2
    assert [each["code"] for each in document(out)["problems"]] == ["measure_unit"]
    code, out, _ = run("measures", FOLDER, CANDIDATES, "--budget", 1, "--objective", "money", "--json")
    assert code == 2
    assert "money" in document(out)["error"]["message_en"]
    code, _, _ = run("measures", FOLDER, CANDIDATES, "--budget", -1)
    assert code == 2
