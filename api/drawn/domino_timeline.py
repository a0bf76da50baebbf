"""Timeline of a cascade: when each unit is likely to fail, beside the time that the response needs."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from parkrisk.api.drawn.page import SMALL, WIDTH, Words, power
from parkrisk.risk.domino import Cascade, DominoResult

__all__ = [
    "CROSSING",
    "ORDER_COLOURS",
    "READINGS",
    "START_COLOUR",
    "basis",
    "draw_timeline",
    "edges_of",
    "order_colour",
    "order_label",
]

#: Of the first, second, and third or later failure; told apart by the colour-blind too.
ORDER_COLOURS = ("#d55e00", "#e6a700", "#0072b2")
START_COLOUR = "#212121"
#: Readings of the probit of the time to failure in words.
READINGS: Mapping[str, tuple[str, str]] = {
    "response_times": ("由应急响应时间标定", "through the response times"),
    "minutes_9.25": ("时间单位 min，截距 9.25", "minutes, intercept 9.25"),
    "seconds_12.54": ("时间单位 s，截距 12.54", "seconds, intercept 12.54"),
    "minutes_12.54": ("时间单位 min，截距 12.54", "minutes, intercept 12.54"),
}
CROSSING = "#8e24aa"
_ROWS = 18
_TENTH = 1.2815515655446004  # standard normal, 90 %


def order_colour(order: float) -> str:
    """Colour of an order; the last one stands for all later ones."""
    return ORDER_COLOURS[min(int(order), len(ORDER_COLOURS)) - 1]


def order_label(order: int, words: Words) -> str:
    """Name of an order; the last one stands for all later ones."""
    later = order >= len(ORDER_COLOURS)
    english = ("1st order", "2nd order", "3rd order or later")[order - 1]
    return words.say(f"{order} 级" + ("及以上" if later else ""), english)


def basis(method: Mapping[str, Any], words: Words) -> str:
    """On what a picture rests, in one line."""
    kind = {"dynamic": ("动态级联", "dynamic cascade"), "static": ("静态级联（上限）", "static cascade (upper bound)")}
    reading = READINGS[method["time_to_failure_mode"]]
    text = words.say(
        f"{kind[method['cascade']][0]} · 失效时间概率函数{reading[0]} · 每个初始事件抽样 {method['histories']} 次",
        f"{kind[method['cascade']][1]} · time to failure: {reading[1]}"
        f" · {method['histories']} histories per primary event",
    )
    doubts = sum(flag.startswith("unverified") for flag in method["flags"])
    if doubts:
        text += words.say(f" · {doubts} 项参数未经核实", f" · {doubts} kinds of parameters unverified")
    return text


def draw_timeline(
    result: DominoResult, cascade: Cascade, words: Words, names: Mapping[str, str] | None = None
) -> Figure | None:
    """Draw the likeliest units from the earliest to the latest; None where no time passes or nothing follows.

    ``names`` are shown for the ids of units where they are given.
    """
    names = names or {}
    rows = cascade.units[cascade.units["time_min"].notna() & (cascade.units["probability"] > 0.0)].head(_ROWS)
    if rows.empty:
        return None
    rows = rows.sort_values(["time_min", "order", "probability"], ascending=[True, True, False], ignore_index=True)
    figure = Figure(figsize=(WIDTH, 1.9 + 0.24 * (len(rows) + 1)), layout="constrained")
    axes = figure.add_subplot()
    clock = _clock(result, [*rows["unit_id"]])
    axes.axvspan(clock[0], clock[2], color="#bbdefb", alpha=0.55, lw=0, zorder=0)
    axes.axvline(clock[1], color="#1565c0", lw=1.4, ls="--", zorder=1)
    aside: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "va": "center", "fontsize": SMALL}
    for y, row in enumerate(rows.to_dict("records"), start=1):
        colour = order_colour(row["order"])
        axes.hlines(y, row["time_p10_min"], row["time_p90_min"], color=colour, lw=5, alpha=0.5)
        axes.plot(row["time_min"], y, "o", color=colour, mec="black", mew=0.6, ms=6, zorder=5)
        axes.text(1.01, y, _chance(row["probability"], row["standard_error"]), **aside)
        if row["cross_enterprise"]:
            other = words.say("跨企业", "other enterprise")
            axes.text(0.995, y, other, ha="right", color=CROSSING, **(aside))
    axes.plot(0.0, 0.0, "*", color=START_COLOUR, ms=11, zorder=5)
    _draw_links(axes, cascade, rows)
    end = max(float(rows["time_p90_min"].max()), clock[2])
    axes.set_xlim(-0.03 * end, 1.04 * end)
    axes.set_ylim(len(rows) + 0.6, -0.6)
    axes.set_yticks(
        range(len(rows) + 1), [words.name(names.get(each, each), each) for each in (cascade.start, *rows["unit_id"])]
    )
    axes.set_xlabel(words.say("事故开始后的时间 (min)", "time since the first fire or explosion (min)"))
    axes.text(1.01, 0.0, words.say("失效概率", "probability"), **aside)
    axes.grid(axis="x", lw=0.3, alpha=0.7)
    start = names.get(cascade.start, cascade.start)
    title = words.say(f"{start} 起火或爆炸后：各设备何时失效", f"After a fire or an explosion at {start}")
    axes.set_title(words.name(title, "cascade"))
    _legend(figure, rows, clock, words)
    figure.supxlabel(basis(cascade.method, words), fontsize=SMALL, color="#455a64", x=0.01, ha="left")
    return figure


def _clock(result: DominoResult, units: list[str]) -> tuple[float, float, float]:
    """Time until mitigation protects these units: 10 %, median and 90 %, of the middle unit. [min]"""
    net = result.facility.network
    index = pd.Index(result.facility.units["unit_id"]).get_indexer(pd.Index(units))
    mean, deviation = float(np.median(net.clock_mean[index])), float(np.median(net.clock_deviation[index]))
    low, median, high = (math.exp(mean + z * deviation) / 60.0 for z in (-_TENTH, 0.0, _TENTH))
    return low, median, high


def _chance(value: float, error: float) -> str:
    return f"{value:.2%} ± {error:.2%}" if value >= 0.001 else f"{power(value)} ± {power(error)}"


def edges_of(chains: pd.DataFrame, value: str) -> pd.DataFrame:
    """Sum of a column over all chains by their last escalation: from_unit, to_unit, ``value``; largest first."""
    ends = chains["units"].str.split(" > ").str[-2:]
    table = pd.DataFrame(
        {"from_unit": ends.str[0].astype(object), "to_unit": ends.str[1].astype(object), value: chains[value]}
    )
    summed = table.groupby(["from_unit", "to_unit"], as_index=False).agg(**{value: (value, "sum")})
    return summed.sort_values([value, "from_unit", "to_unit"], ascending=[False, True, True], ignore_index=True)


def _draw_links(axes: Axes, cascade: Cascade, rows: pd.DataFrame) -> None:
    """A thin arrow to each unit from the one that most often tips it."""
    place = {
        unit: (float(time), y + 1.0)
        for y, (unit, time) in enumerate(zip(rows["unit_id"], rows["time_min"], strict=True))
    }
    place[cascade.start] = 0.0, 0.0
    links = edges_of(cascade.chains, "probability")
    links = links[links["from_unit"].isin(place) & links["to_unit"].isin(place)].drop_duplicates("to_unit")
    orders = dict(zip(rows["unit_id"], rows["order"], strict=True))
    for origin, target in zip(links["from_unit"], links["to_unit"], strict=True):
        down = place[target][1] > place[origin][1]
        style: dict[str, Any] = {"arrowstyle": "-|>", "color": order_colour(orders[target]), "lw": 0.9, "alpha": 0.8}
        bend = f"arc3,rad={-0.2 if down else 0.2}"
        style |= {"shrinkA": 6.0, "shrinkB": 6.0, "connectionstyle": bend}
        axes.annotate("", xy=place[target], xytext=place[origin], arrowprops=style, zorder=4)


def _legend(figure: Figure, rows: pd.DataFrame, clock: tuple[float, float, float], words: Words) -> None:
    orders = sorted({min(int(order), len(ORDER_COLOURS)) for order in rows["order"]})
    entries: list[Any] = [
        Line2D([], [], marker="o", color=ORDER_COLOURS[n - 1], lw=5, alpha=0.8, label=order_label(n, words))
        for n in orders
    ]
    low, median, high = clock
    band = words.say(
        f"应急起效 {low:.0f}–{high:.0f} min（10–90 %）", f"response works: {low:.0f}–{high:.0f} min (10–90 %)"
    )
    entries.append(Patch(facecolor="#bbdefb", label=band))
    middle = words.say(f"中位 {median:.0f} min", f"median {median:.0f} min")
    entries.append(Line2D([], [], color="#1565c0", ls="--", label=middle))
    bars = words.say("横条：10–90 %；圆点：中位", "bar: 10–90 %; dot: median")
    entries.append(Line2D([], [], color="none", label=bars))
    figure.legend(
        handles=entries, loc="outside upper right", ncols=(len(entries) + 1) // 2, frameon=False, fontsize=SMALL
    )
