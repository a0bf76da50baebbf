"""The audit of each tenant: a chain in which every line holds the hash of the one before.

A line's hash is SHA-256 over the hash of the line before and the canonical JSON of
``{"at", "entry", "sequence", "tenant"}``. The first line follows on 64 zeros. Who holds a hash of the chain, printed
in a decision, can tell later whether anything up to it was changed, left out, moved or put in.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, func, select

from parkrisk.api.service.store.canonical import canonical_json
from parkrisk.api.service.store.errors import NotFound
from parkrisk.api.service.store.rows import Page, columns, first, paged
from parkrisk.api.service.store.tables import audit, now, tenants

#: What the first line follows on.
START = "0" * 64


class Link(NamedTuple):
    """A place in the chain."""

    sequence: int
    hash: str


class Line(NamedTuple):
    """One line of the chain; ``entry`` is canonical JSON."""

    sequence: int
    at: str
    entry: str
    previous: str
    hash: str


class Verified(NamedTuple):
    """What a check of a chain found: its tenant, its whole lines and its head.

    ``broken`` is the sequence of the first line that does not follow on the one before; None: the chain is whole.
    ``held`` tells whether a hash that was asked for stands in the chain.
    """

    tenant: str
    lines: int
    head: str
    broken: int | None
    held: bool


def append(connection: Connection, tenant: str, entry: Mapping[str, Any]) -> Link:
    """Add a line about who asked what and what came of it: ``what`` ("park.created"), ``who``, and what it concerns.

    Other transactions of the tenant that append wait until this one ends: append last, and end soon.
    """
    locked = select(tenants.c.id).where(tenants.c.id == tenant).with_for_update(key_share=True)
    if connection.execute(locked).first() is None:
        raise NotFound("租户", "tenant")
    before = head(connection, tenant)
    line = _line(tenant, before, now(), dict(entry))
    connection.execute(audit.insert().values(tenant=tenant, **line._asdict()))
    return Link(line.sequence, line.hash)


def head(connection: Connection, tenant: str) -> Link:
    """Give the last place of the chain; 0 and zeros: it is empty."""
    query = select(audit.c.sequence, audit.c.hash).where(audit.c.tenant == tenant).order_by(audit.c.sequence.desc())
    return first(connection, query, Link) or Link(0, START)


def all_audit_count(connection: Connection) -> int:
    """Count the lines of all tenants, for the metrics."""
    return connection.execute(select(func.count()).select_from(audit)).scalar_one()


def list_audit(connection: Connection, tenant: str, *, limit: int = 100, cursor: str | None = None) -> Page[Line]:
    """Give the lines, newest first."""
    return paged(connection, _mine(tenant), Line, [audit.c.sequence], limit, cursor)


def export(connection: Connection, tenant: str) -> Iterator[str]:
    """Give the chain as lines of JSON, oldest first, each with its end of line."""
    for line in _oldest_first(connection, tenant):
        yield _exported(tenant, line)


def verify(connection: Connection, tenant: str, *, hold: str | None = None) -> Verified:
    """Check the chain of a tenant in the database; ``hold``: a hash that must stand in it."""
    return _check(tenant, ((tenant, line) for line in _oldest_first(connection, tenant)), hold)


def verify_lines(lines: Iterable[str], *, hold: str | None = None) -> Verified:
    """Check exported lines, without any database; ``hold``: a hash that must stand in them.

    A chain cut short at its end is whole; only a hash of the part left out tells.
    """
    return _check(None, map(_read, lines), hold)


def _line(tenant: str, before: Link, at: str, entry: Any) -> Line:
    sequence = before.sequence + 1
    body = canonical_json({"at": at, "entry": entry, "sequence": sequence, "tenant": tenant})
    hashed = hashlib.sha256((before.hash + body).encode("ascii")).hexdigest()
    return Line(sequence, at, canonical_json(entry), before.hash, hashed)


def _check(tenant: str | None, lines: Iterable[tuple[str, Line] | None], hold: str | None) -> Verified:
    """Follow the chain; None among the lines is one that cannot be read."""
    last, held, broken = Link(0, START), hold is None, None
    for found in lines:
        if found is None or not _follows(found, tenant, last):
            broken = last.sequence + 1
            break
        tenant, line = found
        last = Link(line.sequence, line.hash)
        held = held or line.hash == hold
    return Verified(tenant or "", last.sequence, last.hash, broken, held)


def _follows(found: tuple[str, Line], tenant: str | None, last: Link) -> bool:
    of, line = found
    try:
        return tenant in (None, of) and line == _line(of, last, line.at, json.loads(line.entry))
    except (ValueError, RecursionError):
        return False


def _exported(tenant: str, line: Line) -> str:
    return canonical_json({**line._asdict(), "entry": json.loads(line.entry), "tenant": tenant}) + "\n"


def _read(text: str) -> tuple[str, Line] | None:
    """Read an exported line; None: it is not written as `export` writes."""
    try:
        content = json.loads(text)
        tenant, entry = content.pop("tenant"), canonical_json(content.pop("entry"))
        line = Line(entry=entry, **content)
        return (tenant, line) if _exported(tenant, line) == text.rstrip("\r\n") + "\n" else None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _mine(tenant: str) -> Select[Any]:
    return select(*columns(audit, Line)).where(audit.c.tenant == tenant)


def _oldest_first(connection: Connection, tenant: str) -> Iterator[Line]:
    query = _mine(tenant).order_by(audit.c.sequence).execution_options(yield_per=1000)
    with connection.execute(query) as rows:
        for row in rows:
            yield Line(*row)
