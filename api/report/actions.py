"""What is to be done: what must be, what should be, and in the long run; each with its reason and its effect.

An effect is what the results themselves give: all that an escalation or an item of evidence contributes, and of a
source all that its own events do. What those events set off at other units counts there, so that stopping a
source may bring more. ``parkrisk measures`` and ``parkrisk whatif`` compute what a change really brings.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from parkrisk.api.report.acceptance import acceptance
from parkrisk.api.report.material import Material, per_year, percent
from parkrisk.api.report.proof import proofs, rules_in_force
from parkrisk.api.report.tabulated import called, named
from parkrisk.api.report.wording import bound_to, cited, finding, joined, needed, rows_of, zones
from parkrisk.risk.grading.checklist import load
from parkrisk.risk.grading.response import response_cover, response_limits
from parkrisk.risk.rules.rulefile import leaves

__all__ = ["Action", "evidence_to_give", "in_the_long_run", "must", "on_escalations", "on_sources"]

#: How many sources and pairs of units get a measure of their own.
_MOST = 5
#: Quantities that have actions of their own, so that a rule on them needs none.
_OWN = frozenset({"risk.targets_over_limit", "risk.worst_target_ratio", "risk.societal_zone"})
_SEVERITIES = ("gate", "duty")
_MARKS = ("V", "1", "M")


@dataclass(frozen=True)
class Action:
    """One measure: what, why, to what effect, by which rule, by whom."""

    measure: str
    why: str
    effect: str
    basis: str
    who: str


def must(material: Material) -> tuple[Action, ...]:
    """What has to be put right: direct triggers, limits that are not kept, rules that are not met; in this order."""
    return (*_triggers(material), *_targets(material), *_societal(material), *_rules(material))


def _triggers(material: Material) -> Iterator[Action]:
    grade = material.result.grade
    for row in rows_of(grade.triggers):
        if row["status"] == "holds":
            title = row[f"title_{material.lang}"]
            yield Action(
                material.say(f"消除直接判定情形：{title}", f"Remove the direct trigger: {title}"),
                row[f"reason_{material.lang}"],
                material.say(
                    f"消除前等级只能为 {row['letter']} 级", f"while it holds, the grade can only be {row['letter']}"
                ),
                _checklist(material),
                bound_to(material, "park"),
            )


def _targets(material: Material) -> Iterator[Action]:
    targets = material.result.targets
    over = targets[targets["status"] == "fail"].sort_values(["ratio", "target_id"], ascending=[False, True])
    for row in rows_of(over):
        name = named(material, "target", row["target_id"])
        risk, limit, share = row["individual_risk"], row["limit"], row["top_share"]
        source = named(material, "unit", row["top_source"])
        yield Action(
            material.say(f"将 {name} 处个人风险降至限值以内", f"Bring the individual risk at {name} within its limit"),
            material.say(
                f"个人风险 {per_year(risk)} /年，限值 {per_year(limit)} /年，为限值的 {row['ratio']:.3g} 倍",
                f"individual risk {per_year(risk)} per year, limit {per_year(limit)}: {row['ratio']:.3g} times as much",
            ),
            material.say(
                f"首要来源 {source} 自身事件占 {percent(share)}，即 {per_year(risk * share)} /年，其引发的其他事故另计",
                f"own events of its first source {source} make {percent(share)}, {per_year(risk * share)} per year; "
                "what they set off elsewhere comes on top",
            ),
            row["clause"],
            _owner(material, row["top_source"]),
        )


def _societal(material: Material) -> Iterator[Action]:
    found = acceptance(material)
    if found.societal == "fail":
        fn = material.result.fn
        row = fn.iloc[int((fn["F"] / fn["upper"]).to_numpy().argmax())]
        yield Action(
            material.say("将社会风险降出不可接受区", "Bring the societal risk out of the unacceptable zone"),
            material.say(
                f"N = {row['N']:.4g} 人时 F = {per_year(row['F'])} /年，上限 {per_year(row['upper'])} /年",
                f"at N = {row['N']:.4g} F = {per_year(row['F'])} per year, upper line {per_year(row['upper'])}",
            ),
            material.say("见前五位风险源的贡献", "see what the first five sources contribute"),
            "GB 36894-2018",
            bound_to(material, "installation"),
        )


def _rules(material: Material) -> Iterator[Action]:
    table, rules = material.result.rules, rules_in_force(material)
    gain = _points(material)
    failing = [
        row
        for row in rows_of(table[table["status"].eq("fail") & table["severity"].isin(_SEVERITIES)])
        if _OWN.isdisjoint(leaf.name for leaf in leaves(rules[row["rule_id"]].test))
    ]
    failing.sort(key=lambda row: (_SEVERITIES.index(row["severity"]), _MARKS.index(row["mark"])))
    for row in failing:
        points = sum(gain.get(leaf.name, 0.0) for leaf in leaves(rules[row["rule_id"]].test))
        yield Action(
            row[f"title_{material.lang}"],
            finding(material, row),
            _points_words(material, points),
            cited(material, row),
            bound_to(material, row["bound"]),
        )


def _checklist(material: Material) -> str:
    """Name of the scored checklist."""
    file = material.result.ruleset.checklist
    return material.say(load(file).instrument_zh, load(file).instrument_en) if file else material.result.grade.rulebook


def _points(material: Material) -> dict[str, float]:
    """What each item of evidence or quantity may still add to the score that is sure, on the scale of the letters."""
    gain = _item_points(material)
    found: dict[str, float] = {}
    if gain:
        for item in load(material.result.ruleset.checklist).items:
            name = item.evidence or item.quantity
            found[name] = found.get(name, 0.0) + gain.get(item.id, 0.0)
    return found


def _item_points(material: Material) -> dict[str, float]:
    """The same by item of the checklist."""
    result = material.result
    if not result.ruleset.checklist or result.grade.items.empty:
        return {}
    counted = result.grade.items[result.grade.items["status"] != "not_applicable"]
    most, low = (counted[name].map(float) for name in ("max_score", "score_low"))
    stretch = float(load(result.ruleset.checklist).maximum) / float(most.sum())
    return dict(zip(counted["item"], (stretch * (most - low)).tolist(), strict=True))


def _points_words(material: Material, points: float) -> str:
    if not points:
        return material.say("不计入评分", "no part of the score")
    return material.say(f"评分下限至多增加 {points:.3g} 分", f"at most {points:.3g} points more of sure score")


def on_sources(material: Material) -> tuple[Action, ...]:
    """The sources that make the largest part of the expected fatalities."""
    result, worst = material.result, acceptance(material).worst
    shares = result.contributions
    at_worst = shares[shares["target_id"] == worst["target_id"]] if worst is not None else shares.head(0)
    of_worst = dict(zip(at_worst["unit_id"], at_worst["share"], strict=True))
    ranked = result.sources[result.sources["pll"] > 0.0].sort_values(["pll", "unit_id"], ascending=[False, True])
    return tuple(_source(material, row, worst, of_worst) for row in rows_of(ranked.head(_MOST)))


def _source(
    material: Material, row: Mapping[str, Any], worst: Mapping[str, Any] | None, of_worst: Mapping[str, float]
) -> Action:
    unit = named(material, "unit", row["unit_id"])
    domino = 1.0 - row["pll_without_domino"] / row["pll"]
    by_domino = domino > 0.5
    measure_zh = (
        "阻断受热升级（防火层、水喷淋、间距、邻近设备布置）"
        if by_domino
        else "减少泄漏及泄漏量（本质安全、切断、存量）"
    )
    measure_en = (
        "keep escalation from it (fireproofing, deluge, spacing, neighbours)"
        if by_domino
        else "less leakage and smaller releases (inherent safety, isolation, inventory)"
    )
    effect = material.say(
        f"消除其自身事件，PLL 降低 {per_year(row['pll'])} 人/年（{percent(row['pll_share'])}），其引发的其他事故另计",
        f"without its own events PLL is {per_year(row['pll'])} per year less ({percent(row['pll_share'])}); what they "
        "set off elsewhere comes on top",
    )
    share = of_worst.get(row["unit_id"], 0.0)
    if worst is not None and share > 0.0:
        target = named(material, "target", worst["target_id"])
        effect += material.say(
            f"；{target} 处个人风险降低 {percent(share)}",
            f"; individual risk at {target} {percent(share)} less",
        )
    return Action(
        material.say(f"{unit}：{measure_zh}", f"{unit}: {measure_en}"),
        material.say(
            f"PLL {per_year(row['pll'])} 人/年，占全园 {percent(row['pll_share'])}；其中多米诺引起 {percent(domino)}",
            f"PLL {per_year(row['pll'])} per year, {percent(row['pll_share'])} of the park's; "
            f"{percent(domino)} of it by domino effects",
        ),
        effect,
        material.say("风险排序（引擎计算）", "ranking of risk (computed)"),
        _owner(material, row["unit_id"]),
    )


def _owner(material: Material, unit: str) -> str:
    """Enterprise of a unit; the park's administration where it has none."""
    sources = material.result.sources
    found = sources.loc[sources["unit_id"] == unit, "enterprise_id"].tolist()
    return named(material, "enterprise", found[0]) if found and found[0] else bound_to(material, "park")


def on_escalations(material: Material) -> tuple[Action, ...]:
    """The most frequent escalation from each enterprise to another, the most frequent pairs of enterprises first."""
    found = material.result.domino
    keys = ["from_enterprise", "to_enterprise"]
    first = found.cross_enterprise.drop_duplicates(keys)
    total = found.enterprises[[*keys, "frequency"]].rename(columns={"frequency": "total"})
    ranked = first.merge(total, on=keys).sort_values(["total", *keys], ascending=[False, True, True])
    return tuple(_pair(material, row) for row in rows_of(ranked.head(_MOST)))


def _pair(material: Material, row: Mapping[str, Any]) -> Action:
    first, then = (called(material, "unit", row[name]) for name in ("from_unit", "to_unit"))
    direct = row["direct_probability"] > 0.0
    return Action(
        material.say(
            f"{first} → {then}：{'加隔热、喷淋或间距' if direct else '阻断中间环节的升级'}，两企业共同落实",
            f"{first} → {then}: {'shield, deluge or spacing' if direct else 'break the steps between'}, by both firms",
        ),
        material.say(
            f"前者起火或爆炸后后者失效的概率 {row['probability']:.3g}（其中直接 {row['direct_probability']:.3g}），"
            f"中位时间 {row['time_min']:.3g} min",
            f"given a fire or an explosion at the first, the second fails with probability {row['probability']:.3g} "
            f"({row['direct_probability']:.3g} directly), median time {row['time_min']:.3g} min",
        ),
        material.say(
            f"至多消除两企业间此方向的升级 {per_year(row['total'])} 次/年（本对 {per_year(row['frequency'])} 次/年）",
            f"at most {per_year(row['total'])} fewer per year that way ({per_year(row['frequency'])} by this pair)",
        ),
        material.say("多米诺分析（引擎计算）", "domino analysis (computed)"),
        joined(
            material,
            dict.fromkeys(named(material, "enterprise", row[name]) for name in ("from_enterprise", "to_enterprise")),
        ),
    )


def evidence_to_give(material: Material) -> tuple[Action, ...]:
    """What has to be handed in, so that the grade and the open rules can be decided; what the grade lacks first."""
    result = material.result
    rows = result.rules[result.rules["status"].eq("unknown") & result.rules["severity"].isin(_SEVERITIES)]
    asked: dict[str, list[Mapping[str, Any]]] = {name: [] for name in result.grade.missing}
    for row in rows_of(rows):
        for name in row["missing"]:
            asked.setdefault(name, []).append(row)
    for proof in proofs(material).values():
        if proof.answer.answer == "unknown" and any(status == "fail" for _, status, _ in proof.rules):
            asked.setdefault(f"answers.{proof.item}", [])
    gain, basis = _item_points(material), _checklist(material)
    return tuple(_hand_in(material, name, by, gain, basis) for name, by in asked.items())


def _hand_in(
    material: Material, name: str, rules: list[Mapping[str, Any]], gain: Mapping[str, float], basis: str
) -> Action:
    grade = material.result.grade
    items = grade.items[
        [name in missing and span for missing, span in zip(grade.items["missing"], _open(grade), strict=True)]
    ]
    triggers = grade.triggers[[name in missing for missing in grade.triggers["missing"]]]
    open_rules = [cited(material, row) for row in rules]
    why = [
        *(material.say(f"检查表 {item} 未定", f"checklist item {item} is open") for item in items["item"]),
        *(
            material.say(f"直接判定情形未排除：{title}", f"direct trigger not ruled out: {title}")
            for title in triggers[f"title_{material.lang}"]
        ),
        *(material.say(f"无法判定：{row['title_zh']}", f"undecided: {row['title_en']}") for row in rules),
    ]
    effect = []
    if len(triggers):
        effect.append(material.say("可排除直接判定", "may rule out a direct trigger"))
    points = sum(gain[item] for item in items["item"])
    if points:
        effect.append(_points_words(material, points))
    if rules:
        effect.append(material.say(f"可判定 {len(rules)} 项条款", f"decides {len(rules)} rules"))
    return Action(
        material.say(f"提交{needed(material, name)}", f"Hand in: {needed(material, name)}"),
        joined(material, why)
        or material.say("未提供依据；所属条款另有不符合项", "not given; its rule fails by another item"),
        joined(material, effect) or material.say("完成所属条款的判定", "completes the finding of its rule"),
        joined(material, open_rules or [basis]),
        joined(material, dict.fromkeys(bound_to(material, row["bound"]) for row in rules))
        or bound_to(material, "park"),
    )


def _open(grade: Any) -> list[bool]:
    return [status == "open" for status in grade.items["status"]]


def in_the_long_run(material: Material) -> tuple[Action, ...]:
    """What follows from what is bearable but not good, and from what the numbers rest on."""
    return (*_alarp(material), *_new_limits(material), *_cover(material), *_unverified(material))


def _alarp(material: Material) -> Iterator[Action]:
    found = acceptance(material)
    if found.reducible:
        yield Action(
            material.say(
                "按尽可能降低原则论证并降低社会风险", "Lower the societal risk as far as practicable, with reasons"
            ),
            material.say(
                f"F-N 曲线所在区域：{zones(material, found.zones)}",
                f"zone of the curve: {zones(material, found.zones)}",
            ),
            material.say(
                f"多米诺占 PLL 的 {percent(_domino_share(material))}",
                f"domino effects make {percent(_domino_share(material))} of the PLL",
            ),
            "GB 36894-2018",
            bound_to(material, "park"),
        )


def _domino_share(material: Material) -> float:
    result = material.result
    return 1.0 - result.societal.pll_without_domino / result.pll if result.pll > 0.0 else float("nan")


def _new_limits(material: Material) -> Iterator[Action]:
    targets = material.result.targets
    above = targets[(targets["individual_risk"] > targets["limit_new"]) & (targets["status"] == "pass")]
    if len(above):
        names = joined(material, (named(material, "target", each) for each in above["target_id"].head(_MOST)))
        yield Action(
            material.say("控制上述目标周边新增风险", "Keep further risk away from these targets"),
            material.say(
                f"{len(above)} 处防护目标满足在役基准、高于新改扩建基准：{names}",
                f"{len(above)} targets keep the limit in service and exceed the one for new projects: {names}",
            ),
            material.say("本身不降低风险，避免余量被占用", "lowers no risk; keeps the margin"),
            "GB 36894-2018",
            bound_to(material, "park"),
        )


def _cover(material: Material) -> Iterator[Action]:
    cover = response_cover(material.result.park).value
    if isinstance(cover, float) and cover < 100.0:
        minutes = response_limits()["arrival"] / 60.0
        yield Action(
            material.say("增设或调整消防力量", "Add or move fire crews"),
            material.say(
                f"出动后 {minutes:.3g} min 内可到达的危险化学品单元占 {cover:.1f} %",
                f"{cover:.1f} % of the hazard units are reached within {minutes:.3g} min",
            ),
            material.say(
                f"覆盖率至多提高 {100.0 - cover:.1f} 个百分点", f"cover at most {100.0 - cover:.1f} points more"
            ),
            "GB 51080-2015 4.1.3",
            bound_to(material, "park and city"),
        )


def _unverified(material: Material) -> Iterator[Action]:
    marks = material.result.assumptions
    unverified = marks[marks["mark"] == "M"]
    assumed = marks[marks["code"].str.startswith("input:")]
    if len(unverified) or len(assumed):
        yield Action(
            material.say(
                "以实测、设计和证明资料替换缺省值、假定值", "Replace defaults and assumed values by documents"
            ),
            material.say(
                f"输入假定 {len(assumed)} 类，未经核实的依据 {len(unverified)} 类（见附录）",
                f"{len(assumed)} kinds of assumed input, {len(unverified)} kinds of unverified values (see the annex)",
            ),
            material.say("风险可升可降，减小不确定性", "risk may rise or fall; less uncertainty"),
            material.say("附录：假定清单", "annex: assumptions"),
            material.say("园区与各企业", "park and enterprises"),
        )
