"""Routes that say how the service is: open ones for whoever watches it, and the metrics."""

from typing import Annotated

from fastapi import APIRouter, Depends
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import text
from starlette.responses import Response

from parkrisk import __version__
from parkrisk.api.service.compute.errors import Starting
from parkrisk.api.service.identity.caller import needs
from parkrisk.api.service.identity.roles import Permission
from parkrisk.api.service.refusals import NotReady
from parkrisk.api.service.routes.answers import json_answer
from parkrisk.api.service.service import ServiceDep
from parkrisk.api.service.store.migrate import is_current

router = APIRouter(tags=["service"])


@router.get("/v1/health", summary="Is the service up", response_class=Response)
async def health() -> Response:
    """Answer at once."""
    return json_answer({"status": "ok", "version": __version__})


@router.get("/v1/ready", summary="Can the service work", response_class=Response)
def ready(service: ServiceDep) -> Response:
    """Tell whether the database answers with the schema of this release, and an engine is warm; 503 when not."""
    with service.store.reading() as connection:
        connection.execute(text("SELECT 1"))
        if not is_current(connection):
            raise NotReady("数据库结构与程序版本不符", "the schema of the database is not that of this release")
    if not service.engines.ready():
        raise Starting
    return json_answer({"status": "ready", "version": __version__})


@router.get("/metrics", summary="Metrics for Prometheus", response_class=Response)
def metrics(service: ServiceDep, _caller: Annotated[object, Depends(needs(Permission.READ))]) -> Response:
    """Counts of all tenants together."""
    return Response(service.metrics.text(), media_type=CONTENT_TYPE_LATEST)
