"""Workers: which processes run jobs, and when each was last seen. They work for every tenant."""

from typing import NamedTuple

from sqlalchemy import Connection, delete, select

from parkrisk.api.service.store.rows import columns, insert
from parkrisk.api.service.store.tables import now, workers


class Worker(NamedTuple):
    """One worker."""

    id: str
    started: str
    seen: str


def beat(connection: Connection, worker: str) -> None:
    """Note that the worker lives."""
    at = now()
    statement = insert(connection, workers).values(id=worker, started=at, seen=at)
    connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_={"seen": at}))


def list_workers(connection: Connection, seen_before: str | None = None) -> tuple[Worker, ...]:
    """Give the workers, all or those last seen before a time."""
    query = select(*columns(workers, Worker)).order_by(workers.c.id)
    if seen_before is not None:
        query = query.where(workers.c.seen < seen_before)
    return tuple(Worker(*row) for row in connection.execute(query))


def forget_worker(connection: Connection, worker: str) -> None:
    """Take the worker off the list."""
    connection.execute(delete(workers).where(workers.c.id == worker))
