"""What was handed in on each item of evidence that the rules of a park ask for, and how the rules came out by it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from parkrisk.api.report.content import Block, Cell
from parkrisk.api.report.material import Material
from parkrisk.api.report.tabulated import Columns, tabulated
from parkrisk.api.report.wording import cited, rows_of, status_words
from parkrisk.risk.grading.checklist import load
from parkrisk.risk.rules.facts import Answer, Facts
from parkrisk.risk.rules.rulefile import Leaf, Rule, leaves

__all__ = ["Proof", "proof_table", "proofs", "rules_in_force"]

_COLUMNS: Columns = {
    "label": ("内容", "item", ""),
    "document": ("依据文件（日期）", "document (dated)", ""),
    "rules": ("涉及条款及其判定", "rules that ask for it", "?"),
    "status": ("判定", "status", ""),
}
_ALONE = {"yes": "pass", "no": "fail", "partial": "fail", "not_applicable": "not_applicable"}


@dataclass(frozen=True)
class Proof:
    """One item of evidence.

    Parameters
    ----------
    item : str
    label_zh, label_en : str
    answer : Answer
        As the rules take it: contradicting rows and documents of a day to come count as unknown.
    rules : tuple of (rule_id, status, alone)
        Rules in force that ask for it; ``alone``: for nothing else.
    """

    item: str
    label_zh: str
    label_en: str
    answer: Answer
    rules: tuple[tuple[str, str, bool], ...]

    @property
    def status(self) -> str:
        """The worst status of the rules on this item alone; without such a rule what the answer itself gives."""
        seen = {status for _, status, alone in self.rules if alone} or {_ALONE.get(self.answer.answer, "unknown")}
        return next(each for each in ("fail", "unknown", "pass", "not_applicable") if each in seen)


def rules_in_force(material: Material) -> Mapping[str, Rule]:
    """Rules of the set that are in force on the day of the assessment, by id."""
    rules = material.result.ruleset
    return {rule.id: rule for rule in rules.rules if rule.in_force(rules.date)}


def proofs(material: Material) -> Mapping[str, Proof]:
    """Every item of evidence that the park's rules and its checklist ask for, by item."""
    result = material.result
    facts = Facts(
        date=result.ruleset.date,
        answers={"park": result.park.tables["answers"]},
        accepts=result.ruleset.accepts,
        evidence=result.ruleset.evidence,
    )
    status = dict(zip(result.rules["rule_id"], result.rules["status"], strict=True))
    asked: dict[str, list[tuple[str, str, bool]]] = {}
    by: dict[str, str] = {}
    for rule in rules_in_force(material).values():
        names = [leaf.name for leaf in leaves(rule.test) if leaf.what == "evidence"]
        for name in names if "park" in rule.scope else ():
            asked.setdefault(name, []).append((rule.id, status[rule.id], isinstance(rule.test, Leaf)))
            by.setdefault(name, rule.rulebook)
    if result.ruleset.checklist:
        checklist = load(result.ruleset.checklist)
        for name in (*(item.evidence for item in checklist.items), *(each.evidence for each in checklist.direct)):
            asked.setdefault(name, [])
            by.setdefault(name, checklist.id)
    found = {}
    for name, rules in asked.items():
        about = facts.about("answer", name)
        found[name] = Proof(name, about.label_zh, about.label_en, facts.answer(name, by[name]), tuple(rules))
    found.pop("", None)
    return found


def proof_table(material: Material, items: Sequence[str], caption: str) -> tuple[Block, ...]:
    """Table of these items, as far as the rules in force ask for them."""
    known = proofs(material)
    rows = [_row(material, known[item]) for item in items if item in known]
    return tabulated(
        pd.DataFrame(rows, columns=list(_COLUMNS)),
        _COLUMNS,
        material,
        caption,
        widths=(3.0, 2.3, 3.7, 1.2),
    )


def _row(material: Material, proof: Proof) -> dict[str, object]:
    answer = proof.answer
    day = "" if not isinstance(answer.date, dt.date) else answer.date.isoformat()
    rows = {row["rule_id"]: row for row in rows_of(material.result.rules)}
    rules = [f"{cited(material, rows[rule])} {status_words(material, status)}" for rule, status, _ in proof.rules]
    return {
        "label": material.say(proof.label_zh, proof.label_en),
        "document": _document(material, answer.document or "", day),
        "rules": material.say("；", "; ").join(rules),
        "status": _judged(material, proof),
    }


def _document(material: Material, document: str, day: str) -> str | Cell:
    """A document and its date; what to hand in where there is none."""
    if not document:
        return Cell(material.say("须提交证明文件及日期", "a dated document is needed"), "unknown")
    return document + (material.say(f"（{day}）", f" ({day})") if day else "")


def _judged(material: Material, proof: Proof) -> Cell:
    """The verdict; the answer itself where it says more, as that an item is met in part."""
    meaning = {"pass": "good", "fail": "bad", "unknown": "unknown"}.get(proof.status, "muted")
    spared = proof.answer.answer == "no" and proof.rules and all(status == "pass" for _, status, _ in proof.rules)
    if spared:  # the rules that name it can be met in another way, and are
        return Cell(material.label("answer", "no"), "muted")
    partly = proof.answer.answer == "partial" and proof.status == "fail"
    return Cell(material.label("answer", "partial") if partly else status_words(material, proof.status), meaning)
