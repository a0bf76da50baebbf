"""Chapter 11: the park's risk grade by the scored checklist, what would settle it, and every criterion judged."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from parkrisk.api.printed.grading import _TRIGGER_STATES
from parkrisk.api.report.content import Block, Bullets, Callout, Cell, Chapter, Facts, Paragraph, Section, Table
from parkrisk.api.report.material import Material
from parkrisk.api.report.sampled import chances_of_letters
from parkrisk.api.report.tabulated import Columns, tabulated
from parkrisk.api.report.wording import (
    bound_to,
    clause,
    grade_words,
    joined,
    limit_of,
    needed,
    rows_of,
    rule_value,
    value_of,
)
from parkrisk.risk.grading.checklist import load
from parkrisk.risk.grading.enterprise_list import enterprise_list
from parkrisk.scenarios.schema import choices

_ASPECTS: Columns = {
    "aspect": ("方面", "aspect", ""),
    "score_low": ("得分下限〔分〕", "score, low [points]", ".1f"),
    "score_high": ("得分上限〔分〕", "score, high [points]", ".1f"),
    "max_score": ("满分〔分〕", "maximum [points]", ".0f"),
    "open": ("未定项数", "open items", "d"),
}
_ITEMS: Columns = {
    "item": ("项", "item", ""),
    "aspect": ("方面", "aspect", ""),
    "title": ("内容", "content", ""),
    "points": ("得分〔分〕", "points", ""),
    "max_score": ("满分〔分〕", "maximum", ".1f"),
    "answer": ("结论", "finding", ""),
    "mark": ("分值核实", "score verified", "mark"),
}
_TRIGGERS: Columns = {
    "letter": ("判定等级", "grade", ""),
    "title": ("直接判定情形", "direct trigger", ""),
    "state": ("状态", "state", ""),
    "reason": ("说明", "reason", "?"),
    "mark": ("核实", "verified", "mark"),
}
_ENTERPRISES: Columns = {
    "enterprise_id": ("企业", "enterprise", "enterprise"),
    "colour": ("颜色（最差至最好）", "colour, worst to best", ""),
    "score_low": ("得分下限〔分〕", "score, low [points]", ".1f?"),
    "score_high": ("得分上限〔分〕", "score, high [points]", ".1f?"),
    "level": ("重大危险源等级", "major hazard level", "?"),
    "missing_count": ("未答项数", "open items", "d"),
    "mark": ("核实", "verified", "mark"),
}
_RULES: Columns = {
    "number": ("序号", "no.", "d"),
    "clause": ("条款", "clause", ""),
    "title": ("要求", "requirement", ""),
    "value": ("实际", "finding", "?"),
    "status": ("判定", "status", "status"),
    "who": ("责任方", "who", ""),
    "mark": ("依据核实", "basis", "mark"),
}


def chapter(material: Material) -> Chapter:
    """Grade of the park, colours of its enterprises, and the audit of every rule."""
    say = material.say
    sections = [
        (say("等级结果", "The grade"), _result(material)),
        (say("检查表评分", "Scores of the checklist"), _scores(material)),
        (say("直接判定情形", "Direct triggers"), _triggers(material)),
        (say("如何确定等级", "What would settle it"), _settling(material)),
        (say("企业四色分级", "Colours of the enterprises"), _enterprises(material)),
        (say("逐条规则判定", "Every criterion judged"), _rules(material)),
    ]
    return Chapter(
        say("园区安全风险等级", "Park risk grade"), (), tuple(Section(title, blocks) for title, blocks in sections)
    )


def _result(material: Material) -> tuple[Block, ...]:
    say, grade = material.say, material.result.grade
    low, high = grade.score_bounds
    facts = Facts(
        (
            (say("等级", "grade"), grade_words(material)),
            (say("等级范围", "bounds"), say("至", " to ").join(grade.bounds)),
            *chances_of_letters(material),
            (say("得分", "score"), say(f"{low:.4g} 至 {high:.4g} 分", f"{low:.4g} to {high:.4g} points")),
            (say("检查表", "checklist"), _checklist(material)),
            (
                say("分值核实", "verified"),
                say("分值或准则未经核实", "scores or criteria are unverified")
                if grade.unverified
                else say("已核实", "verified"),
            ),
        )
    )
    reasons = grade.reasons_zh if material.lang == "zh" else grade.reasons_en
    warned = unverified_grade(material)
    told = "".join(each.text for each in warned if isinstance(each, Callout))
    left = tuple(each for each in reasons if each not in told)
    return (facts, *warned, *((Bullets(left),) if left else ()))


def _checklist(material: Material) -> str:
    """Name of the scored checklist."""
    file = material.result.ruleset.checklist
    if not file:
        return material.say("无", "none")
    return material.say(load(file).instrument_zh, load(file).instrument_en)


def unverified_grade(material: Material) -> tuple[Block, ...]:
    """The warning that goes with a grade whose scores could not be checked; nothing where they could."""
    if not material.result.grade.unverified:
        return ()
    checklist = load(material.result.ruleset.checklist) if material.result.ruleset.checklist else None
    notice = "" if checklist is None else material.say(checklist.notice_zh, checklist.notice_en)
    more = material.say(
        "本等级供预评估使用，不代替主管部门的评定。", "The grade is a forecast and does not replace the authority's."
    )
    return (
        Callout(
            "unknown",
            material.say("等级未经核实", "The grade is unverified"),
            f"{notice} {more}".strip(),
        ),
    )


def _scores(material: Material) -> tuple[Block, ...]:
    say, grade, lang = material.say, material.result.grade, material.lang
    if grade.items.empty:
        return (Callout("unknown", say("没有评分", "No score"), joined(material, getattr(grade, f"reasons_{lang}"))),)
    items = grade.items.assign(
        aspect=grade.items[f"aspect_{lang}"],
        title=grade.items[f"title_{lang}"],
        points=[_points(row) for row in rows_of(grade.items)],
        max_score=grade.items["max_score"].map(float),
        answer=pd.Series([_answer(material, row) for row in rows_of(grade.items)], grade.items.index, object),
    )
    aspects = grade.aspects.assign(
        aspect=grade.aspects[f"aspect_{lang}"], max_score=grade.aspects["max_score"].map(float)
    )
    for name in ("score_low", "score_high"):
        aspects[name] = aspects[name].map(float)
    unverified = int((grade.items["mark"] == "M").sum())
    note = say(
        f"{len(items)} 项中 {unverified} 项的分值未经核实（标 M）；未定项计入从 0 分至满分的范围。",
        f"The scores of {unverified} of {len(items)} items are unverified (M); an open item may earn from nothing to "
        "its maximum.",
    )
    return (
        *tabulated(aspects, _ASPECTS, material, say("各方面得分", "Score by aspect")),
        *tabulated(
            items,
            _ITEMS,
            material,
            say("检查表逐项得分", "Score item by item"),
            note=note,
            widths=(0.5, 2.0, 3.4, 1.0, 0.9, 2.4, 1.5),
        ),
    )


def _points(row: Mapping[str, Any]) -> str:
    """Points of an item; what they may be where it is open."""
    low, high = float(row["score_low"]), float(row["score_high"])
    return f"{low:.1f}" if low == high else f"{low:.1f}–{high:.1f}"


def _answer(material: Material, row: Mapping[str, Any]) -> str | Cell:
    """Finding of an item: what was answered, or the value that was computed; what to hand in where it is open."""
    found = str(row["answer"])
    if row["status"] == "open" or found == "unknown":
        papers = joined(material, (needed(material, name) for name in row["missing"]))
        return Cell(
            material.say("未知", "unknown") + (f"{material.say('：', ': ')}{papers}" if papers else ""), "unknown"
        )
    if found in {each.value for each in choices("answer")}:
        return material.label("answer", found)
    try:
        return f"{float(found):.4g}"
    except ValueError:
        return rule_value(material, found)


def _triggers(material: Material) -> tuple[Block, ...]:
    triggers, lang = material.result.grade.triggers, material.lang
    shown = triggers.assign(
        title=triggers[f"title_{lang}"],
        reason=[_told(row[f"reason_{lang}"], row[f"title_{lang}"]) for row in rows_of(triggers)],
        state=["" if each == "open" else material.say(*_TRIGGER_STATES[each]) for each in triggers["status"]],
    )
    return tabulated(
        shown,
        _TRIGGERS,
        material,
        material.say("直接判定情形", "Direct triggers"),
        widths=(0.9, 3.6, 1.0, 3.2, 1.0),
    )


def _told(reason: str, title: str) -> str:
    """A reason, "" where it says no more than the state and the title beside it."""
    return "" if reason.endswith(title) else reason


def _settling(material: Material) -> tuple[Block, ...]:
    say, grade = material.say, material.result.grade
    if grade.settled:
        return (Paragraph(say("等级已确定，未定项不再影响。", "The grade is settled; no open item can change it.")),)
    blocks: list[Block] = []
    if grade.missing:
        blocks += [
            Paragraph(
                say(
                    "等级尚未确定，需提交（对等级影响大的在前）：",
                    "The grade is open until these are handed in (largest effect first):",
                )
            ),
            Bullets(tuple(needed(material, name) for name in grade.missing)),
        ]
    if grade.settled_by:
        shortest = grade.shortest
        ways = [way.sentence(material.lang) for way in sorted(grade.settled_by, key=lambda way: way is not shortest)]
        blocks += [
            Paragraph(
                say(
                    "各可能等级所需补齐的最少项（首条为最短路径）：",
                    "The fewest items that would give each letter that is possible (the shortest way first):",
                )
            ),
            Bullets(tuple(ways)),
        ]
    return tuple(blocks) or (
        Callout("unknown", say("无法确定", "Cannot be settled"), joined(material, _reasons(material))),
    )


def _reasons(material: Material) -> tuple[str, ...]:
    grade = material.result.grade
    return grade.reasons_zh if material.lang == "zh" else grade.reasons_en


def _enterprises(material: Material) -> tuple[Block, ...]:
    say, table, form = material.say, material.result.enterprises.table, enterprise_list()
    names = {each.letter: say(each.name_zh, each.name_en) for each in form.colours}
    shown = table.assign(
        colour=[
            _between(names.get(worst, ""), names.get(best, "")) or say("未分级", "not graded")
            for worst, best in zip(table["colour_worst"], table["colour_best"], strict=True)
        ],
        level=[
            _between(*("" if pd.isna(each) else str(each) for each in pair))
            for pair in zip(table["level_worst"], table["level_best"], strict=True)
        ],
    )
    return (
        *tabulated(
            shown,
            _ENTERPRISES,
            material,
            say("企业四色分级", "Colours of the enterprises"),
            widths=(3.4, 1.3, 1.0, 1.0, 1.1, 0.9, 1.1),
        ),
        *material.figure("grades", say("企业四色分级图", "Colours of the enterprises")),
        Callout("note", say("分级依据", "Basis of the colours"), say(form.notice_zh, form.notice_en)),
    )


def _between(worst: str, best: str) -> str:
    return worst if worst == best else f"{worst or '–'} … {best or '–'}"


def _rules(material: Material) -> tuple[Block, ...]:
    """How many rules of each instrument are met, and a table of the rules of each."""
    say, rules, lang = material.say, material.result.rules, material.lang
    shown = rules.assign(
        number=range(1, len(rules) + 1),
        title=rules[f"title_{lang}"],
        clause=[clause(material, text) for text in rules["clause"]],
        value=pd.Series([_found(material, row) for row in rows_of(rules)], rules.index, object),
        who=[bound_to(material, each) for each in rules["bound"]],
    )
    note = say(
        "V：已与正式文本核对；1：仅一个来源；M：未经核实。未知不视为符合。"
        "序号即 rules.csv 的行序，判定的完整说明见该文件。",
        "V: checked against the official text; 1: one source only; M: unverified. Unknown does not count as met. The "
        "numbers are those of the rows of rules.csv, which has the full reasons.",
    )
    tables = (
        block
        for name, own in shown.groupby(f"instrument_{lang}", sort=False)
        for block in tabulated(own, _RULES, material, str(name), widths=(0.6, 1.6, 3.3, 3.2, 1.35, 1.5, 1.45))
    )
    return (_tally(material), Paragraph(note, small=True), *tables)


def _found(material: Material, row: Mapping[str, Any]) -> str | Cell:
    """What a rule found; what is missing where it is undecided."""
    papers = joined(material, (needed(material, name) for name in row["missing"]))
    if row["status"] == "unknown" and papers:
        return Cell(f"{material.say('未知：缺', 'unknown: ')}{papers}", "unknown")
    doubt = material.say("（依据未经核实）", " (on an unverified basis)")
    found = value_of(material, row).replace(doubt, "")
    if row["comparison"] == "is":
        return _MET.get(found, found) or Cell("–", "muted")
    limit = limit_of(material, row)
    if found and limit and row["unit"] != "1":
        return found + material.say(f"（{'应' if '属于' in limit else '限值 '}{limit}）", f" (to be {limit})")
    return found or Cell("–", "muted")


#: How an answer is told where the rule asks just for it.
_MET = {"是": "符合", "否": "不符合", "yes": "met", "no": "not met"}


def _tally(material: Material) -> Block:
    say, rules = material.say, material.result.rules
    states = ("pass", "fail", "unknown", "not_applicable")
    labels = (
        say("文件", "instrument"),
        say("符合", "pass"),
        say("不符合", "fail"),
        say("未知", "unknown"),
        say("不适用", "not applicable"),
    )
    if rules.empty:
        return Paragraph(say("所用规则集没有约束园区的规则。", "The rule set has no rule that binds a park."))
    counts = pd.crosstab(rules[f"instrument_{material.lang}"], rules["status"]).reindex(columns=states, fill_value=0)
    counts = counts.loc[list(dict.fromkeys(rules[f"instrument_{material.lang}"]))]
    meanings = ("", "bad", "unknown", "muted")
    return Table(
        say("各文件判定汇总（条）", "Rules by instrument (number)"),
        labels,
        tuple(
            (str(name), *(Cell(str(n), meaning if n else "muted") for n, meaning in zip(row, meanings, strict=True)))
            for name, row in zip(counts.index, counts.to_numpy().tolist(), strict=True)
        ),
        "lrrrr",
        (5.0, 1.0, 1.0, 1.0, 1.0),
    )
