"""Air change rates of closed buildings: by class, and of a house by wind and warmth."""

import functools
import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models.bounds import bounded
from parkrisk.models.constants import Constant, constants, rows
from parkrisk.models.errors import OutOfRange

__all__ = ["air_change_class", "air_change_classes", "air_change_rate"]

Array = NDArray[np.float64]

_GRAVITY = 9.80665


@functools.cache
def air_change_classes() -> dict[str, Constant]:
    """Air change rates [1/h] by class of building, with their sources."""
    return {
        row["name"]: Constant(float(row["value"]), row["unit"], row["source"], row["mark"])
        for row in rows("air_changes")
    }


def air_change_class(name: str) -> float:
    """Air change rate of a class of buildings. [1/s]

    Raises
    ------
    OutOfRange
        There is no such class.

    Examples
    --------
    >>> round(3600.0 * air_change_class("dwelling_average"), 3)
    0.5
    """
    known = air_change_classes()
    if name not in known:
        names = ", ".join(known)
        raise OutOfRange(
            f"未知建筑换气类别 {name!r}，可用：{names}", f"unknown air change class {name!r}; known: {names}"
        )
    return known[name].value / 3600.0


def air_change_rate(
    wind_speed: ArrayLike,
    air_temperature: ArrayLike,
    floor_area: float | None = None,
    storeys: int = 1,
    sheltered: bool = False,
    indoor_temperature: float | None = None,
) -> Array:
    """Air change rate of a closed house by wind and warmth.

    Parameters
    ----------
    wind_speed : float or array
        At the height of the roof. [m/s]
    air_temperature : float or array
        Outdoors. [K]
    floor_area : float, optional
        Of the ground floor; default that of ALOHA, 160 m². It cancels as long as the leaks grow with it. [m²]
    storeys : int
        1 or 2.
    sheltered : bool
        Trees or buildings stand around; else open ground.
    indoor_temperature : float, optional
        Default that of ALOHA, 293 K. [K]

    Returns
    -------
    array
        Rate. [1/s]

    Raises
    ------
    OutOfRange
        Wind outside 0 to 100 m/s, temperature outside 200 to 340 K, area outside 10 to 1e5 m², storeys not 1 or 2.

    Notes
    -----
    √(Qs² + Qw²)/V with Qs = A fs √|Ti - To|, fs = (1 + R/2)/3 √(g H/Ti), Qw = A C' (1 - R)^(1/3) U: leaks A of
    0.00059 m² for each m² of floor, half of them (R) in floor and ceiling, height H of 2.5 m for each storey, C' 0.24
    sheltered and 0.32 open [1]_, after [2]_. Windows and ventilation that are open are not in it.

    References
    ----------
    .. [1] NOAA Technical Memorandum NOS OR&R 43, *ALOHA technical documentation*, 2013, 4.6.
    .. [2] M.H. Sherman, D.T. Grimsrud, Measurement of infiltration using fan pressurization and weather data, Lawrence
       Berkeley Laboratory report LBL-10852, 1980.

    Examples
    --------
    >>> round(3600.0 * float(air_change_rate(3.0, 288.0)), 2)
    0.69
    """
    table = {name: item.value for name, item in constants("infiltration").items()}
    if storeys not in (1, 2):
        raise OutOfRange("层数须为 1 或 2", "a house has 1 or 2 storeys")
    area = float(bounded(table["floor_area"] if floor_area is None else floor_area, "面积 ", "floor area", 1e5, 10.0))
    inside = table["indoor_temperature"] if indoor_temperature is None else indoor_temperature
    inside = float(bounded(inside, "室内温度 (K) ", "indoor temperature [K]", 340.0, 200.0))
    outside = bounded(air_temperature, "气温 (K) ", "air temperature [K]", 340.0, 200.0)
    wind = bounded(wind_speed, "风速 (m/s) ", "wind speed [m/s]", 100.0)
    height = table["storey_height"] * storeys
    leaks = table["leakage_share"] * area
    level = table["ceiling_and_floor_share"]
    shelter = table["wind_sheltered" if sheltered else "wind_open"]
    stack = leaks * (1.0 + 0.5 * level) / 3.0 * math.sqrt(_GRAVITY * height / inside)
    stack_flow = stack * np.sqrt(np.abs(inside - outside))
    wind_flow = leaks * shelter * (1.0 - level) ** (1.0 / 3.0) * wind
    # the volume is that of all storeys, the leaks those of the ground floor's area
    return np.asarray(np.hypot(stack_flow, wind_flow) / (area * height))
