"""What the service holds while it runs, and how a route gets it."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from parkrisk.api.service.compute.engines import Engines
from parkrisk.api.service.identity.ring import KeyRing
from parkrisk.api.service.identity.tokens import Tokens
from parkrisk.api.service.jobs import Jobs
from parkrisk.api.service.limits import Places, Rates
from parkrisk.api.service.observing.metrics import Metrics
from parkrisk.api.service.settings import Settings
from parkrisk.api.service.store.audit import all_audit_lines
from parkrisk.api.service.store.database import Store, open_store
from parkrisk.api.service.store.jobs import all_job_counts


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


async def service_of(request: Request) -> Service:
    """Return the service that answers a request."""
    return cast(Service, request.app.state.service)


ServiceDep = Annotated[Service, Depends(service_of)]
