"""Park and Project: validated tables that cannot be changed, with their coordinate system and a digest."""

import dataclasses
import datetime as dt
import functools
import hashlib
import itertools
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import shapely

from parkrisk.models.errors import InputProblems, Problem
from parkrisk.scenarios import schema
from parkrisk.scenarios.checks import consistency
from parkrisk.scenarios.events.saturation import air_pressure, assumed, doubts
from parkrisk.scenarios.messages import problem
from parkrisk.scenarios.reading import defaults
from parkrisk.scenarios.reading.areas import move_areas, read_areas
from parkrisk.scenarios.reading.boundary import boundary_polygon
from parkrisk.scenarios.reading.cells import typed, without_rows
from parkrisk.scenarios.reading.coordinates import MISPLACED, SHIFTED_DATUMS, Placing, check_distortion, placing
from parkrisk.scenarios.reading.raw import RawInput

__all__ = ["Park", "Project", "Tables", "build", "found_problems"]

#: Entries of ``park.toml`` that say how the input is written, not what the park is.
_FORM = ("crs", "planar_crs", "boundary", "boundary_crs", "datum")


class Tables(Mapping[str, pd.DataFrame]):
    """Tables by name. Each access gives a fresh frame: what is written into it never reaches the tables.

    The frame shares its data until it is written to, so access costs little.
    """

    def __init__(self, frames: Mapping[str, pd.DataFrame]) -> None:
        self._frames = dict(frames)

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self._frames[name].copy(deep=False)

    def __iter__(self) -> Iterator[str]:
        return iter(self._frames)

    def __len__(self) -> int:
        return len(self._frames)

    def __repr__(self) -> str:
        return "Tables(" + ", ".join(f"{name}: {len(frame)}" for name, frame in self._frames.items()) + ")"


@dataclass(frozen=True, eq=False)
class _Input:
    """What parks and projects share.

    Parameters
    ----------
    name, code : str
    crs : str
        EPSG code of the planar CRS of every coordinate in ``tables`` [m]. "" for a project that stands in the CRS
        of its park.
    tables : Tables
        Every table of the schema except the section, empty if not given. Numbers are float64 with NaN for an empty
        cell, other columns str with "" for an empty cell; rows sorted by key; columns in the order of the schema.
    warnings : tuple of Problem
        Doubts about the input that do not stop the run.
    section : tuple of (str, value)
        The values of ``park.toml`` or ``project.toml``; ``info`` is the same as a mapping.
    """

    name: str
    code: str
    crs: str
    tables: Tables
    warnings: tuple[Problem, ...]
    section: tuple[tuple[str, Any], ...]
    _assumptions: frozenset[tuple[str, ...]] = field(repr=False)

    @property
    def info(self) -> dict[str, Any]:
        """Values of the TOML section: numbers float, everything else str. A copy."""
        return dict(self.section)

    @property
    def assumptions(self) -> pd.DataFrame:
        """What was assumed: table, row (key of the row), column, value, label_zh, label_en, source; sorted. A copy."""
        return self._assumed.copy(deep=False)

    @functools.cached_property
    def _assumed(self) -> pd.DataFrame:
        rows = sorted(self._assumptions)
        return pd.DataFrame(rows, columns=list(defaults.ASSUMPTION_COLUMNS), dtype="str")

    def _content(self) -> dict[str, Any]:
        tables = {}
        for name, frame in self.tables.items():
            columns = {column: [_plain(value) for value in frame[column].tolist()] for column in frame}
            tables[name] = {"rows": len(frame), "columns": columns}
        return {
            "crs": self.crs,
            "section": {key: _plain(value) for key, value in self.section},
            "tables": tables,
            "assumptions": sorted(self._assumptions),
        }

    @functools.cached_property
    def _digest(self) -> str:
        text = json.dumps(self._content(), sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return hashlib.sha256(text.encode("utf-8")).hexdigest()

    def digest(self) -> str:
        """SHA-256 over the content; the same for any row order, number format, encoding, and for CSV or JSON."""
        return self._digest


@dataclass(frozen=True, eq=False)
class Park(_Input):
    """One chemical park, read, checked and frozen.

    Parameters
    ----------
    date : datetime.date
        Date the data describe.
    recognised : str
        "yes", "no" or "unknown".
    rulebook : str
    boundary : shapely polygon or None
        In planar metres.
    """

    date: dt.date
    recognised: str
    rulebook: str
    boundary: Any

    def _content(self) -> dict[str, Any]:
        line = None if self.boundary is None else shapely.to_wkt(self.boundary, rounding_precision=6)
        return {"kind": "park", **super()._content(), "boundary": line}


@dataclass(frozen=True, eq=False)
class Project(_Input):
    """One project that asks for entry into a park, read, checked and frozen.

    Parameters
    ----------
    category : str
        "new", "altered" or "extended".
    nature : str
        What the project is, "" if not known.
    enterprise : str
        enterprise_id of the enterprise that builds it, "" if not known.
    removes : tuple of str
        unit_id of the units it takes away.
    date : datetime.date or None
    """

    category: str
    nature: str
    enterprise: str
    removes: tuple[str, ...]
    date: dt.date | None

    def _content(self) -> dict[str, Any]:
        return {"kind": "project", **super()._content()}


def _plain(value: Any) -> Any:
    """JSON form of a value: NaN is null, and a float is written the same however it was spelled."""
    if isinstance(value, float):
        return None if math.isnan(value) else value
    return value


@dataclass
class _Draft:
    """The input while it is being put together."""

    kind: str
    frames: dict[str, pd.DataFrame]
    section: dict[str, Any]
    place: Placing | None
    boundary: Any
    assumptions: set[tuple[str, ...]]
    problems: list[Problem]


def _typed_tables(raw: RawInput, problems: list[Problem]) -> dict[str, pd.DataFrame]:
    frames = {}
    # A cell that could not be read is empty here; what was said of it must not be followed by "must not be empty".
    said = {(fault.table, fault.row, fault.column) for fault in problems if fault.severity == "error" and fault.row}
    for name, declared in schema.tables().items():
        if not declared.of(raw.kind):
            continue
        if name in raw.tables:
            frames[name], faults = typed(raw.tables[name])
            problems += [fault for fault in faults if (fault.table, fault.row, fault.column) not in said]
        else:
            frames[name] = without_rows(name)
    return frames


def _place(draft: _Draft) -> None:
    """Turn every coordinate into planar metres, and the boundary."""
    crs, planar = str(draft.section.get("crs", "")), str(draft.section.get("planar_crs", ""))
    points = [frame for frame in draft.frames.values() if "x" in frame and len(frame)]
    datum = draft.section.get("datum", "")
    if datum in SHIFTED_DATUMS:
        draft.problems.append(problem("map_datum_refused", draft.kind, 1, "datum", datum))
    if not crs:
        return  # a project in the CRS of its park; a park without one has its problem already
    longitude = float(points[0]["x"].median()) if points else math.nan
    draft.place, faults = placing(crs, planar, draft.kind, longitude)
    draft.problems += faults
    if draft.place is None:
        return
    for name, frame in draft.frames.items():
        if "x" in frame and len(frame):
            draft.problems += draft.place.check(name, frame)
            x, y = draft.place.planar(frame["x"].to_numpy(), frame["y"].to_numpy())
            frame["x"], frame["y"] = x, y
        if "polygon" in frame:
            draft.problems += move_areas(name, frame, draft.place)
    if points:
        x, y = (np.concatenate([frame[axis].to_numpy() for frame in points]) for axis in ("x", "y"))
        draft.problems += check_distortion(draft.place.crs, x, y, draft.kind)


def _drafted(raw: RawInput) -> _Draft:
    problems = list(raw.problems)
    frames = _typed_tables(raw, problems)
    first = frames.pop(raw.kind)
    draft = _Draft(raw.kind, frames, {}, None, None, set(), problems)
    sections = {raw.kind: first}
    if len(first):
        # Only columns of the section itself are filled here; no default of it refers to another table.
        draft.assumptions |= defaults.fill(sections, {})
        draft.section = {str(name): values.tolist()[0] for name, values in first.items()}
    for name, frame in frames.items():
        if "polygon" in frame:
            draft.problems += read_areas(name, frame)
    _place(draft)
    if raw.boundary is not None and draft.place is not None:
        own = str(draft.section.get("boundary_crs", ""))
        draft.boundary, faults = boundary_polygon(raw.boundary, own, draft.place)
        draft.problems += faults
    elif draft.section and raw.kind == "park" and not draft.section["boundary"]:
        draft.problems.append(problem("boundary_not_given", "park", None, "boundary"))
    draft.assumptions |= defaults.fill(frames, draft.section if raw.kind == "park" else {})
    draft.assumptions |= defaults.declared(frames)
    doubtful, air = [], air_pressure(draft.section)
    if "units" in frames:
        doubtful = doubts(frames["units"], air)
        draft.assumptions |= assumed(frames["units"], air, doubtful)
    weather = frames.get("weather")
    if weather is not None and not (weather["period"] == "all").any():
        # Nothing was divided by the day fraction, so nothing was assumed of it.
        draft.assumptions = {row for row in draft.assumptions if row[:3] != ("park", "", "day_fraction")}
    errors = [fault for fault in draft.problems if fault.severity == "error"]
    misplaced = [fault for fault in errors if fault.code in MISPLACED]
    for fault in misplaced:
        if fault.row and fault.column == "x":  # said; what is wrong with the places of the others is still to be said
            frames[fault.table].loc[fault.row, ["x", "y"]] = math.nan
    sound = draft.place is not None and all(fault.row and fault.column == "x" for fault in misplaced)
    filled = {row[:3] for row in defaults.filled(draft.assumptions)}
    faulty = {(fault.table, fault.row, fault.column) for fault in errors}
    given = consistency.Given(raw.kind, frames, draft.boundary, sound, filled, faulty, doubtful)
    draft.problems += consistency.run(given)
    draft.problems = [_placed(fault, raw) for fault in draft.problems]
    return draft


def _placed(fault: Problem, raw: RawInput) -> Problem:
    """Name the cell of a workbook that a problem is about."""
    place = raw.places.get(fault.table)
    if place is None or fault.place:
        return fault
    return dataclasses.replace(fault, place=place.of(fault.row, fault.column))


def ordered(frames: Mapping[str, pd.DataFrame]) -> Tables:
    """Return the tables sorted by key, then by everything else, with a fresh index: row order cannot matter."""
    found = {}
    for name, frame in frames.items():
        if frame.empty:
            found[name] = frame.reset_index(drop=True)
            continue
        key = list(schema.table(name).key)
        places = _by_key(frame, key) if key else None
        if places is not None:
            found[name] = frame.take(places).reset_index(drop=True)
            continue
        by = key + [column for column in frame.columns.tolist() if column not in key]
        found[name] = frame.sort_values(by, kind="stable", ignore_index=True)
    return Tables(found)


def _by_key(frame: pd.DataFrame, key: Iterable[str]) -> list[int] | None:
    """Places of the rows in the order of their keys; None where two are the same."""
    rows = list(zip(*(frame[column].tolist() for column in key), strict=True))
    places = sorted(range(len(rows)), key=rows.__getitem__)
    alone = all(rows[before] < rows[after] for before, after in itertools.pairwise(places))
    return places if alone else None


def _raise_errors(problems: list[Problem]) -> tuple[Problem, ...]:
    """Raise if any problem is an error; return the warnings. Notes are for who checks an input, not part of it."""
    if any(fault.severity == "error" for fault in problems):
        raise InputProblems(problems)
    doubts = [fault for fault in problems if fault.severity != "note"]
    return tuple(sorted(doubts, key=Problem.sort_key))


def _date(text: Any) -> dt.date | None:
    return dt.date.fromisoformat(str(text)) if text else None


def build(raw: RawInput) -> Park | Project:
    """Return the park or project that was read.

    Raises
    ------
    InputProblems
        With every problem of every table, if any of them is an error.
    """
    draft = _drafted(raw)
    warnings = _raise_errors(draft.problems)
    section = draft.section
    shared = {
        "name": section["name"],
        "code": section["code"],
        "crs": draft.place.crs if draft.place else "",
        "tables": ordered(draft.frames),
        "warnings": warnings,
        "section": tuple((key, value) for key, value in section.items() if key not in _FORM),
        "_assumptions": frozenset(draft.assumptions),
    }
    if raw.kind == "park":
        date = _date(section["date"])
        assert date is not None  # required, and checked above
        return Park(
            **shared,
            date=date,
            recognised=section["recognised"],
            rulebook=section["rulebook"],
            boundary=draft.boundary,
        )
    return Project(
        **shared,
        category=section["category"],
        nature=section["nature"],
        enterprise=section["enterprise"],
        removes=tuple(filter(None, (part.strip() for part in section["removes"].split(";")))),
        date=_date(section["date"]),
    )


def found_problems(raw: RawInput) -> tuple[Problem, ...]:
    """Every problem of an input, errors and warnings, in order."""
    return tuple(sorted(_drafted(raw).problems, key=Problem.sort_key))
