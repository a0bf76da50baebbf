"""The HTTP interface: thin; every answer is what the Python face gives."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import anyio.to_thread
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from parkrisk import __version__
from parkrisk.api.service.compression import Compressed
from parkrisk.api.service.compute import Engines
from parkrisk.api.service.described import describe
from parkrisk.api.service.errors import install_error_handlers
from parkrisk.api.service.headers import SecurityHeaders
from parkrisk.api.service.limits import LimitBody
from parkrisk.api.service.methods import Methods
from parkrisk.api.service.observing.metrics import Metrics
from parkrisk.api.service.observing.requests import Faults, Observed
from parkrisk.api.service.observing.tracing import start_tracing
from parkrisk.api.service.routes import (
    assessments,
    audit,
    features,
    gate,
    health,
    identity,
    jobs,
    pages,
    parks,
    points,
    projects,
    reports,
    rulebooks,
    schema,
    substances,
    tables,
    webhooks,
    whatif,
)
from parkrisk.api.service.service import open_service
from parkrisk.api.service.settings import Settings, read_settings

#: In the order of the document of the interface; the pages last, as they take every other name.
_ROUTES = (
    *(parks, projects, assessments, tables, points, reports, gate, whatif, jobs, features),
    *(rulebooks, substances, schema, identity, webhooks, audit, health, pages),
)

#: Threads beyond those that may wait for an engine: for requests that the store answers at once.
_MORE_THREADS = 16


def create_app(settings: Settings | None = None, *, worker: bool = True, engines: Engines | None = None) -> FastAPI:
    """Build the application; its parts are opened when it starts.

    Parameters
    ----------
    settings : Settings, optional
        By default those of the environment.
    worker : bool
        Whether jobs run in this process.
    engines : Engines, optional
        Those of somebody else, who closes them; by default own ones.
    """
    settings = settings or read_settings()
    metrics = Metrics(lambda: app.state.service.gauges())
    app = FastAPI(
        title="parkrisk",
        version=__version__,
        summary="Safety risk of a whole chemical park: assessment, grade, project entry. 化工园区整体性安全风险评估",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        middleware=_middleware(settings, metrics),
        lifespan=lambda app: _running(app, settings, metrics, worker=worker, engines=engines),
    )
    install_error_handlers(app)
    for module in _ROUTES:
        app.include_router(module.router)
    describe(app)
    start_tracing(app)
    return app


def _middleware(settings: Settings, metrics: Metrics) -> list[Middleware]:
    """Outermost first."""
    stack = [
        Middleware(Observed, metrics=metrics),
        Middleware(SecurityHeaders, behind_tls=settings.behind_tls),
        Middleware(Faults),
        Middleware(Methods),
        Middleware(Compressed),
        Middleware(LimitBody, megabytes=settings.body_mb),
    ]
    if settings.trusted_proxies:
        trusted = [str(network) for network in settings.trusted_proxies]
        stack.insert(0, Middleware(ProxyHeadersMiddleware, trusted_hosts=trusted))
    if settings.cors_origins:
        allowed = Middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "Prefer"],
            expose_headers=["ETag", "Link", "Location", "Retry-After", "X-Request-ID"],
        )
        stack.insert(-3, allowed)
    return stack


def _running(
    app: FastAPI, settings: Settings, metrics: Metrics, *, worker: bool, engines: Engines | None
) -> AbstractAsyncContextManager[None]:
    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = settings.most_waiting + _MORE_THREADS
        opened = open_service(settings, metrics, worker=worker, engines=engines)
        app.state.service = await run_in_threadpool(opened.__enter__)
        try:
            yield
        finally:
            await run_in_threadpool(opened.__exit__, None, None, None)

    return running()
