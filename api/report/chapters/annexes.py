"""Chapter 14: assumptions, unverified values, warnings, uncertainty, provenance, files, confirmations, glossary."""

from pathlib import Path

import numpy as np
import pandas as pd

from parkrisk.api.report.assumed import assumed, gathered
from parkrisk.api.report.content import Block, Chapter, Facts, Paragraph, Section
from parkrisk.api.report.material import Material
from parkrisk.api.report.tabulated import Columns, tabulated
from parkrisk.api.report.uncertainty import uncertainty
from parkrisk.api.report.wording import joined, sourced, status_words

_FOLDER = Path(__file__).parents[1]
_ASSUMPTIONS: Columns = {
    "text": ("假定", "assumption", ""),
    "count": ("处数", "places", "d"),
    "mark": ("核实", "verified", "mark?"),
}
_UNVERIFIED: Columns = {
    "kind": ("类别", "kind", ""),
    "what": ("内容", "what", ""),
    "decides": ("影响", "decides", ""),
}
_PROBLEMS: Columns = {
    "severity": ("级别", "severity", ""),
    "place": ("位置", "place", ""),
    "found": ("值", "found", "?"),
    "message": ("说明", "message", ""),
}
_LEDGER: Columns = {
    "enterprise_id": ("企业", "enterprise", "enterprise"),
    "units": ("设备数", "units", "d"),
    "hazard_units": ("危险化学品单元数", "hazard units", "d"),
    "staff": ("白天/夜间在岗〔人〕", "staff, day/night", ""),
    "opinion": ("确认意见", "confirmed", ""),
    "signed": ("负责人签字", "signature", ""),
    "day": ("日期、盖章", "date, seal", ""),
}
_FILES: Columns = {
    "file": ("文件", "file", ""),
    "label": ("内容", "content", ""),
    "rows": ("行数", "rows", "?"),
}
_TERMS: Columns = {
    "term": ("术语", "term", ""),
    "other": ("英文", "in Chinese", ""),
    "meaning": ("含义", "meaning", ""),
}


def chapter(material: Material) -> Chapter:
    """Annexes."""
    say = material.say
    sections = [
        (say("假定清单", "Assumptions"), _assumptions(material)),
        (say("未经核实的数值与依据", "Unverified values and bases"), _unverified(material)),
        (say("输入资料的警告", "Warnings on the input"), _problems(material)),
        (say("不确定性与敏感性", "Uncertainty and sensitivity"), uncertainty(material)),
        (say("版本与溯源", "Versions and provenance"), _provenance(material)),
        (say("结果文件清单", "Files of the run"), _files(material)),
        (say("企业资料确认表", "Confirmation of data by the enterprises"), _confirmations(material)),
        (say("术语", "Glossary"), _glossary(material)),
    ]
    return Chapter(say("附录", "Annexes"), (), tuple(Section(title, blocks) for title, blocks in sections))


def _assumptions(material: Material) -> tuple[Block, ...]:
    say = material.say
    return tabulated(
        gathered(material.result.assumptions, material),
        _ASSUMPTIONS,
        material,
        say("假定清单", "Assumptions"),
        note=say(
            "“处数”为该假定涉及的设备、事件、行或单元格数，合并列出的取其中最大者。M：未经核实；1：仅一个来源；"
            "“–”：方法选择或输入声明。代码和各列的处数见 assumptions.csv。",
            "Places: units, events, rows or cells that it holds for, of columns told together the most. M: unverified; "
            "1: one source only; a dash: a choice of method or a declaration of the input. assumptions.csv has the "
            "codes and each column by itself.",
        ),
        widths=(7.6, 0.8, 1.2),
    )


def _unverified(material: Material) -> tuple[Block, ...]:
    say, result, lang = material.say, material.result, material.lang
    numbers = assumed(result.assumptions, material)
    numbers = numbers[numbers["mark"] == "M"]
    rules = result.rules[result.rules["unverified"]]
    items = result.grade.items[result.grade.items["mark"] == "M"]
    limits = result.targets[result.targets["mark"] == "M"]
    rows = [
        *((say("计算参数", "model value"), text, say("风险数值", "risk values")) for text in numbers["text"]),
        *(
            (
                say("规则", "rules"),
                f"{name}{say('：', ': ')}{joined(material, own[f'title_{lang}'])}",
                _judged(material, own),
            )
            for name, own in rules.groupby(f"instrument_{lang}", sort=False)
        ),
    ]
    if len(items):
        what = say(f"{len(items)} 项检查表分值", f"scores of {len(items)} checklist items")
        rows.append((say("分值", "score"), what, say("园区等级", "grade of the park")))
    for clause in dict.fromkeys(limits["clause"]):
        what = say(
            f"{sourced(material, clause) or '未分类目标'} 的限值", f"limits of {clause or 'targets without a class'}"
        )
        rows.append((say("限值", "limit"), what, say("防护目标判定", "findings at targets")))
    return tabulated(
        pd.DataFrame(rows, columns=list(_UNVERIFIED)),
        _UNVERIFIED,
        material,
        say("未经核实的数值与依据", "Unverified values and bases"),
        widths=(1.1, 6.0, 2.0),
    )


def _judged(material: Material, rules: pd.DataFrame) -> str:
    """How often rules came out how."""
    counts = rules["status"].value_counts()
    order = [status for status in ("fail", "unknown", "pass", "not_applicable") if counts.get(status, 0)]
    return material.say("、", ", ").join(f"{status_words(material, status)} {counts[status]}" for status in order)


def _problems(material: Material) -> tuple[Block, ...]:
    say = material.say
    words = {"error": say("错误", "error"), "warning": say("警告", "warning")}
    rows = [
        (
            words.get(each.severity, each.severity),
            " ".join(filter(None, (each.place or each.table, "" if each.row is None else str(each.row), each.column))),
            each.found,
            say(each.message_zh, each.message_en),
        )
        for each in material.result.problems
    ]
    return tabulated(
        pd.DataFrame(rows, columns=list(_PROBLEMS)),
        _PROBLEMS,
        material,
        say("输入资料的警告", "Warnings on the input"),
        widths=(0.8, 2.4, 1.6, 5.0),
    )


def _provenance(material: Material) -> tuple[Block, ...]:
    say, given = material.say, material.result.provenance
    facts = (
        (say("引擎", "engine"), f"{given['engine']} {given['version']}"),
        (say("规则集", "rule set"), f"{given['rules']}, {given['rules_date']}"),
        (say("随机种子", "seed"), str(given["seed"])),
        (say("输入摘要", "input digest"), given["input_digest"]),
        (say("规则摘要", "rules digest"), given["rules_digest"]),
        (say("设置摘要", "settings digest"), given["settings_digest"]),
        (say("结果摘要", "result digest"), given["result_digest"]),
        ("Python", given["python"]),
        (say("数值依赖", "numeric dependencies"), ", ".join(f"{name} {at}" for name, at in given["packages"].items())),
    )
    text = say(
        "相同的输入、规则、设置和种子给出相同的结果摘要，与线程数和数据行的顺序无关。",
        "The same input, rules, settings and seed give the same result digest, whatever the threads and order of rows.",
    )
    return (Facts(facts), Paragraph(text, small=True))


def _files(material: Material) -> tuple[Block, ...]:
    tables = material.result.tables()
    known = pd.read_csv(_FOLDER / "run_files.csv", keep_default_na=False)
    labels = dict(zip(known["file"], known[f"label_{material.lang}"], strict=True))
    rows = [(f"{name}.csv", labels.get(name, name), str(len(table))) for name, table in tables.items()]
    rows += [(name, labels[name], "") for name in known["file"] if "." in name]
    if material.figures:
        figures = len(material.figures)
        rows.append(
            (
                "figures/",
                material.say(f"插图 {figures} 幅，各有 SVG 和 PNG", f"{figures} figures, each as SVG and PNG"),
                "",
            )
        )
    return tabulated(
        pd.DataFrame(rows, columns=list(_FILES)),
        _FILES,
        material,
        material.say("结果文件清单", "Files of the run"),
        widths=(2.6, 4.4, 0.9),
    )


def _confirmations(material: Material) -> tuple[Block, ...]:
    say, park = material.say, material.result.park
    enterprises = park.tables["enterprises"]
    units = park.tables["units"].groupby("enterprise_id").size()
    hazards = material.result.hazards.units.groupby("enterprise_id").size()
    line = "＿＿＿＿＿" if material.lang == "zh" else "__________"
    shown = pd.DataFrame(
        {
            "enterprise_id": enterprises["enterprise_id"],
            "units": enterprises["enterprise_id"].map(units).fillna(0).astype(int),
            "hazard_units": enterprises["enterprise_id"].map(hazards).fillna(0).astype(int),
            "staff": [
                f"{_people(day)} / {_people(night)}"
                for day, night in zip(enterprises["staff_day"], enterprises["staff_night"], strict=True)
            ],
            "opinion": say("□ 属实　□ 须更正", "□ correct  □ to be corrected"),
            "signed": line,
            "day": line,
        }
    )
    digest = material.result.provenance["input_digest"]
    text = say(
        f"各企业确认：本报告所用本企业设备、介质、存量、操作条件和人数与实际一致（输入摘要 {digest[:16]}）。",
        f"Each enterprise confirms that its equipment, substances, quantities, conditions and staff are as used in "
        f"this report (input digest {digest[:16]}).",
    )
    return (
        Paragraph(text),
        *tabulated(
            shown,
            _LEDGER,
            material,
            say("企业资料确认表", "Confirmation of data by the enterprises"),
            widths=(3.0, 0.7, 0.9, 1.2, 2.4, 1.3, 1.3),
        ),
    )


def _people(count: float) -> str:
    return "–" if np.isnan(float(count)) else f"{count:.0f}"


def _glossary(material: Material) -> tuple[Block, ...]:
    terms = pd.read_csv(_FOLDER / "glossary.csv", keep_default_na=False)
    other = "en" if material.lang == "zh" else "zh"
    shown = terms.assign(
        term=terms[f"term_{material.lang}"], other=terms[f"term_{other}"], meaning=terms[f"meaning_{material.lang}"]
    )
    return tabulated(shown, _TERMS, material, material.say("术语", "Glossary"), widths=(1.6, 1.8, 4.0))
