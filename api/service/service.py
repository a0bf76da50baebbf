"""What the service holds while it runs, and how a route gets it."""

from dataclasses import dataclass
from typing import Annotated, Any, cast

from fastapi import Depends, Request

from parkrisk.api.service.settings import Settings


@dataclass(frozen=True)
class Service:
    """All parts of the running service."""

    settings: Settings
    store: Any
    engines: Any
    jobs: Any


def service_of(request: Request) -> Service:
    """Return the service that answers a request."""
    return cast(Service, request.app.state.service)


ServiceDep = Annotated[Service, Depends(service_of)]
