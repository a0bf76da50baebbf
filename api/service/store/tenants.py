"""Tenants: who shares nothing with whom. These functions are for the operator, not for a caller."""

from typing import NamedTuple

from sqlalchemy import Connection, select

from parkrisk.api.service.store.errors import NotFound
from parkrisk.api.service.store.rows import columns, first, insert
from parkrisk.api.service.store.tables import now, tenants


class Tenant(NamedTuple):
    """One tenant."""

    id: str
    name: str
    created: str


def ensure_tenant(connection: Connection, tenant: str, name: str) -> Tenant:
    """Make the tenant unless it is there."""
    row = {"id": tenant, "name": name, "created": now()}
    connection.execute(insert(connection, tenants).values(row).on_conflict_do_nothing())
    return Tenant(*connection.execute(select(*columns(tenants, Tenant)).where(tenants.c.id == tenant)).one())


def find_tenant(connection: Connection, tenant: str) -> Tenant | None:
    """Give the tenant, or None."""
    return first(connection, select(*columns(tenants, Tenant)).where(tenants.c.id == tenant), Tenant)


def get_tenant(connection: Connection, tenant: str) -> Tenant:
    """Give the tenant."""
    found = find_tenant(connection, tenant)
    if found is None:
        raise NotFound("租户", "tenant")
    return found


def list_tenants(connection: Connection) -> tuple[Tenant, ...]:
    """Give every tenant, by id."""
    return tuple(Tenant(*row) for row in connection.execute(select(*columns(tenants, Tenant)).order_by(tenants.c.id)))
