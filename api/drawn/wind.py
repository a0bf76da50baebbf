"""Pictures of the weather: the wind rose by day and by night, and the stability classes. SVG and PNG."""

import math
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Patch, Wedge
from numpy.typing import NDArray

from parkrisk.api.drawn.page import SMALL, WIDTH, Words, demonstration_note, notes_of
from parkrisk.scenarios.park import Park
from parkrisk.scenarios.sectors import sectors_of

__all__ = ["PERIODS", "by_period", "draw", "prevailing", "rose_inset"]

#: Of the periods of a day.
PERIODS = {"day": ("白天", "day"), "night": ("夜间", "night")}
#: From slow to fast, told apart by the colour-blind too (cividis).
_SPEEDS = ("#fee838", "#c8b866", "#7d7c78", "#434e6c", "#00224e")
_POINTS = ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW")
_PERIOD_COLOURS = {"day": "#e69f00", "night": "#0072b2"}


def by_period(park: Park) -> pd.DataFrame:
    """Weather table divided into day and night: wind_from [deg], wind_speed [m/s], stability, period, share.

    ``share`` adds up to 1 in each period that occurs.
    """
    table, day = park.tables["weather"], float(park.info["day_fraction"])
    part = {
        "day": {"day": 1.0, "night": 0.0},
        "night": {"day": 0.0, "night": 1.0},
        "all": {"day": day, "night": 1 - day},
    }
    found = []
    for period in PERIODS:
        rows = table.assign(share=table["frequency"] * [part[each][period] for each in table["period"]], period=period)
        if (total := math.fsum(rows["share"])) > 0.0:
            found.append(rows.assign(share=rows["share"] / total))
    columns = ["wind_from", "wind_speed", "stability", "period", "share"]
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)


def prevailing(weather: pd.DataFrame) -> float:
    """Direction from which the wind blows most often, of the rows of one period; NaN where none is given. [deg]"""
    shares = weather.dropna(subset="wind_from").groupby("wind_from")["share"].sum()
    return float(shares.index[int(shares.argmax())]) if len(shares) else math.nan


def point(direction: float) -> str:
    """Name of the nearest of the 16 points of the compass."""
    return _POINTS[round(direction / 22.5) % 16]


def draw(park: Park, words: Words) -> dict[str, Figure]:
    """Wind rose and stability; nothing where the park has no weather."""
    weather = by_period(park)
    if weather.empty:
        return {}
    figures = {"stability": _stability(park, weather, words)}
    if weather["wind_from"].notna().any():
        figures["wind_rose"] = _rose(park, weather, words)
    return figures


def _sector_shares(weather: pd.DataFrame, speed: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Compass direction of each sector [deg] and its share of the time, of one period and speed."""
    sectors = sectors_of(weather["wind_from"].to_numpy())
    number = 16 if sectors is None else sectors.number
    shares = np.zeros(number)
    rows = weather[(weather["wind_speed"] == speed) & weather["wind_from"].notna()]
    for source, share in zip(rows["wind_from"], rows["share"], strict=True):
        assert sectors is not None  # reading refuses a park whose directions make none
        shares += share * sectors.shares(source)
    return np.arange(number) * 360.0 / number, shares


def _petals(axes: Any, weather: pd.DataFrame, speeds: list[float]) -> float:
    """Draw one rose, slow winds inside; gives how far the longest petal reaches."""
    bottom: Any = 0.0
    for speed, colour in zip(speeds, _shades(speeds), strict=True):
        direction, shares = _sector_shares(weather, speed)
        width = 2.0 * math.pi / len(direction) * 0.86
        axes.bar(np.radians(direction), shares, width, bottom, color=colour, edgecolor="white", lw=0.3, zorder=3)
        bottom = bottom + shares
    axes.set_theta_zero_location("N")
    axes.set_theta_direction(-1)
    return float(np.max(bottom))


def _speeds(weather: pd.DataFrame) -> list[float]:
    return sorted({float(each) for each in weather.loc[weather["wind_from"].notna(), "wind_speed"]})


def _shades(speeds: list[float]) -> list[str]:
    """Colour of each speed, the slowest first."""
    return [_SPEEDS[round(at * (len(_SPEEDS) - 1) / max(len(speeds) - 1, 1))] for at in range(len(speeds))]


def _rose(park: Park, weather: pd.DataFrame, words: Words) -> Figure:
    high = 4.5
    figure = Figure(figsize=(WIDTH, high))
    speeds, periods = _speeds(weather), [each for each in PERIODS if (weather["period"] == each).any()]
    longest = 0.0
    panels: list[Any] = []
    for number, period in enumerate(periods):
        left = 0.35 + 3.35 * number + (1.65 if len(periods) == 1 else 0.0)
        axes: Any = figure.add_axes((left / WIDTH, 0.82 / high, 2.9 / WIDTH, 2.65 / high), projection="polar")
        panels.append(axes)
        rows = weather[weather["period"] == period]
        longest = max(longest, _petals(axes, rows, speeds))
        calm = math.fsum(rows.loc[rows["wind_from"].isna(), "share"])
        mean, most = math.fsum(rows["share"] * rows["wind_speed"]), point(prevailing(rows))
        said = words.say(
            f"{PERIODS[period][0]}：静风或风向不定 {calm:.1%}\n平均风速 {mean:.1f} m/s，最多风向 {most}",
            f"{PERIODS[period][1]}: calm or variable {calm:.1%}\nmean {mean:.1f} m/s, most often from {most}",
        )
        figure.text((left + 1.45) / WIDTH, (high - 0.58) / high, said, ha="center", va="center")
    for axes in panels:
        _rings(axes, longest)
    heading = words.say("风向玫瑰图（风的来向）", "wind rose (where the wind comes from)")
    title = f"{words.name(park.name, park.code)}  {heading}"
    figure.text(0.5, (high - 0.2) / high, title, ha="center", va="center", fontsize=9.5)
    entries = [
        Patch(facecolor=shade, label=f"{speed:g} m/s") for shade, speed in zip(_shades(speeds), speeds, strict=True)
    ]
    title = words.say("风速代表值（10 m 高）", "representative speed (at 10 m)")
    place = (0.5, 0.18 / high)
    figure.legend(
        handles=entries, title=title, loc="lower center", bbox_to_anchor=place, ncols=len(entries), frameon=False
    )
    for note in notes_of(park, words):
        figure.text(0.08 / WIDTH, 0.06 / high, note, fontsize=SMALL, color="#6d4c41")
    return figure


def _rings(axes: Any, longest: float) -> None:
    """Points of the compass and rings of shares, named where the petals are shortest."""
    step = next(step for step in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5) if longest / step <= 5.0)
    rings = np.arange(1, math.ceil(longest / step - 1e-9) + 1) * step
    petals: dict[float, float] = {}
    for bar in axes.patches:
        petals[bar.get_x() + bar.get_width() / 2.0] = bar.get_y() + bar.get_height()
    shortest = min(petals, key=lambda angle: (petals[angle], angle))
    axes.set_xticks(np.radians(np.arange(16) * 22.5), [name if len(name) < 3 else "" for name in _POINTS])
    axes.set_ylim(0.0, rings[-1])
    axes.set_yticks(rings, [f"{ring:.0%}" for ring in rings])
    axes.set_rlabel_position(math.degrees(shortest))
    axes.tick_params(axis="x", pad=0)
    axes.grid(lw=0.4)
    for label in axes.get_yticklabels():
        label.set_bbox({"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 0.5})


def rose_inset(figure: Figure, place: tuple[float, float, float, float], park: Park, words: Words) -> None:
    """Draw the rose of all hours small, beside a map: wedges on plain axes, which cost a fraction of polar ones."""
    weather = by_period(park)
    if not weather["wind_from"].notna().any():
        return
    day = float(park.info["day_fraction"])
    weather = weather.assign(share=weather["share"] * weather["period"].map({"day": day, "night": 1.0 - day}))
    axes = figure.add_axes(place)
    inner: Any = 0.0
    speeds = _speeds(weather)
    for speed, shade in zip(speeds, _shades(speeds), strict=True):
        direction, shares = _sector_shares(weather, speed)
        half, outer = 0.43 * 360.0 / len(direction), inner + shares
        wedges = [
            Wedge((0.0, 0.0), far, 90.0 - at - half, 90.0 - at + half, width=share)
            for at, far, share in zip(direction, outer, shares, strict=True)
            if share > 0.0
        ]
        axes.add_collection(PatchCollection(wedges, facecolor=shade, edgecolor="none"), autolim=False)
        inner = outer
    reach = float(np.max(inner))
    axes.add_artist(Circle((0.0, 0.0), reach, facecolor="none", edgecolor="#888888", lw=0.5))
    for name, x, y in (("N", 0, 1), ("E", 1, 0), ("S", 0, -1), ("W", -1, 0)):
        axes.text(1.17 * reach * x, 1.17 * reach * y, name, ha="center", va="center", fontsize=SMALL)
    axes.set_xlim(-1.3 * reach, 1.3 * reach)
    axes.set_ylim(-1.3 * reach, 1.3 * reach)
    axes.set_aspect("equal")
    axes.set_axis_off()
    axes.set_title(words.say("风的来向（全部时间）", "wind from (all hours)"), fontsize=SMALL, y=1.0)


def _stability(park: Park, weather: pd.DataFrame, words: Words) -> Figure:
    figure = Figure(figsize=(WIDTH, 3.4), layout="constrained")
    axes: Axes = figure.add_subplot()
    classes = sorted(set(weather["stability"]))
    periods = [each for each in PERIODS if (weather["period"] == each).any()]
    for number, period in enumerate(periods):
        rows = weather[weather["period"] == period]
        groups = rows.groupby("stability")
        shares = groups["share"].sum().reindex(classes, fill_value=0.0)
        moved = rows["share"] * rows["wind_speed"]
        mean = moved.groupby(rows["stability"]).sum().reindex(classes, fill_value=0.0) / shares
        places = np.arange(len(classes)) + (number - 0.5 * (len(periods) - 1)) * 0.4
        label = words.say(*PERIODS[period])
        bars = axes.bar(places, shares, 0.38, color=_PERIOD_COLOURS[period], edgecolor="#333333", lw=0.4, label=label)
        texts = [
            f"{share:.1%}\n{speed:.1f} m/s" if share > 0.0 else "" for share, speed in zip(shares, mean, strict=True)
        ]
        axes.bar_label(bars, texts, fontsize=SMALL, padding=2)
    axes.set_xticks(range(len(classes)), classes)
    axes.set_ylim(0.0, 1.22 * max(each.get_height() for each in axes.patches))  # type: ignore[attr-defined]
    axes.yaxis.set_major_formatter("{x:.0%}")
    axes.set_xlabel(words.say("大气稳定度（Pasquill）", "stability class (Pasquill)"))
    axes.set_ylabel(words.say("占该时段的比例", "share of the period"))
    heading = words.say("大气稳定度频率与平均风速", "stability classes and mean wind speed")
    axes.set_title(f"{words.name(park.name, park.code)}  {heading}")
    axes.grid(axis="y", lw=0.3)
    axes.set_axisbelow(True)
    axes.legend(frameon=False)
    demonstration_note(figure, park, words)
    return figure
