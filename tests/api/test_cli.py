"""The command: one JSON document on standard output, messages on standard error, exit codes, no traceback."""

import io
import json
import os
import shutil
import subprocess
import sys

import pytest
from rich.cells import cell_len

from parkrisk.api import cli, examples, terminal
from parkrisk.api.examples import example_park
from parkrisk.risk.assess import assess
from parkrisk.risk.gate import gate
from parkrisk.scenarios import read, read_project
from tests import minimal_park
from tests.minimal_park import FOLDER, PROJECTS

EXIT = {"admit": 0, "refuse": 3, "admit_with_conditions": 4, "undecided": 5}


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command in this process: exit code, standard output, standard error."""

    def command(*arguments):
        monkeypatch.setattr(sys, "argv", ["parkrisk", *map(str, arguments)])
        for console in (terminal._out, terminal._err):
            console.width = 300
        capsys.readouterr()
        code = 0
        try:
            cli.main()
        except SystemExit as ended:
            code = ended.code or 0
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


@pytest.fixture
def broken(tmp_path):
    """A copy of the park that may be spoilt."""
    folder = tmp_path / "park"
    shutil.copytree(FOLDER, folder)
    return folder


def refuse(text):
    raise AssertionError(f"{text} in JSON")


def document(out):
    """Give the one JSON document, without NaN, that stands on standard output."""
    assert out.endswith("\n")
    assert out.count("\n") == 1
    return json.loads(out, parse_constant=refuse)


def flat(text):
    """Text without the frames and line breaks of a terminal."""
    return "".join(sign for sign in text if not 0x2500 <= ord(sign) < 0x2580 and not sign.isspace())


def replace(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_assess_prints_what_the_python_face_gives(run):
    code, out, err = run("assess", FOLDER, "--json")
    assert (code, err) == (0, "")
    assert document(out) == minimal_park.assessment().to_dict()


def test_assess_in_words(run):
    code, out, _ = run("assess", FOLDER, "--lang", "en", "--timings")
    assert code == 0
    assert "parkriskgrade：C" in flat(out)
    assert minimal_park.assessment().provenance["result_digest"] in flat(out)
    assert "demonstration" in flat(out) or "assumed" in flat(out)
    code, out, _ = run("assess", FOLDER, "--lang", "zh")
    assert "园区安全风险等级" in flat(out)
    assert "所有数据均为假定" in flat(out)


def test_assess_writes_files(run, tmp_path):
    folder = tmp_path / "deeper" / "out"
    code, out, _ = run("assess", FOLDER, "-o", folder, "--json")
    assert code == 0
    written = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    tables = {f"{name}.csv" for name in minimal_park.assessment().tables()}
    figures = {f"figures/{name}.{ending}" for name in ("individual_risk", "fn") for ending in ("svg", "png")}
    assert written == {"result.json", "contours.geojson"} | tables | {name.replace("/", os.sep) for name in figures}
    assert json.loads((folder / "result.json").read_text(encoding="utf-8")) == document(out)


def test_seed_and_threads(run):
    code, out, _ = run("assess", FOLDER, "--json", "--threads", "1", "--seed", "0")
    assert code == 0
    assert document(out)["provenance"] == minimal_park.assessment().to_dict()["provenance"]
    for bad in ("-1", "x", str(2**63), "1.5"):
        code, out, err = run("assess", FOLDER, "--json", "--seed", bad)
        assert (code, out) == (2, "")
        assert "--seed" in err
    assert run("assess", FOLDER, "--threads", "0")[0] == 2


def test_hazards(run, capsys):
    code, out, err = run("hazards", FOLDER, "--json")
    assert (code, err) == (0, "")
    found = document(out)
    assert set(found) == {"hazard_units", "terms"}
    by_id = {unit["hazard_unit_id"]: unit for unit in found["hazard_units"]}
    assert (by_id["tank-farm"]["S"], by_id["tank-farm"]["level"]) == (pytest.approx(9.3), 3)
    assert by_id["plant"]["level"] is None
    assert found["hazard_units"] == minimal_park.assessment().to_dict()["hazard_units"]
    code, out, _ = run("hazards", FOLDER, "--lang", "en")
    assert code == 0
    assert "chlorine-store" in flat(out)
    terminal._out.width = 80
    terminal.show_hazards(minimal_park.assessment().hazards, "zh")
    narrow = capsys.readouterr().out
    assert max(map(cell_len, narrow.splitlines())) <= 80
    for whole in ("chlorine-store", "重大危险源", "表1 第 12", "1,400"):
        assert whole in narrow


def test_domino(run):
    code, out, err = run("domino", FOLDER, "--from", "V-201", "--json")
    assert (code, err) == (0, "")
    found = document(out)
    assert found["from"] == "V-201"
    assert {"T-102", "T-101"} <= {unit["unit_id"] for unit in found["units"]}
    assert found == minimal_park.assessment().domino.from_unit("V-201").to_dict()
    code, out, _ = run("domino", FOLDER, "--from", "V-201", "--lang", "zh")
    assert code == 0
    assert "T-102" in flat(out)


def test_domino_from_nowhere(run):
    code, out, err = run("domino", FOLDER, "--from", "no-such-unit")
    assert (code, out) == (2, "")
    assert "no-such-unit" in err
    assert "园区没有在役设备" in err
    code, out, err = run("domino", FOLDER, "--from", "no-such-unit", "--json")
    assert (code, err) == (2, "")
    error = document(out)["error"]
    assert set(error) == {"code", "message_zh", "message_en"}
    assert run("domino", FOLDER)[0] == 2


@pytest.fixture
def project(tmp_path):
    """A copy of the project with complete evidence, to be spoilt."""
    folder = tmp_path / "project"
    shutil.copytree(PROJECTS / "diesel-tank", folder)
    return folder


def check_decision(found, code):
    assert EXIT[found["verdict"]] == code
    assert set(found) >= {"verdict", "rules", "before", "after", "conditions", "provenance"}
    keys = {"id", "clause", "title_zh", "title_en", "status", "value", "limit", "unit", "why_zh", "why_en", "missing"}
    for rule in found["rules"]:
        assert set(rule) >= keys
        assert rule["status"] in ("pass", "fail", "unknown", "not_applicable")
        assert rule["why_zh"]
        assert rule["why_en"]
        assert rule["status"] != "unknown" or rule["missing"]
    return found


def test_gate_admits(run, tmp_path):
    code, out, err = run("gate", FOLDER, PROJECTS / "diesel-tank", "--json", "-o", tmp_path / "out")
    assert (code, err) == (0, "")
    found = check_decision(document(out), code)
    expected = gate(minimal_park.park(), read_project(PROJECTS / "diesel-tank"), before=minimal_park.assessment())
    assert found == expected.to_dict()
    assert json.loads((tmp_path / "out" / "decision.json").read_text(encoding="utf-8")) == found
    assert (tmp_path / "out" / "rules.csv").is_file()


def test_gate_is_undecided(run):
    code, out, _ = run("gate", FOLDER, PROJECTS / "no-evidence", "--json")
    assert code == 5
    check_decision(document(out), code)
    code, out, _ = run("gate", FOLDER, PROJECTS / "no-evidence", "--lang", "zh")
    assert code == 5
    assert "无法判定" in flat(out)


def test_gate_refuses(run, project):
    replace(project / "answers.csv", "no-eliminated-process,yes", "no-eliminated-process,no")
    code, out, _ = run("gate", FOLDER, project, "--json")
    assert code == 3
    check_decision(document(out), code)


def test_gate_asks_for_conditions(run, project):
    replace(project / "answers.csv", "cn-2026,other-approvals,yes", "cn-2026,other-approvals,unknown")
    code, out, _ = run("gate", FOLDER, project, "--json")
    assert code == 4
    (condition,) = check_decision(document(out), code)["conditions"]
    assert condition["rule_id"] == "entry-approvals"
    code, out, _ = run("gate", FOLDER, project, "--lang", "en")
    assert code == 4
    assert condition["text_en"].replace(" ", "") in flat(out)


@pytest.mark.slow
def test_projects_of_the_demonstration_park():
    park = read(example_park("zhoushan"))
    before = assess(park)
    folders = sorted((example_park("zhoushan") / "projects").iterdir())
    found = {folder.name: gate(park, read_project(folder), before=before).to_dict() for folder in folders}
    for decision in found.values():
        check_decision(decision, EXIT[decision["verdict"]])
    assert found["chlorine-store"]["verdict"] == "refuse"
    assert found["missing-evidence"]["verdict"] == "undecided"
    assert found["new-tank-farm"]["verdict"] in ("admit", "admit_with_conditions")
    assert found["safety-retrofit"]["verdict"] in ("admit", "admit_with_conditions")


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


def test_a_project_that_is_not_there(run, tmp_path):
    for path in (tmp_path / "nowhere", FOLDER):
        code, out, _ = run("gate", FOLDER, path, "--json")
        assert code == 2
        assert document(out)["problems"][0]["table"] == "project"


def test_rules_that_are_not_there(run, tmp_path):
    for rules in ("no-such-rules", tmp_path / "none.toml"):
        code, out, err = run("assess", FOLDER, "--rules", rules, "--json")
        assert (code, err) == (2, "")
        assert document(out)["error"]["code"] == "rules.invalid"


def test_output_that_cannot_be_written(run, tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    code, out, err = run("assess", FOLDER, "-o", file, "--json")
    assert (code, out) == (2, "")
    assert "--output" in err
    code, _, err = run("hazards", FOLDER, "--no-such-option")
    assert code == 2
    code, out, err = run("gate", FOLDER, PROJECTS / "diesel-tank", "-o", file / "deeper", "--json")
    assert code == 2
    assert "deeper" in err
    assert "Traceback" not in err


def test_names_with_brackets_are_printed_as_they_stand(run, broken):
    replace(broken / "units.csv", "丙烷球罐", "罐[/x][red]")
    replace(broken / "park.toml", "最小示例园区", "园区[/b]")
    replace(broken / "targets.csv", "示例小学", "学校[/red]")
    code, out, _ = run("assess", broken)
    assert code == 0
    for name in ("罐[/x][red]", "园区[/b]", "学校[/red]"):
        assert name in flat(out)
    replace(broken / "barriers.csv", "V-201-deluge,V-201", "V-201-deluge,V[/2]")
    code, _, err = run("check", broken)
    assert code == 2
    assert "V[/2]" in flat(err)


HEAVY = ("numba", "numpy", "pandas", "scipy", "shapely", "pyproj", "matplotlib", "CoolProp", "networkx", "fastapi")


def test_help_does_not_import_the_engine():
    code = f"""
import sys
import parkrisk
heavy = {HEAVY!r}
assert not set(heavy) & set(sys.modules), set(heavy) & set(sys.modules)
assert not [name for name in sys.modules if name.startswith("parkrisk.")]
from parkrisk.api import cli
for words in (["--help"], ["assess", "--help"]):
    sys.argv = ["parkrisk", *words]
    try:
        cli.main()
    except SystemExit as ended:
        assert not ended.code
assert not set(heavy) & set(sys.modules), set(heavy) & set(sys.modules)
"""
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=True).stdout.decode(
        "utf-8"
    )
    for command in ("demo", "check", "assess", "gate", "hazards", "domino", "serve"):
        assert command in out
    assert "--seed" in out


def stream(encoding):
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True)


@pytest.mark.parametrize("encoding", ["gbk", "ascii"])
def test_any_code_page(run, monkeypatch, encoding):
    """JSON is UTF-8 whatever the code page; in tables a sign that it lacks is replaced."""
    out = stream(encoding)
    monkeypatch.setattr(sys, "stdout", out)
    assert run("hazards", FOLDER, "--json")[0] == 0
    found = json.loads(out.buffer.getvalue().decode("utf-8"))
    assert found["terms"][0]["substance_zh"] == "氯"
    out = stream(encoding)
    monkeypatch.setattr(sys, "stdout", out)
    assert run("hazards", FOLDER, "--lang", "zh")[0] == 0
    assert b"chlorine-store" in out.buffer.getvalue()


def test_demo_assesses_and_gates(run, monkeypatch, tmp_path):
    monkeypatch.setattr(examples, "example_park", lambda _name: FOLDER)
    monkeypatch.setattr(examples, "example_project", lambda _name: PROJECTS / "no-evidence")
    code, out, err = run("demo", "--json", "-o", tmp_path / "out")
    assert (code, err) == (0, "")
    found = document(out)
    assert set(found) == {"assessment", "decision"}
    assert found["assessment"] == minimal_park.assessment().to_dict()
    assert found["decision"]["verdict"] == "undecided"
    assert json.loads((tmp_path / "out" / "decision.json").read_text(encoding="utf-8")) == found["decision"]
    assert (tmp_path / "out" / "figures" / "fn.svg").is_file()


def test_serve_without_its_packages(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    code, out, err = run("serve")
    assert (code, out) == (1, "")
    assert "uvicorn" in err
    assert "parkrisk[server]" in err


def test_serve_listens_where_it_is_told(run, monkeypatch):
    started = {}
    monkeypatch.setattr("uvicorn.run", lambda app, **how: started.update(how, title=app.title))
    assert run("serve", "--port", "0")[0] == 0
    assert started == {"host": "127.0.0.1", "port": 0, "title": "parkrisk"}
    assert run("serve", "--port", "70000")[0] == 2


def test_progress_stands_on_standard_error(run, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")  # as if standard error were a terminal
    code, out, err = run("assess", FOLDER, "--lang", "en")
    assert code == 0
    for stage in ("individual risk", "domino", "societal risk"):
        assert stage in err
    assert "park risk grade" in out
    code, out, err = run("assess", FOLDER, "--json")
    assert (code, err) == (0, "")
    document(out)
