"""A park and what can happen in it: reading, checking, changing parks; events; the facility graph."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from parkrisk.models.errors import Problem
    from parkrisk.scenarios.park import Park, Project

__all__ = ["change", "park_from_json", "problems", "project_from_json", "read", "read_project"]

# Importing this package stays light: pandas, pyproj and shapely are loaded by the first call.


def read(path: str | Path) -> "Park":
    """Read a park: a folder with ``park.toml`` and CSV tables, a workbook with a sheet per table, or a GeoPackage.

    Raises
    ------
    InputProblems
        With every problem of every table.

    Examples
    --------
    >>> park = read("scenarios/examples/minimal")           # doctest: +SKIP
    """
    return cast("Park", _built(path, "park"))


def read_project(path: str | Path) -> "Project":
    """Read a project, in the same forms as a park. Raises as ``read`` does."""
    return cast("Project", _built(path, "project"))


def park_from_json(document: Mapping[str, Any]) -> "Park":
    """Read a park given as one JSON object, tables as arrays of rows. Raises as ``read`` does."""
    return cast("Park", _built(document, "park"))


def project_from_json(document: Mapping[str, Any]) -> "Project":
    """Read a project given as one JSON object, tables as arrays of rows. Raises as ``read`` does."""
    return cast("Project", _built(document, "project"))


def _built(source: str | Path | Mapping[str, Any], kind: str) -> "Park | Project":
    from parkrisk.scenarios.park import build
    from parkrisk.scenarios.reading.sources import read_source

    return build(read_source(source, kind))


def problems(source: str | Path | Mapping[str, Any], kind: str = "") -> "tuple[Problem, ...]":
    """List every problem of an input, errors and warnings; never raises for what the input holds.

    Parameters
    ----------
    source : path or mapping
        As ``read`` takes it, or a JSON object.
    kind : str
        "park" or "project"; "": a project if it has one and no park.
    """
    from parkrisk.scenarios.park import found_problems
    from parkrisk.scenarios.reading.sources import kind_of, read_source

    return found_problems(read_source(source, kind or kind_of(source)))


def change(
    park: "Park",
    *,
    add: "Project | Mapping[str, Any] | None" = None,
    remove: Iterable[str] = (),
    move: Mapping[str, tuple[float, float]] | None = None,
    **more: Any,
) -> "Park":
    """Return another park: units added, removed, moved, refilled and more. See ``changing.changes``."""
    from parkrisk.scenarios.changing.changes import change as changed

    return changed(park, add=add, remove=remove, move=move, **more)
