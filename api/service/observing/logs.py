"""The log: one event per line, JSON, or easy to read on a terminal; each with its request, job, tenant and caller.

Secrets, documents and queries are never logged.
"""

import logging
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import structlog

from parkrisk.api.service.settings import Settings

_facts: ContextVar[dict[str, str]] = ContextVar("facts")


@contextmanager
def about(**facts: str) -> Iterator[None]:
    """Say what the work inside is about: ``request_id``, ``job``, ``tenant``; every line of the log repeats it."""
    token = _facts.set({**_facts.get({}), **facts})
    try:
        yield
    finally:
        _facts.reset(token)


def remember(**facts: str) -> None:
    """Add what has become known about the work that goes on, for all who take part in it."""
    _facts.get({}).update(facts)


def request_id() -> str:
    """Return the id of the request that is being answered, "" outside one."""
    return _facts.get({}).get("request_id", "")


def _with_facts(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {**_facts.get({}), **event}


#: What every line has, whoever writes it.
_SHARED: tuple[structlog.types.Processor, ...] = (
    _with_facts,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)

# From the first line on: by itself structlog writes to standard output, with the values of local names in a fault.
structlog.configure(
    processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)


def formatter(*, readable: bool) -> logging.Formatter:
    """Return what writes a line: easy to read, or JSON."""
    last: list[structlog.types.Processor] = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if readable
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*_SHARED, structlog.stdlib.PositionalArgumentsFormatter()],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )


def start_logging(settings: Settings) -> None:
    """Send every log of the process, the engine's and the server's too, to standard error."""
    readable = settings.log_format == "console" or (settings.log_format == "auto" and sys.stderr.isatty())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter(readable=readable))
    logging.basicConfig(handlers=[handler], level=settings.log_level.upper(), force=True)
    for loud in ("httpx", "httpcore", "dbos", "alembic"):
        logging.getLogger(loud).setLevel(max(logging.WARNING, logging.getLogger().level))
