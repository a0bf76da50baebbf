"""Runs: what-if, cascade, siting, uncertainty, reports. The same question of one kind is kept once."""

from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, select, update

from parkrisk.api.service.store.errors import NotFound
from parkrisk.api.service.store.rows import Page, columns, first, insert, paged
from parkrisk.api.service.store.status import Status
from parkrisk.api.service.store.tables import new_id, now, runs


class Run(NamedTuple):
    """One run; ``subject_id`` names the assessment or decision that a report is about."""

    id: str
    kind: str
    request_digest: str
    park_id: str | None
    version: int | None
    subject_id: str | None
    status: str
    summary: Any
    result_digest: str | None
    created: str
    created_by: str


def claim_run(
    connection: Connection,
    tenant: str,
    *,
    kind: str,
    request_digest: str,
    park_id: str | None,
    version: int | None,
    subject_id: str | None,
    created_by: str,
) -> tuple[Run, bool]:
    """Give the run of this question, and whether it is new."""
    row = Run(
        new_id("r"), kind, request_digest, park_id, version, subject_id, Status.accepted, None, None, now(), created_by
    )
    statement = insert(connection, runs).values(tenant=tenant, **row._asdict())
    statement = statement.on_conflict_do_nothing(index_elements=["tenant", "kind", "request_digest"])
    if connection.execute(statement.returning(runs.c.id)).first() is not None:
        return row, True
    found = find_run(connection, tenant, kind, request_digest)
    if found is None:
        raise NotFound("计算", "run")
    return found, False


def find_run(connection: Connection, tenant: str, kind: str, request_digest: str) -> Run | None:
    """Give the run of a question, if there is one."""
    query = _mine(tenant).where(runs.c.kind == kind, runs.c.request_digest == request_digest)
    return first(connection, query, Run)


def get_run(connection: Connection, tenant: str, run_id: str) -> Run:
    """Give one run."""
    found = first(connection, _mine(tenant).where(runs.c.id == run_id), Run)
    if found is None:
        raise NotFound("计算", "run")
    return found


def list_runs(
    connection: Connection,
    tenant: str,
    *,
    kind: str | None = None,
    subject_id: str | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[Run]:
    """Give the runs, all or those of one kind or subject."""
    query = _mine(tenant)
    if kind is not None:
        query = query.where(runs.c.kind == kind)
    if subject_id is not None:
        query = query.where(runs.c.subject_id == subject_id)
    return paged(connection, query, Run, [runs.c.created, runs.c.id], limit, cursor)


def set_run_status(connection: Connection, tenant: str, run_id: str, status: str) -> bool:
    """Move a run that is not successful; say whether it moved. A successful one stays."""
    statement = update(runs).where(runs.c.tenant == tenant, runs.c.id == run_id)
    statement = statement.where(runs.c.status != Status.successful).values(status=status)
    return connection.execute(statement).rowcount > 0


def finish_run(connection: Connection, tenant: str, run_id: str, *, summary: Any, result_digest: str | None) -> bool:
    """Write the outcome, once. False: it has one already, or there is no such run."""
    statement = update(runs).where(runs.c.tenant == tenant, runs.c.id == run_id)
    statement = statement.where(runs.c.status != Status.successful).values(
        status=Status.successful, summary=summary, result_digest=result_digest
    )
    return connection.execute(statement).rowcount > 0


def _mine(tenant: str) -> Select[Any]:
    return select(*columns(runs, Run)).where(runs.c.tenant == tenant)
