"""Files that callers send: what form they are by their content, and what is refused before any reader sees them.

The checks of archives are those of workbooks (``scenarios.reading.workbook.guard``). Nothing is inflated here but by
``unpacked``, which is for the process that reads.
"""

import contextlib
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from parkrisk.models.errors import InputProblems, Problem
from parkrisk.scenarios.messages import problem
from parkrisk.scenarios.reading.workbook import guard, limits

__all__ = ["Upload", "accepted", "unpacked"]

#: Bytes of the longest name that file systems take.
_LONGEST_NAME = 255
#: Folders within folders of an archive; a park needs one for its map files.
_DEEPEST = 8
#: What a folder of a park or a project is read from; everything else stays packed.
_READ = (".toml", ".csv", ".geojson", ".json", ".kml", ".dxf", ".shp", ".shx", ".dbf", ".prj", ".cpg", ".gpkg")
_SQLITE = b"SQLite format 3\0"
_GEOPACKAGE_IDS = (b"GPKG", b"GP10", b"GP11")
_ARCHIVE, _EMPTY_ARCHIVE, _OLE = b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0"
#: Names that office programs put into their archives, whatever else these hold; the list of members is not packed.
_OFFICE = (b"[Content_Types].xml", b"xl/workbook.", b"mimetypeapplication/vnd.oasis")
_UTF8_NAME = 0x800


@dataclass(frozen=True)
class Upload:
    """A file that may be read.

    Parameters
    ----------
    name : str
        As the caller calls it; never used as a path.
    form : "workbook", "geopackage" or "folder"
    content : bytes
    """

    name: str
    form: str
    content: bytes


def _refuse(code: str, found: object = "", **words: object) -> InputProblems:
    return InputProblems([problem(code, "", None, "", found, **words)])


def _of_archive(refused: guard.Refused) -> Problem:
    """Problem of an archive that is no workbook, in its own words."""
    code = refused.code.replace("workbook_", "archive_")
    return problem(code, "", None, "", refused.found, **refused.words)


def accepted(name: str, content: bytes, kind: str, declared: int | None = None) -> Upload:
    """Return a file that a reader may open.

    Parameters
    ----------
    name : str
        As the caller gives it.
    content : bytes
    kind : "park" or "project"
    declared : int, optional
        Length that the request declares. [bytes]

    Raises
    ------
    InputProblems
        If the name is none, the content is of no known form, or the archive is dangerous or holds no such folder.
    """
    if (
        not name.isprintable()
        or len(name.encode("utf-8", "replace")) > _LONGEST_NAME
        or set(name) & set("/\\")
        or name in ("", ".", "..")
    ):
        raise _refuse("upload_name", name, expected=_LONGEST_NAME)
    if declared is not None and declared != len(content):
        raise _refuse("upload_size", len(content), expected=declared)
    if content.startswith(_SQLITE):
        _check_geopackage(content)
        return Upload(name, "geopackage", content)
    if content.startswith((_ARCHIVE, _EMPTY_ARCHIVE)):
        if any(member in content for member in _OFFICE):
            _check_workbook(content)
            return Upload(name, "workbook", content)
        _check_folder(content, kind)
        return Upload(name, "folder", content)
    if content.startswith(_OLE):
        _check_workbook(content)
    raise _refuse("upload_form")


def _check_workbook(content: bytes) -> None:
    try:
        guard.members(content)
    except guard.Refused as refused:
        raise _refuse(refused.code, refused.found, **refused.words) from None


def _check_folder(content: bytes, kind: str) -> None:
    try:
        _folder_of(guard.entries(content), kind)
    except guard.Refused as refused:
        raise InputProblems([_of_archive(refused)]) from None


def _check_geopackage(content: bytes) -> None:
    """Check what the header of the database says of it."""
    if len(content) > limits.FILE:
        found, most = (f"{size / 2**20:.1f} MiB" for size in (len(content), limits.FILE))
        raise _refuse("geopackage_too_large", found, expected=most)
    if len(content) < 100:
        raise _refuse("geopackage_damaged")
    page, changed, pages, valid_for = (
        struct.unpack_from(form, content, at)[0] for form, at in ((">H", 16), (">L", 24), (">L", 28), (">L", 92))
    )
    if content[68:72] not in _GEOPACKAGE_IDS:
        raise _refuse("upload_form")
    if changed == valid_for and len(content) < pages * (65_536 if page == 1 else page):
        raise _refuse("geopackage_damaged")


def _path(entry: zipfile.ZipInfo) -> PurePosixPath:
    """Path of a member; names without the mark of UTF-8 are those of Chinese Windows."""
    name = entry.orig_filename
    if not entry.flag_bits & _UTF8_NAME and not name.isascii():
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("gb18030")
    return PurePosixPath(name.replace("\\", "/"))


def _folder_of(listed: list[zipfile.ZipInfo], kind: str) -> Mapping[PurePosixPath, zipfile.ZipInfo]:
    """Members of an archive that are read, by their path in the folder that holds ``park.toml`` or ``project.toml``."""
    files: dict[PurePosixPath, zipfile.ZipInfo] = {}
    for entry in listed:
        path = _path(entry)
        # What a Mac adds of its own begins so.
        if entry.is_dir() or any(part.startswith((".", "__MACOSX")) for part in path.parts):
            continue
        too_long = len(path.parts) > _DEEPEST or any(len(part.encode()) > _LONGEST_NAME for part in path.parts)
        if too_long or path in files:
            raise guard.Refused("archive_damaged", reason=f"member name {path.name!r} / 成员名称过长、过深或重复")
        files[path] = entry
    if any(parent in files for path in files for parent in path.parents):
        raise guard.Refused("archive_damaged", reason="a file is a folder as well / 同一名称既是文件又是文件夹")
    section = f"{kind}.toml"
    tops = {path.parts[0] for path in files}
    top = PurePosixPath(*tops) if len(tops) == 1 else PurePosixPath()
    for folder in (PurePosixPath(), top):
        if folder / section in files:
            return {
                path.relative_to(folder): entry
                for path, entry in files.items()
                if path.is_relative_to(folder) and path.suffix.casefold() in _READ
            }
    raise InputProblems([problem("upload_no_folder", kind, found="", expected=section)])


def unpacked(upload: Upload, kind: str, target: Path) -> Path:
    """Write an upload where a reader can open it.

    Parameters
    ----------
    upload : Upload
    kind : "park" or "project"
    target : Path
        Empty folder.

    Returns
    -------
    Path
        What to give to the reader.

    Raises
    ------
    InputProblems
        If a member of the archive holds another number of bytes than it declares, or cannot be inflated.
    """
    if upload.form != "folder":
        file = target / (f"{kind}.xlsx" if upload.form == "workbook" else f"{kind}.gpkg")
        file.write_bytes(upload.content)
        return file
    try:
        for path, entry in _folder_of(guard.entries(upload.content), kind).items():
            place = target / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(guard.member(upload.content, entry))
    except guard.Refused as refused:
        raise InputProblems([_of_archive(refused)]) from None
    return target
