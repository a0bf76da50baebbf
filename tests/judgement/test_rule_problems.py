"""Rulebooks of one's own: every fault with what would be right, references, own evidence, the day that decides."""

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path

import pytest

from parkrisk.risk.grading.checklist import load as load_checklist
from parkrisk.risk.grading.grade import grade
from parkrisk.risk.rules.facts import Facts, known
from parkrisk.risk.rules.sets import InvalidRules, load
from tests.judgement.rule_samples import DAY, GOOD, answers, facts, indicators, loaded, outcome
from tests.judgement.test_rule_files import OWN, own

NMG = loaded()


def faults(rules: str) -> dict[str, str]:
    """Problems of a set: column → English message."""
    with pytest.raises(InvalidRules) as caught:
        load(rules, DAY)
    for problem in caught.value.problems:
        assert re.search("[一-鿿]", problem.message_zh)
        assert not re.search("[一-鿿]", problem.message_en)
    return {problem.column: problem.message_en for problem in caught.value.problems}


RULE = """
[[rule]]
id = "{id}"
clause = "art. 2"
title_zh = "甲"
title_en = "b"
bound = "park"
scope = ["park"]
severity = "duty"
{rest}
"""


def more(*pairs: tuple[str, str]) -> str:
    return OWN + "".join(RULE.format(id=name, rest=rest) for name, rest in pairs)


def test_a_near_name_is_suggested(tmp_path: Path) -> None:
    found = faults(
        own(
            tmp_path,
            more(
                ("a", 'test = { quantity = "park.grad", comparison = "is", limit = "D" }'),
                ("b", 'test = { evidence = "closed-managment" }'),
                ("c", 'test = { rule = "own_1", status = "pass" }'),
                ("d", 'tests = { evidence = "closed-management" }'),
            ),
        )
    )
    assert "is park.grade meant?" in found["a.test.quantity"]
    assert "is closed-management meant?" in found["b.test.evidence"]
    assert "is test meant?" in found["d.tests"]
    assert found["d.test"] == "test is missing"


WAIVED = '{ evidence = "dual-power", may_not_apply = true }'


@pytest.mark.parametrize(
    ("rest", "field", "words"),
    [
        (
            'test = { quantity = "park.score", comparison = ">=", limit = "60", unit = "1" }',
            "test.limit",
            "a finite number",
        ),
        ('test = { quantity = "park.grade", comparison = "in", limit = "C" }', "test.limit", "a list of values"),
        ('test = { quantity = "park.grade", comparison = "is", limit = "E" }', "test.limit", "one of A, B, C, D"),
        ('test = { quantity = "park.grade", comparison = "is", limit = "D", unit = "1" }', "test.unit", "has no unit"),
        (
            'test = { quantity = "risk.domino_assessed", comparison = "is", limit = "yes" }',
            "test.limit",
            "true or false",
        ),
        ('test = { indicator = "investment", comparison = ">=", limit = 1, unit = "yr" }', "test.unit", "10000 CNY"),
        (
            'test = { indicator = "investment", comparison = ">=", limit_indicator = "wastewater_collected", '
            'unit = "CNY" }',
            "test.limit_indicator",
            "does not convert",
        ),
        ('test = { evidence = "moon" }', "test.evidence", "declared by [[evidence]]"),
        ('test = { evidence = "closed-management", may_not_apply = "yes" }', "test.may_not_apply", "true or false"),
        (
            'test = { all = [{ evidence = "closed-management", may_not_apply = true }] }',
            "test.may_not_apply",
            "stands alone",
        ),
        (
            f'test = {{ evidence = "closed-management" }}\napplies_when = [{WAIVED}]',
            "applies_when.may_not_apply",
            "stands alone",
        ),
        ('test = { rule = "law-20b", status = "unknown" }', "test.status", "one of pass, fail, not_applicable"),
        ('test = { rule = "law-20b", evidence = "closed-management" }', "test", "exactly one of"),
        ('test = { evidence = "closed-management" }\nreason_zh = "甲"', "reason_zh", "in English"),
        ('test = { evidence = "closed-management" }\nstatus = "unverified"', "status", "mark M"),
        ('test = { evidence = "closed-management" }\nmark = "X"', "mark", "one of V, 1, M"),
        ('test = { evidence = "closed-management" }\nin_force_from = "2026"', "in_force_from", "a date such as"),
    ],
)
def test_what_would_be_right_is_said(tmp_path: Path, rest: str, field: str, words: str) -> None:
    found = faults(own(tmp_path, more(("a", rest))))
    assert set(found) == {f"a.{field}"}
    assert words in found[f"a.{field}"]


def test_rules_that_do_not_exist_and_circles(tmp_path: Path) -> None:
    lift = 'test = {{ evidence = "closed-management" }}\nexempt_when = [{{ rule = "{}", status = "pass", {} }}]'
    because = 'because_zh = "免", because_en = "free"'
    found = faults(own(tmp_path, more(("a", 'test = { rule = "own_1", status = "pass" }'))))
    assert found == {"a.rule": "no rule is called own_1; is own-1 meant?"}
    circle = [(name, lift.format(other, because)) for name, other in (("a", "b"), ("b", "c"), ("c", "a"))]
    found = faults(own(tmp_path, more(*circle, ("d", lift.format("d", because)))))
    assert found == {
        "a.rule": "conditions or exemptions in a circle: a → b → c → a",
        "d.rule": "conditions or exemptions in a circle: d → d",
    }


def test_a_rule_may_be_lifted_by_another(tmp_path: Path) -> None:
    lift = '{ rule = "own-1", status = "pass", because_zh = "已封闭", because_en = "closed already" }'
    test = 'test = { evidence = "dual-power" }\nreason_zh = "请补充。"\nreason_en = "Hand it in."'
    rules = load(own(tmp_path, more(("a", f"{test}\nexempt_when = [{lift}]"))), DAY)
    said = {"closed-management": "yes", "dual-power": "no"}
    row = outcome(rules, Facts(DAY, {}, {"park": answers(said)}, {}, rules.accepts), "a", "park")
    assert (row["status"], row["because"]) == ("not_applicable", "exempt")
    assert "Hand it in" not in row["why_en"]
    row = outcome(rules, Facts(DAY, {}, {"park": answers({**said, "closed-management": "no"})}), "a", "park")
    assert row["status"] == "fail"
    assert row["why_en"].endswith("Hand it in.")
    assert "请补充" in row["why_zh"]
    row = outcome(rules, Facts(DAY, {}, {"park": answers({"dual-power": "no"})}), "a", "park")
    assert (row["status"], row["missing"]) == ("unknown", ("answers.closed-management",))


def test_evidence_is_named_unless_the_rule_is_named_so(tmp_path: Path) -> None:
    """A sentence that begins with the title of its rule does not say it again."""
    ask = 'test = { evidence = "gate-guard" }'
    text = more(("a", ask), ("b", ask)) + ITEM
    text = text.replace('title_zh = "甲"\ntitle_en = "b"', 'title_zh = "门岗值守"\ntitle_en = "guards at the gate"', 1)
    rules = load(own(tmp_path, text), DAY)
    given = Facts(DAY, {}, {"park": answers({"gate-guard": "yes"})}, {}, rules.accepts)
    same, other = (outcome(rules, given, name, "park") for name in "ab")
    assert "门岗值守。依据：" in same["why_zh"]
    assert "guards at the gate. Evidence: " in same["why_en"]
    assert "甲。门岗值守：" in other["why_zh"]
    assert "b. guards at the gate: " in other["why_en"]


def test_what_decides_whether_a_rule_applies_is_named_where_it_is_open(tmp_path: Path) -> None:
    when = (
        '{ quantity = "park.grade", comparison = "is", limit = "D" }',
        '{ indicator = "investment", comparison = ">=", limit = 1, unit = "10000 CNY" }',
        '{ evidence = "dual-power" }',
        '{ rule = "own-1", status = "pass" }',
    )
    asks = f'test = {{ evidence = "closed-management" }}\napplies_when = [{", ".join(when)}]'
    rules = load(own(tmp_path, more(("a", asks))), DAY)
    row = outcome(rules, Facts(DAY, {}, {"park": answers({"closed-management": "no"})}), "a", "park")
    assert row["status"] == "not_applicable", "own-1 fails, so it does not apply, whatever the rest"
    row = outcome(rules, Facts(DAY), "a", "park")
    assert row["status"] == "unknown"
    named = row["why_en"].split("whether it applies depends on: ")[1].split(", ")
    assert named[0] == "park risk grade"
    assert len(named) == 4
    assert named[3] == "Closed management"
    named_zh = row["why_zh"].split("是否适用取决于：")[1].split("、")
    assert (named_zh[0], named_zh[3], len(named_zh)) == ("园区安全风险等级", "封闭化管理", 4)
    # What is known is not named.
    known_grade = Facts(DAY, {"park.grade": known("D")}, {"park": answers({"dual-power": "yes"})}, {}, rules.accepts)
    named = outcome(rules, known_grade, "a", "park")["why_en"].split("depends on: ")[1].split(", ")
    assert (len(named), named[1]) == (2, "Closed management")


@pytest.mark.parametrize(("age", "limit"), [("", "yes"), (", max_age_years = 3", "yes, not older than 3 years")])
def test_evidence_says_what_would_do(tmp_path: Path, age: str, limit: str) -> None:
    rules = load(own(tmp_path, more(("a", f'test = {{ evidence = "closed-management"{age} }}'))), DAY)
    row = outcome(
        rules, Facts(DAY, {}, {"park": answers({"closed-management": "yes"})}, {}, rules.accepts), "a", "park"
    )
    assert (row["status"], row["value"], row["comparison"], row["limit"]) == ("pass", "yes", "is", limit)


def test_syntax_and_encoding(tmp_path: Path) -> None:
    assert "Cannot overwrite a value" in faults(own(tmp_path, OWN + 'severity = "duty"\n'))["file.toml"]
    assert "line 2" in faults(own(tmp_path, "[rulebook]\nid = \n"))["file.toml"]
    path = Path(own(tmp_path, ""))
    path.write_bytes(b"\xef\xbb\xbf" + OWN.encode())
    assert load(str(path), DAY).id == "own"
    path.write_bytes(OWN.encode("gb18030"))
    assert load(str(path), DAY).books[-1].instrument_zh == "园区准入办法"
    path.write_bytes(b"\xff\xfe\x00")
    assert faults(str(path))


def test_files_may_include_files_but_not_each_other(tmp_path: Path) -> None:
    first, second = tmp_path / "first.toml", tmp_path / "second.toml"
    text = OWN.replace('includes = ["cn-2026"]', 'includes = ["cn-2026", "second.toml"]')
    first.write_text(text.replace("own", "first"), encoding="utf-8")
    second.write_text(OWN.replace("own", "second"), encoding="utf-8")
    rules = load(str(first), DAY)
    assert [book.id for book in rules.books][-2:] == ["second", "first"]
    assert len({rule.id for rule in rules.rules}) == len(rules.rules)
    second.write_text(OWN.replace('["cn-2026"]', '["first.toml"]').replace("own", "second"), encoding="utf-8")
    found = faults(str(first))
    assert found["file.includes"] == "files include each other: first.toml → second.toml → first.toml"
    first.write_text(text.replace("cn-2026", "cn-2027"), encoding="utf-8")
    second.write_text(OWN.replace("own", "second"), encoding="utf-8")
    assert "is cn-2026 meant?" in faults(str(first))["file.includes"]


ITEM = """
[[evidence]]
item = "gate-guard"
given_by = "park"
label_zh = "门岗值守"
label_en = "guards at the gate"

[[indicator]]
name = "guards"
given_by = "project"
unit = "1"
label_zh = "门岗人数"
label_en = "number of guards"
"""


def test_evidence_of_ones_own(tmp_path: Path) -> None:
    counted = '{ indicator = "guards", comparison = ">=", limit = 2, unit = "1" }'
    both = f'test = {{ all = [{{ evidence = "gate-guard" }}, {counted}] }}'
    path = own(tmp_path, more(("a", both)) + ITEM)
    rules = load(path, DAY)
    said, figures = answers({"gate-guard": "yes"}), indicators({"guards": (2.0, "1")})
    row = outcome(rules, Facts(DAY, {}, {"park": said}, {"project": figures}), "a", "park")
    assert row["status"] == "pass"
    assert "guards at the gate" in row["why_en"]
    assert "门岗人数" in row["why_zh"]
    # Each is given by its own side only.
    row = outcome(rules, Facts(DAY, {}, {"project": said}, {"park": figures}), "a", "park")
    assert (row["status"], set(row["missing"])) == ("unknown", {"answers.gate-guard", "indicators.guards"})
    twice = ITEM.replace("gate-guard", "closed-management").replace('unit = "1"\n', "")
    found = faults(own(tmp_path, OWN + twice))
    assert found["evidence closed-management.item"] == "already declared"
    assert found["indicator guards.unit"] == "unit is missing"


def test_unverified_is_said_wherever_such_a_number_decides(tmp_path: Path) -> None:
    score = 'test = { quantity = "park.score", comparison = ">=", limit = 60, unit = "1" }'
    when = 'applies_when = [{ quantity = "park.grade", comparison = "is", limit = "D" }]'
    text = more(
        ("a", f'{score}\nmark = "M"\nstatus = "unverified"'),
        ("b", f'test = {{ evidence = "closed-management" }}\n{when}'),
        ("c", 'test = { rule = "a", status = "pass" }'),
        ("d", 'test = { evidence = "closed-management" }'),
    )
    rules = load(own(tmp_path, text), DAY)
    given_ = facts(rules, "park", quantities_={"park.grade": replace(GOOD["park.grade"], mark="M")})
    for name, expected in (("a", True), ("b", True), ("c", True), ("d", False)):
        row = outcome(rules, given_, name, "park")
        assert row["status"] == "pass"
        assert row["unverified"] is expected
        assert row["why_en"].endswith("(basis unverified)") is expected
        assert row["why_zh"].endswith("（依据未经核实）") is expected


LAW = dt.date(2026, 5, 1)


@pytest.mark.parametrize("day", [LAW - dt.timedelta(days=1), LAW, dt.date(2020, 1, 1), dt.date(1999, 1, 1)])
def test_the_day_decides_which_rules_of_a_set_are_in_force(day: dt.date) -> None:
    rules = loaded(day=day)
    assert rules.rules == NMG.rules
    law = {rule.id for rule in rules.rules if rule.rulebook == "hazchem-law-2025"}
    assert len(law) >= 13
    for scope in ("park", "project"):
        table = rules.evaluate(facts(rules, scope, day=day), scope)
        asleep = set(table.loc[table["because"] == "not_in_force", "rule_id"])
        later = {rule.id for rule in rules.rules if scope in rule.scope and rule.in_force_from > day}
        gone = {
            rule.id for rule in rules.rules if scope in rule.scope and rule.in_force_until and rule.in_force_until < day
        }
        assert asleep == later | gone
        assert (table.loc[table["because"] == "not_in_force", "status"] == "not_applicable").all()
        in_scope = law & set(table["rule_id"])
        assert in_scope <= asleep if day < LAW else not in_scope & asleep
    if day.year < 2000:
        assert set(table["because"]) == {"not_in_force"}


def test_no_grade_before_a_checklist_is_in_force() -> None:
    start = load_checklist(NMG.checklist).in_force_from
    for day, settled in ((start - dt.timedelta(days=1), False), (start, True)):
        rules = loaded(day=day)
        found = grade(rules, facts(rules, "park", day=day))
        assert (len(found.items) > 0) is settled
        if not settled:
            assert (found.bounds, found.score_bounds) == (("A", "D"), (0.0, 100.0))


def test_the_example_of_the_page_can_be_used(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
    (example,) = [block.split("```")[0] for block in page.split("```toml\n")[1:]]
    rules = load(own(tmp_path, example), DAY)
    assert rules.id == "our-park"
    for share, brigade, status in (
        (60.0, "no", "pass"),
        (59.9, "yes", "pass"),
        (59.9, "no", "fail"),
        (59.9, "", "unknown"),
    ):
        given_ = facts(
            rules,
            "project",
            answers_={"shared-fire-brigade": brigade or None},
            indicators_={"green_share": (share, "%")},
        )
        row = outcome(rules, given_, "our-1", "project")
        assert row["status"] == status
        assert row["why_en"].endswith("sign an agreement with the fire station.") is (status != "pass")
    retrofit = facts(rules, "project", quantities_={"project.nature": known("retrofit_safety")})
    assert outcome(rules, retrofit, "our-1", "project")["because"] == "exempt"


@pytest.mark.parametrize("scope", ["park", "project"])
def test_every_outcome_says_what_it_used(scope: str) -> None:
    """Each shipped rule that is decided names a value and where it came from; each that is open, what is missing."""
    computed = {name: replace(fact, origin=f"computed: {name}") for name, fact in GOOD.items()}
    table = NMG.evaluate(facts(NMG, scope, quantities_=computed), scope)
    assert set(table["status"]) <= {"pass", "not_applicable"}
    table = table[table["because"] != "not_in_force"]
    assert len(table) > 10
    assert table["value"].notna().all()
    assert (table["origin"] != "").all()
    nothing = NMG.evaluate(Facts(DAY), scope)
    assert not (nothing["status"] == "pass").any()
    opened = nothing[nothing["status"] == "unknown"]
    assert len(opened) > len(nothing) / 2
    assert opened["missing"].map(len).gt(0).all()
