"""Databases for tests: a SQLite file, or a new database of the PostgreSQL server of `PARKRISK_TEST_POSTGRES`."""

import os
import uuid
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, make_url, text

KINDS = ("sqlite", "postgresql")


@contextmanager
def empty(kind, folder):
    """The URL of an empty database."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / uuid.uuid4().hex}.sqlite"
        return
    server = os.environ.get("PARKRISK_TEST_POSTGRES")
    if server is None:
        if "CI" in os.environ:
            pytest.fail("PARKRISK_TEST_POSTGRES is not set")
        pytest.skip("no PostgreSQL: PARKRISK_TEST_POSTGRES is not set")
    name = f"test_{uuid.uuid4().hex}"
    url = make_url(server).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield url.set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()
