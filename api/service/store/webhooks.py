"""Webhooks and their deliveries. The signing secret is kept as it is: the service must sign with it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, delete, select, update

from parkrisk.api.service.store.errors import NotFound
from parkrisk.api.service.store.rows import Page, columns, first, paged
from parkrisk.api.service.store.tables import deliveries, new_id, now, webhooks


class Webhook(NamedTuple):
    """One webhook; ``events`` are the names it wants."""

    id: str
    url: str
    secret: str
    events: list[str]
    active: bool
    created: str
    created_by: str


class Delivery(NamedTuple):
    """One event for one webhook: pending, delivered or failed; ``due`` is the time of the next attempt."""

    id: str
    webhook_id: str
    event: str
    payload: Any
    status: str
    attempts: int
    due: str | None
    answer: int | None
    message: str
    created: str
    updated: str


class Due(NamedTuple):
    """A delivery to be tried now, with whose it is and where it goes."""

    tenant: str
    delivery: Delivery
    webhook: Webhook


def create_webhook(
    connection: Connection, tenant: str, *, url: str, secret: str, events: Sequence[str], created_by: str
) -> Webhook:
    """Make an active webhook."""
    row = Webhook(new_id("w"), url, secret, sorted(set(events)), True, now(), created_by)
    connection.execute(webhooks.insert().values(tenant=tenant, **row._asdict()))
    return row


def get_webhook(connection: Connection, tenant: str, webhook_id: str) -> Webhook:
    """Give one webhook."""
    found = first(connection, _mine(tenant).where(webhooks.c.id == webhook_id), Webhook)
    if found is None:
        raise NotFound("网络钩子", "webhook")
    return found


def list_webhooks(connection: Connection, tenant: str, *, limit: int = 100, cursor: str | None = None) -> Page[Webhook]:
    """Give the webhooks."""
    return paged(connection, _mine(tenant), Webhook, [webhooks.c.created, webhooks.c.id], limit, cursor)


def delete_webhook(connection: Connection, tenant: str, webhook_id: str) -> None:
    """Delete a webhook and its deliveries."""
    get_webhook(connection, tenant, webhook_id)
    connection.execute(delete(deliveries).where(deliveries.c.tenant == tenant, deliveries.c.webhook_id == webhook_id))
    connection.execute(delete(webhooks).where(webhooks.c.tenant == tenant, webhooks.c.id == webhook_id))


def deactivate_webhook(connection: Connection, tenant: str, webhook_id: str) -> None:
    """Announce nothing more to a webhook."""
    mine = (webhooks.c.tenant == tenant) & (webhooks.c.id == webhook_id)
    connection.execute(update(webhooks).where(mine).values(active=False))


def announce(
    connection: Connection, tenant: str, event: str, payload: Mapping[str, Any], *, only: str | None = None
) -> int:
    """Make a delivery, due now, for each active webhook that wants the event, or for one alone; count them."""
    at = now()
    query = select(webhooks.c.id, webhooks.c.events).where(webhooks.c.tenant == tenant, webhooks.c.active)
    rows = [
        {"tenant": tenant, **Delivery(new_id("e"), to, event, payload, "pending", 0, at, None, "", at, at)._asdict()}
        for to, wanted in connection.execute(query)
        if (event in wanted if only is None else to == only)
    ]
    if rows:
        connection.execute(deliveries.insert(), rows)
    return len(rows)


def list_deliveries(
    connection: Connection, tenant: str, webhook_id: str, *, limit: int = 100, cursor: str | None = None
) -> Page[Delivery]:
    """Give the deliveries of one webhook."""
    query = select(*columns(deliveries, Delivery))
    query = query.where(deliveries.c.tenant == tenant, deliveries.c.webhook_id == webhook_id)
    return paged(connection, query, Delivery, [deliveries.c.created, deliveries.c.id], limit, cursor)


def delivered_since(connection: Connection, tenant: str, webhook_id: str, since: str) -> bool:
    """Whether anything reached the webhook at that time or later."""
    mine = (deliveries.c.tenant == tenant) & (deliveries.c.webhook_id == webhook_id)
    query = select(deliveries.c.id).where(mine, deliveries.c.status == "delivered", deliveries.c.updated >= since)
    return connection.execute(query.limit(1)).first() is not None


def all_take_due(connection: Connection, *, until: str, limit: int = 20) -> tuple[Due, ...]:
    """Take due deliveries of all tenants; nobody else is given them before ``until``, by when an attempt is over."""
    at = now()
    query = select(deliveries.c.tenant, *columns(deliveries, Delivery), *columns(webhooks, Webhook))
    joined = query.join(
        webhooks, (webhooks.c.tenant == deliveries.c.tenant) & (webhooks.c.id == deliveries.c.webhook_id)
    )
    due = joined.where(deliveries.c.status == "pending", deliveries.c.due <= at).order_by(deliveries.c.due)
    rows = connection.execute(due.limit(limit).with_for_update(skip_locked=True, of=deliveries)).all()
    cut = 1 + len(Delivery._fields)
    taken = tuple(Due(row[0], Delivery(*row[1:cut]), Webhook(*row[cut:])) for row in rows)
    for tenant, delivery, _ in taken:
        _change(connection, tenant, delivery.id, due=until)
    return taken


def note_attempt(
    connection: Connection,
    tenant: str,
    delivery_id: str,
    *,
    delivered: bool,
    answer: int | None,
    message: str = "",
    again: str | None = None,
) -> None:
    """Note an attempt; when it failed, ``again`` is the time of the next one, None: it was the last."""
    status = "delivered" if delivered else "failed" if again is None else "pending"
    due = None if delivered else again
    attempts = deliveries.c.attempts + 1
    _change(connection, tenant, delivery_id, status=status, due=due, answer=answer, message=message, attempts=attempts)


def _change(connection: Connection, tenant: str, delivery_id: str, **values: Any) -> None:
    statement = update(deliveries).where(deliveries.c.tenant == tenant, deliveries.c.id == delivery_id)
    connection.execute(statement.values(**values, updated=now()))


def _mine(tenant: str) -> Select[Any]:
    return select(*columns(webhooks, Webhook)).where(webhooks.c.tenant == tenant)
