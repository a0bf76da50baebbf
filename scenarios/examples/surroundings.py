"""What surrounds the demonstration park: people in its towns and villages, and its weather.

The tables come from the open data in ``sources/`` by the rules that the park's README states in words.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

__all__ = ["CRS", "disc", "population", "project", "source", "weather"]

SOURCES = Path(__file__).resolve().parent / "sources"
# CGCS2000 / 3-degree Gauss-Krüger, central meridian 123°E: the zone of 121.5°E to 124.5°E.
CRS = "EPSG:4550"

TOWN_REACH = 25_000.0  # populated places nearer than this to a tank are modelled [m]
TOWN_CLEARANCE = 500.0  # no town cell has its centre nearer than this to the boundary [m]
CITY = 50_000  # from so many people on, a place is as dense as a city [persons]
CITY_DENSITY, TOWN_DENSITY, VILLAGE_DENSITY = 0.010, 0.003, 0.006  # [persons/m²]
TOWN_CELL, VILLAGE_CELL = 500, 100  # [m]
INDOOR_DAY, INDOOR_NIGHT = 0.93, 0.99  # CPR 18E (Purple Book), table 5.3
VILLAGE_DAY_SHARE = 0.7  # CPR 18E (Purple Book), chapter 5: residents at home by day

Floats = NDArray[np.float64]


def source(name: str) -> pd.DataFrame:
    """Read one table of ``sources/``; every cell is text, an empty cell an empty string."""
    return pd.read_csv(SOURCES / name, comment="#", keep_default_na=False, dtype=str)


def project(lon: pd.Series, lat: pd.Series) -> tuple[Floats, Floats]:
    """Easting and northing in the park's coordinate system, to the decimetre [m]."""
    transformer = pyproj.Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
    x, y = transformer.transform(lon.astype(float).to_numpy(), lat.astype(float).to_numpy())
    return np.round(x, 1), np.round(y, 1)


def population(tanks: pd.DataFrame, blocks: list[shapely.Polygon]) -> pd.DataFrame:
    """Table ``population``: towns as discs of 500 m cells, assumed villages as discs of 100 m cells.

    Parameters
    ----------
    tanks : DataFrame
        x, y of the tanks [m].
    blocks : list of Polygon
        Blocks of the park; nobody lives inside.
    """
    towns = source("geonames_places.csv")
    towns["x"], towns["y"] = project(towns["lon"], towns["lat"])
    park = shapely.union_all(blocks)
    outside = park.buffer(TOWN_CLEARANCE)
    parts: list[pd.DataFrame] = []
    for _, town in towns.sort_values("name").iterrows():
        if np.hypot(tanks["x"] - town["x"], tanks["y"] - town["y"]).min() > TOWN_REACH:
            continue
        people = int(town["population"])
        density = CITY_DENSITY if people >= CITY else TOWN_DENSITY
        cells = disc((town["x"], town["y"]), people, density, TOWN_CELL, outside)
        cells["cell_id"] = [f"town-{town['name'].lower()}-{k:03d}" for k in range(1, len(cells) + 1)]
        parts.append(cells.assign(day=cells["night"], assumed="x;y;cell_m;day;night"))
    for _, village in source("assumed_places.csv").iterrows():
        centre = (float(village["x"]), float(village["y"]))
        cells = disc(centre, int(village["residents"]), VILLAGE_DENSITY, VILLAGE_CELL, park)
        cells["cell_id"] = [f"{village['place_id']}-{k:02d}" for k in range(1, len(cells) + 1)]
        day = (cells["night"] * VILLAGE_DAY_SHARE).round().astype(int)
        parts.append(cells.assign(day=day, assumed="x;y;cell_m;day;night"))
    people_table = pd.concat(parts, ignore_index=True)
    people_table["indoor_fraction_day"], people_table["indoor_fraction_night"] = INDOOR_DAY, INDOOR_NIGHT
    columns = ["cell_id", "x", "y", "cell_m", "day", "night", "indoor_fraction_day", "indoor_fraction_night", "assumed"]
    return people_table[columns]


def disc(
    centre: tuple[float, float], people: int, density: float, cell: int, keep_out: shapely.Geometry
) -> pd.DataFrame:
    """Spread people evenly over the cells nearest to a point whose centres lie outside ``keep_out``.

    As many cells as ``density`` [persons/m²] asks for; whole people, the remainder one each to the nearest cells.
    """
    x, y = centre
    count = max(1, round(people / (density * cell**2)))
    reach = int(np.ceil(np.sqrt(count))) + 5
    steps = np.arange(-reach, reach + 1, dtype=np.float64) * cell
    i, j = (grid.ravel() for grid in np.meshgrid(steps, steps))
    free = ~shapely.contains_xy(keep_out, x + i, y + j)
    i, j = i[free], j[free]
    nearest = np.lexsort((j, i, np.round(np.hypot(i, j), 1)))[:count]
    share = np.full(len(nearest), people // len(nearest))
    share[: people % len(nearest)] += 1
    place = {"x": np.round(x + i[nearest], 1), "y": np.round(y + j[nearest], 1)}
    return pd.DataFrame({**place, "cell_m": cell, "night": share})


def weather(name: str = "wind_joint_shanghai_2010_2015.csv") -> pd.DataFrame:
    """Table ``weather``: a joint table as six classes of AQ/T 3046-2013 table 9 in sixteen directions.

    A, B and C become B 4 m/s; D is shared between 1.5, 4 and 8.5 m/s so that the middle of each speed bin is kept;
    E becomes E 4 m/s; F becomes F 1.5 m/s. A to C is day, E and F night; D is divided so that day is half of the
    year, as nearly as it can be. A quadrant is shared by angle: its two edge sectors lie half in it.
    """
    table = source(name)
    hours = table["hours"].astype(int)
    total = int(hours.sum())
    neutral = int(hours[table["stability"] == "D"].sum())
    unstable = int(hours[table["stability"].isin(["A", "B", "C"])].sum())
    day_share = min(max((total / 2 - unstable) / neutral, 0.0), 1.0)
    sectors = _points() if (table["wind_from"] == "N").any() else _sectors()
    cells: dict[tuple[str, float, str, str], float] = {}
    for wind_from, speed_bin, stability, count in zip(
        table["wind_from"], table["speed_bin_m_s"], table["stability"], hours, strict=True
    ):
        for speed, name, period, share in _classes(stability, speed_bin, day_share):
            for sector, part in sectors[wind_from]:
                key = (sector, speed, name, period)
                cells[key] = cells.get(key, 0.0) + int(count) / total * share * part
    order = sorted(cells, key=lambda key: (key[3], key[2], key[1], float(key[0] or -1.0)))
    rows = [(*key, f"{cells[key]:.9f}") for key in order]
    return pd.DataFrame(rows, columns=["wind_from", "wind_speed", "stability", "period", "frequency"])


def _points() -> dict[str, list[tuple[str, float]]]:
    """Sectors of 22.5° of a table of sixteen winds; calm has none."""
    winds = ["N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW"]
    return {"calm": [("", 1.0)], **{wind: [(f"{22.5 * k:g}", 1.0)] for k, wind in enumerate(winds)}}


def _sectors() -> dict[str, list[tuple[str, float]]]:
    """Sectors of 22.5° that each wind of a table of quadrants is shared by; calm and variable winds have none."""
    shared = {"calm/variable": [("", 1.0)]}
    for quadrant, start in {"NE": 0.0, "SE": 90.0, "SW": 180.0, "NW": 270.0}.items():
        parts = (0.125, 0.25, 0.25, 0.25, 0.125)
        shared[quadrant] = [(f"{(start + 22.5 * k) % 360.0:g}", part) for k, part in enumerate(parts)]
    return shared


def _classes(stability: str, speed_bin: str, day_share: float) -> list[tuple[float, str, str, float]]:
    """Wind speed [m/s], class and period that stand for one row of the joint table, each with its share."""
    if stability != "D":
        speed, name, period = {"E": (4.0, "E", "night"), "F": (1.5, "F", "night")}.get(stability, (4.0, "B", "day"))
        return [(speed, name, period, 1.0)]
    # 2.5 m/s = 0.6 × 1.5 + 0.4 × 4;  6.5 m/s = 4/9 × 4 + 5/9 × 8.5
    speeds = {
        "2-3": [(1.5, 0.6), (4.0, 0.4)],
        "3-5": [(4.0, 1.0)],
        "5-8": [(4.0, 4 / 9), (8.5, 5 / 9)],
        "8-inf": [(8.5, 1.0)],
    }[speed_bin]
    periods = [("day", day_share), ("night", 1.0 - day_share)]
    return [(speed, "D", period, share * part) for speed, share in speeds for period, part in periods]
