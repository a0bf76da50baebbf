"""Rule sets: which rulebooks judge a park, by name and date.

A set lists rulebook files (``rules/sets.toml``); the date of the assessment decides which of their rules are in force.
A path to a rulebook of one's own is a set too: it may include shipped sets and replace single rules of them.
"""

import datetime as dt
import functools
import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from parkrisk.models.errors import Problem, RuleError
from parkrisk.risk.rules.facts import RULES_FOLDER, Facts
from parkrisk.risk.rules.judge import evaluate
from parkrisk.risk.rules.rulefile import Rule, parse

# Tables that every set rests on, beside its rulebooks.
_TABLES = (
    "verdict.csv",
    "quantities.csv",
    "evidence.csv",
    "units.csv",
    "gb36894_individual.csv",
    "gb36894_societal.csv",
    "strictly_controlled.csv",
    "accident_classes.csv",
    "response_limits.csv",
    "enterprise_grading_2018.toml",
    "enterprise_grading_2018.csv",
)


class InvalidRules(RuleError):
    """Rule files that cannot be used; ``problems`` lists every fault found in them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=Problem.sort_key))
        count = len(self.problems)
        lines_zh = "；".join(f"{each.table} {each.column}：{each.message_zh}" for each in self.problems)
        lines_en = "; ".join(f"{each.table} {each.column}: {each.message_en}" for each in self.problems)
        super().__init__(f"规则文件有 {count} 个错误：{lines_zh}", f"{count} problems in the rule files: {lines_en}")


@dataclass(frozen=True)
class RuleSet:
    """Rules that judge a park on one day.

    Parameters
    ----------
    id : str
        Name of the set, or of the rulebook that was given as a file.
    date : date
        Day that decides which rules are in force.
    rules : tuple of Rule
        In the order of the files, those not in force included: the result says so of each.
    checklist : str
        File of the scored checklist; "" for none.
    accepts : frozenset of str
        Names under which answers to this set may be filed.
    digest : str
        SHA-256 over every file used.
    """

    id: str
    title_zh: str
    title_en: str
    date: dt.date
    rules: tuple[Rule, ...]
    checklist: str
    accepts: frozenset[str]
    digest: str

    def evaluate(self, facts: Facts, scope: str) -> pd.DataFrame:
        """Outcome of every rule of a scope ("park" or "project"); see ``parkrisk.risk.rules.judge.evaluate``."""
        return evaluate(self.rules, facts, scope)


def sets() -> dict[str, tuple[str, str]]:
    """Shipped rule sets: name → title in Chinese and English."""
    return {name: (entry["title_zh"], entry["title_en"]) for name, entry in _catalogue().items()}


def load(rules: str, date: dt.date) -> RuleSet:
    """Rule set by name or file, for one day.

    Parameters
    ----------
    rules : str
        "cn-2026", "cn-nmg-2026", or the path of a rulebook file (``.toml``).
    date : date
        Day of the assessment.

    Raises
    ------
    RuleError
        The set is unknown, or its files have problems (``InvalidRules.problems`` lists them all).
    """
    parts = _collect(rules)
    problems: list[Problem] = []
    merged: list[Rule] = []
    for file, document in parts.documents:
        found, faults = parse(file, document)
        problems += faults
        problems += _merge(merged, found, file)
    if problems:
        raise InvalidRules(problems)
    return RuleSet(
        parts.id, parts.title_zh, parts.title_en, date, tuple(merged), parts.checklist, parts.accepts, parts.digest
    )


@dataclass(frozen=True)
class _Parts:
    id: str
    title_zh: str
    title_en: str
    documents: tuple[tuple[str, Mapping[str, Any]], ...]
    checklist: str
    accepts: frozenset[str]
    digest: str


def _collect(rules: str) -> _Parts:
    files: list[Path] = []
    own: Path | None = None
    if rules.endswith(".toml"):
        own = Path(rules)
        head = _read(own).get("rulebook", {})
        includes = head.get("includes", []) if isinstance(head, Mapping) else []
        identity = str(head.get("id", own.stem)) if isinstance(head, Mapping) else own.stem
        titles = (identity, identity)
    else:
        includes, identity = [rules], rules
        titles = sets().get(rules, (rules, rules))
    names, checklist = _names(includes), ""
    for name in names:
        entry = _catalogue()[name]
        files += [RULES_FOLDER / file for file in entry["files"]]
        checklist = entry.get("checklist", checklist)
    if own is not None:
        files.append(own)
    documents = tuple((file.name, _read(file)) for file in files)
    digest = hashlib.sha256()
    extra = [RULES_FOLDER / table for table in _TABLES]
    if checklist:
        extra += [RULES_FOLDER / checklist, (RULES_FOLDER / checklist).with_suffix(".csv")]
    for file in (*files, *extra, *sorted((RULES_FOLDER / "gb18218").glob("*.csv"))):
        digest.update(file.name.encode() + b"\n" + file.read_bytes().replace(b"\r\n", b"\n"))
    accepts = frozenset((*names, identity))
    return _Parts(identity, *titles, documents, checklist, accepts, digest.hexdigest())


def _names(includes: Sequence[str]) -> list[str]:
    """Sets in the order they are read: what a set includes comes before it, each once."""
    order: list[str] = []

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name not in _catalogue():
            have = ", ".join(_catalogue())
            raise RuleError(
                f"没有名为 {name} 的规则集；现有：{have}", f"no rule set is called {name}; there are {have}"
            )
        if name in above:
            raise RuleError(f"规则集 {name} 包含自身", f"rule set {name} includes itself")
        for inner in _catalogue()[name]["includes"]:
            visit(inner, (*above, name))
        if name not in order:
            order.append(name)

    for name in includes:
        visit(str(name), ())
    return order


def _merge(merged: list[Rule], found: Sequence[Rule], file: str) -> list[Problem]:
    """Add rules to those of earlier files; a rule may replace an earlier one, never stand twice on the same day."""
    problems = []
    for rule in found:
        if rule.replaces:
            at = [index for index, other in enumerate(merged) if other.id == rule.replaces]
            if not at:
                problems.append(
                    _problem(file, rule.id, "replaces", rule.replaces, "被替换的规则不存在", "no such rule to replace")
                )
            for index in reversed(at):
                del merged[index]
        if any(other.id == rule.id and _overlap(other, rule) for other in merged):
            problems.append(
                _problem(
                    file, rule.id, "id", rule.id, "编号重复且施行期重叠", "id stands twice with overlapping validity"
                )
            )
        merged.append(rule)
    return problems


def _overlap(one: Rule, other: Rule) -> bool:
    last = dt.date.max
    return one.in_force_from <= (other.in_force_until or last) and other.in_force_from <= (one.in_force_until or last)


def _problem(file: str, rule: str, field: str, found: str, zh: str, en: str) -> Problem:
    return Problem(file, None, f"{rule}.{field}", "rules.invalid", found, zh, en)


@functools.cache
def _catalogue() -> dict[str, Any]:
    return tomllib.loads((RULES_FOLDER / "sets.toml").read_text(encoding="utf-8"))


def _read(file: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise RuleError(f"无法读取规则文件 {file}", f"cannot read the rule file {file}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RuleError(
            f"规则文件 {file} 不是有效的 TOML：{error}", f"rule file {file} is not TOML: {error}"
        ) from error
