"""Scenarios of what could change in a park, as TOML files; a file names every mistake in it at once."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from parkrisk.models.errors import InputProblems, Problem
from parkrisk.scenarios import schema
from parkrisk.scenarios.changing.changes import change
from parkrisk.scenarios.messages import problem
from parkrisk.scenarios.park import Park
from parkrisk.scenarios.reading.toml_text import toml_document

__all__ = ["Scenario", "apply_all", "read_scenario", "scenario_files", "scenario_of"]


@dataclass(frozen=True)
class Scenario:
    """A named change of a park.

    Parameters
    ----------
    name : str
    changes : mapping
        Arguments of `parkrisk.scenarios.changing.changes.change`.
    file : str
        Name of the file it was read from, "" if none.
    problems : tuple of Problem
        Mistakes in the file.
    """

    name: str
    changes: Mapping[str, Any]
    file: str = ""
    problems: tuple[Problem, ...] = ()

    def apply(self, park: Park) -> Park:
        """Return the changed park.

        Raises
        ------
        InputProblems
            With every mistake in the file and all that the park does not allow; or if nothing would change.
        """
        problems = list(self.problems)
        changed = park
        if self.changes:
            try:
                changed = change(park, **self.changes)
            except InputProblems as faults:
                problems += [self._placed(each) for each in faults.problems if each.severity == "error"]
        elif not problems:
            problems.append(problem("scenario_empty", self._where()))
        if not problems and changed.digest() == park.digest():
            problems.append(problem("scenario_no_effect", self._where()))
        if problems:
            raise InputProblems(problems)
        return changed

    def _where(self) -> str:
        return self.file or "whatif"

    def _placed(self, fault: Problem) -> Problem:
        return replace(fault, table=f"{self.file}: {fault.table}") if self.file else fault


class _Wrong(Exception):
    """An entry is not what it should be; never leaves this file."""

    def __init__(self, key: str, found: object, chinese: str, english: str) -> None:
        super().__init__(key)
        self.fault = (key, found, chinese, english)


def _texts(key: str, value: Any) -> list[str]:
    if not (isinstance(value, list) and all(isinstance(each, str) for each in value)):
        raise _Wrong(key, value, '编号的数组，如 ["a", "b"]', 'an array of ids, such as ["a", "b"]')
    return value


def _mapping(key: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _Wrong(key, value, f"表，如 [{key}]", f"a table, such as [{key}]")
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def _places(key: str, value: Any) -> dict[str, tuple[float, float]]:
    found = {}
    for unit, place in _mapping(key, value).items():
        if not (isinstance(place, list) and len(place) == 2 and all(map(_is_number, place))):
            raise _Wrong(f"{key}.{unit}", place, "[x, y]，平面坐标，米", "[x, y] in the planar CRS of the park, m")
        found[unit] = (float(place[0]), float(place[1]))
    return found


def _cells(column: str) -> Callable[[str, Any], dict[str, Any]]:
    """Read unit → value of one column of the units table."""

    def read(key: str, value: Any) -> dict[str, Any]:
        return {"units": {unit: {column: each} for unit, each in _mapping(key, value).items()}}

    return read


def _edits(key: str, value: Any) -> dict[str, Any]:
    for table, rows in _mapping(key, value).items():
        for row, cells in _mapping(f"{key}.{table}", rows).items():
            _mapping(f"{key}.{table}.{row}", cells)
    return {table: dict(rows) for table, rows in value.items()}


def _rows(key: str, value: Any) -> list[Any]:
    if not (isinstance(value, list) and all(isinstance(each, Mapping) for each in value)):
        raise _Wrong(key, value, f"若干个 [[{key}]]", f"one or more [[{key}]]")
    return value


def _housing(key: str, value: Any) -> dict[str, Any]:
    return {"population": _rows(key, value)}


def _added(key: str, value: Any) -> dict[str, Any]:
    return {table: _rows(f"{key}.{table}", rows) for table, rows in _mapping(key, value).items()}


#: Entry of the file → argument of ``change`` and how it is read.
_ENTRIES: Mapping[str, tuple[str, Callable[[str, Any], Any]]] = {
    "remove": ("remove", _texts),
    "add": ("add", _added),
    "housing": ("add", _housing),
    "move": ("move", _places),
    "refill": ("edit", _cells("fill_fraction")),
    "substance": ("edit", _cells("substance")),
    "set": ("edit", _edits),
    "close": ("close", _texts),
    "out_of_service": ("disable", _texts),
    "weather": ("weather", _mapping),
}
_NAMES = ("name", "note")


def _joined(old: Any, new: Any) -> Any:
    """Both of two nested tables or lists."""
    if isinstance(old, Mapping):
        return {**old, **{key: _joined(old[key], value) if key in old else value for key, value in new.items()}}
    return [*old, *new] if isinstance(old, list) else new


def scenario_of(document: Mapping[str, Any], name: str, file: str = "") -> Scenario:
    """Scenario of a parsed document; its mistakes are in ``problems``."""
    problems = []
    changes: dict[str, Any] = {}
    for key, value in document.items():
        if key in _NAMES:
            if not isinstance(value, str):
                words = {"expected_zh": "文字", "expected_en": "a text"}
                problems.append(problem("scenario_value", file or name, None, key, value, **words))
            continue
        if key not in _ENTRIES:
            near, allowed = schema.nearest(key, [*_ENTRIES, *_NAMES]), ", ".join([*_NAMES, *_ENTRIES])
            problems.append(problem("scenario_key", file or name, None, key, key, near=near, allowed=allowed))
            continue
        argument, read = _ENTRIES[key]
        try:
            found = read(key, value)
        except _Wrong as wrong:
            place, shown, chinese, english = wrong.fault
            words = {"expected_zh": chinese, "expected_en": english}
            problems.append(problem("scenario_value", file or name, None, place, shown, **words))
            continue
        if found:
            changes[argument] = _joined(changes[argument], found) if argument in changes else found
    title = document.get("name")
    return Scenario(title if isinstance(title, str) and title else name, changes, file, tuple(problems))


def read_scenario(path: str | Path) -> Scenario:
    """Read a scenario file.

    Parameters
    ----------
    path : path
        TOML. Entries: ``name``, ``note``; ``remove``, ``close``, ``out_of_service`` (arrays of ids); ``[move]``,
        ``[refill]``, ``[substance]`` (unit_id = value); ``[[housing]]`` (rows of the population table);
        ``[[add.TABLE]]`` (rows); ``[set.TABLE.ROW]`` (cells); ``[weather]`` (wind_from, wind_speed, stability, period).

    Returns
    -------
    Scenario
        Never raises for what the file holds; the mistakes are in ``problems``, and ``apply`` raises them together with
        those that only the park shows.
    """
    path = Path(path)
    document, faults = toml_document(path, path.name)
    scenario = scenario_of(document or {}, path.stem, path.name)
    errors = [fault for fault in faults if fault.severity == "error"]
    return replace(scenario, problems=(*errors, *scenario.problems))


def apply_all(scenarios: Sequence[Scenario], park: Park) -> list[Park]:
    """Park after each of several scenarios.

    Raises
    ------
    InputProblems
        With the mistakes of all of them.
    """
    parks: list[Park] = []
    problems: list[Problem] = []
    for scenario in scenarios:
        try:
            parks.append(scenario.apply(park))
        except InputProblems as faults:
            problems += faults.problems
    if problems:
        raise InputProblems(problems)
    return parks


def scenario_files(path: str | Path) -> list[Path]:
    """Scenario files that a path stands for: itself, or all ``*.toml`` of a folder, by name.

    Raises
    ------
    InputProblems
        The folder holds none.
    """
    path = Path(path)
    if not path.is_dir():
        return [path]
    found = sorted(path.glob("*.toml"))
    if not found:
        raise InputProblems([problem("scenario_folder_empty", path.name)])
    return found
