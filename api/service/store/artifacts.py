"""Artifacts: documents, results, tables and reports as bytes, kept in the transaction of the row they belong to."""

import hashlib
import zlib
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, literal, select

from parkrisk.api.service.store.errors import NotFound
from parkrisk.api.service.store.rows import columns, first, insert
from parkrisk.api.service.store.tables import Words, artifacts

_PLAIN, _ZLIB = "", "zlib"

#: Less than this is not worth packing. [bytes]
_SMALL = 256


class Artifact(NamedTuple):
    """What is known of an artifact without its content; ``sha256`` and ``size`` are of the plain content."""

    owner_kind: str
    owner_id: str
    name: str
    media_type: str
    sha256: str
    size: int


def put_artifact(
    connection: Connection,
    tenant: str,
    owner_kind: str,
    owner_id: str,
    name: str,
    content: bytes,
    *,
    media_type: str,
) -> Artifact:
    """Keep the content; what was kept under the same name gives way."""
    about = Artifact(owner_kind, owner_id, name, media_type, hashlib.sha256(content).hexdigest(), len(content))
    packing, packed = _pack(content)
    values = {**about._asdict(), "packing": packing, "content": packed}
    changed = {name: values[name] for name in ("media_type", "sha256", "size", "packing", "content")}
    statement = insert(connection, artifacts).values(tenant=tenant, **values)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["tenant", "owner_kind", "owner_id", "name"], set_=changed)
    )
    return about


def get_artifact(
    connection: Connection, tenant: str, owner_kind: str, owner_id: str, name: str
) -> tuple[Artifact, bytes]:
    """Give an artifact and its content."""
    query = select(*columns(artifacts, Artifact), artifacts.c.packing, artifacts.c.content)
    row = connection.execute(query.where(*_one(tenant, owner_kind, owner_id, name))).first()
    if row is None:
        raise NotFound("内容", "content")
    *about, packing, content = row
    return Artifact(*about), zlib.decompress(content) if packing == _ZLIB else bytes(content)


def find_artifact(connection: Connection, tenant: str, owner_kind: str, owner_id: str, name: str) -> Artifact | None:
    """Tell about an artifact without reading its content, or None."""
    query = select(*columns(artifacts, Artifact)).where(*_one(tenant, owner_kind, owner_id, name))
    return first(connection, query, Artifact)


def list_artifacts(
    connection: Connection, tenant: str, owner_kind: str, owner_id: str, *, prefix: str = ""
) -> tuple[Artifact, ...]:
    """Tell about the artifacts of one owner, by name, all or those whose name begins so."""
    query = select(*columns(artifacts, Artifact)).where(*_of(tenant, owner_kind, owner_id))
    if prefix:
        query = query.where(artifacts.c.name.startswith(prefix, autoescape=True))
    return tuple(sorted((Artifact(*row) for row in connection.execute(query)), key=lambda each: each.name))


def copy_artifacts(
    connection: Connection, tenant: str, owner_kind: str, owner_id: str, *, to_kind: str, to_id: str
) -> None:
    """Give another owner the same artifacts, except names it has."""
    same = [column.name for column in artifacts.columns if column.name not in ("owner_kind", "owner_id")]
    new_owner = (literal(to_kind, Words), literal(to_id, Words))
    source = select(*new_owner, *(artifacts.c[name] for name in same)).where(*_of(tenant, owner_kind, owner_id))
    statement = insert(connection, artifacts).from_select(["owner_kind", "owner_id", *same], source)
    connection.execute(statement.on_conflict_do_nothing())


def _pack(content: bytes) -> tuple[str, bytes]:
    """Compress where it helps: pictures, PDF and Parquet are packed already."""
    if len(content) >= _SMALL:
        packed = zlib.compress(content)
        if len(packed) < 0.9 * len(content):
            return _ZLIB, packed
    return _PLAIN, content


def _of(tenant: str, owner_kind: str, owner_id: str) -> tuple[ColumnElement[bool], ...]:
    return artifacts.c.tenant == tenant, artifacts.c.owner_kind == owner_kind, artifacts.c.owner_id == owner_id


def _one(tenant: str, owner_kind: str, owner_id: str, name: str) -> tuple[ColumnElement[bool], ...]:
    return *_of(tenant, owner_kind, owner_id), artifacts.c.name == name
