"""The database that a command works on; what the server needs is imported inside."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from parkrisk.api.cli import EXIT_FAULT

if TYPE_CHECKING:
    from parkrisk.api.service.store import Store

Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        help="sqlite:///FILE or postgresql://USER@HOST/NAME; default: that of the service. 数据库，默认为服务所用",
        metavar="URL",
    ),
]
TenantName = Annotated[str, typer.Option("--tenant", help="Tenant. 租户")]


def require_server() -> None:
    """End the command where the libraries of the server are not installed."""
    from parkrisk.api.cli import _complain

    try:
        import parkrisk.api.service.settings
        import parkrisk.api.service.store  # noqa: F401
    except ImportError as missing:
        _complain(
            f"此命令需要 {missing.name}：pip install 'parkrisk[server]'",
            f"this command needs {missing.name}: pip install 'parkrisk[server]'",
        )
        raise typer.Exit(EXIT_FAULT) from None


@contextmanager
def opened(url: str | None, *, make: bool = False) -> Iterator["Store"]:
    """Open the database named, or that of the service."""
    require_server()
    from parkrisk.api.service.settings import read_settings
    from parkrisk.api.service.store import open_store

    store = open_store(url or read_settings().database, make=make)
    try:
        yield store
    finally:
        store.close()
