"""``parkrisk whatif``: options, a file, a folder; what is printed and written; mistakes."""

import json

import pandas as pd
import pytest

from parkrisk.risk.assess import assess
from parkrisk.scenarios import change, read
from tests import minimal_park
from tests.api.printed import document, flat
from tests.minimal_park import FOLDER

MOVE = '[move]\n"T-101" = [500110.0, 4500105.0]\n'


@pytest.fixture
def scenarios(tmp_path):
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (folder / "1-move.toml").write_text('name = "罐区调整"\n' + MOVE, encoding="utf-8")
    (folder / "2-empty.toml").write_text('out_of_service = ["V-301"]\n', encoding="utf-8")
    return folder


def test_options_and_a_file_say_the_same(run, scenarios):
    code, out, err = run("whatif", FOLDER, "--json", "--move", "T-101=500110,4500105")
    assert (code, err) == (0, "")
    by_options = document(out)
    code, out, _ = run("whatif", FOLDER, scenarios / "1-move.toml", "--json")
    assert code == 0
    by_file = document(out)
    assert (by_options.pop("scenario"), by_file.pop("scenario")) == ("options", "罐区调整")
    assert by_options == by_file
    full = assess(change(read(FOLDER), move={"T-101": (500110.0, 4500105.0)}))
    assert by_file["provenance"]["after"]["result_digest"] == full.provenance["result_digest"]
    before = minimal_park.assessment()
    assert by_file["provenance"]["before"]["result_digest"] == before.provenance["result_digest"]
    figures = {row["figure"]: row for row in by_file["figures"]}
    assert (figures["pll"]["before"], figures["pll"]["after"]) == (before.pll, full.pll)
    assert figures["pll"]["difference"] == full.pll - before.pll
    assert figures["grade"]["before"] == before.grade.letter
    assert {row["unit_id"]: row["change"] for row in by_file["units"]}["T-101"] == "altered"


def test_in_words(run, scenarios):
    code, out, _ = run(
        "whatif",
        FOLDER,
        "--lang",
        "en",
        "--out-of-service",
        "V-301",
        "--delayed-ignition",
        "located",
        "--set",
        "enterprises/e1/staff_day=7",
    )
    assert code == 0
    assert "PLL/yr" in flat(out)
    assert "altered" in flat(out)
    code, out, _ = run("whatif", FOLDER, scenarios / "1-move.toml", "--lang", "zh")
    assert code == 0
    assert "罐区调整" in flat(out)
    assert "改变前" in flat(out)


def test_a_folder_is_one_table(run, scenarios, tmp_path):
    code, out, _ = run("whatif", FOLDER, scenarios, "--json", "-o", tmp_path / "out")
    assert code == 0
    found = document(out)
    assert [row["scenario"] for row in found["overview"]] == ["", "罐区调整", "2-empty"]
    assert [each["scenario"] for each in found["scenarios"]] == ["罐区调整", "2-empty"]
    assert found["overview"][0]["pll"] == minimal_park.assessment().pll
    written = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.*")}
    tables = ("notes.csv", "figures.csv", "fn.csv", "targets.csv", "units.csv", "whatif.json")
    assert written == {"overview.csv"} | {f"{name}/{table}" for name in ("1-move", "2-empty") for table in tables}
    assert json.loads((tmp_path / "out/1-move/whatif.json").read_text(encoding="utf-8")) == found["scenarios"][0]
    table = pd.read_csv(tmp_path / "out/overview.csv")
    assert table["units"].tolist() == [5, 5, 5]
    code, out, _ = run("whatif", FOLDER, scenarios, "--lang", "zh")
    assert "（现状）" in flat(out)


def test_mistakes(run, scenarios, tmp_path):
    (scenarios / "1-move.toml").write_text('remve = ["T-101"]\nclose = ["nowhere"]\n', encoding="utf-8")
    (scenarios / "2-empty.toml").write_text("", encoding="utf-8")
    code, out, _ = run("whatif", FOLDER, scenarios, "--json")
    assert code == 2
    found = {(each["table"], each["code"]) for each in document(out)["problems"]}
    assert found == {
        ("1-move.toml", "scenario_key"),
        ("1-move.toml: transport", "unknown_road"),
        ("2-empty.toml", "scenario_empty"),
    }
    for arguments in (
        (),
        (scenarios / "1-move.toml", "--remove", "T-101"),
        ("--remove", "T-999"),
        ("--move", "T-101=here"),
        ("--move", "T-101"),
        ("--refill", "T-101=full"),
        ("--housing", "500450,4500150"),
        ("--set", "units/T-101=3"),
        ("--wind", "400"),
        (tmp_path / "missing.toml",),
    ):
        assert run("whatif", FOLDER, "--json", *arguments)[0] == 2, arguments
