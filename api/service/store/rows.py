"""From tables to plain tuples, one at a time or page by page."""

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import Column, Connection, Select, Table, literal, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from parkrisk.api.service.store.errors import BadCursor, UnstorableText

T = TypeVar("T", bound=tuple[Any, ...])

_LARGEST_INTEGER = 2**31 - 1


class Page(NamedTuple, Generic[T]):
    """Some rows, newest first, and the cursor of the next page; None: there is none."""

    items: tuple[T, ...]
    next: str | None


def columns(table: Table, kind: type[T]) -> list[Column[Any]]:
    """Columns of the table that the named tuple ``kind`` has, in its order."""
    return [table.c[name] for name in kind._fields]  # type: ignore[attr-defined]


def insert(connection: Connection, table: Table) -> Any:
    """Begin an INSERT that knows ON CONFLICT."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def first(connection: Connection, query: Select[Any], kind: type[T]) -> T | None:
    """Read the first row, if there is one."""
    row = connection.execute(query.limit(1)).first()
    return None if row is None else kind(*row)


def paged(
    connection: Connection,
    query: Select[Any],
    kind: type[T],
    order: Sequence[Column[Any]],
    limit: int,
    cursor: str | None,
) -> Page[T]:
    """Read one page, newest first."""
    if cursor is not None:
        after = [literal(value, each.type) for value, each in zip(_read_cursor(cursor, order), order, strict=True)]
        query = query.where(tuple_(*order) < tuple_(*after))
    query = query.order_by(*(column.desc() for column in order)).limit(limit + 1)
    try:
        rows = connection.execute(query).all()
    except UnstorableText:
        if cursor is not None:
            raise BadCursor from None
        raise
    shown = tuple(kind(*row) for row in rows[:limit])
    return Page(shown, _write_cursor(shown[-1], order) if len(rows) > limit else None)


def all_pages(listing: Callable[..., Page[T]], *arguments: Any, **more: Any) -> Iterator[T]:
    """Read a list to its end."""
    cursor = None
    while True:
        page = listing(*arguments, **more, cursor=cursor)
        yield from page.items
        cursor = page.next
        if cursor is None:
            return


def _write_cursor(row: Any, order: Iterable[Column[Any]]) -> str:
    content = json.dumps([getattr(row, column.name) for column in order])
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def _read_cursor(cursor: str, order: Sequence[Column[Any]]) -> list[Any]:
    try:
        values = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        raise BadCursor from None
    if not isinstance(values, list) or len(values) != len(order):
        raise BadCursor
    for value, column in zip(values, order, strict=True):
        if type(value) is not column.type.python_type or (type(value) is int and not 0 <= value <= _LARGEST_INTEGER):
            raise BadCursor
    return values
