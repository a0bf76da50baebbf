"""Files that pretend to be workbooks: small to send, large to open."""

import functools
import io
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

_SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
_BOOK = (
    b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    b'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    b'<sheets><sheet name="units" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
_TYPE = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_RELATIONS = (
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b'<Relationship Id="rId1" Type="' + _TYPE + b'worksheet" Target="worksheets/sheet1.xml"/>'
    b'<Relationship Id="rId2" Type="' + _TYPE + b'sharedStrings" Target="sharedStrings.xml"/></Relationships>'
)
_ROOT = (
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b'<Relationship Id="rId1" Type="' + _TYPE + b'officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>'
)


def packed(members: Mapping[str, bytes]) -> bytes:
    """Give a workbook of one sheet, its members replaced or added to."""
    every = {
        "_rels/.rels": _ROOT,
        "xl/workbook.xml": _BOOK,
        "xl/_rels/workbook.xml.rels": _RELATIONS,
        "xl/worksheets/sheet1.xml": _SHEET % b'<row r="1"><c r="A1"><v>1</v></c></row>',
        **members,
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in every.items():
            archive.writestr(name, content)
    return file.getvalue()


@functools.cache
def inflating() -> bytes:
    """Some 0.3 MB that inflate to 300 MB, and say so."""
    return packed({"xl/worksheets/sheet1.xml": b" " * 300 * 2**20})


def lying() -> bytes:
    """The same, declaring 1,000 bytes."""
    content = bytearray(inflating())
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = content.find(b"xl/worksheets/sheet1.xml", content.find(signature))
        while content.rfind(signature, 0, at) < at - 46:
            at = content.find(b"xl/worksheets/sheet1.xml", at + 1)
        struct.pack_into("<L", content, content.rfind(signature, 0, at) + offset, 1000)
    return bytes(content)


def crowded(count: int = 1_000_000) -> bytes:
    """A million members, of which the end of the archive admits five."""
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"x"
    directory = entry * count
    return b"PK\x03\x04" + directory + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 5, 5, len(directory), 4, 0)


def laughing() -> bytes:
    """Entities within entities in a sheet."""
    return packed({"xl/worksheets/sheet1.xml": LAUGHS + _SHEET % b"<row><c><v>&d;</v></c></row>"})


def boundless() -> bytes:
    """A sheet of two cells, as far apart as a sheet allows."""
    rows = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    sheet = (_SHEET % rows).replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>')
    return packed({"xl/worksheets/sheet1.xml": sheet})


def repeating() -> bytes:
    """One long text in every cell: little in the file, gigabytes in memory."""
    text = b"<sst><si><t>" + b"x" * 30_000 + b"</t></si></sst>"
    rows = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (row, row) for row in range(1, 100_001))
    return packed({"xl/sharedStrings.xml": text, "xl/worksheets/sheet1.xml": _SHEET % rows})


#: Bomb → code of the problem it is refused with.
BOMBS: Mapping[str, tuple[Callable[[], bytes], tuple[str, ...]]] = {
    "inflating": (inflating, ("workbook_too_large",)),
    "lying": (lying, ("workbook_lies",)),
    "crowded": (crowded, ("workbook_too_large",)),
    "laughing": (laughing, ("workbook_entities",)),
    "boundless": (boundless, ("workbook_cells",)),
    "repeating": (repeating, ("workbook_too_large", "workbook_memory")),
}


def write(content: bytes, path: Path) -> Path:
    """Write a file and give its path."""
    path.write_bytes(content)
    return path


def sheet(rows: bytes, more: bytes = b"") -> bytes:
    """Give the XML of a sheet."""
    return (_SHEET % rows).replace(b"</worksheet>", more + b"</worksheet>")
