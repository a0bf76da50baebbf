"""What the service holds while it runs, and how a route gets it."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from parkrisk.api.service.attempts import Ended
from parkrisk.api.service.compute import Engines
from parkrisk.api.service.housekeeping import housekeeping
from parkrisk.api.service.identity.ring import KeyRing
from parkrisk.api.service.identity.tokens import Tokens
from parkrisk.api.service.jobs import Jobs
from parkrisk.api.service.limits import Places, Rates
from parkrisk.api.service.observing.metrics import Metrics
from parkrisk.api.service.outbound import Outbound
from parkrisk.api.service.settings import Settings
from parkrisk.api.service.store.audit import all_audit_count
from parkrisk.api.service.store.database import Store, open_store
from parkrisk.api.service.store.jobs import all_job_counts
from parkrisk.api.service.webhooks import Webhooks


@dataclass(frozen=True)
class Service:
    """All parts of the running service.

    ``places`` is to be held (``with service.places.one():``) while a request waits for an engine.
    """

    settings: Settings
    store: Store
    engines: Engines
    jobs: Jobs
    keys: KeyRing
    tokens: Tokens
    rates: Rates
    places: Places
    metrics: Metrics

    def gauges(self) -> Mapping[str, Mapping[str, float]]:
        """Read what the metrics show of now."""
        with self.store.reading() as connection:
            jobs, lines = all_job_counts(connection), all_audit_count(connection)
        return {"parkrisk_jobs": jobs, "parkrisk_engines": self.engines.counts(), "parkrisk_audit_lines": {"": lines}}


@contextmanager
def open_service(
    settings: Settings, metrics: Metrics, *, worker: bool = True, engines: Engines | None = None
) -> Iterator[Service]:
    """Open all parts, and close them in the reverse order.

    Parameters
    ----------
    settings : Settings
    metrics : Metrics
    worker : bool
        Whether jobs run in this process.
    engines : Engines, optional
        Those of somebody else, who closes them; by default own ones.
    """
    with ExitStack() as parts:
        store = open_store(settings.database)
        parts.callback(store.close)
        tokens = Tokens(settings, store)
        if engines is None:
            engines = parts.enter_context(start_engines(settings))
        jobs = open_jobs(settings, store)
        parts.callback(jobs.close)
        if worker:  # with more than one engine, one stays free for those who wait for an answer
            at_once = max(1, settings.engines - 1)
            parts.enter_context(working(settings, store, engines, jobs, at_once=at_once, ended=metrics.job_ended))
        yield Service(
            settings=settings,
            store=store,
            engines=engines,
            jobs=jobs,
            keys=KeyRing(store, settings.key_cache_seconds),
            tokens=tokens,
            rates=Rates(settings),
            places=Places(settings.most_waiting),
            metrics=metrics,
        )


def start_engines(settings: Settings) -> Engines:
    """Start the children of the settings."""
    threads = settings.engine_threads or os.cpu_count() or 1
    return Engines(
        settings.engines, settings.engine_memory_mb, threads, settings.engine_cache, waiting=settings.wait_seconds
    )


def open_jobs(settings: Settings, store: Store) -> Jobs:
    """Open the queue of the store."""
    return Jobs(store, unseen_seconds=settings.worker_unseen_seconds, attempts=settings.job_attempts)


@contextmanager
def working(
    settings: Settings,
    store: Store,
    engines: Engines,
    jobs: Jobs,
    *,
    at_once: int,
    ended: Ended = lambda *_: None,
) -> Iterator[None]:
    """Run jobs, so many at once, send webhooks, keep house; who opened ``jobs`` closes it.

    ``ended`` hears of ends of jobs.
    """
    jobs.start_worker(engines, at_once=at_once, seconds=settings.job_seconds, ended=ended)
    webhooks = Webhooks(store, Outbound.of(settings))
    webhooks.start()
    try:
        with housekeeping(store):
            yield
    finally:
        webhooks.close()


async def service_of(request: Request) -> Service:
    """Return the service that answers a request."""
    return cast(Service, request.app.state.service)


ServiceDep = Annotated[Service, Depends(service_of)]
