"""Rulebook reference: every clause of every shipped rulebook, protection targets and limits, lists behind them."""

import datetime as dt
from typing import Any

from pages.marked import MARKS, ROOT, code, mark, page, plain, rows_of, table, toctree
from parkrisk.risk.rules.described import rule_sets, rules_called

FOLDER = ROOT / "risk" / "rules"
_SEVERITY = {
    "gate": "gate: failing it refuses",
    "duty": "duty: failing it asks for a measure",
    "target": "target",
    "encouraged": "encouraged",
}
#: Lists of limits and classes, each with its heading.
_LISTS = {
    "gb36894_individual": "Individual risk at protection targets (GB 36894-2018) 防护目标个人风险基准",
    "gb36894_societal": "Societal risk: the lines of the F-N plane (GB 36894-2018) 社会风险基准",
    "gb18218/table1": "Critical quantities of named substances (GB 18218-2018 Table 1) 临界量",
    "gb18218/table2": "Critical quantities of classes (GB 18218-2018 Table 2) 类别临界量",
    "gb18218/table3": "Factor β of named substances (GB 18218-2018 Table 3) 校正系数 β",
    "gb18218/table4": "Factor β of classes (GB 18218-2018 Table 4) 校正系数 β",
    "gb18218/table5": "Factor α by persons exposed (GB 18218-2018 Table 5) 校正系数 α",
    "gb18218/table6": "Levels by R (GB 18218-2018 Table 6) 重大危险源级别",
    "gbt37243_methods": "Methods of external distance (GB/T 37243-2019) 外部安全防护距离方法",
    "gbt37243_overpressure": "Overpressure at targets (GB/T 37243-2019) 空气冲击波超压",
    "accident_classes": "Classes of accidents 事故等级",
    "response_limits": "Limits of the emergency response 应急响应",
    "strictly_controlled": "Strictly controlled substances 严格控制物质",
    "monitoring_levels": "Levels of monitoring 监测分级",
    "quantities": "Quantities that a rule may name 规则可用的量",
    "evidence": "Evidence and indicators that rules ask for 证据与指标",
    "park_checklist_provisional": "Items of the scored park checklist 园区评分检查表",
    "enterprise_grading_2018": "Items of enterprise grading 企业分级评分项",
}


def _rule(rule: dict[str, Any]) -> str:
    until = f" until {rule['in_force_until']}" if rule["in_force_until"] else ""
    facts = [
        ("clause 条款", plain(rule["clause"])),
        ("asks 要求", f"{plain(rule['test_en'])}<br>{plain(rule['test_zh'])}"),
        ("binds 适用", plain(f"{rule['bound']}; asked of {', '.join(rule['scope'])}")),
        ("weight 性质", plain(_SEVERITY[rule["severity"]]) + (" (in principle 原则上)" if rule["in_principle"] else "")),
        *(("only if 前提", f"{plain(each['test_en'])}<br>{plain(each['test_zh'])}") for each in rule["applies_when"]),
        *(
            ("lifted if 豁免", f"{plain(each.get('because_en') or each['test_en'])}<br>"
             f"{plain(each.get('because_zh') or each['test_zh'])}")
            for each in rule["exempt_when"]
        ),
        ("in force 有效", f"{rule['in_force_from']}{until}"),
        ("source 来源", plain(rule["source"])),
        ("mark 核实", MARKS[rule["mark"]]),
    ]  # fmt: skip
    if rule["replaces"]:
        facts.append(("replaces 替代", code(rule["replaces"])))
    head = f"({_anchor(rule)})=\n### {plain(rule['title_zh'])}\n\n{plain(rule['title_en'])}. Id: {code(rule['id'])}\n"
    return head + "\n" + table(("", ""), facts)


def _anchor(rule: dict[str, Any]) -> str:
    return f"rule-{rule['id']}-{rule['in_force_from']}"


def _book(book: dict[str, Any], day: dt.date) -> str:
    rules = rules_called(book["id"], None, day)
    until = f" until {book['in_force_until']}" if book["in_force_until"] else ""
    about = table(
        ("", ""),
        [
            ("instrument 文件", f"{plain(book['instrument_zh'])}<br>{plain(book['instrument_en'])}"),
            ("edition 版本", plain(book["edition"])),
            ("in force 有效", f"{book['in_force_from']}{until}"),
            ("file", code(f"risk/rules/{book['file']}")),
            ("sets 规则集", ", ".join(map(code, book["sets"]))),
            ("source 来源", plain(book["source"])),
            ("mark 核实", MARKS[book["mark"]]),
            ("clauses 条款数", f"{len(rules)}, of which {book['unverified']} unverified 未核实"),
        ],
    )
    return page(plain(book["instrument_zh"]), about, "## Clauses 条款", *map(_rule, rules))


def _list(name: str, title: str) -> str:
    rows = rows_of(FOLDER / f"{name}.csv")
    columns = list(rows[0])
    shown = [[mark(row) if each == "mark" else plain(row[each] or "") for each in columns] for row in rows]
    return f"## {title}\n\n{code(f'risk/rules/{name}.csv')}\n\n{table([plain(each) for each in columns], shown)}"


def pages() -> dict[str, str]:
    """One page for each rulebook, one of limits, one that lists them."""
    day = dt.date.today()
    told = rule_sets(None, day)
    made = {f"rules/{book['id']}": _book(book, day) for book in told["rulebooks"]}
    made["rules/limits"] = page("Limits, classes and lists 限值与目录", *(_list(*each) for each in _LISTS.items()))
    sets = table(
        ("set 规则集", "title", "rules", "in force", "unverified"),
        [
            (code(each["id"]), f"{each['title_zh']}<br>{each['title_en']}", *(str(each[key]) for key in ("rules", "in_force", "unverified")))
            for each in told["sets"]
        ],
    )  # fmt: skip
    books = table(
        ("rulebook", "edition", "in force", "clauses", "unverified", "mark"),
        [
            (
                f"[{plain(book['instrument_zh'])}]({book['id']}.md)",
                plain(book["edition"]),
                book["in_force_from"] + (f" … {book['in_force_until']}" if book["in_force_until"] else ""),
                str(book["rules"]),
                str(book["unverified"]),
                MARKS[book["mark"]],
            )
            for book in told["rulebooks"]
        ],
    )
    lists = table(
        ("checklist 检查表", "items", "maximum", "mark"),
        [
            (f"{plain(each['instrument_zh'])}<br>{plain(each['notice_en'])}", str(each["items"]), f"{each['maximum']:g}", MARKS[each["mark"]])
            for each in told["checklists"]
        ],
    )  # fmt: skip
    made["rules/index"] = page(
        "Rulebooks 规则库",
        "How rules work, and how to write one's own: [rules](../../rules.md).",
        sets, books, lists,
        toctree(["limits", *(book["id"] for book in told["rulebooks"])]),
    )  # fmt: skip
    return made
