"""The ground a site stands on: where it lies in the coordinates of a real zone, its boundary, water, road and rail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from parkrisk.scenarios.examples.surroundings import weather
from parkrisk.scenarios.synthetic import recipe
from parkrisk.scenarios.synthetic.placing import Site
from parkrisk.scenarios.synthetic.recipe import Floats, Row

__all__ = ["Ground", "make_ground"]

_JITTER = 25.0  # the site is turned off its best direction by as much at most [deg]
_BANK = 25.0  # the bank of the water swings so far, all outside the plots [m]
_APPROACH = 2500.0  # length of the road and the railway outside the boundary [m]
_RAIL_APART = 80.0  # the railway outside the boundary [m]
_SIDES = ("south", "east", "north", "west")


@dataclass(frozen=True)
class Ground:
    """Where a site lies.

    Parameters
    ----------
    station : Row
        Of ``stations.csv``: its wind is that of the park.
    weather : DataFrame
        Table ``weather``.
    turn : float
        From the axes of the site to east and north, anticlockwise. [rad]
    middle : tuple of float
        Of the site in its own axes. [m]
    boundary : Polygon
        In the CRS of the station.
    downwind : tuple of float
        Unit vector in the CRS.
    water : str
        Side of the site with a river or coast, "" if none.
    lines : mapping of str to list of (x, y)
        Road to the park and, maybe, railway, in the CRS.
    """

    station: Row
    weather: pd.DataFrame
    turn: float
    middle: tuple[float, float]
    boundary: shapely.Polygon
    downwind: tuple[float, float]
    water: str
    lines: Mapping[str, Sequence[tuple[float, float]]]

    def place(self, x: Any, y: Any) -> tuple[Floats, Floats]:
        """Points of the site in the CRS, to the decimetre. [m]"""
        return _placed(self.station, self.turn, self.middle, x, y)

    def water_vector(self) -> tuple[float, float]:
        """Unit vector to the water, zero without."""
        return (0.0, 0.0) if not self.water else _turned(_normal(self.water), self.turn)


def make_ground(site: Site, rng: np.random.Generator) -> Ground:
    """Draw station, direction, water and railway of a site."""
    stations = recipe.rows("stations")
    station = stations[int(rng.integers(len(stations)))]
    table = weather(station["wind_table"])
    downwind = _downwind(table)
    jitter = np.deg2rad(rng.uniform(-_JITTER, _JITTER))
    quarter = 0.0
    if site.downwind != (0.0, 0.0):
        lean = np.arctan2(downwind[1], downwind[0]) - np.arctan2(site.downwind[1], site.downwind[0]) - jitter
        quarter = np.round(lean / (np.pi / 2.0)) * (np.pi / 2.0)
    turn = float(quarter + jitter)
    middle = (site.width / 2.0, site.depth / 2.0)
    water = _SIDES[int(rng.integers(4))] if rng.random() < recipe.number("water_share") else ""
    corners = _outline(site, water, rng)
    boundary = shapely.Polygon(np.column_stack(_placed(station, turn, middle, *corners.T)))
    dry = [side for side in _SIDES if side != water]
    ends = {"road": dry[int(rng.integers(len(dry)))]}
    if rng.random() < recipe.number("rail_share"):
        ends["rail"] = dry[int(rng.integers(len(dry)))]
    lines = {}
    for name, side in ends.items():
        course = _approach(site, side) if name == "road" else _along(site, side)
        x, y = _placed(station, turn, middle, *np.array(course).T)
        lines[name] = list(zip(x.tolist(), y.tolist(), strict=True))
    return Ground(station, table, turn, middle, boundary, downwind, water, lines)


def _placed(station: Row, turn: float, middle: tuple[float, float], x: Any, y: Any) -> tuple[Floats, Floats]:
    east, north = np.asarray(x, dtype=np.float64) - middle[0], np.asarray(y, dtype=np.float64) - middle[1]
    cos, sin = np.cos(turn), np.sin(turn)
    moved = float(station["x"]) + cos * east - sin * north, float(station["y"]) + sin * east + cos * north
    return np.round(moved[0], 1), np.round(moved[1], 1)


def _turned(vector: tuple[float, float], turn: float) -> tuple[float, float]:
    cos, sin = float(np.cos(turn)), float(np.sin(turn))
    return cos * vector[0] - sin * vector[1], sin * vector[0] + cos * vector[1]


def _downwind(table: pd.DataFrame) -> tuple[float, float]:
    """Direction the wind blows to on the whole: mean of all winds by frequency."""
    known = table[table["wind_from"] != ""]
    angle = np.deg2rad(known["wind_from"].astype(float).to_numpy())
    share = known["frequency"].astype(float).to_numpy()
    east, north = -float((share * np.sin(angle)).sum()), -float((share * np.cos(angle)).sum())
    length = float(np.hypot(east, north))
    return east / length, north / length


def _normal(side: str) -> tuple[float, float]:
    return {"south": (0.0, -1.0), "east": (1.0, 0.0), "north": (0.0, 1.0), "west": (-1.0, 0.0)}[side]


def _outline(site: Site, water: str, rng: np.random.Generator) -> Floats:
    """Corners of the boundary, anticlockwise; the side at the water swings outward."""
    ends = [(0.0, 0.0), (site.width, 0.0), (site.width, site.depth), (0.0, site.depth)]
    points: list[tuple[float, float]] = []
    for place, side in enumerate(_SIDES):
        start, end = np.array(ends[place]), np.array(ends[(place + 1) % 4])
        points.append((float(start[0]), float(start[1])))
        if side != water:
            continue
        normal = np.array(_normal(side))
        wave = float(rng.uniform(1.0, 3.0))
        for along in np.linspace(0.0, 1.0, 22)[1:-1].tolist():
            swing = _BANK * (1.0 + float(np.sin(wave * 2.0 * np.pi * along))) * along * (1.0 - along) * 4.0
            point = start + along * (end - start) + swing * normal
            points.append((float(point[0]), float(point[1])))
    return np.array(points)


def _approach(site: Site, side: str) -> list[tuple[float, float]]:
    """Road from the middle of a side outward, with a bend."""
    east, north = _normal(side)
    x, y = (site.width * (1.0 + east) / 2.0, site.depth * (1.0 + north) / 2.0)
    bend = (x + 0.4 * _APPROACH * east, y + 0.4 * _APPROACH * north)
    end = (bend[0] + 0.5 * _APPROACH * (east - 0.5 * north), bend[1] + 0.5 * _APPROACH * (north + 0.5 * east))
    return [(x, y), bend, end]


def _along(site: Site, side: str) -> list[tuple[float, float]]:
    """Railway along a side, outside the boundary, longer than the side."""
    east, north = _normal(side)
    x, y = site.width * (1.0 + east) / 2.0 + _RAIL_APART * east, site.depth * (1.0 + north) / 2.0 + _RAIL_APART * north
    half = _APPROACH / 2.0 + (site.depth if east else site.width) / 2.0
    return [(x + half * north, y - half * east), (x - half * north, y + half * east)]
