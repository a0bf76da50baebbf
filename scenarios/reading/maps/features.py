"""What every map format gives: features of layers, fields as text, and what the file says of its coordinates."""

import datetime as dt
import fnmatch
import json
import math
import numbers
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from parkrisk.models.errors import Problem
from parkrisk.scenarios import schema
from parkrisk.scenarios.messages import listed, problem
from parkrisk.scenarios.reading.maps.layers import Layer

__all__ = ["MOST_FEATURES", "Content", "Feature", "MapFault", "MapFile", "cell", "chosen", "fault", "marks", "matches"]

#: A layer of a park with more features than this is something else, and would fill the memory.
MOST_FEATURES = 200_000

#: Words by which map services leave their mark in files; their coordinates in China are shifted.
_SHIFTED = re.compile(r"gcj[-_ ]?0?2|bd[-_ ]?09|amap|autonavi|baidu|火星坐标|高德|百度|腾讯地图", re.IGNORECASE)


class MapFault(Exception):
    """Why a file or a layer cannot be used; the code and words of the problem. Never leaves this package."""

    def __init__(self, code: str, found: object = "", column: str = "", **words: object) -> None:
        super().__init__(code)
        self.code, self.found, self.column, self.words = code, found, column, words


@dataclass(frozen=True)
class Feature:
    """One feature of a layer.

    Parameters
    ----------
    number : int
        Its place in the layer, from 1.
    layer : str
    shape : shapely geometry or None
        In two dimensions.
    fields : mapping of str to str
        "" for a field without value.
    """

    number: int
    layer: str
    shape: Any
    fields: Mapping[str, str]


@dataclass(frozen=True)
class Content:
    """Features of the chosen layers of one file.

    Parameters
    ----------
    features : tuple of Feature
    fields : tuple of str
        Names of the fields there are.
    crs : str
        What the file says of its coordinates: an EPSG code or WKT; "" if it says nothing.
    otherwise : str
        EPSG code that the format prescribes for a file that says nothing; "" if none.
    mark : str
        Mark of a map service whose coordinates are shifted, "" if there is none.
    warnings : tuple of Problem
    """

    features: tuple[Feature, ...]
    fields: tuple[str, ...]
    crs: str
    otherwise: str = ""
    mark: str = ""
    warnings: tuple[Problem, ...] = ()


class MapFile(Protocol):
    """An opened file: names of its layers, and what is in some of them."""

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers that hold something."""

    @property
    def hidden(self) -> tuple[str, ...]:
        """Names of layers that are switched off."""

    def read(self, layers: Sequence[str], entry: Layer) -> Content:
        """Read some layers; raises ``MapFault``."""


def fault(code: str, entry: Layer, where: str, column: str = "", found: object = "", **words: object) -> Problem:
    """Give a problem of a feature or layer, ``where`` its address such as plan.dxf/储罐#12."""
    found_problem = problem(code, "park" if entry.number == 0 else entry.table, None, column, found, **words)
    return Problem(**{**vars(found_problem), "place": where})


def matches(name: str, pattern: str) -> bool:
    """Whether a layer is meant by a name or pattern; case does not count."""
    return name.casefold() == pattern.casefold() or fnmatch.fnmatchcase(name.casefold(), pattern.casefold())


def chosen(file: MapFile, pattern: str) -> tuple[str, ...]:
    """Return the layers of a file that a pattern means; without a pattern the only one.

    Raises
    ------
    MapFault
        If there is none, or no pattern and more than one.
    """
    names = file.layers
    if pattern:
        found = tuple(name for name in names if matches(name, pattern))
        if not found and any(matches(name, pattern) for name in file.hidden):
            raise MapFault("map_layer_off", pattern, "layer")
        if not found:
            near = schema.nearest(pattern, names)
            raise MapFault("map_layer_unknown", pattern, "layer", near=near, allowed=listed(names) or "-")
        return found
    if not names:
        raise MapFault("map_layer_empty")
    if len(names) > 1:
        raise MapFault("map_which_layer", "", "layer", allowed=listed(names))
    return (names[0],)


def cell(value: object) -> str:
    """Text of the value of a field as a CSV cell would hold it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, numbers.Integral):
        return str(int(value))
    if isinstance(value, numbers.Real):
        number = float(value)
        if math.isnan(number):
            return ""
        # dBASE and JSON know no integers: an id of 101 comes as 101.0.
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)  # as GDAL gives it; no number, date or choice, so refused for one
    return str(value).strip()


def marks(words: Iterable[str]) -> str:
    """Return the first mark of a map service with shifted coordinates among some words, "" if there is none."""
    for word in words:
        found = _SHIFTED.search(word)
        if found:
            return found.group()
    return ""
