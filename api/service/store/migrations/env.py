"""Runs the migrations on the connection, and in the transaction, of `parkrisk.api.service.store.migrate`."""

from alembic import context

from parkrisk.api.service.store.migrate import VERSION_TABLE

context.configure(connection=context.config.attributes["connection"], version_table=VERSION_TABLE)
context.run_migrations()
