"""Tables of an assessment: sources, contributions at targets, casualty radii, assumptions."""

import functools
import math
from collections.abc import Sequence
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd

from parkrisk.models.substance.substances import find
from parkrisk.risk.domino import DominoResult
from parkrisk.risk.footprints.library import Floats
from parkrisk.risk.individual import IndividualRisk
from parkrisk.risk.mapping.contours import open_levels
from parkrisk.risk.mapping.contributions import ranked
from parkrisk.risk.mapping.target_places import near_sources
from parkrisk.risk.screening.hazard_units import HazardTable
from parkrisk.risk.settings import Settings
from parkrisk.risk.societal import SocietalRisk
from parkrisk.scenarios.events.directions import expected_frequency
from parkrisk.scenarios.events.expand import DROP_REASONS, Events, flag_counts
from parkrisk.scenarios.facility.graph import size_flags
from parkrisk.scenarios.park import Park
from parkrisk.scenarios.receptors import WindRose

#: Sources listed for each target.
TOP_SOURCES = 10

RADII = ("death_m", "serious_m", "light_m", "domino_m")
#: Order of the casualty-radius table; an explosion of a line may stand there at several distances.
RADII_ORDER = ["unit_id", "loc", "outcome", "weather", *RADII, "frequency"]


def source_table(
    park: Park, hazards: HazardTable, events: Events, rose: WindRose, societal: SocietalRisk, domino: DominoResult
) -> pd.DataFrame:
    """One row per unit and transport: content, hazard unit, how often it fails, what it costs in lives, dominoes."""
    columns = ["unit_id", "name", "enterprise_id", "kind", "substance", "hazard_unit_id"]
    carried = park.tables["transport"].rename(columns={"transport_id": "unit_id"})
    carried = carried.assign(enterprise_id="", kind=carried["mode"], hazard_unit_id="")
    units = pd.concat([park.tables["units"][columns], carried[columns]], ignore_index=True)
    table = units.rename(columns={"substance": "cas"}).reset_index(drop=True)
    substances = [find(cas) for cas in table["cas"]]
    table["substance_zh"] = [substance.name_zh for substance in substances]
    table["substance_en"] = [substance.name_en for substance in substances]
    terms = hazards.terms.groupby("unit_id")[["mass_t", "q_over_Q"]].sum(min_count=1)
    table = table.join(terms, on="unit_id")
    table = table.join(hazards.units.set_index("hazard_unit_id")[["S", "R", "level"]], on="hazard_unit_id")
    frequency = events.table.assign(often=expected_frequency(events, rose)).groupby("unit_id")["often"].sum()
    table["frequency"] = table["unit_id"].map(frequency).fillna(0.0)
    table["pll"] = table["unit_id"].map(societal.pll_by_unit).fillna(0.0)
    total = societal.pll
    table["pll_share"] = table["pll"] / total if total > 0.0 else 0.0
    table["pll_without_domino"] = table["unit_id"].map(societal.pll_by_unit_without_domino).fillna(0.0)
    chain = domino.units.set_index("unit_id")[["domino_out", "domino_in"]]
    return table.join(chain, on="unit_id").fillna({"domino_out": 0.0, "domino_in": 0.0})


def contribution_table(places: "pd.Series[Any]", risk: IndividualRisk) -> pd.DataFrame:
    """What makes up the individual risk at each place: the largest sources, with their shares.

    ``places`` names the points of ``risk``; its name is that of the column they stand in.
    """
    table = _ranked_rows(places, risk, risk.by_source, risk.unit_ids, TOP_SOURCES)
    return table.rename(columns={"part": "unit_id"})


def part_table(places: "pd.Series[Any]", rose: WindRose, risk: IndividualRisk) -> pd.DataFrame:
    """Individual risk at each place by outcome, weather class and wind direction, largest part first.

    Column ``by`` names the division: "outcome", "weather" (speed in m/s, stability) or "wind_from" (compass degrees).
    """
    weathers = [f"{weather.wind_speed:g} {weather.stability}" for weather in rose.weathers]
    turn = 360.0 / rose.n_sectors
    winds = [f"{(270.0 - k * turn) % 360.0:g}" for k in range(rose.n_sectors)]
    divisions = {
        "outcome": (risk.by_kind, risk.kinds),
        "weather": (risk.by_weather, weathers),
        "wind_from": (risk.by_sector, winds),
    }
    parts = [_ranked_rows(places, risk, *division).assign(by=by) for by, division in divisions.items()]
    columns = [str(places.name), "by", "rank", "part", "individual_risk", "share"]
    return pd.concat(parts, ignore_index=True)[columns]


def _ranked_rows(
    places: "pd.Series[Any]", risk: IndividualRisk, values: Floats, names: Sequence[str], top: int | None = None
) -> pd.DataFrame:
    """Parts of the risk at each place that are not 0, by falling size."""
    order = ranked(values, top)
    largest = np.take_along_axis(values, order, axis=1)
    row, at = np.nonzero(largest > 0.0)
    return pd.DataFrame(
        {
            str(places.name): places.to_numpy()[row],
            "rank": at + 1,
            "part": np.array(names, dtype=object)[order[row, at]],
            "individual_risk": largest[row, at],
            "share": largest[row, at] / risk.points[row],
        }
    )


def casualty_radius_table(events: Events, rose: WindRose) -> pd.DataFrame:
    """Downwind radii of death, serious and light injury and escalation, for each unit, loss and outcome.

    Two weathers are shown: the most frequent one, and the calmest of the most stable ones.
    """
    columns = ["unit_id", "loc", "outcome", "cas", "frequency"]
    parts = []
    for weather in _shown_weathers(rose):
        happens = events.outcome_index[:, weather] >= 0
        part = events.table.loc[happens, columns].assign(index=events.outcome_index[happens, weather])
        # A line has the same event on every stretch: one row, with all of its frequency.
        part = part.groupby([*columns[:-1], "index"])["frequency"].agg(math.fsum).reset_index()
        part["weather"] = f"{rose.weathers[weather].stability}{rose.weathers[weather].wind_speed:g}"
        index = part.pop("index").tolist()
        radii = {each: events.outcomes[each].casualty_radii() for each in set(index)}
        for name in RADII:
            part[name] = [radii[each][name] for each in index]
        parts.append(part)
    table = pd.concat(parts, ignore_index=True)
    return table.astype(dict.fromkeys(RADII, float)).sort_values(RADII_ORDER, ignore_index=True)


def _shown_weathers(rose: WindRose) -> list[int]:
    share = rose.probability.sum(axis=(0, 2))
    most_frequent = int(np.argmax(share))
    stillest = max(range(len(rose.weathers)), key=lambda k: (rose.weathers[k].stability, -rose.weathers[k].wind_speed))
    return sorted({most_frequent, stillest})


@functools.cache
def flag_texts() -> dict[str, tuple[str, str]]:
    """Texts of the codes of caveats, Chinese and English."""
    path = resources.files("parkrisk.models").joinpath("data", "flags.csv")
    with path.open(encoding="utf-8") as file:
        table = pd.read_csv(file, dtype=str)
    return {row["code"]: (row["text_zh"], row["text_en"]) for row in table.to_dict("records")}


def assumption_table(
    park: Park,
    events: Events,
    individual: IndividualRisk,
    domino: DominoResult,
    settings: Settings,
) -> pd.DataFrame:
    """Everything that was assumed: code, text_zh, text_en, count, mark ("M": unverified).

    Choices of method first, then the caveats of the models, frequencies that are not verified, what was left out, and
    what the input leaves to defaults or declares as assumed.
    """
    rows = [
        *_method_rows(park, domino, settings),
        *_caveat_rows(events, domino),
        *_frequency_rows(events),
        *_left_out_rows(events),
        *_edge_rows(individual, settings),
        *_target_rows(park, events, settings),
        *_input_rows(park),
    ]
    return pd.DataFrame(rows, columns=["code", "text_zh", "text_en", "count", "mark"])


def _method_rows(park: Park, domino: DominoResult, settings: Settings) -> list[tuple[str, str, str, int, str]]:
    mode = str(domino.method["time_to_failure_mode"])
    rows = [
        ("loss_set", f"泄漏场景集 {settings.loss_set}", f"losses of containment: set {settings.loss_set}", 1, ""),
        ("ignition", *_IGNITION[settings.delayed_ignition], 1, "1"),
        (f"wind_rose:{settings.wind_rose}", *_ROSE[settings.wind_rose], 1, ""),
        ("cascade", "多米诺：动态级联", "domino effects: dynamic cascades", 1, ""),
        (
            "natech",
            "未计自然灾害（地震、雷电）引发的事故",
            "accidents that natural hazards set off are not counted",
            1,
            "",
        ),
        (
            "accidents",
            "F-N 曲线：初始事件与其多米诺后果算作一次事故，同一人只计一次；PLL 按事件累加",
            "F-N curve: a primary event and all that follows it are one accident, in which a person dies once; "
            "PLL is a sum over events",
            1,
            "",
        ),
        ("time_to_failure", f"失效时间概率函数读法 {mode}", f"reading of the time-to-failure probit: {mode}", 1, ""),
    ]
    idle = len(park.tables["ignition"]) if settings.delayed_ignition == "free_field" else 0
    if idle:
        zh, en = "点火源表未用于计算（自由场点火）", "ignition sources do not enter the calculation (free field)"
        rows.append(("unused:ignition", zh, en, idle, ""))
    return rows


_ROSE = {
    "piecewise_constant": ("风玫瑰在每个扇区内取常值", "the wind rose is constant within each sector"),
    "mean_preserving_linear": (
        "个人风险：风玫瑰在扇区中心之间线性变化，各扇区概率不变",
        "individual risk: the wind rose is straight between sector centres, every sector keeps its probability",
    ),
}

_IGNITION = {
    "free_field": ("延迟点火按自由场（云团最大时点燃）", "delayed ignition in the free field, at the largest extent"),
    "located": (
        "延迟点火按点火源位置（点火源表与人口，AQ/T 3046-2013 表 G.5）",
        "delayed ignition located at ignition sources and people (AQ/T 3046-2013 Table G.5)",
    ),
}


def _caveat_rows(events: Events, domino: DominoResult) -> list[tuple[str, str, str, int, str]]:
    counts, units = flag_counts(events), domino.facility.units
    known = {**domino.facility.protection.counts, **size_flags(units)}
    for flag in domino.method["flags"]:
        counts[str(flag)] = counts.get(str(flag), 0) + known.get(str(flag), len(units))
    silent = int(((domino.secondary_frequency.to_numpy() > 0.0) & (units["secondary"] == "")).sum())
    if silent:
        counts["cascade_no_event"] = silent
    texts = flag_texts()
    return [
        (code, *texts.get(code, (code, code)), count, "M" if code.startswith("unverified") else "")
        for code, count in sorted(counts.items())
    ]


def _frequency_rows(events: Events) -> list[tuple[str, str, str, int, str]]:
    count = int((events.table["mark"] == "M").sum())
    zh, en = "事件频率所据数值未经核实", "event frequencies rest on unverified values"
    return [("unverified:frequency", zh, en, count, "M")] if count else []


def _left_out_rows(events: Events) -> list[tuple[str, str, str, int, str]]:
    counts = events.dropped["reason"].value_counts()
    return [
        (f"left_out:{code}", zh, en, int(counts[code]), "")
        for code, (zh, en) in DROP_REASONS.items()
        if code in counts.index
    ]


def _edge_rows(individual: IndividualRisk, settings: Settings) -> list[tuple[str, str, str, int, str]]:
    rows = []
    if individual.cut:
        far = f"{settings.grid.r_max / 1000.0:g} km"
        zh, en = f"影响超出 {far} 计算半径而被截断的设备", f"units whose effects are cut at {far}"
        rows.append(("cut:radius", zh, en, len(individual.cut), ""))
    for level in open_levels(individual.values, settings.contour_levels):
        zh, en = f"{level:g} /年等值线在图边被截断", f"the contour of {level:g} per year is cut at the map edge"
        rows.append((f"cut:map:{level:g}", zh, en, 1, ""))
    return rows


def _target_rows(park: Park, events: Events, settings: Settings) -> list[tuple[str, str, str, int, str]]:
    targets = park.tables["targets"]
    rows = []
    areas = int((targets["polygon"] != "").sum())
    if areas:
        zh, en = "防护目标以范围给出：取范围内最大的个人风险", "targets given as areas: the largest risk within them"
        rows.append(("target:area", zh, en, areas, ""))
    near = int(near_sources(targets, events, settings.grid).sum())
    if near:
        closest = f"{settings.grid.r_min:g} m"
        zh = f"防护目标距风险源不足 {closest}：取其周围 {closest} 内最大的个人风险"
        en = f"targets within {closest} of a source: the largest risk within {closest} of them"
        rows.append(("target:near_source", zh, en, near, ""))
    return rows


def _input_rows(park: Park) -> list[tuple[str, str, str, int, str]]:
    keys = ["table", "column", "label_zh", "label_en", "source"]
    grouped = park.assumptions.groupby(keys, sort=True).size().reset_index(name="count")
    return [
        (
            f"input:{row['table']}.{row['column']}",
            f"{row['label_zh']}：{row['source']}",
            f"{row['label_en']}: {row['source']}",
            int(row["count"]),
            "M" if "unverified" in row["source"] else "",
        )
        for row in grouped.to_dict("records")
    ]
