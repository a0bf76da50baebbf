"""``parkrisk rules``: what is printed, what is JSON, exit codes; scores of one's own from the command."""

import csv
import sys

import pytest

import parkrisk.risk.assess  # noqa: F401 - one test looks it up among the modules
from parkrisk.models.errors import OutOfRange
from tests.api.printed import document, flat
from tests.minimal_park import FOLDER

OWN = """[rulebook]
id = "own"
instrument_zh = "园区准入办法"
instrument_en = "Entry measures"
edition = "2026"
in_force_from = 2026-01-01
source = "measures of the park"
mark = "M"
includes = ["cn-2026"]

[[rule]]
id = "own-1"
clause = "art. 1"
title_zh = "封闭化管理满三年内复核"
title_en = "Closed management, reviewed"
reason_zh = "请补充复核报告。"
reason_en = "Hand in the review."
bound = "park"
scope = ["park", "project"]
severity = "gate"
in_principle = true
applies_when = [{ quantity = "park.grade", comparison = "in", limit = ["C", "D"] }]
test = { any = [{ evidence = "closed-management", max_age_years = 3 }, { rule = "law-20b", status = "pass" }] }
in_force_until = 2027-12-31

[[rule.exempt_when]]
quantity = "park.score"
comparison = ">="
limit = 90
unit = "1"
because_zh = "高分"
because_en = "high score"
"""


def own(tmp_path, text=OWN):
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_list(run, tmp_path):
    code, out, err = run("rules", "list", "--json", "--date", "2026-04-30")
    assert (code, err) == (0, "")
    found = document(out)
    assert found["date"] == "2026-04-30"
    sets = {each["id"]: each for each in found["sets"]}
    books = {each["id"]: each for each in found["rulebooks"]}
    law = books["hazchem-law-2025"]
    assert (law["in_force"], law["in_force_from"], law["in_force_until"]) == (0, "2026-05-01", None)
    assert set(law["sets"]) <= set(sets)
    inside = [each for each in books.values() if "cn-2026" in each["sets"]]
    for figure in ("rules", "in_force", "unverified"):
        assert sets["cn-2026"][figure] == sum(each[figure] for each in inside)
    assert books["gb36894-2018"]["unverified"] > 0
    assert found["checklists"][0]["unverified"] is True
    later = document(run("rules", "list", "--json", "--date", "2026-05-01")[1])
    assert {each["id"]: each for each in later["rulebooks"]}["hazchem-law-2025"]["in_force"] == law["rules"]
    for lang, words in (
        ("zh", ("规则集", "未核实", "危险化学品安全法")),
        ("en", ("rulesets", "unverified", "edition2018")),
    ):
        code, out, _ = run("rules", "list", "--lang", lang, "--set", "cn-nmg-2026")
        assert code == 0
        assert all(word in flat(out) for word in words)
    code, out, _ = run("rules", "list", "--set", own(tmp_path), "--lang", "en")
    assert "own  edition 2026 · from 2026-01-01 · 1 rules, 1 in force, 1 unverified" in out


def test_show(run, tmp_path):
    path = own(tmp_path)
    code, out, _ = run("rules", "show", "own-1", "--set", path, "--json", "--date", "2028-01-01")
    assert code == 0
    (rule,) = document(out)["rules"]
    assert rule["test_en"] == (
        "evidence of: Closed management of the chemical park, not older than 3 years or rule law-20b is met"
    )
    assert rule["test_zh"].endswith("规则 law-20b 的结论为 符合")
    assert rule["applies_when"][0]["test_en"] == "park risk grade is one of C (general) / D (lower)"
    assert rule["exempt_when"][0] == {
        "test_zh": "园区评分 不小于 90",
        "test_en": "park score at least 90",
        "because_zh": "高分",
        "because_en": "high score",
    }
    assert (rule["in_force"], rule["in_force_until"], rule["unverified"]) == (False, "2027-12-31", True)
    expected = {
        "en": ("gate(inprinciple)", "notonthisday", "Handinthereview", "highscore←", "mark unverified", "art.1"),
        "zh": ("否决项（原则上）", "当日不适用", "请补充复核报告", "高分←", "核实未核实（unverified）", "2027-12-31"),
    }
    for lang, words in expected.items():
        code, out, _ = run("rules", "show", "own-1", "--set", path, "--date", "2028-01-01", "--lang", lang)
        assert code == 0
        assert all(word.replace(" ", "") in flat(out) for word in words)
    code, out, _ = run("rules", "show", "gb36894-2018", "--json")
    rules = document(out)["rules"]
    assert {rule["rulebook"] for rule in rules} == {"gb36894-2018"}
    assert len({rule["id"] for rule in rules}) == len(rules) > 1
    code, _, err = run("rules", "show", "own-1x", "--set", path)
    assert code == 2
    assert "is own-1 meant?" in err
    code, out, _ = run("rules", "show", "law-18a", "--set", "cn-2027", "--json")
    assert code == 2
    assert document(out)["error"]["code"] == "rules.invalid"
    assert "is cn-2026 meant?" in document(out)["problems"][0]["message_en"]


def test_check(run, tmp_path):
    path = own(tmp_path)
    code, out, err = run("rules", "check", path, "--lang", "en")
    assert code == 0
    assert "1 rules (1 unverified), 33 scored items" in out
    assert "no problems" in err
    broken = OWN.replace('severity = "gate"', 'severity = "gat"').replace("park.score", "park.scare")
    bad = tmp_path / "bad.toml"
    bad.write_text(broken.replace('clause = "art. 1"\n', ""), encoding="utf-8")
    code, out, _ = run("rules", "check", path, bad, "--json")
    assert code == 2
    found = document(out)
    assert found["errors"] == 3
    assert {problem["column"] for problem in found["problems"]} == {
        "own-1.clause",
        "own-1.severity",
        "own-1.exempt_when.quantity",
    }
    assert {problem["table"] for problem in found["problems"]} == {"bad.toml"}
    code, out, err = run("rules", "check", bad, "--lang", "zh")
    assert (code, out) == (2, "")
    assert all(word in flat(err) for word in ("own-1.clause", "缺少clause", "是否指park.score", "3个错误"))
    code, _, err = run("rules", "check", tmp_path / "none.toml")
    assert code == 2
    assert "none.toml" in err
    bad.write_bytes(OWN.encode("gb18030"))
    code, out, _ = run("rules", "check", bad, "--json")
    assert code == 0
    assert [problem["severity"] for problem in document(out)["problems"]] == ["warning"]


def test_template(run, tmp_path):
    path = tmp_path / "start.csv"
    code, out, _ = run("rules", "template", path, "--lang", "en")
    assert code == 0
    assert "start.csv" in out
    with path.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["编号"] == "own-1"
    code, out, _ = run("rules", "check", path, "--set", "cn-2026", "--json")
    assert code == 0
    assert document(out)["files"][0]["rules"] == 1
    assert run("rules", "template", path)[0] == 2  # nothing is written over
    code, _, _ = run("rules", "template", tmp_path / "items.csv", "--items")
    assert code == 0
    assert "满分" in (tmp_path / "items.csv").read_text(encoding="utf-8-sig")


SCORES = "item,aspect_zh,title_zh,max_score,evidence\n1,甲,四至范围明确,100,boundary-published\n"


@pytest.mark.slow
def test_scores_of_ones_own_in_the_grade(run, tmp_path):
    scores = tmp_path / "scores.csv"
    scores.write_text(SCORES, encoding="utf-8")
    code, out, _ = run("assess", FOLDER, "--checklist", scores, "--json")
    assert code == 0
    assert document(out)["grade"]["rulebook"] == "scores"


def test_scores_of_ones_own_are_checked_before_anything_is_computed(run, tmp_path, monkeypatch):
    def stop(*_arguments, rules, **_options):
        raise OutOfRange(f"规则 {rules}", f"judged by {rules}")

    monkeypatch.setattr(sys.modules["parkrisk.risk.assess"], "assess", stop)
    scores = tmp_path / "scores.csv"
    scores.write_text(SCORES, encoding="utf-8")
    code, out, _ = run("assess", FOLDER, "--checklist", scores, "--rules", "cn-nmg-2026", "--json")
    assert code == 2
    assert document(out)["error"]["message_en"] == f"judged by cn-nmg-2026,{scores}"
    scores.write_text(SCORES.replace("100", "99"), encoding="utf-8")
    code, out, _ = run("assess", FOLDER, "--checklist", scores, "--json")
    assert code == 2
    assert "should add to 100" in document(out)["problems"][0]["message_en"]
