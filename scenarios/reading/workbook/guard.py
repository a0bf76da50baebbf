"""What is done to an archive before anything reads it: sizes, counts, ratios and names; of a workbook also no DTD.

The sizes an archive declares are checked first, for they cost nothing, and enforced while inflating, for they can lie.
"""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping

from parkrisk.scenarios.reading.workbook import limits

__all__ = ["Refused", "archive", "entries", "inflated", "member", "members"]

_END = b"PK\x05\x06"
_ZIP64 = b"PK\x06\x07"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CHUNK = 2**20
#: What the reader needs; pictures, macros and printer settings stay packed.
_READ = (".xml", ".rels")
_UNREAD = ("xl/drawings/", "xl/charts/", "xl/media/", "xl/theme/", "xl/externalLinks/", "customXml/", "docProps/")


class Refused(Exception):
    """The archive is not read; ``code`` and ``words`` make the problem. Leaves the child as data only."""

    def __init__(self, code: str, found: str = "", **words: object) -> None:
        super().__init__(code)
        self.code = code
        self.found = found
        self.words = words


def _too_large(what_zh: str, what_en: str, found: str, expected: str) -> Refused:
    return Refused("workbook_too_large", found, what_zh=what_zh, what_en=what_en, expected=expected)


def _mib(size: int) -> str:
    return f"{size / 2**20:.0f} MiB"


def _form(content: bytes) -> None:
    """Refuse what is no XLSX, and say what it is."""
    if content.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise Refused("workbook_encrypted")
        raise Refused("workbook_form", form_zh="旧格式工作簿（.xls、.et）", form_en="an old workbook (.xls, .et)")
    if not content.startswith(b"PK"):
        if not content:
            raise Refused("workbook_form", form_zh="空文件", form_en="an empty file")
        if b"\0" in content[:4096]:
            raise Refused("workbook_form", form_zh="其他格式的文件", form_en="a file of another form")
        raise Refused("workbook_form", form_zh="文本文件（如 CSV、HTML）", form_en="a text file (such as CSV or HTML)")


def _directory(content: bytes) -> None:
    """Check what the end of the archive says of its list of members, before the list is read."""
    at = content.rfind(_END, max(0, len(content) - 65_557))
    if at < 0 or len(content) < at + 22:
        raise Refused("workbook_damaged", reason="no end of the archive / 文件不完整")
    entries, size = struct.unpack_from("<HL", content, at + 10)
    if content.startswith(_ZIP64, max(0, at - 20)) or entries == 0xFFFF:
        raise _too_large("成员个数", "number of members", f"> {0xFFFF - 1}", str(limits.ENTRIES))
    if entries > limits.ENTRIES:
        raise _too_large("成员个数", "number of members", str(entries), str(limits.ENTRIES))
    if size > limits.DIRECTORY:
        raise _too_large("成员目录", "list of members", f"{size} B", f"{limits.DIRECTORY} B")


def _declared(listed: list[zipfile.ZipInfo]) -> None:
    """Check sizes and names as the list of members declares them."""
    if len(listed) > limits.ENTRIES:
        raise _too_large("成员个数", "number of members", str(len(listed)), str(limits.ENTRIES))
    seen: set[str] = set()
    for entry in listed:
        name = entry.orig_filename
        if entry.flag_bits & 1:
            raise Refused("workbook_encrypted")
        parts = name.replace("\\", "/").split("/")
        plain = "/".join(parts).casefold()
        if name.startswith(("/", "\\")) or ".." in parts or ":" in name or min(name, default="") < " " or plain in seen:
            raise Refused("workbook_damaged", name, reason=f"member name {name!r} / 成员名称无效或重复")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise Refused("workbook_damaged", name, reason=f"symbolic link: {name!r} / 内含符号链接")
        seen.add(plain)
        if name.casefold().endswith((".zip", ".xlsx", ".xlsm")) and "embeddings/" not in name:
            raise Refused("workbook_damaged", name, reason=f"archive in the archive: {name!r} / 内含压缩文件")
        if entry.file_size > limits.ENTRY:
            raise _too_large("解压后的成员", "inflated member", _mib(entry.file_size), _mib(limits.ENTRY))
        if entry.file_size > max(limits.RATIO_FROM, limits.RATIO * entry.compress_size):
            ratio = f"{entry.file_size / max(entry.compress_size, 1):.0f} : 1"
            raise _too_large("压缩比", "ratio of compression", ratio, f"{limits.RATIO} : 1")
    total = sum(entry.file_size for entry in listed)
    if total > limits.TOTAL:
        raise _too_large("解压后的总量", "inflated total", _mib(total), _mib(limits.TOTAL))


def entries(content: bytes) -> list[zipfile.ZipInfo]:
    """Return the members of an archive after every check that needs no inflating.

    Raises
    ------
    Refused
        If the file is too large, damaged, encrypted, or its members are too many, too large, ill named, links, or
        archives themselves.
    """
    if len(content) > limits.FILE:
        raise _too_large("文件", "file", _mib(len(content)), _mib(limits.FILE))
    _directory(content)
    try:
        listed = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, struct.error, NotImplementedError, OverflowError) as error:
        raise Refused("workbook_damaged", reason=f"{error}") from None
    _declared(listed)
    return listed


def members(content: bytes) -> list[zipfile.ZipInfo]:
    """Return the members of a workbook after every check that needs no inflating.

    Raises
    ------
    Refused
        As ``entries``, and if it is no XLSX.
    """
    _form(content)
    listed = entries(content)
    names = {entry.filename for entry in listed}
    if "xl/workbook.xml" not in names:
        if "xl/workbook.bin" in names:
            raise Refused("workbook_form", form_zh="二进制工作簿（.xlsb）", form_en="a binary workbook (.xlsb)")
        if "mimetype" in names and "content.xml" in names:
            raise Refused("workbook_form", form_zh="OpenDocument 文件（.ods）", form_en="an OpenDocument file (.ods)")
        raise Refused("workbook_form", form_zh="其他压缩文件", form_en="another kind of archive")
    return listed


def member(content: bytes, entry: zipfile.ZipInfo) -> bytes:
    """Inflate one member by its own stream: no more than declared, and no less.

    Raises
    ------
    Refused
        If it holds another number of bytes than declared, or cannot be inflated.
    """
    damaged = Refused("workbook_damaged", entry.filename, reason=f"{entry.filename}: cannot be inflated / 无法解压")
    try:
        signature, name, extra = struct.unpack_from("<4s22xHH", content, entry.header_offset)
    except struct.error:
        raise damaged from None
    start = entry.header_offset + 30 + name + extra
    packed = content[start : start + entry.compress_size]
    if signature != b"PK\x03\x04" or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise damaged
    if entry.compress_type == zipfile.ZIP_STORED:
        found = packed
    else:
        stream = zlib.decompressobj(-zlib.MAX_WBITS)
        pieces, size = [], 0
        try:
            while not stream.eof and size <= entry.file_size:
                pieces.append(stream.decompress(packed, _CHUNK))
                size += len(pieces[-1])
                packed = stream.unconsumed_tail
                if not packed and not pieces[-1]:
                    break  # the stream ends before it is complete
        except zlib.error:
            raise damaged from None
        found = b"".join(pieces)
    if len(found) > entry.file_size:
        raise Refused("workbook_lies", entry.filename, expected=entry.file_size)
    if len(found) < entry.file_size or zlib.crc32(found) != entry.CRC:
        raise damaged
    return found


def inflated(content: bytes, listed: list[zipfile.ZipInfo]) -> dict[str, bytes]:
    """Inflate the members that hold sheets, text, styles and their relations.

    Raises
    ------
    Refused
        If a member holds more than it declares, is damaged, or is XML with a document type or in a hidden encoding.
    """
    found = {}
    for entry in listed:
        name = entry.filename
        if not name.endswith(_READ) or name.startswith(_UNREAD):
            continue
        text = member(content, entry)
        if b"<!DOCTYPE" in text or b"<!ENTITY" in text or b"\0" in text[:64]:
            raise Refused("workbook_entities", name)
        found[name] = text
    return found


def archive(texts: Mapping[str, bytes]) -> io.BytesIO:
    """Pack the members that were checked, and only those, so that the next reader sees nothing else."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as file:
        for name, text in texts.items():
            file.writestr(zipfile.ZipInfo(name), text)
    packed.seek(0)
    return packed
