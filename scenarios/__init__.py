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
    """Read the folder of a park: ``park.toml`` and its CSV tables.

    Raises
    ------
    InputProblems
        With every problem of every table.

    Examples
    --------
    >>> park = read("scenarios/examples/minimal")           # doctest: +SKIP
    """
    from parkrisk.scenarios import park, read_tables

    return cast("Park", park.build(read_tables.read_folder(path, "park")))


def read_project(path: str | Path) -> "Project":
    """Read the folder of a project: ``project.toml`` and its CSV tables. Raises as ``read`` does."""
    from parkrisk.scenarios import park, read_tables

    return cast("Project", park.build(read_tables.read_folder(path, "project")))


def park_from_json(document: Mapping[str, Any]) -> "Park":
    """Read a park given as one JSON object, tables as arrays of rows. Raises as ``read`` does."""
    from parkrisk.scenarios import park, read_tables

    return cast("Park", park.build(read_tables.read_json(document, "park")))


def project_from_json(document: Mapping[str, Any]) -> "Project":
    """Read a project given as one JSON object, tables as arrays of rows. Raises as ``read`` does."""
    from parkrisk.scenarios import park, read_tables

    return cast("Project", park.build(read_tables.read_json(document, "project")))


def problems(source: str | Path | Mapping[str, Any], kind: str = "") -> "tuple[Problem, ...]":
    """List every problem of an input, errors and warnings; never raises for what the input holds.

    Parameters
    ----------
    source : path or mapping
        Folder, or JSON object.
    kind : str
        "park" or "project"; "": a project if it has a ``project.toml`` (a member ``project``) and no park.
    """
    from parkrisk.scenarios import park, read_tables

    if isinstance(source, Mapping):
        kind = kind or ("project" if "project" in source and "park" not in source else "park")
        return park.found_problems(read_tables.read_json(source, kind))
    folder = Path(source)
    if not kind:
        lone = (folder / "project.toml").is_file() and not (folder / "park.toml").is_file()
        kind = "project" if lone else "park"
    return park.found_problems(read_tables.read_folder(folder, kind))


def change(
    park: "Park",
    *,
    add: "Project | Mapping[str, Any] | None" = None,
    remove: Iterable[str] = (),
    move: Mapping[str, tuple[float, float]] | None = None,
    **more: Any,
) -> "Park":
    """Return another park: units added, removed, moved, refilled and more. See ``parkrisk.scenarios.changes``."""
    from parkrisk.scenarios.changes import change as changed

    return changed(park, add=add, remove=remove, move=move, **more)
