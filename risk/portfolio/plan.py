"""Which parks there are, and what each is assessed with: the key under which its outcome is kept."""

import dataclasses
import datetime as dt
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parkrisk import __version__
from parkrisk.models.errors import ParkRiskError
from parkrisk.risk.assess import package_versions
from parkrisk.risk.portfolio.errors import NoParks
from parkrisk.risk.result import canonical_json, digest
from parkrisk.risk.rules.sets import load
from parkrisk.risk.settings import Settings
from parkrisk.scenarios import schema
from parkrisk.scenarios.reading.raw import RawInput
from parkrisk.scenarios.reading.sources import read_source
from parkrisk.scenarios.reading.workbook.reader import SUFFIXES
from parkrisk.scenarios.writing.plain import section_of

__all__ = ["Asked", "Found", "Planner", "Source", "Task", "engine", "find_parks"]

#: Counts up when what is kept of a park changes its form.
_FORM = 1
_FILES = SUFFIXES | {".gpkg"}


@dataclass(frozen=True)
class Source:
    """One park of a portfolio: its id (path below the folder), the group it lies in ("" for none), its path."""

    id: str
    group: str
    path: Path


@dataclass(frozen=True)
class Found:
    """Parks by id, and folders that hold none."""

    parks: tuple[Source, ...]
    skipped: tuple[str, ...]


def find_parks(folder: Path, besides: Path) -> Found:
    """Find the parks of a folder.

    Parameters
    ----------
    folder : path
        A folder in it with a ``park.toml``, a workbook or a GeoPackage is a park each. A folder without one is a group
        (a city, say): its parks are those directly in it. Names that begin with ``.`` or ``~$`` are passed over, and
        links that lead back to where they came from. What cannot be opened may be a park, and counts as one.
    besides : path
        Passed over, too: where results go.

    Returns
    -------
    Found

    Raises
    ------
    NoParks
        There is no such folder, or no park in it.
    """
    parks: list[Source] = []
    skipped: list[str] = []
    entries = _entries(folder, besides) if folder.is_dir() else []
    for entry in entries:
        try:
            if _is_park(entry):
                parks.append(Source(entry.name, "", entry))
            elif entry.is_dir():
                back = folder.resolve().is_relative_to(entry.resolve())
                inner = [] if back else [each for each in _entries(entry, besides) if _is_park(each)]
                parks += [Source(f"{entry.name}/{each.name}", entry.name, each) for each in inner]
                skipped += [] if inner else [entry.name]
        except OSError:
            parks.append(Source(entry.name, "", entry))  # which says why when it is read
    if not parks:
        raise NoParks(
            f"{folder.name} 中没有园区：应有含 park.toml 的文件夹、工作簿或 GeoPackage",
            f"no park in {folder.name}: folders with a park.toml, workbooks or GeoPackages are expected",
        )
    return Found(tuple(sorted(parks, key=lambda park: park.id)), tuple(skipped))


def _entries(folder: Path, besides: Path) -> list[Path]:
    every = (entry for entry in folder.iterdir() if not entry.name.startswith((".", "~$")))
    return sorted(entry for entry in every if not (entry.exists() and entry.resolve() == besides.resolve()))


def _is_park(path: Path) -> bool:
    if path.is_symlink() and not path.exists():
        return True  # a link to nothing, or to itself
    if path.is_dir():
        return (path / "park.toml").is_file()
    return path.suffix.casefold() in _FILES


@dataclass(frozen=True)
class Asked:
    """What every park of a portfolio is assessed with; ``rules`` "" leaves each park its own."""

    settings: Settings
    rules: str = ""
    seed: int = 0


@dataclass(frozen=True)
class Task:
    """One park on its way to a worker, on this machine or another: everything it needs, and no path.

    Parameters
    ----------
    id, group : str
    raw : RawInput
        The park as it was read.
    asked : Asked
    engine : mapping
        What the worker must run, see `engine`.
    seconds : float or None
        The process is ended when the park has taken longer. [s]
    key : str
        SHA-256 of the input, rules, settings, seed and engine.
    """

    id: str
    group: str
    raw: RawInput
    asked: Asked
    engine: Mapping[str, str]
    seconds: float | None
    key: str


def engine() -> dict[str, str]:
    """Version of the engine and of every package that may move a result."""
    return {"parkrisk": __version__, **package_versions()}


class Planner:
    """Reads parks and says what is to be done with each.

    Parameters
    ----------
    asked : Asked
    seconds : float or None
        See `Task`.
    """

    def __init__(self, asked: Asked, seconds: float | None = None) -> None:
        self._asked, self._seconds, self._engine = asked, seconds, engine()
        settings = dataclasses.replace(asked.settings, threads=None)  # no result depends on them
        self._parts = {
            "form": _FORM,
            "engine": self._engine,
            "asked": dataclasses.asdict(dataclasses.replace(asked, settings=settings)),
        }
        self._rules_digest = functools.cache(_rules_digest)  # anew for every portfolio: files may have changed

    def task(self, source: Source) -> Task:
        """Read a park; raises what its files make the reader raise, mostly OSError."""
        raw = read_source(source.path, "park")
        rules = self._rules_digest(self._asked.rules or _own_rules(raw))
        parts = {**self._parts, "rules": rules, "place": [source.id, source.group]}
        key = digest([_content(raw), canonical_json(parts)])
        return Task(source.id, source.group, raw, self._asked, self._engine, self._seconds, key)


def _content(raw: RawInput) -> str:
    tables = {name: [table.columns, table.rows, table.numbers] for name, table in raw.tables.items()}
    places = {name: vars(place) for name, place in raw.places.items()}
    content: dict[str, Any] = {"tables": tables, "boundary": raw.boundary, "places": places}
    return canonical_json({**content, "problems": list(raw.problems)})


def _own_rules(raw: RawInput) -> str:
    default = str(schema.table("park").columns["rulebook"].default)
    return section_of(raw).get("rulebook", default).strip() if raw.kind in raw.tables else default


def _rules_digest(rules: str) -> str:
    """Digest of the files behind a rule set, the same on any day; "" where it cannot be used."""
    try:
        return load(rules, dt.date.max).digest
    except ParkRiskError:
        return ""
