"""API keys: the hash of the secret, never the secret."""

from typing import NamedTuple

from sqlalchemy import Connection, or_, select, update

from parkrisk.api.service.store.errors import NotFound
from parkrisk.api.service.store.rows import Page, columns, first, paged
from parkrisk.api.service.store.tables import keys, now


class Key(NamedTuple):
    """One API key; the three last times may be None."""

    id: str
    tenant: str
    role: str
    name: str
    secret_hash: str
    created: str
    created_by: str
    expires: str | None
    revoked: str | None
    last_used: str | None


def create_key(
    connection: Connection,
    tenant: str,
    key_id: str,
    *,
    role: str,
    name: str,
    secret_hash: str,
    expires: str | None,
    created_by: str,
) -> Key:
    """Keep a new key."""
    row = Key(key_id, tenant, role, name, secret_hash, now(), created_by, expires, None, None)
    connection.execute(keys.insert().values(row._asdict()))
    return row


def any_key(connection: Connection, key_id: str) -> Key | None:
    """Find a key of any tenant: from it the caller's tenant becomes known. Revoked and expired ones are given too."""
    return first(connection, select(*columns(keys, Key)).where(keys.c.id == key_id), Key)


def get_key(connection: Connection, tenant: str, key_id: str) -> Key:
    """Give one key."""
    found = any_key(connection, key_id)
    if found is None or found.tenant != tenant:
        raise NotFound("密钥", "key")
    return found


def list_keys(connection: Connection, tenant: str, *, limit: int = 100, cursor: str | None = None) -> Page[Key]:
    """Give the keys, revoked ones too."""
    query = select(*columns(keys, Key)).where(keys.c.tenant == tenant)
    return paged(connection, query, Key, [keys.c.created, keys.c.id], limit, cursor)


def revoke_key(connection: Connection, tenant: str, key_id: str) -> Key:
    """End a key for good; a second time changes nothing."""
    found = get_key(connection, tenant, key_id)
    if found.revoked is None:
        found = found._replace(revoked=now())
        connection.execute(
            update(keys).where(keys.c.tenant == tenant, keys.c.id == key_id).values(revoked=found.revoked)
        )
    return found


def touch_key(connection: Connection, tenant: str, key_id: str, *, unless_since: str) -> bool:
    """Note that the key is in use, unless that was noted since; say whether it was noted now."""
    mine = update(keys).where(keys.c.tenant == tenant, keys.c.id == key_id)
    stale = or_(keys.c.last_used.is_(None), keys.c.last_used < unless_since)
    return connection.execute(mine.where(stale).values(last_used=now())).rowcount > 0
