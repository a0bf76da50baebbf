"""Who lives around a synthetic park and what is to be protected there: villages, a town, schools, hospitals."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from parkrisk.scenarios.examples.surroundings import disc
from parkrisk.scenarios.synthetic import recipe
from parkrisk.scenarios.synthetic.ground import Ground

__all__ = ["Surroundings", "make_people"]

_VILLAGES = (3.0, 2.0)  # villages = first + second x side of the site in km, at most the next
_MOST_VILLAGES = 40
_VILLAGE_PEOPLE, _VILLAGE_SPREAD, _VILLAGE_LIMITS = 450.0, 0.7, (100, 1500)
_VILLAGE_FROM, _VILLAGE_TO = 300.0, 3000.0  # from the boundary [m]
_TOWN_FROM, _TOWN_TO = 2000.0, 6000.0  # its near edge from the boundary [m]
_TOWN_PEOPLE = (15_000, 60_000)
_VILLAGE_CELL, _TOWN_CELL = 100, 500  # [m]
_APART = 150.0  # between two places [m]
_DAY_SHARE = 0.7  # residents of a village at home by day
_TRIES = 200
_CLASS_ONE, _CLASS_TWO = 100, 30  # residents from which on housing is general class 1, class 2 (GB 36894-2018, 3.1.3)


@dataclass(frozen=True)
class Surroundings:
    """Tables ``population`` and ``targets``."""

    population: list[dict[str, Any]]
    targets: list[dict[str, Any]]


@dataclass(frozen=True)
class _Settlement:
    x: float
    y: float
    people: int
    radius: float


def make_people(ground: Ground, rng: np.random.Generator) -> Surroundings:
    """Draw a town and villages; nobody lives in the water or within the boundary.

    With the probability of the recipe housing keeps out of the wind that blows over the park.
    """
    well = rng.random() < recipe.number("well_placed")
    side = float(np.sqrt(ground.boundary.area)) / 1e3
    number = min(round(_VILLAGES[0] + _VILLAGES[1] * side), _MOST_VILLAGES)
    drawn = _VILLAGE_PEOPLE * np.exp(_VILLAGE_SPREAD * rng.standard_normal(number))
    villagers = np.clip(np.round(drawn), *_VILLAGE_LIMITS).astype(int).tolist()
    townspeople = int(rng.integers(_TOWN_PEOPLE[0], _TOWN_PEOPLE[1] + 1))
    town = _settled(ground, townspeople, "town", (_TOWN_FROM, _TOWN_TO), well, [], rng)
    places = [town] if town else []
    for people in villagers:
        found = _settled(ground, people, "village", (_VILLAGE_FROM, _VILLAGE_TO), well, places, rng)
        places += [found] if found else []
    villages = places[1:] if town else places
    population = _cells(ground, "town", [town] if town else [], "town", _TOWN_CELL, 1.0)
    population += _cells(ground, "village", villages, "village", _VILLAGE_CELL, _DAY_SHARE)
    return Surroundings(population, _targets(ground, town, villages, population))


def _settled(
    ground: Ground,
    people: int,
    kind: str,
    reach: tuple[float, float],
    well: bool,
    places: list[_Settlement],
    rng: np.random.Generator,
) -> _Settlement | None:
    """Draw a place at a distance from the boundary that is dry, free, and away from the wind if it is well chosen."""
    radius = float(np.sqrt(people / (recipe.number(f"{kind}_density") / 1e6) / np.pi))
    middle = ground.boundary.centroid
    size = float(np.sqrt(ground.boundary.area))
    water = ground.water_vector()
    for _ in range(_TRIES):
        angle, far = float(rng.uniform(0.0, 2.0 * np.pi)), float(rng.uniform(0.0, 1.2 * size + reach[1] + radius))
        east, north = float(np.cos(angle)), float(np.sin(angle))
        x, y = middle.x + far * east, middle.y + far * north
        gap = float(ground.boundary.distance(shapely.Point(x, y))) - radius
        lee = east * ground.downwind[0] + north * ground.downwind[1]
        dry = east * water[0] + north * water[1] < 0.4
        free = all(np.hypot(x - each.x, y - each.y) > radius + each.radius + _APART + _TOWN_CELL for each in places)
        if reach[0] <= gap <= reach[1] and dry and free and not (well and lee > 0.4):
            return _Settlement(round(x, 1), round(y, 1), people, radius)
    return None


def _cells(
    ground: Ground, kind: str, places: list[_Settlement], name: str, cell: int, day_share: float
) -> list[dict[str, Any]]:
    rows = []
    density = recipe.number(f"{kind}_density") / 1e6
    for number, place in enumerate(places, start=1):
        cells: pd.DataFrame = disc((place.x, place.y), place.people, density, cell, ground.boundary)
        for order, row in enumerate(cells.to_dict("records"), start=1):
            rows.append(
                {
                    "cell_id": f"{name}-{number:02d}-{order:03d}",
                    "x": row["x"],
                    "y": row["y"],
                    "cell_m": cell,
                    "day": round(row["night"] * day_share),
                    "night": int(row["night"]),
                    "indoor_fraction_day": recipe.number("indoor_day"),
                    "indoor_fraction_night": recipe.number("indoor_night"),
                }
            )
    return rows


def _targets(
    ground: Ground, town: _Settlement | None, villages: list[_Settlement], population: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Housing at the cell nearest to the park, schools and clinics in it, a hospital and a market in the town."""
    rows: list[dict[str, Any]] = []

    def add(key: str, name: str, kind: str, place: tuple[float, float], persons: int, category: str) -> None:
        rows.append(
            {"target_id": key, "name": name, "class": kind, "x": round(place[0], 1), "y": round(place[1], 1),
             "persons": persons, "category": category, "facility_state": "existing"}
        )  # fmt: skip

    for number, place in enumerate(villages, start=1):
        near = _nearest(ground, population, f"village-{number:02d}-")
        people = place.people
        kind = 1 if people >= _CLASS_ONE else 2 if people >= _CLASS_TWO else 3
        add(f"village-{number:02d}", f"示范村{number}", f"general class {kind}", near, people, "housing")
        if number % 2:
            add(
                f"school-{number:02d}",
                f"示范小学{number}",
                "high-sensitivity",
                (place.x, place.y),
                people // 4,
                "education",
            )
        if number % 5 == 2:
            add(
                f"clinic-{number:02d}",
                f"示范卫生院{number}",
                "high-sensitivity",
                (place.x + 60.0, place.y),
                40,
                "medical",
            )
        if number % 5 == 4:
            add(f"shop-{number:02d}", f"示范商店{number}", "general class 3", (place.x, place.y + 60.0), 20, "retail")
    if town is not None:
        near = _nearest(ground, population, "town-01-")
        add("town-01", "示范城区住宅", "general class 1", near, 3000, "housing")
        add("hospital-01", "示范医院", "high-sensitivity", (town.x, town.y), 800, "medical")
        add("school-town", "示范中学", "high-sensitivity", (town.x + 400.0, town.y), 1500, "education")
        add("market-01", "示范市场", "general class 1", (town.x, town.y + 400.0), 600, "market")
    return rows


def _nearest(ground: Ground, population: list[dict[str, Any]], prefix: str) -> tuple[float, float]:
    own = [(row["x"], row["y"]) for row in population if row["cell_id"].startswith(prefix)]
    return min(own, key=lambda point: (ground.boundary.distance(shapely.Point(*point)), point))
