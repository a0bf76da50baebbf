"""Pictures of the worst cases of a park: the events with most deaths, of different kinds, on the map. SVG and PNG."""

import math

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from parkrisk.api.drawn.consequence import draw_zones, near_view
from parkrisk.api.drawn.page import Words
from parkrisk.api.printed.consequence import word
from parkrisk.models.errors import OutOfRange
from parkrisk.risk.consequence import Consequence, Wind, consequence
from parkrisk.risk.result import Assessment

__all__ = ["draw", "worst_events"]

_MOST = 5
_DEADLY = 1.0  # expected deaths from which an event is a worst case


def worst_events(result: Assessment) -> pd.DataFrame:
    """Primary events with most deaths: the worst of each outcome first, then further ones of other substances.

    Returns
    -------
    DataFrame
        unit_id, loc, outcome, cas, n_max (largest expected number of deaths in any weather); most deaths first.
    """
    events = result.events.table
    primary = events.loc[events["origin"] == "primary", ["event_id", "loc", "cas"]]
    units = [*result.park.tables["units"]["unit_id"], *result.park.tables["transport"]["transport_id"]]
    tail = result.societal.tail.merge(primary, on="event_id")
    order = tail[tail["unit_id"].isin(units) & (tail["n_max"] >= _DEADLY)].sort_values(
        ["n_max", "event_id"], ascending=[False, True]
    )
    chosen = pd.concat([order.drop_duplicates("outcome").head(_MOST), order.drop_duplicates(["cas", "outcome"])])
    found = chosen.drop_duplicates("event_id").head(_MOST)
    found = found.sort_values(["n_max", "event_id"], ascending=[False, True], ignore_index=True)
    return found[["unit_id", "loc", "outcome", "cas", "n_max"]]


def draw(result: Assessment, words: Words) -> dict[str, Figure]:
    """A map of each worst case, in the weather that carries it farthest and the wind towards most people."""
    figures: dict[str, Figure] = {}
    for row in worst_events(result).to_dict("records"):
        wind = _wind(result, row["unit_id"], row["loc"], row["outcome"])
        try:
            found = consequence(
                result.park, row["unit_id"], wind, loc=row["loc"], outcome=row["outcome"], settings=result.settings
            )
        except OutOfRange:  # no effect in this weather
            continue
        name = f"worst_case_{len(figures) + 1}"
        figures[name] = draw_zones(found, near_view(found), words, words.lang, _title(found, words))
    return figures


def _wind(result: Assessment, unit: str, loc: str, outcome: str) -> Wind:
    """Weather of the largest casualty radius; of its winds the one that blows to most people within that radius."""
    rows = result.scenarios
    rows = rows[(rows["unit_id"] == unit) & (rows["loc"] == loc) & (rows["outcome"] == outcome)]
    rose = result.surroundings.rose
    shares = rose.probability.sum(axis=0)
    named = [f"{each.stability}{each.wind_speed:g}" for each in rose.weathers]
    rows = rows[rows["weather"].isin(named) & rows["death_m"].notna()]
    if rows.empty:
        at, reach = int(shares.sum(axis=1).argmax()), 0.0
    else:
        worst = rows.iloc[int(rows["death_m"].argmax())]
        at, reach = named.index(str(worst["weather"])), float(worst["death_m"])
    crowd = result.surroundings.people
    events = result.events.table
    event = events[(events["unit_id"] == unit) & (events["loc"] == loc) & (events["outcome"] == outcome)].iloc[0]
    east, north = crowd.x - float(event["x"]), crowd.y - float(event["y"])
    inside = np.hypot(east, north) <= reach
    turns = np.round(np.arctan2(north, east)[inside] / (2.0 * math.pi) * rose.n_sectors).astype(int) % rose.n_sectors
    counts = np.bincount(turns, (crowd.day + crowd.night)[inside], minlength=rose.n_sectors)
    order = np.lexsort((shares[at], np.where(shares[at] > 0.0, counts, -1.0)))  # the more frequent of two alike
    direction = (270.0 - math.degrees(int(order[-1]) * 2.0 * math.pi / rose.n_sectors)) % 360.0
    return Wind(direction, rose.weathers[at].wind_speed, rose.weathers[at].stability)


def _title(found: Consequence, words: Words) -> str:
    event = found.event
    what = f"{word(str(event['loc']), words.lang)}·{word(str(event['outcome']), words.lang)}"
    substance = words.say(str(event["substance_zh"]), str(event["substance_en"]))
    park = found.park.tables
    names = dict(zip(park["units"]["unit_id"], park["units"]["name"], strict=True))
    names |= dict(zip(park["transport"]["transport_id"], park["transport"]["name"], strict=True))
    key = str(event["unit_id"])
    unit, weather = words.name(str(names.get(key, key)), key), found.weather
    wind = words.say(
        f"{weather.stability} 类 {weather.wind_speed:g} m/s，风向 {found.wind.wind_from:g}°",
        f"{weather.stability}, {weather.wind_speed:g} m/s from {found.wind.wind_from:g}°",
    )
    day, night = (_number(float(event[f"deaths_{period}"])) for period in ("day", "night"))
    deaths = words.say(
        f"预期死亡 昼 {day} / 夜 {night} 人",
        f"expected deaths: day {day}, night {night}",
    )
    return f"{unit} {words.name(substance, '')}  {what}\n{wind}  {deaths}"


def _number(deaths: float) -> str:
    return f"{deaths:,.0f}" if deaths >= 100.0 else f"{deaths:.2g}"
