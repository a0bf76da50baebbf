"""Who may be hit and from where the wind blows: wind rose, people, protection targets as arrays."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parkrisk.models.air.atmosphere import Weather
from parkrisk.scenarios.park import Park
from parkrisk.scenarios.sectors import sectors_of

__all__ = ["DAY", "NIGHT", "People", "Targets", "WindRose", "people", "targets", "wind_rose"]

Array = NDArray[np.float64]

DAY, NIGHT = 0, 1

#: Cells wider than this are divided, so that a town does not stand in one point ... [m]
_FINEST = 100.0
#: ... into at most this many parts a side.
_MOST_PARTS = 20


@dataclass(frozen=True)
class WindRose:
    """Joint probability of period, weather class and wind sector.

    Parameters
    ----------
    weathers : tuple of Weather
        Distinct classes, sorted by stability and speed.
    probability : float64 array, shape (2, n_weathers, n_sectors)
        First axis ``DAY``, ``NIGHT``; sums to 1 over everything. Sector k is centred on the direction the wind blows
        TO at the mathematical angle k · 2π/n_sectors (from east, anticlockwise) and is 2π/n_sectors wide.
    """

    weathers: tuple[Weather, ...]
    probability: Array

    @property
    def n_sectors(self) -> int:
        """Number of wind sectors."""
        return int(self.probability.shape[2])


@dataclass(frozen=True)
class People:
    """Points with people, each array of shape (n,).

    Parameters
    ----------
    x, y : float64 array
        [m]
    day, night : float64 array
        People present.
    indoor_day, indoor_night : float64 array
        Share of them indoors.
    enterprise_id : str array
        Enterprise whose staff they are, "" for the public.
    """

    x: Array
    y: Array
    day: Array
    night: Array
    indoor_day: Array
    indoor_night: Array
    enterprise_id: NDArray[np.str_]


@dataclass(frozen=True)
class Targets:
    """Protection targets as arrays of shape (n,), in the order of the table: target_id, class, x, y [m]."""

    target_id: NDArray[np.str_]
    target_class: NDArray[np.str_]
    x: Array
    y: Array


def _frozen(values: Array) -> Array:
    values.setflags(write=False)
    return values


def wind_rose(park: Park) -> WindRose:
    """Return the wind rose of a park.

    Parameters
    ----------
    park : Park
        Its weather table says where the wind comes FROM; rows without a direction are spread over all sectors, rows
        of the period "all" are divided between day and night by ``day_fraction``.

    Returns
    -------
    WindRose
        Frequencies are normalised: the table may miss 1 by rounding only, which reading has checked.

    Raises
    ------
    ValueError
        If the directions make no equal sectors; reading refuses such a park.
    """
    table = park.tables["weather"]
    info = park.info
    direction = table["wind_from"].to_numpy()
    sectors = sectors_of(direction)
    if sectors is None:
        raise ValueError("the wind directions make no equal sectors")
    classes = sorted(set(zip(table["stability"], table["wind_speed"], strict=True)))
    turn = {found: place for place, found in enumerate(classes)}
    day_share = {"day": 1.0, "night": 0.0, "all": float(info["day_fraction"])}
    n = sectors.number
    compass = np.zeros((2, len(classes), n))
    rows = zip(table["stability"], table["wind_speed"], direction, table["period"], table["frequency"], strict=True)
    for stability, speed, source, period, frequency in rows:
        spread = np.full(n, 1.0 / n) if math.isnan(source) else sectors.shares(source)
        place = turn[stability, speed]
        compass[DAY, place] += frequency * day_share[period] * spread
        compass[NIGHT, place] += frequency * (1.0 - day_share[period]) * spread
    # From compass c (clockwise from north, coming from) to the angle the wind blows to: -90° - c. A right angle is a
    # whole number of sectors, so that sector j of the compass is sector -(n/4) - j of the rose.
    order = np.mod(-(n // 4) - np.arange(n), n)
    probability = np.zeros_like(compass)
    probability[:, :, order] = compass
    probability /= math.fsum(probability.ravel())
    weathers = tuple(
        Weather(
            wind_speed=float(speed),
            stability=str(stability),
            air_temperature=float(info["air_temperature_c"]) + 273.15,
            air_pressure=float(info["air_pressure_kpa"]) * 1e3,
            relative_humidity=float(info["relative_humidity"]),
            terrain=str(info["terrain"]),
        )
        for stability, speed in classes
    )
    return WindRose(weathers, _frozen(probability))


def _cell_points(size: Array) -> tuple[NDArray[np.int64], Array, Array]:
    """Which cell each point belongs to and its offset from the centre, cells divided into squares."""
    owner, dx, dy = [], [], []
    for cell, width in enumerate(size):
        parts = min(max(math.ceil(width / _FINEST), 1), _MOST_PARTS)
        steps = (np.arange(parts) + 0.5) / parts - 0.5
        east, north = np.meshgrid(steps * width, steps * width)
        owner.append(np.full(parts * parts, cell, dtype=np.int64))
        dx.append(east.ravel())
        dy.append(north.ravel())
    if not owner:
        return np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0)
    return np.concatenate(owner), np.concatenate(dx), np.concatenate(dy)


def manned_units(units: pd.DataFrame) -> "pd.Series[bool]":
    """Units at which the staff of their enterprise is: those that exist or are approved; where none is, all.

    What is only proposed draws nobody away from where they work, so that a project never lowers a risk by that.
    """
    settled = units["status"] != "proposed"
    return settled | ~settled.groupby(units["enterprise_id"]).transform("any")


def people(park: Park) -> People:
    """Return the people of a park: its population cells, and the staff of each enterprise spread over its units.

    Parameters
    ----------
    park : Park

    Returns
    -------
    People
        Cells first, in the order of the table; a cell wider than 100 m is divided into squares (at most 20 × 20)
        that share its people evenly. Then the staff, in the order of `manned_units`; staff of an enterprise without
        units has no place and is left out, which reading has named.
    """
    cells = park.tables["population"]
    owner, dx, dy = _cell_points(cells["cell_m"].to_numpy())
    parts = np.bincount(owner, minlength=len(cells))
    share = 1.0 / parts[owner]
    units = park.tables["units"]
    staff = park.tables["enterprises"].set_index("enterprise_id").loc[units["enterprise_id"]]
    manned = manned_units(units)
    crowd = manned.groupby(units["enterprise_id"]).transform("sum").to_numpy(dtype=np.float64)
    staffed = manned.to_numpy() & ((staff["staff_day"] > 0.0) | (staff["staff_night"] > 0.0)).to_numpy()

    def both(of_cells: Array, of_staff: Array) -> Array:
        return _frozen(np.concatenate([of_cells, of_staff[staffed]]))

    def column(name: str) -> Array:
        values: Array = cells[name].to_numpy()
        return values[owner]

    return People(
        x=both(column("x") + dx, units["x"].to_numpy()),
        y=both(column("y") + dy, units["y"].to_numpy()),
        day=both(column("day") * share, staff["staff_day"].to_numpy() / crowd),
        night=both(column("night") * share, staff["staff_night"].to_numpy() / crowd),
        indoor_day=both(column("indoor_fraction_day"), staff["indoor_fraction_day"].to_numpy()),
        indoor_night=both(column("indoor_fraction_night"), staff["indoor_fraction_night"].to_numpy()),
        enterprise_id=np.concatenate([np.full(len(owner), ""), units["enterprise_id"].to_numpy(dtype=str)[staffed]]),
    )


def targets(park: Park) -> Targets:
    """Return the protection targets of a park as arrays."""
    table = park.tables["targets"]
    return Targets(
        table["target_id"].to_numpy(dtype=str),
        table["class"].to_numpy(dtype=str),
        _frozen(table["x"].to_numpy(copy=True)),
        _frozen(table["y"].to_numpy(copy=True)),
    )
