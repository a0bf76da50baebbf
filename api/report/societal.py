"""Societal risk in the report: zone, points of the F-N curve, expected deaths."""

import numpy as np
import pandas as pd

from parkrisk.api.report.content import Block, Callout, Facts, Paragraph
from parkrisk.api.report.material import Material, per_year, percent
from parkrisk.api.report.tabulated import Columns, named, tabulated
from parkrisk.risk.criteria import possible_zones
from parkrisk.risk.grading.quantities import counted_people

__all__ = ["ZONE_NAMES", "fn_rows", "of_limit", "societal_risk"]

#: Zones of the F-N plane, Chinese and English.
ZONE_NAMES = {
    "acceptable": ("可接受区", "acceptable"),
    "alarp": ("尽可能降低区", "as low as reasonably practicable"),
    "unacceptable": ("不可接受区", "unacceptable"),
    "beyond": ("准则线以外，未判定", "beyond the lines, not judged"),
    "unknown": ("未知", "unknown"),
}


_FN: Columns = {
    "N": ("死亡人数 N", "deaths N", ",.0f"),
    "F": ("累积频率 F /年", "F /yr", "per_year"),
    "F_standard_error": ("抽样标准误 /年", "sampling error /yr", "per_year"),
    "F_without_domino": ("不计多米诺 /年", "without domino /yr", "per_year"),
    "upper": ("不可接受线 /年", "upper line /yr", "per_year"),
    "share": ("占不可接受线", "of the upper line", "percent"),
    "zone_text": ("所在区", "zone", ""),
}


_ENTERPRISES: Columns = {
    "owner": ("企业", "enterprise", ""),
    "pll": ("预期死亡 人/年", "PLL /yr", "per_year"),
    "share": ("占园区", "share of the park", "percent"),
}
_NUMBERS = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0, 10000.0)


def societal_risk(material: Material) -> tuple[Block, ...]:
    """The section on societal risk."""
    result, say = material.result, material.say
    rows = fn_rows(material)
    if rows.empty:
        return (_no_deaths(material),)
    zones, known = possible_zones(result.fn["zone"]), people_known(material)
    share = result.fn["F"] / result.fn["upper"]
    k = int(share.to_numpy().argmax())
    worst = result.fn.iloc[k]
    names = say(" 或 ", " or ").join(say(*ZONE_NAMES[name]) for name in zones)
    kind = {"unacceptable": "bad", "alarp": "note", "acceptable": "good"}[zones[0]]
    if zones[0] != "unacceptable" and (not known or len(zones) > 1):
        kind = "unknown"
        if not known:
            names = say(f"未知（已知部分处于{names}）", f"unknown (what is known is {names})")
    return (
        Callout(
            kind,
            say(f"社会风险：{names}", f"Societal risk: {names}"),
            say(
                f"最接近不可接受线处 N = {worst['N']:,.0f}，F = {per_year(worst['F'])} /年，为不可接受线的 "
                f"{percent(share.iloc[k])}。",
                f"Nearest to the upper line at N = {worst['N']:,.0f}: F = {per_year(worst['F'])} /yr, "
                f"{of_limit(share.iloc[k], material)} the line.",
            ),
        ),
        *_uncounted(material),
        *_alarp(zones, material),
        *_expected(material),
        *tabulated(
            rows,
            _FN,
            material,
            say("F-N 曲线取点", "Points of the F-N curve"),
            note=say(
                "曲线由逐个事故累计得出，不是平均值；全部取点见附表 fn.csv。准则线的斜率和终点未经核实（M）。",
                "The curve is built from accidents, not from means; every point stands in the annex fn.csv. Slope "
                "and end of the lines are unverified (M).",
            ),
        ),
        *_by_enterprise(material),
        *material.figure("fn", say("社会风险 F-N 曲线", "F-N curve")),
    )


def of_limit(ratio: float, material: Material) -> str:
    """A risk as a share of its limit, as so many times the limit where it is above it."""
    if ratio > 1.0:
        return material.say(f"{ratio:,.1f} 倍", f"{ratio:,.1f} times")
    return material.say(percent(ratio), f"{percent(ratio)} of")


def people_known(material: Material) -> bool:
    """Whether all people and all events are in the curve; without them it is a lower bound."""
    result = material.result
    return counted_people(result.park) and not result.events.not_computed


def _no_deaths(material: Material) -> Block:
    """Why there is no F-N curve."""
    say = material.say
    if people_known(material):
        title = say("无一人及以上死亡的事故", "No accident with a death")
        text = say(
            "按所给人口，没有事故的期望死亡达到 1 人。", "With the people given, no accident kills one person or more."
        )
        return Callout("good", title, text)
    title = say("社会风险未知", "Societal risk is unknown")
    text = say(
        "人口、在岗人数或部分事件的后果缺失，社会风险无法判定。",
        "People, staff or some events are missing; societal risk cannot be judged.",
    )
    return Callout("unknown", title, text)


def _uncounted(material: Material) -> tuple[Block, ...]:
    if people_known(material):
        return ()
    return (
        Callout(
            "unknown",
            material.say("社会风险为下限", "Societal risk is a lower bound"),
            material.say(
                "人口、企业在岗人数或部分事件的后果缺失，曲线只反映已知部分，不能据以判定为可接受。",
                "People, staff or some events are missing; the curve holds only what is known and cannot be called "
                "acceptable.",
            ),
        ),
    )


def _alarp(zones: tuple[str, ...], material: Material) -> tuple[Block, ...]:
    if "alarp" not in zones:
        return ()
    text = material.say(
        "处于尽可能降低区的，应在可行范围内采取降低风险的措施并论证其效果与代价，不得仅以未进入不可接受区作为结论。",
        "Within the ALARP zone, measures to lower the risk are to be taken as far as practicable, with effect and "
        "cost shown; not being unacceptable is no conclusion.",
    )
    return (Paragraph(text),)


def _expected(material: Material) -> tuple[Block, ...]:
    societal, say = material.result.societal, material.say
    added = (societal.pll - societal.pll_without_domino) / societal.pll if societal.pll > 0.0 else 0.0
    unit = say("人/年", "/yr")
    return (
        Facts(
            (
                (say("预期死亡 PLL（按事件累加）", "PLL (sum over events)"), f"{per_year(societal.pll)} {unit}"),
                (say("不计多米诺", "without domino effects"), f"{per_year(societal.pll_without_domino)} {unit}"),
                (say("多米诺所占份额", "share of domino effects"), percent(added)),
                (
                    say("按事故计（同一人只计一次）", "by accidents (a person dies once)"),
                    f"{per_year(societal.pll_accidents)} {unit}",
                ),
            )
        ),
    )


def _by_enterprise(material: Material) -> tuple[Block, ...]:
    """Expected deaths by the enterprise whose units cause them."""
    societal, say = material.result.societal, material.say
    rows = societal.pll_by_enterprise.rename("pll").rename_axis("enterprise_id").reset_index()
    rows = rows[rows["pll"] > 0.0].assign(share=rows["pll"] / societal.pll)
    rows["owner"] = [
        named(material, "enterprise", each) if each else say("（道路运输、线路）", "(transport, lines)")
        for each in rows["enterprise_id"]
    ]
    return tabulated(
        rows.sort_values(["pll", "enterprise_id"], ascending=[False, True], ignore_index=True),
        _ENTERPRISES,
        material,
        say("各企业风险源造成的预期死亡", "Expected deaths by enterprise"),
        limit=15,
        annex="sources.csv",
    )


def fn_rows(material: Material) -> pd.DataFrame:
    """Points of the F-N curve at round numbers of deaths, where it is nearest to the upper line, and at its end."""
    table = material.result.fn
    if table.empty:
        return table
    share = (table["F"] / table["upper"]).to_numpy()
    numbers = table["N"].to_numpy()
    picked = {int(np.abs(numbers - number).argmin()) for number in _NUMBERS if number <= numbers[-1] * 1.01}
    rows = table.iloc[sorted(picked | {int(share.argmax()), len(table) - 1})].reset_index(drop=True)
    zones = [material.say(*ZONE_NAMES[zone]) for zone in rows["zone"]]
    return rows.assign(share=rows["F"] / rows["upper"], zone_text=zones)
