"""The one database: a SQLite file or PostgreSQL, opened with its schema brought up to date."""

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from parkrisk.api.service.store.errors import BadAddress, NotFound, Unreachable
from parkrisk.api.service.store.migrate import migrate

_log = logging.getLogger(__name__)

#: How long a writer waits for another one. [s]
_PATIENCE = 30


@dataclass(frozen=True)
class Store:
    """An open database.

    Attributes
    ----------
    engine : sqlalchemy.Engine
        For the library of the jobs, which keeps its tables in the same database. Its transactions may write.
    """

    engine: Engine
    _turn: AbstractContextManager[Any] = field(default_factory=threading.Lock, repr=False, compare=False)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One transaction that may write: all of it is kept, or nothing.

        On SQLite only one such transaction is open at a time; the others wait. Those of this process wait here, where
        each is woken in turn: SQLite itself has them sleep and try again, and some starve.
        """
        turn = self._turn if self.engine.dialect.name == "sqlite" else nullcontext()
        with turn, self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One transaction that sees one state of the database and cannot write."""
        with _reader(self.engine) as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Close every connection that is not in use."""
        self.engine.dispose()


def open_store(url: str, *, make: bool = True) -> Store:
    """Open the database and bring its schema up to date.

    Parameters
    ----------
    url : str
        ``sqlite:///FILE`` or ``postgresql://USER:PASSWORD@HOST/NAME``.
    make : bool
        Make the SQLite file where there is none; else a missing one is an error.

    Raises
    ------
    BadAddress, Unreachable, NewerDatabase
    NotFound
        There is no such SQLite file, and ``make`` is false.
    """
    address = _address(url)
    if not make and address.get_backend_name() == "sqlite" and not Path(address.database or "").is_file():
        raise NotFound("数据库", "database")
    engine = _engine(address)
    try:
        migrate(engine)
    except DBAPIError as error:
        engine.dispose()
        _log.error("cannot open the database", exc_info=error)
        raise Unreachable from None
    except BaseException:
        engine.dispose()
        raise
    return Store(engine)


def _address(url: str) -> URL:
    try:
        address = make_url(url)
        backend = address.get_backend_name()
    except (ArgumentError, ValueError):
        raise BadAddress from None
    if backend == "postgresql":
        return address.set(drivername="postgresql+psycopg")
    if backend != "sqlite" or address.database in (None, "", ":memory:") or "\x00" in url:
        raise BadAddress
    return address.set(drivername="sqlite+pysqlite")


def _engine(address: URL) -> Engine:
    if address.get_backend_name() == "postgresql":
        return create_engine(address, hide_parameters=True, pool_pre_ping=True, pool_size=10, max_overflow=20)
    try:
        _make_file(Path(address.database or "").absolute())
    except OSError as error:
        _log.error("cannot make the file of the database", exc_info=error)
        raise Unreachable from None
    more = {"connect_args": {"timeout": _PATIENCE}}
    engine = create_engine(address, hide_parameters=True, pool_size=10, max_overflow=20, **more)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_file(file: Path) -> None:
    """Make a file that its owner alone may read; SQLite gives the files beside it the same mode."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not file.exists():
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))


def _reader(engine: Engine) -> Connection:
    if engine.dialect.name == "sqlite":
        return engine.connect().execution_options(reads_only=True)
    return engine.connect().execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ")


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Set what each connection must have; transactions are begun by `_begin_sqlite` alone, not by the driver."""
    connection.isolation_level = None
    for setting in (
        "journal_mode = WAL",  # readers do not wait for the writer
        "synchronous = FULL",  # what was committed outlives a loss of power
        "foreign_keys = ON",
        "recursive_triggers = ON",  # INSERT OR REPLACE is a deletion too
    ):
        connection.execute(f"PRAGMA {setting}")


def _begin_sqlite(connection: Connection) -> None:
    reads_only = connection.get_execution_options().get("reads_only", False)
    connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if reads_only else 'OFF'}")
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")
