"""From the schema of any release to that of this one."""

from sqlalchemy import Engine

from parkrisk.api.service.store.tables import metadata


def migrate(engine: Engine) -> None:
    """Bring the schema up to date."""
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        metadata.create_all(connection)
