"""Chapter 2: where the park is, who is in it, what is around it, and its weather."""

from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely

from parkrisk.api.report.around import boundary_parts, corners, direction_name, people_within, target_distances
from parkrisk.api.report.content import Block, Callout, Chapter, Facts, Paragraph, Section
from parkrisk.api.report.maps import maps
from parkrisk.api.report.material import Material, percent
from parkrisk.api.report.tabulated import Columns, named, tabulated
from parkrisk.scenarios import schema
from parkrisk.scenarios.receptors import DAY, NIGHT, WindRose

__all__ = ["chapter"]


_ENTERPRISES: Columns = {
    "enterprise_id": ("编号", "id", ""),
    "name": ("企业名称", "enterprise", ""),
    "kind": ("类型", "kind", "choice:enterprise_kind"),
    "area_ha": ("占地 ha", "area ha", ",.1f"),
    "units": ("设备 台", "units", "d"),
    "staff_day": ("白天在岗 人", "staff by day", ",.0f"),
    "staff_night": ("夜间在岗 人", "staff by night", ",.0f"),
    "residents_500m": ("500 m 内常住 人", "residents within 500 m", ",.0f"),
}
_CORNERS: Columns = {
    "part": ("片", "part", "d"),
    "corner": ("拐点", "corner", "d"),
    "x": ("东坐标 m", "easting m", ".1f"),
    "y": ("北坐标 m", "northing m", ".1f"),
    "longitude": ("东经 °", "longitude °", ".6f"),
    "latitude": ("北纬 °", "latitude °", ".6f"),
}
_PARTS: Columns = {
    "part": ("片", "part", "d"),
    "area_ha": ("面积 ha", "area ha", ",.1f"),
    "corners": ("拐点 个", "corners", "d"),
    "west": ("西至 m", "west m", ".0f"),
    "east": ("东至 m", "east m", ".0f"),
    "south": ("南至 m", "south m", ".0f"),
    "north": ("北至 m", "north m", ".0f"),
    "longitude": ("形心东经 °", "centre longitude °", ".4f"),
    "latitude": ("形心北纬 °", "centre latitude °", ".4f"),
}
#: Corners that are listed one by one at most.
_CORNERS_SHOWN = 24
_WEATHER: Columns = {
    "stability": ("稳定度", "stability", ""),
    "wind_speed": ("代表风速 m/s", "wind speed m/s", ".1f"),
    "day": ("白天频率", "by day", "percent"),
    "night": ("夜间频率", "by night", "percent"),
    "year": ("全年频率", "share of the year", "percent"),
}
_TARGETS: Columns = {
    "name": ("防护目标", "protection target", ""),
    "class": ("类别", "class", "choice:target_class"),
    "persons": ("人数", "persons", ",.0f"),
    "unit": ("最近设备", "nearest unit", "unit"),
    "unit_m": ("距设备 m", "from it m", ",.0f"),
    "boundary_m": ("距四至 m", "from the boundary m", ",.0f"),
}
_PEOPLE: Columns = {
    "within": ("范围", "within", ""),
    "day": ("白天 人", "by day", ",.0f"),
    "night": ("夜间 人", "by night", ",.0f"),
}


def chapter(material: Material) -> Chapter:
    """园区概况."""
    say = material.say
    return Chapter(
        say("园区概况", "The park"),
        sections=(
            Section(say("地理位置与四至", "Location and boundary"), _location(material)),
            Section(say("入园企业", "Enterprises"), _enterprises(material)),
            Section(say("自然条件", "Natural conditions"), _nature(material)),
            Section(say("公用工程与基础设施", "Public works"), _works(material)),
            Section(say("周边防护目标", "Protection targets around"), _targets(material)),
            Section(say("人口分布", "Population"), _population(material)),
        ),
    )


def _location(material: Material) -> tuple[Block, ...]:
    park, say = material.result.park, material.say
    units = park.tables["units"]
    shape = park.boundary
    centre = shapely.MultiPoint(units[["x", "y"]].to_numpy()).centroid if shape is None else shape.centroid
    longitude, latitude = pyproj.Transformer.from_crs(park.crs, "EPSG:4326", always_xy=True).transform(
        centre.x, centre.y
    )
    unknown = say("未知", "unknown")
    recognised = material.label("yes_no_unknown", park.recognised)
    document = park.info.get("recognition_document", "")
    return (
        Facts(
            (
                (say("园区名称", "name"), park.name),
                (say("园区代码", "code"), park.code or unknown),
                (
                    say("是否经认定", "recognised"),
                    recognised + (say(f"（{document}）", f" ({document})") if document else ""),
                ),
                (
                    say("中心位置（WGS 84）", "centre (WGS 84)"),
                    say(
                        f"东经 {longitude:.4f}°，北纬 {latitude:.4f}°（{_of(shape, material)}）",
                        f"longitude {longitude:.4f}°, latitude {latitude:.4f}° ({_of(shape, material)})",
                    ),
                ),
                (say("计算坐标系", "coordinates"), f"{park.crs} {pyproj.CRS(park.crs).name}"),
                (
                    say("四至范围面积", "area within the boundary"),
                    unknown
                    if shape is None
                    else say(
                        f"{shape.area / 1e6:.2f} km²（{shape.area / 1e4:,.0f} ha）", f"{shape.area / 1e6:.2f} km²"
                    ),
                ),
            )
        ),
        *_corners(material),
        *material.figure("location", say("园区区位图", "Location of the park")),
        *maps(material, "layout", say("园区平面布置图", "Layout of the park")),
    )


def _corners(material: Material) -> tuple[Block, ...]:
    """Corners of the boundary; where they are many, how far each part reaches."""
    rows, say = corners(material), material.say
    if rows.empty:
        text = say("四至未提供，拐点坐标未知。", "No boundary is given; its corners are unknown.")
        return (Callout("unknown", say("未提供四至范围", "No boundary given"), text),)
    if len(rows) <= _CORNERS_SHOWN:
        return tabulated(rows, _CORNERS, material, say("四至拐点坐标", "Corners of the boundary"))
    return tabulated(
        boundary_parts(material),
        _PARTS,
        material,
        say("四至范围", "Parts of the boundary"),
        note=say(
            f"{len(rows)} 个拐点的坐标见附件 park.gpkg；东、西、南、北至为计算坐标系的坐标。",
            f"The {len(rows)} corners stand in the annex park.gpkg; the sides are coordinates of the calculation.",
        ),
    )


def _of(shape: Any, material: Material) -> str:
    return material.say(*(("设备群形心", "of the units") if shape is None else ("四至形心", "of the boundary")))


def _enterprises(material: Material) -> tuple[Block, ...]:
    park, say = material.result.park, material.say
    units = park.tables["units"]
    table = park.tables["enterprises"]
    table["units"] = table["enterprise_id"].map(units["enterprise_id"].value_counts()).fillna(0).astype(int)
    states = units["status"].value_counts()
    in_service = int((units["in_service"] != "no").sum())
    built = say("、", ", ").join(
        f"{material.label('unit_status', str(name))} {count}" for name, count in states.sort_index().items()
    )
    day, night = (table[name].sum(min_count=1) for name in ("staff_day", "staff_night"))
    return (
        Paragraph(
            say(
                f"园区共 {len(table)} 家企业，设备 {len(units)} 台（套），其中在用 {in_service} 台（套）；"
                f"按建设状态：{built}。各企业在岗人数合计白天 {_people(day, material)}、夜间 "
                f"{_people(night, material)}。",
                f"The park has {len(table)} enterprises with {len(units)} units, {in_service} of them in service; "
                f"by status: {built}. Together they employ {_people(day, material)} by day and "
                f"{_people(night, material)} by night.",
            )
        ),
        *tabulated(
            table,
            _ENTERPRISES,
            material,
            say("企业台账", "Enterprises"),
            limit=40,
            annex="enterprises.csv",
            note=_assumed_note(material, "enterprises"),
            widths=(1.3, 2.4, 1.1, 1.0, 1.0, 1.2, 1.2, 1.4),
        ),
    )


def _people(number: float, material: Material) -> str:
    if number != number:
        return material.say("未知", "an unknown number")
    return material.say(f"{number:,.0f} 人", f"{number:,.0f}")


def _assumed_note(material: Material, table: str) -> str:
    """How many values of a table are assumed."""
    count = int((material.result.park.assumptions["table"] == table).sum())
    if not count:
        return ""
    return material.say(
        f"表内有 {count} 个数值为假定或缺省值，见附表 assumptions.csv。",
        f" {count} values of this table are assumed or defaults; see the annex assumptions.csv.",
    )


def _nature(material: Material) -> tuple[Block, ...]:
    park, say, rose = material.result.park, material.say, material.result.surroundings.rose
    speeds = np.array([weather.wind_speed for weather in rose.weathers])
    share = rose.probability.sum(axis=(0, 2))
    info = park.info
    assumed = set(park.assumptions.loc[park.assumptions["table"] == "park", "column"])
    stated = {
        "air_temperature_c": f"{info['air_temperature_c']:g} °C",
        "air_pressure_kpa": f"{info['air_pressure_kpa']:g} kPa",
        "relative_humidity": percent(float(info["relative_humidity"])),
        "terrain": material.label("terrain", str(info["terrain"])),
    }
    columns = schema.table("park").columns
    facts = [
        (
            say(columns[name].label_zh, columns[name].label_en),
            text + (say("（未提供，取缺省值）", " (not given, a default)") if name in assumed else ""),
        )
        for name, text in stated.items()
    ]
    mean = say("平均风速（各类代表风速按频率加权）", "Mean wind speed (of the classes)")
    return (
        Paragraph(_wind_words(rose, material)),
        Facts((*facts, (mean, f"{share @ speeds:.1f} m/s"))),
        *tabulated(
            _weather_rows(rose),
            _WEATHER,
            material,
            say("气象类别联合频率", "Weather classes"),
            note=say(
                "白天、夜间频率为占全年的份额，合计为 100 %。", "By day and by night are shares of the whole year."
            ),
        ),
        *material.figure("wind_rose", say("风玫瑰图", "Wind rose")),
        Callout(
            "unknown",
            say("未取得的自然条件资料", "Natural conditions not given"),
            say(
                "洪涝与内涝、地震基本烈度、雷暴日数、地质灾害、台风与风暴潮的资料未提供，其影响未知，本报告未作判断。",
                "No data on flood, earthquake intensity, thunderstorm days, ground hazards, typhoon and surge were "
                "given: their effect is unknown and not judged here.",
            ),
        ),
    )


def _wind_words(rose: WindRose, material: Material) -> str:
    """Where the wind blows from most and least, and how stable the air is by day and by night."""
    say = material.say
    by_sector = rose.probability.sum(axis=(0, 1))
    compass = (270.0 - np.arange(rose.n_sectors) * 360.0 / rose.n_sectors) % 360.0
    order = np.argsort(-by_sector, kind="stable")

    def named_sector(k: int) -> str:
        return f"{direction_name(compass[k], material.lang)} {percent(float(by_sector[k]))}"

    stable = {}
    for period in (DAY, NIGHT):
        part = rose.probability[period].sum(axis=1)
        held = sum(part[k] for k, weather in enumerate(rose.weathers) if weather.stability in "EF")
        stable[period] = percent(float(held / part.sum())) if part.sum() > 0.0 else "–"
    most = say("、", ", ").join(named_sector(int(k)) for k in order[:3])
    return say(
        f"全年来风以{most}为多，最少为{named_sector(int(order[-1]))}。稳定类（E、F 类）占白天的 {stable[DAY]}、"
        f"夜间的 {stable[NIGHT]}；稳定、小风时毒气和可燃气扩散最远。",
        f"The wind comes mostly from {most}, least from {named_sector(int(order[-1]))}. The air is stable (E, F) "
        f"in {stable[DAY]} of the day and {stable[NIGHT]} of the night; then clouds reach farthest.",
    )


def _weather_rows(rose: WindRose) -> pd.DataFrame:
    share = rose.probability.sum(axis=2)
    return pd.DataFrame(
        {
            "stability": [weather.stability for weather in rose.weathers],
            "wind_speed": [weather.wind_speed for weather in rose.weathers],
            "day": share[DAY],
            "night": share[NIGHT],
            "year": share.sum(axis=0),
        }
    )


def _works(material: Material) -> tuple[Block, ...]:
    tables, say = material.result.park.tables, material.say
    lines = tables["lines"]["line_id"].nunique() if len(tables["lines"]) else 0
    return (
        Paragraph(
            say(
                f"资料列有应急力量 {len(tables['response'])} 处、线路 {lines} 条、危险货物运输 "
                f"{len(tables['transport'])} 项、点火源 {len(tables['ignition'])} 处；应急力量见应急能力一章。",
                f"The data list {len(tables['response'])} emergency resources, {lines} lines, "
                f"{len(tables['transport'])} transports of hazardous goods and {len(tables['ignition'])} ignition "
                "sources; for the emergency resources see the chapter on emergency capacity.",
            )
        ),
        Callout(
            "unknown",
            say("未取得的公用工程资料", "Public works not given"),
            say(
                "供水、供电、供热、公共管廊、危险货物车辆停车场、污水处理、危险废物处置的能力和现状，"
                "输入资料中无对应数据，其可靠性未知，应结合现场检查补充。",
                "The input has no data on the capacity and state of water, power, steam, public pipe racks, "
                "parking for hazardous loads, sewage and hazardous waste: how reliable they are is unknown and to "
                "be found on site.",
            ),
        ),
    )


def _targets(material: Material) -> tuple[Block, ...]:
    result, say = material.result, material.say
    targets = result.park.tables["targets"]
    if targets.empty:
        return (_none_given(material, "防护目标", "protection targets"),)
    rows = target_distances(material)
    nearest = rows.iloc[0]
    counts = targets["class"].value_counts()
    labels = {
        name: material.label("target_class", str(name)) or say("类别未知", "class unknown") for name in counts.index
    }
    classes = say("，", ", ").join(
        say(f"{labels[name]} {counts[name]} 处", f"{labels[name]}: {counts[name]}") for name in sorted(counts.index)
    )
    return (
        Paragraph(
            say(
                f"园区周边共 {len(targets)} 处防护目标：{classes}。距设备最近的是{nearest['name']}，距"
                f"{named(material, 'unit', nearest['unit'])} {nearest['unit_m']:,.0f} m。",
                f"There are {len(targets)} protection targets around: {classes}. Nearest to a unit is "
                f"{nearest['name']}, {nearest['unit_m']:,.0f} m from {named(material, 'unit', nearest['unit'])}.",
            )
        ),
        *tabulated(
            rows,
            _TARGETS,
            material,
            say("周边防护目标一览", "Protection targets"),
            limit=40,
            annex="targets.csv",
            note=say(
                "距离自设备外廓、四至边线量至目标最近处；0 为目标在四至以内。",
                "Distances are from the outline of the unit and from the boundary to the nearest part of the "
                "target; 0: within the boundary.",
            )
            + _assumed_note(material, "targets"),
            widths=(2.0, 2.0, 0.8, 2.6, 1.0, 1.0),
        ),
    )


def _none_given(material: Material, chinese: str, english: str) -> Block:
    say = material.say
    return Callout(
        "unknown",
        say(f"未提供{chinese}", f"No {english} given"),
        say(f"{chinese}资料未提供，有关结论未知。", f"No {english} were given; what depends on them is unknown."),
    )


def _population(material: Material) -> tuple[Block, ...]:
    result, say = material.result, material.say
    if result.park.tables["population"].empty:
        return (_none_given(material, "人口", "people"),)
    rows = people_within(material)
    last = rows.iloc[-1]
    return (
        Paragraph(
            say(
                f"企业员工以外，{last['within']}白天 {last['day']:,.0f} 人、夜间 {last['night']:,.0f} 人。"
                "社会风险按昼夜人口分别计算，不以白天人口代替夜间。",
                f"Besides the staff, {last['day']:,.0f} people are {last['within']} by day and {last['night']:,.0f}"
                " by night. Societal risk is computed with the people of the day and of the night apart.",
            )
        ),
        *tabulated(
            rows,
            _PEOPLE,
            material,
            say("周边人口", "People around"),
            note=say("不含企业员工；含四至范围以内的居民。", "Without staff; with residents within the boundary.")
            + _assumed_note(material, "population"),
        ),
        *material.figure("population", say("人口分布图", "Where people are")),
    )
