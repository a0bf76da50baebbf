"""From the schema of any release to that of this one.

Each step is a file of ``migrations/versions``. The tables of the library of the jobs stand beside ours in the same
database; no step touches them. A step that makes a table again on SQLite must make its triggers again too.
"""

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from parkrisk.api.service.store.errors import NewerDatabase

VERSION_TABLE = "parkrisk_schema"

#: Of PostgreSQL's advisory locks, the one that migrations take.
_LOCK = 0x7061726B

#: Alembic keeps the context of a run in a global.
_ONE_AT_A_TIME = threading.Lock()


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the schema to a revision, all of the way or not at all; of several processes one does it.

    Raises
    ------
    NewerDatabase
        The database was written by a later release.
    """
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":  # on SQLite the transaction itself is the lock
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        config = _config(connection)
        _refuse_newer(connection, ScriptDirectory.from_config(config))
        with _ONE_AT_A_TIME:
            command.upgrade(config, revision)


def _config(connection: Connection) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _refuse_newer(connection: Connection, scripts: ScriptDirectory) -> None:
    known = {script.revision for script in scripts.walk_revisions()}
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    for revision in context.get_current_heads():
        if revision not in known:
            raise NewerDatabase(revision)


def is_current(connection: Connection) -> bool:
    """Tell whether the schema is that of this release."""
    heads = ScriptDirectory.from_config(_config(connection)).get_heads()
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return set(context.get_current_heads()) == set(heads)
