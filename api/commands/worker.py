"""``parkrisk worker``: runs jobs of the service, beside a server or on another machine."""

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from parkrisk.api.cli import EXIT_INVALID_INPUT, _complain, app
from parkrisk.api.commands.database import require_server

if TYPE_CHECKING:
    from parkrisk.api.service.observing.metrics import Metrics


@app.command("worker")
def worker_command(
    metrics_port: Annotated[
        int | None,
        typer.Option("--metrics-port", min=0, max=65535, help="Port of metrics; left out: none. 监控指标端口"),
    ] = None,
    metrics_host: Annotated[
        str, typer.Option("--metrics-host", help="Its address; metrics ask for no key. 指标地址，无需密钥")
    ] = "127.0.0.1",
) -> None:
    """Run jobs of the service and send its webhooks; settings as for serve. 运行服务的后台任务，设置与 serve 相同.

    Ends at a signal.
    """
    require_server()
    from parkrisk.api.service.observing.logs import start_logging
    from parkrisk.api.service.observing.metrics import Metrics
    from parkrisk.api.service.service import open_jobs, start_engines, working
    from parkrisk.api.service.settings import read_settings
    from parkrisk.api.service.store.database import open_store

    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    settings = read_settings()
    start_logging(settings)
    with ExitStack() as parts:
        store = open_store(settings.database)
        parts.callback(store.close)
        engines = parts.enter_context(start_engines(settings))
        metrics = Metrics(lambda: {"parkrisk_engines": engines.counts()})
        if metrics_port is not None:
            parts.enter_context(_told(metrics, metrics_host, metrics_port))
        jobs = open_jobs(settings, store)
        parts.callback(jobs.close)
        ends = metrics.job_ended
        parts.enter_context(working(settings, store, engines, jobs, at_once=settings.engines, ended=ends))
        ended.wait()


@contextmanager
def _told(metrics: "Metrics", host: str, port: int) -> Iterator[None]:
    """Answer to Prometheus while the block runs; refuse in plain words where that fails."""
    with ExitStack() as parts:
        try:
            taken = parts.enter_context(metrics.listening(host, port))
        except (OSError, UnicodeError):
            _complain(
                f"无法在 {host}:{port} 提供监控指标；用 --metrics-port 换一个端口",
                f"cannot give metrics on {host}:{port}; choose another with --metrics-port",
            )
            raise typer.Exit(EXIT_INVALID_INPUT) from None
        _complain(f"监控指标 http://{host}:{taken}/metrics", f"metrics on http://{host}:{taken}/metrics")
        yield
