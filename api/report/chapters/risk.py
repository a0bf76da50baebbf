"""Chapter 6: individual and societal risk beside their limits, what makes them up, and how sure they are."""

import numpy as np
import pandas as pd

from parkrisk.api.printed.consequence import word
from parkrisk.api.report.around import direction_name
from parkrisk.api.report.content import Block, Bullets, Callout, Chapter, Facts, Paragraph, Section
from parkrisk.api.report.maps import maps
from parkrisk.api.report.material import Material, limit_value, per_year, percent
from parkrisk.api.report.societal import of_limit, societal_risk
from parkrisk.api.report.tabulated import Columns, named, tabulated
from parkrisk.api.report.wording import sourced
from parkrisk.risk.criteria import societal_criterion
from parkrisk.risk.mapping.contours import open_levels

__all__ = ["chapter"]

_TARGETS: Columns = {
    "name": ("防护目标", "protection target", ""),
    "class": ("类别", "class", "choice:target_class"),
    "individual_risk": ("个人风险 /年", "individual risk /yr", "per_year"),
    "individual_risk_without_domino": ("不计多米诺 /年", "without domino /yr", "per_year"),
    "limit": ("基准 /年", "limit /yr", "limit"),
    "ratio": ("占基准", "of the limit", "percent"),
    "status": ("判定", "status", "status"),
}
_SOURCES_AT: Columns = {
    "target_id": ("防护目标", "protection target", "target"),
    "rank": ("序", "rank", "d"),
    "unit_id": ("风险源", "source", "unit"),
    "individual_risk": ("个人风险 /年", "individual risk /yr", "per_year"),
    "share": ("占该处", "of the risk there", "percent"),
}
_PARTS: Columns = {
    "by": ("分解", "by", ""),
    "part": ("部分", "part", ""),
    "individual_risk": ("个人风险 /年", "individual risk /yr", "per_year"),
    "share": ("占该处", "of the risk there", "percent"),
}
_LEVELS: Columns = {
    "level": ("个人风险 /年", "individual risk /yr", "limit"),
    "area_ha": ("面积 ha", "area ha", ",.0f"),
    "outside_ha": ("四至以外 ha", "outside the boundary ha", ",.0f"),
    "closed": ("图内闭合", "closes on the map", "answer"),
}
_SOURCES: Columns = {
    "unit_id": ("风险源", "source", "unit"),
    "enterprise_id": ("企业", "enterprise", "enterprise?"),
    "kind_text": ("类型", "kind", ""),
    "substance": ("介质", "substance", ""),
    "mass_t": ("存量 t", "mass t", "amount?"),
    "pll": ("预期死亡 人/年", "PLL /yr", "per_year"),
    "pll_share": ("占比", "share", "percent"),
    "pll_without_domino": ("不计多米诺 人/年", "without domino /yr", "per_year"),
}
_BY = {"outcome": ("灾害模式", "outcome"), "weather": ("气象", "weather"), "wind_from": ("风向", "wind from")}


def chapter(material: Material) -> Chapter:
    """园区风险."""
    say = material.say
    return Chapter(
        say("园区风险", "Risk of the park"),
        sections=(
            Section(say("个人风险", "Individual risk"), _individual(material)),
            Section(say("个人风险等值线", "Contours of individual risk"), _contours(material)),
            Section(say("最不利目标的风险构成", "What makes up the risk at the worst targets"), _parts(material)),
            Section(say("社会风险", "Societal risk"), societal_risk(material)),
            Section(say("主要风险源", "Main sources"), _sources(material)),
            Section(say("不确定性与敏感因素", "Uncertainty and sensitivity"), _uncertainty(material)),
        ),
    )


def worst_targets(material: Material) -> pd.DataFrame:
    """The targets by falling share of their limit, those without one last; none passes by a lower bound."""
    result = material.result
    table = result.targets
    if result.events.not_computed:
        table = table.assign(status=table["status"].where(table["status"] == "fail", "unknown"))
    return table.sort_values(
        ["ratio", "individual_risk", "target_id"], ascending=[False, False, True], na_position="last", ignore_index=True
    )


def _individual(material: Material) -> tuple[Block, ...]:
    say, rows = material.say, worst_targets(material)
    if rows.empty:
        title = say("未提供防护目标", "No protection targets given")
        text = say("个人风险是否超过基准无从判定，为未知。", "Whether individual risk is within its limits is unknown.")
        return (Callout("unknown", title, text),)
    counts = rows["status"].value_counts()
    passed, failed, open_ = (int(counts.get(name, 0)) for name in ("pass", "fail", "unknown"))
    kind = "bad" if failed else "unknown" if open_ else "good"
    first = rows.iloc[0]
    return (
        Callout(
            kind,
            say(
                f"{len(rows)} 处防护目标：{passed} 处符合，{failed} 处超过基准，{open_} 处未知",
                f"{len(rows)} protection targets: {passed} within the limit, {failed} above, {open_} unknown",
            ),
            _worst_words(first, material),
        ),
        *_incomplete(material),
        *tabulated(
            rows,
            _TARGETS,
            material,
            say("各防护目标处的个人风险与基准", "Individual risk at the targets beside the limits"),
            limit=30,
            annex="targets.csv",
            note=say(
                "个人风险为园区全部风险源之和，含多米诺；基准按目标所适用的在役或新建取值，未经核实（M）。",
                "The sum over all sources of the park, cascades included; the limit is that for in-service or new "
                "installations as it applies to the target, and unverified (M).",
            ),
            widths=(2.1, 2.5, 1.4, 1.5, 1.1, 1.0, 1.1),
        ),
    )


def _worst_words(first: "pd.Series[float]", material: Material) -> str:
    """Where the risk is nearest to its limit, and what cascades add to it."""
    say = material.say
    risk, without = float(first["individual_risk"]), float(first["individual_risk_without_domino"])
    where = first["name"]
    if not np.isfinite(first["ratio"]):
        return say(
            f"没有可与基准比较的目标；个人风险最大处为{where}，{per_year(risk)} /年。",
            f"No target has a limit; the risk is largest at {where}: {per_year(risk)} /yr.",
        )
    added = (risk - without) / risk if risk > 0.0 else 0.0
    kind, limit = material.label("target_class", str(first["class"])), limit_value(float(first["limit"]))
    share = of_limit(float(first["ratio"]), material)
    return say(
        f"{'超过基准最多的' if first['ratio'] > 1.0 else '最接近基准的'}是{where}（{kind}）：个人风险 "
        f"{per_year(risk)} /年，为基准 {limit} /年的 {share}；其中多米诺增加的部分占 {percent(added)}。",
        f"{'Farthest above' if first['ratio'] > 1.0 else 'Nearest to'} its limit is {where} ({kind}): "
        f"{per_year(risk)} /yr, {share} the limit of {limit} /yr; cascades add {percent(added)} of it.",
    )


def _incomplete(material: Material) -> tuple[Block, ...]:
    """That the risk is a lower bound where events could not be computed."""
    lacking, say = material.result.events.not_computed, material.say
    if not lacking:
        return ()
    names = say("、", ", ").join(named(material, "unit", unit) for unit in lacking[:10])
    return (
        Callout(
            "unknown",
            say("风险为下限", "The risk is a lower bound"),
            say(
                f"{len(lacking)} 台设备有事件无法计算：{names}；所列风险不含这些事件。",
                f"Some event of {len(lacking)} units could not be computed: {names}; it is not in the risk.",
            ),
        ),
    )


def _contours(material: Material) -> tuple[Block, ...]:
    result, say = material.result, material.say
    rows = contour_areas(material)
    highest = float(result.individual_risk.values.max())
    reached = say("、", ", ").join(limit_value(level) for level in rows["level"]) if len(rows) else say("无", "none")
    cut = rows[rows["closed"] == "no"] if len(rows) else rows
    blocks: tuple[Block, ...] = (
        Paragraph(
            say(
                f"栅格上个人风险最大值为 {per_year(highest)} /年；出现的等值线：{reached}。",
                f"The highest individual risk on the map is {per_year(highest)} /yr; contours that are reached: "
                f"{reached}.",
            )
        ),
    )
    if len(cut):
        title = say("等值线被图边截断", "Contours cut by the map edge")
        levels = say("、", ", ").join(limit_value(level) for level in cut["level"])
        blocks = (*blocks, Callout("note", title, f"{levels} {say('/年', '/yr')}"))
    return (
        *blocks,
        *tabulated(rows, _LEVELS, material, say("个人风险等值线范围", "Areas within the contours")),
        *maps(material, "individual_risk", say("个人风险等值线图", "Contours of individual risk")),
    )


def contour_areas(material: Material) -> pd.DataFrame:
    """Level [1/yr], area_ha, outside_ha, closed of each contour that is reached, highest first."""
    result = material.result
    boundary, open_ends = result.park.boundary, open_contours(material)
    rows = [
        {
            "level": level,
            "area_ha": shape.area / 1e4,
            "outside_ha": np.nan if boundary is None else shape.difference(boundary).area / 1e4,
            "closed": "no" if level in open_ends else "yes",
        }
        for level, shape in result.contours().items()
        if not shape.is_empty
    ]
    return pd.DataFrame(rows)


def open_contours(material: Material) -> frozenset[float]:
    """Levels whose contour the edge of the map cuts."""
    result = material.result
    return frozenset(open_levels(result.individual_risk.values, result.settings.contour_levels))


def _parts(material: Material) -> tuple[Block, ...]:
    result, say = material.result, material.say
    worst = worst_targets(material)
    worst = worst[worst["individual_risk"] > 0.0].head(3)
    if worst.empty:
        none = say(
            "各防护目标处个人风险为 0 或未列防护目标，无构成可分解。", "No target has a risk that could be divided."
        )
        return (Paragraph(none),)
    top = result.contributions[result.contributions["rank"] <= 5]
    shown = pd.concat([top[top["target_id"] == name] for name in worst["target_id"]], ignore_index=True)
    first = shown[shown["target_id"] == worst["target_id"].iloc[0]]
    leading = say("、", ", ").join(named(material, "unit", unit) for unit in first["unit_id"])
    parts = parts_at(material, str(worst["target_id"].iloc[0]))
    return (
        Paragraph(
            say(
                f"{worst['name'].iloc[0]}处前 {len(first)} 个风险源合计占 {percent(first['share'].sum())}：{leading}。",
                f"At {worst['name'].iloc[0]} the first {len(first)} sources make {percent(first['share'].sum())}: "
                f"{leading}.",
            )
        ),
        *tabulated(
            shown,
            _SOURCES_AT,
            material,
            say("最不利目标处的主要风险源", "Main sources at the worst targets"),
            note=say("其余见附表 contributions.csv。", "The others stand in the annex contributions.csv."),
            widths=(2.0, 0.6, 2.2, 1.4, 1.0),
        ),
        *tabulated(
            parts,
            _PARTS,
            material,
            say(f"{worst['name'].iloc[0]}处个人风险的分解", f"Individual risk at {worst['name'].iloc[0]} divided"),
            note=say(
                "每种分解列最大的三部分，其余见附表 contribution_parts.csv。",
                "The three largest parts of each division; the others stand in the annex contribution_parts.csv.",
            ),
        ),
        *material.figure("contributions", say("最不利目标处的风险构成", "What makes up the risk at the worst targets")),
    )


def parts_at(material: Material, target: str) -> pd.DataFrame:
    """The three largest parts of the risk at a target by outcome, weather and wind, in words."""
    table = material.result.contribution_parts
    rows = table[(table["target_id"] == target) & (table["rank"] <= 3)].reset_index(drop=True)
    words = []
    for by, part in zip(rows["by"], rows["part"], strict=True):
        if by == "outcome":
            words.append(word(str(part), material.lang))
        elif by == "wind_from":
            name = direction_name(float(part), material.lang)
            words.append(material.say(f"{name}（{float(part):g}°）", f"{name} ({float(part):g}°)"))
        else:
            speed, stability = str(part).split()
            words.append(material.say(f"{stability} 类，{speed} m/s", f"{stability}, {speed} m/s"))
    return rows.assign(part=words, by=[material.say(*_BY[str(by)]) for by in rows["by"]])


def _sources(material: Material) -> tuple[Block, ...]:
    result, say = material.result, material.say
    rows = result.sources.sort_values(["pll", "unit_id"], ascending=[False, True], ignore_index=True)
    rows = rows[rows["pll"] > 0.0]
    if rows.empty:
        none = say("没有风险源造成可计的预期死亡。", "No source has expected deaths that count.")
        return (Paragraph(none),)
    labels = [material.label("unit_kind", kind) for kind in rows["kind"]]
    rows = rows.assign(
        substance=rows[f"substance_{material.lang}"],
        kind_text=[material.label("transport_mode", each) for each in labels],
    )
    first = rows.head(5)
    names = say("、", ", ").join(named(material, "unit", unit) for unit in first["unit_id"])
    return (
        Paragraph(
            say(
                f"{len(rows)} 个风险源有预期死亡，前 {len(first)} 个合计占 {percent(first['pll_share'].sum())}："
                f"{names}。",
                f"{len(rows)} sources have expected deaths; the first {len(first)} make "
                f"{percent(first['pll_share'].sum())}: {names}.",
            )
        ),
        *tabulated(
            rows,
            _SOURCES,
            material,
            say("主要风险源（按预期死亡）", "Main sources by expected deaths"),
            limit=15,
            annex="sources.csv",
            note=say(
                "各源的预期死亡含由其他设备引发的多米诺事件。",
                "The expected deaths of a source contain those of its failure by other units.",
            ),
            widths=(2.1, 2.4, 1.3, 0.9, 1.0, 1.4, 0.9, 1.6),
        ),
        *material.figure("sources", say("主要风险源", "Main sources")),
    )


def _uncertainty(material: Material) -> tuple[Block, ...]:
    result, say = material.result, material.say
    marked = result.assumptions[result.assumptions["mark"] == "M"]
    events = result.events.table
    unverified = int((events["mark"] == "M").sum())
    criterion = societal_criterion()
    return (
        Paragraph(
            say(
                "定量风险评价的结果取决于频率、模型和人口资料；七个机构对同一液氨储存设施的比对（ASSURANCE，"
                "Risø-R-1344，2002）中，频率和后果的估计均有很大差异。结果宜用于比较、排序和识别主导因素，"
                "接近基准的结论应结合下列因素审慎使用。",
                "The result hangs on frequencies, models and people; seven teams that assessed the same ammonia "
                "store (ASSURANCE, Risø-R-1344, 2002) differed widely in frequencies and in consequences. It "
                "serves comparison and ranking; conclusions near a limit need the points below.",
            )
        ),
        Facts(
            (
                (say("多米诺抽样", "sampling of cascades"), _sampling(material)),
                (say("多米诺效应", "domino effects"), _times(material)),
                (
                    say("未核实的频率", "unverified frequencies"),
                    say(f"{len(events):,} 个事件中 {unverified:,} 个", f"{unverified} of {len(events)} events"),
                ),
                (
                    say("未核实的基准", "unverified limits"),
                    say(
                        f"个人风险基准和社会风险准则线（{criterion.mark}）",
                        f"individual and societal criteria ({criterion.mark})",
                    ),
                ),
                (
                    say("假定与缺省", "assumptions"),
                    say(
                        f"共 {len(result.assumptions)} 项，其中未核实 {len(marked)} 项，见附表 assumptions.csv",
                        f"{len(result.assumptions)}, of which {len(marked)} unverified; see the annex assumptions.csv",
                    ),
                ),
            )
        ),
        Paragraph(
            say(
                "决定结果的未核实数值（括号内为涉及的事件或设备数）如下；可量化的不确定性与敏感性列于附录。",
                "Unverified values that decide (in brackets how many events or units); the annexes have the table of "
                "uncertainty and sensitivity:",
            )
        ),
        Bullets(_marked(marked, material)),
    )


def _sampling(material: Material) -> str:
    """Error of the sampled cascades, of the secondary failures and of the F-N curve."""
    result, say = material.result, material.say
    reached = result.domino.method["error_reached"]
    if reached is None:
        return say("无次生失效，无抽样误差", "no secondary failures, no sampling error")
    text = say(
        f"次生失效总频率的相对抽样误差为 {percent(reached)}",
        f"relative sampling error of the secondary failures {percent(reached)}",
    )
    if result.fn.empty or np.isnan(result.fn["F_standard_error"].iloc[0]):
        return text
    one = result.fn.iloc[0]
    curve = f"F (N ≥ 1) = {per_year(one['F'])} ± {per_year(one['F_standard_error'])}"
    return say(f"{text}；{curve} /年", f"{text}; {curve} /yr")


def _times(material: Material) -> str:
    """How many times the expected deaths are those without cascades."""
    societal, say = material.result.societal, material.say
    if not societal.pll_without_domino > 0.0:
        return say("不计多米诺时预期死亡为 0", "without domino effects there are no expected deaths")
    ratio = societal.pll / societal.pll_without_domino
    return say(f"计入后预期死亡为不计时的 {ratio:.2f} 倍", f"{ratio:.2f} times the expected deaths without them")


def _marked(marked: pd.DataFrame, material: Material) -> tuple[str, ...]:
    """Unverified assumptions, the most frequent first, with how often each counts."""
    rows = marked.sort_values(["count", "code"], ascending=[False, True]).to_dict("records")
    items = tuple(
        material.say(f"{sourced(material, row['text_zh'])}（{row['count']:,}）", f"{row['text_en']} ({row['count']:,})")
        for row in rows[:8]
    )
    return items or (material.say("无", "none"),)
