"""The schema: made by migrations alone, safe when several open it at once, kept from release to release."""

import contextlib
import sqlite3
import threading
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from dbos import run_dbos_database_migrations
from sqlalchemy import Boolean, MetaData, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from parkrisk.api.service.store import audit, open_store
from parkrisk.api.service.store.database import Store, _address, _engine
from parkrisk.api.service.store.errors import BadAddress, NewerDatabase, NotFound, Unreachable
from parkrisk.api.service.store.migrate import VERSION_TABLE, migrate
from parkrisk.api.service.store.tables import metadata
from tests.api.service.store.example_rows import OF_ALL, read, rows

RELEASED = sorted((Path(__file__).parent / "released").glob("*.sql"))


@contextlib.contextmanager
def _opened(url):
    store = open_store(url)
    yield store
    store.close()


def _differences(connection):
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE, "compare_type": True})
    return compare_metadata(context, metadata)


def test_models_and_migrations_agree(database):
    with _opened(database) as store, store.reading() as connection:
        assert _differences(connection) == []
        found = inspect(connection)
        for table in metadata.sorted_tables:  # what the comparison leaves out
            key = [column.name for column in table.primary_key]
            assert found.get_pk_constraint(table.name)["constrained_columns"] == key
        assert set(found.get_table_names()) == {*metadata.tables, VERSION_TABLE}


def test_the_tables_of_the_jobs_stay_as_they_are(database):
    """Made before ours or after them, in the same database."""
    address = _address(database).render_as_string(hide_password=False)
    with _opened(database) as store:
        run_dbos_database_migrations(address)
        with store.reading() as connection:
            schema = None if connection.dialect.name == "sqlite" else "dbos"
            names = set(inspect(connection).get_table_names(schema=schema))
            assert "workflow_status" in names
            assert not (names - {*metadata.tables, VERSION_TABLE}) & set(metadata.tables)
            changed = [each for each in _differences(connection) if each[0] not in ("remove_table", "remove_index")]
            assert changed == []
    with _opened(database) as store, store.reading() as connection:
        assert set(inspect(connection).get_table_names(schema=schema)) == names


def test_opening_again_changes_nothing(database):
    with _opened(database) as store, store.begin() as connection:
        connection.execute(metadata.tables["tenants"].insert().values(id="t", name="n", created="c"))
    with _opened(database) as store, store.reading() as connection:
        assert connection.execute(text("SELECT name FROM tenants")).scalars().all() == ["n"]
        assert connection.execute(text(f"SELECT count(*) FROM {VERSION_TABLE}")).scalar_one() == 1


def test_eight_open_a_new_database_at_once(database):
    faults, together = [], threading.Barrier(8)

    def start():
        try:
            together.wait()
            with _opened(database):
                pass
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    with _opened(database) as store, store.reading() as connection:
        assert _differences(connection) == []


def test_a_newer_database_is_refused_and_left_alone(database):
    with _opened(database) as store, store.begin() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    with pytest.raises(NewerDatabase, match="9999"):
        open_store(database)
    engine = _engine(_address(database))
    with engine.begin() as connection:
        assert connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar_one() == "9999"
        assert _differences(connection) == []
    engine.dispose()


def test_a_migration_that_fails_leaves_nothing(database, monkeypatch):
    whole = command.upgrade

    def cut(config, revision):
        whole(config, revision)
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "upgrade", cut)
    with pytest.raises(KeyboardInterrupt):
        open_store(database)
    engine = _engine(_address(database))
    assert inspect(engine).get_table_names() == []
    engine.dispose()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://u:secret@h/d",
        "http://h/",
        "sqlite:///\x00",
        "postgresql://h:port/d",
    ],
)
def test_bad_addresses(url):
    with pytest.raises((BadAddress, Unreachable)) as caught:
        open_store(url)
    assert "secret" not in str(caught.value)


def test_databases_that_cannot_be_opened(tmp_path):
    with pytest.raises(Unreachable):
        open_store("postgresql://nobody:secret@127.0.0.1:1/none")
    (tmp_path / "text").write_text("no database " * 100)
    with pytest.raises(Unreachable):
        open_store(f"sqlite:///{tmp_path / 'text'}")
    with pytest.raises(Unreachable):
        open_store(f"sqlite:///{tmp_path / 'text' / 'below'}")
    with pytest.raises(NotFound):
        open_store(f"sqlite:///{tmp_path / 'none'}", make=False)
    assert not (tmp_path / "none").exists()


def test_only_the_owner_reads_the_file(tmp_path):
    file = tmp_path / "new" / "parkrisk.sqlite"
    store = open_store(f"sqlite:///{file}")
    try:
        with store.begin() as connection:
            connection.execute(text("SELECT 1"))
            modes = {each.name: each.stat().st_mode & 0o777 for each in (file.parent, *file.parent.iterdir())}
        assert modes.pop("new") == 0o700
        assert len(modes) == 3
        assert set(modes.values()) == {0o600}
    finally:
        store.close()


def test_no_value_stands_in_an_error(database):
    store = open_store(database)
    try:
        with pytest.raises(DBAPIError) as caught, store.begin() as connection:
            connection.execute(text("SELECT :word FROM nowhere"), {"word": "swordfish"})
        assert "swordfish" not in str(caught.value)
    finally:
        store.close()


def test_settings_of_every_connection(tmp_path):
    with _opened(f"sqlite:///{tmp_path / 'folder' / 's.sqlite'}") as store:
        first, second = store.engine.connect(), store.engine.connect()
        for connection in (first, second):
            for name, value in {
                "journal_mode": "wal",
                "synchronous": 2,
                "foreign_keys": 1,
                "busy_timeout": 30_000,
            }.items():
                assert connection.connection.execute(f"PRAGMA {name}").fetchone()[0] == value
            connection.close()


def _load(database, dump, folder):
    """Put the rows of a dump, which is SQLite's, into an empty database with the schema of that release."""
    file = folder / "released.sqlite"
    with contextlib.closing(sqlite3.connect(file)) as source:
        source.executescript(dump.read_text(encoding="utf-8"))
    engine = _engine(_address(database))
    migrate(engine, dump.stem)
    released, target = MetaData(), MetaData()
    source = create_engine(f"sqlite:///{file}")
    released.reflect(source)
    target.reflect(engine)
    with source.connect() as reader, engine.begin() as writer:
        for table in target.sorted_tables:
            if table.name == VERSION_TABLE:
                continue
            flags = [column.name for column in table.columns if isinstance(column.type, Boolean)]
            for row in reader.execute(released.tables[table.name].select()):
                values = {name: bool(value) if name in flags else value for name, value in row._mapping.items()}
                writer.execute(table.insert().values(values))
    source.dispose()
    return engine


@pytest.mark.parametrize("dump", RELEASED, ids=lambda file: file.stem)
def test_a_released_store_still_opens(database, dump, tmp_path):
    """Every row of a released store is read back through the functions of today, and its audit is whole.

    A dump was written once, by ``python -m tests.api.service.store.write_release``, when its schema was the last one.
    """
    if database.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as connection:
            connection.executescript(dump.read_text(encoding="utf-8"))
    else:
        _load(database, dump, tmp_path).dispose()
    with _opened(database) as store, store.reading() as connection:
        assert _differences(connection) == []
        stored = rows(connection, "released")
        assert set(stored) == set(metadata.tables) - OF_ALL
        assert all(stored.values()), "a row in every table"
        found = read(connection, "released")
        assert set(found) == set(stored) - {"idempotency"}
        for table, records in found.items():
            assert len(records) == len(stored[table])
            raw = {
                repr(sorted((name, row[name]) for name in records[0]._fields if name in row)) for row in stored[table]
            }
            for record in records:
                fields = record._asdict()
                assert repr(sorted((name, fields[name]) for name in stored[table][0] if name in fields)) in raw
        _read_contents(connection, found)
        assert audit.verify(connection, "released").broken is None
        assert audit.verify(connection, "released").lines == len(stored["audit"])


def _read_contents(connection, found):
    from parkrisk.api.service.store import artifacts, idempotency

    (run,) = found["runs"]
    assert artifacts.get_artifact(connection, "released", "run", run.id, "document.json")[1] == b"released" * 500
    assert artifacts.get_artifact(connection, "released", "run", run.id, "mark.png")[1] == b"released"
    digest = {"request_digest": "released-request"}
    answer = idempotency.find_request(connection, "released", "POST /v1/parks", "released-key", **digest)
    assert answer.status == 201


def test_the_first_migration_is_the_released_one(tmp_path):
    """A released migration is never changed: today it still makes the tables of the dump."""
    made = _engine(_address(f"sqlite:///{tmp_path / 'made.sqlite'}"))
    for dump in RELEASED:
        migrate(made, dump.stem)
        with contextlib.closing(sqlite3.connect(":memory:")) as released, made.connect() as now:
            released.executescript(dump.read_text(encoding="utf-8"))
            query = "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"
            assert released.execute(query).fetchall() == [tuple(row) for row in now.execute(text(query))]
    made.dispose()
    assert RELEASED


def test_reading_cannot_write(store, tenant):
    assert isinstance(store, Store)
    with pytest.raises(Exception, match=r"read.?only"), store.reading() as connection:
        connection.execute(text("DELETE FROM workers"))
    with store.begin() as connection:  # and a connection that read may write again
        connection.execute(text("DELETE FROM workers"))
