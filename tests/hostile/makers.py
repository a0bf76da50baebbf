"""How bad inputs are made: the minimal park with one thing changed."""

import csv
import io
import json
import os
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.api.service.hostile_files import GOOD, zipped
from tests.hostile.case import Make
from tests.minimal_park import FOLDER, PROJECTS, document

PROJECT = {path.name: path.read_bytes() for path in sorted((PROJECTS / "diesel-tank").iterdir()) if path.is_file()}


def folder(changes: Mapping[str, bytes | str | None], files: Mapping[str, bytes] = GOOD) -> Make:
    """Folder of a park with some files replaced, added or (None) left out."""

    def make(target: Path) -> Path:
        target = target / "park"
        target.mkdir()
        for name, content in {**files, **changes}.items():
            if content is not None:
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                (target / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return target

    return make


def lone(name: str, content: bytes | str | Callable[[], bytes | str]) -> Make:
    """One file."""

    def make(target: Path) -> Path:
        made = content() if callable(content) else content
        (target / name).write_bytes(made.encode() if isinstance(made, str) else made)
        return target / name

    return make


def later(maker: Callable[[], Make]) -> Make:
    """A maker that is large, and so made only when needed."""
    return lambda target: maker()(target)


def rows_of(table: str) -> list[list[str]]:
    """Header and rows of a table of the minimal park."""
    return list(csv.reader(io.StringIO(GOOD[f"{table}.csv"].decode())))


def as_csv(rows: list[list[str]]) -> str:
    """Text of a table."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def table(name: str, edit: Callable[[list[list[str]]], Any]) -> Make:
    """A table with its rows edited in place."""
    rows = rows_of(name)
    edit(rows)
    return folder({f"{name}.csv": as_csv(rows)})


def cell(name: str, row: int, column: str, value: str) -> Make:
    """One cell replaced, in a new column where the table has none of that name; row 0 is the heading."""

    def edit(rows: list[list[str]]) -> None:
        if column not in rows[0]:
            for number, each in enumerate(rows):
                each.append("" if number else column)
        rows[row][rows[0].index(column)] = value

    return table(name, edit)


def columns(name: str, **values: Callable[[str], str]) -> Make:
    """Every cell of some columns changed."""

    def edit(rows: list[list[str]]) -> None:
        for row in rows[1:]:
            for column, change in values.items():
                at = rows[0].index(column)
                row[at] = change(row[at])

    return table(name, edit)


def swapped(name: str, one: str, other: str) -> Make:
    """Two columns with each other's cells."""

    def edit(rows: list[list[str]]) -> None:
        a, b = rows[0].index(one), rows[0].index(other)
        for row in rows[1:]:
            row[a], row[b] = row[b], row[a]

    return table(name, edit)


def park_toml(**entries: str | None) -> Make:
    """``park.toml`` with entries replaced, added, or left out; values are TOML."""
    lines = GOOD["park.toml"].decode().splitlines()
    kept = [line for line in lines if line.partition("=")[0].strip() not in entries]
    added = [f"{key} = {value}" for key, value in entries.items() if value is not None]
    return folder({"park.toml": "\n".join([*kept, *added])})


def more_toml(text: str) -> Make:
    """``park.toml`` with text behind it."""
    return folder({"park.toml": GOOD["park.toml"] + b"\n" + text.encode()})


def spoilt(name: str, change: Callable[[bytes], bytes]) -> Make:
    """A file whose bytes are changed."""
    return folder({name: change(GOOD[name])})


def boundary(geometry: Any, text: str = "") -> Make:
    """The boundary is this geometry, in the CRS of the park."""
    return folder({"boundary.geojson": text or json.dumps(geometry)})


def polygon(*rings: list[tuple[float, float]]) -> dict[str, Any]:
    """GeoJSON polygon."""
    return {"type": "Polygon", "coordinates": [[list(corner) for corner in ring] for ring in rings]}


def mapped(layers: str, files: Mapping[str, bytes | str], without: str = "targets.csv") -> Make:
    """A park one of whose tables comes from a map file by ``layers.toml``."""
    return folder({without: None, "layers.toml": layers, **files})


def json_text(edit: Callable[[dict[str, Any]], Any]) -> Make:
    """The park as a JSON object that is edited in place."""

    def make(target: Path) -> Path:
        park = document()
        edit(park)
        (target / "park.json").write_text(json.dumps(park))
        return target / "park.json"

    return make


def json_cell(name: str, row: int, column: str, literal: str) -> Make:
    """The park as JSON with one cell that is this text of JSON."""

    def make(target: Path) -> Path:
        park = document()
        park[name][row - 1][column] = "\0here"
        text = json.dumps(park).replace(json.dumps("\0here"), literal)
        (target / "park.json").write_text(text)
        return target / "park.json"

    return make


def archive(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Make:
    """A packed folder."""
    return lone("park.zip", lambda: zipped(members, method))


def instead(name: str, place: Callable[[Path], Any]) -> Make:
    """Something else stands in the folder where a file should be."""

    def make(target: Path) -> Path:
        path = folder({name: None})(target)
        place(path / name)
        return path

    return make


def fifo(path: Path) -> None:
    """A pipe that nobody writes into."""
    os.mkfifo(path)


def device(path: Path) -> None:
    """A link to a device without an end."""
    path.symlink_to("/dev/zero")


def unit(park: Any, name: str = "T-101") -> Any:
    """Row of a unit of a park that was read."""
    units = park.tables["units"]
    return units[units["unit_id"] == name].iloc[0]


def cut(content: bytes, share: float) -> bytes:
    """The first part of a file."""
    return content[: int(len(content) * share)]


def written(suffix: str, edit: Callable[[Path], Any] = lambda path: None) -> Make:
    """The minimal park as a workbook or GeoPackage, then edited."""

    def make(target: Path) -> Path:
        from parkrisk.scenarios.reading.sources import read_source
        from parkrisk.scenarios.writing import write

        path = target / f"park{suffix}"
        write(read_source(FOLDER, "park"), path)
        edit(path)
        return path

    return make


def bytes_edited(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """An edit of a file as bytes."""
    return lambda path: path.write_bytes(change(path.read_bytes())) and None
