"""Chapter 13: the conclusion, its conditions, what is not known, what may come in, and when to assess again."""

import re

from parkrisk.api.report.acceptance import acceptance
from parkrisk.api.report.actions import evidence_to_give, must
from parkrisk.api.report.content import Block, Bullets, Callout, Chapter, Facts, Paragraph, Section
from parkrisk.api.report.material import Material
from parkrisk.api.report.proof import rules_in_force
from parkrisk.api.report.tabulated import Columns, tabulated
from parkrisk.api.report.verdict import criteria, doubts, entry, entry_rules, renewals, verdict
from parkrisk.api.report.wording import cited, clause, grade_words, rows_of
from parkrisk.risk.rules.rulefile import leaves

#: Item of evidence of the rule that asks for a new assessment when the park changes.
_CHANGES = "assessment-covers-project"
#: Spaces between Chinese words.
_CLOSE = re.compile("(?<=[一-鿿：；]) +(?=[一-鿿])")
_ENTRY: Columns = {
    "title": ("准入规则", "rule of entry", ""),
    "clause": ("文件与条款", "instrument and clause", ""),
    "binds": ("适用于", "applies when", "?"),
    "asks": ("对园区的要求", "asks of the park", ""),
    "status": ("园区现状", "the park now", "status"),
    "other": ("其他途径或豁免", "other ways or exemptions", ""),
    "mark": ("依据核实", "basis verified", "mark"),
}


def chapter(material: Material) -> Chapter:
    """Conclusion."""
    say = material.say
    return Chapter(
        say("结论", "Conclusion"),
        (
            verdict(material),
            Facts(((say("园区安全风险等级", "park risk grade"), grade_words(material)), *criteria(material))),
        ),
        (
            Section(say("前提条件", "Conditions"), _conditions(material)),
            Section(say("尚不清楚的事项", "What is not known"), _unknown(material)),
            Section(say("对新建、改建、扩建项目的限制", "Limits on new projects"), _entry(material)),
            Section(say("再次评估", "When to assess again"), _again(material)),
        ),
    )


def _conditions(material: Material) -> tuple[Block, ...]:
    say, found = material.say, must(material)
    reduced = say(
        "社会风险处于尽可能降低区：结论还以论证并落实可行的降低措施为前提（见“对策措施”）。",
        "Societal risk lies in the zone to be reduced as far as practicable: measures have to be argued and taken "
        "(see Measures).",
    )
    also = (Paragraph(reduced),) if acceptance(material).reducible else ()
    if not found:
        known = say("已知资料中没有须整改的事项", "Nothing has to be put right by what is known")
        open_ = say(
            "；本结论以补齐下节所列材料、且其证明符合为前提。",
            "; the conclusion holds once the documents of the next section are there and show that the rules are met.",
        )
        return (Paragraph(known + (open_ if evidence_to_give(material) else say("。", "."))), *also)
    lead = say("本结论以下列事项整改完成为前提：", "The conclusion holds once these are put right:")
    joint = say("（{}）", " ({})")
    points = tuple(each.measure + joint.format(each.who) for each in found)
    return (Paragraph(lead), Bullets(points, numbered=True), *also)


def _unknown(material: Material) -> tuple[Block, ...]:
    say, found = material.say, evidence_to_give(material)
    points = [say(f"{each.measure}（{each.why}）", f"{each.measure} ({each.why})") for each in found]
    points += doubts(material)
    return (Bullets(tuple(points)),) if points else (Paragraph(say("无。", "Nothing.")),)


def _entry(material: Material) -> tuple[Block, ...]:
    say, rules, lang = material.say, entry_rules(material), material.lang
    shown = rules.assign(
        title=rules[f"title_{lang}"],
        clause=[cited(material, row) for row in rows_of(rules)],
        binds=[_CLOSE.sub("", text) for text in rules[f"binds_{lang}"]],
        asks=[_CLOSE.sub("", text) for text in rules[f"asks_{lang}"]],
        other=[say(*(("有", "yes") if each else ("无", "no"))) for each in rules["other_ways"]],
    )
    return (
        entry(material),
        *tabulated(
            shown,
            _ENTRY,
            material,
            say("以园区等级和认定为条件的准入规则", "Rules of entry that ask for grade and recognition"),
            note=say(
                "“园区现状”只判定由园区决定的部分；等级未定时按可能的全部等级判定。",
                "The park now: the part that the park decides; an open grade counts with every letter possible.",
            ),
            widths=(2.3, 2.3, 2.4, 2.0, 1.3, 1.0, 1.5),
        ),
    )


def _again(material: Material) -> tuple[Block, ...]:
    say, day = material.say, material.result.park.date
    found = renewals(material)
    blocks: list[Block] = []
    if found:
        first = found[0]
        text = say(
            f"以基准日期 {day} 计，应不迟于 {first.until} 完成下一次整体性安全风险评估"
            f"（间隔 {first.years} 年，{first.clause}）。",
            f"Counted from the reference date {day}, the next whole-park assessment is due by {first.until} "
            f"({first.years} years, {first.clause}).",
        )
        blocks.append(Callout("note", say("下一次评估", "Next assessment"), text))
    else:
        text = say("所用规则集未给出再次评估的间隔。", "The rule set gives no interval.")
        blocks.append(Callout("unknown", say("下一次评估", "Next assessment"), text))
    void = [
        say(rule.title_zh, rule.title_en)
        + say("（{}）", " ({})").format(
            f"{say(rule.instrument_zh, rule.instrument_en)} {clause(material, rule.clause)}"
        )
        for rule in rules_in_force(material).values()
        if any(leaf.name == _CHANGES for leaf in leaves(rule.test))
    ]
    void += [
        say("园区边界、周边人口或防护目标发生变化", "the boundary, the people around or the protection targets change"),
        say(
            "所用规则、限值或检查表分值修订，或未核实的数值经核实后不同",
            "rules, limits or scores are revised, or an unverified number turns out to be another",
        ),
        say("前提条件未落实，或提交的证明材料不实、过期", "a condition is not met, or evidence is untrue or expires"),
        say("发生生产安全事故，使直接判定情形成立", "an accident makes a direct trigger hold"),
    ]
    lead = say("出现下列情形之一，本结论失效，须重新评估：", "The conclusion is void and a new assessment due when")
    return (*blocks, Paragraph(lead), Bullets(tuple(void)))
