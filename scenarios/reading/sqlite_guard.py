"""What is asked of a GeoPackage before GDAL opens it: that it is whole, and that nothing in it would be run.

A GeoPackage is an SQLite database. Views, generated columns and virtual tables are programs that run when a layer is
read, without an end if their author likes; no GIS writes them into a file of plain layers but for the spatial index.
"""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

__all__ = ["refusal"]

_HEADER = b"SQLite format 3\0"
_IDS = (b"GPKG", b"GP10", b"GP11")
#: Largest file; it is read into memory as a whole. [bytes]
_LARGEST = 512 * 2**20
#: Instructions of the database program between two looks, and how many looks a check may take: some seconds.
_STEPS, _LOOKS = 1_000_000, 500
#: Triggers that the standard and GDAL write: for the spatial index, the number of rows, the tables of the standard.
_USUAL_TRIGGER = re.compile(r"(rtree_|trigger_insert_feature_count_|trigger_delete_feature_count_|gpkg_)", re.ASCII)
_INDEX = re.compile(r"create\s+virtual\s+table\s+\S+\s+using\s+rtree\s*\(", re.IGNORECASE)


def refusal(path: Path) -> tuple[str, str]:
    """Code of what is wrong with a GeoPackage and what was found; both "" if nothing is."""
    try:
        with path.open("rb") as file:
            header = file.read(100)
        if len(header) < 100 or not header.startswith(_HEADER) or header[68:72] not in _IDS:
            return "geopackage_damaged", ""
        if path.stat().st_size > _LARGEST:
            return "geopackage_damaged", f"> {_LARGEST // 2**20} MiB"
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            return _looked_into(database)
    except (OSError, sqlite3.Error, UnicodeDecodeError):
        return "geopackage_damaged", ""


def _looked_into(database: sqlite3.Connection) -> tuple[str, str]:
    looks = iter(range(_LOOKS))
    database.set_progress_handler(lambda: next(looks, None) is None, _STEPS)
    database.execute("PRAGMA trusted_schema = OFF")
    database.execute("PRAGMA cell_size_check = ON")
    for kind, name, sql in database.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master").fetchall():
        if kind == "view" or (kind == "trigger" and not _USUAL_TRIGGER.match(str(name))):
            return "geopackage_sql", f"{kind} {name}"
        if kind == "table" and str(sql).lstrip()[:14].casefold() == "create virtual" and not _INDEX.match(str(sql)):
            return "geopackage_sql", f"virtual table {name}"
        if kind == "table" and " as " in " ".join(str(sql).split()).casefold():
            hidden = database.execute("SELECT name FROM pragma_table_xinfo(?) WHERE hidden > 1", (name,)).fetchone()
            if hidden:
                return "geopackage_sql", f"generated column {name}.{hidden[0]}"
    if database.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        return "geopackage_damaged", ""
    return "", ""
