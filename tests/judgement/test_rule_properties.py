"""What must hold of any rules and any facts: less information never helps, order is nothing, text is never run."""

import ast
import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

import parkrisk.risk.rules as rules_package
from parkrisk.risk.rules.conditions import DEPTH, Branch, Leaf, Test
from parkrisk.risk.rules.facts import Fact, Facts, shipped_evidence
from parkrisk.risk.rules.judge import evaluate
from parkrisk.risk.rules.rulefile import Rule, parse
from parkrisk.risk.rules.words import describe
from tests.judgement.rule_samples import DAY, answers

ITEMS = ("e1", "e2", "e3")
LETTERS = ("A", "B", "C", "D")


def evidence_leaf(item: str) -> Leaf:
    return Leaf("evidence", item)


simple = st.one_of(
    st.sampled_from(ITEMS).map(evidence_leaf),
    st.sets(st.sampled_from(LETTERS), min_size=1, max_size=3).map(
        lambda limit: Leaf("quantity", "park.grade", "in", tuple(sorted(limit)))
    ),
    st.tuples(st.sampled_from(["<", "<=", ">", ">=", "is"]), st.integers(0, 4)).map(
        lambda pair: Leaf("quantity", "risk.targets_over_limit", pair[0], float(pair[1]), unit="1")
    ),
)


def conditions_of(earlier: int) -> st.SearchStrategy[Test]:
    """Tests that may refer to rules of a smaller number."""
    leaf: st.SearchStrategy[Test] = simple
    if earlier:
        statuses = st.sets(st.sampled_from(["pass", "fail", "not_applicable"]), min_size=1, max_size=2)
        refer = st.tuples(st.integers(0, earlier - 1), statuses).map(
            lambda pair: Leaf("rule", f"r{pair[0]}", "in", tuple(sorted(pair[1])))
        )
        leaf = st.one_of(simple, refer)
    return st.one_of(
        leaf,
        st.tuples(st.sampled_from(["all", "any"]), st.lists(leaf, min_size=1, max_size=3)).map(
            lambda pair: Branch(pair[0], tuple(pair[1]))
        ),
    )


def rule(name: str, test: Test, applies: tuple[Test, ...] = (), exempt: tuple[Test, ...] = ()) -> Rule:
    texts = dict.fromkeys(("clause", "title_zh", "title_en", "reason_zh", "reason_en", "bound", "source"), "x")
    heads = dict.fromkeys(("rulebook", "instrument_zh", "instrument_en", "edition", "replaces"), "x")
    return Rule(
        id=name,
        scope=("park",),
        severity="gate",
        in_principle=False,
        applies_when=applies,
        test=test,
        exempt_when=exempt,
        in_force_from=dt.date(2000, 1, 1),
        in_force_until=None,
        mark="V",
        curable_by=(),
        **texts,
        **heads,
    )


@st.composite
def rule_lists(draw: st.DrawFn) -> list[Rule]:
    found = []
    for number in range(draw(st.integers(1, 4))):
        tests = conditions_of(number)
        applies, exempt = (tuple(draw(st.lists(tests, max_size=2))) for _ in range(2))
        found.append(rule(f"r{number}", draw(tests), applies, exempt))
    return found


World = tuple[Fact, Fact, dict[str, str]]


@st.composite
def worlds(draw: st.DrawFn) -> tuple[World, World]:
    """Facts, and the same facts with less known of them."""
    letters = sorted(draw(st.sets(st.sampled_from(LETTERS), min_size=1, max_size=2)))
    more = sorted({*letters, *draw(st.sets(st.sampled_from(LETTERS), max_size=2))})
    low, rise, below, above = (float(draw(st.integers(0, 2))) for _ in range(4))
    said = draw(st.dictionaries(st.sampled_from(ITEMS), st.sampled_from(["yes", "no", "partial"])))
    kept = {item: answer for item, answer in said.items() if draw(st.booleans())}
    return (
        (Fact(tuple(letters)), Fact((low, low + rise), interval=True, unit="1"), said),
        (Fact(tuple(more)), Fact((low - below, low + rise + above), interval=True, unit="1"), kept),
    )


def judged(rules: list[Rule], world: World) -> dict[str, dict[str, Any]]:
    grade, targets, said = world
    quantities = {"park.grade": grade, "risk.targets_over_limit": targets}
    table = evaluate(rules, Facts(DAY, quantities, {"park": answers(said)}), "park")
    return {row["rule_id"]: row for row in table.to_dict("records")}


#: What may become of an outcome when less is known. Only an exemption can be lost altogether: it has to be claimed.
VAGUER = {
    "pass": {"pass", "unknown"},
    "fail": {"fail", "unknown"},
    "unknown": {"unknown"},
    "not_applicable": {"not_applicable", "pass", "fail", "unknown"},
}


@hypothesis_settings(max_examples=100, deadline=None)
@given(rule_lists(), worlds())
def test_less_information_never_helps(rules: list[Rule], world: tuple[World, World]) -> None:
    sharp, vague = (judged(rules, each) for each in world)
    for name, row in sharp.items():
        assert vague[name]["status"] in VAGUER[row["status"]], (row, vague[name])
        assert bool(row["missing"]) == (row["status"] == "unknown")


@hypothesis_settings(max_examples=40, deadline=None)
@given(rule_lists(), worlds(), st.randoms())
def test_order_is_nothing(rules: list[Rule], world: tuple[World, World], random: Any) -> None:
    shuffled = list(rules)
    random.shuffle(shuffled)
    assert judged(rules, world[1]) == judged(shuffled, world[1])


@hypothesis_settings(max_examples=40, deadline=None)
@given(conditions_of(2))
def test_every_test_has_words(test: Test) -> None:
    zh, en = describe(test, Facts(DAY).about)
    for leaf in [test] if isinstance(test, Leaf) else test.parts:
        named = {"evidence": leaf.name, "rule": leaf.name}.get(leaf.what, "")
        assert named in zh
        assert named in en
    assert zh != en


@pytest.mark.parametrize(
    ("test", "zh", "en"),
    [
        (Leaf("quantity", "park.score", ">=", 90.0, unit="1"), "园区评分 不小于 90", "park score at least 90"),
        (Leaf("quantity", "park.score", "<", 90.0, unit="1"), "园区评分 小于 90", "park score below 90"),
        (
            Leaf("quantity", "park.grade", "not_in", ("A", "B")),
            "园区安全风险等级 不属于： A（高安全风险） / B（较高安全风险）",
            "park risk grade is none of A (high) / B (higher)",
        ),
        (Leaf("rule", "r0", "in", ("pass",)), "规则 r0 的结论为 符合", "rule r0 is met"),
        (
            Leaf("evidence", "e1", max_age_years=3),
            "有依据表明：e1，未超过 3 年",
            "evidence of: e1, not older than 3 years",
        ),
    ],
)
def test_tests_in_words(test: Leaf, zh: str, en: str) -> None:
    about = Facts(DAY).about
    assert describe(test, about) == (zh, en)
    both = Branch("any", (evidence_leaf("e2"), Branch("all", (test, evidence_leaf("e3")))))
    assert describe(both, about) == (
        f"有依据表明：e2 或 （{zh} 且 有依据表明：e3）",
        f"evidence of: e2 or ({en} and evidence of: e3)",
    )


@pytest.mark.parametrize("status", ["pass", "fail", "not_applicable"])
def test_a_rule_that_is_open_leaves_open_who_asks_for_it(status: str) -> None:
    first = rule("r0", evidence_leaf("e1"))
    second = rule("r1", Leaf("rule", "r0", "in", (status,)))
    nothing: World = (Fact(LETTERS), Fact((0.0, 9.0), interval=True, unit="1"), {})
    row = judged([second, first], nothing)["r1"]
    assert row["status"] == ("fail" if status == "not_applicable" else "unknown")
    for answer, came in (("yes", "pass"), ("no", "fail")):
        row = judged([second, first], (*nothing[:2], {"e1": answer}))["r1"]
        assert row["status"] == ("pass" if came == status else "fail")
        assert (row["value"], row["origin"]) == (came, "rule r0")


def test_an_exemption_that_may_yet_be_claimed_is_open_to_other_rules() -> None:
    lift = replace(evidence_leaf("e2"), because_zh="免", because_en="free")
    first = rule("r0", evidence_leaf("e1"), exempt=(lift,))
    second = rule("r1", Leaf("rule", "r0", "in", ("fail",)))
    third = rule("r2", Leaf("rule", "r0", "in", ("fail", "not_applicable")))
    said: World = (Fact(LETTERS), Fact((0.0, 9.0), interval=True, unit="1"), {"e1": "no"})
    rows = judged([first, second, third], said)
    assert {name: row["status"] for name, row in rows.items()} == {"r0": "fail", "r1": "unknown", "r2": "pass"}
    assert rows["r1"]["missing"] == ("answers.e2",)


def nested(depth: int) -> dict[str, Any]:
    test: dict[str, Any] = {"evidence": "closed-management"}
    for _ in range(depth):
        test = {"all": [test]}
    return test


@pytest.mark.parametrize(("depth", "fits"), [(DEPTH, True), (DEPTH + 1, False), (200, False)])
def test_depth_of_tests(depth: int, fits: bool) -> None:
    head = dict.fromkeys(("id", "instrument_zh", "instrument_en", "edition", "source"), "x")
    row = dict.fromkeys(("id", "clause", "title_zh", "title_en", "bound"), "x")
    document = {
        "rulebook": {**head, "mark": "V", "in_force_from": DAY},
        "rule": [{**row, "scope": ["park"], "severity": "duty", "test": nested(depth)}],
    }
    book, problems = parse("deep.toml", document, shipped_evidence())
    assert (book is not None) == fits
    assert ["nested more than" in problem.message_en for problem in problems] == ([] if fits else [True])


def test_no_text_is_ever_run() -> None:
    """Rules are data: nothing in their code compiles or imports what a file says."""
    forbidden = {"eval", "exec", "compile", "__import__", "import_module", "getattr"}
    files = sorted(Path(rules_package.__file__ or "").parent.glob("*.py"))
    assert len(files) > 5
    for file in files:
        called = {
            node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call)
            if not (isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") == "re")
        }
        assert not called & forbidden, file.name
