"""Shipped rulebooks against lists of clauses (``clauses.csv``): none forgotten, none harder or softer than its text."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from tests.judgement.rule_samples import shipped_rules

RULES = shipped_rules()

with (Path(__file__).parent / "clauses.csv").open(encoding="utf-8") as _file:
    CLAUSES = list(csv.DictReader(_file))


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: f"{clause['rulebook']}-{clause['row']}")
def test_every_clause_has_its_rules(clause: dict[str, str]) -> None:
    ids = [name for name in clause["rules"].split(";") if name]
    assert ids or clause["note"]
    assert {RULES[name][0].rulebook for name in ids} <= {clause["rulebook"]}


def test_how_many_clauses_there_are() -> None:
    rows = Counter(clause["rulebook"] for clause in CLAUSES)
    assert rows["nmg-opinion-2022"] == 34
    assert rows["hazchem-law-2025"] == 26
    assert rows["recognition-measures-2021"] == 15
    assert rows["major-hidden-dangers-2017"] == 20
    assert rows["entry-practice"] == 16
    assert rows["entry-guide-2022"] == 4
    assert rows["sichuan-entry-2024"] == 3
    listed = {name for clause in CLAUSES for name in clause["rules"].split(";")}
    assert not {rule.id for rule, _ in RULES.values() if rule.rulebook in rows} - listed


def test_the_questions_of_an_entry_review_stand_in_order() -> None:
    numbers = [int(rule.clause.split()[0]) for rule, _ in RULES.values() if rule.rulebook == "entry-practice"]
    assert numbers == sorted(numbers)
    assert set(numbers) == set(range(1, 17))


def test_in_principle_stands_exactly_where_the_text_says_so() -> None:
    soft = {rule.id for rule, _ in RULES.values() if rule.in_principle}
    assert soft == {
        *("nmg-1.1-investment", "nmg-1.1-output", "nmg-1.1-tax"),
        *("nmg-3.1a", "nmg-3.2", "nmg-3.3", "nmg-4.3", "nmg-8.1a", "nmg-8.1b"),
        *("guide-19-stop", "guide-19-restrict"),
    }
    hard = RULES["nmg-6.3b"][0]
    assert (hard.severity, hard.exempt_when) == ("gate", ())


@pytest.mark.parametrize(
    ("rule_id", "severity"),
    [
        ("nmg-1.2a", "duty"),
        ("nmg-1.2b", "gate"),
        ("nmg-1.3", "encouraged"),
        ("nmg-2.1", "duty"),
        ("nmg-3.1b", "target"),
        ("nmg-6.3c", "gate"),
        ("nmg-6.3e-water", "duty"),
        ("nmg-8.3", "encouraged"),
        ("law-18a", "gate"),
        ("law-19a", "duty"),
        ("guide-23-stop", "gate"),
        ("hidden-danger-12", "duty"),
        ("sc24-3", "gate"),
    ],
)
def test_severity(rule_id: str, severity: str) -> None:
    assert RULES[rule_id][0].severity == severity


def test_a_rulebook_that_was_not_read_is_unverified_as_a_whole() -> None:
    # Of the recognition measures articles 4 and 5 were read, and the ban that the announcement repeats.
    read = {"220-assessment", "220-body", "220-recognised"}
    marks = {
        rule.mark
        for name, (rule, _) in RULES.items()
        if rule.rulebook in ("recognition-measures-2021", "entry-practice") and name not in read
    }
    assert marks == {"M"}
    assert {RULES[name][0].mark for name in read} == {"1"}
