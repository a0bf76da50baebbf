"""Rule files and sets: what is shipped, rulebooks of one's own, and every problem of a file at once."""

import csv
import itertools
from pathlib import Path

import pytest

from parkrisk.models.errors import RuleError
from parkrisk.risk.distances.judge import STANDARD_DISTANCE
from parkrisk.risk.grading.accidents import ACCIDENT_INDICATORS
from parkrisk.risk.grading.checklist import load as load_checklist
from parkrisk.risk.rules.facts import RULES_FOLDER, Facts
from parkrisk.risk.rules.rulefile import quantities
from parkrisk.risk.rules.sets import _TABLES, InvalidRules, load, sets
from tests.judgement.rule_samples import BAD, DAY, GOOD, answers, leaves, loaded, outcome, shipped_rules

NMG = loaded()


def test_sets_and_their_files() -> None:
    assert set(sets()) == {"cn-2026", "cn-nmg-2026", "cn-sc-2026"}
    national, region = loaded("cn-2026"), loaded()
    assert {rule.id for rule in national.rules} < {rule.id for rule in region.rules}
    assert national.digest != region.digest
    assert region.accepts == {"cn-2026", "cn-nmg-2026"}
    assert load("cn-2026", DAY) == load("cn-2026", DAY)


def test_the_digest_covers_every_table_of_numbers() -> None:
    not_of_the_assessment = {"monitoring_levels.csv", "sheet_columns.csv", "sheet_words.csv"}
    of_the_checklist = {Path(NMG.checklist).with_suffix(".csv").name}
    tables = {file.name for file in RULES_FOLDER.glob("*.csv")}
    assert tables - not_of_the_assessment - of_the_checklist == {name for name in _TABLES if name.endswith(".csv")}


def test_evidence_table_lists_exactly_what_is_asked_and_by_whom() -> None:
    with (RULES_FOLDER / "evidence.csv").open(encoding="utf-8") as file:
        listed = {(row["what"], row["item"]): row for row in csv.DictReader(file)}
    checklist = load_checklist(NMG.checklist)
    asked: dict[tuple[str, str], set[str]] = {}
    for name in (*(item.evidence for item in checklist.items), *(trigger.evidence for trigger in checklist.direct)):
        if name:
            asked.setdefault(("answer", name), set()).add(checklist.id)
    asked["answer", STANDARD_DISTANCE] = {"gbt37243-2019"}  # by the choice of method, not by a rule
    for name in ACCIDENT_INDICATORS:
        asked.setdefault(("indicator", name), set()).add(checklist.id)
    for rule in itertools.chain.from_iterable(loaded(name).rules for name in sets()):
        for leaf in (leaf for test in (*rule.applies_when, rule.test, *rule.exempt_when) for leaf in leaves(test)):
            what = {"evidence": "answer"}.get(leaf.what, leaf.what)
            for name in (leaf.name, leaf.limit_indicator):
                if name and what != "quantity":
                    asked.setdefault((what, name), set()).add(rule.rulebook)
    assert {key: set(row["asked_by"].split(";")) for key, row in listed.items()} == asked
    assert {row["given_by"] for row in listed.values()} == {"park", "project"}


def test_every_quantity_is_asked_or_given() -> None:
    assert set(GOOD) <= set(quantities())
    assert set(BAD) <= set(GOOD)


def test_unknown_set() -> None:
    with pytest.raises(RuleError, match="cn-1999"):
        load("cn-1999", DAY)
    with pytest.raises(RuleError, match=r"none\.toml"):
        load("none.toml", DAY)


OWN = """
[rulebook]
id = "own"
instrument_zh = "园区准入办法"
instrument_en = "Entry measures of the park"
edition = "2026"
in_force_from = 2026-01-01
includes = ["cn-2026"]
source = "measures of the park"
mark = "V"

[[rule]]
id = "own-1"
clause = "art. 1"
title_zh = "封闭化管理"
title_en = "Closed management"
bound = "park"
scope = ["park"]
severity = "gate"
test = { evidence = "closed-management" }
"""


def own(tmp_path: Path, text: str) -> str:
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_rulebook_of_ones_own(tmp_path: Path) -> None:
    rules = load(own(tmp_path, OWN), DAY)
    assert rules.id == "own"
    assert rules.checklist == loaded("cn-2026").checklist
    assert [rule.id for rule in rules.rules][:-1] == [rule.id for rule in loaded("cn-2026").rules]
    said = answers([("own", "closed-management", "yes", None, "", "")])
    held = Facts(DAY, {}, {"park": said}, {}, rules.accepts)
    assert outcome(rules, held, "own-1", "park")["status"] == "pass"


def test_a_rule_may_replace_another(tmp_path: Path) -> None:
    rules = load(own(tmp_path, OWN + 'replaces = "law-20b"\n'), DAY)
    assert "law-20b" not in [rule.id for rule in rules.rules]


def test_all_problems_of_a_file_at_once(tmp_path: Path) -> None:
    text = OWN.replace('clause = "art. 1"\n', "").replace('severity = "gate"', 'severity = "deadly"')
    text += """
[[rule]]
id = "own-2"
clause = "art. 2"
title_zh = "甲"
title_en = "b"
bound = "park"
scope = ["moon"]
severity = "duty"
in_force_from = 2026-06-01
in_force_until = 2026-05-01
test = { quantity = "park.gravity", comparison = "<=", limit = 1 }

[[rule]]
id = "own-3"
clause = "art. 3"
title_zh = "甲"
title_en = "b"
bound = "park"
scope = ["park"]
severity = "duty"
test = { indicator = "investment", comparison = "about", limit = nan, unit = "CNY" }

[[rule]]
id = "own-3"
clause = "art. 4"
title_zh = "甲"
title_en = "b"
bound = "park"
scope = ["park"]
severity = "duty"
test = { all = [] }
exempt_when = [{ quantity = "park.grade", comparison = "in", limit = ["C", "E"] }]

[[rule]]
id = "law-20b"
clause = "art. 5"
title_zh = "甲"
title_en = "b"
bound = "park"
scope = ["park"]
severity = "duty"
replaces = "nothing"
colour = "red"
test = { quantity = "risk.targets_over_limit", comparison = "<=", limit = 0, unit = "yr" }
"""
    with pytest.raises(InvalidRules) as caught:
        load(own(tmp_path, text), DAY)
    fields = {problem.column for problem in caught.value.problems}
    assert fields >= {
        "own-1.clause",
        "own-1.severity",
        "own-2.scope",
        "own-2.in_force_until",
        "own-2.test.quantity",
        "own-3.test.comparison",
        "own-3.test.limit",
        "own-3.test",
        "own-3.exempt_when.limit",
        "law-20b.colour",
        "law-20b.test.unit",
    }
    assert all(problem.message_zh and problem.message_en for problem in caught.value.problems)


def test_a_rule_may_not_stand_twice_on_one_day(tmp_path: Path) -> None:
    with pytest.raises(InvalidRules) as caught:
        load(own(tmp_path, OWN.replace('id = "own-1"', 'id = "law-20b"')), DAY)
    assert [problem.column for problem in caught.value.problems] == ["law-20b.id"]


@pytest.mark.parametrize("text", ["", "not toml [", "[rulebook]\nid = 3", "rule = 3", "[[rulebook]]\n[[rule]]\n"])
def test_files_that_are_no_rulebooks(tmp_path: Path, text: str) -> None:
    with pytest.raises(RuleError):
        load(own(tmp_path, text), DAY)


def test_reasons_of_exemptions_stand_in_their_own_language_and_only_evidence_may_not_apply():
    found = [
        leaf for rule, _ in shipped_rules().values() for test in (rule.test, *rule.exempt_when) for leaf in leaves(test)
    ]
    given = [leaf for leaf in found if leaf.because_en]
    assert {leaf.what for leaf in given} >= {"quantity", "evidence"}
    for leaf in given:
        assert any("一" <= sign <= "鿿" for sign in leaf.because_zh)
        assert not any("一" <= sign <= "鿿" for sign in leaf.because_en)
    assert {leaf.what for leaf in found if leaf.may_not_apply} == {"evidence"}
