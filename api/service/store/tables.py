"""The tables, as SQLAlchemy Core. Every row has its tenant, and no reference leaves it.

Times are text, ``2026-01-31T08:00:00.000000Z``, always UTC and equally long, so that order of text is order of time.
"""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

from parkrisk.api.service.store.canonical import canonical_json
from parkrisk.api.service.store.errors import UnstorableText

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def time_text(at: datetime) -> str:
    """Write a time as the store keeps it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def now() -> str:
    """Tell the time now, as the store keeps it."""
    return time_text(datetime.now(UTC))


def new_id(letter: str) -> str:
    """Make an id that nobody else has; the letter tells its kind."""
    return letter + uuid.uuid4().hex


class Words(TypeDecorator[str]):
    """Text that both databases can hold."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Refuse a NUL and half a surrogate pair before a driver does."""
        if value is not None and ("\x00" in value or any("\ud800" <= sign <= "\udfff" for sign in value)):
            raise UnstorableText
        return value

    @property
    def python_type(self) -> type[str]:
        """Kind of a value; a decorated type does not say it by itself."""
        return str


class Json(TypeDecorator[Any]):
    """JSON as canonical text in ASCII."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Write."""
        return None if value is None else canonical_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        """Read."""
        return None if value is None else json.loads(value)


def _text(name: str) -> Column[str]:
    return Column(name, Words, nullable=False)


def _maybe(name: str) -> Column[str]:
    return Column(name, Words)


def _number(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


def _json(name: str) -> Column[Any]:
    return Column(name, Json)


def _tenant(*, key: bool = True) -> Column[str]:
    return Column("tenant", Words, ForeignKey("tenants.id"), primary_key=key, nullable=False)


def _id() -> Column[str]:
    return Column("id", Words, primary_key=True)


def _within(table: str, *names: str, to: tuple[str, ...] = ("id",)) -> ForeignKeyConstraint:
    """Reference to a row of the same tenant."""
    return ForeignKeyConstraint(["tenant", *names], [f"{table}.tenant", *(f"{table}.{name}" for name in to)])


def _of_version() -> ForeignKeyConstraint:
    return _within("park_versions", "park_id", "version", to=("park_id", "version"))


def _made() -> tuple[Column[str], Column[str]]:
    return _text("created"), _text("created_by")


def _in_order(*names: str) -> Index:
    """Index for reading page by page."""
    return Index(None, "tenant", *names, "created", "id")


tenants = Table("tenants", metadata, _id(), _text("name"), _text("created"))

keys = Table(
    "keys",
    metadata,
    _id(),
    _tenant(key=False),
    _text("role"),
    _text("name"),
    _text("secret_hash"),
    *_made(),
    _maybe("expires"),
    _maybe("revoked"),
    _maybe("last_used"),
    _in_order(),
)

parks = Table("parks", metadata, _tenant(), _id(), _text("name"), *_made(), _in_order())

park_versions = Table(
    "park_versions",
    metadata,
    _tenant(),
    Column("park_id", Words, primary_key=True),
    Column("version", Integer, primary_key=True),
    _text("input_digest"),
    _text("rulebook"),
    _number("units"),
    _text("source_name"),
    _text("source_sha256"),
    _number("problems"),
    *_made(),
    _within("parks", "park_id"),
    sqlite_with_rowid=False,
)

projects = Table(
    "projects",
    metadata,
    _tenant(),
    _id(),
    _text("name"),
    _text("project_digest"),
    _text("source_name"),
    _text("source_sha256"),
    _number("problems"),
    *_made(),
    _in_order(),
)

assessments = Table(
    "assessments",
    metadata,
    _tenant(),
    _id(),
    _maybe("park_id"),
    Column("version", Integer),
    _text("request_digest"),
    _maybe("rules"),
    Column("seed", BigInteger, nullable=False),
    _json("settings"),
    _text("status"),
    _maybe("result_digest"),
    _maybe("grade_letter"),
    _json("grade_bounds"),
    _json("summary"),
    *_made(),
    UniqueConstraint("tenant", "request_digest"),
    _of_version(),
    _in_order(),
    _in_order("park_id"),
)

decisions = Table(
    "decisions",
    metadata,
    _tenant(),
    _id(),
    _text("request_digest"),
    _text("standing"),
    _maybe("park_id"),
    Column("version", Integer),
    _maybe("project_id"),
    _text("status"),
    _maybe("verdict"),
    _json("summary"),
    _maybe("result_digest"),
    *_made(),
    UniqueConstraint("tenant", "request_digest", "standing"),
    _of_version(),
    _within("projects", "project_id"),
    _in_order(),
)

runs = Table(
    "runs",
    metadata,
    _tenant(),
    _id(),
    _text("kind"),
    _text("request_digest"),
    _maybe("park_id"),
    Column("version", Integer),
    _maybe("subject_id"),
    _text("status"),
    _json("summary"),
    _maybe("result_digest"),
    *_made(),
    UniqueConstraint("tenant", "kind", "request_digest"),
    _of_version(),
    _in_order(),
    _in_order("subject_id"),
)

jobs = Table(
    "jobs",
    metadata,
    _tenant(),
    _id(),
    _text("process"),
    _text("owner_id"),
    _text("arguments_digest"),
    _text("status"),
    _text("stage"),
    Column("share", Float, nullable=False),
    _text("message"),
    _number("attempts"),
    *_made(),
    _maybe("started"),
    _maybe("finished"),
    _text("updated"),
    _json("error"),
    _in_order(),
    Index(None, "tenant", "owner_id"),
    Index(None, "status"),
)

artifacts = Table(
    "artifacts",
    metadata,
    _tenant(),
    Column("owner_kind", Words, primary_key=True),
    Column("owner_id", Words, primary_key=True),
    Column("name", Words, primary_key=True),
    _text("media_type"),
    _text("sha256"),
    _number("size"),
    _text("packing"),
    Column("content", LargeBinary, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    _tenant(),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    _text("at"),
    _text("entry"),
    _text("previous"),
    _text("hash"),
    sqlite_with_rowid=False,
)

idempotency = Table(
    "idempotency",
    metadata,
    _tenant(),
    Column("route", Words, primary_key=True),
    Column("key", Words, primary_key=True),
    _text("request_digest"),
    Column("status", Integer),
    _maybe("resource"),
    _text("created"),
)

webhooks = Table(
    "webhooks",
    metadata,
    _tenant(),
    _id(),
    _text("url"),
    _text("secret"),
    Column("events", Json, nullable=False),
    Column("active", Boolean, nullable=False),
    *_made(),
    _in_order(),
)

deliveries = Table(
    "deliveries",
    metadata,
    _tenant(),
    _id(),
    _text("webhook_id"),
    _text("event"),
    Column("payload", Json, nullable=False),
    _text("status"),
    _number("attempts"),
    _maybe("due"),
    Column("answer", Integer),
    _text("message"),
    _text("created"),
    _text("updated"),
    _within("webhooks", "webhook_id"),
    _in_order("webhook_id"),
    Index(None, "status", "due"),
)

workers = Table("workers", metadata, _id(), _text("started"), _text("seen"))
