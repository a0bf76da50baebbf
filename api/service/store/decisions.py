"""Decisions of the gate. A trial and a decision on the same question are two rows; each is kept once."""

from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, select, update

from parkrisk.api.service.store.errors import NotFound
from parkrisk.api.service.store.rows import Page, columns, first, insert, paged
from parkrisk.api.service.store.status import Status
from parkrisk.api.service.store.tables import decisions, new_id, now


class Decision(NamedTuple):
    """One decision; ``standing`` is "decision" or "trial"; ``verdict`` is None until it is successful."""

    id: str
    request_digest: str
    standing: str
    park_id: str | None
    version: int | None
    project_id: str | None
    status: str
    verdict: str | None
    summary: Any
    result_digest: str | None
    created: str
    created_by: str


def claim_decision(
    connection: Connection,
    tenant: str,
    *,
    request_digest: str,
    standing: str,
    park_id: str | None,
    version: int | None,
    project_id: str | None,
    created_by: str,
) -> tuple[Decision, bool]:
    """Give the decision on this question with this standing, and whether it is new."""
    row = Decision(
        new_id("d"), request_digest, standing, park_id, version, project_id, Status.accepted,
        None, None, None, now(), created_by,
    )  # fmt: skip
    statement = insert(connection, decisions).values(tenant=tenant, **row._asdict())
    statement = statement.on_conflict_do_nothing(index_elements=["tenant", "request_digest", "standing"])
    if connection.execute(statement.returning(decisions.c.id)).first() is not None:
        return row, True
    found = find_decision(connection, tenant, request_digest, standing)
    if found is None:
        raise NotFound("决定", "decision")
    return found, False


def find_decision(connection: Connection, tenant: str, request_digest: str, standing: str) -> Decision | None:
    """Give the decision on a question, such as the trial whose outcome a decision may take over."""
    query = _mine(tenant).where(decisions.c.request_digest == request_digest, decisions.c.standing == standing)
    return first(connection, query, Decision)


def get_decision(connection: Connection, tenant: str, decision_id: str) -> Decision:
    """Give one decision."""
    found = first(connection, _mine(tenant).where(decisions.c.id == decision_id), Decision)
    if found is None:
        raise NotFound("决定", "decision")
    return found


def list_decisions(
    connection: Connection, tenant: str, *, park_id: str | None = None, limit: int = 100, cursor: str | None = None
) -> Page[Decision]:
    """Give the decisions and trials, all or those of one park."""
    query = _mine(tenant)
    if park_id is not None:
        query = query.where(decisions.c.park_id == park_id)
    return paged(connection, query, Decision, [decisions.c.created, decisions.c.id], limit, cursor)


def set_decision_status(connection: Connection, tenant: str, decision_id: str, status: str) -> bool:
    """Move a decision that is not successful; say whether it moved. A successful one stays."""
    statement = update(decisions).where(decisions.c.tenant == tenant, decisions.c.id == decision_id)
    statement = statement.where(decisions.c.status != Status.successful).values(status=status)
    return connection.execute(statement).rowcount > 0


def finish_decision(
    connection: Connection, tenant: str, decision_id: str, *, verdict: str, summary: Any, result_digest: str
) -> bool:
    """Write the outcome, once. False: it has one already, or there is no such decision."""
    statement = update(decisions).where(decisions.c.tenant == tenant, decisions.c.id == decision_id)
    statement = statement.where(decisions.c.status != Status.successful).values(
        status=Status.successful, verdict=verdict, summary=summary, result_digest=result_digest
    )
    return connection.execute(statement).rowcount > 0


def _mine(tenant: str) -> Select[Any]:
    return select(*columns(decisions, Decision)).where(decisions.c.tenant == tenant)
