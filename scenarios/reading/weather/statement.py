"""What is said about a joint table of weather: hours, methods, assumptions, sources, marks."""

import datetime as dt
from collections.abc import Mapping

from parkrisk.scenarios.reading.weather.hours import Station
from parkrisk.scenarios.reading.weather.stability import METHODS, rules

__all__ = ["source_text", "statement"]


def source_text(
    station: Station, period: tuple[dt.datetime, dt.datetime], typical: bool, count: Mapping[str, int], method: str
) -> tuple[str, str]:
    """Station, period, hours and method for ``weather_source`` of ``park.toml``, Chinese and English."""
    first, last = (f"{time:%Y-%m-%d}" for time in period)
    chosen = METHODS[method]
    share = f"{count['used'] / count['expected']:.1%}"
    where = f"{station.latitude:g}°, {station.longitude:g}°"
    name = station.name or "?"
    kind_zh, kind_en = ("典型年，各月取自 ", "typical year of months from ") if typical else ("", "")
    used = count["used"]
    return (
        f"{name}（{where}），{kind_zh}{first} 至 {last}，有效 {used} 时次（{share}）；稳定度：{chosen.label_zh}",
        f"{name} ({where}), {kind_en}{first} to {last}, {used} hours used ({share}); stability: {chosen.label_en}",
    )


def statement(
    station: Station,
    count: Mapping[str, int],
    method: str,
    step: float,
    calm: float,
    terrain: str,
    source: tuple[str, str],
) -> tuple[tuple[str, str], ...]:
    """Sentences, Chinese and English, that say how the table came about and what of it is unverified."""
    lines = [
        source,
        (
            f"缺风速 {count['without_speed']} 时次、无法判定稳定度 {count['without_stability']} 时次，未计入",
            f"left out: {count['without_speed']} hours without speed, {count['without_stability']} without stability",
        ),
        (
            f"静风（< {calm:g} m/s，界限未经核实）{count['calm']} 时次、"
            f"风向不定或缺测 {count['without_direction']} 时次，均不给风向",
            f"without direction: {count['calm']} calm hours (below {calm:g} m/s, a limit that is unverified) and"
            f" {count['without_direction']} with variable or unknown direction",
        ),
        (
            "各级代表风速为该级该稳定度各时次的平均值，低于 1 m/s 按 1 m/s 计（EPA-454/R-99-005 6.2.3）",
            "speed of a class: mean of its hours by stability; below 1 m/s counts as 1 m/s (EPA-454/R-99-005 6.2.3)",
        ),
        (
            "昼夜以日出、日落划分；时刻按观测时刻计，太阳高度角按 Meeus 低精度公式",
            "day and night by sunrise and sunset; times are those of observation; sun by Meeus' low-accuracy formulas",
        ),
    ]
    return (*lines, *_conventions(station, step, terrain), *_assumptions(count, method))


def _conventions(station: Station, step: float, terrain: str) -> list[tuple[str, str]]:
    """Steps of the direction, height of the anemometer."""
    lines = []
    if step:
        lines.append(
            (
                f"风向按 {step:g}° 一档给出，每档按重叠角度分给各扇区",
                f"directions come in steps of {step:g} deg, shared by overlap",
            )
        )
    if station.height_m != rules()["height"]:
        lines.append(
            (
                f"风速由 {station.height_m:g} m 按幂律换算至 10 m（{terrain}，EPA-454/B-95-003b）",
                f"wind taken from {station.height_m:g} m to 10 m by the power law ({terrain}, EPA-454/B-95-003b)",
            )
        )
    return lines


def _assumptions(count: Mapping[str, int], method: str) -> list[tuple[str, str]]:
    """Ceilings that are assumed, nights that go by cloud."""
    lines = []
    if method != "gbt3840" and count["ceiling_assumed"]:
        height = f"{rules()['assumed_ceiling']:g} m"
        lines.append(
            (
                f"{count['ceiling_assumed']} 时次总云量大于 5/10 而无云底高，云底高假定为 {height}（未经核实）",
                f"{count['ceiling_assumed']} hours with more than 5/10 of cloud give no ceiling;"
                f" {height} is assumed (unverified)",
            )
        )
    if method == "srdt" and count["night_by_cloud"]:
        hours = count["night_by_cloud"]
        lines.append(
            (
                f"{hours} 个夜间时次无温差，按 Turner 法用云量",
                f"{hours} hours of night have no delta-T and go by cloud after Turner",
            )
        )
    return lines
