"""Chapter 8: how much of the limits of risk is used up, what binds, and what would use up the rest."""

import pandas as pd

from parkrisk.api.report.content import Block, Bullets, Callout, Chapter, Paragraph, Section
from parkrisk.api.report.material import Material, per_year, percent
from parkrisk.api.report.tabulated import Columns, named, tabulated
from parkrisk.api.report.wording import callout_of, joined, rows_of
from parkrisk.risk.capacity.stages import CRITERIA, NOTE

_MOST = 12
_STAGES: Columns = {
    "label": ("阶段", "stage", ""),
    "units": ("在役设备数", "units in service", "d"),
    "individual_share": ("个人风险占用", "individual risk used", "percent"),
    "individual_target": ("最紧防护目标", "at target", ""),
    "societal_share": ("社会风险占用", "societal risk used", "percent"),
    "societal_at": ("最紧死亡人数 N", "at N deaths", "?"),
    "remaining": ("剩余容量", "remaining", "percent"),
    "binding": ("起控制作用的准则", "binding criterion", "?"),
    "status": ("判定", "status", "status"),
}
_BINDING: Columns = {
    "criterion": ("准则", "criterion", ""),
    "place": ("控制处", "binds at", "?"),
    "value": ("风险〔/年〕", "risk [/yr]", "per_year"),
    "limit": ("限值〔/年〕", "limit [/yr]", "per_year?"),
    "share": ("占用", "used", "percent"),
    "margin": ("余量〔/年〕", "margin [/yr]", "per_year?"),
    "status": ("判定", "status", "status"),
    "mark": ("限值核实", "limit verified", "mark"),
}
_TARGETS: Columns = {
    "target_id": ("防护目标", "protection target", "target"),
    "class": ("类别", "class", "choice:target_class"),
    "in_service": ("在役〔/年〕", "in service [/yr]", "per_year"),
    "approved": ("含已批〔/年〕", "with approved [/yr]", "per_year"),
    "limit": ("限值〔/年〕", "limit [/yr]", "per_year"),
    "share": ("占用", "used", "percent"),
    "margin": ("余量〔/年〕", "margin [/yr]", "per_year"),
    "status": ("判定", "status", "status"),
}


def chapter(material: Material) -> Chapter:
    """Safety capacity of the park."""
    say = material.say
    return Chapter(
        say("安全容量", "Safety capacity"),
        (
            Paragraph(
                say(
                    "安全容量以风险准则本身衡量：各防护目标个人风险占限值的份额、F-N 曲线占上限的份额，"
                    "取最大者为已用容量。",
                    "Capacity is measured by the criteria of risk themselves: the share of its limit that the "
                    "individual risk at each protection target takes, and the share of the upper line that the F-N "
                    "curve takes; the largest share is what is used.",
                )
            ),
            Callout("note", say("口径", "Reading"), NOTE[material.lang]),
        ),
        (
            Section(say("现状与已批项目", "Present and approved"), _stages(material)),
            Section(say("控制因素", "What binds"), _binding(material)),
            Section(say("余量的占用", "What would use it up"), _used_up(material)),
        ),
    )


def _criterion(material: Material, name: str) -> str:
    return material.say(*CRITERIA[name]) if name else ""


def _stages(material: Material) -> tuple[Block, ...]:
    say, stages = material.say, material.capacity.stages
    shown = stages.assign(
        label=stages[f"label_{material.lang}"],
        individual_target=[named(material, "target", each) if each else "" for each in stages["individual_at"]],
        binding=[_criterion(material, name) for name in stages["binding"]],
    )
    last = rows_of(stages)[-1]
    stage = last[f"label_{material.lang}"]
    criterion = _criterion(material, last["binding"])
    text = {
        "pass": say(
            f"{stage}口径下剩余容量 {percent(last['remaining'])}，由“{criterion}”控制。",
            f"Counted {stage}, {percent(last['remaining'])} remains; {criterion} binds.",
        ),
        "fail": say(
            f"{stage}口径下已超出限值，无剩余容量，由“{criterion}”控制（占用 {percent(last['share'])}）。",
            f"Counted {stage}, a limit is exceeded and nothing remains; {criterion} binds "
            f"({percent(last['share'])} used).",
        ),
        "unknown": say(
            f"{stage}口径下剩余容量未知：防护目标、人口或部分事件后果的资料不全，不能认定尚有容量。",
            f"Counted {stage}, what remains is unknown: data of targets, people or some events are missing; "
            "it cannot be said that there is capacity left.",
        ),
    }[last["status"]]
    return (
        callout_of(last["status"], say("剩余容量", "Remaining capacity"), text),
        *tabulated(
            shown,
            _STAGES,
            material,
            say("各阶段的容量占用", "Capacity used at each stage"),
            note=say(
                "占用为风险与限值之比，100.0 % 为恰好等于限值；资料不全时占用仅为已知部分，剩余容量记为未知。",
                "Used is risk / limit, 100.0 % is just at the limit; where data are missing the share is of what is "
                "known, and what remains is unknown.",
            ),
            widths=(1.4, 1.0, 1.2, 2.2, 1.2, 1.2, 1.2, 2.0, 1.0),
        ),
        *material.figure("capacity", say("安全容量占用", "Safety capacity used"), 0.9),
    )


def _binding(material: Material) -> tuple[Block, ...]:
    say, binding = material.say, material.capacity.binding
    place = [
        "" if not at else named(material, "target", at) if name.startswith("individual") else f"N = {at}"
        for name, at in zip(binding["criterion"], binding["at"], strict=True)
    ]
    shown = binding.assign(place=place, criterion=[_criterion(material, name) for name in binding["criterion"]])
    targets = material.capacity.targets.sort_values(
        ["share", "target_id"], ascending=[False, True], na_position="first"
    )
    return (
        *tabulated(
            shown,
            _BINDING,
            material,
            say("各准则的最紧处（含已批）", "Where each criterion is nearest to its limit (with approved)"),
            widths=(1.9, 2.2, 1.3, 1.3, 0.9, 1.3, 1.1, 1.5),
        ),
        *tabulated(
            targets,
            _TARGETS,
            material,
            say("各防护目标的余量", "Margin at the protection targets"),
            limit=_MOST,
            annex="targets.csv",
            widths=(2.6, 2.0, 1.3, 1.3, 1.3, 0.9, 1.3, 1.0),
        ),
    )


def _used_up(material: Material) -> tuple[Block, ...]:
    say = material.say
    points = [_use(material, row) for row in rows_of(material.capacity.binding) if row["margin"] == row["margin"]]
    if not points:
        return (
            Callout(
                "unknown",
                say("无法给出", "Cannot be said"),
                say(
                    "缺少防护目标或人口资料，没有可以比较的限值。",
                    "Without protection targets or people there is no limit to compare with.",
                ),
            ),
        )
    points.append(
        say(
            "新增项目按“准入评审”以建成前后两次整体评估核算，不以本章余量直接相加；余量以先用尽者为准。",
            "A new project is judged by two assessments of the whole park, before and after; margins of this chapter "
            "are not added up. What is used up first counts.",
        )
    )
    return (Bullets(tuple(points)),)


def _use(material: Material, row: dict[str, object]) -> str:
    say, at, margin = material.say, str(row["at"]), float(str(row["margin"]))
    if row["criterion"] != "individual_risk":
        return say(
            f"社会风险：死亡人数不小于 {at} 人的事故频率再增加 {per_year(margin)} /年即达上限。"
            if margin >= 0
            else f"社会风险：死亡人数不小于 {at} 人的事故频率已超出上限 {per_year(-margin)} /年。",
            f"Societal risk: {per_year(margin)} per year more of accidents with {at} or more deaths reaches the line."
            if margin >= 0
            else f"Societal risk: accidents with {at} or more deaths exceed the line by {per_year(-margin)} per year.",
        )
    target = named(material, "target", at)
    makers = _makers(material, at)
    made = say(f"；现有个人风险主要来自{makers}", f"; what is there comes mainly from {makers}") if makers else ""
    return say(
        f"个人风险：{target} 处再增加 {per_year(margin)} /年即达限值{made}。"
        if margin >= 0
        else f"个人风险：{target} 处已超出限值 {per_year(-margin)} /年{made}。",
        f"Individual risk: {per_year(margin)} per year more at {target} reaches the limit{made}."
        if margin >= 0
        else f"Individual risk: {target} exceeds its limit by {per_year(-margin)} per year{made}.",
    )


def _makers(material: Material, target: str) -> str:
    shares: pd.DataFrame = material.result.contributions
    first = shares[shares["target_id"] == target].nsmallest(3, "rank")
    return joined(
        material,
        (
            material.say("{}（{}）", "{} ({})").format(named(material, "unit", row["unit_id"]), percent(row["share"]))
            for row in rows_of(first)
        ),
    )
