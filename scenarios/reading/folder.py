"""The folder of a park or a project in: its TOML file, one CSV file per table, the boundary."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from parkrisk.models.errors import Problem
from parkrisk.scenarios import schema
from parkrisk.scenarios.messages import problem
from parkrisk.scenarios.reading.boundary import MOST_CORNERS
from parkrisk.scenarios.reading.cells import RawTable
from parkrisk.scenarios.reading.csv_files import content, csv_table
from parkrisk.scenarios.reading.encoding import any_gbk
from parkrisk.scenarios.reading.json_text import parsed_json
from parkrisk.scenarios.reading.maps.layers import FILE as LAYERS
from parkrisk.scenarios.reading.objects import section_table
from parkrisk.scenarios.reading.raw import Origin, RawInput, absent
from parkrisk.scenarios.reading.toml_text import toml_document
from parkrisk.scenarios.reading.within import file_within

__all__ = ["read_folder"]


def _toml(folder: Path, kind: str, gbk_around: bool) -> tuple[Mapping[str, Any] | None, list[Problem]]:
    path = folder / f"{kind}.toml"
    if not path.is_file():
        return None, []
    parsed, problems = toml_document(path, kind, gbk_around)
    if parsed is None:
        return None, problems
    for key in parsed:
        if key != kind:
            problems.append(problem("unknown_table", kind, found=key, near=kind))
    section = parsed.get(kind)
    if not isinstance(section, Mapping):
        return None, [*problems, problem("missing_table", kind, file=f"[{kind}] / {path.name}")]
    return section, problems


def _boundary(folder: Path, section: Mapping[str, Any]) -> tuple[object, list[Problem]]:
    """Boundary file named in ``park.toml``, in any map format; it stays inside the folder."""
    name = section.get("boundary", "")
    if not isinstance(name, str):
        reason = "the name of a file is expected / 应为文件名"
        return None, [problem("boundary_unreadable", "park", 1, "boundary", name, reason=reason)]
    if not name:
        return None, []
    from parkrisk.scenarios.reading.maps.reading import boundary_file, is_map

    if not is_map(name):
        return _geojson(folder, name)
    return boundary_file(folder, name, str(section.get("crs", "")), str(section.get("boundary_crs", "")))


def _geojson(folder: Path, name: str) -> tuple[object, list[Problem]]:
    path = file_within(folder, name)
    if path is None:
        reason = f"{name}: no such file in the park folder / 园区文件夹中没有此文件"
        return None, [problem("boundary_unreadable", "park", 1, "boundary", name, reason=reason)]
    text, problems = content(path, "park")
    if text is None:
        return None, problems
    # Each corner opens a bracket; rings and polygons open few more. Seen before so many are parsed.
    if (brackets := text.count("[")) > 2 * MOST_CORNERS:
        corners = problem("too_many_corners", "park", 1, "boundary", brackets, expected=MOST_CORNERS)
        return None, [*problems, corners]
    try:
        return parsed_json(text), problems
    except ValueError as error:
        return None, [*problems, problem("boundary_unreadable", "park", 1, "boundary", name, reason=str(error))]


def _stray_files(folder: Path, kind: str) -> list[Problem]:
    """CSV files that are no table: a likely misspelling is an error, others are only named."""
    known = [name for name, declared in schema.tables().items() if declared.of(kind) and declared.form == "rows"]
    problems = []
    for path in sorted(folder.iterdir()):
        if path.suffix.casefold() != ".csv" or path.stem in known:
            continue
        near = schema.nearest(path.stem, known)
        problems.append(problem("unknown_table" if near else "unused_file", path.stem, None, "", path.name, near=near))
    return problems


def read_folder(path: str | Path, kind: str) -> RawInput:
    """Read the folder of a park or a project.

    Parameters
    ----------
    path : path
        Folder with ``park.toml`` or ``project.toml`` and one CSV file per table.
    kind : str
        "park" or "project".

    Returns
    -------
    RawInput
        Never raises for what the files hold; the faults are in ``problems``.
    """
    folder = Path(path)
    if not folder.is_dir():
        reason = (
            f"{folder.name}: a folder is expected / 应为文件夹" if folder.exists() else "no such folder / 没有此文件夹"
        )
        return RawInput(kind, {}, None, (problem("unreadable", kind, found=folder.name, reason=reason),))
    gbk = any_gbk(path for path in sorted(folder.iterdir()) if path.suffix in (".csv", ".toml") and path.is_file())
    section, problems = _toml(folder, kind, gbk)
    tables: dict[str, RawTable] = {}
    tried: set[str] = {kind} if problems else set()
    boundary: object = None
    if section is not None:
        tables[kind], faults = section_table(section, kind)
        problems += faults
        if kind == "park":
            boundary, faults = _boundary(folder, section)
            problems += faults
    for name, declared in schema.tables().items():
        file = folder / f"{name}.csv"
        if declared.form != "rows" or not declared.of(kind) or not file.is_file():
            continue
        tried.add(name)
        text, faults = content(file, name, gbk)
        problems += faults
        if text is not None:
            table, faults = csv_table(text, declared)
            problems += faults
            if table is not None:
                tables[name] = table
    places: Mapping[str, Origin] = {}
    if (folder / LAYERS).is_file():
        from parkrisk.scenarios.reading.maps.reading import read_maps  # heavy; only parks with map files need it

        crs = str((section or {}).get("crs", ""))
        mapped = read_maps(folder, kind, tables, crs)
        problems += mapped.problems
        if boundary is not None and mapped.boundary is not None:
            problems.append(problem("map_boundary_twice", "park", 1, "boundary", LAYERS))
        tables, boundary, places = {**tables, **mapped.tables}, mapped.boundary or boundary, mapped.places
        tried |= mapped.meant
    problems += _stray_files(folder, kind) + absent(kind, tables, tried)
    return RawInput(kind, tables, boundary, tuple(problems), places)
