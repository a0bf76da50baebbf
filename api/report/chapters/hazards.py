"""Chapter 3: what is dangerous in the park: substances, major hazards, units, transport, losses of containment."""

from collections import Counter

import pandas as pd

from parkrisk.api.report.content import Block, Bullets, Callout, Chapter, Facts, Paragraph, Section
from parkrisk.api.report.ledgers import hazard_rows, losses, substances, terms
from parkrisk.api.report.material import Material, per_year, percent
from parkrisk.api.report.readings import loss_set_name
from parkrisk.api.report.tabulated import Columns, named, tabulated
from parkrisk.models.substance.substances import find

__all__ = ["chapter"]

_SUBSTANCES: Columns = {
    "substance": ("物质", "substance", ""),
    "cas": ("CAS 号", "CAS", ""),
    "symbols": ("危险性类别符号", "hazard symbols", "?"),
    "Q_t": ("临界量 t", "critical t", ",.6g?"),
    "mass_t": ("设计最大存量 t", "design maximum t", "amount"),
    "units": ("设备 台", "units", "d"),
    "enterprises": ("企业 家", "enterprises", "d"),
    "toxic": ("计中毒死亡", "toxic deaths modelled", "answer"),
}
_HAZARDS: Columns = {
    "hazard_unit_id": ("单元", "hazard unit", ""),
    "enterprise_id": ("企业", "enterprise", "enterprise"),
    "contents": ("主要物质 q/Q t", "main substances q/Q t", ""),
    "S": ("S", "S", ",.2f"),
    "alpha": ("α", "α", ".2g"),
    "R": ("R", "R", ",.2f"),
    "level_text": ("级别", "level", ""),
    "open": ("未定项", "open", "?"),
    "mark": ("核实", "mark", "mark"),
}
_TERMS: Columns = {
    "substance": ("物质", "substance", ""),
    "hazard_unit_id": ("单元", "hazard unit", ""),
    "units": ("设备 台", "units", "d"),
    "mass_t": ("q t", "q t", "amount"),
    "Q_t": ("Q t", "Q t", ",.6g"),
    "row": ("Q 的依据", "Q from", ""),
    "q_over_Q": ("q/Q", "q/Q", ",.2f"),
    "beta": ("β", "β", ".3g"),
    "beta_q_over_Q": ("β·q/Q", "β·q/Q", ",.2f"),
}
_KINDS: Columns = {
    "kind": ("设备类型", "kind", "choice:unit_kind"),
    "units": ("设备 台", "units", "d"),
    "in_service": ("在用", "in service", "d"),
    "frequency": ("事件频率 /年", "events, cascades among them /yr", "per_year"),
    "pll": ("预期死亡 人/年", "PLL /yr", "per_year"),
    "share": ("占比", "share", "percent"),
}
_TRANSPORT: Columns = {
    "name": ("运输", "transport", ""),
    "mode": ("线路", "way", "choice:transport_mode"),
    "vehicle": ("车辆", "vehicle", "choice:transport_vehicle"),
    "substance_name": ("介质", "substance", ""),
    "load_t": ("单车 t", "load t", ",.1f"),
    "loads_per_year": ("满载 次/年", "loads /yr", ",.0f"),
    "frequency": ("事件频率 /年", "frequency /yr", "per_year"),
    "pll": ("预期死亡 人/年", "PLL /yr", "per_year"),
}
_LOSSES: Columns = {
    "loc": ("泄漏模式", "loss", "word"),
    "outcome": ("灾害模式", "outcome", "word"),
    "events": ("事件 个", "events", "d"),
    "units": ("涉及设备 台", "units", "d"),
    "frequency": ("频率合计 /年", "frequency /yr", "per_year"),
    "unverified": ("频率未核实 个", "of these unverified", "d"),
}
_SUBSTANCES_SHOWN, _KEPT = 30, 20


def chapter(material: Material) -> Chapter:
    """危险源辨识."""
    say = material.say
    return Chapter(
        say("危险源辨识", "Hazard identification"),
        sections=(
            Section(say("危险化学品", "Hazardous substances"), _substances(material)),
            Section(say("重大危险源", "Major hazards"), _major(material)),
            Section(say("重点监管工艺与化学品", "Key supervised processes and substances"), _supervised(material)),
            Section(say("装置与设备", "Units"), _units(material)),
            Section(say("危险货物运输", "Transport of hazardous goods"), _transport(material)),
            Section(say("泄漏场景与频率", "Losses of containment and frequencies"), _losses(material)),
            Section(say("自然与社会致因", "Natural and social causes"), _causes(material)),
        ),
    )


def _substances(material: Material) -> tuple[Block, ...]:
    say = material.say
    rows = substances(material)
    if rows.empty:
        return (Paragraph(say("在用设备无危险化学品。", "No unit in service holds a hazardous substance.")),)
    most, spread = rows.iloc[0], rows["units"].max()
    return (
        Paragraph(
            say(
                f"在用设备涉及危险化学品 {len(rows)} 种，设计最大存量合计 {rows['mass_t'].sum():,.0f} t；"
                f"存量最大的是{most['substance']}，{most['mass_t']:,.0f} t，占 "
                f"{percent(most['mass_t'] / rows['mass_t'].sum())}；涉及设备最多的物质分布在 {spread} 台设备中。",
                f"Units in service hold {len(rows)} hazardous substances, {rows['mass_t'].sum():,.0f} t by design; "
                f"most of it is {most['substance']}, {most['mass_t']:,.0f} t or "
                f"{percent(most['mass_t'] / rows['mass_t'].sum())}; the most widespread is in {spread} units.",
            )
        ),
        *tabulated(
            rows,
            _SUBSTANCES,
            material,
            say("危险化学品台账", "Substances"),
            limit=_SUBSTANCES_SHOWN,
            annex="sources.csv",
            widths=(1.8, 1.5, 1.4, 1.1, 1.8, 1.0, 1.0, 1.3),
            note=say(
                "存量按 GB 18218-2018 取设计最大量；符号、临界量取自该标准，“–”为标准未列入。"
                "“计中毒死亡”为是否有事件计入中毒死亡。",
                "Amounts are design maxima as GB 18218-2018 counts them; symbols and critical amounts are of that "
                "standard, a dash where it has none. The last column says whether an event counts toxic deaths.",
            ),
        ),
    )


def _major(material: Material) -> tuple[Block, ...]:
    say, units = material.say, material.result.hazards.units
    rows = hazard_rows(material)
    major = rows[rows["major_hazard"] == "yes"]
    graded = major["level"].dropna().astype(int)
    words = say("，", ", ").join(
        say(f"{'一二三四'[level - 1]}级 {count} 个", f"level {level}: {count}")
        for level, count in sorted(Counter(graded.tolist()).items())
    )
    blocks: list[Block] = [
        Paragraph(
            say(
                f"按 GB 18218-2018 划分危险化学品单元 {len(units)} 个，其中构成重大危险源 {len(major)} 个"
                + (f"（{words}）。" if words else "。"),
                f"By GB 18218-2018 there are {len(units)} hazard units, {len(major)} of them major hazards"
                + (f" ({words})." if words else "."),
            )
        ),
        *_open(rows, material),
    ]
    if len(graded):
        worst = major.sort_values(["level", "R"], ascending=[True, False]).iloc[0]
        owner, level = named(material, "enterprise", worst["enterprise_id"]), worst["level_text"]
        ratio = f"R = {worst['R']:,.2f}" if worst["R"] == worst["R"] else say("R 值未定", "R open")
        blocks.append(
            Paragraph(
                say(
                    f"级别最高者中 R 值最大的是 {worst['hazard_unit_id']}（{owner}）：{level}，{ratio}。",
                    f"The worst is {worst['hazard_unit_id']} of {owner}: level {level}, {ratio}.",
                )
            )
        )
    return (
        *blocks,
        *tabulated(
            rows,
            {name: words for name, words in _HAZARDS.items() if name != "open" or (rows["open"] != "").any()},
            material,
            say("重大危险源辨识与分级", "Major hazards"),
            limit=_KEPT,
            annex="hazard_units.csv",
            widths=(1.2, 2.1, 3.6, 1.0, 0.6, 1.0, 0.9, *((1.6,) if (rows["open"] != "").any() else ()), 1.5),
            note=say(
                "q 为设计最大量，Q 为临界量；S = Σ q/Q，S ≥ 1 构成重大危险源；R = α·Σ β·q/Q。"
                "尚缺的资料列于“未定项”，缺项未补齐前 S 为下限。",
                "q is the design maximum, Q the critical amount; S = Σ q/Q, a major hazard from 1; R = α·Σ β·q/Q. "
                "What is open is missing data; until then S is a lower bound.",
            ),
        ),
        *tabulated(
            terms(material).drop_duplicates("cas").reset_index(drop=True),
            _TERMS,
            material,
            say("辨识计算：各物质 q/Q 最大的单元", "Terms of the sums: of each substance the largest"),
            limit=_KEPT,
        ),
    )


def _open(rows: pd.DataFrame, material: Material) -> tuple[Block, ...]:
    """What is not decided, and what was not counted."""
    say = material.say
    undecided = int((rows["major_hazard"] == "unknown").sum())
    ungraded = int(((rows["major_hazard"] == "yes") & rows["level"].isna()).sum())
    excluded = len(material.result.hazards.excluded)
    blocks: list[Block] = []
    if undecided or ungraded:
        blocks.append(
            Callout(
                "unknown",
                say("尚未定论的单元", "Hazard units left open"),
                say(
                    f"资料不全，{undecided} 个单元是否构成重大危险源未知，{ungraded} 个重大危险源的级别未知；"
                    "所缺资料列于表中。",
                    f"Data are missing: of {undecided} units it is unknown whether they are major hazards, of "
                    f"{ungraded} major hazards the level is unknown; the table says what is missing.",
                ),
            )
        )
    if excluded:
        text = say(f"另有 {excluded} 台停用设备未计入。", f"{excluded} units out of service are not counted.")
        blocks.append(Paragraph(text))
    return tuple(blocks)


def _supervised(material: Material) -> tuple[Block, ...]:
    say = material.say
    return (
        Callout(
            "unknown",
            say("未按名录逐项核对", "Not checked against the lists"),
            say(
                "输入资料没有工艺名称，本报告未按重点监管的危险化工工艺目录和重点监管的危险化学品名录逐项核对；"
                "是否涉及、监控措施是否齐全未知，应由企业申报并经现场核实。",
                "The input does not name processes. Units and substances were not checked against the lists of key "
                "supervised processes and substances: whether they are on them, and watched as they must be, is "
                "unknown and to be stated by the enterprises.",
            ),
        ),
    )


def _units(material: Material) -> tuple[Block, ...]:
    result, say = material.result, material.say
    units = result.park.tables["units"]
    grouped = result.sources[result.sources["unit_id"].isin(units["unit_id"])].groupby("kind")
    rows = grouped[["frequency", "pll", "pll_share"]].sum().rename(columns={"pll_share": "share"})
    rows["units"] = units["kind"].value_counts()
    rows["in_service"] = units.loc[units["in_service"] != "no", "kind"].value_counts()
    rows = rows.fillna({"in_service": 0}).reset_index()
    rows = rows.sort_values(["pll", "kind"], ascending=[False, True], ignore_index=True)
    first = rows.iloc[0]
    return (
        Paragraph(
            say(
                f"设备 {len(units)} 台（套），分 {len(rows)} 类。"
                f"预期死亡最多的类型是{material.label('unit_kind', first['kind'])}（{first['units']:.0f} 台），"
                f"{per_year(first['pll'])} 人/年。",
                f"There are {len(units)} units of {len(rows)} kinds. Most expected deaths come from the kind "
                f"{material.label('unit_kind', first['kind'])} ({first['units']:.0f} units), "
                f"{per_year(first['pll'])} /yr.",
            )
        ),
        *tabulated(
            rows,
            _KINDS,
            material,
            say("设备分类统计", "Units by kind"),
            note=say("事件频率含多米诺次生事件。", "Events of cascades are counted."),
        ),
    )


def _transport(material: Material) -> tuple[Block, ...]:
    result, say = material.result, material.say
    table = result.park.tables["transport"]
    if table.empty:
        return (
            Callout(
                "unknown",
                say("未提供危险货物运输资料", "No transport given"),
                say(
                    "园区内外危险货物运输的线路、数量未提供，其风险未计入，影响未知。",
                    "Ways and amounts of hazardous goods were not given; their risk is not counted and unknown.",
                ),
            ),
        )
    rows = table.merge(
        result.sources[["unit_id", "frequency", "pll"]], left_on="transport_id", right_on="unit_id", how="left"
    )
    rows["substance_name"] = [say(found.name_zh, found.name_en) for found in map(find, rows["substance"])]
    return (
        Paragraph(
            say(
                f"列入危险货物运输 {len(rows)} 项，每年满载 {rows['loads_per_year'].sum():,.0f} 车次，预期死亡合计 "
                f"{per_year(rows['pll'].sum())} 人/年。",
                f"{len(rows)} transports are counted, {rows['loads_per_year'].sum():,.0f} loads a year; expected "
                f"deaths {per_year(rows['pll'].sum())} /yr.",
            )
        ),
        *tabulated(rows, _TRANSPORT, material, say("危险货物运输", "Transport of hazardous goods")),
    )


def _losses(material: Material) -> tuple[Block, ...]:
    result, say = material.result, material.say
    rows, primary = losses(material), result.events.table
    primary = primary[primary["origin"] == "primary"]
    dropped = result.events.dropped
    blocks: tuple[Block, ...] = (
        Paragraph(
            say(
                f"按 {loss_set_name(result.settings.loss_set)} 生成初始事件 {len(primary):,} 个，涉及设备和运输 "
                f"{primary['unit_id'].nunique()} 项；频率合计 {per_year(rows['frequency'].sum())} /年，其中 "
                f"{int((primary['mark'] == 'M').sum())} 个事件的频率所据数值未经核实（M）。",
                f"{loss_set_name(result.settings.loss_set)} gives {len(primary)} primary events of "
                f"{primary['unit_id'].nunique()} units and transports, {per_year(rows['frequency'].sum())} /yr in "
                f"all; the frequency of {int((primary['mark'] == 'M').sum())} of them rests on unverified numbers "
                "(M).",
            )
        ),
        *tabulated(
            rows,
            _LOSSES,
            material,
            say("泄漏模式与灾害模式的频率", "Losses and outcomes with their frequencies"),
            limit=_KEPT,
            annex="scenarios.csv",
            note=say(
                "频率含点火概率和灾害模式分配，按风向取期望。",
                "With ignition and split of outcomes, mean over the wind.",
            ),
        ),
    )
    if not len(dropped):
        return blocks
    left_out = result.assumptions[result.assumptions["code"].str.startswith("left_out:")]
    items = tuple(
        say(f"{row['text_zh']}：{row['count']}", f"{row['text_en']}: {row['count']}")
        for row in left_out.to_dict("records")
    )
    return (*blocks, Paragraph(say("未计入的场景：", "Left out:")), Bullets(items))


def _causes(material: Material) -> tuple[Block, ...]:
    say = material.say
    utilities = say(
        "供电、供水、仪表风、蒸汽中断可使多套装置同时偏离正常状态；输入资料无对应数据，未定量。",
        "Loss of power, water, instrument air or steam may upset several plants at once; the input has no data on it.",
    )
    return (
        Facts(
            (
                (
                    say("自然致因", "natural causes"),
                    say(
                        "地震、雷电、洪涝、台风可同时损坏多台设备。本次风险未计入自然灾害引发的事故。",
                        "Earthquake, lightning, flood and typhoon may damage many units at once. Accidents that "
                        "they set off are not in this risk.",
                    ),
                ),
                (say("公用工程致因", "public works"), utilities),
                (
                    say("社会致因", "social causes"),
                    say(
                        "外来人员车辆、道路事故、第三方施工、人为破坏。道路运输仅计入所列线路，其余未定量。",
                        "Outside people and vehicles, road accidents, digging by others, sabotage. Only the "
                        "transports listed are counted.",
                    ),
                ),
            )
        ),
    )
