"""Parks and their versions. A version is never changed: a changed park is another version."""

from typing import NamedTuple

from sqlalchemy import Connection, ScalarSelect, Select, func, select

from parkrisk.api.service.store.errors import NotFound
from parkrisk.api.service.store.rows import Page, columns, first, paged
from parkrisk.api.service.store.tables import new_id, now, park_versions, parks


class Park(NamedTuple):
    """One park; ``version`` is its latest, 0: it has none yet."""

    id: str
    name: str
    created: str
    created_by: str
    version: int


class ParkVersion(NamedTuple):
    """One version of a park; its document is an artifact of the park."""

    park_id: str
    version: int
    input_digest: str
    rulebook: str
    units: int
    source_name: str
    source_sha256: str
    problems: int
    created: str
    created_by: str


def create_park(connection: Connection, tenant: str, name: str, *, created_by: str) -> Park:
    """Make a park without versions."""
    row = Park(new_id("p"), name, now(), created_by, 0)
    connection.execute(
        parks.insert().values(tenant=tenant, id=row.id, name=name, created=row.created, created_by=created_by)
    )
    return row


def get_park(connection: Connection, tenant: str, park_id: str) -> Park:
    """Give one park."""
    found = first(connection, _parks(tenant).where(parks.c.id == park_id), Park)
    if found is None:
        raise NotFound("园区", "park")
    return found


def list_parks(connection: Connection, tenant: str, *, limit: int = 100, cursor: str | None = None) -> Page[Park]:
    """Give the parks."""
    return paged(connection, _parks(tenant), Park, [parks.c.created, parks.c.id], limit, cursor)


def add_version(
    connection: Connection,
    tenant: str,
    park_id: str,
    *,
    input_digest: str,
    rulebook: str,
    units: int,
    source_name: str,
    source_sha256: str,
    problems: int,
    created_by: str,
) -> ParkVersion:
    """Add the next version to a park."""
    locked = select(parks.c.id).where(parks.c.tenant == tenant, parks.c.id == park_id).with_for_update(key_share=True)
    if connection.execute(locked).first() is None:
        raise NotFound("园区", "park")
    version = (
        1
        + connection.execute(
            select(func.coalesce(func.max(park_versions.c.version), 0)).where(
                park_versions.c.tenant == tenant, park_versions.c.park_id == park_id
            )
        ).scalar_one()
    )
    row = ParkVersion(
        park_id, version, input_digest, rulebook, units, source_name, source_sha256, problems, now(), created_by
    )
    connection.execute(park_versions.insert().values(tenant=tenant, **row._asdict()))
    return row


def get_version(connection: Connection, tenant: str, park_id: str, version: int) -> ParkVersion:
    """Give one version."""
    found = first(connection, _versions(tenant, park_id).where(park_versions.c.version == version), ParkVersion)
    if found is None:
        raise NotFound("园区版本", "version of a park")
    return found


def latest_version(connection: Connection, tenant: str, park_id: str) -> ParkVersion:
    """Give the last version."""
    query = _versions(tenant, park_id).order_by(park_versions.c.version.desc())
    found = first(connection, query, ParkVersion)
    if found is None:
        raise NotFound("园区版本", "version of a park")
    return found


def list_versions(
    connection: Connection, tenant: str, park_id: str, *, limit: int = 100, cursor: str | None = None
) -> Page[ParkVersion]:
    """Give the versions of one park."""
    return paged(connection, _versions(tenant, park_id), ParkVersion, [park_versions.c.version], limit, cursor)


def _parks(tenant: str) -> Select[tuple[str, str, str, str, int]]:
    return select(parks.c.id, parks.c.name, parks.c.created, parks.c.created_by, _last()).where(
        parks.c.tenant == tenant
    )


def _last() -> ScalarSelect[int]:
    mine = (park_versions.c.tenant == parks.c.tenant, park_versions.c.park_id == parks.c.id)
    return select(func.coalesce(func.max(park_versions.c.version), 0)).where(*mine).scalar_subquery()


def _versions(tenant: str, park_id: str) -> Select[tuple[object, ...]]:
    query = select(*columns(park_versions, ParkVersion))
    return query.where(park_versions.c.tenant == tenant, park_versions.c.park_id == park_id)
