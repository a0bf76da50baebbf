"""Whatever form a park or a project comes in, one way to read it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from parkrisk.scenarios.reading.folder import read_folder
from parkrisk.scenarios.reading.geopackage import is_geopackage, layer_kind, read_geopackage
from parkrisk.scenarios.reading.objects import as_object, read_json
from parkrisk.scenarios.reading.raw import RawInput
from parkrisk.scenarios.reading.workbook.reader import SUFFIXES, holds_project, read_workbook

__all__ = ["document", "kind_of", "read_source"]


def read_source(source: str | Path | Mapping[str, Any], kind: str) -> RawInput:
    """Read a folder, a workbook, a GeoPackage, or a JSON object.

    Parameters
    ----------
    source : path or mapping
    kind : str
        "park" or "project".

    Returns
    -------
    RawInput
        Never raises for what the input holds; the faults are in ``problems``.
    """
    if isinstance(source, Mapping):
        return read_json(source, kind)
    if is_geopackage(source):
        return read_geopackage(source, kind)
    return read_workbook(source, kind) if _is_workbook(source) else read_folder(source, kind)


def _is_workbook(source: str | Path) -> bool:
    path = Path(source)
    return path.suffix.casefold() in SUFFIXES and not path.is_dir()


def document(source: str | Path, kind: str = "park") -> dict[str, Any]:
    """Return a park or a project as the JSON object of the HTTP interface, cells as they stand."""
    return as_object(read_source(source, kind))


def kind_of(source: str | Path | Mapping[str, Any]) -> str:
    """Give "project" for what holds a project and no park, else "park"."""
    if isinstance(source, Mapping):
        return "project" if "project" in source and "park" not in source else "park"
    if is_geopackage(source):
        return layer_kind(Path(source))
    if _is_workbook(source):
        return "project" if holds_project(Path(source)) else "park"
    folder = Path(source)
    lone = (folder / "project.toml").is_file() and not (folder / "park.toml").is_file()
    return "project" if lone else "park"
