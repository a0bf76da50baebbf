"""Weather files of EnergyPlus (EPW): location in the first line, one line per hour below the eight of the header."""

import csv
import datetime as dt
import io
import math
from pathlib import Path

import pandas as pd

from parkrisk.models.errors import InputProblems, Problem
from parkrisk.scenarios.messages import problem
from parkrisk.scenarios.reading.csv_files import content
from parkrisk.scenarios.reading.weather.hours import COLUMNS, TABLE, Hours, Station, checked, extent, faults

__all__ = ["is_epw", "read_epw"]

_HEADER = 8
_FIELDS = 26
#: Column → (place in the line, least and largest value, values from here on are missing).
#: Data dictionary of the EPW format, EnergyPlus Auxiliary Programs.
_PLACES = {
    "wind_from": (20, 0.0, 360.0, 999.0),
    "wind_speed": (21, 0.0, 75.0, 999.0),
    "cloud": (22, 0.0, 10.0, 99.0),
    "ceiling_m": (25, 0.0, 30000.0, 99999.0),
    "solar": (13, 0.0, 1500.0, 9999.0),
}
#: Ceilings that are none: unlimited, and thin high cloud.
_NO_CEILING = (77777.0, 88888.0)
_HIGHEST = 30000.0


def is_epw(path: str | Path) -> bool:
    """Whether the file begins as an EPW file does."""
    if not Path(path).is_file():
        return False
    with Path(path).open("rb") as file:
        return file.read(12).lstrip(b"\xef\xbb\xbf").upper().startswith(b"LOCATION,")


def _number(text: str) -> float:
    try:
        return float(text) if text.strip() else math.nan
    except ValueError:
        return math.nan


def _station(line: list[str], said: Station) -> Station:
    """Location of the header; what the user said stands in for what it lacks."""
    city, country = line[1].strip(), line[3].strip() if len(line) > 3 else ""
    found = [_number(word) for word in (*line[6:9], "", "", "")][:3]
    given = (said.latitude, said.longitude, said.utc_offset)
    latitude, longitude, offset = (
        own if math.isfinite(own) else other for own, other in zip(found, given, strict=True)
    )
    return Station(said.name or ", ".join(filter(None, (city, country))), latitude, longitude, offset, said.height_m)


def _value(text: str, name: str, row: int, problems: list[Problem]) -> float:
    _, low, high, missing = _PLACES[name]
    try:
        value = float(text)
    except ValueError:
        problems.append(problem("not_a_number", TABLE, row, name, text))
        return math.nan
    if name == "ceiling_m" and value in _NO_CEILING:
        return _HIGHEST
    if value >= missing:
        return math.nan
    if not low <= value <= high:
        words = {"range_zh": f"在 {low:g} – {high:g} 之间", "range_en": f"between {low:g} and {high:g}"}
        problems.append(problem("out_of_range", TABLE, row, name, text, **words))
        return math.nan
    return value


def _time(line: list[str], row: int, problems: list[Problem]) -> str:
    """End of the hour: hours count from 1 to 24."""
    try:
        year, month, day, hour = (int(float(word)) for word in line[:4])
        if not 1 <= hour <= 24:
            raise ValueError(hour)
        return (dt.datetime(year, month, day) + dt.timedelta(hours=hour)).isoformat()
    except (ValueError, OverflowError):
        problems.append(problem("not_a_time", TABLE, row, "time", ",".join(line[:4])))
        return ""


def read_epw(path: str | Path, said: Station) -> Hours:
    """Read an EPW file.

    Parameters
    ----------
    path : path
    said : Station
        What the user says of the station; the location of the file goes before it, its height counts.

    Returns
    -------
    Hours
        Opaque cover is not low cloud, so low cloud is not known. Months of a typical year come from different years.

    Raises
    ------
    InputProblems
        With every line that does not fit.
    """
    text, problems = content(Path(path), TABLE)
    if text is None:
        raise InputProblems(problems)
    try:
        lines = list(csv.reader(io.StringIO(text)))
    except csv.Error as error:
        raise InputProblems([problem("unreadable", TABLE, reason=str(error))]) from None
    rows: list[dict[str, object]] = []
    for row, line in enumerate(lines[_HEADER:], start=1):
        if not any(line):
            continue
        if len(line) < _FIELDS:
            problems.append(problem("ragged_row", TABLE, row, found=len(line), expected=35))
            continue
        values = {name: _value(line[place], name, row, problems) for name, (place, *_) in _PLACES.items()}
        rows.append({"row": row, "time": _time(line, row, problems), **values})
    if not rows:
        problems.append(problem("empty_table", TABLE))
    table = pd.DataFrame(rows, columns=["row", "time", *_PLACES]).set_index("row")
    table = table.assign(low_cloud=math.nan, gradient=math.nan)
    problems += faults(table)
    if any(fault.severity == "error" for fault in problems):
        raise InputProblems(problems)
    frame = table[["time", *COLUMNS]].assign(time=pd.to_datetime(table["time"])).sort_values("time")
    return Hours(checked(_station(lines[0], said)), frame, *extent(frame["time"]), tuple(problems))
