"""Rule sets and rules as they are told to people: what there is, what each rule asks, of whom and from when."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from parkrisk.models.errors import RuleError
from parkrisk.risk.grading.checklist import Checklist
from parkrisk.risk.grading.checklist import load as load_checklist
from parkrisk.risk.rules.conditions import Leaf, leaves, quantities
from parkrisk.risk.rules.facts import Facts
from parkrisk.risk.rules.rulefile import Book, Rule, Test
from parkrisk.risk.rules.sets import RuleSet, load, sets
from parkrisk.risk.rules.words import About, describe
from parkrisk.scenarios.schema import nearest

__all__ = ["evidence_asked", "rule_sets", "rules_called"]


def _loaded(rule_set: str | None, day: dt.date) -> list[RuleSet]:
    return [load(name, day) for name in ([rule_set] if rule_set else sets())]


def rule_sets(rule_set: str | None, day: dt.date) -> dict[str, Any]:
    """Sets, their rulebooks and their checklists, with what is in force on a day.

    Parameters
    ----------
    rule_set : str or None
        Name of a set, or files; None: all shipped sets.
    day : date
    """
    loaded = _loaded(rule_set, day)
    books: dict[str, dict[str, Any]] = {}
    lists: dict[str, dict[str, Any]] = {}
    for each in loaded:
        for book in each.books:
            row = books.setdefault(book.id, _book(book, day))
            row["sets"].append(each.id)
        if each.checklist:
            scored = load_checklist(each.checklist)
            row = lists.setdefault(scored.id, _scored(scored, day))
            row["sets"].append(each.id)
    named = [
        {
            "id": each.id,
            "title_zh": each.title_zh,
            "title_en": each.title_en,
            **_counts(each.rules, day),
            "digest": each.digest,
        }
        for each in loaded
    ]
    return {
        "date": day.isoformat(),
        "sets": named,
        "rulebooks": list(books.values()),
        "checklists": list(lists.values()),
    }


def _counts(rules: Sequence[Rule], day: dt.date) -> dict[str, int]:
    return {
        "rules": len(rules),
        "in_force": sum(rule.in_force(day) for rule in rules),
        "unverified": sum(rule.unverified for rule in rules),
    }


def _until(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


def _book(book: Book, day: dt.date) -> dict[str, Any]:
    return {
        "id": book.id,
        "file": book.file,
        "instrument_zh": book.instrument_zh,
        "instrument_en": book.instrument_en,
        "edition": book.edition,
        "in_force_from": book.in_force_from.isoformat(),
        "in_force_until": _until(book.in_force_until),
        **_counts(book.rules, day),
        "source": book.source,
        "mark": book.mark,
        "sets": [],
    }


def _scored(scored: Checklist, day: dt.date) -> dict[str, Any]:
    return {
        "id": scored.id,
        "instrument_zh": scored.instrument_zh,
        "instrument_en": scored.instrument_en,
        "edition": scored.edition,
        "in_force_from": scored.in_force_from.isoformat(),
        "in_force": scored.in_force_from <= day,
        "items": len(scored.items),
        "maximum": float(scored.maximum),
        "notice_zh": scored.notice_zh,
        "notice_en": scored.notice_en,
        "mark": scored.mark,
        "unverified": scored.mark == "M",
        "sets": [],
    }


def rules_called(name: str, rule_set: str | None, day: dt.date) -> list[dict[str, Any]]:
    """Every rule of that id, or of the rulebook of that id, each once, its tests in words.

    Raises
    ------
    RuleError
        If nothing has that id; the message names the nearest.
    """
    found: dict[tuple[str, str, dt.date], dict[str, Any]] = {}
    names: set[str] = set()
    for each in _loaded(rule_set, day):
        about = Facts(day, evidence=each.evidence).about
        for rule in each.rules:
            names |= {rule.id, rule.rulebook}
            if name in (rule.id, rule.rulebook):
                found.setdefault((rule.rulebook, rule.id, rule.in_force_from), _rule(rule, day, about))
    if not found:
        near = nearest(name, names)
        raise RuleError(
            f"没有名为 {name} 的规则或规则文件" + (f"；是否指 {near}？" if near else ""),
            f"no rule or rulebook is called {name}" + (f"; is {near} meant?" if near else ""),
        )
    return list(found.values())


def _rule(rule: Rule, day: dt.date, about: About) -> dict[str, Any]:
    """Rule as JSON names it, its tests in words."""

    def words(test: Test) -> dict[str, str]:
        zh, en = describe(test, about)
        because = {"because_zh": test.because_zh, "because_en": test.because_en} if test.because_zh else {}
        return {"test_zh": zh, "test_en": en, **because}

    tests = ("test", "applies_when", "exempt_when")
    fields = {name: value for name, value in vars(rule).items() if name not in tests}
    return {
        **fields,
        "scope": list(rule.scope),
        "curable_by": list(rule.curable_by),
        "in_force_from": rule.in_force_from.isoformat(),
        "in_force_until": _until(rule.in_force_until),
        "in_force": rule.in_force(day),
        "unverified": rule.unverified,
        **words(rule.test),
        "applies_when": [words(test) for test in rule.applies_when],
        "exempt_when": [words(test) for test in rule.exempt_when],
        "asks": _asks(rule, about),
    }


def _asks(rule: Rule, about: About) -> list[dict[str, Any]]:
    """Whatever the rule looks at, each once: evidence, indicators, computed quantities, other rules."""
    found = {(leaf.what, leaf.name): leaf for test in rule.tests for leaf in leaves(test)}
    found |= {("indicator", leaf.limit_indicator): leaf for leaf in found.values() if leaf.limit_indicator}
    return [_asked(what, name, leaf, about) for (what, name), leaf in found.items()]


def _asked(what: str, name: str, leaf: Leaf, about: About) -> dict[str, Any]:
    """One thing that a rule looks at, as a form names it."""
    if what == "rule":
        return {"what": what, "name": name}
    if what == "quantity":
        known = quantities()[name]
        labels = {"label_zh": known.label_zh, "label_en": known.label_en}
        return {"what": what, "name": name, "unit": known.unit, **labels}
    item = about("answer" if what == "evidence" else what, name)
    more = {"max_age_years": leaf.max_age_years} if what == "evidence" else {"unit": item.unit}
    labels = {"label_zh": item.label_zh, "label_en": item.label_en}
    return {"what": what, "name": name, "given_by": item.given_by, **labels, **more}


def evidence_asked(rule_set: str, scope: str, day: dt.date) -> list[dict[str, Any]]:
    """Evidence and indicators that the rules of a set ask for on a day, each with the rules that ask.

    Parameters
    ----------
    rule_set : str
    scope : str
        "park" or "project".
    day : date
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for each in _loaded(rule_set, day):
        about = Facts(day, evidence=each.evidence).about
        for rule in each.rules:
            if scope not in rule.scope or not rule.in_force(day):
                continue
            for asked in _asks(rule, about):
                if asked["what"] in ("evidence", "indicator"):
                    by = {"id": rule.id, "severity": rule.severity, "max_age_years": asked.pop("max_age_years", None)}
                    entry = found.setdefault((asked["what"], asked["name"]), {**asked, "rules": []})
                    entry["rules"].append(by)
    return list(found.values())
