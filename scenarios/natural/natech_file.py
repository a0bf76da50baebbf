"""The file ``natech.toml``: what earthquakes and lightning a park must reckon with. It names every mistake at once."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parkrisk.models.air.lightning import LOCATIONS, PROTECTIONS
from parkrisk.models.errors import InputProblems, OutOfRange, Problem
from parkrisk.models.vulnerability.seismic import DAMAGE_STATES, SeismicFragility
from parkrisk.scenarios import schema
from parkrisk.scenarios.messages import problem
from parkrisk.scenarios.natural.hazard_curve import STRONGEST, HazardCurve
from parkrisk.scenarios.reading.toml_text import toml_document

__all__ = ["FILE_NAME", "Earthquake", "Lightning", "NaturalHazards", "hazards_of", "read_hazards"]

FILE_NAME = "natech.toml"

#: How much of g one unit is.
UNITS = {"g": 1.0, "m/s2": 1.0 / 9.80665, "gal": 0.01 / 9.80665}
_WEAKEST_TOP = 0.005  # a curve whose strongest point is weaker was given in another unit [g]


@dataclass(frozen=True)
class Earthquake:
    """Earthquakes at the site.

    Parameters
    ----------
    curve : HazardCurve or None
        None: only earthquakes that are given can be played.
    damage_state : str
        Damage that counts as loss of the whole content, see `parkrisk.models.vulnerability.seismic`.
    fire_water_fails : array or None, shape (n_points,)
        Chance that the supplies of fire water are lost, at each point of the curve; None: not given.
    response_factor : float or None
        How many times as long the response takes as in a single fire; None: not given.
    fragility : mapping of str to SeismicFragility
        Of kinds of units, instead of that of their class.
    """

    curve: HazardCurve | None = None
    damage_state: str = "major"
    fire_water_fails: NDArray[np.float64] | None = None
    response_factor: float | None = None
    fragility: Mapping[str, SeismicFragility] = field(default_factory=dict)

    def water_fails(self, pga: NDArray[np.float64]) -> NDArray[np.float64]:
        """Chance that fire water is lost at these PGA, linear in their ln between points; 0 where it is not given."""
        if self.fire_water_fails is None or self.curve is None:
            return np.zeros(pga.size)
        return np.asarray(np.interp(np.log(pga), np.log(self.curve.pga), self.fire_water_fails))


@dataclass(frozen=True)
class Lightning:
    """Thunderstorms at the site.

    Parameters
    ----------
    thunder_days : float
        [1/yr]
    flash_density : float or None
        Measured; None: from the thunder days. [1/(km² yr)]
    location, protection : str
        See `parkrisk.models.air.lightning`; protection None: not given, none is assumed.
    """

    thunder_days: float
    flash_density: float | None = None
    location: str = "among_equal"
    protection: str | None = None


@dataclass(frozen=True)
class NaturalHazards:
    """Natural hazards of a park; None: not assessed."""

    earthquake: Earthquake | None = None
    lightning: Lightning | None = None
    source: str = ""


class _Reader:
    """Values of one table of the file, and what is wrong with them."""

    def __init__(self, content: Any, place: str, file: str, problems: list[Problem], allowed: tuple[str, ...]) -> None:
        self.place, self.file, self.problems = place, file, problems
        self.content: Mapping[str, Any] = {}
        if not isinstance(content, Mapping):
            self.wrong("", content, f"表，如 [{place}]", f"a table, such as [{place}]")
            return
        self.content = content
        for key in content:
            if key not in allowed:
                near = schema.nearest(key, allowed)
                problems.append(problem("natech_key", file, None, key, key, near=near, allowed=", ".join(allowed)))

    def wrong(self, key: str, found: object, chinese: str, english: str) -> None:
        """Note that an entry should be something else."""
        column = ".".join(filter(None, (self.place, key)))
        self.problems.append(
            problem("scenario_value", self.file, None, column, found, expected_zh=chinese, expected_en=english)
        )

    def number(self, key: str, low: float, high: float, *, required: bool = False) -> float | None:
        """Read a number within bounds; None if it is not there, or wrong."""
        value: Any = self.content.get(key)
        if value is None and not required:
            return None
        if not (_is_number(value) and low <= value <= high):
            text = f"{low:g} … {high:g}"
            self.wrong(key, value, f"{text} 之间的数", f"a number in {text}")
            return None
        return float(value)

    def word(self, key: str, known: tuple[str, ...], default: str | None) -> str | None:
        """Read one of several words."""
        value = self.content.get(key, default)
        if value is None or (isinstance(value, str) and value in known):
            return value
        text = ", ".join(known)
        self.wrong(key, value, f"{text} 之一", f"one of {text}")
        return default

    def numbers(self, key: str) -> NDArray[np.float64] | None:
        """Read an array of finite numbers above 0."""
        value = self.content.get(key)
        if not (isinstance(value, list) and value and all(_is_number(each) and each > 0.0 for each in value)):
            self.wrong(key, value, "正数的数组", "an array of numbers above 0")
            return None
        return np.array(value, dtype=np.float64)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _pga(reader: _Reader) -> NDArray[np.float64] | None:
    """Peak ground accelerations in g; a unit that cannot be meant is a mistake."""
    unit = reader.word("pga_unit", tuple(UNITS), None)
    if unit is None:
        if "pga_unit" not in reader.content:
            reader.wrong("pga_unit", "", "g、m/s2 或 gal（必填）", "g, m/s2 or gal; it must be said")
        return None
    values = reader.numbers("pga")
    if values is None:
        return None
    in_g = values * UNITS[unit]
    if not _WEAKEST_TOP <= in_g.max() <= STRONGEST:
        words = [name for name, size in UNITS.items() if _WEAKEST_TOP <= values.max() * size <= STRONGEST]
        hint = " / ".join(words)
        reader.wrong(
            "pga",
            float(values.max()),
            f"不超过 {STRONGEST:g} g 的峰值加速度；按 {unit} 计不合理，单位是否为 {hint or '其他'}？",
            f"peak ground accelerations up to {STRONGEST:g} g; not credible in {unit}, is it {hint or 'another unit'}?",
        )
        return None
    return in_g


def _curve(reader: _Reader) -> HazardCurve | None:
    pga = _pga(reader)
    key = "frequency" if "frequency" in reader.content else "return_period"
    column = reader.numbers(key)
    if "frequency" in reader.content and "return_period" in reader.content:
        reader.wrong("return_period", "", "frequency 与 return_period 只给其一", "left out where frequency is given")
    if pga is None or column is None:
        return None
    try:
        return HazardCurve(pga, column if key == "frequency" else 1.0 / column)
    except OutOfRange as error:
        reader.wrong(key, str(reader.content[key]), error.message_zh, error.message_en)
        return None


def _water(reader: _Reader, points: int) -> NDArray[np.float64] | None:
    value = reader.content.get("fire_water_fails")
    if value is None:
        return None
    listed = value if isinstance(value, list) else [value] * points
    if len(listed) != points or not all(_is_number(each) and 0.0 <= each <= 1.0 for each in listed):
        reader.wrong(
            "fire_water_fails",
            value,
            f"0 至 1 之间的数，或 {points} 个这样的数",
            f"a number from 0 to 1, or {points} of them",
        )
        return None
    return np.array(listed, dtype=np.float64)


def _fragility(reader: _Reader) -> dict[str, SeismicFragility]:
    kinds = tuple(each.value for each in schema.choices("unit_kind"))
    table = _Reader(reader.content.get("fragility", {}), "earthquake.fragility", reader.file, reader.problems, kinds)
    found = {}
    for kind, row in table.content.items():
        place = f"earthquake.fragility.{kind}"
        own = _Reader(row, place, reader.file, reader.problems, ("median_g", "deviation", "source"))
        median = own.number("median_g", 0.01, 10.0, required=True)
        deviation = own.number("deviation", 0.01, 5.0, required=True)
        if median is not None and deviation is not None:
            found[kind] = SeismicFragility(median, deviation)
    return found


def _earthquake(content: Any, file: str, problems: list[Problem]) -> Earthquake | None:
    allowed = ("pga_unit", "pga", "frequency", "return_period", "damage_state", "fire_water_fails", "response_factor")
    reader = _Reader(content, "earthquake", file, problems, (*allowed, "fragility", "source"))
    curve = _curve(reader)
    state = reader.word("damage_state", DAMAGE_STATES, "major") or "major"
    water = _water(reader, 1 if curve is None else curve.pga.size)
    factor = reader.number("response_factor", 1.0, 100.0)
    fragility = _fragility(reader)
    return None if curve is None else Earthquake(curve, state, water, factor, fragility)


def _lightning(content: Any, file: str, problems: list[Problem]) -> Lightning | None:
    allowed = ("thunder_days", "flash_density", "location", "protection", "source")
    reader = _Reader(content, "lightning", file, problems, allowed)
    days = reader.number("thunder_days", 0.1, 300.0, required=True)
    density = reader.number("flash_density", 0.0, 200.0)
    location = reader.word("location", LOCATIONS, "among_equal") or "among_equal"
    protection = reader.word("protection", PROTECTIONS, None)
    return None if days is None else Lightning(days, density, location, protection)


def hazards_of(document: Mapping[str, Any], file: str = FILE_NAME) -> NaturalHazards:
    """Natural hazards of a parsed document.

    Raises
    ------
    InputProblems
        With every mistake.
    """
    problems: list[Problem] = []
    head = _Reader(document, "", file, problems, ("source", "earthquake", "lightning"))
    if not isinstance(document.get("source", ""), str):
        head.wrong("source", document["source"], "文字", "a text")
    earthquake = _earthquake(document["earthquake"], file, problems) if "earthquake" in document else None
    lightning = _lightning(document["lightning"], file, problems) if "lightning" in document else None
    if "earthquake" not in document and "lightning" not in document:
        problems.append(problem("natech_empty", file))
    if problems:
        raise InputProblems(problems)
    return NaturalHazards(earthquake, lightning, str(document.get("source", "")))


def read_hazards(path: str | Path) -> NaturalHazards:
    """Read a file of natural hazards.

    Parameters
    ----------
    path : path
        TOML. ``[earthquake]``: ``pga_unit`` (g, m/s2, gal), ``pga`` (rising), ``frequency`` of exceedance [1/yr] or
        ``return_period`` [yr], ``damage_state``, ``fire_water_fails``, ``response_factor``, and
        ``[earthquake.fragility.KIND]`` with ``median_g`` and ``deviation``. ``[lightning]``: ``thunder_days``,
        ``flash_density`` [1/(km² yr)], ``location``, ``protection``. ``source`` says where it comes from.

    Raises
    ------
    InputProblems
        With every mistake in it.
    """
    path = Path(path)
    document, faults = toml_document(path, path.name)
    if document is None:
        raise InputProblems(faults)
    return hazards_of(document, path.name)
