"""The summary before the contents: the grade and why, is the risk acceptable, what makes it, what to do first."""

from parkrisk.api.report.acceptance import acceptance
from parkrisk.api.report.actions import Action, evidence_to_give, must, on_escalations, on_sources
from parkrisk.api.report.chapters.grade import unverified_grade
from parkrisk.api.report.content import Block, Bullets, Callout, Facts, Paragraph
from parkrisk.api.report.material import Material, per_year, percent
from parkrisk.api.report.tabulated import Columns, named, tabulated
from parkrisk.api.report.verdict import criteria, doubts, entry, open_rules, renewals, verdict
from parkrisk.api.report.wording import grade_words, rows_of, settling
from parkrisk.risk.result import park_summary

#: How many sources, first steps and unknown things stand in a summary of two pages.
_SOURCES, _MUST, _UNKNOWN = 5, 4, 5
_COLUMNS: Columns = {
    "unit_id": ("风险源", "source", "unit"),
    "enterprise_id": ("企业", "enterprise", "enterprise"),
    "substance": ("介质", "substance", ""),
    "pll": ("PLL 人/年", "PLL [1/yr]", "per_year"),
    "pll_share": ("占全园", "share", "percent"),
}


def summary(material: Material) -> tuple[Block, ...]:
    """What a reader must know who reads no further."""
    say = material.say
    return (
        *_notice(material),
        *_grade(material),
        verdict(material),
        Facts(criteria(material)),
        *_sources(material),
        *_domino(material),
        Paragraph(say("首先要做的事（按顺序）：", "What to do first, in this order:")),
        Bullets(_first(material), numbered=True),
        Paragraph(say("尚不清楚、须补交资料的事：", "What is not known and has to be given:")),
        Bullets(_unknown(material)),
        entry(material),
        *_again(material),
    )


def _notice(material: Material) -> tuple[Block, ...]:
    park = park_summary(material.result.park)
    notice = park[f"notice_{material.lang}"]
    if not (park["demonstration"] or notice):
        return ()
    words = material.say("演示数据，不代表任何真实园区。", "Data for demonstration; no real park.")
    return (Callout("note", material.say("演示园区", "Demonstration park"), notice or words),)


def _grade(material: Material) -> tuple[Block, ...]:
    say, grade = material.say, material.result.grade
    low, high = grade.score_bounds
    rows = [
        (say("园区安全风险等级", "park risk grade"), grade_words(material)),
        (say("得分", "score"), say(f"{low:.4g} 至 {high:.4g} 分", f"{low:.4g} to {high:.4g} points")),
        (say("决定因素", "what decides it"), _why(material)),
    ]
    if way := settling(material):
        rows.append((say("最少补齐即可定级", "fewest items that would settle it"), way))
    return (Facts(tuple(rows)), *unverified_grade(material))


def _why(material: Material) -> str:
    """Direct triggers that hold or are open, then the aspects that lose most, and what is open."""
    say, grade = material.say, material.result.grade
    if grade.items.empty:
        return "；".join(grade.reasons_zh) if material.lang == "zh" else "; ".join(grade.reasons_en)
    parts = []
    for status, words in (
        ("holds", ("直接判定成立", "direct trigger holds")),
        ("open", ("直接判定未排除", "not ruled out")),
    ):
        own = grade.triggers[grade.triggers["status"] == status]
        if len(own):
            parts.append(say(*words) + say("：", ": ") + say("、", ", ").join(own[f"title_{material.lang}"]))
    aspects = grade.aspects
    lost = (aspects["max_score"] - aspects["score_low"]).map(float)
    order = sorted(range(len(aspects)), key=lambda place: -lost.iloc[place])[:2]
    for row in (rows_of(aspects)[place] for place in order if lost.iloc[place] > 0):
        name, low, most = row[f"aspect_{material.lang}"], float(row["score_low"]), float(row["max_score"])
        parts.append(
            say(f"{name}得 {low:.4g} 分（满分 {most:.4g} 分）", f"{name} {low:.4g} of {most:.4g} points")
            + (say(f"，其中 {row['open']} 项未定", f", {row['open']} items open") if row["open"] else "")
        )
    return say("；", "; ").join(parts) or say("各项均得满分", "every item has its full score")


def _sources(material: Material) -> tuple[Block, ...]:
    say, sources = material.say, material.result.sources
    ranked = sources[sources["pll"] > 0.0].sort_values(["pll", "unit_id"], ascending=[False, True]).head(_SOURCES)
    if ranked.empty:
        text = say(
            "各风险源的 PLL 均为零或未知（人口资料不全时不能排序）。",
            "The expected fatalities of every source are zero or unknown (without data of people there is no ranking).",
        )
        return (Callout("unknown", say("主要风险源", "Main sources"), text),)
    shown = ranked.assign(substance=ranked[f"substance_{material.lang}"])
    return tabulated(
        shown,
        _COLUMNS,
        material,
        say("贡献最大的风险源（按潜在生命损失 PLL）", "Sources that make most of the risk (by PLL)"),
        widths=(2.0, 2.4, 1.0, 1.4, 1.0),
        note=say(
            f"合计占全园 PLL 的 {percent(float(ranked['pll_share'].sum()))}。",
            f"Together {percent(float(ranked['pll_share'].sum()))} of the park's PLL.",
        ),
    )


def _domino(material: Material) -> tuple[Block, ...]:
    say, result = material.say, material.result
    if result.domino.pairs.empty:
        return (Paragraph(say("最不利多米诺：未发现升级对。", "Worst domino: no escalation was found.")),)
    crossing = result.domino.cross_enterprise
    row = rows_of(crossing if len(crossing) else result.domino.pairs)[0]
    first, then = named(material, "unit", row["from_unit"]), named(material, "unit", row["to_unit"])
    kind = say("跨企业", "between enterprises") if len(crossing) else say("企业内", "within an enterprise")
    return (
        Paragraph(
            say(
                f"最不利多米诺（{kind}）：{first} → {then}，频率 {per_year(row['frequency'])} 次/年，"
                f"前者起火或爆炸后后者失效的概率 {percent(row['probability'])}。",
                f"Worst domino ({kind}): {first} → {then}, {per_year(row['frequency'])} per year; given a fire or an "
                f"explosion at the first, the second fails with probability {percent(row['probability'])}.",
            )
        ),
    )


def _first(material: Material) -> tuple[str, ...]:
    """The first things that must be done, then the largest source, the worst escalation and what settles the grade."""
    say, urgent = material.say, must(material)
    points = [f"{each.measure}{_by(material, each)}" for each in urgent[:_MUST]]
    if len(urgent) > _MUST:
        count = len(urgent)
        points.append(
            say(
                f"完成全部 {count} 项必须整改的事项（见“对策措施”）",
                f"do all {count} things that must be done (see Measures)",
            )
        )
    points += _to_judge(material)
    points += [_point(material, each) for each in (*on_sources(material)[:1], *on_escalations(material)[:1])]
    if way := settling(material):
        points.append(say(f"提交定级所缺的证明材料（{way}）", f"give what settles the grade: {way}"))
    return tuple(points) or (say("保持现状并按期评估", "keep as it is and assess again in time"),)


def _to_judge(material: Material) -> tuple[str, ...]:
    """What has to be given before the risk can be judged at all; nothing where it is."""
    say, found = material.say, acceptance(material)
    wanting = [
        (found.targets == 0, ("防护目标清单", "the protection targets")),
        (found.open > 0, ("防护目标的类别", "classes of protection targets")),
        (not found.people, ("人口分布和从业人员数", "where people are and how many work")),
        (not found.complete, ("未能计算的事件所缺资料", "data of the events that could not be computed")),
    ]
    names = [say(*words) for missing, words in wanting if missing]
    if not names:
        return ()
    return (say("补齐总体风险判定所缺资料：", "give what the verdict lacks: ") + say("、", ", ").join(names),)


def _point(material: Material, action: Action) -> str:
    return material.say(f"{action.measure}——{action.why}", f"{action.measure} - {action.why}") + _by(material, action)


def _by(material: Material, action: Action) -> str:
    return material.say(f"（责任方：{action.who}）", f" ({action.who})")


def _unknown(material: Material) -> tuple[str, ...]:
    say, found, rules = material.say, evidence_to_give(material), open_rules(material)
    points = [each.measure for each in found[:_UNKNOWN]]
    if len(found) > _UNKNOWN:
        points.append(
            say(
                f"共 {len(found)} 项资料待提交（见“对策措施”）",
                f"{len(found)} documents in all are to be handed in (see Measures)",
            )
        )
    if len(rules):
        points.append(
            say(f"{len(rules)} 项约束园区的规则未能判定", f"{len(rules)} rules that bind the park are undecided")
        )
    return (*points, *doubts(material)) or (say("无未定事项", "nothing is open"),)


def _again(material: Material) -> tuple[Block, ...]:
    found = renewals(material)
    if not found:
        return ()
    first = found[0]
    return (
        Paragraph(
            material.say(
                f"下一次整体性安全风险评估不迟于 {first.until}（{first.clause}）；发生影响风险的变化时随时重评。",
                f"Next whole-park assessment no later than {first.until} ({first.clause}); at once after a change that "
                "moves the risk.",
            ),
            small=True,
        ),
    )
