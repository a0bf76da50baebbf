"""Idempotency keys: the same request sent twice is done once, and answered alike."""

from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, select, update

from parkrisk.api.service.store.errors import KeyReused
from parkrisk.api.service.store.rows import insert
from parkrisk.api.service.store.tables import idempotency, now


class Answered(NamedTuple):
    """How the request was answered: the HTTP status, and the id or path of what it made."""

    status: int
    resource: str


def claim_request(connection: Connection, tenant: str, route: str, key: str, *, request_digest: str) -> Answered | None:
    """Begin a request with a key; None: it was not answered before, so do it.

    Call this, do the work and call `answer_request` in one transaction: of two at once, one waits for the other.

    Raises
    ------
    KeyReused
        The key came before with another request.
    """
    row = {"route": route, "key": key, "request_digest": request_digest, "created": now()}
    connection.execute(insert(connection, idempotency).values(tenant=tenant, **row).on_conflict_do_nothing())
    return find_request(connection, tenant, route, key, request_digest=request_digest)


def find_request(connection: Connection, tenant: str, route: str, key: str, *, request_digest: str) -> Answered | None:
    """Give the answer that a key already has; None: it has none.

    Raises
    ------
    KeyReused
        The key came before with another request.
    """
    kept = idempotency.c
    query = select(kept.request_digest, kept.status, kept.resource).where(*_one(tenant, route, key))
    found = connection.execute(query).first()
    if found is not None and found.request_digest != request_digest:
        raise KeyReused
    return None if found is None or found.status is None else Answered(found.status, found.resource)


def answer_request(connection: Connection, tenant: str, route: str, key: str, *, status: int, resource: str) -> None:
    """Keep how the request was answered."""
    connection.execute(update(idempotency).where(*_one(tenant, route, key)).values(status=status, resource=resource))


def all_forget_requests(connection: Connection, before: str) -> int:
    """Forget the keys of all tenants made before a time; count."""
    return connection.execute(delete(idempotency).where(idempotency.c.created < before)).rowcount


def _one(tenant: str, route: str, key: str) -> tuple[ColumnElement[bool], ...]:
    return idempotency.c.tenant == tenant, idempotency.c.route == route, idempotency.c.key == key
