"""`parkrisk compare`: what differs, printed, written and drawn."""

from tests.api.printed import document, replace
from tests.minimal_park import FOLDER


def test_compare_prints_writes_and_draws(run, broken, tmp_path):
    replace(broken / "park.toml", "relative_humidity = 0.6", "relative_humidity = 0.5")
    out = tmp_path / "out"
    code, text, _ = run("compare", FOLDER, broken, "-o", out, "--lang", "en")
    assert code == 0
    assert "relative_humidity" in text
    assert {path.name for path in (out / "figures").iterdir()} == {"comparison.png", "comparison.svg"}
    steps = (out / "comparison_steps.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [row.split(",")[0] for row in steps] == ["step", "", "weather"]


def test_compare_as_json(run, broken):
    replace(broken / "park.toml", "relative_humidity = 0.6", "relative_humidity = 0.5")
    code, text, _ = run("compare", FOLDER, broken, "--json", "--no-steps")
    assert code == 0
    (change,) = document(text)["inputs"]
    assert (change["column"], change["before"], change["after"]) == ("relative_humidity", "0.6", "0.5")
