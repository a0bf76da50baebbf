"""Pictures of one event: its zones on the map, near and far, and its cloud over time. SVG and PNG."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path as Outline

from parkrisk.api.drawn.map import (
    Bounds,
    boundary_key,
    draw_boundary,
    draw_targets,
    draw_units,
    frame,
    map_sheet,
    target_key,
    widened,
)
from parkrisk.api.drawn.page import WIDTH, Words, notes_of, save_figures
from parkrisk.api.printed.consequence import word
from parkrisk.risk.consequence import Consequence
from parkrisk.risk.one_event.zones import Zone, levels

__all__ = ["draw_cloud", "draw_zones", "near_view", "save"]

#: Kind of zone → colours from the innermost out, told apart by the colour-blind too.
COLOURS: Mapping[str, Sequence[str]] = {
    "lethality_outdoors": ("#67000d", "#cb181d", "#fb6a4a", "#fcbba1"),
    "concentration": ("#54278f", "#807dba", "#bcbddc"),
    "flammable": ("#08519c", "#6baed6"),
    "heat": ("#7f2704", "#d94801", "#fd8d3c", "#fdd0a2"),
    "overpressure": ("#252525", "#737373", "#bdbdbd"),
}
#: Zones drawn as lines; the others are filled.
_LINES = {"concentration": "--", "flammable": "-.", "heat": "-", "overpressure": ":"}
#: A second map is drawn when zones reach so many times as far as people may die.
_FARTHER = 1.5


def save(found: Consequence, folder: str | Path, lang: str = "zh") -> list[Path]:
    """Draw every figure into a folder as SVG and PNG.

    Parameters
    ----------
    found : Consequence
    folder : path
        Made if it is not there.
    lang : str
        "zh" or "en"; without a Chinese font the labels are English.

    Returns
    -------
    list of Path
        The files written.
    """

    def draw(words: Words) -> dict[str, Figure]:
        figures = {name: draw_zones(found, bounds, words, words.lang) for name, bounds in _views(found).items()}
        cloud = draw_cloud(found, words)
        return figures if cloud is None else {**figures, "cloud": cloud}

    return save_figures(draw, folder, lang)


def _always(found: Consequence) -> list[Zone]:
    """Zones of all the time together that are reached; of several families of guidelines the first."""
    families = [zone.level.name[:3] for zone in found.zones if zone.level.kind == "concentration"]
    return [
        zone
        for zone in found.zones
        if math.isnan(zone.time)
        and not zone.shape.is_empty
        and zone.level.kind in COLOURS
        and (zone.level.kind != "concentration" or zone.level.name[:3] == families[0])
    ]


def _views(found: Consequence) -> dict[str, Bounds]:
    """The map of where people may die, and one of everything where that is much larger."""
    zones = _always(found)
    here = shapely.Point(found.frame.x, found.frame.y).buffer(50.0)
    deadly = [zone.shape for zone in zones if zone.level.kind == "lethality_outdoors"]
    near = widened(shapely.total_bounds([here, *(deadly or [zone.shape for zone in zones])]), 0.25)
    far = widened(shapely.total_bounds([here, *(zone.shape for zone in zones)]), 0.08)
    if far[2] - far[0] < _FARTHER * (near[2] - near[0]) and far[3] - far[1] < _FARTHER * (near[3] - near[1]):
        return {"zones": (min(near[0], far[0]), min(near[1], far[1]), max(near[2], far[2]), max(near[3], far[3]))}
    return {"zones": near, "zones_far": far}


def near_view(found: Consequence) -> Bounds:
    """Bounds of where people may die."""
    return _views(found)["zones"]


def _outline(shape: Any) -> Outline:
    rings = [ring for part in shapely.get_parts(shape) for ring in (part.exterior, *part.interiors)]
    return Outline.make_compound_path(*(Outline(np.asarray(ring.coords)[:, :2]) for ring in rings))


def _zone_style(zone: Zone, words: Words) -> tuple[dict[str, Any], Any]:
    """How a zone is drawn, and its entry of the legend."""
    kind = zone.level.kind
    # a level has its colour whether or not those within it are reached; guidelines come in families of three
    at = [level.name for level in levels() if level.kind == kind].index(zone.level.name) % len(COLOURS[kind])
    colour = COLOURS[kind][at]
    label = words.broken(words.say(zone.level.label_zh, zone.level.label_en), 15)
    if kind in _LINES:
        line: dict[str, Any] = {"lw": 1.4, "ls": _LINES[kind]}
        style = {"facecolor": "none", "edgecolor": colour, "zorder": 4.0, **line}
        return style, Line2D([], [], color=colour, label=label, **line)
    style = {"facecolor": colour, "edgecolor": "none", "alpha": 0.75, "zorder": 1.0 - 0.1 * at}
    return style, Patch(facecolor=colour, alpha=0.75, label=label)


def _draw_zones(axes: Axes, zones: Sequence[Zone], words: Words) -> list[Any]:
    """Draw zones from the outermost in; gives their entries of the legend, innermost first."""
    entries: list[Any] = []
    for zone in zones:
        style, entry = _zone_style(zone, words)
        axes.add_artist(PathPatch(_outline(zone.shape), **style))
        entries.append(entry)
    return entries


def draw_zones(found: Consequence, bounds: Bounds, words: Words, lang: str, title: str = "") -> Figure:
    """Zones over units, targets and boundary within bounds, with the wind."""
    units = found.park.tables["units"]
    zones = _always(found)
    following = units.set_index("unit_id").loc[found.units["unit_id"].unique()]
    source = _say(lang, "事故设备", "source")
    things = [
        Line2D([], [], marker="*", ls="none", ms=10, color="#ffd600", mec="black", label=source),
        *target_key(found.park.tables["targets"], words),
        *boundary_key(found.park, words),
    ]
    if len(following):
        label = _say(lang, "荷载近阈值的设备", "unit loaded near\nits threshold")
        things.append(Line2D([], [], marker="o", ls="none", ms=8, mfc="none", mec="#d50000", mew=1.4, label=label))
    entries = [_zone_style(zone, words)[1] for zone in zones]
    keys = [(_say(lang, "影响区", "zones"), entries), ("", things)]
    sheet = map_sheet(bounds, title or _title(found, lang), keys, words, notes_of(found.park, words))
    axes = sheet.axes
    _draw_zones(axes, zones, words)
    draw_units(axes, units)
    draw_boundary(axes, found.park)
    draw_targets(axes, found.park.tables["targets"])
    axes.plot(found.frame.x, found.frame.y, "*", color="#ffd600", ms=12, mec="black", mew=0.8, zorder=6.0)
    axes.plot(following["x"], following["y"], "o", mfc="none", mec="#d50000", mew=1.4, ms=8, ls="none", zorder=6.0)
    _wind_arrow(axes, found, lang)
    return sheet.figure


def _say(lang: str, chinese: str, english: str) -> str:
    return chinese if lang == "zh" else english


def _title(found: Consequence, lang: str) -> str:
    event = found.event
    what = f"{word(str(event['loc']), lang)} · {word(str(event['outcome']), lang)}"
    substance = event["substance_zh"] if lang == "zh" else event["substance_en"]
    wind = f"{found.weather.stability} {found.weather.wind_speed:g} m/s, {found.wind.wind_from:g}°"
    return f"{event['unit_id']} {substance}  {what}  ({wind})".replace("$", r"\$")


def _wind_arrow(axes: Axes, found: Consequence, lang: str) -> None:
    """Arrow with the wind, in the upper left corner."""
    angle, length = found.frame.blows_to, 0.045
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    size = length * max(right - left, top - bottom)
    dx, dy = size * math.cos(angle), size * math.sin(angle)
    x, y = left + 0.1 * (right - left), top - 0.1 * (top - bottom)
    arrow = {"arrowstyle": "-|>", "color": "#00695c", "lw": 2.0, "mutation_scale": 15.0}
    axes.annotate("", xy=(x + dx, y + dy), xytext=(x - dx, y - dy), arrowprops=arrow, zorder=7.0)
    label = f"{_say(lang, '风', 'wind')} {found.weather.wind_speed:g} m/s"
    back = {"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}
    axes.text(x, y - 1.2 * size, label, ha="center", va="top", color="#00695c", zorder=7.0, bbox=back)


def draw_cloud(found: Consequence, words: Words) -> Figure | None:
    """The cloud at each moment, side by side; None where there is no cloud."""
    zones = [zone for zone in found.zones if not math.isnan(zone.time) and zone.level.kind in COLOURS]
    kinds = {zone.level.kind for zone in zones}
    burns = found.event["outcome"] in ("flash_fire", "explosion") or "concentration" not in kinds
    kind = "flammable" if burns else "concentration"
    zones = [zone for zone in zones if zone.level.kind == kind]
    moments = sorted({zone.time for zone in zones})
    if not moments:
        return None
    here = shapely.Point(found.frame.x, found.frame.y).buffer(50.0)
    bounds = widened(shapely.total_bounds([here, *(zone.shape for zone in zones)]), 0.08)
    slope = (bounds[3] - bounds[1]) / (bounds[2] - bounds[0])
    columns = min(len(moments), 3)
    rows = math.ceil(len(moments) / columns)
    figure = Figure(figsize=(WIDTH, min(max(WIDTH / columns * slope, 2.0), 6.0) * rows + 1.0), layout="constrained")
    entries: dict[str, Any] = {}
    for number, moment in enumerate(moments, start=1):
        axes = figure.add_subplot(rows, columns, number)
        for entry in _draw_zones(axes, [zone for zone in zones if zone.time == moment], words):
            entries.setdefault(entry.get_label(), entry)
        draw_units(axes, found.park.tables["units"])
        draw_targets(axes, found.park.tables["targets"])
        frame(axes, bounds)
        axes.set_title(f"{moment / 60.0:g} min")
    figure.suptitle(_title(found, words.lang))
    figure.legend(handles=list(entries.values()), loc="outside lower center", ncols=4, frameon=False)
    return figure
