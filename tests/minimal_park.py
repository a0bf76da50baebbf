"""The shipped minimal park, read and assessed once, and as a JSON object to be changed in one place."""

import copy
import functools
from collections.abc import Callable
from typing import Any

from parkrisk.api.examples import example_park
from parkrisk.models.footprint import PolarGrid
from parkrisk.risk.assess import assess
from parkrisk.risk.result import Assessment
from parkrisk.risk.settings import Settings
from parkrisk.scenarios import park_from_json, read
from parkrisk.scenarios.events.expand import Events, expand
from parkrisk.scenarios.park import Park
from parkrisk.scenarios.reading.sources import document as folder_document
from parkrisk.scenarios.receptors import wind_rose

FOLDER = example_park("minimal")
PROJECTS = FOLDER / "projects"

#: Coarse, for tests of what does not hang on the resolution.
COARSE = Settings(
    grid=PolarGrid(n_rings=48, n_bins=72, r_min=5.0), cell_m=200.0, margin_m=400.0, domino_histories=100, threads=1
)

Document = dict[str, Any]


@functools.cache
def _document() -> Document:
    return folder_document(FOLDER, "park")


def document() -> Document:
    """Give the park as the JSON object of the HTTP interface; a fresh one each time."""
    return copy.deepcopy(_document())


def changed(edit: Callable[[Document], object]) -> Park:
    """Read the park after a change to its JSON object."""
    altered = document()
    edit(altered)
    return park_from_json(altered)


def row(table: list[Document], **key: str) -> Document:
    """Give the one row of a table with these values."""
    (found,) = (each for each in table if all(each.get(name) == value for name, value in key.items()))
    return found


@functools.cache
def park() -> Park:
    """Read the folder."""
    return read(FOLDER)


@functools.cache
def assessment() -> Assessment:
    """Assess with the settings of everyday use."""
    return assess(park())


@functools.cache
def coarse(seed: int = 0) -> Assessment:
    """Assess with the coarse settings."""
    return assess(park(), settings=COARSE, seed=seed)


@functools.cache
def events() -> Events:
    """Give the primary events."""
    return expand(park(), wind_rose(park()))
