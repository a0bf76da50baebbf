"""The first key of a fresh store."""

from sqlalchemy import Connection

from parkrisk.api.service.identity.keys import new_key
from parkrisk.api.service.identity.roles import Role
from parkrisk.api.service.store import audit, keys, tenants

#: Tenant of a server for one's own use.
LOCAL = "local"


def first_key(connection: Connection) -> str | None:
    """Make the tenant "local" and a key of its administrator where there is no tenant yet; None: there is one."""
    if tenants.list_tenants(connection):
        return None
    tenants.ensure_tenant(connection, LOCAL, "本地 Local")
    made = new_key()
    keys.create_key(
        connection,
        LOCAL,
        made.id,
        role=Role.ADMIN,
        name="admin",
        secret_hash=made.secret_hash,
        expires=None,
        created_by="parkrisk serve",
    )
    entry = {"who": "parkrisk serve", "did": "key.create", "key": made.id, "role": Role.ADMIN.value, "name": "admin"}
    audit.append(connection, LOCAL, entry)
    return made.text
