"""Workbooks, GeoPackages and archives that are not what they say."""

import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

from tests.api.service.hostile_files import GOOD, HOSTILE, LIARS, geopackage, zipped
from tests.hostile.case import Case, Make, refused, right
from tests.hostile.makers import archive, bytes_edited, cut, lone, written
from tests.scenarios import workbook_bombs as bombs

#: Forms that the service tells by content and the reader by name: where the two words for it differ.
_ARCHIVES = tuple(
    refused(f"upload: {what}", "upload", lone("upload", make), code)
    for what, (name, make, code) in {**HOSTILE, **LIARS}.items()
    if code != "upload_name"
)

ARCHIVES = (
    *_ARCHIVES,
    refused("archive cut at 40%", "upload", lone("park.zip", lambda: cut(zipped(), 0.4)), "archive_damaged"),
    refused("archive of one deep name", "upload", archive({**GOOD, "x" * 300 + ".csv": b"a"}), "archive_damaged"),
    right("archive with a device's name of Windows, which is no table", "upload", archive({**GOOD, "con.csv": b"a"}),
          lambda park: len(park.tables["units"]) == 5),
    refused("archive with a faulty table", "upload", archive({**GOOD, "units.csv": b"unit_id\nT-1\n"}), "missing_column"),
)  # fmt: skip


def _bomb(what: str) -> Case:
    make, codes = bombs.BOMBS[what]
    return refused(f"workbook: {what}", "park", lone("park.xlsx", make), codes[-1])


def _packed(
    name: str, content: bytes | Callable[[], bytes], *codes: str, member: str = "xl/worksheets/sheet1.xml"
) -> Case:
    def made() -> bytes:
        return bombs.packed({member: content() if callable(content) else content})

    return refused(f"workbook: {name}", "park", lone("park.xlsx", made), *codes)


_EXTERNAL = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
_chance = random.Random(5)

WORKBOOKS = (
    *(_bomb(what) for what in bombs.BOMBS),
    *(
        refused(f"workbook cut at {share:.2%}", "park",
                written(".xlsx", bytes_edited(lambda b, share=share: cut(b, share))))
        for share in sorted(_chance.uniform(0.02, 0.99) for _ in range(5))
    ),
    _packed("external entity", _EXTERNAL + bombs.sheet(b"<row><c><v>&a;</v></c></row>"), "workbook_entities"),
    _packed("UTF-16 that hides entities", (_EXTERNAL + bombs.sheet(b"")).decode().encode("utf-16"), "workbook_entities"),
    _packed("a million rows declared", lambda: bombs.sheet(b'<row r="1048576"><c r="A1048576"><v>1</v></c></row>'), "no_header"),
    _packed("row number beyond every sheet", bombs.sheet(b'<row r="99999999"><c r="A99999999"><v>1</v></c></row>'), "workbook_cells"),
    _packed("column beyond every sheet", bombs.sheet(b'<row r="1"><c r="ZZZZZZ1"><v>1</v></c></row>'), "workbook_damaged"),
    _packed("shared string that is not there", bombs.sheet(b'<row r="1"><c r="A1" t="s"><v>999999999</v></c></row>'), "workbook_damaged"),
    _packed("negative shared string", bombs.sheet(b'<row r="1"><c r="A1" t="s"><v>-1</v></c></row>'), "workbook_damaged"),
    _packed("100,000 merged ranges", lambda: bombs.sheet(
        b'<row r="1"><c r="A1"><v>1</v></c></row>',
        b"<mergeCells>" + b"".join(b'<mergeCell ref="A%d:B%d"/>' % (n, n) for n in range(1, 100_001)) + b"</mergeCells>",
    ), "workbook_marks"),
    _packed("100,000 styles", lambda: b"<styleSheet><cellXfs>" + b'<xf numFmtId="14"/>' * 100_000
            + b"</cellXfs></styleSheet>", "workbook_too_large", member="xl/styles.xml"),
    _packed("number format of a megabyte", lambda: b'<styleSheet><numFmts><numFmt numFmtId="164" formatCode="'
            + b"[" * 10**6 + b'"/></numFmts></styleSheet>', "no_header", member="xl/styles.xml"),
    _packed("100,000 nested elements", lambda: bombs.sheet(b"<row>" * 100_000), "workbook_damaged"),
    _packed("cells within cells", bombs.sheet(b'<row r="1"><c r="A1"><c r="A1"><v>1</v></c></c></row>'), "workbook_damaged"),
    _packed("sheet in another folder", bombs._RELATIONS.replace(b"worksheets/sheet1.xml", b"../../../etc/passwd"),
            "missing_table", member="xl/_rels/workbook.xml.rels"),
    _packed("sheet that is not there", bombs._RELATIONS.replace(b"sheet1", b"sheet9"),
            "missing_table", member="xl/_rels/workbook.xml.rels"),
    _packed("workbook without sheets", b"<workbook/>", "missing_table", member="xl/workbook.xml"),
    _packed("ten thousand sheets", lambda: bombs._BOOK.replace(
        b"</sheets>", b"".join(b'<sheet name="s%d" sheetId="%d" r:id="rId1"/>' % (n, n) for n in range(2, 10_000))
        + b"</sheets>"), "workbook_too_large", member="xl/workbook.xml"),
    refused("workbook: an archive in it", "park",
            lone("park.xlsx", lambda: bombs.packed({"xl/more.zip": zipped()})), "workbook_damaged"),
    refused("workbook: a page", "park", lone("park.xlsx", b"<html/>"), "workbook_form"),
    refused("workbook: empty", "park", lone("park.xlsx", b""), "workbook_form"),
)  # fmt: skip


def _sql(*statements: str) -> Make:
    """The minimal park as a GeoPackage, then changed by SQL."""

    def edit(path: Path) -> None:
        database = sqlite3.connect(path, isolation_level=None)
        database.execute("PRAGMA writable_schema = ON")
        for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            database.create_function(name, 1, lambda blob: 0.0)
        for statement in statements:
            database.execute(statement)
        database.close()

    return written(".gpkg", edit)


def _pages(path: Path) -> None:
    """Every page but the first half is noise."""
    content = bytearray(path.read_bytes())
    chance = random.Random(3)
    for at in range(len(content) // 2, len(content), 97):
        content[at] = chance.randrange(256)
    path.write_bytes(content)


_VIEW = "CREATE VIEW {} AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x AS fid FROM c"
_LISTED = "INSERT INTO gpkg_contents(table_name, data_type, identifier) VALUES ('{0}', 'attributes', '{0}')"
_SHADOW = (
    "DELETE FROM gpkg_contents WHERE table_name = 'answers'", "DROP TABLE answers", _VIEW.format("answers"),
    _LISTED.format("answers"),
)  # fmt: skip
_GENERATED = ("ALTER TABLE answers ADD COLUMN bomb TEXT AS (hex(zeroblob(400000000))) VIRTUAL",)
_CRS = "UPDATE gpkg_geometry_columns SET srs_id = 4490"
_TRIGGER = "CREATE TRIGGER t INSTEAD OF INSERT ON v BEGIN DELETE FROM units; END"

GEOPACKAGES = (
    refused("GeoPackage: a header only", "park", lone("park.gpkg", geopackage()), "geopackage_damaged"),
    refused("GeoPackage: empty", "park", lone("park.gpkg", b""), "geopackage_damaged"),
    refused("GeoPackage: text", "park", lone("park.gpkg", b"unit_id,x\n" * 100), "geopackage_damaged"),
    refused("GeoPackage: a map service", "park",
            lone("park.gpkg", "<OGRVRTDataSource><OGRVRTLayer name='park'><SrcDataSource>/vsicurl/http://127.0.0.1:9/x"
                 "</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"), "geopackage_damaged"),
    *(
        refused(f"GeoPackage cut at {share:.2%}", "park",
                written(".gpkg", bytes_edited(lambda b, share=share: cut(b, share))), "geopackage_damaged")
        for share in sorted(_chance.uniform(0.02, 0.99) for _ in range(5))
    ),
    refused("GeoPackage: noise in its pages", "park", written(".gpkg", _pages), "geopackage_damaged"),
    refused("GeoPackage: marked as something else", "park",
            written(".gpkg", bytes_edited(lambda b: b[:68] + b"EVIL" + b[72:])), "geopackage_damaged"),
    refused("GeoPackage: a view that never ends", "park", _sql(*_SHADOW), "geopackage_sql"),
    refused("GeoPackage: a column that swells", "park", _sql(*_GENERATED), "geopackage_sql"),
    refused("GeoPackage: a trigger of its own", "park",
            _sql("CREATE TRIGGER t AFTER INSERT ON units BEGIN DELETE FROM units; END"), "geopackage_sql"),
    refused("GeoPackage: a schema that is none", "park",
            _sql("UPDATE sqlite_master SET sql = 'CREATE TABLE units (((' WHERE name = 'units'"), "geopackage_damaged"),
    refused("GeoPackage: tables in one page", "park",
            _sql("UPDATE sqlite_master SET rootpage = 3 WHERE type = 'table'"), "geopackage_damaged"),
    refused("GeoPackage: geometries of another CRS", "park", _sql(_CRS), "layer_crs"),
    refused("GeoPackage: geometries that are none", "park", _sql("UPDATE units SET geom = X'00'"), "missing_value"),
    refused("GeoPackage: geometries cut off", "park", _sql("UPDATE units SET geom = substr(geom, 1, 20)"), "missing_value"),
    refused("GeoPackage: text in a column of numbers", "park", _sql("UPDATE units SET diameter_m = 'wide'"), "out_of_range"),
    refused("GeoPackage: a formula", "park", _sql("UPDATE units SET name = '=1+1' WHERE unit_id = 'T-101'"),
            "formula_text"),
    refused("GeoPackage: two parks", "park", _sql("CREATE TEMP TABLE p AS SELECT * FROM park", "UPDATE p SET fid = 2",
                               "INSERT INTO park SELECT * FROM p"), "one_row"),
    refused("GeoPackage: no park", "park", _sql("DELETE FROM park"), "one_row"),
    refused("GeoPackage: a table is gone", "park", _sql("DROP TABLE units"), "missing_table"),
)  # fmt: skip

CASES: tuple[Case, ...] = (*ARCHIVES, *WORKBOOKS, *GEOPACKAGES)
