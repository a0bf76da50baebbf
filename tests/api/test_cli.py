"""The command: one JSON document on standard output, messages on standard error, exit codes, no traceback."""

import asyncio
import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys

import pytest
from rich.cells import cell_len

from parkrisk.api import examples
from parkrisk.api.examples import example_park
from parkrisk.api.printed import terminal
from parkrisk.models.errors import OutOfRange
from parkrisk.risk.assess import assess
from parkrisk.risk.entry.gate import gate
from parkrisk.risk.entry.variants import moved, refilled
from parkrisk.risk.settings import Settings
from parkrisk.scenarios import change, read, read_project
from tests import minimal_park
from tests.api.printed import document, flat, replace
from tests.minimal_park import FOLDER, PROJECTS

EXIT = {"admit": 0, "refuse": 3, "admit_with_conditions": 4, "undecided": 5}


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
    code, out, _ = run("assess", FOLDER, "-o", folder, "--json", "--no-report")
    assert code == 0
    written = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    tables = {f"{name}.csv" for name in minimal_park.assessment().tables()}
    figures = {
        f"figures/{name}.{ending}" for name in ("individual_risk", "fn", "domino_map") for ending in ("svg", "png")
    }
    graph = {"facility.graphml", "facility.geojson"}
    places = {f"{name}.geojson" for name in ("contours", "contours_planar", "enterprises", "hazard_units")}
    drawn = {name for name in written if name.startswith("figures")}
    assert drawn >= {name.replace("/", os.sep) for name in figures}
    assert written - drawn == {"result.json", "tables.xlsx", "park.gpkg"} | places | graph | tables
    assert json.loads((folder / "result.json").read_text(encoding="utf-8")) == document(out)


def test_contour_levels(run, tmp_path, monkeypatch):
    monkeypatch.setattr("parkrisk.api.report.assemble.draw_all", lambda *_, **__: {})
    code, _, _ = run(
        "assess", FOLDER, "-o", tmp_path, "--contour", "2e-6", "--contour", "1e-5", "--json", "--no-report"
    )
    assert code == 0
    features = json.loads((tmp_path / "contours.geojson").read_text(encoding="utf-8"))["features"]
    assert [each["properties"]["individual_risk_per_year"] for each in features] == [1e-5, 2e-6]
    code, out, _ = run("assess", FOLDER, "--contour", "0", "--json")
    assert code == 2
    assert "contour levels" in document(out)["error"]["message_en"]


def test_seed_and_threads(run):
    code, out, _ = run("assess", FOLDER, "--json", "--threads", "1", "--seed", "0")
    assert code == 0
    assert document(out)["provenance"] == minimal_park.assessment().to_dict()["provenance"]
    for bad in ("-1", "x", str(2**63), "1.5"):
        code, out, err = run("assess", FOLDER, "--json", "--seed", bad)
        assert (code, out) == (2, "")
        assert "--seed" in err
    assert run("assess", FOLDER, "--threads", "0")[0] == 2


def test_delayed_ignition(run, monkeypatch):
    asked = []

    def assessed(*_, settings, **__):
        asked.append(settings.delayed_ignition)
        return minimal_park.assessment()

    def decided(*_, settings, **__):
        asked.append(settings.delayed_ignition)
        raise OutOfRange("到此为止", "so far")

    code, out, err = run("assess", FOLDER, "--delayed-ignition", "nearest")
    assert (code, out) == (2, "")
    assert all(words in err for words in ("free_field", "located", "未知的延迟点火方法"))
    monkeypatch.setattr(sys.modules["parkrisk.risk.assess"], "assess", assessed)
    monkeypatch.setattr(sys.modules["parkrisk.risk.entry.gate"], "gate", decided)
    for arguments in (("assess", FOLDER, "--json"), ("gate", FOLDER, PROJECTS / "diesel-tank", "--json")):
        for more in ((), ("--delayed-ignition", "located")):
            run(*arguments, *more)
    assert asked == ["free_field", "located"] * 2


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
    terminal.OUT.width = 80
    terminal.show_hazards(minimal_park.assessment().hazards, "zh")
    narrow = capsys.readouterr().out
    assert max(map(cell_len, narrow.splitlines())) <= 80
    for whole in ("chlorine-store", "重大危险源", "表1 第 12", "1,400"):
        assert whole in narrow


@pytest.fixture
def project(tmp_path):
    """A copy of the project with complete evidence, to be spoilt."""
    folder = tmp_path / "project"
    shutil.copytree(PROJECTS / "diesel-tank", folder)
    return folder


def check_decision(found, code):
    assert EXIT[found["verdict"]] == code
    assert set(found) >= {"verdict", "rules", "before", "after", "conditions", "provenance"}
    assert set(found) >= {"explanation_zh", "explanation_en", "missing", "search", "targets"}
    for condition in found["conditions"]:
        assert condition["kind"] in ("evidence", "duty", "inventory", "move")
        assert (condition["proven_by"] is not None) == (condition["kind"] in ("inventory", "move"))
    assert found["verdict"] != "undecided" or any(item["decides"] for item in found["missing"])
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
    for name in ("rules.csv", "targets.csv", "figures/before_after.svg", "figures/before_after.png"):
        assert (tmp_path / "out" / name).is_file()


def test_gate_is_undecided(run):
    code, out, _ = run("gate", FOLDER, PROJECTS / "no-evidence", "--json")
    assert code == 5
    check_decision(document(out), code)
    code, out, _ = run("gate", FOLDER, PROJECTS / "no-evidence", "--lang", "zh")
    assert code == 5
    assert "无法判定" in flat(out)
    assert "缺少的材料" in flat(out)
    for item in ("answers.no-eliminated-process", "answers.process-mature"):
        assert item.replace(" ", "") in flat(out)


def test_gate_refuses(run, project):
    replace(project / "answers.csv", "no-eliminated-process,yes", "no-eliminated-process,no")
    code, out, _ = run("gate", FOLDER, project, "--json")
    assert code == 3
    found = check_decision(document(out), code)
    assert found["search"]["status"] == "not_curable"
    code, out, _ = run("gate", FOLDER, project, "--no-search", "--lang", "en")
    assert code == 3
    assert "Nochangeoftheprojectthatwouldmeetthegateswassought" in flat(out)


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
    """Each shipped project gets the verdict that its README line says."""
    park = read(example_park("zhoushan"))
    # With fewer histories than usual one rare cascade decides about 1000 deaths and more.
    usual = Settings()
    before = assess(park, settings=usual)
    folder = example_park("zhoushan") / "projects"
    expected = {
        "new-tank-farm": "admit",
        "safety-retrofit": "admit",
        "chlorine-store": "refuse",
        "missing-evidence": "undecided",
        "papers-pending": "admit_with_conditions",
        "ammonia-store": "admit_with_conditions",
        "low-investment": "admit_with_conditions",
    }
    assert {path.name for path in folder.iterdir()} == set(expected)
    found = {}
    for name in expected:
        searched = name != "ammonia-store"  # its search has a test of its own
        decision = gate(park, read_project(folder / name), settings=usual, before=before, cures=searched)
        found[name] = check_decision(decision.to_dict(), EXIT[decision.verdict])
        if name == "new-tank-farm":  # what a gate takes over from before is what a full run finds
            full = assess(change(park, add=decision.project), settings=usual)
            assert decision.after.provenance["result_digest"] == full.provenance["result_digest"]
    assert found["ammonia-store"]["verdict"] == "refuse"
    assert {name: each["verdict"] for name, each in found.items() if name != "ammonia-store"} == {
        name: verdict for name, verdict in expected.items() if name != "ammonia-store"
    }
    assert {each["kind"] for each in found["papers-pending"]["conditions"]} == {"duty", "evidence"}
    assert {each["kind"] for each in found["chlorine-store"]["search"]["not_found"]} == {"inventory", "move"}
    # What the search states for the ammonia store, run again: 40 t, and no more than the next tidy amount is less.
    store = read_project(folder / "ammonia-store")
    for less in (moved(store, -130.0, 0.0), refilled(store, ["nh-t1", "nh-t2"], 40.0 / 85.454)):
        assert gate(park, less, settings=usual, before=before).verdict == "admit"


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


@pytest.mark.slow
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
    for name in ("report", "gate_report"):
        assert (tmp_path / "out" / f"{name}.pdf").read_bytes().startswith(b"%PDF")
        assert (tmp_path / "out" / f"{name}.docx").read_bytes().startswith(b"PK")


def test_a_report_that_cannot_be_printed_stops_before_the_run(run, monkeypatch, tmp_path):
    monkeypatch.setattr("parkrisk.api.report.printers.importlib.util.find_spec", lambda _name: None)
    for command in (("assess", FOLDER), ("gate", FOLDER, PROJECTS / "diesel-tank"), ("report", FOLDER), ("demo",)):
        code, out, err = run(*command, "-o", tmp_path / "out")
        assert (code, out) == (2, "")
        assert "pip install 'parkrisk[report]'" in err
        assert "--no-report" in err
    assert not (tmp_path / "out").exists()


def test_serve_without_its_packages(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    code, out, err = run("serve")
    assert (code, out) == (1, "")
    assert "uvicorn" in err
    assert "parkrisk[server]" in err


def test_serve_listens_where_it_is_told(run, monkeypatch, tmp_path):
    started = []
    monkeypatch.setenv("PARKRISK_DATA_DIR", str(tmp_path))
    monkeypatch.setattr("parkrisk.api.service.observing.logs.start_logging", lambda _settings: None)

    def serves(server, sockets):
        started.append((server.config.app.title, sockets[0].getsockname()[0]))
        server.started = True

    monkeypatch.setattr("uvicorn.Server.run", serves)
    code, out, err = run("serve", "--port", "0")
    assert (code, out) == (0, "")
    assert started == [("parkrisk", "127.0.0.1")]
    (key,) = re.findall(r"^prk_\S+$", err, re.MULTILINE)
    assert "首次运行" in err
    assert "first run" in err
    code, out, err = run("serve", "--port", "0", "--host", "0.0.0.0")
    assert (code, out) == (0, "")
    assert "prk_" not in err  # shown once
    assert "PARKRISK_BEHIND_TLS" in err
    assert key not in "".join(path.read_text("latin-1") for path in tmp_path.iterdir())
    assert run("serve", "--port", "70000")[0] == 2


def test_serve_tells_its_address_once_it_listens(run, monkeypatch, tmp_path):
    order = []

    async def listens(server, sockets):
        order.append("listens")
        server.started = True

    monkeypatch.setenv("PARKRISK_DATA_DIR", str(tmp_path))
    monkeypatch.setattr("parkrisk.api.service.observing.logs.start_logging", lambda _settings: None)
    monkeypatch.setattr("parkrisk.api.commands.serve._complain", lambda _zh, en: order.append(en))
    monkeypatch.setattr("uvicorn.Server.startup", listens)
    monkeypatch.setattr("uvicorn.Server.run", lambda server, sockets: asyncio.run(server.startup(sockets)))
    assert run("serve", "--port", "0")[0] == 0
    assert order[-2] == "listens"
    assert re.match(r"serving on http://127\.0\.0\.1:\d+/ ", order[-1])


def test_serve_refuses_in_plain_words(run, monkeypatch, tmp_path):
    monkeypatch.setenv("PARKRISK_DATA_DIR", str(tmp_path))
    monkeypatch.setattr("parkrisk.api.service.observing.logs.start_logging", lambda _settings: None)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, out, err = run("serve", "--port", str(taken.getsockname()[1]))
    assert (code, out) == (2, "")
    assert "--port" in err
    assert "无法监听" in err
    monkeypatch.setenv("PARKRISK_DATABASE_URL", "mysql://park:swordfish@db/park")
    code, out, err = run("serve", "--port", "0")
    assert (code, out) == (2, "")
    assert "swordfish" not in err
    monkeypatch.setenv("PARKRISK_ENGINE", "1")
    code, out, err = run("serve", "--port", "0")
    assert (code, out) == (2, "")
    assert "PARKRISK_ENGINE" in err
    assert "Traceback" not in err


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
