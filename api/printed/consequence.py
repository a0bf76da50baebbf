"""What the command prints of one event: how far, who is inside, when, what may follow."""

from typing import Any

import pandas as pd
from rich.panel import Panel
from rich.text import Text

from parkrisk.api.printed import terminal
from parkrisk.api.printed.terminal import Columns, labelled, listed, pick, show_notice, show_saved
from parkrisk.models.substance.substances import find
from parkrisk.risk.consequence import possible_events
from parkrisk.risk.result import park_summary, plain
from parkrisk.scenarios.park import Park

__all__ = ["choices_of", "show", "show_choices", "show_saved", "show_seconds", "word"]

_WORDS: dict[str, tuple[str, str]] = {
    "small_hole": ("小孔泄漏", "small hole"),
    "medium_hole": ("中孔泄漏", "medium hole"),
    "large_hole": ("大孔泄漏", "large hole"),
    "rupture": ("破裂", "rupture"),
    "leak": ("泄漏", "leak"),
    "instantaneous": ("瞬时全部泄漏", "everything at once"),
    "ten_minutes": ("10 min 泄漏", "everything in 10 min"),
    "relief": ("安全阀起跳", "relief valve opens"),
    "hole": ("孔泄漏", "hole"),
    "whole_load": ("整车泄漏", "whole load"),
    "spill_5_m3": ("泄漏 5 m³", "spill of 5 m³"),
    "spill_500_l": ("泄漏 500 L", "spill of 500 L"),
    "warehouse_fire": ("仓库火灾", "warehouse fire"),
    "pool_fire": ("池火", "pool fire"),
    "jet_fire": ("喷射火", "jet fire"),
    "fireball": ("火球", "fireball"),
    "flash_fire": ("闪火", "flash fire"),
    "explosion": ("蒸气云爆炸", "explosion"),
    "toxic_cloud": ("毒气云", "toxic cloud"),
    "vessel_burst": ("容器爆裂", "vessel burst"),
    "detonation": ("爆轰", "detonation"),
    "heat": ("热辐射 kW/m²", "heat kW/m²"),
    "blast": ("超压 kPa", "overpressure kPa"),
    "public": ("公众", "public"),
}


_UNITS_ASKED: Columns = {
    "unit_id": ("设备", "unit", ""),
    "name": ("名称", "name", ""),
    "kind": ("类型", "kind", ""),
    "substance": ("介质", "substance", ""),
    "enterprise_id": ("企业", "enterprise", ""),
}
_EVENTS_ASKED: Columns = {
    "loc": ("泄漏 --loc", "--loc", ""),
    "outcome": ("后果 --outcome", "--outcome", ""),
    "frequency": ("频率 /年", "frequency /yr", ".1e"),
    "release_rate": ("速率 kg/s", "rate kg/s", ".3g"),
    "released_mass": ("泄漏量 kg", "mass kg", ",.0f"),
    "duration": ("时长 s", "duration s", ",.0f"),
}
_EVENTS: Columns = {
    "loc": ("泄漏", "loss", ""),
    "outcome": ("后果", "outcome", ""),
    "frequency": ("频率/年", "freq. /yr", ".0e"),
    "deaths": ("死亡 昼/夜", "deaths day/night", ""),
    "own": ("本企业", "own staff", ""),
    "death_m": ("死亡 m", "death m", ",.0f"),
    "serious_m": ("重伤 m", "serious", ",.0f"),
    "light_m": ("轻伤 m", "light", ",.0f"),
    "domino_m": ("多米诺", "domino", ",.0f"),
}
_ZONES: Columns = {
    "label": ("分区", "zone", ""),
    "reach_m": ("最远 m", "reach m", ",.0f"),
    "minutes": ("时段 min", "min", ""),
    "people": ("人数 昼/夜", "people day/night", ""),
    "units": ("设备", "units", "d"),
    "enterprises": ("企业", "enterprises", ""),
    "targets": ("防护目标", "targets", ""),
}
_DEATHS: Columns = {
    "group": ("人群", "group", ""),
    "day": ("昼", "day", ",.2f"),
    "night": ("夜", "night", ",.2f"),
    "day_outdoors": ("昼 室外", "day outdoors", ",.2f"),
    "night_outdoors": ("夜 室外", "night outdoors", ",.2f"),
}
_TARGETS: Columns = {
    "name": ("防护目标", "target", ""),
    "persons": ("人数", "persons", ",.0f"),
    "distance_m": ("距离 m", "distance m", ",.0f"),
    "minutes": ("时段 min", "min", ""),
    "concentration_ppm": ("最高 ppm", "highest ppm", ",.0f"),
    "heat_kw_m2": ("kW/m²", "kW/m²", ",.1f"),
    "overpressure_kpa": ("kPa", "kPa", ",.1f"),
    "lethality_outdoors": ("死亡率 室外", "lethality outdoors", ".1%"),
    "lethality_indoors": ("室内", "indoors", ".1%"),
}
_FOLLOWERS: Columns = {
    "unit_id": ("设备", "unit", ""),
    "enterprise_id": ("企业", "enterprise", ""),
    "distance_m": ("距离 m", "distance m", ",.0f"),
    "vector": ("荷载", "load", ""),
    "load": ("大小", "size", ",.1f"),
    "ratio": ("对阈值", "of threshold", ".2f"),
    "failure_min": ("失效 min", "fails after min", ",.1f"),
    "probability": ("概率", "probability", ".1%"),
}
_IGNITION: Columns = {
    "source_id": ("点火源", "ignition source", ""),
    "kind": ("类型", "kind", ""),
    "distance_m": ("距离 m", "distance m", ",.0f"),
    "minutes": ("时段 min", "min", ""),
    "share_of_lfl": ("最高/LFL", "highest/LFL", ".2f"),
    "presence": ("存在概率", "presence", ".2f"),
}
_MOST_ROWS = 15


def _asked(park: Park, unit: str | None) -> pd.DataFrame:
    """Units in service and transport, or the events of one of them."""
    if unit is not None:
        return possible_events(park, unit)
    units, transport = park.tables["units"], park.tables["transport"]
    loads = transport.rename(columns={"transport_id": "unit_id", "mode": "kind"}).assign(enterprise_id="")
    columns = ["unit_id", "name", "kind", "substance", "enterprise_id"]
    return pd.concat([units.loc[units["in_service"] != "no", columns], loads[columns]], ignore_index=True)


def choices_of(park: Park, unit: str | None) -> dict[str, Any]:
    """What can be asked, for JSON."""
    return {"units" if unit is None else "events": plain(_asked(park, unit))}


def show_choices(park: Park, unit: str | None, lang: str) -> None:
    """Print what can be asked."""
    rows, title = _asked(park, unit), pick(lang, "可选项", "what can be asked")
    if unit is not None:
        terminal.OUT.print(listed(title, _worded(rows, lang), _EVENTS_ASKED, lang))
        return
    names = {cas: pick(lang, find(cas).name_zh, find(cas).name_en) for cas in rows["substance"].unique()}
    rows = rows.assign(substance=rows["substance"].map(names))
    for choice in ("unit_kind", "transport_mode"):
        rows = labelled(rows, {"kind": choice}, lang)
    terminal.OUT.print(listed(title, rows, _UNITS_ASKED, lang))


def show_seconds(reading: float, computing: float, lang: str) -> None:
    """Say on standard error how long it took. [s]"""
    seconds = f"{reading + computing:.2f} s ({reading:.2f} + {computing:.2f})"
    terminal._err.print(pick(lang, f"用时（读取 + 计算）{seconds}", f"read + computed in {seconds}"), style="dim")


def word(name: str, lang: str) -> str:
    """Label of a loss, an outcome, a vector or a group; the name itself where there is none."""
    return pick(lang, *_WORDS.get(name, (name, name)))


def _worded(rows: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Losses and outcomes as name and label: the name is what is asked by."""
    shown = rows.copy()
    for column in ("loc", "outcome"):
        shown[column] = [f"{name} {word(name, lang)}" for name in rows[column]]
    return shown


def _span(begin: pd.Series, end: pd.Series) -> list[str]:
    """Two times [s] as minutes; of an event at once, or that comes at once, only what is known."""
    found = []
    for first, last in zip(begin / 60.0, end / 60.0, strict=True):
        known = [f"{value:,.1f}" for value in (first, last) if pd.notna(value)]
        found.append(" – ".join(known) or "–")
    return found


def _pair(day: pd.Series, night: pd.Series, form: str) -> list[str]:
    return [f"{format(by_day, form)} / {format(by_night, form)}" for by_day, by_night in zip(day, night, strict=True)]


def _print(title: str, rows: pd.DataFrame, columns: Columns, lang: str, limit: int | None = _MOST_ROWS) -> None:
    """Print a table without the columns that hold nothing; or that there is none."""
    held = {name: column for name, column in columns.items() if rows[name].notna().any()}
    if len(rows):
        terminal.OUT.print(listed(title, rows, held, lang, limit))
    else:
        terminal.OUT.print(f"{title}{pick(lang, '：无', ': none')}")


def show(found: Any, lang: str) -> None:
    """Print what an officer asks: how far, who is inside, when, what may follow."""
    out, event = terminal.OUT, found.event
    show_notice(park_summary(found.park), lang)
    heading = Text(f"{event['unit_id']}  {event[f'substance_{lang}']}")
    out.print(Panel(_summary(found, lang), title=heading, expand=False))
    events = found.events.assign(
        loc=[word(name, lang) for name in found.events["loc"]],
        outcome=[word(name, lang) for name in found.events["outcome"]],
        deaths=_pair(found.events["deaths_day"], found.events["deaths_night"], ",.1f"),
        own=_pair(found.events["own_staff_day"], found.events["own_staff_night"], ",.1f"),
    )
    _print(pick(lang, "事件与伤亡半径（最严重在前）", "events and casualty radii, worst first"), events, _EVENTS, lang)
    _show_zones(found.zone_table, lang)
    groups = found.deaths.assign(group=[word(name, lang) for name in found.deaths["group"]])
    _print(pick(lang, "预期死亡人数", "expected deaths"), groups, _DEATHS, lang)
    targets = found.targets.assign(minutes=_span(found.targets["arrival_s"], found.targets["end_s"]))
    _print(pick(lang, "受影响的防护目标", "targets reached"), targets, _TARGETS, lang)
    followers = found.units.assign(
        vector=[word(name, lang) for name in found.units["vector"]],
        failure_min=found.units["time_to_failure_s"].astype(float) / 60.0,
    )
    _print(pick(lang, "可能相继失效的设备", "units that may follow"), followers, _FOLLOWERS, lang)
    if len(found.ignition):
        sources = found.ignition.assign(minutes=_span(found.ignition["arrival_s"], found.ignition["end_s"]))
        sources = labelled(sources, {"kind": "ignition_kind"}, lang)
        _print(pick(lang, "可燃云团触及的点火源", "ignition sources that the cloud meets"), sources, _IGNITION, lang)
    for caveat in found.caveats:
        out.print(Text("• " + caveat[f"text_{lang}"], "dim"))
    for chinese, english in found.not_computed:
        out.print(Text(pick(lang, f"未能计算：{chinese}", f"not computed: {english}"), "yellow"))


def _show_zones(table: pd.DataFrame, lang: str) -> None:
    """Zones of all the time together, one family of guidelines; then how far the cloud is at each moment."""
    zones = table.assign(
        label=table[f"label_{lang}"],
        minutes=_span(table["begin_s"], table["end_s"]),
        people=_pair(table["people_day"], table["people_night"], ",.0f"),
        family=table["zone"].str[:3].where(table["kind"] == "concentration", ""),
    )
    families = [name for name in zones["family"].unique() if name not in ("", "idl")]
    zones = zones[~zones["family"].isin(families[1:])]
    always = zones[zones["time_s"].isna() & (zones["reach_m"] > 0.0)]
    _print(pick(lang, "分区（全过程）", "zones, all the time together"), always, _ZONES, lang, None)
    if always["cut"].any():
        terminal.OUT.print(
            pick(lang, "气云只追踪到 12 km，更远处被截断", "clouds are followed for 12 km and cut there"),
            style="yellow",
        )
    _show_moments(zones[zones["time_s"].notna()], lang)


def _show_moments(zones: pd.DataFrame, lang: str) -> None:
    """How far the cloud is at each moment, one column each."""
    if not len(zones):
        return
    rows: dict[str, dict[str, str]] = {}
    columns = {"label": ("分区", "zone", "")}
    for zone in zones.sort_values("time_s", kind="stable").to_dict("records"):
        minute = f"{zone['time_s'] / 60.0:g} min"
        columns[minute] = (minute, minute, "")
        row = rows.setdefault(zone["label"], {"label": zone["label"]})
        row[minute] = f"{zone['reach_m']:,.0f} / {zone['people_day']:,.0f}"
    title = pick(lang, "气云随时间：最远 m / 昼间人数", "the cloud over time: reach m / people by day")
    _print(title, pd.DataFrame(list(rows.values()), columns=list(columns)), columns, lang)


def _summary(found: Any, lang: str) -> Text:
    event, weather = found.event, found.weather
    lines = [" · ".join(word(str(event[key]), lang) for key in ("loc", "outcome"))]
    lines.append(
        pick(
            lang,
            f"风自 {found.wind.wind_from:g}°，{weather.wind_speed:g} m/s，稳定度 {weather.stability}",
            f"wind from {found.wind.wind_from:g}°, {weather.wind_speed:g} m/s, stability {weather.stability}",
        )
    )
    if event["stretches"] > 1:
        number, of, asked = event["stretch"], event["stretches"], found.near is not None
        place = f"x {event['x']:,.0f}, y {event['y']:,.0f}"
        lines.append(
            pick(
                lang,
                f"线路共 {of} 段，取第 {number} 段（{place}）：{'离指定地点最近' if asked else '预期死亡最多'}",
                f"stretch {number} of {of} ({place}): {'nearest to the place asked' if asked else 'most deaths'}",
            )
        )
    mass, rate, lasts = event["released_mass"], event["release_rate"], found.effect_duration
    if pd.notna(mass):
        lines.append(pick(lang, f"泄漏量 {mass:,.0f} kg", f"{mass:,.0f} kg released"))
        if pd.notna(rate):
            lines[-1] += pick(lang, f"，{rate:.3g} kg/s", f" at {rate:.3g} kg/s")
    if pd.notna(lasts) and lasts > 0.0:
        time = f"{lasts:,.0f} s" if lasts < 120.0 else f"{lasts / 60.0:,.0f} min"
        lines.append(pick(lang, f"影响源持续 {time}", f"its source lasts {time}"))
    return Text("\n".join(lines))
