"""Chapter 4: siting and the wind, distances to what lies outside, distances within, the control line."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import shapely

from parkrisk.api.printed.distances import class_words
from parkrisk.api.report.around import direction_name
from parkrisk.api.report.content import Block, Callout, Chapter, Paragraph, Section
from parkrisk.api.report.material import Material, limit_value, per_year, percent
from parkrisk.api.report.tabulated import Columns, named, tabulated
from parkrisk.models.constants import constants
from parkrisk.risk.distances.external import READING
from parkrisk.risk.distances.standard import METHOD_NAMES, methods
from parkrisk.scenarios.reading.areas import shapes_of

__all__ = ["chapter"]

_WIND: Columns = {
    "name": ("防护目标", "protection target", ""),
    "class": ("类别", "class", "choice:target_class"),
    "unit": ("最近的气体源", "nearest source of toxic or flammable gas", "unit"),
    "distance_m": ("相距 m", "apart m", ",.0f"),
    "wind": ("致下风的风向", "wind that puts it downwind", ""),
    "share": ("全年占比", "share of the year", "percent"),
    "night": ("夜间占比", "share of the night", "percent"),
}
_OUTSIDE: Columns = {
    "enterprise": ("企业", "enterprise", ""),
    "method_text": ("方法", "method", ""),
    "count": ("装置 个", "installations", "d"),
    "worst_name": ("最不利目标", "worst target", "?"),
    "available_m": ("最小距离 m", "least distance m", ",.0f?"),
    "required": ("要求", "required", ""),
    "found": ("判定值", "found", "?"),
    "status": ("判定", "status", "status"),
}
_INSIDE: Columns = {
    "from_unit": ("起始设备", "from", "unit"),
    "from_enterprise": ("企业", "enterprise", ""),
    "to_unit": ("受影响设备", "to", "unit"),
    "to_enterprise": ("企业", "enterprise", ""),
    "distance_m": ("净距 m", "gap m", ",.0f"),
    "heat_load_kw_m2": ("热辐射 kW/m²", "heat kW/m²", ",.0f"),
    "overpressure_kpa": ("超压 kPa", "overpressure kPa", ",.0f"),
}
_CONTROL: Columns = {
    "classes_text": ("线内不得有的防护目标", "targets that may not stand within", ""),
    "limit_per_year": ("园区之和的基准 /年", "limit of the park's sum /yr", "limit"),
    "area_ha": ("面积 ha", "area ha", ",.0f"),
    "closed": ("图内闭合", "closes on the map", "answer"),
    "missing_count": ("未计入的装置 个", "installations not in it", "d"),
}
_MET: Mapping[bool | None, tuple[str, str, str]] = {
    True: ("good", "外部安全防护距离均满足", "All external safety distances are met"),
    False: ("bad", "外部安全防护距离不满足", "External safety distances are not met"),
    None: ("unknown", "外部安全防护距离尚不能判定", "External safety distances are undecided"),
}
_ORDER = {"fail": 0, "unknown": 1, "pass": 2, "not_applicable": 3}


def chapter(material: Material) -> Chapter:
    """规划布局."""
    say = material.say
    return Chapter(
        say("规划布局", "Planning and layout"),
        sections=(
            Section(say("选址与风向", "Siting and wind"), _wind(material)),
            Section(say("外部安全防护距离", "External safety distances"), _outside(material)),
            Section(say("内部间距", "Distances within"), _inside(material)),
            Section(say("周边规划安全控制线", "Surrounding-land control line"), _control(material)),
        ),
    )


def _wind(material: Material) -> tuple[Block, ...]:
    say = material.say
    rows = downwind(material)
    reach = material.result.surroundings.grid.r_max
    rows = rows[rows["distance_m"] <= reach].reset_index(drop=True) if len(rows) else rows
    if rows.empty:
        return (
            Callout(
                "unknown",
                say("风向关系未判断", "Not judged"),
                say(
                    "未列防护目标，或在用设备无毒性、易燃气体（按 GB 18218 类别），选址与风向的关系无可判断。",
                    "There are no targets, or no unit in service holds toxic or flammable gas as GB 18218 classes it.",
                ),
            ),
        )
    worst = rows.iloc[0]
    even = 1.0 / material.result.surroundings.rose.n_sectors
    over = int((rows["share"] > even).sum())
    return (
        Paragraph(
            say(
                f"下表按风玫瑰统计风自最近的毒性或易燃气体源吹向各防护目标的时间，限于距气体源 {reach / 1e3:g} km "
                f"（计算半径）以内的目标。{len(rows)} 处目标中有 {over} "
                f"处高于各风向均等时的 {percent(even)}；最高为{worst['name']}，{worst['wind']}风时处于"
                f"{named(material, 'unit', worst['unit'])}下风，占全年 {percent(worst['share'])}、夜间 "
                f"{percent(worst['night'])}。是否合理应结合规划论证。",
                "The table says how often the wind blows from the nearest source of toxic or flammable gas to "
                f"each target within {reach / 1e3:g} km. {over} of {len(rows)} targets are above {percent(even)}, "
                f"the share of one direction if all were equal; most often it is {worst['name']}, downwind of "
                f"{named(material, 'unit', worst['unit'])} in wind from {worst['wind']}, {percent(worst['share'])} "
                f"of the year and {percent(worst['night'])} of the night.",
            )
        ),
        *tabulated(
            rows,
            _WIND,
            material,
            say("防护目标与气体源的风向关系", "Targets and sources by the wind"),
            limit=15,
            note=say("距离自设备中心量起。", "Distances are from the centre of the unit."),
            widths=(1.8, 2.2, 2.0, 0.9, 1.2, 1.0, 1.0),
        ),
    )


def downwind(material: Material) -> pd.DataFrame:
    """name, class, unit (nearest source of gas), distance_m, wind, share, night of each target, most often first."""
    result = material.result
    symbols = methods()["qra"].symbols
    terms = result.hazards.terms
    gas = [bool(symbols & set(str(each).split(";"))) for each in terms["symbols"]]
    units = result.park.tables["units"]
    units = units[units["unit_id"].isin(set(terms.loc[gas, "unit_id"]))]
    targets = result.park.tables["targets"]
    if units.empty or targets.empty:
        return pd.DataFrame()
    rose = result.surroundings.rose
    year = rose.probability.sum(axis=(0, 1))
    night = rose.probability[1].sum(axis=0)
    points = shapely.points(units[["x", "y"]].to_numpy())
    rows = []
    for target, shape in zip(targets.to_dict("records"), shapes_of(targets), strict=True):
        apart = shapely.distance(points, shape)
        k = int(apart.argmin())
        to = shape.centroid
        angle = np.arctan2(to.y - points[k].y, to.x - points[k].x)
        sector = round(float(angle) / (2.0 * np.pi) * rose.n_sectors) % rose.n_sectors
        rows.append(
            {
                "target_id": target["target_id"],
                "name": target["name"],
                "class": target["class"],
                "unit": units["unit_id"].iloc[k],
                "distance_m": float(apart[k]),
                "wind": direction_name((270.0 - sector * 360.0 / rose.n_sectors) % 360.0, material.lang),
                "share": float(year[sector]),
                "night": float(night[sector] / night.sum()) if night.sum() > 0.0 else np.nan,
            }
        )
    return pd.DataFrame(rows).sort_values(["share", "target_id"], ascending=[False, True], ignore_index=True)


def _outside(material: Material) -> tuple[Block, ...]:
    say, met = material.say, material.distances.facts["risk.external_distance_met"]
    rows = conformity(material)
    counts = rows["status"].value_counts()
    kind, zh, en = _MET[met.value if isinstance(met.value, bool) else None]
    numbers = {name: int(counts.get(name, 0)) for name in _ORDER}
    return (
        Callout(
            kind,
            say(zh, en),
            say(
                f"装置、设施 {len(rows)} 个：满足 {numbers['pass']} 个，不满足 {numbers['fail']} 个，未知 "
                f"{numbers['unknown']} 个，不适用 {numbers['not_applicable']} 个。GB/T 37243-2019 "
                "的数值未经核实（M）。",
                f"{len(rows)} installations: {numbers['pass']} met, {numbers['fail']} not met, {numbers['unknown']}"
                f" unknown, {numbers['not_applicable']} not applicable. The numbers of GB/T 37243-2019 are "
                "unverified (M).",
            ),
        ),
        *tabulated(
            by_enterprise(rows),
            _OUTSIDE,
            material,
            say("外部安全防护距离符合性", "Conformity of external safety distances"),
            limit=30,
            annex="distances.csv",
            note=say(
                "同一企业、方法、判定的装置并为一行，取其中最不利者；逐个装置见附表 distances.csv。定量风险评价法以"
                "企业整体在目标处的个人风险与基准比较；距离自设备外廓量起。",
                "Installations of one enterprise, method and status are one row, that of the worst; each stands in the "
                "annex distances.csv. By quantitative risk assessment the individual risk of the whole enterprise at "
                "the target is judged; distances are from the outline of the units.",
            ),
            widths=(2.75, 2.75, 0.7, 2.2, 1.0, 2.0, 2.0, 1.3),
        ),
        *material.figure("distances", say("外部安全防护距离与控制线", "External safety distances and control line")),
    )


def by_enterprise(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of `conformity` of one enterprise, method and status as one, the worst with their number and least gap."""
    if rows.empty:
        return rows
    keys = ["enterprise", "method_text", "status"]
    nearest = rows.sort_values("available_m", kind="stable").sort_values("ratio", ascending=False, kind="stable")
    found = nearest.drop_duplicates(keys).set_index(keys)
    found["count"] = rows.groupby(keys).size()
    found["available_m"] = rows.groupby(keys)["available_m"].min()
    found = found.reset_index()
    found["order"] = found["status"].map(_ORDER)
    return found.sort_values(
        ["order", "ratio", "enterprise"], ascending=[True, False, True], ignore_index=True, kind="stable"
    )


def conformity(material: Material) -> pd.DataFrame:
    """One row per installation, that of the class that decides; failures first."""
    table, say = material.distances.installations, material.say
    if table.empty:
        return table
    rows = table.assign(order=table["status"].map(_ORDER))
    rows = rows.sort_values(["order", "ratio", "hazard_unit_id"], ascending=[True, False, True], kind="stable")
    rows = rows.drop_duplicates("hazard_unit_id").drop(columns="order").reset_index(drop=True)
    records = rows.to_dict("records")
    rows["method_text"] = [say(*METHOD_NAMES[row["method"]]) for row in records]
    rows["enterprise"] = [
        say("、", ", ").join(named(material, "enterprise", each) for each in row["enterprise_id"].split(";"))
        for row in records
    ]
    rows["required"] = [
        f"≤{limit_value(row['risk_limit'])} {say('/年', '/yr')}"
        if row["risk_limit"] == row["risk_limit"]
        else f"≥ {row['required_m']:,.0f} m"
        if row["required_m"] == row["required_m"]
        else say("按证明材料", "by evidence")
        if row["method"] == "standards" and not row["missing"]
        else None
        for row in records
    ]
    rows["found"] = [
        f"{per_year(row['risk'])} {say('/年', '/yr')}" if row["risk"] > 0.0 else "0" if row["risk"] == 0.0 else ""
        for row in records
    ]
    return rows


def _inside(material: Material) -> tuple[Block, ...]:
    result, say = material.result, material.say
    pairs = result.domino.pairs
    across = pairs[pairs["cross_enterprise"].astype(bool)] if len(pairs) else pairs
    owner = result.park.tables["units"].set_index("unit_id")["enterprise_id"]
    rows = across.sort_values(["distance_m", "from_unit", "to_unit"], ignore_index=True)
    for side in ("from", "to"):
        rows[f"{side}_enterprise"] = [named(material, "enterprise", owner[unit]) for unit in rows[f"{side}_unit"]]
    open_ = Callout(
        "unknown",
        say("内部防火间距未逐项判定", "Fire distances within are not judged"),
        say(
            "企业内部和相邻企业之间的防火间距须按所适用的设计防火标准逐项核对。输入资料不含建构筑物类别和设计标准，"
            "本报告只给出设备净距和荷载，是否符合标准未知。",
            "Fire distances within and between enterprises follow the design standard of each plant. The input has "
            "neither classes of buildings nor those standards: gaps and loads are given, whether they conform is "
            "unknown.",
        ),
    )
    if rows.empty:
        none = say("未发现可跨企业升级的设备对。", "No pair of units of different enterprises can escalate.")
        return (open_, Paragraph(none))
    first = rows.iloc[0]
    return (
        open_,
        Paragraph(
            say(
                f"分属两家企业且可能由一台升级至另一台的设备对（分方向）共 {len(rows):,} 对，净距最小 "
                f"{first['distance_m']:,.0f} m：{named(material, 'unit', first['from_unit'])}至"
                f"{named(material, 'unit', first['to_unit'])}。",
                f"{len(rows)} directed pairs of units of different enterprises may escalate; the smallest gap is "
                f"{first['distance_m']:,.0f} m, {named(material, 'unit', first['from_unit'])} to "
                f"{named(material, 'unit', first['to_unit'])}.",
            )
        ),
        *tabulated(
            rows,
            _INSIDE,
            material,
            say("跨企业设备净距（最小者）", "Gaps between units of different enterprises, the smallest"),
            limit=10,
            annex="domino_pairs.csv",
            note=say(
                "荷载为各事件、各气象下的最大值；0 为无直接荷载，经中间设备升级。",
                "Loads are the largest over events and weathers; 0: none directly, by units in between.",
            )
            + _touched(material),
            widths=(2.2, 2.1, 2.2, 2.1, 0.9, 1.2, 1.0),
        ),
    )


def _touched(material: Material) -> str:
    """What the round loads of units in a flame are."""
    known = constants("fragility")
    pool, jet = (known[f"engulfing_{fire}_heat_flux"] for fire in ("pool_fire", "jet_fire"))
    return material.say(
        f"热辐射 {pool.value / 1e3:g} kW/m² 为被池火火焰包围的设备、{jet.value / 1e3:g} kW/m² 为被喷射火冲击的设备的"
        "取值（英国 HSE TD5/005，仅一处来源），不是按距离算得的热辐射；"
        "超压 101 kPa 为多能法曲线近场的上限（1 个大气压）。",
        f" {pool.value / 1e3:g} kW/m² stands for a unit in the flame of a pool fire and {jet.value / 1e3:g} kW/m² for "
        "one that a jet fire hits (HSE TD5/005, one source); they are not computed by distance. 101 kPa, one "
        "atmosphere, is the top of the multi-energy curve.",
    )


def _control(material: Material) -> tuple[Block, ...]:
    say, controls = material.say, material.distances.controls
    rows = controls.assign(
        classes_text=[class_words(names, material.lang) for names in controls["classes"]],
        area_ha=[shape.area / 1e4 for shape in controls["shape"]],
        missing_count=[len(missing) for missing in controls["missing"]],
    )
    return (
        *tabulated(
            rows.drop(columns=["shape", "missing", "classes"]),
            _CONTROL,
            material,
            say("周边规划安全控制线", "Surrounding-land control line"),
            note=say("线位见 control_line.geojson。", "The lines stand in control_line.geojson."),
            widths=(4.2, 1.6, 1.0, 1.0, 1.4),
        ),
        Paragraph(say(READING[0] + "。", READING[1] + "."), small=True),
    )
