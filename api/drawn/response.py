"""Map of the emergency response: stations, hazard units by the time until help works, and where upwind is."""

import math
from typing import Any

import numpy as np
import pandas as pd
import shapely
from matplotlib.collections import PatchCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle

from parkrisk.api.drawn.map import boundary_key, draw_boundary, map_sheet, widened
from parkrisk.api.drawn.page import SMALL, WIDTH, Words, notes_of
from parkrisk.api.drawn.wind import PERIODS, by_period, point, prevailing, rose_inset
from parkrisk.api.labels import place_labels
from parkrisk.risk.result import Assessment
from parkrisk.scenarios import schema
from parkrisk.scenarios.park import Park

__all__ = ["draw", "minutes_to_help"]

_MARKERS = {"fire_station": "s", "enterprise_brigade": "D", "rescue_team": "^", "medical": "P"}
_STATION = "#d55e00"


def minutes_to_help(result: Assessment) -> pd.DataFrame:
    """Median time until cooling protects each unit, as cascades count it: unit_id, x, y [m], minutes."""
    facility = result.domino.facility
    units = facility.units[["unit_id", "x", "y", "radius_m"]]
    return units.assign(minutes=np.exp(facility.network.clock_mean) / 60.0)


def draw(result: Assessment, words: Words) -> dict[str, Figure]:
    """The map; nothing where no station is given."""
    park = result.park
    stations = park.tables["response"]
    if stations.empty:
        return {}
    units = minutes_to_help(result)
    places = np.concatenate([units[["x", "y"]].to_numpy(), stations[["x", "y"]].to_numpy()])
    shapes = [shapely.multipoints(places), park.boundary or shapely.Point()]
    bounds = widened(shapely.total_bounds(shapes), 0.06)
    keys = [(words.say("救援力量", "resources"), _station_key(stations, words)), ("", boundary_key(park, words))]
    title = f"{words.name(park.name, park.code)}  {words.say('应急力量与响应时间', 'emergency response')}  {park.date}"
    notes = [*_upwind(park, words), *notes_of(park, words)]
    sheet = map_sheet(bounds, title, keys, words, notes, room=3.3)
    axes = sheet.axes
    draw_boundary(axes, park)
    least = 0.004 * (axes.get_xlim()[1] - axes.get_xlim()[0])  # to be seen on a map of a scattered park
    discs = [
        Circle((x, y), max(radius, least)) for x, y, radius in units[["x", "y", "radius_m"]].itertuples(index=False)
    ]
    low, high = float(units["minutes"].min()), float(units["minutes"].max())
    norm = Normalize(low, max(high, low + 1.0))
    drawn = PatchCollection(discs, cmap="cividis_r", norm=norm, edgecolor="#263238", lw=0.25)
    drawn.set_array(units["minutes"].to_numpy())
    axes.add_collection(drawn)
    for kind, group in stations.groupby("kind", sort=True):
        marker = _MARKERS.get(str(kind), "o")
        axes.plot(group["x"], group["y"], marker, color=_STATION, ms=8, mec="white", mew=0.7, ls="none", zorder=6)
    left, bottom, width, height = sheet.beside(1.45)
    bar = sheet.figure.add_axes((left, bottom, width, height))
    label = words.say("冷却起效中位时间 (min)", "cooling works, median (min)")
    sheet.figure.colorbar(drawn, cax=bar, label=label)
    rose = (left + 0.05 / WIDTH, bottom + 1.18 * height, width + 1.1 / WIDTH, height * 0.85)
    rose_inset(sheet.figure, rose, park, words)
    labels = [(row["x"], row["y"], 0.0, _said(row, words)) for row in stations.to_dict("records")]
    place_labels(axes, labels, [label[:3] for label in labels], size=SMALL, written=sheet.furniture)
    return {"response": sheet.figure}


def _station_key(stations: pd.DataFrame, words: Words) -> list[Any]:
    held = set(stations["kind"])
    names = {each.value: words.say(each.label_zh, each.label_en) for each in schema.choices("response_kind")}
    names[""] = words.say("救援力量", "station")
    return [
        Line2D([], [], marker=_MARKERS.get(kind, "o"), ls="none", ms=7, color=_STATION, label=words.broken(name, 11))
        for kind, name in names.items()
        if kind in held
    ]


def _said(row: Any, words: Words) -> str:
    """Name of a station and, where given, the time until its first action at its own door."""
    name = words.name(str(row["name"]), str(row["station_id"]))
    if math.isnan(row["mean_min"]):
        return name
    spread = "" if math.isnan(row["sd_min"]) else f" ± {row['sd_min']:g}"
    return f"{name}\n{words.say('响应', 'responds:')} {row['mean_min']:g}{spread} min"


def _upwind(park: Park, words: Words) -> list[str]:
    """Where most wind comes from by day and night: people gather and leave upwind or across."""
    weather = by_period(park)
    said = []
    for period, (chinese, english) in PERIODS.items():
        direction = prevailing(weather[weather["period"] == period])
        if not math.isnan(direction):
            said.append(words.say(f"{chinese} {point(direction)}", f"{english} {point(direction)}"))
    if not said:
        return []
    comma = words.say("、", ", ")
    return [
        words.say(
            f"最多风向（来向）：{comma.join(said)}；集合与撤离朝上风向或侧风向，以当时风向为准",
            f"wind most often from: {comma.join(said)}; gather and leave upwind or across, by the wind of the moment",
        )
    ]
