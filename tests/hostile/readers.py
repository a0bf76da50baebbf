"""The readers of the corpus: each gives what it has read, or raises for a path."""

import datetime as dt
import functools
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from parkrisk.api.service import uploads
from parkrisk.api.service.routes.received import document_of
from parkrisk.risk.rules.sets import load
from parkrisk.scenarios import park_from_json, read, read_project
from parkrisk.scenarios.changing.readings import read_readings
from parkrisk.scenarios.changing.scenario_files import read_scenario
from parkrisk.scenarios.facility.measures import read_measures
from parkrisk.scenarios.natural.natech_file import read_hazards
from parkrisk.scenarios.park import Park
from parkrisk.scenarios.reading.people.people import Asked, population
from parkrisk.scenarios.reading.weather.hours import Station
from parkrisk.scenarios.reading.weather.joint import joint_weather, read_hours
from tests.minimal_park import FOLDER

_DAY = dt.date(2026, 11, 1)
_STATION = Station("a", 40.6, 117.0, 8.0, 10.0)


@functools.cache
def _park() -> Park:
    return read(FOLDER)


def _upload(path: Path) -> Park:
    upload = uploads.accepted(path.name, path.read_bytes(), "park")
    with tempfile.TemporaryDirectory(dir=path.parent) as target:
        return read(uploads.unpacked(upload, "park", Path(target)))


def _json(path: Path) -> Park:
    return park_from_json(document_of(path.read_bytes()))


def _people(path: Path) -> Any:
    raster = path.suffix == ".tif"
    asked = Asked(unit="persons" if raster else "", persons="" if raster else "n", day_share=1.0, night_share=1.0)
    return population(path, FOLDER, asked)


READERS: Mapping[str, Callable[[Path], Any]] = {
    "park": read,
    "project": read_project,
    "json": _json,
    "upload": _upload,
    "scenario": lambda path: read_scenario(path).apply(_park()),
    "natech": read_hazards,
    "measures": lambda path: read_measures(path, _park()),
    "readings": lambda path: read_readings(path, _park(), dt.datetime(2026, 11, 26, 8)),
    "rulebook": lambda path: load(str(path), _DAY),
    "weather": lambda path: joint_weather(read_hours(path, _STATION), method="turner"),
    "population": _people,
}
