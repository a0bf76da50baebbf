"""The table ``population`` from a raster or a layer of polygons or points."""

import csv
import dataclasses
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from parkrisk.models.errors import OutOfRange
from parkrisk.scenarios import schema
from parkrisk.scenarios.reading.people.raster import DRIVERS, from_raster, opened
from parkrisk.scenarios.reading.people.shapes import read_shapes, spread
from parkrisk.scenarios.reading.people.window import Window, window_of

__all__ = ["Asked", "People", "population"]

Array = NDArray[np.float64]

_DIGITS = 9  # of coordinates in degrees
_PEOPLE_DIGITS = 12


@dataclass(frozen=True)
class Asked:
    """What the file holds and what to make of it.

    Parameters
    ----------
    unit : str
        Of a raster: "persons" per pixel or "persons_per_km2"; "": as the file says.
    persons, day, night : str
        Fields of a layer: people at one time, or people by day and people by night.
    layer, crs : str
        Layer of a map file, EPSG code; "": the only one, the file's own.
    day_share, night_share : float
        People by day and by night for each person of ``persons`` or of the raster; NaN: not said.
    """

    unit: str = ""
    persons: str = ""
    day: str = ""
    night: str = ""
    layer: str = ""
    crs: str = ""
    day_share: float = math.nan
    night_share: float = math.nan


@dataclass(frozen=True)
class People:
    """Rows of the table ``population``, and the totals of persons before and after.

    Parameters
    ----------
    table : DataFrame
        x, y, cell_m, day, night, assumed, note.
    found : dict of str to float
        People of the file in the window by "persons", or by "day" and "night".
    placed : dict of str to float
        The same, added up over the cells.
    covered : float
        Share of the surroundings that a raster covers; who lives in the rest is not known.
    """

    table: pd.DataFrame
    found: dict[str, float]
    placed: dict[str, float]
    covered: float = 1.0

    def save(self, path: str | Path) -> None:
        """Write the table as a CSV file for a park folder."""
        with Path(path).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(self.table.columns)
            for row in self.table.itertuples(index=False):
                writer.writerow([repr(cell) if isinstance(cell, float) else cell for cell in row])


def population(
    path: str | Path, park: str | Path, asked: Asked, *, within_km: float = 5.0, cell_m: float = 100.0
) -> People:
    """Make the table ``population`` of the surroundings of a park.

    Parameters
    ----------
    path : path
        GeoTIFF, or a map file with polygons or points.
    park : path
    asked : Asked
    within_km : float
        How far around the units and the boundary. [km]
    cell_m : float
        Side of the cells; points stay points. [m]

    Raises
    ------
    InputProblems
        CRS or places of the park are faulty.
    OutOfRange
        The file cannot be read, or something that must be said is not: unit, CRS, field, day and night.
    """
    file = Path(path)
    window = window_of(park, within_km * 1e3, cell_m)
    raster = file.suffix.casefold() in DRIVERS
    shared = raster or bool(asked.persons)
    _said(asked, shared)
    if raster:
        people, total, covered = from_raster(file, window, _unit(file, asked.unit), asked.crs)
        found = _cells(window, {"persons": people}, {"persons": total}, asked, file.name)
        return dataclasses.replace(found, covered=covered)
    fields = (asked.persons,) if asked.persons else (asked.day, asked.night)
    if not all(fields):
        raise OutOfRange(
            "请用 --persons 给出人数字段，或用 --day-field 和 --night-field 给出白天、夜间人数字段",
            "give the field of people by --persons, or those of day and night by --day-field and --night-field",
        )
    layer = read_shapes(file, window, fields, asked.layer, asked.crs)
    names = ("persons",) if asked.persons else ("day", "night")
    numbers = dict(zip(names, (layer.numbers[field] for field in fields), strict=True))
    if layer.are_points:
        return _points(window, layer.shapes, numbers, asked, file.name)
    both = {name: spread(layer, number, window) for name, number in numbers.items()}
    people_of, totals = ({name: pair[which] for name, pair in both.items()} for which in (0, 1))
    return _cells(window, people_of, totals, asked, file.name)  # type: ignore[arg-type]


def _said(asked: Asked, shared: bool) -> None:
    """Raise if the shares of day and night are needed and not said."""
    if not shared:
        return
    for share, option in ((asked.day_share, "--day-share"), (asked.night_share, "--night-share")):
        if math.isnan(share):
            raise OutOfRange(
                f"数据不分昼夜，请用 {option} 给出每人在该时段的份额（如居民夜间 1.0），它将列为假定",
                f"the data do not part day and night; give people per person counted by {option}"
                " (residents by night: 1.0), which is listed as assumed",
            )
        if not 0.0 <= share <= 100.0:
            raise OutOfRange(f"{option} 应在 0 与 100 之间", f"{option} should be between 0 and 100")


def _unit(file: Path, said: str) -> str:
    """Unit of a raster: as the user says, or as its band does."""
    known = {
        word.casefold(): choice.value
        for choice in schema.choices("population_unit")
        for word in (choice.value, choice.label_zh, choice.label_en, *choice.aliases)
    }
    if said:
        own = said
    else:
        with opened(file) as source:
            own = str(source.units[0] or "")
    unit = known.get(own.strip().casefold(), "")
    if not unit:
        listed = ", ".join(choice.value for choice in schema.choices("population_unit"))
        raise OutOfRange(
            f"{file.name} 没有说明像元值的单位（“{own}”），请用 --unit 给出：{listed}",
            f"{file.name} does not say what its values are ('{own}'); give --unit: {listed}",
        )
    return unit


def _day_and_night(numbers: dict[str, Array], asked: Asked) -> tuple[Array, Array, str]:
    if "persons" in numbers:
        return numbers["persons"] * asked.day_share, numbers["persons"] * asked.night_share, "day;night"
    return numbers["day"], numbers["night"], ""


def _table(
    window: Window, x: Array, y: Array, cell: float, numbers: dict[str, Array], asked: Asked, name: str
) -> pd.DataFrame:
    day, night, assumed = _day_and_night(numbers, asked)
    given_x, given_y = window.as_given(x, y)
    shares = f"; day {asked.day_share:g}, night {asked.night_share:g} per person" if assumed else ""
    digits = _DIGITS if window.place.in_degrees else 3
    return pd.DataFrame(
        {
            "x": np.round(given_x, digits),
            "y": np.round(given_y, digits),
            "cell_m": float(cell),
            "day": np.round(day, _PEOPLE_DIGITS),
            "night": np.round(night, _PEOPLE_DIGITS),
            "assumed": assumed,
            "note": f"{name}{shares}",
        }
    )


def _nobody(name: str) -> OutOfRange:
    return OutOfRange(
        f"{name} 在园区周边没有人口，请核对坐标系和范围", f"{name} has nobody around the park: check CRS and distance"
    )


def _cells(window: Window, people: dict[str, Array], found: dict[str, float], asked: Asked, name: str) -> People:
    together = np.sum(list(people.values()), axis=0)
    if not together.any():
        raise OutOfRange(
            f"{name} 在园区周边没有人口，请核对坐标系和范围",
            f"{name} has nobody around the park: check CRS and distance",
        )
    x, y, _ = window.centres(together)
    where = np.nonzero(together)
    numbers = {key: values[where] for key, values in people.items()}
    placed = {key: math.fsum(values.tolist()) for key, values in numbers.items()}
    return People(_table(window, x, y, window.cell_m, numbers, asked, name), found, placed)


def _points(window: Window, shapes: NDArray[np.object_], numbers: dict[str, Array], asked: Asked, name: str) -> People:
    """Points stay where they are; several points of one shape share its people."""
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    each = {key: (values / shapely.get_num_coordinates(shapes))[owner] for key, values in numbers.items()}
    west, south, east, north = window.box
    x, y = coordinates.T
    inside = (x >= west) & (x < east) & (y >= south) & (y < north)
    held = {key: values[inside] for key, values in each.items()}
    if not any(values.any() for values in held.values()):
        raise OutOfRange(
            f"{name} 在园区周边没有人口，请核对坐标系和范围",
            f"{name} has nobody around the park: check CRS and distance",
        )
    totals = {key: math.fsum(values.tolist()) for key, values in held.items()}
    return People(_table(window, x[inside], y[inside], 0.0, held, asked, name), totals, dict(totals))
