"""What ``parkrisk rules`` prints."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from rich.padding import Padding
from rich.text import Text

from parkrisk.api.printed import terminal
from parkrisk.api.printed.terminal import Columns, listed, pick, show_problems
from parkrisk.models.errors import Problem

_SEVERITIES = {
    "gate": ("否决项", "gate"),
    "duty": ("义务", "duty"),
    "target": ("目标", "target"),
    "encouraged": ("鼓励", "encouraged"),
}
_SCOPES = {"park": ("园区", "park"), "project": ("项目", "project")}
_MARKS = {
    "V": ("已核实", "verified"),
    "1": ("单一来源", "one source"),
    "M": ("未核实（unverified）", "unverified"),
}
_SETS: Columns = {
    "id": ("规则集", "set", ""),
    "title": ("名称", "title", ""),
    "rules": ("规则数", "rules", "d"),
    "in_force": ("有效", "in force", "d"),
    "unverified": ("未核实", "unverified", "d"),
}


def _validity(row: Mapping[str, Any], lang: str) -> str:
    until = row.get("in_force_until")
    if until is None:
        return pick(lang, f"{row['in_force_from']} 起", f"from {row['in_force_from']}")
    return f"{row['in_force_from']} – {until}"


def show_list(content: Mapping[str, Any], lang: str) -> None:
    """Print sets, rulebooks and checklists."""
    sets = pd.DataFrame([{**each, "title": each[f"title_{lang}"]} for each in content["sets"]])
    title = pick(lang, f"规则集（{content['date']}）", f"rule sets on {content['date']}")
    terminal.OUT.print(listed(title, sets, _SETS, lang))
    for each in content["rulebooks"]:
        counts = pick(
            lang,
            f"规则 {each['rules']} 条，有效 {each['in_force']}，未核实 {each['unverified']}",
            f"{each['rules']} rules, {each['in_force']} in force, {each['unverified']} unverified",
        )
        _show_source(each, counts, lang)
    for each in content["checklists"]:
        mark = pick(lang, *_MARKS[each["mark"]])
        counts = pick(lang, f"评分项 {each['items']} 个，{mark}", f"{each['items']} scored items, {mark}")
        _show_source(each, counts, lang)


def _show_source(row: Mapping[str, Any], counts: str, lang: str) -> None:
    """One rulebook or checklist: its name and validity, and the instrument below."""
    heading = Text(row["id"], "bold")
    heading.append(f"  {pick(lang, '版本', 'edition')} {row['edition']} · {_validity(row, lang)} · {counts}", "default")
    terminal.OUT.print(heading)
    terminal.OUT.print(Padding(Text(row[f"instrument_{lang}"], "dim"), (0, 0, 0, 4)))


def show_rules(rules: Sequence[Mapping[str, Any]], lang: str) -> None:
    """Print what each rule asks, in both languages."""
    for rule in rules:
        terminal.OUT.print(Text(f"{rule['id']}  {rule['title_zh']} / {rule['title_en']}", "bold"))
        for heading, text in _lines(rule, lang):
            terminal.OUT.print(Padding(Text.assemble((f"{heading}  ", "dim"), text), (0, 0, 0, 4)))


def _lines(rule: Mapping[str, Any], lang: str) -> list[tuple[str, str]]:
    scope = ", ".join(pick(lang, *_SCOPES[each]) for each in rule["scope"])
    severity = pick(lang, *_SEVERITIES[rule["severity"]])
    if rule["in_principle"]:
        severity += pick(lang, "（原则上）", " (in principle)")
    force = "" if rule["in_force"] else pick(lang, "（当日不适用）", " (not on this day)")
    lines = [
        (
            pick(lang, "出处", "clause"),
            f"{rule[f'instrument_{lang}']}  {rule['clause']}  [{rule['rulebook']}, {rule['edition']}]",
        ),
        (pick(lang, "责任主体", "bound"), f"{rule['bound']}  ·  {scope}  ·  {severity}"),
        *((pick(lang, "适用条件", "applies when"), _both(test)) for test in rule["applies_when"]),
        (pick(lang, "判定", "test"), _both(rule)),
        *(
            (pick(lang, "豁免", "exempt"), f"{test[f'because_{lang}']}  ←  {_both(test)}")
            for test in rule["exempt_when"]
        ),
        (pick(lang, "有效期", "in force"), _validity(rule, lang) + force),
        (pick(lang, "来源", "source"), rule["source"]),
        (pick(lang, "核实", "mark"), pick(lang, *_MARKS[rule["mark"]])),
    ]
    if rule["replaces"]:
        lines.append((pick(lang, "替换", "replaces"), rule["replaces"]))
    if rule["reason_zh"]:
        lines.append((pick(lang, "说明", "reason"), f"{rule['reason_zh']} / {rule['reason_en']}"))
    return lines


def _both(test: Mapping[str, str]) -> str:
    return f"{test['test_zh']} / {test['test_en']}"


def show_checked(summaries: Sequence[Mapping[str, Any]], problems: Sequence[Problem], lang: str) -> None:
    """Print the problems of rule files and what the others hold."""
    if not any(problem.severity == "error" for problem in problems):
        for each in summaries:
            rules, open_ones, items = each["rules"], each["unverified"], each["items"]
            zh = f"规则 {rules} 条（未核实 {open_ones}），评分项 {items} 个"
            en = f"{rules} rules ({open_ones} unverified), {items} scored items"
            terminal.OUT.print(f"{each['file']}: {pick(lang, zh, en)}")
    show_problems(problems, lang)


def show_written(file: Path, lang: str) -> None:
    """Say where the sheet is."""
    terminal.OUT.print(pick(lang, f"模板已写入 {file}", f"the sheet is in {file}"), style="green")
