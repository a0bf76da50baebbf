"""Chapter 7: what escalates, between which units and enterprises, along which chains, and what that adds."""

import numpy as np
import pandas as pd

from parkrisk.api.drawn.domino_timeline import READINGS
from parkrisk.api.report.content import Block, Bullets, Callout, Chapter, Facts, Paragraph, Section
from parkrisk.api.report.material import Material, per_year, percent
from parkrisk.api.report.tabulated import Columns, called, named, tabulated
from parkrisk.api.report.wording import sourced
from parkrisk.models.constants import constants
from parkrisk.models.constants import rows as data_rows
from parkrisk.risk.tables import flag_texts

__all__ = ["chapter"]

_SHOWN = 15
_THRESHOLDS: Columns = {
    "class": ("设备类别", "class of equipment", ""),
    "load": ("荷载", "load", ""),
    "threshold": ("升级阈值", "threshold", ""),
    "source": ("依据", "source", ""),
    "mark": ("核实", "mark", "mark"),
}
_PAIRS: Columns = {
    "from_unit": ("起始设备", "from", "unit_name"),
    "to_unit": ("受影响设备", "to", "unit_name"),
    "distance_m": ("净距〔m〕", "gap [m]", ",.0f"),
    "heat_load_kw_m2": ("热辐射〔kW/m²〕", "heat [kW/m²]", ",.1f"),
    "overpressure_kpa": ("超压〔kPa〕", "over-pressure [kPa]", ",.1f"),
    "direct_probability": ("直接升级概率", "directly", "chance"),
    "probability": ("失效概率（各级）", "in any order", "chance"),
    "time_min": ("中位时间〔min〕", "median [min]", ",.1f?"),
    "frequency": ("频率〔/年〕", "frequency [/yr]", "per_year"),
}
_BETWEEN: Columns = {
    "from_enterprise": ("起始企业", "from enterprise", "enterprise"),
    "to_enterprise": ("波及企业", "to enterprise", "enterprise"),
    "frequency": ("级联波及〔/年〕", "cascades that reach it [/yr]", "per_year"),
    "standard_error": ("标准误〔/年〕", "standard error [/yr]", "per_year"),
    "failures": ("失效设备〔台/年〕", "units failed [/yr]", "per_year"),
}
_CHAINS: Columns = {
    "chain": ("事故链", "chain", ""),
    "order": ("级次", "order", "d"),
    "times_min": ("各级中位时间〔min〕", "median times [min]", ""),
    "probability": ("条件概率", "probability", "chance"),
    "frequency": ("频率〔/年〕", "frequency [/yr]", "per_year"),
    "standard_error": ("标准误〔/年〕", "standard error [/yr]", "per_year"),
}
_CAUSES: Columns = {
    "rank_out": ("名次", "rank", "d"),
    "unit_id": ("设备", "unit", "unit"),
    "primary_frequency": ("火灾爆炸〔/年〕", "fires, explosions [/yr]", "per_year"),
    "domino_out": ("引发多米诺〔/年〕", "starts a cascade [/yr]", "per_year"),
    "expected_failures_caused": ("每次引发失效〔台〕", "failures each", ",.3g"),
    "failures": ("引发失效〔台/年〕", "failures caused [/yr]", "per_year"),
}
_SUFFERS: Columns = {
    "rank_in": ("名次", "rank", "d"),
    "unit_id": ("设备", "unit", "unit"),
    "secondary_frequency": ("受多米诺失效〔/年〕", "fails in a cascade [/yr]", "per_year"),
    "standard_error": ("标准误〔/年〕", "standard error [/yr]", "per_year"),
    "primary_frequency": ("自身火灾爆炸〔/年〕", "own fires, explosions [/yr]", "per_year"),
}
_ADDED: Columns = {
    "what": ("指标", "measure", ""),
    "with": ("计多米诺", "with", ""),
    "without": ("不计多米诺", "without", ""),
    "added": ("多米诺所占", "share of domino effects", "percent?"),
}
_CLASSES = {
    "atmospheric": ("常压设备", "atmospheric"),
    "pressurised": ("压力设备", "pressurised"),
    "elongated": ("细长设备（塔器等）", "elongated"),
    "small": ("小型设备", "small"),
}
_LOADS = {
    "heat": ("热辐射", "heat", "kW/m²"),
    "fireball": ("火球热辐射", "heat of a fireball", "kW/m²"),
    "blast": ("超压", "overpressure", "kPa"),
}


def chapter(material: Material) -> Chapter:
    """多米诺效应."""
    say = material.say
    title, method = say("多米诺效应", "Domino effects"), Section(say("分析方法", "Method"), _method(material))
    if not len(material.result.domino.pairs):
        return Chapter(title, (_none(material),), (method,))
    return Chapter(
        title,
        _summary(material),
        (
            method,
            Section(say("设备之间", "Between units"), _pairs(material)),
            Section(say("企业之间", "Between enterprises"), _between(material)),
            Section(say("事故链", "Chains"), _chains(material)),
            Section(say("引发与受害最多的设备", "Units that cause and that suffer most"), _units(material)),
            Section(say("多米诺对园区风险的影响", "What cascades add to the risk"), _added(material)),
        ),
    )


def _none(material: Material) -> Block:
    say = material.say
    return Callout(
        "note",
        say("未发现多米诺升级", "No escalation"),
        say(
            "按所列设备和判据，没有一台设备的火灾或爆炸能使另一台设备失效；资料缺失的设备不在此列。",
            "With these units and criteria no fire or explosion of one unit makes another fail; units without data "
            "are not among them.",
        ),
    )


def _method(material: Material) -> tuple[Block, ...]:
    method, say = material.result.domino.method, material.say
    kind = say(*{"dynamic": ("动态级联", "dynamic"), "static": ("静态级联", "static")}[str(method["cascade"])])
    reached = method["error_reached"]
    reading = say(*READINGS[str(method["time_to_failure_mode"])])
    unknown = say("无次生失效，不适用", "no secondary failures, does not apply")
    return (
        Paragraph(
            say(
                "逐个初始火灾、爆炸事件展开级联：受热设备累积多处热辐射的剂量，在得到保护之前达到失效时间即失效；"
                "超压按概率函数、碎片按命中和穿透概率判定失效；失效设备按其介质成为新的火灾或爆炸源，"
                "继续向下一级升级。已计入屏障、应急响应时间和燃尽。",
                "Each primary fire or explosion is played out: heated units sum the heat of all fires and fail if "
                "their time to failure comes before they are protected; overpressure acts by a probit, fragments "
                "by their chance to hit and perforate; a unit that fails burns or explodes by its content and may "
                "load others. Barriers, response times and burn-out count.",
            )
        ),
        Facts(
            (
                (say("级联", "cascades"), kind),
                (say("每个初始事件的抽样次数", "histories of each primary event"), f"{method['histories']}"),
                (say("随机种子", "seed"), f"{method['seed']}"),
                (
                    say("失效时间概率函数", "probit of the time to failure"),
                    reading,
                ),
                (say("相对抽样误差", "relative sampling error"), unknown if reached is None else percent(reached)),
            )
        ),
        *tabulated(
            thresholds(material),
            _THRESHOLDS,
            material,
            say("设备升级阈值", "Escalation thresholds of equipment"),
            widths=(1.7, 1.1, 1.1, 3.8, 1.2),
        ),
        *_flags(material),
    )


def thresholds(material: Material) -> pd.DataFrame:
    """class, load, threshold, source, mark of the escalation thresholds."""
    say, found = material.say, []
    for row in data_rows("escalation_thresholds"):
        zh, en, unit = _LOADS[row["vector"]]
        value = float(row["value"])
        none = say("不升级", "none")
        text = f"{value / 1e3:g} {unit}" if np.isfinite(value) else none
        found.append(
            (say(*_CLASSES[row["equipment_class"]]), say(zh, en), text, sourced(material, row["source"]), row["mark"])
        )
    return pd.DataFrame(found, columns=["class", "load", "threshold", "source", "mark"])


def _flags(material: Material) -> tuple[Block, ...]:
    """What the cascades leave out or take from unverified numbers."""
    texts, codes = flag_texts(), [str(code) for code in material.result.domino.method["flags"]]
    if not codes:
        return ()
    items = tuple(material.say(*texts.get(code, (code, code))) for code in codes)
    return (
        Paragraph(material.say("本分析的取法与未核实的数值：", "Choices and unverified values of this analysis:")),
        Bullets(items),
    )


def _summary(material: Material) -> tuple[Block, ...]:
    domino, say = material.result.domino, material.say
    units = domino.units
    causes, suffers = (units[units[name] > 0.0] for name in ("domino_out", "domino_in"))
    started, secondary = units["domino_out"].sum(), units["secondary_frequency"].sum()
    across = int(domino.pairs["cross_enterprise"].astype(bool).sum())
    return (
        Paragraph(
            say(
                f"{len(units)} 台设备中，{len(causes)} 台的火灾或爆炸可能引发多米诺，{len(suffers)} "
                f"台可能受其影响而失效；可能升级的设备对（分方向）{len(domino.pairs)} 对，其中跨企业 {across} 对。"
                f"多米诺事故合计 {per_year(started)} 次/年，次生失效合计 {per_year(secondary)} 台/年。",
                f"Of {len(units)} units, {len(causes)} may start a cascade and {len(suffers)} may fail in one; "
                f"{len(domino.pairs)} directed pairs may escalate, {across} of them between enterprises. Cascades "
                f"start {per_year(started)} times and fail {per_year(secondary)} units per year.",
            )
        ),
    )


def _pairs(material: Material) -> tuple[Block, ...]:
    rows, say = material.result.domino.pairs, material.say
    first = rows.iloc[0]
    minutes = first["time_min"]
    when = say(f"，中位时间 {minutes:,.1f} min", f", median {minutes:,.1f} min") if minutes == minutes else ""
    return (
        Paragraph(
            say(
                f"频率最高的一对是{named(material, 'unit', first['from_unit'])}至"
                f"{named(material, 'unit', first['to_unit'])}：{per_year(first['frequency'])} /年，"
                f"起始设备火灾或爆炸后失效概率 {per_year(first['probability'])}{when}。",
                f"Most frequent is {named(material, 'unit', first['from_unit'])} to "
                f"{named(material, 'unit', first['to_unit'])}: {per_year(first['frequency'])} /yr, probability "
                f"{per_year(first['probability'])} given a fire or an explosion{when}.",
            )
        ),
        *tabulated(
            rows,
            _PAIRS,
            material,
            say("多米诺设备对（频率最高者）", "Pairs of units, the most frequent"),
            limit=_SHOWN,
            annex="domino_pairs.csv",
            note=f"{_loads(material)} "
            + say(
                "直接升级概率为精确值，失效概率含经中间设备的各级升级，均以起始设备起火或爆炸为条件。",
                "Direct escalation is exact, the other probability is that of failure in any order; both are given a "
                "fire or an explosion of the first unit.",
            ),
            widths=(2.2, 2.4, 0.8, 1.2, 0.9, 1.3, 1.3, 1.0, 1.5),
        ),
        *material.figure("domino_map", say("多米诺关系图", "Domino relations on the map")),
    )


def _loads(material: Material) -> str:
    """What the loads of the table are, and where the two come from that many pairs share."""
    pool, jet = (constants("fragility")[f"engulfing_{kind}_fire_heat_flux"].value / 1e3 for kind in ("pool", "jet"))
    return material.say(
        f"荷载为各事件、各气象下的最大值。热辐射恰为 {pool:g} 或 {jet:g} kW/m² 的，设备被池火或喷射火火焰包围，"
        "取实测的包围热流；超压恰为 101.3 kPa（1 个大气压）的，设备位于 7 级爆源的蒸气云内或其近旁，"
        "取多能法该级的平台值，为该级的上限。",
        f"Loads are the largest over events and weathers. Heat of just {pool:g} or {jet:g} kW/m²: the flame of a pool "
        "fire or a jet fire engulfs the unit, which takes the heat measured in such fires. Overpressure of just "
        "101.3 kPa (one atmosphere): the unit stands in or beside an exploding cloud of class 7 and takes the "
        "plateau of the multi-energy method, the most that the class gives.",
    )


def _between(material: Material) -> tuple[Block, ...]:
    domino, say = material.result.domino, material.say
    rows = domino.enterprises[domino.enterprises["cross_enterprise"].astype(bool)]
    rows = rows.sort_values(
        ["frequency", "from_enterprise", "to_enterprise"], ascending=[False, True, True], ignore_index=True
    )
    if rows.empty:
        return (Paragraph(say("未发现跨企业的多米诺。", "No cascade goes from one enterprise to another.")),)
    first = rows.iloc[0]
    return (
        Paragraph(
            say(
                f"跨企业的多米诺共 {len(rows)} 个方向，频率最高的是"
                f"{named(material, 'enterprise', first['from_enterprise'])}波及"
                f"{named(material, 'enterprise', first['to_enterprise'])}，{per_year(first['frequency'])} /年。"
                "有关企业应相互告知，联合制定防控与应急措施。",
                f"Cascades cross between enterprises ({len(rows)} directed pairs), most often from "
                f"{named(material, 'enterprise', first['from_enterprise'])} to "
                f"{named(material, 'enterprise', first['to_enterprise'])}: {per_year(first['frequency'])} /yr. "
                "These enterprises are to tell each other and to act together.",
            )
        ),
        *tabulated(
            rows,
            _BETWEEN,
            material,
            say("企业之间的多米诺", "Cascades between enterprises"),
            limit=_SHOWN,
            annex="domino_enterprises.csv",
            widths=(2.6, 2.6, 1.2, 1.2, 1.2),
        ),
    )


def _chains(material: Material) -> tuple[Block, ...]:
    chains, say = material.result.domino.chains, material.say
    if chains.empty:
        return (Paragraph(say("没有可列的事故链。", "There are no chains to list.")),)
    deepest = int(chains["order"].max())
    rows = pd.concat([chains.head(10), chains[chains["order"] >= 2].head(10)]).drop_duplicates("units")
    return (
        Paragraph(
            say(
                f"列出的事故链最长为 {deepest} 级。下表为频率最高的 {min(10, len(chains))} 条及频率最高的二级以上链。",
                f"The longest chain listed has {deepest} orders. The table has the {min(10, len(chains))} most "
                "frequent ones and the most frequent of order 2 or more.",
            )
        ),
        *tabulated(
            rows.assign(
                chain=[_chain(units, material) for units in rows["units"]],
                times_min=rows["times_min"].str.replace(" > ", " → "),
            ),
            _CHAINS,
            material,
            say("多米诺事故链", "Chains"),
            note=say("全部事故链见附表 domino_chains.csv。", "All chains stand in the annex domino_chains.csv."),
            widths=(4.4, 0.6, 2.2, 1.0, 1.3, 1.3),
        ),
        *material.figure("domino_timeline", say("典型事故链的时间进程", "A chain over time")),
    )


def _chain(units: str, material: Material) -> str:
    return " → ".join(called(material, "unit", unit) for unit in units.split(" > "))


def _units(material: Material) -> tuple[Block, ...]:
    units, say = material.result.domino.units, material.say
    causes = units[units["domino_out"] > 0.0].assign(
        failures=units["primary_frequency"] * units["expected_failures_caused"]
    )
    suffers = units[units["domino_in"] > 0.0]
    return (
        *tabulated(
            causes.sort_values("rank_out", ignore_index=True),
            _CAUSES,
            material,
            say("引发多米诺最多的设备", "Units that cause most"),
            limit=10,
            annex="domino_units.csv",
            note=say("名次按每年引发的失效台数。", "Ranked by the failures they cause per year."),
            widths=(0.6, 3.4, 1.3, 1.3, 1.3, 1.3),
        ),
        *tabulated(
            suffers.sort_values("rank_in", ignore_index=True),
            _SUFFERS,
            material,
            say("受多米诺影响最大的设备", "Units that suffer most"),
            limit=10,
            annex="domino_units.csv",
            widths=(0.6, 3.4, 1.6, 1.4, 1.6),
        ),
    )


def _added(material: Material) -> tuple[Block, ...]:
    say, rows = material.say, added(material)
    return (
        *tabulated(
            rows,
            _ADDED,
            material,
            say("计与不计多米诺的风险", "Risk with and without cascades"),
            widths=(3.0, 1.4, 1.4, 1.2),
        ),
        Paragraph(
            say(
                "预期死亡按事件累加：同一人在一次事故中被多个事件波及时计多次；F-N 曲线按事故计，同一人只计一次。",
                "Expected deaths are a sum over events: somebody whom several events of one accident reach counts "
                "more than once; on the F-N curve a person dies once in an accident.",
            ),
            small=True,
        ),
    )


def added(material: Material) -> pd.DataFrame:
    """what, with, without, added: expected deaths, F-N at its worst point, risk at the worst target."""
    result, say = material.result, material.say
    societal, found = result.societal, []
    found.append((say("潜在生命损失 PLL〔人/年〕", "PLL [/yr]"), societal.pll, societal.pll_without_domino))
    if len(result.fn):
        at = result.fn.iloc[int((result.fn["F"] / result.fn["upper"]).to_numpy().argmax())]
        name = say(f"F（N ≥ {at['N']:,.4g}）〔/年〕", f"F (N ≥ {at['N']:,.4g}) [/yr]")
        found.append((name, float(at["F"]), float(at["F_without_domino"])))
    ranked = result.targets.sort_values(["ratio", "target_id"], ascending=[False, True]).head(3)
    for row in ranked.to_dict("records"):
        name = say(f"{row['name']} 个人风险〔/年〕", f"individual risk at {row['name']} [/yr]")
        found.append((name, row["individual_risk"], row["individual_risk_without_domino"]))
    return pd.DataFrame(
        [
            {
                "what": name,
                "with": per_year(risk),
                "without": per_year(without),
                "added": (risk - without) / risk if risk > 0.0 else np.nan,
            }
            for name, risk, without in found
        ]
    )
