"""Chapter 1: what the assessment is for, what it covers, and what it rests on."""

from typing import Any

import pandas as pd

from parkrisk.api.report.content import Block, Bullets, Callout, Chapter, Facts, Paragraph, Section
from parkrisk.api.report.material import Material, limit_value
from parkrisk.api.report.readings import failure_words, loss_set_name
from parkrisk.api.report.tabulated import Columns, tabulated
from parkrisk.risk.criteria import individual_limits, societal_criterion
from parkrisk.risk.surroundings import Surroundings
from parkrisk.scenarios import schema

__all__ = ["chapter"]

_BOOKS: Columns = {
    "title": ("法规、标准", "instrument", ""),
    "edition": ("版本", "edition", ""),
    "from": ("施行日期", "in force from", ""),
    "state": ("基准日效力", "on the reference date", ""),
    "clauses": ("引用条款", "clauses used", "d"),
    "mark": ("核实", "mark", "mark"),
}
_LIMITS: Columns = {
    "class": ("防护目标", "protection target", "choice:target_class"),
    "existing": ("在役 /年", "in service /yr", "limit"),
    "new": ("新建、改建、扩建 /年", "new, altered, extended /yr", "limit"),
    "clause": ("条款", "clause", ""),
    "mark": ("核实", "mark", "mark"),
}
_TABLES: Columns = {
    "label": ("资料", "data", ""),
    "rows": ("行数", "rows", "d?"),
    "assumed": ("假定或缺省的数值", "values assumed or by default", "d?"),
    "given": ("是否提供", "given", "answer"),
}
_PROBLEMS: Columns = {
    "place": ("表", "table", ""),
    "row": ("行", "row", ".0f?"),
    "column": ("列", "column", "?"),
    "message": ("问题", "problem", ""),
}
_STEPS = (
    "评估程序：资料核查 → 危险源辨识 → 泄漏场景与频率 → 后果计算 → 个人风险、社会风险、多米诺 → 对照基准判定 → "
    "容量、等级、对策。",
    "Steps: check of the data, hazard identification, losses and frequencies, consequences, individual and "
    "societal risk and domino effects, judgement by the criteria, capacity, grade and measures.",
)
_IGNITION = {
    "free_field": ("自由场延迟点火（云团最大时点燃）", "free field: a cloud ignites at its largest extent"),
    "located": ("按点火源位置延迟点火", "located: a cloud ignites where it meets an ignition source"),
}


_EDITIONS = {"provisional": "暂定"}


def chapter(material: Material) -> Chapter:
    """评估依据."""
    say = material.say
    return Chapter(
        say("评估依据", "Basis of the assessment"),
        sections=(
            Section(say("评估目的与范围", "Purpose and scope"), _scope(material)),
            Section(say("法律法规与标准", "Laws and standards"), _laws(material)),
            Section(say("风险可接受基准", "Risk criteria"), _criteria(material)),
            Section(say("评估方法与计算设置", "Method and settings"), _method(material)),
            Section(say("基础资料", "Data"), _data(material)),
        ),
    )


def _scope(material: Material) -> tuple[Block, ...]:
    park, say = material.result.park, material.say
    counts = {name: len(park.tables[name]) for name in ("units", "enterprises", "targets", "transport")}
    return (
        Paragraph(
            say(
                "本次评估辨识园区危险源，计算各类事故后果、个人风险、社会风险和多米诺效应，"
                "对照现行基准判定园区风险是否可接受，核算安全容量和安全风险等级，为园区规划、"
                "项目准入和风险管控提供依据。",
                "The assessment identifies the hazard sources of the park, computes consequences, individual risk, "
                "societal risk and domino effects, judges them by the criteria in force, and gives the safety "
                "capacity and the risk grade, as a basis of planning, of the entry of projects and of risk control.",
            )
        ),
        Paragraph(
            say(
                f"评估对象为 {counts['enterprises']} 家企业的 {counts['units']} 台（套）设备和 "
                f"{counts['transport']} 项危险货物运输，以及园区周边 {counts['targets']} 处防护目标。"
                f"数据基准日期为 {park.date}。",
                f"It covers {counts['units']} units of {counts['enterprises']} enterprises, {counts['transport']} "
                f"transports of hazardous goods and {counts['targets']} protection targets around. The data "
                f"describe {park.date}.",
            )
        ),
        _boundary(material),
        Paragraph(
            say(
                "未计入：自然灾害（地震、雷电等）引发的事故，职业病危害，环境影响，恐怖袭击等人为破坏。",
                "Not counted: accidents set off by natural hazards such as earthquake and lightning, occupational "
                "disease, environmental effects, sabotage.",
            )
        ),
    )


def _boundary(material: Material) -> Block:
    shape, say = material.result.park.boundary, material.say
    if shape is None:
        return Callout(
            "unknown",
            say("未提供四至范围", "No boundary given"),
            say(
                "评估范围以所列设备为准；园区面积、园区内外的划分未知。",
                "The scope is that of the units listed; the area is unknown.",
            ),
        )
    west, south, east, north = shape.bounds
    blocks = len(getattr(shape, "geoms", (shape,)))
    return Paragraph(
        say(
            f"园区四至由资料给出，共 {blocks} 片，面积合计 {shape.area / 1e6:.2f} km²；外接矩形东西 "
            f"{(east - west) / 1e3:.2f} km，南北 {(north - south) / 1e3:.2f} km。",
            f"The boundary is given: {blocks} parts, {shape.area / 1e6:.2f} km² in all, within a rectangle of "
            f"{(east - west) / 1e3:.2f} km from west to east and {(north - south) / 1e3:.2f} km from south to north.",
        )
    )


def _laws(material: Material) -> tuple[Block, ...]:
    rules, say = material.result.ruleset, material.say
    outcomes = material.result.rules
    used = outcomes.groupby("rulebook")["clause"].nunique()
    rows = [
        {
            "title": say(book.instrument_zh, book.instrument_en),
            "edition": say(_EDITIONS.get(book.edition, book.edition), book.edition),
            "from": book.in_force_from.isoformat(),
            "state": _state(book, material),
            "clauses": int(used.get(book.id, 0)),
            "mark": book.mark,
        }
        for book in rules.books
    ]
    marks = outcomes["mark"].value_counts()
    return (
        Paragraph(
            say(
                f"规则集“{rules.title_zh}”（{rules.id}）含 {len(rules.books)} 部法规、标准，按 {rules.date} "
                f"的效力取用，据此对园区逐条判定 {len(outcomes)} 项；其中 {int(marks.get('M', 0))} "
                "项的条款或数值未经与正式文本核对（标 M）。",
                f"The rule set '{rules.title_en}' ({rules.id}) holds {len(rules.books)} instruments, taken as in "
                f"force on {rules.date}; {len(outcomes)} requirements on the park are judged by them, of which "
                f"{int(marks.get('M', 0))} rest on a clause or number not checked against the official text (M).",
            )
        ),
        *tabulated(
            pd.DataFrame(rows),
            _BOOKS,
            material,
            say("采用的法规、标准及其版本", "Laws and standards used"),
            widths=(4.8, 1.5, 1.5, 2.1, 1.0, 1.6),
            note=say(
                "核实：V 已与文本核对，1 仅一处来源，M 未核实。“引用条款”为对本园区作出判定的条款数，为 0 "
                "的只约束项目或未作判定；逐条结论见附表 rules.csv。",
                "Mark: V verified, 1 one source, M unverified. Clauses used are those judged for this park; 0: "
                "they bind projects only, or were not judged. Every outcome stands in the annex rules.csv.",
            ),
        ),
        Bullets(
            (
                say("重大危险源辨识与分级：GB 18218-2018。", "Major hazards and their levels: GB 18218-2018."),
                say("外部安全防护距离方法：GB/T 37243-2019。", "External safety distances: GB/T 37243-2019."),
                say(
                    "定量风险评价的场景、频率与后果判据：AQ/T 3046-2013，所缺者取 CPR 18E 及所注文献。",
                    "Scenarios, frequencies and harm criteria: AQ/T 3046-2013; what it lacks from CPR 18E and the "
                    "literature named.",
                ),
            )
        ),
    )


def _state(book: Any, material: Material) -> str:
    day, say = material.result.ruleset.date, material.say
    if day < book.in_force_from:
        return say("尚未施行", "not yet in force")
    if book.in_force_until is not None and book.in_force_until < day:
        return say(f"至 {book.in_force_until} 止", f"until {book.in_force_until}")
    return say("有效", "in force")


def _criteria(material: Material) -> tuple[Block, ...]:
    limits, say = individual_limits(), material.say
    rows = [
        {
            "class": name,
            "existing": limits[name, "existing"].value,
            "new": limits[name, "new"].value,
            "clause": say(limits[name, "existing"].clause.replace("Table", "表"), limits[name, "existing"].clause),
            "mark": max(limits[name, state].mark for state in ("existing", "new")),
        }
        for name in dict.fromkeys(name for name, _ in limits)
    ]
    line = societal_criterion()
    return (
        *tabulated(
            pd.DataFrame(rows),
            _LIMITS,
            material,
            say("个人风险基准", "Limits of individual risk"),
            widths=(2.4, 1.3, 2.2, 2.2, 1.4),
        ),
        Paragraph(
            say(
                f"社会风险以 F-N 曲线判定：不可接受线 F = {limit_value(line.upper)}/N，可接受线 F = "
                f"{limit_value(line.lower)}/N，两线之间为尽可能降低区（ALARP）；两线画至 N = {line.cut:.0f}。"
                f"斜率与终点未经核实（{line.mark}）。",
                f"Societal risk is judged on the F-N plane: unacceptable above F = {limit_value(line.upper)}/N, "
                f"acceptable below F = {limit_value(line.lower)}/N, between them as low as reasonably practicable "
                f"(ALARP); the lines reach N = {line.cut:.0f}. Slope and end are unverified ({line.mark}).",
            )
        ),
    )


def _method(material: Material) -> tuple[Block, ...]:
    result, say = material.result, material.say
    settings, grid, raster = result.settings, result.surroundings.grid, result.surroundings.raster
    events = result.events.table
    primary = int((events["origin"] == "primary").sum())
    method = result.domino.method
    rows = (
        (
            say("泄漏场景与频率", "losses and frequencies"),
            say(
                f"场景和频率取自 {loss_set_name(settings.loss_set)}，截断频率 "
                f"{limit_value(settings.frequency_cut_off)} /年；初始事件 "
                f"{primary:,} 个，多米诺次生事件 {len(events) - primary:,} 个，未计入 {len(result.events.dropped)} 个",
                f"{loss_set_name(settings.loss_set)}, cut off at {limit_value(settings.frequency_cut_off)} /yr; "
                f"{primary} primary events, {len(events) - primary} of cascades, {len(result.events.dropped)} left out",
            ),
        ),
        (say("点火", "ignition"), say(*_IGNITION[settings.delayed_ignition])),
        (say("气象", "weather"), _weather(result.surroundings, material)),
        (
            say("个人风险", "individual risk"),
            say(
                f"以设备为中心的极坐标网格 {grid.n_rings} 圈 × {grid.n_bins} 方位，半径 {grid.r_min:g} m 至 "
                f"{grid.r_max / 1e3:g} km；底图栅格 {raster.cell:g} m，{raster.nx} × {raster.ny}。个人风险为室外、"
                "无防护、全年在场者的年死亡概率",
                f"polar grid round each source, {grid.n_rings} rings by {grid.n_bins} bearings, {grid.r_min:g} m "
                f"to {grid.r_max / 1e3:g} km; map cells of {raster.cell:g} m, {raster.nx} by {raster.ny}. It is "
                "the chance per year of a person who is always there, outdoors and unprotected",
            ),
        ),
        (
            say("社会风险", "societal risk"),
            say(
                "逐事件、气象、风向、昼夜计算死亡人数后累计，昼夜人口和室内外比例分别取值",
                "deaths of every event, weather, wind direction, by day and by night, with the people then "
                "present, indoors and outdoors",
            ),
        ),
        (
            say("多米诺", "domino effects"),
            say(
                f"动态级联，每个初始事件抽样 {method['histories']} 次历程，随机种子 {method['seed']}；"
                f"{failure_words(material)}",
                f"dynamic cascades, {method['histories']} histories of each primary event, seed {method['seed']}; "
                f"{failure_words(material)}",
            ),
        ),
    )
    return (
        Paragraph(say(*_STEPS)),
        Facts(rows),
    )


def _weather(around: Surroundings, material: Material) -> str:
    rose = around.rose
    return material.say(
        f"{len(rose.weathers)} 个气象类别 × {rose.n_sectors} 个风向，昼夜分计",
        f"{len(rose.weathers)} weather classes by {rose.n_sectors} wind directions, day and night apart",
    )


def _data(material: Material) -> tuple[Block, ...]:
    park, say = material.result.park, material.say
    assumed = park.assumptions["table"].value_counts()
    rows = []
    for name, table in schema.tables().items():
        if table.form != "rows" or not table.park:
            continue
        count = len(park.tables[name])
        rows.append(
            {
                "label": say(table.label_zh, table.label_en),
                "rows": count if count else None,
                "assumed": int(assumed.get(name, 0)) if count else None,
                "given": "yes" if count else "no",
            }
        )
    missing = [str(row["label"]) for row in rows if row["given"] == "no"]
    source = park.info.get("weather_source", "")
    credit = park.info.get("attribution", "")
    lacking = say("、", ", ").join(missing) or say("无", "none")
    open_source = say("未说明（未知）", "not stated (unknown)")
    return (
        *tabulated(
            pd.DataFrame(rows),
            _TABLES,
            material,
            say("基础资料清单", "Data of the park"),
            note=say(
                "文中名称不重复的设备、企业、目标只写名称，编号见附表 sources.csv、enterprises.csv、targets.csv。",
                "The ids of units, enterprises and targets stand in sources.csv, enterprises.csv and targets.csv.",
            ),
        ),
        Facts(
            (
                (say("未提供的资料", "not given"), lacking),
                (say("气象资料来源", "source of the weather"), source or open_source),
                (say("数据来源与许可", "sources and licences"), credit or open_source),
            )
        ),
        *_problems(material),
    )


def _problems(material: Material) -> tuple[Block, ...]:
    problems, say = material.result.problems, material.say
    if not problems:
        text = say("核查未发现需要说明的问题。", "The check of the data found nothing to report.")
        return (Paragraph(text),)
    rows = [
        {
            "place": each.place or each.table,
            "row": None if each.row is None else float(each.row),
            "column": each.column,
            "message": say(each.message_zh, each.message_en),
        }
        for each in problems
    ]
    return (
        Paragraph(
            say(
                f"核查资料发现 {len(rows)} 处疑点，不影响计算，但影响结论的可靠程度，应由提供单位核实。",
                f"The check of the data found {len(rows)} doubts. They do not stop the calculation, but whoever "
                "gave the data should settle them.",
            )
        ),
        *tabulated(
            pd.DataFrame(rows),
            _PROBLEMS,
            material,
            say("资料核查发现的问题", "Doubts about the data"),
            limit=20,
            annex="result.json",
            widths=(1.2, 0.6, 1.4, 5.0),
        ),
    )
