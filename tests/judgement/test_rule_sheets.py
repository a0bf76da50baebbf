"""Rules and scored items from spreadsheets: what is read, and the place of every fault."""

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import pytest

from parkrisk.risk.grading.checklist import load as load_checklist
from parkrisk.risk.grading.grade import grade
from parkrisk.risk.rules.checker import Checker
from parkrisk.risk.rules.facts import RULES_FOLDER, Facts, known
from parkrisk.risk.rules.rulefile import Leaf
from parkrisk.risk.rules.sets import InvalidRules, load, problems_of
from parkrisk.risk.rules.sheet_cells import columns, number_of, template
from parkrisk.risk.rules.sheet_rules import _conditions
from tests.judgement.rule_samples import DAY, answers, indicators, loaded, outcome
from tests.judgement.workbooks import Cell, Formula, write_workbook

START = dt.date(2026, 1, 1)
GOOD_ROW: dict[str, Cell] = {
    "编号": "own-1",
    "条款": "第一条",
    "要求": "项目建成后园区等级不低于C级（含）",
    "英文要求": "Grade C or better with the project",
    "责任主体": "project",
    "判定对象": "项目",
    "约束程度": "否决",
    "计算量": "after.grade",
    "比较": "属于",
    "界限": "C；D",
    "施行日期": START,
    "来源": "园区准入办法",
    "核实": "V",
}


def sheet(*rows: dict[str, Cell]) -> list[list[Cell]]:
    """Sheet with a title, a blank row, the header and rows."""
    header = list(dict.fromkeys(name for row in rows for name in row))
    return [["园区准入规则"], [], [*header], *([row.get(name) for name in header] for row in rows)]


def book(tmp_path: Path, *rows: dict[str, Cell]) -> str:
    return write_workbook(tmp_path / "own.xlsx", {"说明": [["任意文字", 1.0]], "规则": sheet(*rows)})


def faults(rules: str) -> dict[tuple[str, int | None, str], str]:
    with pytest.raises(InvalidRules) as caught:
        load(rules, DAY)
    found = caught.value.problems
    assert all(problem.message_zh and problem.message_en for problem in found)
    return {(problem.table, problem.row, problem.column): problem.message_en for problem in found}


def test_a_workbook_adds_to_a_set(tmp_path: Path) -> None:
    measured: dict[str, Cell] = {
        **GOOD_ROW,
        "编号": "own-2",
        "计算量": None,
        "指标": "investment_per_mu",
        "比较": "≥",
        "界限": "２００",
        "单位": "万元/亩",
        "适用条件": "project.category in new|extended; project.nature is chemical",
        "施行日期": "2026年1月1日",
        "原则上": "是",
    }
    asked: dict[str, Cell] = {
        **GOOD_ROW,
        "编号": 3.0,
        "要求": "有入园许可",
        "英文要求": "an entry permit",
        "计算量": None,
        "比较": None,
        "界限": None,
        "证据项": "entry-permit",
        "填报方": "园区",
        "有效年数": Formula("1+1", 2.0),
        "判定对象": "project、park",
        "替换": "law-20b",
    }
    rules = load("cn-2026," + book(tmp_path, GOOD_ROW, measured, asked), DAY)
    assert rules.id == "cn-2026,own"
    first, second, third = (rule for rule in rules.rules if rule.rulebook == "own")
    assert first.title_zh == GOOD_ROW["要求"]
    assert first.test == Leaf("quantity", "after.grade", "in", ("C", "D"))
    assert first.in_force_from == START
    assert second.test == Leaf("indicator", "investment_per_mu", ">=", 200.0, unit="万元/亩")
    assert second.in_force_from == START
    assert second.in_principle
    assert third.id == "3"
    assert third.scope == ("project", "park")
    assert isinstance(third.test, Leaf)
    assert third.test.max_age_years == 2
    assert "law-20b" not in {rule.id for rule in rules.rules}
    assert rules.evidence["answer", "entry-permit"].given_by == "park"
    given_: dict[str, Any] = {
        "quantities": {"project.category": known("new"), "project.nature": known("chemical")},
        "answers": {"park": answers({"entry-permit": "yes"})},
        "indicators": {"project": indicators({"investment_per_mu": (199.9, "10000 CNY/mu")})},
    }
    assert outcome(rules, Facts(DAY, **given_), "own-2", "project")["status"] == "fail"
    row = outcome(rules, Facts(DAY, **given_), "3", "project")
    assert (row["status"], "an entry permit" in row["why_en"]) == ("pass", True)


def test_csv_and_workbook_give_the_same_rules(tmp_path: Path) -> None:
    in_book = load(book(tmp_path, GOOD_ROW), DAY).rules
    text = "\n".join(",".join(str(cell or "") for cell in row) for row in sheet(GOOD_ROW))
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        path = tmp_path / "own.csv"
        path.write_text(text, encoding=encoding)
        rules = load(str(path), DAY).rules
        assert [(rule.id, rule.test, rule.title_zh) for rule in rules] == [
            (rule.id, rule.test, rule.title_zh) for rule in in_book
        ]


@pytest.mark.parametrize(
    ("column", "cell", "name", "words"),
    [
        ("条款", None, "clause", "is missing"),
        ("来源", "=B2", "source", "formula"),
        ("来源", "#REF!", "source", "error value"),
        ("施行日期", 46143.0, "in_force_from", "if 2026-05-01 is meant"),
        ("施行日期", "2026-02-30", "in_force_from", "should be a date"),
        ("失效日期", dt.date(2025, 1, 1), "in_force_until", "before in_force_from"),
        ("约束程度", "致命", "severity", "one of gate"),
        ("核实", "甲", "mark", "one of V"),
        ("界限", "C；E", "limit", "one of A, B, C, D"),
        ("计算量", "after.grad", "quantity", "is after.grade meant?"),
        ("填报方", "专家", "given_by", "one of park, project"),
        ("有效年数", 1.5, "max_age_years", "a whole number"),
        ("原则上", "也许", "in_principle", "one of yes, no"),
        ("适用条件", "园区大", "applies_when", "quantity comparison limit unit"),
        ("适用条件", "project.category is moon", "applies_when.limit", "one of new"),
        ("替换", "law-99", "law-99.replaces", "no rule to replace is called"),
    ],
)
def test_faults_name_sheet_row_and_column(tmp_path: Path, column: str, cell: Cell, name: str, words: str) -> None:
    found = faults("cn-2026," + book(tmp_path, {**GOOD_ROW, "编号": "own-0"}, {**GOOD_ROW, column: cell}))
    place = ("own.xlsx", None, name) if "replaces" in name else ("own.xlsx 规则", 2, name)
    assert words in found[place]
    assert len(found) == 1 or column == "计算量"


def test_conditions_in_a_cell() -> None:
    checker = Checker("sheet")
    text = "project.category in new|altered; evidence permit；rule own-1 pass|fail; indicator investment >= 5 CNY"
    assert _conditions(checker, text) == [
        {"quantity": "project.category", "comparison": "in", "limit": ["new", "altered"], "unit": ""},
        {"evidence": "permit"},
        {"rule": "own-1", "status": ["pass", "fail"]},
        {"indicator": "investment", "comparison": ">=", "limit": 5.0, "unit": "CNY"},
    ]
    assert not checker.found
    assert _conditions(checker, "rule own-1; evidence; x") == []
    assert len(checker.found) == 3


def test_header_faults(tmp_path: Path) -> None:
    row = {**GOOD_ROW, "约束程": "gate"}
    del row["约束程度"]
    found = faults(book(tmp_path, row))
    assert "is 约束程度 meant?" in found["own.xlsx 规则", None, "header.约束程"]
    assert "is missing" in found["own.xlsx 规则", None, "header.severity"]
    path = write_workbook(tmp_path / "own.xlsx", {"表": [[1.0, 2.0], ["a", "b"]]})
    assert "no header" in faults(path)["own.xlsx", None, "file.header"]


def test_files_that_are_no_workbooks(tmp_path: Path) -> None:
    path = tmp_path / "own.xlsx"
    path.write_bytes(b"PK\x03\x04 nothing")
    assert "not a spreadsheet" in faults(str(path))["own.xlsx", None, "file.read"]
    assert "cannot be read" in faults(str(tmp_path / "none.xlsx"))["none.xlsx", None, "file.read"]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/worksheets/sheet1.xml", bytes(129 * 2**20))
    assert "129 MiB where 128 MiB is allowed" in faults(str(path))["own.xlsx", None, "file.read"]
    csv = tmp_path / "long.csv"
    csv.write_text("id,clause,title_zh\n" + "a,b,c\n" * 5001, encoding="utf-8")
    assert "more than 5000" in faults(str(csv))["long.csv", None, "file.rows"]


def test_a_workbook_is_never_opened_in_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = book(tmp_path, GOOD_ROW)
    monkeypatch.setattr("python_calamine.load_workbook", None)
    assert len(load(path, DAY).rules) == 1


def test_a_formula_without_its_result_is_named(tmp_path: Path) -> None:
    found = faults(book(tmp_path, {**GOOD_ROW, "失效日期": Formula("TODAY()")}))
    assert list(found) == [("own.xlsx", None, "规则.N4")]


@pytest.mark.parametrize(
    ("cell", "number"),
    [(" 1.5 ", 1.5), ("１２．５", 12.5), ("1,200", 1200.0), ("12,00", None), ("3e-6", 3e-6), (True, None)]
    + [(text, None) for text in ("", "inf", "nan", "1 2", "=1", "0x10", "1_000", "约5")],
)
def test_numbers_in_cells(cell: Any, number: float | None) -> None:
    assert number_of(cell) == number


def test_the_template_is_a_file_that_can_be_used(tmp_path: Path) -> None:
    path = tmp_path / "start.csv"
    path.write_text(template("rules"), encoding="utf-8-sig")
    assert problems_of(f"cn-2026,{path}") == []
    assert len(load(str(path), DAY).rules) == 1
    required = {name for name, column in columns("rules").items() if column.required == "yes"}
    assert all(columns("rules")[name].example for name in required)


HEADER = ["项目编号", "方面", "评估内容", "满分", "证据项", "计算量", "评分步骤", "可不适用"]


def scores(tmp_path: Path, *rows: list[Cell]) -> str:
    return write_workbook(tmp_path / "official.xlsx", {"附件": [["评分表"], [*HEADER], *rows]})


def test_scores_of_ones_own_decide_the_grade(tmp_path: Path) -> None:
    path = scores(
        tmp_path,
        ["1", "选址及规划", "四至范围", "６０", "boundary-published", None, None, "否"],
        ["2", "安全生产", "个人风险", 40.0, None, "risk.targets_over_limit", "<= 0:40|<= 2:10", None],
    )
    for rules in (load(f"cn-2026,{path}", DAY), load(f"{path},cn-2026", DAY)):
        assert len(rules.rules) == len(loaded("cn-2026").rules)
    rules = load(f"cn-2026,{path}", DAY)
    good = dict.fromkeys(("no-larger-accident", "supervisors-meet-requirement", "no-other-direct-trigger"), "yes")
    for over, boundary, expected, letter in ((0.0, "yes", 100, "D"), (2.0, "yes", 70, "C"), (0.0, "no", 40, "A")):
        said = answers({**good, "boundary-published": boundary})
        fact = {"risk.targets_over_limit": known(over, unit="1")}
        found = grade(rules, Facts(DAY, fact, {"park": said}, {}, rules.accepts))
        assert (found.score, found.letter, found.settled) == (expected, letter, True)
        assert found.rulebook == "official"
        assert any("official.xlsx" in reason for reason in found.reasons_en)
    own = tmp_path / "own.toml"
    own.write_text(
        '[rulebook]\nid = "own"\ninstrument_zh = "甲"\ninstrument_en = "a"\nedition = "1"\nin_force_from = 2026-01-01\n'
        'source = "x"\nmark = "V"\nincludes = ["cn-2026"]\nchecklist = "official.xlsx"\n',
        encoding="utf-8",
    )
    by_name = load(str(own), DAY)
    assert load_checklist(by_name.checklist) == load_checklist(path)
    assert by_name.digest != loaded("cn-2026").digest


def test_faults_of_scores(tmp_path: Path) -> None:
    path = scores(
        tmp_path,
        ["1", "甲", "乙", "六", "boundary-published", None, None, None],
        ["1", "甲", "乙", 40.0, "boundary-published", "risk.colour", "<= 0:41", None],
        ["3", None, "乙", 40.0, "project-external-distance", None, None, None],
        ["4", "甲", "乙", 10.0, None, "risk.targets_over_limit", "about 0:1", None],
    )
    with pytest.raises(InvalidRules) as caught:
        load_checklist(path)
    found = {(problem.row, problem.column) for problem in caught.value.problems}
    assert found == {
        (1, "max_score"),
        (2, "item"),
        (2, "quantity"),
        (2, "evidence"),
        (2, "steps"),
        (3, "aspect_zh"),
        (3, "evidence"),
        (4, "steps"),
    }
    assert {problem.table for problem in caught.value.problems} == {"official.xlsx 附件"}
    path = scores(tmp_path, ["1", "甲", "乙", 99.0, "boundary-published", None, None, None])
    with pytest.raises(InvalidRules, match="should add to 100"):
        load_checklist(path)


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("score_below = 70", "score_below = 50", "letter.score_below"),
        ('letter = "D"', 'letter = "D"\nscore_below = 95', "letter.score_below"),
        ("maximum = 100", "maximum = 0", "checklist.maximum"),
        ("partial_share = 0.5", "partial_share = 5", "checklist.partial_share"),
        ('mark = "M"', 'mark = "Z"', "checklist.mark"),
        ('items = "park_checklist_provisional.csv"', "", "checklist.items"),
        ('[[direct]]\nletter = "A"', '[[direct]]\nletter = "Q"', "direct.letter"),
    ],
)
def test_faults_of_a_head(tmp_path: Path, old: str, new: str, column: str) -> None:
    for name in ("park_checklist_provisional.toml", "park_checklist_provisional.csv"):
        (tmp_path / name).write_bytes((RULES_FOLDER / name).read_bytes())
    head = tmp_path / "park_checklist_provisional.toml"
    assert load_checklist(head) == load_checklist("park_checklist_provisional.toml")
    text = head.read_text(encoding="utf-8")
    assert old in text
    head.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InvalidRules) as caught:
        load_checklist(head)
    assert {problem.column for problem in caught.value.problems} == {column}
