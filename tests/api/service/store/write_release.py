"""Write a store of the schema of today, with rows in every table, as SQL: ``released/REVISION.sql``.

Run once when a schema is released; a released file is never written again.
"""

import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from sqlalchemy import text

from parkrisk.api.service.store import open_store, tenants
from parkrisk.api.service.store.migrate import VERSION_TABLE
from tests.api.service.store.example_rows import fill


def main():
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "store.sqlite"
        store = open_store(f"sqlite:///{file}")
        with store.begin() as connection:
            tenants.ensure_tenant(connection, "released", "发布")
            fill(connection, "released", "released")
            revision = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar_one()
        store.close()
        target = Path(__file__).parent / "released" / f"{revision}.sql"
        if target.exists():
            sys.exit(f"{target} is released")
        with closing(sqlite3.connect(file)) as connection:
            target.write_text("\n".join(connection.iterdump()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
