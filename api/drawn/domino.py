"""Pictures of cascades: who follows one unit on the map, and the dominoes of a whole park. SVG and PNG."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, FancyArrowPatch
from matplotlib.text import Text

from parkrisk.api.drawn.domino_timeline import (
    CROSSING,
    ORDER_COLOURS,
    START_COLOUR,
    basis,
    draw_timeline,
    edges_of,
    order_colour,
    order_label,
)
from parkrisk.api.drawn.map import Bounds, blocks_of, boundary_key, draw_boundary, map_sheet, mark_blocks
from parkrisk.api.drawn.page import SMALL, Words, notes_of, power, save_figures
from parkrisk.api.labels import place_labels
from parkrisk.risk.domino import Cascade, DominoResult
from parkrisk.scenarios.park import Park

__all__ = ["draw_cascade", "draw_park", "save_cascade", "save_park"]

#: x, y, radius [m] and text.
Label = tuple[float, float, float, str]

_NAME = "domino_map"
_LIKELY = 0.2  # share of the largest probability from which a unit belongs on the near map
_FARTHER = 1.5  # a second map is drawn when the whole is so many times as large
_LABELLED = 14  # units of a cascade that are named at most
_ARROWS = 30
_LEAST = 0.02  # an edge is drawn from this share of the largest on
_SMALLEST = 3.0  # radius with which a unit is drawn at least [m]
_PLAIN = "#546e7a"
_PALETTE = ("#1b9e77", "#7570b3", "#66a61e", "#a6761d", "#1f78b4", "#666666")


def save_cascade(result: DominoResult, unit_id: str, park: Park, folder: str | Path, lang: str = "zh") -> list[Path]:
    """Draw maps and, where time passes, the timeline of the cascade from a unit; gives the files written."""
    cascade = result.from_unit(unit_id)

    def draw(words: Words) -> Mapping[str, Figure]:
        views = _views(_places(result), cascade)
        drawn = {name: draw_cascade(result, cascade, park, bounds, words) for name, bounds in views.items()}
        timeline = draw_timeline(result, cascade, words)
        return drawn if timeline is None else {**drawn, "domino_timeline": timeline}

    return save_figures(draw, folder, lang)


def save_park(result: DominoResult, park: Park, folder: str | Path, lang: str = "zh") -> list[Path]:
    """Draw the dominoes of a park, and every block of a scattered one by itself; gives the files, none without any."""
    return [] if result.pairs.empty else save_figures(lambda words: draw(result, park, words), folder, lang)


def draw(result: DominoResult, park: Park, words: Words) -> dict[str, Figure]:
    """Figures of `save_park`, by name; none where nothing fails in a domino."""
    if result.pairs.empty:
        return {}
    views = _blocks(_places(result), park)
    scattered, edges = len(views) > 1, edges_of(result.chains, "frequency")
    figures = {
        name: draw_park(result, park, bounds, words, None if scattered and name == _NAME else edges)
        for name, bounds in views.items()
    }
    mark_blocks(figures[_NAME].axes[0], [views[name] for name in views if name != _NAME], words)
    return figures


def _places(result: DominoResult) -> pd.DataFrame:
    """Units by id: x, y, radius as drawn, enterprise. [m]"""
    units = result.facility.units.set_index("unit_id")[["x", "y", "radius_m", "enterprise_id"]]
    return units.assign(radius_m=units["radius_m"].clip(lower=_SMALLEST))


def _edges_shown(cascade: Cascade) -> pd.DataFrame:
    edges = edges_of(cascade.chains, "probability")
    shown: pd.DataFrame = edges[edges["probability"] >= _LEAST * edges["probability"].max()]
    return shown.head(_ARROWS)


def _views(places: pd.DataFrame, cascade: Cascade) -> dict[str, Bounds]:
    """The map of the likeliest units, and one of all that are named where that is much larger."""
    reached, edges = cascade.units.head(_LABELLED), _edges_shown(cascade)
    likely = reached[reached["probability"] >= _LIKELY * reached["probability"].max()]
    near = _around(places.loc[[cascade.start, *likely["unit_id"]]])
    far = _around(places.loc[[*{cascade.start, *reached["unit_id"], *edges["from_unit"], *edges["to_unit"]}]])
    if max(far[2] - far[0], far[3] - far[1]) < _FARTHER * max(near[2] - near[0], near[3] - near[1]):
        return {_NAME: far}
    return {_NAME: near, f"{_NAME}_far": far}


def _blocks(places: pd.DataFrame, park: Park) -> dict[str, Bounds]:
    """The whole park and, where it lies scattered, its blocks, those with most units first."""
    views = {_NAME: _around(places)}
    for number, block in enumerate(blocks_of(park), start=1):
        inside = places[shapely.covers(block, shapely.points(places["x"].to_numpy(), places["y"].to_numpy()))]
        if len(inside):
            views[f"{_NAME}_block_{number}"] = _around(inside)
    return views


def draw_cascade(result: DominoResult, cascade: Cascade, park: Park, bounds: Bounds, words: Words) -> Figure:
    """Map of the cascade from one unit: order by colour, probability by filled area and width of arrows."""
    places = _places(result)
    reached = cascade.units[cascade.units["probability"] > 0.0]
    edges = _edges_shown(cascade)
    title = words.say(f"{cascade.start} 起火或爆炸后的多米诺链", f"After a fire or an explosion at {cascade.start}")
    entries = _entries_of_cascade(reached, edges, places, words)
    note = basis(cascade.method, words)
    sheet = map_sheet(bounds, words.name(title, "cascade"), [("", entries)], words, [note])
    axes = sheet.axes
    names = _draw_enterprises(axes, places, park, words)
    _draw_circles(axes, places, facecolor="#eceff1", edgecolor="#90a4ae", lw=0.5)
    for unit, chance, order in zip(reached["unit_id"], reached["probability"], reached["order"], strict=True):
        x, y, radius = _place(places, unit)
        colour, filled = order_colour(order), radius * math.sqrt(min(chance, 1.0))
        axes.add_patch(Circle((x, y), filled, facecolor=colour, edgecolor="none", zorder=4))
        axes.add_patch(Circle((x, y), radius, facecolor="none", edgecolor=colour, lw=1.3, zorder=4))
    x, y, radius = _place(places, cascade.start)
    axes.add_patch(Circle((x, y), radius, facecolor=START_COLOUR, edgecolor="black", lw=1.0, zorder=5))
    orders = dict(zip(reached["unit_id"], reached["order"], strict=True))
    colours = [order_colour(orders.get(unit, 1)) for unit in edges["to_unit"]]
    _draw_arrows(axes, places, edges, edges["probability"], colours)
    texts = [(*_place(places, cascade.start), words.name(cascade.start, ""))]
    for row in reached.head(_LABELLED).to_dict("records"):
        when = "" if pd.isna(row["time_min"]) else f" · {_minutes(row['time_min'], words)}"
        text = f"{words.name(row['unit_id'], '')}\n{_percent(row['probability'])}{when}"
        texts.append((*_place(places, row["unit_id"]), text))
    place_labels(axes, _within(axes, texts), _visible(axes, places), written=[*sheet.furniture, *names])
    return sheet.figure


def _minutes(time: float, words: Words) -> str:
    if time < 0.05:
        return words.say("立即", "at once")
    return f"{time:.0f} min" if time >= 9.95 else f"{time:.1f} min"


def _percent(chance: float) -> str:
    return f"{chance:.1%}" if chance >= 0.001 else power(chance)


def draw_park(
    result: DominoResult, park: Park, bounds: Bounds, words: Words, edges: pd.DataFrame | None = None
) -> Figure:
    """Map of a park: how often each unit fails in a cascade, by colour; of ``edges``, the most frequent as arrows."""
    places = _places(result)
    often = result.units.set_index("unit_id")["secondary_frequency"]
    hit = often[often > 0.0]
    near = edges is not None
    entries: list[Any] = []
    if edges is not None:
        edges = _frequent(edges, places, bounds)
        wide = words.say("频繁的升级\n（线宽 = 频率）", "frequent escalation\n(width: frequency)")
        marks = words.say(
            "← 受多米诺（次/年）\n→ 引发多米诺（次/年）", "← fails in dominoes\n→ failures caused (per year)"
        )
        entries = [Line2D([], [], color=_PLAIN, lw=2.0, label=wide), *_crossing_entry(edges, places, words)]
        entries.append(Line2D([], [], color="none", label=marks))
    title = f"{words.name(park.name, park.code)}  {words.say('多米诺效应图', 'domino effects')}  {park.date}"
    keys = [("", [*entries, *boundary_key(park, words)])]
    sheet = map_sheet(bounds, title, keys, words, [basis(result.method, words), *notes_of(park, words)], room=2.2)
    axes = sheet.axes
    names = _draw_enterprises(axes, places, park, words)
    if not near:  # frames of the blocks stand for them
        for text in names:
            text.remove()
    written = [*sheet.furniture, *(names if near else ())]
    _draw_circles(axes, places[~places.index.isin(hit.index)], facecolor="#eceff1", edgecolor="#90a4ae", lw=0.5)
    norm = LogNorm(max(hit.min(), hit.max() * 1e-4), max(hit.max(), hit.min() * 1.001))
    drawn = _draw_circles(axes, places.loc[hit.index], cmap="YlOrRd", norm=norm, edgecolor="#263238", lw=0.5)
    drawn.set_array(hit.to_numpy())
    label = words.say("多米诺失效频率 (/年)", "fails in dominoes (per year)")
    beside = sheet.figure.add_axes(sheet.beside(2.0))
    sheet.figure.colorbar(drawn, cax=beside, label=label, extend="min")
    texts = _often_and_caused(axes, result, places, hit, words) if near else []
    if edges is not None:
        _draw_arrows(axes, places, edges, edges["frequency"], [_PLAIN] * len(edges))
    place_labels(axes, texts, _visible(axes, places) if near else [], written=written)
    return sheet.figure


def _often_and_caused(
    axes: Axes, result: DominoResult, places: pd.DataFrame, hit: pd.Series, words: Words
) -> list[Label]:
    """How often the units within the frame fail and what they cause, those with most."""
    units = result.units.set_index("unit_id")
    caused = units["primary_frequency"] * units["expected_failures_caused"]
    said: dict[str, list[str]] = {}
    for sign, values, count in (("←", hit, 7), ("→", caused[caused > 0.0], 5)):
        inside = values[values.index.isin(_inside(axes, places).index)]
        for unit, value in inside.sort_values(ascending=False, kind="stable").head(count).items():
            said.setdefault(str(unit), [words.name(str(unit), "")]).append(f"{sign} {power(float(value))}")
    return [(*_place(places, unit), "\n".join(lines)) for unit, lines in said.items()]


def _frequent(edges: pd.DataFrame, places: pd.DataFrame, bounds: Bounds) -> pd.DataFrame:
    """The most frequent escalations within the frame, and the most frequent across enterprises."""
    left, bottom, right, top = bounds
    shown = places[places["x"].between(left, right) & places["y"].between(bottom, top)].index
    edges = edges[edges["from_unit"].isin(shown) & edges["to_unit"].isin(shown)]
    crossing = _crosses(edges, places)
    return pd.concat([edges[~crossing].head(_ARROWS), edges[crossing].head(_ARROWS // 3)], ignore_index=True)


def _around(places: pd.DataFrame) -> Bounds:
    """Bounds of some units, wide enough that labels find room."""
    radius = places["radius_m"]
    left, right = float((places["x"] - radius).min()), float((places["x"] + radius).max())
    bottom, top = float((places["y"] - radius).min()), float((places["y"] + radius).max())
    margin = max(0.12 * max(right - left, top - bottom), 25.0)
    least = 0.35 * max(right - left, top - bottom)  # no slip of a map
    wide, high = max(least - (right - left), 0.0) / 2.0, max(least - (top - bottom), 0.0) / 2.0
    return left - margin - wide, bottom - margin - high, right + margin + wide, top + margin + high


def _draw_circles(axes: Axes, places: pd.DataFrame, **style: Any) -> PatchCollection:
    circles = [Circle((x, y), r) for x, y, r in places[["x", "y", "radius_m"]].itertuples(index=False)]
    collection = PatchCollection(circles, zorder=3, **style)
    axes.add_collection(collection)
    return collection


def _draw_enterprises(axes: Axes, places: pd.DataFrame, park: Park, words: Words) -> list[Text]:
    """The ground that the units of each enterprise take up; gives the names written on it."""
    draw_boundary(axes, park)
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    view = shapely.box(left, bottom, right, top)
    names = []
    for number, (owner, group) in enumerate(places.groupby("enterprise_id", sort=True)):
        discs = shapely.buffer(shapely.points(group["x"], group["y"]), group["radius_m"].to_numpy() + 45.0)
        ground = shapely.intersection(shapely.buffer(shapely.union_all(discs), -30.0), view)
        colour = _PALETTE[number % len(_PALETTE)]
        parts = [part for part in shapely.get_parts(ground) if part.geom_type == "Polygon" and not part.is_empty]
        for part in parts:
            outline = np.asarray(part.exterior.coords).T
            axes.fill(*outline, facecolor=colour, alpha=0.10, zorder=0.5)
            axes.plot(*outline, color=colour, lw=0.8, zorder=1)
        if parts:
            _, _, _, high = max(parts, key=lambda part: part.area).bounds
            middle = max(parts, key=lambda part: part.area).centroid.x
            x = min(max(middle, left + 0.06 * (right - left)), right - 0.06 * (right - left))
            y = min(high, top - 0.04 * (top - bottom))
            name = words.name(str(owner), "")
            names.append(axes.text(x, y, name, color=colour, fontsize=SMALL, ha="center", va="bottom", zorder=7))
    return names


def _crosses(edges: pd.DataFrame, places: pd.DataFrame) -> pd.Series:
    owner = places["enterprise_id"]
    return edges["from_unit"].map(owner) != edges["to_unit"].map(owner)


def _draw_arrows(
    axes: Axes, places: pd.DataFrame, edges: pd.DataFrame, value: pd.Series, colours: Sequence[str]
) -> None:
    """Arrows from shell to shell, their width by value; those between enterprises stand out. Needs a settled map."""
    largest = max(float(value.max()), 1e-300) if len(value) else 1.0
    for origin, target, part, colour in zip(
        edges["from_unit"], edges["to_unit"], value / largest, colours, strict=True
    ):
        (x0, y0, r0, e0), (x1, y1, r1, e1) = places.loc[origin], places.loc[target]
        distance = math.hypot(x1 - x0, y1 - y0)
        if distance == 0.0:
            continue
        dx, dy = (x1 - x0) / distance, (y1 - y0) / distance
        inner = min(0.8 * r0, 0.3 * distance), min(0.8 * r1, 0.3 * distance)
        ends = (x0 + dx * inner[0], y0 + dy * inner[0]), (x1 - dx * inner[1], y1 - dy * inner[1])
        pixels = float(np.hypot(*np.diff(axes.transData.transform(ends), axis=0)[0]))
        arrow = FancyArrowPatch(
            *ends,
            mutation_scale=min(8.0 + 8.0 * math.sqrt(part), 0.5 * pixels),
            lw=min(0.7 + 2.8 * part, 0.15 * pixels),
            color=CROSSING if e0 != e1 else colour,
            alpha=0.85,
            zorder=6,
            clip_on=True,
            connectionstyle="arc3,rad=0.12",
            arrowstyle="-|>",
            shrinkA=0.0,
            shrinkB=0.0,
        )
        axes.add_patch(arrow)


def _crossing_entry(edges: pd.DataFrame, places: pd.DataFrame, words: Words) -> list[Line2D]:
    if not _crosses(edges, places).any():
        return []
    return [Line2D([], [], color=CROSSING, lw=2.5, label=words.say("跨企业的升级", "across enterprises"))]


def _entries_of_cascade(reached: pd.DataFrame, edges: pd.DataFrame, places: pd.DataFrame, words: Words) -> list[Line2D]:
    disc: dict[str, Any] = {"marker": "o", "ls": "none", "ms": 7}
    start = words.say("初始事故设备", "starts the cascade")
    entries = [Line2D([], [], color=START_COLOUR, mec="black", label=start, **disc)]
    present = sorted({min(int(order), len(ORDER_COLOURS)) for order in reached["order"]})
    entries += [Line2D([], [], color=order_colour(n), label=order_label(n, words), **disc) for n in present]
    share = words.say("填充面积 = 失效概率", "filled area = probability")
    entries.append(Line2D([], [], mfc="none", mec=_PLAIN, label=share, **disc))
    entries.append(Line2D([], [], color=_PLAIN, lw=2.5, label=words.say("线宽 = 升级概率", "width = probability")))
    entries += _crossing_entry(edges, places, words)
    return entries


def _inside(axes: Axes, places: pd.DataFrame) -> pd.DataFrame:
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    return places[places["x"].between(left, right) & places["y"].between(bottom, top)]


def _place(places: pd.DataFrame, unit: str) -> tuple[float, float, float]:
    x, y, radius = (float(places[name][unit]) for name in ("x", "y", "radius_m"))
    return x, y, radius


def _within(axes: Axes, labels: Sequence[Label]) -> list[Label]:
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    return [label for label in labels if left <= label[0] <= right and bottom <= label[1] <= top]


def _visible(axes: Axes, places: pd.DataFrame) -> list[tuple[float, float, float]]:
    """Units within the frame, which labels should not cover."""
    return [_place(places, str(unit)) for unit in _inside(axes, places).index]
