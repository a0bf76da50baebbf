"""Whatever form a park or a project comes in, one way to read it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from parkrisk.scenarios.reading.folder import read_folder
from parkrisk.scenarios.reading.geopackage import is_geopackage, layer_kind, read_geopackage
from parkrisk.scenarios.reading.objects import as_object, read_json
from parkrisk.scenarios.reading.raw import RawInput

__all__ = ["document", "kind_of", "read_source"]


def read_source(source: str | Path | Mapping[str, Any], kind: str) -> RawInput:
    """Read a folder, a GeoPackage, or a JSON object.

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
    return read_folder(source, kind)


def document(source: str | Path, kind: str = "park") -> dict[str, Any]:
    """Return a park or a project as the JSON object of the HTTP interface, cells as they stand."""
    return as_object(read_source(source, kind))


def kind_of(source: str | Path | Mapping[str, Any]) -> str:
    """Give "project" for what holds a project and no park, else "park"."""
    if isinstance(source, Mapping):
        return "project" if "project" in source and "park" not in source else "park"
    if is_geopackage(source):
        return layer_kind(Path(source))
    folder = Path(source)
    lone = (folder / "project.toml").is_file() and not (folder / "park.toml").is_file()
    return "project" if lone else "park"
