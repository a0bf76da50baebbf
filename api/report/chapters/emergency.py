"""Chapter 10: fire crews and other stations, whom they reach in time, barriers, evidence, and what is missing."""

import numpy as np
import pandas as pd

from parkrisk.api.report.chapters.management import open_items
from parkrisk.api.report.content import Block, Callout, Chapter, Paragraph, Section
from parkrisk.api.report.material import Material
from parkrisk.api.report.proof import proof_table, proofs
from parkrisk.api.report.tabulated import Columns, tabulated
from parkrisk.api.report.wording import callout_of, limit_of, reference, rows_of, value_of
from parkrisk.risk.grading.response import arrivals, response_cover, response_limits
from parkrisk.scenarios.facility.protection import FIRE_FIGHTERS, approach_speed
from parkrisk.scenarios.schema import choices

_MINUTE = 60.0
_MOST = 10
_ITEMS = (
    "fire-station",
    "rescue-force",
    "gas-rescue-and-medical",
    "emergency-command",
    "emergency-plan-and-drills",
    "emergency-materials",
    "accident-water-containment",
    "water-supply",
    "fire-station-upwind",
    "station-at-town-edge-or-new-area",
)
#: Whom the rules on fire stations bind.
_BOUND = ("fire station", "park and city")
_STATIONS: Columns = {
    "station_id": ("编号", "id", ""),
    "name": ("名称", "name", ""),
    "kind": ("类型", "kind", "choice:response_kind"),
    "x": ("横坐标〔m〕", "x [m]", ".0f"),
    "y": ("纵坐标〔m〕", "y [m]", ".0f"),
    "mean_min": ("平均响应时间〔min〕", "mean response [min]", ".3g?"),
    "sd_min": ("标准差〔min〕", "std. dev. [min]", ".3g?"),
    "first": ("最先到达的设备数", "units it reaches first", ".0f?"),
}
_COVER: Columns = {
    "hazard_unit_id": ("危险化学品单元", "hazard unit", ""),
    "enterprise_id": ("企业", "enterprise", "enterprise"),
    "station": ("最先到达的消防力量", "first crew", ""),
    "minutes": ("到达时间〔min〕", "arrival [min]", ".1f"),
    "status": ("判定", "status", "status"),
}
_BARRIERS: Columns = {
    "kind": ("屏障", "barrier", "choice:barrier_kind"),
    "rows": ("数量", "number", "d"),
    "units": ("涉及设备数", "units", "d"),
}
_SYSTEMS: Columns = {
    "system": ("消防供水系统", "fire-water system", ""),
    "units": ("供水的喷淋设备数", "units with deluge on it", "d"),
    "pfd": ("填报的供水失效概率", "stated probability of failure on demand", ".3g?"),
}
_RULES: Columns = {
    "title": ("要求", "requirement", ""),
    "value": ("实际", "value", ""),
    "limit": ("限值", "limit", "?"),
    "clause": ("条款", "clause", ""),
    "status": ("判定", "status", "status"),
}


def chapter(material: Material) -> Chapter:
    """Emergency capacity of the park."""
    say, known = material.say, proofs(material)
    evidence = proof_table(material, _ITEMS, say("应急能力证明材料", "Evidence of emergency capacity"))
    return Chapter(
        say("应急能力", "Emergency capacity"),
        (),
        (
            Section(say("应急力量", "Emergency resources"), _stations(material)),
            Section(say("消防力量覆盖", "Cover by fire crews"), _cover(material)),
            Section(say("安全屏障与消防供水", "Barriers and fire water"), _barriers(material)),
            Section(say("证明材料与规则判定", "Evidence and rules"), (*evidence, *_rules(material))),
            Section(
                say("缺少的内容", "What is missing"),
                (
                    *(
                        open_items(material, [known[item] for item in _ITEMS if item in known])
                        or (Paragraph(say("上述各项均有依据。", "Every item above has its evidence.")),)
                    ),
                    _not_described(material),
                ),
            ),
        ),
    )


def _stations(material: Material) -> tuple[Block, ...]:
    say, stations = material.say, material.result.park.tables["response"]
    if stations.empty:
        return (
            Callout(
                "unknown",
                say("未填报应急力量", "No emergency resources given"),
                say(
                    "应急力量表为空：消防站、专职队、救援队的位置和响应时间未知，覆盖情况无法判定，"
                    "多米诺分析采用缺省的响应时间分布。",
                    "The table of emergency resources is empty: places and response times are unknown, cover cannot be "
                    "judged, and the domino analysis takes the default response.",
                ),
            ),
        )
    first = arrivals(material.result.park)["station_id"].value_counts()
    fights = stations["kind"].isin(FIRE_FIGHTERS)
    counts = stations["station_id"].map(first).fillna(0.0).where(fights, np.nan)
    return (
        *tabulated(
            stations.assign(first=counts),
            _STATIONS,
            material,
            say("应急力量", "Emergency resources"),
            note=say(
                "响应时间自报警至本队首次行动；“–”为未填报或不适用。医疗力量不计入灭火覆盖。",
                "Response from the alarm to the first action of its first crew; a dash: not given or not applicable. "
                "Medical resources do not count as fire cover.",
            ),
            widths=(1.2, 2.4, 1.8, 1.1, 1.1, 1.2, 1.1, 1.3),
        ),
        *material.figure("response", say("应急力量与覆盖范围", "Emergency resources and their cover")),
    )


def _cover(material: Material) -> tuple[Block, ...]:
    say, park = material.say, material.result.park
    fact, limit = response_cover(park), response_limits()
    arrival, turn_out = limit["arrival"] / _MINUTE, limit["turn_out"] / _MINUTE
    title = say("消防力量覆盖", "Cover by fire crews")
    if not isinstance(fact.value, float):
        text = say(
            "未填报消防力量，危险化学品单元的覆盖比例未知。",
            "No fire-fighting station is given; the share of hazard units reached in time is unknown.",
        )
        return (Callout("unknown", title, text),)
    cover, units = fact.value, _by_hazard_unit(material)
    late = int((units["status"] == "fail").sum())
    text = say(
        f"出动指令后 {arrival:.3g} min 内可到达的危险化学品单元占 {cover:.1f} %（GB 51080-2015 4.1.3）。",
        f"{cover:.1f} % of the hazard units are reached within {arrival:.3g} min of the order (GB 51080-2015, 4.1.3).",
    )
    method = say(
        f"到达时间＝出动 {turn_out:.3g} min ＋直线距离÷{approach_speed():.3g} m/s ＋响应迟于通行水平的部分；"
        "单元内在役设备均到达方为到达。道路绕行、拥堵和封路未计入，须现场核定。",
        f"Arrival = {turn_out:.3g} min to turn out + straight distance / {approach_speed():.3g} m/s + what the stated "
        "response exceeds the usual one by; a hazard unit is reached when all its equipment in service is. Detours, "
        "traffic and closed roads are not counted and have to be checked on site.",
    )
    return (
        callout_of("pass" if cover >= 100.0 else "fail", title, text),
        Paragraph(method, small=True),
        *tabulated(
            units.head(_MOST),
            _COVER,
            material,
            say("到达最晚的危险化学品单元", "Hazard units reached last"),
            note=say(
                f"共 {len(units)} 个单元，其中 {late} 个未能及时到达；表列到达最晚的 {len(units.head(_MOST))} 个。",
                f"{late} of {len(units)} hazard units are not reached in time; those reached last are shown.",
            ),
            widths=(1.3, 3.4, 2.2, 1.2, 1.2),
        ),
    )


def _by_hazard_unit(material: Material) -> pd.DataFrame:
    park = material.result.park
    table = arrivals(park).sort_values(["arrival", "unit_id"], ascending=[False, True])
    last = table.groupby("hazard_unit_id", sort=False).first().reset_index()
    names = dict(zip(park.tables["response"]["station_id"], park.tables["response"]["name"], strict=True))
    owner = dict(
        zip(
            material.result.hazards.units["hazard_unit_id"], material.result.hazards.units["enterprise_id"], strict=True
        )
    )
    return last.assign(
        enterprise_id=[owner.get(each, "") for each in last["hazard_unit_id"]],
        station=[names.get(each, each) for each in last["station_id"]],
        minutes=last["arrival"] / _MINUTE,
        status=np.where(last["reached"], "pass", "fail"),
    )


def _barriers(material: Material) -> tuple[Block, ...]:
    say, barriers = material.say, material.result.park.tables["barriers"]
    if barriers.empty:
        text = say(
            "未填报安全屏障：水喷淋、防火层、安全阀、切断阀均未知，多米诺分析不计其作用。",
            "No barriers are given: deluges, fireproofing, relief and isolation valves are unknown, and the domino "
            "analysis counts none.",
        )
        return (Callout("unknown", say("未填报安全屏障", "No barriers given"), text),)
    counts = pd.DataFrame(
        [
            {"kind": each.value, "rows": int(own.sum()), "units": barriers.loc[own, "unit_id"].nunique()}
            for each in choices("barrier_kind")
            if (own := barriers["kind"] == each.value).any()
        ]
    )
    return (
        *tabulated(counts, _BARRIERS, material, say("安全屏障", "Barriers"), widths=(3.0, 1.0, 1.0)),
        *_systems(material),
        Paragraph(
            say(
                f"园区共有设备 {len(material.result.park.tables['units'])} 台，其中 {barriers['unit_id'].nunique()} 台"
                "填报了安全屏障；未填报的不等于没有。",
                f"{barriers['unit_id'].nunique()} of the {len(material.result.park.tables['units'])} units have "
                "barriers given; of the others it is not known.",
            )
        ),
    )


def _systems(material: Material) -> tuple[Block, ...]:
    say, barriers = material.say, material.result.park.tables["barriers"]
    deluges = barriers[(barriers["kind"] == "deluge") & (barriers["system"].fillna("") != "")]
    if deluges.empty:
        text = say(
            "填报的水喷淋未注明共用的消防供水系统，按各自供水计。",
            "No deluge names a fire-water system that it shares; each counts with its own supply.",
        )
        return (Paragraph(text),)
    rows = [
        {"system": str(name), "units": own["unit_id"].nunique(), "pfd": own["system_pfd"].max()}
        for name, own in deluges.groupby("system")
    ]
    note = say("“–”为未填报，计算取缺省值（见附录假定清单）。", "A dash: not stated; the default is taken (annex).")
    return tabulated(pd.DataFrame(rows), _SYSTEMS, material, say("消防供水系统", "Fire-water systems"), note=note)


def _rules(material: Material) -> tuple[Block, ...]:
    rules = material.result.rules
    own = rules[rules["bound"].isin(_BOUND)]
    shown = own.assign(
        title=own[f"title_{material.lang}"],
        value=[value_of(material, row) for row in rows_of(own)],
        limit=[limit_of(material, row) for row in rows_of(own)],
        clause=[reference(material, row) for row in rows_of(own)],
    )
    return tabulated(
        shown,
        _RULES,
        material,
        material.say("消防站规则判定", "Rules on fire stations"),
        note=material.say(
            "本表按填报的消防站指标判定；与“消防力量覆盖”按坐标和响应时间计算的结果不一致时，须现场核实，从严采用。",
            "Judged by the figures handed in. Where they differ from the cover computed from places and response times "
            "(see above), check on site and take the worse.",
        ),
        widths=(3.0, 2.6, 1.0, 2.2, 1.1),
    )


def _not_described(material: Material) -> Paragraph:
    return Paragraph(
        material.say(
            "输入资料不含相邻园区与社会力量的联动协议、疏散路线、避难场所和泡沫储量，对其能力不作结论（未知），"
            "由园区另附资料。",
            "The input holds no agreements with neighbouring parks and public services, no evacuation routes, shelters "
            "or foam stocks; nothing is concluded about them (unknown); the park adds its own documents.",
        )
    )
