"""From one form of a park or a project to another: written aside, read back, compared, and only then put in place."""

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from parkrisk.models.errors import ParkRiskError, Problem
from parkrisk.scenarios import schema
from parkrisk.scenarios.park import build
from parkrisk.scenarios.reading.maps.layers import FILE as LAYERS
from parkrisk.scenarios.reading.raw import RawInput
from parkrisk.scenarios.reading.sources import kind_of, read_source
from parkrisk.scenarios.writing import form_of, write
from parkrisk.scenarios.writing.folder import BOUNDARY

__all__ = ["AlreadyThere", "Converted", "NotTheSame", "convert"]


class AlreadyThere(ParkRiskError):
    """There is something at the place to write to."""

    code = "convert.already_there"


class NotTheSame(ParkRiskError):
    """What was written does not read as what was to be written; nothing has been left in its place."""

    code = "convert.not_the_same"


@dataclass(frozen=True)
class Converted:
    """What a conversion has carried over.

    Parameters
    ----------
    kind : str
        "park" or "project".
    digest : str
        Of the input as read, and the same as written and read back.
    rows : mapping of str to int
        Table to the number of its rows; "boundary" to that of its parts.
    places : mapping of str to str
        Table to the file, sheet or layer that holds it.
    warnings : tuple of Problem
        Doubts about the input; they do not stop it.
    left : tuple of str
        What else stands in the folder read and is no part of the park or project.
    """

    kind: str
    digest: str
    rows: Mapping[str, int]
    places: Mapping[str, str]
    warnings: tuple[Problem, ...]
    left: tuple[str, ...]


def _files(kind: str) -> list[str]:
    tables = [f"{name}.csv" for name, table in schema.tables().items() if table.of(kind) and table.form == "rows"]
    return [f"{kind}.toml", *tables]


def _left(source: Path, kind: str, raw: RawInput) -> tuple[str, ...]:
    if not source.is_dir():
        return ()
    table = raw.tables[kind]
    named = table.rows[0][table.columns.index("boundary")] if "boundary" in table.columns else ""
    known = {*_files(kind), named}
    return tuple(sorted(path.name for path in source.iterdir() if path.name not in known and path.name[0] != "."))


def _free(source: Path, target: Path, force: bool) -> None:
    """Refuse to write over the input, or over anything unless told to."""
    if target.exists() and source.exists() and target.samefile(source):
        raise AlreadyThere(f"不能写到输入本身：{target}", f"cannot write over the input itself: {target}")
    if form_of(target) != "folder" and target.is_dir():
        raise AlreadyThere(f"此处是文件夹，不能写文件：{target}", f"a folder stands where a file should go: {target}")
    if form_of(target) == "folder" and target.is_file():
        raise AlreadyThere(f"此处是文件，不能写文件夹：{target}", f"a file stands where a folder should go: {target}")
    used = target.is_file() or (target.is_dir() and any(target.iterdir()))
    if used and not force:
        raise AlreadyThere(
            f"已有内容，未覆盖（--force 覆盖）：{target}", f"is there already; --force writes over it: {target}"
        )


def _alone(target: Path, kind: str) -> None:
    """Refuse a folder whose other files would be read together with what is written."""
    other = "project" if kind == "park" else "park"
    for name in (LAYERS, f"{other}.toml"):
        if form_of(target) == "folder" and (target / name).exists():
            raise AlreadyThere(
                f"{target} 中已有 {name}，会与写出的表一起被读取；请另选文件夹",
                f"{target} has a {name}, which would be read together with what is written; choose another folder",
            )


def _settle(written: Path, target: Path, kind: str) -> None:
    """Put what was written in its place. Of a folder only what belongs to the park or project is replaced."""
    if written.is_file():
        written.replace(target)
        return
    target.mkdir(parents=True, exist_ok=True)
    for name in (*_files(kind), BOUNDARY):
        (target / name).unlink(missing_ok=True)
    # Without its TOML file a folder is no input: a move that is interrupted leaves nothing that reads as whole.
    for file in sorted(written.iterdir(), key=lambda each: (each.suffix == ".toml", each.name)):
        shutil.move(file, target / file.name)


def convert(source: str | Path, target: str | Path, *, lang: str = "zh", force: bool = False) -> Converted:
    """Carry a park or a project over into another form, without loss.

    Parameters
    ----------
    source : path
        Folder, workbook or GeoPackage.
    target : path
        Ends in .xlsx: a workbook; in .gpkg: a GeoPackage; otherwise a folder.
    lang : str
        "zh" or "en": names of sheets and of what drop-downs offer.
    force : bool
        Write over what stands at ``target``. Of a folder, the files of the park or project are replaced, others stay.

    Raises
    ------
    InputProblems
        If the input has errors, or the form cannot hold it. Nothing is written.
    AlreadyThere
        If something stands at ``target``.
    NotTheSame
        If what was written reads otherwise. Nothing is left at ``target``.
    """
    origin, goal = Path(source), Path(target)
    kind = kind_of(origin)
    raw = read_source(origin, kind)
    found = build(raw)
    _free(origin, goal, force)
    _alone(goal, kind)
    goal.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".parkrisk-", dir=goal.parent) as aside:
        written = Path(aside) / goal.name
        places = write(raw, written, lang)
        again = build(read_source(written, kind))
        if again.digest() != found.digest():
            differ = ", ".join(_differences(found.tables, again.tables)) or kind
            raise NotTheSame(
                f"写出后读回的内容与原来不同（{differ}），未写入：{goal}",
                f"what was written reads otherwise ({differ}); nothing is left at {goal}",
            )
        _settle(written, goal, kind)
    rows = {name: len(raw.tables[name].rows) if name in raw.tables else 1 for name in places}
    return Converted(kind, found.digest(), rows, places, found.warnings, _left(origin, kind, raw))


def _differences(before: Mapping[str, object], after: Mapping[str, object]) -> Sequence[str]:
    return [name for name in before if not before[name].equals(after[name])]  # type: ignore[attr-defined]
