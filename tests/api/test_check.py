"""Bad input at the command: every problem at once, in both languages, and no command runs on it."""

import pytest

from tests.api.printed import document, flat, replace
from tests.minimal_park import FOLDER, PROJECTS
from tests.scenarios.workbook_maker import minimal


def test_check_of_a_sound_park(run):
    code, out, err = run("check", FOLDER, "--json")
    assert (code, err) == (0, "")
    assert document(out) == {"problems": [], "errors": 0}
    code, out, err = run("check", FOLDER, "--lang", "en")
    assert (code, out) == (0, "")
    assert "no problems found" in err
    assert run("check", PROJECTS / "diesel-tank", "--json")[0] == 0


def spoil(folder):
    """Make one fault in each of many places; return what must be named."""
    replace(folder / "units.csv", "T-102,", "T-101,")  # twice the same id
    replace(folder / "units.csv", "74-98-6", "74-98-7")  # no such CAS number
    replace(folder / "units.csv", "500880,4500100", "500880,nan")
    replace(folder / "targets.csv", "general class 3", "general class 9")
    replace(folder / "weather.csv", "0,4,D,day,0.10", "0,4,G,day,0.10")
    replace(folder / "population.csv", "day,", "dya,")
    replace(folder / "park.toml", "date = 2026-11-01", "")
    (folder / "enterprises.csv").unlink()
    return {
        ("units", "unit_id"),
        ("units", "substance"),
        ("units", "y"),
        ("targets", "class"),
        ("weather", "stability"),
        ("population", "day"),
        ("park", "date"),
        ("enterprises", ""),
    }


def test_check_lists_every_problem_at_once(run, broken):
    places = spoil(broken)
    code, out, err = run("check", broken, "--json")
    assert (code, err) == (2, "")
    found = document(out)
    assert found["errors"] == sum(problem["severity"] == "error" for problem in found["problems"])
    assert places <= {(problem["table"], problem["column"]) for problem in found["problems"]}
    for problem in found["problems"]:
        assert any("\u4e00" <= sign <= "\u9fff" for sign in problem["message_zh"])
        assert problem["message_en"].isprintable()
        assert any(word.isascii() and word.isalpha() for word in problem["message_en"].split())
    code, out, err = run("check", broken)
    assert (code, out) == (2, "")
    shown = flat(err)
    for problem in found["problems"]:
        assert flat(problem["message_zh"]) in shown or problem["code"] in ("missing_table", "missing_column")


@pytest.mark.parametrize("command", [["assess"], ["hazards"], ["domino", "--from", "V-201"], ["gate"]])
def test_no_command_runs_on_a_broken_park(run, broken, command):
    spoil(broken)
    name, *more = command
    arguments = [name, broken, *([PROJECTS / "diesel-tank"] if name == "gate" else []), *more]
    checked = document(run("check", broken, "--json")[1])["problems"]
    code, out, err = run(*arguments, "--json")
    assert (code, err) == (2, "")
    assert document(out) == {"problems": checked}
    code, out, err = run(*arguments, "--lang", "en")
    assert (code, out) == (2, "")
    assert f"{sum(problem['severity'] == 'error' for problem in checked)}errors," in flat(err)


@pytest.mark.parametrize("command", ["check", "assess", "hazards"])
def test_a_folder_that_is_not_there(run, tmp_path, command):
    for path in (tmp_path / "nowhere", FOLDER / "units.csv", tmp_path):
        code, out, err = run(command, path, "--json")
        assert (code, err) == (2, "")
        assert any(problem["severity"] == "error" for problem in document(out)["problems"])
        code, out, err = run(command, path)
        assert (code, out) == (2, "")
        assert "Traceback" not in err


def test_check_of_a_workbook_names_the_cells(run, tmp_path):
    maker = minimal()
    maker.set("units", 5, "x", "东侧")
    path = maker.write(tmp_path / "park.xlsx")
    code, out, err = run("check", path, "--json")
    assert (code, err) == (2, "")
    (fault,) = document(out)["problems"]
    assert (fault["code"], fault["place"], fault["row"]) == ("not_a_number", "设备!F5", 5)
    code, out, err = run("check", path, "--lang", "zh")
    assert (code, out) == (2, "")
    assert "设备!F5" in flat(err)
