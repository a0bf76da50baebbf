"""Rule sets: which rulebooks judge a park, by name and date.

A set lists rulebook files (``rules/sets.toml``); the date of the assessment decides which of their rules are in force.
A rulebook or spreadsheet of one's own is a set too. It may include sets and other files, and replace single rules of
them; "cn-2026,own.xlsx" puts a file on top of a set.
"""

import datetime as dt
import functools
import hashlib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from parkrisk.models.errors import Problem, RuleError
from parkrisk.risk.rules import spreadsheet
from parkrisk.risk.rules.checker import Checker
from parkrisk.risk.rules.facts import RULES_FOLDER, Evidence, Facts, shipped_evidence
from parkrisk.risk.rules.judge import evaluate
from parkrisk.risk.rules.references import circles, referred
from parkrisk.risk.rules.rulefile import Book, Rule, declared, parse
from parkrisk.risk.rules.sheet_rules import rulebook
from parkrisk.scenarios.reading.csv_files import content
from parkrisk.scenarios.reading.toml_text import parsed_toml
from parkrisk.scenarios.schema import nearest

# Tables that every set rests on, beside its rulebooks.
_TABLES = (
    "verdict.csv",
    "quantities.csv",
    "evidence.csv",
    "units.csv",
    "gb36894_individual.csv",
    "gb36894_societal.csv",
    "gbt37243_methods.csv",
    "gbt37243_overpressure.csv",
    "strictly_controlled.csv",
    "accident_classes.csv",
    "response_limits.csv",
    "enterprise_grading_2018.toml",
    "enterprise_grading_2018.csv",
)
#: Files that include files that include files: deeper is a mistake.
_DEEPEST = 16
_SUFFIXES = (".toml", *spreadsheet.SUFFIXES)


class InvalidRules(RuleError):
    """Rule files that cannot be used; ``problems`` lists every fault found in them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(dict.fromkeys(problems), key=Problem.sort_key))
        count = len(self.problems)
        lines_zh = "；".join(f"{_place(each, '第 {} 行')} {each.message_zh}" for each in self.problems)
        lines_en = "; ".join(f"{_place(each, 'row {}')} {each.message_en}" for each in self.problems)
        super().__init__(f"规则文件有 {count} 个错误：{lines_zh}", f"{count} problems in the rule files: {lines_en}")


def _place(problem: Problem, row: str) -> str:
    place = () if problem.row is None else (row.format(problem.row),)
    return " ".join((problem.table, *place, problem.column)) + ":"


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
    books : tuple of Book
        The rulebooks, as their files give them.
    evidence : mapping of (what, item) to Evidence
        Items that rulebooks of one's own declare.
    """

    id: str
    title_zh: str
    title_en: str
    date: dt.date
    rules: tuple[Rule, ...]
    checklist: str
    accepts: frozenset[str]
    digest: str
    books: tuple[Book, ...] = ()
    evidence: Mapping[tuple[str, str], Evidence] = field(default_factory=dict)

    def evaluate(self, facts: Facts, scope: str) -> pd.DataFrame:
        """Outcome of every rule of a scope ("park" or "project"); see ``parkrisk.risk.rules.judge.evaluate``."""
        return evaluate(self.rules, replace(facts, evidence=self.evidence), scope)


def sets() -> dict[str, tuple[str, str]]:
    """Shipped rule sets: name → title in Chinese and English."""
    return {name: (entry["title_zh"], entry["title_en"]) for name, entry in _catalogue().items()}


def shipped(rules: str) -> str:
    """Give the name of a shipped rule set back.

    Raises
    ------
    RuleError
        There is none of that name. A service says so of the path of a file, too: that file would be its own, not the
        caller's.
    """
    if rules not in sets():
        names = ", ".join(sets())
        raise RuleError(
            f"没有名为 {rules} 的规则集；现有：{names}", f"no rule set is called {rules}; there are {names}"
        )
    return rules


def load(rules: str, date: dt.date) -> RuleSet:
    """Rule set by name or file, for one day.

    Parameters
    ----------
    rules : str
        "cn-2026", "cn-nmg-2026", the path of a rulebook (``.toml``), a spreadsheet of rules or of scored checklist
        items (``.csv``, ``.xlsx``), or several of them with commas between: the later adds to the earlier.
    date : date
        Day of the assessment.

    Raises
    ------
    InvalidRules
        The set is unknown, or its files have problems: ``problems`` lists them all.
    """
    found, problems = _loaded(rules, date)
    if _wrong(problems):
        raise InvalidRules(problems)
    return found


def _wrong(problems: Iterable[Problem]) -> bool:
    return any(problem.severity == "error" for problem in problems)


def problems_of(rules: str) -> list[Problem]:
    """Every problem and warning of the files behind a set; without errors it can be used."""
    return sorted(dict.fromkeys(_loaded(rules, dt.date.today())[1]), key=Problem.sort_key)


def _loaded(rules: str, date: dt.date) -> tuple[RuleSet, list[Problem]]:
    sources = _Sources()
    for name in [rules] if Path(rules).is_file() else rules.split(","):
        sources.add(name.strip(), Path(), ())
    problems = list(sources.problems)
    own: dict[tuple[str, str], Evidence] = {}
    for source in sources.files.values():
        found, faults = declared(source.name, source.document)
        problems += [*faults, *_declared_twice(source.name, own, found)]
        own |= found
    evidence = {**shipped_evidence(), **own}
    books: list[Book] = []
    merged: list[Rule] = []
    for source in sources.files.values():
        book, wrong = parse(source.name, source.document, evidence, source.rows)
        problems += wrong
        if book is not None:
            problems += _merge(merged, book.rules, source.name)
            books.append(book)
    if not _wrong(problems):
        problems += _references(merged, {rule.id: book.file for book in books for rule in book.rules})
    identity = ",".join(sources.asked)
    titles = [sets().get(name, (name, name)) for name in sources.asked]
    return RuleSet(
        identity,
        "＋".join(zh for zh, _ in titles),
        " + ".join(en for _, en in titles),
        date,
        tuple(merged),
        sources.checklist,
        frozenset((*sources.names, *sources.asked)),
        sources.digest(),
        tuple(books),
        own,
    ), problems


@dataclass(frozen=True)
class _Source:
    """A file of rules: its name for messages, its content, and where each rule of a spreadsheet stands."""

    name: str
    document: Mapping[str, Any]
    rows: tuple[tuple[str, int], ...] = ()


class _Sources:
    """Collects the files behind a set: what a set or file includes comes before it, each once."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.files: dict[Path, _Source] = {}
        self.names: list[str] = []
        self.asked: list[str] = []
        self.checklist = ""
        self.beside: list[Path] = []

    def add(self, name: str, folder: Path, above: tuple[str, ...]) -> None:
        """Add a set or a file, by its path from a folder; ``above`` leads to it from what was asked for."""
        own = name.lower().endswith(_SUFFIXES)
        key = str((folder / name).resolve()) if own else name
        if key in above:
            way = " → ".join(Path(each).name for each in (*above, key))
            self._fault(above[-1], "includes", name, f"循环包含：{way}", f"files include each other: {way}")
        elif len(above) > _DEEPEST:
            self._fault(above[-1], "includes", name, f"包含层数超过 {_DEEPEST}", f"more than {_DEEPEST} files deep")
        elif own:
            self._file(folder / name, (*above, key))
        elif name not in _catalogue():
            have, near = ", ".join(_catalogue()), nearest(name, _catalogue())
            self._fault(
                above[-1] if above else "rules",
                "includes" if above else "set",
                name,
                f"没有名为 {name} 的规则集；现有：{have}" + (f"；是否指 {near}？" if near else ""),
                f"no rule set is called {name}; there are {have}" + (f"; is {near} meant?" if near else ""),
            )
        else:
            self._set(name, (*above, key))

    def _set(self, name: str, above: tuple[str, ...]) -> None:
        entry = _catalogue()[name]
        for inner in entry["includes"]:
            self.add(inner, RULES_FOLDER, above)
        if name in self.names:
            return
        self.names.append(name)
        for file in entry["files"]:
            self._toml(RULES_FOLDER / file, above)
        if "checklist" in entry:
            self.checklist = entry["checklist"]
        if len(above) == 1:
            self.asked.append(name)

    def _file(self, path: Path, above: tuple[str, ...]) -> None:
        if path.resolve() in self.files:
            return
        identity = path.stem
        if path.suffix.lower() == ".toml":
            identity = self._toml(path, above)
        else:
            self._sheet(path)
        if len(above) == 1:
            self.asked.append(identity)

    def _sheet(self, path: Path) -> None:
        found = spreadsheet.read(path)
        self.problems += found.problems
        if found.rules:
            document = rulebook(path, found.rules, Checker(path.name, self.problems))
            rows = tuple((record.table, record.row) for record in found.rules)
            self.files[path.resolve()] = _Source(path.name, document, rows)
        if found.items:
            self.checklist = str(path)
            self.beside.append(path)

    def _toml(self, path: Path, above: tuple[str, ...]) -> str:
        before = len(self.problems)
        document = self._document(path)
        if _wrong(self.problems[before:]):
            return path.stem
        head = document.get("rulebook", {})
        if not isinstance(head, Mapping):
            head = {}
        if "checklist" in document:
            self._scored(path)
            return path.stem
        includes = head.get("includes", [])
        for name in includes if isinstance(includes, list) else []:
            self.add(str(name), path.parent, above)
        self.files[path.resolve()] = _Source(path.name, document)
        if isinstance(head.get("checklist"), str):
            self._scored(path.parent / head["checklist"])
        return str(head.get("id", path.stem))

    def _scored(self, path: Path) -> None:
        """Take a file as the scored checklist; ``parkrisk.risk.grading.checklist`` reads it."""
        if not path.is_file():
            self._fault(path.name, "checklist", path, "没有此文件", "no such file")
            return
        self.checklist = str(path)
        self.beside.append(path)
        document = self._document(path) if path.suffix.lower() == ".toml" else {}
        head = document.get("checklist", {})
        if isinstance(head, Mapping) and isinstance(head.get("items"), str):
            self.beside.append(path.parent / head["items"])

    def _document(self, path: Path) -> Mapping[str, Any]:
        text, notes = content(path, path.name)
        self.problems += notes
        try:
            return _parsed(text or "")
        except ValueError as error:
            self._fault(path.name, "toml", "", f"不是有效的 TOML：{error}", f"is not TOML: {error}")
        return {}

    def _fault(self, file: str, field: str, found: object, zh: str, en: str) -> None:
        Checker(Path(file).name, self.problems).add("file", field, found, zh, en)

    def digest(self) -> str:
        """SHA-256 over every file used."""
        found = hashlib.sha256()
        extra = [RULES_FOLDER / table for table in _TABLES]
        if self.checklist and RULES_FOLDER / self.checklist not in self.beside:
            extra += [RULES_FOLDER / self.checklist, (RULES_FOLDER / self.checklist).with_suffix(".csv")]
        every = (*self.files, *self.beside, *extra, *sorted((RULES_FOLDER / "gb18218").glob("*.csv")))
        for file in every:
            if file.is_file():
                found.update(file.name.encode() + b"\n" + file.read_bytes().replace(b"\r\n", b"\n"))
        return found.hexdigest()


def _declared_twice(file: str, before: Iterable[tuple[str, str]], found: Iterable[tuple[str, str]]) -> list[Problem]:
    checker = Checker(file)
    for what, item in sorted(set(before) & set(found)):
        checker.add(what, item, item, "此项在另一文件中已有定义", "already declared in another file")
    return checker.found


def _merge(merged: list[Rule], found: Sequence[Rule], file: str) -> list[Problem]:
    """Add rules to those of earlier files; a rule may replace an earlier one, never stand twice on the same day."""
    checker = Checker(file)
    replaced = [rule.replaces for rule in found if rule.replaces]
    for name in dict.fromkeys(replaced):
        if all(other.id != name for other in merged):
            checker.unknown(name, "replaces", name, {rule.id for rule in merged}, "可替换的规则", "rule to replace")
    merged[:] = [rule for rule in merged if rule.id not in replaced]
    for rule in found:
        for other in merged:
            if other.id == rule.id and _overlap(other, rule):
                days = f"{max(other.in_force_from, rule.in_force_from)}"
                checker.add(
                    rule.id,
                    "id",
                    rule.id,
                    f"编号重复且施行期重叠（{days} 两条同时有效，另一条在 {other.rulebook}）",
                    f"id stands twice with overlapping validity: on {days} also in {other.rulebook}",
                )
        merged.append(rule)
    return checker.found


def _overlap(one: Rule, other: Rule) -> bool:
    last = dt.date.max
    return one.in_force_from <= (other.in_force_until or last) and other.in_force_from <= (one.in_force_until or last)


def _references(rules: Sequence[Rule], file_of: Mapping[str, str]) -> list[Problem]:
    """Tests of rules that do not exist, and rules that depend on themselves."""
    problems: list[Problem] = []
    names = {rule.id for rule in rules}
    for rule in rules:
        for name in referred(rule):
            if name not in names:
                checker = Checker(file_of[rule.id], problems)
                checker.unknown(rule.id, "rule", name, names, "规则", "rule")
    for circle in circles(rules):
        way = " → ".join((*circle, circle[0]))
        Checker(file_of[circle[0]], problems).add(
            circle[0], "rule", way, f"规则的条件或豁免互相引用：{way}", f"conditions or exemptions in a circle: {way}"
        )
    return problems


@functools.lru_cache(maxsize=64)
def _parsed(text: str) -> Mapping[str, Any]:
    """Content of a TOML file: rulebooks are read for every assessment, and seldom change."""
    return parsed_toml(text)


@functools.cache
def _catalogue() -> dict[str, Any]:
    document: dict[str, Any] = tomllib.loads((RULES_FOLDER / "sets.toml").read_text(encoding="utf-8"))
    return document
