"""`parkrisk distances`: tables, JSON, files, pictures."""

import pytest

from tests.api.printed import document, flat
from tests.minimal_park import FOLDER


@pytest.mark.parametrize(("lang", "words"), [("zh", "周边规划安全控制线"), ("en", "surrounding-landcontrolline")])
def test_tables(run, lang, words):
    code, out, _ = run("distances", FOLDER, "--lang", lang)
    assert code == 0
    assert words in flat(out)
    assert "chlorine-store" in out


def test_json_and_files(run, tmp_path):
    code, out, _ = run("distances", FOLDER, "--json", "-o", tmp_path)
    assert code == 0
    found = document(out)
    assert found["external_distance_met"] is True
    assert found["mark"] == "M"
    assert {row["method"] for row in found["installations"]} == {"qra", "standards"}
    assert found["control_line"]["type"] == "FeatureCollection"
    assert {path.name for path in tmp_path.rglob("*.*")} >= {
        "distances.csv",
        "control_line.geojson",
        "installation_lines.geojson",
        "distances.svg",
        "distances.png",
    }


def test_without_evidence_it_is_undecided(run, broken):
    path = broken / "answers.csv"
    kept = [line for line in path.read_text(encoding="utf-8").splitlines() if "design-standard-distance" not in line]
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    code, out, _ = run("distances", broken, "--json")
    found = document(out)
    assert code == 0
    assert found["external_distance_met"] is None
    assert found["missing"] == [f"indicators.design-standard-distance[{name}]" for name in ("plant", "tank-farm")]
