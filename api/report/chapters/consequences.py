"""Chapter 5: how far each accident reaches: death, serious and light injury, escalation."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely

from parkrisk.api.drawn.worst_cases import worst_events
from parkrisk.api.printed.consequence import word
from parkrisk.api.report.content import Block, Callout, Chapter, Paragraph, Section
from parkrisk.api.report.material import Material, per_year, percent
from parkrisk.api.report.tabulated import Columns, named, tabulated
from parkrisk.api.report.wording import rows_of, sourced
from parkrisk.models.constants import constants, rows
from parkrisk.models.fire.heat_footprint import casualty_heat_flux
from parkrisk.risk.tables import RADII
from parkrisk.scenarios.reading.areas import shapes_of

__all__ = ["chapter", "worst_weather"]

_SHOWN = 20
_REACH: Columns = {
    "death_m": ("死亡 m", "death m", ",.0f?"),
    "serious_m": ("重伤 m", "serious m", ",.0f?"),
    "light_m": ("轻伤 m", "light m", ",.0f?"),
    "domino_m": ("多米诺 m", "domino m", ",.0f?"),
}
_MODES: Columns = {
    "loc": ("泄漏模式", "loss", "word"),
    "outcome": ("灾害模式", "outcome", "word"),
    "cases": ("情形 个", "cases", "d"),
    **_REACH,
    "unit_id": ("死亡半径最大的设备", "unit that reaches farthest", "unit"),
}
_CASES: Columns = {
    "unit_id": ("设备", "unit", "unit"),
    "substance": ("介质", "substance", ""),
    "loc": ("泄漏模式", "loss", "word"),
    "outcome": ("灾害模式", "outcome", "word"),
    "weather": ("气象", "weather", ""),
    "frequency": ("频率 /年", "frequency /yr", "per_year"),
    **_REACH,
}
_DEADLY: Columns = {
    "unit_id": ("设备", "unit", "unit"),
    "loc": ("泄漏模式", "loss", "word"),
    "outcome": ("灾害模式", "outcome", "word"),
    "pll": ("预期死亡 人/年", "PLL /yr", "per_year"),
    "share": ("占园区", "share", "percent"),
    "n_max": ("最多死亡 人", "most deaths", ",.0f"),
    "weather": ("气象", "weather", "?"),
    **_REACH,
}
_THRESHOLDS: Columns = {
    "harm": ("后果", "effect", ""),
    "level": ("程度", "degree", ""),
    "threshold": ("阈值", "threshold", ""),
    "source": ("依据", "source", ""),
    "mark": ("核实", "mark", "mark"),
}


def chapter(material: Material) -> Chapter:
    """后果分析."""
    say = material.say
    return Chapter(
        say("后果分析", "Consequence analysis"),
        sections=(
            Section(say("伤害判据", "Criteria of harm"), _criteria(material)),
            Section(say("各泄漏模式、灾害模式的影响范围", "Reach by loss and outcome"), _modes(material)),
            Section(say("影响最远的情形", "Cases that reach farthest"), _farthest(material)),
            Section(say("预期死亡最多的情形", "Cases with most expected deaths"), _deadliest(material)),
            Section(say("最不利情形的影响范围图", "Worst cases on the map"), _maps(material)),
        ),
    )


def _criteria(material: Material) -> tuple[Block, ...]:
    say = material.say
    return (
        Paragraph(
            say(
                "死亡、重伤、轻伤半径为下风向达到下列阈值的最远距离。热辐射的暴露时间为火灾持续时间，"
                "以表列时间为限。多米诺半径为达到各类设备升级阈值中最低者的距离，是否失效另按设备类别、"
                "受热时间和屏障计算（见多米诺一章）。毒气云只定义死亡半径；闪火后接池火的取两者中较远者。"
                "未定义或未达到阈值的以“–”示之。",
                "The radii of death, serious and light injury are the farthest distances downwind that reach the "
                "thresholds below. Exposure to heat is as long as the fire, up to the time in the table. The "
                "domino radius is where the lowest escalation threshold of any class of equipment is reached; "
                "whether a unit fails is computed by its class, time and barriers. Toxic clouds have a radius of "
                "death only; of a flash fire and the pool fire after it the farther counts. A dash: not defined or "
                "not reached.",
            )
        ),
        *tabulated(
            thresholds(material),
            _THRESHOLDS,
            material,
            say("死亡、重伤、轻伤、多米诺阈值", "Thresholds of harm"),
            widths=(1.2, 0.9, 2.9, 3.6, 1.4),
        ),
    )


def thresholds(material: Material) -> pd.DataFrame:
    """harm, level, threshold, source, mark: what each radius stands for."""
    say, known = material.say, constants("vulnerability")
    longest = known["heat_longest_exposure"].value
    death, serious, light = say("死亡", "death"), say("重伤", "serious"), say("轻伤", "light")
    fire, blast = say("热辐射", "heat"), say("超压", "blast")
    heat = zip(
        (death, serious, light),
        casualty_heat_flux(longest),
        (
            ("半数死亡", "half die"),
            ("半数二度烧伤", "second-degree burns to half"),
            ("半数一度烧伤", "first-degree burns to half"),
        ),
        ("heat_probit_slope", "second_degree_burn_intercept", "first_degree_burn_intercept"),
        strict=True,
    )
    pressure = {death: "blast_certain_death", serious: "serious_overpressure", light: "light_overpressure"}
    toxic, flash = known["toxic_longest_exposure"], known["flash_outdoor"]
    found = [
        *(
            (
                fire,
                level,
                f"{flux / 1e3:.1f} kW/m² × {longest:g} s{say('，', ': ')}{say(*what)}",
                known[name].source,
                known[name].mark,
            )
            for level, flux, what, name in heat
        ),
        *(
            (blast, level, f"{known[name].value / 1e3:g} kPa", known[name].source, known[name].mark)
            for level, name in pressure.items()
        ),
        (
            say("中毒", "toxic dose"),
            death,
            say(
                f"室外半数死亡，暴露不超过 {toxic.value:g} min",
                f"half of those outdoors die, {toxic.value:g} min at most",
            ),
            toxic.source,
            toxic.mark,
        ),
        (
            say("闪火", "flash fire"),
            death,
            say("可燃下限范围", "within the lower flammability limit"),
            flash.source,
            flash.mark,
        ),
        *_escalation(material),
    ]
    table = pd.DataFrame(found, columns=["harm", "level", "threshold", "source", "mark"])
    return table.assign(source=[sourced(material, each) for each in table["source"]])


def _escalation(material: Material) -> list[tuple[str, str, str, str, str]]:
    """The lowest escalation threshold of each kind of load, which the domino radius stands for."""
    say = material.say
    vectors = {"heat": ("热辐射", "heat"), "fireball": ("火球热辐射", "heat of a fireball"), "blast": ("超压", "blast")}
    found = []
    for vector, label in vectors.items():
        lowest = min(
            (row for row in rows("escalation_thresholds") if row["vector"] == vector),
            key=lambda row: float(row["value"]),
        )
        unit = "kPa" if vector == "blast" else "kW/m²"
        text = f"{float(lowest['value']) / 1e3:g} {unit}"
        found.append((say(*label), say("多米诺", "domino"), text, lowest["source"], lowest["mark"]))
    return found


def worst_weather(scenarios: pd.DataFrame) -> pd.DataFrame:
    """Of each unit, loss and outcome the weather of the widest radii, that of death first; widest first."""
    ranked = scenarios.assign(**{f"_{name}": scenarios[name].fillna(-1.0) for name in RADII})
    keys = [f"_{name}" for name in RADII]
    ranked = ranked.sort_values(
        [*keys, "unit_id", "loc", "outcome", "weather"], ascending=[*[False] * len(RADII), True, True, True, True]
    )
    return ranked.drop_duplicates(["unit_id", "loc", "outcome"]).drop(columns=keys).reset_index(drop=True)


def modes(scenarios: pd.DataFrame) -> pd.DataFrame:
    """Of each loss and outcome the number of cases and the widest radii of any unit; the widest first."""
    worst = worst_weather(scenarios)
    grouped = worst.groupby(["loc", "outcome"], sort=False)
    rows = grouped[list(RADII)].max()
    rows["cases"] = grouped.size()
    rows["unit_id"] = grouped["unit_id"].first()
    rows = rows.reset_index()
    return rows.sort_values(
        ["death_m", "loc", "outcome"], ascending=[False, True, True], na_position="last", ignore_index=True
    )


def _weather_text(material: Material) -> str:
    shown = sorted(set(material.result.scenarios["weather"]))
    joined = material.say("、", ", ").join(shown)
    return material.say(
        f"气象以“稳定度 风速 m/s”表示；完整结果按最常见和最稳定小风两类气象（{joined}）列于附表 scenarios.csv，"
        "此处取其中较远者。",
        "Weather is stability and wind speed in m/s; the annex scenarios.csv has the most frequent and the "
        f"stillest weather ({joined}), the wider of both is shown here.",
    )


def _modes(material: Material) -> tuple[Block, ...]:
    say, scenarios = material.say, material.result.scenarios
    rows = modes(scenarios)
    if rows.empty:
        return _no_case(material)
    first = rows.iloc[0]
    inside = targets_within(material, str(first["unit_id"]), float(first["death_m"]))
    return (
        Paragraph(
            say(
                f"共计算 {int(rows['cases'].sum()):,} 个情形（设备 × 泄漏模式 × 灾害模式）。死亡半径最大为 "
                f"{first['death_m']:,.0f} m：{named(material, 'unit', first['unit_id'])}{word(first['loc'], 'zh')}"
                f"后的{word(first['outcome'], 'zh')}；距该设备这一距离以内有防护目标 {inside} 处，"
                "受影响的是其中处于下风向者。",
                f"{int(rows['cases'].sum())} cases (unit, loss, outcome) were computed. The widest radius of death "
                f"is {first['death_m']:,.0f} m: {word(first['outcome'], 'en')} after {word(first['loc'], 'en')} at "
                f"{named(material, 'unit', first['unit_id'])}; {inside} protection targets are within this "
                "distance of it, of which those downwind are reached.",
            )
        ),
        *tabulated(
            rows,
            _MODES,
            material,
            say("泄漏模式 × 灾害模式的最大影响半径", "Widest radii by loss and outcome"),
            limit=30,
            annex="scenarios.csv",
            note=say("各列最大值可能出自不同设备。", "The maxima of a row may be those of different units."),
            widths=(1.5, 1.4, 0.9, 0.9, 0.9, 0.9, 1.0, 2.4),
        ),
    )


def targets_within(material: Material, unit_id: str, reach: float) -> int:
    """How many protection targets are within a distance [m] of the centre of a unit or of the line of a transport."""
    park = material.result.park
    events = material.result.events.table
    places = events.loc[events["unit_id"] == unit_id, ["x", "y"]].drop_duplicates().to_numpy()
    apart = shapely.distance(shapely.MultiPoint(places), shapes_of(park.tables["targets"]))
    return int((apart <= reach).sum())


def _no_case(material: Material) -> tuple[Block, ...]:
    say = material.say
    return (
        Callout(
            "note",
            say("无可计算的情形", "No case"),
            say(
                "在用设备没有可计算影响的泄漏场景。",
                "No unit in service has a loss with an effect that can be computed.",
            ),
        ),
    )


def _farthest(material: Material) -> tuple[Block, ...]:
    result, say = material.result, material.say
    worst = worst_weather(result.scenarios)
    if worst.empty:
        return _no_case(material)
    substance = result.sources.set_index("unit_id")[f"substance_{material.lang}"]
    per_unit = worst.drop_duplicates("unit_id").reset_index(drop=True)
    per_unit["substance"] = per_unit["unit_id"].map(substance)
    return (
        Paragraph(_weather_text(material)),
        *tabulated(
            per_unit,
            _CASES,
            material,
            say("伤亡半径表：每台设备影响最远的情形", "Casualty radii: of each unit the case that reaches farthest"),
            limit=_SHOWN,
            annex="scenarios.csv",
            widths=(2.4, 0.9, 1.2, 1.3, 0.8, 1.5, 0.9, 0.9, 0.9, 1.0),
        ),
    )


def deadliest(material: Material) -> pd.DataFrame:
    """unit_id, loc, outcome, pll [1/yr], share, n_max with the worst weather and its radii; most deaths first."""
    result = material.result
    events = result.events.table.set_index("event_id")[["loc"]]
    tail = result.societal.tail.join(events, on="event_id")
    rows = tail.groupby(["unit_id", "loc", "outcome"], sort=True).agg(pll=("pll", "sum"), n_max=("n_max", "max"))
    rows = rows[rows["pll"] > 0.0].reset_index()
    rows["share"] = rows["pll"] / result.pll if result.pll > 0.0 else np.nan
    columns = ["unit_id", "loc", "outcome", "weather", *RADII]
    rows = rows.merge(worst_weather(result.scenarios)[columns], on=["unit_id", "loc", "outcome"], how="left")
    return rows.sort_values(
        ["pll", "unit_id", "loc", "outcome"], ascending=[False, True, True, True], ignore_index=True
    )


def _deadliest(material: Material) -> tuple[Block, ...]:
    say, rows = material.say, deadliest(material)
    if rows.empty:
        none = say("没有情形造成可计的预期死亡。", "No case has expected deaths that count.")
        return (Paragraph(none),)
    first, shown = rows.iloc[0], rows.head(_SHOWN)
    return (
        Paragraph(
            say(
                f"{len(rows)} 个情形有预期死亡。最多的是{named(material, 'unit', first['unit_id'])}"
                f"{word(first['loc'], 'zh')}后的{word(first['outcome'], 'zh')}，{per_year(first['pll'])} 人/年，"
                f"占园区 {percent(first['share'])}；表列 {len(shown)} 个情形合计占 {percent(shown['share'].sum())}。",
                f"{len(rows)} cases have expected deaths. Most are of {word(first['outcome'], 'en')} after "
                f"{word(first['loc'], 'en')} at {named(material, 'unit', first['unit_id'])}: "
                f"{per_year(first['pll'])} /yr, {percent(first['share'])} of the park; the {len(shown)} cases "
                f"listed make {percent(shown['share'].sum())}.",
            )
        ),
        *tabulated(
            rows,
            _DEADLY,
            material,
            say("预期死亡最多的情形及其影响半径", "Cases with most expected deaths, and their radii"),
            limit=_SHOWN,
            annex="scenarios.csv",
            note=say(
                "含多米诺次生事件；“最多死亡”为各气象、风向、昼夜中的最大期望死亡人数。"
                "气象和半径为最不利气象下的数值，只由级联引起的事件无此数值。",
                "Cascades included; most deaths is the largest expected number over weathers, directions, day and "
                "night. Weather and radii are those of the worst weather; events that only cascades bring about "
                "have none.",
            ),
            widths=(2.2, 1.2, 1.3, 1.5, 0.9, 0.9, 0.8, 0.9, 0.9, 0.9, 1.0),
        ),
    )


def _maps(material: Material) -> tuple[Block, ...]:
    say = material.say
    names = [name for name in (f"worst_case_{number}" for number in range(1, 5)) if name in material.figures]
    events = rows_of(worst_events(material.result))
    if len(events) < len(names) or f"worst_case_{len(events)}" not in material.figures:  # one has no map
        events = [{}] * len(names)
    drawn = [
        figure
        for number, (name, event) in enumerate(zip(names, events[: len(names)], strict=True), start=1)
        for figure in material.figure(name, _case_words(material, number, event))
    ]
    if drawn:
        text = say(
            "各类灾害模式中单次死亡人数最多的情形及其影响范围如下图；所取气象影响最远，所取风向吹向人口最多处，"
            "发生频率很低，只用于应急准备和规划，不代表预期风险。",
            "The maps show, of each outcome, the case with most deaths, in the weather that carries it farthest and "
            "the wind towards most people. Such cases are rare: they serve emergency planning and are not the risk.",
        )
        return (Paragraph(text), *drawn)
    none = say("未绘制最不利情形的影响范围图。", "No map of the worst cases was drawn.")
    return (Paragraph(none, small=True),)


def _case_words(material: Material, number: int, event: Mapping[Any, Any]) -> str:
    """Caption of the map of a worst case."""
    say = material.say
    lead = say(f"最不利情形 {number}", f"Worst case {number}")
    if not event:
        return lead
    unit, loc, outcome = named(material, "unit", event["unit_id"]), str(event["loc"]), str(event["outcome"])
    return say(
        f"{lead}：{unit}{word(loc, 'zh')}后的{word(outcome, 'zh')}",
        f"{lead}: {word(outcome, 'en')} after {word(loc, 'en')} at {unit}",
    )
