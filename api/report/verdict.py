"""The answers that summary and conclusion share: is the risk acceptable, what may come in, when to assess again."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from parkrisk.api.report.acceptance import Acceptance, acceptance
from parkrisk.api.report.content import Callout
from parkrisk.api.report.material import Material, limit_value, per_year, percent
from parkrisk.api.report.proof import rules_in_force
from parkrisk.api.report.tabulated import named
from parkrisk.api.report.wording import callout_of, clause, joined, raised, rows_of, zones
from parkrisk.risk.capacity.stages import CRITERIA
from parkrisk.risk.criteria import societal_criterion
from parkrisk.risk.grading.admission import admission
from parkrisk.risk.rules.findings import anniversary, weakest
from parkrisk.risk.rules.rulefile import leaves

__all__ = [
    "Renewal",
    "criteria",
    "doubts",
    "entry",
    "entry_rules",
    "failing_rules",
    "open_rules",
    "renewals",
    "verdict",
]

_BINDING = ("gate", "duty")
#: Item of evidence whose age the law limits: the whole-park assessment itself.
_ASSESSMENT = "overall-assessment"


def failing_rules(material: Material) -> pd.DataFrame:
    """Rules that bind the park and are not met."""
    return _binding(material, "fail")


def open_rules(material: Material) -> pd.DataFrame:
    """Rules that bind the park and are undecided."""
    return _binding(material, "unknown")


def _binding(material: Material, status: str) -> pd.DataFrame:
    rules = material.result.rules
    return rules[rules["status"].eq(status) & rules["severity"].isin(_BINDING)]


def verdict(material: Material) -> Callout:
    """Whether the risk of the park is acceptable, in one message; unknown is never acceptable."""
    say, found = material.say, acceptance(material)
    states = (found.status, found.distance)
    wrong, undecided = len(failing_rules(material)), len(open_rules(material))
    rules = say(
        f"约束园区的规则中 {wrong} 项不符合、{undecided} 项未知。",
        f"Of the rules that bind the park {wrong} are not met and {undecided} are undecided.",
    ) + _unverified(material)
    if "fail" in states:
        title = say("总体风险不可接受", "The risk is not acceptable")
        text = say("有限值被超出，须先整改。", "A limit is exceeded and has to be met first.")
        return Callout("bad", title, f"{text} {rules}")
    if "unknown" in states:
        title = say("尚不能认定总体风险可接受", "It cannot be said that the risk is acceptable")
        text = say(
            "至少一项准则因资料不全无法判定；未知不视为符合。",
            "At least one criterion is undecided for want of data; unknown does not count as met.",
        )
        return Callout("unknown", title, f"{text} {rules}")
    if wrong or undecided or found.reducible:
        title = say("风险未超限值，附条件", "The risk is within its limits, with conditions")
        return Callout("note", title, f"{_conditions(material, found, bool(wrong or undecided))} {rules}")
    title = say("总体风险可接受", "The risk is acceptable")
    text = say(
        "个人风险、社会风险、外部安全防护距离及约束园区的规则均满足。",
        "Individual risk, societal risk, external distances and the rules that bind the park are all met.",
    )
    return Callout("good", title, text + _unverified(material))


def _conditions(material: Material, found: Acceptance, lacking: bool) -> str:
    """What is within its limits and under which conditions."""
    say = material.say
    text = say(
        "个人风险、社会风险和外部安全防护距离均未超限。",
        "Individual and societal risk and distances are within limits.",
    )
    if found.reducible:
        text += say(
            "社会风险处于尽可能降低区：须采取可行的降低措施并论证其效果与代价，在此之前不作可接受的结论。",
            " Societal risk lies in the zone to be reduced as far as practicable: until measures are taken and argued "
            "it is not said to be acceptable.",
        )
    if lacking:
        text += say(
            "不符合项须整改、未知项须补证。",
            " What is not met has to be put right, what is undecided has to be proven.",
        )
    return text


def _unverified(material: Material) -> str:
    """A sentence where limits behind the verdict could not be checked."""
    marks = (*material.result.targets["mark"], societal_criterion().mark, material.distances.mark)
    if weakest(marks) != "M":
        return ""
    return material.say(
        "所用的部分限值未经核实，判定随之未经核实。",
        " Some of the limits are unverified, and the verdict with them.",
    )


def doubts(material: Material) -> tuple[str, ...]:
    """Why what was found may still turn out otherwise: decided on an unverified basis, or not computed."""
    say, rules, missing = material.say, material.result.rules, material.result.events.not_computed
    decided = int((rules["unverified"] & rules["status"].isin(["pass", "fail"])).sum())
    found = []
    if decided:
        found.append(
            say(
                f"{decided} 项规则的判定依据（条款、限值或分值）未经核实（见“逐条规则判定”中标 M 的行）",
                f"{decided} rules were decided on clauses, limits or scores that are unverified (rows marked M among "
                "the criteria judged)",
            )
        )
    if missing:
        found.append(
            say(
                f"{len(missing)} 台设备的部分事件未能计算，风险仅为下限",
                f"some events of {len(missing)} units could not be computed: risk is known from below only",
            )
        )
    return tuple(found)


def criteria(material: Material) -> tuple[tuple[str, str], ...]:
    """Criterion and finding, line after line."""
    say, found, result = material.say, acceptance(material), material.result
    pll = say(
        f"{per_year(result.pll)} 人/年（不计多米诺 {per_year(result.societal.pll_without_domino)} 人/年）",
        f"{per_year(result.pll)} per year ({per_year(result.societal.pll_without_domino)} without domino effects)",
    )
    if not (found.people and found.complete):
        pll += say("；人口或事件资料不全，仅为下限", "; people or events are missing: known from below only")
    return (
        (say("个人风险", "individual risk"), _individual(material, found)),
        (say("最不利防护目标", "worst target"), _worst(material, found)),
        (say("社会风险", "societal risk"), _societal(material, found)),
        (say("潜在生命损失（PLL）", "expected fatalities (PLL)"), pll),
        (say("外部安全防护距离", "external safety distance"), _distance(material, found)),
        (say("剩余安全容量（含已批）", "remaining capacity (with approved)"), _remaining(material)),
    )


def _individual(material: Material, found: Acceptance) -> str:
    say = material.say
    if not found.targets:
        return say("未知：未填报防护目标", "unknown: no protection targets are given")
    if found.individual == "pass":
        return say(f"{found.targets} 处防护目标均不超过限值", f"all {found.targets} targets are within their limits")
    parts = say(
        f"{found.targets} 处防护目标：满足 {found.passing}，超限 {found.failing}，未知 {found.open}",
        f"of {found.targets} targets {found.passing} pass, {found.failing} fail, {found.open} are undecided",
    )
    bound = "" if found.complete else say("（部分事件未能计算，风险仅为下限）", " (events are missing: lower bounds)")
    lead = say("无法判定：", "undecided: ") if found.individual == "unknown" else say("超限：", "exceeded: ")
    return f"{lead}{parts}{bound}"


def _worst(material: Material, found: Acceptance) -> str:
    if found.worst is None:
        return material.say("未知：没有可与限值比较的防护目标", "unknown: no target can be compared with a limit")
    row = found.worst
    name = named(material, "target", row["target_id"])
    source = named(material, "unit", row["top_source"]) if row["top_source"] else ""
    mostly = (
        material.say(
            f"；主要来自{source}（占 {percent(row['top_share'])}）",
            f"; mostly from {source}, {percent(row['top_share'])}",
        )
        if source
        else ""
    )
    kind = material.label("target_class", row["class"])
    return (
        material.say(
            f"{name}（{kind}），个人风险 {per_year(row['individual_risk'])} /年，"
            f"限值 {limit_value(row['limit'])} /年，占限值 {percent(row['ratio'])}",
            f"{name}, {kind}: {per_year(row['individual_risk'])} per year, limit "
            f"{limit_value(row['limit'])}, {percent(row['ratio'])} of it",
        )
        + mostly
    )


def _societal(material: Material, found: Acceptance) -> str:
    say = material.say
    if found.societal == "unknown" and not found.zones:
        return say("未知：人口或从业人员资料不全", "unknown: data of people are missing")
    lead = say("无法判定：", "undecided: ") if found.societal == "unknown" else ""
    where = lead + say(
        f"F-N 曲线最不利处在{zones(material, found.zones)}",
        f"the F-N curve is at worst in the zone: {zones(material, found.zones)}",
    )
    fn = material.result.fn
    if fn.empty:
        return where
    share = (fn["F"] / fn["upper"]).to_numpy()
    row = rows_of(fn)[int(share.argmax())]
    return where + say(
        f"；最接近不可接受线处 N = {row['N']:,.0f} 人，F = {per_year(row['F'])} /年，为该线的 {percent(share.max())}",
        f"; nearest to the upper line at N = {row['N']:,.0f}, F = {per_year(row['F'])} per year, "
        f"{percent(share.max())} of the line",
    )


def _distance(material: Material, found: Acceptance) -> str:
    words = {
        "pass": ("均满足", "kept everywhere"),
        "fail": ("有不满足", "not kept everywhere"),
        "unknown": ("未知", "unknown"),
    }
    fact = material.distances.facts["risk.external_distance_met"]
    detail = raised(material.say(fact.detail_zh, fact.detail_en))
    return material.say(*words[found.distance]) + (
        material.say(f"；最不利：{detail}", f" ({detail})") if detail else ""
    )


def _remaining(material: Material) -> str:
    stages = material.capacity.stages
    row = rows_of(stages[stages["stage"] == "approved"])[0]
    criterion = material.say(*CRITERIA[row["binding"]])
    if row["status"] == "unknown":
        return material.say("未知：资料不全", "unknown: data are missing")
    left = percent(row["remaining"])
    return material.say(f"{left}，由“{criterion}”控制", f"{left}; {criterion} binds")


def entry_rules(material: Material) -> pd.DataFrame:
    """What the rules for projects ask of the park itself; see `parkrisk.risk.grading.admission`."""
    result = material.result
    return admission(result.ruleset, result.grade, result.park)


def entry(material: Material) -> Callout:
    """What the park may accept now, by its grade and recognition."""
    say, rules = material.say, entry_rules(material)
    title = say("新建项目准入", "New projects")
    basis = say("部分依据未经核实。", " Part of the basis is unverified.") if weakest(rules["mark"]) == "M" else ""
    counts = rules["status"].value_counts()
    wrong, undecided = int(counts.get("fail", 0)), int(counts.get("unknown", 0))
    if wrong:
        first = joined(material, dict.fromkeys(rules.loc[rules["status"] == "fail", f"title_{material.lang}"]))
        text = say(
            f"按现有等级和认定，{wrong} 项准入规则不满足，相应项目现不得进入：{first}。",
            f"By grade and recognition {wrong} rules of entry are not met; projects under them may not come in now: "
            f"{first}.",
        )
        return callout_of("fail", title, text + basis)
    if undecided or not len(rules):
        text = say(
            f"等级或认定未定，{undecided} 项准入规则无法判定；定级前不能认定可以接纳相应项目。",
            f"Grade or recognition is open and {undecided} rules of entry are undecided; until then it cannot be said "
            "that such projects may come in.",
        )
        return callout_of("unknown", title, text + basis)
    text = say(
        f"园区等级和认定满足全部 {len(rules)} 项以其为条件的准入规则；项目仍须逐一通过准入评审（前后风险对比、"
        "外部距离、多米诺、安全容量等）。",
        f"Grade and recognition meet all {len(rules)} rules of entry that ask for them; each project still needs "
        "its own review (risk before and after, distances, domino effects, capacity).",
    )
    return Callout("note", title, text + basis) if basis else callout_of("pass", title, text)


@dataclass(frozen=True)
class Renewal:
    """How long a whole-park assessment counts by a rule: years, and the last day of one made on the park's date."""

    title: str
    clause: str
    years: int
    until: dt.date


def renewals(material: Material) -> tuple[Renewal, ...]:
    """Rules in force that limit the age of the assessment, the shortest first."""
    return tuple(sorted(_renewals(material), key=lambda each: each.until))


def _renewals(material: Material) -> Iterator[Renewal]:
    day = material.result.park.date
    for rule in rules_in_force(material).values():
        for leaf in leaves(rule.test):
            if leaf.what == "evidence" and leaf.name == _ASSESSMENT and leaf.max_age_years:
                yield Renewal(
                    material.say(rule.title_zh, rule.title_en),
                    f"{material.say(rule.instrument_zh, rule.instrument_en)} {clause(material, rule.clause)}",
                    leaf.max_age_years,
                    anniversary(day, leaf.max_age_years),
                )
