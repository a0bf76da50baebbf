"""Files that no reader should ever see, each with the code of the problem that refuses it."""

import io
import stat
import struct
import warnings
import zipfile
from collections.abc import Callable, Mapping

from tests.minimal_park import FOLDER
from tests.scenarios import workbook_bombs as bombs

GOOD = {
    path.relative_to(FOLDER).as_posix(): path.read_bytes()
    for path in sorted(FOLDER.iterdir())
    if path.suffix in (".toml", ".csv", ".geojson")
}


def zipped(members: Mapping[str | zipfile.ZipInfo, bytes] = GOOD, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Give an archive of members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def _with(name: str | zipfile.ZipInfo, content: bytes = b"x") -> bytes:
    return zipped({**GOOD, name: content})


def _renamed(name: str, other: str) -> bytes:
    """Archive whose member has another name than a writer would give it."""
    return _with(name).replace(name.encode(), other.encode())


def _link() -> bytes:
    entry = zipfile.ZipInfo("units2.csv")
    entry.create_system = 3
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return _with(entry, b"/etc/passwd")


def _twice() -> bytes:
    file = io.BytesIO(zipped())
    with warnings.catch_warnings(), zipfile.ZipFile(file, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("units.csv", b"other")
    return file.getvalue()


def _encrypted() -> bytes:
    content = bytearray(zipped())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(signature)
        struct.pack_into("<H", content, at + offset, 1)
    return bytes(content)


def _lying() -> bytes:
    content = bytearray(_with("more.csv", b"a,b\n" * 1000))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = content.rfind(signature, 0, content.rfind(b"PK\x05\x06"))
        struct.pack_into("<L", content, at + offset, 10)
    return bytes(content)


def _damaged() -> bytes:
    content = bytearray(zipped(method=zipfile.ZIP_STORED))
    content[content.find(b"PK\x03\x04") + 60] ^= 0xFF
    return bytes(content)


def _inflating() -> bytes:
    return bombs.packed({"xl/worksheets/sheet1.xml": bytes(4 * 2**20)})


def geopackage(**header: int) -> bytes:
    """Give the header of a GeoPackage of one page of 4096 bytes."""
    content = bytearray(4096)
    content[:16] = b"SQLite format 3\0"
    struct.pack_into(">H", content, 16, 4096)
    struct.pack_into(">L", content, 28, header.get("pages", 1))
    content[68:72] = b"GPKG" if header.get("marked", 1) else b"\0\0\0\0"
    return bytes(content)


#: What it is → (name, its content, code of the problem).
HOSTILE: Mapping[str, tuple[str, Callable[[], bytes], str]] = {
    "path in the name": ("../../etc/park.zip", zipped, "upload_name"),
    "Windows path in the name": ("C:\\park.zip", zipped, "upload_name"),
    "control character in the name": ("park\0.zip", zipped, "upload_name"),
    "line break in the name": ("park\r\nX-Evil: 1.zip", zipped, "upload_name"),
    "long name": ("园" * 100 + ".zip", zipped, "upload_name"),
    "no name": ("", zipped, "upload_name"),
    "empty file": ("park.xlsx", lambda: b"", "upload_form"),
    "program called a workbook": ("park.xlsx", lambda: b"MZ\x90\0" + bytes(500), "upload_form"),
    "page called a workbook": ("park.xlsx", lambda: b"<html><script>alert(1)</script>", "upload_form"),
    "database that is no map": ("park.gpkg", lambda: geopackage(marked=0), "upload_form"),
    "map cut off": ("park.gpkg", lambda: geopackage(pages=9), "geopackage_damaged"),
    "map of a header": ("park.gpkg", lambda: b"SQLite format 3\0", "geopackage_damaged"),
    "old workbook": ("park.xls", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "workbook_form"),
    "document of text": ("park.docx", lambda: zipped({"[Content_Types].xml": b"<T/>"}), "workbook_form"),
    "inflating workbook": ("park.xlsx", _inflating, "workbook_too_large"),
    "crowded archive": ("park.zip", lambda: bombs.crowded(50_000), "archive_too_large"),
    "many members": ("park.zip", lambda: zipped({f"{n}.csv": b"" for n in range(5001)}), "archive_too_large"),
    "high ratio": ("park.zip", lambda: _with("big.csv", bytes(4 * 2**20)), "archive_too_large"),
    "archive in the archive": ("park.zip", lambda: _with("more.zip", zipped()), "archive_damaged"),
    "absolute path": ("park.zip", lambda: _renamed("aetc/cron.csv", "/etc/cron.csv"), "archive_damaged"),
    "path upwards": ("park.zip", lambda: _with("../../root.csv"), "archive_damaged"),
    "Windows path upwards": ("park.zip", lambda: _renamed("..a..aroot.csv", "..\\..\\root.csv"), "archive_damaged"),
    "drive letter": ("park.zip", lambda: _with("C:/root.csv"), "archive_damaged"),
    "null in a member name": ("park.zip", lambda: _renamed("unitsX.csv.exe", "units\0.csv.exe"), "archive_damaged"),
    "symbolic link": ("park.zip", _link, "archive_damaged"),
    "member twice": ("park.zip", _twice, "archive_damaged"),
    "member twice but for case": ("park.zip", lambda: _with("UNITS.csv"), "archive_damaged"),
    "file and folder": ("park.zip", lambda: _with("units.csv/x.csv"), "archive_damaged"),
    "deep folders": ("park.zip", lambda: _with("a/" * 20 + "x.csv"), "archive_damaged"),
    "password": ("park.zip", _encrypted, "archive_encrypted"),
    "end missing": ("park.zip", lambda: zipped()[:-30], "archive_damaged"),
    "no park in it": ("park.zip", lambda: zipped({"photo.jpg": b"\xff\xd8"}), "upload_no_folder"),
    "empty archive": ("park.zip", lambda: zipped({}), "upload_no_folder"),
}
#: Those that show themselves only while they are inflated.
LIARS: Mapping[str, tuple[str, Callable[[], bytes], str]] = {
    "member larger than declared": ("park.zip", _lying, "archive_lies"),
    "damaged member": ("park.zip", _damaged, "archive_damaged"),
}
