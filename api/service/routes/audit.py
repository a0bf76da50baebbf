"""Routes of the audit of a tenant: its lines and the head of its chain."""

import json
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response, StreamingResponse

from parkrisk.api.service.identity.caller import Administrator
from parkrisk.api.service.routes.answers import PageDep, json_answer, page_answer
from parkrisk.api.service.service import Service, ServiceDep
from parkrisk.api.service.store import audit

router = APIRouter(prefix="/v1/audit", tags=["audit"])


def _shown(line: audit.Line) -> dict[str, Any]:
    return {**line._asdict(), "entry": json.loads(line.entry)}


def _lines(service: Service, tenant: str) -> Iterator[str]:
    with service.store.reading() as connection:
        yield from audit.export(connection, tenant)


@router.get("", summary="Audit", response_class=Response)
def list_audit(
    request: Request,
    service: ServiceDep,
    caller: Administrator,
    page: PageDep,
    format: Annotated[  # noqa: A002
        Literal["page", "lines"],
        Query(description="`lines`: the whole chain as JSON lines, oldest first, for `parkrisk audit verify`."),
    ] = "page",
) -> Response:
    """Answer with the lines, newest first; or with the whole chain, to be checked elsewhere."""
    if format == "lines":
        headers = {"Content-Disposition": 'attachment; filename="audit.jsonl"'}
        return StreamingResponse(_lines(service, caller.tenant), media_type="application/jsonl", headers=headers)
    with service.store.reading() as connection:
        found = audit.list_audit(connection, caller.tenant, limit=page.limit, cursor=page.cursor)
    return page_answer(request, [_shown(line) for line in found.items], found.next)


@router.get("/head", summary="Head of the audit chain", response_class=Response)
def head(service: ServiceDep, caller: Administrator) -> Response:
    """Answer with sequence and hash of the last line."""
    with service.store.reading() as connection:
        return json_answer(audit.head(connection, caller.tenant)._asdict())
