"""An upload as files that the readers take: a workbook or GeoPackage as it is, a folder out of its archive."""

import io
import re
import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from parkrisk.models.errors import InputProblems, Problem

__all__ = ["unpacked"]

#: Files of a folder: its tables, and maps, rasters and weather beside them.
_MOST_FILES = 500
#: All files inflated. [bytes]
_MOST_BYTES = 512 * 2**20
#: What the systems of those who pack folders add of their own.
_LITTER = re.compile(r"(^|/)(__MACOSX|\.DS_Store|Thumbs\.db|desktop\.ini)(/|$)")
_ODD = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\]')
_BLOCK = 2**20


def unpacked(content: bytes, name: str, folder: Path) -> Path:
    """Write an upload into an empty folder; gives the path that a reader takes.

    Raises
    ------
    InputProblems
        It is an archive of a folder that is damaged, too large, or names places outside the folder.
    """
    plain_name = _ODD.sub("_", PurePosixPath(name.replace("\\", "/")).name).lstrip(".")[-100:] or "upload"
    if not plain_name.casefold().endswith(".zip"):
        path = folder / plain_name
        path.write_bytes(content)
        return path
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _inflate(archive, folder)
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, RuntimeError, NotImplementedError):
        raise _refused(plain_name, "压缩文件损坏、已加密或格式不支持", "the archive is damaged or encrypted") from None
    return _root(folder)


def _inflate(archive: zipfile.ZipFile, folder: Path) -> None:
    entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _LITTER.search(entry.filename)]
    if len(entries) > _MOST_FILES:
        raise _refused(str(len(entries)), f"文件数超过 {_MOST_FILES}", f"more than {_MOST_FILES} files")
    left = _MOST_BYTES
    seen: set[str] = set()
    for entry in entries:
        path = _inside(entry, seen)
        target = folder.joinpath(*path.parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(entry) as packed, target.open("xb") as file:
            while block := packed.read(_BLOCK):
                left -= len(block)
                if left < 0:  # what was declared is not believed
                    most = f"{_MOST_BYTES // 2**20} MiB"
                    raise _refused(entry.filename, f"解压后超过 {most}", f"more than {most} when inflated")
                file.write(block)


def _inside(entry: zipfile.ZipInfo, seen: set[str]) -> PurePosixPath:
    """Path of a member, if it stays in the folder and is a plain file that no other member replaces."""
    path = PurePosixPath(entry.filename)
    link = entry.external_attr >> 28 == 0xA
    odd = path.is_absolute() or ".." in path.parts or _ODD.search(entry.filename) or len(entry.filename) > 200
    if link or odd or str(path).casefold() in seen:
        raise _refused(entry.filename, "不允许的文件名", "a name that is not allowed")
    seen.add(str(path).casefold())
    return path


def _root(folder: Path) -> Path:
    """Go into the one folder that an archive holds, where it was packed with it."""
    within = list(folder.iterdir())
    return within[0] if len(within) == 1 and within[0].is_dir() else folder


def _refused(found: str, message_zh: str, message_en: str) -> InputProblems:
    fault = Problem("", None, "", "archive_refused", found[:200], f"压缩文件：{message_zh}", f"archive: {message_en}")
    return InputProblems([fault])
